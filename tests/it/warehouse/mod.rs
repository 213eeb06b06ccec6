//! The warehouse of TPC-H, made by the generator of its registry (`tests/clients/install` fetches it), on PostgreSQL
//! and on MariaDB: what its queries filter and aggregate, asked through OData, gives the numbers that the database
//! gives to the query in SQL.
//!
//! `tests/cases/warehouse` has a file for each query: what is asked below the service root, and under `--` the query in
//! SQL. The sets and what leads from one to another stand in [`model`].

mod model;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use penstock::edm::Value;

use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};
use crate::support::{environment, files_below, project, read_text};

/// A hundredth of a gigabyte: 86,800 rows.
const SCALE: &str = "0.01";

/// Where the generator is installed.
fn generator() -> Option<PathBuf> {
    let place = environment("PENSTOCK_TEST_CLIENTS").map(|place| Path::new(&place).join("python/bin/tpchgen-cli"));
    if place.is_none() {
        let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
        assert!(!demanded, "PENSTOCK_TEST_CLIENTS is not set, but demanded");
        eprintln!("skipped: PENSTOCK_TEST_CLIENTS is not set; `tests/clients/install` prints what it can be set to");
    }
    place
}

/// The rows of all tables, one file for each.
fn generated() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(generator()?);
    command.args(["tbl", "--scale-factor", SCALE, "--output-dir"]).arg(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(folder)
}

fn load(database: &Database, folder: &Path) {
    for table in model::TABLES {
        database.run(&table.create());
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let text = read_text(&folder.join(format!("{}.tbl", table.name)));
        let row = |line: &str| {
            let cells = line.split('|').zip(&columns);
            cells.map(|(cell, _)| Value::String(cell.into())).collect::<Vec<_>>()
        };
        let rows: Vec<_> = text.lines().map(row).collect();
        assert!(rows.iter().all(|row| row.len() == columns.len()), "{}", table.name);
        database.insert(table.name, &columns, &rows);
    }
    // Without these each lookup along a foreign key reads a whole table, and nobody runs a warehouse so.
    for table in model::TABLES {
        table.indexes().iter().for_each(|index| database.run(index));
    }
    let analyze = if database.kind == Kind::Postgres { "analyze" } else { "analyze table" };
    let names: Vec<&str> = model::TABLES.iter().map(|table| table.name).collect();
    database.run(&format!("{analyze} {}", names.join(", ")));
}

fn serve(database: &Database) -> TestServer {
    let config = format!(
        "[sources.warehouse]\nurl = \"{}\"\n[services.warehouse]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let mut setup = Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Warehouse\"\nsource = \"warehouse\"\n");
    for table in model::TABLES {
        setup = setup.file(&format!("metadata/{}.toml", table.name), &table.file());
    }
    setup.start()
}

/// One query: its name, the request and the SQL.
struct Case {
    name: String,
    request: String,
    sql: String,
}

fn cases() -> Vec<Case> {
    let case = |path: &PathBuf| {
        let text = read_text(path);
        let (request, sql) = text.split_once("\n--\n").unwrap_or_else(|| panic!("{}: no line --", path.display()));
        // What stands on several lines is one request; lines that begin with a hash tell what it is about.
        let lines = request.lines().filter(|line| !line.starts_with('#'));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Case { name, request: lines.collect(), sql: sql.to_owned() }
    };
    files_below(&project("tests/cases/warehouse")).iter().map(case).collect()
}

/// A number without the zeros that say nothing; anything else as it is.
fn plain(text: &str) -> String {
    if text.parse::<f64>().is_err() || !text.contains('.') {
        return text.to_owned();
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Equal texts, or numbers of which one is the other rounded to at least six digits behind the point: averages have as
/// many as the database likes.
fn same(answered: &str, direct: &str) -> bool {
    let digits = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let rounded = digits(answered).min(digits(direct));
    match (answered.parse::<f64>(), direct.parse::<f64>()) {
        _ if plain(answered) == plain(direct) => true,
        (Ok(a), Ok(b)) if rounded >= 6 && digits(answered) != digits(direct) => {
            (a - b).abs() * 10_f64.powi(i32::try_from(rounded).unwrap()) <= 0.5 + 1e-3
        }
        _ => false,
    }
}

#[test]
fn only_what_is_rounded_may_differ() {
    assert!(same("1.50", "1.5") && same("25.57515461", "25.575155") && same("A", "A") && same("7", "7"));
    assert!(!same("1.5", "1.6") && !same("25.57515461", "25.575154") && !same("1.12345", "1.123451"));
    assert!(!same("25.575154", "25.575155") && !same("7", "8") && !same("10", "1"));
}

/// The values of a row in the order in which they stand, those of nested entities in their place.
fn values(row: &Json, into: &mut Vec<String>) {
    for (name, value) in row.members() {
        match value {
            _ if name.starts_with('@') || name.contains("@odata.") => {}
            Json::Object(_) => values(value, into),
            Json::String(text) => into.push(text.clone()),
            other => into.push(other.to_string()),
        }
    }
}

fn encoded(request: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*,;=:@/?".contains(c);
    let mut text = String::new();
    for c in request.chars() {
        if plain(c) {
            text.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| write!(text, "%{byte:02X}").unwrap());
        }
    }
    text
}

#[test]
fn its_queries_give_what_sql_gives() {
    let Some(folder) = generated() else { return };
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = Database::create(kind, "tpch") else { continue };
        load(&database, folder.path());
        let server = serve(&database);
        let mut wrong = Vec::new();
        for Case { name, request, sql } in cases() {
            let response = server.get(&format!("/odata/v4/warehouse/{}", encoded(&request)));
            if response.status != 200 {
                wrong.push(format!("{name}: {} {}", response.status, response.text()));
                continue;
            }
            let answer = Json::read(response.text()).unwrap();
            let rows = answer.get("value").and_then(Json::as_array).expect("a collection");
            let answered: Vec<Vec<String>> = rows
                .iter()
                .map(|row| {
                    let mut all = Vec::new();
                    values(row, &mut all);
                    all
                })
                .collect();
            let direct = database.rows(&sql);
            if direct.is_empty() {
                wrong.push(format!("{name}: a query without rows proves nothing"));
            }
            let is_same = answered.len() == direct.len()
                && answered.iter().zip(&direct).all(|(answered, direct)| {
                    answered.len() == direct.len() && answered.iter().zip(direct).all(|(a, b)| same(a, b))
                });
            if !is_same {
                let of = |rows: &[Vec<String>]| format!("{} rows, {:?}", rows.len(), &rows[..rows.len().min(4)]);
                wrong.push(format!("{name}: answered {}\n  direct {}", of(&answered), of(&direct)));
            }
        }
        assert!(wrong.is_empty(), "{}:\n{}", kind.name(), wrong.join("\n"));
    }
}
