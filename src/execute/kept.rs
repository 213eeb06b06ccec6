//! Owns [`KeptRow`]: a row whose values wait until it is known to whom it belongs.

use crate::edm::{Cell, Decimal, Value};
use crate::store::{Row, StoreError};

/// The values of a row, each decimal with its digits.
pub(super) struct KeptRow(Vec<(Value, String)>);

impl KeptRow {
    pub(super) fn new(values: Vec<Value>) -> Self {
        let digits = |value: &Value| match value {
            Value::Decimal(decimal) => decimal.to_plain_string(),
            _ => String::new(),
        };
        KeptRow(
            values.into_iter().map(|value| (digits(&value), value)).map(|(digits, value)| (value, digits)).collect(),
        )
    }
}

impl Row for KeptRow {
    fn cell(&self, index: usize) -> Result<Cell<'_>, StoreError> {
        let Some((value, digits)) = self.0.get(index) else { return Ok(Cell::Null) };
        Ok(match value {
            Value::Null => Cell::Null,
            Value::Boolean(value) => Cell::Bool(*value),
            Value::Int(value) => Cell::Int(*value),
            Value::Double(value) => Cell::Float(*value),
            Value::Decimal(_) => Cell::Decimal(Decimal::Text(digits)),
            Value::String(value) => Cell::Text((&**value).into()),
            Value::Guid(value) => Cell::Guid(*value),
            Value::Date(value) => Cell::Date(*value),
            Value::DateTimeOffset(value) => Cell::Timestamp(*value),
            Value::TimeOfDay(value) => Cell::TimeOfDay(*value),
            Value::Duration(value) => Cell::Duration(*value),
            Value::Binary(value) => Cell::Binary(value),
            Value::Point(value) => Cell::Point(*value),
        })
    }

    fn origin(&self) -> &'static str {
        ""
    }

    fn values(&self) -> Vec<Option<Value>> {
        self.0.iter().map(|(value, _)| Some(value.clone())).collect()
    }
}
