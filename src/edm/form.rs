//! Owns [`Form`]: in which form a column holds the values of its property, where that is not the type's own.

use super::Scalar;

/// In which form a column holds the values of its property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Form {
    /// What it holds.
    pub stored: Stored,
    /// A value that is none of the type is null, in conditions and in the order, too; otherwise it is an error.
    pub lenient: bool,
}

/// What a column holds of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stored {
    /// The value, in the type that stands for it in the database.
    #[default]
    Plain,
    /// The 16 bytes of a GUID.
    Bytes,
    /// The local time of an instant in the zone of the source.
    Local,
    /// Another type, which the database casts.
    Cast,
}

impl Form {
    /// The value, in the type that stands for it in the database.
    pub const PLAIN: Form = Form { stored: Stored::Plain, lenient: false };

    /// Whether the column itself stands for the value in a statement.
    pub fn is_written_plainly(self) -> bool {
        !self.lenient && matches!(self.stored, Stored::Plain | Stored::Bytes)
    }

    /// The form of a column that a statement has made of this one.
    #[must_use]
    pub fn made(self) -> Form {
        let stored = if self.stored == Stored::Bytes { Stored::Bytes } else { Stored::Plain };
        Form { stored, lenient: false }
    }

    /// The type in which a value beside the column travels.
    pub fn of_parameter(self, scalar: Scalar) -> Scalar {
        if self.stored == Stored::Bytes { Scalar::Binary { max_length: Some(16) } } else { scalar }
    }
}
