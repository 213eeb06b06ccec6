//! Owns [`Scalar`]: the primitive types that properties can have, with their facets (CSDL 4.01, sections 3.3 and 7.2).

use std::fmt;

/// A primitive type with its facets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Byte`, 0 to 255
    Byte,
    /// `Edm.SByte`, −128 to 127
    SByte,
    /// `Edm.Int16`
    Int16,
    /// `Edm.Int32`
    Int32,
    /// `Edm.Int64`
    Int64,
    /// `Edm.Single`
    Single,
    /// `Edm.Double`
    Double,
    /// `Edm.Decimal`; `precision` is the number of significant digits, `scale` the digits right of the point.
    Decimal {
        /// Significant digits, if declared.
        precision: Option<u16>,
        /// Digits right of the decimal point, if declared.
        scale: Option<u16>,
    },
    /// `Edm.String`; `max_length` counts characters.
    String {
        /// Longest value in characters, if declared.
        max_length: Option<u32>,
    },
    /// `Edm.Guid`
    Guid,
    /// `Edm.Date`
    Date,
    /// `Edm.DateTimeOffset`; `precision` is the number of fractional digits of the second, 0 to 6.
    DateTimeOffset {
        /// Fractional digits of the second, 0 to 6.
        precision: u8,
    },
    /// `Edm.TimeOfDay`; `precision` is the number of fractional digits of the second, 0 to 6.
    TimeOfDay {
        /// Fractional digits of the second, 0 to 6.
        precision: u8,
    },
    /// `Edm.Duration`; `precision` is the number of fractional digits of the second, 0 to 6.
    Duration {
        /// Fractional digits of the second, 0 to 6.
        precision: u8,
    },
    /// `Edm.Binary`; `max_length` counts bytes.
    Binary {
        /// Longest value in bytes, if declared.
        max_length: Option<u32>,
    },
    /// `Edm.Stream`: bytes that are read by themselves and never inside an entity.
    Stream,
    /// `Edm.GeographyPoint`: longitude and latitude in the reference system 4326.
    GeographyPoint,
    /// `Edm.GeometryPoint`: a position in a plane, reference system 0.
    GeometryPoint,
}

impl Scalar {
    /// A string of any length.
    pub const STRING: Scalar = Scalar::String { max_length: None };
    /// A decimal of any precision and scale.
    pub const DECIMAL: Scalar = Scalar::Decimal { precision: None, scale: None };
    /// An instant to the microsecond.
    pub const DATE_TIME_OFFSET: Scalar = Scalar::DateTimeOffset { precision: 6 };
    /// A time of day to the microsecond.
    pub const TIME_OF_DAY: Scalar = Scalar::TimeOfDay { precision: 6 };
    /// A duration to the microsecond.
    pub const DURATION: Scalar = Scalar::Duration { precision: 6 };
    /// Bytes of any length.
    pub const BINARY: Scalar = Scalar::Binary { max_length: None };

    /// The qualified name, as in `$metadata`: `Edm.Int32`.
    pub fn name(self) -> &'static str {
        match self {
            Scalar::Boolean => "Edm.Boolean",
            Scalar::Byte => "Edm.Byte",
            Scalar::SByte => "Edm.SByte",
            Scalar::Int16 => "Edm.Int16",
            Scalar::Int32 => "Edm.Int32",
            Scalar::Int64 => "Edm.Int64",
            Scalar::Single => "Edm.Single",
            Scalar::Double => "Edm.Double",
            Scalar::Decimal { .. } => "Edm.Decimal",
            Scalar::String { .. } => "Edm.String",
            Scalar::Guid => "Edm.Guid",
            Scalar::Date => "Edm.Date",
            Scalar::DateTimeOffset { .. } => "Edm.DateTimeOffset",
            Scalar::TimeOfDay { .. } => "Edm.TimeOfDay",
            Scalar::Duration { .. } => "Edm.Duration",
            Scalar::Binary { .. } => "Edm.Binary",
            Scalar::Stream => "Edm.Stream",
            Scalar::GeographyPoint => "Edm.GeographyPoint",
            Scalar::GeometryPoint => "Edm.GeometryPoint",
        }
    }

    /// True for the integer types.
    pub fn is_integer(self) -> bool {
        self.integer_range().is_some()
    }

    /// True for every type that takes part in numeric promotion.
    pub fn is_numeric(self) -> bool {
        self.is_integer() || matches!(self, Scalar::Single | Scalar::Double | Scalar::Decimal { .. })
    }

    /// The spatial reference system of a point's type.
    pub fn srid(self) -> Option<u32> {
        match self {
            Scalar::GeographyPoint => Some(4_326),
            Scalar::GeometryPoint => Some(0),
            _ => None,
        }
    }

    /// Smallest and largest value of an integer type.
    pub fn integer_range(self) -> Option<(i64, i64)> {
        Some(match self {
            Scalar::Byte => (0, 255),
            Scalar::SByte => (-128, 127),
            Scalar::Int16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
            Scalar::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Scalar::Int64 => (i64::MIN, i64::MAX),
            _ => return None,
        })
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
