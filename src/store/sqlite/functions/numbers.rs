//! Owns calculations: integers that never leave their range, decimals with all their digits, floating-point numbers.

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, RoundingMode, Zero};
use rusqlite::Error;
use rusqlite::types::Value;

use crate::edm::{Point, parse_point};
use crate::sql::EARTH_DIAMETER;

use super::arguments::{Arguments, Function, decimal_of, out_of_range};

/// Digits right of the point of a quotient.
const QUOTIENT_SCALE: i64 = 12;

/// Name, number of arguments, function.
pub(super) const FUNCTIONS: &[(&str, i32, Function)] = &[
    ("penstock_add", 2, |args| integers(args, i64::checked_add)),
    ("penstock_subtract", 2, |args| integers(args, i64::checked_sub)),
    ("penstock_multiply", 2, |args| integers(args, i64::checked_mul)),
    ("penstock_divide", 2, |args| if args.int(1)? == 0 { NULL } else { integers(args, i64::checked_div) }),
    ("penstock_remainder", 2, |args| match args.int(1)? {
        0 => NULL,
        // The least integer by −1 leaves the range on the way, and nothing behind.
        _ => integers(args, |left, right| Some(left.wrapping_rem(right))),
    }),
    ("penstock_add_decimal", 2, |args| args.give(&(args.decimal(0)? + args.decimal(1)?))),
    ("penstock_subtract_decimal", 2, |args| args.give(&(args.decimal(0)? - args.decimal(1)?))),
    ("penstock_multiply_decimal", 2, |args| args.give(&(args.decimal(0)? * args.decimal(1)?))),
    ("penstock_divide_decimal", 2, |args| match quotient(&args.decimal(0)?, &args.decimal(1)?, QUOTIENT_SCALE) {
        Some(quotient) => args.give(&quotient.normalized()),
        None => NULL,
    }),
    ("penstock_remainder_decimal", 2, |args| {
        let (left, right) = (args.decimal(0)?, args.decimal(1)?);
        if right.is_zero() { NULL } else { args.give(&(left % right)) }
    }),
    ("penstock_add_float", 2, |args| floats(args, |left, right| left + right)),
    ("penstock_subtract_float", 2, |args| floats(args, |left, right| left - right)),
    ("penstock_multiply_float", 2, |args| floats(args, |left, right| left * right)),
    ("penstock_divide_float", 2, |args| match (args.float(0)?, args.float(1)?) {
        // A zero has no sign, as on the servers.
        (left, 0.0) => Ok(Value::Real(left * f64::INFINITY)),
        _ => floats(args, |left, right| left / right),
    }),
    ("penstock_remainder_float", 2, |args| Ok(Value::Real(args.float(0)? % args.float(1)?))),
    ("penstock_round_float", 1, |args| Ok(Value::Real(args.float(0)?.round()))),
    ("penstock_floor_float", 1, |args| Ok(Value::Real(args.float(0)?.floor()))),
    ("penstock_ceiling_float", 1, |args| Ok(Value::Real(args.float(0)?.ceil()))),
    ("penstock_round_decimal", 1, |args| args.give(&args.decimal(0)?.with_scale_round(0, RoundingMode::HalfUp))),
    ("penstock_floor_decimal", 1, |args| args.give(&args.decimal(0)?.with_scale_round(0, RoundingMode::Floor))),
    ("penstock_ceiling_decimal", 1, |args| args.give(&args.decimal(0)?.with_scale_round(0, RoundingMode::Ceiling))),
    ("penstock_single", 1, |args| match (args.float(0)?, narrow(args.float(0)?)) {
        (wide, narrow) if narrow.is_infinite() && wide.is_finite() => Err(out_of_range()),
        (_, narrow) => Ok(Value::Real(narrow)),
    }),
    ("penstock_geography_distance", 3, |args| match point(args) {
        None => NULL,
        Some(Point { x, y }) => {
            let (to_x, to_y) = (args.float(1)?, args.float(2)?);
            // In the order of the other databases.
            let north = ((to_y.to_radians() - y.to_radians()) / 2.0).sin().powf(2.0);
            let east = ((to_x.to_radians() - x.to_radians()) / 2.0).sin().powf(2.0);
            let part = north + y.to_radians().cos() * to_y.to_radians().cos() * east;
            Ok(Value::Real(EARTH_DIAMETER * part.sqrt().min(1.0).asin()))
        }
    }),
    ("penstock_geometry_distance", 3, |args| match point(args) {
        None => NULL,
        Some(Point { x, y }) => {
            Ok(Value::Real(((args.float(1)? - x).powf(2.0) + (args.float(2)? - y).powf(2.0)).sqrt()))
        }
    }),
    ("penstock_multiply_duration", 2, |args| duration(&(args.decimal(0)? * args.decimal(1)?))),
    ("penstock_multiply_duration_float", 2, |args| {
        let factor = decimal_of(args.float(1)?).ok_or(out_of_range())?;
        duration(&(args.decimal(0)? * factor))
    }),
    ("penstock_divide_duration", 2, |args| divide_duration(&args.decimal(0)?, &args.decimal(1)?)),
    ("penstock_divide_duration_float", 2, |args| {
        let divisor = decimal_of(args.float(1)?).ok_or(out_of_range())?;
        divide_duration(&args.decimal(0)?, &divisor)
    }),
];

const NULL: Result<Value, Error> = Ok(Value::Null);

fn integers(args: &Arguments<'_, '_>, calculate: fn(i64, i64) -> Option<i64>) -> Result<Value, Error> {
    calculate(args.int(0)?, args.int(1)?).map(Value::Integer).ok_or(out_of_range())
}

fn floats(args: &Arguments<'_, '_>, calculate: fn(f64, f64) -> f64) -> Result<Value, Error> {
    let (left, right) = (args.float(0)?, args.float(1)?);
    let result = calculate(left, right);
    if result.is_infinite() && left.is_finite() && right.is_finite() {
        return Err(out_of_range());
    }
    Ok(Value::Real(result))
}

/// To the width of `Edm.Single`.
#[expect(clippy::cast_possible_truncation, reason = "the nearest number is wanted")]
pub(super) fn narrow(value: f64) -> f64 {
    f64::from(value as f32)
}

/// The quotient with so many digits right of the point, halves away from zero; none for a divisor of zero.
fn quotient(left: &BigDecimal, right: &BigDecimal, scale: i64) -> Option<BigDecimal> {
    let ((above, above_scale), (below, below_scale)) = (left.as_bigint_and_exponent(), right.as_bigint_and_exponent());
    if below.is_zero() {
        return None;
    }
    // What is missing to the wanted scale is put above or below the line.
    let shift = scale + below_scale - above_scale;
    let power = |shift: i64| BigInt::from(10).pow(u32::try_from(shift.max(0)).unwrap_or(u32::MAX));
    let negative = (above.sign() == Sign::Minus) != (below.sign() == Sign::Minus);
    let (above, below) = (above * power(shift), below * power(-shift));
    let (above, below) = (above.magnitude(), below.magnitude());
    let rounded = BigInt::from((above * 2_u8 + below) / (below * 2_u8));
    Some(BigDecimal::new(if negative { -rounded } else { rounded }, scale))
}

/// Microseconds, rounded.
fn duration(micros: &BigDecimal) -> Result<Value, Error> {
    use bigdecimal::ToPrimitive;
    let micros = micros.with_scale_round(0, RoundingMode::HalfUp);
    micros.to_i64().map(Value::Integer).ok_or(out_of_range())
}

fn divide_duration(micros: &BigDecimal, divisor: &BigDecimal) -> Result<Value, Error> {
    quotient(micros, divisor, 0).map_or(NULL, |micros| duration(&micros))
}

/// The point that the first argument is, as a text.
fn point(args: &Arguments<'_, '_>) -> Option<Point> {
    args.text(0).ok().and_then(|text| parse_point(text).ok()).map(|(_, point)| point)
}
