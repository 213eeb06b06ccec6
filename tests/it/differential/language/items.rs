//! Options on collections of values: random ones inside `$select`, of the entities of a set and of expanded ones, and
//! on the collection that is the answer, answered by the real server on every database, compared with an independent
//! evaluation in memory. The collections lie in JSON columns, and on PostgreSQL in arrays, too.

use std::cmp::Ordering;

use penstock::edm::Value;
use proptest::test_runner::{TestCaseError, TestError};

use super::super::super::support::databases::Kind;
use super::super::super::support::json::Json;
use super::super::super::support::server::TestServer;
use super::super::eval::{Expr, Function, Operator, evaluate};
use super::super::rows::is_same;
use super::super::spelling::Spelling;
use super::super::value::{Type, order};
use super::super::{cases, runner, seed, tail};
use super::bags::{BESIDE, Bag, ITEMS, ROWS, bags, names, start};
use super::data::{self, Choices};
use super::{ROOT, lists};

/// What items are sorted by.
#[derive(Clone, Copy, Debug)]
enum Key {
    This,
    Length,
    /// A property of the entity: the same for all items.
    Beside(usize),
}

/// The options on one collection. An expression sees the item as its first column, then what stands beside it.
#[derive(Clone, Debug, Default)]
struct Options {
    filter: Option<Expr>,
    search: Option<(String, bool)>,
    order: Vec<(Key, bool)>,
    skip: Option<usize>,
    top: Option<usize>,
    count: bool,
}

struct Generator<'a> {
    choices: &'a mut Choices,
    bags: &'a [Bag],
    place: usize,
    /// The entity is not in sight.
    alone: bool,
}

const OPERATORS: [Operator; 6] = [Operator::Eq, Operator::Ne, Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le];

impl Generator<'_> {
    fn ty(&self) -> Type {
        ITEMS[self.place].1
    }

    /// Mostly a value that occurs.
    fn literal(&mut self) -> Value {
        let bag = self.choices.below(ROWS);
        let items = self.bags[bag].items[self.place].as_deref().unwrap_or_default();
        if !items.is_empty() && self.choices.chance(80) {
            let item = self.choices.pick(items);
            if !item.is_null() {
                return item;
            }
        }
        data::value(self.choices, self.ty())
    }

    fn condition(&mut self, depth: usize) -> Expr {
        let this = || Box::new(Expr::Property(0));
        match self.choices.below(if depth == 0 { 6 } else { 9 }) {
            0 | 1 => {
                let operators = if self.ty() == Type::Boolean { 2 } else { 6 };
                let operator = OPERATORS[self.choices.below(operators)];
                Expr::Compare(operator, this(), Box::new(Expr::Literal(self.literal())))
            }
            2 => {
                let operator = OPERATORS[self.choices.below(2)];
                Expr::Compare(operator, this(), Box::new(Expr::Literal(Value::Null)))
            }
            3 => {
                let count = 1 + self.choices.below(3);
                Expr::In(this(), (0..count).map(|_| self.literal()).collect())
            }
            4 if self.ty() == Type::String => {
                let function = self.choices.pick(&[Function::Contains, Function::StartsWith, Function::EndsWith]);
                Expr::Call(function, this(), Box::new(Expr::Literal(self.literal())))
            }
            5 if !self.alone => {
                let beside = match self.ty() {
                    Type::String => 1,
                    Type::Int64 | Type::Decimal => 2,
                    _ => return self.condition(0),
                };
                let operator = self.choices.pick(&OPERATORS);
                Expr::Compare(operator, this(), Box::new(Expr::Property(beside)))
            }
            6 => Expr::And(Box::new(self.condition(depth - 1)), Box::new(self.condition(depth - 1))),
            7 => Expr::Or(Box::new(self.condition(depth - 1)), Box::new(self.condition(depth - 1))),
            8 => Expr::Not(Box::new(self.condition(depth - 1))),
            _ => Expr::Compare(Operator::Ne, this(), Box::new(Expr::Literal(self.literal()))),
        }
    }

    fn options(&mut self) -> Options {
        let mut options = Options::default();
        if self.choices.chance(65) {
            options.filter = Some(self.condition(2));
        }
        if self.choices.chance(15) {
            let word = self.choices.pick(&["a", "B", "ab", "brien", "12", "x"]).to_owned();
            options.search = Some((word, self.choices.chance(30)));
        }
        for _ in 0..self.choices.below(3) {
            let key = match self.choices.below(4) {
                2 if self.ty() == Type::String => Key::Length,
                3 if !self.alone => Key::Beside(self.choices.below(BESIDE.len())),
                _ => Key::This,
            };
            options.order.push((key, self.choices.chance(50)));
        }
        options.skip = self.choices.chance(25).then(|| self.choices.below(4));
        options.top = self.choices.chance(35).then(|| self.choices.below(5));
        options.count = self.choices.chance(40);
        options
    }
}

/// The items before skip and top.
fn kept(options: &Options, bag: &Bag, place: usize) -> Vec<Value> {
    let seen = |item: &Value| std::iter::once(item.clone()).chain(bag.beside.iter().cloned()).collect::<Vec<_>>();
    let is_found = |item: &Value, word: &str| match item {
        Value::String(text) => text.to_lowercase().contains(&word.to_lowercase()),
        _ => false,
    };
    let is_kept = |item: &Value| {
        options.filter.as_ref().is_none_or(|filter| evaluate(filter, &seen(item)) == Value::Boolean(true))
            && options.search.as_ref().is_none_or(|(word, not)| {
                // Nothing is found where there is nothing to search in.
                ITEMS[place].1 == Type::String && is_found(item, word) != *not
            })
    };
    let mut items: Vec<Value> = bag.items[place].iter().flatten().filter(|item| is_kept(item)).cloned().collect();
    let key = |item: &Value, key: Key| match (key, item) {
        (Key::This, item) => item.clone(),
        (Key::Length, Value::String(text)) => Value::Int(i64::try_from(text.chars().count()).unwrap()),
        (Key::Length, _) => Value::Null,
        (Key::Beside(place), _) => bag.beside[place].clone(),
    };
    // Equal items stay as they stand.
    items.sort_by(|left, right| {
        let compared = options.order.iter().map(|(by, descending)| {
            let order = order(&key(left, *by), &key(right, *by));
            if *descending { order.reverse() } else { order }
        });
        compared.fold(Ordering::Equal, Ordering::then)
    });
    items
}

fn shown(options: &Options, kept: &[Value]) -> Vec<Value> {
    kept.iter().skip(options.skip.unwrap_or(0)).take(options.top.unwrap_or(usize::MAX)).cloned().collect()
}

/// The options as a URL has them, between semicolons or ampersands.
struct Text {
    spelling: Spelling,
    alone: bool,
}

impl Text {
    fn this(&mut self) {
        let it = self.alone && self.spelling.choose(4) == 1;
        self.spelling.text(if it { "$it" } else { "$this" });
    }

    fn beside(&mut self, place: usize) {
        self.spelling.text(&format!("$it/{}", BESIDE[place].0));
    }

    fn infix(&mut self, word: &str) {
        self.spelling.blank();
        self.spelling.word(word);
        self.spelling.blank();
    }

    fn literal(&mut self, value: &Value) {
        match value {
            // Without a point it would be an integer.
            Value::Decimal(value) if !value.to_plain_string().contains('.') => {
                self.spelling.literal(&Value::Decimal(value.with_scale(1)), true);
            }
            value => self.spelling.literal(value, true),
        }
    }

    fn enclosed(&mut self, expr: &Expr) {
        self.spelling.text("(");
        self.expression(expr);
        self.spelling.text(")");
    }

    fn expression(&mut self, expr: &Expr) {
        match expr {
            Expr::Property(0) => self.this(),
            Expr::Property(place) => self.beside(place - 1),
            Expr::Literal(value) => self.literal(value),
            Expr::Compare(operator, left, right) => {
                self.expression(left);
                self.infix(match operator {
                    Operator::Eq => "eq",
                    Operator::Ne => "ne",
                    Operator::Gt => "gt",
                    Operator::Ge => "ge",
                    Operator::Lt => "lt",
                    Operator::Le => "le",
                });
                self.expression(right);
            }
            Expr::In(left, members) => {
                self.expression(left);
                self.infix("in");
                self.spelling.text("(");
                for (place, member) in members.iter().enumerate() {
                    if place > 0 {
                        self.spelling.separator();
                    }
                    self.literal(member);
                }
                self.spelling.text(")");
            }
            Expr::And(left, right) | Expr::Or(left, right) => {
                self.enclosed(left);
                self.infix(if matches!(expr, Expr::And(..)) { "and" } else { "or" });
                self.enclosed(right);
            }
            Expr::Not(inner) => {
                self.spelling.word("not");
                self.enclosed(inner);
            }
            Expr::Call(function, text, part) => {
                self.spelling.word(match function {
                    Function::Contains => "contains",
                    Function::StartsWith => "startswith",
                    Function::EndsWith => "endswith",
                });
                self.spelling.text("(");
                self.expression(text);
                self.spelling.separator();
                self.spelling.literal(
                    &match &**part {
                        Expr::Literal(value) => value.clone(),
                        other => panic!("{other:?} is no literal"),
                    },
                    false,
                );
                self.spelling.text(")");
            }
        }
    }

    fn options(&mut self, options: &Options) -> Vec<String> {
        let mut texts = Vec::new();
        if let Some(filter) = &options.filter {
            self.expression(filter);
            texts.push(format!("$filter={}", self.spelling.take()));
        }
        if let Some((word, not)) = &options.search {
            texts.push(format!("$search={}{word}", if *not { "NOT%20" } else { "" }));
        }
        if !options.order.is_empty() {
            for (place, (key, descending)) in options.order.iter().enumerate() {
                if place > 0 {
                    self.spelling.separator();
                }
                match key {
                    Key::This => self.this(),
                    Key::Beside(place) => self.beside(*place),
                    Key::Length => {
                        self.spelling.word("length");
                        self.spelling.text("(");
                        self.this();
                        self.spelling.text(")");
                    }
                }
                if *descending {
                    self.spelling.blank();
                    self.spelling.word("desc");
                }
            }
            texts.push(format!("$orderby={}", self.spelling.take()));
        }
        texts.extend(options.skip.map(|skip| format!("$skip={skip}")));
        texts.extend(options.top.map(|top| format!("$top={top}")));
        if options.count {
            texts.push("$count=true".to_owned());
        }
        let first = self.spelling.choose(texts.len().max(1));
        texts.rotate_left(first);
        texts
    }
}

/// Collections and the options on each.
type Selected = Vec<((String, usize), Options)>;

fn selection(text: &mut Text, selected: &Selected) -> String {
    let mut items = vec!["Id".to_owned()];
    for ((name, _), options) in selected {
        let options = text.options(options);
        items.push(if options.is_empty() { name.clone() } else { format!("{name}({})", options.join(";")) });
    }
    items.join(",")
}

fn same_items(found: Option<&Json>, expected: &[Value], ty: Type) -> Result<(), String> {
    let Some(Json::Array(found)) = found else { return Err(format!("{found:?} instead of items")) };
    let same =
        found.len() == expected.len() && expected.iter().zip(found).all(|(item, found)| is_same(ty, item, found));
    if same { Ok(()) } else { Err(format!("{found:?} instead of {expected:?}")) }
}

fn check_entity(bags: &[Bag], id: usize, json: &Json, selected: &Selected) -> Result<(), String> {
    if json.get("Id").and_then(Json::as_number) != Some(&id.to_string()) {
        return Err(format!("another entity than {id}: {json}"));
    }
    for ((name, place), options) in selected {
        let kept = kept(options, &bags[id], *place);
        same_items(json.get(name), &shown(options, &kept), ITEMS[*place].1)
            .map_err(|what| format!("{name} of {id}: {what}"))?;
        let count = json.get(&format!("{name}@odata.count")).and_then(Json::as_number).map(str::to_owned);
        if count != options.count.then(|| kept.len().to_string()) {
            return Err(format!("{name} of {id}: count {count:?} of {}", kept.len()));
        }
    }
    Ok(())
}

fn check(server: &TestServer, kind: Kind, bags: &[Bag], numbers: Vec<u32>) -> Result<(), String> {
    let mut choices = Choices::new(numbers);
    let style = if choices.chance(70) { u64::from(choices.number()) } else { 0 };
    let form = choices.below(4);
    let mut text = Text { spelling: Spelling::new(style), alone: form == 3 };
    let all = names(kind);
    let mut selected: Selected = Vec::new();
    let count = if form == 3 { 1 } else { 1 + choices.below(3) };
    while selected.len() < count {
        let (name, place) = choices.pick(&all);
        // Inside `$expand`, `$it` is the entity of the path.
        let mut generator = Generator { choices: &mut choices, bags, place, alone: form >= 2 };
        let options = generator.options();
        if selected.iter().all(|((known, _), _)| *known != name) {
            selected.push(((name, place), options));
        } else if choices.is_spent() {
            break;
        }
    }
    let ask = |target: &str| {
        let response = server.get(target);
        if response.status != 200 {
            return Err(format!("status {}: {}\n  {target}", response.status, response.text()));
        }
        Json::read(response.text()).map_err(|what| format!("{what}\n  {target}"))
    };
    let wrong = |target: &str, what: &str| Err(format!("{what}\n  {target}"));
    if form == 3 {
        let ((name, place), options) = &selected[0];
        let id = choices.below(ROWS);
        let target = format!("{ROOT}Bags({id})/{name}?{}", text.options(options).join("&"));
        let page = ask(&target)?;
        let kept = kept(options, &bags[id], *place);
        let count = page.get("@odata.count").and_then(Json::as_number).map(str::to_owned);
        if count != options.count.then(|| kept.len().to_string()) {
            return wrong(&target, &format!("count {count:?} of {}", kept.len()));
        }
        return same_items(page.get("value"), &shown(options, &kept), ITEMS[*place].1)
            .or_else(|what| wrong(&target, &what));
    }
    let selection = selection(&mut text, &selected);
    let target = match form {
        2 => format!("{ROOT}Bags?$select=Id&$expand=Children($select={selection})"),
        _ => format!("{ROOT}Bags?$select={selection}"),
    };
    let page = ask(&target)?;
    let Some(rows) = page.get("value").and_then(Json::as_array) else { return wrong(&target, "no rows") };
    if rows.len() != ROWS {
        return wrong(&target, &format!("{} rows", rows.len()));
    }
    for (id, row) in rows.iter().enumerate() {
        let checked = if form == 2 {
            let children: Vec<usize> = (0..ROWS).filter(|child| bags[*child].parent == Some(id)).collect();
            let found = row.get("Children").and_then(Json::as_array).unwrap_or_default();
            if found.len() == children.len() {
                let mut pairs = children.iter().zip(found);
                pairs.try_for_each(|(child, json)| check_entity(bags, *child, json, &selected))
            } else {
                Err(format!("{} children of {id}", found.len()))
            }
        } else {
            check_entity(bags, id, row, &selected)
        };
        checked.or_else(|what| wrong(&target, &what))?;
    }
    Ok(())
}

fn run(kind: Kind) {
    let bags = bags();
    let Some((_database, server)) = start(kind, &bags) else { return };
    let result =
        runner(cases() / 3).run(&lists(), |numbers| check(&server, kind, &bags, numbers).map_err(TestCaseError::fail));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, numbers)) => panic!(
            "{} and the evaluator differ (seed {}):\n{}\n{numbers:?}\nlog:\n{}",
            kind.name(),
            seed(),
            reason.message(),
            tail(&server.log())
        ),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn sqlite_chooses_items() {
    run(Kind::Sqlite);
}

#[test]
fn postgres_chooses_items() {
    run(Kind::Postgres);
}

#[test]
fn mariadb_chooses_items() {
    run(Kind::Mariadb);
}
