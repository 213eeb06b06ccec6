//! Owns the words of a request as a tree: [`ResourceUrl`] and what it is made of. Names are not resolved, literals are
//! not yet typed: `5` is a number, not an `Edm.Int32`.

mod apply;
mod expr;

use std::ops::Range;

pub use apply::{
    AggregateFrom, AggregateItem, Apply, GroupItem, Hierarchy, OtherTransformation, RankKind, Transformation,
    TransformationKind,
};
pub use expr::{BinaryOperator, Expr, ExprKind, FunctionCall, Lambda, Literal, PathStep, PathStepKind};

/// A place in the request target as the client sent it, in bytes; used to underline what is wrong.
pub type Span = Range<usize>;

/// A whole resource URL below the service root.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceUrl {
    /// What is addressed.
    pub path: Path,
    /// The query options.
    pub options: Options,
}

/// The resource path.
#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    /// The service root itself.
    Service,
    /// `$metadata`
    Metadata,
    /// `$batch`
    Batch,
    /// `$all`
    All {
        /// The type that the entities are restricted to.
        cast: Option<Word>,
        /// Where it stands.
        span: Span,
    },
    /// `$crossjoin(A,B)`
    Crossjoin {
        /// The entity sets. Never empty.
        sets: Vec<Word>,
        /// True if `$query` follows.
        query: bool,
        /// Where it stands.
        span: Span,
    },
    /// `$entity`, with the entity in the option `$id`.
    Entity {
        /// The type that the entity is taken for.
        cast: Option<Word>,
        /// Where it stands.
        span: Span,
    },
    /// An entity set, singleton or operation, and what follows it. Never empty.
    Resource(Vec<Segment>),
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One step of a resource path.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// What the step says.
    pub kind: SegmentKind,
    /// Where it stands.
    pub span: Span,
}

/// What one step of a resource path says.
#[derive(Clone, Debug, PartialEq)]
pub enum SegmentKind {
    /// A name: entity set, property, navigation property, type or operation, with optional parentheses. Also the index
    /// of an ordered collection and a key that stands as a segment of its own: only the binder can tell them apart.
    Name {
        /// The identifier, percent-decoded; may be qualified by a namespace (`NS.Type`).
        name: String,
        /// What stands in the parentheses: a key, or the parameters of a function.
        key: Option<KeyPredicate>,
    },
    /// `$count`
    Count,
    /// `$value`
    Value,
    /// `$ref`
    Ref,
    /// A key that follows other parentheses, as in `F(p=1)(2)` and `$filter(…)(2)`.
    Key(KeyPredicate),
    /// `$filter(…)`
    Filter(Expr),
    /// `$each`
    Each,
    /// `$query`
    Query,
}

/// What stands in the parentheses behind a name: a key or the parameters of a function, which the binder decides.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPredicate {
    /// The value alone.
    Single(Expr),
    /// Named parts in the order written.
    Named(Vec<(String, Expr)>),
    /// `()`
    Empty,
}

/// The system query options. Each occurs at most once; a second one is a `SyntaxError`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `$filter`
    pub filter: Option<Expr>,
    /// `$orderby`
    pub order: Option<Vec<OrderItem>>,
    /// `$select`
    pub select: Option<Vec<SelectItem>>,
    /// `$expand`
    pub expand: Option<Vec<ExpandItem>>,
    /// `$search`
    pub search: Option<Search>,
    /// `$compute`
    pub compute: Option<Vec<ComputeItem>>,
    /// `$apply`
    pub apply: Option<Apply>,
    /// `$top`
    pub top: Option<u64>,
    /// `$skip`
    pub skip: Option<u64>,
    /// `$count`
    pub count: Option<bool>,
    /// `$levels`, only inside `$expand`.
    pub levels: Option<Levels>,
    /// `$index`
    pub index: Option<i64>,
    /// `$skiptoken`, percent-decoded.
    pub skip_token: Option<(String, Span)>,
    /// `$deltatoken`, percent-decoded.
    pub delta_token: Option<(String, Span)>,
    /// `$format`, percent-decoded.
    pub format: Option<(String, Span)>,
    /// `$schemaversion`, percent-decoded.
    pub schema_version: Option<(String, Span)>,
    /// `$id`, percent-decoded.
    pub id: Option<(String, Span)>,
    /// Definitions of parameter aliases, `@name=value`: the name without its sign, and the value. The binder puts the
    /// values in the places of the aliases.
    pub aliases: Vec<(String, Expr)>,
    /// Custom options with a name that a parameter could have. [`parse_parameter`](super::parse_parameter) reads their
    /// values, and [`print()`](super::print()) leaves them out.
    pub custom: Vec<CustomOption>,
}

/// A custom option. Its value means nothing, unless the path calls a function without parentheses that has a parameter
/// of this name: then it is the parameter's value (OData 4.01 Part 1, 11.5.4.1.1).
#[derive(Clone, Debug, PartialEq)]
pub struct CustomOption {
    /// The name.
    pub name: String,
    /// The value, still percent-encoded.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
}

/// How far `$levels` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// `max`
    Max,
    /// So many levels, at least one.
    Number(u64),
}

/// One item of `$compute`.
#[derive(Clone, Debug, PartialEq)]
pub struct ComputeItem {
    /// The value.
    pub expr: Expr,
    /// The name it is given.
    pub alias: String,
    /// Where it stands.
    pub span: Span,
}

/// One item of `$orderby`.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderItem {
    /// What to sort by.
    pub expr: Expr,
    /// True for `desc`.
    pub descending: bool,
}

/// One item of `$select`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectItem {
    /// The names of the path with slashes between them: properties, types, `*`, `NS.*`, `@NS.Term`, `NS.F(p,q)`. One
    /// text, since almost all items are one name; [`SelectItem::names`] takes it apart.
    pub path: String,
    /// Options in parentheses.
    pub options: Option<Box<Options>>,
    /// Where it stands.
    pub span: Span,
}

/// One item of `$expand`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpandItem {
    /// `*` as `["*"]`, `$value` as `["$value"]`, else the path, with complex properties and types; may end in `$ref` or
    /// `$count`.
    pub path: Vec<String>,
    /// Options in parentheses; `$expand` and `$levels` included.
    pub options: Options,
    /// Where it stands.
    pub span: Span,
}

/// `$search`.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What is looked for.
    pub expr: SearchExpr,
    /// Where it stands.
    pub span: Span,
}

/// An expression of `$search`. Chains are flat.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchExpr {
    /// Two or more operands, all of which must match.
    And(Vec<SearchExpr>),
    /// Two or more operands, one of which must match.
    Or(Vec<SearchExpr>),
    /// What must not match.
    Not(Box<SearchExpr>),
    /// A word or a phrase.
    Term {
        /// The text without its quotes.
        text: String,
        /// True if it stood in quotes.
        quoted: bool,
        /// Where it stands.
        span: Span,
    },
}

impl SelectItem {
    /// The names of the path.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.path.split('/')
    }
}
