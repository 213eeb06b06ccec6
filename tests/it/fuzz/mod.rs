//! The way from a URL to SQL text, for a bounded time with requests that chance makes: nothing panics, whatever is
//! asked, and no value of a request stands in the text of a statement: what it holds is found among the parameters.
//!
//! `PENSTOCK_TEST_FUZZ_SECONDS` (default 4) says for how long, `PENSTOCK_TEST_FUZZ_SEED` with which requests; what
//! fails names its seed and its request.

mod generate;
pub(crate) mod random;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use penstock::bind::{self, Scope, bind};
use penstock::edm::{Scalar, Value};
use penstock::model::raw::{File, Folder};
use penstock::model::{self, Family, Model, Source};
use penstock::plan::{self, Fetch, Needs, Node, ReadPlan};
use penstock::query::{Grants, Query};
use penstock::sql::{self, Dialect, MariaDb, MySql, Param, Postgres, Sqlite, Statement};
use penstock::syntax::{self, ResourceUrl};

use crate::fuzz::generate::{Generator, Marker, Target};
use crate::support::{environment, files_below, project, read_text};

fn dialects() -> [(&'static str, Family, Box<dyn Dialect>); 4] {
    [
        ("sqlite", Family::Sqlite, Box::new(Sqlite { decimals_as_text: true, ..Sqlite::default() })),
        ("postgres", Family::Postgres, Box::new(Postgres::default())),
        ("mariadb", Family::Mysql, Box::new(MariaDb::default())),
        ("mysql", Family::Mysql, Box::new(MySql::default())),
    ]
}

/// The model of metadata folders, for one kind of database.
fn model(folders: &[&str], family: Family) -> Model {
    let file = |path: &std::path::Path| File {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: read_text(path),
    };
    let read = |folder: &&str| {
        let (service, entities): (Vec<_>, Vec<_>) = files_below(&project(folder))
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .map(|path| file(path))
            .partition(|file| file.name == "service.toml");
        Folder { name: (*folder).to_owned(), service: service[0].clone(), entities, unread: Vec::new() }
    };
    let folders: Vec<Folder> = folders.iter().map(read).collect();
    let source = |name: &str| Source { name: name.to_owned(), announces: false, family: Some(family) };
    model::resolve("fuzz", &folders, &["erp", "warehouse", "fleet"].map(source)).unwrap_or_else(|p| panic!("{p:?}"))
}

/// How far a request gets, and its statements if that is to the end.
enum Outcome {
    Refused(String),
    Rowless,
    Rendered(Vec<Statement>),
}

/// A place that is told must be one of the text.
fn check_span(target: &str, span: Option<&std::ops::Range<usize>>, what: &str) {
    if let Some(span) = span {
        assert!(target.get(span.clone()).is_some(), "{what}: no place {span:?} in {target}");
    }
}

fn compile(target: &str, model: &Model, dialect: &dyn Dialect) -> Outcome {
    let refused = |code: &str, why: &dyn std::fmt::Display| {
        let why = why.to_string();
        assert!(!why.is_empty(), "{target}");
        Outcome::Refused(code.to_owned())
    };
    let url: ResourceUrl = match syntax::parse(target, &syntax::Limits::default()) {
        Ok(url) => url,
        Err(error) => {
            check_span(target, Some(&error.span), "syntax");
            return refused(error.kind.code(), &error);
        }
    };
    let grants = Grants::everything();
    let limits = bind::Limits { expand_depth_max: 4, ..bind::Limits::default() };
    let scope = Scope { model, grants: &grants, limits, unseal: &|_| None };
    let query = match bind(&url, &scope) {
        Ok(query) => query,
        Err(error) => {
            check_span(target, error.span.as_ref(), "bind");
            return refused(error.kind.code(), &error);
        }
    };
    let needs = Needs { keys: false, etags: true, now: 1_714_382_100_000_000 };
    let (plan, call) = match &query {
        Query::Read(read) => (plan::plan(read, model, needs).map(Some), read.from.as_deref()),
        Query::Aggregate(aggregate) => (plan::plan_aggregate(aggregate, model, needs).map(Some), None),
        Query::Cross(cross) => (plan::plan_cross(cross, model, needs).map(Some), None),
        Query::Call(invoke) => (Ok(None), Some(&invoke.call)),
        Query::Service | Query::Metadata => return Outcome::Rowless,
    };
    // A call on an entity waits for its key.
    let call = call
        .filter(|call| call.bound.is_none())
        .map(|call| plan::plan_call(call, &plan::On::Nothing, model))
        .transpose();
    let (plan, call) = match plan.and_then(|plan| Ok((plan, call?))) {
        Ok(planned) => planned,
        Err(error) => return refused("plan", &error),
    };
    let calls = call.iter().map(|call| sql::render_call(&call.call, dialect));
    let rows = plan.iter().flat_map(fetches).map(|fetch| sql::render(&fetch.select, dialect));
    match calls.chain(rows).collect::<Result<Vec<_>, _>>() {
        Ok(statements) => Outcome::Rendered(statements),
        Err(error) => refused("sql", &error),
    }
}

fn fetches(plan: &ReadPlan) -> Vec<&Fetch> {
    let mut all: Vec<&Fetch> = plan.parents.iter().map(|parent| &parent.fetch).chain(&plan.count).collect();
    let mut nodes: Vec<&Node> = plan.rows.iter().collect();
    while let Some(node) = nodes.pop() {
        all.push(&node.fetch);
        all.extend(node.children.iter().filter_map(|child| child.count.as_ref()).map(|count| &count.fetch));
        nodes.extend(node.children.iter().map(|child| &child.node));
    }
    all
}

/// No marker stands in a text; with `all`, the numbers too, and each that must arrive has arrived.
fn check(markers: &[Marker], statements: &[Statement], all: bool) -> Result<(), String> {
    let texts = || statements.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join("\n");
    let parameters = format!("{:?}", statements.iter().map(|statement| &statement.params).collect::<Vec<_>>());
    let parameters = parameters.to_lowercase();
    for marker in markers.iter().filter(|marker| all || marker.is_text) {
        if statements.iter().any(|statement| statement.text.to_lowercase().contains(&marker.core)) {
            return Err(format!("{} stands in a statement:\n{}", marker.core, texts()));
        }
        if all && marker.arrives && !parameters.contains(&marker.core) {
            return Err(format!("{} is no parameter:\n{}\n{parameters}", marker.core, texts()));
        }
    }
    Ok(())
}

/// Something that is nearly the request.
fn mutated(target: &str, other: &str, generator: &mut Generator<'_>) -> String {
    const PIECES: [&str; 24] = [
        "'", "''", "\"", "%27", "%", "(", ")", ",", ";", "/", "&", "=", "?", "$", "@", " ", "null", "-", "9", "eq ",
        "$it/", "\u{0}", "é", "%00",
    ];
    let random = &mut generator.random;
    let place = |text: &str, at: usize| text.floor_char_boundary(at);
    let (from, to) = (random.below(target.len() + 1), random.below(target.len() + 1));
    let (from, to) = (place(target, from.min(to)), place(target, from.max(to)));
    match random.below(5) {
        0 => format!("{}{}{}", &target[..from], random.pick(&PIECES), &target[from..]),
        1 => format!("{}{}", &target[..from], &target[to..]),
        2 => format!("{}{}", &target[..to], &target[from..]),
        3 => {
            let cut = place(other, random.below(other.len() + 1));
            format!("{}{}", &target[..from], &other[cut..])
        }
        _ => {
            let end = place(target, (from + 1 + random.below(3)).min(target.len())).max(from);
            format!("{}{}{}", &target[..from], random.pick(&PIECES), &target[end..])
        }
    }
}

#[test]
fn a_value_in_a_text_and_a_lost_one_are_noticed() {
    let marker = |core: &str, is_text| Marker { core: core.to_owned(), is_text, arrives: true };
    let statement = |text: &str, value: &str| Statement {
        text: text.to_owned(),
        params: vec![Param::One(Value::String(value.into()), Scalar::STRING)],
        columns: Vec::new(),
    };
    let right = [statement("SELECT ?", "a zq1x")];
    assert_eq!(check(&[marker("zq1x", true)], &right, true), Ok(()));
    assert!(check(&[marker("zq1x", true)], &[statement("SELECT 'ZQ1X'", "zq1x")], false).is_err());
    assert!(check(&[marker("1000000001", false)], &[statement("SELECT 1000000001", "1000000001")], true).is_err());
    assert!(check(&[marker("zq2x", true)], &right, true).is_err());
}

fn number(variable: &str, default: u64) -> u64 {
    environment(variable).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}: {text}")))
}

#[test]
fn no_value_of_a_request_stands_in_a_statement() {
    let budget = Duration::from_secs(number("PENSTOCK_TEST_FUZZ_SECONDS", 4));
    let first = number("PENSTOCK_TEST_FUZZ_SEED", 1);
    let begun = Instant::now();
    let services: Vec<_> = dialects()
        .into_iter()
        .flat_map(|(name, family, dialect)| {
            let dialect: std::rc::Rc<dyn Dialect> = dialect.into();
            [&["metadata/erp", "metadata/warehouse"][..], &["tests/cases/breadth/metadata"]]
                .map(|folders| (name, model(folders, family), dialect.clone()))
        })
        .collect();
    let (mut rendered, mut refusals, mut mutants) = (0_usize, BTreeMap::<String, usize>::new(), 0_usize);
    let (mut seed, mut other) = (first, String::new());
    let mut wrong = Vec::new();
    // All kinds of failures are wanted, not only the first.
    while wrong.len() < 20 && (seed == first || begun.elapsed() < budget) {
        for (name, model, dialect) in &services {
            let mut generator = Generator::new(model, seed);
            let Target { text, markers } = generator.target();
            let mut told = |what: &str, problem: Result<(), String>| {
                if let Err(problem) = problem {
                    wrong.push(format!("seed {seed}, {name}, {what}\n{problem}"));
                }
            };
            match compiled(&text, model, dialect.as_ref()) {
                Ok(Outcome::Rendered(statements)) => {
                    rendered += 1;
                    told(&text, check(&markers, &statements, true));
                }
                Ok(Outcome::Refused(code)) => *refusals.entry(code).or_default() += 1,
                Ok(Outcome::Rowless) => {}
                Err(panic) => told(&text, Err(panic)),
            }
            for _ in 0..3 {
                let mutant = mutated(&text, &other, &mut generator);
                mutants += 1;
                match compiled(&mutant, model, dialect.as_ref()) {
                    Ok(Outcome::Rendered(statements)) => told(&mutant, check(&markers, &statements, false)),
                    Ok(_) => {}
                    Err(panic) => told(&mutant, Err(panic)),
                }
            }
            other = text;
        }
        seed += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let refused: usize = refusals.values().sum();
    println!("seeds {first}..{seed}: {rendered} rendered, {mutants} mutants, {refused} refused: {refusals:?}");
    assert!(rendered > refused * 2, "most requests should be right: {rendered} rendered, refused: {refusals:?}");
}

/// The outcome, or what a panic says.
fn compiled(target: &str, model: &Model, dialect: &dyn Dialect) -> Result<Outcome, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| compile(target, model, dialect))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        format!("a panic: {}", text.unwrap_or("without words"))
    })
}
