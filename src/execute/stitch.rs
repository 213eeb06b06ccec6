//! Owns the sinks between a database and the row writers: they collect the join values of parents, and find the parents
//! of each child row.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::edm::{Scalar, Value};
use crate::store::{Row, Sink, StoreError};

use super::RowWriter;

/// The values of one row on one side of a join, in the order of the join's pairs.
pub(super) type JoinValues = Vec<Value>;

/// The parent rows that have the same join values.
pub(super) type Parents = HashMap<JoinValues, Vec<u32>>;

/// Hands the rows of one node to its writer.
#[derive(Debug)]
pub(super) struct NodeSink<W> {
    /// What becomes of the rows.
    pub(super) writer: W,
    /// For each child of the node: the parents by their join values.
    pub(super) collected: Vec<Parents>,
    /// For each child: which columns hold the join values.
    local: Vec<Vec<(usize, Scalar)>>,
    /// For an expanded node: its parents, and the columns that hold the join values.
    of_parents: Option<(Parents, Vec<(usize, Scalar)>)>,
    rows: u32,
}

impl<W> NodeSink<W> {
    pub(super) fn new(
        writer: W,
        local: Vec<Vec<(usize, Scalar)>>,
        of_parents: Option<(Parents, Vec<(usize, Scalar)>)>,
    ) -> Self {
        NodeSink { writer, collected: local.iter().map(|_| Parents::new()).collect(), local, of_parents, rows: 0 }
    }
}

impl<W: RowWriter> Sink for NodeSink<W> {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        let flow = match &self.of_parents {
            None => self.writer.row(&[], row)?,
            Some((parents, columns)) => {
                // The database may call texts equal that are not; such a row has no parent here.
                match parents.get(&join_values(row, columns)?) {
                    Some(parents) => self.writer.row(parents, row)?,
                    None => return Ok(ControlFlow::Continue(())),
                }
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
        for (columns, parents) in self.local.iter().zip(&mut self.collected) {
            let values = join_values(row, columns)?;
            // Null joins with nothing.
            if !values.iter().any(Value::is_null) {
                parents.entry(values).or_default().push(self.rows);
            }
        }
        self.rows += 1;
        Ok(flow)
    }
}

fn join_values<R: Row>(row: &R, columns: &[(usize, Scalar)]) -> Result<JoinValues, StoreError> {
    columns.iter().map(|(index, scalar)| row.value(*index, *scalar)).collect()
}

/// Keeps the values of the first row.
#[derive(Debug)]
pub(super) struct FirstRow {
    pub(super) columns: Vec<(usize, Scalar)>,
    pub(super) values: Option<Vec<Value>>,
}

impl Sink for FirstRow {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        self.values = Some(join_values(row, &self.columns)?);
        Ok(ControlFlow::Break(()))
    }
}
