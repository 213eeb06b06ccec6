//! Words of a request: the part of the URL below the service root, as a tree. Knows no model.

mod error;
mod tree;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use tree::{
    BinaryOperator, ExpandItem, Expr, ExprKind, KeyPredicate, Literal, Options, OrderItem, Path, ResourceUrl, Search,
    Segment, SegmentKind, SelectItem, Span,
};

/// How much a request may ask of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of parentheses, `not`, calls and `$expand`.
    pub depth_max: usize,
    /// Nodes of all expressions together.
    pub nodes_max: usize,
    /// Members of one `in` list.
    pub list_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth_max: 64, nodes_max: 20_000, list_max: 10_000 }
    }
}
