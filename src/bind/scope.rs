//! Owns [`Scope`]: what a request may see, and the one door through which a set comes into sight.

use crate::model::{
    DerivedId, EntitySet, EntityType, Exposure, Member, Model, Navigation, NavigationId, Property, PropertyId, SetId,
};
use crate::query::{Expr, Grants};

use super::error::BindErrorKind;
use super::{BindError, connect};

/// Everything that binding needs besides the words of the request.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What exists.
    pub model: &'a Model,
    /// What the caller may see of it.
    pub grants: &'a Grants,
    /// How much a request may ask.
    pub limits: Limits,
    /// Opens a sealed `$skiptoken`; `None` if it is not one of ours.
    pub unseal: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

/// How much a request may ask of the binder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of `$expand`.
    pub expand_depth_max: usize,
    /// Expanded navigation properties of one request, on all levels together.
    pub expansions_max: usize,
    /// Most expanded entities of each parent, before a link leads to the others.
    pub expand_rows_max: u32,
    /// Most rows of a page, on top of what the set itself declares.
    pub page_rows_max: u32,
    /// Nesting of expressions once parameter aliases are substituted, each operator counted;
    /// what recurses over a bound expression relies on it.
    pub expression_depth_max: usize,
    /// Nodes of all expressions together once parameter aliases are substituted.
    pub expression_nodes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            expand_depth_max: 1,
            expansions_max: 100,
            expand_rows_max: 2_000,
            page_rows_max: 2_000,
            expression_depth_max: 200,
            expression_nodes_max: 20_000,
        }
    }
}

/// A set in sight. There is no other way to reach a set or to make the filter of a read, so the row filter cannot be
/// forgotten.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) id: SetId,
    pub(super) set: &'a EntitySet,
    pub(super) entity: &'a EntityType,
    /// The derived type that the entities are known to be of.
    pub(super) of: Option<DerivedId>,
    /// What is not published is in sight, too.
    pub(super) hidden: bool,
    /// The default filter of the set, and the caller's row filter.
    rows: [Option<&'a Expr>; 2],
}

impl<'a> Scope<'a> {
    /// The door. `None` for what does not exist and for what the caller may not see: the two are one.
    pub(super) fn open(&self, id: SetId) -> Option<Sight<'a>> {
        let rows = [self.grants.default_of(id), self.grants.of(id)?];
        let hidden = self.grants.shows_hidden();
        let set = self.model.set(id).filter(|set| hidden || set.exposure != Exposure::Unpublished)?;
        Some(Sight { id, set, entity: self.model.type_of(id)?, of: None, hidden, rows })
    }

    pub(super) fn open_named(&self, name: &str) -> Option<Sight<'a>> {
        self.open(self.model.set_named(name)?.0)
    }

    pub(super) fn open_singleton(&self, name: &str) -> Option<Sight<'a>> {
        self.open(self.model.singleton_named(name)?.0)
    }

    /// Any set that the caller may see: what stands for the place of a call that has none.
    pub(super) fn any_sight(&self) -> Option<Sight<'a>> {
        (0..).map(SetId).take(self.model.sets.len()).find_map(|id| self.open(id))
    }

    /// A navigation property whose target the caller may see.
    pub(super) fn navigation(&self, from: &Sight<'a>, name: &str) -> Option<(NavigationId, &'a Navigation, Sight<'a>)> {
        let hidden = || from.entity.hidden_navigation_of(from.of, name).filter(|_| from.hidden);
        let (id, navigation) = from.entity.navigation_of(from.of, name).or_else(hidden)?;
        Some((id, navigation, self.open(navigation.target)?))
    }
}

impl<'a> Sight<'a> {
    /// The conditions, the row filters and that of the type in one; `None` if every row is meant.
    pub(super) fn guard(&self, conditions: impl IntoIterator<Item = Expr>) -> Option<Expr> {
        let all =
            self.rows.iter().copied().flatten().cloned().chain(self.is_of_type(self.of)).chain(conditions).collect();
        match connect::and(all) {
            Expr::Literal(crate::edm::Value::Boolean(true), _) => None,
            expr => Some(expr),
        }
    }

    /// Rows of this type that were made of these entities; they have no row filters, since those have been applied.
    pub(super) fn of_rows<'r>(self, rows: &'r EntityType) -> Sight<'r>
    where
        'a: 'r,
    {
        Sight { entity: rows, rows: [None; 2], ..self }
    }

    /// Refuses to count a set that is too large for it.
    pub(super) fn check_counted(&self, is_counted: bool) -> Result<(), BindError> {
        if is_counted && !self.set.countable {
            let kind = BindErrorKind::NotAllowedHere { name: self.set.name.clone(), place: "with $count" };
            return Err(kind.into());
        }
        Ok(())
    }

    /// The condition that an entity is of a type of the hierarchy; `None` if each one is.
    pub(super) fn is_of_type(&self, of: Option<DerivedId>) -> Option<Expr> {
        let values = self.entity.discriminator_values(of)?;
        let id = self.entity.discriminator?;
        let scalar = super::literal::unbounded(self.entity.property(id)?.scalar);
        Some(connect::member_of(Expr::Property(id), values.into_iter().cloned().collect(), scalar))
    }

    /// The same entities, known to be of a derived type, if the name is that of one, qualified or not. Its own name
    /// changes nothing.
    pub(super) fn cast(&self, namespace: &str, name: &str) -> Option<Sight<'a>> {
        let name = match name.rsplit_once('.') {
            Some((space, name)) if space == namespace => name,
            Some(_) => return None,
            None => name,
        };
        if name == self.entity.name {
            return Some(*self);
        }
        let (of, _) = self.entity.derived_named(name)?;
        // A cast to a base keeps what is known.
        let of = if self.entity.derives(self.of, Some(of)) { self.of } else { Some(of) };
        Some(Sight { of, ..*self })
    }

    /// What the entity publishes under a name.
    pub(super) fn member(&self, name: &str) -> Option<&'a Member> {
        self.entity.member_named(self.of, name)
    }

    /// The property that is not published, where such are in sight.
    pub(super) fn hidden_named(&self, name: &str) -> Option<(PropertyId, &'a Property)> {
        let hidden = |(_, it): &(PropertyId, &Property)| {
            it.hidden && it.name == name && self.entity.derives(self.of, it.declared_by)
        };
        let entity = self.entity;
        if self.hidden { entity.property_ids().zip(&entity.properties).find(hidden) } else { None }
    }

    /// The property, if it is a collection of values.
    pub(super) fn collection(&self, id: PropertyId) -> Option<&'a Property> {
        self.entity.property(id).filter(|property| property.collection.is_some())
    }

    pub(super) fn property(&self, name: &str) -> Option<(PropertyId, &'a Property)> {
        self.property_from(0, name)
    }

    /// The same for a name that is likely to be that of the property with this number or of one soon after it.
    pub(super) fn property_from(&self, start: usize, name: &str) -> Option<(PropertyId, &'a Property)> {
        match self.of {
            None => self.entity.property_from(start, name).or_else(|| self.hidden_named(name)),
            Some(_) => match self.member(name)? {
                Member::Property(id) => Some((*id, self.entity.property(*id)?)),
                Member::Complex(_) => None,
            },
        }
    }
}
