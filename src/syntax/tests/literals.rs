//! Every form of a literal, and the forms that only look like one.

use crate::syntax::tests::{filter, refusal};
use crate::syntax::{ExprKind, Literal, SyntaxErrorKind};

fn literal(text: &str) -> Literal {
    let ExprKind::Binary(_, _, right) = filter(&format!("x eq {text}")).kind else { panic!("{text}") };
    let ExprKind::Literal(literal) = right.kind else { panic!("{text}: {right:?}") };
    literal
}

#[test]
fn words() {
    assert_eq!(literal("null"), Literal::Null);
    assert_eq!(literal("true"), Literal::Boolean(true));
    assert_eq!(literal("False"), Literal::Boolean(false));
    for text in ["INF", "NaN", "-INF"] {
        assert_eq!(literal(text), Literal::Number(text.to_owned()));
    }
    assert!(matches!(filter("inf").kind, ExprKind::Path(_)));
    assert!(matches!(filter("-INFO").kind, ExprKind::Negate(_)));
}

#[test]
fn numbers_are_kept_as_written() {
    for text in ["0", "007", "-5", "12345678901234567890123", "1.50", "-1.5e3", "1E-5", "2e5", "1.0E10", "12", "-0.0"] {
        assert_eq!(literal(text), Literal::Number(text.to_owned()));
    }
    assert_eq!(literal("1e%2B5"), Literal::Number("1e+5".to_owned()));
    assert_eq!(literal("1e+5"), Literal::Number("1e+5".to_owned()));
    assert_eq!(literal("%2B5"), Literal::Number("+5".to_owned()));
    assert_eq!(literal("+5"), Literal::Number("5".to_owned()));
}

#[test]
fn dates_times_and_guids() {
    for text in ["2024-05-01", "2024-02-30", "-0044-03-15", "12024-05-01"] {
        assert_eq!(literal(text), Literal::Date(text.to_owned()));
    }
    let instants = [
        "2024-05-01T00:00:00Z",
        "2024-05-01t02:00z",
        "2024-05-01T02:00:00.123456789012-05:30",
        "2024-05-01T02:00:00+02:00",
    ];
    for text in instants {
        assert_eq!(literal(text), Literal::DateTimeOffset(text.to_owned()));
    }
    assert_eq!(literal("2024-05-01T02%3A00:00%2B02:00"), Literal::DateTimeOffset("2024-05-01T02:00:00+02:00".into()));
    for text in ["13:05", "13:05:07", "13:05:07.123"] {
        assert_eq!(literal(text), Literal::TimeOfDay(text.to_owned()));
    }
    let guids = [
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "2024e501-0501-0000-0000-000000000000",
        "20240501-0501-0501-0501-202405010501",
        "12345678-1234-1234-1234-123456789012",
        "abcdefab-cdef-abcd-efab-cdefabcdefab",
        "E0000000-0000-0000-0000-000000000000",
    ];
    for text in guids {
        assert_eq!(literal(text), Literal::Guid(text.to_owned()));
    }
}

#[test]
fn strings_and_prefixed_strings() {
    let text = |text: &str| Literal::String(text.to_owned());
    assert_eq!(literal("''"), text(""));
    assert_eq!(literal("''''"), text("'"));
    assert_eq!(literal("'O''Neil'"), text("O'Neil"));
    assert_eq!(literal("'a) or (b;,\"'"), text("a) or (b;,\""));
    assert_eq!(literal("'Müller 名'"), text("Müller 名"));
    let prefixed = |prefix: &str, text: &str| Literal::Prefixed(prefix.to_owned(), text.to_owned());
    assert_eq!(literal("duration'P1DT2H'"), prefixed("duration", "P1DT2H"));
    assert_eq!(literal("Duration'P1D'"), prefixed("duration", "P1D"));
    assert_eq!(literal("binary'AAE='"), prefixed("binary", "AAE="));
    assert_eq!(literal("NS.Color'Red,Blue'"), prefixed("NS.Color", "Red,Blue"));
    assert_eq!(literal("geography'SRID=4326;POINT(1 2)'"), prefixed("geography", "SRID=4326;POINT(1 2)"));
}

#[test]
fn what_runs_into_something_else_is_no_literal() {
    for text in [
        "5abc",
        "1.",
        "1.5.2",
        "5L",
        "0x10",
        "1e",
        "2024-5-1",
        "2024-05-01T10:00:00",
        "2024-05-01T",
        "2024-05-01T10:00:00+2:00",
        "12:5",
        "2024-05-0x",
        "3f2504e0-4f89-11d3-9a0c-0305e82c330",
        "3f2504e0-4f89-11d3-9a0c-0305e82c33011",
        "5'x'",
    ] {
        let target = format!("Orders?$filter=x eq {text}");
        let (kind, place) = refusal(&target);
        let SyntaxErrorKind::Unexpected { expected, .. } = kind else { panic!("{text}: {kind:?}") };
        assert!(expected.contains("a number") || expected.contains("an operator"), "{text}: {expected}");
        assert!(!place.is_empty(), "{text}");
    }
}
