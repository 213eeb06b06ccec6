//! Owns [`Request`]: what the conductor needs of an HTTP request, without a type of the HTTP library.

/// One OData request below a service root.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The part of the request target below the service root, still percent-encoded, without the leading slash:
    /// `Orders?$top=5`; empty for the root itself.
    pub target: String,
    /// `Accept`
    pub accept: Option<String>,
    /// `OData-MaxVersion`
    pub max_version: Option<String>,
    /// `OData-Version`
    pub version: Option<String>,
    /// `If-None-Match`
    pub if_none_match: Option<String>,
    /// `Prefer`
    pub prefer: Option<String>,
    /// Identifies the request in the log.
    pub request_id: String,
}
