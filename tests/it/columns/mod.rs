//! Every type that a column can have in each database, with its extreme values: served by the real server, compared
//! with what was written into the database as SQL, and asked for in `$filter`, `$orderby`, next links and keys.

mod harness;
mod mariadb;
mod postgres;
mod random;
mod specials;
mod sqlite;
pub(crate) mod stock;
pub(crate) mod tables;
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

/// An array of PostgreSQL may have more dimensions in one row than in another; a collection has one.
#[test]
fn arrays_of_arrays_are_refused() {
    use super::support::databases::Database;
    use super::support::server::Setup;
    let Some(database) = Database::create(Kind::Postgres, "arrays") else { return };
    database
        .run("create table a (id int primary key, v int[]); insert into a values (1, '{1,2}'), (2, '{{1,2},{3,4}}')");
    let config =
        format!("[sources.a]\nurl = \"{}\"\n[services.a]\nmetadata = [\"metadata\"]\nanonymous = true\n", database.url);
    let server = Setup::new(&config)
        .file("metadata/service.toml", "version = 1\nnamespace = \"A\"\nsource = \"a\"\n")
        .file(
            "metadata/a.toml",
            "version = 1\nset = \"As\"\ntype = \"A_\"\ntable = \"a\"\nkey = [\"Id\"]\n[[property]]\nname = \"Id\"\n\
             column = \"id\"\ntype = \"Int32\"\nnullable = false\n[[property]]\nname = \"V\"\ncolumn = \"v\"\n\
             type = \"Int32\"\ncollection = \"array\"\n",
        )
        .start();
    assert_eq!(server.json("/odata/v4/a/As(1)").get("V").unwrap().to_string(), "[1,2]");
    let refused = server.get("/odata/v4/a/As(2)");
    let text = refused.text();
    assert!(
        refused.status == 500 && text.contains("As(Id=2), property 'V'") && text.contains("array of arrays"),
        "{text}"
    );
}
