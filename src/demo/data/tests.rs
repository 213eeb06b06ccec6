//! The rows as a whole: recorded, counted, fitting the metadata files, and held together by keys.

mod promises;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::*;

/// Hash of all rows at scale 1. It may change only together with [`DATA_VERSION`].
const HASH_AT_SCALE_1: u64 = 0xcc06_6da1_98b8_feb8;

type Rows = Vec<Vec<Value>>;

static ROWS: LazyLock<HashMap<&'static str, Rows>> =
    LazyLock::new(|| tables().iter().map(|table| (table.name, table.rows(1).collect())).collect());

/// A text of a value that no library can change under us.
fn canonical(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(v) => format!("b{v}"),
        Value::Int(v) => format!("i{v}"),
        Value::Double(v) => format!("f{:016x}", v.to_bits()),
        Value::Decimal(v) => format!("n{}", v.to_plain_string()),
        Value::String(v) => format!("s{v}"),
        Value::Guid(v) => format!("g{v:02x?}"),
        Value::Date(v) => format!("d{v}"),
        Value::DateTimeOffset(v) => format!("t{v}"),
        other => panic!("the demo has no {other:?}"),
    }
}

fn hash(rows: impl Iterator<Item = Vec<Value>>, start: u64) -> u64 {
    let mut hash = start;
    for row in rows {
        for value in row {
            for byte in canonical(&value).bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    hash
}

fn column(table: &str, column: &str) -> usize {
    let table = tables().into_iter().find(|data| data.name == table).unwrap();
    table.columns.iter().position(|(name, _)| name == column).unwrap()
}

/// The values of a column, as text; `null` for null.
fn values(table: &'static str, name: &str) -> Vec<String> {
    let place = column(table, name);
    ROWS[table].iter().map(|row| canonical(&row[place])).collect()
}

#[test]
fn rows_are_the_recorded_ones() {
    let both = tables().iter().fold((0, 0), |(first, second), table| {
        (hash(ROWS[table.name].iter().cloned(), first), hash(table.rows(1), second))
    });
    assert_eq!(both.0, both.1, "two runs differ");
    assert_eq!(both.0, HASH_AT_SCALE_1, "rows changed: raise DATA_VERSION and record {:#x}", both.0);
}

#[test]
fn counts_are_exact() {
    let counts: Vec<_> = tables().iter().map(|table| (table.name, table.source, ROWS[table.name].len())).collect();
    let expected = [
        ("accounts", ERP, 2_000),
        ("products", ERP, 500),
        ("orders", ERP, 20_000),
        ("order_lines", ERP, 60_000),
        ("invoices", ERP, 10_000),
        ("wide_orders", ERP, 2_000),
        ("shipments", WAREHOUSE, 15_000),
        ("stock_levels", WAREHOUSE, 5_000),
    ];
    assert_eq!(counts, expected);
    assert!(tables().iter().all(|table| table.row_count(100) == u64::from(table.rows_at_scale_1) * 100));
}

#[test]
fn a_larger_scale_continues_a_smaller_one() {
    for table in tables() {
        let last = usize::try_from(table.row_count(1)).unwrap() - 1;
        let doubled: Rows = table.rows(2).skip(last).take(2).collect();
        assert_eq!(doubled[0], ROWS[table.name][last], "{}", table.name);
    }
}

/// The columns that the metadata files declare for a table.
fn declared(table: &str) -> (Vec<(String, Scalar, bool)>, Vec<String>) {
    let files = crate::demo::metadata().into_iter().flat_map(|(_, files)| files);
    let file = files
        .map(|(_, text)| text.parse::<toml::Table>().unwrap())
        .find(|file| file.get("table").and_then(toml::Value::as_str) == Some(table))
        .unwrap();
    let mut column_of = HashMap::new();
    let mut columns = Vec::new();
    for property in file["property"].as_array().unwrap() {
        let number = |key: &str| property.get(key).and_then(toml::Value::as_integer);
        let scalar = match property["type"].as_str().unwrap() {
            "Boolean" => Scalar::Boolean,
            "Int16" => Scalar::Int16,
            "Int32" => Scalar::Int32,
            "Int64" => Scalar::Int64,
            "Double" => Scalar::Double,
            "Guid" => Scalar::Guid,
            "Date" => Scalar::Date,
            "String" => Scalar::String { max_length: number("max_length").map(|n| n.try_into().unwrap()) },
            "Decimal" => Scalar::Decimal {
                precision: number("precision").map(|n| n.try_into().unwrap()),
                scale: number("scale").map(|n| n.try_into().unwrap()),
            },
            "DateTimeOffset" => Scalar::DateTimeOffset { precision: number("precision").unwrap().try_into().unwrap() },
            other => panic!("{other}"),
        };
        let name = property["column"].as_str().unwrap().to_owned();
        column_of.insert(property["name"].as_str().unwrap().to_owned(), name.clone());
        let nullable = property.get("nullable").and_then(toml::Value::as_bool).unwrap_or(true);
        columns.push((name, scalar, nullable));
    }
    let key = file["key"].as_array().unwrap().iter().map(|name| column_of[name.as_str().unwrap()].clone()).collect();
    (columns, key)
}

fn fits(value: &Value, scalar: Scalar) -> bool {
    match (value, scalar) {
        (Value::String(text), Scalar::String { max_length: Some(max) }) => {
            text.chars().count() <= max as usize && !text.contains('\0')
        }
        (Value::Decimal(v), Scalar::Decimal { precision: Some(precision), scale: Some(scale) }) => {
            v.fractional_digit_count() == i64::from(scale) && v.digits() <= u64::from(precision)
        }
        (Value::Int(v), scalar) => scalar.integer_range().is_some_and(|(low, high)| (low..=high).contains(v)),
        (Value::Double(v), Scalar::Double) => v.is_finite(),
        (Value::Boolean(_), Scalar::Boolean)
        | (Value::Guid(_), Scalar::Guid)
        | (Value::Date(_), Scalar::Date)
        | (Value::DateTimeOffset(_), Scalar::DateTimeOffset { .. }) => true,
        _ => false,
    }
}

#[test]
fn rows_fit_the_metadata_files() {
    for table in tables() {
        let (columns, key) = declared(table.name);
        let typed: Vec<_> = columns.iter().map(|(name, scalar, _)| (name.clone(), *scalar)).collect();
        assert_eq!(table.columns, typed, "{}", table.name);
        let rows = &ROWS[table.name];
        for (place, (name, scalar, nullable)) in columns.iter().enumerate() {
            let nulls = rows.iter().filter(|row| row[place].is_null()).count();
            let percent = 100 * nulls / rows.len();
            let wanted = if table.name == "wide_orders" { 80..96 } else { 5..21 };
            // Half of the invoices are not paid, so they have no time of payment.
            let wanted = if name == "paid_at" { 30..60 } else { wanted };
            assert!(if *nullable { wanted.contains(&percent) } else { nulls == 0 }, "{}.{name}: {percent}", table.name);
            let misfit = rows.iter().find(|row| !row[place].is_null() && !fits(&row[place], *scalar));
            assert!(misfit.is_none(), "{}.{name}: {misfit:?}", table.name);
        }
        let places: Vec<usize> =
            key.iter().map(|name| columns.iter().position(|(column, ..)| column == name).unwrap()).collect();
        let mut keys = HashSet::new();
        for row in table.rows(3) {
            let key: Vec<Value> = places.iter().map(|place| row[*place].clone()).collect();
            assert!(keys.insert(key), "{}: {row:?}", table.name);
        }
    }
}

#[test]
fn every_child_has_its_parent_at_any_scale() {
    let pairs = [
        ("orders", "account_id", "accounts"),
        ("order_lines", "order_id", "orders"),
        ("order_lines", "product_id", "products"),
        ("invoices", "order_id", "orders"),
        ("wide_orders", "order_id", "orders"),
        ("shipments", "order_id", "orders"),
        ("stock_levels", "product_id", "products"),
    ];
    let data: HashMap<_, _> = tables().into_iter().map(|table| (table.name, table)).collect();
    for (child, name, parent) in pairs {
        // All keys of parents are their first column.
        let parents: HashSet<Value> = data[parent].rows(2).map(|row| row[0].clone()).collect();
        let place = column(child, name);
        let children: HashSet<Value> = data[child].rows(2).map(|row| row[place].clone()).collect();
        assert!(children.is_subset(&parents), "{child}.{name}");
    }
}

#[test]
fn some_parents_have_no_children() {
    let distinct = |table, name| values(table, name).into_iter().collect::<HashSet<_>>().len();
    let with_orders = distinct("orders", "account_id");
    assert!((1_860..=1_920).contains(&with_orders), "{with_orders} of 2,000 accounts have orders");
    assert!(distinct("order_lines", "order_id") < 18_000);
    assert!(distinct("invoices", "order_id") < 18_000);
    assert!(distinct("shipments", "order_id") < 18_000);
    assert_eq!(distinct("stock_levels", "product_id"), 400);
}

/// Names of the columns of a table in a schema script, each with whether it may be null.
fn scripted(script: &str, table: &str) -> Vec<(String, bool)> {
    let (_, rest) = script.split_once(&format!("CREATE TABLE {table} (\n")).unwrap();
    let (body, _) = rest.split_once("\n)").unwrap();
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("PRIMARY") && !line.starts_with("FOREIGN"));
    lines.map(|line| (line.split(' ').next().unwrap().to_owned(), !line.contains("NOT NULL"))).collect()
}

#[test]
fn every_schema_script_has_the_declared_columns() {
    for table in tables() {
        let wanted: Vec<_> = declared(table.name).0.into_iter().map(|(name, _, nullable)| (name, nullable)).collect();
        for product in ["postgres", "mysql", "sqlite"] {
            let path = format!("{}/migrations/{}/{product}/0001_schema.sql", env!("CARGO_MANIFEST_DIR"), table.source);
            let script = std::fs::read_to_string(&path).unwrap();
            assert_eq!(scripted(&script, table.name), wanted, "{path}: {}", table.name);
        }
    }
}
