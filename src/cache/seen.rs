//! Owns [`Seen`]: whether something came a short while ago. What comes once only is not worth remembering.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

// Slot and mark are taken from two ends of one hash, so both must be good: the fast form mixes numbers too little for
// that.
use foldhash::quality::RandomState;

/// What is looked back at: about so many different things.
const SLOTS: usize = 4_096;

/// Marks of what came last, shared by all clones. Two things can have the same mark; the one then counts as seen for
/// the other.
#[derive(Clone, Debug)]
pub struct Seen {
    slots: Arc<[AtomicU32]>,
    hash: RandomState,
}

impl Default for Seen {
    fn default() -> Self {
        Seen { slots: (0..SLOTS).map(|_| AtomicU32::new(0)).collect(), hash: RandomState::default() }
    }
}

impl Seen {
    /// Whether this came before, within the last few thousand others; from now on it has.
    #[expect(clippy::cast_possible_truncation, reason = "one half finds the slot, the other marks it")]
    pub fn again<K: Hash + ?Sized>(&self, key: &K) -> bool {
        let hash = self.hash.hash_one(key);
        // Zero is the mark of nothing.
        let mark = (hash >> 32) as u32 | 1;
        self.slots.get(hash as usize % SLOTS).is_some_and(|slot| slot.swap(mark, Ordering::Relaxed) == mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_again_what_came_lately_and_forgets_the_rest() {
        let seen = Seen::default();
        assert!(!seen.again("a"));
        assert!(seen.again("a") && seen.again("a"));
        let new = (0..100).filter(|number| !seen.again(number)).count();
        assert!(new >= 99, "{new}");
        // With as many others as slots one of e is left, with ten times as many next to none.
        let others = (0..10 * SLOTS).filter(|number| seen.again(&(number, "other"))).count();
        assert!(others <= 5, "{others}");
        let left = (0..100).filter(|number| seen.again(number)).count();
        assert!(left <= 5, "{left}");
    }
}
