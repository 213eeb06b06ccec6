//! Resolved metadata files compared with what the live databases say of themselves, and with what Salesforce can sync.
//! Every finding names the file, the key and the remedy.
//!
//! [`databases`] compares each set with its table (`set`, `column`, `fit`, `key`, `search`), each operation with what
//! it calls (`routine`), and says what no database has counted (`statistics`); [`salesforce`] compares each published
//! set with the limits of Salesforce Connect; [`trials`] are what the databases themselves are to judge.
//!
//! # Decisions
//!
//! - **Error or warning.** An error is what gives wrong answers or none: a table that is not there, a type that does
//!   not fit. What is slow, odd or lost on the way to Salesforce is a warning: the server has good answers all the
//!   same.
//! - **Nothing is said of what the database does not tell.** A view has no keys and no `NOT NULL` on most products, so
//!   none of that is missed there.
//! - **Places in files** are found by reading the files once more (`place`): the model that serves requests carries
//!   none.

mod column;
mod fit;
mod key;
mod place;
mod routine;
mod salesforce;
mod search;
mod set;
mod statistics;
mod trial;

use crate::catalog::{Catalog, Wanted};
use crate::edm::Zone;
use crate::model::raw::Folder;
use crate::model::{EntitySet, EntityType, Family, Model, Problem};

pub use salesforce::salesforce;
pub use trial::{Trial, trials};

use place::Place;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What gives wrong answers or none.
    pub errors: Vec<Problem>,
    /// What works, but not well.
    pub warnings: Vec<Problem>,
}

impl Findings {
    /// All of both.
    pub fn extend(&mut self, other: Findings) {
        self.errors.extend(other.errors);
        self.warnings.extend(other.warnings);
    }

    fn error(&mut self, file: &str, key: &str, wrong: impl Into<String>, right: impl Into<String>) {
        self.errors.push(problem(file, key, wrong.into(), right.into()));
    }

    fn warn(&mut self, file: &str, key: &str, wrong: impl Into<String>, right: impl Into<String>) {
        self.warnings.push(problem(file, key, wrong.into(), right.into()));
    }
}

fn problem(file: &str, key: &str, wrong: String, right: String) -> Problem {
    Problem { file: file.to_owned(), key: key.to_owned(), wrong, right }
}

/// A database that has told its schema.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it said.
    pub catalog: Catalog,
    /// Which product it is.
    pub family: Family,
    /// The zone of its local times, as the configuration has it.
    pub zone: Zone,
}

/// Which part of each source of the model is to be read, in the order of the sources.
pub fn wanted(model: &Model) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = model
        .sources
        .iter()
        .map(|_| Wanted { default_schemas: true, of_extensions: true, ..Wanted::default() })
        .collect();
    for set in &model.sets {
        let links = model.entity_type(set.entity_type).into_iter().flat_map(|it| &it.navigations);
        let links = links.filter_map(|navigation| navigation.link.as_ref()).map(|link| &link.table);
        for table in links.chain([&set.table]) {
            let source = usize::try_from(set.source.0).ok().and_then(|source| wanted.get_mut(source));
            if let (Some(schema), Some(source)) = (&table.schema, source) {
                source.schemas.push(schema.to_string());
            }
        }
    }
    for operation in &model.operations {
        let source = usize::try_from(operation.source.0).ok().and_then(|source| wanted.get_mut(source));
        if let (Some(source), Some((table, _))) = (source, routine::routine_of(operation)) {
            source.routines.push(table.name.to_string());
            source.schemas.extend(table.schema.as_deref().map(str::to_owned));
        }
    }
    wanted
}

/// Compares every set and every operation with the database of its source. `told` has an entry for each source of the
/// model; of one that has told nothing, nothing is said.
pub fn databases(model: &Model, folders: &[Folder], told: &[Option<&Told>]) -> Findings {
    // What a service picks is compared with the folders that it picks from.
    let model = model.base.as_deref().unwrap_or(model);
    let places = place::places(folders);
    let ground = Ground { model, told };
    let mut findings = Findings::default();
    for set in &model.sets {
        let entity_type = model.entity_type(set.entity_type);
        if let (Some(place), Some(entity_type), Some(told)) = (places.get(&set.name), entity_type, ground.told(set)) {
            set::check(&Subject { ground: &ground, told, place, set, entity_type }, &mut findings);
        }
    }
    routine::check(model, folders, told, &mut findings);
    statistics::check(&ground, folders, &mut findings);
    findings
}

/// The model and all that is known of its databases.
struct Ground<'a> {
    model: &'a Model,
    told: &'a [Option<&'a Told>],
}

impl<'a> Ground<'a> {
    fn told(&self, set: &EntitySet) -> Option<&'a Told> {
        *self.told.get(usize::try_from(set.source.0).ok()?)?
    }
}

/// One set in front of its database.
struct Subject<'a> {
    ground: &'a Ground<'a>,
    told: &'a Told,
    place: &'a Place,
    set: &'a EntitySet,
    entity_type: &'a EntityType,
}

/// What stands between quotes in a list of names; long lists are cut.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const LISTED_MAX: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    let text = names.iter().take(LISTED_MAX).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED_MAX) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
