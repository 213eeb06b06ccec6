//! What the loader writes, what it refuses, and how it tells damage.

use bigdecimal::num_bigint::BigInt;

use super::*;

const MARK: Mark = Mark { application_id: 7, user_version: 12 };

fn decimal(digits: i64, scale: i64) -> Value {
    Value::Decimal(BigDecimal::new(BigInt::from(digits), scale))
}

fn columns() -> Vec<(String, Scalar)> {
    [
        ("id", Scalar::Int32),
        ("money", Scalar::Decimal { precision: Some(18), scale: Some(2) }),
        ("at", Scalar::DATE_TIME_OFFSET),
        ("on", Scalar::Date),
        ("guid", Scalar::Guid),
        ("flag", Scalar::Boolean),
        ("name", Scalar::STRING),
    ]
    .map(|(name, scalar)| (name.to_owned(), scalar))
    .to_vec()
}

const SCHEMA: &str = "CREATE TABLE \"t\" (id INTEGER PRIMARY KEY, money TEXT, at TEXT, \"on\" TEXT, guid TEXT, \
                      flag INTEGER, name TEXT) STRICT";

fn row(id: i64) -> Vec<Value> {
    vec![
        Value::Int(id),
        decimal(125, 1),
        Value::DateTimeOffset(-1),
        Value::Date(-1),
        Value::Guid([0xab; 16]),
        Value::Boolean(true),
        Value::String("x'y".into()),
    ]
}

fn filled(path: &Path, rows: i64) {
    let mut loader = Loader::create(path).unwrap();
    loader.run(SCHEMA).unwrap();
    assert_eq!(loader.insert("t", &columns(), (0..rows).map(row)).unwrap(), rows.cast_unsigned());
    loader.finish(MARK).unwrap();
}

#[test]
fn values_lie_in_the_forms_of_the_source() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    filled(&path, 1);
    let connection = Connection::open(&path).unwrap();
    let found: String = connection
        .query_row("SELECT concat_ws('|', id, money, at, \"on\", guid, flag, name) FROM t", [], |row| row.get(0))
        .unwrap();
    let guid = "abababab-abab-abab-abab-abababababab";
    assert_eq!(found, format!("0|12.50|1969-12-31 23:59:59.999999|1969-12-31|{guid}|1|x'y"));
    assert_eq!(inspect(&path, u64::MAX).unwrap(), Inspection { mark: MARK, tables: vec!["t".to_owned()] });
}

#[test]
fn decimals_keep_scale_and_digits() {
    let text = |digits: i64, scale, column| {
        let mut out = Vec::new();
        write_decimal(&BigDecimal::new(BigInt::from(digits), scale), column, &mut out)
            .map(|()| String::from_utf8(out).unwrap())
    };
    assert_eq!(text(0, 2, Some(2)).as_deref(), Some("0.00"));
    assert_eq!(text(0, 0, Some(2)).as_deref(), Some("0.00"));
    assert_eq!(text(-1, 2, Some(2)).as_deref(), Some("-0.01"));
    assert_eq!(text(-999_999_999_999_999_999, 2, Some(2)).as_deref(), Some("-9999999999999999.99"));
    assert_eq!(text(12, -3, Some(3)).as_deref(), Some("12000.000"));
    assert_eq!(text(12_500, 3, Some(2)).as_deref(), Some("12.50"));
    assert_eq!(text(12_501, 3, Some(2)), None);
    assert_eq!(text(12_501, 3, None).as_deref(), Some("12.501"));
}

#[test]
fn an_existing_file_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    std::fs::write(&path, "precious").unwrap();
    assert!(matches!(Loader::create(&path), Err(LoaderError::Exists { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[test]
fn a_row_that_does_not_fit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut loader = Loader::create(&dir.path().join("a.db")).unwrap();
    loader.run(SCHEMA).unwrap();
    let mut insert = |row: Vec<Value>| loader.insert("t", &columns(), std::iter::once(row)).unwrap_err();
    assert!(matches!(insert(vec![Value::Int(1)]), LoaderError::Width { expected: 7, found: 1, .. }));
    let mut wrong = row(1);
    wrong[1] = Value::Double(1.0);
    assert!(matches!(insert(wrong), LoaderError::Kind { column, .. } if column == "money"));
    let mut wrong = row(1);
    wrong[0] = Value::Int(1 << 40);
    assert!(matches!(insert(wrong), LoaderError::Kind { column, .. } if column == "id"));
    assert!(matches!(loader.run("SELEKT"), Err(LoaderError::Refused { .. })));
}

#[test]
fn a_full_disk_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut loader = Loader::create(&dir.path().join("a.db")).unwrap();
    loader.run(SCHEMA).unwrap();
    loader.run("PRAGMA max_page_count = 4").unwrap();
    let result = loader.insert("t", &columns(), (0..10_000).map(row));
    assert!(matches!(result, Err(LoaderError::DiskFull { .. })), "{result:?}");
}

#[test]
fn damage_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    filled(&path, 1_000);
    let whole = std::fs::read(&path).unwrap();
    let check = |content: &[u8], bytes_max| {
        std::fs::write(&path, content).unwrap();
        inspect(&path, bytes_max)
    };
    assert!(check(&whole, 0).is_ok());
    let damaged = |result: Result<Inspection, LoaderError>| matches!(result, Err(LoaderError::Damaged { .. }));
    assert!(damaged(check(b"", 0)), "empty");
    assert!(damaged(check(b"this is no database, but a text of some length", 0)), "text");
    assert!(damaged(check(&whole[..whole.len() - 4096], 0)), "cut off");
    let mut broken = whole.clone();
    broken[5 * 4096..8 * 4096].fill(0x5a);
    assert!(damaged(check(&broken, u64::MAX)), "overwritten");
    assert!(matches!(inspect(&dir.path().join("none.db"), 0), Err(LoaderError::Inaccessible { .. })));
    assert!(damaged(inspect(dir.path(), 0)), "a folder");
}

#[test]
fn pages_that_lie_in_the_log_only_are_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    filled(&path, 10);
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE more (text TEXT)").unwrap();
    writer.execute("INSERT INTO more VALUES (?)", ["x".repeat(100_000)]).unwrap();
    assert_eq!(inspect(&path, u64::MAX).unwrap().tables, ["more", "t"]);
}
