//! Words of a request: the part of the URL below the service root, as a tree. Knows no model.
//!
//! [`parse`] takes the target as the client sent it. The path is split at `/`, the query at `&`, each option at its
//! first `=`, all on the encoded text; only then is each piece decoded, once (OData 4.01 Part 2, 2.1). So `%2F` in a
//! key and `%26` in a literal are data, and `%2527` is the three characters `%27`. [`print()`] is the way back.
//!
//! # Decisions
//!
//! - **A bare plus sign in the query is a blank**, also inside string literals, as every form encoder writes it; a plus
//!   sign of data is `%2B`. Only where nothing but a plus can stand, before the offset of a date-time and in an exponent,
//!   it is a plus. Keeping it a plus everywhere, as RFC 3986 has it, was rejected: Salesforce writes blanks so. In the
//!   path a plus is a plus.
//! - **Places are computed, not carried.** A decoded piece remembers only which of its bytes were escaped; a span costs
//!   one binary search, and none in a piece without escapes. A map of every byte was rejected for its memory.
//! - **Precedence is the table's, not the grammar's**: `not A eq B` is `(not A) eq B`, since the grammar of OData groups
//!   nothing and says so.
//! - **Depth is bounded twice**: recursion, which only brackets cause, by counting levels, and the height of the tree, since a chain such as
//!   `a add b add c` grows without recursion but is dropped and bound recursively. No setting goes beyond 100 levels.
//! - **What is correct but has no node** (lambdas, JSON, `$it`, a filter inside a path) is stepped over as balanced text
//!   and named, so that the refusal can be 501 instead of 400. Its inside is not checked.
//! - **`null`, `true` and `false` are literals in any letter case**, as the grammar has it; `INF` and `NaN` only so.
//! - **`skiptoken` and `deltatoken` need their dollar sign**: the grammar gives them no other spelling, so without it
//!   they are custom options. Values of custom options are not even decoded.
//! - **Keys are literals or aliases**, never expressions. A segment that is not a name with a key is one name, whatever
//!   it contains, because a key may stand as a segment.

mod decode;
mod error;
mod expand;
mod filter;
mod lexer;
mod operand;
mod options;
mod order;
mod parser;
mod path;
mod print;
mod search;
mod select;
mod shape;
mod spans;
#[cfg(test)]
mod tests;
mod tree;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use print::print;
pub use tree::{
    AggregateFrom, AggregateItem, Apply, BinaryOperator, ComputeItem, ExpandItem, Expr, ExprKind, FunctionCall,
    GroupItem, Hierarchy, KeyPredicate, Lambda, Levels, Literal, Options, OrderItem, OtherTransformation, Path,
    PathStep, PathStepKind, RankKind, ResourceUrl, Search, SearchExpr, Segment, SegmentKind, SelectItem, Span,
    Transformation, TransformationKind, Word,
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

/// Parses a request target relative to the service root, still percent-encoded: `Orders(1)/Lines?$top=5`. Raw blanks
/// and letters beyond ASCII are accepted as if they were encoded.
pub fn parse(target: &str, limits: &Limits) -> Result<ResourceUrl, SyntaxError> {
    let mut budget = parser::Budget::new(limits);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query_base = target.len().min(path.len() + 1);
    let path = path::path(path, 0, &mut budget)?;
    let options = options::options(query, query_base, &mut budget)?;
    Ok(ResourceUrl { path, options })
}
