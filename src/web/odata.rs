//! An HTTP request → the service's [`Request`], and [`Answer`] → the HTTP response. The target is passed on undecoded.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::Full;

use crate::service::{Answer, Coding, Method, Request};

use super::refusal::Refusal;
use super::request_id::REQUEST_ID;

const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// What the answer depends on besides the URL.
const VARY: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Charset, Accept-Encoding, Authorization, OData-MaxVersion, Prefer");
/// Answers depend on who asks, and a write must be seen by its writer: whoever keeps an answer asks again before using
/// it, which its tag makes cheap.
const NO_CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
const ASYNC_RESULT: HeaderName = HeaderName::from_static("asyncresult");
/// RFC 7617: the charset says that user names and passwords are UTF-8.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Penstock\", charset=\"UTF-8\"");

/// A response with its whole body.
pub(super) type Response = http::Response<Full<Bytes>>;

/// Begins the path of every service root.
pub(super) const ROOTS: &str = "/odata/v4/";

/// Splits path and query into the name of the service and the target below its root, both as sent.
pub(super) fn split(path_and_query: &str) -> Option<(&str, &str)> {
    let below = path_and_query.strip_prefix(ROOTS)?;
    let (name, target) = below.split_at(below.find(['/', '?']).unwrap_or(below.len()));
    Some((name, target.trim_start_matches('/')))
}

/// What the service needs of a request, without its body.
pub(super) fn request(method: &http::Method, target: &str, headers: &HeaderMap, request_id: String) -> Request {
    let method = Method::named(method.as_str());
    let mut request = Request { method, target: target.to_owned(), request_id, ..Request::default() };
    request.add_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    request
}

/// The OData version of a refusal of ours: what the client understands for certain.
pub(super) fn refusal_version(headers: &HeaderMap) -> &'static str {
    let max_version = request(&http::Method::GET, "", headers, String::new()).max_version;
    if max_version.is_some_and(|version| version.trim() == "4.01") { "4.01" } else { "4.0" }
}

/// The value of a header of ours. Those of most answers are known when the program is compiled, the others are checked
/// byte by byte.
fn known(text: &'static str) -> HeaderValue {
    const V4_0: HeaderValue = HeaderValue::from_static("4.0");
    const V4_01: HeaderValue = HeaderValue::from_static("4.01");
    const MINIMAL: HeaderValue = HeaderValue::from_static("application/json;odata.metadata=minimal");
    match text {
        "4.0" => V4_0,
        "4.01" => V4_01,
        "application/json;odata.metadata=minimal" => MINIMAL,
        other => HeaderValue::from_static(other),
    }
}

/// The response. A `HEAD` is answered like a `GET`; the body is taken off behind us, its length stays.
/// `packed` is its compressed form, if that is to be sent.
pub(super) fn response(
    answer: Answer,
    packed: Option<(Coding, Bytes)>,
    refusal: Option<Refusal>,
    request_id: String,
) -> Response {
    let language = answer.language();
    let (coding, body) = match packed {
        Some((coding, body)) => (Some(coding), body),
        None => (None, answer.body),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(10);
    headers.insert(ODATA_VERSION, known(answer.version));
    if let Some(content_type) = answer.content_type {
        let value = match content_type {
            Cow::Borrowed(text) => known(text),
            // It may come from a row; what cannot stand in a header says nothing.
            Cow::Owned(text) => HeaderValue::try_from(text).unwrap_or(BYTES),
        };
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    if let Some(language) = language {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    }
    headers.insert(header::VARY, VARY);
    headers.insert(header::CACHE_CONTROL, NO_CACHE);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    // A tag that cannot stand in a header is a defect; without it the answer is still right.
    // Bytes in another coding are not what a strong tag stands for (RFC 9110, 8.8.1).
    let etag = answer.etag.map(|tag| if coding.is_some() && tag.starts_with('"') { format!("W/{tag}") } else { tag });
    if let Some(Ok(etag)) = etag.map(HeaderValue::try_from) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(Ok(preference)) = answer.preference_applied.map(HeaderValue::try_from) {
        headers.insert(PREFERENCE_APPLIED, preference);
    }
    if let Some(seconds) = answer.age_s {
        headers.insert(header::AGE, HeaderValue::from(seconds));
    }
    if let Some(status) = answer.cache_status {
        headers.insert(CACHE_STATUS, HeaderValue::from_static(status));
    }
    if let Some(seconds) = answer.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(methods) = answer.allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(methods));
    }
    if let Some(Ok(location)) = answer.location.map(HeaderValue::try_from) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(status) = answer.async_result {
        headers.insert(ASYNC_RESULT, HeaderValue::from(status));
    }
    if let Some(Refusal::Credentials(..)) = refusal {
        headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_as_they_were_sent() {
        for (sent, service, target) in [
            ("/odata/v4/erp", "erp", ""),
            ("/odata/v4/erp/", "erp", ""),
            ("/odata/v4/erp//", "erp", ""),
            ("/odata/v4/erp?$format=json", "erp", "?$format=json"),
            ("/odata/v4/erp/?$format=json", "erp", "?$format=json"),
            ("/odata/v4/erp//Orders", "erp", "Orders"),
            (
                "/odata/v4/erp/Invoices('a%2Fb%2525')//x?$filter=a%20eq%20'%26'&b=/",
                "erp",
                "Invoices('a%2Fb%2525')//x?$filter=a%20eq%20'%26'&b=/",
            ),
            ("/odata/v4/", "", ""),
            ("/odata/v4/erp/$metadata", "erp", "$metadata"),
        ] {
            assert_eq!(split(sent), Some((service, target)), "{sent}");
        }
        for other in ["/odata/v4", "/", "/odata/v4x/erp", "*", "/ODATA/v4/erp"] {
            assert_eq!(split(other), None, "{other}");
        }
    }

    #[test]
    fn headers_by_both_names_and_on_several_lines() {
        let mut headers = HeaderMap::new();
        headers.insert("maxversion", HeaderValue::from_static("4.01"));
        headers.append("prefer", HeaderValue::from_static("maxpagesize=2"));
        headers.append("prefer", HeaderValue::from_static("odata.track-changes"));
        headers.insert("accept", HeaderValue::from_bytes(b"application/json\xff").unwrap());
        headers.insert("content-type", HeaderValue::from_static("application/xml"));
        let request = request(&http::Method::GET, "Orders", &headers, "id".to_owned());
        assert_eq!(request.max_version.as_deref(), Some("4.01"));
        assert_eq!(request.prefer.as_deref(), Some("maxpagesize=2, odata.track-changes"));
        assert_eq!(request.accept.as_deref(), Some("application/json\u{fffd}"));
        assert_eq!(request.if_none_match, None);
        assert_eq!(refusal_version(&headers), "4.01");
        headers.insert("odata-maxversion", HeaderValue::from_static("4.0"));
        assert_eq!(refusal_version(&headers), "4.0", "the full name counts");
        let isolated = |headers: &HeaderMap| super::request(&http::Method::GET, "", headers, String::new()).isolation;
        assert!(!isolated(&headers));
        headers.insert("isolation", HeaderValue::from_static("snapshot"));
        assert!(isolated(&headers));
    }
}
