//! Owns the binding of `$expand`: navigation properties with options of their own, each target through the door.

use crate::query::{Expansion, Shape};
use crate::syntax::{ExpandItem, Options};

use super::BindError;
use super::compute::bind_compute;
use super::connect::truth;
use super::error::BindErrorKind;
use super::filter::{Names, Words, bind_filter};
use super::options::{self, Resource};
use super::order::bind_order;
use super::scope::{Scope, Sight};
use super::search::bind_search;
use super::select::{Selection, bind_select};

/// What is written of each entity: `$select` and `$expand` together.
pub(super) fn bind_shape<'a>(
    options: &'a Options,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Shape, BindError> {
    shape(options, names, scope, words, 1)
}

fn shape<'a>(
    options: &'a Options,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
    depth: usize,
) -> Result<Shape, BindError> {
    let sight = &names.sight;
    let Selection { properties, computed, selected, links } =
        bind_select(options.select.as_deref(), sight, names.computed, scope)?;
    let mut expansions = Vec::new();
    for (item, name) in items(options.expand.as_deref().unwrap_or_default(), sight, scope)? {
        if depth > scope.limits.expand_depth_max {
            let limit = scope.limits.expand_depth_max;
            return Err(BindError::at(BindErrorKind::Limit { unit: "levels of $expand", limit }, &item.span));
        }
        expansions.push(expansion(item, name, sight, scope, words, depth)?);
    }
    expansions.sort_by_key(|expansion: &Expansion| expansion.navigation);
    Ok(Shape { properties, computed, selected, links, expansions })
}

/// The navigation properties by name. `*` stands for all that are not named themselves (OData 4.01 Part 2, 5.1.3).
fn items<'a>(
    given: &'a [ExpandItem],
    sight: &Sight<'a>,
    scope: &Scope<'a>,
) -> Result<Vec<(&'a ExpandItem, &'a str)>, BindError> {
    let mut named: Vec<(&ExpandItem, &str)> = Vec::with_capacity(given.len());
    let mut star = None;
    for item in given {
        let name = match item.path.as_slice() {
            [name] => name.as_str(),
            _ => return Err(not_offered(item, sight, scope)),
        };
        if name == "*" {
            if item.options != Options::default() {
                return Err(BindError::unsupported("an option on '*' in $expand", &item.span));
            }
            star = Some(item);
            continue;
        }
        if scope.navigation(sight, name).is_none() {
            return Err(not_offered(item, sight, scope));
        }
        if named.iter().any(|(_, known)| *known == name) {
            return Err(BindError::at(BindErrorKind::Duplicate(name.to_owned()), &item.span));
        }
        named.push((item, name));
    }
    if let Some(item) = star {
        for navigation in &sight.entity.navigations {
            let name = navigation.name.as_str();
            if scope.navigation(sight, name).is_some() && named.iter().all(|(_, known)| *known != name) {
                named.push((item, name));
            }
        }
    }
    Ok(named)
}

fn not_offered<'a>(item: &ExpandItem, sight: &Sight<'a>, scope: &Scope<'a>) -> BindError {
    let first = item.path.first().map_or("", String::as_str);
    let known =
        first == "*" || first.contains('.') || (scope.navigation(sight, first).is_some() && item.path.len() > 1);
    if known {
        return BindError::unsupported(format!("'{}' in $expand", item.path.join("/")), &item.span);
    }
    let kind = BindErrorKind::UnknownNavigation { name: first.to_owned(), type_name: sight.entity.name.clone() };
    BindError::at(kind, &item.span)
}

fn expansion<'a>(
    item: &'a ExpandItem,
    name: &str,
    from: &Sight<'a>,
    scope: &Scope<'a>,
    words: &Words<'a>,
    depth: usize,
) -> Result<Expansion, BindError> {
    let Some((id, navigation, sight)) = scope.navigation(from, name) else {
        return Err(not_offered(item, from, scope));
    };
    let options = &item.options;
    let resource = if navigation.collection { Resource::ExpandedCollection } else { Resource::ExpandedEntity };
    options::check(options, resource).map_err(|error| error.or_at(&item.span))?;
    let computed = bind_compute(options.compute.as_deref(), sight, scope, words)?;
    let names = Names { sight, computed: &computed };
    let mut conditions = Vec::new();
    if let Some(filter) = &options.filter {
        conditions.push(bind_filter(filter, names, scope, words)?);
    }
    let search = match &options.search {
        Some(search) => {
            let search = bind_search(search, &sight)?;
            if search.is_none() {
                conditions.push(truth(false));
            }
            search
        }
        None => None,
    };
    Ok(Expansion {
        navigation: id,
        set: sight.id,
        filter: sight.guard(conditions),
        search,
        order: bind_order(options.order.as_deref(), names, scope, words)?,
        shape: shape(options, names, scope, words, depth + 1)?,
        skip: options.skip.unwrap_or(0),
        top: options.top,
        count: options.count.unwrap_or(false),
    })
}
