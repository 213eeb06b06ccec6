//! Owns [`Answer`]: a whole answer, ready to be sent.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::cache::{Coding, Entry, Page};

use super::callout::{Callout, Refused};

/// A finished answer. Refusals are answers too.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// `OData-Version` of the answer: `4.0` or `4.01`.
    pub version: &'static str,
    /// `Content-Type`; `None` if there is no body.
    pub content_type: Option<Cow<'static, str>>,
    /// `ETag`, quotes included.
    pub etag: Option<String>,
    /// `Preference-Applied`: which wish of the client shaped the answer.
    pub preference_applied: Option<String>,
    /// `Allow`: the methods that the resource has.
    pub allow: Option<&'static str>,
    /// `Location`: where the answer is to be found later.
    pub location: Option<String>,
    /// `AsyncResult`: the status of a request that was answered later.
    pub async_result: Option<u16>,
    /// `Retry-After` in seconds.
    pub retry_after_s: Option<u32>,
    /// Seconds since the rows were asked for, where it was not this request that asked.
    pub age_s: Option<u64>,
    /// `Cache-Status` (RFC 9211): how the cache was used, if it was asked.
    pub cache_status: Option<&'static str>,
    /// What the log says of the request, if it says anything.
    pub callout: Option<Box<Callout>>,
    /// What the log says of a refusal.
    pub refused: Option<Box<Refused>>,
    /// What is kept of this body: it has the compressed form too.
    pub kept: Option<KeptBody>,
    /// The body; empty if there is none.
    pub body: Bytes,
}

/// A body that is kept beside its compressed form.
#[derive(Clone, Debug)]
pub enum KeptBody {
    /// A page of rows.
    Entry(Arc<Entry<Page>>),
    /// A document about the service.
    Document(Arc<Page>),
}

impl Answer {
    /// The body in a compressed form: made once for a body that is kept. `None` if memory was refused.
    pub async fn packed(&self, coding: Coding) -> Option<Bytes> {
        match &self.kept {
            Some(KeptBody::Entry(entry)) => entry.value.packed(coding).await,
            Some(KeptBody::Document(page)) => page.packed(coding).await,
            None => Page::new(self.body.clone(), None).packed(coding).await,
        }
    }

    /// `Content-Language`: that of the sentence in a refusal (OData 4.01 Part 1, 9.4).
    pub fn language(&self) -> Option<&'static str> {
        let is_refusal = self.status >= 400 || self.async_result.is_some_and(|status| status >= 400);
        (is_refusal && self.content_type.is_some()).then_some("en")
    }

    /// The headers that belong to the answer itself, for answers inside of others.
    pub(super) fn headers(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut headers: Vec<(&'static str, Cow<'_, str>)> = vec![("OData-Version", self.version.into())];
        let texts = [
            ("Content-Type", self.content_type.as_deref()),
            ("Content-Language", self.language()),
            ("ETag", self.etag.as_deref()),
            ("Preference-Applied", self.preference_applied.as_deref()),
            ("Allow", self.allow),
            ("Location", self.location.as_deref()),
            ("Cache-Status", self.cache_status),
        ];
        headers.extend(texts.into_iter().filter_map(|(name, text)| Some((name, Cow::from(text?)))));
        headers.extend(self.retry_after_s.map(|seconds| ("Retry-After", seconds.to_string().into())));
        headers.extend(self.age_s.map(|seconds| ("Age", seconds.to_string().into())));
        headers
    }
}
