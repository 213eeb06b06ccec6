//! Values as Salesforce holds them: read from JSON, compared, and written as literals. Dates are instants there.

use std::cmp::Ordering;
use std::str::FromStr;

use bigdecimal::BigDecimal;

use super::{Checked, Edm, wrong};
use crate::support::json::Json;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Number(BigDecimal),
    Double(f64),
    Text(String),
    /// In lower case.
    Guid(String),
    /// Microseconds since 1970 in UTC; a date is its midnight.
    Instant(i64),
}

impl Cell {
    /// Reads the JSON form of a type, and no other form.
    pub(super) fn read(edm: Edm, json: &Json) -> Checked<Cell> {
        let found = match (edm, json) {
            (_, Json::Null) => Some(Cell::Null),
            (Edm::Boolean, Json::Bool(value)) => Some(Cell::Bool(*value)),
            (Edm::Byte | Edm::SByte | Edm::Int16 | Edm::Int32 | Edm::Int64, Json::Number(text)) => {
                // Keys must come back as they were sent: 7 is not 7.0.
                let is_plain = !text.contains(['.', 'e', 'E']);
                BigDecimal::from_str(text).ok().filter(|_| is_plain).map(Cell::Number)
            }
            (Edm::Decimal(_), Json::Number(text)) => BigDecimal::from_str(text).ok().map(Cell::Number),
            (Edm::Single | Edm::Double, Json::Number(text)) => text.parse().ok().map(Cell::Double),
            (Edm::String(_), Json::String(text)) => Some(Cell::Text(text.clone())),
            (Edm::Guid, Json::String(text)) => is_guid(text).then(|| Cell::Guid(text.clone())),
            (Edm::Date, Json::String(text)) if text.len() == 10 => instant(&format!("{text}T00:00:00Z")),
            (Edm::DateTimeOffset, Json::String(text)) if text.ends_with('Z') => instant(text),
            _ => None,
        };
        found.map_or_else(|| wrong(format!("{json} is no value of {edm:?}")), Ok)
    }

    /// The order of two values: null is the lowest; `None` if there is none.
    pub(super) fn order(&self, other: &Cell) -> Option<Ordering> {
        match (self, other) {
            (Cell::Null, Cell::Null) => Some(Ordering::Equal),
            (Cell::Null, _) => Some(Ordering::Less),
            (_, Cell::Null) => Some(Ordering::Greater),
            (Cell::Bool(a), Cell::Bool(b)) => Some(a.cmp(b)),
            (Cell::Number(a), Cell::Number(b)) => Some(a.cmp(b)),
            (Cell::Double(a), Cell::Double(b)) => a.partial_cmp(b),
            (Cell::Text(a), Cell::Text(b)) | (Cell::Guid(a), Cell::Guid(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Cell::Instant(a), Cell::Instant(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// The literal of a filter. `other` is the second of two forms, where there are two.
    pub(super) fn literal(&self, edm: Edm, other: bool) -> String {
        match self {
            Cell::Null => "null".to_owned(),
            Cell::Bool(value) => value.to_string(),
            Cell::Number(number) => number.to_plain_string(),
            Cell::Double(number) => format!("{number:?}"),
            Cell::Text(text) => format!("'{}'", text.replace('\'', "''")),
            // The field is a text in Salesforce, so it may come as one.
            Cell::Guid(text) if other => format!("'{}'", text.to_uppercase()),
            Cell::Guid(text) => text.clone(),
            Cell::Instant(micros) => {
                let whole = micros.div_euclid(MICROS_PER_DAY);
                let date = chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(whole);
                let time = chrono::DateTime::UNIX_EPOCH + chrono::Duration::microseconds(*micros);
                match (edm, other) {
                    (Edm::Date, true) => date.format("%Y-%m-%d").to_string(),
                    _ if micros % 1_000_000 == 0 => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                    _ => time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
                }
            }
        }
    }

    /// The instant of a text.
    pub(super) fn instant(text: &str) -> Option<Cell> {
        instant(text)
    }
}

fn instant(text: &str) -> Option<Cell> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| Cell::Instant(time.timestamp_micros()))
}

fn is_guid(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_the_type_is_read_and_written() {
        let read = |edm, text: &str| Cell::read(edm, &Json::read(text).unwrap());
        assert_eq!(read(Edm::Date, "\"1969-12-31\"").unwrap(), Cell::Instant(-MICROS_PER_DAY));
        assert_eq!(read(Edm::Int32, "7").unwrap().literal(Edm::Int32, false), "7");
        for (edm, wrong) in [
            (Edm::Int32, "7.0"),
            (Edm::Int32, "\"7\""),
            (Edm::Decimal(None), "\"7.5\""),
            (Edm::Boolean, "1"),
            (Edm::String(None), "7"),
            (Edm::Guid, "\"3F2504E0-4F89-11D3-9A0C-0305E82C3301\""),
            (Edm::Date, "\"2024-05-01T00:00:00Z\""),
            (Edm::DateTimeOffset, "\"2024-05-01T00:00:00+00:00\""),
        ] {
            assert!(read(edm, wrong).is_err(), "{edm:?} {wrong}");
        }
        let day = read(Edm::Date, "\"2024-05-01\"").unwrap();
        assert_eq!(day.literal(Edm::Date, false), "2024-05-01T00:00:00Z");
        assert_eq!(day.literal(Edm::Date, true), "2024-05-01");
        let instant = read(Edm::DateTimeOffset, "\"1969-12-31T23:59:59.5Z\"").unwrap();
        assert_eq!(instant.literal(Edm::DateTimeOffset, false), "1969-12-31T23:59:59.500000Z");
        assert_eq!(Cell::Text("O'Brien".to_owned()).literal(Edm::String(None), true), "'O''Brien'");
    }
}
