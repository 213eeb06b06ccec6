//! Owns how the binary columns of MySQL and MariaDB become cells. Each column's way is chosen once per answer, from its
//! type and the wanted type; what does not fit is refused.

use sqlx::mysql::{MySqlColumn, MySqlRow};
use sqlx::{Column as _, Decode, MySql, Row as _, Type, TypeInfo};

use crate::edm::{Cell, Decimal, Point, Scalar, Text, Value, days_from_civil, days_in_month, parse_guid, parse_point};
use crate::store::{Row, StoreError};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// How one column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    IntAsBool,
    Int {
        unsigned: bool,
        least: i64,
        most: i64,
    },
    IntAsFloat {
        unsigned: bool,
    },
    IntAsDecimal {
        unsigned: bool,
    },
    BitAsBool,
    BitAsInt(i64, i64),
    BitAsDecimal,
    Float,
    Double,
    Decimal,
    DecimalAsInt(i64, i64),
    DecimalAsFloat,
    Text,
    Guid,
    Date,
    Instant,
    Clock,
    Micros {
        unsigned: bool,
    },
    Bytes,
    /// The reference system in four bytes, then well-known binary.
    Point,
    PointText,
    /// The column's type does not fit the wanted one.
    Misfit,
}

/// One column of an answer.
pub(super) struct Column {
    reading: Reading,
    scalar: Scalar,
}

/// Chooses how to read each column of an answer.
pub(super) fn plan(row: &MySqlRow, wanted: &[Scalar]) -> Vec<Column> {
    let held = row.columns().iter().map(Some).chain(std::iter::repeat(None));
    let choose = |(scalar, held): (&Scalar, Option<&MySqlColumn>)| Column {
        reading: held.map_or(Reading::Misfit, |held| reading(held, *scalar)),
        scalar: *scalar,
    };
    wanted.iter().zip(held).map(choose).collect()
}

fn reading(column: &MySqlColumn, wanted: Scalar) -> Reading {
    let info = column.type_info();
    let name = info.name();
    match (name, wanted) {
        (
            "BOOLEAN" | "TINYINT" | "TINYINT UNSIGNED" | "SMALLINT" | "SMALLINT UNSIGNED" | "MEDIUMINT"
            | "MEDIUMINT UNSIGNED" | "INT" | "INT UNSIGNED" | "BIGINT" | "BIGINT UNSIGNED" | "YEAR",
            wanted,
        ) => {
            // `tinyint(1)` hides its sign behind the name BOOLEAN.
            let unsigned = name.ends_with("UNSIGNED") || name == "YEAR" || *info == <u8 as Type<MySql>>::type_info();
            match wanted {
                Scalar::Boolean => Reading::IntAsBool,
                Scalar::Single | Scalar::Double => Reading::IntAsFloat { unsigned },
                Scalar::Decimal { .. } => Reading::IntAsDecimal { unsigned },
                Scalar::Duration { .. } => Reading::Micros { unsigned },
                _ => ranged(wanted, |least, most| Reading::Int { unsigned, least, most }),
            }
        }
        ("BIT", Scalar::Boolean) => Reading::BitAsBool,
        ("BIT", Scalar::Decimal { .. }) => Reading::BitAsDecimal,
        ("BIT", _) => ranged(wanted, Reading::BitAsInt),
        ("FLOAT", Scalar::Single | Scalar::Double) => Reading::Float,
        ("DOUBLE", Scalar::Single | Scalar::Double) => Reading::Double,
        ("DECIMAL", Scalar::Decimal { .. }) => Reading::Decimal,
        ("DECIMAL", Scalar::Single | Scalar::Double) => Reading::DecimalAsFloat,
        ("DECIMAL", _) => ranged(wanted, Reading::DecimalAsInt),
        ("DATE", Scalar::Date) => Reading::Date,
        ("DATE" | "DATETIME" | "TIMESTAMP", Scalar::DateTimeOffset { .. }) => Reading::Instant,
        ("TIME", Scalar::TimeOfDay { .. }) => Reading::Clock,
        ("GEOMETRY", Scalar::GeographyPoint | Scalar::GeometryPoint) => Reading::Point,
        // The binary names also stand for text in a binary collation.
        (
            "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET" | "JSON" | "BINARY"
            | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB",
            wanted,
        ) => match wanted {
            Scalar::String { .. } => Reading::Text,
            Scalar::Guid => Reading::Guid,
            Scalar::Binary { .. } | Scalar::Stream if name.ends_with("BINARY") || name.ends_with("BLOB") => {
                Reading::Bytes
            }
            Scalar::GeographyPoint | Scalar::GeometryPoint => Reading::PointText,
            _ => Reading::Misfit,
        },
        _ => Reading::Misfit,
    }
}

fn ranged(wanted: Scalar, reading: impl FnOnce(i64, i64) -> Reading) -> Reading {
    wanted.integer_range().map_or(Reading::Misfit, |(least, most)| reading(least, most))
}

/// A row with the way to read it.
pub(super) struct View<'a> {
    /// The driver's row.
    pub row: &'a MySqlRow,
    /// One entry per wanted column.
    pub columns: &'a [Column],
    /// The source's name.
    pub origin: &'a str,
}

impl Row for View<'_> {
    #[inline]
    fn cell(&self, index: usize) -> Result<Cell<'_>, StoreError> {
        // Decoding fails for null alone. The driver's question for null would also take zero dates for it.
        let bytes = match self.row.try_get_raw(index) {
            Ok(value) => <&[u8] as Decode<MySql>>::decode(value),
            Err(_) => return Err(self.refuse(index, "the answer has no such column", String::new())),
        };
        let Some(column) = self.columns.get(index) else {
            return Err(self.refuse(index, "the answer has no such column", String::new()));
        };
        match bytes {
            Ok(bytes) => decode(bytes, column.reading).map_err(|found| self.refuse_misfit(index, column, found)),
            Err(_) => Ok(Cell::Null),
        }
    }

    fn origin(&self) -> &str {
        self.origin
    }

    #[cold]
    fn values(&self) -> Vec<Option<Value>> {
        let values = self.columns.iter().enumerate().map(|(place, column)| {
            let value = self.row.try_get_raw(place).ok()?;
            let cell = match <&[u8] as Decode<MySql>>::decode(value) {
                Ok(bytes) => decode(bytes, column.reading).ok()?,
                Err(_) => Cell::Null,
            };
            cell.to_value(column.scalar).ok()
        });
        values.collect()
    }
}

impl View<'_> {
    #[cold]
    fn refuse_misfit(&self, index: usize, column: &Column, found: Found) -> StoreError {
        let held = self.row.columns().get(index).map_or("nothing", |held| held.type_info().name());
        self.refuse(index, found, format!("wanted {}, the column of type {held} holds {found}", column.scalar))
    }
}

/// What a column holds instead of the wanted, in words for the log.
type Found = &'static str;

#[inline]
fn decode(bytes: &[u8], reading: Reading) -> Result<Cell<'_>, Found> {
    Ok(match reading {
        Reading::IntAsBool => Cell::Bool(truth(integer(bytes, false)?)?),
        Reading::Int { unsigned, least, most } => Cell::Int(within(integer(bytes, unsigned)?, least, most)?),
        Reading::IntAsFloat { unsigned } => Cell::Float(as_float(integer(bytes, unsigned)?)),
        Reading::IntAsDecimal { unsigned } => {
            let value = integer(bytes, unsigned)?;
            let magnitude = u64::try_from(value.unsigned_abs()).map_err(|_| "an integer out of range")?;
            Cell::Decimal(Decimal::Integer { negative: value < 0, magnitude, scale: 0 })
        }
        Reading::BitAsBool => Cell::Bool(truth(bits(bytes)?)?),
        Reading::BitAsInt(least, most) => Cell::Int(within(bits(bytes)?, least, most)?),
        Reading::BitAsDecimal => {
            let magnitude = u64::try_from(bits(bytes)?).map_err(|_| "an integer out of range")?;
            Cell::Decimal(Decimal::Integer { negative: false, magnitude, scale: 0 })
        }
        Reading::Float => Cell::Float(f64::from(f32::from_le_bytes(array(bytes)?))),
        Reading::Double => Cell::Float(f64::from_le_bytes(array(bytes)?)),
        Reading::Decimal => Cell::Decimal(Decimal::Text(plain_decimal(text(bytes)?)?)),
        Reading::DecimalAsInt(least, most) => {
            let text = text(bytes)?;
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            if fraction.bytes().any(|digit| digit != b'0') {
                return Err("a number with a fraction");
            }
            Cell::Int(within(whole.parse().map_err(|_| "an integer out of range")?, least, most)?)
        }
        Reading::DecimalAsFloat => Cell::Float(text(bytes)?.parse().map_err(|_| "no number")?),
        Reading::Text => Cell::Text(Text::new(bytes).ok_or("no UTF-8")?),
        Reading::Guid => match bytes.len() {
            16 => Cell::Guid(array(bytes)?),
            _ => Cell::Guid(parse_guid(text(bytes)?).map_err(|_| "no GUID")?),
        },
        Reading::Date => Cell::Date(i32::try_from(day(bytes)?).map_err(|_| "a date out of range")?),
        Reading::Instant => Cell::Timestamp(day(bytes)? * MICROS_PER_DAY + micros_of_day(bytes)?),
        Reading::Clock => Cell::TimeOfDay(clock(bytes)?),
        Reading::Micros { unsigned } => Cell::Duration(within(integer(bytes, unsigned)?, i64::MIN, i64::MAX)?),
        Reading::Bytes => Cell::Binary(bytes),
        Reading::Point => Cell::Point(point(bytes)?),
        Reading::PointText => Cell::Point(parse_point(text(bytes)?).map_err(|_| "no point")?.1),
        Reading::Misfit => return Err("another kind of value"),
    })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Found> {
    bytes.try_into().map_err(|_| "a value of another length")
}

fn text(bytes: &[u8]) -> Result<&str, Found> {
    std::str::from_utf8(bytes).map_err(|_| "no UTF-8")
}

/// Little-endian, at the width of the column's type.
fn integer(bytes: &[u8], unsigned: bool) -> Result<i128, Found> {
    Ok(match (bytes.len(), unsigned) {
        (1, false) => i128::from(i8::from_le_bytes(array(bytes)?)),
        (2, false) => i128::from(i16::from_le_bytes(array(bytes)?)),
        (4, false) => i128::from(i32::from_le_bytes(array(bytes)?)),
        (_, false) => i128::from(i64::from_le_bytes(array(bytes)?)),
        (1, true) => i128::from(u8::from_le_bytes(array(bytes)?)),
        (2, true) => i128::from(u16::from_le_bytes(array(bytes)?)),
        (4, true) => i128::from(u32::from_le_bytes(array(bytes)?)),
        (_, true) => i128::from(u64::from_le_bytes(array(bytes)?)),
    })
}

/// Big-endian, in as few bytes as the column's width needs, at most eight.
fn bits(bytes: &[u8]) -> Result<i128, Found> {
    if bytes.len() > 8 {
        return Err("a bit field too long");
    }
    Ok(bytes.iter().fold(0, |sum, byte| sum * 256 + i128::from(*byte)))
}

fn truth(value: i128) -> Result<bool, Found> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err("an integer that is neither 0 nor 1"),
    }
}

fn within(value: i128, least: i64, most: i64) -> Result<i64, Found> {
    match i64::try_from(value) {
        Ok(value) if least <= value && value <= most => Ok(value),
        _ => Err("an integer out of range"),
    }
}

#[expect(clippy::cast_precision_loss, reason = "an integer read as a floating-point number rounds to the nearest")]
fn as_float(value: i128) -> f64 {
    value as f64
}

/// Without the zeros that `ZEROFILL` puts before an unsigned decimal.
fn plain_decimal(text: &str) -> Result<&str, Found> {
    let mut rest = text;
    while let [b'0', b'0'..=b'9', ..] = rest.as_bytes() {
        rest = rest.get(1..).ok_or("no number")?;
    }
    Ok(rest)
}

/// Length, then year in two bytes, month, day. Length 0 and zero parts are MySQL's zero dates.
fn day(bytes: &[u8]) -> Result<i64, Found> {
    let &[_, low, high, month, day, ..] = bytes else { return Err("a zero date") };
    let (year, month, day) = (i64::from(u16::from_le_bytes([low, high])), u32::from(month), u32::from(day));
    if day == 0 || day > days_in_month(year, month) {
        return Err("a date that does not exist");
    }
    Ok(days_from_civil(year, month, day))
}

/// After the date: nothing for midnight, else hour, minute, second, and microseconds in four bytes if there are any.
fn micros_of_day(bytes: &[u8]) -> Result<i64, Found> {
    let (hour, minute, second, micros) = match *bytes {
        [_, _, _, _, _] => (0, 0, 0, 0),
        [_, _, _, _, _, hour, minute, second] => (hour, minute, second, 0),
        [_, _, _, _, _, hour, minute, second, a, b, c, d] => (hour, minute, second, u32::from_le_bytes([a, b, c, d])),
        _ => return Err("an instant of another length"),
    };
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    Ok(seconds * MICROS_PER_SECOND + i64::from(micros))
}

/// Nothing for midnight, else the sign, days in four bytes, hour, minute, second, and microseconds in four bytes if
/// there are any. A `TIME` also holds negative and long times, which are no times of day.
fn clock(bytes: &[u8]) -> Result<i64, Found> {
    if let [] | [0] = bytes {
        return Ok(0);
    }
    let Some(([_, sign, days @ .., hour, minute, second], rest)) = bytes.split_first_chunk::<9>() else {
        return Err("a time of another length");
    };
    let micros = if rest.is_empty() { 0 } else { u32::from_le_bytes(array(rest)?) };
    if *sign != 0 || *days != [0; 4] || *hour > 23 {
        return Err("a time outside one day");
    }
    let seconds = i64::from(*hour) * 3_600 + i64::from(*minute) * 60 + i64::from(*second);
    Ok(seconds * MICROS_PER_SECOND + i64::from(micros))
}

/// Little-endian well-known binary of a point behind its reference system.
fn point(bytes: &[u8]) -> Result<Point, Found> {
    let Some((_, [1, 1, 0, 0, 0, coordinates @ ..])) = bytes.split_first_chunk::<4>() else {
        return Err("another geometry than a point");
    };
    let (x, y) = coordinates.split_first_chunk::<8>().ok_or("a point too short")?;
    Ok(Point { x: f64::from_le_bytes(*x), y: f64::from_le_bytes(array(y)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_dates_are_refused() {
        assert!(decode(&[0], Reading::Date).is_err());
        assert!(decode(&[0], Reading::Instant).is_err());
        assert!(decode(&[4, 0, 0, 0, 0], Reading::Date).is_err());
        assert!(decode(&[4, 0xe8, 0x07, 2, 30], Reading::Date).is_err());
        assert!(matches!(decode(&[4, 0xb2, 0x07, 1, 2], Reading::Date), Ok(Cell::Date(1))));
    }

    #[test]
    fn integers_keep_to_their_range_and_sign() {
        let int =
            |bytes: &[u8], unsigned| match decode(bytes, Reading::Int { unsigned, least: i64::MIN, most: i64::MAX }) {
                Ok(Cell::Int(value)) => Some(value),
                _ => None,
            };
        assert_eq!(int(&[0xff], false), Some(-1));
        assert_eq!(int(&[0xff], true), Some(255));
        assert_eq!(int(&[0xff; 8], true), None);
        let Ok(Cell::Decimal(largest)) = decode(&[0xff; 8], Reading::IntAsDecimal { unsigned: true }) else { panic!() };
        let mut out = Vec::new();
        largest.write(&mut out);
        assert_eq!(out, b"18446744073709551615");
        assert!(decode(&[2], Reading::IntAsBool).is_err());
    }

    #[test]
    fn decimals_are_plain() {
        assert_eq!(plain_decimal("000012.50"), Ok("12.50"));
        assert_eq!(plain_decimal("0.50"), Ok("0.50"));
        assert_eq!(plain_decimal("-0.50"), Ok("-0.50"));
        assert!(matches!(decode(b"-12.00", Reading::DecimalAsInt(-20, 20)), Ok(Cell::Int(-12))));
        assert!(decode(b"-12.01", Reading::DecimalAsInt(-20, 20)).is_err());
    }
}
