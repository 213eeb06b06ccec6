//! Owns [`Shape`]: what is written of each entity, in order.

use crate::edm::Scalar;
use crate::model::{DerivedId, NavigationId, PropertyId, SetId};

use super::{Expr, Order, Search};

/// Properties and expansions of one entity, in the order in which they are written out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// The properties.
    pub properties: Vec<PropertyId>,
    /// Computed values that are written behind them (`$compute`).
    pub computed: Vec<Computed>,
    /// True if `$select` chose them, so that the context URL must list them.
    pub selected: bool,
    /// Navigation properties that `$select` names: the context URL lists them, too. Their links are the metadata level's.
    pub links: Vec<NavigationId>,
    /// The expanded navigation properties.
    pub expansions: Vec<Expansion>,
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
