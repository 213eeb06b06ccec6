//! Owns the tests of the room, one file per concern, and what they share.

mod encoding;
mod expressions;
mod grammar;
mod limits;
mod literals;
mod mutations;
mod options;
mod parameters;
mod paths;
mod requests;
mod round_trip;
mod trees;

use super::{
    Expr, ExprKind, KeyPredicate, Limits, Literal, PathStep, PathStepKind, ResourceUrl, SyntaxErrorKind, parse,
};

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
        ExprKind::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}:{}", show(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        ExprKind::Type(name) => name.clone(),
        ExprKind::Call(name, list) => format!("{name}({})", all(list, ",")),
    }
}

fn show_step(step: &PathStep) -> String {
    let named = |parts: &[(String, Expr)]| {
        parts.iter().map(|(name, value)| format!("{name}={}", show(value))).collect::<Vec<_>>().join(",")
    };
    match &step.kind {
        PathStepKind::Name(name) => name.clone(),
        PathStepKind::It => "$it".to_owned(),
        PathStepKind::This => "$this".to_owned(),
        PathStepKind::These => "$these".to_owned(),
        PathStepKind::Root => "$root".to_owned(),
        PathStepKind::Alias(name) => format!("@{name}"),
        PathStepKind::Annotation(name) => format!("@{name}!"),
        PathStepKind::Key(key) => match &**key {
            KeyPredicate::Single(value) => format!("[{}]", show(value)),
            KeyPredicate::Named(parts) => format!("[{}]", named(parts)),
            KeyPredicate::Empty => panic!("{step:?}"),
        },
        PathStepKind::Count { options: None } => "$count".to_owned(),
        PathStepKind::Count { options: Some(options) } => {
            format!("$count({})", options.filter.as_ref().map_or_else(|| "-".to_owned(), show))
        }
        PathStepKind::Any(None) => "any()".to_owned(),
        PathStepKind::Any(Some(lambda)) => format!("any({}:{})", lambda.variable, show(&lambda.predicate)),
        PathStepKind::All(lambda) => format!("all({}:{})", lambda.variable, show(&lambda.predicate)),
        PathStepKind::Call(call) => format!("{}<{}>", call.name, named(&call.parameters)),
        PathStepKind::Filter(condition) => format!("$filter({})", show(condition)),
        PathStepKind::Aggregate(item) => {
            let value = item.expr.as_ref().map_or_else(String::new, show);
            format!("aggregate({value} {} {:?})", item.count, item.method)
        }
    }
}
