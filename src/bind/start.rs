//! Owns the beginnings of paths in expressions: the entity at hand, a lambda's variable, the name of a set among
//! combinations of entities, `$root`.

use crate::query::{Place, Root};
use crate::syntax::{PathStep, PathStepKind, Span};

use super::BindError;
use super::error::BindErrorKind;
use super::filter::{Binder, Frame};
use super::key;
use super::walk::{Way, misplaced};

impl<'a> Binder<'a, '_> {
    /// Where a path begins, and the steps that are left.
    pub(super) fn start(&self, path: &'a [PathStep], span: &'a Span) -> Result<(Way<'a>, &'a [PathStep]), BindError> {
        let Some((first, rest)) = path.split_first() else {
            return Err(BindError::unsupported("an empty path", span));
        };
        self.check_in_sight(&first.kind, span)?;
        let way = |index: usize, frame: &Frame<'a>| Way {
            place: Place::up(u8::try_from(self.frames.len() - 1 - index).unwrap_or(u8::MAX)),
            sight: frame.sight,
            complex: None,
            guards: Vec::new(),
            span,
        };
        let mut frames = self.frames.iter().enumerate();
        // In combinations of entities each has a name of its own, and nothing is meant without it.
        let first_frame = self.frames.first().filter(|frame| frame.variable.is_none());
        match &first.kind {
            // Where nobody wrote it, `isof(NS.Type)`, it is the entity at hand.
            PathStepKind::It if self.nested && !first.span.is_empty() => {
                return Err(BindError::unsupported("'$it' inside $expand or $count", span));
            }
            PathStepKind::It => first_frame.map(|frame| (way(0, frame), rest)),
            PathStepKind::Name(name) => {
                let of_variable = frames.rfind(|(_, frame)| frame.variable == Some(name.as_str()));
                match of_variable {
                    Some((index, frame)) => Some((way(index, frame), rest)),
                    None => first_frame.map(|frame| (way(0, frame), path)),
                }
            }
            PathStepKind::Root => return self.root(rest, span),
            PathStepKind::This => {
                return Err(BindError::unsupported("'$this' outside of a collection of values", span));
            }
            PathStepKind::Alias(_) => return Err(BindError::unsupported("a path through a parameter alias", span)),
            PathStepKind::Call(_) => first_frame.map(|frame| (way(0, frame), path)),
            other => return Err(misplaced(other, &first.span)),
        }
        .ok_or_else(|| nameless(first))
    }

    /// `$root/Set(key)`: one entity, whatever row is looked at.
    fn root(&self, path: &'a [PathStep], span: &'a Span) -> Result<(Way<'a>, &'a [PathStep]), BindError> {
        let open = |name: &String, place: &Span| {
            let unknown = || BindError::at(BindErrorKind::UnknownSet(name.clone()), place);
            self.scope.open_named(name).ok_or_else(unknown)
        };
        let (sight, key, rest) = match path {
            [
                PathStep { kind: PathStepKind::Name(name), span: place },
                PathStep { kind: PathStepKind::Key(predicate), span: key_span },
                rest @ ..,
            ] => {
                let sight = open(name, place)?;
                (sight, key::bind_key(predicate, &[], &sight, self.words, key_span)?, rest)
            }
            // A key of named parts is spelled as a function's parameters.
            [PathStep { kind: PathStepKind::Call(call), span: place }, rest @ ..] => {
                let sight = open(&call.name, place)?;
                (sight, key::bind_named_key(&call.parameters, &[], &sight, self.words, place)?, rest)
            }
            [PathStep { kind: PathStepKind::Name(name), span: place }, ..] => {
                open(name, place)?;
                return Err(BindError::unsupported(format!("the collection '$root/{name}' in an expression"), span));
            }
            _ => return Err(BindError::unsupported("'$root' without an entity set", span)),
        };
        let condition = key::key_filter(&sight, &key);
        let filter = sight.guard([condition.clone()]).unwrap_or(condition);
        let here = self.frames.first().map(|frame| frame.sight.set.source);
        if here != Some(sight.set.source) {
            return Err(BindError::unsupported("a path to another data source in an expression", span));
        }
        let place = Place { root: Some(Box::new(Root { set: sight.id, filter })), ..Place::up(0) };
        Ok((Way { place, sight, complex: None, guards: Vec::new(), span }, rest))
    }
}

/// Why a path among combinations of entities means nothing without the name of a set.
fn nameless(first: &PathStep) -> BindError {
    match &first.kind {
        PathStepKind::Name(name) => {
            let kind = BindErrorKind::UnknownProperty { name: name.clone(), type_name: "$crossjoin".to_owned() };
            BindError::at(kind, &first.span)
        }
        _ => BindError::unsupported("a path without the name of a set in $crossjoin", &first.span),
    }
}
