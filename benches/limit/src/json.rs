//! Binary values of PostgreSQL → JSON, and parts of a path → binary parameters.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Int,
    Text,
    Decimal,
    Bool,
    Date,
    Moment,
}

/// The bytes of a value as they came.
pub(crate) struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[derive(Debug)]
pub(crate) enum Parameter {
    Int(i64),
    Text(String),
    /// Days since 2000.
    Date(i32),
}

impl Parameter {
    pub(crate) fn read(kind: Kind, part: &str) -> Self {
        match kind {
            Kind::Int => Parameter::Int(part.parse().unwrap_or(0)),
            Kind::Date => {
                let mut numbers = part.split('-').map(|number| number.parse::<i64>().unwrap_or(1));
                let mut number = || numbers.next().unwrap_or(1);
                Parameter::Date(days(number(), number(), number()))
            }
            _ => Parameter::Text(decoded(part)),
        }
    }
}

impl ToSql for Parameter {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Parameter::Int(value) if *kind == Type::INT4 => out.put_i32(i32::try_from(*value)?),
            Parameter::Int(value) => out.put_i64(*value),
            Parameter::Text(value) => out.put_slice(value.as_bytes()),
            Parameter::Date(value) => out.put_i32(*value),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A part of a path without its percent signs.
fn decoded(part: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), part.bytes());
    let hex = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16)).unwrap_or(0) as u8;
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()) << 4 | hex(rest.next()) } else { byte });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn write(out: &mut Vec<u8>, kind: Kind, value: Option<Raw<'_>>) {
    let Some(Raw(bytes)) = value else { return out.extend_from_slice(b"null") };
    match kind {
        Kind::Int => out.extend_from_slice(itoa::Buffer::new().format(integer(bytes)).as_bytes()),
        Kind::Text => text(out, bytes),
        Kind::Decimal => decimal(out, bytes),
        Kind::Bool => out.extend_from_slice(if bytes == [1] { b"true" } else { b"false" }),
        Kind::Date => {
            out.push(b'"');
            date(out, integer(bytes));
            out.push(b'"');
        }
        Kind::Moment => moment(out, integer(bytes)),
    }
}

/// A whole number of two, four or eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    match *bytes {
        [a, b] => i16::from_be_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_be_bytes([a, b, c, d]).into(),
        [a, b, c, d, e, f, g, h] => i64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    }
}

fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let mut start = 0;
    for (place, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[start..place]);
        start = place + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// Groups of four decimal digits: number of groups, weight of the first, sign, digits behind the point.
fn decimal(out: &mut Vec<u8>, bytes: &[u8]) {
    let half = |place: usize| bytes.get(2 * place..2 * place + 2).map_or(0, integer);
    let (groups, weight, negative, scale) = (half(0), half(1), half(2) != 0, half(3));
    let group = |place: i64| if (0..groups).contains(&place) { half(4 + place as usize) } else { 0 };
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(if weight < 0 { 0 } else { group(0) }).as_bytes());
    for place in 1..=weight {
        out.extend_from_slice(&four(group(place)));
    }
    if scale > 0 {
        out.push(b'.');
        let end = out.len() + scale as usize;
        let mut place = weight + 1;
        while out.len() < end {
            out.extend_from_slice(&four(group(place)));
            place += 1;
        }
        out.truncate(end);
    }
}

fn four(number: i64) -> [u8; 4] {
    let digit = |by: i64| b'0' + (number / by % 10) as u8;
    [digit(1000), digit(100), digit(10), digit(1)]
}

fn two(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(&four(number)[2..]);
}

/// Days since 2000, in the calendar that begins its years in March.
fn days(year: i64, month: i64, day: i64) -> i32 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    (365 * year + year / 4 - year / 100 + year / 400 + of_year - 730_425) as i32
}

fn date(out: &mut Vec<u8>, days: i64) {
    let days = days + 730_425;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let of_years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_years + of_years / 4 - of_years / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    out.extend_from_slice(&four(era * 400 + of_years + i64::from(month <= 2)));
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    two(out, day);
}

/// Microseconds since 2000, in UTC; written with milliseconds, as the columns hold.
fn moment(out: &mut Vec<u8>, micros: i64) {
    let of_day = micros.rem_euclid(86_400_000_000);
    out.push(b'"');
    date(out, micros.div_euclid(86_400_000_000));
    let seconds = of_day / 1_000_000;
    for (sign, number) in [(b'T', seconds / 3600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
        out.push(sign);
        two(out, number);
    }
    out.push(b'.');
    out.extend_from_slice(&four(of_day / 1_000 % 1_000)[1..]);
    out.extend_from_slice(b"Z\"");
}
