//! Owns the judgement on `if` in a JSON batch (OData JSON Format 4.01, 19.1): an expression in which earlier answers
//! have become literals, and which no database needs to see.

use std::cmp::Ordering;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::edm::{
    LiteralError, Value, parse_date, parse_date_time_offset, parse_decimal, parse_duration, parse_guid,
    parse_time_of_day,
};
use crate::syntax::{self, BinaryOperator, Expr, ExprKind, Limits, Literal};

use crate::service::ServiceError;

/// What an expression comes to.
#[derive(Debug)]
enum Known {
    One(Value),
    Many(Vec<Known>),
    /// An object: it is there, and nothing else is known of it.
    Structured,
}

/// Whether a condition holds. One that is null does not.
pub(super) fn holds(text: &str, limits: &Limits) -> Result<bool, ServiceError> {
    let target = format!("?$filter={}", utf8_percent_encode(text, NON_ALPHANUMERIC));
    let url = syntax::parse(&target, limits).map_err(|error| ServiceError::Condition(error.kind.to_string()))?;
    let filter = url.options.filter.ok_or_else(|| wrong("it is empty"))?;
    Ok(truth(&filter)? == Some(true))
}

fn wrong(what: &str) -> ServiceError {
    ServiceError::Condition(what.to_owned())
}

/// The value of a Boolean expression; `None` for null.
fn truth(expr: &Expr) -> Result<Option<bool>, ServiceError> {
    match known(expr)? {
        Known::One(Value::Boolean(value)) => Ok(Some(value)),
        Known::One(Value::Null) => Ok(None),
        _ => Err(wrong("a Boolean value is expected")),
    }
}

fn known(expr: &Expr) -> Result<Known, ServiceError> {
    let answer = |value: Option<bool>| Ok(Known::One(value.map_or(Value::Null, Value::Boolean)));
    match &expr.kind {
        ExprKind::Literal(literal) => value(literal).map(Known::One),
        ExprKind::List(items) => items.iter().map(known).collect::<Result<_, _>>().map(Known::Many),
        ExprKind::Object(_) => Ok(Known::Structured),
        ExprKind::Not(operand) => answer(truth(operand)?.map(|value| !value)),
        ExprKind::And(operands) => answer(joined(operands, false)?),
        ExprKind::Or(operands) => answer(joined(operands, true)?),
        ExprKind::In(left, right) => match (known(left)?, known(right)?) {
            (left, Known::Many(items)) => {
                let found = items.iter().map(|item| compare(BinaryOperator::Eq, &left, item));
                answer(Some(found.collect::<Result<Vec<_>, _>>()?.contains(&true)))
            }
            _ => Err(wrong("a list is expected behind 'in'")),
        },
        ExprKind::Binary(operator, left, right) => answer(Some(compare(*operator, &known(left)?, &known(right)?)?)),
        ExprKind::Path(_) | ExprKind::Alias(_) => {
            Err(wrong("it names something that is neither a literal nor an earlier request"))
        }
        ExprKind::Negate(_) | ExprKind::Call(..) | ExprKind::Type(_) => {
            Err(ServiceError::PartUnsupported("a calculation in 'if'"))
        }
    }
}

/// `and` with false, `or` with true as the value that decides.
fn joined(operands: &[Expr], decisive: bool) -> Result<Option<bool>, ServiceError> {
    let values: Vec<Option<bool>> = operands.iter().map(truth).collect::<Result<_, _>>()?;
    Ok(match (values.contains(&Some(decisive)), values.contains(&None)) {
        (true, _) => Some(decisive),
        (false, true) => None,
        (false, false) => Some(!decisive),
    })
}

fn value(literal: &Literal) -> Result<Value, ServiceError> {
    let refused = |error: LiteralError| ServiceError::Condition(error.to_string());
    Ok(match literal {
        Literal::Null => Value::Null,
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Number(text) => match text.as_str() {
            "INF" => Value::Double(f64::INFINITY),
            "-INF" => Value::Double(f64::NEG_INFINITY),
            "NaN" => Value::Double(f64::NAN),
            text => Value::Decimal(parse_decimal(text).map_err(refused)?),
        },
        Literal::Date(text) => Value::Date(parse_date(text).map_err(refused)?),
        Literal::DateTimeOffset(text) => Value::DateTimeOffset(parse_date_time_offset(text, false).map_err(refused)?),
        Literal::TimeOfDay(text) => Value::TimeOfDay(parse_time_of_day(text).map_err(refused)?),
        Literal::Guid(text) => Value::Guid(parse_guid(text).map_err(refused)?),
        Literal::Prefixed(prefix, text) if prefix.eq_ignore_ascii_case("duration") => {
            Value::Duration(parse_duration(text).map_err(refused)?)
        }
        // Answers hold enumerations and bytes as their texts.
        Literal::String(text) | Literal::Prefixed(_, text) => Value::String(text.as_str().into()),
    })
}

fn compare(operator: BinaryOperator, left: &Known, right: &Known) -> Result<bool, ServiceError> {
    use BinaryOperator::{Eq, Ge, Gt, Le, Lt, Ne};
    if !matches!(operator, Eq | Ne | Gt | Ge | Lt | Le) {
        return Err(ServiceError::PartUnsupported("a calculation in 'if'"));
    }
    let is_null = |known: &Known| matches!(known, Known::One(Value::Null));
    // Nulls are equal to each other and neither less nor greater than anything (OData 4.01 Part 2, 5.1.1.1).
    let order = match (left, right) {
        (left, right) if is_null(left) && is_null(right) => Some(Ordering::Equal),
        (left, right) if is_null(left) || is_null(right) => None,
        (Known::One(left), Known::One(right)) => order(left, right)?,
        _ => return Err(ServiceError::PartUnsupported("the comparison of a structured value in 'if'")),
    };
    Ok(match operator {
        Eq => order == Some(Ordering::Equal),
        Ne => order != Some(Ordering::Equal),
        Gt => order == Some(Ordering::Greater),
        Lt => order == Some(Ordering::Less),
        Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    })
}

/// How two values are ordered; `None` with NaN. A text beside another type is a value of that type, as JSON writes it.
fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, ServiceError> {
    let differ = || wrong("it compares values of different types");
    Ok(match (left, right) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::String(text), other) => order(&like(text, other).ok_or_else(differ)?, other)?,
        (other, Value::String(text)) => order(other, &like(text, other).ok_or_else(differ)?)?,
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        // Only what no decimal reaches is written as a special number.
        (Value::Double(a), Value::Decimal(_)) => a.partial_cmp(&0.0),
        (Value::Decimal(_), Value::Double(b)) => 0.0.partial_cmp(b),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::DateTimeOffset(a), Value::DateTimeOffset(b))
        | (Value::TimeOfDay(a), Value::TimeOfDay(b))
        | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Guid(a), Value::Guid(b)) => Some(a.cmp(b)),
        _ => return Err(differ()),
    })
}

/// The text as a value of the type of another.
fn like(text: &str, other: &Value) -> Option<Value> {
    Some(match other {
        Value::Decimal(_) | Value::Double(_) => value(&Literal::Number(text.to_owned())).ok()?,
        Value::Date(_) => Value::Date(parse_date(text).ok()?),
        Value::DateTimeOffset(_) => Value::DateTimeOffset(parse_date_time_offset(text, false).ok()?),
        Value::TimeOfDay(_) => Value::TimeOfDay(parse_time_of_day(text).ok()?),
        Value::Duration(_) => Value::Duration(parse_duration(text).ok()?),
        Value::Guid(_) => Value::Guid(parse_guid(text).ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_judged_with_their_nulls() {
        for (text, expected) in [
            ("true", true),
            ("null", false),
            ("not null", false),
            ("null or true", true),
            ("null and true or false", false),
            ("5 gt 4.99 and 'b' gt 'a'", true),
            ("12345678901234567.89 eq 12345678901234567.890", true),
            ("9007199254740993 ne 9007199254740992", true),
            ("null eq null and not (null ne null) and null le null", true),
            ("5 gt null", false),
            ("not (5 gt null)", true),
            ("5 ne null", true),
            ("null lt null", false),
            ("'2024-02-29T10:00:00Z' lt 2024-02-29T12:30:00+02:00", true),
            ("'2024-02-29' eq 2024-02-29 and 2024-03-01 gt '2024-02-29'", true),
            ("'PT1H' eq duration'PT60M' and '13:05:00' eq 13:05", true),
            ("'0E2F0E29-62ff-4231-84e3-2da6a19d9623' eq 0e2f0e29-62ff-4231-84e3-2da6a19d9623", true),
            ("'5' eq 5 and -INF lt 5 and INF gt 5 and 'INF' eq INF", true),
            ("NaN eq NaN or NaN lt 1", false),
            ("NaN ne NaN", true),
            ("2 in (1,2) and not (3 in (1,2)) and null in (1,null)", true),
            ("'Red' eq Fleet.Colour'Red'", true),
            ("{} ne null and not ({} eq null)", true),
        ] {
            assert_eq!(holds(text, &Limits::default()).unwrap(), expected, "{text}");
        }
        for (text, status) in [
            ("", 400),
            ("5", 400),
            ("5 eq", 400),
            ("5 eq 'a'", 400),
            ("true eq 1", 400),
            ("Name eq 1", 400),
            ("@a", 400),
            ("2024-02-30 eq null", 400),
            ("1 in 2", 400),
            ("1 add 1 eq 2", 501),
            ("length('a') eq 1", 501),
            ("{} eq 1", 501),
            ("(1,2) eq (1,2)", 400),
        ] {
            assert_eq!(holds(text, &Limits::default()).unwrap_err().status(), status, "{text}");
        }
    }
}
