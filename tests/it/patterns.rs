//! Requests that differ in values only, many of each kind, so that all but the first two are answered by what was
//! worked out for their pattern: each is answered as the same request in a spelling that has no pattern. (The servers
//! of the tests also work out each of them the whole way, and end with an error if anything differs.)

use crate::callouts::record;
use crate::salesforce::{CREDENTIALS, demo_setup, serve_demo};
use crate::support::databases::{KINDS, Kind};
use crate::support::demo;
use crate::support::json::Json;
use crate::support::server::TestServer;
use crate::support::without_tokens;

const ROOT: &str = "/odata/v4/erp/";

/// Targets, and values for the places in them.
const KINDS_OF_REQUEST: [(&str, &[&str]); 14] = [
    (
        "Orders?$filter=OrderID eq {}",
        &["10300", "10301", "10302", "-1", "99999999", "5000000000", "10303.0", "10304.5"],
    ),
    ("Orders?$filter=OrderID gt {}&$top=3&$select=OrderID,Status", &["10300", "10301", "10302", "10303"]),
    (
        "Orders?$filter=Status eq '{}' or Status eq '{}'&$top=2",
        &["Open", "Shipped", "Closed", "O''Brien", "", " x", "M%C3%BCller"],
    ),
    ("Orders?$filter=Status eq 'Open' or Status eq '{}'&$top=2", &["Shipped", "Closed", "Open", "open"]),
    (
        "Orders?$count=true&$top=2&$filter=OrderDate ge {}",
        &["2024-01-01", "2024-02-01", "2024-03-01", "2024-02-31", "2030-01-01"],
    ),
    (
        "Orders?$count=true&$top=0&$filter=OrderDate lt {}T00:00:00Z",
        &["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"],
    ),
    (
        "Orders?$filter=OrderDate ge {}T00%3A00%3A00Z and OrderDate lt {}T00:00:00.5Z",
        &["2024-01-03", "2024-02-01", "2024-03-01"],
    ),
    (
        "Orders?$filter=TotalAmount ge {}&$orderby=TotalAmount&$top=2",
        &["100.5", "250.75", "99.1", "1e3", "100.50", "7", "8", "9"],
    ),
    (
        "Orders?$filter=AccountID eq '{}'&$expand=Lines($top=2;$orderby=LineNo)",
        &["A0001", "A0002", "A0003", "A0004", "B"],
    ),
    ("Orders?$filter=year(OrderDate) eq {} and IsClosed eq false&$top=2", &["2023", "2024", "2025", "1"]),
    ("Orders?$filter=Account/City eq '{}'&$top=2", &["Berlin", "Wien", "Paris", "London"]),
    ("Orders?$filter=Lines/any(l:l/Quantity gt {})&$top=2", &["5", "50", "500", "5000"]),
    (
        "Accounts?$filter=ExternalGuid ne {}&$top=2",
        &[
            "f6a1b2c3-0000-4000-8000-00000000000a",
            "f6a1b2c3-0000-4000-8000-00000000000b",
            "f6a1b2c3-0000-4000-8000-00000000000c",
        ],
    ),
    ("Orders?$filter=contains(ShipName,'a') and OrderID le {}", &["10300", "10301", "10302", "10303"]),
];

const HEADERS: [(&str, &str); 4] = [
    ("Accept", "application/json"),
    ("Prefer", "odata.maxpagesize=1"),
    ("Accept", "application/json;odata.metadata=full"),
    ("OData-MaxVersion", "4.01"),
];

/// The same request with its operators in capitals: it means the same, and its literals are not taken out.
fn without_pattern(target: &str) -> String {
    let operators = ["eq", "ne", "gt", "ge", "lt", "le"];
    operators.iter().fold(target.to_owned(), |target, operator| {
        target.replace(&format!(" {operator} "), &format!(" {} ", operator.to_uppercase()))
    })
}

fn ask(server: &TestServer, target: &str, header: (&str, &str)) -> (u16, String) {
    let target = target.replace(' ', "%20");
    let target = if target.starts_with('/') { target } else { format!("{ROOT}{target}") };
    let response = server.get_with(&target, &[CREDENTIALS, header]);
    (response.status, response.text().to_owned())
}

#[test]
fn requests_of_one_pattern_are_answered_as_those_without() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "");
        let (mut rows, mut refused, mut followed) = (0, 0, 0);
        for header in HEADERS {
            for (target, values) in KINDS_OF_REQUEST {
                for (place, value) in values.iter().enumerate() {
                    // The second place has another value.
                    let other = values[(place + 1) % values.len()];
                    let target = target.replacen("{}", value, 1).replacen("{}", other, 1);
                    let known = ask(&server, &target, header);
                    let whole = ask(&server, &without_pattern(&target), header);
                    let place = format!("{target} with {header:?} on {}", kind.name());
                    if known.0 != 200 {
                        // A refusal points at the words as they were sent.
                        assert!(known.0 == 400 && whole.0 == 400, "{place}: {known:?}\n{whole:?}");
                        refused += 1;
                        continue;
                    }
                    assert_eq!(without_tokens(&known.1), without_tokens(&whole.1), "{place}");
                    let bodies = [&known.1, &whole.1].map(|body| Json::read(body).unwrap());
                    rows += bodies[0].get("value").and_then(Json::as_array).map_or(0, <[Json]>::len);
                    let next = bodies.each_ref().map(|body| {
                        let link = body.get("@odata.nextLink").and_then(Json::as_str)?;
                        Some(ask(&server, server.target_of(link), header).1)
                    });
                    let next = next.map(|body| body.map(|body| without_tokens(&body)));
                    followed += usize::from(next[0].is_some());
                    assert_eq!(next[0], next[1], "after {place}");
                }
            }
        }
        assert!(rows > 300 && refused >= 8 && followed > 40, "{rows} {refused} {followed} on {}", kind.name());
    }
}

#[test]
fn records_of_one_pattern_are_told_apart() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "");
        for set in ["Orders({})?$select=OrderID,Status", "Orders({})?$expand=Account($select=Name)"] {
            for key in 10_300..10_306 {
                let target = set.replace("{}", &key.to_string());
                let known = ask(&server, &target, HEADERS[0]);
                let whole =
                    ask(&server, &target.replace('(', "(OrderID=").replace("Account(OrderID=", "Account("), HEADERS[0]);
                assert_eq!((known.0, &known.1), (200, &whole.1), "{target} on {}", kind.name());
                assert!(known.1.contains(&format!("\"OrderID\":{key}")), "{}", known.1);
            }
            let missing = ask(&server, &set.replace("{}", "77"), HEADERS[0]);
            assert_eq!(missing.0, 404, "{}", missing.1);
        }
        // A changed row is seen at once: nothing of the answers is kept.
        let response = server.get_with(&format!("{ROOT}Orders(10300)"), &[CREDENTIALS]);
        let tag = response.header("etag").unwrap_or_default().to_owned();
        let again = server.get_with(&format!("{ROOT}Orders(10300)"), &[CREDENTIALS, ("If-None-Match", &tag)]);
        assert_eq!(again.status, 304);
    }
}

#[test]
fn the_log_tells_the_values_of_each_request_or_none() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    for (callouts, wanted) in [
        ("", ["OrderID gt ?"; 4]),
        (", callouts = \"full\"", ["OrderID gt 10300", "OrderID gt 10301", "OrderID gt 10302", "OrderID gt 10303"]),
    ] {
        let server = demo_setup(&databases.sources, &format!("log = {{ format = \"json\"{callouts} }}\n")).start();
        for (number, wanted) in wanted.iter().enumerate() {
            let target = format!("{ROOT}Orders?$top=2&$filter=OrderID%20gt%20{}", 10_300 + number);
            let id = format!("known{number}");
            assert_eq!(server.get_with(&target, &[CREDENTIALS, ("X-Request-Id", &id)]).status, 200);
            let line = record(&server, &id);
            assert_eq!(line["filter"], *wanted, "{line}");
            assert_eq!((&line["rows"], &line["limit"]), (&2.into(), &2.into()), "{line}");
            assert!(line["statement"].as_str().is_some_and(|statement| statement.len() == 16), "{line}");
        }
    }
}
