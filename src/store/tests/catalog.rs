//! What the tests of all catalogues share: a reader, and short texts of what was read.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use crate::catalog::{Catalog, Column, Relation, Wanted};
use crate::store::{Database, Progress};

/// Reads and checks that the progress ends where it should.
pub(super) async fn read(database: &Database, wanted: &Wanted) -> Catalog {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let progress: Progress = Arc::new(move |done, total| telling.lock().unwrap().push((done, total)));
    let catalog = database.catalog(wanted, &progress).await.unwrap();
    let told = told.lock().unwrap();
    assert!(told.is_sorted(), "{told:?}");
    assert!(told.last().is_some_and(|(done, total)| done == total), "{told:?}");
    catalog
}

pub(super) fn wanted(schema: &str) -> Wanted {
    Wanted { schemas: vec![schema.to_owned()], ..Wanted::default() }
}

pub(super) fn relation<'a>(catalog: &'a Catalog, name: &str) -> &'a Relation {
    let found = catalog.relations.iter().find(|relation| relation.name == name);
    found.unwrap_or_else(|| panic!("no relation {name}"))
}

pub(super) fn column<'a>(relation: &'a Relation, name: &str) -> &'a Column {
    let found = relation.columns.iter().find(|column| column.name == name);
    found.unwrap_or_else(|| panic!("no column {name} of {}", relation.name))
}

/// One line for each column: its name, its declared type, the type in the words of all, and whatever is unusual.
pub(super) fn columns(relation: &Relation) -> String {
    let mut out = String::new();
    for column in &relation.columns {
        write!(out, "{} | {} | {:?}", column.name, column.declared, column.column_type).unwrap();
        if !column.nullable {
            out.push_str(" | not null");
        }
        if column.filled != crate::catalog::Filled::ByWriter {
            write!(out, " | {:?}", column.filled).unwrap();
        }
        if let Some(default) = &column.default {
            write!(out, " | default {default}").unwrap();
        }
        if let Some(collation) = &column.collation {
            write!(out, " | collation {collation}").unwrap();
        }
        if column.folding {
            out.push_str(" | folding");
        }
        if !column.readable {
            out.push_str(" | not readable");
        }
        if let Some(comment) = &column.comment {
            write!(out, " | -- {comment}").unwrap();
        }
        out.push('\n');
    }
    out
}

/// One line for each key, foreign key and index.
pub(super) fn structure(relation: &Relation) -> String {
    let mut out = String::new();
    let named = |name: &Option<String>| name.clone().unwrap_or_default();
    for key in &relation.keys {
        let kind = if key.primary { "primary" } else { "unique" };
        writeln!(out, "{kind} {} ({})", named(&key.name), key.columns.join(", ")).unwrap();
    }
    for key in &relation.foreign_keys {
        let schema = key.schema.clone().unwrap_or_default();
        let (near, far) = (key.columns.join(", "), key.remote.join(", "));
        writeln!(out, "foreign {} ({near}) -> {schema}.{} ({far})", named(&key.name), key.table).unwrap();
    }
    for index in &relation.indexes {
        let partial = if index.partial { " partial" } else { "" };
        writeln!(out, "index {} {} ({}){partial}", index.name, index.method, index.columns.join(", ")).unwrap();
    }
    out
}
