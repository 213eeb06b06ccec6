//! Owns what a MySQL or MariaDB server says of its schemas: some statements of `information_schema` for each schema,
//! whatever the number of tables. The schema is always named by equality, since only then the server opens no other
//! one.

mod routines;
mod show;
mod types;

use std::collections::{HashMap, HashSet};

use crate::catalog::{Catalog, Column, ColumnType, Filled, ForeignKey, Index, Key, Relation, RelationKind, Wanted};
use crate::edm::{Scalar, Value};
use crate::store::catalog::{Progress, Record, column, grouped, names, relation};
use crate::store::{Database, StoreError};

const TEXT: Scalar = Scalar::STRING;
const NUMBER: Scalar = Scalar::Int64;

const SERVER: &str = "SELECT VERSION(), DATABASE()";

const SCHEMAS: &str = "SELECT CAST(SCHEMA_NAME AS CHAR) FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME";

/// A sequence of MariaDB is listed as a table.
const RELATIONS: &str = "SELECT CAST(TABLE_NAME AS CHAR), CAST(TABLE_TYPE AS CHAR), CAST(ENGINE AS CHAR), \
    CAST(CREATE_OPTIONS AS CHAR), CAST(TABLE_COMMENT AS CHAR), CAST(TABLE_ROWS AS SIGNED) \
    FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('SEQUENCE', 'TEMPORARY') \
    ORDER BY CAST(TABLE_NAME AS BINARY)";

const COLUMNS: &str = "SELECT CAST(TABLE_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), CAST(COLUMN_TYPE AS CHAR), \
    CAST(DATA_TYPE AS CHAR), CAST(CHARACTER_MAXIMUM_LENGTH AS SIGNED), CAST(NUMERIC_PRECISION AS SIGNED), \
    CAST(NUMERIC_SCALE AS SIGNED), CAST(DATETIME_PRECISION AS SIGNED), CAST(IS_NULLABLE AS CHAR), \
    CAST(COLUMN_DEFAULT AS CHAR), CAST(EXTRA AS CHAR), CAST(COLLATION_NAME AS CHAR), CAST(COLUMN_COMMENT AS CHAR), \
    CAST(PRIVILEGES AS CHAR) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION";

/// MariaDB's JSON is a long text with this condition.
const CHECKS: &str = "SELECT CAST(TABLE_NAME AS CHAR), CAST(CHECK_CLAUSE AS CHAR) \
    FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND CHECK_CLAUSE LIKE 'json\\_valid(%'";

/// A column of an index that is an expression has no name; that of a part of a column has the part.
const INDEXES: &str = "SELECT CAST(TABLE_NAME AS CHAR), CAST(INDEX_NAME AS CHAR), CAST(NON_UNIQUE AS SIGNED), \
    CAST(COLUMN_NAME AS CHAR), CAST(SUB_PART AS SIGNED), CAST(INDEX_TYPE AS CHAR) \
    FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? \
    ORDER BY INDEX_NAME <> 'PRIMARY', CAST(INDEX_NAME AS BINARY), SEQ_IN_INDEX";

const FOREIGN_KEYS: &str = "SELECT CAST(TABLE_NAME AS CHAR), CAST(CONSTRAINT_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), \
    CAST(REFERENCED_TABLE_SCHEMA AS CHAR), CAST(REFERENCED_TABLE_NAME AS CHAR), CAST(REFERENCED_COLUMN_NAME AS CHAR) \
    FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME IS NOT NULL \
    ORDER BY CAST(CONSTRAINT_NAME AS BINARY), ORDINAL_POSITION";

/// Statements for each schema, for the progress.
const PARTS: usize = 5;

/// The server's own schemas.
const OWN: [&str; 4] = ["information_schema", "mysql", "performance_schema", "sys"];

/// Tables whose rows lie elsewhere.
const FOREIGN_ENGINES: [&str; 3] = ["FEDERATED", "CONNECT", "SPIDER"];

/// Reads the schemas.
pub(in crate::store) async fn read(
    database: &Database,
    wanted: &Wanted,
    progress: &Progress,
) -> Result<Catalog, StoreError> {
    let records = database.records(SERVER, Vec::new(), &[TEXT, TEXT]).await?;
    let (version, default_schema) =
        records.first().map_or_else(Default::default, |first| (first.text(0), first.some_text(1)));
    let is_mariadb = version.contains("MariaDB");
    let product = product(&version);
    let (least, needed) = if is_mariadb { ((10, 3), "MariaDB 10.3") } else { ((5, 7), "MySQL 5.7") };
    if major_and_minor(&version).is_none_or(|found| found < least) {
        return Err(StoreError::Version { origin: database.origin().to_owned(), product, needed });
    }
    let search_path: Vec<String> = default_schema.iter().cloned().collect();
    let wanted = &wanted.in_schemas(&search_path);
    let mut schemas = wanted.schemas.clone();
    if schemas.is_empty() {
        schemas = names(&database.records(SCHEMAS, Vec::new(), &[TEXT]).await?, 0);
        schemas.retain(|schema| !OWN.contains(&schema.to_ascii_lowercase().as_str()));
    }
    let mut catalog = Catalog { product, default_schema, search_path, ..Catalog::default() };
    let parts = schemas.len() * PARTS + 1;
    progress(1, parts);
    for (place, schema) in schemas.iter().enumerate() {
        let done = |part| progress(1 + place * PARTS + part, parts);
        one(database, wanted, schema, is_mariadb, &mut catalog, done).await?;
    }
    catalog.routines = routines::read(database, &schemas, &wanted.routines, is_mariadb).await?;
    progress(parts, parts);
    Ok(catalog)
}

/// One schema.
async fn one(
    database: &Database,
    wanted: &Wanted,
    schema: &str,
    is_mariadb: bool,
    catalog: &mut Catalog,
    done: impl Fn(usize),
) -> Result<(), StoreError> {
    let named = || vec![Value::String(schema.into())];
    let records = database.records(RELATIONS, named(), &[TEXT, TEXT, TEXT, TEXT, TEXT, NUMBER]).await?;
    let mut relations: Vec<Relation> = records
        .iter()
        .filter(|record| wanted.matches(Some(schema), &record.text(0)))
        .map(|record| relation_of(schema, record))
        .collect();
    done(1);
    let places: HashMap<String, usize> =
        relations.iter().enumerate().map(|(place, relation)| (relation.name.clone(), place)).collect();
    let of = |name: &str| places.get(name).copied();

    let mut json = HashSet::new();
    // Tables on which the user has no right but to read.
    let mut reads_only: HashSet<String> = relations.iter().map(|relation| relation.name.clone()).collect();
    if is_mariadb {
        for record in database.records(CHECKS, named(), &[TEXT, TEXT]).await? {
            json.extend(types::json_column(&record.text(1)).map(|column| (record.text(0), column)));
        }
    }
    done(2);
    let columns = [TEXT, TEXT, TEXT, TEXT, NUMBER, NUMBER, NUMBER, NUMBER, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT];
    for record in database.records(COLUMNS, named(), &columns).await? {
        let table = record.text(0);
        if record.text(13).split(',').any(|privilege| !matches!(privilege.trim(), "select" | "")) {
            reads_only.remove(&table);
        }
        if let Some(relation) = of(&table).and_then(|place| relations.get_mut(place)) {
            let mut column = column_of(&record);
            if matches!(column.column_type, ColumnType::Text { .. }) && json.contains(&(table, column.name.clone())) {
                column.column_type = ColumnType::Json;
            }
            relation.columns.push(column);
        }
    }
    done(3);
    let records = database.records(INDEXES, named(), &[TEXT, TEXT, NUMBER, TEXT, NUMBER, TEXT]).await?;
    for ((table, name), parts) in grouped(records, |record| (record.text(0), record.text(1))) {
        if let Some(relation) = of(&table).and_then(|place| relations.get_mut(place)) {
            add_index(relation, name, &parts);
        }
    }
    done(4);
    let records = database.records(FOREIGN_KEYS, named(), &[TEXT, TEXT, TEXT, TEXT, TEXT, TEXT]).await?;
    for ((table, name), parts) in grouped(records, |record| (record.text(0), record.text(1))) {
        if let (Some(relation), Some(first)) = (of(&table).and_then(|place| relations.get_mut(place)), parts.first()) {
            relation.foreign_keys.push(ForeignKey {
                name: Some(name),
                columns: names(&parts, 2),
                schema: first.some_text(3),
                table: first.text(4),
                remote: names(&parts, 5),
            });
        }
    }
    let places: Vec<usize> = reads_only.iter().filter_map(|name| of(name)).collect();
    let hidden = show::complete(database, &mut relations, &places, |_| done(4)).await?;
    if !hidden.is_empty() {
        catalog.unread.push(format!(
            "the server hides the foreign keys of {} from a user who may read some of their columns only",
            hidden.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
        ));
    }
    done(5);
    for mut relation in relations {
        if relation.columns.is_empty() {
            // The server says no more of it: a view over tables that are gone or that its maker may not read.
            catalog.unread.push(format!("the view '{}' is broken: the server tells no column of it", relation.name));
            continue;
        }
        relation.readable = relation.columns.iter().any(|column| column.readable);
        catalog.relations.push(relation);
    }
    Ok(())
}

fn relation_of(schema: &str, record: &Record) -> Relation {
    let engine = record.text(2).to_ascii_uppercase();
    let kind = match record.text(1).as_str() {
        "VIEW" | "SYSTEM VIEW" => RelationKind::View,
        _ if FOREIGN_ENGINES.contains(&engine.as_str()) => RelationKind::Foreign,
        _ if record.text(3).to_ascii_lowercase().contains("partitioned") => RelationKind::Partitioned,
        _ => RelationKind::Table,
    };
    let is_view = kind == RelationKind::View;
    Relation {
        // What is said of a view is that it is one.
        comment: record.comment(4).filter(|_| !is_view),
        rows: record.number(5).filter(|_| !is_view).and_then(|rows| u64::try_from(rows).ok()),
        ..relation(Some(schema.to_owned()), record.text(0), kind)
    }
}

fn column_of(record: &Record) -> Column {
    let extra = record.text(10).to_ascii_lowercase();
    let is = |word: &str| extra.contains(word);
    let filled = if is("stored generated") || is("virtual generated") || is("persistent") {
        Filled::Computed
    } else if is("auto_increment") {
        Filled::Counted
    } else if is("on update") {
        Filled::AtChange
    } else {
        Filled::ByWriter
    };
    let declared = types::Declared {
        whole: record.text(2),
        name: record.text(3),
        length: record.number(4),
        precision: record.number(5),
        scale: record.number(6),
        fraction: record.number(7),
    };
    let collation = record.some_text(11);
    Column {
        nullable: record.text(8) == "YES",
        // MariaDB writes that there is none as a default of its own.
        default: record.some_text(9).filter(|default| default != "NULL" && filled != Filled::Computed),
        filled,
        comment: record.comment(12),
        folding: collation.as_deref().is_some_and(types::folds),
        collation,
        readable: record.text(13).split(',').any(|privilege| privilege.trim() == "select"),
        ..column(record.text(1), declared.whole.clone(), declared.column_type())
    }
}

fn add_index(relation: &mut Relation, name: String, parts: &[Record]) {
    let Some(first) = parts.first() else { return };
    let columns: Vec<String> =
        parts.iter().map_while(|part| part.some_text(3).filter(|_| part.number(4).is_none())).collect();
    let primary = name == "PRIMARY";
    let method = first.text(5).to_ascii_lowercase();
    if first.number(2) == Some(0) && columns.len() == parts.len() {
        relation.keys.push(Key { name: Some(name.clone()), columns: columns.clone(), primary });
    }
    // An index of words says of each column that a part of it is kept.
    let columns = if method == "fulltext" { names(parts, 3) } else { columns };
    if !columns.is_empty() {
        relation.indexes.push(Index { name, columns, method, partial: false });
    }
}

/// `10.11.14-MariaDB-0+deb12u2`, `8.0.36-0ubuntu0.22.04.1`, `8.0.11-TiDB-v7.5.0`
fn product(version: &str) -> String {
    let number = version.split('-').next().unwrap_or(version);
    if version.contains("MariaDB") {
        // Old servers say that they are MySQL's before they say what they are.
        let number = version.split('-').find(|part| part.contains('.') && !part.starts_with("5.5.5")).unwrap_or(number);
        return format!("MariaDB {number}");
    }
    let is_other = version.contains("TiDB") || version.contains("OceanBase") || version.contains("Vitess");
    format!("MySQL {}", if is_other { version } else { number })
}

fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut numbers = version.split(|letter: char| !letter.is_ascii_digit()).map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (version, expected, numbers) in [
            ("10.11.14-MariaDB-0+deb12u2", "MariaDB 10.11.14", (10, 11)),
            ("5.5.5-10.2.44-MariaDB", "MariaDB 10.2.44", (10, 2)),
            ("8.0.36-0ubuntu0.22.04.1", "MySQL 8.0.36", (8, 0)),
            ("8.4.2", "MySQL 8.4.2", (8, 4)),
            ("8.0.11-TiDB-v7.5.0", "MySQL 8.0.11-TiDB-v7.5.0", (8, 0)),
        ] {
            assert_eq!((product(version).as_str(), major_and_minor(version)), (expected, Some(numbers)));
        }
        assert_eq!(major_and_minor("unknown"), None);
    }
}
