//! Binds `join` and `outerjoin`: a row for each related entity, whose properties become columns under a name.

use crate::bind::BindError;
use crate::bind::connect;
use crate::bind::filter::bind_filter;
use crate::bind::select::published;
use crate::edm::Scalar;
use crate::model::PropertyId;
use crate::query::{Column, Expr, Place, RowStep, Step, entity_columns};
use crate::syntax::{self, Apply, ExprKind, Span, TransformationKind};

use super::path::{End, Way};
use super::rows::{Applying, Flow};

/// The words of a join.
pub(super) struct Join<'a, 's> {
    pub(super) outer: bool,
    pub(super) property: &'a syntax::Expr,
    pub(super) alias: &'a str,
    pub(super) then: Option<&'a Apply>,
    pub(super) span: &'s Span,
}

impl<'a> Applying<'a, '_> {
    pub(super) fn join(&self, flow: &mut Flow<'a>, join: &Join<'a, '_>) -> Result<(), BindError> {
        let Join { outer, property, alias, then, span } = *join;
        self.free_name(&flow.columns, alias, span)?;
        let (target, mut step) = {
            let rows = flow.row_type();
            let ExprKind::Path(path) = &property.kind else {
                return Err(BindError::unsupported("a join of what is no path", &property.span));
            };
            let way = self.way(path, self.sight_of(&rows), &property.span)?;
            let (Way { many: 1, steps, end: End::Entity(target), .. }, Some(_)) = (way, flow.base) else {
                let feature = "a join of what is no to-many navigation property of the entities";
                return Err(BindError::unsupported(feature, &property.span));
            };
            let (Some(step), true) = (steps.first().cloned(), steps.len() == 1) else {
                return Err(BindError::unsupported("a join along a path", &property.span));
            };
            let target = self.scope.open(target.id).ok_or_else(|| BindError::unsupported("this join", span))?;
            (target, step)
        };
        if let Some(then) = then {
            step.rows = target.guard(self.conditions(target, then)?);
        }
        let place = Place { steps: vec![Step::clone(&step)], ..Place::up(0) };
        if !outer {
            flow.steps.push(RowStep::Filter(Expr::Exists(Box::new(place.clone()))));
        }
        let all = entity_columns(target.entity);
        let mut ids = published(&target);
        ids.extend(target.entity.key.iter().filter(|id| !ids.contains(id)).copied().collect::<Vec<_>>());
        let mut values = Vec::with_capacity(ids.len());
        let mut is_whole = true;
        for id in ids {
            let Some((property, column)) = target.entity.property(id).zip(all.get(usize::from(id.0))) else { continue };
            // Nothing can be done with them in $apply, so they are only missing where all is to be written.
            if property.collection.is_some() || property.scalar == Scalar::Stream || !property.filterable {
                is_whole = false;
                continue;
            }
            flow.has_room(span)?;
            let place_of = PropertyId(u16::try_from(flow.columns.len()).unwrap_or(u16::MAX));
            if target.entity.key.contains(&id) {
                flow.key.push(place_of);
            }
            values.push(Expr::At(Box::new(place.clone()), id));
            let path = std::iter::once(alias.into()).chain(column.path.iter().cloned()).collect();
            flow.add(&[Column { path, nullable: outer || column.nullable, ..column.clone() }]);
        }
        flow.joined.push((alias.into(), !outer && is_whole));
        flow.steps.push(RowStep::Compute { values, columns: flow.columns.clone() });
        Ok(())
    }

    /// What is done to the related entities first: they are filtered, or nothing is done.
    fn conditions(&self, target: crate::bind::scope::Sight<'a>, then: &'a Apply) -> Result<Vec<Expr>, BindError> {
        let mut conditions = Vec::new();
        for transformation in &then.0 {
            self.count(1, &transformation.span)?;
            match &transformation.kind {
                TransformationKind::Identity => {}
                TransformationKind::Filter(filter) => {
                    let names = crate::bind::filter::Names::nested(target, crate::bind::filter::It::Above);
                    conditions.push(bind_filter(filter, names, self.scope, self.words)?);
                }
                _ => {
                    let feature = "a transformation other than 'filter' in a join";
                    return Err(BindError::unsupported(feature, &transformation.span));
                }
            }
        }
        Ok(if conditions.is_empty() { conditions } else { vec![connect::and(conditions)] })
    }
}
