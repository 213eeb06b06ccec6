//! Owns [`Statement`]: text with parameter marks, the parameters, and the wanted type of each column.

use std::hash::Hash;

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

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

impl Statement {
    /// A number for the text, the same in every process: by it a line of the log and the text that `explain` prints
    /// find each other. Never 0.
    pub fn fingerprint(&self) -> u64 {
        xxh3_64(self.text.as_bytes()).max(1)
    }

    /// A number for text and parameters, within this process. A caller can make two of them equal, so it is good for
    /// guesses only.
    pub fn name(&self) -> u128 {
        let mut hasher = Xxh3Default::new();
        (&self.text, &self.params).hash(&mut hasher);
        hasher.digest128()
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Param {
    /// One value.
    One(Value, Scalar),
    /// A list as one array parameter, where the database has them.
    List(Vec<Value>, Scalar),
    /// One value after the other: the statement runs once for each, all such parameters in step. Only for databases in
    /// this process.
    Each(Vec<Value>, Scalar),
}
