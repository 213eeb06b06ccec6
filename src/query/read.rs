//! Owns [`Read`]: one bound read of a set, in any of the forms of answer.

use crate::edm::{Scalar, Value};
use crate::model::{NavigationId, PropertyId, SetId};

use super::{Expr, Page, Shape};

/// A read of one set. Rights are already inside: what the caller may not see is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// The set whose entities are read.
    pub set: SetId,
    /// Where the path comes from, if it has a navigation step.
    pub via: Option<Via>,
    /// The key given in the path for `set`, in the order of the type's key. It is also part of `filter`.
    pub key: Option<Vec<Value>>,
    /// Key predicate, `$filter` and row filter in one.
    pub filter: Option<Expr>,
    /// `$search`.
    pub search: Option<Search>,
    /// Sort order of a collection, always completed by the key, so it is total; empty for every other answer.
    pub order: Vec<Order>,
    /// What is written of each entity.
    pub shape: Shape,
    /// Which part of the collection.
    pub page: Page,
    /// Whether the total is wanted (`$count=true`): after filter and search, before skip, top and paging.
    pub count: bool,
    /// The form of the answer.
    pub answer: Answer,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A collection of entities, one page of it.
    Collection,
    /// One entity: missing is 404, or 204 at the end of a nullable navigation.
    Entity,
    /// One property of one entity, as a JSON object with `value`.
    Property(PropertyId),
    /// One property of one entity, as raw text (`/$value`).
    RawValue(PropertyId),
    /// The number of entities as plain text (`/$count`).
    Count,
}

/// One navigation step of the path: `Orders(1)/Lines`. The parent is read first, since it must exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Via {
    /// The set of the parent.
    pub set: SetId,
    /// The parent's key, in the order of its type's key.
    pub key: Vec<Value>,
    /// Key predicate and row filter of the parent.
    pub filter: Expr,
    /// The navigation property of the parent's type.
    pub navigation: NavigationId,
}

/// One item of the sort order. Nulls are lowest (OData 4.01 Part 1, 11.2.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// What to sort by.
    pub expr: Expr,
    /// Its type.
    pub scalar: Scalar,
    /// True for `desc`.
    pub descending: bool,
}

impl Order {
    /// The property, if a plain one of the entity is what rows are sorted by.
    pub fn property(&self) -> Option<PropertyId> {
        match self.expr {
            Expr::Property(id) => Some(id),
            _ => None,
        }
    }
}

/// What to look for in the texts of an entity. A phrase is found if any of the properties holds it, without regard to
/// letter case; an index of the database finds words as it knows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    /// What must be found.
    pub terms: Terms,
    /// The searchable properties of the set; never empty.
    pub properties: Vec<PropertyId>,
}

/// Phrases and how they are connected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Terms {
    /// A word or several in this order.
    Phrase(Box<str>),
    /// All of two or more.
    All(Vec<Terms>),
    /// One of two or more.
    Any(Vec<Terms>),
    /// What must not be found.
    Not(Box<Terms>),
}
