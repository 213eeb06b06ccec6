//! Evaluates `$apply` in memory, as the standard describes it: each group is a collection of its own, to which the
//! transformations of the group are applied. From the library only [`Value`] is used, as data.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use bigdecimal::{BigDecimal, RoundingMode, Zero};
use penstock::edm::Value;

use super::data::{BUYERS, Data, PARTS, SALES};
use crate::differential::value::{compare, order};

/// A transformation.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Identity,
    Filter(Condition),
    /// `Path mul Path as Alias`
    Compute(String, String, String),
    Group(Vec<String>, Option<Vec<Step>>),
    /// Whether `$all` stands in front, the levels, other keys, and the aggregates.
    Rollup(bool, Vec<String>, Vec<String>, Vec<Item>),
    Aggregate(Vec<Item>),
    Concat(Vec<Vec<Step>>),
    /// Whether from the top, how many, by which path.
    Count(bool, usize, String),
    /// Whether from the top, how much, whether in percent, by which path.
    Reach(bool, i64, bool, String),
    OrderBy(String, bool),
    Skip(usize),
    Top(usize),
}

/// A path compared with a value.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) path: String,
    pub(super) operator: &'static str,
    pub(super) value: Value,
}

/// One aggregate; `path` is empty for `$count`.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) alias: String,
    /// Digits right of the point of the mean, for decimals.
    pub(super) scale: i64,
}

/// A row: what it has under its names, and the sale that it is.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) cells: BTreeMap<String, Value>,
    sale: Option<usize>,
}

/// The name of the number of the branch.
const BRANCH: &str = "#";

/// Rows, what identifies them, and the order asked for.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) all: Vec<Row>,
    pub(super) key: Vec<String>,
    pub(super) order: Option<(String, bool)>,
}

/// Evaluates sequences.
pub(super) struct Evaluator<'a> {
    pub(super) data: &'a Data,
    pub(super) branches: i64,
}

impl Evaluator<'_> {
    /// The sales of a buyer, or all.
    pub(super) fn sales(&self, of: Option<&Value>) -> Rows {
        let row = |(place, sale): (usize, &Vec<Value>)| Row {
            cells: SALES.iter().map(|column| column.0.to_owned()).zip(sale.iter().cloned()).collect(),
            sale: Some(place),
        };
        let sales = self.data.sales.iter().enumerate().filter(|(_, sale)| of.is_none_or(|of| sale[8] == *of));
        Rows { all: sales.map(row).collect(), key: vec!["SaleID".into()], order: None }
    }

    pub(super) fn run(&mut self, mut of: Rows, steps: &[Step]) -> Rows {
        for step in steps {
            of = self.step(of, step);
        }
        of
    }

    /// What a row has under a path; of related rows there may be many.
    fn values(&self, row: &Row, path: &str) -> Vec<Value> {
        if let Some(value) = row.cells.get(path) {
            return vec![value.clone()];
        }
        let (Some((first, name)), Some(sale)) = (path.split_once('/'), row.sale) else { return vec![Value::Null] };
        let sale = &self.data.sales[sale];
        let (table, columns, key) = match first {
            "Buyer" => (&self.data.buyers, BUYERS.as_slice(), &sale[8]),
            _ => (&self.data.parts, PARTS.as_slice(), &sale[0]),
        };
        let column = columns.iter().position(|column| column.0 == name);
        let related = table.iter().filter(|row| !key.is_null() && row[0] == *key);
        related.map(|row| column.map_or(Value::Int(1), |column| row[column].clone())).collect()
    }

    /// The only value under a path.
    fn value(&self, row: &Row, path: &str) -> Value {
        self.values(row, path).into_iter().next().unwrap_or(Value::Null)
    }

    fn holds(&self, row: &Row, condition: &Condition) -> bool {
        let value = self.value(row, &condition.path);
        let wanted = &condition.value;
        let ordering = match (value.is_null(), wanted.is_null()) {
            (true, true) => return matches!(condition.operator, "eq" | "ge" | "le"),
            (true, false) | (false, true) => return condition.operator == "ne",
            (false, false) => compare(&value, wanted).unwrap(),
        };
        match condition.operator {
            "eq" => ordering == Ordering::Equal,
            "ne" => ordering != Ordering::Equal,
            "gt" => ordering == Ordering::Greater,
            "lt" => ordering == Ordering::Less,
            "ge" => ordering != Ordering::Less,
            _ => ordering != Ordering::Greater,
        }
    }

    pub(super) fn sorted(&self, of: &Rows, asked: Option<&(String, bool)>) -> Vec<Row> {
        let mut rows = of.all.clone();
        let descending = asked.is_some_and(|(_, descending)| *descending);
        let paths: Vec<&String> = asked.iter().map(|(path, _)| path).chain(&of.key).collect();
        let key = |row: &Row| -> Vec<Value> { paths.iter().map(|path| self.value(row, path)).collect() };
        rows.sort_by(|left, right| {
            let pairs = key(left).into_iter().zip(key(right));
            let by = pairs.map(|(left, right)| order(&left, &right)).find(|by| by.is_ne()).unwrap_or(Ordering::Equal);
            if descending { by.reverse() } else { by }
        });
        rows
    }

    fn step(&mut self, mut of: Rows, step: &Step) -> Rows {
        match step {
            Step::Identity => of,
            Step::Filter(condition) => {
                let rows = std::mem::take(&mut of.all);
                of.all = rows.into_iter().filter(|row| self.holds(row, condition)).collect();
                of
            }
            Step::Compute(left, right, alias) => {
                for place in 0..of.all.len() {
                    let (left, right) = (self.value(&of.all[place], left), self.value(&of.all[place], right));
                    let product = match (number(&left), number(&right)) {
                        (Some(left), Some(right)) => Value::Decimal(left * right),
                        _ => Value::Null,
                    };
                    of.all[place].cells.insert(alias.clone(), product);
                }
                of
            }
            Step::Group(by, then) => self.group(of, by, then.as_deref()),
            Step::Rollup(all, levels, others, items) => {
                let fewest = usize::from(!*all);
                let then = [Step::Aggregate(items.clone())];
                let branches: Vec<Vec<Step>> = (fewest..=levels.len())
                    .rev()
                    .map(|count| {
                        let by: Vec<String> = levels[..count].iter().chain(others).cloned().collect();
                        if by.is_empty() { then.to_vec() } else { vec![Step::Group(by, Some(then.to_vec()))] }
                    })
                    .collect();
                // One level alone is no concat.
                if branches.len() == 1 { self.run(of, &branches[0]) } else { self.concat(&of, &branches) }
            }
            Step::Aggregate(items) => {
                let cells = items.iter().map(|item| (item.alias.clone(), self.aggregate(&of.all, item))).collect();
                Rows { all: vec![Row { cells, sale: None }], key: Vec::new(), order: None }
            }
            Step::Concat(sequences) => self.concat(&of, sequences),
            Step::Count(top, count, path) => {
                of.all = self.sorted(&of, Some(&(path.clone(), *top))).into_iter().take(*count).collect();
                of
            }
            Step::Reach(top, amount, percent, path) => {
                let rows = self.sorted(&of, Some(&(path.clone(), *top)));
                let amount_of = |row: &Row| number(&self.value(row, path));
                let total: BigDecimal = rows.iter().filter_map(amount_of).sum();
                let any = rows.iter().any(|row| amount_of(row).is_some());
                let wanted =
                    if *percent { total * BigDecimal::from(*amount) / BigDecimal::from(100) } else { (*amount).into() };
                let (mut sum, mut some, mut kept) = (BigDecimal::zero(), false, Vec::new());
                for row in rows {
                    if any && some && sum >= wanted {
                        break;
                    }
                    if let Some(value) = amount_of(&row) {
                        sum += value;
                        some = true;
                    }
                    kept.push(row);
                }
                of.all = kept;
                of
            }
            Step::OrderBy(path, descending) => {
                of.order = Some((path.clone(), *descending));
                of
            }
            Step::Top(count) => {
                of.all = self.sorted(&of, of.order.as_ref()).into_iter().take(*count).collect();
                of
            }
            Step::Skip(count) => {
                of.all = self.sorted(&of, of.order.as_ref()).into_iter().skip(*count).collect();
                of
            }
        }
    }

    fn concat(&mut self, of: &Rows, sequences: &[Vec<Step>]) -> Rows {
        let mut whole = Rows { all: Vec::new(), key: vec![BRANCH.to_owned()], order: None };
        for steps in sequences {
            let mut end = self.run(of.clone(), steps);
            if !end.key.iter().any(|name| name == BRANCH) {
                for row in &mut end.all {
                    row.cells.insert(BRANCH.to_owned(), Value::Int(self.branches));
                }
                self.branches += 1;
            }
            whole.all.extend(end.all);
            for name in end.key {
                if !whole.key.contains(&name) {
                    whole.key.push(name);
                }
            }
        }
        if sequences.iter().any(|steps| regroups(steps)) {
            whole.all.iter_mut().for_each(|row| row.sale = None);
        }
        whole
    }

    fn group(&mut self, of: Rows, by: &[String], then: Option<&[Step]>) -> Rows {
        let mut groups: Vec<(Vec<Value>, Vec<Row>)> = Vec::new();
        for row in of.all {
            let key: Vec<Value> = by.iter().map(|path| self.value(&row, path)).collect();
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((key, vec![row])),
            }
        }
        let then = then.unwrap_or(&[]);
        let within = |rows: Vec<Row>| Rows { all: rows, key: of.key.clone(), order: of.order.clone() };
        // What identifies rows does not depend on there being any.
        let empty = self.run(within(Vec::new()), then);
        let mut whole = Rows { all: Vec::new(), ..empty };
        if then.is_empty() {
            (whole.key, whole.order) = (by.to_vec(), None);
        } else if regroups(then) {
            let inner = std::mem::replace(&mut whole.key, by.to_vec());
            whole.key.extend(inner.into_iter().filter(|name| !by.contains(name)));
        }
        for (key, rows) in groups {
            let mut end = if then.is_empty() {
                Rows { all: vec![Row { cells: BTreeMap::new(), sale: None }], key: Vec::new(), order: None }
            } else {
                self.run(within(rows), then)
            };
            for row in &mut end.all {
                row.cells.extend(by.iter().cloned().zip(key.iter().cloned()));
            }
            whole.all.extend(end.all);
        }
        whole
    }

    fn aggregate(&self, rows: &[Row], item: &Item) -> Value {
        let count = |count: usize| Value::Int(i64::try_from(count).unwrap());
        if item.path.is_empty() {
            return count(rows.len());
        }
        // Each related entity counts once, by how many rows it is reached.
        let mut reached: Vec<Value> = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        for row in rows {
            let is_first = match (item.path.split_once('/'), row.cells.contains_key(&item.path), row.sale) {
                (Some((first, _)), false, Some(sale)) => {
                    let key = self.data.sales[sale][if first == "Buyer" { 8 } else { 0 }].clone();
                    let is_new = !reached.contains(&key);
                    reached.push(key);
                    is_new
                }
                _ => true,
            };
            if is_first {
                values.extend(self.values(row, &item.path).into_iter().filter(|value| !value.is_null()));
            }
        }
        match item.method {
            "$count" => return count(values.len()),
            "countdistinct" => {
                let mut different: Vec<Value> = Vec::new();
                for value in values {
                    if !different.iter().any(|known| compare(known, &value) == Some(Ordering::Equal)) {
                        different.push(value);
                    }
                }
                return count(different.len());
            }
            "min" => return values.into_iter().min_by(order).unwrap_or(Value::Null),
            "max" => return values.into_iter().max_by(order).unwrap_or(Value::Null),
            _ => {}
        }
        if values.is_empty() {
            return Value::Null;
        }
        let how_many = i64::try_from(values.len()).unwrap();
        if let Value::Double(_) = values[0] {
            let sum: f64 = values.iter().map(|value| if let Value::Double(v) = value { *v } else { 0.0 }).sum();
            let of: f64 = u32::try_from(how_many).unwrap().into();
            return Value::Double(if item.method == "sum" { sum } else { sum / of });
        }
        let sum: BigDecimal = values.iter().filter_map(number).sum();
        if item.method == "sum" {
            return Value::Decimal(sum);
        }
        Value::Decimal((sum / BigDecimal::from(how_many)).with_scale_round(item.scale, RoundingMode::HalfUp))
    }
}

/// Whether what comes out is no sale any more.
pub(super) fn regroups(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Group(_, then) => then.as_deref().is_none_or(regroups),
        Step::Concat(sequences) => sequences.iter().any(|steps| regroups(steps)),
        Step::Rollup(..) | Step::Aggregate(_) => true,
        _ => false,
    })
}

impl Row {
    /// What is written of it.
    pub(super) fn written(&self) -> BTreeMap<String, Value> {
        self.cells
            .iter()
            .filter(|(name, _)| *name != BRANCH)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

fn number(value: &Value) -> Option<BigDecimal> {
    match value {
        Value::Int(value) => Some(BigDecimal::from(*value)),
        Value::Decimal(value) => Some(value.clone()),
        _ => None,
    }
}
