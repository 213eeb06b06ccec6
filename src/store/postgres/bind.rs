//! Owns how values travel to PostgreSQL: one wire type per value, chosen from value and wanted type.
//!
//! A statement that is prepared is remembered by its text, and keeps the parameter types of its first use; bytes of
//! another type would be read wrongly. So the types are part of the text, as a comment at its end.

use std::borrow::Cow;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::PgInterval;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
use sqlx::types::chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::types::{BigDecimal, Uuid};
use sqlx::{Encode, Postgres, Type};

use crate::edm::{Scalar, Value, write_point};
use crate::sql::{Param, Statement};
use crate::store::StoreError;

/// 2000-01-01, PostgreSQL's epoch, in days since 1970-01-01.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// The same in microseconds.
pub(super) const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;
/// 4713-01-01 BC (proleptic Gregorian) and the day after 294275-12-31, in microseconds since PostgreSQL's epoch. The
/// server's own bounds lie a little outside.
const MICROS_MIN: i64 = -211_810_204_800_000_000;
const MICROS_MAX: i64 = 9_223_339_708_800_000_000;
/// 4713-01-01 BC in days since PostgreSQL's epoch. The upper bound of the type lies beyond every date we can read.
const DAYS_MIN: i32 = -2_451_507;

/// Takes the parameters of a statement, each of a type that PostgreSQL knows by number.
pub(super) trait Target {
    /// Takes one more.
    fn put<'v, T: Encode<'v, Postgres> + Type<Postgres> + 'v>(&mut self, value: Option<T>) -> Result<(), BoxDynError>;
}

/// Appends the text with its types, and puts the parameters.
pub(super) fn bind_into(
    statement: &Statement,
    origin: &str,
    text: &mut String,
    arguments: &mut impl Target,
) -> Result<(), StoreError> {
    text.push_str(&statement.text);
    if statement.params.is_empty() {
        return Ok(());
    }
    if statement.params.len() > usize::from(u16::MAX) {
        let detail = "more parameters than the protocol can count".to_owned();
        return Err(StoreError::Parameter { origin: origin.to_owned(), detail });
    }
    text.push_str(" /*");
    for param in &statement.params {
        let wire = match param {
            Param::One(value, scalar) => add_one(arguments, value, *scalar),
            Param::List(values, scalar) => add_list(arguments, values, *scalar),
            Param::Each(..) => Err("a statement runs once here".into()),
        };
        // The driver's text may quote the value.
        text.push(wire.map_err(|_| StoreError::Parameter {
            origin: origin.to_owned(),
            detail: "a value cannot be sent in the wire form of its type".to_owned(),
        })?);
    }
    text.push_str("*/");
    Ok(())
}

/// The type of a parameter on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Bool,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Uuid,
    Date,
    Instant,
    Time,
    Interval,
    Bytes,
}

/// Whole numbers stay int8, which shares an index family with the smaller types; beside a wanted decimal or floating
/// type they take that type, so that equal shapes of query give equal texts.
fn wire_of(value: &Value, scalar: Scalar) -> Wire {
    match (value, scalar) {
        (Value::Boolean(_), _) | (Value::Null, Scalar::Boolean) => Wire::Bool,
        (Value::Double(_) | Value::Int(_) | Value::Null, Scalar::Single) => Wire::Float4,
        (Value::Int(_) | Value::Null, Scalar::Double) | (Value::Double(_), _) => Wire::Float8,
        (Value::Int(_) | Value::Null, Scalar::Decimal { .. }) | (Value::Decimal(_), _) => Wire::Numeric,
        (Value::String(_) | Value::Point(_), _)
        | (Value::Null, Scalar::String { .. } | Scalar::GeographyPoint | Scalar::GeometryPoint) => Wire::Text,
        (Value::Guid(_), Scalar::Binary { .. })
        | (Value::Binary(_), _)
        | (Value::Null, Scalar::Binary { .. } | Scalar::Stream) => Wire::Bytes,
        (Value::Guid(_), _) | (Value::Null, Scalar::Guid) => Wire::Uuid,
        (Value::Date(_), _) | (Value::Null, Scalar::Date) => Wire::Date,
        (Value::DateTimeOffset(_), _) | (Value::Null, Scalar::DateTimeOffset { .. }) => Wire::Instant,
        (Value::TimeOfDay(_), _) | (Value::Null, Scalar::TimeOfDay { .. }) => Wire::Time,
        (Value::Duration(_), _) | (Value::Null, Scalar::Duration { .. }) => Wire::Interval,
        (Value::Int(_) | Value::Null, _) => Wire::Int8,
    }
}

fn add_one(arguments: &mut impl Target, value: &Value, scalar: Scalar) -> Result<char, BoxDynError> {
    let wire = wire_of(value, scalar);
    Ok(match wire {
        Wire::Bool => (arguments.put(boolean(value))?, 'b').1,
        Wire::Int8 => (arguments.put(integer(value))?, 'i').1,
        Wire::Float4 => (arguments.put(float(value).map(narrow))?, 'f').1,
        Wire::Float8 => (arguments.put(float(value))?, 'd').1,
        Wire::Numeric => (arguments.put(numeric(value))?, 'n').1,
        Wire::Text => (arguments.put(string(value))?, 's').1,
        Wire::Uuid => (arguments.put(uuid(value))?, 'g').1,
        Wire::Date => (arguments.put(date(value))?, 'c').1,
        Wire::Instant => (arguments.put(instant(value))?, 't').1,
        Wire::Time => (arguments.put(time_of_day(value))?, 'h').1,
        Wire::Interval => (arguments.put(duration(value))?, 'v').1,
        Wire::Bytes => (arguments.put(binary(value))?, 'x').1,
    })
}

/// All members take the type of the first, so a list of mixed types does not bind.
fn add_list(arguments: &mut impl Target, values: &[Value], scalar: Scalar) -> Result<char, BoxDynError> {
    let wire = wire_of(values.first().unwrap_or(&Value::Null), scalar);
    if values.iter().any(|value| !value.is_null() && wire_of(value, scalar) != wire) {
        return Err("the members of a list have different types".into());
    }
    let each = values.iter();
    Ok(match wire {
        Wire::Bool => (arguments.put(Some(each.map(boolean).collect::<Vec<_>>()))?, 'B').1,
        Wire::Int8 => (arguments.put(Some(each.map(integer).collect::<Vec<_>>()))?, 'I').1,
        Wire::Float4 => (arguments.put(Some(each.map(|value| float(value).map(narrow)).collect::<Vec<_>>()))?, 'F').1,
        Wire::Float8 => (arguments.put(Some(each.map(float).collect::<Vec<_>>()))?, 'D').1,
        Wire::Numeric => (arguments.put(Some(each.map(numeric).collect::<Vec<_>>()))?, 'N').1,
        Wire::Text => (arguments.put(Some(each.map(string).collect::<Vec<_>>()))?, 'S').1,
        Wire::Uuid => (arguments.put(Some(each.map(uuid).collect::<Vec<_>>()))?, 'G').1,
        Wire::Date => (arguments.put(Some(each.map(date).collect::<Vec<_>>()))?, 'C').1,
        Wire::Instant => (arguments.put(Some(each.map(instant).collect::<Vec<_>>()))?, 'T').1,
        Wire::Time => (arguments.put(Some(each.map(time_of_day).collect::<Vec<_>>()))?, 'H').1,
        Wire::Interval => (arguments.put(Some(each.map(duration).collect::<Vec<_>>()))?, 'V').1,
        Wire::Bytes => (arguments.put(Some(each.map(binary).collect::<Vec<_>>()))?, 'X').1,
    })
}

fn boolean(value: &Value) -> Option<bool> {
    if let Value::Boolean(value) = value { Some(*value) } else { None }
}

fn integer(value: &Value) -> Option<i64> {
    if let Value::Int(value) = value { Some(*value) } else { None }
}

#[expect(clippy::cast_precision_loss, reason = "PostgreSQL's own int8 to float8 cast rounds the same way")]
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Double(value) => Some(*value),
        Value::Int(value) => Some(*value as f64),
        _ => None,
    }
}

/// A value written for a `real` column was read from one, so its shortest digits name exactly one of them.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest is wanted")]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn numeric(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Decimal(value) => Some(value.clone()),
        Value::Int(value) => Some(BigDecimal::from(*value)),
        _ => None,
    }
}

fn string(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(value) => Some(Cow::Borrowed(value)),
        Value::Point(point) => {
            let mut text = Vec::with_capacity(32);
            write_point(*point, None, &mut text);
            String::from_utf8(text).ok().map(Cow::Owned)
        }
        _ => None,
    }
}

fn time_of_day(value: &Value) -> Option<Clock> {
    if let Value::TimeOfDay(value) = value { Some(Clock(*value)) } else { None }
}

fn duration(value: &Value) -> Option<PgInterval> {
    let Value::Duration(microseconds) = value else { return None };
    Some(PgInterval { months: 0, days: 0, microseconds: *microseconds })
}

fn binary(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Binary(value) => Some(value),
        Value::Guid(value) => Some(value),
        _ => None,
    }
}

fn uuid(value: &Value) -> Option<Uuid> {
    if let Value::Guid(value) = value { Some(Uuid::from_bytes(*value)) } else { None }
}

fn date(value: &Value) -> Option<Days> {
    if let Value::Date(value) = value { Some(Days(*value)) } else { None }
}

fn instant(value: &Value) -> Option<Micros> {
    if let Value::DateTimeOffset(value) = value { Some(Micros(*value)) } else { None }
}

/// Days since 1970-01-01. Outside PostgreSQL's range: an infinity, which compares rightly and equals no stored date.
struct Days(i32);

impl Type<Postgres> for Days {
    fn type_info() -> PgTypeInfo {
        <NaiveDate as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Days {
    fn array_type_info() -> PgTypeInfo {
        <NaiveDate as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Days {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let days = match self.0.checked_sub(EPOCH_DAYS) {
            Some(days) if days >= DAYS_MIN => days,
            _ => i32::MIN,
        };
        buffer.extend_from_slice(&days.to_be_bytes());
        Ok(IsNull::No)
    }
}

/// Microseconds since 1970-01-01T00:00:00Z. Outside PostgreSQL's range: an infinity.
struct Micros(i64);

impl Type<Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        <DateTime<Utc> as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Micros {
    fn array_type_info() -> PgTypeInfo {
        <DateTime<Utc> as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Micros {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = match self.0.checked_sub(EPOCH_MICROS) {
            Some(micros) if micros >= MICROS_MAX => i64::MAX,
            Some(micros) if micros >= MICROS_MIN => micros,
            _ => i64::MIN,
        };
        buffer.extend_from_slice(&micros.to_be_bytes());
        Ok(IsNull::No)
    }
}

/// Microseconds since midnight.
struct Clock(i64);

impl Type<Postgres> for Clock {
    fn type_info() -> PgTypeInfo {
        <NaiveTime as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Clock {
    fn array_type_info() -> PgTypeInfo {
        <NaiveTime as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Clock {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0.to_be_bytes());
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edm::days_from_civil;

    #[test]
    fn the_bounds_are_the_first_and_the_last_whole_years() {
        let days = |year| days_from_civil(year, 1, 1) - i64::from(EPOCH_DAYS);
        assert_eq!(i64::from(DAYS_MIN), days(-4712));
        assert_eq!(MICROS_MIN, days(-4712) * 86_400_000_000);
        assert_eq!(MICROS_MAX, days(294_276) * 86_400_000_000);
    }

    struct Forgetful;

    impl Target for Forgetful {
        fn put<'v, T: Encode<'v, Postgres> + Type<Postgres> + 'v>(&mut self, _: Option<T>) -> Result<(), BoxDynError> {
            Ok(())
        }
    }

    #[test]
    fn the_text_tells_the_types() {
        let one = |value, scalar| {
            let statement =
                Statement { text: "SELECT $1".into(), params: vec![Param::One(value, scalar)], columns: vec![] };
            let mut text = String::new();
            bind_into(&statement, "x", &mut text, &mut Forgetful).unwrap();
            text
        };
        assert_eq!(one(Value::Int(5), Scalar::Int32), "SELECT $1 /*i*/");
        assert_eq!(one(Value::Int(5), Scalar::DECIMAL), "SELECT $1 /*n*/");
        assert_eq!(one(Value::Null, Scalar::DECIMAL), "SELECT $1 /*n*/");
        assert_eq!(one(Value::Double(5.0), Scalar::Single), "SELECT $1 /*f*/");
    }
}
