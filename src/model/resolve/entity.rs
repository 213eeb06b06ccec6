//! Resolves one entity type file by itself: names, properties with their facets, derived types, keys and `ETag`.

use super::derived;
use super::names::{Seen, check_database_name, check_identifier};
use super::structure::Columns;
use super::types::Declared;
use super::value_type::not_comparable;
use super::written::{check_query, text_for};
use crate::edm::Scalar;
use crate::model::raw::{self, Report, nearest};
use crate::model::{EntityType, Family, Media, Property, PropertyId, Table};

/// Most properties of a type: ids are `u16`.
const PROPERTIES_MAX: usize = u16::MAX as usize;

/// Resolves everything but the navigation properties, which need the other types.
pub(super) fn entity_type(
    entity: &raw::Entity,
    declared: &Declared,
    family: Option<Family>,
    file: &str,
    report: &mut Report,
) -> EntityType {
    match (&entity.set, &entity.singleton) {
        (Some(_), Some(_)) => {
            let wrong = "both a set and a singleton are named";
            report.add(file, "singleton", wrong, "a file describes one of them");
        }
        (Some(name), None) => check_identifier(name, file, "set", report),
        (None, Some(name)) => check_identifier(name, file, "singleton", report),
        // Reported when the file was read.
        (None, None) => {}
    }
    check_identifier(&entity.entity_type, file, "type", report);
    check_rows(entity, family, file, report);
    if let Some(schema) = &entity.schema {
        check_database_name(schema, file, "schema", report);
    }
    check_counts(entity, file, report);
    check_member_names(entity, file, report);

    let mut columns = Columns::new(declared, family, file);
    let structure = columns.take(&entity.properties, None, "", report);
    let derived = derived::types(entity, &mut columns, file, report);
    let content = entity.media.as_ref().and_then(|media| columns.media(media, report));
    columns.finish_streams(&entity.entity_type, report);
    if columns.properties.len() > PROPERTIES_MAX && entity.properties.len() <= PROPERTIES_MAX {
        let wrong = format!("type `{}` has {} columns", entity.entity_type, columns.properties.len());
        report.add(file, "property", wrong, format!("a type has at most {PROPERTIES_MAX}"));
    }
    let media = content.and_then(|content| {
        let content_type = columns.properties.get(usize::from(content.0))?.content_type.clone()?;
        Some(Media { content, content_type })
    });
    let mut resolved = EntityType {
        name: entity.entity_type.clone(),
        key: Vec::new(),
        properties: std::mem::take(&mut columns.properties),
        structure,
        navigations: Vec::new(),
        etag: None,
        alternate_keys: Vec::new(),
        derived,
        discriminator: None,
        is_abstract: false,
        media,
        description: entity.description.clone(),
    };
    derived::finish(entity, &mut resolved, &columns, file, report);
    if entity.key.is_empty() {
        report.add(file, "key", "the key is empty", "name the properties that identify a row");
    }
    resolved.key = resolve_key(&entity.key, true, &resolved, file, "key", report);
    for (number, names) in (1..).zip(entity.alternate_keys.as_deref().unwrap_or_default()) {
        let key = format!("alternate_keys.{number}");
        if names.is_empty() {
            report.add(file, &*key, "the key is empty", "name the properties that identify a row");
        }
        let ids = resolve_key(names, false, &resolved, file, &key, report);
        if ids == resolved.key && !ids.is_empty() {
            report.add(file, &*key, "an alternate key is the key itself", "leave it out");
        }
        resolved.alternate_keys.push(ids);
    }
    resolved.etag = entity.etag.as_ref().and_then(|name| {
        let (id, property) = property_named(&resolved, name, file, "etag", report)?;
        if property.collection.is_some() || property.scalar == Scalar::Stream || property.cut.is_some() {
            let wrong = format!("`{name}` cannot be the ETag");
            let right = "collections, streams and texts that are cut are not read whole with every entity";
            report.add(file, "etag", wrong, right);
        }
        Some(id)
    });
    resolved
}

/// Checks where the rows lie: in a table or in what a query gives.
fn check_rows(entity: &raw::Entity, family: Option<Family>, file: &str, report: &mut Report) {
    if let Some(table) = &entity.table {
        check_database_name(table, file, "table", report);
    }
    let Some(query) = &entity.query else { return };
    if let Some(text) = text_for(query, family, (file, "query", "query"), report) {
        check_query(text, family, file, report);
    }
    for (key, given) in [("table", entity.table.is_some()), ("schema", entity.schema.is_some())] {
        if given {
            report.add(file, key, format!("`{key}` does not go with a query"), "leave one of them out");
        }
    }
    if entity.search.as_ref().is_some_and(|search| search.mysql.is_some()) {
        let wrong = "a FULLTEXT index serves its own table, and the rows are those of a query";
        report.add(file, "search.mysql", wrong, "leave it out");
    }
    if entity.cache.as_ref().is_some_and(|cache| cache.probe_statistics == Some(true)) {
        let wrong = "a query has no statistics";
        report.add(file, "cache.probe_statistics", wrong, "leave it out; `notify` or `probe_property` tell of changes");
    }
}

/// Where the rows of a set lie.
pub(super) fn table(entity: &raw::Entity, family: Option<Family>) -> Table {
    let text = entity.query.as_ref().and_then(|query| text_for(query, family, ("", "", ""), &mut Report::default()));
    match text {
        Some(query) => Table::of_query(query),
        None => Table::new(entity.schema.as_deref(), entity.table.as_deref().unwrap_or_default()),
    }
}

fn check_counts(entity: &raw::Entity, file: &str, report: &mut Report) {
    let counts = [
        ("property", entity.properties.len()),
        ("navigation", entity.navigations.len()),
        ("derived", entity.derived.len()),
    ];
    for (what, count) in counts.into_iter().filter(|(_, count)| *count > PROPERTIES_MAX) {
        let wrong = format!("type `{}` has {count} tables `{what}`", entity.entity_type);
        report.add(file, what, wrong, format!("a type has at most {PROPERTIES_MAX}"));
    }
    if entity.properties.is_empty() {
        let wrong = format!("type `{}` has no property", entity.entity_type);
        report.add(file, "property", wrong, "add a `[[property]]` for each column to publish");
    }
}

/// Looks a published property of the type itself up, or reports that there is none.
pub(super) fn property_named<'a>(
    entity_type: &'a EntityType,
    name: &str,
    file: &str,
    key: &str,
    report: &mut Report,
) -> Option<(PropertyId, &'a Property)> {
    let found = entity_type.property_named(name);
    if found.is_none() {
        report_unknown(entity_type, name, file, key, report);
    }
    found
}

/// The same, hidden properties among them.
pub(super) fn column_named<'a>(
    entity_type: &'a EntityType,
    name: &str,
    file: &str,
    key: &str,
    report: &mut Report,
) -> Option<(PropertyId, &'a Property)> {
    let hidden = || {
        let ids = entity_type.property_ids().zip(&entity_type.properties);
        ids.into_iter().find(|(_, it)| it.hidden && it.declared_by.is_none() && it.name == name)
    };
    let found = entity_type.property_named(name).or_else(hidden);
    if found.is_none() {
        report_unknown(entity_type, name, file, key, report);
    }
    found
}

fn report_unknown(entity_type: &EntityType, name: &str, file: &str, key: &str, report: &mut Report) {
    let right = match nearest(name, entity_type.properties.iter().map(|property| property.name.as_str())) {
        Some(near) if near != name => format!("did you mean `{near}`?"),
        _ => "name one of its properties".to_owned(),
    };
    report.add(file, key, format!("type `{}` has no property `{name}`", entity_type.name), right);
}

/// Properties and navigation properties of a type and of all types derived from it share one scope of names.
fn check_member_names(entity: &raw::Entity, file: &str, report: &mut Report) {
    let mut names = Seen::new("property");
    let own = (&*entity.properties, &*entity.navigations, String::new());
    let derived = (1..)
        .zip(&entity.derived)
        .map(|(number, derived)| (&*derived.properties, &*derived.navigations, format!("derived.{number}.")));
    for (properties, navigations, path) in std::iter::once(own).chain(derived) {
        let properties = properties.iter().map(|property| ("property", property.name.as_str()));
        let navigations = navigations.iter().map(|navigation| ("navigation", navigation.name.as_str()));
        for (number, (table, name)) in (1..).zip(properties).chain((1..).zip(navigations)) {
            let place = format!("{path}{table}.{number}");
            let key = format!("{place}.name");
            check_identifier(name, file, &key, report);
            names.take(name, place, file, &key, report);
        }
    }
}

fn resolve_key(
    names: &[String],
    primary: bool,
    resolved: &EntityType,
    file: &str,
    place: &str,
    report: &mut Report,
) -> Vec<PropertyId> {
    let mut key = Vec::new();
    for name in names {
        let Some((id, property)) = property_named(resolved, name, file, place, report) else { continue };
        if key.contains(&id) {
            report.add(file, place, format!("key property `{name}` is named twice"), "name each once");
            continue;
        }
        if primary && property.nullable {
            let wrong = format!("key property `{name}` is nullable");
            report.add(file, place, wrong, format!("set `nullable = false` on `{name}`, or choose another key"));
        }
        if let Some(what) = not_comparable(property) {
            let wrong = format!("key property `{name}` is of type {}", property.scalar);
            report.add(file, place, wrong, format!("{what} cannot identify a row; choose another key"));
        }
        key.push(id);
    }
    key
}
