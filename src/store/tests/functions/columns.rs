//! Functions of columns, in conditions, lists and orders: what their collations, widths and storage forms do to them.

use super::*;
use crate::sql::ast::{Order, Place};

const ROWS: &str = "VALUES \
    (1, 'Müller', 'ü', '12.50', -7, '2024-02-29 23:59:59.500', '2024-02-29 23:59:59', '2024-02-29', '10:20:30', 0.5), \
    (2, 'MÜLLER ', 'L', '-0.05', 7, '1969-12-31 23:59:59.999', '1970-01-01 00:00:00', '1969-12-31', '00:00:00', 2.5), \
    (3, 'zebra', 'z', '100.00', 2147483647, '9999-12-31 23:59:59.000', '9999-12-31 23:59:59', '9999-12-31', '23:59:59', 1e300), \
    (4, 'Straße', 'SS', '0.00', 0, '0001-01-01 00:00:00.000', '2000-01-01 00:00:00', '0001-01-01', '12:00:00', 0.0), \
    (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)";

fn column(name: &str) -> Expr {
    let scalar = match name {
        "id" | "number" => Scalar::Int32,
        "name" | "part" => Scalar::String { max_length: Some(20) },
        "amount" => Scalar::Decimal { precision: Some(18), scale: Some(2) },
        "at" => Scalar::DateTimeOffset { precision: 3 },
        "second" => Scalar::DateTimeOffset { precision: 0 },
        "date" => Scalar::Date,
        "clock" => Scalar::TimeOfDay { precision: 0 },
        _ => Scalar::Double,
    };
    Expr::Column(Column {
        of: 0,
        name: name.into(),
        scalar,
        form: crate::edm::Form::PLAIN,
        folding: name == "name" && scalar != Scalar::Int32,
        made: None,
    })
}

/// A table by a name of the test's own, since tests run side by side.
async fn tables(name: &str) -> (tempfile::TempDir, Vec<Database>) {
    let fill = format!("INSERT INTO {name} {ROWS}");
    let sqlite = format!(
        "CREATE TABLE {name} (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, part TEXT, amount TEXT, number INTEGER, \
         at TEXT, second TEXT, date TEXT, clock TEXT, real REAL); \
         CREATE INDEX functions_number ON {name} (number); CREATE INDEX functions_part ON {name} (part)"
    );
    let drop = format!("DROP TABLE IF EXISTS {name}");
    let collation = format!(
        "DO $$ BEGIN CREATE COLLATION {name}_folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
         EXCEPTION WHEN OTHERS THEN NULL; END $$"
    );
    let postgres = format!(
        "CREATE TABLE {name} (id int PRIMARY KEY, name varchar(20) COLLATE {name}_folding, part char(8), \
         amount numeric(18,2), number int4, at timestamp(3), second timestamptz, date date, clock time, real float8)"
    );
    let mariadb = format!(
        "CREATE TABLE {name} (id int PRIMARY KEY, name varchar(20) CHARACTER SET latin1 COLLATE latin1_german2_ci, \
         part varchar(20) COLLATE utf8mb4_bin, amount decimal(18,2), number int, at datetime(3), second datetime, date date, \
         clock time, `real` double)"
    );
    let (folder, mut databases) = databases(&[
        (Kind::Sqlite, &[&sqlite, &fill]),
        (Kind::Postgres, &[&drop, &collation, &postgres, &fill]),
        (Kind::Mariadb, &[&drop, &mariadb, &fill]),
    ])
    .await;
    // Decimals as numbers, in a file of their own.
    let path = folder.path().join("numbers.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(&sqlite.replace("amount TEXT", "amount NUMERIC")).unwrap();
    connection.execute_batch(&fill).unwrap();
    let numbers = SourceSettings { decimals_as_text: false, ..settings(&format!("sqlite:{}", path.display())) };
    databases.push(Database::open(&numbers).unwrap());
    (folder, databases)
}

fn all(name: &str, filter: Expr, order: Vec<Order>) -> Select {
    let columns = vec![Output { expr: column("id"), scalar: Scalar::Int32 }];
    let table = Table { schema: None, name: name.into(), query: None };
    Select { filter: Some(filter), order, ..Select::all(columns, table) }
}

async fn ids(database: &Database, select: &Select) -> Result<Vec<String>, StoreError> {
    let statement = render(select, database.dialect()).unwrap();
    let rows = run(database, statement).await?;
    Ok(rows.into_iter().map(|row| row.concat().replace("int ", "")).collect())
}

/// The rows that pass each filter, on every database.
async fn check_filters(name: &str, cases: Vec<(Expr, &str)>) {
    let (_folder, databases) = tables(name).await;
    let mut wrong = Vec::new();
    for database in &databases {
        for (filter, expected) in &cases {
            let order = vec![Order { expr: column("id"), descending: false, nullable: false }];
            let select = all(name, filter.clone(), order);
            let found = ids(database, &select).await.map(|ids| ids.join(" "));
            if found.as_deref().ok() != Some(*expected) {
                let text = render(&select, database.dialect()).unwrap().text;
                wrong.push(format!("{:?}: {text}\n  gives  {found:?}\n  wanted {expected}", database.kind()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn text_call(function: Function, arguments: Vec<Expr>) -> Expr {
    call(function, arguments, Scalar::STRING)
}

fn is(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    Expr::Compare(comparison, Box::new(left), Box::new(right))
}

fn same(left: Expr, right: Expr) -> Expr {
    Expr::Same(Box::new(left), Box::new(right))
}

#[tokio::test]
async fn texts_of_columns_are_exact_whatever_their_collation() {
    let lower = || text_call(Function::ToLower, vec![column("name")]);
    let joined = || text_call(Function::Concat, vec![column("name"), column("part")]);
    let value = |text: &str| Value::String(text.into());
    check_filters(
        "functions_texts",
        vec![
            (same(lower(), string("müller")), "1"),
            (same(lower(), string("MÜLLER ")), ""),
            (same(text_call(Function::Trim, vec![lower()]), string("müller")), "1 2"),
            (same(text_call(Function::ToUpper, vec![column("name")]), string("STRAßE")), "4"),
            (same(joined(), string("Müllerü")), "1"),
            (same(joined(), string("müllerü")), ""),
            (
                same(lower(), text_call(Function::ToLower, vec![text_call(Function::ToUpper, vec![column("name")])])),
                "1 2 3 4",
            ),
            (Expr::Different(Box::new(lower()), Box::new(string("zebra"))), "1 2 4"),
            (
                Expr::In(Box::new(lower()), vec![value("zebra"), value("straße"), value("MÜLLER ")], Scalar::STRING),
                "3 4",
            ),
            (Expr::NotIn(Box::new(joined()), vec![value("zebraz")], Scalar::STRING), "1 2 4"),
            (Expr::Match(Place::Start, Box::new(lower()), Box::new(string("mü"))), "1 2"),
            (Expr::Match(Place::Anywhere, Box::new(joined()), Box::new(string("eS"))), "4"),
            (Expr::Match(Place::End, Box::new(joined()), Box::new(column("part"))), "1 2 3 4"),
            (same(call(Function::IndexOf, vec![column("name"), column("part")], Scalar::Int32), int(1)), "1"),
            (same(call(Function::IndexOf, vec![column("name"), column("part")], Scalar::Int32), int(-1)), "4"),
            (same(call(Function::Length, vec![column("name")], Scalar::Int32), int(7)), "2"),
            (same(text_call(Function::Substring, vec![column("name"), int(-2)]), string("er")), "1"),
            (same(text_call(Function::Substring, vec![column("name"), column("number")]), string("Müller")), "1"),
            (call(Function::MatchesPattern, vec![column("name"), string("^M.LLER $")], Scalar::Boolean), "2"),
            (
                Expr::Not(Box::new(call(Function::MatchesPattern, vec![column("name"), string("l")], Scalar::Boolean))),
                "2 3 4",
            ),
            (is(Comparison::Less, joined(), string("a")), "1 2 4"),
            (is(Comparison::GreaterOrEqual, lower(), string("s")), "3 4"),
            (
                same(
                    Expr::Case(
                        vec![
                            (same(column("id"), int(1)), column("name")),
                            (same(column("id"), int(2)), column("part")),
                        ],
                        Scalar::STRING,
                    ),
                    string("L"),
                ),
                "2",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_of_columns_calculate_in_their_storage_forms() {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    let whole = |operator, left, right| calculate(operator, left, right, Scalar::Int64);
    let exact = |operator, left, right| calculate(operator, left, right, Scalar::DECIMAL);
    let float = |operator, left, right| calculate(operator, left, right, Scalar::Double);
    check_filters(
        "functions_numbers",
        vec![
            (is(Comparison::Less, whole(Subtract, column("number"), int(7)), int(0)), "1 4"),
            (is(Comparison::Greater, whole(Add, column("number"), column("number")), int(4_294_967_293)), "3"),
            (same(whole(Remainder, column("number"), int(4)), int(-3)), "1"),
            (same(exact(Multiply, column("amount"), int(2)), decimal("25")), "1"),
            (same(exact(Multiply, column("amount"), column("amount")), decimal("0.0025")), "2"),
            (same(exact(Divide, column("amount"), int(3)), decimal("4.166666666667")), "1"),
            (Expr::IsNull(Box::new(exact(Divide, int(1), column("amount")))), "4 5"),
            (is(Comparison::Greater, exact(Add, column("amount"), decimal("0.5")), int(0)), "1 2 3 4"),
            (is(Comparison::Less, exact(Add, column("amount"), decimal("0.5")), column("number")), "2 3"),
            (is(Comparison::Less, column("amount"), exact(Multiply, column("amount"), int(2))), "1 3"),
            (is(Comparison::LessOrEqual, exact(Add, column("amount"), int(0)), int(100)), "1 2 3 4"),
            (
                is(Comparison::Less, call(Function::Length, vec![column("name")], Scalar::Int32), column("amount")),
                "1 3",
            ),
            (same(call(Function::Round, vec![column("amount")], Scalar::DECIMAL), decimal("13")), "1"),
            (same(call(Function::Floor, vec![column("amount")], Scalar::DECIMAL), int(-1)), "2"),
            (same(call(Function::Round, vec![column("real")], Scalar::Double), double(3.0)), "2"),
            (same(float(Multiply, column("real"), column("amount")), double(6.25)), "1"),
            (same(float(Add, column("number"), column("real")), double(-6.5)), "1"),
            (is(Comparison::Greater, column("real"), exact(Add, column("amount"), decimal("0"))), "2 3"),
            (
                Expr::In(
                    Box::new(exact(Add, column("amount"), decimal("1"))),
                    vec![Value::Decimal(parse_decimal("0.95").unwrap()), Value::Int(101)],
                    Scalar::DECIMAL,
                ),
                "2 3",
            ),
            (same(cast(column("amount"), Scalar::STRING), string("12.5")), "1"),
            (same(cast(column("amount"), Scalar::Int32), int(13)), "1"),
            (same(cast(column("number"), Scalar::STRING), string("-7")), "1"),
            (call(Function::HasBits, vec![column("number"), int(5)], Scalar::Boolean), "2 3"),
        ],
    )
    .await;
}

#[tokio::test]
async fn times_of_columns_meet_others_of_any_precision() {
    let plus = |time: Expr, by: &str, scalar| calculate(Arithmetic::Add, time, span(by), scalar);
    let at_plus = |by: &str| plus(column("at"), by, Scalar::DATE_TIME_OFFSET);
    check_filters(
        "functions_times",
        vec![
            (same(at_plus("-PT0.5S"), column("second")), "1"),
            (same(column("second"), at_plus("-PT0.5S")), "1"),
            (same(at_plus("PT0.001S"), column("second")), "2"),
            (same(plus(column("second"), "PT0S", Scalar::DATE_TIME_OFFSET), at("2000-01-01T00:00:00Z")), "4"),
            (Expr::IsNull(Box::new(at_plus("P1D"))), "3 5"),
            (is(Comparison::Less, at_plus("PT1S"), at("1970-01-01T00:00:01Z")), "2 4"),
            (same(plus(column("date"), "P1D", Scalar::Date), day("1970-01-01")), "2"),
            (same(call(Function::Date, vec![column("at")], Scalar::Date), column("date")), "1 2 3 4"),
            (same(call(Function::Time, vec![column("second")], Scalar::TIME_OF_DAY), column("clock")), "2 3"),
            (same(call(Function::Year, vec![column("at")], Scalar::Int32), int(1)), "4"),
            (same(call(Function::Second, vec![column("at")], Scalar::Int32), int(59)), "1 2 3"),
            (same(call(Function::FractionalSeconds, vec![column("at")], Scalar::DECIMAL), decimal("0.999")), "2"),
            (same(call(Function::Hour, vec![column("clock")], Scalar::Int32), int(10)), "1"),
            (
                same(
                    calculate(Arithmetic::Subtract, column("second"), column("at"), Scalar::DURATION),
                    span("PT0.001S"),
                ),
                "2",
            ),
            (
                is(
                    Comparison::Greater,
                    calculate(Arithmetic::Subtract, column("at"), column("second"), Scalar::DURATION),
                    span("PT0S"),
                ),
                "1",
            ),
            (same(cast(column("at"), Scalar::STRING), string("2024-02-29T23:59:59.5Z")), "1"),
            (same(cast(column("date"), Scalar::DATE_TIME_OFFSET), at("1969-12-31T00:00:00Z")), "2"),
            (same(cast(column("clock"), Scalar::STRING), string("12:00:00")), "4"),
        ],
    )
    .await;
}

#[tokio::test]
async fn made_texts_sort_by_code_point() {
    let table = "functions_sorted";
    let (_folder, databases) = tables(table).await;
    for database in &databases {
        for (descending, expected) in [(false, ["5", "2", "1", "4", "3"]), (true, ["3", "4", "1", "2", "5"])] {
            let expr = text_call(Function::Concat, vec![column("name"), string("!")]);
            let select = all(table, Expr::Truth(true), vec![Order { expr, descending, nullable: true }]);
            assert_eq!(ids(database, &select).await.unwrap(), expected, "{:?}", database.kind());
        }
    }
}

#[tokio::test]
async fn lists_of_ten_thousand_members_find_their_rows() {
    let list = |name: &str, members: Vec<Value>, scalar| Expr::In(Box::new(column(name)), members, scalar);
    let ints = || (0..10_000).map(|i| Value::Int(i * 7 - 35_000)).collect::<Vec<_>>();
    let texts = |wanted: &[&str]| {
        let many = (0..10_000).map(|i| Value::String(format!("quote \"{i}\" \\ ü").into()));
        many.chain(wanted.iter().map(|text| Value::String((*text).into()))).collect::<Vec<_>>()
    };
    let decimals = (0..10_000).map(|i| Value::Decimal(bigdecimal::BigDecimal::new(i.into(), 1))).collect::<Vec<_>>();
    let dates = (0..10_000).map(|i| Value::Date(i - 5_000)).collect::<Vec<_>>();
    let instants = (0..10_000).map(|i| Value::DateTimeOffset(i * 1_000 - 1_000)).collect::<Vec<_>>();
    let times = (0..10_000).map(|i| Value::TimeOfDay((i + 28_000) * 1_000_000)).collect::<Vec<_>>();
    let name = Scalar::String { max_length: Some(20) };
    check_filters(
        "functions_lists",
        vec![
            (list("number", ints(), Scalar::Int32), "1 2 4"),
            (Expr::NotIn(Box::new(column("number")), ints(), Scalar::Int32), "3"),
            (list("name", texts(&["Müller", "zebra", "STRAßE"]), name), "1 3"),
            (list("part", texts(&["ü", "l", "SS"]), name), "1 4"),
            (Expr::NotIn(Box::new(column("name")), texts(&["Müller", "zebra"]), name), "2 4"),
            (
                Expr::In(
                    Box::new(text_call(Function::ToLower, vec![column("name")])),
                    texts(&["straße"]),
                    Scalar::STRING,
                ),
                "4",
            ),
            (list("amount", decimals, Scalar::DECIMAL), "1 3 4"),
            (list("date", dates, Scalar::Date), "2"),
            (list("at", instants, Scalar::DateTimeOffset { precision: 3 }), "2"),
            (list("clock", times, Scalar::TimeOfDay { precision: 0 }), "1"),
            (
                Expr::And(vec![
                    list("number", ints(), Scalar::Int32),
                    list("id", ints(), Scalar::Int32),
                    list("name", texts(&["Müller", "MÜLLER ", "Straße"]), name),
                    list("part", texts(&["ü", "L", "SS"]), name),
                    Expr::NotIn(Box::new(column("part")), texts(&["ü"]), name),
                    list("name", texts(&["Müller", "MÜLLER "]), name),
                    list("part", texts(&["L"]), name),
                ]),
                "",
            ),
            (
                Expr::And(vec![
                    list("number", ints(), Scalar::Int32),
                    list("name", texts(&["Müller", "MÜLLER ", "Straße"]), name),
                    list("part", texts(&["ü", "L", "SS"]), name),
                    Expr::NotIn(Box::new(column("part")), texts(&["ü"]), name),
                    list("name", texts(&["Müller", "MÜLLER "]), name),
                    list("part", texts(&["L"]), name),
                ]),
                "2",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn long_lists_are_served_by_an_index() {
    let table = "functions_indexed";
    let (_folder, databases) = tables(table).await;
    let sqlite = &databases[0];
    for (name, members) in [
        ("number", (0..10_000).map(Value::Int).collect::<Vec<_>>()),
        ("part", (0..10_000).map(|i| Value::String(i.to_string().into())).collect()),
    ] {
        let filter = Expr::In(Box::new(column(name)), members, column(name).scalar());
        let mut statement = render(&all(table, filter, vec![]), sqlite.dialect()).unwrap();
        statement.text.insert_str(0, "EXPLAIN QUERY PLAN ");
        statement.columns = vec![Scalar::Int64, Scalar::Int64, Scalar::Int64, Scalar::STRING];
        let plan = run(sqlite, statement).await.unwrap().concat().concat();
        assert!(plan.contains(&format!("SEARCH {table} USING COVERING INDEX functions_{name} ({name}=?)")), "{plan}");
    }
}

#[tokio::test]
async fn what_would_double_the_text_over_and_over_is_refused() {
    let table = "functions_doubled";
    let (_folder, databases) = tables(table).await;
    for database in &databases {
        let mut expr = column("real");
        for _ in 0..40 {
            expr = call(
                Function::Round,
                vec![calculate(Arithmetic::Divide, expr, column("real"), Scalar::Double)],
                Scalar::Double,
            );
            expr = cast(cast(expr, Scalar::STRING), Scalar::Double);
        }
        let select = all(table, is(Comparison::Less, expr, double(0.0)), vec![]);
        match render(&select, database.dialect()) {
            Ok(statement) => assert!(statement.text.len() < 50_000, "{}", statement.text.len()),
            Err(error) => assert!(error.to_string().contains("nested so deeply"), "{error}"),
        }
    }
}
