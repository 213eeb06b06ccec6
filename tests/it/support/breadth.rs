//! The fleet: a small model with one of everything that a metadata file can declare, its tables and its rows, on every
//! database. It lies in `tests/cases/breadth`.

use std::fmt::Write as _;

use super::databases::{Database, Kind};
use super::server::{Setup, TestServer, password_hash};
use super::{project, read_text};

/// The service's root.
pub(crate) const ROOT: &str = "/odata/v4/fleet/";

/// A fresh database with the rows of the fleet, or `None` without a server of this kind.
pub(crate) fn database(kind: Kind) -> Option<Database> {
    let database = Database::create(kind, "breadth")?;
    let text = |name: &str| read_text(&project(&format!("tests/cases/breadth/sql/{name}.sql")));
    database.run(&text(kind.name()));
    database.run(&spelled(kind, &text("seed")));
    if kind == Kind::Postgres {
        database.run(&text("postgres_only"));
    }
    Some(database)
}

/// A server on it. The user `demo` has the password `demo`, as `CREDENTIALS` say.
pub(crate) fn serve(database: &Database) -> TestServer {
    serve_with(database, "")
}

/// The same; `more` are lines of the top level and sections.
pub(crate) fn serve_with(database: &Database, more: &str) -> TestServer {
    serve_changed(database, more, |text| text)
}

/// The same with metadata files that are changed.
pub(crate) fn serve_changed(database: &Database, more: &str, change: fn(String) -> String) -> TestServer {
    let folders = match database.kind {
        Kind::Postgres => "\"breadth/metadata\", \"breadth/postgres\"",
        _ => "\"breadth/metadata\"",
    };
    let decimals = if database.kind == Kind::Sqlite { "decimals = \"text\"\n" } else { "" };
    let config = format!(
        "{more}\n[sources.fleet]\nurl = \"{}\"\n{decimals}[services.fleet]\nmetadata = [{folders}]\n[[users]]\nname = \
         \"demo\"\npassword_hash = \"{}\"\n",
        database.url,
        password_hash("demo")
    );
    Setup::new(&config).files("breadth", &project("tests/cases/breadth"), change).start()
}

/// The rows in the words of one database.
fn spelled(kind: Kind, seed: &str) -> String {
    match kind {
        Kind::Postgres => seed.replace("x'", "'\\x"),
        Kind::Mariadb => seed.replace("micros(", "("),
        Kind::Sqlite => {
            let mut out = String::new();
            let seed = seed.replace("micros(", "(");
            let mut rest = seed.as_str();
            while let Some((before, after)) = rest.split_once(" point(") {
                let (numbers, after) = after.split_once(')').expect("a closing bracket");
                out.push_str(before);
                write!(out, " 'POINT({})'", numbers.replace(',', " ")).unwrap();
                rest = after;
            }
            out + rest
        }
    }
}
