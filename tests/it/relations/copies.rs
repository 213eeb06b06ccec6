//! Copies of a source that share its reads. Each holds rows of its own, so that an answer tells which one gave it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{ask, serve};
use crate::salesforce::CREDENTIALS;
use crate::support::databases::{Database, Kind};
use crate::support::line::Line;
use crate::support::server::TestServer;
use crate::support::{project, read_text};

/// A database whose first customer and his first order tell its name.
fn database(kind: Kind, name: &str) -> Option<Database> {
    let database = Database::create(kind, "copies")?;
    database.run(&read_text(&project("tests/cases/relations/sql/schema.sql")));
    database.run(&format!("UPDATE customers SET name = '{name}' WHERE customer_id = 1"));
    database.run(&format!("UPDATE orders SET status = '{name}' WHERE customer_id = 1"));
    Some(database)
}

fn three(kind: Kind) -> Option<[Database; 3]> {
    Some([database(kind, "own")?, database(kind, "one")?, database(kind, "two")?])
}

fn with_replicas(url: &str, replicas: &[&str]) -> TestServer {
    let replicas: Vec<String> = replicas.iter().map(|url| format!("\"{url}\"")).collect();
    serve(url, &format!("replicas = [{}]\nacquire_timeout_ms = 1000\n", replicas.join(",")), "")
}

fn name(server: &TestServer) -> String {
    let response = ask(server, "Customers(1)/Name/$value");
    assert_eq!(response.status, 200, "{}\n{}", response.text(), server.log());
    response.text().to_owned()
}

/// Who answered so many requests, and how often.
fn names(server: &TestServer, requests: usize) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    (0..requests).for_each(|_| *names.entry(name(server)).or_default() += 1);
    names
}

fn health(server: &TestServer) -> (u16, Value) {
    let response = server.get("/health/ready");
    (response.status, serde_json::from_str(response.text()).unwrap())
}

fn eventually(what: &str, server: &TestServer, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}\n{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn counts(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn reads_take_turns_and_changes_go_to_the_source() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some([own, one, two]) = three(kind) else { continue };
        let server = with_replicas(&own.url, &[&one.url, &two.url]);
        assert_eq!(names(&server, 10), counts(&[("one", 5), ("two", 5)]), "{}", kind.name());
        // The statements of one request go to one copy.
        for _ in 0..6 {
            let response =
                ask(&server, "Customers?$filter=ID eq 1&$count=true&$select=Name&$expand=Orders($select=StatusOrNone)");
            let page: Value = serde_json::from_str(response.text()).unwrap();
            let row = &page["value"][0];
            let orders = row["Orders"].as_array().unwrap();
            assert!(!orders.is_empty() && orders.iter().all(|it| it["StatusOrNone"] == row["Name"]), "{row}");
        }
        let headers = [CREDENTIALS, ("content-type", "application/json")];
        let response = server.send("POST", "/odata/v4/ledger/Rename", &headers, Some(b"{\"name\":\"new\"}"));
        assert_eq!(response.status, 204, "{}\n{}", response.text(), server.log());
        assert_eq!(own.number("SELECT COUNT(*) FROM customers WHERE name = 'new'"), 1);
        assert_eq!(names(&server, 4), counts(&[("one", 2), ("two", 2)]));
        let (status, found) = health(&server);
        let expected = serde_json::json!({"ready": true, "sources": {
            "ledger": "ready", "ledger/replica-1": "ready", "ledger/replica-2": "ready"
        }});
        assert_eq!((status, found), (200, expected));
    }
}

#[test]
fn a_copy_that_is_away_is_left_out_until_it_is_back() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some([own, one, two]) = three(kind) else { continue };
        let line = Line::new(one.port().unwrap());
        line.set(true);
        let server = with_replicas(&own.url, &[&one.url_through(line.port), &two.url]);
        assert_eq!(names(&server, 4), counts(&[("one", 2), ("two", 2)]), "{}", kind.name());
        line.set(false);
        // Nobody notices anything, not even the first.
        assert_eq!(names(&server, 20), counts(&[("two", 20)]), "{}", kind.name());
        let (status, found) = health(&server);
        assert_eq!(
            (status, &found["ready"], &found["sources"]["ledger/replica-2"]),
            (200, &true.into(), &"ready".into())
        );
        assert_ne!(found["sources"]["ledger/replica-1"], "ready", "{found}");
        let log = server.log_beside_requests();
        assert!(log.contains("source=\"ledger/replica-1\"") && log.contains("failed 5 times in a row"), "{log}");
        assert!(!log.contains("source=\"ledger\" "), "{log}");
        line.set(true);
        eventually("the copy is asked again", &server, || names(&server, 2).contains_key("one"));
        assert_eq!(names(&server, 6), counts(&[("one", 3), ("two", 3)]), "{}", kind.name());
    }
}

#[test]
fn without_any_copy_the_source_is_asked_and_without_the_source_a_copy() {
    let Some([own, one, two]) = three(Kind::Postgres) else { return };
    let (to_own, to_one) = (Line::new(own.port().unwrap()), Line::new(one.port().unwrap()));
    to_own.set(true);
    let server = with_replicas(&own.url_through(to_own.port), &[&one.url_through(to_one.port)]);
    assert_eq!(names(&server, 8), counts(&[("own", 8)]));
    assert_eq!(health(&server).0, 200);
    to_own.set(false);
    to_one.set(true);
    eventually("the copy answers", &server, || {
        let response = ask(&server, "Customers(1)/Name/$value");
        response.status == 200 && response.text() == "one"
    });
    assert_eq!(names(&server, 4), counts(&[("one", 4)]));
    eventually("the source is told to be away", &server, || health(&server).1["sources"]["ledger"] != "ready");
    assert_eq!((health(&server).0, &health(&server).1["ready"]), (200, &true.into()));
    to_one.set(false);
    eventually("nobody is there", &server, || health(&server).0 == 503);
    let response = ask(&server, "Customers(1)");
    assert_eq!(response.status, 503, "{}", response.text());
    drop(two);
}

#[test]
fn what_a_copy_refuses_the_source_answers() {
    let Some([own, one, two]) = three(Kind::Postgres) else { return };
    one.run("DROP TABLE customers");
    let server = with_replicas(&own.url, &[&one.url]);
    assert_eq!(names(&server, 3), counts(&[("own", 3)]));
    assert!(server.log().contains("the replica refused a statement"), "{}", server.log());
    // What is wrong with the request itself is told at once.
    let response = ask(&server, "Orders?$filter=Price mul 1e300 mul 1e300 gt 1");
    assert_ne!(response.status, 503, "{}", response.text());
    drop(two);
}
