//! Plans `topsum` and its sisters: sums that run along the rows, in a window.
//!
//! # Decisions
//!
//! - **The greatest sum before a row decides**, not the last one: where values of both signs are added up, a sum that
//!   has reached the amount can fall below it again, and the rows behind it are not wanted any more.

use crate::edm::{Scalar, Value};
use crate::model::{EntityType, Property, PropertyId};
use crate::query::{Expr, Order};
use crate::sql::ast;

use super::{Open, Planner, param};
use crate::plan::PlanError;
use crate::plan::filter::or;

/// Which rows are kept.
pub(super) struct Reach<'a> {
    pub(super) of: &'a Expr,
    pub(super) scalar: Scalar,
    pub(super) amount: &'a Value,
    pub(super) percent: bool,
    pub(super) order: &'a [Order],
    pub(super) by: &'a [PropertyId],
}

impl<'m> Planner<'m> {
    pub(super) fn reach(&self, mut open: Open<'m>, reach: &Reach<'_>) -> Result<Open<'m>, PlanError> {
        let columns = open.entity.properties.len();
        let operand = self.over(&mut open, |rows| rows.operand(reach.of))?.expr;
        let window = self.window(&mut open, reach, ast::Frame::UpTo)?;
        let whole = ast::Window { by: window.by.clone(), order: Vec::new(), frame: ast::Frame::All };
        let sum = |window: ast::Window| {
            let expr = ast::Expr::Over(ast::Aggregate::Sum, Box::new(operand.clone()), Box::new(window), reach.scalar);
            ast::Output { expr, scalar: reach.scalar }
        };
        let (until, all) = (sum(window), sum(whole));
        let mut open = self.beside(open, vec![until, all], reach.scalar)?;

        let (until, all) = (place(columns)?, place(columns + 1)?);
        let window = self.window(&mut open, reach, ast::Frame::Before)?;
        let sum = Box::new(ast::Expr::Column(open.column(until)?));
        let most = ast::Expr::Over(ast::Aggregate::Greatest, sum, Box::new(window), reach.scalar);
        let mut open = self.beside(open, vec![ast::Output { expr: most, scalar: reach.scalar }], reach.scalar)?;

        let before = ast::Expr::Column(open.column(place(columns + 2)?)?);
        let times = |left: ast::Expr, right: ast::Expr| {
            ast::Expr::Arithmetic(ast::Arithmetic::Multiply, Box::new(left), Box::new(right), reach.scalar)
        };
        let amount = param(reach.amount, reach.scalar);
        let (left, right) = if reach.percent {
            let hundred =
                if reach.scalar == Scalar::Double { Value::Double(100.0) } else { Value::Decimal(100.into()) };
            let all = ast::Expr::Column(open.column(all)?);
            (times(before.clone(), param(&hundred, reach.scalar)), times(all, amount))
        } else {
            (before.clone(), amount)
        };
        let below = ast::Expr::Compare(ast::Comparison::Less, Box::new(left), Box::new(right));
        open.conditions.push(or(vec![ast::Expr::IsNull(Box::new(before)), below]));

        // The columns of the windows are not for the steps behind.
        let mut outputs = open.all()?;
        outputs.truncate(columns);
        let mut entity = super::renamed(&open.entity);
        entity.properties.truncate(columns);
        let (set, is_entity) = (open.set, open.is_entity);
        let select = open.select(outputs);
        Ok(self.derived(set, ast::From::Rows(Box::new(select)), std::borrow::Cow::Owned(entity), is_entity))
    }

    fn window(&self, open: &mut Open<'m>, reach: &Reach<'_>, frame: ast::Frame) -> Result<ast::Window, PlanError> {
        let order = self.order(open, reach.order)?;
        let by: Result<Vec<_>, _> = reach.by.iter().map(|id| open.column(*id)).collect();
        Ok(ast::Window { by: by?, order, frame })
    }

    /// The rows with hidden columns behind those they have.
    fn beside(&self, open: Open<'m>, more: Vec<ast::Output>, scalar: Scalar) -> Result<Open<'m>, PlanError> {
        let mut outputs = open.all()?;
        let mut entity: EntityType = super::renamed(&open.entity);
        for output in more {
            entity.properties.push(Property::new("", format!("c{}", outputs.len()), scalar));
            outputs.push(output);
        }
        let (set, is_entity) = (open.set, open.is_entity);
        let select = open.select(outputs);
        Ok(self.derived(set, ast::From::Rows(Box::new(select)), std::borrow::Cow::Owned(entity), is_entity))
    }
}

fn place(index: usize) -> Result<PropertyId, PlanError> {
    u16::try_from(index).map(PropertyId).map_err(|_| PlanError::ForeignQuery)
}
