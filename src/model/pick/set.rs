//! Owns what becomes of one set that is picked: its names, what of its type is published, and what clients may do with
//! it.

use std::collections::{HashMap, HashSet};

use super::Picked;
use crate::model::raw::{PickedSet, Report, nearest};
use crate::model::resolve::names::{Seen, check_identifier};
use crate::model::resolve::service::{PAGE_ROWS_MAX, bounded};
use crate::model::{
    DefaultFilter, EntityType, Member, Model, Navigation, NavigationId, PropertyId, SearchIndex, SetId,
};

/// Where a set stands in the file of the pick.
pub(super) struct Place<'a> {
    file: &'a str,
    number: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(file: &'a str, number: usize) -> Self {
        Place { file, number }
    }

    fn key(&self, key: &str) -> String {
        format!("set.{}.{key}", self.number)
    }

    fn add(&self, key: &str, wrong: impl Into<String>, right: impl Into<String>, report: &mut Report) {
        report.add(self.file, self.key(key), wrong, right);
    }
}

/// Hides the navigation properties that lead out of what is picked.
pub(super) fn links(picked: &Picked<'_>, model: &mut Model) {
    for entity_type in &mut model.types {
        for navigation in &mut entity_type.navigations {
            navigation.hidden |= !picked.contains_key(&navigation.target);
        }
    }
}

/// Publishes a set as the file says.
pub(super) fn picked(id: SetId, said: &PickedSet, place: &Place<'_>, model: &mut Model, report: &mut Report) {
    let index = usize::try_from(id.0).unwrap_or(usize::MAX);
    let Some(set) = model.sets.get_mut(index) else { return };
    if let Some(name) = &said.published {
        check_identifier(name, place.file, &place.key("as"), report);
        set.name.clone_from(name);
    }
    set.filter = said.filter.as_ref().map(|text| DefaultFilter {
        text: text.clone(),
        file: place.file.to_owned(),
        key: place.key("filter"),
    });
    if let Some(rows) = bounded(said.page_rows_max, 1, PAGE_ROWS_MAX, place.file, &place.key("page_rows_max"), report) {
        if rows > set.page_rows_max {
            let wrong = format!("a page of {rows} rows is larger than the folders allow");
            place.add("page_rows_max", wrong, format!("it is at most {}", set.page_rows_max), report);
        }
        set.page_rows_max = rows;
    }
    for (key, given, is_on) in
        [("countable", said.countable, &mut set.countable), ("searchable", said.searchable, &mut set.searchable)]
    {
        if given == Some(true) && !*is_on {
            let wrong = format!("`{key}` is off in the folders");
            place.add(key, wrong, "a pick takes away, it cannot allow more; leave it out", report);
        }
        *is_on &= given != Some(false);
    }
    let type_index = usize::try_from(set.entity_type.0).unwrap_or(usize::MAX);
    let Some(entity_type) = model.types.get_mut(type_index) else { return };
    if let Some(name) = &said.entity_type {
        check_identifier(name, place.file, &place.key("type"), report);
        entity_type.name.clone_from(name);
    }
    if said.description.is_some() {
        entity_type.description.clone_from(&said.description);
    }
    let was_searched = hide(entity_type, said, place, report);
    // An index also knows the words of what is hidden now; without it only what is published is searched.
    if was_searched && !matches!(set.search, None | Some(SearchIndex::Trigram { .. })) {
        set.search = None;
    }
    rename(entity_type, said, place, report);
    restrict(entity_type, said);
}

/// Takes what is not to be seen out of the type; whether something that `$search` looked into is among it.
fn hide(entity_type: &mut EntityType, said: &PickedSet, place: &Place<'_>, report: &mut Report) -> bool {
    let led_out = entity_type.navigations.iter().filter(|navigation| navigation.hidden);
    let led_out: Vec<String> = led_out.map(|navigation| navigation.name.clone()).collect();
    let known = names(entity_type).into_iter().map(str::to_owned).chain(led_out.iter().cloned());
    let known: Vec<String> = known.collect();
    let is_key = |name: &str| entity_type.key.iter().any(|id| name_of(entity_type, *id) == Some(name));
    let (key, listed) = match (&said.hide, &said.only) {
        (Some(_), Some(_)) => {
            place.add("only", "both `hide` and `only` are given", "say one of them", report);
            return false;
        }
        (Some(hide), None) => ("hide", hide),
        (None, Some(only)) => ("only", only),
        (None, None) => return false,
    };
    for name in listed {
        check_known(name, &known, key, place, report);
        if key == "only" && led_out.contains(name) {
            let wrong = format!("`{name}` leads to a set that is not picked");
            place.add("only", wrong, "pick that set too, or leave it out of `only`", report);
        }
        if key == "hide" && is_key(name) {
            let wrong = format!("`{name}` is part of the key, which every client needs");
            place.add("hide", wrong, "leave it out of `hide`", report);
        }
    }
    let hidden: HashSet<String> = match key {
        "hide" => listed.iter().filter(|name| !is_key(name)).cloned().collect(),
        _ => known.into_iter().filter(|name| !listed.contains(name) && !is_key(name)).collect(),
    };
    let mut leaves: Vec<PropertyId> = Vec::new();
    let properties: HashMap<PropertyId, String> =
        entity_type.property_ids().zip(entity_type.properties.iter().map(|it| it.name.clone())).collect();
    let mut keep = |member: &Member| {
        let name = match member {
            Member::Property(id) => properties.get(id),
            Member::Complex(complex) => Some(&complex.name),
        };
        let is_hidden = name.is_some_and(|name| hidden.contains(name));
        if is_hidden {
            member.push_leaves(&mut leaves);
        }
        !is_hidden
    };
    entity_type.structure.retain(&mut keep);
    entity_type.derived.iter_mut().for_each(|derived| derived.structure.retain(&mut keep));
    let mut was_searched = false;
    for id in &leaves {
        if let Some(property) = entity_type.properties.get_mut(usize::from(id.0)) {
            was_searched |= property.searchable;
            (property.hidden, property.searchable) = (true, false);
        }
    }
    for navigation in &mut entity_type.navigations {
        navigation.hidden |= hidden.contains(&navigation.name);
    }
    // What names a property that nobody sees is of no use.
    entity_type.etag = entity_type.etag.filter(|id| !leaves.contains(id));
    entity_type.alternate_keys.retain(|key| key.iter().all(|id| !leaves.contains(id)));
    was_searched
}

/// Gives properties and navigation properties their other names.
fn rename(entity_type: &mut EntityType, said: &PickedSet, place: &Place<'_>, report: &mut Report) {
    let known: Vec<String> = names(entity_type).into_iter().map(str::to_owned).collect();
    for (name, new) in &said.rename {
        let key = format!("rename.{name}");
        check_known(name, &known, &key, place, report);
        check_identifier(new, place.file, &place.key(&key), report);
    }
    let mut ids = Vec::new();
    let mut members = |member: &mut Member| match member {
        Member::Property(id) => ids.push(*id),
        Member::Complex(complex) => {
            if let Some(new) = said.rename.get(&complex.name) {
                complex.name.clone_from(new);
            }
        }
    };
    entity_type.structure.iter_mut().for_each(&mut members);
    entity_type.derived.iter_mut().flat_map(|derived| &mut derived.structure).for_each(&mut members);
    for id in ids {
        if let Some(property) = entity_type.properties.get_mut(usize::from(id.0))
            && let Some(new) = said.rename.get(&property.name)
        {
            property.name.clone_from(new);
        }
    }
    for navigation in entity_type.navigations.iter_mut().filter(|navigation| !navigation.hidden) {
        if let Some(new) = said.rename.get(&navigation.name) {
            navigation.name.clone_from(new);
        }
    }
    let old = |new: &str| said.rename.iter().find(|(_, it)| *it == new).map(|(old, _)| format!("rename.{old}"));
    let mut seen = Seen::new("property");
    for name in names(entity_type) {
        let key = old(name).unwrap_or_else(|| "rename".to_owned());
        seen.take(name, "this set".to_owned(), place.file, &place.key(&key), report);
    }
}

/// Takes options away.
fn restrict(entity_type: &mut EntityType, said: &PickedSet) {
    for property in &mut entity_type.properties {
        property.filterable &= said.filterable != Some(false);
        property.sortable &= said.sortable != Some(false);
    }
    for navigation in &mut entity_type.navigations {
        navigation.filterable &= said.filterable != Some(false);
        navigation.expandable &= said.expandable != Some(false);
    }
}

/// Reports navigation properties that are published while a property that they join was taken away: related rows would
/// tell it all the same.
pub(super) fn check_joins(picked: &Picked<'_>, base: &Model, model: &Model, file: &str, report: &mut Report) {
    let taken = |set: SetId, id: PropertyId| -> Option<&str> {
        let (before, after) = (base.type_of(set)?.property(id)?, model.type_of(set)?.property(id)?);
        (!before.hidden && after.hidden).then_some(before.name.as_str())
    };
    for (set, (number, said)) in picked {
        let navigations = model.type_of(*set).into_iter().flat_map(|it| &it.navigations).filter(|it| !it.hidden);
        for navigation in navigations {
            let (near, far) = ends(navigation);
            let near = near.into_iter().filter_map(|id| taken(*set, id)).map(|name| (*number, *said, name));
            let target = picked.get(&navigation.target);
            let far = far.into_iter().filter_map(|id| {
                let (number, said) = target?;
                Some((*number, *said, taken(navigation.target, id)?))
            });
            for (number, said, name) in near.chain(far) {
                let key = if said.hide.is_some() { "hide" } else { "only" };
                let wrong = format!("`{name}` is hidden, and `{}` joins it", navigation.name);
                let right = format!("publish `{name}`, or hide `{}` too", navigation.name);
                report.add(file, format!("set.{number}.{key}"), wrong, right);
            }
        }
    }
}

/// The properties that a navigation property joins: of its own type, and of the target.
fn ends(navigation: &Navigation) -> (Vec<PropertyId>, Vec<PropertyId>) {
    let joins = navigation.joins.iter().map(|join| (join.local, join.remote));
    let (mut near, mut far): (Vec<_>, Vec<_>) = joins.unzip();
    if let Some(link) = &navigation.link {
        near.extend(link.near.iter().map(|(_, id)| *id));
        far.extend(link.far.iter().map(|(_, id)| *id));
    }
    (near, far)
}

/// Where a way back is not published, there is no partner.
pub(super) fn partners(model: &mut Model) {
    let hidden: Vec<Vec<bool>> =
        model.types.iter().map(|it| it.navigations.iter().map(|navigation| navigation.hidden).collect()).collect();
    let types: Vec<usize> =
        model.sets.iter().map(|set| usize::try_from(set.entity_type.0).unwrap_or(usize::MAX)).collect();
    for navigation in model.types.iter_mut().flat_map(|it| &mut it.navigations) {
        let target = usize::try_from(navigation.target.0).ok().and_then(|index| types.get(index));
        let is_hidden = |id: &NavigationId| hidden.get(*target?)?.get(usize::from(id.0)).copied();
        navigation.partner = navigation.partner.filter(|id| is_hidden(id) == Some(false));
    }
}

fn check_known(name: &str, known: &[String], key: &str, place: &Place<'_>, report: &mut Report) {
    if known.iter().any(|it| it == name) {
        return;
    }
    let right = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name what the set publishes".to_owned(),
    };
    place.add(key, format!("the set publishes no `{name}`"), right, report);
}

fn name_of(entity_type: &EntityType, id: PropertyId) -> Option<&str> {
    entity_type.property(id).map(|property| property.name.as_str())
}

/// The names of all that a type and its derived types publish.
pub(super) fn names(entity_type: &EntityType) -> Vec<&str> {
    let derived = entity_type.derived.iter().flat_map(|derived| &derived.structure);
    let members = entity_type.structure.iter().chain(derived).filter_map(|member| match member {
        Member::Property(id) => name_of(entity_type, *id),
        Member::Complex(complex) => Some(complex.name.as_str()),
    });
    let navigations = entity_type.navigations.iter().filter(|it| !it.hidden).map(|it| it.name.as_str());
    members.chain(navigations).collect()
}
