//! Owns [`Zone`]: the time zone whose local times the columns of a source hold.

use std::fmt;

/// Most minutes that a zone differs from UTC.
const OFFSET_MAX: i16 = 14 * 60;

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    /// So many minutes east of UTC.
    Offset(i16),
    /// A zone with rules of its own, by the name that the database knows: `Europe/Berlin`.
    Named(Box<str>),
}

impl Zone {
    /// Universal time.
    pub const UTC: Zone = Zone::Offset(0);

    /// Takes `UTC`, `Z`, an offset as `+02:00`, or a name of letters, digits and the signs `_+-/`.
    pub fn parse(text: &str) -> Option<Zone> {
        let (sign, rest) = match text.as_bytes() {
            b"UTC" | b"Z" => return Some(Zone::UTC),
            [b'+', ..] => (1, text.get(1..)?),
            [b'-', ..] => (-1, text.get(1..)?),
            [first, rest @ ..] if first.is_ascii_alphabetic() => {
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_+-/".contains(byte);
                return rest.iter().all(is_name).then(|| Zone::Named(text.into()));
            }
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let two = |part: &str| -> Option<i16> {
            if part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        let offset = hours * 60 + minutes;
        (minutes < 60 && offset <= OFFSET_MAX).then_some(Zone::Offset(sign * offset))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Zone::UTC
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Offset(0) => f.write_str("UTC"),
            Zone::Named(name) => f.write_str(name),
            Zone::Offset(minutes) => {
                let sign = if *minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_and_written() {
        assert_eq!(Zone::parse("UTC"), Some(Zone::UTC));
        assert_eq!(Zone::parse("-05:30"), Some(Zone::Offset(-330)));
        assert_eq!(Zone::parse("Europe/Berlin"), Some(Zone::Named("Europe/Berlin".into())));
        for text in ["+02:00", "-05:30", "UTC", "Etc/GMT+5"] {
            assert_eq!(Zone::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "+2", "+02:60", "+15:00", "Europe'Berlin", "a b", "+0200", "02:00"] {
            assert_eq!(Zone::parse(text), None, "{text}");
        }
    }
}
