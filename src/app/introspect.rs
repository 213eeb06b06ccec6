//! Drafts metadata files from a live database: reads the folder as it is, asks the database, and writes what is new.
//!
//! # Decisions
//!
//! - Every file is written whole beside its place and then renamed, the memory of what was seen last: whatever stops
//!   the command, no file is half, and nothing counts as seen that was not written.
//! - A file that somebody saved while the database was asked is not overwritten; nothing is written then.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalog::{Catalog, Wanted};
use crate::config::{self, MetadataFolder, MetadataPath, Settings};
use crate::draft::{self, DeclaredKey, Draft, Existing, LOCK_FILE};
use crate::model::raw::{File, SERVICE_FILE};
use crate::store::{Kind, Progress, StoreError};

use super::{StartError, plain, wiring};

/// What is to be drafted.
#[derive(Clone, Debug, Default)]
pub struct Introspection {
    /// The source whose database is asked.
    pub source: String,
    /// The folder of the metadata files.
    pub out: PathBuf,
    /// Which part of the database.
    pub wanted: Wanted,
    /// Keys of views and tables that tell none.
    pub keys: Vec<DeclaredKey>,
    /// Namespace of a new folder.
    pub namespace: Option<String>,
    /// Nothing is written.
    pub dry_run: bool,
}

/// What has come of it.
#[derive(Debug)]
pub struct Outcome {
    /// The new texts and the report.
    pub draft: Draft,
    /// The product with its version.
    pub product: String,
    /// The folder belongs to a service of the configuration.
    pub served: bool,
}

/// Reads a configuration file without the metadata files that it names.
pub fn load(config_file: &Path) -> Result<Settings, StartError> {
    let loaded = config::load(config_file);
    match loaded.settings {
        Some(settings) if loaded.problems.is_empty() => Ok(settings),
        _ => Err(StartError::Problems(plain(loaded.problems))),
    }
}

/// Drafts the files of one folder from one source, and writes them.
pub async fn introspect(
    settings: &Settings,
    asked: &Introspection,
    progress: &Progress,
) -> Result<Outcome, StartError> {
    let sources = wiring::open(settings)?;
    let database = sources.get(asked.source.as_str()).ok_or_else(|| StartError::UnknownSource {
        name: asked.source.clone(),
        known: settings.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    let (existing, served) = read(settings, &asked.out)?;
    let mut wanted = asked.wanted.clone();
    // One server has many databases there, and much that is none of this source's business.
    let kind = sources_kind(settings, &asked.source);
    wanted.default_schemas = wanted.schemas.is_empty() && matches!(kind, Some(Kind::Mysql | Kind::Mariadb));
    let catalog: Catalog = database.catalog(&wanted, progress).await.map_err(|error| untold(&error))?;
    let wanted = wanted.in_schemas(&catalog.search_path);
    let options = draft::Options {
        source: asked.source.clone(),
        namespace: asked.namespace.clone(),
        wanted,
        keys: asked.keys.clone(),
    };
    let draft = draft::draft(&catalog, &existing, &options).map_err(StartError::Problems)?;
    if !asked.dry_run {
        write(&asked.out, &draft.files, &existing)?;
    }
    Ok(Outcome { draft, product: catalog.product, served })
}

fn sources_kind(settings: &Settings, name: &str) -> Option<Kind> {
    let source = settings.sources.iter().find(|source| source.name == name)?;
    Kind::of_url(source.url.reveal())
}

fn untold(error: &StoreError) -> StartError {
    StartError::Catalog { reason: error.to_string(), detail: error.detail().map(str::to_owned) }
}

/// The folder as it is, with the other folders of its services.
fn read(settings: &Settings, out: &Path) -> Result<(Existing, bool), StartError> {
    let own = MetadataPath { shown: out.display().to_string(), path: out.to_owned() };
    let mut existing = Existing { folder: own.shown.trim_end_matches('/').to_owned(), ..Existing::default() };
    if out.exists() {
        let (folder, mut problems) = config::read_folder(&own);
        let fresh = !out.join(SERVICE_FILE).exists() && out.is_dir();
        problems.retain(|problem| !(fresh && problem.key.is_empty()));
        if !problems.is_empty() {
            return Err(StartError::Problems(plain(problems)));
        }
        existing.files = texts(folder, !fresh);
        let lock = out.join(LOCK_FILE);
        if lock.exists() {
            let name = format!("{}/{LOCK_FILE}", existing.folder);
            let text = fs::read_to_string(&lock)
                .map_err(|error| StartError::Unwritten { file: name.clone(), reason: error.to_string() })?;
            existing.lock = Some(File { name, text });
        }
    }
    let place = out.canonicalize().ok();
    let is_own = |folder: &MetadataPath| folder.path.canonicalize().ok().is_some_and(|path| Some(path) == place);
    // A folder that does not exist yet is known by its path as it is written.
    let is_meant = |folder: &MetadataPath| is_own(folder) || place.is_none() && folder.path == out;
    let services = settings.services.iter().filter(|service| service.metadata.iter().any(is_meant));
    let mut served = false;
    for service in services {
        served = true;
        for folder in service.metadata.iter().filter(|folder| !is_meant(folder)) {
            // What is wrong there is not the business of this folder.
            let (folder, _) = config::read_folder(folder);
            existing.others.extend(texts(folder, true));
        }
    }
    Ok((existing, served))
}

fn texts(folder: MetadataFolder, with_service: bool) -> Vec<File> {
    let service = with_service.then_some(folder.service);
    service.into_iter().chain(folder.entities).map(|(name, text)| File { name, text }).collect()
}

/// Writes files into the folder, all or none as far as that can be.
fn write(out: &Path, files: &[(String, String)], existing: &Existing) -> Result<(), StartError> {
    let unwritten =
        |base: &str, reason: String| StartError::Unwritten { file: format!("{}/{base}", existing.folder), reason };
    if files.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(out).map_err(|error| unwritten("", error.to_string()))?;
    let known: HashMap<&str, &str> = existing
        .files
        .iter()
        .chain(&existing.lock)
        .map(|file| (file.name.rsplit('/').next().unwrap_or_default(), file.text.as_str()))
        .collect();
    let beside = |base: &str| out.join(format!(".{base}.new"));
    let mut made = Vec::new();
    let result = files.iter().try_for_each(|(base, text)| {
        let now = fs::read_to_string(out.join(base)).ok();
        if now.as_deref() != known.get(base.as_str()).copied() {
            return Err(unwritten(base, "the file was changed while the database was asked; run again".to_owned()));
        }
        made.push(beside(base));
        fs::write(beside(base), text).map_err(|error| unwritten(base, error.to_string()))
    });
    if let Err(error) = result {
        for path in made {
            // What is left over is hidden, and no server reads it.
            let _ = fs::remove_file(path);
        }
        return Err(error);
    }
    for (base, _) in files {
        fs::rename(beside(base), out.join(base)).map_err(|error| unwritten(base, error.to_string()))?;
    }
    Ok(())
}
