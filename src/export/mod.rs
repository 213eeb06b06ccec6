//! A model written as a source project for Salesforce: the external data source, an external object for each set, its
//! fields and lookups, list views, tabs and a permission set, in the form in which Salesforce's own tools keep them.
//!
//! [`salesforce`] is the verb: model → files as path and bytes. `rules` knows what Salesforce takes, `field` which
//! field it makes of a property, `lookup` where it leads; `object`, `source`, `access` and `project` write one kind of
//! file each.
//!
//! # Decisions
//!
//! - **What *Validate and Sync* would make** is what is written, so that a later sync changes nothing but what its own
//!   rules overwrite. Where Salesforce says nothing, the field that holds all values is taken.
//! - **One data source.** An object belongs to one, and each is licensed, so the adapter is chosen and not doubled.
//! - **Nothing secret.** Passwords are typed by an administrator after the deployment; no file has a place for them.
//! - Elements of a file stand in the order of Salesforce's own files: `fullName`, then by name. `xml` sorts them.

mod access;
mod field;
mod lookup;
mod object;
mod project;
pub mod rules;
mod source;
#[cfg(test)]
mod tests;
mod xml;

use crate::model::{Model, Problem};

/// The version of the interface of Salesforce that the files are written for: each element in them is as old, or older.
pub const API_VERSION: &str = "64.0";

/// The folder of the sources, below that of the project.
pub const SOURCES: &str = "main/default";

/// Which of Salesforce's adapters reads the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adapter {
    /// OData 4.0
    #[default]
    V4,
    /// OData 4.01, which takes address and credentials from a named credential.
    V401,
}

/// As whom Salesforce comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// As nobody.
    Anonymous,
    /// All of its users as one of ours.
    Named,
    /// Each of its users as one of ours.
    PerUser,
}

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the data source, and what the names of all that belongs to it begin with.
    pub name: String,
    /// The service root, as Salesforce reaches it; ends with a slash.
    pub root: String,
    /// The adapter.
    pub adapter: Adapter,
    /// As whom Salesforce comes.
    pub identity: Identity,
    /// Name of the one user, if it is known.
    pub user: Option<String>,
    /// Only these sets; all if it is empty.
    pub sets: Vec<String>,
}

/// A project.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Paths below the project's folder and what is in them, sorted.
    pub files: Vec<(String, Vec<u8>)>,
    /// What people should know of it.
    pub notes: Vec<Note>,
    /// How many objects, fields and lookups there are.
    pub counts: Counts,
}

/// What is in a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// External objects.
    pub objects: usize,
    /// Fields, lookups among them.
    pub fields: usize,
    /// Lookups of all kinds.
    pub lookups: usize,
}

/// What is otherwise in Salesforce than in the model, or missing there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The set, and perhaps its property or navigation property: `Orders/Account`.
    pub about: String,
    /// A sentence.
    pub text: String,
}

/// Writes the project, or says everything for which Salesforce would refuse it.
pub fn salesforce(model: &Model, options: &Options) -> Result<Project, Vec<Problem>> {
    let mut notes = Vec::new();
    let mut faults = Faults { service: &model.service, problems: Vec::new() };
    check_options(options, &mut faults);
    let mut objects = object::objects(model, options, &mut notes, &mut faults);
    lookup::connect(model, &mut objects, &mut notes);
    if !faults.problems.is_empty() {
        return Err(faults.problems);
    }
    let mut files = Vec::new();
    for object in &objects {
        object.write(options, &mut files);
    }
    source::write(&objects, options, &mut files);
    access::write(&objects, options, &mut files);
    project::write(&objects, &notes, options, &mut files);
    files.sort();
    let fields = objects.iter().flat_map(|object| &object.fields);
    let counts = Counts {
        objects: objects.len(),
        fields: fields.clone().count(),
        lookups: fields.filter(|field| field.kind.is_lookup()).count(),
    };
    Ok(Project { files, notes, counts })
}

fn check_options(options: &Options, faults: &mut Faults<'_>) {
    let name = &options.name;
    if let Some(why) = rules::fault_within(name, rules::DEVELOPER_NAME_MAX) {
        let right = format!("say `--name {}`, for example", rules::mended(name));
        faults.add("", format!("the name `{name}` of the data source {why}"), right);
    }
}

/// For what Salesforce would refuse the project.
struct Faults<'a> {
    service: &'a str,
    problems: Vec<Problem>,
}

impl Faults<'_> {
    fn add(&mut self, about: &str, wrong: impl Into<String>, right: impl Into<String>) {
        let file = format!("service `{}`", self.service);
        self.problems.push(Problem { file, key: about.to_owned(), wrong: wrong.into(), right: right.into() });
    }
}

/// The path of a source file.
fn path(rest: &str) -> String {
    format!("{SOURCES}/{rest}")
}
