//! Turns a bound expression into an SQL condition. Owns what null means in SQL.
//!
//! # Decisions
//!
//! Two functions mirror each other: [`Conditions::is_true`] gives SQL that is TRUE exactly when OData's value of the
//! expression is true, [`Conditions::is_false`] exactly when it is false; where it is null, neither is TRUE. A `WHERE`
//! keeps only TRUE, so SQL's unknown may stand for "not" in both, and `not e` only exchanges the two. So no operand is
//! wrapped into COALESCE, plain operators stay plain, and indexes serve. (Translating each operator to a two-valued SQL
//! form was rejected: it needs `IS NOT DISTINCT FROM` or CASE nearly everywhere, which no index serves.)

use crate::edm::{Scalar, Value};
use crate::query::{Comparison, Expr, Function, Related};
use crate::sql::ast;

use super::PlanError;
use super::fold::fold;
use super::rows::Rows;
use super::{value, words};

/// Plans conditions over rows of one type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions<'a> {
    /// The rows whose properties the expressions name.
    pub(super) rows: &'a Rows<'a>,
}

/// A value in SQL with what is known of it.
pub(super) struct Operand {
    pub(super) expr: ast::Expr,
    pub(super) nullable: bool,
}

impl Conditions<'_> {
    /// SQL that is TRUE exactly when `expr` is true.
    pub(super) fn is_true(self, expr: &Expr) -> Result<ast::Expr, PlanError> {
        self.condition(expr, true)
    }

    /// SQL that is TRUE exactly when `expr` is false.
    pub(super) fn is_false(self, expr: &Expr) -> Result<ast::Expr, PlanError> {
        self.condition(expr, false)
    }

    fn condition(self, expr: &Expr, wanted: bool) -> Result<ast::Expr, PlanError> {
        match expr {
            Expr::Property(_) | Expr::At(..) | Expr::Item(..) | Expr::Case(..) | Expr::Cast(..) | Expr::Routine(..) => {
                let value = self.operand(expr)?.expr;
                Ok(if wanted { value } else { ast::Expr::Not(Box::new(value)) })
            }
            Expr::Exists(place) => {
                let exists = self.rows.exists(place)?;
                Ok(if wanted { exists } else { negate(exists) })
            }
            Expr::Any(related) => {
                let exists = self.some(related, None)?;
                Ok(if wanted { exists } else { negate(exists) })
            }
            Expr::All(related, condition) => {
                let counterexample = self.some(related, Some(condition))?;
                Ok(if wanted { negate(counterexample) } else { counterexample })
            }
            // Values of other types are no conditions; the binder sees to it that none stands here.
            Expr::Now | Expr::Ordinal(_) | Expr::Arithmetic(..) | Expr::Negate(..) | Expr::Count(_) => {
                Err(PlanError::ForeignQuery)
            }
            Expr::Literal(value, _) => Ok(ast::Expr::Truth(*value == Value::Boolean(wanted))),
            Expr::Not(inner) => self.condition(inner, !wanted),
            // An `and` is false as soon as one operand is: the dual of `or`.
            Expr::And(all) => self.connect(all, wanted, wanted),
            Expr::Or(any) => self.connect(any, wanted, !wanted),
            Expr::Call(function, arguments, scalar) => {
                let condition = self.call(*function, arguments, *scalar)?;
                Ok(if wanted { condition } else { negate(condition) })
            }
            Expr::In(operand, members, scalar) => self.membership(operand, members, *scalar, wanted),
            Expr::Compare(comparison, left, right) => self.compare(*comparison, left, right, wanted),
        }
    }

    fn connect(self, operands: &[Expr], wanted: bool, all: bool) -> Result<ast::Expr, PlanError> {
        if wanted && !all {
            return Ok(or(self.one_of(operands)?));
        }
        let parts: Result<Vec<_>, _> = operands.iter().map(|operand| self.condition(operand, wanted)).collect();
        Ok(if all { and(parts?) } else { or(parts?) })
    }

    fn compare(self, comparison: Comparison, left: &Expr, right: &Expr, wanted: bool) -> Result<ast::Expr, PlanError> {
        if let Some(result) = fold(comparison, left, right) {
            return Ok(ast::Expr::Truth(result == wanted));
        }
        match (left, right) {
            (Expr::Literal(Value::Null, _), other) | (other, Expr::Literal(Value::Null, _)) => {
                return self.compare_null(comparison, other, wanted);
            }
            (condition, Expr::Literal(Value::Boolean(value), _))
            | (Expr::Literal(Value::Boolean(value), _), condition)
                if is_condition(condition) && matches!(comparison, Comparison::Eq | Comparison::Ne) =>
            {
                // `e eq true` is never null: false when e is null.
                let same = self.condition(condition, *value)?;
                let positive = (comparison == Comparison::Eq) == wanted;
                return Ok(if positive { same } else { ast::Expr::IsNotTrue(Box::new(same)) });
            }
            _ => {}
        }
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        if let Some(by_code) = words::compare(comparison, &left, &right, wanted) {
            return Ok(by_code);
        }
        Ok(match (comparison, wanted) {
            (Comparison::Eq, true) | (Comparison::Ne, false) => same(left, right),
            (Comparison::Ne, true) | (Comparison::Eq, false) => different(left, right),
            (Comparison::Gt, true) => order(ast::Comparison::Greater, left, right),
            (Comparison::Lt, true) => order(ast::Comparison::Less, left, right),
            (Comparison::Ge, true) => order_or_both_null(ast::Comparison::GreaterOrEqual, left, right),
            (Comparison::Le, true) => order_or_both_null(ast::Comparison::LessOrEqual, left, right),
            (Comparison::Gt, false) => order_or_a_null(ast::Comparison::LessOrEqual, left, right),
            (Comparison::Lt, false) => order_or_a_null(ast::Comparison::GreaterOrEqual, left, right),
            (Comparison::Ge, false) => order_or_one_null(ast::Comparison::Less, left, right),
            (Comparison::Le, false) => order_or_one_null(ast::Comparison::Greater, left, right),
        })
    }

    /// Compares with the null literal: `eq`, `ge` and `le` ask whether the other side is null, `ne` whether it is not,
    /// `gt` and `lt` are false.
    fn compare_null(self, comparison: Comparison, other: &Expr, wanted: bool) -> Result<ast::Expr, PlanError> {
        let asks_null = match comparison {
            Comparison::Eq | Comparison::Ge | Comparison::Le => wanted,
            Comparison::Ne => !wanted,
            Comparison::Gt | Comparison::Lt => return Ok(ast::Expr::Truth(!wanted)),
        };
        let other = self.operand(other)?;
        if let Some(by_code) = words::is_null(&other, asks_null) {
            return Ok(by_code);
        }
        Ok(match (other.nullable, asks_null) {
            (false, asks_null) => ast::Expr::Truth(!asks_null),
            (true, true) => ast::Expr::IsNull(Box::new(other.expr)),
            (true, false) => ast::Expr::IsNotNull(Box::new(other.expr)),
        })
    }

    fn membership(
        self,
        operand: &Expr,
        members: &[Value],
        scalar: Scalar,
        wanted: bool,
    ) -> Result<ast::Expr, PlanError> {
        let has_null = members.iter().any(Value::is_null);
        if let Expr::Literal(value, _) = operand {
            return Ok(ast::Expr::Truth(members.contains(value) == wanted));
        }
        let values: Vec<Value> = members.iter().filter(|member| !member.is_null()).cloned().collect();
        let operand = self.operand(operand)?;
        if let Some(by_code) = words::member(&operand, &values, has_null, wanted) {
            return Ok(by_code);
        }
        let Operand { expr, nullable } = operand;
        let is_null = ast::Expr::IsNull(Box::new(expr.clone()));
        let listed = match (values.is_empty(), wanted) {
            (true, _) => ast::Expr::Truth(!wanted),
            (false, true) => ast::Expr::In(Box::new(expr.clone()), values, scalar),
            (false, false) => ast::Expr::NotIn(Box::new(expr.clone()), values, scalar),
        };
        Ok(match (nullable, has_null == wanted) {
            (true, true) => or(vec![listed, is_null]),
            // `NOT IN` is unknown for null, so only the constant needs the test.
            (true, false) if listed == ast::Expr::Truth(true) => ast::Expr::IsNotNull(Box::new(expr)),
            _ => listed,
        })
    }

    /// A related row for which the condition is not true, or any.
    fn some(self, related: &Related, except: Option<&Expr>) -> Result<ast::Expr, PlanError> {
        let one = |_: &Rows<'_>| Ok(vec![ast::Output { expr: ast::Expr::One, scalar: Scalar::Int32 }]);
        let select = self.rows.related(related, one, |inside| {
            let Some(except) = except else { return Ok(None) };
            let holds = Conditions { rows: inside }.is_true(except)?;
            Ok(Some(match holds {
                ast::Expr::Truth(truth) => ast::Expr::Truth(!truth),
                holds => ast::Expr::IsNotTrue(Box::new(holds)),
            }))
        })?;
        Ok(ast::Expr::Exists(Box::new(select)))
    }

    fn call(self, function: Function, arguments: &[Expr], scalar: Scalar) -> Result<ast::Expr, PlanError> {
        let is_null = |argument: &Expr| matches!(argument, Expr::Literal(Value::Null, _));
        if scalar == Scalar::Boolean && arguments.iter().any(is_null) {
            // The function is null: neither true nor false. A comparison with null says that in SQL.
            return Ok(ast::Expr::Compare(
                ast::Comparison::Equal,
                Box::new(ast::Expr::One),
                Box::new(ast::Expr::Param(Value::Null, Scalar::Int32)),
            ));
        }
        value::call(self, function, arguments, scalar).map(|operand| operand.expr)
    }

    /// The expression as a value.
    pub(super) fn operand(self, expr: &Expr) -> Result<Operand, PlanError> {
        match expr {
            Expr::Property(id) => {
                let (column, nullable) = self.rows.property(*id)?;
                Ok(Operand { expr: ast::Expr::Column(column), nullable })
            }
            Expr::Literal(value, scalar) => {
                Ok(Operand { expr: ast::Expr::Param(value.clone(), *scalar), nullable: value.is_null() })
            }
            other => value::operand(self, other),
        }
    }
}

/// Whether the expression is a condition rather than a value of a column or a literal.
fn is_condition(expr: &Expr) -> bool {
    !matches!(expr, Expr::Property(_) | Expr::At(..) | Expr::Literal(..))
}

/// `NOT`, without a double one.
fn negate(condition: ast::Expr) -> ast::Expr {
    match condition {
        ast::Expr::Not(inner) => *inner,
        ast::Expr::Truth(truth) => ast::Expr::Truth(!truth),
        other => ast::Expr::Not(Box::new(other)),
    }
}

fn same(left: Operand, right: Operand) -> ast::Expr {
    if left.nullable && right.nullable {
        ast::Expr::NullSafeSame(Box::new(left.expr), Box::new(right.expr))
    } else {
        ast::Expr::Same(Box::new(left.expr), Box::new(right.expr))
    }
}

fn different(left: Operand, right: Operand) -> ast::Expr {
    if left.nullable && right.nullable {
        return ast::Expr::NullSafeDifferent(Box::new(left.expr), Box::new(right.expr));
    }
    let nulls = null_tests(&left, &right);
    let mut parts = vec![ast::Expr::Different(Box::new(left.expr), Box::new(right.expr))];
    parts.extend(nulls);
    or(parts)
}

fn order(comparison: ast::Comparison, left: Operand, right: Operand) -> ast::Expr {
    ast::Expr::Compare(comparison, Box::new(left.expr), Box::new(right.expr))
}

fn order_or_both_null(comparison: ast::Comparison, left: Operand, right: Operand) -> ast::Expr {
    if !(left.nullable && right.nullable) {
        return order(comparison, left, right);
    }
    let both = and(null_tests(&left, &right));
    or(vec![order(comparison, left, right), both])
}

fn order_or_a_null(comparison: ast::Comparison, left: Operand, right: Operand) -> ast::Expr {
    let nulls = null_tests(&left, &right);
    let mut parts = vec![order(comparison, left, right)];
    parts.extend(nulls);
    or(parts)
}

fn order_or_one_null(comparison: ast::Comparison, left: Operand, right: Operand) -> ast::Expr {
    if !(left.nullable && right.nullable) {
        return order_or_a_null(comparison, left, right);
    }
    let (is_null, is_not_null) = (
        |operand: &Operand| ast::Expr::IsNull(Box::new(operand.expr.clone())),
        |operand: &Operand| ast::Expr::IsNotNull(Box::new(operand.expr.clone())),
    );
    let first = and(vec![is_null(&left), is_not_null(&right)]);
    let second = and(vec![is_not_null(&left), is_null(&right)]);
    or(vec![order(comparison, left, right), first, second])
}

fn null_tests(left: &Operand, right: &Operand) -> Vec<ast::Expr> {
    [left, right]
        .into_iter()
        .filter(|operand| operand.nullable)
        .map(|operand| ast::Expr::IsNull(Box::new(operand.expr.clone())))
        .collect()
}

/// Joins with `AND`, flat and without constants where they decide nothing.
pub(super) fn and(parts: Vec<ast::Expr>) -> ast::Expr {
    join(parts, true)
}

/// Joins with `OR`, flat and without constants where they decide nothing.
pub(super) fn or(parts: Vec<ast::Expr>) -> ast::Expr {
    join(parts, false)
}

fn join(parts: Vec<ast::Expr>, conjunction: bool) -> ast::Expr {
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            ast::Expr::Truth(truth) if truth == conjunction => {}
            ast::Expr::Truth(truth) => return ast::Expr::Truth(truth),
            ast::Expr::And(inner) if conjunction => kept.extend(inner),
            ast::Expr::Or(inner) if !conjunction => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => ast::Expr::Truth(conjunction),
        1 => kept.pop().unwrap_or(ast::Expr::Truth(conjunction)),
        _ if conjunction => ast::Expr::And(kept),
        _ => ast::Expr::Or(kept),
    }
}
