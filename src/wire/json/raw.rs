//! Writes the value of one property by itself: as JSON, or as it is (`/$value`, OData 4.01 Part 1, 11.2.4.1).

use crate::edm::{Cell, Scalar};
use crate::model::{Model, Property};

use super::entity::Kind;
use super::write_raw;

/// The media type of a value that is asked for by `/$value`. That of a stream is told by its property or its row.
pub fn content_type_of(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Binary { .. } | Scalar::Stream => "application/octet-stream",
        _ => "text/plain;charset=utf-8",
    }
}

/// Writes the values of one property.
#[derive(Clone, Debug)]
pub struct ValueWriter {
    kind: Kind,
    scalar: Scalar,
    /// A collection is never null, whatever its column holds.
    is_collection: bool,
}

impl ValueWriter {
    /// For values of this property.
    pub fn new(model: &Model, property: &Property) -> Self {
        let is_collection = property.collection.is_some();
        ValueWriter { kind: Kind::of(model, property), scalar: property.scalar, is_collection }
    }

    /// Whether there is no value: then there is no body either.
    pub fn is_null(&self, cell: Cell<'_>) -> bool {
        matches!(cell, Cell::Null) && !self.is_collection
    }

    /// Writes a value as JSON.
    pub fn write(&self, cell: Cell<'_>, ieee754: bool, out: &mut Vec<u8>) {
        self.kind.write(cell, ieee754, out);
    }

    /// Writes a value as it is: bytes as bytes, members of enumerations by their names, all else as text; nothing for
    /// null.
    pub fn write_raw(&self, cell: Cell<'_>, out: &mut Vec<u8>) {
        match (cell, &self.kind) {
            (Cell::Binary(bytes), _) => out.extend_from_slice(bytes),
            (Cell::Int(value), Kind::Member(enumeration)) => enumeration.write(value, out),
            (cell, _) => write_raw(cell, self.scalar, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Collected, EnumId};
    use crate::wire::samples::shop;

    /// Bytes and media type.
    type Raw<'a> = (&'a [u8], &'a str);

    #[test]
    fn every_kind_of_value_has_its_bytes_and_its_media_type() {
        let model = shop();
        let shade = Some(EnumId(0));
        let text = "text/plain;charset=utf-8";
        let cases: [(Scalar, Option<EnumId>, Cell<'_>, Raw); 10] = [
            (Scalar::STRING, None, Cell::Text("a\"b\n".into()), (b"a\"b\n", text)),
            (Scalar::Boolean, None, Cell::Bool(true), (b"true", text)),
            (Scalar::Int64, None, Cell::Int(-5), (b"-5", text)),
            (Scalar::Double, None, Cell::Float(f64::INFINITY), (b"INF", text)),
            (Scalar::Date, None, Cell::Date(0), (b"1970-01-01", text)),
            (Scalar::DATE_TIME_OFFSET, None, Cell::Timestamp(1), (b"1970-01-01T00:00:00.000001Z", text)),
            (Scalar::Guid, None, Cell::Guid([0; 16]), (b"00000000-0000-0000-0000-000000000000", text)),
            (Scalar::BINARY, None, Cell::Binary(&[0, 255, 10]), (&[0, 255, 10], "application/octet-stream")),
            (Scalar::Int32, shade, Cell::Int(3), (b"Dark,Light", text)),
            (Scalar::Int32, shade, Cell::Null, (b"", text)),
        ];
        for (scalar, enumeration, cell, expected) in cases {
            let mut out = Vec::new();
            let property = Property { enumeration, ..Property::new("P", "p", scalar) };
            ValueWriter::new(&model, &property).write_raw(cell, &mut out);
            assert_eq!((out.as_slice(), content_type_of(scalar)), expected, "{scalar:?}");
        }
    }

    #[test]
    fn a_collection_is_never_null() {
        let property = Property { collection: Some(Collected::Json), ..Property::new("P", "p", Scalar::Int32) };
        let writer = ValueWriter::new(&shop(), &property);
        let mut out = Vec::new();
        writer.write(Cell::Null, false, &mut out);
        assert_eq!((writer.is_null(Cell::Null), out.as_slice()), (false, &b"[]"[..]));
        let plain = ValueWriter::new(&shop(), &Property::new("P", "p", Scalar::Int32));
        assert!(plain.is_null(Cell::Null) && !plain.is_null(Cell::Int(1)));
    }
}
