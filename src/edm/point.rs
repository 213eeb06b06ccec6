//! Owns [`Point`]: a position in a plane or on the earth, and its text forms (ABNF rule `fullPointLiteral`, well-known
//! text).

use super::LiteralError;

/// A position. Of geographies `x` is the longitude and `y` the latitude; the reference system is that of the type
/// (`Edm.GeographyPoint`: 4326, `Edm.GeometryPoint`: 0).
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Longitude, or the first coordinate.
    pub x: f64,
    /// Latitude, or the second coordinate.
    pub y: f64,
}

/// Equality of identity: every bit counts, except that there is one zero.
impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Point {}

impl Point {
    /// Both coordinates as bits; minus zero is zero.
    pub fn bits(self) -> [u64; 2] {
        [self.x, self.y].map(|coordinate| (coordinate + 0.0).to_bits())
    }
}

/// Takes `[SRID=n;]Point(x y)` in any letter case, with blanks where well-known text has them; gives the reference
/// system if one is named.
pub fn parse_point(text: &str) -> Result<(Option<u32>, Point), LiteralError> {
    let (srid, text) = match text.split_once(';') {
        Some((head, rest)) => {
            let number = head.get(..5).filter(|name| name.eq_ignore_ascii_case("SRID=")).and_then(|_| head.get(5..));
            let number = number.filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
            let number = number.ok_or(LiteralError::Malformed)?;
            (Some(number.parse().map_err(|_| LiteralError::OutOfRange)?), rest)
        }
        None => (None, text),
    };
    let name = text.get(..5).filter(|name| name.eq_ignore_ascii_case("point"));
    let inner = name.and_then(|_| text.get(5..)?.trim().strip_prefix('(')?.strip_suffix(')'));
    let mut numbers = inner.ok_or(LiteralError::Malformed)?.split_ascii_whitespace();
    let mut next = || {
        let text = numbers.next().ok_or(LiteralError::Malformed)?;
        // The words for infinities and NaN are no coordinates.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        let number: f64 = text.parse().map_err(|_| LiteralError::Malformed)?;
        if digits && number.is_finite() { Ok(number) } else { Err(LiteralError::Malformed) }
    };
    let point = Point { x: next()?, y: next()? };
    if numbers.next().is_some() { Err(LiteralError::Malformed) } else { Ok((srid, point)) }
}

/// Writes `POINT(x y)`, or `SRID=n;Point(x y)` with a reference system.
pub fn write_point(point: Point, srid: Option<u32>, out: &mut Vec<u8>) {
    match srid {
        Some(srid) => {
            out.extend_from_slice(b"SRID=");
            out.extend_from_slice(itoa::Buffer::new().format(srid).as_bytes());
            out.extend_from_slice(b";Point(");
        }
        None => out.extend_from_slice(b"POINT("),
    }
    write_coordinate(point.x, out);
    out.push(b' ');
    write_coordinate(point.y, out);
    out.push(b')');
}

/// Writes the shortest number that reads back as the same one, without a needless `.0`.
pub fn write_coordinate(coordinate: f64, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(coordinate + 0.0);
    out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(point: Point, srid: Option<u32>) -> String {
        let mut out = Vec::new();
        write_point(point, srid, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn points_are_read_and_written() {
        let point = Point { x: 142.1, y: -64.0 };
        assert_eq!(parse_point("SRID=4326;Point(142.1 -64)"), Ok((Some(4_326), point)));
        assert_eq!(parse_point("POINT (142.1 -64.0)"), Ok((None, point)));
        assert_eq!(parse_point("srid=0;point( 1421e-1  -6.4E1 )"), Ok((Some(0), point)));
        assert_eq!(written(point, Some(4_326)), "SRID=4326;Point(142.1 -64)");
        assert_eq!(written(Point { x: -0.0, y: 1e-7 }, None), "POINT(0 1e-7)");
        assert_eq!(parse_point(&written(Point { x: -0.0, y: 1e-7 }, None)).unwrap().1, Point { x: 0.0, y: 1e-7 });
        for text in [
            "",
            "Point",
            "Point()",
            "Point(1)",
            "Point(1 2 3)",
            "Point(1,2)",
            "Point(NaN 1)",
            "Point(inf 1)",
            "1;Point(1 2)",
        ] {
            assert_eq!(parse_point(text), Err(LiteralError::Malformed), "{text}");
        }
    }
}
