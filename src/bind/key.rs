//! Owns the binding of key predicates: every part once, each literal of the type of its property.

use crate::edm::Value;
use crate::model::PropertyId;
use crate::query::{Comparison, Expr};
use crate::syntax::{self, KeyPredicate, Literal, Span};

use super::BindError;
use super::connect;
use super::error::{BindErrorKind, KeyProblem};
use super::filter::Words;
use super::literal::{Fit, fit, text_of, unbounded};
use super::scope::Sight;

/// The key's values in the order of the type's key. Parts that the parent of a navigation implies may be left out
/// (OData 4.01 Part 2, 4.3.4).
pub(super) fn bind_key<'a>(
    predicate: &'a KeyPredicate,
    implied: &[(PropertyId, Value)],
    sight: &Sight<'a>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Vec<Value>, BindError> {
    let key = &sight.entity.key;
    let is_implied = |id: PropertyId| implied.iter().any(|(other, _)| *other == id);
    let expr = match predicate {
        KeyPredicate::Named(parts) => return bind_named_key(parts, implied, sight, words, span),
        KeyPredicate::Empty => return Err(wrong(sight, KeyProblem::Unnamed, span)),
        KeyPredicate::Single(expr) => expr,
    };
    let mut open =
        (0..key.len()).filter(|place| key.len() == 1 || key.get(*place).is_some_and(|id| !is_implied(*id)));
    let (Some(place), None) = (open.next(), open.next()) else {
        return Err(wrong(sight, KeyProblem::Unnamed, span));
    };
    let mut values: Vec<Option<Value>> = vec![None; key.len()];
    if let (Some(slot), Some(id)) = (values.get_mut(place), key.get(place)) {
        *slot = Some(part(expr, *id, sight, words)?);
    }
    complete(values, implied, sight, span)
}

/// The same of parts that are named, in any order.
pub(super) fn bind_named_key<'a>(
    parts: &'a [(String, syntax::Expr)],
    implied: &[(PropertyId, Value)],
    sight: &Sight<'a>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Vec<Value>, BindError> {
    let key = &sight.entity.key;
    let mut values: Vec<Option<Value>> = vec![None; key.len()];
    for (name, expr) in parts {
        let id = sight.property(name).map(|(id, _)| id);
        let place = id.and_then(|id| key.iter().position(|part| *part == id));
        let (Some(id), Some(slot)) = (id, place.and_then(|place| values.get_mut(place))) else {
            return Err(wrong(sight, KeyProblem::Unknown(name.clone()), span));
        };
        if slot.is_some() {
            return Err(wrong(sight, KeyProblem::Duplicate(name.clone()), span));
        }
        *slot = Some(part(expr, id, sight, words)?);
    }
    complete(values, implied, sight, span)
}

fn wrong(sight: &Sight<'_>, problem: KeyProblem, span: &Span) -> BindError {
    BindError::at(BindErrorKind::Key { set: sight.set.name.clone(), problem }, span)
}

fn complete(
    values: Vec<Option<Value>>,
    implied: &[(PropertyId, Value)],
    sight: &Sight<'_>,
    span: &Span,
) -> Result<Vec<Value>, BindError> {
    let implied_value = |id: PropertyId| implied.iter().find(|(other, _)| *other == id).map(|(_, value)| value);
    let mut whole = Vec::with_capacity(values.len());
    for (id, value) in sight.entity.key.iter().zip(values) {
        let Some(value) = value.or_else(|| implied_value(*id).cloned()) else {
            let name = sight.entity.property(*id).map_or_else(String::new, |property| property.name.clone());
            return Err(wrong(sight, KeyProblem::Missing(name), span));
        };
        whole.push(value);
    }
    Ok(whole)
}

fn part<'a>(expr: &'a syntax::Expr, id: PropertyId, sight: &Sight<'a>, words: &Words<'a>) -> Result<Value, BindError> {
    let not_literal = || {
        let kind = BindErrorKind::Key { set: sight.set.name.clone(), problem: KeyProblem::NotLiteral };
        Err(BindError::at(kind, &expr.span))
    };
    let (Some(literal), Some(property)) = (words.literal(expr), sight.entity.property(id)) else {
        return not_literal();
    };
    if *literal == Literal::Null {
        return not_literal();
    }
    if let Fit::Exact(value) = fit(literal, property.scalar, &expr.span)? {
        return Ok(value);
    }
    let (text, type_name) = (text_of(literal).to_owned(), property.scalar.name());
    Err(BindError::at(BindErrorKind::MalformedLiteral { text, type_name }, &expr.span))
}

/// The condition that a key stands for.
pub(super) fn key_filter(sight: &Sight<'_>, values: &[Value]) -> Expr {
    let parts = sight.entity.key.iter().zip(values).filter_map(|(id, value)| {
        let scalar = unbounded(sight.entity.property(*id)?.scalar);
        let literal = Expr::Literal(value.clone(), scalar);
        Some(Expr::Compare(Comparison::Eq, Box::new(Expr::Property(*id)), Box::new(literal)))
    });
    connect::and(parts.collect())
}

/// Whether a bare path segment could be the key of an entity (`Orders/10248`).
pub(super) fn could_be_key(text: &str, sight: &Sight<'_>) -> bool {
    let [id] = sight.entity.key.as_slice() else { return false };
    let Some(property) = sight.entity.property(*id) else { return false };
    matches!(fit(&Literal::String(text.to_owned()), property.scalar, &(0..0)), Ok(Fit::Exact(_)))
}
