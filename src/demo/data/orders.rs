//! Owns the rows of `orders`: many ties in dates, states and amounts, and the borders that clients ask for.

use super::random::{MICROS_PER_DAY, MICROS_PER_SECOND, Random, midnight, money, promised, text};
use super::{ACCOUNTS, FIRST_ORDER, MONEY, ORDERS, accounts, string, words};
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("order_id", Scalar::Int32),
    ("account_id", string(20)),
    ("status", string(20)),
    ("ship_name", string(120)),
    ("ship_city", string(80)),
    ("ship_country", string(40)),
    ("order_date", Scalar::DATE_TIME_OFFSET),
    ("required_date", Scalar::DATE_TIME_OFFSET),
    ("shipped_date", Scalar::DATE_TIME_OFFSET),
    ("total_amount", MONEY),
    ("currency", string(3)),
    ("is_closed", Scalar::Boolean),
    ("notes", string(2_000)),
    ("updated_at", Scalar::DATE_TIME_OFFSET),
];

/// Names to ship to, spread over all orders; each traps another comparison.
const SHIP_NAMES: &[&str] = &[
    "",
    "Acme international trading",
    "Acme",
    "acme",
    "Best of Acme GmbH",
    "ACME GmbH",
    "Müller GmbH",
    "Mu\u{308}ller GmbH",
    "muller gmbh",
    "Order 10248 goes here",
    "100% Kaffee",
    "100 Kaffee",
    "under_score",
    "underXscore",
    "back\\slash GmbH",
    "O'Brien's",
    " blank in front",
    "blank at the end ",
    "blank at the end",
    "🚚 Express",
    "Ａｃｍｅ",
    "Straße",
    "STRASSE",
];
const NOTES: &[&str] = &[
    "Line one\nline two\r\nline three",
    "Tab\there, a quote \", a backslash \\, a slash /, a control character \u{1} and a line separator \u{2028}",
    "</script><b>& \u{7f}",
    "",
    " ",
    "Emoji 👩‍🚀🇩🇪, combining e\u{301}, right to left שלום",
];
/// Cents of the first amounts after index 5: the borders of the column, and zero with its neighbours.
const AMOUNTS: &[i64] = &[-999_999_999_999_999_999, 999_999_999_999_999_999, 0, 1, -1, 10_000, 9_999, 10_001];
const AMOUNTS_FROM: i64 = 6;
const TIED_AMOUNTS: &[i64] = &[10_000, 25_000, 99_999, 0];
const CURRENCIES: &[&str] = &["EUR", "EUR", "EUR", "USD", "USD", "GBP", "CHF", "JPY"];

/// `OrderID` of an order.
pub(super) fn order_id(index: i64) -> i64 {
    FIRST_ORDER + index
}

/// The account of an order; about one account in twenty has none.
fn account_of(index: i64, random: &mut Random) -> String {
    const ALFKI: i64 = 0;
    const ANATR: i64 = 1;
    const O_BRIEN: i64 = 3;
    let (unit, place) = (index.div_euclid(i64::from(ORDERS)), index.rem_euclid(i64::from(ORDERS)));
    let cust_17 = accounts::first_ordinary() + 16;
    let drawn = random.below(i64::from(ACCOUNTS));
    let account = match place {
        _ if unit > 0 => drawn,
        1 => ANATR,
        2_097 => O_BRIEN, // the order 12345
        _ if place % 97 == 0 => ALFKI,
        _ if place % 101 == 2 => cust_17,
        _ if place % 499 == 3 => O_BRIEN,
        _ => drawn,
    };
    let without_orders = account % 20 == 19;
    accounts::account_id(unit * i64::from(ACCOUNTS) + account - i64::from(without_orders))
}

fn order_date(index: i64, random: &mut Random) -> i64 {
    let may_first = midnight(2024, 5, 1);
    match index {
        3 => may_first - 1,
        4 => may_first,
        5 => may_first + 1,
        6 => midnight(1969, 12, 31) + MICROS_PER_DAY - 1,
        7 => 0,
        8 => midnight(2038, 1, 19) + 11_648 * MICROS_PER_SECOND, // one second after 32 bits
        9 => may_first + MICROS_PER_DAY - 1,
        10 => may_first + MICROS_PER_DAY,
        _ => match random.below(100) {
            0..4 => may_first,
            4..7 => may_first + random.time_of_day(),
            7..12 => midnight(2023, 12, 24),
            12..70 => random.day(2018, 2026) * MICROS_PER_DAY + random.time_of_day(),
            _ => random.day(1965, 2046) * MICROS_PER_DAY + random.time_of_day(),
        },
    }
}

/// Status and whether it closes the order.
fn status(random: &mut Random) -> (Value, bool) {
    let (status, closed) = match random.below(100) {
        0..30 => ("Open", false),
        30..60 => ("Closed", true),
        60..70 => ("Held", false),
        70..79 => ("Cancelled", true),
        79..88 => ("Shipped", false),
        88 => ("open", false),
        89 => ("Open ", false),
        90 => ("ＯＰＥＮ", false),
        91 => ("", false),
        _ => return (Value::Null, false),
    };
    (text(status), closed)
}

fn total_amount(index: i64, random: &mut Random) -> i64 {
    let drawn = match random.below(100) {
        0..10 => random.pick(TIED_AMOUNTS),
        10..12 => -random.between(1, 5_000_000),
        12 => random.between(-999_999_999_999_999_999, 999_999_999_999_999_999),
        _ => random.between(500, 5_000_000),
    };
    promised(AMOUNTS, index - AMOUNTS_FROM).copied().unwrap_or(drawn)
}

fn notes(random: &mut Random) -> Value {
    match random.below(100) {
        0..15 => Value::Null,
        15..18 => text(random.pick(NOTES)),
        18 => text(&words::prose_of_length(random, 2_000)),
        _ => text(&words::prose(random, 3)),
    }
}

fn ship_name(random: &mut Random) -> Value {
    let drawn = words::company(random);
    match random.below(100) {
        0..12 => Value::Null,
        12..24 => text(random.pick(SHIP_NAMES)),
        _ => text(&drawn),
    }
}

/// The order 10248, which every introduction shows: nothing is null.
fn first() -> Vec<Value> {
    let ordered = midnight(2024, 4, 29) + 33_300 * MICROS_PER_SECOND;
    vec![
        Value::Int(order_id(0)),
        text("ALFKI"),
        text("Open"),
        text("Alfreds Futterkiste"),
        text("Berlin"),
        text("Germany"),
        Value::DateTimeOffset(ordered),
        Value::DateTimeOffset(ordered + 21 * MICROS_PER_DAY),
        Value::DateTimeOffset(ordered + 2 * MICROS_PER_DAY + 1_500_000),
        money(44_000),
        text("EUR"),
        Value::Boolean(false),
        text("Deliver to the rear gate."),
        Value::DateTimeOffset(ordered + 2 * MICROS_PER_DAY + 123_456),
    ]
}

pub(super) fn row(index: i64) -> Vec<Value> {
    if index == 0 {
        return first();
    }
    let mut random = Random::of("orders", index);
    let ordered = order_date(index, &mut random);
    let (status, is_closed) = status(&mut random);
    let (city, country) = words::place(&mut random);
    let country = if random.chance(1) { random.pick(&["usa", "UK ", "ＵＫ"]) } else { country };
    let required = ordered + random.between(7, 30) * MICROS_PER_DAY;
    let shipped = ordered + random.between(1, 20) * MICROS_PER_DAY + random.time_of_day();
    let updated = ordered + random.below(60) * MICROS_PER_DAY + random.below(MICROS_PER_DAY);
    vec![
        Value::Int(order_id(index)),
        text(&account_of(index, &mut random)),
        status,
        ship_name(&mut random),
        random.or_null(8, text(city)),
        random.or_null(8, text(country)),
        Value::DateTimeOffset(ordered),
        random.or_null(10, Value::DateTimeOffset(required)),
        random.or_null(20, Value::DateTimeOffset(shipped)),
        money(total_amount(index, &mut random)),
        text(random.pick(CURRENCIES)),
        Value::Boolean(is_closed),
        notes(&mut random),
        Value::DateTimeOffset(updated),
    ]
}
