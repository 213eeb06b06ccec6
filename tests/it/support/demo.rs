//! The demo's tables: in memory for the evaluator, and loaded into databases. Names, types and keys come from the
//! metadata files, read here once more without the server's own reader; rows come from the generator of the demo.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};

use penstock::demo::data::{self, TableData};

use super::databases::{Database, Kind};
use super::project;
use crate::differential::value::{Column, Table, Type};

/// A set of the demo.
pub(crate) struct Set {
    pub(crate) name: String,
    /// The places of the columns that `$search` looks into.
    pub(crate) searchable: Vec<usize>,
    pub(crate) table: Table,
    pub(crate) navigations: Vec<Navigation>,
}

/// A navigation property of the demo.
pub(crate) struct Navigation {
    pub(crate) name: String,
    /// The target set.
    pub(crate) target: String,
    pub(crate) to_many: bool,
    /// Pairs of equal properties: the place of the own column, and the name of the target's.
    pub(crate) joins: Vec<(usize, String)>,
}

/// All sets of the demo with their rows at scale 1.
pub(crate) fn sets() -> Vec<Set> {
    let tables = data::tables();
    let mut sets = Vec::new();
    for folder in ["metadata/erp", "metadata/warehouse"] {
        for path in super::files_below(&project(folder)) {
            let is_entity_type = path.extension().is_some_and(|e| e == "toml") && !path.ends_with("service.toml");
            if is_entity_type {
                sets.push(set(&path, &tables));
            }
        }
    }
    assert_eq!(sets.len(), tables.len(), "one metadata file for each table of the demo");
    sets
}

fn set(path: &Path, tables: &[TableData]) -> Set {
    let file: toml::Table = super::read_text(path).parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let data = tables.iter().find(|table| table.name == text(&file, "table")).expect("a table of the demo");
    let properties: Vec<&toml::Table> =
        file["property"].as_array().unwrap().iter().map(|property| property.as_table().unwrap()).collect();
    let columns: Vec<Column> = properties
        .iter()
        .map(|property| Column {
            name: text(property, "name").to_owned(),
            ty: type_named(text(property, "type")),
            nullable: property.get("nullable").is_none_or(|value| value.as_bool().unwrap()),
            ordinal: true,
        })
        .collect();
    let searchable = |place: &usize| {
        let wanted = properties[*place].get("searchable").is_none_or(|value| value.as_bool().unwrap());
        columns[*place].ty == Type::String && wanted
    };
    let searchable = (0..columns.len()).filter(searchable).collect();
    let places: Vec<usize> = properties
        .iter()
        .map(|property| {
            let name = text(property, "column");
            data.columns.iter().position(|(column, _)| column == name).unwrap_or_else(|| panic!("no column {name}"))
        })
        .collect();
    let rows = data.rows(1).map(|row| places.iter().map(|place| row[*place].clone()).collect()).collect();
    let keys = file["key"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
    let key = keys.map(|key| columns.iter().position(|column| column.name == key).unwrap()).collect();
    let table = Table { columns, key, rows };
    let navigations = file.get("navigation").map_or(&[][..], |list| list.as_array().unwrap());
    let navigations =
        navigations.iter().map(|navigation| navigation_of(navigation.as_table().unwrap(), &table)).collect();
    Set { name: text(&file, "set").to_owned(), searchable, table, navigations }
}

fn navigation_of(file: &toml::Table, table: &Table) -> Navigation {
    let joins = file["join"].as_table().unwrap();
    Navigation {
        name: text(file, "name").to_owned(),
        target: text(file, "target").to_owned(),
        to_many: text(file, "to") == "many",
        joins: joins.iter().map(|(own, other)| (table.column(own), other.as_str().unwrap().to_owned())).collect(),
    }
}

fn text<'a>(table: &'a toml::Table, key: &str) -> &'a str {
    table[key].as_str().unwrap_or_else(|| panic!("{key} is no text"))
}

fn type_named(name: &str) -> Type {
    const TYPES: [Type; 13] = [
        Type::Boolean,
        Type::Byte,
        Type::SByte,
        Type::Int16,
        Type::Int32,
        Type::Int64,
        Type::Single,
        Type::Double,
        Type::Decimal,
        Type::String,
        Type::Guid,
        Type::Date,
        Type::DateTimeOffset,
    ];
    TYPES.into_iter().find(|ty| format!("{ty:?}") == name).unwrap_or_else(|| panic!("no type {name}"))
}

/// The demo's two databases on one product, filled at scale 1. Dropped when the last test lets go of them.
pub(crate) struct DemoDatabases {
    _open: Mutex<[Database; 2]>,
    /// The `[sources]` part of a configuration.
    pub(crate) sources: String,
}

/// The databases, filled once for all tests that hold them at the same time. `None` if there is no such server.
pub(crate) fn databases(kind: Kind) -> Option<Arc<DemoDatabases>> {
    static SHARED: Mutex<[Weak<DemoDatabases>; 3]> = Mutex::new([Weak::new(), Weak::new(), Weak::new()]);
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let slot = &mut shared[kind as usize];
    if let Some(databases) = slot.upgrade() {
        return Some(databases);
    }
    let folder = if kind == Kind::Mariadb { "mysql" } else { kind.name() };
    let mut sources = String::new();
    let mut load = |source: &str| {
        let database = Database::create(kind, source)?;
        for script in super::files_below(&project(&format!("migrations/{source}/{folder}"))) {
            database.run_file(&script);
        }
        for table in data::tables().into_iter().filter(|table| table.source == source) {
            let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
            let rows: Vec<_> = table.rows(1).collect();
            database.insert(table.name, &columns, &rows);
        }
        if kind != Kind::Mariadb {
            database.run("analyze");
        }
        let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
        writeln!(sources, "[sources.{source}]\nurl = \"{}\"\npool_max = 4\n{decimals}", database.url).unwrap();
        Some(database)
    };
    let (erp, warehouse) = (load(data::ERP)?, load(data::WAREHOUSE)?);
    let databases = Arc::new(DemoDatabases { _open: Mutex::new([erp, warehouse]), sources });
    *slot = Arc::downgrade(&databases);
    Some(databases)
}
