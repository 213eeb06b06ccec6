//! What holds for requests and answers of every kind: the version of a body, the language of sentences, methods of what
//! is not there, links that are out of date.

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo, user};
use crate::support::databases::Kind;
use crate::support::demo;
use crate::support::http::Response;
use crate::support::json::Json;
use crate::support::multipart::{part, parts};
use crate::support::project;
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/erp/";

fn send(server: &TestServer, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
    server.send(method, &format!("{ROOT}{target}"), &[headers, &[CREDENTIALS]].concat(), None)
}

fn code(response: &Response) -> String {
    error_of(response).unwrap().0
}

#[test]
fn the_version_of_a_request_is_one_that_is_understood() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let body = "{\"requests\":[]}";
    for (version, is_known) in [
        ("4.0", true),
        ("4.01", true),
        (" 4.0 ", true),
        ("4.02", false),
        ("5.0", false),
        ("3.0", false),
        ("4", false),
        ("x", false),
    ] {
        let expected = if is_known { 200 } else { 400 };
        for method in ["GET", "HEAD"] {
            let response = send(&server, method, "Orders(10248)", &[("OData-Version", version)]);
            assert_eq!(response.status, expected, "{method} {version}");
        }
        let headers = [CREDENTIALS, ("Content-Type", "application/json"), ("OData-Version", version)];
        let batch = server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body.as_bytes()));
        assert_eq!(batch.status, expected, "{version}");
        if !is_known {
            assert_eq!(code(&batch), "service.version");
        }
        // The version of the answer is not that of the request.
        let headers = [("OData-Version", version), ("OData-MaxVersion", "4.0")];
        assert_eq!(send(&server, "GET", "Orders(10248)", &headers).header("odata-version"), Some("4.0"), "{version}");
    }
    let body = format!(
        "{}{}--b--",
        part("GET Orders/$count HTTP/1.1\nOData-Version: 4.0"),
        part("GET Orders/$count HTTP/1.1\nOData-Version: 9.9")
    );
    let headers = [CREDENTIALS, ("Content-Type", "multipart/mixed;boundary=b")];
    let answers = parts(&server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body.as_bytes())));
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 400]);
}

#[test]
fn sentences_have_a_language() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    for (target, headers, status) in [
        ("Nowhere", &[][..], 404),
        ("Orders?$filter=", &[], 400),
        ("Orders(1)", &[], 404),
        ("Orders", &[("Accept", "text/html")], 406),
        ("Orders(10248)", &[("If-Match", "\"x\"")], 412),
        ("Orders?$deltatoken=x", &[], 501),
        ("$async/x", &[], 404),
        ("Orders(10248)", &[], 200),
        ("$metadata", &[], 200),
    ] {
        let response = send(&server, "GET", target, headers);
        let expected = (status, (status >= 400).then_some("en"));
        assert_eq!((response.status, response.header("content-language")), expected, "{target}");
    }
    assert_eq!(server.get("/odata/v4/erp/Orders").header("content-language"), Some("en"), "401");
    assert_eq!(server.get("/nothing").header("content-language"), Some("en"), "404 of no service");
    let raw = format!("GET {ROOT}Orders?\"<> HTTP/1.1\r\nHost: x\r\n\r\n");
    let response = crate::support::http::send_raw(server.address, raw.as_bytes()).unwrap();
    assert_eq!((response.status, response.header("content-language")), (400, Some("en")), "before it is a request");
    let headers = [CREDENTIALS, ("Content-Type", "multipart/mixed;boundary=b")];
    let body = format!("{}--b--", part("GET Nowhere HTTP/1.1"));
    let response = server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body.as_bytes()));
    assert_eq!(response.header("content-language"), None);
    assert!(parts(&response)[0].headers.contains("\r\nContent-Language: en"), "{}", response.text());
}

#[test]
fn what_is_not_there_has_no_methods() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "MERGE"] {
        for target in ["Nowhere", "Nowhere(1)", "Orders(10248)/Nowhere", "Orders/Nowhere/$count"] {
            let response = send(&server, method, target, &[("Content-Length", "0")]);
            assert_eq!((response.status, response.header("allow")), (404, None), "{method} {target}");
        }
        let there = send(&server, method, "Orders(10248)", &[("Content-Length", "0")]);
        let expected = match method {
            "GET" | "HEAD" => (200, None),
            "OPTIONS" => (204, Some("GET, HEAD, OPTIONS")),
            _ => (405, Some("GET, HEAD, OPTIONS")),
        };
        assert_eq!((there.status, there.header("allow")), expected, "{method}");
    }
}

#[test]
fn a_link_of_another_time_is_gone() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let served = |page_rows: &str| {
        let config = format!(
            "token_key = \"one key\"\n{}\n[services.erp]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\n{}",
            databases.sources,
            user("demo")
        );
        let change = |text: String| match page_rows {
            "" => text,
            _ => text.replace("name = \"ShipCity\"", "name = \"ShipTown\""),
        };
        Setup::new(&config).files("metadata", &project("metadata"), change).start()
    };
    let (before, after) = (served(""), served("changed"));
    for (query, is_all) in
        [("Orders?$select=OrderID", false), ("Orders?$apply=groupby((AccountID))", false), ("$all", true)]
    {
        let small = [CREDENTIALS, ("Prefer", "maxpagesize=5")];
        let response = before.get_with(&format!("{ROOT}{query}"), &small);
        let page = Json::read(response.text()).unwrap();
        let link = before.target_of(page.get("@odata.nextLink").and_then(Json::as_str).unwrap()).to_owned();
        assert_eq!(before.get_with(&link, &small).status, 200, "{query}");
        let gone = after.get_with(&link, &small);
        assert_eq!((gone.status, code(&gone).as_str()), (410, "bind.expired_token"), "{query}");
        // A good token with another question, and one that nobody made, are wrong and not old.
        let token = &link[link.find("$skiptoken").unwrap()..];
        let other = before.get_with(&format!("{ROOT}Accounts?{token}"), &small);
        assert_eq!((other.status, code(&other).as_str()), (400, "bind.invalid_token"), "{query} {is_all}");
        let nonsense =
            after.get_with(&format!("{ROOT}{query}{}$skiptoken=AAAA", if is_all { "?" } else { "&" }), &small);
        assert_eq!((nonsense.status, code(&nonsense).as_str()), (400, "bind.invalid_token"), "{query}");
    }
}
