//! Owns [`RenderError`]: why a tree has no text in a dialect.

/// A tree cannot be written for a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A name that no database can hold: it contains U+0000.
    #[error("the identifier {0:?} contains the character U+0000")]
    Identifier(String),
    /// The database has no way to do this.
    #[error("{feature} is not supported by this database")]
    Unsupported {
        /// What is not supported, as the start of a sentence: `a list of more than 65535 values`.
        feature: String,
    },
}
