//! Turns the text of one file into its struct; reports every unknown, missing and ill-typed key.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{File, Report, VERSION, nearest};
use crate::model::Problem;

/// Checks one table; its place is empty or ends with a dot.
pub(super) type Check = fn(&Table, &str, &str, &mut Report);

/// What a table of the files may hold.
pub(super) trait Form: DeserializeOwned {
    /// Every key.
    const KEYS: &'static [&'static str];
    /// The keys that hold lists of tables.
    const LISTS: &'static [(&'static str, Check)] = &[];
    /// The keys that hold a table.
    const TABLES: &'static [(&'static str, Check)] = &[];

    /// The keys that are always required, each with a value that is good: whatever is put beside them or in their place
    /// is judged alone.
    fn sample() -> Table;

    /// The keys that this table needs besides and does not have.
    fn wanted(_table: &Table) -> Vec<&'static str> {
        Vec::new()
    }
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
pub(super) fn check<T: Form>(table: &Table, path: &str, file: &str, report: &mut Report) {
    let sample = T::sample();
    for (key, value) in table {
        let place = format!("{path}{key}");
        if !T::KEYS.contains(&key.as_str()) {
            report.add(file, place, format!("`{key}` is not a key of the format"), known_key::<T>(key));
            continue;
        }
        let checked_by =
            |checks: &[(&str, Check)]| checks.iter().find(|(name, _)| name == key).map(|(_, check)| *check);
        match value {
            Value::Array(rows) if rows.iter().all(Value::is_table) => {
                if let Some(check) = checked_by(T::LISTS) {
                    for (number, row) in (1..).zip(rows.iter().filter_map(Value::as_table)) {
                        check(row, &format!("{place}.{number}."), file, report);
                    }
                    continue;
                }
            }
            Value::Table(inner) => {
                if let Some(check) = checked_by(T::TABLES) {
                    check(inner, &format!("{place}."), file, report);
                    continue;
                }
            }
            _ => {}
        }
        let mut trial = sample.clone();
        trial.insert(key.clone(), value.clone());
        if let Err(error) = trial.try_into::<T>() {
            let (wrong, right) = explain(error.message());
            report.add(file, place, wrong, right);
        }
    }
    let missing = sample.keys().map(String::as_str).filter(|key| !table.contains_key(*key));
    for key in missing.chain(T::wanted(table)) {
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
    if message.contains("did not match any variant") {
        return (
            "it is none of the kinds of value that this key takes".to_owned(),
            "see the description of the format".to_owned(),
        );
    }
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
