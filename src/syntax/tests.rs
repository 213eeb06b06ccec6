//! Owns the tests of the room, one file per concern, and what they share.

mod encoding;
mod expressions;
mod limits;
mod literals;
mod mutations;
mod options;
mod paths;
mod requests;
mod round_trip;

use super::{Expr, ExprKind, Limits, Literal, PathStep, PathStepKind, ResourceUrl, SyntaxErrorKind, parse};

/// Parses with the default limits.
fn url(target: &str) -> ResourceUrl {
    parse(target, &Limits::default()).unwrap_or_else(|error| panic!("{target}: {error} at {:?}", error.span))
}

/// The kind of the refusal and the text it underlines.
fn refusal(target: &str) -> (SyntaxErrorKind, &str) {
    let error = parse(target, &Limits::default()).map(|url| panic!("{target} was parsed as {url:?}")).unwrap_err();
    (error.kind, &target[error.span])
}

fn filter(expression: &str) -> Expr {
    url(&format!("Orders?$filter={expression}")).options.filter.unwrap()
}

/// An expression in full parentheses, so that a test shows precedence at a glance.
fn grouped(expression: &str) -> String {
    show(&filter(expression))
}

fn show(node: &Expr) -> String {
    let all = |list: &[Expr], joint: &str| list.iter().map(show).collect::<Vec<_>>().join(joint);
    match &node.kind {
        ExprKind::Literal(Literal::Number(text) | Literal::Date(text) | Literal::TimeOfDay(text)) => text.clone(),
        ExprKind::Literal(Literal::String(text)) => format!("'{text}'"),
        ExprKind::Literal(Literal::Boolean(value)) => value.to_string(),
        ExprKind::Literal(other) => format!("{other:?}"),
        ExprKind::Path(steps) => steps.iter().map(show_step).collect::<Vec<_>>().join("/"),
        ExprKind::Alias(name) => format!("@{name}"),
        ExprKind::Not(inner) => format!("[not {}]", show(inner)),
        ExprKind::Negate(inner) => format!("[-{}]", show(inner)),
        ExprKind::And(list) => format!("[{}]", all(list, " and ")),
        ExprKind::Or(list) => format!("[{}]", all(list, " or ")),
        ExprKind::Binary(operator, left, right) => format!("[{} {operator:?} {}]", show(left), show(right)),
        ExprKind::In(left, list) => format!("[{} in {}]", show(left), show(list)),
        ExprKind::List(list) => format!("({})", all(list, ",")),
        ExprKind::Object(members) => format!("{members:?}"),
        ExprKind::Type(name) => name.clone(),
        ExprKind::Call(name, list) => format!("{name}({})", all(list, ",")),
        ExprKind::Other { feature } => format!("<{feature}>"),
    }
}

fn show_step(step: &PathStep) -> String {
    match &step.kind {
        PathStepKind::Name(name) => name.clone(),
        PathStepKind::Count { options: None } => "$count".to_owned(),
        other => format!("{other:?}"),
    }
}
