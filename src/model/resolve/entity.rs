//! Resolves one entity type file by itself: names, properties with their facets, key and `ETag`.

use std::collections::HashSet;

use super::names::{Seen, check_database_name, check_identifier};
use super::service::bounded;
use crate::edm::Scalar;
use crate::model::raw::{self, Primitive, Report, nearest};
use crate::model::{EntityType, Member, Property, PropertyId};

/// Most digits of a decimal: the limit of MySQL and MariaDB; PostgreSQL and the decimals of this program take more.
const DECIMAL_DIGITS_MAX: u16 = 65;

/// Most fractional digits of the second: instants are counted in microseconds.
const SECOND_DIGITS_MAX: u8 = 6;

/// Most properties of a type: ids are `u16`.
const PROPERTIES_MAX: usize = u16::MAX as usize;

/// Resolves everything but the navigation properties, which need the other types.
pub(super) fn entity_type(entity: &raw::Entity, file: &str, report: &mut Report) -> EntityType {
    check_identifier(&entity.set, file, "set", report);
    check_identifier(&entity.entity_type, file, "type", report);
    check_database_name(&entity.table, file, "table", report);
    if let Some(schema) = &entity.schema {
        check_database_name(schema, file, "schema", report);
    }
    for (what, count) in [("property", entity.properties.len()), ("navigation", entity.navigations.len())] {
        if count > PROPERTIES_MAX {
            let wrong = format!("type `{}` has {count} tables `{what}`", entity.entity_type);
            report.add(file, what, wrong, format!("a type has at most {PROPERTIES_MAX}"));
        }
    }
    if entity.properties.is_empty() {
        let wrong = format!("type `{}` has no property", entity.entity_type);
        report.add(file, "property", wrong, "add a `[[property]]` for each column to publish");
    }
    check_member_names(entity, file, report);
    let properties = (1..)
        .zip(&entity.properties)
        .map(|(number, property)| resolve_property(property, file, &format!("property.{number}"), report))
        .collect::<Vec<_>>();
    let structure = (0..=u16::MAX).zip(&properties).map(|(place, _)| Member::Property(PropertyId(place))).collect();
    let mut resolved = EntityType {
        name: entity.entity_type.clone(),
        key: Vec::new(),
        properties,
        structure,
        navigations: Vec::new(),
        etag: None,
        alternate_keys: Vec::new(),
        derived: Vec::new(),
        discriminator: None,
        is_abstract: false,
        media: None,
        description: entity.description.clone(),
    };
    resolved.key = resolve_key(entity, &resolved, file, report);
    resolved.etag =
        entity.etag.as_ref().and_then(|name| property_named(&resolved, name, file, "etag", report)).map(|(id, _)| id);
    resolved
}

/// Looks a property up, or reports that the type does not have it.
pub(super) fn property_named<'a>(
    entity_type: &'a EntityType,
    name: &str,
    file: &str,
    key: &str,
    report: &mut Report,
) -> Option<(PropertyId, &'a Property)> {
    let found = entity_type.property_named(name);
    if found.is_none() {
        let right = match nearest(name, entity_type.properties.iter().map(|property| property.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name one of its properties".to_owned(),
        };
        report.add(file, key, format!("type `{}` has no property `{name}`", entity_type.name), right);
    }
    found
}

/// Properties and navigation properties of a type share one scope of names.
fn check_member_names(entity: &raw::Entity, file: &str, report: &mut Report) {
    let mut names = Seen::new("property");
    let properties = entity.properties.iter().map(|property| ("property", property.name.as_str()));
    let navigations = entity.navigations.iter().map(|navigation| ("navigation", navigation.name.as_str()));
    for (number, (table, name)) in (1..).zip(properties).chain((1..).zip(navigations)) {
        let place = format!("{table}.{number}");
        let key = format!("{place}.name");
        check_identifier(name, file, &key, report);
        names.take(name, place, file, &key, report);
    }
    // The database decides whether letter case tells columns apart, so only equal spelling is surely a mistake.
    let mut columns = HashSet::new();
    for (number, property) in (1..).zip(&entity.properties) {
        let key = format!("property.{number}.column");
        check_database_name(&property.column, file, &key, report);
        if !columns.insert(property.column.as_str()) {
            let wrong = format!("column `{}` already belongs to another property", property.column);
            report.add(file, key, wrong, "publish each column once");
        }
    }
}

fn resolve_property(property: &raw::Property, file: &str, path: &str, report: &mut Report) -> Property {
    let text = property.primitive == Primitive::String;
    let decimal = property.primitive == Primitive::Decimal;
    let instant = property.primitive == Primitive::DateTimeOffset;
    let facets = [
        ("max_length", property.max_length.is_some(), text, "String"),
        ("precision", property.precision.is_some(), decimal || instant, "Decimal and DateTimeOffset"),
        ("scale", property.scale.is_some(), decimal, "Decimal"),
        ("searchable", property.searchable.is_some(), text, "String"),
        ("collation", property.collation.is_some(), text, "String"),
    ];
    for (facet, _, _, types) in facets.into_iter().filter(|(_, given, allowed, _)| *given && !*allowed) {
        let wrong = format!("`{facet}` does not go with type {:?}", property.primitive);
        report.add(file, format!("{path}.{facet}"), wrong, format!("it belongs to {types}; leave it out"));
    }
    Property {
        nullable: property.nullable.unwrap_or(true),
        searchable: text && property.searchable.unwrap_or(true),
        folding: text && property.collation == Some(raw::Collation::Folding),
        description: property.description.clone(),
        ..Property::new(&property.name, &property.column, scalar(property, file, path, report))
    }
}

fn scalar(property: &raw::Property, file: &str, path: &str, report: &mut Report) -> Scalar {
    let (max_length, precision, scale) =
        (format!("{path}.max_length"), format!("{path}.precision"), format!("{path}.scale"));
    match property.primitive {
        Primitive::Boolean => Scalar::Boolean,
        Primitive::Byte => Scalar::Byte,
        Primitive::SByte => Scalar::SByte,
        Primitive::Int16 => Scalar::Int16,
        Primitive::Int32 => Scalar::Int32,
        Primitive::Int64 => Scalar::Int64,
        Primitive::Single => Scalar::Single,
        Primitive::Double => Scalar::Double,
        Primitive::Guid => Scalar::Guid,
        Primitive::Date => Scalar::Date,
        Primitive::String => {
            Scalar::String { max_length: bounded(property.max_length, 1, u32::MAX, file, &max_length, report) }
        }
        Primitive::DateTimeOffset => {
            let digits = bounded(property.precision, 0, SECOND_DIGITS_MAX, file, &precision, report);
            Scalar::DateTimeOffset { precision: digits.unwrap_or(SECOND_DIGITS_MAX) }
        }
        Primitive::Decimal => {
            let digits = bounded(property.precision, 1, DECIMAL_DIGITS_MAX, file, &precision, report);
            let fraction = bounded(property.scale, 0, DECIMAL_DIGITS_MAX, file, &scale, report);
            if let (Some(digits), Some(fraction)) = (digits, fraction)
                && fraction > digits
            {
                let wrong = format!("scale {fraction} is greater than precision {digits}");
                report.add(file, scale, wrong, "precision counts all digits, scale those right of the point");
            }
            Scalar::Decimal { precision: digits, scale: fraction }
        }
    }
}

fn resolve_key(entity: &raw::Entity, resolved: &EntityType, file: &str, report: &mut Report) -> Vec<PropertyId> {
    if entity.key.is_empty() {
        report.add(file, "key", "the key is empty", "name the properties that identify a row");
    }
    let mut key = Vec::new();
    for name in &entity.key {
        let Some((id, property)) = property_named(resolved, name, file, "key", report) else { continue };
        if key.contains(&id) {
            report.add(file, "key", format!("key property `{name}` is named twice"), "name each once");
            continue;
        }
        if property.nullable {
            let wrong = format!("key property `{name}` is nullable");
            report.add(file, "key", wrong, format!("set `nullable = false` on `{name}`, or choose another key"));
        }
        if matches!(property.scalar, Scalar::Single | Scalar::Double) {
            let wrong = format!("key property `{name}` is of type {}", property.scalar);
            report.add(file, "key", wrong, "floating-point numbers cannot identify a row; choose another key");
        }
        key.push(id);
    }
    key
}
