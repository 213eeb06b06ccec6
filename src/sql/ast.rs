//! Owns the small SQL that is used: one `SELECT` over one table, and its expressions. Knows no OData; its null logic is
//! SQL's, so whoever builds a tree has already decided what null means.

use crate::edm::{Scalar, Value};

/// A `SELECT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// What is read, in order.
    pub columns: Vec<Output>,
    /// The table.
    pub from: Table,
    /// `WHERE`
    pub filter: Option<Expr>,
    /// `ORDER BY`
    pub order: Vec<Order>,
    /// Most rows.
    pub limit: Option<u64>,
    /// Rows left out first.
    pub offset: u64,
    /// Groups of rows, each with a limit counted in `order`. The rows of a group come in `order`.
    pub per_group: Option<PerGroup>,
}

/// One item of the select list.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// What is read.
    pub expr: Expr,
    /// The type in which the caller wants it.
    pub scalar: Scalar,
}

/// At most `top` rows of each group after leaving out `skip`.
#[derive(Clone, Debug, PartialEq)]
pub struct PerGroup {
    /// The columns that make a group.
    pub by: Vec<Column>,
    /// Rows left out first, in each group.
    pub skip: u64,
    /// Most rows of each group; `None` means all.
    pub top: Option<u64>,
}

/// The groups of rows that are wanted, where they are known only when other rows have been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// The columns that make a group.
    pub by: Vec<Column>,
    /// For each column its values, one for each group; none is null, and no group is named twice.
    pub of: Vec<Vec<Value>>,
    /// An index of the table finds the rows of one group, texts by the database's plain equality.
    pub indexed: bool,
}

/// A table or view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// Schema or database, if it is not the connection's default.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
}

/// One item of `ORDER BY`. Nulls sort lowest on every database.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What to sort by.
    pub column: Column,
    /// `DESC`
    pub descending: bool,
    /// Whether null can occur: null order is written only then, so that plain indexes serve.
    pub nullable: bool,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as the database spells it.
    pub name: String,
    /// Its type.
    pub scalar: Scalar,
    /// Its collation may call different texts equal, so equality alone is not exact.
    pub folding: bool,
}

/// An expression. Boolean ones have SQL's three values.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column.
    Column(Column),
    /// A parameter. Values never travel otherwise.
    Param(Value, Scalar),
    /// A comparison; texts compare in the column's own collation, equality included, and two columns by code point.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Equality that is exact for texts: letter case, accents, trailing blanks, width.
    Same(Box<Expr>, Box<Expr>),
    /// The opposite of [`Expr::Same`]; null if a side is null.
    Different(Box<Expr>, Box<Expr>),
    /// Exact equality in which null equals null; never null itself.
    NullSafeSame(Box<Expr>, Box<Expr>),
    /// The opposite of [`Expr::NullSafeSame`].
    NullSafeDifferent(Box<Expr>, Box<Expr>),
    /// Exact membership in a list of values, none of them null.
    In(Box<Expr>, Vec<Value>, Scalar),
    /// The opposite of [`Expr::In`]; null if the operand is null.
    NotIn(Box<Expr>, Vec<Value>, Scalar),
    /// Whether the columns, as a tuple, equal one of the tuples; used where a key has several parts.
    RowIn(Vec<Column>, Vec<Vec<Value>>),
    /// `IS NULL`
    IsNull(Box<Expr>),
    /// `IS NOT NULL`
    IsNotNull(Box<Expr>),
    /// `IS NOT TRUE`: true for false and for null.
    IsNotTrue(Box<Expr>),
    /// `NOT`
    Not(Box<Expr>),
    /// `AND`, two or more.
    And(Vec<Expr>),
    /// `OR`, two or more.
    Or(Vec<Expr>),
    /// Exact text match: first text holds the second at the place; wildcards have no meaning.
    Match(Place, Box<Expr>, Box<Expr>),
    /// Whether the text holds the phrase without regard to letter case.
    Search(Box<Expr>, Box<str>),
    /// A truth value.
    Truth(bool),
    /// `CASE WHEN first THEN true WHEN second THEN false END`: a three-valued boolean as a value.
    Boolean(Box<Expr>, Box<Expr>),
    /// `COUNT(*)`
    CountAll,
    /// The constant 1, where only the existence of a row matters.
    One,
}

/// SQL's comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named by its symbol's usual name")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where one text must stand in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Anywhere,
    /// At the start.
    Start,
    /// At the end.
    End,
}
