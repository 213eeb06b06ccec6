//! Owns the binding of `$orderby`: properties, made total by the key.

use crate::query::{Expr, Order};
use crate::syntax::{ExprKind, OrderItem};

use super::BindError;
use super::filter::unknown_steps;
use super::scope::{Scope, Sight};

/// The sort order. The key completes it in the direction of the last item, so that one index can serve both; behind a
/// whole key nothing can decide any more, so what stands there is left out.
pub(super) fn bind_order<'a>(
    items: Option<&[OrderItem]>,
    sight: &Sight<'a>,
    scope: &Scope<'a>,
) -> Result<Vec<Order>, BindError> {
    let mut order: Vec<Order> = Vec::new();
    for item in items.unwrap_or_default() {
        let span = &item.expr.span;
        let ExprKind::Path(path) = &item.expr.kind else {
            return Err(BindError::unsupported("sorting by an expression", span));
        };
        let Some((id, property)) = item.expr.name().and_then(|name| sight.property(name)) else {
            return Err(unknown_steps(path, sight, scope, span));
        };
        let expr = Expr::Property(id);
        if order.iter().all(|known| known.expr != expr) {
            order.push(Order { expr, scalar: property.scalar, descending: item.descending });
        }
    }
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
    Ok(order)
}
