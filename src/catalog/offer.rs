//! Owns [`offer`]: how a column is published, exactly, as text, or not at all. One table for drafts, for the check of
//! written files, and for the documentation, which a test compares with it.

use crate::edm::{Form, Scalar, Stored};

use super::{Column, ColumnType};

/// Most digits of a decimal with facets.
const DIGITS_MAX: u16 = 65;

const BIT: &str = "Read as 0 or 1.";
const BITS: &str = "One `0` or `1` for each bit.";
const BLANKS: &str = "Blanks at the end are no part of the value.";
const DAY: &str = "What lies outside of a day, `24:00` or a negative time, is an error, or null with `lenient = true`.";
const DATE: &str = "An infinite or zero date is an error, or null with `lenient = true`.";
const DIGITS: &str = "A program keeps the digits as bytes: set `decimals = \"text\"` for the source, or those that a binary number \
                      cannot hold exactly are errors.";
const DOCUMENT: &str = "The document as the database writes it.";
const GUID: &str = "If they are a GUID: `Guid` with `stored = \"bytes\"`, which can be a key.";
const GUIDS: &str = "They are kept in more than one form: as bytes, as texts, or in capital letters.";
const BYTES: Form = Form { stored: Stored::Bytes, lenient: false };
const INTERVAL: &str =
    "As ISO 8601 writes it, `P1Y2M3DT4H`; where there are never months, `Duration` without `cast` is exact.";
const ITEMS: &str =
    "Null is a collection without items. An array of arrays, or with items that the type does not have, is an error.";
const LOCAL: &str = "A local time of the source's `zone`, by default UTC. An infinite or zero one is an error, or null with \
                     `lenient = true`.";
const MEMBERS: &str = "Sorted and compared as a text, not in the order of declaration.";
const MONEY: &str = "With the digits of the database's `lc_monetary`, nearly everywhere two.";
const NO_NUMBER: &str = "NaN and infinities are errors, or null with `lenient = true`.";
const TEXT: &str = "As the database writes it; compared and sorted as a text.";
const TRUTH: &str =
    "Numbers other than 0 and 1 are errors, or null with `lenient = true`; as `SByte` they can be published.";
const FORMS: &str = "Also `T` in the middle, a zone at the end, seconds since 1970 as a whole number, days of the Julian calendar \
                     as a real one.";

/// How a column is published.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    /// As values of this type.
    As {
        /// The type with its facets.
        scalar: Scalar,
        /// The form in which the column holds the values: `cast = true`, `stored = "local"`.
        form: Form,
        /// Many values: `json` or `array`, as metadata files write it.
        collection: Option<&'static str>,
        /// The rule, where the form is not the obvious one: one sentence.
        rule: Option<&'static str>,
    },
    /// Not at all.
    Not {
        /// Why: one sentence without a full stop.
        reason: &'static str,
    },
}

fn plain(scalar: Scalar) -> Offer {
    Offer::As { scalar, form: Form::PLAIN, collection: None, rule: None }
}

fn ruled(scalar: Scalar, rule: &'static str) -> Offer {
    Offer::As { scalar, form: Form::PLAIN, collection: None, rule: Some(rule) }
}

fn stored(stored: Stored, scalar: Scalar, rule: &'static str) -> Offer {
    Offer::As { scalar, form: Form { stored, lenient: false }, collection: None, rule: Some(rule) }
}

fn cast(scalar: Scalar, rule: &'static str) -> Offer {
    stored(Stored::Cast, scalar, rule)
}

/// How this column is published.
pub fn offer(column: &Column) -> Offer {
    match &column.column_type {
        ColumnType::Boolean if starts(&column.declared, "tinyint") => ruled(Scalar::Boolean, TRUTH),
        ColumnType::Boolean => plain(Scalar::Boolean),
        ColumnType::Integer { bits, signed } => plain(integer(*bits, *signed)),
        ColumnType::Year => plain(Scalar::Int16),
        ColumnType::Decimal { precision, scale, .. } => {
            let scalar = decimal(*precision, *scale);
            // Only PostgreSQL spells it so, and only it has them; with a precision still NaN.
            if starts(&column.declared, "numeric") { ruled(scalar, NO_NUMBER) } else { plain(scalar) }
        }
        ColumnType::Float { bits: 32 } => plain(Scalar::Single),
        ColumnType::Float { .. } => plain(Scalar::Double),
        ColumnType::Text { max_length, padded } => {
            let scalar = Scalar::String { max_length: max_length.map(|length| length.max(1)) };
            if *padded { ruled(scalar, BLANKS) } else { plain(scalar) }
        }
        ColumnType::Enum(members) => cast(text(longest(members)), MEMBERS),
        ColumnType::Set(members) => {
            let all = members.iter().map(|member| member.chars().count() + 1).sum::<usize>();
            cast(text(all.saturating_sub(1)), "The members with commas between them, sorted and compared as a text.")
        }
        ColumnType::Json => cast(Scalar::STRING, DOCUMENT),
        ColumnType::Uuid => plain(Scalar::Guid),
        ColumnType::Bytes { max_length: Some(16), fixed: true } => ruled(Scalar::Binary { max_length: Some(16) }, GUID),
        ColumnType::Bytes { max_length, .. } => {
            plain(Scalar::Binary { max_length: max_length.map(|length| length.max(1)) })
        }
        ColumnType::Date => ruled(Scalar::Date, DATE),
        ColumnType::Time { precision, zoned: false } => {
            ruled(Scalar::TimeOfDay { precision: (*precision).min(6) }, DAY)
        }
        ColumnType::Time { .. } => cast(text(24), TEXT),
        ColumnType::Timestamp { precision, zoned: true } => {
            ruled(Scalar::DateTimeOffset { precision: (*precision).min(6) }, DATE)
        }
        ColumnType::Timestamp { precision, .. } => {
            stored(Stored::Local, Scalar::DateTimeOffset { precision: (*precision).min(6) }, LOCAL)
        }
        ColumnType::Bits { length: Some(1), varying: false } => cast(Scalar::Boolean, BIT),
        ColumnType::Bits { length, .. } => cast(Scalar::String { max_length: *length }, BITS),
        ColumnType::Interval => cast(Scalar::STRING, INTERVAL),
        ColumnType::Money => cast(Scalar::Decimal { precision: Some(19), scale: Some(2) }, MONEY),
        ColumnType::Point => ruled(Scalar::GeometryPoint, "Not filtered or sorted by, only by `geo.distance`."),
        ColumnType::Array(item) => match items(item) {
            Some(scalar) => Offer::As { scalar, form: Form::PLAIN, collection: Some("array"), rule: Some(ITEMS) },
            None => cast(Scalar::STRING, TEXT),
        },
        ColumnType::Any => cast(Scalar::STRING, "Numbers as their digits; bytes are an error."),
        ColumnType::Other { name, text } => other(name, *text),
    }
}

/// The same where values have types of their own, as in SQLite: what is written in several forms there is brought into
/// one.
pub fn offer_of_loose(column: &Column) -> Offer {
    match offer(column) {
        // The declared number of digits binds nobody.
        Offer::As { scalar: Scalar::DateTimeOffset { .. }, .. } => cast(Scalar::DATE_TIME_OFFSET, FORMS),
        Offer::As { scalar: Scalar::TimeOfDay { .. }, .. } => cast(Scalar::TIME_OF_DAY, DAY),
        Offer::As { scalar: scalar @ Scalar::Decimal { .. }, .. } if column.looked_at.bytes => cast(scalar, DIGITS),
        Offer::As { scalar: Scalar::Guid, .. } if column.looked_at.mixed => cast(Scalar::Guid, GUIDS),
        Offer::As { scalar: Scalar::Binary { .. }, .. } if column.looked_at.bytes => {
            Offer::As { scalar: Scalar::Guid, form: BYTES, collection: None, rule: None }
        }
        offer => offer,
    }
}

fn text(longest: usize) -> Scalar {
    Scalar::String { max_length: u32::try_from(longest.max(1)).ok() }
}

fn longest(members: &[String]) -> usize {
    members.iter().map(|member| member.chars().count()).max().unwrap_or_default()
}

fn starts(declared: &str, name: &str) -> bool {
    declared.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn integer(bits: u8, signed: bool) -> Scalar {
    match (bits, signed) {
        (8, false) => Scalar::Byte,
        (8, true) => Scalar::SByte,
        (16, true) => Scalar::Int16,
        (16 | 24, false) | (24 | 32, true) => Scalar::Int32,
        (64, false) => Scalar::Decimal { precision: Some(20), scale: Some(0) },
        _ => Scalar::Int64,
    }
}

/// A negative scale is zeros left of the point; digits right of it that are more than all digits are zeros.
fn decimal(precision: Option<u16>, scale: Option<i16>) -> Scalar {
    let (Some(precision), scale) = (precision, scale.unwrap_or_default()) else { return Scalar::DECIMAL };
    let (digits, fraction) = match u16::try_from(scale) {
        Ok(fraction) => (precision.max(fraction), fraction),
        Err(_) => (precision.saturating_add(scale.unsigned_abs()), 0),
    };
    if digits > DIGITS_MAX {
        return Scalar::DECIMAL;
    }
    Scalar::Decimal { precision: Some(digits), scale: Some(fraction) }
}

/// The type of the items of an array that is published as a collection.
fn items(item: &ColumnType) -> Option<Scalar> {
    Some(match item {
        ColumnType::Boolean => Scalar::Boolean,
        ColumnType::Integer { bits, signed } => integer(*bits, *signed),
        ColumnType::Decimal { precision, scale, .. } => decimal(*precision, *scale),
        ColumnType::Float { bits: 32 } => Scalar::Single,
        ColumnType::Float { .. } => Scalar::Double,
        ColumnType::Text { max_length, padded: false } => Scalar::String { max_length: *max_length },
        ColumnType::Enum(members) => text(longest(members)),
        ColumnType::Uuid => Scalar::Guid,
        ColumnType::Date => Scalar::Date,
        ColumnType::Time { precision, zoned: false } => Scalar::TimeOfDay { precision: *precision },
        ColumnType::Timestamp { precision, zoned: true } => Scalar::DateTimeOffset { precision: *precision },
        _ => return None,
    })
}

fn other(name: &str, has_text: bool) -> Offer {
    match name {
        "oid" => plain(Scalar::Int64),
        "tsvector" | "tsquery" | "gtsvector" => {
            Offer::Not { reason: "it is an index of words and no value; `search` can name it" }
        }
        _ if has_text => cast(Scalar::STRING, TEXT),
        _ => Offer::Not { reason: "its values have no form as text that the database would read back" },
    }
}
