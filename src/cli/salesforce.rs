//! `penstock salesforce`: a source project for Salesforce, written into a folder, and what people should know of it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::app::{self, Exported, Exporting};
use crate::export::{Adapter, Counts, Identity};

use super::{Config, Failure, prepare, say};

/// Stands in for the address of the demo, which nobody outside can reach.
const DEMO_URL: &str = "https://penstock.example.com";

/// Options of the command.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The service, if there are several
    #[arg(long)]
    service: Option<String>,
    /// The folder of the project
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    #[command(flatten)]
    config: Config,
    /// The adapter of Salesforce Connect; 4.01 comes with a named credential
    #[arg(long, value_enum, default_value = "4.0")]
    adapter: AdapterName,
    /// As whom Salesforce comes. Default: named, or anonymous if the service is
    #[arg(long, value_enum)]
    identity: Option<IdentityName>,
    /// The user as whom it comes. Default: the only one of the configuration
    #[arg(long)]
    user: Option<String>,
    /// How Salesforce reaches the server, without the path. Default: `public_url` of the configuration
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Name of the external data source. Default: that of the service
    #[arg(long)]
    name: Option<String>,
    /// Only this set; can be given more than once
    #[arg(long = "set", value_name = "SET")]
    sets: Vec<String>,
    /// Also write over files that somebody has edited
    #[arg(long)]
    force: bool,
    /// Write nothing; only report
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AdapterName {
    #[value(name = "4.0")]
    V4,
    #[value(name = "4.01")]
    V401,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum IdentityName {
    /// All users of Salesforce as one of ours
    Named,
    /// Each with a name and password of their own
    PerUser,
    /// Nobody logs in
    Anonymous,
}

/// Writes and reports.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let prepared = prepare(options.config.config.as_deref())?;
    let asked = Exporting {
        service: options.service.clone(),
        out: options.out.clone(),
        url: options.url.clone(),
        url_default: options.config.config.is_none().then(|| DEMO_URL.to_owned()),
        name: options.name.clone(),
        adapter: match options.adapter {
            AdapterName::V4 => Adapter::V4,
            AdapterName::V401 => Adapter::V401,
        },
        identity: options.identity.map(|identity| match identity {
            IdentityName::Named => Identity::Named,
            IdentityName::PerUser => Identity::PerUser,
            IdentityName::Anonymous => Identity::Anonymous,
        }),
        user: options.user.clone(),
        sets: options.sets.clone(),
        force: options.force,
        dry_run: options.dry_run,
    };
    let exported = app::salesforce(&prepared, &asked)?;
    let text = if options.json { as_json(&exported, options) } else { as_text(&exported, options) };
    say(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(exported: &Exported, options: &Options) -> String {
    let Counts { objects, fields, lookups } = exported.project.counts;
    let notes = exported.project.notes.iter();
    serde_json::json!({
        "root": exported.root,
        "objects": objects,
        "fields": fields,
        "lookups": lookups,
        "notes": notes.map(|note| serde_json::json!({ "about": note.about, "text": note.text })).collect::<Vec<_>>(),
        "files": exported.project.files.len(),
        "changed": exported.written,
        "removed": exported.removed,
        "left": exported.left,
        "written": !options.dry_run,
    })
    .to_string()
}

fn as_text(exported: &Exported, options: &Options) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    for note in &exported.project.notes {
        let _ = writeln!(text, "{}: {}", note.about, note.text);
    }
    for file in &exported.left {
        let _ = writeln!(text, "{file}: no longer part of the project, and left because somebody has edited it");
    }
    if exported.root.starts_with("http://") {
        let _ = writeln!(text, "{}: Salesforce asks for https", exported.root);
    }
    let folder = options.out.display();
    let Counts { objects, fields, lookups } = exported.project.counts;
    let files = exported.project.files.len();
    let (written, removed) = (exported.written.len(), exported.removed.len());
    let _ = write!(
        text,
        "{folder}: {objects} object(s), {fields} field(s), {lookups} lookup(s) for {}; {files} files",
        exported.root
    );
    let _ = match (written, removed, options.dry_run) {
        (0, 0, _) => write!(text, ", nothing to write: they are as they should be"),
        (_, _, true) => write!(text, ", {written} would be written, {removed} removed"),
        (_, 0, false) => write!(text, ", {written} written"),
        (_, _, false) => write!(text, ", {written} written, {removed} removed"),
    };
    text
}
