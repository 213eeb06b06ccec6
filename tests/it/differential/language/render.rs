//! A request → the text of its URL. Parentheses stand where precedence demands them (OData 4.01 Part 2, 5.1.1.16), and
//! now and then where it does not.

use penstock::edm::Value;

use super::super::eval::Operator;
use super::super::spelling::Spelling;
use super::cross::Cross;
use super::eval::PATTERNS;
use super::expr::{Arithmetic, Expr, Function, Reading, Request, Start, Way};
use super::requests::key_of;
use super::world::{COLORS, World};

const VARIABLES: [&str; 5] = ["", "x", "y", "z", "w"];

/// How tightly an expression binds.
mod level {
    pub(super) const ANY: u8 = 0;
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const EQUALITY: u8 = 3;
    pub(super) const RELATION: u8 = 4;
    pub(super) const SUM: u8 = 5;
    pub(super) const PRODUCT: u8 = 6;
    pub(super) const UNARY: u8 = 7;
    pub(super) const MEMBER: u8 = 8;
    pub(super) const OPERAND: u8 = 9;
}

struct Writer<'a> {
    world: &'a World,
    spelling: Spelling,
    /// The sets of the rows in sight.
    frames: Vec<usize>,
    /// How many of them are named by their sets.
    crossed: usize,
    /// The same, also where they are not at hand.
    sets: usize,
}

/// The set and the query part of the request's URL.
pub(super) fn target(request: &Request, world: &World) -> String {
    let mut writer =
        Writer { world, spelling: Spelling::new(request.style), frames: vec![request.set], crossed: 0, sets: 0 };
    let options = writer.options(&request.reading);
    format!("{}?{}", world.sets[request.set].name, options.join("&"))
}

/// The sets and the query part of the URL of combinations, without `$count`.
pub(super) fn cross(cross: &Cross, world: &World) -> String {
    let spelling = Spelling::new(cross.style);
    let mut writer = Writer { world, spelling, frames: cross.sets.to_vec(), crossed: 2, sets: 2 };
    let [first, second] = cross.sets.map(|set| world.sets[set].name);
    let mut options = Vec::new();
    if let Some(filter) = &cross.filter {
        writer.expression(filter, level::ANY);
        options.push(format!("$filter={}", writer.spelling.take()));
    }
    writer.order(&cross.order);
    options.push(format!("$orderby={}", writer.spelling.take()));
    for (name, value) in [("top", cross.top), ("skip", cross.skip)] {
        options.extend(value.map(|value| format!("${name}={value}")));
    }
    let mut expanded = Vec::new();
    for (set, _) in cross.sets.into_iter().zip(cross.expanded).filter(|(_, is_expanded)| *is_expanded) {
        let table = &world.sets[set].table;
        let key: Vec<&str> = table.key.iter().map(|column| table.columns[*column].name.as_str()).collect();
        expanded.push(format!("{}($select={})", world.sets[set].name, key.join(",")));
    }
    if !expanded.is_empty() {
        options.push(format!("$expand={}", expanded.join(",")));
    }
    format!("$crossjoin({first},{second})?{}", options.join("&"))
}

/// The name of an item of `$compute`.
pub(super) fn alias(place: usize) -> String {
    format!("Calc{place}")
}

fn operator_of(expr: &Expr) -> u8 {
    match expr {
        Expr::Or(_) => level::OR,
        Expr::And(_) => level::AND,
        Expr::Compare(Operator::Eq | Operator::Ne, ..)
        | Expr::There(..)
        | Expr::Member(Operator::Eq | Operator::Ne, ..) => level::EQUALITY,
        Expr::Compare(..) | Expr::Member(..) => level::RELATION,
        Expr::Arithmetic(Arithmetic::Add | Arithmetic::Sub, ..) => level::SUM,
        Expr::Arithmetic(..) => level::PRODUCT,
        Expr::Not(_) | Expr::Negate(..) => level::UNARY,
        Expr::In(..) | Expr::Has(..) => level::MEMBER,
        _ => level::OPERAND,
    }
}

impl Writer<'_> {
    fn options(&mut self, reading: &Reading) -> Vec<String> {
        let mut options = Vec::new();
        let mut add = |writer: &mut Self, name: &str| {
            let value = writer.spelling.take();
            let dollar = ["$", "", "%24"][writer.spelling.choose(3)];
            options.push(format!("{dollar}{name}={value}"));
        };
        if !reading.compute.is_empty() {
            self.list(&reading.compute.iter().enumerate().collect::<Vec<_>>(), |writer, (place, expr)| {
                writer.expression(expr, level::ANY);
                writer.spelling.blank();
                writer.spelling.word("as");
                writer.spelling.blank();
                writer.spelling.text(&alias(*place));
            });
            add(self, "compute");
        }
        if let Some(filter) = &reading.filter {
            self.expression(filter, level::ANY);
            add(self, "filter");
        }
        if !reading.order.is_empty() {
            self.order(&reading.order);
            add(self, "orderby");
        }
        let columns = &self.world.sets[self.frames[0]].table.columns;
        let names = reading.columns.iter().map(|column| columns[*column].name.clone());
        let names: Vec<String> = names.chain(reading.selected.iter().map(|place| alias(*place))).collect();
        self.list(&names, |writer, name| writer.spelling.text(name));
        add(self, "select");
        for (name, value) in [("top", reading.top), ("skip", reading.skip)] {
            if let Some(value) = value {
                self.spelling.text(&value.to_string());
                add(self, name);
            }
        }
        if reading.count {
            self.spelling.text("true");
            add(self, "count");
        }
        if !reading.expansions.is_empty() {
            self.list(&reading.expansions, |writer, expansion| {
                let navigation = &writer.world.sets[writer.frames[0]].navigations[expansion.navigation];
                writer.spelling.text(navigation.name);
                let before = writer.spelling.take();
                let outer = std::mem::replace(&mut writer.frames, vec![navigation.target]);
                let options = writer.options(&expansion.reading);
                writer.frames = outer;
                writer.spelling.raw(&format!("{before}({})", options.join(";")));
            });
            add(self, "expand");
        }
        let first = self.spelling.choose(options.len().max(1));
        options.rotate_left(first);
        options
    }

    fn order(&mut self, items: &[(Expr, bool)]) {
        self.list(items, |writer, (expr, descending)| {
            writer.expression(expr, level::ANY);
            if *descending || writer.spelling.choose(3) == 1 {
                writer.spelling.blank();
                writer.spelling.word(if *descending { "desc" } else { "asc" });
            }
        });
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                self.spelling.separator();
            }
            write(self, item);
        }
    }

    fn parentheses(&mut self, inner: impl FnOnce(&mut Self)) {
        self.spelling.text("(");
        self.spelling.optional_blank();
        inner(self);
        self.spelling.optional_blank();
        self.spelling.text(")");
    }

    /// An expression where something that binds at least as tightly as `least` must stand.
    fn expression(&mut self, expr: &Expr, least: u8) {
        if operator_of(expr) < least || self.spelling.choose(12) == 1 {
            self.parentheses(|writer| writer.plain(expr));
        } else {
            self.plain(expr);
        }
    }

    fn literal(&mut self, value: &Value, quotable: bool) {
        match value {
            // Without a point it would be an integer.
            Value::Decimal(value) if !value.to_plain_string().contains('.') => {
                self.spelling.literal(&Value::Decimal(value.with_scale(1)), quotable);
            }
            value => self.spelling.literal(value, quotable),
        }
    }

    /// A side of a comparison or a member of a list, beside a value that has a type.
    fn beside(&mut self, expr: &Expr, least: u8) {
        match expr {
            Expr::Literal(value, _) => self.literal(value, true),
            expr => self.expression(expr, least),
        }
    }

    fn infix(&mut self, word: &str) {
        self.spelling.blank();
        self.spelling.word(word);
        self.spelling.blank();
    }

    fn chain(&mut self, operands: &[Expr], word: &str, own: u8) {
        for (place, operand) in operands.iter().enumerate() {
            if place > 0 {
                self.infix(word);
            }
            self.expression(operand, own);
        }
    }

    fn plain(&mut self, expr: &Expr) {
        let own = operator_of(expr);
        match expr {
            Expr::Literal(value, _) => self.literal(value, false),
            Expr::Property(way, column, _) => self.property(way, *column),
            Expr::Computed(place, _) => self.spelling.text(&alias(*place)),
            Expr::Now => self.call("now", |_| {}),
            Expr::MinDateTime => self.call("mindatetime", |_| {}),
            Expr::MaxDateTime => self.call("maxdatetime", |_| {}),
            Expr::There(way, is_there) => {
                self.way(way, None);
                self.infix(if *is_there { "ne" } else { "eq" });
                self.spelling.text("null");
            }
            Expr::Any(way, navigation, predicate) => self.lambda(way, *navigation, "any", predicate.as_deref()),
            Expr::All(way, navigation, predicate) => self.lambda(way, *navigation, "all", Some(predicate)),
            Expr::Count(way, navigation, filter) => {
                let target = self.many(way, *navigation);
                self.spelling.text("/$count");
                if let Some(filter) = filter {
                    let outer = std::mem::replace(&mut self.frames, vec![target]);
                    let crossed = std::mem::take(&mut self.crossed);
                    self.spelling.text("($filter=");
                    self.expression(filter, level::ANY);
                    self.spelling.text(")");
                    (self.frames, self.crossed) = (outer, crossed);
                }
            }
            Expr::Compare(operator, left, right) => {
                self.beside(left, own + 1);
                self.infix(word_of(*operator));
                self.beside(right, own + 1);
            }
            Expr::In(subject, members) => {
                self.expression(subject, level::OPERAND);
                self.infix("in");
                self.parentheses(|writer| writer.list(members, |writer, member| writer.beside(member, level::ANY)));
            }
            Expr::And(operands) => self.chain(operands, "and", own),
            Expr::Or(operands) => self.chain(operands, "or", own),
            Expr::Not(operand) => {
                self.spelling.word("not");
                self.spelling.blank();
                self.expression(operand, level::UNARY);
            }
            Expr::Arithmetic(operator, left, right, _) => {
                self.expression(left, own);
                self.infix(match operator {
                    Arithmetic::Add => "add",
                    Arithmetic::Sub => "sub",
                    Arithmetic::Mul => "mul",
                    Arithmetic::Div => "div",
                    Arithmetic::DivBy => "divby",
                    Arithmetic::Mod => "mod",
                });
                self.expression(right, own + 1);
            }
            Expr::Negate(operand, _) => {
                self.spelling.text("-");
                self.expression(operand, level::MEMBER);
            }
            Expr::Call(function, arguments, _) => self.call(name_of(*function), |writer| {
                writer.list(arguments, |writer, argument| writer.expression(argument, level::ANY));
            }),
            Expr::Matches(text, pattern) => self.call("matchespattern", |writer| {
                writer.expression(text, level::ANY);
                writer.spelling.separator();
                writer.literal(&Value::String(PATTERNS[*pattern].into()), false);
            }),
            Expr::Cast(operand, to) => self.call("cast", |writer| {
                writer.expression(operand, level::ANY);
                writer.spelling.separator();
                writer.spelling.text(&format!("Edm.{to:?}"));
            }),
            Expr::Case(cases, _) => self.call("case", |writer| {
                writer.list(cases, |writer, (when, then)| {
                    writer.expression(when, level::ANY);
                    // Between digits a colon would make a time of day.
                    writer.spelling.blank();
                    writer.spelling.text(":");
                    writer.spelling.optional_blank();
                    writer.expression(then, level::ANY);
                });
            }),
            Expr::Has(way, column, flags) => {
                self.property(way, *column);
                self.infix("has");
                self.members(*flags);
            }
            Expr::Member(operator, way, column, member) => {
                self.property(way, *column);
                self.infix(word_of(*operator));
                self.members(*member);
            }
        }
    }

    fn call(&mut self, name: &str, arguments: impl FnOnce(&mut Self)) {
        self.spelling.word(name);
        self.parentheses(arguments);
    }

    fn members(&mut self, value: i64) {
        let names: Vec<&str> = COLORS.iter().filter(|(_, bit)| value & bit != 0).map(|(name, _)| *name).collect();
        let prefix = if self.spelling.choose(3) == 1 { "" } else { "Test.Color" };
        self.spelling.text(&format!("{prefix}'{}'", names.join(",")));
    }

    fn property(&mut self, way: &Way, column: usize) {
        let set = self.set_of(way);
        let name = self.world.sets[set].table.columns[column].name.clone();
        self.way(way, Some(&name));
    }

    fn set_of(&self, way: &Way) -> usize {
        let start = match way.start {
            Start::Frame(index, _) => self.frames[index],
            Start::Root(set, _) | Start::Outer(set) | Start::Around(_, set) => set,
        };
        way.steps.iter().fold(start, |set, step| self.world.sets[set].navigations[*step].target)
    }

    /// The names from where a path begins to `last`.
    fn way(&mut self, way: &Way, last: Option<&str>) {
        let mut set = match way.start {
            Start::Frame(index, explicit) => {
                match (index, explicit) {
                    (0, true) => self.spelling.text("$it"),
                    (index, _) if index < self.crossed => {
                        self.spelling.text(self.world.sets[self.frames[index]].name);
                    }
                    (index, _) => self.spelling.text(VARIABLES[index]),
                }
                if index > 0 || explicit || self.crossed > 0 {
                    self.spelling.text("/");
                }
                self.frames[index]
            }
            Start::Outer(set) => {
                self.spelling.text(if last.is_some() || !way.steps.is_empty() { "$it/" } else { "$it" });
                set
            }
            Start::Around(index, set) => {
                // The outermost may be named by their sets.
                let is_set = index < self.sets;
                self.spelling.text(if is_set { self.world.sets[set].name } else { VARIABLES[index] });
                self.spelling.text("/");
                set
            }
            Start::Root(set, row) => {
                self.root(set, row);
                self.spelling.text("/");
                set
            }
        };
        let mut names = Vec::new();
        for step in &way.steps {
            let navigation = &self.world.sets[set].navigations[*step];
            names.push(navigation.name);
            set = navigation.target;
        }
        names.extend(last);
        self.spelling.text(&names.join("/"));
    }

    fn root(&mut self, set: usize, row: Option<usize>) {
        let definition = &self.world.sets[set];
        let key = key_of(self.world, set, row);
        self.spelling.text(&format!("$root/{}(", definition.name));
        let columns: Vec<String> =
            definition.table.key.iter().map(|place| definition.table.columns[*place].name.clone()).collect();
        let named = key.len() > 1 || self.spelling.choose(3) == 1;
        for (place, (column, value)) in columns.iter().zip(&key).enumerate() {
            if place > 0 {
                self.spelling.text(",");
            }
            if named {
                self.spelling.text(&format!("{column}="));
            }
            self.literal(value, false);
        }
        self.spelling.text(")");
    }

    /// Writes a to-many navigation property and tells its target.
    fn many(&mut self, way: &Way, navigation: usize) -> usize {
        let navigation = &self.world.sets[self.set_of(way)].navigations[navigation];
        self.way(way, Some(navigation.name));
        navigation.target
    }

    fn lambda(&mut self, way: &Way, navigation: usize, word: &str, predicate: Option<&Expr>) {
        let target = self.many(way, navigation);
        self.spelling.text("/");
        self.spelling.text(word);
        self.parentheses(|writer| {
            let Some(predicate) = predicate else { return };
            writer.spelling.text(VARIABLES[writer.frames.len()]);
            writer.spelling.optional_blank();
            writer.spelling.text(":");
            writer.spelling.optional_blank();
            writer.frames.push(target);
            writer.expression(predicate, level::ANY);
            writer.frames.pop();
        });
    }
}

fn word_of(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => "eq",
        Operator::Ne => "ne",
        Operator::Gt => "gt",
        Operator::Ge => "ge",
        Operator::Lt => "lt",
        Operator::Le => "le",
    }
}

fn name_of(function: Function) -> &'static str {
    match function {
        Function::Contains => "contains",
        Function::StartsWith => "startswith",
        Function::EndsWith => "endswith",
        Function::Concat => "concat",
        Function::IndexOf => "indexof",
        Function::Length => "length",
        Function::Substring => "substring",
        Function::ToLower => "tolower",
        Function::ToUpper => "toupper",
        Function::Trim => "trim",
        Function::Year => "year",
        Function::Month => "month",
        Function::Day => "day",
        Function::Hour => "hour",
        Function::Minute => "minute",
        Function::Second => "second",
        Function::FractionalSeconds => "fractionalseconds",
        Function::Date => "date",
        Function::Time => "time",
        Function::TotalOffsetMinutes => "totaloffsetminutes",
        Function::TotalSeconds => "totalseconds",
        Function::Round => "round",
        Function::Floor => "floor",
        Function::Ceiling => "ceiling",
    }
}
