//! Owns the binding of `$orderby`: properties and expressions, made total by the key.

use crate::query::{Expr, Order};
use crate::syntax::OrderItem;

use super::BindError;
use super::error::BindErrorKind;
use super::filter::{Names, Words, bind_value};
use super::scope::{Scope, Sight};

/// The sort order. The key completes it in the direction of the last item, so that one index can serve both; behind a
/// whole key nothing can decide any more, so what stands there is left out.
pub(super) fn bind_order<'a>(
    items: Option<&'a [OrderItem]>,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Vec<Order>, BindError> {
    Ok(complete(bind_items(items.unwrap_or_default(), names, scope, words)?, &names.sight))
}

/// The order completed by the key.
pub(super) fn complete(mut order: Vec<Order>, sight: &Sight<'_>) -> Vec<Order> {
    let descending = order.last().is_some_and(|last| last.descending);
    for id in &sight.entity.key {
        let Some(property) = sight.entity.property(*id) else { continue };
        if order.iter().all(|known| known.property() != Some(*id)) {
            order.push(Order { expr: Expr::Property(*id), scalar: property.scalar, descending });
        }
    }
    let places = sight.entity.key.iter().filter_map(|key| order.iter().position(|item| item.property() == Some(*key)));
    if let Some(last) = places.max() {
        order.truncate(last + 1);
    }
    order
}

/// What is asked for, constants and repetitions left out.
pub(super) fn bind_items<'a>(
    items: &'a [OrderItem],
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Vec<Order>, BindError> {
    let sight = names.sight;
    let mut order: Vec<Order> = Vec::new();
    for item in items {
        let plain = item.expr.name().and_then(|name| sight.property(name));
        let (expr, scalar) = match plain.filter(|(_, property)| property.is_plain_value()) {
            Some((id, property)) => (Expr::Property(id), property.scalar),
            None => bind_value(&item.expr, names, scope, words)?,
        };
        if let Expr::Property(id) = expr
            && let Some(property) = sight.entity.property(id).filter(|property| !property.sortable)
        {
            let kind = BindErrorKind::NotAllowedHere { name: property.name.clone(), place: "in $orderby" };
            return Err(BindError::at(kind, &item.expr.span));
        }
        // A constant sorts nothing.
        let is_constant = matches!(expr, Expr::Literal(..) | Expr::Now);
        if !is_constant && order.iter().all(|known| known.expr != expr) {
            order.push(Order { expr, scalar, descending: item.descending });
        }
    }
    Ok(order)
}
