//! Compares published sets with what Salesforce Connect can sync: how many there are, their names (`names`), the types
//! of their properties (`types`) and their keys (`keys`). All of it are warnings: other clients are served well.

mod keys;
mod names;
mod types;

use crate::export::rules::OBJECTS_MAX;
use crate::model::raw::Folder;
use crate::model::{EntitySet, EntityType, Model};

use super::Findings;
use super::place::{self, Place};

/// One published set.
struct Published<'a> {
    place: &'a Place,
    set: &'a EntitySet,
    entity_type: &'a EntityType,
}

/// Compares every published set with Salesforce's limits.
pub fn salesforce(model: &Model, folders: &[Folder]) -> Findings {
    let places = place::published(model, folders);
    let mut findings = Findings::default();
    let published: Vec<Published<'_>> = model
        .sets
        .iter()
        .filter(|set| set.is_published())
        .filter_map(|set| {
            Some(Published { place: places.get(&set.name)?, set, entity_type: model.entity_type(set.entity_type)? })
        })
        .collect();
    if published.len() > OBJECTS_MAX {
        let file = folders.first().map(|folder| folder.service.name.as_str()).unwrap_or_default();
        let wrong = format!("service `{}` publishes {} sets", model.service, published.len());
        let right = format!(
            "an organisation of Salesforce has at most {OBJECTS_MAX} external objects: sync some of them only, or divide the \
             sets among services"
        );
        findings.warn(file, "", wrong, right);
    }
    names::sets(&published, &mut findings);
    for set in &published {
        names::properties(set, &mut findings);
        types::check(set, &mut findings);
        keys::check(set, &mut findings);
    }
    findings
}
