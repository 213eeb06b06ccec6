//! Owns [`Text`]: one piece of the request target, percent-decoded exactly once, that still knows where each of its
//! bytes stood. Refuses malformed escapes and bytes that are not UTF-8. Splits nothing: its callers split first.

use std::borrow::Cow;

use super::{Span, SyntaxError, SyntaxErrorKind};

/// What a bare plus sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plus {
    /// Itself, as in a path.
    Itself,
    /// A blank, as form encoders write it in a query.
    Blank,
}

/// A decoded piece of the request target.
#[derive(Debug)]
pub(super) struct Text<'t> {
    raw: &'t str,
    base: usize,
    decoded: Cow<'t, str>,
    /// Positions, in the decoded text, of the bytes that were written as `%XX`; ascending. Each of them is two bytes
    /// longer in the original, which is all there is to know about places.
    escapes: Vec<usize>,
}

impl<'t> Text<'t> {
    /// Decodes `raw`, which begins at byte `base` of the target. Borrows it when there is nothing to decode.
    pub(super) fn decode(raw: &'t str, base: usize, plus: Plus) -> Result<Text<'t>, SyntaxError> {
        let bytes = raw.as_bytes();
        let encoded = |byte: &u8| *byte == b'%' || (*byte == b'+' && plus == Plus::Blank);
        let Some(mut next) = bytes.iter().position(encoded) else {
            return Ok(Text { raw, base, decoded: Cow::Borrowed(raw), escapes: Vec::new() });
        };
        let mut decoded = Vec::with_capacity(bytes.len());
        let mut escapes = Vec::new();
        let mut at = 0;
        loop {
            decoded.extend_from_slice(bytes.get(at..next).unwrap_or_default());
            match bytes.get(next) {
                None => break,
                Some(b'+') => {
                    decoded.push(b' ');
                    at = next + 1;
                }
                Some(_) => {
                    let digits =
                        (bytes.get(next + 1).copied().and_then(hex), bytes.get(next + 2).copied().and_then(hex));
                    let (Some(high), Some(low)) = digits else {
                        let end = raw.floor_char_boundary(next + 3);
                        return Err(percent_error(base + next..base + end));
                    };
                    escapes.push(decoded.len());
                    decoded.push(high * 16 + low);
                    at = next + 3;
                }
            }
            let rest = bytes.get(at..).unwrap_or_default();
            next = rest.iter().position(encoded).map_or(bytes.len(), |offset| at + offset);
        }
        match String::from_utf8(decoded) {
            Ok(decoded) => Ok(Text { raw, base, decoded: Cow::Owned(decoded), escapes }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let start = base + at + 2 * escapes.partition_point(|escape| *escape < at);
                let end = base + at + 1 + 2 * escapes.partition_point(|escape| *escape <= at);
                Err(percent_error(start..end))
            }
        }
    }

    /// A text that was never encoded.
    pub(super) fn plain(text: &'t str) -> Text<'t> {
        Text { raw: text, base: 0, decoded: Cow::Borrowed(text), escapes: Vec::new() }
    }

    /// The decoded text.
    pub(super) fn as_str(&self) -> &str {
        &self.decoded
    }

    /// The decoded text from `start` up to `end`.
    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        self.decoded.get(start..end).unwrap_or_default()
    }

    /// The decoded text from `start` on.
    pub(super) fn rest(&self, start: usize) -> &str {
        self.decoded.get(start..).unwrap_or_default()
    }

    /// One byte, or zero beyond the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.decoded.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Length of the decoded text.
    pub(super) fn len(&self) -> usize {
        self.decoded.len()
    }

    /// True if the client wrote a bare plus sign here, whatever it was decoded to.
    pub(super) fn is_plus(&self, at: usize) -> bool {
        self.raw.as_bytes().get(self.origin(at) - self.base) == Some(&b'+')
    }

    /// Where a stretch of the decoded text stands in the target.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.origin(start)..self.origin(end)
    }

    fn origin(&self, at: usize) -> usize {
        let escapes = if self.escapes.is_empty() { 0 } else { self.escapes.partition_point(|escape| *escape < at) };
        self.base + at + 2 * escapes
    }
}

fn percent_error(span: Span) -> SyntaxError {
    SyntaxError { kind: SyntaxErrorKind::PercentEncoding, span }
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
