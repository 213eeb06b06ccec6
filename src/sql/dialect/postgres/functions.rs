//! Owns how PostgreSQL spells functions.
//!
//! # Decisions
//!
//! - **Texts** are cast to `text` first: `char(n)`, `citext` and enumerations have functions or operators of their own.
//!   Where a function compares, it does so in the collation "C".
//! - **Letter case** is that of the database's default collation, since a column collated "C" knows that of ASCII only.
//!   It maps letter by letter: `ß` has no capital, `İ` becomes `i`, and the end of a word has no say.
//! - **White space** is what has the Unicode property `White_Space`, on every database.
//! - **Times** are instants of a session in UTC. Their parts are whole numbers except the fraction of the second, which
//!   is a decimal.

use crate::edm::{Scalar, Value};
use crate::sql::ast::{Expr, Function};
use crate::sql::dialect::ansi::{self, Class, again, around};
use crate::sql::dialect::{distance, pattern};
use crate::sql::render::value;
use crate::sql::write::Writer;

use super::calculate::numeric_of_float;

/// [`Expr::Call`]
pub(super) fn function(w: &mut Writer<'_>, function: Function, arguments: &[Expr]) {
    match (function, arguments) {
        (Function::MatchesPattern, [text, Expr::Param(Value::String(pattern), _)]) => {
            exact(w, text);
            w.syntax(" ~ ");
            pattern::write(w, pattern, &pattern::POSTGRES);
        }
        (Function::Concat, [left, right]) => {
            w.syntax("(");
            plain(w, left);
            w.syntax(" || ");
            plain(w, right);
            w.syntax(")");
        }
        (Function::IndexOf, [text, part]) => {
            w.syntax("(strpos(");
            exact(w, text);
            w.syntax(", ");
            exact(w, part);
            w.syntax(") - 1)");
        }
        (Function::Length, [text]) => {
            w.syntax("char_length(");
            plain(w, text);
            w.syntax(")");
        }
        (Function::Substring, [text, start]) => substring(w, text, start, None),
        (Function::Substring, [text, start, length]) => substring(w, text, start, Some(length)),
        (Function::ToLower, [text]) => cased(w, "lower(", text),
        (Function::ToUpper, [text]) => cased(w, "upper(", text),
        (Function::Trim, [text]) => {
            w.syntax("btrim(");
            plain(w, text);
            w.syntax(", '");
            w.syntax(ansi::WHITE_SPACE);
            w.syntax("')");
        }
        (Function::Year, [date]) => part(w, "CAST(EXTRACT(YEAR FROM ", date, ") AS int4)"),
        (Function::Month, [date]) => part(w, "CAST(EXTRACT(MONTH FROM ", date, ") AS int4)"),
        (Function::Day, [date]) => part(w, "CAST(EXTRACT(DAY FROM ", date, ") AS int4)"),
        (Function::Hour, [time]) => part(w, "CAST(EXTRACT(HOUR FROM ", time, ") AS int4)"),
        (Function::Minute, [time]) => part(w, "CAST(EXTRACT(MINUTE FROM ", time, ") AS int4)"),
        (Function::Second, [time]) => part(w, "CAST(trunc(EXTRACT(SECOND FROM ", time, ")) AS int4)"),
        (Function::FractionalSeconds, [time]) => {
            part(w, "(mod(CAST(EXTRACT(MICROSECONDS FROM ", time, ") AS numeric), 1000000) * 0.000001)");
        }
        (Function::Date, [instant]) => part(w, "CAST(", instant, " AS date)"),
        (Function::Time, [instant]) => part(w, "CAST(", instant, " AS time)"),
        (Function::TotalSeconds, [duration]) => around(w, "CAST(EXTRACT(EPOCH FROM ", duration, ") AS numeric)"),
        (Function::Round, [number]) => rounded(w, "round(", number),
        (Function::Floor, [number]) => rounded(w, "floor(", number),
        (Function::Ceiling, [number]) => rounded(w, "ceil(", number),
        (Function::HasBits, [number, bits]) => {
            around(w, "(~CAST(", number, " AS int8)");
            around(w, " & CAST(", bits, " AS int8)) = 0");
        }
        (Function::GeographyDistance | Function::GeometryDistance, [point, x, y]) => {
            // `LEAST` leaves nulls out of account.
            w.syntax("(CASE WHEN ");
            x_of(w, point);
            w.syntax(" IS NOT NULL THEN ");
            distance::write(w, function, (point, x, y), (x_of, y_of));
            w.syntax(" END)");
        }
        _ => ansi::refuse(w, &function),
    }
}

fn x_of(w: &mut Writer<'_>, point: &Expr) {
    coordinate(w, point, "[1]");
}

fn y_of(w: &mut Writer<'_>, point: &Expr) {
    coordinate(w, point, "[2]");
}

/// A coordinate of a point, be it one of the server, `(1,2)`, or a text, `POINT(1 2)`.
fn coordinate(w: &mut Writer<'_>, point: &Expr, which: &'static str) {
    w.syntax("CAST((regexp_match(CAST(");
    again(w, point, value);
    w.syntax(" AS text), '([-+0-9.eE]+)[ ,]+([-+0-9.eE]+)'))");
    w.syntax(which);
    w.syntax(" AS float8)");
}

/// A text of the type `text`.
pub(super) fn plain(w: &mut Writer<'_>, text: &Expr) {
    match text {
        Expr::Column(_) | Expr::Single(_) => around(w, "CAST(", text, " AS text)"),
        _ => value(w, text),
    }
}

/// A text that compares by its bytes.
pub(super) fn exact(w: &mut Writer<'_>, text: &Expr) {
    plain(w, text);
    w.syntax(" COLLATE \"C\"");
}

fn cased(w: &mut Writer<'_>, open: &'static str, text: &Expr) {
    w.syntax(open);
    plain(w, text);
    w.syntax(" COLLATE \"default\")");
}

/// A part of a date, an instant or a time of day.
fn part(w: &mut Writer<'_>, open: &'static str, of: &Expr, close: &'static str) {
    w.syntax(open);
    // A column that holds instants may be of another type.
    if Class::of(of.scalar()) == Class::Instant {
        around(w, "CAST(", of, " AS timestamptz)");
    } else {
        value(w, of);
    }
    w.syntax(close);
}

/// `round` takes decimals, of which halves go away from zero; of floating-point numbers they would go to the even one.
fn rounded(w: &mut Writer<'_>, open: &'static str, number: &Expr) {
    match number.scalar() {
        scalar if scalar.is_integer() => value(w, number),
        Scalar::Single | Scalar::Double if open == "round(" => {
            w.syntax("CAST(round(");
            numeric_of_float(w, number);
            w.syntax(") AS float8)");
        }
        _ => around(w, open, number, ")"),
    }
}

fn substring(w: &mut Writer<'_>, text: &Expr, start: &Expr, length: Option<&Expr>) {
    match length {
        None => tail(w, text, start),
        Some(Expr::Param(Value::Int(length), scalar)) => {
            w.syntax("left(");
            tail(w, text, start);
            w.syntax(", CAST(");
            w.value(Value::Int((*length).clamp(0, LENGTH_MAX)), *scalar);
            w.syntax(" AS int4))");
        }
        Some(length) => {
            w.syntax("left(");
            tail(w, text, start);
            w.syntax(", ");
            bounded(w, length, "0", "2147483647");
            w.syntax(")");
        }
    }
}

/// No text is longer.
const LENGTH_MAX: i64 = i32::MAX as i64 - 1;

/// The text from a place on: `right` counts from the end, and gives all of a text that is shorter.
fn tail(w: &mut Writer<'_>, text: &Expr, start: &Expr) {
    if let Expr::Param(Value::Int(start), scalar) = start {
        w.syntax(if *start < 0 { "right(" } else { "substr(" });
        plain(w, text);
        w.syntax(", CAST(");
        let place = if *start < 0 { start.saturating_neg() } else { start.saturating_add(1) };
        w.value(Value::Int(place.min(LENGTH_MAX)), *scalar);
        w.syntax(" AS int4))");
        return;
    }
    // From the end first, or all of it; then from the start, or all of what is left.
    w.syntax("substr(right(");
    plain(w, text);
    w.syntax(", CASE WHEN ");
    again(w, start, value);
    w.syntax(" < 0 THEN -");
    bounded(w, start, "-2147483647", "0");
    w.syntax(" ELSE 2147483647 END), ");
    bounded(w, start, "0", "2147483646");
    w.syntax(" + 1)");
}

/// An integer within bounds, and null for null, which `LEAST` alone does not give.
fn bounded(w: &mut Writer<'_>, number: &Expr, least: &'static str, most: &'static str) {
    w.syntax("CAST(CASE WHEN ");
    again(w, number, value);
    w.syntax(" < ");
    w.syntax(least);
    w.syntax(" THEN ");
    w.syntax(least);
    w.syntax(" WHEN ");
    again(w, number, value);
    w.syntax(" > ");
    w.syntax(most);
    w.syntax(" THEN ");
    w.syntax(most);
    w.syntax(" ELSE ");
    again(w, number, value);
    w.syntax(" END AS int4)");
}
