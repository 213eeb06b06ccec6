//! Owns [`Mysql`]: connections to MySQL and MariaDB and what their errors mean. Rows are read in the binary form of the
//! wire (`decode.rs`), parameters are sent in it (`bind.rs`).

mod bind;
pub(super) mod catalog;
mod decode;
mod session;

use std::str::FromStr;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row as _};

use crate::sql::Statement;
use crate::store::pool::{End, Failure, Fate, Link, Pool, drive};
use crate::store::{Sink, SourceSettings, StoreError, Ticket, TlsMode, tls};

use session::Session;

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 200;
/// How the server writes a sum that is part of a pattern's search.
const GAVE_UP: &str = "9223372036854775807 + char_length(";
/// Longest wait for the second connection that stops a statement.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

/// One MySQL or MariaDB source.
pub(super) struct Mysql {
    pool: Pool<Server>,
}

/// How to reach one server.
struct Server {
    origin: String,
    options: MySqlConnectOptions,
    session: Session,
}

/// A connection and the number under which the server knows it.
struct Open {
    connection: MySqlConnection,
    id: u64,
}

impl Mysql {
    /// Takes the settings and the part of the URL right of the scheme, which has two names; connects nothing.
    pub(super) fn open(settings: &SourceSettings, rest: &str) -> Result<Self, StoreError> {
        let options = MySqlConnectOptions::from_str(&format!("mysql:{rest}"))
            .map_err(|error| StoreError::Url { origin: settings.name.clone(), detail: error.to_string() })?
            .charset("utf8mb4")
            .timezone(Some("+00:00".to_owned()))
            // The whole mode is set below.
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .statement_cache_capacity(STATEMENTS_MAX)
            .disable_statement_logging();
        if settings.access.tls.mode == Some(TlsMode::VerifyCa) {
            tracing::warn!(
                source = settings.name,
                "tls = \"verify-ca\" trusts every authority of the system with MySQL and MariaDB, beside tls_root, and \
                 looks at no name; \"verify-full\" does"
            );
        }
        let options = session::encrypted(options, &settings.access.tls);
        let session = Session::new(&settings.access, settings.statement_timeout);
        let server = Server { origin: settings.name.clone(), options, session };
        Ok(Mysql { pool: Pool::new(server, settings) })
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
    type Connection = Open;

    async fn connect(&self) -> Result<Open, StoreError> {
        let start = async {
            let mut open = self.start().await?;
            open.connection.execute("SET SESSION TRANSACTION READ ONLY").await?;
            Ok(open)
        };
        start.await.map_err(|error: sqlx::Error| self.judge(&error).0)
    }

    async fn connect_to_change(&self) -> Result<Open, StoreError> {
        self.start().await.map_err(|error| self.judge(&error).0)
    }

    async fn run<S: Sink>(&self, open: &mut Open, statement: &Statement, sink: &mut S) -> Result<End, Failure> {
        let arguments = bind::bind(&statement.params, &self.origin).map_err(|error| Failure {
            error,
            fate: Fate::Keep,
            untouched: false,
        })?;
        let query = sqlx::query_with(AssertSqlSafe(statement.text.as_str()), arguments);
        let rows = open.connection.fetch_many(query);
        let mut plan = None;
        drive(rows, |row| {
            let columns = plan.get_or_insert_with(|| decode::plan(row, &statement.columns));
            sink.row(&decode::View { row, columns, origin: &self.origin })
        })
        .await
        .map_err(|stop| stop.failure(|error| self.judge(error)))
    }

    /// The server does not notice a closed socket while it works, so a second connection ends the first. If that fails,
    /// the statement ends by the session's own limit.
    fn sever(&self, open: Open) -> BoxFuture<'static, ()> {
        let options = self.options.clone();
        async move {
            let kill = async {
                let mut second = options.connect().await?;
                second.execute(AssertSqlSafe(format!("KILL {}", open.id))).await
            };
            // An error says that the connection is gone already.
            let _ = tokio::time::timeout(KILL_TIMEOUT, kill).await;
            drop(open);
        }
        .boxed()
    }
}

impl Server {
    async fn start(&self) -> Result<Open, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        let row = connection.fetch_one("SELECT CONNECTION_ID(), VERSION()").await?;
        let (id, version) = (row.try_get_unchecked::<u64, _>(0)?, row.try_get_unchecked::<String, _>(1)?);
        for command in self.session.commands(version.contains("MariaDB")) {
            connection.execute(AssertSqlSafe(command)).await?;
        }
        Ok(Open { connection, id })
    }

    /// What an error of the driver means, by the server's error numbers.
    fn judge(&self, error: &sqlx::Error) -> (StoreError, Fate) {
        let origin = self.origin.clone();
        let detail = error.to_string();
        let number = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
        let Some(number) = number.map(MySqlDatabaseError::number) else {
            return match error {
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                    (StoreError::Away { origin, detail: tls::describe(error) }, Fate::Lost)
                }
                _ => (StoreError::Other { origin, detail }, Fate::Lost),
            };
        };
        match number {
            // Interrupted, statement timeout on MariaDB, statement timeout on MySQL, memory and time of a pattern on
            // MySQL
            1317 | 1969 | 3024 | 3698 | 3699 => (StoreError::Slow { origin }, Fate::Keep),
            // Database, login, table, column, privilege, routine, plugin
            1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 => (StoreError::Denied { origin, detail }, Fate::Keep),
            // Too many connections, shutdown, too many of this user, connection killed, client idle too long
            1040 | 1053 | 1203 | 1226 | 1927 | 4031 => (StoreError::Away { origin, detail }, Fate::Lost),
            // The server has dropped the prepared statement or wants it prepared again.
            1243 | 1615 => (StoreError::Other { origin, detail }, Fate::Stale),
            // Illegal mix of collations of two, three or more texts, conversion impossible on MySQL, on MariaDB
            1267 | 1270 | 1271 | 3988 | 1977 => (StoreError::CharacterSet { origin, detail }, Fate::Keep),
            // The sum that says that the engine of patterns gave up, see the dialect
            1690 if detail.contains(GAVE_UP) => (StoreError::Slow { origin }, Fate::Keep),
            // A result of a calculation out of range
            1690 => (StoreError::OutOfRange { origin, detail }, Fate::Keep),
            // Out of range, wrong value, text that the character set does not know, too many parameters
            1264 | 1292 | 1366 | 1390 | 1411 => (StoreError::Parameter { origin, detail }, Fate::Keep),
            _ => (StoreError::Other { origin, detail }, Fate::Keep),
        }
    }
}
