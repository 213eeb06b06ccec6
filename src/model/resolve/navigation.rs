//! Resolves the navigation properties of all types: targets, joins and partners.
//!
//! # Decisions
//!
//! - Joined properties are of one kind (whole numbers of any size count as one). The rows of another source are
//!   matched by value in this program and those of the same source by the database, and both must agree.
//! - A partner named on one end holds for both, so a model is always symmetrical.

use std::collections::{HashMap, HashSet};

use super::entity::column_named;
use super::link;
use super::value_type::not_comparable;
use crate::edm::Scalar;
use crate::model::raw::{self, Report, nearest};
use crate::model::{DerivedId, EntityType, Join, Link, Member, Navigation, NavigationId, Property, PropertyId, SetId};

/// One readable entity type file with its resolved type. Its place in the list is its [`SetId`].
pub(super) struct Draft<'a> {
    pub(super) file: &'a str,
    pub(super) entity: &'a raw::Entity,
    pub(super) resolved: EntityType,
    /// The source of its folder, if that is known.
    pub(super) source: Option<&'a str>,
    /// The navigation properties of the type and of all types derived from it, in the order of their ids.
    pub(super) navigations: Vec<Said<'a>>,
}

/// A navigation property as its file says it.
pub(super) struct Said<'a> {
    pub(super) raw: &'a raw::Navigation,
    /// Its table in the file: `navigation.1`.
    path: String,
    declared_by: Option<DerivedId>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(file: &'a str, entity: &'a raw::Entity, resolved: EntityType, source: Option<&'a str>) -> Self {
        let said = |navigations: &'a [raw::Navigation], path: String, declared_by| {
            (1..).zip(navigations).map(move |(number, raw)| Said {
                raw,
                path: format!("{path}navigation.{number}"),
                declared_by,
            })
        };
        let derived = (0..=u16::MAX).zip(&entity.derived).flat_map(|(place, it)| {
            said(&it.navigations, format!("derived.{}.", u32::from(place) + 1), Some(DerivedId(place)))
        });
        let navigations = said(&entity.navigations, String::new(), None).chain(derived).collect();
        Draft { file, entity, resolved, source, navigations }
    }

    /// The name by which others mean it.
    pub(super) fn name(&self) -> &'a str {
        self.entity.set.as_deref().or(self.entity.singleton.as_deref()).unwrap_or_default()
    }

    /// The table of a navigation property in the file.
    pub(super) fn path_of(&self, navigation: &str) -> Option<&str> {
        self.navigations.iter().find(|said| said.raw.name == navigation).map(|said| said.path.as_str())
    }

    /// Looks a property of a type of the hierarchy up, hidden ones among them, or reports that there is none.
    pub(super) fn column(
        &self,
        of: Option<DerivedId>,
        name: &str,
        key: &str,
        report: &mut Report,
    ) -> Option<(PropertyId, &Property)> {
        if let Some(Member::Property(id)) = self.resolved.member_named(of, name) {
            return Some((*id, self.resolved.property(*id)?));
        }
        column_named(&self.resolved, name, self.file, key, report)
    }
}

/// The names of sets whose files could not be read; nothing is said about what leads there.
#[derive(Default)]
pub(super) struct Unread {
    pub(super) sets: HashSet<String>,
    /// A file did not even tell its set.
    pub(super) nameless: bool,
}

/// Where a navigation property is: the set, and its place in the file.
type Place = (usize, usize);

/// Fills in the navigation properties of every type.
pub(super) fn resolve_navigations(drafts: &mut [Draft<'_>], unread: &Unread, report: &mut Report) {
    let mut found: HashMap<Place, (usize, Navigation)> = HashMap::new();
    for (set, draft) in drafts.iter().enumerate() {
        for (place, said) in draft.navigations.iter().enumerate() {
            if let Some(resolved) = resolve_one(draft, said, drafts, unread, report) {
                found.insert((set, place), resolved);
            }
        }
    }
    let partners = resolve_partners(drafts, &found, report);
    for (set, draft) in drafts.iter_mut().enumerate() {
        for place in 0..draft.navigations.len() {
            let Some((_, mut navigation)) = found.remove(&(set, place)) else { continue };
            let partner = partners.get(&(set, place));
            navigation.partner = partner.and_then(|(_, place)| u16::try_from(*place).ok()).map(NavigationId);
            draft.resolved.navigations.push(navigation);
        }
    }
}

/// One navigation property without its partner, and the index of its target. `None` if it is too broken to be judged
/// as a partner.
fn resolve_one(
    draft: &Draft<'_>,
    said: &Said<'_>,
    drafts: &[Draft<'_>],
    unread: &Unread,
    report: &mut Report,
) -> Option<(usize, Navigation)> {
    let Said { raw: navigation, path, declared_by } = said;
    let collection = navigation.to == raw::To::Many;
    if collection && navigation.nullable.is_some() {
        let wrong = "`nullable` does not go with `to = \"many\"`";
        report.add(draft.file, format!("{path}.nullable"), wrong, "leave it out: a collection may be empty");
    }
    let nullable = !collection && navigation.nullable.unwrap_or(true);
    let known = || drafts.iter().enumerate();
    if known().any(|(_, it)| it.entity.singleton.as_deref() == Some(&navigation.target)) {
        let wrong = format!("`{}` is a singleton", navigation.target);
        report.add(draft.file, format!("{path}.target"), wrong, "a navigation leads to a set");
        return None;
    }
    let Some((index, target)) = known().find(|(_, it)| it.entity.set.as_deref() == Some(&navigation.target)) else {
        if !unread.nameless && !unread.sets.contains(navigation.target.as_str()) {
            let right = match nearest(&navigation.target, known().filter_map(|(_, it)| it.entity.set.as_deref())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a set of this service".to_owned(),
            };
            let wrong = format!("set `{}` does not exist", navigation.target);
            report.add(draft.file, format!("{path}.target"), wrong, right);
        }
        return None;
    };
    let resolved = Navigation {
        collection,
        nullable,
        contained: navigation.contained.unwrap_or(false),
        declared_by: *declared_by,
        expandable: navigation.expandable.unwrap_or(true),
        filterable: navigation.filterable.unwrap_or(true),
        ..Navigation::new(&navigation.name, SetId(u32::try_from(index).ok()?))
    };
    if let Some(link) = &navigation.link {
        let link = link::resolve(draft, (navigation, link), *declared_by, target, path, report)?;
        return Some((index, Navigation { link: Some(link), ..resolved }));
    }
    let pairs = navigation.join.as_ref()?;
    if pairs.is_empty() {
        let right = "name at least one pair: `join = { AccountID = \"AccountID\" }`";
        report.add(draft.file, format!("{path}.join"), "the join is empty", right);
    }
    let mut joins = Vec::new();
    for (local, remote) in pairs {
        let key = format!("{path}.join.{local}");
        let local = draft.column(*declared_by, local, &key, report);
        let remote = column_named(&target.resolved, remote, draft.file, &key, report);
        let (Some((local_id, local)), Some((remote_id, remote))) = (local, remote) else { continue };
        check_pair(local, remote, draft.file, &key, report);
        if !collection && !nullable && local.nullable {
            let wrong = format!("`{}` must lead to an entity, but `{}` can be null", navigation.name, local.name);
            let right = format!("leave `nullable = false` out, or set it on `{}` too", local.name);
            report.add(draft.file, format!("{path}.nullable"), wrong, right);
        }
        joins.push(Join { local: local_id, remote: remote_id });
    }
    if joins.is_empty() || joins.len() < pairs.len() {
        return None;
    }
    Some((index, Navigation { joins, ..resolved }))
}

/// Reports a pair of properties that cannot be compared exactly.
pub(super) fn check_pair(local: &Property, remote: &Property, file: &str, key: &str, report: &mut Report) {
    let (wrong, right) = match not_comparable(local).or(not_comparable(remote)) {
        None if kind(local.scalar) == kind(remote.scalar) => return,
        None => (
            format!("`{}` is of type {}, `{}` of type {}", local.name, local.scalar, remote.name, remote.scalar),
            "joined properties are of one type; whole numbers may differ in size".to_owned(),
        ),
        Some(what) => (
            format!("`{}` and `{}` are not both comparable", local.name, remote.name),
            format!("{what} cannot be joined; use other properties"),
        ),
    };
    report.add(file, key, wrong, right);
}

/// The kind within which values can be joined.
fn kind(scalar: Scalar) -> &'static str {
    if scalar.is_integer() { "whole number" } else { scalar.name() }
}

/// Both directions of every pair of partners; reports partners that do not exist or do not lead back.
fn resolve_partners(
    drafts: &[Draft<'_>],
    found: &HashMap<Place, (usize, Navigation)>,
    report: &mut Report,
) -> HashMap<Place, Place> {
    let mut partners: HashMap<Place, Place> = HashMap::new();
    for (set, draft) in drafts.iter().enumerate() {
        for (place, Said { raw: navigation, path, .. }) in draft.navigations.iter().enumerate() {
            let here = (set, place);
            let Some(name) = &navigation.partner else { continue };
            let Some((index, resolved)) = found.get(&here) else { continue };
            let Some(target) = drafts.get(*index) else { continue };
            let key = format!("{path}.partner");
            let candidates = target.navigations.iter().map(|said| said.raw);
            let Some(back_place) = candidates.clone().position(|back| back.name == *name) else {
                let right = match nearest(name, candidates.map(|back| back.name.as_str())) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name the navigation that leads back, or leave `partner` out".to_owned(),
                };
                let wrong = format!("type `{}` has no navigation `{name}`", target.entity.entity_type);
                report.add(draft.file, key, wrong, right);
                continue;
            };
            let there = (*index, back_place);
            // A way back that is wrong itself is reported at its own place.
            let Some((back_index, back)) = found.get(&there) else { continue };
            if let Some(wrong) = not_leading_back(draft, set, resolved, *back_index, back) {
                report.add(draft.file, key, wrong, "partners lead to each other's set over the same pairs");
                continue;
            }
            let taken = partners.get(&here).is_some_and(|it| *it != there);
            let given = partners.get(&there).is_some_and(|it| *it != here);
            if taken || given || here == there {
                let wrong = format!("`{}` and `{name}` are not partners of each other alone", navigation.name);
                report.add(draft.file, key, wrong, "a navigation has one partner, and both ends agree on it");
                continue;
            }
            partners.insert(here, there);
            partners.insert(there, here);
        }
    }
    partners
}

fn not_leading_back(
    draft: &Draft<'_>,
    set: usize,
    forth: &Navigation,
    back_index: usize,
    back: &Navigation,
) -> Option<String> {
    if back_index != set {
        return Some(format!("`{}` does not lead back to `{}`", back.name, draft.name()));
    }
    let pairs: HashSet<(PropertyId, PropertyId)> = forth.joins.iter().map(|join| (join.local, join.remote)).collect();
    let reverse = back.joins.iter().map(|join| (join.remote, join.local)).collect();
    let mirrored = |link: &Link| Link { near: link.far.clone(), far: link.near.clone(), ..link.clone() };
    let linked = forth.link.as_ref() == back.link.as_ref().map(mirrored).as_ref();
    (pairs != reverse || !linked)
        .then(|| format!("`{}` does not lead back over the same pairs as `{}`", back.name, forth.name))
}
