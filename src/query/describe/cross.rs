//! Owns the readable text of combinations.

use std::fmt::{self, Display, Formatter};

use crate::model::Model;
use crate::query::{Cross, Crossed};

use super::expr::{ExprText, InSight};
use super::{order_text, set_name, write_page, write_shape};

/// A `$crossjoin` in several lines.
pub(super) struct CrossText<'a> {
    pub(super) cross: &'a Cross,
    pub(super) model: &'a Model,
}

impl Display for CrossText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "combinations")?;
        self.within(f, None, &self.cross.sets)?;
        let row_type = self.cross.row_type(self.model);
        write_shape(f, 1, &self.cross.shape, row_type.as_ref(), self.model)?;
        write_page(f, &self.cross.page)?;
        if self.cross.count {
            writeln!(f, "  count")?;
        }
        Ok(())
    }
}

impl CrossText<'_> {
    /// The sets that are left, each inside the one before; at the end what is asked of all.
    fn within(&self, f: &mut Formatter<'_>, outside: Option<InSight<'_>>, left: &[Crossed]) -> fmt::Result {
        let Some((crossed, left)) = left.split_first() else {
            let Some(rows) = outside else { return Ok(()) };
            if let Some(filter) = &self.cross.filter {
                writeln!(f, "  where {}", ExprText::new(filter, rows))?;
            }
            let items: Vec<String> = self.cross.order.iter().map(|item| order_text(item, rows)).collect();
            return writeln!(f, "  order {}", items.join(", "));
        };
        let entity = self.model.type_of(crossed.set);
        write!(f, "  of {}", set_name(self.model, crossed.set))?;
        match &crossed.filter {
            Some(filter) => writeln!(f, " where {}", ExprText::new(filter, InSight::of(entity, self.model)))?,
            None => writeln!(f)?,
        }
        self.within(f, Some(InSight::inside(entity, self.model, outside.as_ref())), left)
    }
}
