//! Owns [`Text`]: bytes of a database that are known to be UTF-8, and whether JSON can hold them as they are. One look
//! answers both, eight bytes at a time, since nearly every text is plain ASCII.

/// A borrowed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    bytes: &'a [u8],
    plain: bool,
}

impl<'a> Text<'a> {
    /// `None` if the bytes are no UTF-8.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        match look(bytes) {
            Look { ascii: true, special } => Some(Text { bytes, plain: !special }),
            Look { ascii: false, special } => {
                std::str::from_utf8(bytes).is_ok().then_some(Text { bytes, plain: !special })
            }
        }
    }

    /// The bytes, UTF-8.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The text.
    pub fn as_str(&self) -> &'a str {
        // The constructors have checked it.
        std::str::from_utf8(self.bytes).unwrap_or_default()
    }

    /// No quote, no backslash and no control character is in it.
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Without blanks at the end.
    #[must_use]
    pub fn trim_end_blanks(&self) -> Self {
        let blanks = self.bytes.iter().rev().take_while(|byte| **byte == b' ').count();
        Text { bytes: self.bytes.get(..self.bytes.len() - blanks).unwrap_or_default(), ..*self }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    #[inline]
    fn from(text: &'a str) -> Self {
        Text { bytes: text.as_bytes(), plain: !look(text.as_bytes()).special }
    }
}

/// What is in some bytes.
struct Look {
    ascii: bool,
    /// A quote, a backslash or a control character.
    special: bool,
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

#[inline]
fn look(bytes: &[u8]) -> Look {
    let (words, rest) = bytes.as_chunks::<8>();
    let (mut high, mut special) = (0, 0);
    for word in words {
        look_at(u64::from_ne_bytes(*word), &mut high, &mut special);
    }
    match (rest, bytes.last_chunk::<8>()) {
        ([], _) => {}
        // The last eight bytes, some of them for the second time.
        (_, Some(last)) => look_at(u64::from_ne_bytes(*last), &mut high, &mut special),
        (rest, None) => {
            let mut word = [b' '; 8];
            word.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
            look_at(u64::from_ne_bytes(word), &mut high, &mut special);
        }
    }
    Look { ascii: high == 0, special: special & HIGHS != 0 }
}

/// Sets the high bit of a byte in `special` where one of the characters is, and perhaps in bytes above it.
#[inline]
fn look_at(word: u64, high: &mut u64, special: &mut u64) {
    *high |= word & HIGHS;
    let quote = word ^ (ONES * u64::from(b'"'));
    let backslash = word ^ (ONES * u64::from(b'\\'));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    *special |= control | (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_seen_at_every_place() {
        for length in 0..40 {
            for filler in [b' ', b'~', b'a', b'!', b'#', b'[', b']', 0x7f] {
                let mut bytes = vec![filler; length];
                assert!(Text::new(&bytes).is_some_and(|text| text.is_plain()));
                for place in 0..length {
                    for byte in 0..=255_u8 {
                        bytes[place] = byte;
                        let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                        let text = Text::new(&bytes);
                        assert_eq!(text.is_some(), byte < 0x80, "{byte} at {place} of {length}");
                        assert!(text.is_none_or(|text| text.is_plain() != special), "{byte} at {place} of {length}");
                    }
                    bytes[place] = filler;
                }
            }
        }
    }

    #[test]
    fn texts_beyond_ascii_are_checked() {
        for text in ["é", "東京商事株式会社", "a😀", "Müller \"Söhne\"", "ä\u{1}"] {
            let checked = Text::new(text.as_bytes()).unwrap();
            assert_eq!((checked.as_str(), checked), (text, Text::from(text)));
            assert_eq!(checked.is_plain(), !text.contains(['"', '\u{1}']));
            assert!(
                Text::new(&text.as_bytes()[..text.len() - 1]).is_none()
                    || text.is_ascii()
                    || text.ends_with(['"', '\u{1}'])
            );
        }
        assert_eq!(Text::from("a b  ").trim_end_blanks().as_str(), "a b");
        assert_eq!(Text::from("  ").trim_end_blanks().as_str(), "");
    }
}
