//! Owns the way back of expressions: as few parentheses as the precedence of the operators allows.

use super::{apply, key, list, nested};
use crate::syntax::filter::power;
use crate::syntax::{BinaryOperator, Expr, ExprKind, Literal, PathStep, PathStepKind};

pub(super) fn expr_text(node: &Expr) -> String {
    let mut text = String::new();
    expr(&mut text, node, power::OR);
    text
}

/// Writes a node, in parentheses if its operator binds less tightly than `power_min`.
pub(super) fn expr(text: &mut String, node: &Expr, power_min: u8) {
    let grouped = node_power(&node.kind) < power_min;
    if grouped {
        text.push('(');
    }
    match &node.kind {
        ExprKind::Literal(value) => literal(text, value),
        ExprKind::Path(steps) => path(text, steps),
        ExprKind::Type(name) => text.push_str(name),
        ExprKind::Alias(name) => {
            text.push('@');
            text.push_str(name);
        }
        ExprKind::Not(inner) => {
            text.push_str("not ");
            expr(text, inner, power::MEMBER);
        }
        ExprKind::Negate(inner) => {
            // In parentheses a number stays an operand of the minus sign instead of taking it as its own.
            let plain = matches!(inner.kind, ExprKind::Path(_) | ExprKind::Call(..) | ExprKind::Alias(_));
            text.push('-');
            expr(text, inner, if plain { power::OPERAND } else { u8::MAX });
        }
        ExprKind::And(operands) => chain(text, operands, " and ", power::AND),
        ExprKind::Or(operands) => chain(text, operands, " or ", power::OR),
        ExprKind::Binary(operator, left, right) => {
            expr(text, left, operator.power());
            text.push(' ');
            text.push_str(operator_name(*operator));
            text.push(' ');
            expr(text, right, operator.power() + 1);
        }
        ExprKind::In(left, right) => membership(text, left, right),
        ExprKind::List(members) => {
            text.push('[');
            list(text, members, |text, member| expr(text, member, power::OR));
            text.push(']');
        }
        ExprKind::Object(members) => {
            text.push('{');
            list(text, members, |text, (name, value)| {
                text.push('"');
                text.push_str(&name.replace('\\', "\\\\").replace('"', "\\\""));
                text.push_str("\":");
                expr(text, value, power::OR);
            });
            text.push('}');
        }
        ExprKind::Call(name, arguments) => call(text, name, arguments),
    }
    if grouped {
        text.push(')');
    }
}

fn membership(text: &mut String, left: &Expr, right: &Expr) {
    expr(text, left, power::MEMBER);
    text.push_str(" in ");
    match &right.kind {
        ExprKind::List(members) => {
            text.push('(');
            list(text, members, |text, member| expr(text, member, power::OR));
            text.push(')');
        }
        // Parentheses would make a list of it.
        _ => expr(text, right, 0),
    }
}

fn path(text: &mut String, steps: &[PathStep]) {
    for (position, step) in steps.iter().enumerate() {
        if position > 0 && !matches!(step.kind, PathStepKind::Key(_)) {
            text.push('/');
        }
        step_text(text, &step.kind);
    }
}

fn step_text(text: &mut String, step: &PathStepKind) {
    match step {
        PathStepKind::Name(name) => text.push_str(name),
        PathStepKind::It => text.push_str("$it"),
        PathStepKind::This => text.push_str("$this"),
        PathStepKind::These => text.push_str("$these"),
        PathStepKind::Root => text.push_str("$root"),
        PathStepKind::Alias(name) | PathStepKind::Annotation(name) => {
            text.push('@');
            text.push_str(name);
        }
        PathStepKind::Key(predicate) => key(text, predicate),
        PathStepKind::Count { options } => {
            text.push_str("$count");
            if let Some(options) = options {
                nested(text, options);
            }
        }
        PathStepKind::Any(None) => text.push_str("any()"),
        PathStepKind::Any(Some(lambda)) | PathStepKind::All(lambda) => {
            text.push_str(if matches!(step, PathStepKind::All(_)) { "all(" } else { "any(" });
            text.push_str(&lambda.variable);
            text.push(':');
            expr(text, &lambda.predicate, power::OR);
            text.push(')');
        }
        PathStepKind::Call(call) => apply::function(text, call),
        PathStepKind::Filter(condition) => {
            text.push_str("$filter(");
            expr(text, condition, power::OR);
            text.push(')');
        }
        PathStepKind::Aggregate(item) => {
            text.push_str("aggregate(");
            apply::aggregate_item(text, item);
            text.push(')');
        }
    }
}

fn chain(text: &mut String, operands: &[Expr], joint: &str, power: u8) {
    for (position, operand) in operands.iter().enumerate() {
        text.push_str(if position > 0 { joint } else { "" });
        expr(text, operand, power + 1);
    }
}

fn call(text: &mut String, name: &str, arguments: &[Expr]) {
    text.push_str(name);
    text.push('(');
    for (position, argument) in arguments.iter().enumerate() {
        // Blanks keep the colon from making a time of day of two numbers.
        text.push_str(match position {
            0 => "",
            _ if name == "case" && position % 2 == 1 => " : ",
            _ => ",",
        });
        expr(text, argument, power::OR);
    }
    text.push(')');
}

fn node_power(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(_) => power::OR,
        ExprKind::And(_) => power::AND,
        ExprKind::Binary(operator, ..) => operator.power(),
        ExprKind::Not(_) | ExprKind::Negate(_) => power::UNARY,
        ExprKind::In(..) => power::MEMBER,
        // A property named like the operator needs something around it that tells the two apart.
        ExprKind::Path(steps) if is_called_not(steps) => 0,
        _ => power::OPERAND,
    }
}

fn is_called_not(steps: &[PathStep]) -> bool {
    match steps.first().map(|step| &step.kind) {
        Some(PathStepKind::Name(name)) => name.eq_ignore_ascii_case("not"),
        _ => false,
    }
}

fn operator_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Eq => "eq",
        BinaryOperator::Ne => "ne",
        BinaryOperator::Gt => "gt",
        BinaryOperator::Ge => "ge",
        BinaryOperator::Lt => "lt",
        BinaryOperator::Le => "le",
        BinaryOperator::Has => "has",
        BinaryOperator::Add => "add",
        BinaryOperator::Sub => "sub",
        BinaryOperator::Mul => "mul",
        BinaryOperator::Div => "div",
        BinaryOperator::DivBy => "divby",
        BinaryOperator::Mod => "mod",
    }
}

fn literal(text: &mut String, value: &Literal) {
    match value {
        Literal::Null => text.push_str("null"),
        Literal::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Literal::Number(value)
        | Literal::Date(value)
        | Literal::DateTimeOffset(value)
        | Literal::TimeOfDay(value)
        | Literal::Guid(value) => text.push_str(value),
        Literal::String(value) => quoted(text, "", value),
        Literal::Prefixed(prefix, value) => quoted(text, prefix, value),
    }
}

fn quoted(text: &mut String, prefix: &str, value: &str) {
    text.push_str(prefix);
    text.push('\'');
    text.push_str(&value.replace('\'', "''"));
    text.push('\'');
}
