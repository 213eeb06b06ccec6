//! Owns the small SQL that is used: a `SELECT` over a table and what is joined to it, and its expressions. Knows no
//! OData; its null logic is SQL's, so whoever builds a tree has already decided what null means.

use std::sync::Arc;

use crate::edm::{Form, Made, Scalar, Value};

use super::call::Routine;
use super::holds::OneHolds;

/// The column of [`From::Items`] that has the value.
pub const ITEM: &str = "v";
/// The column of [`From::Items`] that has the place, from 1.
pub const PLACE: &str = "i";

/// A `SELECT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// What is read, in order.
    pub columns: Vec<Output>,
    /// Whose rows.
    pub from: From,
    /// The number by which columns name it.
    pub alias: u16,
    /// What is joined to it, each after what it hangs on.
    pub joins: Vec<Join>,
    /// Whether columns must say of which table they are; true for every select inside another, and for what holds one.
    pub named: bool,
    /// `WHERE`
    pub filter: Option<Expr>,
    /// `GROUP BY`, exact for texts. Aggregates without it are of all rows.
    pub group: Vec<Column>,
    /// `ORDER BY`
    pub order: Vec<Order>,
    /// Most rows.
    pub limit: Option<u64>,
    /// Rows left out first.
    pub offset: u64,
    /// Groups of rows, each with a limit counted in `order`. The rows of a group come in `order`.
    pub per_group: Option<PerGroup>,
}

impl Select {
    /// All rows of a table, named by 0.
    pub fn all(columns: Vec<Output>, from: Table) -> Self {
        Select::of(columns, From::Table(from))
    }

    /// All rows, named by 0.
    pub fn of(columns: Vec<Output>, from: From) -> Self {
        Select {
            columns,
            from,
            alias: 0,
            joins: Vec::new(),
            named: false,
            filter: None,
            group: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            per_group: None,
        }
    }
}

/// Whose rows a select reads.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    /// Those of a table or view.
    Table(Table),
    /// Those of another select; its columns are named `c0`, `c1`, …
    Rows(Box<Select>),
    /// Those of several selects one after the other, all with equal columns and without an order or limit of their own.
    All(Vec<Select>),
    /// One row for each item of a collection, in the columns [`ITEM`] and [`PLACE`]: of an array of the database if
    /// true, with the type of its items, else of a JSON array, as texts by code point. What is no array has no items.
    Items(Box<Expr>, bool),
}

impl From {
    /// The table, if it is one.
    pub fn table(&self) -> Option<&Table> {
        match self {
            From::Table(table) => Some(table),
            From::Rows(_) | From::All(_) | From::Items(..) => None,
        }
    }
}

/// A joined table.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The table.
    pub table: Table,
    /// The number by which columns name it.
    pub alias: u16,
    /// Whether rows without a partner are kept, with nulls for it (`LEFT JOIN`).
    pub outer: bool,
    /// Which rows belong together.
    pub on: Expr,
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
    pub schema: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// In place of a name: a query of a metadata file, whose rows are read.
    pub query: Option<Arc<str>>,
}

/// One item of `ORDER BY`. Nulls sort lowest on every database.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What to sort by. Texts that are not a column of the table sort by code point.
    pub expr: Expr,
    /// `DESC`
    pub descending: bool,
    /// Whether null can occur: null order is written only then, so that plain indexes serve.
    pub nullable: bool,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The number of its table.
    pub of: u16,
    /// Its name, as the database spells it.
    pub name: Arc<str>,
    /// Its type.
    pub scalar: Scalar,
    /// In which form it holds a value of the type.
    pub form: Form,
    /// Its collation may call different texts equal, so equality alone is not exact.
    pub folding: bool,
    /// How the value is made of columns of the table, if it does not lie in one as it is.
    pub made: Option<Arc<Made>>,
}

impl Column {
    /// A column of another table that holds equal values.
    #[must_use]
    pub fn like(&self, of: u16, name: Arc<str>) -> Column {
        Column { of, name, ..self.clone() }
    }

    /// A column of rows that a statement has made: they hold values in the plain form.
    pub fn made(of: u16, name: impl Into<Arc<str>>, scalar: Scalar, folding: bool) -> Self {
        Column { of, name: name.into(), scalar, form: Form::PLAIN, folding, made: None }
    }
}

/// An expression. Boolean ones have SQL's three values.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column.
    Column(Column),
    /// A parameter. Values of requests never travel otherwise.
    Param(Value, Scalar),
    /// A text, whole number or boolean of a metadata file, as part of the statement's text.
    Constant(Value, Scalar),
    /// A comparison; a column of texts and a parameter compare in the column's own collation, equality included, all
    /// other texts by code point.
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
    /// Whether one of many texts holds a part. It stands where unknown and FALSE are the same.
    OneHolds(Box<OneHolds>),
    /// Whether the text holds the phrase without regard to letter case.
    Search(Box<Expr>, Box<str>),
    /// Whether an index finds the words in the row. Null is possible where words are not to be found.
    Words(Box<WordIndex>, Box<Words>),
    /// A truth value.
    Truth(bool),
    /// `CASE WHEN first THEN true WHEN second THEN false END`: a three-valued boolean as a value.
    Boolean(Box<Expr>, Box<Expr>),
    /// Whether the columns of a join are equal: as [`Expr::Same`], but so that an index serves.
    Linked(Column, Column),
    /// Whether there is a row; what it holds does not matter.
    Exists(Box<Select>),
    /// The only value of the only row; null without a row.
    Single(Box<Select>),
    /// The values of an array column, as the text of a JSON array.
    Json(Column),
    /// A function and the type of its result; null if an argument is null.
    Call(Function, Vec<Expr>, Scalar),
    /// A calculation and the type of its result; null if a side is null. Sides of other numeric types are converted.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>, Scalar),
    /// The number with the other sign.
    Negate(Box<Expr>, Scalar),
    /// The value as another type; null where it has none there.
    Cast(Box<Expr>, Scalar),
    /// What the database or a metadata file has, called as a value.
    Routine(Box<Routine>),
    /// `CASE WHEN condition THEN value … END`, and the type of the values.
    Case(Vec<(Expr, Expr)>, Scalar),
    /// `COUNT(*)`
    CountAll,
    /// An aggregate of a group, and the type of its result.
    Aggregate(Aggregate, Box<Expr>, Scalar),
    /// The whole numbers of all rows in this order, as a text with commas between them; null or empty without a row.
    Listed(Box<Expr>, Vec<Order>),
    /// The value by which a group was made, in its own collation.
    Grouped(Column),
    /// An aggregate of the rows around a row, and the type of its result.
    Over(Aggregate, Box<Expr>, Box<Window>, Scalar),
    /// Null of a type, where nothing else tells it.
    Null(Scalar),
    /// A small number that belongs to the statement's shape.
    Number(u16),
    /// The constant 1, where only the existence of a row matters.
    One,
}

impl Expr {
    /// The type of the value.
    pub fn scalar(&self) -> Scalar {
        match self {
            Expr::Column(column) | Expr::Grouped(column) => column.scalar,
            Expr::Json(_) | Expr::Listed(..) => Scalar::STRING,
            Expr::CountAll => Scalar::Int64,
            Expr::One | Expr::Number(_) => Scalar::Int32,
            Expr::Param(_, scalar)
            | Expr::Constant(_, scalar)
            | Expr::Null(scalar)
            | Expr::Aggregate(.., scalar)
            | Expr::Over(.., scalar)
            | Expr::Call(_, _, scalar)
            | Expr::Arithmetic(.., scalar)
            | Expr::Negate(_, scalar)
            | Expr::Cast(_, scalar)
            | Expr::Case(_, scalar) => *scalar,
            Expr::Routine(call) => call.scalar,
            Expr::Single(select) => select.columns.first().map_or(Scalar::Boolean, |output| output.scalar),
            _ => Scalar::Boolean,
        }
    }
}

/// Aggregates. Nulls do not take part; of nothing a number is 0 where things are counted, else null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// The sum, as a decimal or double.
    Sum,
    /// The mean, as a double, or a decimal rounded to the scale of the type.
    Average,
    /// The first in the order in which `ORDER BY` sorts.
    Least,
    /// The last in the order in which `ORDER BY` sorts.
    Greatest,
    /// How many there are.
    Count,
    /// How many different ones there are; texts are compared exactly.
    CountDistinct,
}

/// The rows around a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The columns that make a group: rows of other groups are not among them.
    pub by: Vec<Column>,
    /// The order in which they stand; it is total.
    pub order: Vec<Order>,
    /// Which of them.
    pub frame: Frame,
}

/// Which rows of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// All.
    All,
    /// Those up to the row, and the row.
    UpTo,
    /// Those before the row.
    Before,
}

/// Functions. Positions and lengths count characters; a null argument makes each of them null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Whether the text matches a pattern of the common part of all databases.
    MatchesPattern,
    /// Both texts, one after the other.
    Concat,
    /// Place of the second text in the first, exact, from 0; −1 if it is not there.
    IndexOf,
    /// Characters of a text.
    Length,
    /// The text from a place, counted from 0 or from the end, and perhaps at most so many characters.
    Substring,
    /// Small letters.
    ToLower,
    /// Capital letters.
    ToUpper,
    /// Without white space at both ends.
    Trim,
    /// Part of a date or an instant in UTC.
    Year,
    /// Part of a date or an instant in UTC.
    Month,
    /// Part of a date or an instant in UTC.
    Day,
    /// Part of an instant in UTC or a time of day.
    Hour,
    /// Part of an instant or a time of day.
    Minute,
    /// Part of an instant or a time of day: whole seconds.
    Second,
    /// What is beyond the whole second, as a decimal.
    FractionalSeconds,
    /// The date of an instant in UTC.
    Date,
    /// The time of day of an instant in UTC.
    Time,
    /// The seconds of a duration as a decimal.
    TotalSeconds,
    /// To the nearest whole number, half away from zero.
    Round,
    /// To the next lower whole number.
    Floor,
    /// To the next higher whole number.
    Ceiling,
    /// Whether all bits of the second number are set in the first: a boolean.
    HasBits,
    /// How far a column of points is from a longitude and latitude, in metres on a sphere.
    GeographyDistance,
    /// How far a column of points is from two coordinates in a plane.
    GeometryDistance,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Difference.
    Subtract,
    /// Product.
    Multiply,
    /// Quotient; of integers the whole part, toward zero. Null for a divisor of zero that is not floating.
    Divide,
    /// Remainder with the sign of the dividend. Null for a divisor of zero that is not floating.
    Remainder,
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

/// An index of a database that knows words.
#[derive(Clone, Debug, PartialEq)]
pub enum WordIndex {
    /// A column of type `tsvector` and the configuration with which words are made of a phrase (PostgreSQL).
    Vector {
        /// The column.
        column: Column,
        /// The configuration.
        config: Box<str>,
    },
    /// A `FULLTEXT` index over exactly these columns (MySQL, MariaDB).
    Columns(Vec<Column>),
    /// A table that finds row ids (SQLite, FTS5).
    Rows {
        /// The table.
        table: Table,
        /// The column that is equal to its row id.
        key: Column,
    },
}

/// Phrases and how they are connected. They are texts of a request and have no operators in them.
#[derive(Clone, Debug, PartialEq)]
pub enum Words {
    /// A word or several in this order.
    Phrase(Box<str>),
    /// All of them.
    All(Vec<Words>),
    /// One of them.
    Any(Vec<Words>),
    /// What must not be found.
    Not(Box<Words>),
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
