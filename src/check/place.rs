//! Owns where things stand in the metadata files: the key of a property by its column, of a navigation by its name.

use std::collections::HashMap;

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
