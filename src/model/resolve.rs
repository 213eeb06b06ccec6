//! Turns raw metadata folders into a [`Model`]; collects every problem, not the first.
//!
//! Files that cannot be read are reported and left out; what depends on them is then not judged, so that one slip does
//! not bury the screen under its consequences.

#[cfg(test)]
mod breadth;
mod cache;
mod derived;
mod entity;
#[cfg(test)]
mod files;
mod inside;
mod link;
mod made;
pub(in crate::model) mod names;
mod navigation;
mod operation;
pub(in crate::model) mod revision;
mod salesforce;
mod search;
pub(in crate::model) mod service;
mod statement;
mod structure;
#[cfg(test)]
mod tests;
mod types;
mod value_type;
mod written;

use std::collections::{HashMap, HashSet};

use self::names::Seen;
use self::navigation::{Draft, Unread};
use self::types::Declared;
use super::raw::{self, File, Folder, OPERATIONS_FILE, Report, Service, TYPES_FILE};
use super::{DefaultFilter, EntitySet, Exposure, Family, Model, Problem, SetId, Source, SourceId, TypeId, Unpublished};

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
    let types = read_all(folders, TYPES_FILE, raw::read_types, &mut report);
    let declared = types::declared(&types.read, types.incomplete, &mut report);
    let operations = read_operations(folders, &mut report);
    let files = read_entities(folders, &mut report);

    let mut drafts = Vec::new();
    let mut owners = Vec::new();
    for (folder, file, entity) in &files {
        if let Some(entity) = entity {
            let inherited = defaults.get(*folder).and_then(Option::as_ref);
            let family = inherited.and_then(|inherited| inherited.family);
            let resolved = entity::entity_type(entity, &declared, family, &file.name, &mut report);
            let source = inherited.map(|inherited| inherited.source.as_str());
            drafts.push(Draft::new(&file.name, entity, resolved, source));
            owners.push(*folder);
        }
    }
    check_schema_names(&drafts, &types.read, &operations.read, &names.container, folders, &mut report);
    let unread = unread(folders, &files);
    navigation::resolve_navigations(&mut drafts, &unread, &mut report);
    let exposures = link::exposures(&drafts, &mut report);

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
        unpublished: Unpublished::default(),
        base: None,
    };
    for ((owner, draft), exposure) in owners.into_iter().zip(drafts).zip(exposures) {
        let inherited = defaults.get(owner).and_then(Option::as_ref);
        add_set(&mut model, draft, exposure, inherited, &declared, &mut report);
    }
    let incomplete = unread.nameless || !unread.sets.is_empty();
    add_operations(&mut model, &operations, &defaults, &declared, incomplete, &mut report);
    (model.enums, model.complex_types) = (declared.enums, declared.complexes);
    report.finish(model)
}

/// What the sets of a folder inherit.
struct Defaults {
    source: String,
    /// Whether the source can announce changes; true for one that does not exist, which is reported.
    announces: bool,
    /// The kind of its database, if that is known.
    family: Option<Family>,
    page_rows_max: u32,
    cache: cache::Said,
}

fn defaults(folder: &Folder, service: Option<&Service>, sources: &[Source], report: &mut Report) -> Option<Defaults> {
    let file = folder.service.name.as_str();
    if entity_files(folder).next().is_none() && folder.unread.is_empty() {
        report.add(&folder.name, "", "the folder has no entity type file", "add one file per entity type");
    }
    let service = service?;
    service::check_source(service, file, sources, report);
    let source = sources.iter().find(|source| source.name == service.source);
    let announces = source.is_none_or(|source| source.announces);
    Some(Defaults {
        source: service.source.clone(),
        announces,
        family: source.and_then(|source| source.family),
        page_rows_max: service::page_rows_max(service.page_rows_max, file, report).unwrap_or(service::PAGE_ROWS_MAX),
        cache: cache::of_folder(service.cache.as_ref(), announces, file, report),
    })
}

/// The files of a folder that describe entity types.
fn entity_files(folder: &Folder) -> impl Iterator<Item = &File> {
    folder.entities.iter().filter(|file| ![TYPES_FILE, OPERATIONS_FILE].contains(&file.base()))
}

/// The files of one name in all folders.
struct Files<'a, T> {
    /// The readable ones.
    read: Vec<(&'a str, T)>,
    /// The index of the folder of each.
    folders: Vec<usize>,
    /// One could not be read.
    incomplete: bool,
}

fn read_all<'a, T>(
    folders: &'a [Folder],
    name: &str,
    read: impl Fn(&File) -> Result<T, Vec<Problem>>,
    report: &mut Report,
) -> Files<'a, T> {
    let lost = |folder: &Folder| folder.unread.iter().any(|file| file.rsplit('/').next() == Some(name));
    let mut all = Files { read: Vec::new(), folders: Vec::new(), incomplete: folders.iter().any(lost) };
    for (index, folder) in folders.iter().enumerate() {
        for file in folder.entities.iter().filter(|file| file.base() == name) {
            match kept(read(file), report) {
                Some(content) => {
                    all.read.push((file.name.as_str(), content));
                    all.folders.push(index);
                }
                None => all.incomplete = true,
            }
        }
    }
    all
}

fn read_operations<'a>(folders: &'a [Folder], report: &mut Report) -> Files<'a, raw::Operations> {
    read_all(folders, OPERATIONS_FILE, raw::read_operations, report)
}

fn add_operations(
    model: &mut Model,
    operations: &Files<'_, raw::Operations>,
    defaults: &[Option<Defaults>],
    declared: &Declared,
    incomplete: bool,
    report: &mut Report,
) {
    let (mut resolved, mut places) = (Vec::new(), Vec::new());
    for ((file, content), folder) in operations.read.iter().zip(&operations.folders) {
        let Some(inherited) = defaults.get(*folder).and_then(Option::as_ref) else { continue };
        let Some(source) = source_id(&mut model.sources, &inherited.source) else { continue };
        let place = operation::Place { file, source, family: inherited.family, incomplete };
        let found = operation::resolve(content, &place, model, declared, report);
        places.extend(found.iter().map(|_| *file));
        resolved.extend(found);
    }
    operation::check_overloads(&resolved, &places, report);
    model.operations = resolved;
}

/// An entity type file with the index of its folder; `None` if it could not be read.
type EntityFile<'a> = (usize, &'a raw::File, Option<raw::Entity>);

fn read_entities<'a>(folders: &'a [Folder], report: &mut Report) -> Vec<EntityFile<'a>> {
    let files = folders.iter().enumerate().flat_map(|(folder, it)| entity_files(it).map(move |file| (folder, file)));
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
    let is_entity = |name: &String| ![TYPES_FILE, OPERATIONS_FILE].iter().any(|other| name.ends_with(other));
    let lost = |folder: &Folder| folder.unread.iter().any(|it| *it != folder.service.name && is_entity(it));
    let mut unread = Unread { nameless: folders.iter().any(lost), ..Unread::default() };
    for (_, file, _) in files.iter().filter(|(_, _, entity)| entity.is_none()) {
        match raw::set_named_in(file) {
            Some(set) => drop(unread.sets.insert(set)),
            None => unread.nameless = true,
        }
    }
    unread
}

/// Sets, singletons and imports share the container's scope; types, operations and the container share the schema's.
fn check_schema_names<'a>(
    drafts: &'a [Draft<'a>],
    declared: &'a [(&str, raw::Types)],
    operations: &'a [(&str, raw::Operations)],
    container: &'a str,
    folders: &[Folder],
    report: &mut Report,
) {
    let mut sets = Seen::new("set");
    let mut types = Seen::new("type");
    if let Some(first) = folders.first() {
        types.take(container, format!("{} as the container", first.service.name), "", "", report);
    }
    for draft in drafts {
        let file = draft.file;
        let key = if draft.entity.set.is_some() { "set" } else { "singleton" };
        sets.take(draft.name(), file.to_owned(), file, key, report);
        types.take(&draft.entity.entity_type, file.to_owned(), file, "type", report);
        for (number, derived) in (1..).zip(&draft.entity.derived) {
            types.take(&derived.name, file.to_owned(), file, &format!("derived.{number}.name"), report);
        }
    }
    for (file, content) in declared {
        let enums = (1..).zip(&content.enums).map(|(number, it)| (it.name.as_str(), format!("enum.{number}.name")));
        let complexes = (1..).zip(&content.complexes);
        let complexes = complexes.map(|(number, it)| (it.name.as_str(), format!("complex.{number}.name")));
        for (name, key) in enums.chain(complexes) {
            types.take(name, (*file).to_owned(), file, &key, report);
        }
    }
    let mut known = HashSet::new();
    for (file, content) in operations {
        let functions = (1..).zip(&content.functions).map(|(number, it)| (it, format!("function.{number}")));
        let actions = (1..).zip(&content.actions).map(|(number, it)| (it, format!("action.{number}")));
        for (operation, path) in functions.chain(actions) {
            // Overloads share a name, and that of their import.
            if known.insert((&operation.name, "")) {
                types.take(&operation.name, (*file).to_owned(), file, &format!("{path}.name"), report);
            }
            let import = operation.import.as_ref().unwrap_or(&operation.name);
            if operation.bound_to.is_none() && known.insert((import, "import")) {
                let key = if operation.import.is_some() { "import" } else { "name" };
                sets.take(import, (*file).to_owned(), file, &format!("{path}.{key}"), report);
            }
        }
    }
}

fn add_set(
    model: &mut Model,
    draft: Draft<'_>,
    exposure: Exposure,
    inherited: Option<&Defaults>,
    declared: &Declared,
    report: &mut Report,
) {
    let name = draft.name();
    let Draft { file, entity, resolved, .. } = draft;
    let page_rows_max = service::page_rows_max(entity.page_rows_max, file, report);
    let announces = inherited.is_none_or(|inherited| inherited.announces);
    let cache = cache::said(entity.cache.as_ref(), announces, file, report);
    // Without its service file, or with more sets than ids, the model is not given out; the first was reported.
    let (Some(inherited), Ok(index)) = (inherited, u32::try_from(model.sets.len())) else { return };
    let Some(source) = source_id(&mut model.sources, &inherited.source) else { return };
    let key = search::row(entity, &resolved, &declared.enums, file, report);
    let exposure = if entity.singleton.is_some() { Exposure::Singleton { key } } else { exposure };
    match exposure {
        Exposure::Set => drop(model.sets_by_name.insert(name.to_owned(), SetId(index))),
        Exposure::Singleton { .. } => drop(model.singletons_by_name.insert(name.to_owned(), SetId(index))),
        Exposure::Contained { .. } | Exposure::Unpublished => {}
    }
    model.sets.push(EntitySet {
        name: name.to_owned(),
        entity_type: TypeId(index),
        source,
        table: entity::table(entity, inherited.family),
        filter: entity.filter.as_ref().map(|text| DefaultFilter {
            text: text.clone(),
            file: file.to_owned(),
            key: "filter".to_owned(),
        }),
        page_rows_max: page_rows_max.unwrap_or(inherited.page_rows_max),
        cache: cache.policy(&inherited.cache),
        changes: cache.changes(
            &inherited.cache,
            (entity.cache.as_ref(), entity.query.is_none()),
            &resolved,
            file,
            report,
        ),
        exposure,
        countable: entity.countable.unwrap_or(true),
        searchable: entity.searchable.unwrap_or(true),
        search: search::index(entity, &resolved, inherited.family, file, report),
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
