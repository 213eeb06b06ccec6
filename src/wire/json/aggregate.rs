//! Owns [`AggregateWriter`]: writes the rows that `$apply` makes. They have no identity, and a column may lie in an
//! object of its own: `{"Customer":{"Country":"DE"},"Total@odata.type":"#Decimal","Total":3}`.

use crate::edm::Cell;
use crate::model::{Model, PropertyId};
use crate::query::{Aggregate, Column, RowStep};
use crate::wire::{Format, Level};

use super::entity::{Kind, push_computed_name, push_type};
use super::{write_control, write_string};

/// Writes rows of one aggregate; made once per page. The cells of a row are the shown columns, then the number of the
/// branch if there are branches.
#[derive(Clone, Debug)]
pub struct AggregateWriter {
    /// One for each branch.
    layouts: Vec<Layout>,
    branch: Option<usize>,
    ieee754: bool,
}

/// The members of a row, without the braces around them.
#[derive(Clone, Debug, Default)]
struct Layout {
    /// What stands between the values, one after the other.
    text: Vec<u8>,
    /// Where the text before each value ends, the cell of the value and what it is.
    values: Vec<(usize, usize, Kind)>,
}

/// Columns of one object, each with its cell, and the rest of its path.
type Members<'a> = Vec<(&'a [Box<str>], &'a Column, usize)>;

impl AggregateWriter {
    /// Prepares the writer.
    pub fn new(aggregate: &Aggregate, model: &Model, format: Format) -> Self {
        let is_transient = !aggregate.steps.iter().all(RowStep::keeps_entities);
        let members = |has: &dyn Fn(PropertyId) -> bool| -> Members<'_> {
            let cells = aggregate.shown.iter().enumerate().filter(|(_, id)| has(**id));
            let column = |(cell, id): (usize, &PropertyId)| {
                let column = aggregate.columns.get(usize::from(id.0))?;
                Some((column.path.as_slice(), column, cell))
            };
            cells.filter_map(column).collect()
        };
        let layout = |has: &dyn Fn(PropertyId) -> bool| {
            let mut layout = Layout::default();
            if is_transient && format.level == Level::Full {
                write_control("id", format, &mut layout.text);
                layout.text.extend_from_slice(b"null");
            }
            layout.object(&members(has), model, format);
            layout
        };
        let layouts = match aggregate.branch {
            None => vec![layout(&|_| true)],
            Some(_) => aggregate.present.iter().map(|present| layout(&|id| present.contains(&id))).collect(),
        };
        let branch = aggregate.branch.map(|_| aggregate.shown.len());
        AggregateWriter { layouts, branch, ieee754: format.ieee754 }
    }

    /// Writes the members of one row, without the braces around them.
    pub fn members<'a, E>(&self, out: &mut Vec<u8>, cell: impl Fn(usize) -> Result<Cell<'a>, E>) -> Result<(), E> {
        let branch = match self.branch.map(&cell).transpose()? {
            Some(Cell::Int(branch)) => usize::try_from(branch).unwrap_or(usize::MAX),
            _ => 0,
        };
        let Some(layout) = self.layouts.get(branch) else { return Ok(()) };
        let mut start = 0;
        for (end, column, kind) in &layout.values {
            out.extend_from_slice(layout.text.get(start..*end).unwrap_or_default());
            start = *end;
            kind.write(cell(*column)?, self.ieee754, out);
        }
        out.extend_from_slice(layout.text.get(start..).unwrap_or_default());
        Ok(())
    }
}

impl Layout {
    fn object(&mut self, members: &[(&[Box<str>], &Column, usize)], model: &Model, format: Format) {
        let mut written: Vec<&str> = Vec::new();
        for (path, column, cell) in members {
            let Some((name, rest)) = path.split_first() else { continue };
            if rest.is_empty() {
                self.comma();
                let is_told = format.level == Level::Full || (format.level == Level::Minimal && column.dynamic);
                let enumeration = column.enumeration.and_then(|id| model.enumeration(id));
                if let Some(of) = enumeration.filter(|_| is_told) {
                    push_type(name, &format!("#{}.{}", model.namespace, of.name), format, &mut self.text);
                }
                let is_told = is_told && enumeration.is_none();
                push_computed_name(name, column.scalar, format, is_told, &mut self.text);
                let of_value = enumeration.filter(|_| column.scalar.is_integer());
                let kind = of_value.map_or(Kind::Plain(column.scalar), |of| Kind::Member(of.clone()));
                self.values.push((self.text.len(), *cell, kind));
                continue;
            }
            if written.contains(&&**name) {
                continue;
            }
            written.push(name);
            let inner: Members<'_> = members
                .iter()
                .filter(|(path, ..)| path.len() > 1 && path.first() == Some(name))
                .filter_map(|(path, column, cell)| Some((path.get(1..)?, *column, *cell)))
                .collect();
            self.comma();
            write_string(name, &mut self.text);
            self.text.extend_from_slice(b":{");
            self.object(&inner, model, format);
            self.text.push(b'}');
        }
    }

    /// A comma, if a member stands before.
    fn comma(&mut self) {
        let after_value = self.values.last().is_some_and(|(end, ..)| *end == self.text.len());
        let last = self.text.last();
        if after_value || last.is_some_and(|byte| *byte != b'{' && *byte != b':') {
            self.text.push(b',');
        }
    }
}
