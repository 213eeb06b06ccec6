//! Owns [`Cell`]: one borrowed value as the driver holds it, already in the kind that its [`Scalar`] demands.

use std::io::Write;
use std::str::FromStr;

use bigdecimal::BigDecimal;

use super::digits::{four, pair, write_int};
use super::{Point, Scalar, Text, Value};

/// One value of a row, borrowed from the driver's buffer. `store` makes them, `wire` writes them.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// SQL null.
    Null,
    /// A boolean.
    Bool(bool),
    /// Any integer.
    Int(i64),
    /// A floating-point number, NaN and infinities included.
    Float(f64),
    /// Text.
    Text(Text<'a>),
    /// An exact decimal in one of the forms in which drivers hold it.
    Decimal(Decimal<'a>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// The bytes of a GUID in text order.
    Guid([u8; 16]),
    /// Microseconds since midnight.
    TimeOfDay(i64),
    /// Microseconds.
    Duration(i64),
    /// Bytes.
    Binary(&'a [u8]),
    /// A position; the wanted type tells its reference system.
    Point(Point),
}

/// An exact decimal without an allocation.
#[derive(Clone, Copy, Debug)]
pub enum Decimal<'a> {
    /// Digits as text, `-12.50`.
    Text(&'a str),
    /// PostgreSQL's `numeric`: groups of four decimal digits, each a big-endian 16-bit number.
    Groups {
        /// Power of 10,000 of the first group.
        weight: i16,
        /// True below zero.
        negative: bool,
        /// Digits to write right of the decimal point.
        scale: u16,
        /// The groups, two bytes each.
        groups: &'a [u8],
    },
    /// An integer, as a column without a scale holds it.
    Integer {
        /// True below zero.
        negative: bool,
        /// The value without its sign.
        magnitude: u64,
        /// Zeros to write right of the decimal point.
        scale: u16,
    },
    /// A finite floating-point number, as SQLite holds decimals.
    Real {
        /// The number.
        value: f64,
        /// Least digits to write right of the decimal point; further ones are written if the number has them.
        scale: u16,
    },
}

/// A cell does not hold a value of the wanted type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the column does not hold a value of type {0}")]
pub struct CellError(pub Scalar);

impl Cell<'_> {
    /// The owned value of the cell as a value of type `scalar`.
    pub fn to_value(&self, scalar: Scalar) -> Result<Value, CellError> {
        let error = CellError(scalar);
        Ok(match (*self, scalar) {
            (Cell::Null, _) => Value::Null,
            (Cell::Bool(v), Scalar::Boolean) => Value::Boolean(v),
            (Cell::Int(v), Scalar::Single | Scalar::Double) => Value::Double(v.to_string().parse().map_err(|_| error)?),
            (Cell::Int(v), Scalar::Decimal { .. }) => Value::Decimal(BigDecimal::from(v)),
            (Cell::Int(v), scalar) if scalar.is_integer() => Value::Int(v),
            (Cell::Float(v), Scalar::Single | Scalar::Double) => Value::Double(v),
            (Cell::Text(v), Scalar::String { .. }) => Value::String(v.as_str().into()),
            (Cell::Decimal(v), Scalar::Decimal { .. }) => {
                let mut text = Vec::new();
                v.write(&mut text);
                let text = std::str::from_utf8(&text).map_err(|_| error)?;
                Value::Decimal(BigDecimal::from_str(text).map_err(|_| error)?)
            }
            (Cell::Date(v), Scalar::Date) => Value::Date(v),
            (Cell::Timestamp(v), Scalar::DateTimeOffset { .. }) => Value::DateTimeOffset(v),
            (Cell::Guid(v), Scalar::Guid) => Value::Guid(v),
            (Cell::TimeOfDay(v), Scalar::TimeOfDay { .. }) => Value::TimeOfDay(v),
            (Cell::Duration(v), Scalar::Duration { .. }) => Value::Duration(v),
            (Cell::Binary(v), Scalar::Binary { .. } | Scalar::Stream) => Value::Binary(v.into()),
            (Cell::Point(v), Scalar::GeographyPoint | Scalar::GeometryPoint) => Value::Point(v),
            _ => return Err(error),
        })
    }
}

impl Decimal<'_> {
    /// Writes the plain form, `-12.50`, with every digit that the database keeps.
    pub fn write(&self, out: &mut Vec<u8>) {
        match *self {
            Decimal::Text(text) => out.extend_from_slice(text.as_bytes()),
            Decimal::Groups { weight, negative, scale, groups } => write_groups(weight, negative, scale, groups, out),
            Decimal::Integer { negative, magnitude, scale } => {
                if negative {
                    out.push(b'-');
                }
                out.extend_from_slice(itoa::Buffer::new().format(magnitude).as_bytes());
                pad_fraction(0, scale, out);
            }
            Decimal::Real { value, scale } => write_real(value, scale, out),
        }
    }
}

/// The fewest digits that tell `value` from every other number, never with an exponent.
fn write_real(value: f64, scale: u16, out: &mut Vec<u8>) {
    let start = out.len();
    // Adding zero turns the negative zero into zero.
    let value = value + 0.0;
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(value);
    if text.contains('e') {
        // Writing into a Vec cannot fail.
        let _ = write!(out, "{value}");
    } else {
        out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
    }
    let written = out.get(start..).unwrap_or_default();
    let digits = written.iter().position(|byte| *byte == b'.').map_or(0, |point| written.len() - point - 1);
    pad_fraction(digits, scale, out);
}

/// Appends zeros, and the point if there is none yet, until `scale` digits stand right of it.
fn pad_fraction(digits: usize, scale: u16, out: &mut Vec<u8>) {
    let missing = usize::from(scale).saturating_sub(digits);
    if digits == 0 && missing > 0 {
        out.push(b'.');
    }
    out.resize(out.len() + missing, b'0');
}

fn write_groups(weight: i16, negative: bool, scale: u16, groups: &[u8], out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    let (groups, _) = groups.as_chunks::<2>();
    let group = |place: i32| -> u16 {
        let index = usize::try_from(i32::from(weight) - place).ok();
        index.and_then(|index| groups.get(index)).map_or(0, |group| u16::from_be_bytes(*group))
    };
    let weight = i32::from(weight);
    if weight < 0 {
        out.push(b'0');
    } else {
        write_int(i64::from(group(weight)), out);
        for place in (0..weight).rev() {
            out.extend_from_slice(&four(group(place)));
        }
    }
    match scale {
        0 => {}
        // Amounts of money.
        2 => {
            let [tens, units] = pair(u32::from(group(-1) / 100));
            out.extend_from_slice(&[b'.', tens, units]);
        }
        _ => {
            out.push(b'.');
            let mut missing = usize::from(scale);
            let mut place = -1;
            while missing > 0 {
                let four = four(group(place));
                let wanted = missing.min(4);
                out.extend_from_slice(four.get(..wanted).unwrap_or_default());
                missing -= wanted;
                place -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(weight: i16, negative: bool, scale: u16, groups: &[u16]) -> String {
        let bytes: Vec<u8> = groups.iter().flat_map(|group| group.to_be_bytes()).collect();
        let mut out = Vec::new();
        Decimal::Groups { weight, negative, scale, groups: &bytes }.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numeric_groups_are_written_to_the_last_digit() {
        assert_eq!(text(0, false, 0, &[]), "0");
        assert_eq!(text(0, false, 2, &[]), "0.00");
        assert_eq!(text(1, true, 2, &[1, 2345, 5000]), "-12345.50");
        assert_eq!(text(-1, false, 4, &[25]), "0.0025");
        assert_eq!(text(-2, false, 6, &[2500]), "0.000025");
        assert_eq!(text(2, false, 0, &[1]), "100000000");
        assert_eq!(text(0, false, 3, &[7, 1234]), "7.123");
    }

    #[test]
    fn integers_and_reals_are_written_plainly_with_their_scale() {
        let text = |decimal: Decimal<'_>| {
            let mut out = Vec::new();
            decimal.write(&mut out);
            String::from_utf8(out).unwrap()
        };
        let integer = |negative, magnitude, scale| text(Decimal::Integer { negative, magnitude, scale });
        assert_eq!(integer(true, 9_223_372_036_854_775_808, 0), "-9223372036854775808");
        assert_eq!(integer(false, 12, 2), "12.00");
        let real = |value, scale| text(Decimal::Real { value, scale });
        assert_eq!(real(12.5, 2), "12.50");
        assert_eq!(real(-0.0, 2), "0.00");
        assert_eq!(real(1e22, 0), "10000000000000000000000");
        for value in [0.1, 0.00001, 0.000_012_3, 1e15, 1e16, 123_456_789.125, 1.0 / 3.0, 5e-324, f64::MAX, -29_629.53] {
            assert_eq!(real(value, 0), format!("{value}"));
        }
        assert_eq!(real(-1.5e-7, 2), "-0.00000015");
        assert_eq!(real(3.0, 1), "3.0");
        assert_eq!(Cell::Decimal(Decimal::Real { value: 0.5, scale: 2 }).to_value(Scalar::DECIMAL), {
            Ok(Value::Decimal(BigDecimal::from_str("0.50").unwrap()))
        });
    }

    #[test]
    fn a_cell_of_another_kind_is_an_error() {
        assert_eq!(Cell::Text("x".into()).to_value(Scalar::Int32), Err(CellError(Scalar::Int32)));
        assert_eq!(Cell::Int(7).to_value(Scalar::Int32), Ok(Value::Int(7)));
    }
}
