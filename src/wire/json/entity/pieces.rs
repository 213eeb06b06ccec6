//! Owns [`Pieces`]: the structural properties of entities whose types have more than plain columns: complex properties,
//! enumerations, collections, derived types.

use crate::edm::{Cell, Scalar};
use crate::model::{ComplexMember, DerivedId, EntityType, EnumType, Member, Model, Property, PropertyId};
use crate::wire::Format;
use crate::wire::json::{write_property_control, write_string};

use super::items::ItemsWriter;
use super::value::Kind;
use super::{COPIED, Fields, write_name};

/// What is written of an entity of one type, in order.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    /// `,"Name":` of each piece, as in [`super::EntityWriter`].
    names: Vec<u8>,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Value {
        name_end: usize,
        column: usize,
        kind: Kind,
    },
    /// `name_end` is where its name ends, `type_end` where what tells of its type ends.
    Open {
        name_end: usize,
        type_end: usize,
        leaves: Vec<usize>,
        after: usize,
        name_after: usize,
    },
    Close,
    /// Of a collection not every item as it stands, or how many there are.
    Items {
        name_end: usize,
        writer: Box<ItemsWriter>,
        is_number: bool,
    },
}

/// Whether the type needs pieces: without them entities are written in one plain loop.
pub(super) fn are_needed(entity_type: &EntityType) -> bool {
    let is_plain = |property: &Property| {
        property.collection.is_none() && (property.enumeration.is_none() || is_text(property)) && !is_stream(property)
    };
    let is_leaf = |member: &Member| match member {
        Member::Property(id) => entity_type.property(*id).is_some_and(is_plain),
        Member::Complex(_) => false,
    };
    !entity_type.derived.is_empty() || !entity_type.structure.iter().all(is_leaf)
}

pub(super) fn is_text(property: &Property) -> bool {
    matches!(property.scalar, Scalar::String { .. })
}

/// The bytes of a stream are read by themselves.
pub(super) fn is_stream(property: &Property) -> bool {
    property.content_type.is_some() || property.scalar == Scalar::Stream
}

/// What `Name@odata.type` says of a property, if it is to be said.
pub(super) fn type_of(model: &Model, property: &Property, format: Format) -> Option<String> {
    let single = match property.enumeration.and_then(|id| model.enumeration(id)) {
        Some(enumeration) => format!("{}.{}", model.namespace, enumeration.name),
        None => property.scalar.name().trim_start_matches("Edm.").to_owned(),
    };
    if property.collection.is_some() {
        return Some(format!("#Collection({single})"));
    }
    if property.enumeration.is_some() {
        return Some(format!("#{single}"));
    }
    type_of_scalar(property.scalar, format)
}

/// The same for a value that is no property. JSON itself tells booleans, strings and doubles.
pub(super) fn type_of_scalar(scalar: Scalar, format: Format) -> Option<String> {
    if matches!(scalar, Scalar::Boolean | Scalar::String { .. } | Scalar::Double) {
        return None;
    }
    let name = scalar.name().trim_start_matches("Edm.");
    // Without a prefix it is the newer form, which has no hash before types of the standard.
    Some(if format.bare { name.to_owned() } else { format!("#{name}") })
}

/// Makes the pieces of one type.
struct Builder<'a> {
    model: &'a Model,
    entity_type: &'a EntityType,
    fields: &'a Fields<'a>,
    format: Format,
    names: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Pieces {
    /// What is written of entities that are of the type `of`; `None` is the root.
    pub(super) fn new(
        model: &Model,
        entity_type: &EntityType,
        of: Option<DerivedId>,
        fields: &Fields<'_>,
        format: Format,
    ) -> Self {
        let mut builder = Builder { model, entity_type, fields, format, names: Vec::new(), pieces: Vec::new() };
        for member in entity_type.members(of) {
            builder.push(member, true);
        }
        builder.push_computed();
        let Builder { mut names, pieces, .. } = builder;
        names.resize(names.len() + COPIED, b' ');
        Pieces { names, pieces }
    }

    /// What is written of the members of a complex property.
    pub(super) fn within(
        model: &Model,
        entity_type: &EntityType,
        complex: &ComplexMember,
        fields: &Fields<'_>,
        format: Format,
    ) -> Self {
        let mut builder = Builder { model, entity_type, fields, format, names: Vec::new(), pieces: Vec::new() };
        for member in &complex.members {
            builder.push(member, true);
        }
        let Builder { mut names, pieces, .. } = builder;
        names.resize(names.len() + COPIED, b' ');
        Pieces { names, pieces }
    }

    /// Writes the properties, each with a comma before it unless `is_first` says that nothing stands there.
    pub(super) fn write<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        (ieee754, omit_nulls): (bool, bool),
        is_first: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        let mut name_start = usize::from(is_first && !omit_nulls);
        let begin = if is_first { Some(out.len()) } else { None };
        let write_name = |start, end, out: &mut Vec<u8>| {
            if omit_nulls {
                self.write_name_alone(start, end, begin == Some(out.len()), out);
            } else {
                write_name(&self.names, start, end, out);
            }
        };
        let mut index = 0;
        while let Some(piece) = self.pieces.get(index) {
            index += 1;
            match piece {
                Piece::Value { name_end, column, kind } => {
                    let cell = cell(*column)?;
                    if !omit_nulls || !kind.is_null(&cell) {
                        write_name(name_start, *name_end, out);
                        kind.write(cell, ieee754, out);
                    }
                    name_start = *name_end;
                }
                Piece::Open { name_end, type_end, leaves, after, name_after } => {
                    let is_null = all_null(leaves, cell)?;
                    if !omit_nulls || !is_null {
                        write_name(name_start, *name_end, out);
                    }
                    if is_null {
                        if !omit_nulls {
                            out.extend_from_slice(b"null");
                        }
                        (index, name_start) = (*after, *name_after);
                    } else {
                        out.push(b'{');
                        out.extend_from_slice(self.names.get(*name_end..*type_end).unwrap_or_default());
                        name_start = *type_end;
                    }
                }
                Piece::Close => out.push(b'}'),
                Piece::Items { name_end, writer, is_number } => {
                    write_name(name_start, *name_end, out);
                    if *is_number {
                        writer.write_number(cell, ieee754, out)?;
                    } else {
                        writer.write(cell, out)?;
                    }
                    name_start = *name_end;
                }
            }
        }
        Ok(())
    }
}

impl Pieces {
    /// Writes a name where those before it may be missing: with a comma if something stands before it.
    fn write_name_alone(&self, start: usize, end: usize, is_first: bool, out: &mut Vec<u8>) {
        let has_comma = self.names.get(start) == Some(&b',');
        if !is_first && out.last() != Some(&b'{') {
            out.push(b',');
        }
        write_name(&self.names, start + usize::from(has_comma), end, out);
    }
}

/// A complex property is null when all its leaves are; without leaves it cannot be.
pub(super) fn all_null<'a, E>(leaves: &[usize], cell: &impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<bool, E> {
    for leaf in leaves {
        if !matches!(cell(*leaf)?, Cell::Null) {
            return Ok(false);
        }
    }
    Ok(!leaves.is_empty())
}

/// Names of members are identifiers, so nothing is to be escaped.
pub(super) fn write_member(enumeration: &EnumType, value: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    enumeration.write(value, out);
    out.push(b'"');
}

impl Builder<'_> {
    /// Adds a member, if anything of it is to be written. Returns whether it was.
    fn push(&mut self, member: &Member, has_comma: bool) -> bool {
        match member {
            Member::Property(id) => self.push_property(*id, has_comma),
            Member::Complex(complex) => self.push_complex(complex, has_comma),
        }
    }

    fn push_property(&mut self, id: PropertyId, has_comma: bool) -> bool {
        let (Some(property), Some(column)) = (self.entity_type.property(id), self.fields.column_of(id)) else {
            return false;
        };
        if is_stream(property) || !self.fields.shape.properties.contains(&id) {
            return false;
        }
        if has_comma {
            self.names.push(b',');
        }
        let items = self.fields.shape.items_of(id);
        if items.is_some_and(|items| items.count) {
            self.push_number(property, id);
        }
        if self.fields.is_full
            && let Some(name) = type_of(self.model, property, self.format)
        {
            push_type(&property.name, &name, self.format, &mut self.names);
        }
        self.push_name(&property.name);
        if items.is_some()
            && let Some(writer) = ItemsWriter::new(self.model, self.fields, id, self.format.ieee754)
        {
            let writer = Box::new(writer);
            self.pieces.push(Piece::Items { name_end: self.names.len(), writer, is_number: false });
            return true;
        }
        let kind = Kind::new(self.model, property);
        self.pieces.push(Piece::Value { name_end: self.names.len(), column, kind });
        true
    }

    /// `"Name@odata.count":` and a comma behind the number.
    fn push_number(&mut self, property: &Property, id: PropertyId) {
        let Some(writer) = ItemsWriter::new(self.model, self.fields, id, self.format.ieee754) else { return };
        write_property_control(&property.name, "count", self.format, &mut self.names);
        self.pieces.push(Piece::Items { name_end: self.names.len(), writer: Box::new(writer), is_number: true });
        self.names.push(b',');
    }

    fn push_complex(&mut self, complex: &ComplexMember, has_comma: bool) -> bool {
        let leaves = complex.leaves();
        if !leaves.iter().any(|id| self.fields.shape.properties.contains(id)) {
            return false;
        }
        if has_comma {
            self.names.push(b',');
        }
        self.push_name(&complex.name);
        let open = self.pieces.len();
        let name_end = self.names.len();
        self.pieces.push(Piece::Close);
        let mut has_comma = false;
        if self.fields.is_full
            && let Some(complex_type) = self.model.complex_type(complex.complex_type)
        {
            let mark = self.format.mark();
            self.names.extend_from_slice(format!("\"{mark}type\":").as_bytes());
            write_string(&format!("#{}.{}", self.model.namespace, complex_type.name), &mut self.names);
            has_comma = true;
        }
        let type_end = self.names.len();
        for member in &complex.members {
            has_comma |= self.push(member, has_comma);
        }
        self.pieces.push(Piece::Close);
        let leaves = leaves.into_iter().filter(|_| complex.nullable);
        let leaves = leaves.filter_map(|id| self.fields.column_of(id)).collect();
        let (after, name_after) = (self.pieces.len(), self.names.len());
        if let Some(piece) = self.pieces.get_mut(open) {
            *piece = Piece::Open { name_end, type_end, leaves, after, name_after };
        }
        true
    }

    fn push_computed(&mut self) {
        for (item, column) in self.fields.computed() {
            self.names.push(b',');
            push_computed_name(&item.name, item.scalar, self.format, self.fields.has_control, &mut self.names);
            let kind = Kind::Computed(item.scalar);
            self.pieces.push(Piece::Value { name_end: self.names.len(), column, kind });
        }
    }

    fn push_name(&mut self, name: &str) {
        write_string(name, &mut self.names);
        self.names.push(b':');
    }
}

/// `"Name@odata.type":"#Int32",`
pub(in crate::wire::json) fn push_type(property: &str, type_name: &str, format: Format, names: &mut Vec<u8>) {
    write_property_control(property, "type", format, names);
    write_string(type_name, names);
    names.push(b',');
}

/// The name of a value that `$metadata` does not declare: with its type, unless there is no control information.
pub(in crate::wire::json) fn push_computed_name(
    name: &str,
    scalar: Scalar,
    format: Format,
    has_control: bool,
    names: &mut Vec<u8>,
) {
    if has_control && let Some(type_name) = type_of_scalar(scalar, format) {
        push_type(name, &type_name, format, names);
    }
    write_string(name, names);
    names.push(b':');
}
