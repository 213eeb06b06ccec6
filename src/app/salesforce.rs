//! Writes the Salesforce project of a service: only below one folder, and never over what somebody has edited.
//!
//! # Decisions
//!
//! - `salesforce.lock` keeps a hash of each file as it was written. A file that still has it is ours: it is written
//!   anew, and removed when it is no longer part of the project, or it would be deployed all the same. Any other is
//!   somebody's, and stops the command before anything is written, unless it is told to go over it.
//! - Each file is written whole beside its place and then renamed, the lock last.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::config::base_url;
use crate::export::{self, Adapter, Identity, Project};

use super::{Prepared, StartError, wiring};

/// The memory of what was written.
const LOCK_FILE: &str = "salesforce.lock";
const LOCK_HEAD: &str = "# What `penstock salesforce` has written, each file with a hash. Keep it beside the files.\n";

/// What is to be written, and where.
#[derive(Clone, Debug, Default)]
pub struct Exporting {
    /// The service; without a name, the first.
    pub service: Option<String>,
    /// The folder of the project.
    pub out: PathBuf,
    /// How Salesforce reaches the server, in place of `public_url`.
    pub url: Option<String>,
    /// Stands in for both.
    pub url_default: Option<String>,
    /// Name of the data source; without it, one made of the service's.
    pub name: Option<String>,
    /// The adapter.
    pub adapter: Adapter,
    /// As whom Salesforce comes; without it, as the service demands.
    pub identity: Option<Identity>,
    /// The user as whom it comes; without it, the only one of the configuration.
    pub user: Option<String>,
    /// Only these sets.
    pub sets: Vec<String>,
    /// Also over files that somebody has edited.
    pub force: bool,
    /// Nothing is written.
    pub dry_run: bool,
}

/// What has come of it. Paths are below the folder.
#[derive(Debug, Default)]
pub struct Exported {
    /// The project.
    pub project: Project,
    /// The root that Salesforce is to ask.
    pub root: String,
    /// New or changed files.
    pub written: Vec<String>,
    /// Files that are no longer part of it, and were removed.
    pub removed: Vec<String>,
    /// The same, but edited by somebody, and so left in their places.
    pub left: Vec<String>,
}

/// Writes the project of a service.
pub fn salesforce(prepared: &Prepared, asked: &Exporting) -> Result<Exported, StartError> {
    let index = wiring::service_index(prepared, asked.service.as_deref())?;
    let (service, model) =
        prepared.settings.services.get(index).zip(prepared.models.get(index)).ok_or(StartError::NoService)?;
    let base = match &asked.url {
        Some(url) => Some(base_url(url).ok_or_else(|| StartError::NoBaseUrl { url: url.clone() })?),
        None => prepared.settings.server.public_url.clone().or_else(|| asked.url_default.clone()),
    };
    let root = format!("{}/odata/v4/{}/", base.ok_or(StartError::NoPublicUrl)?, service.name);
    let mut users = prepared.settings.users.iter().filter(|user| !user.operator);
    let only_user = users.next().filter(|_| users.next().is_none()).map(|user| user.name.clone());
    let default = if service.anonymous { Identity::Anonymous } else { Identity::Named };
    let options = export::Options {
        name: asked.name.clone().unwrap_or_else(|| export::rules::mended(&service.name)),
        root,
        adapter: asked.adapter,
        identity: asked.identity.unwrap_or(default),
        user: asked.user.clone().or(only_user),
        sets: asked.sets.clone(),
    };
    let project = export::salesforce(model, &options).map_err(StartError::Problems)?;
    let mut exported = Exported { root: options.root, ..Exported::default() };
    write(asked, &project, &mut exported)?;
    exported.project = project;
    Ok(exported)
}

fn write(asked: &Exporting, project: &Project, exported: &mut Exported) -> Result<(), StartError> {
    let folder = Folder { shown: asked.out.display().to_string(), out: &asked.out };
    let lock = folder.lock()?;
    let mut edited = Vec::new();
    let mut changed = Vec::new();
    for (path, bytes) in &project.files {
        match folder.read(path)? {
            Some(found) if found == *bytes => continue,
            Some(found) if lock.get(path) != Some(&xxh3_64(&found)) => edited.push(path.clone()),
            _ => {}
        }
        changed.push((path, bytes));
    }
    if !edited.is_empty() && !asked.force {
        return Err(StartError::Edited { folder: folder.shown, files: edited });
    }
    let current: BTreeSet<&String> = project.files.iter().map(|(path, _)| path).collect();
    for (path, hash) in lock.iter().filter(|(path, _)| !current.contains(path)) {
        match folder.read(path)? {
            Some(found) if xxh3_64(&found) == *hash => exported.removed.push(path.clone()),
            Some(_) => exported.left.push(path.clone()),
            None => {}
        }
    }
    exported.written = changed.iter().map(|(path, _)| (*path).clone()).collect();
    if asked.dry_run {
        return Ok(());
    }
    for (path, bytes) in changed {
        folder.write(path, bytes)?;
    }
    for path in &exported.removed {
        folder.remove(path)?;
    }
    let lines = project.files.iter().map(|(path, bytes)| format!("{:016x} {path}\n", xxh3_64(bytes)));
    let text: String = std::iter::once(LOCK_HEAD.to_owned()).chain(lines).collect();
    if folder.read(LOCK_FILE)?.as_deref() != Some(text.as_bytes()) {
        folder.write(LOCK_FILE, text.as_bytes())?;
    }
    Ok(())
}

/// The folder of the project.
struct Folder<'a> {
    shown: String,
    out: &'a Path,
}

impl Folder<'_> {
    fn failed(&self, path: &str, error: &std::io::Error) -> StartError {
        StartError::Unexported { file: format!("{}/{path}", self.shown), reason: error.to_string() }
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StartError> {
        match fs::read(self.out.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(path, &error)),
        }
    }

    /// The hashes of the files that were written last time.
    fn lock(&self) -> Result<BTreeMap<String, u64>, StartError> {
        let text = String::from_utf8(self.read(LOCK_FILE)?.unwrap_or_default()).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| {
            let (hash, path) = line.split_once(' ')?;
            Some((path.to_owned(), u64::from_str_radix(hash, 16).ok()?))
        });
        // Somebody may have edited it: no line of it leads out of the folder.
        let is_below =
            |path: &str| Path::new(path).components().all(|it| matches!(it, std::path::Component::Normal(_)));
        Ok(pairs.filter(|(path, _)| is_below(path)).collect())
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StartError> {
        let failed = |error: std::io::Error| self.failed(path, &error);
        let place = self.out.join(path);
        let folder = place.parent().unwrap_or(self.out);
        fs::create_dir_all(folder).map_err(failed)?;
        self.check_below(path, folder)?;
        let base = place.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{base}.new"));
        fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, &place)).map_err(|error| {
            // What is left over is hidden, and no tool reads it.
            let _ = fs::remove_file(&beside);
            failed(error)
        })
    }

    /// Removes a file, and the folders that are then empty.
    fn remove(&self, path: &str) -> Result<(), StartError> {
        let place = self.out.join(path);
        let folder = place.parent().unwrap_or(self.out);
        self.check_below(path, folder)?;
        fs::remove_file(&place).map_err(|error| self.failed(path, &error))?;
        let mut folder = folder;
        while folder != self.out && fs::remove_dir(folder).is_ok() {
            folder = folder.parent().unwrap_or(self.out);
        }
        Ok(())
    }

    /// A link in the way may lead elsewhere.
    fn check_below(&self, path: &str, folder: &Path) -> Result<(), StartError> {
        let real = |path: &Path| path.canonicalize();
        match (real(folder), real(self.out)) {
            (Ok(folder), Ok(out)) if folder.starts_with(&out) => Ok(()),
            (Err(error), _) | (_, Err(error)) => Err(self.failed(path, &error)),
            _ => Err(StartError::Unexported {
                file: format!("{}/{path}", self.shown),
                reason: "a link leads out of the folder; nothing is written there".to_owned(),
            }),
        }
    }
}
