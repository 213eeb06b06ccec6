//! Plans the statement that chooses among the items of a collection that has been read.
//!
//! # Decisions
//!
//! - **The items go back to the database as one parameter**, and places come out of it: so what is asked of an item means
//!   what it means in every other expression, and each is answered as it stands in the column.

use crate::edm::{Scalar, Value};
use crate::model::{Collected, Model, PropertyId, SetId};
use crate::query::Items;
use crate::sql::ast;

use super::filter::{Conditions, Operand};
use super::rows::{Rows, Statement};
use super::{Fetch, PlanError};

/// The places from 1, in order, of the items that are meant in the text of a JSON array.
pub fn plan_items(
    items: &Items,
    (set, id): (SetId, PropertyId),
    text: &str,
    (model, now): (&Model, i64),
) -> Result<Fetch, PlanError> {
    let statement = Statement::new(model, now);
    let outside = Rows::new(&statement, set)?;
    let property = outside.entity_type.property(id).ok_or(PlanError::ForeignQuery)?;
    let text = ast::Expr::Param(Value::String(text.into()), Scalar::STRING);
    let rows = outside.items(property, Collected::Json, text);
    let conditions = Conditions { rows: &rows };
    let filter = items.filter.as_ref().map(|filter| conditions.is_true(filter)).transpose()?;
    let mut order = Vec::with_capacity(items.order.len() + 1);
    for item in &items.order {
        let Operand { expr, nullable } = conditions.operand(&item.expr)?;
        order.push(ast::Order { expr, descending: item.descending, nullable });
    }
    let place = rows.ordinal(0)?;
    order.push(ast::Order { expr: place.clone(), descending: false, nullable: false });
    let select = rows.select(vec![ast::Output { expr: place, scalar: Scalar::Int64 }], filter)?;
    let source = model.set(set).ok_or(PlanError::ForeignQuery)?.source;
    Ok(Fetch { source, select: crate::sql::Select { order, ..select } })
}
