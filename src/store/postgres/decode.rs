//! Owns how PostgreSQL's binary columns become cells. Each column's way is chosen once per answer, from its type's
//! number and the wanted type; what does not fit is refused.

use crate::edm::{Cell, Decimal, Point, Scalar, Text, Value, parse_point};
use crate::store::postgres::bind::{EPOCH_DAYS, EPOCH_MICROS};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// How one column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Bool,
    /// Any integer, within a range.
    Int(i64, i64),
    /// The number of an object.
    Unsigned(i64, i64),
    IntAsFloat,
    IntAsDecimal,
    Float4,
    Float8,
    Numeric,
    NumericAsInt(i64, i64),
    NumericAsFloat,
    Text,
    /// `char(n)`, whose padding is no part of the value.
    PaddedText,
    Jsonb,
    Uuid,
    Date,
    DateAsInstant,
    Instant,
    Time,
    Interval,
    Bytes,
    Point,
    PointText,
    /// The column's type does not fit the wanted one.
    Misfit,
}

/// One column of an answer.
#[derive(Debug)]
pub(super) struct Column {
    reading: Reading,
    scalar: Scalar,
}

impl Column {
    /// Chooses how to read a column of this type, if it is there at all. `is_text`: one of the database's own types
    /// that is sent as text.
    pub(super) fn new(held: Option<(u32, bool)>, scalar: Scalar) -> Self {
        let reading = held.map_or(Reading::Misfit, |(oid, is_text)| reading(oid, || is_text, scalar));
        Column { reading, scalar }
    }

    /// Reads a value that is not null.
    #[inline]
    pub(super) fn decode<'v>(&self, bytes: &'v [u8]) -> Result<Cell<'v>, Found> {
        decode(bytes, self.reading)
    }

    /// Reads a value that is not null as an owned one, if it is of the wanted type.
    pub(super) fn value(&self, bytes: &[u8]) -> Option<Value> {
        self.decode(bytes).ok()?.to_value(self.scalar).ok()
    }

    /// Tells that a value is none of the wanted type.
    pub(super) fn misfit(&self, found: Found) -> String {
        format!("wanted {}, the column holds {found}", self.scalar)
    }
}

/// By the numbers of `pg_type.dat`, which never change; own types have numbers of each database's own.
fn reading(oid: u32, is_text: impl FnOnce() -> bool, wanted: Scalar) -> Reading {
    match (oid, wanted) {
        (16, Scalar::Boolean) => Reading::Bool,
        (20 | 21 | 23, Scalar::Single | Scalar::Double) => Reading::IntAsFloat,
        (20 | 21 | 23, Scalar::Decimal { .. }) => Reading::IntAsDecimal,
        (20 | 21 | 23, wanted) => {
            wanted.integer_range().map_or(Reading::Misfit, |(least, most)| Reading::Int(least, most))
        }
        (700, Scalar::Single | Scalar::Double) => Reading::Float4,
        (701, Scalar::Single | Scalar::Double) => Reading::Float8,
        (1700, Scalar::Decimal { .. }) => Reading::Numeric,
        (1700, Scalar::Single | Scalar::Double) => Reading::NumericAsFloat,
        (1700, wanted) => {
            wanted.integer_range().map_or(Reading::Misfit, |(least, most)| Reading::NumericAsInt(least, most))
        }
        (1042, Scalar::String { .. }) => Reading::PaddedText,
        // "char", name, text, json, xml, unknown, varchar
        (18 | 19 | 25 | 114 | 142 | 705 | 1043, Scalar::String { .. }) => Reading::Text,
        (3802, Scalar::String { .. }) => Reading::Jsonb,
        (17 | 2950, Scalar::Guid) => Reading::Uuid,
        (1082, Scalar::Date) => Reading::Date,
        (1082, Scalar::DateTimeOffset { .. }) => Reading::DateAsInstant,
        (1114 | 1184, Scalar::DateTimeOffset { .. }) => Reading::Instant,
        (1083, Scalar::TimeOfDay { .. }) => Reading::Time,
        (1186, Scalar::Duration { .. }) => Reading::Interval,
        (26, wanted) => wanted.integer_range().map_or(Reading::Misfit, |(least, most)| Reading::Unsigned(least, most)),
        (17, Scalar::Binary { .. } | Scalar::Stream) => Reading::Bytes,
        (600, Scalar::GeographyPoint | Scalar::GeometryPoint) => Reading::Point,
        (25 | 1043, Scalar::GeographyPoint | Scalar::GeometryPoint) => Reading::PointText,
        (16_384.., Scalar::String { .. }) if is_text() => Reading::Text,
        _ => Reading::Misfit,
    }
}

/// What a column holds instead of the wanted, in words for the log.
pub(super) type Found = &'static str;

#[inline]
fn decode(bytes: &[u8], reading: Reading) -> Result<Cell<'_>, Found> {
    Ok(match reading {
        Reading::Bool => Cell::Bool(array::<1>(bytes)?[0] != 0),
        Reading::Int(least, most) => Cell::Int(within(integer(bytes)?, least, most)?),
        Reading::Unsigned(least, most) => Cell::Int(within(i64::from(u32::from_be_bytes(array(bytes)?)), least, most)?),
        Reading::IntAsFloat => Cell::Float(as_float(integer(bytes)?)),
        Reading::IntAsDecimal => {
            let value = integer(bytes)?;
            let decimal = Decimal::Integer { negative: value < 0, magnitude: value.unsigned_abs(), scale: 0 };
            Cell::Decimal(decimal)
        }
        Reading::Float4 => Cell::Float(f64::from(f32::from_be_bytes(array(bytes)?))),
        Reading::Float8 => Cell::Float(f64::from_be_bytes(array(bytes)?)),
        Reading::Numeric => match numeric(bytes)? {
            Numeric::Finite(decimal) => Cell::Decimal(decimal),
            // Beside decimals there is no such value: a condition would not find it.
            Numeric::Special(_) => return Err("NaN or an infinity"),
        },
        Reading::NumericAsInt(least, most) => match numeric(bytes)? {
            Numeric::Finite(decimal) => Cell::Int(within(whole(decimal)?, least, most)?),
            Numeric::Special(_) => return Err("NaN or an infinity"),
        },
        Reading::NumericAsFloat => match numeric(bytes)? {
            // The one path that allocates: rounding to the nearest needs all digits, and the type is a rare choice
            // here.
            Numeric::Finite(decimal) => {
                let mut text = Vec::new();
                decimal.write(&mut text);
                let text = std::str::from_utf8(&text).map_err(|_| "no number")?;
                Cell::Float(text.parse().map_err(|_| "no number")?)
            }
            Numeric::Special(value) => Cell::Float(value),
        },
        Reading::Text => Cell::Text(text(bytes)?),
        Reading::PaddedText => Cell::Text(text(bytes)?.trim_end_blanks()),
        Reading::Jsonb => Cell::Text(text(bytes.get(1..).unwrap_or_default())?),
        Reading::Uuid => Cell::Guid(array(bytes)?),
        Reading::Date => Cell::Date(date(bytes)?),
        Reading::DateAsInstant => Cell::Timestamp(i64::from(date(bytes)?) * MICROS_PER_DAY),
        Reading::Instant => match i64::from_be_bytes(array(bytes)?) {
            i64::MIN | i64::MAX => return Err("an infinite instant"),
            micros => Cell::Timestamp(micros.checked_add(EPOCH_MICROS).ok_or("an instant out of range")?),
        },
        Reading::Time => match i64::from_be_bytes(array(bytes)?) {
            micros @ 0..MICROS_PER_DAY => Cell::TimeOfDay(micros),
            _ => return Err("the end of a day, which is no time of day"),
        },
        Reading::Interval => Cell::Duration(interval(bytes)?),
        Reading::Bytes => Cell::Binary(bytes),
        Reading::Point => {
            let (x, y) = bytes.split_first_chunk::<8>().ok_or("a point too short")?;
            Cell::Point(Point { x: f64::from_be_bytes(*x), y: f64::from_be_bytes(array(y)?) })
        }
        Reading::PointText => Cell::Point(parse_point(text(bytes)?.as_str()).map_err(|_| "no point")?.1),
        Reading::Misfit => return Err("another kind of value"),
    })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Found> {
    bytes.try_into().map_err(|_| "a value of another length")
}

fn text(bytes: &[u8]) -> Result<Text<'_>, Found> {
    Text::new(bytes).ok_or("no UTF-8")
}

fn integer(bytes: &[u8]) -> Result<i64, Found> {
    Ok(match bytes.len() {
        2 => i64::from(i16::from_be_bytes(array(bytes)?)),
        4 => i64::from(i32::from_be_bytes(array(bytes)?)),
        _ => i64::from_be_bytes(array(bytes)?),
    })
}

fn within(value: i64, least: i64, most: i64) -> Result<i64, Found> {
    if least <= value && value <= most { Ok(value) } else { Err("an integer out of range") }
}

#[expect(clippy::cast_precision_loss, reason = "an integer read as a floating-point number rounds to the nearest")]
fn as_float(value: i64) -> f64 {
    value as f64
}

fn date(bytes: &[u8]) -> Result<i32, Found> {
    match i32::from_be_bytes(array(bytes)?) {
        i32::MIN | i32::MAX => Err("an infinite date"),
        days => days.checked_add(EPOCH_DAYS).ok_or("a date out of range"),
    }
}

/// Microseconds, days and months. A day is 24 hours, as the database compares intervals; a month has no length.
fn interval(bytes: &[u8]) -> Result<i64, Found> {
    let (micros, rest) = bytes.split_first_chunk::<8>().ok_or("an interval too short")?;
    let (days, months) = rest.split_first_chunk::<4>().ok_or("an interval too short")?;
    if i32::from_be_bytes(array(months)?) != 0 {
        return Err("an interval with months");
    }
    let days = i64::from(i32::from_be_bytes(*days)).checked_mul(MICROS_PER_DAY);
    days.and_then(|days| days.checked_add(i64::from_be_bytes(*micros))).ok_or("an interval out of range")
}

enum Numeric<'a> {
    Finite(Decimal<'a>),
    Special(f64),
}

/// Count of groups, weight, sign, digits after the point, then the groups.
fn numeric(bytes: &[u8]) -> Result<Numeric<'_>, Found> {
    let Some((&[_, _, w0, w1, s0, s1, d0, d1], groups)) = bytes.split_first_chunk::<8>() else {
        return Err("a numeric too short");
    };
    let (weight, scale) = (i16::from_be_bytes([w0, w1]), u16::from_be_bytes([d0, d1]));
    let finite = |negative| Ok(Numeric::Finite(Decimal::Groups { weight, negative, scale, groups }));
    match u16::from_be_bytes([s0, s1]) {
        0x0000 => finite(false),
        0x4000 => finite(true),
        0xD000 => Ok(Numeric::Special(f64::INFINITY)),
        0xF000 => Ok(Numeric::Special(f64::NEG_INFINITY)),
        _ => Ok(Numeric::Special(f64::NAN)),
    }
}

/// The value of a numeric without a fraction.
fn whole(decimal: Decimal<'_>) -> Result<i64, Found> {
    let Decimal::Groups { weight, negative, groups, .. } = decimal else { return Err("no number") };
    let mut groups = groups.chunks_exact(2).map(|group| group.iter().fold(0, |sum, byte| sum * 256 + i64::from(*byte)));
    // Summed below zero, where one more value fits.
    let mut value = 0_i64;
    for _ in 0..=weight {
        let group = groups.next().unwrap_or(0);
        value =
            value.checked_mul(10_000).and_then(|value| value.checked_sub(group)).ok_or("an integer out of range")?;
    }
    if groups.any(|group| group != 0) {
        return Err("a number with a fraction");
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or("an integer out of range") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(weight: i16, negative: bool, groups: &[u16]) -> Vec<u8> {
        let mut bytes = u16::try_from(groups.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(&weight.to_be_bytes());
        bytes.extend_from_slice(&(if negative { 0x4000_u16 } else { 0 }).to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
        bytes
    }

    #[test]
    fn a_numeric_without_a_fraction_is_an_integer() {
        let read = |weight, negative, groups: &[u16]| match decode(
            &wire(weight, negative, groups),
            Reading::NumericAsInt(i64::MIN, i64::MAX),
        ) {
            Ok(Cell::Int(value)) => Ok(value),
            Ok(_) => Err("another cell"),
            Err(found) => Err(found),
        };
        assert_eq!(read(0, false, &[]), Ok(0));
        assert_eq!(read(1, true, &[1]), Ok(-10_000));
        assert_eq!(read(4, true, &[922, 3372, 368, 5477, 5808]), Ok(i64::MIN));
        assert_eq!(read(4, false, &[922, 3372, 368, 5477, 5808]), Err("an integer out of range"));
        assert_eq!(read(-1, false, &[5000]), Err("a number with a fraction"));
        assert_eq!(read(0, false, &[7, 1]), Err("a number with a fraction"));
    }

    #[test]
    fn what_has_no_place_in_the_type_is_refused() {
        assert!(decode(&i32::MAX.to_be_bytes(), Reading::Date).is_err());
        assert!(decode(&i64::MIN.to_be_bytes(), Reading::Instant).is_err());
        assert!(decode(&256_i32.to_be_bytes(), Reading::Int(0, 255)).is_err());
        assert!(decode(&[0xff], Reading::Text).is_err());
        assert!(decode(&[1, 2, 3], Reading::Uuid).is_err());
    }
}
