//! Owns the binding of resource paths: which rows are addressed, and in what form they are answered.

use crate::edm::Value;
use crate::model::{Navigation, PropertyId};
use crate::query::{Answer, Via};
use crate::syntax::{KeyPredicate, Segment, SegmentKind, Span};

use super::BindError;
use super::error::{BindErrorKind, KeyProblem};
use super::filter::Words;
use super::key::{bind_key, could_be_key, key_filter};
use super::scope::{Scope, Sight};

/// Where a path leads.
pub(super) struct Target<'a> {
    pub(super) sight: Sight<'a>,
    pub(super) via: Option<Via>,
    pub(super) key: Option<Vec<Value>>,
    pub(super) answer: Answer,
}

/// Follows a path from its first segment to its last.
pub(super) fn bind_path<'a>(
    segments: &'a [Segment],
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Target<'a>, BindError> {
    let Some((first, rest)) = segments.split_first() else {
        return Err(BindErrorKind::UnknownSet(String::new()).into());
    };
    let SegmentKind::Name { name, key } = &first.kind else {
        return Err(BindError::unsupported(format!("the path segment '{}'", text_of(first)), &first.span));
    };
    let Some(sight) = scope.open_named(name) else {
        return Err(BindError::at(BindErrorKind::UnknownSet(name.clone()), &first.span));
    };
    let mut target = Target { sight, via: None, key: None, answer: Answer::Collection };
    target.take_key(key.as_ref(), &[], words, &first.span)?;
    let mut before = first;
    for segment in rest {
        target.follow(segment, before, scope, words)?;
        before = segment;
    }
    Ok(target)
}

impl<'a> Target<'a> {
    fn take_key(
        &mut self,
        key: Option<&'a KeyPredicate>,
        implied: &[(PropertyId, Value)],
        words: &Words<'a>,
        span: &Span,
    ) -> Result<(), BindError> {
        if let Some(predicate) = key {
            self.key = Some(bind_key(predicate, implied, &self.sight, words, span)?);
            self.answer = Answer::Entity;
        }
        Ok(())
    }

    fn follow(
        &mut self,
        segment: &'a Segment,
        before: &Segment,
        scope: &Scope<'a>,
        words: &Words<'a>,
    ) -> Result<(), BindError> {
        let span = &segment.span;
        let unknown = || {
            let kind = BindErrorKind::UnknownSegment { segment: text_of(segment), after: text_of(before) };
            Err(BindError::at(kind, span))
        };
        match (&segment.kind, self.answer) {
            (SegmentKind::Count, Answer::Collection) => self.answer = Answer::Count,
            (SegmentKind::Value, Answer::Property(id)) => self.answer = Answer::RawValue(id),
            (SegmentKind::Value, Answer::Entity) => {
                return Err(BindError::unsupported("'$value' of an entity", span));
            }
            (SegmentKind::Ref, Answer::Collection | Answer::Entity) => {
                return Err(BindError::unsupported("'$ref'", span));
            }
            (SegmentKind::Filter(_) | SegmentKind::Each | SegmentKind::Query | SegmentKind::Key(_), _) => {
                return Err(BindError::unsupported(format!("the path segment '{}'", text_of(segment)), span));
            }
            (SegmentKind::Name { name, .. }, Answer::Collection | Answer::Entity) if name.contains('.') => {
                return Err(BindError::unsupported(format!("the type cast or operation '{name}'"), span));
            }
            (SegmentKind::Name { name, key }, Answer::Entity) => {
                if let Some((id, _)) = self.sight.property(name) {
                    if key.is_some() {
                        return Err(no_key_here(name, span));
                    }
                    self.answer = Answer::Property(id);
                } else if scope.navigation(&self.sight, name).is_some() {
                    self.step(name, key.as_ref(), scope, words, span)?;
                } else {
                    return unknown();
                }
            }
            (SegmentKind::Name { name, key: None }, Answer::Collection) => {
                let known = self.sight.property(name).is_some() || scope.navigation(&self.sight, name).is_some();
                if !known && could_be_key(name, &self.sight) {
                    return Err(BindError::unsupported("a key as a path segment", span));
                }
                return unknown();
            }
            _ => return unknown(),
        }
        Ok(())
    }

    /// The one navigation step that a path may have.
    fn step(
        &mut self,
        name: &str,
        key: Option<&'a KeyPredicate>,
        scope: &Scope<'a>,
        words: &Words<'a>,
        span: &Span,
    ) -> Result<(), BindError> {
        let (Some(parent_key), None) = (&self.key, &self.via) else {
            return Err(BindError::unsupported("a path with more than one navigation step", span));
        };
        let Some((id, navigation, sight)) = scope.navigation(&self.sight, name) else { return Ok(()) };
        let implied = implied(navigation, &self.sight, parent_key);
        let condition = key_filter(&self.sight, parent_key);
        let via = Via {
            set: self.sight.id,
            key: parent_key.clone(),
            filter: self.sight.guard([condition.clone()]).unwrap_or(condition),
            navigation: id,
        };
        let answer = if navigation.collection { Answer::Collection } else { Answer::Entity };
        *self = Target { sight, via: Some(via), key: None, answer };
        if key.is_some() && !navigation.collection {
            return Err(no_key_here(name, span));
        }
        self.take_key(key, &implied, words, span)
    }
}

/// The properties of the target that the parent's key decides.
fn implied(navigation: &Navigation, parent: &Sight<'_>, key: &[Value]) -> Vec<(PropertyId, Value)> {
    let value_of = |id: PropertyId| key.get(parent.entity.key.iter().position(|part| *part == id)?).cloned();
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
