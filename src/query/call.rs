//! Owns [`Call`]: a bound call of a function or an action.

use crate::edm::{Scalar, Value};
use crate::model::OperationId;

use super::{Expr, Place, Read, Related};

/// A call of a function or an action.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The overload.
    pub operation: OperationId,
    /// Reads the key of the entity on which it is called, in the order of the type's key; or those of all entities of
    /// the collection; or, as [`Answer::Each`](super::Answer::Each), what it gives for each of them. Rights are inside,
    /// so what the caller may not see is not there.
    pub bound: Option<Box<Read>>,
    /// The values of the parameters, in declared order. Of an action they come with the body, and are empty before.
    pub arguments: Vec<(Value, Scalar)>,
}

/// A call that is the whole request: what it gives are values, or nothing. Entities are read like any others, see
/// [`Read::from`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invoke {
    /// The call.
    pub call: Call,
    /// In what form the result is answered.
    pub form: ResultForm,
}

/// A call of a function as a value in an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Routine {
    /// The overload.
    pub operation: OperationId,
    /// On what it is called.
    pub on: Bound,
    /// The parameters, in declared order.
    pub arguments: Vec<Expr>,
}

/// On what a function is called in an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// On nothing.
    Nothing,
    /// On one entity, which is there.
    Entity(Place),
    /// On related entities.
    Entities(Related),
}

/// The form of the result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultForm {
    /// A JSON object with `value`.
    Json,
    /// The value as plain text or bytes (`/$value`).
    Raw,
    /// The number of values (`/$count`).
    Count,
}
