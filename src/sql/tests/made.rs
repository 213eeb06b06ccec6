//! What stands in the place of a column: calculations, words for codes; and queries in the place of tables.

use std::sync::Arc;

use super::*;
use crate::edm::{Cut, Made, Slot, Template, Words};
use crate::sql::ast::{Comparison, From, Join, Order, Place};
use crate::sql::{Dialect, MariaDb, MySql, Postgres, Sqlite, render};

fn all(select: &Select) -> String {
    let dialects: [(&str, &dyn Dialect); 3] = [
        ("postgres", &Postgres::default()),
        ("mysql", &MySql::default()),
        ("sqlite", &Sqlite { decimals_as_text: true, ..Sqlite::default() }),
    ];
    let texts = dialects.map(|(name, dialect)| format!("{name}: {}\n", render(select, dialect).unwrap().text));
    assert_eq!(render(select, &MariaDb::default()).unwrap(), render(select, &MySql::default()).unwrap());
    texts.concat()
}

fn made(of: u16, scalar: Scalar, made: Made) -> Column {
    let is_text = matches!(scalar, Scalar::String { .. });
    Column { of, folding: is_text, made: Some(Arc::new(made)), ..named("", scalar) }
}

fn calculated(of: u16, scalar: Scalar) -> Column {
    let slots = [Slot::Column("a\"b".into()), Slot::Text(" || ' {x}' || ".into()), Slot::Column("c".into())];
    made(of, scalar, Made::Calculated(Template(slots.into())))
}

fn words(code: Scalar, pairs: &[(Value, &str)], keeps_unknown: bool) -> Column {
    let pairs = pairs.iter().map(|(code, word)| (code.clone(), (*word).into())).collect();
    Column { name: "code".into(), folding: false, ..made(0, TEXT, Made::Words(Words { code, pairs, keeps_unknown })) }
}

#[test]
fn calculations_stand_where_columns_do() {
    let column = calculated(0, TEXT);
    let expr = || Box::new(Expr::Column(column.clone()));
    let mut select = select(Expr::And(vec![
        Expr::Same(expr(), text("x")),
        Expr::Compare(Comparison::Greater, expr(), text("y")),
        Expr::Match(Place::Start, expr(), text("z")),
        Expr::IsNotNull(expr()),
    ]));
    select.columns.push(Output { expr: *expr(), scalar: TEXT });
    select.order = vec![Order { expr: *expr(), descending: true, nullable: true }];
    let expected = r#"postgres: SELECT "id", ("a""b" || ' {x}' || "c") FROM "t" WHERE CAST(("a""b" || ' {x}' || "c") AS text) COLLATE "C" = $1 COLLATE "C" AND CAST(("a""b" || ' {x}' || "c") AS text) COLLATE "C" > $2 COLLATE "C" AND CAST(("a""b" || ' {x}' || "c") AS text) COLLATE "C" LIKE $3 AND ("a""b" || ' {x}' || "c") IS NOT NULL ORDER BY CAST(("a""b" || ' {x}' || "c") AS text) COLLATE "C" DESC NULLS LAST
"#;
    let found = all(&select);
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn calculations_are_of_their_own_table() {
    let mut select =
        select(Expr::Same(Box::new(Expr::Column(calculated(0, INT))), Box::new(Expr::Column(calculated(1, INT)))));
    select.named = true;
    let query = "SELECT 1 AS c";
    select.joins = vec![Join {
        table: Table { schema: None, name: "".into(), query: Some(query.into()) },
        alias: 1,
        outer: true,
        on: Expr::Linked(named("id", INT), Column { of: 1, ..named("c", INT) }),
    }];
    let expected = r#"postgres: SELECT t0."id" FROM "t" AS t0 LEFT JOIN (SELECT 1 AS c) AS t1 ON t0."id" = t1."c" WHERE (t0."a""b" || ' {x}' || t0."c") = (t1."a""b" || ' {x}' || t1."c")
mysql: SELECT t0.`id` FROM `t` AS t0 LEFT JOIN (SELECT 1 AS c) AS t1 ON t0.`id` = t1.`c` WHERE (t0.`a"b` || ' {x}' || t0.`c`) = (t1.`a"b` || ' {x}' || t1.`c`)
sqlite: SELECT t0."id" FROM "t" AS t0 LEFT JOIN (SELECT 1 AS c) AS t1 ON t0."id" = t1."c" WHERE (t0."a""b" || ' {x}' || t0."c") = (t1."a""b" || ' {x}' || t1."c")
"#;
    assert_eq!(all(&select), expected);
}

#[test]
fn a_query_has_a_name_even_alone() {
    let mut select = select(Expr::IsNull(column("a", INT)));
    select.from = From::Table(Table { schema: None, name: "".into(), query: Some("SELECT a, id FROM x".into()) });
    let found = all(&select);
    let expected = "postgres: SELECT \"id\" FROM (SELECT a, id FROM x) AS t0 WHERE \"a\" IS NULL\n";
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn words_are_chosen_by_code() {
    let pairs = [(string("O"), "Open"), (string("it's"), "a\\b 'c'")];
    let of_texts = Expr::Column(words(TEXT, &pairs, true));
    let of_numbers = Expr::Column(words(Scalar::Int16, &[(Value::Int(-1), "No")], true));
    let of_truths = Expr::Column(words(Scalar::Boolean, &[(Value::Boolean(true), "Yes")], false));
    let mut select = select(Expr::Truth(true));
    select.filter = None;
    select.columns = [of_texts, of_numbers, of_truths].map(|expr| Output { expr, scalar: TEXT }).into();
    let expected = r#"postgres: SELECT CASE WHEN "code" = 'O' THEN 'Open' WHEN "code" = 'it''s' THEN E'a\\b ''c''' ELSE CAST("code" AS text) END, CASE WHEN "code" = -1 THEN 'No' ELSE CAST("code" AS text) END, CASE WHEN "code" = TRUE THEN 'Yes' END FROM "t"
"#;
    let found = all(&select);
    assert!(found.starts_with(expected), "{found}");
    assert!(found.contains("THEN _utf8mb4 x'615c6220276327'"), "{found}");
    assert!(found.contains(r#"WHEN "code" = 'it''s' COLLATE BINARY THEN 'a\b ''c''' ELSE"#), "{found}");
}

#[test]
fn long_texts_are_cut_between_characters() {
    let cut = Cut { length: 8, kept: 5, marker: "'\\…".into() };
    let body = Column { name: "body".into(), folding: false, ..made(0, TEXT, Made::Cut(cut)) };
    let mut select = select(Expr::Truth(true));
    select.filter = None;
    select.columns = vec![Output { expr: Expr::Column(body), scalar: TEXT }];
    let expected = r#"postgres: SELECT CASE WHEN char_length(CAST("body" AS text)) > 8 THEN left(CAST("body" AS text), 5) || E'''\\…' ELSE CAST("body" AS text) END FROM "t"
mysql: SELECT CASE WHEN CHAR_LENGTH(CONVERT(`body` USING utf8mb4)) > 8 THEN CONCAT(LEFT(CONVERT(`body` USING utf8mb4), 5), _utf8mb4 x'275ce280a6') ELSE CONVERT(`body` USING utf8mb4) END FROM `t`
sqlite: SELECT CASE WHEN penstock_length("body") > 8 THEN penstock_substring("body", 0, 5) || '''\…' ELSE "body" END FROM "t"
"#;
    assert_eq!(all(&select), expected);
}
