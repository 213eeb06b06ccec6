//! Owns [`Shape`]: what is written of each entity, in order.

use crate::edm::Scalar;
use crate::model::{DerivedId, NavigationId, PropertyId, SetId};

use super::{Aggregate, Expr, Order, Search, Terms};

/// Properties and expansions of one entity, in the order in which they are written out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// The properties.
    pub properties: Vec<PropertyId>,
    /// Computed values that are written behind them (`$compute`).
    pub computed: Vec<Computed>,
    /// True if `$select` chose them, so that the context URL must list them.
    pub selected: bool,
    /// Navigation properties that `$select` names: the context URL lists them, too. Their links are the metadata
    /// level's.
    pub links: Vec<NavigationId>,
    /// The expanded navigation properties.
    pub expansions: Vec<Expansion>,
    /// What few requests ask for.
    pub inside: Option<Box<Inside>>,
}

/// What is wanted of the inside of properties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Inside {
    /// Collections of values of which not every item is wanted as it stands.
    pub items: Vec<(PropertyId, Items)>,
    /// Streams that are named, each once.
    pub streams: Vec<Stream>,
    /// Names of operations and annotations that `$select` has: nothing is written of them, but the context tells them.
    pub names: Vec<Box<str>>,
}

/// A stream that the request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    /// The property with its bytes; of a media entity the hidden one.
    pub id: PropertyId,
    /// `$select` names it: where it is found is told.
    pub selected: bool,
    /// `$expand` names it: the bytes of entities of this type are written, or of all.
    pub expanded: Option<Option<DerivedId>>,
}

impl Inside {
    /// Adds a stream, or what is further asked of it.
    pub fn add_stream(&mut self, stream: Stream) {
        match self.streams.iter_mut().find(|known| known.id == stream.id) {
            Some(known) => {
                known.selected |= stream.selected;
                known.expanded = known.expanded.or(stream.expanded);
            }
            None => self.streams.push(stream),
        }
    }
}

/// Which items of a collection of values, and in which order. Expressions see the item, and the entity outside of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Items {
    /// `$filter`
    pub filter: Option<Expr>,
    /// `$search`, in the items that are texts.
    pub search: Option<Terms>,
    /// `$orderby`; equal items stay in the order in which they stand.
    pub order: Vec<Order>,
    /// `$skip`
    pub skip: u64,
    /// `$top`
    pub top: Option<u64>,
    /// Whether the number of items is wanted, beside them and before skip and top.
    pub count: bool,
    /// The only one that is wanted, by its place; below zero it counts from the end.
    pub place: Option<i64>,
}

impl Shape {
    /// The collections of values of which not every item is wanted as it stands.
    pub fn items(&self) -> &[(PropertyId, Items)] {
        self.inside.as_ref().map_or(&[], |inside| &inside.items)
    }

    /// The streams that are named.
    pub fn streams(&self) -> &[Stream] {
        self.inside.as_ref().map_or(&[], |inside| &inside.streams)
    }

    /// Which items of a collection are wanted, if not every one as it stands.
    pub fn items_of(&self, id: PropertyId) -> Option<&Items> {
        self.items().iter().find(|(of, _)| *of == id).map(|(_, items)| items)
    }
}

/// A value that is computed for each entity and written under a name of the request's choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Computed {
    /// Its name.
    pub name: Box<str>,
    /// What it is.
    pub expr: Expr,
    /// Its type.
    pub scalar: Scalar,
}

/// One expanded navigation property with its own options; they apply to each parent's list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expansion {
    /// The navigation property of the parent's type.
    pub navigation: NavigationId,
    /// The derived type of parents that have it, if not each parent has it; others are written without.
    pub of: Option<DerivedId>,
    /// Its target set.
    pub set: SetId,
    /// The derived type that the path names behind it; also part of `filter`.
    pub cast: Option<DerivedId>,
    /// What is written of the children.
    pub form: Expanded,
    /// `$apply` with the options that apply to its result; then filter, search, order and shape are empty.
    pub apply: Option<Box<Aggregate>>,
    /// `$filter` and row filter.
    pub filter: Option<Expr>,
    /// Whether the filter, the order or what is computed names the parent, as the row outside of the child. Then each
    /// parent has a list of its own, even if others are related to the same rows.
    pub outer: bool,
    /// `$search`.
    pub search: Option<Search>,
    /// Sort order, completed by the key.
    pub order: Vec<Order>,
    /// What is written of each child.
    pub shape: Shape,
    /// `$skip` for each parent.
    pub skip: u64,
    /// `$top` for each parent.
    pub top: Option<u64>,
    /// Whether `Nav@odata.count` is wanted.
    pub count: bool,
    /// Most children that are written of each parent; a link leads to the others.
    pub rows_max: u32,
    /// Its part in an expansion that repeats itself (`$levels`).
    pub level: Option<Level>,
}

/// A level of an expansion that repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// Which one, from 1.
    pub number: u8,
    /// As deep as possible: an entity that stands above itself is a reference, so that there is an end.
    pub max: bool,
    /// It repeats one navigation property; else all (`*`).
    pub named: bool,
}

impl Expansion {
    /// Whether it is a level of `$levels=max`.
    pub fn ends_in_references(&self) -> bool {
        self.level.is_some_and(|level| level.max)
    }
}

/// What is written of expanded children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expanded {
    /// Themselves.
    Entities,
    /// Their identity (`Nav/$ref`).
    References,
    /// Only how many there are (`Nav/$count`).
    Number,
}
