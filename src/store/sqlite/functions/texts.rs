//! Owns functions of texts: characters, letter case, white space, patterns.

use regex::{Regex, RegexBuilder};
use rusqlite::Error;
use rusqlite::types::Value;

use super::arguments::{Arguments, Function, misuse};

/// Most bytes of a compiled pattern.
const PATTERN_BYTES_MAX: usize = 2 << 20;

/// Name, number of arguments, function.
pub(super) const FUNCTIONS: &[(&str, i32, Function)] = &[
    ("penstock_length", 1, |args| Ok(count(args.text(0)?))),
    ("penstock_index_of", 2, |args| {
        let text = args.text(0)?;
        let before = text.find(args.text(1)?).and_then(|place| text.get(..place));
        Ok(before.map_or(Value::Integer(-1), count))
    }),
    ("penstock_substring", 2, substring),
    ("penstock_substring", 3, substring),
    ("penstock_lower", 1, |args| Ok(Value::Text(args.text(0)?.chars().map(lower).collect()))),
    ("penstock_upper", 1, |args| Ok(Value::Text(args.text(0)?.chars().map(upper).collect()))),
    ("penstock_trim", 1, |args| Ok(Value::Text(args.text(0)?.trim().to_owned()))),
    ("penstock_matches", 2, |args| {
        // SQLite keeps what hangs on a constant argument for the run of the statement.
        let pattern = args.context.get_or_create_aux(1, |pattern| -> Result<Regex, Error> {
            let pattern = pattern.as_str().map_err(|_| misuse("a pattern"))?;
            let built = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
            built.map_err(|error| Error::UserFunctionError(error.into()))
        })?;
        Ok(Value::Integer(i64::from(pattern.is_match(args.text(0)?))))
    }),
];

fn count(text: &str) -> Value {
    Value::Integer(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
}

fn substring(args: &Arguments<'_, '_>) -> Result<Value, Error> {
    let (text, start) = (args.text(0)?, args.int(1)?);
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let skip = if start >= 0 {
        place(start.unsigned_abs())
    } else {
        text.chars().count().saturating_sub(place(start.unsigned_abs()))
    };
    let length = if args.count() > 2 { place(args.int(2)?.max(0).unsigned_abs()) } else { usize::MAX };
    Ok(Value::Text(text.chars().skip(skip).take(length).collect()))
}

/// Letter by letter, as the databases do it: where the letter would become several, it has no other case. `İ` is their
/// exception.
fn lower(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => only,
        _ if letter == 'İ' => 'i',
        _ => letter,
    }
}

/// As [`lower`]; the Greek letters with an iota below have a capital of their own that is one letter.
fn upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    let capital = |distance: u32| char::from_u32(u32::from(letter) + distance).unwrap_or(letter);
    match (letter, upper.next(), upper.next()) {
        (_, Some(only), None) => only,
        ('\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}', ..) => capital(8),
        ('\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}', ..) => capital(9),
        _ => letter,
    }
}
