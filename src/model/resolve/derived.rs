//! Resolves `[[derived]]`: the types that share a table, and the values of the discriminator that tell them apart.

use super::entity::column_named;
use super::names::check_identifier;
use super::structure::Columns;
use super::value_type::value_of;
use crate::edm::Value;
use crate::model::raw::{self, Report, nearest};
use crate::model::{DerivedId, DerivedType, EntityType, PropertyId};

/// Takes the properties of all derived types; what belongs to the discriminator is left for [`finish`].
pub(super) fn types(
    entity: &raw::Entity,
    columns: &mut Columns<'_>,
    file: &str,
    report: &mut Report,
) -> Vec<DerivedType> {
    let mut types: Vec<DerivedType> = Vec::with_capacity(entity.derived.len());
    for (number, derived) in (1_u16..).zip(&entity.derived) {
        let path = format!("derived.{number}.");
        check_identifier(&derived.name, file, &format!("{path}name"), report);
        let base = derived.base.as_deref().filter(|base| *base != entity.entity_type).and_then(|base| {
            let place = types.iter().position(|known| known.name == base);
            if place.is_none() {
                let later = entity.derived.iter().any(|other| other.name == base);
                let names = types.iter().map(|known| known.name.as_str()).chain([entity.entity_type.as_str()]);
                let right = match nearest(base, names) {
                    _ if later => "a base stands before the types derived from it".to_owned(),
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name the type of the file or a derived type of it".to_owned(),
                };
                report.add(file, format!("{path}base"), format!("type `{base}` is no base here"), right);
            }
            place.and_then(|place| u16::try_from(place).ok()).map(DerivedId)
        });
        let structure = columns.take(&derived.properties, Some(DerivedId(number - 1)), &path, report);
        types.push(DerivedType {
            name: derived.name.clone(),
            base,
            values: Vec::new(),
            is_abstract: derived.is_abstract.unwrap_or(false),
            structure,
            description: derived.description.clone(),
        });
    }
    types
}

/// Finds the discriminator and its values, once all properties are known.
pub(super) fn finish(
    entity: &raw::Entity,
    resolved: &mut EntityType,
    columns: &Columns<'_>,
    file: &str,
    report: &mut Report,
) {
    match (&entity.discriminator, entity.derived.is_empty()) {
        (None, true) => {}
        (Some(_), true) => {
            let wrong = "a discriminator is named, and no type is derived";
            report.add(file, "discriminator", wrong, "leave it out, or add `[[derived]]`");
        }
        (None, false) => {
            let wrong = "types are derived, and nothing tells them apart";
            report.add(file, "discriminator", wrong, "name the property that holds the kind of a row");
        }
        (Some(name), false) => {
            let found = column_named(resolved, name, file, "discriminator", report);
            if found.is_some_and(|(_, property)| property.cut.is_some()) {
                let wrong = format!("`{name}` is cut, and tells the kind of a row");
                report.add(file, "discriminator", wrong, "leave `cut` out");
            }
            resolved.discriminator = found.map(|(id, _)| id);
        }
    }
    resolved.is_abstract = entity.is_abstract.unwrap_or(false);
    if resolved.is_abstract && entity.derived.is_empty() {
        let wrong = "the type is abstract, and no type is derived";
        report.add(file, "abstract", wrong, "leave it out, or add `[[derived]]`");
    }
    let mut seen: Vec<(Value, &str)> = Vec::new();
    for (place, derived) in entity.derived.iter().enumerate() {
        let key = format!("derived.{}.values", place + 1);
        let values = derived.values.as_deref().unwrap_or_default();
        if derived.is_abstract == Some(true) {
            if derived.values.is_some() {
                let wrong = format!("`{}` is abstract, and rows are declared to be exactly of it", derived.name);
                report.add(file, key, wrong, "leave one of them out");
            }
            continue;
        }
        if values.is_empty() {
            let wrong = format!("nothing tells which rows are of type `{}`", derived.name);
            report.add(file, &*key, wrong, "add the values of the discriminator: `values = [\"…\"]`");
        }
        let Some(discriminator) = resolved.discriminator else { continue };
        let values = discriminated(resolved, discriminator, values, columns, file, &key, report);
        for value in &values {
            if let Some((_, other)) = seen.iter().find(|(known, _)| known == value) {
                let wrong = format!("a value stands for `{other}` and for `{}`", derived.name);
                report.add(file, &*key, wrong, "each value stands for one type");
            }
            seen.push((value.clone(), &derived.name));
        }
        resolved.derived.iter_mut().skip(place).take(1).for_each(|it| it.values.clone_from(&values));
    }
}

fn discriminated(
    resolved: &EntityType,
    discriminator: PropertyId,
    values: &[raw::FreeValue],
    columns: &Columns<'_>,
    file: &str,
    key: &str,
    report: &mut Report,
) -> Vec<Value> {
    let Some(property) = resolved.property(discriminator) else { return Vec::new() };
    let mut known = Vec::with_capacity(values.len());
    for (number, value) in (1..).zip(values) {
        if let Some(value) =
            value_of(value, property, &columns.declared.enums).filter(|_| property.collection.is_none())
        {
            known.push(value);
        } else {
            let wrong = format!("value {number} is none that `{}` holds", property.name);
            report.add(file, key, wrong, format!("it is of type {}", property.scalar));
        }
    }
    known
}
