//! The meaning of a request by the standard (OData 4.01 Part 2, 5.1.1, and Part 1, 11.2.6), over rows in memory.
//!
//! Comparisons are true or false and never null; connectives and functions carry null; a filter keeps a row only if
//! its value is true.

use std::cmp::Ordering;

use penstock::edm::Value;

use super::value::{Table, compare, order};

/// An expression. Literals are values; how they are spelled is the matter of `render`.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// A column, by its place.
    Property(usize),
    Literal(Value),
    Compare(Operator, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Value>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Call(Function, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Contains,
    StartsWith,
    EndsWith,
}

/// One item of `$orderby`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) column: usize,
    pub(crate) descending: bool,
}

/// The value of an expression for one row.
pub(crate) fn evaluate(expr: &Expr, row: &[Value]) -> Value {
    match expr {
        Expr::Property(column) => row[*column].clone(),
        Expr::Literal(value) => value.clone(),
        Expr::Compare(operator, left, right) => {
            Value::Boolean(holds(*operator, &evaluate(left, row), &evaluate(right, row)))
        }
        Expr::In(left, members) => {
            let left = evaluate(left, row);
            Value::Boolean(members.iter().any(|member| holds(Operator::Eq, &left, member)))
        }
        Expr::And(left, right) => match (truth(left, row), truth(right, row)) {
            (Some(false), _) | (_, Some(false)) => Value::Boolean(false),
            (Some(true), Some(true)) => Value::Boolean(true),
            _ => Value::Null,
        },
        Expr::Or(left, right) => match (truth(left, row), truth(right, row)) {
            (Some(true), _) | (_, Some(true)) => Value::Boolean(true),
            (Some(false), Some(false)) => Value::Boolean(false),
            _ => Value::Null,
        },
        Expr::Not(inner) => truth(inner, row).map_or(Value::Null, |value| Value::Boolean(!value)),
        Expr::Call(function, text, part) => match (evaluate(text, row), evaluate(part, row)) {
            (Value::String(text), Value::String(part)) => Value::Boolean(match function {
                Function::Contains => text.contains(&*part),
                Function::StartsWith => text.starts_with(&*part),
                Function::EndsWith => text.ends_with(&*part),
            }),
            (Value::Null, _) | (_, Value::Null) => Value::Null,
            other => panic!("the generator calls {function:?} with {other:?}"),
        },
    }
}

fn truth(expr: &Expr, row: &[Value]) -> Option<bool> {
    match evaluate(expr, row) {
        Value::Boolean(value) => Some(value),
        Value::Null => None,
        other => panic!("the generator takes {other:?} for a boolean"),
    }
}

/// A comparison, nulls included (URL Conventions, 5.1.1.1.1 to 5.1.1.1.6).
pub(crate) fn holds(operator: Operator, left: &Value, right: &Value) -> bool {
    if left.is_null() || right.is_null() {
        let both = left.is_null() && right.is_null();
        return match operator {
            // `ge` and `le` are true where `eq` is.
            Operator::Eq | Operator::Ge | Operator::Le => both,
            Operator::Ne => !both,
            Operator::Gt | Operator::Lt => false,
        };
    }
    let order = compare(left, right);
    match operator {
        Operator::Eq => order == Some(Ordering::Equal),
        Operator::Ne => order != Some(Ordering::Equal),
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// The rows that a filter keeps, in the wanted order, completed by the key in the direction of the last item. The
/// result is places of rows.
pub(crate) fn read(table: &Table, filter: Option<&Expr>, items: &[Item]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.rows.len())
        .filter(|row| filter.is_none_or(|filter| truth(filter, &table.rows[*row]) == Some(true)))
        .collect();
    let descending = items.last().is_some_and(|item| item.descending);
    let mut items = items.to_vec();
    items.extend(table.key.iter().map(|column| Item { column: *column, descending }));
    rows.sort_by(|left, right| {
        let mut orders = items.iter().map(|item| {
            let order = order(&table.rows[*left][item.column], &table.rows[*right][item.column]);
            if item.descending { order.reverse() } else { order }
        });
        orders.find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of null values: what OData says where plain SQL would say something else.
    #[test]
    fn nulls_follow_the_standard() {
        let null = || Box::new(Expr::Property(0));
        let five = || Box::new(Expr::Literal(Value::Int(5)));
        let compare = |operator, left, right| Expr::Compare(operator, left, right);
        let value = |expr: Expr| evaluate(&expr, &[Value::Null, Value::Int(5)]);
        let (yes, no) = (Value::Boolean(true), Value::Boolean(false));

        assert_eq!(value(compare(Operator::Eq, null(), five())), no);
        assert_eq!(value(compare(Operator::Eq, null(), null())), yes);
        assert_eq!(value(compare(Operator::Ne, null(), five())), yes);
        assert_eq!(value(compare(Operator::Ne, null(), null())), no);
        assert_eq!(value(compare(Operator::Gt, null(), five())), no);
        assert_eq!(value(compare(Operator::Lt, null(), null())), no);
        assert_eq!(value(compare(Operator::Ge, null(), null())), yes);
        assert_eq!(value(compare(Operator::Le, five(), null())), no);
        assert_eq!(value(Expr::Not(Box::new(compare(Operator::Gt, null(), five())))), yes);
        assert_eq!(value(Expr::In(null(), vec![Value::Int(5)])), no);
        assert_eq!(value(Expr::In(null(), vec![Value::Int(5), Value::Null])), yes);
        let contains = || {
            let part = Expr::Literal(Value::String("x".into()));
            Box::new(Expr::Call(Function::Contains, null(), Box::new(part)))
        };
        assert_eq!(value(*contains()), Value::Null);
        assert_eq!(value(Expr::Not(contains())), Value::Null);
        let literal = |value: &Value| Box::new(Expr::Literal(value.clone()));
        assert_eq!(value(Expr::And(contains(), literal(&no))), no);
        assert_eq!(value(Expr::And(contains(), literal(&yes))), Value::Null);
        assert_eq!(value(Expr::Or(contains(), literal(&yes))), yes);
        assert_eq!(value(Expr::Or(literal(&no), contains())), Value::Null);
        assert_eq!(value(compare(Operator::Eq, contains(), literal(&Value::Null))), yes);
        assert_eq!(value(compare(Operator::Ne, contains(), literal(&no))), yes);
    }
}
