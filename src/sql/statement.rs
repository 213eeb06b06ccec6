//! Owns [`Statement`]: text with parameter marks, the parameters, and the wanted type of each column.

use crate::edm::{Scalar, Value};

/// A statement ready for a database. Equal shapes of query give equal text, so prepared statements are reused.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The SQL text; it holds no value of the request.
    pub text: String,
    /// The parameters, in the order of their marks.
    pub params: Vec<Param>,
    /// The wanted type of each column.
    pub columns: Vec<Scalar>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// One value.
    One(Value, Scalar),
    /// A list as one array parameter, where the database has them.
    List(Vec<Value>, Scalar),
    /// One value after the other: the statement runs once for each, all such parameters in step. Only for databases in
    /// this process.
    Each(Vec<Value>, Scalar),
}
