//! The tables of `metadata/README.md` say what `catalog::offer` says of the columns of real databases, and every form
//! that is offered is one whose values the cases beside this file have gone through.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use penstock::catalog::{Column, Offer, Wanted, offer, offer_of_loose};
use penstock::edm::{Form, Scalar, Stored};
use penstock::store;

use crate::support::databases::{Database, Kind};
use crate::support::{environment, inside, project, read_text};

use super::harness::Case;
use super::{mariadb, postgres, sqlite};

/// Types whose values are those of others.
const ALIKE: [(Kind, &[&str]); 3] = [
    (
        Kind::Postgres,
        &[
            "bit(8)",
            "bit varying(8)",
            "xid8",
            "jsonpath",
            "line",
            "lseg",
            "path",
            "circle",
            "int8range",
            "tsrange",
            "tstzrange",
            "nummultirange",
            "regproc",
            "regtype",
            "tsquery",
            "numeric(1000,0)",
            "text[]",
            "jsonb[]",
            "interval[]",
            "timestamp[]",
            "timestamptz[]",
            "bytea[]",
        ],
    ),
    (Kind::Mariadb, &["mediumtext", "tinyblob", "mediumblob", "longblob", "geometry", "polygon", "bit(16)", "bit(32)"]),
    (
        Kind::Sqlite,
        &[
            "int",
            "bigint",
            "varchar(20)",
            "clob",
            "double precision",
            "numeric(10,2)",
            "json",
            "interval",
            "uuid",
            "decimal",
            "tinyint(1)",
            "smallint",
            "any",
        ],
    ),
];

/// What stands in the table for a type of the tests' own.
pub(crate) fn shown(declared: &str) -> String {
    match declared {
        "positive" => "domain over `integer`".to_owned(),
        "label" => "domain over `varchar(10)`".to_owned(),
        "mood" => "enumeration".to_owned(),
        "shade" => "domain over an enumeration".to_owned(),
        "pair" => "composite type".to_owned(),
        "text collate folds" => "`text` with a nondeterministic collation".to_owned(),
        _ => format!("`{declared}`"),
    }
}

pub(super) fn cases(kind: Kind) -> (&'static str, Vec<Case>) {
    match kind {
        Kind::Postgres => (postgres::PRELUDE, postgres::cases()),
        Kind::Mariadb => (mariadb::PRELUDE, mariadb::cases()),
        Kind::Sqlite => ("", sqlite::cases()),
    }
}

/// Every declared type once, with the column that the catalogue tells of it.
fn columns(kind: Kind) -> Option<Vec<(String, Column)>> {
    let database = Database::create(kind, "offers")?;
    let (prelude, cases) = cases(kind);
    if !prelude.is_empty() {
        database.run(prelude);
    }
    let alike = ALIKE.iter().filter(|(of, _)| *of == kind).flat_map(|(_, types)| *types).copied();
    let mut declared: Vec<&str> = Vec::new();
    for name in cases.iter().map(|case| case.declared).chain(alike) {
        if !declared.contains(&name) {
            declared.push(name);
        }
    }
    let mut script = "create table offered (id int primary key".to_owned();
    for (place, name) in declared.iter().enumerate() {
        write!(script, ", c{place} {name} null").unwrap();
    }
    database.run(&format!("{script})"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let catalog = runtime.block_on(async {
        let databases = inside::databases(&database.url, Duration::from_mins(1));
        let wanted = Wanted { tables: vec!["offered".to_owned()], ..Wanted::default() };
        let progress: store::Progress = Arc::new(|_, _| {});
        databases.get(0).unwrap().catalog(&wanted, &progress).await.unwrap()
    });
    let mut told = catalog.relations[0].columns.clone();
    told.remove(0);
    assert_eq!(told.len(), declared.len());
    Some(declared.into_iter().map(str::to_owned).zip(told).collect())
}

fn offered(kind: Kind, column: &Column) -> Offer {
    if kind == Kind::Sqlite { offer_of_loose(column) } else { offer(column) }
}

/// The keys of a property.
fn keys(column: &Column, scalar: Scalar, form: Form, collection: Option<&str>) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([format!("type = \"{}\"", scalar.name().trim_start_matches("Edm."))]);
    match scalar {
        Scalar::Decimal { precision, scale } => {
            keys.extend(precision.map(|digits| format!("precision = {digits}")));
            keys.extend(scale.map(|digits| format!("scale = {digits}")));
        }
        Scalar::String { max_length } | Scalar::Binary { max_length } => {
            keys.extend(max_length.map(|length| format!("max_length = {length}")));
        }
        Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } if precision < 6 => {
            keys.insert(format!("precision = {precision}"));
        }
        _ => {}
    }
    match form.stored {
        Stored::Plain => {}
        Stored::Bytes => drop(keys.insert("stored = \"bytes\"".to_owned())),
        Stored::Local => drop(keys.insert("stored = \"local\"".to_owned())),
        Stored::Cast => drop(keys.insert("cast = true".to_owned())),
    }
    keys.extend(collection.map(|form| format!("collection = \"{form}\"")));
    if column.folding && collection.is_none() && matches!(scalar, Scalar::String { .. }) {
        keys.insert("collation = \"folding\"".to_owned());
    }
    keys
}

/// One line of the table.
fn line(kind: Kind, declared: &str, column: &Column) -> String {
    let declared = shown(declared);
    match offered(kind, column) {
        Offer::Not { reason } => format!("| {declared} | left out | | {reason} |"),
        Offer::As { scalar, form, collection, rule } => {
            let keys = keys(column, scalar, form, collection);
            let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            // The type first.
            keys.sort_by_key(|key| !key.starts_with("type"));
            let of_type = keys.remove(0).trim_start_matches("type = \"").trim_end_matches('"').to_owned();
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            let more = if keys.is_empty() { String::new() } else { format!(", {}", keys.join(", ")) };
            let asked = match (scalar.srid(), collection, form.is_written_plainly()) {
                (Some(_), _, _) => "read",
                (None, Some(_), _) => "filter",
                (None, None, true) => "filter, sort",
                (None, None, false) if form.stored == Stored::Local => "filter, sort",
                (None, None, false) => "filter, sort, by no index of the column",
            };
            format!("| {declared} | `{of_type}`{more} | {asked} | {} |", rule.unwrap_or_default())
        }
    }
}

#[test]
fn the_tables_of_the_readme_are_what_is_offered() {
    for (kind, name) in [(Kind::Postgres, "PostgreSQL"), (Kind::Mariadb, "MariaDB"), (Kind::Sqlite, "SQLite")] {
        let Some(columns) = columns(kind) else { continue };
        let mut table = "| Column | Property | Asked for in | Rule |\n|---|---|---|---|\n".to_owned();
        let lines = columns.iter().map(|(declared, column)| line(kind, declared, column));
        lines.for_each(|line| writeln!(table, "{}", line.replace(" |  |", " | |")).unwrap());
        let path = project("metadata/README.md");
        let readme = read_text(&path);
        let (before, rest) =
            readme.split_once(&format!("#### Columns of {name}\n\n")).expect("a heading for the table");
        let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
        if environment("PENSTOCK_WRITE_TABLES").is_some() {
            let text = format!("{before}#### Columns of {name}\n\n{table}{}", &rest[end..]);
            std::fs::write(&path, text).unwrap();
            continue;
        }
        assert_eq!(&rest[..end], table, "the table of {name} is stale: run with PENSTOCK_WRITE_TABLES=1");
    }
}

#[test]
fn what_is_offered_has_been_tried() {
    let mut untried = Vec::new();
    for kind in [Kind::Postgres, Kind::Mariadb, Kind::Sqlite] {
        let Some(columns) = columns(kind) else { continue };
        let (_, cases) = cases(kind);
        for (declared, column) in &columns {
            if ALIKE.iter().any(|(of, types)| *of == kind && types.contains(&declared.as_str())) {
                continue;
            }
            if let Offer::As { scalar, form, collection, .. } = offered(kind, column) {
                let wanted = keys(column, scalar, form, collection);
                let said = |case: &&Case| case.property.lines().map(str::to_owned).collect::<BTreeSet<_>>() == wanted;
                if !cases.iter().filter(|case| case.declared == declared).any(|case| said(&case)) {
                    untried.push(format!("{} {declared}: {wanted:?}", kind.name()));
                }
            }
        }
    }
    assert!(untried.is_empty(), "{} untried\n{}", untried.len(), untried.join("\n"));
}
