//! The same JSON from every database: each request of `tests/cases/live` is answered on the demo's data by SQLite,
//! PostgreSQL and MariaDB, byte for byte equal apart from the server's address and sealed tokens, and equal to the
//! recorded answer beside it. `PENSTOCK_TEST_UPDATE=1` records anew; what it changes is to be read like code.
//!
//! What the demo has no example of is asked of the fleet (`tests/cases/breadth`), in `tests/cases/live/fleet`.
//!
//! A case whose databases may differ names its reason in a second line, `differs: …`; then only the statuses are
//! compared.

use std::path::Path;

use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::breadth;
use crate::support::databases::KINDS;
use crate::support::demo;
use crate::support::server::TestServer;
use crate::support::{environment, files_below, project, read_text, without_tokens};

const ROOT: &str = "/odata/v4/erp/";
/// Cases of another model.
const FLEET: &str = "tests/cases/live/fleet";

/// Status, type and body of the answer, without what no two servers have in common.
fn answer(server: &TestServer, root: &str, target: &str) -> String {
    let response = server.get_with(&format!("{root}{target}"), &[CREDENTIALS]);
    // Bytes that are no text are shown as numbers.
    let body = String::from_utf8(response.body.clone()).unwrap_or_else(|_| format!("{:02x?}", response.body));
    let body = body.replace(&format!("http://{}", server.address), "http://server");
    // One row a line, so that a change can be read.
    let masked = without_tokens(&body).replace("},{", "},\n{");
    format!("{} {}\n{masked}\n", response.status, response.header("content-type").unwrap_or("-"))
}

#[test]
fn every_database_gives_the_same_json() {
    let databases: Vec<_> = KINDS.into_iter().filter_map(|kind| Some((kind, demo::databases(kind)?))).collect();
    let servers: Vec<_> =
        databases.iter().map(|(kind, databases)| (*kind, serve_demo(&databases.sources, ""))).collect();
    let count = check_all("tests/cases/live", &servers, ROOT);
    assert!(count > 50, "only {count} cases");
}

/// The same for sets that have one of everything.
#[test]
fn every_database_gives_the_same_json_of_the_fleet() {
    let fleets: Vec<_> = KINDS.into_iter().filter_map(|kind| Some((kind, breadth::database(kind)?))).collect();
    let servers: Vec<_> = fleets.iter().map(|(kind, database)| (*kind, breadth::serve(database))).collect();
    let count = check_all(FLEET, &servers, breadth::ROOT);
    assert!(count > 50, "only {count} cases");
}

/// Checks the cases of a folder and gives their number.
pub(crate) fn check_all(folder: &str, servers: &[(crate::support::databases::Kind, TestServer)], root: &str) -> usize {
    let update = environment("PENSTOCK_TEST_UPDATE").is_some();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in files_below(&project(folder)) {
        if path.extension().is_none_or(|extension| extension != "url") {
            continue;
        }
        count += 1;
        if folder != FLEET && path.starts_with(project(FLEET)) {
            continue;
        }
        if let Err(what) = check(&path, servers, root, update) {
            wrong.push(format!("{}: {what}", path.strip_prefix(project(folder)).unwrap().display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    count
}

fn check(
    path: &Path,
    servers: &[(crate::support::databases::Kind, TestServer)],
    root: &str,
    update: bool,
) -> Result<(), String> {
    let text = read_text(path);
    let mut lines = text.lines();
    let target = lines.next().unwrap_or_default();
    let differs = lines.next().is_some_and(|line| line.strip_prefix("differs: ").is_some_and(|why| why.len() > 10));
    let answers: Vec<String> = servers.iter().map(|(_, server)| answer(server, root, target)).collect();
    for ((kind, server), answer) in servers.iter().zip(&answers) {
        // That a row is missing, or of another type, only the databases know.
        let is_missing = answer.starts_with("404 ") && answer.contains("service.no_entity");
        if !answer.starts_with("200 ") && !answer.starts_with("204 ") && !is_missing {
            return Err(format!("{}: {answer}\n{}", kind.name(), server.log()));
        }
        // Nothing is recorded that only looks like JSON.
        let body = answer.split_once('\n').filter(|(head, _)| head.contains("application/json")).map(|(_, body)| body);
        if let Some(Err(error)) = body.map(serde_json::from_str::<serde_json::Value>) {
            return Err(format!("{}: {error}: {answer}", kind.name()));
        }
        if !differs && *answer != answers[0] {
            let (first, second) = first_difference(&answers[0], answer);
            return Err(format!("{} differs:\n  {first}\n  {second}", kind.name()));
        }
    }
    let recorded = path.with_extension("answer");
    if update {
        std::fs::write(&recorded, &answers[0]).unwrap();
        return Ok(());
    }
    let Ok(expected) = std::fs::read_to_string(&recorded) else {
        return Err("no recorded answer; PENSTOCK_TEST_UPDATE=1 records it".to_owned());
    };
    if expected == answers[0] {
        return Ok(());
    }
    let (first, second) = first_difference(&expected, &answers[0]);
    Err(format!("the answer is not the recorded one:\n  recorded {first}\n  now      {second}"))
}

fn first_difference<'a>(left: &'a str, right: &'a str) -> (&'a str, &'a str) {
    let mut pairs = left.lines().zip(right.lines());
    pairs.find(|(left, right)| left != right).unwrap_or(("(fewer lines)", "(more lines)"))
}

/// Walking through all pages of a set gives every row once, in one order, equal on all databases.
#[test]
fn walks_through_whole_sets_are_equal() {
    let mut walks: Vec<(&str, Vec<String>)> = Vec::new();
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "");
        let mut rows = Vec::new();
        for query in [
            "OrderLines?$select=OrderID,ProductID,Discount&$orderby=Discount%20desc",
            "Shipments?$select=ShipmentID,Weight&$orderby=Weight",
            "Accounts?$select=AccountID,Name&$orderby=Name%20desc",
        ] {
            let mut next = format!("{ROOT}{query}");
            loop {
                let response = server.get_with(&next, &[CREDENTIALS]);
                assert_eq!(response.status, 200, "{next}: {}", response.text());
                let page = crate::support::json::Json::read(response.text()).unwrap();
                rows.extend(page.get("value").unwrap().as_array().unwrap().iter().map(ToString::to_string));
                let Some(link) = page.get("@odata.nextLink").and_then(crate::support::json::Json::as_str) else {
                    break;
                };
                next = server.target_of(link).to_owned();
            }
        }
        assert_eq!(rows.len(), 60_000 + 15_000 + 2_000);
        walks.push((kind.name(), rows));
    }
    for (name, rows) in &walks[1..] {
        let difference = rows.iter().zip(&walks[0].1).position(|(left, right)| left != right);
        assert!(difference.is_none(), "{name}, row {difference:?}: {:?}", difference.map(|place| &rows[place]));
    }
}
