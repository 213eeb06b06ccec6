//! Resolves the navigation properties of all types: targets, joins and partners.
//!
//! # Decisions
//!
//! - Joined properties are of one kind (whole numbers of any size count as one). The rows of another source are
//!   matched by value in this program and those of the same source by the database, and both must agree.
//! - A partner named on one end holds for both, so a model is always symmetrical.

use std::collections::{HashMap, HashSet};

use super::entity::property_named;
use crate::edm::Scalar;
use crate::model::raw::{self, Report, nearest};
use crate::model::{EntityType, Join, Navigation, NavigationId, Property, PropertyId, SetId};

/// One readable entity type file with its resolved type. Its place in the list is its [`SetId`].
pub(super) struct Draft<'a> {
    pub(super) file: &'a str,
    pub(super) entity: &'a raw::Entity,
    pub(super) resolved: EntityType,
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
        for (place, navigation) in draft.entity.navigations.iter().enumerate() {
            if let Some(resolved) = resolve_one(draft, navigation, place, drafts, unread, report) {
                found.insert((set, place), resolved);
            }
        }
    }
    let partners = resolve_partners(drafts, &found, report);
    for (set, draft) in drafts.iter_mut().enumerate() {
        for place in 0..draft.entity.navigations.len() {
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
    navigation: &raw::Navigation,
    place: usize,
    drafts: &[Draft<'_>],
    unread: &Unread,
    report: &mut Report,
) -> Option<(usize, Navigation)> {
    let path = format!("navigation.{}", place + 1);
    let collection = navigation.to == raw::To::Many;
    if collection && navigation.nullable.is_some() {
        let wrong = "`nullable` does not go with `to = \"many\"`";
        report.add(draft.file, format!("{path}.nullable"), wrong, "leave it out: a collection may be empty");
    }
    let nullable = !collection && navigation.nullable.unwrap_or(true);
    let Some((index, target)) = drafts.iter().enumerate().find(|(_, it)| it.entity.set == navigation.target) else {
        if !unread.nameless && !unread.sets.contains(navigation.target.as_str()) {
            let right = match nearest(&navigation.target, drafts.iter().map(|it| it.entity.set.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a set of this service".to_owned(),
            };
            let wrong = format!("set `{}` does not exist", navigation.target);
            report.add(draft.file, format!("{path}.target"), wrong, right);
        }
        return None;
    };
    if navigation.join.is_empty() {
        let right = "name at least one pair: `join = { AccountID = \"AccountID\" }`";
        report.add(draft.file, format!("{path}.join"), "the join is empty", right);
    }
    let mut joins = Vec::new();
    for (local, remote) in &navigation.join {
        let key = format!("{path}.join.{local}");
        let local = property_named(&draft.resolved, local, draft.file, &key, report);
        let remote = property_named(&target.resolved, remote, draft.file, &key, report);
        let (Some((local_id, local)), Some((remote_id, remote))) = (local, remote) else { continue };
        check_pair(local, remote, draft.file, &key, report);
        if !collection && !nullable && local.nullable {
            let wrong = format!("`{}` must lead to an entity, but `{}` can be null", navigation.name, local.name);
            let right = format!("leave `nullable = false` out, or set it on `{}` too", local.name);
            report.add(draft.file, format!("{path}.nullable"), wrong, right);
        }
        joins.push(Join { local: local_id, remote: remote_id });
    }
    if joins.is_empty() || joins.len() < navigation.join.len() {
        return None;
    }
    let target = SetId(u32::try_from(index).ok()?);
    Some((index, Navigation { collection, nullable, joins, ..Navigation::new(&navigation.name, target) }))
}

/// Reports a pair of properties that cannot be compared exactly.
fn check_pair(local: &Property, remote: &Property, file: &str, key: &str, report: &mut Report) {
    let (wrong, right) = match (kind(local.scalar), kind(remote.scalar)) {
        (Some(a), Some(b)) if a == b => return,
        (Some(_), Some(_)) => (
            format!("`{}` is of type {}, `{}` of type {}", local.name, local.scalar, remote.name, remote.scalar),
            "joined properties are of one type; whole numbers may differ in size",
        ),
        _ => (
            format!("`{}` and `{}` are not both comparable", local.name, remote.name),
            "floating-point numbers cannot be joined; use other properties",
        ),
    };
    report.add(file, key, wrong, right);
}

/// The kind within which values can be joined; `None` for types that cannot.
fn kind(scalar: Scalar) -> Option<&'static str> {
    match scalar {
        _ if scalar.is_integer() => Some("whole number"),
        Scalar::Single | Scalar::Double => None,
        other => Some(other.name()),
    }
}

/// Both directions of every pair of partners; reports partners that do not exist or do not lead back.
fn resolve_partners(
    drafts: &[Draft<'_>],
    found: &HashMap<Place, (usize, Navigation)>,
    report: &mut Report,
) -> HashMap<Place, Place> {
    let mut partners: HashMap<Place, Place> = HashMap::new();
    for (set, draft) in drafts.iter().enumerate() {
        for (place, navigation) in draft.entity.navigations.iter().enumerate() {
            let here = (set, place);
            let Some(name) = &navigation.partner else { continue };
            let Some((index, resolved)) = found.get(&here) else { continue };
            let Some(target) = drafts.get(*index) else { continue };
            let key = format!("navigation.{}.partner", place + 1);
            let candidates = target.entity.navigations.iter();
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
        return Some(format!("`{}` does not lead back to `{}`", back.name, draft.entity.set));
    }
    let pairs: HashSet<(PropertyId, PropertyId)> = forth.joins.iter().map(|join| (join.local, join.remote)).collect();
    let reverse = back.joins.iter().map(|join| (join.remote, join.local)).collect();
    (pairs != reverse).then(|| format!("`{}` does not lead back over the same pairs as `{}`", back.name, forth.name))
}
