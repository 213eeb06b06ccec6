//! Resolves what is said of the type of a value, wherever a file says it: of a property, of a property of a complex
//! type, of a parameter, of what an operation returns.

use super::service::bounded;
use super::types::Declared;
use crate::edm::{
    self, Form, Made, Scalar, Value, parse_binary, parse_date, parse_date_time_offset, parse_decimal, parse_duration,
    parse_guid, parse_time_of_day,
};
use crate::model::raw::{FreeValue, Primitive, Report, Stored};
use crate::model::{EnumId, EnumType, Property, ValueType};

/// Most digits of a decimal: the limit of MySQL and MariaDB; PostgreSQL and the decimals of this program take more.
const DECIMAL_DIGITS_MAX: u16 = 65;

/// Most fractional digits of the second: instants are counted in microseconds.
const SECOND_DIGITS_MAX: u8 = 6;

/// What a table of a file says of a type.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) primitive: Option<Primitive>,
    pub(super) enumeration: Option<&'a str>,
    pub(super) stored: Option<Stored>,
    pub(super) cast: Option<bool>,
    pub(super) lenient: Option<bool>,
    pub(super) max_length: Option<i64>,
    pub(super) precision: Option<i64>,
    pub(super) scale: Option<i64>,
}

/// The type that is meant; the facets that do not go with it are reported. `None` if nothing is known of it, which is
/// reported too.
pub(super) fn resolve(
    said: &Said<'_>,
    declared: &Declared,
    file: &str,
    path: &str,
    report: &mut Report,
) -> Option<ValueType> {
    let kind = said.primitive;
    let text = kind == Some(Primitive::String);
    let decimal = kind == Some(Primitive::Decimal);
    let timed = matches!(kind, Some(Primitive::DateTimeOffset | Primitive::TimeOfDay | Primitive::Duration));
    let sized = text || kind == Some(Primitive::Binary);
    let name = kind.map_or_else(|| "an enumeration".to_owned(), |kind| format!("type {kind:?}"));
    for (facet, given, allowed, types) in [
        ("max_length", said.max_length.is_some(), sized, "String and Binary"),
        ("precision", said.precision.is_some(), decimal || timed, "Decimal, DateTimeOffset, TimeOfDay and Duration"),
        ("scale", said.scale.is_some(), decimal, "Decimal"),
        ("stored", said.stored.is_some(), kind.is_none() || has_forms(kind), "enumerations, Guid and DateTimeOffset"),
    ] {
        if given && !allowed {
            let wrong = format!("`{facet}` does not go with {name}");
            report.add(file, format!("{path}{facet}"), wrong, format!("it belongs to {types}; leave it out"));
        }
    }
    match (kind, said.enumeration) {
        (Some(_), Some(_)) => {
            let wrong = "both a type and an enumeration are named";
            report.add(file, format!("{path}enum"), wrong, "name one of them");
            None
        }
        (Some(kind), None) => Some(ValueType { scalar: scalar(kind, said, file, path, report), enumeration: None }),
        (None, Some(name)) => {
            let (id, enumeration) = declared.enum_named(name, file, &format!("{path}enum"), report)?;
            let by_name = said.stored == Some(Stored::Name);
            if by_name && enumeration.flags {
                let wrong = format!("`{name}` has flags, whose sums have no name of their own");
                report.add(file, format!("{path}stored"), wrong, "store its values");
            }
            let scalar = if by_name { Scalar::STRING } else { enumeration.underlying };
            Some(ValueType { scalar, enumeration: Some(id) })
        }
        // The missing key was reported when the file was read.
        (None, None) => None,
    }
}

fn has_forms(kind: Option<Primitive>) -> bool {
    matches!(kind, Some(Primitive::Guid | Primitive::DateTimeOffset))
}

/// In which form a column holds the value; what does not go with its type is reported.
pub(super) fn form(said: &Said<'_>, scalar: Scalar, file: &str, path: &str, report: &mut Report) -> Form {
    let cast = said.cast == Some(true);
    let stored = match (said.stored, said.primitive) {
        (Some(Stored::Bytes), Some(Primitive::Guid)) => edm::Stored::Bytes,
        (Some(Stored::Local), Some(Primitive::DateTimeOffset)) => edm::Stored::Local,
        (Some(stored), kind) if has_forms(kind) || matches!(stored, Stored::Bytes | Stored::Local) => {
            let right = match kind {
                Some(Primitive::Guid) => "a Guid is stored as \"bytes\", or leave it out",
                Some(Primitive::DateTimeOffset) => "an instant is stored as \"local\", or leave it out",
                _ => "an enumeration is stored as \"value\" or \"name\"",
            };
            // Of other types the key itself was reported.
            if has_forms(kind) || kind.is_none() {
                report.add(file, format!("{path}stored"), "this form does not go with the type", right);
            }
            edm::Stored::Plain
        }
        _ if cast => edm::Stored::Cast,
        _ => edm::Stored::Plain,
    };
    if cast && matches!(stored, edm::Stored::Bytes | edm::Stored::Local) {
        let wrong = "`cast` does not go with this form";
        report.add(file, format!("{path}cast"), wrong, "the column has the type of the form; leave one of them out");
    }
    let castable = !matches!(scalar, Scalar::Binary { .. } | Scalar::Stream) && scalar.srid().is_none();
    for (key, given) in [("cast", cast), ("lenient", said.lenient == Some(true))] {
        if given && !castable {
            let wrong = format!("`{key}` does not go with {scalar}");
            report.add(file, format!("{path}{key}"), wrong, "bytes and points are read as they are; leave it out");
        }
    }
    Form { stored, lenient: said.lenient == Some(true) }
}

fn scalar(kind: Primitive, said: &Said<'_>, file: &str, path: &str, report: &mut Report) -> Scalar {
    let key = |facet: &str| format!("{path}{facet}");
    let length = |report: &mut Report| bounded(said.max_length, 1, u32::MAX, file, &key("max_length"), report);
    let second = |report: &mut Report| {
        let digits = bounded(said.precision, 0, SECOND_DIGITS_MAX, file, &key("precision"), report);
        digits.unwrap_or(SECOND_DIGITS_MAX)
    };
    match kind {
        Primitive::Boolean => Scalar::Boolean,
        Primitive::Byte => Scalar::Byte,
        Primitive::SByte => Scalar::SByte,
        Primitive::Int16 => Scalar::Int16,
        Primitive::Int32 => Scalar::Int32,
        Primitive::Int64 => Scalar::Int64,
        Primitive::Single => Scalar::Single,
        Primitive::Double => Scalar::Double,
        Primitive::Guid => Scalar::Guid,
        Primitive::Date => Scalar::Date,
        Primitive::Stream => Scalar::Stream,
        Primitive::GeographyPoint => Scalar::GeographyPoint,
        Primitive::GeometryPoint => Scalar::GeometryPoint,
        Primitive::String => Scalar::String { max_length: length(report) },
        Primitive::Binary => Scalar::Binary { max_length: length(report) },
        Primitive::DateTimeOffset => Scalar::DateTimeOffset { precision: second(report) },
        Primitive::TimeOfDay => Scalar::TimeOfDay { precision: second(report) },
        Primitive::Duration => Scalar::Duration { precision: second(report) },
        Primitive::Decimal => {
            let digits = bounded(said.precision, 1, DECIMAL_DIGITS_MAX, file, &key("precision"), report);
            let fraction = bounded(said.scale, 0, DECIMAL_DIGITS_MAX, file, &key("scale"), report);
            if let (Some(digits), Some(fraction)) = (digits, fraction)
                && fraction > digits
            {
                let wrong = format!("scale {fraction} is greater than precision {digits}");
                report.add(file, key("scale"), wrong, "precision counts all digits, scale those right of the point");
            }
            Scalar::Decimal { precision: digits, scale: fraction }
        }
    }
}

/// Why values of this property cannot be told apart exactly, so that they can neither be a key nor be joined.
pub(super) fn not_comparable(property: &Property) -> Option<&'static str> {
    match property.scalar {
        _ if property.collection.is_some() => Some("collections"),
        _ if matches!(property.made.as_deref(), Some(Made::Calculated(_))) => Some("calculated values"),
        _ if matches!(property.made.as_deref(), Some(Made::Words(_))) => Some("words in place of codes"),
        _ if property.cut.is_some() => Some("texts that are cut"),
        Scalar::Single | Scalar::Double => Some("floating-point numbers"),
        Scalar::Stream => Some("streams"),
        Scalar::Binary { .. } => Some("binary values"),
        Scalar::GeographyPoint | Scalar::GeometryPoint => Some("points"),
        _ => None,
    }
}

/// The value that a file writes for a property, as the column holds it; `None` if it is none of its type.
pub(super) fn value_of(written: &FreeValue, property: &Property, enums: &[EnumType]) -> Option<Value> {
    let enumeration = property.enumeration.and_then(|EnumId(id)| enums.get(usize::try_from(id).ok()?));
    match (written, property.scalar) {
        (FreeValue::Truth(value), Scalar::Boolean) => Some(Value::Boolean(*value)),
        (FreeValue::Number(value), scalar) => {
            let (least, most) = scalar.integer_range()?;
            (least..=most).contains(value).then_some(Value::Int(*value))
        }
        (FreeValue::Text(text), Scalar::String { .. }) => {
            let is_member = enumeration.is_none_or(|it| it.members.iter().any(|member| member.name == *text));
            is_member.then(|| Value::String(text.as_str().into()))
        }
        (FreeValue::Text(text), scalar) if scalar.is_integer() => enumeration?.value_of(text).map(Value::Int),
        (FreeValue::Text(text), scalar) => match scalar {
            Scalar::Guid => parse_guid(text).ok().map(Value::Guid),
            Scalar::Date => parse_date(text).ok().map(Value::Date),
            Scalar::DateTimeOffset { .. } => parse_date_time_offset(text, false).ok().map(Value::DateTimeOffset),
            Scalar::TimeOfDay { .. } => parse_time_of_day(text).ok().map(Value::TimeOfDay),
            Scalar::Duration { .. } => parse_duration(text).ok().map(Value::Duration),
            Scalar::Decimal { .. } => parse_decimal(text).ok().map(Value::Decimal),
            Scalar::Binary { .. } => parse_binary(text).ok().map(Value::Binary),
            _ => None,
        },
        (FreeValue::Truth(_), _) => None,
    }
}
