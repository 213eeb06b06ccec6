//! Casts, and texts, dates and times taken apart (OData 4.01 Part 2, 5.1.1.4 to 5.1.1.10).

use std::str::FromStr;

use bigdecimal::{BigDecimal, ToPrimitive};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use penstock::edm::Value;

use super::super::super::support::databases::{clock_text, date_text, guid_text, instant_text};
use super::super::value::{Type, to_double};
use super::expr::{Function, Kind};
use super::numbers::{Rounding, round, rounded, to_decimal};

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The years 1 to 9999.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

pub(super) fn instant(micros: i64) -> Value {
    if DAYS.contains(&micros.div_euclid(MICROS_PER_DAY)) { Value::DateTimeOffset(micros) } else { Value::Null }
}

pub(super) fn date(days: i64) -> Value {
    if DAYS.contains(&days) { Value::Date(i32::try_from(days).unwrap()) } else { Value::Null }
}

/// The day and the microsecond in it, of a date, an instant or a time of day.
fn moment(value: &Value) -> DateTime<Utc> {
    let micros = match value {
        Value::Date(days) => i64::from(*days) * MICROS_PER_DAY,
        Value::DateTimeOffset(micros) | Value::TimeOfDay(micros) => *micros,
        other => panic!("{other:?} is no time"),
    };
    DateTime::from_timestamp_micros(micros).unwrap()
}

fn string(value: &Value) -> &str {
    if let Value::String(text) = value { text } else { panic!("{value:?} is no text") }
}

fn int(number: impl TryInto<i64>) -> Value {
    Value::Int(number.try_into().ok().unwrap())
}

/// A function of arguments none of which is null.
pub(super) fn call(function: Function, arguments: &[Value]) -> Value {
    let first = &arguments[0];
    match function {
        Function::Contains => Value::Boolean(string(first).contains(string(&arguments[1]))),
        Function::StartsWith => Value::Boolean(string(first).starts_with(string(&arguments[1]))),
        Function::EndsWith => Value::Boolean(string(first).ends_with(string(&arguments[1]))),
        Function::Concat => Value::String((string(first).to_owned() + string(&arguments[1])).into()),
        Function::IndexOf => {
            let text = string(first);
            text.find(string(&arguments[1])).map_or(Value::Int(-1), |bytes| int(text[..bytes].chars().count()))
        }
        Function::Length => int(string(first).chars().count()),
        Function::Substring => substring(string(first), &arguments[1], arguments.get(2)),
        Function::ToLower => Value::String(string(first).to_lowercase().into()),
        Function::ToUpper => Value::String(string(first).to_uppercase().into()),
        Function::Trim => Value::String(string(first).trim().into()),
        Function::Year => int(moment(first).year()),
        Function::Month => int(moment(first).month()),
        Function::Day => int(moment(first).day()),
        Function::Hour => int(moment(first).hour()),
        Function::Minute => int(moment(first).minute()),
        Function::Second => int(moment(first).second()),
        Function::FractionalSeconds => {
            Value::Decimal(BigDecimal::new(moment(first).timestamp_subsec_micros().into(), 6))
        }
        Function::Date => cast(first, Type::Date),
        Function::Time => cast(first, Type::TimeOfDay),
        Function::TotalOffsetMinutes => Value::Int(0),
        Function::TotalSeconds => {
            let Value::Duration(micros) = first else { panic!("{first:?} is no duration") };
            Value::Decimal(BigDecimal::new((*micros).into(), 6))
        }
        Function::Round => round(first, &Rounding::Round),
        Function::Floor => round(first, &Rounding::Floor),
        Function::Ceiling => round(first, &Rounding::Ceiling),
    }
}

fn substring(text: &str, start: &Value, length: Option<&Value>) -> Value {
    let number = |value: &Value| if let Value::Int(value) = value { *value } else { panic!("{value:?}") };
    let characters: Vec<char> = text.chars().collect();
    let count = i64::try_from(characters.len()).unwrap();
    let start = number(start);
    let first = if start < 0 { (count + start).max(0) } else { start.min(count) };
    let length = length.map_or(i64::MAX, number).max(0);
    let last = first.saturating_add(length).min(count);
    let place = |at: i64| usize::try_from(at).unwrap();
    Value::String(characters[place(first)..place(last)].iter().collect::<String>().into())
}

/// A value that is not null as another type; null where it has no place there.
pub(super) fn cast(value: &Value, to: Type) -> Value {
    let between = |number: Option<i64>| {
        let (low, high) = to.integer_range().unwrap();
        number.filter(|number| (low..=high).contains(number)).map_or(Value::Null, Value::Int)
    };
    match (value, Kind::of(to)) {
        (Value::String(text), _) => read(text, to),
        (value, Kind::Text) => Value::String(written(value).into()),
        (Value::Int(number), Kind::Int) => between(Some(*number)),
        (number @ (Value::Decimal(_) | Value::Double(_)), Kind::Int) => between(rounded(&to_decimal(number)).to_i64()),
        (number, Kind::Decimal) => Value::Decimal(to_decimal(number)),
        (number, Kind::Double) => Value::Double(to_double(number)),
        (Value::DateTimeOffset(micros), Kind::Date) => date(micros.div_euclid(MICROS_PER_DAY)),
        (Value::DateTimeOffset(micros), Kind::Clock) => Value::TimeOfDay(micros.rem_euclid(MICROS_PER_DAY)),
        (Value::Date(days), Kind::Instant) => Value::DateTimeOffset(i64::from(*days) * MICROS_PER_DAY),
        (same, _) => same.clone(),
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_end_matches('0').trim_end_matches('.')
}

/// As OData writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Decimal(value) => {
            let plain = value.to_plain_string();
            let plain = if plain.contains('.') { trimmed(&plain).to_owned() } else { plain };
            if plain == "-0" { "0".to_owned() } else { plain }
        }
        Value::Guid(value) => guid_text(*value),
        Value::Date(value) => date_text(*value),
        Value::DateTimeOffset(value) => trimmed(&instant_text(*value, 'T')).to_owned() + "Z",
        Value::TimeOfDay(value) => trimmed(&clock_text(*value)).to_owned(),
        Value::Duration(value) => {
            let (sign, size) = if *value < 0 { ("-", -value) } else { ("", *value) };
            format!("{sign}PT{}S", trimmed(&format!("{}.{:06}", size / 1_000_000, size % 1_000_000)))
        }
        other => panic!("{other:?} is not cast to a text"),
    }
}

/// A text as a value of a type, in the forms of the standard's grammar and within the digits that every database holds.
fn read(text: &str, to: Type) -> Value {
    let matches = |pattern: &str| regex::Regex::new(&format!("^(?:{pattern})$")).unwrap().is_match(text);
    let unsigned = text.trim_start_matches('+');
    match Kind::of(to) {
        Kind::Text => Some(Value::String(text.into())),
        Kind::Boolean => matches("true|false").then(|| Value::Boolean(text == "true")),
        Kind::Int => {
            let (low, high) = to.integer_range().unwrap();
            let number = matches("[+-]?[0-9]{1,35}").then(|| unsigned.parse::<i128>().unwrap_or(i128::MAX));
            number.and_then(|number| i64::try_from(number).ok()).filter(|it| (low..=high).contains(it)).map(Value::Int)
        }
        Kind::Decimal => matches("[+-]?[0-9]{1,35}([.][0-9]{1,30})?")
            .then(|| Value::Decimal(BigDecimal::from_str(unsigned).unwrap())),
        Kind::Double => {
            matches("[+-]?[0-9]{1,25}([.][0-9]{1,25})?([eE][+-]?[0-9]{1,2})?|[+-]?[0-9]{1,308}([.][0-9]{1,400})?")
                .then(|| Value::Double(text.parse().unwrap()))
        }
        Kind::Guid => matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
            .then(|| Value::Guid(*uuid::Uuid::parse_str(text).unwrap().as_bytes())),
        Kind::Date => day(text).map(Value::Date),
        Kind::Clock => clock(text).map(Value::TimeOfDay),
        Kind::Instant => text.split_once('T').and_then(|(date, rest)| {
            let place = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
            let (time, zone) = rest.split_at(place);
            let micros = i64::from(day(date)?) * MICROS_PER_DAY + clock(time)?;
            let offset = match zone {
                "" | "Z" => 0,
                zone => clock(&zone[1..])? * if zone.starts_with('-') { -1 } else { 1 },
            };
            Some(instant(micros - offset))
        }),
        Kind::Span => panic!("no text is cast to a duration"),
    }
    .unwrap_or(Value::Null)
}

fn day(text: &str) -> Option<i32> {
    let date = (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()?;
    let days = date.signed_duration_since(DateTime::UNIX_EPOCH.date_naive()).num_days();
    if DAYS.contains(&days) { i32::try_from(days).ok() } else { None }
}

fn clock(text: &str) -> Option<i64> {
    let time =
        NaiveTime::parse_from_str(text, "%H:%M:%S%.f").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()?;
    let micros = i64::from(time.nanosecond() / 1_000);
    Some(i64::from(time.num_seconds_from_midnight()) * 1_000_000 + micros)
}
