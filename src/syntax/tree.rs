//! Owns the words of a request as a tree: [`ResourceUrl`] and what it is made of. Names are not resolved, literals are
//! not yet typed: `5` is a number, not an `Edm.Int32`.

use std::ops::Range;

/// A place in the request target as the client sent it, in bytes; used to underline what is wrong.
pub type Span = Range<usize>;

/// A whole resource URL below the service root.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceUrl {
    /// What is addressed.
    pub path: Path,
    /// System query options; custom options are dropped here (OData 4.01 Part 1, 11.2.1).
    pub options: Options,
}

/// The resource path.
#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    /// The service root itself.
    Service,
    /// `$metadata`
    Metadata,
    /// An entity set, singleton or operation, and what follows it. Never empty.
    Resource(Vec<Segment>),
    /// Correct, but not offered: `$batch`, `$all`, `$crossjoin(…)`, `$entity`.
    Other {
        /// The feature's name for the refusal, `$batch`.
        feature: String,
        /// Where it stands.
        span: Span,
    },
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
    /// A name: entity set, property or navigation property, with an optional key in parentheses.
    Name {
        /// The identifier, percent-decoded; may be qualified by a namespace (`NS.Type`).
        name: String,
        /// The key predicate.
        key: Option<KeyPredicate>,
    },
    /// `$count`
    Count,
    /// `$value`
    Value,
    /// `$ref`
    Ref,
    /// Another `$…` segment that is correct OData (`$filter(…)`, `$each`, `$query`): its name, for the refusal.
    Other(String),
}

/// `(1)` or `(OrderID=1,ProductID=2)`.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPredicate {
    /// The value alone.
    Single(Expr),
    /// Named parts in the order written.
    Named(Vec<(String, Expr)>),
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
    /// `$top`
    pub top: Option<u64>,
    /// `$skip`
    pub skip: Option<u64>,
    /// `$count`
    pub count: Option<bool>,
    /// `$skiptoken`, percent-decoded.
    pub skip_token: Option<(String, Span)>,
    /// `$format`, percent-decoded.
    pub format: Option<(String, Span)>,
    /// Correct options that are not offered: name without the dollar sign, in lower case (`apply`, `compute`, `deltatoken`).
    pub unsupported: Vec<(String, Span)>,
    /// Definitions of parameter aliases, `@name=value`: the name without its sign, and the value. The binder puts the
    /// values in the places of the aliases.
    pub aliases: Vec<(String, Expr)>,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says. Long chains of `and` and `or` are flat, so depth measures real nesting.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A property path, one name or several (`Account/Name`), the last of which may be `$count`.
    Path(Vec<String>),
    /// `@name`, kept without its sign.
    Alias(String),
    /// `not` operand
    Not(Box<Expr>),
    /// Unary minus on something that is not a number literal.
    Negate(Box<Expr>),
    /// Two or more operands joined by `and`.
    And(Vec<Expr>),
    /// Two or more operands joined by `or`.
    Or(Vec<Expr>),
    /// `eq ne gt ge lt le has add sub mul div divby mod`
    Binary(BinaryOperator, Box<Expr>, Box<Expr>),
    /// `in` with a list.
    In(Box<Expr>, Vec<Expr>),
    /// A function call; the name is in lower case if it is a canonical function. Conditions and values of `case` stand
    /// in turn.
    Call(String, Vec<Expr>),
    /// Correct OData that has no node of its own yet: lambda, JSON literal, `$it`, `$root`, filtered count.
    Other {
        /// The feature's name for the refusal.
        feature: String,
    },
}

/// Operators with two operands, other than `and`, `or` and `in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as OData writes it")]
pub enum BinaryOperator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Has,
    Add,
    Sub,
    Mul,
    Div,
    DivBy,
    Mod,
}

/// A literal as written; its type is decided against what it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// Digits with optional sign, fraction and exponent, exactly as written; also `INF`, `-INF`, `NaN`.
    Number(String),
    /// `'O''Neil'`, quotes removed and doubled quotes made single.
    String(String),
    /// A text of the form of a date, `2024-02-30` included: whether it exists is the binder's to say.
    Date(String),
    /// A text of the form of a date with time and offset.
    DateTimeOffset(String),
    /// A text of the form of a time of day.
    TimeOfDay(String),
    /// The 8-4-4-4-12 form.
    Guid(String),
    /// `duration'…'`, `binary'…'`, `geography'…'`, an enumeration: prefix and text.
    Prefixed(String, String),
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
    /// `*`, or the names of the path with slashes between them.
    pub path: String,
    /// True if the item carries options of its own in parentheses.
    pub has_options: bool,
    /// Where it stands.
    pub span: Span,
}

/// One item of `$expand`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpandItem {
    /// `*` as `["*"]`, else the path; may end in `$ref` or `$count`.
    pub path: Vec<String>,
    /// Options in parentheses; `$expand` and `$levels` included.
    pub options: Options,
    /// Where it stands.
    pub span: Span,
}

/// `$search`. Salesforce sends one phrase, quoted or bare.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The whole text, percent-decoded, outer quotes removed when the text is one quoted phrase.
    pub phrase: String,
    /// True if the whole text was one quoted phrase.
    pub quoted: bool,
    /// Where it stands.
    pub span: Span,
}
