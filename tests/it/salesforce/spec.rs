//! What a line of the cases says, over the generator's data: which rows a request wants, and in which order.

use std::collections::BTreeMap;

use penstock::edm::Value;
use serde_json::Value as Spec;

use crate::differential::eval::{Expr, Function, Item, Operator, read};
use crate::differential::value::{Column, Table, Type};
use crate::support::demo::Set;

/// What a check of rows wants: all matching rows in order, and those of the answer.
pub(super) struct Wanted {
    pub(super) matching: usize,
    pub(super) rows: Vec<usize>,
    pub(super) columns: Vec<usize>,
}

pub(super) fn wanted_rows(set: &Set, check: &Spec) -> Result<Wanted, String> {
    let table = &set.table;
    let filter = check.get("filter").map(|filter| condition(filter, table)).transpose()?;
    let mut order = Vec::new();
    for item in check["order"].as_array().unwrap_or(&Vec::new()) {
        let item = item.as_str().unwrap();
        let (name, direction) = item.split_once(' ').unwrap_or((item, "asc"));
        order.push(Item { column: table.column(name), descending: direction == "desc" });
    }
    let mut matching = read(table, filter.as_ref(), &order);
    if let Some(phrase) = check["search"].as_str() {
        let phrase = phrase.to_lowercase();
        let has = |value: &Value| matches!(value, Value::String(text) if text.to_lowercase().contains(&phrase));
        matching.retain(|row| set.searchable.iter().any(|column| has(&table.rows[*row][*column])));
    }
    let number = |name: &str| check[name].as_u64().and_then(|number| usize::try_from(number).ok());
    let total = matching.len();
    let behind = match check["after"].as_array() {
        Some(key) => {
            let row = row_with_key(table, key)?;
            matching.iter().position(|place| *place == row).ok_or("the key of `after` does not match")? + 1
        }
        None => 0,
    };
    let rows: Vec<usize> = matching
        .into_iter()
        .skip(behind + number("skip").unwrap_or(0))
        .take(number("top").unwrap_or(usize::MAX))
        .collect();
    if number("exactly").is_some_and(|count| count != rows.len()) {
        return Err(format!("the demo's data have {} such rows", rows.len()));
    }
    if check["some"] == true && rows.is_empty() {
        return Err("the demo's data have no such row, so the case proves nothing".to_owned());
    }
    let columns = match check["select"].as_array() {
        Some(names) => names.iter().map(|name| name.as_str().map(|name| table.column(name)).unwrap()).collect(),
        None => (0..table.columns.len()).collect(),
    };
    Ok(Wanted { matching: total, rows, columns })
}

pub(super) fn set_of<'a>(sets: &'a BTreeMap<String, Set>, check: &Spec, member: &str) -> Result<&'a Set, String> {
    let name = check[member].as_str().ok_or_else(|| format!("no {member}"))?;
    sets.get(name).ok_or_else(|| format!("no set {name}"))
}

pub(super) fn row_with_key(table: &Table, key: &[Spec]) -> Result<usize, String> {
    let wanted: Vec<Value> = table
        .key
        .iter()
        .zip(key)
        .map(|(column, text)| typed(text.as_str().unwrap(), &table.columns[*column]))
        .collect();
    let has_key = |row: &Vec<Value>| table.key.iter().zip(&wanted).all(|(column, value)| row[*column] == *value);
    table.rows.iter().position(has_key).ok_or_else(|| format!("the demo's data have no row {key:?}"))
}

/// A condition in prefix notation: `["eq", "Status", {"value": "Open"}]`.
fn condition(spec: &Spec, table: &Table) -> Result<Expr, String> {
    match spec {
        Spec::Bool(value) => return Ok(Expr::Literal(Value::Boolean(*value))),
        Spec::Null => return Ok(Expr::Literal(Value::Null)),
        Spec::String(name) => return Ok(Expr::Property(table.column(name))),
        _ => {}
    }
    let items = spec.as_array().filter(|items| items.len() >= 2).ok_or_else(|| format!("no condition: {spec}"))?;
    let word = items[0].as_str().unwrap_or_default();
    let boxed = |expr: Result<Expr, String>| expr.map(Box::new);
    let compare = |operator| {
        let column = column_of(&items[1], table).or_else(|| column_of(&items[2], table));
        let (left, right) = (operand(&items[1], column, table), operand(&items[2], column, table));
        Ok(Expr::Compare(operator, boxed(left)?, boxed(right)?))
    };
    let call = |function| {
        let column = column_of(&items[1], table);
        Ok(Expr::Call(function, boxed(condition(&items[1], table))?, boxed(operand(&items[2], column, table))?))
    };
    match word {
        "and" | "or" => {
            let mut expr = condition(&items[1], table)?;
            for item in &items[2..] {
                let (left, right) = (Box::new(expr), boxed(condition(item, table))?);
                expr = if word == "and" { Expr::And(left, right) } else { Expr::Or(left, right) };
            }
            Ok(expr)
        }
        "not" => Ok(Expr::Not(boxed(condition(&items[1], table))?)),
        "in" => {
            let column = column_of(&items[1], table).ok_or("`in` needs a property")?;
            let members = items[2].as_array().ok_or("`in` needs a list")?;
            let members = members.iter().map(|member| typed(member["value"].as_str().unwrap(), column)).collect();
            Ok(Expr::In(boxed(condition(&items[1], table))?, members))
        }
        "eq" => compare(Operator::Eq),
        "ne" => compare(Operator::Ne),
        "gt" => compare(Operator::Gt),
        "ge" => compare(Operator::Ge),
        "lt" => compare(Operator::Lt),
        "le" => compare(Operator::Le),
        "contains" => call(Function::Contains),
        "startswith" => call(Function::StartsWith),
        "endswith" => call(Function::EndsWith),
        other => Err(format!("no operator '{other}'")),
    }
}

fn column_of<'a>(spec: &Spec, table: &'a Table) -> Option<&'a Column> {
    spec.as_str().map(|name| &table.columns[table.column(name)])
}

fn operand(spec: &Spec, column: Option<&Column>, table: &Table) -> Result<Expr, String> {
    match (spec["value"].as_str(), column) {
        (Some(text), Some(column)) => Ok(Expr::Literal(typed(text, column))),
        (Some(text), None) => Err(format!("'{text}' stands beside no property")),
        (None, _) => condition(spec, table),
    }
}

/// The value of a text as the column's type has it.
fn typed(text: &str, column: &Column) -> Value {
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    match column.ty {
        Type::Boolean => Value::Boolean(text.parse().unwrap()),
        Type::Single | Type::Double => Value::Double(text.parse().unwrap()),
        Type::Decimal => Value::Decimal(text.parse().unwrap()),
        Type::String => Value::String(text.into()),
        Type::Guid => Value::Guid(text.parse::<uuid::Uuid>().unwrap().into_bytes()),
        // Salesforce holds dates as instants: the date of an instant in UTC is meant.
        Type::Date => {
            let text = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
            Value::Date(i32::try_from(instant(&text).timestamp().div_euclid(86_400)).unwrap())
        }
        Type::DateTimeOffset => Value::DateTimeOffset(instant(text).timestamp_micros()),
        _ => Value::Int(text.parse().unwrap()),
    }
}
