//! Owns [`offer`]: how a column is published, exactly, as text, or not at all. One table for drafts, for the check of
//! written files, and for the documentation.

use crate::edm::Scalar;

use super::{Column, ColumnType};

/// How a column is published.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    /// As values of this type.
    As {
        /// The type with its facets.
        scalar: Scalar,
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

/// How this column is published.
pub fn offer(column: &Column) -> Offer {
    let plain = |scalar| Offer::As { scalar, collection: None, rule: None };
    match &column.column_type {
        ColumnType::Boolean => plain(Scalar::Boolean),
        ColumnType::Integer { bits: 8, signed: false } => plain(Scalar::Byte),
        ColumnType::Integer { bits: 8, signed: true } => plain(Scalar::SByte),
        ColumnType::Integer { bits: 16, signed: true } | ColumnType::Year => plain(Scalar::Int16),
        ColumnType::Integer { bits: 24 | 32, signed: true } | ColumnType::Integer { bits: 16 | 24, signed: false } => {
            plain(Scalar::Int32)
        }
        ColumnType::Integer { signed: true, .. } | ColumnType::Integer { bits: 32, .. } => plain(Scalar::Int64),
        ColumnType::Integer { .. } => plain(Scalar::Decimal { precision: Some(20), scale: Some(0) }),
        ColumnType::Decimal { precision, scale, .. } => {
            plain(Scalar::Decimal { precision: *precision, scale: scale.and_then(|scale| u16::try_from(scale).ok()) })
        }
        ColumnType::Float { bits: 32 } => plain(Scalar::Single),
        ColumnType::Float { .. } => plain(Scalar::Double),
        ColumnType::Text { max_length, .. } => plain(Scalar::String { max_length: *max_length }),
        ColumnType::Enum(_) | ColumnType::Set(_) | ColumnType::Json => plain(Scalar::STRING),
        ColumnType::Uuid => plain(Scalar::Guid),
        ColumnType::Bytes { max_length, .. } => plain(Scalar::Binary { max_length: *max_length }),
        ColumnType::Date => plain(Scalar::Date),
        ColumnType::Time { precision, zoned: false } => plain(Scalar::TimeOfDay { precision: (*precision).min(6) }),
        ColumnType::Timestamp { precision, .. } => plain(Scalar::DateTimeOffset { precision: (*precision).min(6) }),
        ColumnType::Array(_)
        | ColumnType::Any
        | ColumnType::Bits { .. }
        | ColumnType::Interval
        | ColumnType::Money
        | ColumnType::Other { .. }
        | ColumnType::Point
        | ColumnType::Time { .. } => Offer::Not { reason: "no form of this type is known" },
    }
}
