//! Owns [`DerivedType`]: the types that share a table with their base, told apart by the values of one column.
//!
//! # Decisions
//!
//! - A row whose discriminator has no declared value, or null, is of the root type; if that is abstract, the row is not
//!   part of the set. So a new kind of row never breaks an answer.

use crate::edm::Value;

use super::{DerivedId, EntityType, Member};

/// A type derived from an entity type or from another derived type of it.
#[derive(Clone, Debug)]
pub struct DerivedType {
    /// Unqualified name, as in `$metadata`.
    pub name: String,
    /// The derived type from which it derives; `None` for the entity type itself. It has a smaller id.
    pub base: Option<DerivedId>,
    /// The values of the discriminator of rows that are exactly of this type; empty if it is abstract.
    pub values: Vec<Value>,
    /// No row is exactly of this type.
    pub is_abstract: bool,
    /// What it adds to its base, in order.
    pub structure: Vec<Member>,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

impl EntityType {
    /// The derived type with this id.
    pub fn derived_type(&self, id: DerivedId) -> Option<&DerivedType> {
        self.derived.get(usize::from(id.0))
    }

    /// Looks a derived type up by its unqualified name, letter case included.
    pub fn derived_named(&self, name: &str) -> Option<(DerivedId, &DerivedType)> {
        self.derived_types().find(|(_, derived)| derived.name == name)
    }

    /// All derived types, each behind its base.
    pub fn derived_types(&self) -> impl Iterator<Item = (DerivedId, &DerivedType)> {
        (0..).map(DerivedId).zip(&self.derived)
    }

    /// The derived types from the first under the root down to this one; empty for the root.
    pub fn line(&self, of: Option<DerivedId>) -> Vec<DerivedId> {
        let up = std::iter::successors(of, |id| self.derived_type(*id)?.base.filter(|base| base < id));
        let mut line: Vec<_> = up.collect();
        line.reverse();
        line
    }

    /// True if an entity of type `of` is also one of type `base`.
    pub fn derives(&self, of: Option<DerivedId>, base: Option<DerivedId>) -> bool {
        base.is_none_or(|base| self.line(of).contains(&base))
    }

    /// The values of the discriminator that rows of this type, or of one derived from it, have. `None` if every row is
    /// one: that is so for a root that is not abstract.
    pub fn discriminator_values(&self, of: Option<DerivedId>) -> Option<Vec<&Value>> {
        if of.is_none() && !self.is_abstract {
            return None;
        }
        let derived = self.derived_types().filter(|(id, _)| self.derives(Some(*id), of));
        Some(derived.flat_map(|(_, derived)| &derived.values).collect())
    }

    /// The type of a row with this value of the discriminator; `None` for the root.
    pub fn type_for(&self, value: &Value) -> Option<DerivedId> {
        self.derived_types().find(|(_, derived)| derived.values.contains(value)).map(|(id, _)| id)
    }
}
