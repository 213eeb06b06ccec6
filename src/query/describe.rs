//! Owns the readable text of a query, for snapshots and `explain`. It is written for people and may change.

mod apply;
mod cross;
mod expr;

use std::fmt::{self, Display, Formatter};

use crate::edm::{
    Value, write_binary, write_date, write_date_time_offset, write_duration, write_guid, write_point, write_time_of_day,
};
use crate::model::{DerivedId, EntityType, Model, NavigationId, PropertyId, SetId};

use super::{
    Answer, Call, Cursor, Expanded, Expansion, Expr, Order, Page, Query, Read, ResultForm, Search, Shape, Terms, Via,
};
use apply::AggregateText;
use cross::CrossText;
use expr::{ExprText, InSight};

/// The query in several lines, with the model's names.
pub fn describe(query: &Query, model: &Model) -> String {
    match query {
        Query::Service => "service document\n".to_owned(),
        Query::Metadata => "metadata document\n".to_owned(),
        Query::Read(read) => ReadText { read, model }.to_string(),
        Query::Aggregate(aggregate) => AggregateText { aggregate, model }.to_string(),
        Query::Cross(cross) => CrossText { cross, model }.to_string(),
        Query::Call(invoke) => format!("{} of {}", form_word(invoke.form), call_text(&invoke.call, model)),
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
        if let Some(path) = answer_path(read.answer, entity) {
            write!(f, " {path}")?;
        }
        write!(f, " of {}", set_name(model, read.set))?;
        write_cast(f, entity, read.of)?;
        writeln!(f)?;
        if let Some(all) = read.all {
            writeln!(f, "  part of all sets, {}", if all.next.is_some() { "not the last" } else { "the last" })?;
        }
        write_path(f, read.from.as_deref(), &read.via, model)?;
        if let Some(key) = &read.key {
            let kind = if key.alternate.is_some() { "alternate key" } else { "key" };
            writeln!(f, "  {kind} ({})", ValuesText(&key.values))?;
        }
        let made = match (&read.made, entity) {
            (Some(made), Some(base)) => Some(apply::write_made(f, 1, made, base, model)?),
            _ => None,
        };
        let sight = InSight::of(made.as_deref().or(entity), model);
        write_rows(f, 1, read.filter.as_ref(), read.search.as_ref(), &read.order, sight)?;
        if matches!(read.answer, Answer::Collection | Answer::Entity | Answer::Complex(..) | Answer::Each) {
            write_shape(f, 1, &read.shape, entity, model)?;
        } else {
            write_items(f, 1, &read.shape, InSight::of(entity, model))?;
        }
        write_page(f, &read.page)?;
        if read.count {
            writeln!(f, "  count")?;
        }
        Ok(())
    }
}

/// What lies before the rows that are meant.
fn write_path(f: &mut Formatter<'_>, from: Option<&Call>, path: &[Via], model: &Model) -> fmt::Result {
    if let Some(call) = from {
        write!(f, "  from {}", call_text(call, model))?;
    }
    for via in path {
        let parent = model.type_of(via.set);
        write!(f, "  via {}", set_name(model, via.set))?;
        write_cast(f, parent, via.of)?;
        write!(f, "/{}", navigation_name(parent, via.navigation))?;
        match &via.filter {
            Some(filter) => writeln!(f, " where {}", ExprText::new(filter, InSight::of(parent, model)))?,
            None => writeln!(f)?,
        }
    }
    Ok(())
}

fn form_word(form: ResultForm) -> &'static str {
    match form {
        ResultForm::Json => "result",
        ResultForm::Raw => "raw result",
        ResultForm::Count => "number of results",
    }
}

/// The call in one line, and what it is called on in lines of their own.
fn call_text(call: &Call, model: &Model) -> String {
    let name = model.operation(call.operation).map_or("?", |operation| &operation.name);
    let values: Vec<_> = call.arguments.iter().map(|(value, _)| value.clone()).collect();
    let mut text = format!("{name}({})\n", ValuesText(&values));
    if let Some(read) = &call.bound {
        for line in (ReadText { read, model }).to_string().lines() {
            text.push_str("    ");
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn answer_word(answer: Answer) -> &'static str {
    match answer {
        Answer::Collection => "collection",
        Answer::Entity => "entity",
        Answer::References => "references",
        Answer::Reference => "reference",
        Answer::Property(_) => "property",
        Answer::Complex(..) => "complex property",
        Answer::RawValue(_) => "raw value",
        Answer::Stream(_) => "stream",
        Answer::Count => "number",
        Answer::Items(_) => "number of items",
        Answer::Each => "each",
    }
}

/// The property that is answered, with what it lies in.
fn answer_path(answer: Answer, entity: Option<&EntityType>) -> Option<String> {
    let (id, levels) = match answer {
        Answer::Collection | Answer::Entity | Answer::References | Answer::Reference | Answer::Count | Answer::Each => {
            return None;
        }
        Answer::Complex(id, levels) => (id, usize::from(levels)),
        Answer::Property(id) | Answer::RawValue(id) | Answer::Stream(id) | Answer::Items(id) => (id, usize::MAX),
    };
    let names = entity?.path_to(id);
    Some(names.get(..levels.min(names.len()))?.join("/"))
}

fn write_cast(f: &mut Formatter<'_>, entity: Option<&EntityType>, of: Option<DerivedId>) -> fmt::Result {
    match of.and_then(|of| entity?.derived_type(of)) {
        Some(derived) => write!(f, "/{}", derived.name),
        None => Ok(()),
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
        writeln!(f, "search {} in {}", TermsText(&search.terms), names.join(", "))?;
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
    write_items(f, level, shape, InSight::of(entity, model))?;
    write_streams(f, level, shape, entity)?;
    shape.expansions.iter().try_for_each(|expansion| write_expansion(f, level, expansion, entity, model))
}

fn write_streams(f: &mut Formatter<'_>, level: usize, shape: &Shape, entity: Option<&EntityType>) -> fmt::Result {
    for stream in shape.streams() {
        indent(f, level)?;
        let name = entity.and_then(|it| it.property(stream.id)).filter(|it| !it.hidden).map_or("$value", |it| &it.name);
        writeln!(f, "{} {name}", if stream.expanded.is_some() { "bytes of" } else { "link to" })?;
    }
    Ok(())
}

fn write_items(f: &mut Formatter<'_>, level: usize, shape: &Shape, rows: InSight<'_>) -> fmt::Result {
    for (id, items) in shape.items() {
        indent(f, level)?;
        writeln!(f, "items of {}", property_name(rows.entity, *id))?;
        write_rows(f, level + 1, items.filter.as_ref(), None, &items.order, rows.items())?;
        if let Some(terms) = &items.search {
            indent(f, level + 1)?;
            writeln!(f, "search {}", TermsText(terms))?;
        }
        if let Some(place) = items.place {
            indent(f, level + 1)?;
            writeln!(f, "place {place}")?;
        }
        write_part(f, level + 1, items.skip, items.top, items.count)?;
    }
    Ok(())
}

/// Which part of a list.
fn write_part(f: &mut Formatter<'_>, level: usize, skip: u64, top: Option<u64>, count: bool) -> fmt::Result {
    if skip > 0 {
        indent(f, level)?;
        writeln!(f, "skip {skip}")?;
    }
    if let Some(top) = top {
        indent(f, level)?;
        writeln!(f, "top {top}")?;
    }
    if count {
        indent(f, level)?;
        writeln!(f, "count")?;
    }
    Ok(())
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
    let what = match expansion.form {
        Expanded::Entities => "expand",
        Expanded::References => "refer to",
        Expanded::Number => "number of",
    };
    write!(f, "{what} {} from {}", navigation_name(parent, expansion.navigation), set_name(model, expansion.set))?;
    if let Some(of) = expansion.of.and_then(|of| parent?.derived_type(of)) {
        write!(f, " for each {}", of.name)?;
    }
    writeln!(f)?;
    let inner = level + 1;
    write_rows(
        f,
        inner,
        expansion.filter.as_ref(),
        expansion.search.as_ref(),
        &expansion.order,
        InSight::of(entity, model),
    )?;
    if let Some(apply) = &expansion.apply {
        apply::write_rows(f, inner, apply, model)?;
    } else if expansion.form == Expanded::Entities {
        write_shape(f, inner, &expansion.shape, entity, model)?;
    }
    write_part(f, inner, expansion.skip, expansion.top, expansion.count)
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

/// Phrases in quotes, with parentheses around what is connected.
struct TermsText<'a>(&'a Terms);

impl Display for TermsText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (operands, word) = match self.0 {
            Terms::Phrase(phrase) => return write!(f, "'{phrase}'"),
            Terms::Not(inner) => return write!(f, "not {}", TermsText(inner)),
            Terms::All(operands) => (operands, " and "),
            Terms::Any(operands) => (operands, " or "),
        };
        write!(f, "(")?;
        for (place, operand) in operands.iter().enumerate() {
            write!(f, "{}{}", if place == 0 { "" } else { word }, TermsText(operand))?;
        }
        write!(f, ")")
    }
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
