//! Owns [`Cross`]: a bound `$crossjoin`, all combinations of the entities of several sets (OData 4.01 Part 2, 4.15).

use crate::edm::Scalar;
use crate::model::{EntityType, Join, Model, Navigation, NavigationId, PropertyId, SetId};

use super::fingerprint::{is_volatile_shape, touched_by_shape};
use super::{Expr, Order, Page, Shape, row_type};

/// A read of combinations. Rights are already inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cross {
    /// The sets, in the order of the request.
    pub sets: Vec<Crossed>,
    /// Which combinations: an expression over the entity of the last set, outside of which lie those of the sets before
    /// it, as if each set were a lambda inside the one before.
    pub filter: Option<Expr>,
    /// Sort order, completed by the keys of all sets; its expressions see what the filter sees.
    pub order: Vec<Order>,
    /// What is written of each combination, whose type is [`cross_type`]: links to entities, or the entities.
    pub shape: Shape,
    /// Which part.
    pub page: Page,
    /// Whether the total is wanted.
    pub count: bool,
}

/// One of the sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Crossed {
    /// The set.
    pub set: SetId,
    /// Its row filter.
    pub filter: Option<Expr>,
}

/// The type of a combination: hidden properties for the keys of all sets, and for each set a navigation property of its
/// name. `None` for sets that the model does not have.
pub fn cross_type(sets: impl IntoIterator<Item = SetId>, model: &Model) -> Option<EntityType> {
    let mut made = row_type(&[], None);
    made.name.push_str("$crossjoin");
    for set in sets {
        let (declared, entity_type) = (model.set(set)?, model.type_of(set)?);
        let mut joins = Vec::with_capacity(entity_type.key.len());
        for id in &entity_type.key {
            let local = PropertyId(u16::try_from(made.properties.len()).ok()?);
            joins.push(Join { local, remote: *id });
            let mut property = entity_type.property(*id)?.clone();
            property.hidden = true;
            made.properties.push(property);
        }
        made.navigations.push(Navigation {
            name: declared.name.clone(),
            target: set,
            collection: false,
            nullable: false,
            joins,
            partner: None,
            link: None,
            contained: false,
            declared_by: None,
            hidden: false,
            expandable: true,
            filterable: true,
        });
    }
    Some(made)
}

impl Cross {
    /// The type of its rows.
    pub fn row_type(&self, model: &Model) -> Option<EntityType> {
        cross_type(self.sets.iter().map(|crossed| crossed.set), model)
    }

    /// The types of the sort order's values.
    pub fn order_scalars(&self) -> impl Iterator<Item = Scalar> {
        self.order.iter().map(|item| item.scalar)
    }

    /// Whether the set at this place is written as a link; `full` metadata has links beside the entities, too.
    pub fn is_linked(&self, place: usize, full: bool) -> bool {
        let is_it = |id: NavigationId| usize::from(id.0) == place;
        let is_expanded = self.shape.expansions.iter().any(|expansion| is_it(expansion.navigation));
        let is_wanted = !self.shape.selected || self.shape.links.iter().any(|id| is_it(*id));
        if is_expanded { full } else { is_wanted }
    }

    /// Whether the answer depends on when the question is asked, or on what is not known.
    pub fn is_volatile(&self) -> bool {
        let filters = self.sets.iter().filter_map(|crossed| crossed.filter.as_ref()).chain(&self.filter);
        filters.chain(self.order.iter().map(|item| &item.expr)).any(Expr::is_volatile) || is_volatile_shape(&self.shape)
    }

    /// The sets on whose rows the answer depends, each at least once.
    pub fn touched(&self) -> Vec<SetId> {
        let mut sets: Vec<SetId> = self.sets.iter().map(|crossed| crossed.set).collect();
        let mut seen = |set| sets.push(set);
        let filters = self.sets.iter().filter_map(|crossed| crossed.filter.as_ref()).chain(&self.filter);
        filters.chain(self.order.iter().map(|item| &item.expr)).for_each(|expr| expr.sets(&mut seen));
        touched_by_shape(&self.shape, &mut seen);
        sets
    }
}
