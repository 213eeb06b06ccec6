//! Owns [`Listener`]: a connection on which PostgreSQL announces what others notify. Refuses to connect again by itself:
//! whoever listens must know that announcements may have been missed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};

use crate::store::StoreError;

/// Longest wait for a connection, and for an answer on it.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// After so long without an announcement the connection is asked whether it lives: a line that was cut without a word
/// looks like one on which nothing is announced.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// A connection that hears announcements. It is none of the pool's.
#[derive(Debug)]
pub struct Listener {
    listener: PgListener,
    origin: String,
}

/// One announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The channel.
    pub channel: String,
    /// What was said; often nothing.
    pub payload: String,
}

impl Listener {
    /// Connects and listens. What is announced from now on is heard.
    pub(super) async fn connect(
        options: PgConnectOptions,
        channels: &[String],
        origin: &str,
    ) -> Result<Listener, StoreError> {
        // The driver listens on connections of its own pools only; this one has a single connection.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ANSWER_MAX)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(options);
        let listen = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.ignore_pool_close_event(true);
            listener.eager_reconnect(false);
            listener.listen_all(channels.iter().map(String::as_str)).await?;
            Ok(listener)
        };
        match tokio::time::timeout(ANSWER_MAX * 2, listen).await {
            Ok(Ok(listener)) => Ok(Listener { listener, origin: origin.to_owned() }),
            Ok(Err(error)) => Err(away(origin, describe(&error))),
            Err(_) => Err(away(origin, "no answer to LISTEN".to_owned())),
        }
    }

    /// The next announcement. After an error the connection is of no use any more.
    ///
    /// Who announces is done by then: what was changed before can be read.
    pub async fn next(&mut self) -> Result<Announcement, StoreError> {
        loop {
            match tokio::time::timeout(SILENCE_MAX, self.listener.try_recv()).await {
                Ok(Ok(Some(notification))) => return Ok(announcement(&notification)),
                Ok(Ok(None)) => return Err(away(&self.origin, "the connection was closed".to_owned())),
                Ok(Err(error)) => return Err(away(&self.origin, describe(&error))),
                // Nothing is lost by breaking off: what has arrived stays in the driver's buffer.
                Err(_) => self.ask().await?,
            }
        }
    }

    async fn ask(&mut self) -> Result<(), StoreError> {
        match tokio::time::timeout(ANSWER_MAX, self.listener.execute("SELECT 1")).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(away(&self.origin, describe(&error))),
            Err(_) => Err(away(&self.origin, "the connection is silent".to_owned())),
        }
    }
}

/// The driver takes for granted that names and payloads are UTF-8, and panics otherwise. A database whose encoding is
/// `SQL_ASCII` may send anything; what cannot be read says nothing.
fn announcement(notification: &PgNotification) -> Announcement {
    let read = |text: fn(&PgNotification) -> &str| {
        catch_unwind(AssertUnwindSafe(|| text(notification).to_owned())).unwrap_or_default()
    };
    Announcement { channel: read(PgNotification::channel), payload: read(PgNotification::payload) }
}

fn describe(error: &sqlx::Error) -> String {
    match error {
        // The driver tries until the time is over, and keeps to itself what went wrong.
        sqlx::Error::PoolTimedOut => "the server cannot be reached".to_owned(),
        other => other.to_string(),
    }
}

fn away(origin: &str, detail: String) -> StoreError {
    StoreError::Away { origin: origin.to_owned(), detail }
}
