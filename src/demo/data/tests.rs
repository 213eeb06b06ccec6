use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::*;
use crate::edm::{parse_date, parse_date_time_offset, parse_guid};

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

/// How many rows have this value.
fn count(table: &'static str, name: &str, wanted: &Value) -> usize {
    let wanted = canonical(wanted);
    values(table, name).iter().filter(|value| **value == wanted).count()
}

fn count_text(table: &'static str, name: &str, wanted: &str) -> usize {
    count(table, name, &Value::String(wanted.into()))
}

fn count_containing(table: &'static str, name: &str, wanted: &str) -> usize {
    values(table, name).iter().filter(|value| value.starts_with('s') && value[1..].contains(wanted)).count()
}

fn row_where(table: &'static str, name: &str, wanted: &Value) -> &'static Vec<Value> {
    let place = column(table, name);
    ROWS[table].iter().find(|row| row[place] == *wanted).unwrap()
}

fn instant(text: &str) -> Value {
    Value::DateTimeOffset(parse_date_time_offset(text, false).unwrap())
}

fn date(text: &str) -> Value {
    Value::Date(parse_date(text).unwrap())
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn string(text: &str) -> Value {
    Value::String(text.into())
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

#[test]
fn promised_accounts_exist() {
    let keys = [
        "ALFKI",
        "ANATR",
        "ANTON",
        "O'BRIEN",
        "CUST-00017",
        "000123",
        "123",
        "12345",
        "A/B-7",
        "50%OFF",
        "MÜLLER",
        "ROCKET-🚀",
    ];
    for key in keys {
        assert_eq!(count_text("accounts", "account_id", key), 1, "{key}");
    }
    assert_eq!(count_text("accounts", "account_id", "alfki"), 0);
    let names = [
        "Acme",
        "ACME Corporation",
        "acme",
        "Müller",
        "Mu\u{308}ller GmbH",
        "MyProspect OR John Smith",
        "100%",
        "under_score",
        "back\\slash",
        " leading blank",
        "trailing blank ",
        "trailing blank",
        "",
    ];
    for name in names {
        assert_eq!(count_text("accounts", "name", name), 1, "{name}");
    }
    assert!(count_containing("accounts", "name", "Müller") >= 2);
    assert!(count_containing("accounts", "name", "\"double\" and 'single'") == 1);
    assert!(count_containing("accounts", "phone", "Acme") == 1);
    assert!(count_containing("accounts", "name", "zzzz") == 0);
    let longest = values("accounts", "name").iter().map(|name| name.chars().count() - 1).max();
    assert_eq!(longest, Some(120));
    for (country, least) in
        [("USA", 100), ("UK", 100), ("Germany", 100), ("usa", 1), ("UK ", 1), ("ＵＫ", 1), ("Ｕ Ｋ", 1)]
    {
        assert!(count_text("accounts", "country", country) >= least, "{country}");
    }
}

#[test]
fn promised_orders_exist() {
    let ids = &ROWS["orders"];
    assert!(ids.iter().zip(10_248..).all(|(row, id)| row[0] == Value::Int(id)));
    let first = row_where("orders", "order_id", &Value::Int(10_248));
    assert_eq!(first[1], string("ALFKI"));
    assert!(first.iter().all(|value| !value.is_null()));
    assert_eq!(row_where("orders", "order_id", &Value::Int(12_345))[1], string("O'BRIEN"));
    for account in ["ALFKI", "CUST-00017", "O'BRIEN"] {
        assert!(count_text("orders", "account_id", account) > 26, "{account}");
    }
    for status in ["Open", "Closed", "Held", "Cancelled"] {
        assert!(count_text("orders", "status", status) > 1_000, "{status}");
    }
    for status in ["open", "Open ", ""] {
        assert!(count_text("orders", "status", status) > 50, "{status}");
    }
    assert!(count("orders", "is_closed", &Value::Boolean(false)) > 1_000);
    assert!(count_text("orders", "ship_name", "") > 10);
    assert!(count_containing("orders", "ship_name", "Acme") > 10);
    assert!(count_containing("orders", "ship_name", "10248") > 10);
    assert!(values("orders", "ship_name").iter().filter(|name| name.starts_with("sAcme")).count() > 10);
    assert!(values("orders", "ship_name").iter().filter(|name| name.ends_with("GmbH")).count() > 10);
    for (at, least) in [
        ("2024-05-01T00:00:00Z", 500),
        ("2024-04-30T23:59:59.999999Z", 1),
        ("2024-05-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", 1),
        ("2038-01-19T03:14:08Z", 1),
    ] {
        assert!(count("orders", "order_date", &instant(at)) >= least, "{at}");
    }
    let dates: Vec<&Value> = ids.iter().map(|row| &row[column("orders", "order_date")]).collect();
    let micros = |value: &Value| matches!(value, Value::DateTimeOffset(v) if v % 1_000 != 0);
    assert!(dates.iter().filter(|value| micros(value)).count() > 1_000);
    let year = |text: &str| match instant(text) {
        Value::DateTimeOffset(v) => v,
        _ => unreachable!(),
    };
    let between = |low, high| {
        let range = year(low)..year(high);
        dates.iter().filter(|value| matches!(value, Value::DateTimeOffset(v) if range.contains(v))).count()
    };
    assert!(between("1965-01-01T00:00:00Z", "1970-01-01T00:00:00Z") > 100);
    assert!(between("2038-01-20T00:00:00Z", "2046-01-01T00:00:00Z") > 100);
    for (amount, least) in [
        ("-9999999999999999.99", 1),
        ("9999999999999999.99", 1),
        ("0.00", 100),
        ("0.01", 1),
        ("-0.01", 1),
        ("100.00", 100),
    ] {
        assert!(count("orders", "total_amount", &decimal(amount)) >= least, "{amount}");
    }
}

#[test]
fn promised_products_and_lines_exist() {
    assert!(ROWS["products"].iter().zip(1..).all(|(row, id)| row[0] == Value::Int(id)));
    assert_eq!(count_text("products", "product_name", "AIRPORT POTLUCK"), 1);
    assert!(count_containing("products", "product_name", "test") >= 2);
    assert!(count_containing("products", "product_name", "waterproof") >= 1);
    assert!(count_containing("products", "description", "waterproof") >= 10);
    assert!(count_containing("products", "product_name", "Acme") >= 1);
    assert!(values("products", "description").iter().any(|text| text.chars().count() == 4_001));
    for day in ["2024-05-01", "2024-04-30", "2024-05-02", "1969-12-31", "2038-01-20"] {
        assert!(count("products", "released_on", &date(day)) >= 1, "{day}");
    }
    for weight in [1.5e-7, -1_500.0, -1_500.5, 1e21] {
        assert_eq!(count("products", "weight", &Value::Double(weight)), 1, "{weight}");
    }
    assert!(count("products", "discontinued", &Value::Boolean(true)) > 20);
    let line = |order, product| {
        ROWS["order_lines"].iter().filter(|row| row[0] == Value::Int(order) && row[1] == Value::Int(product)).count()
    };
    assert_eq!(line(10_248, 11), 1);
    for order in [10_248, 10_249, 10_250] {
        assert!(count("order_lines", "order_id", &Value::Int(order)) >= 2, "{order}");
    }
    assert!(count("order_lines", "product_id", &Value::Int(42)) > 10);
}

#[test]
fn promised_invoices_shipments_stock_and_wide_orders_exist() {
    assert_eq!(ROWS["invoices"][0][0], string("INV/2024/001"));
    assert_eq!(count_text("invoices", "account_sf_id", "001Hs00003abcDEIAY"), 2);
    assert_eq!(count_text("invoices", "account_sf_id", "001Hs00003ABCDEIAY"), 1);
    assert_eq!(count("invoices", "order_id", &Value::Int(10_248)), 0);
    assert!(count("invoices", "order_id", &Value::Int(10_250)) >= 1);
    let guid = Value::Guid(parse_guid("3f2504e0-4f89-11d3-9a0c-0305e82c3301").unwrap());
    assert_eq!(row_where("shipments", "shipment_id", &guid)[1], Value::Int(10_248));
    assert!(row_where("shipments", "shipment_id", &guid).iter().all(|value| !value.is_null()));
    assert_eq!(count("shipments", "order_id", &Value::Int(10_248)), 9);
    for weight in ["999999999.999", "-999999999.999", "0.000", "0.001"] {
        assert!(count("shipments", "weight", &decimal(weight)) >= 1, "{weight}");
    }
    assert!(count_containing("shipments", "carrier", "Acme") > 100);
    assert!(count("stock_levels", "on_hand", &Value::Int(9_007_199_254_740_993)) >= 1);
    assert!(count("stock_levels", "on_hand", &Value::Int(-1)) >= 1);
    assert!(count("stock_levels", "product_id", &Value::Int(42)) >= 1);
    let acme = |row: &&Vec<Value>| row.iter().any(|value| canonical(value).contains("Acme international trading"));
    assert!(ROWS["wide_orders"].iter().filter(acme).count() > 26);
    assert!(count_text("wide_orders", "text_001", "Acme international trading") >= 1);
    assert!(count_text("wide_orders", "text_150", "Acme international trading") >= 1);
}
