//! The differential test: random requests over random rows, answered by the real server on every database, compared
//! with an independent evaluation of the standard's semantics in memory.
//!
//! `PENSTOCK_TEST_CASES` sets the number of requests per database, `PENSTOCK_TEST_SEED` the seed. A failure prints the
//! seed and the smallest request that still fails.

mod bound;
pub(crate) mod eval;
mod generate;
mod language;
mod made;
mod offered;
mod render;
pub(crate) mod rows;
mod siblings;
mod spelling;
mod structures;
mod things;
pub(crate) mod value;
mod wide;

use std::sync::Arc;

use penstock::edm::Value;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::support::databases::{Database, Kind};
use super::support::environment;
use super::support::json::Json;
use super::support::server::{Setup, TestServer};
use eval::{Item, read};
use generate::Request;
use value::Table;

const ROOT: &str = "/odata/v4/test/";
/// Rows of the table: several pages of the small kind, few enough to be shown.
const ROWS: i64 = 120;

pub(crate) fn seed() -> u64 {
    environment("PENSTOCK_TEST_SEED").map_or(20_240_501, |text| text.parse().expect("a number as seed"))
}

fn cases() -> u32 {
    environment("PENSTOCK_TEST_CASES").map_or(1_500, |text| text.parse().expect("a number of cases"))
}

pub(crate) fn runner(cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// The table in memory, always the same for one seed.
fn table() -> Arc<Table> {
    let columns = things::columns();
    let mut runner = runner(1);
    let rows = (1..=ROWS).map(|key| generate::rows(&columns, key).new_tree(&mut runner).unwrap().current()).collect();
    Arc::new(Table { columns, key: vec![0], rows })
}

/// A database with the table, and a server on it.
fn start(kind: Kind, table: &Table) -> Option<(Database, TestServer)> {
    start_with(kind, table, "")
}

/// The same; `more` are sections of the configuration.
fn start_with(kind: Kind, table: &Table, more: &str) -> Option<(Database, TestServer)> {
    let database = Database::create(kind, "differential")?;
    database.run(&things::create_table(kind));
    database.insert("things", &things::column_names(), &table.rows);
    let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "{more}[log]\nlevel = \"warn\"\n[sources.things]\nurl = \"{}\"\npool_max = 2\n{decimals}\
         [services.test]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let server = Setup::new(&config)
        .file("metadata/service.toml", things::service_file())
        .file("metadata/thing.toml", &things::metadata_file("Things", "Thing", 2_000))
        .file("metadata/paged_thing.toml", &things::metadata_file("PagedThings", "PagedThing", things::PAGE_ROWS))
        .file("metadata/made_thing.toml", &made::metadata_file("Made", "MadeThing", 2_000))
        .file("metadata/paged_made.toml", &made::metadata_file("PagedMade", "PagedMadeThing", made::PAGE_ROWS))
        .file("metadata/offered_thing.toml", &offered::metadata_file("Offered", "OfferedThing", 2_000))
        .file(
            "metadata/paged_offered.toml",
            &offered::metadata_file("PagedOffered", "PagedOfferedThing", things::PAGE_ROWS),
        )
        .start();
    Some((database, server))
}

/// Sends a request, walks through all pages, and says what differs from the expected answer.
fn check(server: &TestServer, table: &Table, set: &str, request: &Request) -> Result<(), String> {
    let set = format!("{}{set}", if request.paged { "Paged" } else { "" });
    let target = format!("{ROOT}{set}?{}", render::query(request, table));
    let matching = read(table, request.filter.as_ref(), &request.order);
    let expected: Vec<usize> =
        matching.iter().copied().skip(request.skip.unwrap_or(0)).take(request.top.unwrap_or(usize::MAX)).collect();
    let columns: Vec<usize> =
        if request.select.is_empty() { (0..table.columns.len()).collect() } else { request.select.clone() };

    let mut found: Vec<Json> = Vec::new();
    let mut next = target.clone();
    let mut pages = 0;
    loop {
        let response = server.get(&next);
        let wrong = |what: &str| Err(format!("{what}\n  page: {next}\n  from: {target}"));
        if response.status != 200 {
            return wrong(&format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body)));
        }
        let page = match Json::read(response.text()) {
            Ok(page) => page,
            Err(error) => return wrong(&error),
        };
        let count = page.get("@odata.count").map(Json::to_string);
        let wanted = (request.count == Some(true)).then(|| matching.len().to_string());
        if count != wanted {
            return wrong(&format!("count {count:?} instead of {wanted:?}"));
        }
        let Some(rows) = page.get("value").and_then(Json::as_array) else { return wrong("no array of rows") };
        if request.paged && rows.len() > things::PAGE_ROWS as usize {
            return wrong(&format!("{} rows in a page of {}", rows.len(), things::PAGE_ROWS));
        }
        found.extend_from_slice(rows);
        pages += 1;
        match page.get("@odata.nextLink").and_then(Json::as_str) {
            Some(link) if pages <= table.rows.len() => next = server.target_of(link).to_owned(),
            Some(_) => return wrong("the next links never end"),
            None => break,
        }
    }
    rows::compare(table, &columns, &expected, &found).map_err(|what| format!("{what}\n  {target}"))
}

fn run(kind: Kind) {
    let table = table();
    let Some((_database, server)) = start(kind, &table) else { return };
    compare(kind, &server, &table, "Things", cases());
    compare(kind, &server, &Arc::new(made::table(&table)), "Made", cases() / 3);
    compare(kind, &server, &Arc::new(offered::table(&table)), "Offered", cases() / 3);
}

fn compare(kind: Kind, server: &TestServer, table: &Arc<Table>, set: &str, cases: u32) {
    let result = runner(cases)
        .run(&generate::requests(table), |request| check(server, table, set, &request).map_err(TestCaseError::fail));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, request)) => panic!(
            "{} and the evaluator differ (seed {}):\n{}\n{request:#?}\nlog:\n{}",
            kind.name(),
            seed(),
            reason.message(),
            tail(&server.log())
        ),
        Err(other) => panic!("{other}"),
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[test]
fn sqlite_answers_as_the_standard_says() {
    run(Kind::Sqlite);
}

#[test]
fn postgres_answers_as_the_standard_says() {
    run(Kind::Postgres);
}

#[test]
fn mariadb_answers_as_the_standard_says() {
    run(Kind::Mariadb);
}

/// While a client walks through the pages, rows come and go before, at and behind its position. Rows that are there all
/// the time appear exactly once and in order.
fn walk_while_rows_come_and_go(kind: Kind) {
    let table = table();
    let Some((database, server)) = start(kind, &table) else { return };
    let orders = [("TextNull", true), ("ExactNull", false), ("MomentNull", true), ("FlagNull", false), ("Id", true)];
    for (round, (name, descending)) in orders.into_iter().enumerate() {
        let item = Item { column: table.column(name), descending };
        let stable = read(&table, None, &[item]);
        let keys = |row: &usize| table.rows[*row][0].clone();
        let stable: Vec<Value> = stable.iter().map(keys).collect();

        let direction = if descending { "desc" } else { "asc" };
        let mut next = format!("{ROOT}PagedThings?$select=Id&$orderby={name}%20{direction}");
        let mut found = Vec::new();
        for page_number in 0.. {
            let page = server.json(&next);
            for row in page.get("value").unwrap().as_array().unwrap() {
                found.push(Value::Int(row.get("Id").unwrap().as_number().unwrap().parse().unwrap()));
            }
            let Some(link) = page.get("@odata.nextLink").and_then(Json::as_str) else { break };
            next = server.target_of(link).to_owned();
            // Newcomers are copies of present rows, so they tie with them; the older newcomers go.
            let mut newcomers = Vec::new();
            for copy in 0..6_usize {
                let mut row = table.rows[(page_number * 17 + copy * 19 + round) % table.rows.len()].clone();
                let sign = if copy % 2 == 0 { 1 } else { -1 };
                row[0] = Value::Int(sign * i64::try_from(1_000_000 * (round + 1) + 10 * page_number + copy).unwrap());
                newcomers.push(row);
            }
            database.insert("things", &things::column_names(), &newcomers);
            if page_number % 3 == 2 {
                database.run("delete from things where id < 0 or id > 1000");
            }
        }
        found.retain(|key| matches!(key, Value::Int(1..=ROWS)));
        assert_eq!(found, stable, "{} by {name} {direction}", kind.name());
        database.run("delete from things where id < 0 or id > 1000");
    }
}

#[test]
fn sqlite_pages_are_right_while_rows_come_and_go() {
    walk_while_rows_come_and_go(Kind::Sqlite);
}

#[test]
fn postgres_pages_are_right_while_rows_come_and_go() {
    walk_while_rows_come_and_go(Kind::Postgres);
}

#[test]
fn mariadb_pages_are_right_while_rows_come_and_go() {
    walk_while_rows_come_and_go(Kind::Mariadb);
}

/// The column with a folding collation has no predicted order, but its pages together are still the whole, once.
fn walk_in_the_order_of_a_folding_collation(kind: Kind) {
    let table = table();
    let Some((_database, server)) = start(kind, &table) else { return };
    for direction in ["asc", "desc"] {
        let query = format!("?$select=Id&$orderby=Folding%20{direction}");
        let whole = server.json(&format!("{ROOT}Things{query}"));
        let whole = whole.get("value").unwrap().as_array().unwrap().to_vec();
        assert_eq!(whole.len(), table.rows.len());
        let mut next = format!("{ROOT}PagedThings{query}");
        let mut found = Vec::new();
        loop {
            let page = server.json(&next);
            found.extend_from_slice(page.get("value").unwrap().as_array().unwrap());
            let Some(link) = page.get("@odata.nextLink").and_then(Json::as_str) else { break };
            next = server.target_of(link).to_owned();
        }
        assert_eq!(found, whole, "{} {direction}", kind.name());
    }
}

#[test]
fn pages_in_the_order_of_a_folding_collation_are_whole() {
    for kind in super::support::databases::KINDS {
        walk_in_the_order_of_a_folding_collation(kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::databases::KINDS;

    /// The databases hold the rows exactly as they are in memory, so a difference is never the harness's fault.
    #[test]
    fn every_database_takes_the_rows() {
        let table = table();
        for kind in KINDS {
            let Some(database) = Database::create(kind, "rows") else { continue };
            database.run(&things::create_table(kind));
            database.insert("things", &things::column_names(), &table.rows);
            assert_eq!(database.number("select count(*) from things"), ROWS);
            let count = |column: &str, test: &dyn Fn(&Value) -> bool| {
                let column = table.column(column);
                i64::try_from(table.rows.iter().filter(|row| test(&row[column])).count()).unwrap()
            };
            let nulls = database.number("select count(*) from things where text_null is null");
            assert_eq!(nulls, count("TextNull", &Value::is_null));
            let length = if kind == Kind::Mariadb { "char_length" } else { "length" };
            let total =
                database.number(&format!("select cast(sum({length}(text_value)) as {}) from things", integer(kind)));
            let expected: usize = table.rows.iter().map(|row| text_length(&row[table.column("Text")])).sum();
            assert_eq!(total, i64::try_from(expected).unwrap(), "{}", kind.name());
        }
    }

    fn integer(kind: Kind) -> &'static str {
        if kind == Kind::Mariadb { "signed" } else { "bigint" }
    }

    fn text_length(value: &Value) -> usize {
        if let Value::String(text) = value { text.chars().count() } else { 0 }
    }

    /// The generator makes requests that keep some rows and drop some, and none that the evaluator refuses.
    #[test]
    fn generated_requests_are_worth_sending() {
        let table = table();
        let mut runner = runner(1);
        let strategy = generate::requests(&table);
        let (mut some, mut longest) = (0, 0);
        for _ in 0..1_000 {
            let request = strategy.new_tree(&mut runner).unwrap().current();
            let rows = read(&table, request.filter.as_ref(), &request.order).len();
            some += usize::from(rows > 0 && rows < table.rows.len());
            longest = longest.max(render::query(&request, &table).len());
        }
        assert!(some > 500, "only {some} of 1000 requests tell rows apart");
        assert!(longest < 60_000, "a URL of {longest} bytes");
    }
}
