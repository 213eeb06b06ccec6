//! Requests, drawn from a source of choices.

use penstock::edm::Value;

use super::data::Choices;
use super::expr::{Expansion, Expr, Kind, Reading, Request, Start, Way};
use super::generate::{Generator, It};
use super::world::World;

/// Levels of `$expand`.
const EXPAND_DEPTH: usize = 2;
const ORDERED: [Kind; 8] =
    [Kind::Int, Kind::Decimal, Kind::Boolean, Kind::Double, Kind::Instant, Kind::Date, Kind::Span, Kind::Clock];
const COMPUTED: [Kind; 10] = [
    Kind::Int,
    Kind::Decimal,
    Kind::Text,
    Kind::Boolean,
    Kind::Double,
    Kind::Instant,
    Kind::Date,
    Kind::Span,
    Kind::Clock,
    Kind::Guid,
];

/// The request that numbers stand for.
pub(super) fn request(world: &World, numbers: Vec<u32>) -> Request {
    let mut choices = Choices::new(numbers);
    // Drawn first, so that the rest cannot move them.
    let style = if choices.chance(70) { u64::from(choices.number()) } else { 0 };
    let paged = choices.chance(30);
    let set = choices.pick(&[0, 0, 0, 1, 2, 2]);
    let mut generator = Generator::new(world, &mut choices, set);
    let mut reading = generator.reading(3, if paged { 0 } else { EXPAND_DEPTH });
    if paged {
        reading.skip = reading.skip.map(|skip| skip % 5);
    }
    Request { set, reading, paged, style }
}

impl Generator<'_> {
    fn reading(&mut self, depth: usize, expansions: usize) -> Reading {
        let mut reading = Reading::default();
        while reading.compute.len() < 2 && self.choices.chance(25) {
            let kind = self.choices.pick(&COMPUTED);
            let item = if kind == Kind::Boolean { self.condition(2) } else { self.value(kind, 2) };
            reading.compute.push(item.clone());
            self.compute.push(item);
        }
        if self.choices.chance(75) {
            reading.filter = Some(self.condition(depth));
        }
        if self.choices.chance(60) {
            reading.order = self.order();
        }
        if self.choices.chance(25) {
            reading.top = Some(self.choices.below(30));
        }
        if self.choices.chance(20) {
            reading.skip = Some(self.choices.below(12));
        }
        reading.count = self.choices.chance(30);
        reading.columns = self.columns();
        reading.selected = (0..reading.compute.len()).filter(|_| self.choices.chance(70)).collect();
        if expansions > 0 {
            reading.expansions = self.expansions(expansions);
        }
        reading
    }

    fn columns(&mut self) -> Vec<usize> {
        let table = &self.world.sets[self.frames[0]].table;
        let mut columns = table.key.clone();
        for _ in 0..self.choices.below(4) {
            let column = self.choices.below(table.columns.len());
            // How a sum of members is written is no matter of expressions.
            if !columns.contains(&column) && table.columns[column].name != "Colors" {
                columns.push(column);
            }
        }
        columns
    }

    /// The whole key stands at the end: behind what sorts nothing, its direction is the server's own choice.
    pub(super) fn order(&mut self) -> Vec<(Expr, bool)> {
        let mut order = Vec::new();
        for _ in 0..=self.choices.below(3) {
            let kind = self.choices.pick(&ORDERED);
            let item = match self.choices.below(6) {
                _ if kind == Kind::Boolean => self.condition(1),
                depth => self.value(kind, depth / 2),
            };
            order.push((item, self.choices.chance(50)));
        }
        let set = self.frames[0];
        for key in self.world.sets[set].table.key.clone() {
            let way = Way { start: Start::Frame(0, false), steps: Vec::new() };
            let kind = Kind::of(self.column(set, key).ty);
            order.push((Expr::Property(way, key, kind), self.choices.chance(50)));
        }
        order
    }

    fn expansions(&mut self, depth: usize) -> Vec<Expansion> {
        let set = &self.world.sets[self.frames[0]];
        let mut expansions = Vec::new();
        for (place, navigation) in set.navigations.iter().enumerate() {
            if !self.choices.chance(12) {
                continue;
            }
            // `$it` is the entity of the request, so of the first level only its parent.
            let it = if depth == EXPAND_DEPTH { It::Outer(self.frames[0]) } else { It::OutOfReach };
            let reading = self.alone(navigation.target, (it, Vec::new()), |inner| {
                let mut reading = inner.reading(2, depth - 1);
                if !navigation.many {
                    reading =
                        Reading { columns: reading.columns, expansions: reading.expansions, ..Reading::default() };
                }
                reading.top = reading.top.map(|top| top % 5);
                reading.skip = reading.skip.map(|skip| skip % 3);
                reading
            });
            expansions.push(Expansion { navigation: place, reading });
        }
        expansions
    }
}

/// The key of a row, or one that no row has.
pub(super) fn key_of(world: &World, set: usize, row: Option<usize>) -> Vec<Value> {
    let table = &world.sets[set].table;
    table
        .key
        .iter()
        .map(|key| match row {
            Some(row) => table.rows[row][*key].clone(),
            None if Kind::of(table.columns[*key].ty) == Kind::Text => Value::String("nobody".into()),
            None => Value::Int(-5),
        })
        .collect()
}
