//! Runs what changes something.
//!
//! # Decisions
//!
//! - **A connection of its own.** Those of the pools can only read, and stay so. A change opens a connection that can
//!   write, runs one statement in a transaction of its own, and closes it. It takes its place in the gate like any
//!   other.
//! - **Once.** Nothing is run again, whatever became of it: the caller is told, and decides.

use crate::sql::Statement;

use super::database::{Database, Product};
use super::{Sink, StoreError, Ticket};

impl Database {
    /// Runs a statement that changes something, once.
    pub async fn change_for<S: Sink>(&self, ticket: &Ticket, statement: Statement, sink: S) -> Result<S, StoreError> {
        match &self.product {
            Product::Sqlite(sqlite) => Box::pin(sqlite.change(statement, sink, ticket)).await,
            Product::Postgres(postgres) => Box::pin(postgres.change(&statement, sink, ticket)).await,
            Product::Mysql(mysql) => Box::pin(mysql.change(&statement, sink, ticket)).await,
        }
    }
}
