//! Owns the binding of keys: every part once, each literal of the type of its property; in parentheses, or as segments
//! of the path.

use crate::edm::{Scalar, Value};
use crate::model::PropertyId;
use crate::query::{Comparison, Expr, Key};
use crate::syntax::{self, KeyPredicate, Literal, Span};

use super::BindError;
use super::compare::enum_value;
use super::connect;
use super::error::{BindErrorKind, KeyProblem};
use super::filter::Words;
use super::literal::{exact, exact_value, text_of, unbounded};
use super::scope::{Scope, Sight};

/// The key that a predicate gives. Parts that the parent of a navigation implies may be left out (OData 4.01 Part 2,
/// 4.3.4); an alternate key is told from the key by the names of its parts (4.3.5).
pub(super) fn bind_key<'a>(
    predicate: &'a KeyPredicate,
    implied: &[(PropertyId, Value)],
    sight: &Sight<'a>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Key, BindError> {
    let values = match predicate {
        KeyPredicate::Named(parts) => return bind_named_key(parts, implied, sight, words, span),
        KeyPredicate::Empty => return Err(wrong(sight, KeyProblem::Unnamed, span)),
        KeyPredicate::Single(expr) => single(expr, implied, sight, words, span)?,
    };
    Ok(Key { alternate: None, values: complete(values, implied, sight, span)? })
}

/// The same of parts that are named, in any order.
pub(super) fn bind_named_key<'a>(
    parts: &'a [(String, syntax::Expr)],
    implied: &[(PropertyId, Value)],
    sight: &Sight<'a>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Key, BindError> {
    if let Some(alternate) = alternate_key(parts, sight) {
        let ids = sight.entity.alternate_keys.get(usize::from(alternate)).into_iter().flatten();
        let values = ids.filter_map(|id| {
            let (_, expr) = parts.iter().find(|(name, _)| sight.property(name).is_some_and(|(of, _)| of == *id))?;
            Some(part(expr, *id, sight, words))
        });
        return Ok(Key { alternate: Some(alternate), values: values.collect::<Result<_, _>>()? });
    }
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
    Ok(Key { alternate: None, values: complete(values, implied, sight, span)? })
}

/// Which alternate key has exactly these parts, unless they are those of the key itself.
fn alternate_key(parts: &[(String, syntax::Expr)], sight: &Sight<'_>) -> Option<u16> {
    let ids: Vec<_> = parts.iter().map(|(name, _)| sight.property(name).map(|(id, _)| id)).collect();
    if ids.iter().all(|id| id.is_none_or(|id| sight.entity.key.contains(&id))) {
        return None;
    }
    let is_of = |key: &Vec<PropertyId>| key.len() == ids.len() && key.iter().all(|id| ids.contains(&Some(*id)));
    u16::try_from(sight.entity.alternate_keys.iter().position(is_of)?).ok()
}

/// One value without a name: that of the only part that is not implied.
fn single<'a>(
    expr: &'a syntax::Expr,
    implied: &[(PropertyId, Value)],
    sight: &Sight<'a>,
    words: &Words<'a>,
    span: &Span,
) -> Result<Vec<Option<Value>>, BindError> {
    let key = &sight.entity.key;
    let is_implied = |id: PropertyId| implied.iter().any(|(other, _)| *other == id);
    let mut open = (0..key.len()).filter(|place| key.len() == 1 || key.get(*place).is_some_and(|id| !is_implied(*id)));
    let (Some(place), None) = (open.next(), open.next()) else {
        return Err(wrong(sight, KeyProblem::Unnamed, span));
    };
    let mut values: Vec<Option<Value>> = vec![None; key.len()];
    if let (Some(slot), Some(id)) = (values.get_mut(place), key.get(place)) {
        *slot = Some(part(expr, *id, sight, words)?);
    }
    Ok(values)
}

fn wrong(sight: &Sight<'_>, problem: KeyProblem, span: &Span) -> BindError {
    BindError::at(BindErrorKind::Key { set: sight.set.name.clone(), problem }, span)
}

/// Every part of the key, what is not given being implied.
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
    let enumeration = property.enumeration.and_then(|of| words.enumeration(of));
    let Some(of) = enumeration else { return exact(literal, property.scalar, &expr.span) };
    enum_value(literal, of, property.scalar).ok_or_else(|| {
        let (text, type_name) = (text_of(literal).to_owned(), property.scalar.name());
        BindError::at(BindErrorKind::MalformedLiteral { text, type_name }, &expr.span)
    })
}

/// The properties of a key, in declared order.
pub(super) fn parts_of<'a>(key: &Key, sight: &Sight<'a>) -> &'a [PropertyId] {
    match key.alternate {
        None => &sight.entity.key,
        Some(place) => sight.entity.alternate_keys.get(usize::from(place)).map_or(&[], Vec::as_slice),
    }
}

/// The condition that a key stands for.
pub(super) fn key_filter(sight: &Sight<'_>, key: &Key) -> Expr {
    equals(sight, parts_of(key, sight).iter().copied().zip(key.values.iter().cloned()))
}

/// The condition for the row of a singleton; `None` if its table has one row.
pub(super) fn singleton_filter(sight: &Sight<'_>, key: &[Value]) -> Option<Expr> {
    let parts = sight.entity.key.iter().copied().zip(key.iter().cloned());
    (!key.is_empty()).then(|| equals(sight, parts))
}

/// The condition that properties have these values.
fn equals(sight: &Sight<'_>, parts: impl Iterator<Item = (PropertyId, Value)>) -> Expr {
    let parts = parts.filter_map(|(id, value)| {
        let scalar = unbounded(sight.entity.property(id)?.scalar);
        Some(Expr::Compare(Comparison::Eq, Box::new(Expr::Property(id)), Box::new(Expr::Literal(value, scalar))))
    });
    connect::and(parts.collect())
}

/// The value of a key part that stands as a segment of its own, without quotes and prefixes (OData 4.01 Part 2, 4.3.6).
/// `None` if the text is no value of its type.
pub(super) fn segment_value(text: &str, id: PropertyId, sight: &Sight<'_>, scope: &Scope<'_>) -> Option<Value> {
    let property = sight.entity.property(id)?;
    let of_prefix = |prefix: &str| Literal::Prefixed(prefix.to_owned(), text.to_owned());
    let literal = match property.scalar {
        Scalar::Duration { .. } => of_prefix("duration"),
        Scalar::Binary { .. } => of_prefix("binary"),
        _ => Literal::String(text.to_owned()),
    };
    if let Some(of) = property.enumeration.and_then(|of| scope.model.enumeration(of)) {
        return enum_value(&literal, of, property.scalar);
    }
    exact_value(&literal, property.scalar)
}

/// The parts of the key that are still to be given when the parent implies some; all of them where it implies the whole
/// key, so that a key can be given nevertheless.
pub(super) fn open_parts(sight: &Sight<'_>, implied: &[(PropertyId, Value)]) -> Vec<PropertyId> {
    let key = &sight.entity.key;
    let open: Vec<_> = key.iter().copied().filter(|id| implied.iter().all(|(known, _)| known != id)).collect();
    if open.is_empty() { key.clone() } else { open }
}
