//! Owns [`Call`]: a call of what the database has itself, and of statements as the metadata files have them, by itself
//! or as a value inside another statement.

use crate::edm::Scalar;

use super::ast::{Expr, Select, Table};
use super::dialect::Dialect;
use super::render::{select_inside, separated, table, value};
use super::write::Writer;
use super::{RenderError, Statement};

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub body: CallBody,
    /// The wanted type of each column of its rows.
    pub columns: Vec<Scalar>,
}

/// What is called.
#[derive(Clone, Debug, PartialEq)]
pub enum CallBody {
    /// A statement of a metadata file.
    Statement(Vec<CallPart>),
    /// A function of the database, and whether it gives rows.
    Function(Table, bool, Vec<Expr>),
    /// A stored procedure.
    Procedure(Table, Vec<Expr>),
}

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum CallPart {
    /// SQL as a metadata file has it; nothing of it comes from a request.
    Text(String),
    /// A value.
    Value(Expr),
    /// The rows of a select, without parentheses.
    Rows(Box<Select>),
}

/// A call inside another statement, as one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Routine {
    /// What is called; no procedure.
    pub body: CallBody,
    /// It says itself how many rows it gives.
    pub limited: bool,
    /// The wanted type of the value.
    pub scalar: Scalar,
}

/// Writes the statement of a call.
pub fn render_call(call: &Call, dialect: &dyn Dialect) -> Result<Statement, RenderError> {
    let mut w = Writer::new(dialect, call.columns.len());
    match &call.body {
        CallBody::Statement(parts) => statement(&mut w, parts),
        CallBody::Function(function, rows, arguments) => {
            w.syntax(if *rows { "SELECT * FROM " } else { "SELECT " });
            routine(&mut w, function, arguments);
        }
        CallBody::Procedure(procedure, arguments) => {
            w.syntax("CALL ");
            routine(&mut w, procedure, arguments);
        }
    }
    w.finish(call.columns.clone())
}

/// Writes a call as a value. A line ends behind the statement, since a comment may end it.
pub(super) fn inside(w: &mut Writer<'_>, call: &Routine) {
    let limit = if call.limited { "\n)" } else { "\nLIMIT 1)" };
    match &call.body {
        CallBody::Statement(parts) => {
            w.syntax("(");
            statement(w, parts);
            w.syntax(limit);
        }
        CallBody::Function(function, false, arguments) => routine(w, function, arguments),
        CallBody::Function(function, true, arguments) => {
            w.syntax("(SELECT * FROM ");
            routine(w, function, arguments);
            w.syntax(limit);
        }
        CallBody::Procedure(..) => {
            w.refuse(RenderError::Unsupported { feature: "a procedure inside a statement".to_owned() });
        }
    }
}

fn statement(w: &mut Writer<'_>, parts: &[CallPart]) {
    for part in parts {
        match part {
            CallPart::Text(text) => w.declared(text),
            CallPart::Value(expr) => value(w, expr),
            CallPart::Rows(select) => select_inside(w, select),
        }
    }
}

fn routine(w: &mut Writer<'_>, name: &Table, arguments: &[Expr]) {
    table(w, name);
    w.syntax("(");
    separated(w, arguments, |w, _, argument| value(w, argument));
    w.syntax(")");
}
