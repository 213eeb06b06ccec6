//! PostgreSQL: types there and back, indexes, errors.

use sqlx::{Connection, Executor, PgConnection};

use super::*;
use crate::edm::{parse_date, parse_date_time_offset, parse_decimal, parse_guid};

async fn admin(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

fn instant(text: &str) -> Value {
    Value::DateTimeOffset(parse_date_time_offset(text, false).unwrap())
}

#[tokio::test]
async fn every_type_comes_back_as_it_was_stored() {
    let Some(url) = postgres_address() else { return };
    let database = Database::open(&settings(&url)).unwrap();
    let cases: &[(&str, Scalar, &str)] = &[
        ("true", Scalar::Boolean, "true"),
        ("(-32768)::int2", Scalar::Int16, "int -32768"),
        ("2147483647::int4", Scalar::Int32, "int 2147483647"),
        ("(-9223372036854775808)::int8", Scalar::Int64, "int -9223372036854775808"),
        ("255::int4", Scalar::Byte, "int 255"),
        ("256::int4", Scalar::Byte, "refused 0"),
        ("-129::int2", Scalar::SByte, "refused 0"),
        ("7::int4", Scalar::Double, "float 7.0"),
        ("-7::int4", Scalar::DECIMAL, "decimal -7"),
        ("0.1::float8", Scalar::Double, "float 0.1"),
        ("'NaN'::float8", Scalar::Double, "float NaN"),
        ("0.5::float4", Scalar::Single, "float 0.5"),
        (
            "12345678901234567890.123456789012345678::numeric(38,18)",
            Scalar::DECIMAL,
            "decimal 12345678901234567890.123456789012345678",
        ),
        (
            "(-99999999999999999999.999999999999999999)::numeric(38,18)",
            Scalar::DECIMAL,
            "decimal -99999999999999999999.999999999999999999",
        ),
        ("0.000000000000000001::numeric(38,18)", Scalar::DECIMAL, "decimal 0.000000000000000001"),
        ("0::numeric(18,2)", Scalar::DECIMAL, "decimal 0.00"),
        ("100000000::numeric(18,2)", Scalar::DECIMAL, "decimal 100000000.00"),
        ("'NaN'::numeric", Scalar::DECIMAL, "refused 0"),
        ("'Infinity'::numeric", Scalar::DECIMAL, "refused 0"),
        ("9223372036854775807::numeric", Scalar::Int64, "int 9223372036854775807"),
        ("1.5::numeric", Scalar::Int64, "refused 0"),
        ("0.1::numeric", Scalar::Double, "float 0.1"),
        ("' ü😀e\u{301}\\%_''\" '::text", Scalar::STRING, "text  ü😀e\u{301}\\%_'\" "),
        ("'ab  '::varchar(10)", Scalar::STRING, "text ab  "),
        ("'ab'::char(10)", Scalar::STRING, "text ab"),
        ("'ab'::name", Scalar::STRING, "text ab"),
        ("'{\"a\": 1}'::json", Scalar::STRING, "text {\"a\": 1}"),
        ("'{\"a\": 1}'::jsonb", Scalar::STRING, "text {\"a\": 1}"),
        ("'sad'::store_mood", Scalar::STRING, "text sad"),
        ("'00123'::store_code", Scalar::STRING, "text 00123"),
        ("'1 day'::interval", Scalar::STRING, "refused 0"),
        ("5::int4", Scalar::STRING, "refused 0"),
        ("'5'::text", Scalar::Int32, "refused 0"),
        ("'\\x41'::bytea", Scalar::STRING, "refused 0"),
        ("'3F2504E0-4F89-11D3-9A0C-0305E82C3301'::uuid", Scalar::Guid, "guid 3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("'0001-01-01'::date", Scalar::Date, "date 0001-01-01"),
        ("'1969-12-31'::date", Scalar::Date, "date 1969-12-31"),
        ("'9999-12-31'::date", Scalar::Date, "date 9999-12-31"),
        ("'infinity'::date", Scalar::Date, "refused 0"),
        ("'2024-02-29'::date", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T00:00:00"),
        (
            "'2038-01-20 03:14:07.123456+00'::timestamptz",
            Scalar::DATE_TIME_OFFSET,
            "instant 2038-01-20T03:14:07.123456",
        ),
        (
            "'1969-12-31 23:59:59.999999+02'::timestamptz",
            Scalar::DATE_TIME_OFFSET,
            "instant 1969-12-31T21:59:59.999999",
        ),
        ("'2024-03-31 02:30:00'::timestamp", Scalar::DATE_TIME_OFFSET, "instant 2024-03-31T02:30:00"),
        ("'4713-01-01 00:00:00 BC'::timestamp", Scalar::DATE_TIME_OFFSET, "instant -4712-01-01T00:00:00"),
        ("'-infinity'::timestamptz", Scalar::DATE_TIME_OFFSET, "refused 0"),
    ];
    let mut admin = admin(&url).await;
    for text in [
        "DROP TYPE IF EXISTS store_mood",
        "CREATE TYPE store_mood AS ENUM ('sad', 'glad')",
        "DROP DOMAIN IF EXISTS store_code",
        "CREATE DOMAIN store_code AS varchar(10)",
    ] {
        admin.execute(text).await.unwrap();
    }
    let list: Vec<&str> = cases.iter().map(|(sql, _, _)| *sql).collect();
    let scalars: Vec<Scalar> = cases.iter().map(|(_, scalar, _)| *scalar).collect();
    let texts = row(&database, &format!("SELECT {}", list.join(", ")), &scalars).await;
    for (index, ((sql, _, expected), text)) in cases.iter().zip(&texts).enumerate() {
        assert_eq!(*text, expected.replace("refused 0", &format!("refused {index}")), "{sql}");
    }
    let nulls = row(
        &database,
        "SELECT NULL::bool, NULL::int4, NULL::numeric, NULL::text, NULL::timestamptz",
        &[Scalar::Boolean, Scalar::Int32, Scalar::DECIMAL, Scalar::STRING, Scalar::DATE_TIME_OFFSET],
    )
    .await;
    assert!(nulls.iter().all(|text| text == "null"));
}

#[tokio::test]
async fn every_parameter_equals_what_is_stored() {
    let Some(url) = postgres_address() else { return };
    let database = Database::open(&settings(&url)).unwrap();
    let decimal = |text: &str| Value::Decimal(parse_decimal(text).unwrap());
    let guid = || Value::Guid(parse_guid("3f2504e0-4f89-11d3-9a0c-0305e82c3301").unwrap());
    let day = |text: &str| Value::Date(parse_date(text).unwrap());
    let at = Scalar::DATE_TIME_OFFSET;
    for (sql, value, scalar) in [
        ("true", Value::Boolean(true), Scalar::Boolean),
        ("7::int2", Value::Int(7), Scalar::Int16),
        ("7::numeric", Value::Int(7), Scalar::DECIMAL),
        ("0.1::float4", Value::Double(0.1), Scalar::Single),
        ("0.1::float8", Value::Double(0.1), Scalar::Double),
        ("5::float8", Value::Int(5), Scalar::Double),
        ("'Infinity'::float8", Value::Double(f64::INFINITY), Scalar::Double),
        (
            "12345678901234567890.123456789012345678::numeric",
            decimal("12345678901234567890.123456789012345678"),
            Scalar::DECIMAL,
        ),
        ("(-0.000000000000000001)::numeric", decimal("-0.000000000000000001"), Scalar::DECIMAL),
        ("100000::numeric", decimal("1e5"), Scalar::DECIMAL),
        ("' x\\''\"ü😀'::varchar", Value::String(" x\\'\"ü😀".into()), Scalar::STRING),
        ("'3F2504E0-4F89-11D3-9A0C-0305E82C3301'::uuid", guid(), Scalar::Guid),
        ("'1969-12-31'::date", day("1969-12-31"), Scalar::Date),
        ("'1969-12-31 23:59:59.999999+00'::timestamptz", instant("1969-12-31T23:59:59.999999Z"), at),
        ("'2024-05-01 00:00:00'::timestamp", instant("2024-05-01T02:00:00+02:00"), at),
    ] {
        let text = format!("SELECT ({sql} = $1)::int");
        assert!(holds(&database, &text, value, scalar).await, "{sql}");
    }
    for (sql, value, scalar) in [
        ("'5874897-12-31'::date > $1", day("-9999-01-01"), Scalar::Date),
        ("'0001-01-01'::date > $1", day("-9999-01-01"), Scalar::Date),
        ("'294276-12-31 23:59:59'::timestamptz >= $1", Value::DateTimeOffset(i64::MIN), at),
        ("'4713-01-01 00:00:00+00 BC'::timestamptz > $1", instant("-4800-01-01T00:00:00Z"), at),
        ("'4713-01-01 00:00:00+00 BC'::timestamptz = $1", instant("-4712-01-01T00:00:00Z"), at),
        ("now() < $1", Value::DateTimeOffset(i64::MAX), at),
        ("$1 IS NULL", Value::Null, at),
        ("$1 IS NULL", Value::Null, Scalar::STRING),
    ] {
        assert!(holds(&database, &format!("SELECT ({sql})::int"), value, scalar).await, "{sql}");
    }
    // The same text with other types in turn: the driver's memory of it must not misread the second.
    for (value, scalar) in [
        (Value::Int(5), Scalar::Int32),
        (Value::Double(5.0), Scalar::Double),
        (decimal("5"), Scalar::DECIMAL),
        (Value::Int(5), Scalar::Int64),
    ] {
        assert!(holds(&database, "SELECT (5.0::float8 = $1)::int", value, scalar).await, "{scalar}");
    }
    let lists: [(&str, Vec<Value>, Scalar); 5] = [
        ("7::int4", vec![Value::Int(1), Value::Int(7)], Scalar::Int32),
        ("1.50::numeric", vec![decimal("1.5"), decimal("2")], Scalar::DECIMAL),
        ("'b'::text", vec![Value::String("a".into()), Value::String("b".into())], Scalar::STRING),
        ("'3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid", vec![guid()], Scalar::Guid),
        ("'2024-05-01 00:00:00+00'::timestamptz", vec![instant("2024-05-01T00:00:00Z")], at),
    ];
    for (sql, values, scalar) in lists {
        let statement = Statement {
            text: format!("SELECT ({sql} = ANY($1))::int"),
            params: vec![Param::List(values, scalar)],
            columns: vec![Scalar::Int64],
        };
        assert_eq!(run(&database, statement.clone()).await.unwrap().concat(), ["int 1"], "{sql}");
        let empty = Statement { params: vec![Param::List(vec![], scalar)], ..statement };
        assert_eq!(run(&database, empty).await.unwrap().concat(), ["int 0"], "{sql}");
    }
    let nul = run(&database, statement("SELECT $1", vec![(Value::String("a\0b".into()), Scalar::STRING)], &[])).await;
    assert!(matches!(nul, Err(StoreError::Parameter { .. })), "{nul:?}");
}

#[tokio::test]
async fn indexes_serve_parameters_of_every_integer_width() {
    let Some(url) = postgres_address() else { return };
    let mut admin = admin(&url).await;
    for text in [
        "DROP TABLE IF EXISTS store_keys",
        "CREATE TABLE store_keys (a int2, b int4, c int8, d numeric, e timestamp, f varchar(20))",
        "INSERT INTO store_keys SELECT i % 30000, i, i, i, 'epoch'::timestamp + i * '1s'::interval, i::text
         FROM generate_series(1, 50000) i",
        "CREATE INDEX ON store_keys (a); CREATE INDEX ON store_keys (b); CREATE INDEX ON store_keys (c);
         CREATE INDEX ON store_keys (d); CREATE INDEX ON store_keys (e); CREATE INDEX ON store_keys (f)",
        "ANALYZE store_keys",
    ] {
        admin.execute(text).await.unwrap();
    }
    let database = Database::open(&settings(&url)).unwrap();
    for (column, value, scalar) in [
        ("a", Value::Int(7), Scalar::Int16),
        ("b", Value::Int(7), Scalar::Int32),
        ("c", Value::Int(7), Scalar::Int64),
        ("d", Value::Int(7), Scalar::DECIMAL),
        ("e", instant("1970-01-01T01:00:00Z"), Scalar::DATE_TIME_OFFSET),
        ("f", Value::String("7".into()), Scalar::STRING),
    ] {
        let text = format!("EXPLAIN SELECT * FROM store_keys WHERE {column} = $1");
        let plan = run(&database, statement(&text, vec![(value, scalar)], &[Scalar::STRING])).await.unwrap();
        assert!(plan.concat().concat().contains("Index Cond"), "{plan:?}");
    }
    admin.execute("DROP TABLE store_keys").await.unwrap();
}

#[tokio::test]
async fn a_changed_column_type_costs_no_error() {
    let Some(url) = postgres_address() else { return };
    let mut admin = admin(&url).await;
    let database = Database::open(&SourceSettings { pool_max: 1, ..settings(&url) }).unwrap();
    admin.execute("DROP TABLE IF EXISTS store_changing; CREATE TABLE store_changing (i int4)").await.unwrap();
    admin.execute("INSERT INTO store_changing VALUES (1)").await.unwrap();
    let text = "SELECT i FROM store_changing";
    assert_eq!(row(&database, text, &[Scalar::Int64]).await, ["int 1"]);
    admin.execute("ALTER TABLE store_changing ALTER i TYPE int8").await.unwrap();
    assert_eq!(row(&database, text, &[Scalar::Int64]).await, ["int 1"]);
    admin.execute("DROP TABLE store_changing").await.unwrap();
    let missing = run(&database, statement(text, vec![], &[Scalar::Int64])).await;
    assert!(matches!(missing, Err(StoreError::Other { .. })), "{missing:?}");
}

#[tokio::test]
async fn rights_are_read_only_and_refusals_are_told() {
    let Some(url) = postgres_address() else { return };
    let mut admin = admin(&url).await;
    let setup = "DROP TABLE IF EXISTS store_secret; CREATE TABLE store_secret (i int);
        DO $$ BEGIN CREATE ROLE store_guest LOGIN PASSWORD 'guest'; EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    admin.execute(setup).await.unwrap();
    let database = Database::open(&settings(&url)).unwrap();
    let write = run(&database, statement("INSERT INTO store_secret VALUES (1)", vec![], &[])).await;
    assert!(matches!(write, Err(StoreError::Other { .. })), "{write:?}");
    let place = url.split('@').next_back().unwrap();
    let guest = Database::open(&settings(&format!("postgres://store_guest:guest@{place}"))).unwrap();
    let refused = run(&guest, statement("SELECT i FROM store_secret", vec![], &[Scalar::Int32])).await;
    assert!(matches!(refused, Err(StoreError::Denied { .. })), "{refused:?}");
    let nobody = Database::open(&settings(&format!("postgres://store_nobody:x@{place}"))).unwrap();
    assert!(matches!(nobody.ping().await, Err(StoreError::Denied { .. })));
    admin.execute("DROP TABLE store_secret").await.unwrap();
}

#[tokio::test]
async fn indexes_are_known_by_their_first_column() {
    let Some(url) = postgres_address() else { return };
    let mut admin = admin(&url).await;
    for text in [
        "DROP SCHEMA IF EXISTS \"store \"\"indexes\" CASCADE; CREATE SCHEMA \"store \"\"indexes\"; SET search_path = \"store \"\"indexes\"",
        "CREATE TABLE t (a int, b int, c text, d text COLLATE \"C\", e int, PRIMARY KEY (e, a)); CREATE VIEW v AS SELECT * FROM t",
        "CREATE INDEX ON t (a, b); CREATE INDEX ON t (c); CREATE INDEX ON t (d); CREATE INDEX ON t (b) WHERE a > 1; \
         CREATE INDEX ON t USING brin (b)",
    ] {
        admin.execute(text).await.unwrap();
    }
    check_indexes(&Database::open(&settings(&url)).unwrap(), Some("store \"indexes")).await;
}
