//! Says of each source once which tables nobody has counted: what no index serves is told of large tables only.

use crate::catalog::{Relation, RelationKind};
use crate::model::raw::{self, Folder};

use super::set::find;
use super::{Findings, Ground, listed};

/// One finding for each source with such tables.
pub(super) fn check(ground: &Ground<'_>, folders: &[Folder], findings: &mut Findings) {
    let model = ground.model;
    for (number, name) in model.sources.iter().enumerate() {
        let of_source = model.sets.iter().filter(|set| usize::try_from(set.source.0) == Ok(number));
        let mut bare: Vec<&str> = of_source
            .filter(|set| set.table.query.is_none())
            .filter_map(|set| find(ground.told(set)?, &set.table))
            .filter(|relation| is_uncounted(relation))
            .map(|relation| relation.name.as_str())
            .collect();
        bare.sort_unstable();
        bare.dedup();
        if bare.is_empty() {
            continue;
        }
        let is_its = |folder: &&Folder| raw::read_service(&folder.service).is_ok_and(|service| service.source == *name);
        let file = folders.iter().find(is_its).map_or("", |folder| folder.service.name.as_str());
        let count = bare.len();
        let wrong = format!("source `{name}` has no count of the rows of {count} table(s): {}", listed(bare));
        let right = "run ANALYZE there and check again: which keys, filters and orders lack an index is said of tables that \
                     are known to be large";
        findings.warn(file, "source", wrong, right);
    }
}

/// Views are never counted.
fn is_uncounted(relation: &Relation) -> bool {
    let counts =
        matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::MaterializedView);
    counts && relation.rows.is_none()
}
