//! Owns whether a column can be read as a type: what `offer` proposes for it, and what else the store takes.

use crate::catalog::{Column, ColumnType, Offer, offer, offer_of_loose};
use crate::edm::{Scalar, Stored};
use crate::model::{Collected, Family, Property};

/// How a column and a property go together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Every value can be read.
    Whole,
    /// Values can be read, except some: which.
    Partly(&'static str),
    /// Values can be read, but conditions and orders are refused or wrong.
    Shown,
    /// No value can be read.
    Not,
}

/// Whether the column can be read as the property wants it.
pub(super) fn fit(family: Family, column: &Column, property: &Property) -> Fit {
    match property.collection {
        Some(Collected::Array) => match &column.column_type {
            ColumnType::Array(item) if family == Family::Postgres => one(family, item, property.scalar),
            _ => Fit::Not,
        },
        Some(Collected::Json) => match &column.column_type {
            ColumnType::Json | ColumnType::Text { .. } => Fit::Whole,
            ColumnType::Any if family == Family::Sqlite => Fit::Whole,
            _ => Fit::Not,
        },
        None => match property.form.stored {
            // The database turns nearly everything into everything; what it cannot is told when it is read.
            Stored::Cast => Fit::Whole,
            Stored::Bytes => match &column.column_type {
                ColumnType::Bytes { max_length, .. } if max_length.is_none_or(|length| length >= 16) => Fit::Whole,
                ColumnType::Any if family == Family::Sqlite => Fit::Whole,
                _ => Fit::Not,
            },
            Stored::Local if matches!(column.column_type, ColumnType::Timestamp { zoned: true, .. }) => Fit::Not,
            Stored::Local | Stored::Plain => plain(family, column, property),
        },
    }
}

fn plain(family: Family, column: &Column, property: &Property) -> Fit {
    let wanted = property.scalar;
    match wanted {
        Scalar::Decimal { .. } if column.looked_at.bytes && !property.form.lenient => {
            return Fit::Partly("a number whose digits are kept as bytes");
        }
        Scalar::Guid if column.looked_at.mixed => {
            return Fit::Partly("a GUID in another form than small letters, or a condition on it,");
        }
        _ => {}
    }
    let fit = match one(family, &column.column_type, wanted) {
        // Whoever is lenient knows.
        Fit::Partly(_) if property.form.lenient => Fit::Whole,
        fit => fit,
    };
    match offer(column) {
        // Servers compare such values with no text, or sort them in another order than they compare them in.
        Offer::As { scalar, form, collection: None, .. } if is_kind(scalar, wanted) && form.stored == Stored::Cast => {
            match fit {
                Fit::Whole if property.filterable || property.sortable => Fit::Shown,
                fit => fit,
            }
        }
        Offer::As { scalar, collection: None, .. } if is_kind(scalar, wanted) => Fit::Whole,
        _ => fit,
    }
}

fn offered(family: Family, column: &Column) -> Offer {
    if family == Family::Sqlite { offer_of_loose(column) } else { offer(column) }
}

/// What a metadata file says to publish the column as it is offered, or nearly.
pub(super) fn remedy(family: Family, column: &Column, property: &Property) -> String {
    if let ColumnType::Bytes { .. } = column.column_type
        && property.scalar == Scalar::Guid
    {
        return "say `stored = \"bytes\"` if it holds the 16 bytes of a GUID".to_owned();
    }
    if property.form.stored == Stored::Local {
        return "leave `stored = \"local\"` out: the column holds moments".to_owned();
    }
    match offered(family, column) {
        Offer::As { scalar, form, collection, .. } => {
            let mut text = format!("type = \"{}\"", scalar.name().trim_start_matches("Edm."));
            let mut add = |key: &str, number: Option<u32>| {
                if let Some(number) = number {
                    text.extend([", ", key, " = ", &number.to_string()]);
                }
            };
            match scalar {
                Scalar::Decimal { precision, scale } => {
                    add("precision", precision.map(u32::from));
                    add("scale", scale.map(u32::from));
                }
                Scalar::String { max_length } | Scalar::Binary { max_length } => add("max_length", max_length),
                _ => {}
            }
            if let Some(collection) = collection {
                text.extend([", collection = \"", collection, "\""]);
            }
            text.push_str(match form.stored {
                Stored::Plain => "",
                Stored::Cast => ", cast = true",
                Stored::Bytes => ", stored = \"bytes\"",
                Stored::Local => ", stored = \"local\"",
            });
            format!("say `{text}`")
        }
        Offer::Not { reason } => format!("take the property out: {reason}"),
    }
}

/// One type, whatever its facets.
pub(super) fn is_kind(one: Scalar, other: Scalar) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

const OUT_OF_RANGE: &str = "a number that is too large for the type";
const FRACTION: &str = "a number with a fraction";

fn one(family: Family, column: &ColumnType, wanted: Scalar) -> Fit {
    let is_float = matches!(wanted, Scalar::Single | Scalar::Double);
    let is_decimal = matches!(wanted, Scalar::Decimal { .. });
    let is_text = matches!(wanted, Scalar::String { .. });
    let is_bytes = matches!(wanted, Scalar::Binary { .. } | Scalar::Stream);
    let is_point = matches!(wanted, Scalar::GeographyPoint | Scalar::GeometryPoint);
    let is_instant = matches!(wanted, Scalar::DateTimeOffset { .. });
    let whole = |fits: bool| if fits { Fit::Whole } else { Fit::Not };
    if family == Family::Sqlite {
        return sqlite(column, wanted);
    }
    let mysql = family == Family::Mysql;
    match column {
        ColumnType::Boolean => whole(wanted == Scalar::Boolean || (mysql && (wanted.is_numeric()))),
        ColumnType::Integer { .. } | ColumnType::Year | ColumnType::Bits { .. } if wanted.is_integer() => {
            integer(family, column, wanted)
        }
        ColumnType::Integer { .. } | ColumnType::Year => match wanted {
            Scalar::Boolean if mysql => Fit::Partly("a number that is neither 0 nor 1"),
            Scalar::Duration { .. } => whole(mysql),
            _ => whole(is_float || is_decimal),
        },
        ColumnType::Decimal { scale, .. } if wanted.is_integer() => match scale {
            Some(scale) if *scale <= 0 => Fit::Whole,
            _ => Fit::Partly(FRACTION),
        },
        ColumnType::Decimal { .. } => whole(is_float || is_decimal),
        ColumnType::Float { .. } => whole(is_float),
        ColumnType::Text { max_length, .. } => match wanted {
            Scalar::Guid if mysql && max_length.is_none_or(|length| length >= 36) => {
                Fit::Partly("a text that is no GUID")
            }
            _ if is_point => Fit::Partly("a text that is no point"),
            _ => whole(is_text),
        },
        ColumnType::Enum(_) | ColumnType::Set(_) | ColumnType::Json => whole(is_text),
        ColumnType::Other { name, .. } if name == "xml" => whole(is_text),
        ColumnType::Uuid => whole(wanted == Scalar::Guid),
        ColumnType::Bytes { .. } => whole(is_bytes),
        ColumnType::Date => whole(wanted == Scalar::Date || is_instant),
        ColumnType::Time { zoned: false, .. } => whole(matches!(wanted, Scalar::TimeOfDay { .. })),
        ColumnType::Timestamp { .. } => whole(is_instant),
        ColumnType::Interval if matches!(wanted, Scalar::Duration { .. }) => Fit::Partly("an interval with months"),
        ColumnType::Point => whole(is_point),
        _ => Fit::Not,
    }
}

fn integer(family: Family, column: &ColumnType, wanted: Scalar) -> Fit {
    let (bits, signed) = match column {
        ColumnType::Integer { bits, signed } => (u32::from(*bits), *signed),
        ColumnType::Bits { length, .. } if family == Family::Mysql => (length.unwrap_or(64), false),
        ColumnType::Year => (16, true),
        _ => return Fit::Not,
    };
    let (least, most) = wanted.integer_range().unwrap_or_default();
    let held_bits = if signed { bits.saturating_sub(1) } else { bits };
    let held = 1_i128.checked_shl(held_bits).unwrap_or(i128::MAX) - 1;
    let below = if signed { -held - 1 } else { 0 };
    if i128::from(least) <= below && held <= i128::from(most) { Fit::Whole } else { Fit::Partly(OUT_OF_RANGE) }
}

/// SQLite keeps a kind for each value, so a column says what is meant and no more: whatever can hold the agreed form
/// fits.
fn sqlite(column: &ColumnType, wanted: Scalar) -> Fit {
    let texts = matches!(
        wanted,
        Scalar::String { .. }
            | Scalar::Decimal { .. }
            | Scalar::Guid
            | Scalar::Date
            | Scalar::DateTimeOffset { .. }
            | Scalar::TimeOfDay { .. }
            | Scalar::GeographyPoint
            | Scalar::GeometryPoint
    );
    let numbers = wanted.is_numeric() || matches!(wanted, Scalar::Boolean | Scalar::Duration { .. });
    let fits = match column {
        ColumnType::Any => true,
        ColumnType::Boolean | ColumnType::Integer { .. } | ColumnType::Year => numbers,
        ColumnType::Decimal { .. } => wanted.is_numeric(),
        ColumnType::Float { .. } => {
            matches!(wanted, Scalar::Single | Scalar::Double | Scalar::Decimal { .. })
        }
        ColumnType::Text { .. } | ColumnType::Json | ColumnType::Uuid | ColumnType::Point => {
            texts || (wanted == Scalar::Guid)
        }
        ColumnType::Date => matches!(wanted, Scalar::Date | Scalar::DateTimeOffset { .. } | Scalar::String { .. }),
        ColumnType::Timestamp { .. } => matches!(wanted, Scalar::DateTimeOffset { .. } | Scalar::String { .. }),
        ColumnType::Time { .. } => matches!(wanted, Scalar::TimeOfDay { .. } | Scalar::String { .. }),
        ColumnType::Bytes { .. } => matches!(wanted, Scalar::Binary { .. } | Scalar::Stream),
        _ => false,
    };
    if fits { Fit::Whole } else { Fit::Not }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_fit_by_their_range() {
        let integer = |bits, signed| ColumnType::Integer { bits, signed };
        let (part, bits) = (Fit::Partly(OUT_OF_RANGE), |length| ColumnType::Bits { length, varying: false });
        for (family, column, wanted, expected) in [
            (Family::Postgres, integer(32, true), Scalar::Int32, Fit::Whole),
            (Family::Postgres, integer(32, true), Scalar::Int64, Fit::Whole),
            (Family::Postgres, integer(64, true), Scalar::Int32, part),
            (Family::Mysql, integer(32, false), Scalar::Int32, Fit::Partly(OUT_OF_RANGE)),
            (Family::Mysql, integer(32, false), Scalar::Int64, Fit::Whole),
            (Family::Mysql, integer(64, false), Scalar::Int64, Fit::Partly(OUT_OF_RANGE)),
            (Family::Mysql, integer(8, false), Scalar::Byte, Fit::Whole),
            (Family::Mysql, integer(8, true), Scalar::Byte, Fit::Partly(OUT_OF_RANGE)),
            (Family::Mysql, bits(Some(9)), Scalar::Int16, Fit::Whole),
            (Family::Postgres, bits(Some(9)), Scalar::Int16, Fit::Not),
            (Family::Sqlite, integer(64, true), Scalar::Int32, Fit::Whole),
            (Family::Postgres, ColumnType::Year, Scalar::Int16, Fit::Whole),
            (Family::Postgres, ColumnType::Json, Scalar::Int16, Fit::Not),
        ] {
            assert_eq!(one(family, &column, wanted), expected, "{family:?} {column:?} {wanted}");
        }
    }
}
