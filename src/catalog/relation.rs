//! Owns [`Relation`]: one table or view with its keys, foreign keys and indexes.

use super::Column;

/// One table or view.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// The schema (PostgreSQL), database (MySQL, MariaDB) or attached file (SQLite) that holds it.
    pub schema: Option<String>,
    /// Its name, exactly as the database spells it.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// The comment that the database holds on it.
    pub comment: Option<String>,
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// Primary key first, then the other unique keys over plain columns, without conditions.
    pub keys: Vec<Key>,
    /// Foreign keys in the order of their names.
    pub foreign_keys: Vec<ForeignKey>,
    /// Indexes that serve searches, those of keys among them.
    pub indexes: Vec<Index>,
    /// About how many rows it has, where the database has counted.
    pub rows: Option<u64>,
    /// Whether the user of the source may read at least one column of it.
    pub readable: bool,
}

/// What kind of relation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// A table.
    Table,
    /// A table in partitions; the partitions themselves are no relations of their own.
    Partitioned,
    /// A view.
    View,
    /// A view whose rows are kept.
    MaterializedView,
    /// A table of another server.
    Foreign,
}

/// Columns that are unique together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name in the database, if it has one.
    pub name: Option<String>,
    /// The names of its columns, in the order of the key.
    pub columns: Vec<String>,
    /// The primary key.
    pub primary: bool,
}

/// Columns that hold the key of another row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name in the database, if it has one.
    pub name: Option<String>,
    /// The columns of this relation.
    pub columns: Vec<String>,
    /// The schema of the relation that they lead to.
    pub schema: Option<String>,
    /// The relation that they lead to.
    pub table: String,
    /// Its columns, in the order of `columns`.
    pub remote: Vec<String>,
}

/// An index of words in a table of its own, as SQLite's FTS5 makes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordIndex {
    /// The name of the virtual table.
    pub name: String,
    /// Its kind, in the database's word, lower case: `fts5`.
    pub method: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table whose rows it holds by their row ids, if it keeps no texts of its own.
    pub content: Option<String>,
    /// How it takes texts apart, as its declaration says.
    pub tokenize: Option<String>,
}

/// An index over plain columns; what it begins with can be searched and sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns, in order, up to the first that is an expression, a part of a column, or compared otherwise than the
    /// column itself.
    pub columns: Vec<String>,
    /// What kind it is, in the database's word, lower case: `btree`, `hash`, `gin`, `fulltext`, `fts5`.
    pub method: String,
    /// It holds only rows that meet a condition.
    pub partial: bool,
}
