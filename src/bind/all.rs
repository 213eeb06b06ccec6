//! Owns the binding of `$all`: all entities of all sets that the caller may see, set after set.
//!
//! # Decisions
//!
//! - **A page lies in one set.** The token of the next page is that of the set it lies in; one without values begins a
//!   set. So paging is that of plain collections, and nothing has to be sorted across tables. What would have to know
//!   of all sets at once, as an order or a total, is offered only for the entities of a type, which lie in one set.
//! - **`$search` passes by** the sets that cannot be searched.

use crate::model::SetId;
use crate::query::{All, Answer, Cursor, CursorError, Query, Read, fingerprint};
use crate::syntax::{Options, ResourceUrl, Span, Word};

use super::BindError;
use super::error::BindErrorKind;
use super::filter::Words;
use super::options::{self, Resource};
use super::page;
use super::path::Target;
use super::scope::Scope;

/// Binds the page that is asked for.
pub(super) fn bind_all(
    url: &ResourceUrl,
    cast: Option<&Word>,
    span: &Span,
    scope: &Scope<'_>,
) -> Result<Query, BindError> {
    options::check(&url.options, if cast.is_some() { Resource::AllOfType } else { Resource::All })?;
    let options = Options { skip_token: None, ..url.options.clone() };
    let words = Words::new(&options, scope.model);
    let mut reads = Vec::new();
    for (id, set) in (0..).map(SetId).zip(&scope.model.sets) {
        let is_passed_by = cast.is_none() && options.search.is_some() && !set.searchable;
        let sight = scope.open(id).filter(|_| set.is_published() && !is_passed_by);
        let sight = match cast {
            Some(cast) => sight.and_then(|sight| sight.cast(&scope.model.namespace, &cast.text)),
            None => sight,
        };
        if let Some(sight) = sight {
            let read = super::bind_read(Target::new(sight, Answer::Collection), &options, scope, &words, None)?;
            reads.push(Read { all: Some(All { typed: cast.is_some(), next: None }), ..read });
        }
    }
    if let (Some(cast), 2..) = (cast, reads.len()) {
        options::check(&url.options, Resource::All).map_err(|error| error.or_at(&cast.span))?;
    }
    let names: Vec<u64> = reads.iter().map(|read| fingerprint(read, scope.model.revision)).collect();
    for (place, read) in reads.iter_mut().enumerate() {
        read.all = Some(All { typed: cast.is_some(), next: names.get(place + 1).copied() });
    }
    let read = match &url.options.skip_token {
        None => reads.into_iter().next(),
        Some((token, token_span)) => {
            let invalid = || BindError::at(BindErrorKind::InvalidToken, token_span);
            let bytes = (scope.unseal)(token).ok_or_else(invalid)?;
            let revision = scope.model.revision;
            if Cursor::decode(&bytes, 0, revision) == Err(CursorError::Stale) {
                return Err(BindError::at(BindErrorKind::ExpiredToken, token_span));
            }
            let resumed = reads.into_iter().zip(names).find_map(|(mut read, name)| {
                let cursor = Cursor::decode(&bytes, name, revision).ok()?;
                if !cursor.values.is_empty() {
                    read.page.cursor = Some(cursor).filter(|cursor| page::fits(cursor, &read.order));
                    read.page.cursor.as_ref()?;
                }
                Some(read)
            });
            Some(resumed.ok_or_else(invalid)?)
        }
    };
    match (read, cast) {
        (Some(read), _) => Ok(Query::Read(Box::new(read))),
        (None, Some(cast)) => Err(BindError::at(BindErrorKind::UnknownType(cast.text.clone()), &cast.span)),
        (None, None) => Err(BindError::at(BindErrorKind::UnknownSet("$all".to_owned()), span)),
    }
}
