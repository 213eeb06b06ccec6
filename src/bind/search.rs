//! Owns the binding of `$search`: one phrase, looked for in the texts of the set.

use crate::edm::Scalar;
use crate::model::PropertyId;
use crate::query::Search;
use crate::syntax;

use super::BindError;
use super::error::BindErrorKind;
use super::scope::Sight;

/// The search; `None` if the set has nothing to search in, so that no entity can match. Salesforce searches every object
/// of a source at once, and a refusal by one would show as an error of the whole search.
pub(super) fn bind_search(search: &syntax::Search, sight: &Sight<'_>) -> Result<Option<Search>, BindError> {
    let Some(words) = words(&search.expr) else {
        return Err(BindError::unsupported("an operator in $search", &search.span));
    };
    let words = words.join(" ");
    let phrase = words.trim();
    if phrase.is_empty() {
        return Err(BindError::at(BindErrorKind::EmptySearch, &search.span));
    }
    let searchable = |id: &PropertyId| {
        let property = sight.entity.property(*id);
        property.is_some_and(|property| property.searchable && matches!(property.scalar, Scalar::String { .. }))
    };
    let properties: Vec<PropertyId> = sight.entity.published(None).into_iter().filter(searchable).collect();
    Ok((!properties.is_empty()).then(|| Search { phrase: phrase.into(), properties }))
}

/// The words of a phrase, with or without quotes; none if there are operators.
fn words(expr: &syntax::SearchExpr) -> Option<Vec<&str>> {
    match expr {
        syntax::SearchExpr::Term { text, .. } => Some(vec![text]),
        syntax::SearchExpr::And(operands) => {
            let word = |operand| match operand {
                &syntax::SearchExpr::Term { ref text, quoted: false, .. } => Some(text.as_str()),
                _ => None,
            };
            operands.iter().map(word).collect()
        }
        _ => None,
    }
}
