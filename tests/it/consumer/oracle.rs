//! What an answer must be, computed from the rows that the demo's generator promises, without the server.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use bigdecimal::ToPrimitive;
use penstock::edm::Value;

use super::org::{Cell, Checked, Condition, Operator, Query, Row, TextFunction, Truth, wrong};
use crate::differential::eval::{self, Expr, Function, Item};
use crate::differential::rows::compare_row;
use crate::differential::value::{Table, Type};
use crate::support::demo::Set;

/// The tables, and which rows of them questions want that were asked before.
pub(super) struct Oracle {
    sets: BTreeMap<String, Set>,
    asked: RefCell<HashMap<String, Rc<Vec<u32>>>>,
    /// There are tables that it does not know.
    is_partial: bool,
}

impl Oracle {
    /// One that knows all tables.
    pub(super) fn new(sets: Vec<Set>) -> Rc<Oracle> {
        Rc::new(Oracle::made(sets, false))
    }

    /// One that believes what it is told of other tables.
    pub(super) fn of_some(sets: Vec<Set>) -> Rc<Oracle> {
        Rc::new(Oracle::made(sets, true))
    }

    fn made(sets: Vec<Set>, is_partial: bool) -> Oracle {
        let sets = sets.into_iter().map(|set| (set.name.clone(), set)).collect();
        Oracle { sets, asked: RefCell::default(), is_partial }
    }

    /// Whether a question about the table was judged.
    pub(super) fn was_asked_for(&self, table: &str) -> bool {
        let begin = format!("{table} ");
        self.asked.borrow().keys().any(|question| question.starts_with(&begin))
    }

    pub(super) fn tables(&self) -> Vec<&str> {
        self.sets.keys().map(String::as_str).collect()
    }

    /// Places of the rows that a query wants, before it skips any.
    fn matching(&self, query: &Query) -> Rc<Vec<u32>> {
        let question = format!("{} {:?} {:?} {:?}", query.object.table, query.filter, query.search, query.order);
        if let Some(known) = self.asked.borrow().get(&question) {
            return known.clone();
        }
        let set = &self.sets[&query.object.table];
        let table = &set.table;
        let filter = query.filter.as_ref().map(|filter| expression(filter, query, table));
        let items = query.order.iter().map(|(place, descending)| Item {
            column: table.column(&query.object.fields[*place].column),
            descending: *descending,
        });
        let mut found = eval::read(table, filter.as_ref(), &items.collect::<Vec<_>>());
        if let Some(phrase) = &query.search {
            let phrase = phrase.to_lowercase();
            let holds = |value: &Value| matches!(value, Value::String(text) if text.to_lowercase().contains(&phrase));
            found.retain(|row| set.searchable.iter().any(|column| holds(&table.rows[*row][*column])));
        }
        let found: Rc<Vec<u32>> = Rc::new(found.into_iter().map(|row| u32::try_from(row).unwrap()).collect());
        self.asked.borrow_mut().insert(question, found.clone());
        found
    }
}

impl Truth for Oracle {
    fn judge(&self, query: &Query, rows: &[Row], count: Option<u64>) -> Checked<()> {
        let Some(set) = self.sets.get(&query.object.table) else {
            let name = &query.object.table;
            return if self.is_partial { Ok(()) } else { wrong(format!("nothing is known of {name}")) };
        };
        let table = &set.table;
        let matching = self.matching(query);
        let told = || format!("{} {:?} {:?}", query.object.table, query.filter, query.order);
        if count.is_some_and(|count| count != matching.len() as u64) {
            return wrong(format!("the total is {count:?} instead of {}: {}", matching.len(), told()));
        }
        let (skip, top) = (usize::try_from(query.skip).unwrap(), query.top.map(|top| usize::try_from(top).unwrap()));
        let wanted: Vec<u32> = matching.iter().copied().skip(skip).take(top.unwrap_or(usize::MAX)).collect();
        if wanted.len() != rows.len() {
            return wrong(format!("{} rows instead of {}: {}", rows.len(), wanted.len(), told()));
        }
        let name = |place: &usize| table.column(&query.object.fields[*place].column);
        let columns: Vec<usize> = query.select.iter().map(name).collect();
        for (place, (row, found)) in wanted.iter().zip(rows).enumerate() {
            if let Err(what) = compare_row(table, &columns, &table.rows[*row as usize], &found.json) {
                return wrong(format!("row {place}: {what}: {}", told()));
            }
        }
        Ok(())
    }
}

fn expression(condition: &Condition, query: &Query, table: &Table) -> Expr {
    let column = |place: usize| table.column(&query.object.fields[place].column);
    let join = |parts: &[Condition], join: fn(Box<Expr>, Box<Expr>) -> Expr| {
        let parts = parts.iter().map(|part| expression(part, query, table));
        parts.reduce(|all, part| join(Box::new(all), Box::new(part))).expect("a part")
    };
    match condition {
        Condition::Compare(place, operator, cell) => {
            let operator = match operator {
                Operator::Eq => eval::Operator::Eq,
                Operator::Ne => eval::Operator::Ne,
                Operator::Lt => eval::Operator::Lt,
                Operator::Le => eval::Operator::Le,
                Operator::Gt => eval::Operator::Gt,
                Operator::Ge => eval::Operator::Ge,
            };
            let column = column(*place);
            let value = Expr::Literal(value(cell, table.columns[column].ty));
            Expr::Compare(operator, Box::new(Expr::Property(column)), Box::new(value))
        }
        Condition::Text(function, place, part) => {
            let function = match function {
                TextFunction::Contains => Function::Contains,
                TextFunction::StartsWith => Function::StartsWith,
                TextFunction::EndsWith => Function::EndsWith,
            };
            let part = Expr::Literal(Value::String(part.as_str().into()));
            Expr::Call(function, Box::new(Expr::Property(column(*place))), Box::new(part))
        }
        Condition::And(parts) => join(parts, Expr::And),
        Condition::Or(parts) => join(parts, Expr::Or),
        Condition::Not(inner) => Expr::Not(Box::new(expression(inner, query, table))),
    }
}

fn value(cell: &Cell, ty: Type) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Boolean(*value),
        Cell::Number(number) if ty == Type::Decimal => Value::Decimal(number.clone()),
        Cell::Number(number) => Value::Int(number.to_i64().expect("an integer")),
        Cell::Double(number) => Value::Double(*number),
        Cell::Text(text) => Value::String(text.as_str().into()),
        Cell::Guid(text) => Value::Guid(text.parse::<uuid::Uuid>().unwrap().into_bytes()),
        Cell::Instant(micros) if ty == Type::Date => {
            Value::Date(i32::try_from(micros.div_euclid(86_400_000_000)).unwrap())
        }
        Cell::Instant(micros) => Value::DateTimeOffset(*micros),
    }
}
