//! Bags: entities with collections of values of every kind, in JSON columns, and on PostgreSQL in arrays, too.

use std::fmt::Write as _;

use penstock::edm::Value;
use proptest::prelude::*;

use super::super::super::support::databases::{Database, Kind, date_text};
use super::super::super::support::server::{Setup, TestServer};
use super::super::runner;
use super::super::value::Type;
use super::data::{self, Choices};

pub(super) const ROWS: usize = 40;
/// The properties of an entity that items are compared with, behind its key.
pub(super) const BESIDE: [(&str, Type); 2] = [("Word", Type::String), ("Number", Type::Int32)];
pub(super) const ITEMS: [(&str, Type); 6] = [
    ("Texts", Type::String),
    ("Wholes", Type::Int64),
    ("Amounts", Type::Decimal),
    ("Weights", Type::Double),
    ("Days", Type::Date),
    ("Flags", Type::Boolean),
];

/// An entity: what stands beside its collections, and them; a column that is null has no items.
pub(super) struct Bag {
    pub(super) beside: Vec<Value>,
    pub(super) parent: Option<usize>,
    pub(super) items: Vec<Option<Vec<Value>>>,
}

pub(super) fn bags() -> Vec<Bag> {
    let mut rng = runner(1).new_rng();
    let mut choices = Choices::new((0..40_000).map(|_| rng.next_u32()).collect());
    let choices = &mut choices;
    let bag = |_| Bag {
        beside: BESIDE.iter().map(|(_, ty)| nullable(choices, *ty, 25)).collect(),
        parent: choices.chance(70).then(|| choices.below(ROWS)),
        items: ITEMS
            .iter()
            .map(|(_, ty)| {
                let count = choices.pick(&[0, 1, 2, 3, 4, 5, 12]);
                (!choices.chance(10)).then(|| (0..count).map(|_| nullable(choices, *ty, 15)).collect())
            })
            .collect(),
    };
    (0..ROWS).map(bag).collect()
}

fn nullable(choices: &mut Choices, ty: Type, percent: u32) -> Value {
    if choices.chance(percent) { Value::Null } else { data::value(choices, ty) }
}

/// An item as it stands in a JSON array; decimals also as texts.
fn json_text(value: &Value, place: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => serde_json::to_string(text).unwrap(),
        Value::Decimal(value) if place % 3 == 1 => format!("\"{}\"", value.to_plain_string()),
        Value::Decimal(value) => value.to_plain_string(),
        Value::Double(value) => format!("{value:?}"),
        Value::Int(value) => value.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Date(days) => format!("\"{}\"", date_text(*days)),
        other => panic!("{other:?} is no item"),
    }
}

fn column_text(items: &[Value], array: bool) -> String {
    let text = |(place, item): (usize, &Value)| match (json_text(item, place), item) {
        (_, Value::String(text)) if array => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        (text, Value::Decimal(_)) => text.trim_matches(if array { '"' } else { ' ' }).to_owned(),
        (text, _) => text,
    };
    let items: Vec<String> = items.iter().enumerate().map(text).collect();
    if array { format!("{{{}}}", items.join(",")) } else { format!("[{}]", items.join(", ")) }
}

/// The names of the collections: those in JSON, then those in arrays.
pub(super) fn names(kind: Kind) -> Vec<(String, usize)> {
    let json = ITEMS.iter().enumerate().map(|(place, (name, _))| ((*name).to_owned(), place));
    let arrays = ITEMS.iter().enumerate().map(|(place, (name, _))| (format!("{name}InArray"), place));
    json.chain(arrays.filter(|_| kind == Kind::Postgres)).collect()
}

pub(super) fn start(kind: Kind, bags: &[Bag]) -> Option<(Database, TestServer)> {
    let database = Database::create(kind, "items")?;
    let json = match kind {
        Kind::Sqlite => "text",
        Kind::Postgres | Kind::Mariadb => "json",
    };
    let mut create =
        "create table bags (id integer primary key, word varchar(200), number integer, parent integer".to_owned();
    let mut metadata = "version = 1\nset = \"Bags\"\ntype = \"Bag\"\ntable = \"bags\"\nkey = [\"Id\"]\n".to_owned();
    let mut columns = vec!["id".to_owned(), "word".to_owned(), "number".to_owned(), "parent".to_owned()];
    metadata.push_str("\n[[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n");
    metadata.push_str("\n[[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\nmax_length = 200\n");
    metadata.push_str("\n[[property]]\nname = \"Number\"\ncolumn = \"number\"\ntype = \"Int32\"\n");
    metadata.push_str("\n[[property]]\nname = \"ParentId\"\ncolumn = \"parent\"\ntype = \"Int32\"\n");
    for (name, place) in names(kind) {
        let ty = ITEMS[place].1;
        let (form, sql) = if name == ITEMS[place].0 {
            ("json", if place == 0 && kind == Kind::Postgres { "jsonb" } else { json })
        } else {
            let sql = ["text[]", "bigint[]", "numeric[]", "double precision[]", "date[]", "boolean[]"][place];
            ("array", sql)
        };
        let column = name.to_lowercase();
        write!(create, ", {column} {sql}").unwrap();
        let facets = match ty {
            Type::String => "max_length = 200\n",
            Type::Decimal => "precision = 18\nscale = 4\n",
            _ => "",
        };
        write!(
            metadata,
            "\n[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = \"{ty:?}\"\n{facets}collection = \"{form}\"\nnullable = true\n"
        )
        .unwrap();
        columns.push(column);
    }
    metadata.push_str(
        "\n[[navigation]]\nname = \"Children\"\ntarget = \"Bags\"\nto = \"many\"\njoin = { Id = \"ParentId\" }\n",
    );
    database.run(&format!("{create})"));
    let rows: Vec<Vec<Value>> = bags
        .iter()
        .enumerate()
        .map(|(id, bag)| {
            let number = |number: usize| Value::Int(i64::try_from(number).unwrap());
            let mut row = vec![number(id), bag.beside[0].clone(), bag.beside[1].clone()];
            row.push(bag.parent.map_or(Value::Null, number));
            row.extend(names(kind).iter().map(|(name, place)| match &bag.items[*place] {
                Some(items) => Value::String(column_text(items, *name != ITEMS[*place].0).into()),
                None => Value::Null,
            }));
            row
        })
        .collect();
    database.insert("bags", &columns.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
    let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "[log]\nlevel = \"warn\"\n[sources.bags]\nurl = \"{}\"\npool_max = 2\n{decimals}\
         [services.test]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let setup = Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Test\"\nsource = \"bags\"\n")
        .file("metadata/bag.toml", &metadata);
    Some((database, setup.start()))
}
