//! Owns the shapes of literals that begin with a digit, a sign or hexadecimal letters: how far a number, a date, a
//! date with time, a time of day or a GUID reaches. Looks at form only; whether the 30th of February exists is not
//! asked here.

use super::decode::Text;

/// A kind of unquoted literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Number,
    Date,
    DateTimeOffset,
    TimeOfDay,
    Guid,
}

/// The end of a GUID that begins at `at`.
pub(super) fn guid(text: &Text<'_>, at: usize) -> Option<usize> {
    if text.byte(at + 8) != b'-' {
        return None;
    }
    let mut end = at;
    for (part, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if part > 0 {
            end = expect(text, end, b'-')?;
        }
        let hex = (end..end + length).all(|position| text.byte(position).is_ascii_hexdigit());
        end = hex.then_some(end + length)?;
    }
    Some(end)
}

/// Kind and end of the literal that begins at `at` with a digit, or with a sign and a digit.
pub(super) fn numeric(text: &Text<'_>, at: usize) -> Option<(Shape, usize)> {
    if let Some(end) = guid(text, at) {
        return Some((Shape::Guid, end));
    }
    if let Some(end) = date(text, at) {
        if !text.byte(end).eq_ignore_ascii_case(&b'T') {
            return Some((Shape::Date, end));
        }
        let end = time(text, end + 1).and_then(|end| offset(text, end))?;
        return Some((Shape::DateTimeOffset, end));
    }
    if let Some(end) = time(text, at) {
        return Some((Shape::TimeOfDay, end));
    }
    number(text, at).map(|end| (Shape::Number, end))
}

fn date(text: &Text<'_>, at: usize) -> Option<usize> {
    let start = if text.byte(at) == b'-' { at + 1 } else { at };
    let year_end = digits(text, start);
    let length = year_end - start;
    // Longer years have no leading zero, so that each year has one spelling.
    if length < 4 || (length > 4 && text.byte(start) == b'0') {
        return None;
    }
    let month = expect(text, year_end, b'-')?;
    let day = expect(text, two_digits(text, month)?, b'-')?;
    two_digits(text, day)
}

fn time(text: &Text<'_>, at: usize) -> Option<usize> {
    let minute = expect(text, two_digits(text, at)?, b':')?;
    let end = two_digits(text, minute).filter(|end| !text.byte(*end).is_ascii_digit())?;
    // What follows another colon need not belong to it: `case(Clock eq 10:20:5)`.
    match expect(text, end, b':').and_then(|second| two_digits(text, second)) {
        Some(end) => Some(fraction(text, end)),
        None => Some(end),
    }
}

fn offset(text: &Text<'_>, at: usize) -> Option<usize> {
    if text.byte(at).eq_ignore_ascii_case(&b'Z') {
        return Some(at + 1);
    }
    let hour = sign(text, at)?;
    let minute = expect(text, two_digits(text, hour)?, b':')?;
    two_digits(text, minute)
}

fn number(text: &Text<'_>, at: usize) -> Option<usize> {
    let start = if matches!(text.byte(at), b'-' | b'+') { at + 1 } else { at };
    let whole = digits(text, start);
    if whole == start {
        return None;
    }
    let end = fraction(text, whole);
    if !text.byte(end).eq_ignore_ascii_case(&b'e') {
        return Some(end);
    }
    let exponent = sign(text, end + 1).unwrap_or(end + 1);
    let exponent_end = digits(text, exponent);
    Some(if exponent_end > exponent { exponent_end } else { end })
}

/// A full stop and at least one digit, if they are there.
fn fraction(text: &Text<'_>, at: usize) -> usize {
    if text.byte(at) != b'.' {
        return at;
    }
    let end = digits(text, at + 1);
    if end > at + 1 { end } else { at }
}

/// A sign in a place where a blank cannot stand, so that a bare plus that was decoded to a blank is a plus again.
fn sign(text: &Text<'_>, at: usize) -> Option<usize> {
    let found = match text.byte(at) {
        b'-' | b'+' => true,
        b' ' => text.is_plus(at),
        _ => false,
    };
    found.then_some(at + 1)
}

fn expect(text: &Text<'_>, at: usize, byte: u8) -> Option<usize> {
    (text.byte(at) == byte).then_some(at + 1)
}

fn two_digits(text: &Text<'_>, at: usize) -> Option<usize> {
    (text.byte(at).is_ascii_digit() && text.byte(at + 1).is_ascii_digit()).then_some(at + 2)
}

fn digits(text: &Text<'_>, at: usize) -> usize {
    let mut end = at;
    while text.byte(end).is_ascii_digit() {
        end += 1;
    }
    end
}
