//! What is set in sessions: settings of ours arrive, and defaults of server, database and role change no answer.

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use super::{ROOT, answers, serve, setup, tables};
use crate::support::databases::{Database, Kind};
use crate::support::encrypted::{Certificates, Encrypted};
use crate::support::pgbouncer::Pooler;
use crate::support::server::{Setup, TestServer};

/// A role of the server of the tests, gone at the end.
struct Role<'a> {
    database: &'a Database,
    name: String,
}

impl<'a> Role<'a> {
    fn create(database: &'a Database, label: &str) -> Role<'a> {
        let name = format!("{}_{label}", database.name());
        database.run(&format!("create role {name} login noinherit; grant {name} to postgres"));
        Role { database, name }
    }

    fn url(&self) -> String {
        self.database.url.replacen("postgres@", &format!("{}@", self.name), 1)
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        self.database.run(&format!("drop owned by {0}; drop role {0}", self.name));
    }
}

#[test]
fn hostile_defaults_of_a_role_and_a_database_change_nothing() {
    let Some(database) = Database::create(Kind::Postgres, "hostile") else { return };
    tables(&database);
    let expected = answers(&serve(&database.url, ""));
    let role = Role::create(&database, "role");
    let name = &role.name;
    database.run(&format!("grant select on all tables in schema public to {name}"));
    for setting in [
        "DateStyle = 'German, DMY'",
        "IntervalStyle = 'iso_8601'",
        "TimeZone = 'Asia/Kolkata'",
        "extra_float_digits = -15",
        "standard_conforming_strings = off",
        "bytea_output = 'escape'",
        "client_encoding = 'LATIN1'",
        "transform_null_equals = on",
        "gin_fuzzy_search_limit = 1",
        "default_transaction_isolation = 'serializable'",
        "statement_timeout = '100ms'",
        "row_security = off",
        "search_path = 'nowhere'",
        "lc_numeric = 'C'",
        "\"penstock.session\" = '0'",
    ] {
        database.run(&format!("alter role {name} set {setting}"));
        database.run(&format!("alter database {} set {setting}", database.name()));
    }
    let found = "search_path = [\"public\"]\n";
    assert_eq!(answers(&serve(&role.url(), found)), expected, "with a session");
    assert_eq!(answers(&serve(&role.url(), &format!("{found}pooler = \"transaction\"\n"))), expected, "without one");
    let Some(pooler) = Pooler::start(database.port().unwrap(), 2, "") else { return };
    assert_eq!(answers(&serve(&pooler.url(database.name()), found)), expected, "through a pooler");
    // Without a path, the role's own holds, in which there are no tables.
    assert_eq!(serve(&role.url(), "").get(&format!("{ROOT}Orders(1)")).status, 500);
}

const SEEN: &str = "version = 1\nset = \"Seen\"\ntype = \"SeenRow\"\ntable = \"seen\"\nkey = [\"Id\"]\n\
    [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n\
    [[property]]\nname = \"Text\"\ncolumn = \"text\"\ntype = \"String\"\nmax_length = 200\n";

fn seen(setup: Setup) -> (TestServer, String) {
    let server = setup.file("metadata/seen.toml", SEEN).start();
    let response = server.get(&format!("{ROOT}Seen(1)/Text/$value"));
    assert_eq!(response.status, 200, "{}\n{}", response.text(), server.log());
    let text = response.text().to_owned();
    (server, text)
}

#[test]
fn settings_are_seen_in_postgres() {
    let Some(database) = Database::create(Kind::Postgres, "session") else { return };
    tables(&database);
    let login = Role::create(&database, "login");
    let reader = Role::create(&database, "reader");
    // What is read has no schema in the metadata, and lies where only the path leads; only the role may read it.
    database.run(&format!(
        "create schema \"Sales, 2\"; alter table customers set schema \"Sales, 2\"; \
         create view \"Sales, 2\".seen as select 1 as id, concat_ws('|', current_user, session_user, \
         current_setting('work_mem'), current_setting('enable_seqscan'), current_setting('erp.user', true), \
         current_setting('lock_timeout'), current_setting('TimeZone')) as text; \
         grant usage on schema \"Sales, 2\" to {0}; grant select on all tables in schema \"Sales, 2\", public to {0}; \
         grant {0} to {1}",
        reader.name, login.name
    ));
    let settings = format!(
        "role = \"{}\"\nsearch_path = [\"Sales, 2\", \"public\"]\ntime_zone = \"UTC\"\n[sources.erp.session]\n\
         work_mem = \"5MB\"\nenable_seqscan = false\n\"erp.user\" = \"it's \\\"me\\\" \\\\ ü\"\nlock_timeout = 1500\n",
        reader.name
    );
    let expected = format!("{}|{}|5MB|off|it's \"me\" \\ ü|1500ms|UTC", reader.name, login.name);
    let (server, text) = seen(setup(&login.url(), &settings));
    assert_eq!(text, expected);
    assert_eq!(server.json(&format!("{ROOT}Customers/$count")).to_string(), "41");
    let (_, text) = seen(setup(&login.url(), &format!("pooler = \"transaction\"\n{settings}")));
    assert_eq!(text, expected);
    // Without the role nothing may be read.
    assert_eq!(serve(&login.url(), "search_path = [\"Sales, 2\"]\n").get(&format!("{ROOT}Customers(1)")).status, 500);
}

/// MariaDB keeps defaults for the whole server, so this one has its own.
#[test]
fn hostile_defaults_of_mariadb_change_nothing_and_settings_are_seen() {
    let Some(database) = Database::create(Kind::Mariadb, "hostile") else { return };
    tables(&database);
    let expected = answers(&serve(&database.url, ""));
    let certificates = Certificates::make();
    let Some(own) = Encrypted::mariadb(&certificates, "server") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("mysql://root@127.0.0.1:{}/mysql", own.port);
    let mut admin = runtime.block_on(MySqlConnection::connect(&url)).unwrap();
    let mut run = |text: &str| {
        let sql = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        runtime.block_on(admin.execute(sql)).unwrap_or_else(|error| panic!("{error}: {text}"));
    };
    run("create database penstock character set utf8mb4 collate utf8mb4_general_ci");
    let theirs = Database::at(Kind::Mariadb, &format!("mysql://root@127.0.0.1:{}/penstock", own.port));
    tables(&theirs);
    run(
        "create user login@'%'; create role reader; grant reader to login@'%'; grant select on penstock.customers to login@'%'; \
         grant select, execute on penstock.* to reader; \
         create function penstock.seen() returns varchar(200) sql security invoker return \
         concat_ws('|', current_role(), @@lock_wait_timeout, @@optimizer_switch like '%mrr=on%', @@default_week_format, @@autocommit, @@time_zone); \
         create sql security invoker view penstock.seen as select 1 as id, penstock.seen() as text",
    );
    for setting in [
        "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,\
         NO_UNSIGNED_SUBTRACTION,TIME_ROUND_FRACTIONAL,IGNORE_SPACE,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
        "autocommit = 0",
        "sql_select_limit = 3",
        "sql_auto_is_null = 1",
        "time_zone = '+05:30'",
        "character_set_server = 'latin1'",
        "collation_server = 'latin1_german2_ci'",
        "div_precision_increment = 0",
        "group_concat_max_len = 4",
        "max_sort_length = 64",
        "max_statement_time = 0.001",
        "tx_isolation = 'SERIALIZABLE'",
        "init_connect = 'set names latin1'",
    ] {
        run(&format!("set global {setting}"));
    }
    let at = |user: &str| format!("mariadb://{user}@127.0.0.1:{}/penstock", own.port);
    let server = serve(&at("root"), "pool_max = 1\n");
    assert_eq!(answers(&server), expected);
    // A connection that stays shows what others have changed.
    let name = |server: &TestServer| server.get(&format!("{ROOT}Customers(1)/Name/$value")).text().to_owned();
    assert_eq!(name(&server), "Customer '1'");
    run("update penstock.customers set name = 'changed' where id = 1; commit");
    assert_eq!(name(&server), "changed");
    run("update penstock.customers set name = 'Customer ''1''' where id = 1; commit");
    // As a user, whose connections the server greets with its own command.
    let settings = "role = \"reader\"\n[sources.erp.session]\nlock_wait_timeout = 77\noptimizer_switch = \"mrr=on\"\ndefault_week_format = 3\n";
    let (server, text) = seen(setup(&at("login"), settings));
    assert_eq!(text, "reader|77|1|3|ON|+00:00");
    assert_eq!(answers(&server), expected);
    assert_eq!(serve(&at("login"), "").get(&format!("{ROOT}Orders(1)")).status, 500);
}

/// What cannot be set is told, by the database or before.
#[test]
fn settings_that_are_not_ours_to_set_are_refused() {
    let Some(database) = Database::create(Kind::Postgres, "refused") else { return };
    tables(&database);
    for (settings, words) in [
        ("role = \"nobody_there\"\n", "role \"nobody_there\" does not exist"),
        ("[sources.erp.session]\nno_such_thing = 1\n", "\"no_such_thing\""),
        ("[sources.erp.session]\nwork_mem = \"much\"\n", "\"work_mem\""),
    ] {
        for pooler in ["", "pooler = \"transaction\"\n"] {
            let server = serve(&database.url, &format!("{pooler}{settings}"));
            assert_eq!(server.get(&format!("{ROOT}Orders(1)")).status, 500);
            crate::sick::soon(words, || {
                server.log().contains(words) || server.log().contains(&words.replace('"', "\\\""))
            });
        }
    }
}
