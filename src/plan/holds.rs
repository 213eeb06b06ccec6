//! Sees where an `or` asks the same of many texts, `contains(A,'x') or contains(B,'x') or …`, and makes one question of
//! it. Consumers search so, with a member for each text property of a set.

use crate::edm::{Scalar, Value};
use crate::query::{Comparison, Expr, Function};
use crate::sql::{OneHolds, ast};

use super::PlanError;
use super::filter::Conditions;

/// So many different parts are looked for in one `or`; members with further ones stay by themselves.
const PARTS_MAX: usize = 8;

/// Members of an `or` with the same part.
struct Group<'a> {
    part: &'a str,
    texts: Vec<&'a Expr>,
}

impl Conditions<'_> {
    /// The members of an `or`, each TRUE exactly when it is true; those that ask for the same part are one.
    pub(super) fn one_of(self, operands: &[Expr]) -> Result<Vec<ast::Expr>, PlanError> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        // Each member with the group that it belongs to.
        let mut members: Vec<(&Expr, Option<usize>)> = Vec::with_capacity(operands.len());
        for operand in operands {
            let place = asks(operand).and_then(|(text, part)| take(&mut groups, text, part));
            members.push((operand, place));
        }
        let mut conditions = Vec::with_capacity(members.len());
        for (operand, place) in members {
            match place.and_then(|place| groups.get_mut(place)) {
                None => conditions.push(self.is_true(operand)?),
                // The group has been written where its first member stood.
                Some(group) if group.texts.is_empty() => {}
                Some(group) => match std::mem::take(&mut group.texts).as_slice() {
                    [_] => conditions.push(self.is_true(operand)?),
                    texts => conditions.push(self.one_holds(texts, group.part)?),
                },
            }
        }
        Ok(conditions)
    }

    fn one_holds(self, texts: &[&Expr], part: &str) -> Result<ast::Expr, PlanError> {
        let values: Result<Vec<_>, PlanError> =
            texts.iter().map(|text| self.operand(text).map(|operand| operand.expr)).collect();
        let index = self.part_index(texts, part)?;
        Ok(ast::Expr::OneHolds(Box::new(OneHolds { texts: values?, part: part.into(), index })))
    }
}

/// Puts the text into the group with this part, if there is room for one.
fn take<'a>(groups: &mut Vec<Group<'a>>, text: &'a Expr, part: &'a str) -> Option<usize> {
    if let Some(place) = groups.iter().position(|group| group.part == part) {
        groups.get_mut(place)?.texts.push(text);
        return Some(place);
    }
    if groups.len() == PARTS_MAX {
        return None;
    }
    groups.push(Group { part, texts: vec![text] });
    Some(groups.len() - 1)
}

/// The text and the part for which `contains` asks, by itself or compared with `true`.
fn asks(operand: &Expr) -> Option<(&Expr, &str)> {
    match operand {
        Expr::Call(Function::Contains, arguments, Scalar::Boolean) => match arguments.as_slice() {
            [Expr::Literal(..), _] => None,
            [text, Expr::Literal(Value::String(part), _)] => Some((text, part)),
            _ => None,
        },
        Expr::Compare(Comparison::Eq, one, other) => match (&**one, &**other) {
            (call @ Expr::Call(..), Expr::Literal(Value::Boolean(true), _))
            | (Expr::Literal(Value::Boolean(true), _), call @ Expr::Call(..)) => asks(call),
            _ => None,
        },
        _ => None,
    }
}
