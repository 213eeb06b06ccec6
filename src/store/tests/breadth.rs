//! Times of day, durations, bytes and points on every database: read as they are stored, and sent so that they equal
//! it.

use sqlx::Executor;

use super::*;
use crate::edm::{Point, parse_duration, parse_time_of_day};

const TIME: Scalar = Scalar::TIME_OF_DAY;
const DURATION: Scalar = Scalar::DURATION;
const BINARY: Scalar = Scalar::BINARY;
const POINT: Scalar = Scalar::GeographyPoint;

fn time(text: &str) -> Value {
    Value::TimeOfDay(parse_time_of_day(text).unwrap())
}

fn duration(text: &str) -> Value {
    Value::Duration(parse_duration(text).unwrap())
}

fn bytes(bytes: &[u8]) -> Value {
    Value::Binary(bytes.into())
}

#[tokio::test]
async fn postgres_reads_them() {
    let Some(url) = postgres_address() else { return };
    let database = Database::open(&settings(&url)).unwrap();
    for (sql, scalar, expected) in [
        ("'00:00'::time", TIME, "time 00:00:00"),
        ("'23:59:59.999999'::time", TIME, "time 23:59:59.999999"),
        ("'12:30:00.5'::time(1)", TIME, "time 12:30:00.5"),
        ("'24:00'::time", TIME, "refused 0"),
        ("'12:30+02'::timetz", TIME, "refused 0"),
        ("'0'::interval", DURATION, "duration PT0S"),
        ("'1 day 02:03:04.5'::interval", DURATION, "duration P1DT2H3M4.5S"),
        ("'-1 day +01:00'::interval", DURATION, "duration -PT23H"),
        ("'-00:00:00.000001'::interval", DURATION, "duration -PT0.000001S"),
        ("'1 month'::interval", DURATION, "refused 0"),
        ("'178000000 years'::interval", DURATION, "refused 0"),
        ("'2147483647 days'::interval", DURATION, "refused 0"),
        ("'106751991 days'::interval", DURATION, "duration P106751991D"),
        ("5::int8", DURATION, "refused 0"),
        ("'\\x00ff41'::bytea", BINARY, "bytes AP9B"),
        ("''::bytea", BINARY, "bytes "),
        ("'\\x89504e47'::bytea", Scalar::Stream, "bytes iVBORw=="),
        ("'abc'::text", BINARY, "refused 0"),
        ("'(8.54,-47.37)'::point", POINT, "point POINT(8.54 -47.37)"),
        ("'POINT (8.54 -47.37)'::text", POINT, "point POINT(8.54 -47.37)"),
        ("'SRID=4326;Point(1 2)'::varchar", Scalar::GeometryPoint, "point POINT(1 2)"),
        ("'POLYGON((0 0, 1 1))'::text", POINT, "refused 0"),
        ("to_json(ARRAY['a', NULL, 'ü\"'])", Scalar::STRING, "text [\"a\",null,\"ü\\\"\"]"),
    ] {
        assert_eq!(row(&database, &format!("SELECT {sql}"), &[scalar]).await, [expected], "{sql}");
    }
    let nulls = "SELECT NULL::time, NULL::interval, NULL::bytea, NULL::point";
    assert!(row(&database, nulls, &[TIME, DURATION, BINARY, POINT]).await.iter().all(|text| text == "null"));
}

#[tokio::test]
async fn postgres_takes_them() {
    let Some(url) = postgres_address() else { return };
    let database = Database::open(&settings(&url)).unwrap();
    for (sql, value, scalar) in [
        ("'12:30:00.5'::time = $1", time("12:30:00.5"), TIME),
        ("'12:30'::time < $1", time("23:59:59.999999"), TIME),
        ("'1 day'::interval = $1", duration("PT24H"), DURATION),
        ("'26:00'::interval = $1", duration("P1DT2H"), DURATION),
        ("'-00:00:00.5'::interval = $1", duration("-PT0.5S"), DURATION),
        ("'1 day'::interval > $1", duration("-P10000D"), DURATION),
        ("'\\x00ff41'::bytea = $1", bytes(&[0, 0xff, 0x41]), BINARY),
        ("'\\x00ff41'::bytea < $1", bytes(&[1]), BINARY),
        ("'POINT(1.5 2)' = $1", Value::Point(Point { x: 1.5, y: 2.0 }), POINT),
        ("$1 IS NULL", Value::Null, TIME),
        ("$1 IS NULL", Value::Null, DURATION),
        ("$1 IS NULL", Value::Null, BINARY),
        ("$1 IS NULL", Value::Null, POINT),
    ] {
        assert!(holds(&database, &format!("SELECT ({sql})::int"), value, scalar).await, "{sql}");
    }
    for (sql, values, scalar) in [
        ("'12:30'::time", vec![time("01:00"), time("12:30")], TIME),
        ("'1 day'::interval", vec![duration("PT1H"), duration("P1D")], DURATION),
        ("'\\x41'::bytea", vec![bytes(&[]), bytes(&[0x41])], BINARY),
    ] {
        let text = format!("SELECT ({sql} = ANY($1))::int");
        let list = Statement { text, params: vec![Param::List(values, scalar)], columns: vec![Scalar::Int64] };
        assert_eq!(run(&database, list).await.unwrap().concat(), ["int 1"], "{sql}");
    }
}

#[tokio::test]
async fn mariadb_reads_and_takes_them() {
    let Some(url) = mariadb_address() else { return };
    let mut admin = mariadb::admin(&url).await;
    let setup = "CREATE OR REPLACE TABLE store_breadth (id int, t0 time, t6 time(6), d bigint, du bigint unsigned,
        bin varbinary(10), fixed binary(3), lob longblob, p point, pt varchar(60), g geometry) CHARACTER SET utf8mb4";
    admin.execute(setup).await.unwrap();
    let insert = "INSERT INTO store_breadth VALUES
        (1, '00:00:00', '12:30:00.5', 93784500000, 5, x'00ff41', x'010203', x'89504e47',
            ST_GeomFromText('POINT(8.54 -47.37)'), 'POINT(8.54 -47.37)', ST_GeomFromText('POINT(1 2)')),
        (2, '24:00:00', '-00:00:01', -500000, 18446744073709551615, '', NULL, '',
            ST_GeomFromText('POINT(1 2)', 4326), 'nowhere', ST_GeomFromText('LINESTRING(0 0, 1 1)')),
        (3, '23:59:59', '23:59:59.999999', 0, 0, 'a', NULL, NULL, NULL, NULL, NULL),
        (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)";
    admin.execute(insert).await.unwrap();
    let database = Database::open(&settings(&url)).unwrap();
    let columns = [TIME, TIME, DURATION, DURATION, BINARY, BINARY, Scalar::Stream, POINT, POINT, Scalar::GeometryPoint];
    let text = "SELECT t0, t6, d, du, bin, fixed, lob, p, pt, g FROM store_breadth ORDER BY id";
    let rows = run(&database, statement(text, vec![], &columns)).await.unwrap();
    let point = "point POINT(8.54 -47.37)";
    assert_eq!(
        rows[0],
        [
            "time 00:00:00",
            "time 12:30:00.5",
            "duration P1DT2H3M4.5S",
            "duration PT0.000005S",
            "bytes AP9B",
            "bytes AQID",
            "bytes iVBORw==",
            point,
            point,
            "point POINT(1 2)"
        ]
    );
    assert_eq!(
        rows[1],
        [
            "refused 0",
            "refused 1",
            "duration -PT0.5S",
            "refused 3",
            "bytes ",
            "null",
            "bytes ",
            "point POINT(1 2)",
            "refused 8",
            "refused 9"
        ]
    );
    assert_eq!(rows[2][..3], ["time 23:59:59", "time 23:59:59.999999", "duration PT0S"]);
    assert!(rows[3].iter().all(|text| text == "null"), "{:?}", rows[3]);
    for (condition, value, scalar) in [
        ("t6 = ?", time("12:30:00.5"), TIME),
        ("t6 = ?", time("23:59:59.999999"), TIME),
        ("id = 3 AND t0 < ?", time("23:59:59.5"), TIME),
        ("d = ?", duration("P1DT2H3M4.5S"), DURATION),
        ("d = ?", duration("-PT0.5S"), DURATION),
        ("bin = ?", bytes(&[0, 0xff, 0x41]), BINARY),
        ("bin = ?", bytes(b"a"), BINARY),
        ("id = 1 AND ? IS NULL", Value::Null, TIME),
        ("id = 1 AND ? IS NULL", Value::Null, DURATION),
        ("id = 1 AND ? IS NULL", Value::Null, BINARY),
        ("id = 1 AND pt = ?", Value::Point(Point { x: 8.54, y: -47.37 }), POINT),
    ] {
        let text = format!("SELECT COUNT(*) FROM store_breadth WHERE {condition}");
        assert!(holds(&database, &text, value, scalar).await, "{condition} {scalar}");
    }
    admin.execute("DROP TABLE store_breadth").await.unwrap();
}

#[tokio::test]
async fn sqlite_reads_and_takes_them() {
    let (_folder, url) = sqlite::file(
        "CREATE TABLE t (id INTEGER, t TEXT, d INTEGER, b BLOB, p TEXT);
         INSERT INTO t VALUES
            (1, '12:30:00.500', 93784500000, x'00ff41', 'POINT(8.54 -47.37)'),
            (2, '24:00:00', 'PT1H', 'text', 'POINT(1)'),
            (3, '23:59:59', -500000, x'', 'SRID=4326;Point(1 2)'),
            (4, NULL, NULL, NULL, NULL);",
    );
    let database = Database::open(&settings(&url)).unwrap();
    let (millis, seconds) = (Scalar::TimeOfDay { precision: 3 }, Scalar::TimeOfDay { precision: 0 });
    let mut rows = Vec::new();
    for (time, condition) in [(millis, "id < 3"), (seconds, "id >= 3")] {
        let text = format!("SELECT t, d, b, p FROM t WHERE {condition} ORDER BY id");
        rows.extend(run(&database, statement(&text, vec![], &[time, DURATION, BINARY, POINT])).await.unwrap());
    }
    let point = "point POINT(8.54 -47.37)";
    assert_eq!(rows[0], ["time 12:30:00.5", "duration P1DT2H3M4.5S", "bytes AP9B", point]);
    assert_eq!(rows[1], ["refused 0", "refused 1", "refused 2", "refused 3"]);
    assert_eq!(rows[2], ["time 23:59:59", "duration -PT0.5S", "bytes ", "point POINT(1 2)"]);
    assert!(rows[3].iter().all(|text| text == "null"));
    for (condition, value, scalar) in [
        ("t = ?", time("12:30:00.5"), millis),
        ("t < ? AND id = 1", time("12:30:00.5001"), millis),
        ("t > ? AND id = 1", time("12:30"), millis),
        ("t = ?", time("23:59:59"), Scalar::TimeOfDay { precision: 0 }),
        ("d = ?", duration("P1DT2H3M4.5S"), DURATION),
        ("d = ?", duration("-PT0.5S"), DURATION),
        ("b = ?", bytes(&[0, 0xff, 0x41]), BINARY),
        ("b = ?", bytes(&[]), BINARY),
        ("p = ?", Value::Point(Point { x: 8.54, y: -47.37 }), POINT),
        ("t IS NULL AND ? IS NULL", Value::Null, TIME),
    ] {
        let text = format!("SELECT COUNT(*) FROM t WHERE {condition}");
        assert!(holds(&database, &text, value, scalar).await, "{condition}");
    }
}
