//! Each random request with its siblings, which differ from it in the values of literals only: most of them are
//! answered by what the server has learned from others of their pattern, of pages that are kept and of pages that are
//! not.

use penstock::edm::Value;
use proptest::test_runner::TestCaseError;

use super::super::support::databases::{KINDS, Kind};
use super::eval::Expr;
use super::generate::{Request, requests};
use super::value::Table;
use super::{cases, check, made, offered, runner, seed, start_with, table, tail};

/// So many of each.
const SIBLINGS: usize = 4;

/// The same expression with other values, of the kind of those that stand in it.
fn sibling(expr: &Expr, table: &Table, number: usize) -> Expr {
    let again = |expr: &Expr| Box::new(sibling(expr, table, number));
    match expr {
        Expr::Literal(value) => Expr::Literal(moved(value, number)),
        Expr::Compare(operator, left, right) => match (&**left, &**right) {
            // Values that rows have.
            (property @ Expr::Property(column), Expr::Literal(value)) if number % 2 == 1 => {
                let of_rows =
                    table.rows.iter().map(|row| &row[*column]).cycle().skip(number * 31).take(table.rows.len());
                let mut alike = of_rows.filter(|other| std::mem::discriminant(*other) == std::mem::discriminant(value));
                let other = alike.next().unwrap_or(value).clone();
                Expr::Compare(*operator, Box::new(property.clone()), Box::new(Expr::Literal(other)))
            }
            (left, right) => Expr::Compare(*operator, again(left), again(right)),
        },
        Expr::In(left, members) => Expr::In(again(left), members.clone()),
        Expr::And(left, right) => Expr::And(again(left), again(right)),
        Expr::Or(left, right) => Expr::Or(again(left), again(right)),
        Expr::Not(inner) => Expr::Not(again(inner)),
        Expr::Call(function, text, part) => Expr::Call(*function, text.clone(), part.clone()),
        Expr::Property(column) => Expr::Property(*column),
    }
}

fn moved(value: &Value, number: usize) -> Value {
    let by = i64::try_from(number).unwrap();
    match value {
        Value::Int(value) => Value::Int(value / 2 + by),
        Value::Date(day) => Value::Date(day / 3 * 2 + i32::try_from(by).unwrap()),
        Value::DateTimeOffset(micros) => Value::DateTimeOffset(micros / 3 * 2 - by * 1_500_000),
        Value::Decimal(value) => Value::Decimal(value + bigdecimal::BigDecimal::new(by.into(), 1)),
        Value::String(text) => Value::String(format!("{text}{}", &"aBc-1"[..number.min(5)]).into()),
        Value::Guid(bytes) => {
            let mut bytes = *bytes;
            bytes[15] ^= u8::try_from(number).unwrap();
            Value::Guid(bytes)
        }
        other => other.clone(),
    }
}

fn run(kind: Kind, config: &str) {
    let table = table();
    let Some((_database, server)) = start_with(kind, &table, config) else { return };
    let sets =
        [("Things", table.clone()), ("Made", made::table(&table).into()), ("Offered", offered::table(&table).into())];
    for (set, table) in sets {
        let result = runner(cases() / 30).run(&requests(&table), |request| {
            for number in 0..SIBLINGS {
                let filter = request.filter.as_ref().map(|filter| sibling(filter, &table, number));
                // In the plain spelling literals stand where they are taken out.
                let sibling = Request { filter, style: 0, ..request.clone() };
                check(&server, &table, set, &sibling).map_err(TestCaseError::fail)?;
            }
            Ok(())
        });
        if let Err(error) = result {
            panic!(
                "{} and the evaluator differ (seed {}):\n{error}\nlog:\n{}",
                kind.name(),
                seed(),
                tail(&server.log())
            );
        }
    }
}

#[test]
fn requests_of_one_pattern_are_answered_as_the_standard_says() {
    for kind in KINDS {
        for config in ["", "[cache]\nbytes_max = 0\n"] {
            run(kind, config);
        }
    }
}
