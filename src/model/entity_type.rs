//! Owns [`EntityType`], [`Property`] and [`Navigation`]: the shape of the rows of a set.

use crate::edm::Scalar;

use super::{NavigationId, PropertyId, SetId};

/// An entity type: key, properties and navigation properties, in the order of the metadata file.
#[derive(Clone, Debug)]
pub struct EntityType {
    /// Unqualified name, as in `$metadata`.
    pub name: String,
    /// Key properties in declared order; never empty, never nullable.
    pub key: Vec<PropertyId>,
    /// All properties, in the order in which they are written out.
    pub properties: Vec<Property>,
    /// All navigation properties.
    pub navigations: Vec<Navigation>,
    /// The property whose value is the `ETag` of the entity, if declared.
    pub etag: Option<PropertyId>,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

/// A structural property and the column behind it.
#[derive(Clone, Debug)]
pub struct Property {
    /// Public name.
    pub name: String,
    /// Column name, exactly as the database spells it.
    pub column: String,
    /// Type with facets.
    pub scalar: Scalar,
    /// Whether null can occur.
    pub nullable: bool,
    /// Whether `$search` looks into it.
    pub searchable: bool,
    /// The column's own collation calls different texts equal (letter case, accents, trailing blanks), so the database's
    /// `=` alone would break the echo rule.
    pub folding: bool,
    /// A sentence for people, if declared.
    pub description: Option<String>,
}

/// A navigation property, bound to one target set, which may lie in another source.
#[derive(Clone, Debug)]
pub struct Navigation {
    /// Public name.
    pub name: String,
    /// The set in which the related entities live.
    pub target: SetId,
    /// True for to-many.
    pub collection: bool,
    /// For to-one: whether there may be no related entity.
    pub nullable: bool,
    /// Which properties must be equal, at least one pair.
    pub joins: Vec<Join>,
    /// The navigation property of the target type that leads back, if there is one.
    pub partner: Option<NavigationId>,
}

/// One pair of properties that are equal on both ends of a navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// Property of the type that has the navigation.
    pub local: PropertyId,
    /// Property of the target type.
    pub remote: PropertyId,
}

impl EntityType {
    /// The property with this id. Ids come only from this model, so a wrong one is a defect; it gives `None`.
    pub fn property(&self, id: PropertyId) -> Option<&Property> {
        self.properties.get(usize::from(id.0))
    }

    /// The navigation property with this id.
    pub fn navigation(&self, id: NavigationId) -> Option<&Navigation> {
        self.navigations.get(usize::from(id.0))
    }

    /// Looks a property up by its public name, letter case included.
    pub fn property_named(&self, name: &str) -> Option<(PropertyId, &Property)> {
        let index = self.properties.iter().position(|property| property.name == name)?;
        Some((PropertyId(u16::try_from(index).ok()?), self.properties.get(index)?))
    }

    /// Looks a navigation property up by its public name, letter case included.
    pub fn navigation_named(&self, name: &str) -> Option<(NavigationId, &Navigation)> {
        let index = self.navigations.iter().position(|navigation| navigation.name == name)?;
        Some((NavigationId(u16::try_from(index).ok()?), self.navigations.get(index)?))
    }

    /// The ids of all properties, in order.
    pub fn property_ids(&self) -> impl Iterator<Item = PropertyId> + use<> {
        (0..u16::try_from(self.properties.len()).unwrap_or(u16::MAX)).map(PropertyId)
    }
}
