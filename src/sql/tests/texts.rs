//! The texts of all dialects, one under another, for representative trees.

use super::*;
use crate::sql::ast::{Comparison, From, Groups, Order, PerGroup, Place};
use crate::sql::{Dialect, MariaDb, MySql, Param, Postgres, RenderError, Sqlite, render, render_groups};

fn all(select: &Select) -> String {
    all_groups(select, None)
}

fn all_groups(select: &Select, groups: Option<&Groups>) -> String {
    let dialects: [(&str, &dyn Dialect); 3] = [
        ("postgres", &Postgres::default()),
        ("mysql", &MySql { narrow: false, ..MySql::default() }),
        ("sqlite", &Sqlite { decimals_as_text: true, ..Sqlite::default() }),
    ];
    let mut out = String::new();
    for (name, dialect) in dialects {
        let statement = render_groups(select, groups, dialect).unwrap();
        out.push_str(name);
        out.push_str(": ");
        out.push_str(&statement.text);
        out.push('\n');
    }
    assert_eq!(render(select, &MariaDb::default()).unwrap(), render(select, &MySql::default()).unwrap());
    out
}

/// The texts after `WHERE `.
fn filters(filter: Expr) -> String {
    let mut out = String::new();
    for line in all(&select(filter)).lines() {
        out.push('\n');
        out.push_str(line.split_once(' ').unwrap().0);
        out.push(' ');
        out.push_str(line.split_once(" WHERE ").unwrap().1);
    }
    out
}

fn decimal(name: &str) -> Box<Expr> {
    column(name, Scalar::DECIMAL)
}

#[test]
fn names_are_quoted_and_columns_read() {
    let mut select = select(Expr::And(vec![
        *column("flag", Scalar::Boolean),
        Expr::Or(vec![Expr::IsNull(column("a\"b`c", INT)), Expr::Not(column("order", Scalar::Boolean))]),
    ]));
    select.from = From::Table(Table { schema: Some("s".into()), name: "t".into(), query: None });
    select.columns.push(Output { expr: Expr::CountAll, scalar: Scalar::Int64 });
    select.columns.push(Output {
        expr: Expr::Boolean(column("flag", Scalar::Boolean), Box::new(Expr::Not(column("flag", Scalar::Boolean)))),
        scalar: Scalar::Boolean,
    });
    let expected = r#"postgres: SELECT "id", COUNT(*), CASE WHEN "flag" THEN TRUE WHEN NOT ("flag") THEN FALSE END FROM "s"."t" WHERE "flag" AND ("a""b`c" IS NULL OR NOT ("order"))
mysql: SELECT `id`, COUNT(*), CASE WHEN `flag` = 1 THEN TRUE WHEN NOT (`flag` = 1) THEN FALSE END FROM `s`.`t` WHERE `flag` = 1 AND (`a"b``c` IS NULL OR NOT (`order` = 1))
sqlite: SELECT "id", COUNT(*), CASE WHEN "flag" = 1 THEN TRUE WHEN NOT ("flag" = 1) THEN FALSE END FROM "s"."t" WHERE "flag" = 1 AND ("a""b`c" IS NULL OR NOT ("order" = 1))
"#;
    assert_eq!(all(&select), expected);
}

#[test]
fn equality() {
    let expected = r#"
postgres: "a" = $1
mysql: (`a` = ? AND CAST(CONVERT(`a` USING utf8mb4) AS BINARY) = CAST(? AS BINARY))
sqlite: "a" = ? COLLATE BINARY"#;
    assert_eq!(filters(Expr::Same(column("a", TEXT), text("x"))), expected);
    let expected = r#"
postgres: ("a" = $1 AND CAST("a" AS text) COLLATE "C" = $2 COLLATE "C")
mysql: (`a` = ? AND CAST(CONVERT(`a` USING utf8mb4) AS BINARY) = CAST(? AS BINARY))
sqlite: ("a" = ? AND "a" = ? COLLATE BINARY)"#;
    assert_eq!(filters(Expr::Same(folding("a"), text("x"))), expected);
    let expected = r#"
postgres: "a" <> $1
mysql: CAST(CONVERT(`a` USING utf8mb4) AS BINARY) <> CAST(? AS BINARY)
sqlite: "a" <> ? COLLATE BINARY"#;
    assert_eq!(filters(Expr::Different(column("a", TEXT), text("x"))), expected);
    let expected = r#"
postgres: "a" COLLATE "C" IS NOT DISTINCT FROM "b" COLLATE "C"
mysql: CAST(CONVERT(`a` USING utf8mb4) AS BINARY) <=> CAST(CONVERT(`b` USING utf8mb4) AS BINARY)
sqlite: "a" IS "b" COLLATE BINARY"#;
    assert_eq!(filters(Expr::NullSafeSame(column("a", TEXT), column("b", TEXT))), expected);
    let expected = r#"
postgres: "i" IS DISTINCT FROM $1
mysql: NOT (`i` <=> ?)
sqlite: "i" IS NOT ?"#;
    assert_eq!(filters(Expr::NullSafeDifferent(column("i", INT), int(1))), expected);
    let expected = r#"
postgres: "d" = "i"
mysql: `d` = `i`
sqlite: "d" COLLATE penstock_decimal = CAST("i" AS TEXT)"#;
    assert_eq!(filters(Expr::Same(decimal("d"), column("i", INT))), expected);
}

#[test]
fn comparison() {
    let expected = r#"
postgres: "a" < $1
mysql: `a` < ?
sqlite: "a" < ?"#;
    assert_eq!(filters(Expr::Compare(Comparison::Less, column("a", TEXT), text("x"))), expected);
    let expected = r#"
postgres: CAST("a" AS text) COLLATE "C" >= "b" COLLATE "C"
mysql: CAST(CONVERT(`a` USING utf8mb4) AS BINARY) >= CAST(CONVERT(`b` USING utf8mb4) AS BINARY)
sqlite: "a" >= "b" COLLATE BINARY"#;
    assert_eq!(filters(Expr::Compare(Comparison::GreaterOrEqual, folding("a"), column("b", TEXT))), expected);
    let holds = Expr::Match(Place::Anywhere, column("a", TEXT), text("x"));
    let expected = r#"
postgres: ("a" LIKE $1) = "flag"
mysql: (CAST(CONVERT(`a` USING utf8mb4) AS BINARY) LIKE CAST(? AS BINARY) ESCAPE '|') = `flag`
sqlite: (instr("a", ?) > 0) = "flag""#;
    assert_eq!(filters(Expr::Same(Box::new(holds), column("flag", Scalar::Boolean))), expected);
}

#[test]
fn lists() {
    let three = || vec![string("x"), string("y"), string("z")];
    let expected = r#"
postgres: "a" = ANY($1)
mysql: (`a` IN (?, ?, ?, ?) AND CAST(CONVERT(`a` USING utf8mb4) AS BINARY) IN (CAST(? AS BINARY), CAST(? AS BINARY), CAST(? AS BINARY), CAST(? AS BINARY)))
sqlite: "a" COLLATE BINARY IN (?, ?, ?, ?)"#;
    assert_eq!(filters(Expr::In(column("a", TEXT), three(), TEXT)), expected);
    let expected = r#"
postgres: CAST("a" AS text) COLLATE "C" <> ALL($1)
mysql: CAST(CONVERT(`a` USING utf8mb4) AS BINARY) NOT IN (CAST(? AS BINARY), CAST(? AS BINARY), CAST(? AS BINARY), CAST(? AS BINARY))
sqlite: "a" COLLATE BINARY NOT IN (?, ?, ?, ?)"#;
    assert_eq!(filters(Expr::NotIn(folding("a"), three(), TEXT)), expected);
    let expected = "
postgres: FALSE
mysql: FALSE
sqlite: FALSE";
    assert_eq!(filters(Expr::In(column("i", INT), vec![], INT)), expected);
    let pair = vec![named("i", INT), named("a", TEXT)];
    let tuples = vec![vec![Value::Int(1), string("x")], vec![Value::Int(2), string("y")]];
    let expected = r#"
postgres: ("i", "a") IN (SELECT * FROM unnest($1, $2))
mysql: ((`i`, `a`) IN ((?, ?), (?, ?)) AND (`i`, CAST(CONVERT(`a` USING utf8mb4) AS BINARY)) IN ((?, CAST(? AS BINARY)), (?, CAST(? AS BINARY))))
sqlite: ("i", "a" COLLATE BINARY) IN (SELECT * FROM (VALUES (?, ?), (?, ?)))"#;
    assert_eq!(filters(Expr::RowIn(pair, tuples)), expected);
}

#[test]
fn matches() {
    let expected = r#"
postgres: "a" LIKE $1
mysql: CAST(CONVERT(`a` USING utf8mb4) AS BINARY) LIKE CAST(? AS BINARY) ESCAPE '|'
sqlite: instr("a", ?) > 0"#;
    assert_eq!(filters(Expr::Match(Place::Anywhere, column("a", TEXT), text("x"))), expected);
    let expected = r#"
postgres: CAST("a" AS text) COLLATE "C" LIKE $1
mysql: (`a` LIKE ? ESCAPE '|' AND CAST(CONVERT(`a` USING utf8mb4) AS BINARY) LIKE CAST(? AS BINARY) ESCAPE '|')
sqlite: ("a" >= ? COLLATE BINARY AND "a" < ? COLLATE BINARY)"#;
    assert_eq!(filters(Expr::Match(Place::Start, folding("a"), text("x"))), expected);
    let expected = r#"
postgres: right("a" COLLATE "C", char_length("b" COLLATE "C")) = "b" COLLATE "C"
mysql: RIGHT(CAST(CONVERT(`a` USING utf8mb4) AS BINARY), LENGTH(CAST(CONVERT(`b` USING utf8mb4) AS BINARY))) = CAST(CONVERT(`b` USING utf8mb4) AS BINARY)
sqlite: substr("a", length("a") - length("b") + 1) = "b" COLLATE BINARY"#;
    assert_eq!(filters(Expr::Match(Place::End, column("a", TEXT), column("b", TEXT))), expected);
    let expected = r#"
postgres: "a" COLLATE "default" ILIKE $1
mysql: LOWER(CONVERT(`a` USING utf8mb4)) COLLATE utf8mb4_bin LIKE LOWER(CONVERT(? USING utf8mb4)) ESCAPE '|'
sqlite: penstock_contains_folded("a", ?)"#;
    assert_eq!(filters(Expr::Search(column("a", TEXT), "x".into())), expected);
    let pattern = |dialect: &dyn Dialect| {
        let select = select(Expr::Match(Place::End, column("a", TEXT), text(r"1\_%|")));
        render(&select, dialect).unwrap().params
    };
    assert_eq!(pattern(&Postgres::default()), [Param::One(string(r"%1\\\_\%|"), TEXT)]);
    assert_eq!(pattern(&MySql::default()), [Param::One(string(r"%1\|_|%||"), TEXT)]);
}

#[test]
fn sort_and_limits() {
    let mut page = select(Expr::IsNotTrue(Box::new(Expr::Same(column("i", INT), int(1)))));
    page.order = vec![
        Order { expr: *column("d", Scalar::DECIMAL), descending: false, nullable: true },
        Order { expr: *column("a", TEXT), descending: true, nullable: true },
        Order { expr: *column("id", INT), descending: true, nullable: false },
    ];
    page.limit = Some(10);
    page.offset = 5;
    let expected = r#"postgres: SELECT "id" FROM "t" WHERE ("i" = $1) IS NOT TRUE ORDER BY "d" NULLS FIRST, "a" DESC NULLS LAST, "id" DESC LIMIT 10 OFFSET $2
mysql: SELECT `id` FROM `t` WHERE (`i` = ?) IS NOT TRUE ORDER BY `d`, `a` DESC, `id` DESC LIMIT ? OFFSET ?
sqlite: SELECT "id" FROM "t" WHERE ("i" = ?) IS NOT TRUE ORDER BY "d" COLLATE penstock_decimal, "a" DESC, "id" DESC LIMIT 10 OFFSET ?
"#;
    assert_eq!(all(&page), expected);
    page.limit = None;
    page.order.truncate(0);
    let expected = r#"postgres: SELECT "id" FROM "t" WHERE ("i" = $1) IS NOT TRUE OFFSET $2
mysql: SELECT `id` FROM `t` WHERE (`i` = ?) IS NOT TRUE LIMIT 18446744073709551615 OFFSET ?
sqlite: SELECT "id" FROM "t" WHERE ("i" = ?) IS NOT TRUE LIMIT -1 OFFSET ?
"#;
    assert_eq!(all(&page), expected);
}

#[test]
fn page_per_group() {
    let mut page = select(Expr::In(column("a", TEXT), vec![string("x")], TEXT));
    page.order = vec![Order { expr: *column("id", INT), descending: false, nullable: false }];
    page.per_group = Some(PerGroup { by: vec![named("a", TEXT)], skip: 2, top: Some(3) });
    let expected = r#"postgres: SELECT c0 FROM (SELECT "id" AS c0, "a" AS g0, ROW_NUMBER() OVER (PARTITION BY "a" ORDER BY "id") AS rn FROM "t" WHERE "a" = ANY($1)) AS page WHERE rn > $2 AND rn <= $3 ORDER BY g0, rn
mysql: SELECT c0 FROM (SELECT `id` AS c0, CAST(CONVERT(`a` USING utf8mb4) AS BINARY) AS g0, ROW_NUMBER() OVER (PARTITION BY CAST(CONVERT(`a` USING utf8mb4) AS BINARY) ORDER BY `id`) AS rn FROM `t` WHERE (`a` IN (?) AND CAST(CONVERT(`a` USING utf8mb4) AS BINARY) IN (CAST(? AS BINARY)))) AS page WHERE rn > ? AND rn <= ? ORDER BY g0, rn
sqlite: SELECT c0 FROM (SELECT "id" AS c0, "a" COLLATE BINARY AS g0, ROW_NUMBER() OVER (PARTITION BY "a" COLLATE BINARY ORDER BY "id") AS rn FROM "t" WHERE "a" COLLATE BINARY IN (?)) AS page WHERE rn > ? AND rn <= ? ORDER BY g0, rn
"#;
    assert_eq!(all(&page), expected);
    page.per_group = Some(PerGroup { by: vec![named("a", TEXT)], skip: 0, top: None });
    let expected = r#"postgres: SELECT "id" FROM "t" WHERE "a" = ANY($1) ORDER BY "a", "id"
mysql: SELECT `id` FROM `t` WHERE (`a` IN (?) AND CAST(CONVERT(`a` USING utf8mb4) AS BINARY) IN (CAST(? AS BINARY))) ORDER BY CAST(CONVERT(`a` USING utf8mb4) AS BINARY), `id`
sqlite: SELECT "id" FROM "t" WHERE "a" COLLATE BINARY IN (?) ORDER BY "a" COLLATE BINARY, "id"
"#;
    assert_eq!(all(&page), expected);
}

#[test]
fn indexed_groups_are_read_one_by_one() {
    let mut page = select(Expr::Or(vec![Expr::IsNull(column("a", TEXT)), Expr::Same(column("i", INT), int(1))]));
    page.order = vec![Order { expr: *column("a", TEXT), descending: true, nullable: true }];
    page.per_group = Some(PerGroup { by: vec![named("i", INT), named("t", TEXT)], skip: 2, top: Some(3) });
    let of = vec![vec![Value::Int(7), Value::Int(8)], vec![string("x"), string("y")]];
    let mut groups = Groups { by: vec![named("i", INT), named("t", TEXT)], of, indexed: true };
    let expected = r#"postgres: SELECT page.c0 FROM unnest($1, $2) AS parent (k0, k1) CROSS JOIN LATERAL (SELECT "id" AS c0, "a" AS s0 FROM "t" WHERE "i" = parent.k0 AND "t" = parent.k1 AND ("a" IS NULL OR "i" = $3) ORDER BY "a" DESC NULLS LAST LIMIT 3 OFFSET $4) AS page ORDER BY parent.k0, parent.k1 COLLATE "C", "s0" DESC NULLS LAST
mysql: SELECT c0 FROM (SELECT `id` AS c0, `i` AS g0, CAST(CONVERT(`t` USING utf8mb4) AS BINARY) AS g1, ROW_NUMBER() OVER (PARTITION BY `i`, CAST(CONVERT(`t` USING utf8mb4) AS BINARY) ORDER BY `a` DESC) AS rn FROM `t` WHERE ((`i`, `t`) IN ((?, ?), (?, ?)) AND (`i`, CAST(CONVERT(`t` USING utf8mb4) AS BINARY)) IN ((?, CAST(? AS BINARY)), (?, CAST(? AS BINARY)))) AND (`a` IS NULL OR `i` = ?)) AS page WHERE rn > ? AND rn <= ? ORDER BY g0, g1, rn
sqlite: SELECT "id" FROM "t" WHERE "i" = ? AND "t" COLLATE BINARY = ? AND ("a" IS NULL OR "i" = ?) ORDER BY "a" DESC LIMIT 3 OFFSET ?
"#;
    assert_eq!(all_groups(&page, Some(&groups)), expected);
    let statement = render_groups(&page, Some(&groups), &Sqlite::default()).unwrap();
    assert_eq!(statement.params[0], Param::Each(vec![Value::Int(7), Value::Int(8)], INT));
    // Without an index each group would read the whole table; of equal texts that differ, none may come twice.
    groups.indexed = false;
    assert!(all_groups(&page, Some(&groups)).matches("ROW_NUMBER").count() == 3);
    groups.indexed = true;
    groups.by[1].folding = true;
    assert!(all_groups(&page, Some(&groups)).matches("ROW_NUMBER").count() == 3);
}

#[test]
fn a_table_that_is_called_as_we_call_the_groups_is_no_obstacle() {
    let mut page = select(Expr::Truth(true));
    page.from = From::Table(Table { schema: None, name: "parent".into(), query: None });
    page.order = vec![Order { expr: *column("id", INT), descending: false, nullable: false }];
    page.per_group = Some(PerGroup { by: vec![named("i", INT)], skip: 0, top: Some(3) });
    let groups = Groups { by: vec![named("i", INT)], of: vec![vec![Value::Int(7)]], indexed: true };
    let text = render_groups(&page, Some(&groups), &Postgres::default()).unwrap().text;
    assert!(text.contains("AS parents (k0)") && text.contains(r#""i" = parents.k0"#), "{text}");
}

#[test]
fn texts_repeat_for_equal_shapes() {
    let list = |length: i64| select(Expr::In(column("i", INT), (0..length).map(Value::Int).collect(), INT));
    for dialect in [&MySql::default() as &dyn Dialect, &Sqlite::default()] {
        let (five, eight) = (render(&list(5), dialect).unwrap(), render(&list(8), dialect).unwrap());
        assert_eq!(five.text, eight.text);
        assert_eq!(five.params.last(), Some(&Param::One(Value::Int(4), INT)));
    }
    let statement = render(&list(5), &Postgres::default()).unwrap();
    assert_eq!(statement.params, [Param::List((0..5).map(Value::Int).collect(), INT)]);
}

#[test]
fn narrow_columns_leave_the_index_condition_out_for_wide_values() {
    let text_of = |value| {
        render(&select(Expr::Same(column("l", TEXT), text(value))), &MySql { narrow: true, ..MySql::default() })
            .unwrap()
            .text
    };
    assert!(text_of("x").contains("`l` = ? AND"));
    assert!(!text_of("日本").contains("`l` = ?"));
}

#[test]
fn facets_of_the_column_go_to_the_parameter() {
    let single = Expr::Same(column("f", Scalar::Single), Box::new(Expr::Param(Value::Double(0.1), Scalar::Double)));
    assert_eq!(
        render(&select(single), &Postgres::default()).unwrap().params,
        [Param::One(Value::Double(0.1), Scalar::Single)]
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let select_of = |filter| select(filter);
    let nul = render(&select_of(Expr::IsNull(column("a\0", INT))), &Sqlite::default());
    assert_eq!(nul, Err(RenderError::Identifier("a\0".to_owned())));
    // No array of JSON holds U+0000, so these stay parameters.
    let long = select_of(Expr::In(column("a", TEXT), vec![string("\0"); 32_767], TEXT));
    assert!(matches!(render(&long, &Sqlite::default()), Err(RenderError::Unsupported { .. })));
    assert!(render(&long, &MySql::default()).is_ok());
}

/// A value that the database cannot hold has its place among those that it can.
#[test]
fn values_that_cannot_be_held_are_not_sent() {
    let text_of = |filter: Expr, dialect: &dyn Dialect| {
        let statement = render(&select(filter), dialect).unwrap();
        (statement.text.split_once(" WHERE ").unwrap().1.to_owned(), statement.params)
    };
    let compare = |comparison, left, right| Expr::Compare(comparison, left, right);
    let a = || column("a", TEXT);
    let (never, always) = ("(\"a\" IS NULL AND 1 = $1)", "(\"a\" IS NOT NULL OR 1 = $1)");
    for (filter, wanted) in [
        (Expr::Same(a(), text("x\0y")), never),
        (Expr::Same(text("x\0y"), a()), never),
        (Expr::Different(a(), text("x\0y")), always),
        (Expr::NullSafeSame(a(), text("\0")), "FALSE"),
        (Expr::NullSafeDifferent(a(), text("\0")), "TRUE"),
        (compare(Comparison::Less, a(), text("x\0y")), "\"a\" <= $1"),
        (compare(Comparison::Less, text("x\0y"), a()), "\"a\" > $1"),
        (compare(Comparison::GreaterOrEqual, a(), text("x\0y")), "\"a\" > $1"),
        (Expr::In(a(), vec![string("\0"), string("x")], TEXT), "\"a\" = ANY($1)"),
        (Expr::In(a(), vec![string("\0")], TEXT), never),
        (Expr::NotIn(a(), vec![string("\0")], TEXT), always),
        (Expr::RowIn(vec![named("a", TEXT), named("b", INT)], vec![vec![string("\0"), Value::Int(1)]]), "FALSE"),
        (Expr::Match(Place::Start, a(), text("x\0")), never),
        (Expr::Not(Box::new(Expr::Match(Place::Anywhere, a(), text("\0")))), "NOT ((\"a\" IS NULL AND 1 = $1))"),
        (
            Expr::Match(Place::Start, text("x\0y"), a()),
            "(left($1 COLLATE \"C\", char_length(\"a\" COLLATE \"C\")) = \"a\" COLLATE \"C\")",
        ),
        (Expr::Search(a(), "x\0".into()), never),
        (
            Expr::And(vec![Expr::Different(a(), text("\0")), Expr::Same(a(), text("x"))]),
            "(\"a\" IS NOT NULL OR 1 = $1) AND \"a\" = $2",
        ),
    ] {
        assert_eq!(text_of(filter.clone(), &Postgres::default()).0, wanted, "{filter:?}");
    }
    assert_eq!(
        text_of(compare(Comparison::Less, a(), text("x\0y")), &Postgres::default()).1,
        [Param::One(string("x"), TEXT)]
    );
    assert_eq!(text_of(Expr::Same(a(), text("x\0")), &Sqlite::default()).1, [Param::One(string("x\0"), TEXT)]);

    let number = |text: &str| Box::new(Expr::Param(Value::Decimal(text.parse().unwrap()), Scalar::DECIMAL));
    let maria = |filter| text_of(filter, &MariaDb::default());
    let n = || decimal("n");
    let (never, always) = ("(`n` IS NULL AND 1 = ?)", "(`n` IS NOT NULL OR 1 = ?)");
    assert_eq!(maria(compare(Comparison::Greater, n(), number("-1e65"))).0, always);
    assert_eq!(maria(compare(Comparison::Greater, n(), number("1e65"))).0, never);
    assert_eq!(maria(Expr::Same(n(), number("1e400"))).0, never);
    assert_eq!(maria(compare(Comparison::Less, n(), number("9e64"))).0, "`n` < ?");
    // One digit more behind the point than any column has: between two values, also below zero.
    let (text, params) = maria(compare(Comparison::Less, n(), number("-0.500000000000000000000000000000000000001")));
    assert_eq!(text, "`n` <= ?");
    let floor = "-0.50000000000000000000000000000000000001".parse().unwrap();
    assert_eq!(params, [Param::One(Value::Decimal(floor), Scalar::DECIMAL)]);

    let day = |days| Box::new(Expr::Param(Value::Date(days), Scalar::Date));
    let n = || column("n", Scalar::Date);
    assert_eq!(maria(compare(Comparison::Less, n(), day(2_932_897))).0, always);
    assert_eq!(maria(compare(Comparison::LessOrEqual, n(), day(-719_529))).0, never);
    assert_eq!(maria(compare(Comparison::Less, n(), day(2_932_896))).0, "`n` < ?");
}
