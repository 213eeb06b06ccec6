//! Owns comparisons: which sides go together, how a literal takes the type of the other side, and the one tree that all
//! spellings of a comparison share. Literals stand right, constants are folded.

use std::cmp::Ordering;

use crate::edm::{Scalar, Value};
use crate::model::EnumType;
use crate::query::{Comparison, Expr};
use crate::syntax::{self, Literal, Span};

use super::BindError;
use super::collected::Items;
use super::complex::{Complex, mismatch};
use super::connect::{self, truth};
use super::error::BindErrorKind;
use super::literal::{Fit, POINTS, beside_infinity, describe, exact, fit, natural, unbounded};

const TOO_FINE: &str = "a time finer than a microsecond beside a literal";

/// One side of a comparison, or an argument.
#[derive(Clone, Debug)]
pub(super) enum Side<'a> {
    /// A literal whose type the other side decides.
    Literal(&'a Literal, &'a Span),
    /// An expression with a type.
    Typed(Expr, Scalar, &'a Span),
    /// A value of an enumeration, as it is stored.
    Member(Expr, Scalar, &'a EnumType, &'a Span),
    /// Something that is there or not, as a whole: an entity, a complex value. Whether it is, and its name.
    Whole(Expr, &'a str, &'a Span),
    /// Many entities, by name.
    Many(&'a str, &'a Span),
    /// A collection of values.
    Items(Box<Items<'a>>),
    /// A complex value.
    Complex(Box<Complex<'a>>),
    /// A list that is written out.
    List(&'a [syntax::Expr], &'a Span),
    /// A complex value that is written out.
    Object(&'a [(String, syntax::Expr)], &'a Span),
}

impl<'a> Side<'a> {
    /// What stands here, for a sentence.
    pub(super) fn describe(&self) -> String {
        match self {
            Side::Literal(literal, _) => describe(literal),
            Side::Typed(_, scalar, _) => format!("an expression of type {scalar}"),
            Side::Member(_, _, of, _) => format!("an expression of type {}", of.name),
            Side::Whole(_, name, _) => format!("'{name}' as a whole"),
            Side::Many(name, _) => format!("the collection '{name}'"),
            Side::Items(items) => format!("the collection '{}'", items.property.name),
            Side::Complex(complex) => format!("'{}' as a whole", complex.name),
            Side::List(..) => "a list".to_owned(),
            Side::Object(..) => "a JSON object".to_owned(),
        }
    }

    /// Where it stands.
    pub(super) fn span(&self) -> &'a Span {
        match self {
            Side::Literal(_, span)
            | Side::Typed(_, _, span)
            | Side::Member(_, _, _, span)
            | Side::Whole(_, _, span)
            | Side::Many(_, span)
            | Side::List(_, span)
            | Side::Object(_, span) => span,
            Side::Items(items) => items.span,
            Side::Complex(complex) => complex.span,
        }
    }
}

/// The value of an enumeration that a literal names, in the form in which `scalar` stores it.
pub(super) fn enum_value(literal: &Literal, of: &EnumType, scalar: Scalar) -> Option<Value> {
    let text = match literal {
        Literal::String(text) | Literal::Number(text) => text,
        Literal::Prefixed(prefix, text) if prefix.rsplit('.').next() == Some(of.name.as_str()) => text,
        _ => return None,
    };
    let value = of.value_of(text)?;
    if scalar.is_integer() { Some(Value::Int(value)) } else { of.name_of(value).map(|name| Value::String(name.into())) }
}

/// Compares two sides in any order.
pub(super) fn compare(comparison: Comparison, left: Side<'_>, right: Side<'_>) -> Result<Expr, BindError> {
    match (left, right) {
        (Side::Literal(left, left_span), Side::Literal(right, right_span)) => {
            constants(comparison, (left, left_span), (right, right_span)).map(truth)
        }
        (Side::Literal(literal, span), Side::Typed(expr, scalar, _)) => {
            with_literal(comparison.mirrored(), expr, scalar, literal, span)
        }
        (Side::Typed(expr, scalar, _), Side::Literal(literal, span)) => {
            with_literal(comparison, expr, scalar, literal, span)
        }
        (Side::Typed(left, left_scalar, _), Side::Typed(right, right_scalar, span)) => {
            if let (Scalar::Date, Scalar::DateTimeOffset { .. }) = (left_scalar, right_scalar) {
                // A date beside an instant is its midnight.
                return Ok(of_expressions(comparison, midnight(left), right));
            }
            if let (Scalar::DateTimeOffset { .. }, Scalar::Date) = (left_scalar, right_scalar) {
                return Ok(of_expressions(comparison, left, midnight(right)));
            }
            if left_scalar.srid().is_some() && comparable(left_scalar, right_scalar) {
                return Err(BindError::unsupported(POINTS, span));
            }
            if !comparable(left_scalar, right_scalar) {
                let (left, right) = (left_scalar.name().to_owned(), right_scalar.name().to_owned());
                return Err(BindError::at(BindErrorKind::TypeMismatch { left, right }, span));
            }
            Ok(of_expressions(comparison, left, right))
        }
        (left @ (Side::Literal(..) | Side::Typed(..)), right) => of_others(comparison.mirrored(), right, left),
        (left, right) => of_others(comparison, left, right),
    }
}

/// Compares what is no plain value with anything.
fn of_others(comparison: Comparison, left: Side<'_>, right: Side<'_>) -> Result<Expr, BindError> {
    match (left, right) {
        (Side::Member(expr, scalar, ..), Side::Literal(Literal::Null, _)) => {
            Ok(of_expressions(comparison, expr, Expr::Literal(Value::Null, unbounded(scalar))))
        }
        (Side::Member(expr, scalar, of, _), Side::Literal(literal, span)) => {
            let is_equality = matches!(comparison, Comparison::Eq | Comparison::Ne);
            match enum_value(literal, of, scalar) {
                Some(_) if !is_equality && !scalar.is_integer() => {
                    Err(BindError::unsupported("the order of members that are stored by name", span))
                }
                Some(value) => Ok(of_expressions(comparison, expr, Expr::Literal(value, unbounded(scalar)))),
                None => {
                    let kind = BindErrorKind::TypeMismatch { left: of.name.clone(), right: describe(literal) };
                    Err(BindError::at(kind, span))
                }
            }
        }
        (Side::Member(left, left_type, left_of, _), Side::Member(right, right_type, right_of, _))
            if left_of.name == right_of.name && left_type == right_type =>
        {
            Ok(of_expressions(comparison, left, right))
        }
        (Side::Whole(exists, ..), Side::Literal(Literal::Null, _)) => match comparison {
            Comparison::Eq | Comparison::Ge | Comparison::Le => Ok(connect::not(exists)),
            Comparison::Ne => Ok(exists),
            Comparison::Gt | Comparison::Lt => Ok(truth(false)),
        },
        (left @ Side::Whole(..), right @ Side::Whole(..)) => {
            let what = format!("the comparison of {} with {}", left.describe(), right.describe());
            Err(BindError::unsupported(what, left.span()))
        }
        (left, right) => Err(mismatch(&left, &right)),
    }
}

/// Membership in a list of literals. Members that no value of the type can equal vanish.
pub(super) fn member(subject: Side<'_>, members: &[(&Literal, &Span)]) -> Result<Expr, BindError> {
    match subject {
        Side::Typed(expr, scalar, _) if !matches!(expr, Expr::Literal(..)) => {
            let mut values = Vec::with_capacity(members.len());
            for (literal, span) in members {
                match literal {
                    Literal::Null => values.push(Value::Null),
                    literal => {
                        if let Fit::Exact(value) = fit(literal, scalar, span)? {
                            values.push(value);
                        }
                    }
                }
            }
            Ok(connect::member_of(expr, values, unbounded(scalar)))
        }
        Side::Member(expr, scalar, of, _) => {
            let mut values = Vec::with_capacity(members.len());
            for (literal, span) in members {
                match (literal, enum_value(literal, of, scalar)) {
                    (Literal::Null, _) => values.push(Value::Null),
                    (_, Some(value)) => values.push(value),
                    (literal, None) => {
                        let kind = BindErrorKind::TypeMismatch { left: of.name.clone(), right: describe(literal) };
                        return Err(BindError::at(kind, span));
                    }
                }
            }
            Ok(connect::member_of(expr, values, unbounded(scalar)))
        }
        constant => {
            let each = members
                .iter()
                .map(|(literal, span)| compare(Comparison::Eq, constant.clone(), Side::Literal(literal, span)));
            Ok(connect::or(each.collect::<Result<_, _>>()?))
        }
    }
}

fn comparable(left: Scalar, right: Scalar) -> bool {
    unbounded(left) == unbounded(right) || (left.is_numeric() && right.is_numeric())
}

fn midnight(date: Expr) -> Expr {
    Expr::Cast(Box::new(date), Scalar::DATE_TIME_OFFSET)
}

fn compared(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    Expr::Compare(comparison, Box::new(left), Box::new(right))
}

fn of_expressions(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    if let (Expr::Literal(left, _), Expr::Literal(right, _)) = (&left, &right) {
        return truth(holds(comparison, left, right));
    }
    let rank = |expr: &Expr| match expr {
        Expr::Property(id) => (0, id.0),
        Expr::Literal(..) => (2, 0),
        _ => (1, 0),
    };
    let (comparison, left, right) =
        if rank(&right) < rank(&left) { (comparison.mirrored(), right, left) } else { (comparison, left, right) };
    match (comparison, &right) {
        // Only null is equal to null, nothing is less or greater (OData 4.01 Part 2, 5.1.1.1).
        (Comparison::Ge | Comparison::Le, Expr::Literal(Value::Null, _)) => compared(Comparison::Eq, left, right),
        (Comparison::Gt | Comparison::Lt, Expr::Literal(Value::Null, _)) => truth(false),
        _ => compared(comparison, left, right),
    }
}

fn with_literal(
    comparison: Comparison,
    expr: Expr,
    scalar: Scalar,
    literal: &Literal,
    span: &Span,
) -> Result<Expr, BindError> {
    let target = unbounded(scalar);
    let null = Expr::Literal(Value::Null, target);
    if *literal == Literal::Null {
        return Ok(of_expressions(comparison, expr, null));
    }
    let fit = fit(literal, scalar, span)?;
    let greater = matches!(comparison, Comparison::Gt | Comparison::Ge);
    Ok(match (fit, comparison) {
        (Fit::Exact(value), _) => of_expressions(comparison, expr, Expr::Literal(value, target)),
        (_, Comparison::Eq) => truth(false),
        (_, Comparison::Ne) => truth(true),
        (Fit::After(value), _) => {
            let comparison = if greater { Comparison::Gt } else { Comparison::Le };
            of_expressions(comparison, expr, Expr::Literal(value, target))
        }
        // Every value is on one side of it, null is on none.
        (Fit::Above, _) if !greater => of_expressions(Comparison::Ne, expr, null),
        (Fit::Below, _) if greater => of_expressions(Comparison::Ne, expr, null),
        (Fit::Above | Fit::Below | Fit::Unordered, _) => truth(false),
    })
}

/// Two literals take one type by promotion: numbers compare exactly unless one is infinite, a date is its midnight
/// beside a timestamp, a string is cast to the type of the other.
fn constants(
    comparison: Comparison,
    (left, left_span): (&Literal, &Span),
    (right, right_span): (&Literal, &Span),
) -> Result<bool, BindError> {
    let (left_type, right_type) = (natural(left, left_span)?, natural(right, right_span)?);
    let (Some(left_type), Some(right_type)) = (left_type, right_type) else {
        let both = left_type.is_none() && right_type.is_none();
        return Ok(match comparison {
            Comparison::Eq | Comparison::Ge | Comparison::Le => both,
            Comparison::Ne => !both,
            Comparison::Gt | Comparison::Lt => false,
        });
    };
    let scalar = match (left_type, right_type) {
        (Scalar::String { .. }, other) | (other, Scalar::String { .. }) => other,
        (Scalar::Double, other) | (other, Scalar::Double) if other.is_numeric() => Scalar::Double,
        (Scalar::DateTimeOffset { .. }, Scalar::Date) => left_type,
        (_, other) => other,
    };
    if scalar == Scalar::Double {
        // One of them is infinite or no number, and beside that all others are alike.
        if let (Some(left), Some(right)) = (beside_infinity(left), beside_infinity(right)) {
            return Ok(holds(comparison, &Value::Double(left), &Value::Double(right)));
        }
    }
    Ok(match (fit(left, scalar, left_span)?, fit(right, scalar, right_span)?) {
        (Fit::Exact(left), Fit::Exact(right)) => holds(comparison, &left, &right),
        _ if scalar.is_numeric() => {
            let (literal, span) = match fit(left, scalar, left_span)? {
                Fit::Exact(_) => (right, right_span),
                _ => (left, left_span),
            };
            exact(literal, scalar, span)?;
            comparison == Comparison::Ne
        }
        (Fit::After(_), _) => return Err(BindError::unsupported(TOO_FINE, left_span)),
        (_, Fit::After(_)) => return Err(BindError::unsupported(TOO_FINE, right_span)),
        _ => comparison == Comparison::Ne,
    })
}

fn holds(comparison: Comparison, left: &Value, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right))
        | (Value::DateTimeOffset(left), Value::DateTimeOffset(right))
        | (Value::TimeOfDay(left), Value::TimeOfDay(right))
        | (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
        (Value::Binary(left), Value::Binary(right)) => Some(left.cmp(right)),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Decimal(left), Value::Decimal(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        _ => None,
    };
    match comparison {
        Comparison::Eq => order == Some(Ordering::Equal),
        Comparison::Ne => order != Some(Ordering::Equal),
        Comparison::Gt => order == Some(Ordering::Greater),
        Comparison::Lt => order == Some(Ordering::Less),
        Comparison::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}
