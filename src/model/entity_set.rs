//! Owns [`EntitySet`]: where the rows of a set lie and how they are served.

use super::{CachePolicy, ChangeSigns, SourceId, TypeId};

/// An entity set: one table or view of one source.
#[derive(Clone, Debug)]
pub struct EntitySet {
    /// Public name.
    pub name: String,
    /// The type of its entities.
    pub entity_type: TypeId,
    /// The database that holds the table.
    pub source: SourceId,
    /// The table.
    pub table: Table,
    /// Largest page in rows, 1 to 2,000 for Salesforce's sake.
    pub page_rows_max: u32,
    /// How long answers may be kept; `None` if the cache is off for the set.
    pub cache: Option<CachePolicy>,
    /// How changes are noticed that others make in the table.
    pub changes: ChangeSigns,
}

/// A table or view, by the database's own names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// Schema (PostgreSQL) or database (MySQL, MariaDB), if it is not the connection's default.
    pub schema: Option<String>,
    /// Name of the table or view.
    pub name: String,
}
