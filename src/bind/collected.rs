//! Owns collections of values as a whole: their comparison, and the functions of collections (OData 4.01 Part 2,
//! 5.1.1.1 and 5.1.1.5 to 5.1.1.6). Each is a question about items and their places.
//!
//! # Decisions
//!
//! - **Order counts.** Collections are answered in the order in which they are stored, so two are equal if they have
//!   the same items at the same places.
//! - **A subset has each item as often** as the collection that it is looked for in, or less often.

use crate::edm::{Scalar, Value};
use crate::model::{Property, PropertyId};
use crate::query::{Arithmetic, Comparison, Expr, Many, Place, Related};
use crate::syntax::{self, Literal, Span};

use super::BindError;
use super::compare::{Side, compare};
use super::complex::mismatch;
use super::connect::{self, truth};
use super::filter::{Binder, Frame, constant};
use super::functions::refused;
use super::walk::Way;

/// Items that are looked for one behind the other; each is a level of nesting in the statement.
const SUBSEQUENCE_MAX: usize = 8;

/// A collection of values of a row in sight.
#[derive(Clone, Debug)]
pub(super) struct Items<'a> {
    from: Place,
    /// Whether there is a row that has it.
    there: Expr,
    id: PropertyId,
    pub(super) property: &'a Property,
    pub(super) span: &'a Span,
}

impl<'a> Items<'a> {
    pub(super) fn new(way: &Way<'a>, id: PropertyId, property: &'a Property) -> Self {
        Items { from: way.place.clone(), there: way.is_there(), id, property, span: way.span }
    }

    /// The items for which a condition holds, seen from so many collections deeper.
    fn which(&self, deeper: u8, filter: Option<Expr>) -> Box<Related> {
        let mut from = self.from.clone();
        if from.root.is_none() {
            from.up += deeper;
        }
        Box::new(Related { from, many: Many::Items(self.id), filter })
    }

    fn count(&self, deeper: u8, filter: Option<Expr>) -> Expr {
        Expr::Count(self.which(deeper, filter))
    }

    fn any(&self, deeper: u8, filter: Expr) -> Expr {
        match filter {
            Expr::Literal(Value::Boolean(false), _) => truth(false),
            filter => Expr::Any(self.which(deeper, Some(filter))),
        }
    }
}

fn number(value: usize) -> Expr {
    constant(Value::Int(i64::try_from(value).unwrap_or(i64::MAX)), Scalar::Int64)
}

fn is(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    Expr::Compare(comparison, Box::new(left), Box::new(right))
}

fn same(left: Expr, right: Expr) -> Expr {
    is(Comparison::Eq, left, right)
}

fn sum(operator: Arithmetic, left: Expr, right: Expr) -> Expr {
    Expr::Arithmetic(operator, Box::new(left), Box::new(right), Scalar::Int64)
}

/// What is asked of two collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Same,
    Contains,
    StartsWith,
    EndsWith,
    Subset,
    Subsequence,
}

impl<'a> Binder<'a, '_> {
    /// Whether two sides, one of which is a collection, are equal.
    pub(super) fn same_items(&mut self, left: Side<'a>, right: Side<'a>) -> Result<Expr, BindError> {
        match (left, right) {
            (Side::Items(items), Side::Literal(Literal::Null, _))
            | (Side::Literal(Literal::Null, _), Side::Items(items)) => Ok(connect::not(items.there)),
            (Side::List(..), Side::Literal(Literal::Null, _)) | (Side::Literal(Literal::Null, _), Side::List(..)) => {
                Ok(truth(false))
            }
            (list @ Side::List(..), items @ Side::Items(_)) => self.of_two(Asked::Same, items, list),
            (left, right) => self.of_two(Asked::Same, left, right),
        }
    }

    /// A function whose first argument is a collection; that is already bound.
    pub(super) fn of_collections(
        &mut self,
        name: &str,
        first: Side<'a>,
        arguments: &'a [syntax::Expr],
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let asked = match name {
            "length" => {
                let count = match &first {
                    Side::Items(items) => items.count(0, None),
                    Side::List(members, _) => number(members.len()),
                    _ => return Err(refused(name, "a collection", span)),
                };
                return Ok(Side::Typed(count, Scalar::Int64, span));
            }
            "contains" => Asked::Contains,
            "startswith" => Asked::StartsWith,
            "endswith" => Asked::EndsWith,
            "hassubset" => Asked::Subset,
            "hassubsequence" => Asked::Subsequence,
            "indexof" | "concat" | "substring" => {
                return Err(BindError::unsupported(format!("the function '{name}' of collections"), span));
            }
            _ => return Err(refused(name, format!("no {}", first.describe()), span)),
        };
        let [_, second] = arguments else { return Err(refused(name, "2 arguments", span)) };
        let second = match self.expression(second)? {
            // A function of null is null.
            Side::Literal(Literal::Null, _) => return Ok(Side::Typed(connect::unknown(), Scalar::Boolean, span)),
            second => second,
        };
        Ok(Side::Typed(self.of_two(asked, first, second)?, Scalar::Boolean, span))
    }

    fn of_two(&mut self, asked: Asked, left: Side<'a>, right: Side<'a>) -> Result<Expr, BindError> {
        match (left, right) {
            (Side::Items(items), Side::List(members, span)) => {
                let found = self.beside_list(asked, &items, members, span)?;
                Ok(connect::and(vec![items.there, found]))
            }
            (Side::Items(left), Side::Items(right)) => {
                let found = self.beside_items(asked, &left, &right)?;
                Ok(connect::and(vec![left.there, right.there, found]))
            }
            (Side::List(left, _), Side::List(right, span)) => self.of_lists(asked, left, right, span),
            (Side::List(_, span), Side::Items(_)) => {
                Err(BindError::unsupported("a collection of the data looked for in a list", span))
            }
            (left, right) => Err(mismatch(&left, &right)),
        }
    }

    /// The condition that the item so many collections outward equals a member of a list, as seen `deep` collections
    /// deeper than where the list stands.
    fn item_is(&mut self, items: &Items<'a>, up: u8, deep: u8, member: &'a syntax::Expr) -> Result<Expr, BindError> {
        let item = self.item_side(Expr::Item(up, items.property.scalar), items.property, items.span)?;
        let sight = self.frames.last().map_or(self.first, |frame| frame.sight);
        let frames = self.frames.len();
        for _ in 0..deep {
            self.frames.push(Frame { sight, variable: None, item_of: None });
        }
        let member = self.expression(member);
        self.frames.truncate(frames);
        compare(Comparison::Eq, item, member?)
    }

    fn beside_list(
        &mut self,
        asked: Asked,
        items: &Items<'a>,
        members: &'a [syntax::Expr],
        span: &'a Span,
    ) -> Result<Expr, BindError> {
        let length = members.len();
        let place = |up| Expr::Ordinal(up);
        match asked {
            Asked::Same | Asked::StartsWith | Asked::EndsWith => {
                let mut either = Vec::with_capacity(length);
                for (at, member) in members.iter().enumerate() {
                    let expected = match asked {
                        Asked::EndsWith => sum(Arithmetic::Sub, items.count(1, None), number(length - 1 - at)),
                        _ => number(at + 1),
                    };
                    let equal = self.item_is(items, 0, 1, member)?;
                    either.push(connect::and(vec![same(place(0), expected), equal]));
                }
                let found = same(items.count(0, Some(connect::or(either))), number(length));
                Ok(match asked {
                    Asked::Same => connect::and(vec![same(items.count(0, None), number(length)), found]),
                    _ if length == 0 => truth(true),
                    _ => found,
                })
            }
            Asked::Contains => {
                let mut either = Vec::with_capacity(length);
                for (at, member) in members.iter().enumerate() {
                    let expected = sum(Arithmetic::Add, place(1), number(at));
                    let equal = self.item_is(items, 0, 2, member)?;
                    either.push(connect::and(vec![same(place(0), expected), equal]));
                }
                let found = same(items.count(1, Some(connect::or(either))), number(length));
                Ok(if length == 0 { truth(true) } else { items.any(0, found) })
            }
            Asked::Subset => {
                let mut wanted: Vec<(Expr, usize)> = Vec::with_capacity(length);
                for member in members {
                    if length > 1 && self.words.literal(member).is_none() {
                        return Err(BindError::unsupported(
                            "a list of other than literals in 'hassubset'",
                            &member.span,
                        ));
                    }
                    let equal = self.item_is(items, 0, 1, member)?;
                    match wanted.iter_mut().find(|(known, _)| *known == equal) {
                        Some((_, often)) => *often += 1,
                        None => wanted.push((equal, 1)),
                    }
                }
                let often = |(equal, often): (Expr, usize)| match often {
                    1 => items.any(0, equal),
                    often => is(Comparison::Ge, items.count(0, Some(equal)), number(often)),
                };
                Ok(connect::and(wanted.into_iter().map(often).collect()))
            }
            Asked::Subsequence => {
                if length > SUBSEQUENCE_MAX {
                    let what = format!("more than {SUBSEQUENCE_MAX} items in 'hassubsequence'");
                    return Err(BindError::unsupported(what, span));
                }
                let mut found: Option<Expr> = None;
                for (at, member) in members.iter().enumerate().rev() {
                    let deep = u8::try_from(at).unwrap_or(u8::MAX);
                    let mut all = vec![self.item_is(items, 0, deep + 1, member)?];
                    if at > 0 {
                        all.push(is(Comparison::Gt, place(0), place(1)));
                    }
                    all.extend(found.take());
                    found = Some(items.any(deep, connect::and(all)));
                }
                Ok(found.unwrap_or_else(|| truth(true)))
            }
        }
    }

    /// Both are data.
    fn beside_items(&mut self, asked: Asked, left: &Items<'a>, right: &Items<'a>) -> Result<Expr, BindError> {
        let item = |up, items: &Items<'a>| Expr::Item(up, items.property.scalar);
        let equal = |outside: &Items<'a>, inside: &Items<'a>| {
            let inner = self.item_side(item(0, inside), inside.property, inside.span)?;
            let outer = self.item_side(item(1, outside), outside.property, outside.span)?;
            compare(Comparison::Eq, inner, outer)
        };
        let same_place = || same(Expr::Ordinal(0), Expr::Ordinal(1));
        // For each item on the right one on the left at the same place.
        let begins = left.any(1, connect::and(vec![same_place(), equal(right, left)?]));
        let begins = Expr::All(right.which(0, None), Box::new(begins));
        match asked {
            Asked::Same => Ok(connect::and(vec![same(left.count(0, None), right.count(0, None)), begins])),
            Asked::StartsWith => Ok(begins),
            Asked::Subset => {
                let (here, there) =
                    (left.count(1, Some(equal(right, left)?)), right.count(1, Some(equal(right, right)?)));
                Ok(Expr::All(right.which(0, None), Box::new(is(Comparison::Ge, here, there))))
            }
            Asked::Contains | Asked::EndsWith | Asked::Subsequence => {
                Err(BindError::unsupported("a function of two collections of the data", right.span))
            }
        }
    }

    /// Neither is data.
    fn of_lists(
        &mut self,
        asked: Asked,
        left: &'a [syntax::Expr],
        right: &'a [syntax::Expr],
        span: &'a Span,
    ) -> Result<Expr, BindError> {
        let mut rows = Vec::with_capacity(left.len());
        for one in left {
            let mut row = Vec::with_capacity(right.len());
            for other in right {
                let (one, other) = (self.expression(one)?, self.expression(other)?);
                match self.compared(Comparison::Eq, one, other)? {
                    Expr::Literal(Value::Boolean(equal), _) => row.push(equal),
                    _ => return Err(BindError::unsupported("two lists of other than literals", span)),
                }
            }
            rows.push(row);
        }
        let equal = |one: usize, other: usize| rows.get(one).and_then(|row| row.get(other)).copied().unwrap_or(false);
        let from = |start: usize| (0..right.len()).all(|at| equal(start + at, at));
        let often = |test: &dyn Fn(usize) -> bool, of: usize| (0..of).filter(|at| test(*at)).count();
        Ok(truth(match asked {
            Asked::Same => left.len() == right.len() && from(0),
            Asked::StartsWith => from(0),
            Asked::EndsWith => left.len().checked_sub(right.len()).is_some_and(from),
            Asked::Contains => (0..=left.len()).any(from),
            Asked::Subset => {
                // Members of the right list that are equal to the same members of the left one are equal.
                let alike = |one: usize, other: usize| (0..left.len()).all(|at| equal(at, one) == equal(at, other));
                (0..right.len()).all(|one| {
                    let here = often(&|at| equal(at, one), left.len());
                    here >= often(&|other| alike(one, other), right.len()).min(here + 1) && here > 0
                })
            }
            Asked::Subsequence => {
                let mut wanted = 0;
                for one in 0..left.len() {
                    wanted += usize::from(wanted < right.len() && equal(one, wanted));
                }
                wanted == right.len()
            }
        }))
    }
}
