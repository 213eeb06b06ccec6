//! Owns what a PostgreSQL server says of its schema. It is asked of `pg_catalog`, never of `information_schema`, whose
//! views take seconds where nobody has gathered statistics, and hide what belongs to others. Seven statements, and one
//! for routines if some are wanted, whatever the number of tables; none needs more rights than any user has.

mod types;

use std::collections::HashMap;

use crate::catalog::{Catalog, Column, Filled, ForeignKey, Index, Key, Relation, RelationKind, Routine, Wanted};
use crate::edm::{Scalar, Value};
use crate::store::catalog::{Progress, Record, column, grouped, names, relation};
use crate::store::{Database, StoreError};

use types::Types;

/// Generated columns, partition trees and nondeterministic collations are known from here on.
const VERSION_MIN: i64 = 120_000;

const TEXT: Scalar = Scalar::STRING;
const NUMBER: Scalar = Scalar::Int64;
const FLAG: Scalar = Scalar::Boolean;

const SERVER: &str = "SELECT version(), CAST(current_setting('server_version_num') AS int8), \
    current_setting('server_version')";

const SEARCH_PATH: &str =
    "SELECT CAST(s AS text) FROM unnest(current_schemas(false)) WITH ORDINALITY p(s, n) ORDER BY n";

/// A table without a count tells -1 since version 14, and 0 before. That of a partitioned table is the sum of its
/// parts.
const RELATIONS: &str = "SELECT CAST(c.oid AS int8), CAST(n.nspname AS text), CAST(c.relname AS text), \
    CAST(c.relkind AS text), d.description, CAST(CASE c.relkind WHEN 'v' THEN NULL \
    WHEN 'p' THEN (SELECT CASE WHEN bool_and(l.reltuples >= 0) THEN sum(l.reltuples) END \
    FROM pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l ON l.oid = t.relid WHERE t.isleaf) \
    ELSE CASE WHEN c.reltuples > 0 OR c.relpages > 0 \
    OR (c.reltuples = 0 AND CAST(current_setting('server_version_num') AS int) >= 140000) \
    THEN c.reltuples END END AS int8), \
    has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_description d ON d.classoid = CAST('pg_catalog.pg_class' AS regclass) \
    AND d.objoid = c.oid AND d.objsubid = 0 \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
    AND CASE WHEN json_array_length(CAST($1 AS json)) = 0 \
    THEN n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' \
    ELSE n.nspname IN (SELECT json_array_elements_text(CAST($1 AS json))) END \
    AND ($2 OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e \
    WHERE e.classid = CAST('pg_catalog.pg_class' AS regclass) AND e.objid = c.oid AND e.deptype = 'e')) \
    ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/// The parameter of this and the next statements is a list of numbers of relations with commas between.
const COLUMNS: &str = "SELECT CAST(a.attrelid AS int8), CAST(a.attname AS text), format_type(a.atttypid, a.atttypmod), \
    CAST(a.atttypid AS int8), CAST(a.atttypmod AS int8), a.attnotnull, a.attidentity <> '', a.attgenerated <> '', \
    pg_get_expr(f.adbin, f.adrelid), d.description, \
    CASE WHEN a.attcollation NOT IN (0, 100) THEN CASE WHEN n.nspname = 'pg_catalog' THEN '' \
    ELSE quote_ident(n.nspname) || '.' END || quote_ident(o.collname) END, \
    NOT COALESCE(o.collisdeterministic, true), \
    has_table_privilege(a.attrelid, 'SELECT') OR has_column_privilege(a.attrelid, a.attnum, 'SELECT') \
    FROM pg_catalog.pg_attribute a \
    LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum \
    LEFT JOIN pg_catalog.pg_description d ON d.classoid = CAST('pg_catalog.pg_class' AS regclass) \
    AND d.objoid = a.attrelid AND d.objsubid = a.attnum \
    LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation \
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace \
    WHERE a.attrelid = ANY (CAST(string_to_array($1, ',') AS oid[])) AND a.attnum > 0 AND NOT a.attisdropped \
    ORDER BY a.attrelid, a.attnum";

/// A column of an index that is an expression, or is compared in another collation than the column of the table, has no
/// name.
const INDEXES: &str = "SELECT CAST(i.indrelid AS int8), CAST(x.relname AS text), CAST(m.amname AS text), \
    i.indisunique AND i.indpred IS NULL AND NOT 0 = ANY (CAST(i.indkey AS int2[])), i.indisprimary, \
    i.indpred IS NOT NULL, CAST(a.attname AS text), \
    a.attcollation IN (0, i.indcollation[CAST(k.place AS int) - 1]) \
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid \
    JOIN pg_catalog.pg_am m ON m.oid = x.relam \
    CROSS JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY k(number, place) \
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0 \
    WHERE i.indrelid = ANY (CAST(string_to_array($1, ',') AS oid[])) AND i.indisvalid AND i.indislive \
    AND k.place <= i.indnkeyatts ORDER BY i.indisprimary DESC, x.relname COLLATE \"C\", k.place";

/// What partitions inherit has a parent.
const FOREIGN_KEYS: &str = "SELECT CAST(k.conrelid AS int8), CAST(k.conname AS text), CAST(a.attname AS text), \
    CAST(n.nspname AS text), CAST(r.relname AS text), CAST(b.attname AS text) \
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class r ON r.oid = k.confrelid \
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace \
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY u(near, far, place) \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.near \
    JOIN pg_catalog.pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.far \
    WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = ANY (CAST(string_to_array($1, ',') AS oid[])) \
    ORDER BY k.conname COLLATE \"C\", k.conrelid, u.place";

/// The parameter is a list of names. How many arguments a procedure is called with hangs on the version: those that
/// only give something back count or not.
const ROUTINES: &str = "SELECT CAST(n.nspname AS text), CAST(p.proname AS text), p.prokind = 'p', \
    CAST(p.pronargs AS int8), CAST(p.pronargdefaults AS int8), p.provariadic <> 0, \
    has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE') \
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
    WHERE p.proname IN (SELECT json_array_elements_text(CAST($1 AS json))) \
    ORDER BY n.nspname COLLATE \"C\", p.proname COLLATE \"C\", p.oid";

/// Statements, for the progress.
const PARTS: usize = 7;

/// Reads the schema.
pub(in crate::store) async fn read(
    database: &Database,
    wanted: &Wanted,
    progress: &Progress,
) -> Result<Catalog, StoreError> {
    let (product, search_path) = server(database).await?;
    progress(1, PARTS);
    let wanted = wanted.in_schemas(&search_path);
    let (numbers, mut relations) = relations(database, &wanted).await?;
    progress(2, PARTS);
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let list = || vec![Value::String(list.join(",").into())];
    let places: HashMap<i64, usize> = numbers.iter().enumerate().map(|(place, number)| (*number, place)).collect();
    let of = |number: Option<i64>| number.and_then(|number| places.get(&number)).copied();

    let types = Types::read(database, list()).await?;
    progress(4, PARTS);
    let columns = [NUMBER, TEXT, TEXT, NUMBER, NUMBER, FLAG, FLAG, FLAG, TEXT, TEXT, TEXT, FLAG, FLAG];
    for record in database.records(COLUMNS, list(), &columns).await? {
        if let Some(relation) = of(record.number(0)).and_then(|place| relations.get_mut(place)) {
            let column = column_of(&record, &types, relation.kind);
            relation.columns.push(column);
        }
    }
    progress(5, PARTS);
    let records = database.records(INDEXES, list(), &[NUMBER, TEXT, TEXT, FLAG, FLAG, FLAG, TEXT, FLAG]).await?;
    for ((number, name), parts) in grouped(records, |record| (record.number(0), record.text(1))) {
        if let Some(relation) = of(number).and_then(|place| relations.get_mut(place)) {
            add_index(relation, name, &parts);
        }
    }
    progress(6, PARTS);
    let records = database.records(FOREIGN_KEYS, list(), &[NUMBER, TEXT, TEXT, TEXT, TEXT, TEXT]).await?;
    for ((number, name), parts) in grouped(records, |record| (record.number(0), record.text(1))) {
        if let (Some(relation), Some(first)) = (of(number).and_then(|place| relations.get_mut(place)), parts.first()) {
            relation.foreign_keys.push(ForeignKey {
                name: Some(name),
                columns: names(&parts, 2),
                schema: first.some_text(3),
                table: first.text(4),
                remote: names(&parts, 5),
            });
        }
    }
    let routines = routines(database, &wanted.routines).await?;
    progress(PARTS, PARTS);
    Ok(Catalog {
        product,
        default_schema: search_path.first().cloned(),
        search_path,
        relations,
        word_indexes: Vec::new(),
        routines,
        unread: Vec::new(),
    })
}

/// The product with its version, and the schemas in which tables are looked for.
async fn server(database: &Database) -> Result<(String, Vec<String>), StoreError> {
    let records = database.records(SERVER, Vec::new(), &[TEXT, NUMBER, TEXT]).await?;
    let (long, number, short) =
        records.first().map_or_else(Default::default, |first| (first.text(0), first.number(1), first.text(2)));
    // `PostgreSQL 15.14 (Debian …) on …`, `CockroachDB CCL v23.1.11 (…)`
    let product = long.split(" (").next().and_then(|start| start.split(" on ").next()).unwrap_or(&short).to_owned();
    if number.is_none_or(|number| number < VERSION_MIN) {
        return Err(StoreError::Version { origin: database.origin().to_owned(), product, needed: "PostgreSQL 12" });
    }
    let schemas = database.records(SEARCH_PATH, Vec::new(), &[TEXT]).await?;
    Ok((product, names(&schemas, 0)))
}

/// The routines of these names.
async fn routines(database: &Database, names: &[String]) -> Result<Vec<Routine>, StoreError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let params = vec![Value::String(serde_json::Value::from(names).to_string().into())];
    let records = database.records(ROUTINES, params, &[TEXT, TEXT, FLAG, NUMBER, NUMBER, FLAG, FLAG]).await?;
    let one = |record: &Record| {
        let count = |index| record.number(index).and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
        let (procedure, most) = (record.flag(2), count(3));
        // The last argument of a variadic routine stands for any number of them, one at least.
        let most = if record.flag(5) { usize::MAX } else { most };
        Routine {
            schema: record.some_text(0),
            name: record.text(1),
            procedure,
            arguments: (!procedure).then(|| (count(3).saturating_sub(count(4)), most)),
            callable: record.flag(6),
        }
    };
    Ok(records.iter().map(one).collect())
}

/// The relations that are wanted, and the number of each.
async fn relations(database: &Database, wanted: &Wanted) -> Result<(Vec<i64>, Vec<Relation>), StoreError> {
    let schemas = serde_json::Value::from(wanted.schemas.clone()).to_string();
    let params = vec![Value::String(schemas.into()), Value::Boolean(wanted.of_extensions)];
    let records = database.records(RELATIONS, params, &[NUMBER, TEXT, TEXT, TEXT, TEXT, NUMBER, FLAG]).await?;
    let (mut numbers, mut relations) = (Vec::new(), Vec::new());
    for record in records {
        let (schema, name) = (record.text(1), record.text(2));
        let Some(number) = record.number(0).filter(|_| wanted.matches(Some(&schema), &name)) else { continue };
        let kind = match record.text(3).as_str() {
            "p" => RelationKind::Partitioned,
            "v" => RelationKind::View,
            "m" => RelationKind::MaterializedView,
            "f" => RelationKind::Foreign,
            _ => RelationKind::Table,
        };
        numbers.push(number);
        relations.push(Relation {
            comment: record.comment(4),
            rows: record.number(5).and_then(|rows| u64::try_from(rows).ok()),
            readable: record.flag(6),
            ..relation(Some(schema), name, kind)
        });
    }
    Ok((numbers, relations))
}

fn column_of(record: &Record, types: &Types, kind: RelationKind) -> Column {
    let (number, modifier) = (record.number(3).unwrap_or_default(), record.number(4).unwrap_or(-1));
    let resolved = types.resolve(number, modifier);
    let stored = matches!(kind, RelationKind::Table | RelationKind::Partitioned);
    let default = record.some_text(8);
    let filled = if record.flag(7) {
        Filled::Computed
    } else if record.flag(6) || default.as_deref().is_some_and(|default| default.starts_with("nextval(")) {
        Filled::Counted
    } else {
        Filled::ByWriter
    };
    Column {
        // A column of a domain that forbids null holds none in a table; in a view an outer join can still make one.
        nullable: !(record.flag(5) || (resolved.not_null && stored)),
        default: default.filter(|_| filled != Filled::Computed),
        filled,
        comment: record.comment(9),
        collation: record.some_text(10),
        folding: record.flag(11) || resolved.folding,
        readable: record.flag(12),
        ..column(record.text(1), record.text(2), resolved.column_type)
    }
}

fn add_index(relation: &mut Relation, name: String, parts: &[Record]) {
    let Some(first) = parts.first() else { return };
    if first.flag(3) {
        relation.keys.push(Key { name: Some(name.clone()), columns: names(parts, 6), primary: first.flag(4) });
    }
    let columns: Vec<String> = parts.iter().map_while(|part| part.some_text(6).filter(|_| part.flag(7))).collect();
    if !columns.is_empty() {
        relation.indexes.push(Index { name, columns, method: first.text(2), partial: first.flag(5) });
    }
}
