//! Owns [`Cors`]: which pages of other origins may read answers in a browser (Fetch standard, "CORS protocol"). Off
//! unless origins are named. Cookies are never allowed: credentials travel in the `Authorization` header.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// Headers of an answer that a page may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, OData-Version, Preference-Applied, Location, Retry-After, AsyncResult, Age, Cache-Status, X-Request-Id",
);
/// Methods that a page may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE, OPTIONS");
/// Headers that every client of OData sends.
const HEADERS: &str =
    "Accept, Authorization, Content-Type, If-Match, If-None-Match, OData-MaxVersion, OData-Version, Prefer";
const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

/// The settings.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    origins: Vec<String>,
    headers: Option<HeaderValue>,
    max_age_s: u64,
}

impl Cors {
    /// `origins` as browsers send them, or `*` for any; none switches it off. `headers` are allowed beside those that
    /// clients of OData need.
    pub fn new(origins: Vec<String>, headers: &[String], max_age_s: u64) -> Self {
        let all: Vec<&str> = std::iter::once(HEADERS).chain(headers.iter().map(String::as_str)).collect();
        Cors { origins, headers: HeaderValue::try_from(all.join(", ")).ok(), max_age_s }
    }

    /// Whether this is a browser's question before the request itself. It carries no credentials.
    pub(super) fn is_preflight(&self, parts: &Parts) -> bool {
        !self.origins.is_empty()
            && parts.method == Method::OPTIONS
            && parts.headers.contains_key(header::ORIGIN)
            && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Adds to an answer what lets the page read it, if its origin may.
    pub(super) fn allow(&self, request: &HeaderMap, is_preflight: bool, answer: &mut HeaderMap) {
        if self.origins.is_empty() {
            return;
        }
        answer.append(header::VARY, ORIGIN);
        let Some(origin) = request.get(header::ORIGIN) else { return };
        let is_any = self.origins.iter().any(|known| known == "*");
        if !is_any && !self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes()) {
            return;
        }
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        let mut add = |name: HeaderName, value: HeaderValue| answer.insert(name, value);
        if !is_preflight {
            add(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            return;
        }
        add(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Some(headers) = &self.headers {
            add(header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
        }
        add(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(self.max_age_s));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(cors: &Cors, origin: Option<&'static str>, is_preflight: bool) -> HeaderMap {
        let origin = origin.map(|origin| (header::ORIGIN, HeaderValue::from_static(origin)));
        let mut answer = HeaderMap::new();
        cors.allow(&HeaderMap::from_iter(origin), is_preflight, &mut answer);
        answer
    }

    #[test]
    fn only_named_origins_may_read() {
        let cors = Cors::new(vec!["https://app.example.com".to_owned()], &["X-Trace".to_owned()], 600);
        let answer = answered(&cors, Some("https://app.example.com"), true);
        assert_eq!(answer["access-control-allow-origin"], "https://app.example.com");
        assert!(answer["access-control-allow-headers"].to_str().unwrap().ends_with(", Prefer, X-Trace"));
        assert_eq!(
            (&answer["access-control-max-age"], &answer["vary"]),
            (&"600".parse().unwrap(), &"Origin".parse().unwrap())
        );
        let answer = answered(&cors, Some("https://app.example.com"), false);
        assert!(
            answer.contains_key("access-control-expose-headers")
                && !answer.contains_key("access-control-allow-methods")
        );
        for other in [Some("https://evil.example"), Some("https://app.example.com.evil.example"), Some("null"), None] {
            let answer = answered(&cors, other, true);
            assert_eq!(answer.len(), 1, "{other:?}: only Vary: {answer:?}");
        }
        let any = Cors::new(vec!["*".to_owned()], &[], 0);
        assert_eq!(
            answered(&any, Some("https://a.example"), false)["access-control-allow-origin"],
            "https://a.example"
        );
        assert!(answered(&Cors::default(), Some("https://a.example"), true).is_empty());
    }
}
