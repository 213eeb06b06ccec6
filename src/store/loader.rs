//! Owns the making of SQLite files: schema, rows, statistics, and the marks by which a file is known again.
//! Refuses to touch a file that exists, and never reads rows: that is the work of the SQLite source.
//!
//! # Decisions
//!
//! - While a file is being filled it has no journal and is not synchronised: a cut-off file is thrown away, never
//!   repaired. [`Loader::finish`] brings it to the disk once.
//! - What a file is (program, version) stands in SQLite's own header fields `application_id` and `user_version`. A
//!   table of our own would show up when the schema is read.

use std::fs::File;
use std::path::{Path, PathBuf};

use bigdecimal::BigDecimal;
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement};

use crate::edm::{Scalar, Value, write_date, write_date_time_offset, write_fractioned_time, write_guid, write_point};

#[cfg(test)]
mod tests;

/// A file was not made, or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum LoaderError {
    /// There is a file of this name; nothing was touched.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened, or not be written to.
    #[error("{} cannot be opened or written: {detail}", path.display())]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The disk is full.
    #[error("no space is left for {}", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The file is no database, is cut off, or its content is broken.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A row has another number of values than there are columns.
    #[error("a row of {table} has {found} values for {expected} columns")]
    Width {
        /// The table.
        table: String,
        /// Number of columns.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// A value does not fit the type of its column.
    #[error("a value of {table}.{column} is not of type {scalar}")]
    Kind {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The column's type.
        scalar: Scalar,
    },
    /// SQLite refused a statement: a defect of the script, or a broken constraint.
    #[error("{} refused a statement: {detail}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
}

/// By what a file is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which program made it.
    pub application_id: i32,
    /// The program's own version of the content.
    pub user_version: i32,
}

/// What [`inspect`] found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The file's mark.
    pub mark: Mark,
    /// Names of the tables, in alphabetical order.
    pub tables: Vec<String>,
}

/// Fills one new SQLite file.
#[derive(Debug)]
pub struct Loader {
    path: PathBuf,
    connection: Connection,
}

impl Loader {
    /// Makes a new file. Refuses if there is one of this name.
    pub fn create(path: &Path) -> Result<Self, LoaderError> {
        match File::create_new(path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(LoaderError::Exists { path: path.to_owned() });
            }
            Err(error) => return Err(from_io(path, &error)),
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(from(path))?;
        let loader = Self { path: path.to_owned(), connection };
        // The page cache is large enough that the indexes of a big file are built without rereading it.
        loader.run(
            "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
             PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -131072",
        )?;
        Ok(loader)
    }

    /// Runs a script, for example a schema.
    pub fn run(&self, script: &str) -> Result<(), LoaderError> {
        self.connection.execute_batch(script).map_err(from(&self.path))
    }

    /// Inserts rows with one statement in one transaction. Gives their number.
    pub fn insert(
        &mut self,
        table: &str,
        columns: &[(String, Scalar)],
        rows: impl Iterator<Item = Vec<Value>>,
    ) -> Result<u64, LoaderError> {
        let from = from(&self.path);
        let transaction = self.connection.transaction().map_err(&from)?;
        let mut count = 0;
        {
            let mut statement = transaction.prepare(&insertion(table, columns)).map_err(&from)?;
            let mut buffer = Vec::new();
            for row in rows {
                if row.len() != columns.len() {
                    let (expected, found) = (columns.len(), row.len());
                    return Err(LoaderError::Width { table: table.to_owned(), expected, found });
                }
                for (place, (value, (column, scalar))) in row.iter().zip(columns).enumerate() {
                    let kind =
                        || LoaderError::Kind { table: table.to_owned(), column: column.clone(), scalar: *scalar };
                    bind(&mut statement, place + 1, value, *scalar, &mut buffer).ok_or_else(kind)?.map_err(&from)?;
                }
                statement.raw_execute().map_err(&from)?;
                count += 1;
            }
        }
        transaction.commit().map_err(&from)?;
        Ok(count)
    }

    /// Gathers statistics for the planner, marks the file, and brings it to the disk.
    pub fn finish(self, mark: Mark) -> Result<(), LoaderError> {
        self.run("ANALYZE")?;
        self.connection.pragma_update(None, "application_id", mark.application_id).map_err(from(&self.path))?;
        self.connection.pragma_update(None, "user_version", mark.user_version).map_err(from(&self.path))?;
        self.connection.close().map_err(|(_, error)| from(&self.path)(error))?;
        let file = File::options().write(true).open(&self.path).map_err(|error| from_io(&self.path, &error))?;
        file.sync_all().map_err(|error| from_io(&self.path, &error))
    }
}

/// Looks at a file: whether it is a whole database, its mark and its tables. The content is checked page by page only
/// up to `check_bytes_max`, for that takes seconds for a large file. Nothing is changed, except that SQLite itself
/// takes back a transaction that a crash has cut off.
pub fn inspect(path: &Path, check_bytes_max: u64) -> Result<Inspection, LoaderError> {
    let metadata = std::fs::metadata(path).map_err(|error| from_io(path, &error))?;
    let damaged = |detail: String| LoaderError::Damaged { path: path.to_owned(), detail };
    if !metadata.is_file() {
        return Err(damaged("not a file".to_owned()));
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(from(path))?;
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(from(path));
    let pages = number("PRAGMA page_count")?;
    let bytes = u64::try_from(pages * number("PRAGMA page_size")?).unwrap_or(u64::MAX);
    // With a write-ahead log, the last pages may lie in the log only.
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let logged = Path::new(&log).exists();
    if pages == 0 || (bytes > metadata.len() && !logged) {
        return Err(damaged(format!("{} bytes instead of {bytes}", metadata.len())));
    }
    if metadata.len() <= check_bytes_max {
        let verdict: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(from(path))?;
        if verdict != "ok" {
            return Err(damaged(verdict));
        }
    }
    let narrow = |value: i64| i32::try_from(value).unwrap_or(0);
    let mark = Mark {
        application_id: narrow(number("PRAGMA application_id")?),
        user_version: narrow(number("PRAGMA user_version")?),
    };
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name";
    let mut statement = connection.prepare(sql).map_err(from(path))?;
    let names = statement.query_map([], |row| row.get(0)).map_err(from(path))?;
    let tables = names.collect::<Result<Vec<String>, _>>().map_err(from(path))?;
    Ok(Inspection { mark, tables })
}

fn insertion(table: &str, columns: &[(String, Scalar)]) -> String {
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let marks = vec!["?"; columns.len()];
    format!("INSERT INTO {} ({}) VALUES ({})", quoted(table), names.join(", "), marks.join(", "))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Binds one value in the form in which SQLite sources keep its type; `None` if the value is not of that type.
fn bind(
    statement: &mut Statement<'_>,
    place: usize,
    value: &Value,
    scalar: Scalar,
    buffer: &mut Vec<u8>,
) -> Option<rusqlite::Result<()>> {
    buffer.clear();
    match (value, scalar) {
        (Value::Null, _) => return Some(statement.raw_bind_parameter(place, rusqlite::types::Null)),
        (Value::Boolean(v), Scalar::Boolean) => return Some(statement.raw_bind_parameter(place, v)),
        (Value::Int(v), scalar) if scalar.integer_range().is_some_and(|(low, high)| (low..=high).contains(v)) => {
            return Some(statement.raw_bind_parameter(place, v));
        }
        (Value::Double(v), Scalar::Single | Scalar::Double) => return Some(statement.raw_bind_parameter(place, v)),
        (Value::String(v), Scalar::String { .. }) => return Some(statement.raw_bind_parameter(place, v.as_ref())),
        (Value::Decimal(v), Scalar::Decimal { scale, .. }) => write_decimal(v, scale, buffer)?,
        (Value::Guid(v), Scalar::Guid) => write_guid(v, buffer),
        (Value::Date(v), Scalar::Date) => write_date(i64::from(*v), buffer),
        (Value::DateTimeOffset(v), Scalar::DateTimeOffset { precision }) => {
            write_date_time_offset(*v, b' ', precision, false, buffer);
        }
        (Value::TimeOfDay(v), Scalar::TimeOfDay { precision }) => write_fractioned_time(*v, precision, buffer),
        (Value::Duration(v), Scalar::Duration { .. }) => return Some(statement.raw_bind_parameter(place, v)),
        (Value::Binary(v), Scalar::Binary { .. } | Scalar::Stream) => {
            return Some(statement.raw_bind_parameter(place, v.as_ref()));
        }
        (Value::Point(v), Scalar::GeographyPoint | Scalar::GeometryPoint) => write_point(*v, None, buffer),
        _ => return None,
    }
    let text = std::str::from_utf8(buffer).ok()?;
    Some(statement.raw_bind_parameter(place, text))
}

/// Plain digits, filled up to the column's scale; `None` if digits would be lost.
fn write_decimal(value: &BigDecimal, scale: Option<u16>, out: &mut Vec<u8>) -> Option<()> {
    let Some(scale) = scale.map(i64::from) else {
        out.extend_from_slice(value.to_plain_string().as_bytes());
        return Some(());
    };
    if value.fractional_digit_count() == scale {
        out.extend_from_slice(value.to_plain_string().as_bytes());
        return Some(());
    }
    let scaled = value.with_scale(scale);
    out.extend_from_slice(scaled.to_plain_string().as_bytes());
    (scaled == *value).then_some(())
}

fn from_io(path: &Path, error: &std::io::Error) -> LoaderError {
    let path = path.to_owned();
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => LoaderError::DiskFull { path },
        kind => LoaderError::Inaccessible { path, detail: kind.to_string() },
    }
}

fn from(path: &Path) -> impl Fn(rusqlite::Error) -> LoaderError + use<> {
    let path = path.to_owned();
    move |error| {
        let (path, detail) = (path.clone(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => LoaderError::DiskFull { path },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => LoaderError::Damaged { path, detail },
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked,
            ) => LoaderError::Inaccessible { path, detail },
            _ => LoaderError::Refused { path, detail },
        }
    }
}
