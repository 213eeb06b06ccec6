//! Answers that are given later: kept until fetched, dropped or stopped, and for nobody but their caller.

use std::time::Duration;

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo, user};
use crate::sick;
use crate::support::databases::{KINDS, Kind};
use crate::support::demo;
use crate::support::http::Response;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";
const LATER: (&str, &str) = ("Prefer", "respond-async");
/// `other:other`
const OTHER: (&str, &str) = ("Authorization", "Basic b3RoZXI6b3RoZXI=");

fn get(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> Response {
    server.get_with(target, &[headers, &[CREDENTIALS]].concat())
}

/// Begins a request; the address of its answer, as a target.
fn begin(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> String {
    address(server, &get(server, &format!("{ROOT}{target}"), &[headers, &[LATER]].concat()))
}

fn address(server: &TestServer, response: &Response) -> String {
    assert_eq!((response.status, response.body.len()), (202, 0), "{}", response.text());
    assert_eq!(response.header("preference-applied"), Some("respond-async"));
    assert!(response.header("retry-after").is_some());
    server.target_of(response.header("location").unwrap()).to_owned()
}

/// Asks until the answer is there.
fn fetch(server: &TestServer, address: &str, headers: &[(&str, &str)]) -> Response {
    let mut found = None;
    sick::soon("the answer is there", || {
        let response = get(server, address, headers);
        let is_there = response.status != 202;
        assert!(is_there || response.header("location").unwrap().ends_with(address));
        found = Some(response);
        is_there
    });
    found.unwrap()
}

fn assert_gone(response: &Response) {
    assert_eq!((response.status, error_of(response).unwrap().0.as_str()), (404, "service.no_result"));
}

#[test]
fn the_answer_is_what_it_would_have_been_at_once() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    for target in ["Orders?$top=3&$expand=Lines", "Orders(10248)", "$metadata", "Orders/$count", "Nowhere", "Orders(1)"]
    {
        let alone = get(&server, &format!("{ROOT}{target}"), &[]);
        let plain = fetch(&server, &begin(&server, target, &[]), &[]);
        assert_eq!((plain.status, plain.text()), (200, alone.text()), "{target}");
        assert_eq!(plain.header("asyncresult"), Some(alone.status.to_string().as_str()), "{target}");
        assert_eq!(plain.header("content-type"), alone.header("content-type"), "{target}");
        for headers in [&[("Accept", "application/http")][..], &[("OData-MaxVersion", "4.0")]] {
            let wrapped = fetch(&server, &begin(&server, target, &[]), headers);
            assert_eq!((wrapped.status, wrapped.header("content-type")), (200, Some("application/http")), "{target}");
            let (head, body) = wrapped.text().split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {} ", alone.status)), "{head}");
            assert!(head.contains(&format!("\r\nContent-Length: {}", alone.body.len())), "{head}");
            assert_eq!(body, alone.text(), "{target}");
        }
    }
    let address = begin(&server, "Orders/$count", &[]);
    sick::soon("it is there", || server.send("HEAD", &address, &[CREDENTIALS], None).status == 200);
    assert_eq!(fetch(&server, &address, &[]).text(), "20000", "to look at its head is not to fetch it");
    assert_gone(&get(&server, &address, &[]));
    // Batches and long queries, too.
    let headers = [CREDENTIALS, LATER, ("Content-Type", "application/json")];
    let body =
        br#"{"requests":[{"id":"1","method":"GET","url":"Orders/$count","headers":{"prefer":"respond-async"}}]}"#;
    let begun = server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body));
    assert!(fetch(&server, &self::address(&server, &begun), &[]).text().contains("\"body\":\"20000\""));
    let headers = [CREDENTIALS, LATER, ("Content-Type", "text/plain")];
    let begun = server.send("POST", &format!("{ROOT}Orders/$query"), &headers, Some(b"$top=1&$select=OrderID"));
    assert!(fetch(&server, &self::address(&server, &begun), &[]).text().contains("\"OrderID\""));
    // Who waits a little gets a quick answer at once.
    let waited = get(&server, &format!("{ROOT}Orders/$count"), &[("Prefer", "respond-async, wait=10")]);
    assert_eq!((waited.status, waited.text(), waited.header("preference-applied")), (200, "20000", None));
    // What is no work is not begun.
    for method in ["HEAD", "OPTIONS", "DELETE"] {
        let response = server.send(method, &format!("{ROOT}Orders"), &[CREDENTIALS, LATER], None);
        assert_ne!(response.status, 202, "{method}");
    }
    assert_eq!(get(&server, &format!("{ROOT}Orders"), &[LATER, ("OData-MaxVersion", "3.0")]).status, 400);
}

#[test]
fn nobody_else_sees_stops_or_guesses_an_answer() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, &user("other"));
    let address = begin(&server, "Orders/$count", &[]);
    for method in ["GET", "HEAD", "DELETE"] {
        let response = server.send(method, &address, &[OTHER], None);
        assert_eq!(response.status, 404, "{method}");
        assert_eq!(server.send(method, &address, &[], None).status, 401, "{method}");
    }
    assert_eq!(fetch(&server, &address, &[]).text(), "20000");
    let name = address.rsplit('/').next().unwrap();
    assert!(name.len() >= 22, "{name}");
    for guess in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "../Orders", &name.to_lowercase()] {
        assert_eq!(get(&server, &format!("{ROOT}$async/{guess}"), &[]).status, 404, "{guess}");
    }
    let again = begin(&server, "Orders/$count", &[]);
    assert_ne!(again, address);
    // From inside a batch it is not to be reached.
    let body = format!("{{\"requests\":[{{\"id\":\"1\",\"method\":\"GET\",\"url\":\"{again}\"}}]}}");
    let headers = [CREDENTIALS, ("Content-Type", "application/json")];
    let batch = server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body.as_bytes()));
    assert!(batch.text().contains("service.batch_part"), "{}", batch.text());
    assert_eq!(fetch(&server, &again, &[]).text(), "20000");
}

#[test]
fn answers_expire_and_are_bounded() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "[async]\nresults_max = 2\nexpires_s = 1\n");
    let (first, second) = (begin(&server, "Orders/$count", &[]), begin(&server, "Orders/$count", &[]));
    // There is no room for a third: it is answered like any other.
    let third = get(&server, &format!("{ROOT}Orders/$count"), &[LATER]);
    assert_eq!((third.status, third.text(), third.header("preference-applied")), (200, "20000", None));
    assert_eq!(fetch(&server, &second, &[]).text(), "20000");
    let fourth = begin(&server, "Orders/$count", &[]);
    sick::soon("they expire", || {
        [&first, &fourth].iter().all(|address| server.send("HEAD", address, &[CREDENTIALS], None).status == 404)
    });
    assert_gone(&get(&server, &first, &[]));
    begin(&server, "Orders/$count", &[]);
    let off = serve_demo(&databases.sources, "[async]\nresults_max = 0\n");
    assert_eq!(get(&off, &format!("{ROOT}Orders/$count"), &[LATER]).status, 200);
}

#[test]
fn to_delete_it_is_to_stop_the_statement() {
    for kind in KINDS {
        let Some(database) = sick::database(kind) else { continue };
        let server =
            sick::serve(&database.url, "statement_timeout_ms = 100000\npool_max = 1\nacquire_timeout_ms = 1000\n");
        let begin = || {
            let begun = server.get_with(&format!("{}Slow", sick::ROOT), &[LATER]);
            assert_eq!(begun.status, 202, "{}", kind.name());
            server.target_of(begun.header("location").unwrap()).to_owned()
        };
        let address = begin();
        if kind == Kind::Sqlite {
            std::thread::sleep(Duration::from_millis(500));
        } else {
            sick::soon("the statement runs", || sick::running(&database) == 1);
        }
        assert_eq!(server.get(&address).status, 202, "{}", kind.name());
        assert_eq!(server.send("HEAD", &address, &[], None).status, 202, "{}", kind.name());
        assert_eq!(server.send("DELETE", &address, &[], None).status, 204, "{}", kind.name());
        assert_gone(&server.get(&address));
        assert_eq!(server.send("DELETE", &address, &[], None).status, 404, "{}", kind.name());
        sick::soon("the statement ends in the database", || sick::running(&database) == 0);
        sick::soon("the only connection serves again", || server.get(&format!("{}Fast", sick::ROOT)).status == 200);
        // Who waits, and leaves before the answer is there, wants none.
        let mut stream = crate::support::http::connect(server.address).unwrap();
        let request = format!("GET {}Slow HTTP/1.1\r\nHost: x\r\nPrefer: respond-async, wait=60\r\n\r\n", sick::ROOT);
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(500));
        drop(stream);
        sick::soon("the connection is free", || server.get(&format!("{}Fast", sick::ROOT)).status == 200);
        // Who waits in vain is told where to look.
        let waited = server.get_with(&format!("{}Slow", sick::ROOT), &[("Prefer", "respond-async; x=1, wait=1")]);
        assert_eq!(waited.status, 202, "{}", kind.name());
    }
}
