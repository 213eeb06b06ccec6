//! Owns context URLs (OData 4.01 Part 1, section 10).

use std::fmt::Write as _;

use crate::edm::Value;
use crate::model::{EntityType, Model, PropertyId};
use crate::query::{Aggregate, Answer, Read, Shape};

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
    match read.answer {
        Answer::Property(id) | Answer::RawValue(id) => {
            push_entity(read, model, &mut url);
            if let Some(property) = entity_type.property(id) {
                let _ = write!(url, "/{}", property.name);
            }
        }
        Answer::Collection | Answer::Entity | Answer::Count => {
            url.push_str(&set.name);
            push_shape(&read.shape, entity_type, model, version, &mut url);
            if read.answer == Answer::Entity {
                url.push_str("/$entity");
            }
        }
    }
    url
}

/// The context URL of rows that `$apply` has made: `…#Sales(Customer(Country),Total)`.
pub fn context_of_aggregate(aggregate: &Aggregate, model: &Model, root: &str) -> String {
    let mut url = format!("{root}$metadata#");
    let Some(set) = model.set(aggregate.set) else { return url };
    url.push_str(&set.name);
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
            push_paths(&paths, &mut url);
        }
    }
    url
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

/// The path of the addressed entity: `Orders(1)` or, after a navigation step, `Orders(1)/Account`.
fn push_entity(read: &Read, model: &Model, url: &mut String) {
    let push_set = |set, key: Option<&Vec<Value>>, url: &mut String| {
        if let (Some(set), Some(entity_type)) = (model.set(set), model.type_of(set)) {
            url.push_str(&set.name);
            push_key(model, entity_type, key, url);
        }
    };
    match &read.via {
        None => push_set(read.set, read.key.as_ref(), url),
        Some(via) => {
            push_set(via.set, Some(&via.key), url);
            let parent = model.type_of(via.set).and_then(|parent| parent.navigation(via.navigation));
            if let Some(navigation) = parent {
                let _ = write!(url, "/{}", navigation.name);
            }
            if let Some(entity_type) = model.type_of(read.set) {
                push_key(model, entity_type, read.key.as_ref(), url);
            }
        }
    }
}

fn push_key(model: &Model, entity_type: &EntityType, key: Option<&Vec<Value>>, url: &mut String) {
    let Some(key) = key else { return };
    let mut text = Vec::new();
    write_key(model, entity_type, key, &mut text);
    url.push_str(&String::from_utf8_lossy(&text));
}

/// `(A,B)` for a selection; an expanded navigation property with a selection of its own as `Nav(C)`, one without as
/// `Nav()` in 4.01 and not at all in 4.0.
fn push_shape(shape: &Shape, entity_type: &EntityType, model: &Model, version: Version, url: &mut String) {
    // What stands before the next name.
    let mut lead = '(';
    if shape.selected {
        let names = shape.properties.iter().filter_map(|id| entity_type.property(*id)).map(|property| &property.name);
        let links = shape.links.iter().filter_map(|id| entity_type.navigation(*id)).map(|navigation| &navigation.name);
        for name in names.chain(links) {
            url.push(std::mem::replace(&mut lead, ','));
            url.push_str(name);
        }
    }
    for expansion in &shape.expansions {
        let (Some(navigation), Some(target)) =
            (entity_type.navigation(expansion.navigation), model.type_of(expansion.set))
        else {
            continue;
        };
        let before = url.len();
        url.push(lead);
        url.push_str(&navigation.name);
        let name_end = url.len();
        push_shape(&expansion.shape, target, model, version, url);
        if url.len() == name_end && version == Version::V4_01 {
            url.push_str("()");
        }
        if url.len() == name_end {
            url.truncate(before);
        } else {
            lead = ',';
        }
    }
    if lead == ',' {
        url.push(')');
    }
}
