//! Owns [`Value`]: one primitive value or null, owned, comparable and hashable.

use std::hash::{Hash, Hasher};

use bigdecimal::BigDecimal;

use super::Point;

/// One primitive value. Integers of every width are [`Value::Int`]; which type is meant says the [`super::Scalar`] that
/// travels beside it.
#[derive(Clone, Debug)]
pub enum Value {
    /// The null value.
    Null,
    /// `Edm.Boolean`
    Boolean(bool),
    /// All integer types.
    Int(i64),
    /// `Edm.Single` and `Edm.Double`.
    Double(f64),
    /// `Edm.Decimal`, exact.
    Decimal(BigDecimal),
    /// `Edm.String`
    String(Box<str>),
    /// `Edm.Guid`, in the order of its text form.
    Guid([u8; 16]),
    /// `Edm.Date` as days since 1970-01-01.
    Date(i32),
    /// `Edm.DateTimeOffset` as microseconds since 1970-01-01T00:00:00Z.
    DateTimeOffset(i64),
    /// `Edm.TimeOfDay` as microseconds since midnight.
    TimeOfDay(i64),
    /// `Edm.Duration` as microseconds.
    Duration(i64),
    /// `Edm.Binary`
    Binary(Box<[u8]>),
    /// `Edm.GeographyPoint` and `Edm.GeometryPoint`.
    Point(Point),
}

impl Value {
    /// True for [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
}

/// Equality of identity, not of OData's `eq`: null equals null, NaN equals NaN, decimals are equal by value.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::Int(a), Value::Int(b))
            | (Value::DateTimeOffset(a), Value::DateTimeOffset(b))
            | (Value::TimeOfDay(a), Value::TimeOfDay(b))
            | (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
            (Value::Decimal(a), Value::Decimal(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Guid(a), Value::Guid(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Binary(a), Value::Binary(b)) => a == b,
            (Value::Point(a), Value::Point(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Value::Null => {}
            Value::Boolean(v) => v.hash(state),
            Value::Int(v) | Value::DateTimeOffset(v) | Value::TimeOfDay(v) | Value::Duration(v) => v.hash(state),
            Value::Double(v) => v.to_bits().hash(state),
            // The hash of `BigDecimal` leaves the exponent out, so 1.5 and 15 would have one fingerprint.
            Value::Decimal(v) => v.normalized().into_bigint_and_scale().hash(state),
            Value::String(v) => v.hash(state),
            Value::Guid(v) => v.hash(state),
            Value::Date(v) => v.hash(state),
            Value::Binary(v) => v.hash(state),
            Value::Point(v) => v.bits().hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;
    use std::str::FromStr;

    use super::*;

    fn hash(text: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        Value::Decimal(BigDecimal::from_str(text).unwrap()).hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn decimals_hash_by_value() {
        assert_eq!(hash("1.50"), hash("1.5"));
        assert_eq!(hash("1e2"), hash("100"));
        assert_eq!(hash("0.00"), hash("-0"));
        assert_ne!(hash("1.5"), hash("15"));
        assert_ne!(hash("-1"), hash("1"));
    }
}
