//! Owns [`Arguments`]: the arguments of a function as the values that are stored, and the forms in which results are
//! given back.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use rusqlite::Error;
use rusqlite::functions::Context;
use rusqlite::types::{Value, ValueRef};

use crate::edm::{
    parse_date, parse_date_time_offset, parse_time_of_day, write_date, write_date_time_offset, write_fractioned_time,
};
use crate::store::sqlite::bind::number;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// 0001-01-01 and 9999-12-31 in days since 1970-01-01: the years that every database has.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;
/// What SQLite is told, and tells, of a result that its type cannot hold.
pub(in crate::store::sqlite) const OUT_OF_RANGE: &str = "a result is out of range";

/// A function that gives null for null.
pub(super) type Function = fn(&Arguments<'_, '_>) -> Result<Value, Error>;

/// The arguments of a call; none of them is null.
pub(super) struct Arguments<'c, 'd> {
    pub(super) context: &'c Context<'d>,
    pub(super) decimals_as_text: bool,
}

impl Arguments<'_, '_> {
    /// The value at a place.
    pub(super) fn raw(&self, place: usize) -> ValueRef<'_> {
        self.context.get_raw(place)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.context.len()
    }

    /// A text.
    pub(super) fn text(&self, place: usize) -> Result<&str, Error> {
        self.raw(place).as_str().map_err(|_| misuse("a text"))
    }

    /// An integer.
    pub(super) fn int(&self, place: usize) -> Result<i64, Error> {
        match self.raw(place) {
            ValueRef::Integer(value) => Ok(value),
            _ => Err(misuse("an integer")),
        }
    }

    /// A number as the nearest floating-point number.
    #[expect(clippy::cast_precision_loss, reason = "the nearest number is wanted")]
    pub(super) fn float(&self, place: usize) -> Result<f64, Error> {
        match self.raw(place) {
            ValueRef::Integer(value) => Ok(value as f64),
            ValueRef::Real(value) => Ok(value),
            ValueRef::Text(bytes) => {
                std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).ok_or(misuse("a number"))
            }
            _ => Err(misuse("a number")),
        }
    }

    /// A number with all its digits; a floating-point number has the fewest that name it.
    pub(super) fn decimal(&self, place: usize) -> Result<BigDecimal, Error> {
        match self.raw(place) {
            ValueRef::Integer(value) => Ok(BigDecimal::from(value)),
            ValueRef::Real(value) => decimal_of(value).ok_or(out_of_range()),
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).ok();
                text.and_then(|text| BigDecimal::from_str(text).ok()).ok_or(misuse("a decimal"))
            }
            _ => Err(misuse("a decimal")),
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z of a date or an instant.
    pub(super) fn instant(&self, place: usize) -> Result<i64, Error> {
        parse_date_time_offset(self.text(place)?, true).map_err(|_| misuse("an instant"))
    }

    /// Microseconds since midnight of an instant or a time of day.
    pub(super) fn clock(&self, place: usize) -> Result<i64, Error> {
        let text = self.text(place)?;
        parse_time_of_day(text)
            .or_else(|_| parse_date_time_offset(text, true).map(|micros| micros.rem_euclid(MICROS_PER_DAY)))
            .map_err(|_| misuse("a time"))
    }

    /// A decimal in the form of the source.
    pub(super) fn give(&self, decimal: &BigDecimal) -> Result<Value, Error> {
        if self.decimals_as_text {
            Ok(Value::Text(decimal.to_plain_string()))
        } else {
            number(&decimal.normalized().to_plain_string())
        }
    }
}

/// The fewest digits that name the number; none for an infinity.
pub(super) fn decimal_of(value: f64) -> Option<BigDecimal> {
    // Adding zero turns the negative zero into zero.
    value.is_finite().then(|| BigDecimal::from_str(&(value + 0.0).to_string()).ok()).flatten()
}

/// A date of the years that every database has, else null.
pub(super) fn date(days: i64) -> Value {
    if DAYS.contains(&days) { written(|out| write_date(days, out)) } else { Value::Null }
}

/// An instant to the microsecond, in the years that every database has, else null.
pub(super) fn instant(micros: i64) -> Value {
    if DAYS.contains(&micros.div_euclid(MICROS_PER_DAY)) {
        written(|out| write_date_time_offset(micros, b' ', 6, false, out))
    } else {
        Value::Null
    }
}

/// A time of day to the microsecond.
pub(super) fn time(micros: i64) -> Value {
    written(|out| write_fractioned_time(micros, 6, out))
}

/// A text that is written by one of ours.
pub(super) fn written(write: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut out = Vec::with_capacity(26);
    write(&mut out);
    String::from_utf8(out).map_or(Value::Null, Value::Text)
}

/// The day of a text that is a date.
pub(super) fn day(text: &str) -> Option<i64> {
    parse_date(text).ok().map(i64::from).filter(|days| DAYS.contains(days))
}

/// The statement or the column is not what the model says.
pub(super) fn misuse(wanted: &str) -> Error {
    Error::UserFunctionError(format!("an argument is not {wanted}").into())
}

/// A result cannot be held.
pub(super) fn out_of_range() -> Error {
    Error::UserFunctionError(OUT_OF_RANGE.into())
}
