//! What the log says of each request for rows: the fields of the record that Salesforce keeps of its side, values of
//! the request only where they are wanted, and the fingerprint by which the statement is found again.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::salesforce::CREDENTIALS;
use crate::support::databases::Kind;
use crate::support::demo::{self, DemoDatabases};
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/erp/";
const LIST: &str = "Orders?$select=OrderID,Status&$count=true&$filter=Status%20eq%20'Open'%20and%20OrderID%20gt%2010300&$orderby=OrderDate%20desc&$top=7";

fn setup(databases: &DemoDatabases, callouts: &str, more: &str) -> Setup {
    let log = format!("log = {{ format = \"json\"{callouts} }}\n{more}");
    crate::salesforce::demo_setup(&databases.sources, &log)
}

fn databases() -> Arc<DemoDatabases> {
    demo::databases(Kind::Sqlite).unwrap()
}

/// The one record of the request with this id. It was written before the answer left, but another thread reads it.
pub(crate) fn record(server: &TestServer, id: &str) -> Json {
    let start = Instant::now();
    loop {
        let log = server.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
        let found: Vec<Json> = lines.filter(|line| line["request_id"] == id && line["message"] == "request").collect();
        if let [record] = found.as_slice() {
            return record.clone();
        }
        assert!(found.is_empty() && start.elapsed() < Duration::from_secs(5), "{id}: {log}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ask(server: &TestServer, target: &str, id: &str) -> (u16, Json, Json) {
    let response = server.get_with(&format!("{ROOT}{target}"), &[CREDENTIALS, ("X-Request-Id", id)]);
    let body = serde_json::from_slice(&response.body).unwrap_or(Json::Null);
    (response.status, body, record(server, id))
}

#[test]
fn a_request_for_rows_leaves_the_record_that_salesforce_keeps_too() {
    let databases = databases();
    let server = setup(&databases, "", "[cache]\nbytes_max = 10000000\n").start();
    let (status, body, line) = ask(&server, LIST, "first");
    assert_eq!(status, 200, "{body}");
    let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("no {name}: {line}")).to_owned();
    assert_eq!((text("entity"), text("select")), ("Orders".to_owned(), "OrderID,Status".to_owned()));
    assert_eq!(text("filter"), "Status eq ? and OrderID gt ?");
    assert_eq!(text("orderby"), "OrderDate desc");
    assert_eq!((&line["limit"], &line["count"]), (&Json::from(7), &Json::from(true)));
    assert_eq!(line["rows"], body["value"].as_array().unwrap().len());
    assert_eq!((&line["next_link"], line["bytes"].as_u64() > Some(100)), (&Json::from(false), true));
    assert_eq!((text("source"), text("cache")), ("erp".to_owned(), "fwd=miss; stored".to_owned()));
    assert_eq!((&line["status"], &line["user"], &line["service"]), (&200.into(), &"demo".into(), &"erp".into()));
    assert!(line["database_us"].as_u64() > Some(0) && line["database_us"].as_u64() <= line["duration_us"].as_u64());
    for absent in ["search", "offset", "followed", "code", "reason"] {
        assert!(line.get(absent).is_none(), "{absent}: {line}");
    }

    // What is kept cost no database, and tells which statement it came from.
    let (_, _, again) = ask(&server, LIST, "again");
    assert_eq!(
        (&again["cache"], &again["statement"], &again["rows"]),
        (&"hit".into(), &line["statement"], &line["rows"])
    );
    assert!(again.get("database_us").is_none(), "{again}");
    // Another value is the same statement.
    let (_, _, other) = ask(&server, &LIST.replace("10300", "10400"), "other");
    assert_eq!(other["statement"], line["statement"]);
}

#[test]
fn pages_tell_where_they_begin_and_whether_they_go_on() {
    let databases = databases();
    let server = setup(&databases, "", "").start();
    let headers = [CREDENTIALS, ("Prefer", "odata.maxpagesize=5"), ("X-Request-Id", "page")];
    let response = server.get_with(&format!("{ROOT}Shipments?$skip=3&$top=20&$expand=Order"), &headers);
    let body: Json = serde_json::from_slice(&response.body).unwrap();
    let line = record(&server, "page");
    assert_eq!((&line["rows"], &line["next_link"], &line["offset"]), (&5.into(), &true.into(), &3.into()));
    assert_eq!(line["source"], "erp,warehouse", "{line}");
    let next = body["@odata.nextLink"].as_str().unwrap();
    let next = next.split_once(ROOT).unwrap().1;
    let (status, _, line) = ask(&server, next, "next");
    assert_eq!((status, &line["followed"], &line["limit"]), (200, &true.into(), &15.into()), "{line}");
}

#[test]
fn values_stand_in_the_log_only_where_they_are_wanted() {
    let databases = databases();
    let secret = "Lovelace";
    let targets = [
        format!("Accounts?$filter=Name%20eq%20'{secret}'"),
        format!("Accounts('{secret}')"),
        format!("Accounts/{secret}"),
        format!("Accounts?$search={secret}"),
        format!("Accounts?$filter=CreatedAt%20gt%20'{secret}'"),
        format!("Accounts?$filter=Name%20eq%20'{secret}'%20{secret}"),
        format!("Accounts?$expand=Orders($search={secret})"),
        format!("Accounts?$filter=Name%20eq%20@n&@n='{secret}'"),
        format!("Accounts?$apply=search({secret})/groupby((City))"),
        format!("Accounts?$apply=filter(Name%20eq%20'{secret}')/aggregate($count%20as%20N)"),
        format!("Accounts?$orderby=contains(Name,'{secret}')"),
        format!("Accounts/{secret}/{secret}"),
    ];
    let masked = setup(&databases, "", "").start();
    let full = setup(&databases, ", callouts = \"full\"", "").start();
    for (place, target) in targets.iter().enumerate() {
        for server in [&masked, &full] {
            let (_, _, line) = ask(server, target, &format!("r{place}"));
            assert_eq!(line["entity"].as_str().unwrap_or("Accounts"), "Accounts", "{line}");
        }
    }
    assert!(!masked.log().contains(secret), "{}", masked.log());
    let (_, _, line) = ask(&full, &targets[0], "full");
    assert_eq!(line["filter"], format!("Name eq '{secret}'"));
    assert_eq!(record(&full, "r3")["search"], secret);

    let off = setup(&databases, ", callouts = \"off\"", "").start();
    let (_, _, line) = ask(&off, LIST, "off");
    assert!(line.get("entity").is_none() && line.get("rows").is_none(), "{line}");
}

#[test]
fn a_refusal_tells_its_code_and_its_sentence() {
    let databases = databases();
    let server = setup(&databases, "", "").start();
    let (status, body, line) = ask(&server, "Orders?$filter=Total%20gt%201000", "unknown");
    assert_eq!((status, &line["code"]), (400, &"bind.unknown_property".into()));
    assert_eq!(line["reason"], "the type 'Order' has no property 'Total' (at character 16)");
    // What was asked for is told as far as it is understood.
    assert_eq!((&line["entity"], &line["filter"]), (&"Orders".into(), &"Total gt ?".into()), "{line}");
    assert!(body["error"]["message"].as_str().unwrap().starts_with("the type 'Order' has no property 'Total'"));
    let (status, _, line) = ask(&server, "Orders(1)?$select=Status", "none");
    assert_eq!(
        (status, &line["code"], &line["entity"]),
        (404, &"service.no_entity".into(), &"Orders".into()),
        "{line}"
    );
    assert_eq!(line["select"], "Status");
    server.get_with(&format!("{ROOT}Orders"), &[("X-Request-Id", "nobody")]);
    assert_eq!(record(&server, "nobody")["code"], "auth.missing");
    assert_eq!(ask(&server, "$metadata", "meta").2["entity"], "$metadata");
}

#[test]
fn the_statement_of_the_log_is_that_of_explain() {
    let databases = databases();
    let setup = setup(&databases, "", "");
    let config = setup.path().join("penstock.toml").display().to_string();
    let target = LIST.replace("%20", " ");
    let explained =
        Command::new(env!("CARGO_BIN_EXE_penstock")).args(["explain", "--config", &config, &target]).output();
    let explained = String::from_utf8(explained.unwrap().stdout).unwrap();
    let server = setup.start();
    let (_, _, line) = ask(&server, LIST, "list");
    let wanted = format!("rows, source 'erp', statement {}", line["statement"].as_str().unwrap());
    assert!(explained.contains(&wanted), "{wanted}\n{explained}");
}
