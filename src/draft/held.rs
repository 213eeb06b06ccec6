//! Owns [`Held`]: a metadata file that exists. Its text is never written anew: lines are put in and appended, so that
//! every edit, comment and blank stays as it is.

use std::collections::HashMap;

use toml::de::{DeArray, DeTable, DeValue};

use crate::catalog::Relation;
use crate::model::Problem;
use crate::model::raw::{self, ColumnName, File};

use super::work::alike;

/// The line in front of a property whose column is no more.
const COLUMN_GONE: &str = "# gone: the database no longer has this column.";
/// The line in front of a file whose table is no more.
const TABLE_GONE: &str = "# gone: the database no longer shows this table.";

/// A file that exists.
pub(super) struct Held {
    pub(super) file: File,
    pub(super) entity: raw::Entity,
    /// The columns that it publishes or uses, with their place in the file.
    pub(super) columns: HashMap<String, ColumnIn>,
    inserted: Vec<(usize, &'static str)>,
    taken_out: Vec<(usize, &'static str)>,
    appended: Vec<String>,
}

/// Where a file names a column.
#[derive(Clone, Debug)]
pub(super) struct ColumnIn {
    /// `property.3`
    pub(super) key: String,
    /// Where the `[[property]]` begins, if it is written so.
    header: Option<usize>,
    /// The place among the properties of the type itself.
    pub(super) property: Option<usize>,
}

impl Held {
    /// Reads a file, or says what is wrong with it.
    pub(super) fn read(file: &File) -> Result<Held, Vec<Problem>> {
        let entity = raw::read_entity(file)?;
        let parsed = DeTable::parse(&file.text).ok();
        let root = parsed.as_ref().map(toml::Spanned::get_ref);
        let mut columns = HashMap::new();
        let headers = root.map(|root| headers(root, &file.text)).unwrap_or_default();
        for (place, property) in entity.properties.iter().enumerate() {
            let header = headers.get(place).copied().flatten();
            take(&mut columns, property, &format!("property.{}", place + 1), header, Some(place));
        }
        let derived_tables = root.and_then(|root| array(root, "derived"));
        for (number, derived) in entity.derived.iter().enumerate() {
            let table =
                derived_tables.and_then(|tables| tables.get(number)).and_then(|table| table.get_ref().as_table());
            let headers = table.map(|table| self::headers(table, &file.text)).unwrap_or_default();
            for (place, property) in derived.properties.iter().enumerate() {
                let key = format!("derived.{}.property.{}", number + 1, place + 1);
                take(&mut columns, property, &key, headers.get(place).copied().flatten(), None);
            }
        }
        if let Some(media) = &entity.media {
            let place = ColumnIn { key: "media.column".to_owned(), header: None, property: None };
            columns.entry(media.column.clone()).or_insert(place);
        }
        let file = file.clone();
        Ok(Held { file, entity, columns, inserted: Vec::new(), taken_out: Vec::new(), appended: Vec::new() })
    }

    /// Takes the spelling of the database for columns that the file spells in other letter case.
    pub(super) fn spell_columns(&mut self, relation: &Relation) {
        for column in relation.columns.iter().map(|column| &column.name) {
            if self.columns.contains_key(column) {
                continue;
            }
            let written = self.columns.keys().find(|name| alike(name, column)).cloned();
            let place = written.and_then(|written| self.columns.remove(&written));
            self.columns.extend(place.map(|place| (column.clone(), place)));
        }
    }

    /// The name of its set or singleton.
    pub(super) fn name(&self) -> &str {
        self.entity.set.as_deref().or(self.entity.singleton.as_deref()).unwrap_or_default()
    }

    /// The property of the type itself that publishes a column.
    pub(super) fn property(&self, column: &str) -> Option<&raw::Property> {
        self.entity.properties.get(self.columns.get(column)?.property?)
    }

    /// Marks the property of a column that is no more.
    pub(super) fn mark_column(&mut self, column: &str) {
        if let Some(header) = self.columns.get(column).and_then(|place| place.header) {
            self.mark(header, COLUMN_GONE);
        }
    }

    /// Takes the mark of a column away.
    pub(super) fn unmark_column(&mut self, column: &str) {
        if let Some(header) = self.columns.get(column).and_then(|place| place.header) {
            self.unmark(header, COLUMN_GONE);
        }
    }

    /// Marks the file of a table that is no more.
    pub(super) fn mark_table(&mut self) {
        if !self.file.text.starts_with(TABLE_GONE) {
            self.inserted.push((0, TABLE_GONE));
        }
    }

    /// Takes the mark of the table away.
    pub(super) fn unmark_table(&mut self) {
        if self.file.text.starts_with(TABLE_GONE) {
            self.taken_out.push((0, TABLE_GONE));
        }
    }

    fn mark(&mut self, header: usize, mark: &'static str) {
        if self.line_before(header).is_none_or(|(_, line)| line != mark) {
            self.inserted.push((self.line_start(header), mark));
        }
    }

    fn unmark(&mut self, header: usize, mark: &'static str) {
        if let Some((start, line)) = self.line_before(header)
            && line == mark
        {
            self.taken_out.push((start, mark));
        }
    }

    fn line_start(&self, offset: usize) -> usize {
        self.file.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
    }

    fn line_before(&self, offset: usize) -> Option<(usize, &str)> {
        let end = self.line_start(offset).checked_sub(1)?;
        let start = self.line_start(end);
        Some((start, self.file.text.get(start..end)?.trim_end_matches('\r')))
    }

    /// Adds a block at the end.
    pub(super) fn append(&mut self, block: String) {
        self.appended.push(block);
    }

    /// The text with all that was put in; `None` if nothing was.
    pub(super) fn changed(mut self) -> Option<String> {
        if self.inserted.is_empty() && self.taken_out.is_empty() && self.appended.is_empty() {
            return None;
        }
        let end = if self.file.text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut text = self.file.text;
        let inserted = self.inserted.drain(..).map(|(place, line)| (place, line, true));
        let mut edits: Vec<_> =
            inserted.chain(self.taken_out.drain(..).map(|(place, line)| (place, line, false))).collect();
        // From the end, so that no place moves before it is used.
        edits.sort_by_key(|(place, ..)| std::cmp::Reverse(*place));
        for (place, line, put_in) in edits {
            if put_in {
                text.insert_str(place, &format!("{line}{end}"));
                continue;
            }
            let rest = text.get(place + line.len()..).unwrap_or_default();
            let after = rest.find('\n').map_or(text.len(), |length| place + line.len() + length + 1);
            text.replace_range(place..after, "");
        }
        for block in self.appended {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push_str(end);
            }
            if !text.is_empty() {
                text.push_str(end);
            }
            text.push_str(&block.replace('\n', end));
        }
        Some(text)
    }
}

fn take(
    columns: &mut HashMap<String, ColumnIn>,
    property: &raw::Property,
    key: &str,
    header: Option<usize>,
    place: Option<usize>,
) {
    if let Some(column) = &property.column {
        let place = ColumnIn { key: key.to_owned(), header, property: place };
        columns.entry(column.clone()).or_insert(place);
    }
    for name in property.columns.iter().flat_map(std::collections::BTreeMap::values) {
        take_group(columns, name, key, header);
    }
}

fn take_group(columns: &mut HashMap<String, ColumnIn>, name: &ColumnName, key: &str, header: Option<usize>) {
    match name {
        ColumnName::One(column) => {
            let place = ColumnIn { key: key.to_owned(), header, property: None };
            columns.entry(column.clone()).or_insert(place);
        }
        ColumnName::Group(group) => group.values().for_each(|name| take_group(columns, name, key, header)),
    }
}

fn array<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a DeArray<'i>> {
    match table.iter().find(|(name, _)| name.get_ref().as_ref() == key)?.1.get_ref() {
        DeValue::Array(array) => Some(array),
        _ => None,
    }
}

/// Where each `[[property]]` of a table begins.
fn headers(table: &DeTable<'_>, text: &str) -> Vec<Option<usize>> {
    let items = array(table, "property").into_iter().flat_map(|items| items.iter());
    items
        .map(|item| {
            let start = item.span().start;
            text.get(start..).is_some_and(|rest| rest.starts_with("[[")).then_some(start)
        })
        .collect()
}
