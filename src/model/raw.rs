//! Owns the metadata file format, version 1, exactly as people write it: one struct per table of the files. Reading
//! turns text into these structs or into [`Problem`]s; what the names mean is left to [`super::resolve`].
//!
//! # Decisions
//!
//! - Each key is tried on its own, so that one run reports every misspelt and every ill-typed key of a file. Plain
//!   `toml::from_str` stops at the first.
//! - Numbers are read as `i64` and bounded in `resolve`, which can say the allowed range. A `u16` here would make
//!   serde's message the one people read.
//! - Nothing here opens a file: folders come in as text, so the demo can carry its files inside the program.

mod entity;
mod forms;
mod nearest;
mod operations;
mod pick;
mod read;
mod report;
#[cfg(test)]
mod schema;
mod service;
#[cfg(test)]
mod tests;
mod types;

use super::Problem;

pub use entity::{
    Collation, CollectionForm, ColumnName, Cut, CutMarked, Derived, Entity, FreeValue, Link, Media, Navigation, Offer,
    OfferAs, OfferAt, Primitive, Property, SalesforceLookup, Search, SearchMysql, SearchPostgres, SearchSqlite, Stored,
    To, Tokenize, Unknown, WordIndex,
};
pub use operations::{BoundOn, Operation, Operations, Parameter, Returns, Statement, Statements};
pub use pick::{Pick, PickedSet};
pub use service::{Cache, Service};
pub use types::{Complex, ComplexProperty, Enumeration, EnumerationMember, Types};

pub use nearest::nearest;
pub(super) use report::Report;

/// The version of the format that this program reads.
pub const VERSION: i64 = 1;

/// The name of the file that describes a folder. All `.toml` files of the folder but the three named here describe
/// entity types.
pub const SERVICE_FILE: &str = "service.toml";

/// The name of the file with the enumerations and complex types of a folder.
pub const TYPES_FILE: &str = "types.toml";

/// The name of the file with the functions and actions of a folder.
pub const OPERATIONS_FILE: &str = "operations.toml";

/// A metadata folder, read but not understood.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder as it is to be shown in problems: `metadata/erp`.
    pub name: String,
    /// Its `service.toml`.
    pub service: File,
    /// All its other files, sorted by file name: this is the order of the sets.
    pub entities: Vec<File>,
    /// Names of files that should be here but could not be read from disk. Whoever read the folder reports them; here
    /// they only keep what depends on them from being judged.
    pub unread: Vec<String>,
}

/// A file and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// The file as it is to be shown in problems: `metadata/erp/order.toml`.
    pub name: String,
    /// All of its text.
    pub text: String,
}

impl File {
    /// Its name within the folder.
    pub(super) fn base(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// Reads the text of a `service.toml`.
pub fn read_service(file: &File) -> Result<Service, Vec<Problem>> {
    read::read(file)
}

/// Reads the text of an entity type file.
pub fn read_entity(file: &File) -> Result<Entity, Vec<Problem>> {
    read::read(file)
}

/// Reads the text of the file of a pick.
pub fn read_pick(file: &File) -> Result<Pick, Vec<Problem>> {
    read::read(file)
}

/// Reads the text of a `types.toml`.
pub fn read_types(file: &File) -> Result<Types, Vec<Problem>> {
    read::read(file)
}

/// Reads the text of an `operations.toml`.
pub fn read_operations(file: &File) -> Result<Operations, Vec<Problem>> {
    read::read(file)
}

/// The set or singleton that an entity type file declares, even if the rest of the file is wrong.
pub(super) fn set_named_in(file: &File) -> Option<String> {
    let table: toml::Table = file.text.parse().ok()?;
    table.get("set").or_else(|| table.get("singleton"))?.as_str().map(str::to_owned)
}
