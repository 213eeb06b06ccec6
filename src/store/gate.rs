//! Owns [`Gate`]: the places of one source, and the wait for one of them. Refuses who cannot be served within the
//! configured wait at once, instead of letting everybody wait longer and longer.
//!
//! # Decisions
//!
//! - **A place is for one statement**, and nobody who has one waits for another: so the statements of one request
//!   cannot block each other. Later statements of a request come before other requests of its caller and are never
//!   refused for want of room, since what was read for it would be lost.
//! - **The wait is foretold** from the queue and the time between two places given back while all were taken. The mean
//!   time for which a place is held was rejected: one slow statement among thousands of quick ones spoils it. A source
//!   that gave nothing back for the whole wait is taken to stand still. As many as there are places may wait in any
//!   case: a forecast of so few turns is a guess.
//! - **A full queue is shared equally**: whoever has less than the others makes the newest request of the longest lane
//!   leave. Fixed shares were rejected, for most services have one caller, who may then use all of it.

use std::borrow::Borrow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::queue::Queue;
use super::{SourceSettings, StoreError, Ticket};

/// What a refused client is told to wait at most; forecasts beyond are worth little.
const RETRY_AFTER_MAX_S: u32 = 30;
/// One part in so many of a new measurement goes into the mean.
const MEAN_OF: u32 = 8;

/// Refusals are told in the log at most so often: with each of them, an overload would be one of the log too.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// The places of one source.
pub(super) struct Gate {
    origin: String,
    places: usize,
    queue_max: usize,
    wait: Duration,
    state: Mutex<State>,
}

struct State {
    /// While anybody waits, no place is free: it goes from hand to hand.
    free: usize,
    is_closed: bool,
    /// The mean time lately between two places given back, while all were taken.
    turn: Duration,
    /// When a place was last given back, or the last free one was taken.
    moved: Instant,
    queue: Queue<oneshot::Sender<Verdict>>,
    /// Refusals since the log was told, and when that was.
    refused: u64,
    told: Option<Instant>,
}

/// What becomes of somebody who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Enter,
    PushedOut,
}

/// The right to run one statement; given back when dropped.
pub(super) struct Permit<G: Borrow<Arc<Gate>>> {
    gate: G,
    since: Instant,
}

impl Gate {
    /// All places are free.
    pub(super) fn new(settings: &SourceSettings) -> Self {
        let places = usize::try_from(settings.pool_max.max(1)).unwrap_or(1);
        Gate {
            origin: settings.name.clone(),
            places,
            queue_max: settings.queue_max,
            wait: settings.acquire_timeout,
            state: Mutex::new(State {
                free: places,
                is_closed: false,
                turn: Duration::ZERO,
                moved: Instant::now(),
                queue: Queue::new(),
                refused: 0,
                told: None,
            }),
        }
    }

    /// Takes a place, or waits for one. Dropping the future leaves the queue.
    pub(super) async fn enter<G: Borrow<Arc<Gate>>>(through: G, ticket: &Ticket) -> Result<Permit<G>, StoreError> {
        let (now, gate) = (Instant::now(), through.borrow());
        if ticket.deadline() <= now {
            return Err(StoreError::Slow { origin: gate.origin.clone() });
        }
        // Boxed, so that only those who wait carry what waiting needs.
        let since = if gate.lock().take(now) { now } else { Box::pin(gate.wait(ticket, now)).await? };
        ticket.start();
        Ok(Permit { gate: through, since })
    }

    /// Lets nobody in any more; those who wait are sent away.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.queue = Queue::new();
    }

    /// Whether nobody is let in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    async fn wait(&self, ticket: &Ticket, now: Instant) -> Result<Instant, StoreError> {
        let caller = ticket.caller();
        let (wake, woken) = oneshot::channel();
        let until = ticket.deadline().min(now + self.wait);
        let serial = {
            let mut state = self.lock();
            if state.take(now) {
                return Ok(now);
            }
            if state.is_closed {
                return Err(self.closed());
            }
            let is_started = ticket.is_started();
            if !is_started {
                if state.queue.len() >= self.places && self.forecast(&state, caller, now) > until - now {
                    return Err(self.refusal(&mut state, caller, now));
                }
                if state.queue.fresh() >= self.queue_max {
                    match state.queue.push_out(caller) {
                        Some(other) => drop(other.send(Verdict::PushedOut)),
                        None => return Err(self.refusal(&mut state, caller, now)),
                    }
                }
            }
            state.queue.push(caller, is_started, wake)
        };
        let mut waiting = Waiting { gate: self, caller, serial, woken: Some(woken) };
        match timeout_at(until, waiting.verdict()).await {
            Ok(Some(Verdict::Enter)) => Ok(Instant::now()),
            Ok(Some(Verdict::PushedOut)) => Err(self.share(&mut self.lock(), Instant::now())),
            Ok(None) => Err(self.closed()),
            Err(_) => Err(self.refusal(&mut self.lock(), caller, Instant::now())),
        }
    }

    /// How long the next request of this caller will have to wait.
    fn forecast(&self, state: &State, caller: u64, now: Instant) -> Duration {
        let silence = now.saturating_duration_since(state.moved);
        if silence >= self.wait { Duration::MAX } else { state.time_for(state.queue.ahead(caller) + 1) }
    }

    fn refusal(&self, state: &mut State, caller: u64, now: Instant) -> StoreError {
        if state.queue.is_share_used(caller) {
            return self.share(state, now);
        }
        self.tell(state, now);
        StoreError::Busy { origin: self.origin.clone(), retry_after_s: state.retry_after_s(now) }
    }

    fn share(&self, state: &mut State, now: Instant) -> StoreError {
        self.tell(state, now);
        StoreError::Share { origin: self.origin.clone(), retry_after_s: state.retry_after_s(now) }
    }

    fn tell(&self, state: &mut State, now: Instant) {
        state.refused += 1;
        if state.told.is_none_or(|told| now.saturating_duration_since(told) >= TOLD_EVERY) {
            let (refused, waiting) = (state.refused, state.queue.len());
            tracing::warn!(source = self.origin, refused, waiting, "the source is overloaded: requests are refused");
            (state.refused, state.told) = (0, Some(now));
        }
    }

    fn closed(&self) -> StoreError {
        StoreError::Away { origin: self.origin.clone(), detail: "the source is closed".to_owned() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a free place, if there is one.
    fn take(&mut self, now: Instant) -> bool {
        if self.free == 0 || self.is_closed {
            return false;
        }
        self.free -= 1;
        if self.free == 0 {
            self.moved = now;
        }
        true
    }

    /// The time in which so many places are given back.
    fn time_for(&self, turns: usize) -> Duration {
        self.turn.saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX))
    }

    /// When those who wait now are served.
    fn retry_after_s(&self, now: Instant) -> u32 {
        let silence = now.saturating_duration_since(self.moved);
        let time = self.time_for(self.queue.len() + 1).max(silence);
        u32::try_from(time.as_secs()).unwrap_or(u32::MAX).saturating_add(1).min(RETRY_AFTER_MAX_S)
    }

    /// Learns from a place that is given back now.
    fn learn(&mut self, now: Instant) {
        if self.free == 0 {
            let turn = now.saturating_duration_since(self.moved);
            self.turn = match self.turn {
                Duration::ZERO => turn,
                mean => mean.saturating_sub(mean / MEAN_OF) + turn / MEAN_OF,
            };
            self.moved = now;
        }
    }

    /// Gives a place to whoever has the next turn, or keeps it free.
    fn give(&mut self) {
        while let Some(next) = self.queue.pop() {
            if next.send(Verdict::Enter).is_ok() {
                return;
            }
        }
        self.free += 1;
    }
}

impl Permit<&Arc<Gate>> {
    /// The same right, free of the borrow.
    pub(super) fn into_owned(self) -> Permit<Arc<Gate>> {
        let owned = Permit { gate: Arc::clone(self.gate), since: self.since };
        std::mem::forget(self);
        owned
    }
}

impl<G: Borrow<Arc<Gate>>> Permit<G> {
    /// When the place was taken.
    pub(super) fn since(&self) -> Instant {
        self.since
    }
}

impl<G: Borrow<Arc<Gate>>> Drop for Permit<G> {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.gate.borrow().lock();
        state.learn(now);
        state.give();
    }
}

/// Somebody in the queue. Dropped in whichever way, nothing of it stays behind.
struct Waiting<'a> {
    gate: &'a Gate,
    caller: u64,
    serial: u64,
    woken: Option<oneshot::Receiver<Verdict>>,
}

impl Waiting<'_> {
    /// What becomes of it; `None` if the gate is closed.
    async fn verdict(&mut self) -> Option<Verdict> {
        let verdict = self.woken.as_mut()?.await.ok();
        self.woken = None;
        verdict
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(woken) = &mut self.woken else { return };
        let mut state = self.gate.lock();
        // A place that was given while the wait ended goes on to the next.
        if !state.queue.remove(self.caller, self.serial) && woken.try_recv() == Ok(Verdict::Enter) {
            state.give();
        }
    }
}

#[cfg(test)]
mod tests;
