//! Owns the rows of `wide_orders`: a hundred and fifty texts of which few are filled.

use super::orders::order_id;
use super::random::{Random, text};
use super::{string, words};
use crate::edm::{Scalar, Value};

const TEXTS: i64 = 150;
/// Percentage of empty texts.
const NULLS: i64 = 90;

pub(super) fn columns() -> Vec<(String, Scalar)> {
    let key = ("order_id".to_owned(), Scalar::Int32);
    std::iter::once(key).chain((1..=TEXTS).map(|place| (format!("text_{place:03}"), string(255)))).collect()
}

pub(super) fn row(index: i64) -> Vec<Value> {
    let mut random = Random::of("wide_orders", index);
    let mut row = vec![Value::Int(order_id(index))];
    for place in 0..TEXTS {
        row.push(match (index, place) {
            // The first rows are promised: one text in the first column, one in the last, one row without any text.
            (0, 0) | (1, 149) => text("Acme international trading"),
            (3, 1) => text("acme international trading"),
            (2, _) => Value::Null,
            _ if random.chance(NULLS) => Value::Null,
            _ => filled(&mut random),
        });
    }
    row
}

fn filled(random: &mut Random) -> Value {
    match random.below(500) {
        0 => text("Delivered by Acme international trading, 2nd floor"),
        1 => text(""),
        2 => text(&words::prose_of_length(random, 255)),
        _ => text(&words::prose(random, 2)),
    }
}
