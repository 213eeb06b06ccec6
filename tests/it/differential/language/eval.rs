//! The meaning of the whole language over related rows in memory (OData 4.01 Part 2, 5.1.1). Of the server's own code
//! only the values are used.

use std::cmp::Ordering;

use penstock::edm::Value;

use super::super::eval::{Operator, holds};
use super::super::value;
use super::expr::{Arithmetic, Expr, Kind, Reading, Start, Way};
use super::world::World;
use super::{convert, numbers};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Patterns of `matchespattern`.
pub(super) const PATTERNS: [&str; 7] = ["^a", "b$", "^[ab]+$", "a.b", "^$", "^(a|é|ä)", "[0-9]{2}"];

/// What an expression sees: the row at hand, then those of the lambdas around it, outermost first.
#[derive(Clone)]
pub(super) struct Sight<'a> {
    pub(super) world: &'a World,
    /// Set and row.
    frames: Vec<(usize, usize)>,
    /// What `$it` is where it is not the first of them, and the frames around the path of a counted collection.
    it: Option<(usize, usize)>,
    around: Vec<(usize, usize)>,
    compute: &'a [Expr],
}

impl<'a> Sight<'a> {
    /// That of a row of a reading; `it` is the parent of an expanded one.
    pub(super) fn of(
        world: &'a World,
        (set, row): (usize, usize),
        it: Option<(usize, usize)>,
        compute: &'a [Expr],
    ) -> Sight<'a> {
        Sight { world, frames: vec![(set, row)], it, around: Vec::new(), compute }
    }

    /// That of a counted row.
    fn counted(&self, set: usize, row: usize) -> Sight<'a> {
        let it = Some(self.it.unwrap_or(self.frames[0]));
        Sight { frames: vec![(set, row)], it, around: self.frames.clone(), compute: &[], ..*self }
    }

    pub(super) fn within(&self, set: usize, row: usize) -> Sight<'a> {
        let mut inner = self.clone();
        inner.frames.push((set, row));
        inner
    }

    fn row(&self, way: &Way) -> Option<(usize, usize)> {
        let mut at = match way.start {
            Start::Frame(index, _) => self.frames[index],
            Start::Outer(_) => self.it?,
            Start::Around(index, _) => self.around[index],
            Start::Root(set, row) => (set, row?),
        };
        for step in &way.steps {
            let set = &self.world.sets[at.0];
            at = (set.navigations[*step].target, *set.related[*step][at.1].first()?);
        }
        Some(at)
    }

    /// The set and rows to which a to-many navigation property leads; of a row that is not there, none.
    fn related(&self, way: &Way, navigation: usize) -> (usize, &'a [usize]) {
        match self.row(way) {
            Some((set, row)) => {
                let set = &self.world.sets[set];
                (set.navigations[navigation].target, &set.related[navigation][row])
            }
            None => (0, &[]),
        }
    }

    fn property(&self, way: &Way, column: usize) -> Value {
        self.row(way).map_or(Value::Null, |(set, row)| self.world.sets[set].table.rows[row][column].clone())
    }

    /// True, false, or null.
    pub(super) fn truth(&self, expr: &Expr) -> Option<bool> {
        match self.value(expr) {
            Value::Boolean(value) => Some(value),
            Value::Null => None,
            other => panic!("{other:?} is no boolean"),
        }
    }

    fn is_true(&self, expr: &Expr) -> bool {
        self.truth(expr) == Some(true)
    }

    pub(super) fn value(&self, expr: &Expr) -> Value {
        match expr {
            Expr::Literal(value, _) => value.clone(),
            Expr::Property(way, column, _) => self.property(way, *column),
            Expr::Computed(place, _) => {
                let at_hand = Sight { frames: vec![self.frames[0]], ..self.clone() };
                at_hand.value(&self.compute[*place])
            }
            // No value of the tables lies near the present.
            Expr::Now => Value::DateTimeOffset(now_micros()),
            Expr::MinDateTime => Value::DateTimeOffset(-62_135_596_800_000_000),
            Expr::MaxDateTime => Value::DateTimeOffset(253_402_300_799_999_999),
            Expr::There(way, there) => Value::Boolean(self.row(way).is_some() == *there),
            Expr::Any(way, navigation, predicate) => {
                let (set, rows) = self.related(way, *navigation);
                let test = |row: &usize| predicate.as_ref().is_none_or(|it| self.within(set, *row).is_true(it));
                Value::Boolean(rows.iter().any(test))
            }
            Expr::All(way, navigation, predicate) => {
                let (set, rows) = self.related(way, *navigation);
                Value::Boolean(rows.iter().all(|row| self.within(set, *row).is_true(predicate)))
            }
            Expr::Count(way, navigation, filter) => {
                let (set, rows) = self.related(way, *navigation);
                let kept =
                    rows.iter().filter(|row| filter.as_ref().is_none_or(|it| self.counted(set, **row).is_true(it)));
                Value::Int(i64::try_from(kept.count()).unwrap())
            }
            Expr::Compare(operator, left, right) => {
                Value::Boolean(compared(*operator, self.value(left), self.value(right)))
            }
            Expr::In(subject, members) => {
                let subject = self.value(subject);
                let equal = |member| compared(Operator::Eq, subject.clone(), self.value(member));
                Value::Boolean(members.iter().any(equal))
            }
            Expr::And(operands) => connect(operands.iter().map(|operand| self.truth(operand)), false),
            Expr::Or(operands) => connect(operands.iter().map(|operand| self.truth(operand)), true),
            Expr::Not(operand) => self.truth(operand).map_or(Value::Null, |value| Value::Boolean(!value)),
            Expr::Arithmetic(operator, left, right, kind) => {
                calculate(*operator, &self.value(left), &self.value(right), *kind)
            }
            Expr::Negate(operand, _) => numbers::negate(&self.value(operand)),
            Expr::Call(function, arguments, _) => {
                let arguments: Vec<Value> = arguments.iter().map(|argument| self.value(argument)).collect();
                if arguments.iter().any(Value::is_null) { Value::Null } else { convert::call(*function, &arguments) }
            }
            Expr::Matches(text, pattern) => match self.value(text) {
                Value::String(text) => Value::Boolean(regex::Regex::new(PATTERNS[*pattern]).unwrap().is_match(&text)),
                other => other,
            },
            Expr::Cast(operand, to) => match self.value(operand) {
                Value::Null => Value::Null,
                value => convert::cast(&value, *to),
            },
            Expr::Case(cases, _) => {
                let first = cases.iter().find(|(when, _)| self.is_true(when));
                first.map_or(Value::Null, |(_, then)| self.value(then))
            }
            Expr::Has(way, column, flags) => match self.property(way, *column) {
                Value::Int(value) => Value::Boolean(value & flags == *flags),
                other => other,
            },
            Expr::Member(operator, way, column, member) => {
                Value::Boolean(holds(*operator, &self.property(way, *column), &Value::Int(*member)))
            }
        }
    }
}

/// A date beside an instant is its midnight.
fn compared(operator: Operator, left: Value, right: Value) -> bool {
    let midnight = |days: i32| Value::DateTimeOffset(i64::from(days) * MICROS_PER_DAY);
    match (left, right) {
        (Value::Date(days), right @ Value::DateTimeOffset(_)) => holds(operator, &midnight(days), &right),
        (left @ Value::DateTimeOffset(_), Value::Date(days)) => holds(operator, &left, &midnight(days)),
        (left, right) => holds(operator, &left, &right),
    }
}

/// Three-valued `and`, which false decides, or `or`, which true decides.
fn connect(operands: impl Iterator<Item = Option<bool>>, deciding: bool) -> Value {
    let mut result = Value::Boolean(!deciding);
    for operand in operands {
        match operand {
            Some(value) if value == deciding => return Value::Boolean(deciding),
            Some(_) => {}
            None => result = Value::Null,
        }
    }
    result
}

fn calculate(operator: Arithmetic, left: &Value, right: &Value, kind: Kind) -> Value {
    use Arithmetic::{Add, Div, Mul, Sub};
    match (left, operator, right) {
        (Value::Null, ..) | (.., Value::Null) => Value::Null,
        (Value::DateTimeOffset(at), Add, Value::Duration(by)) => convert::instant(at + by),
        (Value::DateTimeOffset(at), Sub, Value::Duration(by)) => convert::instant(at - by),
        (Value::Date(at), Add | Sub, Value::Duration(by)) => {
            let by = if operator == Add { *by } else { -by };
            convert::date((i64::from(*at) * MICROS_PER_DAY + by).div_euclid(MICROS_PER_DAY))
        }
        (Value::Date(left), Sub, Value::Date(right)) => {
            Value::Duration((i64::from(*left) - i64::from(*right)) * MICROS_PER_DAY)
        }
        (Value::Duration(left), Add, Value::Duration(right)) => Value::Duration(left + right),
        (Value::DateTimeOffset(left), Sub, Value::DateTimeOffset(right))
        | (Value::Duration(left), Sub, Value::Duration(right)) => Value::Duration(left - right),
        (Value::Duration(micros), Mul | Div, by) | (by, Mul, Value::Duration(micros)) => {
            numbers::scaled(operator, *micros, by)
        }
        _ => numbers::arithmetic(operator, left, right, kind),
    }
}

/// What is read of some rows of a set: the rows that the filter keeps, in order, before `$skip` and `$top`.
pub(super) fn matching(
    world: &World,
    set: usize,
    rows: impl Iterator<Item = usize>,
    it: Option<(usize, usize)>,
    reading: &Reading,
) -> Vec<usize> {
    let sight = |row: usize| Sight::of(world, (set, row), it, &reading.compute);
    let mut kept: Vec<(Vec<Value>, usize)> = rows
        .filter(|row| reading.filter.as_ref().is_none_or(|filter| sight(*row).is_true(filter)))
        .map(|row| (reading.order.iter().map(|(expr, _)| sight(row).value(expr)).collect(), row))
        .collect();
    let table = &world.sets[set].table;
    kept.sort_by(|(left, left_row), (right, right_row)| {
        let items = left.iter().zip(right).zip(&reading.order).map(|((left, right), (_, descending))| {
            let order = value::order(left, right);
            if *descending { order.reverse() } else { order }
        });
        let key = table.key.iter().map(|key| value::order(&table.rows[*left_row][*key], &table.rows[*right_row][*key]));
        items.chain(key).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    kept.into_iter().map(|(_, row)| row).collect()
}

/// The part that `$skip` and `$top` leave.
pub(super) fn part(rows: &[usize], reading: &Reading) -> Vec<usize> {
    rows.iter().copied().skip(reading.skip.unwrap_or(0)).take(reading.top.unwrap_or(usize::MAX)).collect()
}

/// The time, near enough: what is compared with `now()` is years away from it.
#[expect(clippy::disallowed_methods, reason = "the evaluation is independent of the program's clock")]
fn now_micros() -> i64 {
    chrono::Utc::now().timestamp_micros()
}
