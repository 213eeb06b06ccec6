//! Compares names with the rules of Salesforce's own: letters, digits and single underscores, a letter first, no underscore
//! last, at most 40 characters, and no two alike when letter case and doubled underscores are left aside.

use std::collections::HashMap;

use crate::check::Findings;
use crate::model::{EntityType, Member};

use super::Published;

/// Longest name of a custom object or field.
const LENGTH_MAX: usize = 40;

/// Fields that every external object has by itself.
const RESERVED: [&str; 2] = ["ExternalId", "DisplayUrl"];

/// The names of all sets.
pub(super) fn sets(published: &[Published<'_>], findings: &mut Findings) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for Published { place, set, .. } in published {
        check(&set.name, "set", &place.file, "set", findings);
        let other = seen.insert(folded(&set.name), &set.name);
        alike(other, &set.name, "set", &place.file, "set", findings);
    }
}

/// The names of all properties of a set.
pub(super) fn properties(published: &Published<'_>, findings: &mut Findings) {
    let Published { place, entity_type, .. } = published;
    let mut seen: HashMap<String, &str> = HashMap::new();
    for name in names(entity_type) {
        let key = place.of_property(name, "name");
        check(name, "property", &place.file, &key, findings);
        if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
            let wrong = format!("every external object has a field `{name}` of Salesforce's own");
            findings.warn(&place.file, &key, wrong, "choose another name, so that people can tell the two apart");
        }
        alike(seen.insert(folded(name), name), name, "property", &place.file, &key, findings);
    }
}

/// The names that the type itself publishes; Salesforce does not know derived types.
fn names(entity_type: &EntityType) -> impl Iterator<Item = &str> {
    entity_type.structure.iter().filter_map(|member| match member {
        Member::Property(id) => entity_type.property(*id).map(|property| property.name.as_str()),
        Member::Complex(complex) => Some(complex.name.as_str()),
    })
}

fn check(name: &str, what: &str, file: &str, key: &str, findings: &mut Findings) {
    if let Some(why) = fault(name) {
        let wrong = format!("{what} `{name}` {why}");
        findings.warn(
            file,
            key,
            wrong,
            format!("Salesforce makes another name of it; `{}` is taken as it is", mended(name)),
        );
    }
}

/// What Salesforce does not take.
fn fault(name: &str) -> Option<String> {
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return Some("does not begin with a letter".to_owned());
    }
    if !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Some("holds what is neither letter, digit nor underscore".to_owned());
    }
    if name.contains("__") {
        return Some("has two underscores in a row".to_owned());
    }
    if name.ends_with('_') {
        return Some("ends with an underscore".to_owned());
    }
    (name.len() > LENGTH_MAX).then(|| format!("has {} characters, more than {LENGTH_MAX}", name.len()))
}

fn mended(name: &str) -> String {
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let mut mended = words.join("_");
    if !mended.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        mended.insert(0, 'N');
    }
    mended.truncate(LENGTH_MAX);
    mended.trim_end_matches('_').to_owned()
}

/// What two names must differ in.
fn folded(name: &str) -> String {
    name.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_").to_ascii_lowercase()
}

fn alike(other: Option<&str>, name: &str, what: &str, file: &str, key: &str, findings: &mut Findings) {
    if let Some(other) = other {
        let wrong =
            format!("{what} `{name}` is `{other}` to Salesforce, which leaves case and doubled underscores aside");
        findings.warn(file, key, wrong, "choose a name that differs in a letter");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_and_mended() {
        for (name, is_wrong, right) in [
            ("Orders", false, "Orders"),
            ("order_lines2", false, "order_lines2"),
            ("_id", true, "id"),
            ("dvd__store", true, "dvd_store"),
            ("total_", true, "total"),
            ("a2345678901234567890123456789012345678901", true, "a234567890123456789012345678901234567890"),
            ("_1", true, "N1"),
        ] {
            assert_eq!((fault(name).is_some(), mended(name).as_str()), (is_wrong, right), "{name}");
            assert_eq!(fault(&mended(name)), None, "{name}");
        }
        assert_eq!(folded("Order__Id"), folded("order_id"));
    }
}
