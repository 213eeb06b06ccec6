//! Owns how MySQL and MariaDB spell casts.
//!
//! # Decisions
//!
//! - **What has no value in the other type is null**, as on PostgreSQL. The servers' own casts cut a malformed text and
//!   clamp a number out of range, so a text is looked at with a regular expression first, and a number is bounded
//!   first.
//! - **A floating-point number** as a decimal keeps 35 digits before and 30 behind the point; larger ones are null.

use crate::edm::Scalar;
use crate::sql::ast::Expr;
use crate::sql::dialect::ansi::{self, Class, again, around};
use crate::sql::dialect::forms;
use crate::sql::render::value;
use crate::sql::write::Writer;

use super::functions::{exact, plain, round};

/// [`Expr::Cast`]
pub(super) fn cast(w: &mut Writer<'_>, operand: &Expr, to: Scalar) {
    let from = operand.scalar();
    let is_text = ansi::is_text(operand);
    match (Class::of(from), to) {
        (_, Scalar::String { .. }) => to_text(w, operand),
        (Class::Integer, to) if to.is_integer() => {
            integer(w, to, false, |w| around(w, "CAST(", operand, " AS DECIMAL(20))"));
        }
        (class @ (Class::Decimal | Class::Float), to) if to.is_integer() => {
            integer(w, to, class == Class::Float, |w| round(w, operand));
        }
        (_, to) if is_text && to.is_integer() => {
            integer(w, to, false, |w| read(w, operand, forms::INTEGER, "CAST(", " AS DECIMAL(65))"));
        }
        (Class::Integer, Scalar::Decimal { .. }) => around(w, "CAST(", operand, " AS DECIMAL(20))"),
        (Class::Decimal, Scalar::Decimal { .. }) => value(w, operand),
        (Class::Float, Scalar::Decimal { .. }) => {
            w.syntax("CAST(CASE WHEN ABS(");
            again(w, operand, value);
            w.syntax(") < 1e35 THEN ");
            again(w, operand, value);
            w.syntax(" END AS DECIMAL(65, 30))");
        }
        (_, Scalar::Decimal { .. }) if is_text => read(w, operand, forms::DECIMAL, "CAST(", " AS DECIMAL(65, 30))"),
        (Class::Integer | Class::Decimal | Class::Float, Scalar::Double) => around(w, "CAST(", operand, " AS DOUBLE)"),
        (Class::Integer | Class::Decimal | Class::Float, Scalar::Single) => {
            w.syntax("CAST(CASE WHEN ABS(");
            again(w, operand, value);
            w.syntax(") <= 3.4028234663852886e38 THEN ");
            again(w, operand, value);
            w.syntax(" END AS FLOAT)");
        }
        (_, Scalar::Double | Scalar::Single) if is_text => read(w, operand, forms::FLOAT, "CAST(", " AS DOUBLE)"),
        (Class::Instant | Class::Date, Scalar::Date) => around(w, "CAST(", operand, " AS DATE)"),
        (Class::Instant | Class::Date, Scalar::DateTimeOffset { .. }) => {
            around(w, "CAST(", operand, " AS DATETIME(6))");
        }
        (Class::Instant, Scalar::TimeOfDay { .. }) => around(w, "CAST(", operand, " AS TIME(6))"),
        (_, Scalar::Date) if is_text => read(w, operand, forms::DATE, "CAST(", " AS DATE)"),
        (_, Scalar::TimeOfDay { .. }) if is_text => read(w, operand, forms::TIME, "CAST(", " AS TIME(6))"),
        (_, Scalar::DateTimeOffset { .. }) if is_text => instant(w, operand),
        (_, Scalar::Guid) if is_text => read(w, operand, forms::GUID, "LOWER(", ")"),
        (_, Scalar::Boolean) if is_text => {
            w.syntax("CASE CAST(");
            plain(w, operand);
            w.syntax(" AS BINARY) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END");
        }
        _ if std::mem::discriminant(&from) == std::mem::discriminant(&to) => value(w, operand),
        _ => ansi::refuse(w, &format_args!("a cast to {to}")),
    }
}

/// The operand under the server's own type for it, where the server would not find it by itself.
pub(super) fn typed(w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
    match scalar {
        Scalar::Single | Scalar::Double => around(w, "CAST(", operand, " AS DOUBLE)"),
        Scalar::String { .. } => plain(w, operand),
        Scalar::Date => around(w, "CAST(", operand, " AS DATE)"),
        Scalar::DateTimeOffset { .. } => around(w, "CAST(", operand, " AS DATETIME(6))"),
        Scalar::TimeOfDay { .. } => around(w, "CAST(", operand, " AS TIME(6))"),
        // A choice among booleans of several kinds would be a decimal.
        Scalar::Boolean => around(w, "CAST(", operand, " AS SIGNED)"),
        scalar if scalar.is_integer() => around(w, "CAST(", operand, " AS SIGNED)"),
        _ => value(w, operand),
    }
}

/// A text of this form as a value, and null for any other. `$` also stands before a last line end, so nothing may
/// follow.
fn read(w: &mut Writer<'_>, text: &Expr, form: &'static str, open: &'static str, close: &'static str) {
    w.syntax("CASE WHEN ");
    again(w, text, exact);
    w.syntax(" REGEXP ");
    w.syntax(form);
    w.syntax("(?![^a]|a)' THEN ");
    w.syntax(open);
    again(w, text, plain);
    w.syntax(close);
    w.syntax(" END");
}

/// An instant is read without its offset, and moved by it.
fn instant(w: &mut Writer<'_>, text: &Expr) {
    w.syntax("CASE WHEN ");
    again(w, text, exact);
    w.syntax(" REGEXP ");
    w.syntax(forms::INSTANT);
    w.syntax("(?![^a]|a)' THEN CAST(REPLACE(REGEXP_SUBSTR(");
    again(w, text, plain);
    w.syntax(", '^[-0-9]+T[.:0-9]+'), 'T', ' ') AS DATETIME(6)) - INTERVAL IFNULL(NULLIF(REGEXP_SUBSTR(");
    again(w, text, plain);
    w.syntax(", '[+-][0-9]{2}:[0-9]{2}$'), ''), '00:00') HOUR_MINUTE END");
}

/// A whole number as an integer of a type, and null outside its range. The bounds are the next numbers beyond; below 64
/// bits the next floating-point number is further away.
fn integer(w: &mut Writer<'_>, to: Scalar, floating: bool, number: impl FnOnce(&mut Writer<'_>)) {
    let (least, most) = to.integer_range().unwrap_or((i64::MIN, i64::MAX));
    let distance = if floating && least == i64::MIN { 2_048 } else { 1 };
    let (below, above) = (i128::from(least) - distance, i128::from(most) + 1);
    let suffix = if floating { "e0" } else { "" };
    w.syntax("CAST(NULLIF(NULLIF(LEAST(GREATEST(");
    number(w);
    for bound in [below, above, below, above] {
        w.syntax(", ");
        w.number(bound);
        w.syntax(suffix);
        w.syntax(")");
    }
    w.syntax(" AS SIGNED)");
}

/// A decimal that has a point, without the zeros at its end.
fn trimmed(w: &mut Writer<'_>, write: impl FnOnce(&mut Writer<'_>)) {
    w.syntax("TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ");
    write(w);
    w.syntax("))");
}

fn to_text(w: &mut Writer<'_>, operand: &Expr) {
    match operand.scalar() {
        Scalar::String { .. } => plain(w, operand),
        Scalar::Boolean => around(w, "CASE ", operand, " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"),
        Scalar::Decimal { .. } => trimmed(w, |w| around(w, "CAST(", operand, " + 0.0 AS CHAR)")),
        Scalar::Date => around(w, "DATE_FORMAT(", operand, ", '%Y-%m-%d')"),
        Scalar::DateTimeOffset { .. } => {
            w.syntax("CONCAT(");
            trimmed(w, |w| around(w, "DATE_FORMAT(", operand, ", '%Y-%m-%dT%H:%i:%s.%f')"));
            w.syntax(", 'Z')");
        }
        Scalar::TimeOfDay { .. } => trimmed(w, |w| around(w, "TIME_FORMAT(", operand, ", '%H:%i:%s.%f')")),
        Scalar::Duration { .. } => {
            w.syntax("CONCAT(CASE WHEN ");
            again(w, operand, value);
            w.syntax(" < 0 THEN '-PT' ELSE 'PT' END, ");
            trimmed(w, |w| again(w, operand, |w, operand| around(w, "CAST(ABS(", operand, ") * 0.000001 AS CHAR)")));
            w.syntax(", 'S')");
        }
        Scalar::Guid => {
            w.syntax("LOWER(");
            plain(w, operand);
            w.syntax(")");
        }
        Scalar::Binary { .. } => {
            w.syntax("CONVERT(REPLACE(REPLACE(REPLACE(TO_BASE64(");
            value(w, operand);
            w.syntax("), '\n', ''), '+', '-'), '/', '_') USING utf8mb4)");
        }
        Scalar::Stream | Scalar::GeographyPoint | Scalar::GeometryPoint => {
            ansi::refuse(w, &format_args!("a cast to a text"));
        }
        _ => around(w, "CAST(", operand, " AS CHAR)"),
    }
}
