//! The words of a batch: a body in either format → its requests, in order (OData 4.01 Part 1, 11.7; JSON Format, 19).
//! What is malformed in one place makes the whole batch malformed, before anything is run. Whether a request may stand
//! in a batch, and where its URL leads, is not judged here.
//!
//! # Decisions
//!
//! - **Lines may end without a carriage return**, as hand-written clients send them. What is taken for a line end
//!   inside a header is never passed on, since requests are rebuilt from their parts and sent to nobody else.
//! - **Blanks in the URLs of a JSON batch are taken**, as nothing ends at them there.
//! - **Folded header lines, bare control characters and headers without a proper name are refused**: two readers could
//!   take them for different things.

mod json;
mod multipart;
#[cfg(test)]
mod tests;

/// The format of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchFormat {
    /// `multipart/mixed`
    Multipart,
    /// `application/json`
    Json,
}

/// All requests of a batch, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The format it came in.
    pub format: BatchFormat,
    /// The requests and change sets.
    pub items: Vec<BatchItem>,
}

/// What stands in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchItem {
    /// One request.
    Request(BatchRequest),
    /// Requests that succeed or fail together: a change set, or an atomicity group of a JSON batch.
    Group(BatchGroup),
}

/// Requests that succeed or fail together. There is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchGroup {
    /// `atomicityGroup`; change sets have no name.
    pub name: Option<String>,
    /// Its requests.
    pub requests: Vec<BatchRequest>,
}

/// One request of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchRequest {
    /// `id` or `Content-ID`, without control characters and unique in the batch.
    pub id: Option<String>,
    /// The method, in upper case.
    pub method: String,
    /// The URL as it stands there.
    pub url: String,
    /// Headers: names in lower case, values without control characters.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// `dependsOn`: ids and groups, all of them earlier.
    pub depends_on: Vec<String>,
    /// `if`: the condition.
    pub condition: Option<String>,
}

/// A body that is no batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// It does not follow its format.
    #[error("the batch is malformed at byte {at} of the body: {what}")]
    Malformed {
        /// Where, counted from one.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// It is JSON, but no batch.
    #[error("the batch is malformed in its request number {number}: {what}")]
    Request {
        /// Which request, counted from one.
        number: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Too many requests.
    #[error("a batch may hold at most {most} requests")]
    Parts {
        /// How many there may be.
        most: usize,
    },
}

impl BatchError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BatchError::Malformed { .. } | BatchError::Request { .. } => "syntax.batch",
            BatchError::Parts { .. } => "syntax.batch_limit",
        }
    }
}

/// The format that a `Content-Type` names; `None` if it is no format of a batch.
pub fn batch_format(content_type: &str) -> Option<BatchFormat> {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("multipart/mixed") {
        Some(BatchFormat::Multipart)
    } else if media.eq_ignore_ascii_case("application/json") {
        Some(BatchFormat::Json)
    } else {
        None
    }
}

/// Bytes of memory that reading takes at most, for a moment. A short member of a JSON object takes some times its text.
pub fn batch_memory(format: BatchFormat, body: &[u8]) -> usize {
    body.len().saturating_mul(match format {
        BatchFormat::Multipart => 4,
        BatchFormat::Json => 16,
    })
}

/// Reads a batch of at most `parts_max` requests.
pub fn parse_batch(
    format: BatchFormat,
    content_type: &str,
    body: &[u8],
    parts_max: usize,
) -> Result<Batch, BatchError> {
    let items = match format {
        BatchFormat::Multipart => multipart::parse(content_type, body, parts_max)?,
        BatchFormat::Json => json::parse(body, parts_max)?,
    };
    Ok(Batch { format, items })
}

/// A name as HTTP has it for methods and headers.
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// Text that can stand in a line.
fn is_line(text: &str) -> bool {
    !text.contains(|character: char| character.is_control() && character != '\t')
}
