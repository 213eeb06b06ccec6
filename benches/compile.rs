//! From the tree of a URL to the SQL of its statements: `bind::bind`, `plan::plan` and `sql::render` together, for each
//! dialect, and `bind::bind` alone. No database takes part.
//!
//! The statement of an expansion is rendered without the keys of its parents, which are known only when those are read.

mod support;

use std::hint::black_box;

use penstock::bind::{self, BindError, Scope, bind};
use penstock::demo;
use penstock::edm::Value;
use penstock::model::Model;
use penstock::plan::{Fetch, Needs, Node, ReadPlan, plan};
use penstock::query::{Cursor, Grants, Query, fingerprint};
use penstock::sql::{Dialect, MariaDb, MySql, Postgres, RenderError, Sqlite, render};
use penstock::syntax::{self, ResourceUrl};

use support::Failure;

const NEXT_PAGE: &str = "Orders?$select=OrderDate,OrderID,Status&$count=true&$filter=Status eq 'Open'\
                         &$orderby=OrderDate desc&$skiptoken=t";
const CASES: [(&str, &str); 6] = [
    (
        "list_view",
        "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$orderby=OrderDate desc&$top=26",
    ),
    ("record_by_key", "Orders(10248)"),
    (
        "related_list",
        "Orders?$select=AccountID,OrderDate,OrderID,Status&$count=true&$filter=AccountID eq 'ALFKI'&$top=26",
    ),
    (
        "filter",
        "Orders?$select=OrderID,ShipName,Status,TotalAmount&$count=true&$filter=(Status eq 'Open' or Status eq 'Held') \
         and TotalAmount ge 100 and contains(ShipName,'Acme')&$orderby=TotalAmount desc&$top=200",
    ),
    (
        "expand",
        "Accounts?$select=AccountID,Name&$expand=Orders($select=OrderID;$orderby=OrderDate desc;$top=5)&$top=26",
    ),
    ("next_page", NEXT_PAGE),
];

fn main() -> Result<(), Failure> {
    let model = support::model(demo::metadata())?;
    let grants = Grants::everything();
    let token = position(&model, &grants)?;
    let unseal = |_: &str| Some(token.clone());
    let scope = Scope { model: &model, grants: &grants, limits: bind::Limits::default(), unseal: &unseal };
    let dialects: [(&str, &dyn Dialect); 4] = [
        ("sqlite", &Sqlite { decimals_as_text: true }),
        ("postgres", &Postgres),
        ("mariadb", &MariaDb::default()),
        ("mysql", &MySql::default()),
    ];
    let terms: Vec<_> = (1..=150).map(|text| format!("contains(Text{text:03},'Acme trading') eq true")).collect();
    let search = format!("WideOrders?$select=OrderID&$count=true&$filter={}&$top=25", terms.join(" or "));
    let mut cases = CASES.map(|(name, target)| (name, target.to_owned())).to_vec();
    cases.push(("search_of_150_columns", search));

    let mut criterion = support::criterion();
    for (name, target) in cases {
        let url = syntax::parse(&target, &syntax::Limits::default())?;
        bind(&url, &scope)?;
        criterion.bench_function(&format!("bind/{name}"), |bencher| bencher.iter(|| bind(black_box(&url), &scope)));
        let mut group = criterion.benchmark_group(format!("compile/{name}"));
        for (dialect_name, dialect) in dialects {
            assert!(compile(&url, &scope, dialect)? > 0, "{name} has no statement");
            group.bench_function(dialect_name, |bencher| bencher.iter(|| compile(black_box(&url), &scope, dialect)));
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

/// What the token of [`NEXT_PAGE`] holds.
fn position(model: &Model, grants: &Grants) -> Result<Vec<u8>, Failure> {
    let first = NEXT_PAGE.split("&$skiptoken").next().unwrap_or_default();
    let url = syntax::parse(first, &syntax::Limits::default())?;
    let scope = Scope { model, grants, limits: bind::Limits::default(), unseal: &|_| None };
    let Query::Read(read) = bind(&url, &scope)? else { return Err("the next page is no page".into()) };
    let last = Cursor { values: vec![Value::DateTimeOffset(1_714_382_100_000_000), Value::Int(10_248)] };
    Ok(last.encode(fingerprint(&read, model.revision)))
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Plan(#[from] penstock::plan::PlanError),
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Renders every statement of the request; gives the number of bytes, so that none of them can be left out.
fn compile(url: &ResourceUrl, scope: &Scope<'_>, dialect: &dyn Dialect) -> Result<usize, Refused> {
    let Query::Read(read) = bind(url, scope)? else { return Ok(0) };
    let ReadPlan { parent, rows, count } = plan(&read, scope.model, Needs { keys: false, etags: true })?;
    let length = |fetch: &Fetch| render(&fetch.select, dialect).map(|statement| black_box(statement).text.len());
    let mut bytes =
        parent.iter().map(|parent| length(&parent.fetch)).chain(count.iter().map(length)).sum::<Result<usize, _>>()?;
    let mut nodes: Vec<&Node> = rows.iter().collect();
    while let Some(node) = nodes.pop() {
        bytes += length(&node.fetch)?;
        nodes.extend(node.children.iter().map(|child| &child.node));
    }
    Ok(bytes)
}
