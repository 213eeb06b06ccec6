//! Owns [`render`]: tree → statement. It walks the tree, places parentheses and decides between the two positions of an
//! expression, value and condition; every spelling that databases disagree on is the dialect's.
//!
//! # Decisions
//!
//! - **Two positions.** A boolean is a condition in `WHERE` and a value elsewhere. PostgreSQL has one type for both;
//!   the others hold 0 and 1, and find an index only for `flag = 1`. So a boolean column is written by
//!   [`super::dialect::Dialect::condition`] where a condition stands, and plainly where a value stands.
//! - **Long chains are balanced.** SQLite refuses expressions deeper than 1,000 levels, and `a OR b OR c …` is as deep
//!   as it is long. More than 64 members are written as halves in parentheses, on every database, so that shapes stay
//!   equal and there is one code path. (Raising SQLite's limit was rejected: its parser and planner recurse.)
//! - **A page per parent** is `ROW_NUMBER()` in a derived table, which all four databases have, unless a dialect knows
//!   better ([`Dialect::page_per_group`]). Without `skip` and `top` there is no page, only the sort.

use crate::edm::{Scalar, Value};

use super::ast::{Column, Comparison, Expr, From, Groups, Order, PerGroup, Select, Table};
use super::dialect::formed::parameter_type;
use super::dialect::{Dialect, Equality};
use super::write::Writer;
use super::{RenderError, Statement, offered, rewrite};

/// Members of an `AND` or `OR` chain that are written flat.
pub(super) const CHAIN_MAX: usize = 64;

/// Writes the statement of `select` for the database that `dialect` speaks to.
pub fn render(select: &Select, dialect: &dyn Dialect) -> Result<Statement, RenderError> {
    render_groups(select, None, dialect)
}

/// The same for a part of the rows. Groups come in any order, so that each dialect may take them as it costs least.
pub fn render_groups(
    select: &Select,
    groups: Option<&Groups>,
    dialect: &dyn Dialect,
) -> Result<Statement, RenderError> {
    let by_date = groups.and_then(offered::groups);
    let groups = by_date.as_ref().or(groups);
    let mut w = Writer::new(dialect, select.columns.len());
    w.name_tables(select.named);
    match (&select.per_group, groups) {
        (Some(page), Some(groups)) if page.is_limited() => dialect.page_per_group(&mut w, select, page, groups),
        (Some(page), None) if page.is_limited() => windowed(&mut w, select, page, None),
        _ => plain(&mut w, select, groups),
    }
    dialect.limit(&mut w, select.limit, select.offset);
    w.finish(select.columns.iter().map(|output| output.scalar).collect())
}

impl PerGroup {
    fn is_limited(&self) -> bool {
        self.skip > 0 || self.top.is_some()
    }
}

fn plain(w: &mut Writer<'_>, select: &Select, groups: Option<&Groups>) {
    w.syntax("SELECT ");
    separated(w, &select.columns, |w, _, output| value(w, &output.expr));
    source(w, select, groups);
    group_by(w, select);
    let mut lead = " ORDER BY ";
    for column in select.per_group.iter().flat_map(|page| &page.by) {
        w.syntax(std::mem::replace(&mut lead, ", "));
        group_key(w, column);
    }
    order(w, lead, &select.order);
}

fn group_by(w: &mut Writer<'_>, select: &Select) {
    if !select.group.is_empty() {
        w.syntax(" GROUP BY ");
        separated(w, &select.group, |w, _, column| group_key(w, column));
    }
}

/// Writes a column by which rows are grouped.
fn group_key(w: &mut Writer<'_>, column: &Column) {
    let by_date = offered::dates(column).map(|(dates, _)| dates);
    w.dialect().group_key(w, by_date.as_ref().unwrap_or(column));
}

/// Writes a page of each group with one look at all rows of all groups, which needs no index.
pub(super) fn windowed(w: &mut Writer<'_>, select: &Select, group: &PerGroup, groups: Option<&Groups>) {
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
        group_key(w, column);
        w.syntax(" AS ");
        alias(w, "g", index);
        w.syntax(", ");
    }
    w.syntax("ROW_NUMBER() OVER (");
    if !group.by.is_empty() {
        w.syntax("PARTITION BY ");
        separated(w, &group.by, |w, _, column| group_key(w, column));
    }
    order(w, if group.by.is_empty() { "ORDER BY " } else { " ORDER BY " }, &select.order);
    w.syntax(") AS rn");
    source(w, select, groups);
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

/// The tables and the conditions.
fn source(w: &mut Writer<'_>, select: &Select, groups: Option<&Groups>) {
    let of = groups.map(Groups::condition);
    from(w, select);
    let conditions: Vec<&Expr> = of.iter().chain(&select.filter).collect();
    where_all(w, " WHERE ", &conditions);
}

impl Groups {
    /// Whether a row belongs to one of the groups.
    pub fn condition(&self) -> Expr {
        match (self.by.as_slice(), self.of.as_slice()) {
            ([column], [values]) => Expr::In(Box::new(Expr::Column(column.clone())), values.clone(), column.scalar),
            (columns, lists) => {
                let groups = lists.first().map_or(0, Vec::len);
                let tuple = |group: usize| lists.iter().filter_map(|list| list.get(group).cloned()).collect();
                Expr::RowIn(columns.to_vec(), (0..groups).map(tuple).collect())
            }
        }
    }
}

/// ` FROM table` and what is joined to it.
pub(super) fn from(w: &mut Writer<'_>, select: &Select) {
    w.syntax(" FROM ");
    match &select.from {
        From::Table(it) => table(w, it),
        From::Rows(rows) => {
            w.syntax("(");
            named_rows(w, rows);
            w.syntax(")");
        }
        From::All(parts) => {
            w.syntax("(");
            for (index, part) in parts.iter().enumerate() {
                w.syntax(if index > 0 { " UNION ALL " } else { "" });
                named_rows(w, part);
            }
            w.syntax(")");
        }
        From::Items(of, is_array) => w.dialect().items(w, of, *is_array),
    }
    // Every database but few wants a name for the rows of a query.
    if select.named || select.from.table().is_some_and(|table| table.query.is_some()) {
        w.syntax(" AS ");
        w.table_name(select.alias);
    }
    for join in &select.joins {
        w.syntax(if join.outer { " LEFT JOIN " } else { " JOIN " });
        table(w, &join.table);
        w.syntax(" AS ");
        w.table_name(join.alias);
        w.syntax(" ON ");
        condition(w, &join.on);
    }
}

/// A select whose columns are named, for another that reads its rows.
fn named_rows(w: &mut Writer<'_>, select: &Select) {
    if let Some(page) = select.per_group.as_ref().filter(|page| page.is_limited()) {
        windowed(w, select, page, None);
        return;
    }
    w.syntax("SELECT ");
    separated(w, &select.columns, |w, index, output| {
        value(w, &output.expr);
        w.syntax(" AS ");
        alias(w, "c", index);
    });
    source(w, select, None);
    group_by(w, select);
    order(w, " ORDER BY ", &select.order);
    w.dialect().limit(w, select.limit, select.offset);
}

/// A select inside another, in parentheses.
fn nested(w: &mut Writer<'_>, select: &Select, limit: Option<u64>) {
    let outside = w.name_tables(true);
    w.syntax("(");
    plain(w, select, None);
    w.dialect().limit(w, limit, select.offset);
    w.syntax(")");
    w.name_tables(outside);
}

/// A select inside another, where the parentheses are there already. Its rows are a set, without an order.
pub(super) fn select_inside(w: &mut Writer<'_>, select: &Select) {
    let outside = w.name_tables(select.named);
    plain(w, select, None);
    w.name_tables(outside);
}

pub(super) fn table(w: &mut Writer<'_>, table: &Table) {
    if let Some(query) = &table.query {
        w.syntax("(");
        w.declared(query);
        return w.syntax(")");
    }
    if let Some(schema) = &table.schema {
        w.identifier(schema);
        w.syntax(".");
    }
    w.identifier(&table.name);
}

/// The conditions with `AND` between them, after `lead`; a chain of `AND` among them is taken apart.
pub(super) fn where_all(w: &mut Writer<'_>, mut lead: &'static str, conditions: &[&Expr]) {
    let is_start = lead == " WHERE ";
    for outer in conditions {
        let members = match outer {
            Expr::And(members) if members.len() <= CHAIN_MAX => members.as_slice(),
            _ => std::slice::from_ref(*outer),
        };
        for member in members {
            w.syntax(std::mem::replace(&mut lead, " AND "));
            match member {
                Expr::And(_) | Expr::Or(_) if !is_start || conditions.len() + members.len() > 2 => enclosed(w, member),
                _ => condition(w, member),
            }
        }
    }
}

/// The items of `ORDER BY` after `lead`.
pub(super) fn order(w: &mut Writer<'_>, mut lead: &'static str, items: &[Order]) {
    for item in items {
        w.syntax(std::mem::replace(&mut lead, ", "));
        let by_date = offered::sorted(item);
        w.dialect().order(w, by_date.as_ref().unwrap_or(item));
    }
}

/// A name of ours: a letter and a number.
pub(super) fn alias(w: &mut Writer<'_>, letter: &'static str, index: usize) {
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
        Expr::Column(column) => w.column(column),
        Expr::Param(value, scalar) => w.value(value.clone(), *scalar),
        Expr::Constant(value, _) => w.constant(value),
        Expr::Truth(true) => w.syntax("TRUE"),
        Expr::Truth(false) => w.syntax("FALSE"),
        Expr::Boolean(yes, no) => {
            w.syntax("CASE WHEN ");
            condition(w, yes);
            w.syntax(" THEN TRUE WHEN ");
            condition(w, no);
            w.syntax(" THEN FALSE END");
        }
        Expr::Json(column) => w.dialect().json(w, column),
        Expr::CountAll => w.syntax("COUNT(*)"),
        Expr::Aggregate(function, operand, scalar) => w.dialect().aggregate(w, *function, operand, *scalar, None),
        Expr::Over(function, operand, window, scalar) => {
            w.dialect().aggregate(w, *function, operand, *scalar, Some(window));
        }
        Expr::Listed(operand, order) => w.dialect().listed(w, operand, order),
        Expr::Grouped(column) => w.dialect().grouped(w, column),
        Expr::Null(scalar) => w.dialect().null(w, *scalar),
        Expr::Number(number) => w.number(*number),
        Expr::One => w.syntax("1"),
        Expr::Single(select) => nested(w, select, select.limit),
        Expr::Call(function, arguments, scalar) if *scalar != Scalar::Boolean => {
            w.dialect().function(w, *function, arguments, *scalar);
        }
        Expr::Arithmetic(operator, left, right, scalar) => w.dialect().arithmetic(w, *operator, left, right, *scalar),
        Expr::Negate(operand, scalar) => w.dialect().negate(w, operand, *scalar),
        Expr::Cast(operand, scalar) => w.dialect().cast(w, operand, *scalar),
        Expr::Case(cases, scalar) => {
            w.syntax("CASE");
            for (when, then) in cases {
                w.syntax(" WHEN ");
                condition(w, when);
                w.syntax(" THEN ");
                w.dialect().typed(w, then, *scalar);
            }
            w.syntax(" END");
        }
        Expr::Routine(call) => w.dialect().routine(w, call),
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
    if let Some(held) = offered::by_date(expr).or_else(|| rewrite::held_only(expr, dialect)) {
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
        Expr::In(operand, values, scalar) => {
            dialect.member(w, false, operand, values, parameter_type(operand, *scalar));
        }
        Expr::NotIn(operand, values, scalar) => {
            dialect.member(w, true, operand, values, parameter_type(operand, *scalar));
        }
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
        Expr::OneHolds(holds) => dialect.one_holds(w, holds),
        Expr::Search(text, phrase) => dialect.search(w, text, phrase),
        Expr::Words(index, words) => dialect.words(w, index, words),
        Expr::Linked(left, right) => dialect.link(w, left, right),
        Expr::Exists(select) => {
            w.syntax("EXISTS ");
            let limit = select.limit.or(w.dialect().limit_of_exists());
            nested(w, select, limit);
        }
        // A boolean function is a condition; what is none has been written by `value`.
        Expr::Call(function, arguments, scalar) => dialect.function(w, *function, arguments, *scalar),
        Expr::Single(_)
        | Expr::Json(_)
        | Expr::Arithmetic(..)
        | Expr::Negate(..)
        | Expr::Cast(..)
        | Expr::Routine(_)
        | Expr::Case(..)
        | Expr::Param(..)
        | Expr::Constant(..)
        | Expr::Truth(_)
        | Expr::Boolean(..)
        | Expr::CountAll
        | Expr::Aggregate(..)
        | Expr::Over(..)
        | Expr::Listed(..)
        | Expr::Grouped(_)
        | Expr::Null(_)
        | Expr::Number(_)
        | Expr::One => value(w, expr),
    }
}

fn row_member(w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]) {
    match (columns, tuples) {
        ([], _) | (_, []) => w.syntax("FALSE"),
        ([column], _) => {
            let values: Vec<Value> = tuples.iter().flatten().cloned().collect();
            let scalar = column.form.of_parameter(column.scalar);
            w.dialect().member(w, false, &Expr::Column(column.clone()), &values, scalar);
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
        )
        | (
            Expr::Param(param @ Value::TimeOfDay(_), _),
            Expr::Column(Column { scalar: facets @ Scalar::TimeOfDay { .. }, .. }),
        ) => w.value(param.clone(), *facets),
        (Expr::Param(param @ Value::Guid(_), scalar), beside) => {
            w.value(param.clone(), parameter_type(beside, *scalar));
        }
        _ => value(w, expr),
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
