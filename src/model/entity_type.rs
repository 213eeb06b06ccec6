//! Owns [`EntityType`] and [`Navigation`]: the shape of the rows of a set.

use std::sync::Arc;

use super::{
    ComplexMember, ContentType, DerivedId, DerivedType, Member, NavigationId, Property, PropertyId, SetId, Table,
};

/// An entity type: key, properties and navigation properties, in the order of the metadata file.
#[derive(Clone, Debug)]
pub struct EntityType {
    /// Unqualified name, as in `$metadata`.
    pub name: String,
    /// Key properties in declared order; never empty, never nullable.
    pub key: Vec<PropertyId>,
    /// Everything that a column lies behind, of all types of the hierarchy: properties, the leaves of complex
    /// properties, and hidden ones. Their places never change what is published; that is [`EntityType::structure`].
    pub properties: Vec<Property>,
    /// What is published of the type itself, in the order in which it is written out; what derived types add is theirs.
    pub structure: Vec<Member>,
    /// All navigation properties, also those of derived types.
    pub navigations: Vec<Navigation>,
    /// The property whose value is the `ETag` of the entity, if declared.
    pub etag: Option<PropertyId>,
    /// Other lists of properties that identify an entity.
    pub alternate_keys: Vec<Vec<PropertyId>>,
    /// The types derived from it, each behind its base; they share the table.
    pub derived: Vec<DerivedType>,
    /// The column that tells of which type a row is; there if and only if there are derived types.
    pub discriminator: Option<PropertyId>,
    /// No row is of the type itself: rows that are of no derived type are not part of the set.
    pub is_abstract: bool,
    /// The entities are bytes with a content type, described by their properties.
    pub media: Option<Media>,
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
    /// The table between both ends of a many-to-many relation; `joins` is then empty.
    pub link: Option<Link>,
    /// The related entities are part of this one, and reached through it alone.
    pub contained: bool,
    /// The derived type that adds it; `None` for the type itself.
    pub declared_by: Option<DerivedId>,
    /// Not published: a default filter may follow it.
    pub hidden: bool,
    /// Whether `$expand` may follow it.
    pub expandable: bool,
    /// Whether `$filter` may follow it.
    pub filterable: bool,
}

/// A table of pairs between two sets of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The table, in the source of both sets.
    pub table: Table,
    /// Its columns that hold properties of the type that has the navigation.
    pub near: Vec<(Arc<str>, PropertyId)>,
    /// Its columns that hold properties of the target type.
    pub far: Vec<(Arc<str>, PropertyId)>,
}

/// The bytes that an entity is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The hidden property with the bytes.
    pub content: PropertyId,
    /// What kind of bytes they are.
    pub content_type: ContentType,
}

impl Navigation {
    /// A navigation property that leads to exactly one entity, and that options may follow.
    pub fn new(name: impl Into<String>, target: SetId) -> Navigation {
        Navigation {
            name: name.into(),
            target,
            collection: false,
            nullable: false,
            joins: Vec::new(),
            partner: None,
            link: None,
            contained: false,
            declared_by: None,
            hidden: false,
            expandable: true,
            filterable: true,
        }
    }

    /// Whether the standard lets `$metadata` assert the join as a referential constraint (CSDL 4.01, section 8.5): all
    /// of it, since a part would assert something else.
    pub fn is_constraint(&self, owner: &EntityType, target: &EntityType) -> bool {
        let allowed = |local: &Property, remote: &Property| {
            local.scalar.name() == remote.scalar.name() && local.nullable == (self.nullable || remote.nullable)
        };
        let may = |join: &Join| {
            let pair = (owner.property(join.local), target.property(join.remote));
            matches!(pair, (Some(local), Some(remote)) if allowed(local, remote))
        };
        !self.collection && !self.joins.is_empty() && self.joins.iter().all(may)
    }
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

    /// Looks a property of the type itself up by its public name, letter case included. What lies inside a complex
    /// property or belongs to a derived type is not found here.
    pub fn property_named(&self, name: &str) -> Option<(PropertyId, &Property)> {
        self.property_from(0, name)
    }

    /// The same for a name that is likely to be that of the property with this number or of one soon after it.
    pub fn property_from(&self, start: usize, name: &str) -> Option<(PropertyId, &Property)> {
        // Nearly every type publishes its properties as they lie here; then the names alone need to be looked at.
        let is_named = |property: &Property| *property.name == *name;
        let (before, after) = self.properties.split_at_checked(start).unwrap_or((&self.properties, &[]));
        let after = after.iter().position(is_named).map(|place| start + place);
        let place = after.or_else(|| before.iter().position(is_named))?;
        if let Some(member @ Member::Property(id)) = self.structure.get(place)
            && usize::from(id.0) == place
        {
            return self.leaf_named(member, name);
        }
        self.structure.iter().find_map(|member| self.leaf_named(member, name))
    }

    /// Looks a complex property of the type itself up.
    pub fn complex_named(&self, name: &str) -> Option<&ComplexMember> {
        self.structure.iter().find_map(|member| member.complex_named(name))
    }

    /// Looks up what a type of the hierarchy publishes, its bases included: the type itself with `None`.
    pub fn member_named(&self, of: Option<DerivedId>, name: &str) -> Option<&Member> {
        self.members(of).find(|member| match member {
            Member::Property(id) => self.property(*id).is_some_and(|property| property.name == name),
            Member::Complex(complex) => complex.name == name,
        })
    }

    /// Looks a member of a complex property up.
    pub fn member_within<'a>(&'a self, complex: &'a ComplexMember, name: &str) -> Option<&'a Member> {
        complex.members.iter().find(|member| match member {
            Member::Property(id) => self.property(*id).is_some_and(|property| property.name == name),
            Member::Complex(inner) => inner.name == name,
        })
    }

    /// What a type of the hierarchy publishes, in order: first what its bases publish.
    pub fn members(&self, of: Option<DerivedId>) -> impl Iterator<Item = &Member> {
        let own = self.line(of).into_iter().filter_map(|id| self.derived_type(id)).flat_map(|it| &it.structure);
        self.structure.iter().chain(own)
    }

    fn leaf_named(&self, member: &Member, name: &str) -> Option<(PropertyId, &Property)> {
        let Member::Property(id) = member else { return None };
        let property = self.property(*id)?;
        (property.name == name).then_some((*id, property))
    }

    /// Looks a navigation property of the type itself up by its public name, letter case included.
    pub fn navigation_named(&self, name: &str) -> Option<(NavigationId, &Navigation)> {
        self.navigation_of(None, name)
    }

    /// Looks a navigation property of a type of the hierarchy up, its bases included.
    pub fn navigation_of(&self, of: Option<DerivedId>, name: &str) -> Option<(NavigationId, &Navigation)> {
        let (index, navigation) = self.navigations.iter().enumerate().find(|(_, it)| it.name == name && !it.hidden)?;
        let is_known = navigation.declared_by.is_none_or(|by| self.line(of).contains(&by));
        is_known.then_some((NavigationId(u16::try_from(index).ok()?), navigation))
    }

    /// The same among navigation properties that are not published.
    pub fn hidden_navigation_of(&self, of: Option<DerivedId>, name: &str) -> Option<(NavigationId, &Navigation)> {
        let (index, navigation) = self.navigations.iter().enumerate().find(|(_, it)| it.name == name && it.hidden)?;
        let is_known = navigation.declared_by.is_none_or(|by| self.line(of).contains(&by));
        is_known.then_some((NavigationId(u16::try_from(index).ok()?), navigation))
    }

    /// The navigation properties that clients see, those of derived types among them.
    pub fn published_navigations(&self) -> impl Iterator<Item = &Navigation> {
        self.navigations.iter().filter(|navigation| !navigation.hidden)
    }

    /// The ids of all properties that a type of the hierarchy publishes, the leaves of complex ones among them, in the
    /// order in which they are written out.
    pub fn published(&self, of: Option<DerivedId>) -> Vec<PropertyId> {
        let mut ids = Vec::with_capacity(self.properties.len());
        self.members(of).for_each(|member| member.push_leaves(&mut ids));
        ids
    }

    /// The ids of everything that a column lies behind.
    pub fn property_ids(&self) -> impl Iterator<Item = PropertyId> + use<> {
        (0..u16::try_from(self.properties.len()).unwrap_or(u16::MAX)).map(PropertyId)
    }
}
