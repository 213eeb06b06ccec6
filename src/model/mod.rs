//! What exists, and where it lies in the databases: the resolved model of one service.
//!
//! [`raw`] is the file format as people write it; [`resolve`] turns it into a [`Model`] and collects every
//! [`Problem`]. A model never changes: a reload makes a new one with another [`Model::revision`].

mod cache_policy;
mod derived;
mod entity_set;
mod entity_type;
mod enum_type;
mod ids;
mod operation;
mod pick;
mod problem;
mod property;
pub mod raw;
mod resolve;
mod source;
mod structure;
mod unpublished;

use std::collections::HashMap;
use std::sync::Arc;

pub use cache_policy::{CachePolicy, ChangeSigns, Probe, Sign};
pub use derived::DerivedType;
pub use entity_set::{DefaultFilter, EntitySet, Exposure, SearchIndex, Table};
pub use entity_type::{EntityType, Join, Link, Media, Navigation};
pub use enum_type::{EnumMember, EnumType};
pub use ids::{ComplexTypeId, DerivedId, EnumId, NavigationId, OperationId, PropertyId, SetId, SourceId, TypeId};
pub use operation::{Binding, Body, Inside, Operation, OperationKind, Parameter, Part, Returns, ValueType};
pub use pick::pick;
pub use problem::Problem;
pub use property::{Collected, ContentType, Property, SalesforceLookup};
pub use resolve::resolve;
pub use source::{Family, Source};
pub use structure::{ComplexMember, ComplexType, Member};
pub use unpublished::Unpublished;

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
    /// Published sets by name; singletons and contained sets are not among them.
    pub sets_by_name: HashMap<String, SetId>,
    /// Singletons by name.
    pub singletons_by_name: HashMap<String, SetId>,
    /// Enumerations, in the order of their [`EnumId`]s.
    pub enums: Vec<EnumType>,
    /// Complex types, in the order of their [`ComplexTypeId`]s.
    pub complex_types: Vec<ComplexType>,
    /// Functions and actions, in the order of their [`OperationId`]s; overloads share a name.
    pub operations: Vec<Operation>,
    /// What of these clients do not see.
    pub unpublished: Unpublished,
    /// The model of the folders, if this one picks from them; all ids mean the same in both.
    pub base: Option<Arc<Model>>,
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

    /// Looks up what a metadata file declares under this name, however clients reach it.
    pub fn declared(&self, name: &str) -> Option<SetId> {
        // What a pick leaves out has a name that nobody can write.
        self.sets.iter().position(|set| set.name == name).and_then(|index| u32::try_from(index).ok()).map(SetId)
    }

    /// Looks a singleton up by its public name, letter case included.
    pub fn singleton_named(&self, name: &str) -> Option<(SetId, &EntitySet)> {
        let id = *self.singletons_by_name.get(name)?;
        Some((id, self.set(id)?))
    }

    /// The enumeration with this id.
    pub fn enumeration(&self, id: EnumId) -> Option<&EnumType> {
        self.enums.get(usize::try_from(id.0).ok()?)
    }

    /// The complex type with this id.
    pub fn complex_type(&self, id: ComplexTypeId) -> Option<&ComplexType> {
        self.complex_types.get(usize::try_from(id.0).ok()?)
    }

    /// The operation with this id.
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.get(usize::try_from(id.0).ok()?)
    }

    /// All overloads with this unqualified name, letter case included.
    pub fn operations_named(&self, name: &str) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.published_operations().filter(move |(_, operation)| operation.name == name)
    }
}
