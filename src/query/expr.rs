//! Owns [`Expr`]: a typed expression in which every name is an id. Its meaning is OData's: comparisons are true or
//! false, connectives and functions carry null (OData 4.01 Part 2, 5.1.1).
//!
//! # Decisions
//!
//! - **Rows are named by distance.** A name means the entity at hand; `up` counts the lambdas between an expression and
//!   the row it means. So a row filter means the same wherever a set is reached, and equal queries are equal trees,
//!   whatever their variables were called.

use crate::edm::{Scalar, Value};
use crate::model::{NavigationId, PropertyId, SetId};

use super::{Bound, Function, Routine, Search};

/// A typed expression over the entity at hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A property of the entity at hand.
    Property(PropertyId),
    /// A property of another row in sight; null if there is no such row.
    At(Box<Place>, PropertyId),
    /// Whether the row exists. Never null.
    Exists(Box<Place>),
    /// The value at hand, or that of so many lambdas outward, where those are over values; and its type.
    Item(u8, Scalar),
    /// The place of the item at hand, from 1, or of that of so many lambdas outward, as an `Edm.Int64`. Never null.
    Ordinal(u8),
    /// A value of a known type; [`Value::Null`] is the null literal. As a whole filter, true or false: every row or
    /// none.
    Literal(Value, Scalar),
    /// The time of the request, as an `Edm.DateTimeOffset`.
    Now,
    /// A comparison; both sides have comparable types, or the right one is the null literal. At most the right side is
    /// a literal, and null is compared by `eq` and `ne` only.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Membership in a list of at least two literals of the operand's type; null may be a member.
    In(Box<Expr>, Vec<Value>, Scalar),
    /// True if all are true. At least two.
    And(Vec<Expr>),
    /// True if one is true. At least two.
    Or(Vec<Expr>),
    /// Three-valued negation.
    Not(Box<Expr>),
    /// A canonical function and the type of its result.
    Call(Function, Vec<Expr>, Scalar),
    /// Two numbers, a time and a duration, or two times, and the type of the result; null if a side is null.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>, Scalar),
    /// The number or duration with the other sign.
    Negate(Box<Expr>, Scalar),
    /// The value as another type; null where it has none there.
    Cast(Box<Expr>, Scalar),
    /// A function of the model and the type of its result. What it looks at is not known.
    Routine(Box<Routine>, Scalar),
    /// The value of the first condition that is true, else null; all values are of the type.
    Case(Vec<(Expr, Expr)>, Scalar),
    /// Whether there is a related entity or an item. Never null.
    Any(Box<Related>),
    /// Whether the condition is true for each related entity or item. Never null.
    All(Box<Related>, Box<Expr>),
    /// How many related entities or items there are, as an `Edm.Int64`. Never null.
    Count(Box<Related>),
}

/// A row in sight of an expression: the entity at hand, that of a surrounding lambda, or what to-one navigation
/// properties lead to from one of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// One entity of a set, whatever row is looked at (`$root`); then `up` is 0.
    pub root: Option<Box<Root>>,
    /// Lambdas between here and where the row was named; 0 is the entity at hand.
    pub up: u8,
    /// Steps to one related entity each.
    pub steps: Vec<Step>,
}

/// One entity of a set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Root {
    /// The set.
    pub set: SetId,
    /// Key and row filter, over the entity.
    pub filter: Expr,
}

/// A step along a to-one navigation property.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The navigation property of the type before.
    pub navigation: NavigationId,
    /// Its target set.
    pub set: SetId,
    /// The target's row filter, over the target: what does not pass does not exist.
    pub rows: Option<Expr>,
}

/// The entities to which a to-many navigation property leads, or the items of a collection of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Related {
    /// The row that has the property.
    pub from: Place,
    /// What there are many of.
    pub many: Many,
    /// Which of them: row filter and conditions, over the related entity or item; one lambda deeper than where this
    /// stands.
    pub filter: Option<Expr>,
}

/// What one row has many of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Many {
    /// Entities.
    Entities {
        /// The navigation property.
        navigation: NavigationId,
        /// Its target set.
        set: SetId,
        /// `$search` among them.
        search: Option<Search>,
    },
    /// Values in one column.
    Items(PropertyId),
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named as OData writes it")]
pub enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `add`
    Add,
    /// `sub`
    Sub,
    /// `mul`
    Mul,
    /// `div`: among integers without remainder, toward zero. Null where an integer or decimal is divided by zero.
    Div,
    /// `mod`: has the sign of the dividend.
    Mod,
}

impl Comparison {
    /// The operator that says the same with the sides exchanged.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Comparison::Gt => Comparison::Lt,
            Comparison::Ge => Comparison::Le,
            Comparison::Lt => Comparison::Gt,
            Comparison::Le => Comparison::Ge,
            same => same,
        }
    }
}

impl Expr {
    /// Whether the answer depends on when the question is asked.
    pub fn is_volatile(&self) -> bool {
        match self {
            Expr::Now | Expr::Routine(..) => true,
            Expr::Property(_) | Expr::Item(..) | Expr::Ordinal(_) | Expr::Literal(..) => false,
            Expr::At(place, _) | Expr::Exists(place) => place.is_volatile(),
            Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right, _) => {
                left.is_volatile() || right.is_volatile()
            }
            Expr::In(operand, ..) | Expr::Not(operand) | Expr::Negate(operand, _) | Expr::Cast(operand, _) => {
                operand.is_volatile()
            }
            Expr::And(operands) | Expr::Or(operands) | Expr::Call(_, operands, _) => {
                operands.iter().any(Expr::is_volatile)
            }
            Expr::Case(cases, _) => cases.iter().any(|(when, then)| when.is_volatile() || then.is_volatile()),
            Expr::Any(related) | Expr::Count(related) => related.is_volatile(),
            Expr::All(related, condition) => related.is_volatile() || condition.is_volatile(),
        }
    }

    /// Calls `seen` with each set on whose rows the value depends, besides that of the entity at hand.
    pub fn sets(&self, seen: &mut impl FnMut(SetId)) {
        match self {
            Expr::Now | Expr::Property(_) | Expr::Item(..) | Expr::Ordinal(_) | Expr::Literal(..) => {}
            Expr::At(place, _) | Expr::Exists(place) => place.sets(seen),
            Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right, _) => {
                left.sets(seen);
                right.sets(seen);
            }
            Expr::In(operand, ..) | Expr::Not(operand) | Expr::Negate(operand, _) | Expr::Cast(operand, _) => {
                operand.sets(seen);
            }
            Expr::And(operands) | Expr::Or(operands) | Expr::Call(_, operands, _) => {
                for operand in operands {
                    operand.sets(seen);
                }
            }
            Expr::Case(cases, _) => {
                for (when, then) in cases {
                    when.sets(seen);
                    then.sets(seen);
                }
            }
            Expr::Routine(call, _) => {
                match &call.on {
                    Bound::Nothing => {}
                    Bound::Entity(place) => place.sets(seen),
                    Bound::Entities(related) => related.sets(seen),
                }
                for argument in &call.arguments {
                    argument.sets(seen);
                }
            }
            Expr::Any(related) | Expr::Count(related) => related.sets(seen),
            Expr::All(related, condition) => {
                related.sets(seen);
                condition.sets(seen);
            }
        }
    }
}

impl Place {
    /// The row of the entity at hand, or that of so many lambdas outward.
    pub fn up(distance: u8) -> Place {
        Place { root: None, up: distance, steps: Vec::new() }
    }

    fn is_volatile(&self) -> bool {
        let steps = self.steps.iter().filter_map(|step| step.rows.as_ref());
        steps.chain(self.root.iter().map(|root| &root.filter)).any(Expr::is_volatile)
    }

    fn sets(&self, seen: &mut impl FnMut(SetId)) {
        if let Some(root) = &self.root {
            seen(root.set);
            root.filter.sets(seen);
        }
        for step in &self.steps {
            seen(step.set);
            if let Some(rows) = &step.rows {
                rows.sets(seen);
            }
        }
    }
}

impl Related {
    fn is_volatile(&self) -> bool {
        self.from.is_volatile() || self.filter.as_ref().is_some_and(Expr::is_volatile)
    }

    fn sets(&self, seen: &mut impl FnMut(SetId)) {
        self.from.sets(seen);
        if let Many::Entities { set, .. } = self.many {
            seen(set);
        }
        if let Some(filter) = &self.filter {
            filter.sets(seen);
        }
    }
}
