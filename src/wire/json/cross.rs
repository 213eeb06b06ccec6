//! Owns [`CrossWriter`]: writes combinations of entities, each of which is a link where it is not expanded:
//! `{"Orders@odata.navigationLink":"…/Orders(1)","Products@odata.navigationLink":"…/Products('A')"}`.

use crate::edm::Cell;
use crate::model::{Model, PropertyId};
use crate::query::Cross;
use crate::wire::{EntityUrl, Format, Level};

use super::write_property_control;

/// Writes the links of combinations; made once per page.
#[derive(Clone, Debug)]
pub struct CrossWriter {
    /// What stands before each URL, and the URL.
    links: Vec<(Vec<u8>, EntityUrl)>,
}

impl CrossWriter {
    /// Prepares the writer. The cells of a row begin with the keys of all sets. `None` for sets that the model does not
    /// have.
    pub fn new(cross: &Cross, model: &Model, format: Format, root: &str) -> Option<Self> {
        let mut links = Vec::new();
        let mut columns: Vec<PropertyId> = Vec::new();
        for (place, crossed) in cross.sets.iter().enumerate() {
            let key = &model.type_of(crossed.set)?.key;
            // Cells of other sets are none of its own.
            columns.fill(PropertyId(u16::MAX));
            columns.extend(key);
            if format.level == Level::None || !cross.is_linked(place, format.level == Level::Full) {
                continue;
            }
            let mut lead = if links.is_empty() { Vec::new() } else { b",".to_vec() };
            write_property_control(&model.set(crossed.set)?.name, "navigationLink", format, &mut lead);
            lead.push(b'"');
            links.push((lead, EntityUrl::new(model, crossed.set, &columns, root)?));
        }
        Some(CrossWriter { links })
    }

    /// Writes the members of one row, without the braces around them.
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<(), E> {
        for (lead, url) in &self.links {
            out.extend_from_slice(lead);
            url.write(&cell, out)?;
            out.push(b'"');
        }
        Ok(())
    }
}
