//! Items of collections that lie in one column as JSON.

use super::*;
use crate::sql::ast::{Column, From, ITEM};

/// How many items of the JSON text there are, as values of the type and, unless they are all meant, equal to one.
fn count(json: &str, scalar: Scalar, equal: Option<Expr>) -> Expr {
    let text = Column::made(7, ITEM, Scalar::STRING, true);
    let item = match scalar {
        Scalar::String { .. } => Expr::Column(text),
        scalar => cast(Expr::Column(text), scalar),
    };
    let filter = equal.map(|equal| Expr::Same(Box::new(item), Box::new(equal)));
    let columns = vec![Output { expr: Expr::CountAll, scalar: Scalar::Int64 }];
    let of = Select::of(columns, From::Items(Box::new(string(json)), false));
    Expr::Single(Box::new(Select { alias: 7, named: true, filter, ..of }))
}

fn found(json: &str, scalar: Scalar, equal: Expr, expected: u64) -> Case {
    case(count(json, scalar, Some(equal)), &format!("int {expected}"))
}

#[tokio::test]
async fn items_are_read_to_the_last_digit() {
    let decimals = r#"[1.10, "1.1", 12345678901234567890.123, -0.5, null]"#;
    let texts = r#"["a", "a ", "A", "é", "\u00e9", "\ud83d\ude00", "q\"\\", "", null, "true"]"#;
    let days = r#"["2024-02-29", "2024-02-30", null, "0001-01-01"]"#;
    let instants = r#"["2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", "2024-02-29T12:00:00.000001Z"]"#;
    let guid = Expr::Param(Value::Guid(parse_guid("3f2504e0-4f89-11d3-9a0c-0305e82c3301").unwrap()), Scalar::Guid);
    let truth = |value| Expr::Param(Value::Boolean(value), Scalar::Boolean);
    check(vec![
        found(decimals, Scalar::DECIMAL, decimal("1.1"), 2),
        found(decimals, Scalar::DECIMAL, decimal("12345678901234567890.123"), 1),
        found(decimals, Scalar::DECIMAL, decimal("12345678901234567890.124"), 0),
        found(decimals, Scalar::DECIMAL, decimal("-0.5"), 1),
        found("[9007199254740993, -9223372036854775808]", Scalar::Int64, int(9_007_199_254_740_993), 1),
        found("[9007199254740993, -9223372036854775808]", Scalar::Int64, int(9_007_199_254_740_992), 0),
        found("[9007199254740993, -9223372036854775808]", Scalar::Int64, int(i64::MIN), 1),
        found("[0.1, 1e100, 5]", Scalar::Double, double(0.1), 1),
        found("[0.1, 1e100, 5]", Scalar::Double, double(1e100), 1),
        found("[0.1, 1e100, 5]", Scalar::Double, double(5.0), 1),
        found(&format!("[1{}, 5]", "0".repeat(100)), Scalar::Double, double(1e100), 1),
        found(&format!("[0.{}1, 5]", "0".repeat(99)), Scalar::Double, double(1e-100), 1),
        found("[true, false, null, true]", Scalar::Boolean, truth(true), 2),
        found("[true, false, null, true]", Scalar::Boolean, truth(false), 1),
        found(texts, Scalar::STRING, string("a"), 1),
        found(texts, Scalar::STRING, string("a "), 1),
        found(texts, Scalar::STRING, string("é"), 2),
        found(texts, Scalar::STRING, string("😀"), 1),
        found(texts, Scalar::STRING, string("q\"\\"), 1),
        found(texts, Scalar::STRING, string(""), 1),
        found(texts, Scalar::STRING, string("true"), 1),
        found(days, Scalar::Date, day("2024-02-29"), 1),
        found(days, Scalar::Date, day("0001-01-01"), 1),
        found(instants, Scalar::DATE_TIME_OFFSET, at("2024-02-29T12:00:00Z"), 2),
        found(r#"["3F2504E0-4F89-11D3-9A0C-0305E82C3301", "x"]"#, Scalar::Guid, guid, 1),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_array_has_no_items() {
    let all = |json: &str, expected: u64| case(count(json, Scalar::STRING, None), &format!("int {expected}"));
    check(vec![
        all("[]", 0),
        all(" [ ] ", 0),
        all("[null]", 1),
        all("[1, null, \"x\"]", 3),
        all("null", 0),
        all("{}", 0),
        all("{\"a\": 1}", 0),
        all("5", 0),
        all("\"[1]\"", 0),
        all("", 0),
        case(
            Expr::Single(Box::new(Select {
                alias: 7,
                named: true,
                ..Select::of(
                    vec![Output { expr: Expr::CountAll, scalar: Scalar::Int64 }],
                    From::Items(Box::new(null(Scalar::STRING)), false),
                )
            })),
            "int 0",
        ),
    ])
    .await;
}
