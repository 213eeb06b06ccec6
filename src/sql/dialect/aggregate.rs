//! Owns how databases spell aggregates.
//!
//! # Decisions
//!
//! - **One meaning everywhere.** Sums of whole numbers are decimals, so none can overflow. Means of exact numbers are
//!   the quotient of sum and count, rounded once to the scale of the result: `AVG` has another scale on each database.
//! - **Texts** are counted exactly. The least text is the first in the order of the column's own collation, as it
//!   sorts; of what is not a column, by code point.
//! - **SQLite** sums only as floating-point numbers or as integers that overflow, so the connection must have
//!   `penstock_sum(value, scale, as_text)` and `penstock_average(value, scale, as_text)`, exact for decimals.

use crate::edm::Scalar;
use crate::sql::ast::{Aggregate, Column, Expr, Frame, Window};
use crate::sql::render::{order, separated, value};
use crate::sql::write::Writer;

use super::{ansi, mysql, postgres};

/// Digits right of the point of a mean whose scale is not known.
const SCALE: u16 = 12;

/// The value of a group in a column whose equality is wider than the group's: any of its values, all are the same.
pub(super) fn representative(w: &mut Writer<'_>, column: &Column, wider: bool) {
    w.syntax(if wider { "MIN(" } else { "" });
    w.column(column);
    w.syntax(if wider { ")" } else { "" });
}

pub(super) fn postgres(
    w: &mut Writer<'_>,
    function: Aggregate,
    operand: &Expr,
    scalar: Scalar,
    window: Option<&Window>,
) {
    let plain = |w: &mut Writer<'_>| value(w, operand);
    let double = |w: &mut Writer<'_>| {
        w.syntax("CAST(");
        value(w, operand);
        w.syntax(" AS double precision)");
    };
    let of_column = ansi::is_column(operand);
    match function {
        Aggregate::Sum if is_decimal(scalar) => {
            w.syntax("CAST(");
            call(w, "SUM(", window, plain);
            w.syntax(" AS numeric)");
        }
        Aggregate::Sum => call(w, "SUM(", window, double),
        Aggregate::Average if is_decimal(scalar) => {
            let scale = scale_of(scalar);
            w.syntax("ROUND(CAST(");
            call(w, "SUM(", window, plain);
            // A quotient has at least as many digits as its dividend.
            w.syntax(" AS numeric) * 1.");
            for _ in 0..=scale {
                w.syntax("0");
            }
            w.syntax(" / ");
            call(w, "COUNT(", window, plain);
            w.syntax(", ");
            w.number(scale);
            w.syntax(")");
        }
        Aggregate::Average => call(w, "AVG(", window, double),
        Aggregate::Least if scalar == Scalar::Boolean => call(w, "BOOL_AND(", window, plain),
        Aggregate::Greatest if scalar == Scalar::Boolean => call(w, "BOOL_OR(", window, plain),
        Aggregate::Least | Aggregate::Greatest if ansi::is_text(operand) && !of_column => {
            call(w, extreme(function), window, |w| postgres::exact(w, operand));
        }
        Aggregate::Least | Aggregate::Greatest => call(w, extreme(function), window, plain),
        Aggregate::Count | Aggregate::CountDistinct => {
            let exact = function == Aggregate::CountDistinct && ansi::is_text(operand) && ansi::is_folding(operand);
            w.syntax("CAST(");
            call(w, counted(function), window, |w| if exact { postgres::exact(w, operand) } else { value(w, operand) });
            w.syntax(" AS numeric)");
        }
    }
}

/// The name of the type that columns of a scalar have.
pub(super) fn postgres_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Boolean => "boolean",
        Scalar::Byte | Scalar::SByte | Scalar::Int16 => "smallint",
        Scalar::Int32 => "integer",
        Scalar::Int64 => "bigint",
        Scalar::Single => "real",
        Scalar::Double => "double precision",
        Scalar::Decimal { .. } => "numeric",
        Scalar::String { .. } => "text",
        Scalar::Guid => "uuid",
        Scalar::Date => "date",
        Scalar::DateTimeOffset { .. } => "timestamptz",
        Scalar::TimeOfDay { .. } => "time",
        Scalar::Duration { .. } => "interval",
        Scalar::Binary { .. } | Scalar::Stream => "bytea",
        Scalar::GeographyPoint | Scalar::GeometryPoint => "point",
    }
}

pub(super) fn mysql(w: &mut Writer<'_>, function: Aggregate, operand: &Expr, scalar: Scalar, window: Option<&Window>) {
    let plain = |w: &mut Writer<'_>| value(w, operand);
    let exact = |w: &mut Writer<'_>| mysql::exact(w, operand);
    match function {
        Aggregate::Sum => call(w, "SUM(", window, plain),
        Aggregate::Average if is_decimal(scalar) => {
            let scale = scale_of(scalar);
            w.syntax("ROUND(CAST(");
            call(w, "SUM(", window, plain);
            // A quotient has four digits more than its dividend.
            w.syntax(" AS DECIMAL(65, ");
            w.number(scale.min(30));
            w.syntax(")) / ");
            call(w, "COUNT(", window, plain);
            w.syntax(", ");
            w.number(scale.min(30));
            w.syntax(")");
        }
        Aggregate::Average => call(w, "AVG(", window, plain),
        Aggregate::Least | Aggregate::Greatest if ansi::is_text(operand) && !ansi::is_column(operand) => {
            w.syntax("CONVERT(");
            call(w, extreme(function), window, exact);
            w.syntax(" USING utf8mb4)");
        }
        Aggregate::Least | Aggregate::Greatest => call(w, extreme(function), window, plain),
        Aggregate::Count | Aggregate::CountDistinct => {
            w.syntax("CAST(");
            let exactly = function == Aggregate::CountDistinct && ansi::is_text(operand);
            call(w, counted(function), window, |w| if exactly { exact(w) } else { plain(w) });
            w.syntax(" AS DECIMAL(20, 0))");
        }
    }
}

pub(super) fn sqlite(
    decimals_as_text: bool,
    w: &mut Writer<'_>,
    function: Aggregate,
    operand: &Expr,
    scalar: Scalar,
    window: Option<&Window>,
) {
    let plain = |w: &mut Writer<'_>| value(w, operand);
    let decimals = decimals_as_text && is_decimal(operand.scalar());
    let as_text = if decimals_as_text { ", 1" } else { ", 0" };
    match function {
        Aggregate::Sum | Aggregate::Average if is_decimal(scalar) => {
            let (name, scale) = match (function, scalar) {
                (Aggregate::Sum, Scalar::Decimal { scale, .. }) => ("penstock_sum(", scale.unwrap_or(0)),
                _ => ("penstock_average(", scale_of(scalar)),
            };
            call(w, name, window, |w| {
                value(w, operand);
                w.syntax(", ");
                w.number(scale);
                w.syntax(as_text);
            });
        }
        Aggregate::Sum => call(w, "SUM(", window, plain),
        Aggregate::Average => call(w, "AVG(", window, plain),
        Aggregate::Least | Aggregate::Greatest => call(w, extreme(function), window, |w| {
            value(w, operand);
            if decimals {
                w.syntax(" COLLATE penstock_decimal");
            } else if ansi::is_text(operand) && !ansi::is_column(operand) {
                w.syntax(" COLLATE BINARY");
            }
        }),
        Aggregate::Count | Aggregate::CountDistinct => {
            w.syntax(if decimals_as_text { "CAST(" } else { "" });
            call(w, counted(function), window, |w| {
                value(w, operand);
                if decimals {
                    w.syntax(" COLLATE penstock_decimal");
                } else if ansi::is_text(operand) {
                    w.syntax(" COLLATE BINARY");
                }
            });
            w.syntax(if decimals_as_text { " AS TEXT)" } else { "" });
        }
    }
}

fn is_decimal(scalar: Scalar) -> bool {
    matches!(scalar, Scalar::Decimal { .. })
}

fn scale_of(scalar: Scalar) -> u16 {
    match scalar {
        Scalar::Decimal { scale: Some(scale), .. } => scale,
        _ => SCALE,
    }
}

fn extreme(function: Aggregate) -> &'static str {
    if function == Aggregate::Least { "MIN(" } else { "MAX(" }
}

fn counted(function: Aggregate) -> &'static str {
    if function == Aggregate::CountDistinct { "COUNT(DISTINCT " } else { "COUNT(" }
}

/// `NAME(arguments)` and the window.
fn call(w: &mut Writer<'_>, open: &'static str, window: Option<&Window>, arguments: impl FnOnce(&mut Writer<'_>)) {
    w.syntax(open);
    arguments(w);
    w.syntax(")");
    let Some(window) = window else { return };
    w.syntax(" OVER (");
    if !window.by.is_empty() {
        w.syntax("PARTITION BY ");
        separated(w, &window.by, |w, _, column| w.dialect().group_key(w, column));
    }
    if window.frame != Frame::All {
        order(w, if window.by.is_empty() { "ORDER BY " } else { " ORDER BY " }, &window.order);
    }
    w.syntax(match window.frame {
        Frame::All => "",
        Frame::UpTo => " ROWS UNBOUNDED PRECEDING",
        Frame::Before => " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
    });
    w.syntax(")");
}
