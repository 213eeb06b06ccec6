//! Owns the text form of binary values: base64url, padded or not (ABNF rule `binaryValue`).

use super::LiteralError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Takes base64url with or without padding; the letters of plain base64 are taken too, as clients send them.
pub fn parse_binary(text: &str) -> Result<Box<[u8]>, LiteralError> {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if digits.len() != text.len() && !text.len().is_multiple_of(4) {
        return Err(LiteralError::Malformed);
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in digits.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return Err(LiteralError::Malformed),
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., low] = (bits >> count).to_be_bytes();
            out.push(low);
            bits &= (1 << count) - 1;
        }
    }
    // What is left is padding: less than a digit, and zero.
    if count >= 6 || bits != 0 {
        return Err(LiteralError::Malformed);
    }
    Ok(out.into())
}

/// Writes base64url with padding (OData JSON Format 4.01, section 7.1).
pub fn write_binary(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    let digit = |value: u32| ALPHABET.get((value & 63) as usize).copied().unwrap_or(b'A');
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| chunk.get(place).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let all = [digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)];
        out.extend_from_slice(all.get(..=chunk.len()).unwrap_or(&all));
        out.resize(out.len() + 3 - chunk.len(), b'=');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        write_binary(bytes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_forms_of_base64_are_read() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg==", b"f"),
            ("Zg", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("T0RhdGE", b"OData"),
            ("-_-_", &[0xfb, 0xff, 0xbf]),
            ("+/+/", &[0xfb, 0xff, 0xbf]),
        ] {
            assert_eq!(parse_binary(text).as_deref(), Ok(bytes), "{text}");
        }
        assert_eq!(written(&[0xfb, 0xff, 0xbf]), "-_-_");
        assert_eq!(written(b"OData"), "T0RhdGE=");
        for text in ["A", "Z===", "=", "Zg=", "Zm9v=", "Zh==", "Z g=", "é"] {
            assert_eq!(parse_binary(text), Err(LiteralError::Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: Vec<u8>) {
            let text = written(&bytes);
            prop_assert_eq!(parse_binary(&text), Ok(bytes.clone().into()));
            prop_assert_eq!(parse_binary(text.trim_end_matches('=')), Ok(bytes.into()));
        }
    }
}
