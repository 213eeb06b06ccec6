//! Tests of the room: the texts of every dialect side by side, and what SQLite answers to them.

#![expect(clippy::unnecessary_box_returns, reason = "the operands of a tree are boxes")]

mod made;
mod offered;
mod semantics;
mod texts;

use crate::edm::{Scalar, Value};

use super::ast::{Column, Expr, Output, Select, Table};

pub(super) const INT: Scalar = Scalar::Int32;
pub(super) const TEXT: Scalar = Scalar::STRING;

pub(super) fn named(name: &str, scalar: Scalar) -> Column {
    Column { of: 0, name: name.into(), scalar, form: crate::edm::Form::PLAIN, folding: false, made: None }
}

pub(super) fn column(name: &str, scalar: Scalar) -> Box<Expr> {
    Box::new(Expr::Column(named(name, scalar)))
}

pub(super) fn folding(name: &str) -> Box<Expr> {
    Box::new(Expr::Column(Column { folding: true, ..named(name, TEXT) }))
}

pub(super) fn int(value: i64) -> Box<Expr> {
    Box::new(Expr::Param(Value::Int(value), INT))
}

pub(super) fn text(value: &str) -> Box<Expr> {
    Box::new(Expr::Param(string(value), TEXT))
}

pub(super) fn string(value: &str) -> Value {
    Value::String(value.into())
}

/// `SELECT "id" FROM "t" WHERE filter`
pub(super) fn select(filter: Expr) -> Select {
    let columns = vec![Output { expr: *column("id", INT), scalar: INT }];
    Select { filter: Some(filter), ..Select::all(columns, Table { schema: None, name: "t".into(), query: None }) }
}
