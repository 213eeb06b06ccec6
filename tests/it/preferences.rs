//! Headers, preferences and methods: what a client may ask for beside the words of a URL, and what it is told of it.

use std::sync::Arc;

use serde_json::Value;

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::{KINDS, Kind};
use crate::support::demo::{self, DemoDatabases};
use crate::support::http::{Response, gunzip};
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";
const TEXT: (&str, &str) = ("Content-Type", "text/plain");

/// The demo on SQLite.
fn start(more: &str) -> (Arc<DemoDatabases>, TestServer) {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, more);
    (databases, server)
}

fn send(server: &TestServer, method: &str, target: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response {
    let headers = [headers, &[CREDENTIALS]].concat();
    server.send(method, &format!("{ROOT}{target}"), &headers, body.map(str::as_bytes))
}

fn get(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> Response {
    send(server, "GET", target, headers, None)
}

fn json(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_str(response.text()).unwrap()
}

fn outcome(response: &Response) -> (u16, String) {
    (response.status, error_of(response).unwrap().0)
}

/// Takes out what `omit-values=nulls` leaves out.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

#[test]
fn properties_without_a_value_can_be_left_out() {
    let targets = [
        "Orders?$top=300&$expand=Account,Shipments($top=2)",
        "Orders?$top=40&$expand=Account($select=Website),Lines($expand=Product)",
        "Accounts?$select=Website&$top=50",
        "Accounts?$top=200",
        "Orders(10248)?$expand=Account",
        "Shipments?$top=100&$expand=Order",
    ];
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        // What is kept in one form is not served in the other.
        let server = serve_demo(&databases.sources, "[cache]\nbytes_max = 10000000\n");
        let mut shrunk = 0;
        for level in ["minimal", "full", "none"] {
            let accept = ("Accept", format!("application/json;odata.metadata={level}"));
            let accept = (accept.0, accept.1.as_str());
            for target in targets {
                let whole = get(&server, target, &[accept]);
                let mut expected = json(&whole);
                without_nulls(&mut expected);
                for wish in ["omit-values=nulls", "odata.omit-values=\"defaults\""] {
                    let response = get(&server, target, &[accept, ("Prefer", wish)]);
                    let mut found = json(&response);
                    assert!(!response.text().contains(":null"), "{target}: {}", response.text());
                    if level == "full" {
                        // With a property goes what tells of its type.
                        let types = |value: &mut Value| strip_types(value);
                        types(&mut expected);
                        types(&mut found);
                    }
                    assert_eq!(found, expected, "{} {level} {target}", kind.name());
                    assert_eq!(response.header("preference-applied"), Some(wish.replace('"', "").as_str()));
                    assert!(response.header("vary").unwrap().contains("Prefer"));
                    shrunk += usize::from(response.body.len() < whole.body.len());
                }
                assert_eq!(get(&server, target, &[accept]).body, whole.body, "the other form is not mixed up");
            }
        }
        assert!(shrunk > 20, "{}: only {shrunk} answers became smaller", kind.name());
        assert_eq!(
            get(&server, "Orders/$count", &[("Prefer", "omit-values=nulls")]).header("preference-applied"),
            None
        );
    }
}

/// Takes out the types of properties, which stand without the property if that was taken out.
fn strip_types(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| name == "@odata.type" || !name.ends_with("@odata.type"));
            members.values_mut().for_each(strip_types);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_types),
        _ => {}
    }
}

#[test]
fn what_was_preferred_and_done_is_told_and_nothing_else() {
    let (_databases, server) = start("");
    for (target, prefer, applied) in [
        ("Orders?$top=1", "maxpagesize=5", Some("maxpagesize=5")),
        ("Orders?$top=1", "maxpagesize=0", None),
        ("Orders?$top=1", "odata.maxpagesize=0, omit-values=nulls", Some("omit-values=nulls")),
        ("Orders(10248)", "maxpagesize=5", None),
        ("Orders?$top=1", "include-annotations=\"*\"", Some("include-annotations=\"*\"")),
        ("Orders(10248)", "odata.include-annotations=\"-*,a.b\"", Some("odata.include-annotations=\"-*,a.b\"")),
        ("Orders?$top=1", "allow-entityreferences", None),
        ("Orders?$top=1", "track-changes, return=minimal, x=\"maxpagesize=3\"", None),
        ("Orders?$top=1", "continue-on-error", None),
        ("$metadata", "maxpagesize=5, omit-values=nulls", None),
        ("Orders/$count", "include-annotations=\"*\"", None),
    ] {
        let response = get(&server, target, &[("Prefer", prefer)]);
        assert_eq!((response.status, response.header("preference-applied")), (200, applied), "{target} {prefer}");
    }
    // Several lines are one list, and of two wishes the first counts.
    let headers = [("Prefer", "omit-values=nulls"), ("Prefer", "maxpagesize=3, maxpagesize=4")];
    let response = get(&server, "Orders?$select=OrderID", &headers);
    assert_eq!(response.header("preference-applied"), Some("maxpagesize=3, omit-values=nulls"));
    assert_eq!(json(&response)["value"].as_array().unwrap().len(), 3);
    // Zero does not switch paging off.
    let response = get(&server, "Orders?$select=OrderID", &[("Prefer", "maxpagesize=0")]);
    assert_eq!(json(&response)["value"].as_array().unwrap().len(), 2_000);
}

#[test]
fn conditions_are_judged() {
    let (_databases, server) = start("[cache]\nbytes_max = 10000000\n");
    for target in ["Orders(10248)", "Orders?$top=3", "$metadata", "", "Orders/$count"] {
        let etag = get(&server, target, &[]).header("etag").unwrap().to_owned();
        let status = |headers: &[(&str, &str)]| get(&server, target, headers).status;
        assert_eq!(status(&[("If-None-Match", &etag)]), 304, "{target}");
        assert_eq!(status(&[("If-Match", &etag)]), 200, "{target}");
        assert_eq!(status(&[("If-Match", "*")]), 200, "{target}");
        assert_eq!(status(&[("If-Match", &etag), ("If-None-Match", &etag)]), 304, "{target}");
        let other = get(&server, target, &[("If-Match", "\"other\""), ("If-None-Match", &etag)]);
        assert_eq!(outcome(&other), (412, "service.precondition".to_owned()), "{target}");
    }
    assert_eq!(
        get(&server, "Orders(1)", &[("If-Match", "*")]).status,
        404,
        "there is nothing whose state could be wrong"
    );
}

#[test]
fn every_resource_tells_its_methods() {
    let (_databases, server) = start("");
    let read = "GET, HEAD, OPTIONS";
    for (target, allow) in [
        ("", read),
        ("$metadata", read),
        ("Orders", read),
        ("Orders(10248)", read),
        ("Orders(10248)/Status", read),
        ("Orders(10248)/Status/$value", read),
        ("Orders(10248)/Lines", read),
        ("Orders/$count", read),
        ("$batch", "POST, OPTIONS"),
        ("Orders/$query", "POST, OPTIONS"),
        ("$async/x", "GET, HEAD, DELETE, OPTIONS"),
    ] {
        let response = send(&server, "OPTIONS", target, &[], None);
        assert_eq!((response.status, response.header("allow")), (204, Some(allow)), "{target}");
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "LINK"] {
            let body = matches!(method, "POST" | "PUT" | "PATCH").then_some("{}");
            let response = send(&server, method, target, &[], body);
            let is_allowed = allow.split(", ").any(|known| known == method);
            assert_eq!(response.status == 405, !is_allowed, "{method} {target}: {}", response.status);
            if response.status == 405 {
                assert_eq!(response.header("allow"), Some(allow), "{method} {target}");
                assert!(method == "HEAD" || outcome(&response).1 == "web.method_not_allowed", "{method} {target}");
            }
        }
    }
    for (target, allow) in [("/", "GET, HEAD"), ("/health/live", "GET, HEAD"), ("/health/ready", "GET, HEAD")] {
        let response = server.send("POST", target, &[], Some(b"{}"));
        assert_eq!((response.status, response.header("allow")), (405, Some(allow)), "{target}");
        assert_eq!(server.send("HEAD", target, &[], None).status, 200, "{target}");
    }
}

#[test]
fn what_cannot_be_sent_or_read_is_refused() {
    let (_databases, server) = start("");
    for (headers, status, code) in [
        (&[("Accept", "application/json;odata.metadata=some")][..], 406, "service.not_acceptable"),
        (&[("Accept", "application/json;unknown=1")], 406, "service.not_acceptable"),
        (&[("Accept", "application/json;charset=iso-8859-1")], 406, "service.not_acceptable"),
        (&[("Accept", "text/html, image/*")], 406, "service.not_acceptable"),
        (&[("Accept-Charset", "iso-8859-1")], 406, "service.not_acceptable"),
        (&[("Accept-Charset", "*, utf-8;q=0")], 406, "service.not_acceptable"),
        (&[("OData-Isolation", "snapshot")], 412, "web.isolation_not_offered"),
        (&[("Isolation", "snapshot")], 412, "web.isolation_not_offered"),
    ] {
        assert_eq!(outcome(&get(&server, "Orders?$top=1", headers)), (status, code.to_owned()), "{headers:?}");
    }
    for charsets in ["utf-8", "ISO-8859-1,utf-8;q=0.7,*;q=0.7", ""] {
        let response = get(&server, "Orders?$top=1", &[("Accept-Charset", charsets)]);
        assert!(response.status == 200 && !response.header("content-type").unwrap().contains("charset"), "{charsets}");
    }
    // A type without a body means nothing, and some clients send it.
    assert_eq!(get(&server, "Orders?$top=1", &[("Content-Type", "application/xml")]).status, 200);
}

#[test]
fn a_long_query_is_read_from_the_body() {
    let long: Vec<String> = (10_000..19_000).map(|id| id.to_string()).collect();
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "[limits]\nquery_bytes_max = 200000\n");
        for (path, query, body) in [
            ("Orders", "", "$filter=OrderID%20eq%2010248&$select=OrderID"),
            ("Orders", "$select=OrderID&$top=2", "$filter=Status%20eq%20'Open'&$orderby=OrderID%20desc\r\n"),
            ("Orders(10248)/Lines", "$top=1", "$expand=Product"),
            ("Orders/$count", "", "$filter=contains(ShipName,'%26')"),
            ("Orders(10248)", "", ""),
        ] {
            let asked = send(&server, "POST", &format!("{path}/$query?{query}"), &[TEXT], Some(body));
            let joint = if query.is_empty() || body.is_empty() { "" } else { "&" };
            let alone = get(&server, &format!("{path}?{query}{joint}{}", body.trim_end()), &[]);
            assert_eq!((asked.status, asked.text()), (200, alone.text()), "{} {path} {query} {body}", kind.name());
            assert_eq!(asked.header("content-type"), alone.header("content-type"));
        }
        // More than any URL holds; the pages after the first lead on by themselves.
        let body = format!("$select=OrderID&$filter=OrderID%20in%20({})&$count=true", long.join(","));
        let asked = send(&server, "POST", "Orders/$query", &[TEXT, ("Prefer", "maxpagesize=10")], Some(&body));
        let page = json(&asked);
        assert!(page["@odata.count"].as_i64().unwrap() > 8_000, "{}", kind.name());
        assert_eq!(page["value"].as_array().unwrap().len(), 10);
        assert!(page["@odata.nextLink"].as_str().unwrap().contains("/Orders?"), "{page:.300}");
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let asked = send(&server, "POST", "Orders/$query", &[form], Some("$filter=OrderID+eq+10248&$select=OrderID"));
        assert_eq!(json(&asked)["value"][0]["OrderID"], 10_248);
        let too_long = format!("$filter={}", "x".repeat(200_000));
        for (headers, body, status, code) in [
            (&[("Content-Type", "application/json")][..], "{}", 415, "service.media_type"),
            (&[], "$top=1", 415, "service.media_type"),
            (&[TEXT, ("Content-Encoding", "gzip")], "$top=1", 415, "service.media_type"),
            (&[TEXT], "$top=1\n$skip=2", 400, "service.query_body"),
            (&[TEXT], "$top=x", 400, "syntax.option_value"),
            (&[TEXT], "$filter=Nothing%20eq%201", 400, "bind.unknown_property"),
            (&[TEXT], &too_long, 413, "web.body_too_large"),
        ] {
            let response = send(&server, "POST", "Orders/$query", headers, Some(body));
            assert_eq!(outcome(&response), (status, code.to_owned()), "{headers:?} {body:.60}");
        }
        let twice = send(&server, "POST", "Orders/$query?$top=1", &[TEXT], Some("$top=1"));
        assert_eq!(outcome(&twice).1, "syntax.duplicate_option");
        let response = send(&server, "POST", "Orders/$query", &[TEXT], Some("$filter=Nothing%20eq%201"));
        assert!(response.text().contains("(at character 16: Nothing)"), "{}", response.text());
    }
}

#[test]
fn answers_come_in_the_coding_that_is_liked_best() {
    let (_databases, server) = start("[cache]\nbytes_max = 10000000\n");
    for target in ["Orders?$top=500", "$metadata", "Orders?$top=100&$filter=OrderID%20gt%2015000"] {
        let plain = get(&server, target, &[]);
        for (accept, expected) in [
            ("br", Some("br")),
            ("gzip, deflate, br", Some("br")),
            ("br;q=0.5, gzip;q=0.6", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("br;q=0, gzip;q=0", None),
            ("zstd", None),
        ] {
            // Twice: made now, and made before.
            for _ in 0..2 {
                let response = get(&server, target, &[("Accept-Encoding", accept)]);
                assert_eq!(response.header("content-encoding"), expected, "{target} {accept}");
                assert!(response.header("vary").unwrap().contains("Accept-Encoding"));
                let body = match expected {
                    Some("br") => {
                        let mut body = Vec::new();
                        brotli::BrotliDecompress(&mut &response.body[..], &mut body).unwrap();
                        body
                    }
                    Some(_) => gunzip(&response.body),
                    None => response.body.clone(),
                };
                assert!(body == plain.body, "{target} {accept}");
                assert!(expected.is_none() || response.body.len() * 2 < plain.body.len());
            }
        }
    }
}

#[test]
fn pages_of_other_origins_may_read_what_is_configured() {
    let (_databases, server) = start("[cors]\norigins = [\"https://app.example.com\"]\nheaders = [\"X-Trace\"]\n");
    let origin = ("Origin", "https://app.example.com");
    let asks = ("Access-Control-Request-Method", "POST");
    let preflight = server.send("OPTIONS", &format!("{ROOT}$batch"), &[origin, asks], None);
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("POST"));
    let headers = preflight.header("access-control-allow-headers").unwrap();
    assert!(
        ["Authorization", "OData-MaxVersion", "Prefer", "X-Trace"].iter().all(|name| headers.contains(name)),
        "{headers}"
    );
    let read = get(&server, "Orders?$top=1", &[origin]);
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, Some("https://app.example.com")));
    assert!(read.header("access-control-expose-headers").unwrap().contains("ETag"));
    let refused = server.get_with(&format!("{ROOT}Orders"), &[origin]);
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some("https://app.example.com")));
    let other = get(&server, "Orders?$top=1", &[("Origin", "https://evil.example")]);
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
    let (_databases, off) = start("");
    assert_eq!(get(&off, "Orders?$top=1", &[origin]).header("access-control-allow-origin"), None);
    assert_eq!(off.send("OPTIONS", &format!("{ROOT}$batch"), &[origin, asks], None).status, 401);
}
