//! Owns the binding of `$crossjoin`: combinations of the entities of several sets (OData 4.01 Part 2, 4.15).
//!
//! # Decisions
//!
//! - **Each set is a variable of its own name**, as if the sets were lambdas one inside the other. So paths, functions
//!   and lambdas mean what they mean elsewhere, and a name without its set means nothing.
//! - **Sets of one data source.** A product across sources would have to be made here, row by row.

use crate::query::{Cross, Crossed, Expr, Order, Query, cross_type, fingerprint_cross};
use crate::syntax::{OrderItem, ResourceUrl, Span, Word};

use super::BindError;
use super::calculate;
use super::connect::{self, Asked};
use super::error::BindErrorKind;
use super::expand::bind_shape;
use super::filter::{Binder, It, Names, Words};
use super::options::{self, Resource};
use super::page::{bind_page, resumed};
use super::scope::{Scope, Sight};
use super::walk::place_of;

/// Most sets of one request: each multiplies the rows.
const SETS_MAX: usize = 8;

/// Binds the combinations that are asked for.
pub(super) fn bind_cross(
    url: &ResourceUrl,
    names: &[Word],
    span: &Span,
    scope: &Scope<'_>,
) -> Result<Query, BindError> {
    let options = &url.options;
    options::check(options, Resource::Cross)?;
    let words = Words::new(options, scope.model);
    let sights = sets(names, span, scope)?;
    let nothing = || BindError::at(BindErrorKind::UnknownSet(String::new()), span);
    let (first, last) = (sights.first().ok_or_else(nothing)?, sights.last().ok_or_else(nothing)?);
    let filter = match &options.filter {
        Some(filter) => {
            let bound = Binder::crossed(&sights, scope, &words).ok_or_else(nothing)?.boolean(filter, "the filter")?;
            Some(connect::settle(bound, Asked::True, last.entity)).filter(|filter| *filter != connect::truth(true))
        }
        None => None,
    };
    let order = bind_order(options.order.as_deref(), &sights, scope, &words)?;
    let row_type = cross_type(sights.iter().map(|sight| sight.id), scope.model).ok_or_else(nothing)?;
    let combinations = Names::nested(first.of_rows(&row_type), It::Above);
    let shape = bind_shape(options, combinations, scope, &words)?;
    let mut page = bind_page(options, first, scope);
    page.rows_max = sights.iter().map(|sight| sight.set.page_rows_max).fold(page.rows_max, u32::min).max(1);
    let crossed = |sight: &Sight<'_>| Crossed { set: sight.id, filter: sight.guard([]) };
    let sets = sights.iter().map(crossed).collect();
    let mut cross = Cross { sets, filter, order, shape, page, count: options.count.unwrap_or(false) };
    let name = fingerprint_cross(&cross, scope.model.revision);
    if let Some(cursor) = resumed(&cross.order, name, options, scope)? {
        cross.page.cursor = Some(cursor);
        cross.page.skip = 0;
    }
    Ok(Query::Cross(Box::new(cross)))
}

fn sets<'a>(names: &[Word], span: &Span, scope: &Scope<'a>) -> Result<Vec<Sight<'a>>, BindError> {
    if names.len() > SETS_MAX {
        let kind = BindErrorKind::Limit { unit: "entity sets in $crossjoin", limit: SETS_MAX };
        return Err(BindError::at(kind, span));
    }
    let mut sights: Vec<Sight<'a>> = Vec::with_capacity(names.len());
    for name in names {
        let unknown = || BindError::at(BindErrorKind::UnknownSet(name.text.clone()), &name.span);
        let sight = scope.open_named(&name.text).ok_or_else(unknown)?;
        if sights.iter().any(|known| known.id == sight.id) {
            return Err(BindError::at(BindErrorKind::Duplicate(name.text.clone()), &name.span));
        }
        if let Some(other) = sights.first().filter(|first| first.set.source != sight.set.source) {
            let what = format!(
                "'$crossjoin' of '{}' and '{}', which lie in different data sources",
                other.set.name, name.text
            );
            return Err(BindError::unsupported(what, &name.span));
        }
        sights.push(sight);
    }
    Ok(sights)
}

/// The sort order, completed by the keys of all sets in the direction of the last item.
fn bind_order<'a>(
    items: Option<&'a [OrderItem]>,
    sights: &[Sight<'a>],
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Vec<Order>, BindError> {
    let mut order: Vec<Order> = Vec::new();
    for item in items.unwrap_or_default() {
        let Some(mut binder) = Binder::crossed(sights, scope, words) else { break };
        let side = binder.expression(&item.expr)?;
        let (expr, scalar) = calculate::value_of(side)?;
        if let Some((up, id)) = own(&expr)
            && let Some(sight) = sights.len().checked_sub(usize::from(up) + 1).and_then(|place| sights.get(place))
            && let Some(property) = sight.entity.property(id).filter(|property| !property.sortable)
        {
            let kind = BindErrorKind::NotAllowedHere { name: property.name.clone(), place: "in $orderby" };
            return Err(BindError::at(kind, &item.expr.span));
        }
        let is_constant = matches!(expr, Expr::Literal(..) | Expr::Now);
        if !is_constant && order.iter().all(|known| known.expr != expr) {
            order.push(Order { expr, scalar, descending: item.descending });
        }
    }
    let descending = order.last().is_some_and(|last| last.descending);
    for (place, sight) in sights.iter().enumerate() {
        for id in &sight.entity.key {
            let Some(property) = sight.entity.property(*id) else { continue };
            let expr = place_of(sights.len() - 1 - place, *id);
            if order.iter().all(|known| known.expr != expr) {
                order.push(Order { expr, scalar: property.scalar, descending });
            }
        }
    }
    Ok(order)
}

/// How far outside the entity lies whose own property it is, and the property.
fn own(expr: &Expr) -> Option<(u8, crate::model::PropertyId)> {
    match expr {
        Expr::Property(id) => Some((0, *id)),
        Expr::At(place, id) if place.steps.is_empty() && place.root.is_none() => Some((place.up, *id)),
        _ => None,
    }
}
