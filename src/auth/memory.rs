//! Owns [`Memory`]: headers that were right a short while ago. It holds no credentials, only keyed hashes of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ring::hmac;
use ring::rand::SystemRandom;

use super::{AuthError, Principal};

/// How long a header stays right without a new check; so long a withdrawn password may still work.
const KEPT: Duration = Duration::from_mins(1);
/// Most headers that are remembered. Only right ones get here, so this is about the number of users.
const ENTRIES_MAX: usize = 1_024;

/// What a header is remembered by.
pub(super) type Mark = [u8; 32];

/// Remembered headers, under a key that never leaves the process.
pub(super) struct Memory {
    key: hmac::Key,
    entries: Mutex<HashMap<Mark, Entry>>,
}

struct Entry {
    until: Instant,
    principal: Arc<Principal>,
}

impl Memory {
    /// An empty memory with a fresh key.
    pub(super) fn new() -> Result<Self, AuthError> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).map_err(|_| AuthError::System)?;
        Ok(Memory { key, entries: Mutex::new(HashMap::new()) })
    }

    /// What this header is remembered by.
    pub(super) fn mark(&self, header: &[u8]) -> Mark {
        let mut mark = Mark::default();
        let tag = hmac::sign(&self.key, header);
        for (to, from) in mark.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        mark
    }

    /// Who sent this header, if it was right not long before `now`.
    pub(super) fn recall(&self, mark: &Mark, now: Instant) -> Option<Arc<Principal>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(mark).filter(|entry| now < entry.until).map(|entry| Arc::clone(&entry.principal))
    }

    /// Remembers a header that was right at `now`.
    pub(super) fn keep(&self, mark: Mark, principal: Arc<Principal>, now: Instant) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, entry| now < entry.until);
            // Still full: one goes, whichever. It costs its owner one check.
            if entries.len() >= ENTRIES_MAX
                && let Some(oldest) = entries.iter().min_by_key(|(_, entry)| entry.until).map(|(mark, _)| *mark)
            {
                entries.remove(&oldest);
            }
        }
        entries.insert(mark, Entry { until: now + KEPT, principal });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(name: &str) -> Arc<Principal> {
        Arc::new(Principal { name: Some(name.to_owned()) })
    }

    #[test]
    fn forgets_after_a_minute_and_never_grows_beyond_its_bound() {
        let memory = Memory::new().unwrap();
        let start = Instant::now();
        let mark = memory.mark(b"Basic a");
        memory.keep(mark, who("a"), start);
        assert_eq!(memory.recall(&mark, start + Duration::from_millis(59_999)), Some(who("a")));
        assert_eq!(memory.recall(&mark, start + KEPT), None);
        assert_eq!(memory.recall(&memory.mark(b"Basic b"), start), None);

        for index in 0..2 * ENTRIES_MAX {
            memory.keep(memory.mark(index.to_string().as_bytes()), who("b"), start + Duration::from_micros(1));
        }
        assert_eq!(memory.entries.lock().unwrap().len(), ENTRIES_MAX);
        assert_eq!(memory.recall(&mark, start), None, "the oldest went first");
    }

    #[test]
    fn the_key_is_another_in_each_process() {
        assert_ne!(Memory::new().unwrap().mark(b"x"), Memory::new().unwrap().mark(b"x"));
    }
}
