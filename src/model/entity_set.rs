//! Owns [`EntitySet`]: where the rows of a set lie and how they are served.

use std::sync::Arc;

use crate::edm::Value;

use super::{CachePolicy, ChangeSigns, NavigationId, PropertyId, SetId, SourceId, TypeId};

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
    /// Which of its rows belong to the set; all without it. Bound at start, by `bind`.
    pub filter: Option<DefaultFilter>,
    /// Largest page in rows, 1 to 2,000 for Salesforce's sake.
    pub page_rows_max: u32,
    /// How long answers may be kept; `None` if the cache is off for the set.
    pub cache: Option<CachePolicy>,
    /// How changes are noticed that others make in the table.
    pub changes: ChangeSigns,
    /// How clients reach it.
    pub exposure: Exposure,
    /// Whether `$count` is answered.
    pub countable: bool,
    /// Whether `$search` is answered.
    pub searchable: bool,
    /// The index of the database that answers `$search`; without one texts are compared one by one.
    pub search: Option<SearchIndex>,
}

impl EntitySet {
    /// True for what the service document lists as a set.
    pub fn is_published(&self) -> bool {
        self.exposure == Exposure::Set
    }
}

/// A condition that holds for every way into a set, in OData's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultFilter {
    /// What stands in the metadata file.
    pub text: String,
    /// The file, for whoever finds the text to be wrong.
    pub file: String,
    /// The key in it.
    pub key: String,
}

/// How clients reach the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// As an entity set of the container.
    Set,
    /// As a singleton of the container.
    Singleton {
        /// The key of its row; empty if the table has one row.
        key: Vec<Value>,
    },
    /// Only through a navigation property of another set.
    Contained {
        /// The set whose entities contain these.
        parent: SetId,
        /// The navigation property.
        navigation: NavigationId,
    },
    /// Not at all: a default filter may look at them.
    Unpublished,
}

/// An index that finds words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchIndex {
    /// PostgreSQL: a column of type `tsvector`, asked with a text search configuration.
    TsVector {
        /// The column.
        column: String,
        /// The configuration: `simple`, `english`.
        config: String,
    },
    /// PostgreSQL: indexes of trigrams.
    Trigram {
        /// A column that holds all searchable texts, and has such an index. Without one, each searchable text has its
        /// own.
        column: Option<String>,
    },
    /// MySQL, MariaDB: a `FULLTEXT` index over exactly these columns.
    FullText {
        /// Its columns, in order.
        columns: Vec<String>,
    },
    /// SQLite: an FTS5 table whose row ids are values of a property.
    Fts5 {
        /// The FTS5 table.
        table: String,
        /// The property that is equal to `rowid`.
        rowid: PropertyId,
        /// Its words are trigrams.
        trigram: bool,
    },
}

/// A table or view, by the database's own names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// Schema (PostgreSQL) or database (MySQL, MariaDB), if it is not the connection's default.
    pub schema: Option<Arc<str>>,
    /// Name of the table or view.
    pub name: Arc<str>,
    /// In place of a name, which is then empty: a query whose rows are read.
    pub query: Option<Arc<str>>,
}

impl Table {
    /// A table under its name, in a schema or in the default one of the connection.
    pub fn new(schema: Option<&str>, name: &str) -> Table {
        Table { schema: schema.map(Arc::from), name: name.into(), query: None }
    }

    /// The rows of a query.
    pub fn of_query(text: &str) -> Table {
        Table { query: Some(text.into()), ..Table::new(None, "") }
    }
}
