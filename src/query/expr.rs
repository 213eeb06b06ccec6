//! Owns [`Expr`]: a typed expression in which every name is an id. Its meaning is OData's: comparisons are true or
//! false, connectives and functions carry null (OData 4.01 Part 2, 5.1.1).

use crate::edm::{Scalar, Value};
use crate::model::PropertyId;

/// A typed expression over the entity at hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A property of the entity.
    Property(PropertyId),
    /// A value of a known type; [`Value::Null`] is the null literal. As a whole filter, true or false: every row or none.
    Literal(Value, Scalar),
    /// A comparison; both sides have comparable types, or the right one is the null literal. At most the right side is a
    /// literal, and null is compared by `eq` and `ne` only.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Membership in a list of at least two literals of the operand's type; null may be a member.
    In(Box<Expr>, Vec<Value>, Scalar),
    /// True if all are true. At least two.
    And(Vec<Expr>),
    /// True if one is true. At least two.
    Or(Vec<Expr>),
    /// Three-valued negation.
    Not(Box<Expr>),
    /// A canonical function.
    Call(Function, Vec<Expr>),
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

/// Canonical functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `contains(text, part)`
    Contains,
    /// `startswith(text, part)`
    StartsWith,
    /// `endswith(text, part)`
    EndsWith,
}
