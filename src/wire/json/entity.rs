//! Owns [`EntityWriter`]: writes the members of one entity from the cells of its row, with the control information of
//! the metadata level (OData JSON Format 4.01, sections 4.5 and 6).

use crate::edm::{Cell, Scalar};
use crate::model::{EntityType, Model, PropertyId};
use crate::query::Shape;
use crate::wire::context::write_key;
use crate::wire::{Format, Level};

use super::{write_cell, write_string};

/// Writes entities of one shape. Made once per page and node; writing a row allocates nothing but the output.
#[derive(Clone, Debug)]
pub struct EntityWriter {
    /// `,"Name":` of each field, one after the other, and at the end as many blanks as one copy may read too far.
    names: Vec<u8>,
    fields: Vec<Field>,
    ieee754: bool,
    etag: Option<(usize, Scalar)>,
    links: Option<Links>,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    /// Where the name ends in `names`; it begins where the one before ends.
    name_end: usize,
    column: usize,
    scalar: Scalar,
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

/// What only full metadata needs.
#[derive(Clone, Debug)]
struct Links {
    /// `"@odata.type":"#Erp.Order"`
    type_member: Vec<u8>,
    /// Absolute URL of the set.
    set_url: String,
    /// The key's names, columns and types.
    key: Vec<(String, usize, Scalar)>,
    /// Names of the navigation properties.
    navigations: Vec<String>,
}

impl EntityWriter {
    /// Prepares the writer for rows whose cells are `columns`. `root` is the absolute service root with its slash.
    /// Properties without a column are left out; the plan sees to it that there are none.
    pub fn new(
        model: &Model,
        entity_type: &EntityType,
        set_name: &str,
        shape: &Shape,
        columns: &[PropertyId],
        format: Format,
        root: &str,
    ) -> Self {
        let column_of = |id: PropertyId| columns.iter().position(|column| *column == id);
        let mut names = Vec::with_capacity(shape.properties.len() * 16);
        let mut fields = Vec::with_capacity(shape.properties.len());
        for id in &shape.properties {
            if let (Some(property), Some(column)) = (entity_type.property(*id), column_of(*id)) {
                names.push(b',');
                if format.level == Level::Full {
                    write_type_member(&property.name, property.scalar, &mut names);
                }
                write_string(&property.name, &mut names);
                names.push(b':');
                fields.push(Field { name_end: names.len(), column, scalar: property.scalar });
            }
        }
        names.resize(names.len() + COPIED, b' ');
        let scalar_of = |id: PropertyId| entity_type.property(id).map(|property| property.scalar);
        let etag = match format.level {
            Level::None => None,
            _ => entity_type.etag.and_then(|id| column_of(id).zip(scalar_of(id))),
        };
        let links = (format.level == Level::Full).then(|| {
            let mut type_member = b"\"@odata.type\":".to_vec();
            write_string(&format!("#{}.{}", model.namespace, entity_type.name), &mut type_member);
            let key = entity_type.key.iter().filter_map(|id| {
                let property = entity_type.property(*id)?;
                Some((property.name.clone(), column_of(*id)?, property.scalar))
            });
            Links {
                type_member,
                set_url: format!("{root}{set_name}"),
                key: key.collect(),
                navigations: entity_type.navigations.iter().map(|navigation| navigation.name.clone()).collect(),
            }
        });
        EntityWriter { names, fields, ieee754: format.ieee754, etag, links }
    }

    /// Writes the members of one entity, without the braces around them, so that the caller may add context before and
    /// expansions after. Returns whether anything was written.
    #[inline]
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<bool, E> {
        let start = out.len();
        if let Some(links) = &self.links {
            out.extend_from_slice(&links.type_member);
            let url = links.url(&cell)?;
            for name in ["@odata.id", "@odata.editLink"] {
                out.push(b',');
                write_string(name, out);
                out.push(b':');
                write_string(&url, out);
            }
            for navigation in &links.navigations {
                out.push(b',');
                write_string(&format!("{navigation}@odata.navigationLink"), out);
                out.push(b':');
                write_string(&format!("{url}/{navigation}"), out);
            }
        }
        if let Some((column, scalar)) = self.etag {
            if out.len() > start {
                out.push(b',');
            }
            out.extend_from_slice(b"\"@odata.etag\":\"W/\\\"");
            write_etag_content(cell(column)?, scalar, out);
            out.extend_from_slice(b"\\\"\"");
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
        Ok(out.len() > start)
    }

    /// The entity's `ETag` as a header carries it, if the type has one and the metadata level shows it.
    pub fn etag<'a, E>(&self, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<Option<String>, E> {
        let Some((column, scalar)) = self.etag else {
            return Ok(None);
        };
        let mut etag = b"W/\"".to_vec();
        write_etag_content(cell(column)?, scalar, &mut etag);
        etag.push(b'"');
        Ok(String::from_utf8(etag).ok())
    }
}

impl Links {
    fn url<'a, E>(&self, cell: &impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<String, E> {
        let mut parts = Vec::with_capacity(self.key.len());
        for (name, column, scalar) in &self.key {
            parts.push((name.as_str(), cell(*column)?, *scalar));
        }
        let mut url = self.set_url.clone();
        write_key(&parts, &mut url);
        Ok(url)
    }
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

/// Full metadata names the type of what JSON does not tell: everything but booleans, strings and doubles.
pub(super) fn write_type_member(name: &str, scalar: Scalar, out: &mut Vec<u8>) {
    if !matches!(scalar, Scalar::Boolean | Scalar::String { .. } | Scalar::Double) {
        write_string(&format!("{name}@odata.type"), out);
        out.push(b':');
        write_string(&scalar.name().replace("Edm.", "#"), out);
        out.push(b',');
    }
}
