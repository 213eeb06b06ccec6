//! The normal form keeps the meaning: random filters are evaluated before and after binding, by the three-valued rules
//! of OData 4.01 Part 2, 5.1.1, over rows full of nulls.

use bigdecimal::ToPrimitive;
use proptest::prelude::*;

use super::support::*;
use crate::edm::Value;
use crate::query::{self, Comparison, Function};
use crate::syntax::{BinaryOperator, Expr, ExprKind, Literal};

#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Known {
    Null,
    Truth(bool),
    Number(f64),
    Text(String),
}

use Known::{Null, Number, Text, Truth};

/// The values of Status, Total, Closed, Checked and Parts; everything else is not used.
#[derive(Clone, Debug)]
struct Row {
    status: Option<&'static str>,
    total: Option<i32>,
    closed: bool,
    checked: Option<bool>,
    parts: Option<i32>,
}

impl Row {
    fn get(&self, name: &str) -> Known {
        match name {
            "Status" => self.status.map_or(Null, |text| Text(text.to_owned())),
            "Total" => self.total.map_or(Null, |number| Number(number.into())),
            "Closed" => Truth(self.closed),
            "Checked" => self.checked.map_or(Null, Truth),
            "Parts" => self.parts.map_or(Null, |number| Number(number.into())),
            other => panic!("{other}"),
        }
    }
}

fn compare(operator: BinaryOperator, left: &Known, right: &Known) -> Known {
    let both_null = *left == Null && *right == Null;
    let one_null = (*left == Null) != (*right == Null);
    Truth(match operator {
        BinaryOperator::Eq => left == right,
        BinaryOperator::Ne => left != right,
        BinaryOperator::Ge | BinaryOperator::Le if both_null => true,
        _ if one_null || both_null => false,
        BinaryOperator::Gt => left > right,
        BinaryOperator::Ge => left >= right,
        BinaryOperator::Lt => left < right,
        BinaryOperator::Le => left <= right,
        other => panic!("{other:?}"),
    })
}

fn all(values: &[Known], neutral: bool) -> Known {
    if values.contains(&Truth(!neutral)) {
        Truth(!neutral)
    } else if values.contains(&Null) {
        Null
    } else {
        Truth(neutral)
    }
}

fn opposite(value: &Known) -> Known {
    if let Truth(value) = value { Truth(!*value) } else { Null }
}

fn holds(text: &Known, part: &Known) -> Known {
    match (text, part) {
        (Text(text), Text(part)) => Truth(text.contains(part)),
        _ => Null,
    }
}

fn written(expr: &Expr, row: &Row) -> Known {
    let many = |operands: &[Expr]| operands.iter().map(|operand| written(operand, row)).collect::<Vec<_>>();
    match &expr.kind {
        ExprKind::Literal(Literal::Null) => Null,
        ExprKind::Literal(Literal::Boolean(value)) => Truth(*value),
        ExprKind::Literal(Literal::Number(text)) => Number(text.parse().unwrap()),
        ExprKind::Literal(Literal::String(text)) => Text(text.clone()),
        ExprKind::Path(_) => row.get(expr.name().unwrap()),
        ExprKind::Not(operand) => opposite(&written(operand, row)),
        ExprKind::And(operands) => all(&many(operands), true),
        ExprKind::Or(operands) => all(&many(operands), false),
        ExprKind::Binary(operator, left, right) => compare(*operator, &written(left, row), &written(right, row)),
        ExprKind::In(operand, list) => {
            let ExprKind::List(members) = &list.kind else { panic!("{list:?}") };
            Truth(many(members).contains(&written(operand, row)))
        }
        ExprKind::Call(_, arguments) => holds(&written(&arguments[0], row), &written(&arguments[1], row)),
        other => panic!("{other:?}"),
    }
}

fn value(value: &Value) -> Known {
    match value {
        Value::Null => Null,
        Value::Boolean(value) => Truth(*value),
        Value::Int(value) => Number(i32::try_from(*value).unwrap().into()),
        Value::Decimal(value) => Number(value.to_f64().unwrap()),
        Value::String(value) => Text(value.to_string()),
        other => panic!("{other:?}"),
    }
}

fn understood(expr: &query::Expr, row: &Row) -> Known {
    let many = |operands: &[query::Expr]| operands.iter().map(|operand| understood(operand, row)).collect::<Vec<_>>();
    match expr {
        query::Expr::Property(id) => row.get(&model().type_of(ORDERS).unwrap().property(*id).unwrap().name),
        query::Expr::Literal(literal, _) => value(literal),
        query::Expr::Compare(comparison, left, right) => {
            let operator = match comparison {
                Comparison::Eq => BinaryOperator::Eq,
                Comparison::Ne => BinaryOperator::Ne,
                Comparison::Gt => BinaryOperator::Gt,
                Comparison::Ge => BinaryOperator::Ge,
                Comparison::Lt => BinaryOperator::Lt,
                Comparison::Le => BinaryOperator::Le,
            };
            compare(operator, &understood(left, row), &understood(right, row))
        }
        query::Expr::In(operand, members, _) => {
            let operand = understood(operand, row);
            Truth(members.iter().any(|member| value(member) == operand))
        }
        query::Expr::And(operands) => all(&many(operands), true),
        query::Expr::Or(operands) => all(&many(operands), false),
        query::Expr::Not(operand) => opposite(&understood(operand, row)),
        query::Expr::Call(Function::Contains, arguments, _) => {
            holds(&understood(&arguments[0], row), &understood(&arguments[1], row))
        }
        other => panic!("{other:?}"),
    }
}

/// Every connective has two operands or more, and nothing constant is left inside.
fn well_formed(expr: &query::Expr, top: bool) -> bool {
    match expr {
        query::Expr::Literal(Value::Boolean(_) | Value::Null, _) => top,
        query::Expr::And(operands) | query::Expr::Or(operands) => {
            operands.len() > 1 && operands.iter().all(|operand| well_formed(operand, false))
        }
        query::Expr::Not(operand) => well_formed(operand, false),
        query::Expr::In(_, members, _) => members.len() > 1,
        query::Expr::Compare(comparison, left, right) => {
            let null = matches!(**right, query::Expr::Literal(Value::Null, _));
            !matches!(**left, query::Expr::Literal(..))
                && (!null || matches!(comparison, Comparison::Eq | Comparison::Ne))
        }
        _ => true,
    }
}

fn rows() -> impl Strategy<Value = Row> {
    let status = prop::option::of(prop_oneof![Just("a"), Just("ab"), Just("")]);
    let number = || prop::option::of(-1..3_i32);
    (status, number(), any::<bool>(), any::<Option<bool>>(), number())
        .prop_map(|(status, total, closed, checked, parts)| Row { status, total, closed, checked, parts })
}

fn operators() -> impl Strategy<Value = BinaryOperator> {
    prop::sample::select(vec![
        BinaryOperator::Eq,
        BinaryOperator::Ne,
        BinaryOperator::Gt,
        BinaryOperator::Ge,
        BinaryOperator::Lt,
        BinaryOperator::Le,
    ])
}

fn numbers() -> impl Strategy<Value = Expr> {
    let literals = prop::sample::select(vec!["-1", "0", "1", "1.0", "1.5", "-0.5", "2", "1e20", "-1e20"]);
    prop_oneof![
        2 => literals.prop_map(number),
        1 => Just(null()),
        2 => Just(path("Total")),
        2 => Just(path("Parts")),
    ]
}

fn members() -> impl Strategy<Value = Vec<Expr>> {
    let literals = prop::sample::select(vec!["-1", "0", "1", "1.5", "2"]).prop_map(number);
    prop::collection::vec(prop_oneof![4 => literals, 1 => Just(null())], 1..4)
}

fn filters() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        Just(path("Closed")),
        Just(path("Checked")),
        Just(null()),
        any::<bool>().prop_map(boolean),
        (numbers(), operators(), numbers()).prop_map(|(left, operator, right)| binary(left, operator, right)),
        (numbers(), members()).prop_map(|(operand, members)| within(operand, &members)),
        prop::sample::select(vec!["a", "b", ""]).prop_map(|part| call("contains", &[path("Status"), quoted(part)])),
        Just(call("contains", &[path("Status"), null()])),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(not),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|operands| and(&operands)),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|operands| or(&operands)),
            (inner.clone(), operators(), inner).prop_map(|(left, operator, right)| binary(left, operator, right)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn binding_keeps_the_meaning(filter in filters(), rows in prop::collection::vec(rows(), 1..12)) {
        let bound = read(&filtered(filter.clone())).filter;
        if let Some(bound) = &bound {
            prop_assert!(well_formed(bound, true), "{bound:?}");
        }
        for row in rows {
            let expected = written(&filter, &row) == Truth(true);
            let kept = bound.as_ref().is_none_or(|bound| understood(bound, &row) == Truth(true));
            prop_assert_eq!(kept, expected, "{:?} on {:?}", bound, row);
        }
    }
}
