//! Owns [`Page`] and [`Cursor`]: which part of a collection is wanted, and the bytes of a position.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use crate::edm::{Point, Value};

/// Changes when the bytes of a cursor change their meaning; older tokens are then stale.
const VERSION: u8 = 2;
/// No database keeps a decimal with more digits on either side; beyond it the bytes are not ours.
const SCALE_MAX: u64 = 200_000;

/// Which part of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// `$top`: the most entities over all pages that are left.
    pub top: Option<u64>,
    /// `$skip`, counted from the cursor.
    pub skip: u64,
    /// Where the last page ended.
    pub cursor: Option<Cursor>,
    /// Most rows of this page.
    pub rows_max: u32,
}

/// The position after one row: the values of all items of the sort order, the content of `$skiptoken`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// One value for each item of [`super::Read::order`].
    pub values: Vec<Value>,
}

/// Bytes that are no position in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorError {
    /// They are a position in another query, or none at all.
    Foreign,
    /// They were written for a model that is no longer served, or in a form that is no longer read.
    Stale,
}

impl Cursor {
    /// The position as bytes, bound to the model of this revision and the query with this [`super::fingerprint()`].
    /// Every value is kept exactly.
    pub fn encode(&self, fingerprint: u64, revision: u64) -> Vec<u8> {
        let mut out = Vec::with_capacity(24 + self.values.len() * 12);
        out.push(VERSION);
        out.extend_from_slice(&mark(revision));
        out.extend_from_slice(&fingerprint.to_le_bytes());
        put_length(self.values.len(), &mut out);
        for value in &self.values {
            put_value(value, &mut out);
        }
        out
    }

    /// The position that [`Cursor::encode`] wrote for the same query.
    pub fn decode(bytes: &[u8], fingerprint: u64, revision: u64) -> Result<Cursor, CursorError> {
        let mut bytes = Bytes(bytes);
        let (Some(version), Some(written)) = (bytes.byte(), bytes.array()) else { return Err(CursorError::Foreign) };
        if (version, written) != (VERSION, mark(revision)) {
            return Err(CursorError::Stale);
        }
        if bytes.array().map(u64::from_le_bytes) != Some(fingerprint) {
            return Err(CursorError::Foreign);
        }
        bytes.cursor().ok_or(CursorError::Foreign)
    }
}

/// Tells revisions apart in four bytes, as it has to among the few of one service.
fn mark(revision: u64) -> [u8; 4] {
    let [a, b, c, d, ..] = revision.to_le_bytes();
    [a, b, c, d]
}

fn put_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Boolean(false) => out.push(1),
        Value::Boolean(true) => out.push(2),
        Value::Int(value) => {
            out.push(3);
            put_signed(*value, out);
        }
        Value::Double(value) => {
            out.push(4);
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        Value::Decimal(value) => {
            let (digits, scale) = value.as_bigint_and_exponent();
            let digits = digits.to_signed_bytes_le();
            out.push(5);
            put_signed(scale, out);
            put_length(digits.len(), out);
            out.extend_from_slice(&digits);
        }
        Value::String(value) => {
            out.push(6);
            put_length(value.len(), out);
            out.extend_from_slice(value.as_bytes());
        }
        Value::Guid(value) => {
            out.push(7);
            out.extend_from_slice(value);
        }
        Value::Date(value) => {
            out.push(8);
            put_signed(i64::from(*value), out);
        }
        Value::DateTimeOffset(value) => {
            out.push(9);
            put_signed(*value, out);
        }
        Value::TimeOfDay(value) => {
            out.push(10);
            put_signed(*value, out);
        }
        Value::Duration(value) => {
            out.push(11);
            put_signed(*value, out);
        }
        Value::Binary(value) => {
            out.push(12);
            put_length(value.len(), out);
            out.extend_from_slice(value);
        }
        Value::Point(point) => {
            out.push(13);
            out.extend(point.bits().into_iter().flat_map(u64::to_le_bytes));
        }
    }
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    put_unsigned(length as u64, out);
}

/// Small numbers of either sign take few bytes.
fn put_signed(value: i64, out: &mut Vec<u8>) {
    put_unsigned((value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned(), out);
}

/// Seven bits a byte, least significant first.
fn put_unsigned(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7F);
            return;
        }
        out.push(low | 0x80);
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn cursor(mut self) -> Option<Cursor> {
        let count = self.length()?;
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value()?);
        }
        self.0.is_empty().then_some(Cursor { values })
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.unsigned()?).ok()
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            0 => Value::Null,
            1 => Value::Boolean(false),
            2 => Value::Boolean(true),
            3 => Value::Int(self.signed()?),
            4 => Value::Double(f64::from_bits(u64::from_le_bytes(self.array()?))),
            5 => {
                let scale = self.signed()?;
                if scale.unsigned_abs() > SCALE_MAX {
                    return None;
                }
                let length = self.length()?;
                Value::Decimal(BigDecimal::new(BigInt::from_signed_bytes_le(self.take(length)?), scale))
            }
            6 => {
                let length = self.length()?;
                Value::String(std::str::from_utf8(self.take(length)?).ok()?.into())
            }
            7 => Value::Guid(self.array()?),
            8 => Value::Date(i32::try_from(self.signed()?).ok()?),
            9 => Value::DateTimeOffset(self.signed()?),
            10 => Value::TimeOfDay(self.signed()?),
            11 => Value::Duration(self.signed()?),
            12 => {
                let length = self.length()?;
                Value::Binary(self.take(length)?.into())
            }
            13 => {
                let [x, y] = [self.array()?, self.array()?].map(|bits| f64::from_bits(u64::from_le_bytes(bits)));
                Value::Point(Point { x, y })
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Int),
            (-200_i64..200).prop_map(Value::Int),
            any::<u64>().prop_map(|bits| Value::Double(f64::from_bits(bits))),
            (any::<i128>(), -400_i64..400)
                .prop_map(|(digits, scale)| Value::Decimal(BigDecimal::new(BigInt::from(digits), scale))),
            any::<String>().prop_map(|text| Value::String(text.into())),
            any::<[u8; 16]>().prop_map(Value::Guid),
            any::<i32>().prop_map(Value::Date),
            any::<i64>().prop_map(Value::DateTimeOffset),
            any::<i64>().prop_map(Value::TimeOfDay),
            any::<i64>().prop_map(Value::Duration),
            any::<Vec<u8>>().prop_map(|bytes| Value::Binary(bytes.into())),
            (any::<f64>(), any::<f64>()).prop_map(|(x, y)| Value::Point(Point { x: x + 0.0, y: y + 0.0 })),
        ]
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_exactly(values in prop::collection::vec(values(), 0..6), fingerprint in any::<u64>()) {
            let cursor = Cursor { values };
            let mut bytes = cursor.encode(fingerprint, 3);
            let back = Cursor::decode(&bytes, fingerprint, 3);
            // The text form shows also what equality by value hides: the scale of a decimal.
            prop_assert_eq!(format!("{:?}", back.as_ref()), format!("{:?}", Ok::<_, CursorError>(&cursor)));
            prop_assert_eq!(back, Ok(cursor));
            prop_assert_eq!(Cursor::decode(&bytes, fingerprint ^ 1, 3), Err(CursorError::Foreign));
            prop_assert_eq!(Cursor::decode(&bytes, fingerprint, 4), Err(CursorError::Stale));
            bytes[0] = 1;
            prop_assert_eq!(Cursor::decode(&bytes, fingerprint, 3), Err(CursorError::Stale));
        }

        #[test]
        fn a_cut_or_lengthened_cursor_is_none(values in prop::collection::vec(values(), 1..4), cut in any::<prop::sample::Index>()) {
            let mut bytes = Cursor { values }.encode(7, 3);
            let length = cut.index(bytes.len());
            prop_assert_eq!(Cursor::decode(&bytes[..length], 7, 3).is_err(), true);
            bytes.push(0);
            prop_assert_eq!(Cursor::decode(&bytes, 7, 3), Err(CursorError::Foreign));
        }

        #[test]
        fn garbage_never_panics(tail in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut bytes = vec![VERSION, 3, 0, 0, 0];
            bytes.extend_from_slice(&7_u64.to_le_bytes());
            bytes.extend_from_slice(&tail);
            if let Ok(cursor) = Cursor::decode(&bytes, 7, 3) {
                prop_assert!(cursor.values.len() <= tail.len());
                prop_assert_eq!(Cursor::decode(&cursor.encode(7, 3), 7, 3), Ok(cursor));
            }
            let _ = Cursor::decode(&tail, 7, 3);
        }
    }

    #[test]
    fn small_positions_are_short() {
        let cursor = Cursor { values: vec![Value::Int(-3), Value::Date(1)] };
        assert_eq!(cursor.encode(0, 0).len(), 1 + 4 + 8 + 1 + 2 + 2);
    }

    #[test]
    fn lengths_beyond_the_input_are_refused() {
        let mut bytes = vec![VERSION, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 6];
        bytes.extend_from_slice(&[0xFF; 9]);
        bytes.push(1);
        assert_eq!(Cursor::decode(&bytes, 0, 0), Err(CursorError::Foreign));
        let huge = BigDecimal::from_str("1").unwrap().with_scale(0);
        let bytes = Cursor { values: vec![Value::Decimal(BigDecimal::new(huge.into_bigint_and_scale().0, 1 << 40))] };
        assert_eq!(Cursor::decode(&bytes.encode(0, 0), 0, 0), Err(CursorError::Foreign));
    }
}
