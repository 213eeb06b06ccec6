//! Resolves what is special about some navigation properties: the table between both ends of a many-to-many relation,
//! and containment.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entity::column_named;
use super::names::check_database_name;
use super::navigation::{Draft, check_pair};
use super::value_type::not_comparable;
use crate::model::raw::{self, Report, To};
use crate::model::{DerivedId, Exposure, Link, NavigationId, Property, PropertyId, SetId, Table};

/// The table of pairs, or `None` if it is too broken to be used.
pub(super) fn resolve(
    draft: &Draft<'_>,
    (navigation, link): (&raw::Navigation, &raw::Link),
    declared_by: Option<DerivedId>,
    target: &Draft<'_>,
    path: &str,
    report: &mut Report,
) -> Option<Link> {
    let file = draft.file;
    if navigation.join.is_some() {
        let wrong = "both a join and a link are given";
        report.add(file, format!("{path}.link"), wrong, "a link names the properties of both ends itself");
    }
    if navigation.to == To::One {
        let wrong = "a link leads to many entities";
        report.add(file, format!("{path}.to"), wrong, "write `to = \"many\"`");
    }
    if let (Some(source), Some(other)) = (draft.source, target.source)
        && source != other
    {
        let wrong = format!("`{}` lies in source `{other}`, and the link in `{source}`", target.name());
        report.add(file, format!("{path}.link"), wrong, "a link and both its ends lie in one source");
    }
    check_database_name(&link.table, file, &format!("{path}.link.table"), report);
    if let Some(schema) = &link.schema {
        check_database_name(schema, file, &format!("{path}.link.schema"), report);
    }
    let near = |name: &str, key: &str, report: &mut Report| {
        let (id, property) = draft.column(declared_by, name, key, report)?;
        check_alone(property, file, key, report);
        Some(id)
    };
    let far = |name: &str, key: &str, report: &mut Report| {
        let (id, property) = column_named(&target.resolved, name, file, key, report)?;
        check_alone(property, file, key, report);
        Some(id)
    };
    let near = side(&link.near, file, &format!("{path}.link.near"), report, near);
    let far = side(&link.far, file, &format!("{path}.link.far"), report, far);
    let whole = near.len() == link.near.len() && far.len() == link.far.len();
    let table = Table::new(link.schema.as_deref(), &link.table);
    (whole && !near.is_empty() && !far.is_empty()).then_some(Link { table, near, far })
}

fn side(
    pairs: &BTreeMap<String, String>,
    file: &str,
    path: &str,
    report: &mut Report,
    mut find: impl FnMut(&str, &str, &mut Report) -> Option<PropertyId>,
) -> Vec<(Arc<str>, PropertyId)> {
    if pairs.is_empty() {
        report.add(file, path, "no column is named", "name at least one: `{ order_id = \"OrderID\" }`");
    }
    let mut found = Vec::with_capacity(pairs.len());
    for (column, name) in pairs {
        let key = format!("{path}.{column}");
        check_database_name(column, file, &key, report);
        found.extend(find(name, &key, report).map(|id| (column.as_str().into(), id)));
    }
    found
}

fn check_alone(property: &Property, file: &str, key: &str, report: &mut Report) {
    if not_comparable(property).is_some() {
        check_pair(property, property, file, key, report);
    }
}

/// How each set is reached: as itself, or as a part of the one set whose navigation property contains it.
pub(super) fn exposures(drafts: &[Draft<'_>], report: &mut Report) -> Vec<Exposure> {
    let mut exposures: Vec<Exposure> = drafts.iter().map(|_| Exposure::Set).collect();
    let navigations = || {
        let each = drafts.iter().enumerate();
        each.flat_map(|(set, draft)| (0..).zip(&draft.resolved.navigations).map(move |(id, it)| (set, draft, id, it)))
    };
    let key = |draft: &Draft<'_>, name: &str, key: &str| draft.path_of(name).map(|path| format!("{path}.{key}"));
    for (set, draft, id, navigation) in navigations().filter(|(.., navigation)| navigation.contained) {
        let place = key(draft, &navigation.name, "contained").unwrap_or_default();
        let Some(index) = usize::try_from(navigation.target.0).ok() else { continue };
        let Some(target) = drafts.get(index) else { continue };
        let wrong = if index == set {
            Some("a set cannot contain itself".to_owned())
        } else if navigation.link.is_some() {
            Some("what is linked can belong to several entities".to_owned())
        } else if matches!(exposures.get(index), Some(Exposure::Contained { .. })) {
            Some(format!("`{}` is contained by another navigation already", target.name()))
        } else {
            None
        };
        if let Some(wrong) = wrong {
            report.add(draft.file, place, wrong, "what is contained belongs to one entity of another set");
            continue;
        }
        if let (Some(slot), Ok(parent)) = (exposures.get_mut(index), u32::try_from(set)) {
            *slot = Exposure::Contained { parent: SetId(parent), navigation: NavigationId(id) };
        }
    }
    for (_, draft, _, navigation) in navigations().filter(|(.., navigation)| !navigation.contained) {
        let index = usize::try_from(navigation.target.0).unwrap_or(usize::MAX);
        if let (Some(Exposure::Contained { .. }), Some(target)) = (exposures.get(index), drafts.get(index)) {
            let wrong = format!("`{}` is contained in another set", target.name());
            let right = "it is reached through its container alone; leave this navigation out";
            report.add(draft.file, key(draft, &navigation.name, "target").unwrap_or_default(), wrong, right);
        }
    }
    exposures
}
