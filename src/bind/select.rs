//! Owns the binding of `$select`: which properties are written, in the declared order of the type.

use crate::model::{NavigationId, PropertyId};
use crate::syntax::SelectItem;

use super::BindError;
use super::filter::unknown_path;
use super::scope::{Scope, Sight};

/// What `$select` chooses.
pub(super) struct Selection {
    /// The properties that are written. The key is not added: what is asked for is exactly what is answered.
    pub(super) properties: Vec<PropertyId>,
    /// Whether the request chose them.
    pub(super) selected: bool,
    /// The navigation properties that are named; the metadata level decides about their links (OData 4.01 Part 1,
    /// 11.2.5.1).
    pub(super) links: Vec<NavigationId>,
}

pub(super) fn bind_select<'a>(
    items: Option<&[SelectItem]>,
    sight: &Sight<'a>,
    scope: &Scope<'a>,
) -> Result<Selection, BindError> {
    let items = items.unwrap_or_default();
    let mut all = items.is_empty();
    let mut chosen = vec![false; sight.entity.properties.len()];
    let mut links = Vec::new();
    for item in items {
        let name = item.path.as_str();
        let unknown = || unknown_path(&item.names().collect::<Vec<_>>(), sight, scope, &item.span);
        if name.contains('/') {
            return Err(unknown());
        }
        if name == "*" {
            all = true;
            continue;
        }
        if let Some((id, _)) = sight.property(name) {
            if let Some(slot) = chosen.get_mut(usize::from(id.0)) {
                *slot = true;
            }
        } else if let Some((id, ..)) = scope.navigation(sight, name) {
            links.push(id);
        } else {
            return Err(unknown());
        }
        if item.options.is_some() {
            return Err(BindError::unsupported("an option inside $select", &item.span));
        }
    }
    links.sort_unstable();
    links.dedup();
    let mut properties = sight.entity.published(None);
    if all {
        return Ok(Selection { properties, selected: false, links: Vec::new() });
    }
    properties.retain(|id| chosen.get(usize::from(id.0)) == Some(&true));
    Ok(Selection { properties, selected: true, links })
}
