//! Owns collections of values in expressions: questions about their items, the item that a lambda's variable or `$this`
//! means, and the options on a collection that is the answer.
//!
//! # Decisions
//!
//! - **A null column has no items**, as it has none where it is answered (OData 4.01 Part 2, 5.1.1.13).
//! - **`in` with a collection** asks whether an item equals the value, null included.

use crate::edm::{Scalar, Value};
use crate::model::{Property, PropertyId};
use crate::query::{self, Comparison, Expr, Many, Order, Related};
use crate::syntax::{self, ExprKind, Lambda, Options, PathStep, PathStepKind, Span};

use super::BindError;
use super::calculate;
use super::collected::Items;
use super::compare::{Side, compare};
use super::connect::{self, Asked};
use super::error::BindErrorKind;
use super::filter::{Binder, Frame, Names, Words, constant};
use super::scope::Scope;
use super::search::bind_terms;
use super::walk::{Next, Way, misplaced, not_followed};

/// A collection at the end of a way.
pub(super) type Collection<'a> = (Way<'a>, PropertyId, &'a Property);

/// Whose options are bound, and what their expressions have in sight.
#[derive(Clone, Copy)]
pub(super) struct ItemsOf<'a, 'b> {
    pub(super) property: &'a Property,
    /// The entities that have the collection.
    pub(super) names: Names<'a, 'b>,
    /// The collection is the answer by itself, so `$it` is its item.
    pub(super) alone: bool,
}

/// Which items of the collection are wanted; `None` if it is answered as it is.
pub(super) fn bind_items<'a>(
    of: ItemsOf<'a, '_>,
    place: Option<i64>,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Option<query::Items>, BindError> {
    let property = of.property;
    let mut items = query::Items {
        skip: options.skip.unwrap_or(0),
        top: options.top,
        count: options.count.unwrap_or(false),
        place,
        ..query::Items::default()
    };
    let refused = |place| BindErrorKind::NotAllowedHere { name: property.name.clone(), place };
    if let Some(filter) = &options.filter {
        if !property.filterable {
            return Err(BindError::at(refused("in $filter"), &filter.span));
        }
        let bound = Binder::of_items(of, scope, words).boolean(filter, "the filter")?;
        items.filter = Some(connect::settle(bound, Asked::True, of.names.sight.entity));
    }
    if let Some(search) = &options.search {
        // As in a set that has nothing to search in, nothing is found.
        let terms = bind_terms(search)?;
        if matches!(property.scalar, Scalar::String { .. }) && property.enumeration.is_none() {
            items.search = Some(terms);
        } else {
            items.filter = Some(connect::truth(false));
        }
    }
    for item in options.order.iter().flatten() {
        let side = Binder::of_items(of, scope, words).expression(&item.expr)?;
        let (expr, scalar) = calculate::value_of(side)?;
        items.order.push(Order { expr, scalar, descending: item.descending });
    }
    Ok(Some(items).filter(|items| *items != query::Items::default()))
}

impl<'a> Binder<'a, '_> {
    /// The item that a path means, if it is one.
    pub(super) fn item(&self, path: &'a [PathStep], span: &'a Span) -> Result<Option<Side<'a>>, BindError> {
        let Some((first, rest)) = path.split_first() else { return Ok(None) };
        let mut frames = self.frames.iter().rev().zip(0..);
        let found = match &first.kind {
            PathStepKind::Name(name) => frames.find(|(frame, _)| frame.variable == Some(name.as_str())),
            PathStepKind::This => frames.find(|(frame, _)| frame.item_of.is_some() && frame.variable.is_none()),
            // Where items are the answer, each is also what `$it` means.
            PathStepKind::It if self.of_items_alone() => frames.last(),
            _ => None,
        };
        let Some((Frame { item_of: Some(property), .. }, up)) = found else { return Ok(None) };
        let side = self.item_side(Expr::Item(up, property.scalar), property, span)?;
        if rest.is_empty() { Ok(Some(side)) } else { Err(not_followed(&side, rest)) }
    }

    /// An item of a collection as a side.
    pub(super) fn item_side(&self, item: Expr, property: &Property, span: &'a Span) -> Result<Side<'a>, BindError> {
        if matches!(property.scalar, Scalar::Duration { .. } | Scalar::Binary { .. }) {
            let what = format!("an item of type {} in an expression", property.scalar);
            return Err(BindError::unsupported(what, span));
        }
        Ok(match property.enumeration.and_then(|id| self.words.enumeration(id)) {
            Some(of) => Side::Member(item, property.scalar, of, span),
            None => Side::Typed(item, property.scalar, span),
        })
    }

    /// Refuses a path that begins with what the options on a collection of values do not have in sight.
    pub(super) fn check_in_sight(&self, first: &PathStepKind, span: &Span) -> Result<(), BindError> {
        let is_option = |frame: &Frame<'_>| frame.item_of.is_some() && frame.variable.is_none();
        let is_outside = match first {
            PathStepKind::Name(name) => self.frames.iter().all(|frame| frame.variable != Some(name.as_str())),
            PathStepKind::It => self.of_items_alone(),
            _ => false,
        };
        if is_outside && self.frames.iter().any(is_option) {
            return Err(BindError::unsupported("anything but '$this' in an option on a collection of values", span));
        }
        Ok(())
    }

    /// What follows a collection of values.
    pub(super) fn items(
        &mut self,
        (way, id, property): Collection<'a>,
        after: &'a [PathStep],
    ) -> Result<Side<'a>, BindError> {
        let span = way.span;
        let Some((step, rest)) = after.split_first() else {
            return Ok(Side::Items(Box::new(Items::new(&way, id, property))));
        };
        if !rest.is_empty() {
            return Err(not_followed(&Side::Many(&property.name, span), rest));
        }
        let related = |filter| Box::new(Related { from: way.place.clone(), many: Many::Items(id), filter });
        let (value, scalar) = match &step.kind {
            PathStepKind::Any(lambda) => {
                let asked = match lambda {
                    Some(lambda) => Some(self.of_item(lambda, property)?),
                    None => None,
                };
                (way.guarded(Expr::Any(related(asked))), Scalar::Boolean)
            }
            PathStepKind::All(lambda) => {
                let all = Expr::All(related(None), Box::new(self.of_item(lambda, property)?));
                let others = way.guards.iter().map(|guard| connect::not(guard.clone()));
                (connect::or(others.chain([all.clone()]).collect()), Scalar::Boolean)
            }
            PathStepKind::Count { options } => {
                let filter = match options {
                    Some(options) => self.counted(options, property, &step.span)?,
                    None => None,
                };
                (number(&way, Expr::Count(related(filter))), Scalar::Int64)
            }
            PathStepKind::Name(_) => return Err(not_followed(&Side::Many(&property.name, span), after)),
            other => return Err(misplaced(other, &step.span)),
        };
        Ok(Side::Typed(value, scalar, span))
    }

    /// The question of a lambda, seen from an item.
    fn of_item(&mut self, lambda: &'a Lambda, property: &'a Property) -> Result<Expr, BindError> {
        self.asked_of(Some(&lambda.variable), &lambda.predicate, property, "the expression of a lambda")
    }

    /// `$count($filter=…)`: the question to the items that are counted.
    fn counted(
        &mut self,
        options: &'a Options,
        property: &'a Property,
        span: &Span,
    ) -> Result<Option<Expr>, BindError> {
        if (Options { filter: None, ..options.clone() }) != Options::default() {
            return Err(BindError::unsupported(
                "an option other than $filter in $count of a collection of values",
                span,
            ));
        }
        let filter = options.filter.as_ref();
        filter.map(|filter| self.asked_of(None, filter, property, "the filter")).transpose()
    }

    fn asked_of(
        &mut self,
        variable: Option<&'a str>,
        asked: &'a syntax::Expr,
        property: &'a Property,
        place: &'static str,
    ) -> Result<Expr, BindError> {
        let sight = self.frames.last().map_or(self.first, |frame| frame.sight);
        self.frames.push(Frame { sight, variable, item_of: Some(property) });
        let bound = self.boolean(asked, place);
        self.frames.pop();
        Ok(connect::settle(bound?, Asked::True, sight.entity))
    }

    /// The collection to which a path leads.
    fn collection(&mut self, expr: &'a syntax::Expr) -> Result<Option<Collection<'a>>, BindError> {
        let ExprKind::Path(path) = &expr.kind else { return Ok(None) };
        let (mut way, mut rest) = self.start(path, &expr.span)?;
        while let Some((step, after)) = rest.split_first() {
            let PathStepKind::Name(name) = &step.kind else { return Ok(None) };
            match self.name(&mut way, name, after, step)? {
                Next::Here => rest = after,
                Next::Items(id, property) if after.is_empty() => return Ok(Some((way, id, property))),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// `subject in Collection`: whether an item equals the subject, which is looked at from inside.
    pub(super) fn item_of(
        &mut self,
        subject: &'a syntax::Expr,
        members: &'a syntax::Expr,
        span: &'a Span,
    ) -> Result<Side<'a>, BindError> {
        let Some((way, id, property)) = self.collection(members)? else {
            let right = self.expression(members)?.describe();
            let kind = BindErrorKind::TypeMismatch { left: "'in'".to_owned(), right };
            return Err(BindError::at(kind, &members.span));
        };
        let sight = self.frames.last().map_or(self.first, |frame| frame.sight);
        let item = self.item_side(Expr::Item(0, property.scalar), property, &members.span)?;
        self.frames.push(Frame { sight, variable: None, item_of: None });
        let subject = self.expression(subject);
        self.frames.pop();
        let same = compare(Comparison::Eq, item, subject?)?;
        let related = Related { from: way.place.clone(), many: Many::Items(id), filter: Some(same) };
        Ok(Side::Typed(way.guarded(Expr::Any(Box::new(related))), Scalar::Boolean, span))
    }
}

/// How many there are of what the way leads to: none, where it leads nowhere.
pub(super) fn number(way: &Way<'_>, count: Expr) -> Expr {
    if way.guards.is_empty() {
        return count;
    }
    let none = (connect::truth(true), constant(Value::Int(0), Scalar::Int64));
    Expr::Case(vec![(connect::and(way.guards.clone()), count), none], Scalar::Int64)
}
