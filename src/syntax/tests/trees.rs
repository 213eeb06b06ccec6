//! Random trees: expressions, searches, options and `$apply`, each as only parsing can make it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::syntax::{
    AggregateFrom, AggregateItem, Apply, BinaryOperator, ComputeItem, Expr, ExprKind, FunctionCall, GroupItem,
    Hierarchy, KeyPredicate, Lambda, Literal, Options, OrderItem, OtherTransformation, PathStep, PathStepKind,
    RankKind, Search, SearchExpr, Span, Transformation, TransformationKind,
};

pub(super) fn at_no_place(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn step(kind: PathStepKind) -> PathStep {
    PathStep { kind, span: Span::default() }
}

/// A name, perhaps one that reads like a word of the language, but never like a literal.
pub(super) fn name() -> BoxedStrategy<String> {
    let words = select(vec![
        "eq", "and", "not", "in", "has", "asc", "desc", "any", "Not", "Größe", "a.b.C", "e5", "E", "as", "with",
        "from", "identity", "rollup", "keep", "filter", "OR",
    ]);
    prop_oneof![3 => "[A-Za-z_][A-Za-z0-9_]{0,8}", 1 => words.prop_map(str::to_owned)]
        .prop_filter("a literal or a function", |name| {
            let lower = name.to_ascii_lowercase();
            !["null", "true", "false", "inf", "nan", "day", "now", "date", "hour", "time", "trim", "year", "case"]
                .contains(&lower.as_str())
        })
        .boxed()
}

pub(super) fn identifier() -> BoxedStrategy<String> {
    name().prop_filter("no dots", |name| !name.contains('.')).boxed()
}

/// A name that is never followed by parentheses of another meaning.
fn called() -> BoxedStrategy<String> {
    "Zq[a-z]{0,3}(\\.Zq[a-z]{0,3})?".boxed()
}

pub(super) fn text() -> BoxedStrategy<String> {
    prop_oneof![any::<String>(), "[ '%&+/?#;,()\"=a-c0-9\\\\é]{0,12}"].boxed()
}

fn literal() -> BoxedStrategy<Literal> {
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
    .boxed()
}

/// A literal or an alias.
pub(super) fn value() -> BoxedStrategy<Expr> {
    prop_oneof![
        5 => literal().prop_map(ExprKind::Literal),
        1 => "[A-Za-z_][A-Za-z0-9_]{0,4}".prop_map(ExprKind::Alias),
    ]
    .prop_map(at_no_place)
    .boxed()
}

/// A path of names, the last of which may be `$count`.
pub(super) fn path() -> BoxedStrategy<Expr> {
    (vec(name(), 1..4), any::<bool>())
        .prop_map(|(names, count)| {
            let mut steps: Vec<_> = names.into_iter().map(|name| step(PathStepKind::Name(name))).collect();
            if count && steps.len() > 1 {
                steps.push(step(PathStepKind::Count { options: None }));
            }
            at_no_place(ExprKind::Path(steps))
        })
        .boxed()
}

fn names() -> BoxedStrategy<Expr> {
    let steps = |names: Vec<_>| names.into_iter().map(|name| step(PathStepKind::Name(name))).collect();
    vec(name(), 1..3).prop_map(move |names| at_no_place(ExprKind::Path(steps(names)))).boxed()
}

pub(super) fn expr() -> BoxedStrategy<Expr> {
    prop_oneof![value(), path()]
        .prop_recursive(5, 50, 4, |inner| {
            let inner = inner.boxed();
            // Boxed, so that the strategies, which hold one another by value, leave the stack alone.
            prop_oneof![
                3 => operators(inner.clone()).boxed(),
                1 => calls(inner.clone()).boxed(),
                1 => json(inner.clone()).boxed(),
                2 => steps(inner).prop_map(ExprKind::Path).boxed(),
            ]
            .prop_map(at_no_place)
        })
        .boxed()
}

fn operators(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    use BinaryOperator::{Add, Div, DivBy, Eq, Ge, Gt, Has, Le, Lt, Mod, Mul, Ne, Sub};
    let operators = vec![Eq, Ne, Gt, Ge, Lt, Le, Has, Add, Sub, Mul, Div, DivBy, Mod];
    let one = inner.clone().prop_map(Box::new);
    let list = vec(inner.clone(), 0..4).prop_map(|list| at_no_place(ExprKind::List(list)));
    prop_oneof![
        one.clone().prop_map(ExprKind::Not),
        one.clone().prop_map(ExprKind::Negate),
        vec(inner.clone(), 2..5).prop_map(ExprKind::And),
        vec(inner, 2..5).prop_map(ExprKind::Or),
        (select(operators), one.clone(), one.clone()).prop_map(|(name, a, b)| ExprKind::Binary(name, a, b)),
        (one, prop_oneof![list, path(), value()]).prop_map(|(left, right)| ExprKind::In(left, Box::new(right))),
    ]
    .boxed()
}

fn calls(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let functions = vec!["contains", "geo.distance", "now", "round"];
    let pairs = vec((inner.clone(), inner.clone()), 1..3)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(condition, value)| [condition, value]).collect());
    let types = select(vec!["Edm.String", "NS.T", "T", "Collection(NS.T)", "Collection(T)"]);
    prop_oneof![
        (select(functions), vec(inner.clone(), 0..4)).prop_map(|(name, list)| ExprKind::Call(name.to_owned(), list)),
        (called(), vec(inner.clone(), 2..4)).prop_map(|(name, list)| ExprKind::Call(name, list)),
        (select(vec!["cast", "isof"]), option::of(inner), types).prop_map(|(name, value, type_name)| {
            let type_name = at_no_place(ExprKind::Type(type_name.to_owned()));
            ExprKind::Call(name.to_owned(), value.into_iter().chain([type_name]).collect())
        }),
        pairs.prop_map(|pairs| ExprKind::Call("case".to_owned(), pairs)),
    ]
    .boxed()
}

fn json(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    prop_oneof![
        vec(inner.clone(), 0..3).prop_map(ExprKind::List),
        vec((text(), inner), 0..3).prop_map(ExprKind::Object),
    ]
    .boxed()
}

fn call(inner: BoxedStrategy<Expr>) -> BoxedStrategy<FunctionCall> {
    (called(), vec((identifier(), inner), 0..3))
        .prop_map(|(name, parameters)| FunctionCall { name, parameters })
        .boxed()
}

fn key() -> BoxedStrategy<PathStepKind> {
    value().prop_map(|value| PathStepKind::Key(Box::new(KeyPredicate::Single(value)))).boxed()
}

fn annotation() -> BoxedStrategy<PathStepKind> {
    "[A-Z][a-z]{0,3}\\.[A-Z][a-z]{0,3}(#[a-z]{1,3})?".prop_map(|name| PathStepKind::Annotation(name.into())).boxed()
}

/// One or two steps, since some have a key.
fn further(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Vec<PathStepKind>> {
    let lambda = (identifier(), inner.clone())
        .prop_map(|(variable, predicate)| Box::new(Lambda { variable, predicate }))
        .boxed();
    let call = call(inner.clone()).prop_map(|call| PathStepKind::Call(Box::new(call)));
    let filter = inner.clone().prop_map(|condition| PathStepKind::Filter(Box::new(condition)));
    let one = prop_oneof![
        2 => name().prop_map(PathStepKind::Name),
        1 => option::of(lambda.clone()).prop_map(PathStepKind::Any),
        1 => lambda.prop_map(PathStepKind::All),
        1 => annotation(),
        1 => aggregated(inner).prop_map(|item| PathStepKind::Aggregate(Box::new(item))).boxed(),
    ];
    let with_key = prop_oneof![called().prop_map(PathStepKind::Name), call, filter];
    prop_oneof![
        2 => one.prop_map(|step| vec![step]),
        1 => (with_key, option::of(key())).prop_map(|(step, key)| std::iter::once(step).chain(key).collect()),
    ]
    .boxed()
}

fn steps(inner: BoxedStrategy<Expr>) -> BoxedStrategy<Vec<PathStep>> {
    let call = call(inner.clone()).prop_map(|call| PathStepKind::Call(Box::new(call)));
    let alone = prop_oneof![
        Just(PathStepKind::It),
        Just(PathStepKind::This),
        Just(PathStepKind::These),
        annotation(),
        call,
        name().prop_map(PathStepKind::Name),
    ];
    let led = prop_oneof![Just(PathStepKind::Root), "[a-z]{1,3}".prop_map(|alias| PathStepKind::Alias(alias.into())),];
    let keyed = (called(), key()).prop_map(|(name, key)| vec![PathStepKind::Name(name), key]);
    let first = prop_oneof![
        3 => alone.prop_map(|step| vec![step]),
        1 => (led, name()).prop_map(|(first, name)| vec![first, PathStepKind::Name(name)]),
        1 => keyed,
    ];
    let filter = option::of(inner.clone());
    let count = (filter, option::of(search(true).boxed())).prop_map(|(filter, search)| {
        let options = Options { filter, search, ..Options::default() };
        let given = options != Options::default();
        PathStepKind::Count { options: given.then(|| Box::new(options)) }
    });
    (first.boxed(), vec(further(inner).boxed(), 0..3), option::of(count))
        .prop_map(|(first, further, count)| {
            first.into_iter().chain(further.into_iter().flatten()).chain(count).map(step).collect()
        })
        .boxed()
}

fn term(phrase: String, quoted: bool) -> SearchExpr {
    SearchExpr::Term { text: phrase, quoted, span: Span::default() }
}

pub(super) fn search(nested: bool) -> BoxedStrategy<Search> {
    let word = "[a-z0-9é'&%+:]{1,6}".prop_map(|word| term(word, false));
    let phrase = text()
        .prop_filter("nothing to search for", |phrase| !phrase.trim().is_empty())
        .prop_map(|phrase| term(phrase, true));
    let tree = prop_oneof![2 => word, 1 => phrase].prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| SearchExpr::Not(Box::new(inner))),
            vec(inner.clone(), 2..4).prop_map(SearchExpr::And),
            vec(inner, 2..4).prop_map(SearchExpr::Or),
        ]
    });
    // What breaks the grammar is one term, but in parentheses it would end too early.
    let broken = "[a-z ]{0,5};[a-z;() ]{0,5}".prop_map(|text| term(text.trim().to_owned(), false));
    let weight = u32::from(!nested);
    prop_oneof![5 => tree, weight => broken].prop_map(|expr| Search { expr, span: Span::default() }).boxed()
}

pub(super) fn order() -> BoxedStrategy<Vec<OrderItem>> {
    vec((expr(), any::<bool>()).prop_map(|(expr, descending)| OrderItem { expr, descending }), 1..3).boxed()
}

pub(super) fn compute() -> BoxedStrategy<Vec<ComputeItem>> {
    let item = |(expr, alias)| ComputeItem { expr, alias, span: Span::default() };
    vec((expr(), identifier()).prop_map(item), 1..3).boxed()
}

fn method() -> BoxedStrategy<String> {
    select(vec!["sum", "min", "max", "average", "countdistinct", "NS.Median"]).prop_map(str::to_owned).boxed()
}

/// An item without its name.
fn aggregated(inner: BoxedStrategy<Expr>) -> BoxedStrategy<AggregateItem> {
    let what = prop_oneof![
        Just((None, true, None)),
        names().prop_map(|path| (Some(path), true, None)),
        names().prop_map(|path| (Some(path), false, None)),
        (inner, method()).prop_map(|(value, method)| (Some(value), false, Some(method))),
    ];
    let from = (vec(names(), 1..3), option::of(method())).prop_map(|(by, method)| AggregateFrom { by, method });
    (what, vec(from, 0..2))
        .prop_map(|((expr, count, method), from)| AggregateItem {
            expr,
            count,
            method,
            from,
            alias: None,
            span: Span::default(),
        })
        .boxed()
}

fn aggregates() -> BoxedStrategy<Vec<AggregateItem>> {
    let item = (aggregated(expr().boxed()), option::of(identifier()), identifier());
    let item = item.prop_map(|(item, alias, wanted)| {
        let custom = !item.count && item.method.is_none() && item.from.is_empty();
        AggregateItem { alias: if custom { alias } else { Some(wanted) }, ..item }
    });
    vec(item, 1..3).boxed()
}

fn hierarchy() -> BoxedStrategy<Hierarchy> {
    (names(), identifier(), names()).prop_map(|(root, qualifier, node)| Hierarchy { root, qualifier, node }).boxed()
}

pub(super) fn apply() -> BoxedStrategy<Apply> {
    let leaf = prop_oneof![
        Just(TransformationKind::Identity),
        expr().prop_map(TransformationKind::Filter),
        search(true).prop_map(TransformationKind::Search),
        compute().prop_map(TransformationKind::Compute),
        order().prop_map(TransformationKind::OrderBy),
        any::<u64>().prop_map(TransformationKind::Top),
        any::<u64>().prop_map(TransformationKind::Skip),
        aggregates().prop_map(TransformationKind::Aggregate).boxed(),
        ranks().boxed(),
    ];
    let sequence =
        |kinds: Vec<_>| Apply(kinds.into_iter().map(|kind| Transformation { kind, span: Span::default() }).collect());
    let leaf = vec(leaf, 1..3).prop_map(sequence);
    leaf.prop_recursive(2, 6, 2, move |inner| {
        let inner = inner.boxed();
        let levels = vec(names(), 1..3);
        let group = prop_oneof![
            3 => names().prop_map(GroupItem::Path),
            1 => (any::<bool>(), levels).prop_map(|(all, levels)| GroupItem::Rollup { all, levels }),
            1 => (hierarchy(), option::of(inner.clone()))
                .prop_map(|(hierarchy, nodes)| GroupItem::RollupRecursive { hierarchy, nodes }),
        ];
        let kind = prop_oneof![
            2 => (vec(group, 1..3), option::of(inner.clone()))
                .prop_map(|(by, then)| TransformationKind::GroupBy { by, then }),
            1 => vec(inner.clone(), 2..3).prop_map(TransformationKind::Concat),
            2 => others(inner).prop_map(|other| TransformationKind::Other(Box::new(other))).boxed(),
        ];
        vec(kind, 1..3).prop_map(sequence)
    })
    .boxed()
}

fn ranks() -> BoxedStrategy<TransformationKind> {
    use RankKind::{BottomCount, BottomPercent, BottomSum, TopCount, TopPercent, TopSum};
    let kinds = vec![TopCount, TopSum, TopPercent, BottomCount, BottomSum, BottomPercent];
    (select(kinds), expr(), expr()).prop_map(|(kind, amount, by)| TransformationKind::Rank { kind, amount, by }).boxed()
}

fn others(inner: BoxedStrategy<Apply>) -> BoxedStrategy<OtherTransformation> {
    let relatives = (any::<bool>(), hierarchy(), inner.clone(), option::of(any::<u64>()), any::<bool>());
    let order = prop_oneof![
        Just(Vec::new()),
        called().prop_map(|name| {
            let expr = at_no_place(ExprKind::Path(vec![step(PathStepKind::Name(name))]));
            vec![OrderItem { expr, descending: true }]
        })
    ];
    let method = (called(), vec((identifier(), expr()), 0..2))
        .prop_map(|(name, parameters)| FunctionCall { name: format!("Zq.{name}"), parameters });
    prop_oneof![
        (any::<bool>(), names(), identifier(), option::of(inner.clone()))
            .prop_map(|(outer, property, alias, then)| OtherTransformation::Join { outer, property, alias, then }),
        (option::of(names()), vec((inner.clone(), identifier()), 1..3))
            .prop_map(|(path, members)| OtherTransformation::Nest { path, members }),
        relatives.prop_map(|(down, hierarchy, start, distance, keep_start)| {
            OtherTransformation::Relatives { down, hierarchy, start, distance, keep_start }
        }),
        (hierarchy(), any::<bool>(), vec("x", 1..2).prop_map(|_| None), order).prop_map(
            |(hierarchy, post, nodes, order)| OtherTransformation::Traverse { hierarchy, post, nodes, order }
        ),
        (names(), vec(inner, 0..2)).prop_map(|(path, then)| OtherTransformation::Expand { path, then }),
        method.prop_map(OtherTransformation::Custom),
    ]
    .boxed()
}
