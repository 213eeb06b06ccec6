//! Owns what no declaration tells of a SQLite table: the collations of its columns, about how many rows there are, and
//! what some of its values are.

use std::collections::HashSet;

use rusqlite::Connection;

use crate::catalog::{ColumnType, Relation, RelationKind};

/// The collation of columns that declare none.
pub(super) const EXACT: &str = "BINARY";

/// Rows are counted up to here.
const ROWS_COUNTED_MAX: i64 = 50_000;
/// Rows whose values are looked at.
const ROWS_LOOKED_AT: u32 = 1_000;

/// Sets the collation of each column: the declared one of a table. Of a view nothing names it, but a compound takes two
/// values for one if the collation of its first column does.
pub(super) fn collations(connection: &Connection, relation: &mut Relation) -> rusqlite::Result<()> {
    if relation.kind == RelationKind::View {
        return collations_of_view(connection, relation);
    }
    for column in &mut relation.columns {
        let (_, collation, ..) =
            connection.column_metadata(Some("main"), relation.name.as_str(), column.name.as_str())?;
        let collation = collation.map_or(EXACT.into(), |name| name.to_string_lossy());
        // What a collation of the program that wrote the file calls equal is not known here.
        column.folding = !collation.eq_ignore_ascii_case(EXACT);
        let own = ["NOCASE", "RTRIM"].into_iter().find(|name| collation.eq_ignore_ascii_case(name));
        column.collation = column.folding.then(|| own.unwrap_or(&collation).to_owned());
    }
    Ok(())
}

fn collations_of_view(connection: &Connection, relation: &mut Relation) -> rusqlite::Result<()> {
    let table = quoted(&relation.name);
    // A statement has no more columns, and no more of its parts.
    for columns in relation.columns.chunks_mut(100) {
        let asked = columns.iter().map(|column| {
            let name = quoted(&column.name);
            format!(
                "(SELECT count(*) FROM (SELECT {name} FROM {table} WHERE 0 UNION SELECT 'a' UNION SELECT 'A')) = 1, \
                 (SELECT count(*) FROM (SELECT {name} FROM {table} WHERE 0 UNION SELECT 'a' UNION SELECT 'a ')) = 1"
            )
        });
        let text = format!("SELECT {}", asked.collect::<Vec<_>>().join(", "));
        connection.query_row(&text, [], |row| {
            for (place, column) in columns.iter_mut().enumerate() {
                let (by_case, by_blanks): (bool, bool) = (row.get(place * 2)?, row.get(place * 2 + 1)?);
                column.folding = by_case || by_blanks;
                column.collation = match (by_case, by_blanks) {
                    (true, _) => Some("NOCASE".to_owned()),
                    (false, true) => Some("RTRIM".to_owned()),
                    (false, false) => None,
                };
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// How many rows there are; if they are many, about: row ids are mostly given without gaps.
pub(super) fn rows(connection: &Connection, relation: &Relation, without_rowid: bool) -> rusqlite::Result<u64> {
    let table = quoted(&relation.name);
    let text = format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {ROWS_COUNTED_MAX})");
    let counted: i64 = connection.query_row(&text, [], |row| row.get(0))?;
    let hides_rowid = relation.columns.iter().any(|column| column.name.eq_ignore_ascii_case("_rowid_"));
    let mut about = counted;
    if counted == ROWS_COUNTED_MAX && !without_rowid && !hides_rowid {
        let text = format!("SELECT max(_rowid_) FROM {table}");
        let greatest: Option<i64> = connection.query_row(&text, [], |row| row.get(0))?;
        about = greatest.unwrap_or_default().max(counted);
    }
    Ok(u64::try_from(about).unwrap_or_default())
}

/// Looks at some rows, in one statement for all columns of which types seldom tell what is needed: the digits of the
/// fractions of seconds, since comparisons need as many as the texts have; whether the digits of decimals are kept as
/// bytes, which must be cast; whether GUIDs are the 16 bytes of each; how long the texts of a key are.
pub(super) fn look(connection: &Connection, relation: &mut Relation) -> rusqlite::Result<()> {
    let in_key: HashSet<String> = relation.keys.iter().flat_map(|key| key.columns.iter().cloned()).collect();
    let mut asked = Vec::new();
    for (place, column) in relation.columns.iter().enumerate() {
        let name = quoted(&column.name);
        let what = match &column.column_type {
            // Texts only: what is no text has no fraction of this kind.
            ColumnType::Timestamp { .. } | ColumnType::Time { .. } => format!(
                "max(CASE WHEN typeof({name}) = 'text' AND {name} LIKE '%:__.%' THEN \
                 length(rtrim({name}, 'zZ')) - instr({name}, '.') END)"
            ),
            ColumnType::Decimal { .. } => format!("max(typeof({name}) = 'blob')"),
            // Comparisons need to know: bytes equal no text, and neither do capital letters small ones.
            ColumnType::Uuid | ColumnType::Any => format!(
                "CASE WHEN count({name}) > 0 AND count({name}) = sum(typeof({name}) = 'blob' AND length({name}) = 16) THEN 1 \
                 WHEN max(typeof({name}) = 'blob') OR max(typeof({name}) = 'text' AND {name} <> lower({name})) THEN 2 END"
            ),
            ColumnType::Text { max_length: None, .. } if in_key.contains(&column.name) => {
                format!("max(CASE WHEN typeof({name}) = 'text' THEN length({name}) END)")
            }
            _ => continue,
        };
        asked.push((place, name, what));
    }
    if asked.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = asked.iter().map(|(_, name, _)| name.as_str()).collect();
    let what: Vec<&str> = asked.iter().map(|(_, _, what)| what.as_str()).collect();
    let text = format!(
        "SELECT {} FROM (SELECT {} FROM {} LIMIT {ROWS_LOOKED_AT})",
        what.join(", "),
        names.join(", "),
        quoted(&relation.name)
    );
    connection.query_row(&text, [], |row| {
        for (at, (place, ..)) in asked.iter().enumerate() {
            let (Some(found), Some(column)) = (row.get::<_, Option<i64>>(at)?, relation.columns.get_mut(*place)) else {
                continue;
            };
            match &mut column.column_type {
                ColumnType::Timestamp { precision, .. } | ColumnType::Time { precision, .. } => {
                    *precision = u8::try_from(found).unwrap_or(6).min(6);
                }
                ColumnType::Decimal { .. } => column.looked_at.bytes = found > 0,
                ColumnType::Uuid | ColumnType::Any if found == 1 => {
                    column.looked_at.bytes = column.column_type == ColumnType::Uuid;
                    column.column_type = ColumnType::Bytes { max_length: Some(16), fixed: true };
                }
                ColumnType::Uuid => column.looked_at.mixed = true,
                ColumnType::Any => {}
                _ => column.looked_at.longest = u32::try_from(found).ok(),
            }
        }
        Ok(())
    })
}

/// The name as SQLite reads it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
