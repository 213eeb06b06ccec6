//! Owns the readable text of an aggregate: its steps, one a line.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use crate::edm::Scalar;
use crate::model::{EntityType, Model, PropertyId};
use crate::query::{Aggregate, Aggregated, Answer, Column, Made, Order, RowStep, entity_columns, row_type};

use super::expr::{ExprText, InSight};
use super::{ValueText, indent, order_text, set_name, write_page};

pub(super) struct AggregateText<'a> {
    pub(super) aggregate: &'a Aggregate,
    pub(super) model: &'a Model,
}

/// The type of the rows at a point of the steps.
struct Rows<'a> {
    entity: Cow<'a, EntityType>,
    base: Option<&'a EntityType>,
    columns: Vec<Column>,
}

impl Display for AggregateText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let AggregateText { aggregate, model } = *self;
        let word = if aggregate.answer == Answer::Count { "number of rows" } else { "rows" };
        write!(f, "{word} made of {}", set_name(model, aggregate.set))?;
        super::write_cast(f, model.type_of(aggregate.set), aggregate.of)?;
        writeln!(f)?;
        super::write_path(f, aggregate.from.as_deref(), &aggregate.via, model)?;
        write_rows(f, 1, aggregate, model)?;
        write_page(f, &aggregate.page)?;
        if aggregate.count {
            writeln!(f, "  count")?;
        }
        Ok(())
    }
}

/// What is done, and what is shown of it.
pub(super) fn write_rows(f: &mut Formatter<'_>, level: usize, aggregate: &Aggregate, model: &Model) -> fmt::Result {
    let Some(base) = model.type_of(aggregate.set) else { return Ok(()) };
    let mut columns = entity_columns(base);
    let mut entity = Cow::Borrowed(base);
    if let Some(within) = &aggregate.within {
        let key = |place: usize| Column {
            path: vec![format!("@{place}").into()],
            scalar: Scalar::STRING,
            nullable: false,
            folding: false,
            dynamic: true,
            enumeration: None,
        };
        columns.extend((0..within.keys.len()).map(key));
        entity = Cow::Owned(row_type(&columns, Some(base)));
    }
    let rows = write_steps(f, level, &aggregate.steps, Rows { entity, base: Some(base), columns }, model)?;
    if !aggregate.order.is_empty() {
        indent(f, level)?;
        writeln!(f, "order {}", orders(&aggregate.order, &rows, model))?;
    }
    indent(f, level)?;
    let shown: Vec<String> = aggregate.shown.iter().map(|id| name(&rows.columns, *id)).collect();
    writeln!(f, "show {}", shown.join(", "))?;
    let Some(nothing) = aggregate.within.as_ref().and_then(|within| within.nothing.as_ref()) else { return Ok(()) };
    indent(f, level)?;
    writeln!(f, "of nothing")?;
    write_rows(f, level + 1, nothing, model)
}

/// What is done to entities; gives their type behind it.
pub(super) fn write_made<'a>(
    f: &mut Formatter<'_>,
    level: usize,
    made: &Made,
    base: &'a EntityType,
    model: &'a Model,
) -> Result<Cow<'a, EntityType>, fmt::Error> {
    let rows = Rows { entity: Cow::Borrowed(base), base: Some(base), columns: entity_columns(base) };
    Ok(write_steps(f, level, &made.steps, rows, model)?.entity)
}

fn write_steps<'a>(
    f: &mut Formatter<'_>,
    level: usize,
    steps: &[RowStep],
    mut rows: Rows<'a>,
    model: &'a Model,
) -> Result<Rows<'a>, fmt::Error> {
    for step in steps {
        let sight = InSight::of(Some(&rows.entity), model);
        indent(f, level)?;
        match step {
            RowStep::Filter(expr) => writeln!(f, "where {}", ExprText::new(expr, sight))?,
            RowStep::Search(search) => writeln!(f, "search {}", super::TermsText(&search.terms))?,
            RowStep::Compute { values, columns } => {
                let names = columns.iter().skip(rows.columns.len()).map(|column| column.path.join("/"));
                let values = values.iter().map(|value| ExprText::new(value, sight).to_string());
                let items: Vec<String> = values.zip(names).map(|(value, name)| format!("{value} as {name}")).collect();
                writeln!(f, "compute {}", items.join(", "))?;
            }
            RowStep::Mark { number, by } => writeln!(f, "mark {number}{}", names(&rows.columns, by))?,
            RowStep::Group { by, values, mark, columns } => {
                let keys: Vec<String> = by.iter().map(|key| ExprText::new(key, sight).to_string()).collect();
                let names = columns.iter().skip(by.len()).map(|column| column.path.join("/"));
                let values = values.iter().map(|value| aggregated(value, sight));
                let items: Vec<String> = values.zip(names).map(|(value, name)| format!("{value} as {name}")).collect();
                let mark = mark.map_or_else(String::new, |mark| format!(" and those of mark {mark}"));
                writeln!(f, "group by ({}){mark}: {}", keys.join(", "), items.join(", "))?;
            }
            RowStep::Concat { branches, .. } => {
                writeln!(f, "concat")?;
                for branch in branches {
                    indent(f, level + 1)?;
                    writeln!(f, "branch")?;
                    let copy = Rows { entity: rows.entity.clone(), columns: rows.columns.clone(), ..rows };
                    write_steps(f, level + 2, &branch.steps, copy, model)?;
                }
            }
            RowStep::Reach { of, amount, percent, order, by, .. } => {
                let unit = if *percent { " percent" } else { "" };
                let (of, order) = (ExprText::new(of, sight), orders(order, &rows, model));
                let by = names(&rows.columns, by);
                writeln!(f, "until the sum of {of} reaches {}{unit}, order {order}{by}", ValueText(amount))?;
            }
            RowStep::Part { order, by, skip, top } => {
                let (order, by) = (orders(order, &rows, model), names(&rows.columns, by));
                write!(f, "skip {skip}")?;
                if let Some(top) = top {
                    write!(f, " top {top}")?;
                }
                writeln!(f, ", order {order}{by}")?;
            }
        }
        if let Some(columns) = step.columns() {
            rows.base = rows.base.filter(|_| step.keeps_entities());
            rows.entity = Cow::Owned(row_type(columns, rows.base));
            rows.columns = columns.to_vec();
        }
    }
    Ok(rows)
}

fn aggregated(value: &Aggregated, sight: InSight<'_>) -> String {
    let each = if value.related { "each " } else { "" };
    let only = value.only.as_ref().map(|only| format!(" where {}", ExprText::new(only, sight))).unwrap_or_default();
    format!("{}({each}{}{only}):{}", value.method.name(), ExprText::new(&value.of, sight), value.scalar)
}

fn orders(order: &[Order], rows: &Rows<'_>, model: &Model) -> String {
    let sight = InSight::of(Some(&rows.entity), model);
    let items: Vec<String> = order.iter().map(|item| order_text(item, sight)).collect();
    items.join(", ")
}

fn names(columns: &[Column], ids: &[PropertyId]) -> String {
    let names: Vec<String> = ids.iter().map(|id| name(columns, *id)).collect();
    if names.is_empty() { String::new() } else { format!(", each for ({})", names.join(", ")) }
}

fn name(columns: &[Column], id: PropertyId) -> String {
    columns.get(usize::from(id.0)).map_or_else(|| "?".to_owned(), |column| column.path.join("/"))
}
