//! Against a real server, which the tests start, stop, freeze and empty. `PENSTOCK_TEST_REDIS` names its program.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::*;
use crate::cache::{Adopt, Cache, Clock, Fresh, Generations, How, Page, Policy, Second};

struct Server {
    program: String,
    port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "tests/run tells where the program is")]
    fn start() -> Option<Server> {
        let program = std::env::var("PENSTOCK_TEST_REDIS").ok()?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let process = run(&program, port, folder.path());
        Some(Server { program, port, folder, process })
    }

    fn restart(&mut self) {
        self.stop();
        self.process = run(&self.program, self.port, self.folder.path());
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.process.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn open(&self, user: &str, encryption_key: Option<&str>) -> Arc<Redis> {
        let settings = RedisSettings {
            url: format!("redis://{user}127.0.0.1:{}", self.port),
            prefix: "test".to_owned(),
            encryption_key: encryption_key.map(str::to_owned),
            timeout: Duration::from_millis(200),
        };
        Arc::new(Redis::open(&settings).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(program: &str, port: u16, folder: &std::path::Path) -> Child {
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.args(["--user", "worker", "on", ">secret", "~*", "&*", "+@all", "-info"]);
    command.arg("--dir").arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// One process of several: its connection, its generations of two sets, its task.
struct Replica {
    redis: Arc<Redis>,
    generations: Arc<Generations>,
    task: JoinHandle<()>,
}

impl Replica {
    fn new(server: &Server, seed: u64) -> Replica {
        Replica::of_user(server, seed, "")
    }

    /// `user` is the part of the URL in front of the host.
    fn of_user(server: &Server, seed: u64, user: &str) -> Replica {
        let redis = server.open(user, None);
        let names = vec!["erp/Orders".to_owned(), "erp/Accounts".to_owned()];
        let generations = Arc::new(Generations::new(names, seed, true));
        let (kept, agreed) = (Arc::clone(&redis), Arc::clone(&generations));
        let task = tokio::spawn(async move { kept.keep(&agreed).await });
        Replica { redis, generations, task }
    }

    fn stamps(&self) -> [u64; 2] {
        [self.generations.stamp([0]), self.generations.stamp([1])]
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = timeout(Duration::from_secs(20), async {
        while !holds() {
            sleep(Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "not within 20 seconds: {what}");
}

fn key(query: u128) -> Key {
    Key { query, generations: 3, form: 1 }
}

#[tokio::test]
async fn values_come_back_and_leave_in_time() {
    let Some(server) = Server::start() else { return };
    let replica = Replica::new(&server, 1);
    until("connected", || replica.redis.way().is_some()).await;
    replica.redis.put(&key(1), b"rows", 60_000).await;
    assert_eq!(replica.redis.get(&key(1)).await.as_deref(), Some(&b"rows"[..]));
    assert_eq!(replica.redis.get(&key(2)).await, None);
    replica.redis.put(&key(2), b"rows", 50).await;
    sleep(Duration::from_millis(80)).await;
    assert_eq!(replica.redis.get(&key(2)).await, None);
    // Bytes of another form, under our name.
    let mut connection = replica.redis.way().unwrap();
    cmd("SET").arg(replica.redis.name(&key(1))).arg(b"\x63odd").query_async::<()>(&mut connection).await.unwrap();
    assert_eq!(replica.redis.get(&key(1)).await, None);
}

#[tokio::test]
async fn changes_cross_replicas_and_survive_restarts_and_losses() {
    let Some(mut server) = Server::start() else { return };
    let (one, two) = (Replica::new(&server, 1), Replica::new(&server, 2));
    until("agreed", || one.stamps() == two.stamps()).await;
    let first = one.stamps();
    one.generations.raise(0);
    assert_ne!(one.stamps()[0], first[0], "the writer sees its write at once");
    until("the change has crossed", || two.stamps()[0] != first[0] && one.stamps() == two.stamps()).await;
    assert_eq!(two.stamps()[1], first[1]);

    let before = one.stamps();
    server.restart();
    // A change while nobody can be told: the writer's stamp is its own, the other's is that of before.
    one.generations.raise(1);
    until("agreed again", || one.stamps() == two.stamps() && one.generations.pending().is_empty()).await;
    let after = one.stamps();
    assert!(before[0] != after[0] && before[1] != after[1], "a server that forgot begins a new epoch");

    // The server forgets the counters without a restart, as one does that runs out of memory.
    let mut connection = one.redis.connect().await.unwrap();
    cmd("DEL").arg("test:generations").query_async::<()>(&mut connection).await.unwrap();
    until("a new epoch", || one.stamps() == two.stamps() && one.stamps()[0] != after[0]).await;

    let before = one.stamps();
    one.redis.raise(&["erp/Accounts".to_owned()]).await.unwrap();
    until("an operator's word", || one.stamps()[1] != before[1] && one.stamps() == two.stamps()).await;
    assert_eq!(one.stamps()[0], before[0]);
}

/// A server may start again with counters of before, from a snapshot; who may not ask for its run id must notice as
/// well.
#[tokio::test]
async fn counters_that_were_taken_back_are_not_taken_for_new_ones() {
    for user in ["", "worker:secret@"] {
        let Some(mut server) = Server::start() else { return };
        let (one, two) = (Replica::of_user(&server, 1, user), Replica::of_user(&server, 2, user));
        let agreed = || {
            let pending = [&one, &two].map(|replica| replica.generations.pending().is_empty());
            one.stamps() == two.stamps() && pending == [true, true]
        };
        until("agreed", agreed).await;
        let mut seen = vec![one.stamps()[0]];
        let change = async |what: &str, last: u64| {
            one.generations.raise(0);
            until(what, || agreed() && one.stamps()[0] != last).await;
            one.stamps()[0]
        };
        for number in 0..4 {
            let stamp = change("a change", seen[number]).await;
            assert!(!seen.contains(&stamp));
            seen.push(stamp);
            if number == 1 {
                let mut connection = one.redis.client.get_multiplexed_async_connection().await.unwrap();
                let admin = Client::open(format!("redis://127.0.0.1:{}", server.port)).unwrap();
                let mut admin = admin.get_multiplexed_async_connection().await.unwrap();
                cmd("SAVE").query_async::<()>(&mut admin).await.unwrap();
                let info = cmd("INFO").arg("server").query_async::<String>(&mut connection).await;
                assert_eq!(info.is_err(), !user.is_empty());
            }
        }
        server.restart();
        until("agreed on a new epoch", || agreed() && one.stamps()[0] != seen[4]).await;
        seen.push(one.stamps()[0]);
        for number in 5..9 {
            let stamp = change("a change after the restart", seen[number]).await;
            assert!(!seen.contains(&stamp), "the generation of before is back for '{user}'");
            seen.push(stamp);
        }
    }
}

#[tokio::test]
async fn a_frozen_server_costs_little_and_is_found_again() {
    let Some(server) = Server::start() else { return };
    let replica = Replica::new(&server, 1);
    until("connected", || replica.redis.way().is_some()).await;
    replica.redis.put(&key(1), b"rows", 600_000).await;
    server.signal("-STOP");
    let began = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(replica.redis.get(&key(1)).await, None);
    }
    // A thousand waits of 200 ms would be more than three minutes.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    server.signal("-CONT");
    until("found again", || replica.redis.way().is_some()).await;
    assert_eq!(replica.redis.get(&key(1)).await.as_deref(), Some(&b"rows"[..]));
}

#[tokio::test]
async fn what_one_replica_has_read_the_other_serves() {
    let Some(server) = Server::start() else { return };
    let replicas = [Replica::new(&server, 1), Replica::new(&server, 2)];
    until("connected", || replicas.iter().all(|replica| replica.redis.way().is_some())).await;
    let caches = replicas.each_ref().map(|replica| {
        let second = Second { redis: Arc::clone(&replica.redis), adopt: Adopt(Arc::new(Some)) };
        Cache::<Page, &str>::new(1 << 20, 1 << 18, Clock::default(), Some(second))
    });
    let policy = Policy { ttl_ms: 60_000, stale_while_revalidate_ms: 0, stale_if_error_ms: 0 };
    let body = "{\"value\":[1,2,3]}".repeat(10_000);
    let fill = {
        let body = bytes::Bytes::from(body.clone());
        move || async move { Ok(Fresh { value: Page::new(body, Some("\"tag\"".to_owned())), made_ms: None }) }
    };
    let first = caches[0].get_or_fill(key(1), policy, |_| false, fill).await.unwrap();
    assert_eq!(first.how, How::Filled);
    let mut connection = replicas[0].redis.way().unwrap();
    let name = replicas[0].redis.name(&key(1));
    let stored = timeout(Duration::from_secs(20), async {
        while cmd("EXISTS").arg(&name).query_async::<i64>(&mut connection).await != Ok(1) {
            sleep(Duration::from_millis(2)).await;
        }
    });
    stored.await.unwrap();
    let size: usize = cmd("STRLEN").arg(&name).query_async(&mut connection).await.unwrap();
    assert!(size * 10 < body.len(), "{size} bytes are stored");
    let never = || async { Err("the other replica has it") };
    let second = caches[1].get_or_fill(key(1), policy, |_| false, never).await.unwrap();
    assert_eq!(second.how, How::Shared);
    assert_eq!(second.entry.value.body, body.as_bytes());
    assert_eq!(second.entry.value.etag.as_deref(), Some("\"tag\""));
    assert_eq!(second.entry.made_ms, first.entry.made_ms, "the age crosses too");
    assert_eq!(caches[1].get_or_fill(key(1), policy, |_| false, never).await.unwrap().how, How::Hit);
    // The clock of this replica is behind: nobody can tell how old the answer of the other is.
    let behind = Clock::by_hand(Arc::new((first.entry.made_ms - 2_000).into()));
    let second = Second { redis: Arc::clone(&replicas[1].redis), adopt: Adopt(Arc::new(Some)) };
    let late = Cache::<Page, &str>::new(1 << 20, 1 << 18, behind, Some(second));
    assert!(late.get_or_fill(key(1), policy, |_| true, never).await.is_err());
    let other = Key { generations: 4, ..key(1) };
    assert!(caches[1].get_or_fill(other, policy, |_| false, never).await.is_err());
}
