//! Owns how PostgreSQL spells casts.
//!
//! # Decisions
//!
//! - **What has no value in the other type is null**: a malformed text, a number out of range, NaN as an integer or
//!   decimal. The server has no cast that could fail softly before version 16, so a text is looked at with a regular
//!   expression first, and a number is bounded first. `LEAST` and `GREATEST` leave nulls out, so a null becomes a
//!   bound, and the bounds become null.
//! - **To integers** numbers are rounded, halves away from zero (OData 4.01 Part 2, 5.1.1.10).
//! - **To texts** values take OData's spelling, decimals without zeros at the end and durations in seconds, since
//!   columns of other databases do not know how many zeros or days a value was written with.

use crate::edm::Scalar;
use crate::sql::ast::Expr;
use crate::sql::dialect::ansi::{self, Class, again, around};
use crate::sql::dialect::forms;
use crate::sql::render::value;
use crate::sql::write::Writer;

use super::calculate::numeric_of_float;
use super::functions::{exact, plain};

/// [`Expr::Cast`]
pub(super) fn cast(w: &mut Writer<'_>, operand: &Expr, to: Scalar) {
    let from = operand.scalar();
    let is_text = ansi::is_text(operand);
    match (Class::of(from), to) {
        (_, Scalar::String { .. }) => to_text(w, operand),
        (Class::Float, to) if to.is_integer() => integer(w, to, true, |w| {
            w.syntax("CAST(round(");
            numeric_of_float(w, operand);
            w.syntax(") AS float8)");
        }),
        (Class::Integer | Class::Decimal, to) if to.is_integer() => integer(w, to, false, |w| {
            w.syntax("round(");
            numeric(w, operand);
            w.syntax(")");
        }),
        (_, to) if is_text && to.is_integer() => {
            integer(w, to, false, |w| read(w, operand, forms::INTEGER, " AS numeric)"));
        }
        (Class::Float, Scalar::Decimal { .. }) => {
            w.syntax("NULLIF(NULLIF(NULLIF(");
            numeric_of_float(w, operand);
            w.syntax(", 'NaN'), 'Infinity'), '-Infinity')");
        }
        (Class::Integer | Class::Decimal, Scalar::Decimal { .. }) => numeric(w, operand),
        (_, Scalar::Decimal { .. }) if is_text => read(w, operand, forms::DECIMAL, " AS numeric)"),
        (Class::Integer | Class::Decimal | Class::Float, Scalar::Double) => around(w, "CAST(", operand, " AS float8)"),
        (Class::Integer | Class::Decimal | Class::Float, Scalar::Single) => single(w, operand),
        (_, Scalar::Double | Scalar::Single) if is_text => {
            w.syntax("CASE WHEN ");
            again(w, operand, exact);
            w.syntax(" ~ ");
            w.syntax(forms::FLOAT_OR_NONE);
            w.syntax("' THEN CAST(replace(");
            again(w, operand, plain);
            w.syntax(", 'INF', 'Infinity') AS float8) END");
        }
        (Class::Instant | Class::Date, Scalar::Date) => {
            around(w, "CAST(CAST(", operand, " AS timestamptz) AS date)");
        }
        (Class::Instant | Class::Date, Scalar::DateTimeOffset { .. }) => {
            around(w, "CAST(", operand, " AS timestamptz)");
        }
        (Class::Instant, Scalar::TimeOfDay { .. }) => {
            around(w, "CAST(CAST(", operand, " AS timestamptz) AS time)");
        }
        (_, Scalar::Date) if is_text => read(w, operand, forms::DATE, " AS date)"),
        (_, Scalar::TimeOfDay { .. }) if is_text => read(w, operand, forms::TIME, " AS time)"),
        (_, Scalar::DateTimeOffset { .. }) if is_text => {
            w.syntax("NULLIF(NULLIF(GREATEST(LEAST(");
            read(w, operand, forms::INSTANT, " AS timestamptz)");
            w.syntax(", '10000-01-01 00:00:00+00'), '0001-12-31 23:59:59.999999+00 BC'), ");
            w.syntax("'10000-01-01 00:00:00+00'), '0001-12-31 23:59:59.999999+00 BC')");
        }
        (_, Scalar::Guid) if is_text => read(w, operand, forms::GUID, " AS uuid)"),
        (_, Scalar::Boolean) if is_text => {
            w.syntax("CASE ");
            exact(w, operand);
            w.syntax(" WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END");
        }
        _ if std::mem::discriminant(&from) == std::mem::discriminant(&to) => value(w, operand),
        _ => ansi::refuse(w, &format_args!("a cast to {to}")),
    }
}

/// The operand under the server's own type for it.
pub(super) fn typed(w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
    let close = match scalar {
        Scalar::Boolean => " AS bool)",
        Scalar::Single => " AS float4)",
        Scalar::Double => " AS float8)",
        Scalar::Decimal { .. } => " AS numeric)",
        Scalar::String { .. } => " AS text)",
        Scalar::Guid => " AS uuid)",
        Scalar::Date => " AS date)",
        Scalar::DateTimeOffset { .. } => " AS timestamptz)",
        Scalar::TimeOfDay { .. } => " AS time)",
        Scalar::Duration { .. } => " AS interval)",
        Scalar::Binary { .. } | Scalar::Stream => " AS bytea)",
        Scalar::GeographyPoint | Scalar::GeometryPoint => return value(w, operand),
        Scalar::Byte | Scalar::SByte | Scalar::Int16 | Scalar::Int32 | Scalar::Int64 => " AS int8)",
    };
    around(w, "CAST(", operand, close);
}

fn numeric(w: &mut Writer<'_>, number: &Expr) {
    match Class::of(number.scalar()) {
        Class::Float => numeric_of_float(w, number),
        _ => around(w, "CAST(", number, " AS numeric)"),
    }
}

/// A text of this form as a value, and null for any other.
fn read(w: &mut Writer<'_>, text: &Expr, form: &'static str, close: &'static str) {
    w.syntax("CAST(CASE WHEN ");
    again(w, text, exact);
    w.syntax(" ~ ");
    w.syntax(form);
    w.syntax("' THEN ");
    again(w, text, plain);
    w.syntax(" END");
    w.syntax(close);
}

/// A whole number as an integer of a type, and null outside its range. The bounds are the next numbers beyond; below 64
/// bits the next floating-point number is further away.
fn integer(w: &mut Writer<'_>, to: Scalar, floating: bool, number: impl FnOnce(&mut Writer<'_>)) {
    let (least, most) = to.integer_range().unwrap_or((i64::MIN, i64::MAX));
    let distance = if floating && least == i64::MIN { 2_048 } else { 1 };
    let (below, above) = (i128::from(least) - distance, i128::from(most) + 1);
    w.syntax("CAST(NULLIF(NULLIF(LEAST(GREATEST(");
    number(w);
    for bound in [below, above, below, above] {
        w.syntax(", ");
        w.number(bound);
        w.syntax(")");
    }
    w.syntax(" AS int8)");
}

fn single(w: &mut Writer<'_>, number: &Expr) {
    w.syntax("CAST(CASE WHEN abs(CAST(");
    again(w, number, value);
    w.syntax(" AS float8)) <= 3.4028234663852886e38 OR CAST(");
    again(w, number, value);
    w.syntax(" AS text) IN ('Infinity', '-Infinity', 'NaN') THEN ");
    again(w, number, value);
    w.syntax(" END AS float4)");
}

fn to_text(w: &mut Writer<'_>, operand: &Expr) {
    match operand.scalar() {
        Scalar::String { .. } => plain(w, operand),
        Scalar::Decimal { .. } => around(w, "CAST(trim_scale(", operand, ") AS text)"),
        Scalar::Single | Scalar::Double => around(w, "replace(CAST(", operand, " AS text), 'Infinity', 'INF')"),
        Scalar::Date => around(w, "to_char(", operand, ", 'YYYY-MM-DD')"),
        Scalar::DateTimeOffset { .. } => {
            w.syntax("(rtrim(rtrim(to_char(CAST(");
            value(w, operand);
            w.syntax(" AS timestamptz), 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), '0'), '.') || 'Z')");
        }
        Scalar::TimeOfDay { .. } => {
            around(w, "rtrim(rtrim(to_char(CAST(", operand, " AS interval), 'HH24:MI:SS.US'), '0'), '.')");
        }
        Scalar::Duration { .. } => {
            w.syntax("regexp_replace(CAST(trim_scale(CAST(EXTRACT(EPOCH FROM ");
            value(w, operand);
            w.syntax(") AS numeric)) AS text), '^(-?)(.*)$', '\\1PT\\2S')");
        }
        Scalar::Binary { .. } => around(w, "translate(encode(", operand, ", 'base64'), '+/\n', '-_')"),
        Scalar::Stream | Scalar::GeographyPoint | Scalar::GeometryPoint => {
            ansi::refuse(w, &format_args!("a cast to a text"));
        }
        _ => around(w, "CAST(", operand, " AS text)"),
    }
}
