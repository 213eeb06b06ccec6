//! Tests of the store against real databases: SQLite always, the servers when their addresses are given in
//! `PENSTOCK_TEST_POSTGRES` and `PENSTOCK_TEST_MARIADB`. `PENSTOCK_TEST_REQUIRE_DATABASES=1` makes their absence a
//! failure.

mod breadth;
mod catalog;
mod catalog_mariadb;
mod catalog_postgres;
mod catalog_sqlite;
mod functions;
mod mariadb;
mod outage;
mod postgres;
mod sqlite;
mod stopping;

use std::ops::ControlFlow;
use std::time::Duration;

use crate::edm::{
    Cell, Scalar, Value, write_binary, write_date, write_date_time_offset, write_duration, write_guid, write_point,
    write_time_of_day,
};
use crate::sql::ast::{Column, Table};
use crate::sql::{Param, Statement};
use crate::store::{Access, Database, Kind, Row, Sink, SourceSettings, StoreError};

/// Keeps each row as text, and the first error of each cell in its place.
struct Texts {
    scalars: Vec<Scalar>,
    rows: Vec<Vec<String>>,
    rows_max: usize,
    /// What the sink does with a cell that is refused.
    strict: bool,
}

impl Sink for Texts {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        let mut texts = Vec::new();
        for index in 0..self.scalars.len() {
            match row.cell(index) {
                Ok(cell) => texts.push(text_of(cell)),
                Err(error) if self.strict => return Err(error),
                Err(StoreError::Decode { column, .. }) => texts.push(format!("refused {column}")),
                Err(error) => texts.push(error.to_string()),
            }
        }
        self.rows.push(texts);
        Ok(if self.rows.len() < self.rows_max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    fn rewind(&mut self) {
        self.rows.clear();
    }
}

fn text_of(cell: Cell<'_>) -> String {
    let mut out = Vec::new();
    let kind = match cell {
        Cell::Null => return "null".to_owned(),
        Cell::Bool(value) => return value.to_string(),
        Cell::Int(value) => return format!("int {value}"),
        Cell::Float(value) => return format!("float {value:?}"),
        Cell::Text(text) => return format!("text {}", text.as_str()),
        Cell::Decimal(decimal) => {
            decimal.write(&mut out);
            "decimal"
        }
        Cell::Date(days) => {
            write_date(i64::from(days), &mut out);
            "date"
        }
        Cell::Timestamp(micros) => {
            write_date_time_offset(micros, b'T', 6, true, &mut out);
            "instant"
        }
        Cell::Guid(bytes) => {
            write_guid(&bytes, &mut out);
            "guid"
        }
        Cell::TimeOfDay(micros) => {
            write_time_of_day(micros, &mut out);
            "time"
        }
        Cell::Duration(micros) => {
            write_duration(micros, &mut out);
            "duration"
        }
        Cell::Binary(bytes) => {
            write_binary(bytes, &mut out);
            "bytes"
        }
        Cell::Point(point) => {
            write_point(point, None, &mut out);
            "point"
        }
    };
    format!("{kind} {}", String::from_utf8(out).unwrap())
}

pub(super) fn settings(url: &str) -> SourceSettings {
    SourceSettings {
        name: "erp".to_owned(),
        url: url.to_owned(),
        pool_max: 4,
        acquire_timeout: Duration::from_secs(3),
        queue_max: 100,
        statement_timeout: Duration::from_secs(20),
        zone: crate::edm::Zone::UTC,
        decimals_as_text: true,
        access: Access::default(),
    }
}

fn statement(text: &str, params: Vec<(Value, Scalar)>, columns: &[Scalar]) -> Statement {
    let params = params.into_iter().map(|(value, scalar)| Param::One(value, scalar)).collect();
    Statement { text: text.to_owned(), params, columns: columns.to_vec() }
}

async fn run(database: &Database, statement: Statement) -> Result<Vec<Vec<String>>, StoreError> {
    let scalars = statement.columns.clone();
    let sink = Texts { scalars, rows: Vec::new(), rows_max: usize::MAX, strict: false };
    database.fetch(statement, sink).await.map(|sink| sink.rows)
}

/// The only row of a statement without parameters.
async fn row(database: &Database, text: &str, columns: &[Scalar]) -> Vec<String> {
    let mut rows = run(database, statement(text, vec![], columns)).await.unwrap();
    assert_eq!(rows.len(), 1, "{text}");
    rows.remove(0)
}

/// Whether the comparison in `text` holds for the parameter.
async fn holds(database: &Database, text: &str, value: Value, scalar: Scalar) -> bool {
    let rows = run(database, statement(text, vec![(value, scalar)], &[Scalar::Int64])).await.unwrap();
    rows[0][0] == "int 1"
}

/// In the table `t`, `a`, `c` and `e` begin an index that serves; `b` has none that is whole, `d` is in another
/// collation; `v` is a view over `t`.
async fn check_indexes(database: &Database, schema: Option<&str>) {
    let named = |name: &str| Column::made(0, name, Scalar::Int32, false);
    let table = |name: &str| Table { schema: schema.map(Into::into), name: name.into(), query: None };
    for (columns, expected) in
        [("a", true), ("b", false), ("c", true), ("d", false), ("e", true), ("bd", false), ("ba", true)]
    {
        let list: Vec<Column> = columns.chars().map(|name| named(&name.to_string())).collect();
        assert_eq!(database.is_indexed(&table("t"), &list).await, expected, "{columns}");
    }
    assert!(!database.is_indexed(&table("v"), &[named("a")]).await);
    assert!(!database.is_indexed(&table("nowhere"), &[named("a")]).await);
}

#[expect(clippy::disallowed_methods, reason = "the addresses of test servers are not configuration")]
fn address(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok();
    if address.is_none() {
        assert_ne!(std::env::var("PENSTOCK_TEST_REQUIRE_DATABASES").as_deref(), Ok("1"), "{variable} is not set");
        eprintln!("skipped: {variable} is not set");
    }
    address
}

pub(super) fn postgres_address() -> Option<String> {
    address("PENSTOCK_TEST_POSTGRES")
}

fn mariadb_address() -> Option<String> {
    address("PENSTOCK_TEST_MARIADB")
}

#[test]
fn an_unknown_scheme_is_named_and_no_secret_is_shown() {
    let refused = Database::open(&settings("oracle://scott:tiger@db/erp")).unwrap_err().to_string();
    assert!(refused.contains("'oracle'") && !refused.contains("tiger"), "{refused}");
    let refused = Database::open(&settings("scott.tiger")).unwrap_err().to_string();
    assert!(refused.contains("no scheme") && !refused.contains("tiger"), "{refused}");
    let refused = Database::open(&settings("postgres://scott:tiger@db:nan/erp")).unwrap_err().to_string();
    assert!(refused.contains("port") && !refused.contains("tiger"), "{refused}");
    assert!(!format!("{:?}", settings("mysql://scott:tiger@db/erp")).contains("tiger"));
}

#[tokio::test]
async fn every_scheme_opens_without_a_connection() {
    let kind = |url: &str| Database::open(&settings(url)).unwrap().kind();
    assert_eq!(kind("postgres://penstock@127.0.0.1:9/erp?sslmode=require"), Kind::Postgres);
    assert_eq!(kind("postgresql://penstock@127.0.0.1:9/erp"), Kind::Postgres);
    assert_eq!(kind("mysql://penstock@127.0.0.1:9/erp?ssl-mode=disabled"), Kind::Mysql);
    assert_eq!(kind("mariadb://penstock@127.0.0.1:9/erp"), Kind::Mariadb);
    assert_eq!(kind("sqlite:data/erp.db"), Kind::Sqlite);
    assert_eq!(kind("sqlite:///var/lib/erp.db"), Kind::Sqlite);
}
