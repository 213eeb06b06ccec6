//! How old answers may be, and what may be in them: random reads by readers with different rights, changes that are
//! told and changes that are not, time, outages, and several replicas; every answer is judged by the whole history of
//! the tables. An answer must be right for one state of each set that it touches; the state must be no older than the
//! policy of that set allows, `Age` must not hide how old it is, and a told change must not be missing.
//!
//! `PENSTOCK_TEST_AGES` sets the number of sequences for each database, `PENSTOCK_TEST_SEED` the seed. A failure prints
//! the seed and the shortest sequence that still fails.

mod history;
mod judge;
mod question;
mod races;
mod rights;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use penstock::cache::{Redis, RedisSettings};
use penstock::model::{Model, SetId};
use penstock::service::{Request, Service};
use penstock::store::Databases;
use proptest::prelude::*;
use proptest::test_runner::TestError;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::differential::{runner, seed};
use crate::support::databases::{Database, Kind};
use crate::support::environment;
use crate::support::inside::{self, Keeper, pass};
use crate::support::redis::RedisServer;
use history::{Change, History, SETS, Set};
use judge::Made;
use question::Question;
use rights::{RIGHTS, Rights};

const READERS: usize = 4;

/// One step of a sequence. Numbers beyond what there is wrap around.
#[derive(Clone, Debug)]
enum Step {
    /// A reader asks; `fresh` demands an answer that is read now.
    Ask {
        reader: usize,
        question: Box<Question>,
        fresh: bool,
    },
    /// A reader asks what was asked before, perhaps with or without annotations or with pages of another size.
    Again {
        reader: usize,
        which: usize,
        twist: Option<(bool, Option<usize>)>,
    },
    /// A reader follows a next link that was given before.
    Next {
        reader: usize,
        which: usize,
    },
    /// A row changes; a replica is told, or none.
    Change {
        set: Set,
        change: Change,
        told: Option<usize>,
    },
    /// A reader's rights become others.
    Rights {
        reader: usize,
        rights: Rights,
    },
    Pass(u64),
    /// The database goes away, or comes back.
    Away(bool),
    /// All replicas hear what each of them was told.
    Settle,
}

fn steps() -> impl Strategy<Value = Step> {
    let reader = || 0..READERS;
    let change = (prop::sample::select(&SETS[..]), history::changes(), prop::option::weighted(0.5, 0..2_usize));
    let times = [1, 400, 999, 1_000, 5_000, 29_500, 59_999, 60_000, 100_000, 150_001];
    prop_oneof![
        10 => (reader(), question::questions(), prop::bool::weighted(0.07))
            .prop_map(|(reader, question, fresh)| Step::Ask { reader, question: Box::new(question), fresh }),
        16 => (reader(), any::<usize>(), prop::option::weighted(0.3, (any::<bool>(), prop::option::of(1..5_usize))))
            .prop_map(|(reader, which, twist)| Step::Again { reader, which, twist }),
        4 => (reader(), any::<usize>()).prop_map(|(reader, which)| Step::Next { reader, which }),
        7 => change.prop_map(|(set, change, told)| Step::Change { set, change, told }),
        2 => (reader(), prop::sample::select(&RIGHTS[..])).prop_map(|(reader, rights)| Step::Rights { reader, rights }),
        7 => prop::sample::select(times.to_vec()).prop_map(Step::Pass),
        2 => prop::bool::weighted(0.35).prop_map(Step::Away),
        1 => Just(Step::Settle),
    ]
}

/// What all sequences share.
struct World {
    runtime: Runtime,
    model: Arc<Model>,
    databases: Arc<Databases>,
    /// The same source, which is not there.
    away: Arc<Databases>,
    database: Database,
}

impl World {
    fn new(kind: Kind) -> Option<World> {
        let database = Database::create(kind, "ages")?;
        history::create_tables(&database);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let nowhere = match kind {
            Kind::Sqlite => format!("{}-that-is-not-there", database.url),
            // Nobody listens at this port.
            Kind::Postgres | Kind::Mariadb => database.url_through(1),
        };
        let open = |url: &str| inside::databases(url, Duration::from_secs(20));
        let (databases, away) = {
            let _guard = runtime.enter();
            (open(&database.url), open(&nowhere))
        };
        Some(World { runtime, model: inside::model(&history::metadata()), databases, away, database })
    }

    fn id(&self, set: Set) -> SetId {
        self.model.set_named(set.name()).expect("the set is published").0
    }
}

/// One caller and the replica that answers.
struct Reader {
    replica: usize,
    rights: Rights,
    service: Service,
    /// The same with the database away.
    without: Service,
}

/// One process of several: what it keeps, and the task that talks to the others.
struct Replica {
    keeper: Keeper,
    /// The state of each set of which it was told.
    told: [usize; 3],
    task: Option<JoinHandle<()>>,
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// One sequence under way.
struct Run<'a> {
    world: &'a World,
    now_ms: Arc<AtomicU64>,
    history: History,
    replicas: Vec<Replica>,
    readers: Vec<Reader>,
    is_away: bool,
    asked: Vec<Question>,
    /// Requests for next pages, and for whom the links were made.
    nexts: Vec<(Question, Rights)>,
    made: HashMap<String, Made>,
}

static PREFIX: AtomicU32 = AtomicU32::new(0);

impl<'a> Run<'a> {
    fn new(world: &'a World, redis: Option<&RedisServer>) -> Run<'a> {
        let now_ms = inside::standing_clock();
        let prefix = format!("ages-{}", PREFIX.fetch_add(1, Ordering::Relaxed));
        let replica = |number: u64| {
            let redis = redis.map(|server| {
                let settings = RedisSettings {
                    url: server.url(),
                    prefix: prefix.clone(),
                    encryption_key: None,
                    timeout: Duration::from_secs(2),
                };
                Arc::new(Redis::open(&settings).unwrap())
            });
            let keeper = Keeper::new(&world.model, number, Some(&now_ms), redis.clone());
            let generations = Arc::clone(&keeper.generations);
            let task = redis.map(|redis| world.runtime.spawn(async move { redis.keep(&generations).await }));
            Replica { keeper, told: [0; 3], task }
        };
        let replicas: Vec<Replica> = (1..=if redis.is_some() { 2 } else { 1 }).map(replica).collect();
        let mut run = Run {
            world,
            now_ms,
            history: History::begin(&world.database),
            replicas,
            readers: Vec::new(),
            is_away: false,
            asked: Vec::new(),
            nexts: Vec::new(),
            made: HashMap::new(),
        };
        for number in 0..READERS {
            let reader = run.reader(number % run.replicas.len(), RIGHTS[number % RIGHTS.len()]);
            run.readers.push(reader);
        }
        run
    }

    fn reader(&self, replica: usize, rights: Rights) -> Reader {
        let keeper = &self.replicas[replica].keeper;
        let service =
            |databases| inside::service(&self.world.model, databases, keeper, rights.grants(&self.world.model));
        Reader { replica, rights, service: service(&self.world.databases), without: service(&self.world.away) }
    }

    fn now(&self) -> u64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    /// The generations of sets at a replica: equal as long as it was told of no change.
    fn stamps(&self, replica: usize, sets: &[Set]) -> Vec<u64> {
        let generations = &self.replicas[replica].keeper.generations;
        let places = sets.iter().map(|set| generations.place(&format!("inside/{}", set.name())));
        places.map(|place| generations.stamp([place.expect("the set is known")])).collect()
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Ask { reader, question, fresh } => {
                self.asked.push((**question).clone());
                self.ask(*reader, question, *fresh)
            }
            Step::Again { reader, which, twist } => {
                let Some(place) = which.checked_rem(self.asked.len()) else { return Ok(()) };
                let mut question = self.asked[place].clone();
                if let Some((bare, page_rows)) = twist {
                    (question.bare, question.page_rows) = (*bare, *page_rows);
                }
                self.ask(*reader, &question, false)
            }
            Step::Next { reader, which } => {
                let Some(place) = which.checked_rem(self.nexts.len()) else { return Ok(()) };
                let (question, made_for) = self.nexts[place].clone();
                let rights = self.readers[*reader].rights;
                if question.sets().into_iter().all(|set| rights.agrees(made_for, set)) {
                    return self.ask(*reader, &question, false);
                }
                // Links lead those on who have the rights of the one they were made for, and nobody else.
                let status = self.answer(*reader, &question, false).status;
                if matches!(status, 400 | 404) {
                    Ok(())
                } else {
                    Err(format!("a link of others is answered: {status}"))
                }
            }
            Step::Change { set, change, told } => {
                self.history.change(&self.world.database, *set, change, self.now());
                if let Some(replica) = told {
                    let replica = replica % self.replicas.len();
                    let reader = self.readers.iter().find(|reader| reader.replica == replica);
                    reader.expect("every replica has a reader").service.wrote(self.world.id(*set));
                    self.replicas[replica].told[*set as usize] = self.history.present(*set);
                }
                Ok(())
            }
            Step::Rights { reader, rights } => {
                self.readers[*reader] = self.reader(self.readers[*reader].replica, *rights);
                Ok(())
            }
            Step::Pass(ms) => {
                pass(&self.now_ms, *ms);
                Ok(())
            }
            Step::Away(is_away) => {
                // Attempts to read anew in the background must not meet the other database.
                std::thread::sleep(Duration::from_millis(if self.is_away { 30 } else { 0 }));
                self.is_away = *is_away;
                Ok(())
            }
            Step::Settle => self.settle(),
        }
    }

    /// Waits until every replica has heard of what any was told.
    fn settle(&mut self) -> Result<(), String> {
        let agreed = |run: &Run<'_>| {
            let stamps: Vec<_> = (0..run.replicas.len()).map(|replica| run.stamps(replica, &SETS)).collect();
            stamps.windows(2).all(|pair| pair[0] == pair[1])
                && run.replicas.iter().all(|replica| replica.keeper.generations.pending().is_empty())
        };
        let began = Instant::now();
        while self.replicas.len() > 1 && !agreed(self) {
            if began.elapsed() > Duration::from_secs(10) {
                return Err("the replicas do not agree within ten seconds".to_owned());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        for set in SETS.map(|set| set as usize) {
            let told = self.replicas.iter().map(|replica| replica.told[set]).max().unwrap_or_default();
            self.replicas.iter_mut().for_each(|replica| replica.told[set] = told);
        }
        Ok(())
    }

    fn answer(&self, reader: usize, question: &Question, fresh: bool) -> penstock::service::Answer {
        let request = Request {
            target: question.target(),
            accept: question.bare.then(|| "application/json;odata.metadata=none".to_owned()),
            prefer: question.page_rows.map(|rows| format!("maxpagesize={rows}")),
            cache_control: fresh.then(|| "no-cache".to_owned()),
            ..Request::default()
        };
        let reader = &self.readers[reader];
        let service = if self.is_away { &reader.without } else { &reader.service };
        self.world.runtime.block_on(inside::answer(service, request))
    }
}

fn run(kind: Kind, redis: Option<&RedisServer>, sequences: u32) {
    let Some(world) = World::new(kind) else { return };
    let strategy = proptest::collection::vec(steps(), 1..120);
    let result = runner(sequences).run(&strategy, |steps| {
        let mut run = Run::new(&world, redis);
        run.settle().map_err(TestCaseError::fail)?;
        for (number, step) in steps.iter().enumerate() {
            run.step(step).map_err(|what| TestCaseError::fail(format!("step {number}: {what}")))?;
        }
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, steps)) => {
            let steps: Vec<String> = steps.iter().enumerate().map(|(n, step)| format!("{n:3} {step:?}")).collect();
            panic!("{} (seed {}): {}\n{}", kind.name(), seed(), reason.message(), steps.join("\n"))
        }
        Err(other) => panic!("{other}"),
    }
}

fn sequences(share: u32) -> u32 {
    let all: u32 = environment("PENSTOCK_TEST_AGES").map_or(120, |text| text.parse().expect("a number of sequences"));
    all.div_ceil(share)
}

#[test]
fn sqlite_answers_are_no_older_than_allowed() {
    run(Kind::Sqlite, None, sequences(1));
}

#[test]
fn postgres_answers_are_no_older_than_allowed() {
    run(Kind::Postgres, None, sequences(3));
}

#[test]
fn mariadb_answers_are_no_older_than_allowed() {
    run(Kind::Mariadb, None, sequences(6));
}

#[test]
fn answers_of_two_replicas_are_no_older_than_allowed() {
    let Some(redis) = RedisServer::start() else { return };
    run(Kind::Sqlite, Some(&redis), sequences(2));
}
