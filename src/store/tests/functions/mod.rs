//! Functions, calculations, casts and choices: one table of expressions and values, the same on every database.

mod casts;
mod columns;
mod items;
mod numbers;
mod patterns;
mod texts;
mod times;

use super::*;
use crate::edm::{parse_date, parse_date_time_offset, parse_decimal, parse_duration, parse_guid, parse_time_of_day};
use crate::sql::ast::{Arithmetic, Comparison, Expr, Function, Output, Select};
use crate::sql::render;

/// An expression and its value, in the words of [`text_of`]; decimals without zeros at their end.
struct Case {
    expr: Expr,
    expected: String,
    /// Where a database is known to differ.
    but: Vec<(Kind, &'static str)>,
}

fn case(expr: Expr, expected: &str) -> Case {
    Case { expr, expected: expected.to_owned(), but: Vec::new() }
}

impl Case {
    fn but(mut self, kind: Kind, expected: &'static str) -> Self {
        self.but.push((kind, expected));
        self
    }
}

fn int(value: i64) -> Expr {
    Expr::Param(Value::Int(value), Scalar::Int64)
}

fn decimal(text: &str) -> Expr {
    Expr::Param(Value::Decimal(parse_decimal(text).unwrap()), Scalar::DECIMAL)
}

fn double(value: f64) -> Expr {
    Expr::Param(Value::Double(value), Scalar::Double)
}

fn string(text: &str) -> Expr {
    Expr::Param(Value::String(text.into()), Scalar::STRING)
}

fn at(text: &str) -> Expr {
    Expr::Param(Value::DateTimeOffset(parse_date_time_offset(text, false).unwrap()), Scalar::DATE_TIME_OFFSET)
}

fn day(text: &str) -> Expr {
    Expr::Param(Value::Date(parse_date(text).unwrap()), Scalar::Date)
}

fn clock(text: &str) -> Expr {
    Expr::Param(Value::TimeOfDay(parse_time_of_day(text).unwrap()), Scalar::TIME_OF_DAY)
}

fn span(text: &str) -> Expr {
    Expr::Param(Value::Duration(parse_duration(text).unwrap()), Scalar::DURATION)
}

fn null(scalar: Scalar) -> Expr {
    Expr::Param(Value::Null, scalar)
}

fn call(function: Function, arguments: Vec<Expr>, scalar: Scalar) -> Expr {
    Expr::Call(function, arguments, scalar)
}

fn calculate(operator: Arithmetic, left: Expr, right: Expr, scalar: Scalar) -> Expr {
    Expr::Arithmetic(operator, Box::new(left), Box::new(right), scalar)
}

fn cast(operand: Expr, scalar: Scalar) -> Expr {
    Expr::Cast(Box::new(operand), scalar)
}

/// The expression with each parameter in a choice, so that the database makes it.
fn made(expr: &Expr) -> Expr {
    match expr {
        Expr::Param(_, scalar) => Expr::Case(vec![(Expr::Truth(true), expr.clone())], *scalar),
        Expr::Call(Function::MatchesPattern, arguments, scalar) => {
            let mut arguments = arguments.clone();
            arguments[0] = made(&arguments[0]);
            Expr::Call(Function::MatchesPattern, arguments, *scalar)
        }
        Expr::Call(function, arguments, scalar) => Expr::Call(*function, arguments.iter().map(made).collect(), *scalar),
        Expr::Arithmetic(operator, left, right, scalar) => {
            Expr::Arithmetic(*operator, Box::new(made(left)), Box::new(made(right)), *scalar)
        }
        Expr::Negate(operand, scalar) => Expr::Negate(Box::new(made(operand)), *scalar),
        Expr::Cast(operand, scalar) => Expr::Cast(Box::new(made(operand)), *scalar),
        other => other.clone(),
    }
}

const ONE_ROW: &str = "functions_one";

/// A database of each kind, with a table of one row and what `more` says.
async fn databases(more: &[(Kind, &[&str])]) -> (tempfile::TempDir, Vec<Database>) {
    use sqlx::{Connection, Executor};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("functions.db");
    let mut databases = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres, Kind::Mariadb] {
        let more = more.iter().filter(|(of, _)| *of == kind).flat_map(|(_, texts)| texts.iter().copied());
        let texts: Vec<&str> = more.collect();
        match kind {
            Kind::Sqlite => {
                let connection = rusqlite::Connection::open(&path).unwrap();
                connection
                    .execute_batch(&format!("CREATE TABLE {ONE_ROW} (i INTEGER); INSERT INTO {ONE_ROW} VALUES (1)"))
                    .unwrap();
                for text in texts {
                    connection.execute_batch(text).unwrap();
                }
                databases.push(Database::open(&settings(&format!("sqlite:{}", path.display()))).unwrap());
            }
            Kind::Postgres => {
                let Some(url) = postgres_address() else { continue };
                let mut admin = sqlx::PgConnection::connect(&url).await.unwrap();
                let one = format!(
                    "DO $$ BEGIN CREATE TABLE {ONE_ROW} AS SELECT 1 AS i; EXCEPTION WHEN OTHERS THEN NULL; END $$"
                );
                admin.execute(sqlx::AssertSqlSafe(one)).await.unwrap();
                for text in texts {
                    admin.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
                }
                databases.push(Database::open(&settings(&url)).unwrap());
            }
            _ => {
                let Some(url) = mariadb_address() else { continue };
                let mut admin = sqlx::MySqlConnection::connect(&url.replacen("mariadb:", "mysql:", 1)).await.unwrap();
                admin
                    .execute(sqlx::AssertSqlSafe(format!("CREATE TABLE IF NOT EXISTS {ONE_ROW} AS SELECT 1 AS i")))
                    .await
                    .unwrap();
                for text in texts {
                    admin.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
                }
                databases.push(Database::open(&settings(&url.replacen("mysql:", "mariadb:", 1))).unwrap());
            }
        }
    }
    (folder, databases)
}

/// The value of an expression over the only row of a table.
async fn evaluate(database: &Database, table: &str, expr: Expr) -> String {
    let scalar = expr.scalar();
    let columns = vec![Output { expr, scalar }];
    let mut select = Select::all(columns, Table { schema: None, name: table.into(), query: None });
    select.limit = Some(1);
    let statement = match render(&select, database.dialect()) {
        Ok(statement) => statement,
        Err(error) => return format!("refused: {error}"),
    };
    let text = statement.text.clone();
    match run(database, statement).await {
        Ok(mut rows) => plain(rows.remove(0).remove(0)),
        Err(StoreError::OutOfRange { .. }) => "out of range".to_owned(),
        Err(error) => format!("{error:?}: {text}"),
    }
}

/// Decimals without zeros at their end: some databases keep them.
fn plain(value: String) -> String {
    match value.strip_prefix("decimal ") {
        Some(digits) => format!("decimal {}", parse_decimal(digits).unwrap().normalized().to_plain_string()),
        None => value,
    }
}

/// Every case on every database: with its parameters as they are, and with each made by the database.
async fn check(cases: Vec<Case>) {
    let (_folder, databases) = databases(&[]).await;
    let mut wrong = Vec::new();
    for database in &databases {
        for case in &cases {
            let but = case.but.iter().find(|(kind, _)| *kind == database.kind());
            let expected = but.map_or(case.expected.as_str(), |(_, expected)| expected);
            for expr in [case.expr.clone(), made(&case.expr)] {
                let found = evaluate(database, ONE_ROW, expr.clone()).await;
                if found != expected {
                    wrong.push(format!("{:?}: {expr:?}\n  gives  {found}\n  wanted {expected}", database.kind()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
