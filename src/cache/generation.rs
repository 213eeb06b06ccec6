//! Owns [`Generations`]: a number per entity set that changes with every change of the set. It is part of the key of
//! every answer, so answers from before a change are never found again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The generations of all sets of the process. Sets are known by their place.
#[derive(Debug)]
pub struct Generations {
    names: Vec<String>,
    /// What readers see of each set.
    stamps: Vec<AtomicU64>,
    /// Whether somebody asked for the stamp of each set.
    asked: Vec<AtomicBool>,
    agreement: Mutex<Agreement>,
    /// Wakes whoever carries changes to the second level.
    changed: Notify,
}

/// What is known of the counters that replicas share.
#[derive(Debug)]
struct Agreement {
    /// Whether there is a second level to agree with.
    shared: bool,
    /// Changes when the counters begin anew.
    epoch: u64,
    counters: Vec<u64>,
    /// Set from a change until the shared counter counts it: makes the stamp one that no other replica has.
    salts: Vec<Option<u64>>,
    /// The last salt.
    salt: u64,
}

/// Changes of one set that the shared counter does not count yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The place of the set.
    pub set: usize,
    /// Tells this change from later ones.
    pub salt: u64,
}

impl Generations {
    /// One generation for each name; `seed` differs from process to process. `shared` says that a second level will
    /// agree on them: until it does, they are this process's own.
    pub fn new(names: Vec<String>, seed: u64, shared: bool) -> Self {
        let count = names.len();
        let agreement = Agreement {
            shared,
            epoch: mix(seed),
            counters: vec![0; count],
            salts: vec![None; count],
            salt: mix(!seed),
        };
        let stamps = (0..count).map(|set| AtomicU64::new(agreement.stamp(set))).collect();
        let asked = (0..count).map(|_| AtomicBool::new(false)).collect();
        Generations { names, stamps, asked, agreement: Mutex::new(agreement), changed: Notify::new() }
    }

    /// The names, by place.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a set.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The generations of several sets in one number; 0 for none. The order does not matter.
    pub fn stamp(&self, sets: impl IntoIterator<Item = usize>) -> u64 {
        let stamp_of = |set: usize| {
            // Written only where it says something new, so that readers do not take the line from each other.
            if let Some(asked) = self.asked.get(set).filter(|asked| !asked.load(Ordering::Relaxed)) {
                asked.store(true, Ordering::Relaxed);
            }
            self.stamps.get(set).map_or(0, |stamp| stamp.load(Ordering::Acquire))
        };
        // Each set counts once however often it is named, or two of one would cancel each other out.
        let mut seen = Vec::new();
        let mut sum = 0_u64;
        for set in sets {
            if !seen.contains(&set) {
                seen.push(set);
                sum = sum.wrapping_add(mix(stamp_of(set)));
            }
        }
        sum
    }

    /// Whether anything of the set was asked for since this was called last.
    pub fn was_asked(&self, set: usize) -> bool {
        self.asked.get(set).is_some_and(|asked| asked.swap(false, Ordering::Relaxed))
    }

    /// The set has changed: answers from before are not served again, here at once, elsewhere as soon as the second
    /// level has told.
    pub fn raise(&self, set: usize) {
        let mut agreement = self.agreement();
        if agreement.shared {
            agreement.salt = mix(agreement.salt);
            let salt = agreement.salt;
            if let Some(slot) = agreement.salts.get_mut(set) {
                *slot = Some(salt);
            }
        } else if let Some(counter) = agreement.counters.get_mut(set) {
            *counter += 1;
        }
        self.publish(&agreement, set);
        drop(agreement);
        self.changed.notify_one();
    }

    /// Changes that the second level has not counted yet.
    pub fn pending(&self) -> Vec<Pending> {
        let agreement = self.agreement();
        let salts = agreement.salts.iter().enumerate();
        salts.filter_map(|(set, salt)| Some(Pending { set, salt: (*salt)? })).collect()
    }

    /// Waits until a set changes here.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Takes what the second level says: the shared counters of all sets, in the order of the names, read after it had
    /// counted `counted`.
    pub fn agree(&self, epoch: u64, counters: &[u64], counted: &[Pending]) {
        let mut agreement = self.agreement();
        if agreement.epoch != epoch {
            agreement.epoch = epoch;
            agreement.counters.fill(0);
        }
        for (known, told) in agreement.counters.iter_mut().zip(counters) {
            // Answers of two requests may overtake each other.
            *known = (*known).max(*told);
        }
        for pending in counted {
            if let Some(salt) = agreement.salts.get_mut(pending.set)
                && *salt == Some(pending.salt)
            {
                *salt = None;
            }
        }
        for set in 0..self.stamps.len() {
            self.publish(&agreement, set);
        }
    }

    fn publish(&self, agreement: &Agreement, set: usize) {
        if let Some(stamp) = self.stamps.get(set) {
            stamp.store(agreement.stamp(set), Ordering::Release);
        }
    }

    fn agreement(&self) -> MutexGuard<'_, Agreement> {
        self.agreement.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agreement {
    fn stamp(&self, set: usize) -> u64 {
        let counter = self.counters.get(set).copied().unwrap_or_default();
        let salt = self.salts.get(set).copied().flatten().unwrap_or_default();
        mix(mix(mix(self.epoch ^ mix(set as u64)) ^ counter) ^ salt)
    }
}

/// Spreads a number over 64 bits, one to one (the finisher of `SplitMix64`).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generations(seed: u64, shared: bool) -> Generations {
        Generations::new(vec!["erp/Orders".to_owned(), "erp/Accounts".to_owned()], seed, shared)
    }

    #[test]
    fn a_change_is_seen_in_every_stamp_with_the_set() {
        let generations = generations(1, false);
        let stamps = || [generations.stamp([0]), generations.stamp([1]), generations.stamp([0, 1])];
        let before = stamps();
        generations.raise(0);
        let after = stamps();
        assert!(before[0] != after[0] && before[1] == after[1] && before[2] != after[2]);
        assert_eq!(generations.stamp([0, 1]), generations.stamp([1, 0, 1]));
        assert_ne!(generations.stamp([0, 0]), 0);
        assert!(generations.was_asked(0) && !generations.was_asked(0) && generations.was_asked(1));
        assert!(!generations.was_asked(7));
        assert_eq!(generations.place("erp/Accounts"), Some(1));
        generations.raise(7);
    }

    #[test]
    fn replicas_agree_and_their_own_changes_are_private_until_counted() {
        let (one, two) = (generations(1, true), generations(2, true));
        assert_ne!(one.stamp([0]), two.stamp([0]));
        one.agree(9, &[4, 0], &[]);
        two.agree(9, &[4, 0], &[]);
        assert_eq!(one.stamp([0]), two.stamp([0]));
        let shared = one.stamp([0]);
        one.raise(0);
        two.raise(0);
        let stamps = [shared, one.stamp([0]), two.stamp([0])];
        assert!(stamps[0] != stamps[1] && stamps[0] != stamps[2] && stamps[1] != stamps[2]);
        let pending = one.pending();
        // A second change comes before the first was counted: it stays private.
        one.raise(0);
        one.agree(9, &[5, 0], &pending);
        assert_eq!(one.pending().len(), 1);
        let later = one.pending();
        one.agree(9, &[6, 0], &later);
        two.agree(9, &[7, 0], &two.pending());
        assert!(one.pending().is_empty() && two.pending().is_empty());
        assert_ne!(one.stamp([0]), two.stamp([0]));
        one.agree(9, &[7, 0], &[]);
        // An answer that was overtaken takes nothing back.
        one.agree(9, &[6, 0], &[]);
        assert_eq!(one.stamp([0]), two.stamp([0]));
        assert_ne!(one.stamp([0]), shared);
        // The counters begin anew: no stamp of before comes back.
        one.agree(10, &[4, 0], &[]);
        assert!(![shared, two.stamp([0])].contains(&one.stamp([0])));
    }

    #[tokio::test]
    async fn whoever_waits_hears_of_a_change() {
        let generations = generations(1, true);
        generations.raise(1);
        generations.changed().await;
        assert_eq!(generations.pending().iter().map(|pending| pending.set).collect::<Vec<_>>(), [1]);
    }
}
