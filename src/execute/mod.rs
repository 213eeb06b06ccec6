//! Runs a plan: reads the parents of the navigation steps, then the rows, then each expansion over the collected keys, and
//! tells every child row to which parent rows it belongs.
//!
//! Siblings run together, so waiting grows with depth and never with rows. What becomes of a row is decided by the
//! [`RowWriter`] of its node; this room holds no bytes of an answer.

mod call;
mod error;
mod read;
mod stitch;

use std::ops::ControlFlow;

pub use call::{call, first};
pub use error::ExecuteError;
pub use read::{arrive, count, rows};

use crate::store::{Row, StoreError};

/// Takes the rows of one node of a plan.
pub trait RowWriter: Send + 'static {
    /// Takes one row. For an expanded node, `parents` are the rows of the parent node that it belongs to, counted from
    /// 0 in the order taken; for the root it is empty. `Break` means that this row was not taken and none is wanted.
    fn row<R: Row>(&mut self, parents: &[u32], row: &R) -> Result<ControlFlow<()>, StoreError>;

    /// Forgets every row: they come again from the first.
    fn rewind(&mut self);
}
