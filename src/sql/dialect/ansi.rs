//! Owns the spellings that several databases share, mostly those of the SQL standard. Knows no database by name.

use crate::edm::{Scalar, Value, civil_from_days};
use crate::sql::ast::{Column, Expr, Groups, Order, Place};
use crate::sql::render::{operand, separated, value};
use crate::sql::write::Writer;
use crate::sql::{Held, RenderError};

/// Lists up to this length are padded to a power of two, longer ones to a multiple of 1,024: a doubled long list would
/// cost more, and reach the limit of parameters sooner, than a repeated text saves.
const DOUBLING_MAX: usize = 16_384;

/// Longest list that is written out where it could be one parameter.
const LIST_MAX: usize = 2_048;

/// `left operator right`
pub(super) fn infix(w: &mut Writer<'_>, left: &Expr, operator: &'static str, right: &Expr) {
    operand(w, left, right);
    w.syntax(operator);
    operand(w, right, left);
}

/// `expr` as an operand between two pieces of syntax.
pub(super) fn around(w: &mut Writer<'_>, open: &'static str, expr: &Expr, close: &'static str) {
    w.syntax(open);
    value(w, expr);
    w.syntax(close);
}

/// Writes an operand that is needed more than once. The text doubles with each level of what is not plain.
pub(super) fn again(w: &mut Writer<'_>, operand: &Expr, write: impl FnOnce(&mut Writer<'_>, &Expr)) {
    if is_column(operand) || is_param(operand) {
        write(w, operand);
    } else {
        w.repeated(|w| write(w, operand));
    }
}

/// All characters with the Unicode property `White_Space`.
pub(super) const WHITE_SPACE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\
                                      \u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// What a type is to arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// All integers.
    Integer,
    /// Exact decimals.
    Decimal,
    /// Both floating-point types.
    Float,
    /// Days.
    Date,
    /// Points in time.
    Instant,
    /// Spans of time.
    Duration,
    /// Everything else.
    Other,
}

impl Class {
    /// The class of a type.
    pub(super) fn of(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Decimal { .. } => Class::Decimal,
            Scalar::Single | Scalar::Double => Class::Float,
            Scalar::Date => Class::Date,
            Scalar::DateTimeOffset { .. } => Class::Instant,
            Scalar::Duration { .. } => Class::Duration,
            scalar if scalar.is_integer() => Class::Integer,
            _ => Class::Other,
        }
    }
}

/// Where a date or an instant lies for a database that knows years of four digits.
pub(super) fn in_four_digits(value: &Value) -> Held {
    const MICROS_PER_DAY: i64 = 86_400_000_000;
    let days = match value {
        Value::Date(days) => i64::from(*days),
        Value::DateTimeOffset(micros) => micros.div_euclid(MICROS_PER_DAY),
        _ => return Held::Yes,
    };
    match civil_from_days(days).0 {
        0..=9999 => Held::Yes,
        year if year < 0 => Held::Below,
        _ => Held::Above,
    }
}

/// Refuses a function whose arguments are not of the types that it takes: the binder lets none pass.
pub(super) fn refuse(w: &mut Writer<'_>, what: &impl std::fmt::Debug) {
    w.refuse(RenderError::Unsupported { feature: format!("{what:?} of such values") });
}

/// `value [DESC]`, for databases that sort nulls lowest by themselves.
pub(super) fn order(w: &mut Writer<'_>, order: &Order) {
    value(w, &order.expr);
    if order.descending {
        w.syntax(" DESC");
    }
}

/// An aggregate that lists values in an order; `words` stand before the value, behind it, and behind the order.
pub(super) fn listed(w: &mut Writer<'_>, words: [&'static str; 3], operand: &Expr, order: &[Order]) {
    let [open, after, close] = words;
    w.syntax(open);
    value(w, operand);
    w.syntax(after);
    crate::sql::render::order(w, " ORDER BY ", order);
    w.syntax(close);
}

/// `LIMIT ? OFFSET ?`; `unlimited` is what an offset needs before it where there is no limit.
pub(super) fn limit(w: &mut Writer<'_>, limit: Option<u64>, offset: u64, unlimited: &'static str) {
    match limit {
        Some(limit) => {
            w.syntax(" LIMIT ");
            w.count(limit);
        }
        None if offset > 0 => w.syntax(unlimited),
        None => {}
    }
    if offset > 0 {
        w.syntax(" OFFSET ");
        w.count(offset);
    }
}

/// ` IN (?, ?, …)` or ` NOT IN (…)`, padded; each member stands between `open` and `close`.
pub(super) fn list(
    w: &mut Writer<'_>,
    negated: bool,
    values: &[Value],
    scalar: Scalar,
    (open, close): (&'static str, &'static str),
) {
    w.syntax(if negated { " NOT IN (" } else { " IN (" });
    for (index, value) in padded(values).enumerate() {
        if index > 0 {
            w.syntax(", ");
        }
        w.syntax(open);
        w.value(value.clone(), scalar);
        w.syntax(close);
    }
    w.syntax(")");
}

/// `(a, b) IN (open (?, ?), (?, ?), … close)`, padded; each column and value is written by a function.
pub(super) fn row_list(
    w: &mut Writer<'_>,
    columns: &[Column],
    tuples: &[Vec<Value>],
    (open, close): (&'static str, &'static str),
    mut column: impl FnMut(&mut Writer<'_>, &Column),
    mut value: impl FnMut(&mut Writer<'_>, &Column, &Value),
) {
    w.syntax("(");
    separated(w, columns, |w, _, it| column(w, it));
    w.syntax(") IN (");
    w.syntax(open);
    for (index, tuple) in padded(tuples).enumerate() {
        w.syntax(if index > 0 { ", (" } else { "(" });
        for (place, (of, it)) in columns.iter().zip(tuple).enumerate() {
            if place > 0 {
                w.syntax(", ");
            }
            value(w, of, it);
        }
        w.syntax(")");
    }
    w.syntax(close);
    w.syntax(")");
}

/// The members, and the last of them again until the length is one of few.
fn padded<T>(members: &[T]) -> impl Iterator<Item = &T> {
    let length = members.len();
    members.iter().chain(std::iter::repeat_n(members.last(), padded_length(length).saturating_sub(length)).flatten())
}

/// How many parameters a list of so many members has.
fn padded_length(length: usize) -> usize {
    if length > DOUBLING_MAX { length.next_multiple_of(1024) } else { length.next_power_of_two() }
}

/// True if a list should be one parameter that holds a JSON array, where the database can read one: it is longer than
/// the keys of a page, or the statement has many parameters already. Bytes, infinities and U+0000 have no place in one.
pub(super) fn is_long(w: &Writer<'_>, values: &[Value], times: usize) -> bool {
    let is_json = |value: &Value| match value {
        Value::Double(value) => value.is_finite(),
        Value::String(text) => !text.contains('\0'),
        Value::Binary(_) | Value::Point(_) | Value::Null => false,
        _ => true,
    };
    let wanted = padded_length(values.len()).saturating_mul(times);
    (values.len() > LIST_MAX || (values.len() > 1 && !w.has_room(wanted))) && values.iter().all(is_json)
}

/// True if groups can be taken one by one: an index finds their rows, and no row belongs to two of them. Decimals and
/// floating-point numbers can differ and still be equal to a database, and so can texts in a collation that folds.
pub(super) fn one_by_one(groups: &Groups) -> bool {
    let is_discrete = |column: &Column| match column.scalar {
        Scalar::String { .. } => !column.folding,
        Scalar::Guid | Scalar::Date => true,
        scalar => scalar.is_integer(),
    };
    groups.indexed && groups.by.iter().all(is_discrete)
}

/// True for a text.
pub(super) fn is_text(expr: &Expr) -> bool {
    matches!(expr.scalar(), Scalar::String { .. })
}

/// True for a text that is made by the database: functions may give it a collation that nobody chose.
pub(super) fn is_made_text(expr: &Expr) -> bool {
    is_text(expr) && !is_column(expr) && !is_param(expr)
}

/// True for a column whose value is what the table holds.
pub(super) fn is_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(Column { made: None, .. }))
}

/// True for a parameter, or what could be one.
pub(super) fn is_param(expr: &Expr) -> bool {
    matches!(expr, Expr::Param(..) | Expr::Constant(..))
}

/// A text in quotes, which are doubled inside it.
pub(super) fn text(w: &mut Writer<'_>, text: &str) {
    w.syntax("'");
    w.declared(&text.replace('\'', "''"));
    w.syntax("'");
}

/// True if texts on these sides compare by code point, whatever collations they have: all but a column beside a
/// parameter, which an index can serve.
pub(super) fn by_code_point(left: &Expr, right: &Expr) -> bool {
    let plain = (is_column(left) && is_param(right)) || (is_param(left) && is_column(right));
    is_text(left) && !plain && !(is_param(left) && is_param(right))
}

/// True for a text whose collation is wider than equality: a column, or what is made of one.
pub(super) fn is_folding(expr: &Expr) -> bool {
    match expr {
        Expr::Column(column) => column.folding,
        Expr::Single(select) => select.columns.first().is_some_and(|output| is_folding(&output.expr)),
        Expr::Call(_, arguments, Scalar::String { .. }) => arguments.iter().any(is_folding),
        Expr::Case(cases, Scalar::String { .. }) => cases.iter().any(|(_, then)| is_folding(then)),
        _ => false,
    }
}

/// The pattern of `LIKE` that finds `part` at `place`; `escape` robs wildcards of their meaning.
pub(super) fn pattern(place: Place, part: &str, escape: char) -> Value {
    let mut pattern = String::with_capacity(part.len() + 8);
    if place != Place::Start {
        pattern.push('%');
    }
    for character in part.chars() {
        if matches!(character, '%' | '_') || character == escape {
            pattern.push(escape);
        }
        pattern.push(character);
    }
    if place != Place::End {
        pattern.push('%');
    }
    Value::String(pattern.into_boxed_str())
}

/// The pattern for a parameter; null stays null.
pub(super) fn pattern_of(place: Place, part: &Value, escape: char) -> Value {
    match part {
        Value::String(part) => pattern(place, part, escape),
        other => other.clone(),
    }
}
