//! Limits are errors, never a full stack; and what is wide but flat is no problem.

use crate::syntax::tests::url;
use crate::syntax::{ExprKind, Limits, SyntaxErrorKind, parse};

fn limit(target: &str, limits: &Limits) -> (&'static str, usize) {
    match parse(target, limits).unwrap_err().kind {
        SyntaxErrorKind::Limit { unit, limit } => (unit, limit),
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn nesting_is_bounded_whatever_makes_it() {
    const MANY: usize = 100_000;
    let right_nested = "a or a and a eq a gt a add a mul (".repeat(MANY);
    let deep = [
        "(".repeat(MANY),
        "not ".repeat(MANY),
        "- ".repeat(MANY),
        "-".repeat(MANY),
        "not(".repeat(MANY),
        "f(".repeat(MANY),
        "a in (".repeat(MANY),
        "case(a:".repeat(MANY),
        format!("a{}", " add a".repeat(MANY)),
        format!("a{}", " eq a".repeat(MANY)),
        format!("a{}", " in (1)".repeat(MANY)),
        right_nested,
    ];
    for unbounded in [Limits::default(), Limits { depth_max: usize::MAX, nodes_max: usize::MAX, list_max: usize::MAX }]
    {
        for text in &deep {
            let (unit, _) = limit(&format!("A?$filter={text}"), &unbounded);
            assert_eq!(unit, "levels of nesting", "{}", &text[..20]);
        }
        let (unit, _) = limit(&format!("A?$expand={}", "B($expand=".repeat(MANY)), &unbounded);
        assert_eq!(unit, "levels of nesting");
    }
}

#[test]
fn text_that_is_stepped_over_may_be_nested_deeply() {
    let deep = format!("A?$filter=Lines/any(l:{}1{})", "(".repeat(100_000), ")".repeat(100_000));
    assert!(matches!(url(&deep).options.filter.unwrap().kind, ExprKind::Other { .. }));
    let json = format!("A?$filter=x eq {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(url(&json).options.filter.is_some());
}

#[test]
fn depth_counts_levels() {
    let limits = Limits { depth_max: 3, ..Limits::default() };
    assert!(parse("A?$filter=(((a)))", &limits).is_ok());
    assert_eq!(limit("A?$filter=((((a))))", &limits), ("levels of nesting", 3));
    assert!(parse("A?$filter=a add b add c", &limits).is_ok());
    assert_eq!(limit("A?$filter=a add b add c add d", &limits), ("levels of nesting", 3));
    assert!(parse("A?$filter=a or b or c or d or e or f", &limits).is_ok());
    let error = parse("A?$filter=((((a))))", &limits).unwrap_err();
    assert_eq!(error.span, 13..14);
}

#[test]
fn nodes_and_members_are_counted() {
    let limits = Limits { nodes_max: 6, list_max: 3, ..Limits::default() };
    assert!(parse("A?$filter=a eq 1&$orderby=b,c,d", &limits).is_ok());
    assert_eq!(limit("A?$filter=a eq 1&$orderby=b,c,d,e", &limits), ("terms", 6));
    assert!(parse("A?$filter=a in (1,2,3)", &limits).is_ok());
    assert_eq!(limit("A?$filter=a in (1,2,3,4)", &limits), ("members of a list", 3));
    assert!(parse("A(a=1,b=2,c=3)?$filter=d", &limits).is_ok());
}

#[test]
fn wide_filters_are_flat() {
    let terms: Vec<String> = (0..2_000).map(|term| format!("contains(T{term},'x') eq true")).collect();
    let ExprKind::Or(operands) = url(&format!("A?$filter={}", terms.join(" or "))).options.filter.unwrap().kind else {
        panic!()
    };
    assert_eq!(operands.len(), 2_000);
    let list: Vec<String> = (0..10_000).map(|member| member.to_string()).collect();
    let ExprKind::In(_, right) = url(&format!("A?$filter=a in ({})", list.join(","))).options.filter.unwrap().kind
    else {
        panic!()
    };
    let ExprKind::List(members) = right.kind else { panic!() };
    assert_eq!(members.len(), 10_000);
}

#[test]
fn parameter_aliases_are_bounded() {
    let aliases = |count: usize| (0..count).map(|alias| format!("&@a{alias}=1")).collect::<Vec<_>>().concat();
    assert_eq!(url(&format!("A?$top=1{}", aliases(100))).options.aliases.len(), 100);
    assert_eq!(limit(&format!("A?$top=1{}", aliases(101)), &Limits::default()), ("parameter aliases", 100));
}
