//! Owns how SQLite spells functions, calculations and casts: nearly all of them are functions of ours, which the
//! connection must have under the names that stand here.
//!
//! # Decisions
//!
//! - **Functions of ours** where SQLite's are not exact: its integers become floating-point numbers instead of leaving
//!   their range, its texts end at U+0000 and have letter case in ASCII only, and it has neither decimals nor times.
//!   They take what is stored and give what would be stored.
//! - **Floating-point numbers** know the infinities, but NaN is null to SQLite.

use crate::edm::{Scalar, Value};
use crate::sql::ast::{Arithmetic, Expr, Function};
use crate::sql::dialect::ansi::{self, Class, around};
use crate::sql::dialect::pattern;
use crate::sql::render::{separated, value};
use crate::sql::write::Writer;

/// [`Expr::Call`]
pub(super) fn function(w: &mut Writer<'_>, function: Function, arguments: &[Expr]) {
    let is_integer = arguments.first().is_some_and(|argument| argument.scalar().is_integer());
    let is_float = arguments.first().is_some_and(|argument| Class::of(argument.scalar()) == Class::Float);
    let name = match (function, arguments) {
        (Function::MatchesPattern, [text, Expr::Param(Value::String(pattern), _)]) => {
            around(w, "penstock_matches(", text, ", ");
            pattern::write(w, pattern, &pattern::PERL);
            return w.syntax(")");
        }
        (Function::Concat, [left, right]) => {
            around(w, "(", left, " || ");
            return around(w, "", right, ")");
        }
        (Function::HasBits, [number, bits]) => {
            around(w, "(~", number, "");
            return around(w, " & ", bits, ") = 0");
        }
        (Function::Round | Function::Floor | Function::Ceiling, [number]) if is_integer => return value(w, number),
        (Function::Round, [_]) if is_float => "penstock_round_float(",
        (Function::Floor, [_]) if is_float => "penstock_floor_float(",
        (Function::Ceiling, [_]) if is_float => "penstock_ceiling_float(",
        (Function::Round, [_]) => "penstock_round_decimal(",
        (Function::Floor, [_]) => "penstock_floor_decimal(",
        (Function::Ceiling, [_]) => "penstock_ceiling_decimal(",
        (Function::IndexOf, [_, _]) => "penstock_index_of(",
        (Function::Length, [_]) => "penstock_length(",
        (Function::Substring, [_, _] | [_, _, _]) => "penstock_substring(",
        (Function::ToLower, [_]) => "penstock_lower(",
        (Function::ToUpper, [_]) => "penstock_upper(",
        (Function::Trim, [_]) => "penstock_trim(",
        (Function::Year, [_]) => "penstock_year(",
        (Function::Month, [_]) => "penstock_month(",
        (Function::Day, [_]) => "penstock_day(",
        (Function::Hour, [_]) => "penstock_hour(",
        (Function::Minute, [_]) => "penstock_minute(",
        (Function::Second, [_]) => "penstock_second(",
        (Function::FractionalSeconds, [_]) => "penstock_fraction(",
        (Function::Date, [_]) => "penstock_date(",
        (Function::Time, [_]) => "penstock_time(",
        (Function::TotalSeconds, [_]) => "penstock_total_seconds(",
        (Function::GeographyDistance, [_, _, _]) => "penstock_geography_distance(",
        (Function::GeometryDistance, [_, _, _]) => "penstock_geometry_distance(",
        _ => return ansi::refuse(w, &function),
    };
    w.syntax(name);
    separated(w, arguments, |w, _, argument| value(w, argument));
    w.syntax(")");
}

/// [`Expr::Arithmetic`]
pub(super) fn arithmetic(w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar) {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    let (l, r) = (Class::of(left.scalar()), Class::of(right.scalar()));
    let is_float = Class::of(right.scalar()) == Class::Float;
    let mut sides = (left, right);
    let name = match (operator, l, r, Class::of(scalar)) {
        (Add, Class::Duration, Class::Instant, _) => {
            sides = (right, left);
            "penstock_add_to_instant("
        }
        (Add, Class::Duration, Class::Date, _) => {
            sides = (right, left);
            "penstock_add_to_date("
        }
        (Add, Class::Instant, Class::Duration, _) => "penstock_add_to_instant(",
        (Add, Class::Date, Class::Duration, _) => "penstock_add_to_date(",
        (Subtract, Class::Instant, Class::Duration, _) => "penstock_subtract_from_instant(",
        (Subtract, Class::Date, Class::Duration, _) => "penstock_subtract_from_date(",
        (Subtract, Class::Instant | Class::Date, Class::Instant | Class::Date, _) => "penstock_between(",
        (Multiply, Class::Duration, _, _) if is_float => "penstock_multiply_duration_float(",
        (Multiply, Class::Duration, _, _) => "penstock_multiply_duration(",
        (Multiply, Class::Float, Class::Duration, _) => {
            sides = (right, left);
            "penstock_multiply_duration_float("
        }
        (Multiply, _, Class::Duration, _) => {
            sides = (right, left);
            "penstock_multiply_duration("
        }
        (Divide, Class::Duration, _, _) if is_float => "penstock_divide_duration_float(",
        (Divide, Class::Duration, _, _) => "penstock_divide_duration(",
        (Add, _, _, Class::Integer | Class::Duration) => "penstock_add(",
        (Subtract, _, _, Class::Integer | Class::Duration) => "penstock_subtract(",
        (Multiply, _, _, Class::Integer) => "penstock_multiply(",
        (Divide, _, _, Class::Integer) => "penstock_divide(",
        (Remainder, _, _, Class::Integer) => "penstock_remainder(",
        (Add, _, _, Class::Decimal) => "penstock_add_decimal(",
        (Subtract, _, _, Class::Decimal) => "penstock_subtract_decimal(",
        (Multiply, _, _, Class::Decimal) => "penstock_multiply_decimal(",
        (Divide, _, _, Class::Decimal) => "penstock_divide_decimal(",
        (Remainder, _, _, Class::Decimal) => "penstock_remainder_decimal(",
        (Add, _, _, Class::Float) => "penstock_add_float(",
        (Subtract, _, _, Class::Float) => "penstock_subtract_float(",
        (Multiply, _, _, Class::Float) => "penstock_multiply_float(",
        (Divide, _, _, Class::Float) => "penstock_divide_float(",
        (Remainder, _, _, Class::Float) => "penstock_remainder_float(",
        _ => return ansi::refuse(w, &operator),
    };
    let single = scalar == Scalar::Single;
    w.syntax(if single { "penstock_single(" } else { "" });
    w.syntax(name);
    around(w, "", sides.0, ", ");
    around(w, "", sides.1, if single { "))" } else { ")" });
}

/// [`Expr::Negate`]
pub(super) fn negate(w: &mut Writer<'_>, operand: &Expr) {
    let open = match Class::of(operand.scalar()) {
        Class::Integer | Class::Duration => "penstock_subtract(0, ",
        Class::Decimal => "penstock_subtract_decimal(0, ",
        _ => "(- ",
    };
    around(w, open, operand, ")");
}

/// [`Expr::Cast`]
pub(super) fn cast(w: &mut Writer<'_>, operand: &Expr, to: Scalar) {
    let from = operand.scalar();
    let class = Class::of(from);
    let is_text = ansi::is_text(operand);
    let open = match (class, to) {
        (_, Scalar::String { .. }) => match from {
            Scalar::String { .. } => return value(w, operand),
            Scalar::Boolean => return around(w, "CASE ", operand, " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"),
            Scalar::Single => "penstock_text_of_single(",
            Scalar::Double => "penstock_text_of_float(",
            Scalar::Decimal { .. } => "penstock_text_of_decimal(",
            Scalar::Guid => "penstock_text_of_guid(",
            Scalar::Date => "penstock_date(",
            Scalar::DateTimeOffset { .. } => "penstock_text_of_instant(",
            Scalar::TimeOfDay { .. } => "penstock_text_of_time(",
            Scalar::Duration { .. } => "penstock_text_of_duration(",
            Scalar::Binary { .. } => "penstock_text_of_binary(",
            Scalar::Stream | Scalar::GeographyPoint | Scalar::GeometryPoint => {
                return ansi::refuse(w, &format_args!("a cast to a text"));
            }
            _ => return around(w, "CAST(", operand, " AS TEXT)"),
        },
        (Class::Integer | Class::Decimal | Class::Float, to) if to.is_integer() => {
            return integer(w, if class == Class::Float { "penstock_round_float(" } else { "" }, operand, to);
        }
        (_, to) if is_text && to.is_integer() => return integer(w, "penstock_integer_of_text(", operand, to),
        (Class::Float, Scalar::Decimal { .. }) => "penstock_decimal_of_float(",
        (Class::Integer | Class::Decimal, Scalar::Decimal { .. }) => "penstock_decimal(",
        (_, Scalar::Decimal { .. }) if is_text => "penstock_decimal_of_text(",
        (Class::Integer | Class::Decimal | Class::Float, Scalar::Double) => "penstock_float(",
        (Class::Integer | Class::Decimal | Class::Float, Scalar::Single) => "penstock_single_or_null(",
        (_, Scalar::Double) if is_text => "penstock_float_of_text(",
        (_, Scalar::Single) if is_text => {
            w.syntax("penstock_single_or_null(");
            return around(w, "penstock_float_of_text(", operand, "))");
        }
        (Class::Instant | Class::Date, Scalar::Date) => "penstock_date(",
        (Class::Instant | Class::Date, Scalar::DateTimeOffset { .. }) => "penstock_instant(",
        (Class::Instant, Scalar::TimeOfDay { .. }) => "penstock_time(",
        (_, Scalar::Date) if is_text => "penstock_date_of_text(",
        (_, Scalar::TimeOfDay { .. }) if is_text => "penstock_time_of_text(",
        (_, Scalar::DateTimeOffset { .. }) if is_text => "penstock_instant_of_text(",
        (_, Scalar::Guid) if is_text => "penstock_guid_of_text(",
        (_, Scalar::Boolean) if is_text => {
            return around(w, "CASE ", operand, " COLLATE BINARY WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END");
        }
        _ if std::mem::discriminant(&from) == std::mem::discriminant(&to) => return value(w, operand),
        _ => return ansi::refuse(w, &format_args!("a cast to {to}")),
    };
    around(w, open, operand, ")");
}

/// A number as an integer of a type, rounded, and null outside its range.
fn integer(w: &mut Writer<'_>, open: &'static str, operand: &Expr, to: Scalar) {
    let (least, most) = to.integer_range().unwrap_or((i64::MIN, i64::MAX));
    w.syntax("penstock_integer(");
    around(w, open, operand, if open.is_empty() { ", " } else { "), " });
    w.number(least);
    w.syntax(", ");
    w.number(most);
    w.syntax(")");
}
