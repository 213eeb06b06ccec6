//! Every type that a column can have in each database, with its extreme values: served by the real server, compared with
//! what was written into the database as SQL, and asked for in `$filter`, `$orderby`, next links and keys.

mod harness;
mod mariadb;
mod postgres;
mod sqlite;
mod zones;

use super::support::databases::Kind;

#[test]
fn postgres_columns_keep_their_values() {
    harness::run(Kind::Postgres, postgres::PRELUDE, &postgres::cases());
}

#[test]
fn mariadb_columns_keep_their_values() {
    harness::run(Kind::Mariadb, mariadb::PRELUDE, &mariadb::cases());
}

#[test]
fn sqlite_columns_keep_their_values() {
    harness::run(Kind::Sqlite, "", &sqlite::cases());
}
