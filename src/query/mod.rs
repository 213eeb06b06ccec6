//! The bound query: pure data, the hinge of the house. Holds ids and owned values, so it can be compared, hashed and
//! kept. It decides nothing; `describe` makes it readable.

mod describe;
mod expr;
mod fingerprint;
mod grants;
mod page;
mod read;
mod shape;

pub use describe::{describe, describe_values};
pub use expr::{Comparison, Expr, Function};
pub use fingerprint::{counted, fingerprint, fingerprint_count, fingerprint_whole, touched};
pub use grants::Grants;
pub use page::{Cursor, Page};
pub use read::{Answer, Order, Read, Search, Via};
pub use shape::{Expansion, Shape};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// The service document.
    Service,
    /// `$metadata`.
    Metadata,
    /// Rows of a set.
    Read(Box<Read>),
}
