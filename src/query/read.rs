//! Owns [`Read`]: one bound read of a set, in any of the forms of answer.

use crate::edm::{Scalar, Value};
use crate::model::{DerivedId, NavigationId, PropertyId, SetId};

use super::{Call, Column, Expr, Page, RowStep, Shape};

/// A read of one set. Rights are already inside: what the caller may not see is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// The set whose entities are read.
    pub set: SetId,
    /// The derived type for which the path takes them. It is also part of `filter`.
    pub of: Option<DerivedId>,
    /// The function or action that gives the keys of the entities with which the path begins: only those are meant.
    pub from: Option<Box<Call>>,
    /// There if it is the part of `$all` that lies in this set.
    pub all: Option<All>,
    /// The navigation steps of the path, from the first to the last.
    pub via: Vec<Via>,
    /// There if `$apply` chooses among the entities or adds to them: they are entities still. The rights of the caller
    /// are among its steps then, and everything else applies to what it gives.
    pub made: Option<Box<Made>>,
    /// The key given in the path for `set`. It is also part of `filter`.
    pub key: Option<Key>,
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

/// What `$apply` makes of entities that stay entities.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Made {
    /// The steps.
    pub steps: Vec<RowStep>,
    /// What the rows consist of at the end: the properties, then what has been added. Expressions over the entities
    /// name what has been added by its place, too.
    pub columns: Vec<Column>,
}

/// What is to be known of a part of `$all`: each page of it lies in one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct All {
    /// The path names a type, and every entity is of it.
    pub typed: bool,
    /// The fingerprint of the read of the next set; `None` in the last.
    pub next: Option<u64>,
}

/// A key given in a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which of the type's alternate keys it is; `None` for the key itself.
    pub alternate: Option<u16>,
    /// The values of its parts, in declared order.
    pub values: Vec<Value>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A collection of entities, one page of it.
    Collection,
    /// One entity: missing is 404, or 204 at the end of a nullable navigation.
    Entity,
    /// References to the entities of a collection, one page of them (`/$ref`).
    References,
    /// A reference to one entity (`/$ref`).
    Reference,
    /// One property of one entity, as a JSON object with `value`; a collection has its items there.
    Property(PropertyId),
    /// A complex property of one entity: the one that holds this leaf, so many levels below the entity, from 1.
    Complex(PropertyId, u8),
    /// One property of one entity, as raw text or bytes (`/$value`).
    RawValue(PropertyId),
    /// The bytes that an entity or a stream property is, with their own content type.
    Stream(PropertyId),
    /// The number of entities as plain text (`/$count`).
    Count,
    /// The number of items of a property of one entity, as plain text (`/$count`).
    Items(PropertyId),
    /// What a function gives for each entity of a collection, one page of the values: the only computed value of the
    /// shape.
    Each,
}

impl Answer {
    /// Whether it is a page of many.
    pub fn is_page(self) -> bool {
        matches!(self, Answer::Collection | Answer::References | Answer::Each)
    }

    /// Whether it is bare text or bytes, whatever form of JSON the client prefers.
    pub fn is_bare(self) -> bool {
        matches!(self, Answer::RawValue(_) | Answer::Stream(_) | Answer::Count | Answer::Items(_))
    }
}

/// One navigation step of the path, as `Orders(1)/Lines`. The parent is read first, since it must exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Via {
    /// The set of the parent.
    pub set: SetId,
    /// The derived type for which the path takes the parent.
    pub of: Option<DerivedId>,
    /// The parent's key, if the path gives one.
    pub key: Option<Key>,
    /// Key predicate and row filter of the parent, which is the only one that is left by them and by the steps before.
    pub filter: Option<Expr>,
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
