//! Owns [`Request`]: what the conductor needs of an HTTP request, without a type of the HTTP library.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::ServiceError;
use super::prefer::Preferences;
use super::understand::METADATA;

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `HEAD`: answered like `GET`; whoever sends the answer leaves the body out.
    Head,
    /// `OPTIONS`
    Options,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// Any other.
    Other,
}

impl Method {
    /// The method of this name. Names are in upper case, as HTTP has them.
    pub fn named(name: &str) -> Self {
        match name {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "OPTIONS" => Method::Options,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            _ => Method::Other,
        }
    }

    /// Whether it reads.
    pub(super) fn is_read(self) -> bool {
        matches!(self, Method::Get | Method::Head)
    }
}

/// One OData request below a service root.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The part of the request target below the service root, still percent-encoded, without the leading slash:
    /// `Orders?$top=5`; empty for the root itself.
    pub target: String,
    /// `Host`, by which the client knows us: absolute URLs in a batch may begin with it.
    pub host: Option<String>,
    /// `Accept`
    pub accept: Option<String>,
    /// `Accept-Charset`
    pub accept_charset: Option<String>,
    /// `OData-MaxVersion`
    pub max_version: Option<String>,
    /// `OData-Version`, the version of the body, where it is none that is understood.
    pub wrong_version: Option<Box<str>>,
    /// `If-Match`
    pub if_match: Option<String>,
    /// `If-None-Match`
    pub if_none_match: Option<String>,
    /// `Prefer`
    pub prefer: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// Whether `OData-Isolation` was sent.
    pub isolation: bool,
    /// `Content-Type`: it tells of a body only, and some clients send it without one.
    pub content_type: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// The body of a `POST`; empty for all others.
    pub body: Bytes,
    /// Identifies the request in the log.
    pub request_id: String,
}

/// What a path leads to, as far as it is no matter of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource<'a> {
    /// Whatever the words of the URL say.
    Data,
    /// `$batch`
    Batch,
    /// A path that ends in `/$query`.
    LongQuery,
    /// `$async/…`: the state of a request that is answered later, and its name.
    Later(&'a str),
}

impl Request {
    /// Takes those headers that matter. Names are in lower case; several lines of one name are one list. Bytes beyond
    /// UTF-8 are replaced, which no valid value survives.
    pub fn add_headers<'h>(&mut self, headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) {
        let mut short_max_version = None;
        for (name, value) in headers {
            let known = match name {
                // Only who sends a body is asked for it.
                "host" if self.method == Method::Post => &mut self.host,
                "content-type" if self.method == Method::Post => &mut self.content_type,
                "content-encoding" if self.method == Method::Post => &mut self.content_encoding,
                "accept" => &mut self.accept,
                "accept-charset" => &mut self.accept_charset,
                "odata-maxversion" => &mut self.max_version,
                "maxversion" => &mut short_max_version,
                "if-match" => &mut self.if_match,
                "if-none-match" => &mut self.if_none_match,
                "prefer" => &mut self.prefer,
                "cache-control" => &mut self.cache_control,
                "odata-version" => {
                    let text = String::from_utf8_lossy(value);
                    let is_known = ["4.0", "4.01"].contains(&text.trim());
                    self.wrong_version = (!is_known).then(|| text.trim().chars().take(20).collect());
                    continue;
                }
                "odata-isolation" | "isolation" => {
                    self.isolation = true;
                    continue;
                }
                _ => continue,
            };
            add(known, value);
        }
        if self.max_version.is_none() {
            self.max_version = short_max_version;
        }
    }

    /// Refuses a body that is compressed, or in other letters than UTF-8.
    pub(super) fn check_body(&self) -> Result<(), ServiceError> {
        if let Some(coding) = self.content_encoding.as_deref().map(str::trim)
            && !coding.eq_ignore_ascii_case("identity")
        {
            return Err(ServiceError::MediaType { found: coding.to_owned(), known: "bodies that are not compressed" });
        }
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let mut parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
        let is_utf8 = parameters.all(|(name, value)| {
            let value = value.trim().trim_matches('"');
            let known = ["utf-8", "us-ascii"];
            !name.trim().eq_ignore_ascii_case("charset") || known.iter().any(|known| value.eq_ignore_ascii_case(known))
        });
        if is_utf8 { Ok(()) } else { Err(ServiceError::MediaType { found: content_type.to_owned(), known: "UTF-8" }) }
    }

    /// The path of the target, without the query.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// What the path leads to.
    pub(super) fn resource(&self) -> Resource<'_> {
        // Nearly every path has a look at its first and its last segment behind it here.
        let telling = self.target.bytes().find(|byte| matches!(byte, b'$' | b'%' | b'?'));
        if telling.is_none_or(|byte| byte == b'?') || self.target == METADATA {
            return Resource::Data;
        }
        let path = self.path();
        let path = path.trim_end_matches('/');
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let last = path.rsplit('/').next().unwrap_or_default();
        if is_named(first, "$batch") && rest.is_empty() {
            Resource::Batch
        } else if is_named(first, super::later::SEGMENT) {
            Resource::Later(rest)
        } else if is_named(last, "$query") && last.len() < path.len() {
            Resource::LongQuery
        } else {
            Resource::Data
        }
    }

    /// Whether the client wants no answer from a cache (RFC 9111, 5.2.1.4 and 5.2.1.1).
    pub(super) fn demands_fresh(&self) -> bool {
        let directives = self.cache_control.as_deref().unwrap_or_default().split(',').map(str::trim);
        directives.into_iter().any(|directive| {
            ["no-cache", "no-store", "max-age=0"].iter().any(|known| directive.eq_ignore_ascii_case(known))
        })
    }

    /// What the client prefers.
    pub(super) fn preferences(&self) -> Preferences {
        self.prefer.as_deref().map(Preferences::read).unwrap_or_default()
    }
}

/// Adds one line of a header to its value.
fn add(text: &mut Option<String>, value: &[u8]) {
    let value = String::from_utf8_lossy(value);
    match text {
        Some(text) => {
            text.push_str(", ");
            text.push_str(&value);
        }
        None => *text = Some(value.into_owned()),
    }
}

/// Whether an encoded segment is this name.
fn is_named(segment: &str, name: &str) -> bool {
    // What is encoded is longer.
    segment == name
        || (segment.len() > name.len() && Cow::from(percent_decode_str(segment)).as_ref() == name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_matter_of_the_model_is_told_by_its_path() {
        let resource = |target: &str| {
            let request = Request { target: target.to_owned(), ..Request::default() };
            match request.resource() {
                Resource::Later(name) => format!("later {name}"),
                other => format!("{other:?}"),
            }
        };
        for (target, expected) in [
            ("", "Data"),
            ("Orders", "Data"),
            ("$metadata", "Data"),
            ("Orders?$batch", "Data"),
            ("$batch", "Batch"),
            ("$batch/?x=1", "Batch"),
            ("%24batch", "Batch"),
            ("$batch/$query", "LongQuery"),
            ("Orders(1)/Lines/$query?$top=1", "LongQuery"),
            ("Orders/%24query", "LongQuery"),
            ("$query", "Data"),
            ("$async/abc", "later abc"),
            ("$async", "later "),
        ] {
            assert_eq!(resource(target), expected, "{target}");
        }
    }

    #[test]
    fn a_client_can_demand_a_fresh_answer() {
        let demands =
            |text: &str| Request { cache_control: Some(text.to_owned()), ..Request::default() }.demands_fresh();
        assert!(demands("no-cache") && demands("max-stale=5, No-Cache") && demands("max-age=0") && demands("no-store"));
        assert!(!demands("max-age=10") && !demands("") && !Request::default().demands_fresh());
    }
}
