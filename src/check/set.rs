//! Compares one set with its table: whether it is there and may be read, then its columns, keys, relations and indexes.

use crate::catalog::{Catalog, Column, Relation};
use crate::edm::{Made, Slot};
use crate::model::raw::nearest;
use crate::model::{Family, Navigation, Property, Table};

use super::{Findings, Subject, Told, column, key, search};

/// What a table is called in messages.
pub(super) fn named(table: &Table) -> String {
    match &table.schema {
        Some(schema) => format!("`{schema}`.`{}`", table.name),
        None => format!("`{}`", table.name),
    }
}

/// Whether two names of columns are one to the product. Names in quotes keep their case on PostgreSQL only.
pub(super) fn same(family: Family, one: &str, other: &str) -> bool {
    match family {
        Family::Postgres => one == other,
        Family::Mysql | Family::Sqlite => one.to_lowercase() == other.to_lowercase(),
    }
}

/// The relation behind a table of the files.
pub(super) fn find<'a>(told: &'a Told, table: &Table) -> Option<&'a Relation> {
    let catalog = &told.catalog;
    let in_schema = |schema: Option<&str>| {
        let is_it = |relation: &&Relation| match told.family {
            // One file has one schema.
            Family::Sqlite => relation.name.eq_ignore_ascii_case(&table.name),
            Family::Postgres | Family::Mysql => {
                relation.name.as_str() == &*table.name && relation.schema.as_deref() == schema
            }
        };
        catalog.relations.iter().find(is_it)
    };
    match (&table.schema, told.family) {
        (Some(schema), _) => in_schema(Some(schema)),
        (None, Family::Sqlite) => in_schema(None),
        (None, _) => catalog.search_path.iter().find_map(|schema| in_schema(Some(schema))),
    }
}

/// The column of a relation with this name.
pub(super) fn column_of<'a>(told: &Told, relation: &'a Relation, name: &str) -> Option<&'a Column> {
    relation.columns.iter().find(|column| same(told.family, &column.name, name))
}

/// Everything about one set.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Subject { told, place, set, entity_type, .. } = subject;
    if set.table.query.is_some() {
        // Its columns are in no catalogue; the database itself is asked whether it can run the query.
        return;
    }
    let Some(relation) = table(subject, &set.table, "table", "schema", findings) else { return };
    for property in &entity_type.properties {
        if let Some(Made::Calculated(template)) = property.made.as_deref() {
            let key = place.of_property(&property.name, "expression");
            for slot in &template.0 {
                if let Slot::Column(name) = slot {
                    one_column(subject, relation, name, &key, findings);
                }
            }
            continue;
        }
        let key = place.of_column(&property.column, "column");
        if let Some(column) = one_column(subject, relation, &property.column, &key, findings) {
            column::check(subject, relation, column, property, findings);
        }
    }
    key::check(subject, relation, findings);
    search::check(subject, relation, findings);
    for navigation in &entity_type.navigations {
        link(subject, navigation, findings);
        key::check_navigation(subject, relation, navigation, findings);
    }
    for sentence in told.catalog.unread.iter().filter(|sentence| sentence.contains(&format!("'{}'", set.table.name))) {
        findings.warn(&place.file, "table", sentence.clone(), "what it holds back was not compared");
    }
}

/// The relation behind a table that the files name, or a finding.
fn table<'a>(
    subject: &Subject<'a>,
    table: &Table,
    table_key: &str,
    schema_key: &str,
    findings: &mut Findings,
) -> Option<&'a Relation> {
    let Subject { told, place, .. } = subject;
    let file = &place.file;
    let Some(relation) = find(told, table) else {
        let (key, wrong, right) = missing(&told.catalog, told.family, table);
        findings.error(file, if key { schema_key } else { table_key }, wrong, right);
        return None;
    };
    if !relation.readable {
        let wrong = format!("the user of the source may not read {}", named(table));
        let mut right = format!("GRANT SELECT ON {} TO the user", named(table));
        if told.family == Family::Postgres {
            right.push_str(", and USAGE on its schema");
        }
        findings.error(file, table_key, wrong, right);
        return None;
    }
    Some(relation)
}

/// Whether the schema is what is missing, and the sentences.
fn missing(catalog: &Catalog, family: Family, table: &Table) -> (bool, String, String) {
    let hidden = if family == Family::Mysql { ", or the user may not see it" } else { "" };
    let broken = catalog.unread.iter().find(|sentence| sentence.contains(&format!("'{}'", table.name)));
    if let Some(sentence) = broken {
        return (false, sentence.clone(), "repair it, or take it out of the files".to_owned());
    }
    let in_schema = |relation: &&Relation| match &table.schema {
        Some(schema) => relation.schema.as_deref() == Some(&**schema),
        None => relation.schema.as_ref().is_none_or(|schema| catalog.search_path.contains(schema)),
    };
    if let Some(schema) = &table.schema
        && family != Family::Sqlite
        && !catalog.relations.iter().any(|relation| relation.schema.as_deref() == Some(&**schema))
    {
        let known = catalog.relations.iter().filter_map(|relation| relation.schema.as_deref());
        let right = match nearest(schema, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a schema of the database that holds tables".to_owned(),
        };
        return (true, format!("schema `{schema}` has no table or does not exist{hidden}"), right);
    }
    let elsewhere = catalog.relations.iter().find(|relation| relation.name.as_str() == &*table.name);
    let near = nearest(&table.name, catalog.relations.iter().filter(in_schema).map(|relation| relation.name.as_str()));
    let right = match (elsewhere.and_then(|relation| relation.schema.as_ref()), near) {
        (Some(schema), _) => format!("it is in `{schema}`: say `schema = \"{schema}\"`"),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => "name a table or view of the database, exactly as it spells it".to_owned(),
    };
    (false, format!("table {} does not exist{hidden}", named(table)), right)
}

/// The column with this name, or a finding.
fn one_column<'a>(
    subject: &Subject<'_>,
    relation: &'a Relation,
    name: &str,
    key: &str,
    findings: &mut Findings,
) -> Option<&'a Column> {
    let Subject { told, place, .. } = subject;
    let Some(column) = column_of(told, relation, name) else {
        let hidden = if told.family == Family::Mysql { ", or the user may not see it" } else { "" };
        let right = match nearest(name, relation.columns.iter().map(|column| column.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the columns are {}", super::listed(relation.columns.iter().map(|it| it.name.as_str()))),
        };
        let wrong = format!("table `{}` has no column `{name}`{hidden}", relation.name);
        findings.error(&place.file, key, wrong, right);
        return None;
    };
    if !column.readable {
        let wrong = format!("the user of the source may not read column `{name}` of `{}`", relation.name);
        findings.error(&place.file, key, wrong, "GRANT SELECT on it to the user, or take it out of the file");
        return None;
    }
    Some(column)
}

/// The table of a many-to-many relation.
fn link(subject: &Subject<'_>, navigation: &Navigation, findings: &mut Findings) {
    let Some(link) = &navigation.link else { return };
    let Subject { place, ground, told, entity_type, .. } = subject;
    let key = |inner: &str| place.of_navigation(&navigation.name, inner);
    let Some(relation) = table(subject, &link.table, &key("link.table"), &key("link.schema"), findings) else {
        return;
    };
    let target = ground.model.type_of(navigation.target);
    let sides = [("near", &link.near, Some(*entity_type)), ("far", &link.far, target)];
    for (side, pairs, owner) in sides {
        for (name, id) in pairs {
            let key = key(&format!("link.{side}.{name}"));
            let Some(column) = one_column(subject, relation, name, &key, findings) else { continue };
            let property: Option<&Property> = owner.and_then(|owner| owner.property(*id));
            if let Some(property) = property {
                column::check_type(subject, column, property, &key, findings);
            }
        }
        if key::is_large(relation) && !pairs.iter().any(|(name, _)| key::begins_index(told, relation, name)) {
            let wrong = format!(
                "no index of `{}` begins with {}",
                relation.name,
                super::listed(pairs.iter().map(|(name, _)| &**name))
            );
            let right = "each way over this relation reads the whole table; make such an index";
            findings.warn(&place.file, &key(&format!("link.{side}")), wrong, right);
        }
    }
}
