//! Owns [`Field`]: the field that Salesforce makes of a property.

use crate::edm::Scalar;
use crate::model::Property;

use super::rules::{
    DESCRIPTION_MAX, DIGITS_MAX, EXTERNAL_ID_MAX, ID_LENGTH, LONG_TEXT_MAX, NAME_MAX, TEXT_DEFAULT, TEXT_MAX,
};
use super::xml::{self, Element, text};

/// Lines of a long text area that are shown before it scrolls.
const LINES: u32 = 3;
/// Length of a text that holds a GUID.
const GUID_LENGTH: u32 = 64;
/// Length of a lookup that holds a whole number.
const NUMBER_LENGTH: u32 = 20;

/// A field of an external object.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    /// Its name without `__c`.
    pub(super) name: String,
    /// The property behind it.
    pub(super) property: &'a Property,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Checkbox,
    DateTime,
    /// `precision` counts all digits, `scale` those behind the point.
    Number {
        precision: u16,
        scale: u16,
    },
    Text {
        length: u32,
    },
    LongText {
        length: u32,
    },
    /// Holds the external ID of another external object.
    External {
        length: u32,
        to: Relation,
    },
    /// Holds the Salesforce ID of a standard or custom object.
    Plain {
        to: Relation,
    },
    /// Holds what a field of a standard or custom object holds.
    Indirect {
        length: u32,
        field: String,
        to: Relation,
    },
}

/// Where a lookup leads, and how the way back is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    /// The parent: `Accounts__x`, `Account`.
    pub(super) parent: String,
    /// The name of the related list.
    pub(super) name: String,
    /// What people read above it.
    pub(super) label: String,
}

impl Kind {
    /// The field for values of a property, or why there is none.
    pub(super) fn of(property: &Property) -> Result<Kind, &'static str> {
        if property.collection.is_some() {
            return Err("it is a collection, for which Salesforce has no field");
        }
        if property.enumeration.is_some() {
            // What becomes of its type is nowhere said; a text holds every name.
            return Ok(Kind::Text { length: TEXT_DEFAULT });
        }
        Ok(match property.scalar {
            Scalar::Boolean => Kind::Checkbox,
            Scalar::Byte | Scalar::SByte => Kind::Number { precision: 3, scale: 0 },
            Scalar::Int16 => Kind::Number { precision: 8, scale: 0 },
            Scalar::Int32 | Scalar::Int64 => Kind::Number { precision: DIGITS_MAX, scale: 0 },
            Scalar::Single | Scalar::Double => Kind::Number { precision: DIGITS_MAX, scale: 8 },
            Scalar::Decimal { precision: None, scale } => {
                Kind::Number { precision: 16, scale: scale.unwrap_or(2).min(16) }
            }
            Scalar::Decimal { precision: Some(precision), scale } => {
                let precision = precision.min(DIGITS_MAX);
                Kind::Number { precision, scale: scale.unwrap_or(0).min(precision) }
            }
            Scalar::String { max_length } => match max_length.unwrap_or(TEXT_DEFAULT) {
                length if length > TEXT_MAX => Kind::LongText { length: length.min(LONG_TEXT_MAX) },
                length => Kind::Text { length },
            },
            Scalar::Guid => Kind::Text { length: GUID_LENGTH },
            Scalar::Date | Scalar::DateTimeOffset { .. } => Kind::DateTime,
            Scalar::Binary { .. } => return Err("it holds bytes, which Salesforce shows as base64 text or not at all"),
            Scalar::Stream => return Err("it is a stream, which Salesforce does not sync"),
            Scalar::TimeOfDay { .. } | Scalar::Duration { .. } | Scalar::GeographyPoint | Scalar::GeometryPoint => {
                return Err("Salesforce does not sync its type");
            }
        })
    }

    /// What of a value Salesforce does not keep.
    pub(super) fn loss(property: &Property) -> Option<String> {
        match property.scalar {
            Scalar::Decimal { precision: Some(precision), .. } if precision > DIGITS_MAX => {
                Some(format!("numbers have at most {DIGITS_MAX} digits, not {precision}"))
            }
            Scalar::String { max_length: Some(length) } if length > LONG_TEXT_MAX => {
                Some(format!("texts have at most {LONG_TEXT_MAX} characters, not {length}"))
            }
            _ => None,
        }
    }

    /// The length of a lookup on values of this property; `None` if no lookup can hold them.
    pub(super) fn lookup_length(property: &Property) -> Option<u32> {
        match property.scalar {
            _ if property.enumeration.is_some() || property.collection.is_some() => None,
            Scalar::String { max_length } => {
                Some(max_length.unwrap_or(TEXT_DEFAULT)).filter(|length| *length <= EXTERNAL_ID_MAX)
            }
            Scalar::Guid => Some(GUID_LENGTH),
            scalar if scalar.is_integer() => Some(NUMBER_LENGTH),
            _ => None,
        }
    }

    pub(super) fn is_lookup(&self) -> bool {
        self.relation().is_some()
    }

    pub(super) fn relation(&self) -> Option<&Relation> {
        match self {
            Kind::External { to, .. } | Kind::Plain { to } | Kind::Indirect { to, .. } => Some(to),
            _ => None,
        }
    }

    fn elements(&self) -> Vec<Element> {
        let mut elements = match self {
            // A checkbox has no third state, so it must say what it is without a value.
            Kind::Checkbox => vec![text("type", "Checkbox"), text("defaultValue", false)],
            Kind::DateTime => vec![text("type", "DateTime")],
            Kind::Number { precision, scale } => {
                vec![text("type", "Number"), text("precision", precision), text("scale", scale), text("unique", false)]
            }
            Kind::Text { length } => vec![text("type", "Text"), text("length", length), text("unique", false)],
            Kind::LongText { length } => {
                vec![text("type", "LongTextArea"), text("length", length), text("visibleLines", LINES)]
            }
            Kind::External { length, .. } => vec![text("type", "ExternalLookup"), text("length", length)],
            Kind::Plain { .. } => vec![text("type", "Lookup"), text("length", ID_LENGTH)],
            Kind::Indirect { length, field, .. } => {
                vec![text("type", "IndirectLookup"), text("length", length), text("referenceTargetField", field)]
            }
        };
        if let Some(Relation { parent, name, label }) = self.relation() {
            elements.extend([
                text("referenceTo", parent),
                text("relationshipName", name),
                text("relationshipLabel", label),
            ]);
        }
        elements
    }
}

impl Field<'_> {
    /// Its name with its ending.
    pub(super) fn api_name(&self) -> String {
        format!("{}__c", self.name)
    }

    /// Whether it can stand in lists: it is not too long to be read there.
    pub(super) fn is_listed(&self) -> bool {
        !matches!(self.kind, Kind::LongText { .. })
    }

    /// The file.
    pub(super) fn document(&self) -> Vec<u8> {
        let mut elements = vec![
            text("fullName", self.api_name()),
            text("description", description(self.property.description.as_deref(), &self.property.name)),
            text("externalDeveloperName", &self.property.name),
            text("externalId", false),
            text("isFilteringDisabled", !self.property.filterable),
            text("isNameField", false),
            text("isSortingDisabled", !self.property.sortable),
            text("label", label(&self.property.name, &self.name)),
            text("required", false),
        ];
        elements.extend(self.kind.elements());
        xml::document("CustomField", elements)
    }
}

/// What people read of a thing: the sentence of the metadata file, else its name, as Salesforce itself does.
pub(super) fn description(declared: Option<&str>, name: &str) -> String {
    declared.unwrap_or(name).chars().take(DESCRIPTION_MAX).collect()
}

/// What people read in place of a name.
pub(super) fn label<'a>(name: &'a str, mended: &'a str) -> &'a str {
    if name.len() <= NAME_MAX { name } else { mended }
}
