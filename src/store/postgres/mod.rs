//! Owns [`Postgres`]: connections to PostgreSQL and what its errors mean. Rows are read in the binary form of the wire
//! (`decode.rs`), parameters are sent in it (`bind.rs`).

mod bind;
mod decode;
mod direct;
mod listen;

pub use listen::{Announcement, Listener};

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::sql::Statement;
use crate::store::pool::{End, Failure, Fate, Link, Pool, drive};
use crate::store::{Sink, SourceSettings, StoreError, Ticket};

use direct::{Direct, Problem, Start};

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 200;
/// A little more than the interval at which the server looks whether we are still there.
const NOTICED: Duration = Duration::from_millis(150);

/// One PostgreSQL source.
pub(super) struct Postgres {
    pool: Pool<Server>,
    origin: String,
    /// For connections that listen: they run no statement, so they need no settings.
    plain_options: Box<PgConnectOptions>,
}

/// How to reach one server.
struct Server {
    origin: String,
    /// Settings travel with the start of the session.
    options: PgConnectOptions,
    /// Without settings, for servers and multiplexers that refuse them at the start.
    plain_options: PgConnectOptions,
    /// The server has refused `options`.
    plain: AtomicBool,
    /// The password in the URL.
    password: Option<String>,
    /// Connections need the driver.
    driver: AtomicBool,
    timeout_ms: u128,
}

/// One connection: with the driver or without it.
enum Connection {
    Driver(PgConnection),
    Direct(Box<Direct>),
}

impl Postgres {
    /// Reads the URL; connects nothing.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, StoreError> {
        // To PostgreSQL, no milliseconds mean no limit.
        let timeout_ms = settings.statement_timeout.as_millis().max(1);
        let plain_options = PgConnectOptions::from_str(&settings.url)
            .map_err(|error| StoreError::Url { origin: settings.name.clone(), detail: error.to_string() })?
            .application_name("penstock")
            .statement_cache_capacity(STATEMENTS_MAX)
            .disable_statement_logging();
        let options = plain_options.clone().options([
            ("statement_timeout", timeout_ms.to_string().as_str()),
            ("client_connection_check_interval", "100ms"),
            ("default_transaction_read_only", "on"),
        ]);
        let origin = settings.name.clone();
        let server = Server {
            origin: origin.clone(),
            options,
            plain_options: plain_options.clone(),
            plain: AtomicBool::new(false),
            password: direct::password_of(&settings.url),
            driver: AtomicBool::new(false),
            timeout_ms,
        };
        Ok(Postgres { pool: Pool::new(server, settings), origin, plain_options: Box::new(plain_options) })
    }

    /// Opens a connection that hears what is announced on `channels`.
    pub(super) async fn listen(&self, channels: &[String]) -> Result<Listener, StoreError> {
        Listener::connect(PgConnectOptions::clone(&self.plain_options), channels, &self.origin).await
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
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, StoreError> {
        if !self.plain.load(Ordering::Relaxed) {
            match self.open(&self.options).await {
                Ok(connection) => return Ok(connection),
                Err(refused) if refused.for_settings => self.plain.store(true, Ordering::Relaxed),
                Err(refused) => return Err(refused.error),
            }
        }
        let settings = format!("SET statement_timeout = {}; SET default_transaction_read_only = on", self.timeout_ms);
        let mut connection = self.open(&self.plain_options).await.map_err(|refused| refused.error)?;
        match &mut connection {
            Connection::Driver(driver) => {
                driver.execute(AssertSqlSafe(settings)).await.map_err(|error| self.judge(&error).0)?;
            }
            Connection::Direct(direct) => {
                direct.command(&settings).await.map_err(|problem| self.judge_direct(problem).0)?;
            }
        }
        Ok(connection)
    }

    async fn connect_to_change(&self) -> Result<Connection, StoreError> {
        let mut driver = self.plain_options.connect().await.map_err(|error| self.judge(&error).0)?;
        let settings = format!("SET statement_timeout = {}", self.timeout_ms);
        driver.execute(AssertSqlSafe(settings)).await.map_err(|error| self.judge(&error).0)?;
        Ok(Connection::Driver(driver))
    }

    async fn run<S: Sink>(
        &self,
        connection: &mut Connection,
        statement: &Statement,
        sink: &mut S,
    ) -> Result<End, Failure> {
        match connection {
            Connection::Direct(direct) => {
                direct.run(statement, sink, &self.origin, |problem| self.judge_direct(problem)).await
            }
            // Boxed: few need it, and its future is large.
            Connection::Driver(driver) => Box::pin(self.run_driver(driver, statement, sink)).await,
        }
    }

    /// Closing the socket is enough: the server looks for it now and then while it works.
    fn sever(&self, connection: Connection) -> BoxFuture<'static, ()> {
        async move {
            drop(connection);
            tokio::time::sleep(NOTICED).await;
        }
        .boxed()
    }
}

/// Whether a start of session failed for the settings that it carried: unknown, not available on the server's platform,
/// or not passed on by a multiplexer.
fn refuses_settings(error: &sqlx::Error) -> bool {
    are_settings(error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref())
}

fn are_settings(code: Option<&str>) -> bool {
    matches!(code, Some("42704" | "22023" | "08P01"))
}

/// Why a session could not be opened.
struct Refused {
    error: StoreError,
    /// The settings that it carried may be the reason.
    for_settings: bool,
}

impl Server {
    /// Opens a session: without the driver if that is possible.
    async fn open(&self, options: &PgConnectOptions) -> Result<Connection, Refused> {
        if !self.driver.load(Ordering::Relaxed) {
            match direct::connect(options, self.password.as_deref()).await {
                Ok(Start::Open(direct)) => return Ok(Connection::Direct(direct)),
                Ok(Start::Driver) => self.driver.store(true, Ordering::Relaxed),
                Err(problem) => {
                    let code = if let Problem::Server(error) = &problem { Some(error.code.as_str()) } else { None };
                    let for_settings = are_settings(code);
                    return Err(Refused { error: self.judge_direct(problem).0, for_settings });
                }
            }
        }
        let refused = |error| Refused { error: self.judge(&error).0, for_settings: refuses_settings(&error) };
        options.connect().await.map(Connection::Driver).map_err(refused)
    }

    async fn run_driver<S: Sink>(
        &self,
        connection: &mut PgConnection,
        statement: &Statement,
        sink: &mut S,
    ) -> Result<End, Failure> {
        let (text, arguments) = bind::bind(statement, &self.origin).map_err(|error| Failure {
            error,
            fate: Fate::Keep,
            untouched: false,
        })?;
        let rows = connection.fetch_many(sqlx::query_with(AssertSqlSafe(text), arguments));
        let mut plan = None;
        drive(rows, |row| {
            let columns = plan.get_or_insert_with(|| decode::plan(row, &statement.columns));
            sink.row(&decode::View { row, columns, origin: &self.origin })
        })
        .await
        .map_err(|stop| stop.failure(|error| self.judge(error)))
    }

    /// What a problem of a connection without the driver means.
    fn judge_direct(&self, problem: Problem) -> (StoreError, Fate) {
        let origin = self.origin.clone();
        match problem {
            Problem::Io(error) => (StoreError::Away { origin, detail: error.to_string() }, Fate::Lost),
            Problem::Protocol(detail) => (StoreError::Away { origin, detail: detail.to_owned() }, Fate::Lost),
            Problem::Server(error) => {
                self.judge_code(&error.code, format!("error returned from database: {}", error.message))
            }
        }
    }

    /// What an error of the driver means.
    fn judge(&self, error: &sqlx::Error) -> (StoreError, Fate) {
        let origin = self.origin.clone();
        let detail = error.to_string();
        let Some(code) = error.as_database_error().and_then(sqlx::error::DatabaseError::code) else {
            return match error {
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                    (StoreError::Away { origin, detail }, Fate::Lost)
                }
                sqlx::Error::Encode(_) => (StoreError::Parameter { origin, detail }, Fate::Lost),
                _ => (StoreError::Other { origin, detail }, Fate::Lost),
            };
        };
        self.judge_code(&code, detail)
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
            // Numbers and times out of range. The rest of class 22, such as a division by zero, comes from the view that is
            // read and not from the request.
            "22003" | "22008" => (StoreError::OutOfRange { origin, detail }, Fate::Keep),
            // Text that the server's encoding does not know, or a wire form that it does not take.
            "22021" | "22P03" | "22P05" => (StoreError::Parameter { origin, detail }, Fate::Keep),
            _ => (StoreError::Other { origin, detail }, Fate::Keep),
        }
    }
}

#[cfg(test)]
mod tests;
