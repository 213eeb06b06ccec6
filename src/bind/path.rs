//! Owns the binding of resource paths: which rows are addressed, and in what form they are answered.
//!
//! # Decisions
//!
//! - **A name behind a collection** is a type, then an operation, then a key that stands as a segment (OData 4.01 Part
//!   2, 4.3.6). A text that is no value of the key's type addresses nothing, so it is not found, and not malformed.
//! - **Each navigation step is kept as a parent** that has to exist. The path does not become one condition: 404 for a
//!   missing parent and an empty list for a childless one must differ.

use crate::edm::{Scalar, Value};
use crate::model::{
    ComplexMember, ContentType, Exposure, Member, Navigation, NavigationId, Operation, OperationId, PropertyId, Returns,
};
use crate::query::{Answer, Call, Computed, Expr, Invoke, Key, ResultForm, Shape, Via};
use crate::syntax::{KeyPredicate, Segment, SegmentKind, Span};

use super::BindError;
use super::error::{BindErrorKind, KeyProblem};
use super::filter::{Words, bind_filter};
use super::key::{bind_key, key_filter, open_parts, parts_of, segment_value, singleton_filter};
use super::operation::{self, On};
use super::scope::{Scope, Sight};

/// Where a path leads.
pub(super) struct Target<'a> {
    pub(super) sight: Sight<'a>,
    pub(super) via: Vec<Via>,
    pub(super) key: Option<Key>,
    /// What the path says of the rows: key, `$filter` segments.
    pub(super) conditions: Vec<Expr>,
    pub(super) answer: Answer,
    /// The function or action that gives the entities with which the path begins.
    pub(super) from: Option<Box<Call>>,
    /// The place of the only item that is addressed.
    pub(super) place: Option<i64>,
    /// The call whose values are the answer.
    pub(super) value: Option<Invoke>,
    /// What a function gives for each of the entities.
    pub(super) each: Option<Computed>,
    /// `$each` stands before what comes next.
    is_each: bool,
    /// Nothing may follow.
    is_closed: bool,
    /// The complex property that is addressed.
    pub(super) complex: Option<&'a ComplexMember>,
    /// Key properties that the parent decides.
    implied: Vec<(PropertyId, Value)>,
    /// The first parts of a key that come as segments.
    parts: Vec<Value>,
}

/// What following a path needs.
#[derive(Clone, Copy)]
struct With<'a, 'b> {
    scope: &'b Scope<'a>,
    words: &'b Words<'a>,
}

/// Follows a path from its first segment to its last.
pub(super) fn bind_path<'a>(
    segments: &'a [Segment],
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Target<'a>, BindError> {
    let with = With { scope, words };
    let Some((first, rest)) = segments.split_first() else {
        return Err(BindErrorKind::UnknownSet(String::new()).into());
    };
    let SegmentKind::Name { name, key } = &first.kind else {
        return Err(BindError::unsupported(format!("the path segment '{}'", text_of(first)), &first.span));
    };
    let mut target = match (scope.open_named(name), scope.open_singleton(name)) {
        (Some(sight), _) => {
            let mut target = Target::new(sight, Answer::Collection);
            target.take_key(key.as_ref(), with, &first.span)?;
            target
        }
        (None, Some(_)) if key.is_some() => return Err(no_key_here(name, &first.span)),
        (None, Some(sight)) => {
            let mut target = Target::new(sight, Answer::Entity);
            if let Exposure::Singleton { key } = &sight.set.exposure {
                target.conditions.extend(singleton_filter(&sight, key));
            }
            target
        }
        (None, None) => match operation::find(name, key.as_ref().into(), On::Nothing, scope, &first.span)? {
            Some(found) => Target::called(None, found, (name, key.as_ref()), with, &first.span)?,
            None => return Err(BindError::at(BindErrorKind::UnknownSet(name.clone()), &first.span)),
        },
    };
    let mut before = first;
    for segment in rest {
        target.follow(segment, before, with)?;
        before = segment;
    }
    target.check_parts(&before.span)?;
    Ok(target)
}

impl<'a> Target<'a> {
    pub(super) fn new(sight: Sight<'a>, answer: Answer) -> Self {
        Target {
            sight,
            via: Vec::new(),
            key: None,
            conditions: Vec::new(),
            answer,
            from: None,
            place: None,
            value: None,
            each: None,
            is_each: false,
            is_closed: false,
            complex: None,
            implied: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn take_key(
        &mut self,
        predicate: Option<&'a KeyPredicate>,
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<(), BindError> {
        match predicate {
            // `Orders()` is all of them.
            None | Some(KeyPredicate::Empty) => Ok(()),
            Some(predicate) => {
                let key = bind_key(predicate, &self.implied, &self.sight, with.words, span)?;
                self.address(key);
                Ok(())
            }
        }
    }

    fn address(&mut self, key: Key) {
        self.conditions.push(key_filter(&self.sight, &key));
        self.key = Some(key);
        self.answer = Answer::Entity;
    }

    fn follow(&mut self, segment: &'a Segment, before: &Segment, with: With<'a, '_>) -> Result<(), BindError> {
        let span = &segment.span;
        let is_part = matches!(segment.kind, SegmentKind::Name { key: None, .. });
        if !is_part {
            self.check_parts(&before.span)?;
        }
        let unknown = || {
            let kind = BindErrorKind::UnknownSegment { segment: text_of(segment), after: text_of(before) };
            Err(BindError::at(kind, span))
        };
        if self.is_closed {
            return unknown();
        }
        if let Some(invoke) = &mut self.value {
            let returns = with.scope.model.operation(invoke.call.operation).and_then(|it| it.returns.as_ref());
            invoke.form = match (&segment.kind, returns) {
                (SegmentKind::Value, Some(Returns::Value { .. })) => ResultForm::Raw,
                (SegmentKind::Count, Some(Returns::Values { .. })) => ResultForm::Count,
                _ => return unknown(),
            };
            self.is_closed = true;
            return Ok(());
        }
        if self.is_each {
            let SegmentKind::Name { name, key } = &segment.kind else { return unknown() };
            return if self.on_each(name, key.as_ref(), with, span)? { Ok(()) } else { unknown() };
        }
        match (&segment.kind, self.answer) {
            (SegmentKind::Each, Answer::Collection) => self.is_each = true,
            (SegmentKind::Count, Answer::Each) => (self.answer, self.is_closed) = (Answer::Count, true),
            (SegmentKind::Query, _) => {
                return Err(BindError::unsupported(format!("the path segment '{}'", text_of(segment)), span));
            }
            (SegmentKind::Count, Answer::Collection) => self.answer = Answer::Count,
            (SegmentKind::Ref, Answer::Collection) => self.answer = Answer::References,
            (SegmentKind::Ref, Answer::Entity) => self.answer = Answer::Reference,
            (SegmentKind::Filter(condition), Answer::Collection) => {
                self.conditions.push(bind_filter(condition, self.sight.into(), with.scope, with.words)?);
            }
            (SegmentKind::Key(predicate), Answer::Collection) => self.take_key(Some(predicate), with, span)?,
            (SegmentKind::Value, Answer::Property(id)) if self.place.is_some() => self.answer = Answer::RawValue(id),
            (_, Answer::Property(_)) if self.place.is_some() => return unknown(),
            (SegmentKind::Count, Answer::Property(id)) if self.is_collection(id) => self.answer = Answer::Items(id),
            (SegmentKind::Value, Answer::Property(id)) if !self.is_collection(id) => {
                self.answer = Answer::RawValue(id);
            }
            (SegmentKind::Value, Answer::Stream(id)) if self.sight.entity.property(id).is_some_and(|it| !it.hidden) => {
            }
            (SegmentKind::Value, Answer::Entity) => match &self.sight.entity.media {
                Some(media) => self.answer = Answer::Stream(media.content),
                None => return unknown(),
            },
            (SegmentKind::Name { name, key }, Answer::Collection) => {
                if !self.of_collection(name, key.as_ref(), with, span)? {
                    return unknown();
                }
            }
            (SegmentKind::Name { name, key }, Answer::Entity) => {
                if !self.of_entity(name, key.as_ref(), with, span)? {
                    return unknown();
                }
            }
            (SegmentKind::Name { name, key }, Answer::Complex(..)) => {
                let within = self.complex.and_then(|complex| self.sight.entity.member_within(complex, name));
                let Some(member) = within else { return unknown() };
                self.member(member, key.as_ref(), name, span)?;
            }
            (SegmentKind::Name { name, key: None }, Answer::Property(id)) if self.is_collection(id) => {
                let Ok(place) = name.parse() else { return unknown() };
                self.place = Some(place);
            }
            _ => return unknown(),
        }
        Ok(())
    }

    fn is_collection(&self, id: PropertyId) -> bool {
        self.sight.entity.property(id).is_some_and(|property| property.collection.is_some())
    }

    /// A name behind a collection. False if it means nothing there.
    fn of_collection(
        &mut self,
        name: &'a str,
        key: Option<&'a KeyPredicate>,
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<bool, BindError> {
        if self.parts.is_empty()
            && let Some(sight) = self.sight.cast(&with.scope.model.namespace, name)
        {
            self.sight = sight;
            self.take_key(key, with, span)?;
            return Ok(true);
        }
        if self.operation(name, key, true, with, span)? {
            return Ok(true);
        }
        if key.is_some() {
            return Ok(false);
        }
        let open = open_parts(&self.sight, &self.implied);
        let part = open.get(self.parts.len()).copied();
        let Some(value) = part.and_then(|id| segment_value(name, id, &self.sight, with.scope)) else {
            return Ok(false);
        };
        self.parts.push(value);
        if self.parts.len() == open.len() {
            let parts = std::mem::take(&mut self.parts);
            let given = |id: &PropertyId| {
                let place = open.iter().position(|open| open == id);
                let given = place.and_then(|place| parts.get(place));
                let implied = self.implied.iter().find(|(known, _)| known == id).map(|(_, value)| value);
                given.or(implied).cloned()
            };
            let values = self.sight.entity.key.iter().filter_map(given).collect();
            self.address(Key { alternate: None, values });
        }
        Ok(true)
    }

    /// A name behind an entity. False if it means nothing there.
    fn of_entity(
        &mut self,
        name: &'a str,
        key: Option<&'a KeyPredicate>,
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<bool, BindError> {
        if let Some(member) = self.sight.member(name) {
            self.member(member, key, name, span)?;
        } else if let Some(step) = with.scope.navigation(&self.sight, name) {
            self.step(step, key, with, span)?;
        } else if let Some(sight) = self.sight.cast(&with.scope.model.namespace, name) {
            if key.is_some() {
                return Err(no_key_here(name, span));
            }
            self.sight = sight;
        } else {
            return self.operation(name, key, false, with, span);
        }
        Ok(true)
    }

    /// An operation on what is addressed. False if none has the name.
    fn operation(
        &mut self,
        name: &'a str,
        key: Option<&'a KeyPredicate>,
        collection: bool,
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<bool, BindError> {
        let on = On::Entities(&self.sight, collection);
        let Some(found) = operation::find(name, key.into(), on, with.scope, span)? else { return Ok(false) };
        *self = Target::called(Some(self), found, (name, key), with, span)?;
        Ok(true)
    }

    /// A function of each of the entities. False if none has the name.
    fn on_each(
        &mut self,
        name: &'a str,
        key: Option<&'a KeyPredicate>,
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<bool, BindError> {
        let on = On::Entities(&self.sight, false);
        let Some(found) = operation::find(name, key.into(), on, with.scope, span)? else { return Ok(false) };
        let each = operation::each(self, found, key, with.words, span)?;
        self.is_each = false;
        match operation::entities(found.1, with.scope, name, span)? {
            None => (self.answer, self.each) = (Answer::Each, Some(each)),
            Some((sight, _)) => {
                let given = Shape { computed: vec![each], ..Shape::default() };
                let bound = Some(Box::new(self.members(Answer::Each, given)));
                let call = Call { operation: found.0, bound, arguments: Vec::new() };
                let is_closed = !found.1.composable;
                *self = Target { from: Some(Box::new(call)), is_closed, ..Target::new(sight, Answer::Collection) };
            }
        }
        Ok(true)
    }

    /// What the call of an operation leads to.
    fn called(
        on: Option<&Target<'a>>,
        found: (OperationId, &'a Operation),
        (name, key): (&'a str, Option<&'a KeyPredicate>),
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<Target<'a>, BindError> {
        let call = operation::call(on, found, key, with.words, span)?;
        let operation = found.1;
        let Some((sight, answer)) = operation::entities(operation, with.scope, name, span)? else {
            let sight = on.map(|target| target.sight).or_else(|| with.scope.any_sight());
            let sight = sight.ok_or_else(|| BindError::at(BindErrorKind::UnknownSet(name.to_owned()), span))?;
            let mut target = Target::new(sight, Answer::Entity);
            target.value = Some(Invoke { call, form: ResultForm::Json });
            return Ok(target);
        };
        let mut target = Target::new(sight, answer);
        target.from = Some(Box::new(call));
        target.is_closed = !operation.composable;
        Ok(target)
    }

    fn member(
        &mut self,
        member: &'a Member,
        key: Option<&KeyPredicate>,
        name: &str,
        span: &Span,
    ) -> Result<(), BindError> {
        if key.is_some() {
            return Err(no_key_here(name, span));
        }
        let levels = if let Answer::Complex(_, levels) = self.answer { levels } else { 0 };
        self.answer = match member {
            Member::Complex(complex) => {
                self.complex = Some(complex);
                let leaf = complex.leaves().first().copied();
                let leaf = leaf.ok_or_else(|| BindError::unsupported("a complex property without members", span))?;
                Answer::Complex(leaf, levels.saturating_add(1))
            }
            Member::Property(id) => match self.sight.entity.property(*id) {
                Some(property) if property.content_type.is_some() || property.scalar == Scalar::Stream => {
                    Answer::Stream(*id)
                }
                _ => Answer::Property(*id),
            },
        };
        Ok(())
    }

    fn step(
        &mut self,
        (id, navigation, sight): (NavigationId, &'a Navigation, Sight<'a>),
        key: Option<&'a KeyPredicate>,
        with: With<'a, '_>,
        span: &Span,
    ) -> Result<(), BindError> {
        let parent = &self.sight;
        let implied = self.key.as_ref().map_or_else(Vec::new, |key| implied(navigation, parent, key));
        let via = Via {
            set: parent.id,
            of: parent.of,
            key: self.key.take(),
            filter: parent.guard(std::mem::take(&mut self.conditions)),
            navigation: id,
        };
        self.via.push(via);
        self.implied = implied;
        self.sight = sight;
        self.answer = if navigation.collection { Answer::Collection } else { Answer::Entity };
        if key.is_some() && !navigation.collection {
            return Err(no_key_here(&navigation.name, span));
        }
        self.take_key(key, with, span)
    }

    /// Refuses a key of which only the first parts have come as segments.
    fn check_parts(&self, span: &Span) -> Result<(), BindError> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let missing = open_parts(&self.sight, &self.implied).get(self.parts.len()).copied();
        let name = missing.and_then(|id| self.sight.entity.property(id)).map_or("", |property| &property.name);
        let problem = KeyProblem::Missing(name.to_owned());
        Err(BindError::at(BindErrorKind::Key { set: self.sight.set.name.clone(), problem }, span))
    }

    /// The columns of a stream: its bytes, then what tells their content type.
    pub(super) fn stream(&self, id: PropertyId) -> Vec<PropertyId> {
        let entity = self.sight.entity;
        let of_media = entity.media.as_ref().filter(|media| media.content == id).map(|media| &media.content_type);
        let content_type = of_media.or_else(|| entity.property(id)?.content_type.as_ref());
        match content_type {
            Some(ContentType::Property(of)) => vec![id, *of],
            _ => vec![id],
        }
    }

    /// The condition of the rows, rights included.
    pub(super) fn guard(&self, more: impl IntoIterator<Item = Expr>) -> Option<Expr> {
        self.sight.guard(self.conditions.iter().cloned().chain(more))
    }
}

/// The properties of the target that the parent's key decides.
fn implied(navigation: &Navigation, parent: &Sight<'_>, key: &Key) -> Vec<(PropertyId, Value)> {
    let parts = parts_of(key, parent);
    let value_of = |id: PropertyId| key.values.get(parts.iter().position(|part| *part == id)?).cloned();
    navigation.joins.iter().filter_map(|join| Some((join.remote, value_of(join.local)?))).collect()
}

fn no_key_here(name: &str, span: &Span) -> BindError {
    BindError::at(BindErrorKind::Key { set: name.to_owned(), problem: KeyProblem::NotExpected }, span)
}

fn text_of(segment: &Segment) -> String {
    match &segment.kind {
        SegmentKind::Name { name, .. } => name.clone(),
        SegmentKind::Key(_) => "()".to_owned(),
        SegmentKind::Filter(_) => "$filter".to_owned(),
        SegmentKind::Each => "$each".to_owned(),
        SegmentKind::Query => "$query".to_owned(),
        SegmentKind::Count => "$count".to_owned(),
        SegmentKind::Value => "$value".to_owned(),
        SegmentKind::Ref => "$ref".to_owned(),
    }
}
