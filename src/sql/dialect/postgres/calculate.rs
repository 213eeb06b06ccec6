//! Owns how PostgreSQL calculates with numbers and times.
//!
//! # Decisions
//!
//! - **Integers** of every width calculate as `int8`; what leaves it is the server's error 22003.
//! - **Decimals** keep every digit in sums and products. A quotient has 12 digits right of the point, halves away from
//!   zero, on every database. The server chooses the digits of a quotient by those of its operands, so the dividend
//!   gets 150: far more than could make a half of what is none.
//! - **A divisor of zero** gives null among integers and decimals. Floating-point numbers give an infinity or NaN,
//!   which the server would refuse; zero has no sign there. A remainder by zero is null, and the remainder of
//!   floating-point numbers is that of their shortest decimal digits, for which the server has no operator of its own.
//! - **A floating-point result out of range**, above or below, is the server's error.
//! - **Times** outside the years 1 to 9999 are null, as MariaDB has none. A date moves with the instant of its
//!   midnight.

use crate::edm::Scalar;
use crate::sql::ast::{Arithmetic, Expr};
use crate::sql::dialect::ansi::{self, Class, again, around};
use crate::sql::render::value;
use crate::sql::write::Writer;

/// [`Expr::Arithmetic`]
pub(super) fn arithmetic(w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar) {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    let (l, r) = (Class::of(left.scalar()), Class::of(right.scalar()));
    match (operator, l, r, Class::of(scalar)) {
        (Add | Subtract, Class::Instant, Class::Duration, _) => {
            moved(w, operator, (left, " AS timestamptz)"), right, "");
        }
        (Add | Subtract, Class::Date, Class::Duration, _) => {
            moved(w, operator, (left, " AS timestamp)"), right, "date");
        }
        (Add, Class::Duration, Class::Instant, _) => moved(w, operator, (right, " AS timestamptz)"), left, ""),
        (Add, Class::Duration, Class::Date, _) => moved(w, operator, (right, " AS timestamp)"), left, "date"),
        (Subtract, Class::Instant | Class::Date, Class::Instant | Class::Date, _) => {
            around(w, "(CAST(", left, " AS timestamptz)");
            around(w, " - CAST(", right, " AS timestamptz))");
        }
        (Add | Subtract, Class::Duration, Class::Duration, _) => {
            around(w, "(", left, if operator == Add { " + " } else { " - " });
            around(w, "", right, ")");
        }
        (Multiply | Divide, Class::Duration, _, _) => scaled(w, operator, left, right),
        (Multiply, _, Class::Duration, _) => scaled(w, operator, right, left),
        (Add, _, _, class) => infix(w, left, " + ", right, type_of(class, scalar)),
        (Subtract, _, _, class) => infix(w, left, " - ", right, type_of(class, scalar)),
        (Multiply, _, _, class) => infix(w, left, " * ", right, type_of(class, scalar)),
        (Divide, _, _, Class::Integer) => by(w, left, " / NULLIF(CAST(", right, " AS int8)"),
        (Remainder, _, _, Class::Integer) => by(w, left, " % NULLIF(CAST(", right, " AS int8)"),
        (Divide, _, _, Class::Decimal) => {
            around(w, "round(CAST(", left, " AS numeric(1000, 150)) / NULLIF(");
            around(w, "CAST(", right, " AS numeric), 0), 12)");
        }
        (Remainder, _, _, Class::Decimal) => by(w, left, " % NULLIF(CAST(", right, " AS numeric)"),
        (Divide, _, _, Class::Float) => quotient(w, left, right, type_of(Class::Float, scalar)),
        (Remainder, _, _, Class::Float) => {
            w.syntax("CAST(mod(");
            numeric_of_double(w, left);
            w.syntax(", NULLIF(");
            numeric_of_double(w, right);
            w.syntax(", 0)) AS float8)");
        }
        _ => ansi::refuse(w, &operator),
    }
}

/// [`Expr::Negate`]
pub(super) fn negate(w: &mut Writer<'_>, operand: &Expr) {
    match Class::of(operand.scalar()) {
        Class::Integer => around(w, "(- CAST(", operand, " AS int8))"),
        _ => around(w, "(- ", operand, ")"),
    }
}

/// The digits that name a floating-point number, as a decimal.
pub(super) fn numeric_of_float(w: &mut Writer<'_>, number: &Expr) {
    around(w, "CAST(CAST(", number, " AS text) AS numeric)");
}

/// The same of a number that was promoted: beside others a single one has all the digits of a double one.
fn numeric_of_double(w: &mut Writer<'_>, number: &Expr) {
    around(w, "CAST(CAST(CAST(", number, " AS float8) AS text) AS numeric)");
}

fn type_of(class: Class, scalar: Scalar) -> &'static str {
    match (class, scalar) {
        (Class::Integer, _) => " AS int8)",
        (Class::Float, Scalar::Single) => " AS float4)",
        (Class::Float, _) => " AS float8)",
        _ => " AS numeric)",
    }
}

fn infix(w: &mut Writer<'_>, left: &Expr, operator: &'static str, right: &Expr, close: &'static str) {
    around(w, "(CAST(", left, close);
    w.syntax(operator);
    around(w, "CAST(", right, close);
    w.syntax(")");
}

/// A quotient or remainder by what is not zero; `close` is the type of both sides.
fn by(w: &mut Writer<'_>, left: &Expr, operator: &'static str, right: &Expr, close: &'static str) {
    around(w, "(CAST(", left, close);
    around(w, operator, right, close);
    w.syntax(", 0))");
}

/// An infinity times the dividend where the divisor is zero: it has the dividend's sign, and of zero it is NaN.
fn quotient(w: &mut Writer<'_>, left: &Expr, right: &Expr, close: &'static str) {
    w.syntax("COALESCE(");
    again(w, left, |w, left| around(w, "CAST(", left, close));
    w.syntax(" / NULLIF(");
    again(w, right, |w, right| around(w, "CAST(", right, close));
    w.syntax(", 0), ");
    again(w, left, |w, left| around(w, "CAST(", left, close));
    w.syntax(" * CASE WHEN ");
    again(w, right, value);
    w.syntax(" = 0 THEN CAST('Infinity' AS float8) END)");
}

/// A date or instant later or earlier by a duration. `LEAST` and `GREATEST` leave nulls out, so a null becomes the
/// bound, and the bounds become null.
fn moved(
    w: &mut Writer<'_>,
    operator: Arithmetic,
    (time, close): (&Expr, &'static str),
    duration: &Expr,
    date: &'static str,
) {
    w.syntax(if date.is_empty() { "NULLIF(NULLIF(" } else { "CAST(NULLIF(NULLIF(" });
    w.syntax("GREATEST(LEAST(");
    around(w, "CAST(", time, close);
    around(w, if operator == Arithmetic::Add { " + " } else { " - " }, duration, "");
    w.syntax(", '10000-01-01 00:00:00+00'), '0001-12-31 23:59:59.999999+00 BC'), ");
    w.syntax("'10000-01-01 00:00:00+00'), '0001-12-31 23:59:59.999999+00 BC')");
    w.syntax(if date.is_empty() { "" } else { " AS date)" });
}

/// A duration times or divided by a number, to the nearest microsecond.
fn scaled(w: &mut Writer<'_>, operator: Arithmetic, duration: &Expr, number: &Expr) {
    let digits = |w: &mut Writer<'_>| match Class::of(number.scalar()) {
        Class::Float => numeric_of_double(w, number),
        _ => around(w, "CAST(", number, " AS numeric)"),
    };
    around(w, "(round(CAST(EXTRACT(EPOCH FROM ", duration, ") * 1000000 AS numeric(1000, 50))");
    if operator == Arithmetic::Multiply {
        w.syntax(" * ");
        digits(w);
    } else {
        w.syntax(" / NULLIF(");
        digits(w);
        w.syntax(", 0)");
    }
    w.syntax(") * INTERVAL '1 microsecond')");
}
