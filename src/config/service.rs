//! Owns [`Service`]: one published service root and the folders of its metadata.

use std::path::{Path, PathBuf};

use super::raw::Section;

/// `[services.NAME]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The last segment of the service root.
    pub name: String,
    /// The metadata folders, in order: as written, for people, and as a path that can be opened.
    pub metadata: Vec<MetadataPath>,
    /// The file that says which of their sets are published, and how; all of them without it.
    pub pick: Option<MetadataPath>,
    /// No credentials are needed.
    pub anonymous: bool,
}

/// One metadata folder or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataPath {
    /// As the configuration names it.
    pub shown: String,
    /// Where it is.
    pub path: PathBuf,
}

pub(super) fn check(name: String, mut section: Section<'_>, folder: &Path) -> Service {
    let written = section.texts("metadata");
    if written.is_empty() {
        section.wrong("metadata", "no metadata folder is named", format!("write metadata = [\"metadata/{name}\"]"));
    }
    let metadata =
        written.into_iter().map(|shown| MetadataPath { path: folder.join(&shown), shown }).collect::<Vec<_>>();
    let pick = section.text("pick").map(|shown| MetadataPath { path: folder.join(&shown), shown });
    let anonymous = section.flag("anonymous", false);
    section.finish();
    Service { name, metadata, pick, anonymous }
}
