//! Owns calculations: which types go together, and what the result is (OData 4.01 Part 2, 5.1.1.2 and 5.1.1.14).
//!
//! # Decisions
//!
//! - **Three kinds of numbers.** Integers of any width calculate as `Edm.Int64`; beside a decimal both are decimals,
//!   beside a floating-point number both are `Edm.Double`. So a sum of two `Edm.Byte` has room.
//! - **`divby` of integers is a decimal.** `div` of integers has no remainder.
//! - **A literal zero as divisor is refused** where the result would not be a number; a zero among the data gives null,
//!   since one row must not cost the others their answer.

use crate::edm::{Scalar, Value};
use crate::query::{Arithmetic, Comparison, Expr, Function};
use crate::syntax::{BinaryOperator, Literal, Span};

use super::BindError;
use super::compare::{Side, enum_value};
use super::error::BindErrorKind;
use super::filter::constant;
use super::literal::{describe, exact, natural, text_of, unbounded};

/// The comparison that an operator is, if it is one.
pub(super) fn comparison_of(operator: BinaryOperator) -> Option<Comparison> {
    Some(match operator {
        BinaryOperator::Eq => Comparison::Eq,
        BinaryOperator::Ne => Comparison::Ne,
        BinaryOperator::Gt => Comparison::Gt,
        BinaryOperator::Ge => Comparison::Ge,
        BinaryOperator::Lt => Comparison::Lt,
        BinaryOperator::Le => Comparison::Le,
        _ => return None,
    })
}

/// A side as a value with a type. Null by itself is a null text.
pub(super) fn value_of(side: Side<'_>) -> Result<(Expr, Scalar), BindError> {
    Ok(match side {
        Side::Typed(expr, scalar, _) | Side::Member(expr, scalar, ..) => (expr, unbounded(scalar)),
        Side::Literal(literal, span) => match own_type(literal, span)? {
            Some(scalar) => (value_as(literal, scalar, span)?, scalar),
            None => (constant(Value::Null, Scalar::STRING), Scalar::STRING),
        },
        Side::List(_, span) => return Err(BindError::unsupported("a list as a value", span)),
        Side::Object(_, span) => return Err(BindError::unsupported("a JSON object as a value", span)),
        other => {
            let kind = BindErrorKind::NotAValue { found: other.describe() };
            return Err(BindError::at(kind, other.span()));
        }
    })
}

/// The type of a literal where nothing else decides it; `None` for null.
fn own_type(literal: &Literal, span: &Span) -> Result<Option<Scalar>, BindError> {
    Ok(match (literal, natural(literal, span)?) {
        (Literal::Number(text), Some(Scalar::Decimal { .. })) => {
            let is_whole = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'));
            let has_exponent = text.contains(['e', 'E']) && text.parse().is_ok_and(f64::is_finite);
            Some(match (is_whole && text.parse::<i64>().is_ok(), has_exponent) {
                (true, _) => Scalar::Int64,
                (false, true) => Scalar::Double,
                (false, false) => Scalar::DECIMAL,
            })
        }
        (_, scalar) => scalar,
    })
}

/// A literal as a value of exactly this type.
pub(super) fn value_as(literal: &Literal, scalar: Scalar, span: &Span) -> Result<Expr, BindError> {
    if *literal == Literal::Null {
        return Ok(constant(Value::Null, scalar));
    }
    let is_nan = matches!(literal, Literal::Number(text) | Literal::String(text) if text == "NaN");
    if is_nan && matches!(scalar, Scalar::Single | Scalar::Double) {
        return Ok(constant(Value::Double(f64::NAN), scalar));
    }
    Ok(constant(exact(literal, scalar, span)?, scalar))
}

/// A side as a value of one of the kinds of numbers: [`Scalar::Int64`], [`Scalar::DECIMAL`] or [`Scalar::Double`].
pub(super) fn number_of(side: Side<'_>, beside: Option<Scalar>) -> Result<Option<(Expr, Scalar)>, BindError> {
    Ok(Some(match side {
        Side::Literal(Literal::Null, _) => {
            let scalar = beside.unwrap_or(Scalar::Int64);
            (constant(Value::Null, scalar), scalar)
        }
        // A quoted number beside a number is that number.
        Side::Literal(literal @ Literal::String(_), span) if beside.is_some() => {
            let as_number = Literal::Number(text_of(literal).to_owned());
            let Some(scalar) = own_type(&as_number, span)?.filter(|scalar| scalar.is_numeric()) else {
                return Ok(None);
            };
            (value_as(&as_number, scalar, span)?, scalar)
        }
        Side::Literal(literal @ Literal::Number(_), span) => {
            let scalar = match (own_type(literal, span)?, beside) {
                // Beside a floating-point number a fraction is one, too, and beside a decimal an exponent is exact.
                (Some(Scalar::Decimal { .. }), Some(Scalar::Double)) => Scalar::Double,
                (Some(Scalar::Double), Some(Scalar::Decimal { .. })) if !text_of(literal).contains(['N', 'n']) => {
                    Scalar::DECIMAL
                }
                (scalar, _) => scalar.unwrap_or(Scalar::Int64),
            };
            (value_as(literal, scalar, span)?, scalar)
        }
        Side::Typed(expr, scalar, _) if scalar.is_numeric() => (expr, kind_of(scalar)),
        _ => return Ok(None),
    }))
}

/// The kind of number in which a type calculates.
pub(super) fn kind_of(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::Single | Scalar::Double => Scalar::Double,
        Scalar::Decimal { .. } => Scalar::DECIMAL,
        _ => Scalar::Int64,
    }
}

/// The kind in which two kinds meet.
pub(super) fn promoted(left: Scalar, right: Scalar) -> Scalar {
    match (left, right) {
        (Scalar::Double, _) | (_, Scalar::Double) => Scalar::Double,
        (Scalar::Decimal { .. }, _) | (_, Scalar::Decimal { .. }) => Scalar::DECIMAL,
        _ => Scalar::Int64,
    }
}

/// `-operand`
pub(super) fn negate<'a>(operand: Side<'a>, span: &'a Span) -> Result<Side<'a>, BindError> {
    let found = operand.describe();
    let operand = match operand {
        Side::Literal(literal, place) if own_type(literal, place)? == Some(Scalar::DURATION) => {
            Side::Typed(value_as(literal, Scalar::DURATION, place)?, Scalar::DURATION, place)
        }
        other => other,
    };
    if let Side::Typed(expr, scalar @ Scalar::Duration { .. }, _) = operand {
        return Ok(Side::Typed(Expr::Negate(Box::new(expr), unbounded(scalar)), Scalar::DURATION, span));
    }
    match number_of(operand, None)? {
        Some((expr, scalar)) => Ok(Side::Typed(Expr::Negate(Box::new(expr), scalar), scalar, span)),
        None => Err(BindError::at(BindErrorKind::Operand { operator: "-", found }, span)),
    }
}

/// `left operator right` for operators that are no comparisons.
pub(super) fn calculate<'a>(
    operator: BinaryOperator,
    left: Side<'a>,
    right: Side<'a>,
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    let (name, arithmetic) = match operator {
        BinaryOperator::Has => return has(left, &right, span),
        BinaryOperator::Add => ("add", Arithmetic::Add),
        BinaryOperator::Sub => ("sub", Arithmetic::Sub),
        BinaryOperator::Mul => ("mul", Arithmetic::Mul),
        BinaryOperator::Div => ("div", Arithmetic::Div),
        BinaryOperator::DivBy => ("divby", Arithmetic::Div),
        _ => ("mod", Arithmetic::Mod),
    };
    if is_temporal(&left) || is_temporal(&right) {
        return of_times(name, arithmetic, left, right, span);
    }
    let refused = |side: &Side<'_>| {
        let kind = BindErrorKind::Operand { operator: name, found: side.describe() };
        BindError::at(kind, side.span())
    };
    let (beside_left, beside_right) = (kind_of_side(&right), kind_of_side(&left));
    let (left_side, right_side) = (left.clone(), right.clone());
    let (left, left_kind) = number_of(left, beside_left)?.ok_or_else(|| refused(&left_side))?;
    let (right, right_kind) = number_of(right, beside_right)?.ok_or_else(|| refused(&right_side))?;
    let mut scalar = promoted(left_kind, right_kind);
    if operator == BinaryOperator::DivBy && scalar == Scalar::Int64 {
        scalar = Scalar::DECIMAL;
    }
    let divides = arithmetic == Arithmetic::Div || arithmetic == Arithmetic::Mod;
    if divides && scalar != Scalar::Double && is_zero(&right) {
        return Err(BindError::at(BindErrorKind::DivisionByZero, right_side.span()));
    }
    Ok(Side::Typed(Expr::Arithmetic(arithmetic, Box::new(left), Box::new(right), scalar), scalar, span))
}

fn kind_of_side(side: &Side<'_>) -> Option<Scalar> {
    match side {
        Side::Typed(_, scalar, _) if scalar.is_numeric() => Some(kind_of(*scalar)),
        Side::Literal(literal @ Literal::Number(_), span) => own_type(literal, span).ok().flatten(),
        _ => None,
    }
}

fn is_zero(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(Value::Int(value), _) => *value == 0,
        Expr::Literal(Value::Decimal(value), _) => bigdecimal::Zero::is_zero(value),
        _ => false,
    }
}

fn is_temporal(side: &Side<'_>) -> bool {
    match side {
        Side::Typed(_, scalar, _) => {
            matches!(scalar, Scalar::Date | Scalar::DateTimeOffset { .. } | Scalar::Duration { .. })
        }
        Side::Literal(Literal::Date(_) | Literal::DateTimeOffset(_), _) => true,
        Side::Literal(Literal::Prefixed(prefix, _), _) => prefix.eq_ignore_ascii_case("duration"),
        _ => false,
    }
}

/// Times and durations (OData 4.01 Part 2, 5.1.1.2.1 and the following).
fn of_times<'a>(
    name: &'static str,
    arithmetic: Arithmetic,
    left: Side<'a>,
    right: Side<'a>,
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    use Arithmetic::{Add, Div, Mul, Sub};
    let (found, place) = (right.describe(), right.span());
    // A quoted text beside a time or a duration is a duration, as 4.01 lets the prefix be left out.
    let typed = |side: Side<'a>| match side {
        Side::Literal(literal @ Literal::String(_), span) => {
            Ok((value_as(literal, Scalar::DURATION, span)?, Scalar::DURATION))
        }
        Side::Literal(Literal::Null, _) => Ok((constant(Value::Null, Scalar::DURATION), Scalar::DURATION)),
        other => value_of(other),
    };
    let ((left, left_type), (right, right_type)) = (typed(left)?, typed(right)?);
    let scalar = match (arithmetic, left_type, right_type) {
        (Add | Sub, Scalar::DateTimeOffset { .. }, Scalar::Duration { .. }) => Scalar::DATE_TIME_OFFSET,
        (Add | Sub, Scalar::Date, Scalar::Duration { .. }) => Scalar::Date,
        (Add | Sub, Scalar::Duration { .. }, Scalar::Duration { .. })
        | (Sub, Scalar::DateTimeOffset { .. }, Scalar::DateTimeOffset { .. })
        | (Sub, Scalar::Date, Scalar::Date) => Scalar::DURATION,
        (Mul | Div, Scalar::Duration { .. }, by) if by.is_numeric() => Scalar::DURATION,
        (Mul, by, Scalar::Duration { .. }) if by.is_numeric() => {
            let product = Expr::Arithmetic(Mul, Box::new(right), Box::new(left), Scalar::DURATION);
            return Ok(Side::Typed(product, Scalar::DURATION, span));
        }
        _ => return Err(BindError::at(BindErrorKind::Operand { operator: name, found }, place)),
    };
    if arithmetic == Div && is_zero(&right) {
        return Err(BindError::at(BindErrorKind::DivisionByZero, place));
    }
    Ok(Side::Typed(Expr::Arithmetic(arithmetic, Box::new(left), Box::new(right), scalar), scalar, span))
}

/// `flags has NS.Color'Red'`
fn has<'a>(left: Side<'a>, right: &Side<'a>, span: &'a Span) -> Result<Side<'a>, BindError> {
    let refused = |side: &Side<'_>| {
        let kind = BindErrorKind::Operand { operator: "has", found: side.describe() };
        Err(BindError::at(kind, side.span()))
    };
    let Side::Member(flags, scalar, of, _) = left else { return refused(&left) };
    if !scalar.is_integer() {
        return Err(BindError::unsupported("'has' on members that are stored by name", span));
    }
    let wanted = match right {
        Side::Literal(Literal::Null, _) => constant(Value::Null, scalar),
        Side::Literal(literal, place) => {
            let mismatch = || BindErrorKind::TypeMismatch { left: of.name.clone(), right: describe(literal) };
            let value = enum_value(literal, of, Scalar::Int64);
            constant(value.ok_or_else(|| BindError::at(mismatch(), place))?, scalar)
        }
        Side::Member(expr, _, other, _) if other.name == of.name => expr.clone(),
        other => return refused(other),
    };
    Ok(Side::Typed(Expr::Call(Function::HasFlags, vec![flags, wanted], Scalar::Boolean), Scalar::Boolean, span))
}
