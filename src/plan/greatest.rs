//! Owns the statement that asks for the greatest value of a property: by it a change of the table is noticed.

use crate::model::{Model, PropertyId, SetId};
use crate::sql::{Select, ast};

use super::{Fetch, PlanError, column};

/// One row with the greatest value, no row if there is no value.
///
/// The end of a sort instead of `MAX()`: both read one entry of an index, and this needs no form of its own.
pub fn greatest(set: SetId, property: PropertyId, model: &Model) -> Result<Fetch, PlanError> {
    let entity_set = model.set(set).ok_or(PlanError::ForeignQuery)?;
    let entity_type = model.type_of(set).ok_or(PlanError::ForeignQuery)?;
    let nullable = entity_type.property(property).ok_or(PlanError::ForeignQuery)?.nullable;
    let column = column(entity_type, property, 0)?;
    let scalar = column.scalar;
    let expr = ast::Expr::Column(column);
    let table = super::table(&entity_set.table);
    let select = Select {
        // Without nulls their place in the order does not matter, and a plain index serves.
        filter: nullable.then(|| ast::Expr::IsNotNull(Box::new(expr.clone()))),
        order: vec![ast::Order { expr: expr.clone(), descending: true, nullable: false }],
        limit: Some(1),
        ..Select::all(vec![ast::Output { expr, scalar }], table)
    };
    Ok(Fetch { source: entity_set.source, select })
}
