//! Owns the binding of expressions: every name becomes an id, every literal a value, every alias what it stands for.
//! What paths mean is [`super::walk`]'s, calculations are [`super::calculate`]'s, functions [`super::functions`]'s.

use std::cell::Cell;
use std::collections::HashMap;

use crate::edm::{Scalar, Value};
use crate::model::{EnumId, EnumType, Model, Property, SetId};
use crate::query::{Computed, Expr};
use crate::syntax::{self, BinaryOperator, ExprKind, Literal, Span};

use super::BindError;
use super::calculate;
use super::compare::{Side, member};
use super::connect::{self, Asked};
use super::error::BindErrorKind;
use super::functions;
use super::items::ItemsOf;
use super::scope::{Scope, Sight};

/// What all expressions of one request share.
pub(super) struct Words<'a> {
    model: &'a Model,
    aliases: HashMap<&'a str, &'a syntax::Expr>,
    nodes: Cell<usize>,
    /// Whether an expression has named the entity outside of an expansion.
    pub(super) outer: Cell<bool>,
}

impl<'a> Words<'a> {
    pub(super) fn new(options: &'a syntax::Options, model: &'a Model) -> Self {
        let aliases = options.aliases.iter().map(|(name, expr)| (name.trim_start_matches('@'), expr)).collect();
        Words { model, aliases, nodes: Cell::new(0), outer: Cell::new(false) }
    }

    /// An enumeration by its id.
    pub(super) fn enumeration(&self, id: EnumId) -> Option<&'a EnumType> {
        self.model.enumeration(id)
    }

    /// The type of the key of a set, if it has one part.
    pub(super) fn key_of(&self, set: SetId) -> Option<Scalar> {
        let entity = self.model.type_of(set)?;
        match entity.key.as_slice() {
            [id] => entity.property(*id).map(|property| property.scalar),
            _ => None,
        }
    }

    /// What an expression is through aliases; itself if it is none. `None` for an alias without a value.
    pub(super) fn meant(&self, expr: &'a syntax::Expr) -> Option<&'a syntax::Expr> {
        let mut expr = expr;
        for _ in 0..=self.aliases.len() {
            let ExprKind::Alias(name) = &expr.kind else { return Some(expr) };
            expr = self.aliases.get(name.trim_start_matches('@'))?;
        }
        Some(expr)
    }

    /// The literal that an expression is, by itself or through aliases. An alias without a value is null.
    pub(super) fn literal(&self, expr: &'a syntax::Expr) -> Option<&'a Literal> {
        match self.meant(expr).map(|expr| &expr.kind) {
            None => Some(&Literal::Null),
            Some(ExprKind::Literal(literal)) => Some(literal),
            Some(_) => None,
        }
    }
}

/// What the expressions of one collection have in sight: its entities, and what `$compute` has named.
#[derive(Clone, Copy)]
pub(super) struct Names<'a, 'c> {
    pub(super) sight: Sight<'a>,
    pub(super) computed: &'c [Computed],
    pub(super) it: It<'a>,
}

/// What `$it` stands for: always an entity of the resource path.
#[derive(Clone, Copy)]
pub(super) enum It<'a> {
    /// The entity at hand.
    Here,
    /// The parent of the expanded entities.
    Parent(Sight<'a>),
    /// An entity that is out of reach, further above.
    Above,
}

impl<'a> Names<'a, '_> {
    /// Those of an expanded collection.
    pub(super) fn nested(sight: Sight<'a>, it: It<'a>) -> Self {
        Names { sight, computed: &[], it }
    }
}

impl<'a> From<Sight<'a>> for Names<'a, '_> {
    fn from(sight: Sight<'a>) -> Self {
        Names { sight, computed: &[], it: It::Here }
    }
}

/// Binds a `$filter` for the entities in sight.
pub(super) fn bind_filter<'a>(
    expr: &'a syntax::Expr,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Expr, BindError> {
    let mut binder = Binder::new(names, scope, words);
    let bound = binder.boolean(expr, "the filter")?;
    Ok(connect::settle(bound, Asked::True, names.sight.entity))
}

/// Binds an expression of any type: the value and its type.
pub(super) fn bind_value<'a>(
    expr: &'a syntax::Expr,
    names: Names<'a, '_>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<(Expr, Scalar), BindError> {
    let mut binder = Binder::new(names, scope, words);
    let side = binder.expression(expr)?;
    calculate::value_of(side)
}

/// One entity or item in sight and the name of the lambda's variable that stands for it.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    /// The entity; of an item that of the lambda around.
    pub(super) sight: Sight<'a>,
    pub(super) variable: Option<&'a str>,
    /// The collection, if it is one of its items that is in sight.
    pub(super) item_of: Option<&'a Property>,
}

pub(super) struct Binder<'a, 'b> {
    /// The entity of the collection.
    pub(super) first: Sight<'a>,
    /// The parent of an expansion, the entity of the collection, then those of the lambdas and counts around.
    pub(super) frames: Vec<Frame<'a>>,
    /// The frame that a name without a variable means.
    pub(super) base: usize,
    /// That of the entity of the collection.
    pub(super) home: usize,
    pub(super) computed: &'b [Computed],
    pub(super) it: It<'a>,
    pub(super) scope: &'b Scope<'a>,
    pub(super) words: &'b Words<'a>,
    depth: usize,
    /// The aliases being substituted, outermost first.
    trail: Vec<&'a str>,
}

impl<'a, 'b> Binder<'a, 'b> {
    pub(super) fn new(names: Names<'a, 'b>, scope: &'b Scope<'a>, words: &'b Words<'a>) -> Self {
        let frame = |sight| Frame { sight, variable: None, item_of: None };
        let frames = match names.it {
            It::Parent(parent) => vec![frame(parent), frame(names.sight)],
            It::Here | It::Above => vec![frame(names.sight)],
        };
        Binder {
            first: names.sight,
            base: frames.len() - 1,
            home: frames.len() - 1,
            frames,
            computed: names.computed,
            it: names.it,
            scope,
            words,
            depth: 0,
            trail: Vec::new(),
        }
    }

    /// For combinations of entities: each is named by its set.
    pub(super) fn crossed(sights: &[Sight<'a>], scope: &'b Scope<'a>, words: &'b Words<'a>) -> Option<Self> {
        let last = sights.last()?;
        let frame = |sight: &Sight<'a>| Frame { sight: *sight, variable: Some(sight.set.name.as_str()), item_of: None };
        let frames: Vec<_> = sights.iter().map(frame).collect();
        let home = frames.len() - 1;
        Some(Binder { frames, base: home, home, ..Binder::new((*last).into(), scope, words) })
    }

    /// For the items of a collection.
    pub(super) fn of_items(of: ItemsOf<'a, 'b>, scope: &'b Scope<'a>, words: &'b Words<'a>) -> Self {
        let mut binder = Binder::new(of.names, scope, words);
        if of.alone {
            binder.frames.clear();
        }
        binder.base = binder.frames.len();
        binder.frames.push(Frame { sight: of.names.sight, variable: None, item_of: Some(of.property) });
        binder
    }

    /// Whether nothing but the items of a collection is in sight.
    pub(super) fn of_items_alone(&self) -> bool {
        self.frames.first().is_some_and(|frame| frame.item_of.is_some())
    }

    /// Aliases may name aliases, so a short URL can stand for a huge tree; depth and size are counted as substituted.
    pub(super) fn expression(&mut self, expr: &'a syntax::Expr) -> Result<Side<'a>, BindError> {
        let limits = self.scope.limits;
        self.words.nodes.set(self.words.nodes.get() + 1);
        if self.words.nodes.get() > limits.expression_nodes_max {
            let kind = BindErrorKind::Limit { unit: "terms", limit: limits.expression_nodes_max };
            return Err(BindError::at(kind, &expr.span));
        }
        if self.depth >= limits.expression_depth_max {
            let kind = BindErrorKind::Limit { unit: "levels of nesting", limit: limits.expression_depth_max };
            return Err(BindError::at(kind, &expr.span));
        }
        self.depth += 1;
        let side = self.node(expr);
        self.depth -= 1;
        side
    }

    /// Each kind has a function of its own: this one recurses, so its frame must stay small.
    fn node(&mut self, expr: &'a syntax::Expr) -> Result<Side<'a>, BindError> {
        let span = &expr.span;
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(Side::Literal(literal, span)),
            ExprKind::Path(path) => self.path(path, span),
            ExprKind::Alias(name) => self.alias(name.trim_start_matches('@'), span),
            ExprKind::Not(operand) => self.negation(operand, span),
            ExprKind::And(operands) => self.connection(operands, "an operand of 'and'", connect::and, span),
            ExprKind::Or(operands) => self.connection(operands, "an operand of 'or'", connect::or, span),
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            ExprKind::In(subject, members) => self.membership(subject, members, span),
            ExprKind::Call(name, arguments) => functions::bind_call(self, name, arguments, span),
            ExprKind::Negate(operand) => {
                let operand = self.expression(operand)?;
                calculate::negate(operand, span)
            }
            ExprKind::List(members) => Ok(Side::List(members, span)),
            ExprKind::Object(members) => Ok(Side::Object(members, span)),
            ExprKind::Type(_) => Err(BindError::unsupported("a type as a value", span)),
        }
    }

    fn negation(&mut self, operand: &'a syntax::Expr, span: &'a Span) -> Result<Side<'a>, BindError> {
        let operand = self.boolean(operand, "the operand of 'not'")?;
        Ok(Side::Typed(connect::not(operand), Scalar::Boolean, span))
    }

    fn connection(
        &mut self,
        operands: &'a [syntax::Expr],
        place: &'static str,
        connect: fn(Vec<Expr>) -> Expr,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let mut bound = Vec::with_capacity(operands.len());
        for operand in operands {
            bound.push(self.boolean(operand, place)?);
        }
        Ok(Side::Typed(connect(bound), Scalar::Boolean, span))
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &'a syntax::Expr,
        right: &'a syntax::Expr,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let left = self.expression(left)?;
        let right = self.expression(right)?;
        match calculate::comparison_of(operator) {
            Some(comparison) => Ok(Side::Typed(self.compared(comparison, left, right)?, Scalar::Boolean, span)),
            None => calculate::calculate(operator, left, right, span),
        }
    }

    pub(super) fn boolean(&mut self, expr: &'a syntax::Expr, place: &'static str) -> Result<Expr, BindError> {
        match self.expression(expr)? {
            Side::Typed(bound, Scalar::Boolean, _) => Ok(bound),
            Side::Literal(Literal::Boolean(value), _) => Ok(connect::truth(*value)),
            Side::Literal(Literal::Null, _) => Ok(connect::unknown()),
            other => Err(BindError::at(BindErrorKind::NotBoolean { place, found: other.describe() }, &expr.span)),
        }
    }

    fn alias(&mut self, name: &'a str, span: &'a Span) -> Result<Side<'a>, BindError> {
        let Some(value) = self.words.aliases.get(name).copied() else {
            return Ok(Side::Literal(&Literal::Null, span));
        };
        if self.trail.contains(&name) {
            return Err(BindError::at(BindErrorKind::AliasLoop(name.to_owned()), span));
        }
        self.trail.push(name);
        let side = self.expression(value);
        self.trail.pop();
        side
    }

    /// Literals are one list; members of other kinds are compared one by one.
    fn membership(
        &mut self,
        subject: &'a syntax::Expr,
        members: &'a syntax::Expr,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let members = match self.words.meant(members) {
            Some(syntax::Expr { kind: ExprKind::List(members), .. }) => members.as_slice(),
            // An alias without a value is null, and nothing is in no list.
            None => &[],
            Some(other) => return self.item_of(subject, other, span),
        };
        let subject = self.expression(subject)?;
        let mut literals = Vec::with_capacity(members.len());
        let mut others = Vec::new();
        for expr in members {
            match self.expression(expr)? {
                Side::Literal(literal, span) => literals.push((literal, span)),
                other => others.push(other),
            }
        }
        let mut parts = Vec::with_capacity(others.len() + 1);
        for other in others {
            parts.push(self.compared(crate::query::Comparison::Eq, subject.clone(), other)?);
        }
        match subject {
            Side::Items(_) | Side::Complex(_) | Side::List(..) | Side::Object(..) => {
                for (literal, span) in literals {
                    let literal = Side::Literal(literal, span);
                    parts.push(self.compared(crate::query::Comparison::Eq, subject.clone(), literal)?);
                }
            }
            subject => parts.push(member(subject, &literals)?),
        }
        Ok(Side::Typed(connect::or(parts), Scalar::Boolean, span))
    }
}

/// A literal as an expression of a type.
pub(super) fn constant(value: Value, scalar: Scalar) -> Expr {
    Expr::Literal(value, super::literal::unbounded(scalar))
}
