//! Reads metadata folders from disk: names and texts only. What the texts mean is `model`'s business.

use std::path::Path;

use super::problem::{Problem, Problems};
use super::service::MetadataPath;

/// The file that describes the service itself.
const SERVICE_FILE: &str = "service.toml";

/// The files of one metadata folder. File names are shown ones: the folder as configured, a slash, the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataFolder {
    /// The folder, as the configuration names it.
    pub name: String,
    /// Name and text of `service.toml`.
    pub service: (String, String),
    /// Name and text of every other `*.toml`, sorted by name, so that the order is the same on every machine.
    pub entities: Vec<(String, String)>,
    /// Names of files that could not be read: nothing that depends on them can be judged.
    pub unread: Vec<String>,
}

/// Reads one folder: what can be read of it, and a problem for everything else.
pub fn read_folder(folder: &MetadataPath) -> (MetadataFolder, Vec<Problem>) {
    let shown = folder.shown.trim_end_matches('/').to_owned();
    let shown_file = |name: &str| format!("{shown}/{name}");
    let mut problems = Problems::new(shown.clone());
    let mut read = MetadataFolder {
        name: shown.clone(),
        service: (shown_file(SERVICE_FILE), String::new()),
        ..MetadataFolder::default()
    };
    let names = match toml_names(&folder.path) {
        Ok(names) => names,
        Err(error) => {
            problems.add("", format!("the folder cannot be read: {error}"), "name a folder with metadata files");
            read.unread = vec![shown_file(SERVICE_FILE), shown_file("*.toml")];
            return (read, problems.into_found());
        }
    };
    let has_service = names.iter().any(|name| name == SERVICE_FILE);
    for name in names {
        match std::fs::read_to_string(folder.path.join(&name)) {
            Ok(text) if name == SERVICE_FILE => read.service.1 = text,
            Ok(text) => read.entities.push((shown_file(&name), text)),
            Err(error) => {
                read.unread.push(shown_file(&name));
                problems.add(name, format!("the file cannot be read: {error}"), "make it a readable UTF-8 text");
            }
        }
    }
    if !has_service {
        read.unread.push(shown_file(SERVICE_FILE));
        problems.add("", "the folder has no service.toml", "add it, with at least version and source");
    }
    (read, problems.into_found())
}

/// Reads the file of a pick: the name under which it is shown, and its text.
pub fn read_pick(file: &MetadataPath) -> Result<(String, String), Vec<Problem>> {
    std::fs::read_to_string(&file.path).map(|text| (file.shown.clone(), text)).map_err(|error| {
        let mut problems = Problems::new(file.shown.clone());
        problems.add("", format!("the file cannot be read: {error}"), "name a file that says which sets are published");
        problems.into_found()
    })
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
