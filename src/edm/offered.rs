//! Owns [`Offered`]: a date under another type, and which date a value of that type stands for.
//!
//! # Decisions
//!
//! - **The order is that of the dates.** The later of two days is later under every offer, so a value of the other type
//!   always has its place among dates: it is one, or lies between two, or beyond all. Comparisons are made there, where
//!   the column's index is.
//! - **Any text has a place** among the texts of dates, which is found by halving: what a client compares with need be
//!   no date.

use std::cmp::Ordering;

use super::{Scalar, Value, parse_date, write_date};

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// 0001-01-01 and 9999-12-31, between which the order of texts is that of dates.
const FIRST: i32 = -719_162;
const LAST: i32 = 2_932_896;

/// What a date is offered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offered {
    /// The instant so many seconds after its midnight in UTC; less than a day.
    Instant(u32),
    /// Its text: `2024-05-01`.
    Text,
}

/// Where a value lies among dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// It is this date.
    Date(i32),
    /// It lies between this date and the next.
    After(i32),
    /// It is greater than all.
    Above,
    /// It is less than all.
    Below,
}

impl Offered {
    /// The type under which the date is published.
    pub fn scalar(self) -> Scalar {
        match self {
            Offered::Instant(_) => Scalar::DateTimeOffset { precision: 0 },
            Offered::Text => Scalar::String { max_length: Some(10) },
        }
    }

    /// Where a value of the published type lies among the dates; `None` for null and for values of other types.
    pub fn place(self, value: &Value) -> Option<Among> {
        match (self, value) {
            (Offered::Instant(seconds), Value::DateTimeOffset(micros)) => {
                let since = micros.checked_sub(i64::from(seconds) * 1_000_000);
                let day = since.and_then(|since| i32::try_from(since.div_euclid(MICROS_PER_DAY)).ok());
                Some(match day {
                    Some(day) if since.is_some_and(|since| since.rem_euclid(MICROS_PER_DAY) == 0) => Among::Date(day),
                    Some(day) => Among::After(day),
                    None if *micros < 0 => Among::Below,
                    None => Among::Above,
                })
            }
            (Offered::Text, Value::String(text)) => Some(place_of_text(text)),
            _ => None,
        }
    }

    /// The first and the last date whose text begins so; `None` if there is none. The text has at least five
    /// characters: so many begin no other date's text than those of one year.
    pub fn starting(text: &str) -> Option<(i32, i32)> {
        let end = first_day(|day| compare(day, text) == Ordering::Less || starts(day, text));
        let start = first_day(|day| compare(day, text) == Ordering::Less);
        (start < end).then_some((start, end - 1))
    }
}

fn place_of_text(text: &str) -> Among {
    if let Some(day) = day_of(text) {
        return Among::Date(day);
    }
    match first_day(|day| compare(day, text) == Ordering::Less) {
        FIRST => Among::Below,
        day if day > LAST => Among::Above,
        day => Among::After(day - 1),
    }
}

/// The day that is written so, and in no other way. Days before the year 1 are written as PostgreSQL does.
fn day_of(text: &str) -> Option<i32> {
    if let Some((year, rest)) = text.strip_suffix(" BC").and_then(|before| before.split_once('-')) {
        // There the year before 1 is 1 BC, here it is 0.
        let year = year.parse::<u32>().ok().filter(|_| year.len() >= 4)?.checked_sub(1)?;
        let sign = if year > 0 { "-" } else { "" };
        return parse_date(&format!("{sign}{year:04}-{rest}")).ok();
    }
    let day = parse_date(text).ok().filter(|day| *day >= FIRST)?;
    with_text(day, |written| written == text.as_bytes()).then_some(day)
}

/// The first day of which this is not true, the day after the last if it is true of all; what it is true of stands
/// first.
fn first_day(is_before: impl Fn(i32) -> bool) -> i32 {
    let (mut low, mut high) = (FIRST, LAST + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn with_text<T>(day: i32, look: impl FnOnce(&[u8]) -> T) -> T {
    let mut text = Vec::with_capacity(12);
    write_date(i64::from(day), &mut text);
    look(&text)
}

fn compare(day: i32, text: &str) -> Ordering {
    with_text(day, |written| written.cmp(text.as_bytes()))
}

fn starts(day: i32, text: &str) -> bool {
    with_text(day, |written| written.starts_with(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Value {
        Value::DateTimeOffset(crate::edm::parse_date_time_offset(text, false).unwrap())
    }

    fn day(text: &str) -> i32 {
        parse_date(text).unwrap()
    }

    fn of_text(text: &str) -> Among {
        Offered::Text.place(&Value::String(text.into())).unwrap()
    }

    #[test]
    fn instants_have_a_place_among_dates() {
        let noon = |text: &str| Offered::Instant(43_200).place(&instant(text)).unwrap();
        assert_eq!(noon("2024-05-01T12:00:00Z"), Among::Date(day("2024-05-01")));
        assert_eq!(noon("2024-05-01T14:00:00+02:00"), Among::Date(day("2024-05-01")));
        assert_eq!(noon("2024-05-01T12:00:00.000001Z"), Among::After(day("2024-05-01")));
        assert_eq!(noon("2024-05-01T11:59:59.999999Z"), Among::After(day("2024-04-30")));
        assert_eq!(noon("2024-05-01T00:00:00Z"), Among::After(day("2024-04-30")));
        assert_eq!(noon("1969-12-31T12:00:00Z"), Among::Date(-1));
        assert_eq!(noon("1969-12-31T00:00:00Z"), Among::After(-2));
        assert_eq!(Offered::Instant(0).place(&instant("0001-01-01T00:00:00Z")), Some(Among::Date(FIRST)));
        assert_eq!(Offered::Instant(0).place(&Value::Null), None);
        assert_eq!(Offered::Instant(86_399).place(&Value::DateTimeOffset(i64::MIN)), Some(Among::Below));
    }

    #[test]
    fn texts_have_a_place_among_dates() {
        assert_eq!(of_text("2024-05-01"), Among::Date(day("2024-05-01")));
        assert_eq!(of_text("2024-05"), Among::After(day("2024-04-30")));
        assert_eq!(of_text("2024-05-01T"), Among::After(day("2024-05-01")));
        assert_eq!(of_text("2024-02-30"), Among::After(day("2024-02-29")));
        assert_eq!(of_text("2024-5-1"), Among::After(day("2024-12-31")));
        assert_eq!(
            (of_text(""), of_text("0000"), of_text("0001-01-01")),
            (Among::Below, Among::Below, Among::Date(FIRST))
        );
        assert_eq!(
            (of_text("x"), of_text("9999-12-31x"), of_text("9999-12-31")),
            (Among::Above, Among::Above, Among::Date(LAST))
        );
        assert_eq!(of_text("10000-01-01"), Among::Date(LAST + 1));
        assert_eq!(
            (of_text("0001-12-31 BC"), of_text("0044-03-15 BC")),
            (Among::Date(FIRST - 1), Among::Date(day("-0043-03-15")))
        );
        // Such a day is written otherwise.
        assert_eq!(of_text("-0043-03-15"), Among::Below);
    }

    #[test]
    fn the_days_of_a_year_and_a_month_stand_together() {
        assert_eq!(Offered::starting("2024-"), Some((day("2024-01-01"), day("2024-12-31"))));
        assert_eq!(Offered::starting("2024-02"), Some((day("2024-02-01"), day("2024-02-29"))));
        assert_eq!(Offered::starting("2024-1"), Some((day("2024-10-01"), day("2024-12-31"))));
        assert_eq!(Offered::starting("2024-05-01"), Some((day("2024-05-01"), day("2024-05-01"))));
        assert_eq!(Offered::starting("9999-12-31"), Some((LAST, LAST)));
        for none in ["2024-2", "2024-05-01x", "xxxxx", "2024-13"] {
            assert_eq!(Offered::starting(none), None, "{none}");
        }
    }
}
