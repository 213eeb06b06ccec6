//! Strategies: rows full of nulls, ties, unicode and extreme values, and requests over them. Everything is drawn from
//! one seeded source and shrinks.

use std::sync::Arc;

use bigdecimal::BigDecimal;
use penstock::edm::Value;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::eval::{Expr, Function, Item, Operator};
use super::value::{Column, Table, Type};
use super::wide;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) filter: Option<Expr>,
    pub(crate) order: Vec<Item>,
    pub(crate) top: Option<usize>,
    pub(crate) skip: Option<usize>,
    pub(crate) count: Option<bool>,
    /// Columns in the order of `$select`; empty means none is given.
    pub(crate) select: Vec<usize>,
    /// Whether to walk through small pages.
    pub(crate) paged: bool,
    /// Decides the spelling; 0 is the plain one.
    pub(crate) style: u64,
}

/// 2024-05-01 in days.
const DAY: i32 = 19_844;
const MICROS_PER_DAY: i64 = 86_400_000_000;
const DAY_MIN: i32 = -719_162;
const DAY_MAX: i32 = 2_932_896;

/// Texts that adapters get wrong: letter case, accents, composition, width, blanks, wildcards, quotes, escapes.
const TEXTS: [&str; 60] = [
    "",
    "a",
    "A",
    "b",
    "B",
    "ab",
    "aB",
    "Ab",
    "AB",
    "abc",
    " ",
    "  ",
    "a ",
    " a",
    "a  ",
    "ä",
    "Ä",
    "a\u{308}",
    "é",
    "e\u{301}",
    "É",
    "ß",
    "ss",
    "SS",
    "ẞ",
    "ａ",
    "Ａ",
    "i",
    "I",
    "ı",
    "İ",
    "😀",
    "😀😁",
    "\u{fffd}",
    "\u{10000}",
    "%",
    "_",
    "a%b",
    "a_b",
    "\\",
    "a\\b",
    "\\%",
    "\\_",
    "'",
    "''",
    "O'Brien",
    "\"",
    "a/b",
    "100%",
    "%41",
    "%2541",
    "a&b",
    "#1",
    "1+1",
    "null",
    "true",
    "1",
    "tab\there",
    "line\nbreak",
    "(a,b)",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&TEXTS[..]).prop_map(str::to_owned),
        1 => proptest::collection::vec(select(&TEXTS[..]), 2..4).prop_map(|parts| parts.concat()),
        1 => "[ -~]{0,8}",
        1 => "[a-cA-Cäöü %_\u{300}-\u{303}]{1,5}",
    ]
}

fn integers(low: i64, high: i64) -> BoxedStrategy<i64> {
    let edges = [low, low + 1, high - 1, high, 0, 1, 2, -1, 42];
    let edges: Vec<i64> = edges.into_iter().filter(|value| (low..=high).contains(value)).collect();
    prop_oneof![2 => select(edges), 2 => low.max(-3)..=high.min(5), 1 => low..=high].boxed()
}

fn decimals() -> BoxedStrategy<BigDecimal> {
    let edges = [
        "0",
        "1",
        "-1",
        "0.1",
        "-0.1",
        "0.5",
        "2.5",
        "100",
        "0.000000000000000001",
        "-0.000000000000000001",
        "99999999999999999999.999999999999999999",
        "-99999999999999999999.999999999999999999",
        "12345678901234567890.123456789012345678",
        "12345678901234567890.123456789012345679",
        "9007199254740993",
        "0.30000000000000000",
        "0.3",
        "9.99",
        "10.00",
        "1.005",
    ];
    prop_oneof![
        3 => select(edges.to_vec()).prop_map(|text| text.parse().unwrap()).boxed(),
        1 => (-500_i64..500, 0_i64..4).prop_map(|(digits, scale)| BigDecimal::new(digits.into(), scale)),
        1 => (any::<i128>(), 0_i64..=18).prop_map(|(digits, scale)| {
            BigDecimal::new((digits % 10_i128.pow(20)).into(), scale)
        }),
    ]
    .boxed()
}

fn doubles() -> BoxedStrategy<f64> {
    let edges = [
        0.0,
        1.0,
        -1.0,
        0.1,
        -0.1,
        0.5,
        1.5,
        2.5,
        1e-7,
        1e21,
        -1e21,
        123_456_789.123,
        9_007_199_254_740_992.0,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        1e-300,
        1.000_000_000_000_000_2,
        2.718_281_7,
    ];
    prop_oneof![3 => select(edges.to_vec()), 1 => (-40_i32..40).prop_map(|n| f64::from(n) / 8.0), 1 => -1e6..1e6_f64]
        .boxed()
}

/// Values that single precision holds exactly, so no rounding is in question.
fn singles() -> BoxedStrategy<f64> {
    let edges = [0.0, 0.5, -0.5, 1.0, 1.25, 16_777_216.0, -16_777_215.0, 0.015_625, 4096.5];
    prop_oneof![select(edges.to_vec()), (-40_i32..40).prop_map(|n| f64::from(n) / 8.0)].boxed()
}

fn guids() -> BoxedStrategy<[u8; 16]> {
    let mut last = [0; 16];
    last[15] = 1;
    let mut first = [0; 16];
    first[0] = 1;
    let mut high = [0x80; 16];
    high[3] = 0x7f;
    let edges = vec![[0; 16], [0xff; 16], last, first, high, [0xab; 16], [0xba; 16]];
    prop_oneof![3 => select(edges), 1 => any::<[u8; 16]>()].boxed()
}

fn days() -> BoxedStrategy<i32> {
    let edges = [DAY_MIN, DAY_MIN + 1, DAY_MAX, -1, 0, 1, 11_016, DAY - 1, DAY, DAY + 1, 24_855, -141_422];
    prop_oneof![3 => select(edges.to_vec()), 1 => DAY - 5..DAY + 5, 1 => DAY_MIN..=DAY_MAX].boxed()
}

fn instants() -> BoxedStrategy<i64> {
    let day = i64::from(DAY) * MICROS_PER_DAY;
    let edges = [
        i64::from(DAY_MIN) * MICROS_PER_DAY,
        i64::from(DAY_MAX) * MICROS_PER_DAY + MICROS_PER_DAY - 1,
        -1,
        0,
        1,
        day,
        day + 1,
        day - 1,
        day + 500_000,
        day + 500_001,
        day + 36_000_000_000,
        i64::from(i32::MAX) * 1_000_000 + 1,
    ];
    prop_oneof![
        3 => select(edges.to_vec()),
        1 => day - 3..day + 3,
        1 => (DAY_MIN..DAY_MAX, 0..MICROS_PER_DAY).prop_map(|(days, micros)| i64::from(days) * MICROS_PER_DAY + micros),
    ]
    .boxed()
}

/// Values of a type, never null.
fn values(ty: Type) -> BoxedStrategy<Value> {
    if let Some((low, high)) = ty.integer_range() {
        return integers(low, high).prop_map(Value::Int).boxed();
    }
    match ty {
        Type::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Type::Single => singles().prop_map(Value::Double).boxed(),
        Type::Double => doubles().prop_map(Value::Double).boxed(),
        Type::Decimal => decimals().prop_map(Value::Decimal).boxed(),
        Type::Guid => guids().prop_map(Value::Guid).boxed(),
        Type::Date => days().prop_map(Value::Date).boxed(),
        Type::DateTimeOffset => instants().prop_map(Value::DateTimeOffset).boxed(),
        _ => texts().prop_map(|text| Value::String(text.into())).boxed(),
    }
}

/// One row: the key `key`, then values, nulls where they are allowed.
pub(crate) fn rows(columns: &[Column], key: i64) -> BoxedStrategy<Vec<Value>> {
    let mut cells: Vec<BoxedStrategy<Value>> = vec![Just(Value::Int(key)).boxed()];
    for column in columns.iter().skip(1) {
        let values = values(column.ty);
        cells.push(if column.nullable { prop_oneof![1 => Just(Value::Null), 2 => values].boxed() } else { values });
    }
    cells.boxed()
}

/// A literal for a column: mostly a value that occurs in it, so that equality is hit.
fn literals(table: &Arc<Table>, column: usize) -> BoxedStrategy<Value> {
    let mut occurring: Vec<Value> = table.rows.iter().map(|row| row[column].clone()).collect();
    occurring.retain(|value| !value.is_null());
    prop_oneof![2 => select(occurring), 1 => values(table.columns[column].ty)].boxed()
}

fn operators(column: &Column) -> BoxedStrategy<Operator> {
    use Operator::{Eq, Ge, Gt, Le, Lt, Ne};
    // GUIDs have no order in the standard, and a folding collation has an order of its own.
    if column.ty == Type::Guid || !column.ordinal {
        select(vec![Eq, Ne]).boxed()
    } else {
        select(vec![Eq, Ne, Gt, Ge, Lt, Le]).boxed()
    }
}

fn either_way(operator: Operator, left: Expr, right: Expr, swapped: bool) -> Expr {
    let (left, right) = if swapped { (right, left) } else { (left, right) };
    Expr::Compare(operator, Box::new(left), Box::new(right))
}

/// Conditions without connectives.
fn leaves(table: &Arc<Table>) -> BoxedStrategy<Expr> {
    let count = table.columns.len();
    let by_column =
        |build: &dyn Fn(usize) -> BoxedStrategy<Expr>| Union::new((0..count).map(build).collect::<Vec<_>>()).boxed();
    let with_literal = by_column(&|column| {
        (operators(&table.columns[column]), literals(table, column), any::<bool>())
            .prop_map(move |(operator, value, swapped)| {
                either_way(operator, Expr::Property(column), Expr::Literal(value), swapped)
            })
            .boxed()
    });
    let with_null = by_column(&|column| {
        (operators(&table.columns[column]), any::<bool>())
            .prop_map(move |(operator, swapped)| {
                either_way(operator, Expr::Property(column), Expr::Literal(Value::Null), swapped)
            })
            .boxed()
    });
    let lists = by_column(&|column| {
        let member = prop_oneof![6 => literals(table, column), 1 => Just(Value::Null)];
        proptest::collection::vec(member, 0..5)
            .prop_map(move |members| Expr::In(Box::new(Expr::Property(column)), members))
            .boxed()
    });
    // Integers compared with decimals that are no integers.
    let exact: Vec<usize> = (0..count).filter(|column| table.columns[*column].ty.is_exact_number()).collect();
    let ranges: Vec<_> = table.columns.iter().map(|column| column.ty.integer_range()).collect();
    let promoted = (select(exact), operators(&table.columns[0]), decimals(), any::<bool>()).prop_map(
        move |(column, operator, mut value, swapped)| {
            // A whole number that an integer property cannot hold is refused, not compared.
            if let Some((low, high)) = ranges[column]
                && value.is_integer()
                && !(BigDecimal::from(low)..=BigDecimal::from(high)).contains(&value)
            {
                value += BigDecimal::new(5.into(), 1);
            }
            either_way(operator, Expr::Property(column), Expr::Literal(Value::Decimal(value)), swapped)
        },
    );
    let pairs: Vec<(usize, usize)> = (0..count)
        .flat_map(|left| (0..count).map(move |right| (left, right)))
        .filter(|(left, right)| left != right && comparable(&table.columns[*left], &table.columns[*right]))
        .collect();
    let two_columns = by_pair(table, &pairs);
    let flags: Vec<usize> = (0..count).filter(|column| table.columns[*column].ty == Type::Boolean).collect();
    prop_oneof![
        6 => with_literal,
        2 => with_null,
        2 => lists,
        1 => promoted,
        2 => two_columns,
        1 => select(flags).prop_map(Expr::Property),
        4 => calls(table),
        1 => any::<bool>().prop_map(|value| Expr::Literal(Value::Boolean(value))),
    ]
    .boxed()
}

fn comparable(left: &Column, right: &Column) -> bool {
    left.ty == right.ty || (left.ty.is_exact_number() && right.ty.is_exact_number())
}

fn by_pair(table: &Arc<Table>, pairs: &[(usize, usize)]) -> BoxedStrategy<Expr> {
    let table = table.clone();
    select(pairs.to_vec())
        .prop_flat_map(move |(left, right)| {
            let ordinal = if table.columns[left].ordinal { right } else { left };
            operators(&table.columns[ordinal]).prop_map(move |operator| {
                Expr::Compare(operator, Box::new(Expr::Property(left)), Box::new(Expr::Property(right)))
            })
        })
        .boxed()
}

/// The columns that hold texts.
fn strings(table: &Table) -> Vec<usize> {
    (0..table.columns.len()).filter(|column| table.columns[*column].ty == Type::String).collect()
}

/// Texts to look for.
fn parts(table: &Arc<Table>) -> BoxedStrategy<Expr> {
    let strings = strings(table);
    let occurring: Vec<String> = table
        .rows
        .iter()
        .flat_map(|row| strings.iter().map(|column| row[*column].clone()).collect::<Vec<_>>())
        .filter_map(|value| if let Value::String(text) = value { Some(text.to_string()) } else { None })
        .collect();
    // Pieces of what occurs, so that there are hits at the beginning, in the middle and at the end.
    let pieces = (select(occurring), any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
        |(text, first, last)| {
            let characters: Vec<char> = text.chars().collect();
            let (first, last) = (first.index(characters.len() + 1), last.index(characters.len() + 1));
            characters[first.min(last)..first.max(last)].iter().collect::<String>()
        },
    );
    prop_oneof![2 => pieces.boxed(), 1 => texts().boxed()]
        .prop_map(|text| Expr::Literal(Value::String(text.into())))
        .boxed()
}

fn calls(table: &Arc<Table>) -> BoxedStrategy<Expr> {
    let strings = strings(table);
    let parts = prop_oneof![6 => parts(table), 1 => select(strings.clone()).prop_map(Expr::Property)];
    let functions = select(vec![Function::Contains, Function::StartsWith, Function::EndsWith]);
    (functions, select(strings), parts)
        .prop_map(|(function, text, part)| Expr::Call(function, Box::new(Expr::Property(text)), Box::new(part)))
        .boxed()
}

fn filters(table: &Arc<Table>) -> BoxedStrategy<Expr> {
    prop_oneof![7 => trees(table), 1 => wide::chains(strings(table), parts(table), leaves(table))].boxed()
}

fn trees(table: &Arc<Table>) -> BoxedStrategy<Expr> {
    leaves(table)
        .prop_recursive(4, 16, 2, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                3 => pair.clone().prop_map(|(left, right)| Expr::And(Box::new(left), Box::new(right))),
                3 => pair.clone().prop_map(|(left, right)| Expr::Or(Box::new(left), Box::new(right))),
                3 => inner.clone().prop_map(|inner| Expr::Not(Box::new(inner))),
                2 => (inner.clone(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
                    |(inner, value, equal, swapped)| {
                        let operator = if equal { Operator::Eq } else { Operator::Ne };
                        either_way(operator, inner, Expr::Literal(Value::Boolean(value)), swapped)
                    },
                ),
                1 => (inner, any::<bool>()).prop_map(|(inner, equal)| {
                    let operator = if equal { Operator::Eq } else { Operator::Ne };
                    either_way(operator, inner, Expr::Literal(Value::Null), false)
                }),
                1 => (pair, any::<bool>()).prop_map(|((left, right), equal)| {
                    let operator = if equal { Operator::Eq } else { Operator::Ne };
                    either_way(operator, left, right, false)
                }),
            ]
        })
        .boxed()
}

/// Requests over a table.
pub(crate) fn requests(table: &Arc<Table>) -> BoxedStrategy<Request> {
    let count = table.columns.len();
    let sortable: Vec<usize> = (0..count).filter(|column| table.columns[*column].ordinal).collect();
    let item = (select(sortable), any::<bool>()).prop_map(|(column, descending)| Item { column, descending });
    let order = proptest::collection::vec(item, 0..4).prop_map(|mut items| {
        let mut seen = Vec::new();
        items.retain(|item| {
            !seen.contains(&item.column) && {
                seen.push(item.column);
                true
            }
        });
        items
    });
    let selected = proptest::collection::vec(0..count, 1..6).prop_map(|mut columns| {
        let mut seen = Vec::new();
        columns.retain(|column| {
            !seen.contains(column) && {
                seen.push(*column);
                true
            }
        });
        columns
    });
    let rows = table.rows.len();
    let size = prop_oneof![Just(0), Just(1), 2..30_usize, rows - 3..rows + 3];
    (
        proptest::option::weighted(0.85, filters(table)),
        order,
        proptest::option::weighted(0.4, size.clone()),
        proptest::option::weighted(0.25, size),
        proptest::option::weighted(0.5, any::<bool>()),
        prop_oneof![2 => selected, 1 => Just(Vec::new())],
        any::<bool>(),
        any::<u64>(),
    )
        .prop_map(|(filter, order, top, skip, count, select, paged, style)| Request {
            filter,
            order,
            top,
            skip,
            count,
            select,
            paged,
            style,
        })
        .boxed()
}
