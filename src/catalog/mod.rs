//! What a database says of itself: tables, columns, keys, indexes, in one vocabulary for all products. Read by `store`,
//! used to draft metadata files and to compare written ones with the live database. No input or output, no SQL.

mod column;
mod offer;
mod relation;
mod routine;
mod wanted;

pub use column::{Column, ColumnType, Filled, LookedAt};
pub use offer::{Offer, offer, offer_of_loose};
pub use relation::{ForeignKey, Index, Key, Relation, RelationKind, WordIndex};
pub use routine::Routine;

/// The schema of one source, as far as its user may see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The product with its version, as the database tells it: `PostgreSQL 15.14`.
    pub product: String,
    /// The schema (PostgreSQL) or database (MySQL, MariaDB) in which a table without a schema is looked for.
    pub default_schema: Option<String>,
    /// All schemas in which a table without a schema is looked for, in this order; the first is the default one.
    pub search_path: Vec<String>,
    /// Tables and views in the order of their schemas and names.
    pub relations: Vec<Relation>,
    /// SQLite: the virtual tables that are indexes of words. They are no relations of their own.
    pub word_indexes: Vec<WordIndex>,
    /// The routines that were asked for by name, as far as there are any.
    pub routines: Vec<Routine>,
    /// What could not be read, and why: one sentence each.
    pub unread: Vec<String>,
}

/// Which part of a database is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only these schemas; without any, all that are not the database's own.
    pub schemas: Vec<String>,
    /// These too: the schemas in which a table without a schema is looked for.
    pub default_schemas: bool,
    /// Only tables whose names match one of these patterns: `*` stands for any letters, `?` for one. Without any, all.
    pub tables: Vec<String>,
    /// None of the tables whose names match one of these.
    pub without: Vec<String>,
    /// Tables and views that belong to an extension of the database too.
    pub of_extensions: bool,
    /// Routines with these names, in whatever schema.
    pub routines: Vec<String>,
}
