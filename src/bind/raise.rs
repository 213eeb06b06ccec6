//! Takes an expression into lambdas: what names its rows by their distance names the same rows from further inside.

use crate::query::{Bound, Expr, Place, Related};

/// The expression as it is from so many lambdas further inside.
pub(super) fn raised(mut expr: Expr, by: u8) -> Expr {
    if by > 0 {
        raise(&mut expr, by, 0);
    }
    expr
}

/// `depth` counts the lambdas of the expression itself, whose rows it brings along.
fn raise(expr: &mut Expr, by: u8, depth: u8) {
    match expr {
        Expr::Property(id) if depth == 0 => *expr = Expr::At(Box::new(Place::up(by)), *id),
        Expr::At(place, _) | Expr::Exists(place) => raise_place(place, by, depth),
        Expr::Item(up, _) | Expr::Ordinal(up) if *up >= depth => *up = up.saturating_add(by),
        Expr::Property(_) | Expr::Item(..) | Expr::Ordinal(_) | Expr::Literal(..) | Expr::Now => {}
        Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right, _) => {
            raise(left, by, depth);
            raise(right, by, depth);
        }
        Expr::In(operand, ..) | Expr::Not(operand) | Expr::Negate(operand, _) | Expr::Cast(operand, _) => {
            raise(operand, by, depth);
        }
        Expr::And(operands) | Expr::Or(operands) | Expr::Call(_, operands, _) => raise_all(operands, by, depth),
        Expr::Case(cases, _) => {
            for (when, then) in cases {
                raise(when, by, depth);
                raise(then, by, depth);
            }
        }
        Expr::Routine(call, _) => {
            match &mut call.on {
                Bound::Nothing => {}
                Bound::Entity(place) => raise_place(place, by, depth),
                Bound::Entities(related) => raise_related(related, by, depth),
            }
            raise_all(&mut call.arguments, by, depth);
        }
        Expr::Any(related) | Expr::Count(related) => raise_related(related, by, depth),
        Expr::All(related, condition) => {
            raise_related(related, by, depth);
            raise(condition, by, depth.saturating_add(1));
        }
    }
}

fn raise_all(operands: &mut [Expr], by: u8, depth: u8) {
    for operand in operands {
        raise(operand, by, depth);
    }
}

/// The conditions on the way see nothing but their own row.
fn raise_place(place: &mut Place, by: u8, depth: u8) {
    if place.root.is_none() && place.up >= depth {
        place.up = place.up.saturating_add(by);
    }
}

fn raise_related(related: &mut Related, by: u8, depth: u8) {
    raise_place(&mut related.from, by, depth);
    if let Some(filter) = &mut related.filter {
        raise(filter, by, depth.saturating_add(1));
    }
}
