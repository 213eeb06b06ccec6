//! Services that show not all rows, or words in place of codes: the same consumer, another truth.

use penstock::edm::Value;

use super::oracle::Oracle;
use super::org::{Adapter, DataSource, Edm, Settings};
use super::tour::{self, BRIEF, Depth, THOROUGH};
use super::{ROOT, tour_of};
use crate::differential::value::{Column, Table, Type};
use crate::introspect::{introspect, schema, setup_with};
use crate::salesforce::demo_setup;
use crate::support::breadth;
use crate::support::databases::{Database, KINDS, Kind, date_text};
use crate::support::demo::{self, Set};
use crate::support::http::Client;
use crate::support::{project, read_text};

/// A model with one of everything: what Salesforce makes no field of is left out, and all else works.
#[test]
fn a_model_with_one_of_everything_has_its_screens() {
    for kind in KINDS {
        let Some(database) = breadth::database(kind) else { continue };
        // What is closed there on purpose is opened.
        let server = breadth::serve_changed(&database, "", |text| {
            ["count", "search", "filter", "sort"]
                .iter()
                .fold(text, |text, what| text.replace(&format!("{what}able = false"), &format!("{what}able = true")))
        });
        let base = tour::settings(&format!("http://{}{}", server.address, breadth::ROOT));
        for settings in [base.clone(), Settings { adapter: Adapter::V401, free_text: true, ..base }] {
            let wire = Box::new(Client::new(server.address));
            let mut data = DataSource::new(settings.clone(), wire);
            let seen = tour::tour(&mut data, THOROUGH)
                .unwrap_or_else(|wrong| panic!("{} {settings:?}: {}", kind.name(), wrong.0));
            println!("{}: {seen:?} {:?}\n{:#?}", kind.name(), data.callouts, data.misfits);
            for (table, column, ty) in [
                ("Samples", "TimeOfDay", "Edm.TimeOfDay"),
                ("Samples", "Duration", "Edm.Duration"),
                ("Samples", "GeographyPoint", "Edm.GeographyPoint"),
            ] {
                let expected = format!("{table}.{column}: no field is made of {ty}");
                assert!(data.misfits.contains(&expected), "{expected}");
            }
        }
    }
}

/// What `penstock introspect` drafts of a schema full of traps can be registered and shown as it is.
#[test]
fn a_drafted_model_has_its_screens() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "drafted") else { continue };
        schema::create(&database);
        let setup = setup_with(&database, "");
        introspect(&setup, &["--key", "seen=id"]);
        let server = setup.start();
        let url = format!("http://{}{ROOT}", server.address);
        let settings = Settings { authorization: None, ordinal: false, ..tour::settings(&url) };
        let mut data = DataSource::new(settings, Box::new(Client::new(server.address)));
        let seen = tour::tour(&mut data, THOROUGH).unwrap_or_else(|wrong| panic!("{}: {}", kind.name(), wrong.0));
        assert!(data.objects.len() == 15 && seen.pages >= 15 && seen.related > 0, "{seen:?}");
    }
}

/// Orders that are not open do not exist for this service, in no list, count, search or related list.
#[test]
fn a_default_filter_holds_on_every_screen() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let file = "metadata/erp/order.toml";
    let text = read_text(&project(file)).replacen("\n[[", "\nfilter = \"Status eq 'Open'\"\n\n[[", 1);
    let server = demo_setup(&databases.sources, "").file(file, &text).start();
    let mut sets = demo::sets();
    let orders = sets.iter_mut().find(|set| set.name == "Orders").unwrap();
    let status = orders.table.column("Status");
    let all = orders.table.rows.len();
    orders.table.rows.retain(|row| row[status] == Value::String("Open".into()));
    assert!(orders.table.rows.len() > 1_000 && orders.table.rows.len() < all);
    let settings = tour::settings(&format!("http://{}{ROOT}", server.address));
    tour_of(&server, &settings, BRIEF, &Oracle::new(sets));
}

/// Dates that are offered at noon, so that no time zone makes another day of them, and as texts.
#[test]
fn dates_that_are_offered_otherwise_hold_on_every_screen() {
    let oracle = {
        let mut sets = demo::sets();
        for set in &mut sets {
            let (name, ty) = match set.name.as_str() {
                "Invoices" => ("DueDate", Type::DateTimeOffset),
                "Products" => ("ReleasedOn", Type::String),
                _ => continue,
            };
            let column = set.table.column(name);
            set.table.columns[column].ty = ty;
            for row in &mut set.table.rows {
                row[column] = match row[column] {
                    Value::Date(days) if ty == Type::String => Value::String(date_text(days).into()),
                    Value::Date(days) => Value::DateTimeOffset((i64::from(days) * 24 + 12) * 3_600_000_000),
                    _ => Value::Null,
                };
            }
        }
        Oracle::new(sets)
    };
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let mut setup = demo_setup(&databases.sources, "");
        for (file, offer) in [("invoice", "{ date_time = \"12:00\" }"), ("product", "\"string\"")] {
            let file = format!("metadata/erp/{file}.toml");
            let text = read_text(&project(&file)).replace("\"Date\"", &format!("\"Date\"\noffer = {offer}"));
            setup = setup.file(&file, &text);
        }
        let server = setup.start();
        let settings = tour::settings(&format!("http://{}{ROOT}", server.address));
        let wire = Box::new(Client::new(server.address));
        let mut data = DataSource::new(settings, wire).judged_by(oracle.clone());
        let depth = Depth { columns: 8, rows: 2_500, only: &["Invoices", "Products"] };
        tour::tour(&mut data, depth).unwrap_or_else(|wrong| panic!("{}: {}", kind.name(), wrong.0));
        let edm = |table: &str, column: &str| {
            let object = data.object(table).unwrap();
            object.fields[object.column(column).unwrap()].edm
        };
        assert_eq!(edm("Invoices", "DueDate"), Edm::DateTimeOffset);
        assert_eq!(edm("Products", "ReleasedOn"), Edm::String(Some(10)));
    }
}

fn set(name: &str, columns: &[(&str, Type, bool)], searchable: &[usize], rows: Vec<Vec<Value>>) -> Set {
    let columns = columns.iter().map(|(name, ty, nullable)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        nullable: *nullable,
        ordinal: true,
    });
    let table = Table { columns: columns.collect(), key: vec![0], rows };
    Set { name: name.to_owned(), searchable: searchable.to_vec(), table, navigations: Vec::new() }
}

/// Id, customer, cents, quantity, total in cents, status or none, status, priority.
type Order = (i64, i64, i64, Option<i64>, Option<i64>, &'static str, Option<&'static str>, Option<&'static str>);

/// The ledger as people know it, by heart.
fn ledger() -> Vec<Set> {
    let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::String(text.into()));
    let int = |number: Option<i64>| number.map_or(Value::Null, Value::Int);
    let money = |cents: Option<i64>| {
        cents.map_or(Value::Null, |cents| Value::Decimal(bigdecimal::BigDecimal::new(cents.into(), 2)))
    };
    let orders: [Order; 6] = [
        (10, 1, 1_000, Some(3), Some(3_000), "O", Some("Open"), Some("High")),
        (12, 2, 700, Some(1), Some(700), "O", Some("Open"), Some("High")),
        (13, 3, 100, None, None, "X", Some("X"), None),
        (14, 4, 2_000, Some(2), Some(4_000), "C", Some("Closed"), Some("High")),
        (15, 4, 500, Some(10), Some(5_000), "none", None, None),
        (16, 1, 400, Some(5), Some(2_000), "D", Some("Closed"), Some("Low")),
    ];
    let orders = orders.map(|(id, customer, price, quantity, total, or_none, status, priority)| {
        let label = format!("#{id}");
        vec![
            Value::Int(id),
            Value::Int(customer),
            money(Some(price)),
            int(quantity),
            money(total),
            text(Some(&label)),
            text(Some(or_none)),
            Value::Boolean(price > 500),
            text(status),
            text(priority),
        ]
    });
    let people = [("Ada", "Here"), ("Bob", "Gone"), ("Cyd", "Here"), ("Dot", "Here"), ("Eve", "Here")];
    let people = (1..).zip(people).map(|(id, (name, state))| vec![Value::Int(id), text(Some(name)), text(Some(state))]);
    let (whole, words) = (Type::Int32, Type::String);
    vec![
        set(
            "Orders",
            &[
                ("ID", whole, false),
                ("CustomerID", whole, false),
                ("Price", Type::Decimal, false),
                ("Quantity", whole, true),
                ("Total", Type::Decimal, true),
                ("Label", words, false),
                ("StatusOrNone", words, false),
                ("Large", Type::Boolean, false),
                ("Status", words, true),
                ("Priority", words, true),
            ],
            &[5, 6, 8, 9],
            orders.to_vec(),
        ),
        set(
            "Everyone",
            &[("ID", whole, false), ("Name", words, false), ("State", words, false)],
            &[1, 2],
            people.collect(),
        ),
    ]
}

#[test]
fn words_in_place_of_codes_hold_on_every_screen() {
    let oracle = Oracle::of_some(ledger());
    for kind in KINDS {
        let Some(database) = Database::create(kind, "consumer") else { continue };
        database.run(&read_text(&project("tests/cases/relations/sql/schema.sql")));
        let server = crate::relations::serve(&database.url, "", "");
        let base = tour::settings(&format!("http://{}/odata/v4/ledger/", server.address));
        for settings in [base.clone(), Settings { adapter: Adapter::V401, free_text: true, ..base }] {
            let wire = Box::new(Client::new(server.address));
            let mut data = DataSource::new(settings.clone(), wire).judged_by(oracle.clone());
            let seen = tour::tour(&mut data, THOROUGH)
                .unwrap_or_else(|wrong| panic!("{} {settings:?}: {}\n{}", kind.name(), wrong.0, server.log()));
            assert!(data.objects.len() >= 5 && seen.found > 5 && seen.pages > 5, "{seen:?}");
            for table in oracle.tables() {
                assert!(oracle.was_asked_for(table), "{table}");
            }
        }
    }
}
