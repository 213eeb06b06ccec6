//! Owns casts: a text is read if it has the form that the servers are asked to look for, else it is null.

use std::str::FromStr;

use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive};
use rusqlite::types::{Value, ValueRef};

use crate::edm::{parse_guid, parse_time_of_day, write_binary, write_date_time_offset, write_guid, write_time_of_day};

use super::arguments::{Function, date, day, decimal_of, instant, misuse, time, written};
use super::numbers::narrow;

const MICROS_PER_MINUTE: i64 = 60_000_000;
const MICROS_PER_DAY: i64 = 1_440 * MICROS_PER_MINUTE;

/// Name, number of arguments, function.
pub(super) const FUNCTIONS: &[(&str, i32, Function)] = &[
    ("penstock_integer", 3, |args| {
        let (least, most) = (args.int(1)?, args.int(2)?);
        let number = match args.raw(0) {
            ValueRef::Integer(value) => Some(value),
            ValueRef::Real(value) => whole(value),
            _ => args.decimal(0)?.with_scale_round(0, RoundingMode::HalfUp).to_i64(),
        };
        Ok(number.filter(|number| (least..=most).contains(number)).map_or(Value::Null, Value::Integer))
    }),
    ("penstock_integer_of_text", 1, |args| {
        let text = args.text(0)?;
        Ok(if is_number(text, 35, 0, 0) { Value::Text(unsigned_plus(text).to_owned()) } else { Value::Null })
    }),
    ("penstock_decimal", 1, |args| args.give(&args.decimal(0)?)),
    ("penstock_decimal_of_float", 1, |args| {
        decimal_of(args.float(0)?).map_or(Ok(Value::Null), |decimal| args.give(&decimal))
    }),
    ("penstock_decimal_of_text", 1, |args| {
        let text = args.text(0)?;
        let decimal = is_number(text, 35, 30, 0).then(|| BigDecimal::from_str(unsigned_plus(text)).ok()).flatten();
        decimal.map_or(Ok(Value::Null), |decimal| args.give(&decimal))
    }),
    ("penstock_float", 1, |args| Ok(Value::Real(args.float(0)?))),
    ("penstock_single_or_null", 1, |args| match (args.float(0)?, narrow(args.float(0)?)) {
        (wide, narrow) if narrow.is_infinite() && wide.is_finite() => Ok(Value::Null),
        (_, narrow) => Ok(Value::Real(narrow)),
    }),
    ("penstock_float_of_text", 1, |args| {
        Ok(match args.text(0)? {
            "INF" => Value::Real(f64::INFINITY),
            "-INF" => Value::Real(f64::NEG_INFINITY),
            text if is_number(text, 25, 25, 279) || is_number(text, 308, 400, 0) => {
                text.parse().map_or(Value::Null, Value::Real)
            }
            _ => Value::Null,
        })
    }),
    ("penstock_date_of_text", 1, |args| Ok(plain_day(args.text(0)?).map_or(Value::Null, date))),
    ("penstock_time_of_text", 1, |args| Ok(clock(args.text(0)?).map_or(Value::Null, time))),
    ("penstock_instant_of_text", 1, |args| Ok(instant_of(args.text(0)?).map_or(Value::Null, instant))),
    ("penstock_guid_of_text", 1, |args| {
        Ok(parse_guid(args.text(0)?).map_or(Value::Null, |guid| written(|out| write_guid(&guid, out))))
    }),
    ("penstock_text_of_decimal", 1, |args| Ok(Value::Text(args.decimal(0)?.normalized().to_plain_string()))),
    ("penstock_text_of_float", 1, |args| {
        let value = args.float(0)?;
        Ok(Value::Text(float_text(value, &format!("{value}"), &format!("{value:e}"))))
    }),
    ("penstock_text_of_single", 1, |args| {
        #[expect(clippy::cast_possible_truncation, reason = "it has the width of Edm.Single already")]
        let value = args.float(0)? as f32;
        Ok(Value::Text(float_text(value.into(), &format!("{value}"), &format!("{value:e}"))))
    }),
    ("penstock_text_of_guid", 1, |args| {
        let guid = match args.raw(0) {
            ValueRef::Blob(bytes) => bytes.try_into().ok(),
            _ => parse_guid(args.text(0)?).ok(),
        };
        Ok(written(|out| write_guid(&guid.unwrap_or_default(), out)))
    }),
    ("penstock_text_of_instant", 1, |args| {
        let micros = args.instant(0)?;
        Ok(written(|out| {
            write_date_time_offset(micros, b'T', 6, true, out);
            out.push(b'Z');
        }))
    }),
    ("penstock_text_of_time", 1, |args| {
        let micros = args.clock(0)?;
        Ok(written(|out| write_time_of_day(micros, out)))
    }),
    ("penstock_text_of_duration", 1, |args| {
        let micros = args.int(0)?;
        let seconds = BigDecimal::new(micros.unsigned_abs().into(), 6).normalized().to_plain_string();
        Ok(Value::Text(format!("{}PT{seconds}S", if micros < 0 { "-" } else { "" })))
    }),
    ("penstock_text_of_binary", 1, |args| {
        let bytes = args.raw(0);
        let bytes = bytes.as_bytes().map_err(|_| misuse("bytes"))?;
        Ok(written(|out| write_binary(bytes, out)))
    }),
];

/// The nearest integer, halves away from zero; none where there is none of 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
fn whole(value: f64) -> Option<i64> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    let rounded = value.round();
    (-END..END).contains(&rounded).then_some(rounded as i64)
}

/// A sign, at most so many digits before and behind the point, and an exponent of at most so much.
fn is_number(text: &str, whole_max: usize, fraction_max: usize, exponent_max: u32) -> bool {
    let digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        // The servers' expression has no third digit that says nothing.
        digits(exponent, 3)
            && !(exponent.len() == 3 && exponent.starts_with('0'))
            && exponent_max > 0
            && exponent.parse::<u32>().is_ok_and(|exponent| exponent <= exponent_max)
    });
    exponent_fits
        && match mantissa.split_once('.') {
            Some((whole, fraction)) => digits(whole, whole_max) && digits(fraction, fraction_max),
            None => digits(mantissa, whole_max),
        }
}

fn unsigned_plus(text: &str) -> &str {
    text.strip_prefix('+').unwrap_or(text)
}

/// Four digits of a year, no sign.
fn plain_day(text: &str) -> Option<i64> {
    if text.len() == 10 { day(text) } else { None }
}

/// At most six digits of a fraction.
fn clock(text: &str) -> Option<i64> {
    let fits = text.split_once('.').is_none_or(|(_, fraction)| fraction.len() <= 6);
    if fits { parse_time_of_day(text).ok() } else { None }
}

/// Without an offset it is in UTC.
fn instant_of(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let (time, offset) = match rest.find(['+', '-']) {
        Some(place) => (rest.get(..place)?, offset(rest.get(place..)?)?),
        None => (rest.strip_suffix('Z').unwrap_or(rest), 0),
    };
    Some(plain_day(date)? * MICROS_PER_DAY + clock(time)? - offset * MICROS_PER_MINUTE)
}

/// Minutes of `±hh:mm`, at most 14 hours.
fn offset(text: &str) -> Option<i64> {
    let (sign, clock) = (if text.starts_with('-') { -1 } else { 1 }, text.get(1..)?);
    let minutes = if clock.len() == 5 { parse_time_of_day(clock).ok()? / MICROS_PER_MINUTE } else { return None };
    (minutes <= 14 * 60).then_some(sign * minutes)
}

/// As PostgreSQL writes it: with an exponent of two digits or more where the number is very large or very small.
fn float_text(value: f64, plain: &str, scientific: &str) -> String {
    match value {
        f64::INFINITY => "INF".to_owned(),
        f64::NEG_INFINITY => "-INF".to_owned(),
        value if value == 0.0 || (1e-4..1e15).contains(&value.abs()) => plain.to_owned(),
        _ => match scientific.split_once('e') {
            Some((mantissa, exponent)) => {
                let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
                format!("{mantissa}e{sign}{digits:0>2}")
            }
            None => scientific.to_owned(),
        },
    }
}
