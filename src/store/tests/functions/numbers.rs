//! Calculations with numbers.

use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};

use super::*;

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;

#[tokio::test]
async fn integers_stay_in_their_range() {
    let whole = |operator, left, right, expected: Option<i64>| {
        let expected = expected.map_or("out of range".to_owned(), |value| format!("int {value}"));
        case(calculate(operator, int(left), int(right), Scalar::Int64), &expected)
    };
    let none = |operator, left, right| case(calculate(operator, int(left), int(right), Scalar::Int64), "null");
    let negate = |value, expected| case(Expr::Negate(Box::new(int(value)), Scalar::Int64), expected);
    check(vec![
        whole(Add, 2, -5, Some(-3)),
        whole(Add, MAX, 0, Some(MAX)),
        whole(Add, MAX, 1, None),
        whole(Add, MIN, -1, None),
        whole(Add, MIN, MAX, Some(-1)),
        whole(Subtract, 2, 5, Some(-3)),
        whole(Subtract, MIN, 1, None),
        whole(Subtract, 0, MIN, None),
        whole(Subtract, -1, MIN, Some(MAX)),
        whole(Subtract, MIN, MIN, Some(0)),
        whole(Subtract, 9_007_199_254_740_993, 1, Some(9_007_199_254_740_992)),
        whole(Multiply, -3, 7, Some(-21)),
        whole(Multiply, 3_037_000_499, 3_037_000_499, Some(9_223_372_030_926_249_001)),
        whole(Multiply, 3_037_000_500, 3_037_000_500, None),
        whole(Multiply, MIN, -1, None),
        whole(Divide, 7, 2, Some(3)),
        whole(Divide, -7, 2, Some(-3)),
        whole(Divide, 7, -2, Some(-3)),
        whole(Divide, MAX, MIN, Some(0)),
        whole(Divide, MIN, -1, None),
        none(Divide, 7, 0),
        whole(Remainder, 7, 3, Some(1)),
        whole(Remainder, -7, 3, Some(-1)),
        whole(Remainder, 7, -3, Some(1)),
        whole(Remainder, MIN, -1, Some(0)),
        none(Remainder, 7, 0),
        negate(5, "int -5"),
        negate(0, "int 0"),
        negate(MAX, "int -9223372036854775807"),
        negate(MIN, "out of range"),
        case(calculate(Add, null(Scalar::Int64), int(1), Scalar::Int64), "null"),
        case(calculate(Subtract, int(1), null(Scalar::Int64), Scalar::Int64), "null"),
        case(Expr::Negate(Box::new(null(Scalar::Int32)), Scalar::Int64), "null"),
    ])
    .await;
}

#[tokio::test]
async fn decimals_keep_their_digits() {
    let exact = |operator, left, right, expected: &str| {
        let expected = if expected == "null" { expected.to_owned() } else { format!("decimal {expected}") };
        case(calculate(operator, decimal(left), decimal(right), Scalar::DECIMAL), &expected)
    };
    let is_zero = |operator, left, right| {
        let result = calculate(operator, decimal(left), decimal(right), Scalar::DECIMAL);
        let equal = Expr::Compare(Comparison::Equal, Box::new(result), Box::new(decimal("0")));
        case(Expr::Case(vec![(equal, int(1))], Scalar::Int64), "int 1")
    };
    let mixed = |operator, left: Expr, right: Expr, expected: &str| {
        case(calculate(operator, left, right, Scalar::DECIMAL), &format!("decimal {expected}"))
    };
    check(vec![
        exact(Add, "0.1", "0.2", "0.3"),
        exact(
            Add,
            "123456789012345678901234567890.12",
            "0.000000000001",
            "123456789012345678901234567890.120000000001",
        ),
        exact(Subtract, "1", "0.000000000000000001", "0.999999999999999999"),
        exact(Subtract, "-1.5", "-1.5", "0"),
        exact(Multiply, "1.1", "-1.1", "-1.21"),
        exact(
            Multiply,
            "123456789012345.678901234567891",
            "987654321098765.432109876543211",
            "121932631137021795226185032734.734034442348574912122374638001",
        ),
        exact(Divide, "1", "3", "0.333333333333"),
        exact(Divide, "2", "3", "0.666666666667"),
        exact(Divide, "-2", "3", "-0.666666666667"),
        exact(Divide, "1", "2000000000000", "0.000000000001"),
        exact(Divide, "-1", "2000000000000", "-0.000000000001"),
        exact(Divide, "1", "2000000000001", "0"),
        exact(Divide, "6", "2", "3"),
        exact(
            Divide,
            "12345678901234567890.123456789012345678",
            "0.000000000003",
            "4115226300411522630041152263004.115226",
        ),
        exact(Divide, "0.000000000000000001", "0.000000000000000003", "0.333333333333"),
        exact(Divide, "99999999999999999999999999999", "7", "14285714285714285714285714285.571428571429"),
        exact(Divide, "1", "0", "null"),
        exact(Remainder, "7.5", "2", "1.5"),
        exact(Remainder, "-7.5", "2", "-1.5"),
        exact(Remainder, "7.5", "-2", "1.5"),
        exact(Remainder, "5.1", "0.3", "0"),
        exact(Remainder, "1", "0", "null"),
        is_zero(Remainder, "-4.0", "2"),
        is_zero(Remainder, "-5.1", "0.3"),
        is_zero(Divide, "-1", "100000000000000000000"),
        is_zero(Divide, "-0.0001", "100000000000000000000"),
        mixed(Add, int(1), decimal("0.5"), "1.5"),
        mixed(Multiply, decimal("0.5"), int(MAX), "4611686018427387903.5"),
        mixed(Divide, int(7), int(2), "3.5"),
        mixed(Remainder, int(7), decimal("2.5"), "2"),
        case(Expr::Negate(Box::new(decimal("-0.50")), Scalar::DECIMAL), "decimal 0.5"),
        case(calculate(Divide, null(Scalar::DECIMAL), decimal("0"), Scalar::DECIMAL), "null"),
    ])
    .await;
}

#[tokio::test]
async fn floating_point_numbers_know_more_than_numbers() {
    let float = |operator, left, right, expected: &str| {
        case(calculate(operator, double(left), double(right), Scalar::Double), expected)
    };
    check(vec![
        float(Add, 0.1, 0.2, "float 0.30000000000000004"),
        float(Subtract, 1.0, 0.9, "float 0.09999999999999998"),
        float(Multiply, 1e308, 10.0, "out of range"),
        float(Multiply, -1.5, 1.5, "float -2.25"),
        float(Divide, 1.0, 3.0, "float 0.3333333333333333"),
        float(Divide, 1.0, 0.0, "float inf").but(Kind::Mariadb, "null"),
        float(Divide, -1.0, 0.0, "float -inf").but(Kind::Mariadb, "null"),
        float(Divide, 0.0, 0.0, "null").but(Kind::Postgres, "float NaN"),
        float(Divide, 1e308, 0.1, "out of range"),
        float(Remainder, 5.5, 2.0, "float 1.5"),
        float(Remainder, -5.5, 2.0, "float -1.5"),
        float(Remainder, 5.5, 0.0, "null"),
        // Beside a double one a single one has all its digits.
        case(
            calculate(
                Remainder,
                Expr::Param(Value::Double(1_000_000.125), Scalar::Single),
                double(1.875),
                Scalar::Double,
            ),
            "float 0.75",
        ),
        case(calculate(Add, int(1), double(0.5), Scalar::Double), "float 1.5"),
        case(calculate(Multiply, decimal("0.1"), double(3.0), Scalar::Double), "float 0.30000000000000004"),
        case(calculate(Divide, int(1), int(2), Scalar::Double), "float 0.5"),
        case(calculate(Divide, null(Scalar::Double), double(0.0), Scalar::Double), "null"),
        case(calculate(Divide, double(0.0), null(Scalar::Double), Scalar::Double), "null"),
        case(Expr::Negate(Box::new(double(0.5)), Scalar::Double), "float -0.5"),
    ])
    .await;
}

#[tokio::test]
async fn halves_are_rounded_away_from_zero() {
    let mut cases = Vec::new();
    for (value, round, floor, ceiling) in [
        ("2.5", "3", "2", "3"),
        ("-2.5", "-3", "-3", "-2"),
        ("0.5", "1", "0", "1"),
        ("-0.5", "-1", "-1", "0"),
        ("1.4999999999999999999999", "1", "1", "2"),
        (
            "123456789012345678901234567890.5",
            "123456789012345678901234567891",
            "123456789012345678901234567890",
            "123456789012345678901234567891",
        ),
        ("7", "7", "7", "7"),
    ] {
        for (function, expected) in [(Function::Round, round), (Function::Floor, floor), (Function::Ceiling, ceiling)] {
            let rounded = call(function, vec![decimal(value)], Scalar::DECIMAL);
            cases.push(case(rounded, &format!("decimal {expected}")));
        }
    }
    for (value, round, floor, ceiling) in [
        (2.5, 3.0, 2.0, 3.0),
        (-2.5, -3.0, -3.0, -2.0),
        (0.5, 1.0, 0.0, 1.0),
        (1.5, 2.0, 1.0, 2.0),
        (0.499_999_999_999_999_94, 0.0, 0.0, 1.0),
        (2_251_799_813_685_248.5, 2_251_799_813_685_249.0, 2_251_799_813_685_248.0, 2_251_799_813_685_249.0),
        (9_007_199_254_740_991.0, 9_007_199_254_740_991.0, 9_007_199_254_740_991.0, 9_007_199_254_740_991.0),
        (1e300, 1e300, 1e300, 1e300),
    ] {
        for (function, expected) in [(Function::Round, round), (Function::Floor, floor), (Function::Ceiling, ceiling)] {
            let rounded = call(function, vec![double(value)], Scalar::Double);
            cases.push(case(rounded, &format!("float {expected:?}")));
        }
    }
    for function in [Function::Round, Function::Floor, Function::Ceiling] {
        cases.push(case(call(function, vec![int(MIN)], Scalar::Int64), &format!("int {MIN}")));
        cases.push(case(call(function, vec![null(Scalar::Double)], Scalar::Double), "null"));
        cases.push(case(call(function, vec![null(Scalar::DECIMAL)], Scalar::DECIMAL), "null"));
    }
    check(cases).await;
}

#[tokio::test]
async fn flags_are_bits() {
    let mut cases = Vec::new();
    for (number, bits, expected) in [
        (6, 2, true),
        (6, 6, true),
        (6, 3, false),
        (6, 0, true),
        (-1, 5, true),
        (-1, MIN, true),
        (0, -1, false),
        (MAX, MIN, false),
    ] {
        let has = call(Function::HasBits, vec![int(number), int(bits)], Scalar::Boolean);
        cases.push(case(has, &expected.to_string()));
    }
    cases.push(case(call(Function::HasBits, vec![null(Scalar::Int64), int(1)], Scalar::Boolean), "null"));
    check(cases).await;
}
