//! Runs the texts of the SQLite dialect: nulls, blanks, letter case, wildcards, decimals, limits.

use std::cmp::Ordering;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Bound;
use rusqlite::{Connection, params_from_iter};

use super::*;
use crate::sql::ast::{Comparison, Order, PerGroup, Place};
use crate::sql::{Param, Sqlite, render};

const TEXTS: [&str; 12] =
    ["", " ", "a", "A", "a ", "ab", "aB", "100%", "a_b", "Müller", "m\u{10ffff}\u{10ffff}x", "\u{d7ff}\u{e000}"];

fn database() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .create_collation("penstock_decimal", |a, b| match (BigDecimal::from_str(a), BigDecimal::from_str(b)) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        })
        .unwrap();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("penstock_contains_folded", 2, flags, |context| {
            let (text, phrase) = (context.get::<Option<String>>(0)?, context.get::<String>(1)?);
            Ok(text.map(|text| text.to_lowercase().contains(&phrase.to_lowercase())))
        })
        .unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n TEXT COLLATE NOCASE, number NUMERIC, exact TEXT, whole INTEGER,
                             flag INTEGER, second TEXT, fraction TEXT);
             CREATE INDEX t_a ON t (a);
             CREATE INDEX t_pair ON t (whole, a);",
        )
        .unwrap();
    let insert =
        "INSERT INTO t (id, a, n, number, exact, whole, flag) VALUES (?1, ?2, ?2, ?1 * 10, ?1 || '.50', ?1, ?1 % 2)";
    for (id, text) in (0_i64..).zip(TEXTS) {
        connection.execute(insert, (id, text)).unwrap();
    }
    connection
        .execute_batch(
            "INSERT INTO t (id) VALUES (100);
             INSERT INTO t (id, exact, number, whole) VALUES (101, '9007199254740993.0000000001', 12.5, 9007199254740993),
                 (102, '-3', -3, -3);
             INSERT INTO t (id, second, fraction) VALUES (200, '2024-02-29 10:00:00', '2024-02-29 10:00:00.000'),
                 (201, '2024-02-29 10:00:00', '2024-02-29 10:00:00.500');",
        )
        .unwrap();
    connection
}

fn bound(value: &Value) -> Bound {
    match value {
        Value::Null => Bound::Null,
        Value::Boolean(value) => Bound::Integer(i64::from(*value)),
        Value::Int(value) => Bound::Integer(*value),
        Value::Double(value) => Bound::Real(*value),
        Value::Decimal(value) => Bound::Text(value.to_plain_string()),
        Value::String(value) => Bound::Text(value.to_string()),
        other => panic!("not used here: {other:?}"),
    }
}

fn run(connection: &Connection, select: &Select, dialect: &Sqlite) -> Vec<i64> {
    let statement = render(select, dialect).unwrap();
    let params = statement.params.iter().map(|param| match param {
        Param::One(value, _) => bound(value),
        Param::List(..) | Param::Each(..) => panic!("SQLite has no arrays, and one run is tested"),
    });
    let mut prepared = connection.prepare(&statement.text).unwrap();
    let rows = prepared.query_map(params_from_iter(params), |row| row.get(0)).unwrap();
    rows.map(|row| row.unwrap_or_else(|error| panic!("{}: {error}", statement.text))).collect()
}

fn ids(filter: Expr) -> Vec<i64> {
    let mut ids = run(&database(), &select(filter), &Sqlite::default());
    ids.sort_unstable();
    ids
}

fn texts(filter: Expr) -> Vec<&'static str> {
    ids(filter).into_iter().filter_map(|id| TEXTS.get(usize::try_from(id).unwrap()).copied()).collect()
}

fn plan(select: &Select) -> String {
    let statement = render(select, &Sqlite::default()).unwrap();
    let connection = database();
    let mut prepared = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text)).unwrap();
    let rows = prepared.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>().unwrap();
    rows.join("; ")
}

#[test]
fn equality_of_texts_is_exact() {
    for wanted in TEXTS {
        for subject in [column("a", TEXT), column("n", TEXT), folding("n")] {
            assert_eq!(texts(Expr::Same(subject.clone(), text(wanted))), [wanted]);
            assert_eq!(texts(Expr::NullSafeSame(subject.clone(), text(wanted))), [wanted]);
            let others: Vec<_> = TEXTS.into_iter().filter(|text| *text != wanted).collect();
            assert_eq!(texts(Expr::Different(subject.clone(), text(wanted))), others);
            assert_eq!(
                texts(Expr::In(subject.clone(), vec![string(wanted), string("none"), string("-")], TEXT)),
                [wanted]
            );
            assert_eq!(texts(Expr::NotIn(subject, vec![string(wanted)], TEXT)), others);
        }
    }
    assert_eq!(texts(Expr::Compare(Comparison::Equal, folding("n"), text("AB"))), ["ab", "aB"]);
}

#[test]
fn null_follows_sql() {
    let null = Box::new(Expr::Param(Value::Null, TEXT));
    let everything = ids(Expr::Truth(true));
    assert_eq!(ids(Expr::Same(column("a", TEXT), null.clone())), [] as [i64; 0]);
    assert_eq!(ids(Expr::NullSafeSame(column("a", TEXT), null.clone())), [100, 101, 102, 200, 201]);
    assert_eq!(ids(Expr::NullSafeDifferent(column("a", TEXT), null)).len(), TEXTS.len());
    assert_eq!(ids(Expr::NotIn(column("a", TEXT), vec![string("a")], TEXT)).len(), TEXTS.len() - 1);
    assert_eq!(ids(Expr::NotIn(column("a", TEXT), vec![], TEXT)), everything);
    let never = Expr::Same(column("a", TEXT), text("a"));
    assert_eq!(ids(Expr::IsNotTrue(Box::new(never))).len(), everything.len() - 1);
    assert_eq!(ids(Expr::IsNotTrue(column("flag", Scalar::Boolean))).len(), everything.len() - TEXTS.len() / 2);
    assert_eq!(ids(Expr::Not(column("flag", Scalar::Boolean))).len(), TEXTS.len() / 2);
    for place in [Place::Anywhere, Place::Start, Place::End] {
        let missing = Expr::Match(place, column("a", TEXT), text("zz"));
        assert_eq!(ids(Expr::Not(Box::new(missing))).len(), TEXTS.len(), "a null text matches neither way");
    }
}

#[test]
fn matches_agree_with_rust() {
    let parts = ["", " ", "a", "A", "b", "%", "_", "a_", "ü", "Mü", "r", "x", "\u{10ffff}", "m\u{10ffff}", "\u{d7ff}"];
    for part in parts {
        for (place, holds) in [
            (Place::Anywhere, (|text, part| str::contains(text, part)) as fn(&str, &str) -> bool),
            (Place::Start, |text, part| text.starts_with(part)),
            (Place::End, |text, part| text.ends_with(part)),
        ] {
            let expected: Vec<_> = TEXTS.into_iter().filter(|text| holds(text, part)).collect();
            assert_eq!(texts(Expr::Match(place, column("a", TEXT), text(part))), expected, "{place:?} {part:?}");
            assert_eq!(texts(Expr::Match(place, folding("n"), text(part))), expected, "{place:?} {part:?} folding");
            let expected: Vec<_> = TEXTS.into_iter().filter(|text| holds(part, text)).collect();
            assert_eq!(texts(Expr::Match(place, text(part), column("a", TEXT))), expected, "{place:?} of {part:?}");
        }
    }
    assert_eq!(texts(Expr::Search(column("a", TEXT), "MÜLL".into())), ["Müller"]);
}

#[test]
fn tuples_and_lists_find_whole_members_only() {
    let pair = vec![named("whole", INT), named("a", TEXT)];
    let row = |whole, text| vec![Value::Int(whole), string(text)];
    let found = ids(Expr::RowIn(pair.clone(), vec![row(2, "a"), row(3, "a"), row(4, "a")]));
    assert_eq!(found, [2]);
    assert!(
        plan(&select(Expr::RowIn(pair, vec![row(2, "a"), row(3, "A")])))
            .contains("SEARCH t USING COVERING INDEX t_pair (whole=?")
    );
    let decimal = |digits| Value::Decimal(BigDecimal::from_str(digits).unwrap());
    let pair = vec![named("number", Scalar::DECIMAL), named("whole", INT)];
    assert_eq!(
        ids(Expr::RowIn(pair, vec![vec![decimal("20.0"), Value::Int(2)], vec![decimal("20"), Value::Int(3)]])),
        [2]
    );
}

#[test]
fn decimals_compare_exactly_as_text_and_by_affinity_as_numbers() {
    let param = |digits| Box::new(Expr::Param(Value::Decimal(BigDecimal::from_str(digits).unwrap()), Scalar::DECIMAL));
    let exact = Sqlite { decimals_as_text: true, ..Sqlite::default() };
    let run_exact = |filter| run(&database(), &select(filter), &exact);
    let subject = || column("exact", Scalar::DECIMAL);
    assert_eq!(run_exact(Expr::Same(subject(), param("2.5"))), [2]);
    assert_eq!(run_exact(Expr::Compare(Comparison::Greater, subject(), param("10.6"))), [11, 101]);
    assert_eq!(run_exact(Expr::Compare(Comparison::Less, param("9007199254740993.00000000005"), subject())), [101]);
    assert_eq!(run_exact(Expr::Compare(Comparison::Less, subject(), int(0))), [102]);
    assert_eq!(run_exact(Expr::Same(column("whole", Scalar::Int64), subject())), [102]);
    let members = vec![Value::Decimal(BigDecimal::from_str("3.5").unwrap()), Value::Decimal(BigDecimal::from(-3))];
    assert_eq!(run_exact(Expr::In(subject(), members.clone(), Scalar::DECIMAL)), [3, 102]);
    let mut sorted = select(Expr::IsNotNull(subject()));
    sorted.order = vec![Order { expr: *column("exact", Scalar::DECIMAL), descending: true, nullable: true }];
    sorted.limit = Some(2);
    assert_eq!(run(&database(), &sorted, &exact), [101, 11]);

    let number = || column("number", Scalar::DECIMAL);
    assert_eq!(ids(Expr::Same(number(), param("12.50"))), [101]);
    assert_eq!(ids(Expr::Compare(Comparison::Less, number(), param("9"))), [0, 102]);
    assert_eq!(ids(Expr::In(number(), members, Scalar::DECIMAL)), [102]);
}

#[test]
fn instants_of_different_precision_compare() {
    let at = |name, precision| column(name, Scalar::DateTimeOffset { precision });
    assert_eq!(ids(Expr::Same(at("second", 0), at("fraction", 3))), [200]);
    assert_eq!(ids(Expr::Compare(Comparison::Greater, at("fraction", 3), at("second", 0))), [201]);
}

#[test]
fn indexes_serve_equality_prefixes_and_lists() {
    for filter in [
        Expr::Same(column("a", TEXT), text("a")),
        Expr::Match(Place::Start, column("a", TEXT), text("a")),
        Expr::In(column("a", TEXT), vec![string("a"), string("b")], TEXT),
    ] {
        let plan = plan(&select(filter));
        assert!(plan.starts_with("SEARCH t USING COVERING INDEX t_a"), "{plan}");
    }
}

#[test]
fn pages_are_cut_for_the_whole_and_for_each_group() {
    let mut page = select(Expr::Truth(true));
    page.order = vec![Order { expr: *column("id", INT), descending: true, nullable: false }];
    page.offset = 3;
    assert_eq!(run(&database(), &page, &Sqlite::default())[..3], [101, 100, 11]);
    page.limit = Some(1);
    assert_eq!(run(&database(), &page, &Sqlite::default()), [101]);
    page.limit = None;
    page.offset = 0;
    page.filter = Some(Expr::IsNotNull(column("flag", Scalar::Boolean)));
    page.per_group = Some(PerGroup { by: vec![named("flag", Scalar::Boolean)], skip: 1, top: Some(2) });
    assert_eq!(run(&database(), &page, &Sqlite::default()), [8, 6, 9, 7]);
    page.per_group = Some(PerGroup { by: vec![named("flag", Scalar::Boolean)], skip: 4, top: None });
    assert_eq!(run(&database(), &page, &Sqlite::default()), [2, 0, 3, 1]);
    page.per_group = Some(PerGroup { by: vec![named("flag", Scalar::Boolean)], skip: 0, top: None });
    assert_eq!(run(&database(), &page, &Sqlite::default()), [10, 8, 6, 4, 2, 0, 11, 9, 7, 5, 3, 1]);
}

#[test]
fn a_chain_longer_than_the_depth_limit_runs() {
    let members = (0..5000).map(|id| Expr::Same(column("id", INT), int(id * 2))).collect();
    assert_eq!(ids(Expr::Or(members)).len(), TEXTS.len() / 2 + 3);
}
