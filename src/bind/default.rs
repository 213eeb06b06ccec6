//! Owns the default filters of sets: a condition in the metadata file of a set that holds for every way into it.
//!
//! # Decisions
//!
//! - **Bound once, at start, as any `$filter`**, so what is wrong is told with file and key before the first request.
//! - **It comes in by the same door as row filters**, `Scope::open`, so no way into a set can forget it.
//! - **A filter that cannot be bound closes its set.** Nobody starts a server with one, and should somebody, nothing is
//!   shown that was meant to be left out.
//! - **A path in it leads to rows as they are in the table**, whatever the default filter of their own set: so filters
//!   that name each other, or a set itself, have a plain meaning.

use std::collections::HashMap;

use crate::model::{DefaultFilter, Model, Problem, SetId};
use crate::query::{Expr, Grants};
use crate::syntax;

use super::connect;
use super::filter::{Words, bind_filter};
use super::scope::{Limits, Scope};

/// The same rights within the default filters of the model's sets, and what is wrong with these filters.
pub fn within_defaults(grants: Grants, model: &Model) -> (Grants, Vec<Problem>) {
    let (filters, problems) = filters(model);
    (grants.within(filters), problems)
}

/// What a model picks stands under the filters of the folders and under its own: ids mean the same in both.
fn filters(model: &Model) -> (HashMap<SetId, Expr>, Vec<Problem>) {
    let (mut filters, mut problems) = model.base.as_deref().map(filters).unwrap_or_default();
    for (id, set) in (0..).map(SetId).zip(&model.sets) {
        let Some(filter) = &set.filter else { continue };
        let bound = bound(filter, id, model).unwrap_or_else(|problem| {
            problems.push(problem);
            connect::truth(false)
        });
        let both = filters.remove(&id).into_iter().chain([bound]).collect();
        filters.insert(id, connect::and(both));
    }
    (filters, problems)
}

fn bound(filter: &DefaultFilter, set: SetId, model: &Model) -> Result<Expr, Problem> {
    let problem = |wrong: String| Problem {
        file: filter.file.clone(),
        key: filter.key.clone(),
        wrong,
        right: "write it as `$filter` would be written for this set, `Deleted eq false and Tenant eq 'CH'`".to_owned(),
    };
    // An alias without a value is null, which nobody means here.
    if names_alias(&filter.text) {
        return Err(problem(
            "it names a parameter alias, and there is no request that could give its value".to_owned(),
        ));
    }
    let expr = syntax::parse_filter(&filter.text, &syntax::Limits::default());
    let expr = expr.map_err(|error| problem(error.to_string()))?;
    let grants = Grants::of_files();
    let scope = Scope { model, grants: &grants, limits: Limits::default(), unseal: &|_| None };
    let options = syntax::Options::default();
    let words = Words::new(&options, model);
    let sight = scope.open(set).ok_or_else(|| problem("its set is not to be seen".to_owned()))?;
    bind_filter(&expr, sight.into(), &scope, &words).map_err(|error| problem(error.to_string()))
}

/// Whether an `@` stands outside of texts in quotes; a doubled quote ends one and begins the next.
fn names_alias(text: &str) -> bool {
    text.split('\'').step_by(2).any(|outside| outside.contains('@'))
}
