//! Owns the way from the tree of a URL to the SQL of its statements, in the steps that benches measure one by one or
//! together. No database takes part: the statement of an expansion is rendered without the keys of its parents, which
//! are known only when those are read.

use std::hint::black_box;

use penstock::bind::{self, BindError, Scope, bind};
use penstock::edm::Value;
use penstock::model::Model;
use penstock::plan::{Fetch, Needs, Node, PlanError, ReadPlan};
use penstock::query::{Cursor, Grants, Query, Read, fingerprint};
use penstock::sql::{Dialect, MariaDb, MySql, Postgres, RenderError, Sqlite};
use penstock::{plan, sql, syntax};

use super::model::Failure;
use super::requests::NEXT_PAGE;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("the request is for no rows")]
    Rowless,
}

pub(crate) fn dialects() -> [(&'static str, Box<dyn Dialect>); 4] {
    [
        ("sqlite", Box::new(Sqlite { decimals_as_text: true, ..Sqlite::default() })),
        ("postgres", Box::new(Postgres::default())),
        ("mariadb", Box::new(MariaDb::default())),
        ("mysql", Box::new(MySql::default())),
    ]
}

/// What the token of [`NEXT_PAGE`] holds.
pub(crate) fn position(model: &Model, grants: &Grants) -> Result<Vec<u8>, Failure> {
    let first = NEXT_PAGE.split("&$skiptoken").next().unwrap_or_default();
    let url = syntax::parse(first, &syntax::Limits::default())?;
    let scope = Scope { model, grants, limits: bind::Limits::default(), unseal: &|_| None };
    let read = read(&url, &scope)?;
    let last = Cursor { values: vec![Value::DateTimeOffset(1_714_382_100_000_000), Value::Int(10_248)] };
    Ok(last.encode(fingerprint(&read, model.revision), model.revision))
}

pub(crate) fn read(url: &syntax::ResourceUrl, scope: &Scope<'_>) -> Result<Box<Read>, Refused> {
    let Query::Read(read) = bind(url, scope)? else { return Err(Refused::Rowless) };
    Ok(read)
}

pub(crate) fn plan(read: &Read, model: &Model) -> Result<ReadPlan, Refused> {
    Ok(plan::plan(read, model, Needs { etags: true, ..Needs::default() })?)
}

/// Renders every statement of the plan; gives the number of bytes, so that none of them can be left out.
pub(crate) fn render(plan: &ReadPlan, dialect: &dyn Dialect) -> Result<usize, Refused> {
    let ReadPlan { parents, rows, count } = plan;
    let length = |fetch: &Fetch| sql::render(&fetch.select, dialect).map(|statement| black_box(statement).text.len());
    let mut bytes =
        parents.iter().map(|parent| length(&parent.fetch)).chain(count.iter().map(length)).sum::<Result<usize, _>>()?;
    let mut nodes: Vec<&Node> = rows.iter().collect();
    while let Some(node) = nodes.pop() {
        bytes += length(&node.fetch)?;
        nodes.extend(node.children.iter().map(|child| &child.node));
    }
    Ok(bytes)
}
