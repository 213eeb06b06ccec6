//! MariaDB: types there and back, errors.

use sqlx::{Connection, Executor, MySqlConnection};

use super::*;
use crate::edm::{parse_date, parse_date_time_offset, parse_decimal, parse_guid};

pub(super) async fn admin(url: &str) -> MySqlConnection {
    let mut admin = MySqlConnection::connect(&url.replacen("mariadb:", "mysql:", 1)).await.unwrap();
    admin.execute("SET sql_mode = ''").await.unwrap();
    admin
}

const COLUMNS: &[(&str, &str, Scalar, &str)] = &[
    ("boolean", "1", Scalar::Boolean, "true"),
    ("bit(1)", "b'0'", Scalar::Boolean, "false"),
    ("bit(10)", "b'1000000001'", Scalar::Int16, "int 513"),
    ("tinyint", "-128", Scalar::SByte, "int -128"),
    ("tinyint unsigned", "255", Scalar::Byte, "int 255"),
    ("tinyint(1) unsigned", "200", Scalar::Int16, "int 200"),
    ("tinyint(1)", "-3", Scalar::Int16, "int -3"),
    ("tinyint(1)", "2", Scalar::Boolean, "refused"),
    ("smallint", "-32768", Scalar::Int16, "int -32768"),
    ("mediumint", "-8388608", Scalar::Int32, "int -8388608"),
    ("mediumint unsigned", "16777215", Scalar::Int32, "int 16777215"),
    ("int", "-2147483648", Scalar::Int32, "int -2147483648"),
    ("int unsigned", "4294967295", Scalar::Int32, "refused"),
    ("int unsigned", "4294967295", Scalar::Int64, "int 4294967295"),
    ("bigint", "-9223372036854775808", Scalar::Int64, "int -9223372036854775808"),
    ("bigint unsigned", "18446744073709551615", Scalar::Int64, "refused"),
    ("bigint unsigned", "18446744073709551615", Scalar::DECIMAL, "decimal 18446744073709551615"),
    ("year", "2024", Scalar::Int16, "int 2024"),
    ("float", "0.5", Scalar::Single, "float 0.5"),
    ("double", "0.1", Scalar::Double, "float 0.1"),
    ("int", "7", Scalar::Double, "float 7.0"),
    (
        "decimal(38,18)",
        "12345678901234567890.123456789012345678",
        Scalar::DECIMAL,
        "decimal 12345678901234567890.123456789012345678",
    ),
    (
        "decimal(38,18)",
        "-99999999999999999999.999999999999999999",
        Scalar::DECIMAL,
        "decimal -99999999999999999999.999999999999999999",
    ),
    ("decimal(18,2)", "0", Scalar::DECIMAL, "decimal 0.00"),
    ("decimal(8,2) zerofill", "12.5", Scalar::DECIMAL, "decimal 12.50"),
    ("decimal(18,0)", "-12", Scalar::Int32, "int -12"),
    ("decimal(18,1)", "1.5", Scalar::Int32, "refused"),
    ("decimal(18,1)", "1.5", Scalar::Double, "float 1.5"),
    ("varchar(60)", "' ü😀e\u{301}%_''\" '", Scalar::STRING, "text  ü😀e\u{301}%_'\" "),
    ("varchar(60) character set latin1", "'Müller'", Scalar::STRING, "text Müller"),
    ("varchar(60) collate utf8mb4_bin", "'Müller'", Scalar::STRING, "text Müller"),
    ("char(10)", "'ab'", Scalar::STRING, "text ab"),
    ("text", "'long'", Scalar::STRING, "text long"),
    ("longtext", "'longer'", Scalar::STRING, "text longer"),
    ("enum('a','b')", "'b'", Scalar::STRING, "text b"),
    ("json", "'{\"a\": 1}'", Scalar::STRING, "text {\"a\": 1}"),
    ("int", "5", Scalar::STRING, "refused"),
    ("varchar(5)", "'5'", Scalar::Int32, "refused"),
    ("varbinary(5)", "x'ff41'", Scalar::STRING, "refused"),
    ("char(36)", "'3F2504E0-4F89-11D3-9A0C-0305E82C3301'", Scalar::Guid, "guid 3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ("binary(16)", "x'3f2504e04f8911d39a0c0305e82c3301'", Scalar::Guid, "guid 3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ("uuid", "'3F2504E0-4F89-11D3-9A0C-0305E82C3301'", Scalar::Guid, "guid 3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ("varchar(36)", "'no'", Scalar::Guid, "refused"),
    ("date", "'0001-01-01'", Scalar::Date, "date 0001-01-01"),
    ("date", "'9999-12-31'", Scalar::Date, "date 9999-12-31"),
    ("date", "'0000-00-00'", Scalar::Date, "refused"),
    ("date", "'2024-00-10'", Scalar::Date, "refused"),
    ("date", "'2024-02-29'", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T00:00:00"),
    ("datetime(6)", "'1969-12-31 23:59:59.999999'", Scalar::DATE_TIME_OFFSET, "instant 1969-12-31T23:59:59.999999"),
    ("datetime(6)", "'9999-12-31 23:59:59.999999'", Scalar::DATE_TIME_OFFSET, "instant 9999-12-31T23:59:59.999999"),
    ("datetime", "'2024-02-29 00:00:00'", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T00:00:00"),
    ("datetime", "'2024-02-29 01:02:03'", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T01:02:03"),
    ("datetime", "'0000-00-00 00:00:00'", Scalar::DATE_TIME_OFFSET, "refused"),
    (
        "timestamp(6) null",
        "'2024-07-01 12:00:00.123456'",
        Scalar::DATE_TIME_OFFSET,
        "instant 2024-07-01T12:00:00.123456",
    ),
    ("time", "'12:00:00'", Scalar::STRING, "refused"),
];

#[tokio::test]
async fn every_type_comes_back_as_it_was_stored() {
    let Some(url) = mariadb_address() else { return };
    let mut admin = admin(&url).await;
    let names: Vec<String> = (0..COLUMNS.len()).map(|index| format!("c{index}")).collect();
    let declared: Vec<String> = COLUMNS.iter().zip(&names).map(|((sql, ..), name)| format!("{name} {sql}")).collect();
    let values: Vec<&str> = COLUMNS.iter().map(|(_, value, ..)| *value).collect();
    for text in [
        "DROP TABLE IF EXISTS store_types".to_owned(),
        format!("CREATE TABLE store_types ({}) CHARACTER SET utf8mb4", declared.join(", ")),
        format!("INSERT INTO store_types VALUES ({})", values.join(", ")),
        "INSERT INTO store_types (c0) VALUES (NULL)".to_owned(),
    ] {
        admin.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    }
    let database = Database::open(&settings(&url)).unwrap();
    let scalars: Vec<Scalar> = COLUMNS.iter().map(|(_, _, scalar, _)| *scalar).collect();
    let text = format!("SELECT {} FROM store_types ORDER BY c0 DESC", names.join(", "));
    let rows = run(&database, statement(&text, vec![], &scalars)).await.unwrap();
    for (index, ((sql, value, scalar, expected), text)) in COLUMNS.iter().zip(&rows[0]).enumerate() {
        let expected = expected.replace("refused", &format!("refused {index}"));
        assert_eq!(*text, expected, "{sql} {value} {scalar}");
    }
    assert!(rows[1].iter().all(|text| text == "null"), "{:?}", rows[1]);
    admin.execute("DROP TABLE store_types").await.unwrap();
}

#[tokio::test]
async fn every_parameter_equals_what_is_stored() {
    let Some(url) = mariadb_address() else { return };
    let mut admin = admin(&url).await;
    let setup =
        "CREATE OR REPLACE TABLE store_values (b boolean, i int, f float, d double, n decimal(38,18), s varchar(60),
        g char(36), day date, at datetime(6), ts timestamp(6) null, whole bigint) CHARACTER SET utf8mb4";
    admin.execute(setup).await.unwrap();
    let insert =
        "INSERT INTO store_values VALUES (1, 7, 0.1, 0.1, 12345678901234567890.123456789012345678, ' x''\"ü😀',
        '3f2504e0-4f89-11d3-9a0c-0305e82c3301', '1969-12-31', '1969-12-31 23:59:59.999999', '2024-05-01 00:00:00', 5)";
    admin.execute("SET time_zone = '+00:00'").await.unwrap();
    admin.execute(insert).await.unwrap();
    let database = Database::open(&settings(&url)).unwrap();
    let decimal = |text: &str| Value::Decimal(parse_decimal(text).unwrap());
    let instant = |text: &str| Value::DateTimeOffset(parse_date_time_offset(text, false).unwrap());
    for (condition, value, scalar) in [
        ("b = ?", Value::Boolean(true), Scalar::Boolean),
        ("i = ?", Value::Int(7), Scalar::Int32),
        ("i = ?", decimal("7.0"), Scalar::DECIMAL),
        ("whole = ?", Value::Int(5), Scalar::DECIMAL),
        ("f = ?", Value::Double(0.1), Scalar::Single),
        ("d = ?", Value::Double(0.1), Scalar::Double),
        ("n = ?", decimal("12345678901234567890.123456789012345678"), Scalar::DECIMAL),
        ("n < ?", decimal("1e30"), Scalar::DECIMAL),
        ("s = BINARY ?", Value::String(" x'\"ü😀".into()), Scalar::STRING),
        ("g = ?", Value::Guid(parse_guid("3F2504E0-4F89-11D3-9A0C-0305E82C3301").unwrap()), Scalar::Guid),
        ("day = ?", Value::Date(parse_date("1969-12-31").unwrap()), Scalar::Date),
        ("at = ?", instant("1969-12-31T23:59:59.999999Z"), Scalar::DATE_TIME_OFFSET),
        ("ts = ?", instant("2024-05-01T02:00:00+02:00"), Scalar::DATE_TIME_OFFSET),
        ("day > ?", Value::Date(parse_date("0000-01-01").unwrap()), Scalar::Date),
        ("at < ?", instant("9999-12-31T23:59:59.999999Z"), Scalar::DATE_TIME_OFFSET),
        ("? IS NULL", Value::Null, Scalar::DATE_TIME_OFFSET),
        ("? IS NULL", Value::Null, Scalar::STRING),
    ] {
        let text = format!("SELECT COUNT(*) FROM store_values WHERE {condition}");
        assert!(holds(&database, &text, value, scalar).await, "{condition} {scalar}");
    }
    let parameter = vec![(instant("12024-01-01T00:00:00Z"), Scalar::DATE_TIME_OFFSET)];
    let text = "SELECT COUNT(*) FROM store_values WHERE at < ?";
    let refused = run(&database, statement(text, parameter, &[Scalar::Int64])).await;
    let Err(StoreError::Parameter { detail, .. }) = refused else { panic!("{refused:?}") };
    assert!(detail.contains("9999"), "{detail}");
    admin.execute("DROP TABLE store_values").await.unwrap();
}

#[tokio::test]
async fn rights_are_read_only_and_refusals_are_told() {
    let Some(url) = mariadb_address() else { return };
    let mut admin = admin(&url).await;
    admin.execute("CREATE OR REPLACE TABLE store_secret (i int)").await.unwrap();
    admin.execute("CREATE OR REPLACE USER store_guest IDENTIFIED BY 'guest'").await.unwrap();
    let database = Database::open(&settings(&url)).unwrap();
    let write = run(&database, statement("INSERT INTO store_secret VALUES (1)", vec![], &[])).await;
    assert!(matches!(write, Err(StoreError::Other { .. })), "{write:?}");
    let missing = run(&database, statement("SELECT i FROM store_missing", vec![], &[Scalar::Int32])).await;
    assert!(matches!(missing, Err(StoreError::Other { .. })), "{missing:?}");
    let (host, base) = url.split('@').next_back().unwrap().split_once('/').unwrap();
    let guest = Database::open(&settings(&format!("mariadb://store_guest:guest@{host}"))).unwrap();
    let text = format!("SELECT i FROM {base}.store_secret");
    let refused = run(&guest, statement(&text, vec![], &[Scalar::Int32])).await;
    assert!(matches!(refused, Err(StoreError::Denied { .. })), "{refused:?}");
    let nobody = Database::open(&settings(&format!("mariadb://store_nobody:x@{host}/{base}"))).unwrap();
    assert!(matches!(nobody.ping().await, Err(StoreError::Denied { .. })));
    admin.execute("DROP TABLE store_secret").await.unwrap();
    admin.execute("DROP USER store_guest").await.unwrap();
}

#[tokio::test]
async fn a_changed_column_type_costs_no_error() {
    let Some(url) = mariadb_address() else { return };
    let mut admin = admin(&url).await;
    let database = Database::open(&SourceSettings { pool_max: 1, ..settings(&url) }).unwrap();
    admin.execute("CREATE OR REPLACE TABLE store_changing (i int)").await.unwrap();
    admin.execute("INSERT INTO store_changing VALUES (1)").await.unwrap();
    let text = "SELECT i FROM store_changing";
    assert_eq!(row(&database, text, &[Scalar::DECIMAL]).await, ["decimal 1"]);
    admin.execute("ALTER TABLE store_changing MODIFY i decimal(10,2)").await.unwrap();
    assert_eq!(row(&database, text, &[Scalar::DECIMAL]).await, ["decimal 1.00"]);
    admin.execute("DROP TABLE store_changing").await.unwrap();
}

#[tokio::test]
async fn both_schemes_set_the_limit_by_the_server_that_answers() {
    let Some(url) = mariadb_address() else { return };
    for url in [url.clone(), url.replacen("mariadb:", "mysql:", 1)] {
        let limit = Duration::from_millis(1500);
        let database = Database::open(&SourceSettings { statement_timeout: limit, ..settings(&url) }).unwrap();
        let text = "SELECT CONCAT(@@max_statement_time, ' ', @@time_zone, ' ', @@character_set_client)";
        assert_eq!(row(&database, text, &[Scalar::STRING]).await, ["text 1.500000 +00:00 utf8mb4"]);
    }
}
