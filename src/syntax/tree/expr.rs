//! Owns expressions as a tree: operators, paths and literals.

use super::{AggregateItem, KeyPredicate, Options, Span};

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
    /// A path: `Name`, `Account/Name`, `Lines/any(l:l/Quantity gt 5)`, `$it`, `NS.F(p=1)`. Never empty.
    Path(Vec<PathStep>),
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
    /// `in`; on the right a list, or anything that yields a collection.
    In(Box<Expr>, Box<Expr>),
    /// `(1,2)` behind `in`, and a JSON array wherever it stands.
    List(Vec<Expr>),
    /// A JSON object: names as written, control information (`@odata.type`) included, and values.
    Object(Vec<(String, Expr)>),
    /// A call of a function by position; the name is in lower case if it is a canonical function. Conditions and values
    /// of `case` stand in turn. The last argument of `isof` and `cast` is always a [`ExprKind::Type`].
    Call(String, Vec<Expr>),
    /// The type that `isof` and `cast` name: `Edm.Int32`, `NS.Sub`, `Sub`, `Collection(Edm.String)`.
    Type(String),
}

/// One step of a path in an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct PathStep {
    /// What the step says.
    pub kind: PathStepKind,
    /// Where it stands.
    pub span: Span,
}

/// What one step of a path in an expression says. Everything but the name is boxed, so that the usual path, one name,
/// costs as little as a name.
#[derive(Clone, Debug, PartialEq)]
pub enum PathStepKind {
    /// A property, navigation property or entity set, a type (a cast), or the variable of a lambda: the binder decides.
    Name(String),
    /// `$it`, only as the first step.
    It,
    /// `$this`, only as the first step.
    This,
    /// `$these`, the collection that is aggregated; only as the first step.
    These,
    /// `$root`, only as the first step and never alone.
    Root,
    /// `@p/Name`: a parameter alias, only as the first step and never alone.
    Alias(Box<str>),
    /// The key of the step before: `Lines(1)`, `Lines(@k)`; with named parts only behind other parentheses, since
    /// `Lines(a=1)` alone is a [`PathStepKind::Call`]. Never [`KeyPredicate::Empty`].
    Key(Box<KeyPredicate>),
    /// `$count`, with `$filter` and `$search` in parentheses.
    Count {
        /// The options, if there are any.
        options: Option<Box<Options>>,
    },
    /// `any()`, `any(a:a/X eq 1)`
    Any(Option<Box<Lambda>>),
    /// `all(a:a/X eq 1)`
    All(Box<Lambda>),
    /// A name with named parameters or empty parentheses: a function, or a navigation property with a key of several
    /// parts.
    Call(Box<FunctionCall>),
    /// `@NS.Term#qualifier`, without its sign.
    Annotation(Box<str>),
    /// `$filter(…)`
    Filter(Box<Expr>),
    /// `aggregate(…)`
    Aggregate(Box<AggregateItem>),
}

/// What `any` and `all` ask of each member.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    /// The name of the member.
    pub variable: String,
    /// The question.
    pub predicate: Expr,
}

/// A function with named parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    /// The name, qualified or not.
    pub name: String,
    /// The parameters in the order written.
    pub parameters: Vec<(String, Expr)>,
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

impl Expr {
    /// The name, if the expression is a path of one plain name.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Path(steps) => match steps.as_slice() {
                [PathStep { kind: PathStepKind::Name(name), .. }] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }
}
