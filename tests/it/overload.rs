//! More requests than a database can serve, and databases that fail under load. What is right here does not hang on how
//! fast the machine is: each answer is the expected rows or a clear refusal, callers do not starve each other, and
//! afterwards all is as before.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use penstock::edm::Value;

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo, user};
use crate::sick::{ROOT, database, serve, soon};
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::demo;
use crate::support::http::{Client, Response, connect};
use crate::support::line::{Line, State};
use crate::support::server::{Setup, TestServer};

/// Rows of the set `Fast`.
const ROWS: i64 = 300;
/// No answer may take longer, in whatever state a database is.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// `one:one` and `two:two`
const ONE: (&str, &str) = ("Authorization", "Basic b25lOm9uZQ==");
const TWO: (&str, &str) = ("Authorization", "Basic dHdvOnR3bw==");

fn word(id: i64) -> String {
    format!("word {}", id * 7_919 % 1_000)
}

/// The sick database with more rows.
fn filled(kind: Kind) -> Option<Database> {
    let database = database(kind)?;
    database.run("delete from fast");
    let rows: Vec<_> = (1..=ROWS).map(|id| vec![Value::Int(id), Value::String(word(id).into())]).collect();
    database.insert("fast", &["id", "word"], &rows);
    Some(database)
}

/// Workers that ask without a rest and check what they get.
struct Load {
    stop: Arc<AtomicBool>,
    right: Arc<AtomicU64>,
    wrong: Arc<Mutex<Vec<String>>>,
    workers: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(server: &TestServer, workers: u64) -> Load {
        let (stop, right, wrong) = (Arc::default(), Arc::default(), Arc::default());
        let mut load = Load { stop, right, wrong, workers: Vec::new() };
        for worker in 0..workers {
            let (stop, right, wrong) = (load.stop.clone(), load.right.clone(), load.wrong.clone());
            let address = server.address;
            load.workers.push(std::thread::spawn(move || {
                let mut client = Client::new(address);
                let base = format!("http://{address}{ROOT}$metadata#Fast");
                let mut number = worker;
                while !stop.load(Ordering::Relaxed) {
                    number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let (target, expected) = question(&base, number >> 33);
                    let start = Instant::now();
                    let judged = match client.request("GET", &format!("{ROOT}{target}"), &[]) {
                        Ok(response) if response.status == 200 && response.text() == expected => {
                            right.fetch_add(1, Ordering::Relaxed);
                            Ok(())
                        }
                        Ok(response) if response.status == 200 => {
                            Err(format!("{} instead of {expected}", response.text()))
                        }
                        Ok(response) => refusal(&response).map(|_| std::thread::sleep(Duration::from_millis(5))),
                        Err(error) => Err(format!("no answer: {error}")),
                    };
                    let late = start.elapsed() > ANSWER_MAX;
                    if late || judged.is_err() {
                        wrong.lock().unwrap().push(format!("{target}: {judged:?} after {:?}", start.elapsed()));
                    }
                }
            }));
        }
        load
    }

    /// Waits until so many more answers were right.
    fn goes_on(&self, what: &str) {
        let before = self.right.load(Ordering::Relaxed);
        soon(what, || self.right.load(Ordering::Relaxed) >= before + 200);
    }

    fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.join().unwrap();
        }
        let wrong = self.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "{} wrong answers:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// A request below the root and the body that answers it.
fn question(base: &str, number: u64) -> (String, String) {
    let id = i64::try_from(number % 290).unwrap() + 1;
    let row = |id: i64| format!("\"Id\":{id},\"Word\":\"{}\"", word(id));
    if number.is_multiple_of(3) {
        let rows: Vec<_> = (id + 1..=id + 5).map(|id| format!("{{{}}}", row(id))).collect();
        let body = format!("{{\"@odata.context\":\"{base}\",\"value\":[{}]}}", rows.join(","));
        return (format!("Fast?$filter=Id%20gt%20{id}&$orderby=Id&$top=5"), body);
    }
    (format!("Fast({id})"), format!("{{\"@odata.context\":\"{base}/$entity\",{}}}", row(id)))
}

/// The code of a refusal that says clearly that the database is not to be had now, or what is wrong with it.
fn refusal(response: &Response) -> Result<String, String> {
    let (code, message) = error_of(response)?;
    let is_known = match (response.status, code.as_str()) {
        (503, "store.unavailable" | "store.busy") | (429, "store.share") => response.header("retry-after").is_some(),
        (504, "store.timeout") => true,
        _ => false,
    };
    if is_known { Ok(code) } else { Err(format!("{} {code}: {message}", response.status)) }
}

#[test]
fn outages_under_load_give_no_wrong_answer_and_end_by_themselves() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = filled(kind) else { continue };
        let line = Line::new(database.port().unwrap());
        line.turn(State::Open);
        let limits = "pool_max = 4\nacquire_timeout_ms = 500\nstatement_timeout_ms = 1000\nqueue_max = 50\n";
        let server = serve(&database.url_through(line.port), limits);
        let load = Load::start(&server, 12);
        load.goes_on("the database is well");
        let resident = server.resident_bytes();

        line.turn(State::Cut);
        line.turn(State::Open);
        load.goes_on("all connections were cut once");

        line.turn(State::Cut);
        soon("the log says that the source is away", || server.log().contains("failed 5 times in a row"));
        std::thread::sleep(Duration::from_millis(500));
        line.turn(State::Open);
        load.goes_on("the database was away and is back");
        soon("the log says that it is back", || server.log().contains("the source answers again"));

        line.turn(State::Silent);
        std::thread::sleep(Duration::from_secs(5));
        line.turn(State::Open);
        load.goes_on("the database stood still and goes on");

        if kind == Kind::Postgres {
            let others = "datname = current_database() and pid <> pg_backend_pid()";
            database.number(&format!("select count(pg_terminate_backend(pid)) from pg_stat_activity where {others}"));
            load.goes_on("all sessions were ended");
        }
        load.end();
        soon("the server is ready", || server.get("/health/ready").status == 200);
        soon("there are no more sessions than allowed", || sessions(&database) <= 4);
        let opened = server.log().matches("failed 5 times in a row").count();
        assert!(opened <= 6, "told {opened} times:\n{}", server.log());
        let grown = server.resident_bytes().saturating_sub(resident);
        assert!(grown < 64 << 20, "{}: {grown} bytes more", kind.name());
    }
}

/// Sessions in the database beside our own.
fn sessions(database: &Database) -> i64 {
    database.number(match database.kind {
        Kind::Postgres => {
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        }
        _ => "select count(*) from information_schema.processlist where db = database() and id <> connection_id()",
    })
}

/// Makes each read of `Slow` a piece of work of some tenths of a second at most, with one row as its result.
fn make_slow_finite(database: &Database) {
    database.run("drop view slow");
    database.run(
        "create view slow as select 1 as id, 'word' as word from \
         (select count(*) as n from numbers a, numbers b where a.x + b.x < 0) work",
    );
}

#[test]
fn beyond_its_capacity_a_source_serves_what_it_can_and_refuses_the_rest() {
    for kind in KINDS {
        let Some(database) = filled(kind) else { continue };
        make_slow_finite(&database);
        let limits = "pool_max = 2\nacquire_timeout_ms = 2000\nqueue_max = 10\n";
        let server = serve(&database.url, limits);
        let address = server.address;
        let expected = format!(
            "{{\"@odata.context\":\"http://{address}{ROOT}$metadata#Slow\",\"value\":[{{\"Id\":1,\"Word\":\"word\"}}]}}"
        );
        let clients: Vec<_> = (0..24)
            .map(|_| {
                let expected = expected.clone();
                std::thread::spawn(move || {
                    let mut client = Client::new(address);
                    let (mut right, mut refused) = (0, 0);
                    let start = Instant::now();
                    while start.elapsed() < Duration::from_secs(2) {
                        let asked = Instant::now();
                        let response = client.get(&format!("{ROOT}Slow"), &[]);
                        assert!(asked.elapsed() < ANSWER_MAX, "{:?}", asked.elapsed());
                        if response.status == 200 {
                            assert_eq!(response.text(), expected);
                            right += 1;
                        } else {
                            assert_eq!(refusal(&response).as_deref(), Ok("store.busy"));
                            refused += 1;
                            std::thread::sleep(Duration::from_millis(20));
                        }
                    }
                    (right, refused)
                })
            })
            .collect();
        let results: Vec<(u32, u32)> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        let (right, refused) = results.iter().fold((0, 0), |sum, result| (sum.0 + result.0, sum.1 + result.1));
        assert!(right >= 2 && refused > 0, "{}: {right} answered, {refused} refused", kind.name());
        soon("the log tells of the overload", || server.log().contains("overloaded"));
        assert!(server.log().lines().filter(|line| line.contains("overloaded")).count() < 5, "{}", server.log());
        assert_eq!(server.get(&format!("{ROOT}Slow")).status, 200, "{}", kind.name());
    }
}

/// Sends a request in a thread of its own.
fn ask(server: &TestServer, target: &str, who: (&'static str, &'static str)) -> JoinHandle<Response> {
    let (address, target) = (server.address, format!("{ROOT}{target}"));
    std::thread::spawn(move || Client::new(address).get(&target, &[who]))
}

#[test]
fn a_full_queue_makes_room_for_a_user_who_has_less_in_it() {
    // The queue is the same in front of every database.
    let database = database(Kind::Sqlite).unwrap();
    let limits = "statement_timeout_ms = 4000\npool_max = 1\nqueue_max = 3\nacquire_timeout_ms = 30000\n";
    let server = serve(&database.url, &format!("{limits}{}{}", user("one"), user("two")));
    // Passwords are checked before, so that the order is that of sending.
    for who in [ONE, TWO] {
        assert_eq!(server.get_with(&format!("{ROOT}Fast"), &[who]).status, 200);
    }
    let pause = || std::thread::sleep(Duration::from_millis(300));
    let slow = ask(&server, "Slow", ONE);
    pause();
    let greedy: Vec<_> = (0..3).map(|_| ask(&server, "Fast", ONE)).collect();
    pause();
    let refused = server.get_with(&format!("{ROOT}Fast"), &[ONE]);
    assert_eq!(refusal(&refused).as_deref(), Ok("store.busy"), "alone, he has no share to exceed");
    let modest = ask(&server, "Fast", TWO);
    pause();
    let refused = server.get_with(&format!("{ROOT}Fast"), &[ONE]);
    assert_eq!((refused.status, refusal(&refused).as_deref()), (429, Ok("store.share")));
    assert_eq!(modest.join().unwrap().status, 200);
    let greedy: Vec<_> = greedy.into_iter().map(|request| request.join().unwrap()).collect();
    let mut statuses: Vec<u16> = greedy.iter().map(|response| response.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    assert!(greedy.iter().all(|response| response.status == 200 || refusal(response).is_ok()));
    assert_eq!(slow.join().unwrap().status, 504);
}

#[test]
fn a_client_that_leaves_the_queue_frees_its_place() {
    // The queue is the same in front of every database.
    let database = database(Kind::Sqlite).unwrap();
    let limits = "statement_timeout_ms = 4000\npool_max = 1\nqueue_max = 1\nacquire_timeout_ms = 30000\n";
    let server = serve(&database.url, limits);
    let pause = || std::thread::sleep(Duration::from_millis(300));
    let slow = ask(&server, "Slow", ("X-Test", "1"));
    pause();
    let mut leaver = connect(server.address).unwrap();
    write!(leaver, "GET {ROOT}Fast HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    pause();
    assert_eq!(refusal(&server.get(&format!("{ROOT}Fast"))).as_deref(), Ok("store.busy"));
    drop(leaver);
    pause();
    // It waits in the place that was left, until the slow statement has ended.
    assert_eq!(server.get(&format!("{ROOT}Fast")).status, 200);
    assert_eq!(slow.join().unwrap().status, 504);
}

#[test]
fn a_slow_source_delays_nobody_who_needs_another() {
    for kind in KINDS {
        let (Some(slow), Some(well)) = (database(kind), database(Kind::Sqlite)) else { continue };
        let file = |set: &str, table: &str| {
            format!(
                "version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\ntable = \"{table}\"\nkey = [\"Id\"]\n\
                 [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n"
            )
        };
        let limits = "pool_max = 2\nqueue_max = 4\nacquire_timeout_ms = 20000\nstatement_timeout_ms = 2500";
        let config = format!(
            "[sources.slow]\nurl = \"{}\"\n{limits}\n[sources.well]\nurl = \"{}\"\n{limits}\n\
             [services.sick]\nmetadata = [\"slow\", \"well\"]\nanonymous = true\n",
            slow.url, well.url
        );
        let server = Setup::new(&config)
            .file("slow/service.toml", "version = 1\nnamespace = \"Sick\"\nsource = \"slow\"\n")
            .file("slow/slow.toml", &file("Slow", "slow"))
            .file("well/service.toml", "version = 1\nsource = \"well\"\n")
            .file("well/fast.toml", &file("Fast", "fast"))
            .start();
        let jam: Vec<_> = (0..12).map(|_| ask(&server, "Slow", ("X-Test", "1"))).collect();
        std::thread::sleep(Duration::from_millis(500));
        let health = server.get("/health/ready");
        assert_eq!((health.status, health.text().contains("\"slow\":\"busy\"")), (200, true), "{}", health.text());
        for _ in 0..50 {
            assert_eq!(server.get(&format!("{ROOT}Fast")).status, 200, "{}", kind.name());
        }
        assert!(jam.iter().any(|request| !request.is_finished()), "{}: the jam was over before", kind.name());
        for request in jam {
            assert!(refusal(&request.join().unwrap()).is_ok());
        }
    }
}

/// Parents, siblings and counts of one request take their places one by one: a single connection is enough for all.
#[test]
fn statements_of_one_request_do_not_block_each_other() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let sources =
            databases.sources.replace("pool_max = 4", "pool_max = 1\nacquire_timeout_ms = 30000\nqueue_max = 8");
        let server = serve_demo(&sources, "");
        let address = server.address;
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                std::thread::spawn(move || {
                    let mut client = Client::new(address);
                    for round in 0..4 {
                        let target = match (thread + round) % 3 {
                            0 => "Orders?$top=3&$skip=5&$count=true&$expand=Account,Lines($expand=Product),Shipments",
                            1 => "Accounts('ALFKI')/Orders?$top=2&$count=true&$expand=Lines,Invoices",
                            _ => "Orders(10248)?$expand=Lines,Account($expand=Orders($top=2)),Shipments",
                        };
                        let response = client.get(&format!("/odata/v4/erp/{target}"), &[CREDENTIALS]);
                        assert_eq!(response.status, 200, "{target}: {}", response.text());
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap_or_else(|_| panic!("{}:\n{}", kind.name(), server.log()));
        }
    }
}
