//! `tests/conformance.toml` tells what of the standard holds and what proves it. Here it is held to its word: every
//! clause that is asked for is there, every proof exists, what does not hold tells why, and README.md and `$metadata`
//! claim what the table shows and nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use penstock::wire::OFFER;
use serde::Deserialize;

use crate::support::{project, read_text};

/// The clauses of the levels, by the sections of the table.
const LEVELS: [(&str, &str, &str); 10] = [
    ("1.1", "40M", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"),
    ("1.2", "40U", "1 2 3 4 5 6 7 8 9"),
    ("1.3", "40I", "1 2 3 4 5 6 7"),
    ("1.4", "40A", "1 2 3 4 5 6 7 8"),
    ("2.1", "41M", "1 2 3 4 5 6 6a 6b 6c 6d 7 8 9 10 11 12"),
    ("2.1", "41U", "1 2 3"),
    ("2.2", "41I", "1 2 3 4 5"),
    ("2.3", "41A", "1 2 3 4 5 6 7 8"),
    ("5", "null.", "eq_one_null eq_both_null ne_one_null ne_both_null gt_lt ge_le_one_null ge_le_both_null not_gt"),
    ("11", "failures.", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"),
];

/// What the other sections are about; each has clauses that begin so.
const SUBJECTS: [(&str, &str); 21] = [
    ("3.1", "url"),
    ("3.2", "path"),
    ("3.3", "literal"),
    ("4.1", "evaluation"),
    ("4.2", "count limits orderby select expand search format compute apply token alias"),
    ("4.3", "paging"),
    ("4.4", "operator"),
    ("4.5", "arithmetic"),
    ("4.6", "function lambda path_expression"),
    ("5", "null"),
    ("6", "header prefer status"),
    ("7.1", "json"),
    ("7.2", "json"),
    ("7.3", "context"),
    ("7.4", "error"),
    ("7.5", "write"),
    ("7.6", "delta"),
    ("8", "batch"),
    ("9", "async"),
    ("10", "metadata"),
    ("11", "failures"),
];

/// The levels, each with the beginnings of the ids that must hold for it, beside those of the levels before it.
const CLAIMS: [(&str, [&str; 2]); 3] =
    [("Minimal", ["40M", "41M"]), ("Intermediate", ["40I", "41I"]), ("Advanced", ["40A", "41A"])];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    clause: Vec<Clause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    id: String,
    section: String,
    level: Level,
    text: String,
    state: State,
    why: Option<String>,
    #[serde(default)]
    proof: Vec<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Must,
    Should,
    May,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum State {
    Yes,
    Partly,
    No,
    #[serde(rename = "not applicable")]
    NotApplicable,
}

impl Clause {
    /// Whether the standard demands it, and it does not hold.
    fn is_missing(&self) -> bool {
        self.level == Level::Must && matches!(self.state, State::No | State::Partly)
    }
}

fn table() -> Vec<Clause> {
    toml::from_str::<Table>(&read_text(&project("tests/conformance.toml"))).unwrap().clause
}

#[test]
fn every_clause_is_told_once() {
    let table = table();
    let ids: BTreeSet<&str> = table.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(ids.len(), table.len(), "an id stands twice");
    for (section, before, rest) in LEVELS {
        for id in rest.split(' ').map(|rest| format!("{before}{rest}")) {
            let clause = table.iter().find(|clause| clause.id == id).unwrap_or_else(|| panic!("{id} is missing"));
            assert_eq!(clause.section, section, "{id}");
        }
    }
    for (section, subjects) in SUBJECTS {
        for subject in subjects.split(' ') {
            let is_meant = |clause: &&Clause| clause.section == section && clause.id.split('.').next() == Some(subject);
            assert!(table.iter().any(|clause| is_meant(&clause)), "{section} says nothing about {subject}");
        }
    }
    let known = |clause: &Clause| {
        let is_of_level = LEVELS.iter().any(|(section, before, rest)| {
            let place = clause.id.strip_prefix(before).filter(|_| *section == clause.section);
            place.is_some_and(|place| rest.split(' ').any(|known| known == place))
        });
        let subject = clause.id.split_once('.').map_or("", |(subject, _)| subject);
        let is_of_subject = |(section, subjects): &(&str, &str)| {
            *section == clause.section && subjects.split(' ').any(|known| known == subject)
        };
        is_of_level || SUBJECTS.iter().any(is_of_subject)
    };
    for clause in &table {
        assert!(known(clause), "{} is of no section", clause.id);
        assert!(!clause.text.is_empty(), "{} says nothing", clause.id);
    }
}

#[test]
fn what_holds_is_proven_and_what_does_not_tells_why() {
    let mut wrong = Vec::new();
    for clause in table() {
        let id = &clause.id;
        let why = clause.why.as_deref().unwrap_or_default();
        if (clause.state == State::Yes) != why.is_empty() {
            wrong.push(format!("{id}: only what does not hold as a whole tells why"));
        }
        if matches!(clause.state, State::Yes | State::Partly) && clause.proof.is_empty() {
            wrong.push(format!("{id}: nothing proves it"));
        }
        wrong.extend(clause.proof.iter().filter_map(|proof| Some(format!("{id}: {}", flaw(proof)?))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a proof.
pub(crate) fn flaw(proof: &str) -> Option<String> {
    let found = match proof.split_once(": ") {
        Some(("case", name)) => {
            let case = project(&format!("tests/cases/{name}.url"));
            let is_recorded = !name.starts_with("live/")
                || case.with_extension("answer").exists()
                || read_text(&case).contains("differs: ");
            case.exists() && is_recorded
        }
        Some(("test", name)) => is_test("tests/it", name),
        Some(("unit", name)) => is_test("src", name),
        _ => false,
    };
    (!found).then(|| format!("there is no {proof}"))
}

/// Whether a function is a test of a module, `a::b::name`, whose file lies in the folder.
fn is_test(folder: &str, name: &str) -> bool {
    let mut parts: Vec<&str> = name.split("::").collect();
    let Some(function) = parts.pop() else { return false };
    let files = |parts: &[&str]| {
        let path = format!("{folder}/{}", parts.join("/"));
        [format!("{path}.rs"), format!("{path}/mod.rs")].map(|path| project(&path))
    };
    // Tests often stand in a module of their own at the end of the file.
    let inline = parts.strip_suffix(&["tests"]).unwrap_or(&parts);
    files(&parts).into_iter().chain(files(inline)).filter(|path| path.exists()).any(|path| {
        let text = read_text(&path);
        let mut lines = text.lines().map(str::trim);
        let marked = format!("fn {function}(");
        let mut is_marked = false;
        lines.any(|line| {
            let here = line.trim_start_matches("async ").starts_with(&marked) && is_marked;
            is_marked = line.starts_with("#[") && (is_marked || line.contains("test")) || line.starts_with("//");
            here
        })
    })
}

/// The highest level all of whose demands are met, with those of the levels below it.
fn claimed(table: &[Clause]) -> Option<&'static str> {
    let met = |(_, before): &&(&str, [&str; 2])| {
        let is_of_level = |clause: &&Clause| before.iter().any(|before| clause.id.starts_with(before));
        !table.iter().filter(is_of_level).any(Clause::is_missing)
    };
    CLAIMS.iter().take_while(met).last().map(|(level, _)| *level)
}

#[test]
fn the_readme_and_the_metadata_claim_what_the_table_shows() {
    let table = table();
    let level = claimed(&table);
    assert_eq!(OFFER.conformance, level.as_slice(), "src/wire/offer.rs");
    let count = |state: State| table.iter().filter(|clause| clause.state == state).count();
    let mut paragraph = format!(
        "The level claimed is {} of OData 4.0 and 4.01, read-only. Of {} clauses {} hold, {} hold in part, {} do not, and {} do \
         not apply here.",
        level.unwrap_or("none"),
        table.len(),
        count(State::Yes),
        count(State::Partly),
        count(State::No),
        count(State::NotApplicable),
    );
    let missing = |is_meant: &dyn Fn(&Clause) -> bool| {
        let missing = table.iter().filter(|clause| clause.is_missing() && is_meant(clause));
        missing.map(|clause| format!("`{}`", clause.id)).collect::<Vec<_>>().join(", ")
    };
    let is_advanced = |clause: &Clause| ["40A", "41A"].iter().any(|before| clause.id.starts_with(before));
    let is_write = |clause: &Clause| clause.why.as_deref().is_some_and(|why| why.starts_with("nothing can be written"));
    let of_level = missing(&is_advanced);
    if !of_level.is_empty() {
        write!(paragraph, " For Advanced are missing, at least in part: {of_level}.").unwrap();
    }
    let others = missing(&|clause| !is_advanced(clause) && !is_write(clause));
    write!(paragraph, " Beside writes, the standard demands more than is offered in: {others}.").unwrap();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let readme = words(&read_text(&project("README.md")));
    assert!(readme.contains(&words(&paragraph)), "README.md should say:\n{paragraph}");
}
