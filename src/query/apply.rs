//! Owns [`Aggregate`]: a bound `$apply` (OData Extension for Data Aggregation 4.0). Rows are no longer entities of a
//! set but columns by number, so an expression over them names a column as it would name a property: by [`PropertyId`].

use crate::edm::{Scalar, Value};
use crate::model::{DerivedId, EnumId, NavigationId, PropertyId, SetId};

use super::{Answer, Call, Expr, Order, Page, Search, Via};

/// A read of what becomes of the entities of a set. Rights are already inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Aggregate {
    /// The set whose entities are at the beginning.
    pub set: SetId,
    /// The derived type for which the path takes them. It is also part of the first step.
    pub of: Option<DerivedId>,
    /// The function or action that gives the keys of the entities with which the path begins: only those are meant.
    pub from: Option<Box<Call>>,
    /// The navigation steps of the path, from the first to the last.
    pub via: Vec<Via>,
    /// There if it is expanded: each row then belongs to a parent.
    pub within: Option<Within>,
    /// What is done to them: row filter, `$apply`, and the options that change rows behind it.
    pub steps: Vec<Step>,
    /// What the rows consist of at the end.
    pub columns: Vec<Column>,
    /// The column that numbers the branches of a `concat`; a column that a branch does not have is absent there.
    pub branch: Option<PropertyId>,
    /// For each branch the columns that it has; empty if there are no branches.
    pub present: Vec<Vec<PropertyId>>,
    /// The columns that are written, in order.
    pub shown: Vec<PropertyId>,
    /// True if not all columns of the set's type are written, or others beside them: the context URL lists them.
    pub listed: bool,
    /// Sort order, always total; empty if there is one row.
    pub order: Vec<Order>,
    /// Which part of the rows.
    pub page: Page,
    /// Whether the total is wanted.
    pub count: bool,
    /// [`Answer::Collection`] or [`Answer::Count`].
    pub answer: Answer,
}

/// To which parent each row of an expanded navigation property belongs, and what a parent has of which nothing is left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Within {
    /// The set of the parents.
    pub parent: SetId,
    /// The navigation property of their type.
    pub navigation: NavigationId,
    /// The columns of the rows at the end that tell the parent, one for each part of the join.
    pub keys: Vec<PropertyId>,
    /// There if some rows are made of no entities, too: what becomes of none.
    pub nothing: Option<Box<Aggregate>>,
}

/// What rows consist of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// Where its value is written: `Total`, or `Customer` and in it `Country`. Empty if it is not published.
    pub path: Vec<Box<str>>,
    /// Its type.
    pub scalar: Scalar,
    /// Whether null can occur.
    pub nullable: bool,
    /// Its collation may call different texts equal.
    pub folding: bool,
    /// It is no property of the model, so its type cannot be looked up.
    pub dynamic: bool,
    /// The enumeration whose values it holds.
    pub enumeration: Option<EnumId>,
}

/// A step from rows to rows. Expressions name the columns of the rows before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Keeps rows for which the condition is true.
    Filter(Expr),
    /// Keeps rows in which a phrase is found.
    Search(Search),
    /// Adds columns behind those there are.
    Compute {
        /// The values.
        values: Vec<Expr>,
        /// All columns after it.
        columns: Vec<Column>,
    },
    /// Changes nothing: remembers which groups there are, for an aggregate of them behind steps that may leave out all
    /// rows of one.
    Mark {
        /// By which a [`Step::Group`] names it.
        number: u16,
        /// The columns that make groups; a grouping by the first of them may name it, too.
        by: Vec<PropertyId>,
    },
    /// Makes one row of each group: first what it was grouped by, then the aggregates.
    Group {
        /// Properties and properties of related entities; without any, all rows are one group, also if there are none.
        by: Vec<Expr>,
        /// The aggregates.
        values: Vec<Aggregated>,
        /// Groups that have a row even if none of theirs is left: those that were there at this mark.
        mark: Option<u16>,
        /// All columns after it.
        columns: Vec<Column>,
    },
    /// Puts the rows of several sequences together, each of the rows before.
    Concat {
        /// The sequences.
        branches: Vec<Branch>,
        /// All columns after it; the last one numbers the branches.
        columns: Vec<Column>,
    },
    /// Keeps rows as long as the sum of those before them, in order, has not reached an amount.
    Reach {
        /// What is added up.
        of: Expr,
        /// The type of the sum.
        scalar: Scalar,
        /// The amount.
        amount: Value,
        /// The amount is in percent of the sum of all.
        percent: bool,
        /// The order; total.
        order: Vec<Order>,
        /// The columns that make groups of rows, each for itself.
        by: Vec<PropertyId>,
    },
    /// Keeps a part of the rows.
    Part {
        /// The order in which they are counted; total.
        order: Vec<Order>,
        /// The columns that make groups of rows, each for itself.
        by: Vec<PropertyId>,
        /// Rows left out first.
        skip: u64,
        /// Most rows.
        top: Option<u64>,
    },
}

/// One aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Aggregated {
    /// Which.
    pub method: Method,
    /// Of what. What is null does not take part.
    pub of: Expr,
    /// The type of the operand.
    pub of_scalar: Scalar,
    /// The type of the result.
    pub scalar: Scalar,
    /// The related entities it is of, each reached by all steps of its place: every one counts once, by how many rows
    /// it is reached. Otherwise each row counts once.
    pub related: bool,
    /// Which rows take part, if not all of the group.
    pub only: Option<Expr>,
}

/// The aggregation methods of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `sum`
    Sum,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `average`
    Average,
    /// `$count`: how many there are.
    Count,
    /// `countdistinct`
    CountDistinct,
}

/// One sequence of a `concat`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Branch {
    /// Its steps.
    pub steps: Vec<Step>,
    /// For each column of all branches but the last, where it is among its own; `None` if it has none.
    pub places: Vec<Option<PropertyId>>,
    /// By which its rows are known.
    pub number: BranchNumber,
}

/// The number of a branch; no two of a request have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BranchNumber {
    /// This one.
    New(u16),
    /// Its rows have numbers, since they come from branches: those in this column.
    Kept(PropertyId),
}

impl Method {
    /// The name as OData writes it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Sum => "sum",
            Method::Min => "min",
            Method::Max => "max",
            Method::Average => "average",
            Method::Count => "$count",
            Method::CountDistinct => "countdistinct",
        }
    }
}

impl Step {
    /// The columns after the step, if it changes them.
    pub fn columns(&self) -> Option<&[Column]> {
        match self {
            Step::Compute { columns, .. } | Step::Group { columns, .. } | Step::Concat { columns, .. } => Some(columns),
            Step::Filter(_) | Step::Search(_) | Step::Mark { .. } | Step::Reach { .. } | Step::Part { .. } => None,
        }
    }

    /// Whether it, or a step in it, makes a row even of no rows.
    pub fn makes_of_nothing(&self) -> bool {
        match self {
            Step::Group { by, .. } => by.is_empty(),
            Step::Concat { branches, .. } => {
                branches.iter().flat_map(|branch| &branch.steps).any(Step::makes_of_nothing)
            }
            _ => false,
        }
    }

    /// Whether rows are still entities after the step, perhaps with more columns: their navigation properties stay.
    pub fn keeps_entities(&self) -> bool {
        match self {
            Step::Group { .. } => false,
            Step::Concat { branches, .. } => {
                branches.iter().all(|branch| branch.steps.iter().all(Step::keeps_entities))
            }
            Step::Filter(_)
            | Step::Search(_)
            | Step::Compute { .. }
            | Step::Mark { .. }
            | Step::Reach { .. }
            | Step::Part { .. } => true,
        }
    }

    /// Calls `seen` with every expression of the step and of the steps in it.
    pub fn expressions<'a>(&'a self, seen: &mut impl FnMut(&'a Expr)) {
        match self {
            Step::Filter(expr) => seen(expr),
            Step::Search(_) | Step::Mark { .. } => {}
            Step::Compute { values, .. } => values.iter().for_each(seen),
            Step::Group { by, values, .. } => {
                by.iter().for_each(&mut *seen);
                values.iter().flat_map(|value| std::iter::once(&value.of).chain(&value.only)).for_each(seen);
            }
            Step::Concat { branches, .. } => {
                branches.iter().flat_map(|branch| &branch.steps).for_each(|step| step.expressions(seen));
            }
            Step::Reach { of, order, .. } => {
                seen(of);
                order.iter().map(|item| &item.expr).for_each(seen);
            }
            Step::Part { order, .. } => order.iter().map(|item| &item.expr).for_each(seen),
        }
    }
}

impl Aggregate {
    /// Whether the answer depends on when the question is asked.
    pub fn is_volatile(&self) -> bool {
        let mut found = self.from.is_some();
        self.expressions(&mut |expr| found |= expr.is_volatile());
        found
    }

    /// The sets on whose rows the answer depends, each at least once.
    pub fn touched(&self) -> Vec<SetId> {
        let mut sets = vec![self.set];
        sets.extend(self.via.iter().map(|via| via.set));
        self.expressions(&mut |expr| expr.sets(&mut |set| sets.push(set)));
        sets
    }

    fn expressions<'a>(&'a self, seen: &mut impl FnMut(&'a Expr)) {
        self.via.iter().filter_map(|via| via.filter.as_ref()).for_each(&mut *seen);
        self.steps.iter().for_each(|step| step.expressions(seen));
        self.order.iter().map(|item| &item.expr).for_each(seen);
    }
}
