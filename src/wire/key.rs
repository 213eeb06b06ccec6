//! Owns the spelling of keys in URLs, percent-encoded, and [`EntityUrl`]: the canonical URL of each row of a set (OData
//! 4.01 Part 2, section 4.3.1).

use crate::edm::{Cell, Decimal, Scalar, Value};
use crate::model::{EntityType, EnumType, Exposure, Model, PropertyId, SetId};
use crate::query::Key;

use super::json::{write_raw, write_string};

/// Sets that are contained in one another, from the outermost to the innermost.
const CONTAINED_DEPTH_MAX: usize = 8;

/// Writes one part of a key as it stands in a URL.
pub(crate) fn write_key_cell(cell: Cell<'_>, scalar: Scalar, out: &mut Vec<u8>) {
    match (cell, scalar) {
        (Cell::Text(text), Scalar::String { .. }) => write_quoted("", text.bytes(), out),
        (_, Scalar::Duration { .. }) => write_prefixed("duration", cell, scalar, out),
        (_, Scalar::Binary { .. }) => write_prefixed("binary", cell, scalar, out),
        // Digits, signs, colons and letters: nothing that a URL would have to hide.
        _ => write_raw(cell, scalar, out),
    }
}

/// The same for an owned value.
pub(crate) fn write_key_value(value: &Value, scalar: Scalar, out: &mut Vec<u8>) {
    if value.is_null() {
        return out.extend_from_slice(b"null");
    }
    with_cell(value, |cell| write_key_cell(cell, scalar, out));
}

/// Shows an owned value as a cell.
pub(crate) fn with_cell<R>(value: &Value, show: impl FnOnce(Cell<'_>) -> R) -> R {
    let cell = match value {
        Value::Null => Cell::Null,
        Value::Decimal(number) => return show(Cell::Decimal(Decimal::Text(&number.to_plain_string()))),
        Value::String(text) => Cell::Text((&**text).into()),
        Value::Boolean(value) => Cell::Bool(*value),
        Value::Int(value) => Cell::Int(*value),
        Value::Double(value) => Cell::Float(*value),
        Value::Guid(bytes) => Cell::Guid(*bytes),
        Value::Date(days) => Cell::Date(*days),
        Value::DateTimeOffset(micros) => Cell::Timestamp(*micros),
        Value::TimeOfDay(micros) => Cell::TimeOfDay(*micros),
        Value::Duration(micros) => Cell::Duration(*micros),
        Value::Binary(bytes) => Cell::Binary(bytes),
        Value::Point(point) => Cell::Point(*point),
    };
    show(cell)
}

/// Writes a member of an enumeration as it stands in a URL: `Erp.Color'Red'`.
pub(crate) fn write_key_member(namespace: &str, enumeration: &EnumType, value: i64, out: &mut Vec<u8>) {
    let mut member = Vec::new();
    enumeration.write(value, &mut member);
    write_quoted(&format!("{namespace}.{}", enumeration.name), &member, out);
}

fn write_prefixed(prefix: &str, cell: Cell<'_>, scalar: Scalar, out: &mut Vec<u8>) {
    let mut raw = Vec::new();
    write_raw(cell, scalar, &mut raw);
    write_quoted(prefix, &raw, out);
}

/// A quote in a literal is doubled; a slash or a blank must not stand in a URL.
fn write_quoted(prefix: &str, text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(prefix.as_bytes());
    out.push(b'\'');
    for byte in text {
        match byte {
            b'\'' => out.extend_from_slice(b"''"),
            b'-' | b'.' | b'_' | b'~' | b':' | b'@' => out.push(*byte),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            byte => {
                let digits = [byte >> 4, byte & 15].map(|nibble| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
                out.push(b'%');
                out.extend_from_slice(&digits);
            }
        }
    }
    out.push(b'\'');
}

/// A key predicate: the values alone, or with names.
fn write_predicate<P, E>(
    parts: &[P],
    named: bool,
    name: impl Fn(&P) -> &str,
    mut write: impl FnMut(&P, &mut Vec<u8>) -> Result<(), E>,
    out: &mut Vec<u8>,
) -> Result<(), E> {
    out.push(b'(');
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        if named {
            out.extend_from_slice(name(part).as_bytes());
            out.push(b'=');
        }
        write(part, out)?;
    }
    out.push(b')');
    Ok(())
}

/// Writes the key predicate of an addressed entity: `(1)`, `('INV%2F1')`, `(OrderID=1,ProductID=2)`. The parts of an
/// alternate key always have names.
pub(crate) fn write_key(model: &Model, entity_type: &EntityType, key: &Key, out: &mut Vec<u8>) {
    let ids = match key.alternate {
        None => Some(&entity_type.key),
        Some(place) => entity_type.alternate_keys.get(usize::from(place)),
    };
    let parts = ids.into_iter().flatten().filter_map(|id| entity_type.property(*id)).zip(&key.values);
    let parts: Vec<_> = parts.collect();
    let write = |(property, value): &(&crate::model::Property, &Value), out: &mut Vec<u8>| {
        let enumeration = property.enumeration.and_then(|id| model.enumeration(id));
        match (enumeration, value) {
            (Some(enumeration), Value::Int(value)) => write_key_member(&model.namespace, enumeration, *value, out),
            (_, value) => write_key_value(value, property.scalar, out),
        }
        Ok::<(), std::convert::Infallible>(())
    };
    let named = key.alternate.is_some() || parts.len() > 1;
    let Ok(()) = write_predicate(&parts, named, |(property, _)| &property.name, write, out);
}

/// The canonical URL of each row.
#[derive(Clone, Debug)]
pub struct EntityUrl {
    segments: Vec<Segment>,
}

/// A set or a navigation property, and where the key behind it comes from.
#[derive(Clone, Debug)]
struct Segment {
    /// As it stands in a JSON string.
    text: Vec<u8>,
    key: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    name: String,
    column: usize,
    scalar: Scalar,
    /// The namespace and the enumeration, if it is a number that stands for a member.
    member: Option<(String, EnumType)>,
}

impl EntityUrl {
    /// The URL of rows whose cells are `columns`; `None` if a column that it needs is not among them. `root` is the
    /// absolute service root with its slash.
    pub fn new(model: &Model, set: SetId, columns: &[PropertyId], root: &str) -> Option<Self> {
        let column_of = |id: PropertyId| columns.iter().position(|column| *column == id);
        let mut segments = Vec::new();
        push_segments(model, set, &column_of, root, CONTAINED_DEPTH_MAX, &mut segments)?;
        Some(EntityUrl { segments })
    }

    /// Writes the URL of one row, without quotes around it.
    pub fn write<'a, E>(&self, cell: &impl Fn(usize) -> Result<Cell<'a>, E>, out: &mut Vec<u8>) -> Result<(), E> {
        for segment in &self.segments {
            out.extend_from_slice(&segment.text);
            if segment.key.is_empty() {
                continue;
            }
            let write = |part: &Part, out: &mut Vec<u8>| {
                match (cell(part.column)?, &part.member) {
                    (Cell::Int(value), Some((namespace, it))) => write_key_member(namespace, it, value, out),
                    (cell, _) => write_key_cell(cell, part.scalar, out),
                }
                Ok(())
            };
            write_predicate(&segment.key, segment.key.len() > 1, |part| &part.name, write, out)?;
        }
        Ok(())
    }
}

/// A contained entity is found below its parent, whose key is in the columns that join the two.
fn push_segments(
    model: &Model,
    set: SetId,
    column_of: &dyn Fn(PropertyId) -> Option<usize>,
    root: &str,
    depth: usize,
    segments: &mut Vec<Segment>,
) -> Option<()> {
    let (declared, entity_type) = (model.set(set)?, model.type_of(set)?);
    let (text, keyed) = match &declared.exposure {
        Exposure::Set => (format!("{root}{}", declared.name), true),
        Exposure::Singleton { .. } => (format!("{root}{}", declared.name), false),
        Exposure::Unpublished => return None,
        Exposure::Contained { parent, navigation } => {
            let navigation = model.type_of(*parent)?.navigation(*navigation)?;
            let parent_column = |id: PropertyId| {
                let join = navigation.joins.iter().find(|join| join.local == id)?;
                column_of(join.remote)
            };
            push_segments(model, *parent, &parent_column, root, depth.checked_sub(1)?, segments)?;
            (format!("/{}", navigation.name), navigation.collection)
        }
    };
    let mut segment = Segment { text: Vec::new(), key: Vec::new() };
    write_string(&text, &mut segment.text);
    // Without the quotes, since more follows.
    segment.text.pop();
    segment.text.remove(0);
    for id in entity_type.key.iter().filter(|_| keyed) {
        let property = entity_type.property(*id)?;
        let enumeration = property.enumeration.and_then(|id| model.enumeration(id));
        segment.key.push(Part {
            name: property.name.clone(),
            column: column_of(*id)?,
            scalar: property.scalar,
            member: enumeration.map(|it| (model.namespace.clone(), it.clone())),
        });
    }
    segments.push(segment);
    Some(())
}
