//! Owns [`EntityWriter`]: writes the members of one entity from the cells of its row, with the control information of
//! the metadata level (OData JSON Format 4.01, sections 4.5 and 6).
//!
//! # Decisions
//!
//! - Entities with plain columns only, the usual case, are written in one loop over their fields. What has more shape
//!   is written by `pieces`, so that the usual case does not pay for it.
//! - The order is the one that readers of streams rely on: type, identity, `ETag`, other links, structural properties,
//!   links of navigation properties.

mod items;
mod links;
mod pieces;
mod streams;
#[cfg(test)]
mod tests;
mod value;

use crate::edm::{Cell, Scalar};
use crate::model::{DerivedId, EntityType, Model, PropertyId, SetId};
use crate::query::{Computed, Shape};
use crate::wire::{Format, Level};

use super::{write_cell, write_control, write_string};
use links::{Links, place};
use pieces::{Pieces, type_of};
pub(super) use pieces::{push_computed_name, push_type};
use streams::Streams;
pub(super) use value::Kind;
pub use value::{PropertyWriter, ResultWriter};

/// What the rows of a node hold.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The set of the rows.
    pub set: SetId,
    /// What is written of each.
    pub shape: &'a Shape,
    /// Which property each of the first cells holds. Properties without a cell are left out; the plan sees to it that
    /// there are none.
    pub columns: &'a [PropertyId],
    /// Which cells hold the computed values of the shape.
    pub computed: &'a [usize],
    /// Which cells hold the places of the items that are meant, for each collection of the shape's.
    pub places: &'a [Option<usize>],
    /// The type that the reader expects: that of a cast in the path, or the set's own.
    pub declared: Option<DerivedId>,
    /// Whether the reader expects no type at all, so that each entity tells its type and its identity.
    pub is_told: bool,
    is_full: bool,
    has_control: bool,
}

impl<'a> Fields<'a> {
    /// Rows of a set whose cells are `columns`.
    pub fn new(set: SetId, shape: &'a Shape, columns: &'a [PropertyId], computed: &'a [usize]) -> Self {
        Fields {
            set,
            shape,
            columns,
            computed,
            places: &[],
            declared: None,
            is_told: false,
            is_full: false,
            has_control: true,
        }
    }

    fn column_of(&self, id: PropertyId) -> Option<usize> {
        self.columns.iter().position(|column| *column == id)
    }

    fn computed(&self) -> impl Iterator<Item = (&'a Computed, usize)> + use<'a> {
        self.shape.computed.iter().zip(self.computed.iter().copied())
    }
}

/// Writes entities of one shape. Made once per page and node; writing a row allocates nothing but the output.
#[derive(Clone, Debug)]
pub struct EntityWriter {
    /// `,"Name":` of each field, one after the other, and at the end as many blanks as one copy may read too far.
    names: Vec<u8>,
    fields: Vec<Field>,
    ieee754: bool,
    omit_nulls: bool,
    /// `"@odata.etag":"W/\"`, where the value of the column goes.
    etag: Option<(Vec<u8>, usize, Scalar)>,
    /// `"@odata.type":"#Erp.Order"`, in full metadata.
    type_member: Option<Vec<u8>>,
    links: Option<Box<Links>>,
    streams: Option<Box<Streams>>,
    rich: Option<Box<Rich>>,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    /// Where the name ends in `names`; it begins where the one before ends.
    name_end: usize,
    column: usize,
    scalar: Scalar,
}

/// What entities need that are more than plain columns.
#[derive(Clone, Debug)]
struct Rich {
    discriminator: Option<Discriminator>,
    /// The type itself, then its derived types.
    variants: Vec<Variant>,
}

/// The cell that tells of which type a row is.
#[derive(Clone, Debug)]
struct Discriminator {
    column: usize,
    scalar: Scalar,
    /// The texts of its values, as in a key.
    values: Vec<(Vec<u8>, DerivedId)>,
}

/// An entity of one type of the hierarchy.
#[derive(Clone, Debug)]
struct Variant {
    of: Option<DerivedId>,
    /// All types that it is, itself and the root among them.
    line: Vec<Option<DerivedId>>,
    type_member: Option<Vec<u8>>,
    pieces: Pieces,
}

/// Bytes that are copied at once.
const COPIED: usize = 32;

/// Appends a part of `names`. A copy of fixed length is no call, and nearly every name is shorter.
#[inline]
fn write_name(names: &[u8], start: usize, end: usize, out: &mut Vec<u8>) {
    let length = end - start;
    match names.get(start..).and_then(<[u8]>::first_chunk::<COPIED>) {
        Some(chunk) if length <= COPIED => {
            out.extend_from_slice(chunk);
            out.truncate(out.len() - (COPIED - length));
        }
        _ => out.extend_from_slice(names.get(start..end).unwrap_or_default()),
    }
}

impl EntityWriter {
    /// Prepares the writer. `root` is the absolute service root with its slash. `None` if there is no such set.
    pub fn new(model: &Model, fields: Fields<'_>, format: Format, root: &str) -> Option<Self> {
        let entity_type = model.type_of(fields.set)?;
        let is_full = format.level == Level::Full;
        let fields = Fields { is_full, has_control: format.level != Level::None, ..fields };
        let scalar_of = |id: PropertyId| entity_type.property(id).map(|property| property.scalar);
        let etag = entity_type.etag.filter(|_| fields.has_control);
        let etag = etag.and_then(|id| fields.column_of(id).zip(scalar_of(id))).map(|(column, scalar)| {
            let mut member = Vec::with_capacity(32);
            write_control("etag", format, &mut member);
            member.extend_from_slice(b"\"W/\\\"");
            (member, column, scalar)
        });
        let mut writer = EntityWriter {
            names: Vec::with_capacity(fields.shape.properties.len() * 24 + COPIED),
            fields: Vec::with_capacity(fields.shape.properties.len()),
            ieee754: format.ieee754,
            omit_nulls: format.omit_nulls,
            etag,
            type_member: (is_full || (fields.is_told && fields.has_control))
                .then(|| type_member(model, &entity_type.name, format)),
            links: Links::new(model, fields.set, entity_type, &fields, format, root).map(Box::new),
            streams: None,
            rich: None,
        };
        if fields.is_full || !fields.shape.streams().is_empty() {
            writer.streams = Streams::new(model, entity_type, &fields, format, root).map(Box::new);
        }
        if pieces::are_needed(entity_type) || !fields.shape.computed.is_empty() {
            writer.rich = Some(Box::new(Rich::new(model, entity_type, &fields, format)));
        } else {
            writer.add_fields(model, entity_type, &fields, format);
        }
        Some(writer)
    }

    fn add_fields(&mut self, model: &Model, entity_type: &EntityType, fields: &Fields<'_>, format: Format) {
        let names = &mut self.names;
        for id in &fields.shape.properties {
            if let (Some(property), Some(column)) = (entity_type.property(*id), fields.column_of(*id)) {
                names.push(b',');
                if fields.is_full
                    && let Some(name) = type_of(model, property, format)
                {
                    push_type(&property.name, &name, format, names);
                }
                // Names of the model have nothing to escape.
                names.push(b'"');
                names.extend_from_slice(property.name.as_bytes());
                names.extend_from_slice(b"\":");
                self.fields.push(Field { name_end: names.len(), column, scalar: property.scalar });
            }
        }
        names.resize(names.len() + COPIED, b' ');
    }

    /// Writes the members of one entity, without the braces around them, so that the caller may add context before and
    /// expansions after. Returns whether anything was written.
    #[inline]
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<bool, E> {
        let start = out.len();
        if let Some(rich) = &self.rich {
            self.rich_members(rich, out, &cell)?;
            return Ok(out.len() > start);
        }
        if self.links.is_some() || self.type_member.is_some() {
            self.opening(self.type_member.as_deref(), out, &cell)?;
        }
        self.write_etag(start, out, &cell)?;
        if let Some(links) = &self.links {
            links.write_own(None, &cell, out)?;
        }
        if self.omit_nulls {
            self.values(start, out, &cell)?;
            self.closing(start, out, &cell)?;
            return Ok(out.len() > start);
        }
        // Where nothing stands before it, the first name goes without its comma.
        let mut name_start = usize::from(out.len() == start);
        for field in &self.fields {
            write_name(&self.names, name_start, field.name_end, out);
            name_start = field.name_end;
            // Looked at in place: a copy would wait for the parts that were just written.
            match cell(field.column) {
                Ok(ref cell) => write_cell(cell, field.scalar, self.ieee754, out),
                Err(error) => return Err(error),
            }
        }
        if self.links.is_some() || self.streams.is_some() {
            self.closing(start, out, &cell)?;
        }
        Ok(out.len() > start)
    }

    /// Writes what stands behind the properties of an entity whose type has no derived ones.
    fn closing<'a, E>(
        &self,
        start: usize,
        out: &mut Vec<u8>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
    ) -> Result<(), E> {
        if let Some(streams) = &self.streams {
            streams.write(|declared_by| declared_by.is_none(), start, cell, out)?;
        }
        match &self.links {
            Some(links) => links.write_others(|declared_by| declared_by.is_none(), None, cell, out),
            None => Ok(()),
        }
    }

    /// The same for an entity that is more than plain columns.
    fn rich_members<'a, E>(
        &self,
        rich: &Rich,
        out: &mut Vec<u8>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
    ) -> Result<(), E> {
        let start = out.len();
        let Some(variant) = rich.variant(out, cell)? else { return Ok(()) };
        self.opening(variant.type_member.as_deref(), out, cell)?;
        self.write_etag(start, out, cell)?;
        if let Some(links) = &self.links {
            links.write_own(variant.of, cell, out)?;
        }
        variant.pieces.write(cell, (self.ieee754, self.omit_nulls), out.len() == start, out)?;
        if let Some(streams) = &self.streams {
            streams.write(|declared_by| variant.line.contains(&declared_by), start, cell, out)?;
        }
        if let Some(links) = &self.links {
            links.write_others(|declared_by| variant.line.contains(&declared_by), variant.of, cell, out)?;
        }
        Ok(())
    }

    /// The derived type that a row is of.
    pub fn type_of<'a, E>(&self, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<Option<DerivedId>, E> {
        let Some(rich) = &self.rich else { return Ok(None) };
        Ok(rich.variant(&mut Vec::new(), &cell)?.and_then(|variant| variant.of))
    }

    /// Writes type and identity.
    fn opening<'a, E>(
        &self,
        type_member: Option<&[u8]>,
        out: &mut Vec<u8>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
    ) -> Result<(), E> {
        out.extend_from_slice(type_member.unwrap_or_default());
        if let Some(links) = &self.links {
            if type_member.is_some() {
                out.push(b',');
            }
            links.write_id(cell, out)?;
        }
        Ok(())
    }

    #[inline]
    fn write_etag<'a, E>(
        &self,
        start: usize,
        out: &mut Vec<u8>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
    ) -> Result<(), E> {
        if let Some((member, column, scalar)) = &self.etag {
            if out.len() > start {
                out.push(b',');
            }
            out.extend_from_slice(member);
            write_etag_content(cell(*column)?, *scalar, out);
            out.extend_from_slice(b"\\\"\"");
        }
        Ok(())
    }

    /// Writes the properties that have a value. The members begin at `start`.
    fn values<'a, E>(
        &self,
        start: usize,
        out: &mut Vec<u8>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
    ) -> Result<(), E> {
        let mut name_start = 0;
        for field in &self.fields {
            let cell = cell(field.column)?;
            if !matches!(cell, Cell::Null) {
                let comma = usize::from(out.len() == start);
                write_name(&self.names, name_start + comma, field.name_end, out);
                write_cell(&cell, field.scalar, self.ieee754, out);
            }
            name_start = field.name_end;
        }
        Ok(())
    }

    /// The entity's `ETag` as a header carries it, if the type has one and the metadata level shows it.
    pub fn etag<'a, E>(&self, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<Option<String>, E> {
        let Some((_, column, scalar)) = &self.etag else {
            return Ok(None);
        };
        let mut etag = b"W/\"".to_vec();
        write_etag_content(cell(*column)?, *scalar, &mut etag);
        etag.push(b'"');
        Ok(String::from_utf8(etag).ok())
    }
}

impl Rich {
    fn new(model: &Model, entity_type: &EntityType, fields: &Fields<'_>, format: Format) -> Self {
        let ids = entity_type.derived_types().map(|(id, _)| Some(id));
        let variants = std::iter::once(None).chain(ids).map(|of| {
            // A type that is expected need not be told.
            let is_told = fields.is_full || (fields.has_control && (fields.is_told || of != fields.declared));
            let name = of.and_then(|id| entity_type.derived_type(id)).map_or(&entity_type.name, |it| &it.name);
            let line = entity_type.line(of).into_iter().map(Some);
            Variant {
                of,
                line: std::iter::once(None).chain(line).collect(),
                type_member: is_told.then(|| type_member(model, name, format)),
                pieces: Pieces::new(model, entity_type, of, fields, format),
            }
        });
        let discriminator = entity_type.discriminator.and_then(|id| {
            let (column, scalar) = (fields.column_of(id)?, entity_type.property(id)?.scalar);
            let mut values = Vec::new();
            for (id, derived) in entity_type.derived_types() {
                for value in &derived.values {
                    let mut text = Vec::new();
                    crate::wire::key::write_key_value(value, scalar, &mut text);
                    values.push((text, id));
                }
            }
            Some(Discriminator { column, scalar, values })
        });
        Rich { variants: variants.collect(), discriminator }
    }

    /// The type of a row: the root, if its discriminator has no value that is known.
    fn variant<'a, E>(
        &self,
        out: &mut Vec<u8>,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
    ) -> Result<Option<&Variant>, E> {
        let mut of = None;
        if let Some(Discriminator { column, scalar, values }) = &self.discriminator {
            // The end of the output serves as scratch paper.
            let start = out.len();
            crate::wire::key::write_key_cell(cell(*column)?, *scalar, out);
            of = values.iter().find(|(text, _)| out.get(start..) == Some(text)).map(|(_, id)| *id);
            out.truncate(start);
        }
        Ok(self.variants.get(place(of)))
    }
}

/// `"@odata.type":"#Erp.Order"`
fn type_member(model: &Model, name: &str, format: Format) -> Vec<u8> {
    let mut member = Vec::new();
    write_control("type", format, &mut member);
    write_string(&format!("#{}.{name}", model.namespace), &mut member);
    member
}

/// Writes what stands between the quotes of the weak `ETag` of an entity, from the value of its version property.
fn write_etag_content(cell: Cell<'_>, scalar: Scalar, out: &mut Vec<u8>) {
    let start = out.len();
    super::write_raw(cell, scalar, out);
    // Only visible ASCII may stand in an entity tag, and no quote.
    for byte in out.iter_mut().skip(start) {
        if !byte.is_ascii_graphic() || *byte == b'"' || *byte == b'\\' {
            *byte = b'_';
        }
    }
}
