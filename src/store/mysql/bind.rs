//! Owns how values travel to MySQL and MariaDB. Refuses what these databases cannot hold: years outside 0 to 9999.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlArguments, MySqlTypeInfo};
use sqlx::types::BigDecimal;
use sqlx::types::chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use sqlx::{Arguments, Encode, MySql, Type};

use crate::edm::{
    Scalar, Value, civil_from_days, write_date, write_date_time_offset, write_fractioned_time, write_guid, write_point,
};
use crate::sql::Param;
use crate::store::StoreError;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The parameters of a statement.
pub(super) fn bind(params: &[Param], origin: &str) -> Result<MySqlArguments, StoreError> {
    let mut arguments = MySqlArguments::default();
    arguments.reserve(params.len(), params.len() * 16);
    for param in params {
        let added = match param {
            Param::One(value, scalar) => add(&mut arguments, value, *scalar),
            Param::List(values, scalar) => array(values, *scalar).and_then(|array| arguments.add(array)),
            Param::Each(..) => Err("a statement runs once here".into()),
        };
        added.map_err(|error| StoreError::Parameter {
            origin: origin.to_owned(),
            // The driver's own texts may quote the value.
            detail: error
                .downcast_ref::<OutOfRange>()
                .map_or_else(|| "a value cannot be sent".to_owned(), ToString::to_string),
        })?;
    }
    Ok(arguments)
}

/// Integers as numbers, all else as texts in the server's forms, in a JSON array.
fn array(values: &[Value], scalar: Scalar) -> Result<String, BoxDynError> {
    let mut out = Vec::with_capacity(2 + values.len() * 12);
    let mut text = Vec::with_capacity(26);
    let mut lead = b'[';
    for value in values {
        out.push(std::mem::replace(&mut lead, b','));
        text.clear();
        match value {
            Value::Int(value) | Value::Duration(value) => {
                serde_json::to_writer(&mut out, value)?;
                continue;
            }
            Value::String(value) => {
                serde_json::to_writer(&mut out, &**value)?;
                continue;
            }
            Value::Date(days) => {
                Civil::of(i64::from(*days))?;
                write_date(i64::from(*days), &mut text);
            }
            Value::DateTimeOffset(micros) => {
                Civil::of(micros.div_euclid(MICROS_PER_DAY))?;
                write_date_time_offset(*micros, b' ', 6, false, &mut text);
            }
            Value::TimeOfDay(micros) => write_fractioned_time(*micros, 6, &mut text),
            _ => return Err(format!("a list of {scalar} cannot be one parameter here").into()),
        }
        serde_json::to_writer(&mut out, std::str::from_utf8(&text)?)?;
    }
    if out.is_empty() {
        out.push(b'[');
    }
    out.push(b']');
    Ok(String::from_utf8(out)?)
}

/// Whole numbers take the type of a wanted decimal or floating-point type; a null takes the wanted type.
fn add(arguments: &mut MySqlArguments, value: &Value, scalar: Scalar) -> Result<(), BoxDynError> {
    match (value, scalar) {
        (Value::Null, Scalar::Boolean) => arguments.add(None::<bool>),
        (Value::Null, Scalar::Single | Scalar::Double) => arguments.add(None::<f64>),
        (Value::Null, Scalar::Decimal { .. }) => arguments.add(None::<BigDecimal>),
        (Value::Null, Scalar::String { .. } | Scalar::Guid | Scalar::GeographyPoint | Scalar::GeometryPoint) => {
            arguments.add(None::<&str>)
        }
        (Value::Null, Scalar::Date) => arguments.add(None::<NaiveDate>),
        (Value::Null, Scalar::DateTimeOffset { .. }) => arguments.add(None::<NaiveDateTime>),
        (Value::Null, Scalar::TimeOfDay { .. }) => arguments.add(None::<NaiveTime>),
        (Value::Null, Scalar::Binary { .. } | Scalar::Stream) => arguments.add(None::<&[u8]>),
        (Value::Null, _) => arguments.add(None::<i64>),
        (Value::Boolean(value), _) => arguments.add(*value),
        (Value::Int(value), Scalar::Single | Scalar::Double) => arguments.add(as_float(*value)),
        (Value::Int(value), Scalar::Decimal { .. }) => arguments.add(BigDecimal::from(*value)),
        (Value::Int(value), _) => arguments.add(*value),
        (Value::Double(value), Scalar::Single) => arguments.add(narrow(*value)),
        (Value::Double(value), _) => arguments.add(*value),
        (Value::Decimal(value), _) => arguments.add(PlainDecimal(value)),
        (Value::String(value), _) => arguments.add(&**value),
        (Value::Guid(value), Scalar::Binary { .. }) => arguments.add(value.as_slice()),
        (Value::Guid(value), _) => {
            let mut text = Vec::with_capacity(36);
            write_guid(value, &mut text);
            arguments.add(std::str::from_utf8(&text)?)
        }
        (Value::Date(days), _) => arguments.add(Civil::of(i64::from(*days))?),
        (Value::DateTimeOffset(micros), _) => arguments.add(Instant {
            day: Civil::of(micros.div_euclid(MICROS_PER_DAY))?,
            micros_of_day: micros.rem_euclid(MICROS_PER_DAY),
        }),
        (Value::TimeOfDay(micros), _) => arguments.add(Clock(*micros)),
        (Value::Duration(micros), _) => arguments.add(*micros),
        (Value::Binary(bytes), _) => arguments.add(&**bytes),
        (Value::Point(point), _) => {
            let mut text = Vec::with_capacity(32);
            write_point(*point, None, &mut text);
            arguments.add(std::str::from_utf8(&text)?)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the server's own conversion rounds the same way")]
fn as_float(value: i64) -> f64 {
    value as f64
}

/// A value written for a `FLOAT` column was read from one, so its shortest digits name exactly one of them.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is wanted")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// A decimal without an exponent, which the driver's own form uses for large values.
struct PlainDecimal<'a>(&'a BigDecimal);

impl Type<MySql> for PlainDecimal<'_> {
    fn type_info() -> MySqlTypeInfo {
        <BigDecimal as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for PlainDecimal<'_> {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        Encode::<MySql>::encode(self.0.to_plain_string(), buffer)
    }
}

/// A date between the years 0 and 9999.
#[derive(Clone, Copy)]
struct Civil {
    year: u16,
    month: u8,
    day: u8,
}

impl Civil {
    fn of(days: i64) -> Result<Civil, BoxDynError> {
        let (year, month, day) = civil_from_days(days);
        match u16::try_from(year) {
            Ok(year @ 0..=9999) => Ok(Civil { year, month: u8::try_from(month)?, day: u8::try_from(day)? }),
            _ => Err(Box::new(OutOfRange)),
        }
    }

    fn write(self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self.year.to_le_bytes());
        buffer.extend_from_slice(&[self.month, self.day]);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("years outside 0 to 9999 are not supported")]
struct OutOfRange;

impl Type<MySql> for Civil {
    fn type_info() -> MySqlTypeInfo {
        <NaiveDate as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Civil {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        buffer.push(4);
        self.write(buffer);
        Ok(IsNull::No)
    }
}

/// Microseconds since midnight.
#[derive(Clone, Copy)]
struct Clock(i64);

impl Type<MySql> for Clock {
    fn type_info() -> MySqlTypeInfo {
        <NaiveTime as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Clock {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        let seconds = self.0 / MICROS_PER_SECOND;
        let micros = u32::try_from(self.0 % MICROS_PER_SECOND)?;
        // Length, sign, days in four bytes.
        buffer.extend_from_slice(&[12, 0, 0, 0, 0, 0]);
        for part in [seconds / 3_600, seconds / 60 % 60, seconds % 60] {
            buffer.push(u8::try_from(part)?);
        }
        buffer.extend_from_slice(&micros.to_le_bytes());
        Ok(IsNull::No)
    }
}

#[derive(Clone, Copy)]
struct Instant {
    day: Civil,
    micros_of_day: i64,
}

impl Type<MySql> for Instant {
    fn type_info() -> MySqlTypeInfo {
        <NaiveDateTime as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Instant {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        let seconds = self.micros_of_day / MICROS_PER_SECOND;
        let micros = u32::try_from(self.micros_of_day % MICROS_PER_SECOND)?;
        buffer.push(11);
        self.day.write(buffer);
        for part in [seconds / 3_600, seconds / 60 % 60, seconds % 60] {
            buffer.push(u8::try_from(part)?);
        }
        buffer.extend_from_slice(&micros.to_le_bytes());
        Ok(IsNull::No)
    }
}
