//! A sick database: away at the start and back later, too slow, too busy, and clients that do not wait. Each of it on
//! every database that can have it.

use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use penstock::edm::Value;

use crate::refuse::error_of;
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::http::{Client, connect};
use crate::support::line::Line;
use crate::support::server::{Setup, TestServer};

pub(crate) const ROOT: &str = "/odata/v4/sick/";

/// A database with a table that answers at once, and a view that counts to a trillion.
pub(crate) fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "sick")?;
    database.run("create table fast (id int not null primary key, word varchar(20))");
    database.run("create table numbers (x int not null)");
    let rows: Vec<Vec<Value>> = (0..1_000).map(|number| vec![Value::Int(number)]).collect();
    database.insert("numbers", &["x"], &rows);
    database.insert("fast", &["id", "word"], &[vec![Value::Int(1), Value::String("ready".into())]]);
    database.run(
        "create view slow as select 1 as id, 'word' as word from numbers a, numbers b, numbers c, numbers d \
         where a.x + b.x + c.x + d.x < 0",
    );
    Some(database)
}

pub(crate) fn serve(url: &str, settings: &str) -> TestServer {
    let file = |set: &str, table: &str| {
        format!(
            "version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\ntable = \"{table}\"\nkey = [\"Id\"]\n\
             [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
             [[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\nmax_length = 20\n"
        )
    };
    let config = format!(
        "[sources.sick]\nurl = \"{url}\"\n{settings}\n[services.sick]\nmetadata = [\"metadata\"]\nanonymous = true\n"
    );
    Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"Sick\"\nsource = \"sick\"\n")
        .file("metadata/fast.toml", &file("Fast", "fast"))
        .file("metadata/slow.toml", &file("Slow", "slow"))
        .start()
}

/// Tries until it holds, for at most ten seconds.
pub(crate) fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "not within ten seconds: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Statements on the view that run now, as the database itself sees them.
pub(crate) fn running(database: &Database) -> i64 {
    match database.kind {
        Kind::Sqlite => 0,
        Kind::Postgres => database.number(
            "select count(*) from pg_stat_activity where state = 'active' and query like '%slow%' \
             and pid <> pg_backend_pid() and datname = current_database()",
        ),
        Kind::Mariadb => database.number(
            "select count(*) from information_schema.processlist where info like '%slow%' and db = database() \
             and id <> connection_id()",
        ),
    }
}

#[test]
fn a_slow_statement_gives_504_and_is_cancelled() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url, "statement_timeout_ms = 700\npool_max = 1\n");
        let start = Instant::now();
        let response = server.get(&format!("{ROOT}Slow"));
        let body = String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!(response.status, 504, "{}: {body}", kind.name());
        assert_eq!(error_of(&response).unwrap().0, "store.timeout", "{}", kind.name());
        assert!(start.elapsed() < Duration::from_secs(5), "{}: {:?}", kind.name(), start.elapsed());
        soon("the statement ends in the database", || running(&database) == 0);
        // The only connection serves again.
        assert_eq!(server.get(&format!("{ROOT}Fast")).status, 200, "{}: {}", kind.name(), server.log());
    }
}

#[test]
fn a_client_that_leaves_stops_its_statement() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url, "statement_timeout_ms = 100000\npool_max = 1\nacquire_timeout_ms = 1000\n");
        let mut stream = connect(server.address).unwrap();
        write!(stream, "GET {ROOT}Slow HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        if kind == Kind::Sqlite {
            std::thread::sleep(Duration::from_millis(500));
        } else {
            soon("the statement runs", || running(&database) == 1);
        }
        stream.shutdown(Shutdown::Both).unwrap();
        drop(stream);
        soon("the statement ends in the database", || running(&database) == 0);
        soon("the only connection serves again", || server.get(&format!("{ROOT}Fast")).status == 200);
    }
}

#[test]
fn a_request_ends_at_its_own_limit() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server =
            serve(&database.url, "statement_timeout_ms = 100000\npool_max = 1\n[limits]\nrequest_timeout_ms = 700\n");
        let start = Instant::now();
        let response = server.get(&format!("{ROOT}Slow"));
        assert_eq!(
            (response.status, error_of(&response).unwrap().0.as_str()),
            (504, "store.timeout"),
            "{}",
            kind.name()
        );
        assert!(start.elapsed() < Duration::from_secs(10), "{}: {:?}", kind.name(), start.elapsed());
        soon("the statement ends in the database", || running(&database) == 0);
        soon("the only connection serves again", || server.get(&format!("{ROOT}Fast")).status == 200);
    }
}

#[test]
fn without_a_free_connection_the_answer_is_503() {
    for kind in KINDS {
        let Some(database) = database(kind) else { continue };
        let server = serve(&database.url, "statement_timeout_ms = 4000\npool_max = 1\nacquire_timeout_ms = 300\n");
        let address = server.address;
        let slow = std::thread::spawn(move || Client::new(address).get(&format!("{ROOT}Slow"), &[]).status);
        std::thread::sleep(Duration::from_secs(1));
        let response = server.get(&format!("{ROOT}Fast"));
        assert_eq!(response.status, 503, "{}", kind.name());
        assert_eq!(error_of(&response).unwrap().0, "store.busy", "{}", kind.name());
        assert!(response.header("retry-after").is_some(), "{}", kind.name());
        assert_eq!(slow.join().unwrap(), 504, "{}", kind.name());
        assert_eq!(server.get(&format!("{ROOT}Fast")).status, 200, "{}", kind.name());
    }
}

#[test]
fn a_database_may_be_away_at_the_start_and_go_away_later() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = database(kind) else { continue };
        let line = Line::new(database.port().unwrap());
        let server = serve(&database.url_through(line.port), "acquire_timeout_ms = 2000\n");
        let fast = format!("{ROOT}Fast");
        for round in 0..2 {
            let response = server.get(&fast);
            assert_eq!(response.status, 503, "{} round {round}", kind.name());
            assert_eq!(error_of(&response).unwrap().0, "store.unavailable", "{} round {round}", kind.name());
            assert!(response.header("retry-after").is_some());
            assert_eq!(server.get(&format!("{ROOT}$metadata")).status, 200, "metadata needs no database");
            assert_eq!(server.get("/health/live").status, 200);
            // The state of the sources is asked every two seconds at most.
            soon("the server says that it is not ready", || server.get("/health/ready").status == 503);
            line.set(true);
            soon("the database is back", || server.get(&fast).status == 200);
            soon("the server is ready", || server.get("/health/ready").status == 200);
            line.set(false);
        }
    }
}

#[test]
fn a_missing_file_of_sqlite_is_503_and_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere.db");
    let server = serve(&format!("sqlite:{}", path.display()), "");
    let response = server.get(&format!("{ROOT}Fast"));
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (503, "store.unavailable"));
    assert!(!path.exists());
}

#[test]
fn a_model_that_does_not_fit_the_database_is_told_in_the_log_only() {
    let database = Database::create(Kind::Sqlite, "misfit").unwrap();
    database.run("create table fast (id integer primary key, word)");
    database.run("insert into fast values (1, x'00ff')");
    let server = serve(&database.url, "");
    for (set, code) in [("Fast", "store.decode"), ("Slow", "store.failed")] {
        let response = server.get(&format!("{ROOT}{set}"));
        assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (500, code));
        let body = String::from_utf8(response.body).unwrap();
        assert!(!body.contains("SELECT") && !body.contains("no such table"), "{body}");
    }
    soon("the log says what the database said", || server.log().contains("no such table"));
}

#[test]
fn a_view_that_fails_is_not_the_clients_fault() {
    let Some(database) = Database::create(Kind::Postgres, "division") else { return };
    database.run("create view fast as select id, (1 / (id - 1))::text as word from generate_series(1, 2) id");
    let server = serve(&database.url, "");
    let response = server.get(&format!("{ROOT}Fast"));
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (500, "store.failed"));
    soon("the log says what the database said", || server.log().contains("division by zero"));
}
