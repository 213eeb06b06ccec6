//! Pages end by bytes before they end by rows, on every database: what Salesforce refuses, an answer of more than 8 MB,
//! is never sent, nothing is lost between pages, `$top` counts over all of them, and totals are those of the rows that
//! the set's own filter leaves.

use serde_json::Value as Json;

use penstock::edm::Value;

use crate::support::databases::{Database, KINDS, Kind};
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/long/";
/// Salesforce refuses longer answers.
const ANSWER_BYTES_MAX: usize = 8_000_000;
const ROWS: i64 = 2_300;
/// Each of these is four bytes in UTF-8, and a quotation mark becomes two when it is written.
const CHARACTERS: usize = 1_200;

fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "long")?;
    let text = if kind == Kind::Mariadb { "mediumtext" } else { "text" };
    database.run(&format!("create table notes (id int not null primary key, gone int not null, word {text})"));
    for chunk in (0..ROWS).collect::<Vec<_>>().chunks(100) {
        let rows: Vec<Vec<Value>> =
            chunk.iter().map(|id| vec![Value::Int(*id), Value::Int(id % 10 / 9), text_of(*id)]).collect();
        database.insert("notes", &["id", "gone", "word"], &rows);
    }
    Some(database)
}

/// Rows differ in length: the longest would not fit 2,000 times, and some are short.
fn text_of(id: i64) -> Value {
    let characters = if id % 7 == 0 { 3 } else { CHARACTERS };
    Value::String(format!("{id}:{}", "😀\"".repeat(characters)).into())
}

fn serve(url: &str) -> TestServer {
    let config =
        format!("[sources.long]\nurl = \"{url}\"\n[services.long]\nmetadata = [\"metadata\"]\nanonymous = true\n");
    let file = "version = 1\nset = \"Notes\"\ntype = \"Note\"\ntable = \"notes\"\nkey = [\"Id\"]\nfilter = \"Gone eq 0\"\n\
         [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
         [[property]]\nname = \"Gone\"\ncolumn = \"gone\"\ntype = \"Int32\"\nnullable = false\n\
         [[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\n";
    Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Long\"\nsource = \"long\"\n")
        .file("metadata/notes.toml", file)
        .start()
}

/// Follows the links; the ids of all rows, and how many pages there were.
fn walk(server: &TestServer, target: &str) -> (Vec<i64>, usize, Option<i64>) {
    let (mut ids, mut pages, mut total) = (Vec::new(), 0, None);
    let mut next = Some(format!("{ROOT}{target}"));
    while let Some(target) = next {
        let response = server.get(&target);
        assert_eq!(response.status, 200, "{target}: {}", response.text());
        assert!(response.body.len() < ANSWER_BYTES_MAX, "{target}: {} bytes", response.body.len());
        let body: Json = serde_json::from_slice(&response.body).unwrap();
        let rows = body["value"].as_array().unwrap();
        assert!(!rows.is_empty() && rows.len() <= 2_000, "{target}: {} rows", rows.len());
        for row in rows {
            let id = row["Id"].as_i64().unwrap();
            let Value::String(text) = text_of(id) else { panic!() };
            assert_eq!(row["Word"].as_str().unwrap(), &*text, "row {id}");
            ids.push(id);
        }
        if body["@odata.count"].is_number() {
            let found = body["@odata.count"].as_i64();
            assert!(total.is_none() || total == found, "the total changes from {total:?} to {found:?}");
            total = found;
        }
        pages += 1;
        next = body["@odata.nextLink"].as_str().map(|link| server.target_of(link).to_owned());
    }
    (ids, pages, total)
}

#[test]
fn a_page_ends_at_its_bytes_and_nothing_is_lost_behind_it() {
    let shown: Vec<i64> = (0..ROWS).filter(|id| id % 10 != 9).collect();
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url);
        let (ids, pages, total) = walk(&server, "Notes?$select=Id,Word&$count=true&$orderby=Id");
        assert!(ids == shown && pages > 1, "{}: {} rows on {pages} pages", kind.name(), ids.len());
        assert_eq!(total, i64::try_from(shown.len()).ok(), "{}", kind.name());

        // The rows asked for are those of all pages together.
        let (ids, pages, total) = walk(&server, "Notes?$select=Id,Word&$count=true&$orderby=Id%20desc&$top=2000");
        let wanted: Vec<i64> = shown.iter().rev().take(2_000).copied().collect();
        assert!(ids == wanted && pages > 1, "{}: {} rows on {pages} pages", kind.name(), ids.len());
        assert_eq!(total, i64::try_from(shown.len()).ok(), "{}", kind.name());

        // Without the long texts the rows alone end a page.
        let response = server.get(&format!("{ROOT}Notes?$select=Id&$count=true"));
        let body: Json = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(body["value"].as_array().unwrap().len(), 2_000);
        assert!(body["@odata.nextLink"].is_string());
    }
}

#[test]
fn totals_are_those_of_the_rows_that_are_shown() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url);
        // The page itself proves the number, does not, holds nothing, or begins behind the last row.
        for (target, expected) in [
            ("Notes?$count=true&$select=Id&$filter=Id%20lt%2020", 18),
            ("Notes?$count=true&$select=Id&$filter=Id%20lt%2020&$top=5", 18),
            ("Notes?$count=true&$select=Id&$filter=Id%20lt%2020&$top=0", 18),
            ("Notes?$count=true&$select=Id&$filter=Id%20lt%2020&$skip=17&$top=5", 18),
            ("Notes?$count=true&$select=Id&$filter=Id%20lt%2020&$skip=18&$top=5", 18),
            ("Notes?$count=true&$select=Id&$filter=Id%20lt%2020&$skip=40", 18),
            ("Notes?$count=true&$select=Id&$filter=Gone%20eq%201", 0),
            ("Notes?$count=true&$select=Id&$filter=Id%20eq%2019&$top=26", 0),
        ] {
            let response = server.get(&format!("{ROOT}{target}"));
            let body: Json = serde_json::from_slice(&response.body).unwrap();
            assert_eq!(body["@odata.count"], expected, "{}: {target}: {}", kind.name(), response.text());
        }
        assert_eq!(server.get(&format!("{ROOT}Notes/$count?$filter=Id%20lt%2020")).text(), "18");
    }
}
