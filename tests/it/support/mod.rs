//! All harness code of the integration tests: databases, the real server as a child process, an exact HTTP client, an
//! exact JSON reader.

pub(crate) mod breadth;
pub(crate) mod counting;
pub(crate) mod databases;
pub(crate) mod demo;
pub(crate) mod encrypted;
pub(crate) mod http;
pub(crate) mod inside;
pub(crate) mod json;
pub(crate) mod line;
pub(crate) mod multipart;
pub(crate) mod pgbouncer;
pub(crate) mod redis;
pub(crate) mod server;

use std::path::{Path, PathBuf};

/// An environment variable of the test run.
#[expect(clippy::disallowed_methods, reason = "the one place where tests read their environment")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A path inside the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the project.
pub(crate) fn read_text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a folder, in a stable order.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// An answer with a mark in place of each sealed token: no two are alike.
pub(crate) fn without_tokens(body: &str) -> String {
    let mut masked = String::new();
    let mut rest = body;
    while let Some(place) = rest.find("$skiptoken=") {
        let (before, token) = rest.split_at(place + "$skiptoken=".len());
        masked.push_str(before);
        masked.push_str("TOKEN");
        let end = token.find(|c: char| !(c.is_alphanumeric() || "-_.~%".contains(c))).unwrap_or(token.len());
        rest = &token[end..];
    }
    masked + rest
}
