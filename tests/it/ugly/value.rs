//! The value of a column as the database itself tells it in a text, and what of it must stand in an answer. Nothing of
//! the program takes part: a value is spelled here by the rules of `metadata/README.md` alone.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::support::databases::Kind;
use crate::support::json::Json;

use super::draft::Property;

/// The zone of the source, and what must be added to its local times.
pub(crate) const ZONE: &str = "-02:00";
const ZONE_HOURS: i64 = 2;

/// What the library of this test knows of years.
const LIBRARY_YEARS: i32 = 262_000;

/// What must stand in an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expected {
    Null,
    /// This, letter by letter.
    Exact(Json),
    /// A number of this value, however many digits it has.
    Number(BigDecimal),
    Double(f64),
    Single(f32),
    Point(f64, f64),
    List(Vec<Expected>),
    /// There is no value of the type: an error that names row and property.
    Refused,
}

/// A property and the column below it.
pub(crate) struct Spelling<'a> {
    pub(crate) kind: Kind,
    /// The type as the catalogue of the database spells it.
    pub(crate) declared: &'a str,
    pub(crate) property: &'a Property,
    /// SQLite: decimals are kept as texts.
    pub(crate) exact: bool,
}

impl Spelling<'_> {
    fn says(&self, key: &str) -> bool {
        self.property.form.contains(key)
    }

    /// A text of the value, with a plus in front unless it is null. SQLite tells the type of the value before it.
    pub(crate) fn sql(&self, column: &str) -> String {
        let declared = self.declared.to_lowercase();
        let is = |names: &[&str]| names.iter().any(|name| declared.starts_with(name));
        match self.kind {
            Kind::Sqlite => format!(
                "typeof({column}) || ':' || case typeof({column}) when 'blob' then hex({column}) \
                 when 'real' then printf('%!.17g', {column}) else cast({column} as text) end"
            ),
            Kind::Postgres => {
                let text = if declared == "bytea" {
                    format!("encode({column}, 'hex')")
                } else if declared == "money" {
                    format!("{column}::numeric::text")
                } else if self.says("collection = \"array\"") {
                    format!("to_json({column}::text[])::text")
                } else if self.says("stored = \"local\"") {
                    format!("({column} + interval '{ZONE_HOURS} hours')::text")
                } else {
                    format!("{column}::text")
                };
                format!("'+' || {text}")
            }
            Kind::Mariadb => {
                let text = if is(&["bit"]) {
                    format!("cast({column} as unsigned)")
                } else if declared.contains("zerofill") || is(&["year"]) {
                    format!("{column} + 0")
                } else if is(&["float"]) {
                    format!("cast({column} as double)")
                } else if is(&["binary", "varbinary"]) || declared.ends_with("blob") {
                    format!("hex({column})")
                } else if is(&["point"]) {
                    format!("st_astext({column})")
                } else if self.says("stored = \"local\"") {
                    // What is no time stays as it is.
                    format!(
                        "case when month({column}) = 0 or dayofmonth({column}) = 0 then cast({column} as char) \
                         else cast({column} + interval {ZONE_HOURS} hour as char) end"
                    )
                } else {
                    format!("cast({column} as char)")
                };
                format!("concat('+', {text})")
            }
        }
    }

    /// What must stand in an answer for such a text.
    pub(crate) fn expected(&self, told: &str) -> Expected {
        if told == "null" {
            let is_list = self.says("collection = \"array\"");
            return if is_list { Expected::List(Vec::new()) } else { Expected::Null };
        }
        if self.kind == Kind::Sqlite {
            let (held, text) = told.split_once(':').unwrap();
            return if held == "null" { Expected::Null } else { self.loose(held, text) };
        }
        let text = told.strip_prefix('+').unwrap_or_else(|| panic!("{}: {told}", self.declared));
        if !self.says("collection = \"array\"") {
            return self.strict(text);
        }
        let Json::Array(items) = Json::read(text).unwrap() else { panic!("{text}") };
        let items = items.iter().map(|item| match item {
            Json::Null => Expected::Null,
            // In lists the databases spell years before Christ in their own way.
            Json::String(text) if text.ends_with(" BC") => Expected::Refused,
            Json::String(text) => self.strict(text),
            // An array of arrays.
            _ => Expected::Refused,
        });
        let items: Vec<Expected> = items.collect();
        if items.contains(&Expected::Refused) { Expected::Refused } else { Expected::List(items) }
    }

    /// Where every value of a column has the type of the column.
    fn strict(&self, text: &str) -> Expected {
        match self.property.of_type.as_str() {
            "Boolean" => match text {
                "true" | "t" | "1" => Expected::Exact(Json::Bool(true)),
                "false" | "f" | "0" => Expected::Exact(Json::Bool(false)),
                _ => Expected::Refused,
            },
            "Byte" | "SByte" | "Int16" | "Int32" | "Int64" => whole(text),
            "Decimal" if BigDecimal::from_str(text).is_err() => Expected::Refused,
            "Decimal" => Expected::Exact(Json::Number(text.to_owned())),
            "Double" => Expected::Double(float(text)),
            #[expect(clippy::cast_possible_truncation, reason = "the database holds no more digits")]
            "Single" => Expected::Single(float(text) as f32),
            "String" => string(text),
            "Guid" => string(&guid_of(text)),
            "Binary" => string(&URL_SAFE.encode(bytes(text))),
            "Date" => day(text).map_or(Expected::Refused, |day| string(&day)),
            "TimeOfDay" => clock(text).map_or(Expected::Refused, |time| string(&time)),
            "DateTimeOffset" => instant(text).map_or(Expected::Refused, |instant| string(&instant)),
            "GeometryPoint" => {
                let text = text.trim_start_matches("POINT").trim_matches(['(', ')']);
                let (x, y) = text.split_once([',', ' ']).unwrap();
                Expected::Point(float(x), float(y))
            }
            other => panic!("what is a {other}?"),
        }
    }

    /// Where every value has a type of its own.
    fn loose(&self, held: &str, text: &str) -> Expected {
        let cast = self.says("cast = true");
        match (self.property.of_type.as_str(), held) {
            ("Boolean", "integer") if ["0", "1"].contains(&text) => Expected::Exact(Json::Bool(text == "1")),
            ("Int16", "integer") if text.parse::<i16>().is_ok() => whole(text),
            ("Int32", "integer") if text.parse::<i32>().is_ok() => whole(text),
            ("Int64", "integer") => whole(text),
            ("Double", "integer" | "real") => Expected::Double(float(text)),
            ("Decimal", "integer") => Expected::Number(BigDecimal::from_str(text).unwrap()),
            ("Decimal", "real") if float(text).is_finite() => {
                Expected::Number(BigDecimal::from_str(&float(text).to_string()).unwrap())
            }
            ("Decimal", "blob") if cast => self.digits(&String::from_utf8(bytes(text)).unwrap_or_default()),
            ("Decimal", "text") if cast || self.exact => self.digits(text),
            ("String", "text") => string(text),
            ("String", "integer") if cast => string(text),
            // Numbers as their digits.
            ("String", "real") if cast && text.ends_with("Inf") => string(&text.to_uppercase()),
            ("String", "real") if cast => string(&float(text).to_string()),
            ("Binary", "blob") => string(&URL_SAFE.encode(bytes(text))),
            // Letter case would tell equal ones apart, unless the database casts.
            ("Guid", "text") if text.len() == 36 && (cast || text.to_lowercase() == text) => string(&guid_of(text)),
            ("Guid", "blob") if text.len() == 32 => string(&guid_of(text)),
            ("Date", "text") => day(text).map_or(Expected::Refused, |day| string(&day)),
            ("DateTimeOffset", "text") if cast => instant(text).map_or(Expected::Refused, |it| string(&it)),
            ("DateTimeOffset", "integer") if cast => {
                let seconds: i64 = text.parse().unwrap();
                string(&written(DateTime::from_timestamp(seconds, 0).unwrap().naive_utc()))
            }
            ("DateTimeOffset", "real") if cast => {
                // Days since noon of 24 November 4714 before Christ.
                let days = BigDecimal::from_str(text).unwrap() - BigDecimal::from_str("2440587.5").unwrap();
                let micros = (days * BigDecimal::from(86_400_000_000_i64)).with_scale(0).to_string();
                string(&written(DateTime::from_timestamp_micros(micros.parse().unwrap()).unwrap().naive_utc()))
            }
            ("GeometryPoint", "text") if text.starts_with("POINT(") => self.strict(text),
            ("TimeOfDay", "text") if cast => clock(text).map_or(Expected::Refused, |time| string(&time)),
            _ => Expected::Refused,
        }
    }
}

impl Spelling<'_> {
    /// Digits are not kept by a binary number that has others.
    fn digits(&self, digits: &str) -> Expected {
        let Ok(number) = BigDecimal::from_str(digits) else { return Expected::Refused };
        let kept = BigDecimal::from_str(&float(digits).to_string()).unwrap();
        if self.exact || kept == number { Expected::Number(number) } else { Expected::Refused }
    }
}

impl Expected {
    /// Whether a value of an answer is this one.
    pub(crate) fn is(&self, found: &Json) -> bool {
        match (self, found) {
            (Expected::Null, Json::Null) => true,
            (Expected::Exact(expected), found) => expected == found,
            (Expected::Number(expected), Json::Number(digits)) => BigDecimal::from_str(digits).unwrap() == *expected,
            (Expected::Double(expected), found) => number(found).is_some_and(|it| it.to_bits() == expected.to_bits()),
            (Expected::Single(expected), found) =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "as a client with such numbers reads it")]
                number(found).is_some_and(|it| (it as f32).to_bits() == expected.to_bits())
            }
            (Expected::Point(x, y), found) => {
                let is_point = found.get("type").and_then(Json::as_str) == Some("Point");
                let places = found.get("coordinates").and_then(Json::as_array).unwrap_or_default();
                is_point && places.iter().map(number).eq([Some(*x), Some(*y)])
            }
            (Expected::List(items), Json::Array(found)) => {
                items.len() == found.len() && items.iter().zip(found).all(|(item, found)| item.is(found))
            }
            _ => false,
        }
    }

    /// One text for each value of a key.
    pub(crate) fn in_key(&self) -> String {
        match self {
            Expected::Exact(json) => json.to_string(),
            Expected::Number(number) => number.normalized().to_plain_string(),
            other => panic!("{other:?} in a key"),
        }
    }
}

/// The same text for a value of an answer.
pub(crate) fn key_text(expected: &Expected, found: &Json) -> String {
    match (expected, found) {
        (Expected::Number(_), Json::Number(digits)) => {
            BigDecimal::from_str(digits).unwrap().normalized().to_plain_string()
        }
        _ => found.to_string(),
    }
}

/// A number of an answer, or one of the words that stand for numbers.
fn number(json: &Json) -> Option<f64> {
    match json {
        Json::Number(digits) => digits.parse().ok(),
        Json::String(word) => match word.as_str() {
            "NaN" => Some(f64::NAN),
            "INF" => Some(f64::INFINITY),
            "-INF" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn string(text: &str) -> Expected {
    Expected::Exact(Json::String(text.to_owned()))
}

fn whole(text: &str) -> Expected {
    Expected::Exact(Json::Number(text.parse::<i128>().unwrap().to_string()))
}

fn float(text: &str) -> f64 {
    match text {
        "Infinity" | "Inf" => f64::INFINITY,
        "-Infinity" | "-Inf" => f64::NEG_INFINITY,
        // The sign of what is no number says nothing.
        "NaN" => f64::NAN,
        text => text.parse().unwrap_or_else(|error| panic!("{text}: {error}")),
    }
}

fn guid_of(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_lowercase();
    assert_eq!(digits.len(), 32, "{text}");
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let pair = |place: usize| u8::from_str_radix(&hexadecimal[place..place + 2], 16).unwrap();
    (0..hexadecimal.len()).step_by(2).map(pair).collect()
}

/// A text without the mark of a year before Christ, whose year counts as in astronomy then.
fn era(text: &str) -> (bool, &str) {
    text.strip_suffix(" BC").map_or((false, text), |rest| (true, rest))
}

fn year(before_christ: bool, digits: &str) -> Option<i32> {
    let year: i32 = if digits.len() >= 4 { digits.parse().ok()? } else { return None };
    Some(if before_christ { 1 - year } else { year })
}

fn date(text: &str) -> Option<NaiveDate> {
    let (before_christ, text) = era(text);
    let mut parts = text.splitn(3, '-');
    let year = year(before_christ, parts.next()?)?;
    let number = |part: Option<&str>| part.filter(|it| it.len() == 2)?.parse().ok();
    NaiveDate::from_ymd_opt(year, number(parts.next())?, number(parts.next())?)
}

fn day(text: &str) -> Option<String> {
    Some(written_day(date(text)?))
}

fn written_day(day: NaiveDate) -> String {
    use chrono::Datelike;
    let (sign, year) = if day.year() < 0 { ("-", -day.year()) } else { ("", day.year()) };
    format!("{sign}{year:04}-{:02}-{:02}", day.month(), day.day())
}

fn time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// Without zeros at the end of a fraction.
fn written_time(time: NaiveTime) -> String {
    let text = time.format("%H:%M:%S%.6f").to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn clock(text: &str) -> Option<String> {
    time(text).map(written_time)
}

fn written(instant: NaiveDateTime) -> String {
    let time = instant.format("%H:%M:%S%.6f").to_string();
    let time = if time.ends_with(".000000") { time[..8].to_owned() } else { time.trim_end_matches('0').to_owned() };
    format!("{}T{time}Z", written_day(instant.date()))
}

/// A date with a time in UTC, or with a difference from it behind.
fn instant(text: &str) -> Option<String> {
    let (before_christ, text) = era(text);
    let (day, rest) = text.split_once([' ', 'T'])?;
    let far = day.split('-').next()?.parse::<i32>().ok()?;
    if far > LIBRARY_YEARS {
        // Later ones have no place in 64 bits of microseconds since 1970, in which instants are kept.
        return rest.strip_suffix("+00").filter(|_| far < 292_277).map(|clock| format!("{day}T{clock}Z"));
    }
    let day = date(&if before_christ { format!("{day} BC") } else { day.to_owned() })?;
    let (clock, minutes) = match rest.rfind(['+', '-']) {
        Some(place) => {
            let (hours, minutes) = rest[place + 1..].split_once(':').unwrap_or((&rest[place + 1..], "0"));
            let offset = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            (&rest[..place], if rest[place..].starts_with('-') { -offset } else { offset })
        }
        None => (rest.trim_end_matches('Z'), 0),
    };
    day.and_time(time(clock)?).checked_sub_signed(TimeDelta::minutes(minutes)).map(written)
}
