//! Leads dates that are offered under another type back to the dates, where they stand beside values: so the column is
//! compared as it is, and its index serves. Everywhere else they are written as what they are offered as.
//!
//! # Decisions
//!
//! - **Here and not in the plan**: filters, cursors, keys and lists of keys all become conditions of this tree, and
//!   each of them gets the same answer without knowing of it.
//! - **Sorted and grouped as dates**: the later date is the later instant and the greater text.

use crate::edm::{Among, Made, Offered, Scalar, Value};

use super::ast::{Column, Comparison, Expr, Groups, Order, Place};
use super::rewrite::{Held, always, beside, never};

/// A text with so many characters begins no other date's text than those of one year.
const YEAR_AND_DASH: usize = 5;

/// The column of dates behind an offered one, and what it is offered as.
pub(super) fn dates(column: &Column) -> Option<(Column, Offered)> {
    let Some(Made::Offered(offered)) = column.made.as_deref() else { return None };
    Some((Column { scalar: Scalar::Date, made: None, ..column.clone() }, *offered))
}

fn dates_of(expr: &Expr) -> Option<(Expr, Offered)> {
    let Expr::Column(column) = expr else { return None };
    dates(column).map(|(column, offered)| (Expr::Column(column), offered))
}

/// The column as one is sorted and grouped by; `None` if that is the column itself.
pub(super) fn sorted(order: &Order) -> Option<Order> {
    dates_of(&order.expr).map(|(expr, _)| Order { expr, ..order.clone() })
}

/// The same condition about dates; `None` if none is offered there, which is the usual case.
pub(super) fn by_date(expr: &Expr) -> Option<Expr> {
    let boxed = Box::new;
    match expr {
        Expr::Compare(comparison, left, right) => Some(match sides(left, right)? {
            Sides::Dates(left, right) => Expr::Compare(*comparison, boxed(left), boxed(right)),
            Sides::Date(date, place, is_right) => {
                let comparison = if is_right { comparison.mirrored() } else { *comparison };
                match place {
                    Some(Among::Date(day)) => Expr::Compare(comparison, boxed(date), boxed(param(day))),
                    None => Expr::Compare(comparison, boxed(date), boxed(null())),
                    Some(Among::After(day)) => beside(comparison, &date, Held::After(Value::Date(day)), Scalar::Date),
                    Some(Among::Above) => beside(comparison, &date, Held::Above, Scalar::Date),
                    Some(Among::Below) => beside(comparison, &date, Held::Below, Scalar::Date),
                }
            }
        }),
        Expr::Same(left, right) => equal(left, right, Expr::Same, never),
        Expr::Different(left, right) => equal(left, right, Expr::Different, always),
        Expr::NullSafeSame(left, right) => equal(left, right, Expr::NullSafeSame, |_| Expr::Truth(false)),
        Expr::NullSafeDifferent(left, right) => equal(left, right, Expr::NullSafeDifferent, |_| Expr::Truth(true)),
        Expr::In(operand, values, _) => {
            let (date, offered) = dates_of(operand)?;
            Some(match days(offered, values) {
                days if days.is_empty() => never(&date),
                days => Expr::In(boxed(date), days, Scalar::Date),
            })
        }
        Expr::NotIn(operand, values, _) => {
            let (date, offered) = dates_of(operand)?;
            Some(match days(offered, values) {
                days if days.is_empty() => always(&date),
                days => Expr::NotIn(boxed(date), days, Scalar::Date),
            })
        }
        Expr::RowIn(columns, tuples) => rows(columns, tuples).map(|(columns, tuples)| Expr::RowIn(columns, tuples)),
        Expr::IsNull(operand) => dates_of(operand).map(|(date, _)| Expr::IsNull(boxed(date))),
        Expr::IsNotNull(operand) => dates_of(operand).map(|(date, _)| Expr::IsNotNull(boxed(date))),
        Expr::Linked(left, right) => match (dates(left)?, dates(right)?) {
            ((left, one), (right, other)) if one == other => Some(Expr::Linked(left, right)),
            _ => None,
        },
        Expr::Match(Place::Start, text, part) => match (dates_of(text)?, &**part) {
            ((date, Offered::Text), Expr::Param(Value::String(part), _)) => starting(&date, part),
            _ => None,
        },
        _ => None,
    }
}

/// What stands on the sides of a comparison.
enum Sides {
    /// Dates that are offered as the same.
    Dates(Expr, Expr),
    /// Dates beside a value: where that lies, nowhere if it is null, and whether the dates stand right.
    Date(Expr, Option<Among>, bool),
}

fn sides(left: &Expr, right: &Expr) -> Option<Sides> {
    match (dates_of(left), dates_of(right)) {
        (Some((left, one)), Some((right, other))) => (one == other).then_some(Sides::Dates(left, right)),
        (Some((date, offered)), None) => place(offered, right).map(|place| Sides::Date(date, place, false)),
        (None, Some((date, offered))) => place(offered, left).map(|place| Sides::Date(date, place, true)),
        (None, None) => None,
    }
}

/// Where a parameter lies among the dates; the inner `None` is null.
#[expect(clippy::option_option, reason = "null is no place, and another expression has none that is known")]
fn place(offered: Offered, expr: &Expr) -> Option<Option<Among>> {
    match expr {
        Expr::Param(Value::Null, _) => Some(None),
        Expr::Param(value, _) => offered.place(value).map(Some),
        _ => None,
    }
}

fn equal(
    left: &Expr,
    right: &Expr,
    make: fn(Box<Expr>, Box<Expr>) -> Expr,
    beside_none: fn(&Expr) -> Expr,
) -> Option<Expr> {
    Some(match sides(left, right)? {
        Sides::Dates(left, right) => make(Box::new(left), Box::new(right)),
        Sides::Date(date, Some(Among::Date(day)), _) => make(Box::new(date), Box::new(param(day))),
        Sides::Date(date, None, _) => make(Box::new(date), Box::new(null())),
        Sides::Date(date, ..) => beside_none(&date),
    })
}

fn param(day: i32) -> Expr {
    Expr::Param(Value::Date(day), Scalar::Date)
}

fn null() -> Expr {
    Expr::Param(Value::Null, Scalar::Date)
}

/// The day for which a value stands.
fn day(offered: Offered, value: &Value) -> Option<Value> {
    match offered.place(value)? {
        Among::Date(day) => Some(Value::Date(day)),
        _ => None,
    }
}

fn days(offered: Offered, values: &[Value]) -> Vec<Value> {
    values.iter().filter_map(|value| day(offered, value)).collect()
}

/// The same groups, told by dates; `None` if none is offered there.
pub(super) fn groups(groups: &Groups) -> Option<Groups> {
    if groups.by.iter().all(|column| dates(column).is_none()) {
        return None;
    }
    let number = groups.of.first().map_or(0, Vec::len);
    let tuple = |group: usize| groups.of.iter().filter_map(|values| values.get(group).cloned()).collect();
    let tuples: Vec<Vec<Value>> = (0..number).map(tuple).collect();
    let (by, tuples) = rows(&groups.by, &tuples)?;
    let of = (0..by.len()).map(|place| tuples.iter().filter_map(|tuple| tuple.get(place).cloned()).collect()).collect();
    Some(Groups { by, of, indexed: groups.indexed })
}

/// Columns and tuples of their values about dates. What stands for no date is equal to none.
fn rows(columns: &[Column], tuples: &[Vec<Value>]) -> Option<(Vec<Column>, Vec<Vec<Value>>)> {
    let behind: Vec<Option<(Column, Offered)>> = columns.iter().map(dates).collect();
    if behind.iter().all(Option::is_none) {
        return None;
    }
    let tuple = |tuple: &Vec<Value>| -> Option<Vec<Value>> {
        let value = |(behind, value): (&Option<(Column, Offered)>, &Value)| match behind {
            Some((_, offered)) => day(*offered, value),
            None => Some(value.clone()),
        };
        behind.iter().zip(tuple).map(value).collect()
    };
    let tuples = tuples.iter().filter_map(tuple).collect();
    let columns = columns.iter().zip(&behind);
    let columns = columns.map(|(column, behind)| behind.as_ref().map_or(column, |(date, _)| date).clone()).collect();
    Some((columns, tuples))
}

/// The dates whose text begins so, as a range.
fn starting(date: &Expr, part: &str) -> Option<Expr> {
    if part.len() < YEAR_AND_DASH {
        return None;
    }
    let bound = |comparison, day| Expr::Compare(comparison, Box::new(date.clone()), Box::new(param(day)));
    Some(match Offered::starting(part) {
        Some((first, last)) => {
            Expr::And(vec![bound(Comparison::GreaterOrEqual, first), bound(Comparison::LessOrEqual, last)])
        }
        None => never(date),
    })
}
