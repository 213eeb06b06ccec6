//! Owns [`Cors`]: which pages of other origins may read answers in a browser.

use super::raw::Section;

/// `[cors]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins as browsers send them, or `*`; none switches it off.
    pub origins: Vec<String>,
    /// Headers of a request that are allowed beside those that every client of OData needs.
    pub headers: Vec<String>,
    /// How long a browser may remember what it was allowed.
    pub max_age_s: u64,
}

impl Default for Cors {
    fn default() -> Self {
        Cors { origins: Vec::new(), headers: Vec::new(), max_age_s: 3_600 }
    }
}

pub(super) fn check(mut section: Section<'_>) -> Cors {
    let origins = section.texts("origins");
    let headers = section.texts("headers");
    let max_age_s = section.number("max_age_s", Cors::default().max_age_s, 0, 86_400);
    for origin in origins.iter().filter(|origin| !is_origin(origin)) {
        section.wrong(
            "origins",
            format!("'{origin}' is not an origin"),
            "write \"https://app.example.com\", without a path or a slash at its end, or \"*\"",
        );
    }
    let is_name = |name: &&String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    for header in headers.iter().filter(|name| name.is_empty() || !is_name(name)) {
        section.wrong("headers", format!("'{header}' is not the name of a header"), "write names such as \"X-Trace\"");
    }
    section.finish();
    Cors { origins, headers, max_age_s }
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    text == "*" || host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed))
}
