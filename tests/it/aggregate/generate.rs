//! Random sequences of transformations that are valid for the rows they are applied to, and their text in a URL.

use std::fmt::Write as _;

use penstock::edm::Value;

use super::data::{Dice, SALES, Type};
use super::eval::{Condition, Item, Step, regroups};
use crate::support::databases::date_text;

/// What is known of the rows at a point.
#[derive(Clone)]
struct Known {
    /// The names and types of what rows have.
    names: Vec<(String, Type)>,
    /// Whether they are sales.
    is_sale: bool,
    aliases: usize,
}

/// Whose sales are at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// All.
    All,
    /// Those of this buyer, behind a navigation step.
    Of(i64),
    /// Those of each buyer, expanded.
    Expanded,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) place: Place,
    pub(super) steps: Vec<Step>,
    pub(super) filter: Option<Condition>,
    pub(super) order: Option<(String, bool)>,
    pub(super) skip: usize,
    pub(super) top: Option<usize>,
    pub(super) paged: bool,
}

pub(super) fn request(dice: &mut Dice) -> Request {
    let names = SALES.iter().map(|column| (column.0.to_owned(), column.2)).collect();
    let mut known = Known { names, is_sale: true, aliases: 0 };
    let mut steps = Vec::new();
    for _ in 0..dice.roll(3) {
        steps.push(known.keeping(dice));
    }
    match dice.roll(8) {
        0 | 1 => {
            let by = known.keys(dice);
            let then = match dice.roll(7) {
                0 => None,
                1 => Some(vec![known.keeping_rows(dice)]),
                3 | 4 => {
                    // Groups may lose all their rows before they are counted.
                    let mut then = vec![known.keeping_rows(dice), known.keeping_rows(dice)];
                    if dice.roll(3) == 0 {
                        then = vec![Step::Concat(vec![then.clone(), vec![known.keeping_rows(dice)]])];
                    }
                    if dice.roll(3) == 0 {
                        let inner = known.keys(dice);
                        let names = inner.iter().map(|(name, _)| name.clone()).collect();
                        then.push(Step::Group(names, Some(vec![known.keeping_rows(dice)])));
                    }
                    then.push(known.aggregate(dice, true));
                    Some(then)
                }
                2 => Some(vec![known.filter(dice), known.aggregate(dice, true)]),
                _ => Some(vec![known.aggregate(dice, true)]),
            };
            known.group(&by, then.as_deref());
            steps.push(Step::Group(by.into_iter().map(|(name, _)| name).collect(), then));
        }
        2 => {
            let mut keys = known.keys(dice);
            let others = if keys.len() > 2 { keys.split_off(2) } else { Vec::new() };
            let Step::Aggregate(items) = known.aggregate(dice, true) else { panic!("an aggregate") };
            // One level alone is the name of a hierarchy.
            let all = keys.len() == 1 || dice.roll(2) == 0;
            let name = |keys: &[(String, Type)]| keys.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            let (levels, other_names) = (name(&keys), name(&others));
            keys.extend(others);
            known.group(&keys, Some(&[Step::Aggregate(items.clone())]));
            steps.push(Step::Rollup(all, levels, other_names, items));
        }
        3 => {
            let aggregate = known.aggregate(dice, true);
            known.group(&[], Some(std::slice::from_ref(&aggregate)));
            steps.push(aggregate);
        }
        4 => {
            let (mut one, mut two) = (known.clone(), known.clone());
            two.aliases = 50;
            let first = vec![one.keeping_rows(dice)];
            let second = if dice.roll(2) == 0 {
                vec![two.keeping_rows(dice)]
            } else {
                let by = two.keys(dice);
                let aggregate = two.aggregate(dice, true);
                two.group(&by, Some(std::slice::from_ref(&aggregate)));
                vec![Step::Group(by.into_iter().map(|(name, _)| name).collect(), Some(vec![aggregate]))]
            };
            for name in two.names {
                if !one.names.contains(&name) {
                    one.names.push(name);
                }
            }
            one.is_sale = !regroups(&second);
            one.aliases = 99;
            known = one;
            steps.push(Step::Concat(vec![first, second]));
        }
        _ => {}
    }
    for _ in 0..dice.roll(3) {
        steps.push(known.keeping(dice));
    }
    let filter = (dice.roll(3) == 0).then(|| known.condition(dice));
    let order = known.sortable(dice).filter(|_| dice.roll(2) == 0).map(|path| (path, dice.roll(2) == 0));
    let top = (dice.roll(4) == 0).then(|| dice.roll(9));
    let skip = if dice.roll(4) == 0 { dice.roll(6) } else { 0 };
    let place = match dice.roll(4) {
        0 => Place::Of(*dice.pick(&[1, 2, 3, 4, 5, 7])),
        1 => Place::Expanded,
        _ => Place::All,
    };
    Request { place, steps, filter, order, skip, top, paged: dice.roll(2) == 0 }
}

impl Known {
    fn of_type(&self, wanted: impl Fn(Type) -> bool) -> Vec<String> {
        self.names.iter().filter(|(_, ty)| wanted(*ty)).map(|(name, _)| name.clone()).collect()
    }

    /// Something to sort by whose order is the same everywhere.
    fn sortable(&self, dice: &mut Dice) -> Option<String> {
        let mut names = self.of_type(|_| true);
        names.retain(|name| name != "Tag");
        if self.is_sale {
            names.push("Buyer/Credit".to_owned());
        }
        (!names.is_empty()).then(|| dice.pick(&names).clone())
    }

    fn number(&self, dice: &mut Dice) -> Option<String> {
        let mut names = self.of_type(|ty| matches!(ty, Type::Integer | Type::Decimal));
        if self.is_sale {
            names.push("Buyer/Credit".to_owned());
        }
        (!names.is_empty()).then(|| dice.pick(&names).clone())
    }

    fn condition(&self, dice: &mut Dice) -> Condition {
        let (path, ty) = dice.pick(&self.names).clone();
        let value = match ty {
            _ if dice.roll(6) == 0 => Value::Null,
            Type::Integer => Value::Int(i64::try_from(dice.roll(20)).unwrap() - 3),
            Type::Decimal => Value::Decimal(dice.pick(&["0", "0.3", "12.5", "-1"]).parse().unwrap()),
            Type::Double => Value::Double(*dice.pick(&[0.5, 0.0, 3.0])),
            Type::Text => Value::String((*dice.pick(&["new", "Red", "DE", "", "b"])).into()),
            Type::Date => Value::Date(*dice.pick(&[0, 19_844])),
            Type::Boolean => Value::Boolean(dice.roll(2) == 0),
        };
        let is_equality = value.is_null() || ty == Type::Boolean || path == "Tag" || path == "Buyer/Country";
        let operators: &[&str] = if is_equality { &["eq", "ne"] } else { &["eq", "ne", "gt", "lt", "ge", "le"] };
        Condition { path, operator: dice.word(operators), value }
    }

    fn filter(&self, dice: &mut Dice) -> Step {
        Step::Filter(self.condition(dice))
    }

    /// A transformation after which rows are of the same kind, perhaps with one more name.
    fn keeping(&mut self, dice: &mut Dice) -> Step {
        let has = |name: &str| self.names.iter().any(|(known, _)| known == name);
        if dice.roll(4) == 0 && has("Amount") && has("Quantity") {
            self.aliases += 1;
            let alias = format!("C{}", self.aliases);
            self.names.push((alias.clone(), Type::Decimal));
            return Step::Compute("Amount".to_owned(), "Quantity".to_owned(), alias);
        }
        self.keeping_rows(dice)
    }

    fn keeping_rows(&self, dice: &mut Dice) -> Step {
        let top = dice.roll(2) == 0;
        match dice.roll(8) {
            0 => Step::Identity,
            1 | 2 => self.filter(dice),
            3 => self.sortable(dice).map_or(Step::Identity, |path| Step::Count(top, 1 + dice.roll(12), path)),
            4 => self.sortable(dice).map_or(Step::Identity, |path| Step::OrderBy(path, top)),
            5 => Step::Top(1 + dice.roll(20)),
            6 => Step::Skip(dice.roll(5)),
            _ => match self.number(dice) {
                Some(path) if top => {
                    Step::Reach(dice.roll(2) == 0, 5 + i64::try_from(dice.roll(90)).unwrap(), true, path)
                }
                Some(path) => Step::Reach(dice.roll(2) == 0, i64::try_from(dice.roll(50)).unwrap(), false, path),
                None => Step::Identity,
            },
        }
    }

    fn keys(&self, dice: &mut Dice) -> Vec<(String, Type)> {
        let mut names: Vec<(String, Type)> =
            self.names.iter().filter(|(name, _)| name != "SaleID" && !name.starts_with('C')).cloned().collect();
        if self.is_sale {
            names.push(("Buyer/Country".to_owned(), Type::Text));
            names.push(("Buyer/Credit".to_owned(), Type::Decimal));
        }
        let mut keys = Vec::new();
        for _ in 0..=dice.roll(3) {
            let key = dice.pick(&names).clone();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// The names after a grouping.
    fn group(&mut self, by: &[(String, Type)], then: Option<&[Step]>) {
        let items = then.and_then(|steps| steps.last()).map(|step| match step {
            Step::Aggregate(items) => items.clone(),
            _ => Vec::new(),
        });
        if then.is_some_and(|steps| !regroups(steps)) {
            for key in by {
                if !self.names.contains(key) {
                    self.names.push(key.clone());
                }
            }
            return;
        }
        let ty = |item: &Item| match item.method {
            "$count" | "countdistinct" => Type::Decimal,
            "min" | "max" => self.type_of(&item.path),
            _ if self.type_of(&item.path) == Type::Double => Type::Double,
            _ => Type::Decimal,
        };
        let values: Vec<(String, Type)> = items.iter().flatten().map(|item| (item.alias.clone(), ty(item))).collect();
        self.names = by.iter().cloned().chain(values).collect();
        self.is_sale = false;
    }

    fn type_of(&self, path: &str) -> Type {
        match path {
            "Parts/Pieces" => Type::Integer,
            "Parts/Price" | "Buyer/Credit" => Type::Decimal,
            "Buyer/Country" => Type::Text,
            _ => self.names.iter().find(|(name, _)| name == path).map_or(Type::Integer, |(_, ty)| *ty),
        }
    }

    fn aggregate(&mut self, dice: &mut Dice, related: bool) -> Step {
        let mut paths: Vec<String> = self.of_type(|_| true);
        if self.is_sale && related {
            paths.extend(["Parts/Pieces", "Parts/Price", "Parts/Pieces", "Buyer/Credit"].map(ToOwned::to_owned));
        }
        let mut items = Vec::new();
        for _ in 0..=dice.roll(4) {
            self.aliases += 1;
            let alias = format!("A{}", self.aliases);
            let roll = dice.roll(8);
            if roll == 0 {
                items.push(Item { method: "$count", path: String::new(), alias, scale: 0 });
                continue;
            }
            if roll == 1 && self.is_sale {
                items.push(Item { method: "$count", path: "Parts/".to_owned(), alias, scale: 0 });
                continue;
            }
            let path = dice.pick(&paths).clone();
            let ty = self.type_of(&path);
            let methods: &[&str] = match ty {
                Type::Integer | Type::Decimal | Type::Double => &["sum", "min", "max", "average", "countdistinct"],
                Type::Text if path == "Tag" => &["countdistinct"],
                Type::Text | Type::Date | Type::Boolean => &["min", "max", "countdistinct"],
            };
            let method = dice.word(methods);
            let scale = if ty == Type::Integer { 6 } else { 8 };
            // The scale of what has been computed is not known, and its mean has another one.
            let is_made = path.starts_with('C') || path.starts_with('A');
            let method = if method == "average" && is_made && ty == Type::Decimal { "sum" } else { method };
            items.push(Item { method, path, alias, scale });
        }
        Step::Aggregate(items)
    }
}

/// The request as a URL behind the service root.
pub(super) fn target(request: &Request) -> String {
    let set = if request.paged { "PagedSales" } else { "Sales" };
    let (before, lead, after) = match request.place {
        Place::All => (format!("{set}?"), "&", String::new()),
        Place::Of(buyer) => (format!("Buyers({buyer})/{set}?"), "&", String::new()),
        Place::Expanded => ("Buyers?$select=BuyerID&$expand=".to_owned() + set + "(", ";", ")".to_owned()),
    };
    let mut text = format!("{before}$apply={}", sequence(&request.steps));
    if let Some(filter) = &request.filter {
        write!(text, "{lead}$filter={}", condition(filter)).unwrap();
    }
    if let Some((path, descending)) = &request.order {
        write!(text, "{lead}$orderby={path}{}", if *descending { " desc" } else { "" }).unwrap();
    }
    if request.skip > 0 {
        write!(text, "{lead}$skip={}", request.skip).unwrap();
    }
    if let Some(top) = request.top {
        write!(text, "{lead}$top={top}").unwrap();
    }
    text + lead + "$count=true" + &after
}

fn sequence(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "identity".to_owned();
    }
    steps.iter().map(step).collect::<Vec<_>>().join("/")
}

fn step(step: &Step) -> String {
    let side = |top: bool| if top { "top" } else { "bottom" };
    match step {
        Step::Identity => "identity".to_owned(),
        Step::Filter(filter) => format!("filter({})", condition(filter)),
        Step::Compute(left, right, alias) => format!("compute({left} mul {right} as {alias})"),
        Step::Group(by, None) => format!("groupby(({}))", by.join(",")),
        Step::Group(by, Some(then)) => format!("groupby(({}),{})", by.join(","), sequence(then)),
        Step::Rollup(all, levels, others, items) => {
            let all = if *all { "$all," } else { "" };
            let others: String = others.iter().flat_map(|name| [",", name.as_str()]).collect();
            format!("groupby((rollup({all}{}){others}),{})", levels.join(","), aggregate(items))
        }
        Step::Aggregate(items) => aggregate(items),
        Step::Concat(sequences) => {
            let sequences: Vec<String> = sequences.iter().map(|steps| sequence(steps)).collect();
            format!("concat({})", sequences.join(","))
        }
        Step::Count(top, count, path) => format!("{}count({count},{path})", side(*top)),
        Step::Reach(top, amount, true, path) => format!("{}percent({amount},{path})", side(*top)),
        Step::Reach(top, amount, false, path) => format!("{}sum({amount},{path})", side(*top)),
        Step::OrderBy(path, descending) => format!("orderby({path}{})", if *descending { " desc" } else { "" }),
        Step::Skip(count) => format!("skip({count})"),
        Step::Top(count) => format!("top({count})"),
    }
}

fn aggregate(items: &[Item]) -> String {
    let item = |item: &Item| match (item.path.as_str(), item.method) {
        ("", _) => format!("$count as {}", item.alias),
        (path, "$count") => format!("{path}$count as {}", item.alias),
        (path, method) => format!("{path} with {method} as {}", item.alias),
    };
    format!("aggregate({})", items.iter().map(item).collect::<Vec<_>>().join(","))
}

fn condition(condition: &Condition) -> String {
    let value = match &condition.value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Double(value) => format!("{value:?}"),
        Value::Decimal(value) => value.to_plain_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Date(days) => date_text(*days),
        other => panic!("the generator makes no {other:?}"),
    };
    format!("{} {} {value}", condition.path, condition.operator)
}
