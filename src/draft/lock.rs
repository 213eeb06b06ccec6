//! Owns [`Seen`], the content of [`LOCK_FILE`]: what earlier runs have seen in the database. A column, foreign key or
//! table that was seen and stands in no file was taken out by a person, and does not come back; what was not seen is
//! new.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::model::Problem;
use crate::model::raw::File;

use super::text::{key, list, quoted};

/// The file beside the metadata files. Servers do not read it.
pub const LOCK_FILE: &str = "introspect.lock";

const HEAD: &str = "\
# Written by `penstock introspect`: what it has seen in the database. Keep it beside the files.
# A column, foreign key or table that stands here and in no file was taken out by a person, and does not come back.
# To get one back, take its line out of here.
version = 1
";

/// What a column has instead of a form.
const LEFT_OUT: &str = "left out";
const GONE: &str = "gone";

/// Where a relation lies, as files write it: the schema is left out if it is that of the connection.
pub(super) type Place = (Option<String>, String);

/// All that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) relations: BTreeMap<Place, SeenRelation>,
}

/// What was seen of one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeenRelation {
    pub(super) role: Role,
    pub(super) columns: BTreeMap<String, SeenColumn>,
    /// Those that have become navigation properties.
    pub(super) foreign_keys: BTreeSet<String>,
}

/// What has become of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It has a file.
    Set,
    /// It has become navigation properties of others.
    Link,
    /// It had a file, and the database had it no more.
    Gone,
}

/// What was seen of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SeenColumn {
    /// It could be published in this form.
    Form(String),
    /// It could not be published.
    LeftOut,
    /// The database had it no more.
    Gone,
}

const ROLES: [(&str, Role); 3] = [("set", Role::Set), ("link", Role::Link), (GONE, Role::Gone)];

impl Seen {
    /// Reads the file.
    pub(super) fn read(file: &File) -> Result<Seen, Problem> {
        let problem = |key: &str, wrong: String| Problem {
            file: file.name.clone(),
            key: key.to_owned(),
            wrong,
            right:
                "restore the file as it was written, or delete it: all that stands in no file then counts as new for \
                    tables, and as left out by a person for columns"
                    .to_owned(),
        };
        let table: Table = file.text.parse().map_err(|error: toml::de::Error| {
            problem("", error.message().lines().map(str::trim).collect::<Vec<_>>().join(", "))
        })?;
        if table.get("version") != Some(&Value::Integer(1)) {
            return Err(problem("version", "this program reads version 1".to_owned()));
        }
        let mut seen = Seen::default();
        let relations = table.get("relation").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (number, relation) in (1..).zip(relations) {
            let (place, relation) = read_relation(relation)
                .ok_or_else(|| problem(&format!("relation.{number}"), "it is damaged".to_owned()))?;
            seen.relations.insert(place, relation);
        }
        Ok(seen)
    }

    /// The text of the file.
    pub(super) fn write(&self) -> String {
        let mut text = HEAD.to_owned();
        for ((schema, table), relation) in &self.relations {
            text.push_str("\n[[relation]]\n");
            let role = ROLES.iter().find(|(_, role)| *role == relation.role).map_or(GONE, |(word, _)| word);
            let mut line = |key: &str, value: String| {
                text.push_str(key);
                text.push_str(" = ");
                text.push_str(&value);
                text.push('\n');
            };
            if let Some(schema) = schema {
                line("schema", quoted(schema));
            }
            line("table", quoted(table));
            line("as", quoted(role));
            if !relation.foreign_keys.is_empty() {
                line("foreign_keys", list(relation.foreign_keys.iter().map(String::as_str)));
            }
            if !relation.columns.is_empty() {
                text.push_str("[relation.columns]\n");
            }
            for (column, seen) in &relation.columns {
                let value = match seen {
                    SeenColumn::Form(form) => form,
                    SeenColumn::LeftOut => LEFT_OUT,
                    SeenColumn::Gone => GONE,
                };
                text.push_str(&key(column));
                text.push_str(" = ");
                // A form holds quotes; between single ones it stays readable.
                let value = if value.contains('\'') { quoted(value) } else { ["'", value, "'"].concat() };
                text.push_str(&value);
                text.push('\n');
            }
        }
        text
    }
}

fn read_relation(value: &Value) -> Option<(Place, SeenRelation)> {
    let table = value.as_table()?;
    let text = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    let as_word = text("as")?;
    let role = ROLES.iter().find(|(word, _)| *word == as_word)?.1;
    let mut foreign_keys = BTreeSet::new();
    for foreign_key in table.get("foreign_keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        foreign_keys.insert(foreign_key.as_str()?.to_owned());
    }
    let mut columns = BTreeMap::new();
    for (column, seen) in table.get("columns").and_then(Value::as_table).into_iter().flatten() {
        let seen = match seen.as_str()? {
            LEFT_OUT => SeenColumn::LeftOut,
            GONE => SeenColumn::Gone,
            form => SeenColumn::Form(form.to_owned()),
        };
        columns.insert(column.clone(), seen);
    }
    Some(((text("schema"), text("table")?), SeenRelation { role, columns, foreign_keys }))
}

impl SeenRelation {
    /// One of which nothing was seen yet.
    pub(super) fn new(role: Role) -> SeenRelation {
        SeenRelation { role, columns: BTreeMap::new(), foreign_keys: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut seen = Seen::default();
        let mut odd = SeenRelation::new(Role::Set);
        odd.columns.insert("a \"b\" '".to_owned(), SeenColumn::Form("type = \"String\"".to_owned()));
        odd.columns.insert("gone".to_owned(), SeenColumn::Gone);
        odd.columns.insert("left".to_owned(), SeenColumn::LeftOut);
        odd.foreign_keys.insert("a -> b(c)".to_owned());
        seen.relations.insert((Some("größe".to_owned()), "it's".to_owned()), odd);
        seen.relations.insert((None, "links".to_owned()), SeenRelation::new(Role::Link));
        let file = |text: &str| File { name: LOCK_FILE.to_owned(), text: text.to_owned() };
        assert_eq!(Seen::read(&file(&seen.write())), Ok(seen.clone()));
        for wrong in ["", "version = 2", "version = 1\n[[relation]]\ntable = \"x\"", "version ="] {
            assert_eq!(Seen::read(&file(wrong)).unwrap_err().file, LOCK_FILE, "{wrong}");
        }
        let text = seen.write();
        assert!(text.contains("[[relation]]\ntable = \"links\"\nas = \"link\"\n"), "{text}");
    }
}
