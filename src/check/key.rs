//! Compares keys and relations with the keys of the database, and asks whether an index serves what clients may do.

use crate::catalog::{Relation, RelationKind};
use crate::model::{Family, Navigation, Property, PropertyId, Sign};

use super::set::{column_of, find, same};
use super::{Findings, Subject, Told, listed};

/// Smaller tables are read as fast as an index.
const ROWS_LARGE: u64 = 10_000;

/// Whether reading all of it takes its time. Of what nobody has counted that is not known.
pub(super) fn is_large(relation: &Relation) -> bool {
    relation.rows.is_some_and(|rows| rows >= ROWS_LARGE)
}

/// Whether an index of all rows begins with this column.
pub(super) fn begins_index(told: &Told, relation: &Relation, column: &str) -> bool {
    const SEARCHES: [&str; 3] = ["btree", "hash", "rtree"];
    relation.indexes.iter().any(|index| {
        !index.partial
            && SEARCHES.contains(&index.method.as_str())
            && index.columns.first().is_some_and(|first| same(told.family, first, column))
    })
}

/// Whether an index serves a property. That of what the column is cast to is not known: only PostgreSQL has such.
fn is_served(told: &Told, relation: &Relation, property: &Property) -> bool {
    if property.form.is_written_plainly() {
        begins_index(told, relation, &property.column)
    } else {
        told.family == Family::Postgres
    }
}

/// Keys, and what of the properties no index serves.
pub(super) fn check(subject: &Subject<'_>, relation: &Relation, findings: &mut Findings) {
    let Subject { place, set, entity_type, told, .. } = subject;
    check_unique(subject, relation, &entity_type.key, "key", findings);
    for (number, key) in (1..).zip(&entity_type.alternate_keys) {
        check_unique(subject, relation, key, &format!("alternate_keys.{number}"), findings);
    }
    if let Some(probe) = &set.changes.probe {
        match probe.sign {
            Sign::Statistics if matches!(relation.kind, RelationKind::View | RelationKind::Foreign) => findings.error(
                &place.file,
                "cache.probe_statistics",
                format!("`{}` is no table, and the database counts no changes of it", relation.name),
                "leave it out, or use `probe_property` or `notify`",
            ),
            Sign::Greatest(id) if is_large(relation) => {
                let property = entity_type.property(id);
                if let Some(property) = property.filter(|it| !is_served(told, relation, it)) {
                    let wrong = format!("no index of `{}` begins with `{}`", relation.name, property.column);
                    let right = "its greatest value is asked for again and again; make such an index";
                    findings.warn(&place.file, "cache.probe_property", wrong, right);
                }
            }
            _ => {}
        }
    }
    if is_large(relation) {
        check_served(subject, relation, findings);
    }
}

/// The columns of these properties.
fn columns<'a>(subject: &Subject<'a>, ids: &[PropertyId]) -> Vec<&'a str> {
    ids.iter().filter_map(|id| subject.entity_type.property(*id)).map(|property| &*property.column).collect()
}

/// Whether the database itself keeps these columns unique together.
fn is_unique(told: &Told, relation: &Relation, columns: &[&str]) -> bool {
    let has = |name: &String| columns.iter().any(|column| same(told.family, column, name));
    relation.keys.iter().any(|key| key.columns.iter().all(has))
}

fn check_unique(subject: &Subject<'_>, relation: &Relation, ids: &[PropertyId], key: &str, findings: &mut Findings) {
    let Subject { told, place, .. } = subject;
    let columns = columns(subject, ids);
    let knows =
        matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::MaterializedView);
    if knows && !is_unique(told, relation, &columns) {
        let wrong = format!("{} is no key of `{}` in the database", listed(columns.iter().copied()), relation.name);
        let right = match relation.keys.first() {
            Some(known) => format!("its key is {}", listed(known.columns.iter().map(String::as_str))),
            None => "be sure that no two rows share it, and make it unique".to_owned(),
        };
        findings.warn(&place.file, key, wrong, format!("{right}; rows that share a key are lost or doubled"));
    }
    if is_large(relation) && !columns.iter().any(|column| begins_index(told, relation, column)) {
        let wrong = format!("no index of `{}` begins with {}", relation.name, listed(columns));
        findings.warn(&place.file, key, wrong, "each record is looked for in the whole table; make such an index");
    }
}

/// One finding for all that no index serves.
fn check_served(subject: &Subject<'_>, relation: &Relation, findings: &mut Findings) {
    let Subject { told, place, entity_type, .. } = subject;
    let bare: Vec<&str> = entity_type
        .properties
        .iter()
        .filter(|property| !property.hidden && !property.column.is_empty())
        .filter(|property| property.filterable || property.sortable)
        .filter(|property| property.collection.is_none() && !is_served(told, relation, property))
        .map(|property| property.name.as_str())
        .collect();
    if bare.is_empty() {
        return;
    }
    let rows = relation.rows.unwrap_or_default();
    let wrong = format!("no index serves {} of about {rows} rows", listed(bare));
    let right = "a filter or an order by one of them alone reads the whole table: make indexes for those that people use, \
                 and say `filterable = false` and `sortable = false` of the others";
    findings.warn(&place.file, "property", wrong, right);
}

/// Whether a navigation leads to the rows that it promises, and finds them.
pub(super) fn check_navigation(
    subject: &Subject<'_>,
    relation: &Relation,
    navigation: &Navigation,
    findings: &mut Findings,
) {
    let Subject { ground, place, entity_type, told, .. } = subject;
    let model = ground.model;
    let (Some(target), Some(target_type)) = (model.set(navigation.target), model.type_of(navigation.target)) else {
        return;
    };
    if navigation.joins.is_empty() {
        return;
    }
    let key = place.of_navigation(&navigation.name, "join");
    let Some(far) = ground.told(target) else { return };
    let Some(other) = find(far, &target.table) else { return };
    let columns: Vec<&str> = navigation
        .joins
        .iter()
        .filter_map(|join| target_type.property(join.remote))
        .map(|property| &*property.column)
        .filter(|column| column_of(far, other, column).is_some())
        .collect();
    let knows = matches!(other.kind, RelationKind::Table | RelationKind::Partitioned);
    if !navigation.collection && knows && !is_unique(far, other, &columns) {
        let wrong = format!(
            "`{}` leads to one row, but {} is no key of `{}`",
            navigation.name,
            listed(columns.iter().copied()),
            other.name
        );
        findings.warn(&place.file, &key, wrong, "join the key of the target, or say `to = \"many\"`");
    }
    if is_large(other) && !columns.iter().any(|column| begins_index(far, other, column)) {
        let wrong = format!("no index of `{}` begins with {}", other.name, listed(columns));
        findings.warn(
            &place.file,
            &key,
            wrong,
            "each step over this relation reads the whole table; make such an index",
        );
    }
    // A row that must have a related one, and may lack what joins them.
    let is_table = matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned);
    if !navigation.collection && !navigation.nullable && is_table && told.family != Family::Sqlite {
        let local = navigation.joins.iter().filter_map(|join| entity_type.property(join.local));
        for property in local.filter(|property| property.nullable) {
            if column_of(told, relation, &property.column).is_some_and(|column| column.nullable) {
                let wrong =
                    format!("`{}` can be null, but `{}` always leads to a row", property.column, navigation.name);
                let right = "leave `nullable = false` out";
                findings.error(&place.file, &place.of_navigation(&navigation.name, "nullable"), wrong, right);
            }
        }
    }
}
