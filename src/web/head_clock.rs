//! Owns [`HeadClock`]: how long the head of a request may take, and how long a connection may be silent between
//! requests.
//!
//! The HTTP library sets a deadline whenever it begins to wait for a head, and drops it when the head is there. A timer
//! of the runtime for each of them would go into the wheel and out again with every request, for a deadline that almost
//! never comes. So a deadline is a number here, and the connection has one timer of its own, which looks at the number
//! when it fires and otherwise lies still.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// No deadline is set.
const NONE: u64 = u64::MAX;

/// The clock of one connection.
#[derive(Clone, Debug)]
pub(super) struct HeadClock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    begun: Instant,
    /// In microseconds since `begun`.
    deadline: AtomicU64,
    overdue: AtomicBool,
}

impl HeadClock {
    /// A clock without a deadline.
    pub(super) fn new() -> Self {
        let shared = Shared { begun: Instant::now(), deadline: AtomicU64::new(NONE), overdue: AtomicBool::new(false) };
        HeadClock(Arc::new(shared))
    }

    /// To be called when the connection's timer fires: when it must fire next. No deadline is ever set less than
    /// `rest` ahead, so none is missed. If one has passed, the connection must be polled next; it ends then.
    pub(super) fn look(&self, rest: Duration) -> Instant {
        let now = Instant::now();
        let deadline = self.0.deadline.load(Ordering::Relaxed);
        if deadline != NONE {
            let deadline = self.0.begun + Duration::from_micros(deadline);
            if deadline > now {
                return deadline;
            }
            self.0.overdue.store(true, Ordering::Relaxed);
        }
        now + rest
    }

    fn set(&self, deadline: Instant) {
        let micros = deadline.saturating_duration_since(self.0.begun).as_micros();
        self.0.deadline.store(u64::try_from(micros).unwrap_or(NONE), Ordering::Relaxed);
    }
}

impl Timer for HeadClock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.set(deadline);
        Box::pin(Deadline(Arc::clone(&self.0)))
    }

    fn reset(&self, _: &mut Pin<Box<dyn Sleep>>, deadline: Instant) {
        self.set(deadline);
    }
}

/// A deadline that is set. Polled by the connection, which its timer wakes.
struct Deadline(Arc<Shared>);

impl Sleep for Deadline {}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.overdue.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.deadline.store(NONE, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timer_follows_the_deadline_and_only_a_passed_one_ends_the_connection() {
        let rest = Duration::from_mins(1);
        let clock = HeadClock::new();
        assert!(clock.look(rest) >= clock.0.begun + rest, "nothing is set");
        let deadline = Instant::now() + Duration::from_secs(30);
        let set = clock.sleep_until(deadline);
        assert!(deadline - clock.look(rest) < Duration::from_millis(1), "the deadline is next");
        drop(set);
        let mut passed = clock.sleep_until(deadline);
        clock.reset(&mut passed, Instant::now());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(passed.as_mut().poll(&mut cx).is_pending(), "nobody has looked");
        clock.look(rest);
        assert!(passed.as_mut().poll(&mut cx).is_ready());
    }
}
