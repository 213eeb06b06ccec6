//! The bound query: pure data, the hinge of the house. Holds ids and owned values, so it can be compared, hashed and
//! kept. It decides nothing; `describe` makes it readable.

mod apply;
mod call;
mod cross;
mod describe;
mod expr;
mod fingerprint;
mod function;
mod grants;
mod page;
mod pattern;
mod read;
mod row_type;
mod shape;

pub use apply::{Aggregate, Aggregated, Branch, BranchNumber, Column, Method, Step as RowStep, Within};
pub use call::{Bound, Call, Invoke, ResultForm, Routine};
pub use cross::{Cross, Crossed, cross_type};
pub use describe::{describe, describe_values};
pub use expr::{Arithmetic, Comparison, Expr, Many, Place, Related, Root, Step};
pub use fingerprint::{
    counted, fingerprint, fingerprint_aggregate, fingerprint_aggregate_whole, fingerprint_count, fingerprint_cross,
    fingerprint_cross_whole, fingerprint_whole, is_volatile, touched,
};
pub use function::Function;
pub use grants::Grants;
pub use page::{Cursor, CursorError, Page};
pub use pattern::{Mark, Pattern};
pub use read::{All, Answer, Key, Made, Order, Read, Search, Terms, Via};
pub use row_type::{entity_columns, row_type};
pub use shape::{Computed, Expanded, Expansion, Inside, Items, Level, Shape, Stream};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// The service document.
    Service,
    /// `$metadata`.
    Metadata,
    /// Rows of a set.
    Read(Box<Read>),
    /// What `$apply` makes of the rows of a set.
    Aggregate(Box<Aggregate>),
    /// Combinations of the rows of several sets.
    Cross(Box<Cross>),
    /// What a function or an action gives, if that is no entity.
    Call(Box<Invoke>),
}
