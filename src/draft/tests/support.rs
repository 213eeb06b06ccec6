//! Catalogues in few words.

use crate::catalog::{Catalog, Column, ColumnType, Filled, ForeignKey, Key, LookedAt, Relation, RelationKind};
use crate::draft::{Draft, Existing, LOCK_FILE, Note, NoteKind, Options, draft};
use crate::model::raw::{File, Folder, SERVICE_FILE};
use crate::model::{Family, Model, Source, resolve};

pub(super) const INT: ColumnType = ColumnType::Integer { bits: 32, signed: true };

/// A type that cannot be published.
pub(super) fn words() -> ColumnType {
    ColumnType::Other { name: "tsvector".to_owned(), text: true }
}

pub(super) fn text(length: u32) -> ColumnType {
    ColumnType::Text { max_length: Some(length), padded: false }
}

/// A column; `!` behind its name: never null.
pub(super) fn column(name: &str, column_type: ColumnType) -> Column {
    Column {
        name: name.trim_end_matches('!').to_owned(),
        declared: format!("{column_type:?}").to_lowercase(),
        column_type,
        nullable: !name.ends_with('!'),
        default: None,
        filled: Filled::ByWriter,
        comment: None,
        collation: None,
        folding: false,
        readable: true,
        looked_at: LookedAt::default(),
    }
}

/// A table whose primary key is its first column, if that is never null.
pub(super) fn table(name: &str, columns: Vec<Column>) -> Relation {
    let key = columns.first().filter(|column| !column.nullable).map(|column| column.name.clone());
    Relation {
        schema: Some("public".to_owned()),
        name: name.to_owned(),
        kind: RelationKind::Table,
        comment: None,
        columns,
        keys: key.into_iter().map(|column| primary(&[&column])).collect(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        rows: None,
        readable: true,
    }
}

pub(super) fn primary(columns: &[&str]) -> Key {
    Key { name: None, columns: columns.iter().map(|it| (*it).to_owned()).collect(), primary: true }
}

pub(super) fn unique(columns: &[&str]) -> Key {
    Key { primary: false, ..primary(columns) }
}

/// A foreign key: `a, b -> table(c, d)`
pub(super) fn leads(written: &str) -> ForeignKey {
    let list = |text: &str| text.split(',').map(|it| it.trim().to_owned()).collect();
    let (columns, rest) = written.split_once(" -> ").unwrap();
    let (target, remote) = rest.trim_end_matches(')').split_once('(').unwrap();
    let (schema, table) = target.split_once('.').unwrap_or(("public", target));
    ForeignKey {
        name: None,
        columns: list(columns),
        schema: Some(schema.to_owned()),
        table: table.to_owned(),
        remote: list(remote),
    }
}

impl Relation {
    pub(super) fn with_keys(mut self, keys: &[&str]) -> Relation {
        self.foreign_keys.extend(keys.iter().map(|key| leads(key)));
        self
    }
}

pub(super) fn catalog(relations: Vec<Relation>) -> Catalog {
    Catalog {
        product: "PostgreSQL 15".to_owned(),
        default_schema: Some("public".to_owned()),
        relations,
        ..Catalog::default()
    }
}

pub(super) fn options() -> Options {
    Options { source: "erp".to_owned(), ..Options::default() }
}

/// A folder on which drafts are made one after the other.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) existing: Existing,
}

impl Desk {
    pub(super) fn new() -> Desk {
        Desk { existing: Existing { folder: "erp".to_owned(), ..Existing::default() } }
    }

    /// Drafts and writes; what is written must be a good folder.
    pub(super) fn draft(&mut self, catalog: &Catalog) -> Draft {
        self.draft_with(catalog, &options())
    }

    pub(super) fn draft_with(&mut self, catalog: &Catalog, options: &Options) -> Draft {
        let made = draft(catalog, &self.existing, options).unwrap();
        for (name, text) in &made.files {
            self.write(name, text);
        }
        self.model();
        let again = draft(catalog, &self.existing, options).unwrap();
        assert_eq!(again.files, [], "a second run changes nothing");
        made
    }

    pub(super) fn write(&mut self, base: &str, text: &str) {
        let file = File { name: format!("erp/{base}"), text: text.to_owned() };
        if base == LOCK_FILE {
            self.existing.lock = Some(file);
            return;
        }
        self.remove(base);
        self.existing.files.push(file);
        self.existing.files.sort_by(|a, b| a.name.cmp(&b.name));
    }

    pub(super) fn remove(&mut self, base: &str) {
        self.existing.files.retain(|it| it.name != format!("erp/{base}"));
    }

    pub(super) fn text(&self, base: &str) -> &str {
        let name = format!("erp/{base}");
        &self.existing.files.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("no {base}")).text
    }

    pub(super) fn has(&self, base: &str) -> bool {
        self.existing.files.iter().any(|it| it.name == format!("erp/{base}"))
    }

    /// A person's edit.
    pub(super) fn edit(&mut self, base: &str, from: &str, to: &str) {
        let text = self.text(base).to_owned();
        assert!(text.contains(from), "{base} has no {from:?}:\n{text}");
        self.write(base, &text.replace(from, to));
    }

    pub(super) fn lock(&self) -> &str {
        &self.existing.lock.as_ref().unwrap().text
    }

    pub(super) fn model(&self) -> Model {
        let (service, entities): (Vec<_>, Vec<_>) =
            self.existing.files.iter().cloned().partition(|file| file.name.ends_with(SERVICE_FILE));
        let folder = Folder {
            name: "erp".to_owned(),
            service: service.into_iter().next().unwrap(),
            entities,
            unread: Vec::new(),
        };
        let source = Source { name: "erp".to_owned(), announces: true, family: Some(Family::Postgres) };
        resolve("erp", &[folder], &[source]).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    /// `Set.Navigation -> Target` of all navigation properties, `*` for many.
    pub(super) fn navigations(&self) -> Vec<String> {
        let model = self.model();
        let mut all = Vec::new();
        for (set, it) in model.sets.iter().zip(&model.types) {
            for navigation in &it.navigations {
                let many = if navigation.collection { "*" } else { "" };
                let partner = if navigation.partner.is_some() { "" } else { " alone" };
                let target = &model.set(navigation.target).unwrap().name;
                all.push(format!("{}.{} -> {target}{many}{partner}", set.name, navigation.name));
            }
        }
        all
    }

    pub(super) fn sets(&self) -> Vec<String> {
        self.model().sets.iter().map(|set| set.name.clone()).collect()
    }
}

/// The notes of one kind, as lines.
pub(super) fn notes(draft: &Draft, kind: NoteKind) -> Vec<String> {
    let line = |note: &Note| {
        let place: Vec<_> = [&note.file, &note.key].into_iter().flatten().map(String::as_str).collect();
        format!("{} [{}] {}", note.about, place.join(" "), note.text)
    };
    draft.report.notes.iter().filter(|note| note.kind == kind).map(line).collect()
}
