//! The whole expression language over related tables: random requests with calculations, functions, casts, paths,
//! lambdas, counts, computed values and expansions, answered by the real server on every database, compared with an
//! independent evaluation in memory.
//!
//! A request is made from a list of numbers, so a failure shrinks to a shorter list with smaller numbers. The number of
//! requests is a third of `PENSTOCK_TEST_CASES`.

mod answers;
mod bags;
mod convert;
mod cross;
mod data;
mod eval;
mod expr;
mod generate;
mod items;
mod numbers;
mod render;
mod requests;
mod values;
mod walks;
mod world;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestError};

use super::super::support::databases::{Database, Kind};
use super::super::support::json::Json;
use super::super::support::server::{Setup, TestServer};
use super::{cases, runner, seed, tail};
use expr::Request;
use world::World;

const ROOT: &str = "/odata/v4/test/";
/// Rows of a small page.
const PAGE_ROWS: usize = 7;
/// What is refused because of the size of its SQL, not of its meaning.
const TOO_DEEP: &str = "a calculation nested so deeply";

/// Always the same for one seed.
fn world() -> World {
    let mut rng = runner(1).new_rng();
    let numbers = (0..20_000).map(|_| rng.next_u32()).collect();
    World::new(&mut data::Choices::new(numbers))
}

fn start(kind: Kind, world: &World) -> Option<(Database, TestServer)> {
    let database = Database::create(kind, "language")?;
    world.load(&database);
    let decimals = if kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "[log]\nlevel = \"warn\"\n[sources.world]\nurl = \"{}\"\npool_max = 2\n{decimals}\
         [services.test]\nmetadata = [\"metadata\"]\nanonymous = true\n",
        database.url
    );
    let files = world.metadata();
    let setup =
        files.iter().fold(Setup::new(&config), |setup, (name, text)| setup.file(&format!("metadata/{name}"), text));
    Some((database, setup.start()))
}

/// Sends a request, walks through all pages, and says what differs from the expected answer.
fn check(server: &TestServer, world: &World, request: &Request) -> Result<(), String> {
    let target = format!("{ROOT}{}", render::target(request, world));
    let rows = 0..world.sets[request.set].table.rows.len();
    let matching = eval::matching(world, request.set, rows, None, &request.reading);
    let size = format!("maxpagesize={PAGE_ROWS}");
    let headers: &[(&str, &str)] = if request.paged { &[("Prefer", &size)] } else { &[] };
    let mut found: Vec<Json> = Vec::new();
    let mut next = target.clone();
    for page_number in 0.. {
        let response = server.get_with(&next, headers);
        let wrong = |what: &str| Err(format!("{what}\n  page: {next}\n  from: {target}"));
        if response.status == 501 && String::from_utf8_lossy(&response.body).contains(TOO_DEEP) {
            return Ok(());
        }
        if response.status != 200 {
            return wrong(&format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body)));
        }
        let page = match Json::read(response.text()) {
            Ok(page) => page,
            Err(error) => return wrong(&error),
        };
        let count = page.get("@odata.count").map(Json::to_string);
        let wanted = request.reading.count.then(|| matching.len().to_string());
        if count != wanted {
            return wrong(&format!("count {count:?} instead of {wanted:?}"));
        }
        let Some(rows) = page.get("value").and_then(Json::as_array) else { return wrong("no array of rows") };
        if request.paged && rows.len() > PAGE_ROWS {
            return wrong(&format!("{} rows in a page of {PAGE_ROWS}", rows.len()));
        }
        found.extend_from_slice(rows);
        match page.get("@odata.nextLink").and_then(Json::as_str) {
            Some(link) if page_number < 100 => next = server.target_of(link).to_owned(),
            Some(_) => return wrong("the next links never end"),
            None => break,
        }
    }
    let expected = eval::part(&matching, &request.reading);
    answers::compare(world, request.set, None, &request.reading, &expected, &found)
        .map_err(|what| format!("{what}\n  {target}"))
}

/// Lists of numbers, each of which stands for a request.
fn lists() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(any::<u32>(), 20..220)
}

fn run(kind: Kind) {
    let world = world();
    let Some((_database, server)) = start(kind, &world) else { return };
    let result = runner(cases() / 3).run(&lists(), |numbers| {
        check(&server, &world, &requests::request(&world, numbers)).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, numbers)) => panic!(
            "{} and the evaluator differ (seed {}):\n{}\n{numbers:?}\nlog:\n{}",
            kind.name(),
            seed(),
            reason.message(),
            tail(&server.log())
        ),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn sqlite_knows_the_whole_language() {
    run(Kind::Sqlite);
}

#[test]
fn postgres_knows_the_whole_language() {
    run(Kind::Postgres);
}

#[test]
fn mariadb_knows_the_whole_language() {
    run(Kind::Mariadb);
}

/// The generator makes requests that keep some rows and drop some, and none that the evaluator refuses.
#[test]
fn generated_requests_are_worth_sending() {
    let world = world();
    let mut runner = runner(1);
    let (mut some, mut longest) = (0, 0);
    for _ in 0..2_000 {
        let request = requests::request(&world, lists().new_tree(&mut runner).unwrap().current());
        let all = world.sets[request.set].table.rows.len();
        let rows = eval::matching(&world, request.set, 0..all, None, &request.reading).len();
        some += usize::from(rows > 0 && rows < all);
        longest = longest.max(render::target(&request, &world).len());
    }
    assert!(some > 500, "only {some} of 2000 requests tell rows apart");
    assert!(longest < 60_000, "a URL of {longest} bytes");
}
