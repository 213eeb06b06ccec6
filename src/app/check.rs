//! Everything that is wrong with configuration and metadata files, by themselves, against the live databases, and for
//! Salesforce.
//!
//! # Decisions
//!
//! - Each source is asked once, whatever the number of services that use it, and all at the same time.
//! - A database that is away is a warning, since the server starts without it; what was to be compared with it is not.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::catalog::{Catalog, Wanted};
use crate::check::{self, Findings, Told, Trial};
use crate::config::{self, MetadataFolder, Settings};
use crate::model::raw::Folder;
use crate::model::{Model, Problem};
use crate::store::{Database, Progress, StoreError};

use super::{Prepared, plain, unusable_hashes, wiring};

/// Settings and metadata files as they were read.
#[derive(Debug)]
pub struct Inputs {
    /// What the configuration says.
    pub settings: Settings,
    /// The metadata folders of each service, in the order of [`Settings::services`].
    pub files: Vec<Vec<MetadataFolder>>,
    /// For each service, the name and text of the file that says what it picks.
    pub picks: Vec<Option<(String, String)>>,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
    /// The configuration file, as it is to be shown.
    pub shown: String,
}

impl Inputs {
    /// Reads a configuration file and what it names; gives every problem if it cannot be read at all.
    pub fn read(config_file: &Path) -> Result<Inputs, Vec<Problem>> {
        let loaded = config::load(config_file);
        let mut problems = plain(loaded.problems);
        let Some(settings) = loaded.settings else { return Err(problems) };
        let shown = config_file.display().to_string();
        problems.extend(unusable_hashes(&settings, &shown));
        let mut files = Vec::with_capacity(settings.services.len());
        let mut picks = Vec::with_capacity(settings.services.len());
        for service in &settings.services {
            let mut folders = Vec::with_capacity(service.metadata.len());
            for folder in &service.metadata {
                let (folder, found) = config::read_folder(folder);
                folders.push(folder);
                problems.extend(plain(found));
            }
            files.push(folders);
            let pick = service.pick.as_ref().map(config::read_pick).transpose();
            picks.push(pick.unwrap_or_else(|found| {
                problems.extend(plain(found));
                None
            }));
        }
        Ok(Inputs { settings, files, picks, problems, shown })
    }
}

/// What came of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// Whether the server would start.
    pub would_start: bool,
    /// What keeps it from starting, and what would give wrong answers or none.
    pub problems: Vec<Problem>,
    /// What works, but not well.
    pub warnings: Vec<Problem>,
    /// The sources that were compared, each with its product and version.
    pub compared: Vec<(String, String)>,
    /// Sources that were to be compared and were not.
    pub away: usize,
    /// Services and sources of the configuration, and sets.
    pub counts: (usize, usize, usize),
}

/// Checks all of it. Offline, no database is asked.
pub async fn check(inputs: Inputs, offline: bool, progress: &Progress) -> Checked {
    let Inputs { settings, files, picks, problems, shown } = inputs;
    let files: Vec<Vec<Folder>> = files.into_iter().map(wiring::folders).collect();
    let (models, found) = wiring::resolved(&settings, &files, &wiring::picks(picks));
    let mut findings = Findings { errors: problems, warnings: Vec::new() };
    findings.errors.extend(found);
    let opened = wiring::open(&settings);
    if let Err(error) = &opened {
        findings.errors.push(of_source(&shown, "sources", error.to_string(), "correct its URL"));
    }
    let mut checked = Checked {
        would_start: findings.errors.is_empty(),
        counts: (
            settings.services.len(),
            settings.sources.len(),
            models.iter().flatten().map(|model| model.sets.len()).sum(),
        ),
        ..Checked::default()
    };
    let mut told = HashMap::new();
    if let (Ok(opened), false) = (opened, offline) {
        let wanted = wanted(&models);
        let asked = settings.sources.iter().filter_map(|source| {
            let (database, wanted) = (opened.get(source.name.as_str())?, wanted.get(&source.name)?);
            Some(ask(&source.name, database, wanted, progress))
        });
        for (name, answer) in join_all(asked).await {
            let source = settings.sources.iter().find(|source| source.name == name);
            let known = source.and_then(|source| Some((wiring::family(source)?, source.zone.clone())));
            match (answer, known) {
                (Ok(catalog), Some((family, zone))) => {
                    checked.compared.push((name.to_owned(), catalog.product.clone()));
                    told.insert(name.to_owned(), Told { catalog, family, zone });
                }
                (Ok(_), None) => {}
                (Err(error), _) => {
                    checked.away += 1;
                    untold(&shown, name, &error, &mut findings);
                }
            }
        }
    }
    let models_known: Option<Vec<Arc<Model>>> = models.iter().cloned().collect();
    if let (Some(models), true) = (models_known, checked.would_start && !told.is_empty()) {
        findings.errors.extend(tried(Prepared { settings, models }, &files, &told).await);
    }
    for (model, folders) in models.iter().zip(&files) {
        let Some(model) = model else { continue };
        let of_model: Vec<Option<&Told>> = model.sources.iter().map(|name| told.get(name)).collect();
        findings.extend(check::databases(model, folders, &of_model));
        findings.extend(check::salesforce(model, folders));
    }
    // Services that share folders share what is found in them.
    let (problems, warnings) = (once(findings.errors), once(findings.warnings));
    Checked { problems, warnings, ..checked }
}

/// Each finding once, in the order in which they were found.
fn once(found: Vec<Problem>) -> Vec<Problem> {
    let mut seen = HashSet::new();
    found.into_iter().filter(|problem| seen.insert(problem.to_string())).collect()
}

/// What the databases say of queries and expressions: each is planned, none is run.
async fn tried(prepared: Prepared, files: &[Vec<Folder>], told: &HashMap<String, Told>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let trials: Vec<Vec<Trial>> =
        prepared.models.iter().zip(files).map(|(model, folders)| check::trials(model, folders)).collect();
    if trials.iter().all(Vec::is_empty) {
        return problems;
    }
    let wired = match wiring::wire(&prepared, "http://localhost") {
        Ok(wired) => wired,
        Err(error) => return vec![of_source("", "", error.to_string(), "correct the configuration")],
    };
    for (root, trials) in wired.roots.iter().zip(trials) {
        let mut given_up = HashSet::new();
        for trial in trials.iter().filter(|trial| told.contains_key(&trial.source)) {
            if given_up.contains(&trial.file) {
                continue;
            }
            let Err(error) = root.service.explain(&trial.target, true).await else { continue };
            let said = error.detail().unwrap_or_else(|| error.refusal(&trial.target).message);
            let wrong = format!("the database refuses it: {said}");
            problems.push(of_source(&trial.file, &trial.key, wrong, trial.right));
            if trial.comes_first {
                given_up.insert(&trial.file);
            }
        }
    }
    problems
}

/// Which part of each source the services use.
fn wanted(models: &[Option<Arc<Model>>]) -> HashMap<String, Wanted> {
    let mut wanted: HashMap<String, Wanted> = HashMap::new();
    for model in models.iter().flatten() {
        for (name, part) in model.sources.iter().zip(check::wanted(model)) {
            match wanted.get_mut(name) {
                Some(known) => {
                    known.schemas.extend(part.schemas);
                    known.routines.extend(part.routines);
                }
                None => drop(wanted.insert(name.clone(), part)),
            }
        }
    }
    wanted
}

async fn ask<'a>(
    name: &'a str,
    database: &Database,
    wanted: &Wanted,
    progress: &Progress,
) -> (&'a str, Result<Catalog, StoreError>) {
    (name, database.catalog(wanted, progress).await)
}

fn of_source(file: &str, key: &str, wrong: String, right: &str) -> Problem {
    Problem { file: file.to_owned(), key: key.to_owned(), wrong, right: right.to_owned() }
}

/// Why a source told nothing.
fn untold(file: &str, name: &str, error: &StoreError, findings: &mut Findings) {
    let key = format!("sources.{name}.url");
    let wrong = match error.detail() {
        Some(detail) => format!("{error}: {detail}"),
        None => error.to_string(),
    };
    match error {
        StoreError::Denied { .. } => {
            let right = "correct name and password of the user, or grant it the database";
            findings.errors.push(of_source(file, &key, wrong, right));
        }
        StoreError::Version { .. } => {
            let right = "its sets were not compared with it, and nobody has tried this version";
            findings.warnings.push(of_source(file, &key, wrong, right));
        }
        StoreError::Away { .. } | StoreError::Resting { .. } | StoreError::Busy { .. } | StoreError::Slow { .. } => {
            let right = "its sets were not compared with it; check again when it answers, or say --offline";
            findings.warnings.push(of_source(file, &key, wrong, right));
        }
        _ => {
            let right = "its sets were not compared with it: it does not speak as the products that are known";
            findings.warnings.push(of_source(file, &key, wrong, right));
        }
    }
}

impl From<Vec<Problem>> for Checked {
    /// For files that cannot be read.
    fn from(problems: Vec<Problem>) -> Checked {
        Checked { problems, ..Checked::default() }
    }
}
