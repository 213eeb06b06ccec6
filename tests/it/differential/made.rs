//! A second set over the table of the differential test, all of which is made: rows chosen by a default filter, words
//! in place of codes, calculated values. The evaluator knows them as rows of their own.

use std::fmt::Write as _;

use penstock::edm::Value;

use super::things;
use super::value::{Column, Table, Type};

/// Public name, type, nullable, and what the metadata file says of it.
const COLUMNS: [(&str, Type, bool, &str); 9] = [
    ("Id", Type::Int32, false, "column = \"id\""),
    ("Text", Type::String, false, "column = \"text_value\""),
    (
        "Word",
        Type::String,
        true,
        "column = \"tiny_null\"\ncodes = \"SByte\"\nvalues = { -1 = \"Minus\", 0 = \"Zero\", 1 = \"One\", 2 = \"One\", 42 = \"5\" }",
    ),
    (
        "Rare",
        Type::String,
        true,
        "column = \"tiny\"\ncodes = \"SByte\"\nvalues = { 0 = \"it's\", 1 = \"a\\\\b\", 42 = \"it's\" }\nunknown = \"null\"",
    ),
    (
        "Truth",
        Type::String,
        false,
        "column = \"flag\"\ncodes = \"Boolean\"\nvalues = { true = \"Yes\", false = \"No\" }",
    ),
    ("Next", Type::Int32, true, "expression = \"{small_null} + 1\""),
    ("Is", Type::Boolean, false, "expression = \"{tiny} > 0\""),
    ("May", Type::Boolean, true, "expression = \"{tiny_null} > 0\""),
    (
        "Both",
        Type::String,
        true,
        "expression = { postgres = \"{text_value} || '/' || {text_null}\", mysql = \"concat({text_value}, '/', {text_null})\", \
         sqlite = \"{text_value} || '/' || {text_null}\" }",
    ),
];

/// The metadata file of a set.
pub(super) fn metadata_file(set: &str, ty: &str, page_rows_max: u32) -> String {
    let mut text = format!(
        "version = 1\nset = \"{set}\"\ntype = \"{ty}\"\ntable = \"things\"\nkey = [\"Id\"]\npage_rows_max = {page_rows_max}\n\
         filter = \"Hidden ne 1 and Flag in (true,false)\"\n\
         [[property]]\nname = \"Hidden\"\ncolumn = \"octet_null\"\ntype = \"Byte\"\nhidden = true\n\
         [[property]]\nname = \"Flag\"\ncolumn = \"flag\"\ntype = \"Boolean\"\nhidden = true\nfilterable = false\n"
    );
    for (name, ty, nullable, said) in COLUMNS {
        write!(text, "\n[[property]]\nname = \"{name}\"\n{said}\ntype = \"{ty:?}\"\nnullable = {nullable}\n").unwrap();
    }
    text
}

/// The same rows in memory.
pub(super) fn table(things: &Table) -> Table {
    let columns: Vec<Column> = COLUMNS
        .iter()
        .map(|(name, ty, nullable, _)| Column { name: (*name).to_owned(), ty: *ty, nullable: *nullable, ordinal: true })
        .collect();
    let of = |row: &[Value], name: &str| row[things.column(name)].clone();
    let rows = things.rows.iter().filter(|row| of(row, "OctetNull") != Value::Int(1)).map(|row| {
        let tiny = of(row, "Tiny");
        let rare = match tiny {
            Value::Int(0 | 42) => text("it's"),
            Value::Int(1) => text("a\\b"),
            _ => Value::Null,
        };
        let (first, second) = (of(row, "Text"), of(row, "TextNull"));
        let both = match (&first, &second) {
            (Value::String(first), Value::String(second)) => text(&format!("{first}/{second}")),
            _ => Value::Null,
        };
        let positive = |value: &Value| match value {
            Value::Int(number) => Value::Boolean(*number > 0),
            _ => Value::Null,
        };
        let next = match of(row, "SmallNull") {
            Value::Int(number) => Value::Int(number + 1),
            other => other,
        };
        let truth = if of(row, "Flag") == Value::Boolean(true) { text("Yes") } else { text("No") };
        let may = of(row, "TinyNull");
        vec![of(row, "Id"), first, word(&may), rare, truth, next, positive(&tiny), positive(&may), both]
    });
    Table { columns, key: vec![0], rows: rows.collect() }
}

fn word(code: &Value) -> Value {
    match code {
        Value::Int(-1) => text("Minus"),
        Value::Int(0) => text("Zero"),
        Value::Int(1 | 2) => text("One"),
        Value::Int(42) => text("5"),
        Value::Int(other) => text(&other.to_string()),
        _ => Value::Null,
    }
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

/// The pages of the smaller set.
pub(super) const PAGE_ROWS: u32 = things::PAGE_ROWS;
