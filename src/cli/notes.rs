//! Owns how many notes of a draft that say the same are told in one line. Programs get each of them.

use crate::draft::Note;

/// So many that say the same are still told one by one.
const SINGLE_MAX: usize = 3;
/// So many tables are named of a group.
const NAMED_MAX: usize = 3;

/// What notes are about together: a column of several tables, by its name, or several tables.
fn subject(note: &Note) -> Option<&str> {
    note.about.rsplit_once('.').map(|(_, column)| column)
}

/// The lines for notes of one kind, in their order; a group stands where its first note does.
pub(super) fn lines(notes: &[&Note]) -> Vec<String> {
    let mut groups: Vec<Vec<&Note>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for note in notes {
        let place = *places.entry((&note.text, subject(note))).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(note),
            None => groups.push(vec![note]),
        }
    }
    let mut lines = Vec::new();
    for group in groups {
        match group.first() {
            Some(first) if group.len() > SINGLE_MAX => lines.push(together(first, &group)),
            _ => lines.extend(group.into_iter().map(alone)),
        }
    }
    lines
}

fn alone(note: &Note) -> String {
    let place: Vec<_> = [&note.file, &note.key].into_iter().flatten().map(String::as_str).collect();
    let place = if place.is_empty() { String::new() } else { format!(" [{}]", place.join(": ")) };
    let about = if note.about.is_empty() { String::new() } else { format!("{}: ", note.about) };
    format!("{about}{}{place}", note.text)
}

fn together(first: &Note, group: &[&Note]) -> String {
    let column = subject(first);
    let table = |note: &Note| match column {
        Some(_) => note.about.rsplit_once('.').map_or_else(|| note.about.clone(), |(table, _)| table.to_owned()),
        None => note.about.clone(),
    };
    let named: Vec<_> = group.iter().take(NAMED_MAX).map(|note| table(note)).collect();
    let more = group.len().saturating_sub(named.len());
    let tables = format!("{} and {more} more", named.join(", "));
    match column {
        Some(column) => format!("`{column}` of {} tables ({tables}): {}", group.len(), first.text),
        None => format!("{} tables ({tables}): {}", group.len(), first.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::NoteKind;

    fn note(about: &str, text: &str) -> Note {
        let (file, key) = (Some("metadata/x.toml".to_owned()), None);
        Note { kind: NoteKind::Suggestion, about: about.to_owned(), file, key, text: text.to_owned() }
    }

    #[test]
    fn many_of_one_kind_are_one_line() {
        let notes: Vec<Note> = ["a.when", "b.when", "sales.c.when", "d.when", "e.when"]
            .iter()
            .map(|about| note(about, "may tell changes"))
            .chain(["a", "b", "c", "d"].map(|about| note(about, "no length")))
            .chain([note("a.other", "may tell changes"), note("", "all is well")])
            .collect();
        assert_eq!(
            lines(&notes.iter().collect::<Vec<_>>()),
            [
                "`when` of 5 tables (a, b, sales.c and 2 more): may tell changes",
                "4 tables (a, b, c and 1 more): no length",
                "a.other: may tell changes [metadata/x.toml]",
                "all is well [metadata/x.toml]",
            ]
        );
        let few: Vec<&Note> = notes.iter().take(3).collect();
        assert_eq!(lines(&few).len(), 3);
    }
}
