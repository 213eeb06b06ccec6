//! Owns the answers to a batch, in either format, and answers as HTTP messages (OData 4.01 Part 1, 11.7.7.5; JSON
//! Format, 19.2). Only writes: what is written was judged before.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json::write_string;

/// One answer inside another.
#[derive(Debug)]
pub struct Inner<'a> {
    /// The status.
    pub status: u16,
    /// Its headers, without the length.
    pub headers: Vec<(&'static str, Cow<'a, str>)>,
    /// The body; empty if there is none.
    pub body: &'a [u8],
}

/// Which request of a batch an answer belongs to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// `id` or `Content-ID`.
    pub id: Option<&'a str>,
    /// `atomicityGroup`
    pub group: Option<&'a str>,
}

/// Writes an answer as an HTTP message, as `application/http` has it.
pub fn write_message(inner: &Inner<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(inner.status.to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(reason(inner.status).as_bytes());
    out.extend_from_slice(b"\r\n");
    for (name, value) in &inner.headers {
        write_header(name, value, out);
    }
    if !matches!(inner.status, 204 | 304) {
        write_header("Content-Length", &inner.body.len().to_string(), out);
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(inner.body);
}

fn write_header(name: &str, value: &str, out: &mut Vec<u8>) {
    for part in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Writes one part of a multipart answer. The boundary must stand in no body.
pub fn write_part(boundary: &str, place: Place<'_>, inner: &Inner<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"--");
    out.extend_from_slice(boundary.as_bytes());
    out.extend_from_slice(b"\r\n");
    write_header("Content-Type", "application/http", out);
    write_header("Content-Transfer-Encoding", "binary", out);
    if let Some(id) = place.id {
        write_header("Content-ID", id, out);
    }
    out.extend_from_slice(b"\r\n");
    write_message(inner, out);
    out.extend_from_slice(b"\r\n");
}

/// Begins a part of a multipart answer that holds parts itself: the answers to a change set.
pub fn write_parts_begin(boundary: &str, inner: &str, out: &mut Vec<u8>) {
    for part in ["--", boundary, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    write_header("Content-Type", &format!("multipart/mixed;boundary={inner}"), out);
    out.extend_from_slice(b"\r\n");
}

/// Ends a multipart answer.
pub fn write_parts_end(boundary: &str, out: &mut Vec<u8>) {
    for part in ["--", boundary, "--\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Writes one member of the array `responses`.
pub fn write_response(place: Place<'_>, inner: &Inner<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    write_string(place.id.unwrap_or_default(), out);
    if let Some(group) = place.group {
        out.extend_from_slice(b",\"atomicityGroup\":");
        write_string(group, out);
    }
    out.extend_from_slice(b",\"status\":");
    out.extend_from_slice(inner.status.to_string().as_bytes());
    out.extend_from_slice(b",\"headers\":{");
    for (index, (name, value)) in inner.headers.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(&name.to_ascii_lowercase(), out);
        out.push(b':');
        write_string(value, out);
    }
    out.push(b'}');
    if !inner.body.is_empty() {
        out.extend_from_slice(b",\"body\":");
        write_body(inner, out);
    }
    out.push(b'}');
}

/// JSON as it is, texts as a string, all else as base64url.
fn write_body(inner: &Inner<'_>, out: &mut Vec<u8>) {
    let content_type = inner.headers.iter().find(|(name, _)| *name == "Content-Type").map_or("", |(_, value)| value);
    let media = content_type.split(';').next().unwrap_or_default().trim();
    match std::str::from_utf8(inner.body) {
        _ if media == "application/json" || media.ends_with("+json") => out.extend_from_slice(inner.body),
        Ok(text) if media.starts_with("text/") => write_string(text, out),
        _ => write_string(&URL_SAFE_NO_PAD.encode(inner.body), out),
    }
}

/// The words for a status (RFC 9110, section 15).
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        424 => "Failed Dependency",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner<'a>(status: u16, content_type: &'static str, body: &'a [u8]) -> Inner<'a> {
        Inner { status, headers: vec![("OData-Version", "4.0".into()), ("Content-Type", content_type.into())], body }
    }

    #[test]
    fn parts_have_every_line_end() {
        let mut out = Vec::new();
        let place = Place { id: Some("a"), group: None };
        write_part("b", place, &inner(200, "text/plain", b"5"), &mut out);
        write_part("b", Place::default(), &Inner { status: 204, headers: Vec::new(), body: b"" }, &mut out);
        write_parts_end("b", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: a\r\n\r\n\
             HTTP/1.1 200 OK\r\nOData-Version: 4.0\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n5\r\n\
             --b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
             HTTP/1.1 204 No Content\r\n\r\n\r\n--b--\r\n"
        );
    }

    #[test]
    fn bodies_in_json_are_json_text_or_base64() {
        let written = |content_type, body: &[u8]| {
            let mut out = Vec::new();
            write_response(Place { id: Some("\"1"), group: Some("g") }, &inner(200, content_type, body), &mut out);
            let whole: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!((&whole["id"], &whole["atomicityGroup"]), (&"\"1".into(), &"g".into()));
            assert_eq!((&whole["status"], &whole["headers"]["odata-version"]), (&200.into(), &"4.0".into()));
            whole["body"].clone()
        };
        assert_eq!(written("application/json;metadata=full", b"{\"a\":1}")["a"], 1);
        assert_eq!(written("text/plain;charset=utf-8", b"a\"b"), "a\"b");
        assert_eq!(written("application/xml", b"<a/>"), "PGEvPg");
        assert_eq!(written("application/json", b""), serde_json::Value::Null);
    }
}
