//! Owns `cast` and `isof` (OData 4.01 Part 2, 5.1.1.10): to and of primitive types and enumerations, and whether an
//! entity is of a derived type.

use crate::edm::{Scalar, Value};
use crate::query::{Comparison, Expr};
use crate::syntax::{self, Literal, Span};

use super::BindError;
use super::calculate::value_of;
use super::compare::{Side, enum_value};
use super::connect::truth;
use super::error::BindErrorKind;
use super::filter::{Binder, constant};
use super::functions::typed_argument;
use super::literal::{Fit, fit, unbounded};

/// `cast(value,Edm.Type)`: null where the value has no place in the type.
pub(super) fn bind_cast<'a>(
    binder: &mut Binder<'a, '_>,
    arguments: &'a [syntax::Expr],
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    let (argument, name) = typed_argument("cast", arguments, span)?;
    let Some(argument) = argument else {
        return Err(BindError::unsupported("the cast of a whole entity", span));
    };
    let side = binder.expression(argument)?;
    if let Some(scalar) = primitive(name) {
        return to_scalar(side, scalar, span);
    }
    let model = binder.scope.model;
    let of = name.strip_prefix(model.namespace.as_str()).and_then(|rest| rest.strip_prefix('.'));
    if let Some(of) = of.and_then(|of| model.published_enums().find(|it| it.name == of)) {
        return Ok(match side {
            Side::Member(expr, scalar, other, _) if other.name == of.name => Side::Member(expr, scalar, of, span),
            Side::Literal(literal, _) => {
                let value = enum_value(literal, of, of.underlying).unwrap_or(Value::Null);
                Side::Member(constant(value, of.underlying), of.underlying, of, span)
            }
            Side::Typed(expr, scalar, _) if scalar.is_integer() => {
                Side::Member(Expr::Cast(Box::new(expr), of.underlying), of.underlying, of, span)
            }
            _ => return Err(BindError::unsupported(format!("the cast to '{name}' of this value"), span)),
        });
    }
    if binder.is_entity_type(name) {
        return Err(BindError::unsupported("the cast of an entity by a function", span));
    }
    Err(unknown_type(name, arguments, span))
}

/// `isof(value,Edm.Type)`, `isof(NS.Derived)`, `isof(Navigation,NS.Derived)`: false for what is null.
pub(super) fn bind_is_of<'a>(
    binder: &mut Binder<'a, '_>,
    arguments: &'a [syntax::Expr],
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    let (argument, name) = typed_argument("isof", arguments, span)?;
    let boolean = |expr| Ok(Side::Typed(expr, Scalar::Boolean, span));
    if let Some(scalar) = primitive(name) {
        let Some(argument) = argument else { return boolean(truth(false)) };
        let (expr, of) = match binder.expression(argument)? {
            side @ (Side::Literal(..) | Side::Typed(..)) => value_of(side)?,
            _ => return boolean(truth(false)),
        };
        let null = constant(Value::Null, scalar);
        return boolean(match (unbounded(of) == unbounded(scalar), &expr) {
            (false, _) | (_, Expr::Literal(Value::Null, _)) => truth(false),
            (true, Expr::Literal(..)) => truth(true),
            (true, _) => Expr::Compare(Comparison::Ne, Box::new(expr), Box::new(null)),
        });
    }
    if binder.is_entity_type(name) {
        return boolean(binder.is_of_type(argument, name, span)?);
    }
    let model = binder.scope.model;
    let is_known =
        name.strip_prefix(model.namespace.as_str()).and_then(|rest| rest.strip_prefix('.')).is_some_and(|of| {
            model.published_enums().any(|it| it.name == of) || model.published_complex_types().any(|it| it.name == of)
        });
    match (is_known, argument) {
        (true, None) => boolean(truth(false)),
        (true, Some(argument)) => match binder.expression(argument)? {
            Side::Member(expr, scalar, of, _) if name.ends_with(of.name.as_str()) => {
                let null = constant(Value::Null, scalar);
                boolean(Expr::Compare(Comparison::Ne, Box::new(expr), Box::new(null)))
            }
            _ => Err(BindError::unsupported(format!("'isof' with the type '{name}' here"), span)),
        },
        (false, _) => Err(unknown_type(name, arguments, span)),
    }
}

fn to_scalar<'a>(side: Side<'a>, scalar: Scalar, span: &'a Span) -> Result<Side<'a>, BindError> {
    Ok(match side {
        Side::Literal(Literal::Null, _) => Side::Typed(constant(Value::Null, scalar), scalar, span),
        Side::Literal(literal, place) => {
            match (fit(literal, scalar, place), scalar) {
                (Ok(Fit::Exact(value)), _) => return Ok(Side::Typed(constant(value, scalar), scalar, span)),
                // No database here knows the form in which bytes are written.
                (Err(_), Scalar::Binary { .. }) if matches!(literal, Literal::String(_)) => {
                    return Ok(Side::Typed(constant(Value::Null, scalar), scalar, span));
                }
                _ => {}
            }
            let (expr, _) = value_of(Side::Literal(literal, place))?;
            Side::Typed(Expr::Cast(Box::new(expr), scalar), scalar, span)
        }
        Side::Typed(expr, of, _) if unbounded(of) == unbounded(scalar) => Side::Typed(expr, of, span),
        Side::Typed(_, Scalar::Binary { .. }, _) if is_text(scalar) => {
            return Err(BindError::unsupported("the cast of bytes to a text", span));
        }
        Side::Typed(_, of, _) if is_text(of) && is_bytes_or_point(scalar) => {
            return Err(BindError::unsupported(format!("the cast of a text to {}", scalar.name()), span));
        }
        Side::Typed(expr, of, _) => {
            if !can_cast(of, scalar) {
                let kind = BindErrorKind::TypeMismatch { left: scalar.name().to_owned(), right: of.name().to_owned() };
                return Err(BindError::at(kind, span));
            }
            Side::Typed(Expr::Cast(Box::new(expr), scalar), scalar, span)
        }
        Side::Member(expr, of, ..) if of.is_integer() && scalar.is_integer() => {
            Side::Typed(Expr::Cast(Box::new(expr), scalar), scalar, span)
        }
        Side::Member(expr, of @ Scalar::String { .. }, ..) if scalar == Scalar::STRING => Side::Typed(expr, of, span),
        Side::Member(..) => return Err(BindError::unsupported("the cast of an enumeration to its name", span)),
        other => return Err(BindError::at(BindErrorKind::NotAValue { found: other.describe() }, other.span())),
    })
}

/// Which types have something to do with each other.
fn can_cast(from: Scalar, to: Scalar) -> bool {
    let is_castable = |scalar| scalar != Scalar::Stream && !is_bytes_or_point(scalar);
    match (from, to) {
        (from, to) if is_text(from) || is_text(to) => is_castable(from) && is_castable(to),
        (from, to) if from.is_numeric() => to.is_numeric(),
        (Scalar::DateTimeOffset { .. }, Scalar::Date | Scalar::TimeOfDay { .. })
        | (Scalar::Date, Scalar::DateTimeOffset { .. }) => true,
        _ => false,
    }
}

fn is_text(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::String { .. })
}

fn is_bytes_or_point(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::Binary { .. }) || scalar.srid().is_some()
}

fn unknown_type(name: &str, arguments: &[syntax::Expr], span: &Span) -> BindError {
    let span = arguments.last().map_or(span, |last| &last.span);
    BindError::at(BindErrorKind::UnknownType(name.to_owned()), span)
}

/// The primitive type of this name, without facets.
pub(super) fn primitive(name: &str) -> Option<Scalar> {
    const ALL: [Scalar; 18] = [
        Scalar::Boolean,
        Scalar::Byte,
        Scalar::SByte,
        Scalar::Int16,
        Scalar::Int32,
        Scalar::Int64,
        Scalar::Single,
        Scalar::Double,
        Scalar::DECIMAL,
        Scalar::STRING,
        Scalar::Guid,
        Scalar::Date,
        Scalar::DATE_TIME_OFFSET,
        Scalar::TIME_OF_DAY,
        Scalar::DURATION,
        Scalar::BINARY,
        Scalar::GeographyPoint,
        Scalar::GeometryPoint,
    ];
    ALL.into_iter().find(|scalar| scalar.name() == name)
}
