//! Turns raw metadata folders into a [`Model`]; collects every problem, not the first.
//!
//! Files that cannot be read are reported and left out; what depends on them is then not judged, so that one slip does
//! not bury the screen under its consequences.

mod cache;
mod entity;
#[cfg(test)]
mod files;
mod names;
mod navigation;
mod revision;
mod service;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use self::names::Seen;
use self::navigation::{Draft, Unread};
use super::raw::{self, Folder, Report, Service};
use super::{EntitySet, Exposure, Model, Problem, SetId, Source, SourceId, Table, TypeId};

/// Makes the model of one service from its folders, in the order of the configuration. `sources` are the configured
/// sources. Sets and types get their ids in the order of folders and files.
pub fn resolve(service: &str, folders: &[Folder], sources: &[Source]) -> Result<Model, Vec<Problem>> {
    let mut report = Report::default();
    if folders.is_empty() {
        report.add(service, "", "the service has no metadata folder", "name at least one in the configuration");
    }
    let services: Vec<Option<Service>> = folders.iter().map(|folder| service_file(folder, &mut report)).collect();
    let names = service::names(folders, &services, &mut report);
    let defaults: Vec<Option<Defaults>> = folders
        .iter()
        .zip(&services)
        .map(|(folder, service)| defaults(folder, service.as_ref(), sources, &mut report))
        .collect();
    let files = read_entities(folders, &mut report);

    let mut drafts = Vec::new();
    let mut owners = Vec::new();
    for (folder, file, entity) in &files {
        if let Some(entity) = entity {
            let resolved = entity::entity_type(entity, &file.name, &mut report);
            drafts.push(Draft { file: &file.name, entity, resolved });
            owners.push(*folder);
        }
    }
    check_schema_names(&drafts, &names.container, folders, &mut report);
    navigation::resolve_navigations(&mut drafts, &unread(folders, &files), &mut report);

    let mut model = Model {
        revision: revision::revision(service, folders),
        service: service.to_owned(),
        namespace: names.namespace,
        container: names.container,
        sources: Vec::new(),
        types: Vec::new(),
        sets: Vec::new(),
        sets_by_name: HashMap::new(),
        singletons_by_name: HashMap::new(),
        enums: Vec::new(),
        complex_types: Vec::new(),
        operations: Vec::new(),
    };
    for (owner, draft) in owners.into_iter().zip(drafts) {
        let inherited = defaults.get(owner).and_then(Option::as_ref);
        add_set(&mut model, draft, inherited, &mut report);
    }
    report.finish(model)
}

/// What the sets of a folder inherit.
struct Defaults {
    source: String,
    /// Whether the source can announce changes; true for one that does not exist, which is reported.
    announces: bool,
    page_rows_max: u32,
    cache: cache::Said,
}

fn defaults(folder: &Folder, service: Option<&Service>, sources: &[Source], report: &mut Report) -> Option<Defaults> {
    let file = folder.service.name.as_str();
    if folder.entities.is_empty() && folder.unread.is_empty() {
        report.add(&folder.name, "", "the folder has no entity type file", "add one file per entity type");
    }
    let service = service?;
    service::check_source(service, file, sources, report);
    let announces = sources.iter().find(|source| source.name == service.source).is_none_or(|source| source.announces);
    Some(Defaults {
        source: service.source.clone(),
        announces,
        page_rows_max: service::page_rows_max(service.page_rows_max, file, report).unwrap_or(service::PAGE_ROWS_MAX),
        cache: cache::of_folder(service.cache.as_ref(), announces, file, report),
    })
}

/// An entity type file with the index of its folder; `None` if it could not be read.
type EntityFile<'a> = (usize, &'a raw::File, Option<raw::Entity>);

fn read_entities<'a>(folders: &'a [Folder], report: &mut Report) -> Vec<EntityFile<'a>> {
    let files = folders.iter().enumerate().flat_map(|(folder, it)| it.entities.iter().map(move |file| (folder, file)));
    files.map(|(folder, file)| (folder, file, kept(raw::read_entity(file), report))).collect()
}

fn kept<T>(read: Result<T, Vec<Problem>>, report: &mut Report) -> Option<T> {
    read.map_err(|problems| report.extend(problems)).ok()
}

/// The service file of a folder; a file that is not there has been reported by whoever looked for it.
fn service_file(folder: &Folder, report: &mut Report) -> Option<Service> {
    if folder.unread.contains(&folder.service.name) {
        return None;
    }
    kept(raw::read_service(&folder.service), report)
}

/// Which sets are declared in files that could not be read, as far as their text tells.
fn unread(folders: &[Folder], files: &[EntityFile<'_>]) -> Unread {
    let lost = |folder: &Folder| folder.unread.iter().any(|name| *name != folder.service.name);
    let mut unread = Unread { nameless: folders.iter().any(lost), ..Unread::default() };
    for (_, file, _) in files.iter().filter(|(_, _, entity)| entity.is_none()) {
        match raw::set_named_in(file) {
            Some(set) => drop(unread.sets.insert(set)),
            None => unread.nameless = true,
        }
    }
    unread
}

/// Sets share the container's scope; types and the container share the schema's.
fn check_schema_names<'a>(drafts: &'a [Draft<'a>], container: &'a str, folders: &[Folder], report: &mut Report) {
    let mut sets = Seen::new("set");
    let mut types = Seen::new("type");
    if let Some(first) = folders.first() {
        types.take(container, format!("{} as the container", first.service.name), "", "", report);
    }
    for draft in drafts {
        sets.take(&draft.entity.set, draft.file.to_owned(), draft.file, "set", report);
        types.take(&draft.entity.entity_type, draft.file.to_owned(), draft.file, "type", report);
    }
}

fn add_set(model: &mut Model, draft: Draft<'_>, inherited: Option<&Defaults>, report: &mut Report) {
    let Draft { file, entity, resolved } = draft;
    let page_rows_max = service::page_rows_max(entity.page_rows_max, file, report);
    let announces = inherited.is_none_or(|inherited| inherited.announces);
    let cache = cache::said(entity.cache.as_ref(), announces, file, report);
    // Without its service file, or with more sets than ids, the model is not given out; the first was reported.
    let (Some(inherited), Ok(index)) = (inherited, u32::try_from(model.sets.len())) else { return };
    let Some(source) = source_id(&mut model.sources, &inherited.source) else { return };
    model.sets_by_name.insert(entity.set.clone(), SetId(index));
    model.sets.push(EntitySet {
        name: entity.set.clone(),
        entity_type: TypeId(index),
        source,
        table: Table { schema: entity.schema.clone(), name: entity.table.clone() },
        page_rows_max: page_rows_max.unwrap_or(inherited.page_rows_max),
        cache: cache.policy(&inherited.cache),
        changes: cache.changes(&inherited.cache, entity.cache.as_ref(), &resolved, file, report),
        exposure: Exposure::Set,
        countable: true,
        searchable: true,
        search: None,
    });
    model.types.push(resolved);
}

/// The id of a source; only sources that a set uses become part of the model, in the order of their first use.
fn source_id(sources: &mut Vec<String>, name: &str) -> Option<SourceId> {
    let known = sources.iter().position(|source| source == name);
    let index = known.unwrap_or_else(|| {
        sources.push(name.to_owned());
        sources.len() - 1
    });
    u32::try_from(index).ok().map(SourceId)
}
