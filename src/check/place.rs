//! Owns where things stand in the metadata files: the key of a property by its column, of a navigation by its name.

use std::collections::HashMap;

use crate::model::Model;
use crate::model::raw::{self, ColumnName, Folder, OPERATIONS_FILE, TYPES_FILE};

/// The file of one set, and where in it things stand.
#[derive(Debug)]
pub(super) struct Place {
    /// The file, as it is to be shown.
    pub(super) file: String,
    /// Key of the property or column name by column.
    columns: HashMap<String, String>,
    /// Key of the property by its name; of a derived type's, too.
    properties: HashMap<String, String>,
    navigations: HashMap<String, String>,
}

impl Place {
    /// The key of what a column is published by. With `key`, that key of the property, if it has keys of its own there.
    pub(super) fn of_column(&self, column: &str, key: &str) -> String {
        let Some(found) = self.columns.get(column) else { return String::new() };
        if found.contains(".columns.") || !found.contains("property.") {
            return found.clone();
        }
        format!("{found}.{key}")
    }

    /// The key of a property by its public name.
    pub(super) fn of_property(&self, name: &str, key: &str) -> String {
        self.properties.get(name).map(|found| format!("{found}.{key}")).unwrap_or_default()
    }

    /// The key of a navigation property by its name.
    pub(super) fn of_navigation(&self, name: &str, key: &str) -> String {
        self.navigations.get(name).map(|found| format!("{found}.{key}")).unwrap_or_default()
    }
}

/// The files of all sets and singletons, by their names.
pub(super) fn places(folders: &[Folder]) -> HashMap<String, Place> {
    let mut places = HashMap::new();
    for file in folders.iter().flat_map(|folder| &folder.entities) {
        let base = file.name.rsplit('/').next().unwrap_or_default();
        if [TYPES_FILE, OPERATIONS_FILE].contains(&base) {
            continue;
        }
        let Ok(entity) = raw::read_entity(file) else { continue };
        let Some(name) = entity.set.clone().or_else(|| entity.singleton.clone()) else { continue };
        places.insert(name, place(&file.name, &entity));
    }
    places
}

/// The same by the names under which a model publishes them; a model that picks may have given others.
pub(super) fn published(model: &Model, folders: &[Folder]) -> HashMap<String, Place> {
    let mut places = places(folders);
    let Some(base) = &model.base else { return places };
    let mut renamed = HashMap::new();
    for (set, was) in model.sets.iter().zip(&base.sets) {
        let Some(mut place) = places.remove(&was.name) else { continue };
        if let (Some(now), Some(was)) = (model.entity_type(set.entity_type), base.entity_type(was.entity_type)) {
            let names = now.properties.iter().zip(&was.properties).map(|(now, was)| (&now.name, &was.name));
            move_names(names, &mut place.properties);
            let names = now.navigations.iter().zip(&was.navigations).map(|(now, was)| (&now.name, &was.name));
            move_names(names, &mut place.navigations);
        }
        renamed.insert(set.name.clone(), place);
    }
    renamed
}

fn move_names<'a>(names: impl Iterator<Item = (&'a String, &'a String)>, keys: &mut HashMap<String, String>) {
    let moved: Vec<(String, String)> =
        names.filter_map(|(now, was)| Some((now.clone(), keys.get(was)?.clone()))).collect();
    keys.extend(moved);
}

fn place(file: &str, entity: &raw::Entity) -> Place {
    let mut place = Place {
        file: file.to_owned(),
        columns: HashMap::new(),
        properties: HashMap::new(),
        navigations: HashMap::new(),
    };
    place.take(&entity.properties, &entity.navigations, "");
    for (number, derived) in (1..).zip(&entity.derived) {
        place.take(&derived.properties, &derived.navigations, &format!("derived.{number}."));
    }
    if let Some(media) = &entity.media {
        place.columns.entry(media.column.clone()).or_insert_with(|| "media.column".to_owned());
    }
    place
}

impl Place {
    fn take(&mut self, properties: &[raw::Property], navigations: &[raw::Navigation], path: &str) {
        for (number, property) in (1..).zip(properties) {
            let key = format!("{path}property.{number}");
            if let Some(column) = &property.column {
                self.columns.insert(column.clone(), key.clone());
            }
            for (name, column) in property.columns.iter().flatten() {
                self.take_group(column, &format!("{key}.columns.{name}"));
            }
            self.properties.insert(property.name.clone(), key);
        }
        for (number, navigation) in (1..).zip(navigations) {
            self.navigations.insert(navigation.name.clone(), format!("{path}navigation.{number}"));
        }
    }

    fn take_group(&mut self, column: &ColumnName, key: &str) {
        match column {
            ColumnName::One(column) => {
                self.columns.insert(column.clone(), key.to_owned());
            }
            ColumnName::Group(group) => {
                for (name, column) in group {
                    self.take_group(column, &format!("{key}.{name}"));
                }
            }
        }
    }
}
