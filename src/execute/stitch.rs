//! Owns the sinks between a database and the row writers: they collect the join values of parents, and find the parents
//! of each child row.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::edm::{Cell, Scalar, Value};
use crate::store::{Row, Sink, StoreError};

use super::{RowWriter, Taken};

/// Columns that hold the join values of one side, with their types.
pub(super) type Columns = Vec<(usize, Scalar)>;

/// The rows of a node by the values with which they join one of its children.
#[derive(Debug)]
pub(super) enum Parents {
    /// One integer, as most keys are: values in ascending order, where the rows of each end, and the rows.
    Ints { values: Vec<i64>, ends: Vec<usize>, rows: Vec<u32> },
    /// Anything else.
    Values(HashMap<Vec<Value>, Vec<u32>>),
}

/// Collects [`Parents`].
#[derive(Debug)]
struct Collector {
    columns: Columns,
    found: Found,
}

#[derive(Debug)]
enum Found {
    Ints(Vec<(i64, u32)>),
    Values(HashMap<Vec<Value>, Vec<u32>>),
}

impl Collector {
    /// `remote` is the other side of the join.
    fn new((columns, remote): (Columns, &[Scalar])) -> Self {
        let is_int = match (columns.as_slice(), remote) {
            ([(_, local)], [remote]) => local.is_integer() && remote.is_integer(),
            _ => false,
        };
        Collector { columns, found: if is_int { Found::Ints(Vec::new()) } else { Found::Values(HashMap::new()) } }
    }

    fn take<R: Row>(&mut self, row: &R, place: u32) -> Result<(), StoreError> {
        match &mut self.found {
            Found::Ints(found) => {
                for (column, _) in &self.columns {
                    // Null joins with nothing.
                    if let Cell::Int(value) = row.cell(*column)? {
                        found.push((value, place));
                    }
                }
            }
            Found::Values(found) => {
                let values = join_values(row, &self.columns)?;
                if !values.iter().any(Value::is_null) {
                    found.entry(values).or_default().push(place);
                }
            }
        }
        Ok(())
    }

    fn rewind(&mut self) {
        match &mut self.found {
            Found::Ints(found) => found.clear(),
            Found::Values(found) => found.clear(),
        }
    }

    fn finish(self) -> Parents {
        let mut found = match self.found {
            Found::Ints(found) => found,
            Found::Values(found) => return Parents::Values(found),
        };
        found.sort_unstable();
        let (mut values, mut ends, mut rows) = (Vec::with_capacity(found.len()), Vec::new(), Vec::new());
        for (value, row) in found {
            if values.last() != Some(&value) {
                if !values.is_empty() {
                    ends.push(rows.len());
                }
                values.push(value);
            }
            rows.push(row);
        }
        ends.push(rows.len());
        Parents::Ints { values, ends, rows }
    }
}

impl Parents {
    /// For each column of the join its values, one for each different tuple. Equal pages give equal lists.
    pub(super) fn values(&self) -> Vec<Vec<Value>> {
        match self {
            Parents::Ints { values, .. } => vec![values.iter().copied().map(Value::Int).collect()],
            Parents::Values(found) => {
                let mut tuples: Vec<_> = found.iter().map(|(tuple, rows)| (rows.first(), tuple)).collect();
                tuples.sort_unstable_by_key(|(first, _)| *first);
                let width = tuples.first().map_or(0, |(_, tuple)| tuple.len());
                let column = |index| tuples.iter().filter_map(|(_, tuple)| tuple.get(index).cloned()).collect();
                (0..width).map(column).collect()
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Parents::Ints { values, .. } => values.is_empty(),
            Parents::Values(found) => found.is_empty(),
        }
    }

    /// The parent rows of a child row. `last` is the place found for the row before, since siblings come together.
    fn of<R: Row>(&self, row: &R, columns: &Columns, last: &mut usize) -> Result<&[u32], StoreError> {
        match self {
            Parents::Ints { values, ends, rows } => {
                let Some((column, _)) = columns.first() else { return Ok(&[]) };
                let Cell::Int(value) = row.cell(*column)? else { return Ok(&[]) };
                if values.get(*last) != Some(&value) {
                    match values.binary_search(&value) {
                        Ok(place) => *last = place,
                        Err(_) => return Ok(&[]),
                    }
                }
                let start = last.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
                let end = ends.get(*last).copied().unwrap_or(start);
                Ok(rows.get(start..end).unwrap_or_default())
            }
            Parents::Values(found) => Ok(found.get(&join_values(row, columns)?).map_or(&[], Vec::as_slice)),
        }
    }
}

/// Hands the rows of one node to its writer.
#[derive(Debug)]
pub(super) struct NodeSink<W> {
    writer: W,
    /// One for each child of the node.
    collectors: Vec<Collector>,
    /// For an expanded node: its parents, and its own side of the join.
    of_parents: Option<(Arc<Parents>, Columns)>,
    /// Place among the parents of the row before.
    last: usize,
    rows: u32,
    /// The parents of its rows, where it matters which of them have none.
    seen: Option<HashSet<u32>>,
}

impl<W> NodeSink<W> {
    /// `joins` are, for each child, this node's side and the types of the child's side.
    pub(super) fn new<'a>(
        writer: W,
        joins: impl Iterator<Item = (Columns, &'a [Scalar])>,
        of_parents: Option<(Arc<Parents>, Columns)>,
    ) -> Self {
        NodeSink { writer, collectors: joins.map(Collector::new).collect(), of_parents, last: 0, rows: 0, seen: None }
    }

    /// Remembers which parents have rows.
    pub(super) fn remembering(self, is_wanted: bool) -> Self {
        NodeSink { seen: is_wanted.then(HashSet::new), ..self }
    }

    /// The parents that have rows.
    pub(super) fn parents_with_rows(&self) -> HashSet<u32> {
        self.seen.clone().unwrap_or_default()
    }

    /// Takes a row that belongs to these parents.
    pub(super) fn give<R: Row>(&mut self, parents: &[u32], row: &R) -> Result<(), StoreError>
    where
        W: RowWriter,
    {
        self.writer.row(parents, row)?;
        Ok(())
    }

    /// Whether the rows are better read anew, with a limit for each parent.
    pub(super) fn wants_limit(&self) -> bool
    where
        W: RowWriter,
    {
        self.writer.wants_limit()
    }

    /// The writer, the number of rows, and for each child the parents.
    pub(super) fn finish(self) -> (W, u32, impl Iterator<Item = Parents>) {
        (self.writer, self.rows, self.collectors.into_iter().map(Collector::finish))
    }
}

impl<W: RowWriter> Sink for NodeSink<W> {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        let parents = match &self.of_parents {
            None => &[],
            Some((parents, columns)) => {
                let parents = parents.of(row, columns, &mut self.last)?;
                // The database may call texts equal that are not; such a row has no parent here.
                if parents.is_empty() {
                    return Ok(ControlFlow::Continue(()));
                }
                parents
            }
        };
        if let Some(seen) = &mut self.seen {
            seen.extend(parents);
        }
        match self.writer.row(parents, row)? {
            Taken::Yes => {}
            Taken::No => return Ok(ControlFlow::Continue(())),
            Taken::Enough => return Ok(ControlFlow::Break(())),
        }
        for collector in &mut self.collectors {
            collector.take(row, self.rows)?;
        }
        self.rows += 1;
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.writer.rewind();
        self.collectors.iter_mut().for_each(Collector::rewind);
        (self.last, self.rows) = (0, 0);
        self.seen.iter_mut().for_each(HashSet::clear);
    }
}

fn join_values<R: Row>(row: &R, columns: &Columns) -> Result<Vec<Value>, StoreError> {
    columns.iter().map(|(index, scalar)| row.value(*index, *scalar)).collect()
}

/// Gathers how many rows each parent has. The columns are the join values, then the number.
#[derive(Debug)]
pub(super) struct NumberSink {
    pub(super) parents: Arc<Parents>,
    pub(super) columns: Columns,
    pub(super) numbers: Vec<(u32, i64)>,
}

impl Sink for NumberSink {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        if let Cell::Int(number) = row.cell(self.columns.len())? {
            let parents = self.parents.of(row, &self.columns, &mut 0)?;
            self.numbers.extend(parents.iter().map(|parent| (*parent, number)));
        }
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.numbers.clear();
    }
}

/// Keeps the values of the first row.
#[derive(Debug)]
pub(super) struct FirstRow {
    pub(super) columns: Columns,
    pub(super) values: Option<Vec<Value>>,
}

impl Sink for FirstRow {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        self.values = Some(join_values(row, &self.columns)?);
        Ok(ControlFlow::Break(()))
    }

    fn rewind(&mut self) {
        self.values = None;
    }
}
