//! The source of choices, and values drawn from it: few different ones, so that rows tie and join, with the edges of
//! every type among them. Magnitudes are such that sums and products of several values stay in range.

use bigdecimal::BigDecimal;
use penstock::edm::Value;

use super::super::value::{Column, Type};
use super::expr::Kind;

/// Numbers that decide everything that is generated; when they are used up, every choice is the first and simplest. So
/// a shorter list with smaller numbers is a simpler request, and lists are what gets smaller when a request fails.
pub(super) struct Choices {
    numbers: Vec<u32>,
    next: usize,
}

impl Choices {
    pub(super) fn new(numbers: Vec<u32>) -> Choices {
        Choices { numbers, next: 0 }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.next >= self.numbers.len()
    }

    pub(super) fn number(&mut self) -> u32 {
        let number = self.numbers.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        number
    }

    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.number() as usize % count
    }

    /// True in so many of a hundred cases; false when simplest.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.number() % 100 >= 100 - percent
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        let wide = (i64::from(self.number()) << 31) | i64::from(self.number() >> 1);
        low + wide % (high - low + 1)
    }
}

/// Texts whose letters have one other case everywhere, some of which are values of other types.
const TEXTS: [&str; 40] = [
    "a",
    "",
    "A",
    "b",
    "ab",
    "aB",
    "Ab",
    "abc",
    "bca",
    " ",
    " a",
    "a ",
    "\u{a0}a\u{2003}",
    "ä",
    "Ä",
    "äb",
    "a\u{308}",
    "é",
    "É",
    "😀",
    "a😀b",
    "%",
    "_",
    "a%b",
    "a_b",
    "\\",
    "a\\b",
    "'",
    "O'Brien",
    "tab\there",
    "line\nbreak",
    "12",
    "-7",
    "+3",
    "3.25",
    "1e3",
    "true",
    "2024-02-29",
    "2024-05-01T10:00:00.5+02:00",
    "10:20:30",
];

/// Codes of owners; the last two belong to none.
pub(super) const CODES: [&str; 12] = ["o1", "O1", "o2", "ö3", "o'4", "o 5", "o/6", "o%7", "o8", "o9", "gone", "o9 "];
const OWNERS: usize = 10;
const NODES: i64 = 40;
/// Nodes that are referred to and that nobody has.
const MISSING: i64 = 4;

/// 2024-05-01 in days.
const DAY: i64 = 19_844;
const MICROS_PER_DAY: i64 = 86_400_000_000;

pub(super) fn text(choices: &mut Choices) -> String {
    if choices.chance(15) {
        choices.pick(&TEXTS).to_owned() + choices.pick(&TEXTS)
    } else {
        choices.pick(&TEXTS).to_owned()
    }
}

pub(super) fn decimal(choices: &mut Choices) -> BigDecimal {
    match choices.below(8) {
        0..4 => {
            let edges = ["0", "1", "-1", "0.5", "-0.5", "2.5", "1.005", "-0.0001", "0.0001", "100", "3", "7.25", "0.1"];
            choices.pick(&edges).parse().unwrap()
        }
        4..7 => {
            let scale = i64::try_from(choices.below(5)).unwrap();
            BigDecimal::new(choices.between(-500, 500).into(), scale)
        }
        _ => BigDecimal::new(choices.between(-99_999_999_999_999, 99_999_999_999_999).into(), 4),
    }
}

/// Multiples of an eighth: sums and products of a few are exact.
pub(super) fn double(choices: &mut Choices) -> f64 {
    let eighths = if choices.chance(20) { choices.between(-8_000_000, 8_000_000) } else { choices.between(-40, 40) };
    f64::from(i32::try_from(eighths).unwrap()) / 8.0
}

fn integer(choices: &mut Choices, ty: Type) -> i64 {
    let (low, high) = ty.integer_range().unwrap();
    if choices.chance(75) {
        return choices.between(low.max(-4), high.min(6));
    }
    let (low, high) = (low.max(-1_000_000_000_000), high.min(1_000_000_000_000));
    let edge = choices.pick(&[low, high, low + 1, high - 1, 1_000, 255, 256, 12]);
    if choices.chance(50) { edge.clamp(low, high) } else { choices.between(low, high) }
}

fn days(choices: &mut Choices) -> i64 {
    if choices.chance(20) {
        // Leap days, turns of centuries, both ends of the years, days before 1970.
        return choices
            .pick(&[11_016, 19_782, -25_509, -719_162, 2_932_896, -1, 0, 24_855, 47_540, -719_161, 2_932_895]);
    }
    DAY + choices.between(-3, 3)
}

fn micros_of_day(choices: &mut Choices) -> i64 {
    let edges = [0, 1, 500_000, 36_000_000_000, 36_000_500_000, 86_399_999_999, 43_200_000_000, 86_399_000_000];
    if choices.chance(70) { choices.pick(&edges) } else { choices.between(0, MICROS_PER_DAY - 1) }
}

fn span(choices: &mut Choices) -> i64 {
    let edges = [0, 1, -1, 500_000, 1_000_000, -90_000_000, MICROS_PER_DAY, -MICROS_PER_DAY, 36 * 3_600_000_000];
    match choices.below(5) {
        0..3 => choices.pick(&edges),
        3 => choices.between(-7, 7) * 3_600_000_000,
        _ => choices.between(-400 * MICROS_PER_DAY, 400 * MICROS_PER_DAY),
    }
}

/// A value of a type, never null.
pub(super) fn value(choices: &mut Choices, ty: Type) -> Value {
    match Kind::of(ty) {
        Kind::Boolean => Value::Boolean(choices.chance(50)),
        Kind::Int => Value::Int(integer(choices, ty)),
        Kind::Decimal => Value::Decimal(decimal(choices)),
        // So few digits that they are all written of a single one, too.
        Kind::Double if ty == Type::Single => Value::Double(double(choices) % 128.0),
        Kind::Double => Value::Double(double(choices)),
        Kind::Text => Value::String(text(choices).into()),
        Kind::Guid => {
            let mut bytes = [[0; 16], [0xff; 16], [0xab; 16], [0x12; 16]][choices.below(4)];
            bytes[15] = choices.pick(&[0, 1, 0xf0]);
            Value::Guid(bytes)
        }
        Kind::Date => Value::Date(i32::try_from(days(choices)).unwrap()),
        Kind::Instant => Value::DateTimeOffset(days(choices) * MICROS_PER_DAY + micros_of_day(choices)),
        Kind::Clock => Value::TimeOfDay(micros_of_day(choices)),
        Kind::Span => Value::Duration(span(choices)),
    }
}

/// The rows of a table. References are drawn so that they hit, miss and are null.
pub(super) fn rows(table: &str, columns: &[Column], choices: &mut Choices) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let count = match table {
        "nodes" => usize::try_from(NODES).unwrap(),
        "owners" => OWNERS,
        _ => 90,
    };
    while rows.len() < count {
        let place = rows.len();
        let row = columns.iter().map(|column| {
            let node = |choices: &mut Choices| Value::Int(choices.between(1, NODES + MISSING));
            let code = |choices: &mut Choices| Value::String(choices.pick(&CODES).into());
            match (table, column.name.as_str()) {
                ("nodes", "Id") => Value::Int(i64::try_from(place).unwrap() + 1),
                ("owners", "Code") => Value::String(CODES[place].into()),
                ("items", "NodeId") => node(choices),
                ("items", "No") => Value::Int(choices.between(1, 3)),
                _ if column.nullable && choices.chance(30) => Value::Null,
                (_, "ParentId") => node(choices),
                (_, "OwnerCode" | "BossCode") => code(choices),
                (_, "Colors") => Value::Int(choices.between(0, 7)),
                _ => value(choices, column.ty),
            }
        });
        let row: Vec<Value> = row.collect();
        // The key of an item is drawn, too.
        if table != "items" || rows.iter().all(|other| other[..2] != row[..2]) {
            rows.push(row);
        }
    }
    rows
}

/// The pairs of nodes and owners, each once; some of one that is missing.
pub(super) fn pairs(choices: &mut Choices) -> Vec<(Value, Value)> {
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    while pairs.len() < 60 {
        let node = Value::Int(choices.between(1, NODES + MISSING));
        let pair = (node, Value::String(choices.pick(&CODES).into()));
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}
