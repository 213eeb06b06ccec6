//! Drafted files as a person reads them: sets, properties, navigation properties, and what is left out.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use crate::support::{files_below, read_text};

/// One file.
pub(crate) struct Drafted {
    pub(crate) set: String,
    pub(crate) table: String,
    pub(crate) schema: Option<String>,
    /// The names of the properties of the key.
    pub(crate) key: Vec<String>,
    pub(crate) properties: Vec<Property>,
    pub(crate) navigations: Vec<Navigation>,
    /// The file as it is, for its comments.
    pub(crate) text: String,
}

pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) column: String,
    /// `Int32`
    pub(crate) of_type: String,
    /// The keys that say how values are read, as they stand in the file, without the name of the type.
    pub(crate) form: BTreeSet<String>,
    pub(crate) nullable: bool,
}

pub(crate) struct Navigation {
    pub(crate) name: String,
    /// The set.
    pub(crate) target: String,
    pub(crate) to_many: bool,
    pub(crate) over: Over,
}

/// What a navigation property goes over.
pub(crate) enum Over {
    /// Pairs of a property here and a property there.
    Join(Vec<(String, String)>),
    /// A table, whose columns hold properties of both sides.
    Link { table: String, schema: Option<String>, near: Vec<(String, String)>, far: Vec<(String, String)> },
}

/// The keys of a property that say how values are read.
pub(crate) const FORM: [&str; 7] = ["precision", "scale", "max_length", "cast", "stored", "collection", "collation"];

impl Drafted {
    pub(crate) fn property(&self, name: &str) -> &Property {
        self.properties.iter().find(|property| property.name == name).unwrap_or_else(|| panic!("{}/{name}", self.set))
    }

    pub(crate) fn of_column(&self, column: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.column == column)
    }

    /// The properties of the key.
    pub(crate) fn key(&self) -> Vec<&Property> {
        self.key.iter().map(|name| self.property(name)).collect()
    }

    /// What a comment says of a column that is left out.
    pub(crate) fn left_out(&self, column: &str) -> Option<String> {
        // Comments are broken into lines, and blanks in names with them.
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let comments: Vec<&str> = self.text.lines().filter_map(|line| line.strip_prefix('#')).collect();
        let comments = one_line(&comments.join(" "));
        let named = format!("\"{}\"", column.replace('\\', "\\\\").replace('"', "\\\""));
        let (_, rest) = comments.split_once(&one_line(&format!("Left out: column {named} (")))?;
        let (_, reason) = rest.split_once("): ")?;
        let reason = reason.split("Left out:").next().unwrap_or_default();
        (reason.trim().len() > 10).then(|| reason.trim().to_owned())
    }
}

/// Reads all files of a folder that declare a set.
pub(crate) fn read(folder: &Path) -> Vec<Drafted> {
    let mut drafted = Vec::new();
    for path in files_below(folder).into_iter().filter(|path| path.extension().is_some_and(|it| it == "toml")) {
        let text = read_text(&path);
        let file: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if file.get("set").is_none() {
            continue;
        }
        drafted.push(Drafted {
            set: said(&file, "set").unwrap(),
            table: said(&file, "table").unwrap(),
            schema: said(&file, "schema"),
            key: texts(file.get("key")),
            properties: tables(&file, "property").map(property).collect(),
            navigations: tables(&file, "navigation").map(navigation).collect(),
            text,
        });
    }
    drafted
}

fn said(table: &Table, key: &str) -> Option<String> {
    table.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn tables<'a>(file: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    let list = file.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|item| item.as_table().unwrap())
}

fn property(table: &Table) -> Property {
    let form = FORM.iter().filter_map(|key| Some(format!("{key} = {}", table.get(*key)?)));
    Property {
        name: said(table, "name").unwrap(),
        column: said(table, "column").unwrap(),
        of_type: said(table, "type").unwrap(),
        form: form.collect(),
        nullable: table.get("nullable").and_then(Value::as_bool).unwrap_or(!table.contains_key("collection")),
    }
}

fn navigation(table: &Table) -> Navigation {
    let pairs = |pairs: &Value| -> Vec<(String, String)> {
        let pairs = pairs.as_table().unwrap().iter();
        pairs.map(|(here, there)| (here.clone(), there.as_str().unwrap().to_owned())).collect()
    };
    let over = match (table.get("join"), table.get("link").and_then(Value::as_table)) {
        (Some(join), None) => Over::Join(pairs(join)),
        (None, Some(link)) => Over::Link {
            table: said(link, "table").unwrap(),
            schema: said(link, "schema"),
            near: pairs(&link["near"]),
            far: pairs(&link["far"]),
        },
        _ => panic!("neither join nor link: {table}"),
    };
    Navigation {
        name: said(table, "name").unwrap(),
        target: said(table, "target").unwrap(),
        to_many: said(table, "to").unwrap() == "many",
        over,
    }
}
