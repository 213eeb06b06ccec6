//! Owns [`Call`]: a call of what the database has itself, and of statements as the metadata files have them.

use crate::edm::{Scalar, Value};

use super::ast::Table;
use super::dialect::Dialect;
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
    Function(Table, bool, Vec<(Value, Scalar)>),
    /// A stored procedure.
    Procedure(Table, Vec<(Value, Scalar)>),
}

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum CallPart {
    /// SQL as a metadata file has it; nothing of it comes from a request.
    Text(String),
    /// A value, which becomes a parameter.
    Value(Value, Scalar),
}

/// Writes the statement of a call.
pub fn render_call(call: &Call, dialect: &dyn Dialect) -> Result<Statement, RenderError> {
    let mut w = Writer::new(dialect, call.columns.len());
    match &call.body {
        CallBody::Statement(parts) => {
            for part in parts {
                match part {
                    CallPart::Text(text) => w.declared(text),
                    CallPart::Value(value, scalar) => w.value(value.clone(), *scalar),
                }
            }
        }
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

fn routine(w: &mut Writer<'_>, table: &Table, arguments: &[(Value, Scalar)]) {
    if let Some(schema) = &table.schema {
        w.identifier(schema);
        w.syntax(".");
    }
    w.identifier(&table.name);
    w.syntax("(");
    for (place, (value, scalar)) in arguments.iter().enumerate() {
        if place > 0 {
            w.syntax(", ");
        }
        w.value(value.clone(), *scalar);
    }
    w.syntax(")");
}
