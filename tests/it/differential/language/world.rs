//! The related tables: nodes that are a tree, owners, items with a key of two parts, and a table of pairs. References
//! are null, dangle, and lead to the row itself. Definitions for the databases and metadata files are written from one
//! list.

use std::fmt::Write as _;

use penstock::edm::Value;

use super::super::super::support::databases::{Database, Kind as Product};
use super::super::things::column_type;
use super::super::value::{Column, Table, Type};
use super::data;

/// Digits right of the point of a decimal column.
pub(super) const SCALE: i64 = 4;

type Definition = (&'static str, &'static str, Type, bool);

const NODES: [Definition; 21] = [
    ("Id", "id", Type::Int32, false),
    ("ParentId", "parent_id", Type::Int32, true),
    ("OwnerCode", "owner_code", Type::String, true),
    ("Flag", "flag", Type::Boolean, true),
    ("Open", "is_open", Type::Boolean, false),
    ("Small", "small", Type::Int16, false),
    ("Whole", "whole", Type::Int32, true),
    ("Big", "big", Type::Int64, true),
    ("Exact", "exact", Type::Decimal, true),
    ("Fine", "fine", Type::Decimal, false),
    ("Long", "long_number", Type::Double, true),
    ("Short", "short_number", Type::Single, false),
    ("Text", "text_value", Type::String, false),
    ("TextNull", "text_null", Type::String, true),
    ("Mark", "mark", Type::Guid, true),
    ("Day", "day_value", Type::Date, true),
    ("Moment", "moment", Type::DateTimeOffset, true),
    ("Clock", "clock", Type::TimeOfDay, true),
    ("Span", "span", Type::Duration, true),
    ("Rest", "rest", Type::Duration, false),
    ("Colors", "colors", Type::Int32, true),
];
const OWNERS: [Definition; 11] = [
    ("Code", "code", Type::String, false),
    ("BossCode", "boss_code", Type::String, true),
    ("Rank", "rank_number", Type::Int32, true),
    ("Limit", "limit_amount", Type::Decimal, true),
    ("Name", "name", Type::String, true),
    ("Active", "active", Type::Boolean, false),
    ("Factor", "factor", Type::Double, true),
    ("Born", "born", Type::Date, true),
    ("Seen", "seen", Type::DateTimeOffset, false),
    ("Break", "break_span", Type::Duration, true),
    ("Colors", "colors", Type::Int32, true),
];
const ITEMS: [Definition; 11] = [
    ("NodeId", "node_id", Type::Int32, false),
    ("No", "item_no", Type::Int32, false),
    ("OwnerCode", "owner_code", Type::String, true),
    ("Amount", "amount", Type::Decimal, true),
    ("Quantity", "quantity", Type::Int32, false),
    ("Weight", "weight", Type::Double, true),
    ("Label", "label", Type::String, true),
    ("At", "at_moment", Type::DateTimeOffset, true),
    ("Due", "due", Type::Date, true),
    ("Takes", "takes", Type::Duration, true),
    ("Done", "done", Type::Boolean, true),
];

/// Members of the enumeration in every column `Colors`; a value may be a sum of them.
pub(super) const COLORS: [(&str, i64); 3] = [("Red", 1), ("Green", 2), ("Blue", 4)];

/// One entity set.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) type_name: &'static str,
    pub(super) sql_name: &'static str,
    definitions: &'static [Definition],
    pub(super) table: Table,
    pub(super) navigations: Vec<Navigation>,
    /// Per navigation property and row, the related rows in the order of the key.
    pub(super) related: Vec<Vec<Vec<usize>>>,
}

#[derive(Debug)]
pub(super) struct Navigation {
    pub(super) name: &'static str,
    pub(super) target: usize,
    pub(super) many: bool,
    /// Own column and the target's; through the table of pairs where it is a link.
    join: Vec<(&'static str, &'static str)>,
    /// True for a link, read from its near side or its far one.
    link: Option<bool>,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) sets: Vec<Set>,
    /// Ids of nodes and codes of owners.
    pairs: Vec<(Value, Value)>,
}

const NODE: usize = 0;
const OWNER: usize = 1;
const ITEM: usize = 2;

fn set(
    (name, type_name, sql_name): (&'static str, &'static str, &'static str),
    definitions: &'static [Definition],
    key: Vec<usize>,
    navigations: Vec<Navigation>,
) -> Set {
    let columns = definitions.iter().map(|(name, _, ty, nullable)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        nullable: *nullable,
        ordinal: true,
    });
    let table = Table { columns: columns.collect(), key, rows: Vec::new() };
    Set { name, type_name, sql_name, definitions, table, navigations, related: Vec::new() }
}

fn one(name: &'static str, target: usize, local: &'static str, remote: &'static str) -> Navigation {
    Navigation { name, target, many: false, join: vec![(local, remote)], link: None }
}

fn many(name: &'static str, target: usize, local: &'static str, remote: &'static str) -> Navigation {
    Navigation { many: true, ..one(name, target, local, remote) }
}

fn linked(name: &'static str, target: usize, (local, remote): (&'static str, &'static str), near: bool) -> Navigation {
    Navigation { link: Some(near), ..many(name, target, local, remote) }
}

impl World {
    /// The tables with rows from a source of choices.
    pub(super) fn new(choices: &mut data::Choices) -> World {
        let nodes = vec![
            one("Parent", NODE, "ParentId", "Id"),
            many("Children", NODE, "Id", "ParentId"),
            one("Owner", OWNER, "OwnerCode", "Code"),
            many("Items", ITEM, "Id", "NodeId"),
            linked("Friends", OWNER, ("Id", "Code"), true),
        ];
        let owners = vec![
            one("Boss", OWNER, "BossCode", "Code"),
            many("Nodes", NODE, "Code", "OwnerCode"),
            many("Items", ITEM, "Code", "OwnerCode"),
            linked("Fans", NODE, ("Code", "Id"), false),
        ];
        let items = vec![one("Node", NODE, "NodeId", "Id"), one("Owner", OWNER, "OwnerCode", "Code")];
        let mut sets = vec![
            set(("Nodes", "Node", "nodes"), &NODES, vec![0], nodes),
            set(("Owners", "Owner", "owners"), &OWNERS, vec![0], owners),
            set(("Items", "Item", "items"), &ITEMS, vec![0, 1], items),
        ];
        for set in &mut sets {
            set.table.rows = data::rows(set.sql_name, &set.table.columns, choices);
        }
        let mut world = World { sets, pairs: data::pairs(choices) };
        for set in 0..world.sets.len() {
            let related = world.sets[set].navigations.iter().map(|navigation| world.join(set, navigation)).collect();
            world.sets[set].related = related;
        }
        world
    }

    fn join(&self, set: usize, navigation: &Navigation) -> Vec<Vec<usize>> {
        let (from, to) = (&self.sets[set].table, &self.sets[navigation.target].table);
        let (local, remote) = (from.column(navigation.join[0].0), to.column(navigation.join[0].1));
        let mut by_key: Vec<usize> = (0..to.rows.len()).collect();
        by_key.sort_by(|a, b| {
            let orders = to.key.iter().map(|key| super::super::value::order(&to.rows[*a][*key], &to.rows[*b][*key]));
            orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        let is_related = |near: &Value, far: &Value| match navigation.link {
            _ if near.is_null() || far.is_null() => false,
            None => near == far,
            Some(true) => self.pairs.iter().any(|(node, owner)| node == near && owner == far),
            Some(false) => self.pairs.iter().any(|(node, owner)| node == far && owner == near),
        };
        let of_row = |row: &Vec<Value>| {
            by_key.iter().copied().filter(|other| is_related(&row[local], &to.rows[*other][remote])).collect()
        };
        from.rows.iter().map(of_row).collect()
    }

    /// Makes and fills the tables.
    pub(super) fn load(&self, database: &Database) {
        for set in &self.sets {
            let mut sql = format!("create table {} (", set.sql_name);
            for (_, column, ty, nullable) in set.definitions {
                let sql_type = match (ty, database.kind) {
                    (Type::Decimal, Product::Postgres) => "numeric(18,4)",
                    (Type::Decimal, Product::Mariadb) => "decimal(18,4)",
                    _ => column_type(database.kind, *ty, false),
                };
                write!(sql, "{column} {sql_type}{}, ", if *nullable { "" } else { " not null" }).unwrap();
            }
            let key: Vec<&str> = set.table.key.iter().map(|place| set.definitions[*place].1).collect();
            write!(sql, "primary key ({}))", key.join(", ")).unwrap();
            database.run(&sql);
        }
        for (place, set) in self.sets.iter().enumerate() {
            self.insert(database, place, &set.table.rows);
        }
        let code = column_type(database.kind, Type::String, false);
        database.run(&format!("create table friends (node_id integer not null, owner_code {code} not null)"));
        let pairs: Vec<Vec<Value>> = self.pairs.iter().map(|(node, owner)| vec![node.clone(), owner.clone()]).collect();
        database.insert("friends", &["node_id", "owner_code"], &pairs);
    }

    /// Rows of a set come into its table.
    pub(super) fn insert(&self, database: &Database, set: usize, rows: &[Vec<Value>]) {
        let columns: Vec<&str> = self.sets[set].definitions.iter().map(|(_, column, ..)| *column).collect();
        database.insert(self.sets[set].sql_name, &columns, rows);
    }

    /// Names and texts of the metadata files.
    pub(super) fn metadata(&self) -> Vec<(String, String)> {
        let service = "version = 1\nnamespace = \"Test\"\nsource = \"world\"\n".to_owned();
        let mut types = "version = 1\n\n[[enum]]\nname = \"Color\"\nflags = true\n".to_owned();
        for (name, value) in COLORS {
            write!(types, "\n[[enum.member]]\nname = \"{name}\"\nvalue = {value}\n").unwrap();
        }
        let mut files = vec![("service.toml".to_owned(), service), ("types.toml".to_owned(), types)];
        files.extend(self.sets.iter().map(|set| (format!("{}.toml", set.sql_name), self.entity_file(set))));
        files
    }

    fn entity_file(&self, set: &Set) -> String {
        let key: Vec<String> = set.table.key.iter().map(|place| format!("\"{}\"", set.definitions[*place].0)).collect();
        let mut text = format!(
            "version = 1\nset = \"{}\"\ntype = \"{}\"\ntable = \"{}\"\nkey = [{}]\n",
            set.name,
            set.type_name,
            set.sql_name,
            key.join(", ")
        );
        for (name, column, ty, nullable) in set.definitions {
            write!(text, "\n[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\n").unwrap();
            match (*name, ty) {
                ("Colors", _) => text.push_str("enum = \"Color\"\n"),
                (_, Type::String) => text.push_str("type = \"String\"\nmax_length = 200\n"),
                (_, Type::Decimal) => write!(text, "type = \"Decimal\"\nprecision = 18\nscale = {SCALE}\n").unwrap(),
                (_, ty) => writeln!(text, "type = \"{ty:?}\"").unwrap(),
            }
            text.push_str(if *nullable { "" } else { "nullable = false\n" });
        }
        for navigation in &set.navigations {
            let (target, (local, remote)) = (self.sets[navigation.target].name, navigation.join[0]);
            let to = if navigation.many { "many" } else { "one" };
            write!(text, "\n[[navigation]]\nname = \"{}\"\ntarget = \"{target}\"\nto = \"{to}\"\n", navigation.name)
                .unwrap();
            let (near, far) =
                if navigation.link == Some(true) { ("node_id", "owner_code") } else { ("owner_code", "node_id") };
            match navigation.link {
                None => writeln!(text, "join = {{ {local} = \"{remote}\" }}").unwrap(),
                Some(_) => writeln!(
                    text,
                    "link = {{ table = \"friends\", near = {{ {near} = \"{local}\" }}, far = {{ {far} = \"{remote}\" }} }}"
                )
                .unwrap(),
            }
        }
        text
    }
}
