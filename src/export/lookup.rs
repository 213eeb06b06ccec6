//! Turns fields into lookups: external ones where `$metadata` has a referential constraint on the key of another set of
//! the project, as *Validate and Sync* does; plain and indirect ones where the metadata file declares them.

use std::collections::{HashMap, HashSet};

use crate::model::{EntityType, Model, Navigation, PropertyId, SetId};

use super::Note;
use super::field::{Field, Kind, Relation};
use super::object::Object;
use super::rules::{self, LOOKUPS_MAX, NAME_MAX};

/// A lookup that was found.
struct Found {
    /// The place of the object, and of its field.
    object: usize,
    field: usize,
    /// The parent with its ending.
    parent: String,
    kind: Wanted,
}

enum Wanted {
    External { length: u32 },
    Plain,
    Indirect { length: u32, field: String },
}

/// Makes lookups of all fields that can be ones.
pub(super) fn connect(model: &Model, objects: &mut [Object<'_>], notes: &mut Vec<Note>) {
    let names: HashMap<SetId, String> = objects.iter().map(|object| (object.id, object.api_name())).collect();
    let mut found = Vec::new();
    for (place, object) in objects.iter().enumerate() {
        let mut own = declared(place, object);
        navigated(place, object, model, &names, &mut own, notes);
        for left in own.split_off(own.len().min(LOOKUPS_MAX)) {
            let text = format!("no lookup: an object has at most {LOOKUPS_MAX}");
            notes.extend(about(object, left.field).map(|about| Note { about, text: text.clone() }));
        }
        found.extend(own);
    }
    for object in objects.iter() {
        one_sided(object, objects, &names, &found, notes);
    }
    // How often each object leads to each parent, and the names of the ways back that are taken.
    let mut ways: HashMap<(usize, String), usize> = HashMap::new();
    for lookup in &found {
        *ways.entry((lookup.object, lookup.parent.clone())).or_default() += 1;
    }
    let mut taken: HashSet<(String, String)> = HashSet::new();
    for Found { object, field, parent, kind } in found {
        let is_only = ways.get(&(object, parent.clone())) == Some(&1);
        let Some(object) = objects.get_mut(object) else { continue };
        let label = object.label().to_owned();
        let child = object.name.clone();
        let Some(field) = object.fields.get_mut(field) else { continue };
        let name = way_back(&child, &field.name, is_only, &parent, &mut taken);
        let to = Relation { parent, name, label };
        field.kind = match kind {
            Wanted::External { length } => Kind::External { length, to },
            Wanted::Plain => Kind::Plain { to },
            Wanted::Indirect { length, field } => Kind::Indirect { length, field, to },
        };
    }
}

fn about(object: &Object<'_>, field: usize) -> Option<String> {
    object.fields.get(field).map(|field| format!("{}/{}", object.set.name, field.property.name))
}

/// A name for the related list that no other of the parent has.
fn way_back(child: &str, field: &str, is_only: bool, parent: &str, taken: &mut HashSet<(String, String)>) -> String {
    let long = format!("{child}_{field}");
    let first = if is_only { child } else { &long };
    let mut name = rules::mended(first);
    let mut number = 2;
    while !taken.insert((parent.to_owned(), rules::folded(&name))) {
        let ending = format!("_{number}");
        let mut base = rules::mended(&long);
        base.truncate(NAME_MAX - ending.len());
        name = format!("{}{ending}", base.trim_end_matches('_'));
        number += 1;
    }
    name
}

/// What the metadata file declares.
fn declared(place: usize, object: &Object<'_>) -> Vec<Found> {
    let of = |(field, it): (usize, &Field<'_>)| {
        let lookup = it.property.salesforce.as_deref()?;
        let kind = match &lookup.external_id {
            None => Wanted::Plain,
            Some(field) => Wanted::Indirect { length: Kind::lookup_length(it.property)?, field: field.clone() },
        };
        Some(Found { object: place, field, parent: lookup.object.clone(), kind })
    };
    object.fields.iter().enumerate().filter_map(of).collect()
}

/// What navigation properties say.
fn navigated(
    place: usize,
    object: &Object<'_>,
    model: &Model,
    names: &HashMap<SetId, String>,
    found: &mut Vec<Found>,
    notes: &mut Vec<Note>,
) {
    let own = object.entity_type.published_navigations().filter(|it| it.declared_by.is_none() && !it.collection);
    for navigation in own {
        let outcome = one(object, navigation, model, names).and_then(|(field, parent, length)| {
            if found.iter().any(|other| other.field == field) {
                return Err("its property is a lookup already".to_owned());
            }
            Ok(Found { object: place, field, parent, kind: Wanted::External { length } })
        });
        match outcome {
            Ok(lookup) => found.push(lookup),
            Err(why) => {
                let about = format!("{}/{}", object.set.name, navigation.name);
                notes.push(Note { about, text: format!("no lookup: {why}") });
            }
        }
    }
}

/// Ways to many rows that nothing leads back from: a related list is made by the lookup on its other end.
fn one_sided(
    object: &Object<'_>,
    objects: &[Object<'_>],
    names: &HashMap<SetId, String>,
    found: &[Found],
    notes: &mut Vec<Note>,
) {
    let ways = object.entity_type.published_navigations();
    for way in ways.filter(|it| it.collection && it.partner.is_none() && it.declared_by.is_none()) {
        let ([join], Some(parent)) = (way.joins.as_slice(), names.get(&object.id)) else { continue };
        let child = objects.iter().enumerate().find(|(_, child)| child.id == way.target);
        let Some((place, child)) = child.filter(|_| object.entity_type.key == [join.local]) else { continue };
        let field = field_of(child, join.remote);
        if !found.iter().any(|it| it.object == place && Some(it.field) == field && it.parent == *parent) {
            let about = format!("{}/{}", object.set.name, way.name);
            let child = &child.set.name;
            let text = format!("no related list: it comes with a lookup, so give `{child}` a navigation to one row");
            notes.push(Note { about, text });
        }
    }
}

/// The field of a navigation property, the object to which it leads, and the length of a lookup; or why there is none.
fn one(
    object: &Object<'_>,
    navigation: &Navigation,
    model: &Model,
    names: &HashMap<SetId, String>,
) -> Result<(usize, String, u32), String> {
    let target = model.type_of(navigation.target).ok_or("its target does not exist")?;
    let parent = names.get(&navigation.target).ok_or("its target is not part of the project")?;
    let [join] = navigation.joins.as_slice() else {
        return Err("it joins several properties, and a lookup holds one".to_owned());
    };
    if target.key != [join.remote] {
        return Err("it does not lead to the key of its target, which would be the external ID".to_owned());
    }
    let field = field_of(object, join.local).ok_or("the property that it joins is not published as a field")?;
    if !navigation.is_constraint(object.entity_type, target) {
        return Err("$metadata has no referential constraint for it: types and `nullable` must agree".to_owned());
    }
    let property = object.entity_type.property(join.local).ok_or("its property does not exist")?;
    if !property.filterable {
        return Err("its property is `filterable = false`, and a related list is a filter".to_owned());
    }
    let length = Kind::lookup_length(property).ok_or("no lookup holds values of its type")?;
    Ok((field, parent.clone(), length))
}

fn field_of(object: &Object<'_>, id: PropertyId) -> Option<usize> {
    let entity_type: &EntityType = object.entity_type;
    let property = entity_type.property(id)?;
    object.fields.iter().position(|field| std::ptr::eq(field.property, property))
}
