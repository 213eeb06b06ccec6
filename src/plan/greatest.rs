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
    let column = column(entity_type, property)?;
    let expr = ast::Expr::Column(column.clone());
    let table = &entity_set.table;
    let select = Select {
        columns: vec![ast::Output { expr: expr.clone(), scalar: column.scalar }],
        from: ast::Table { schema: table.schema.clone(), name: table.name.clone() },
        // Without nulls their place in the order does not matter, and a plain index serves.
        filter: nullable.then(|| ast::Expr::IsNotNull(Box::new(expr))),
        order: vec![ast::Order { column, descending: true, nullable: false }],
        limit: Some(1),
        offset: 0,
        per_group: None,
    };
    Ok(Fetch { source: entity_set.source, select })
}
