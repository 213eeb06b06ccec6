//! Parts of times, and calculations with them.

use Arithmetic::{Add, Divide, Multiply, Subtract};

use super::*;

fn part(function: Function, of: Expr, expected: i64) -> Case {
    case(call(function, vec![of], Scalar::Int32), &format!("int {expected}"))
}

#[tokio::test]
async fn parts_are_those_of_utc() {
    let mut cases = Vec::new();
    for (text, [year, month, date, hour, minute, second], fraction) in [
        ("2024-02-29T23:59:59.999999Z", [2024, 2, 29, 23, 59, 59], "0.999999"),
        ("1969-12-31T23:59:59.5Z", [1969, 12, 31, 23, 59, 59], "0.5"),
        ("1970-01-01T00:00:00Z", [1970, 1, 1, 0, 0, 0], "0"),
        ("0001-01-01T00:00:00.000001Z", [1, 1, 1, 0, 0, 0], "0.000001"),
        ("9999-12-31T23:59:59.999999Z", [9999, 12, 31, 23, 59, 59], "0.999999"),
        ("2024-01-01T00:30:00+01:00", [2023, 12, 31, 23, 30, 0], "0"),
        ("1900-03-01T12:00:00Z", [1900, 3, 1, 12, 0, 0], "0"),
    ] {
        let parts =
            [Function::Year, Function::Month, Function::Day, Function::Hour, Function::Minute, Function::Second];
        for (function, expected) in parts.into_iter().zip([year, month, date, hour, minute, second]) {
            cases.push(part(function, at(text), expected));
        }
        let fraction_of = call(Function::FractionalSeconds, vec![at(text)], Scalar::DECIMAL);
        cases.push(case(fraction_of, &format!("decimal {fraction}")));
    }
    for (function, expected) in [(Function::Year, 2000), (Function::Month, 2), (Function::Day, 29)] {
        cases.push(part(function, day("2000-02-29"), expected));
        cases.push(case(call(function, vec![null(Scalar::Date)], Scalar::Int32), "null"));
    }
    for (function, expected) in [(Function::Hour, 23), (Function::Minute, 5), (Function::Second, 9)] {
        cases.push(part(function, clock("23:05:09.25"), expected));
        cases.push(case(call(function, vec![null(Scalar::TIME_OF_DAY)], Scalar::Int32), "null"));
    }
    let fraction = call(Function::FractionalSeconds, vec![clock("23:05:09.25")], Scalar::DECIMAL);
    cases.push(case(fraction, "decimal 0.25"));
    for (text, date, time) in [
        ("1969-12-31T23:59:59.999999Z", "date 1969-12-31", "time 23:59:59.999999"),
        ("2024-01-01T00:00:00Z", "date 2024-01-01", "time 00:00:00"),
    ] {
        cases.push(case(call(Function::Date, vec![at(text)], Scalar::Date), date));
        cases.push(case(call(Function::Time, vec![at(text)], Scalar::TIME_OF_DAY), time));
    }
    cases.push(case(call(Function::Date, vec![null(Scalar::DATE_TIME_OFFSET)], Scalar::Date), "null"));
    for (text, seconds) in
        [("P1DT0.5S", "86400.5"), ("-PT0.000001S", "-0.000001"), ("PT0S", "0"), ("P3000D", "259200000")]
    {
        let total = call(Function::TotalSeconds, vec![span(text)], Scalar::DECIMAL);
        cases.push(case(total, &format!("decimal {seconds}")));
    }
    check(cases).await;
}

#[tokio::test]
async fn times_move_by_durations() {
    let moved = |operator, time: &str, by: &str, expected: &str| {
        let expected = if expected == "null" { "null".to_owned() } else { format!("instant {expected}") };
        case(calculate(operator, at(time), span(by), Scalar::DATE_TIME_OFFSET), &expected)
    };
    let dated = |operator, date: &str, by: &str, expected: &str| {
        let expected = if expected == "null" { "null".to_owned() } else { format!("date {expected}") };
        case(calculate(operator, day(date), span(by), Scalar::Date), &expected)
    };
    let between = |left: Expr, right: Expr, expected: &str| {
        case(calculate(Subtract, left, right, Scalar::DURATION), &format!("duration {expected}"))
    };
    check(vec![
        moved(Add, "2024-02-28T23:59:59.999999Z", "PT0.000001S", "2024-02-29T00:00:00"),
        moved(Add, "2023-02-28T12:00:00Z", "P1D", "2023-03-01T12:00:00"),
        moved(Subtract, "1970-01-01T00:00:00Z", "PT0.5S", "1969-12-31T23:59:59.5"),
        moved(Add, "1970-01-01T00:00:00Z", "-P1DT1H", "1969-12-30T23:00:00"),
        moved(Add, "9999-12-31T23:59:59.999998Z", "PT0.000001S", "9999-12-31T23:59:59.999999"),
        moved(Add, "9999-12-31T23:59:59.999999Z", "PT0.000001S", "null"),
        moved(Subtract, "0001-01-01T00:00:00Z", "-PT1S", "0001-01-01T00:00:01"),
        moved(Subtract, "0001-01-01T00:00:00Z", "PT0.000001S", "null"),
        moved(Subtract, "0001-06-01T00:00:00Z", "P365D", "null"),
        moved(Add, "2000-01-01T00:00:00Z", "P10000000D", "null"),
        case(
            calculate(Add, span("P1D"), at("2024-02-28T00:00:00Z"), Scalar::DATE_TIME_OFFSET),
            "instant 2024-02-29T00:00:00",
        ),
        dated(Add, "2024-02-28", "P1D", "2024-02-29"),
        dated(Add, "2024-02-28", "PT23H", "2024-02-28"),
        dated(Subtract, "2024-03-01", "PT1S", "2024-02-29"),
        dated(Add, "9999-12-31", "P1D", "null"),
        dated(Subtract, "0001-01-01", "P1D", "null"),
        between(at("2024-03-01T00:00:00Z"), at("2024-02-28T12:00:00.5Z"), "P1DT11H59M59.5S"),
        between(at("0001-01-01T00:00:00Z"), at("9999-12-31T23:59:59.999999Z"), "-P3652058DT23H59M59.999999S"),
        between(day("2024-03-01"), day("2024-02-28"), "P2D"),
        between(day("1969-12-31"), day("1970-01-01"), "-P1D"),
        between(at("2024-03-01T00:00:00Z"), at("2024-03-01T00:00:00Z"), "PT0S"),
        case(calculate(Add, null(Scalar::DATE_TIME_OFFSET), span("P1D"), Scalar::DATE_TIME_OFFSET), "null"),
        case(calculate(Add, at("2024-02-28T00:00:00Z"), null(Scalar::DURATION), Scalar::DATE_TIME_OFFSET), "null"),
        case(calculate(Subtract, null(Scalar::Date), day("2024-02-28"), Scalar::DURATION), "null"),
    ])
    .await;
}

#[tokio::test]
async fn durations_are_added_and_scaled() {
    let spans = |operator, left: Expr, right: Expr, expected: &str| {
        let expected = if expected == "null" { "null".to_owned() } else { format!("duration {expected}") };
        case(calculate(operator, left, right, Scalar::DURATION), &expected)
    };
    check(vec![
        spans(Add, span("PT1H"), span("-PT0.5S"), "PT59M59.5S"),
        spans(Subtract, span("PT1H"), span("P1D"), "-PT23H"),
        spans(Multiply, span("PT1H"), int(36), "P1DT12H"),
        spans(Multiply, decimal("0.5"), span("PT0.000001S"), "PT0.000001S"),
        spans(Multiply, span("PT0.000001S"), decimal("-0.5"), "-PT0.000001S"),
        spans(Multiply, span("PT0.000001S"), decimal("0.49"), "PT0S"),
        spans(Multiply, span("PT1S"), double(0.1), "PT0.1S"),
        spans(Multiply, span("P100000D"), decimal("1.000000000001"), "P100000DT0.00864S"),
        spans(Divide, span("P1D"), int(7), "PT3H25M42.857143S"),
        spans(Divide, span("P1D"), decimal("-0.5"), "-P2D"),
        spans(Divide, span("P1D"), int(0), "null"),
        spans(Divide, span("P1D"), double(4.0), "PT6H"),
        case(calculate(Multiply, span("P100000D"), int(1_000_000), Scalar::DURATION), "out of range"),
        case(Expr::Negate(Box::new(span("P1DT1S")), Scalar::DURATION), "duration -P1DT1S"),
        case(Expr::Negate(Box::new(null(Scalar::DURATION)), Scalar::DURATION), "null"),
    ])
    .await;
}
