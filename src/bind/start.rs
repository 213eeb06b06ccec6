//! Owns the beginnings of paths in expressions: the entity at hand, a lambda's variable, the name of a set among
//! combinations of entities, `$root`.

use crate::query::Place;
use crate::syntax::{PathStep, PathStepKind, Span};

use super::BindError;
use super::error::BindErrorKind;
use super::filter::{Binder, Frame, It};
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
        let base = self.frames.get(self.base).filter(|frame| frame.variable.is_none());
        match &first.kind {
            // Where nobody wrote it, `isof(NS.Type)`, it is the entity at hand.
            PathStepKind::It if first.span.is_empty() => base.map(|frame| (way(self.base, frame), rest)),
            PathStepKind::It => {
                self.check_it(span)?;
                let first = self.frames.first().filter(|frame| frame.variable.is_none());
                first.map(|frame| (way(0, frame), rest))
            }
            PathStepKind::Name(name) => {
                let of_variable = frames.rfind(|(_, frame)| frame.variable == Some(name.as_str()));
                match of_variable {
                    Some((index, frame)) => Some((way(index, frame), rest)),
                    None => base.map(|frame| (way(self.base, frame), path)),
                }
            }
            PathStepKind::Root => return self.root(rest, span),
            PathStepKind::This => {
                return Err(BindError::unsupported("'$this' outside of a collection of values", span));
            }
            PathStepKind::Alias(_) => return Err(BindError::unsupported("a path through a parameter alias", span)),
            PathStepKind::Call(_) => base.map(|frame| (way(self.base, frame), path)),
            other => return Err(misplaced(other, &first.span)),
        }
        .ok_or_else(|| nameless(first))
    }

    /// Whether `$it` is in reach.
    fn check_it(&self, span: &Span) -> Result<(), BindError> {
        match self.it {
            It::Here => Ok(()),
            It::Above => Err(BindError::unsupported("'$it' in an expansion inside another", span)),
            It::Parent(parent) if parent.set.source != self.first.set.source => {
                Err(BindError::unsupported("'$it' beside entities of another data source", span))
            }
            It::Parent(_) => {
                self.words.outer.set(true);
                Ok(())
            }
        }
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
