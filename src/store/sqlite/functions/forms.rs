//! Owns the functions that bring a stored value into the form that a plain column of its type holds. They look at it
//! with the same eyes as the reading of rows, so that what is shown, filtered and sorted by is one and the same.
//!
//! `(value, type, digits of the second, minutes east of UTC)`. What is no value of the type stays as it is, so that the
//! reading of the row can refuse it by name, or is null in the functions that say so.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use crate::edm::{self, Scalar, parse_date_time_offset, parse_decimal, parse_duration, parse_guid};
use crate::store::sqlite::bind::Bound;
use crate::store::sqlite::decode::decode;

use super::arguments::{Arguments, Function, decimal_of};

const MICROS_PER_MINUTE: i64 = 60_000_000;
const MICROS_PER_DAY: i64 = 1_440 * MICROS_PER_MINUTE;
/// 1970-01-01 in days of the Julian calendar of astronomers.
const EPOCH_JULIAN: f64 = 2_440_587.5;

/// Name, number of arguments, function.
pub(super) const FUNCTIONS: &[(&str, i32, Function)] = &[
    ("penstock_plain", 4, |args| formed(args, plain, false)),
    ("penstock_plain_or_null", 4, |args| formed(args, plain, true)),
    ("penstock_cast", 4, |args| formed(args, cast, false)),
    ("penstock_cast_or_null", 4, |args| formed(args, cast, true)),
];

type Read = fn(&ValueRef<'_>, Scalar, bool) -> Option<edm::Value>;

fn formed(args: &Arguments<'_, '_>, read: Read, or_null: bool) -> rusqlite::Result<Value> {
    let raw = args.raw(0);
    let digits = u8::try_from(args.int(2)?).unwrap_or(6);
    let value = scalar_of(args.text(1)?, digits).and_then(|scalar| {
        let value = match read(&raw, scalar, args.decimals_as_text)? {
            edm::Value::DateTimeOffset(micros) => {
                edm::Value::DateTimeOffset(micros.checked_sub(args.int(3).ok()?.checked_mul(MICROS_PER_MINUTE)?)?)
            }
            value => value,
        };
        match Bound(&value, scalar, args.decimals_as_text).to_sql().ok()? {
            ToSqlOutput::Owned(value) => Some(value),
            ToSqlOutput::Borrowed(value) => Value::try_from(value).ok(),
            _ => None,
        }
    });
    match value {
        Some(value) => Ok(value),
        None if or_null => Ok(Value::Null),
        None => Ok(raw.try_into()?),
    }
}

/// The type that the dialect names.
fn scalar_of(name: &str, precision: u8) -> Option<Scalar> {
    Some(match name {
        "Edm.Boolean" => Scalar::Boolean,
        "Edm.Byte" => Scalar::Byte,
        "Edm.SByte" => Scalar::SByte,
        "Edm.Int16" => Scalar::Int16,
        "Edm.Int32" => Scalar::Int32,
        "Edm.Int64" => Scalar::Int64,
        "Edm.Single" => Scalar::Single,
        "Edm.Double" => Scalar::Double,
        "Edm.Decimal" => Scalar::DECIMAL,
        "Edm.String" => Scalar::STRING,
        "Edm.Guid" => Scalar::Guid,
        "Edm.Date" => Scalar::Date,
        "Edm.DateTimeOffset" => Scalar::DateTimeOffset { precision },
        "Edm.TimeOfDay" => Scalar::TimeOfDay { precision },
        "Edm.Duration" => Scalar::Duration { precision: 6 },
        _ => return None,
    })
}

fn plain(raw: &ValueRef<'_>, scalar: Scalar, decimals_as_text: bool) -> Option<edm::Value> {
    decode(raw, scalar, decimals_as_text).ok()?.to_value(scalar).ok()
}

/// Also takes the other forms in which SQLite's own functions read and write values, and numbers as texts.
fn cast(raw: &ValueRef<'_>, scalar: Scalar, decimals_as_text: bool) -> Option<edm::Value> {
    if let Some(value) = plain(raw, scalar, decimals_as_text) {
        return Some(value);
    }
    let text = match raw {
        ValueRef::Text(bytes) => Some(std::str::from_utf8(bytes).ok()?.trim_ascii()),
        // Programs that keep decimals exact pass their digits as bytes, which no affinity turns into a float.
        ValueRef::Blob(bytes) if matches!(scalar, Scalar::Decimal { .. }) => Some(std::str::from_utf8(bytes).ok()?),
        _ => None,
    };
    Some(match (scalar, raw, text) {
        (Scalar::String { .. }, ValueRef::Integer(value), _) => edm::Value::String(value.to_string().into()),
        (Scalar::String { .. }, ValueRef::Real(value), _) if value.is_infinite() => {
            edm::Value::String(if *value > 0.0 { "INF" } else { "-INF" }.into())
        }
        (Scalar::String { .. }, ValueRef::Real(value), _) => edm::Value::String(value.to_string().into()),
        (Scalar::Boolean, _, Some(text)) => match text {
            "0" => edm::Value::Boolean(false),
            "1" => edm::Value::Boolean(true),
            _ if text.eq_ignore_ascii_case("false") => edm::Value::Boolean(false),
            _ if text.eq_ignore_ascii_case("true") => edm::Value::Boolean(true),
            _ => return None,
        },
        (Scalar::Single | Scalar::Double, _, Some(text)) => {
            parse_decimal(text).ok()?;
            edm::Value::Double(text.parse().ok()?)
        }
        (Scalar::Decimal { .. }, _, Some(text)) => {
            let decimal = parse_decimal(text).ok()?;
            // A number that has other digits would be another value.
            let is_kept = || text.parse().ok().and_then(decimal_of).is_some_and(|kept| kept == decimal);
            (decimals_as_text || is_kept()).then_some(edm::Value::Decimal(decimal))?
        }
        (Scalar::Decimal { .. }, ValueRef::Integer(value), _) => edm::Value::Decimal((*value).into()),
        (Scalar::Decimal { .. }, ValueRef::Real(value), _) => {
            edm::Value::Decimal(parse_decimal(&value.to_string()).ok()?)
        }
        (Scalar::Guid, _, Some(text)) => edm::Value::Guid(parse_guid(text).ok()?),
        (Scalar::Guid, ValueRef::Blob(bytes), _) => edm::Value::Guid((*bytes).try_into().ok()?),
        (Scalar::Date, _, _) => edm::Value::Date(i32::try_from(instant(raw, text)?.div_euclid(MICROS_PER_DAY)).ok()?),
        (Scalar::DateTimeOffset { .. }, _, _) => edm::Value::DateTimeOffset(instant(raw, text)?),
        (Scalar::TimeOfDay { .. }, _, Some(text)) => edm::Value::TimeOfDay(edm::parse_time_of_day(text).ok()?),
        (Scalar::Duration { .. }, _, Some(text)) => edm::Value::Duration(parse_duration(text).ok()?),
        (scalar, _, _) => {
            let (least, most) = scalar.integer_range()?;
            let value = match (raw, text) {
                (ValueRef::Real(value), _) => value.to_string().parse().ok()?,
                (_, Some(text)) => text.parse().ok()?,
                _ => return None,
            };
            (least..=most).contains(&value).then_some(edm::Value::Int(value))?
        }
    })
}

/// A text with a date, a number of seconds since 1970, or a real number of days of the Julian calendar, which is no
/// finer than a millisecond: the three forms of SQLite.
#[expect(clippy::cast_possible_truncation, reason = "the range is looked at first")]
fn instant(raw: &ValueRef<'_>, text: Option<&str>) -> Option<i64> {
    match (raw, text) {
        (_, Some(text)) => parse_date_time_offset(text, true).ok(),
        (ValueRef::Integer(seconds), _) => seconds.checked_mul(1_000_000),
        (ValueRef::Real(days), _) if (0.0..5_373_484.5).contains(days) => {
            Some(((days - EPOCH_JULIAN) * 86_400_000.0).round() as i64 * 1_000)
        }
        _ => None,
    }
}
