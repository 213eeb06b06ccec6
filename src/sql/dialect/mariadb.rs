//! Owns the dialect of MariaDB: MySQL's, in a place of its own.
//!
//! # Decisions
//!
//! - **A dialect of its own from the start.** The two drift apart (JSON, `RETURNING`, sequences, the `uuid` type), and
//!   statements that write will differ first. Every form of [`MySql`] was tried on MariaDB 10.11, so all are passed on;
//!   one type with a version switch was rejected, since each method would then have to ask.

use crate::edm::{Offered, Scalar, Value};
use crate::sql::Held;
use crate::sql::ast::{
    Aggregate, Arithmetic, Column, Comparison, Expr, Function, Order, Place, Window, WordIndex, Words,
};
use crate::sql::holds::OneHolds;
use crate::sql::write::Writer;

use super::{Dialect, Equality, MySql, mysql};

/// MariaDB.
#[derive(Clone, Debug, Default)]
pub struct MariaDb {
    /// What is equal on MySQL.
    pub base: MySql,
}

impl Dialect for MariaDb {
    fn quote(&self) -> char {
        self.base.quote()
    }

    fn held(&self, value: &Value) -> Held {
        // DECIMAL(65, 38)
        mysql::held(value, 38)
    }

    fn statistics(&self, w: &mut Writer<'_>, table: &crate::sql::ast::Table) {
        self.base.statistics(w, table);
    }

    fn formed(&self, w: &mut Writer<'_>, column: &Column) {
        self.base.formed(w, column);
    }

    fn offered(&self, w: &mut Writer<'_>, dates: &Column, offered: Offered) {
        self.base.offered(w, dates, offered);
    }

    fn length(&self, w: &mut Writer<'_>, text: &Expr) {
        self.base.length(w, text);
    }

    fn beginning(&self, w: &mut Writer<'_>, text: &Expr, characters: u32, behind: &str) {
        self.base.beginning(w, text, characters, behind);
    }

    fn condition(&self, w: &mut Writer<'_>, column: &Column) {
        self.base.condition(w, column);
    }

    fn compare(&self, w: &mut Writer<'_>, operator: Comparison, left: &Expr, right: &Expr) {
        self.base.compare(w, operator, left, right);
    }

    fn equal(&self, w: &mut Writer<'_>, equality: Equality, left: &Expr, right: &Expr) {
        self.base.equal(w, equality, left, right);
    }

    fn member(&self, w: &mut Writer<'_>, negated: bool, operand: &Expr, values: &[Value], scalar: Scalar) {
        self.base.member(w, negated, operand, values, scalar);
    }

    fn row_member(&self, w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]) {
        self.base.row_member(w, columns, tuples);
    }

    fn matches(&self, w: &mut Writer<'_>, place: Place, text: &Expr, part: &Expr) {
        self.base.matches(w, place, text, part);
    }

    fn one_holds(&self, w: &mut Writer<'_>, holds: &OneHolds) {
        self.base.one_holds(w, holds);
    }

    fn search(&self, w: &mut Writer<'_>, text: &Expr, phrase: &str) {
        self.base.search(w, text, phrase);
    }

    fn words(&self, w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
        self.base.words(w, index, words);
    }

    fn link(&self, w: &mut Writer<'_>, left: &Column, right: &Column) {
        self.base.link(w, left, right);
    }

    fn listed(&self, w: &mut Writer<'_>, operand: &Expr, order: &[Order]) {
        self.base.listed(w, operand, order);
    }

    fn items(&self, w: &mut Writer<'_>, of: &Expr, is_array: bool) {
        self.base.items(w, of, is_array);
    }

    fn function(&self, w: &mut Writer<'_>, function: Function, arguments: &[Expr], scalar: Scalar) {
        self.base.function(w, function, arguments, scalar);
    }

    fn arithmetic(&self, w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar) {
        self.base.arithmetic(w, operator, left, right, scalar);
    }

    fn negate(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        self.base.negate(w, operand, scalar);
    }

    fn cast(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        self.base.cast(w, operand, scalar);
    }

    fn typed(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        self.base.typed(w, operand, scalar);
    }

    fn order(&self, w: &mut Writer<'_>, order: &Order) {
        self.base.order(w, order);
    }

    fn text(&self, w: &mut Writer<'_>, text: &str) {
        self.base.text(w, text);
    }

    fn group_key(&self, w: &mut Writer<'_>, column: &Column) {
        self.base.group_key(w, column);
    }

    fn grouped(&self, w: &mut Writer<'_>, column: &Column) {
        self.base.grouped(w, column);
    }

    fn aggregate(
        &self,
        w: &mut Writer<'_>,
        function: Aggregate,
        operand: &Expr,
        scalar: Scalar,
        window: Option<&Window>,
    ) {
        self.base.aggregate(w, function, operand, scalar, window);
    }

    fn limit(&self, w: &mut Writer<'_>, limit: Option<u64>, offset: u64) {
        self.base.limit(w, limit, offset);
    }

    fn explain(&self) -> (&'static str, usize) {
        ("EXPLAIN FORMAT=JSON ", 0)
    }
}
