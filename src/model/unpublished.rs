//! Owns [`Unpublished`]: what a model holds for its own sake and does not publish, beside the sets, properties and
//! navigation properties that say so themselves.

use std::collections::HashSet;

use super::{
    ComplexType, ComplexTypeId, EntityType, EnumId, EnumType, Exposure, Model, Operation, OperationId, TypeId,
};

/// What is not published: default filters of the folders may use it.
#[derive(Clone, Debug, Default)]
pub struct Unpublished {
    /// Functions and actions.
    pub operations: HashSet<OperationId>,
    /// Enumerations.
    pub enums: HashSet<EnumId>,
    /// Complex types.
    pub complex_types: HashSet<ComplexTypeId>,
}

impl Model {
    /// The types of all sets that clients can reach.
    pub fn published_types(&self) -> impl Iterator<Item = &EntityType> {
        let is_reached =
            |id: TypeId| self.sets.iter().any(|set| set.entity_type == id && set.exposure != Exposure::Unpublished);
        (0..).map(TypeId).zip(&self.types).filter(move |(id, _)| is_reached(*id)).map(|(_, entity_type)| entity_type)
    }

    /// The enumerations that clients see.
    pub fn published_enums(&self) -> impl Iterator<Item = &EnumType> {
        let all = (0..).map(EnumId).zip(&self.enums);
        all.filter(|(id, _)| !self.unpublished.enums.contains(id)).map(|(_, enumeration)| enumeration)
    }

    /// The complex types that clients see.
    pub fn published_complex_types(&self) -> impl Iterator<Item = &ComplexType> {
        let all = (0..).map(ComplexTypeId).zip(&self.complex_types);
        all.filter(|(id, _)| !self.unpublished.complex_types.contains(id)).map(|(_, complex_type)| complex_type)
    }

    /// The functions and actions that clients can call.
    pub fn published_operations(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        let all = (0..).map(OperationId).zip(&self.operations);
        all.filter(|(id, _)| !self.unpublished.operations.contains(id))
    }
}
