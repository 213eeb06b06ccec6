//! Compares keys with what Salesforce does with them: it makes an external ID of a key, keeps it, and writes it into
//! URLs.

use crate::check::{Findings, listed};
use crate::export::rules::{EXTERNAL_ID_MAX, key_length};
use crate::model::Property;

use super::Published;

/// Words in names of columns that hold what belongs in no log.
const SENSITIVE: [&str; 16] = [
    "email",
    "mail",
    "phone",
    "mobile",
    "ssn",
    "iban",
    "passport",
    "taxid",
    "tin",
    "birthdate",
    "birthday",
    "creditcard",
    "cardnumber",
    "password",
    "socialsecurity",
    "nationalid",
];

/// The key of one set.
pub(super) fn check(published: &Published<'_>, findings: &mut Findings) {
    let Published { place, set, entity_type } = published;
    let key: Vec<&Property> = entity_type.key.iter().filter_map(|id| entity_type.property(*id)).collect();
    for property in &key {
        if let Some(word) = sensitive(&property.name).or_else(|| sensitive(&property.column)) {
            let wrong = format!("key `{}` seems to hold personal data ({word})", property.name);
            let right = "keys stand in URLs and so in logs, and Salesforce keeps them; choose a number without meaning";
            findings.warn(&place.file, "key", wrong, right);
        }
    }
    let lengths = key.iter().map(|property| key_length(property));
    match lengths.sum::<Option<u32>>() {
        None => {
            let open =
                key.iter().filter(|property| key_length(property).is_none()).map(|property| property.name.as_str());
            let wrong = format!("{} of the key has no length", listed(open));
            findings.warn(
                &place.file,
                "key",
                wrong,
                format!("an external ID has at most {EXTERNAL_ID_MAX} characters; say `max_length`"),
            );
        }
        Some(length) if length > EXTERNAL_ID_MAX => {
            let wrong = format!("a key of `{}` can have {length} characters", set.name);
            let right = format!("an external ID has at most {EXTERNAL_ID_MAX}; choose a shorter key");
            findings.warn(&place.file, "key", wrong, right);
        }
        Some(_) => {}
    }
    if key.len() > 1 {
        let wrong = format!("the key of `{}` has {} parts", set.name, key.len());
        let right = "Salesforce makes one external ID of them, to which no lookup of another object can lead; publish a \
                     single unique column as the key if there is one";
        findings.warn(&place.file, "key", wrong, right);
    }
}

/// The word that gives a name away: one of its words, or several together.
fn sensitive(name: &str) -> Option<&'static str> {
    let mut words: Vec<String> = vec![String::new()];
    let mut last_was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && last_was_lower) {
            words.push(String::new());
        }
        last_was_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut()
            && letter.is_alphanumeric()
        {
            word.extend(letter.to_lowercase());
        }
    }
    let pairs = words.windows(2).map(<[String]>::concat);
    let all: Vec<String> = words.iter().cloned().chain(pairs).collect();
    SENSITIVE.into_iter().find(|known| all.iter().any(|word| word == known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_are_told_apart() {
        for (name, expected) in [
            ("Email", Some("email")),
            ("user_email", Some("email")),
            ("UserEMail", Some("email")),
            ("TaxId", Some("taxid")),
            ("tax_id", Some("taxid")),
            ("IBAN", Some("iban")),
            ("MailboxId", None),
            ("PhoneticName", None),
            ("martini", None),
            ("OrderID", None),
        ] {
            assert_eq!(sensitive(name), expected, "{name}");
        }
    }
}
