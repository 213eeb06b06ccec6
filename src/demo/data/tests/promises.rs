//! The rows that requests, guides and other tests rely on.

use super::*;
use crate::edm::{parse_date, parse_date_time_offset, parse_guid};

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
