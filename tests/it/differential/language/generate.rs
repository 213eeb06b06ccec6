//! Conditions and paths, drawn from a source of choices. The simplest choice always comes first.

use penstock::edm::Value;

use super::super::eval::Operator;
use super::super::value::{Column, Type};
use super::data::{self, Choices};
use super::eval::PATTERNS;
use super::expr::{Expr, Function, Kind, Start, Way};
use super::world::World;

pub(super) struct Generator<'a> {
    pub(super) world: &'a World,
    pub(super) choices: &'a mut Choices,
    /// The sets of the rows in sight.
    pub(super) frames: Vec<usize>,
    /// What `$compute` has named for the row at hand.
    pub(super) compute: Vec<Expr>,
    pub(super) it: It,
    /// The sets of the rows around the path of a counted collection.
    pub(super) around: Vec<usize>,
}

/// What `$it` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum It {
    /// The entity of the collection.
    Here,
    /// A row of this set, outside of an expanded or counted collection.
    Outer(usize),
    OutOfReach,
}

pub(super) const OPERATORS: [Operator; 6] =
    [Operator::Eq, Operator::Ne, Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le];

/// Kinds whose values can be compared, the simplest first.
const COMPARED: [Kind; 9] = [
    Kind::Int,
    Kind::Text,
    Kind::Decimal,
    Kind::Double,
    Kind::Instant,
    Kind::Date,
    Kind::Span,
    Kind::Clock,
    Kind::Guid,
];

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

impl<'a> Generator<'a> {
    /// For the entities of a set.
    pub(super) fn new(world: &'a World, choices: &'a mut Choices, set: usize) -> Generator<'a> {
        Generator { world, choices, frames: vec![set], compute: Vec::new(), it: It::Here, around: Vec::new() }
    }

    /// Draws with other rows in sight.
    pub(super) fn alone<T>(
        &mut self,
        set: usize,
        (it, around): (It, Vec<usize>),
        draw: impl FnOnce(&mut Generator<'_>) -> T,
    ) -> T {
        draw(&mut Generator { it, around, ..Generator::new(self.world, self.choices, set) })
    }

    /// A condition on the rows of a counted collection.
    pub(super) fn counted(&mut self, set: usize, depth: usize) -> Expr {
        let it = if self.it == It::Here { It::Outer(self.frames[0]) } else { self.it };
        let around = self.frames.clone();
        self.alone(set, (it, around), |inner| inner.condition(depth))
    }

    pub(super) fn set_of(&self, way: &Way) -> usize {
        let start = match way.start {
            Start::Frame(index, _) => self.frames[index],
            Start::Root(set, _) | Start::Outer(set) | Start::Around(_, set) => set,
        };
        way.steps.iter().fold(start, |set, step| self.world.sets[set].navigations[*step].target)
    }

    /// A row in sight, and its set.
    pub(super) fn way(&mut self) -> (Way, usize) {
        let last = self.frames.len() - 1;
        let mut start = Start::Frame(last, false);
        if last > 0 && self.choices.chance(30) {
            start = Start::Frame(self.choices.below(last), false);
        }
        if matches!(start, Start::Frame(0, _)) && self.it == It::Here && self.choices.chance(12) {
            start = Start::Frame(0, true);
        }
        if let It::Outer(set) = self.it
            && self.choices.chance(15)
        {
            start = Start::Outer(set);
        }
        // The variable of a lambda inside would hide that of one around.
        if self.around.len() > self.frames.len() && self.choices.chance(15) {
            let index = self.frames.len() + self.choices.below(self.around.len() - self.frames.len());
            start = Start::Around(index, self.around[index]);
        }
        if self.choices.chance(5) {
            let set = self.choices.below(self.world.sets.len());
            let rows = self.world.sets[set].table.rows.len();
            start = Start::Root(set, if self.choices.chance(15) { None } else { Some(self.choices.below(rows)) });
        }
        let mut way = Way { start, steps: Vec::new() };
        while way.steps.len() < 3 && self.choices.chance(25) {
            match self.navigation(&way, false) {
                Some(step) => way.steps.push(step),
                None => break,
            }
        }
        let set = self.set_of(&way);
        (way, set)
    }

    fn navigation(&mut self, way: &Way, many: bool) -> Option<usize> {
        let navigations = &self.world.sets[self.set_of(way)].navigations;
        let fitting: Vec<usize> = (0..navigations.len()).filter(|place| navigations[*place].many == many).collect();
        if fitting.is_empty() { None } else { Some(self.choices.pick(&fitting)) }
    }

    /// A row and a to-many navigation property of it, and the target set.
    pub(super) fn many(&mut self) -> Option<(Way, usize, usize)> {
        let (way, set) = self.way();
        let navigation = self.navigation(&way, true)?;
        let target = self.world.sets[set].navigations[navigation].target;
        Some((way, navigation, target))
    }

    pub(super) fn column(&self, set: usize, column: usize) -> &'a Column {
        &self.world.sets[set].table.columns[column]
    }

    /// A property of a kind, of any row in sight that has one.
    pub(super) fn property(&mut self, kind: Kind) -> Option<Expr> {
        let (way, set) = self.way();
        let columns = &self.world.sets[set].table.columns;
        let fitting: Vec<usize> = (0..columns.len())
            .filter(|place| Kind::of(columns[*place].ty) == kind && columns[*place].name != "Colors")
            .collect();
        if fitting.is_empty() { None } else { Some(Expr::Property(way, self.choices.pick(&fitting), kind)) }
    }

    /// A row in sight and the place of its enumeration.
    fn colors(&mut self) -> Option<(Way, usize)> {
        let (way, set) = self.way();
        let columns = &self.world.sets[set].table.columns;
        columns.iter().position(|column| column.name == "Colors").map(|column| (way, column))
    }

    pub(super) fn condition(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.choices.is_spent() {
            return self.leaf();
        }
        let inner = depth - 1;
        match self.choices.below(22) {
            0..5 => self.comparison(inner),
            5..7 => self.leaf(),
            7..9 => Expr::And(self.conditions(inner)),
            9..11 => Expr::Or(self.conditions(inner)),
            11..14 => Expr::Not(boxed(self.condition(inner))),
            14..17 => self.lambda(inner),
            17 => self.membership(inner),
            18..20 => self.text_condition(inner),
            20 => self.of_conditions(inner),
            _ => {
                let cases = self.conditions(inner).into_iter().map(|when| (when, self.condition(inner)));
                Expr::Case(cases.collect(), Kind::Boolean)
            }
        }
    }

    fn conditions(&mut self, depth: usize) -> Vec<Expr> {
        let count = 2 + usize::from(self.choices.chance(25));
        (0..count).map(|_| self.condition(depth)).collect()
    }

    fn leaf(&mut self) -> Expr {
        let found = match self.choices.below(10) {
            0..4 => None,
            4..6 => self.property(Kind::Boolean),
            6 | 7 => {
                let (way, _) = self.way();
                let is_there = self.choices.chance(50);
                (!way.steps.is_empty()).then_some(Expr::There(way, is_there))
            }
            8 => self.colors().map(|(way, column)| Expr::Has(way, column, self.choices.pick(&[1, 2, 4, 3, 5]))),
            _ => {
                let operator = self.choices.pick(&OPERATORS);
                self.colors().map(|(way, column)| Expr::Member(operator, way, column, self.choices.pick(&[1, 2, 4, 3])))
            }
        };
        found.unwrap_or_else(|| self.comparison(0))
    }

    fn comparison(&mut self, depth: usize) -> Expr {
        let kind = self.choices.pick(&COMPARED);
        let left = self.value(kind, depth);
        let right = match self.choices.below(10) {
            0..5 => Expr::Literal(self.literal_beside(&left), kind),
            5 => Expr::Literal(Value::Null, kind),
            6 if kind == Kind::Instant => Expr::Now,
            6..8 => self.value(kind, depth),
            _ => {
                let other = match kind {
                    Kind::Int => Kind::Decimal,
                    Kind::Decimal => Kind::Int,
                    Kind::Date => Kind::Instant,
                    Kind::Instant => Kind::Date,
                    same => same,
                };
                self.value(other, depth)
            }
        };
        let operators = if kind == Kind::Guid { 2 } else { 6 };
        let operator = OPERATORS[self.choices.below(operators)];
        let (left, right) = if self.choices.chance(20) { (right, left) } else { (left, right) };
        Expr::Compare(operator, boxed(left), boxed(right))
    }

    /// A value of the type that the expression has, or a whole number that the type need not hold.
    pub(super) fn literal_beside(&mut self, expr: &Expr) -> Value {
        let ty = match expr {
            Expr::Property(way, column, _) => {
                let (set, column) = (self.set_of(way), *column);
                // Mostly a value that occurs, so that equality is hit.
                if self.choices.chance(60) {
                    let rows = &self.world.sets[set].table.rows;
                    let value = &rows[self.choices.below(rows.len())][column];
                    if !value.is_null() {
                        return value.clone();
                    }
                }
                let ty = self.column(set, column).ty;
                if Kind::of(ty) == Kind::Int && self.choices.chance(10) { Type::Int64 } else { ty }
            }
            Expr::Computed(place, _) => return self.literal_beside(&self.compute[*place].clone()),
            Expr::Call(Function::Round | Function::Floor | Function::Ceiling, arguments, _) => {
                return self.literal_beside(&arguments[0]);
            }
            Expr::Call(_, _, Kind::Int) => Type::Int16,
            Expr::Cast(_, ty) => *ty,
            other => other.kind().widest(),
        };
        data::value(self.choices, ty)
    }

    fn membership(&mut self, depth: usize) -> Expr {
        let kind = self.choices.pick(&COMPARED);
        let subject = self.value(kind, depth);
        let count = 1 + self.choices.below(4);
        let members = (0..count).map(|_| match self.choices.below(8) {
            0..5 => Expr::Literal(self.literal_beside(&subject), kind),
            5 => Expr::Literal(Value::Null, kind),
            _ => self.value(kind, depth.min(1)),
        });
        let members = members.collect();
        Expr::In(boxed(subject), members)
    }

    fn lambda(&mut self, depth: usize) -> Expr {
        // Names of variables are few, and statements with many levels are slow to plan.
        let found = if self.frames.len() < 4 { self.many() } else { None };
        let Some((way, navigation, target)) = found else { return self.leaf() };
        if self.choices.chance(10) {
            return Expr::Any(way, navigation, None);
        }
        let all = self.choices.chance(40);
        self.frames.push(target);
        let predicate = boxed(self.condition(depth));
        self.frames.pop();
        if all { Expr::All(way, navigation, predicate) } else { Expr::Any(way, navigation, Some(predicate)) }
    }

    fn text_condition(&mut self, depth: usize) -> Expr {
        let text = self.value(Kind::Text, depth);
        if self.choices.chance(20) {
            return Expr::Matches(boxed(text), self.choices.below(PATTERNS.len()));
        }
        let function = self.choices.pick(&[Function::Contains, Function::StartsWith, Function::EndsWith]);
        let part = self.operand(Kind::Text, depth);
        Expr::Call(function, vec![text, part], Kind::Boolean)
    }

    /// Conditions compared with true, false, null and each other.
    fn of_conditions(&mut self, depth: usize) -> Expr {
        let left = self.condition(depth);
        let right = match self.choices.below(4) {
            0 => Expr::Literal(Value::Boolean(true), Kind::Boolean),
            1 => Expr::Literal(Value::Boolean(false), Kind::Boolean),
            2 => Expr::Literal(Value::Null, Kind::Boolean),
            _ => self.condition(depth),
        };
        let operator = OPERATORS[self.choices.below(2)];
        Expr::Compare(operator, boxed(left), boxed(right))
    }
}
