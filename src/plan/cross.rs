//! Plans combinations: one select over the tables of all sets, each joined to the one before on nothing. What is
//! expanded is read by the collected keys, like any other expansion.
//!
//! # Decisions
//!
//! - **The filter stays one condition.** Databases find the equality in it by which two tables are best joined,
//!   wherever it stands, and a row filter of a set among them narrows its table first.

use crate::edm::Scalar;
use crate::model::{EntityType, Model, PropertyId, SetId};
use crate::query::{Cross, Crossed};
use crate::sql::{Select, ast};

use super::filter::{Conditions, Operand, and};
use super::read::{Needs, Planner};
use super::rows::{Rows, Statement};
use super::{Fetch, Node, PlanError, ReadPlan, column, page};

/// Plans the statements of a `$crossjoin`.
pub fn plan_cross(cross: &Cross, model: &Model, needs: Needs) -> Result<ReadPlan, PlanError> {
    let planner = Planner { model, needs };
    let row_type = cross.row_type(model).ok_or(PlanError::ForeignQuery)?;
    let rows = match cross.page.top {
        Some(0) => None,
        _ => Some(planner.combinations(cross, &row_type)?),
    };
    let count = if cross.count { Some(planner.number(cross)?) } else { None };
    Ok(ReadPlan { parents: Vec::new(), rows, count })
}

/// The rows of one set, and of those before it.
struct Stack<'s> {
    rows: &'s Rows<'s>,
    before: Option<&'s Stack<'s>>,
}

impl<'s> Stack<'s> {
    /// From the first set to the last.
    fn all(&self) -> Vec<&'s Rows<'s>> {
        let mut all = self.before.map_or_else(Vec::new, Stack::all);
        all.push(self.rows);
        all
    }
}

impl Planner<'_> {
    fn combinations(&self, cross: &Cross, row_type: &EntityType) -> Result<Node, PlanError> {
        let mut next_index = 1;
        let ids = (0..row_type.properties.len()).filter_map(|place| u16::try_from(place).ok()).map(PropertyId);
        let columns: Vec<PropertyId> = ids.collect();
        let (set, source) = self.first(cross)?;
        let mut children = Vec::with_capacity(cross.shape.expansions.len());
        for expansion in &cross.shape.expansions {
            children.push(self.child(expansion, (set, row_type), &columns, &mut next_index)?);
        }
        let (select, order) = self.select(cross, |sets| {
            let keys = |rows: &&Rows<'_>| {
                rows.entity_type.key.iter().map(|id| column(rows.entity_type, *id, rows.alias)).collect::<Vec<_>>()
            };
            let keys: Result<Vec<_>, _> = sets.iter().flat_map(keys).collect();
            let output = |column: ast::Column| ast::Output { scalar: column.scalar, expr: ast::Expr::Column(column) };
            let mut outputs: Vec<ast::Output> = keys?.into_iter().map(output).collect();
            let last = sets.last().ok_or(PlanError::ForeignQuery)?;
            let mut conditions = Vec::new();
            if let Some(cursor) = &cross.page.cursor {
                conditions.push(page::after(cursor, &cross.order, last)?);
            }
            let mut by = Vec::with_capacity(cross.order.len());
            let mut order = Vec::with_capacity(cross.order.len());
            for item in &cross.order {
                let Operand { expr, nullable } = Conditions { rows: last }.operand(&item.expr)?;
                let known = outputs.iter().position(|output| output.expr == expr);
                order.push(known.unwrap_or(outputs.len()));
                if known.is_none() {
                    outputs.push(ast::Output { expr: expr.clone(), scalar: item.scalar });
                }
                by.push(ast::Order { expr, descending: item.descending, nullable });
            }
            Ok((
                Select { order: by, filter: Some(and(conditions)), ..Select::of(outputs, ast::From::All(Vec::new())) },
                order,
            ))
        })?;
        let page_limit = u64::from(cross.page.rows_max) + 1;
        let limit = Some(cross.page.top.map_or(page_limit, |top| top.min(page_limit)));
        let fetch = Fetch { source, select: Select { limit, offset: cross.page.skip, ..select } };
        Ok(Node { index: 0, set, fetch, columns, computed: Vec::new(), places: Vec::new(), order, children })
    }

    fn number(&self, cross: &Cross) -> Result<Fetch, PlanError> {
        let (_, source) = self.first(cross)?;
        let (select, ()) = self.select(cross, |_| {
            let all = vec![ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 }];
            Ok((Select::of(all, ast::From::All(Vec::new())), ()))
        })?;
        Ok(Fetch { source, select })
    }

    fn first(&self, cross: &Cross) -> Result<(SetId, crate::model::SourceId), PlanError> {
        let set = cross.sets.first().ok_or(PlanError::ForeignQuery)?.set;
        Ok((set, self.model.set(set).ok_or(PlanError::ForeignQuery)?.source))
    }

    /// The select that `made` of the rows of all sets, with tables and conditions.
    fn select<T>(
        &self,
        cross: &Cross,
        made: impl FnOnce(&[&Rows<'_>]) -> Result<(Select, T), PlanError>,
    ) -> Result<(Select, T), PlanError> {
        let statement = Statement::new(self.model, self.needs.now);
        let (first, left) = cross.sets.split_first().ok_or(PlanError::ForeignQuery)?;
        let rows = Rows::new(&statement, first.set)?;
        rows.name_columns();
        within(cross, &Stack { rows: &rows, before: None }, left, made)
    }
}

/// Puts the sets that are left inside of those before.
fn within<T>(
    cross: &Cross,
    stack: &Stack<'_>,
    left: &[Crossed],
    made: impl FnOnce(&[&Rows<'_>]) -> Result<(Select, T), PlanError>,
) -> Result<(Select, T), PlanError> {
    if let Some((next, left)) = left.split_first() {
        let rows = stack.rows.inside(next.set, true)?;
        return within(cross, &Stack { rows: &rows, before: Some(stack) }, left, made);
    }
    let sets = stack.all();
    let mut conditions = Vec::new();
    for (rows, crossed) in sets.iter().zip(&cross.sets) {
        if let Some(filter) = &crossed.filter {
            conditions.push(Conditions { rows }.is_true(filter)?);
        }
    }
    if let Some(filter) = &cross.filter {
        conditions.push(Conditions { rows: stack.rows }.is_true(filter)?);
    }
    let (select, more) = made(&sets)?;
    conditions.extend(select.filter);
    // What the conditions have joined to the rows of a set follows its table.
    let mut joins = Vec::new();
    for (place, rows) in sets.iter().enumerate() {
        if place > 0 {
            let table = rows.statement.table(rows.set)?;
            joins.push(ast::Join { table, alias: rows.alias, outer: false, on: ast::Expr::Truth(true) });
        }
        joins.extend(rows.take_joins());
    }
    let first = sets.first().ok_or(PlanError::ForeignQuery)?;
    let filter = match and(conditions) {
        ast::Expr::Truth(true) => None,
        condition => Some(condition),
    };
    let from = ast::From::Table(first.statement.table(first.set)?);
    Ok((Select { from, alias: first.alias, joins, named: true, filter, ..select }, more))
}
