//! What a database says of itself → metadata files, also into a folder of files that people have edited. Owns the names
//! that are made for what is found, and what becomes of edits. Texts in, texts out: reading and writing files is the
//! caller's.
//!
//! [`draft`] finds the sets (`sets`), goes through their columns (`columns`) and relations (`navigations`), and writes
//! (`write`).
//!
//! # Decisions
//!
//! - A file that exists is never written anew: lines are put in and appended, at places that the TOML reader tells. An
//!   editing library that keeps comments was weighed and left: it would rebuild the text from a tree, and the promise
//!   that not one byte of a person's text changes would be its own.
//! - What was seen is kept in a file of its own, `introspect.lock`. So "new in the database" and "taken out by a
//!   person" are different things, and a person says "not this column" by deleting its lines. Lists of ignored columns
//!   inside the files were weighed and left: whoever deletes without naming would find the column published again.
//! - A file of which nothing was seen keeps what it lacks: its author may have left out a column for good reason.

mod columns;
mod form;
mod held;
mod keys;
mod letters;
mod lock;
mod names;
mod navigations;
mod report;
mod sets;
#[cfg(test)]
mod tests;
mod text;
mod work;
mod write;

use std::collections::HashSet;

use crate::catalog::{Catalog, Wanted};
use crate::model::Problem;
use crate::model::raw::{self, File, OPERATIONS_FILE, SERVICE_FILE, TYPES_FILE};

use held::Held;
use lock::{Role, Seen};
use report::NoteKind as Kind;
use work::{ForeignNames, Work};

pub use lock::LOCK_FILE;
pub use report::{DraftedSet, Note, NoteKind, Report};

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The source of the folder.
    pub source: String,
    /// Namespace of the schema; without one, that of the service or one made of the source's name.
    pub namespace: Option<String>,
    /// Which part of the database the catalogue shows.
    pub wanted: Wanted,
    /// Keys of relations that tell none.
    pub keys: Vec<DeclaredKey>,
}

/// A key that a person names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredKey {
    /// The relation, behind its schema and a point if that is not the one of the connection.
    pub relation: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// The folder as it is, and what its names must not meet.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// The folder, as it is to be shown.
    pub folder: String,
    /// Its `*.toml` files, named with the folder in front.
    pub files: Vec<File>,
    /// What earlier runs have seen, if there were any.
    pub lock: Option<File>,
    /// Files of the other folders of its service.
    pub others: Vec<File>,
}

/// New texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Files that are new or different, by their names within the folder; that of what was seen is last.
    pub files: Vec<(String, String)>,
    /// What was found and done.
    pub report: Report,
}

/// Drafts the files of a folder. Nothing is to be written if there are problems: they are about files that exist, or
/// about what was asked for.
pub fn draft(catalog: &Catalog, existing: &Existing, options: &Options) -> Result<Draft, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut names = ForeignNames::default();
    let mut held = Vec::new();
    let mut service = None;
    for file in &existing.files {
        let base = base_of(&file.name);
        names.files.push(base.to_owned());
        match base {
            SERVICE_FILE => match raw::read_service(file) {
                Ok(read) => service = Some(read),
                Err(found) => problems.extend(found),
            },
            TYPES_FILE | OPERATIONS_FILE => {
                let read =
                    if base == TYPES_FILE { raw::read_types(file).err() } else { raw::read_operations(file).err() };
                problems.extend(read.into_iter().flatten());
                foreign(file, &mut names);
            }
            _ => match Held::read(file) {
                Ok(read) => held.push(read),
                Err(found) => problems.extend(found),
            },
        }
    }
    existing.others.iter().for_each(|file| foreign(file, &mut names));
    names.types.push(service.as_ref().and_then(|service| service.container.clone()).unwrap_or("Container".to_owned()));
    if let Some(service) = &service
        && service.source != options.source
    {
        problems.push(Problem {
            file: existing
                .files
                .iter()
                .find(|file| base_of(&file.name) == SERVICE_FILE)
                .map_or(String::new(), |it| it.name.clone()),
            key: "source".to_owned(),
            wrong: format!("the folder belongs to source `{}`, not to `{}`", service.source, options.source),
            right: "draft into another folder, or from the source of this one".to_owned(),
        });
    }
    let before = existing.lock.as_ref().map_or_else(|| Ok(Seen::default()), Seen::read);
    let before = before.unwrap_or_else(|problem| {
        problems.push(problem);
        Seen::default()
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut work = Work {
        catalog,
        options,
        folder: &existing.folder,
        held,
        names,
        now: Seen::default(),
        before,
        there: HashSet::new(),
        joined: HashSet::new(),
        sets: Vec::new(),
        links: Vec::new(),
        report: Report::default(),
    };
    let unknown = unknown_keys(&work);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    work.there = catalog.relations.iter().map(|relation| work.place_of(relation)).collect();
    for relation in &catalog.relations {
        for key in &relation.foreign_keys {
            let (near, far) = (work.place_of(relation), work.target(key));
            work.joined.extend(key.columns.iter().map(|column| (near.clone(), column.clone())));
            work.joined.extend(key.remote.iter().map(|column| (far.clone(), column.clone())));
        }
    }
    sets::decide(&mut work);
    let mut sets = std::mem::take(&mut work.sets);
    for set in &mut sets {
        columns::take(&mut work, set);
    }
    work.sets = sets;
    navigations::take(&mut work);
    find_gone(&mut work);
    if catalog.relations.is_empty() {
        let text =
            "the database shows no table or view that is asked for; check the options and the rights of its user";
        work.report.note(Kind::Unread, "", text);
    }
    for sentence in &catalog.unread {
        work.report.note(Kind::Unread, "", sentence.clone());
    }
    write::finish(work, existing, service.is_some())
}

fn base_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// Takes the names that a file declares, whatever kind of file it is.
fn foreign(file: &File, names: &mut ForeignNames) {
    let Ok(table) = file.text.parse::<toml::Table>() else { return };
    let text = |table: &toml::Table, key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    names.sets.extend(["set", "singleton"].iter().filter_map(|key| text(&table, key)));
    names.types.extend(text(&table, "type"));
    for list in ["enum", "complex", "derived", "function", "action"] {
        for declared in table.get(list).and_then(toml::Value::as_array).into_iter().flatten() {
            let name = declared.as_table().and_then(|declared| text(declared, "name"));
            names.types.extend(name.clone());
            if ["function", "action"].contains(&list) {
                names.sets.extend(name);
            }
        }
    }
}

/// Keys that were named for relations or columns that the catalogue does not show.
fn unknown_keys(work: &Work<'_>) -> Vec<Problem> {
    let declared = work.options.keys.iter();
    let problem = declared.filter_map(|declared| {
        let relation = work.catalog.relations.iter().find(|relation| work.is_called(relation, &declared.relation));
        let wrong = match relation {
            None => format!("the database shows no table or view `{}` that is asked for", declared.relation),
            Some(relation) => keys::choose(relation, Some(&declared.columns)).err()?,
        };
        let right = "write --key 'view=column,column', or 'schema.view=…', as the database spells them".to_owned();
        Some(Problem { file: "--key".to_owned(), key: declared.relation.clone(), wrong, right })
    });
    problem.collect()
}

/// Marks files whose tables are no more, and keeps what was seen of all that is not looked at now.
fn find_gone(work: &mut Work<'_>) {
    let mut gone = Vec::new();
    for (index, held) in work.held.iter().enumerate() {
        let Some(place) = work.place_of_file(&held.entity) else { continue };
        let schema = place.0.as_deref().or(work.catalog.default_schema.as_deref());
        if !work.there.contains(&place) && work.options.wanted.matches(schema, &place.1) {
            gone.push((index, place));
        }
    }
    for (index, place) in gone {
        let mut seen =
            work.before.relations.get(&place).cloned().unwrap_or_else(|| lock::SeenRelation::new(Role::Gone));
        let known = work.before.relations.contains_key(&place) && seen.role == Role::Gone;
        seen.role = Role::Gone;
        work.now.relations.insert(place.clone(), seen);
        let Some(held) = work.held.get_mut(index) else { continue };
        if !known {
            held.mark_table();
        }
        let file = held.file.name.clone();
        let text = "the database shows no such table or view any more; the file stays until a person takes it out";
        work.report.note_in(Kind::Gone, work::shown(&place), (&file, ""), text);
    }
    let kept: Vec<_> =
        work.before.relations.iter().filter(|(place, _)| !work.now.relations.contains_key(*place)).collect();
    let kept: Vec<_> = kept.into_iter().map(|(place, seen)| (place.clone(), seen.clone())).collect();
    let out = kept.iter().filter(|(place, seen)| seen.role == Role::Set && work.there.contains(place)).count();
    if out > 0 {
        let text = format!("{out} tables whose files a person took out stay out, as introspect.lock says");
        work.report.note(Kind::LeftOut, "", text);
    }
    work.now.relations.extend(kept);
}
