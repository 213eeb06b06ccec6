//! Combinations of sets: random filters and orders over the rows of two sets, compared with an evaluation of each pair.

use std::cmp::Ordering;

use penstock::edm::Value;
use proptest::test_runner::{TestCaseError, TestError};

use super::super::super::support::databases::Kind as Product;
use super::super::super::support::json::Json;
use super::super::super::support::server::TestServer;
use super::super::value;
use super::answers::compare_row;
use super::data::Choices;
use super::eval::Sight;
use super::expr::{Expr, Kind, Reading, Start, Way};
use super::generate::{Generator, It};
use super::{PAGE_ROWS, ROOT, TOO_DEEP, World, cases, lists, render, runner, seed, start, tail, world};

/// A `$crossjoin` of two sets.
#[derive(Debug)]
pub(super) struct Cross {
    pub(super) sets: [usize; 2],
    pub(super) filter: Option<Expr>,
    /// Ends with the keys of both sets.
    pub(super) order: Vec<(Expr, bool)>,
    pub(super) top: Option<usize>,
    pub(super) skip: Option<usize>,
    /// Which of the sets are expanded.
    pub(super) expanded: [bool; 2],
    pub(super) style: u64,
    count: bool,
    paged: bool,
}

impl Cross {
    fn of(world: &World, numbers: Vec<u32>) -> Cross {
        let mut choices = Choices::new(numbers);
        let style = if choices.chance(70) { u64::from(choices.number()) } else { 0 };
        let sets @ [first, _] = choices.pick(&[[0, 1], [1, 0], [0, 2], [2, 1], [1, 2]]);
        let paged = choices.chance(20);
        let mut generator = Generator::new(world, &mut choices, first);
        (generator.frames, generator.it) = (sets.to_vec(), It::OutOfReach);
        let filter = Some(generator.condition(3)).filter(|_| generator.choices.chance(90));
        let mut order = Vec::new();
        while order.len() < 2 && generator.choices.chance(40) {
            let kind = generator.choices.pick(&[Kind::Int, Kind::Decimal, Kind::Date, Kind::Double, Kind::Instant]);
            order.push((generator.value(kind, 1), generator.choices.chance(50)));
        }
        for (frame, set) in sets.into_iter().enumerate() {
            for key in &world.sets[set].table.key {
                let way = Way { start: Start::Frame(frame, false), steps: Vec::new() };
                let kind = Kind::of(generator.column(set, *key).ty);
                order.push((Expr::Property(way, *key, kind), generator.choices.chance(50)));
            }
        }
        let top = if paged || choices.chance(40) { Some(choices.below(40)) } else { None };
        let skip = if choices.chance(30) { Some(choices.below(30)) } else { None };
        let expanded = [choices.chance(30), choices.chance(30)];
        Cross { sets, filter, order, top, skip, expanded, style, count: choices.chance(30), paged }
    }

    /// The pairs of rows that the filter keeps, in order.
    fn matching(&self, world: &World) -> Vec<[usize; 2]> {
        let [first, second] = self.sets;
        let mut kept: Vec<(Vec<Value>, [usize; 2])> = Vec::new();
        for left in 0..world.sets[first].table.rows.len() {
            for right in 0..world.sets[second].table.rows.len() {
                let sight = Sight::of(world, (first, left), None, &[]).within(second, right);
                if self.filter.as_ref().is_none_or(|filter| sight.truth(filter) == Some(true)) {
                    kept.push((self.order.iter().map(|(expr, _)| sight.value(expr)).collect(), [left, right]));
                }
            }
        }
        kept.sort_by(|(left, _), (right, _)| {
            let items = left.iter().zip(right).zip(&self.order).map(|((left, right), (_, descending))| {
                let order = value::order(left, right);
                if *descending { order.reverse() } else { order }
            });
            items.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
        });
        kept.into_iter().map(|(_, pair)| pair).collect()
    }
}

fn check(server: &TestServer, world: &World, cross: &Cross) -> Result<(), String> {
    let options = render::cross(cross, world);
    let count = if cross.count { "&$count=true" } else { "" };
    let target = format!("{ROOT}{options}{count}");
    let matching = cross.matching(world);
    let size = format!("maxpagesize={PAGE_ROWS}");
    let headers: &[(&str, &str)] = if cross.paged { &[("Prefer", &size)] } else { &[] };
    let (mut next, mut found): (String, Vec<Json>) = (target.clone(), Vec::new());
    for _ in 0..200 {
        let response = server.get_with(&next, headers);
        if response.status == 501 && response.text().contains(TOO_DEEP) {
            return Ok(());
        }
        if response.status != 200 {
            return Err(format!("status {}: {}\n  {next}\n  from {target}", response.status, response.text()));
        }
        let page = Json::read(response.text())?;
        let total = page.get("@odata.count").map(Json::to_string);
        if total != cross.count.then(|| matching.len().to_string()) {
            return Err(format!("count {total:?} instead of {}\n  {target}", matching.len()));
        }
        found.extend_from_slice(page.get("value").and_then(Json::as_array).ok_or("no rows")?);
        match page.get("@odata.nextLink").and_then(Json::as_str) {
            Some(link) => next = server.target_of(link).to_owned(),
            None => break,
        }
    }
    let expected = matching.iter().skip(cross.skip.unwrap_or(0)).take(cross.top.unwrap_or(usize::MAX));
    let expected: Vec<&[usize; 2]> = expected.collect();
    if expected.len() != found.len() {
        return Err(format!("{} pairs instead of {}\n  {target}", found.len(), expected.len()));
    }
    for (pair, json) in expected.into_iter().zip(&found) {
        for ((set, row), is_expanded) in cross.sets.into_iter().zip(pair).zip(cross.expanded) {
            is_it(world, (set, *row), is_expanded, json).map_err(|what| format!("{what}\n  {json}\n  {target}"))?;
        }
    }
    Ok(())
}

/// Whether a row is what a pair shows of its set.
fn is_it(world: &World, (set, row): (usize, usize), is_expanded: bool, json: &Json) -> Result<(), String> {
    let definition = &world.sets[set];
    let columns = definition.table.key.clone();
    if is_expanded {
        let shown = json.get(definition.name).ok_or_else(|| format!("{} is missing", definition.name))?;
        return compare_row(world, (set, row), None, &Reading { columns, ..Reading::default() }, shown);
    }
    let link = json.get(&format!("{}@odata.navigationLink", definition.name)).and_then(Json::as_str);
    let link = link.ok_or_else(|| format!("the link to {} is missing", definition.name))?;
    let keys: Vec<String> = columns
        .iter()
        .map(|column| {
            let text = match &definition.table.rows[row][*column] {
                Value::Int(number) => number.to_string(),
                Value::String(text) => {
                    let text = text.replace('\'', "''");
                    format!("'{}'", percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC))
                }
                other => panic!("{other:?} is no key"),
            };
            match columns.len() {
                1 => text,
                _ => format!("{}={text}", definition.table.columns[*column].name),
            }
        })
        .collect();
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let wanted = format!("{}({})", definition.name, keys.join(","));
    if plain(link).ends_with(&format!("/{}", plain(&wanted))) {
        Ok(())
    } else {
        Err(format!("{link} instead of {wanted}"))
    }
}

fn run(kind: Product) {
    let world = world();
    let Some((_database, server)) = start(kind, &world) else { return };
    let result = runner(cases() / 12)
        .run(&lists(), |numbers| check(&server, &world, &Cross::of(&world, numbers)).map_err(TestCaseError::fail));
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
fn sqlite_combines_sets() {
    run(Product::Sqlite);
}

#[test]
fn postgres_combines_sets() {
    run(Product::Postgres);
}

#[test]
fn mariadb_combines_sets() {
    run(Product::Mariadb);
}
