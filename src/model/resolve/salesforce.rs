//! Resolves which object of Salesforce the values of a property name.

use std::sync::Arc;

use crate::edm::Scalar;
use crate::model::raw::{self, Report};
use crate::model::{DerivedId, SalesforceLookup};

/// Length of an identifier of Salesforce.
const ID_LENGTH: u32 = 18;
/// Longest name of an object or field there, its namespace and ending included.
const NAME_MAX: usize = 80;

/// The lookup of a property, if one is declared.
pub(super) fn lookup(
    property: &raw::Property,
    scalar: Scalar,
    declared_by: Option<DerivedId>,
    file: &str,
    path: &str,
    report: &mut Report,
) -> Option<Arc<SalesforceLookup>> {
    let said = property.salesforce.as_ref()?;
    let key = |name: &str| format!("{path}salesforce{name}");
    if property.hidden == Some(true) || declared_by.is_some() {
        let wrong = "`salesforce` does not go with a property that Salesforce does not see";
        report.add(file, key(""), wrong, "hidden properties and those of derived types are not synced; leave it out");
    }
    let is_object = is_name(&said.object);
    if !is_object {
        let wrong = format!("`{}` is no standard or custom object", said.object);
        let right = "write its API name, `Account` or `Machine__c`; a navigation leads to other sets of the service";
        report.add(file, key(".object"), wrong, right);
    }
    let one_value = property.collection.is_none() && property.enumeration.is_none();
    let text_of =
        |longest: u32| matches!(scalar, Scalar::String { max_length } if max_length.is_none_or(|it| it >= longest));
    match &said.external_id {
        Some(field) => {
            if !(is_name(field) && field.ends_with("__c")) {
                let wrong = format!("`{field}` is no custom field");
                let right = "write its API name, `ERP_ID__c`; only custom fields can be external IDs";
                report.add(file, key(".external_id"), wrong, right);
            }
            if !one_value || !(text_of(1) || scalar.is_integer() || scalar == Scalar::Guid) {
                let wrong = format!("no indirect lookup holds values of type {scalar}");
                report.add(file, key(""), wrong, "it takes single texts, whole numbers and GUIDs");
            }
        }
        None if !one_value || !text_of(ID_LENGTH) => {
            let wrong = "a lookup without `external_id` holds identifiers of Salesforce, which the property cannot";
            let right =
                format!("they are texts of {ID_LENGTH} characters: `max_length = {ID_LENGTH}`; or name `external_id`");
            report.add(file, key(""), wrong, right);
        }
        None => {}
    }
    Some(Arc::new(SalesforceLookup { object: said.object.clone(), external_id: said.external_id.clone() }))
}

/// A name of Salesforce: letters, digits and single underscores; with the ending of what is custom perhaps a namespace.
fn is_name(name: &str) -> bool {
    let base = name.strip_suffix("__c").unwrap_or(name);
    let is_part = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && !part.ends_with('_')
            && !part.contains("__")
    };
    let has_ending = base.len() < name.len();
    let parts = match base.split_once("__") {
        // `acme__Machine__c`
        Some((namespace, rest)) if has_ending => is_part(namespace) && is_part(rest),
        _ => is_part(base),
    };
    parts && name.len() <= NAME_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_salesforce() {
        for (name, is_one) in [
            ("Account", true),
            ("Machine__c", true),
            ("acme__Machine__c", true),
            ("ERP_ID__c", true),
            ("Orders__x", false),
            ("acme__Machine", false),
            ("__c", false),
            ("1st__c", false),
            ("a b", false),
            ("Machine_", false),
            ("", false),
        ] {
            assert_eq!(is_name(name), is_one, "{name}");
        }
    }

    fn problems(declaration: &str) -> Vec<String> {
        let key = raw::File {
            name: "x/a.toml".to_owned(),
            text: format!(
                "version = 1\nset = \"A\"\ntype = \"B\"\ntable = \"t\"\nkey = [\"ID\"]\n[[property]]\nname = \"ID\"\ncolumn = \"i\"\n\
                 type = \"Int32\"\nnullable = false\n[[property]]\nname = \"P\"\ncolumn = \"p\"\n{declaration}\n"
            ),
        };
        let service = "version = 1\nnamespace = \"N\"\nsource = \"s\"\n".to_owned();
        let folder = raw::Folder {
            name: "x".to_owned(),
            service: raw::File { name: "x/service.toml".to_owned(), text: service },
            entities: vec![key],
            unread: Vec::new(),
        };
        let source = crate::model::Source { name: "s".to_owned(), announces: false, family: None };
        let found = crate::model::resolve("a", &[folder], &[source]).err().unwrap_or_default();
        found.iter().map(|problem| format!("{}: {}", problem.key, problem.wrong)).collect()
    }

    #[test]
    fn wrong_declarations_are_reported() {
        let id = "type = \"String\"\nmax_length = 18\n";
        for (declaration, expected) in [
            ("type = \"String\"\nsalesforce = { object = \"Account\" }", ""),
            ("type = \"Guid\"\nsalesforce = { object = \"Account\", external_id = \"Key__c\" }", ""),
            (
                "type = \"String\"\nmax_length = 15\nsalesforce = { object = \"Account\" }",
                "property.2.salesforce: a lookup without `external_id` holds identifiers of Salesforce, which the property \
                 cannot",
            ),
            (
                "type = \"Int32\"\nsalesforce = { object = \"Account\" }",
                "property.2.salesforce: a lookup without `external_id` holds identifiers of Salesforce, which the property \
                 cannot",
            ),
            (
                "type = \"Date\"\nsalesforce = { object = \"Account\", external_id = \"Day__c\" }",
                "property.2.salesforce: no indirect lookup holds values of type Edm.Date",
            ),
            (
                &format!("{id}salesforce = {{ object = \"Orders__x\" }}"),
                "property.2.salesforce.object: `Orders__x` is no standard or custom object",
            ),
            (
                &format!("{id}salesforce = {{ object = \"Account\", external_id = \"Name\" }}"),
                "property.2.salesforce.external_id: `Name` is no custom field",
            ),
            (
                &format!("{id}hidden = true\nsalesforce = {{ object = \"Account\" }}"),
                "property.2.salesforce: `salesforce` does not go with a property that Salesforce does not see",
            ),
            (
                &format!("{id}salesforce = {{ objekt = \"Account\" }}"),
                "property.2.salesforce.object: `object` is missing",
            ),
        ] {
            let found = problems(declaration);
            if expected.is_empty() {
                assert_eq!(found, [""; 0], "{declaration}");
            } else {
                assert!(found.iter().any(|problem| problem == expected), "{declaration}: {found:#?}");
            }
        }
    }
}
