//! Owns the binding of expressions: every name becomes an id, every literal a value, every alias what it stands for.

use std::cell::Cell;
use std::collections::HashMap;

use crate::edm::Scalar;
use crate::query::{Comparison, Expr};
use crate::syntax::{self, BinaryOperator, ExprKind, Literal, PathStep, PathStepKind, Span};

use super::BindError;
use super::compare::{Side, compare, member};
use super::connect::{self, Asked};
use super::error::BindErrorKind;
use super::functions;
use super::scope::{Scope, Sight};

/// What all expressions of one request share.
pub(super) struct Words<'a> {
    aliases: HashMap<&'a str, &'a syntax::Expr>,
    nodes: Cell<usize>,
}

impl<'a> Words<'a> {
    pub(super) fn new(options: &'a syntax::Options) -> Self {
        let aliases = options.aliases.iter().map(|(name, expr)| (name.trim_start_matches('@'), expr)).collect();
        Words { aliases, nodes: Cell::new(0) }
    }

    /// The literal that an expression is, by itself or through aliases. An alias without a value is null.
    pub(super) fn literal(&self, expr: &'a syntax::Expr) -> Option<&'a Literal> {
        let mut expr = expr;
        for _ in 0..=self.aliases.len() {
            match &expr.kind {
                ExprKind::Literal(literal) => return Some(literal),
                ExprKind::Alias(name) => match self.aliases.get(name.trim_start_matches('@')) {
                    Some(next) => expr = next,
                    None => return Some(&Literal::Null),
                },
                _ => return None,
            }
        }
        None
    }
}

/// Binds a `$filter` for the entities in sight.
pub(super) fn bind_filter<'a>(
    expr: &'a syntax::Expr,
    sight: Sight<'a>,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Expr, BindError> {
    let mut binder = Binder { sight, scope, words, depth: 0, trail: Vec::new() };
    let bound = binder.boolean(expr, "the filter")?;
    Ok(connect::settle(bound, Asked::True, sight.entity))
}

struct Binder<'a, 'b> {
    sight: Sight<'a>,
    scope: &'b Scope<'a>,
    words: &'b Words<'a>,
    depth: usize,
    /// The aliases being substituted, outermost first.
    trail: Vec<&'a str>,
}

impl<'a> Binder<'a, '_> {
    /// Aliases may name aliases, so a short URL can stand for a huge tree; depth and size are counted as substituted.
    fn expression(&mut self, expr: &'a syntax::Expr) -> Result<Side<'a>, BindError> {
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
            ExprKind::Binary(operator, left, right) => self.comparison(*operator, left, right, span),
            ExprKind::In(subject, members) => self.membership(subject, members, span),
            ExprKind::Call(name, arguments) => self.call(name, arguments, span),
            ExprKind::Negate(_) => Err(BindError::unsupported("the negation of an expression", span)),
            ExprKind::List(_) => Err(BindError::unsupported("a list as a value", span)),
            ExprKind::Object(_) => Err(BindError::unsupported("a complex value", span)),
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

    fn comparison(
        &mut self,
        operator: BinaryOperator,
        left: &'a syntax::Expr,
        right: &'a syntax::Expr,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let comparison = match comparison_of(operator) {
            Ok(comparison) => comparison,
            Err(name) => return Err(BindError::unsupported(format!("the operator '{name}'"), span)),
        };
        let left = self.expression(left)?;
        let right = self.expression(right)?;
        Ok(Side::Typed(compare(comparison, left, right)?, Scalar::Boolean, span))
    }

    fn call(&mut self, name: &'a str, arguments: &'a [syntax::Expr], span: &'a Span) -> Result<Side<'a>, BindError> {
        let function = functions::resolve(name, arguments.len(), span)?;
        let mut sides = Vec::with_capacity(arguments.len());
        for argument in arguments {
            sides.push(self.expression(argument)?);
        }
        Ok(Side::Typed(functions::call(function, name, sides)?, Scalar::Boolean, span))
    }

    fn boolean(&mut self, expr: &'a syntax::Expr, place: &'static str) -> Result<Expr, BindError> {
        match self.expression(expr)? {
            Side::Typed(bound, Scalar::Boolean, _) => Ok(bound),
            Side::Literal(Literal::Boolean(value), _) => Ok(connect::truth(*value)),
            Side::Literal(Literal::Null, _) => Ok(connect::unknown()),
            other => Err(BindError::at(BindErrorKind::NotBoolean { place, found: other.describe() }, &expr.span)),
        }
    }

    fn path(&mut self, path: &'a [PathStep], span: &'a Span) -> Result<Side<'a>, BindError> {
        if let [PathStep { kind: PathStepKind::Name(name), .. }] = path
            && let Some((id, property)) = self.sight.property(name)
        {
            return Ok(Side::Typed(Expr::Property(id), property.scalar, span));
        }
        Err(unknown_steps(path, &self.sight, self.scope, span))
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

    fn membership(
        &mut self,
        subject: &'a syntax::Expr,
        members: &'a syntax::Expr,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let ExprKind::List(members) = &members.kind else {
            return Err(BindError::unsupported("in with a collection", span));
        };
        let subject = self.expression(subject)?;
        let mut literals = Vec::with_capacity(members.len());
        for expr in members {
            match self.expression(expr)? {
                Side::Literal(literal, span) => literals.push((literal, span)),
                Side::Typed(_, _, span) => {
                    return Err(BindError::unsupported("a member of an 'in' list that is not a literal", span));
                }
            }
        }
        Ok(Side::Typed(member(subject, &literals)?, Scalar::Boolean, span))
    }
}

/// Why the steps of an expression do not lead to a property of the entity.
pub(super) fn unknown_steps<'a>(path: &[PathStep], sight: &Sight<'a>, scope: &Scope<'a>, span: &Span) -> BindError {
    match path {
        [PathStep { kind: PathStepKind::Call(call), .. }, ..] if call.parameters.is_empty() => {
            return BindError::at(BindErrorKind::UnknownFunction(call.name.clone()), span);
        }
        [PathStep { kind: PathStepKind::Name(name), .. }, PathStep { kind: PathStepKind::Key(_), .. }, ..]
            if scope.navigation(sight, name).is_none() =>
        {
            return BindError::at(BindErrorKind::UnknownFunction(name.clone()), span);
        }
        _ => {}
    }
    let mut names = Vec::with_capacity(path.len());
    for step in path {
        names.push(match &step.kind {
            PathStepKind::Name(name) => name.as_str(),
            PathStepKind::Count { options: None } => "$count",
            other => return BindError::unsupported(feature(other), span),
        });
    }
    unknown_path(&names, sight, scope, span)
}

/// What a step is called when it is refused.
fn feature(step: &PathStepKind) -> &'static str {
    match step {
        PathStepKind::Name(_) => "a path",
        PathStepKind::It => "$it",
        PathStepKind::This => "$this",
        PathStepKind::These => "$these",
        PathStepKind::Root => "$root",
        PathStepKind::Alias(_) => "path through a parameter alias",
        PathStepKind::Key(_) => "key in a path",
        PathStepKind::Count { .. } => "$count with options",
        PathStepKind::Any(_) => "any",
        PathStepKind::All(_) => "all",
        PathStepKind::Call(_) => "function with named parameters",
        PathStepKind::Annotation(_) => "annotation in a path",
        PathStepKind::Filter(_) => "$filter in a path",
        PathStepKind::Aggregate(_) => "aggregate in a path",
    }
}

/// Why a path does not lead to a property of the entity: it is one that is not offered, or there is nothing.
pub(super) fn unknown_path<'a>(path: &[&str], sight: &Sight<'a>, scope: &Scope<'a>, span: &Span) -> BindError {
    let first = path.first().copied().unwrap_or_default();
    if scope.navigation(sight, first).is_some() {
        return BindError::unsupported(format!("the path '{}' through a navigation property", path.join("/")), span);
    }
    if first.contains('.') {
        return BindError::unsupported(format!("the qualified name '{first}' in a path"), span);
    }
    let name = match (sight.property(first), path.get(1)) {
        (Some(_), Some(_)) => path.join("/"),
        _ => first.to_owned(),
    };
    BindError::at(BindErrorKind::UnknownProperty { name, type_name: sight.entity.name.clone() }, span)
}

fn comparison_of(operator: BinaryOperator) -> Result<Comparison, &'static str> {
    Ok(match operator {
        BinaryOperator::Eq => Comparison::Eq,
        BinaryOperator::Ne => Comparison::Ne,
        BinaryOperator::Gt => Comparison::Gt,
        BinaryOperator::Ge => Comparison::Ge,
        BinaryOperator::Lt => Comparison::Lt,
        BinaryOperator::Le => Comparison::Le,
        BinaryOperator::Has => return Err("has"),
        BinaryOperator::Add => return Err("add"),
        BinaryOperator::Sub => return Err("sub"),
        BinaryOperator::Mul => return Err("mul"),
        BinaryOperator::Div => return Err("div"),
        BinaryOperator::DivBy => return Err("divby"),
        BinaryOperator::Mod => return Err("mod"),
    })
}
