//! What exists, and where it lies in the databases: the resolved model of one service.
//!
//! [`raw`] is the file format as people write it; [`resolve`] turns it into a [`Model`] and collects every
//! [`Problem`]. A model never changes: a reload makes a new one with another [`Model::revision`].

mod cache_policy;
mod entity_set;
mod entity_type;
mod ids;
mod problem;
pub mod raw;
mod resolve;
mod source;

use std::collections::HashMap;

pub use cache_policy::{CachePolicy, ChangeSigns, Probe, Sign};
pub use entity_set::{EntitySet, Table};
pub use entity_type::{EntityType, Join, Navigation, Property};
pub use ids::{NavigationId, PropertyId, SetId, SourceId, TypeId};
pub use problem::Problem;
pub use resolve::resolve;
pub use source::Source;

/// Everything that one service publishes.
#[derive(Clone, Debug)]
pub struct Model {
    /// A hash of the metadata files: equal files, equal revision, on every replica.
    pub revision: u64,
    /// Name of the service, the last segment of its root.
    pub service: String,
    /// The schema's namespace, as in `$metadata`.
    pub namespace: String,
    /// Name of the entity container.
    pub container: String,
    /// Names of the sources, in the order of their [`SourceId`]s.
    pub sources: Vec<String>,
    /// Entity types, in the order of their [`TypeId`]s.
    pub types: Vec<EntityType>,
    /// Entity sets, in the order of their [`SetId`]s.
    pub sets: Vec<EntitySet>,
    /// Sets by public name.
    pub sets_by_name: HashMap<String, SetId>,
}

impl Model {
    /// The set with this id.
    pub fn set(&self, id: SetId) -> Option<&EntitySet> {
        self.sets.get(usize::try_from(id.0).ok()?)
    }

    /// The type with this id.
    pub fn entity_type(&self, id: TypeId) -> Option<&EntityType> {
        self.types.get(usize::try_from(id.0).ok()?)
    }

    /// The type of a set's entities.
    pub fn type_of(&self, id: SetId) -> Option<&EntityType> {
        self.entity_type(self.set(id)?.entity_type)
    }

    /// Looks a set up by its public name, letter case included.
    pub fn set_named(&self, name: &str) -> Option<(SetId, &EntitySet)> {
        let id = *self.sets_by_name.get(name)?;
        Some((id, self.set(id)?))
    }
}
