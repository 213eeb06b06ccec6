//! An ERP that nobody here has designed: Tryton creates its database with its own software
//! (`tests/clients/tryton/install`), `penstock introspect` drafts it whole, and what is read of every set through OData
//! is what SQL says: the number of rows, sums, lengths, least and greatest values by the database's own count, and
//! every value of every row.

mod column;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use column::Column;

use crate::introspect::{folder, introspect, penstock, setup_with};
use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::{Setup, TestServer};
use crate::support::{environment, files_below, read_text};
use crate::ugly::draft::Drafted;
use crate::ugly::ways::Ways;

const ROOT: &str = "/odata/v4/erp/";

/// Where the databases are that Tryton has created.
fn created() -> Option<PathBuf> {
    let place = environment("PENSTOCK_TEST_ERP").map(PathBuf::from);
    if place.is_none() {
        let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
        assert!(!demanded, "PENSTOCK_TEST_ERP is not set, but demanded");
        eprintln!("skipped: PENSTOCK_TEST_ERP is not set; `tests/clients/tryton/install` prints what it can be set to");
    }
    place
}

/// A database of this kind, as Tryton has left it.
fn erp(kind: Kind, place: &Path) -> Option<(Database, Option<tempfile::TempDir>)> {
    if kind == Kind::Sqlite {
        let own = tempfile::tempdir().unwrap();
        let file = own.path().join("erp.sqlite");
        std::fs::copy(place.join("erp.sqlite"), &file).unwrap();
        return Some((Database::open(&file), Some(own)));
    }
    let database = Database::create(kind, "erp")?;
    let psql = Path::new(&environment("PENSTOCK_TEST_POSTGRES_BIN").unwrap()).join("psql");
    let mut command = Command::new(psql);
    command.args(["-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"]).arg(place.join("erp.sql"));
    let output = command.arg(&database.url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some((database, None))
}

/// One set as its file describes it.
struct Set {
    name: String,
    table: String,
    key: Vec<String>,
    columns: Vec<Column>,
}

/// The sets of the drafted files.
fn sets(folder: &Path, kind: Kind) -> Vec<Set> {
    let mut sets = Vec::new();
    for path in files_below(folder) {
        let text = read_text(&path);
        let Some((head, properties)) = text.split_once("[[property]]\n") else { continue };
        let said = |part: &str, key: &str| {
            let line = part.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        let properties = properties.split("[[property]]\n").map(|part| {
            let part = part.split("\n\n").next().unwrap();
            let [name, column, kind_of] = ["name", "column", "type"].map(|key| said(part, key).unwrap());
            Column::new(kind, name, &column, &kind_of)
        });
        let key = said(head, "key").unwrap();
        sets.push(Set {
            name: said(head, "set").unwrap(),
            table: said(head, "table").unwrap(),
            key: key.trim_matches(['[', ']']).split(", ").map(|name| name.trim_matches('"').to_owned()).collect(),
            columns: properties.collect(),
        });
    }
    sets
}

/// Reads a set to its end along the next links.
fn rows(server: &TestServer, set: &Set) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut target = format!("{ROOT}{}?$count=true", set.name);
    loop {
        let page = server.json(&target);
        for row in page.get("value").and_then(Json::as_array).unwrap() {
            let value =
                |column: &Column| column.answered(row.get(&column.name).unwrap_or_else(|| panic!("{target}: {row}")));
            rows.push(set.columns.iter().map(value).collect());
        }
        let Some(next) = page.get("@odata.nextLink").and_then(Json::as_str) else { break };
        target = server.target_of(next).to_owned();
    }
    rows
}

/// What differs between the answers and the database.
fn compare(database: &Database, server: &TestServer, set: &Set, wrong: &mut Vec<String>) -> usize {
    let answered = rows(server, set);
    let table = format!("\"{}\"", set.table);
    let totals: Vec<&str> = set.columns.iter().map(|column| column.total.as_str()).collect();
    let totals = database.rows(&format!("select cast(count(*) as text), {} from {table}", totals.join(", "))).remove(0);
    if totals[0] != answered.len().to_string() {
        wrong.push(format!("{}: {} rows, in the database {}", set.name, answered.len(), totals[0]));
    }
    for (place, (column, expected)) in set.columns.iter().zip(&totals[1..]).enumerate() {
        let found = column.sum(answered.iter().map(|row| row[place].as_str()));
        if !column.is_same_total(&found, expected) {
            wrong.push(format!("{}/{}: in all {found}, in the database {expected}", set.name, column.name));
        }
    }
    // Qualified, since a text that is selected may have the name of its column.
    let order = set.key.iter().map(|key| set.columns.iter().find(|column| column.name == *key).unwrap());
    let order: Vec<String> = order.map(|column| format!("{table}.{}", column.sql)).collect();
    let texts: Vec<&str> = set.columns.iter().map(|column| column.text.as_str()).collect();
    let direct = database.rows(&format!("select {} from {table} order by {}", texts.join(", "), order.join(", ")));
    for (answered, direct) in answered.iter().zip(&direct) {
        for ((column, answered), direct) in set.columns.iter().zip(answered).zip(direct) {
            if *answered != column.direct(direct) {
                wrong.push(format!("{}/{}: {answered:?}, in the database {direct:?}", set.name, column.name));
            }
        }
    }
    answered.len()
}

/// Two hundred tables have the same columns for changes; people are told once.
fn is_told_in_few_lines(setup: &Setup) {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().display().to_string();
    let told = penstock(setup, "introspect", &["--source", "erp", "--out", &out, "--dry-run"]).unwrap();
    let (_, suggestions) = told.split_once("\nSuggestions (").unwrap();
    let lines: Vec<&str> = suggestions.lines().skip(1).take_while(|line| line.starts_with("  ")).collect();
    assert!(lines.len() < 10 && lines.iter().any(|line| line.contains("`write_date` of 2")), "{lines:#?}");
}

/// Tryton passes the digits of decimals to SQLite as bytes, so that none is rounded. The draft says that the database
/// casts; without that, they are refused with the name of the column, and `check` says so.
fn plain_decimals_are_refused(database: &Database, settings: &str) {
    let setup = setup_with(database, settings);
    introspect(&setup, &["--table", "currency_currency_rate"]);
    for path in files_below(&folder(&setup)) {
        std::fs::write(&path, read_text(&path).replace("cast = true\n", "")).unwrap();
    }
    let checked = penstock(&setup, "check", &[]).unwrap();
    assert!(checked.contains("a number whose digits are kept as bytes is an error"), "{checked}");
    let response = setup.start().get(&format!("{ROOT}CurrencyCurrencyRate"));
    assert!(response.status == 500 && response.text().contains("'Rate'"), "{}", response.text());
}

/// Decimals are compared and sorted as numbers, whatever they are stored as.
fn ask_for_prices(database: &Database, server: &TestServer, wrong: &mut Vec<String>) {
    let number = if database.kind == Kind::Sqlite { "cast(cast(list_price as text) as real)" } else { "list_price" };
    for condition in ["gt 99.5", "le 987.6537", "ne 0.0001", "eq 0.0001"] {
        let (word, literal) = condition.split_once(' ').unwrap();
        let sign = match word {
            "gt" => ">",
            "le" => "<=",
            "ne" => "<>",
            _ => "=",
        };
        let sql = format!("select cast(id as text) from product_list_price where {number} {sign} {literal}");
        let direct: Vec<String> = database.rows(&format!("{sql} order by {number} desc, id")).concat();
        let ask = format!("$filter=ListPrice%20{word}%20{literal}&$orderby=ListPrice%20desc,Id&$select=Id");
        let page = server.json(&format!("{ROOT}ProductListPrice?{ask}"));
        let rows = page.get("value").and_then(Json::as_array).unwrap().iter();
        let answered: Vec<String> = rows.map(|row| row.get("Id").unwrap().to_string()).collect();
        if direct.is_empty() || answered != direct {
            wrong.push(format!("list prices {condition}: {answered:?}, in the database {direct:?}"));
        }
    }
}

/// Of the ways back to many, each of so many is followed.
const MANY_EVERY: usize = 9;

/// Follows every drafted way to one row, and some of those to many; how many, and how many pairs of rows there are.
fn follow(database: &Database, server: &TestServer, sets: &[Drafted], wrong: &mut Vec<String>) -> (usize, usize) {
    // Every key of Tryton is a whole number.
    let declared = |_: &Drafted, _: &str| "integer".to_owned();
    let ways = Ways { database, server, root: ROOT, sets, declared: &declared };
    let all = sets.iter().flat_map(|set| set.navigations.iter().map(move |navigation| (set, navigation)));
    let (many, one): (Vec<_>, Vec<_>) = all.partition(|(_, navigation)| navigation.to_many);
    let chosen: Vec<_> = one.into_iter().chain(many.into_iter().step_by(MANY_EVERY)).collect();
    let mut pairs = 0;
    for (set, navigation) in &chosen {
        match ways.compare(set, navigation) {
            Ok(found) => pairs += found,
            Err(text) => wrong.push(text),
        }
    }
    (chosen.len(), pairs)
}

fn served(kind: Kind) {
    let Some(place) = created() else { return };
    let Some((database, _file)) = erp(kind, &place) else { return };
    let start = Instant::now();
    let exact = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let setup = setup_with(&database, exact);
    let report = introspect(&setup, &[]);
    let drafted = start.elapsed();
    is_told_in_few_lines(&setup);
    assert_eq!(report.notes("left_out"), [""; 0]);
    let schema = match kind {
        Kind::Sqlite => "sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'",
        _ => "information_schema.tables where table_schema = 'public'",
    };
    let tables = database.number(&format!("select count(*) from {schema}"));
    assert!(tables > 200, "{tables} tables");
    let sets = sets(&folder(&setup), kind);
    assert_eq!(sets.len(), usize::try_from(tables).unwrap());
    // A second look finds nothing to do.
    assert_eq!(introspect(&setup, &[]).files(), [""; 0]);

    let mut wrong = Vec::new();
    if kind == Kind::Sqlite {
        plain_decimals_are_refused(&database, exact);
    }
    assert!(penstock(&setup, "check", &["--strict"]).is_ok());
    let drafted_files = crate::ugly::draft::read(&folder(&setup));
    let server = setup.start();
    let start = Instant::now();
    let rows: usize = sets.iter().map(|set| compare(&database, &server, set, &mut wrong)).sum();
    ask_for_prices(&database, &server, &mut wrong);
    let compared = start.elapsed();
    let start = Instant::now();
    let (ways, pairs) = follow(&database, &server, &drafted_files, &mut wrong);
    eprintln!("{}: {ways} ways, {pairs} pairs compared in {:?}", kind.name(), start.elapsed());
    // On SQLite Tryton declares no foreign keys.
    let least = if kind == Kind::Sqlite { (0, 0) } else { (600, 20_000) };
    assert!(ways >= least.0 && pairs >= least.1, "{ways} ways, {pairs} pairs");
    eprintln!("{}: {} sets drafted in {drafted:?}, {rows} rows compared in {:?}", kind.name(), sets.len(), compared);
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(rows > 10_000);
}

#[test]
fn every_set_on_postgres_is_what_the_database_holds() {
    served(Kind::Postgres);
}

#[test]
fn every_set_on_sqlite_is_what_the_database_holds() {
    served(Kind::Sqlite);
}
