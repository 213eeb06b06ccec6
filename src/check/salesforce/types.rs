//! Compares the types of properties with the fields that Salesforce makes of them.

use crate::check::Findings;
use crate::edm::Scalar;
use crate::export::rules::{DIGITS_MAX, LONG_TEXT_MAX, TEXT_DEFAULT, TEXT_MAX};
use crate::model::{Member, Property};

use super::Published;

/// What the type itself publishes.
pub(super) fn check(published: &Published<'_>, findings: &mut Findings) {
    let Published { place, entity_type, .. } = published;
    for member in &entity_type.structure {
        match member {
            Member::Property(id) => {
                if let Some(property) = entity_type.property(*id) {
                    one(published, property, entity_type.key.contains(id), findings);
                }
            }
            Member::Complex(complex) => {
                let wrong = format!("`{}` is of a complex type", complex.name);
                let right = "Salesforce shows it read-only, in a form of its own; publish its parts as properties";
                findings.warn(&place.file, &place.of_property(&complex.name, "complex"), wrong, right);
            }
        }
    }
}

fn one(published: &Published<'_>, property: &Property, is_key: bool, findings: &mut Findings) {
    let file = &published.place.file;
    let name = &property.name;
    let key = |key: &str| published.place.of_property(name, key);
    if property.collection.is_some() {
        let wrong = format!("`{name}` is a collection, for which Salesforce has no field");
        findings.warn(file, &key("collection"), wrong, "leave it out of what is synced, or publish it as one text");
        return;
    }
    match property.scalar {
        Scalar::TimeOfDay { .. } | Scalar::Duration { .. } | Scalar::GeographyPoint | Scalar::GeometryPoint => {
            let wrong = format!("`{name}` is of type {}, which Salesforce does not sync", property.scalar);
            findings.warn(file, &key("type"), wrong, "publish it as a text or a number, for example through a view");
        }
        Scalar::Stream => {
            let wrong = format!("`{name}` is a stream, which Salesforce does not sync");
            findings.warn(file, &key("type"), wrong, "publish its address in a text, or leave it to other clients");
        }
        Scalar::Binary { .. } => {
            let wrong = format!("`{name}` holds bytes, which Salesforce shows as base64 text or not at all");
            findings.warn(file, &key("type"), wrong, "publish it as `Stream`, or leave it out");
        }
        Scalar::Date => {
            let wrong = format!(
                "Salesforce makes a date with a time of `{name}`, midnight in UTC: west of Greenwich people see the day before"
            );
            let right = "offer it at an hour that lies within the day for all of them, such as \
                         `offer = { date_time = \"12:00\" }`, or as a text, `offer = \"string\"`";
            findings.warn(file, &key("type"), wrong, right);
        }
        Scalar::Single | Scalar::Double => {
            let wrong = format!("Salesforce keeps few digits of `{name}`, of type {}", property.scalar);
            findings.warn(
                file,
                &key("type"),
                wrong,
                "publish it as `Decimal` with precision and scale where digits count",
            );
        }
        Scalar::Int64 if !is_key => {}
        Scalar::Decimal { precision: Some(precision), .. } if precision > DIGITS_MAX => {
            let wrong = format!("`{name}` has {precision} digits, Salesforce's numbers have {DIGITS_MAX}");
            findings.warn(
                file,
                &key("precision"),
                wrong,
                format!("say `precision = {DIGITS_MAX}` if no value is larger"),
            );
        }
        Scalar::Decimal { precision, scale } if precision.is_none() || scale.is_none() => {
            let wrong =
                format!("`{name}` is a decimal without {}", if precision.is_none() { "precision" } else { "scale" });
            findings.warn(file, &key("type"), wrong, "say both: Salesforce takes a number of its own choice otherwise");
        }
        Scalar::String { max_length } => text(published, property, is_key, max_length, findings),
        _ => {}
    }
}

fn text(
    published: &Published<'_>,
    property: &Property,
    is_key: bool,
    max_length: Option<u32>,
    findings: &mut Findings,
) {
    let file = &published.place.file;
    let name = &property.name;
    let key = |key: &str| published.place.of_property(name, key);
    if property.cut.is_some() && property.filterable {
        let wrong = format!("`{name}` is cut, and filters judge the whole text: `eq` does not find what was shown");
        let right = "people can search it; say `filterable = false` if they are not to filter by it";
        findings.warn(file, &key("cut"), wrong, right);
        return;
    }
    match max_length {
        None if property.enumeration.is_none() => {
            let wrong = format!("`{name}` has no length, so Salesforce takes {TEXT_DEFAULT} characters");
            findings.warn(file, &key("max_length"), wrong, "say `max_length`, as long as the longest value");
        }
        Some(length) if length > LONG_TEXT_MAX => {
            let wrong =
                format!("`{name}` has up to {length} characters, Salesforce's longest text has {LONG_TEXT_MAX}");
            findings.warn(file, &key("max_length"), wrong, "say the length of the longest value");
        }
        Some(length) if length > TEXT_MAX && !is_key && (property.filterable || property.sortable) => {
            let wrong = format!("Salesforce makes a long text area of `{name}`, by which it neither filters nor sorts");
            let right = format!(
                "say `max_length = {TEXT_MAX}` if no value is longer, else `filterable = false` and `sortable = false`"
            );
            findings.warn(file, &key("max_length"), wrong, right);
        }
        _ => {}
    }
}
