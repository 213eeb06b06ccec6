//! How the server behaves as an HTTP server: headers, versions, formats, validators, sizes, credentials, links.

use std::process::Command;
use std::sync::Arc;

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::Kind;
use crate::support::demo::{self, DemoDatabases};
use crate::support::environment;
use crate::support::http::{Response, gunzip, send_raw};
use crate::support::json::Json;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";

/// The demo on SQLite.
fn start(more: &str) -> (Arc<DemoDatabases>, TestServer) {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, more);
    (databases, server)
}

fn get(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> Response {
    let mut headers = headers.to_vec();
    headers.push(CREDENTIALS);
    server.get_with(&format!("{ROOT}{target}"), &headers)
}

fn json(response: &Response) -> Json {
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    Json::read(response.text()).unwrap()
}

#[test]
fn every_answer_tells_the_version_that_the_client_allows() {
    let (_databases, server) = start("");
    for target in ["", "$metadata", "Orders?$top=1", "Orders(10248)", "Orders/$count", "Nowhere", "Orders?$top=x"] {
        for (allowed, versions) in
            [(None, &["4.0", "4.01"][..]), (Some("4.0"), &["4.0"]), (Some("4.01"), &["4.01", "4.0"])]
        {
            let headers: Vec<(&str, &str)> = allowed.map(|version| ("OData-MaxVersion", version)).into_iter().collect();
            let response = get(&server, target, &headers);
            let version = response.header("odata-version").unwrap_or_default();
            assert!(versions.contains(&version), "{target} {allowed:?}: {version}");
            assert!(response.status < 500, "{target}");
        }
    }
    for version in ["3.0", "2.0", "x", ""] {
        let response = get(&server, "Orders?$top=1", &[("OData-MaxVersion", version)]);
        assert_eq!(response.status, 400, "OData-MaxVersion: {version}");
        error_of(&response).unwrap();
    }
}

#[test]
fn the_format_is_negotiated() {
    let (_databases, server) = start("");
    let cases: [(&str, &str, u16); 16] = [
        ("Orders?$top=1", "application/json", 200),
        ("Orders?$top=1", "*/*", 200),
        ("Orders?$top=1", "application/*", 200),
        ("Orders?$top=1", "text/html, application/json;q=0.1", 200),
        ("Orders?$top=1", "application/xml", 406),
        ("Orders?$top=1", "text/html", 406),
        ("Orders?$top=1", "application/json;q=0", 406),
        ("Orders?$top=1", "application/json;odata.metadata=sometimes", 406),
        ("Orders?$top=1&$format=json", "application/xml", 200),
        ("Orders?$top=1&$format=application/json", "text/html", 200),
        ("Orders?$top=1&$format=xml", "application/json", 406),
        ("Orders?$top=1&$format=atom", "application/json", 406),
        ("$metadata", "application/xml", 200),
        ("$metadata", "*/*", 200),
        ("Orders/$count", "text/plain", 200),
        ("Orders/$count", "*/*", 200),
    ];
    for (target, accept, status) in cases {
        let response = get(&server, target, &[("Accept", accept)]);
        let body = String::from_utf8_lossy(&response.body);
        assert_eq!(response.status, status, "{target} Accept: {accept}: {body}");
        if status != 200 {
            error_of(&response).unwrap_or_else(|what| panic!("{target} Accept: {accept}: {what}"));
        }
    }
    let metadata = get(&server, "$metadata", &[]);
    assert_eq!(metadata.header("content-type").map(|kind| kind.starts_with("application/xml")), Some(true));
    let count = get(&server, "Orders/$count", &[]);
    assert_eq!((count.text(), count.header("content-type").unwrap().starts_with("text/plain")), ("20000", true));
}

#[test]
fn metadata_levels_and_ieee754_change_the_json_as_they_say() {
    let (_databases, server) = start("");
    let level = |level: &str| {
        let accept = format!("application/json;odata.metadata={level}");
        let response = get(&server, "Orders?$top=1&$count=true", &[("Accept", &accept)]);
        let kind = response.header("content-type").unwrap().to_owned();
        assert!(kind.contains(&format!("metadata={level}")), "{kind}");
        json(&response)
    };
    let row = |page: &Json| page.get("value").unwrap().as_array().unwrap()[0].clone();
    let (none, minimal, full) = (level("none"), level("minimal"), level("full"));
    assert!(none.get("@odata.context").is_none() && none.get("@odata.count").is_some());
    assert!(row(&none).members().iter().all(|(name, _)| !name.contains('@')));
    let context = minimal.get("@odata.context").and_then(Json::as_str).unwrap();
    assert_eq!(context, format!("http://{}{ROOT}$metadata#Orders", server.address));
    assert!(row(&minimal).get("@odata.etag").is_some(), "{}", row(&minimal));
    for name in ["@odata.id", "@odata.type", "@odata.etag", "Account@odata.navigationLink"] {
        assert!(row(&full).get(name).is_some(), "{name} is missing in {}", row(&full));
    }

    let strings =
        get(&server, "StockLevels?$top=1&$count=true", &[("Accept", "application/json;IEEE754Compatible=true")]);
    assert!(strings.header("content-type").unwrap().contains("IEEE754Compatible=true"));
    let strings = json(&strings);
    assert!(matches!(strings.get("@odata.count"), Some(Json::String(_))));
    assert!(matches!(row(&strings).get("OnHand"), Some(Json::String(_))));
    let numbers = json(&get(&server, "StockLevels?$top=1&$count=true", &[]));
    assert_eq!(row(&numbers).get("OnHand").unwrap().as_number(), row(&strings).get("OnHand").unwrap().as_str());
}

#[test]
fn an_entity_has_a_validator_unless_others_are_expanded() {
    let (_databases, server) = start("");
    let etag = get(&server, "Orders(10248)", &[]).header("etag").expect("an ETag").to_owned();
    assert_eq!(get(&server, "Orders(10248)", &[("If-None-Match", &etag)]).status, 304);
    let expanded = get(&server, "Orders(10248)?$expand=Account", &[("If-None-Match", &etag)]);
    assert_eq!((expanded.status, expanded.header("etag")), (200, None), "the account may have changed");
}

#[test]
fn metadata_has_a_validator_and_follows_the_schema() {
    let (_databases, server) = start("");
    let first = get(&server, "$metadata", &[]);
    let etag = first.header("etag").expect("an ETag").to_owned();
    let again = get(&server, "$metadata", &[("If-None-Match", &etag)]);
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(etag.as_str())));
    assert_eq!(get(&server, "$metadata", &[("If-None-Match", "\"other\"")]).status, 200);
    let Some(schemas) = environment("PENSTOCK_CSDL_SCHEMAS") else {
        eprintln!("not validated by schema: PENSTOCK_CSDL_SCHEMAS names no folder with edmx.xsd");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("metadata.xml");
    std::fs::write(&file, &first.body).unwrap();
    let schema = format!("{schemas}/edmx.xsd");
    let output = Command::new("xmllint").args(["--noout", "--nonet", "--schema", &schema]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn head_is_get_without_a_body() {
    let (_databases, server) = start("");
    let mut client = crate::support::http::Client::new(server.address);
    for target in ["", "$metadata", "Orders?$top=5", "Nowhere"] {
        let target = format!("{ROOT}{target}");
        let whole = server.get_with(&target, &[CREDENTIALS]);
        let head = client.request("HEAD", &target, &[CREDENTIALS]).unwrap();
        assert_eq!((head.status, head.body.len()), (whole.status, 0), "{target}");
        for name in ["content-type", "odata-version", "etag"] {
            assert_eq!(head.header(name), whole.header(name), "{name} of {target}");
        }
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let response =
            client.request(method, &format!("{ROOT}Orders"), &[CREDENTIALS, ("Content-Length", "0")]).unwrap();
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(error_of(&response).unwrap().0, "web.method_not_allowed", "{method}");
    }
    let snapshot = get(&server, "Orders?$top=1", &[("OData-Isolation", "snapshot")]);
    assert_eq!((snapshot.status, error_of(&snapshot).unwrap().0.as_str()), (412, "web.isolation_not_offered"));
}

#[test]
fn request_lines_of_64_kilobytes_are_accepted_and_longer_ones_refused() {
    let (_databases, server) = start("");
    let target = |length: usize| {
        let mut target = "Orders?$select=OrderID&$filter=OrderID%20eq%2010248".to_owned();
        while target.len() + ROOT.len() + 30 < length {
            target.push_str("%20or%20OrderID%20eq%2010249");
        }
        target
    };
    let response = get(&server, &target(64_000), &[]);
    assert_eq!(json(&response).get("value").unwrap().as_array().unwrap().len(), 2);
    let response = get(&server, &target(70_000), &[]);
    assert_eq!(response.status, 414);
    assert_eq!(error_of(&response).unwrap().0, "web.url_too_long");
    let large = "x".repeat(1_000_000);
    let response = get(&server, "Orders?$top=1", &[("X-Large", &large)]);
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (431, "web.headers_too_large"));
    let raw = format!("GET {ROOT}Orders?$filter=a b\u{1}c HTTP/1.1\r\nHost: x\r\n\r\n");
    let response = send_raw(server.address, raw.as_bytes()).unwrap();
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (400, "web.malformed_request"));
}

#[test]
fn credentials_are_demanded() {
    let (_databases, server) = start("");
    let cases = [
        (None, 401, "auth.missing"),
        (Some("Basic ZGVtbzp3cm9uZw=="), 401, "auth.wrong"),
        (Some("Basic bm9ib2R5OmRlbW8="), 401, "auth.wrong"),
        (Some("Basic !!!"), 401, "auth.malformed"),
        (Some("Bearer token"), 401, "auth.malformed"),
        (Some(CREDENTIALS.1), 200, ""),
    ];
    for (credentials, status, code) in cases {
        let headers: Vec<(&str, &str)> = credentials.map(|value| ("Authorization", value)).into_iter().collect();
        for target in ["", "$metadata", "Orders?$top=1"] {
            let response = server.get_with(&format!("{ROOT}{target}"), &headers);
            assert_eq!(response.status, status, "{headers:?} {target}");
            if status == 401 {
                assert!(response.header("www-authenticate").is_some_and(|value| value.starts_with("Basic")));
                assert_eq!(error_of(&response).unwrap().0, code, "{headers:?} {target}");
            }
        }
    }
    for target in ["/nowhere", "/odata/v4/nowhere/"] {
        let response = server.get_with(target, &[CREDENTIALS]);
        assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (404, "web.not_found"), "{target}");
    }
    // The roots are no secret, and are listed for those who look.
    assert!(String::from_utf8(server.get("/").body).unwrap().contains("\"/odata/v4/erp/\""));
}

#[test]
fn answers_are_compressed_for_those_who_ask() {
    let (_databases, server) = start("");
    let plain = get(&server, "Orders?$top=500", &[]);
    let small = get(&server, "Orders?$top=500", &[("Accept-Encoding", "gzip")]);
    assert_eq!((plain.header("content-encoding"), small.header("content-encoding")), (None, Some("gzip")));
    assert!(small.body.len() * 2 < plain.body.len());
    assert_eq!(gunzip(&small.body), plain.body);
}

#[test]
fn links_begin_with_the_public_url_and_tokens_outlive_a_restart() {
    let settings = "public_url = \"https://erp.example.com\"\ntoken_key = \"one key for all replicas\"\n";
    let (databases, server) = start(settings);
    let query = "Orders?$select=OrderID&$orderby=Status&$count=true";
    let page = json(&get(&server, query, &[("Prefer", "odata.maxpagesize=100")]));
    let base = "https://erp.example.com/odata/v4/erp/";
    assert!(page.get("@odata.context").and_then(Json::as_str).unwrap().starts_with(base));
    let link = page.get("@odata.nextLink").and_then(Json::as_str).unwrap().strip_prefix(base).unwrap().to_owned();
    let next = |server: &TestServer, target: &str| get(server, target, &[("Prefer", "odata.maxpagesize=100")]);
    let second = next(&server, &link);
    assert_eq!(json(&second).get("value").unwrap().as_array().unwrap().len(), 100);

    let other = serve_demo(&databases.sources, settings);
    let there = json(&next(&other, &link));
    assert_eq!(there.get("value"), json(&second).get("value"), "a replica with the same key");
    let stranger = serve_demo(&databases.sources, "token_key = \"another key\"\n");
    assert_eq!(error_of(&next(&stranger, &link)).unwrap().0, "bind.invalid_token");

    // A token belongs to its query: not to another filter, not to another order, not to another set.
    let token = &link[link.find("$skiptoken=").unwrap()..];
    for query in [
        "Orders?$select=OrderID&$orderby=Status&$count=true&$filter=OrderID%20gt%205",
        "Orders?$select=OrderID&$orderby=ShipName&$count=true",
        "Accounts?$count=true",
    ] {
        let response = next(&server, &format!("{query}&{token}"));
        assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (400, "bind.invalid_token"), "{query}");
    }
    // One changed character in the middle is enough to be refused.
    let middle = link.len() - token.len() / 2;
    let other = if &link[middle..=middle] == "A" { "B" } else { "A" };
    let damaged = format!("{}{other}{}", &link[..middle], &link[middle + 1..]);
    assert_eq!(error_of(&next(&server, &damaged)).unwrap().0, "bind.invalid_token");
}

#[test]
fn pages_obey_the_wish_of_the_client() {
    let (_databases, server) = start("");
    let rows = |preference: &str, target: &str| {
        let response = get(&server, target, &[("Prefer", preference)]);
        let applied = response.header("preference-applied").is_some_and(|applied| preference.contains(applied));
        assert_eq!(applied, !preference.ends_with("=0"), "{preference}");
        let page = json(&response);
        let next = page.get("@odata.nextLink").is_some();
        (page.get("value").unwrap().as_array().unwrap().len(), next)
    };
    assert_eq!(rows("odata.maxpagesize=10", "Orders?$select=OrderID"), (10, true));
    assert_eq!(rows("maxpagesize=10", "Orders?$select=OrderID&$top=10"), (10, false));
    assert_eq!(rows("odata.maxpagesize=9999", "Orders?$select=OrderID"), (2_000, true));
    assert_eq!(rows("odata.maxpagesize=0", "Orders?$select=OrderID"), (2_000, true));
    assert_eq!(rows("odata.track-changes, odata.maxpagesize=3", "Orders?$select=OrderID"), (3, true));
    // Expanded lists obey it, too; who follows a link may have another wish or none.
    let wish = &[("Prefer", "maxpagesize=2")][..];
    let target = "Accounts?$select=AccountID&$expand=Orders($select=OrderID;$count=true)&$filter=Orders/$count gt 4";
    let response = get(&server, &target.replace(' ', "%20"), wish);
    assert_eq!(response.header("preference-applied"), Some("maxpagesize=2"));
    let page = json(&response);
    let account = &page.get("value").and_then(Json::as_array).unwrap()[0];
    assert_eq!(account.get("Orders").and_then(Json::as_array).unwrap().len(), 2);
    let all: usize = account.get("Orders@odata.count").and_then(Json::as_number).unwrap().parse().unwrap();
    for (name, of, expected) in [("Orders@odata.nextLink", account, all - 2), ("@odata.nextLink", &page, 2_000)] {
        let link = of.get(name).and_then(Json::as_str).unwrap();
        for wish in [&[][..], &[("Prefer", "maxpagesize=1")]] {
            let next = server.get_with(server.target_of(link), &[&[CREDENTIALS], wish].concat());
            assert_eq!(next.status, 200, "{}", next.text());
            let rows = Json::read(next.text()).unwrap().get("value").and_then(Json::as_array).unwrap().len();
            assert!(
                if wish.is_empty() { rows == expected || name == "@odata.nextLink" } else { rows == 1 },
                "{name} {rows}"
            );
        }
    }
    let one = get(&server, "Orders(10248)?$expand=Lines", wish);
    assert_eq!(one.header("preference-applied"), Some("maxpagesize=2"));
    assert_eq!(json(&one).get("Lines").and_then(Json::as_array).unwrap().len(), 2);
}

#[test]
fn refusals_of_the_service_have_their_codes() {
    let (_databases, server) = start("[limits]\npage_bytes_max = 500000\nbytes_in_flight_max = 1048576\n");
    for (target, header, status, code) in [
        ("Accounts('nobody')", ("Accept", "*/*"), 404, "service.no_entity"),
        ("Accounts", ("OData-MaxVersion", "3.0"), 400, "service.version"),
        ("Accounts", ("Accept", "application/atom+xml"), 406, "service.not_acceptable"),
        // Orders and their lines are held twice while they are put together.
        ("Orders?$expand=Lines", ("Accept", "*/*"), 503, "service.over_budget"),
    ] {
        let response = get(&server, target, &[header]);
        assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (status, code), "{target}");
    }
    assert_eq!(get(&server, "Orders?$top=5", &[]).status, 200, "what was refused holds nothing");
}

#[test]
fn the_log_holds_no_credentials() {
    let (_databases, server) = start("[log]\nlevel = \"trace\"\n");
    get(&server, "Orders?$top=1", &[]);
    server.get_with(&format!("{ROOT}Orders"), &[("Authorization", "Basic ZGVtbzpzZWNyZXQtd29yZA==")]);
    let log = server.log();
    for secret in ["ZGVtbzpkZW1v", "secret-word", "ZGVtbzpzZWNyZXQtd29yZA"] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[test]
fn control_names_lose_their_prefix_for_those_who_ask() {
    let (_databases, server) = start("[cache]\nbytes_max = 10000000\n");
    let page = |accept: &str, version: &str| {
        let target = "Orders?$select=OrderID&$top=1&$count=true&$expand=Lines($select=ProductID;$count=true)";
        let response = get(&server, target, &[("Accept", accept), ("OData-MaxVersion", version)]);
        (response.header("content-type").unwrap().to_owned(), json(&response))
    };
    // Twice, so that answers from the cache are seen as well.
    for _ in 0..2 {
        for (accept, version, kind, mark) in [
            ("application/json", "4.01", "application/json;metadata=minimal", "@odata."),
            ("application/json;odata.metadata=full", "4.01", "application/json;metadata=full", "@odata."),
            ("application/json;metadata=minimal", "4.01", "application/json;metadata=minimal", "@"),
            ("application/json;metadata=full", "4.01", "application/json;metadata=full", "@"),
            ("application/json;metadata=full", "4.0", "application/json;odata.metadata=full", "@odata."),
        ] {
            let (content_type, page) = page(accept, version);
            assert_eq!(content_type, kind, "{accept} {version}");
            let row = &page.get("value").unwrap().as_array().unwrap()[0];
            let is_full = kind.ends_with("full");
            assert!(page.get(&format!("{mark}context")).is_some() && page.get(&format!("{mark}count")).is_some());
            assert!(row.get(&format!("{mark}etag")).is_some() && row.get(&format!("Lines{mark}count")).is_some());
            assert_eq!(row.get(&format!("{mark}id")).is_some(), is_full, "{row}");
            let type_of_key = row.get(&format!("OrderID{mark}type")).and_then(Json::as_str);
            let expected = if mark == "@" { "Int32" } else { "#Int32" };
            assert_eq!(type_of_key, is_full.then_some(expected));
            let text = page.to_string();
            assert!(mark != "@" || !text.contains("odata."), "{text}");
        }
    }
    let paged = get(
        &server,
        "Orders?$select=OrderID&$format=application/json;metadata=minimal",
        &[("OData-MaxVersion", "4.01"), ("Prefer", "maxpagesize=5")],
    );
    let link = json(&paged).get("@nextLink").and_then(Json::as_str).expect("a next link").to_owned();
    let next = get(&server, link.split_once(ROOT).unwrap().1, &[("OData-MaxVersion", "4.01")]);
    assert!(json(&next).get("@context").is_some(), "a next link keeps the format");
    let service = get(&server, "", &[("Accept", "application/json;metadata=minimal"), ("OData-MaxVersion", "4.01")]);
    assert!(json(&service).get("@context").is_some());
}

/// What 4.01 has added to the syntax of URLs is taken whatever version the client names, and means the same.
#[test]
fn urls_of_both_versions_are_taken_from_every_client() {
    let (_databases, server) = start("");
    let pairs = [
        ("Orders(10248)/ShipName", "Orders/10248/ShipName"),
        ("Orders?$select=OrderID&$top=2&$count=true", "Orders?select=OrderID&TOP=2&Count=true"),
        ("Orders?$select=OrderID&$filter=OrderID eq 10248", "Orders?$select=OrderID&$filter=OrderID EQ '10248'"),
        (
            "Orders?$select=OrderID&$filter=OrderID eq 10248 or OrderID eq 10249",
            "Orders?$select=OrderID&$filter=OrderID in (10248,10249)",
        ),
        (
            "Orders?$select=OrderID&$top=2&$filter=ShippedDate sub OrderDate gt duration'P20D'",
            "Orders?$select=OrderID&$top=2&$filter=ShippedDate sub OrderDate gt 'P20D'",
        ),
        ("Orders?$select=OrderID&$filter=OrderID le 10249", "Orders/$filter(OrderID le 10249)?$select=OrderID"),
    ];
    for version in ["4.0", "4.01"] {
        for (older, newer) in pairs {
            let value = |target: &str| {
                let page = json(&get(&server, &target.replace(' ', "%20"), &[("OData-MaxVersion", version)]));
                page.get("value").unwrap().to_string()
            };
            assert_eq!(value(older), value(newer), "{newer} in {version}");
            assert_ne!(value(newer), "[]", "{newer} in {version}");
        }
    }
}

#[test]
fn contexts_of_expansions_are_those_of_the_version() {
    let (_databases, server) = start("");
    let context = |target: &str, version: &str| {
        let page = json(&get(&server, target, &[("OData-MaxVersion", version)]));
        page.get("@odata.context").and_then(Json::as_str).unwrap().split('#').nth(1).unwrap().to_owned()
    };
    for (target, in_4_0, in_4_01) in [
        ("Orders?$top=1&$expand=Account", "Orders", "Orders(Account())"),
        ("Orders?$top=1&$select=OrderID&$expand=Account,Lines", "Orders(OrderID)", "Orders(OrderID,Account(),Lines())"),
        (
            "Orders(10248)?$expand=Account($select=Name)",
            "Orders(Account(Name))/$entity",
            "Orders(Account(Name))/$entity",
        ),
    ] {
        assert_eq!(context(target, "4.0"), in_4_0, "{target}");
        assert_eq!(context(target, "4.01"), in_4_01, "{target}");
    }
}
