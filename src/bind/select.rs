//! Owns the binding of `$select`: which properties are written, in the declared order of the type.

use crate::model::PropertyId;
use crate::syntax::SelectItem;

use super::BindError;
use super::filter::unknown_path;
use super::scope::{Scope, Sight};

/// The properties that are written, and whether the request chose them. The key is not added: what is asked for is
/// exactly what is answered.
pub(super) fn bind_select<'a>(
    items: Option<&[SelectItem]>,
    sight: &Sight<'a>,
    scope: &Scope<'a>,
) -> Result<(Vec<PropertyId>, bool), BindError> {
    let items = items.unwrap_or_default();
    let mut all = items.is_empty();
    let mut chosen = vec![false; sight.entity.properties.len()];
    for item in items {
        let property = match item.path.as_slice() {
            [star] if star == "*" => {
                all = true;
                continue;
            }
            [name] => sight.property(name).map(|(id, _)| Some(id)),
            _ => None,
        };
        // A selected navigation property is a link, which the metadata level decides about (OData 4.01 Part 1, 11.2.5.1).
        let link = || match item.path.as_slice() {
            [name] if scope.navigation(sight, name).is_some() => Some(None),
            _ => None,
        };
        let Some(property) = property.or_else(link) else {
            return Err(unknown_path(&item.path, sight, scope, &item.span));
        };
        if item.has_options {
            return Err(BindError::unsupported("an option inside $select", &item.span));
        }
        if let Some(slot) = property.and_then(|id| chosen.get_mut(usize::from(id.0))) {
            *slot = true;
        }
    }
    let ids = sight.entity.property_ids();
    if all {
        return Ok((ids.collect(), false));
    }
    Ok((ids.zip(chosen).filter_map(|(id, chosen)| chosen.then_some(id)).collect(), true))
}
