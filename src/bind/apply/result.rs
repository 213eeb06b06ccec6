//! Binds what follows `$apply`: the other options apply to its result (OData 4.01 Part 1, 11.2.1).

use crate::bind::BindError;
use crate::bind::filter::Words;
use crate::bind::page::{bind_page, one_row, resumed};
use crate::bind::path::Target;
use crate::bind::scope::Scope;
use crate::bind::select::published;
use crate::edm::Scalar;
use crate::model::PropertyId;
use crate::query::{Aggregate, Answer, RowStep, fingerprint_aggregate};
use crate::syntax::{Apply, Options, SelectItem, Span};

use super::group::Groups;
use super::path::unknown;
use super::rows::{Applying, Flow};

/// Binds `$apply` and the options beside it.
pub(in crate::bind) fn bind_aggregate<'a>(
    target: &Target<'a>,
    apply: &'a Apply,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Aggregate, BindError> {
    let span = apply.0.first().map_or(0..0, |first| first.span.clone());
    let sight = target.sight;
    if !target.via.is_empty() {
        return Err(BindError::unsupported("$apply behind a navigation property", &span));
    }
    if let Some(item) = options.expand.as_ref().and_then(|items| items.first()) {
        return Err(BindError::unsupported("$expand beside $apply", &item.span));
    }
    let applying = Applying { sight, scope, words, steps: 0.into(), branches: 0.into() };
    let mut flow = Flow::of(&sight);
    applying.sequence(&mut flow, apply, &mut Groups::default())?;
    if let Some(items) = &options.compute {
        // Each may use those before it.
        for item in items {
            applying.compute(&mut flow, std::slice::from_ref(item))?;
        }
    }
    if let Some(search) = &options.search {
        applying.search(&mut flow, search)?;
    }
    if let Some(filter) = &options.filter {
        let condition = applying.filter(&flow, filter)?;
        flow.steps.push(RowStep::Filter(condition));
    }
    let is_count = target.answer == Answer::Count;
    let asked = match &options.order {
        Some(items) => applying.order(&flow, items)?,
        None => flow.order.clone(),
    };
    let order = if is_count { Vec::new() } else { flow.total(&asked) };
    let shown = if is_count { Vec::new() } else { applying.shown(&flow, options.select.as_deref(), &span)? };
    let listed = !flow.is_plain() || options.select.is_some();
    let mut aggregate = Aggregate {
        set: sight.id,
        steps: flow.steps,
        columns: flow.columns,
        branch: flow.branch,
        present: flow.present,
        shown,
        listed,
        order,
        page: if is_count { one_row() } else { bind_page(options, &sight, scope) },
        count: options.count.unwrap_or(false),
        answer: target.answer,
    };
    let name = fingerprint_aggregate(&aggregate, scope.model.revision);
    if let Some(cursor) = resumed(&aggregate.order, name, options, scope)? {
        aggregate.page.cursor = Some(cursor);
        aggregate.page.skip = 0;
    }
    Ok(aggregate)
}

impl<'a> Applying<'a, '_> {
    /// The columns that are written.
    fn shown(&self, flow: &Flow<'a>, select: Option<&[SelectItem]>, span: &Span) -> Result<Vec<PropertyId>, BindError> {
        let of_set = flow.base.map_or(0, |base| base.properties.len());
        let others = (of_set..flow.columns.len()).filter_map(|place| u16::try_from(place).ok()).map(PropertyId);
        let entity = if flow.base.is_some() { published(&self.sight) } else { Vec::new() };
        let mut all: Vec<PropertyId> = entity.into_iter().chain(others).collect();
        all.retain(|id| flow.column(*id).is_some_and(|column| !column.path.is_empty()));
        let shown = match select {
            None => all,
            Some(items) => {
                let mut wanted = vec![false; all.len()];
                for item in items {
                    self.choose(flow, item, &all, &mut wanted)?;
                }
                all.into_iter().zip(wanted).filter_map(|(id, wanted)| wanted.then_some(id)).collect()
            }
        };
        for id in &shown {
            let property = flow.base.and_then(|base| base.property(*id));
            let is_plain = property.is_none_or(|property| {
                property.enumeration.is_none() && property.collection.is_none() && property.scalar != Scalar::Stream
            });
            if !is_plain {
                let name = property.map_or("", |property| &property.name);
                let feature = format!("the property '{name}', which is no plain value, in the result of $apply");
                return Err(BindError::unsupported(feature, span));
            }
        }
        Ok(shown)
    }

    fn choose(
        &self,
        flow: &Flow<'a>,
        item: &SelectItem,
        all: &[PropertyId],
        wanted: &mut [bool],
    ) -> Result<(), BindError> {
        if item.options.is_some() {
            return Err(BindError::unsupported("an option inside $select beside $apply", &item.span));
        }
        let names: Vec<&str> = item.names().collect();
        let mut found = false;
        for (id, wanted) in all.iter().zip(wanted) {
            let path = flow.column(*id).map(|column| column.path.as_slice()).unwrap_or_default();
            let is_start = path.len() >= names.len() && path.iter().zip(&names).all(|(part, name)| **part == **name);
            if is_start || names == ["*"] {
                *wanted = true;
                found = true;
            }
        }
        if found || names == ["*"] {
            return Ok(());
        }
        let rows = flow.row_type();
        Err(unknown(&item.path, &self.sight_of(&rows), &item.span))
    }
}
