//! Owns [`ExecuteError`].

use crate::sql::RenderError;
use crate::store::StoreError;

/// A plan could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The plan names a source that is not configured.
    #[error("the source number {0} is not configured")]
    UnknownSource(u32),
    /// The dialect cannot say the statement.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The database did not give its rows.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database gave a row of a node that cannot be read.
    #[error("{error}")]
    Row {
        /// The node, by [`crate::plan::Node::index`].
        node: usize,
        /// What is wrong.
        error: StoreError,
    },
    /// A key value does not have the type that the model says.
    #[error(transparent)]
    Cell(#[from] crate::edm::CellError),
}

impl ExecuteError {
    /// Whether the statement may do in the other spelling of texts.
    pub(super) fn wants_narrow(&self) -> bool {
        matches!(self, ExecuteError::Store(StoreError::CharacterSet { .. }))
    }
}
