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

mod nearest;
mod read;
mod report;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Problem;

pub(super) use nearest::nearest;
pub(super) use report::Report;

/// The version of the format that this program reads.
pub const VERSION: i64 = 1;

/// The name of the file that describes a folder; all other `.toml` files of the folder describe entity types.
pub const SERVICE_FILE: &str = "service.toml";

/// A metadata folder, read but not understood.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder as it is to be shown in problems: `metadata/erp`.
    pub name: String,
    /// Its `service.toml`.
    pub service: File,
    /// Its entity type files, sorted by file name: this is the order of the sets.
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

/// The content of `service.toml`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// Namespace of the schema in `$metadata`. Required in the service's first folder; elsewhere it must be equal.
    pub namespace: Option<String>,
    /// Name of the entity container; only in the service's first folder. Default: `Container`.
    pub container: Option<String>,
    /// The source (configured database) that holds the tables of this folder.
    pub source: String,
    /// Largest page in rows. Default: 2000.
    #[cfg_attr(test, schemars(range(min = 1, max = 2000)))]
    pub page_rows_max: Option<i64>,
    /// How long answers may be kept, for all sets of the folder.
    pub cache: Option<Cache>,
}

/// The content of an entity type file.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// Name of the entity set.
    pub set: String,
    /// Name of the entity type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Table or view, exactly as the database spells it.
    pub table: String,
    /// Schema (PostgreSQL) or database (MySQL, MariaDB) of the table. Default: the connection's own.
    pub schema: Option<String>,
    /// Names of the key properties, in order.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub key: Vec<String>,
    /// The property whose value is the `ETag`.
    pub etag: Option<String>,
    /// A sentence for people.
    pub description: Option<String>,
    /// Largest page in rows. Default: that of the folder.
    #[cfg_attr(test, schemars(range(min = 1, max = 2000)))]
    pub page_rows_max: Option<i64>,
    /// How long answers may be kept. Each key that is left out: that of the folder.
    pub cache: Option<Cache>,
    /// The properties, in the order in which they are published.
    #[serde(default, rename = "property")]
    pub properties: Vec<Property>,
    /// The navigation properties.
    #[serde(default, rename = "navigation")]
    pub navigations: Vec<Navigation>,
}

/// `[cache]`: how long answers may be kept, and how changes made by others are noticed.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// True: nothing is kept. Default: false.
    pub off: Option<bool>,
    /// Seconds for which an answer is served as it is. Default: 15.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400)))]
    pub ttl_s: Option<i64>,
    /// Seconds after `ttl_s` in which an old answer is served while a new one is read. Default: 0.
    #[cfg_attr(test, schemars(range(min = 0, max = 86_400)))]
    pub stale_while_revalidate_s: Option<i64>,
    /// Seconds after `ttl_s` in which an old answer is served if the database does not answer. Default: 0.
    #[cfg_attr(test, schemars(range(min = 0, max = 604_800)))]
    pub stale_if_error_s: Option<i64>,
    /// `PostgreSQL`: the channel on which changes are announced with NOTIFY.
    pub notify: Option<String>,
    /// The property that grows with every write: its greatest value is asked for. Only for a set.
    pub probe_property: Option<String>,
    /// True: the database's own count of changes is asked for. Default: false.
    pub probe_statistics: Option<bool>,
    /// Seconds between two questions. Default: 2.
    #[cfg_attr(test, schemars(range(min = 1, max = 3_600)))]
    pub probe_every_s: Option<i64>,
}

/// One `[[property]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Public name.
    pub name: String,
    /// Column, exactly as the database spells it.
    pub column: String,
    /// Primitive type, without `Edm.`.
    #[serde(rename = "type")]
    pub primitive: Primitive,
    /// String: longest value in characters. Default: unlimited.
    #[cfg_attr(test, schemars(range(min = 1, max = u32::MAX)))]
    pub max_length: Option<i64>,
    /// Decimal: significant digits, 1 to 65. `DateTimeOffset`: fractional digits of the second, 0 to 6, default 6.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub precision: Option<i64>,
    /// Decimal: digits right of the point, at most `precision`.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub scale: Option<i64>,
    /// Whether null can occur. Default: true. Key properties must say false.
    pub nullable: Option<bool>,
    /// String: whether `$search` looks into it. Default: true.
    pub searchable: Option<bool>,
    /// String: what the column's collation calls equal. Default: exact.
    pub collation: Option<Collation>,
    /// A sentence for people.
    pub description: Option<String>,
}

/// One `[[navigation]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Navigation {
    /// Public name.
    pub name: String,
    /// The set to which it leads; it may lie in another source.
    pub target: String,
    /// Whether it leads to one entity or to many.
    pub to: To,
    /// To-one: whether there may be no related entity. Default: true.
    pub nullable: Option<bool>,
    /// The navigation property of the target type that leads back.
    pub partner: Option<String>,
    /// Pairs of equal properties: local property = property of the target type.
    #[cfg_attr(test, schemars(extend("minProperties" = 1)))]
    pub join: BTreeMap<String, String>,
}

/// The primitive types that a property can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "each is the type of the same name of the entity data model")]
pub enum Primitive {
    Boolean,
    Byte,
    SByte,
    Int16,
    Int32,
    Int64,
    Single,
    Double,
    Decimal,
    String,
    Guid,
    Date,
    DateTimeOffset,
}

/// What the collation of a text column calls equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Collation {
    /// Only equal texts.
    Exact,
    /// Also texts that differ in letter case, accents, width or trailing blanks.
    Folding,
}

/// How many entities a navigation property leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// At most one.
    One,
    /// Any number.
    Many,
}

/// Reads the text of a `service.toml`.
pub fn read_service(file: &File) -> Result<Service, Vec<Problem>> {
    read::read(file)
}

/// Reads the text of an entity type file.
pub fn read_entity(file: &File) -> Result<Entity, Vec<Problem>> {
    read::read(file)
}

/// The set that an entity type file declares, even if the rest of the file is wrong.
pub(super) fn set_named_in(file: &File) -> Option<String> {
    let table: toml::Table = file.text.parse().ok()?;
    table.get("set")?.as_str().map(str::to_owned)
}
