//! Compares rows of a JSON answer with rows in memory: the same rows, in the same order, every value to the last digit.

use std::fmt::Write as _;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use penstock::edm::Value;

use super::super::support::databases::{date_text, guid_text};
use super::super::support::json::Json;
use super::value::{Table, Type};

/// Says what differs, if anything does. `expected` are places of rows, `columns` places of the wanted columns.
pub(crate) fn compare(table: &Table, columns: &[usize], expected: &[usize], found: &[Json]) -> Result<(), String> {
    for (place, (row, json)) in expected.iter().zip(found).enumerate() {
        if let Err(what) = compare_row(table, columns, &table.rows[*row], json) {
            return Err(format!("row {place}: {what}\n{}", overview(table, columns, expected, found, place)));
        }
    }
    if expected.len() == found.len() {
        return Ok(());
    }
    let place = expected.len().min(found.len());
    let overview = overview(table, columns, expected, found, place);
    Err(format!("{} rows instead of {}\n{overview}", found.len(), expected.len()))
}

/// The rows around the first difference.
fn overview(table: &Table, columns: &[usize], expected: &[usize], found: &[Json], place: usize) -> String {
    let mut text = String::new();
    for place in place.saturating_sub(1)..place + 3 {
        if let Some(row) = expected.get(place) {
            let row = &table.rows[*row];
            let key: Vec<&Value> = table.key.iter().map(|column| &row[*column]).collect();
            let cells: Vec<&Value> = columns.iter().map(|column| &row[*column]).collect();
            writeln!(text, "  expected {place}: key {key:?}: {cells:?}").unwrap();
        }
        if let Some(json) = found.get(place) {
            writeln!(text, "  found    {place}: {json}").unwrap();
        }
    }
    text
}

/// One row: exactly the wanted properties, beside control information and expanded navigations.
pub(crate) fn compare_row(table: &Table, columns: &[usize], row: &[Value], json: &Json) -> Result<(), String> {
    let names: Vec<&str> = json.members().iter().map(|(name, _)| name.as_str()).filter(|n| !n.contains('@')).collect();
    let wanted: Vec<&str> = columns.iter().map(|column| table.columns[*column].name.as_str()).collect();
    if let Some(missing) = wanted.iter().find(|name| !names.contains(name)) {
        return Err(format!("{missing} is missing in {json}"));
    }
    let is_column = |name: &str| table.columns.iter().any(|column| column.name == name);
    // Expanded navigations are arrays, objects or null.
    let surplus = |(name, value): &&(String, Json)| {
        let expanded = matches!(value, Json::Array(_) | Json::Object(_) | Json::Null) && !is_column(name);
        !name.contains('@') && !wanted.contains(&name.as_str()) && !expanded
    };
    if let Some((name, _)) = json.members().iter().find(surplus) {
        return Err(format!("{name} was not asked for, in {json}"));
    }
    for column in columns {
        let definition = &table.columns[*column];
        let cell = json.get(&definition.name).ok_or_else(|| format!("{} is missing", definition.name))?;
        if !is_same(definition.ty, &row[*column], cell) {
            return Err(format!("{} is {cell} instead of {:?}", definition.name, row[*column]));
        }
    }
    Ok(())
}

/// Whether the JSON value is the standard's form of the value (JSON Format, 7.1).
pub(crate) fn is_same(ty: Type, value: &Value, json: &Json) -> bool {
    match (value, json) {
        (Value::Null, Json::Null) => true,
        (Value::Boolean(value), Json::Bool(found)) => value == found,
        (Value::Int(value), Json::Number(found)) => *found == value.to_string(),
        (Value::Double(value), Json::Number(found)) => match ty {
            Type::Single => found
                .parse::<f32>()
                .is_ok_and(|found| plain_zero(found.into()).to_bits() == plain_zero(*value).to_bits()),
            _ => found.parse::<f64>().is_ok_and(|found| plain_zero(found).to_bits() == plain_zero(*value).to_bits()),
        },
        (Value::Decimal(value), Json::Number(found)) => BigDecimal::from_str(found).is_ok_and(|found| found == *value),
        (Value::String(value), Json::String(found)) => **value == **found,
        (Value::Guid(value), Json::String(found)) => *found == guid_text(*value),
        (Value::Date(value), Json::String(found)) => *found == date_text(*value),
        (Value::DateTimeOffset(value), Json::String(found)) => {
            found.ends_with('Z')
                && chrono::DateTime::parse_from_rfc3339(found).is_ok_and(|found| {
                    found.timestamp_micros() == *value && found.timestamp_subsec_nanos() % 1_000 == 0
                })
        }
        (Value::TimeOfDay(value), Json::String(found)) => clock_micros(found) == Some(*value),
        (Value::Duration(value), Json::String(found)) => duration_micros(found) == Some(*value),
        _ => false,
    }
}

/// Microseconds of `hh:mm:ss.ffffff`.
fn clock_micros(text: &str) -> Option<i64> {
    use chrono::Timelike;
    let time = chrono::NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?;
    let micros = i64::from(time.nanosecond() / 1_000);
    Some(i64::from(time.num_seconds_from_midnight()) * 1_000_000 + micros)
}

/// Microseconds of `-P1DT2H3M4.5S`, each part but `P` optional.
fn duration_micros(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (days, clock) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let (mut micros, mut digits) = (BigDecimal::from(0), String::new());
    for character in days.chars().chain(['T']).chain(clock.chars()) {
        let seconds = match character {
            'T' if digits.is_empty() => continue,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            '0'..='9' | '.' => {
                digits.push(character);
                continue;
            }
            _ => return None,
        };
        micros += BigDecimal::from_str(&std::mem::take(&mut digits)).ok()? * BigDecimal::from(seconds * 1_000_000_i64);
    }
    let micros: i64 = (micros.is_integer() && digits.is_empty())
        .then(|| micros.to_plain_string())?
        .split('.')
        .next()?
        .parse()
        .ok()?;
    Some(sign * micros)
}

/// Minus zero equals zero.
fn plain_zero(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::super::value::Column;
    use super::*;

    #[test]
    fn times_and_durations_are_read() {
        assert_eq!(clock_micros("23:59:59.999999"), Some(86_399_999_999));
        assert_eq!(clock_micros("00:01:00"), Some(60_000_000));
        assert_eq!(duration_micros("-P1DT2H3M4.5S"), Some(-93_784_500_000));
        assert_eq!(duration_micros("PT0S"), Some(0));
        assert_eq!(duration_micros("P3D"), Some(259_200_000_000));
        assert_eq!(duration_micros("1D"), None);
    }

    #[test]
    fn differences_are_found() {
        let column = |name: &str, ty| Column { name: name.to_owned(), ty, nullable: true, ordinal: true };
        let table = Table {
            columns: vec![column("A", Type::Decimal), column("B", Type::DateTimeOffset)],
            key: vec![0],
            rows: vec![vec![Value::Decimal("1.50".parse().unwrap()), Value::DateTimeOffset(500_000)]],
        };
        let check = |text: &str| compare(&table, &[0, 1], &[0], &[Json::read(text).unwrap()]);
        assert_eq!(check(r#"{"@odata.etag":"x","A":1.5,"B":"1970-01-01T00:00:00.5Z"}"#), Ok(()));
        for wrong in [
            r#"{"A":1.5}"#,
            r#"{"A":"1.5","B":"1970-01-01T00:00:00.5Z"}"#,
            r#"{"A":1.5000000000000000000001,"B":"1970-01-01T00:00:00.5Z"}"#,
            r#"{"A":1.5,"B":"1970-01-01T00:00:00.5+00:00"}"#,
            r#"{"A":1.5,"B":"1970-01-01T00:00:00Z"}"#,
            r#"{"A":1.5,"B":"1970-01-01T00:00:00.5Z","C":1}"#,
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert!(compare(&table, &[0], &[0], &[]).is_err());
    }
}
