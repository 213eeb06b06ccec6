//! `penstock introspect`: what is drafted, and how it is told.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::app::{self, Introspection, Outcome};
use crate::catalog::Wanted;
use crate::draft::{DeclaredKey, DraftedSet, Note, NoteKind};

use super::{Config, Failure, block_on, notes, prepare, progress, say};

/// Options of the command.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The source whose database is asked
    #[arg(long)]
    source: String,
    /// The folder of the metadata files; what people have written there stays
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    config: Config,
    /// Only tables and views of this schema or database; can be given more than once
    #[arg(long = "schema", value_name = "SCHEMA")]
    schemas: Vec<String>,
    /// Only tables and views whose name is like this: 'order*', 'sales.*'; can be given more than once
    #[arg(long = "table", value_name = "PATTERN")]
    tables: Vec<String>,
    /// None whose name is like this; can be given more than once
    #[arg(long, value_name = "PATTERN")]
    without: Vec<String>,
    /// The key of a view or table that tells none: 'view=column,column'; can be given more than once
    #[arg(long = "key", value_name = "VIEW=COLUMNS", value_parser = declared_key)]
    keys: Vec<DeclaredKey>,
    /// The order of the sets in the report
    #[arg(long, value_enum, default_value = "name")]
    order: Order,
    /// The namespace of a new folder; without it, that of its service, or one made of the source's name
    #[arg(long)]
    namespace: Option<String>,
    /// Write nothing; only report
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Order {
    /// The greatest first
    Rows,
    /// By name
    Name,
}

/// `schema.view=column,column`
fn declared_key(text: &str) -> Result<DeclaredKey, String> {
    let wrong = || "write 'view=column,column' or 'schema.view=column,column'".to_owned();
    let (name, columns) = text.split_once('=').ok_or_else(wrong)?;
    let columns: Vec<_> = columns.split(',').map(|column| column.trim().to_owned()).collect();
    if name.is_empty() || columns.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok(DeclaredKey { relation: name.to_owned(), columns })
}

/// Drafts, writes and reports.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let settings = match options.config.config.as_deref() {
        Some(file) => app::load(file)?,
        None => prepare(None)?.settings,
    };
    let asked = Introspection {
        source: options.source.clone(),
        out: options.out.clone(),
        wanted: Wanted {
            schemas: options.schemas.clone(),
            tables: options.tables.clone(),
            without: options.without.clone(),
            ..Wanted::default()
        },
        keys: options.keys.clone(),
        namespace: options.namespace.clone(),
        dry_run: options.dry_run,
    };
    let progress = progress::of_catalogues();
    let outcome = block_on(app::introspect(&settings, &asked, &progress));
    drop(progress);
    let mut outcome = outcome?;
    if options.order == Order::Rows {
        outcome.draft.report.sets.sort_by_key(|set| std::cmp::Reverse(set.rows));
    }
    let text = if options.json { as_json(&outcome, options) } else { as_text(&outcome, options) };
    say(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(outcome: &Outcome, options: &Options) -> String {
    let set = |set: &DraftedSet| {
        serde_json::json!({
            "set": set.set, "file": set.file, "table": set.table, "rows": set.rows, "properties": set.properties,
            "new": set.new,
        })
    };
    let note = |note: &Note| {
        serde_json::json!({
            "kind": note.kind.word(), "about": note.about, "file": note.file, "key": note.key, "text": note.text,
        })
    };
    let report = &outcome.draft.report;
    serde_json::json!({
        "product": outcome.product,
        "sets": report.sets.iter().map(set).collect::<Vec<_>>(),
        "notes": report.notes.iter().map(note).collect::<Vec<_>>(),
        "files": outcome.draft.files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "written": !options.dry_run,
    })
    .to_string()
}

fn as_text(outcome: &Outcome, options: &Options) -> String {
    let report = &outcome.draft.report;
    let folder = options.out.display();
    let mut text = format!("{folder}: {} sets, from {}\n", report.sets.len(), outcome.product);
    let width = report.sets.iter().map(|set| set.set.chars().count()).max().unwrap_or(0);
    let tables = report.sets.iter().map(|set| set.table.chars().count()).max().unwrap_or(0);
    // Writing to a text cannot fail.
    for set in &report.sets {
        let rows = set.rows.map_or_else(String::new, |rows| format!(", about {rows} rows"));
        let new = if set.new { "  new" } else { "" };
        let columns = set.properties;
        let _ = writeln!(text, "  {:<width$}  {:<tables$}  {columns} columns{rows}{new}", set.set, set.table);
    }
    for kind in NoteKind::ALL {
        let count = report.count(kind);
        if count == 0 {
            continue;
        }
        let _ = writeln!(text, "\n{} ({count}):", kind.heading());
        let of_kind: Vec<&Note> = report.notes.iter().filter(|note| note.kind == kind).collect();
        for line in notes::lines(&of_kind) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text.push('\n');
    text.push_str(&conclusion(outcome, options));
    text
}

fn conclusion(outcome: &Outcome, options: &Options) -> String {
    let files = outcome.draft.files.len();
    let folder = options.out.display();
    let mut text = match (files, options.dry_run) {
        (0, _) => "nothing to write: the files are as they should be".to_owned(),
        (_, true) => format!("{files} file(s) would be written"),
        (_, false) => format!("{files} file(s) written"),
    };
    if !outcome.served
        && let Some(config) = &options.config.config
    {
        let _ = write!(text, "; to serve them, name '{folder}' under `metadata` of a service in {}", config.display());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read() {
        let key = declared_key("sales.totals=year, month").unwrap();
        assert_eq!(key.relation, "sales.totals");
        assert_eq!(key.columns, ["year", "month"]);
        for wrong in ["totals", "=a", "totals=", "totals=a,,b"] {
            assert!(declared_key(wrong).is_err(), "{wrong}");
        }
    }
}
