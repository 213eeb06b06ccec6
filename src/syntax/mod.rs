//! Words of a request: the part of the URL below the service root, as a tree. Knows no model.
//!
//! [`parse`] takes the target as the client sent it. The path is split at `/`, the query at `&`, each option at its
//! first `=`, all on the encoded text; only then is each piece decoded, once (OData 4.01 Part 2, 2.1). So `%2F` in a
//! key and `%26` in a literal are data, and `%2527` is the three characters `%27`. [`print()`] is the way back.
//!
//! # Decisions
//!
//! - **A bare plus sign in the query is a blank**, also inside string literals, as every form encoder writes it; a plus
//!   sign of data is `%2B`. Only where nothing but a plus can stand, before the offset of a date-time and in an
//!   exponent, it is a plus. Keeping it a plus everywhere, as RFC 3986 has it, was rejected: Salesforce writes blanks
//!   so. In the path a plus is a plus.
//! - **Places are computed, not carried.** A decoded piece remembers only which of its bytes were escaped; a span costs
//!   one binary search, and none in a piece without escapes. A map of every byte was rejected for its memory.
//! - **Precedence is the table's, not the grammar's**: `not A eq B` is `(not A) eq B`, since the grammar of OData
//!   groups nothing and says so.
//! - **Depth is bounded twice**: recursion, which only brackets cause, by counting levels, and the height of the tree,
//!   since a chain such as `a add b add c` grows without recursion but is dropped and bound recursively. No setting
//!   goes beyond 100 levels.
//! - **Everything of the grammar has a node**, offered or not, so that what is wrong is refused here with its place,
//!   and what is merely not offered is named by the binder.
//! - **Parentheses behind a name in an expression** are told apart by what stands in them: named parameters or nothing
//!   make a call, a single literal or alias is a key, and the rest is a call by position, which only canonical
//!   functions have. In the resource path the binder decides.
//! - **A search that breaks the grammar is one term**, whole and as it is, since Salesforce sends what its user typed;
//!   only a phrase must be closed.
//! - **`null`, `true` and `false` are literals in any letter case**, as the grammar has it; `INF` and `NaN` only so.
//! - **`skiptoken` and `deltatoken` need their dollar sign**: the grammar gives them no other spelling, so without it
//!   they are custom options.
//! - **Values of custom options are not looked into** before somebody asks: they may be parameters of a function
//!   without parentheses.
//! - **Keys are literals or aliases**, never expressions. A segment that is not a name with a key is one name, whatever
//!   it contains, because a key may stand as a segment.

mod aggregate;
mod apply;
pub mod batch;
mod call;
mod compute;
mod decode;
mod error;
mod expand;
mod filter;
mod hierarchy;
mod json;
mod lexer;
mod mask;
mod member;
mod operand;
mod option_name;
mod options;
mod order;
mod parser;
mod path;
mod pattern;
mod print;
mod raw_json;
mod search;
mod select;
mod shape;
mod spans;
#[cfg(test)]
mod tests;
mod tree;

use parser::Budget;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use mask::masked;
pub use pattern::{Pattern, Specimen};
pub use print::{print, print_options};
pub use raw_json::RawJson;
pub use tree::{
    AggregateFrom, AggregateItem, Apply, BinaryOperator, ComputeItem, CustomOption, ExpandItem, Expr, ExprKind,
    FunctionCall, GroupItem, Hierarchy, KeyPredicate, Lambda, Levels, Literal, Options, OrderItem, OtherTransformation,
    Path, PathStep, PathStepKind, RankKind, ResourceUrl, Search, SearchExpr, Segment, SegmentKind, SelectItem, Span,
    Transformation, TransformationKind, Word,
};

/// How much a request may ask of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of whatever nests: parentheses, operators, calls, lambdas, JSON, options in options, `$apply`.
    pub depth_max: usize,
    /// Nodes of all expressions together; a nested item, a search term and a transformation count as one each.
    pub nodes_max: usize,
    /// Members of one list: behind `in`, in JSON, of arguments, of a path's steps.
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
    let mut budget = Budget::new(limits);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query_base = target.len().min(path.len() + 1);
    let path = path::path(path, 0, &mut budget)?;
    let options = options::options(query, query_base, &mut budget)?;
    Ok(ResourceUrl { path, options })
}

/// Parses the value of a custom option as that of a function's parameter.
pub fn parse_parameter(option: &CustomOption, limits: &Limits) -> Result<Expr, SyntaxError> {
    options::parameter(&option.value, option.span.start, &mut Budget::new(limits))
}

/// Parses an expression that stands in a file, as in `$filter` but with nothing encoded.
pub fn parse_filter(text: &str, limits: &Limits) -> Result<Expr, SyntaxError> {
    options::parameter(&encoded(text.trim()), 0, &mut Budget::new(limits))
}

/// The text as it would be written in a URL, with line ends as blanks.
fn encoded(text: &str) -> String {
    text.replace(['\r', '\n', '\t'], " ").replace('%', "%25").replace('+', "%2B")
}

/// Parses a JSON object, as it comes with a request: its members as the values of parameters are in a URL. Nothing at
/// all is an object without members.
pub fn parse_object(body: &str, limits: &Limits) -> Result<Vec<(String, Expr)>, SyntaxError> {
    let body = body.trim_matches(['\r', '\n', '\t', ' ']);
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |found: &str| SyntaxError {
        kind: SyntaxErrorKind::Unexpected { expected: "a JSON object", found: found.to_owned() },
        span: 0..0,
    };
    if serde_json::from_str::<serde_json::Value>(body).is_err() {
        return Err(wrong("what is not JSON"));
    }
    // In JSON these stand between values only, and nothing is escaped by a per cent sign.
    match options::parameter(&encoded(body), 0, &mut Budget::new(limits))?.kind {
        ExprKind::Object(members) => Ok(members),
        _ => Err(wrong("another value")),
    }
}
