//! Owns [`Source`]: what metadata files must know of a configured database to be judged.

/// A configured database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name by which metadata files mean it.
    pub name: String,
    /// Whether it can announce changes: only then a set may name a channel.
    pub announces: bool,
}
