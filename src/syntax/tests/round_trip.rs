//! Parsing is the inverse of printing, for every tree that a request can give.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::syntax::tests::trees::{apply, compute, expr, identifier, name, order, search, value};
use crate::syntax::{
    ExpandItem, KeyPredicate, Levels, Limits, Options, Path, ResourceUrl, Segment, SegmentKind, SelectItem, Span, Word,
    parse, print,
};

const LIMITS: Limits = Limits { depth_max: 200, nodes_max: 100_000, list_max: 1_000 };

/// Options of a collection, without those that nest.
fn page() -> BoxedStrategy<Options> {
    let numbers = (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<bool>()));
    (option::of(expr()), option::of(order()), option::of(search(true)), numbers)
        .prop_map(|(filter, order, search, (top, skip, count))| Options {
            filter,
            order,
            search,
            top,
            skip,
            count,
            ..Options::default()
        })
        .boxed()
}

fn selected() -> BoxedStrategy<Vec<SelectItem>> {
    let path = prop_oneof![
        4 => vec(name(), 1..3).prop_map(|names| names.join("/")),
        1 => Just("NS.F(p,q)".to_owned()),
        1 => Just("a/@NS.Term#q".to_owned()),
    ];
    let star = select(vec!["*", "NS.*"]).prop_map(|star| (star.to_owned(), None));
    let options = (page(), option::of(compute()), option::of(("[a-z]{1,4}", expr())), any::<bool>()).prop_map(
        |(page, compute, alias, deep)| {
            let select = deep.then(|| vec![SelectItem { path: "a".to_owned(), options: None, span: Span::default() }]);
            Options { compute, select, aliases: alias.into_iter().collect(), ..page }
        },
    );
    let given = |options: Options| Some(Box::new(options)).filter(|options| **options != Options::default());
    let with_options =
        (vec(name(), 1..3), options.prop_map(given)).prop_map(|(names, options)| (names.join("/"), options));
    let item = prop_oneof![3 => path.prop_map(|path| (path, None)), 1 => star, 1 => with_options];
    vec(item.prop_map(|(path, options)| SelectItem { path, options, span: Span::default() }), 1..4).boxed()
}

fn levels() -> BoxedStrategy<Option<Levels>> {
    option::of(prop_oneof![Just(Levels::Max), (1..=u64::MAX).prop_map(Levels::Number)]).boxed()
}

fn expand() -> BoxedStrategy<Vec<ExpandItem>> {
    let item = |(path, options)| ExpandItem { path, options, span: Span::default() };
    let whole = |inner: BoxedStrategy<Option<Vec<ExpandItem>>>| {
        let more = (option::of(selected()), option::of(compute()), option::of(apply()), levels());
        let alias = option::of(("[a-z]{1,4}", expr()));
        (page(), more, alias, inner).prop_map(|(page, (select, compute, apply, levels), alias, expand)| Options {
            select,
            compute,
            apply,
            levels,
            expand,
            aliases: alias.into_iter().collect(),
            ..page
        })
    };
    let leaf = vec((vec(name(), 1..3), whole(Just(None).boxed())).prop_map(item), 1..2);
    leaf.prop_recursive(2, 6, 2, move |inner| {
        let path = || vec(name(), 1..3);
        let ended = |end: &'static str| {
            move |mut path: Vec<String>| {
                path.push(end.to_owned());
                path
            }
        };
        let counted = (option::of(expr()), option::of(search(true))).prop_map(|(filter, search)| Options {
            filter,
            search,
            ..Options::default()
        });
        let star = levels().prop_map(|levels| (vec!["*".to_owned()], Options { levels, ..Options::default() }));
        let alone = select(vec![vec!["*", "$ref"], vec!["$value"], vec!["@NS.Term#q", "a"], vec!["a", "*"]])
            .prop_map(|path| (path.into_iter().map(str::to_owned).collect(), Options::default()));
        let kinds = prop_oneof![
            3 => (path(), whole(option::of(inner).boxed())),
            1 => (path().prop_map(ended("$ref")), page()),
            1 => (path().prop_map(ended("$count")), counted),
            1 => star,
            1 => alone,
        ];
        vec(kinds.prop_map(item), 1..3)
    })
    .boxed()
}

fn options() -> BoxedStrategy<Options> {
    let text = || option::of("[!-~é][ -~é]{0,8}[!-~]".prop_map(|token| (token, Span::default())));
    let texts = (text(), text(), text());
    let format = option::of(select(vec!["json", "application/json;odata.metadata=full"]));
    let version = option::of(select(vec!["*", "2.0-b_~"]));
    let alias = option::of(("[a-z]{1,4}", expr()));
    let clauses = (option::of(selected()), option::of(expand()), option::of(compute()), option::of(apply()));
    let rest = (format, version, alias, option::of(any::<i64>()), option::of(search(false)));
    (page(), clauses, texts, rest)
        .prop_map(|(page, (select, expand, compute, apply), texts, (format, version, alias, index, search))| {
            let placed = |text: &str| (text.to_owned(), Span::default());
            Options {
                select,
                expand,
                compute,
                apply,
                search,
                skip_token: texts.0,
                delta_token: texts.1,
                id: texts.2,
                format: format.map(placed),
                schema_version: version.map(placed),
                index,
                aliases: alias.into_iter().collect(),
                ..page
            }
        })
        .boxed()
}

fn key() -> BoxedStrategy<KeyPredicate> {
    prop_oneof![
        value().prop_map(KeyPredicate::Single),
        vec((identifier(), value()), 1..3).prop_map(KeyPredicate::Named),
    ]
    .boxed()
}

/// A segment, or two where a key follows other parentheses.
fn segment() -> BoxedStrategy<Vec<SegmentKind>> {
    let parentheses = prop_oneof![3 => key(), 1 => Just(KeyPredicate::Empty)];
    let filter = expr().prop_map(SegmentKind::Filter).boxed();
    let called = (name(), parentheses.clone()).prop_map(|(name, key)| SegmentKind::Name { name, key: Some(key) });
    let system = vec![SegmentKind::Count, SegmentKind::Value, SegmentKind::Ref, SegmentKind::Each, SegmentKind::Query];
    let one = prop_oneof![
        4 => (name(), option::of(parentheses)).prop_map(|(name, key)| SegmentKind::Name { name, key }),
        1 => "[0-9-][a-z0-9é/%?#+ ()'-]{0,8}".prop_map(|name| SegmentKind::Name { name, key: None }),
        1 => select(system),
        1 => filter.clone(),
    ];
    prop_oneof![
        4 => one.prop_map(|segment| vec![segment]),
        1 => (prop_oneof![called, filter], key().prop_map(SegmentKind::Key)).prop_map(|(first, key)| vec![first, key]),
    ]
    .boxed()
}

fn paths() -> BoxedStrategy<Path> {
    let at_no_place = |kind| Segment { kind, span: Span::default() };
    let resource = (name(), vec(segment(), 0..4)).prop_map(move |(name, rest)| {
        let first = SegmentKind::Name { name, key: None };
        Path::Resource(std::iter::once(first).chain(rest.into_iter().flatten()).map(at_no_place).collect())
    });
    let word = |text| Word { text, span: Span::default() };
    let sets = vec(identifier().prop_map(word), 1..3);
    prop_oneof![
        6 => resource,
        1 => select(vec![Path::Service, Path::Metadata, Path::Batch]),
        1 => option::of(name().prop_map(word)).prop_map(|cast| Path::All { cast, span: Span::default() }),
        1 => option::of(name().prop_map(word)).prop_map(|cast| Path::Entity { cast, span: Span::default() }),
        1 => (sets, any::<bool>()).prop_map(|(sets, query)| Path::Crossjoin { sets, query, span: Span::default() }),
    ]
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_is_the_inverse_of_printing(path in paths(), options in options()) {
        let tree = ResourceUrl { path, options };
        let printed = print(&tree);
        prop_assert!(printed.is_ascii());
        let parsed = parse(&printed, &LIMITS).map(ResourceUrl::without_spans);
        prop_assert_eq!(parsed, Ok(tree), "{}", printed);
    }

    #[test]
    fn expressions_survive_the_way_there_and_back(filter in expr()) {
        let options = Options { filter: Some(filter), ..Options::default() };
        let tree = ResourceUrl { path: Path::Service, options };
        let printed = print(&tree);
        let parsed = parse(&printed, &LIMITS).map(ResourceUrl::without_spans);
        prop_assert_eq!(parsed, Ok(tree), "{}", printed);
    }

    #[test]
    fn every_place_of_a_filter_can_be_cut_out(filter in expr()) {
        let is_path = matches!(filter.kind, crate::syntax::ExprKind::Path(_));
        let options = Options { filter: Some(filter), ..Options::default() };
        let printed = print(&ResourceUrl { path: Path::Service, options });
        let parsed = parse(&printed, &LIMITS).unwrap();
        // A name that reads like an operator is printed in brackets, and brackets are nobody's place.
        let place = parsed.options.filter.unwrap().span;
        let whole = "?$filter=".len()..printed.len();
        let is_enclosed = is_path && printed[whole.clone()].starts_with('(');
        let inside = is_enclosed.then(|| whole.start + 1..whole.end - 1);
        prop_assert!(place == whole || Some(&place) == inside.as_ref(), "{} {:?}", printed, place);
    }
}
