//! Bound query → tree of neutral SQL. Decides what null means in SQL; does not know which database will answer, only
//! which source a set belongs to.

mod apply;
mod call;
mod cross;
mod error;
mod expand;
mod filter;
mod fold;
mod greatest;
mod holds;
mod items;
mod page;
mod read;
mod rows;
mod search;
mod tree;
mod trial;
mod value;
mod words;

pub use apply::plan_aggregate;
pub use call::{CallPlan, On, plan_call};
pub use cross::plan_cross;
pub use error::PlanError;
pub use greatest::greatest;
pub use read::{Needs, plan};
pub use tree::{Child, Count, Fetch, Node, Nothing, Parent, ReadPlan};
pub use trial::trial;

use std::sync::Arc;

use crate::edm::{Made, Scalar};
use crate::model::{EntityType, Property, PropertyId, Table};
use crate::sql::ast;

/// The rows of a set, or a table beside it.
fn table(table: &Table) -> ast::Table {
    let Table { schema, name, query } = table.clone();
    ast::Table { schema, name, query }
}

/// The column behind a property, of the table with this number.
fn column(entity_type: &EntityType, id: PropertyId, of: u16) -> Result<ast::Column, PlanError> {
    entity_type.property(id).map(|property| column_of(property, of)).ok_or(PlanError::ForeignQuery)
}

/// Makes what is calculated null where there is no row: a key is null nowhere else.
fn null_without_row(column: &mut ast::Column, entity_type: &EntityType) -> Result<(), PlanError> {
    if let Some(Made::Calculated(template)) = column.made.as_deref() {
        let key = entity_type.key.first().and_then(|id| entity_type.property(*id)).ok_or(PlanError::ForeignQuery)?;
        column.made = Some(Arc::new(Made::Calculated(template.only_with(&key.column))));
    }
    Ok(())
}

/// The column behind this property.
fn column_of(property: &Property, of: u16) -> ast::Column {
    // Many values in one column are read as the text of a JSON array.
    let scalar = if property.collection.is_some() { Scalar::STRING } else { property.scalar };
    ast::Column {
        of,
        name: property.column.clone(),
        scalar,
        form: property.form,
        folding: property.folding,
        made: property.made.clone(),
    }
}
