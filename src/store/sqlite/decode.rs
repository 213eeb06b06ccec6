//! Owns how SQLite's values become cells. SQLite keeps a type per value, not per column, so each value is looked at; a
//! value in another form than the agreed ones is refused.

use rusqlite::types::ValueRef;

use crate::edm::{
    Cell, Decimal, Scalar, Text, Value, parse_date, parse_date_time_offset, parse_guid, parse_point, parse_time_of_day,
};
use crate::store::{Row, StoreError};

/// A row with the wanted types.
pub(super) struct View<'a> {
    /// The driver's row.
    pub row: &'a rusqlite::Row<'a>,
    /// The wanted type of each column.
    pub columns: &'a [Scalar],
    /// Whether decimals are kept as text.
    pub decimals_as_text: bool,
    /// The source's name.
    pub origin: &'a str,
}

impl Row for View<'_> {
    #[inline]
    fn cell(&self, index: usize) -> Result<Cell<'_>, StoreError> {
        // Looked at in place: a copy would wait for the parts that were just written.
        let value = self.row.get_ref(index);
        let (Some(scalar), Ok(value)) = (self.columns.get(index), &value) else {
            return Err(self.refuse(index, "the answer has no such column", String::new()));
        };
        decode(value, *scalar, self.decimals_as_text).map_err(|found| {
            let held = value.data_type();
            let name = self.row.as_ref().column_name(index).unwrap_or_default();
            self.refuse(index, found, format!("wanted {scalar}, the column '{name}' holds {found} as {held}"))
        })
    }

    fn origin(&self) -> &str {
        self.origin
    }

    #[cold]
    fn values(&self) -> Vec<Option<Value>> {
        let values = self.columns.iter().enumerate().map(|(place, scalar)| {
            let value = self.row.get_ref(place).ok()?;
            decode(&value, *scalar, self.decimals_as_text).ok()?.to_value(*scalar).ok()
        });
        values.collect()
    }
}

/// What a column holds instead of the wanted, in words for the log.
pub(super) type Found = &'static str;

#[inline]
pub(super) fn decode<'a>(value: &ValueRef<'a>, scalar: Scalar, decimals_as_text: bool) -> Result<Cell<'a>, Found> {
    Ok(match (*value, scalar) {
        (ValueRef::Null, _) => Cell::Null,
        (ValueRef::Text(bytes), Scalar::String { .. }) => Cell::Text(Text::new(bytes).ok_or("no UTF-8")?),
        (ValueRef::Integer(value), Scalar::Boolean) => match value {
            0 => Cell::Bool(false),
            1 => Cell::Bool(true),
            _ => return Err("an integer that is neither 0 nor 1"),
        },
        (ValueRef::Integer(value), Scalar::Single | Scalar::Double) => Cell::Float(as_float(value)),
        (ValueRef::Real(value), Scalar::Single | Scalar::Double) => Cell::Float(value),
        (ValueRef::Text(bytes), Scalar::Decimal { .. }) => {
            let text = text(bytes)?;
            // Beside a number a text would be compared letter by letter.
            if !decimals_as_text {
                return Err("a text, and the source keeps decimals as numbers");
            }
            if !is_plain_decimal(bytes) {
                return Err("no plain decimal");
            }
            Cell::Decimal(Decimal::Text(text))
        }
        (ValueRef::Integer(value), Scalar::Decimal { scale, .. }) => Cell::Decimal(Decimal::Integer {
            negative: value < 0,
            magnitude: value.unsigned_abs(),
            scale: scale.unwrap_or(0),
        }),
        (ValueRef::Real(value), Scalar::Decimal { scale, .. }) if value.is_finite() => {
            Cell::Decimal(Decimal::Real { value, scale: scale.unwrap_or(0) })
        }
        (ValueRef::Text(bytes), Scalar::Guid) => {
            // As texts they compare letter by letter.
            if bytes.iter().any(u8::is_ascii_uppercase) {
                return Err("a GUID in capital letters");
            }
            Cell::Guid(parse_guid(text(bytes)?).map_err(|_| "no GUID")?)
        }
        (ValueRef::Blob(bytes), Scalar::Guid) => Cell::Guid(bytes.try_into().map_err(|_| "no 16 bytes")?),
        (ValueRef::Text(bytes), Scalar::Date) => Cell::Date(parse_date(text(bytes)?).map_err(|_| "no date")?),
        (ValueRef::Text(bytes), Scalar::DateTimeOffset { precision }) => {
            // As texts they compare letter by letter.
            if bytes.len() != 19 + fraction_length(precision) || bytes.get(10) != Some(&b' ') {
                return Err("another form of an instant");
            }
            Cell::Timestamp(parse_date_time_offset(text(bytes)?, true).map_err(|_| "no instant")?)
        }
        (ValueRef::Text(bytes), Scalar::TimeOfDay { precision }) => {
            if bytes.len() != 8 + fraction_length(precision) {
                return Err("another form of a time of day");
            }
            Cell::TimeOfDay(parse_time_of_day(text(bytes)?).map_err(|_| "no time of day")?)
        }
        (ValueRef::Integer(value), Scalar::Duration { .. }) => Cell::Duration(value),
        (ValueRef::Blob(bytes), Scalar::Binary { .. } | Scalar::Stream) => Cell::Binary(bytes),
        (ValueRef::Text(bytes), Scalar::GeographyPoint | Scalar::GeometryPoint) => {
            Cell::Point(parse_point(text(bytes)?).map_err(|_| "no point")?.1)
        }
        (ValueRef::Integer(value), scalar) => match scalar.integer_range() {
            Some((least, most)) if least <= value && value <= most => Cell::Int(value),
            Some(_) => return Err("an integer out of range"),
            None => return Err("another kind of value"),
        },
        _ => return Err("another kind of value"),
    })
}

/// The letters of a fraction with so many digits.
fn fraction_length(precision: u8) -> usize {
    if precision == 0 { 0 } else { usize::from(precision) + 1 }
}

fn text(bytes: &[u8]) -> Result<&str, Found> {
    std::str::from_utf8(bytes).map_err(|_| "no UTF-8")
}

#[expect(clippy::cast_precision_loss, reason = "an integer read as a floating-point number rounds to the nearest")]
fn as_float(value: i64) -> f64 {
    value as f64
}

/// The form that is also a JSON number: an optional minus, digits without leading zeros, and perhaps a fraction.
fn is_plain_decimal(bytes: &[u8]) -> bool {
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = unsigned.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let fits = match unsigned.first() {
        Some(b'0') => whole == 1,
        _ => whole > 0,
    };
    fits && match unsigned.get(whole..) {
        Some([]) => true,
        Some([b'.', fraction @ ..]) => !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_are_taken() {
        for text in ["0", "-0.50", "12", "12.50", "123456789012345678901234567890.1"] {
            assert!(is_plain_decimal(text.as_bytes()), "{text}");
        }
        for text in ["", "-", "+1", "01", "-01.5", "1.", ".5", "1e5", " 1", "1 ", "1,5", "0x10", "NaN"] {
            assert!(!is_plain_decimal(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn another_form_is_never_a_value() {
        assert!(decode(&ValueRef::Text(b"1"), Scalar::Int32, true).is_err());
        assert!(decode(&ValueRef::Real(1.0), Scalar::Int32, true).is_err());
        assert!(decode(&ValueRef::Integer(300), Scalar::Byte, true).is_err());
        assert!(decode(&ValueRef::Integer(2), Scalar::Boolean, true).is_err());
        assert!(decode(&ValueRef::Integer(1), Scalar::STRING, true).is_err());
        assert!(decode(&ValueRef::Real(f64::INFINITY), Scalar::DECIMAL, true).is_err());
        assert!(decode(&ValueRef::Blob(b"abc"), Scalar::STRING, true).is_err());
        assert!(decode(&ValueRef::Text(b"2024-02-30"), Scalar::Date, true).is_err());
    }
}
