//! Owns the arithmetic between days since 1970-01-01 and the proleptic Gregorian calendar, for every year that fits.

/// Days since 1970-01-01 of a civil date. The caller has checked month and day.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    if let Ok(year @ 1..=9_999) = u32::try_from(year) {
        return i64::from(short_days_from_civil(year, month, day));
    }
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "month and day are within 1 to 31")]
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The same for the years 0 to 9999 in 32 bits, which is what nearly every date needs; `None` for others. After Neri
/// and Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022).
#[inline]
pub(super) fn short_civil_from_days(days: i64) -> Option<(u32, u32, u32)> {
    /// 0000-03-01, from which the algorithm counts, to 9999-12-31.
    const LAST: u32 = 3_652_364;
    let number = u32::try_from(days + 719_468).ok().filter(|number| *number <= LAST)?;
    let (century, of_century) = ((4 * number + 3) / 146_097, (4 * number + 3) % 146_097 / 4);
    let product = 2_939_745 * u64::from(4 * of_century + 3);
    let [year_of_century, rest] = [product >> 32, product & 0xffff_ffff].map(|half| u32::try_from(half).unwrap_or(0));
    let day_of_year = rest / 2_939_745 / 4;
    let shifted = 2_141 * day_of_year + 197_913;
    let (month, day) = (shifted / 65_536, shifted % 65_536 / 2_141 + 1);
    let is_next = day_of_year >= 306;
    let month = if is_next { month - 12 } else { month };
    Some((100 * century + year_of_century + u32::from(is_next), month, day))
}

/// Days since 1970-01-01 of a date in the years 1 to 9999, in 32 bits. The caller has checked month and day.
#[inline]
pub(super) fn short_days_from_civil(year: u32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * shifted_month + 2) / 5 + day - 1;
    i32::try_from(days).unwrap_or(i32::MAX) - 719_468
}

/// Number of days of a month; 0 for a month that does not exist.
pub fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_round_trip() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
        assert_eq!(civil_from_days(-1), (1969, 12, 31));
        for days in (-1_000_000..3_000_000).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert!(day >= 1 && day <= days_in_month(year, month));
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn the_short_way_gives_the_same() {
        for days in days_from_civil(0, 3, 1)..=days_from_civil(9999, 12, 31) {
            let (year, month, day) = civil_from_days(days);
            let year = u32::try_from(year).unwrap();
            assert_eq!(short_civil_from_days(days), Some((year, month, day)));
            if year > 0 {
                assert_eq!(i64::from(short_days_from_civil(year, month, day)), days);
            }
        }
        for days in [days_from_civil(0, 2, 29), days_from_civil(10_000, 1, 1), i64::from(i32::MIN), i64::from(i32::MAX)]
        {
            assert_eq!(short_civil_from_days(days), None);
        }
    }
}
