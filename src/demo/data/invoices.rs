//! Owns the rows of `invoices`, whose keys hold slashes.

use super::order_lines::parent_of;
use super::orders::order_id;
use super::random::{MICROS_PER_DAY, Random, date, day, money, promised, text};
use super::{MONEY, string, words};
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("invoice_no", string(20)),
    ("order_id", Scalar::Int32),
    ("account_sf_id", string(18)),
    ("amount", MONEY),
    ("due_date", Scalar::Date),
    ("paid", Scalar::Boolean),
    ("paid_at", Scalar::DATE_TIME_OFFSET),
    ("notes", string(2_000)),
];

/// Invoices of twenty orders in a row, ten together. The first order has none, so it can be deleted.
const INVOICES: [i64; 20] = [0, 1, 2, 0, 0, 1, 0, 0, 3, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0];

/// Salesforce ids of the first invoices: two that differ in letter case only, and one repeated.
const SF_IDS: &[&str] = &["001Hs00003abcDEIAY", "001Hs00003ABCDEIAY", "001Hs00003abcDEIAY", "001hs00003abcdeiay"];
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Cents of the first amounts.
const AMOUNTS: &[i64] = &[44_000, 0, 1, -44_000, 999_999_999_999_999_999];

/// `INV/2024/001` is the first; ten years take turns.
fn invoice_no(index: i64) -> (String, i64) {
    let year = 2015 + (index + 9) % 10;
    (format!("INV/{year}/{:03}", index / 10 + 1), year)
}

fn sf_id(random: &mut Random) -> String {
    let mut id = "001Hs0000".to_owned();
    for _ in 0..9 {
        id.push(char::from(random.pick(ALPHABET)));
    }
    id
}

pub(super) fn row(index: i64) -> Vec<Value> {
    let mut random = Random::of("invoices", index);
    let (order, _) = parent_of(index, &INVOICES);
    let (invoice_no, year) = invoice_no(index);
    let drawn_id = sf_id(&mut random);
    let account_sf_id = match promised(SF_IDS, index) {
        Some(id) => text(id),
        None => random.or_null(15, text(&drawn_id)),
    };
    let amount = promised(AMOUNTS, index).copied().unwrap_or_else(|| random.between(100, 5_000_000));
    let due = day(year, 1, 1) + random.below(400);
    let paid = random.chance(60);
    let paid_at = due * MICROS_PER_DAY + random.time_of_day();
    let paid_at = if paid && !random.chance(5) { Value::DateTimeOffset(paid_at) } else { Value::Null };
    let notes = words::prose(&mut random, 4);
    vec![
        text(&invoice_no),
        Value::Int(order_id(order)),
        account_sf_id,
        money(amount),
        date(due),
        Value::Boolean(paid),
        paid_at,
        random.or_null(20, text(&notes)),
    ]
}
