//! Owns the readable text of a query, for snapshots and `explain`. It is written for people and may change.

mod apply;
mod expr;

use std::fmt::{self, Display, Formatter};

use crate::edm::{
    Value, write_binary, write_date, write_date_time_offset, write_duration, write_guid, write_point, write_time_of_day,
};
use crate::model::{EntityType, Model, NavigationId, PropertyId, SetId};

use super::{Answer, Cursor, Expansion, Expr, Order, Page, Query, Read, Search, Shape};
use apply::AggregateText;
use expr::{ExprText, InSight};

/// The query in several lines, with the model's names.
pub fn describe(query: &Query, model: &Model) -> String {
    match query {
        Query::Service => "service document\n".to_owned(),
        Query::Metadata => "metadata document\n".to_owned(),
        Query::Read(read) => ReadText { read, model }.to_string(),
        Query::Aggregate(aggregate) => AggregateText { aggregate, model }.to_string(),
    }
}

/// Values in a list, each as a literal of a URL would be, but decimals with an `m` behind them.
pub fn describe_values(values: &[Value]) -> String {
    ValuesText(values).to_string()
}

struct ReadText<'a> {
    read: &'a Read,
    model: &'a Model,
}

impl Display for ReadText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ReadText { read, model } = *self;
        let entity = model.type_of(read.set);
        write!(f, "{}", answer_word(read.answer))?;
        if let Answer::Property(id) | Answer::RawValue(id) = read.answer {
            write!(f, " {}", property_name(entity, id))?;
        }
        writeln!(f, " of {}", set_name(model, read.set))?;
        if let Some(via) = &read.via {
            let parent = model.type_of(via.set);
            let navigation = navigation_name(parent, via.navigation);
            writeln!(
                f,
                "  via {}/{navigation} where {}",
                set_name(model, via.set),
                ExprText::new(&via.filter, InSight::of(parent, model))
            )?;
        }
        if let Some(key) = &read.key {
            writeln!(f, "  key ({})", ValuesText(key))?;
        }
        write_rows(f, 1, read.filter.as_ref(), read.search.as_ref(), &read.order, InSight::of(entity, model))?;
        if matches!(read.answer, Answer::Collection | Answer::Entity) {
            write_shape(f, 1, &read.shape, entity, model)?;
        }
        write_page(f, &read.page)?;
        if read.count {
            writeln!(f, "  count")?;
        }
        Ok(())
    }
}

fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Collection => "collection",
        Answer::Entity => "entity",
        Answer::Property(_) => "property",
        Answer::RawValue(_) => "raw value",
        Answer::Count => "number",
    }
}

fn indent(f: &mut Formatter<'_>, level: usize) -> fmt::Result {
    write!(f, "{:width$}", "", width = level * 2)
}

fn write_rows(
    f: &mut Formatter<'_>,
    level: usize,
    filter: Option<&Expr>,
    search: Option<&Search>,
    order: &[Order],
    rows: InSight<'_>,
) -> fmt::Result {
    if let Some(filter) = filter {
        indent(f, level)?;
        writeln!(f, "where {}", ExprText::new(filter, rows))?;
    }
    if let Some(search) = search {
        indent(f, level)?;
        let names: Vec<&str> = search.properties.iter().map(|id| property_name(rows.entity, *id)).collect();
        writeln!(f, "search '{}' in {}", search.phrase, names.join(", "))?;
    }
    if !order.is_empty() {
        indent(f, level)?;
        let items: Vec<String> = order.iter().map(|item| order_text(item, rows)).collect();
        writeln!(f, "order {}", items.join(", "))?;
    }
    Ok(())
}

fn order_text(item: &Order, rows: InSight<'_>) -> String {
    let what = ExprText::new(&item.expr, rows);
    if item.descending { format!("{what} desc") } else { what.to_string() }
}

fn write_shape(
    f: &mut Formatter<'_>,
    level: usize,
    shape: &Shape,
    entity: Option<&EntityType>,
    model: &Model,
) -> fmt::Result {
    indent(f, level)?;
    if shape.selected {
        let names: Vec<&str> = shape.properties.iter().map(|id| property_name(entity, *id)).collect();
        writeln!(f, "select {}", names.join(", "))?;
    } else {
        writeln!(f, "all {} properties", shape.properties.len())?;
    }
    for item in &shape.computed {
        indent(f, level)?;
        writeln!(f, "compute {} as {}", ExprText::new(&item.expr, InSight::of(entity, model)), item.name)?;
    }
    shape.expansions.iter().try_for_each(|expansion| write_expansion(f, level, expansion, entity, model))
}

fn write_expansion(
    f: &mut Formatter<'_>,
    level: usize,
    expansion: &Expansion,
    parent: Option<&EntityType>,
    model: &Model,
) -> fmt::Result {
    let entity = model.type_of(expansion.set);
    indent(f, level)?;
    let navigation = navigation_name(parent, expansion.navigation);
    writeln!(f, "expand {navigation} from {}", set_name(model, expansion.set))?;
    let inner = level + 1;
    write_rows(
        f,
        inner,
        expansion.filter.as_ref(),
        expansion.search.as_ref(),
        &expansion.order,
        InSight::of(entity, model),
    )?;
    write_shape(f, inner, &expansion.shape, entity, model)?;
    if expansion.skip > 0 {
        indent(f, inner)?;
        writeln!(f, "skip {}", expansion.skip)?;
    }
    if let Some(top) = expansion.top {
        indent(f, inner)?;
        writeln!(f, "top {top}")?;
    }
    if expansion.count {
        indent(f, inner)?;
        writeln!(f, "count")?;
    }
    Ok(())
}

fn write_page(f: &mut Formatter<'_>, page: &Page) -> fmt::Result {
    write!(f, "  page")?;
    if let Some(Cursor { values }) = &page.cursor {
        write!(f, " after ({})", ValuesText(values))?;
    }
    if page.skip > 0 {
        write!(f, " skip {}", page.skip)?;
    }
    if let Some(top) = page.top {
        write!(f, " top {top}")?;
    }
    writeln!(f, " rows {}", page.rows_max)
}

fn set_name(model: &Model, id: SetId) -> &str {
    model.set(id).map_or("?", |set| &set.name)
}

fn property_name(entity: Option<&EntityType>, id: PropertyId) -> &str {
    entity.and_then(|entity| entity.property(id)).map_or("?", |property| &property.name)
}

fn navigation_name(entity: Option<&EntityType>, id: NavigationId) -> &str {
    entity.and_then(|entity| entity.navigation(id)).map_or("?", |navigation| &navigation.name)
}

struct ValuesText<'a>(&'a [Value]);

impl Display for ValuesText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, value) in self.0.iter().enumerate() {
            write!(f, "{}{}", if place == 0 { "" } else { "," }, ValueText(value))?;
        }
        Ok(())
    }
}

struct ValueText<'a>(&'a Value);

impl Display for ValueText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        match self.0 {
            Value::Null => return f.write_str("null"),
            Value::Boolean(value) => return write!(f, "{value}"),
            Value::Int(value) => return write!(f, "{value}"),
            Value::Double(value) => return write!(f, "{value:?}"),
            Value::Decimal(value) => return write!(f, "{value}m"),
            Value::String(value) => return write!(f, "'{}'", value.replace('\'', "''")),
            Value::Guid(value) => write_guid(value, &mut text),
            Value::Date(value) => write_date(i64::from(*value), &mut text),
            Value::DateTimeOffset(value) => {
                write_date_time_offset(*value, b'T', 6, true, &mut text);
                text.push(b'Z');
            }
            Value::TimeOfDay(value) => write_time_of_day(*value, &mut text),
            Value::Duration(value) => write_duration(*value, &mut text),
            Value::Binary(value) => write_binary(value, &mut text),
            Value::Point(point) => write_point(*point, None, &mut text),
        }
        f.write_str(&String::from_utf8_lossy(&text))
    }
}
