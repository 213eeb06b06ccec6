//! Owns the tokens inside a decoded piece: where the next one begins, what it is, where it ends. Refuses literals that
//! run into a name and strings without a closing quote. Gives no token a meaning: `eq` is a word like any other.

use super::decode::Text;
use super::shape::{self, Shape};
use super::{SyntaxError, SyntaxErrorKind};

/// One token, as a stretch of the decoded text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Nothing is left.
    End,
    /// A name, qualified or not.
    Word,
    /// A name with a dollar sign in front.
    Dollar,
    /// A name with an at sign in front.
    At,
    /// An unquoted literal.
    Literal(Shape),
    /// A string in single quotes.
    String,
    /// A name and a string in single quotes, the first of which stands at `quote`.
    Prefixed { quote: usize },
    /// Any other character of ASCII.
    Symbol(u8),
    /// Any other character.
    Other,
}

/// The token that begins at or after `at`.
pub(super) fn next(text: &Text<'_>, at: usize) -> Result<Token, SyntaxError> {
    let start = skip_blanks(text, at);
    if start >= text.len() {
        return Ok(Token { kind: TokenKind::End, start: text.len(), end: text.len() });
    }
    let byte = text.byte(start);
    let (kind, end) = match byte {
        b'\'' => (TokenKind::String, string_end(text, start, start)?),
        b',' | b'(' | b')' | b'=' | b'/' | b';' | b':' => (TokenKind::Symbol(byte), start + 1),
        b'0'..=b'9' => return literal(text, start),
        b'-' | b'+' if text.byte(start + 1).is_ascii_digit() => return literal(text, start),
        b'-' if is_negative_infinity(text, start) => (TokenKind::Literal(Shape::Number), start + 4),
        b'$' | b'@' => {
            let end = word_end(text, start + 1);
            let kind = if byte == b'$' { TokenKind::Dollar } else { TokenKind::At };
            if end > start + 1 { (kind, end) } else { (TokenKind::Symbol(byte), start + 1) }
        }
        _ => {
            if byte.is_ascii_hexdigit()
                && let Some(end) = shape::guid(text, start)
            {
                return bounded(text, Token { kind: TokenKind::Literal(Shape::Guid), start, end });
            }
            let end = word_end(text, start);
            if end > start && text.byte(end) == b'\'' {
                (TokenKind::Prefixed { quote: end }, string_end(text, start, end)?)
            } else if end > start {
                (TokenKind::Word, end)
            } else if byte.is_ascii() {
                (TokenKind::Symbol(byte), start + 1)
            } else {
                (TokenKind::Other, start + text.rest(start).chars().next().map_or(1, char::len_utf8))
            }
        }
    };
    Ok(Token { kind, start, end })
}

/// The first position at or after `at` that holds no blank.
pub(super) fn skip_blanks(text: &Text<'_>, at: usize) -> usize {
    let mut start = at;
    while matches!(text.byte(start), b' ' | b'\t') {
        start += 1;
    }
    start
}

/// The end of the name that begins at `at`; `at` itself if none does. Full stops join the parts of a qualified name.
pub(super) fn word_end(text: &Text<'_>, at: usize) -> usize {
    let mut end = identifier_end(text, at);
    while end > at && text.byte(end) == b'.' {
        let part = identifier_end(text, end + 1);
        if part == end + 1 {
            break;
        }
        end = part;
    }
    end
}

/// The end of the text in double quotes that begins at `at`. A backslash protects the next character.
pub(super) fn phrase_end(text: &Text<'_>, at: usize) -> Result<usize, SyntaxError> {
    let mut position = at + 1;
    while position < text.len() {
        let byte = text.byte(position);
        if byte == b'"' {
            return Ok(position + 1);
        }
        position += if byte == b'\\' { 2 } else { 1 };
    }
    Err(unclosed(text, at))
}

/// The error that something else than `token` was expected.
pub(super) fn unexpected(text: &Text<'_>, token: Token, expected: &'static str) -> SyntaxError {
    const SHOWN_MAX: usize = 40;
    let whole = text.slice(token.start, token.end);
    let shown: String = whole.chars().take(SHOWN_MAX).collect();
    let found = if token.kind == TokenKind::End {
        "the end".to_owned()
    } else if shown.len() < whole.len() {
        format!("'{shown}…'")
    } else {
        format!("'{shown}'")
    };
    let span = text.span(token.start, token.end);
    SyntaxError { kind: SyntaxErrorKind::Unexpected { expected, found }, span }
}

fn literal(text: &Text<'_>, start: usize) -> Result<Token, SyntaxError> {
    match shape::numeric(text, start) {
        Some((shape, end)) => bounded(text, Token { kind: TokenKind::Literal(shape), start, end }),
        None => Err(malformed(text, start, start + 1)),
    }
}

/// A literal that runs into a name or another literal is neither.
fn bounded(text: &Text<'_>, token: Token) -> Result<Token, SyntaxError> {
    let glued = match text.byte(token.end) {
        b'.' | b'-' | b'\'' => true,
        byte if byte.is_ascii() => byte.is_ascii_alphanumeric() || byte == b'_',
        _ => text.rest(token.end).chars().next().is_some_and(continues),
    };
    if glued { Err(malformed(text, token.start, token.end)) } else { Ok(token) }
}

fn malformed(text: &Text<'_>, start: usize, from: usize) -> SyntaxError {
    let joined = |letter: char| continues(letter) || matches!(letter, '.' | '-' | '+' | ':' | '\'');
    let tail = text.rest(from);
    let end = from + tail.find(|letter| !joined(letter)).unwrap_or(tail.len());
    let token = Token { kind: TokenKind::Other, start, end };
    unexpected(text, token, "a number, a date, a date with time and offset, a time of day or a GUID")
}

fn is_negative_infinity(text: &Text<'_>, start: usize) -> bool {
    text.slice(start, start + 4) == "-INF" && word_end(text, start + 1) == start + 4 && text.byte(start + 4) != b'/'
}

/// The end of the string whose opening quote stands at `quote`; the token began at `start`.
fn string_end(text: &Text<'_>, start: usize, quote: usize) -> Result<usize, SyntaxError> {
    let mut position = quote + 1;
    loop {
        // This way several bytes are looked at together.
        let Some(offset) = text.rest(position).find('\'') else {
            return Err(unclosed(text, start));
        };
        position += offset + 1;
        if text.byte(position) != b'\'' {
            return Ok(position);
        }
        position += 1;
    }
}

fn unclosed(text: &Text<'_>, start: usize) -> SyntaxError {
    SyntaxError { kind: SyntaxErrorKind::UnclosedString, span: text.span(start, text.len()) }
}

/// The end of the identifier that begins at `at`; `at` itself if none does.
pub(super) fn identifier_end(text: &Text<'_>, at: usize) -> usize {
    let rest = text.rest(at).as_bytes();
    // Almost all names are ASCII, so characters are only assembled when one is not.
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = match rest.first() {
        Some(byte) if byte.is_ascii_digit() => 0,
        _ => rest.iter().position(|byte| !part(byte)).unwrap_or(rest.len()),
    };
    let mut end = at + length;
    let mut first = length == 0;
    if text.byte(end).is_ascii() {
        return end;
    }
    for letter in text.rest(end).chars() {
        let part = if first { letter.is_alphabetic() || letter == '_' } else { continues(letter) };
        if !part {
            break;
        }
        first = false;
        end += letter.len_utf8();
    }
    end
}

/// Letters, digits, marks and joiners that may follow the first letter of an identifier.
fn continues(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '_' | '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{203f}' | '\u{2040}')
}
