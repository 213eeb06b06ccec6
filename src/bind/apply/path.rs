//! Owns paths of `$apply`: what rows are grouped by, and what aggregates are of. Unlike those of expressions they may
//! lead along to-many navigation properties.

use crate::bind::BindError;
use crate::bind::error::BindErrorKind;
use crate::bind::scope::Sight;
use crate::edm::Scalar;
use crate::model::{Member, Property, PropertyId};
use crate::query::{Expr, Place, Step};
use crate::syntax::{PathStep, PathStepKind, Span};

use super::rows::Applying;

/// Where a path leads.
pub(super) struct Way<'r> {
    /// The names on it.
    pub(super) names: Vec<Box<str>>,
    /// The navigation properties on it.
    pub(super) steps: Vec<Step>,
    /// How many of them there are up to the last to-many one.
    pub(super) many: usize,
    /// What is at its end.
    pub(super) end: End<'r>,
}

/// What is at the end of a path.
pub(super) enum End<'r> {
    Value(PropertyId, &'r Property),
    Entity(Sight<'r>),
}

impl<'a> Applying<'a, '_> {
    /// Follows a path from rows of this type.
    pub(super) fn way<'r>(&self, path: &[PathStep], from: Sight<'r>, span: &Span) -> Result<Way<'r>, BindError>
    where
        'a: 'r,
    {
        let scope: crate::bind::Scope<'r> = *self.scope;
        let mut way = Way { names: Vec::new(), steps: Vec::new(), many: 0, end: End::Entity(from) };
        let mut members: Option<&'r [Member]> = None;
        let mut sight = from;
        for step in path {
            let PathStepKind::Name(name) = &step.kind else {
                return Err(BindError::unsupported("this kind of path in $apply", span));
            };
            if let End::Value(..) = way.end {
                return Err(unknown(name, &sight, &step.span));
            }
            way.names.push(name.as_str().into());
            let member = match members {
                Some(members) => members.iter().find(|member| is_named(member, name, &sight)),
                None => sight.member(name),
            };
            match member {
                Some(Member::Complex(complex)) => members = Some(&complex.members),
                Some(Member::Property(id)) => {
                    let property = sight.entity.property(*id).ok_or_else(|| unknown(name, &sight, &step.span))?;
                    way.end = End::Value(*id, property);
                }
                None if members.is_some() => return Err(unknown(name, &sight, &step.span)),
                None => {
                    let Some((id, navigation, target)) = scope.navigation(&sight, name) else {
                        return Err(match sight.cast(&scope.model.namespace, name) {
                            Some(_) => BindError::unsupported(format!("the cast '{name}' in $apply"), &step.span),
                            None => unknown(name, &sight, &step.span),
                        });
                    };
                    if target.set.source != sight.set.source {
                        let feature = format!("the path over '{name}' to another data source in $apply");
                        return Err(BindError::unsupported(feature, &step.span));
                    }
                    if !navigation.filterable {
                        let kind = BindErrorKind::NotAllowedHere { name: name.clone(), place: "in $apply" };
                        return Err(BindError::at(kind, &step.span));
                    }
                    way.steps.push(Step { navigation: id, set: target.id, rows: target.guard([]) });
                    if navigation.collection {
                        way.many = way.steps.len();
                    }
                    sight = target;
                    way.end = End::Entity(target);
                }
            }
        }
        if let (Some(_), End::Entity(_)) = (members, &way.end) {
            return Err(BindError::unsupported("a complex property as a whole in $apply", span));
        }
        Ok(way)
    }
}

impl Way<'_> {
    /// The value at the end, with its name for refusals.
    pub(super) fn value(&self, span: &Span) -> Result<(Expr, &Property), BindError> {
        let End::Value(id, property) = self.end else {
            let name = self.names.last().map_or("", |name| name);
            return Err(BindError::at(BindErrorKind::NotAValue { found: format!("'{name}'") }, span));
        };
        if property.collection.is_some() || property.scalar == Scalar::Stream {
            let feature = format!("the property '{}', which is no plain value, in $apply", property.name);
            return Err(BindError::unsupported(feature, span));
        }
        if !property.filterable {
            let kind = BindErrorKind::NotAllowedHere { name: property.name.clone(), place: "in $apply" };
            return Err(BindError::at(kind, span));
        }
        Ok((self.at(id), property))
    }

    /// A property of what the navigation properties lead to.
    pub(super) fn at(&self, id: PropertyId) -> Expr {
        if self.steps.is_empty() {
            return Expr::Property(id);
        }
        Expr::At(Box::new(Place { steps: self.steps.clone(), ..Place::up(0) }), id)
    }
}

pub(super) fn unknown(name: &str, sight: &Sight<'_>, span: &Span) -> BindError {
    let type_name = match sight.entity.name.as_str() {
        "" => "the result of $apply".to_owned(),
        name => name.to_owned(),
    };
    BindError::at(BindErrorKind::UnknownProperty { name: name.to_owned(), type_name }, span)
}

fn is_named(member: &Member, name: &str, sight: &Sight<'_>) -> bool {
    match member {
        Member::Property(id) => sight.entity.property(*id).is_some_and(|property| property.name == name),
        Member::Complex(complex) => complex.name == name,
    }
}
