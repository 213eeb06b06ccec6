//! Resolves what a set says of itself beyond its rows: its index of words, and the row of a singleton.

use super::entity::property_named;
use super::names::check_database_name;
use super::value_type::value_of;
use crate::edm::Value;
use crate::model::raw::{self, Report, WordIndex};
use crate::model::{EntityType, EnumType, Family, SearchIndex};

/// The index of words for the database of the set, if one is declared.
pub(super) fn index(
    entity: &raw::Entity,
    resolved: &EntityType,
    family: Option<Family>,
    file: &str,
    report: &mut Report,
) -> Option<SearchIndex> {
    let search = entity.search.as_ref()?;
    if entity.searchable == Some(false) {
        let wrong = "an index is named for `$search`, which is not answered";
        report.add(file, "searchable", wrong, "leave `search` or `searchable = false` out");
    }
    let texts = || resolved.properties.iter().filter(|property| property.searchable);
    if texts().next().is_none() {
        report.add(file, "search", "no property of the type is searchable", "leave it out");
    }
    let postgres = search.postgres.as_ref().map(|it| match it.index {
        WordIndex::Tsvector => {
            let column = it.column.clone().unwrap_or_default();
            check_database_name(&column, file, "search.postgres.column", report);
            let config = it.config.clone().unwrap_or_else(|| "simple".to_owned());
            check_database_name(&config, file, "search.postgres.config", report);
            SearchIndex::TsVector { column, config }
        }
        WordIndex::Trigram => {
            if it.config.is_some() {
                let wrong = "`config` does not go with a trigram index";
                report.add(file, "search.postgres.config", wrong, "it belongs to `tsvector`; leave it out");
            }
            if let Some(column) = &it.column {
                check_database_name(column, file, "search.postgres.column", report);
            }
            SearchIndex::Trigram { column: it.column.clone() }
        }
    });
    let mysql = search.mysql.as_ref().map(|it| {
        let key = "search.mysql.fulltext";
        if it.fulltext.is_empty() {
            report.add(file, key, "the index has no column", "name the columns of the FULLTEXT index");
        }
        for column in &it.fulltext {
            if !texts().any(|property| *property.column == **column) {
                let wrong = format!("column `{column}` belongs to no searchable property");
                report.add(file, key, wrong, "an index finds what is published and searchable, and nothing else");
            }
        }
        SearchIndex::FullText { columns: it.fulltext.clone() }
    });
    let sqlite = search.sqlite.as_ref().and_then(|it| {
        check_database_name(&it.fts5, file, "search.sqlite.fts5", report);
        let key = "search.sqlite.rowid";
        let (rowid, property) = property_named(resolved, &it.rowid, file, key, report)?;
        if !property.scalar.is_integer() || property.nullable || property.collection.is_some() {
            let wrong = format!("`{}` cannot be a row id", property.name);
            report.add(file, key, wrong, "a row id is a whole number and never null");
        }
        Some(SearchIndex::Fts5 { table: it.fts5.clone(), rowid, trigram: it.tokenize.is_some() })
    });
    match family? {
        Family::Postgres => postgres,
        Family::Mysql => mysql,
        Family::Sqlite => sqlite,
    }
}

/// The key of a singleton's row.
pub(super) fn row(
    entity: &raw::Entity,
    resolved: &EntityType,
    enums: &[EnumType],
    file: &str,
    report: &mut Report,
) -> Vec<Value> {
    let Some(row) = &entity.row else { return Vec::new() };
    if entity.singleton.is_none() {
        report.add(file, "row", "`row` does not go with a set", "it belongs to a singleton; leave it out");
        return Vec::new();
    }
    if row.len() != entity.key.len() {
        let wrong = format!("{} values are given for a key of {} properties", row.len(), entity.key.len());
        report.add(file, "row", wrong, "give one for each, in order");
        return Vec::new();
    }
    let mut key = Vec::with_capacity(row.len());
    for (written, id) in row.iter().zip(&resolved.key) {
        let Some(property) = resolved.property(*id) else { continue };
        if let Some(value) = value_of(written, property, enums) {
            key.push(value);
        } else {
            let wrong = format!("the value of `{}` is none of type {}", property.name, property.scalar);
            report.add(file, "row", wrong, "write it as in a URL, texts in quotes");
        }
    }
    key
}
