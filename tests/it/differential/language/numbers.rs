//! Numbers and durations: arithmetic with promotion, and rounding (OData 4.01 Part 2, 5.1.1.2). All of it is this
//! file's own, on whole numbers of any size.

use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, ToPrimitive, Zero};
use penstock::edm::Value;

use super::super::value::to_double;
use super::expr::{Arithmetic, Kind};

/// Digits and how many of them are right of the point, which are never less than none.
fn parts(value: &BigDecimal) -> (BigInt, u32) {
    let plain = if value.fractional_digit_count() < 0 { value.with_scale(0) } else { value.clone() };
    let (digits, scale) = plain.into_bigint_and_exponent();
    (digits, u32::try_from(scale).unwrap())
}

fn power(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// `above / below` to the nearest whole number, halves away from zero.
fn nearest(above: &BigInt, below: &BigInt) -> BigInt {
    let (above, below) = if *below < BigInt::zero() { (-above, -below) } else { (above.clone(), below.clone()) };
    // Of an odd divisor the half is cut, so what is not quite a half stays.
    let half = &below / 2;
    let moved = if above < BigInt::zero() { above - half } else { above + half };
    moved / below
}

/// A number as a decimal; a floating-point number has the fewest digits that name it.
pub(super) fn to_decimal(value: &Value) -> BigDecimal {
    match value {
        Value::Int(value) => BigDecimal::from(*value),
        Value::Decimal(value) => value.clone(),
        Value::Double(value) => BigDecimal::from_str(&format!("{}", value + 0.0)).unwrap(),
        other => panic!("{other:?} is no number"),
    }
}

/// To the nearest whole number, halves away from zero.
pub(super) fn rounded(value: &BigDecimal) -> BigInt {
    let (digits, scale) = parts(value);
    nearest(&digits, &power(scale))
}

/// The greatest whole number that is not greater.
fn floor(value: &BigDecimal) -> BigInt {
    let (digits, scale) = parts(value);
    let whole = &digits / power(scale);
    if digits < BigInt::zero() && &whole * power(scale) != digits { whole - 1 } else { whole }
}

pub(super) enum Rounding {
    Round,
    Floor,
    Ceiling,
}

pub(super) fn round(value: &Value, how: &Rounding) -> Value {
    match value {
        Value::Double(value) => Value::Double(match how {
            // Of numbers of this size the half can be added exactly.
            Rounding::Round => (value.abs() + 0.5).floor().copysign(*value),
            Rounding::Floor => value.floor(),
            Rounding::Ceiling => value.ceil(),
        }),
        Value::Decimal(value) => Value::Decimal(BigDecimal::from(match how {
            Rounding::Round => rounded(value),
            Rounding::Floor => floor(value),
            Rounding::Ceiling => -floor(&-value),
        })),
        other => other.clone(),
    }
}

pub(super) fn negate(value: &Value) -> Value {
    match value {
        Value::Int(value) => Value::Int(-value),
        Value::Decimal(value) => Value::Decimal(-value),
        Value::Double(value) => Value::Double(-value),
        Value::Duration(value) => Value::Duration(-value),
        other => other.clone(),
    }
}

/// Two numbers that are not null, in the kind in which they meet.
pub(super) fn arithmetic(operator: Arithmetic, left: &Value, right: &Value, kind: Kind) -> Value {
    match kind {
        Kind::Int => {
            let (Value::Int(left), Value::Int(right)) = (left, right) else { panic!("{left:?} and {right:?}") };
            of_integers(operator, *left, *right)
        }
        Kind::Decimal => of_decimals(operator, &to_decimal(left), &to_decimal(right)),
        Kind::Double => {
            let (left, right) = (to_double(left), to_double(right));
            let result = match operator {
                Arithmetic::Add => left + right,
                Arithmetic::Sub => left - right,
                Arithmetic::Mul => left * right,
                Arithmetic::Div | Arithmetic::DivBy => left / right,
                Arithmetic::Mod => left % right,
            };
            assert!(result.is_finite(), "the generator lets {left} and {right} leave the numbers");
            Value::Double(result)
        }
        other => panic!("arithmetic of {other:?}"),
    }
}

fn of_integers(operator: Arithmetic, left: i64, right: i64) -> Value {
    let (left, right) = (i128::from(left), i128::from(right));
    let result = match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Sub => left - right,
        Arithmetic::Mul => left * right,
        Arithmetic::Div | Arithmetic::DivBy | Arithmetic::Mod if right == 0 => return Value::Null,
        Arithmetic::Div | Arithmetic::DivBy => left / right,
        Arithmetic::Mod => left % right,
    };
    Value::Int(i64::try_from(result).expect("the generator keeps integers in range"))
}

fn of_decimals(operator: Arithmetic, left: &BigDecimal, right: &BigDecimal) -> Value {
    let ((a, a_scale), (b, b_scale)) = (parts(left), parts(right));
    let scale = a_scale.max(b_scale);
    let (a_same, b_same) = (&a * power(scale - a_scale), &b * power(scale - b_scale));
    let (digits, scale) = match operator {
        Arithmetic::Add => (a_same + b_same, scale),
        Arithmetic::Sub => (a_same - b_same, scale),
        Arithmetic::Mul => (a * b, a_scale + b_scale),
        _ if b.is_zero() => return Value::Null,
        // Twelve digits right of the point.
        Arithmetic::Div | Arithmetic::DivBy => (nearest(&(a_same * power(12)), &b_same), 12),
        Arithmetic::Mod => (a_same % b_same, scale),
    };
    Value::Decimal(BigDecimal::new(digits, i64::from(scale)))
}

/// A duration times or divided by a number, to the nearest microsecond.
pub(super) fn scaled(operator: Arithmetic, micros: i64, by: &Value) -> Value {
    let (digits, scale) = parts(&to_decimal(by));
    let micros = match operator {
        Arithmetic::Mul => nearest(&(digits * micros), &power(scale)),
        _ if digits.is_zero() => return Value::Null,
        _ => nearest(&(power(scale) * micros), &digits),
    };
    Value::Duration(micros.to_i64().expect("the generator keeps durations in range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_and_less_than_halves_do_not() {
        for (above, below, expected) in [
            (1, 2, 1),
            (-1, 2, -1),
            (1, -2, -1),
            (1, 3, 0),
            (2, 3, 1),
            (-2, 3, -1),
            (-1, 3, 0),
            (5, 10, 1),
            (4, 10, 0),
            (-15, 10, -2),
            (7, 5, 1),
            (8, 5, 2),
        ] {
            assert_eq!(nearest(&above.into(), &below.into()), BigInt::from(expected), "{above} by {below}");
        }
        let decimal = |text: &str| BigDecimal::from_str(text).unwrap();
        assert_eq!(floor(&decimal("-0.5")), BigInt::from(-1));
        assert_eq!(floor(&decimal("-2")), BigInt::from(-2));
        assert_eq!(floor(&decimal("2.9")), BigInt::from(2));
        let third = of_decimals(Arithmetic::Div, &decimal("-2"), &decimal("3"));
        assert_eq!(third, Value::Decimal(decimal("-0.666666666667")));
        let rest = of_decimals(Arithmetic::Mod, &decimal("-7.25"), &decimal("3"));
        assert_eq!(rest, Value::Decimal(decimal("-1.25")));
        assert_eq!(of_integers(Arithmetic::Div, -7, 2), Value::Int(-3));
        assert_eq!(of_integers(Arithmetic::Mod, -7, 2), Value::Int(-1));
        assert_eq!(of_integers(Arithmetic::Mod, 7, 0), Value::Null);
        assert_eq!(scaled(Arithmetic::Div, 3, &Value::Int(2)), Value::Duration(2));
        assert_eq!(scaled(Arithmetic::Mul, -3, &Value::Double(0.5)), Value::Duration(-2));
        assert_eq!(round(&Value::Double(-2.5), &Rounding::Round), Value::Double(-3.0));
    }
}
