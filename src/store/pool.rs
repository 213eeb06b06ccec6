//! Owns the pool of one database server and the lease under which a statement uses one of its connections. Knows no
//! product: a [`Link`] connects and runs. Refuses to put back a connection whose statement did not end cleanly.

use std::ops::ControlFlow;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult, TimeoutType};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use sqlx::Either;

use crate::sql::Statement;
use crate::store::{Sink, SourceSettings, StoreError};

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

    /// Runs a statement and hands its rows to `sink`.
    fn run<S: Sink>(
        &self,
        connection: &mut Self::Connection,
        statement: &Statement,
        sink: &mut S,
    ) -> impl Future<Output = Result<End, Failure>> + Send;

    /// Drops a connection on which a statement may still run, so that the statement ends in the database too.
    fn sever(&self, connection: Self::Connection);
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
    connections: managed::Pool<Connector<L>>,
    origin: String,
    deadline: Duration,
}

struct Connector<L>(L);

impl<L: Link> managed::Manager for Connector<L> {
    type Type = L::Connection;
    type Error = StoreError;

    /// Boxed, so that the large future of a handshake is no part of every lease.
    async fn create(&self) -> Result<L::Connection, StoreError> {
        Box::pin(self.0.connect()).await
    }

    /// Asks the server nothing: a dead connection shows itself with the next statement, which then runs once more.
    async fn recycle(&self, _: &mut L::Connection, metrics: &Metrics) -> RecycleResult<StoreError> {
        if metrics.age() > AGE_MAX || metrics.last_used() > REST_MAX {
            return Err(RecycleError::message("too old"));
        }
        Ok(())
    }
}

impl<L: Link> Pool<L> {
    /// Connects nothing yet.
    pub(super) fn new(link: L, settings: &SourceSettings) -> Result<Self, StoreError> {
        let connections = managed::Pool::builder(Connector(link))
            .max_size(usize::try_from(settings.pool_max.max(1)).unwrap_or(1))
            .wait_timeout(Some(settings.acquire_timeout))
            .create_timeout(Some(settings.acquire_timeout))
            .queue_mode(managed::QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Other { origin: settings.name.clone(), detail: error.to_string() })?;
        let deadline = settings.statement_timeout.saturating_add(GRACE);
        Ok(Pool { connections, origin: settings.name.clone(), deadline })
    }

    /// Runs a statement. The connection is back in the pool, or cut off, before this returns or is dropped.
    pub(super) async fn fetch<S: Sink>(&self, statement: &Statement, mut sink: S) -> Result<S, StoreError> {
        let mut may_retry = true;
        loop {
            let mut lease = self.lease().await?;
            let was_idle = lease.was_idle();
            let Some(connection) = lease.connection() else {
                return Err(StoreError::Busy { origin: self.origin.clone() });
            };
            let run = self.connections.manager().0.run(connection, statement, &mut sink);
            let failure = match tokio::time::timeout(self.deadline, run).await {
                Err(_) => {
                    // The server has passed its own limit in silence, so the idle connections are suspect too.
                    self.connections.retain(|_, _| false);
                    return Err(StoreError::Slow { origin: self.origin.clone() });
                }
                Ok(Ok(End::Unread)) => return Ok(sink),
                Ok(Ok(End::Clean)) => {
                    lease.give_back();
                    return Ok(sink);
                }
                Ok(Err(failure)) => failure,
            };
            let again = may_retry && failure.untouched;
            match failure.fate {
                Fate::Sever => return Err(failure.error),
                Fate::Keep => {
                    lease.give_back();
                    return Err(failure.error);
                }
                Fate::Lost => {
                    lease.discard();
                    // Whatever broke this connection, most often a restart, broke the others that lie idle too.
                    self.connections.retain(|_, _| false);
                    if !(again && was_idle) {
                        return Err(failure.error);
                    }
                }
                Fate::Stale => {
                    lease.discard();
                    if !again {
                        return Err(failure.error);
                    }
                }
            }
            may_retry = false;
        }
    }

    /// Closes what lies idle and refuses new leases.
    pub(super) fn close(&self) {
        self.connections.close();
    }

    async fn lease(&self) -> Result<Lease<'_, L>, StoreError> {
        let origin = || self.origin.clone();
        let away = |detail: &str| StoreError::Away { origin: origin(), detail: detail.to_owned() };
        match self.connections.get().await {
            Ok(object) => Ok(Lease { object: Some(object), link: &self.connections.manager().0 }),
            Err(PoolError::Timeout(TimeoutType::Wait)) => Err(StoreError::Busy { origin: origin() }),
            Err(PoolError::Backend(error)) => Err(error),
            Err(PoolError::Timeout(_)) => Err(away("the server did not accept a connection in time")),
            Err(PoolError::Closed) => Err(away("the pool is closed")),
            Err(PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => Err(away("the pool is not usable")),
        }
    }
}

/// The right to use one connection. Dropping it cuts the connection off; only [`Lease::give_back`] keeps it.
struct Lease<'a, L: Link> {
    object: Option<Object<Connector<L>>>,
    link: &'a L,
}

impl<L: Link> Lease<'_, L> {
    fn connection(&mut self) -> Option<&mut L::Connection> {
        self.object.as_deref_mut()
    }

    fn was_idle(&self) -> bool {
        self.object.as_ref().is_some_and(|object| Object::metrics(object).recycle_count > 0)
    }

    fn give_back(mut self) {
        drop(self.object.take());
    }

    /// Drops a connection on which nothing runs any more.
    fn discard(mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

impl<L: Link> Drop for Lease<'_, L> {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            self.link.sever(Object::take(object));
        }
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
