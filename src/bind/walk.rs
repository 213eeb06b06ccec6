//! Owns paths in expressions: from the entity at hand, a lambda's variable or `$root`, along to-one navigation
//! properties and complex properties, to a value, or to the entities behind a to-many navigation property.
//!
//! # Decisions
//!
//! - **Each step goes through the door**, so the row filter of every set on the way is part of the step: a related
//!   entity that the caller may not see is one that is not there.
//! - **A cast on the way is a condition.** Where the entity is not of the type, the path is null, and it leads to no
//!   related entities (OData 4.01 Part 2, 4.11).

use crate::edm::{Scalar, Value};
use crate::model::{ComplexMember, EntityType, Member, Navigation, NavigationId, Property, PropertyId};
use crate::query::{self, Comparison, Expr, Place, Related, Search, Step};
use crate::syntax::{self, ExprKind, Lambda, Options, PathStep, PathStepKind, Span};

use super::BindError;
use super::compare::Side;
use super::connect::{self, Asked};
use super::error::BindErrorKind;
use super::filter::{Binder, Frame, constant};
use super::items;
use super::raise::raised;
use super::routine::no_function;
use super::scope::Sight;
use super::search::bind_search;

/// The entity at hand where nothing is written.
const IT: &[PathStep] = &[PathStep { kind: PathStepKind::It, span: 0..0 }];

/// Where a path has come to.
pub(super) struct Way<'a> {
    pub(super) place: Place,
    pub(super) sight: Sight<'a>,
    pub(super) complex: Option<&'a ComplexMember>,
    /// What must be true of the entities on the way, seen from where the path stands.
    pub(super) guards: Vec<Expr>,
    pub(super) span: &'a Span,
}

/// A to-many navigation property at the end of a way.
pub(super) struct Many<'a> {
    way: Way<'a>,
    id: NavigationId,
    pub(super) sight: Sight<'a>,
    name: &'a str,
}

impl<'a> Binder<'a, '_> {
    /// What a path means.
    pub(super) fn path(&mut self, path: &'a [PathStep], span: &'a Span) -> Result<Side<'a>, BindError> {
        // Nearly every path is one name.
        if let ([frame], [PathStep { kind: PathStepKind::Name(name), .. }]) = (self.frames.as_slice(), path)
            && frame.item_of.is_none()
            && frame.variable.is_none()
            && let Some((id, property)) = frame.sight.property(name)
            && property.is_plain_value()
        {
            return Ok(Side::Typed(Expr::Property(id), property.scalar, span));
        }
        if let Some(item) = self.item(path, span)? {
            return Ok(item);
        }
        if let Some(side) = self.imported(path)? {
            return Ok(side);
        }
        let (mut way, mut rest) = self.start(path, span)?;
        while let Some((step, after)) = rest.split_first() {
            match &step.kind {
                PathStepKind::Name(name) => match self.name(&mut way, name, after, step)? {
                    Next::Here => rest = after,
                    Next::Value(side) if after.is_empty() => return Ok(side),
                    Next::Value(side) => return Err(not_followed(&side, after)),
                    Next::Many(id, sight) => return self.many(Many { way, id, sight, name }, after),
                    Next::Items(id, property) => return self.items((way, id, property), after),
                },
                PathStepKind::Call(call) => {
                    return self.function(&way, call, after, (rest.len() == path.len(), &step.span));
                }
                other => return Err(misplaced(other, &step.span)),
            }
        }
        let name = path.last().map_or("$it", |step| match &step.kind {
            PathStepKind::Name(name) => name.as_str(),
            _ => "$it",
        });
        Ok(Side::Whole(way.is_there(), name, span))
    }

    /// Follows one name.
    pub(super) fn name(
        &mut self,
        way: &mut Way<'a>,
        name: &'a str,
        after: &'a [PathStep],
        step: &'a PathStep,
    ) -> Result<Next<'a>, BindError> {
        let span = &step.span;
        if let Some(complex) = way.complex {
            return match way.sight.entity.member_within(complex, name) {
                Some(member) => self.published(way, member, after, span),
                None => Err(unknown(name, way, span)),
            };
        }
        if let Some(member) = way.sight.member(name) {
            return self.published(way, member, after, span);
        }
        if let Some((id, navigation, sight)) = self.scope.navigation(&way.sight, name) {
            return step_along(way, (id, navigation, sight), span);
        }
        let lambdas = u8::try_from(self.frames.len().saturating_sub(self.home + 1)).unwrap_or(u8::MAX);
        if way.place == Place::up(lambdas)
            && way.guards.is_empty()
            && let Some(item) = self.computed.iter().find(|item| *item.name == *name)
        {
            return Ok(Next::Value(Side::Typed(raised(item.expr.clone(), lambdas), item.scalar, span)));
        }
        if let Some((id, _)) = way.sight.hidden_named(name) {
            return self.member(way, id, span);
        }
        if let [PathStep { kind: PathStepKind::Key(_), .. }, ..] = after {
            return Err(no_function(name, span));
        }
        if let Some(sight) = way.sight.cast(&self.scope.model.namespace, name) {
            if sight.of != way.sight.of {
                way.guards.extend(sight.is_of_type(sight.of).map(|test| at(test, &way.place)));
            }
            way.sight = sight;
            return Ok(Next::Here);
        }
        Err(unknown(name, way, span))
    }

    fn published(
        &self,
        way: &mut Way<'a>,
        member: &'a Member,
        after: &[PathStep],
        span: &'a Span,
    ) -> Result<Next<'a>, BindError> {
        match member {
            Member::Property(id) => self.member(way, *id, span),
            Member::Complex(complex) if after.is_empty() => {
                Ok(Next::Value(Side::Complex(Box::new(self.complex(way, complex, span)?))))
            }
            Member::Complex(complex) => {
                way.complex = Some(complex);
                Ok(Next::Here)
            }
        }
    }

    /// A property at the end of a way.
    pub(super) fn member(&self, way: &Way<'a>, id: PropertyId, span: &'a Span) -> Result<Next<'a>, BindError> {
        let Some(property) = way.sight.entity.property(id) else { return Err(unknown("?", way, span)) };
        if property.scalar == Scalar::Stream {
            return Err(BindError::unsupported(format!("the stream '{}' in an expression", property.name), span));
        }
        if !property.filterable && !way.sight.hidden {
            let kind = BindErrorKind::NotAllowedHere { name: property.name.clone(), place: "in an expression" };
            return Err(BindError::at(kind, span));
        }
        if property.collection.is_some() {
            return Ok(Next::Items(id, property));
        }
        let mut value = way.value(id);
        if !way.guards.is_empty() {
            value = Expr::Case(vec![(connect::and(way.guards.clone()), value)], property.scalar);
        }
        Ok(Next::Value(match property.enumeration.and_then(|id| self.scope.model.enumeration(id)) {
            Some(of) => Side::Member(value, property.scalar, of, way.span),
            None => Side::Typed(value, property.scalar, way.span),
        }))
    }

    /// What follows a to-many navigation property.
    fn many(&mut self, many: Many<'a>, after: &'a [PathStep]) -> Result<Side<'a>, BindError> {
        let span = many.way.span;
        let mut after = after;
        let mut many = many;
        let mut conditions = Vec::new();
        // Casts and filters on the way to the question.
        while let Some((step, rest)) = after.split_first() {
            match &step.kind {
                PathStepKind::Name(name) => match many.sight.cast(&self.scope.model.namespace, name) {
                    Some(sight) => many.sight = sight,
                    None => return Err(not_followed(&Side::Many(many.name, span), after)),
                },
                PathStepKind::Filter(filter) => {
                    conditions.push(self.question(filter, many.sight, "the filter")?);
                }
                _ => break,
            }
            after = rest;
        }
        let Some((step, rest)) = after.split_first() else { return Ok(Side::Many(many.name, span)) };
        if !rest.is_empty() {
            return Err(not_followed(&Side::Many(many.name, span), rest));
        }
        let (value, scalar) = match &step.kind {
            PathStepKind::Any(lambda) => {
                if let Some(lambda) = lambda {
                    let sight = many.sight;
                    conditions.push(self.predicate(lambda, sight)?);
                }
                let (related, way) = many.related(conditions, None);
                (way.guarded(Expr::Any(Box::new(related))), Scalar::Boolean)
            }
            PathStepKind::All(lambda) => {
                let sight = many.sight;
                let predicate = self.predicate(lambda, sight)?;
                let (related, way) = many.related(conditions, None);
                let all = Expr::All(Box::new(related), Box::new(predicate));
                let others = way.guards.iter().map(|guard| connect::not(guard.clone()));
                (connect::or(others.chain([all.clone()]).collect()), Scalar::Boolean)
            }
            PathStepKind::Count { options } => {
                let mut search = None;
                if let Some(options) = options {
                    search = self.count_options(options, &many, &mut conditions, &step.span)?;
                }
                let (related, way) = many.related(conditions, search);
                let count = Expr::Count(Box::new(related));
                (items::number(&way, count), Scalar::Int64)
            }
            PathStepKind::Call(call) => return self.function_of_many(many, conditions, call, &step.span),
            other => return Err(misplaced(other, &step.span)),
        };
        Ok(Side::Typed(value, scalar, span))
    }

    /// `$count($filter=…;$search=…)`
    fn count_options(
        &mut self,
        options: &'a Options,
        many: &Many<'a>,
        conditions: &mut Vec<Expr>,
        span: &Span,
    ) -> Result<Option<Search>, BindError> {
        let allowed = Options { filter: None, search: None, ..options.clone() };
        if allowed != Options::default() {
            return Err(BindError::unsupported("an option other than $filter and $search in $count", span));
        }
        if let Some(filter) = &options.filter {
            conditions.push(self.question(filter, many.sight, "the filter")?);
        }
        let Some(search) = &options.search else { return Ok(None) };
        let found = bind_search(search, &many.sight)?;
        if found.is_none() {
            conditions.push(connect::truth(false));
        }
        Ok(found)
    }

    /// The type of the entity that a name without a variable means.
    pub(super) fn entity(&self) -> &'a EntityType {
        // The frames are never empty: the first is made with the binder.
        self.frames.last().map_or(self.first.entity, |frame| frame.sight.entity)
    }

    /// Whether a qualified name is that of an entity type of the service, derived or not.
    pub(super) fn is_entity_type(&self, name: &str) -> bool {
        let model = self.scope.model;
        let Some(name) = name.strip_prefix(model.namespace.as_str()).and_then(|rest| rest.strip_prefix('.')) else {
            return false;
        };
        model.published_types().any(|it| it.name == name || it.derived_named(name).is_some())
    }

    /// Whether an entity, that at hand or one that a path leads to, is of a type.
    pub(super) fn is_of_type(
        &mut self,
        argument: Option<&'a syntax::Expr>,
        name: &str,
        span: &'a Span,
    ) -> Result<Expr, BindError> {
        let way = match argument.map(|argument| &argument.kind) {
            None => self.start(IT, span)?.0,
            Some(ExprKind::Path(path)) => {
                let (mut way, mut rest) = self.start(path, span)?;
                while let Some((PathStep { kind: PathStepKind::Name(name), .. }, after)) = rest.split_first() {
                    let Some(step) = rest.first() else { break };
                    match self.name(&mut way, name, after, step)? {
                        Next::Here => rest = after,
                        _ => break,
                    }
                }
                if !rest.is_empty() {
                    return Err(BindError::unsupported("'isof' of what is no single entity", span));
                }
                way
            }
            Some(_) => return Err(BindError::unsupported("'isof' of what is no path", span)),
        };
        let there = way.is_there();
        Ok(match way.sight.cast(&self.scope.model.namespace, name) {
            None => connect::truth(false),
            Some(sight) if sight.of == way.sight.of => there,
            Some(sight) => {
                let is_of =
                    sight.is_of_type(sight.of).map_or_else(|| connect::truth(true), |test| at(test, &way.place));
                connect::and(vec![there, is_of])
            }
        })
    }

    /// A filter whose names are those of a related entity.
    fn question(&mut self, expr: &'a syntax::Expr, sight: Sight<'a>, place: &'static str) -> Result<Expr, BindError> {
        let base = std::mem::replace(&mut self.base, self.frames.len());
        self.frames.push(Frame { sight, variable: None, item_of: None });
        let bound = self.boolean(expr, place);
        self.frames.pop();
        self.base = base;
        Ok(connect::settle(bound?, Asked::True, sight.entity))
    }

    /// The question of a lambda, seen from a related entity.
    fn predicate(&mut self, lambda: &'a Lambda, sight: Sight<'a>) -> Result<Expr, BindError> {
        self.frames.push(Frame { sight, variable: Some(&lambda.variable), item_of: None });
        let bound = self.boolean(&lambda.predicate, "the expression of a lambda");
        self.frames.pop();
        Ok(connect::settle(bound?, Asked::True, sight.entity))
    }
}

/// What a name has led to.
pub(super) enum Next<'a> {
    /// The way goes on.
    Here,
    /// A value or something as a whole.
    Value(Side<'a>),
    /// Entities behind a to-many navigation property.
    Many(NavigationId, Sight<'a>),
    /// A collection of values.
    Items(PropertyId, &'a Property),
}

fn step_along<'a>(
    way: &mut Way<'a>,
    (id, navigation, sight): (NavigationId, &Navigation, Sight<'a>),
    span: &Span,
) -> Result<Next<'a>, BindError> {
    if !navigation.filterable && !way.sight.hidden {
        let kind = BindErrorKind::NotAllowedHere { name: navigation.name.clone(), place: "in an expression" };
        return Err(BindError::at(kind, span));
    }
    if way.sight.set.source != sight.set.source {
        let what = format!("the path through '{}' to another data source in an expression", navigation.name);
        return Err(BindError::unsupported(what, span));
    }
    if navigation.collection {
        return Ok(Next::Many(id, sight));
    }
    way.place.steps.push(Step { navigation: id, set: sight.id, rows: sight.guard([]) });
    way.sight = sight;
    Ok(Next::Here)
}

impl<'a> Way<'a> {
    /// What is in sight here, if it is an entity.
    pub(super) fn entity(&self) -> Option<&Sight<'a>> {
        Some(&self.sight).filter(|sight| self.complex.is_none() && !sight.entity.key.is_empty())
    }

    fn value(&self, id: PropertyId) -> Expr {
        at(Expr::Property(id), &self.place)
    }

    /// The condition, if the guards hold.
    pub(super) fn guarded(&self, condition: Expr) -> Expr {
        connect::and(self.guards.iter().cloned().chain([condition]).collect())
    }

    /// Whether one of the columns is not null.
    pub(super) fn has_any(&self, leaves: &[PropertyId]) -> Expr {
        let one = |id: &PropertyId| Some(not_null(self.value(*id), self.sight.entity.property(*id)?.scalar));
        connect::or(leaves.iter().filter_map(one).collect())
    }

    pub(super) fn is_there(&self) -> Expr {
        let is_given = self.place.steps.is_empty() && self.place.root.is_none();
        let there = if is_given { connect::truth(true) } else { Expr::Exists(Box::new(self.place.clone())) };
        self.guarded(there)
    }
}

impl<'a> Many<'a> {
    pub(super) fn related(self, conditions: Vec<Expr>, search: Option<Search>) -> (Related, Way<'a>) {
        let filter = self.sight.guard(conditions);
        let from = self.way.place.clone();
        let many = query::Many::Entities { navigation: self.id, set: self.sight.id, search };
        (Related { from, many, filter }, self.way)
    }
}

/// A property of the entity so many lambdas outward.
pub(super) fn place_of(up: usize, id: PropertyId) -> Expr {
    at(Expr::Property(id), &Place::up(u8::try_from(up).unwrap_or(u8::MAX)))
}

/// An expression over the entity at a place, which holds no lambda, seen from here.
fn at(expr: Expr, place: &Place) -> Expr {
    match expr {
        Expr::Property(id) if *place == Place::up(0) => Expr::Property(id),
        Expr::Property(id) => Expr::At(Box::new(place.clone()), id),
        Expr::In(operand, members, scalar) => Expr::In(Box::new(at(*operand, place)), members, scalar),
        Expr::Compare(comparison, left, right) => {
            Expr::Compare(comparison, Box::new(at(*left, place)), Box::new(at(*right, place)))
        }
        other => other,
    }
}

fn not_null(value: Expr, scalar: Scalar) -> Expr {
    Expr::Compare(Comparison::Ne, Box::new(value), Box::new(constant(Value::Null, scalar)))
}

fn unknown(name: &str, way: &Way<'_>, span: &Span) -> BindError {
    let entity = way.sight.entity;
    let type_name = match way.sight.of.and_then(|of| entity.derived_type(of)) {
        Some(derived) => &derived.name,
        None => &entity.name,
    };
    BindError::at(BindErrorKind::UnknownProperty { name: name.to_owned(), type_name: type_name.clone() }, span)
}

pub(super) fn not_followed(side: &Side<'_>, rest: &[PathStep]) -> BindError {
    let (found, span) = (side.describe(), rest.first().map_or(side.span(), |step| &step.span));
    BindError::at(BindErrorKind::NotFollowed { found }, span)
}

pub(super) fn misplaced(step: &PathStepKind, span: &Span) -> BindError {
    let feature = match step {
        PathStepKind::Name(_) | PathStepKind::Call(_) => "a name here",
        PathStepKind::It | PathStepKind::Root | PathStepKind::Alias(_) => "a path that begins anew",
        PathStepKind::This => "'$this'",
        PathStepKind::These => "'$these'",
        PathStepKind::Key(_) => "a key in the path of an expression",
        PathStepKind::Count { .. } | PathStepKind::Any(_) | PathStepKind::All(_) | PathStepKind::Filter(_) => {
            let found = "what is one value".to_owned();
            return BindError::at(BindErrorKind::NotFollowed { found }, span);
        }
        PathStepKind::Annotation(_) => "an annotation in an expression",
        PathStepKind::Aggregate(_) => "'aggregate' in an expression",
    };
    BindError::unsupported(feature, span)
}
