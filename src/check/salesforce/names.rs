//! Compares names with the rules of Salesforce's own: letters, digits and single underscores, a letter first, no
//! underscore last, at most 40 characters, and no two alike when letter case and doubled underscores are left aside.

use std::collections::HashMap;

use crate::check::Findings;
use crate::export::rules::{RESERVED, fault, folded, mended};
use crate::model::{EntityType, Member};

use super::Published;

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

fn alike(other: Option<&str>, name: &str, what: &str, file: &str, key: &str, findings: &mut Findings) {
    if let Some(other) = other {
        let wrong =
            format!("{what} `{name}` is `{other}` to Salesforce, which leaves case and doubled underscores aside");
        findings.warn(file, key, wrong, "choose a name that differs in a letter");
    }
}
