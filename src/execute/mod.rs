//! Runs a plan: reads the parents of the navigation steps, then the rows, then each expansion over the collected keys,
//! and tells every child row to which parent rows it belongs.
//!
//! Siblings run together, so waiting grows with depth and never with rows. What becomes of a row is decided by the
//! [`RowWriter`] of its node; this room holds no bytes of an answer.

mod call;
mod error;
mod kept;
mod read;
mod stitch;

pub use call::{all, call, first};
pub use error::ExecuteError;
pub use read::{arrive, count, filled, rows, statement};

use crate::store::{Row, StoreError};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was taken.
    Yes,
    /// It was left out; the next one may be taken.
    No,
    /// It was left out, and no further one is wanted.
    Enough,
}

/// Takes the rows of one node of a plan.
pub trait RowWriter: Send + 'static {
    /// Takes one row. For an expanded node, `parents` are the rows of the parent node that it belongs to, counted from
    /// 0 in the order taken; for the root it is empty.
    fn row<R: Row>(&mut self, parents: &[u32], row: &R) -> Result<Taken, StoreError>;

    /// Takes the number of rows that parents have, whether all of them come or not.
    fn numbers(&mut self, numbers: Vec<(u32, i64)>);

    /// Whether the list of a parent has become so long that it is better read anew, with a limit for each parent.
    fn wants_limit(&self) -> bool;

    /// Forgets every row: they come again from the first.
    fn rewind(&mut self);
}

/// A large writer is better boxed: it goes through the futures of all layers down to the driver and back.
impl<W: RowWriter> RowWriter for Box<W> {
    fn row<R: Row>(&mut self, parents: &[u32], row: &R) -> Result<Taken, StoreError> {
        (**self).row(parents, row)
    }

    fn numbers(&mut self, numbers: Vec<(u32, i64)>) {
        (**self).numbers(numbers);
    }

    fn wants_limit(&self) -> bool {
        (**self).wants_limit()
    }

    fn rewind(&mut self) {
        (**self).rewind();
    }
}
