//! Owns the binding of `$compute`: values under names of the request's choice (OData 4.01 Part 1, 11.2.5.3).

use crate::query::Computed;
use crate::syntax::ComputeItem;

use super::BindError;
use super::error::BindErrorKind;
use super::filter::{Names, Words, bind_value};
use super::scope::Scope;

/// The computed values in the order given, behind those there are. Each may use those before it; no name may hide one
/// of the type's.
pub(super) fn bind_compute<'a>(
    items: Option<&'a [ComputeItem]>,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Vec<Computed>, BindError> {
    let sight = names.sight;
    let mut computed = names.computed.to_vec();
    for item in items.unwrap_or_default() {
        let name = item.alias.as_str();
        let is_taken = sight.member(name).is_some()
            || scope.navigation(&sight, name).is_some()
            || computed.iter().any(|known| *known.name == *name);
        if is_taken {
            return Err(BindError::at(BindErrorKind::Duplicate(name.to_owned()), &item.span));
        }
        let (expr, scalar) = bind_value(&item.expr, Names { computed: &computed, ..names }, scope, words)?;
        computed.push(Computed { name: name.into(), expr, scalar });
    }
    Ok(computed)
}
