//! What others write in the tables of a source whose answers are kept for an hour: it is seen within seconds by every
//! sign that a set can name, what was missed meanwhile included, and what did not change stays kept.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::databases::{Database, KINDS, Kind};
use crate::support::line::Line;
use crate::support::server::{Setup, TestServer};

const ROOT: &str = "/odata/v4/foreign/";
const STATISTICS: &str = "probe_statistics = true\nprobe_every_s = 1\n";
const PROPERTY: &str = "probe_property = \"At\"\nprobe_every_s = 1\n";

/// Longest wait for what may come after a change was seen: nothing, one more question, or two of them.
const AT_ONCE: Duration = Duration::from_millis(300);
const EXACT: Duration = Duration::from_millis(1_500);
const COARSE: Duration = Duration::from_millis(2_700);

/// Runs a test on several databases at a time, since it mostly waits.
fn on_each(kinds: &[Kind], test: impl Fn(Kind) + Sync) {
    std::thread::scope(|scope| {
        for kind in kinds {
            scope.spawn(|| test(*kind));
        }
    });
}

/// A database with orders and accounts, one row each.
fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "foreign")?;
    for table in ["orders", "accounts"] {
        // PostgreSQL counts what a connection has written when it ends, at the latest.
        database.run_apart(&format!(
            "create table {table} (id int not null primary key, word varchar(20), changed int);
             insert into {table} values (1, 'first', 1)"
        ));
    }
    Some(database)
}

/// A server that keeps answers for an hour; the set of orders names these signs of changes, and that of accounts those.
fn serve(url: &str, orders: &str, accounts: &str) -> TestServer {
    serve_table(url, "table = \"orders\"", orders, accounts)
}

/// The same for orders in another table.
fn serve_table(url: &str, table: &str, orders: &str, accounts: &str) -> TestServer {
    setup(url, table, orders, accounts).start()
}

fn setup(url: &str, table: &str, orders: &str, accounts: &str) -> Setup {
    let file = |set: &str, table: &str, signs: &str| {
        format!(
            "version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\n{table}\nkey = [\"Id\"]\n[cache]\n{signs}\
             [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
             [[property]]\nname = \"Word\"\ncolumn = \"word\"\ntype = \"String\"\nmax_length = 20\n\
             [[property]]\nname = \"At\"\ncolumn = \"changed\"\ntype = \"Int32\"\n"
        )
    };
    let config = format!(
        "[sources.erp]\nurl = \"{url}\"\n[services.foreign]\nmetadata = [\"metadata\"]\nanonymous = true\n\
         [cache]\nbytes_max = 10000000\n"
    );
    let service = "version = 1\nnamespace = \"F\"\nsource = \"erp\"\n[cache]\nttl_s = 3600\nstale_if_error_s = 3600\n";
    Setup::new(&config)
        .file("metadata/service.toml", service)
        .file("metadata/orders.toml", &file("Orders", table, orders))
        .file("metadata/accounts.toml", &file("Accounts", "table = \"accounts\"", accounts))
}

/// Tries until it holds. PostgreSQL may take ten seconds to count.
fn soon(server: &TestServer, what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "not within half a minute: {what}\n{}",
            server.log_beside_requests()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether the answer for a set is kept, and the words of its rows.
fn read(server: &TestServer, set: &str) -> (bool, String) {
    let response = server.get(&format!("{ROOT}{set}?$select=Word&$orderby=Id"));
    assert_eq!(response.status, 200, "{}\n{}", response.text(), server.log());
    let is_hit = match response.header("cache-status") {
        Some("penstock; hit") => true,
        Some("penstock; fwd=miss; stored") => false,
        other => panic!("{other:?}"),
    };
    (is_hit, response.text().to_owned())
}

fn is_hit(server: &TestServer, set: &str) -> bool {
    read(server, set).0
}

fn has(server: &TestServer, set: &str, word: &str) -> bool {
    read(server, set).1.contains(&format!("\"{word}\""))
}

/// Waits until answers are kept for so long: at the start everything counts as changed, and to some questions what was
/// just changed does so once more.
fn settle(server: &TestServer, long: Duration) {
    let mut since = Instant::now();
    soon(server, "answers are kept", || {
        for set in ["Orders", "Accounts"] {
            if !is_hit(server, set) {
                since = Instant::now();
            }
        }
        since.elapsed() > long
    });
}

/// Runs a script as somebody else; the orders must come to have the word (or, with `!` before it, no longer have it),
/// and the accounts must not have been read anew.
fn change(server: &TestServer, database: &Database, long: Duration, script: &str, word: &str) {
    settle(server, long);
    database.run_apart(script);
    let (word, wanted) = word.strip_prefix('!').map_or((word, true), |word| (word, false));
    soon(server, script, || has(server, "Orders", word) == wanted);
    assert!(is_hit(server, "Accounts"), "{:?}, {script}\n{}", database.kind, server.log_beside_requests());
}

/// The trigger that the description of the files shows.
fn trigger() -> String {
    let readme = include_str!("../../metadata/README.md");
    readme.split("```sql\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

#[test]
fn announcements_drop_what_they_name() {
    let Some(database) = database(Kind::Postgres) else { return };
    database.run(&trigger());
    let channel = "notify = \"erp_changes\"\n";
    let mut server = serve(&database.url, channel, &format!("{channel}{PROPERTY}"));
    soon(&server, "it listens", || server.log().contains("listening for changes"));
    settle(&server, COARSE);
    change(&server, &database, AT_ONCE, "insert into orders values (2, 'second', 1)", "second");
    change(&server, &database, AT_ONCE, "update orders set word = 'other' where id = 2", "other");
    // Within a transaction that is rolled back nothing is announced, and it is announced at the end of one that is not.
    settle(&server, AT_ONCE);
    database.run("begin; insert into orders values (3, 'third', 1)");
    std::thread::sleep(Duration::from_millis(300));
    assert!(is_hit(&server, "Orders"));
    database.run("rollback");
    change(&server, &database, AT_ONCE, "begin; insert into orders values (3, 'third', 1); commit", "third");
    change(&server, &database, AT_ONCE, "truncate orders", "!third");
    // No payload, or one that names nothing, means all sets of the channel.
    for announcement in ["notify erp_changes", "notify erp_changes, 'shipments'"] {
        settle(&server, AT_ONCE);
        database.run_apart(announcement);
        soon(&server, announcement, || !is_hit(&server, "Accounts"));
    }
    settle(&server, AT_ONCE);
    database.run_apart("notify other_changes");
    database.run_apart("notify erp_changes, 'Orders'");
    soon(&server, "the name of a set", || !is_hit(&server, "Orders"));
    assert!(is_hit(&server, "Accounts"));
    // What listens and asks ends with the server.
    assert!(server.terminate().success());
    soon(&server, "the end", || server.log().contains("stopped"));
    assert!(!server.log().contains("panicked"), "{}", server.log_beside_requests());
    let connected = "select count(*) from pg_stat_activity where application_name = 'penstock' \
                     and datname = current_database()";
    soon(&server, "its connections end", || database.number(connected) == 0);
}

#[test]
fn what_was_announced_while_nobody_listened_is_not_missed() {
    let Some(database) = database(Kind::Postgres) else { return };
    database.run(&trigger());
    let line = Line::new(database.port().unwrap());
    line.set(true);
    let server = serve(&database.url_through(line.port), "notify = \"erp_changes\"\n", "");
    let listening = || server.log().matches("listening for changes").count();
    soon(&server, "it listens", || listening() == 1);
    settle(&server, AT_ONCE);
    line.set(false);
    database.run("insert into orders values (2, 'second', 1)");
    soon(&server, "it says so", || server.log().contains("announcements of changes are not heard"));
    assert!(is_hit(&server, "Orders") && !has(&server, "Orders", "second"), "age limits hold");
    line.set(true);
    soon(&server, "the new row", || has(&server, "Orders", "second"));
    soon(&server, "it listens again", || listening() == 2);
    assert!(is_hit(&server, "Accounts"));
    assert_eq!(server.log().matches("announcements of changes are not heard").count(), 1, "{}", server.log());
    // The server ends the connection, and the change comes at once.
    settle(&server, AT_ONCE);
    database.run(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'penstock' and datname = current_database();
         insert into orders values (3, 'third', 1)",
    );
    soon(&server, "the new row", || has(&server, "Orders", "third"));
    change(&server, &database, AT_ONCE, "insert into orders values (4, 'fourth', 1)", "fourth");
}

#[test]
fn statistics_tell_of_every_kind_of_change() {
    on_each(&KINDS, |kind| {
        let Some(database) = database(kind) else { return };
        // SQLite counts changes of the file, so there the other set must not ask.
        let accounts = if kind == Kind::Sqlite { "" } else { STATISTICS };
        let server = serve(&database.url, STATISTICS, accounts);
        let long = if kind == Kind::Mariadb { COARSE } else { EXACT };
        change(&server, &database, long, "insert into orders values (2, 'second', 1)", "second");
        change(&server, &database, long, "update orders set word = 'other' where id = 2", "other");
        change(&server, &database, long, "delete from orders where id = 2", "!other");
        if kind != Kind::Sqlite {
            change(&server, &database, long, "truncate table orders", "!first");
        }
        assert!(!server.log_beside_requests().contains("changes "), "{}", server.log_beside_requests());
    });
}

/// Times of MariaDB are whole seconds, and the time of two changes is one most often.
#[test]
fn changes_in_quick_succession_are_all_seen() {
    on_each(&[Kind::Sqlite, Kind::Mariadb], |kind| {
        let Some(database) = database(kind) else { return };
        let server = serve(&database.url, STATISTICS, "");
        settle(&server, COARSE);
        for number in 0..6 {
            let word = format!("word{number}");
            database.run_apart(&format!("update orders set word = '{word}'"));
            soon(&server, &word, || has(&server, "Orders", &word));
        }
    });
}

#[test]
fn the_greatest_value_tells_of_changes() {
    on_each(&KINDS, |kind| {
        let Some(database) = database(kind) else { return };
        let server = serve(&database.url, PROPERTY, PROPERTY);
        change(&server, &database, COARSE, "insert into orders values (2, 'second', 2)", "second");
        change(&server, &database, COARSE, "update orders set word = 'other', changed = 3 where id = 1", "other");
        change(&server, &database, COARSE, "delete from orders", "!other");
        change(&server, &database, COARSE, "insert into orders values (5, 'fifth', null), (6, 'sixth', 1)", "sixth");
    });
}

#[test]
fn parts_of_a_table_are_watched_with_it() {
    let Some(database) = Database::create(Kind::Postgres, "parts") else { return };
    database.run_apart(
        "create table accounts (id int not null, word varchar(20), changed int);
         create schema \"s 1\";
         create table \"s 1\".\"Or'ders\" (like accounts) partition by range (id);
         create table part1 partition of \"s 1\".\"Or'ders\" for values from (0) to (10);
         create table part2 (like accounts);
         insert into part2 values (11, 'eleventh', 1)",
    );
    let table = "schema = \"s 1\"\ntable = \"Or'ders\"";
    let server = serve_table(&database.url, table, STATISTICS, "");
    change(&server, &database, EXACT, "insert into part1 values (1, 'first', 1)", "first");
    change(&server, &database, EXACT, "truncate part1", "!first");
    let attach = "alter table \"s 1\".\"Or'ders\" attach partition part2 for values from (10) to (20)";
    change(&server, &database, EXACT, attach, "eleventh");
    change(&server, &database, EXACT, "alter table \"s 1\".\"Or'ders\" detach partition part2", "!eleventh");
}

#[test]
fn a_replaced_file_is_a_change() {
    let (Some(old), Some(new)) = (database(Kind::Sqlite), database(Kind::Sqlite)) else { return };
    let path = |database: &Database| database.url.trim_start_matches("sqlite:").to_owned();
    new.run("pragma journal_mode = delete; update orders set word = 'new'");
    old.run("pragma journal_mode = delete");
    let server = serve(&old.url, STATISTICS, "");
    settle(&server, EXACT);
    std::fs::remove_file(path(&old)).unwrap();
    soon(&server, "it says so", || server.log().contains("changes cannot be asked for"));
    assert!(is_hit(&server, "Orders"), "age limits hold");
    std::fs::copy(path(&new), path(&old)).unwrap();
    soon(&server, "the new row", || has(&server, "Orders", "new"));
    assert!(is_hit(&server, "Accounts"));
}

#[test]
fn after_an_outage_everything_is_read_anew() {
    on_each(&[Kind::Postgres, Kind::Mariadb], |kind| {
        let Some(database) = database(kind) else { return };
        let line = Line::new(database.port().unwrap());
        line.set(true);
        let server = serve(&database.url_through(line.port), STATISTICS, PROPERTY);
        settle(&server, COARSE);
        line.set(false);
        soon(&server, "it says so", || server.log().matches("changes cannot be asked for").count() == 2);
        assert!(is_hit(&server, "Orders") && is_hit(&server, "Accounts"), "age limits hold");
        database.run_apart("insert into accounts values (2, 'second', 1)");
        line.set(true);
        soon(&server, "the new row", || has(&server, "Accounts", "second"));
        soon(&server, "it says so", || server.log().matches("changes are noticed again").count() == 2);
        settle(&server, COARSE);
    });
}

#[test]
fn a_view_has_no_statistics_and_that_is_said() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(database) = database(kind) else { continue };
        database.run("create view open_orders as select * from orders");
        let server = serve_table(&database.url, "table = \"open_orders\"", STATISTICS, "");
        soon(&server, "it says so", || server.log().contains("changes are not noticed: the database counts no"));
        settle(&server, EXACT);
        assert_eq!(server.log().matches("changes are not noticed").count(), 1, "{}", server.log());
    }
}

#[test]
fn a_channel_of_a_source_without_announcements_is_a_problem() {
    for (url, expected) in [("mariadb://db/erp", true), ("sqlite:erp.db", true), ("postgres://db/erp", false)] {
        let setup = setup(url, "table = \"orders\"", "notify = \"erp\"\n", "");
        let config = setup.path().join("penstock.toml");
        let mut check = Command::new(env!("CARGO_BIN_EXE_penstock"));
        let check = check.arg("check").arg("--config").arg(config).output().unwrap();
        let out = String::from_utf8(check.stdout).unwrap();
        let problem = "orders.toml: cache.notify: a channel is named, and the source announces nothing";
        assert_eq!((out.contains(problem), check.status.success()), (expected, !expected), "{url}: {out}");
    }
}
