//! Tables in memory, and how two values compare by the standard. From the library only [`Value`] is used, as data.

use std::cmp::Ordering;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use penstock::edm::Value;

/// The primitive types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean,
    Byte,
    SByte,
    Int16,
    Int32,
    Int64,
    Single,
    Double,
    Decimal,
    String,
    Guid,
    Date,
    DateTimeOffset,
    TimeOfDay,
    Duration,
}

impl Type {
    /// Smallest and largest value of an integer type.
    pub(crate) fn integer_range(self) -> Option<(i64, i64)> {
        Some(match self {
            Type::Byte => (0, 255),
            Type::SByte => (-128, 127),
            Type::Int16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
            Type::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Type::Int64 => (i64::MIN, i64::MAX),
            _ => return None,
        })
    }

    /// True for types whose values have an exact order with each other: integers and decimals.
    pub(crate) fn is_exact_number(self) -> bool {
        self.integer_range().is_some() || self == Type::Decimal
    }
}

/// A column of a table, under its public name.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) nullable: bool,
    /// False if the column's collation orders texts otherwise than by code point, so its order is not predicted.
    pub(crate) ordinal: bool,
}

/// Rows in memory.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) key: Vec<usize>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Table {
    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column.name == name).unwrap_or_else(|| panic!("no column {name}"))
    }
}

/// The order of two values that are not null, numbers promoted as the standard says (URL Conventions, 5.1.1.10);
/// `None` if there is none, which only NaN causes.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b))
        | (Value::DateTimeOffset(a), Value::DateTimeOffset(b))
        | (Value::TimeOfDay(a), Value::TimeOfDay(b))
        | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Double(_), _) | (_, Value::Double(_)) => to_double(left).partial_cmp(&to_double(right)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Int(b)) => Some(a.cmp(&BigDecimal::from(*b))),
        (Value::Int(a), Value::Decimal(b)) => Some(BigDecimal::from(*a).cmp(b)),
        // UTF-8 bytes have the order of the code points.
        (Value::String(a), Value::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Guid(a), Value::Guid(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => panic!("the generator compares {left:?} with {right:?}"),
    }
}

/// The nearest double.
pub(crate) fn to_double(value: &Value) -> f64 {
    match value {
        Value::Double(v) => *v,
        Value::Int(v) => f64::from_str(&v.to_string()).unwrap(),
        Value::Decimal(v) => f64::from_str(&v.to_plain_string()).unwrap(),
        other => panic!("{other:?} is not a number"),
    }
}

/// The order of two values in `$orderby`: null is lowest (Protocol, 11.2.6.2).
pub(crate) fn order(left: &Value, right: &Value) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare(left, right).expect("no NaN in the data"),
    }
}
