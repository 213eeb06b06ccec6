//! Plans groupings: one select over the rows, or over the rows and the related entities to which aggregates lead.

use crate::model::{EntityType, SetId};
use crate::query::{Aggregated, Column, Expr, Method, Place, Step};
use crate::sql::ast;

use super::{Marked, Open, Planner, is_one};
use crate::plan::PlanError;
use crate::plan::filter::Conditions;

/// Which entities aggregates are of: those of rows, without steps, or those to which the steps lead; under a condition.
type Way<'q> = (&'q [Step], Option<&'q Expr>);

impl<'m> Planner<'m> {
    pub(super) fn group(
        &self,
        mut open: Open<'m>,
        by: &[Expr],
        values: &[Aggregated],
        (columns, marked): (&[Column], Option<&Marked<'m>>),
    ) -> Result<Open<'m>, PlanError> {
        let set = open.set;
        let keys = |rows: Conditions<'_>| by.iter().map(|key| column(rows, key)).collect::<Result<Vec<_>, _>>();
        let keys = self.over(&mut open, keys)?;
        let keys = keys.as_slice();
        if marked.is_some() || values.iter().any(|value| value.related) {
            return self.group_related(&open, keys, values, (columns, marked));
        }
        let mut outputs: Vec<ast::Output> = keys.iter().map(key_output).collect();
        for value in values {
            let operand = self.over(&mut open, |rows| operand(rows, value, value.only.as_ref()))?;
            outputs.push(output(value, operand));
        }
        let mut select = open.select(outputs);
        select.group = keys.to_vec();
        self.wrap(set, select, columns, false)
    }

    /// Under the rows come the entities to which each way leads; every row has the keys, and the operands of its way.
    /// Rows of a mark have nothing but keys.
    fn group_related(
        &self,
        open: &Open<'m>,
        keys: &[ast::Column],
        values: &[Aggregated],
        (columns, marked): (&[Column], Option<&Marked<'m>>),
    ) -> Result<Open<'m>, PlanError> {
        let mut ways: Vec<Way<'_>> = Vec::new();
        for way in values.iter().map(way) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        // Groups without any related entity are groups, too; without keys there is one group in any case.
        if !keys.is_empty() && !ways.contains(&NO_WAY) {
            ways.push(NO_WAY);
        }
        let mut parts = Vec::with_capacity(ways.len());
        for of in ways {
            parts.push(self.part(open.clone(), keys, values, of)?);
        }
        if let Some(Marked { open, by, .. }) = marked {
            let by = by.iter().take(keys.len());
            let of_keys = by.map(|id| open.column(*id).map(|key| (ast::Expr::Column(key.clone()), key.scalar)));
            let of_values = values.iter().map(|value| Ok((ast::Expr::Null(value.of_scalar), value.of_scalar)));
            let outputs: Result<Vec<_>, PlanError> = of_keys
                .chain(of_values)
                .map(|output| output.map(|(expr, scalar)| ast::Output { expr, scalar }))
                .collect();
            parts.push(open.clone().select(outputs?));
        }
        let alias = self.statement.alias();
        let named = |place: usize, scalar, folding| ast::Column::made(alias, format!("c{place}"), scalar, folding);
        let keys: Vec<ast::Column> = keys
            .iter()
            .enumerate()
            .map(|(place, key)| ast::Column { form: key.form.made(), ..named(place, key.scalar, key.folding) })
            .collect();
        let mut outputs: Vec<ast::Output> = keys.iter().map(key_output).collect();
        for (place, value) in values.iter().enumerate() {
            outputs.push(output(value, ast::Expr::Column(named(keys.len() + place, value.of_scalar, true))));
        }
        let mut all = Open { alias, from: ast::From::All(parts), ..open.clone() };
        (all.joins, all.conditions) = (Vec::new(), Vec::new());
        let mut select = all.select(outputs);
        select.group = keys;
        self.wrap(open.set, select, columns, false)
    }

    /// The rows of one way.
    fn part(
        &self,
        mut rows: Open<'m>,
        keys: &[ast::Column],
        values: &[Aggregated],
        of: Way<'_>,
    ) -> Result<ast::Select, PlanError> {
        let (steps, only) = of;
        if let Some(only) = only {
            let condition = self.over(&mut rows, |rows| rows.is_true(only))?;
            rows.conditions.push(condition);
        }
        let mut operands: Vec<ast::Expr> = Vec::with_capacity(values.len());
        for value in values {
            let is_of_way = way(value) == of;
            // A condition of the whole way stands in it; others are about the rows alone.
            let only = if value.related { None } else { value.only.as_ref() };
            operands.push(if is_of_way {
                self.over(&mut rows, |rows| operand(rows, value, only))?
            } else {
                ast::Expr::Null(value.of_scalar)
            });
        }
        let mut group = Vec::new();
        if !steps.is_empty() && !self.leads_once(&rows, steps)? {
            let target = steps.last().and_then(|step| self.model.type_of(step.set)).ok_or(PlanError::ForeignQuery)?;
            let place = Place { steps: steps.to_vec(), ..Place::up(0) };
            group.extend_from_slice(keys);
            for id in &target.key {
                let key = Expr::At(Box::new(place.clone()), *id);
                group.push(self.over(&mut rows, |rows| column(rows, &key))?);
            }
            // Operands hang on the key alone, so they make no finer groups.
            for operand in &operands {
                if let ast::Expr::Column(column) = operand
                    && !group.contains(column)
                {
                    group.push(column.clone());
                }
            }
        }
        let is_grouped = !group.is_empty();
        let plain = |expr: ast::Expr| match expr {
            ast::Expr::Column(column) if is_grouped => ast::Expr::Grouped(column),
            other => other,
        };
        let of_keys = keys.iter().map(|key| (ast::Expr::Column(key.clone()), key.scalar));
        let of_values = operands.into_iter().zip(values.iter().map(|value| value.of_scalar));
        let outputs =
            of_keys.chain(of_values).map(|(expr, scalar)| ast::Output { expr: plain(expr), scalar }).collect();
        let mut select = rows.select(outputs);
        select.group = group;
        Ok(select)
    }

    /// Whether no related entity is reached from two rows: each step leads from a whole key to those that hold it.
    fn leads_once(&self, rows: &Open<'m>, steps: &[Step]) -> Result<bool, PlanError> {
        let mut from: &EntityType = self.type_of(rows.set)?;
        for step in steps {
            let navigation = from.navigation(step.navigation).ok_or(PlanError::ForeignQuery)?;
            let holds = |id| navigation.joins.iter().any(|join| join.local == id);
            if !navigation.collection || !from.key.iter().all(|id| holds(*id)) {
                return Ok(false);
            }
            from = self.type_of(step.set)?;
        }
        Ok(rows.is_entity && rows.is_once)
    }

    fn type_of(&self, set: SetId) -> Result<&'m EntityType, PlanError> {
        self.model.type_of(set).ok_or(PlanError::ForeignQuery)
    }
}

const NO_WAY: Way<'static> = (&[], None);

fn way(value: &Aggregated) -> Way<'_> {
    match &value.of {
        Expr::At(place, _) if value.related => (&place.steps, value.only.as_ref()),
        _ => NO_WAY,
    }
}

fn column(rows: Conditions<'_>, of: &Expr) -> Result<ast::Column, PlanError> {
    match rows.operand(of)?.expr {
        ast::Expr::Column(column) => Ok(column),
        _ => Err(PlanError::ForeignQuery),
    }
}

fn key_output(key: &ast::Column) -> ast::Output {
    ast::Output { expr: ast::Expr::Grouped(key.clone()), scalar: key.scalar }
}

fn output(value: &Aggregated, operand: ast::Expr) -> ast::Output {
    let function = match value.method {
        Method::Sum => ast::Aggregate::Sum,
        Method::Min => ast::Aggregate::Least,
        Method::Max => ast::Aggregate::Greatest,
        Method::Average => ast::Aggregate::Average,
        Method::Count => ast::Aggregate::Count,
        Method::CountDistinct => ast::Aggregate::CountDistinct,
    };
    ast::Output { expr: ast::Expr::Aggregate(function, Box::new(operand), value.scalar), scalar: value.scalar }
}

/// What is aggregated: null where a row takes no part.
fn operand(rows: Conditions<'_>, value: &Aggregated, only: Option<&Expr>) -> Result<ast::Expr, PlanError> {
    let operand = if is_one(&value.of) { ast::Expr::One } else { rows.operand(&value.of)?.expr };
    let Some(only) = only else { return Ok(operand) };
    Ok(ast::Expr::Case(vec![(rows.is_true(only)?, operand)], value.of_scalar))
}
