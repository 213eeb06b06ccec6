//! Owns [`Policy`], the times for which an answer may be served, and [`Clock`], by which they are measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// How long an answer may be served, in milliseconds after its rows were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// As it is.
    pub ttl_ms: u64,
    /// After that: at once, while a new one is read.
    pub stale_while_revalidate_ms: u64,
    /// After `ttl_ms`: if a new one cannot be read.
    pub stale_if_error_ms: u64,
}

/// What may be done with an answer of a certain age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Served as it is.
    Fresh,
    /// Served, and read anew meanwhile.
    Revalidate,
    /// Served only if it cannot be read anew.
    IfError,
    /// Not served.
    Gone,
}

impl Policy {
    /// What holds for an answer that touches sets of both policies: the shortest times.
    #[must_use]
    pub fn and(self, other: Policy) -> Policy {
        // The ends of the times count, not their lengths: what is stale for one set is stale for the answer.
        let ttl_ms = self.ttl_ms.min(other.ttl_ms);
        let end = |policy: Policy, more: u64| policy.ttl_ms.saturating_add(more);
        let revalidate = end(self, self.stale_while_revalidate_ms).min(end(other, other.stale_while_revalidate_ms));
        let if_error = end(self, self.stale_if_error_ms).min(end(other, other.stale_if_error_ms));
        Policy {
            ttl_ms,
            stale_while_revalidate_ms: revalidate.saturating_sub(ttl_ms),
            stale_if_error_ms: if_error.saturating_sub(ttl_ms),
        }
    }

    /// What holds for a part of an answer that has the policy `whole`: it is fresh as long as the answer is, or the
    /// answer would be made in vain; but it is kept for its own time, for others.
    #[must_use]
    pub fn within(self, whole: Policy) -> Policy {
        let ttl_ms = self.ttl_ms.min(whole.ttl_ms);
        let stale_if_error_ms = self.longest_ms().saturating_sub(ttl_ms);
        Policy { ttl_ms, stale_while_revalidate_ms: 0, stale_if_error_ms }
    }

    /// What may be done at `now_ms` with an answer whose rows were asked for at `made_ms`.
    pub fn state(&self, made_ms: u64, now_ms: u64) -> State {
        let age_ms = now_ms.saturating_sub(made_ms);
        match age_ms.checked_sub(self.ttl_ms) {
            None => State::Fresh,
            Some(late_ms) if late_ms < self.stale_while_revalidate_ms => State::Revalidate,
            Some(late_ms) if late_ms < self.stale_if_error_ms => State::IfError,
            Some(_) => State::Gone,
        }
    }

    /// How long an answer can be of use.
    pub(super) fn longest_ms(&self) -> u64 {
        self.ttl_ms.saturating_add(self.stale_while_revalidate_ms.max(self.stale_if_error_ms))
    }
}

/// Milliseconds since 1970. Replicas compare times, so it is the machine's clock and not a counter of the process.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    by_hand: Option<Arc<AtomicU64>>,
}

impl Clock {
    /// A clock that stands where `now_ms` stands, for tests.
    pub fn by_hand(now_ms: Arc<AtomicU64>) -> Self {
        Clock { by_hand: Some(now_ms) }
    }

    /// Milliseconds since 1970.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others take")]
    pub fn now_ms(&self) -> u64 {
        if let Some(now_ms) = &self.by_hand {
            return now_ms.load(Ordering::SeqCst);
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(ttl_ms: u64, stale_while_revalidate_ms: u64, stale_if_error_ms: u64) -> Policy {
        Policy { ttl_ms, stale_while_revalidate_ms, stale_if_error_ms }
    }

    #[test]
    fn an_answer_ages_through_its_states() {
        let both = policy(10, 5, 20);
        let states = [9, 10, 14, 15, 29, 30].map(|age| both.state(1_000, 1_000 + age));
        let expected =
            [State::Fresh, State::Revalidate, State::Revalidate, State::IfError, State::IfError, State::Gone];
        assert_eq!(states, expected);
        assert_eq!(policy(0, 0, 0).state(5, 5), State::Gone);
        assert_eq!(both.state(1_000, 900), State::Fresh, "a clock that went back does not make an answer old");
    }

    #[test]
    fn a_part_is_fresh_no_longer_than_the_whole() {
        assert_eq!(policy(100, 5, 20).within(policy(10, 7, 30)), policy(10, 0, 110));
        assert_eq!(policy(10, 5, 20).within(policy(10, 5, 20)), policy(10, 0, 20));
    }

    #[test]
    fn several_sets_have_the_earliest_ends() {
        assert_eq!(policy(10, 5, 20).and(policy(12, 0, 100)), policy(10, 2, 20));
        assert_eq!(policy(10, 5, 20).and(policy(10, 5, 20)), policy(10, 5, 20));
        assert_eq!(policy(10, 0, 0).and(policy(2, 100, 3)), policy(2, 8, 3));
    }
}
