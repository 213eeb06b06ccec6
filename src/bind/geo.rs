//! Owns `geo.distance` (OData 4.01 Part 2, 5.1.1.11.1): how far a property is from a point that is written out. Of
//! geographies it is in metres on a sphere, of geometries in the units of their plane.

use crate::edm::{Scalar, Value, parse_point};
use crate::query::{Expr, Function};
use crate::syntax::{self, Literal, Span};

use super::BindError;
use super::compare::Side;
use super::error::BindErrorKind;
use super::filter::{Binder, constant};
use super::functions::refused;

const NAME: &str = "geo.distance";

/// `geo.distance(Position,geography'SRID=4326;Point(8.5 47.4)')`, in any order.
pub(super) fn distance<'a>(
    binder: &mut Binder<'a, '_>,
    arguments: &'a [syntax::Expr],
    span: &'a Span,
) -> Result<Side<'a>, BindError> {
    let [first, second] = arguments else { return Err(refused(NAME, "2 arguments", span)) };
    let double = |expr| Ok(Side::Typed(expr, Scalar::Double, span));
    let (expr, scalar, literal, place) = match (binder.expression(first)?, binder.expression(second)?) {
        (Side::Literal(Literal::Null, _), _) | (_, Side::Literal(Literal::Null, _)) => {
            return double(constant(Value::Null, Scalar::Double));
        }
        (Side::Typed(expr, scalar, _), Side::Literal(literal, place))
        | (Side::Literal(literal, place), Side::Typed(expr, scalar, _)) => (expr, scalar, literal, place),
        (Side::Typed(_, left, _), Side::Typed(_, right, _)) if left.srid().is_some() && left == right => {
            return Err(BindError::unsupported("the distance of two properties", span));
        }
        (Side::Literal(..), Side::Literal(..)) => {
            return Err(BindError::unsupported("the distance of two literals", span));
        }
        (left, right) => {
            let found = format!("two points, not {} and {}", left.describe(), right.describe());
            return Err(refused(NAME, found, span));
        }
    };
    let (function, kind) = match scalar {
        Scalar::GeographyPoint => (Function::GeographyDistance, "geography"),
        Scalar::GeometryPoint => (Function::GeometryDistance, "geometry"),
        other => return Err(refused(NAME, format!("a point, not an expression of type {other}"), span)),
    };
    let text = match literal {
        Literal::Prefixed(prefix, text) if prefix.eq_ignore_ascii_case(kind) => text,
        Literal::String(text) => text,
        _ => return Err(refused(NAME, format!("a literal with the prefix '{kind}' beside this property"), place)),
    };
    let (srid, point) = match parse_point(text) {
        Ok(point) => point,
        Err(_) if !text.to_ascii_lowercase().contains("point") || text.to_ascii_lowercase().contains("multi") => {
            return Err(BindError::unsupported("the distance from other than a point", place));
        }
        Err(error) => return Err(BindError::at(BindErrorKind::of_literal(error, text, scalar.name()), place)),
    };
    if srid.is_some_and(|srid| Some(srid) != scalar.srid()) {
        return Err(BindError::unsupported("a point of another reference system than that of the property", place));
    }
    let coordinate = |value: f64| constant(Value::Double(value + 0.0), Scalar::Double);
    double(Expr::Call(function, vec![expr, coordinate(point.x), coordinate(point.y)], Scalar::Double))
}
