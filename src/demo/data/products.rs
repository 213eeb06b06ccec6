//! Owns the rows of `products`.

use super::random::{Random, date, day, money, promised, text};
use super::{MONEY, string, words};
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("product_id", Scalar::Int32),
    ("product_name", string(120)),
    ("family", string(40)),
    ("description", string(4_000)),
    ("unit_price", MONEY),
    ("weight", Scalar::Double),
    ("discontinued", Scalar::Boolean),
    ("released_on", Scalar::Date),
];

/// Name and description of the first products.
const PROMISED: &[(&str, &str)] = &[
    ("Chai", "Ten boxes of twenty bags."),
    ("Chang", "Twenty-four bottles, 0.33 l each."),
    ("AIRPORT POTLUCK", "A box of snacks for the waiting area."),
    ("AIRPORT POTLUCK deluxe", "As AIRPORT POTLUCK, for two."),
    ("airport potluck", "In lower case on purpose."),
    ("POTLUCK AIRPORT", "Both words, but not the phrase."),
    ("Travel box", "Sold at the gate as AIRPORT POTLUCK."),
    ("test tube", "Borosilicate glass, 18 mm."),
    ("Contest kit", "The name contains test, and so does this text."),
    ("TEST plug", "Upper case on purpose."),
    ("Queso Cabrales", "One kilogram."),
    ("Rain jacket, waterproof", "Water column of 20,000 mm."),
    ("Boots", "The sole is waterproof."),
    ("Tent", "Not Waterproof in this letter case."),
    ("Acme anvil", "Falls reliably."),
    ("Acme international trading crate", "Stackable."),
    ("100% cotton cloth", "50% off, \\ backslash, under_score, 'quoted', \"double quoted\"."),
    ("Fräse Ø 12 mm – ½″", "Hartmetall, für Stahl bis 1 200 N/mm² 🛠️"),
    (" Blank in front", "Blank at the end "),
    ("Bolt M8", ""),
];
/// Weights of the first products: signs, exponents, and fractions that have no exact binary form.
const WEIGHTS: &[f64] =
    &[1.5e-7, -1_500.0, -1_500.5, 0.0, 1e21, 2.5e-300, 0.1, 123_456.789, -2.5e-3, 1e-10, 9_007_199_254_740_992.0, 1.0];
/// Release days of the first products around the borders that clients ask for.
const RELEASES: &[(i64, u32, u32)] = &[
    (2024, 5, 1),
    (2024, 4, 30),
    (2024, 5, 2),
    (1969, 12, 31),
    (1970, 1, 1),
    (2038, 1, 19),
    (2038, 1, 20),
    (2045, 12, 31),
    (1965, 1, 1),
    (2000, 2, 29),
    (2024, 5, 1),
    (1999, 12, 31),
];
/// Prices of the first products, in cents.
const PRICES: &[i64] = &[1_800, 1_900, 0, 1, 999_999_999_999_999_999, 1_800, 1_800, 99];

const MATERIALS: &[&str] = &["Aluminium", "Brass", "Ceramic", "Copper", "Nylon", "Rubber", "Steel", "Titanium"];
const THINGS: &[&str] = &[
    "bearing", "bolt", "bracket", "bushing", "cable", "clamp", "coupling", "flange", "gasket", "hinge", "nozzle",
    "pipe", "pump", "ring", "sensor", "spring", "valve", "washer",
];
const FAMILIES: &[&str] = &["Fasteners", "Fluid handling", "Bearings & seals", "Electrical", "Food", "Outdoor"];

/// The price of a product in cents.
pub(super) fn unit_price(index: i64) -> i64 {
    match promised(PRICES, index) {
        Some(price) => *price,
        None => Random::of("products.unit_price", index).between(50, 200_000),
    }
}

pub(super) fn row(index: i64) -> Vec<Value> {
    let mut random = Random::of("products", index);
    let drawn_name = format!("{} {} {:04}", random.pick(MATERIALS), random.pick(THINGS), random.below(10_000));
    let drawn_description =
        if index % 50 == 23 { words::prose_of_length(&mut random, 4_000) } else { words::prose(&mut random, 8) };
    let (name, description) = match promised(PROMISED, index) {
        Some((name, description)) => (text(name), text(description)),
        None => (text(&drawn_name), random.or_null(12, text(&drawn_description))),
    };
    let drawn_weight = f64::from(i32::try_from(random.below(50_000_000)).unwrap_or(0)) / 1_000.0;
    let weight = match promised(WEIGHTS, index) {
        Some(weight) => Value::Double(*weight),
        None => random.or_null(12, Value::Double(drawn_weight)),
    };
    let drawn_day = random.day(1965, 2041);
    let released_on = match promised(RELEASES, index) {
        Some((year, month, day_of_month)) => date(day(*year, *month, *day_of_month)),
        None => random.or_null(12, date(drawn_day)),
    };
    let family = text(random.pick(FAMILIES));
    vec![
        Value::Int(index + 1),
        name,
        random.or_null(10, family),
        description,
        money(unit_price(index)),
        weight,
        Value::Boolean(random.chance(12)),
        released_on,
    ]
}
