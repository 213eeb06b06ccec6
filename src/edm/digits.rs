//! Owns decimal digits: small numbers as text, without a division per digit.

/// The numbers below a hundred in two digits.
#[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut value = 0_u8;
    while value < 100 {
        pairs[value as usize] = [b'0' + value / 10, b'0' + value % 10];
        value += 1;
    }
    pairs
};
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// Two digits of a number below a hundred.
#[inline]
pub(super) fn pair(value: u32) -> [u8; 2] {
    PAIRS.get(value as usize).copied().unwrap_or([b'0'; 2])
}

/// Four digits of a number below ten thousand.
#[inline]
pub(super) fn four(value: u16) -> [u8; 4] {
    let value = u32::from(value);
    let ([a, b], [c, d]) = (pair(value / 100), pair(value % 100));
    [a, b, c, d]
}

/// Writes an integer.
#[inline]
pub fn write_int(value: i64, out: &mut Vec<u8>) {
    match u32::try_from(value) {
        Ok(value) if value < 100_000_000 => write_short(value, out),
        _ => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
    }
}

/// Eight digits are made, and those before the first that counts are shifted out: bytes of a known number are copied
/// without a call.
#[inline]
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
fn write_short(value: u32, out: &mut Vec<u8>) {
    let (high, low) = (value / 10_000, value % 10_000);
    let ([a, b], [c, d]) = (pair(high / 100), pair(high % 100));
    let ([e, f], [g, h]) = (pair(low / 100), pair(low % 100));
    let digits = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let leading = ((digits ^ ZEROS).trailing_zeros() / 8).min(7);
    out.extend_from_slice(&(digits >> (8 * leading)).to_le_bytes());
    out.truncate(out.len() - leading as usize);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_written_as_the_standard_library_does() {
        let mut values = vec![0, i64::MIN, i64::MAX, -1, 99_999_999, 100_000_000];
        for power in 0..18 {
            let ten = 10_i64.pow(power);
            values.extend([ten, ten - 1, ten + 1, 7 * ten, 3 * ten + 5, -ten]);
        }
        for value in values {
            let mut out = b"x".to_vec();
            write_int(value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("x{value}"));
        }
    }
}
