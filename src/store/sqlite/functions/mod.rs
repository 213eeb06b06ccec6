//! Owns what every SQLite connection knows beyond SQLite: the collation `penstock_decimal`, the function
//! `penstock_contains_folded`, and the functions with which the dialect calculates. Those are of one kind: null for a
//! null argument, else a value in the form in which the source stores it.

mod arguments;
mod casts;
mod forms;
mod numbers;
mod texts;
mod times;

use std::cell::RefCell;
use std::cmp::Ordering;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error};

pub(super) use arguments::OUT_OF_RANGE;

use arguments::Arguments;

/// Makes all of them known to a connection.
pub(super) fn register(connection: &Connection, decimals_as_text: bool) -> rusqlite::Result<()> {
    connection.create_collation("penstock_decimal", compare_decimals)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let tables = [numbers::FUNCTIONS, texts::FUNCTIONS, times::FUNCTIONS, casts::FUNCTIONS, forms::FUNCTIONS];
    for (name, arguments, function) in tables.into_iter().flatten() {
        connection.create_scalar_function(*name, *arguments, flags, move |context| {
            if (0..context.len()).any(|place| matches!(context.get_raw(place), ValueRef::Null)) {
                return Ok(Value::Null);
            }
            function(&Arguments { context, decimals_as_text })
        })?;
    }
    // One buffer per connection: nothing is allocated per row once it has grown to the longest text.
    let buffer = RefCell::new(String::new());
    connection.create_scalar_function("penstock_contains_folded", 2, flags, move |context| {
        contains_folded(context, &mut buffer.borrow_mut())
    })
}

/// Whether the first argument holds the second without regard to letter case; null if one of them is null.
fn contains_folded(context: &Context<'_>, buffer: &mut String) -> rusqlite::Result<Option<bool>> {
    let (text, phrase) = (context.get_raw(0), context.get_raw(1));
    if matches!(text, ValueRef::Null) || matches!(phrase, ValueRef::Null) {
        return Ok(None);
    }
    let text = text.as_str().map_err(|_| misuse("the text is no text"))?;
    // SQLite keeps what hangs on a constant argument for the run of the statement.
    let phrase = context.get_or_create_aux(1, |phrase| -> Result<String, Error> {
        let mut folded = String::new();
        fold(phrase.as_str().map_err(|_| misuse("the phrase is no text"))?, &mut folded);
        Ok(folded)
    })?;
    fold(text, buffer);
    Ok(Some(buffer.contains(phrase.as_str())))
}

fn misuse(text: &str) -> Error {
    Error::UserFunctionError(text.into())
}

/// Letter by letter, so that the end of a word has no say: `str::to_lowercase` has a rule for a final sigma.
fn fold(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}

/// Decimal texts by value, exact at any length. What is no decimal comes after all decimals, by its bytes.
fn compare_decimals(left: &str, right: &str) -> Ordering {
    match (Digits::read(left), Digits::read(right)) {
        (Some(left), Some(right)) => left.compare(&right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.as_bytes().cmp(right.as_bytes()),
    }
}

/// A decimal without the zeros that say nothing.
struct Digits<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Digits<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Digits { negative, whole, fraction })
    }

    fn compare(&self, other: &Digits<'_>) -> Ordering {
        let size = || {
            let by_length = self.whole.len().cmp(&other.whole.len());
            by_length.then_with(|| self.whole.cmp(other.whole)).then_with(|| self.fraction.cmp(other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_by_value() {
        let sorted = [
            "-12345678901234567890.2",
            "-100",
            "-12.6",
            "-12.50",
            "-0.001",
            "-0.00",
            "0.0001",
            "0.5",
            "0.51",
            "1",
            "9.99",
            "10",
            "12345678901234567890.1",
            "12345678901234567890.12",
            "",
            "1e5",
            "abc",
        ];
        for (at, left) in sorted.iter().enumerate() {
            for (other, right) in sorted.iter().enumerate() {
                assert_eq!(compare_decimals(left, right), at.cmp(&other), "{left} {right}");
            }
        }
        assert_eq!(compare_decimals("12.5", "12.500"), Ordering::Equal);
        assert_eq!(compare_decimals("-0.00", "0"), Ordering::Equal);
        assert_eq!(compare_decimals("007", "7"), Ordering::Equal);
    }

    #[test]
    fn texts_hold_phrases_without_regard_to_letter_case() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection, true).unwrap();
        let holds = |text: Option<&str>, phrase: Option<&str>| -> Option<bool> {
            connection.query_row("SELECT penstock_contains_folded(?, ?)", (text, phrase), |row| row.get(0)).unwrap()
        };
        assert_eq!(holds(Some("Straße nach MÜNCHEN"), Some("münchen")), Some(true));
        assert_eq!(holds(Some("plain TEXT"), Some("N tEx")), Some(true));
        assert_eq!(holds(Some("plain text"), Some("texts")), Some(false));
        assert_eq!(holds(Some("ΟΔΟΣ"), Some("οδοσ")), Some(true));
        assert_eq!(holds(Some("100%"), Some("%")), Some(true));
        assert_eq!(holds(Some("100"), Some("%")), Some(false));
        assert_eq!(holds(Some("x"), Some("")), Some(true));
        assert_eq!(holds(None, Some("x")), None);
        assert_eq!(holds(Some("x"), None), None);
    }
}
