//! Owns [`Places`]: where the URL of a request in a batch leads. It may be absolute, an absolute path or relative to
//! the service root, may begin with a reference to an earlier request, and must end below this service root.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

/// Names below the root that no reference takes over (OData 4.01 Part 1, 11.7.3.1).
const OWN_NAMES: [&str; 8] = ["$metadata", "$batch", "$all", "$entity", "$crossjoin", "$root", "$id", "$async"];

/// By which names this service is known, and what earlier requests led to.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// Scheme, host and path, with a slash at its end, as links have it.
    root: &'a str,
    /// The host by which the client knows us.
    host: Option<&'a str>,
    /// The paths below the root of earlier requests, by their ids.
    earlier: HashMap<&'a str, String>,
}

impl<'a> Places<'a> {
    pub(super) fn new(root: &'a str, host: Option<&'a str>) -> Self {
        Places { root, host, earlier: HashMap::new() }
    }

    /// Remembers what the request with this id led to.
    pub(super) fn remember(&mut self, id: &'a str, target: &str) {
        self.earlier.insert(id, target.split('?').next().unwrap_or_default().to_owned());
    }

    /// Whether this is the name of our host.
    pub(super) fn is_ours(&self, authority: &str) -> bool {
        let ours = split_origin(self.root).map(|(_, authority, _)| authority);
        [ours, self.host].into_iter().flatten().any(|ours| ours.eq_ignore_ascii_case(authority))
    }

    /// The target below the service root, and the id of the earlier request that the URL refers to.
    pub(super) fn target(&self, url: &str) -> Result<(String, Option<&'a str>), &'static str> {
        let target = self.below(url)?;
        let end = target.find(['/', '?']).unwrap_or(target.len());
        let (first, rest) = target.split_at(end);
        let name = percent_decode_str(first).decode_utf8_lossy();
        match name.strip_prefix('$').and_then(|id| self.earlier.get_key_value(id)) {
            // What is put together is judged like what came in one piece.
            Some((id, path)) if !OWN_NAMES.contains(&&*name) => Ok((self.below(&format!("{path}{rest}"))?, Some(id))),
            _ => Ok((target, None)),
        }
    }

    /// Whether the URL may refer to the request with this id. Errs on the side of yes.
    pub(super) fn may_refer(url: &str, id: &str) -> bool {
        let decoded = percent_decode_str(url).decode_utf8_lossy();
        decoded.match_indices('$').any(|(at, _)| decoded.get(at + 1..).is_some_and(|rest| rest.starts_with(id)))
    }

    fn below(&self, url: &str) -> Result<String, &'static str> {
        const FOREIGN: &str = "its URL does not lead below this service root";
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        if url.contains('#') {
            return Err("its URL has a fragment");
        }
        let public = split_origin(self.root).map_or("/", |(.., path)| path);
        // Behind a proxy the path may have a beginning that is not ours.
        let local = public.rfind("/odata/v4/").and_then(|at| public.get(at..)).unwrap_or(public);
        let whole: Cow<'_, str> = if let Some((scheme, authority, path)) = split_origin(path) {
            let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            if !is_http || !self.is_ours(authority) {
                return Err("its URL names another server");
            }
            path.into()
        } else if path.starts_with("//") {
            return Err("its URL names another server");
        } else if path.starts_with('/') {
            path.into()
        } else {
            format!("{local}{path}").into()
        };
        let whole = without_dots(&whole).ok_or(FOREIGN)?;
        let prefixes = [local, public].into_iter().map(|prefix| prefix.trim_end_matches('/'));
        let below = prefixes.filter_map(|prefix| whole.strip_prefix(prefix)).find(|rest| {
            // The root itself, with its slash or without, or something below it.
            rest.is_empty() || rest.starts_with('/')
        });
        let path = below.ok_or(FOREIGN)?.trim_start_matches('/');
        Ok(query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
    }
}

/// Scheme, authority and path of an absolute URL without a query.
fn split_origin(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (is_scheme && !scheme.is_empty()).then_some((scheme, authority, if path.is_empty() { "/" } else { path }))
}

/// The absolute path without its segments `.` and `..`, which may be encoded (RFC 3986, 5.2.4 and 6.2.2); `None` if it
/// goes above the root.
fn without_dots(path: &str) -> Option<String> {
    let mut segments: Vec<&str> = Vec::new();
    let mut is_open = false;
    for segment in path.split('/').skip(1) {
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        is_open = matches!(&*decoded, "." | "..");
        match &*decoded {
            "." => {}
            ".." => {
                segments.pop()?;
            }
            _ => segments.push(segment),
        }
    }
    let slash = if is_open { "/" } else { "" };
    Some(format!("/{}{slash}", segments.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "https://erp.example.com/base/odata/v4/erp/";

    #[test]
    fn every_spelling_of_a_place_below_the_root_leads_there() {
        let places = Places::new(ROOT, Some("127.0.0.1:8080"));
        for (url, target) in [
            ("Orders?$top=1", "Orders?$top=1"),
            ("", ""),
            ("?$format=json", "?$format=json"),
            ("/odata/v4/erp/Orders", "Orders"),
            ("/odata/v4/erp", ""),
            ("/odata/v4/erp//Orders", "Orders"),
            ("/base/odata/v4/erp/Orders(1)/Lines", "Orders(1)/Lines"),
            ("https://erp.example.com/base/odata/v4/erp/Orders", "Orders"),
            ("HTTP://ERP.example.com/odata/v4/erp/Orders?x=http://a/b", "Orders?x=http://a/b"),
            ("http://127.0.0.1:8080/odata/v4/erp/Orders", "Orders"),
            ("./Orders", "Orders"),
            ("Orders/../Accounts", "Accounts"),
            ("../erp/Orders", "Orders"),
            ("Orders?$filter=a%20eq%20'../..'", "Orders?$filter=a%20eq%20'../..'"),
            ("Invoices('a%2F..%2Fb')", "Invoices('a%2F..%2Fb')"),
        ] {
            assert_eq!(places.target(url), Ok((target.to_owned(), None)), "{url}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_service() {
        let places = Places::new(ROOT, Some("127.0.0.1:8080"));
        for url in [
            "../other/Orders",
            "%2e%2e/other/Orders",
            "Orders/../../other",
            "../../../../../x",
            "/odata/v4/other/Orders",
            "/odata/v4/erpx/Orders",
            "/health/live",
            "/",
            "/odata/v4/erp/../other/Orders",
            "/odata/v4/erp/%2E./other/Orders",
            "http://evil.example/odata/v4/erp/Orders",
            "http://erp.example.com@evil.example/odata/v4/erp/Orders",
            "http://erp.example.com:81/odata/v4/erp/Orders",
            "file://erp.example.com/odata/v4/erp/Orders",
            "//evil.example/odata/v4/erp/Orders",
            "//erp.example.com/odata/v4/erp/Orders",
            "Orders#x",
        ] {
            assert!(places.target(url).is_err(), "{url}: {:?}", places.target(url));
        }
    }

    #[test]
    fn references_are_replaced_and_judged_afterwards() {
        let mut places = Places::new(ROOT, None);
        places.remember("1", "Orders(10248)?$select=OrderID");
        places.remember("metadata", "Orders(1)");
        places.remember("bad", "Orders");
        for (url, target) in [
            ("$1", Ok(("Orders(10248)", Some("1")))),
            ("$1/Lines?$top=2", Ok(("Orders(10248)/Lines?$top=2", Some("1")))),
            ("%241/Lines", Ok(("Orders(10248)/Lines", Some("1")))),
            ("/odata/v4/erp/$1/Lines", Ok(("Orders(10248)/Lines", Some("1")))),
            ("$10/Lines", Ok(("$10/Lines", None))),
            ("$metadata", Ok(("$metadata", None))),
            ("$bad/../../other", Err("its URL does not lead below this service root")),
        ] {
            assert_eq!(places.target(url), target.map(|(target, id)| (target.to_owned(), id)), "{url}");
        }
        assert!(Places::may_refer("a?b=$1", "1") && Places::may_refer("%241", "1") && !Places::may_refer("$2", "1"));
    }
}
