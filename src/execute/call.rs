//! Runs the call of a function or an action.

use std::ops::ControlFlow;

use crate::edm::{Scalar, Value};
use crate::plan::{CallPlan, Fetch};
use crate::sql;
use crate::store::{Row, Sink, StoreError, Visit};

use super::ExecuteError;
use super::read::{first_row, source};

/// The rows that a call gives, one more than `rows_max` at most. What changes something runs once and is read to its
/// end.
pub async fn call(plan: &CallPlan, rows_max: usize, databases: &Visit<'_>) -> Result<Vec<Vec<Value>>, ExecuteError> {
    let database = source(plan.source.0, databases)?;
    // Integers are read whatever their size, so that one which its declared type does not hold is told from what is no
    // integer at all.
    let mut wide = plan.call.clone();
    wide.columns.iter_mut().filter(|scalar| scalar.is_integer()).for_each(|scalar| *scalar = Scalar::Int64);
    let statement = sql::render_call(&wide, database.dialect())?;
    let sink = Taken { columns: plan.call.columns.clone(), most: rows_max, all: plan.changes, rows: Vec::new() };
    let sink = if plan.changes {
        database.change_for(databases.ticket(), statement, sink).await?
    } else {
        database.fetch_for(databases.ticket(), statement, sink).await?
    };
    Ok(sink.rows)
}

/// The values of the first row of a statement.
pub async fn first(fetch: &Fetch, databases: &Visit<'_>) -> Result<Option<Vec<Value>>, ExecuteError> {
    first_row(fetch, None, databases).await
}

/// The values of all rows of a statement.
pub async fn all(fetch: &Fetch, databases: &Visit<'_>) -> Result<Vec<Vec<Value>>, ExecuteError> {
    let database = source(fetch.source.0, databases)?;
    let statement = sql::render(&fetch.select, database.dialect())?;
    let columns = fetch.select.columns.iter().map(|output| output.scalar).collect();
    let sink = Taken { columns, most: usize::MAX, all: true, rows: Vec::new() };
    Ok(database.fetch_for(databases.ticket(), statement, sink).await?.rows)
}

struct Taken {
    columns: Vec<Scalar>,
    most: usize,
    /// Whether all rows are to be taken from the database, wanted or not.
    all: bool,
    rows: Vec<Vec<Value>>,
}

impl Sink for Taken {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        if self.rows.len() > self.most {
            return Ok(if self.all { ControlFlow::Continue(()) } else { ControlFlow::Break(()) });
        }
        let value = |(index, scalar): (usize, &Scalar)| match (row.value(index, *scalar)?, scalar.integer_range()) {
            // As databases that check their own results say it: the absolute value of the least integer.
            (Value::Int(value), Some((least, most))) if value < least || value > most => {
                let detail = format!("column {index} holds no {scalar}");
                Err(StoreError::OutOfRange { origin: row.origin().to_owned(), detail })
            }
            (value, _) => Ok(value),
        };
        let values = self.columns.iter().enumerate().map(value);
        self.rows.push(values.collect::<Result<_, _>>()?);
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.rows.clear();
    }
}
