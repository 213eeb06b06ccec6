//! Owns the normal form of connectives: flat `and` and `or`, constants folded, negation as far inside as three-valued
//! logic allows. Every step keeps the exact value of the expression, except [`settle`], which says what it keeps.

use crate::edm::{Scalar, Value};
use crate::model::{EntityType, PropertyId};
use crate::query::{Comparison, Expr};

/// Which question is asked of an expression: only one of its three values matters, so spellings that differ in the
/// other two become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Is it true? False and null are alike.
    True,
    /// Is it false? True and null are alike.
    False,
}

pub(super) fn truth(value: bool) -> Expr {
    Expr::Literal(Value::Boolean(value), Scalar::Boolean)
}

pub(super) fn unknown() -> Expr {
    Expr::Literal(Value::Null, Scalar::Boolean)
}

fn constant(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Literal(Value::Boolean(value), _) => Some(*value),
        _ => None,
    }
}

/// Conjunction of any number of operands; of none, true.
pub(super) fn and(operands: Vec<Expr>) -> Expr {
    join(operands, true)
}

/// Disjunction of any number of operands; of none, false.
pub(super) fn or(operands: Vec<Expr>) -> Expr {
    join(operands, false)
}

/// `neutral` is true for `and`. A neutral operand vanishes, its opposite decides, whatever is null beside it.
fn join(operands: Vec<Expr>, neutral: bool) -> Expr {
    let mut flat = Vec::with_capacity(operands.len());
    for operand in operands {
        match operand {
            Expr::And(inner) if neutral => flat.extend(inner),
            Expr::Or(inner) if !neutral => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.iter().any(|operand| constant(operand) == Some(!neutral)) {
        return truth(!neutral);
    }
    flat.retain(|operand| constant(operand) != Some(neutral));
    if flat.len() > 1 {
        flat = gather(flat, neutral);
    }
    match flat.len() {
        0 => truth(neutral),
        1 => flat.pop().unwrap_or_else(|| truth(neutral)),
        _ if neutral => Expr::And(flat),
        _ => Expr::Or(flat),
    }
}

/// `A eq 1 or A eq 2 or A in (3)` says the same as `A in (1,2,3)`, and `A ne 1 and A ne 2` the same as `not (A in
/// (1,2))`; none of them is ever null. Clients that do not know `in` send long chains; as one list they are one
/// parameter and one statement text.
fn gather(operands: Vec<Expr>, conjunction: bool) -> Vec<Expr> {
    let mut out: Vec<Expr> = Vec::with_capacity(operands.len());
    let mut lists: Vec<List> = Vec::new();
    for operand in operands {
        match List::of(operand, conjunction, out.len()) {
            Err(other) => out.push(other),
            Ok(list) => {
                if let Some(known) = lists.iter_mut().find(|known| known.is_about(&list)) {
                    known.members.extend(list.members);
                } else {
                    // Kept free for the finished list.
                    out.push(truth(conjunction));
                    lists.push(list);
                }
            }
        }
    }
    for List { property, members, scalar, place } in lists {
        let member = member_of(Expr::Property(property), members, scalar);
        if let Some(slot) = out.get_mut(place) {
            *slot = if conjunction { not(member) } else { member };
        }
    }
    out
}

/// What a property is compared with in a chain.
struct List {
    property: PropertyId,
    members: Vec<Value>,
    scalar: Scalar,
    place: usize,
}

impl List {
    /// The list that an operand is, or the operand.
    fn of(operand: Expr, conjunction: bool, place: usize) -> Result<Self, Expr> {
        let wanted = if conjunction { Comparison::Ne } else { Comparison::Eq };
        let made = |property, members, scalar| Ok(List { property, members, scalar, place });
        match operand {
            Expr::Compare(comparison, left, right) if comparison == wanted => match (*left, *right) {
                (Expr::Property(property), Expr::Literal(value, scalar)) => made(property, vec![value], scalar),
                (left, right) => Err(Expr::Compare(comparison, Box::new(left), Box::new(right))),
            },
            Expr::In(subject, members, scalar) if !conjunction => match *subject {
                Expr::Property(property) => made(property, members, scalar),
                subject => Err(Expr::In(Box::new(subject), members, scalar)),
            },
            Expr::Not(inner) if conjunction => match List::of(*inner, false, place) {
                Ok(list) => Ok(list),
                Err(inner) => Err(Expr::Not(Box::new(inner))),
            },
            other => Err(other),
        }
    }

    fn is_about(&self, other: &List) -> bool {
        self.property == other.property && self.scalar == other.scalar
    }
}

/// Membership in a list of values of the operand's type, the same value once; a list of one is a comparison.
pub(super) fn member_of(subject: Expr, members: Vec<Value>, scalar: Scalar) -> Expr {
    let mut once = members;
    if once.len() > 1 {
        let mut seen = std::collections::HashSet::with_capacity(once.len());
        once.retain(|member| seen.insert(member.clone()));
    }
    match once.len() {
        0 => truth(false),
        1 => match once.pop() {
            Some(value) => Expr::Compare(Comparison::Eq, Box::new(subject), Box::new(Expr::Literal(value, scalar))),
            None => truth(false),
        },
        _ => Expr::In(Box::new(subject), once, scalar),
    }
}

/// Three-valued negation.
pub(super) fn not(operand: Expr) -> Expr {
    match operand {
        Expr::Literal(Value::Boolean(value), _) => truth(!value),
        Expr::Literal(Value::Null, _) => unknown(),
        Expr::Not(inner) => *inner,
        // `eq` and `ne` are opposites for null too; `gt` and `le` are not, since both are false then.
        Expr::Compare(Comparison::Eq, left, right) => Expr::Compare(Comparison::Ne, left, right),
        Expr::Compare(Comparison::Ne, left, right) => Expr::Compare(Comparison::Eq, left, right),
        other => Expr::Not(Box::new(other)),
    }
}

/// True if the expression cannot be null for any row.
pub(super) fn never_null(expr: &Expr, entity: &EntityType) -> bool {
    match expr {
        Expr::Property(id) => entity.property(*id).is_some_and(|property| !property.nullable),
        Expr::Literal(value, _) => !value.is_null(),
        Expr::Compare(..)
        | Expr::In(..)
        | Expr::Exists(_)
        | Expr::Any(_)
        | Expr::All(..)
        | Expr::Count(_)
        | Expr::Ordinal(_)
        | Expr::Now => true,
        Expr::And(operands) | Expr::Or(operands) | Expr::Call(_, operands, _) => {
            operands.iter().all(|operand| never_null(operand, entity))
        }
        Expr::Not(operand) | Expr::Negate(operand, _) => never_null(operand, entity),
        Expr::At(..) | Expr::Item(..) | Expr::Arithmetic(..) | Expr::Cast(..) | Expr::Routine(..) | Expr::Case(..) => {
            false
        }
    }
}

/// Rewrites an expression so that the spellings of one question become one tree. The answer to the question is kept,
/// the other two values need not be.
pub(super) fn settle(expr: Expr, asked: Asked, entity: &EntityType) -> Expr {
    let every = |operands: Vec<Expr>| operands.into_iter().map(|operand| settle(operand, asked, entity)).collect();
    match expr {
        Expr::And(operands) => and(every(operands)),
        Expr::Or(operands) => or(every(operands)),
        Expr::Not(operand) => {
            let turned = if asked == Asked::True { Asked::False } else { Asked::True };
            match not(settle(*operand, turned, entity)) {
                // A Boolean column is asked as a plain comparison, which an index can serve.
                Expr::Not(inner) if asked == Asked::True && matches!(*inner, Expr::Property(_)) => {
                    equals(*inner, false)
                }
                other => other,
            }
        }
        Expr::Literal(Value::Null, Scalar::Boolean) => truth(asked == Asked::False),
        property @ Expr::Property(_) if asked == Asked::True => equals(property, true),
        Expr::Compare(comparison @ (Comparison::Eq | Comparison::Ne), left, right) => {
            settle_comparison(comparison, *left, *right, asked, entity)
        }
        other => other,
    }
}

fn equals(operand: Expr, value: bool) -> Expr {
    Expr::Compare(Comparison::Eq, Box::new(operand), Box::new(truth(value)))
}

/// A Boolean expression compared with a constant is itself or its negation, if what null would give is not asked for:
/// `e eq true` is true exactly when e is; it is false also when e is null, which `not` would bring to light.
fn settle_comparison(comparison: Comparison, left: Expr, right: Expr, asked: Asked, entity: &EntityType) -> Expr {
    let rebuilt = |left, right| Expr::Compare(comparison, Box::new(left), Box::new(right));
    let Some(value) = constant(&right) else { return rebuilt(left, right) };
    if let Expr::Property(_) = left {
        // For a column that is never null, `ne true` and `eq false` are one.
        return match comparison {
            Comparison::Ne if never_null(&left, entity) => equals(left, !value),
            _ => rebuilt(left, right),
        };
    }
    let null_gives = if comparison == Comparison::Eq { Asked::False } else { Asked::True };
    if null_gives == asked && !never_null(&left, entity) {
        return rebuilt(left, right);
    }
    let same = (comparison == Comparison::Eq) == value;
    settle(if same { left } else { not(left) }, asked, entity)
}
