//! Owns [`Indexes`]: which columns of a source are found by an index, asked of its catalogue once in a while. The shape
//! of a statement may hang on it, its meaning never: what is not known counts as "no index".

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::edm::{Scalar, Value};
use crate::sql::ast::{Column, Table};
use crate::sql::{Param, Statement};
use crate::store::{Database, Kind, Row, Sink, StoreError};

/// How long an answer counts: an index that was made or dropped is noticed after that time.
const KNOWN_FOR: Duration = Duration::from_mins(5);

/// The first column of an index for searches by equality, whole, valid, and in the collation that a parameter has.
const POSTGRES: &str = "SELECT 1 FROM pg_index i \
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam \
    WHERE i.indrelid = to_regclass($1) AND i.indisvalid AND i.indpred IS NULL \
    AND a.attcollation IN (0, 100) AND i.indcollation[0] IN (0, 100) \
    AND m.amname IN ('btree', 'hash') AND a.attname = $2 LIMIT 1";
const SQLITE: &str = "SELECT 1 FROM pragma_index_list(?, ?) l, pragma_index_xinfo(l.name) i \
    WHERE l.partial = 0 AND i.seqno = 0 AND i.name = ? COLLATE NOCASE AND i.coll = 'BINARY' LIMIT 1";

/// What is known of the indexes of one source.
#[derive(Debug, Default)]
pub(super) struct Indexes {
    known: Mutex<HashMap<(Table, String), (bool, Instant)>>,
}

impl Indexes {
    fn known(&self, table: &Table, column: &str) -> Option<bool> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, at) = known.get(&(table.clone(), column.to_owned()))?;
        (at.elapsed() < KNOWN_FOR).then_some(*found)
    }

    fn remember(&self, table: &Table, column: &str, found: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((table.clone(), column.to_owned()), (found, Instant::now()));
    }
}

impl Database {
    /// Whether an index of the table begins with one of the columns, so that rows which equal given values in all of
    /// them are found without reading the table.
    pub async fn is_indexed(&self, table: &Table, columns: &[Column]) -> bool {
        // No index of a table is looked for behind a query, nor behind what is made of columns.
        for column in columns.iter().filter(|column| column.made.is_none() && table.query.is_none()) {
            if self.is_first_of_an_index(table, &column.name).await {
                return true;
            }
        }
        false
    }

    async fn is_first_of_an_index(&self, table: &Table, column: &str) -> bool {
        if let Some(found) = self.indexes.known(table, column) {
            return found;
        }
        match self.ask(table, column).await {
            Ok(found) => {
                self.indexes.remember(table, column, found);
                found
            }
            // The statement itself will tell what is wrong with the source.
            Err(_) => false,
        }
    }

    async fn ask(&self, table: &Table, column: &str) -> Result<bool, StoreError> {
        let (text, params) = match self.kind {
            Kind::Postgres => (POSTGRES, vec![quoted(table).into(), column.into()]),
            Kind::Sqlite => {
                let schema = table.schema.clone().unwrap_or_else(|| "main".into());
                (SQLITE, vec![table.name.clone(), schema, column.into()])
            }
            // One shape serves all.
            Kind::Mysql | Kind::Mariadb => return Ok(false),
        };
        let params: Vec<Arc<str>> = params;
        let params =
            params.into_iter().map(|text| Param::One(Value::String(text.as_ref().into()), Scalar::STRING)).collect();
        let statement = Statement { text: text.to_owned(), params, columns: vec![Scalar::Int32] };
        self.fetch(statement, Any(false)).await.map(|Any(found)| found)
    }
}

/// The name as PostgreSQL reads it.
fn quoted(table: &Table) -> String {
    let quote = |name: &Arc<str>| format!("\"{}\"", name.replace('"', "\"\""));
    let parts: Vec<String> = table.schema.iter().chain([&table.name]).map(quote).collect();
    parts.join(".")
}

/// Whether there was a row.
struct Any(bool);

impl Sink for Any {
    fn row<R: Row>(&mut self, _: &R) -> Result<ControlFlow<()>, StoreError> {
        self.0 = true;
        Ok(ControlFlow::Continue(()))
    }

    fn rewind(&mut self) {
        self.0 = false;
    }
}
