//! Replaces `${env:X}` and `${file:/path}` in every string value. The only file of the house that reads the
//! environment; it does not know what the values mean.

use std::path::Path;

use super::problem::Problems;

/// Where replaced texts come from; tests bring their own.
pub(super) struct Outside<'a> {
    /// An environment variable's value.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The folder that relative `${file:…}` paths start from.
    pub(super) folder: &'a Path,
}

/// An environment variable of this process; `None` if it is not set or not Unicode.
pub(super) fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    std::env::var(name).ok()
}

/// Replaces references in all strings of a value, however deep.
pub(super) fn replace_all(value: &mut toml::Value, key: &str, outside: &Outside<'_>, problems: &mut Problems) {
    match value {
        toml::Value::String(text) => *text = replace(text, key, outside, problems),
        toml::Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                replace_all(item, &format!("{key}.{index}"), outside, problems);
            }
        }
        toml::Value::Table(table) => replace_table(table, key, outside, problems),
        _ => {}
    }
}

/// Replaces references in all strings of a table. `key` is the table's own place, empty for the file itself.
pub(super) fn replace_table(table: &mut toml::Table, key: &str, outside: &Outside<'_>, problems: &mut Problems) {
    for (name, value) in table.iter_mut() {
        let place = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        replace_all(value, &place, outside, problems);
    }
}

/// What was replaced is not read again, so a secret may contain `${`.
fn replace(text: &str, key: &str, outside: &Outside<'_>, problems: &mut Problems) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        done.push_str(before);
        let Some((reference, behind)) = after.split_once('}') else {
            problems.add(key, "a '${' is not closed", "write ${env:NAME} or ${file:/path}");
            return done;
        };
        rest = behind;
        match reference.split_once(':') {
            Some(("env", name)) if !name.is_empty() => match (outside.variable)(name) {
                Some(value) => done.push_str(&value),
                None => problems.add(
                    key,
                    format!("the environment variable {name} is not set"),
                    format!("set {name}, or write the value here"),
                ),
            },
            Some(("file", path)) if !path.is_empty() => match std::fs::read_to_string(outside.folder.join(path)) {
                // Editors and `echo` end a file with a line break that is no part of the secret.
                Ok(value) => done.push_str(value.trim_end_matches(['\r', '\n'])),
                Err(error) => problems.add(
                    key,
                    format!("the file {path} cannot be read: {error}"),
                    "name a readable text file".to_owned(),
                ),
            },
            _ => problems.add(
                key,
                format!("'${{{reference}}}' is not a known reference"),
                "write ${env:NAME} or ${file:/path}",
            ),
        }
    }
    done.push_str(rest);
    done
}
