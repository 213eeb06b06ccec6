//! What Salesforce takes: its limits, and the names of objects and fields. `check` tells it of metadata files, the rest
//! of this room keeps to it.

use crate::edm::Scalar;
use crate::model::Property;

/// Most external objects of an organisation.
pub const OBJECTS_MAX: usize = 200;
/// Longest name of an object, a field or a relation.
pub const NAME_MAX: usize = 40;
/// Longest name of a data source, a credential or a permission set.
pub const DEVELOPER_NAME_MAX: usize = 80;
/// Fields that every external object has by itself.
pub const RESERVED: [&str; 2] = ["ExternalId", "DisplayUrl"];
/// Longest text that can be filtered and sorted by; a longer one is a long text area.
pub const TEXT_MAX: u32 = 255;
/// Length of a text without one.
pub const TEXT_DEFAULT: u32 = 128;
/// Longest long text area.
pub const LONG_TEXT_MAX: u32 = 131_072;
/// Most digits of a number.
pub const DIGITS_MAX: u16 = 18;
/// Longest external ID.
pub const EXTERNAL_ID_MAX: u32 = 255;
/// Length of an identifier of Salesforce.
pub const ID_LENGTH: u32 = 18;
/// Most fields of an object in the largest edition.
pub const FIELDS_MAX: usize = 800;
/// Most lookups of an object.
pub const LOOKUPS_MAX: usize = 40;
/// Longest description.
pub const DESCRIPTION_MAX: usize = 1_000;

/// The most characters of a value in a key; `None` if nothing bounds them.
pub fn key_length(property: &Property) -> Option<u32> {
    Some(match property.scalar {
        Scalar::String { max_length } => return max_length,
        Scalar::Decimal { precision, .. } => u32::from(precision.unwrap_or(38)) + 2,
        Scalar::Guid => 36,
        Scalar::DateTimeOffset { .. } => 27,
        _ => 20,
    })
}

/// Why Salesforce does not take a name of an object or a field as it is.
pub fn fault(name: &str) -> Option<String> {
    fault_within(name, NAME_MAX)
}

/// The same for names of another length.
pub fn fault_within(name: &str, length_max: usize) -> Option<String> {
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
    (name.len() > length_max).then(|| format!("has {} characters, more than {length_max}", name.len()))
}

/// A name that Salesforce takes, made of one that it does not.
pub fn mended(name: &str) -> String {
    let mut mended = collapsed(name);
    mended.truncate(NAME_MAX);
    mended.trim_end_matches('_').to_owned()
}

/// The same at its full length: what Salesforce itself makes of underscores.
pub fn collapsed(name: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric();
    let words: Vec<&str> = name.split(|letter| !is_part(letter)).filter(|word| !word.is_empty()).collect();
    let mut collapsed = words.join("_");
    if !collapsed.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        collapsed.insert(0, 'N');
    }
    collapsed
}

/// What two names must differ in.
pub fn folded(name: &str) -> String {
    name.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_").to_ascii_lowercase()
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
            ("erp-eu.2", true, "erp_eu_2"),
        ] {
            assert_eq!((fault(name).is_some(), mended(name).as_str()), (is_wrong, right), "{name}");
            assert_eq!(fault(&mended(name)), None, "{name}");
        }
        assert_eq!(folded("Order__Id"), folded("order_id"));
    }
}
