//! Owns `$apply` as a tree: transformations and what they are made of (OData Extension for Data Aggregation 4.0).

use super::{ComputeItem, Expr, FunctionCall, OrderItem, Search, Span};

/// `$apply`: transformations, each of the result of the one before. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Apply(pub Vec<Transformation>);

/// One transformation of `$apply`.
#[derive(Clone, Debug, PartialEq)]
pub struct Transformation {
    /// What it does.
    pub kind: TransformationKind,
    /// Where it stands.
    pub span: Span,
}

/// What a transformation does.
#[derive(Clone, Debug, PartialEq)]
pub enum TransformationKind {
    /// `identity`
    Identity,
    /// `filter(…)`
    Filter(Expr),
    /// `search(…)`
    Search(Search),
    /// `compute(… as A)`
    Compute(Vec<ComputeItem>),
    /// `orderby(…)`
    OrderBy(Vec<OrderItem>),
    /// `top(…)`
    Top(u64),
    /// `skip(…)`
    Skip(u64),
    /// `aggregate(…)`
    Aggregate(Vec<AggregateItem>),
    /// `groupby((…),…)`
    GroupBy {
        /// What makes two entities one group. Never empty.
        by: Vec<GroupItem>,
        /// What becomes of each group.
        then: Option<Apply>,
    },
    /// `concat(…,…)`: two or more sequences whose results are put together.
    Concat(Vec<Apply>),
    /// `topcount(2,Amount)` and its five sisters.
    Rank {
        /// Which of them.
        kind: RankKind,
        /// How much.
        amount: Expr,
        /// Of what.
        by: Expr,
    },
    /// Checked and kept, but foreseen to be refused.
    Other(Box<OtherTransformation>),
}

/// From which end, and measured by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as OData writes it")]
pub enum RankKind {
    TopCount,
    TopSum,
    TopPercent,
    BottomCount,
    BottomSum,
    BottomPercent,
}

/// One item of `aggregate`.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateItem {
    /// A path or another expression; none for a bare `$count`.
    pub expr: Option<Expr>,
    /// True for `$count` and `path/$count`; the expression is then the path before it.
    pub count: bool,
    /// What stands behind `with`: `sum min max average countdistinct` in lower case, or a qualified name.
    pub method: Option<String>,
    /// What stands behind `from`, as often as it is given.
    pub from: Vec<AggregateFrom>,
    /// What stands behind `as`; only a custom aggregate may do without.
    pub alias: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// `from A,B with sum`: groups that an aggregate is taken of first.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateFrom {
    /// The grouping properties, each a path. Never empty.
    pub by: Vec<Expr>,
    /// What stands behind `with`.
    pub method: Option<String>,
}

/// One item of the list of `groupby`.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupItem {
    /// A path.
    Path(Expr),
    /// `rollup(A,B)`, `rollup($all,A,B)`, or `rollup(Hierarchy)` with the name of a leveled hierarchy.
    Rollup {
        /// True if `$all` stands in front: the grand total is wanted too.
        all: bool,
        /// The levels, the widest first. Never empty.
        levels: Vec<Expr>,
    },
    /// `rolluprecursive(…)`
    RollupRecursive {
        /// The hierarchy.
        hierarchy: Hierarchy,
        /// What selects the nodes.
        nodes: Option<Apply>,
    },
}

/// A recursive hierarchy: its nodes, its qualifier, and the path to a node's identifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Hierarchy {
    /// A path from `$root`.
    pub root: Expr,
    /// The qualifier of the annotation.
    pub qualifier: String,
    /// The path to the identifier.
    pub node: Expr,
}

/// Transformations that are checked and kept in full, so that they can be printed, though few services offer them.
#[derive(Clone, Debug, PartialEq)]
pub enum OtherTransformation {
    /// `join(P as A,…)` and `outerjoin(P as A,…)`
    Join {
        /// True for `outerjoin`.
        outer: bool,
        /// The collection that is joined.
        property: Expr,
        /// The name of the joined member.
        alias: String,
        /// What is done to the collection first.
        then: Option<Apply>,
    },
    /// `nest(… as A,…)` and `addnested(P,… as A,…)`
    Nest {
        /// The path of `addnested`.
        path: Option<Expr>,
        /// The sequences and their names. Never empty.
        members: Vec<(Apply, String)>,
    },
    /// `ancestors(…)` and `descendants(…)`
    Relatives {
        /// True for `descendants`.
        down: bool,
        /// The hierarchy.
        hierarchy: Hierarchy,
        /// What selects the nodes to start from.
        start: Apply,
        /// How far to go.
        distance: Option<u64>,
        /// True for `keep start`.
        keep_start: bool,
    },
    /// `traverse(…)`
    Traverse {
        /// The hierarchy.
        hierarchy: Hierarchy,
        /// True for `postorder`.
        post: bool,
        /// What selects the nodes.
        nodes: Option<Apply>,
        /// The order among sisters.
        order: Vec<OrderItem>,
    },
    /// `expand(P,…)`, of older drafts.
    Expand {
        /// What is expanded.
        path: Expr,
        /// What is done to it.
        then: Vec<Apply>,
    },
    /// A function of the service.
    Custom(FunctionCall),
}

impl OtherTransformation {
    /// The name for a refusal.
    pub fn feature(&self) -> &str {
        match self {
            OtherTransformation::Join { outer: false, .. } => "join",
            OtherTransformation::Join { outer: true, .. } => "outerjoin",
            OtherTransformation::Nest { path: None, .. } => "nest",
            OtherTransformation::Nest { path: Some(_), .. } => "addnested",
            OtherTransformation::Relatives { down: false, .. } => "ancestors",
            OtherTransformation::Relatives { down: true, .. } => "descendants",
            OtherTransformation::Traverse { .. } => "traverse",
            OtherTransformation::Expand { .. } => "expand",
            OtherTransformation::Custom(call) => &call.name,
        }
    }
}
