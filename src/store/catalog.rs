//! Owns [`Database::catalog`]: what a database says of its schema, and the records in which its statements say it. Each
//! product has its own statements: a fixed number for the whole schema, or a fixed number for so many relations.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::catalog::{Catalog, Column, ColumnType, Filled, LookedAt, Relation, RelationKind, Wanted};
use crate::edm::{Scalar, Value};
use crate::sql::{Param, Statement};
use crate::store::database::Product;
use crate::store::mysql::catalog as mysql;
use crate::store::postgres::catalog as postgres;
use crate::store::{Database, Row, Sink, StoreError};

/// Told how many of how many parts of the work are done; called often, from any thread.
pub type Progress = Arc<dyn Fn(usize, usize) + Send + Sync>;

impl Database {
    /// What the database says of its schema, as far as it is wanted and its user may see it.
    pub async fn catalog(&self, wanted: &Wanted, progress: &Progress) -> Result<Catalog, StoreError> {
        match &self.product {
            Product::Postgres(_) => postgres::read(self, wanted, progress).await,
            Product::Sqlite(sqlite) => sqlite.catalog(wanted, progress).await,
            Product::Mysql(_) => mysql::read(self, wanted, progress).await,
        }
    }

    /// All rows of a statement.
    pub(super) async fn records(
        &self,
        text: &str,
        params: Vec<Value>,
        columns: &[Scalar],
    ) -> Result<Vec<Record>, StoreError> {
        let scalar = |value: &Value| if matches!(value, Value::Boolean(_)) { Scalar::Boolean } else { Scalar::STRING };
        let params = params.into_iter().map(|value| Param::One(value.clone(), scalar(&value))).collect();
        let statement = Statement { text: text.to_owned(), params, columns: columns.to_vec() };
        let sink = Records { columns: columns.to_vec(), records: Vec::new() };
        self.fetch(statement, sink).await.map(|sink| sink.records)
    }
}

/// One row of a catalogue. What a statement does not give reads as nothing.
pub(super) struct Record(Vec<Value>);

impl Record {
    /// A text, empty without one.
    pub(super) fn text(&self, index: usize) -> String {
        self.some_text(index).unwrap_or_default()
    }

    /// A text, if there is one.
    pub(super) fn some_text(&self, index: usize) -> Option<String> {
        match self.0.get(index) {
            Some(Value::String(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    /// A text that says something: comments of a database are often empty instead of absent.
    pub(super) fn comment(&self, index: usize) -> Option<String> {
        self.some_text(index).filter(|text| !text.trim().is_empty())
    }

    /// Whether a flag is set.
    pub(super) fn flag(&self, index: usize) -> bool {
        self.0.get(index) == Some(&Value::Boolean(true))
    }

    /// A number, if there is one.
    pub(super) fn number(&self, index: usize) -> Option<i64> {
        match self.0.get(index) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }
}

struct Records {
    columns: Vec<Scalar>,
    records: Vec<Record>,
}

impl Sink for Records {
    fn row<R: Row>(&mut self, row: &R) -> Result<ControlFlow<()>, StoreError> {
        let values = self.columns.iter().enumerate().map(|(index, scalar)| row.value(index, *scalar));
        self.records.push(Record(values.collect::<Result<_, _>>()?));
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.records.clear();
    }
}

/// A relation of which only the name is known yet.
pub(super) fn relation(schema: Option<String>, name: String, kind: RelationKind) -> Relation {
    Relation {
        schema,
        name,
        kind,
        comment: None,
        columns: Vec::new(),
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        rows: None,
        readable: true,
    }
}

/// A column of which only name and type are known yet.
pub(super) fn column(name: String, declared: String, column_type: ColumnType) -> Column {
    Column {
        name,
        declared,
        column_type,
        nullable: true,
        default: None,
        filled: Filled::ByWriter,
        comment: None,
        collation: None,
        folding: false,
        readable: true,
        looked_at: LookedAt::default(),
    }
}

/// Rows that belong together: one for each part of a key, an index or a foreign key, in the order of the parts. `owner`
/// says to what a row belongs: the relation, and a number or name within it.
pub(super) fn grouped<K: Clone + Eq + std::hash::Hash>(
    records: Vec<Record>,
    owner: impl Fn(&Record) -> K,
) -> Vec<(K, Vec<Record>)> {
    let mut groups: Vec<(K, Vec<Record>)> = Vec::new();
    let mut places: HashMap<K, usize> = HashMap::new();
    for record in records {
        let key = owner(&record);
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(record),
            None => groups.push((key, vec![record])),
        }
    }
    groups
}

/// The names in one place of each record, up to the first record without one.
pub(super) fn names(records: &[Record], index: usize) -> Vec<String> {
    records.iter().map_while(|record| record.some_text(index)).collect()
}
