//! Owns the dialect of PostgreSQL and its relatives.
//!
//! # Decisions
//!
//! - **Equality.** A deterministic collation calls only equal texts equal, so `=` is exact and served by any index. A
//!   column flagged `folding` has a nondeterministic collation or the type `citext`; it gets a second comparison of
//!   `CAST(a AS text)` under `COLLATE "C"`. The cast is for `citext`, whose operators fold under every collation.
//! - **Lists** are one array: `= ANY($1)` has one text for every length and is served by an index. Tuples are parallel
//!   arrays, `IN (SELECT * FROM unnest($1, $2))`: the planner removes doubles and looks every tuple up in the index.
//!   `(a, b) IN (($1, $2), …)` was rejected: it becomes an `OR` whose planning cost grows with its length.
//! - **`LIKE`** with an escaped pattern as the parameter, since an index with `text_pattern_ops` (or the collation "C")
//!   serves a prefix, and a trigram index the rest. It does not exist for nondeterministic collations before version
//!   18, so folding columns are cast as above. A part that is not a parameter cannot be escaped; functions find it.
//! - **A page per group** is `LATERAL` over the wanted groups: each takes its own rows from the index and keeps the
//!   first few, where a window sorts the rows of all groups. Their order is not ours to take for granted, so it is
//!   asked for outside again, where few rows are left.
//! - **A limit is part of the text**, for the planner's sake: for an unknown number of rows it finds no good plan that
//!   it could keep, and plans each time anew. Clients ask for few different ones.
//! - **Null order** is written only where null can occur: it keeps a plain index from serving the sort.
//! - **Statistics** are the counts of written rows, which a session tells after its transaction has ended, and the
//!   number of the table's file, since `TRUNCATE` counts nothing but begins a new one. Both for the table and for all
//!   that hang below it, partitions or heirs, each by itself: in a sum two changes could cancel out.
//! - **U+0000** cannot be in a text of PostgreSQL, and the protocol refuses it. It is the lowest character, so a text
//!   with it lies directly after what stands before it.

mod calculate;
mod casts;
mod functions;

use crate::edm::{Offered, Scalar, Value, Zone};
use crate::sql::ast::{
    Aggregate, Arithmetic, Column, Comparison, Expr, Function, Groups, Order, PerGroup, Place, Select, Window,
    WordIndex, Words,
};
use crate::sql::holds::OneHolds;
use crate::sql::render::{alias, from, order, separated, value, where_all, windowed};
use crate::sql::write::Writer;
use crate::sql::{Held, Param};

use super::{Dialect, Equality, Mark, aggregate, ansi, formed, holds, offered, words};

/// PostgreSQL.
#[derive(Clone, Debug, Default)]
pub struct Postgres {
    /// The zone of local times.
    pub zone: Zone,
}

impl Dialect for Postgres {
    fn mark(&self) -> Mark {
        Mark::Numbered('$')
    }

    fn held(&self, value: &Value) -> Held {
        match value {
            Value::String(text) => match text.split_once('\0') {
                Some((before, _)) => Held::After(Value::String(before.into())),
                None => Held::Yes,
            },
            _ => Held::Yes,
        }
    }

    fn statistics(&self, w: &mut Writer<'_>, table: &crate::sql::ast::Table) {
        // Through the search path of the session, as the table's name in a statement.
        w.syntax("WITH RECURSIVE part(id) AS (SELECT CAST(to_regclass(");
        if let Some(schema) = &table.schema {
            w.syntax("quote_ident(");
            w.value(Value::String(schema.as_ref().into()), Scalar::STRING);
            w.syntax(") || '.' || ");
        }
        w.syntax("quote_ident(");
        w.value(Value::String(table.name.as_ref().into()), Scalar::STRING);
        w.syntax(
            ")) AS oid) UNION SELECT inhrelid FROM pg_inherits JOIN part ON inhparent = part.id) \
             SELECT string_agg(concat_ws(':', oid, relfilenode, pg_stat_get_tuples_inserted(oid), \
             pg_stat_get_tuples_updated(oid), pg_stat_get_tuples_deleted(oid)), ' ' ORDER BY oid) \
             FROM pg_class JOIN part ON oid = part.id WHERE relkind IN ('r', 'p', 'm')",
        );
    }

    fn formed(&self, w: &mut Writer<'_>, column: &Column) {
        formed::postgres(w, column, &self.zone);
    }

    fn offered(&self, w: &mut Writer<'_>, dates: &Column, offered: Offered) {
        offered::postgres(w, dates, offered);
    }

    fn length(&self, w: &mut Writer<'_>, text: &Expr) {
        functions::function(w, Function::Length, std::slice::from_ref(text));
    }

    fn beginning(&self, w: &mut Writer<'_>, text: &Expr, characters: u32, behind: &str) {
        w.syntax("left(");
        functions::plain(w, text);
        w.syntax(", ");
        w.number(characters);
        w.syntax(") || ");
        self.text(w, behind);
    }

    fn compare(&self, w: &mut Writer<'_>, operator: Comparison, left: &Expr, right: &Expr) {
        match (left, right) {
            _ if ansi::by_code_point(left, right) => exact_infix(w, left, operator.symbol(), right),
            (Expr::Column(column), Expr::Param(..)) if column.folding => {
                as_text(w, column);
                w.syntax(operator.symbol());
                value(w, right);
            }
            (Expr::Param(..), Expr::Column(column)) if column.folding => {
                value(w, left);
                w.syntax(operator.symbol());
                as_text(w, column);
            }
            _ => ansi::infix(w, left, operator.symbol(), right),
        }
    }

    fn equal(&self, w: &mut Writer<'_>, equality: Equality, left: &Expr, right: &Expr) {
        let operator = match equality {
            Equality::Same => " = ",
            Equality::Different => " <> ",
            Equality::NullSafeSame => " IS NOT DISTINCT FROM ",
            Equality::NullSafeDifferent => " IS DISTINCT FROM ",
        };
        // Beside a parameter the collation is that of the other side, so there is no conflict.
        let made = ansi::is_made_text(left) || ansi::is_made_text(right);
        let mixed = made || (!ansi::is_param(left) && !ansi::is_param(right));
        let folding = ansi::is_folding(left) || ansi::is_folding(right);
        if !ansi::is_text(left) || !(mixed || folding) {
            ansi::infix(w, left, operator, right);
        } else if equality == Equality::Same && !mixed {
            w.syntax("(");
            ansi::infix(w, left, operator, right);
            w.syntax(" AND ");
            exact_infix(w, left, operator, right);
            w.syntax(")");
        } else {
            exact_infix(w, left, operator, right);
        }
    }

    fn member(&self, w: &mut Writer<'_>, negated: bool, operand: &Expr, values: &[Value], scalar: Scalar) {
        let folding = ansi::is_text(operand) && ansi::is_folding(operand);
        let made = ansi::is_made_text(operand);
        let array = |w: &mut Writer<'_>| {
            w.syntax(if negated { " <> ALL(" } else { " = ANY(" });
            w.parameter(Param::List(values.to_vec(), scalar));
            w.syntax(")");
        };
        if folding && !negated && !made {
            w.syntax("(");
            value(w, operand);
            array(w);
            w.syntax(" AND ");
            exact(w, operand);
            array(w);
            w.syntax(")");
        } else {
            if folding || made {
                exact(w, operand);
            } else {
                value(w, operand);
            }
            array(w);
        }
    }

    fn row_member(&self, w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]) {
        let rows = |w: &mut Writer<'_>, column: fn(&mut Writer<'_>, &Column)| {
            w.syntax("(");
            separated(w, columns, |w, _, it| column(w, it));
            w.syntax(") IN (SELECT * FROM unnest(");
            separated(w, columns, |w, index, it| {
                let values = tuples.iter().filter_map(|tuple| tuple.get(index)).cloned().collect();
                w.parameter(Param::List(values, it.form.of_parameter(it.scalar)));
            });
            w.syntax("))");
        };
        if columns.iter().any(|column| column.folding) {
            w.syntax("(");
            rows(w, plain_column);
            w.syntax(" AND ");
            rows(w, exact_column);
            w.syntax(")");
        } else {
            rows(w, plain_column);
        }
    }

    fn matches(&self, w: &mut Writer<'_>, place: Place, text: &Expr, part: &Expr) {
        if let Expr::Param(part, scalar) = part {
            if ansi::is_folding(text) || ansi::is_made_text(text) {
                exact(w, text);
            } else {
                value(w, text);
            }
            w.syntax(" LIKE ");
            w.value(ansi::pattern_of(place, part, '\\'), *scalar);
            return;
        }
        let call = |w: &mut Writer<'_>, open: &'static str, between: &'static str, close: &'static str| {
            w.syntax(open);
            exact(w, text);
            w.syntax(between);
            exact(w, part);
            w.syntax(close);
        };
        match place {
            Place::Anywhere => call(w, "strpos(", ", ", ") > 0"),
            Place::Start => call(w, "left(", ", char_length(", ")) = "),
            Place::End => call(w, "right(", ", char_length(", ")) = "),
        }
        if place != Place::Anywhere {
            exact(w, part);
        }
    }

    fn one_holds(&self, w: &mut Writer<'_>, holds: &OneHolds) {
        holds::postgres(w, holds);
    }

    fn search(&self, w: &mut Writer<'_>, text: &Expr, phrase: &str) {
        match text {
            // The database's own collation is deterministic, so ILIKE takes it, and it knows letter case.
            Expr::Column(column) if column.folding => {
                w.syntax("CAST(");
                w.column(column);
                w.syntax(" AS text) COLLATE \"default\"");
            }
            // A column collated "C" knows letter case of ASCII only. Where the default is the column's own collation, a
            // trigram index serves as before.
            _ => {
                value(w, text);
                w.syntax(" COLLATE \"default\"");
            }
        }
        w.syntax(" ILIKE ");
        w.value(ansi::pattern(Place::Anywhere, phrase, '\\'), Scalar::STRING);
    }

    fn json(&self, w: &mut Writer<'_>, column: &Column) {
        w.syntax("to_json(");
        w.column(column);
        w.syntax(")");
    }

    fn items(&self, w: &mut Writer<'_>, of: &Expr, is_array: bool) {
        if is_array {
            return ansi::around(w, "(SELECT v, i FROM unnest(", of, ") WITH ORDINALITY AS items(v, i))");
        }
        w.syntax("(SELECT v COLLATE \"C\" AS v, i FROM json_array_elements_text(CASE WHEN CAST(");
        ansi::again(w, of, value);
        w.syntax(" AS text) ~ '^\\s*\\[' THEN CAST(");
        ansi::again(w, of, value);
        w.syntax(" AS json) END) WITH ORDINALITY AS items(v, i))");
    }

    fn listed(&self, w: &mut Writer<'_>, operand: &Expr, order: &[Order]) {
        ansi::listed(w, ["string_agg(CAST(", " AS text), ','", ")"], operand, order);
    }

    fn words(&self, w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
        words::postgres(w, index, words);
    }

    fn link(&self, w: &mut Writer<'_>, left: &Column, right: &Column) {
        let folds = left.folding || right.folding;
        let write = if folds { exact_column } else { plain_column };
        write(w, left);
        w.syntax(" = ");
        write(w, right);
    }

    fn function(&self, w: &mut Writer<'_>, function: Function, arguments: &[Expr], _: Scalar) {
        functions::function(w, function, arguments);
    }

    fn arithmetic(&self, w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar) {
        calculate::arithmetic(w, operator, left, right, scalar);
    }

    fn negate(&self, w: &mut Writer<'_>, operand: &Expr, _: Scalar) {
        calculate::negate(w, operand);
    }

    fn cast(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        casts::cast(w, operand, scalar);
    }

    fn typed(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        casts::typed(w, operand, scalar);
    }

    fn order(&self, w: &mut Writer<'_>, order: &Order) {
        if ansi::is_text(&order.expr) && !ansi::is_column(&order.expr) {
            exact(w, &order.expr);
            w.syntax(if order.descending { " DESC" } else { "" });
        } else if let Expr::Column(column) = &order.expr
            && column.folding
        {
            as_text(w, column);
            w.syntax(if order.descending { " DESC" } else { "" });
        } else {
            ansi::order(w, order);
        }
        if order.nullable {
            w.syntax(if order.descending { " NULLS LAST" } else { " NULLS FIRST" });
        }
    }

    fn text(&self, w: &mut Writer<'_>, text: &str) {
        // What a backslash means without the `E`, a setting of the server decides.
        if text.contains('\\') {
            w.syntax("E");
            ansi::text(w, &text.replace('\\', "\\\\"));
        } else {
            ansi::text(w, text);
        }
    }

    fn group_key(&self, w: &mut Writer<'_>, column: &Column) {
        exact_column(w, column);
    }

    fn grouped(&self, w: &mut Writer<'_>, column: &Column) {
        aggregate::representative(w, column, column.folding);
    }

    fn aggregate(
        &self,
        w: &mut Writer<'_>,
        function: Aggregate,
        operand: &Expr,
        scalar: Scalar,
        window: Option<&Window>,
    ) {
        aggregate::postgres(w, function, operand, scalar, window);
    }

    fn null(&self, w: &mut Writer<'_>, scalar: Scalar) {
        w.syntax("CAST(NULL AS ");
        w.syntax(aggregate::postgres_type(scalar));
        w.syntax(")");
    }

    fn page_per_group(&self, w: &mut Writer<'_>, select: &Select, page: &PerGroup, groups: &Groups) {
        let is_held = groups.of.iter().flatten().all(|value| self.held(value) == Held::Yes);
        if ansi::one_by_one(groups) && is_held && !select.order.is_empty() {
            lateral(w, select, page, groups);
        } else {
            windowed(w, select, page, Some(groups));
        }
    }

    fn limit(&self, w: &mut Writer<'_>, limit: Option<u64>, offset: u64) {
        if let Some(limit) = limit {
            w.syntax(" LIMIT ");
            w.number(i64::try_from(limit).unwrap_or(i64::MAX));
        }
        ansi::limit(w, None, offset, "");
    }
}

/// The names of the lateral form are qualified, so a column called like one of them is no obstacle; a table would be.
fn lateral(w: &mut Writer<'_>, select: &Select, page: &PerGroup, groups: &Groups) {
    let is_taken = select.from.table().is_some_and(|table| *table.name == *"parent");
    let parent = if is_taken { "parents" } else { "parent" };
    w.syntax("SELECT ");
    separated(w, &select.columns, |w, index, _| alias(w, "page.c", index));
    w.syntax(" FROM unnest(");
    for (index, (column, values)) in groups.by.iter().zip(&groups.of).enumerate() {
        w.syntax(if index > 0 { ", " } else { "" });
        w.parameter(Param::List(values.clone(), column.form.of_parameter(column.scalar)));
    }
    w.syntax(") AS ");
    w.syntax(parent);
    w.syntax(" (");
    separated(w, &groups.by, |w, index, _| alias(w, "k", index));
    w.syntax(") CROSS JOIN LATERAL (SELECT ");
    for (index, output) in select.columns.iter().enumerate() {
        value(w, &output.expr);
        w.syntax(" AS ");
        alias(w, "c", index);
        w.syntax(", ");
    }
    separated(w, &select.order, |w, index, item| {
        // What sorts by code point inside is to do so outside.
        let write = if ansi::is_made_text(&item.expr) { exact } else { value };
        write(w, &item.expr);
        w.syntax(" AS ");
        alias(w, "s", index);
    });
    from(w, select);
    let mut lead = " WHERE ";
    for (index, column) in groups.by.iter().enumerate() {
        w.syntax(std::mem::replace(&mut lead, " AND "));
        w.column(column);
        w.syntax(" = ");
        w.syntax(parent);
        alias(w, ".k", index);
    }
    where_all(w, lead, &select.filter.iter().collect::<Vec<_>>());
    order(w, " ORDER BY ", &select.order);
    w.dialect().limit(w, page.top, page.skip);
    w.name_tables(false);
    w.syntax(") AS page ORDER BY ");
    separated(w, &groups.by, |w, index, column| {
        w.syntax(parent);
        alias(w, ".k", index);
        if matches!(column.scalar, Scalar::String { .. }) {
            w.syntax(" COLLATE \"C\"");
        }
    });
    for (index, item) in select.order.iter().enumerate() {
        let (scalar, folding) = (item.expr.scalar(), ansi::is_folding(&item.expr));
        let column = Column::made(0, format!("s{index}"), scalar, folding);
        w.syntax(", ");
        w.dialect().order(w, &Order { expr: Expr::Column(column), ..item.clone() });
    }
}

fn exact_infix(w: &mut Writer<'_>, left: &Expr, operator: &'static str, right: &Expr) {
    exact(w, left);
    w.syntax(operator);
    exact(w, right);
}

/// A text that compares byte by byte.
pub(super) fn exact(w: &mut Writer<'_>, text: &Expr) {
    match text {
        Expr::Column(column) if column.folding => exact_column(w, column),
        _ => {
            let folds = ansi::is_folding(text);
            w.syntax(if folds { "CAST(" } else { "" });
            value(w, text);
            w.syntax(if folds { " AS text) COLLATE \"C\"" } else { " COLLATE \"C\"" });
        }
    }
}

/// In the order of texts. To a text this cast is nothing and an index serves as before. `citext` has an order of its
/// own, but beside a parameter, which is a text, it is compared as one; pages would lose rows.
fn as_text(w: &mut Writer<'_>, column: &Column) {
    w.syntax("CAST(");
    w.column(column);
    w.syntax(" AS text)");
}

fn plain_column(w: &mut Writer<'_>, column: &Column) {
    w.column(column);
}

fn exact_column(w: &mut Writer<'_>, column: &Column) {
    if column.folding {
        w.syntax("CAST(");
        w.column(column);
        w.syntax(" AS text) COLLATE \"C\"");
    } else {
        w.column(column);
    }
}
