//! Plans an aggregate: each step is a select over the rows of the step before.
//!
//! # Decisions
//!
//! - **Derived tables, no common table expressions.** Every database takes them apart again where it can; a `WITH` is a
//!   fence on some. What several branches share is written once for each.
//! - **Conditions stay with the rows they are about**, and a grouping reads those rows directly: the usual request, a
//!   filter and a grouping, is one plain select that an index can serve.
//! - **Aggregates of related entities** do not multiply the rows of others beside them: for each way the entities to
//!   which it leads, each once, are put under the rows themselves, and the groups are made of all of them.

mod expanded;
mod group;
mod reach;

use std::borrow::Cow;

use crate::edm::{Scalar, Value};
use crate::model::{EntityType, Model, NavigationId, Property, PropertyId, SetId};
use crate::query::{Aggregate, Answer, Branch, BranchNumber, Column, Expr, Order, Read, RowStep, row_type};
use crate::sql::{Select, ast};

use super::filter::{Conditions, Operand, and};
use super::rows::{Joined, Rows, Statement};
use super::{Fetch, Needs, Node, PlanError, ReadPlan, page, read};

/// Plans the statements of an aggregate. The columns of its rows are those that are shown, then the number of the
/// branch if there are branches, then the values of the sort order.
pub fn plan_aggregate(aggregate: &Aggregate, model: &Model, needs: Needs) -> Result<ReadPlan, PlanError> {
    let statement = Statement::new(model, needs.now);
    let planner = Planner { model, statement: &statement };
    let source = model.set(aggregate.set).ok_or(PlanError::ForeignQuery)?.source;
    let step = aggregate.via.last().map(|via| (via.set, via.navigation));
    let (open, remote) = planner.start(aggregate.set, step, false)?;
    let parents = read::Planner { model, needs }.parents(&aggregate.via, |_| Ok(remote))?;
    let open = planner.steps(open, &aggregate.steps)?;
    let is_count = aggregate.answer == Answer::Count;
    let count = (is_count || aggregate.count).then(|| {
        let select = open.clone().select(vec![ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 }]);
        Fetch { source, select }
    });
    let rows = if is_count || aggregate.page.top == Some(0) {
        None
    } else {
        let (select, order) = planner.page(open, aggregate)?;
        let fetch = Fetch { source, select };
        let (columns, computed, children) = (Vec::new(), Vec::new(), Vec::new());
        Some(Node { index: 0, set: aggregate.set, fetch, columns, computed, places: Vec::new(), order, children })
    };
    Ok(ReadPlan { parents, rows, count })
}

/// The entities that `$apply` has chosen for a read.
pub(super) fn entities<'m>(read: &Read, statement: &'m Statement<'m>) -> Result<Option<Open<'m>>, PlanError> {
    let Some(made) = &read.made else { return Ok(None) };
    let planner = Planner { model: statement.model, statement };
    let (open, _) = planner.start(read.set, read.via.last().map(|via| (via.set, via.navigation)), false)?;
    planner.steps(open, &made.steps).map(Some)
}

/// The columns by which they belong to the last parent of the path.
pub(super) fn remote(read: &Read, model: &Model, needs: Needs) -> Result<Vec<ast::Column>, PlanError> {
    let statement = Statement::new(model, needs.now);
    let planner = Planner { model, statement: &statement };
    let step = read.via.last().map(|via| (via.set, via.navigation));
    planner.start(read.set, step, false).map(|(_, remote)| remote)
}

struct Planner<'m> {
    model: &'m Model,
    statement: &'m Statement<'m>,
}

/// Rows to which conditions can still be added, and what they are read from.
#[derive(Clone)]
pub(super) struct Open<'m> {
    set: SetId,
    /// Their type, whose columns are those of `from`.
    entity: Cow<'m, EntityType>,
    /// Whether they are entities of the set.
    is_entity: bool,
    /// Whether no entity is among them twice.
    is_once: bool,
    from: ast::From,
    alias: u16,
    joins: Vec<Joined>,
    conditions: Vec<ast::Expr>,
}

/// Rows as they were at a mark, and the columns that make groups of them.
#[derive(Clone)]
struct Marked<'m> {
    number: u16,
    open: Open<'m>,
    by: Vec<PropertyId>,
}

impl Open<'_> {
    /// The same as rows that a read has in sight.
    pub(super) fn rows<'s>(&'s self, statement: &'s Statement<'s>) -> Rows<'s> {
        let rows = Rows::over(statement, self.set, &self.entity, self.alias, self.joins.clone());
        rows.reading(self.from.clone(), self.conditions.clone())
    }

    fn select(self, columns: Vec<ast::Output>) -> Select {
        let filter = match and(self.conditions) {
            ast::Expr::Truth(true) => None,
            condition => Some(condition),
        };
        Select {
            columns,
            from: self.from,
            alias: self.alias,
            joins: self.joins.into_iter().map(Joined::into_join).collect(),
            named: true,
            filter,
            group: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            per_group: None,
        }
    }

    /// The column of a property.
    fn column(&self, id: PropertyId) -> Result<ast::Column, PlanError> {
        super::column(&self.entity, id, self.alias)
    }

    /// All columns, in order. Bytes that are read by themselves are not among them.
    fn all(&self) -> Result<Vec<ast::Output>, PlanError> {
        let output = |id: PropertyId| {
            let property = self.entity.property(id).ok_or(PlanError::ForeignQuery)?;
            let scalar = property.scalar;
            let is_apart = scalar == Scalar::Stream || (property.hidden && matches!(scalar, Scalar::Binary { .. }));
            let expr = if is_apart { ast::Expr::Null(Scalar::BINARY) } else { ast::Expr::Column(self.column(id)?) };
            Ok(ast::Output { expr, scalar })
        };
        self.entity.property_ids().map(output).collect()
    }
}

impl<'m> Planner<'m> {
    /// The entities with which everything begins, and the columns that must equal the values of a parent, if there is
    /// one: they can be named wherever the table itself is read.
    fn start(
        &self,
        set: SetId,
        step: Option<(SetId, NavigationId)>,
        is_within: bool,
    ) -> Result<(Open<'m>, Vec<ast::Column>), PlanError> {
        let entity = self.model.type_of(set).ok_or(PlanError::ForeignQuery)?;
        let mut open = Open {
            set,
            entity: Cow::Borrowed(entity),
            is_entity: true,
            is_once: true,
            from: ast::From::Table(self.statement.table(set)?),
            alias: self.statement.alias(),
            joins: Vec::new(),
            conditions: Vec::new(),
        };
        let Some((parent, navigation)) = step else { return Ok((open, Vec::new())) };
        let parent = self.model.type_of(parent).ok_or(PlanError::ForeignQuery)?;
        let navigation = parent.navigation(navigation).ok_or(PlanError::ForeignQuery)?;
        let rows = Rows::over(self.statement, set, entity, open.alias, Vec::new());
        let remote = rows.arrive(parent, navigation)?;
        open.joins = rows.into_joins();
        if is_within {
            open = self.beside_keys(open, &remote)?;
        }
        Ok((open, remote))
    }

    /// The entities with the columns that tell their parent behind all others.
    fn beside_keys(&self, mut open: Open<'m>, keys: &[ast::Column]) -> Result<Open<'m>, PlanError> {
        let is_own = keys.iter().all(|key| key.of == open.alias);
        let mut outputs = if is_own { Vec::new() } else { open.all()? };
        let mut entity = if is_own { open.entity.into_owned() } else { renamed(&open.entity) };
        for key in keys {
            let name = if is_own { key.name.clone() } else { format!("c{}", outputs.len()).into() };
            let mut property = Property::new("", name, key.scalar);
            property.folding = key.folding;
            entity.properties.push(property);
            outputs.push(ast::Output { expr: ast::Expr::Column(key.clone()), scalar: key.scalar });
        }
        if is_own {
            open.entity = Cow::Owned(entity);
            return Ok(open);
        }
        let (set, is_entity) = (open.set, open.is_entity);
        open.entity = Cow::Owned(EntityType::clone(&entity));
        Ok(self.derived(set, ast::From::Rows(Box::new(open.select(outputs))), Cow::Owned(entity), is_entity))
    }

    fn steps(&self, open: Open<'m>, steps: &[RowStep]) -> Result<Open<'m>, PlanError> {
        self.steps_behind(open, steps, &[])
    }

    /// The same behind steps in which there were marks.
    fn steps_behind(
        &self,
        mut open: Open<'m>,
        steps: &[RowStep],
        before: &[Marked<'m>],
    ) -> Result<Open<'m>, PlanError> {
        let mut marks = before.to_vec();
        for step in steps {
            if let RowStep::Mark { number, by } = step {
                marks.push(Marked { number: *number, open: open.clone(), by: by.clone() });
            } else {
                open = self.step(open, step, &marks)?;
            }
        }
        Ok(open)
    }

    /// Plans expressions over the rows; what they join is kept for the next ones.
    fn over<T>(
        &self,
        open: &mut Open<'_>,
        plan: impl FnOnce(Conditions<'_>) -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        let joins = std::mem::take(&mut open.joins);
        let rows = Rows::over(self.statement, open.set, &open.entity, open.alias, joins);
        let planned = plan(Conditions { rows: &rows });
        let joins = rows.into_joins();
        open.joins = joins;
        planned
    }

    /// The rows that a select gives, as the input of the next step.
    fn wrap(&self, set: SetId, select: Select, columns: &[Column], is_entity: bool) -> Result<Open<'m>, PlanError> {
        self.wrap_from(set, ast::From::Rows(Box::new(select)), columns, is_entity)
    }

    fn wrap_from(
        &self,
        set: SetId,
        from: ast::From,
        columns: &[Column],
        is_entity: bool,
    ) -> Result<Open<'m>, PlanError> {
        let base = if is_entity { Some(self.model.type_of(set).ok_or(PlanError::ForeignQuery)?) } else { None };
        Ok(self.derived(set, from, Cow::Owned(row_type(columns, base)), is_entity))
    }

    fn derived(&self, set: SetId, from: ast::From, entity: Cow<'m, EntityType>, is_entity: bool) -> Open<'m> {
        let (joins, conditions) = (Vec::new(), Vec::new());
        Open { set, entity, is_entity, is_once: false, from, alias: self.statement.alias(), joins, conditions }
    }

    /// The same columns as rows of a select.
    fn same(&self, of: Open<'m>, change: impl FnOnce(&mut Select)) -> Result<Open<'m>, PlanError> {
        let (set, is_entity, all) = (of.set, of.is_entity, of.all()?);
        let entity = renamed(&of.entity);
        let mut select = of.select(all);
        change(&mut select);
        Ok(self.derived(set, ast::From::Rows(Box::new(select)), Cow::Owned(entity), is_entity))
    }

    fn step(&self, mut open: Open<'m>, step: &RowStep, marks: &[Marked<'m>]) -> Result<Open<'m>, PlanError> {
        let set = open.set;
        let is_entity = open.is_entity && step.keeps_entities();
        match step {
            RowStep::Filter(filter) => {
                let condition = self.over(&mut open, |rows| rows.is_true(filter))?;
                open.conditions.push(condition);
                Ok(open)
            }
            RowStep::Search(search) => {
                let condition = self.over(&mut open, |rows| rows.search(search))?;
                open.conditions.push(condition);
                Ok(open)
            }
            RowStep::Compute { values, columns } => {
                let added = columns.iter().skip(columns.len().saturating_sub(values.len()));
                let mut outputs = open.all()?;
                for (value, column) in values.iter().zip(added) {
                    let expr = self.over(&mut open, |rows| rows.operand(value))?.expr;
                    outputs.push(ast::Output { expr, scalar: column.scalar });
                }
                self.wrap(set, open.select(outputs), columns, is_entity)
            }
            RowStep::Mark { .. } => Ok(open),
            RowStep::Group { by, values, mark, columns } => {
                let marked = marks.iter().find(|marked| Some(marked.number) == *mark);
                self.group(open, by, values, (columns, marked))
            }
            RowStep::Concat { branches, columns } => self.concat(&open, branches, (columns, is_entity), marks),
            RowStep::Reach { of, scalar, amount, percent, order, by } => {
                self.reach(open, &reach::Reach { of, scalar: *scalar, amount, percent: *percent, order, by })
            }
            RowStep::Part { order, by, skip, top } => {
                let order = self.order(&mut open, order)?;
                let by: Result<Vec<_>, _> = by.iter().map(|id| open.column(*id)).collect();
                let by = by?;
                self.same(open, |select| {
                    select.order = order;
                    if by.is_empty() {
                        (select.limit, select.offset) = (*top, *skip);
                    } else {
                        select.per_group = Some(ast::PerGroup { by, skip: *skip, top: *top });
                    }
                })
            }
        }
    }

    fn concat(
        &self,
        open: &Open<'m>,
        branches: &[Branch],
        (columns, is_entity): (&[Column], bool),
        marks: &[Marked<'m>],
    ) -> Result<Open<'m>, PlanError> {
        let mut parts = Vec::with_capacity(branches.len());
        for branch in branches {
            let rows = self.steps_behind(open.clone(), &branch.steps, marks)?;
            let mut outputs = Vec::with_capacity(columns.len());
            for (place, column) in branch.places.iter().zip(columns) {
                let expr = match place {
                    Some(id) => ast::Expr::Column(rows.column(*id)?),
                    None => ast::Expr::Null(column.scalar),
                };
                outputs.push(ast::Output { expr, scalar: column.scalar });
            }
            let number = match branch.number {
                BranchNumber::New(number) => ast::Expr::Number(number),
                BranchNumber::Kept(id) => ast::Expr::Column(rows.column(id)?),
            };
            outputs.push(ast::Output { expr: number, scalar: Scalar::Int32 });
            parts.push(rows.select(outputs));
        }
        self.wrap_from(open.set, ast::From::All(parts), columns, is_entity)
    }

    fn order(&self, open: &mut Open<'_>, items: &[Order]) -> Result<Vec<ast::Order>, PlanError> {
        let item = |item: &Order, rows: Conditions<'_>| {
            let Operand { expr, nullable } = rows.operand(&item.expr)?;
            Ok(ast::Order { expr, descending: item.descending, nullable })
        };
        self.over(open, |rows| items.iter().map(|it| item(it, rows)).collect())
    }

    /// The page at the end, and where the values of its order are.
    fn page(&self, mut open: Open<'m>, aggregate: &Aggregate) -> Result<(Select, Vec<usize>), PlanError> {
        if let Some(cursor) = &aggregate.page.cursor {
            let after = self.over(&mut open, |rows| page::after(cursor, &aggregate.order, rows.rows))?;
            open.conditions.push(after);
        }
        let (mut select, places) = self.shown(open, aggregate)?;
        // One row more than the page holds tells whether there is a next page.
        let page_limit = u64::from(aggregate.page.rows_max) + 1;
        select.limit = Some(aggregate.page.top.map_or(page_limit, |top| top.min(page_limit)));
        select.offset = aggregate.page.skip;
        Ok((select, places))
    }

    /// All rows at the end, in order, and where the values of it are.
    fn shown(&self, mut open: Open<'m>, aggregate: &Aggregate) -> Result<(Select, Vec<usize>), PlanError> {
        let mut outputs = Vec::with_capacity(aggregate.shown.len() + aggregate.order.len() + 1);
        for id in aggregate.shown.iter().chain(&aggregate.branch) {
            let column = open.column(*id)?;
            outputs.push(ast::Output { scalar: column.scalar, expr: ast::Expr::Column(column) });
        }
        let order = self.order(&mut open, &aggregate.order)?;
        let mut places = Vec::with_capacity(order.len());
        for (item, of) in order.iter().zip(&aggregate.order) {
            let known = outputs.iter().position(|output| output.expr == item.expr);
            places.push(known.unwrap_or(outputs.len()));
            if known.is_none() {
                outputs.push(ast::Output { expr: item.expr.clone(), scalar: of.scalar });
            }
        }
        let mut select = open.select(outputs);
        select.order = order;
        Ok((select, places))
    }
}

/// The type with the column names of a derived table.
fn renamed(entity: &EntityType) -> EntityType {
    let mut entity = entity.clone();
    for (place, property) in entity.properties.iter_mut().enumerate() {
        property.made = None;
        property.form = property.form.made();
        property.column = format!("c{place}").into();
    }
    entity
}

/// A value as a parameter.
fn param(value: &Value, scalar: Scalar) -> ast::Expr {
    ast::Expr::Param(value.clone(), scalar)
}

/// Whether an expression is the constant that stands for "one more".
fn is_one(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(Value::Int(1), Scalar::Int32))
}
