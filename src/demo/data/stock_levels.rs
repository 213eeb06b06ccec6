//! Owns the rows of `stock_levels`. Their products lie in the other database.

use super::order_lines::parent_of;
use super::random::{Random, date, promised, text};
use super::string;
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("product_id", Scalar::Int32),
    ("site", string(10)),
    ("on_hand", Scalar::Int64),
    ("reserved", Scalar::Int64),
    ("counted_on", Scalar::Date),
    ("bin_code", string(20)),
];

/// Sites of five products in a row, fifty together; one of them is in stock nowhere.
const SITES_OF: [i64; 5] = [12, 10, 13, 0, 15];
const SITES: [&str; 15] = [
    "BER-01", "ber-01", "HAM-02", "LON/A", "LON/B", "MÜN-1", "NY'C", "50%", "A_B", "AXB", "PAR 1", "東京", "ZRH+1",
    "0042", "42",
];
/// Stock on hand of the first rows: beyond what a double holds exactly, and below zero.
const ON_HAND: &[i64] =
    &[9_007_199_254_740_993, 9_007_199_254_740_992, -9_007_199_254_740_993, i64::MAX, 0, -1, 9_007_199_254_740_993];

pub(super) fn row(index: i64) -> Vec<Value> {
    let mut random = Random::of("stock_levels", index);
    let (product, place) = parent_of(index, &SITES_OF);
    let drawn = if random.chance(3) { -random.between(1, 500) } else { random.below(10_000) };
    let counted = random.day(2019, 2026);
    let bin_code = format!("{:02}-{:02}-{:03}", random.below(40), random.below(20), random.below(200));
    vec![
        Value::Int(product + 1),
        text(promised(&SITES, place).copied().unwrap_or_default()),
        Value::Int(promised(ON_HAND, index).copied().unwrap_or(drawn)),
        Value::Int(random.below(500)),
        random.or_null(15, date(counted)),
        random.or_null(20, text(&bin_code)),
    ]
}
