//! Owns [`Object`]: the external object that Salesforce makes of an entity set, with its fields and its list view.

use std::collections::{HashMap, HashSet};

use crate::model::{EntitySet, EntityType, Member, Model, SetId};

use super::field::{Field, Kind, description, label};
use super::rules::{self, DESCRIPTION_MAX, EXTERNAL_ID_MAX, FIELDS_MAX, NAME_MAX, OBJECTS_MAX};
use super::xml::{self, group, text};
use super::{Adapter, Faults, Note, Options, path};

/// Most columns of a list view.
const COLUMNS_MAX: usize = 10;
/// Most columns of search results: all of them are asked for in every search.
const RESULTS_MAX: usize = 4;

/// An external object.
#[derive(Clone, Debug)]
pub(super) struct Object<'a> {
    /// Its name without `__x`.
    pub(super) name: String,
    pub(super) id: SetId,
    pub(super) set: &'a EntitySet,
    pub(super) entity_type: &'a EntityType,
    pub(super) fields: Vec<Field<'a>>,
}

/// The objects of the sets that are wanted.
pub(super) fn objects<'a>(
    model: &'a Model,
    options: &Options,
    notes: &mut Vec<Note>,
    faults: &mut Faults<'_>,
) -> Vec<Object<'a>> {
    let mut objects = Vec::new();
    let mut seen: HashMap<String, &str> = HashMap::new();
    check_wanted(model, options, faults);
    let is_wanted = |set: &EntitySet| options.sets.is_empty() || options.sets.contains(&set.name);
    for (id, set) in (0..).map(SetId).zip(&model.sets) {
        let Some(entity_type) = model.entity_type(set.entity_type) else { continue };
        if !set.is_published() || !is_wanted(set) {
            continue;
        }
        let name = named("set", "__x", &set.name, &set.name, notes, faults);
        if let Some(other) = seen.insert(rules::folded(&name), &set.name) {
            alike("set", &set.name, &set.name, other, faults);
        }
        if options.adapter == Adapter::V401 && !set.countable {
            let wrong = "counts are refused (`countable = false`), and the 4.01 adapter asks for one with every list";
            faults.add(&set.name, wrong, "take `--adapter 4.0`, leave the set out with `--set`, or let it be counted");
        }
        if let Some(text) = long_key(entity_type) {
            notes.push(Note { about: set.name.clone(), text });
        }
        let fields = fields(set, entity_type, notes, faults);
        objects.push(Object { name, id, set, entity_type, fields });
    }
    if objects.len() > OBJECTS_MAX {
        let wrong = format!(
            "{} sets are published, and an organisation has at most {OBJECTS_MAX} external objects",
            objects.len()
        );
        faults.add("", wrong, "name those that are wanted, each with `--set`");
    }
    if objects.is_empty() && faults.problems.is_empty() {
        faults.add("", "it publishes no set", "publish one; singletons and contained sets do not come to Salesforce");
    }
    objects
}

/// What is wrong with the external ID that is made of the key.
fn long_key(entity_type: &EntityType) -> Option<String> {
    let parts = entity_type.key.iter().filter_map(|id| entity_type.property(*id));
    let fits = format!("an external ID has at most {EXTERNAL_ID_MAX}");
    match parts.map(rules::key_length).sum::<Option<u32>>() {
        None => Some(format!("its key is of any length, and {fits} characters; say `max_length`")),
        Some(length) if length > EXTERNAL_ID_MAX => Some(format!("its key can have {length} characters, and {fits}")),
        Some(_) => None,
    }
}

fn check_wanted(model: &Model, options: &Options, faults: &mut Faults<'_>) {
    for name in &options.sets {
        if model.set_named(name).is_none() {
            let known: Vec<&str> =
                model.sets.iter().filter(|set| set.is_published()).map(|set| set.name.as_str()).collect();
            let right = match crate::model::raw::nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the sets are {}", known.join(", ")),
            };
            faults.add(name, "there is no such set", right);
        }
    }
}

/// The name under which Salesforce knows a thing.
fn named(what: &str, ending: &str, name: &str, about: &str, notes: &mut Vec<Note>, faults: &mut Faults<'_>) -> String {
    let collapsed = rules::collapsed(name);
    if collapsed.len() > NAME_MAX {
        let wrong =
            format!("the name of the {what} has {} characters, and Salesforce takes {NAME_MAX}", collapsed.len());
        faults.add(
            about,
            wrong,
            "give it a shorter name in its metadata file, which need not be the one of the database",
        );
    } else if collapsed != name {
        notes.push(Note {
            about: about.to_owned(),
            text: format!("Salesforce makes `{collapsed}{ending}` of its name"),
        });
    }
    collapsed
}

fn alike(what: &str, about: &str, name: &str, other: &str, faults: &mut Faults<'_>) {
    let wrong =
        format!("{what} `{name}` is `{other}` to Salesforce, which leaves letter case and doubled underscores aside");
    faults.add(about, wrong, "give one of them a name that differs in a letter");
}

fn fields<'a>(
    set: &EntitySet,
    entity_type: &'a EntityType,
    notes: &mut Vec<Note>,
    faults: &mut Faults<'_>,
) -> Vec<Field<'a>> {
    let mut fields = Vec::new();
    let mut seen: HashMap<String, &str> = HashMap::new();
    for member in &entity_type.structure {
        let property = match member {
            Member::Property(id) => match entity_type.property(*id) {
                Some(property) => property,
                None => continue,
            },
            Member::Complex(complex) => {
                let text = "left out: it is of a complex type, which Salesforce shows in a form of its own, if at all";
                notes.push(Note { about: format!("{}/{}", set.name, complex.name), text: text.to_owned() });
                continue;
            }
        };
        let about = format!("{}/{}", set.name, property.name);
        let kind = match Kind::of(property) {
            Ok(kind) => kind,
            Err(why) => {
                notes.push(Note { about, text: format!("left out: {why}") });
                continue;
            }
        };
        let name = named("property", "__c", &property.name, &about, notes, faults);
        if let Some(other) = seen.insert(rules::folded(&name), &property.name) {
            alike("property", &about, &property.name, other, faults);
        }
        notes.extend(Kind::loss(property).map(|text| Note { about: about.clone(), text }));
        if property.description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
            let text = format!("its description is cut: Salesforce takes {DESCRIPTION_MAX} characters");
            notes.push(Note { about, text });
        }
        fields.push(Field { name, property, kind });
    }
    if !entity_type.derived.is_empty() {
        let text = "what derived types add is left out: Salesforce does not know them";
        notes.push(Note { about: set.name.clone(), text: text.to_owned() });
    }
    if fields.len() > FIELDS_MAX {
        let wrong = format!("{} properties, and an object has at most {FIELDS_MAX} fields", fields.len());
        faults.add(&set.name, wrong, "hide some of them, or publish a view with fewer columns");
    }
    fields
}

impl Object<'_> {
    /// Its name with its ending.
    pub(super) fn api_name(&self) -> String {
        format!("{}__x", self.name)
    }

    /// What people read.
    pub(super) fn label(&self) -> &str {
        label(&self.set.name, &self.name)
    }

    /// Whether a search can find anything in it.
    pub(super) fn is_searched(&self) -> bool {
        self.set.searchable && self.fields.iter().any(|field| field.property.searchable)
    }

    /// Writes the object, its fields and its list view.
    pub(super) fn write(&self, options: &Options, files: &mut Vec<(String, Vec<u8>)>) {
        let name = self.api_name();
        let columns = self.columns();
        let mut elements = vec![
            text("deploymentStatus", "Deployed"),
            text("description", description(self.entity_type.description.as_deref(), &self.set.name)),
            text("enableFeeds", false),
            text("enableReports", true),
            text("enableSearch", self.is_searched()),
            text("externalDataSource", &options.name),
            text("externalName", &self.set.name),
            text("label", self.label()),
            text("pluralLabel", self.label()),
        ];
        let results = || columns.iter().take(RESULTS_MAX);
        let layouts = results().map(|column| text("searchResultsAdditionalFields", column));
        let dialogs = results().map(|column| text("lookupDialogsAdditionalFields", column));
        elements.push(group("searchLayouts", dialogs.chain(layouts).collect()));
        files.push((path(&format!("objects/{name}/{name}.object-meta.xml")), xml::document("CustomObject", elements)));
        for field in &self.fields {
            let file = format!("objects/{name}/fields/{}.field-meta.xml", field.api_name());
            files.push((path(&file), field.document()));
        }
        let mut elements = vec![text("fullName", "All"), text("filterScope", "Everything"), text("label", "All")];
        elements.extend(columns.iter().map(|column| text("columns", column)));
        let file = format!("objects/{name}/listViews/All.listView-meta.xml");
        files.push((path(&file), xml::document("ListView", elements)));
    }

    /// What lists show: the identity, then the first fields that are not too long.
    fn columns(&self) -> Vec<String> {
        let key: HashSet<_> = match self.entity_type.key.as_slice() {
            // The external ID is the same as a key of one property.
            [key] => self.entity_type.property(*key).into_iter().map(|property| property.name.as_str()).collect(),
            _ => HashSet::new(),
        };
        let listed =
            self.fields.iter().filter(|field| field.is_listed() && !key.contains(field.property.name.as_str()));
        let fields = listed.map(Field::api_name).take(COLUMNS_MAX - 1);
        std::iter::once("ExternalId".to_owned()).chain(fields).collect()
    }
}
