//! Owns [`Ticket`]: what the statements of one request have in common in front of the sources, and [`Visit`]: the
//! sources as one request uses them. Knows the caller as a number only.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{Database, Databases};

/// Goes with a request to every source that it needs.
#[derive(Debug)]
pub struct Ticket {
    caller: u64,
    deadline: Instant,
    is_started: AtomicBool,
    /// Its turn among the copies of a source, plus one; 0 until it has one.
    replica: AtomicUsize,
    /// The fingerprint of the statement that gave its rows; 0 as long as there is none.
    statement: AtomicU64,
    /// Microseconds that its statements took, waiting for connections included.
    spent_us: AtomicU64,
}

impl Ticket {
    /// A ticket of this caller for a request that begins now. Numbers stand for callers: equal ones share a place in
    /// the turn.
    pub fn new(caller: u64, time_max: Duration) -> Self {
        let now = Instant::now();
        let deadline = now.checked_add(time_max).unwrap_or(now + FOREVER);
        Ticket {
            caller,
            deadline,
            is_started: AtomicBool::new(false),
            replica: AtomicUsize::new(0),
            statement: AtomicU64::new(0),
            spent_us: AtomicU64::new(0),
        }
    }

    /// A ticket of the server itself, which nobody waits for.
    pub(super) fn own() -> Self {
        Ticket::new(0, FOREVER)
    }

    /// Who asks.
    pub(super) fn caller(&self) -> u64 {
        self.caller
    }

    /// After this, nobody waits for the answer any more.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether a statement of this request has run, so that refusing another one would waste its work.
    pub(super) fn is_started(&self) -> bool {
        self.is_started.load(Ordering::Relaxed)
    }

    /// Its turn among the copies of a source, taken when it is first needed.
    pub(super) fn replica(&self, take: impl FnOnce() -> usize) -> usize {
        if self.replica.load(Ordering::Relaxed) == 0 {
            self.stay_with(take());
        }
        self.replica.load(Ordering::Relaxed).wrapping_sub(1)
    }

    /// Further statements of the request go to this copy.
    pub(super) fn stay_with(&self, turn: usize) {
        self.replica.store(turn.wrapping_add(1), Ordering::Relaxed);
    }

    /// The statement with this fingerprint is the one that gives the rows of the answer.
    pub fn show(&self, statement: u64) {
        self.statement.store(statement, Ordering::Relaxed);
    }

    /// The fingerprint of the statement that gave the rows of the answer; 0 if none did.
    pub fn shown(&self) -> u64 {
        self.statement.load(Ordering::Relaxed)
    }

    /// Adds the time since `start` to what its statements took.
    pub(super) fn spend(&self, start: Instant) {
        let spent_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.spent_us.fetch_add(spent_us, Ordering::Relaxed);
    }

    /// What its statements took, waiting for connections included, in microseconds; added up, also where they ran side
    /// by side.
    pub fn spent_us(&self) -> u64 {
        self.spent_us.load(Ordering::Relaxed)
    }

    pub(super) fn start(&self) {
        self.is_started.store(true, Ordering::Relaxed);
    }
}

const FOREVER: Duration = Duration::from_hours(24);

/// The sources as one request uses them.
#[derive(Debug)]
pub struct Visit<'a> {
    databases: &'a Databases,
    ticket: Ticket,
}

impl<'a> Visit<'a> {
    /// The source with this index.
    pub fn get(&self, index: usize) -> Option<&'a Database> {
        self.databases.get(index)
    }

    /// What the request shows to them.
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }
}

impl Databases {
    /// Begins the request of a caller, who waits no longer than `time_max`.
    pub fn visit(&self, caller: u64, time_max: Duration) -> Visit<'_> {
        Visit { databases: self, ticket: Ticket::new(caller, time_max) }
    }

    /// Goes on with a request of a caller for which others of its statements run or have run: these are not refused for
    /// want of room.
    pub fn visit_again(&self, caller: u64, time_max: Duration) -> Visit<'_> {
        let visit = self.visit(caller, time_max);
        visit.ticket.start();
        visit
    }
}
