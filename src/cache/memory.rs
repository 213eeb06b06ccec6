//! Owns [`Cache`]: values by key, each filled once at a time and served as long as its policy allows.

mod second;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use futures_util::future::{FutureExt, Shared, WeakShared};
use moka::Expiry;

use super::{Clock, Key, Policy, State, Stored};
use second::Entries;

pub use second::{Adopt, Second};

/// What an entry needs beside its value: key, links of the library, counters.
const OVERHEAD: usize = 256;
/// So far the clocks of two replicas may be apart; it is added to the times for which an answer is served.
const CLOCKS_APART_MS_MAX: u64 = 1_000;

/// A value that is kept.
#[derive(Debug)]
pub struct Entry<V> {
    /// The value.
    pub value: V,
    /// When its rows were asked for, in milliseconds since 1970.
    pub made_ms: u64,
    /// How long it is kept, in milliseconds from its making.
    kept_ms: u64,
}

impl<V> Entry<V> {
    /// Whole seconds since the rows were asked for, rounded down (RFC 9111, 5.1).
    pub fn age_s(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.made_ms) / 1_000
    }
}

/// How a value was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It was kept and is fresh.
    Hit,
    /// It was kept and is stale; a new one is being read.
    Revalidating,
    /// It was kept and is stale; a new one could not be read.
    StaleIfError,
    /// It was kept in the second level and is fresh.
    Shared,
    /// It was read now, or by another request that had begun before.
    Filled,
    /// The same, and it is too large to be kept.
    Passed,
}

/// A value and how it was come by.
#[derive(Debug)]
pub struct Served<V> {
    /// The value.
    pub entry: Arc<Entry<V>>,
    /// Where from.
    pub how: How,
}

impl<V> Clone for Served<V> {
    fn clone(&self) -> Self {
        Served { entry: Arc::clone(&self.entry), how: self.how }
    }
}

/// A value just read. It is older than the reading where older things went into it.
#[derive(Debug)]
pub struct Fresh<V> {
    /// The value.
    pub value: V,
    /// When the oldest of its rows were asked for; `None`: when the reading began.
    pub made_ms: Option<u64>,
}

type Flown<V, E> = Pin<Box<dyn Future<Output = Result<Served<V>, Failed<V, E>>> + Send>>;
type Flight<V, E> = Shared<Flown<V, E>>;

/// Why a flight has brought nothing, and the old value that the second level had.
struct Failed<V, E> {
    error: Arc<E>,
    old: Option<Arc<Entry<V>>>,
}

impl<V, E> Clone for Failed<V, E> {
    fn clone(&self) -> Self {
        Failed { error: Arc::clone(&self.error), old: self.old.clone() }
    }
}

/// A flight that somebody waits for.
struct UnderWay<V, E> {
    number: u64,
    /// What is read may be as old as this.
    began_ms: u64,
    flight: WeakShared<Flown<V, E>>,
}

/// Values by key. Cheap to clone: all clones share what is kept.
pub struct Cache<V, E> {
    parts: Arc<Parts<V, E>>,
}

struct Parts<V, E> {
    // Keys are fingerprints already, so a quick hash places them as well as a careful one.
    kept: moka::sync::Cache<Key, Arc<Entry<V>>, RandomState>,
    flights: Mutex<HashMap<Key, UnderWay<V, E>, RandomState>>,
    flown: AtomicU64,
    clock: Clock,
    entry_bytes_max: usize,
    second: Option<Entries<V>>,
}

impl<V, E> Clone for Cache<V, E> {
    fn clone(&self) -> Self {
        Cache { parts: Arc::clone(&self.parts) }
    }
}

impl<V, E> fmt::Debug for Cache<V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

/// Frees what no policy allows to be served.
struct Leaves;

impl<V> Expiry<Key, Arc<Entry<V>>> for Leaves {
    fn expire_after_create(&self, _: &Key, entry: &Arc<Entry<V>>, _: Instant) -> Option<Duration> {
        Some(Duration::from_millis(entry.kept_ms))
    }

    fn expire_after_update(&self, _: &Key, entry: &Arc<Entry<V>>, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(Duration::from_millis(entry.kept_ms))
    }
}

impl<V: Stored, E: Send + Sync + 'static> Cache<V, E> {
    /// A cache of at most `bytes_max` bytes, of which one entry takes at most `entry_bytes_max`; larger ones are served
    /// and not kept.
    pub fn new(bytes_max: u64, entry_bytes_max: usize, clock: Clock, second: Option<Second<V>>) -> Self {
        let weigh = |_: &Key, entry: &Arc<Entry<V>>| {
            u32::try_from(entry.value.bytes().saturating_add(OVERHEAD)).unwrap_or(u32::MAX)
        };
        let kept = moka::sync::Cache::builder().max_capacity(bytes_max).weigher(weigh).expire_after(Leaves);
        let kept = kept.build_with_hasher(RandomState::default());
        let second = second.map(|second| Entries::new(second, entry_bytes_max));
        let parts = Parts { kept, flights: Mutex::default(), flown: AtomicU64::new(0), clock, entry_bytes_max, second };
        Cache { parts: Arc::new(parts) }
    }

    /// The clock by which ages are measured.
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// What is kept under this key and may be served as it is.
    pub fn fresh(&self, key: &Key, policy: &Policy) -> Option<Arc<Entry<V>>> {
        let entry = self.parts.kept.get(key)?;
        (policy.state(entry.made_ms, self.parts.clock.now_ms()) == State::Fresh).then_some(entry)
    }

    /// The value of this key: kept, or made by `fill`, which runs once for all who ask meanwhile. `is_outage` tells
    /// errors for which a stale value is better than none.
    ///
    /// `fill` stops when all who wait for it have left, unless it refreshes a value that was already served.
    pub async fn get_or_fill<F>(
        &self,
        key: Key,
        policy: Policy,
        is_outage: fn(&E) -> bool,
        fill: impl FnOnce() -> F,
    ) -> Result<Served<V>, Arc<E>>
    where
        F: Future<Output = Result<Fresh<V>, E>> + Send + 'static,
    {
        let kept = self.parts.kept.get(&key);
        let state = kept.as_ref().map(|entry| policy.state(entry.made_ms, self.parts.clock.now_ms()));
        let old = match (kept, state) {
            (Some(entry), Some(State::Fresh)) => return Ok(Served { entry, how: How::Hit }),
            (Some(entry), Some(State::Revalidate)) => {
                tokio::spawn(self.flight(key, policy, fill));
                return Ok(Served { entry, how: How::Revalidating });
            }
            (entry, _) => entry,
        };
        let failed = match self.flight(key, policy, fill).await {
            Ok(served) => return Ok(served),
            Err(failed) => failed,
        };
        // The younger of two old ones. It may have been within the time in which it is served anyway.
        let old = old.into_iter().chain(failed.old).max_by_key(|entry| entry.made_ms);
        let now_ms = self.parts.clock.now_ms();
        match old.filter(|entry| is_outage(&failed.error) && policy.state(entry.made_ms, now_ms) != State::Gone) {
            Some(entry) => {
                self.parts.insert(key, &entry);
                Ok(Served { entry, how: How::StaleIfError })
            }
            None => Err(failed.error),
        }
    }

    /// The value of this key, never a stale one: what goes into another value must not hide in it that it is old.
    pub async fn fresh_or_fill<F>(
        &self,
        key: Key,
        policy: Policy,
        fill: impl FnOnce() -> F,
    ) -> Result<Served<V>, Arc<E>>
    where
        F: Future<Output = Result<Fresh<V>, E>> + Send + 'static,
    {
        if let Some(entry) = self.fresh(&key, &policy) {
            return Ok(Served { entry, how: How::Hit });
        }
        self.flight(key, policy, fill).await.map_err(|failed| failed.error)
    }

    /// The value of this key, read now whatever is kept, and kept for the others.
    pub async fn fill<F>(&self, key: Key, policy: Policy, fill: impl FnOnce() -> F) -> Result<Served<V>, E>
    where
        F: Future<Output = Result<Fresh<V>, E>> + Send + 'static,
    {
        let began_ms = self.parts.clock.now_ms();
        let fresh = fill().await?;
        Ok(self.parts.keep(key, policy, fresh, began_ms))
    }

    /// Joins the flight of this key, or begins it. A flight that has taken longer than an answer may be served is not
    /// joined: what it brings would be too old for whoever asks now.
    fn flight<F>(&self, key: Key, policy: Policy, fill: impl FnOnce() -> F) -> Flight<V, E>
    where
        F: Future<Output = Result<Fresh<V>, E>> + Send + 'static,
    {
        let began_ms = self.parts.clock.now_ms();
        let mut flights = self.parts.flights();
        let under_way = flights.get(&key).filter(|flight| policy.state(flight.began_ms, began_ms) == State::Fresh);
        if let Some(flight) = under_way.and_then(|under_way| under_way.flight.upgrade()) {
            return flight;
        }
        let number = self.parts.flown.fetch_add(1, Ordering::Relaxed);
        let landing = Landing { parts: Arc::clone(&self.parts), key, number };
        let fill = fill();
        let flight: Flown<V, E> = Box::pin(async move {
            let parts = &landing.parts;
            let shared = match &parts.second {
                Some(second) => second.get(&key).await,
                None => None,
            };
            let began_ms = parts.clock.now_ms();
            // Nobody can tell how old it is if the other replica's clock is ahead.
            let shared = shared.filter(|entry| entry.made_ms <= began_ms.saturating_add(CLOCKS_APART_MS_MAX));
            if let Some(entry) = &shared
                && policy.state(entry.made_ms, began_ms) == State::Fresh
            {
                parts.insert(key, entry);
                return Ok(Served { entry: Arc::clone(entry), how: How::Shared });
            }
            match fill.await {
                Ok(fresh) => Ok(parts.keep(key, policy, fresh, began_ms)),
                Err(error) => Err(Failed { error: Arc::new(error), old: shared }),
            }
        });
        let flight = flight.shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(key, UnderWay { number, began_ms, flight: weak });
        }
        flight
    }
}

impl<V: Stored, E> Parts<V, E> {
    fn keep(&self, key: Key, policy: Policy, fresh: Fresh<V>, began_ms: u64) -> Served<V> {
        let made_ms = fresh.made_ms.unwrap_or(began_ms).min(began_ms);
        let entry = Arc::new(Entry { value: fresh.value, made_ms, kept_ms: policy.longest_ms() });
        if !self.insert(key, &entry) {
            return Served { entry, how: How::Passed };
        }
        if let Some(second) = &self.second {
            second.put(key, &entry);
        }
        Served { entry, how: How::Filled }
    }

    /// Keeps an entry, if it is not too large. A younger one stays: a slow reading may end after a later one.
    fn insert(&self, key: Key, entry: &Arc<Entry<V>>) -> bool {
        let fits = entry.value.bytes() <= self.entry_bytes_max;
        // One from the future was made before the clock was put back.
        let now_ms = self.clock.now_ms();
        let is_younger = |kept: &Arc<Entry<V>>| kept.made_ms > entry.made_ms && kept.made_ms <= now_ms;
        if fits && !self.kept.get(&key).is_some_and(|kept| is_younger(&kept)) {
            self.kept.insert(key, Arc::clone(entry));
        }
        fits
    }
}

impl<V, E> Parts<V, E> {
    fn flights(&self) -> MutexGuard<'_, HashMap<Key, UnderWay<V, E>, RandomState>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a flight from the list when it ends, or when all have left it.
struct Landing<V, E> {
    parts: Arc<Parts<V, E>>,
    key: Key,
    number: u64,
}

impl<V, E> Drop for Landing<V, E> {
    fn drop(&mut self) {
        let mut flights = self.parts.flights();
        // A new flight may have taken the place of one that all had left.
        if flights.get(&self.key).is_some_and(|under_way| under_way.number == self.number) {
            flights.remove(&self.key);
        }
    }
}
