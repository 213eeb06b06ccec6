//! Decides comparisons of two literals at once: a database would compare two bare parameters by its own guess of their
//! types.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, ToPrimitive};

use crate::edm::Value;
use crate::query::{Comparison, Expr};

/// The result of comparing two literals; `None` if a side is not a literal.
pub(super) fn fold(comparison: Comparison, left: &Expr, right: &Expr) -> Option<bool> {
    let (Expr::Literal(left, _), Expr::Literal(right, _)) = (left, right) else {
        return None;
    };
    let both_null = left.is_null() && right.is_null();
    let ordering = if left.is_null() || right.is_null() { None } else { order(left, right) };
    Some(match comparison {
        Comparison::Eq => both_null || ordering == Some(Ordering::Equal),
        Comparison::Ne => !both_null && ordering != Some(Ordering::Equal),
        Comparison::Gt => ordering == Some(Ordering::Greater),
        Comparison::Lt => ordering == Some(Ordering::Less),
        Comparison::Ge => both_null || matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Le => both_null || matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
    })
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Guid(a), Value::Guid(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b))
        | (Value::DateTimeOffset(a), Value::DateTimeOffset(b))
        | (Value::TimeOfDay(a), Value::TimeOfDay(b))
        | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Binary(a), Value::Binary(b)) => Some(a.cmp(b)),
        (Value::Double(a), b) => a.partial_cmp(&as_double(b)?),
        (a, Value::Double(b)) => as_double(a)?.partial_cmp(b),
        (a, b) => Some(as_decimal(a)?.cmp(&as_decimal(b)?)),
    }
}

fn as_double(value: &Value) -> Option<f64> {
    match value {
        Value::Double(value) => Some(*value),
        other => as_decimal(other)?.to_f64(),
    }
}

fn as_decimal(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Int(value) => Some(BigDecimal::from(*value)),
        Value::Decimal(value) => Some(value.clone()),
        _ => None,
    }
}
