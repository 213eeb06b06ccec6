//! Owns the text forms of times without a date: times of day and durations (ABNF rules `timeOfDayValue`,
//! `durationValue`). Both are counted in microseconds.

use super::LiteralError;
use super::digits::{pair, write_int};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// Takes `hh:mm[:ss[.f…]]`; gives microseconds since midnight.
pub fn parse_time_of_day(text: &str) -> Result<i64, LiteralError> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':').map(|part| match part.as_bytes() {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => Ok(i64::from(tens - b'0') * 10 + i64::from(units - b'0')),
        _ => Err(LiteralError::Malformed),
    });
    let mut next = || parts.next().transpose();
    let (hour, minute, second) = (next()?, next()?, next()?);
    let (Some(hour), Some(minute)) = (hour, minute) else { return Err(LiteralError::Malformed) };
    if next()?.is_some() || (second.is_none() && fraction.is_some()) {
        return Err(LiteralError::Malformed);
    }
    let micros = fraction.map_or(Ok(0), micros_of)?;
    let second = second.unwrap_or(0);
    if hour > 23 || minute > 59 || second > 59 {
        return Err(LiteralError::Impossible);
    }
    Ok(hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + second * MICROS_PER_SECOND + micros)
}

/// Takes `[-]P[nD][T[nH][nM][n[.f…]S]]`; gives microseconds. A day has 24 hours (OData ABNF: no years, no months).
pub fn parse_duration(text: &str) -> Result<i64, LiteralError> {
    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..)),
        Some(b'+') => (false, text.get(1..)),
        _ => (false, Some(text)),
    };
    let rest = rest.and_then(|rest| rest.strip_prefix(['P', 'p'])).ok_or(LiteralError::Malformed)?;
    let (date, time) = match rest.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let mut total = 0_i64;
    let mut parts = 0;
    for (mut rest, mut units) in [(Some(date), DATE_UNITS), (time, TIME_UNITS)] {
        while let Some(text) = rest.filter(|text| !text.is_empty()) {
            let end = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(LiteralError::Malformed)?;
            let (number, tail) = text.split_at(end);
            let unit = tail.chars().next().unwrap_or_default().to_ascii_uppercase();
            let place = units.iter().position(|(name, _)| *name == unit).ok_or(LiteralError::Malformed)?;
            let (_, size) = units.get(place).copied().ok_or(LiteralError::Malformed)?;
            units = units.get(place + 1..).unwrap_or_default();
            let (whole, micros) = match number.split_once('.') {
                Some((whole, fraction)) if unit == 'S' => (whole, micros_of(fraction)?),
                Some(_) => return Err(LiteralError::Malformed),
                None => (number, 0),
            };
            if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(LiteralError::Malformed);
            }
            let whole: i64 = whole.parse().map_err(|_| LiteralError::OutOfRange)?;
            let micros = whole.checked_mul(size).and_then(|part| part.checked_add(micros));
            total = micros.and_then(|micros| total.checked_add(micros)).ok_or(LiteralError::OutOfRange)?;
            parts += 1;
            rest = tail.get(1..);
        }
    }
    // A `T` is followed by at least one part.
    if parts == 0 || time.is_some_and(str::is_empty) {
        return Err(LiteralError::Malformed);
    }
    Ok(if negative { -total } else { total })
}

const DATE_UNITS: &[(char, i64)] = &[('D', MICROS_PER_DAY)];
const TIME_UNITS: &[(char, i64)] = &[('H', MICROS_PER_HOUR), ('M', MICROS_PER_MINUTE), ('S', MICROS_PER_SECOND)];

/// The digits right of a point as microseconds.
fn micros_of(fraction: &str) -> Result<i64, LiteralError> {
    if fraction.is_empty() || fraction.len() > 12 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LiteralError::Malformed);
    }
    let digits = |place| fraction.as_bytes().get(place).map_or(0, |digit| i64::from(digit - b'0'));
    if (6..fraction.len()).any(|place| digits(place) != 0) {
        return Err(LiteralError::TooFine);
    }
    Ok((0..6).fold(0, |micros, place| micros * 10 + digits(place)))
}

/// Writes `hh:mm:ss`, and the fraction if there is one, without trailing zeros.
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
pub fn write_time_of_day(micros: i64, out: &mut Vec<u8>) {
    let micros = micros.rem_euclid(MICROS_PER_DAY);
    let seconds = u32::try_from(micros / MICROS_PER_SECOND).unwrap_or(0);
    let ([a, b], [c, d], [e, f]) = (pair(seconds / 3_600), pair(seconds / 60 % 60), pair(seconds % 60));
    out.extend_from_slice(&[a, b, b':', c, d, b':', e, f]);
    write_fraction(micros % MICROS_PER_SECOND, out);
}

/// Writes `hh:mm:ss` and `digits` (0 to 6) of the fraction, as a column of that precision holds it.
pub fn write_fractioned_time(micros: i64, digits: u8, out: &mut Vec<u8>) {
    let micros = micros.rem_euclid(MICROS_PER_DAY);
    write_time_of_day(micros - micros % MICROS_PER_SECOND, out);
    let fraction = micros % MICROS_PER_SECOND + MICROS_PER_SECOND;
    let kept = usize::from(digits.min(6));
    if kept > 0 {
        // The seventh digit before is the one that was added.
        out.push(b'.');
        out.extend_from_slice(itoa::Buffer::new().format(fraction).as_bytes().get(1..=kept).unwrap_or_default());
    }
}

/// Writes the shortest form in days, hours, minutes and seconds: `P1DT2H`, `-PT0.5S`, `PT0S`.
pub fn write_duration(micros: i64, out: &mut Vec<u8>) {
    if micros < 0 {
        out.push(b'-');
    }
    out.push(b'P');
    let micros = micros.unsigned_abs();
    let part = |size: i64, within: i64| {
        let within = if within == 0 { micros } else { micros % within.unsigned_abs() };
        i64::try_from(within / size.unsigned_abs()).unwrap_or(i64::MAX)
    };
    let days = part(MICROS_PER_DAY, 0);
    if days > 0 {
        write_int(days, out);
        out.push(b'D');
    }
    let (hours, minutes) = (part(MICROS_PER_HOUR, MICROS_PER_DAY), part(MICROS_PER_MINUTE, MICROS_PER_HOUR));
    let (seconds, fraction) = (part(MICROS_PER_SECOND, MICROS_PER_MINUTE), part(1, MICROS_PER_SECOND));
    if days > 0 && hours == 0 && minutes == 0 && seconds == 0 && fraction == 0 {
        return;
    }
    out.push(b'T');
    for (count, unit) in [(hours, b'H'), (minutes, b'M')] {
        if count > 0 {
            write_int(count, out);
            out.push(unit);
        }
    }
    if seconds > 0 || fraction > 0 || (days == 0 && hours == 0 && minutes == 0) {
        write_int(seconds, out);
        write_fraction(fraction, out);
        out.push(b'S');
    }
}

/// The point and the digits of a fraction of a second; nothing for zero.
#[expect(clippy::many_single_char_names, reason = "digits of a fixed form, in their order")]
fn write_fraction(micros: i64, out: &mut Vec<u8>) {
    if micros == 0 {
        return;
    }
    let micros = u32::try_from(micros).unwrap_or(0);
    let ([a, b], [c, d], [e, f]) = (pair(micros / 10_000), pair(micros / 100 % 100), pair(micros % 100));
    let digits = [a, b, c, d, e, f];
    let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    out.push(b'.');
    out.extend_from_slice(digits.get(..kept).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_of_day_are_read_and_written() {
        for (text, micros, again) in [
            ("00:00", 0, "00:00:00"),
            ("12:30:00.5", 45_000_500_000, "12:30:00.5"),
            ("23:59:59.999999", 86_399_999_999, "23:59:59.999999"),
            ("07:05:09.120000000000", 25_509_120_000, "07:05:09.12"),
        ] {
            assert_eq!(parse_time_of_day(text), Ok(micros), "{text}");
            assert_eq!(written(|out| write_time_of_day(micros, out)), again);
        }
        for text in ["", "12", "12:3", "1:30", "12:30:00.", "12:30.5", "12:30:00:00", "12:30:00Z", "+1:30", "12:30:é"]
        {
            assert_eq!(parse_time_of_day(text), Err(LiteralError::Malformed), "{text}");
        }
        assert_eq!(parse_time_of_day("24:00:00"), Err(LiteralError::Impossible));
        assert_eq!(parse_time_of_day("12:60"), Err(LiteralError::Impossible));
        assert_eq!(parse_time_of_day("12:30:00.0000001"), Err(LiteralError::TooFine));
    }

    #[test]
    fn durations_are_read_and_written() {
        for (text, micros, again) in [
            ("PT0S", 0, "PT0S"),
            ("P0D", 0, "PT0S"),
            ("PT1H", 3_600_000_000, "PT1H"),
            ("P1DT2H3M4.5S", 93_784_500_000, "P1DT2H3M4.5S"),
            ("-PT0.5S", -500_000, "-PT0.5S"),
            ("+PT90M", 5_400_000_000, "PT1H30M"),
            ("pt36h", 129_600_000_000, "P1DT12H"),
            ("P2D", 172_800_000_000, "P2D"),
            ("P12DT23H59M59.999999S", 1_123_199_999_999, "P12DT23H59M59.999999S"),
        ] {
            assert_eq!(parse_duration(text), Ok(micros), "{text}");
            assert_eq!(written(|out| write_duration(micros, out)), again);
        }
        for text in
            ["", "P", "PT", "P1DT", "1D", "P1", "PT1S2H", "PT1H1H", "P1Y", "P1M", "PT.5S", "PT1.5H", "P-1D", "PTS"]
        {
            assert_eq!(parse_duration(text), Err(LiteralError::Malformed), "{text}");
        }
        assert_eq!(parse_duration("P106751992D"), Err(LiteralError::OutOfRange));
        assert_eq!(parse_duration("P99999999999999999999D"), Err(LiteralError::OutOfRange));
        assert_eq!(written(|out| write_duration(i64::MIN, out)), "-P106751991DT4H54.775808S");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(micros in -i64::MAX..i64::MAX) {
            prop_assert_eq!(parse_duration(&written(|out| write_duration(micros, out))), Ok(micros));
            let of_day = micros.rem_euclid(MICROS_PER_DAY);
            prop_assert_eq!(parse_time_of_day(&written(|out| write_time_of_day(of_day, out))), Ok(of_day));
        }
    }
}
