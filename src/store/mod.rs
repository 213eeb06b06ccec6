//! Talking to databases: pools, leases, typed parameters, rows of borrowed cells. The only room that names a driver.

mod error;
pub mod loader;

use std::ops::ControlFlow;

pub use error::StoreError;

use crate::edm::Cell;

/// One row, alive for the length of one call to [`Sink::row`].
pub trait Row {
    /// The value of a column of the select list, from 0, in the kind that the statement's `columns` demand.
    fn cell(&self, index: usize) -> Result<Cell<'_>, StoreError>;
}

/// Takes rows one by one, synchronously. It moves into the database's own thread if it has one, and comes back.
pub trait Sink: Send + 'static {
    /// Takes one row. `Break` means that no further row is wanted.
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError>;
}
