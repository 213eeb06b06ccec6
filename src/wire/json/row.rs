//! Writes rows that are not entities: references (OData JSON Format 4.01, section 14), the rows of a cross join (OData
//! 4.01 Part 1, 11.2.4.2.1), complex values by themselves.

use crate::edm::Cell;
use crate::model::{ComplexMember, Model, PropertyId, SetId};
use crate::wire::key::EntityUrl;
use crate::wire::{Format, Level};

use super::entity::{Fields, Pieces};
use super::{write_control, write_property_control};

/// Writes references: the identity of each row and nothing else.
#[derive(Clone, Debug)]
pub struct ReferenceWriter {
    url: EntityUrl,
    format: Format,
}

impl ReferenceWriter {
    /// References to rows of a set whose cells are `columns`; `None` if a part of the key is not among them. They are told
    /// at every metadata level, since they are all that there is.
    pub fn new(model: &Model, set: SetId, columns: &[PropertyId], format: Format, root: &str) -> Option<Self> {
        Some(ReferenceWriter { url: EntityUrl::new(model, set, columns, root)?, format })
    }

    /// Writes the member of one reference, without the braces around it.
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<(), E> {
        write_control("id", self.format, out);
        out.push(b'"');
        self.url.write(&cell, out)?;
        out.push(b'"');
        Ok(())
    }
}

/// Writes the rows of a cross join: for each set the link to one of its entities. An entity that is expanded is written
/// by its own writer behind its link.
#[derive(Clone, Debug)]
pub struct CrossWriter {
    sets: Vec<(String, EntityUrl)>,
    format: Format,
}

impl CrossWriter {
    /// Rows that join these sets; each with the place of its first cell and its columns from there on. `None` if a part
    /// of a key is missing.
    pub fn new(model: &Model, sets: &[(SetId, usize, &[PropertyId])], format: Format, root: &str) -> Option<Self> {
        let one = |(set, first, columns): &(SetId, usize, &[PropertyId])| {
            let url = EntityUrl::new(model, *set, columns, root)?.shifted(*first);
            Some((model.set(*set)?.name.clone(), url))
        };
        Some(CrossWriter { sets: sets.iter().map(one).collect::<Option<_>>()?, format })
    }

    /// Writes the link of each set, without the braces around them.
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<(), E> {
        let start = out.len();
        for (name, url) in self.sets.iter().filter(|_| self.format.level != Level::None) {
            if out.len() > start {
                out.push(b',');
            }
            write_property_control(name, "navigationLink", self.format, out);
            out.push(b'"');
            url.write(&cell, out)?;
            out.push(b'"');
        }
        Ok(())
    }
}

/// Writes a complex property that is asked for by itself.
#[derive(Clone, Debug)]
pub struct ComplexWriter {
    pieces: Pieces,
    /// Its cells, if it can be null.
    leaves: Vec<usize>,
    ieee754: bool,
}

impl ComplexWriter {
    /// The complex property of rows with these fields. `None` if there is no such set.
    pub fn new(model: &Model, complex: &ComplexMember, fields: Fields<'_>, format: Format) -> Option<Self> {
        let fields = fields.for_level(format.level);
        let entity_type = model.type_of(fields.set)?;
        let leaves = complex.leaves().into_iter().filter(|_| complex.nullable);
        Some(ComplexWriter {
            leaves: leaves.filter_map(|id| fields.column_of(id)).collect(),
            pieces: Pieces::of_complex(model, entity_type, complex, &fields, format),
            ieee754: format.ieee754,
        })
    }

    /// Whether the value is null: then there is no body.
    pub fn is_null<'a, E>(&self, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<bool, E> {
        Pieces::all_null(&self.leaves, &cell)
    }

    /// Writes the members of the value, without the braces around them.
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<(), E> {
        self.pieces.write(&cell, (self.ieee754, false), true, out)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::model::Member;
    use crate::query::Shape;
    use crate::wire::samples::{LINES, ORDERS, PEOPLE, shop};

    fn text(write: impl Fn(&mut Vec<u8>) -> Result<(), Infallible>) -> String {
        let mut out = Vec::new();
        let Ok(()) = write(&mut out);
        String::from_utf8(out).unwrap()
    }

    const BARE: Format = Format {
        version: crate::wire::Version::V4_01,
        level: Level::Full,
        ieee754: false,
        bare: true,
        omit_nulls: false,
    };

    #[test]
    fn references_are_identities() {
        let model = shop();
        let columns = [PropertyId(0), PropertyId(1)];
        let cells = [Cell::Int(3), Cell::Int(1)];
        let reference = |format| {
            let writer = ReferenceWriter::new(&model, LINES, &columns, format, "http://h/").unwrap();
            text(|out| writer.members(out, |index| Ok(cells[index])))
        };
        assert_eq!(reference(Format::default()), r#""@odata.id":"http://h/Orders(1)/Lines(3)""#);
        assert_eq!(reference(BARE), r#""@id":"http://h/Orders(1)/Lines(3)""#);
        assert!(ReferenceWriter::new(&model, LINES, &columns[..1], BARE, "http://h/").is_none());
    }

    #[test]
    fn a_cross_join_links_to_one_entity_of_each_set() {
        let model = shop();
        let (orders, people) = ([PropertyId(0)], [PropertyId(0)]);
        let sets = [(ORDERS, 0, &orders[..]), (PEOPLE, 1, &people[..])];
        let cells = [Cell::Int(3), Cell::Text("a b".into())];
        let row = |format| {
            let writer = CrossWriter::new(&model, &sets, format, "http://h/").unwrap();
            text(|out| writer.members(out, |index| Ok(cells[index])))
        };
        let links = r#""Orders@odata.navigationLink":"http://h/Orders(3)","People@odata.navigationLink":"http://h/People('a%20b')""#;
        assert_eq!(row(Format::default()), links);
        assert_eq!(row(BARE), links.replace("odata.", ""));
        assert_eq!(row(Format { level: Level::None, ..BARE }), "");
    }

    #[test]
    fn a_complex_value_stands_by_itself() {
        let model = shop();
        let person = model.type_of(PEOPLE).unwrap();
        let Some(Member::Complex(address)) = person.structure.get(2) else { panic!("the address") };
        let columns = address.leaves();
        let shape = Shape { properties: columns.clone(), ..Shape::default() };
        let written = |cells: &[Cell<'_>], level| {
            let format = Format { level, ..Format::default() };
            let fields = Fields::new(PEOPLE, &shape, &columns, &[]);
            let writer = ComplexWriter::new(&model, address, fields, format).unwrap();
            let Ok(is_null) = writer.is_null(|index| Ok::<_, Infallible>(cells[index]));
            (is_null, text(|out| writer.members(out, |index| Ok(cells[index]))))
        };
        let cells = [Cell::Text("Road".into()), Cell::Null, Cell::Float(1.5)];
        let plain = r#""Street":"Road","City":null,"Place":{"Lat":1.5}"#;
        assert_eq!(written(&cells, Level::Minimal), (false, plain.to_owned()));
        let (_, full) = written(&cells, Level::Full);
        assert!(full.starts_with(r##""@odata.type":"#Shop.Address","Street":"##), "{full}");
        assert!(written(&[Cell::Null, Cell::Null, Cell::Null], Level::Minimal).0);
    }
}
