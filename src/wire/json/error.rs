//! Writes the error object (OData JSON Format 4.01, section 21.1).

use super::write_string;

/// What the client is told. No SQL, no text of a database, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorBody {
    /// The stable code, `bind.unknown_property`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The thing that is wrong: the text at that place in the URL.
    pub target: Option<String>,
}

/// The error object as bytes.
pub fn error(body: &ErrorBody) -> Vec<u8> {
    let mut out = Vec::with_capacity(128 + body.message.len());
    out.extend_from_slice(b"{\"error\":{\"code\":");
    write_string(body.code, &mut out);
    out.extend_from_slice(b",\"message\":");
    write_string(&body.message, &mut out);
    if let Some(target) = &body.target {
        out.extend_from_slice(b",\"target\":");
        write_string(target, &mut out);
    }
    out.extend_from_slice(b"}}");
    out
}
