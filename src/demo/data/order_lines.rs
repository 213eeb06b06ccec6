//! Owns the rows of `order_lines`: from none to twelve per order.

use super::orders::order_id;
use super::random::{Random, money};
use super::{MONEY, ORDERS, PRODUCTS, products};
use crate::edm::{Scalar, Value};

pub(super) const COLUMNS: &[(&str, Scalar)] = &[
    ("order_id", Scalar::Int32),
    ("product_id", Scalar::Int32),
    ("quantity", Scalar::Int16),
    ("unit_price", MONEY),
    ("discount", Scalar::Double),
];

/// Lines of twenty orders in a row, sixty together.
const LINES: [i64; 20] = [3, 2, 4, 0, 5, 1, 0, 3, 6, 1, 2, 0, 9, 3, 4, 2, 1, 12, 0, 2];

/// Given how many children each of a run of parents has, finds the parent of child `index` and its place among the
/// parent's children. The run repeats for ever.
pub(super) fn parent_of(index: i64, children: &[i64]) -> (i64, i64) {
    let per_run = children.iter().sum::<i64>().max(1);
    let run = index.div_euclid(per_run);
    let mut place = index.rem_euclid(per_run);
    let mut parent = run * i64::try_from(children.len()).unwrap_or(0);
    for count in children {
        if place < *count {
            break;
        }
        place -= count;
        parent += 1;
    }
    (parent, place)
}

/// The product of a line. Steps of 37 meet no product twice: 37 and 500 have no common divisor.
fn product_of(order: i64, place: i64) -> i64 {
    let first = if order == 0 { 10 } else { Random::of("order_lines.product", order).below(i64::from(PRODUCTS)) };
    let unit = order.div_euclid(i64::from(ORDERS));
    unit * i64::from(PRODUCTS) + (first + place * 37) % i64::from(PRODUCTS)
}

pub(super) fn row(index: i64) -> Vec<Value> {
    let mut random = Random::of("order_lines", index);
    let (order, place) = parent_of(index, &LINES);
    let product = product_of(order, place);
    let quantity = match random.below(200) {
        0 => i64::from(i16::MAX),
        1 => i64::from(i16::MIN),
        2..5 => 0,
        5..9 => -random.between(1, 20),
        _ => random.between(1, 120),
    };
    let price = products::unit_price(product);
    let price = if random.chance(80) { price } else { price / 10 * 9 };
    let discount = random.pick(&[0.0, 0.0, 0.05, 0.1, 0.15, 0.2, 1.0 / 3.0, 2.5e-3]);
    vec![
        Value::Int(order_id(order)),
        Value::Int(product + 1),
        Value::Int(quantity),
        money(price),
        random.or_null(15, Value::Double(discount)),
    ]
}
