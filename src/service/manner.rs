//! Owns [`Manner`]: how rows are to be written, from what a client accepts and prefers; and the answer that holds them.

use bytes::Bytes;

use crate::query::{Answer as Form, Query};
use crate::wire::{Format, Version, negotiate};

use super::callout::Callout;
use super::dispatch::is_unmodified;
use super::keep::Given;
use super::understand::Understood;
use super::{Answer, KeptBody, Request, ServiceError};

pub(super) const TEXT: &str = "text/plain;charset=utf-8";

/// How rows are to be written.
pub(super) struct Manner {
    pub(super) format: Format,
    /// Not as JSON.
    is_text: bool,
    /// The preferences that are met.
    applied: Option<String>,
}

impl Manner {
    /// The manner that a request wishes for.
    pub(super) fn of(request: &Request, understood: &Understood, version: Version) -> Result<Manner, ServiceError> {
        let preferences = request.preferences();
        let format = understood.url.options.format.as_ref().map(|(format, _)| format.as_str());
        let (answer, is_read) = match &understood.query {
            Query::Aggregate(aggregate) => (aggregate.answer, false),
            Query::Read(read) => (read.answer, true),
            _ => (Form::Collection, false),
        };
        // Raw values and counts are text, whatever JSON form the client prefers.
        let is_text = answer.is_bare();
        let format = if is_text {
            Format { version, ..Format::default() }
        } else {
            negotiate(version, request.accept.as_deref(), format)?
        };
        let is_page = answer.is_page() || holds_lists(&understood.query);
        // Rows that `$apply` makes are written with their nulls: there a missing value means another thing.
        let holds_entities = is_read && matches!(answer, Form::Collection | Form::Entity);
        let omit_nulls = holds_entities && preferences.omit_nulls.is_some();
        let format = Format { omit_nulls, ..format };
        Ok(Manner { format, is_text, applied: preferences.applied(is_page, holds_entities) })
    }

    /// The answer that holds these bytes, unless the client has them.
    pub(super) fn give(
        self,
        request: &Request,
        given: Given,
        callout: Option<Box<Callout>>,
    ) -> Result<Answer, ServiceError> {
        let not_modified = is_unmodified(request, given.etag.as_deref())?;
        Ok(Answer {
            status: if not_modified { 304 } else { 200 },
            version: self.format.version.text(),
            content_type: Some(match given.content_type {
                Some(bytes) => bytes.into(),
                None if self.is_text => TEXT.into(),
                None => self.format.content_type().into(),
            }),
            etag: given.etag,
            age_s: given.age_s,
            cache_status: given.cache_status,
            preference_applied: self.applied,
            body: if not_modified { Bytes::new() } else { given.body },
            kept: if not_modified { None } else { given.page.map(KeptBody::Entry) },
            callout,
            ..Answer::default()
        })
    }
}

/// Whether an entity holds expanded lists, whose size a client may wish for.
fn holds_lists(query: &Query) -> bool {
    let Query::Read(read) = query else { return false };
    read.shape.expansions.iter().any(|expansion| !expansion.order.is_empty())
}
