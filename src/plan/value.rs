//! Plans expressions that are values: functions, calculations, conditions where a value stands. Owns which of them can
//! be null.

use crate::edm::{Scalar, Value};
use crate::query::{Arithmetic, Expr, Function};
use crate::sql::ast;

use super::PlanError;
use super::filter::{Conditions, Operand};
use super::rows::Rows;

/// The expression as a value; properties and literals are [`Conditions::operand`]'s own.
pub(super) fn operand(conditions: Conditions<'_>, expr: &Expr) -> Result<Operand, PlanError> {
    let plain = |expr: &Expr| conditions.operand(expr).map(|operand| operand.expr);
    Ok(match expr {
        Expr::At(place, id) => {
            let (expr, nullable) = conditions.rows.at(place, *id)?;
            Operand { expr, nullable }
        }
        Expr::Item(up, _) => {
            let (expr, nullable) = conditions.rows.item(*up)?;
            Operand { expr, nullable }
        }
        Expr::Ordinal(up) => Operand { expr: conditions.rows.ordinal(*up)?, nullable: false },
        Expr::Now => {
            let now = Value::DateTimeOffset(conditions.rows.statement.now);
            Operand { expr: ast::Expr::Param(now, Scalar::DATE_TIME_OFFSET), nullable: false }
        }
        Expr::Call(function, arguments, scalar) if *scalar != Scalar::Boolean => {
            call(conditions, *function, arguments, *scalar)?
        }
        Expr::Arithmetic(operator, left, right, scalar) => {
            let (left, right) = (conditions.operand(left)?, conditions.operand(right)?);
            // A divisor of zero gives null, too, and so does a time beyond the years that every database has.
            let divides = matches!(operator, Arithmetic::Div | Arithmetic::Mod);
            let moves = matches!(scalar, Scalar::Date | Scalar::DateTimeOffset { .. });
            let nullable = left.nullable || right.nullable || divides || moves;
            let (left, right) = (Box::new(left.expr), Box::new(right.expr));
            Operand { expr: ast::Expr::Arithmetic(arithmetic(*operator), left, right, *scalar), nullable }
        }
        Expr::Negate(inner, scalar) => {
            let Operand { expr, nullable } = conditions.operand(inner)?;
            Operand { expr: ast::Expr::Negate(Box::new(expr), *scalar), nullable }
        }
        Expr::Cast(inner, scalar) => {
            Operand { expr: ast::Expr::Cast(Box::new(plain(inner)?), *scalar), nullable: true }
        }
        Expr::Routine(routine, scalar) => {
            Operand { expr: super::call::routine(conditions, routine, *scalar)?, nullable: true }
        }
        Expr::Case(cases, scalar) => {
            let case = |(when, then): &(Expr, Expr)| Ok((conditions.is_true(when)?, plain(then)?));
            let cases: Result<Vec<_>, PlanError> = cases.iter().map(case).collect();
            Operand { expr: ast::Expr::Case(cases?, *scalar), nullable: true }
        }
        Expr::Count(related) => {
            let all = |_: &Rows<'_>| Ok(vec![ast::Output { expr: ast::Expr::CountAll, scalar: Scalar::Int64 }]);
            let select = conditions.rows.related(related, all, |_| Ok(None))?;
            Operand { expr: ast::Expr::Single(Box::new(select)), nullable: false }
        }
        condition => {
            let (yes, no) = (conditions.is_true(condition)?, conditions.is_false(condition)?);
            Operand { expr: ast::Expr::Boolean(Box::new(yes), Box::new(no)), nullable: true }
        }
    })
}

/// A function of values.
pub(super) fn call(
    conditions: Conditions<'_>,
    function: Function,
    arguments: &[Expr],
    scalar: Scalar,
) -> Result<Operand, PlanError> {
    let mut nullable = false;
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let operand = conditions.operand(argument)?;
        nullable |= operand.nullable;
        values.push(operand.expr);
    }
    let place = match function {
        Function::Contains => ast::Place::Anywhere,
        Function::StartsWith => ast::Place::Start,
        Function::EndsWith => ast::Place::End,
        Function::TotalOffsetMinutes => {
            // Instants are kept in UTC, so the value says only whether there is one.
            let is_there = values.into_iter().map(|value| ast::Expr::IsNotNull(Box::new(value))).collect();
            let zero = ast::Expr::Param(Value::Int(0), Scalar::Int32);
            return Ok(Operand { expr: ast::Expr::Case(vec![(super::filter::and(is_there), zero)], scalar), nullable });
        }
        other => return Ok(Operand { expr: ast::Expr::Call(named(other)?, values, scalar), nullable }),
    };
    let mut values = values.into_iter();
    let (Some(text), Some(part)) = (values.next(), values.next()) else { return Err(PlanError::ForeignQuery) };
    Ok(Operand { expr: ast::Expr::Match(place, Box::new(text), Box::new(part)), nullable })
}

fn arithmetic(operator: Arithmetic) -> ast::Arithmetic {
    match operator {
        Arithmetic::Add => ast::Arithmetic::Add,
        Arithmetic::Sub => ast::Arithmetic::Subtract,
        Arithmetic::Mul => ast::Arithmetic::Multiply,
        Arithmetic::Div => ast::Arithmetic::Divide,
        Arithmetic::Mod => ast::Arithmetic::Remainder,
    }
}

fn named(function: Function) -> Result<ast::Function, PlanError> {
    Ok(match function {
        Function::MatchesPattern => ast::Function::MatchesPattern,
        Function::Concat => ast::Function::Concat,
        Function::IndexOf => ast::Function::IndexOf,
        Function::Length => ast::Function::Length,
        Function::Substring => ast::Function::Substring,
        Function::ToLower => ast::Function::ToLower,
        Function::ToUpper => ast::Function::ToUpper,
        Function::Trim => ast::Function::Trim,
        Function::Year => ast::Function::Year,
        Function::Month => ast::Function::Month,
        Function::Day => ast::Function::Day,
        Function::Hour => ast::Function::Hour,
        Function::Minute => ast::Function::Minute,
        Function::Second => ast::Function::Second,
        Function::FractionalSeconds => ast::Function::FractionalSeconds,
        Function::Date => ast::Function::Date,
        Function::Time => ast::Function::Time,
        Function::TotalSeconds => ast::Function::TotalSeconds,
        Function::Round => ast::Function::Round,
        Function::Floor => ast::Function::Floor,
        Function::Ceiling => ast::Function::Ceiling,
        Function::HasFlags => ast::Function::HasBits,
        Function::GeographyDistance => ast::Function::GeographyDistance,
        Function::GeometryDistance => ast::Function::GeometryDistance,
        Function::Contains | Function::StartsWith | Function::EndsWith | Function::TotalOffsetMinutes => {
            return Err(PlanError::ForeignQuery);
        }
    })
}
