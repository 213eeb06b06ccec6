//! Owns [`Postgres`]: connections to PostgreSQL and what its errors mean. Rows are read in the binary form of the wire
//! (`decode.rs`), parameters are sent in it (`bind.rs`), both over connections of our own (`direct.rs`).

mod bind;
pub(super) mod catalog;
mod decode;
mod direct;
mod listen;
mod session;

pub use listen::{Announcement, Listener};

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;

use crate::sql::Statement;
use crate::store::pool::{End, Failure, Fate, Link, Pool};
use crate::store::{Sink, SourceSettings, StoreError, Ticket};

use direct::{Direct, Problem, Target, connect};
use session::{LOOKS, Purpose, Session};

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 200;
/// A little more than the interval at which the server looks whether we are still there.
const NOTICED: Duration = Duration::from_millis(150);

/// One PostgreSQL source.
pub(super) struct Postgres {
    pool: Pool<Server>,
    origin: String,
    /// Where announcements are heard.
    hearing: Hearing,
}

/// Where announcements are heard.
enum Hearing {
    /// Where statements run, unless a pooler stands between.
    Same(Box<Target>),
    /// At an address that was named for it.
    Own(Box<Target>),
    /// Nowhere: a pooler stands between.
    Nowhere,
}

/// How to reach one server.
struct Server {
    origin: String,
    target: Target,
    session: Session,
    /// A pooler stands between that lends its connections for single transactions.
    pooled: AtomicBool,
    /// The server may be told to look for us while it works.
    looks: AtomicBool,
}

impl Postgres {
    /// Reads the URL; connects nothing.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, StoreError> {
        let origin = settings.name.clone();
        let access = &settings.access;
        let target = |url: &str| match PgConnectOptions::from_str(url) {
            Ok(options) => Ok(Target::new(&options, &access.tls)),
            Err(error) => Err(StoreError::Url { origin: origin.clone(), detail: error.to_string() }),
        };
        let main = target(&settings.url)?;
        let hearing = match &access.listen_url {
            Some(url) => Hearing::Own(Box::new(target(url)?)),
            None if access.pooled => Hearing::Nowhere,
            None => Hearing::Same(Box::new(main.clone())),
        };
        let server = Server {
            origin: origin.clone(),
            target: main,
            // To PostgreSQL, no milliseconds mean no limit.
            session: Session::new(access, settings.statement_timeout.as_millis().max(1)),
            pooled: AtomicBool::new(access.pooled),
            looks: AtomicBool::new(true),
        };
        Ok(Postgres { pool: Pool::new(server, settings), origin, hearing })
    }

    /// Opens a connection that hears what is announced on `channels`.
    pub(super) async fn listen(&self, channels: &[String]) -> Result<Listener, StoreError> {
        match &self.hearing {
            Hearing::Same(target) => Listener::connect(target, channels, &self.origin, true).await,
            Hearing::Own(target) => Listener::connect(target, channels, &self.origin, false).await,
            Hearing::Nowhere => Err(StoreError::Away {
                origin: self.origin.clone(),
                detail: "a pooler passes no announcements on, and no listen_url is named".to_owned(),
            }),
        }
    }

    /// Runs a statement.
    pub(super) async fn fetch<S: Sink>(
        &self,
        statement: &Statement,
        mut sink: S,
        ticket: &Ticket,
    ) -> Result<S, StoreError> {
        self.pool.fetch(statement, &mut sink, ticket).await?;
        Ok(sink)
    }

    /// The same for a sink that may be wanted elsewhere.
    pub(super) async fn fetch_shared<S: Sink>(
        &self,
        statement: &Statement,
        sink: &mut S,
        ticket: &Ticket,
    ) -> Result<(), StoreError> {
        self.pool.fetch(statement, sink, ticket).await
    }

    /// Whether anything is held against the server: if so, whether it is time to ask it for a sign of life.
    pub(super) fn distrust(&self) -> Option<bool> {
        self.pool.distrust()
    }

    /// Runs a statement that changes something, once, on a connection of its own.
    pub(super) async fn change<S: Sink>(
        &self,
        statement: &Statement,
        sink: S,
        ticket: &Ticket,
    ) -> Result<S, StoreError> {
        self.pool.change(statement, sink, ticket).await
    }

    /// Closes idle connections and refuses new leases.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

impl Link for Server {
    type Connection = Box<Direct>;

    async fn connect(&self) -> Result<Box<Direct>, StoreError> {
        self.open(Purpose::Read).await.map_err(|problem| self.judge(problem).0)
    }

    async fn connect_to_change(&self) -> Result<Box<Direct>, StoreError> {
        self.open(Purpose::Change).await.map_err(|problem| self.judge(problem).0)
    }

    async fn run<S: Sink>(
        &self,
        connection: &mut Box<Direct>,
        statement: &Statement,
        sink: &mut S,
    ) -> Result<End, Failure> {
        connection.run(statement, sink, &self.origin, |problem| self.judge(problem)).await
    }

    /// Closing the socket is enough: the server looks for it now and then while it works.
    fn sever(&self, connection: Box<Direct>) -> BoxFuture<'static, ()> {
        async move {
            drop(connection);
            tokio::time::sleep(NOTICED).await;
        }
        .boxed()
    }
}

/// Why a start of session was refused that carried settings, if they are the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// By a pooler, which passes none on.
    AtAll,
    /// By the server: one is unknown, or not available on its platform.
    One,
}

fn refusal(problem: &Problem) -> Option<Refused> {
    let Problem::Server(error) = problem else { return None };
    match error.code.as_str() {
        "08P01" => Some(Refused::AtAll),
        "42704" | "22023" => Some(Refused::One),
        _ => None,
    }
}

impl Server {
    /// Opens a session in which all is set that has to be, or a connection that sets it for each statement.
    async fn open(&self, purpose: Purpose) -> Result<Box<Direct>, Problem> {
        if self.pooled.load(Ordering::Relaxed) {
            return self.open_pooled(purpose).await;
        }
        let opened = match self.start(purpose).await {
            // Servers before version 14, and some platforms since, cannot look for us.
            Err(problem) if refusal(&problem) == Some(Refused::One) && self.looks.swap(false, Ordering::Relaxed) => {
                self.start(purpose).await
            }
            other => other,
        };
        let refused = match opened {
            Ok(mut direct) => {
                if direct.is_marked().await? {
                    return Ok(direct);
                }
                None
            }
            Err(problem) if refusal(&problem) == Some(Refused::AtAll) => Some(problem),
            Err(problem) => return Err(problem),
        };
        self.without_options()?;
        let direct = match (self.open_pooled(purpose).await, refused) {
            (Ok(direct), _) => direct,
            // It was no matter of settings.
            (Err(_), Some(refused)) => return Err(refused),
            (Err(problem), None) => return Err(problem),
        };
        if !self.pooled.swap(true, Ordering::Relaxed) {
            tracing::info!(
                source = self.origin,
                "a connection pooler stands between, which passes no settings on: they are sent with each statement"
            );
        }
        Ok(direct)
    }

    async fn start(&self, purpose: Purpose) -> Result<Box<Direct>, Problem> {
        let settings = self.session.at_start(purpose, self.looks.load(Ordering::Relaxed));
        connect(&self.target, &settings, true).await
    }

    /// Options of the URL, or of the environment, would be lost behind a pooler.
    fn without_options(&self) -> Result<(), Problem> {
        if self.target.options.is_none() {
            return Ok(());
        }
        let detail = "a connection pooler stands between, which does not take the 'options' of the URL; write them as \
                      settings of the session";
        Err(Problem::Login(detail.to_owned()))
    }

    async fn open_pooled(&self, purpose: Purpose) -> Result<Box<Direct>, Problem> {
        self.without_options()?;
        let mut direct = connect(&self.target, &[], false).await?;
        let looks = self.looks.load(Ordering::Relaxed);
        direct.keep_nothing(self.session.before_each(purpose, looks, direct.version()));
        Ok(direct)
    }

    /// What a problem means.
    fn judge(&self, problem: Problem) -> (StoreError, Fate) {
        let origin = self.origin.clone();
        match problem {
            Problem::Login(detail) => (StoreError::Denied { origin, detail }, Fate::Lost),
            Problem::Server(error) => {
                // Only behind a pooler: at a start of session this is noticed before.
                if refusal(&Problem::Server(error.clone())) == Some(Refused::One)
                    && error.message.contains(LOOKS)
                    && self.looks.swap(false, Ordering::Relaxed)
                {
                    return (StoreError::Other { origin, detail: error.message }, Fate::Stale);
                }
                let code = error.code.clone();
                self.judge_code(&code, listen::describe(Problem::Server(error)))
            }
            other => (StoreError::Away { origin, detail: listen::describe(other) }, Fate::Lost),
        }
    }

    /// What a refusal of the server means, by the classes of SQLSTATE (PostgreSQL's appendix A).
    fn judge_code(&self, code: &str, detail: String) -> (StoreError, Fate) {
        let origin = self.origin.clone();
        match code {
            "57014" => (StoreError::Slow { origin }, Fate::Keep),
            // 0A000 with this text alone: the class holds everything that is not supported.
            "0A000" if detail.contains("cached plan") => (StoreError::Other { origin, detail }, Fate::Stale),
            // The connection's memory of the statement is gone, as a multiplexer or DISCARD ALL leaves it.
            "26000" => (StoreError::Other { origin, detail }, Fate::Stale),
            "42501" => (StoreError::Denied { origin, detail }, Fate::Keep),
            "57P01" | "57P02" | "57P03" | "57P05" | "53300" => (StoreError::Away { origin, detail }, Fate::Lost),
            code if code.starts_with("08") => (StoreError::Away { origin, detail }, Fate::Lost),
            code if code.starts_with("28") => (StoreError::Denied { origin, detail }, Fate::Lost),
            // Numbers and times out of range. The rest of class 22, such as a division by zero, comes from the view
            // that is read and not from the request.
            "22003" | "22008" => (StoreError::OutOfRange { origin, detail }, Fate::Keep),
            // Text that the server's encoding does not know, or a wire form that it does not take.
            "22021" | "22P03" | "22P05" => (StoreError::Parameter { origin, detail }, Fate::Keep),
            _ => (StoreError::Other { origin, detail }, Fate::Keep),
        }
    }
}

#[cfg(test)]
mod tests;
