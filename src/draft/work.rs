//! Owns [`Work`]: what a draft knows while it is made.

use std::collections::{HashMap, HashSet};

use crate::catalog::{Catalog, ForeignKey, Relation};

use crate::model::raw;

use super::Options;
use super::form::Form;
use super::held::Held;
use super::lock::{Place, Seen, SeenRelation};
use super::names::{Given, Names};
use super::report::{NoteKind, Report};

/// A draft in the making.
pub(super) struct Work<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) options: &'a Options,
    /// The folder, as it is shown.
    pub(super) folder: &'a str,
    pub(super) held: Vec<Held>,
    /// What other files of the service name.
    pub(super) names: ForeignNames,
    /// What earlier runs have seen.
    pub(super) before: Seen,
    /// What the next run will have seen.
    pub(super) now: Seen,
    /// Where the relations of the catalogue lie.
    pub(super) there: HashSet<Place>,
    /// Columns that foreign keys lead from or to.
    pub(super) joined: HashSet<(Place, String)>,
    pub(super) sets: Vec<Set<'a>>,
    pub(super) links: Vec<Link<'a>>,
    pub(super) report: Report,
}

/// Names that are taken outside of the entity type files of the folder.
#[derive(Default)]
pub(super) struct ForeignNames {
    pub(super) sets: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) files: Vec<String>,
}

/// A relation that has a file, or gets one.
pub(super) struct Set<'a> {
    pub(super) relation: &'a Relation,
    pub(super) place: Place,
    /// The file that exists already.
    pub(super) held: Option<usize>,
    /// The file, as it is shown.
    pub(super) file: String,
    /// The name of the set; `None` for a singleton.
    pub(super) name: Option<String>,
    pub(super) type_name: String,
    /// Columns of the key.
    pub(super) key: Vec<String>,
    /// The names of properties and navigation properties.
    pub(super) names: Names,
    /// Published columns of the type itself: the property, and what is said of it.
    pub(super) members: HashMap<String, (String, Form)>,
    /// What is added to the file, in order.
    pub(super) blocks: Vec<String>,
    /// Comments at the end of a new file.
    pub(super) remarks: Vec<String>,
}

/// A table of pairs.
#[derive(Clone)]
pub(super) struct Link<'a> {
    pub(super) relation: &'a Relation,
    pub(super) place: Place,
    pub(super) near: &'a ForeignKey,
    pub(super) far: &'a ForeignKey,
}

impl<'a> Set<'a> {
    /// One that gets a new file: its shown name, and the names of set and type.
    pub(super) fn new(
        relation: &'a Relation,
        place: Place,
        (file, name, type_name): (String, String, String),
        key: Vec<String>,
    ) -> Set<'a> {
        Set {
            relation,
            place,
            held: None,
            file,
            name: Some(name),
            type_name,
            key,
            names: Names::of_members(),
            members: HashMap::new(),
            blocks: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// One whose file exists.
    pub(super) fn held(relation: &'a Relation, place: Place, index: usize, work: &Work<'_>) -> Set<'a> {
        let (file, entity) = match work.held.get(index) {
            Some(held) => (held.file.name.clone(), Some(&held.entity)),
            None => (String::new(), None),
        };
        let mut names = Names::of_members();
        let mut members = HashMap::new();
        let mut key = Vec::new();
        if let Some(entity) = entity {
            let derived = entity.derived.iter().map(|derived| (&derived.properties, &derived.navigations));
            for (properties, navigations) in derived.chain([(&entity.properties, &entity.navigations)]) {
                for property in properties {
                    names.reserve(&property.name);
                }
                for navigation in navigations {
                    names.reserve(&navigation.name);
                }
            }
            for property in &entity.properties {
                if let (Some(column), Some(form)) = (&property.column, Form::said(property)) {
                    if entity.key.contains(&property.name) {
                        key.push(column.clone());
                    }
                    members.insert(column.clone(), (property.name.clone(), form));
                }
            }
        }
        if work.folds() {
            for column in &relation.columns {
                let written = members.keys().find(|name| **name != column.name && alike(name, &column.name)).cloned();
                let Some(written) = written.filter(|_| !members.contains_key(&column.name)) else { continue };
                let member = members.remove(&written);
                members.extend(member.map(|member| (column.name.clone(), member)));
                for name in key.iter_mut().filter(|name| **name == written) {
                    name.clone_from(&column.name);
                }
            }
        }
        Set {
            relation,
            place,
            held: Some(index),
            file,
            name: entity.and_then(|entity| entity.set.clone()),
            type_name: entity.map(|entity| entity.entity_type.clone()).unwrap_or_default(),
            key,
            names,
            members,
            blocks: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

impl<'a> Work<'a> {
    /// A place as files write it.
    pub(super) fn place(&self, schema: Option<&str>, table: &str) -> Place {
        let schema = schema.filter(|schema| self.catalog.default_schema.as_deref() != Some(*schema));
        (schema.map(str::to_owned), table.to_owned())
    }

    /// Where the relation of a file lies. A file may leave a schema of the search path out, and may spell a name in
    /// other letter case where the database does not care. The rows of a query lie nowhere.
    pub(super) fn place_of_file(&self, entity: &raw::Entity) -> Option<Place> {
        let table = entity.table.as_ref()?;
        let exact = self.place(entity.schema.as_deref(), table);
        if self.there.contains(&exact) {
            return Some(exact);
        }
        let path = self.catalog.search_path.iter().filter(|_| entity.schema.is_none());
        let mut others = path.map(|schema| self.place(Some(schema), table));
        if let Some(found) = others.find(|place| self.there.contains(place)) {
            return Some(found);
        }
        let mut relations = self.catalog.relations.iter().filter(|_| self.folds());
        let found = relations.find(|relation| {
            let (schema, table) = self.place_of(relation);
            schema == exact.0 && alike(&table, &exact.1)
        });
        Some(found.map_or(exact, |relation| self.place_of(relation)))
    }

    /// Whether the database finds names without regard to letter case.
    pub(super) fn folds(&self) -> bool {
        !self.catalog.product.starts_with("PostgreSQL")
    }

    /// The place of a relation.
    pub(super) fn place_of(&self, relation: &Relation) -> Place {
        self.place(relation.schema.as_deref(), &relation.name)
    }

    /// The place to which a foreign key leads.
    pub(super) fn target(&self, key: &ForeignKey) -> Place {
        self.place(key.schema.as_deref(), &key.table)
    }

    /// A file of the folder, as it is shown.
    pub(super) fn file(&self, base: &str) -> String {
        if self.folder.is_empty() { base.to_owned() } else { format!("{}/{base}", self.folder) }
    }

    /// A relation as people call it.
    pub(super) fn shown(&self, relation: &Relation) -> String {
        shown(&self.place_of(relation))
    }

    /// Whether a person means this relation by a name.
    pub(super) fn is_called(&self, relation: &Relation, name: &str) -> bool {
        let full = || relation.schema.as_ref().is_some_and(|schema| name == format!("{schema}.{}", relation.name));
        name == self.shown(relation) || full()
    }

    /// The key that was named for a relation when the draft was asked for.
    pub(super) fn declared_key(&self, relation: &Relation) -> Option<&'a [String]> {
        let named = self.options.keys.iter().find(|declared| self.is_called(relation, &declared.relation));
        named.map(|declared| declared.columns.as_slice())
    }

    /// Notes a published name that is not the obvious one.
    pub(super) fn named(&mut self, given: &Given, lost: bool, about: &str, place: (&str, &str)) {
        let lost = lost.then(|| "some of its letters cannot be published".to_owned());
        if let Some(why) = given.why.clone().or(lost) {
            self.report.note_in(NoteKind::Named, about, place, format!("published as `{}`: {why}", given.name));
        }
    }

    /// What the next run will have seen of a relation.
    pub(super) fn seen(&mut self, place: &Place) -> Option<&mut SeenRelation> {
        self.now.relations.get_mut(place)
    }
}

/// Whether names differ in letter case at most.
pub(super) fn alike(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// A place as people call it.
pub(super) fn shown((schema, table): &Place) -> String {
    match schema {
        Some(schema) => format!("{schema}.{table}"),
        None => table.clone(),
    }
}
