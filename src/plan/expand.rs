//! Plans an expansion: a second statement over the collected keys, per page and never per row. It works across sources,
//! and its text depends on nothing but the shape of the query.
//!
//! # Decisions
//!
//! - **A limit for each parent** is part of the statement where the request has one. Where it has none, the statement
//!   is the plain one, which costs least; the limit that the server sets is put into it when a list turns out to be
//!   long.
//! - **The number of children** is asked for by itself where the statement does not read all of them, grouped by
//!   parent.
//! - **A table of pairs** is joined to the children, and its columns take the place of theirs: a child comes once for
//!   each parent.

use crate::edm::Scalar;
use crate::model::{EntityType, Exposure, Model, Navigation, PropertyId, SetId};
use crate::query::{Expanded, Expansion, Expr, Search};
use crate::sql::ast;

use super::read::{Planner, Rest, Sorted, condition, position};
use super::rows::{Rows, Statement};
use super::{Child, Count, PlanError};

/// Sets that are contained in one another.
const CONTAINED_DEPTH_MAX: usize = 8;

impl Planner<'_> {
    pub(super) fn child(
        &self,
        expansion: &Expansion,
        (parent, parent_type): (SetId, &EntityType),
        parent_columns: &[PropertyId],
        next_index: &mut usize,
    ) -> Result<Child, PlanError> {
        if let Some(apply) = &expansion.apply {
            return self.made(expansion, apply, (parent, parent_type), parent_columns, next_index);
        }
        let navigation = parent_type.navigation(expansion.navigation).ok_or(PlanError::ForeignQuery)?;
        let statement = Statement::new(self.model, self.needs.now);
        let outer = if expansion.outer { Some(Rows::beside(&statement, parent)?) } else { None };
        let rows = match &outer {
            Some(outer) => Rows::seeing(outer, expansion.set)?,
            None => Rows::new(&statement, expansion.set)?,
        };
        let Sides { sides, on } = sides(navigation, parent_type, &rows, outer.as_ref())?;
        let condition = condition(&rows, expansion.filter.as_ref(), expansion.search.as_ref())?;
        let rest = Rest {
            needed: navigation.joins.iter().map(|join| join.remote).collect(),
            columns: if navigation.link.is_some() || outer.is_some() {
                sides.iter().map(|side| side.remote.clone()).collect()
            } else {
                Vec::new()
            },
            identity: expansion.form == Expanded::References || expansion.ends_in_references(),
            whole: false,
        };
        let sorted = Sorted { by: &expansion.order, read: true };
        let (mut node, behind) = self.node(&rows, &expansion.shape, &rest, sorted, condition, next_index)?;
        if let Some(on) = on {
            rows.join_outside(&mut node.fetch.select, on)?;
        }
        if navigation.collection {
            let by = sides.iter().map(|side| side.remote.clone()).collect();
            let most = u64::from(expansion.rows_max) + 1;
            let limited = expansion.top.is_some() || expansion.skip > 0;
            let top = limited.then(|| expansion.top.map_or(most, |top| top.min(most)));
            node.fetch.select.per_group = Some(ast::PerGroup { by, skip: expansion.skip, top });
        }
        let mut local = Vec::with_capacity(sides.len());
        let mut remote = Vec::with_capacity(sides.len());
        for (place, side) in sides.into_iter().enumerate() {
            local.push((position(parent_columns, side.local)?, side.local_scalar));
            let column = match side.property {
                Some(id) => position(&node.columns, id)?,
                None => behind + place,
            };
            remote.push((column, side.remote));
        }
        let is_number = expansion.form == Expanded::Number;
        let count = if is_number || (navigation.collection && expansion.count) {
            let limited = node.fetch.select.per_group.as_ref().is_some_and(|page| page.top.is_some());
            let conditions = (expansion.filter.as_ref(), expansion.search.as_ref());
            let of = (expansion.set, expansion.outer);
            Some(self.numbers((parent, parent_type, navigation), of, conditions, is_number || limited)?)
        } else {
            None
        };
        let rows_max = (navigation.collection && !is_number).then_some(expansion.rows_max);
        let is_read = !is_number && expansion.top != Some(0);
        Ok(Child { local, remote, node, count, is_read, rows_max, inside: false, nothing: None })
    }

    /// How many children each parent has.
    pub(super) fn numbers(
        &self,
        (parent, parent_type, navigation): (SetId, &EntityType, &Navigation),
        (set, outer): (SetId, bool),
        (filter, search): (Option<&Expr>, Option<&Search>),
        always: bool,
    ) -> Result<Count, PlanError> {
        let statement = Statement::new(self.model, self.needs.now);
        let outer = if outer { Some(Rows::beside(&statement, parent)?) } else { None };
        let rows = match &outer {
            Some(outer) => Rows::seeing(outer, set)?,
            None => Rows::new(&statement, set)?,
        };
        let Sides { sides, on } = sides(navigation, parent_type, &rows, outer.as_ref())?;
        let by: Vec<_> = sides.into_iter().map(|side| side.remote).collect();
        let condition = condition(&rows, filter, search)?;
        let grouped =
            |column: &ast::Column| ast::Output { expr: ast::Expr::Grouped(column.clone()), scalar: column.scalar };
        let mut columns: Vec<_> = by.iter().map(grouped).collect();
        columns.push(ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 });
        let mut fetch = self.fetch(&rows, columns, condition)?;
        if let Some(on) = on {
            rows.join_outside(&mut fetch.select, on)?;
        }
        fetch.select.group.clone_from(&by);
        Ok(Count { fetch, by, inside: false, always })
    }
}

/// One pair of the join between parents and children.
struct Side {
    local: PropertyId,
    local_scalar: Scalar,
    /// The column on the side of the children.
    remote: ast::Column,
    /// The property of the child, if it is one.
    property: Option<PropertyId>,
}

/// The pairs of the join, and under which conditions the table of the parents is joined, if it is.
struct Sides {
    sides: Vec<Side>,
    on: Option<Vec<ast::Expr>>,
}

/// The pairs of the join. Where the parents are joined to the children, their key takes its place. A table of pairs is
/// joined to the rows, so this comes before anything else is.
fn sides(
    navigation: &Navigation,
    parent_type: &EntityType,
    rows: &Rows<'_>,
    outer: Option<&Rows<'_>>,
) -> Result<Sides, PlanError> {
    let remote = rows.arrive(parent_type, navigation)?;
    if let Some(outer) = outer {
        let of_parent = |id: PropertyId| super::column(parent_type, id, outer.alias);
        let on = |(id, remote)| Ok(ast::Expr::Linked(remote, of_parent(id)?));
        let on: Result<_, PlanError> = locals(navigation).zip(remote).map(on).collect();
        let side = |id: &PropertyId| {
            let remote = of_parent(*id)?;
            Ok(Side { local: *id, local_scalar: remote.scalar, remote, property: None })
        };
        let sides: Result<_, PlanError> = parent_type.key.iter().map(side).collect();
        return Ok(Sides { sides: sides?, on: Some(on?) });
    }
    let properties = navigation.joins.iter().map(|join| Some(join.remote)).chain(std::iter::repeat(None));
    let side = |((local, remote), property)| {
        let local_scalar = parent_type.property(local).ok_or(PlanError::ForeignQuery)?.scalar;
        Ok(Side { local, local_scalar, remote, property })
    };
    let sides: Result<_, PlanError> = locals(navigation).zip(remote).zip(properties).map(side).collect();
    Ok(Sides { sides: sides?, on: None })
}

/// The parent's side of a navigation property.
pub(super) fn locals(navigation: &Navigation) -> impl Iterator<Item = PropertyId> {
    let link = navigation.link.iter().flat_map(|link| link.near.iter().map(|(_, id)| *id));
    navigation.joins.iter().map(|join| join.local).chain(link)
}

/// The properties that tell the URL of an entity: its key, and what leads to the entities that contain it.
pub(super) fn identity(model: &Model, set: SetId) -> Result<Vec<PropertyId>, PlanError> {
    identity_within(model, set, CONTAINED_DEPTH_MAX)
}

fn identity_within(model: &Model, set: SetId, depth: usize) -> Result<Vec<PropertyId>, PlanError> {
    let entity_type = model.type_of(set).ok_or(PlanError::ForeignQuery)?;
    let mut ids = entity_type.key.clone();
    let exposure = &model.set(set).ok_or(PlanError::ForeignQuery)?.exposure;
    if let (Exposure::Contained { parent, navigation }, Some(depth)) = (exposure, depth.checked_sub(1)) {
        let navigation = model.type_of(*parent).and_then(|parent| parent.navigation(*navigation));
        let joins = &navigation.ok_or(PlanError::ForeignQuery)?.joins;
        for id in identity_within(model, *parent, depth)? {
            ids.extend(joins.iter().find(|join| join.local == id).map(|join| join.remote));
        }
    }
    Ok(ids)
}
