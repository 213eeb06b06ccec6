//! Entities of every shape, from cells.

use std::convert::Infallible;

use super::*;
use crate::model::NavigationId;
use crate::query::Expr;
use crate::wire::Version;
use crate::wire::samples::{LINES, ORDERS, PEOPLE, PHOTOS, SETTINGS, shop};

const ROOT: &str = "http://h/";

fn format(level: Level) -> Format {
    Format { level, ..Format::default() }
}

/// A shape with everything that the type and its derived types publish.
fn everything(model: &Model, set: SetId) -> Shape {
    let entity_type = model.type_of(set).unwrap();
    let mut properties = entity_type.published(None);
    for (id, _) in entity_type.derived_types() {
        properties.extend(
            entity_type.published(Some(id)).into_iter().filter(|it| !properties.contains(it)).collect::<Vec<_>>(),
        );
    }
    Shape { properties, ..Shape::default() }
}

/// The entity whose columns are all properties of the type, in order, with these cells.
fn written(set: SetId, shape: &Shape, cells: &[Cell<'_>], format: Format) -> String {
    let model = shop();
    let columns: Vec<_> = model.type_of(set).unwrap().property_ids().collect();
    let computed: Vec<usize> = (columns.len()..cells.len()).collect();
    let fields = Fields::new(set, shape, &columns, &computed);
    let writer = EntityWriter::new(&model, fields, format, ROOT).unwrap();
    let mut out = b"{".to_vec();
    let cell = |index: usize| Ok::<_, Infallible>(cells[index]);
    let Ok(_) = writer.members(&mut out, cell);
    out.push(b'}');
    let text = String::from_utf8(out).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    text
}

fn person<'a>(kind: Cell<'a>, street: Cell<'a>, city: Cell<'a>) -> Vec<Cell<'a>> {
    let text = |text: &'static str| Cell::Text(text.into());
    vec![
        text("O'Neil/1"),
        kind,
        Cell::Int(3),
        street,
        city,
        Cell::Null,
        text(r#"["a","b"]"#),
        Cell::Int(100),
        Cell::Int(7),
        Cell::Null,
    ]
}

#[test]
fn a_root_entity_has_its_groups_members_and_collections() {
    let shape = everything(&shop(), PEOPLE);
    let cells = person(Cell::Null, Cell::Text("Road".into()), Cell::Null);
    assert_eq!(
        written(PEOPLE, &shape, &cells, format(Level::Minimal)),
        r#"{"Name":"O'Neil/1","Shade":"Dark,Light","Address":{"Street":"Road","City":null,"Place":null},"Tags":["a","b"],"Email":null}"#
    );
    let empty = person(Cell::Text("?".into()), Cell::Null, Cell::Null);
    assert_eq!(
        written(PEOPLE, &shape, &empty, format(Level::None)),
        r#"{"Name":"O'Neil/1","Shade":"Dark,Light","Address":null,"Tags":["a","b"],"Email":null}"#
    );
}

#[test]
fn a_derived_entity_names_its_type_and_has_what_it_adds() {
    let shape = everything(&shop(), PEOPLE);
    let cells = person(Cell::Text("M".into()), Cell::Null, Cell::Text("Bonn".into()));
    let minimal = written(PEOPLE, &shape, &cells, format(Level::Minimal));
    assert!(minimal.starts_with(r##"{"@odata.type":"#Shop.Manager","Name":"##), "{minimal}");
    assert!(minimal.ends_with(r#""Email":null,"Salary":100,"Bonus":7}"#), "{minimal}");
    let none = written(PEOPLE, &shape, &cells, format(Level::None));
    assert!(!none.contains('@') && none.contains("Bonus"), "{none}");
    let employee = person(Cell::Text("E".into()), Cell::Null, Cell::Null);
    let employee = written(PEOPLE, &shape, &employee, format(Level::Minimal));
    assert!(employee.contains("Salary") && !employee.contains("Bonus"), "{employee}");
}

#[test]
fn a_part_of_a_group_can_be_selected() {
    let mut shape = everything(&shop(), PEOPLE);
    shape.selected = true;
    shape.properties.retain(|id| [0, 4].contains(&id.0));
    let cells = person(Cell::Null, Cell::Text("Road".into()), Cell::Null);
    let text = written(PEOPLE, &shape, &cells, format(Level::Minimal));
    assert_eq!(text, r#"{"Name":"O'Neil/1","Address":{"City":null}}"#);
}

#[test]
fn full_metadata_tells_types_identity_and_links() {
    let shape = everything(&shop(), PEOPLE);
    let cells = person(Cell::Text("M".into()), Cell::Null, Cell::Text("Bonn".into()));
    let full: serde_json::Value = serde_json::from_str(&written(PEOPLE, &shape, &cells, format(Level::Full))).unwrap();
    let id = "http://h/People('O''Neil%2F1')";
    for (name, value) in [
        ("@odata.type", "#Shop.Manager".to_owned()),
        ("@odata.id", id.to_owned()),
        ("@odata.editLink", format!("{id}/Shop.Manager")),
        ("@odata.readLink", format!("{id}/Shop.Manager")),
        ("Shade@odata.type", "#Shop.Shade".to_owned()),
        ("Tags@odata.type", "#Collection(String)".to_owned()),
        ("Salary@odata.type", "#Decimal".to_owned()),
        ("Orders@odata.navigationLink", format!("{id}/Orders")),
        ("Staff@odata.navigationLink", format!("{id}/Shop.Manager/Staff")),
    ] {
        assert_eq!(full[name], value.as_str(), "{name}");
    }
    assert_eq!(full["Address"]["@odata.type"], "#Shop.Address");
    let root = person(Cell::Null, Cell::Null, Cell::Null);
    let root = written(PEOPLE, &shape, &root, format(Level::Full));
    assert!(!root.contains("Staff@"), "{root}");
}

#[test]
fn names_lose_their_prefix_everywhere() {
    let shape = everything(&shop(), PEOPLE);
    let cells = person(Cell::Text("M".into()), Cell::Null, Cell::Text("Bonn".into()));
    let bare = Format { version: Version::V4_01, level: Level::Full, bare: true, ieee754: true, omit_nulls: false };
    let text = written(PEOPLE, &shape, &cells, bare);
    assert!(!text.contains("odata."), "{text}");
    let full: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&full["@type"], &full["Salary@type"]), (&"#Shop.Manager".into(), &"Decimal".into()));
    assert_eq!(full["Bonus"], "7");
}

#[test]
fn contained_entities_and_singletons_have_their_own_urls() {
    let model = shop();
    let id = |set, cells: &[Cell<'_>]| {
        let text = written(set, &everything(&model, set), cells, format(Level::Full));
        let full: serde_json::Value = serde_json::from_str(&text).unwrap();
        full["@odata.id"].as_str().unwrap().to_owned()
    };
    assert_eq!(id(LINES, &[Cell::Int(2), Cell::Int(1), Cell::Null]), "http://h/Orders(1)/Lines(2)");
    assert_eq!(id(SETTINGS, &[Cell::Int(1), Cell::Null]), "http://h/Settings");
}

#[test]
fn streams_are_links_and_never_values() {
    let text = |text: &'static str| Cell::Text(text.into());
    let cells = [Cell::Guid([0; 16]), text("T"), text("…"), text("…"), text("image/gif")];
    let shape = everything(&shop(), PHOTOS);
    let minimal = written(PHOTOS, &shape, &cells, format(Level::Minimal));
    assert_eq!(minimal, r#"{"Id":"00000000-0000-0000-0000-000000000000","Title":"T"}"#);
    let full = written(PHOTOS, &shape, &cells, format(Level::Full));
    let full: serde_json::Value = serde_json::from_str(&full).unwrap();
    let id = full["@odata.id"].as_str().unwrap();
    assert_eq!(full["@odata.mediaReadLink"], format!("{id}/$value"));
    assert_eq!(full["@odata.mediaContentType"], "image/gif");
    assert_eq!(full["Thumb@odata.mediaReadLink"], format!("{id}/Thumb"));
    assert_eq!(full["Thumb@odata.mediaContentType"], "image/png");
}

#[test]
fn the_identity_stands_where_the_key_is_not_selected() {
    let mut shape = everything(&shop(), ORDERS);
    shape.properties = vec![PropertyId(1)];
    shape.selected = true;
    let cells = [Cell::Int(5), Cell::Text("n".into()), Cell::Null];
    assert_eq!(
        written(ORDERS, &shape, &cells, format(Level::Minimal)),
        r#"{"@odata.id":"http://h/Orders(5)","Note":"n"}"#
    );
    assert_eq!(written(ORDERS, &shape, &cells, format(Level::None)), r#"{"Note":"n"}"#);
    let full = written(ORDERS, &shape, &cells, format(Level::Full));
    assert!(!full.contains("navigationLink"), "none is selected: {full}");
    shape.links = vec![NavigationId(1)];
    let full = written(ORDERS, &shape, &cells, format(Level::Full));
    assert!(full.contains("Person@odata.navigationLink") && !full.contains("Lines@"), "{full}");
}

#[test]
fn computed_values_name_the_type_that_no_document_tells() {
    let mut shape = everything(&shop(), ORDERS);
    let computed = |name: &str, scalar| Computed { name: name.into(), expr: Expr::Property(PropertyId(0)), scalar };
    shape.computed = vec![computed("Twice", Scalar::Int32), computed("Text", Scalar::STRING)];
    let cells = [Cell::Int(5), Cell::Null, Cell::Null, Cell::Int(10), Cell::Text("x".into())];
    assert_eq!(
        written(ORDERS, &shape, &cells, format(Level::Minimal)),
        r##"{"Id":5,"Note":null,"Buyer":null,"Twice@odata.type":"#Int32","Twice":10,"Text":"x"}"##
    );
    assert_eq!(
        written(ORDERS, &shape, &cells, format(Level::None)),
        r#"{"Id":5,"Note":null,"Buyer":null,"Twice":10,"Text":"x"}"#
    );
}
