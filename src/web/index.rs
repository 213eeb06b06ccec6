//! Owns [`Index`]: what `/` answers, the list of services, for programs and for people. It names what everybody may
//! know: names and roots.

use bytes::Bytes;
use http::HeaderMap;
use http::header::ACCEPT;

use super::odata::ROOTS;

/// The list, ready to be sent.
pub(super) struct Index {
    json: Bytes,
    html: Bytes,
}

impl Index {
    /// The list of the services with these names.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let services: Vec<_> =
            names.clone().map(|name| serde_json::json!({ "name": name, "url": format!("{ROOTS}{name}/") })).collect();
        let json = Bytes::from(serde_json::json!({ "services": services }).to_string());
        let mut html = String::from(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Services</title></head>\n\
             <body>\n<h1>Services</h1>\n<ul>\n",
        );
        for name in names {
            let (root, name) = (escaped(&format!("{ROOTS}{name}/")), escaped(name));
            html.extend(["<li><a href=\"", &root, "\">", &name, "</a> (<a href=\"", &root]);
            html.push_str("$metadata\">metadata</a>)</li>\n");
        }
        html.push_str("</ul>\n</body>\n</html>\n");
        Index { json, html: Bytes::from(html) }
    }

    /// Content type and body: a page for whoever prefers one, as browsers do.
    pub(super) fn answer(&self, headers: &HeaderMap) -> (&'static str, Bytes) {
        if prefers_html(headers) {
            ("text/html; charset=utf-8", self.html.clone())
        } else {
            ("application/json", self.json.clone())
        }
    }
}

/// Whether a page is wanted more than JSON. Without a word about either, or with as much of both, it is not.
fn prefers_html(headers: &HeaderMap) -> bool {
    let (mut html, mut json) = (0.0_f32, 0.0_f32);
    let ranges = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in ranges.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |text| text.parse().unwrap_or(0.0));
        match kind.to_ascii_lowercase().as_str() {
            "text/html" | "application/xhtml+xml" => html = html.max(weight),
            "application/json" => json = json.max(weight),
            _ => {}
        }
    }
    html > json
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(accept: &str) -> &'static str {
        let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
        Index::new(["a"].into_iter()).answer(&headers).0
    }

    #[test]
    fn a_page_is_for_whoever_prefers_one() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert_eq!(kind(browser), "text/html; charset=utf-8");
        for other in [
            "*/*",
            "application/json",
            "application/json, text/html;q=0.9",
            "text/html, application/json",
            "text/html;q=0",
        ] {
            assert_eq!(kind(other), "application/json", "{other}");
        }
        assert_eq!(Index::new([].into_iter()).answer(&HeaderMap::new()).0, "application/json");
    }

    #[test]
    fn both_forms_name_every_service() {
        let index = Index::new(["erp", "a<b"].into_iter());
        let json = r#"{"services":[{"name":"erp","url":"/odata/v4/erp/"},{"name":"a<b","url":"/odata/v4/a<b/"}]}"#;
        assert_eq!(index.json, json.as_bytes());
        let html = std::str::from_utf8(&index.html).unwrap();
        assert!(
            html.contains("<li><a href=\"/odata/v4/erp/\">erp</a> (<a href=\"/odata/v4/erp/$metadata\">metadata</a>)")
        );
        assert!(html.contains(">a&lt;b</a>") && !html.contains("a<b"));
    }
}
