//! Owns what SQLite tells of a table only by an example: the collations of its columns, about how many rows there are,
//! how many digits of a second its texts hold, and whether its GUIDs are bytes.

use rusqlite::Connection;

use crate::catalog::{ColumnType, Relation, RelationKind};

/// The collation of columns that declare none.
pub(super) const EXACT: &str = "BINARY";

/// Rows are counted up to here.
const ROWS_COUNTED_MAX: i64 = 50_000;
/// Rows in which digits and bytes are looked for.
const ROWS_LOOKED_AT: u32 = 200;

/// Sets the collation of each column. No pragma names it, but a compound takes two values for one if the collation of its
/// first column does; so this works for views too.
pub(super) fn collations(connection: &Connection, relation: &mut Relation) -> rusqlite::Result<()> {
    let table = quoted(&relation.name);
    for column in &mut relation.columns {
        let name = quoted(&column.name);
        let text = format!(
            "SELECT (SELECT count(*) FROM (SELECT {name} FROM {table} WHERE 0 UNION SELECT 'a' UNION SELECT 'A')) = 1, \
             (SELECT count(*) FROM (SELECT {name} FROM {table} WHERE 0 UNION SELECT 'a' UNION SELECT 'a ')) = 1"
        );
        let found = connection.query_row(&text, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let (by_case, by_blanks): (bool, bool) = match found {
            Ok(found) => found,
            Err(error) if relation.kind == RelationKind::View => return Err(error),
            // A collation of the program that wrote the file. What it calls equal is not known here.
            Err(error) => {
                let said = error.to_string();
                let named = said.split_once("no such collation sequence: ").map(|(_, name)| name);
                let Some(named) = named else { return Err(error) };
                let end = named.find(|letter: char| letter.is_whitespace()).unwrap_or(named.len());
                column.collation = named.get(..end).map(str::to_owned);
                column.folding = true;
                continue;
            }
        };
        column.folding = by_case || by_blanks;
        column.collation = match (by_case, by_blanks) {
            (true, _) => Some("NOCASE".to_owned()),
            (false, true) => Some("RTRIM".to_owned()),
            (false, false) => None,
        };
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

/// Sets the digits of the fractions of seconds. Declared types seldom tell them, and comparisons need as many as the texts
/// have.
pub(super) fn fractions(connection: &Connection, relation: &mut Relation) -> rusqlite::Result<()> {
    let table = quoted(&relation.name);
    for column in &mut relation.columns {
        let (ColumnType::Timestamp { precision, .. } | ColumnType::Time { precision, .. }) = &mut column.column_type
        else {
            continue;
        };
        let name = quoted(&column.name);
        // Texts only: what is no text has no fraction of this kind.
        let text = format!(
            "SELECT max(CASE WHEN typeof({name}) = 'text' AND {name} LIKE '%:__.%' THEN \
             length(rtrim({name}, 'zZ')) - instr({name}, '.') END) FROM (SELECT {name} FROM {table} LIMIT {ROWS_LOOKED_AT})"
        );
        let digits: Option<i64> = connection.query_row(&text, [], |row| row.get(0))?;
        if let Some(digits) = digits {
            *precision = u8::try_from(digits).unwrap_or(6).min(6);
        }
    }
    Ok(())
}

/// Of a column that is declared as GUIDs, or as nothing, whether it holds the 16 bytes of each. Comparisons need to know:
/// bytes equal no text.
pub(super) fn bytes_of_guids(connection: &Connection, relation: &mut Relation) -> rusqlite::Result<()> {
    let table = quoted(&relation.name);
    for column in &mut relation.columns {
        if !matches!(column.column_type, ColumnType::Uuid | ColumnType::Any) {
            continue;
        }
        let name = quoted(&column.name);
        let text = format!(
            "SELECT count({name}) > 0 AND count({name}) = sum(typeof({name}) = 'blob' AND length({name}) = 16) \
             FROM (SELECT {name} FROM {table} LIMIT {ROWS_LOOKED_AT})"
        );
        if connection.query_row(&text, [], |row| row.get::<_, Option<bool>>(0))? == Some(true) {
            column.column_type = ColumnType::Bytes { max_length: Some(16), fixed: true };
        }
    }
    Ok(())
}

/// The name as SQLite reads it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
