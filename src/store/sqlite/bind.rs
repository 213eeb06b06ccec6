//! Owns how values travel to SQLite: in the storage forms of the source, so that they compare rightly with what is
//! stored.

use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Error, Statement, ToSql};

use crate::edm::{Scalar, Value, write_date, write_date_time_offset, write_fractioned_time, write_guid, write_point};
use crate::sql::Param;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// 0000-01-01 and 10000-01-01 in days since 1970-01-01: what four digits of a year can say.
const DAYS_MIN: i64 = -719_528;
const DAYS_END: i64 = 2_932_897;
/// Texts that sort below and above every date, and equal none.
const BELOW_ALL_DATES: &str = "/";
const ABOVE_ALL_DATES: &str = ":";

/// How often a statement with these parameters runs.
pub(super) fn runs(params: &[Param]) -> usize {
    let each =
        params.iter().filter_map(|param| if let Param::Each(values, _) = param { Some(values.len()) } else { None });
    each.min().unwrap_or(1)
}

/// Binds the parameters of one run in order; only the first run needs those that are the same for all.
pub(super) fn bind(
    statement: &mut Statement<'_>,
    params: &[Param],
    run: usize,
    decimals_as_text: bool,
) -> Result<(), Error> {
    let expected = statement.parameter_count();
    if expected != params.len() {
        return Err(Error::InvalidParameterCount(params.len(), expected));
    }
    for (index, param) in params.iter().enumerate() {
        let (value, scalar) = match param {
            Param::One(..) | Param::List(..) if run > 0 => continue,
            Param::One(value, scalar) => (value, scalar),
            Param::Each(values, scalar) => (values.get(run).unwrap_or(&Value::Null), scalar),
            Param::List(values, scalar) => {
                statement.raw_bind_parameter(index + 1, array(values, *scalar, decimals_as_text)?)?;
                continue;
            }
        };
        statement.raw_bind_parameter(index + 1, Bound(value, *scalar, decimals_as_text))?;
    }
    Ok(())
}

/// The values in their storage forms as a JSON array.
fn array(values: &[Value], scalar: Scalar, decimals_as_text: bool) -> Result<String, Error> {
    let mut out = Vec::with_capacity(2 + values.len() * 12);
    let mut lead = b'[';
    for value in values {
        out.push(std::mem::replace(&mut lead, b','));
        let bound = Bound(value, scalar, decimals_as_text);
        let bound = bound.to_sql()?;
        let held = match &bound {
            ToSqlOutput::Borrowed(held) => *held,
            ToSqlOutput::Owned(held) => ValueRef::from(held),
            _ => ValueRef::Null,
        };
        let written = match held {
            ValueRef::Integer(value) => serde_json::to_writer(&mut out, &value),
            ValueRef::Real(value) => serde_json::to_writer(&mut out, &value),
            ValueRef::Text(bytes) => serde_json::to_writer(&mut out, &std::str::from_utf8(bytes).unwrap_or_default()),
            ValueRef::Null | ValueRef::Blob(_) => {
                return Err(Error::ToSqlConversionFailure("a value that no array can hold".into()));
            }
        };
        written.map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
    }
    if out.is_empty() {
        out.push(b'[');
    }
    out.push(b']');
    String::from_utf8(out).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

/// A value, its type, and whether decimals are text.
pub(super) struct Bound<'a>(pub(super) &'a Value, pub(super) Scalar, pub(super) bool);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let Bound(value, scalar, decimals_as_text) = *self;
        Ok(match value {
            Value::Null => ToSqlOutput::Owned(Stored::Null),
            Value::Boolean(value) => i64::from(*value).into(),
            Value::Int(value) if decimals_as_text && matches!(scalar, Scalar::Decimal { .. }) => {
                ToSqlOutput::Owned(Stored::Text(value.to_string()))
            }
            Value::Int(value) => (*value).into(),
            Value::Double(value) => (*value).into(),
            Value::Decimal(value) if decimals_as_text => ToSqlOutput::Owned(Stored::Text(value.to_plain_string())),
            Value::Decimal(value) => ToSqlOutput::Owned(number(&value.normalized().to_plain_string())?),
            Value::String(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Value::Guid(value) if matches!(scalar, Scalar::Binary { .. }) => {
                ToSqlOutput::Borrowed(ValueRef::Blob(value))
            }
            Value::Guid(value) => text(36, |out| write_guid(value, out))?,
            Value::Date(days) => dated(i64::from(*days), |out| write_date(i64::from(*days), out))?,
            Value::DateTimeOffset(micros) => {
                let digits = if let Scalar::DateTimeOffset { precision } = scalar { precision } else { 6 };
                let digits = digits.max(digits_of(*micros));
                dated(micros.div_euclid(MICROS_PER_DAY), |out| {
                    write_date_time_offset(*micros, b' ', digits, false, out);
                })?
            }
            Value::TimeOfDay(micros) => {
                let digits = if let Scalar::TimeOfDay { precision } = scalar { precision } else { 6 };
                text(15, |out| write_fractioned_time(*micros, digits.max(digits_of(*micros)), out))?
            }
            Value::Duration(micros) => (*micros).into(),
            Value::Binary(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::Point(point) => text(32, |out| write_point(*point, None, out))?,
        })
    }
}

/// As SQLite itself stores a decimal in a numeric column: an integer if it is one, else the nearest double.
pub(super) fn number(plain: &str) -> rusqlite::Result<Stored> {
    if let Ok(value) = plain.parse::<i64>() {
        return Ok(Stored::Integer(value));
    }
    plain.parse().map(Stored::Real).map_err(|_| Error::ToSqlConversionFailure("a decimal that is no number".into()))
}

/// The fraction digits that an instant needs at least.
fn digits_of(micros: i64) -> u8 {
    let mut fraction = micros.rem_euclid(1_000_000);
    let mut digits = 6;
    while digits > 0 && fraction % 10 == 0 {
        fraction /= 10;
        digits -= 1;
    }
    digits
}

fn dated(days: i64, write: impl FnOnce(&mut Vec<u8>)) -> rusqlite::Result<ToSqlOutput<'static>> {
    if days < DAYS_MIN {
        Ok(BELOW_ALL_DATES.into())
    } else if days >= DAYS_END {
        Ok(ABOVE_ALL_DATES.into())
    } else {
        text(26, write)
    }
}

fn text(capacity: usize, write: impl FnOnce(&mut Vec<u8>)) -> rusqlite::Result<ToSqlOutput<'static>> {
    let mut out = Vec::with_capacity(capacity);
    write(&mut out);
    let text = String::from_utf8(out).map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
    Ok(ToSqlOutput::Owned(Stored::Text(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edm::{days_from_civil, parse_date_time_offset, parse_decimal};

    fn bound(value: &Value, scalar: Scalar, decimals_as_text: bool) -> Stored {
        match Bound(value, scalar, decimals_as_text).to_sql().unwrap() {
            ToSqlOutput::Owned(value) => value,
            ToSqlOutput::Borrowed(value) => value.try_into().unwrap(),
            _ => panic!("another output"),
        }
    }

    #[test]
    fn instants_take_the_digits_of_their_precision_or_more() {
        let instant = |text: &str, precision| {
            let value = Value::DateTimeOffset(parse_date_time_offset(text, false).unwrap());
            bound(&value, Scalar::DateTimeOffset { precision }, true)
        };
        let text = |text: &str| Stored::Text(text.to_owned());
        assert_eq!(instant("2024-01-02T03:04:05Z", 0), text("2024-01-02 03:04:05"));
        assert_eq!(instant("2024-01-02T03:04:05Z", 3), text("2024-01-02 03:04:05.000"));
        assert_eq!(instant("2024-01-02T03:04:05.12Z", 0), text("2024-01-02 03:04:05.12"));
        assert_eq!(instant("2024-01-02T03:04:05.123456Z", 3), text("2024-01-02 03:04:05.123456"));
        assert_eq!(instant("-0001-01-01T00:00:00Z", 0), text("/"));
        assert_eq!(instant("12024-01-01T00:00:00Z", 0), text(":"));
    }

    #[test]
    fn the_bounds_are_those_of_four_digits() {
        assert_eq!(DAYS_MIN, days_from_civil(0, 1, 1));
        assert_eq!(DAYS_END, days_from_civil(10_000, 1, 1));
    }

    #[test]
    fn decimals_follow_the_form_of_the_source() {
        let decimal =
            |text: &str, as_text| bound(&Value::Decimal(parse_decimal(text).unwrap()), Scalar::DECIMAL, as_text);
        assert_eq!(decimal("12.50", true), Stored::Text("12.50".into()));
        assert_eq!(decimal("1e3", true), Stored::Text("1000".into()));
        assert_eq!(decimal("12.50", false), Stored::Real(12.5));
        assert_eq!(decimal("12.00", false), Stored::Integer(12));
        assert_eq!(decimal("1e19", false), Stored::Real(1e19));
        assert_eq!(bound(&Value::Int(5), Scalar::DECIMAL, true), Stored::Text("5".into()));
    }
}
