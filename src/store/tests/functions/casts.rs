//! Casts and choices.

use super::*;

fn guid(text: &str) -> Expr {
    Expr::Param(Value::Guid(parse_guid(text).unwrap()), Scalar::Guid)
}

#[tokio::test]
async fn numbers_become_numbers_or_null() {
    let mut cases = Vec::new();
    for (value, to, expected) in [
        (decimal("2.5"), Scalar::Int64, "int 3"),
        (decimal("-2.5"), Scalar::Int32, "int -3"),
        (decimal("2.4999999999999999999"), Scalar::Int32, "int 2"),
        (decimal("255.4"), Scalar::Byte, "int 255"),
        (decimal("255.5"), Scalar::Byte, "null"),
        (decimal("-0.4"), Scalar::Byte, "int 0"),
        (decimal("-1"), Scalar::Byte, "null"),
        (decimal("9223372036854775807.4"), Scalar::Int64, "int 9223372036854775807"),
        (decimal("9223372036854775807.5"), Scalar::Int64, "null"),
        (decimal("-9223372036854775808.4"), Scalar::Int64, "int -9223372036854775808"),
        (decimal("-9223372036854775808.5"), Scalar::Int64, "null"),
        (decimal("123456789012345678901234567890"), Scalar::Int64, "null"),
        (int(i64::MAX), Scalar::Int32, "null"),
        (int(-129), Scalar::SByte, "null"),
        (int(-128), Scalar::SByte, "int -128"),
        (int(i64::MIN), Scalar::Int64, "int -9223372036854775808"),
        (int(i64::MAX), Scalar::DECIMAL, "decimal 9223372036854775807"),
        (int(5), Scalar::Double, "float 5.0"),
        (int(5), Scalar::Single, "float 5.0"),
        (double(2.5), Scalar::Int32, "int 3"),
        (double(-2.5), Scalar::Int32, "int -3"),
        (double(0.499_999_999_999_999_94), Scalar::Int32, "int 0"),
        (double(-0.5), Scalar::Byte, "null"),
        (double(-129.0), Scalar::SByte, "null"),
        (double(-32_769.0), Scalar::Int16, "null"),
        (double(32_767.5), Scalar::Int16, "null"),
        (double(-32_768.25), Scalar::Int16, "int -32768"),
        (double(1e300), Scalar::Int64, "null"),
        (double(9_223_372_036_854_774_784.0), Scalar::Int64, "int 9223372036854774784"),
        (double(9_223_372_036_854_775_808.0), Scalar::Int64, "null"),
        (double(-9_223_372_036_854_775_808.0), Scalar::Int64, "int -9223372036854775808"),
        (double(-9_223_372_036_854_777_856.0), Scalar::Int64, "null"),
        (double(0.1), Scalar::DECIMAL, "decimal 0.1"),
        (double(-1.5e10), Scalar::DECIMAL, "decimal -15000000000"),
        (double(0.1), Scalar::Double, "float 0.1"),
        (double(1e39), Scalar::Single, "null"),
        (double(0.5), Scalar::Single, "float 0.5"),
        (decimal("0.1"), Scalar::Double, "float 0.1"),
        (decimal("12.50"), Scalar::DECIMAL, "decimal 12.5"),
        (null(Scalar::DECIMAL), Scalar::Int32, "null"),
        (null(Scalar::Double), Scalar::Int32, "null"),
        (null(Scalar::Int64), Scalar::Byte, "null"),
        (null(Scalar::Double), Scalar::DECIMAL, "null"),
        (null(Scalar::Double), Scalar::Single, "null"),
    ] {
        cases.push(case(cast(value, to), expected));
    }
    check(cases).await;
}

#[tokio::test]
async fn values_become_texts_as_odata_writes_them() {
    let mut cases = Vec::new();
    for (value, expected) in [
        (int(i64::MIN), "-9223372036854775808"),
        (int(0), "0"),
        (decimal("12.50"), "12.5"),
        (decimal("100"), "100"),
        (decimal("100.00"), "100"),
        (decimal("-0.05"), "-0.05"),
        (decimal("0"), "0"),
        (decimal("123456789012345678901234567890.123"), "123456789012345678901234567890.123"),
        (double(0.1), "0.1"),
        (double(5.0), "5"),
        (double(-1_234.5), "-1234.5"),
        (double(123_456_789_012.5), "123456789012.5"),
        (Expr::Param(Value::Boolean(true), Scalar::Boolean), "true"),
        (Expr::Param(Value::Boolean(false), Scalar::Boolean), "false"),
        (string(" é "), " é "),
        (guid("3F2504E0-4F89-11D3-9A0C-0305E82C3301"), "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        (day("0001-01-01"), "0001-01-01"),
        (day("9999-12-31"), "9999-12-31"),
        (at("2024-02-29T10:20:30.120Z"), "2024-02-29T10:20:30.12Z"),
        (at("2024-02-29T10:20:00Z"), "2024-02-29T10:20:00Z"),
        (at("0001-01-01T00:00:00.000001Z"), "0001-01-01T00:00:00.000001Z"),
        (clock("23:59:59.999999"), "23:59:59.999999"),
        (clock("10:20"), "10:20:00"),
        (span("P1DT2H3M4.5S"), "PT93784.5S"),
        (span("-PT0.5S"), "-PT0.5S"),
        (span("PT100S"), "PT100S"),
        (Expr::Param(Value::Binary(Box::new([0xfb, 0xff, 0xbf, 0])), Scalar::BINARY), "-_-_AA=="),
        (Expr::Param(Value::Binary(vec![0xff; 60].into()), Scalar::BINARY), &"_".repeat(80)),
    ] {
        cases.push(case(cast(value, Scalar::STRING), &format!("text {expected}")));
    }
    for scalar in [
        Scalar::Int32,
        Scalar::DECIMAL,
        Scalar::Double,
        Scalar::Boolean,
        Scalar::Guid,
        Scalar::Date,
        Scalar::DATE_TIME_OFFSET,
        Scalar::TIME_OF_DAY,
        Scalar::DURATION,
        Scalar::BINARY,
    ] {
        cases.push(case(cast(null(scalar), Scalar::STRING), "null"));
    }
    check(cases).await;
}

#[tokio::test]
async fn texts_are_read_or_null() {
    let mut cases = Vec::new();
    for (text, to, expected) in [
        ("42", Scalar::Int32, "int 42"),
        ("-42", Scalar::Int32, "int -42"),
        ("+42", Scalar::Int32, "int 42"),
        ("0042", Scalar::Int32, "int 42"),
        ("300", Scalar::Byte, "null"),
        ("9223372036854775807", Scalar::Int64, "int 9223372036854775807"),
        ("9223372036854775808", Scalar::Int64, "null"),
        ("-9223372036854775808", Scalar::Int64, "int -9223372036854775808"),
        ("99999999999999999999999999999999999", Scalar::Int64, "null"),
        ("1.5", Scalar::Int32, "null"),
        ("", Scalar::Int32, "null"),
        (" 1", Scalar::Int32, "null"),
        ("1\n", Scalar::Int32, "null"),
        ("1x", Scalar::Int32, "null"),
        ("٣", Scalar::Int32, "null"),
        ("12.50", Scalar::DECIMAL, "decimal 12.5"),
        ("+0.1", Scalar::DECIMAL, "decimal 0.1"),
        ("-123456789012345678901234567890.123456", Scalar::DECIMAL, "decimal -123456789012345678901234567890.123456"),
        ("1.", Scalar::DECIMAL, "null"),
        (".5", Scalar::DECIMAL, "null"),
        ("1e5", Scalar::DECIMAL, "null"),
        ("1,5", Scalar::DECIMAL, "null"),
        ("0.1", Scalar::Double, "float 0.1"),
        ("-1e270", Scalar::Double, "float -1e270"),
        ("1e280", Scalar::Double, "null"),
        ("1E-9", Scalar::Double, "float 1e-9"),
        ("1e999", Scalar::Double, "null"),
        ("1e099", Scalar::Double, "null"),
        ("inf", Scalar::Double, "null"),
        ("abc", Scalar::Double, "null"),
        ("true", Scalar::Boolean, "true"),
        ("false", Scalar::Boolean, "false"),
        ("True", Scalar::Boolean, "null"),
        ("true ", Scalar::Boolean, "null"),
        ("1", Scalar::Boolean, "null"),
        ("2024-02-29", Scalar::Date, "date 2024-02-29"),
        ("2023-02-29", Scalar::Date, "null"),
        ("1900-02-29", Scalar::Date, "null"),
        ("2000-02-29", Scalar::Date, "date 2000-02-29"),
        ("2024-04-31", Scalar::Date, "null"),
        ("2024-13-01", Scalar::Date, "null"),
        ("0000-01-01", Scalar::Date, "null"),
        ("0001-01-01", Scalar::Date, "date 0001-01-01"),
        ("9999-12-31", Scalar::Date, "date 9999-12-31"),
        ("10000-01-01", Scalar::Date, "null"),
        ("2024-2-9", Scalar::Date, "null"),
        ("2024-02-09\n", Scalar::Date, "null"),
        ("12:30", Scalar::TIME_OF_DAY, "time 12:30:00"),
        ("23:59:59.999999", Scalar::TIME_OF_DAY, "time 23:59:59.999999"),
        ("24:00:00", Scalar::TIME_OF_DAY, "null"),
        ("12:30:00.1234567", Scalar::TIME_OF_DAY, "null"),
        ("2024-02-29T10:20:30.5Z", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T10:20:30.5"),
        ("2024-02-29T10:20Z", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T10:20:00"),
        ("2024-02-29T10:20:30", Scalar::DATE_TIME_OFFSET, "instant 2024-02-29T10:20:30"),
        ("2024-01-01T00:30:00+05:30", Scalar::DATE_TIME_OFFSET, "instant 2023-12-31T19:00:00"),
        ("2023-12-31T19:00:00.123456-05:30", Scalar::DATE_TIME_OFFSET, "instant 2024-01-01T00:30:00.123456"),
        ("2024-01-01T00:00:00+14:00", Scalar::DATE_TIME_OFFSET, "instant 2023-12-31T10:00:00"),
        ("2024-01-01T00:00:00+14:01", Scalar::DATE_TIME_OFFSET, "null"),
        ("0001-01-01T00:00:00+01:00", Scalar::DATE_TIME_OFFSET, "null"),
        ("9999-12-31T23:59:59-01:00", Scalar::DATE_TIME_OFFSET, "null"),
        ("2024-02-30T10:20:30Z", Scalar::DATE_TIME_OFFSET, "null"),
        ("2024-02-29 10:20:30Z", Scalar::DATE_TIME_OFFSET, "null"),
        ("2024-02-29", Scalar::DATE_TIME_OFFSET, "null"),
        ("now", Scalar::DATE_TIME_OFFSET, "null"),
        ("3F2504E0-4F89-11D3-9A0C-0305E82C3301", Scalar::Guid, "guid 3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("3F2504E04F8911D39A0C0305E82C3301", Scalar::Guid, "null"),
        ("abc", Scalar::STRING, "text abc"),
    ] {
        cases.push(case(cast(string(text), to), expected));
    }
    for scalar in [
        Scalar::Int32,
        Scalar::DECIMAL,
        Scalar::Double,
        Scalar::Boolean,
        Scalar::Guid,
        Scalar::Date,
        Scalar::DATE_TIME_OFFSET,
        Scalar::TIME_OF_DAY,
    ] {
        cases.push(case(cast(null(Scalar::STRING), scalar), "null"));
    }
    check(cases).await;
}

#[tokio::test]
async fn times_become_other_times() {
    check(vec![
        case(cast(at("1969-12-31T23:59:59.5Z"), Scalar::Date), "date 1969-12-31"),
        case(cast(at("1969-12-31T23:59:59.5Z"), Scalar::TIME_OF_DAY), "time 23:59:59.5"),
        case(cast(day("2024-02-29"), Scalar::DATE_TIME_OFFSET), "instant 2024-02-29T00:00:00"),
        case(cast(null(Scalar::Date), Scalar::DATE_TIME_OFFSET), "null"),
    ])
    .await;
}

#[tokio::test]
async fn the_first_true_condition_chooses() {
    let is = |left: Expr, right: Expr| Expr::Compare(Comparison::Equal, Box::new(left), Box::new(right));
    let choose = |first: Expr, second: Expr, scalar: Scalar| {
        Expr::Case(vec![(is(int(1), int(2)), first), (is(int(1), int(1)), second)], scalar)
    };
    check(vec![
        case(choose(string("a"), string("b"), Scalar::STRING), "text b"),
        case(choose(null(Scalar::STRING), string("b"), Scalar::STRING), "text b"),
        case(choose(string("a"), null(Scalar::STRING), Scalar::STRING), "null"),
        case(choose(int(1), decimal("2.50"), Scalar::DECIMAL), "decimal 2.5"),
        case(choose(decimal("2.50"), int(1), Scalar::DECIMAL), "decimal 1"),
        case(choose(int(1), double(0.5), Scalar::Double), "float 0.5"),
        case(choose(double(0.5), int(1), Scalar::Double), "float 1.0"),
        case(
            choose(at("2024-02-29T10:20:30Z"), at("2024-02-29T10:20:30.5Z"), Scalar::DATE_TIME_OFFSET),
            "instant 2024-02-29T10:20:30.5",
        ),
        case(choose(day("2024-02-29"), day("2024-02-28"), Scalar::Date), "date 2024-02-28"),
        case(choose(span("P1D"), span("PT1S"), Scalar::DURATION), "duration PT1S"),
        case(choose(clock("10:00"), clock("11:00"), Scalar::TIME_OF_DAY), "time 11:00:00"),
        case(
            choose(
                guid("3F2504E0-4F89-11D3-9A0C-0305E82C3301"),
                guid("00000000-0000-0000-0000-000000000000"),
                Scalar::Guid,
            ),
            "guid 00000000-0000-0000-0000-000000000000",
        ),
        case(choose(is(int(1), int(1)), is(int(1), int(2)), Scalar::Boolean), "false"),
        case(Expr::Case(vec![(is(int(1), int(2)), int(1))], Scalar::Int64), "null"),
    ])
    .await;
}
