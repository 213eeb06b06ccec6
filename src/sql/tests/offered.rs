//! Dates that are offered under another type.

use std::sync::Arc;

use super::*;
use crate::edm::{Form, Made, Offered, Stored};
use crate::sql::ast::{Comparison, Groups, Order, PerGroup, Place};
use crate::sql::{Dialect, MySql, Postgres, Sqlite, render, render_groups};

const INSTANT: Scalar = Scalar::DateTimeOffset { precision: 6 };

fn offered(offered: Offered) -> Column {
    Column { made: Some(Arc::new(Made::Offered(offered))), ..named("due", offered.scalar()) }
}

fn noon() -> Box<Expr> {
    Box::new(Expr::Column(offered(Offered::Instant(43_200))))
}

fn written() -> Box<Expr> {
    Box::new(Expr::Column(offered(Offered::Text)))
}

fn at(micros: i64) -> Box<Expr> {
    Box::new(Expr::Param(Value::DateTimeOffset(micros), INSTANT))
}

/// The condition and its parameters, in the words of PostgreSQL.
fn condition(expr: Expr) -> String {
    let statement = render(&select(expr), &Postgres::default()).unwrap();
    let (_, text) = statement.text.split_once(" WHERE ").unwrap();
    format!("{text} {:?}", statement.params)
}

const DAY: i64 = 86_400_000_000;
const NOON: i64 = DAY / 2;

#[test]
fn beside_values_the_column_is_compared() {
    let compare = |comparison, micros| condition(Expr::Compare(comparison, noon(), at(micros)));
    assert_eq!(compare(Comparison::GreaterOrEqual, NOON), "\"due\" >= $1 [One(Date(0), Date)]");
    // No noon lies between midnight and noon.
    assert_eq!(compare(Comparison::GreaterOrEqual, 0), "\"due\" > $1 [One(Date(-1), Date)]");
    assert_eq!(compare(Comparison::Less, DAY), "\"due\" <= $1 [One(Date(0), Date)]");
    assert_eq!(compare(Comparison::Less, NOON), "\"due\" < $1 [One(Date(0), Date)]");
    let mirrored = condition(Expr::Compare(Comparison::Less, at(NOON + 1), noon()));
    assert_eq!(mirrored, "\"due\" > $1 [One(Date(0), Date)]");
    assert_eq!(condition(Expr::Same(noon(), at(DAY + NOON))), "\"due\" = $1 [One(Date(1), Date)]");
    assert!(condition(Expr::Same(noon(), at(1))).starts_with("(\"due\" IS NULL AND 1 = $1)"));
    assert!(condition(Expr::Different(noon(), at(1))).starts_with("(\"due\" IS NOT NULL OR 1 = $1)"));
    let list = vec![Value::DateTimeOffset(NOON), Value::DateTimeOffset(0)];
    let listed = condition(Expr::In(noon(), list, INSTANT));
    assert_eq!(listed, "\"due\" = ANY($1) [List([Date(0)], Date)]");
    assert_eq!(condition(Expr::IsNull(noon())), "\"due\" IS NULL []");
    assert_eq!(condition(Expr::Same(noon(), noon())), "\"due\" = \"due\" []");
    let day = condition(Expr::Compare(Comparison::Less, written(), text("1970-01")));
    assert_eq!(day, "\"due\" <= $1 [One(Date(-1), Date)]");
    let month = condition(Expr::Match(Place::Start, written(), text("1970-01")));
    assert_eq!(month, "(\"due\" >= $1 AND \"due\" <= $2) [One(Date(0), Date), One(Date(30), Date)]");
    assert!(condition(Expr::Match(Place::Start, written(), text("1970"))).contains("LIKE $1"));
}

#[test]
fn elsewhere_they_are_what_they_are_offered_as() {
    let mut select = select(Expr::Compare(Comparison::Less, noon(), column("moment", INSTANT)));
    select.columns.push(Output { expr: *noon(), scalar: Offered::Instant(43_200).scalar() });
    select.columns.push(Output { expr: *written(), scalar: TEXT });
    select.order = vec![Order { expr: *written(), descending: true, nullable: false }];
    let text = |dialect: &dyn Dialect| render(&select, dialect).unwrap().text;
    assert_eq!(
        text(&Postgres::default()),
        r#"SELECT "id", CAST("due" + TIME '12:00:00' AS timestamptz), CAST("due" AS text) FROM "t" WHERE CAST("due" + TIME '12:00:00' AS timestamptz) < "moment" ORDER BY "due" DESC"#
    );
    let noon = "CASE WHEN DAYOFMONTH(`due`) BETWEEN 1 AND DAYOFMONTH(LAST_DAY(`due`)) THEN TIMESTAMP(`due`, '12:00:00') \
                ELSE `due` END";
    assert_eq!(
        text(&MySql::default()),
        format!("SELECT `id`, {noon}, CAST(`due` AS CHAR) FROM `t` WHERE {noon} < `moment` ORDER BY `due` DESC")
    );
    assert_eq!(
        text(&Sqlite::default()),
        r#"SELECT "id", ("due" || ' 12:00:00'), CAST("due" AS TEXT) FROM "t" WHERE (("due" || ' 12:00:00') || '.000000') < "moment" ORDER BY "due" DESC"#
    );
}

#[test]
fn the_form_is_that_of_the_date() {
    let cast = Column { form: Form { stored: Stored::Cast, lenient: false }, ..offered(Offered::Instant(0)) };
    let expr = Expr::Same(Box::new(Expr::Column(cast.clone())), at(DAY));
    assert_eq!(condition(expr), "CAST(\"due\" AS date) = $1 [One(Date(1), Date)]");
    let mut select = select(Expr::Truth(true));
    select.columns = vec![Output { expr: Expr::Column(cast), scalar: INSTANT }];
    let text = render(&select, &Postgres::default()).unwrap().text;
    assert!(text.starts_with("SELECT CAST(CAST(\"due\" AS date) AS timestamptz) FROM"), "{text}");
}

#[test]
fn groups_are_told_by_dates() {
    let by = vec![offered(Offered::Instant(43_200)), named("id", INT)];
    let of = [NOON, 7, DAY + NOON].map(Value::DateTimeOffset).to_vec();
    let groups =
        Groups { by: by.clone(), of: vec![of, vec![Value::Int(1), Value::Int(2), Value::Int(3)]], indexed: true };
    let mut select = select(Expr::Truth(true));
    select.filter = None;
    select.per_group = Some(PerGroup { by, skip: 0, top: None });
    let statement = render_groups(&select, Some(&groups), &Postgres::default()).unwrap();
    assert!(
        statement.text.ends_with("WHERE (\"due\", \"id\") IN (SELECT * FROM unnest($1, $2)) ORDER BY \"due\", \"id\""),
        "{}",
        statement.text
    );
    assert_eq!(format!("{:?}", statement.params), "[List([Date(0), Date(1)], Date), List([Int(1), Int(3)], Int32)]");
    select.per_group.as_mut().unwrap().top = Some(2);
    select.order = vec![Order { expr: *column("id", INT), descending: false, nullable: false }];
    let one_by_one = render_groups(&select, Some(&groups), &Sqlite::default()).unwrap();
    assert!(one_by_one.text.contains("WHERE \"due\" = ? AND \"id\" = ?"), "{}", one_by_one.text);
}
