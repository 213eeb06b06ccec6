//! Turns the text of one file into its struct; reports every unknown, missing and ill-typed key.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{Cache, Entity, File, Navigation, Property, Report, Service, VERSION, nearest};
use crate::model::Problem;

/// What a table of the files may hold.
pub(super) trait Form: DeserializeOwned {
    /// Every key.
    const KEYS: &'static [&'static str];

    /// The required keys, each with a value that is good: whatever is put beside them or in their place is judged alone.
    fn sample() -> Table;

    /// Checks the tables of an array of tables; false if `key` is not one.
    fn nested(_key: &str, _rows: &[Value], _path: &str, _file: &str, _report: &mut Report) -> bool {
        false
    }

    /// Checks a table; false if `key` is not one that this form knows.
    fn inner(_key: &str, _table: &Table, _path: &str, _file: &str, _report: &mut Report) -> bool {
        false
    }
}

fn sample(pairs: &[(&str, &str)]) -> Table {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect()
}

impl Form for Service {
    const KEYS: &'static [&'static str] = &["version", "namespace", "container", "source", "page_rows_max", "cache"];

    fn sample() -> Table {
        let mut table = sample(&[("source", "s")]);
        table.insert("version".to_owned(), VERSION.into());
        table
    }

    fn inner(key: &str, table: &Table, path: &str, file: &str, report: &mut Report) -> bool {
        cache(key, table, path, file, report)
    }
}

impl Form for Entity {
    const KEYS: &'static [&'static str] = &[
        "version",
        "set",
        "type",
        "table",
        "schema",
        "key",
        "etag",
        "description",
        "page_rows_max",
        "cache",
        "property",
        "navigation",
    ];

    fn sample() -> Table {
        let mut table = sample(&[("set", "S"), ("type", "T"), ("table", "t")]);
        table.insert("version".to_owned(), VERSION.into());
        table.insert("key".to_owned(), Value::Array(Vec::new()));
        table
    }

    fn nested(key: &str, rows: &[Value], path: &str, file: &str, report: &mut Report) -> bool {
        let check = match key {
            "property" => check::<Property>,
            "navigation" => check::<Navigation>,
            _ => return false,
        };
        for (number, row) in (1..).zip(rows.iter().filter_map(Value::as_table)) {
            check(row, &format!("{path}.{number}."), file, report);
        }
        true
    }

    fn inner(key: &str, table: &Table, path: &str, file: &str, report: &mut Report) -> bool {
        cache(key, table, path, file, report)
    }
}

impl Form for Cache {
    const KEYS: &'static [&'static str] = &[
        "off",
        "ttl_s",
        "stale_while_revalidate_s",
        "stale_if_error_s",
        "notify",
        "probe_property",
        "probe_statistics",
        "probe_every_s",
    ];

    fn sample() -> Table {
        Table::new()
    }
}

impl Form for Property {
    const KEYS: &'static [&'static str] = &[
        "name",
        "column",
        "type",
        "max_length",
        "precision",
        "scale",
        "nullable",
        "searchable",
        "collation",
        "description",
    ];

    fn sample() -> Table {
        sample(&[("name", "N"), ("column", "c"), ("type", "String")])
    }
}

impl Form for Navigation {
    const KEYS: &'static [&'static str] = &["name", "target", "to", "nullable", "partner", "join"];

    fn sample() -> Table {
        let mut table = sample(&[("name", "N"), ("target", "S"), ("to", "one")]);
        table.insert("join".to_owned(), Value::Table(Table::new()));
        table
    }
}

/// The one table that services and entities have.
fn cache(key: &str, table: &Table, path: &str, file: &str, report: &mut Report) -> bool {
    if key == "cache" {
        check::<Cache>(table, &format!("{path}."), file, report);
    }
    key == "cache"
}

/// Reads a file: syntax first, then the version, then all keys.
pub(super) fn read<T: Form>(file: &File) -> Result<T, Vec<Problem>> {
    let name = file.name.as_str();
    let mut report = Report::default();
    let table: Option<Table> = match file.text.parse() {
        Ok(table) => Some(table),
        Err(error) => {
            let place = place(&file.text, error.span().map_or(0, |span| span.start));
            report.add(name, place, one_line(error.message()), "write it as TOML 1.0");
            None
        }
    };
    let mut value = None;
    if let Some(table) = table
        && check_version(&table, name, &mut report)
    {
        check::<T>(&table, "", name, &mut report);
        match table.try_into() {
            Ok(read) => value = Some(read),
            // Every key was tried before; this only keeps an overlooked error from passing in silence.
            Err(error) if report.is_empty() => {
                report.add(name, "", one_line(error.message()), "see the description of the format");
            }
            Err(_) => {}
        }
    }
    report.finish(value).and_then(|value| value.ok_or_else(Vec::new))
}

fn check_version(table: &Table, file: &str, report: &mut Report) -> bool {
    let wrong = match table.get("version") {
        Some(Value::Integer(VERSION)) => return true,
        Some(version) => format!("version {version} of the format is not known"),
        None => "the version of the format is missing".to_owned(),
    };
    report.add(file, "version", wrong, format!("this program reads version {VERSION}"));
    false
}

/// Reports what is wrong with each key of one table. `path` is empty or ends with a dot.
fn check<T: Form>(table: &Table, path: &str, file: &str, report: &mut Report) {
    let sample = T::sample();
    for (key, value) in table {
        let place = format!("{path}{key}");
        if !T::KEYS.contains(&key.as_str()) {
            report.add(file, place, format!("`{key}` is not a key of the format"), known_key::<T>(key));
            continue;
        }
        if let Value::Array(rows) = value
            && rows.iter().all(Value::is_table)
            && T::nested(key, rows, &place, file, report)
        {
            continue;
        }
        if let Value::Table(inner) = value
            && T::inner(key, inner, &place, file, report)
        {
            continue;
        }
        let mut trial = sample.clone();
        trial.insert(key.clone(), value.clone());
        if let Err(error) = trial.try_into::<T>() {
            let (wrong, right) = explain(error.message());
            report.add(file, place, wrong, right);
        }
    }
    for (key, _) in sample.iter().filter(|(key, _)| !table.contains_key(*key)) {
        report.add(
            file,
            format!("{path}{key}"),
            format!("`{key}` is missing"),
            format!("every such table needs `{key}`"),
        );
    }
}

fn known_key<T: Form>(key: &str) -> String {
    match nearest(key, T::KEYS.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here are `{}`", T::KEYS.join("`, `")),
    }
}

/// Splits serde's sentence into what is wrong and what would be right, in words that do not presume Rust.
fn explain(message: &str) -> (String, String) {
    let message = one_line(message);
    let (wrong, expected) = message.split_once(", expected ").unwrap_or((&message, "another value"));
    let right = match expected {
        "i64" => "a whole number",
        "a string" => "a text in quotes",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list in brackets",
        "a map" => "a table of pairs in braces",
        other => other,
    };
    let wrong = wrong.replace("unknown variant", "unknown value");
    let proposal = wrong.split('`').nth(1).and_then(|value| {
        let value = value.strip_prefix("Edm.").unwrap_or(value);
        nearest(value, expected.split('`').skip(1).step_by(2))
    });
    match proposal {
        Some(near) => (wrong, format!("did you mean `{near}`? Expected {right}")),
        None => (wrong, format!("expected {right}")),
    }
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

/// Line and column, both counted from one, of a byte offset.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}
