//! Owns [`Sqlite`]: read-only connections to one SQLite file, each used by one statement at a time on a blocking
//! thread, and what SQLite's errors mean. Refuses to create a file.

mod aggregates;
mod bind;
mod catalog;
mod decode;
mod functions;
mod pace;
mod version;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::sql::Statement;
use crate::store::gate::Gate;
use crate::store::sqlite::pace::Paces;
use crate::store::{Sink, SourceSettings, StoreError, Ticket};

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 200;
/// Steps of SQLite's machine between two looks at the clock: some tens of microseconds.
const STEPS_PER_LOOK: i32 = 2_000;
/// Longest run in place; far longer than what was expected of the statement.
const IN_PLACE_MAX: Duration = Duration::from_millis(3);
/// Whole pages come from the operating system's cache by the largest map that SQLite makes, so its own cache stays
/// small.
const SETTINGS: &str = "PRAGMA query_only = 1; PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -8192; \
                        PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = 0;";

/// One SQLite source.
pub(super) struct Sqlite {
    file: Arc<File>,
    gate: Arc<Gate>,
}

/// The file and its idle connections.
struct File {
    origin: String,
    path: PathBuf,
    statement_timeout: Duration,
    /// How long to wait for a writer that has locked the whole file.
    lock_timeout: Duration,
    decimals_as_text: bool,
    idle: Mutex<Vec<Open>>,
    watcher: Mutex<version::Watcher>,
    paces: Paces,
}

/// A connection and the file that it has open.
struct Open {
    connection: Connection,
    identity: Identity,
}

/// A file that was replaced keeps its name, not its number. One that was overwritten in place keeps both, but most
/// often shrinks on the way; reading on through the old mapping would then kill the process.
#[derive(Clone, Copy)]
struct Identity {
    device: u64,
    number: u64,
    length: u64,
}

impl Identity {
    /// Whether a file seen as `self` before can be read on as what it is `now`.
    fn continues_as(self, now: Identity) -> bool {
        self.device == now.device && self.number == now.number && self.length <= now.length
    }
}

impl Sqlite {
    /// Takes the settings and the path behind the scheme; opens nothing.
    pub(super) fn open(settings: &SourceSettings, path: &str) -> Result<Self, StoreError> {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            let detail = "it names no file".to_owned();
            return Err(StoreError::Url { origin: settings.name.clone(), detail });
        }
        let file = File {
            origin: settings.name.clone(),
            path: PathBuf::from(path),
            statement_timeout: settings.statement_timeout,
            lock_timeout: settings.acquire_timeout,
            decimals_as_text: settings.decimals_as_text,
            idle: Mutex::new(Vec::new()),
            watcher: Mutex::default(),
            paces: Paces::default(),
        };
        Ok(Sqlite { file: Arc::new(file), gate: Arc::new(Gate::new(settings)) })
    }

    /// Runs a statement. Its place is free when its thread is, also if the caller has left.
    pub(super) async fn fetch<S: Sink>(
        &self,
        statement: Statement,
        mut sink: S,
        ticket: &Ticket,
    ) -> Result<S, StoreError> {
        let permit = Gate::enter(&self.gate, ticket).await?;
        if self.file.paces.is_short(&statement.text)
            && let Some(result) = self.file.run_in_place(&statement, &mut sink)
        {
            return result.map(|()| sink);
        }
        let permit = permit.into_owned();
        let request_ends = ticket.deadline().into_std();
        let leaver = Leaver(Arc::new(AtomicBool::new(false)));
        let (file, gone) = (Arc::clone(&self.file), Arc::clone(&leaver.0));
        let run = tokio::task::spawn_blocking(move || {
            let result = file.run(&statement, sink, gone, request_ends);
            drop(permit);
            result
        });
        let lost = |error: tokio::task::JoinError| StoreError::Other {
            origin: self.file.origin.clone(),
            detail: error.to_string(),
        };
        run.await.map_err(lost)?
    }

    /// Runs a statement that changes something, once, on a connection of its own.
    pub(super) async fn change<S: Sink>(
        &self,
        statement: Statement,
        mut sink: S,
        ticket: &Ticket,
    ) -> Result<S, StoreError> {
        let permit = Gate::enter(&self.gate, ticket).await?.into_owned();
        let file = Arc::clone(&self.file);
        let run = tokio::task::spawn_blocking(move || {
            let result = file.change(&statement, &mut sink);
            drop(permit);
            result.map(|()| sink)
        });
        let lost = |error: tokio::task::JoinError| StoreError::Other {
            origin: self.file.origin.clone(),
            detail: error.to_string(),
        };
        run.await.map_err(lost)?
    }

    /// Closes idle connections and refuses further statements.
    pub(super) async fn close(&self) {
        self.gate.close();
        let file = Arc::clone(&self.file);
        // Closing touches the disk. A failed join would mean that a destructor panicked; the file is closed then too.
        let close = move || {
            drop(file.take_idle());
            file.stop_watching();
        };
        let _ = tokio::task::spawn_blocking(close).await;
    }
}

/// Tells the blocking thread that nobody waits for it any more.
struct Leaver(Arc<AtomicBool>);

impl Drop for Leaver {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl File {
    /// `None` if that is not possible: no connection is open, the file is locked, or it takes too long.
    fn run_in_place<S: Sink>(&self, statement: &Statement, sink: &mut S) -> Option<Result<(), StoreError>> {
        let open = self.take_idle_one()?;
        let start = Instant::now();
        let late = move || start.elapsed() > IN_PLACE_MAX;
        let result = open
            .connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| open.connection.progress_handler(STEPS_PER_LOOK, Some(late)))
            .map_err(|error| self.judge(&error))
            .and_then(|()| self.rows(&open.connection, statement, sink));
        let restored = open.connection.busy_timeout(self.lock_timeout);
        self.paces.note(&statement.text, start.elapsed());
        if restored.is_ok() {
            self.give_back(open);
        }
        match result {
            Err(StoreError::Slow { .. } | StoreError::Busy { .. }) => {
                sink.rewind();
                None
            }
            result => Some(result),
        }
    }

    fn run<S: Sink>(
        &self,
        statement: &Statement,
        mut sink: S,
        gone: Arc<AtomicBool>,
        request_ends: Instant,
    ) -> Result<S, StoreError> {
        let own_limit = Instant::now().checked_add(self.statement_timeout);
        let deadline = own_limit.map_or(request_ends, |own_limit| own_limit.min(request_ends));
        let late = move || gone.load(Ordering::Relaxed) || Instant::now() > deadline;
        if late() {
            return Err(StoreError::Slow { origin: self.origin.clone() });
        }
        let open = self.take()?;
        open.connection.progress_handler(STEPS_PER_LOOK, Some(late)).map_err(|error| self.judge(&error))?;
        let start = Instant::now();
        let result = self.rows(&open.connection, statement, &mut sink);
        self.paces.note(&statement.text, start.elapsed());
        self.give_back(open);
        if matches!(result, Err(StoreError::Busy { .. })) {
            tracing::warn!(source = self.origin, "whoever writes to the file has locked it for too long");
        }
        result.map(|()| sink)
    }

    fn change<S: Sink>(&self, statement: &Statement, sink: &mut S) -> Result<(), StoreError> {
        let deadline = Instant::now().checked_add(self.statement_timeout);
        let late = move || deadline.is_some_and(|deadline| Instant::now() > deadline);
        let open = || {
            let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            connection.busy_timeout(self.lock_timeout)?;
            functions::register(&connection, self.decimals_as_text)?;
            connection.progress_handler(STEPS_PER_LOOK, Some(late))?;
            Ok(connection)
        };
        let connection = open().map_err(|error| self.judge(&error))?;
        self.rows(&connection, statement, sink)
    }

    fn rows<S: Sink>(&self, connection: &Connection, statement: &Statement, sink: &mut S) -> Result<(), StoreError> {
        let mut prepared = connection.prepare_cached(&statement.text).map_err(|error| self.judge(&error))?;
        for run in 0..bind::runs(&statement.params) {
            let bound = bind::bind(&mut prepared, &statement.params, run, self.decimals_as_text);
            bound.map_err(|error| self.judge(&error))?;
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().map_err(|error| self.judge(&error))? {
                let view = decode::View {
                    row,
                    columns: &statement.columns,
                    decimals_as_text: self.decimals_as_text,
                    origin: &self.origin,
                };
                if sink.row(&view)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// An idle connection to the file that has the name now.
    fn take_idle_one(&self) -> Option<Open> {
        let identity = identity(&self.path).ok()?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop_if(|open| open.identity.continues_as(identity)).map(|open| Open { identity, ..open })
    }

    /// An idle connection to the file that has the name now, or a new one.
    fn take(&self) -> Result<Open, StoreError> {
        let identity = identity(&self.path).map_err(|error| self.away(&error))?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(open) if open.identity.continues_as(identity) => Ok(Open { identity, ..open }),
            Some(stale) => {
                drop(stale);
                drop(self.take_idle());
                self.connect(identity)
            }
            None => self.connect(identity),
        }
    }

    fn connect(&self, identity: Identity) -> Result<Open, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(&self.path, flags)?;
            connection.busy_timeout(self.lock_timeout)?;
            connection.execute_batch(SETTINGS)?;
            // Otherwise the planner looks at parameters, and each new value prepares the statement again.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            // Otherwise a column that is not there is read as a text: its own name, in every row.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
            functions::register(&connection, self.decimals_as_text)?;
            aggregates::register(&connection)?;
            Ok(connection)
        };
        let connection = open().map_err(|error| self.judge(&error))?;
        Ok(Open { connection, identity })
    }

    fn give_back(&self, open: Open) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(open);
    }

    fn take_idle(&self) -> Vec<Open> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn away(&self, error: &std::io::Error) -> StoreError {
        StoreError::Away { origin: self.origin.clone(), detail: format!("{}: {error}", self.path.display()) }
    }

    /// What an error of SQLite means.
    fn judge(&self, error: &rusqlite::Error) -> StoreError {
        let origin = self.origin.clone();
        let detail = format!("{}: {error}", self.path.display());
        if matches!(error, rusqlite::Error::SqliteFailure(_, Some(text)) if text == functions::OUT_OF_RANGE) {
            return StoreError::OutOfRange { origin, detail };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => StoreError::Slow { origin },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { origin, retry_after_s: 1 },
            Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => StoreError::Away { origin, detail },
            Some(ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => {
                StoreError::Denied { origin, detail }
            }
            Some(ErrorCode::TooBig) => StoreError::Parameter { origin, detail },
            _ => StoreError::Other { origin, detail },
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).map(|file| Identity { device: file.dev(), number: file.ino(), length: file.len() })
}

/// Elsewhere the standard library does not tell files apart; an open file cannot be replaced there either.
#[cfg(not(unix))]
fn identity(path: &Path) -> std::io::Result<Identity> {
    std::fs::metadata(path).map(|file| Identity { device: 0, number: 0, length: file.len() })
}
