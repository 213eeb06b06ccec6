//! Owns what is asked of a database to notice changes: one value, and whatever the product counts of changes. The
//! answers mean nothing by themselves; that two of them differ means a change.

use std::ops::ControlFlow;

use crate::edm::{Scalar, Value};
use crate::sql::Statement;
use crate::store::{Row, Sink, StoreError};

/// Keeps the first value of the first row; null if there is no row.
pub(super) struct First {
    scalar: Scalar,
    pub(super) value: Value,
}

impl First {
    /// A sink for a statement's rows.
    pub(super) fn of(statement: &Statement) -> First {
        First { scalar: statement.columns.first().copied().unwrap_or(Scalar::STRING), value: Value::Null }
    }
}

impl Sink for First {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        self.value = row.value(0, self.scalar)?;
        Ok(ControlFlow::Break(()))
    }

    fn rewind(&mut self) {
        self.value = Value::Null;
    }
}
