//! Reads metadata folders from disk: names and texts only. What the texts mean is `model`'s business.

use std::path::Path;

use super::problem::{Problem, Problems};
use super::service::MetadataPath;

/// The file that describes the service itself.
const SERVICE_FILE: &str = "service.toml";

/// The files of one metadata folder. File names are shown ones: the folder as configured, a slash, the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFolder {
    /// The folder, as the configuration names it.
    pub name: String,
    /// Name and text of `service.toml`.
    pub service: (String, String),
    /// Name and text of every other `*.toml`, sorted by name, so that the order is the same on every machine.
    pub entities: Vec<(String, String)>,
}

/// Reads one folder; gives every file that cannot be read as a problem.
pub fn read_folder(folder: &MetadataPath) -> Result<MetadataFolder, Vec<Problem>> {
    let shown = folder.shown.trim_end_matches('/').to_owned();
    let mut problems = Problems::new(shown.clone());
    let names = match toml_names(&folder.path) {
        Ok(names) => names,
        Err(error) => {
            problems.add("", format!("the folder cannot be read: {error}"), "name a folder with metadata files");
            return Err(problems.into_found());
        }
    };
    let mut service = None;
    let mut entities = Vec::with_capacity(names.len());
    for name in names {
        let shown_file = format!("{shown}/{name}");
        match std::fs::read_to_string(folder.path.join(&name)) {
            Ok(text) if name == SERVICE_FILE => service = Some((shown_file, text)),
            Ok(text) => entities.push((shown_file, text)),
            Err(error) => {
                problems.add(name, format!("the file cannot be read: {error}"), "make it a readable UTF-8 text");
            }
        }
    }
    let found = problems.into_found();
    match service {
        Some(service) if found.is_empty() => Ok(MetadataFolder { name: shown, service, entities }),
        Some(_) => Err(found),
        None => {
            let mut problems = Problems::new(shown);
            if found.iter().all(|problem| problem.key != SERVICE_FILE) {
                problems.add("", "the folder has no service.toml", "add it, with at least version and source");
            }
            Err(problems.into_found().into_iter().chain(found).collect())
        }
    }
}

/// Names of the folder's `*.toml` files, sorted. Hidden files are left alone: editors and volumes put them there.
fn toml_names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && Path::new(&name).extension().is_some_and(|extension| extension == "toml") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
