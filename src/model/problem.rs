//! Owns [`Problem`]: one thing that is wrong with a metadata or configuration file.

use std::fmt;

/// What is wrong, where, and what would be right. All problems are collected and shown together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The key inside the file, `property.3.type`; empty when the whole file is meant.
    pub key: String,
    /// What is wrong: lower case, no full stop, names the thing.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}; {}", self.wrong, self.right)
    }
}
