//! Owns [`Problem`]: one thing that is wrong with the configuration. Same form as `model::Problem`, but this room names
//! nothing of ours, so it has its own.

use std::collections::HashSet;
use std::fmt;

/// What is wrong, where, and what would be right. Never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The key inside the file, `sources.erp.url`; empty when the whole file is meant.
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

/// Collects problems of one file.
#[derive(Debug)]
pub(super) struct Problems {
    file: String,
    found: Vec<Problem>,
    settled: HashSet<String>,
}

impl Problems {
    /// An empty list for this file.
    pub(super) fn new(file: String) -> Self {
        Problems { file, found: Vec::new(), settled: HashSet::new() }
    }

    /// Notes one problem.
    pub(super) fn add(&mut self, key: impl Into<String>, wrong: impl Into<String>, right: impl Into<String>) {
        let key = key.into();
        if !self.settled.contains(&key) {
            self.found.push(Problem { file: self.file.clone(), key, wrong: wrong.into(), right: right.into() });
        }
    }

    /// From here on, a key that has a problem gets no further one: a value that could not be made is not judged.
    pub(super) fn settle(&mut self) {
        self.settled = self.found.iter().map(|problem| problem.key.clone()).collect();
    }

    /// Everything that was found, in the order in which it was found.
    pub(super) fn into_found(self) -> Vec<Problem> {
        self.found
    }
}
