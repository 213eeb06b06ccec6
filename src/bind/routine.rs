//! Owns functions of the model in expressions: bound to the entity or the related entities that a path leads to, or
//! called by themselves.
//!
//! # Decisions
//!
//! - **A function becomes part of the statement**, so that a page costs one statement however many rows it is asked
//!   for. What cannot stand inside another statement, or gives more than one value, is not offered here.
//! - **Of an entity that is not there a function gives null**, as every path through it does.

use crate::edm::Value;
use crate::model::{EnumId, Operation, OperationId, OperationKind, Parameter, Returns};
use crate::query::{Bound, Expr, Routine};
use crate::syntax::{self, ExprKind, FunctionCall, Literal, PathStep, PathStepKind, Span};

use super::BindError;
use super::compare::Side;
use super::connect;
use super::error::BindErrorKind;
use super::filter::Binder;
use super::literal::unbounded;
use super::operation::{self, Given, On};
use super::walk::{Many, Way, not_followed};

impl<'a> Binder<'a, '_> {
    /// A function of the entity to which a path has led; at the start of a path also one that is bound to nothing.
    pub(super) fn function(
        &mut self,
        way: &Way<'a>,
        call: &'a FunctionCall,
        after: &'a [PathStep],
        (is_first, span): (bool, &'a Span),
    ) -> Result<Side<'a>, BindError> {
        if let Some(sight) = way.entity()
            && let Some(found) = self.found(call, On::Entities(sight, false), span)?
        {
            let side = self.routine(found, Bound::Entity(way.place.clone()), call, span)?;
            return followed(of_what_is_there(side, way), after);
        }
        let unbound = if is_first { self.found(call, On::Unbound, span)? } else { None };
        match unbound {
            Some(found) => followed(self.routine(found, Bound::Nothing, call, span)?, after),
            None => Err(no_function(&call.name, span)),
        }
    }

    /// A function of related entities, which is told which they are.
    pub(super) fn function_of_many(
        &mut self,
        many: Many<'a>,
        conditions: Vec<Expr>,
        call: &'a FunctionCall,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        match self.found(call, On::Entities(&many.sight, true), span)? {
            None => Err(no_function(&call.name, span)),
            Some((_, operation)) if !operation.knows_members() => Err(operation::on_a_part(operation, span)),
            Some(found) => {
                let (related, way) = many.related(conditions, None);
                let side = self.routine(found, Bound::Entities(related), call, span)?;
                Ok(if way.guards.is_empty() { side } else { of_what_is_there(side, &way) })
            }
        }
    }

    /// `$root/Import(…)`, if there is one of this name.
    pub(super) fn imported(&mut self, path: &'a [PathStep]) -> Result<Option<Side<'a>>, BindError> {
        let [PathStep { kind: PathStepKind::Root, .. }, PathStep { kind: PathStepKind::Call(call), span }, after @ ..] =
            path
        else {
            return Ok(None);
        };
        if self.scope.open_named(&call.name).is_some() {
            return Ok(None);
        }
        match self.found(call, On::Nothing, span)? {
            Some(found) => followed(self.routine(found, Bound::Nothing, call, span)?, after).map(Some),
            None => Ok(None),
        }
    }

    /// The overload that is meant; an unknown one is an unknown function, since nothing is addressed by it.
    fn found(
        &self,
        call: &'a FunctionCall,
        on: On<'a, '_>,
        span: &Span,
    ) -> Result<Option<(OperationId, &'a Operation)>, BindError> {
        let given = if call.parameters.is_empty() { Given::Nothing } else { Given::Named(&call.parameters) };
        let found = operation::find(&call.name, given, on, self.scope, span);
        found.map_err(|_| no_function(&call.name, span))
    }

    /// The call of a function that gives one value.
    pub(super) fn routine(
        &mut self,
        (id, operation): (OperationId, &'a Operation),
        on: Bound,
        call: &'a FunctionCall,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let source = self.frames.first().map(|frame| frame.sight.set.source);
        if operation.kind != OperationKind::Function {
            return Err(no_function(&call.name, span));
        }
        let value_type = match operation.returns {
            Some(Returns::Value { value_type, .. })
                if operation.inside.is_some() && source == Some(operation.source) =>
            {
                value_type
            }
            _ => return Err(not_inside(operation, source != Some(operation.source), "an expression", span)),
        };
        let mut arguments = Vec::with_capacity(operation.parameters.len());
        for parameter in &operation.parameters {
            let given = call.parameters.iter().find(|(name, _)| *name == parameter.name).map(|(_, expr)| expr);
            arguments.push(self.argument(parameter, given, span)?);
        }
        let expr = Expr::Routine(Box::new(Routine { operation: id, on, arguments }), value_type.scalar);
        let member =
            |of: EnumId| Some(Side::Member(expr.clone(), value_type.scalar, self.words.enumeration(of)?, span));
        let side = value_type.enumeration.and_then(member);
        Ok(side.unwrap_or(Side::Typed(expr, value_type.scalar, span)))
    }

    /// A literal is read as in a path; anything else is a value of the parameter's type.
    fn argument(
        &mut self,
        parameter: &Parameter,
        given: Option<&'a syntax::Expr>,
        span: &Span,
    ) -> Result<Expr, BindError> {
        let meant = given.and_then(|expr| self.words.meant(expr));
        let (Some(given), Some(expr)) = (given, meant) else {
            let (value, scalar) = operation::argument(parameter, None, self.words, span)?;
            return Ok(Expr::Literal(value, scalar));
        };
        let place = &given.span;
        if parameter.collection || matches!(&expr.kind, ExprKind::Literal(_)) {
            let (value, scalar) = operation::argument(parameter, meant, self.words, place)?;
            return Ok(Expr::Literal(value, scalar));
        }
        let wanted = parameter.value_type.scalar;
        let side = self.expression(given)?;
        let of = parameter.value_type.enumeration.and_then(|id| self.words.enumeration(id));
        match (side, of) {
            (Side::Member(expr, scalar, enumeration, _), Some(of))
                if of.name == enumeration.name && scalar == wanted =>
            {
                Ok(expr)
            }
            (Side::Typed(expr, scalar, _), None) if unbounded(scalar) == unbounded(wanted) => Ok(expr),
            (Side::Typed(expr, scalar, _), None) if scalar.is_numeric() && wanted.is_numeric() => {
                Ok(Expr::Cast(Box::new(expr), wanted))
            }
            (Side::Literal(Literal::Null, _), _) if parameter.nullable => Ok(Expr::Literal(Value::Null, wanted)),
            _ => {
                let expected = format!("a value of {}", of.map_or(wanted.name(), |of| &of.name));
                let kind = BindErrorKind::Argument { parameter: parameter.name.clone(), expected };
                Err(BindError::at(kind, place))
            }
        }
    }
}

/// Why a function cannot be called here.
pub(super) fn no_function(name: &str, span: &Span) -> BindError {
    BindError::at(BindErrorKind::UnknownFunction(name.to_owned()), span)
}

/// Why a function is not one value inside of a statement.
pub(super) fn not_inside(operation: &Operation, elsewhere: bool, place: &str, span: &Span) -> BindError {
    let why = match operation.returns {
        _ if elsewhere => "of another data source",
        Some(Returns::Value { .. }) => "whose statement cannot stand inside another",
        Some(Returns::Entity { .. }) => "which gives an entity",
        _ => "which gives many",
    };
    BindError::unsupported(format!("the function '{}', {why}, in {place}", operation.name), span)
}

/// Null where the entity is not there.
fn of_what_is_there<'a>(side: Side<'a>, way: &Way<'a>) -> Side<'a> {
    let there = way.is_there();
    if there == connect::truth(true) {
        return side;
    }
    let guarded = |expr, scalar| Expr::Case(vec![(there.clone(), expr)], scalar);
    match side {
        Side::Typed(expr, scalar, span) => Side::Typed(guarded(expr, scalar), scalar, span),
        Side::Member(expr, scalar, of, span) => Side::Member(guarded(expr, scalar), scalar, of, span),
        other => other,
    }
}

fn followed<'a>(side: Side<'a>, after: &[PathStep]) -> Result<Side<'a>, BindError> {
    if after.is_empty() { Ok(side) } else { Err(not_followed(&side, after)) }
}
