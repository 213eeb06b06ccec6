//! Owns how MySQL and MariaDB calculate with numbers and times.
//!
//! # Decisions
//!
//! - **Integers** calculate as signed `BIGINT`, and what leaves it is the server's error 1690. Differences are taken of
//!   decimals and made whole by `DIV`: MariaDB does not see that `0 - x` leaves the range for the least `x`.
//! - **Decimals** have at most 65 digits, 38 of them behind the point (30 on MySQL): sums and products are exact within
//!   that, and rounded at the last digit. A quotient is cut, not rounded, by the server; the session asks for 14 more
//!   digits than the dividend has, so the rounding to 12 sees the digit that decides. Remainders and quotients that are
//!   zero keep the sign of the dividend, and such a zero is less than zero; the sum with zero has none.
//! - **Floating-point numbers** have no infinity and no NaN here: a division by zero is null, and a result that is too
//!   large an error. Halves are rounded in [`super::functions::round`].
//! - **Durations** are microseconds in a `BIGINT`.
//! - **Times** outside the years 1 to 9999 are null.

use crate::edm::Scalar;
use crate::sql::ast::{Arithmetic, Expr};
use crate::sql::dialect::ansi::{self, Class, around};
use crate::sql::write::Writer;

/// [`Expr::Arithmetic`]
pub(super) fn arithmetic(w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar) {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    let (l, r) = (Class::of(left.scalar()), Class::of(right.scalar()));
    match (operator, l, r, Class::of(scalar)) {
        (Add | Subtract, Class::Instant | Class::Date, Class::Duration, _) => moved(w, operator, left, right, l),
        (Add, Class::Duration, Class::Instant | Class::Date, _) => moved(w, operator, right, left, r),
        (Subtract, Class::Instant | Class::Date, Class::Instant | Class::Date, _) => {
            around(w, "TIMESTAMPDIFF(MICROSECOND, ", right, ", ");
            around(w, "", left, ")");
        }
        (Multiply, Class::Duration, _, _) => scaled(w, left, " * ", right),
        (Multiply, _, Class::Duration, _) => scaled(w, right, " * ", left),
        (Divide, Class::Duration, _, _) => scaled(w, left, " / ", right),
        (Subtract, _, _, Class::Integer | Class::Duration) => {
            around(w, "((CAST(", left, " AS DECIMAL(20)) - CAST(");
            around(w, "", right, " AS DECIMAL(20))) DIV 1)");
        }
        (_, _, _, Class::Integer | Class::Duration) => {
            around(w, "(CAST(", left, " AS SIGNED)");
            w.syntax(match operator {
                Add | Subtract => " + ",
                Multiply => " * ",
                Divide => " DIV ",
                Remainder => " % ",
            });
            around(w, "CAST(", right, " AS SIGNED))");
        }
        (Divide, _, _, Class::Decimal) => {
            around(w, "(ROUND(", left, " / ");
            around(w, "", right, ", 12) + 0)");
        }
        (Remainder, _, _, Class::Decimal) => {
            around(w, "(", left, " % ");
            around(w, "", right, " + 0)");
        }
        (_, _, _, Class::Decimal) => {
            around(w, "(", left, symbol(operator));
            around(w, "", right, ")");
        }
        (_, _, _, Class::Float) => {
            w.syntax(if scalar == Scalar::Single { "CAST(" } else { "" });
            around(w, "(CAST(", left, " AS DOUBLE)");
            w.syntax(symbol(operator));
            around(w, "CAST(", right, " AS DOUBLE))");
            w.syntax(if scalar == Scalar::Single { " AS FLOAT)" } else { "" });
        }
        _ => ansi::refuse(w, &operator),
    }
}

/// [`Expr::Negate`]
pub(super) fn negate(w: &mut Writer<'_>, operand: &Expr) {
    match Class::of(operand.scalar()) {
        Class::Integer | Class::Duration => around(w, "((0 - CAST(", operand, " AS DECIMAL(20))) DIV 1)"),
        _ => around(w, "(- ", operand, ")"),
    }
}

fn symbol(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => " + ",
        Arithmetic::Subtract => " - ",
        Arithmetic::Multiply => " * ",
        Arithmetic::Divide => " / ",
        Arithmetic::Remainder => " % ",
    }
}

fn moved(w: &mut Writer<'_>, operator: Arithmetic, time: &Expr, duration: &Expr, class: Class) {
    w.syntax(if class == Class::Date { "CAST(" } else { "" });
    around(w, "(CAST(", time, " AS DATETIME(6))");
    w.syntax(symbol(operator));
    around(w, "INTERVAL ", duration, " MICROSECOND)");
    w.syntax(if class == Class::Date { " AS DATE)" } else { "" });
}

/// A duration times or divided by a number, to the nearest microsecond.
fn scaled(w: &mut Writer<'_>, duration: &Expr, symbol: &'static str, number: &Expr) {
    around(w, "(ROUND(", duration, symbol);
    match Class::of(number.scalar()) {
        Class::Float => around(w, "CAST(", number, " AS DECIMAL(65, 30))"),
        _ => around(w, "", number, ""),
    }
    w.syntax(") DIV 1)");
}
