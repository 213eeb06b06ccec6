//! Owns the pool of one database server and the lease under which a statement uses one of its connections. Knows no
//! product: a [`Link`] connects and runs. Refuses to put back a connection whose statement did not end cleanly.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::Either;
use tokio::time::{Instant, timeout_at};

use crate::sql::Statement;
use crate::store::breaker::{Breaker, Pass};
use crate::store::gate::{Gate, Permit};
use crate::store::{Sink, SourceSettings, StoreError, Ticket};

/// How long the server may exceed its own limit before we give the statement up: enough for its answer to arrive.
const GRACE: Duration = Duration::from_secs(2);
/// Older connections are replaced, so that moved addresses and changed rights take effect.
const AGE_MAX: Duration = Duration::from_mins(30);
/// Firewalls forget connections that rest longer.
const REST_MAX: Duration = Duration::from_mins(10);
/// After the sink has had enough, up to so many rows are read and forgotten; beyond, a new connection is cheaper.
const DRAINED_ROWS_MAX: u32 = 500;

/// One database product behind a pool: how to connect, to run a statement, and to cut a connection off.
pub(super) trait Link: Send + Sync + 'static {
    /// One connection.
    type Connection: Send + Sync + 'static;

    /// Opens and prepares a connection.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, StoreError>> + Send;

    /// Opens a connection that can change something.
    fn connect_to_change(&self) -> impl Future<Output = Result<Self::Connection, StoreError>> + Send;

    /// Runs a statement and hands its rows to `sink`.
    fn run<S: Sink>(
        &self,
        connection: &mut Self::Connection,
        statement: &Statement,
        sink: &mut S,
    ) -> impl Future<Output = Result<End, Failure>> + Send;

    /// Drops a connection on which a statement may still run, so that the statement ends in the database too. The
    /// future is ready when it has ended, as far as that can be known.
    fn sever(&self, connection: Self::Connection) -> BoxFuture<'static, ()>;
}

/// How a run ended that gave the sink all it wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The answer was read to its end.
    Clean,
    /// Rows are left unread.
    Unread,
}

/// A run that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// What to report.
    pub error: StoreError,
    /// What becomes of the connection.
    pub fate: Fate,
    /// The sink has not seen a row, so the statement may run again.
    pub untouched: bool,
}

/// What becomes of a connection after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Only the statement failed.
    Keep,
    /// The answer was left unread.
    Sever,
    /// The connection is broken.
    Lost,
    /// What the connection remembers of the statement is out of date.
    Stale,
}

/// The connections to one server.
pub(super) struct Pool<L: Link> {
    link: L,
    gate: Arc<Gate>,
    breaker: Breaker,
    /// The last is the one that rested least. There are never more than places in the gate.
    idle: Mutex<Vec<Idle<L::Connection>>>,
    origin: String,
    connect_max: Duration,
    statement_max: Duration,
}

/// A connection that nobody uses.
struct Idle<C> {
    connection: C,
    born: Instant,
    since: Instant,
}

impl<L: Link> Pool<L> {
    /// Connects nothing yet.
    pub(super) fn new(link: L, settings: &SourceSettings) -> Self {
        Pool {
            link,
            gate: Arc::new(Gate::new(settings)),
            breaker: Breaker::new(&settings.name),
            idle: Mutex::new(Vec::new()),
            origin: settings.name.clone(),
            connect_max: settings.acquire_timeout,
            statement_max: settings.statement_timeout.saturating_add(GRACE),
        }
    }

    /// Whether anything is held against the server: if so, whether it is time to ask it for a sign of life.
    pub(super) fn distrust(&self) -> Option<bool> {
        self.breaker.distrust()
    }

    /// Runs a statement. The connection is back in the pool, or cut off, before this returns or is dropped.
    pub(super) async fn fetch<S: Sink>(
        &self,
        statement: &Statement,
        sink: &mut S,
        ticket: &Ticket,
    ) -> Result<(), StoreError> {
        self.breaker.check().map_err(|left| self.resting(left))?;
        let permit = Gate::enter(&self.gate, ticket).await?;
        let mut pass = self.breaker.admit().map_err(|left| self.resting(left))?;
        let entered = permit.since();
        let mut lease = Lease { pool: self, permit: Some(permit), open: None };
        let mut may_retry = true;
        loop {
            let was_idle = lease.take_idle(entered);
            let connection = match lease.connection() {
                Some(connection) => connection,
                None => match self.connect(ticket, &mut pass).await {
                    Ok(connection) => lease.hold(connection),
                    Err(error) => {
                        match error {
                            StoreError::Away { .. } => pass.fail(),
                            // The request's own time was over; that says nothing of the server.
                            StoreError::Slow { .. } => {}
                            _ => pass.succeed(),
                        }
                        return Err(error);
                    }
                },
            };
            let own_limit = if was_idle { entered } else { Instant::now() } + self.statement_max;
            let run = self.link.run(connection, statement, sink);
            let failure = match timeout_at(own_limit.min(ticket.deadline()), run).await {
                Err(_) => {
                    if own_limit <= ticket.deadline() {
                        // The server has passed its own limit in silence, so the idle connections are suspect too.
                        pass.fail();
                        self.drop_idle();
                    }
                    return Err(StoreError::Slow { origin: self.origin.clone() });
                }
                Ok(Ok(end)) => {
                    pass.succeed();
                    match end {
                        End::Clean => lease.give_back(),
                        End::Unread => lease.sever(),
                    }
                    return Ok(());
                }
                Ok(Err(failure)) => failure,
            };
            let again = may_retry && failure.untouched;
            match failure.fate {
                Fate::Keep => {
                    pass.succeed();
                    lease.give_back();
                    return Err(failure.error);
                }
                Fate::Sever => {
                    pass.succeed();
                    lease.sever();
                    return Err(failure.error);
                }
                Fate::Lost => {
                    lease.discard();
                    // Whatever broke this connection, most often a restart, broke the others that lie idle too.
                    self.drop_idle();
                    if !was_idle && matches!(failure.error, StoreError::Away { .. }) {
                        pass.fail();
                        return Err(failure.error);
                    }
                    if !(again && was_idle) {
                        return Err(failure.error);
                    }
                }
                Fate::Stale => {
                    lease.discard();
                    if !again {
                        pass.succeed();
                        return Err(failure.error);
                    }
                }
            }
            may_retry = false;
        }
    }

    /// Runs a statement that changes something, once, on a connection of its own. It takes a place like any other.
    pub(super) async fn change<S: Sink>(
        &self,
        statement: &Statement,
        mut sink: S,
        ticket: &Ticket,
    ) -> Result<S, StoreError> {
        self.breaker.check().map_err(|left| self.resting(left))?;
        let _permit = Gate::enter(&self.gate, ticket).await?;
        let slow = || StoreError::Slow { origin: self.origin.clone() };
        let until = (Instant::now() + self.connect_max).min(ticket.deadline());
        let mut connection = timeout_at(until, self.link.connect_to_change()).await.map_err(|_| slow())??;
        let until = (Instant::now() + self.statement_max).min(ticket.deadline());
        let ran = timeout_at(until, self.link.run(&mut connection, statement, &mut sink)).await;
        match ran {
            Ok(Ok(_)) => Ok(sink),
            Ok(Err(failure)) => Err(failure.error),
            Err(_) => {
                self.link.sever(connection).await;
                Err(slow())
            }
        }
    }

    /// Closes what lies idle and refuses new leases.
    pub(super) fn close(&self) {
        self.gate.close();
        self.drop_idle();
    }

    /// Boxed, so that the large future of a handshake is no part of every lease.
    async fn connect(&self, ticket: &Ticket, pass: &mut Pass<'_>) -> Result<L::Connection, StoreError> {
        let until = Instant::now() + self.connect_max;
        match Box::pin(timeout_at(until.min(ticket.deadline()), self.link.connect())).await {
            Ok(connected) => connected.inspect(|_| pass.connected()),
            Err(_) if ticket.deadline() < until => Err(StoreError::Slow { origin: self.origin.clone() }),
            Err(_) => Err(StoreError::Away {
                origin: self.origin.clone(),
                detail: "the server did not accept a connection in time".to_owned(),
            }),
        }
    }

    fn resting(&self, left: Duration) -> StoreError {
        let retry_after_s = u32::try_from(left.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        StoreError::Resting { origin: self.origin.clone(), retry_after_s }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle<L::Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drop_idle(&self) {
        let idle = std::mem::take(&mut *self.idle());
        drop(idle);
    }
}

/// The right to use one connection. Dropping it cuts the connection off; only [`Lease::give_back`] keeps it.
struct Lease<'a, L: Link> {
    pool: &'a Pool<L>,
    /// Here until the lease is dropped.
    permit: Option<Permit<&'a Arc<Gate>>>,
    /// The connection, and when it was opened.
    open: Option<(L::Connection, Instant)>,
}

impl<L: Link> Lease<'_, L> {
    fn connection(&mut self) -> Option<&mut L::Connection> {
        self.open.as_mut().map(|(connection, _)| connection)
    }

    fn hold(&mut self, connection: L::Connection) -> &mut L::Connection {
        &mut self.open.insert((connection, Instant::now())).0
    }

    /// Takes a connection that lies idle, if there is one. Asks the server nothing: a dead connection shows itself with
    /// the next statement, which then runs once more.
    fn take_idle(&mut self, now: Instant) -> bool {
        let Some(idle) = self.pool.idle().pop() else { return false };
        if now.saturating_duration_since(idle.born) > AGE_MAX || now.saturating_duration_since(idle.since) > REST_MAX {
            // Those below have rested longer.
            self.pool.drop_idle();
            return false;
        }
        self.open = Some((idle.connection, idle.born));
        true
    }

    fn give_back(mut self) {
        let Some((connection, born)) = self.open.take() else { return };
        let since = Instant::now();
        let mut idle = self.pool.idle();
        // What has rested long is not needed for the load that there is.
        let rested = idle.first().is_some_and(|first| since - first.since > REST_MAX).then(|| idle.remove(0));
        idle.push(Idle { connection, born, since });
        drop(idle);
        drop(rested);
    }

    /// Drops a connection on which nothing runs any more.
    fn discard(&mut self) {
        self.open = None;
    }

    /// Cuts a connection off whose answer was taken, if not to its end: its place is free at once.
    fn sever(mut self) {
        if let Some((connection, _)) = self.open.take() {
            spawn(self.pool.link.sever(connection));
        }
    }
}

impl<L: Link> Drop for Lease<'_, L> {
    /// A statement that was left still works in the database, so its place is not free before it has ended there: else
    /// clients that leave early would start more statements than there are places.
    fn drop(&mut self) {
        let (Some((connection, _)), Some(permit)) = (self.open.take(), self.permit.take()) else { return };
        let ended = self.pool.link.sever(connection);
        let permit = permit.into_owned();
        spawn(async move {
            ended.await;
            drop(permit);
        });
    }
}

/// Runs beside everything else; at the end of the process, not at all.
fn spawn(future: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(future);
    }
}

/// What stopped [`drive`] before the sink was content.
pub(super) enum Stop {
    /// The sink or the decoding refused a row; whether the answer was then read to its end.
    Refused(StoreError, End),
    /// The driver failed; whether the sink had seen no row by then.
    Driver(sqlx::Error, bool),
}

/// Reads an answer to its end and hands each row to `take`.
pub(super) async fn drive<Q, R>(
    mut rows: BoxStream<'_, Result<Either<Q, R>, sqlx::Error>>,
    mut take: impl FnMut(&R) -> Result<ControlFlow<()>, StoreError> + Send,
) -> Result<End, Stop> {
    let mut untouched = true;
    let mut left = None;
    let mut refusal = None;
    let mut end = End::Clean;
    while let Some(item) = rows.next().await {
        let row = match item {
            Ok(Either::Right(row)) => row,
            Ok(Either::Left(_)) => continue,
            // The sink has all it wanted; what went wrong afterwards only costs the connection.
            Err(_) if left.is_some() => {
                end = End::Unread;
                break;
            }
            Err(error) => return Err(Stop::Driver(error, untouched)),
        };
        match &mut left {
            Some(0) => {
                end = End::Unread;
                break;
            }
            Some(left) => *left -= 1,
            None => {
                untouched = false;
                match take(&row) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => left = Some(DRAINED_ROWS_MAX),
                    Err(error) => {
                        refusal = Some(error);
                        left = Some(DRAINED_ROWS_MAX);
                    }
                }
            }
        }
    }
    match refusal {
        Some(error) => Err(Stop::Refused(error, end)),
        None => Ok(end),
    }
}

impl Stop {
    /// The failure that the pool acts upon; `driver` judges the driver's own errors.
    pub(super) fn failure(self, driver: impl FnOnce(&sqlx::Error) -> (StoreError, Fate)) -> Failure {
        match self {
            Stop::Refused(error, End::Clean) => Failure { error, fate: Fate::Keep, untouched: false },
            Stop::Refused(error, End::Unread) => Failure { error, fate: Fate::Sever, untouched: false },
            Stop::Driver(error, untouched) => {
                let (error, fate) = driver(&error);
                Failure { error, fate, untouched }
            }
        }
    }
}
