//! Owns [`Answer`]: a whole answer, ready to be sent.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::cache::{Entry, Page};

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
    /// `Retry-After` in seconds.
    pub retry_after_s: Option<u32>,
    /// Seconds since the rows were asked for, where it was not this request that asked.
    pub age_s: Option<u64>,
    /// `Cache-Status` (RFC 9211): how the cache was used, if it was asked.
    pub cache_status: Option<&'static str>,
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
    /// The body compressed with gzip: made once for a body that is kept. `None` if memory was refused.
    pub async fn gzip(&self) -> Option<Bytes> {
        match &self.kept {
            Some(KeptBody::Entry(entry)) => entry.value.gzip().await,
            Some(KeptBody::Document(page)) => page.gzip().await,
            None => Page::new(self.body.clone(), None).gzip().await,
        }
    }
}
