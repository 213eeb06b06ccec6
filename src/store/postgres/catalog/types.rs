//! Owns the types of a PostgreSQL schema: built-in ones by name and modifier, domains by the type below them, arrays,
//! enumerations by their labels.

use std::collections::HashMap;

use crate::catalog::ColumnType;
use crate::edm::{Scalar, Value};
use crate::store::{Database, StoreError};

/// The types of the columns, those below domains and those of items.
const TYPES: &str = "WITH RECURSIVE used(oid) AS (SELECT a.atttypid FROM pg_catalog.pg_attribute a \
    WHERE a.attrelid = ANY (CAST(string_to_array($1, ',') AS oid[])) AND a.attnum > 0 AND NOT a.attisdropped \
    UNION SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END \
    FROM used u JOIN pg_catalog.pg_type t ON t.oid = u.oid WHERE t.typtype = 'd' OR t.typelem <> 0) \
    SELECT CAST(t.oid AS int8), CAST(n.nspname AS text), CAST(t.typname AS text), CAST(t.typtype AS text), \
    CAST(t.typbasetype AS int8), CAST(t.typtypmod AS int8), t.typnotnull, \
    CAST(CASE WHEN e.typarray = t.oid THEN e.oid END AS int8), format_type(t.oid, NULL) \
    FROM used u JOIN pg_catalog.pg_type t ON t.oid = u.oid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
    LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typelem <> 0";

const LABELS: &str = "SELECT CAST(e.enumtypid AS int8), CAST(e.enumlabel AS text) FROM pg_catalog.pg_enum e \
    ORDER BY e.enumtypid, e.enumsortorder";

/// Domains of domains end somewhere; this is only to be sure.
const DEPTH_MAX: usize = 64;

/// All types that the columns have.
pub(super) struct Types {
    types: HashMap<i64, Type>,
    labels: HashMap<i64, Vec<String>>,
}

struct Type {
    built_in: bool,
    name: String,
    /// As the database spells it.
    spelled: String,
    kind: String,
    base: i64,
    base_modifier: i64,
    not_null: bool,
    item: Option<i64>,
}

/// A type as a column has it.
pub(super) struct Resolved {
    pub(super) column_type: ColumnType,
    /// A domain forbids null.
    pub(super) not_null: bool,
    /// The type itself calls texts equal that differ in case.
    pub(super) folding: bool,
}

impl Types {
    /// Reads the types of these relations.
    pub(super) async fn read(database: &Database, relations: Vec<Value>) -> Result<Types, StoreError> {
        let (text, number, flag) = (Scalar::STRING, Scalar::Int64, Scalar::Boolean);
        let columns = [number, text, text, text, number, number, flag, number, text];
        let mut types = HashMap::new();
        for record in database.records(TYPES, relations, &columns).await? {
            let described = Type {
                built_in: record.text(1) == "pg_catalog",
                name: record.text(2),
                kind: record.text(3),
                base: record.number(4).unwrap_or_default(),
                base_modifier: record.number(5).unwrap_or(-1),
                not_null: record.flag(6),
                item: record.number(7),
                spelled: record.text(8),
            };
            types.insert(record.number(0).unwrap_or_default(), described);
        }
        let records = database.records(LABELS, Vec::new(), &[number, text]).await?;
        let mut labels: HashMap<i64, Vec<String>> = HashMap::new();
        for record in records {
            labels.entry(record.number(0).unwrap_or_default()).or_default().extend(record.some_text(1));
        }
        Ok(Types { types, labels })
    }

    /// The type with this number and modifier.
    pub(super) fn resolve(&self, mut number: i64, mut modifier: i64) -> Resolved {
        let mut not_null = false;
        for _ in 0..DEPTH_MAX {
            let Some(domain) = self.types.get(&number).filter(|described| described.kind == "d") else { break };
            not_null |= domain.not_null;
            // The modifier stands in the domain, never at the column.
            (number, modifier) = (domain.base, domain.base_modifier);
        }
        let Some(described) = self.types.get(&number) else {
            let column_type = ColumnType::Other { name: format!("type number {number}"), text: false };
            return Resolved { column_type, not_null, folding: false };
        };
        if let Some(item) = described.item {
            let item = self.resolve(item, modifier);
            let column_type = ColumnType::Array(Box::new(item.column_type));
            return Resolved { column_type, not_null, folding: item.folding };
        }
        let folding = !described.built_in && described.name == "citext";
        Resolved { column_type: self.plain(number, described, modifier), not_null, folding }
    }

    fn plain(&self, number: i64, described: &Type, modifier: i64) -> ColumnType {
        if described.kind == "e" {
            return ColumnType::Enum(self.labels.get(&number).cloned().unwrap_or_default());
        }
        if described.built_in
            && let Some(built_in) = built_in(&described.name, modifier)
        {
            return built_in;
        }
        if described.name == "citext" {
            return ColumnType::Text { max_length: None, padded: false };
        }
        // All but types of functions have a form as text.
        ColumnType::Other { name: described.spelled.clone(), text: described.kind != "p" }
    }
}

/// The types of every server, by the names in its catalogue.
fn built_in(name: &str, modifier: i64) -> Option<ColumnType> {
    let given = u32::try_from(modifier).ok();
    // Lengths and precisions are kept with the four bytes that go before a value.
    let length = given.and_then(|given| given.checked_sub(4));
    let fraction = given.and_then(|given| u8::try_from(given).ok()).filter(|digits| *digits <= 6).unwrap_or(6);
    let integer = |bits| ColumnType::Integer { bits, signed: true };
    Some(match name {
        "bool" => ColumnType::Boolean,
        "int2" => integer(16),
        "int4" => integer(32),
        "int8" => integer(64),
        "float4" => ColumnType::Float { bits: 32 },
        "float8" => ColumnType::Float { bits: 64 },
        "numeric" => ColumnType::Decimal {
            precision: length.and_then(|length| u16::try_from(length >> 16).ok()),
            scale: length.and_then(|length| i16::try_from(length & 0x7ff).ok()).map(below_zero),
            signed: true,
        },
        "money" => ColumnType::Money,
        "text" => ColumnType::Text { max_length: None, padded: false },
        "varchar" => ColumnType::Text { max_length: length, padded: false },
        "bpchar" => ColumnType::Text { max_length: length, padded: true },
        "name" => ColumnType::Text { max_length: Some(63), padded: false },
        "char" => ColumnType::Text { max_length: Some(1), padded: false },
        "json" | "jsonb" => ColumnType::Json,
        "uuid" => ColumnType::Uuid,
        "bytea" => ColumnType::Bytes { max_length: None, fixed: false },
        "date" => ColumnType::Date,
        "time" => ColumnType::Time { precision: fraction, zoned: false },
        "timetz" => ColumnType::Time { precision: fraction, zoned: true },
        "timestamp" => ColumnType::Timestamp { precision: fraction, zoned: false },
        "timestamptz" => ColumnType::Timestamp { precision: fraction, zoned: true },
        "interval" => ColumnType::Interval,
        "bit" => ColumnType::Bits { length: given, varying: false },
        "varbit" => ColumnType::Bits { length: given, varying: true },
        "point" => ColumnType::Point,
        _ => return None,
    })
}

/// The scale of a decimal has eleven bits, the first of which stands for a sign since version 15; before, none is set.
fn below_zero(bits: i16) -> i16 {
    (bits ^ 1024) - 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modifier_of_a_decimal_holds_precision_and_scale() {
        let decimal = |precision, scale| ColumnType::Decimal { precision, scale, signed: true };
        let modifier = |precision: i64, scale: i64| ((precision << 16) | (scale & 0x7ff)) + 4;
        assert_eq!(built_in("numeric", -1), Some(decimal(None, None)));
        assert_eq!(built_in("numeric", modifier(18, 2)), Some(decimal(Some(18), Some(2))));
        assert_eq!(built_in("numeric", modifier(1000, 1000)), Some(decimal(Some(1000), Some(1000))));
        assert_eq!(built_in("numeric", modifier(5, -3)), Some(decimal(Some(5), Some(-3))));
    }
}
