//! The ugliest schema that we can think of, on each database: drafted by `penstock introspect`, checked, served as it
//! was drafted, and read back value by value. What must be found is told by the catalogue of the database and by plain
//! SQL, and spelled by the rules of `metadata/README.md` in `value.rs`.

mod documented;
pub(crate) mod draft;
mod generate;
mod tables;
pub(crate) mod value;
pub(crate) mod ways;

use std::collections::{BTreeMap, BTreeSet};

use documented::{Documented, Form, plain};
use draft::{Drafted, Property};
use generate::Ugly;
use tables::{Table, in_sql, leads, tables};
use value::{Expected, Spelling, ZONE, key_text};
use ways::{Ways, follows, is_link};

use crate::introspect::{Report, folder, introspect, penstock, setup_with};
use crate::support::databases::{Database, Kind};
use crate::support::json::Json;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";
/// What is shown of many differences.
const SHOWN: usize = 40;

#[test]
fn postgres_is_read_back_whole() {
    read_back(Kind::Postgres);
}

#[test]
fn mariadb_is_read_back_whole() {
    read_back(Kind::Mariadb);
}

#[test]
fn sqlite_is_read_back_whole() {
    read_back(Kind::Sqlite);
}

/// The same where decimals are kept as texts.
#[test]
fn sqlite_with_exact_decimals_is_read_back_whole() {
    read_back_with(Kind::Sqlite, "decimals = \"text\"\n");
}

fn read_back(kind: Kind) {
    read_back_with(kind, "");
}

fn read_back_with(kind: Kind, settings: &str) {
    let Some(database) = Database::create(kind, "ugly") else { return };
    let ugly = generate::create(&database);
    if kind == Kind::Postgres {
        // As the values of intervals and times are published.
        database.run("set intervalstyle = 'iso_8601'; set timezone = 'UTC'; set datestyle = 'ISO, MDY'");
    }
    let setup = setup_with(&database, &format!("zone = \"{ZONE}\"\n{settings}"));
    let options: Vec<&str> = ugly.options.iter().map(String::as_str).collect();
    let report = introspect(&setup, &options);
    let said = penstock(&setup, "check", &["--strict"]).unwrap_or_else(|error| panic!("{error}"));
    assert!(said.contains("the server would start"), "{said}");
    // A second look finds nothing to do.
    assert_eq!(introspect(&setup, &options).files(), [""; 0]);
    let sets = draft::read(&folder(&setup));
    let schemas: Vec<&str> = ugly.schemas.iter().map(String::as_str).collect();
    let tables = tables(&database, &schemas);
    let mut wrong = Vec::new();
    compare_names(&sets, &mut wrong);
    compare_columns(kind, &ugly, &tables, &sets, &report, &mut wrong);
    compare_leads(&database, &schemas, &sets, &report, &mut wrong);

    let server = setup.start();
    let mut values = 0;
    for table in &tables {
        let Some(set) = of_table(&sets, table.schema.as_deref(), &table.name) else { continue };
        let exact = !settings.is_empty();
        values += Reading { database: &database, server: &server, table, set, exact }.compare(&mut wrong);
    }
    let declared = |set: &Drafted, column: &str| {
        let table = tables.iter().find(|table| table.schema == set.schema && table.name == set.table).unwrap();
        table.columns.iter().find(|it| it.name == column).unwrap().declared.clone()
    };
    let ways = Ways { database: &database, server: &server, root: ROOT, sets: &sets, declared: &declared };
    let mut pairs = 0;
    for set in &sets {
        for navigation in &set.navigations {
            match ways.compare(set, navigation) {
                Ok(found) => pairs += found,
                Err(text) => wrong.push(text),
            }
        }
    }
    ugly.end(&database);
    eprintln!("{}: {} sets, {values} values, {pairs} pairs", kind.name(), sets.len());
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong[..wrong.len().min(SHOWN)].join("\n"));
    assert!(values > 800 && pairs > 100);
}

fn of_table<'a>(sets: &'a [Drafted], schema: Option<&str>, table: &str) -> Option<&'a Drafted> {
    sets.iter().find(|set| set.schema.as_deref() == schema && set.table == table)
}

/// Every published name is one that Salesforce takes.
fn compare_names(sets: &[Drafted], wrong: &mut Vec<String>) {
    let is_publishable = |name: &str| {
        name.len() <= 40
            && name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && !name.contains("__")
            && !name.ends_with('_')
    };
    let mut taken = BTreeSet::new();
    for set in sets {
        if !is_publishable(&set.set) || !taken.insert(set.set.to_lowercase()) {
            wrong.push(format!("a set is called {}", set.set));
        }
        let members = set.properties.iter().map(|it| &it.name).chain(set.navigations.iter().map(|it| &it.name));
        let mut taken = BTreeSet::from(["externalid".to_owned(), "displayurl".to_owned()]);
        for name in members {
            if !is_publishable(name) || !taken.insert(name.to_lowercase()) {
                wrong.push(format!("{}: a member is called {name}", set.set));
            }
        }
    }
}

/// Every table and column of the database is in a file, in the form that the documentation says, or is left out with a
/// reason.
fn compare_columns(
    kind: Kind,
    ugly: &Ugly,
    tables: &[Table],
    sets: &[Drafted],
    report: &Report,
    wrong: &mut Vec<String>,
) {
    let documented = Documented::read(kind);
    let out = report.notes("left_out");
    for table in tables {
        let called = table.schema.as_ref().map_or_else(|| table.name.clone(), |it| format!("{it}.{}", table.name));
        let Some(set) = of_table(sets, table.schema.as_deref(), &table.name) else {
            let has_reason =
                out.iter().any(|note| note.starts_with(&format!("{called}: ")) && note.len() > called.len() + 20);
            if !has_reason && !is_link(sets, kind, &table.name, table.schema.as_deref()) {
                wrong.push(format!("{called}: neither set nor link nor left out"));
            }
            continue;
        };
        let typed = ugly.typed.iter().find(|typed| typed.table == table.name && table.schema.is_none());
        for column in &table.columns {
            let about = format!("{called}.{} {}", column.name, column.declared);
            let documented = match typed.filter(|_| column.name == "v") {
                Some(typed) => documented.of_stock(&typed.declared, typed.said),
                None => documented.of(&plain(kind, &column.declared)),
            };
            let (property, reason) = (set.of_column(&column.name), set.left_out(&column.name));
            match (property, documented) {
                (Some(property), Form::As(of_type, form)) => {
                    let expected = read_as(kind, set, property, (of_type, form));
                    if (&property.of_type, &property.form) != (&expected.0, &expected.1) {
                        let found = (&property.of_type, &property.form);
                        wrong.push(format!("{about}: {found:?} instead of {expected:?}"));
                    }
                    let in_key = set.key.contains(&property.name);
                    let nullable = !in_key && (!column.not_null || property.form.contains("collection = \"array\""));
                    if table.has_rows && property.nullable != nullable {
                        wrong.push(format!("{about}: nullable = {}", property.nullable));
                    }
                }
                (None, Form::LeftOut) if reason.is_some() => {}
                (property, documented) => {
                    let is_there = property.map(|property| &property.of_type);
                    wrong.push(format!("{about}: {is_there:?}, left out: {reason:?}, instead of {documented:?}"));
                }
            }
        }
    }
}

/// What follows from more than the declared type.
fn read_as(
    kind: Kind,
    set: &Drafted,
    property: &Property,
    (of_type, mut form): (String, BTreeSet<String>),
) -> (String, BTreeSet<String>) {
    let in_key = set.key.contains(&property.name);
    let joins = set.navigations.iter().any(|navigation| match &navigation.over {
        draft::Over::Join(pairs) => pairs.iter().any(|(here, _)| *here == property.name),
        draft::Over::Link { .. } => false,
    });
    if (in_key || joins) && of_type == "Binary" && form.contains("max_length = 16") {
        return ("Guid".to_owned(), BTreeSet::from(["stored = \"bytes\"".to_owned()]));
    }
    if kind == Kind::Sqlite && set.table == "rates" && ["rate", "price"].contains(&property.column.as_str()) {
        // Digits that a program has stored as bytes.
        form.insert("cast = true".to_owned());
    }
    if kind == Kind::Sqlite && set.key.len() == 1 && in_key && of_type == "String" {
        let has_length = form.iter().any(|key| key.starts_with("max_length"));
        // No length is declared, and no key has more than three letters.
        form.extend((!has_length).then(|| "max_length = 10".to_owned()));
    }
    (of_type, form)
}

/// Every foreign key is followed in both directions, or left out with a reason.
fn compare_leads(database: &Database, schemas: &[&str], sets: &[Drafted], report: &Report, wrong: &mut Vec<String>) {
    let leads = leads(database, schemas);
    assert!(leads.len() > 10, "{leads:?}");
    let out = report.notes("left_out");
    for lead in leads {
        let [near, far] = [&lead.from, &lead.to].map(|(schema, table)| of_table(sets, schema.as_deref(), table));
        if is_link(sets, database.kind, &lead.from.1, lead.from.0.as_deref()) {
            continue;
        }
        let back: Vec<(String, String)> =
            lead.pairs.iter().map(|(here, there)| (there.clone(), here.clone())).collect();
        let is_followed = near
            .zip(far)
            .is_some_and(|(near, far)| follows(near, far, &lead.pairs, Some(false)) && follows(far, near, &back, None));
        let columns: Vec<&str> = lead.pairs.iter().map(|(here, _)| here.as_str()).collect();
        let called = lead.from.0.as_ref().map_or_else(|| lead.from.1.clone(), |it| format!("{it}.{}", lead.from.1));
        let note = format!("{called}.{}: foreign key to ", columns.join(","));
        // A table without a file is left out with all that leads from it.
        let has_reason = out.iter().any(|it| it.starts_with(&note)) || near.is_none();
        if !is_followed && !has_reason {
            wrong.push(format!("not followed: {lead:?}"));
        }
    }
}

/// One set in a running server, and its table.
struct Reading<'a> {
    database: &'a Database,
    server: &'a TestServer,
    table: &'a Table,
    set: &'a Drafted,
    /// Decimals are kept as texts.
    exact: bool,
}

/// A row as SQL tells it: what must be found of each property, in the order of the file.
type Row = Vec<Expected>;

impl Reading<'_> {
    fn expected(&self) -> Vec<Row> {
        let kind = self.database.kind;
        let spellings: Vec<Spelling<'_>> = self
            .set
            .properties
            .iter()
            .map(|property| {
                let column = self.table.columns.iter().find(|column| column.name == property.column);
                Spelling { kind, declared: &column.unwrap().declared, property, exact: self.exact }
            })
            .collect();
        let quoted = |name: &str| crate::introspect::schema::quoted(kind, name);
        let texts: Vec<String> = spellings.iter().map(|it| it.sql(&quoted(&it.property.column))).collect();
        let table = in_sql(kind, self.table.schema.as_deref(), &self.table.name);
        let rows = self.database.rows(&format!("select {} from {table}", texts.join(", ")));
        rows.iter().map(|row| spellings.iter().zip(row).map(|(it, told)| it.expected(told)).collect()).collect()
    }

    /// Reads all rows and each one by its key; how many values were compared.
    fn compare(&self, wrong: &mut Vec<String>) -> usize {
        let set = self.set;
        let rows = self.expected();
        let places: Vec<usize> =
            set.key.iter().map(|name| set.properties.iter().position(|it| it.name == *name).unwrap()).collect();
        let keyed: BTreeMap<Vec<String>, &Row> =
            rows.iter().map(|row| (places.iter().map(|place| row[*place].in_key()).collect(), row)).collect();
        assert_eq!(keyed.len(), rows.len(), "{}: the key is none", set.set);
        let is_refused = rows.iter().any(|row| row.contains(&Expected::Refused));
        match self.all() {
            Ok(_) if is_refused => wrong.push(format!("{}: a value that is none was read", set.set)),
            Err(text) if is_refused && text.contains("store.decode") => {}
            Err(text) => wrong.push(text),
            Ok(found) => {
                if found.len() != rows.len() {
                    wrong.push(format!("{}: {} rows instead of {}", set.set, found.len(), rows.len()));
                }
                for row in &found {
                    let shape = rows.first().unwrap();
                    let key = places
                        .iter()
                        .zip(&set.key)
                        .map(|(place, name)| key_text(&shape[*place], row.get(name).unwrap()));
                    match keyed.get(&key.collect::<Vec<_>>()) {
                        Some(expected) => self.note(row, expected, wrong),
                        None => wrong.push(format!("{}: there is no such row: {row}", set.set)),
                    }
                }
            }
        }
        for row in keyed.values() {
            self.by_key(row, &places, wrong);
        }
        rows.len() * set.properties.len()
    }

    fn all(&self) -> Result<Vec<Json>, String> {
        let mut next = format!("{ROOT}{}", self.set.set);
        let mut rows = Vec::new();
        loop {
            let response = self.server.get(&next);
            if response.status != 200 {
                return Err(format!("GET {next}: {} {}", response.status, response.text()));
            }
            let page = Json::read(response.text()).unwrap();
            rows.extend_from_slice(page.get("value").and_then(Json::as_array).unwrap());
            match page.get("@odata.nextLink").and_then(Json::as_str) {
                Some(link) => next = self.server.target_of(link).to_owned(),
                None => return Ok(rows),
            }
        }
    }

    fn note(&self, found: &Json, expected: &Row, wrong: &mut Vec<String>) {
        for (property, expected) in self.set.properties.iter().zip(expected) {
            let value = found.get(&property.name).unwrap_or_else(|| panic!("{}: {found}", self.set.set));
            if !expected.is(value) {
                let of = &self.table.columns.iter().find(|it| it.name == property.column).unwrap().declared;
                wrong.push(format!("{}/{} ({of}): {value} instead of {expected:?}", self.set.set, property.name));
            }
        }
    }

    /// The row by its key, and among the rows that are equal in each of its values.
    fn by_key(&self, row: &Row, places: &[usize], wrong: &mut Vec<String>) {
        let set = self.set;
        let literals =
            places.iter().map(|place| (&set.properties[*place], literal(&set.properties[*place], &row[*place])));
        let key = match literals.collect::<Vec<_>>().as_slice() {
            [(_, only)] => encoded(only),
            several => {
                let pairs = several.iter().map(|(property, literal)| format!("{}={}", property.name, encoded(literal)));
                pairs.collect::<Vec<_>>().join(",")
            }
        };
        let target = format!("{ROOT}{}({key})", set.set);
        let response = self.server.get(&target);
        let refused: Vec<&Property> =
            set.properties.iter().zip(row).filter(|(_, it)| **it == Expected::Refused).map(|(it, _)| it).collect();
        if !refused.is_empty() {
            let text = response.text();
            let is_named = refused.iter().any(|property| text.contains(&format!("'{}'", property.name)));
            if response.status != 500 || !text.contains("store.decode") || !text.contains(&set.set) || !is_named {
                wrong.push(format!("GET {target}: not refused by name: {} {text}", response.status));
            }
            return;
        }
        if response.status != 200 {
            wrong.push(format!("GET {target}: {} {}", response.status, response.text()));
            return;
        }
        self.note(&Json::read(response.text()).unwrap(), row, wrong);
        for (property, value) in set.properties.iter().zip(row) {
            let can = matches!(value, Expected::Exact(_) | Expected::Number(_) | Expected::Null);
            if !can || set.table == "select" {
                continue;
            }
            let mut conditions = vec![format!("{} eq {}", property.name, literal(property, value))];
            conditions.extend(places.iter().map(|place| {
                let property = &set.properties[*place];
                format!("{} eq {}", property.name, literal(property, &row[*place]))
            }));
            let target = format!("{ROOT}{}?$filter={}", set.set, encoded(&conditions.join(" and ")));
            let response = self.server.get(&target);
            let found = Json::read(response.text()).unwrap();
            let count = found.get("value").and_then(Json::as_array).map(<[Json]>::len);
            if count != Some(1) {
                wrong.push(format!("GET {target}: {} {}", response.status, response.text()));
            }
        }
    }
}

/// A value in a URL.
fn literal(property: &Property, value: &Expected) -> String {
    let raw = match value {
        Expected::Exact(Json::String(text)) => text.clone(),
        Expected::Exact(json) => json.to_string(),
        Expected::Number(number) => number.to_plain_string(),
        Expected::Null => return "null".to_owned(),
        other => panic!("{other:?} in a URL"),
    };
    match property.of_type.as_str() {
        "String" => format!("'{}'", raw.replace('\'', "''")),
        "Binary" => format!("binary'{raw}'"),
        _ => raw,
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
