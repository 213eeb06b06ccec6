//! Owns the text forms of values that are more than a number: dates, instants, GUIDs, decimals
//! (ABNF rules `dateValue`, `dateTimeOffsetValue`, `guidValue`, `decimalValue`).

use std::str::FromStr;

use bigdecimal::BigDecimal;

use super::civil::{short_civil_from_days, short_days_from_civil};
use super::digits::{four, pair};
use super::{civil_from_days, days_from_civil, days_in_month};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Instants are microseconds in 64 bits; this bound keeps every sum inside them.
const YEAR_MAX: i64 = 290_000;
/// No decimal longer than this is read: its digits would cost more than any database keeps.
const DECIMAL_DIGITS_MAX: usize = 400;

/// Why a text is not a value of the wanted type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiteralError {
    /// The text does not have the form of the type.
    #[error("it does not have the form of the type")]
    Malformed,
    /// The form is right, but there is no such value: month 13, 30 February, hour 24.
    #[error("there is no such date or time")]
    Impossible,
    /// The value lies outside what can be held.
    #[error("it is out of range")]
    OutOfRange,
    /// A fraction of a second finer than a microsecond.
    #[error("fractions finer than a microsecond are not supported")]
    TooFine,
}

/// Takes `YYYY-MM-DD`, years of more than four digits and negative years; gives days since 1970-01-01.
#[inline]
pub fn parse_date(text: &str) -> Result<i32, LiteralError> {
    if let Some((days, [])) = short_date(text.as_bytes()) {
        return Ok(days);
    }
    let (days, rest) = take_date(text)?;
    if rest.is_empty() {
        i32::try_from(days).map_err(|_| LiteralError::OutOfRange)
    } else {
        Err(LiteralError::Malformed)
    }
}

/// Takes `YYYY-MM-DDThh:mm[:ss[.f…]]` with `Z` or an offset; gives microseconds since 1970-01-01T00:00:00Z.
///
/// With `zone_optional`, a blank may stand for the `T` and a missing zone means UTC: the forms that databases write.
#[inline]
pub fn parse_date_time_offset(text: &str, zone_optional: bool) -> Result<i64, LiteralError> {
    if zone_optional && let Some(micros) = short_instant(text.as_bytes()) {
        return Ok(micros);
    }
    parse_any_date_time_offset(text, zone_optional)
}

fn parse_any_date_time_offset(text: &str, zone_optional: bool) -> Result<i64, LiteralError> {
    let (days, rest) = take_date(text)?;
    let time = match rest.as_bytes().first() {
        Some(b'T' | b't') => rest.get(1..).unwrap_or(""),
        Some(b' ') if zone_optional => rest.get(1..).unwrap_or(""),
        None if zone_optional => return Ok(days * MICROS_PER_DAY),
        _ => return Err(LiteralError::Malformed),
    };
    let (hour, rest) = take_two(time)?;
    let (minute, mut rest) = take_two(rest.strip_prefix(':').ok_or(LiteralError::Malformed)?)?;
    let (mut second, mut micros) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = take_two(after)?;
        if let Some(after) = rest.strip_prefix('.') {
            (micros, rest) = take_fraction(after)?;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(LiteralError::Impossible);
    }
    let offset_minutes = match rest {
        "Z" | "z" => 0,
        "" if zone_optional => 0,
        _ => take_offset(rest, zone_optional)?,
    };
    let seconds = hour * 3_600 + (minute - offset_minutes) * 60 + second;
    Ok(days * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + micros)
}

/// Takes the 8-4-4-4-12 form in any letter case; gives the bytes in text order.
pub fn parse_guid(text: &str) -> Result<[u8; 16], LiteralError> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return Err(LiteralError::Malformed);
    }
    let mut out = [0_u8; 16];
    let mut digits = 0_usize;
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return Err(LiteralError::Malformed);
            }
            continue;
        }
        let nibble = (*byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let nibble = nibble.ok_or(LiteralError::Malformed)?;
        if let Some(slot) = out.get_mut(digits / 2) {
            *slot = (*slot << 4) | nibble;
        }
        digits += 1;
    }
    Ok(out)
}

/// Takes an optional sign, digits, and optionally a fraction and an exponent; keeps every digit.
pub fn parse_decimal(text: &str) -> Result<BigDecimal, LiteralError> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (text, "0"),
    };
    let digits = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(LiteralError::Malformed);
    }
    let exponent: i64 = exponent.parse().map_err(|_| LiteralError::Malformed)?;
    if digits.len() > DECIMAL_DIGITS_MAX || exponent.unsigned_abs() > DECIMAL_DIGITS_MAX as u64 {
        return Err(LiteralError::OutOfRange);
    }
    BigDecimal::from_str(text).map_err(|_| LiteralError::Malformed)
}

/// Writes `YYYY-MM-DD` of days since 1970-01-01.
#[inline]
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
pub fn write_date(days: i64, out: &mut Vec<u8>) {
    if let Some((year, month, day)) = short_civil_from_days(days) {
        let ([a, b], [c, d]) = (pair(year / 100), pair(year % 100));
        let ([e, f], [g, h]) = (pair(month), pair(day));
        out.extend_from_slice(&[a, b, c, d, b'-', e, f, b'-', g, h]);
        return;
    }
    let (year, month, day) = civil_from_days(days);
    if year < 0 {
        out.push(b'-');
    }
    // At least four digits, as the ABNF wants.
    let absolute = year.unsigned_abs();
    if absolute < 1_000 {
        out.extend_from_slice(&four(u16::try_from(absolute).unwrap_or(0)));
    } else {
        out.extend_from_slice(itoa::Buffer::new().format(absolute).as_bytes());
    }
    let ([e, f], [g, h]) = (pair(month), pair(day));
    out.extend_from_slice(&[b'-', e, f, b'-', g, h]);
}

/// Writes the UTC form with `separator` between date and time and `fraction_digits` (0 to 6) of the second, without
/// the closing `Z`. `trim` leaves out trailing zeros of the fraction, and the point if nothing is left.
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
pub fn write_date_time_offset(micros: i64, separator: u8, fraction_digits: u8, trim: bool, out: &mut Vec<u8>) {
    write_date(micros.div_euclid(MICROS_PER_DAY), out);
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let seconds = u32::try_from(of_day / MICROS_PER_SECOND).unwrap_or(0);
    let ([a, b], [c, d], [e, f]) = (pair(seconds / 3_600), pair(seconds / 60 % 60), pair(seconds % 60));
    out.extend_from_slice(&[separator, a, b, b':', c, d, b':', e, f]);
    let fraction = u32::try_from(of_day % MICROS_PER_SECOND).unwrap_or(0);
    let mut digits = usize::from(fraction_digits.min(6));
    if fraction == 0 && trim || digits == 0 {
        return;
    }
    let ([a, b], [c, d], [e, f]) = (pair(fraction / 10_000), pair(fraction / 100 % 100), pair(fraction % 100));
    let all = [b'.', a, b, c, d, e, f];
    while trim && digits > 0 && all.get(digits) == Some(&b'0') {
        digits -= 1;
    }
    if digits > 0 {
        out.extend_from_slice(all.get(..=digits).unwrap_or_default());
    }
}

/// Writes the lower-case 8-4-4-4-12 form.
pub fn write_guid(bytes: &[u8; 16], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.push(hex(byte >> 4));
        out.push(hex(byte & 15));
    }
}

/// The date at the start of the text in the usual form, in the years 1 to 9999; `None` for all else, which is then read
/// with more care.
#[inline]
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
fn short_date(text: &[u8]) -> Option<(i32, &[u8])> {
    let [a, b, c, d, b'-', e, f, b'-', g, h, rest @ ..] = text else { return None };
    let two = |tens: &u8, units: &u8| u32::from(tens.wrapping_sub(b'0')) * 10 + u32::from(units.wrapping_sub(b'0'));
    let are_digits = [a, b, c, d, e, f, g, h].into_iter().all(u8::is_ascii_digit);
    let (year, month, day) = (two(a, b) * 100 + two(c, d), two(e, f), two(g, h));
    if !are_digits || year == 0 || day == 0 || day > days_in_month(i64::from(year), month) {
        return None;
    }
    Some((short_days_from_civil(year, month, day), rest))
}

/// Date and time in the forms in which databases store them: a blank or a `T` between, whole seconds or milliseconds,
/// no zone.
#[inline]
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
fn short_instant(text: &[u8]) -> Option<i64> {
    let (days, rest) = short_date(text)?;
    let [b' ' | b'T', a, b, b':', c, d, b':', e, f, rest @ ..] = rest else { return None };
    let two = |tens: &u8, units: &u8| i64::from(tens.wrapping_sub(b'0')) * 10 + i64::from(units.wrapping_sub(b'0'));
    let (fraction_is_digits, micros) = match rest {
        [] => (true, 0),
        [b'.', g, h, i] => ([g, h, i].into_iter().all(u8::is_ascii_digit), two(g, h) * 10_000 + two(&b'0', i) * 1_000),
        _ => return None,
    };
    let (hour, minute, second) = (two(a, b), two(c, d), two(e, f));
    let are_digits = fraction_is_digits && [a, b, c, d, e, f].into_iter().all(u8::is_ascii_digit);
    if !are_digits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = hour * 3_600 + minute * 60 + second;
    Some(i64::from(days) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + micros)
}

fn take_date(text: &str) -> Result<(i64, &str), LiteralError> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let year_digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let (year_text, rest) = unsigned.split_at(year_digits);
    if year_digits < 4 || (year_digits > 4 && year_text.starts_with('0')) {
        return Err(LiteralError::Malformed);
    }
    let year: i64 = year_text.parse().map_err(|_| LiteralError::OutOfRange)?;
    let (month, rest) = take_two(rest.strip_prefix('-').ok_or(LiteralError::Malformed)?)?;
    let (day, rest) = take_two(rest.strip_prefix('-').ok_or(LiteralError::Malformed)?)?;
    if year > YEAR_MAX {
        return Err(LiteralError::OutOfRange);
    }
    let year = if negative { -year } else { year };
    let (month, day) = (u32::try_from(month).unwrap_or(0), u32::try_from(day).unwrap_or(0));
    if day == 0 || day > days_in_month(year, month) {
        return Err(LiteralError::Impossible);
    }
    Ok((days_from_civil(year, month, day), rest))
}

/// Two digits exactly.
fn take_two(text: &str) -> Result<(i64, &str), LiteralError> {
    match text.as_bytes() {
        [tens, units, ..] if tens.is_ascii_digit() && units.is_ascii_digit() => {
            let value = i64::from(tens - b'0') * 10 + i64::from(units - b'0');
            Ok((value, text.get(2..).unwrap_or("")))
        }
        _ => Err(LiteralError::Malformed),
    }
}

/// One to twelve digits, as microseconds.
fn take_fraction(text: &str) -> Result<(i64, &str), LiteralError> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 || length > 12 {
        return Err(LiteralError::Malformed);
    }
    let (digits, rest) = text.split_at(length);
    if digits.bytes().skip(6).any(|byte| byte != b'0') {
        return Err(LiteralError::TooFine);
    }
    let six = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
    Ok((six.fold(0, |value, byte| value * 10 + i64::from(byte - b'0')), rest))
}

/// `±hh:mm`; databases also write `±hh` and `±hhmm`.
fn take_offset(text: &str, short_form: bool) -> Result<i64, LiteralError> {
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'+') => (1, text.get(1..).unwrap_or("")),
        Some(b'-') => (-1, text.get(1..).unwrap_or("")),
        _ => return Err(LiteralError::Malformed),
    };
    let (hours, rest) = take_two(rest)?;
    let minutes = match rest.strip_prefix(':') {
        Some(rest) => take_two(rest)?,
        None if short_form && rest.is_empty() => (0, rest),
        None if short_form => take_two(rest)?,
        None => return Err(LiteralError::Malformed),
    };
    if !minutes.1.is_empty() {
        return Err(LiteralError::Malformed);
    }
    if hours > 23 || minutes.0 > 59 { Err(LiteralError::Impossible) } else { Ok(sign * (hours * 60 + minutes.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Result<String, LiteralError> {
        let mut out = Vec::new();
        write_date_time_offset(parse_date_time_offset(text, false)?, b'T', 6, true, &mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn instants_are_read_in_utc() {
        assert_eq!(instant("2024-05-01T02:00:00.000+02:00").unwrap(), "2024-05-01T00:00:00");
        assert_eq!(instant("1969-12-31T23:59:59.5Z").unwrap(), "1969-12-31T23:59:59.5");
        assert_eq!(instant("2024-05-01T02:00Z").unwrap(), "2024-05-01T02:00:00");
        assert_eq!(instant("-0001-01-01T00:00:00-14:00").unwrap(), "-0001-01-01T14:00:00");
        assert_eq!(instant("12024-01-01T00:00:00.1234560000Z").unwrap(), "12024-01-01T00:00:00.123456");
    }

    #[test]
    fn impossible_instants_are_told_from_malformed_ones() {
        assert_eq!(instant("2023-02-29T00:00:00Z"), Err(LiteralError::Impossible));
        assert_eq!(instant("2024-05-01T24:00:00Z"), Err(LiteralError::Impossible));
        assert_eq!(instant("2024-05-01T00:00:00.0000001Z"), Err(LiteralError::TooFine));
        assert_eq!(instant("2024-05-01T00:00:00"), Err(LiteralError::Malformed));
        assert_eq!(instant("2024-5-1T00:00:00Z"), Err(LiteralError::Malformed));
        assert_eq!(instant("999999-05-01T00:00:00Z"), Err(LiteralError::OutOfRange));
        assert_eq!(parse_date("0000-00-10"), Err(LiteralError::Impossible));
    }

    #[test]
    fn database_forms_are_read_when_allowed() {
        assert_eq!(
            parse_date_time_offset("2024-05-01 00:00:00", true),
            parse_date_time_offset("2024-05-01T00:00:00Z", false)
        );
        assert_eq!(parse_date_time_offset("2024-05-01", true), parse_date_time_offset("2024-05-01T00:00Z", false));
        assert_eq!(
            parse_date_time_offset("2024-05-01 02:00:00+02", true),
            parse_date_time_offset("2024-05-01T00:00Z", false)
        );
    }

    #[test]
    fn the_short_ways_give_the_same_as_the_long_ones() {
        for text in [
            "2024-02-29",
            "2023-02-29",
            "0001-01-01",
            "0000-01-01",
            "9999-12-31",
            "2024-13-01",
            "2024-1a-01",
            "202a-01-01",
            "2024-01-00",
            "2024-01-32",
            "2024-01-01 ",
            "1900-02-29",
            "2000-02-29",
            "2024-:1-01",
        ] {
            let long = take_date(text).and_then(|(days, rest)| match rest {
                "" => i32::try_from(days).map_err(|_| LiteralError::OutOfRange),
                _ => Err(LiteralError::Malformed),
            });
            assert_eq!(parse_date(text), long, "{text}");
        }
        for text in [
            "2024-02-29 23:59:59",
            "2024-02-29T23:59:59",
            "2024-02-29 23:59:59.123",
            "2024-02-29 23:59:59.1234",
            "2024-02-29 24:00:00",
            "2024-02-29 23:60:00",
            "2024-02-29 23:59:60",
            "2024-02-29 23:59:5a",
            "0000-02-29 00:00:00",
            "2024-02-29 23:59:59.12a",
            "1969-12-31 23:59:59.999",
            "2024-02-29 23:59",
            "2024-02-29 23:59:59Z",
            "2024-02-29",
        ] {
            assert_eq!(parse_date_time_offset(text, true), parse_any_date_time_offset(text, true), "{text}");
        }
    }

    #[test]
    fn guids_round_trip_in_lower_case() {
        let mut out = Vec::new();
        write_guid(&parse_guid("3F2504E0-4F89-11D3-9A0C-0305E82C3301").unwrap(), &mut out);
        assert_eq!(out, b"3f2504e0-4f89-11d3-9a0c-0305e82c3301");
        assert_eq!(parse_guid("3F2504E0-4F89-11D3-9A0C-0305E82C33"), Err(LiteralError::Malformed));
    }

    #[test]
    fn decimals_keep_every_digit() {
        let text = "12345678901234567890.123456789012345678";
        assert_eq!(parse_decimal(text).unwrap().to_plain_string(), text);
        assert_eq!(parse_decimal("1e401"), Err(LiteralError::OutOfRange));
        assert_eq!(parse_decimal("1."), Err(LiteralError::Malformed));
        assert_eq!(parse_decimal("-1.5e2").unwrap(), parse_decimal("-150").unwrap());
    }
}
