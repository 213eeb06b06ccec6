//! SQLite: forms of storage, the file's fate, limits.

use std::path::Path;

use super::*;
use crate::edm::{parse_date, parse_date_time_offset, parse_decimal, parse_guid};
use crate::sql::ast::{Column, Comparison, Expr, Order, Output, Select, Table};
use crate::sql::render;

pub(super) fn file(script: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("erp.db");
    write(&path, script);
    let url = format!("sqlite:{}", path.display());
    (folder, url)
}

fn write(path: &Path, script: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(script).unwrap();
}

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

#[tokio::test]
async fn every_type_comes_back_as_it_was_stored() {
    let (_folder, url) = file(
        "CREATE TABLE t (b, i1, i8, f, d TEXT, s, g, day, at);
         INSERT INTO t VALUES (1, 255, 9223372036854775807, 0.1, '12345678901234567890.123456789012345678', ' ü😀''% ',
             '3f2504e0-4f89-11d3-9a0c-0305e82c3301', '0001-01-01', '9999-12-31 23:59:59.999999');
         INSERT INTO t VALUES (0, 0, -9223372036854775808, 7, '-0.10', '', x'3f2504e04f8911d39a0c0305e82c3301', '9999-12-31',
             '1969-12-31 23:59:59.500000');
         INSERT INTO t VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
         INSERT INTO t VALUES (2, 256, 1.5, 'x', '1e5', 5, 'x', '2024-02-30', 'now');",
    );
    let database = Database::open(&settings(&url)).unwrap();
    let columns = [
        Scalar::Boolean,
        Scalar::Byte,
        Scalar::Int64,
        Scalar::Double,
        Scalar::DECIMAL,
        Scalar::STRING,
        Scalar::Guid,
        Scalar::Date,
        Scalar::DATE_TIME_OFFSET,
    ];
    let rows = run(&database, statement("SELECT * FROM t ORDER BY rowid", vec![], &columns)).await.unwrap();
    let guid = "guid 3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    assert_eq!(
        rows[0],
        [
            "true",
            "int 255",
            "int 9223372036854775807",
            "float 0.1",
            "decimal 12345678901234567890.123456789012345678",
            "text  ü😀'% ",
            guid,
            "date 0001-01-01",
            "instant 9999-12-31T23:59:59.999999"
        ]
    );
    let least = "int -9223372036854775808";
    let second = ["false", "int 0", least, "float 7.0", "decimal -0.10", "text ", guid, "date 9999-12-31"];
    assert_eq!(rows[1][..8], second);
    assert_eq!(rows[1][8], "instant 1969-12-31T23:59:59.5");
    assert!(rows[2].iter().all(|cell| cell == "null"));
    let refused: Vec<String> = (0..9).map(|column| format!("refused {column}")).collect();
    assert_eq!(rows[3], refused);
}

#[tokio::test]
async fn decimals_kept_as_numbers_are_written_with_their_scale() {
    let (_folder, url) = file("CREATE TABLE t (d NUMERIC); INSERT INTO t VALUES (12.50), (12), (-0.125), (1e20)");
    let database = Database::open(&SourceSettings { decimals_as_text: false, ..settings(&url) }).unwrap();
    let scalar = Scalar::Decimal { precision: Some(18), scale: Some(2) };
    let rows = run(&database, statement("SELECT d FROM t ORDER BY rowid", vec![], &[scalar])).await.unwrap();
    let expected = ["decimal 12.50", "decimal 12.00", "decimal -0.125", "decimal 100000000000000000000.00"];
    assert_eq!(rows.concat(), expected);
    let count = "SELECT COUNT(*) FROM t WHERE d = ?";
    for text in ["12.5", "12", "-0.1250"] {
        assert!(holds(&database, count, Value::Decimal(parse_decimal(text).unwrap()), scalar).await, "{text}");
    }
}

#[tokio::test]
async fn parameters_compare_in_the_agreed_forms() {
    let (_folder, url) = file(
        "CREATE TABLE t (d TEXT COLLATE BINARY, g TEXT, day TEXT, at TEXT, b INTEGER);
         INSERT INTO t VALUES ('9.50', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', '2024-02-29', '2024-02-29 12:00:00.500', 1)",
    );
    let database = Database::open(&settings(&url)).unwrap();
    let decimal = |text: &str| Value::Decimal(parse_decimal(text).unwrap());
    let less = "SELECT COUNT(*) FROM t WHERE d COLLATE penstock_decimal < ?";
    assert!(holds(&database, less, decimal("10"), Scalar::DECIMAL).await);
    assert!(!holds(&database, less, decimal("9.5"), Scalar::DECIMAL).await);
    assert!(holds(&database, less, Value::Int(10), Scalar::DECIMAL).await);
    let guid = Value::Guid(parse_guid("3F2504E0-4F89-11D3-9A0C-0305E82C3301").unwrap());
    assert!(holds(&database, "SELECT COUNT(*) FROM t WHERE g = ?", guid, Scalar::Guid).await);
    let day = Value::Date(parse_date("2024-02-29").unwrap());
    assert!(holds(&database, "SELECT COUNT(*) FROM t WHERE day = ?", day, Scalar::Date).await);
    let millis = Scalar::DateTimeOffset { precision: 3 };
    let at = |text: &str| Value::DateTimeOffset(parse_date_time_offset(text, false).unwrap());
    assert!(holds(&database, "SELECT COUNT(*) FROM t WHERE at = ?", at("2024-02-29T13:00:00.5+01:00"), millis).await);
    assert!(holds(&database, "SELECT COUNT(*) FROM t WHERE at < ?", at("12024-01-01T00:00:00Z"), millis).await);
    assert!(holds(&database, "SELECT COUNT(*) FROM t WHERE at > ?", at("-0044-03-15T00:00:00Z"), millis).await);
    assert!(holds(&database, "SELECT COUNT(*) FROM t WHERE b = ?", Value::Boolean(true), Scalar::Boolean).await);
    assert!(holds(&database, "SELECT ? IS NULL", Value::Null, Scalar::Date).await);
}

#[tokio::test]
async fn the_function_and_the_collation_serve_a_query() {
    let (_folder, url) = file("CREATE TABLE t (s TEXT); INSERT INTO t VALUES ('Große STRASSE'), ('weg'), (NULL)");
    let database = Database::open(&settings(&url)).unwrap();
    let text = "SELECT s FROM t WHERE penstock_contains_folded(s, ?)";
    let phrase = (Value::String("GROSSE".into()), Scalar::STRING);
    assert!(run(&database, statement(text, vec![phrase], &[Scalar::STRING])).await.unwrap().is_empty());
    let phrase = (Value::String("gROßE s".into()), Scalar::STRING);
    let rows = run(&database, statement(text, vec![phrase], &[Scalar::STRING])).await.unwrap();
    assert_eq!(rows.concat(), ["text Große STRASSE"]);
}

/// SQLite's own join for `EXISTS` skips a row once for each match.
#[tokio::test]
async fn a_row_with_several_matches_is_skipped_once() {
    let (_folder, url) = file(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER); \
         INSERT INTO p VALUES (1), (2), (3), (4); INSERT INTO c VALUES (1), (1), (1), (2), (4), (4)",
    );
    let column = |of: u16, name: &str| Expr::Column(Column::made(of, name, Scalar::Int32, false));
    let output = |expr| vec![Output { expr, scalar: Scalar::Int32 }];
    let table = |name: &str| Table { schema: None, name: name.into(), query: None };
    let related = Expr::Compare(Comparison::Equal, Box::new(column(1, "p")), Box::new(column(0, "id")));
    let inner =
        Select { alias: 1, named: true, filter: Some(related), ..Select::all(output(column(1, "p")), table("c")) };
    let select = Select {
        named: true,
        filter: Some(Expr::Exists(Box::new(inner))),
        order: vec![Order { expr: column(0, "id"), descending: false, nullable: false }],
        offset: 2,
        ..Select::all(output(column(0, "id")), table("p"))
    };
    let database = Database::open(&settings(&url)).unwrap();
    let rows = run(&database, render(&select, database.dialect()).unwrap()).await.unwrap();
    assert_eq!(rows, [["int 4"]]);
}

#[tokio::test]
async fn a_missing_file_is_away_until_it_comes_and_a_replaced_one_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("erp.db");
    let database = Database::open(&settings(&format!("sqlite://{}", path.display()))).unwrap();
    let Err(StoreError::Away { detail, .. }) = database.ping().await else { panic!("not away") };
    assert!(detail.contains("erp.db") && detail.contains("No such file"), "{detail}");
    assert!(!path.exists());

    write(&path, "CREATE TABLE t (i); INSERT INTO t VALUES (1)");
    database.ping().await.unwrap();
    assert_eq!(row(&database, "SELECT i FROM t", &[Scalar::Int32]).await, ["int 1"]);

    let next = folder.path().join("next.db");
    write(&next, "CREATE TABLE t (i); INSERT INTO t VALUES (2)");
    std::fs::rename(&next, &path).unwrap();
    assert_eq!(row(&database, "SELECT i FROM t", &[Scalar::Int32]).await, ["int 2"]);

    let filler = format!("CREATE TABLE filler (b); INSERT INTO filler VALUES (zeroblob({}))", 4 << 20);
    write(&path, &filler);
    assert_eq!(row(&database, "SELECT LENGTH(b) FROM filler", &[Scalar::Int64]).await, ["int 4194304"]);
    let small = folder.path().join("small.db");
    write(&small, "CREATE TABLE t (i); INSERT INTO t VALUES (3)");
    std::fs::copy(&small, &path).unwrap();
    assert_eq!(row(&database, "SELECT i FROM t", &[Scalar::Int32]).await, ["int 3"]);

    std::fs::write(&path, vec![b'x'; 4096]).unwrap();
    assert!(matches!(Database::open(&settings(&format!("sqlite:{}", path.display()))).unwrap().ping().await,
        Err(StoreError::Other { detail, .. }) if detail.contains("not a database")));
    database.close().await;
    assert!(matches!(database.ping().await, Err(StoreError::Away { .. })));
}

#[tokio::test]
async fn nothing_can_be_written() {
    let (_folder, url) = file("CREATE TABLE t (i)");
    let database = Database::open(&settings(&url)).unwrap();
    let refused = run(&database, statement("INSERT INTO t VALUES (1)", vec![], &[])).await;
    assert!(matches!(refused, Err(StoreError::Denied { .. })), "{refused:?}");
    assert_eq!(row(&database, "SELECT COUNT(*) FROM t", &[Scalar::Int64]).await, ["int 0"]);
}

#[tokio::test]
async fn a_statement_beyond_the_limit_is_slow_and_stops() {
    let (_folder, url) = file("CREATE TABLE t (i)");
    let limit = Duration::from_millis(200);
    let database = Database::open(&SourceSettings { statement_timeout: limit, ..settings(&url) }).unwrap();
    let start = std::time::Instant::now();
    let slow = run(&database, statement(ENDLESS, vec![], &[Scalar::Int64])).await;
    assert!(matches!(slow, Err(StoreError::Slow { .. })), "{slow:?}");
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(row(&database, "SELECT COUNT(*) FROM t", &[Scalar::Int64]).await, ["int 0"]);
}

#[tokio::test]
async fn a_dropped_statement_frees_the_only_connection_and_a_running_one_makes_others_wait() {
    let (_folder, url) = file("CREATE TABLE t (i)");
    let wait = Duration::from_millis(300);
    let database = Database::open(&SourceSettings { pool_max: 1, acquire_timeout: wait, ..settings(&url) }).unwrap();
    let endless = run(&database, statement(ENDLESS, vec![], &[Scalar::Int64]));
    let mut endless = Box::pin(endless);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut endless).await.is_err());
    assert!(matches!(database.ping().await, Err(StoreError::Busy { .. })));
    drop(endless);
    database.ping().await.unwrap();
}

#[tokio::test]
async fn a_content_sink_and_an_error_leave_the_connection_usable() {
    let (_folder, url) = file("CREATE TABLE t (i); INSERT INTO t VALUES (1), ('x'), (3)");
    let database = Database::open(&SourceSettings { pool_max: 1, ..settings(&url) }).unwrap();
    let all = statement("SELECT i FROM t ORDER BY rowid", vec![], &[Scalar::Int32]);
    let sink = |rows_max| Texts { scalars: vec![Scalar::Int32], rows: vec![], rows_max, strict: true };
    assert_eq!(database.fetch(all.clone(), sink(1)).await.unwrap().rows, [["int 1"]]);
    let Err(StoreError::Decode { column: 0, misfit, .. }) = database.fetch(all, sink(9)).await else { panic!() };
    assert_eq!(misfit.detail, "wanted Edm.Int32, the column 'i' holds another kind of value as Text");
    let wrong = run(&database, statement("SELECT nothing FROM t", vec![], &[Scalar::Int32])).await;
    assert!(matches!(wrong, Err(StoreError::Other { .. })), "{wrong:?}");
    let unbound = run(&database, statement("SELECT ?", vec![], &[Scalar::Int32])).await;
    assert!(matches!(unbound, Err(StoreError::Other { .. })), "{unbound:?}");
    assert_eq!(row(&database, "SELECT COUNT(*) FROM t", &[Scalar::Int64]).await, ["int 3"]);
}

#[tokio::test]
async fn a_statement_runs_for_each_value_in_turn() {
    let (_folder, url) = file("CREATE TABLE t (i, s); INSERT INTO t VALUES (1, 'a'), (1, 'b'), (2, 'c'), (3, 'd');");
    let database = Database::open(&settings(&url)).unwrap();
    let each = Statement {
        text: "SELECT i, s || ? FROM t WHERE i = ? ORDER BY s DESC LIMIT ?".to_owned(),
        params: vec![
            Param::One(Value::String("!".into()), Scalar::STRING),
            Param::Each(vec![Value::Int(2), Value::Int(9), Value::Int(1)], Scalar::Int32),
            Param::One(Value::Int(1), Scalar::Int64),
        ],
        columns: vec![Scalar::Int32, Scalar::STRING],
    };
    let rows = run(&database, each).await.unwrap();
    assert_eq!(rows, [["int 2", "text c!"], ["int 1", "text b!"]]);
}

#[tokio::test]
async fn indexes_are_known_by_their_first_column() {
    let (_folder, url) = file(
        "CREATE TABLE t (a INT, b INT, c TEXT, d TEXT COLLATE NOCASE, e INT, PRIMARY KEY (e, a)); CREATE VIEW v AS SELECT * FROM t;
         CREATE INDEX ab ON t (a, b); CREATE INDEX c ON t (c); CREATE INDEX d ON t (d); CREATE INDEX p ON t (b) WHERE a > 1;",
    );
    check_indexes(&Database::open(&settings(&url)).unwrap(), None).await;
}

/// Keeps the numbers of the rows, and on which threads they came.
#[derive(Default)]
struct Numbers {
    found: Vec<i64>,
    threads: std::collections::HashSet<std::thread::ThreadId>,
    rewound: usize,
}

impl Sink for Numbers {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        let Cell::Int(number) = row.cell(0)? else { panic!("no number") };
        self.found.push(number);
        self.threads.insert(std::thread::current().id());
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.found.clear();
        self.rewound += 1;
    }
}

fn count_to(number: i64) -> Statement {
    let text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT n.i FROM n, t";
    statement(text, vec![(Value::Int(number), Scalar::Int64)], &[Scalar::Int64])
}

#[tokio::test]
async fn a_statement_known_to_be_short_runs_in_place_and_starts_again_elsewhere_if_it_is_not() {
    let (_folder, url) = file("CREATE TABLE t (i); INSERT INTO t VALUES (1);");
    let database = Database::open(&settings(&url)).unwrap();
    let here = std::thread::current().id();
    let mut in_place = 0;
    for _ in 0..50 {
        let sink = database.fetch(count_to(3), Numbers::default()).await.unwrap();
        assert_eq!(sink.found, [1, 2, 3]);
        in_place += usize::from(sink.threads.contains(&here));
    }
    // The first run is never in place, and a busy machine may make others long.
    assert!((1..50).contains(&in_place), "{in_place}");
    // As long as the last run was short, the next is in place.
    let most = 300_000;
    for _ in 0..50 {
        let sink = database.fetch(count_to(most), Numbers::default()).await.unwrap();
        assert_eq!(sink.found.len(), 300_000);
        assert!(sink.found.iter().copied().eq(1..=most));
        if sink.rewound == 1 {
            assert!(sink.threads.len() == 2, "in place, and then elsewhere");
            return;
        }
        for _ in 0..50 {
            database.fetch(count_to(3), Numbers::default()).await.unwrap();
        }
    }
    panic!("a long run never began in place");
}

#[tokio::test]
async fn a_locked_file_is_waited_for_elsewhere() {
    let (folder, url) = file("CREATE TABLE t (i); INSERT INTO t VALUES (1);");
    let database = Database::open(&settings(&url)).unwrap();
    for _ in 0..50 {
        database.fetch(count_to(3), Numbers::default()).await.unwrap();
    }
    let writer = rusqlite::Connection::open(folder.path().join("erp.db")).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE; UPDATE t SET i = 2").unwrap();
    let unlock = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        writer.execute_batch("COMMIT").unwrap();
    };
    // In place it would wait for its own thread, which holds the lock, and give up after three seconds.
    let (sink, ()) = tokio::join!(database.fetch(count_to(3), Numbers::default()), unlock);
    assert_eq!(sink.unwrap().found, [1, 2, 3]);
}
