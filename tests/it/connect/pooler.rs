//! PostgreSQL behind a real `PgBouncer` that lends its connections for single transactions.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Executor, Row};

use super::{REQUESTS, ROOT, answers, serve, setup, tables};
use crate::sick::soon;
use crate::support::databases::{Database, Kind};
use crate::support::http::{Client, connect};
use crate::support::pgbouncer::Pooler;

/// Drops silently what it does not know.
const SILENT: &str = "ignore_startup_parameters = options,extra_float_digits,IntervalStyle,bytea_output,\
    transform_null_equals,gin_fuzzy_search_limit,row_security,statement_timeout,penstock.session,\
    default_transaction_read_only,client_connection_check_interval,search_path,role,work_mem";

fn database() -> Option<Database> {
    let database = Database::create(Kind::Postgres, "pooler")?;
    tables(&database);
    Some(database)
}

/// Another client of the same pooler. Its connections are those that we had.
fn neighbour(pooler: &Pooler, database: &Database) -> (tokio::runtime::Runtime, PgConnection) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options: PgConnectOptions = pooler.url(database.name()).parse().unwrap();
    let options = options.extra_float_digits(None);
    let connection = runtime.block_on(options.connect()).unwrap();
    (runtime, connection)
}

#[test]
fn a_mixed_load_of_many_clients_on_few_connections_is_answered_right() {
    let Some(database) = database() else { return };
    let expected = answers(&serve(&database.url, ""));
    for (connections, conf, settings) in [
        (2, "", "pooler = \"transaction\""),
        (3, "", ""),
        (2, SILENT, "search_path = [\"public\"]\n[sources.erp.session]\nwork_mem = \"3MB\""),
    ] {
        let Some(pooler) = Pooler::start(database.port().unwrap(), connections, conf) else { return };
        let server = serve(&pooler.url(database.name()), &format!("pool_max = 24\n{settings}"));
        assert_eq!(answers(&server), expected);
        let told = server.log().contains("a connection pooler stands between");
        assert_eq!(told, !settings.starts_with("pooler"), "{}", server.log());
        let (right, until) = (AtomicUsize::new(0), Instant::now() + Duration::from_secs(3));
        std::thread::scope(|scope| {
            for start in 0..12 {
                let (server, expected, right) = (&server.address, &expected, &right);
                scope.spawn(move || {
                    let mut client = Client::new(*server);
                    let mut place = start;
                    while Instant::now() < until {
                        place = (place + 5) % REQUESTS.len();
                        // Some clients do not wait for their answer.
                        if place % 7 == start % 7 {
                            use std::io::Write;
                            let mut stream = connect(*server).unwrap();
                            write!(stream, "GET {ROOT}{} HTTP/1.1\r\nHost: x\r\n\r\n", REQUESTS[place]).unwrap();
                        }
                        let response = client.get(&format!("{ROOT}{}", REQUESTS[place]), &[]);
                        let text = response.text().replace(&server.to_string(), "host");
                        assert_eq!((response.status, &text), (200, &expected[place]), "{}", REQUESTS[place]);
                        right.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert!(right.load(Ordering::Relaxed) > 100, "{right:?}");
        // Nothing of ours is left on connections that others use, too.
        let (runtime, mut neighbour) = neighbour(&pooler, &database);
        for _ in 0..20 {
            let text = "select concat_ws(' ', current_setting('statement_timeout'), current_setting('work_mem'), \
                current_setting('default_transaction_read_only'), current_setting('transaction_read_only'), \
                (select count(*) from pg_prepared_statements where name <> ''))";
            let row = runtime.block_on(neighbour.fetch_one(sqlx::raw_sql(text))).unwrap();
            assert_eq!(row.get::<String, _>(0), "0 4MB off off 0");
        }
    }
}

#[test]
fn statements_end_by_their_limit_and_with_their_clients() {
    let Some(database) = database() else { return };
    let Some(pooler) = Pooler::start(database.port().unwrap(), 3, "") else { return };
    let running = || {
        database.number(
            "select count(*) from pg_stat_activity where state = 'active' and query like '%endless%' \
             and pid <> pg_backend_pid() and datname = current_database()",
        )
    };
    let server = serve(&pooler.url(database.name()), "pooler = \"transaction\"\nstatement_timeout_ms = 700\n");
    let start = Instant::now();
    assert_eq!(server.get(&format!("{ROOT}Endless")).status, 504);
    assert!((Duration::from_millis(650)..Duration::from_millis(2_500)).contains(&start.elapsed()), "{start:?}");
    soon("the statement has ended", || running() == 0);
    assert_eq!(server.get(&format!("{ROOT}Orders(1)")).status, 200);

    // Through a socket of the file system this time.
    let server = serve(&pooler.file_url(database.name()), "pooler = \"transaction\"\npool_max = 2\n");
    for _ in 0..3 {
        use std::io::Write;
        let mut stream = connect(server.address).unwrap();
        write!(stream, "GET {ROOT}Endless HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        soon("the statement runs", || running() == 1);
        drop(stream);
        soon("the statement has ended", || running() == 0);
        assert_eq!(server.get(&format!("{ROOT}Orders(1)")).status, 200, "{}", server.log());
    }
}

#[test]
fn announcements_are_heard_past_a_pooler_or_refused() {
    let Some(database) = database() else { return };
    let Some(pooler) = Pooler::start(database.port().unwrap(), 3, SILENT) else { return };
    let notifies = |setup: crate::support::server::Setup| {
        setup.file(
            "metadata/service.toml",
            "version = 1\nnamespace = \"Connect\"\nsource = \"erp\"\ncache.notify = \"changes\"\n",
        )
    };
    let through = pooler.url(database.name());
    // Known before the start.
    let refused = notifies(setup(&through, "pooler = \"transaction\""));
    let config = refused.path().join("penstock.toml");
    let check =
        Command::new(env!("CARGO_BIN_EXE_penstock")).arg("check").arg("--config").arg(&config).output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned() + &String::from_utf8_lossy(&check.stderr);
    assert!(!check.status.success() && said.contains("cache.notify") && said.contains("listen_url"), "{said}");
    assert!(!said.contains("in%20clear"), "{said}");
    // Noticed at the start.
    let server = notifies(setup(&through, "[cache]\nbytes_max = 1000000")).start();
    soon("it is told", || server.log().contains("name the database itself as listen_url"));
    // Heard past it.
    let listen = format!("pooler = \"transaction\"\nlisten_url = \"{}\"\n[cache]\nbytes_max = 1000000", database.url);
    let server = notifies(setup(&through, &listen)).start();
    soon("it listens", || server.log().contains("listening for changes"));
    assert!(!server.log().contains("not heard"), "{}", server.log());
}
