//! Writes what a draft has come to: new files, additions to files that exist, `service.toml`, and what was seen.

use crate::catalog::{Column, ColumnType, Filled, Relation};
use crate::model::Problem;
use crate::model::raw::{self, File, SERVICE_FILE, VERSION};

use super::form::Form;
use super::keys::warning;
use super::lock::LOCK_FILE;
use super::names::spell;
use super::report::{DraftedSet, NoteKind};
use super::text::{comment, list, quoted};
use super::work::{Set, Work, shown};
use super::{Draft, Existing, base_of};

/// Names of columns in which programs keep when, or how often, a row was changed; without letter case and underscores.
const CHANGES: [&str; 26] = [
    "updatedat",
    "updated",
    "updatedon",
    "updatetime",
    "lastupdate",
    "lastupdated",
    "modifiedat",
    "modified",
    "modifiedon",
    "modifieddate",
    "lastmodified",
    "lastmodifieddate",
    "changedat",
    "changed",
    "changedon",
    "lastchange",
    "lastchanged",
    "writedate",
    "mtime",
    "tstamp",
    "rowversion",
    "version",
    "lockversion",
    "systemmodstamp",
    "aedat",
    "dateupd",
];

/// All new texts with the report, or what keeps an existing file from being added to.
pub(super) fn finish(mut work: Work<'_>, existing: &Existing, has_service: bool) -> Result<Draft, Vec<Problem>> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    if !has_service {
        files.push((SERVICE_FILE.to_owned(), service(&work, existing)));
    }
    let sets = std::mem::take(&mut work.sets);
    for set in &sets {
        work.report.sets.push(DraftedSet {
            set: set.name.clone().unwrap_or_else(|| set.type_name.clone()),
            file: set.file.clone(),
            table: shown(&set.place),
            rows: set.relation.rows,
            properties: set.members.len(),
            new: set.held.is_none(),
        });
        let Some(held) = set.held else {
            files.push((base_of(&set.file).to_owned(), new_file(&mut work, set)));
            continue;
        };
        if let Some(held) = work.held.get_mut(held) {
            set.blocks.iter().chain(&set.remarks).for_each(|block| held.append(block.clone()));
        }
    }
    for held in std::mem::take(&mut work.held) {
        let name = held.file.name.clone();
        let Some(text) = held.changed() else { continue };
        let file = File { name, text };
        if let Err(found) = raw::read_entity(&file) {
            problems.extend(found.into_iter().map(|problem| Problem {
                wrong: format!("nothing can be added to this file: {}", problem.wrong),
                right: "write its properties and navigation properties as [[property]] and [[navigation]]".to_owned(),
                ..problem
            }));
        }
        files.push((base_of(&file.name).to_owned(), file.text));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let lock = work.now.write();
    if existing.lock.as_ref().is_none_or(|file| file.text != lock) {
        files.push((LOCK_FILE.to_owned(), lock));
    }
    let mut report = work.report;
    report.sets.sort_by(|a, b| a.set.cmp(&b.set));
    report.notes.sort();
    Ok(Draft { files, report })
}

fn service(work: &Work<'_>, existing: &Existing) -> String {
    let named = || {
        let services = existing.others.iter().filter(|file| base_of(&file.name) == SERVICE_FILE);
        services.into_iter().find_map(|file| raw::read_service(file).ok()?.namespace)
    };
    let made = || {
        let made = spell(&work.options.source).joined();
        let reserved = ["", "edm", "odata", "system", "transient"].contains(&made.to_lowercase().as_str());
        if reserved { format!("{made}Data") } else { made }
    };
    let namespace = work.options.namespace.clone().or_else(named).unwrap_or_else(made);
    let source = quoted(&work.options.source);
    format!("version = {VERSION}\nnamespace = {}\nsource = {source}\n", quoted(&namespace))
}

fn new_file(work: &mut Work<'_>, set: &Set<'_>) -> String {
    let relation = set.relation;
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        text.push_str(key);
        text.push_str(" = ");
        text.push_str(value);
        text.push('\n');
    };
    line("version", &VERSION.to_string());
    line("set", &quoted(set.name.as_deref().unwrap_or_default()));
    line("type", &quoted(&set.type_name));
    line("table", &quoted(&relation.name));
    if let Some(schema) = &set.place.0 {
        line("schema", &quoted(schema));
    }
    let members: Vec<&(String, Form)> = set.key.iter().filter_map(|column| set.members.get(column)).collect();
    let forms: Vec<&Form> = members.iter().map(|(_, form)| form).collect();
    let warned = warning(&forms);
    if let Some(warning) = &warned {
        text.push_str(&comment(warning));
        work.report.note_in(NoteKind::Suggestion, shown(&set.place), (&set.file, "key"), warning.clone());
    }
    let mut line = |key: &str, value: &str| {
        text.push_str(key);
        text.push_str(" = ");
        text.push_str(value);
        text.push('\n');
    };
    line("key", &list(members.iter().map(|(name, _)| name.as_str())));
    let change = change(relation, set);
    if let Some((_, property, true)) = &change {
        line("etag", &quoted(property));
    }
    if let Some(comment) = relation.comment.as_deref().filter(|comment| !comment.trim().is_empty()) {
        line("description", &quoted(comment));
    }
    if let Some((column, property, certain)) = change {
        suggest_change(work, set, (column, &property, certain), &mut text);
    }
    for block in set.blocks.iter().chain(&set.remarks) {
        text.push('\n');
        text.push_str(block);
    }
    text
}

/// The column that tells whether a row was changed, its property, and whether the database itself sees to that.
fn change<'a>(relation: &'a Relation, set: &Set<'_>) -> Option<(&'a Column, String, bool)> {
    let named = |column: &Column| {
        let plain: String = column.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        CHANGES.iter().position(|word| *word == plain)
    };
    let fits = |column: &Column| {
        // SQLite keeps times as text, or as what it likes.
        let timed = !column.name.to_lowercase().contains("version");
        match column.column_type {
            ColumnType::Timestamp { .. } | ColumnType::Integer { .. } => true,
            ColumnType::Text { .. } | ColumnType::Any => timed,
            _ => column.filled == Filled::AtChange,
        }
    };
    let candidates = relation.columns.iter().filter(|column| fits(column) && !set.key.contains(&column.name));
    let best = candidates.filter_map(|column| {
        let (property, form) = set.members.get(&column.name)?;
        let rank = if column.filled == Filled::AtChange { 0 } else { named(column)? + 1 };
        form.is_comparable().then_some((rank, column, property))
    });
    let (_, column, property) = best.min_by_key(|(rank, ..)| *rank)?;
    // A clock that counts seconds misses the second change within one.
    let fine = !matches!(column.column_type, ColumnType::Timestamp { precision: 0..=5, .. });
    Some((column, property.clone(), column.filled == Filled::AtChange && fine && !column.nullable))
}

fn suggest_change(
    work: &mut Work<'_>,
    set: &Set<'_>,
    (column, property, certain): (&Column, &str, bool),
    text: &mut String,
) {
    let indexed =
        set.relation.indexes.iter().any(|index| !index.partial && index.columns.first() == Some(&column.name));
    let slow = if indexed { "" } else { " (which no index begins with yet)" };
    let sentence = if certain {
        format!("The database sets `{}`{slow} at every change of a row, so changes by others can be seen:", column.name)
    } else {
        format!("If `{}`{slow} changes with every change of a row:", column.name)
    };
    text.push_str(&comment(&sentence));
    let property = quoted(property);
    if !certain {
        text.push_str(&comment(&format!("etag = {property}")));
    }
    text.push_str("# [cache]\n");
    text.push_str(&comment(&format!("probe_property = {property}")));
    let about = format!("{}.{}", shown(&set.place), column.name);
    let what = if certain { "probe_property" } else { "etag and probe_property" };
    let text = format!("may tell changes of rows: see the comment for {what}");
    work.report.note_in(NoteKind::Suggestion, about, (&set.file, ""), text);
}
