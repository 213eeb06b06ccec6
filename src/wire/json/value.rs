//! Writes single values (OData JSON Format 4.01, section 7.1), straight from borrowed cells.

use crate::edm::{
    Cell, Point, Scalar, Text, write_binary, write_coordinate, write_date, write_date_time_offset, write_duration,
    write_guid, write_int, write_point, write_time_of_day,
};

/// Writes a cell as a JSON value. With `ieee754`, `Edm.Int64` and `Edm.Decimal` become strings.
#[inline]
pub fn write_cell(cell: &Cell<'_>, scalar: Scalar, ieee754: bool, out: &mut Vec<u8>) {
    match *cell {
        Cell::Text(ref text) => write_text(text, out),
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Bool(true) => out.extend_from_slice(b"true"),
        Cell::Bool(false) => out.extend_from_slice(b"false"),
        Cell::Int(_) | Cell::Float(_) | Cell::Decimal(_)
            if ieee754 && matches!(scalar, Scalar::Int64 | Scalar::Decimal { .. }) =>
        {
            quoted(out, |out| write_raw(*cell, scalar, out));
        }
        Cell::Int(value) => write_int(value, out),
        Cell::Decimal(ref value) => value.write(out),
        Cell::Date(days) => quoted(out, |out| write_date(i64::from(days), out)),
        Cell::Timestamp(micros) => quoted(out, |out| write_instant(micros, out)),
        Cell::Guid(bytes) => quoted(out, |out| write_guid(&bytes, out)),
        Cell::TimeOfDay(_) | Cell::Duration(_) | Cell::Binary(_) => quoted(out, |out| write_raw(*cell, scalar, out)),
        Cell::Point(point) => write_geo_json(point, out),
        Cell::Float(value) if value.is_finite() => write_float(value, scalar, out),
        Cell::Float(value) => quoted(out, |out| write_float(value, scalar, out)),
    }
}

/// Writes a computed value. Databases give a calculated decimal different numbers of zeros at its end, so it has none.
pub fn write_computed(cell: &Cell<'_>, scalar: Scalar, ieee754: bool, out: &mut Vec<u8>) {
    let start = out.len();
    write_cell(cell, scalar, ieee754, out);
    if !matches!(scalar, Scalar::Decimal { .. }) || !out.get(start..).is_some_and(|text| text.contains(&b'.')) {
        return;
    }
    let is_quoted = out.last() == Some(&b'"');
    out.truncate(out.len() - usize::from(is_quoted));
    while out.last() == Some(&b'0') {
        out.pop();
    }
    if out.last() == Some(&b'.') {
        out.pop();
    }
    if is_quoted {
        out.push(b'"');
    }
}

/// Writes a cell as plain text (`/$value`); nothing for null.
pub fn write_raw(cell: Cell<'_>, scalar: Scalar, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => {}
        Cell::Bool(true) => out.extend_from_slice(b"true"),
        Cell::Bool(false) => out.extend_from_slice(b"false"),
        Cell::Int(value) => write_int(value, out),
        Cell::Float(value) => write_float(value, scalar, out),
        Cell::Text(text) => out.extend_from_slice(text.bytes()),
        Cell::Decimal(value) => value.write(out),
        Cell::Date(days) => write_date(i64::from(days), out),
        Cell::Timestamp(micros) => write_instant(micros, out),
        Cell::Guid(bytes) => write_guid(&bytes, out),
        Cell::TimeOfDay(micros) => write_time_of_day(micros, out),
        Cell::Duration(micros) => write_duration(micros, out),
        Cell::Binary(bytes) => write_binary(bytes, out),
        Cell::Point(point) => write_point(point, scalar.srid(), out),
    }
}

/// The reference systems of the two types are the defaults, which need no `crs` (OData JSON Format 4.01, section 7.1).
fn write_geo_json(point: Point, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"Point\",\"coordinates\":[");
    write_coordinate(point.x, out);
    out.push(b',');
    write_coordinate(point.y, out);
    out.extend_from_slice(b"]}");
}

fn write_instant(micros: i64, out: &mut Vec<u8>) {
    write_date_time_offset(micros, b'T', 6, true, out);
    out.push(b'Z');
}

/// Writes a count: a number, or a string with `ieee754`.
pub fn write_count(count: i64, ieee754: bool, out: &mut Vec<u8>) {
    write_cell(&Cell::Int(count), Scalar::Int64, ieee754, out);
}

/// Writes a text as a JSON string: quotes, backslashes and control characters escaped, all else as it is.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    write_text(&Text::from(text), out);
}

#[inline]
fn write_text(text: &Text<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    if text.is_plain() {
        out.extend_from_slice(text.bytes());
    } else {
        write_escaped(text.bytes(), out);
    }
    out.push(b'"');
}

fn write_escaped(mut rest: &[u8], out: &mut Vec<u8>) {
    while let Some(place) = rest.iter().position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\') {
        let (plain, tail) = rest.split_at(place);
        out.extend_from_slice(plain);
        if let Some((byte, after)) = tail.split_first() {
            write_escape(*byte, out);
            rest = after;
        }
    }
    out.extend_from_slice(rest);
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend([byte >> 4, byte & 15].map(|nibble| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The shortest text that reads back as the same number, of the width of the type.
#[expect(clippy::cast_possible_truncation, reason = "Edm.Single has the width of f32; the database keeps no more")]
fn write_float(value: f64, scalar: Scalar, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"INF" } else { b"-INF" });
    } else if scalar == Scalar::Single {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value as f32).as_bytes());
    } else {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edm::Decimal;

    fn text(cell: Cell<'_>, scalar: Scalar, ieee754: bool) -> String {
        let mut out = Vec::new();
        write_cell(&cell, scalar, ieee754, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_are_escaped_and_otherwise_untouched() {
        assert_eq!(
            text(Cell::Text("a\"b\\c\n\u{1}é👍/".into()), Scalar::STRING, false),
            "\"a\\\"b\\\\c\\n\\u0001é👍/\""
        );
        assert_eq!(text(Cell::Text("".into()), Scalar::STRING, false), "\"\"");
    }

    #[test]
    fn wide_numbers_become_strings_only_when_asked() {
        let decimal = Cell::Decimal(Decimal::Text("-0.10"));
        assert_eq!(text(decimal, Scalar::DECIMAL, false), "-0.10");
        assert_eq!(text(decimal, Scalar::DECIMAL, true), "\"-0.10\"");
        assert_eq!(text(Cell::Int(9_007_199_254_740_993), Scalar::Int64, true), "\"9007199254740993\"");
        assert_eq!(text(Cell::Int(7), Scalar::Int32, true), "7");
    }

    #[test]
    fn computed_decimals_have_no_zeros_at_their_end() {
        let text = |digits: &str, ieee754| {
            let mut out = b"0.0,".to_vec();
            write_computed(&Cell::Decimal(Decimal::Text(digits)), Scalar::DECIMAL, ieee754, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text("3.00", false), "0.0,3");
        assert_eq!(text("-3.250", true), "0.0,\"-3.25\"");
        assert_eq!(text("300", false), "0.0,300");
        assert_eq!(text("0.000", true), "0.0,\"0\"");
    }

    #[test]
    fn special_numbers_are_strings() {
        assert_eq!(text(Cell::Float(f64::NAN), Scalar::Double, false), "\"NaN\"");
        assert_eq!(text(Cell::Float(f64::NEG_INFINITY), Scalar::Double, false), "\"-INF\"");
        assert_eq!(text(Cell::Float(0.1), Scalar::Double, false), "0.1");
        assert_eq!(text(Cell::Float(f64::from(0.1_f32)), Scalar::Single, false), "0.1");
    }

    #[test]
    fn instants_are_in_utc_without_needless_zeros() {
        assert_eq!(text(Cell::Timestamp(0), Scalar::DATE_TIME_OFFSET, false), "\"1970-01-01T00:00:00Z\"");
        assert_eq!(text(Cell::Timestamp(-1), Scalar::DATE_TIME_OFFSET, false), "\"1969-12-31T23:59:59.999999Z\"");
        assert_eq!(text(Cell::Null, Scalar::Date, false), "null");
    }

    #[test]
    fn times_bytes_and_points_have_their_forms() {
        let both = |cell: Cell<'_>, scalar| {
            let mut raw = Vec::new();
            write_raw(cell, scalar, &mut raw);
            (text(cell, scalar, true), String::from_utf8(raw).unwrap())
        };
        let time = both(Cell::TimeOfDay(45_000_500_000), Scalar::TIME_OF_DAY);
        assert_eq!(time, ("\"12:30:00.5\"".to_owned(), "12:30:00.5".to_owned()));
        let duration = both(Cell::Duration(-500_000), Scalar::DURATION);
        assert_eq!(duration, ("\"-PT0.5S\"".to_owned(), "-PT0.5S".to_owned()));
        let bytes = both(Cell::Binary(&[0xfb, 0xff]), Scalar::BINARY);
        assert_eq!(bytes, ("\"-_8=\"".to_owned(), "-_8=".to_owned()));
        let point = Point { x: 8.5, y: -47.0 };
        let geography = both(Cell::Point(point), Scalar::GeographyPoint);
        assert_eq!(geography.0, "{\"type\":\"Point\",\"coordinates\":[8.5,-47]}");
        assert_eq!(geography.1, "SRID=4326;Point(8.5 -47)");
        assert_eq!(both(Cell::Point(point), Scalar::GeometryPoint).1, "SRID=0;Point(8.5 -47)");
    }
}
