//! The three databases of the tests. Every test gets a fresh one with a name of its own, dropped at the end.
//!
//! Rows are written as SQL literals, not as parameters: the tests must not share the typed binding that they test.
//! SQLite alone gets parameters, since its own reading of long decimals into a float is not exact.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use penstock::edm::Value;
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::environment;

/// A database product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
    Mariadb,
}

/// All of them, in the order in which results are compared.
pub(crate) const KINDS: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::Mariadb];

impl Kind {
    /// The word for file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "sqlite",
            Kind::Postgres => "postgres",
            Kind::Mariadb => "mariadb",
        }
    }
}

/// One fresh database.
pub(crate) struct Database {
    pub(crate) kind: Kind,
    /// The address for the configuration of the server.
    pub(crate) url: String,
    name: String,
    connection: RefCell<Connected>,
    runtime: tokio::runtime::Runtime,
    admin_url: String,
    _folder: Option<tempfile::TempDir>,
}

enum Connected {
    Sqlite(rusqlite::Connection),
    Postgres(PgConnection),
    Mariadb(MySqlConnection),
    Closed,
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// A fresh database, or `None`, with a printed line, if there is no server of this kind and none is demanded.
    pub(crate) fn create(kind: Kind, label: &str) -> Option<Database> {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("penstock_{label}_{}_{number}", std::process::id());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let variable = match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join(format!("{name}.db"));
                let connection = rusqlite::Connection::open(&path).unwrap();
                connection.execute_batch("pragma journal_mode = wal; pragma synchronous = off").unwrap();
                return Some(Database {
                    kind,
                    url: format!("sqlite:{}", path.display()),
                    name,
                    connection: RefCell::new(Connected::Sqlite(connection)),
                    runtime,
                    admin_url: String::new(),
                    _folder: Some(folder),
                });
            }
            Kind::Postgres => "PENSTOCK_TEST_POSTGRES",
            Kind::Mariadb => "PENSTOCK_TEST_MARIADB",
        };
        let Some(admin_url) = environment(variable) else {
            assert!(environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_none(), "{variable} is not set, but demanded");
            eprintln!("skipped on {}: {variable} is not set", kind.name());
            return None;
        };
        let server = &admin_url[..=admin_url.rfind('/').expect("an address with a database")];
        let url = format!("{server}{name}");
        let create = match kind {
            Kind::Mariadb => format!("create database {name} character set utf8mb4 collate utf8mb4_general_ci"),
            _ => format!("create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'"),
        };
        let connection = runtime.block_on(async {
            run_admin(kind, &admin_url, &create).await;
            connect(kind, &url).await
        });
        Some(Database { kind, url, name, connection: RefCell::new(connection), runtime, admin_url, _folder: None })
    }

    /// A file of SQLite that is there already, and stays.
    pub(crate) fn open(path: &Path) -> Database {
        Database {
            kind: Kind::Sqlite,
            url: format!("sqlite:{}", path.display()),
            name: path.display().to_string(),
            connection: RefCell::new(Connected::Sqlite(rusqlite::Connection::open(path).unwrap())),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            admin_url: String::new(),
            _folder: None,
        }
    }

    /// A database of a server that is there already, and stays.
    pub(crate) fn at(kind: Kind, url: &str) -> Database {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = RefCell::new(runtime.block_on(connect(kind, url)));
        let (name, admin_url) = (url.rsplit('/').next().unwrap().to_owned(), String::new());
        Database { kind, url: url.to_owned(), name, connection, runtime, admin_url, _folder: None }
    }

    /// Runs a script of statements.
    pub(crate) fn run(&self, script: &str) {
        let mut connection = self.connection.borrow_mut();
        let sql = sqlx::raw_sql(AssertSqlSafe(script.to_owned()));
        match &mut *connection {
            Connected::Sqlite(connection) => {
                connection.execute_batch(script).unwrap_or_else(|e| panic!("{e}\n{script}"));
            }
            Connected::Postgres(connection) => {
                self.runtime.block_on(connection.execute(sql)).unwrap_or_else(|e| panic!("{e}\n{}", head(script)));
            }
            Connected::Mariadb(connection) => {
                self.runtime.block_on(connection.execute(sql)).unwrap_or_else(|e| panic!("{e}\n{}", head(script)));
            }
            Connected::Closed => panic!("the database is closed"),
        }
    }

    /// Runs a script on a connection of its own, which is closed then.
    pub(crate) fn run_apart(&self, script: &str) {
        match self.url.strip_prefix("sqlite:") {
            Some(path) => rusqlite::Connection::open(path).unwrap().execute_batch(script).unwrap(),
            None => self.runtime.block_on(run_admin(self.kind, &self.url, script)),
        }
    }

    /// Runs the statements of a file of the project.
    pub(crate) fn run_file(&self, path: &Path) {
        self.run(&super::read_text(path));
    }

    /// Inserts rows; `columns` are names as they stand in SQL.
    pub(crate) fn insert(&self, table: &str, columns: &[&str], rows: &[Vec<Value>]) {
        if let Connected::Sqlite(connection) = &mut *self.connection.borrow_mut() {
            let marks = vec!["?"; columns.len()].join(",");
            let transaction = connection.transaction().unwrap();
            {
                let text = format!("insert into {table} ({}) values ({marks})", columns.join(","));
                let mut statement = transaction.prepare(&text).unwrap();
                for row in rows {
                    statement.execute(rusqlite::params_from_iter(row.iter().map(sqlite_value))).unwrap();
                }
            }
            transaction.commit().unwrap();
            return;
        }
        for chunk in rows.chunks(500) {
            let mut sql = format!("insert into {table} ({}) values ", columns.join(","));
            for (place, row) in chunk.iter().enumerate() {
                sql.push_str(if place == 0 { "(" } else { ",(" });
                for (place, value) in row.iter().enumerate() {
                    if place > 0 {
                        sql.push(',');
                    }
                    write_literal(self.kind, value, &mut sql);
                }
                sql.push(')');
            }
            self.run(&sql);
        }
    }

    /// The first column of the first row as a number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &mut *self.connection.borrow_mut() {
            Connected::Sqlite(connection) => connection.query_row(sql, [], |row| row.get(0)).unwrap(),
            Connected::Postgres(connection) => {
                self.runtime.block_on(connection.fetch_one(query)).unwrap().try_get(0).unwrap()
            }
            Connected::Mariadb(connection) => {
                self.runtime.block_on(connection.fetch_one(query)).unwrap().try_get(0).unwrap()
            }
            Connected::Closed => panic!("the database is closed"),
        }
    }

    /// Its name on its server.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// All rows, each value as the text in which the database tells it; null is the text `null`. SQLite must be
    /// asked for texts.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &mut *self.connection.borrow_mut() {
            Connected::Postgres(connection) => {
                let rows = self.runtime.block_on(connection.fetch_all(query)).unwrap_or_else(|e| panic!("{e}\n{sql}"));
                rows.iter().map(texts).collect()
            }
            Connected::Mariadb(connection) => {
                let rows = self.runtime.block_on(connection.fetch_all(query)).unwrap_or_else(|e| panic!("{e}\n{sql}"));
                rows.iter().map(texts).collect()
            }
            Connected::Sqlite(connection) => {
                let mut statement = connection.prepare(sql).unwrap_or_else(|e| panic!("{e}\n{sql}"));
                let text = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| (0..columns).map(|place| row.get(place).map(text)).collect());
                rows.unwrap().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{e}\n{sql}"))
            }
            Connected::Closed => panic!("the database is closed"),
        }
    }

    /// The port of the server, for databases that have one.
    pub(crate) fn port(&self) -> Option<u16> {
        let authority = self.url.split("//").nth(1)?.split('/').next()?;
        authority.rsplit(':').next()?.parse().ok()
    }

    /// The address as seen through another port of this machine.
    pub(crate) fn url_through(&self, port: u16) -> String {
        let own = self.port().expect("a database with a port");
        self.url.replacen(&format!(":{own}/"), &format!(":{port}/"), 1)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let connection = self.connection.replace(Connected::Closed);
        if self.kind == Kind::Sqlite || self.admin_url.is_empty() {
            return;
        }
        let force = if self.kind == Kind::Postgres { " with (force)" } else { "" };
        let statement = format!("drop database if exists {}{force}", self.name);
        self.runtime.block_on(async {
            drop(connection);
            run_admin(self.kind, &self.admin_url, &statement).await;
        });
    }
}

/// Statements without parameters are answered in texts.
fn texts<R: Row>(row: &R) -> Vec<String>
where
    usize: sqlx::ColumnIndex<R>,
    for<'r> Option<String>: sqlx::Decode<'r, R::Database>,
{
    let text = |place| row.try_get_unchecked::<Option<String>, _>(place).unwrap();
    (0..row.len()).map(|place| text(place).unwrap_or_else(|| "null".to_owned())).collect()
}

async fn connect(kind: Kind, url: &str) -> Connected {
    match kind {
        Kind::Postgres => Connected::Postgres(PgConnection::connect(url).await.unwrap()),
        Kind::Mariadb => Connected::Mariadb(MySqlConnection::connect(url).await.unwrap()),
        Kind::Sqlite => Connected::Closed,
    }
}

async fn run_admin(kind: Kind, url: &str, statement: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
    match connect(kind, url).await {
        Connected::Postgres(mut connection) => {
            connection.execute(sql).await.unwrap();
        }
        Connected::Mariadb(mut connection) => {
            connection.execute(sql).await.unwrap();
        }
        Connected::Sqlite(_) | Connected::Closed => {}
    }
}

fn head(text: &str) -> String {
    text.chars().take(2_000).collect()
}

/// `YYYY-MM-DD` of days since 1970-01-01.
pub(crate) fn date_text(days: i32) -> String {
    let date = chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(i64::from(days));
    date.format("%Y-%m-%d").to_string()
}

/// `YYYY-MM-DD hh:mm:ss.ffffff` of microseconds since 1970-01-01T00:00:00Z, with `separator` in the middle.
pub(crate) fn instant_text(micros: i64, separator: char) -> String {
    let instant = chrono::DateTime::from_timestamp_micros(micros).expect("an instant that can be written");
    instant.format(&format!("%Y-%m-%d{separator}%H:%M:%S%.6f")).to_string()
}

/// `hh:mm:ss.ffffff` of microseconds since midnight.
pub(crate) fn clock_text(micros: i64) -> String {
    instant_text(micros, 'T').split_off("1970-01-01T".len())
}

/// The lower-case 8-4-4-4-12 form.
pub(crate) fn guid_text(bytes: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(bytes).hyphenated().to_string()
}

fn sqlite_value(value: &Value) -> rusqlite::types::Value {
    use rusqlite::types::Value as Sqlite;
    match value {
        Value::Null => Sqlite::Null,
        Value::Boolean(v) => Sqlite::Integer(i64::from(*v)),
        Value::Int(v) | Value::Duration(v) => Sqlite::Integer(*v),
        Value::Double(v) => Sqlite::Real(*v),
        Value::Decimal(v) => Sqlite::Text(v.to_plain_string()),
        Value::String(v) => Sqlite::Text(v.to_string()),
        Value::Guid(v) => Sqlite::Text(guid_text(*v)),
        Value::Date(v) => Sqlite::Text(date_text(*v)),
        Value::DateTimeOffset(v) => Sqlite::Text(instant_text(*v, ' ')),
        Value::TimeOfDay(v) => Sqlite::Text(clock_text(*v)),
        other => panic!("{other:?} is not generated"),
    }
}

fn write_literal(kind: Kind, value: &Value, out: &mut String) {
    let postgres = kind == Kind::Postgres;
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(v) => out.push_str(if *v { "true" } else { "false" }),
        Value::Duration(v) if postgres => write!(out, "'{v} microseconds'").unwrap(),
        Value::Int(v) | Value::Duration(v) => write!(out, "{v}").unwrap(),
        Value::Double(v) if postgres => write!(out, "'{v:e}'").unwrap(),
        Value::Double(v) => write!(out, "{v:e}").unwrap(),
        Value::Decimal(v) => out.push_str(&v.to_plain_string()),
        Value::String(v) if postgres => write!(out, "'{}'", v.replace('\'', "''")).unwrap(),
        Value::String(v) => write!(out, "'{}'", v.replace('\\', "\\\\").replace('\'', "''")).unwrap(),
        Value::Guid(v) => write!(out, "'{}'", guid_text(*v)).unwrap(),
        Value::Date(v) => write!(out, "'{}'", date_text(*v)).unwrap(),
        Value::DateTimeOffset(v) => {
            write!(out, "'{}{}'", instant_text(*v, ' '), if postgres { "+00" } else { "" }).unwrap();
        }
        Value::TimeOfDay(v) => write!(out, "'{}'", clock_text(*v)).unwrap(),
        other => panic!("{other:?} is not generated"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_database_starts_takes_rows_and_goes() {
        for kind in KINDS {
            let Some(database) = Database::create(kind, "harness") else { continue };
            database.run("create table t (a int not null, b varchar(20))");
            database.insert(
                "t",
                &["a", "b"],
                &[vec![Value::Int(1), Value::String("O'Brien \\ %".into())], vec![Value::Int(2), Value::Null]],
            );
            assert_eq!(database.number("select count(*) from t where b is null"), 1);
            assert_eq!(database.number("select count(*) from t where length(b) = 11"), 1);
        }
    }

    #[test]
    fn values_are_written_in_the_forms_of_the_databases() {
        assert_eq!(date_text(-719_162), "0001-01-01");
        assert_eq!(instant_text(-1, 'T'), "1969-12-31T23:59:59.999999");
        assert_eq!(guid_text([0xab; 16]), "abababab-abab-abab-abab-abababababab");
    }
}
