//! Two real servers over one database and one Redis, under load, while rows change and are told, one of the servers is
//! killed and started again, and Redis is emptied, frozen, killed and started again. No answer is wrong or older than
//! its time, a told change is seen everywhere within a second while Redis works, nobody but the killed server fails,
//! and all of it recovers without help.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use penstock::edm::Value;

use crate::support::databases::{Database, Kind};
use crate::support::http::{Client, Response};
use crate::support::json::Json;
use crate::support::redis::RedisServer;
use crate::support::server::{Setup, TestServer, password_hash};

const ROOT: &str = "/odata/v4/test/";
/// `operator:secret`
const OPERATOR: (&str, &str) = ("Authorization", "Basic b3BlcmF0b3I6c2VjcmV0");
const TTL: Duration = Duration::from_secs(6);
/// A told change is seen by all after so long, while Redis works.
const CROSSING: Duration = Duration::from_secs(1);
/// Replicas try to connect at least this often, and give up waiting after a second.
const RECOVERY: Duration = Duration::from_secs(4);
const ROWS: i64 = 30;

const FILES: [(&str, &str); 2] = [
    ("metadata/service.toml", "version = 1\nnamespace = \"Test\"\nsource = \"facts\"\ncache = { ttl_s = 6 }\n"),
    (
        "metadata/fact.toml",
        "version = 1\nset = \"Facts\"\ntype = \"Fact\"\ntable = \"facts\"\nkey = [\"Id\"]\npage_rows_max = 12\n\
         [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
         [[property]]\nname = \"Stamp\"\ncolumn = \"stamp\"\ntype = \"Int32\"\nnullable = false\n",
    ),
];

fn database() -> Database {
    let database = Database::create(Kind::Sqlite, "replicas").expect("SQLite is always there");
    database.run("create table facts (id int not null primary key, stamp int not null)");
    let rows: Vec<_> = (1..=ROWS).map(|id| vec![Value::Int(id), Value::Int(0)]).collect();
    database.insert("facts", &["id", "stamp"], &rows);
    database
}

fn setup(url: &str, redis: &str, server: &str) -> Setup {
    let config = format!(
        "{server}\n[log]\nlevel = \"info\"\n[cache]\nbytes_max = 10000000\n[cache.redis]\n{redis}\n\
         [sources.facts]\nurl = \"{url}\"\n[services.test]\nmetadata = [\"metadata\"]\nanonymous = true\n\
         [[users]]\nname = \"operator\"\noperator = true\npassword_hash = \"{}\"\n",
        password_hash("secret")
    );
    FILES.into_iter().fold(Setup::new(&config), |setup, (name, text)| setup.file(name, text))
}

/// The server that a replica is now; `None` while it is down.
type Address = Mutex<Option<SocketAddr>>;

/// A change of all rows: the number that they then have.
#[derive(Clone, Copy, Debug)]
struct Change {
    ended: Instant,
    /// When the word of it was given, and to which replica; 2: to Redis itself.
    told: Option<(Instant, usize)>,
}

/// What the writer and the disturber have done so far.
#[derive(Default)]
struct Log {
    changes: BTreeMap<i64, Change>,
    /// When Redis was out of order, as far as replicas can have noticed; the last may go on.
    outages: Vec<(Instant, Option<Instant>)>,
    /// When replicas were killed: what they had been told and had not passed on is lost with them.
    kills: Vec<(Instant, usize)>,
}

impl Log {
    /// Whether Redis works at any moment between two.
    fn works(&self, from: Instant, to: Instant) -> bool {
        self.outages.iter().all(|(began, ended)| to < *began || ended.is_some_and(|ended| ended + RECOVERY < from))
    }

    /// From when on a replica must show a change.
    fn due(&self, change: &Change, replica: usize) -> Option<Instant> {
        let (told, where_told) = change.told?;
        let lost = |(killed, victim): &(Instant, usize)| *victim == where_told && *killed < told + CROSSING;
        if where_told == replica {
            let is_lost = self.kills.iter().any(lost);
            return (!is_lost).then_some(told);
        }
        if self.kills.iter().any(lost) {
            return None;
        }
        if self.works(told, told + CROSSING) {
            return Some(told + CROSSING);
        }
        // Told during an outage: after it, if it is over and no other follows.
        let last = self.outages.iter().rfind(|(began, _)| *began < told + CROSSING)?;
        let due = last.1? + RECOVERY + CROSSING;
        self.works(last.1? + RECOVERY + Duration::from_millis(1), due).then_some(due.max(told + CROSSING))
    }
}

struct Shared {
    addresses: [Address; 2],
    log: Mutex<Log>,
    ends: AtomicBool,
}

/// What a reader has seen.
#[derive(Default, Debug)]
struct Seen {
    reads: u64,
    origins: BTreeMap<String, u64>,
    failures: u64,
}

const TARGETS: [&str; 6] = [
    "Facts",
    "Facts?$select=Stamp&$count=true",
    "Facts?$orderby=Id%20desc&$top=5",
    "Facts(7)",
    "Facts/$count",
    "Facts?$filter=Id%20gt%2020&$select=Stamp,Id",
];

/// The change numbers in an answer.
fn stamps(response: &Response) -> Vec<i64> {
    let Ok(body) = Json::read(response.text()) else { panic!("no JSON: {}", response.text()) };
    let of = |row: &Json| row.get("Stamp").and_then(Json::as_number).map(|stamp| stamp.parse().unwrap());
    match body.get("value").and_then(Json::as_array) {
        Some(rows) => rows.iter().filter_map(of).collect(),
        None => of(&body).into_iter().collect(),
    }
}

fn read(shared: &Shared, replica: usize, first: usize) -> Seen {
    let mut seen = Seen::default();
    let mut client: Option<(SocketAddr, Client)> = None;
    while !shared.ends.load(Ordering::SeqCst) {
        sleep(Duration::from_millis(2));
        let Some(address) = *shared.addresses[replica].lock().unwrap() else { continue };
        if client.as_ref().is_none_or(|(known, _)| *known != address) {
            client = Some((address, Client::new(address)));
        }
        let target = TARGETS[(first + usize::try_from(seen.reads).unwrap()) % TARGETS.len()];
        let asked = Instant::now();
        let answered = client.as_mut().unwrap().1.request("GET", &format!("{ROOT}{target}"), &[]);
        seen.reads += 1;
        let response = match answered {
            Ok(response) => response,
            // Only who is killed may leave a request unanswered.
            Err(error) => {
                let now = *shared.addresses[replica].lock().unwrap();
                assert!(now != Some(address), "replica {replica} is up and fails: {error}");
                seen.failures += 1;
                continue;
            }
        };
        assert_eq!(response.status, 200, "replica {replica}, {target}: {}", response.text());
        let origin = response.header("cache-status").unwrap_or("none");
        *seen.origins.entry(origin.to_owned()).or_default() += 1;
        judge(shared, replica, target, asked, &response);
    }
    seen
}

fn judge(shared: &Shared, replica: usize, target: &str, asked: Instant, response: &Response) {
    if target.contains("/$count") {
        assert_eq!(response.text(), ROWS.to_string());
        return;
    }
    let stamps = stamps(response);
    let stamp = *stamps.first().expect("a row");
    assert!(stamps.iter().all(|other| *other == stamp), "two states in one answer: {stamps:?}");
    let log = shared.log.lock().unwrap();
    let origin = response.header("cache-status");
    let age: u64 = response.header("age").unwrap_or("0").parse().unwrap();
    // The state ended at some time while the next change was made.
    if let Some((_, next)) = log.changes.range(stamp + 1..).next() {
        let least = asked.saturating_duration_since(next.ended);
        assert!(least < TTL, "replica {replica}, {target}: a state that ended {least:?} ago, {origin:?}, Age {age}");
        assert!(least.as_secs() <= age, "replica {replica}, {target}: Age {age} hides that it is {least:?} old");
    }
    let due =
        log.changes.range(stamp + 1..).find(|(_, change)| log.due(change, replica).is_some_and(|due| due < asked));
    if let Some((number, change)) = due {
        let told = change.told.map(|(told, to)| (asked.duration_since(told), to));
        panic!(
            "replica {replica}, {target}: state {stamp}, and change {number} was told {told:?} ago; {origin:?}, Age {age}"
        );
    }
}

/// Changes rows and tells of it, now one replica, now the other, now Redis by the command of the operator.
fn write(shared: &Shared, database: &Database, config: &Path) {
    let mut clients: [Option<(SocketAddr, Client)>; 2] = [None, None];
    for number in 1.. {
        if shared.ends.load(Ordering::SeqCst) {
            return;
        }
        database.run(&format!("update facts set stamp = {number}"));
        let ended = Instant::now();
        shared.log.lock().unwrap().changes.insert(number, Change { ended, told: None });
        let to = usize::try_from(number).unwrap() % 4;
        let told = match to {
            0 | 1 => {
                let address = *shared.addresses[to].lock().unwrap();
                address.is_some_and(|address| {
                    if clients[to].as_ref().is_none_or(|(known, _)| *known != address) {
                        clients[to] = Some((address, Client::new(address)));
                    }
                    let client = &mut clients[to].as_mut().unwrap().1;
                    let answer = client.request("DELETE", "/cache/test/Facts", &[OPERATOR]);
                    answer.is_ok_and(|response| response.status == 204)
                })
            }
            2 => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_penstock"));
                command.args(["invalidate", "Facts", "--config"]).arg(config);
                command.output().unwrap().status.success()
            }
            // Nobody is told.
            _ => false,
        };
        if told {
            let mut log = shared.log.lock().unwrap();
            log.changes.get_mut(&number).unwrap().told = Some((Instant::now(), to));
        }
        sleep(Duration::from_millis(if to == 3 { 400 } else { 150 }));
    }
}

/// Ends the readers and the writer, also if something is wrong.
struct Ends<'a>(&'a Shared);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.ends.store(true, Ordering::SeqCst);
    }
}

fn disturb(shared: &Shared, redis: &mut RedisServer, second: TestServer, again: impl Fn() -> TestServer) -> TestServer {
    let _ends = Ends(shared);
    let outage = |begins: bool| {
        let mut log = shared.log.lock().unwrap();
        if begins {
            log.outages.push((Instant::now(), None));
        } else {
            log.outages.last_mut().unwrap().1 = Some(Instant::now());
        }
    };
    sleep(Duration::from_secs(3));
    assert!(redis.say("FLUSHALL").starts_with("+OK"));
    sleep(Duration::from_secs(2));

    shared.log.lock().unwrap().kills.push((Instant::now(), 1));
    *shared.addresses[1].lock().unwrap() = None;
    drop(second);
    sleep(Duration::from_millis(500));
    let second = again();
    *shared.addresses[1].lock().unwrap() = Some(second.address);
    sleep(Duration::from_secs(2));

    outage(true);
    redis.freeze();
    sleep(Duration::from_millis(1_500));
    redis.thaw();
    outage(false);
    sleep(RECOVERY + Duration::from_millis(1_500));

    outage(true);
    redis.kill();
    sleep(Duration::from_secs(1));
    redis.revive();
    outage(false);
    sleep(RECOVERY + Duration::from_millis(2_500));
    second
}

const ALIKE: &str = "public_url = \"http://replicas.example\"\ntoken_key = \"the same for all replicas\"\n";

#[test]
fn two_replicas_under_load_survive_what_happens_to_them() {
    let Some(mut redis) = RedisServer::start() else { return };
    let database = database();
    let (url, redis_lines) = (database.url.clone(), format!("url = \"{}\"\n", redis.url()));
    let start = || setup(&url, &redis_lines, ALIKE).start();
    let (first, second) = (start(), start());
    let config = setup(&url, &redis_lines, ALIKE);
    let shared = &Shared {
        addresses: [Mutex::new(Some(first.address)), Mutex::new(Some(second.address))],
        log: Mutex::default(),
        ends: AtomicBool::new(false),
    };
    let (seen, second) = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4).map(|number| scope.spawn(move || read(shared, number % 2, number * 2))).collect();
        let disturber = scope.spawn(|| disturb(shared, &mut redis, second, start));
        write(shared, &database, &config.path().join("penstock.toml"));
        let seen: Vec<Seen> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        (seen, disturber.join().unwrap())
    });
    for (reader, seen) in seen.iter().enumerate() {
        let count = |origin: &str| seen.origins.get(origin).copied().unwrap_or(0);
        assert!(seen.reads > 500 && count("penstock; hit") > 100, "reader {reader}: {seen:?}");
        assert!(count("penstock; hit; detail=second-level") > 0, "reader {reader}: {seen:?}");
        assert!(reader % 2 == 1 || seen.failures == 0, "reader {reader}: {seen:?}");
    }
    let log = shared.log.lock().unwrap();
    let told = log.changes.values().filter(|change| change.told.is_some()).count();
    assert!(told > 30, "{told} changes were told");
    drop(log);
    // All of it works again: what one has read the other finds in Redis.
    let target = format!("{ROOT}Facts?$filter=Id%20ne%203");
    assert_eq!(first.get(&target).header("cache-status"), Some("penstock; fwd=miss; stored"));
    sleep(Duration::from_millis(500));
    let found = second.get(&target);
    assert_eq!(found.header("cache-status"), Some("penstock; hit; detail=second-level"), "{}", second.log());
}
