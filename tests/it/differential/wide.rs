//! The shape of a consumer's global search: the same part asked of many texts, with `or` between, some members compared
//! with `true`, and maybe something else beside or around it.

use proptest::prelude::*;

use penstock::edm::Value;

use super::eval::{Expr, Function, Operator};

/// So many members, more than any database takes for a few.
const MEMBERS_MAX: usize = 12;

/// A member: the place of its column, and how it is written.
type Member = (prop::sample::Index, u8);

/// Chains over these columns. `parts` are what is looked for, `others` stand in the same chain or around it.
pub(super) fn chains(
    strings: Vec<usize>,
    parts: BoxedStrategy<Expr>,
    others: BoxedStrategy<Expr>,
) -> BoxedStrategy<Expr> {
    let members = proptest::collection::vec(any::<Member>(), 2..=MEMBERS_MAX);
    (members, parts.clone(), parts, others, any::<u8>())
        .prop_map(move |(members, part, second, other, form)| {
            let texts = |members: &[Member], part: &Expr| -> Vec<Expr> {
                members
                    .iter()
                    .map(|(column, style)| member(strings[column.index(strings.len())], part, *style))
                    .collect()
            };
            let mut chain = texts(&members, &part);
            match form % 8 {
                // A second part in the same chain.
                0 => chain.extend(texts(&members[..2], &second)),
                1 => chain.insert(1, other.clone()),
                _ => {}
            }
            let chain = chain.into_iter().reduce(|left, right| Expr::Or(Box::new(left), Box::new(right))).unwrap();
            match form / 32 {
                0 => Expr::And(Box::new(chain), Box::new(other)),
                1 => Expr::And(Box::new(other), Box::new(chain)),
                2 => Expr::Not(Box::new(chain)),
                3 => is_true(chain, true),
                4 => Expr::Not(Box::new(is_true(chain, false))),
                _ => chain,
            }
        })
        .boxed()
}

fn member(column: usize, part: &Expr, style: u8) -> Expr {
    let call = Expr::Call(Function::Contains, Box::new(Expr::Property(column)), Box::new(part.clone()));
    match style % 4 {
        0 => call,
        style => is_true(call, style == 3),
    }
}

/// Compared with `true`, which may stand left.
fn is_true(expr: Expr, swapped: bool) -> Expr {
    let yes = Expr::Literal(Value::Boolean(true));
    let (left, right) = if swapped { (yes, expr) } else { (expr, yes) };
    Expr::Compare(Operator::Eq, Box::new(left), Box::new(right))
}
