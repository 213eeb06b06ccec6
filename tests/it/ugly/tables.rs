//! The tables, columns and foreign keys of a database, as its own catalogue tells them to plain SQL.

use crate::support::databases::{Database, Kind};

/// A table or a view.
pub(super) struct Table {
    /// The schema, if it is not that of the connection.
    pub(super) schema: Option<String>,
    pub(super) name: String,
    /// It has rows of its own, so its catalogue knows of nulls.
    pub(super) has_rows: bool,
    pub(super) columns: Vec<Column>,
}

pub(super) struct Column {
    pub(super) name: String,
    /// The type as the catalogue spells it.
    pub(super) declared: String,
    pub(super) not_null: bool,
}

/// A foreign key.
#[derive(Debug)]
pub(super) struct Leads {
    pub(super) from: (Option<String>, String),
    pub(super) to: (Option<String>, String),
    /// Columns here and there.
    pub(super) pairs: Vec<(String, String)>,
}

/// What the name of a table is in SQL.
pub(crate) fn in_sql(kind: Kind, schema: Option<&str>, name: &str) -> String {
    let quoted = |name: &str| crate::introspect::schema::quoted(kind, name);
    schema.map_or_else(|| quoted(name), |schema| format!("{}.{}", quoted(schema), quoted(name)))
}

/// Which schemas are looked at: `public` and others, the database of the address and another, or the only one.
fn schema_of(database: &Database, schema: &str) -> Option<String> {
    let own = match database.kind {
        Kind::Postgres => "public",
        Kind::Mariadb => database.name(),
        Kind::Sqlite => "main",
    };
    (schema != own).then(|| schema.to_owned())
}

/// All tables and views, in `schemas` where the server has schemas of others.
pub(super) fn tables(database: &Database, schemas: &[&str]) -> Vec<Table> {
    let sql = match database.kind {
        Kind::Postgres => "select n.nspname, c.relname, (c.relkind in ('r', 'p'))::text, a.attname, \
             format_type(a.atttypid, a.atttypmod), a.attnotnull::text \
             from pg_class c join pg_namespace n on n.oid = c.relnamespace \
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
             where c.relkind in ('r', 'v', 'm', 'p', 'f') and not c.relispartition \
             and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' \
             order by n.nspname, c.relname, a.attnum"
            .to_owned(),
        Kind::Mariadb => format!(
            "select c.table_schema, c.table_name, if(t.table_type like '%VIEW%', 'false', 'true'), c.column_name, \
             c.column_type, if(c.is_nullable = 'NO', 'true', 'false') \
             from information_schema.columns c join information_schema.tables t \
             on t.table_schema = c.table_schema and t.table_name = c.table_name \
             where c.table_schema in ('{}') and t.table_type <> 'SEQUENCE' \
             order by c.table_schema, binary c.table_name, c.ordinal_position",
            schemas.join("', '")
        ),
        Kind::Sqlite => {
            "select 'main', t.name, case t.type when 'table' then 'true' else 'false' end, c.name, c.type, \
             case when c.\"notnull\" or c.pk > 0 then 'true' else 'false' end \
             from pragma_table_list t join pragma_table_xinfo(t.name) c \
             where t.schema = 'main' and t.type in ('table', 'view') and t.name not like 'sqlite\\_%' escape '\\' \
             and c.hidden <> 1 order by t.name, c.cid"
                .to_owned()
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in database.rows(&sql) {
        let [schema, name, has_rows, column, declared, not_null] = <[String; 6]>::try_from(row).unwrap();
        let schema = schema_of(database, &schema);
        if tables.last().is_none_or(|last| last.name != name || last.schema != schema) {
            tables.push(Table { schema, name, has_rows: has_rows == "true", columns: Vec::new() });
        }
        let column = Column { name: column, declared, not_null: not_null == "true" };
        tables.last_mut().unwrap().columns.push(column);
    }
    tables
}

/// All foreign keys.
pub(super) fn leads(database: &Database, schemas: &[&str]) -> Vec<Leads> {
    let sql = match database.kind {
        Kind::Postgres => "select k.oid::text, n.nspname, c.relname, m.nspname, f.relname, a.attname, b.attname \
             from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace \
             join pg_class f on f.oid = k.confrelid join pg_namespace m on m.oid = f.relnamespace \
             cross join lateral unnest(k.conkey, k.confkey) with ordinality u(here, there, place) \
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.here \
             join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.there \
             where k.contype = 'f' and k.conparentid = 0 order by k.oid, u.place"
            .to_owned(),
        Kind::Mariadb => format!(
            "select concat(table_name, ' ', constraint_name), table_schema, table_name, referenced_table_schema, \
             referenced_table_name, column_name, referenced_column_name from information_schema.key_column_usage \
             where table_schema in ('{}') and referenced_table_name is not null \
             order by table_schema, table_name, constraint_name, ordinal_position",
            schemas.join("', '")
        ),
        // A key that names no columns leads to the primary key.
        Kind::Sqlite => "select t.name || ' ' || k.id, 'main', t.name, 'main', f.name, k.\"from\", \
             coalesce(k.\"to\", (select p.name from pragma_table_info(f.name) p where p.pk = k.seq + 1)) \
             from pragma_table_list t join pragma_foreign_key_list(t.name) k \
             join pragma_table_list f on f.name = k.\"table\" collate nocase and f.schema = 'main' \
             where t.schema = 'main' order by t.name, k.id, k.seq"
            .to_owned(),
    };
    let mut leads: Vec<(String, Leads)> = Vec::new();
    for row in database.rows(&sql) {
        let [name, near_schema, near, far_schema, far, here, there] = <[String; 7]>::try_from(row).unwrap();
        let from = (schema_of(database, &near_schema), near);
        if leads.last().is_none_or(|(last, key)| *last != name || key.from != from) {
            let to = (schema_of(database, &far_schema), far);
            leads.push((name, Leads { from, to, pairs: Vec::new() }));
        }
        leads.last_mut().unwrap().1.pairs.push((here, there));
    }
    leads.into_iter().map(|(_, leads)| leads).collect()
}
