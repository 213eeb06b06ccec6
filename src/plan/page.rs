//! Turns a cursor into the condition "after this row" in the sort order of the page.

use crate::edm::{Scalar, Value};
use crate::query::{Cursor, Order};
use crate::sql::ast;

use super::PlanError;
use super::filter::{Conditions, Operand, and, or};
use super::rows::Rows;

/// The condition that holds exactly for the rows after the cursor. Nulls are lowest. Texts compare in the column's own
/// collation, the one that sorts; what is not a column of the table by code point, as it sorts.
///
/// For items a, b the form is `a >= x AND (a > x OR (a = x AND b > y))`: the leading bound says nothing new, but it is
/// what an index can start from on every database; row values `(a, b) > (x, y)` cannot say mixed directions or nulls.
pub(super) fn after(cursor: &Cursor, order: &[Order], rows: &Rows<'_>) -> Result<ast::Expr, PlanError> {
    if cursor.values.len() != order.len() {
        return Err(PlanError::ForeignQuery);
    }
    let mut alternatives = Vec::with_capacity(order.len());
    let mut equal_so_far: Vec<ast::Expr> = Vec::new();
    let mut bound = None;
    for (item, value) in order.iter().zip(&cursor.values) {
        let Operand { expr, nullable } = Conditions { rows }.operand(&item.expr)?;
        let step = Step { expr, scalar: item.scalar, value, descending: item.descending, nullable };
        let mut alternative = equal_so_far.clone();
        alternative.push(step.beyond());
        alternatives.push(and(alternative));
        if alternatives.len() == 1 && order.len() > 1 {
            bound = step.not_before();
        }
        equal_so_far.push(step.equal());
    }
    let alternatives = or(alternatives);
    Ok(match bound {
        Some(bound) => and(vec![bound, alternatives]),
        None => alternatives,
    })
}

/// One item of the order with the cursor's value.
struct Step<'a> {
    expr: ast::Expr,
    scalar: Scalar,
    value: &'a Value,
    descending: bool,
    nullable: bool,
}

impl Step<'_> {
    fn compare(&self, comparison: ast::Comparison) -> ast::Expr {
        let param = ast::Expr::Param(self.value.clone(), self.scalar);
        ast::Expr::Compare(comparison, Box::new(self.expr.clone()), Box::new(param))
    }

    fn null_test(&self, is_null: bool) -> ast::Expr {
        let value = Box::new(self.expr.clone());
        if is_null { ast::Expr::IsNull(value) } else { ast::Expr::IsNotNull(value) }
    }

    /// The column sorts as the value does.
    fn equal(&self) -> ast::Expr {
        if self.value.is_null() { self.null_test(true) } else { self.compare(ast::Comparison::Equal) }
    }

    /// The column sorts after the value.
    fn beyond(&self) -> ast::Expr {
        match (self.value.is_null(), self.descending) {
            (true, false) => self.null_test(false),
            (true, true) => ast::Expr::Truth(false),
            (false, false) => self.compare(ast::Comparison::Greater),
            (false, true) => self.or_null(self.compare(ast::Comparison::Less)),
        }
    }

    /// The column does not sort before the value; `None` if that says nothing or is no plain range.
    fn not_before(&self) -> Option<ast::Expr> {
        match (self.value.is_null(), self.descending) {
            (true, false) => None,
            (true, true) => Some(self.null_test(true)),
            (false, false) => Some(self.compare(ast::Comparison::GreaterOrEqual)),
            (false, true) if self.nullable => None,
            (false, true) => Some(self.compare(ast::Comparison::LessOrEqual)),
        }
    }

    fn or_null(&self, condition: ast::Expr) -> ast::Expr {
        if self.nullable { or(vec![condition, self.null_test(true)]) } else { condition }
    }
}
