//! Owns [`Paces`]: how long statements took of late, by their text, as a guess for the next run. A guess that is wrong
//! costs time, never correctness.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Places for guesses. Texts that share one spoil each other's guess, no more.
const PLACES: usize = 1_024;
/// A statement that is expected to end within this time is short.
const SHORT_MICROS: u32 = 500;

/// Microseconds; 0 where nothing is known.
pub(super) struct Paces(Box<[AtomicU32]>);

impl Default for Paces {
    fn default() -> Self {
        Paces((0..PLACES).map(|_| AtomicU32::new(0)).collect())
    }
}

impl Paces {
    fn place(&self, text: &str) -> Option<&AtomicU32> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(text);
        self.0.get(usize::try_from(hash % PLACES as u64).unwrap_or(0))
    }

    /// Whether the statement is known and known to be short.
    pub(super) fn is_short(&self, text: &str) -> bool {
        self.place(text).is_some_and(|place| (1..SHORT_MICROS).contains(&place.load(Ordering::Relaxed)))
    }

    /// A long run counts at once, short ones little by little: a text that is long for some parameters is long.
    pub(super) fn note(&self, text: &str, took: Duration) {
        let Some(place) = self.place(text) else { return };
        let (before, now) = (place.load(Ordering::Relaxed), u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1));
        let next = if before == 0 || now >= SHORT_MICROS { now } else { before - before / 8 + now / 8 };
        place.store(next.max(1), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_remembered_longer_than_a_short_one() {
        let paces = Paces::default();
        let note = |micros| paces.note("SELECT 1", Duration::from_micros(micros));
        assert!(!paces.is_short("SELECT 1"));
        note(20);
        assert!(paces.is_short("SELECT 1"));
        note(4_000);
        note(20);
        assert!(!paces.is_short("SELECT 1"));
        (0..100).for_each(|_| note(20));
        assert!(paces.is_short("SELECT 1"));
        note(0);
        assert!(paces.is_short("SELECT 1"));
    }
}
