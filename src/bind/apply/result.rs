//! Binds what follows `$apply`: the other options apply to its result (OData 4.01 Part 1, 11.2.1).
//!
//! # Decisions
//!
//! - **What is expanded is one grouping by the parent**, around all of its transformations: each parent has its own
//!   result, and one statement makes all of them. A parent without related entities is in no row of that; what becomes
//!   of none is the same for each such parent, and is bound by itself.

use crate::bind::BindError;
use crate::bind::connect;
use crate::bind::filter::Words;
use crate::bind::page::{bind_page, one_row, resumed};
use crate::bind::path::Target;
use crate::bind::scope::{Scope, Sight};
use crate::bind::select::published;
use crate::edm::Scalar;
use crate::model::{EntityType, Navigation, NavigationId, PropertyId, SetId};
use crate::query::{Aggregate, Answer, Computed, Expr, Made, Order, RowStep, Within, fingerprint_aggregate};
use crate::syntax::{Apply, ExpandItem, GroupItem, Options, SelectItem, Span, TransformationKind};

use super::group::{Groups, Key};
use super::path::unknown;
use super::rows::{Applying, Flow, Origin, of_parent};

/// What `$apply` makes of a collection.
pub(in crate::bind) enum Applied {
    /// Rows of their own; the other options have been applied to them.
    Rows(Box<Aggregate>),
    /// Entities of the set, to which the other options are still to be applied.
    Entities(Box<Entities>),
}

/// Entities that `$apply` has chosen or added to.
pub(in crate::bind) struct Entities {
    pub(in crate::bind) made: Made,
    /// What has been added to them.
    pub(in crate::bind) added: Vec<Computed>,
    /// The order that was asked for.
    pub(in crate::bind) order: Vec<Order>,
}

/// Binds `$apply` of what a path leads to and, unless they stay entities, the options beside it.
pub(in crate::bind) fn bind_aggregate<'a>(
    target: &Target<'a>,
    apply: &'a Apply,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Applied, BindError> {
    let origin = Origin { sight: target.sight, conditions: target.conditions.clone(), within: None };
    let made = apply_to(&origin, apply, scope, words)?;
    if let Some(added) = made.flow.entities() {
        let Flow { steps, columns, order, .. } = made.flow;
        return Ok(Applied::Entities(Box::new(Entities { made: Made { steps, columns }, added, order })));
    }
    if target.answer == Answer::References {
        let feature = "references to what $apply makes, which is no entity any more";
        return Err(BindError::unsupported(feature, &made.span));
    }
    let mut aggregate = bind_rows(&origin, made, options, target.answer)?;
    aggregate.from.clone_from(&target.from);
    aggregate.via.clone_from(&target.via);
    let name = fingerprint_aggregate(&aggregate, scope.model.revision);
    if let Some(cursor) = resumed(&aggregate.order, name, options, scope)? {
        aggregate.page.cursor = Some(cursor);
        aggregate.page.skip = 0;
    }
    Ok(Applied::Rows(Box::new(aggregate)))
}

/// Binds `$apply` of an expanded navigation property, and the options beside it.
pub(in crate::bind) fn bind_expanded<'a>(
    sight: Sight<'a>,
    of: (SetId, NavigationId, &'a Navigation),
    apply: &'a Apply,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Aggregate, BindError> {
    let origin = Origin { sight, conditions: Vec::new(), within: Some(of) };
    let made = apply_to(&origin, apply, scope, words)?;
    let mut aggregate = bind_rows(&origin, made, options, Answer::Collection)?;
    let makes_one = |kind: &TransformationKind| match kind {
        TransformationKind::Aggregate(_) | TransformationKind::Concat(_) => true,
        TransformationKind::GroupBy { by, .. } => by.iter().any(|it| matches!(it, GroupItem::Rollup { all: true, .. })),
        _ => false,
    };
    if apply.0.iter().any(|transformation| makes_one(&transformation.kind)) {
        let origin = Origin { sight, conditions: vec![connect::truth(false)], within: None };
        let made = apply_to(&origin, apply, scope, words)?;
        let nothing = bind_rows(&origin, made, options, Answer::Collection)?;
        let is_made = nothing.steps.iter().any(RowStep::makes_of_nothing);
        if let Some(within) = aggregate.within.as_mut().filter(|_| is_made) {
            within.nothing = Some(Box::new(Aggregate { page: one_row(), ..nothing }));
        }
    }
    // The pages are those of each parent, and the expansion's.
    aggregate.page = one_row();
    Ok(aggregate)
}

/// What transformations have made, and who made it.
struct Transformed<'a, 'b> {
    applying: Applying<'a, 'b>,
    flow: Flow<'a>,
    groups: Groups,
    span: Span,
}

fn apply_to<'a, 'b>(
    origin: &Origin<'a>,
    apply: &'a Apply,
    scope: &'b Scope<'a>,
    words: &'b Words<'a>,
) -> Result<Transformed<'a, 'b>, BindError> {
    let span = apply.0.first().map_or(0..0, |first| first.span.clone());
    let sight = origin.sight;
    let nested = origin.within.is_some();
    let applying = Applying { sight, nested, scope, words, steps: 0.into(), branches: 0.into(), marks: 0.into() };
    let mut flow = Flow::of(&sight, origin.conditions.clone());
    let mut groups = Groups::default();
    if let Some((parent, _, navigation)) = origin.within {
        let parent = scope.model.type_of(parent);
        groups = by_parent(&mut flow, sight.entity, parent, navigation);
    }
    applying.sequence(&mut flow, apply, &mut groups)?;
    applying.flush(&mut groups, &mut flow, &span)?;
    Ok(Transformed { applying, flow, groups, span })
}

/// Applies the other options to what has been made.
fn bind_rows<'a>(
    origin: &Origin<'a>,
    made: Transformed<'a, '_>,
    options: &'a Options,
    answer: Answer,
) -> Result<Aggregate, BindError> {
    let Transformed { applying, mut flow, groups, span } = made;
    let sight = origin.sight;
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
    let is_count = answer == Answer::Count;
    let asked = match &options.order {
        Some(items) => applying.order(&flow, items)?,
        None => flow.order.clone(),
    };
    let order = if is_count { Vec::new() } else { flow.total(&asked) };
    let expanded = applying.expanded(&flow, options.expand.as_deref().unwrap_or_default())?;
    let shown =
        if is_count { Vec::new() } else { applying.shown(&flow, options.select.as_deref(), &expanded, &span)? };
    let listed =
        flow.base.is_none() || flow.added().any(|id| flow.is_written(id, &expanded)) || options.select.is_some();
    let within = origin.within.map(|(parent, navigation, _)| Within {
        parent,
        navigation,
        keys: groups.columns(),
        nothing: None,
    });
    Ok(Aggregate {
        set: sight.id,
        of: sight.of,
        from: None,
        via: Vec::new(),
        within,
        steps: flow.steps,
        columns: flow.columns,
        branch: flow.branch,
        present: flow.present,
        shown,
        listed,
        order,
        page: if is_count { one_row() } else { bind_page(options, &sight, applying.scope) },
        count: options.count.unwrap_or(false),
        answer,
    })
}

/// The groups that parents make of the entities. Their keys are columns behind the properties: those by which entities
/// know their parent, or those of a table of pairs.
fn by_parent(flow: &mut Flow<'_>, entity: &EntityType, parent: Option<&EntityType>, navigation: &Navigation) -> Groups {
    let own = navigation.joins.iter().filter_map(|join| entity.property(join.remote));
    let near = navigation.link.iter().flat_map(|link| &link.near);
    let of_pairs = near.filter_map(|(_, id)| parent.and_then(|parent| parent.property(*id)));
    let columns = own.chain(of_pairs).enumerate().map(|(place, like)| of_parent(place, like.scalar, like.folding));
    let mut groups = Groups { is_active: true, ..Groups::default() };
    for column in columns {
        let id = PropertyId(u16::try_from(flow.columns.len()).unwrap_or(u16::MAX));
        flow.add(std::slice::from_ref(&column));
        groups.keys.push(Key { expr: Expr::Property(id), column });
    }
    groups
}

impl<'a> Applying<'a, '_> {
    /// The columns that are written.
    fn shown(
        &self,
        flow: &Flow<'a>,
        select: Option<&[SelectItem]>,
        expanded: &[PropertyId],
        span: &Span,
    ) -> Result<Vec<PropertyId>, BindError> {
        let entity = if flow.base.is_some() { published(&self.sight) } else { Vec::new() };
        let added = flow.added().filter(|id| flow.is_written(*id, expanded));
        let mut all: Vec<PropertyId> = entity.into_iter().chain(added).collect();
        all.retain(|id| flow.column(*id).is_some_and(|column| !column.path.is_empty()));
        let shown = match select {
            None => all,
            Some(items) => {
                let mut wanted: Vec<bool> = all.iter().map(|id| expanded.contains(id)).collect();
                for item in items {
                    self.choose(flow, item, &all, &mut wanted)?;
                }
                all.into_iter().zip(wanted).filter_map(|(id, wanted)| wanted.then_some(id)).collect()
            }
        };
        for id in &shown {
            let property = flow.base.and_then(|base| base.property(*id));
            let is_plain =
                property.is_none_or(|property| property.collection.is_none() && property.scalar != Scalar::Stream);
            if !is_plain {
                let name = property.map_or("", |property| &property.name);
                let feature = format!("the property '{name}', which is no plain value, in the result of $apply");
                return Err(BindError::unsupported(feature, span));
            }
        }
        Ok(shown)
    }

    /// The columns of joined entities that are asked for.
    fn expanded(&self, flow: &Flow<'a>, items: &[ExpandItem]) -> Result<Vec<PropertyId>, BindError> {
        let mut expanded = Vec::new();
        for item in items {
            let is_joined = |name: &str| flow.joined.iter().any(|(joined, always)| **joined == *name && *always);
            let alias = match item.path.as_slice() {
                [name] if is_joined(name) => name,
                _ => return Err(BindError::unsupported("$expand beside $apply", &item.span)),
            };
            if (Options { select: None, ..item.options.clone() }) != Options::default() {
                let feature = "an option other than $select in $expand beside $apply";
                return Err(BindError::unsupported(feature, &item.span));
            }
            let of = |id: &PropertyId| {
                flow.column(*id).is_some_and(|column| column.path.first().is_some_and(|it| **it == **alias))
            };
            let all: Vec<PropertyId> = flow.added().filter(of).collect();
            let Some(select) = &item.options.select else {
                expanded.extend(all);
                continue;
            };
            for chosen in select {
                let names: Vec<&str> = std::iter::once(alias.as_str()).chain(chosen.names()).collect();
                let is_start = |id: &&PropertyId| {
                    let path = flow.column(**id).map(|column| column.path.as_slice()).unwrap_or_default();
                    let is_all = names.get(1) == Some(&"*");
                    is_all
                        || (path.len() >= names.len() && path.iter().zip(&names).all(|(part, name)| **part == **name))
                };
                let before = expanded.len();
                expanded.extend(all.iter().filter(is_start).copied());
                if expanded.len() == before || chosen.options.is_some() {
                    let rows = flow.row_type();
                    return Err(unknown(&chosen.path, &self.sight_of(&rows), &chosen.span));
                }
            }
        }
        Ok(expanded)
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
