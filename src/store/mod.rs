//! Talking to databases: pools, leases, typed parameters, rows of borrowed cells. The only room that names a driver.
//!
//! [`Database::fetch`] is the one verb: a [`Statement`](crate::sql::Statement) goes in, rows go one by one to a
//! [`Sink`], and the connection is free before it returns.
//!
//! # Decisions
//!
//! - **A lease, not a pooled connection.** Whoever runs a statement holds a lease; dropping it cuts the connection off,
//!   and only a statement that ended cleanly gives it back. So a client that leaves and a timeout take one path. The
//!   pool of the driver was rejected: it asks the server at each release and spawns a task for it; a general pool,
//!   since who waits for it is served in the order of coming, whoever asks.
//! - **Each source has its own gate** (`gate.rs`): its places, its queue, its wait; and each server its own breaker
//!   (`breaker.rs`). Nothing that one slow source can fill up is shared with another.
//! - **No question before a statement.** A connection that died while idle shows itself with the next statement, which
//!   then runs once more on a new connection, if no row was delivered. Asking first costs a round trip each time.
//! - **Stopping a statement.** PostgreSQL notices the closed socket (`client_connection_check_interval`); a server that
//!   does not know the setting ends the statement by `statement_timeout`. MariaDB and MySQL get a `KILL` over a second
//!   connection. SQLite asks a progress handler. Cancelling PostgreSQL by process id was rejected for old servers and
//!   connection multiplexers, where the id may be somebody else's.
//! - **Cells are led by the wanted type.** Each column's way to read is chosen once per answer; a column that holds
//!   something else is an error, never a guess.
//! - **Values that a database cannot hold.** On PostgreSQL and SQLite a date outside the range is bound as something
//!   that sorts below or above every stored value and equals none, so a comparison stays right. MySQL has no such
//!   value: [`StoreError::Parameter`].
//! - **SQLite runs on blocking threads**, the sink with it: rows are borrowed in place and nothing crosses a channel.
//!   A statement whose text took less than half a millisecond of late runs in place on the async thread, since the way
//!   to another thread and back costs more than most records; it stalls other tasks no longer than the writing of a
//!   page does. If it takes longer this time, or finds the file locked, it is broken off and starts again on a blocking
//!   thread.

mod access;
mod breaker;
mod catalog;
mod change;
mod database;
mod error;
mod gate;
mod indexes;
pub mod loader;
mod mysql;
mod pool;
mod postgres;
mod queue;
mod replicas;
mod sqlite;
#[cfg(test)]
mod tests;
mod ticket;
mod tls;
mod version;

use std::ops::ControlFlow;

pub use access::{Access, SessionValue};
pub use catalog::Progress;
pub use database::{Database, Databases, Kind, SourceSettings};
pub use error::{Misfit, StoreError};
pub use postgres::{Announcement, Listener};
pub use ticket::{Ticket, Visit};
pub use tls::{Tls, TlsMode};

use crate::edm::{Cell, Scalar, Value};

/// One row, alive for the length of one call to [`Sink::row`].
pub trait Row {
    /// The value of a column of the select list, from 0, in the kind that the statement's `columns` demand.
    fn cell(&self, index: usize) -> Result<Cell<'_>, StoreError>;

    /// The source's name, for errors.
    fn origin(&self) -> &str;

    /// The value of a column, owned: for what must outlive the row.
    fn value(&self, index: usize, scalar: Scalar) -> Result<Value, StoreError> {
        let value = self.cell(index)?.to_value(scalar);
        value.map_err(|error| self.refuse(index, "another kind of value", error.to_string()))
    }

    /// The error that a column holds no value of the wanted kind, with what names the row: also for those who find out
    /// by looking into a value. `found` is what it holds, in words.
    fn refuse(&self, column: usize, found: &'static str, detail: String) -> StoreError {
        let misfit = Box::new(Misfit { found, detail, row: self.values() });
        StoreError::Decode { origin: self.origin().to_owned(), column, misfit }
    }

    /// All values that can be read, to name the row by.
    fn values(&self) -> Vec<Option<Value>>;
}

/// Takes rows one by one, synchronously. It moves into the database's own thread if it has one, and comes back.
pub trait Sink: Send + 'static {
    /// Takes one row. `Break` means that no further row is wanted.
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError>;

    /// Forgets every row: the statement runs again from its start.
    fn rewind(&mut self);
}
