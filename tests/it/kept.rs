//! What is kept of finished answers, as a client and an operator see it: where an answer comes from, how old it is,
//! that a list has one total, what is served while the database is away, and how it is dropped.

use std::process::Command;
use std::time::{Duration, Instant};

use penstock::edm::Value;

use crate::refuse::error_of;
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::http::{Client, Response};
use crate::support::line::Line;
use crate::support::server::{Setup, TestServer, password_hash};

const ROOT: &str = "/odata/v4/kept/";
/// `operator:secret`
const OPERATOR: (&str, &str) = ("Authorization", "Basic b3BlcmF0b3I6c2VjcmV0");
/// `reader:secret`
const READER: (&str, &str) = ("Authorization", "Basic cmVhZGVyOnNlY3JldA==");

fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "kept")?;
    database.run("create table words (id int not null primary key, word varchar(60))");
    database.run("create table live (id int not null primary key, word varchar(60))");
    for table in ["words", "live"] {
        let rows: Vec<Vec<Value>> =
            (1..=30).map(|id| vec![Value::Int(id), Value::String("w".repeat(60).into())]).collect();
        database.insert(table, &["id", "word"], &rows);
    }
    Some(database)
}

fn setup(url: &str, words: &str, cache: &str) -> Setup {
    let file = |set: &str, cache: &str| {
        format!(
            "version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\ntable = \"{}\"\nkey = [\"Id\"]\n{cache}\n\
             [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
             [[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\nmax_length = 60\n",
            set.to_lowercase()
        )
    };
    let hash = password_hash("secret");
    let config = format!(
        "[sources.kept]\nurl = \"{url}\"\nacquire_timeout_ms = 1000\n[services.kept]\nmetadata = [\"metadata\"]\n\
         anonymous = true\n[[users]]\nname = \"operator\"\npassword_hash = \"{hash}\"\noperator = true\n[[users]]\n\
         name = \"reader\"\npassword_hash = \"{hash}\"\n[cache]\n{cache}\n"
    );
    Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Kept\"\nsource = \"kept\"\n")
        .file("metadata/words.toml", &file("Words", words))
        .file("metadata/live.toml", &file("Live", "cache.off = true"))
}

const HOUR: &str = "cache.ttl_s = 3600";
const MISS: Option<&str> = Some("penstock; fwd=miss; stored");
const HIT: Option<&str> = Some("penstock; hit");

fn from(response: &Response) -> Option<&str> {
    assert_eq!(response.status, 200, "{}", response.text());
    response.header("cache-status")
}

fn ids(response: &Response) -> usize {
    response.text().matches("\"Id\":").count()
}

#[test]
fn answers_tell_where_they_come_from_and_how_old_they_are() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = setup(&database.url, HOUR, "").start();
        let list = format!("{ROOT}Words?$orderby=Id");
        let first = server.get(&list);
        assert_eq!((from(&first), first.header("age")), (MISS, Some("0")), "{}", kind.name());
        assert_eq!(first.header("cache-control"), Some("private, no-cache"));
        assert!(first.header("vary").unwrap().contains("Authorization"));
        database.run("insert into words values (31, 'new')");
        std::thread::sleep(Duration::from_millis(1_100));
        let second = server.get(&list);
        assert_eq!(from(&second), HIT, "{}", kind.name());
        assert!(second.header("age").unwrap().parse::<u32>().unwrap() >= 1);
        assert_eq!((&second.body, second.header("etag")), (&first.body, first.header("etag")));
        let tag = first.header("etag").unwrap();
        let third = server.get_with(&list, &[("If-None-Match", tag)]);
        assert_eq!((third.status, third.body.len(), third.header("etag")), (304, 0, Some(tag)));
        // Other forms are other answers; packed bytes are the same answer.
        let packed = server.get_with(&list, &[("Accept-Encoding", "gzip")]);
        assert_eq!((from(&packed), packed.header("content-encoding")), (HIT, Some("gzip")));
        let version = server.get_with(&list, &[("OData-MaxVersion", "4.01")]);
        assert_eq!((from(&version), ids(&version)), (MISS, 31));
        // Not obeyed, unless the configuration says so.
        assert_eq!(from(&server.get_with(&list, &[("Cache-Control", "no-cache")])), HIT);
        // Off for this set: nothing is said, and a change shows at once.
        let live = format!("{ROOT}Live");
        assert_eq!((from(&server.get(&live)), server.get(&live).header("age")), (None, None));
        database.run("insert into live values (31, 'new')");
        assert_eq!(ids(&server.get(&live)), 31);
        // Errors are not kept.
        let missing = format!("{ROOT}Words(99)");
        assert_eq!(server.get(&missing).status, 404);
        database.run("insert into words values (99, 'late')");
        assert_eq!(server.get(&missing).status, 200);
    }
}

#[test]
fn a_client_can_be_allowed_to_demand_a_fresh_answer() {
    let database = database(Kind::Sqlite).unwrap();
    let server = setup(&database.url, HOUR, "obey_no_cache = true").start();
    let list = format!("{ROOT}Words?$top=40");
    assert_eq!(ids(&server.get(&list)), 30);
    database.run("insert into words values (31, 'new')");
    assert_eq!(ids(&server.get(&list)), 30);
    let fresh = server.get_with(&list, &[("Cache-Control", "no-cache")]);
    assert_eq!((from(&fresh), ids(&fresh)), (Some("penstock; fwd=request; stored"), 31));
    let after = server.get(&list);
    assert_eq!((from(&after), ids(&after)), (HIT, 31));
}

#[test]
fn all_pages_and_columns_of_a_list_share_one_total() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = setup(&database.url, HOUR, "").start();
        let total = |target: &str| {
            let response = server.get(&format!("{ROOT}{target}"));
            assert_eq!(from(&response), MISS, "{target}");
            let json = response.text().to_owned();
            let count = json.split_once("\"@odata.count\":").map_or(json.as_str(), |(_, rest)| rest);
            let digits: String = count.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().unwrap()
        };
        assert_eq!(total("Words?$count=true&$top=5"), 30, "{}", kind.name());
        database.run("insert into words values (31, 'new')");
        for same in [
            "Words?$count=true&$top=5&$skip=5",
            "Words?$count=true&$top=5&$orderby=Word%20desc",
            "Words?$count=true&$top=5&$select=Word",
            "Words?$count=true&$top=0",
        ] {
            assert_eq!(total(same), 30, "{}: {same}", kind.name());
        }
        let plain = server.get(&format!("{ROOT}Words/$count"));
        assert_eq!((from(&plain), plain.text()), (HIT, "30"), "{}", kind.name());
        assert_eq!(total("Words?$count=true&$top=5&$filter=Id%20gt%200"), 31, "{}", kind.name());
        // An answer is as old as the oldest of its parts.
        std::thread::sleep(Duration::from_millis(1_100));
        let mixed = server.get(&format!("{ROOT}Words?$count=true&$top=7"));
        assert_eq!(from(&mixed), MISS);
        assert!(mixed.header("age").unwrap().parse::<u32>().unwrap() >= 1);
    }
}

#[test]
fn what_the_page_shows_or_was_counted_beside_it_is_the_same_total() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = setup(&database.url, "cache.off = true", "").start();
        // The first is counted behind the page, the later ones beside it, the last is shown by the page itself.
        for target in ["Words?$count=true&$top=5"; 3].into_iter().chain(["Words?$count=true&$skip=20"]) {
            let text = server.get(&format!("{ROOT}{target}")).text().to_owned();
            assert!(text.contains("\"@odata.count\":30,"), "{}: {text}", kind.name());
        }
        database.run("delete from words where id > 3");
        for target in ["Words?$count=true&$top=5"; 2] {
            let text = server.get(&format!("{ROOT}{target}")).text().to_owned();
            assert!(text.contains("\"@odata.count\":3,"), "{}: {text}", kind.name());
        }
    }
}

#[test]
fn old_answers_are_served_and_marked_while_the_database_is_away() {
    let Some(database) = database(Kind::Postgres) else { return };
    let line = Line::new(database.port().unwrap());
    line.set(true);
    let words = "cache.ttl_s = 1\ncache.stale_if_error_s = 3600";
    let server = setup(&database.url_through(line.port), words, "").start();
    let list = format!("{ROOT}Words?$count=true&$top=5");
    let fresh = server.get(&list);
    assert_eq!(from(&fresh), MISS);
    line.set(false);
    std::thread::sleep(Duration::from_millis(1_100));
    let stale = server.get(&list);
    assert_eq!(from(&stale), Some("penstock; hit; detail=stale-if-error"));
    assert_eq!(stale.body, fresh.body);
    assert!(stale.header("age").unwrap().parse::<u32>().unwrap() >= 1);
    // What was never read cannot be served.
    assert_eq!(server.get(&format!("{ROOT}Words?$top=6")).status, 503);
    line.set(true);
    let start = Instant::now();
    while from(&server.get(&list)) != MISS {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn an_old_answer_is_served_at_once_while_a_new_one_is_read() {
    let database = database(Kind::Sqlite).unwrap();
    let server = setup(&database.url, "cache.ttl_s = 1\ncache.stale_while_revalidate_s = 3600", "").start();
    let list = format!("{ROOT}Words");
    assert_eq!(ids(&server.get(&list)), 30);
    database.run("insert into words values (31, 'new')");
    std::thread::sleep(Duration::from_millis(1_100));
    let old = server.get(&list);
    assert_eq!((from(&old), ids(&old)), (Some("penstock; hit; detail=stale-while-revalidate"), 30));
    let start = Instant::now();
    while ids(&server.get(&list)) != 31 {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", server.log());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_operator_drops_what_is_kept_of_a_set() {
    let database = database(Kind::Sqlite).unwrap();
    let server = setup(&database.url, HOUR, "").start();
    let list = format!("{ROOT}Words");
    assert_eq!(ids(&server.get(&list)), 30);
    database.run("insert into words values (31, 'new')");
    let mut client = Client::new(server.address);
    let refused = client.request("DELETE", "/cache/kept/Words", &[READER]).unwrap();
    assert_eq!(refused.status, 403);
    assert_eq!(error_of(&refused).unwrap().0, "web.operator_only");
    let missing = client.request("DELETE", "/cache/kept/Nothing", &[OPERATOR]).unwrap();
    assert_eq!(missing.status, 404);
    assert_eq!(ids(&server.get(&list)), 30);
    let dropped = client.request("DELETE", "/cache/kept/Words", &[OPERATOR]).unwrap();
    assert_eq!((dropped.status, dropped.body.len()), (204, 0));
    let after = server.get(&list);
    assert_eq!((from(&after), ids(&after)), (MISS, 31));
}

#[test]
fn the_command_needs_redis_and_known_sets() {
    let database = database(Kind::Sqlite).unwrap();
    let setup = setup(&database.url, HOUR, "");
    let config = setup.path().join("penstock.toml");
    let run = |sets: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_penstock"))
            .args(["invalidate", "--config", &config.display().to_string()])
            .args(sets)
            .output()
            .unwrap();
        assert_eq!(program.status.code(), Some(1));
        String::from_utf8(program.stderr).unwrap()
    };
    assert!(run(&["Words"]).contains("no [cache.redis] is configured"));
    assert!(run(&["Words", "Nothing"]).contains("the service 'kept' has no set 'Nothing'"));
}

/// Not more than a reader of these tests would expect: a server that is told nothing keeps for 15 seconds.
#[test]
fn the_cache_is_on_unless_it_is_off() {
    let database = database(Kind::Sqlite).unwrap();
    let server: TestServer = setup(&database.url, "", "").start();
    let list = format!("{ROOT}Words");
    assert_eq!([from(&server.get(&list)), from(&server.get(&list))], [MISS, HIT]);
    let off = setup(&database.url, "", "bytes_max = 0").start();
    assert_eq!([from(&off.get(&list)), from(&off.get(&list))], [None, None]);
}
