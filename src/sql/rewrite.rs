//! Owns what becomes of values that a database cannot hold: a date beyond its calendar, a decimal of too many digits, a
//! text with U+0000. Nothing stored equals such a value, but everything stored is on a known side of it, so there is a
//! right answer; it is given here instead of sending what the database would refuse or cut.

use crate::edm::{Scalar, Value};

use super::ast::{Comparison, Expr, Place};
use super::dialect::Dialect;

/// Where a value lies among those that a database can hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// It can be held.
    Yes,
    /// It lies between this value and the next.
    After(Value),
    /// It is greater than all.
    Above,
    /// It is less than all.
    Below,
}

/// The same condition without values that the database cannot hold; `None` if there are none, which is the usual case.
pub(super) fn held_only(expr: &Expr, dialect: &dyn Dialect) -> Option<Expr> {
    match expr {
        Expr::Compare(comparison, left, right) => {
            let ((operand, held), comparison) = match unheld(left, right, dialect)? {
                (found, true) => (found, comparison.mirrored()),
                (found, false) => (found, *comparison),
            };
            Some(beside(comparison, operand, held, operand.scalar()))
        }
        Expr::Same(left, right) => unheld(left, right, dialect).map(|((operand, _), _)| never(operand)),
        Expr::Different(left, right) => unheld(left, right, dialect).map(|((operand, _), _)| always(operand)),
        Expr::NullSafeSame(left, right) => unheld(left, right, dialect).map(|_| Expr::Truth(false)),
        Expr::NullSafeDifferent(left, right) => unheld(left, right, dialect).map(|_| Expr::Truth(true)),
        Expr::In(operand, values, scalar) => Some(match kept(values, dialect)? {
            values if values.is_empty() => never(operand),
            values => Expr::In(operand.clone(), values, *scalar),
        }),
        Expr::NotIn(operand, values, scalar) => Some(match kept(values, dialect)? {
            values if values.is_empty() => always(operand),
            values => Expr::NotIn(operand.clone(), values, *scalar),
        }),
        Expr::RowIn(columns, tuples) => {
            let is_held = |tuple: &&Vec<Value>| tuple.iter().all(|value| dialect.held(value) == Held::Yes);
            let kept: Vec<_> = tuples.iter().filter(is_held).cloned().collect();
            (kept.len() < tuples.len()).then(|| Expr::RowIn(columns.clone(), kept))
        }
        Expr::Match(place, text, part) => match (&**text, &**part) {
            (_, Expr::Param(value, _)) if dialect.held(value) != Held::Yes => Some(never(text)),
            (Expr::Param(Value::String(value), scalar), _) => pieces(*place, value, *scalar, part, dialect),
            _ => None,
        },
        Expr::OneHolds(holds) => (dialect.held(&holds.part()) != Held::Yes).then_some(Expr::Truth(false)),
        Expr::Search(text, phrase) => (dialect.held(&Value::String(phrase.clone())) != Held::Yes).then(|| never(text)),
        _ => None,
    }
}

/// The operand beside a value that cannot be held, where that lies, and whether the value stands left.
fn unheld<'a>(left: &'a Expr, right: &'a Expr, dialect: &dyn Dialect) -> Option<((&'a Expr, Held), bool)> {
    let held = |expr: &Expr| match expr {
        Expr::Param(value, _) => Some(dialect.held(value)).filter(|held| *held != Held::Yes),
        _ => None,
    };
    match held(right) {
        Some(place) => Some(((left, place), false)),
        None => held(left).map(|place| ((right, place), true)),
    }
}

/// The members that can be held; `None` if all can.
fn kept(values: &[Value], dialect: &dyn Dialect) -> Option<Vec<Value>> {
    let is_held = |value: &&Value| dialect.held(value) == Held::Yes;
    let count = values.iter().filter(is_held).count();
    (count < values.len()).then(|| values.iter().filter(is_held).cloned().collect())
}

pub(super) fn beside(comparison: Comparison, operand: &Expr, held: Held, scalar: Scalar) -> Expr {
    let is_less = matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
    match (comparison, held) {
        (Comparison::Equal, _) => never(operand),
        (Comparison::NotEqual, _) => always(operand),
        (_, Held::After(value)) => {
            let comparison = if is_less { Comparison::LessOrEqual } else { Comparison::Greater };
            Expr::Compare(comparison, Box::new(operand.clone()), Box::new(Expr::Param(value, scalar)))
        }
        (_, Held::Above) if is_less => always(operand),
        (_, Held::Below) if !is_less => always(operand),
        _ => never(operand),
    }
}

/// A text that cannot be held is held in pieces, and what can be held stands within one of them.
fn pieces(place: Place, text: &str, scalar: Scalar, part: &Expr, dialect: &dyn Dialect) -> Option<Expr> {
    if dialect.held(&Value::String(text.into())) == Held::Yes {
        return None;
    }
    let mut pieces: Vec<&str> = text.split('\0').collect();
    match place {
        Place::Anywhere => {}
        Place::Start => pieces.truncate(1),
        Place::End => drop(pieces.drain(..pieces.len().saturating_sub(1))),
    }
    let piece = |piece: &str| {
        let text = Expr::Param(Value::String(piece.into()), scalar);
        Expr::Match(place, Box::new(text), Box::new(part.clone()))
    };
    Some(Expr::Or(pieces.into_iter().map(piece).collect()))
}

/// False, or null for a null operand.
pub(super) fn never(operand: &Expr) -> Expr {
    Expr::And(vec![Expr::IsNull(Box::new(operand.clone())), unknown()])
}

/// True, or null for a null operand.
pub(super) fn always(operand: &Expr) -> Expr {
    Expr::Or(vec![Expr::IsNotNull(Box::new(operand.clone())), unknown()])
}

fn unknown() -> Expr {
    let null = Expr::Param(Value::Null, Scalar::Int32);
    Expr::Compare(Comparison::Equal, Box::new(Expr::One), Box::new(null))
}

impl Comparison {
    /// The operator for exchanged sides.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }
}
