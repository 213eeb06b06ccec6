//! Plans which items of a collection of values are meant, where not every one is as it stands.
//!
//! # Decisions
//!
//! - **The database gives places, not items**: in the row of the entity, a text of the places that are meant, in order.
//!   So each item is answered as it stands in the column, to the last digit, and a condition on it means what it means
//!   in every other expression. How many there are is seen in the same text, so a limit is not part of the statement.

use crate::edm::Scalar;
use crate::model::PropertyId;
use crate::query::Items;
use crate::sql::ast;

use super::PlanError;
use super::filter::{Conditions, Operand, and};
use super::rows::Rows;

/// The column with the places from 1; `None` where every item is meant, as it stands.
pub(super) fn places(rows: &Rows<'_>, id: PropertyId, items: &Items) -> Result<Option<ast::Output>, PlanError> {
    if items.filter.is_none() && items.search.is_none() && items.order.is_empty() {
        return Ok(None);
    }
    let property = rows.entity_type.property(id).ok_or(PlanError::ForeignQuery)?;
    let form = property.collection.ok_or(PlanError::ForeignQuery)?;
    let of = ast::Expr::Column(rows.property(id)?.0);
    let inside = rows.items(property, form, of);
    let conditions = Conditions { rows: &inside };
    let mut filter = Vec::new();
    if let Some(condition) = &items.filter {
        filter.push(conditions.is_true(condition)?);
    }
    if let Some(terms) = &items.search {
        filter.push(conditions.search_item(terms)?);
    }
    let mut order = Vec::with_capacity(items.order.len() + 1);
    for item in &items.order {
        let Operand { expr, nullable } = conditions.operand(&item.expr)?;
        order.push(ast::Order { expr, descending: item.descending, nullable });
    }
    let place = inside.ordinal(0)?;
    order.push(ast::Order { expr: place.clone(), descending: false, nullable: false });
    let listed = ast::Expr::Listed(Box::new(place), order);
    let filter = Some(and(filter)).filter(|filter| *filter != ast::Expr::Truth(true));
    let select = inside.select(vec![ast::Output { expr: listed, scalar: Scalar::STRING }], filter)?;
    Ok(Some(ast::Output { expr: ast::Expr::Single(Box::new(select)), scalar: Scalar::STRING }))
}
