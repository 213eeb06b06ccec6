//! Owns what a user who may only read has to learn from `SHOW CREATE TABLE`: MariaDB hides foreign keys and conditions
//! in `information_schema` from whoever has no other right, and that is the user whom one should give to a server that
//! only reads. One statement for each such table.

use crate::catalog::{ColumnType, ForeignKey, Relation, RelationKind};
use crate::edm::Scalar;
use crate::store::{Database, StoreError};

/// Completes the relations whose places are given, and gives the names of those that are not shown.
pub(super) async fn complete(
    database: &Database,
    relations: &mut [Relation],
    places: &[usize],
    done: impl Fn(usize),
) -> Result<Vec<String>, StoreError> {
    let mut hidden = Vec::new();
    for (count, place) in places.iter().enumerate() {
        done(count);
        let Some(relation) = relations.get_mut(*place) else { continue };
        if !matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned) {
            continue;
        }
        let schema = relation.schema.clone().unwrap_or_default();
        let text = format!("SHOW CREATE TABLE {}.{}", quoted(&schema), quoted(&relation.name));
        match database.records(&text, Vec::new(), &[Scalar::STRING, Scalar::STRING]).await {
            Ok(records) => {
                for line in records.first().map(|first| first.text(1)).unwrap_or_default().lines() {
                    understand(relation, &schema, line.trim().trim_end_matches(','));
                }
                relation.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
            }
            // Whoever may read some columns only is shown nothing.
            Err(StoreError::Denied { .. }) => hidden.push(relation.name.clone()),
            Err(error) => return Err(error),
        }
    }
    Ok(hidden)
}

fn understand(relation: &mut Relation, schema: &str, line: &str) {
    if let Some(key) = foreign_key(schema, line)
        && !relation.foreign_keys.iter().any(|known| known.name == key.name)
    {
        relation.foreign_keys.push(key);
    }
    if let Some(quote) = line.chars().next().filter(|quote| is_quote(*quote))
        && let Some((name, _)) = word(line, quote)
        && line.ends_with(&format!("CHECK (json_valid({quote}{}{quote}))", doubled(&name, quote)))
        && let Some(column) = relation.columns.iter_mut().find(|column| column.name == name)
        && matches!(column.column_type, ColumnType::Text { .. })
    {
        column.column_type = ColumnType::Json;
    }
}

/// The key in ``CONSTRAINT `name` FOREIGN KEY (`a`, `b`) REFERENCES `schema`.`table` (`x`, `y`) …``
fn foreign_key(schema: &str, line: &str) -> Option<ForeignKey> {
    let rest = line.strip_prefix("CONSTRAINT ")?;
    let quote = rest.chars().next().filter(|quote| is_quote(*quote))?;
    // Quotes within this name alone are not doubled.
    let (name, rest) = rest.strip_prefix(quote)?.split_once(&format!("{quote} FOREIGN KEY ("))?;
    let (columns, rest) = words(rest, quote)?;
    let rest = rest.strip_prefix(") REFERENCES ")?;
    let (mut table, mut rest) = word(rest, quote)?;
    let mut of = schema.to_owned();
    if let Some(inner) = rest.strip_prefix('.') {
        of = table;
        (table, rest) = word(inner, quote)?;
    }
    let (remote, _) = words(rest.strip_prefix(" (")?, quote)?;
    Some(ForeignKey { name: Some(name.to_owned()), columns, schema: Some(of), table, remote })
}

/// Quoted words with commas between, and what follows them.
fn words(text: &str, quote: char) -> Option<(Vec<String>, &str)> {
    let (first, mut rest) = word(text, quote)?;
    let mut words = vec![first];
    while let Some(inner) = rest.strip_prefix(", ") {
        let (next, after) = word(inner, quote)?;
        words.push(next);
        rest = after;
    }
    Some((words, rest))
}

/// A quoted word at the start, and what follows it.
fn word(text: &str, quote: char) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix(quote)?;
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once(quote)?;
        name.push_str(part);
        match after.strip_prefix(quote) {
            Some(after) => {
                name.push(quote);
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

/// The server's own sign, and that of standard SQL, which a setting of the server puts in its place.
fn is_quote(letter: char) -> bool {
    matches!(letter, '`' | '"')
}

fn quoted(name: &str) -> String {
    format!("`{}`", doubled(name, '`'))
}

fn doubled(name: &str, quote: char) -> String {
    name.replace(quote, &format!("{quote}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::catalog::{column, relation};

    #[test]
    fn foreign_keys_are_read_from_their_lines() {
        let key = |line| foreign_key("here", line);
        let plain = key("CONSTRAINT `a`b, (c)` FOREIGN KEY (`x``y`, `z`) REFERENCES `o` (`id`, `n`) ON DELETE CASCADE")
            .unwrap();
        assert_eq!(plain.name.as_deref(), Some("a`b, (c)"));
        assert_eq!(
            (plain.columns, plain.remote),
            (vec!["x`y".to_owned(), "z".into()], vec!["id".to_owned(), "n".into()])
        );
        assert_eq!((plain.schema.as_deref(), plain.table.as_str()), (Some("here"), "o"));
        let other = key("CONSTRAINT \"k\" FOREIGN KEY (\"x\") REFERENCES \"there\".\"o\" (\"id\")").unwrap();
        assert_eq!((other.schema.as_deref(), other.table.as_str()), (Some("there"), "o"));
        assert_eq!(key("CONSTRAINT `c` CHECK (`x` > 0)"), None);
        assert_eq!(key("KEY `k` (`x`)"), None);
    }

    #[test]
    fn json_is_read_from_its_line() {
        let mut found = relation(None, "t".to_owned(), RelationKind::Table);
        let text = ColumnType::Text { max_length: None, padded: false };
        found.columns = ["j`", "k"].map(|name| column(name.to_owned(), "longtext".to_owned(), text.clone())).to_vec();
        understand(&mut found, "here", "`j``` longtext DEFAULT NULL COMMENT 'x' CHECK (json_valid(`j```))");
        understand(&mut found, "here", "`k` longtext DEFAULT NULL COMMENT 'CHECK (json_valid(`k`))'");
        assert_eq!(found.columns[0].column_type, ColumnType::Json);
        assert_eq!(found.columns[1].column_type, text);
    }
}
