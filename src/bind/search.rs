//! Owns the binding of `$search`: words and phrases, looked for in the texts of the set.

use crate::edm::Scalar;
use crate::model::PropertyId;
use crate::query::{Search, Terms};
use crate::syntax::{self, SearchExpr, Span};

use super::BindError;
use super::error::BindErrorKind;
use super::scope::Sight;
use super::select::published;

/// The search; `None` if the set has nothing to search in, so that no entity can match. Salesforce searches every
/// object of a source at once, and a refusal by one would show as an error of the whole search.
pub(super) fn bind_search(search: &syntax::Search, sight: &Sight<'_>) -> Result<Option<Search>, BindError> {
    if !sight.set.searchable {
        let kind = BindErrorKind::NotAllowedHere { name: sight.set.name.clone(), place: "with $search" };
        return Err(BindError::at(kind, &search.span));
    }
    let terms = bind_terms(search)?;
    let searchable = |id: &PropertyId| {
        let property = sight.entity.property(*id);
        property.is_some_and(|property| property.searchable && matches!(property.scalar, Scalar::String { .. }))
    };
    let properties: Vec<PropertyId> = published(sight).into_iter().filter(searchable).collect();
    let found = !properties.is_empty() || sight.set.search.is_some();
    Ok(found.then_some(Search { terms, properties }))
}

/// What is looked for, wherever that is.
pub(super) fn bind_terms(search: &syntax::Search) -> Result<Terms, BindError> {
    terms(&search.expr, &search.span)
}

/// Chains of one kind become flat, and a double `NOT` nothing, so that equal searches are equal.
fn terms(expr: &SearchExpr, span: &Span) -> Result<Terms, BindError> {
    Ok(match expr {
        SearchExpr::Term { text, .. } => {
            let phrase = text.trim();
            if phrase.is_empty() {
                return Err(BindError::at(BindErrorKind::EmptySearch, span));
            }
            Terms::Phrase(phrase.into())
        }
        SearchExpr::Not(inner) => match terms(inner, span)? {
            Terms::Not(inner) => *inner,
            inner => Terms::Not(Box::new(inner)),
        },
        SearchExpr::And(operands) => {
            let mut flat = Vec::with_capacity(operands.len());
            for operand in operands {
                match terms(operand, span)? {
                    Terms::All(inner) => flat.extend(inner),
                    other => flat.push(other),
                }
            }
            Terms::All(flat)
        }
        SearchExpr::Or(operands) => {
            let mut flat = Vec::with_capacity(operands.len());
            for operand in operands {
                match terms(operand, span)? {
                    Terms::Any(inner) => flat.extend(inner),
                    other => flat.push(other),
                }
            }
            Terms::Any(flat)
        }
    })
}
