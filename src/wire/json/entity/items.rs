//! Owns [`ItemsWriter`]: writes of a collection of values the items that are meant, in the order that is meant.

use crate::edm::{Cell, Scalar, parse_binary};
use crate::model::{EnumType, Model, PropertyId};
use crate::query::Items;
use crate::wire::json::collection::{items, text_of, write_item, write_items};
use crate::wire::json::write_count;

use super::Fields;

/// Which items of one collection are written, and how.
#[derive(Clone, Debug)]
pub(super) struct ItemsWriter {
    column: usize,
    /// The cell that tells their places; all in their own order without one.
    places: Option<usize>,
    skip: usize,
    top: usize,
    /// The place of the only one.
    place: Option<i64>,
    scalar: Scalar,
    enumeration: Option<EnumType>,
    ieee754: bool,
}

impl ItemsWriter {
    /// For the collection as the shape wants it. `None` if there is no cell for it.
    pub(super) fn new(model: &Model, fields: &Fields<'_>, id: PropertyId, ieee754: bool) -> Option<Self> {
        let property = model.type_of(fields.set)?.property(id)?;
        let index = fields.shape.items().iter().position(|(of, _)| *of == id);
        let places = index.and_then(|index| fields.places.get(index).copied().flatten());
        let whole = Items::default();
        let wanted = fields.shape.items_of(id).unwrap_or(&whole);
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Some(ItemsWriter {
            column: fields.column_of(id)?,
            places,
            skip: number(wanted.skip),
            top: wanted.top.map_or(usize::MAX, number),
            place: wanted.place,
            scalar: property.scalar,
            enumeration: property.enumeration.and_then(|id| model.enumeration(id)).cloned(),
            ieee754,
        })
    }

    /// Shows the items that pass the conditions, in order.
    fn show<'a, E, R>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        show: impl FnOnce(&[&[u8]]) -> R,
    ) -> Result<R, E> {
        let held = cell(self.column)?;
        let all: Vec<&[u8]> = items(text_of(&held)).collect();
        let Some(places) = self.places else { return Ok(show(&all)) };
        let told = cell(places)?;
        let place = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<usize>().ok()?.checked_sub(1);
        let places = text_of(&told).split(|byte| *byte == b',').filter_map(place);
        let chosen: Vec<&[u8]> = places.filter_map(|place| all.get(place).copied()).collect();
        Ok(show(&chosen))
    }

    /// Writes the part of them that is wanted.
    pub(super) fn write<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        self.show(cell, |items| {
            let shown = items.iter().skip(self.skip).take(self.top).copied();
            write_items(shown, self.scalar, self.enumeration.as_ref(), self.ieee754, out);
        })
    }

    /// Writes how many there are before skip and top.
    pub(super) fn write_number<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        ieee754: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        let number = self.show(cell, |items| items.len())?;
        write_count(i64::try_from(number).unwrap_or(i64::MAX), ieee754, out);
        Ok(())
    }

    /// Writes the item at the place. Returns whether it is null; what is outside of the collection is, too, and nothing
    /// is written for it.
    pub(super) fn write_one<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<bool, E> {
        self.show(cell, |items| {
            let place = self.place.unwrap_or(0);
            let from = if place < 0 { i64::try_from(items.len()).unwrap_or(i64::MAX) } else { 0 };
            let item = usize::try_from(from.saturating_add(place)).ok().and_then(|place| items.get(place));
            if let Some(item) = item {
                write_item(item, self.scalar, self.enumeration.as_ref(), self.ieee754, out);
            }
            item.is_none_or(|item| *item == b"null")
        })
    }

    /// The same as plain text or bytes.
    pub(super) fn write_one_raw<'a, E>(
        &self,
        cell: &impl Fn(usize) -> Result<Cell<'a>, E>,
        out: &mut Vec<u8>,
    ) -> Result<bool, E> {
        let start = out.len();
        let is_null = self.write_one(cell, out)?;
        let text = out.get(start..).and_then(|written| serde_json::from_slice::<String>(written).ok());
        if let Some(text) = text {
            out.truncate(start);
            match self.scalar {
                Scalar::Binary { .. } => out.extend(parse_binary(&text).unwrap_or_else(|_| text.into_bytes().into())),
                _ => out.extend_from_slice(text.as_bytes()),
            }
        }
        Ok(is_null)
    }
}
