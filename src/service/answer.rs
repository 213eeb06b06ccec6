//! Owns [`Answer`]: a whole answer, ready to be sent.

use bytes::Bytes;

/// A finished answer. Refusals are answers too.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// `OData-Version` of the answer: `4.0` or `4.01`.
    pub version: &'static str,
    /// `Content-Type`; `None` if there is no body.
    pub content_type: Option<&'static str>,
    /// `ETag`, quotes included.
    pub etag: Option<String>,
    /// `Preference-Applied`: which wish of the client shaped the answer.
    pub preference_applied: Option<String>,
    /// `Retry-After` in seconds.
    pub retry_after_s: Option<u32>,
    /// The body; empty if there is none.
    pub body: Bytes,
}
