//! Owns the sums of decimals that SQLite lacks: `penstock_sum(value, scale, as_text)` and `penstock_average(…)`, exact
//! for whole numbers and decimal texts, and for what a number of SQLite says in its shortest form.

use std::fmt::Write as _;
use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive};
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error};

/// Makes both known to a connection.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_window_function("penstock_sum", 3, flags, Sums { mean: false })?;
    connection.create_window_function("penstock_average", 3, flags, Sums { mean: true })
}

struct Sums {
    mean: bool,
}

/// What has been added until now.
#[derive(Default)]
struct Sum {
    total: Total,
    count: u64,
    scale: u16,
    as_text: bool,
}

/// The digits as a number of 128 bits while they fit.
enum Total {
    Small { digits: i128, scale: u32 },
    Large(BigDecimal),
}

impl Default for Total {
    fn default() -> Self {
        Total::Small { digits: 0, scale: 0 }
    }
}

impl Total {
    fn add(&mut self, other: &Total) {
        if let (Total::Small { digits, scale }, Total::Small { digits: more, scale: of }) = (&*self, other)
            && let Some(sum) = small_sum((*digits, *scale), (*more, *of))
        {
            *self = Total::Small { digits: sum.0, scale: sum.1 };
            return;
        }
        *self = Total::Large(self.number() + other.number());
    }

    fn number(&self) -> BigDecimal {
        match self {
            Total::Small { digits, scale } => BigDecimal::new(BigInt::from(*digits), i64::from(*scale)),
            Total::Large(number) => number.clone(),
        }
    }

    fn negated(self) -> Total {
        match self {
            Total::Small { digits, scale } => Total::Small { digits: -digits, scale },
            Total::Large(number) => Total::Large(-number),
        }
    }

    fn read(value: ValueRef<'_>, buffer: &mut String) -> rusqlite::Result<Option<Total>> {
        let text = match value {
            ValueRef::Null => return Ok(None),
            ValueRef::Integer(value) => return Ok(Some(Total::Small { digits: i128::from(value), scale: 0 })),
            ValueRef::Real(value) => {
                buffer.clear();
                // Without an exponent, and as short as it can be told from others. Writing into a String cannot fail.
                let _ = write!(buffer, "{value}");
                buffer.as_str()
            }
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| misuse())?,
            ValueRef::Blob(_) => return Err(misuse()),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.len() + fraction.len() <= 30 && fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            let scale = u32::try_from(fraction.len()).map_err(|_| misuse())?;
            let whole_digits: i128 = whole.parse().map_err(|_| misuse())?;
            let fraction: i128 = if fraction.is_empty() { 0 } else { fraction.parse().map_err(|_| misuse())? };
            let scaled = whole_digits * 10_i128.pow(scale);
            let digits = if whole.starts_with('-') { scaled - fraction } else { scaled + fraction };
            return Ok(Some(Total::Small { digits, scale }));
        }
        BigDecimal::from_str(text).map(|number| Some(Total::Large(number))).map_err(|_| misuse())
    }
}

fn small_sum((left, left_scale): (i128, u32), (right, right_scale): (i128, u32)) -> Option<(i128, u32)> {
    let scale = left_scale.max(right_scale);
    let widened = |digits: i128, of: u32| digits.checked_mul(10_i128.checked_pow(scale - of)?);
    Some((widened(left, left_scale)?.checked_add(widened(right, right_scale)?)?, scale))
}

fn misuse() -> Error {
    Error::UserFunctionError("a value that is added is no number".into())
}

impl Sums {
    fn result(&self, sum: Option<&Sum>) -> rusqlite::Result<Value> {
        let Some(sum) = sum.filter(|sum| sum.count > 0) else { return Ok(Value::Null) };
        let mut number = sum.total.number();
        if self.mean {
            let exact = number / BigDecimal::from(sum.count);
            number = exact.with_scale_round(i64::from(sum.scale), RoundingMode::HalfUp);
        } else if number.fractional_digit_count() < i64::from(sum.scale) {
            number = number.with_scale(i64::from(sum.scale));
        }
        if sum.as_text {
            return Ok(Value::Text(number.to_plain_string()));
        }
        match number.to_i64().filter(|whole| number == *whole) {
            Some(whole) => Ok(Value::Integer(whole)),
            None => number.to_f64().map(Value::Real).ok_or_else(misuse),
        }
    }
}

impl Aggregate<Sum, Value> for Sums {
    fn init(&self, context: &mut Context<'_>) -> rusqlite::Result<Sum> {
        Ok(Sum { scale: context.get(1)?, as_text: context.get(2)?, ..Sum::default() })
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Sum) -> rusqlite::Result<()> {
        let mut buffer = String::new();
        if let Some(value) = Total::read(context.get_raw(0), &mut buffer)? {
            sum.total.add(&value);
            sum.count += 1;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<Sum>) -> rusqlite::Result<Value> {
        self.result(sum.as_ref())
    }
}

impl WindowAggregate<Sum, Value> for Sums {
    fn value(&self, sum: Option<&mut Sum>) -> rusqlite::Result<Value> {
        self.result(sum.as_deref())
    }

    fn inverse(&self, context: &mut Context<'_>, sum: &mut Sum) -> rusqlite::Result<()> {
        let mut buffer = String::new();
        if let Some(value) = Total::read(context.get_raw(0), &mut buffer)? {
            sum.total.add(&value.negated());
            sum.count = sum.count.saturating_sub(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sql: &str) -> Value {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn sums_are_exact() {
        let of =
            |values: &str, rest: &str| one(&format!("select penstock_sum(column1, {rest}) from (values {values})"));
        assert_eq!(of("('0.1'), ('0.2'), (null), ('-0.3')", "2, 1"), text("0.00"));
        assert_eq!(of("('-0.5'), ('-1.25')", "0, 1"), text("-1.75"));
        assert_eq!(of("(9223372036854775807), (9223372036854775807)", "0, 1"), text("18446744073709551614"));
        let long = "12345678901234567890123456789012345678.5";
        assert_eq!(of(&format!("('{long}'), ('{long}')"), "1, 1"), text("24691357802469135780246913578024691357.0"));
        assert_eq!(of("(0.1), (0.2)", "2, 0"), Value::Real(0.3));
        assert_eq!(of("(1), (2)", "0, 0"), Value::Integer(3));
        assert_eq!(of("(null)", "2, 1"), Value::Null);
        assert_eq!(one("select penstock_sum(1, 2, 1) where false"), Value::Null);
    }

    #[test]
    fn means_are_rounded_half_away_from_zero() {
        let of =
            |values: &str, rest: &str| one(&format!("select penstock_average(column1, {rest}) from (values {values})"));
        assert_eq!(of("('1'), ('2'), ('2')", "4, 1"), text("1.6667"));
        assert_eq!(of("('-0.5'), ('0'), (null)", "1, 1"), text("-0.3"));
        assert_eq!(of("(1), (2)", "6, 0"), Value::Real(1.5));
    }

    #[test]
    fn sums_run_along() {
        let sql = "select group_concat(s, ' ') from (select penstock_sum(column1, 1, 1) over (order by column1 rows \
                   between 1 preceding and current row) as s from (values (1), (2), (3.5)))";
        assert_eq!(one(sql), text("1.0 3.0 5.5"));
    }
}
