//! Parsing is the inverse of printing, for every tree that a request can give.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::syntax::{
    BinaryOperator, ExpandItem, Expr, ExprKind, KeyPredicate, Limits, Literal, Options, OrderItem, Path, PathStep,
    PathStepKind, ResourceUrl, Search, SearchExpr, Segment, SegmentKind, SelectItem, Span, parse, print,
};

const LIMITS: Limits = Limits { depth_max: 200, nodes_max: 100_000, list_max: 1_000 };

fn at_no_place(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn name() -> impl Strategy<Value = String> {
    let words = select(vec!["eq", "and", "not", "in", "has", "asc", "desc", "any", "Not", "Größe", "a.b.C", "e5", "E"]);
    prop_oneof![3 => "[A-Za-z_][A-Za-z0-9_]{0,8}", 1 => words.prop_map(str::to_owned)]
        .prop_filter("a literal", |name| {
            !["null", "true", "false", "inf", "nan"].contains(&name.to_ascii_lowercase().as_str())
        })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ '%&+/?#;,()\"=a-c0-9\\\\é]{0,12}"]
}

fn literal() -> impl Strategy<Value = Literal> {
    let number =
        prop_oneof!["[+-]?[0-9]{1,20}(\\.[0-9]{1,5})?(e[+-]?[0-9]{1,3})?", Just("INF".into()), Just("-INF".into())];
    let time = "[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,12})?)?";
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        number.prop_map(Literal::Number),
        text().prop_map(Literal::String),
        "-?[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Literal::Date),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})"
            .prop_map(Literal::DateTimeOffset),
        time.prop_map(Literal::TimeOfDay),
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}".prop_map(Literal::Guid),
        (select(vec!["duration", "binary", "geography", "NS.Color", "x"]), text())
            .prop_map(|(prefix, text)| Literal::Prefixed(prefix.to_owned(), text)),
    ]
}

fn value() -> impl Strategy<Value = Expr> {
    prop_oneof![
        5 => literal().prop_map(ExprKind::Literal),
        1 => "[A-Za-z_][A-Za-z0-9_]{0,4}".prop_map(ExprKind::Alias),
    ]
    .prop_map(at_no_place)
}

fn path() -> impl Strategy<Value = Expr> {
    (vec(name(), 1..4), any::<bool>()).prop_map(|(mut names, count)| {
        if count && names.len() > 1 {
            names.push("$count".to_owned());
        }
        let step = |name: String| {
            let kind = if name == "$count" { PathStepKind::Count { options: None } } else { PathStepKind::Name(name) };
            PathStep { kind, span: Span::default() }
        };
        at_no_place(ExprKind::Path(names.into_iter().map(step).collect()))
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    use BinaryOperator::{Add, Div, DivBy, Eq, Ge, Gt, Has, Le, Lt, Mod, Mul, Ne, Sub};
    let operators = vec![Eq, Ne, Gt, Ge, Lt, Le, Has, Add, Sub, Mul, Div, DivBy, Mod];
    let functions = vec!["contains", "geo.distance", "now", "NS.Custom", "cast", "eq"];
    prop_oneof![value(), path()].prop_recursive(6, 60, 4, move |inner| {
        let one = inner.clone().prop_map(Box::new);
        let pairs = vec((inner.clone(), inner.clone()), 1..3)
            .prop_map(|pairs| pairs.into_iter().flat_map(|(condition, value)| [condition, value]).collect());
        prop_oneof![
            one.clone().prop_map(ExprKind::Not),
            one.clone().prop_map(ExprKind::Negate),
            vec(inner.clone(), 2..5).prop_map(ExprKind::And),
            vec(inner.clone(), 2..5).prop_map(ExprKind::Or),
            (select(operators.clone()), one.clone(), one.clone()).prop_map(|(name, a, b)| ExprKind::Binary(name, a, b)),
            (one, vec(inner.clone(), 0..4))
                .prop_map(|(left, list)| ExprKind::In(left, Box::new(at_no_place(ExprKind::List(list))))),
            (select(functions.clone()), vec(inner, 0..4))
                .prop_map(|(name, list)| ExprKind::Call(name.to_owned(), list)),
            pairs.prop_map(|pairs| ExprKind::Call("case".to_owned(), pairs)),
        ]
        .prop_map(at_no_place)
    })
}

fn search(nested: bool) -> impl Strategy<Value = Search> {
    let bare = if nested { "[a-z0-9é'&%+ ]{1,12}" } else { "[a-z0-9é'&%+;(): ]{1,12}" };
    let bare = bare.prop_map(|phrase| (phrase.trim().to_owned(), false));
    let quoted = text().prop_map(|phrase| (phrase, true));
    prop_oneof![bare, quoted].prop_filter("nothing to search for", |(phrase, _)| !phrase.trim().is_empty()).prop_map(
        |(text, quoted)| Search {
            expr: SearchExpr::Term { text, quoted, span: Span::default() },
            span: Span::default(),
        },
    )
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![5 => vec(name(), 1..3), 1 => Just(vec!["*".to_owned()])]
}

fn clauses(nested: bool) -> impl Strategy<Value = Options> {
    let order = (expr(), any::<bool>()).prop_map(|(expr, descending)| OrderItem { expr, descending });
    let item = (names(), any::<bool>()).prop_map(|(path, has_options)| SelectItem {
        path: path.join("/"),
        options: has_options.then(Box::default),
        span: Span::default(),
    });
    let select = vec(item, 1..4);
    let page = (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<bool>()));
    (option::of(expr()), option::of(vec(order, 1..3)), option::of(select), option::of(search(nested)), page).prop_map(
        |(filter, order, select, search, (top, skip, count))| Options {
            filter,
            order,
            select,
            search,
            top,
            skip,
            count,
            ..Options::default()
        },
    )
}

fn expand() -> impl Strategy<Value = Vec<ExpandItem>> {
    let item = |(path, options)| ExpandItem { path, options, span: Span::default() };
    let leaf = vec((names(), clauses(true)).prop_map(item), 1..3);
    leaf.prop_recursive(2, 6, 2, move |inner| {
        let options = (clauses(true), option::of(inner)).prop_map(|(options, expand)| Options { expand, ..options });
        vec((names(), options).prop_map(item), 1..3)
    })
}

fn options() -> impl Strategy<Value = Options> {
    let token = option::of("[!-~é][ -~é]{0,8}[!-~]".prop_map(|token| (token, Span::default())));
    let format = option::of(select(vec!["json", "application/json;odata.metadata=full"]));
    let alias = option::of(("[a-z]{1,4}", expr()));
    (clauses(false), option::of(expand()), token, format, alias).prop_map(
        |(clauses, expand, skip_token, format, alias)| {
            let format = format.map(|format| (format.to_owned(), Span::default()));
            Options { expand, skip_token, format, aliases: alias.into_iter().collect(), ..clauses }
        },
    )
}

fn segment() -> impl Strategy<Value = SegmentKind> {
    let key = prop_oneof![
        value().prop_map(KeyPredicate::Single),
        vec((name().prop_filter("no dots", |name| !name.contains('.')), value()), 1..3).prop_map(KeyPredicate::Named),
    ];
    prop_oneof![
        4 => (name(), option::of(key)).prop_map(|(name, key)| SegmentKind::Name { name, key }),
        1 => "[0-9-][a-z0-9é/%?#+ ()'-]{0,8}".prop_map(|name| SegmentKind::Name { name, key: None }),
        1 => select(vec![SegmentKind::Count, SegmentKind::Value, SegmentKind::Ref]),
    ]
}

fn resource() -> impl Strategy<Value = Path> {
    (name(), vec(segment(), 0..4)).prop_map(|(name, rest)| {
        let first = SegmentKind::Name { name, key: None };
        let at_no_place = |kind| Segment { kind, span: Span::default() };
        Path::Resource(std::iter::once(first).chain(rest).map(at_no_place).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_is_the_inverse_of_printing(path in resource(), options in options()) {
        let tree = ResourceUrl { path, options };
        let printed = print(&tree);
        prop_assert!(printed.is_ascii());
        let parsed = parse(&printed, &LIMITS).map(ResourceUrl::without_spans);
        prop_assert_eq!(parsed, Ok(tree), "{}", printed);
    }

    #[test]
    fn every_place_of_a_filter_can_be_cut_out(filter in expr()) {
        let options = Options { filter: Some(filter), ..Options::default() };
        let printed = print(&ResourceUrl { path: Path::Service, options });
        let parsed = parse(&printed, &LIMITS).unwrap();
        // A name that reads like an operator is printed in brackets, and brackets are nobody's place.
        let place = parsed.options.filter.unwrap().span;
        let whole = "?$filter=".len()..printed.len();
        let inside = (printed[whole.clone()].starts_with('(')).then(|| whole.start + 1..whole.end - 1);
        prop_assert!(place == whole || Some(&place) == inside.as_ref(), "{} {:?}", printed, place);
    }
}
