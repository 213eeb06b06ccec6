//! Owns [`Dialect`]: the spellings on which databases disagree. Bodies that follow the SQL standard are in [`ansi`].
//!
//! # Decisions
//!
//! - **A dialect writes, it does not describe.** It has methods that write, not flags that the walk would have to ask.
//! - **Exact texts.** OData's `eq` is exact; collations may not be. Where equality of the column's collation can be
//!   wider, two conditions are written: the plain one, so that the column's index finds the few candidates, and an
//!   exact one that decides. Negations need only the exact one, since `<>` finds nothing by index.
//! - **Two columns** of texts compare by code point on every database: their collations may differ, and PostgreSQL and
//!   MariaDB refuse to choose one. No index serves such a comparison, so nothing is lost.
//! - **Groups are exact.** The key by which rows are grouped for `$expand` is written in its exact form; a collation
//!   that folds would give two parents one common page.
//! - **A page per group** costs least where an index finds the rows of one group and the database takes them group by
//!   group; without the index that would read the table once for each group, and one look with a window is right.
//! - **Lists.** PostgreSQL takes a list as one array. Elsewhere a list is written out, padded with its last member to
//!   1, 2, 4, 8, … members, so that few texts exist and prepared statements are found again.

mod aggregate;
pub(super) mod ansi;
mod distance;
pub(super) mod formed;
mod forms;
mod holds;
mod mariadb;
mod mysql;
mod offered;
mod pattern;
mod postgres;
mod sqlite;
mod words;

use std::fmt::Debug;

pub use distance::EARTH_DIAMETER;
pub use mariadb::MariaDb;
pub use mysql::MySql;
pub use postgres::Postgres;
pub use sqlite::Sqlite;

use crate::edm::{Offered, Scalar, Template, Value};

use super::RenderError;
use super::ast::{
    Aggregate, Arithmetic, Column, Comparison, Expr, Function, Groups, Order, PerGroup, Place, Select, Window,
    WordIndex, Words,
};
use super::call::{Routine, inside};
use super::holds::OneHolds;
use super::made::calculated;
use super::render::{value, windowed};
use super::rewrite::Held;
use super::write::Writer;

/// How one database spells SQL.
pub trait Dialect: Debug + Send + Sync {
    /// The sign around identifiers; it is doubled inside them.
    fn quote(&self) -> char {
        '"'
    }

    /// The form of parameter marks.
    fn mark(&self) -> Mark {
        Mark::Plain
    }

    /// Most parameters of one statement.
    fn parameters_max(&self) -> usize {
        // The wire protocols of PostgreSQL and MySQL count them in 16 bits.
        65_535
    }

    /// Where a value lies among those that the database can hold.
    fn held(&self, _value: &Value) -> Held {
        Held::Yes
    }

    /// The question of [`super::statistics`]. A change must show in it only after new statements see the change.
    fn statistics(&self, w: &mut Writer<'_>, table: &crate::sql::ast::Table);

    /// The value of a column that is not in the plain form: it binds as tightly as a name.
    fn formed(&self, w: &mut Writer<'_>, column: &Column);

    /// A date of this column that is offered under another type: it binds as tightly as a name.
    fn offered(&self, w: &mut Writer<'_>, dates: &Column, offered: Offered);

    /// How many characters a column of texts holds; characters are never divided.
    fn length(&self, w: &mut Writer<'_>, text: &Expr);

    /// The first characters of a column of texts, and a text of a metadata file behind them.
    fn beginning(&self, w: &mut Writer<'_>, text: &Expr, characters: u32, behind: &str);

    /// A boolean column as a condition.
    fn condition(&self, w: &mut Writer<'_>, column: &Column) {
        w.column(column);
    }

    /// [`Expr::Compare`]
    fn compare(&self, w: &mut Writer<'_>, operator: Comparison, left: &Expr, right: &Expr) {
        ansi::infix(w, left, operator.symbol(), right);
    }

    /// [`Expr::Same`] and its three relatives.
    fn equal(&self, w: &mut Writer<'_>, equality: Equality, left: &Expr, right: &Expr);

    /// [`Expr::In`] and [`Expr::NotIn`]; the list has members.
    fn member(&self, w: &mut Writer<'_>, negated: bool, operand: &Expr, values: &[Value], scalar: Scalar);

    /// [`Expr::RowIn`] with two or more columns and at least one tuple.
    fn row_member(&self, w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]);

    /// [`Expr::Match`]
    fn matches(&self, w: &mut Writer<'_>, place: Place, text: &Expr, part: &Expr);

    /// [`Expr::OneHolds`]: a condition that binds as tightly as a comparison.
    fn one_holds(&self, w: &mut Writer<'_>, holds: &OneHolds);

    /// [`Expr::Search`]
    fn search(&self, w: &mut Writer<'_>, text: &Expr, phrase: &str);

    /// [`Expr::Words`]: a condition that binds as tightly as a comparison.
    fn words(&self, w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
        let _ = (index, words);
        words::refuse(w);
    }

    /// [`Expr::Linked`]
    fn link(&self, w: &mut Writer<'_>, left: &Column, right: &Column) {
        w.column(left);
        w.syntax(" = ");
        w.column(right);
    }

    /// [`Expr::Json`]: binds as tightly as a name.
    fn json(&self, w: &mut Writer<'_>, column: &Column) {
        let _ = column;
        w.refuse(RenderError::Unsupported { feature: "array columns".to_owned() });
    }

    /// [`super::ast::From::Items`], to be followed by its name. What it is made of may be a column of a select outside.
    fn items(&self, w: &mut Writer<'_>, of: &Expr, is_array: bool);

    /// [`Expr::Call`]: binds as tightly as a name, or is a condition for a function whose result is a boolean.
    fn function(&self, w: &mut Writer<'_>, function: Function, arguments: &[Expr], scalar: Scalar);

    /// [`Expr::Arithmetic`]: binds as tightly as a name.
    fn arithmetic(&self, w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar);

    /// [`Expr::Negate`]: binds as tightly as a name.
    fn negate(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar);

    /// [`Expr::Cast`]: binds as tightly as a name.
    fn cast(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar);

    /// [`Expr::Routine`]: binds as tightly as a name.
    fn routine(&self, w: &mut Writer<'_>, call: &Routine) {
        inside(w, call);
    }

    /// A value of this type where the type must be plain to the database, as in a branch of `CASE`.
    fn typed(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        let _ = scalar;
        value(w, operand);
    }

    /// The limit that a select inside `EXISTS` gets; it needs none.
    fn limit_of_exists(&self) -> Option<u64> {
        None
    }

    /// One item of `ORDER BY`, nulls lowest.
    fn order(&self, w: &mut Writer<'_>, order: &Order) {
        ansi::order(w, order);
    }

    /// What a metadata file calculates: binds as tightly as a name.
    fn calculated(&self, w: &mut Writer<'_>, column: &Column, template: &Template) {
        calculated(w, column, template);
    }

    /// A text of a metadata file as part of the statement; it holds no U+0000.
    fn text(&self, w: &mut Writer<'_>, text: &str) {
        ansi::text(w, text);
    }

    /// A column by which rows are grouped, in its exact form.
    fn group_key(&self, w: &mut Writer<'_>, column: &Column) {
        w.column(column);
    }

    /// [`Expr::Grouped`]
    fn grouped(&self, w: &mut Writer<'_>, column: &Column) {
        w.column(column);
    }

    /// [`Expr::Aggregate`], and [`Expr::Over`] with a window.
    fn aggregate(
        &self,
        w: &mut Writer<'_>,
        function: Aggregate,
        operand: &Expr,
        scalar: Scalar,
        window: Option<&Window>,
    );

    /// [`Expr::Listed`]
    fn listed(&self, w: &mut Writer<'_>, operand: &Expr, order: &[Order]);

    /// [`Expr::Null`]
    fn null(&self, w: &mut Writer<'_>, _: Scalar) {
        w.syntax("NULL");
    }

    /// A page of each of the groups; `page` has a limit or leaves rows out.
    fn page_per_group(&self, w: &mut Writer<'_>, select: &Select, page: &PerGroup, groups: &Groups) {
        windowed(w, select, page, Some(groups));
    }

    /// The limit at the end of a statement.
    fn limit(&self, w: &mut Writer<'_>, limit: Option<u64>, offset: u64) {
        ansi::limit(w, limit, offset, "");
    }

    /// What precedes a statement so that the database tells its plan instead of rows, and which text column of the
    /// answer, from 0, holds it.
    fn explain(&self) -> (&'static str, usize) {
        ("EXPLAIN ", 0)
    }
}

/// The form of parameter marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `?`
    Plain,
    /// A sign and the parameter's number from 1.
    Numbered(char),
}

/// The kinds of exact equality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equality {
    /// [`Expr::Same`]
    Same,
    /// [`Expr::Different`]
    Different,
    /// [`Expr::NullSafeSame`]
    NullSafeSame,
    /// [`Expr::NullSafeDifferent`]
    NullSafeDifferent,
}
