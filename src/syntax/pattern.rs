//! Owns [`Pattern`]: the words of a request with its plain literals taken out, so that what was worked out for one
//! request serves all that differ in these alone.
//!
//! # Decisions
//!
//! - **Only what cannot be misread is taken out**: the key of the first segment, and what stands behind a comparison in
//!   `$filter`, each as a whole token of a well-known form. Everything else stays in the text, where it is compared
//!   byte by byte; to leave a literal in costs a chance and is never wrong.
//! - **One spelling for one value.** Numbers with zeros in front, fractions that end in zeros and the like stay in the
//!   text, so literals of one form are equal exactly where their texts are.
//! - **Only what stands once.** A list that holds a value twice is another query than one that holds two values; and of
//!   a literal that stands twice it could not be seen whether the query has it at both places. Such literals stay in
//!   the text.
//! - **This is no second parser.** Who uses a pattern asks the real one about two [`Pattern::specimen`]s and takes
//!   nothing for granted that does not follow from both.

use std::borrow::Cow;
use std::ops::Range;

use super::Literal;

/// Longer targets have no pattern: their like seldom comes again.
const TARGET_BYTES_MAX: usize = 2_048;
/// More literals than this, and there is no pattern.
const LITERALS_MAX: usize = 16;
/// A longer text stays where it is.
const TEXT_BYTES_MAX: usize = 256;
/// Stands in the text of a pattern where a literal stood. No target has it.
const MARK: char = '\u{1}';

/// A request's words without its plain literals. Two requests have equal texts only if they differ in nothing but the
/// values of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    /// The form of each literal, and where it stands without its quotes.
    literals: Vec<(Form, Range<usize>)>,
}

/// The form of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Int,
    Decimal,
    Date,
    DateTimeOffset,
    Guid,
    String,
}

/// The two requests that are asked in place of all of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Specimen {
    /// The one.
    First,
    /// The other: no literal is the same, and none is as long where its form leaves a choice.
    Second,
}

impl Pattern {
    /// The pattern of a target as [`super::parse`] takes it; `None` if it is too long or strange to have one, or like no
    /// other.
    pub fn of(target: &str) -> Option<Pattern> {
        // What begins so is of the service, and no set.
        if target.len() > TARGET_BYTES_MAX || target.starts_with('$') {
            return None;
        }
        // The least byte is found some at a time.
        if target.bytes().fold(u8::MAX, u8::min) < b' ' {
            return None;
        }
        let mut taking = Taking { target, literals: Vec::new() };
        let path_end = target.find('?').unwrap_or(target.len());
        taking.key(path_end);
        let mut start = path_end + 1;
        while let Some(rest) = target.get(start..).filter(|rest| !rest.is_empty()) {
            let end = rest.find('&').map_or(target.len(), |length| start + length);
            // No two of them are alike.
            if ["$skiptoken=", "%24skiptoken="].iter().any(|name| rest.starts_with(name)) {
                return None;
            }
            if let Some(value) = ["$filter=", "%24filter=", "filter="].iter().find_map(|name| rest.strip_prefix(name)) {
                taking.filter(target.len() - value.len(), end);
            }
            start = end + 1;
        }
        taking.finish()
    }

    /// The words, with marks in place of literals.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many literals have been taken out; they are numbered from 0.
    pub fn literals(&self) -> usize {
        self.literals.len()
    }

    /// The literal with this number, as the parser gives it. `target` is what the pattern was made of.
    pub fn literal(&self, number: usize, target: &str) -> Option<Literal> {
        let (form, place) = self.literals.get(number)?;
        Some(form.literal(form.decoded(target.get(place.clone())?).into_owned()))
    }

    /// The literal with this number in a specimen.
    pub fn literal_of(&self, number: usize, specimen: Specimen) -> Option<Literal> {
        let (form, _) = self.literals.get(number)?;
        Some(form.literal(form.specimen(number, specimen)))
    }

    /// A request of this pattern. `target` is what the pattern was made of.
    pub fn specimen(&self, specimen: Specimen, target: &str) -> String {
        let mut text = String::with_capacity(target.len() + 64);
        let mut done = 0;
        for (number, (form, place)) in self.literals.iter().enumerate() {
            text.push_str(target.get(done..place.start).unwrap_or_default());
            text.push_str(&form.specimen(number, specimen));
            done = place.end;
        }
        text.push_str(target.get(done..).unwrap_or_default());
        text
    }
}

impl Form {
    /// The form of a token that is no text; `None` if it has none of them, or not in the one spelling that counts.
    fn of(token: &str) -> Option<Form> {
        let bytes = token.as_bytes();
        let digits = token.strip_prefix('-').unwrap_or(token);
        if bytes.len() <= 18 && is_whole(digits) && token != "-0" {
            return Some(Form::Int);
        }
        if bytes.len() <= 30
            && let Some((whole, fraction)) = digits.split_once('.')
        {
            let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit()) && is_shortest(fraction);
            return (is_whole(whole) && is_fraction).then_some(Form::Decimal);
        }
        match bytes.len() {
            10 => is_like(bytes, b"0000-00-00").then_some(Form::Date),
            36 => is_like(bytes, b"ffffffff-ffff-ffff-ffff-ffffffffffff").then_some(Form::Guid),
            _ => None,
        }
    }

    /// Whether a token is a time in UTC in the one spelling that counts; its colons may be encoded.
    fn is_instant(token: &str) -> bool {
        const PLAIN: &[u8] = b"0000-00-00T00:00:00";
        const ENCODED: &[u8] = b"0000-00-00T00%3A00%3A00";
        let Some(time) = token.strip_suffix('Z') else { return false };
        let (seconds, fraction) = match time.split_once('.') {
            Some((seconds, fraction)) => (seconds, Some(fraction)),
            None => (time, None),
        };
        let is_digits = |fraction: &str| fraction.len() <= 6 && fraction.bytes().all(|byte| byte.is_ascii_digit());
        [PLAIN, ENCODED].iter().any(|form| is_like(seconds.as_bytes(), form))
            && fraction.is_none_or(|fraction| is_digits(fraction) && is_shortest(fraction))
    }

    /// The text of a literal as it is meant. A plus sign is a blank: in the path there is none in a literal.
    fn decoded(self, text: &str) -> Cow<'_, str> {
        match self {
            Form::String if text.bytes().any(|byte| matches!(byte, b'%' | b'+')) => {
                Cow::Owned(text.replace("%20", " ").replace('+', " "))
            }
            Form::DateTimeOffset if text.contains('%') => Cow::Owned(text.replace("%3A", ":")),
            _ => Cow::Borrowed(text),
        }
    }

    fn letter(self) -> char {
        match self {
            Form::Int => 'i',
            Form::Decimal => 'd',
            Form::Date => 'c',
            Form::DateTimeOffset => 't',
            Form::Guid => 'g',
            Form::String => 's',
        }
    }

    fn literal(self, text: String) -> Literal {
        match self {
            Form::Int | Form::Decimal => Literal::Number(text),
            Form::Date => Literal::Date(text),
            Form::DateTimeOffset => Literal::DateTimeOffset(text),
            Form::Guid => Literal::Guid(text),
            Form::String => Literal::String(text),
        }
    }

    /// The text of this form that stands in a specimen for the literal with this number.
    fn specimen(self, number: usize, specimen: Specimen) -> String {
        let is_first = specimen == Specimen::First;
        match (self, is_first) {
            // The smallest types hold them.
            (Form::Int, true) => format!("{}", 41 + number),
            (Form::Int, false) => format!("{}", 83 + number),
            (Form::Decimal, true) => format!("{}.3", 120 + number),
            (Form::Decimal, false) => format!("{}.007", 4_010 + 3 * number),
            (Form::Date, true) => format!("2001-02-{}", 10 + number),
            (Form::Date, false) => format!("2015-11-{}", 12 + number),
            (Form::DateTimeOffset, true) => format!("2001-02-{}T01:02:03Z", 10 + number),
            (Form::DateTimeOffset, false) => format!("2015-11-{}T14:25:36.75Z", 12 + number),
            (Form::Guid, true) => format!("000000{number:02x}-1000-4000-8000-0000000000aa"),
            (Form::Guid, false) => format!("fffe00{number:02x}-2bcd-4def-9abc-bcdefbcdefbc"),
            (Form::String, true) => format!("Ab{number}c"),
            (Form::String, false) => format!("Zyx-{number}.Wvu"),
        }
    }
}

/// Digits without a zero in front.
fn is_whole(text: &str) -> bool {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && (text == "0" || !text.starts_with('0'))
}

/// A fraction without a zero at its end.
fn is_shortest(fraction: &str) -> bool {
    !fraction.is_empty() && !fraction.ends_with('0')
}

/// Whether a token has digits, small hexadecimal digits and signs where the form has `0`, `f` and the sign.
fn is_like(token: &[u8], form: &[u8]) -> bool {
    let is_of = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'f' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        sign => byte == sign,
    };
    token.len() == form.len() && token.iter().zip(form).all(is_of)
}

struct Taking<'t> {
    target: &'t str,
    /// Form and place of all that could be taken out.
    literals: Vec<(Form, Range<usize>)>,
}

impl Taking<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.target.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn is_at(&self, at: usize, text: &str) -> bool {
        self.target.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    /// Length of the blank here, 0 if there is none.
    fn blank(&self, at: usize) -> usize {
        match self.byte(at) {
            b'+' | b' ' => 1,
            b'%' if self.is_at(at, "%20") => 3,
            _ => 0,
        }
    }

    /// Length of the single quote here, 0 if there is none.
    fn quote(&self, at: usize) -> usize {
        match self.byte(at) {
            b'\'' => 1,
            b'%' if self.is_at(at, "%27") => 3,
            _ => 0,
        }
    }

    /// Takes out the key, if the path is one segment with nothing but a literal in parentheses.
    fn key(&mut self, end: usize) {
        let path = self.target.get(..end).unwrap_or_default();
        let Some((name, key)) = path.split_once('(') else { return };
        // In a path a plus sign is itself.
        if !key.ends_with(')') || name.contains(['/', '\'', '%']) || key.contains('+') {
            return;
        }
        if let Some((form, inner, after)) = self.literal(name.len() + 1, end - 1)
            && after == end - 1
        {
            self.literals.push((form, inner));
        }
    }

    /// Takes out what stands behind a comparison.
    fn filter(&mut self, start: usize, end: usize) {
        let mut at = start;
        let mut is_text = false;
        while at < end {
            match self.byte(at) {
                b'%' | b'+' | b' ' | b'\'' => {}
                _ => {
                    at += 1;
                    continue;
                }
            }
            let (quote, blank) = (self.quote(at), self.blank(at));
            if quote > 0 {
                is_text = !is_text;
                at += quote;
                continue;
            }
            at += blank.max(1);
            if blank == 0 || is_text || !self.is_comparison(at) {
                continue;
            }
            let after = self.blank(at + 2);
            if after == 0 {
                continue;
            }
            at += 2 + after;
            if let Some((form, inner, after)) = self.literal(at, end) {
                self.literals.push((form, inner));
                at = after;
            }
        }
    }

    fn is_comparison(&self, at: usize) -> bool {
        let operator = [self.byte(at), self.byte(at + 1)];
        matches!(&operator, b"eq" | b"ne" | b"gt" | b"ge" | b"lt" | b"le")
    }

    /// The plain literal that begins here: its form, where it stands without quotes, and where it ends.
    fn literal(&self, start: usize, end: usize) -> Option<(Form, Range<usize>, usize)> {
        let quote = self.quote(start);
        let mut at = start + quote;
        let inner_start = at;
        if quote > 0 {
            // Quotes in the text are two, and no plain text has any.
            while at < end && self.quote(at) == 0 {
                at += match self.byte(at) {
                    byte if byte.is_ascii_alphanumeric() => 1,
                    b'-' | b'_' | b'.' | b'~' | b':' | b'@' => 1,
                    _ if self.blank(at) > 0 => self.blank(at),
                    _ => return None,
                };
            }
            let inner = inner_start..at;
            let text = self.target.get(inner.clone())?;
            let is_plain = !text.is_empty() && text.len() <= TEXT_BYTES_MAX && self.blank(inner_start) == 0;
            let ends_in_blank = text.ends_with([' ', '+']) || text.ends_with("%20");
            let after = at + self.quote(at);
            let is_whole = at < end && is_plain && !ends_in_blank && self.is_end(after, end);
            return is_whole.then_some((Form::String, inner, after));
        }
        while at < end {
            at += match self.byte(at) {
                byte if byte.is_ascii_alphanumeric() => 1,
                b'-' | b'.' | b':' => 1,
                b'%' if self.is_at(at, "%3A") => 3,
                _ => break,
            };
        }
        let inner = start..at;
        let token = self.target.get(inner.clone()).filter(|_| self.is_end(at, end))?;
        let form = if token.ends_with('Z') {
            Form::is_instant(token).then_some(Form::DateTimeOffset)
        } else {
            Form::of(token)
        };
        form.map(|form| (form, inner, at))
    }

    /// Whether a token ends here.
    fn is_end(&self, at: usize, end: usize) -> bool {
        at >= end || self.byte(at) == b')' || self.blank(at) > 0 || self.is_at(at, "%29")
    }

    /// The pattern, without what stands more than once, be it in different forms.
    fn finish(self) -> Option<Pattern> {
        let Taking { target, literals: all } = self;
        if all.len() > LITERALS_MAX {
            return None;
        }
        let meant = |(form, place): &(Form, Range<usize>)| target.get(place.clone()).map(|text| form.decoded(text));
        let is_twice = |place: usize, own: &(Form, Range<usize>)| {
            all.len() > 1 && all.iter().enumerate().any(|(at, other)| at != place && meant(other) == meant(own))
        };
        let mut text = String::with_capacity(target.len() + 2 * all.len());
        let mut literals = Vec::with_capacity(all.len());
        let mut done = 0;
        for (place, literal) in all.iter().enumerate() {
            if is_twice(place, literal) {
                continue;
            }
            let (form, inner) = literal.clone();
            // Quotes stay in the text.
            text.push_str(target.get(done..inner.start)?);
            text.push(MARK);
            text.push(form.letter());
            done = inner.end;
            literals.push((form, inner));
        }
        text.push_str(target.get(done..)?);
        Some(Pattern { text, literals })
    }
}

#[cfg(test)]
mod tests;
