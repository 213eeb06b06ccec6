//! Owns [`Section`]: takes known keys out of one table of the file, and reports wrong types and unknown keys.

use toml::{Table, Value};

use super::problem::Problems;

/// One table of the configuration file. Every key is taken once; [`Section::finish`] reports those that nobody wanted.
pub(super) struct Section<'a> {
    table: Table,
    place: String,
    known: Vec<&'static str>,
    problems: &'a mut Problems,
}

impl<'a> Section<'a> {
    /// Opens a table that stands at `place`, empty for the file itself.
    pub(super) fn new(table: Table, place: impl Into<String>, problems: &'a mut Problems) -> Self {
        Section { table, place: place.into(), known: Vec::new(), problems }
    }

    /// Opens a table inside of this one.
    pub(super) fn inner(&mut self, key: &str, table: Table) -> Section<'_> {
        let place = self.place_of(key);
        Section::new(table, place, self.problems)
    }

    /// Notes a problem with one of this table's keys.
    pub(super) fn wrong(&mut self, key: &str, wrong: impl Into<String>, right: impl Into<String>) {
        let place = self.place_of(key);
        self.problems.add(place, wrong, right);
    }

    /// Whether the key stands in the file and has not been taken.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a key out about which all is said.
    pub(super) fn forget(&mut self, key: &'static str) {
        self.take(key);
    }

    /// A text, if the key stands there.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => self.mistyped(key, &other, "a text in quotes"),
        }
    }

    /// A text that must stand there.
    pub(super) fn required_text(&mut self, key: &'static str, example: &str) -> Option<String> {
        if !self.has(key) {
            self.known.push(key);
            self.wrong(key, format!("'{key}' is missing"), format!("write {key} = {example}"));
            return None;
        }
        self.text(key)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Value::Boolean(flag)) => flag,
            Some(other) => self.mistyped(key, &other, "true or false").unwrap_or(default),
        }
    }

    /// A whole number between two bounds, both allowed.
    pub(super) fn number(&mut self, key: &'static str, default: u64, least: u64, most: u64) -> u64 {
        let right = || format!("a whole number from {least} to {most}");
        match self.take(key) {
            None => default,
            Some(Value::Integer(number)) => match u64::try_from(number) {
                Ok(number) if (least..=most).contains(&number) => number,
                _ => {
                    self.wrong(key, format!("{number} is out of range"), format!("write {}", right()));
                    default
                }
            },
            Some(other) => self.mistyped(key, &other, &right()).unwrap_or(default),
        }
    }

    /// One of a few words; gives the meaning that stands beside the word.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, default: T, words: &[(&str, T)]) -> T {
        let Some(text) = self.text(key) else { return default };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return *meaning;
        }
        let all: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.wrong(key, format!("'{text}' is not known"), format!("write one of {}", all.join(", ")));
        default
    }

    /// A list of texts; empty if the key does not stand there.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let items = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => return self.mistyped(key, &other, "a list of texts").unwrap_or_default(),
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::String(text) => texts.push(text),
                other => {
                    let _: Option<()> = self.mistyped(key, &other, "a list of texts");
                }
            }
        }
        texts
    }

    /// A table; empty if the key does not stand there.
    pub(super) fn table(&mut self, key: &'static str) -> Table {
        match self.take(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(other) => self.mistyped(key, &other, &format!("a table, [{key}]")).unwrap_or_default(),
        }
    }

    /// A table of named tables, `[sources.erp]`, in the order of the file.
    pub(super) fn named_tables(&mut self, key: &'static str) -> Vec<(String, Table)> {
        let mut tables = Vec::new();
        for (name, value) in self.table(key) {
            match value {
                Value::Table(table) => tables.push((name, table)),
                other => {
                    let _: Option<()> =
                        self.mistyped(&format!("{key}.{name}"), &other, &format!("a table, [{key}.{name}]"));
                }
            }
        }
        tables
    }

    /// A list of tables, `[[users]]`.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Table> {
        let items = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                return self.mistyped(key, &other, &format!("a list of tables, [[{key}]]")).unwrap_or_default();
            }
        };
        let mut tables = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            match item {
                Value::Table(table) => tables.push(table),
                other => {
                    let _: Option<()> =
                        self.mistyped(&format!("{key}.{index}"), &other, &format!("a table, [[{key}]]"));
                }
            }
        }
        tables
    }

    /// Reports every key that was not taken.
    pub(super) fn finish(mut self) {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        self.known.sort_unstable();
        for key in unknown {
            let right = match self.known.iter().find(|known| known.replace('_', "") == key.replace(['_', '-'], "")) {
                Some(known) => format!("did you mean '{known}'?"),
                None => format!("the keys known here are {}", self.known.join(", ")),
            };
            self.wrong(&key, format!("the key '{key}' is not known"), right);
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    /// Says what kind stands there, never the value: it may be a replaced secret.
    fn mistyped<T>(&mut self, key: &str, found: &Value, right: &str) -> Option<T> {
        let kind = match found {
            Value::String(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number with a fraction",
            Value::Boolean(_) => "true or false",
            Value::Datetime(_) => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        };
        self.wrong(key, format!("{kind} stands here"), format!("write {right}"));
        None
    }

    fn place_of(&self, key: &str) -> String {
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }
}
