//! Requests as Salesforce sends them, replayed against the demo. `tests/cases/salesforce/requests.jsonl` holds one
//! request a line, with the meaning of its query written out once more, so that the expected rows are computed from the
//! generator's data by the evaluator and not by the server.
//!
//! Members of a line: `id`, `adapter`, `target` below the service root, `method` if it is not GET, `headers`, `body`,
//! `check`, `proof`: the tests that prove the line, this one or others, and `later`: what is not offered yet, so that
//! the check is today's answer. A line that cannot be sent here has `skip` with the reason in place of a check.
//!
//! A check of rows says `rows` (the set), `select`, `filter` in prefix notation, `search`, `order`, `top`, `skip`,
//! `count`, `exactly` (how many rows there must be) or `some` (at least one), and `after`: the request continues behind
//! the row with this key, by a link that this server gave. Other checks: `entity` with its `key` and a target that is
//! `missing`; `service`; `metadata`, perhaps `same_as` another target; `status` of a refusal with its `code` and what
//! its message `names`; `batch` with the statuses of its parts. Each may name headers of the answer in `head`.
//!
//! A line without headers is sent as it is, and with those that the adapter sends by default.

mod answers;
mod spec;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Spec;

use crate::support::databases::{KINDS, Kind};
use crate::support::demo::{self, Set};
use crate::support::server::{Setup, TestServer, password_hash};
use crate::support::{project, read_text};

use answers::Asked;
use spec::{set_of, wanted_rows};

const ROOT: &str = "/odata/v4/erp/";
/// `demo:demo`
pub(crate) const CREDENTIALS: (&str, &str) = ("Authorization", "Basic ZGVtbzpkZW1v");
/// How many requests of each kind the collection has.
const FAMILIES: [(&str, usize); 18] = [
    ("SYNC", 6),
    ("LIST", 15),
    ("REC", 12),
    ("REL", 7),
    ("SRCH", 13),
    ("FLT", 21),
    ("PAGE", 12),
    ("CNT", 4),
    ("RPT", 2),
    ("FLOW", 1),
    ("APEX", 1),
    ("AUTH", 7),
    ("WR", 21),
    ("CSRF", 3),
    ("BATCH", 3),
    ("CDC", 10),
    ("ROB", 6),
    ("V401", 9),
];

/// Headers that stand for others in lines that have none: what the Olingo client sends, and a client of 4.01.
const DEFAULTS_4_0: [(&str, &str); 3] =
    [("Accept", "application/json;odata.metadata=full"), ("OData-Version", "4.0"), ("OData-MaxVersion", "4.0")];
const DEFAULTS_4_01: [(&str, &str); 3] =
    [("Accept", "application/json"), ("OData-Version", "4.01"), ("OData-MaxVersion", "4.01")];

#[test]
fn every_request_of_salesforce_gets_the_right_rows_from_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    replay(&TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], folder), "the demo");
}

#[test]
fn every_request_of_salesforce_gets_the_right_rows_from_every_database() {
    for kind in KINDS {
        if kind == Kind::Sqlite {
            continue; // this is the demo itself
        }
        let Some(databases) = demo::databases(kind) else { continue };
        replay(&serve_demo(&databases.sources, ""), kind.name());
    }
}

/// A server with the demo's model on these sources.
pub(crate) fn serve_demo(sources: &str, more: &str) -> TestServer {
    demo_setup(sources, more).start()
}

/// The part of a configuration that lets in a user whose password is the name.
pub(crate) fn user(name: &str) -> String {
    let hash = password_hash(name);
    format!("[[users]]\nname = \"{name}\"\npassword_hash = \"{hash}\"\n")
}

/// The configuration of such a server. `more` are lines of the top level and sections.
pub(crate) fn demo_setup(sources: &str, more: &str) -> Setup {
    let user = user("demo");
    let config =
        format!("{more}\n{sources}\n[services.erp]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\n{user}");
    Setup::new(&config).files("metadata", &project("metadata"), |text| text)
}

fn lines() -> Vec<Spec> {
    let text = read_text(&project("tests/cases/salesforce/requests.jsonl"));
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn sets() -> BTreeMap<String, Set> {
    demo::sets().into_iter().map(|set| (set.name.clone(), set)).collect()
}

fn replay(server: &TestServer, place: &str) {
    let sets = sets();
    let (mut replayed, mut skipped, mut wrong) = (0, Vec::new(), Vec::new());
    for case in lines() {
        let id = case["id"].as_str().unwrap();
        if let Some(reason) = case["skip"].as_str() {
            skipped.push(format!("{id}: {reason}"));
            continue;
        }
        for headers in headers(&case) {
            replayed += 1;
            let asked = Asked { server, sets: &sets, case: &case, headers };
            if let Err(what) = asked.judge() {
                wrong.push(format!("{id} with {:?}: {what}", asked.headers));
            }
        }
    }
    eprintln!("Salesforce requests on {place}: {replayed} replayed, skipped:\n  {}", skipped.join("\n  "));
    assert!(replayed >= 250, "only {replayed} requests");
    assert!(wrong.is_empty(), "{} of {replayed} on {place} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The headers with which a line is sent, one time after the other.
fn headers(case: &Spec) -> Vec<Vec<(&str, &str)>> {
    let given = case["headers"].as_object().into_iter().flatten();
    let given: Vec<(&str, &str)> = given.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let mut all = vec![given.clone()];
    if given.iter().all(|(name, _)| ["Prefer", "Authorization"].contains(name)) && case["bare"] != true {
        let is_metadata = case["check"]["metadata"] == true;
        let defaults = if case["adapter"] == "4.01" { DEFAULTS_4_01 } else { DEFAULTS_4_0 };
        let accept =
            |(name, value)| if is_metadata && name == "Accept" { (name, "application/xml") } else { (name, value) };
        all.push([given, defaults.into_iter().map(accept).collect()].concat());
    }
    for headers in &mut all {
        if !headers.iter().any(|(name, _)| *name == "Authorization") {
            headers.push(CREDENTIALS);
        }
        // A line may say that nobody asks.
        headers.retain(|(name, value)| *name != "Authorization" || !value.is_empty());
    }
    all
}

/// The expected rows come from the same data that the server shows, so the cases themselves are tested without it.
#[test]
fn every_case_finds_its_rows_in_the_data() {
    let sets = sets();
    let mut wrong = Vec::new();
    for case in lines() {
        if case["check"]["rows"].is_string()
            && let Err(what) = wanted_rows(set_of(&sets, &case["check"], "rows").unwrap(), &case["check"])
        {
            wrong.push(format!("{}: {what}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing of the collection is left out, and what proves a line is there.
#[test]
fn every_line_names_its_proof() {
    let (lines, mut wrong) = (lines(), Vec::new());
    let ids: BTreeSet<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), lines.len(), "an id stands twice");
    for (family, count) in FAMILIES {
        let found = ids.iter().filter(|id| id.split('-').next() == Some(family)).count();
        assert_eq!(found, count, "{family}");
    }
    assert_eq!(FAMILIES.iter().map(|(_, count)| count).sum::<usize>(), lines.len());
    for line in &lines {
        let id = &line["id"];
        let proofs: Vec<&str> = line["proof"].as_array().unwrap().iter().map(|proof| proof.as_str().unwrap()).collect();
        if proofs.is_empty() != line["skip"].is_string() {
            wrong.push(format!("{id}: only what is skipped proves nothing"));
        }
        wrong
            .extend(proofs.into_iter().filter_map(|proof| Some(format!("{id}: {}", crate::conformance::flaw(proof)?))));
        if line["check"].is_null() != line["skip"].is_string() {
            wrong.push(format!("{id}: a check or a reason to skip it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
