//! Owns [`Pattern`]: the part of ECMAScript's regular expressions that means the same on every database.
//!
//! # Decisions
//!
//! - **Read here, spelled anew elsewhere.** Every database has a language of its own, in which `.`, `\d`, `$` and
//!   letter case mean something else. A pattern is taken apart, its classes become sets of characters as ECMAScript
//!   defines them, and each database gets it in words whose meaning is beyond doubt.
//! - **Left out** are look-around, references to groups, `\b`, properties and flags: some database cannot say them. A
//!   repetition counts to 255 at most, and a pattern has a size, since every one is compiled for a statement.
//! - **Greed** decides where a match ends, never whether there is one, so it is read and forgotten.

use std::iter::Peekable;
use std::str::Chars;

/// Most characters of a pattern.
const LENGTH_MAX: usize = 1_000;
/// Deepest nesting of groups.
const DEPTH_MAX: usize = 20;
/// Most repetitions that can be asked for.
const COUNT_MAX: u32 = 255;
/// Most characters and sets once counted repetitions are written out.
const SIZE_MAX: u32 = 1_000;

/// A pattern: one of its branches matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Each a sequence of pieces.
    pub branches: Vec<Vec<Piece>>,
}

/// A part of a pattern, and how often it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What comes.
    pub atom: Atom,
    /// At least so often.
    pub least: u32,
    /// At most so often; without end if `None`.
    pub most: Option<u32>,
}

/// What can be matched once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// A character.
    Literal(char),
    /// A character of the ranges, or one of none of them.
    Set {
        /// Whether the ranges are what does not match.
        negated: bool,
        /// Ascending, first and last character of each; at least one.
        ranges: Vec<(char, char)>,
    },
    /// The start of the text.
    Start,
    /// The end of the text.
    End,
    /// A pattern in parentheses.
    Group(Pattern),
}

/// Why a pattern is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is no regular expression.
    #[error("it is no regular expression")]
    Malformed,
    /// Some database cannot say it.
    #[error("{0} in patterns is not supported")]
    Unsupported(&'static str),
    /// It is longer, deeper or counts higher than is allowed.
    #[error("it is too large")]
    TooLarge,
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[
    ('\t', '\r'),
    (' ', ' '),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{205f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{feff}', '\u{feff}'),
];
/// What the dot does not match.
const LINE_ENDS: &[(char, char)] = &[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')];

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Pattern, PatternError> {
        if text.chars().count() > LENGTH_MAX {
            return Err(PatternError::TooLarge);
        }
        let mut reader = Reader { rest: text.chars().peekable(), depth: 0 };
        let pattern = reader.branches()?;
        if reader.rest.next().is_some() {
            // A parenthesis that nothing opened.
            return Err(PatternError::Malformed);
        }
        if pattern.size() > SIZE_MAX { Err(PatternError::TooLarge) } else { Ok(pattern) }
    }

    fn size(&self) -> u32 {
        let piece = |piece: &Piece| {
            let atom = match &piece.atom {
                Atom::Group(pattern) => pattern.size().saturating_add(1),
                Atom::Set { ranges, .. } => u32::try_from(ranges.len()).unwrap_or(u32::MAX),
                _ => 1,
            };
            atom.saturating_mul(piece.most.unwrap_or(piece.least).max(1))
        };
        self.branches.iter().flatten().map(piece).fold(0, u32::saturating_add)
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

impl Reader<'_> {
    fn branches(&mut self) -> Result<Pattern, PatternError> {
        let mut branches = vec![Vec::new()];
        while let Some(next) = self.rest.next_if(|next| *next != ')') {
            if next == '|' {
                branches.push(Vec::new());
                continue;
            }
            let atom = self.atom(next)?;
            let (least, most) = self.count(&atom)?;
            if let Some(branch) = branches.last_mut() {
                branch.push(Piece { atom, least, most });
            }
        }
        Ok(Pattern { branches })
    }

    fn atom(&mut self, first: char) -> Result<Atom, PatternError> {
        Ok(match first {
            '^' => Atom::Start,
            '$' => Atom::End,
            '.' => Atom::Set { negated: true, ranges: LINE_ENDS.to_vec() },
            '[' => self.set()?,
            '(' => self.group()?,
            '\\' => match self.escape(false)? {
                Escape::One(character) => Atom::Literal(character),
                Escape::Set(negated, ranges) => Atom::Set { negated, ranges: ranges.to_vec() },
            },
            '*' | '+' | '?' | '{' | '}' | ']' => return Err(PatternError::Malformed),
            character => Atom::Literal(character),
        })
    }

    fn group(&mut self) -> Result<Atom, PatternError> {
        if self.rest.next_if_eq(&'?').is_some() && self.rest.next_if_eq(&':').is_none() {
            return Err(match self.rest.next() {
                Some('=' | '!' | '<') => PatternError::Unsupported("looking around and naming groups"),
                _ => PatternError::Unsupported("a flag"),
            });
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(PatternError::TooLarge);
        }
        let inner = self.branches()?;
        self.depth -= 1;
        self.rest.next_if_eq(&')').ok_or(PatternError::Malformed)?;
        Ok(Atom::Group(inner))
    }

    fn count(&mut self, atom: &Atom) -> Result<(u32, Option<u32>), PatternError> {
        let counts = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.rest.next();
                let least = self.number()?.ok_or(PatternError::Malformed)?;
                let most = if self.rest.next_if_eq(&',').is_some() { self.number()? } else { Some(least) };
                if self.rest.peek() != Some(&'}') || most.is_some_and(|most| most < least) {
                    return Err(PatternError::Malformed);
                }
                (least, most)
            }
            _ => return Ok((1, Some(1))),
        };
        self.rest.next();
        self.rest.next_if_eq(&'?');
        if matches!(atom, Atom::Start | Atom::End) || matches!(self.rest.peek(), Some('*' | '+' | '?' | '{')) {
            return Err(PatternError::Malformed);
        }
        Ok(counts)
    }

    fn number(&mut self) -> Result<Option<u32>, PatternError> {
        let mut number = None;
        while let Some(digit) = self.rest.peek().and_then(|next| next.to_digit(10)) {
            self.rest.next();
            let value = number.unwrap_or(0) * 10 + digit;
            if value > COUNT_MAX {
                return Err(PatternError::TooLarge);
            }
            number = Some(value);
        }
        Ok(number)
    }

    fn set(&mut self) -> Result<Atom, PatternError> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            let first = match self.rest.next().ok_or(PatternError::Malformed)? {
                ']' => break,
                '\\' => self.escape(true)?,
                character => Escape::One(character),
            };
            let first = match first {
                Escape::One(first) => first,
                Escape::Set(negated, set) => {
                    ranges.extend(if negated { complement(set) } else { set.to_vec() });
                    // ECMAScript has no range that begins with a set; others disagree on what the sign means then.
                    if self.rest.peek() == Some(&'-') {
                        self.rest.next();
                        self.rest.peek().filter(|next| **next == ']').ok_or(PatternError::Malformed)?;
                        ranges.push(('-', '-'));
                    }
                    continue;
                }
            };
            if self.rest.next_if_eq(&'-').is_none() {
                ranges.push((first, first));
                continue;
            }
            let last = match self.rest.next_if(|next| *next != ']') {
                None => {
                    ranges.extend([(first, first), ('-', '-')]);
                    continue;
                }
                Some('\\') => self.escape(true)?,
                Some(character) => Escape::One(character),
            };
            match last {
                Escape::One(last) if first <= last => ranges.push((first, last)),
                _ => return Err(PatternError::Malformed),
            }
        }
        let ranges = merged(ranges);
        if ranges.is_empty() {
            return Err(PatternError::Unsupported("an empty set"));
        }
        Ok(Atom::Set { negated, ranges })
    }

    fn escape(&mut self, in_set: bool) -> Result<Escape, PatternError> {
        let escaped = self.rest.next().ok_or(PatternError::Malformed)?;
        Ok(match escaped {
            'd' => Escape::Set(false, DIGITS),
            'D' => Escape::Set(true, DIGITS),
            'w' => Escape::Set(false, WORD),
            'W' => Escape::Set(true, WORD),
            's' => Escape::Set(false, SPACE),
            'S' => Escape::Set(true, SPACE),
            't' => Escape::One('\t'),
            'n' => Escape::One('\n'),
            'v' => Escape::One('\u{b}'),
            'f' => Escape::One('\u{c}'),
            'r' => Escape::One('\r'),
            'b' if in_set => Escape::One('\u{8}'),
            'x' => Escape::One(self.hex(2)?),
            'u' if self.rest.next_if_eq(&'{').is_some() => {
                let digits: String =
                    std::iter::from_fn(|| self.rest.next_if(char::is_ascii_hexdigit)).take(8).collect();
                self.rest.next_if_eq(&'}').ok_or(PatternError::Malformed)?;
                Escape::One(character(&digits)?)
            }
            'u' => Escape::One(self.hex(4)?),
            'b' | 'B' => return Err(PatternError::Unsupported("the border of a word")),
            'p' | 'P' => return Err(PatternError::Unsupported("a property of characters")),
            'k' | '0'..='9' => return Err(PatternError::Unsupported("a reference to a group")),
            letter if letter.is_ascii_alphabetic() => return Err(PatternError::Malformed),
            sign => Escape::One(sign),
        })
    }

    fn hex(&mut self, length: usize) -> Result<char, PatternError> {
        let digits: String = std::iter::from_fn(|| self.rest.next_if(char::is_ascii_hexdigit)).take(length).collect();
        if digits.len() == length { character(&digits) } else { Err(PatternError::Malformed) }
    }
}

enum Escape {
    One(char),
    Set(bool, &'static [(char, char)]),
}

/// Surrogates are no characters, and no text holds one.
fn character(hex: &str) -> Result<char, PatternError> {
    let number = u32::from_str_radix(hex, 16).map_err(|_| PatternError::Malformed)?;
    char::from_u32(number).ok_or(PatternError::Unsupported("half a character"))
}

/// Ascending, without overlaps.
fn merged(mut ranges: Vec<(char, char)>) -> Vec<(char, char)> {
    ranges.sort_unstable();
    let mut out: Vec<(char, char)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match out.last_mut() {
            Some((_, end)) if first <= *end => *end = last.max(*end),
            _ => out.push((first, last)),
        }
    }
    out
}

/// All other characters. The ranges of the sets that are known here never touch each other or the borders.
fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let after = |character: char| (character..=char::MAX).nth(1).unwrap_or(char::MAX);
    let before = |character: char| ('\0'..character).next_back().unwrap_or('\0');
    let mut out = Vec::with_capacity(ranges.len() + 1);
    let mut start = '\0';
    for (first, last) in ranges {
        out.push((start, before(*first)));
        start = after(*last);
    }
    out.push((start, char::MAX));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_those_of_ecmascript() {
        let set = |text: &str| match Pattern::parse(text).unwrap().branches[0][0].atom.clone() {
            Atom::Set { negated, ranges } => (negated, ranges),
            other => panic!("{other:?}"),
        };
        assert_eq!(set(r"\d"), (false, vec![('0', '9')]));
        assert_eq!(set(r"[^c-da-b\-]"), (true, vec![('-', '-'), ('a', 'b'), ('c', 'd')]));
        assert_eq!(set(r"[\D5]"), (false, vec![('\0', '/'), ('5', '5'), (':', char::MAX)]));
        assert_eq!(set("[a-]"), (false, vec![('-', '-'), ('a', 'a')]));
        assert_eq!(set(r"[\w-]"), (false, vec![('-', '-'), ('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]));
        assert_eq!(set(".").1.len(), 3);
        assert_eq!(set(r"[\u00e9\u{1F600}\x41]").1, [('A', 'A'), ('é', 'é'), ('😀', '😀')]);
    }

    #[test]
    fn repetitions_are_counted_without_greed() {
        let counts = |text: &str| {
            let pattern = Pattern::parse(text).unwrap();
            (pattern.branches[0][0].least, pattern.branches[0][0].most)
        };
        assert_eq!(counts("a"), (1, Some(1)));
        assert_eq!(counts("a*?"), (0, None));
        assert_eq!(counts("(a|)+"), (1, None));
        assert_eq!(counts("a{2}"), (2, Some(2)));
        assert_eq!(counts("a{2,}?"), (2, None));
        assert_eq!(counts("a{0,255}"), (0, Some(255)));
    }

    #[test]
    fn what_some_database_cannot_say_is_named() {
        for (text, expected) in [
            ("(", PatternError::Malformed),
            (")", PatternError::Malformed),
            ("a**", PatternError::Malformed),
            ("*a", PatternError::Malformed),
            ("^*", PatternError::Malformed),
            ("[b-a]", PatternError::Malformed),
            ("[a", PatternError::Malformed),
            (r"\", PatternError::Malformed),
            (r"\y", PatternError::Malformed),
            ("a{2,1}", PatternError::Malformed),
            ("a{", PatternError::Malformed),
            (r"[\d-z]", PatternError::Malformed),
            ("[]", PatternError::Unsupported("an empty set")),
            ("(?=a)", PatternError::Unsupported("looking around and naming groups")),
            ("(?i)a", PatternError::Unsupported("a flag")),
            (r"(a)\1", PatternError::Unsupported("a reference to a group")),
            (r"\bx", PatternError::Unsupported("the border of a word")),
            (r"\p{L}", PatternError::Unsupported("a property of characters")),
            (r"\ud83d", PatternError::Unsupported("half a character")),
            ("a{256}", PatternError::TooLarge),
            ("((a{200}){200}){200}", PatternError::TooLarge),
        ] {
            assert_eq!(Pattern::parse(text), Err(expected), "{text}");
        }
        assert_eq!(Pattern::parse(&"(".repeat(500)), Err(PatternError::TooLarge));
        assert_eq!(Pattern::parse(&"a".repeat(1_001)), Err(PatternError::TooLarge));
    }
}
