//! Owns [`Kind`]: how the cell of a property becomes JSON or raw text, and [`PropertyWriter`]: answers that are one
//! property of an entity, a reference to it, or its bytes.

use crate::edm::{Cell, Scalar, Value};
use crate::model::{EnumType, Model, Property, PropertyId, ValueType};
use crate::wire::json::{write_cell, write_collection, write_computed, write_control, write_raw, write_string};
use crate::wire::key::{EntityUrl, with_cell};
use crate::wire::{Format, Level};

use super::items::ItemsWriter;
use super::pieces::{Pieces, all_null, is_text, type_of, write_member};
use super::{Fields, type_member};

/// How one cell is written.
#[derive(Clone, Debug)]
pub(in crate::wire::json) enum Kind {
    Plain(Scalar),
    /// A number that stands for a member.
    Member(EnumType),
    /// Many values in one column.
    Collection(Scalar, Option<EnumType>),
    /// What no column holds.
    Computed(Scalar),
}

impl Kind {
    pub(super) fn new(model: &Model, property: &Property) -> Self {
        let enumeration = property.enumeration.and_then(|id| model.enumeration(id));
        match (property.collection, enumeration) {
            (Some(_), enumeration) => Kind::Collection(property.scalar, enumeration.cloned()),
            (None, Some(enumeration)) if !is_text(property) => Kind::Member(enumeration.clone()),
            _ => Kind::Plain(property.scalar),
        }
    }

    /// Whether the cell is the null of this kind; collections have none.
    pub(super) fn is_null(&self, cell: &Cell<'_>) -> bool {
        matches!(cell, Cell::Null) && !matches!(self, Kind::Collection(..))
    }

    pub(in crate::wire::json) fn write(&self, cell: Cell<'_>, ieee754: bool, out: &mut Vec<u8>) {
        match (self, cell) {
            (Kind::Member(enumeration), Cell::Int(value)) => write_member(enumeration, value, out),
            (Kind::Member(enumeration), cell) => write_cell(&cell, enumeration.underlying, ieee754, out),
            (Kind::Collection(scalar, enumeration), cell) => {
                write_collection(cell, *scalar, enumeration.as_ref(), ieee754, out);
            }
            (Kind::Plain(scalar), cell) => write_cell(&cell, *scalar, ieee754, out),
            (Kind::Computed(scalar), cell) => write_computed(&cell, *scalar, ieee754, out),
        }
    }

    /// Plain text, or bytes as they are.
    fn write_raw(&self, cell: Cell<'_>, out: &mut Vec<u8>) {
        match (self, cell) {
            (Kind::Member(enumeration), Cell::Int(value)) => enumeration.write(value, out),
            (_, Cell::Binary(bytes)) => out.extend_from_slice(bytes),
            (Kind::Member(enumeration), cell) => write_raw(cell, enumeration.underlying, out),
            (Kind::Collection(scalar, _) | Kind::Plain(scalar) | Kind::Computed(scalar), cell) => {
                write_raw(cell, *scalar, out);
            }
        }
    }
}

/// What stands before a value that is answered by itself, or before one item of it.
fn lead(model: &Model, property: &Property, of_item: bool, format: Format) -> Vec<u8> {
    let mut lead = Vec::new();
    let item = of_item.then(|| Property { collection: None, ..property.clone() });
    if format.level == Level::Full
        && let Some(name) = type_of(model, item.as_ref().unwrap_or(property), format)
    {
        write_control("type", format, &mut lead);
        write_string(&name, &mut lead);
        lead.push(b',');
    }
    lead.extend_from_slice(b"\"value\":");
    lead
}

/// Writes the values that an operation gives.
#[derive(Clone, Debug)]
pub struct ResultWriter(Kind);

impl ResultWriter {
    /// For values of a type.
    pub fn new(model: &Model, value_type: ValueType) -> Self {
        ResultWriter(match value_type.enumeration.and_then(|id| model.enumeration(id)) {
            Some(enumeration) if value_type.scalar.is_integer() => Kind::Member(enumeration.clone()),
            _ => Kind::Plain(value_type.scalar),
        })
    }

    /// Writes a value as JSON.
    pub fn write(&self, value: &Value, ieee754: bool, out: &mut Vec<u8>) {
        with_cell(value, |cell| self.0.write(cell, ieee754, out));
    }

    /// Writes a value of a row as JSON.
    pub fn write_cell(&self, cell: Cell<'_>, ieee754: bool, out: &mut Vec<u8>) {
        self.0.write(cell, ieee754, out);
    }

    /// Writes a value as plain text or bytes.
    pub fn write_raw(&self, value: &Value, out: &mut Vec<u8>) {
        with_cell(value, |cell| self.0.write_raw(cell, out));
    }
}

/// Writes what is answered of one row where it is not the entity.
#[derive(Clone, Debug)]
pub struct PropertyWriter(What);

#[derive(Clone, Debug)]
enum What {
    /// `lead` stands before the value: its name, and in full metadata its type.
    Value {
        lead: Vec<u8>,
        kind: Kind,
        column: usize,
        ieee754: bool,
    },
    Complex {
        pieces: Pieces,
        leaves: Vec<usize>,
        type_member: Option<Vec<u8>>,
        ieee754: bool,
    },
    Raw {
        kind: Kind,
        column: usize,
    },
    /// Items of a collection; with their number before them if the format is there.
    Items {
        lead: Vec<u8>,
        writer: ItemsWriter,
        number: Option<Format>,
    },
    /// The number of items.
    Number(ItemsWriter),
    /// One item, as JSON with what stands before it, or as it is.
    Item {
        lead: Option<Vec<u8>>,
        writer: ItemsWriter,
    },
    Reference {
        url: EntityUrl,
        format: Format,
    },
}

impl PropertyWriter {
    /// The value of a property as JSON, with its name `value`.
    pub fn value(model: &Model, fields: Fields<'_>, id: PropertyId, format: Format) -> Option<Self> {
        let property = model.type_of(fields.set)?.property(id)?;
        if let Some(items) = fields.shape.items_of(id) {
            let lead = lead(model, property, items.place.is_some(), format);
            let writer = ItemsWriter::new(model, &fields, id, format.ieee754)?;
            return Some(PropertyWriter(match items.place {
                Some(_) => What::Item { lead: Some(lead), writer },
                None => What::Items { lead, writer, number: items.count.then_some(format) },
            }));
        }
        let (lead, kind) = (lead(model, property, false, format), Kind::new(model, property));
        Some(PropertyWriter(What::Value { lead, kind, column: fields.column_of(id)?, ieee754: format.ieee754 }))
    }

    /// The value of a property as plain text or bytes.
    pub fn raw(model: &Model, fields: Fields<'_>, id: PropertyId) -> Option<Self> {
        if fields.shape.items_of(id).is_some() {
            let writer = ItemsWriter::new(model, &fields, id, false)?;
            return Some(PropertyWriter(What::Item { lead: None, writer }));
        }
        let kind = Kind::new(model, model.type_of(fields.set)?.property(id)?);
        Some(PropertyWriter(What::Raw { kind, column: fields.column_of(id)? }))
    }

    /// The number of items of a property.
    pub fn items(model: &Model, fields: Fields<'_>, id: PropertyId) -> Option<Self> {
        ItemsWriter::new(model, &fields, id, false).map(|writer| PropertyWriter(What::Number(writer)))
    }

    /// The members of a complex property, without the braces around them: the one that holds the leaf, so many levels
    /// below the entity.
    pub fn complex(model: &Model, fields: Fields<'_>, leaf: PropertyId, levels: u8, format: Format) -> Option<Self> {
        let is_full = format.level == Level::Full;
        let fields = Fields { is_full, has_control: format.level != Level::None, ..fields };
        let entity_type = model.type_of(fields.set)?;
        let around = entity_type.complex_around(leaf);
        let complex = *around.get(usize::from(levels).checked_sub(1)?)?;
        let complex_type = model.complex_type(complex.complex_type)?;
        let leaves = complex.leaves().into_iter().filter(|_| complex.nullable);
        Some(PropertyWriter(What::Complex {
            pieces: Pieces::within(model, entity_type, complex, &fields, format),
            leaves: leaves.filter_map(|id| fields.column_of(id)).collect(),
            type_member: is_full.then(|| type_member(model, &complex_type.name, format)),
            ieee754: format.ieee754,
        }))
    }

    /// The reference to the entity, without braces around it. `root` is the absolute service root with its slash.
    pub fn reference(model: &Model, fields: Fields<'_>, format: Format, root: &str) -> Option<Self> {
        let url = EntityUrl::new(model, fields.set, fields.columns, root)?;
        Some(PropertyWriter(What::Reference { url, format }))
    }

    /// Writes it. Returns whether the value is null.
    pub fn write<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<bool, E> {
        match &self.0 {
            What::Value { lead, kind, column, ieee754 } => {
                let cell = cell(*column)?;
                out.extend_from_slice(lead);
                kind.write(cell, *ieee754, out);
                Ok(matches!(cell, Cell::Null) && !matches!(kind, Kind::Collection(..)))
            }
            What::Complex { pieces, leaves, type_member, ieee754 } => {
                if all_null(leaves, &cell)? {
                    return Ok(true);
                }
                out.extend_from_slice(type_member.as_deref().unwrap_or_default());
                pieces.write(&cell, (*ieee754, false), type_member.is_none(), out)?;
                Ok(false)
            }
            What::Raw { kind, column } => {
                let cell = cell(*column)?;
                kind.write_raw(cell, out);
                Ok(matches!(cell, Cell::Null))
            }
            What::Items { lead, writer, number } => {
                if let Some(format) = number {
                    write_control("count", *format, out);
                    writer.write_number(&cell, format.ieee754, out)?;
                    out.push(b',');
                }
                out.extend_from_slice(lead);
                writer.write(&cell, out)?;
                Ok(false)
            }
            What::Number(writer) => {
                writer.write_number(&cell, false, out)?;
                Ok(false)
            }
            What::Item { lead: None, writer } => writer.write_one_raw(&cell, out),
            What::Item { lead: Some(lead), writer } => {
                let start = out.len();
                out.extend_from_slice(lead);
                let is_null = writer.write_one(&cell, out)?;
                if out.len() == start + lead.len() {
                    out.truncate(start);
                }
                Ok(is_null)
            }
            What::Reference { url, format } => {
                write_control("id", *format, out);
                out.push(b'"');
                url.write(&cell, out)?;
                out.push(b'"');
                Ok(false)
            }
        }
    }
}
