//! Owns [`Grants`]: what the caller may see, and which rows are part of a set at all. Both enter a query only through
//! `bind`'s scope.

use std::collections::HashMap;

use crate::model::SetId;

use super::Expr;

/// What one role, or the union of a caller's roles, may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// `None` means every set, without a row filter.
    sets: Option<HashMap<SetId, Option<Expr>>>,
    /// The default filters of sets, which hold for every caller.
    defaults: HashMap<SetId, Expr>,
    /// Hidden properties are in sight, and what `$filter` may not use.
    hidden: bool,
}

impl Grants {
    /// Everything that the service publishes.
    pub fn everything() -> Self {
        Grants::default()
    }

    /// Everything that the metadata files declare, hidden properties among it: for what stands in the files themselves.
    pub fn of_files() -> Self {
        Grants { hidden: true, ..Grants::default() }
    }

    /// Only these sets, each with its row filter if it has one.
    pub fn only(sets: HashMap<SetId, Option<Expr>>) -> Self {
        Grants { sets: Some(sets), ..Grants::default() }
    }

    /// The same within the default filters of sets.
    #[must_use]
    pub fn within(self, defaults: HashMap<SetId, Expr>) -> Self {
        Grants { defaults, ..self }
    }

    /// The default filter of a set, if it has one.
    pub fn default_of(&self, set: SetId) -> Option<&Expr> {
        self.defaults.get(&set)
    }

    /// Whether hidden properties are in sight.
    pub fn shows_hidden(&self) -> bool {
        self.hidden
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
