//! Owns a set with a property of every kind, and rows of it as a driver holds them: what is encoded when encoding is
//! measured.

use std::convert::Infallible;

use penstock::edm::{Cell, Decimal};
use penstock::model::Model;
use penstock::query::Shape;
use penstock::wire::json::{EntityWriter, Fields};
use penstock::wire::{Format, Level, Version};

use super::model::{self, Failure};

const ROWS: usize = 2_000;
const COLUMNS: usize = 12;
const SERVICE: &str = "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n";
const ROOT: &str = "https://erp.example.com/odata/v4/erp/";
/// The properties, in the order of the cells of a row.
const PROPERTIES: [(&str, &str, &str); COLUMNS] = [
    ("ItemID", "Int32", "nullable = false"),
    ("Name", "String", "max_length = 120"),
    ("Notes", "String", "max_length = 2000"),
    ("Closed", "Boolean", ""),
    ("Weight", "Double", ""),
    ("Price", "Decimal", "precision = 18\nscale = 2"),
    ("Cost", "Decimal", "precision = 18\nscale = 2"),
    ("Tax", "Decimal", "precision = 18\nscale = 2"),
    ("Margin", "Decimal", "precision = 18\nscale = 2"),
    ("DueOn", "Date", ""),
    ("UpdatedAt", "DateTimeOffset", "precision = 6"),
    ("Token", "Guid", ""),
];
const NAMES: [&str; 4] = ["Alfreds Futterkiste", "O'Brien & Sons", "Müller GmbH", "東京商事株式会社"];
const NOTES: [Option<&str>; 4] = [
    None,
    Some("Deliver to the rear gate, between eight and noon; ring twice and wait for the forklift."),
    Some("Line one\nline two\twith a \"quote\" and a back\\slash"),
    Some(""),
];

pub(crate) type Cells = [Cell<'static>; COLUMNS];

fn row((number, (name, notes)): (i64, (&'static str, Option<&'static str>))) -> Cells {
    let magnitude = number.unsigned_abs();
    // 1,2345 and 6,700 in groups of four digits: 12345.67.
    let groups = Decimal::Groups { weight: 1, negative: false, scale: 2, groups: &[0, 1, 0x09, 0x29, 0x1A, 0x2C] };
    [
        Cell::Int(10_248 + number),
        Cell::Text(name.into()),
        notes.map_or(Cell::Null, |notes| Cell::Text(notes.into())),
        Cell::Bool(number % 3 == 0),
        Cell::Float(f64::from(u32::try_from(magnitude).unwrap_or(0)) * 0.37),
        Cell::Decimal(Decimal::Text("-1299.95")),
        Cell::Decimal(groups),
        Cell::Decimal(Decimal::Integer { negative: true, magnitude, scale: 2 }),
        Cell::Decimal(Decimal::Real { value: 19.5, scale: 2 }),
        Cell::Date(i32::try_from(19_000 + number).unwrap_or(0)),
        Cell::Timestamp(1_714_382_100_000_000 + number * 987_654_321),
        Cell::Guid((0x3f25_04e0_4f89_11d3_9a0c_0305_e82c_3301_u128 + u128::from(magnitude)).to_be_bytes()),
    ]
}

/// [`ROWS`] rows.
pub(crate) fn rows() -> Vec<Cells> {
    (0_i64..).zip(NAMES.into_iter().zip(NOTES).cycle()).take(ROWS).map(row).collect()
}

pub(crate) fn model() -> Result<Model, Failure> {
    let properties = PROPERTIES.map(|(name, kind, rest)| {
        format!("\n[[property]]\nname = \"{name}\"\ncolumn = \"{name}\"\ntype = \"{kind}\"\n{rest}\n")
    });
    let head =
        "version = 1\nset = \"Items\"\ntype = \"Item\"\ntable = \"items\"\nkey = [\"ItemID\"]\netag = \"UpdatedAt\"\n";
    let text: &'static str = Box::leak(format!("{head}{}", properties.concat()).into_boxed_str());
    model::model(vec![("erp", vec![("service.toml", SERVICE), ("item.toml", text)])])
}

/// A name and a writer for each form that an entity can take.
pub(crate) fn writers(model: &Model) -> Result<[(&'static str, EntityWriter); 4], Failure> {
    let (set, _) = model.set_named("Items").ok_or("no set")?;
    let entity_type = model.type_of(set).ok_or("no type")?;
    let columns: Vec<_> = entity_type.property_ids().collect();
    let shape = Shape { properties: columns.clone(), ..Shape::default() };
    let writer = |level, ieee754| -> Result<EntityWriter, Failure> {
        let format = Format { version: Version::V4_0, level, ieee754, bare: false, omit_nulls: false };
        let fields = Fields::new(set, &shape, &columns, &[]);
        Ok(EntityWriter::new(model, fields, format, ROOT).ok_or("no such set")?)
    };
    Ok([
        ("none", writer(Level::None, false)?),
        ("minimal", writer(Level::Minimal, false)?),
        ("minimal_ieee754", writer(Level::Minimal, true)?),
        ("full", writer(Level::Full, false)?),
    ])
}

pub(crate) fn write(writer: &EntityWriter, rows: &[Cells], out: &mut Vec<u8>) {
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.push(b'{');
        let cell = |column: usize| Ok::<_, Infallible>(row.get(column).copied().unwrap_or(Cell::Null));
        let Ok(_) = writer.members(out, cell);
        out.push(b'}');
    }
}
