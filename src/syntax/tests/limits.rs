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
        "a/any(a:".repeat(MANY),
        "a/all(a:not (".repeat(MANY),
        "a/$filter(".repeat(MANY),
        "a/$count($filter=".repeat(MANY),
        "$it/a in (".repeat(MANY),
        "f(p=".repeat(MANY),
        "$root/a(1)/f(p=".repeat(MANY),
        "[".repeat(MANY),
        "{\"a\":".repeat(MANY),
        "a in [".repeat(MANY),
        "cast(".repeat(MANY),
        "a/aggregate(".repeat(MANY),
        right_nested,
    ];
    for unbounded in [Limits::default(), Limits { depth_max: usize::MAX, nodes_max: usize::MAX, list_max: usize::MAX }]
    {
        for text in &deep {
            let (unit, _) = limit(&format!("A?$filter={text}"), &unbounded);
            assert_eq!(unit, "levels of nesting", "{}", &text[..20]);
        }
        for text in [
            format!("$expand={}", "B($expand=".repeat(MANY)),
            format!("$select={}", "B($select=".repeat(MANY)),
            format!("$expand={}B($select=a($filter={}", "B($expand=".repeat(40), "b/any(c:".repeat(MANY)),
            format!("$search={}", "(".repeat(MANY)),
            format!("$search={}", "NOT ".repeat(MANY)),
            format!("$apply={}", "concat(".repeat(MANY)),
            format!("$apply={}", "groupby((a),".repeat(MANY)),
            format!("$apply={}", "nest(".repeat(MANY)),
            format!("$apply={}", "filter(a/aggregate(".repeat(MANY)),
            format!("$compute={}", "a/any(b:".repeat(MANY)),
            format!("@p={}", "[{\"a\":[".repeat(MANY)),
        ] {
            let (unit, _) = limit(&format!("A?{text}"), &unbounded);
            assert_eq!(unit, "levels of nesting", "{}", &text[..20]);
        }
        let (unit, _) = limit(&format!("A/$filter({}", "(".repeat(MANY)), &unbounded);
        assert_eq!(unit, "levels of nesting");
    }
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
    let limits = Limits { nodes_max: 7, list_max: 3, ..Limits::default() };
    assert!(parse("A?$filter=a eq 1&$orderby=b,c,d,e", &limits).is_ok());
    assert_eq!(limit("A?$filter=a eq 1&$orderby=b,c,d,e,f", &limits), ("terms", 7));
    assert_eq!(limit("A?$search=a b c d e f g h", &limits), ("terms", 7));
    assert_eq!(
        limit("A?$apply=skip(1)/skip(1)/skip(1)/skip(1)/skip(1)/skip(1)/skip(1)/skip(1)", &limits),
        ("terms", 7)
    );
    for text in [
        "$filter=a/b/c/d",
        "$filter=a in [1,2,3,4]",
        "$filter=f(a=1,b=2,c=3,d=4)",
        "$filter=g(a,b,c,d)",
        "@p={\"a\":1,\"b\":2,\"c\":3,\"d\":4}",
        "$expand=a/b/c/d",
        "$apply=concat(skip(1),skip(1),skip(1),skip(1))",
        "$apply=groupby((a,b,c,d))",
        "$apply=groupby((rollup(a,b,c,d)))",
    ] {
        assert_eq!(limit(&format!("A?{text}"), &limits), ("members of a list", 3), "{text}");
    }
    assert_eq!(limit("$crossjoin(A,B,C,D)", &limits), ("members of a list", 3));
    assert_eq!(limit("A(a=1,b=2,c=3,d=4)", &limits), ("members of a list", 3));
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
