//! Owns the distance of two points as databases with mathematical functions spell it: all of them calculate in the same
//! order, so that the digits are the same.

use crate::sql::ast::{Expr, Function};
use crate::sql::render::value;
use crate::sql::write::Writer;

use super::ansi::again;

/// Twice the mean radius of the earth in metres (IUGG, R1): 2 × 6,371,008.8.
pub const EARTH_DIAMETER: f64 = 12_742_017.6;

/// How a database takes a coordinate out of a column of points.
pub(super) type Coordinate = fn(&mut Writer<'_>, &Expr);

/// The distance of a column of points from two coordinates.
pub(super) fn write(
    w: &mut Writer<'_>,
    function: Function,
    (point, x, y): (&Expr, &Expr, &Expr),
    (of_x, of_y): (Coordinate, Coordinate),
) {
    if function == Function::GeometryDistance {
        w.syntax("SQRT(POWER(");
        value(w, x);
        w.syntax(" - ");
        of_x(w, point);
        w.syntax(", 2) + POWER(");
        value(w, y);
        w.syntax(" - ");
        of_y(w, point);
        return w.syntax(", 2))");
    }
    // The haversine formula.
    w.syntax("(12742017.6 * ASIN(LEAST(1, SQRT(POWER(SIN((RADIANS(");
    again(w, y, value);
    w.syntax(") - RADIANS(");
    of_y(w, point);
    w.syntax(")) / 2), 2) + COS(RADIANS(");
    of_y(w, point);
    w.syntax(")) * COS(RADIANS(");
    again(w, y, value);
    w.syntax(")) * POWER(SIN((RADIANS(");
    value(w, x);
    w.syntax(") - RADIANS(");
    of_x(w, point);
    w.syntax(")) / 2), 2)))))");
}
