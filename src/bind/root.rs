//! Owns `$root` in expressions: one entity of a set by its key, or a singleton, whatever row is looked at.

use crate::model::Exposure;
use crate::query::{Expr, Place, Root};
use crate::syntax::{PathStep, PathStepKind, Span};

use super::error::BindErrorKind;
use super::filter::Binder;
use super::scope::Sight;
use super::walk::Way;
use super::{BindError, connect, key};

impl<'a> Binder<'a, '_> {
    /// Where the path behind `$root` begins, and the steps that are left.
    pub(super) fn root(&self, path: &'a [PathStep], span: &'a Span) -> Result<(Way<'a>, &'a [PathStep]), BindError> {
        let open = |name: &String, place: &Span| {
            let unknown = || BindError::at(BindErrorKind::UnknownSet(name.clone()), place);
            self.scope.open_named(name).ok_or_else(unknown)
        };
        let by_key = |sight: Sight<'a>, key| {
            let filter = key::key_filter(&sight, &key);
            (sight, Some(filter))
        };
        let ((sight, condition), rest) = match path {
            [
                PathStep { kind: PathStepKind::Name(name), span: place },
                PathStep { kind: PathStepKind::Key(predicate), span: key_span },
                rest @ ..,
            ] => {
                let sight = open(name, place)?;
                (by_key(sight, key::bind_key(predicate, &[], &sight, self.words, key_span)?), rest)
            }
            // A key of named parts is spelled as a function's parameters.
            [PathStep { kind: PathStepKind::Call(call), span: place }, rest @ ..] => {
                let sight = open(&call.name, place)?;
                (by_key(sight, key::bind_named_key(&call.parameters, &[], &sight, self.words, place)?), rest)
            }
            [PathStep { kind: PathStepKind::Name(name), span: place }, rest @ ..] => {
                if let Some(sight) = self.scope.open_singleton(name) {
                    let key = match &sight.set.exposure {
                        Exposure::Singleton { key } => key::singleton_filter(&sight, key),
                        _ => None,
                    };
                    return self.of_root(sight, key, rest, span);
                }
                open(name, place)?;
                return Err(BindError::unsupported(format!("the collection '$root/{name}' in an expression"), span));
            }
            _ => return Err(BindError::unsupported("'$root' without an entity set", span)),
        };
        self.of_root(sight, condition, rest, span)
    }

    fn of_root(
        &self,
        sight: Sight<'a>,
        condition: Option<Expr>,
        rest: &'a [PathStep],
        span: &'a Span,
    ) -> Result<(Way<'a>, &'a [PathStep]), BindError> {
        let filter = sight.guard(condition).unwrap_or_else(|| connect::truth(true));
        let here = self.frames.first().map(|frame| frame.sight.set.source);
        if here != Some(sight.set.source) {
            return Err(BindError::unsupported("a path to another data source in an expression", span));
        }
        let place = Place { root: Some(Box::new(Root { set: sight.id, filter })), ..Place::up(0) };
        Ok((Way { place, sight, complex: None, guards: Vec::new(), span }, rest))
    }
}
