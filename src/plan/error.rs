//! Owns [`PlanError`].

/// A bound query cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The query holds an id that its model does not know: it was bound to another model.
    #[error("the query does not belong to this model")]
    ForeignQuery,
}
