//! Owns which warnings are alike, so that many of one kind become one paragraph: those whose sentences differ in names
//! and numbers only, and whose keys differ in numbers only.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::model::Problem;

/// So many of one kind are still printed one by one.
const ONE_BY_ONE_MAX: usize = 3;
/// So many more are named in a paragraph.
const NAMED_MAX: usize = 4;

/// The paragraphs for these warnings, in the order in which each kind comes first.
pub(super) fn paragraphs(warnings: &[Problem]) -> Vec<String> {
    let mut kinds: Vec<Vec<&Problem>> = Vec::new();
    let mut places: HashMap<(String, String, String), usize> = HashMap::new();
    for warning in warnings {
        let kind = (shape(&warning.key), shape(&warning.wrong), shape(&warning.right));
        let place = *places.entry(kind).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some(kind) => kind.push(warning),
            None => kinds.push(vec![warning]),
        }
    }
    kinds.iter().flat_map(|kind| paragraph(kind)).collect()
}

fn paragraph(kind: &[&Problem]) -> Vec<String> {
    let one = |warning: &&Problem| format!("warning: {warning}");
    match kind {
        [first, others @ ..] if kind.len() > ONE_BY_ONE_MAX => {
            let files: HashSet<&str> = others.iter().map(|other| other.file.as_str()).collect();
            let mut text = format!("{}\n    {} more like it in {} file(s): ", one(first), others.len(), files.len());
            let named: Vec<String> = others.iter().take(NAMED_MAX).map(|other| short(other)).collect();
            text.push_str(&named.join(", "));
            if others.len() > NAMED_MAX {
                text.push_str(", …");
            }
            let _ = write!(text, "; `--all` prints each");
            vec![text]
        }
        few => few.iter().map(one).collect(),
    }
}

/// The file and key, and the first name that the sentence gives.
fn short(problem: &Problem) -> String {
    let name = problem.wrong.split('`').nth(1).map(|name| format!(" `{name}`")).unwrap_or_default();
    format!("{}: {}{name}", problem.file, problem.key)
}

/// A sentence without its names and numbers; a list of names is as long as one name.
fn shape(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for (number, part) in text.split('`').enumerate() {
        if number % 2 == 1 {
            // What stands in quotes and is no name, as `max_length = 40`, says what the sentence is about.
            shape.push('`');
            if let Some((key, _)) = part.split_once(" = ") {
                shape.push_str(key);
            }
            continue;
        }
        let mut last_is_digit = false;
        for letter in part.chars() {
            if !letter.is_ascii_digit() {
                shape.push(letter);
            } else if !last_is_digit {
                shape.push('#');
            }
            last_is_digit = letter.is_ascii_digit();
        }
    }
    while shape.contains("`, `") {
        shape = shape.replace("`, `", "`");
    }
    shape.replace("` and # more", "`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(file: &str, key: &str, wrong: &str, right: &str) -> Problem {
        Problem { file: file.into(), key: key.into(), wrong: wrong.into(), right: right.into() }
    }

    #[test]
    fn many_of_one_kind_become_one_paragraph() {
        let long = |file: &str, number: u32, name: &str| {
            let wrong = format!("`{name}` has no length, so Salesforce takes 128 characters");
            warning(file, &format!("property.{number}.max_length"), &wrong, "say `max_length`")
        };
        let mut warnings = vec![long("a.toml", 1, "A"), long("a.toml", 2, "B"), long("b.toml", 12, "A")];
        warnings.insert(1, warning("a.toml", "key", "another", "thing"));
        assert_eq!(paragraphs(&warnings).len(), 4);
        warnings.extend([long("b.toml", 3, "C"), long("c.toml", 1, "A"), long("d.toml", 7, "D")]);
        assert_eq!(
            paragraphs(&warnings),
            [
                "warning: a.toml: property.1.max_length: `A` has no length, so Salesforce takes 128 characters; say \
                 `max_length`\n    5 more like it in 4 file(s): a.toml: property.2.max_length `B`, b.toml: \
                 property.12.max_length `A`, b.toml: property.3.max_length `C`, c.toml: property.1.max_length `A`, …; \
                 `--all` prints each",
                "warning: a.toml: key: another; thing",
            ]
        );
    }

    #[test]
    fn names_and_numbers_make_no_difference_and_words_do() {
        assert_eq!(shape("no index serves `A`, `B` of about 12000 rows"), shape("no index serves `C` of about 9 rows"));
        assert_eq!(shape("no index serves `A`, `B` and 3 more of it"), shape("no index serves `C` of it"));
        assert_eq!(shape("property.3.type"), shape("property.12.type"));
        assert_eq!(shape("say `max_length = 40`"), shape("say `max_length = 255`"));
        assert_ne!(shape("say `max_length = 40`"), shape("say `scale = 4`"));
        assert_ne!(shape("`A` is of type Edm.Double"), shape("`A` is of type Edm.Single"));
        assert_ne!(shape("property.3.type"), shape("property.3.key"));
    }
}
