//! From the tree of a URL to the SQL of its statements: `bind::bind`, `plan::plan` and `sql::render` together, for each
//! dialect, and `bind::bind` alone. No database takes part.

#[path = "support/compile.rs"]
mod compile;
#[path = "support/model.rs"]
mod model;
#[path = "support/requests.rs"]
mod requests;
mod support;

use std::hint::black_box;

use penstock::bind::{self, Scope, bind};
use penstock::demo;
use penstock::query::Grants;
use penstock::sql::Dialect;
use penstock::syntax::{self, ResourceUrl};

use compile::{Refused, plan, read, render};

fn main() -> Result<(), model::Failure> {
    let model = model::model(demo::metadata())?;
    let grants = Grants::everything();
    let token = compile::position(&model, &grants)?;
    let unseal = |_: &str| Some(token.clone());
    let scope = Scope { model: &model, grants: &grants, limits: bind::Limits::default(), unseal: &unseal };

    let mut criterion = support::criterion();
    for (name, target) in requests::requests() {
        let url = syntax::parse(&target, &syntax::Limits::default())?;
        bind(&url, &scope)?;
        criterion.bench_function(&format!("bind/{name}"), |bencher| bencher.iter(|| bind(black_box(&url), &scope)));
        let mut group = criterion.benchmark_group(format!("compile/{name}"));
        for (dialect_name, dialect) in compile::dialects() {
            assert!(compile(&url, &scope, &*dialect)? > 0, "{name} has no statement");
            group.bench_function(dialect_name, |bencher| bencher.iter(|| compile(black_box(&url), &scope, &*dialect)));
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

fn compile(url: &ResourceUrl, scope: &Scope<'_>, dialect: &dyn Dialect) -> Result<usize, Refused> {
    let read = read(url, scope)?;
    render(&plan(&read, scope.model)?, dialect)
}
