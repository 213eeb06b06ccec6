//! Owns [`Breaker`]: after several failures in a row, requests for a server that is away are refused at once instead of
//! each waiting for its connection. Refuses to judge what a server said: any word of it is a sign of life.
//!
//! Closed, everything passes, for the price of two loads. Open, nothing passes until a pause is over; then one request
//! goes through as the probe. Its success closes the breaker, its failure begins a longer pause.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many failures in a row open the breaker. A restart that is over at once must not, and of a long one a single
/// caller shall not feel more.
const FAILURES_MAX: u32 = 5;
const PAUSE_FIRST: Duration = Duration::from_millis(250);
/// The longest pause, and so about the time after which a server that is back is noticed.
const PAUSE_MAX: Duration = Duration::from_secs(4);
/// A probe that says nothing for so long, as a slow statement does, makes room for another.
const PROBE_MAX: Duration = Duration::from_secs(5);

/// Guards one server.
pub(super) struct Breaker {
    origin: String,
    /// Failures in a row; [`FAILURES_MAX`] means open.
    failures: AtomicU32,
    open: Mutex<Open>,
}

/// What counts while the breaker is open.
struct Open {
    /// When the next probe may go.
    until: Instant,
    /// The length of the pause before it, without its random part.
    pause: Duration,
}

/// The right to ask the server once. What came of it is to be told; dropped without a word, a probe has told nothing.
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

impl Breaker {
    /// A closed breaker.
    pub(super) fn new(origin: &str) -> Self {
        let open = Open { until: Instant::now(), pause: Duration::ZERO };
        Breaker { origin: origin.to_owned(), failures: AtomicU32::new(0), open: Mutex::new(open) }
    }

    /// Whether there is hope for a request that comes now; else for how long it makes no sense to ask again.
    pub(super) fn check(&self) -> Result<(), Duration> {
        // The counter changes under the lock only, so it is looked at again.
        if self.is_closed() { Ok(()) } else { self.unless_closed(|open| open.is_due(Instant::now())).unwrap_or(Ok(())) }
    }

    /// Whether anything is held against the server: if so, whether it is time to ask it for a sign of life.
    pub(super) fn distrust(&self) -> Option<bool> {
        (!self.is_closed()).then(|| self.check().is_ok())
    }

    /// Lets a request through, if need be as the probe.
    pub(super) fn admit(&self) -> Result<Pass<'_>, Duration> {
        let mut is_probe = false;
        if !self.is_closed() {
            let probe = self.unless_closed(|open| {
                let now = Instant::now();
                open.is_due(now)?;
                open.until = now + PROBE_MAX;
                Ok(())
            });
            is_probe = probe.transpose()?.is_some();
        }
        Ok(Pass { breaker: self, is_probe })
    }

    fn unless_closed<T>(&self, look: impl FnOnce(&mut Open) -> T) -> Option<T> {
        let mut open = self.lock();
        (!self.is_closed()).then(|| look(&mut open))
    }

    fn is_closed(&self) -> bool {
        self.failures.load(Ordering::Relaxed) < FAILURES_MAX
    }

    fn succeed(&self) {
        if self.failures.load(Ordering::Relaxed) == 0 {
            return;
        }
        let _open = self.lock();
        if self.failures.swap(0, Ordering::Relaxed) >= FAILURES_MAX {
            tracing::info!(source = self.origin, "the source answers again");
        }
    }

    fn fail(&self, is_probe: bool) {
        let mut open = self.lock();
        let before = self.failures.load(Ordering::Relaxed);
        if before >= FAILURES_MAX {
            // Those that were under way when it opened say nothing new.
            if is_probe {
                let pause = open.pause.saturating_mul(2).min(PAUSE_MAX);
                open.rest(pause);
            }
            return;
        }
        self.failures.store(before + 1, Ordering::Relaxed);
        if before + 1 == FAILURES_MAX {
            open.rest(PAUSE_FIRST);
            tracing::warn!(
                source = self.origin,
                "the source failed {FAILURES_MAX} times in a row; requests for it are refused until it answers again"
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Whether a probe may go; else how long until one may.
    fn is_due(&self, now: Instant) -> Result<(), Duration> {
        let left = self.until.saturating_duration_since(now);
        if left.is_zero() { Ok(()) } else { Err(left) }
    }

    fn rest(&mut self, pause: Duration) {
        self.pause = pause;
        // Up to a quarter more, so that the replicas do not all ask at the same moment. The hasher's keys are random.
        let quarter = RandomState::new().hash_one(0_u8) % 256;
        let random = pause.as_micros().saturating_mul(u128::from(quarter)) / 1024;
        let random = Duration::from_micros(u64::try_from(random).unwrap_or(0));
        self.until = Instant::now() + pause + random;
    }
}

impl Pass<'_> {
    /// The server has taken a connection. Of a probe nobody needs to know more; others still tell what came of it.
    pub(super) fn connected(&mut self) {
        if std::mem::take(&mut self.is_probe) {
            self.breaker.succeed();
        }
    }

    /// The server has answered, if only with an error.
    pub(super) fn succeed(mut self) {
        self.is_probe = false;
        self.breaker.succeed();
    }

    /// The server could not be reached, or has passed all limits in silence.
    pub(super) fn fail(mut self) {
        self.breaker.fail(std::mem::take(&mut self.is_probe));
    }
}

impl Drop for Pass<'_> {
    /// A caller that left took the probe with it: the pause begins anew, for impatience is no sign of life either.
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.unless_closed(|open| open.rest(open.pause));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Breaker {
        let breaker = Breaker::new("erp");
        for _ in 0..FAILURES_MAX {
            breaker.admit().ok().unwrap().fail();
        }
        breaker
    }

    /// The longest that a pause may take with its random part.
    fn longest(pause: Duration) -> Duration {
        pause + pause / 4
    }

    #[tokio::test(start_paused = true)]
    async fn only_failures_in_a_row_open_it() {
        let breaker = Breaker::new("erp");
        for _ in 0..10 {
            for _ in 1..FAILURES_MAX {
                breaker.admit().ok().unwrap().fail();
            }
            breaker.admit().ok().unwrap().succeed();
        }
        // What is neither, as a caller that left, counts for nothing.
        for _ in 0..10 {
            drop(breaker.admit().ok().unwrap());
        }
        assert!(breaker.check().is_ok());
        let breaker = opened();
        let left = breaker.check().unwrap_err();
        assert!(left >= PAUSE_FIRST && left <= longest(PAUSE_FIRST), "{left:?}");
        assert!(breaker.admit().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_goes_through_and_its_success_closes_it() {
        let breaker = opened();
        tokio::time::advance(PAUSE_FIRST.saturating_sub(Duration::from_millis(1))).await;
        assert!(breaker.admit().is_err());
        tokio::time::advance(longest(PAUSE_FIRST)).await;
        assert!(breaker.check().is_ok());
        let probe = breaker.admit().ok().unwrap();
        assert!(breaker.admit().is_err() && breaker.check().is_err(), "there is one probe at a time");
        probe.succeed();
        let (a, b) = (breaker.admit().ok().unwrap(), breaker.admit().ok().unwrap());
        a.fail();
        b.fail();
        assert!(breaker.admit().is_ok(), "counting has begun anew");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_up_to_their_bound() {
        let breaker = opened();
        let mut pause = PAUSE_FIRST;
        for _ in 0..8 {
            tokio::time::advance(pause.saturating_sub(Duration::from_millis(1))).await;
            assert!(breaker.admit().is_err(), "{pause:?} are not over");
            tokio::time::advance(longest(pause)).await;
            breaker.admit().ok().unwrap().fail();
            pause = (pause * 2).min(PAUSE_MAX);
        }
        assert_eq!(pause, PAUSE_MAX);
        tokio::time::advance(longest(pause)).await;
        breaker.admit().ok().unwrap().succeed();
        for _ in 0..FAILURES_MAX {
            breaker.admit().ok().unwrap().fail();
        }
        assert!(breaker.check().unwrap_err() <= longest(PAUSE_FIRST), "the next outage begins with a short pause");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_left_makes_room_for_another() {
        let breaker = opened();
        tokio::time::advance(longest(PAUSE_FIRST)).await;
        drop(breaker.admit().ok().unwrap());
        assert!(breaker.admit().is_err(), "not at once");
        tokio::time::advance(longest(PAUSE_FIRST)).await;
        breaker.admit().ok().unwrap().succeed();
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_probe_makes_room_for_another_and_a_connection_is_enough_of_it() {
        let breaker = opened();
        tokio::time::advance(longest(PAUSE_FIRST)).await;
        let mut slow = breaker.admit().ok().unwrap();
        assert_eq!(breaker.check(), Err(PROBE_MAX));
        tokio::time::advance(PROBE_MAX).await;
        let _second = breaker.admit().ok().unwrap();
        assert!(breaker.admit().is_err());
        slow.connected();
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_under_way_when_it_opens_change_nothing_but_by_success() {
        let breaker = Breaker::new("erp");
        let mut under_way: Vec<_> = (0..20).map(|_| breaker.admit().ok().unwrap()).collect();
        let late = under_way.split_off(10);
        under_way.into_iter().for_each(Pass::fail);
        assert!(breaker.check().unwrap_err() <= longest(PAUSE_FIRST), "the pause does not grow with them");
        for pass in late {
            pass.succeed();
        }
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_differ_between_replicas() {
        let pauses: std::collections::BTreeSet<_> = (0..20).map(|_| opened().check().unwrap_err()).collect();
        assert!(pauses.len() > 5, "{pauses:?}");
    }
}
