//! The words of the whole language: a typed expression over related tables, and a request made of expressions. Names
//! are places; how anything is spelled is the matter of `render`.

use penstock::edm::Value;

use super::super::eval::Operator;
use super::super::value::Type;

/// What an expression is to operators: the width of a number's column is no matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Int,
    Decimal,
    Double,
    Text,
    Guid,
    Date,
    Instant,
    Clock,
    Span,
}

impl Kind {
    pub(super) fn of(ty: Type) -> Kind {
        match ty {
            Type::Boolean => Kind::Boolean,
            Type::Byte | Type::SByte | Type::Int16 | Type::Int32 | Type::Int64 => Kind::Int,
            Type::Single | Type::Double => Kind::Double,
            Type::Decimal => Kind::Decimal,
            Type::String => Kind::Text,
            Type::Guid => Kind::Guid,
            Type::Date => Kind::Date,
            Type::DateTimeOffset => Kind::Instant,
            Type::TimeOfDay => Kind::Clock,
            Type::Duration => Kind::Span,
        }
    }

    /// A type of this kind that holds all its values.
    pub(super) fn widest(self) -> Type {
        match self {
            Kind::Boolean => Type::Boolean,
            Kind::Int => Type::Int64,
            Kind::Decimal => Type::Decimal,
            Kind::Double => Type::Double,
            Kind::Text => Type::String,
            Kind::Guid => Type::Guid,
            Kind::Date => Type::Date,
            Kind::Instant => Type::DateTimeOffset,
            Kind::Clock => Type::TimeOfDay,
            Kind::Span => Type::Duration,
        }
    }
}

/// A row in sight: where a path begins, and the to-one navigation properties that it follows.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) start: Start,
    /// Places of navigation properties, each of the type before.
    pub(super) steps: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Start {
    /// The entity of the collection, 0, or of the n-th lambda around. `$it` is 0 with `true`.
    Frame(usize, bool),
    /// `$it` where it is a row outside of the collection: the parent of an expanded row, or the entity of the request
    /// around a counted collection. And its set.
    Outer(usize),
    /// The variable of the n-th lambda around the path of a counted collection, and its set.
    Around(usize, usize),
    /// `$root/Set(key)`: a set and the place of one of its rows, or a key that no row has.
    Root(usize, Option<usize>),
}

#[derive(Clone, Debug)]
pub(super) enum Expr {
    Literal(Value, Kind),
    Property(Way, usize, Kind),
    /// The n-th item of `$compute`.
    Computed(usize, Kind),
    Now,
    MinDateTime,
    MaxDateTime,
    /// `Way ne null`, or with `false` `Way eq null`.
    There(Way, bool),
    Any(Way, usize, Option<Box<Expr>>),
    All(Way, usize, Box<Expr>),
    /// `Way/Nav/$count`, with a `$filter` over the related rows alone.
    Count(Way, usize, Option<Box<Expr>>),
    Compare(Operator, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>, Kind),
    Negate(Box<Expr>, Kind),
    Call(Function, Vec<Expr>, Kind),
    Matches(Box<Expr>, usize),
    Cast(Box<Expr>, Type),
    Case(Vec<(Expr, Expr)>, Kind),
    /// Whether the flags of the enumeration are set.
    Has(Way, usize, i64),
    /// The enumeration compared with members.
    Member(Operator, Way, usize, i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
    DivBy,
    Mod,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Contains,
    StartsWith,
    EndsWith,
    Concat,
    IndexOf,
    Length,
    Substring,
    ToLower,
    ToUpper,
    Trim,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    FractionalSeconds,
    Date,
    Time,
    TotalOffsetMinutes,
    TotalSeconds,
    Round,
    Floor,
    Ceiling,
}

impl Expr {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Expr::Literal(_, kind)
            | Expr::Property(.., kind)
            | Expr::Computed(_, kind)
            | Expr::Arithmetic(.., kind)
            | Expr::Negate(_, kind)
            | Expr::Call(_, _, kind)
            | Expr::Case(_, kind) => *kind,
            Expr::Now | Expr::MinDateTime | Expr::MaxDateTime => Kind::Instant,
            Expr::Count(..) => Kind::Int,
            Expr::Cast(_, ty) => Kind::of(*ty),
            Expr::There(..)
            | Expr::Any(..)
            | Expr::All(..)
            | Expr::Compare(..)
            | Expr::In(..)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::Matches(..)
            | Expr::Has(..)
            | Expr::Member(..) => Kind::Boolean,
        }
    }

    pub(super) fn is_literal(&self) -> bool {
        matches!(self, Expr::Literal(..))
    }
}

/// What is read of one collection: the request's own, or an expanded one.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) compute: Vec<Expr>,
    pub(super) filter: Option<Expr>,
    /// Descending if true; ends with the whole key unless it is empty.
    pub(super) order: Vec<(Expr, bool)>,
    pub(super) top: Option<usize>,
    pub(super) skip: Option<usize>,
    pub(super) count: bool,
    /// Columns of `$select`; never empty.
    pub(super) columns: Vec<usize>,
    /// Items of `$compute` that are selected.
    pub(super) selected: Vec<usize>,
    pub(super) expansions: Vec<Expansion>,
}

/// An expanded navigation property.
#[derive(Clone, Debug)]
pub(super) struct Expansion {
    pub(super) navigation: usize,
    pub(super) reading: Reading,
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) set: usize,
    pub(super) reading: Reading,
    /// Whether to walk through small pages.
    pub(super) paged: bool,
    /// Decides the spelling; 0 is the plain one.
    pub(super) style: u64,
}
