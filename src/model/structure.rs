//! Owns [`Member`] and [`ComplexType`]: how columns are published as groups.

use super::{ComplexTypeId, EntityType, Property, PropertyId};

/// What is published at one place of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// One column.
    Property(PropertyId),
    /// A group of columns.
    Complex(ComplexMember),
}

/// A complex property. It is null when all its leaves are null, if it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplexMember {
    /// Public name.
    pub name: String,
    /// Its type.
    pub complex_type: ComplexTypeId,
    /// Whether null can occur.
    pub nullable: bool,
    /// Its members, in the order of its type; the leaves are properties of the entity type.
    pub members: Vec<Member>,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

/// A type of groups. Which columns a group has is said where the type is used.
#[derive(Clone, Debug)]
pub struct ComplexType {
    /// Unqualified name, as in `$metadata`.
    pub name: String,
    /// Its properties; their columns are empty.
    pub properties: Vec<Property>,
    /// What is published, in order. The ids are places in [`ComplexType::properties`]; of an inner complex property the
    /// members are left out.
    pub structure: Vec<Member>,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

impl Member {
    /// The complex property, if it is one of this name.
    pub fn complex_named(&self, name: &str) -> Option<&ComplexMember> {
        match self {
            Member::Complex(complex) if complex.name == name => Some(complex),
            _ => None,
        }
    }

    /// Whether the column is one of it.
    fn holds(&self, id: PropertyId) -> bool {
        match self {
            Member::Property(own) => *own == id,
            Member::Complex(complex) => complex.members.iter().any(|member| member.holds(id)),
        }
    }

    /// Adds the ids of all columns of it, in order.
    pub fn push_leaves(&self, ids: &mut Vec<PropertyId>) {
        match self {
            Member::Property(id) => ids.push(*id),
            Member::Complex(complex) => complex.members.iter().for_each(|member| member.push_leaves(ids)),
        }
    }
}

impl ComplexMember {
    /// The ids of all columns of it, in order.
    pub fn leaves(&self) -> Vec<PropertyId> {
        let mut ids = Vec::new();
        self.members.iter().for_each(|member| member.push_leaves(&mut ids));
        ids
    }
}

impl EntityType {
    /// The names that lead to what lies behind a column: those of the complex properties around it, and its own. What
    /// is not published has its name alone.
    pub fn path_to(&self, id: PropertyId) -> Vec<&str> {
        let mut names: Vec<&str> = self.complex_around(id).into_iter().map(|complex| complex.name.as_str()).collect();
        names.extend(self.property(id).map(|property| property.name.as_str()));
        names
    }

    /// The complex properties around a column, from the outermost to the innermost.
    pub fn complex_around(&self, id: PropertyId) -> Vec<&ComplexMember> {
        let derived = self.derived.iter().flat_map(|derived| &derived.structure);
        let mut members = self.structure.iter().chain(derived);
        let mut around = Vec::new();
        let mut next = members.find(|member| member.holds(id));
        while let Some(Member::Complex(complex)) = next {
            around.push(complex);
            next = complex.members.iter().find(|member| member.holds(id));
        }
        around
    }
}
