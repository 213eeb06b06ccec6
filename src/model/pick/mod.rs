//! Makes the model of a service that picks from the folders of another: some of their sets, under other names, with
//! less of them.
//!
//! # Decisions
//!
//! - **The same places, other names.** A picked model has all sets, types, properties and navigation properties of the
//!   folders under the same ids; what is not picked is only not published. So default filters of the folders hold
//!   without being written anew, also where they look at what nobody sees, and joins find their columns.
//! - **A pick takes away.** It cannot publish what the folders hide, nor allow what they refuse.
//! - **What is not named is not published**: a new set of the folders does not slip into another service.

mod set;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::raw::{self, File, Pick, PickedSet, Report, nearest};
use super::resolve::names::{Seen, check_identifier, check_namespace};
use super::resolve::revision;
use super::{
    ComplexMember, EnumId, Exposure, Member, Model, Operation, OperationId, Problem, Property, Returns, SetId,
    ValueType,
};

/// The sets that are picked: what the file says of each, and the number of its table there, from 1.
type Picked<'a> = HashMap<SetId, (usize, &'a PickedSet)>;

/// The model of what a file picks, or everything that is wrong with the file.
pub fn pick(base: Model, file: &File) -> Result<Model, Vec<Problem>> {
    let said = raw::read_pick(file)?;
    let name = file.name.as_str();
    let mut report = Report::default();
    let mut model = base.clone();
    model.revision = revision::picked(base.revision, file);
    if let Some(namespace) = &said.namespace {
        check_namespace(namespace, name, &mut report);
        model.namespace.clone_from(namespace);
    }
    if let Some(container) = &said.container {
        check_identifier(container, name, "container", &mut report);
        model.container.clone_from(container);
    }
    let picked = picked(&said, &base, name, &mut report);
    set::links(&picked, &mut model);
    for id in (0..).map(SetId).take(base.sets.len()) {
        match picked.get(&id) {
            Some((number, said)) => set::picked(id, said, &set::Place::new(name, *number), &mut model, &mut report),
            None => unpublish(id, &mut model),
        }
    }
    set::partners(&mut model);
    check_contained(&picked, &base, &model, name, &mut report);
    set::check_joins(&picked, &base, &model, name, &mut report);
    index(&picked, &mut model);
    operations(&said, &picked, name, &mut model, &mut report);
    types_in_use(&mut model);
    check_names(&picked, &model, name, &mut report);
    model.base = Some(Arc::new(base));
    report.finish(model)
}

fn picked<'a>(said: &'a Pick, base: &Model, file: &str, report: &mut Report) -> Picked<'a> {
    if said.sets.is_empty() {
        report.add(file, "set", "no set is picked", "add a `[[set]]` with its `name` for each that is to be published");
    }
    let mut picked = Picked::new();
    for (number, set) in (1..).zip(&said.sets) {
        let key = format!("set.{number}.name");
        let Some(id) = base.declared(&set.name) else {
            let right = match nearest(&set.name, base.sets.iter().map(|set| set.name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a set of the folders".to_owned(),
            };
            report.add(file, key, format!("set `{}` does not exist", set.name), right);
            continue;
        };
        if let Some((first, _)) = picked.get(&id) {
            let wrong = format!("set `{}` is already picked in `set.{first}`", set.name);
            report.add(file, key, wrong, "pick each once; for two views of one table declare two sets in the folder");
            continue;
        }
        picked.insert(id, (number, set));
    }
    picked
}

/// What is contained is reached by one way only.
fn check_contained(picked: &Picked<'_>, base: &Model, model: &Model, file: &str, report: &mut Report) {
    for (id, (number, set)) in picked {
        let Some(Exposure::Contained { parent, navigation }) = base.set(*id).map(|set| &set.exposure) else { continue };
        let (of, key) = (base.set(*parent).map_or("", |set| &set.name), format!("set.{number}.name"));
        if !picked.contains_key(parent) {
            let wrong = format!("`{}` is contained in `{of}`, which is not picked", set.name);
            report.add(file, key, wrong, format!("pick `{of}` too, or leave it out"));
        } else if model.type_of(*parent).and_then(|it| it.navigation(*navigation)).is_some_and(|it| it.hidden) {
            let wrong = format!("`{}` is contained in `{of}`, where the way to it is hidden", set.name);
            report.add(file, key, wrong, "leave it out, or publish the navigation property");
        }
    }
}

/// A set that nobody reaches. No file can give it this name, so it stands in nobody's way.
fn unpublish(id: SetId, model: &mut Model) {
    let index = usize::try_from(id.0).unwrap_or(usize::MAX);
    let Some(set) = model.sets.get_mut(index) else { return };
    set.exposure = Exposure::Unpublished;
    set.name.insert(0, '$');
    set.filter = None;
}

fn index(picked: &Picked<'_>, model: &mut Model) {
    model.sets_by_name.clear();
    model.singletons_by_name.clear();
    for id in picked.keys() {
        let Some(set) = model.set(*id) else { continue };
        let name = set.name.clone();
        match set.exposure {
            Exposure::Set => drop(model.sets_by_name.insert(name, *id)),
            Exposure::Singleton { .. } => drop(model.singletons_by_name.insert(name, *id)),
            Exposure::Contained { .. } | Exposure::Unpublished => {}
        }
    }
}

/// The sets that an operation needs.
fn sets_of(operation: &Operation) -> impl Iterator<Item = SetId> {
    let returned = match &operation.returns {
        Some(Returns::Entity { set, .. } | Returns::Entities { set }) => Some(*set),
        _ => None,
    };
    operation.binding.iter().map(|binding| binding.set).chain(returned)
}

fn operations(said: &Pick, picked: &Picked<'_>, file: &str, model: &mut Model, report: &mut Report) {
    for (number, name) in (1..).zip(&said.operations) {
        let key = format!("operations.{number}");
        if model.operations.iter().all(|operation| operation.name != *name) {
            let right = match nearest(name, model.operations.iter().map(|operation| operation.name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a function or an action of the folders".to_owned(),
            };
            report.add(file, key, format!("operation `{name}` does not exist"), right);
            continue;
        }
        let named = model.operations.iter().filter(|operation| operation.name == *name);
        for set in named.flat_map(sets_of).filter(|set| !picked.contains_key(set)) {
            let set = model.set(set).map_or("", |set| set.name.trim_start_matches('$'));
            let wrong = format!("`{name}` needs set `{set}`, which is not picked");
            report.add(file, &*key, wrong, format!("pick `{set}` too, or leave the operation out"));
        }
    }
    let is_out = |(_, operation): &(OperationId, &Operation)| !said.operations.contains(&operation.name);
    let out = (0..).map(OperationId).zip(&model.operations).filter(is_out).map(|(id, _)| id).collect();
    model.unpublished.operations = out;
}

/// Enumerations and complex types that nothing published is of are not published either.
fn types_in_use(model: &mut Model) {
    let (mut enums, mut complexes) = (HashSet::new(), HashSet::new());
    let mut of_type = |property: &Property| enums.extend(property.enumeration);
    for entity_type in model.published_types() {
        let derived = entity_type.derived.iter().flat_map(|derived| &derived.structure);
        let members: Vec<&Member> = entity_type.structure.iter().chain(derived).collect();
        for member in members {
            let mut leaves = Vec::new();
            member.push_leaves(&mut leaves);
            leaves.iter().filter_map(|id| entity_type.property(*id)).for_each(&mut of_type);
            each_complex(member, &mut |complex| complexes.extend([complex.complex_type]));
        }
    }
    for (_, operation) in model.published_operations() {
        let returned = match &operation.returns {
            Some(Returns::Value { value_type, .. } | Returns::Values { value_type, .. }) => Some(*value_type),
            _ => None,
        };
        let parameters = operation.parameters.iter().map(|parameter| parameter.value_type);
        enums.extend(parameters.chain(returned).filter_map(|ValueType { enumeration, .. }| enumeration));
    }
    model.unpublished.enums = (0..).map(EnumId).take(model.enums.len()).filter(|id| !enums.contains(id)).collect();
    let all = (0..).map(super::ComplexTypeId).take(model.complex_types.len());
    model.unpublished.complex_types = all.filter(|id| !complexes.contains(id)).collect();
}

fn each_complex(member: &Member, seen: &mut impl FnMut(&ComplexMember)) {
    if let Member::Complex(complex) = member {
        seen(complex);
        complex.members.iter().for_each(|member| each_complex(member, seen));
    }
}

/// The names of the container and of the schema, now that some are others.
fn check_names(picked: &Picked<'_>, model: &Model, file: &str, report: &mut Report) {
    let mut sets = Seen::new("set");
    let mut types = Seen::new("type");
    types.take(&model.container, format!("{file} as the container"), file, "container", report);
    let mut ordered: Vec<(&SetId, &(usize, &PickedSet))> = picked.iter().collect();
    ordered.sort_unstable_by_key(|(id, _)| id.0);
    for (id, (number, said)) in ordered {
        let (Some(set), Some(entity_type)) = (model.set(*id), model.type_of(*id)) else { continue };
        let key = |renamed: bool, key: &str| format!("set.{number}.{}", if renamed { key } else { "name" });
        let place = format!("`set.{number}`");
        sets.take(&set.name, place.clone(), file, &key(said.published.is_some(), "as"), report);
        let of_type = key(said.entity_type.is_some(), "type");
        types.take(&entity_type.name, place.clone(), file, &of_type, report);
        for derived in &entity_type.derived {
            types.take(&derived.name, place.clone(), file, &of_type, report);
        }
    }
    let enums = model.published_enums().map(|it| it.name.as_str());
    for name in enums.chain(model.published_complex_types().map(|it| it.name.as_str())) {
        types.take(name, "the folders".to_owned(), file, "set", report);
    }
    let mut known = Vec::new();
    for (_, operation) in model.published_operations() {
        if !known.contains(&operation.name.as_str()) {
            known.push(&operation.name);
            types.take(&operation.name, "the folders".to_owned(), file, "operations", report);
        }
        if let Some(import) = operation.imported_as.as_deref()
            && !known.contains(&import)
        {
            sets.take(import, "the folders".to_owned(), file, "operations", report);
        }
    }
}
