//! Plans groupings: one select over the rows, or over the rows of several ways to related entities.

use crate::edm::Scalar;
use crate::query::{Aggregated, Column, Expr, Method, Place, Step};
use crate::sql::ast;

use super::super::PlanError;
use super::super::filter::Conditions;
use super::{Open, Planner, is_one};

impl<'m> Planner<'m> {
    pub(super) fn group(
        &self,
        mut open: Open<'m>,
        by: &[Expr],
        values: &[Aggregated],
        columns: &[Column],
    ) -> Result<Open<'m>, PlanError> {
        let set = open.set;
        let keys =
            self.over(&mut open, |rows| by.iter().map(|key| grouped_by(rows, key)).collect::<Result<Vec<_>, _>>())?;
        if values.iter().any(|value| value.many > 0) {
            return self.group_related(&open, &keys, values, columns);
        }
        let mut outputs: Vec<ast::Output> = keys.iter().map(key_output).collect();
        for value in values {
            let operand = self.over(&mut open, |rows| operand(rows, value))?;
            outputs.push(output(value, operand));
        }
        let mut select = open.select(outputs);
        select.group = keys;
        self.wrap(set, select, columns, false)
    }

    /// Under the rows of the entities come those of each to-many way; every row has the keys, and the operands of its
    /// way.
    fn group_related(
        &self,
        open: &Open<'m>,
        keys: &[ast::Column],
        values: &[Aggregated],
        columns: &[Column],
    ) -> Result<Open<'m>, PlanError> {
        let mut ways: Vec<&[Step]> = Vec::new();
        for value in values {
            let way = way(value);
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        // Groups without any related entity are groups, too; without keys there is one group in any case.
        if !keys.is_empty() && !ways.contains(&[].as_slice()) {
            ways.push(&[]);
        }
        let mut parts = Vec::with_capacity(ways.len());
        for of in ways {
            let mut rows = open.clone();
            let mut outputs: Vec<ast::Output> = keys
                .iter()
                .map(|key| ast::Output { expr: ast::Expr::Column(key.clone()), scalar: key.scalar })
                .collect();
            for value in values {
                let scalar = value.of_scalar;
                let expr = if way(value) == of {
                    self.over(&mut rows, |rows| operand(rows, value))?
                } else {
                    ast::Expr::Null(scalar)
                };
                outputs.push(ast::Output { expr, scalar });
            }
            parts.push(rows.select(outputs));
        }
        let alias = self.statement.alias();
        let named = |place: usize, scalar: Scalar, folding: bool| ast::Column {
            of: alias,
            name: format!("c{place}"),
            scalar,
            folding,
        };
        let keys: Vec<ast::Column> =
            keys.iter().enumerate().map(|(place, key)| named(place, key.scalar, key.folding)).collect();
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
}

/// The steps to the last to-many navigation property.
fn way(value: &Aggregated) -> &[Step] {
    place_of(&value.of).and_then(|place| place.steps.get(..value.many)).unwrap_or_default()
}

/// The place that an operand of related entities names; conditions of a group stand around it.
fn place_of(expr: &Expr) -> Option<&Place> {
    match expr {
        Expr::At(place, _) => Some(place),
        Expr::Case(cases, _) => cases.first().and_then(|(_, then)| place_of(then)),
        _ => None,
    }
}

fn grouped_by(rows: Conditions<'_>, key: &Expr) -> Result<ast::Column, PlanError> {
    match rows.operand(key)?.expr {
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

fn operand(rows: Conditions<'_>, value: &Aggregated) -> Result<ast::Expr, PlanError> {
    match &value.of {
        one if is_one(one) => Ok(ast::Expr::One),
        Expr::Case(cases, scalar) => match cases.as_slice() {
            [(when, then)] if is_one(then) => {
                let when = rows.is_true(when)?;
                Ok(ast::Expr::Case(vec![(when, ast::Expr::One)], *scalar))
            }
            _ => Ok(rows.operand(&value.of)?.expr),
        },
        of => Ok(rows.operand(of)?.expr),
    }
}
