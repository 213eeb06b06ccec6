//! Walks through the pages of calculated orders, while rows come and go before, at and behind the client's position:
//! rows that are there all the time appear exactly once and in order.

use penstock::edm::Value;

use super::super::super::support::databases::Kind;
use super::super::super::support::json::Json;
use super::expr::{Reading, Request};
use super::generate::Generator;
use super::{ROOT, World, data, eval, render, runner, seed, start, world};
use proptest::prelude::*;

/// The set of nodes; nothing refers to the newcomers.
const NODES: usize = 0;
const WALKS: usize = 25;

fn order(world: &World, numbers: Vec<u32>) -> Request {
    let mut choices = data::Choices::new(numbers);
    let mut generator = Generator::new(world, &mut choices, NODES);
    let reading = Reading { order: generator.order(), columns: vec![0], ..Reading::default() };
    Request { set: NODES, reading, paged: true, style: 0 }
}

fn walk(kind: Kind) {
    let world = world();
    let Some((database, server)) = start(kind, &world) else { return };
    let mut rng = runner(1).new_rng();
    let table = &world.sets[NODES].table;
    let (rows, parent) = (&table.rows, table.column("ParentId"));
    for round in 0..WALKS {
        let request = order(&world, (0..60).map(|_| rng.next_u32()).collect());
        let target = format!("{ROOT}{}", render::target(&request, &world));
        let stable: Vec<Value> = eval::matching(&world, NODES, 0..rows.len(), None, &request.reading)
            .into_iter()
            .map(|row| rows[row][0].clone())
            .collect();
        let (mut next, mut found) = (target.clone(), Vec::new());
        for page_number in 0..100_usize {
            let response = server.get_with(&next, &[("Prefer", "maxpagesize=7")]);
            if response.status == 501 {
                found.clone_from(&stable);
                break;
            }
            assert_eq!(
                response.status,
                200,
                "{} {next}: {}\n{}",
                kind.name(),
                response.text(),
                super::tail(&server.log())
            );
            let page = Json::read(response.text()).unwrap();
            for row in page.get("value").unwrap().as_array().unwrap() {
                found.push(Value::Int(row.get("Id").unwrap().as_number().unwrap().parse().unwrap()));
            }
            let Some(link) = page.get("@odata.nextLink").and_then(Json::as_str) else { break };
            next = server.target_of(link).to_owned();
            // Newcomers are copies of present rows, so they mostly tie with them; nobody's child is one of them.
            let mut newcomers = Vec::new();
            for copy in 0..4_usize {
                let mut row = rows[(page_number * 17 + copy * 19 + round) % rows.len()].clone();
                let number = i64::try_from(1_000 * (round + 1) + 10 * page_number + copy).unwrap();
                row[0] = Value::Int(if copy % 2 == 0 { number } else { -number });
                row[parent] = Value::Null;
                newcomers.push(row);
            }
            world.insert(&database, NODES, &newcomers);
            if page_number % 3 == 2 {
                database.run("delete from nodes where id < 0 or id > 1000");
            }
        }
        found.retain(|key| stable.contains(key));
        assert_eq!(found, stable, "{} (seed {}) {target}", kind.name(), seed());
        database.run("delete from nodes where id < 0 or id > 1000");
    }
}

#[test]
fn sqlite_walks_through_calculated_orders() {
    walk(Kind::Sqlite);
}

#[test]
fn postgres_walks_through_calculated_orders() {
    walk(Kind::Postgres);
}

#[test]
fn mariadb_walks_through_calculated_orders() {
    walk(Kind::Mariadb);
}
