//! Compares the index of words that a set names with the indexes of the database.

use crate::catalog::{ColumnType, Index, Relation};
use crate::model::{EntityType, SearchIndex};

use super::key::is_large;
use super::set::{column_of, same};
use super::{Findings, Subject, listed};

/// The columns in which is searched.
fn searched(entity_type: &EntityType) -> impl Iterator<Item = &str> {
    let searched = entity_type.properties.iter().filter(|property| property.searchable && !property.column.is_empty());
    searched.map(|property| &*property.column)
}

/// The index of words of one set.
pub(super) fn check(subject: &Subject<'_>, relation: &Relation, findings: &mut Findings) {
    let Subject { told, place, set, entity_type, .. } = subject;
    let Some(search) = &set.search else { return };
    let file = &place.file;
    let inverted = |index: &Index, column: &str| {
        matches!(index.method.as_str(), "gin" | "gist" | "rum") && index.columns.iter().any(|name| name == column)
    };
    match search {
        SearchIndex::TsVector { column, .. } => {
            let key = "search.postgres.column";
            match column_of(told, relation, column).map(|found| &found.column_type) {
                Some(ColumnType::Other { name, .. }) if name == "tsvector" => {}
                Some(_) => {
                    let wrong = format!("column `{column}` is no tsvector");
                    findings.error(file, key, wrong, "name a column of type tsvector, or use `index = \"trigram\"`");
                    return;
                }
                None => {
                    let wrong = format!("table `{}` has no column `{column}`", relation.name);
                    findings.error(file, key, wrong, "add a tsvector column that is computed from the texts");
                    return;
                }
            }
            if is_large(relation) && !relation.indexes.iter().any(|index| inverted(index, column)) {
                let wrong = format!("no GIN index holds `{column}`");
                findings.warn(file, key, wrong, format!("CREATE INDEX ON {} USING gin ({column})", relation.name));
            }
        }
        SearchIndex::Trigram { column: Some(column) } => {
            let key = "search.postgres.column";
            match column_of(told, relation, column).map(|found| &found.column_type) {
                Some(ColumnType::Text { .. }) => {}
                Some(_) => {
                    let wrong = format!("column `{column}` is no text");
                    findings.error(file, key, wrong, "name a column that holds all searchable texts");
                    return;
                }
                None => {
                    let wrong = format!("table `{}` has no column `{column}`", relation.name);
                    let right = "add a text column that is computed from all searchable texts, or leave it out";
                    findings.error(file, key, wrong, right);
                    return;
                }
            }
            if is_large(relation) && !relation.indexes.iter().any(|index| inverted(index, column)) {
                let wrong = format!("no trigram index holds `{column}`");
                let right = format!("CREATE INDEX ON {} USING gin ({column} gin_trgm_ops)", relation.name);
                findings.warn(file, key, wrong, right);
            }
        }
        SearchIndex::Trigram { column: None } => {
            let bare: Vec<&str> = searched(entity_type)
                .filter(|column| !relation.indexes.iter().any(|index| inverted(index, column)))
                .collect();
            if is_large(relation) && !bare.is_empty() {
                let wrong = format!("no trigram index holds {}", listed(bare));
                let right = "CREATE INDEX … USING gin (column gin_trgm_ops), or say `searchable = false` of them";
                findings.warn(file, "search.postgres.index", wrong, right);
            }
        }
        SearchIndex::FullText { columns } => {
            let holds_them = |index: &Index| {
                index.method == "fulltext"
                    && index.columns.len() == columns.len()
                    && columns.iter().all(|column| index.columns.iter().any(|name| same(told.family, name, column)))
            };
            if !relation.indexes.iter().any(holds_them) {
                let wrong = format!(
                    "`{}` has no FULLTEXT index over exactly {}",
                    relation.name,
                    listed(columns.iter().map(String::as_str))
                );
                let known = relation.indexes.iter().find(|index| index.method == "fulltext");
                let right = match known {
                    Some(index) => format!("there is one over {}", listed(index.columns.iter().map(String::as_str))),
                    None => "make one: $search fails without it".to_owned(),
                };
                findings.error(file, "search.mysql.fulltext", wrong, right);
            }
        }
        SearchIndex::Fts5 { table, trigram, .. } => {
            let mut known = told.catalog.word_indexes.iter().filter(|index| index.method == "fts5");
            if let Some(found) = known.find(|index| index.name.eq_ignore_ascii_case(table)) {
                let made = found.tokenize.as_deref().unwrap_or_default().to_ascii_lowercase();
                match (made.starts_with("trigram"), *trigram) {
                    (false, true) => {
                        let wrong = format!("the words of `{table}` are no trigrams");
                        let right = "make it with `tokenize = 'trigram'`, or leave `tokenize` out";
                        findings.error(file, "search.sqlite.tokenize", wrong, right);
                    }
                    (true, false) => {
                        let wrong = format!("the words of `{table}` are trigrams, and the file does not say so");
                        let right = "say `tokenize = \"trigram\"`: short phrases are not found without it";
                        findings.warn(file, "search.sqlite.fts5", wrong, right);
                    }
                    (true, true) => {
                        let holds = |column: &str| found.columns.iter().any(|name| same(told.family, name, column));
                        let bare: Vec<&str> = searched(entity_type).filter(|column| !holds(column)).collect();
                        if !bare.is_empty() {
                            let wrong = format!("`{table}` does not hold {}", listed(bare));
                            let right = "add them to it, or say `searchable = false` of them: rows would be missed";
                            findings.error(file, "search.sqlite.fts5", wrong, right);
                        }
                    }
                    (false, false) => {}
                }
            } else {
                let wrong = format!("there is no FTS5 table `{table}`");
                let names = told.catalog.word_indexes.iter().map(|index| index.name.as_str());
                let right = match crate::model::raw::nearest(table, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "make one with CREATE VIRTUAL TABLE … USING fts5: $search fails without it".to_owned(),
                };
                findings.error(file, "search.sqlite.fts5", wrong, right);
            }
        }
    }
}
