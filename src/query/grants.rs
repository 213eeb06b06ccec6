//! Owns [`Grants`]: what the caller may see. Rights enter a query only through `bind`'s scope.

use std::collections::HashMap;

use crate::model::SetId;

use super::Expr;

/// What one role, or the union of a caller's roles, may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// `None` means every set, without a row filter.
    sets: Option<HashMap<SetId, Option<Expr>>>,
}

impl Grants {
    /// Everything that the service publishes.
    pub fn everything() -> Self {
        Grants { sets: None }
    }

    /// Only these sets, each with its row filter if it has one.
    pub fn only(sets: HashMap<SetId, Option<Expr>>) -> Self {
        Grants { sets: Some(sets) }
    }

    /// Whether every set is to be seen, without a row filter.
    pub fn is_everything(&self) -> bool {
        self.sets.is_none()
    }

    /// `None` if the set is not to be seen; else its row filter, if any.
    pub fn of(&self, set: SetId) -> Option<Option<&Expr>> {
        match &self.sets {
            None => Some(None),
            Some(sets) => sets.get(&set).map(Option::as_ref),
        }
    }
}
