//! Owns how MySQL and MariaDB spell functions.
//!
//! # Decisions
//!
//! - **Texts** become utf8mb4 first, so characters are counted, columns of any character set meet, and binary strings
//!   have letter case. Where a function compares, it does so in `utf8mb4_bin`.
//! - **Letter case** is that of `utf8mb4_unicode_520_ci`, which both servers have: the default collation knows no
//!   letters beyond U+FFFF. It maps letter by letter, as on PostgreSQL.
//! - **Patterns** go to the servers' own engines, Perl's and ICU's, which read the same words. `$` would also stand
//!   before a last line end, so the end of the text is `\z`.
//! - **An engine that gives up** on a text, since it would go back and forth for too long, says no on MariaDB and only
//!   warns. So a no is asked for again with a branch that every text matches at its end: another no is none. The
//!   statement then fails by a sum out of range, which the store knows by its form.
//! - **White space** is removed by a pattern that never goes back, and begins at no place inside of a run.
//! - **A start that is no literal** is said twice: `RIGHT` counts from the end and gives all of a shorter text,
//!   `SUBSTRING` counts from the start.

use crate::edm::{Scalar, Value};
use crate::sql::ast::{Expr, Function};
use crate::sql::dialect::ansi::{self, again, around};
use crate::sql::dialect::{distance, pattern};
use crate::sql::render::value;
use crate::sql::write::Writer;

/// All characters with the Unicode property `White_Space`, as the engine of patterns reads them.
macro_rules! white {
    () => {
        "[\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000\
         }-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}]"
    };
}

/// [`Expr::Call`]
pub(super) fn function(w: &mut Writer<'_>, function: Function, arguments: &[Expr]) {
    match (function, arguments) {
        (Function::MatchesPattern, [text, Expr::Param(Value::String(pattern), _)]) => {
            w.syntax("CASE WHEN ");
            again(w, text, exact);
            w.syntax(" REGEXP ");
            pattern::write(w, pattern, &pattern::PERL);
            w.syntax(" THEN TRUE WHEN ");
            again(w, text, exact);
            w.syntax(" REGEXP ");
            pattern::write_or(w, pattern, &pattern::PERL, "|\\z");
            w.syntax(" THEN FALSE WHEN ");
            again(w, text, plain);
            w.syntax(" IS NOT NULL THEN 9223372036854775807 + CHAR_LENGTH(");
            again(w, text, plain);
            w.syntax(") + 1 END");
        }
        (Function::Concat, [left, right]) => {
            w.syntax("CONCAT(");
            plain(w, left);
            w.syntax(", ");
            plain(w, right);
            w.syntax(")");
        }
        (Function::IndexOf, [text, part]) => {
            w.syntax("(LOCATE(");
            exact(w, part);
            w.syntax(", ");
            exact(w, text);
            w.syntax(") - 1)");
        }
        (Function::Length, [text]) => {
            w.syntax("CHAR_LENGTH(");
            plain(w, text);
            w.syntax(")");
        }
        (Function::Substring, [text, start]) => substring(w, text, start, None),
        (Function::Substring, [text, start, length]) => substring(w, text, start, Some(length)),
        (Function::ToLower, [text]) => cased(w, "CONVERT(LOWER(", text),
        (Function::ToUpper, [text]) => cased(w, "CONVERT(UPPER(", text),
        (Function::Trim, [text]) => {
            w.syntax("REGEXP_REPLACE(");
            exact(w, text);
            w.syntax(", ");
            w.value(Value::String(AROUND.into()), Scalar::STRING);
            w.syntax(", '')");
        }
        (Function::Year, [date]) => around(w, "YEAR(", date, ")"),
        (Function::Month, [date]) => around(w, "MONTH(", date, ")"),
        (Function::Day, [date]) => around(w, "DAYOFMONTH(", date, ")"),
        (Function::Hour, [time]) => around(w, "HOUR(", time, ")"),
        (Function::Minute, [time]) => around(w, "MINUTE(", time, ")"),
        (Function::Second, [time]) => around(w, "SECOND(", time, ")"),
        (Function::FractionalSeconds, [time]) => around(w, "(MICROSECOND(", time, ") * 0.000001)"),
        (Function::Date, [instant]) => around(w, "CAST(", instant, " AS DATE)"),
        (Function::Time, [instant]) => around(w, "CAST(", instant, " AS TIME(6))"),
        (Function::TotalSeconds, [duration]) => around(w, "(", duration, " * 0.000001)"),
        (Function::Round | Function::Floor | Function::Ceiling, [number]) if number.scalar().is_integer() => {
            value(w, number);
        }
        (Function::Round, [number]) => round(w, number),
        (Function::Floor, [number]) => around(w, "FLOOR(", number, ")"),
        (Function::Ceiling, [number]) => around(w, "CEILING(", number, ")"),
        (Function::HasBits, [number, bits]) => {
            around(w, "(~CAST(", number, " AS SIGNED)");
            around(w, " & CAST(", bits, " AS SIGNED)) = 0");
        }
        (Function::GeographyDistance | Function::GeometryDistance, [point, x, y]) => {
            distance::write(
                w,
                function,
                (point, x, y),
                (|w, of| coordinate(w, "ST_X(", of), |w, of| coordinate(w, "ST_Y(", of)),
            );
        }
        _ => ansi::refuse(w, &function),
    }
}

/// A coordinate of a point, be it one of the server or a text: no function takes both, but as strings they are alike.
fn coordinate(w: &mut Writer<'_>, which: &'static str, point: &Expr) {
    w.syntax(which);
    w.syntax("COALESCE(ST_GeomFromText(CONCAT(");
    again(w, point, value);
    w.syntax(", '')), ST_GeomFromWKB(SUBSTRING(CAST(CONCAT(");
    again(w, point, value);
    w.syntax(", '') AS BINARY), 5))))");
}

/// White space at the start and at the end, for the engine of patterns.
const AROUND: &str = concat!("\\A", white!(), "++|(?<!", white!(), ")", white!(), "++\\z");

/// A text in utf8mb4. What functions give is so already.
pub(super) fn plain(w: &mut Writer<'_>, text: &Expr) {
    match text {
        Expr::Column(_) | Expr::Single(_) => around(w, "CONVERT(", text, " USING utf8mb4)"),
        _ => value(w, text),
    }
}

/// A text that compares by its characters.
pub(super) fn exact(w: &mut Writer<'_>, text: &Expr) {
    plain(w, text);
    w.syntax(" COLLATE utf8mb4_bin");
}

/// Halves away from zero; the servers' own function would round those of floating-point numbers to the even number.
pub(super) fn round(w: &mut Writer<'_>, number: &Expr) {
    if !matches!(number.scalar(), Scalar::Single | Scalar::Double) {
        return around(w, "ROUND(", number, ")");
    }
    w.syntax("(TRUNCATE(");
    again(w, number, value);
    w.syntax(", 0) + TRUNCATE((");
    again(w, number, value);
    w.syntax(" - TRUNCATE(");
    again(w, number, value);
    w.syntax(", 0)) * 2, 0))");
}

/// The collation of the function is given up again: it would meet others.
fn cased(w: &mut Writer<'_>, open: &'static str, text: &Expr) {
    w.syntax(open);
    plain(w, text);
    w.syntax(" COLLATE utf8mb4_unicode_520_ci) USING utf8mb4)");
}

fn substring(w: &mut Writer<'_>, text: &Expr, start: &Expr, length: Option<&Expr>) {
    w.syntax(if length.is_some() { "LEFT(" } else { "" });
    match start {
        Expr::Param(Value::Int(start), scalar) => {
            w.syntax(if *start < 0 { "RIGHT(" } else { "SUBSTRING(" });
            plain(w, text);
            w.syntax(", ");
            let place = if *start < 0 { start.saturating_neg() } else { start.saturating_add(1) };
            w.value(Value::Int(place), *scalar);
            w.syntax(")");
        }
        start => {
            w.syntax("SUBSTRING(RIGHT(");
            plain(w, text);
            w.syntax(", IFNULL(NULLIF(-LEAST(");
            again(w, start, value);
            w.syntax(", 0), 0), 2147483647)), GREATEST(LEAST(");
            again(w, start, value);
            w.syntax(", 2147483646), 0) + 1)");
        }
    }
    if let Some(length) = length {
        around(w, ", ", length, ")");
    }
}
