//! Owns context URLs (OData 4.01 Part 1, section 10).

use std::fmt::Write as _;

use crate::model::{DerivedId, EntitySet, EntityType, Exposure, Member, Model, PropertyId, Returns, ValueType};
use crate::query::{Aggregate, Answer, Expanded, Expansion, Expr, Key, Read, Shape, Via};

use super::Version;
use super::key::write_key;

/// What a context URL of a dozen names takes beside the root.
const URL_ROOM: usize = 192;

/// The context URL of an answer. `root` is the absolute service root with its slash.
pub fn context(read: &Read, model: &Model, version: Version, root: &str) -> String {
    let mut url = String::with_capacity(root.len() + URL_ROOM);
    url.push_str(root);
    url.push_str("$metadata#");
    let (Some(set), Some(entity_type)) = (model.set(read.set), model.type_of(read.set)) else {
        return url;
    };
    if let Some(all) = read.all {
        let derived = read.of.and_then(|of| entity_type.derived_type(of));
        let name = derived.map_or(&entity_type.name, |derived| &derived.name);
        let space = if all.typed { model.namespace.as_str() } else { "Edm" };
        let _ = write!(url, "Collection({space}.{})", if all.typed { name } else { "EntityType" });
        push_shape(&read.shape, (entity_type, read.of), model, version, &mut url);
        return url;
    }
    match read.answer {
        Answer::Property(id) if read.shape.items_of(id).is_some_and(|items| items.place.is_some()) => {
            let property = entity_type.property(id);
            let value_type = property.map(|it| ValueType { scalar: it.scalar, enumeration: it.enumeration });
            return value_type.map_or(url, |value_type| of_result(model, value_type, false, root));
        }
        Answer::Each => {
            if let Some(value_type) = each(read, model) {
                return of_result(model, value_type, true, root);
            }
        }
        Answer::Reference => url.push_str("$ref"),
        Answer::References => url.push_str("Collection($ref)"),
        Answer::Property(id) | Answer::RawValue(id) | Answer::Stream(id) | Answer::Items(id) => {
            push_entity(read, model, &mut url);
            push_names(&entity_type.path_to(id), &mut url);
        }
        Answer::Complex(leaf, levels) => {
            push_entity(read, model, &mut url);
            let names = entity_type.path_to(leaf);
            push_names(names.get(..usize::from(levels)).unwrap_or_default(), &mut url);
            push_selection(&read.shape, entity_type, &mut url);
        }
        Answer::Collection | Answer::Entity | Answer::Count => {
            push_resource(&read.via, set, model, &mut url);
            push_cast(model, entity_type, read.of, &mut url);
            push_shape(&read.shape, (entity_type, read.of), model, version, &mut url);
            let is_single = matches!(set.exposure, Exposure::Singleton { .. });
            if read.answer == Answer::Entity && !is_single {
                url.push_str("/$entity");
            }
        }
    }
    url
}

/// The context URL of combinations of entities.
pub fn of_combinations(root: &str) -> String {
    format!("{root}$metadata#Collection(Edm.ComplexType)")
}

/// The type of what a function gives for each entity.
pub fn each(read: &Read, model: &Model) -> Option<ValueType> {
    let Expr::Routine(call, _) = &read.shape.computed.first()?.expr else { return None };
    match model.operation(call.operation)?.returns {
        Some(Returns::Value { value_type, .. }) => Some(value_type),
        _ => None,
    }
}

/// The context URL of rows that `$apply` has made: `…#Sales(Customer(Country),Total)`.
pub fn context_of_aggregate(aggregate: &Aggregate, model: &Model, root: &str) -> String {
    let mut url = format!("{root}$metadata#");
    let (Some(set), Some(entity_type)) = (model.set(aggregate.set), model.type_of(aggregate.set)) else { return url };
    push_resource(&aggregate.via, set, model, &mut url);
    push_cast(model, entity_type, aggregate.of, &mut url);
    push_columns(aggregate, &mut url);
    url
}

/// The names of what rows consist of, if they are not those of the type.
fn push_columns(aggregate: &Aggregate, url: &mut String) {
    if aggregate.listed {
        // Only what every row has may be listed; if that is nothing, the context says so.
        let branches = || aggregate.present.iter().filter(|has| !has.is_empty());
        let everywhere = |id: &&PropertyId| aggregate.branch.is_none() || branches().all(|has| has.contains(id));
        let shown = aggregate.shown.iter().filter(everywhere);
        let columns = shown.filter_map(|id| aggregate.columns.get(usize::from(id.0)));
        let paths: Vec<&[Box<str>]> = columns.map(|column| column.path.as_slice()).collect();
        if paths.is_empty() {
            url.push_str("(@Core.AnyStructure)");
        } else {
            push_paths(&paths, url);
        }
    }
}

fn push_paths(paths: &[&[Box<str>]], url: &mut String) {
    let mut written: Vec<&str> = Vec::new();
    url.push('(');
    for path in paths {
        let Some((name, rest)) = path.split_first() else { continue };
        if written.contains(&&**name) {
            continue;
        }
        if !written.is_empty() {
            url.push(',');
        }
        written.push(name);
        url.push_str(name);
        if !rest.is_empty() {
            let inner: Vec<&[Box<str>]> =
                paths.iter().filter(|path| path.first() == Some(name)).filter_map(|path| path.get(1..)).collect();
            push_paths(&inner, url);
        }
    }
    url.push(')');
}

/// The context URL of what an operation gives: one value, or many.
pub fn of_result(model: &Model, value_type: ValueType, many: bool, root: &str) -> String {
    let name = match value_type.enumeration.and_then(|id| model.enumeration(id)) {
        Some(enumeration) => format!("{}.{}", model.namespace, enumeration.name),
        None => value_type.scalar.name().to_owned(),
    };
    if many { format!("{root}$metadata#Collection({name})") } else { format!("{root}$metadata#{name}") }
}

/// The set or singleton of the entities; what is contained is reached through its parent alone.
fn push_resource(via: &[Via], set: &EntitySet, model: &Model, url: &mut String) {
    match (&set.exposure, via.split_last()) {
        (Exposure::Contained { .. }, Some((last, before))) => {
            push_steps(before, last, model, url);
        }
        _ => url.push_str(&set.name),
    }
}

/// The path of the addressed entity: `Orders(1)` or, after a navigation step, `Orders(1)/Account`.
fn push_entity(read: &Read, model: &Model, url: &mut String) {
    let (Some(set), Some(entity_type)) = (model.set(read.set), model.type_of(read.set)) else { return };
    match read.via.split_last() {
        None => url.push_str(&set.name),
        Some((last, before)) => push_steps(before, last, model, url),
    }
    push_key(model, entity_type, read.key.as_ref(), url);
    push_cast(model, entity_type, read.of, url);
}

/// The navigation steps, the name of the last one included.
fn push_steps(before: &[Via], last: &Via, model: &Model, url: &mut String) {
    let first = before.first().unwrap_or(last);
    url.push_str(model.set(first.set).map_or("", |set| &set.name));
    for via in before.iter().chain([last]) {
        let Some(entity_type) = model.type_of(via.set) else { continue };
        push_key(model, entity_type, via.key.as_ref(), url);
        push_cast(model, entity_type, via.of, url);
        if let Some(navigation) = entity_type.navigation(via.navigation) {
            let _ = write!(url, "/{}", navigation.name);
        }
    }
}

fn push_names(names: &[&str], url: &mut String) {
    for name in names {
        let _ = write!(url, "/{name}");
    }
}

fn push_cast(model: &Model, entity_type: &EntityType, of: Option<DerivedId>, url: &mut String) {
    if let Some(derived) = of.and_then(|of| entity_type.derived_type(of)) {
        let _ = write!(url, "/{}.{}", model.namespace, derived.name);
    }
}

/// The names that are chosen within a complex property.
fn push_selection(shape: &Shape, entity_type: &EntityType, url: &mut String) {
    if shape.selected {
        let names = shape.properties.iter().filter_map(|id| entity_type.property(*id));
        let names: Vec<_> = names.map(|property| property.name.as_str()).collect();
        let _ = write!(url, "({})", names.join(","));
    }
}

fn push_key(model: &Model, entity_type: &EntityType, key: Option<&Key>, url: &mut String) {
    let Some(key) = key else { return };
    let mut text = Vec::new();
    write_key(model, entity_type, key, &mut text);
    url.push_str(&String::from_utf8_lossy(&text));
}

/// `(A,B)` for a selection; an expanded navigation property with a selection of its own as `Nav(C)`, one without as
/// `Nav()` in 4.01 and not at all in 4.0.
/// What the cast in the path has told is not told again.
fn push_shape(
    shape: &Shape,
    (entity_type, of): (&EntityType, Option<DerivedId>),
    model: &Model,
    version: Version,
    url: &mut String,
) {
    // What stands before the next name.
    let mut lead = '(';
    if shape.selected {
        let mut selected = Selected { entity_type, shape, url, lead };
        selected.push_members(&entity_type.structure, "");
        let line = entity_type.line(of);
        for (id, derived) in entity_type.derived_types() {
            let cast =
                if line.contains(&id) { String::new() } else { format!("{}.{}/", model.namespace, derived.name) };
            selected.push_members(&derived.structure, &cast);
        }
        let links = shape.links.iter().filter_map(|id| entity_type.navigation(*id)).map(|navigation| &*navigation.name);
        let names = shape.inside.iter().flat_map(|inside| &inside.names).map(|name| &**name);
        for name in shape.computed.iter().map(|item| &*item.name).chain(links).chain(names) {
            selected.push("", name);
        }
        lead = selected.lead;
    }
    for expansion in shape.expansions.iter().filter(|expansion| expansion.form != Expanded::Number) {
        let (Some(navigation), Some(target)) =
            (entity_type.navigation(expansion.navigation), model.type_of(expansion.set))
        else {
            continue;
        };
        // What repeats itself is told once, at its first level.
        let repeats = expansion.level.filter(|level| level.named);
        if repeats.is_some_and(|level| level.number > 1) {
            continue;
        }
        let is_next = |it: &Expansion| it.level.is_some_and(|level| level.named && level.number == 2);
        let repeats = repeats.is_some() && expansion.shape.expansions.iter().any(is_next);
        let before = url.len();
        url.push(lead);
        if let Some(derived) = expansion.of.and_then(|of| entity_type.derived_type(of)) {
            let _ = write!(url, "{}.{}/", model.namespace, derived.name);
        }
        url.push_str(&navigation.name);
        url.push_str(if repeats { "+" } else { "" });
        let name_end = url.len();
        match &expansion.apply {
            Some(apply) => push_columns(apply, url),
            None => push_shape(&expansion.shape, (target, None), model, version, url),
        }
        if url.len() == name_end && version == Version::V4_01 {
            url.push_str("()");
        }
        if url.len() == name_end && !repeats {
            url.truncate(before);
        } else {
            lead = ',';
        }
    }
    match lead {
        ',' => url.push(')'),
        // Nothing is selected, which is not everything.
        _ if shape.selected => url.push_str("()"),
        _ => {}
    }
}

/// Writes the names of what is selected.
struct Selected<'a> {
    entity_type: &'a EntityType,
    shape: &'a Shape,
    url: &'a mut String,
    /// What stands before the next name.
    lead: char,
}

impl Selected<'_> {
    fn push(&mut self, path: &str, name: &str) {
        self.url.push(std::mem::replace(&mut self.lead, ','));
        if !path.is_empty() {
            self.url.push_str(path);
        }
        self.url.push_str(name);
    }

    fn has(&self, id: PropertyId) -> bool {
        self.shape.properties.contains(&id) || self.shape.streams().iter().any(|stream| stream.id == id)
    }

    /// A complex property with all that is in it goes by its own name.
    fn push_members(&mut self, members: &[Member], path: &str) {
        // What is selected stands in the order of the members, so the next of it nearly always is the one that comes.
        let selected = self.shape.properties.as_slice();
        let mut next = 0;
        for member in members {
            match member {
                Member::Property(id) if selected.get(next) == Some(id) || self.has(*id) => {
                    next += 1;
                    if let Some(property) = self.entity_type.property(*id) {
                        self.push(path, &property.name);
                    }
                }
                Member::Property(_) => {}
                Member::Complex(complex) => {
                    let leaves = complex.leaves();
                    if leaves.iter().all(|leaf| self.shape.properties.contains(leaf)) {
                        self.push(path, &complex.name);
                    } else if leaves.iter().any(|leaf| self.shape.properties.contains(leaf)) {
                        self.push_members(&complex.members, &format!("{path}{}/", complex.name));
                    }
                }
            }
        }
    }
}
