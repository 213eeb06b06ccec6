//! What SQLite says of a file made for its traps.

use std::time::{Duration, Instant};

use super::catalog::{column, columns, read, relation, structure};
use super::settings;
use crate::catalog::{RelationKind, Wanted};
use crate::store::Database;

const SCHEMA: &str = r#"
CREATE TABLE kinds (
  id INTEGER PRIMARY KEY, i INT, s SMALLINT, t1 TINYINT(1), flag BOOLEAN NOT NULL DEFAULT 0, r REAL, d DOUBLE PRECISION,
  n NUMERIC, n10 DECIMAL(10, 2) DEFAULT 1.50, v VARCHAR(20) DEFAULT 'it''s', t TEXT, c CHAR(4), b BLOB, v16 VARBINARY(16),
  da DATE, dt DATETIME, dt3 DATETIME(3), ts TIMESTAMP, ti TIME, u UUID, j JSON, st STRING, untyped,
  nc TEXT COLLATE NOCASE, rt TEXT COLLATE rtrim,
  gv INT GENERATED ALWAYS AS (i * 2), gs TEXT AS (v || t) STORED
);
INSERT INTO kinds (id, dt, ts, ti) VALUES (1, '2024-01-02 03:04:05', '2024-01-02T03:04:05.123Z', '03:04:05.5'), (2, 7, NULL, NULL);
CREATE TABLE "Order ""x"" é" ("select" INT, "Blank Name" INTEGER, "Ünï ""q""" TEXT, k TEXT NOT NULL UNIQUE, day DATE,
  PRIMARY KEY ("Blank Name", "select")) WITHOUT ROWID;
CREATE UNIQUE INDEX part_unique ON "Order ""x"" é" (day) WHERE k <> '';
CREATE UNIQUE INDEX expr_unique ON "Order ""x"" é" (day, lower(k));
CREATE INDEX only_expr ON "Order ""x"" é" (lower(k));
CREATE UNIQUE INDEX two_unique ON "Order ""x"" é" (day, k);
CREATE INDEX other_collation ON "Order ""x"" é" (day, k COLLATE NOCASE);
CREATE TABLE strict_one (code TEXT PRIMARY KEY, held ANY, n INT NOT NULL) STRICT;
CREATE TABLE lines (id INTEGER PRIMARY KEY DESC, o1 INT, o2 INT, parent INT REFERENCES LINES, code REFERENCES strict_one,
  k INT REFERENCES KINDS (ID), lost INT REFERENCES nowhere (x), lost_too INT REFERENCES nowhere,
  FOREIGN KEY (o2, o1) REFERENCES "Order ""x"" é");
CREATE INDEX nocase_served ON kinds (nc, v);
CREATE VIEW seen AS SELECT k.id, k.nc AS folded, k.id + 1 AS next, upper(v) FROM kinds k;
CREATE TABLE doomed (a INT); CREATE VIEW broken AS SELECT a FROM doomed; DROP TABLE doomed;
CREATE VIRTUAL TABLE words USING fts5(v, t, content='kinds', content_rowid='id');
CREATE VIRTUAL TABLE own_words USING FTS5(body);
CREATE VIRTUAL TABLE boxes USING rtree(id, a, b);
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, sqlite_like TEXT);
CREATE TABLE sqliteish (a INT);
"#;

fn database(text: &str) -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(text).unwrap();
    let database = Database::open(&settings(&format!("sqlite:{}", path.display()))).unwrap();
    (folder, database)
}

#[tokio::test]
async fn every_trap_is_read_as_what_it_is() {
    let (_folder, database) = database(SCHEMA);
    let catalog = read(&database, &Wanted::default()).await;
    assert!(catalog.product.starts_with("SQLite 3."), "{}", catalog.product);
    assert_eq!((&catalog.default_schema, catalog.search_path.len()), (&None, 0));
    let names: Vec<(&str, RelationKind, Option<u64>)> =
        catalog.relations.iter().map(|relation| (relation.name.as_str(), relation.kind, relation.rows)).collect();
    let (table, none, some) = (RelationKind::Table, None, Some(0));
    assert_eq!(
        names,
        [
            ("Order \"x\" é", table, some),
            ("counted", table, some),
            ("kinds", table, Some(2)),
            ("lines", table, some),
            ("seen", RelationKind::View, none),
            ("sqliteish", table, some),
            ("strict_one", table, some),
        ]
    );
    assert!(catalog.relations.iter().all(|relation| relation.schema.is_none() && relation.comment.is_none()));
    let words: Vec<(&str, Option<&str>, usize)> = catalog
        .word_indexes
        .iter()
        .map(|index| (index.name.as_str(), index.content.as_deref(), index.columns.len()))
        .collect();
    assert_eq!(words, [("own_words", None, 1), ("words", Some("kinds"), 2)]);
    let texts: Vec<String> = ["kinds", "Order \"x\" é", "strict_one", "lines", "seen", "counted"]
        .iter()
        .map(|name| {
            let relation = relation(&catalog, name);
            format!("# {name}\n{}{}", columns(relation), structure(relation))
        })
        .collect();
    insta::assert_snapshot!("catalog_sqlite", format!("{}\n{}", texts.join("\n"), catalog.unread.join("\n")));
}

#[tokio::test]
async fn a_collation_of_another_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let made = rusqlite::Connection::open(&path).unwrap();
    made.create_collation("GERMAN", Ord::cmp).unwrap();
    made.execute_batch("CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT COLLATE GERMAN, u TEXT)").unwrap();
    let database = Database::open(&settings(&format!("sqlite:{}", path.display()))).unwrap();
    let catalog = read(&database, &Wanted::default()).await;
    let t = column(relation(&catalog, "a"), "t");
    assert_eq!((t.collation.as_deref(), t.folding), (Some("GERMAN"), true));
    assert!(!column(relation(&catalog, "a"), "u").folding);
    assert_eq!(catalog.unread, Vec::<String>::new());
}

#[tokio::test]
async fn many_rows_are_counted_about() {
    let (_folder, database) = database(
        "CREATE TABLE many (id INTEGER PRIMARY KEY); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
         LIMIT 120000) INSERT INTO many SELECT i FROM n;
         CREATE TABLE keyed (k TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed SELECT id FROM many;",
    );
    let catalog = read(&database, &Wanted::default()).await;
    assert_eq!(relation(&catalog, "many").rows, Some(120_000));
    assert_eq!(relation(&catalog, "keyed").rows, Some(50_000));
}

#[tokio::test]
async fn a_thousand_new_tables_are_read_in_a_moment() {
    let mut text = String::from("BEGIN;");
    for n in 1..=1000 {
        use std::fmt::Write as _;
        write!(
            text,
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b DECIMAL(18,2), c DATETIME, d BOOLEAN, \
             e VARCHAR(20), f DATE, g BIGINT, h UUID, parent INT REFERENCES t{}); CREATE INDEX i{n} ON t{n} (e, f);",
            n - 1
        )
        .unwrap();
    }
    let (_folder, database) = database(&(text + "COMMIT;"));
    let start = Instant::now();
    let wanted = Wanted { without: vec!["t1".to_owned()], ..Wanted::default() };
    let catalog = read(&database, &wanted).await;
    let took = start.elapsed();
    eprintln!("1,000 tables took {took:?}");
    assert_eq!(catalog.relations.len(), 999);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[tokio::test]
async fn a_column_that_is_not_there_is_an_error_and_not_its_name() {
    let (_folder, database) =
        database("CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO a VALUES (1, 'x');");
    let ask = async |text: &str| {
        let statement = super::statement(text, vec![], &[crate::edm::Scalar::STRING]);
        super::run(&database, statement).await
    };
    assert_eq!(ask("SELECT \"t\" FROM \"a\"").await.unwrap(), [["text x"]]);
    let error = ask("SELECT \"gone\" FROM \"a\"").await.unwrap_err();
    assert!(error.detail().is_some_and(|detail| detail.contains("no such column")), "{error:?}");
}
