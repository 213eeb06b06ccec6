//! Owns what a SQLite file says of its schema: some short statements for each table. The file is in this process, so
//! their number costs little, and a view that has broken spoils no other.

mod probe;
mod types;
mod words;

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::catalog::{Catalog, Column, Filled, ForeignKey, Index, Key, Relation, RelationKind, Routine, Wanted};
use crate::store::catalog::{Progress, column, relation};
use crate::store::gate::Gate;
use crate::store::{StoreError, Ticket};

use super::{File, Sqlite};

const TABLES: &str = "SELECT l.name, l.type, l.wr, l.strict, s.sql FROM pragma_table_list l \
    JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view') \
    WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
    ORDER BY l.name";
const COLUMNS: &str = "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main') \
    WHERE hidden <> 1 ORDER BY cid";
const INDEXES: &str = "SELECT l.name, l.\"unique\", l.origin, l.partial, i.name, i.coll \
    FROM pragma_index_list(?, 'main') l JOIN pragma_index_xinfo(l.name, 'main') i \
    WHERE i.key = 1 ORDER BY l.origin <> 'pk', l.name, i.seqno";
const FOREIGN_KEYS: &str = "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?, 'main') \
    ORDER BY id DESC, seq";
/// Functions, and modules that give rows. So many arguments; any number of them is -1.
const ROUTINES: &str = "SELECT DISTINCT lower(name), narg FROM pragma_function_list \
    UNION SELECT lower(name), -1 FROM pragma_module_list ORDER BY 1, 2";

impl Sqlite {
    /// Reads the schema.
    pub(crate) async fn catalog(&self, wanted: &Wanted, progress: &Progress) -> Result<Catalog, StoreError> {
        let permit = Gate::enter(&self.gate, &Ticket::own()).await?.into_owned();
        let (file, wanted, progress) = (Arc::clone(&self.file), wanted.clone(), Arc::clone(progress));
        let run = tokio::task::spawn_blocking(move || {
            let result = file.catalog(&wanted, &progress);
            drop(permit);
            result
        });
        run.await.map_err(|error| StoreError::Other { origin: self.file.origin.clone(), detail: error.to_string() })?
    }
}

impl File {
    fn catalog(&self, wanted: &Wanted, progress: &Progress) -> Result<Catalog, StoreError> {
        let open = self.take()?;
        // What was left from the last statement would end these.
        let idle = open.connection.progress_handler(0, None::<fn() -> bool>);
        let result = idle.and_then(|()| read(&open.connection, wanted, progress));
        let result = result.map_err(|error| self.judge(&error));
        self.give_back(open);
        result
    }
}

/// One line of the list of tables.
struct Listed {
    name: String,
    kind: String,
    without_rowid: bool,
    sql: String,
}

fn read(connection: &Connection, wanted: &Wanted, progress: &Progress) -> rusqlite::Result<Catalog> {
    let version: String = connection.query_row("SELECT sqlite_version()", [], |row| row.get(0))?;
    let wanted = &wanted.in_schemas(&["main".to_owned()]);
    let mut catalog = Catalog { product: format!("SQLite {version}"), ..Catalog::default() };
    let mut statement = connection.prepare(TABLES)?;
    let list = statement.query_map([], |row| {
        Ok(Listed {
            name: row.get(0)?,
            kind: row.get(1)?,
            without_rowid: row.get(2)?,
            sql: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        })
    })?;
    let list: Vec<Listed> = list.collect::<Result<_, _>>()?;
    let count = list.len();
    for (done, listed) in list.into_iter().enumerate() {
        progress(done, count);
        if listed.kind == "virtual" {
            match words::index(connection, &listed.name, &listed.sql) {
                Ok(Some(index)) => catalog.word_indexes.push(index),
                Ok(None) if wanted.matches(Some("main"), &listed.name) => catalog.unread.push(format!(
                    "the virtual table '{}' is left out: what it holds is known to its module only",
                    listed.name
                )),
                Ok(None) => {}
                Err(error) => catalog.unread.push(format!("the virtual table '{}' is broken: {error}", listed.name)),
            }
        } else if wanted.matches(Some("main"), &listed.name) {
            match one(connection, &listed) {
                Ok(found) => catalog.relations.push(found),
                Err(error) => catalog.unread.push(format!("the {} '{}' is broken: {error}", listed.kind, listed.name)),
            }
        }
    }
    catalog.routines = routines(connection, &wanted.routines)?;
    finish(&mut catalog);
    progress(count, count);
    Ok(catalog)
}

/// The functions of these names that our connections know.
fn routines(connection: &Connection, names: &[String]) -> rusqlite::Result<Vec<Routine>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(ROUTINES)?;
    let found = statement.query_map([], |row| {
        let count: i64 = row.get(1)?;
        let arguments = usize::try_from(count).ok().map(|count| (count, count));
        Ok(Routine { schema: None, name: row.get(0)?, procedure: false, arguments, callable: true })
    })?;
    let found: Vec<Routine> = found.collect::<Result<_, _>>()?;
    let is_wanted = |routine: &Routine| names.iter().any(|name| name.eq_ignore_ascii_case(&routine.name));
    Ok(found.into_iter().filter(is_wanted).collect())
}

/// One table or view.
fn one(connection: &Connection, listed: &Listed) -> rusqlite::Result<Relation> {
    let is_view = listed.kind == "view";
    let kind = if is_view { RelationKind::View } else { RelationKind::Table };
    let mut found = relation(None, listed.name.clone(), kind);
    let mut primary: Vec<(i64, String)> = Vec::new();
    let mut statement = connection.prepare_cached(COLUMNS)?;
    let mut rows = statement.query([&listed.name])?;
    while let Some(row) = rows.next()? {
        let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let place: i64 = row.get(4)?;
        let computed = row.get::<_, i64>(5)? > 1;
        let column_type = types::column_type(&declared);
        found.columns.push(Column {
            // Of an ordinary table SQLite takes nulls in a primary key, a fault that it keeps for old files; nobody
            // means it.
            nullable: !row.get::<_, bool>(2)? && place == 0,
            default: row.get(3)?,
            filled: if computed { Filled::Computed } else { Filled::ByWriter },
            ..column(name.clone(), declared, column_type)
        });
        if place > 0 {
            primary.push((place, name));
        }
    }
    primary.sort_unstable();
    probe::collations(connection, &mut found)?;
    if is_view {
        return Ok(found);
    }
    let primary: Vec<String> = primary.into_iter().map(|(_, name)| name).collect();
    let has_index = indexes(connection, &mut found, &primary)?;
    if let [only] = primary.as_slice()
        && !has_index
        && !listed.without_rowid
        && let Some(column) = found.columns.iter_mut().find(|column| column.name == *only)
    {
        // The column is another name of the row id: SQLite counts it, and the table itself is its index.
        column.filled = Filled::Counted;
        let name = String::from("rowid");
        found.indexes.insert(0, Index { name, columns: primary.clone(), method: BTREE.to_owned(), partial: false });
    }
    if !primary.is_empty() {
        found.keys.insert(0, Key { name: None, columns: primary, primary: true });
    }
    foreign_keys(connection, &mut found)?;
    found.rows = Some(probe::rows(connection, &found, listed.without_rowid)?);
    probe::look(connection, &mut found)?;
    Ok(found)
}

const BTREE: &str = "btree";

/// The indexes, and the unique keys beside the primary one. Whether one of them is that of the primary key.
fn indexes(connection: &Connection, found: &mut Relation, primary: &[String]) -> rusqlite::Result<bool> {
    struct Part {
        name: String,
        unique: bool,
        origin: String,
        partial: bool,
        column: Option<String>,
        collation: String,
    }
    let mut statement = connection.prepare_cached(INDEXES)?;
    let parts = statement.query_map([&found.name], |row| {
        Ok(Part {
            name: row.get(0)?,
            unique: row.get(1)?,
            origin: row.get(2)?,
            partial: row.get(3)?,
            column: row.get(4)?,
            collation: row.get(5)?,
        })
    })?;
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    let mut has_primary = false;
    for parts in parts.chunk_by(|one, next| one.name == next.name) {
        let Some(first) = parts.first() else { continue };
        has_primary |= first.origin == "pk";
        let columns: Vec<String> = parts.iter().map_while(|part| part.column.clone()).collect();
        let made_by_key = first.origin != "c";
        if first.unique && !first.partial && columns.len() == parts.len() && first.origin != "pk" && columns != primary
        {
            let name = (!made_by_key).then(|| first.name.clone());
            found.keys.push(Key { name, columns, primary: false });
        }
        let serves = |part: &Part| {
            let column = found.columns.iter().find(|column| Some(&column.name) == part.column.as_ref())?;
            let own = column.collation.as_deref().unwrap_or(probe::EXACT);
            own.eq_ignore_ascii_case(&part.collation).then(|| column.name.clone())
        };
        let columns: Vec<String> = parts.iter().map_while(serves).collect();
        if !columns.is_empty() {
            let name = first.name.clone();
            found.indexes.push(Index { name, columns, method: BTREE.to_owned(), partial: first.partial });
        }
    }
    Ok(has_primary)
}

fn foreign_keys(connection: &Connection, found: &mut Relation) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(FOREIGN_KEYS)?;
    let mut rows = statement.query(params![found.name])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if last != Some(id) {
            let (columns, remote) = (Vec::new(), Vec::new());
            found.foreign_keys.push(ForeignKey { name: None, columns, schema: None, table: row.get(1)?, remote });
            last = Some(id);
        }
        if let Some(key) = found.foreign_keys.last_mut() {
            key.columns.push(row.get(2)?);
            // Without remote columns the primary key is meant; `finish` knows it.
            key.remote.extend(row.get::<_, Option<String>>(3)?);
        }
    }
    Ok(())
}

/// What needs all relations: the names in foreign keys as they were declared, and the tables of indexes of words.
fn finish(catalog: &mut Catalog) {
    let known: Vec<(String, Vec<String>, Vec<String>)> = catalog
        .relations
        .iter()
        .map(|relation| {
            let columns = relation.columns.iter().map(|column| column.name.clone()).collect();
            let primary = relation.keys.iter().find(|key| key.primary).map(|key| key.columns.clone());
            (relation.name.clone(), columns, primary.unwrap_or_default())
        })
        .collect();
    let spelled = |names: &[String], name: &mut String| {
        if let Some(found) = names.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            name.clone_from(found);
        }
    };
    for relation in &mut catalog.relations {
        let own: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
        for key in &mut relation.foreign_keys {
            key.columns.iter_mut().for_each(|name| spelled(&own, name));
            let Some((table, columns, primary)) = known.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&key.table))
            else {
                continue;
            };
            key.table.clone_from(table);
            if key.remote.is_empty() {
                key.remote.clone_from(primary);
            }
            key.remote.iter_mut().for_each(|name| spelled(columns, name));
        }
        // One whose remote columns cannot be told leads nowhere.
        relation.foreign_keys.retain(|key| key.columns.len() == key.remote.len());
        for words in &catalog.word_indexes {
            if words.content.as_ref().is_some_and(|content| content.eq_ignore_ascii_case(&relation.name)) {
                relation.indexes.push(Index {
                    name: words.name.clone(),
                    columns: words.columns.clone(),
                    method: words.method.clone(),
                    partial: false,
                });
            }
        }
    }
}
