//! Reading: syntax, version, unknown, missing and ill-typed keys.

use super::*;

fn file(text: &str) -> File {
    File { name: "erp/order.toml".to_owned(), text: text.to_owned() }
}

/// All problems as `key: wrong; right`.
fn problems(text: &str) -> Vec<String> {
    let lines = |problem: &Problem| problem.to_string().replace("erp/order.toml: ", "");
    read_entity(&file(text)).map(|_| ()).unwrap_err().iter().map(lines).collect()
}

const GOOD: &str = r#"
version = 1
set = "Orders"
type = "Order"
table = "orders"
key = ["OrderID"]
[[property]]
name = "OrderID"
column = "order_id"
type = "Int32"
nullable = false
[[navigation]]
name = "Account"
target = "Accounts"
to = "one"
join = { AccountID = "ID" }
"#;

#[test]
fn a_good_file_is_read_whole() {
    let entity = read_entity(&file(GOOD)).unwrap();
    assert_eq!((entity.set.as_deref().unwrap(), entity.entity_type.as_str()), ("Orders", "Order"));
    assert_eq!(entity.properties[0].primitive, Some(Primitive::Int32));
    assert_eq!(entity.properties[0].nullable, Some(false));
    assert_eq!(entity.navigations[0].to, To::One);
    assert_eq!(entity.navigations[0].join.as_ref().unwrap()["AccountID"], "ID");
    assert_eq!(set_named_in(&file("set = \"Orders\"\nother = 1")).as_deref(), Some("Orders"));
}

#[test]
fn broken_syntax_is_placed_by_line_and_column() {
    let found = problems("version = 1\nset = \"Orders\ntype = 1\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("line 2, column "), "{found:?}");
    assert!(found[0].ends_with("write it as TOML 1.0"), "{found:?}");
}

#[test]
fn the_version_is_checked_before_anything_else() {
    let found = problems("version = 2\nnew_key = true\n");
    assert_eq!(found, ["version: version 2 of the format is not known; this program reads version 1"]);
    let found = problems("set = 1\n");
    assert_eq!(found, ["version: the version of the format is missing; this program reads version 1"]);
}

#[test]
fn unknown_keys_are_named_with_the_right_ones() {
    let text = GOOD.replace("column =", "colum =").replace("table =", "tables =").replace("to =", "multiplicity =");
    assert_eq!(
        problems(&text),
        [
            "navigation.1.multiplicity: `multiplicity` is not a key of the format; known here are `name`, `target`, `to`, \
             `nullable`, `partner`, `join`, `link`, `contained`, `expandable`, `filterable`",
            "navigation.1.to: `to` is missing; every such table needs `to`",
            "property.1.colum: `colum` is not a key of the format; did you mean `column`?",
            "property.1.column: `column` is missing; every such table needs `column`",
            "table: `table` is missing; every such table needs `table`",
            "tables: `tables` is not a key of the format; did you mean `table`?",
        ]
    );
}

#[test]
fn every_ill_typed_key_is_reported() {
    let text = GOOD
        .replace("set = \"Orders\"", "set = 3")
        .replace("\"Int32\"", "\"Edm.Int23\"")
        .replace("nullable = false", "nullable = 0\nmax_length = 2.5")
        .replace("\"one\"", "\"few\"")
        .replace("{ AccountID = \"ID\" }", "\"ID\"");
    let found = problems(&text);
    let keys: Vec<_> = found.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(
        keys,
        [
            "navigation.1.join",
            "navigation.1.to",
            "property.1.max_length",
            "property.1.nullable",
            "property.1.type",
            "set"
        ]
    );
    assert_eq!(found[1], "navigation.1.to: unknown value `few`; expected `one` or `many`");
    assert!(found[2].ends_with("; expected a whole number"), "{}", found[2]);
    assert!(found[4].contains("unknown value `Edm.Int23`; did you mean `Int"), "{}", found[4]);
    assert_eq!(found[5], "set: invalid type: integer `3`; expected a text in quotes");
}

#[test]
fn tables_written_as_something_else_are_reported() {
    let text = GOOD.replace("[[property]]", "[property]");
    assert_eq!(problems(&text).len(), 1);
    assert!(problems(&text)[0].starts_with("property: invalid type: "));
}

#[test]
fn a_service_file_is_read() {
    let text = "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\npage_rows_max = 10\n";
    let service = read_service(&file(text)).unwrap();
    assert_eq!((service.source.as_str(), service.page_rows_max), ("erp", Some(10)));
    assert!(service.container.is_none());
}
