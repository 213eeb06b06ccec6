//! Owns what only the database itself can judge: queries that stand for tables, and expressions that stand for columns.
//! Gives the requests whose statements it is to plan; nothing is read.

use crate::model::raw::Folder;
use crate::model::{Exposure, Member, Model};

use super::place;

/// One request, and where the file is wrong if its statement is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The source that is asked, by its name.
    pub source: String,
    /// The file.
    pub file: String,
    /// The key.
    pub key: String,
    /// The request, below the service root.
    pub target: String,
    /// If it fails, the other trials of the file say the same once more.
    pub comes_first: bool,
    /// What would be right.
    pub right: &'static str,
}

/// The trials of a model.
pub fn trials(model: &Model, folders: &[Folder]) -> Vec<Trial> {
    let places = place::published(model, folders);
    let mut trials = Vec::new();
    for set in
        model.sets.iter().filter(|set| !matches!(set.exposure, Exposure::Contained { .. } | Exposure::Unpublished))
    {
        let source = usize::try_from(set.source.0).ok().and_then(|source| model.sources.get(source));
        let (Some(place), Some(it), Some(source)) = (places.get(&set.name), model.entity_type(set.entity_type), source)
        else {
            continue;
        };
        let is_query = set.table.query.is_some();
        let of = |name: &str, key: String, comes_first, right| Trial {
            source: source.clone(),
            file: place.file.clone(),
            key,
            target: format!("{}?$select={name}", set.name),
            comes_first,
            right,
        };
        let key = it.key.first().and_then(|id| it.property(*id));
        if let (true, Some(key)) = (is_query, key) {
            let right = "correct the query; it gives the columns of the key, too";
            trials.push(of(&key.name, "query".to_owned(), true, right));
        }
        for member in &it.structure {
            let Member::Property(id) = member else { continue };
            let Some(property) = it.property(*id) else { continue };
            if property.column.is_empty() {
                let key = place.of_property(&property.name, "expression");
                trials.push(of(&property.name, key, false, "correct the expression; columns stand in braces"));
            } else if is_query && !it.key.contains(id) {
                let key = place.of_column(&property.column, "column");
                trials.push(of(&property.name, key, false, "name a column that the query gives"));
            }
        }
    }
    trials
}
