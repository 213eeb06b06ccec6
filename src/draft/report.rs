//! Owns [`Report`]: what a draft tells whoever asked for it.

/// What was found and done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The sets that the files publish of the database, by name.
    pub sets: Vec<DraftedSet>,
    /// Everything else, in the order of the kinds, and within one in the order of the tables.
    pub notes: Vec<Note>,
}

/// One set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftedSet {
    /// Its name, or that of the singleton.
    pub set: String,
    /// The file that declares it.
    pub file: String,
    /// Where its rows lie.
    pub table: String,
    /// About how many rows there are, where the database has counted.
    pub rows: Option<u64>,
    /// How many columns it publishes.
    pub properties: usize,
    /// The file is new.
    pub new: bool,
}

/// One thing that is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Which kind of thing.
    pub kind: NoteKind,
    /// What it is about, in the database's words: `table orders`, `orders.total`.
    pub about: String,
    /// The file that it concerns, if there is one.
    pub file: Option<String>,
    /// The key inside the file.
    pub key: Option<String>,
    /// A sentence without a full stop.
    pub text: String,
}

/// The kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// The database has changed, and a file that people may have edited says something else.
    Drift,
    /// A file names what the database has no more.
    Gone,
    /// What was gone is there again.
    Back,
    /// A file has got something new.
    Added,
    /// The published name is not the obvious one.
    Named,
    /// Something of the database is not published.
    LeftOut,
    /// A file without an entry in the lock file lacks something, perhaps on purpose.
    LeftAlone,
    /// Something that a person may want to decide.
    Suggestion,
    /// Something of the database could not be read.
    Unread,
}

impl NoteKind {
    /// All, in the order of reports.
    pub const ALL: [NoteKind; 9] = [
        NoteKind::Drift,
        NoteKind::Gone,
        NoteKind::Back,
        NoteKind::Added,
        NoteKind::Named,
        NoteKind::LeftOut,
        NoteKind::LeftAlone,
        NoteKind::Suggestion,
        NoteKind::Unread,
    ];

    /// A word for programs.
    pub fn word(self) -> &'static str {
        match self {
            NoteKind::Drift => "drift",
            NoteKind::Gone => "gone",
            NoteKind::Back => "back",
            NoteKind::Added => "added",
            NoteKind::Named => "named",
            NoteKind::LeftOut => "left_out",
            NoteKind::LeftAlone => "left_alone",
            NoteKind::Suggestion => "suggestion",
            NoteKind::Unread => "unread",
        }
    }

    /// A heading for people.
    pub fn heading(self) -> &'static str {
        match self {
            NoteKind::Drift => "Changed in the database; the file says something else",
            NoteKind::Gone => "No longer in the database",
            NoteKind::Back => "In the database again",
            NoteKind::Added => "Added to files",
            NoteKind::Named => "Names that are not the obvious ones",
            NoteKind::LeftOut => "Left out",
            NoteKind::LeftAlone => "Not in a file that people wrote",
            NoteKind::Suggestion => "Suggestions",
            NoteKind::Unread => "Could not be read",
        }
    }
}

impl Report {
    /// Notes something about the database alone.
    pub(super) fn note(&mut self, kind: NoteKind, about: impl Into<String>, text: impl Into<String>) {
        self.notes.push(Note { kind, about: about.into(), file: None, key: None, text: text.into() });
    }

    /// Notes something about a place in a file.
    pub(super) fn note_in(
        &mut self,
        kind: NoteKind,
        about: impl Into<String>,
        (file, key): (&str, &str),
        text: impl Into<String>,
    ) {
        let key = (!key.is_empty()).then(|| key.to_owned());
        self.notes.push(Note { kind, about: about.into(), file: Some(file.to_owned()), key, text: text.into() });
    }

    /// How many notes of a kind there are.
    pub fn count(&self, kind: NoteKind) -> usize {
        self.notes.iter().filter(|note| note.kind == kind).count()
    }
}
