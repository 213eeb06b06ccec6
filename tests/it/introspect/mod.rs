//! `penstock introspect` on every database: a schema full of traps is drafted, checked, served and read back whole; the
//! database changes and people edit, and the next draft keeps both; a thousand tables do not take long.

mod loose;
mod rerun;
pub(crate) mod schema;
mod served;
mod size;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::databases::Database;
use crate::support::json::Json;
use crate::support::server::Setup;

/// A folder with a configuration that serves `metadata/erp` out of this database.
fn setup(database: &Database) -> Setup {
    setup_with(database, "")
}

/// The same with further settings of the source.
pub(crate) fn setup_with(database: &Database, settings: &str) -> Setup {
    Setup::new(&format!(
        "[sources.erp]\nurl = \"{}\"\n{settings}[services.erp]\nmetadata = [\"metadata/erp\"]\nanonymous = true\n",
        database.url
    ))
}

/// Runs the program with the configuration of a folder; its standard output, or what it says on standard error.
pub(crate) fn penstock(setup: &Setup, command: &str, arguments: &[&str]) -> Result<String, String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_penstock"));
    program.arg(command).arg("--config").arg(setup.path().join("penstock.toml")).args(arguments);
    let output = program.output().unwrap();
    let [out, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    if output.status.success() { Ok(out) } else { Err(errors + &out) }
}

/// Drafts into `metadata/erp` and gives the report.
pub(crate) fn introspect(setup: &Setup, arguments: &[&str]) -> Report {
    let out = folder(setup).display().to_string();
    let arguments = [&["--source", "erp", "--out", &out, "--json"], arguments].concat();
    let text = penstock(setup, "introspect", &arguments).unwrap_or_else(|error| panic!("{error}"));
    Report(Json::read(text.trim()).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// What is drafted is right, also to those who compare it with the database.
fn check(setup: &Setup) {
    let checked = penstock(setup, "check", &["--strict"]).unwrap_or_else(|error| panic!("{error}"));
    assert!(checked.contains("the server would start"), "{checked}");
}

pub(crate) fn folder(setup: &Setup) -> PathBuf {
    setup.path().join("metadata/erp")
}

/// What the program tells of a draft.
pub(crate) struct Report(Json);

impl Report {
    /// The texts of the notes of one kind, each behind what it is about.
    pub(crate) fn notes(&self, kind: &str) -> Vec<String> {
        let text = |note: &Json, key: &str| note.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let notes = self.0.get("notes").and_then(Json::as_array).unwrap().iter();
        notes.filter(|note| text(note, "kind") == kind).map(|it| text(it, "about") + ": " + &text(it, "text")).collect()
    }

    /// The set of each table.
    fn sets(&self) -> Vec<(String, String)> {
        let sets = self.0.get("sets").and_then(Json::as_array).unwrap().iter();
        let text = |set: &Json, key: &str| set.get(key).and_then(Json::as_str).unwrap().to_owned();
        sets.map(|set| (text(set, "table"), text(set, "set"))).collect()
    }

    /// The files that were written.
    pub(crate) fn files(&self) -> Vec<&str> {
        self.0.get("files").and_then(Json::as_array).unwrap().iter().map(|it| it.as_str().unwrap()).collect()
    }
}

/// Names and texts of all files of a folder.
fn snapshot(folder: &Path) -> Vec<(PathBuf, String)> {
    crate::support::files_below(folder)
        .into_iter()
        .map(|path| (path.clone(), crate::support::read_text(&path)))
        .collect()
}
