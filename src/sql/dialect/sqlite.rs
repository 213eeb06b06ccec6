//! Owns the dialect of SQLite, and the meaning of its storage forms in comparisons.
//!
//! # Decisions
//!
//! - **Equality** is `a = ? COLLATE BINARY`, exact whatever the column was declared with. A column flagged `folding`
//!   also gets `a = ?`, which its own index (`NOCASE`) serves.
//! - **Decimals as text** compare with the collation `penstock_decimal`, which the connection must have. It is named on
//!   the left side, where SQLite looks first, so an index that was declared with it serves. Integer columns beside such
//!   a decimal are cast to text, which keeps every digit; floating-point columns compare as numbers. Decimals as
//!   numbers need nothing: the column's affinity turns the text of the parameter into a number.
//! - **Statistics** are the version of the whole file. It can be compared only with what the same connection said
//!   before.
//! - **Instants** are texts with as many fraction digits as the property has, and times of day, too; what is calculated
//!   has six. Two of different precision would not compare as texts, so zeros are appended to the shorter one; that
//!   loses its index, which two columns do not use.
//! - **A prefix** is a range, `a >= ? AND a < ?` up to the next text after all that start so: an index serves it and
//!   no wildcard exists. SQLite's own rewriting of `GLOB` was rejected: with a parameter it prepares the statement
//!   again for every new value. An empty prefix has no such range and is compared by `substr`.
//! - **Tuples** are `(a, b) IN (SELECT * FROM (VALUES (?, ?), …))`, for which an index on the leading columns is
//!   searched. SQLite has no list of row values, and scans the table for `IN (VALUES …)`, which it sees as a compound
//!   select.
//! - **Long lists** are one parameter, a JSON array that `json_each` takes apart: a statement has 32,766 parameters at
//!   most, and one that lists some thousand of them is slow to prepare. The column's index serves as for a list.
//! - **A page per group** is one short statement that runs once for each: there is no way to the server that could be
//!   saved, and each run reads the index no further than its page.
//! - **A limit is part of the text**: the planner counts with it, but would prepare the statement again to look at a
//!   parameter.
//! - **`EXISTS`** asks for one row at most, which keeps SQLite from making it a join: that join counts a row once for
//!   each match where `OFFSET` skips rows (seen with 3.51.3).
//! - **Search** needs a function that knows letter case beyond ASCII; the connection must have
//!   `penstock_contains_folded(text, phrase)`.

mod functions;

use crate::edm::{Offered, Scalar, Template, Value, Zone};
use crate::sql::ast::{
    Aggregate, Arithmetic, Column, Comparison, Expr, Function, Groups, Order, PerGroup, Place, Select, Window,
    WordIndex, Words,
};
use crate::sql::call::{Routine, inside};
use crate::sql::holds::OneHolds;
use crate::sql::made::calculated;
use crate::sql::render::{from, operand, order, separated, value, where_all, windowed};
use crate::sql::write::Writer;
use crate::sql::{Held, Param};

use super::{Dialect, Equality, aggregate, ansi, formed, holds, offered, words};

/// SQLite.
#[derive(Clone, Debug, Default)]
pub struct Sqlite {
    /// Decimals are stored as exact texts, not as numbers.
    pub decimals_as_text: bool,
    /// The zone of local times.
    pub zone: Zone,
}

impl Dialect for Sqlite {
    fn parameters_max(&self) -> usize {
        32_766
    }

    /// Years of five digits would be texts before those of four.
    fn held(&self, value: &Value) -> Held {
        ansi::in_four_digits(value)
    }

    fn statistics(&self, w: &mut Writer<'_>, _: &crate::sql::ast::Table) {
        w.syntax("SELECT CAST(data_version AS TEXT) FROM pragma_data_version");
    }

    fn limit_of_exists(&self) -> Option<u64> {
        Some(1)
    }

    fn formed(&self, w: &mut Writer<'_>, column: &Column) {
        formed::sqlite(w, column, &self.zone);
    }

    fn offered(&self, w: &mut Writer<'_>, dates: &Column, offered: Offered) {
        offered::sqlite(w, dates, offered);
    }

    fn length(&self, w: &mut Writer<'_>, text: &Expr) {
        ansi::around(w, "penstock_length(", text, ")");
    }

    fn beginning(&self, w: &mut Writer<'_>, text: &Expr, characters: u32, behind: &str) {
        ansi::around(w, "penstock_substring(", text, ", 0, ");
        w.number(characters);
        w.syntax(") || ");
        self.text(w, behind);
    }

    fn condition(&self, w: &mut Writer<'_>, column: &Column) {
        w.column(column);
        w.syntax(" = 1");
    }

    fn compare(&self, w: &mut Writer<'_>, operator: Comparison, left: &Expr, right: &Expr) {
        self.infix(w, left, operator.symbol(), right);
        if ansi::by_code_point(left, right) {
            w.syntax(" COLLATE BINARY");
        }
    }

    fn equal(&self, w: &mut Writer<'_>, equality: Equality, left: &Expr, right: &Expr) {
        let operator = match equality {
            Equality::Same => " = ",
            Equality::Different => " <> ",
            Equality::NullSafeSame => " IS ",
            Equality::NullSafeDifferent => " IS NOT ",
        };
        if !ansi::is_text(left) {
            self.infix(w, left, operator, right);
            return;
        }
        let narrowed = equality == Equality::Same && ansi::is_folding(left) != ansi::is_folding(right);
        if narrowed {
            w.syntax("(");
            ansi::infix(w, left, operator, right);
            w.syntax(" AND ");
        }
        ansi::infix(w, left, operator, right);
        w.syntax(" COLLATE BINARY");
        if narrowed {
            w.syntax(")");
        }
    }

    fn member(&self, w: &mut Writer<'_>, negated: bool, operand: &Expr, values: &[Value], of: Scalar) {
        let narrowed = !negated && ansi::is_folding(operand);
        // Bytes have no place in an array.
        let is_bytes = matches!(of, Scalar::Binary { .. });
        let long = !is_bytes && ansi::is_long(w, values, 1 + usize::from(narrowed));
        let list = |w: &mut Writer<'_>| {
            if long {
                w.syntax(if negated {
                    " NOT IN (SELECT value FROM json_each("
                } else {
                    " IN (SELECT value FROM json_each("
                });
                w.parameter(Param::List(values.to_vec(), of));
                w.syntax("))");
            } else {
                ansi::list(w, negated, values, of, ("", ""));
            }
        };
        if narrowed {
            w.syntax("(");
            value(w, operand);
            list(w);
            w.syntax(" AND ");
        }
        value(w, operand);
        self.exact_collation(w, operand.scalar());
        list(w);
        if narrowed {
            w.syntax(")");
        }
    }

    fn row_member(&self, w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]) {
        let mark = |w: &mut Writer<'_>, column: &Column, value: &Value| {
            w.value(value.clone(), column.form.of_parameter(column.scalar));
        };
        ansi::row_list(
            w,
            columns,
            tuples,
            ("SELECT * FROM (VALUES ", ")"),
            |w, column| self.group_key(w, column),
            mark,
        );
    }

    fn matches(&self, w: &mut Writer<'_>, place: Place, text: &Expr, part: &Expr) {
        match (place, part) {
            (Place::Anywhere, _) => {
                w.syntax("instr(");
                value(w, text);
                w.syntax(", ");
                value(w, part);
                w.syntax(") > 0");
            }
            (Place::Start, Expr::Param(Value::String(prefix), scalar)) if ansi::is_column(text) => {
                match after_prefix(prefix) {
                    Some(end) => {
                        w.syntax("(");
                        value(w, text);
                        w.syntax(" >= ");
                        value(w, part);
                        w.syntax(" COLLATE BINARY AND ");
                        value(w, text);
                        w.syntax(" < ");
                        w.value(end, *scalar);
                        w.syntax(" COLLATE BINARY)");
                    }
                    None => starts(w, text, part),
                }
            }
            (Place::Start, _) => starts(w, text, part),
            (Place::End, Expr::Param(Value::String(end), _)) => {
                // From the end by the number of characters; past every text for none, since -0 is the beginning.
                let characters = i64::try_from(end.chars().count()).unwrap_or(i64::MAX);
                let from = if characters == 0 { i64::from(i32::MAX) } else { -characters };
                w.syntax("substr(");
                value(w, text);
                w.syntax(", ");
                w.value(Value::Int(from), Scalar::Int64);
                w.syntax(") = ");
                value(w, part);
                w.syntax(" COLLATE BINARY");
            }
            (Place::End, _) => {
                w.syntax("substr(");
                value(w, text);
                w.syntax(", length(");
                value(w, text);
                w.syntax(") - length(");
                value(w, part);
                w.syntax(") + 1) = ");
                value(w, part);
                w.syntax(" COLLATE BINARY");
            }
        }
    }

    fn one_holds(&self, w: &mut Writer<'_>, holds: &OneHolds) {
        holds::sqlite(w, holds);
    }

    fn search(&self, w: &mut Writer<'_>, text: &Expr, phrase: &str) {
        w.syntax("penstock_contains_folded(");
        value(w, text);
        w.syntax(", ");
        w.value(Value::String(phrase.into()), Scalar::STRING);
        w.syntax(")");
    }

    fn items(&self, w: &mut Writer<'_>, of: &Expr, is_array: bool) {
        if is_array {
            return ansi::refuse(w, &format_args!("an array column"));
        }
        // Numbers as they are written, to the last digit.
        w.syntax(
            "(SELECT CASE type WHEN 'real' THEN json -> fullkey WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ",
        );
        w.syntax("ELSE CAST(value AS TEXT) END AS v, key + 1 AS i FROM json_each(CASE WHEN json_valid(");
        ansi::again(w, of, value);
        w.syntax(") THEN CASE json_type(");
        ansi::again(w, of, value);
        w.syntax(") WHEN 'array' THEN ");
        ansi::again(w, of, value);
        w.syntax(" END END))");
    }

    fn listed(&self, w: &mut Writer<'_>, operand: &Expr, order: &[Order]) {
        ansi::listed(w, ["group_concat(", ", ','", ")"], operand, order);
    }

    fn words(&self, w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
        words::sqlite(w, index, words);
    }

    fn link(&self, w: &mut Writer<'_>, left: &Column, right: &Column) {
        let (left, right) = (Expr::Column(left.clone()), Expr::Column(right.clone()));
        self.infix(w, &left, " = ", &right);
        if ansi::is_text(&left) && (ansi::is_folding(&left) || ansi::is_folding(&right)) {
            w.syntax(" COLLATE BINARY");
        }
    }

    fn function(&self, w: &mut Writer<'_>, function: Function, arguments: &[Expr], _: Scalar) {
        functions::function(w, function, arguments);
    }

    fn arithmetic(&self, w: &mut Writer<'_>, operator: Arithmetic, left: &Expr, right: &Expr, scalar: Scalar) {
        functions::arithmetic(w, operator, left, right, scalar);
    }

    fn negate(&self, w: &mut Writer<'_>, operand: &Expr, _: Scalar) {
        functions::negate(w, operand);
    }

    fn cast(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        functions::cast(w, operand, scalar);
    }

    /// What comes out of a statement has no affinity: a decimal is brought into the form in which it is stored.
    fn routine(&self, w: &mut Writer<'_>, call: &Routine) {
        let form = match call.scalar {
            Scalar::Decimal { .. } if self.decimals_as_text => " AS TEXT)",
            Scalar::Decimal { .. } => " AS NUMERIC)",
            _ => return inside(w, call),
        };
        w.syntax("CAST(");
        inside(w, call);
        w.syntax(form);
    }

    /// What is calculated has no affinity either, and a text may come out as a number.
    fn calculated(&self, w: &mut Writer<'_>, column: &Column, template: &Template) {
        let form = match column.scalar {
            Scalar::Decimal { .. } if self.decimals_as_text => " AS TEXT)",
            Scalar::Decimal { .. } => " AS NUMERIC)",
            Scalar::String { .. } => " AS TEXT)",
            Scalar::Single | Scalar::Double => " AS REAL)",
            _ => return calculated(w, column, template),
        };
        w.syntax("CAST(");
        calculated(w, column, template);
        w.syntax(form);
    }

    fn typed(&self, w: &mut Writer<'_>, operand: &Expr, scalar: Scalar) {
        match (operand, scalar) {
            (Expr::Param(value, _), scalar) => w.value(value.clone(), scalar),
            (operand, Scalar::Decimal { .. }) if self.decimals_as_text && operand.scalar().is_integer() => {
                ansi::around(w, "CAST(", operand, " AS TEXT)");
            }
            (operand, Scalar::Single | Scalar::Double)
                if !matches!(operand.scalar(), Scalar::Single | Scalar::Double) =>
            {
                ansi::around(w, "CAST(", operand, " AS REAL)");
            }
            (operand, scalar) => padded(w, operand, scalar),
        }
    }

    fn order(&self, w: &mut Writer<'_>, order: &Order) {
        value(w, &order.expr);
        if self.is_decimal_text(order.expr.scalar()) {
            w.syntax(" COLLATE penstock_decimal");
        } else if ansi::is_text(&order.expr) && !ansi::is_column(&order.expr) {
            w.syntax(" COLLATE BINARY");
        }
        if order.descending {
            w.syntax(" DESC");
        }
    }

    fn group_key(&self, w: &mut Writer<'_>, column: &Column) {
        w.column(column);
        self.exact_collation(w, column.scalar);
    }

    fn aggregate(
        &self,
        w: &mut Writer<'_>,
        function: Aggregate,
        operand: &Expr,
        scalar: Scalar,
        window: Option<&Window>,
    ) {
        aggregate::sqlite(self.decimals_as_text, w, function, operand, scalar, window);
    }

    fn page_per_group(&self, w: &mut Writer<'_>, select: &Select, page: &PerGroup, groups: &Groups) {
        if !ansi::one_by_one(groups) {
            windowed(w, select, page, Some(groups));
            return;
        }
        w.syntax("SELECT ");
        separated(w, &select.columns, |w, _, output| value(w, &output.expr));
        from(w, select);
        let mut lead = " WHERE ";
        for (column, values) in groups.by.iter().zip(&groups.of) {
            w.syntax(std::mem::replace(&mut lead, " AND "));
            self.group_key(w, column);
            w.syntax(" = ");
            w.parameter(Param::Each(values.clone(), column.form.of_parameter(column.scalar)));
        }
        where_all(w, lead, &select.filter.iter().collect::<Vec<_>>());
        order(w, " ORDER BY ", &select.order);
        self.limit(w, page.top, page.skip);
    }

    fn limit(&self, w: &mut Writer<'_>, limit: Option<u64>, offset: u64) {
        match limit {
            Some(limit) => {
                w.syntax(" LIMIT ");
                w.number(i64::try_from(limit).unwrap_or(i64::MAX));
                ansi::limit(w, None, offset, "");
            }
            None => ansi::limit(w, None, offset, " LIMIT -1"),
        }
    }

    fn explain(&self) -> (&'static str, usize) {
        ("EXPLAIN QUERY PLAN ", 3)
    }
}

impl Sqlite {
    fn infix(&self, w: &mut Writer<'_>, left: &Expr, operator: &'static str, right: &Expr) {
        let decimals = self.is_decimal_text(left.scalar()) || self.is_decimal_text(right.scalar());
        stored(w, left, right, decimals);
        if decimals {
            w.syntax(" COLLATE penstock_decimal");
        }
        w.syntax(operator);
        stored(w, right, left, decimals);
    }

    fn is_decimal_text(&self, scalar: Scalar) -> bool {
        self.decimals_as_text && matches!(scalar, Scalar::Decimal { .. })
    }

    fn exact_collation(&self, w: &mut Writer<'_>, scalar: Scalar) {
        if matches!(scalar, Scalar::String { .. }) {
            w.syntax(" COLLATE BINARY");
        } else if self.is_decimal_text(scalar) {
            w.syntax(" COLLATE penstock_decimal");
        }
    }
}

/// Writes an operand in a form that compares with `other` as it is stored.
fn stored(w: &mut Writer<'_>, expr: &Expr, other: &Expr, decimals: bool) {
    let (of, beside) = (expr.scalar(), other.scalar());
    match expr {
        Expr::Param(value, _) if decimals && of.is_integer() && !ansi::is_column(other) => {
            w.value(value.clone(), Scalar::DECIMAL);
        }
        Expr::Param(..) => operand(w, expr, other),
        _ if decimals && of.is_integer() => ansi::around(w, "CAST(", expr, " AS TEXT)"),
        // A column's affinity makes a number of its text beside a number; what is calculated has none.
        _ if decimals && matches!(beside, Scalar::Single | Scalar::Double) && !ansi::is_column(expr) => {
            ansi::around(w, "CAST(", expr, " AS REAL)");
        }
        _ if !ansi::is_param(other) => padded(w, expr, beside),
        _ => operand(w, expr, other),
    }
}

/// A column of times with as many digits of a fraction as another has, if it has fewer. What is calculated has six.
fn padded(w: &mut Writer<'_>, expr: &Expr, like: Scalar) {
    match (expr.scalar(), like) {
        (Scalar::DateTimeOffset { precision: has }, Scalar::DateTimeOffset { precision: wants })
        | (Scalar::TimeOfDay { precision: has }, Scalar::TimeOfDay { precision: wants })
            if has < wants && matches!(expr, Expr::Column(_) | Expr::Single(_)) =>
        {
            ansi::around(w, "(", expr, " || '");
            w.syntax(if has == 0 { "." } else { "" });
            for _ in has..wants {
                w.syntax("0");
            }
            w.syntax("')");
        }
        _ => value(w, expr),
    }
}

fn starts(w: &mut Writer<'_>, text: &Expr, part: &Expr) {
    w.syntax("substr(");
    value(w, text);
    w.syntax(", 1, length(");
    value(w, part);
    w.syntax(")) = ");
    value(w, part);
    w.syntax(" COLLATE BINARY");
}

/// The first text after all that start with `prefix`, by code point; none if there is no end.
fn after_prefix(prefix: &str) -> Option<Value> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The next character skips the surrogates, which no text holds.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(Value::String(end.into_boxed_str()));
        }
    }
    None
}
