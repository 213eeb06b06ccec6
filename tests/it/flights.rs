//! Equal requests at the same time cost one statement, whatever becomes of the one that came first. Each takes half a
//! second, and the way to the database counts them.

use std::time::Duration;

use futures_util::future::join_all;
use penstock::query::Grants;
use penstock::service::{Answer, Service};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::support::counting::Counting;
use crate::support::databases::{Database, Kind};
use crate::support::inside::{self, Keeper};

const SERVICE: &str = "version = 1\nnamespace = \"Inside\"\nsource = \"inside\"\ncache = { ttl_s = 60 }\n";
const SLOW: &str = "version = 1\nset = \"Slow\"\ntype = \"SlowRow\"\ntable = \"slow\"\nkey = [\"Id\"]\n\
                    [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
                    [[property]]\nname = \"Amount\"\ncolumn = \"amount\"\ntype = \"Int32\"\nnullable = false\n";
const READERS: usize = 40;

struct World {
    database: Database,
    counting: Counting,
    runtime: Runtime,
    service: Service,
}

impl World {
    fn new() -> Option<World> {
        let database = Database::create(Kind::Postgres, "flights")?;
        database.run(
            "create table facts (id int primary key, amount int not null);
             insert into facts select number, number % 10 from generate_series(1, 50) number;
             create table health (denominator int not null);
             insert into health values (1);
             create view slow as
               with once as materialized (select pg_sleep(0.5), 1 / denominator as one from health)
               select id, amount from facts, once where one = 1",
        );
        let counting = Counting::new(database.port().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let model = inside::model(&[("service.toml", SERVICE.to_owned()), ("slow.toml", SLOW.to_owned())]);
        let databases = {
            let _guard = runtime.enter();
            inside::databases(&database.url_through(counting.port), Duration::from_secs(20))
        };
        let keeper = Keeper::new(&model, 1, None, None);
        let service = inside::service(&model, &databases, &keeper, Grants::everything());
        Some(World { database, counting, runtime, service })
    }

    /// Statements since the last question.
    fn statements(&self) -> usize {
        self.counting.statements()
    }

    fn ask_all(&self, target: &str) -> Vec<Answer> {
        self.runtime.block_on(async {
            let ask = || {
                let (service, target) = (self.service.clone(), target.to_owned());
                tokio::spawn(async move { inside::ask(&service, &target).await })
            };
            join_all((0..READERS).map(|_| ask())).await.into_iter().map(Result::unwrap).collect()
        })
    }
}

#[test]
fn equal_requests_cost_one_statement() {
    let Some(world) = World::new() else { return };
    // A page; a page and its total; a total; an entity; a total that is known, with another page.
    for (target, expected) in [
        ("Slow?$top=5", 1),
        ("Slow?$top=5&$count=true", 2),
        ("Slow/$count?$filter=Amount%20gt%205", 1),
        ("Slow(7)", 1),
        ("Slow?$filter=Amount%20gt%205&$top=3&$count=true", 1),
    ] {
        let answers = world.ask_all(target);
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body), "{target}");
        assert_eq!(world.statements(), expected, "{target}");
        assert!(world.ask_all(target).iter().all(|answer| answer.cache_status == Some("penstock; hit")), "{target}");
        assert_eq!(world.statements(), 0, "{target} again");
    }
}

/// Lists that differ in columns and pages have one total, counted once also if all are asked for at the same time.
#[test]
fn pages_of_one_list_share_the_counting() {
    let Some(world) = World::new() else { return };
    let target = |skip: usize| format!("Slow?$filter=Amount%20lt%209&$count=true&$top=1&$skip={skip}");
    let answers = world.runtime.block_on(async {
        let ask = |skip| {
            let (service, target) = (world.service.clone(), target(skip));
            tokio::spawn(async move { inside::ask(&service, &target).await })
        };
        join_all((0..6).map(ask)).await
    });
    for answer in answers {
        let body = String::from_utf8(answer.unwrap().body.to_vec()).unwrap();
        assert!(body.contains("\"@odata.count\":45"), "{body}");
    }
    assert_eq!(world.statements(), 6 + 1);
}

#[test]
fn a_leader_that_leaves_does_not_take_the_statement_along() {
    let Some(world) = World::new() else { return };
    for (target, statements) in
        [("Slow?$top=4", 1), ("Slow?$top=4&$count=true", 2), ("Slow/$count?$filter=Amount%20ne%203", 1), ("Slow(3)", 1)]
    {
        let answers = world.runtime.block_on(async {
            let service = world.service.clone();
            let leader = async { timeout(Duration::from_millis(100), inside::ask(&service, target)).await };
            let followers = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                join_all((0..5).map(|_| inside::ask(&service, target))).await
            };
            let (leader, followers) = tokio::join!(leader, followers);
            assert!(leader.is_err(), "{target}: the leader has left");
            followers
        });
        assert!(answers.iter().all(|answer| answer.status == 200), "{target}");
        assert_eq!(world.statements(), statements, "{target}");
    }
}

/// When all have left, the statement ends in the database, and the next one begins anew.
#[test]
fn a_statement_for_which_nobody_waits_is_stopped() {
    let Some(world) = World::new() else { return };
    let running = || {
        world.database.number(
            "select count(*) from pg_stat_activity where state = 'active' and query like '%slow%' \
             and pid <> pg_backend_pid() and datname = current_database()",
        )
    };
    world.runtime.block_on(async {
        let asks = (0..5).map(|_| timeout(Duration::from_millis(100), inside::ask(&world.service, "Slow?$top=3")));
        assert!(join_all(asks).await.iter().all(Result::is_err));
    });
    let began = std::time::Instant::now();
    while running() > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "the statement goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    world.statements();
    let answers = world.ask_all("Slow?$top=3");
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(world.statements(), 1);
}

#[test]
fn a_leader_that_fails_fails_with_those_who_waited_and_with_nobody_else() {
    let Some(world) = World::new() else { return };
    for target in
        ["Slow?$top=2", "Slow?$top=2&$count=true&$filter=Amount%20lt%208", "Slow/$count?$filter=Amount%20ge%204"]
    {
        world.database.run("update health set denominator = 0");
        world.statements();
        let answers = world.ask_all(target);
        assert!(answers.iter().all(|answer| answer.status == 500), "{target}");
        assert_eq!(world.statements(), 1, "{target} fails once");
        world.database.run("update health set denominator = 1");
        assert!(world.ask_all(target).iter().all(|answer| answer.status == 200), "{target}");
        world.statements();
    }
}
