//! The same comparison without a database: random requests are parsed and bound by the library, and the meaning of the
//! bound query, evaluated in memory, is compared with the meaning of the request. A difference here is one of words or
//! binding, never of SQL.

use penstock::bind::{Limits, Scope, bind};
use penstock::model::raw::{File, Folder};
use penstock::model::{Model, Source, resolve};
use penstock::query::{self, Grants, Query};
use penstock::syntax;
use proptest::test_runner::{TestCaseError, TestError};

use super::eval::{Expr, Function, Item, Operator, read};
use super::generate::{self, Request};
use super::value::Table;
use super::{render, runner, table, things};

fn model() -> Model {
    let file = |name: &str, text: String| File { name: name.to_owned(), text };
    let folder = Folder {
        unread: Vec::new(),
        name: "things".to_owned(),
        service: file("service.toml", things::service_file().to_owned()),
        entities: vec![file("thing.toml", things::metadata_file("Things", "Thing", 2_000))],
    };
    let source = Source { name: "things".to_owned(), announces: true, family: None };
    resolve("test", &[folder], &[source]).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A bound expression in the evaluator's own words.
fn meaning(expr: &query::Expr) -> Expr {
    let boxed = |expr: &query::Expr| Box::new(meaning(expr));
    let joined = |operands: &[query::Expr], join: fn(Box<Expr>, Box<Expr>) -> Expr| {
        operands.iter().map(meaning).reduce(|left, right| join(Box::new(left), Box::new(right))).unwrap()
    };
    match expr {
        query::Expr::Property(id) => Expr::Property(usize::from(id.0)),
        query::Expr::Literal(value, _) => Expr::Literal(value.clone()),
        query::Expr::Compare(comparison, left, right) => {
            let operator = match comparison {
                query::Comparison::Eq => Operator::Eq,
                query::Comparison::Ne => Operator::Ne,
                query::Comparison::Gt => Operator::Gt,
                query::Comparison::Ge => Operator::Ge,
                query::Comparison::Lt => Operator::Lt,
                query::Comparison::Le => Operator::Le,
            };
            Expr::Compare(operator, boxed(left), boxed(right))
        }
        query::Expr::In(operand, members, _) => Expr::In(boxed(operand), members.clone()),
        query::Expr::And(operands) => joined(operands, Expr::And),
        query::Expr::Or(operands) => joined(operands, Expr::Or),
        query::Expr::Not(operand) => Expr::Not(boxed(operand)),
        query::Expr::Call(function, arguments, _) => {
            let function = match function {
                query::Function::Contains => Function::Contains,
                query::Function::StartsWith => Function::StartsWith,
                query::Function::EndsWith => Function::EndsWith,
                other => panic!("{other:?}"),
            };
            Expr::Call(function, boxed(&arguments[0]), boxed(&arguments[1]))
        }
        other => panic!("{other:?}"),
    }
}

fn check(model: &Model, table: &Table, request: &Request) -> Result<(), String> {
    let target = format!("Things?{}", render::query(request, table));
    let wrong = |what: String| format!("{what}\n  {target}");
    let url = syntax::parse(&target, &syntax::Limits::default()).map_err(|error| wrong(format!("{error:?}")))?;
    let grants = Grants::everything();
    let scope = Scope { model, grants: &grants, limits: Limits::default(), unseal: &|_| None };
    let query = bind(&url, &scope).map_err(|error| wrong(format!("{error:?}")))?;
    let Query::Read(bound) = &query else { return Err(wrong("no read".to_owned())) };
    let order: Vec<Item> = bound
        .order
        .iter()
        .map(|item| Item { column: usize::from(item.property().unwrap().0), descending: item.descending })
        .collect();
    let filter = bound.filter.as_ref().map(meaning);
    if read(table, filter.as_ref(), &order) != read(table, request.filter.as_ref(), &request.order) {
        return Err(wrong(format!("other rows or another order: {}", query::describe(&query, model))));
    }
    let wanted = (request.top, request.skip.unwrap_or(0), request.count == Some(true));
    let found = (
        bound.page.top.map(|top| usize::try_from(top).unwrap()),
        usize::try_from(bound.page.skip).unwrap(),
        bound.count,
    );
    if wanted == found { Ok(()) } else { Err(wrong(format!("top, skip, count: {found:?}"))) }
}

#[test]
fn what_is_bound_means_what_was_asked() {
    let (model, table) = (model(), table());
    let result = runner(super::cases())
        .run(&generate::requests(&table), |request| check(&model, &table, &request).map_err(TestCaseError::fail));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, request)) => {
            panic!("seed {}:\n{}\n{request:#?}", super::seed(), reason.message())
        }
        Err(other) => panic!("{other}"),
    }
}
