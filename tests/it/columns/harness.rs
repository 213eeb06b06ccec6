//! Serves one table per column type and asks for its values in every way.

use std::fmt::Write as _;

use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};

/// The first id of values that are null.
const VOID: usize = 1_000;
/// What is shown of each case.
const WRONG_SHOWN: usize = 6;
const ROOT: &str = "/odata/v4/columns/";

/// A column type and some of its values.
pub(crate) struct Case {
    /// The type in SQL.
    pub(crate) declared: &'static str,
    /// The keys of the property: `type = "Int32"`.
    pub(crate) property: &'static str,
    /// Values as SQL literals, and what they are in JSON, in ascending order.
    pub(crate) values: &'static [(&'static str, &'static str)],
    /// Values that have no form: they are refused by name.
    pub(crate) refused: &'static [&'static str],
    /// Values that are null, since the property is lenient.
    pub(crate) void: &'static [&'static str],
    pub(crate) filter: bool,
    pub(crate) order: bool,
    pub(crate) key: bool,
}

/// A case whose values can be filtered and sorted by and are a key.
pub(crate) fn case(
    declared: &'static str,
    property: &'static str,
    values: &'static [(&'static str, &'static str)],
) -> Case {
    Case { declared, property, values, refused: &[], void: &[], filter: true, order: true, key: true }
}

impl Case {
    /// With values that have no form.
    pub(crate) fn refusing(self, refused: &'static [&'static str]) -> Case {
        Case { refused, ..self }
    }

    /// With values that are null.
    pub(crate) fn voiding(self, void: &'static [&'static str]) -> Case {
        Case { void, key: false, ..self }
    }

    /// It cannot be a key.
    pub(crate) fn no_key(self) -> Case {
        Case { key: false, ..self }
    }

    /// It can only be read.
    pub(crate) fn only_read(self) -> Case {
        Case { filter: false, order: false, key: false, ..self }
    }
}

fn entity(name: &str, table: &str, property: &str, keyed: bool, more: &str) -> String {
    let key = if keyed { "V" } else { "Id" };
    let nullable = if keyed { "nullable = false\n" } else { "" };
    format!(
        "version = 1\nset = \"{name}s\"\ntype = \"{name}\"\ntable = \"{table}\"\nkey = [\"{key}\"]\n{more}\
         [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
         [[property]]\nname = \"V\"\ncolumn = \"v\"\n{property}\n{nullable}"
    )
}

/// Writes the tables and starts a server on them.
fn start(kind: Kind, (prelude, more): (&str, &str), cases: &[Case]) -> Option<(Database, TestServer)> {
    let database = Database::create(kind, "columns")?;
    if !prelude.is_empty() {
        database.run(prelude);
    }
    let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "[log]\nlevel = \"warn\"\n[sources.columns]\nurl = \"{}\"\npool_max = 2\n{decimals}{more}\
         [services.columns]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let mut setup = Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Columns\"\nsource = \"columns\"\n");
    for (place, case) in cases.iter().enumerate() {
        let mut script = String::new();
        for (table, literals) in [("v", literals(case)), ("r", case.refused.to_vec())] {
            let table = format!("{table}{place}");
            writeln!(script, "create table {table} (id int primary key, v {} null);", case.declared).unwrap();
            // In no order that would help.
            let mut ids: Vec<usize> = (0..literals.len()).collect();
            ids.sort_by_key(|id| (id * 7 + 3) % 11);
            for id in ids {
                writeln!(script, "insert into {table} values ({}, {});", id + 1, literals[id]).unwrap();
            }
            if table.starts_with('v') {
                writeln!(script, "insert into {table} values (0, null);").unwrap();
                for (at, literal) in case.void.iter().enumerate() {
                    writeln!(script, "insert into {table} values ({}, {literal});", VOID + at).unwrap();
                }
            }
        }
        writeln!(script, "create view k{place} as select * from v{place} where v is not null;").unwrap();
        database.run(&script);
        let mut sets = vec![
            ("V", entity(&format!("V{place}"), &format!("v{place}"), case.property, false, "")),
            ("P", entity(&format!("P{place}"), &format!("v{place}"), case.property, false, "page_rows_max = 2\n")),
            ("R", entity(&format!("R{place}"), &format!("r{place}"), case.property, false, "")),
        ];
        if case.key {
            sets.push(("K", entity(&format!("K{place}"), &format!("k{place}"), case.property, true, "")));
        }
        for (letter, text) in sets {
            setup = setup.file(&format!("metadata/{letter}{place}.toml"), &text);
        }
    }
    Some((database, setup.start()))
}

fn literals(case: &Case) -> Vec<&'static str> {
    case.values.iter().map(|(literal, _)| *literal).collect()
}

/// The literal of a value in a URL.
fn in_url(property: &str, json: &str) -> String {
    let text = Json::read(json).unwrap();
    let raw = text.as_str().map_or_else(|| json.to_owned(), str::to_owned);
    let is = |name: &str| property.contains(&format!("type = \"{name}\""));
    if is("String") {
        format!("'{}'", raw.replace('\'', "''"))
    } else if is("Binary") {
        format!("binary'{raw}'")
    } else if is("Duration") {
        format!("duration'{raw}'")
    } else {
        raw
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// One case in a running server; notes what is wrong.
struct Run<'a> {
    server: &'a TestServer,
    case: &'a Case,
    place: usize,
    wrong: Vec<String>,
}

impl Run<'_> {
    fn note(&mut self, what: &str, found: &str, expected: &str) {
        if found != expected {
            let Case { declared, property, .. } = self.case;
            self.wrong.push(format!("{declared} ({property:?}): {what}: {found} instead of {expected}"));
        }
    }

    /// The pages from a target on, or the refusal.
    fn rows(&self, target: &str) -> Result<Vec<Json>, String> {
        let mut next = format!("{ROOT}{target}");
        let mut rows = Vec::new();
        for _ in 0..50 {
            let response = self.server.get(&next);
            if response.status != 200 {
                return Err(format!("{} {}", response.status, response.text()));
            }
            let page = Json::read(response.text()).unwrap();
            rows.extend_from_slice(page.get("value").and_then(Json::as_array).unwrap());
            match page.get("@odata.nextLink").and_then(Json::as_str) {
                Some(link) => next = self.server.target_of(link).to_owned(),
                None => return Ok(rows),
            }
        }
        Err("the next links never end".to_owned())
    }

    fn ids(&self, target: &str) -> String {
        match self.rows(target) {
            Ok(rows) => rows.iter().map(|row| row.get("Id").unwrap().to_string()).collect::<Vec<_>>().join(" "),
            Err(refusal) => refusal,
        }
    }

    fn filter(&mut self, filter: &str, expected: impl Iterator<Item = usize>) {
        let target = format!("V{}s?$orderby=Id&$select=Id&$filter={}", self.place, encoded(filter));
        let expected: Vec<String> = expected.map(|id| id.to_string()).collect();
        let found = self.ids(&target);
        self.note(filter, &found, &expected.join(" "));
    }

    fn check(&mut self) {
        let (case, place) = (self.case, self.place);
        let count = case.values.len();
        let nulls: Vec<usize> = std::iter::once(0).chain((VOID..).take(case.void.len())).collect();
        match self.rows(&format!("V{place}s?$orderby=Id")) {
            Err(refusal) => self.note("all", &refusal, "rows"),
            Ok(rows) => {
                for row in &rows {
                    let id: usize = row.get("Id").and_then(Json::as_number).unwrap().parse().unwrap();
                    let (literal, expected) = match id {
                        // A collection is never null.
                        0 if case.property.contains("collection =") => ("null", "[]"),
                        0 => ("null", "null"),
                        VOID.. => (case.void[id - VOID], "null"),
                        id => case.values[id - 1],
                    };
                    self.note(literal, &row.get("V").unwrap().to_string(), expected);
                }
            }
        }
        if case.order {
            let nulls = || nulls.iter().copied();
            let ascending: Vec<String> = nulls().chain(1..=count).map(|id| id.to_string()).collect();
            let descending: Vec<String> = (1..=count).rev().chain(nulls().rev()).map(|id| id.to_string()).collect();
            for (set, order, expected) in [
                ("V", "V", &ascending),
                ("V", "V desc", &descending),
                ("P", "V", &ascending),
                ("P", "V desc", &descending),
            ] {
                let found = self.ids(&format!("{set}{place}s?$orderby={}", encoded(order)));
                self.note(&format!("{set} $orderby={order}"), &found, &expected.join(" "));
            }
        }
        if case.filter {
            self.filter("V eq null", nulls.iter().copied());
            self.filter("V ne null", 1..=count);
            for (at, (_, json)) in case.values.iter().enumerate() {
                let (id, literal) = (at + 1, in_url(case.property, json));
                self.filter(&format!("V eq {literal}"), id..=id);
                self.filter(
                    &format!("V ne {literal}"),
                    (0..=count).filter(|it| *it != id).chain(nulls[1..].iter().copied()),
                );
                self.filter(&format!("V in ({literal})"), id..=id);
                if case.order {
                    self.filter(&format!("V gt {literal}"), (id + 1)..=count);
                    self.filter(&format!("V le {literal}"), 1..=id);
                    let other = in_url(case.property, case.values[0].1);
                    self.filter(&format!("V in ({other},{literal})"), (1..=id).filter(|it| *it == id || *it == 1));
                }
            }
        }
        if case.key {
            for (at, (_, json)) in case.values.iter().enumerate() {
                let literal = encoded(&in_url(case.property, json));
                let response = self.server.get(&format!("{ROOT}K{place}s({literal})"));
                let found = Json::read(response.text()).ok().and_then(|row| row.get("Id").map(Json::to_string));
                let found = found.unwrap_or_else(|| response.text().to_owned());
                self.note(&format!("({literal})"), &found, &(at + 1).to_string());
            }
        }
        for (at, literal) in case.refused.iter().enumerate() {
            let response = self.server.get(&format!("{ROOT}R{place}s({})", at + 1));
            let names = [format!("R{place}s"), format!("Id={}", at + 1), "'V'".to_owned(), "store.decode".to_owned()];
            let is_refused = response.status == 500 && names.iter().all(|name| response.text().contains(name));
            let found = if is_refused { "a refusal by name" } else { response.text() };
            self.note(literal, found, "a refusal by name");
        }
    }
}

/// Runs all cases and tells at once what is wrong.
pub(crate) fn run(kind: Kind, prelude: &str, cases: &[Case]) {
    run_with(kind, (prelude, ""), cases);
}

/// The same with further keys of the source.
pub(crate) fn run_with(kind: Kind, texts: (&str, &str), cases: &[Case]) {
    let Some((_database, server)) = start(kind, texts, cases) else { return };
    let mut wrong = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let mut run = Run { server: &server, case, place, wrong: Vec::new() };
        run.check();
        // The rest is told by what comes first.
        wrong.extend(run.wrong.into_iter().take(WRONG_SHOWN));
    }
    assert!(wrong.is_empty(), "{}: {} wrong\n{}", kind.name(), wrong.len(), wrong.join("\n"));
}
