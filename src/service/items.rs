//! The items of a collection of values, where not all of them are wanted as they stand.

use crate::edm::{Cell, Text, Value};
use crate::execute;
use crate::model::ValueType;
use crate::plan;
use crate::query::{Answer as Form, Items, Read};
use crate::store::Visit;
use crate::wire::json::{self, write_collection, write_context, write_control, write_count};
use crate::wire::{Format, Level, context};

use super::{Service, ServiceError};

impl Service {
    /// The answer, from the text of the JSON array that the column holds.
    pub(super) async fn items(
        &self,
        (read, items): (&Read, &Items),
        text: &[u8],
        format: Format,
        context: Option<String>,
        visit: &Visit<'_>,
    ) -> Result<Vec<u8>, ServiceError> {
        let (Form::Property(id) | Form::Items(id)) = read.answer else {
            return Err(ServiceError::Defect("items of what is no collection"));
        };
        let entity_type = self.model.type_of(read.set);
        let property = entity_type.and_then(|it| it.property(id)).ok_or(ServiceError::Defect("an unknown property"))?;
        let mut all: Vec<&[u8]> = json::items(text).collect();
        if items.filter.is_some() || !items.order.is_empty() {
            let text = String::from_utf8_lossy(text);
            let fetch = plan::plan_items(items, (read.set, id), &text, (&self.model, self.now_micros()))?;
            let rows = execute::all(&fetch, visit).await?;
            let places = rows.iter().filter_map(|row| match row.first() {
                Some(Value::Int(place)) => usize::try_from(*place).ok()?.checked_sub(1),
                _ => None,
            });
            all = places.filter_map(|place| all.get(place).copied()).collect();
        }
        if matches!(read.answer, Form::Items(_)) {
            return Ok(all.len().to_string().into_bytes());
        }
        let enumeration = property.enumeration.and_then(|id| self.model.enumeration(id));
        let write = |items: &[&[u8]], out: &mut Vec<u8>| {
            let text = [b"[".as_slice(), &items.join(&b','), b"]"].concat();
            let text = String::from_utf8_lossy(&text);
            write_collection(Cell::Text(Text::from(&*text)), property.scalar, enumeration, format.ieee754, out);
        };
        let mut body = vec![b'{'];
        if let Some(place) = items.place {
            let from = if place < 0 { i64::try_from(all.len()).unwrap_or(i64::MAX) } else { 0 };
            let item = usize::try_from(from.saturating_add(place)).ok().and_then(|place| all.get(place));
            let item = *item.ok_or(ServiceError::NoEntity)?;
            if item == b"null" {
                return Err(ServiceError::NoContent);
            }
            if format.level != Level::None {
                let value_type = ValueType { scalar: property.scalar, enumeration: property.enumeration };
                write_context(&context::of_result(&self.model, value_type, false, &self.root), format, &mut body);
                body.push(b',');
            }
            let mut list = Vec::new();
            write(&[item], &mut list);
            body.extend_from_slice(b"\"value\":");
            body.extend_from_slice(list.strip_prefix(b"[").and_then(|it| it.strip_suffix(b"]")).unwrap_or_default());
            body.push(b'}');
            return Ok(body);
        }
        if let Some(context) = context {
            write_context(&context, format, &mut body);
            body.push(b',');
        }
        if items.count {
            write_control("count", format, &mut body);
            write_count(i64::try_from(all.len()).unwrap_or(i64::MAX), format.ieee754, &mut body);
            body.push(b',');
        }
        let skip = usize::try_from(items.skip).unwrap_or(usize::MAX).min(all.len());
        let top = items.top.map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX));
        let shown: Vec<&[u8]> = all.into_iter().skip(skip).take(top).collect();
        body.extend_from_slice(b"\"value\":");
        write(&shown, &mut body);
        body.push(b'}');
        Ok(body)
    }
}
