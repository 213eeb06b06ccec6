//! `penstock demo`: sample data in a folder, served on this machine, and what to try first.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::{self, Inputs, Prepared};
use crate::config::{Cache, Cors, Later, Limits, Log, MetadataFolder, Secret, Server, Service, Settings, Source, User};
use crate::demo::{self, Demo, PASSWORD, USER};

use super::progress::ProgressLine;
use super::{Failure, announce, block_on, logging, say};

/// The folder that is used when none is named.
const DATA_DIR: &str = "penstock-demo";
/// Seals the demo's next links, so that they outlive a restart; invented rows need no secret.
const TOKEN_KEY: &str = "penstock demo";

/// Options of the command.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// How many times the sample data are repeated
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    scale: u32,
    /// The port; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the sample data are kept
    #[arg(long, value_name = "FOLDER", default_value = DATA_DIR)]
    data_dir: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Options { scale: 1, port: 8080, data_dir: PathBuf::from(DATA_DIR) }
    }
}

/// Serves the demo until a signal comes.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let prepared = prepare(options)?;
    logging::start(prepared.settings.log);
    block_on(app::serve(prepared, |address| {
        announce(address);
        // As with the line above: a closed output is no reason not to serve.
        let _ = say(&greeting(address, USER, PASSWORD));
    }))
}

/// Makes or finds the sample data, and everything that serves them.
pub(super) fn prepare(options: &Options) -> Result<Prepared, Failure> {
    let Inputs { settings, files, .. } = inputs(options)?;
    Ok(app::prepare_from(settings, files)?)
}

/// Makes or finds the sample data, and says what files would say.
pub(super) fn inputs(options: &Options) -> Result<Inputs, Failure> {
    let mut line = ProgressLine::new("sample data");
    let found = demo::ensure(&options.data_dir, options.scale, &mut |progress| {
        line.show(progress.stage, progress.rows_done, progress.rows_total);
    })?;
    drop(line);
    let hash = app::hash_password(PASSWORD)?;
    let settings = settings(options, &found, hash);
    Ok(Inputs { settings, files: vec![metadata()], picks: vec![None], problems: Vec::new(), shown: "demo".to_owned() })
}

/// The sample model, out of the program itself.
fn metadata() -> Vec<MetadataFolder> {
    let folders = demo::metadata().into_iter().map(|(folder, files)| {
        let mut files = files.into_iter().map(|(file, text)| (format!("{folder}/{file}"), text.to_owned()));
        let service = files.next().unwrap_or_default();
        MetadataFolder { name: folder.to_owned(), service, entities: files.collect(), unread: Vec::new() }
    });
    folders.collect()
}

/// What a configuration file for the sample data would say.
fn settings(options: &Options, files: &Demo, password_hash: String) -> Settings {
    let source = |name: &str, file: &Path| Source {
        name: name.to_owned(),
        url: Secret::new(format!("sqlite:{}", file.display())),
        // The sample data keep decimals as text.
        decimals_as_text: true,
        ..Source::default()
    };
    let token_key = Some(Secret::new(TOKEN_KEY.to_owned()));
    Settings {
        cache: Cache::default(),
        server: Server { listen: SocketAddr::from(([127, 0, 0, 1], options.port)), public_url: None, token_key },
        log: Log::default(),
        sources: vec![source("erp", &files.erp), source("warehouse", &files.warehouse)],
        services: vec![Service { name: "erp".to_owned(), metadata: Vec::new(), pick: None, anonymous: false }],
        users: vec![User { name: USER.to_owned(), password_hash: Secret::new(password_hash), operator: false }],
        limits: Limits::default(),
        later: Later::default(),
        cors: Cors::default(),
    }
}

/// What to try, ready to be pasted into a shell.
fn greeting(address: SocketAddr, user: &str, password: &str) -> String {
    let root = format!("http://{address}/odata/v4/erp/");
    let curl = |target: &str| format!("  curl -u {user}:{password} '{root}{target}'");
    [
        String::new(),
        format!("  service root  {root}"),
        format!("  user          {user}"),
        format!("  password      {password}"),
        String::new(),
        "Three requests to try:".to_owned(),
        String::new(),
        curl("Accounts?$select=AccountID,Name,Country&$top=3"),
        curl("Orders?$filter=TotalAmount%20gt%201000&$orderby=OrderDate%20desc&$top=3&$count=true"),
        curl("Orders?$expand=Account,Shipments&$top=1"),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_can_be_pasted() {
        let text = greeting(SocketAddr::from(([127, 0, 0, 1], 8080)), "demo", "demo");
        let lines: Vec<_> = text.lines().filter(|line| line.trim_start().starts_with("curl")).collect();
        assert_eq!(lines.len(), 3);
        for line in lines {
            let url = line.split('\'').nth(1).unwrap();
            assert!(line.matches('\'').count() == 2 && !url.contains(' '), "{line}");
            assert!(url.starts_with("http://127.0.0.1:8080/odata/v4/erp/"), "{line}");
        }
    }
}
