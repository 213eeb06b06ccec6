//! Owns the rows of `shipments`. Their orders lie in the other database.

use super::order_lines::parent_of;
use super::orders::order_id;
use super::random::{MICROS_PER_DAY, Random, decimal, midnight, promised, text};
use super::string;
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("shipment_id", Scalar::Guid),
    ("order_id", Scalar::Int32),
    ("carrier", string(40)),
    ("tracking_no", string(40)),
    ("shipped_at", Scalar::DATE_TIME_OFFSET),
    ("weight", Scalar::Decimal { precision: Some(12), scale: Some(3) }),
];

/// Shipments of twenty orders in a row, fifteen together.
const SHIPMENTS: [i64; 20] = [1, 1, 0, 2, 0, 1, 0, 1, 1, 0, 2, 0, 0, 3, 1, 0, 1, 0, 0, 1];
/// The very first run has as many, nine of them for the first order.
const FIRST_SHIPMENTS: [i64; 20] = [9, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];

/// 3f2504e0-4f89-11d3-9a0c-0305e82c3301
const FIRST_GUID: [u8; 16] =
    [0x3f, 0x25, 0x04, 0xe0, 0x4f, 0x89, 0x11, 0xd3, 0x9a, 0x0c, 0x03, 0x05, 0xe8, 0x2c, 0x33, 1];
const CARRIERS: &[&str] =
    &["Acme Parcel", "acme parcel", "DHL", "dhl", "Nordwind Cargo", "O'Neil & Sons", "Güterzug AG", "", "Red  Arrow "];
/// Thousandths of the next weights: the borders of the column, and zero with its neighbours.
const WEIGHTS: &[i64] = &[999_999_999_999, -999_999_999_999, 0, 1, -1, 12_500];

/// The best known shipment: nothing is null.
fn first() -> Vec<Value> {
    vec![
        Value::Guid(FIRST_GUID),
        Value::Int(order_id(0)),
        text("Acme Parcel"),
        text("1Z000000001_01%"),
        Value::DateTimeOffset(midnight(2024, 5, 1) + 500_000),
        decimal(12_500, 3),
    ]
}

pub(super) fn row(index: i64) -> Vec<Value> {
    if index == 0 {
        return first();
    }
    let mut random = Random::of("shipments", index);
    let (order, _) = parent_of(index, if index < 15 { &FIRST_SHIPMENTS } else { &SHIPMENTS });
    let guid = random.guid();
    let carrier = text(random.pick(CARRIERS));
    let tracking_no = format!("1Z{:09}_{:02}%", random.below(1_000_000_000), random.below(100));
    let shipped = random.day(1968, 2044) * MICROS_PER_DAY + random.time_of_day();
    let drawn_weight = decimal(random.between(1, 1_000_000), 3);
    vec![
        guid,
        Value::Int(order_id(order)),
        random.or_null(8, carrier),
        random.or_null(10, text(&tracking_no)),
        random.or_null(15, Value::DateTimeOffset(shipped)),
        match promised(WEIGHTS, index - 1) {
            Some(thousandths) => decimal(*thousandths, 3),
            None => random.or_null(12, drawn_weight),
        },
    ]
}
