//! Owns the plan of a read: which statements run, in which source, and how their rows belong together.

use crate::edm::Scalar;
use crate::model::{PropertyId, SetId, SourceId};
use crate::sql::{Select, ast};

/// All statements of one read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadPlan {
    /// Reads the parents of the navigation steps first, one after the other: the values of each restrict the next,
    /// those of the last restrict `rows` and `count`.
    pub parents: Vec<Parent>,
    /// The rows and, below them, the expanded ones. `None` if no row is wanted (`$top=0`, `/$count`).
    pub rows: Option<Node>,
    /// The total.
    pub count: Option<Fetch>,
}

/// One statement for one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetch {
    /// The database that answers.
    pub source: SourceId,
    /// What it is asked.
    pub select: Select,
}

/// The statement that reads the parent of a navigation step.
#[derive(Clone, Debug, PartialEq)]
pub struct Parent {
    /// Reads the parent's side of the join, one row at most.
    pub fetch: Fetch,
    /// The columns of the next statement that must equal the parent's values, in the order of the parent's select list.
    pub remote: Vec<ast::Column>,
}

/// The rows of one set: the root of the answer, or one expanded navigation property.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Place in the plan, counted from the root (0) in depth-first order.
    pub index: usize,
    /// The set.
    pub set: SetId,
    /// The statement; that of a child still lacks the keys of its parents.
    pub fetch: Fetch,
    /// Which property each of the first columns of the select list holds: those that are written, then those needed
    /// otherwise.
    pub columns: Vec<PropertyId>,
    /// Which columns hold the computed values of the shape.
    pub computed: Vec<usize>,
    /// Which columns hold the places of the items that are meant, of each collection of [`crate::query::Inside`].
    pub places: Vec<Option<usize>>,
    /// Which columns hold the values of the sort order, where they make a cursor.
    pub order: Vec<usize>,
    /// Expanded navigation properties, in the order in which they are written.
    pub children: Vec<Child>,
}

/// An expanded navigation property: a second statement over the collected keys of the parent rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Columns of the parent's select list that hold the join values, with their types.
    pub local: Vec<(usize, Scalar)>,
    /// The same columns of the child's select list.
    pub remote: Vec<(usize, ast::Column)>,
    /// The child rows.
    pub node: Node,
    /// How many children each parent has, if that is wanted.
    pub count: Option<Count>,
    /// Whether the rows are wanted; else only their number.
    pub is_read: bool,
    /// Most children that are wanted of one parent; the statement may lack this limit. None for to-one.
    pub rows_max: Option<u32>,
    /// The columns of `remote` are of the tables from which the rows are made, not of the rows.
    pub inside: bool,
    /// There if a parent without any child has rows, too.
    pub nothing: Option<Box<Nothing>>,
}

/// What is made of nothing, the same for each parent that has nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Nothing {
    /// Its statement; it lacks no keys.
    pub fetch: Fetch,
    /// How many of what rows are made of each parent has; without it, parents without rows are those that have none.
    pub inputs: Option<Count>,
    /// Rows that are left out first.
    pub skip: u64,
    /// Most rows.
    pub top: Option<u64>,
}

/// The statement that counts the children of each parent.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// It still lacks the keys of the parents. Its columns are the join values and the number.
    pub fetch: Fetch,
    /// The columns that make a group.
    pub by: Vec<ast::Column>,
    /// They are of the tables from which what is counted is made.
    pub inside: bool,
    /// Whether it is always needed, or only if the rows are not all read.
    pub always: bool,
}

impl Child {
    /// Where the child's select list holds the join values, with their types.
    pub fn remote_columns(&self) -> Vec<(usize, Scalar)> {
        self.remote.iter().map(|(index, column)| (*index, column.scalar)).collect()
    }

    /// The types of the child's side of the join.
    pub fn remote_scalars(&self) -> Vec<Scalar> {
        self.remote.iter().map(|(_, column)| column.scalar).collect()
    }
}
