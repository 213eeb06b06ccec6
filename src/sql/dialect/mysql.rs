//! Owns the dialect of MySQL and of the databases that follow it.
//!
//! # Decisions
//!
//! - **Equality.** Nearly every collation here folds letter case, accents or trailing blanks (`utf8mb4_bin` ignores the
//!   blanks, too), so a text is always compared twice: `a = ?` lets the column's index find the candidates, and
//!   `CAST(CONVERT(a USING utf8mb4) AS BINARY) = CAST(? AS BINARY)` decides. The conversion makes columns of any
//!   character set comparable; the binary string has no collation and no padding. `COLLATE utf8mb4_bin` was rejected
//!   for its padding, `LIKE BINARY` for its wildcards. The connection must speak utf8mb4.
//! - **Narrow character sets.** `a = ?` is refused by the server (error 1267) if `a` is, say, `latin1` and the value
//!   holds a character that `latin1` lacks. With [`MySql::narrow`] the index condition is left out for values that are
//!   not plain ASCII; without it, columns are taken to be Unicode and umlauts keep their index. A statement that was
//!   refused is spelled again with it.
//! - **Matches** are `LIKE` over binary strings with an escaped pattern; a prefix also gets `a LIKE ?` under the
//!   column's own collation, which can only be wider and lets an index serve. The escape sign is `|`, since the meaning
//!   of the backslash depends on the session's `sql_mode`.
//! - **Long lists** of integers, times and texts are one parameter, a JSON array that `JSON_TABLE` takes apart, since a
//!   statement has 65,535 parameters at most. Decimals, floating-point numbers and GUIDs stay parameters: they would
//!   lose digits, or their collation.
//! - **Booleans** are 0 and 1, and `flag = 1` finds an index where `flag` alone does not.
//! - **GUIDs** are lower-case texts in the database, as parameters too, so any collation compares them exactly.
//! - **Statistics** are the table's times of making and of the last change. They count whole seconds, so while the last
//!   change lies in this second or the one before, the present time is added: the answer then differs each time, and
//!   once more when the second is over. `TRUNCATE` changes no time on MariaDB, so it also says whether the table is
//!   empty; the estimated number of rows itself moves without a change.
//! - **Tuples** are row constructors; the range optimiser takes them apart and finds the index.

mod calculate;
mod casts;
mod functions;

use bigdecimal::RoundingMode;
use bigdecimal::num_bigint::Sign;

use crate::edm::{Offered, Scalar, Value, Zone};
use crate::sql::ast::{
    Aggregate, Arithmetic, Column, Comparison, Expr, Function, Order, Place, Window, WordIndex, Words,
};
use crate::sql::holds::OneHolds;
use crate::sql::render::value;
use crate::sql::write::Writer;
use crate::sql::{Held, Param};

use super::{Dialect, Equality, aggregate, ansi, formed, holds, offered, words};

const HEX: &str = "0123456789abcdef";
/// Most digits of a decimal.
const DIGITS_MAX: i64 = 65;

/// MySQL 8 and later.
#[derive(Clone, Debug, Default)]
pub struct MySql {
    /// Some text columns have a character set that is not Unicode.
    pub narrow: bool,
    /// The zone of local times.
    pub zone: Zone,
}

impl Dialect for MySql {
    fn quote(&self) -> char {
        '`'
    }

    fn held(&self, value: &Value) -> Held {
        held(value, 30)
    }

    fn statistics(&self, w: &mut Writer<'_>, table: &crate::sql::ast::Table) {
        w.syntax(
            "SELECT CONCAT_WS(' ', create_time, update_time, table_rows = 0, \
             CASE WHEN update_time >= NOW() - INTERVAL 1 SECOND THEN NOW(6) END) \
             FROM information_schema.tables WHERE table_schema = ",
        );
        match &table.schema {
            Some(schema) => w.value(Value::String(schema.as_ref().into()), Scalar::STRING),
            None => w.syntax("DATABASE()"),
        }
        w.syntax(" AND table_name = ");
        w.value(Value::String(table.name.as_ref().into()), Scalar::STRING);
        w.syntax(" AND table_type NOT IN ('VIEW', 'SYSTEM VIEW')");
    }

    fn formed(&self, w: &mut Writer<'_>, column: &Column) {
        formed::mysql(w, column, &self.zone);
    }

    fn offered(&self, w: &mut Writer<'_>, dates: &Column, offered: Offered) {
        offered::mysql(w, dates, offered);
    }

    fn length(&self, w: &mut Writer<'_>, text: &Expr) {
        functions::function(w, Function::Length, std::slice::from_ref(text));
    }

    fn beginning(&self, w: &mut Writer<'_>, text: &Expr, characters: u32, behind: &str) {
        w.syntax("CONCAT(LEFT(");
        functions::plain(w, text);
        w.syntax(", ");
        w.number(characters);
        w.syntax("), ");
        self.text(w, behind);
        w.syntax(")");
    }

    fn condition(&self, w: &mut Writer<'_>, column: &Column) {
        w.column(column);
        w.syntax(" = 1");
    }

    fn compare(&self, w: &mut Writer<'_>, operator: Comparison, left: &Expr, right: &Expr) {
        if ansi::by_code_point(left, right) {
            exact_infix(w, left, operator.symbol(), right);
        } else if self.narrow && (is_wide(left) || is_wide(right)) {
            unicode(w, left);
            w.syntax(operator.symbol());
            unicode(w, right);
        } else {
            ansi::infix(w, left, operator.symbol(), right);
        }
    }

    fn equal(&self, w: &mut Writer<'_>, equality: Equality, left: &Expr, right: &Expr) {
        let operator = match equality {
            Equality::Same => " = ",
            Equality::Different => " <> ",
            Equality::NullSafeSame => " <=> ",
            Equality::NullSafeDifferent => {
                w.syntax("NOT (");
                self.equal(w, Equality::NullSafeSame, left, right);
                w.syntax(")");
                return;
            }
        };
        if !ansi::is_text(left) {
            ansi::infix(w, left, operator, right);
        } else if equality != Equality::Different
            && self.indexable(left)
            && self.indexable(right)
            && one_column(left, right)
        {
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
        if !ansi::is_text(operand) {
            value(w, operand);
            if !long_list(w, negated, values, scalar) {
                ansi::list(w, negated, values, scalar, ("", ""));
            }
            return;
        }
        // A list in an array has a collation of its own, and the server refuses to choose between two: it serves the
        // exact condition only.
        let narrowed = !negated
            && ansi::is_column(operand)
            && w.has_room(values.len().saturating_mul(2))
            && values.iter().all(|value| self.indexable_value(value));
        if narrowed {
            w.syntax("(");
            value(w, operand);
            ansi::list(w, false, values, scalar, ("", ""));
            w.syntax(" AND ");
        }
        exact(w, operand);
        if !long_list(w, negated, values, scalar) {
            ansi::list(w, negated, values, scalar, ("CAST(", " AS BINARY)"));
        }
        if narrowed {
            w.syntax(")");
        }
    }

    fn row_member(&self, w: &mut Writer<'_>, columns: &[Column], tuples: &[Vec<Value>]) {
        let plain = |w: &mut Writer<'_>| {
            let name = |w: &mut Writer<'_>, column: &Column| w.column(column);
            let mark = |w: &mut Writer<'_>, column: &Column, value: &Value| {
                w.value(value.clone(), column.form.of_parameter(column.scalar));
            };
            ansi::row_list(w, columns, tuples, ("", ""), name, mark);
        };
        let exact = |w: &mut Writer<'_>| {
            let mark = |w: &mut Writer<'_>, column: &Column, value: &Value| {
                let (open, close) = if is_text(column) { ("CAST(", " AS BINARY)") } else { ("", "") };
                w.syntax(open);
                w.value(value.clone(), column.form.of_parameter(column.scalar));
                w.syntax(close);
            };
            ansi::row_list(w, columns, tuples, ("", ""), exact_column, mark);
        };
        if !columns.iter().any(is_text) {
            plain(w);
        } else if tuples.iter().flatten().all(|value| self.indexable_value(value)) {
            w.syntax("(");
            plain(w);
            w.syntax(" AND ");
            exact(w);
            w.syntax(")");
        } else {
            exact(w);
        }
    }

    fn matches(&self, w: &mut Writer<'_>, place: Place, text: &Expr, part: &Expr) {
        match part {
            Expr::Param(part, scalar) => {
                let pattern = ansi::pattern_of(place, part, '|');
                let prefix = place == Place::Start && ansi::is_column(text) && self.indexable_value(part);
                if prefix {
                    w.syntax("(");
                    value(w, text);
                    w.syntax(" LIKE ");
                    w.value(pattern.clone(), *scalar);
                    w.syntax(" ESCAPE '|' AND ");
                }
                exact(w, text);
                w.syntax(" LIKE CAST(");
                w.value(pattern, *scalar);
                w.syntax(" AS BINARY) ESCAPE '|'");
                if prefix {
                    w.syntax(")");
                }
            }
            _ => match place {
                Place::Anywhere => {
                    w.syntax("LOCATE(");
                    exact_infix(w, part, ", ", text);
                    w.syntax(") > 0");
                }
                Place::Start | Place::End => {
                    w.syntax(if place == Place::Start { "LEFT(" } else { "RIGHT(" });
                    exact_infix(w, text, ", LENGTH(", part);
                    w.syntax(")) = ");
                    exact(w, part);
                }
            },
        }
    }

    fn one_holds(&self, w: &mut Writer<'_>, holds: &OneHolds) {
        holds::mysql(w, holds);
    }

    fn search(&self, w: &mut Writer<'_>, text: &Expr, phrase: &str) {
        // LOWER() knows letter case only of character strings; the binary collation keeps accents apart.
        w.syntax("LOWER(CONVERT(");
        value(w, text);
        w.syntax(" USING utf8mb4)) COLLATE utf8mb4_bin LIKE LOWER(CONVERT(");
        w.value(ansi::pattern(Place::Anywhere, phrase, '|'), Scalar::STRING);
        w.syntax(" USING utf8mb4)) ESCAPE '|'");
    }

    fn items(&self, w: &mut Writer<'_>, of: &Expr, is_array: bool) {
        if is_array {
            return ansi::refuse(w, &format_args!("an array column"));
        }
        w.syntax("JSON_TABLE(CASE WHEN JSON_VALID(");
        ansi::again(w, of, value);
        w.syntax(") AND JSON_TYPE(");
        ansi::again(w, of, value);
        w.syntax(") = 'ARRAY' THEN ");
        ansi::again(w, of, value);
        w.syntax(
            " END, '$[*]' COLUMNS (i FOR ORDINALITY, v LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$'))",
        );
    }

    fn listed(&self, w: &mut Writer<'_>, operand: &Expr, order: &[Order]) {
        // There MariaDB takes a null for a zero or an empty text.
        let with_nulls = order.iter().flat_map(|item| {
            let is_there = item.nullable.then(|| Expr::IsNotNull(Box::new(item.expr.clone())));
            let is_there = is_there.map(|expr| Order { expr, descending: item.descending, nullable: false });
            is_there.into_iter().chain([item.clone()])
        });
        let order: Vec<Order> = with_nulls.collect();
        ansi::listed(w, ["GROUP_CONCAT(", "", " SEPARATOR ',')"], operand, &order);
    }

    fn words(&self, w: &mut Writer<'_>, index: &WordIndex, words: &Words) {
        words::mysql(w, index, words);
    }

    fn link(&self, w: &mut Writer<'_>, left: &Column, right: &Column) {
        w.column(left);
        w.syntax(" = ");
        w.column(right);
        if is_text(left) {
            w.syntax(" AND ");
            exact_column(w, left);
            w.syntax(" = ");
            exact_column(w, right);
        }
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
        } else {
            ansi::order(w, order);
        }
    }

    fn text(&self, w: &mut Writer<'_>, text: &str) {
        // The meaning of the backslash depends on the session's `sql_mode`, that of hexadecimal digits on nothing.
        if text.contains('\\') {
            w.syntax("_utf8mb4 x'");
            for byte in text.bytes() {
                w.declared(HEX.get(usize::from(byte >> 4)..).and_then(|rest| rest.get(..1)).unwrap_or_default());
                w.declared(HEX.get(usize::from(byte & 15)..).and_then(|rest| rest.get(..1)).unwrap_or_default());
            }
            w.syntax("'");
        } else {
            ansi::text(w, text);
        }
    }

    fn group_key(&self, w: &mut Writer<'_>, column: &Column) {
        exact_column(w, column);
    }

    fn grouped(&self, w: &mut Writer<'_>, column: &Column) {
        aggregate::representative(w, column, is_text(column));
    }

    fn aggregate(
        &self,
        w: &mut Writer<'_>,
        function: Aggregate,
        operand: &Expr,
        scalar: Scalar,
        window: Option<&Window>,
    ) {
        aggregate::mysql(w, function, operand, scalar, window);
    }

    fn limit(&self, w: &mut Writer<'_>, limit: Option<u64>, offset: u64) {
        ansi::limit(w, limit, offset, " LIMIT 18446744073709551615");
    }

    fn explain(&self) -> (&'static str, usize) {
        ("EXPLAIN FORMAT=JSON ", 0)
    }
}

impl MySql {
    fn indexable(&self, operand: &Expr) -> bool {
        match operand {
            Expr::Param(value, _) => self.indexable_value(value),
            // Nobody knows of a metadata file whether its statements have been refused.
            Expr::Constant(Value::String(text), _) => text.is_ascii(),
            _ => true,
        }
    }

    fn indexable_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => !self.narrow || text.is_ascii(),
            _ => true,
        }
    }
}

/// ` IN (…)` with the members in one parameter; false, and nothing written, for a list that is short or has no form
/// that the server would read without loss.
fn long_list(w: &mut Writer<'_>, negated: bool, values: &[Value], scalar: Scalar) -> bool {
    let (column, of) = match scalar {
        Scalar::String { .. } => ("CAST(v AS BINARY)", "LONGTEXT"),
        Scalar::Date => ("v", "DATE"),
        Scalar::DateTimeOffset { .. } => ("v", "DATETIME(6)"),
        Scalar::TimeOfDay { .. } => ("v", "TIME(6)"),
        Scalar::Duration { .. } => ("v", "BIGINT"),
        scalar if scalar.is_integer() => ("v", "BIGINT"),
        _ => return false,
    };
    let is_long = ansi::is_long(w, values, 1);
    if is_long {
        w.syntax(if negated { " NOT IN (SELECT " } else { " IN (SELECT " });
        w.syntax(column);
        w.syntax(" FROM JSON_TABLE(");
        w.parameter(Param::List(values.to_vec(), scalar));
        w.syntax(", '$[*]' COLUMNS (v ");
        w.syntax(of);
        w.syntax(" PATH '$')) AS list)");
    }
    is_long
}

/// The server reads years of four digits and decimals of 65 digits, `scale` of them behind the point. A longer decimal
/// it would round, or clamp with the wrong sign.
pub(super) fn held(value: &Value, scale: i64) -> Held {
    match value {
        Value::Date(_) | Value::DateTimeOffset(_) => ansi::in_four_digits(value),
        Value::Decimal(value) => {
            let whole =
                i64::try_from(value.digits()).unwrap_or(i64::MAX).saturating_sub(value.fractional_digit_count());
            if whole > DIGITS_MAX {
                return if value.sign() == Sign::Minus { Held::Below } else { Held::Above };
            }
            let scale = scale.min(DIGITS_MAX - whole.max(0));
            if value.fractional_digit_count() <= scale {
                return Held::Yes;
            }
            let floor = value.with_scale_round(scale, RoundingMode::Floor);
            if floor == *value { Held::Yes } else { Held::After(Value::Decimal(floor)) }
        }
        _ => Held::Yes,
    }
}

/// A text with a character beyond U+00FF, which is not in the smaller character sets of western languages. A text
/// without one is compared in the column's own collation, since it may be a cursor that must follow the sort.
fn is_wide(operand: &Expr) -> bool {
    matches!(operand, Expr::Param(Value::String(text), _) if text.chars().any(|character| character > '\u{ff}'))
}

fn unicode(w: &mut Writer<'_>, text: &Expr) {
    w.syntax("CONVERT(");
    value(w, text);
    w.syntax(" USING utf8mb4)");
}

fn one_column(left: &Expr, right: &Expr) -> bool {
    (ansi::is_column(left) && ansi::is_param(right)) || (ansi::is_param(left) && ansi::is_column(right))
}

fn exact_infix(w: &mut Writer<'_>, left: &Expr, operator: &'static str, right: &Expr) {
    exact(w, left);
    w.syntax(operator);
    exact(w, right);
}

/// A text as its UTF-8 bytes.
pub(super) fn exact(w: &mut Writer<'_>, text: &Expr) {
    if let Expr::Column(column) = text {
        exact_column(w, column);
    } else {
        w.syntax("CAST(");
        value(w, text);
        w.syntax(" AS BINARY)");
    }
}

/// A text of whatever character set in utf8mb4.
pub(super) fn in_utf8(w: &mut Writer<'_>, text: &Expr) {
    w.syntax("CONVERT(");
    value(w, text);
    w.syntax(" USING utf8mb4)");
}

fn exact_column(w: &mut Writer<'_>, column: &Column) {
    if is_text(column) {
        w.syntax("CAST(CONVERT(");
        w.column(column);
        w.syntax(" USING utf8mb4) AS BINARY)");
    } else {
        w.column(column);
    }
}

fn is_text(column: &Column) -> bool {
    matches!(column.scalar, Scalar::String { .. })
}
