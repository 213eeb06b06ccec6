//! Owns [`render`]: tree → statement. It walks the tree, places parentheses and decides between the two positions of an
//! expression, value and condition; every spelling that databases disagree on is the dialect's.
//!
//! # Decisions
//!
//! - **Two positions.** A boolean is a condition in `WHERE` and a value elsewhere. PostgreSQL has one type for both; the
//!   others hold 0 and 1, and find an index only for `flag = 1`. So a boolean column is written by
//!   [`super::dialect::Dialect::condition`] where a condition stands, and plainly where a value stands.
//! - **Long chains are balanced.** SQLite refuses expressions deeper than 1,000 levels, and `a OR b OR c …` is as deep as
//!   it is long. More than 64 members are written as halves in parentheses, on every database, so that shapes stay equal
//!   and there is one code path. (Raising SQLite's limit was rejected: its parser and planner recurse.)
//! - **A page per parent** is `ROW_NUMBER()` in a derived table, which all four databases have; `LATERAL` does not exist
//!   on MariaDB and SQLite. Without `skip` and `top` there is no window, only the sort.

use crate::edm::{Scalar, Value};

use super::ast::{Column, Comparison, Expr, Order, PerGroup, Select, Table};
use super::dialect::{Dialect, Equality};
use super::rewrite;
use super::write::Writer;
use super::{RenderError, Statement};

/// Members of an `AND` or `OR` chain that are written flat.
const CHAIN_MAX: usize = 64;

/// Writes the statement of `select` for the database that `dialect` speaks to.
pub fn render(select: &Select, dialect: &dyn Dialect) -> Result<Statement, RenderError> {
    let mut w = Writer::new(dialect, select.columns.len());
    match &select.per_group {
        Some(group) if group.skip > 0 || group.top.is_some() => page_per_group(&mut w, select, group),
        group => plain(&mut w, select, group.as_ref().map_or(&[], |group| &group.by)),
    }
    dialect.limit(&mut w, select.limit, select.offset);
    w.finish(select.columns.iter().map(|output| output.scalar).collect())
}

fn plain(w: &mut Writer<'_>, select: &Select, group: &[Column]) {
    w.syntax("SELECT ");
    separated(w, &select.columns, |w, _, output| value(w, &output.expr));
    source(w, &select.from, select.filter.as_ref());
    let mut lead = " ORDER BY ";
    for column in group {
        w.syntax(std::mem::replace(&mut lead, ", "));
        w.dialect().group_key(w, column);
    }
    order(w, lead, &select.order);
}

fn page_per_group(w: &mut Writer<'_>, select: &Select, group: &PerGroup) {
    w.syntax("SELECT ");
    separated(w, &select.columns, |w, index, _| alias(w, "c", index));
    w.syntax(" FROM (SELECT ");
    for (index, output) in select.columns.iter().enumerate() {
        value(w, &output.expr);
        w.syntax(" AS ");
        alias(w, "c", index);
        w.syntax(", ");
    }
    for (index, column) in group.by.iter().enumerate() {
        w.dialect().group_key(w, column);
        w.syntax(" AS ");
        alias(w, "g", index);
        w.syntax(", ");
    }
    w.syntax("ROW_NUMBER() OVER (");
    if !group.by.is_empty() {
        w.syntax("PARTITION BY ");
        separated(w, &group.by, |w, _, column| w.dialect().group_key(w, column));
    }
    order(w, if group.by.is_empty() { "ORDER BY " } else { " ORDER BY " }, &select.order);
    w.syntax(") AS rn");
    source(w, &select.from, select.filter.as_ref());
    w.syntax(") AS page WHERE ");
    if group.skip > 0 {
        w.syntax("rn > ");
        w.count(group.skip);
    }
    if let Some(top) = group.top {
        w.syntax(if group.skip > 0 { " AND rn <= " } else { "rn <= " });
        w.count(group.skip.saturating_add(top));
    }
    w.syntax(" ORDER BY ");
    for index in 0..group.by.len() {
        alias(w, "g", index);
        w.syntax(", ");
    }
    w.syntax("rn");
}

fn source(w: &mut Writer<'_>, table: &Table, filter: Option<&Expr>) {
    w.syntax(" FROM ");
    if let Some(schema) = &table.schema {
        w.identifier(schema);
        w.syntax(".");
    }
    w.identifier(&table.name);
    if let Some(filter) = filter {
        w.syntax(" WHERE ");
        condition(w, filter);
    }
}

fn order(w: &mut Writer<'_>, mut lead: &'static str, items: &[Order]) {
    for item in items {
        w.syntax(std::mem::replace(&mut lead, ", "));
        w.dialect().order(w, item);
    }
}

fn alias(w: &mut Writer<'_>, letter: &'static str, index: usize) {
    w.syntax(letter);
    w.number(index);
}

/// Writes `items` with commas between them.
pub(super) fn separated<T>(w: &mut Writer<'_>, items: &[T], mut write: impl FnMut(&mut Writer<'_>, usize, &T)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            w.syntax(", ");
        }
        write(w, index, item);
    }
}

/// Writes `expr` as an operand: it binds as tightly as a name.
pub(super) fn value(w: &mut Writer<'_>, expr: &Expr) {
    match expr {
        Expr::Column(column) => w.identifier(&column.name),
        Expr::Param(value, scalar) => w.value(value.clone(), *scalar),
        Expr::Truth(true) => w.syntax("TRUE"),
        Expr::Truth(false) => w.syntax("FALSE"),
        Expr::Boolean(yes, no) => {
            w.syntax("CASE WHEN ");
            condition(w, yes);
            w.syntax(" THEN TRUE WHEN ");
            condition(w, no);
            w.syntax(" THEN FALSE END");
        }
        Expr::CountAll => w.syntax("COUNT(*)"),
        Expr::One => w.syntax("1"),
        compound => enclosed(w, compound),
    }
}

fn enclosed(w: &mut Writer<'_>, expr: &Expr) {
    w.syntax("(");
    condition(w, expr);
    w.syntax(")");
}

/// Writes `expr` as a condition. Only `AND` and `OR` bind more loosely than `NOT`; the dialects enclose theirs.
pub(super) fn condition(w: &mut Writer<'_>, expr: &Expr) {
    let dialect = w.dialect();
    if let Some(held) = rewrite::held_only(expr, dialect) {
        // It may have become a chain where its caller saw none.
        return if matches!(held, Expr::And(_) | Expr::Or(_)) { enclosed(w, &held) } else { condition(w, &held) };
    }
    match expr {
        Expr::Column(column) => dialect.condition(w, column),
        Expr::Compare(operator, left, right) => dialect.compare(w, *operator, left, right),
        Expr::Same(left, right) => dialect.equal(w, Equality::Same, left, right),
        Expr::Different(left, right) => dialect.equal(w, Equality::Different, left, right),
        Expr::NullSafeSame(left, right) => dialect.equal(w, Equality::NullSafeSame, left, right),
        Expr::NullSafeDifferent(left, right) => dialect.equal(w, Equality::NullSafeDifferent, left, right),
        // SQL's answer for an empty list does not depend on the operand, even if it is null.
        Expr::In(_, values, _) if values.is_empty() => w.syntax("FALSE"),
        Expr::NotIn(_, values, _) if values.is_empty() => w.syntax("TRUE"),
        Expr::In(operand, values, scalar) => dialect.member(w, false, operand, values, *scalar),
        Expr::NotIn(operand, values, scalar) => dialect.member(w, true, operand, values, *scalar),
        Expr::RowIn(columns, tuples) => row_member(w, columns, tuples),
        Expr::IsNull(operand) => {
            value(w, operand);
            w.syntax(" IS NULL");
        }
        Expr::IsNotNull(operand) => {
            value(w, operand);
            w.syntax(" IS NOT NULL");
        }
        Expr::IsNotTrue(operand) => {
            value(w, operand);
            w.syntax(" IS NOT TRUE");
        }
        Expr::Not(operand) => {
            w.syntax("NOT ");
            enclosed(w, operand);
        }
        Expr::And(members) => chain(w, members, " AND ", true),
        Expr::Or(members) => chain(w, members, " OR ", false),
        Expr::Match(place, text, part) => dialect.matches(w, *place, text, part),
        Expr::Search(text, phrase) => dialect.search(w, text, phrase),
        Expr::Param(..) | Expr::Truth(_) | Expr::Boolean(..) | Expr::CountAll | Expr::One => value(w, expr),
    }
}

fn row_member(w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]) {
    match (columns, tuples) {
        ([], _) | (_, []) => w.syntax("FALSE"),
        ([column], _) => {
            let values: Vec<Value> = tuples.iter().flatten().cloned().collect();
            w.dialect().member(w, false, &Expr::Column(column.clone()), &values, column.scalar);
        }
        _ => w.dialect().row_member(w, columns, tuples),
    }
}

fn chain(w: &mut Writer<'_>, members: &[Expr], connective: &'static str, every: bool) {
    match members {
        // What an empty chain says, should a tree ever hold one.
        [] => w.syntax(if every { "TRUE" } else { "FALSE" }),
        [only] => condition(w, only),
        _ if members.len() > CHAIN_MAX => {
            let (left, right) = members.split_at(members.len() / 2);
            w.syntax("(");
            chain(w, left, connective, every);
            w.syntax(")");
            w.syntax(connective);
            w.syntax("(");
            chain(w, right, connective, every);
            w.syntax(")");
        }
        _ => {
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    w.syntax(connective);
                }
                match member {
                    Expr::And(_) | Expr::Or(_) => enclosed(w, member),
                    _ => condition(w, member),
                }
            }
        }
    }
}

/// Writes `expr` as an operand beside `other`. A parameter takes the column's facets: a single-precision column is
/// compared in single precision, an instant in the column's number of fractional digits.
pub(super) fn operand(w: &mut Writer<'_>, expr: &Expr, other: &Expr) {
    match (expr, other) {
        (
            Expr::Param(param @ Value::Double(_), Scalar::Double),
            Expr::Column(Column { scalar: facets @ Scalar::Single, .. }),
        )
        | (
            Expr::Param(param @ Value::DateTimeOffset(_), _),
            Expr::Column(Column { scalar: facets @ Scalar::DateTimeOffset { .. }, .. }),
        ) => w.value(param.clone(), *facets),
        _ => value(w, expr),
    }
}

/// The type of an expression.
pub(super) fn scalar(expr: &Expr) -> Scalar {
    match expr {
        Expr::Column(column) => column.scalar,
        Expr::Param(_, scalar) => *scalar,
        Expr::CountAll => Scalar::Int64,
        Expr::One => Scalar::Int32,
        _ => Scalar::Boolean,
    }
}

impl Comparison {
    /// The operator between blanks.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => " = ",
            Comparison::NotEqual => " <> ",
            Comparison::Less => " < ",
            Comparison::LessOrEqual => " <= ",
            Comparison::Greater => " > ",
            Comparison::GreaterOrEqual => " >= ",
        }
    }
}
