//! Owns the numbers that look random and are not, and the values drawn from them.
//!
//! The generator is `SplitMix64` (Steele, Lea, Flood, 2014). A crate would have been free to change its numbers with a
//! new version.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use crate::edm::{Value, days_from_civil};

const SEED: u64 = 0x50e5_70c4_2024_0501;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

pub(super) const MICROS_PER_SECOND: i64 = 1_000_000;
pub(super) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The numbers of one row.
pub(super) struct Random(u64);

impl Random {
    /// The numbers of row `row` of a table; `table` tells the tables apart.
    pub(super) fn of(table: &str, row: i64) -> Self {
        // FNV-1a of the name.
        let hash = table
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut seed = Random(hash ^ SEED ^ row.cast_unsigned().wrapping_mul(GOLDEN));
        Random(seed.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound - 1`.
    pub(super) fn below(&mut self, bound: i64) -> i64 {
        (self.next() >> 1).cast_signed() % bound.max(1)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// One of the choices.
    pub(super) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let index = self.below(i64::try_from(choices.len()).unwrap_or(1));
        usize::try_from(index).ok().and_then(|index| choices.get(index)).copied().unwrap_or_default()
    }

    /// `value`, or null in `percent` of a hundred cases.
    pub(super) fn or_null(&mut self, percent: i64, value: Value) -> Value {
        if self.chance(percent) { Value::Null } else { value }
    }

    /// A day between the first days of two years.
    pub(super) fn day(&mut self, from_year: i64, to_year: i64) -> i64 {
        self.between(day(from_year, 1, 1), day(to_year, 1, 1))
    }

    /// Microseconds within one day: half of them whole seconds, a quarter to the millisecond, a quarter to the end.
    pub(super) fn time_of_day(&mut self) -> i64 {
        let second = self.below(86_400) * MICROS_PER_SECOND;
        match self.below(4) {
            0 => second + self.below(1_000) * 1_000,
            1 => second + self.below(MICROS_PER_SECOND),
            _ => second,
        }
    }

    /// A GUID of version 4.
    pub(super) fn guid(&mut self) -> Value {
        let high = (self.next() & !0xf000) | 0x4000;
        let low = (self.next() & !(3 << 62)) | (2 << 62);
        Value::Guid((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
    }
}

/// Days since 1970-01-01.
pub(super) fn day(year: i64, month: u32, day: u32) -> i64 {
    days_from_civil(year, month, day)
}

/// The start of a day.
pub(super) fn midnight(year: i64, month: u32, day_of_month: u32) -> i64 {
    day(year, month, day_of_month) * MICROS_PER_DAY
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.into())
}

/// Text, or null for none.
pub(super) fn text_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::String(text.into()))
}

/// `digits` × 10^-`scale`.
pub(super) fn decimal(digits: i64, scale: i64) -> Value {
    Value::Decimal(BigDecimal::new(BigInt::from(digits), scale))
}

pub(super) fn money(cents: i64) -> Value {
    decimal(cents, 2)
}

/// A date of days since 1970-01-01.
pub(super) fn date(days: i64) -> Value {
    i32::try_from(days).map_or(Value::Null, Value::Date)
}

/// The first rows of a table have promised values; all others have none.
pub(super) fn promised<T>(promises: &[T], row: i64) -> Option<&T> {
    usize::try_from(row).ok().and_then(|row| promises.get(row))
}
