//! Owns [`choose`]: by which columns the rows of a relation are known, and which a view might have.

use std::collections::HashMap;

use crate::catalog::{Catalog, Column, Relation, RelationKind};

use super::form::{Form, KEY_TEXT_MAX, offered};

/// The columns of the key, or why there are none. `declared` is what whoever asked for the draft says.
pub(super) fn choose<'a>(relation: &'a Relation, declared: Option<&'a [String]>) -> Result<Vec<&'a str>, String> {
    if let Some(columns) = declared {
        usable(relation, columns.iter().map(String::as_str))?;
        return Ok(columns.iter().map(String::as_str).collect());
    }
    let mut unfit = None;
    let mut best: Option<(usize, i64, Vec<&str>)> = None;
    for key in &relation.keys {
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        let forms = match usable(relation, columns.iter().copied()) {
            Ok(forms) => forms,
            Err(reason) => {
                unfit = unfit.or(Some(reason));
                continue;
            }
        };
        if key.primary {
            return Ok(columns);
        }
        let null = columns.iter().find(|name| column_of(relation, name).is_none_or(|column| column.nullable));
        if let Some(name) = null {
            unfit = unfit.or_else(|| Some(format!("column `{name}` of the unique key can be null")));
            continue;
        }
        let length = forms.iter().map(|form| form.text_length().unwrap_or(i64::MAX / 64)).sum();
        let better = best.as_ref().is_none_or(|best| (columns.len(), length, &columns) < (best.0, best.1, &best.2));
        if better {
            best = Some((columns.len(), length, columns));
        }
    }
    if let Some((_, _, columns)) = best {
        return Ok(columns);
    }
    let view = matches!(relation.kind, RelationKind::View | RelationKind::MaterializedView);
    let what = if view { "a view tells no key" } else { "it has neither a primary key nor a unique one without nulls" };
    Err(unfit.map_or_else(|| what.to_owned(), |unfit| format!("its key cannot be used: {unfit}")))
}

/// The forms of the columns of a key, or why one of them cannot identify anything.
fn usable<'a>(relation: &Relation, columns: impl Iterator<Item = &'a str>) -> Result<Vec<Form>, String> {
    columns
        .map(|name| {
            let column = column_of(relation, name).ok_or_else(|| format!("there is no column `{name}`"))?;
            let offered = offered(column, false, true, true).map_err(|reason| format!("column `{name}`: {reason}"))?;
            if offered.form.is_comparable() {
                return Ok(offered.form);
            }
            Err(format!("column `{name}` is of type {}, whose values cannot be compared exactly", column.declared))
        })
        .collect()
}

/// The column of this name.
pub(super) fn column_of<'a>(relation: &'a Relation, name: &str) -> Option<&'a Column> {
    relation.columns.iter().find(|column| column.name == name)
}

/// What Salesforce makes of a key with these forms, if it is nothing good.
pub(super) fn warning(forms: &[&Form]) -> Option<String> {
    let separators = i64::try_from(forms.len()).unwrap_or(0) - 1;
    let length = forms.iter().map(|form| form.text_length()).sum::<Option<i64>>().map(|length| length + separators);
    match length {
        Some(length) if length <= i64::from(KEY_TEXT_MAX) => None,
        Some(length) => Some(format!(
            "Salesforce: a value of this key can have {length} characters; records are identified by at most \
             {KEY_TEXT_MAX}. Choose a shorter key, or say a smaller max_length that all values keep to."
        )),
        None => Some(format!(
            "Salesforce: the values of this key have no greatest length; records are identified by at most \
             {KEY_TEXT_MAX} characters. Say a max_length that all values keep to."
        )),
    }
}

/// The primary keys of tables by their column names, to be looked for in views.
pub(super) struct KeysOfTables<'a> {
    by_column: HashMap<&'a str, Vec<&'a Relation>>,
}

impl<'a> KeysOfTables<'a> {
    /// Of all tables with a primary key.
    pub(super) fn of(catalog: &'a Catalog) -> Self {
        let mut by_column: HashMap<&str, Vec<&Relation>> = HashMap::new();
        for relation in &catalog.relations {
            let first = relation.keys.iter().find(|key| key.primary).and_then(|key| key.columns.first());
            if let Some(first) = first {
                by_column.entry(first).or_default().push(relation);
            }
        }
        KeysOfTables { by_column }
    }

    /// The columns of a view that are spelled and typed like the primary key of a table, with that table: the table
    /// that shares most columns with the view.
    pub(super) fn suggest(&self, view: &Relation) -> Option<(&'a [String], &'a Relation)> {
        let same = |theirs: &Column| {
            column_of(view, &theirs.name).is_some_and(|column| column.column_type == theirs.column_type)
        };
        let candidates = view.columns.iter().filter_map(|column| self.by_column.get(column.name.as_str())).flatten();
        let fitting = candidates.filter_map(|table| {
            let key = table.keys.iter().find(|key| key.primary)?;
            let whole = key.columns.iter().all(|name| column_of(table, name).is_some_and(same));
            let shared = table.columns.iter().filter(|column| same(column)).count();
            (whole && choose(view, Some(&key.columns)).is_ok()).then_some((shared, key, *table))
        });
        // Of equals, the first by name.
        let best = fitting.max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.2.name.cmp(&a.2.name)))?;
        Some((&best.1.columns, best.2))
    }
}
