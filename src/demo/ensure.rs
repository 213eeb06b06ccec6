//! Owns [`ensure`]: sample databases in a folder, whole or not there at all.
//! Refuses to overwrite or repair any file of the name that it wants.
//!
//! # Decisions
//!
//! - A file is filled under another name and then renamed, so a file with the right name is always whole. The two files
//!   are independent: if one is missing, only that one is made, for equal scale and version give equal data.
//! - Scale and version stand in the file's header, not in a file beside it, which could be lost or copied alone.
//! - Indexes are made after the rows: they are then built sorted, in a fraction of the time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::DemoError;
use super::data::{DATA_VERSION, ERP, SCALE_MAX, TableData, WAREHOUSE, tables};
use crate::store::loader::{Loader, LoaderError, Mark, inspect};

/// `Pnst` in the header of each file.
const APPLICATION_ID: i32 = 0x506e_7374;
/// Files up to this size are checked page by page on each start: a few hundredths of a second.
const CHECK_BYTES_MAX: u64 = 64 << 20;
/// In the schema scripts, what follows this line is run after the rows are in.
const INDEXES_MARK: &str = "-- Indexes:";
const ROWS_PER_REPORT: u64 = 1_000;

const DATABASES: [(&str, &str, &str); 2] = [
    (ERP, "erp.db", include_str!("../../migrations/erp/sqlite/0001_schema.sql")),
    (WAREHOUSE, "warehouse.db", include_str!("../../migrations/warehouse/sqlite/0001_schema.sql")),
];

/// The sample databases, ready to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// File of the source `erp`.
    pub erp: PathBuf,
    /// File of the source `warehouse`.
    pub warehouse: PathBuf,
    /// The factor by which the row counts are multiplied.
    pub scale: u32,
    /// False if both files were there already.
    pub created: bool,
}

/// How far the making has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The table that is being filled, or `indexes`.
    pub stage: &'static str,
    /// Rows written so far, over all tables that have to be made.
    pub rows_done: u64,
    /// Rows to write in all.
    pub rows_total: u64,
}

/// Makes the sample databases in `dir`, or finds them there. Blocks until they are ready.
pub fn ensure(dir: &Path, scale: u32, progress: &mut dyn FnMut(Progress)) -> Result<Demo, DemoError> {
    if !(1..=SCALE_MAX).contains(&scale) {
        return Err(DemoError::Scale { scale });
    }
    fs::create_dir_all(dir).map_err(|error| from_io(dir, &error))?;
    let file = |name| dir.join(name);
    let demo = Demo { erp: file(DATABASES[0].1), warehouse: file(DATABASES[1].1), scale, created: false };
    if missing(dir, scale)?.is_empty() {
        return Ok(demo);
    }
    let _lock = lock(dir)?;
    // Another process may have made them between the two looks.
    let missing = missing(dir, scale)?;
    let tables: Vec<TableData> =
        tables().into_iter().filter(|table| missing.iter().any(|(source, ..)| *source == table.source)).collect();
    let rows_total = tables.iter().map(|table| table.row_count(scale)).sum();
    let mut report = Progress { stage: "", rows_done: 0, rows_total };
    for (source, name, schema) in &missing {
        let part = dir.join(format!("{name}.part"));
        remove(dir, &part)?;
        let own = tables.iter().filter(|table| table.source == *source);
        if let Err(error) = fill(&part, schema, own, scale, &mut report, progress) {
            // The first error is the one to tell; a file that stays behind is removed by the next start.
            let _ = fs::remove_file(&part);
            return Err(from_loader(dir, error));
        }
        // A journal that a deleted file has left behind would be played into the new one.
        for suffix in ["-journal", "-wal", "-shm"] {
            remove(dir, &dir.join(format!("{name}{suffix}")))?;
        }
        fs::rename(&part, dir.join(name)).map_err(|error| from_io(dir, &error))?;
    }
    sync_folder(dir);
    Ok(Demo { created: !missing.is_empty(), ..demo })
}

fn mark(scale: u32) -> Mark {
    let version = DATA_VERSION * 1_000 + scale;
    Mark { application_id: APPLICATION_ID, user_version: i32::try_from(version).unwrap_or(i32::MAX) }
}

/// The databases that have to be made. Those that are there must be what we would make.
fn missing(dir: &Path, scale: u32) -> Result<Vec<(&'static str, &'static str, &'static str)>, DemoError> {
    let mut missing = Vec::new();
    for database in DATABASES {
        let file = dir.join(database.1);
        match fs::symlink_metadata(&file) {
            Ok(_) => verify(dir, file, database.0, scale)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(database),
            Err(error) => return Err(DemoError::Unreadable { file, reason: error.kind().to_string() }),
        }
    }
    Ok(missing)
}

fn verify(dir: &Path, file: PathBuf, source: &str, wanted: u32) -> Result<(), DemoError> {
    let found = match inspect(&file, CHECK_BYTES_MAX) {
        Ok(found) => found,
        Err(LoaderError::Inaccessible { detail, .. }) => return Err(DemoError::Unreadable { file, reason: detail }),
        Err(error) => return Err(DemoError::Damaged { file, detail: error.to_string() }),
    };
    if found.mark.application_id != APPLICATION_ID {
        return Err(DemoError::Damaged { file, detail: "made by another program".to_owned() });
    }
    let user_version = u32::try_from(found.mark.user_version).unwrap_or(0);
    let (version, scale) = (user_version / 1_000, user_version % 1_000);
    if version != DATA_VERSION {
        return Err(DemoError::OtherVersion { file });
    }
    if scale != wanted {
        return Err(DemoError::OtherScale { dir: dir.to_owned(), file, found: scale, wanted });
    }
    let lost = tables()
        .into_iter()
        .find(|table| table.source == source && !found.tables.iter().any(|name| name == table.name));
    match lost {
        Some(table) => Err(DemoError::Damaged { file, detail: format!("the table {} is missing", table.name) }),
        None => Ok(()),
    }
}

fn fill<'a>(
    part: &Path,
    schema: &str,
    tables: impl Iterator<Item = &'a TableData>,
    scale: u32,
    report: &mut Progress,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), LoaderError> {
    let mut loader = Loader::create(part)?;
    let (before, after) = schema.split_at(schema.find(INDEXES_MARK).unwrap_or(schema.len()));
    loader.run(before)?;
    for table in tables {
        report.stage = table.name;
        progress(*report);
        let rows = table.rows(scale).inspect(|_| {
            report.rows_done += 1;
            if report.rows_done.is_multiple_of(ROWS_PER_REPORT) {
                progress(*report);
            }
        });
        loader.insert(table.name, &table.columns, rows)?;
    }
    report.stage = "indexes";
    progress(*report);
    loader.run(after)?;
    loader.finish(mark(scale))
}

/// Held while files are made; the system lets go of it when the process ends, in whatever way.
fn lock(dir: &Path) -> Result<File, DemoError> {
    let path = dir.join("demo.lock");
    let file =
        File::options().create(true).write(true).truncate(false).open(path).map_err(|error| from_io(dir, &error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(DemoError::Occupied { dir: dir.to_owned() }),
        // A file system without locks is no reason to refuse.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn remove(dir: &Path, file: &Path) -> Result<(), DemoError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(from_io(dir, &error)),
        _ => Ok(()),
    }
}

/// Makes the new names last through a loss of power, where the system can do that.
fn sync_folder(dir: &Path) {
    if let Ok(folder) = File::open(dir) {
        let _ = folder.sync_all();
    }
}

fn from_io(dir: &Path, error: &io::Error) -> DemoError {
    let dir = dir.to_owned();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DemoError::DiskFull { dir },
        kind => DemoError::Unwritable { dir, reason: kind.to_string() },
    }
}

fn from_loader(dir: &Path, error: LoaderError) -> DemoError {
    let dir = dir.to_owned();
    match error {
        LoaderError::DiskFull { .. } => DemoError::DiskFull { dir },
        LoaderError::Inaccessible { detail, .. } => DemoError::Unwritable { dir, reason: detail },
        error => DemoError::Defect { detail: error.to_string() },
    }
}
