//! Resource paths: segments, keys, and the segments with a dollar sign.

use crate::syntax::tests::{refusal, show, url};
use crate::syntax::{KeyPredicate, Path, SegmentKind, SyntaxErrorKind, Word};

/// Segments as text, separated by ` > `.
fn shown(target: &str) -> String {
    let Path::Resource(segments) = url(target).path else { return format!("{:?}", url(target).path) };
    let texts = segments.iter().map(|segment| match &segment.kind {
        SegmentKind::Name { name, key: None } => name.clone(),
        SegmentKind::Name { name, key: Some(KeyPredicate::Single(value)) } => format!("{name}[{}]", show(value)),
        SegmentKind::Name { name, key: Some(KeyPredicate::Named(parts)) } => {
            let parts: Vec<_> = parts.iter().map(|(name, value)| format!("{name}={}", show(value))).collect();
            format!("{name}[{}]", parts.join(","))
        }
        SegmentKind::Filter(condition) => show(condition),
        SegmentKind::Name { name, key: Some(KeyPredicate::Empty) } => format!("{name}[]"),
        SegmentKind::Key(KeyPredicate::Single(value)) => format!("Key({})", show(value)),
        SegmentKind::Key(KeyPredicate::Named(parts)) => {
            let parts: Vec<_> = parts.iter().map(|(name, value)| format!("{name}={}", show(value))).collect();
            format!("Key({})", parts.join(","))
        }
        other => format!("{other:?}"),
    });
    texts.collect::<Vec<_>>().join(" > ")
}

#[test]
fn the_service_root_and_the_documents() {
    for target in ["", "/", "//", "?$format=json", "/?x=1"] {
        assert_eq!(url(target).path, Path::Service, "{target}");
    }
    for target in ["$metadata", "/$metadata", "//$metadata?$format=xml", "%24metadata"] {
        assert_eq!(url(target).path, Path::Metadata, "{target}");
    }
    assert_eq!(url("$batch").path, Path::Batch);
    let word = |text: &str, span| Word { text: text.to_owned(), span };
    assert_eq!(url("$all").path, Path::All { cast: None, span: 0..4 });
    assert_eq!(url("$all/NS.Type").path, Path::All { cast: Some(word("NS.Type", 5..12)), span: 0..12 });
    assert_eq!(url("$entity?$id=Orders(1)").path, Path::Entity { cast: None, span: 0..7 });
    let cast = Some(word("Type", 8..12));
    assert_eq!(url("$entity/Type?$id=Orders(1)").path, Path::Entity { cast, span: 0..12 });
    let sets = vec![word("A", 11..12), word("B", 14..15)];
    assert_eq!(url("$crossjoin(A, B)").path, Path::Crossjoin { sets: sets.clone(), query: false, span: 0..16 });
    assert_eq!(url("$crossjoin(A, B)/$query").path, Path::Crossjoin { sets, query: true, span: 0..23 });
}

#[test]
fn segments_and_keys() {
    for (target, expected) in [
        ("Orders", "Orders"),
        ("/Orders/$count", "Orders > Count"),
        ("Orders(1)", "Orders[1]"),
        ("Orders( 1 )", "Orders[1]"),
        ("Orders(-1)/Total/$value", "Orders[-1] > Total > Value"),
        ("Orders(OrderID=1)", "Orders[OrderID=1]"),
        ("OrderLines(ProductID=11, OrderID=-5)", "OrderLines[ProductID=11,OrderID=-5]"),
        ("Accounts('O''Neil')", "Accounts['O'Neil']"),
        ("Accounts('a=b,c)')", "Accounts['a=b,c)']"),
        ("Accounts(%27A%27)/Orders(5)/$ref", "Accounts['A'] > Orders[5] > Ref"),
        ("Accounts(@k)?@k='x'", "Accounts[@k]"),
        ("A(x=@k,y=2024-05-01)", "A[x=@k,y=2024-05-01]"),
        ("A(true)", "A[true]"),
        ("Orders/10248", "Orders > 10248"),
        ("Orders/-1/Lines", "Orders > -1 > Lines"),
        ("Invoices/INV%2F1%20x/Amount", "Invoices > INV/1 x > Amount"),
        ("Shipments/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "Shipments > 3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("Orders/NS.Sub", "Orders > NS.Sub"),
        ("Größe('x')", "Größe['x']"),
        ("Orders/$filter(Total gt 5)/$each", "Orders > [Total Gt 5] > Each"),
        ("Orders/$query", "Orders > Query"),
        ("Orders()", "Orders[]"),
        ("F( )/x", "F[] > x"),
        ("F(p=1,q=@q)(2)/x", "F[p=1,q=@q] > Key(2) > x"),
        ("F()(a=1,b=2)", "F[] > Key(a=1,b=2)"),
        ("Orders/$filter(Total%20gt%205)(1)/Lines", "Orders > [Total Gt 5] > Key(1) > Lines"),
        ("Orders/$filter(@f)/$count?@f=Total gt 5", "Orders > @f > Count"),
        ("Orders/$filter(Account%2FName eq 'a%2Fb')", "Orders > [Account/Name Eq 'a/b']"),
        ("Orders/$filter(a)/$filter(b)/$each/NS.Close", "Orders > a > b > Each > NS.Close"),
        ("Orders(1)/Tags/-1", "Orders[1] > Tags > -1"),
        ("Orders(1)/NS.Sub/NS.F(p='x')/$value", "Orders[1] > NS.Sub > NS.F[p='x'] > Value"),
        ("Orders(NS.E'A,B')/$ref", "Orders[Prefixed(\"NS.E\", \"A,B\")] > Ref"),
    ] {
        assert_eq!(shown(target), expected, "{target}");
    }
    let Path::Resource(segments) = url("/Orders(1)/%4Cines?$top=1").path else { panic!() };
    assert_eq!((segments[0].span.clone(), segments[1].span.clone()), (1..10, 11..18));
}

#[test]
fn malformed_paths_are_refused() {
    for (target, expected, underlined) in [
        ("Orders(", "a key value", ""),
        ("Orders(1", "',' or ')' in a key", ""),
        ("Orders(1,2)", "',' or ')' in a key", ","),
        ("Orders(Name)", "a key value", "Name"),
        ("Orders(a=1,2)", "the name of a key property, '=' and a value", "2"),
        ("Orders(a=)", "a key value", ")"),
        ("Orders(1)x", "'/' or the end of the path after a key", "x"),
        ("Orders(1 add 2)", "',' or ')' in a key", "add"),
        ("Orders//$count", "a segment between slashes", ""),
        ("Orders/", "a segment between slashes", ""),
        ("Orders/$foo", "a name, '$count', '$value' or '$ref'", "$foo"),
        ("Orders/$Count", "a name, '$count', '$value' or '$ref'", "$Count"),
        ("Orders/$count(1)", "the end of the segment", "("),
        ("Orders/$filter", "'(' after '$filter'", ""),
        ("$count", "an entity set, '$metadata' or '$batch'", "$count"),
        ("$metadata/x", "the end of the path", "/"),
        ("$metadata(1)", "the end of the segment", "("),
        ("$crossjoin", "'(' after '$crossjoin'", ""),
        ("$crossjoin(A,)", "an entity set", ")"),
        ("$crossjoin(NS.A)", "an entity set", "NS.A"),
        ("$crossjoin(A)/x", "'$query' or the end of the path", "x"),
        ("$crossjoin(A)/$query/x", "the end of the path", "/"),
        ("$all/", "the name of a type", ""),
        ("$all/$count", "the name of a type", "$count"),
        ("$all/A/B", "the end of the path", "/"),
        ("$entity/1", "the name of a type", "1"),
        ("$batch/x", "the end of the path", "/"),
        ("$Batch", "an entity set, '$metadata' or '$batch'", "$Batch"),
        ("F()()", "a key value", ")"),
        ("F(1)(2)(3)", "'/' or the end of the path after a key", "("),
        ("Orders/$filter(a eq)", "a property, a literal or a function", ")"),
        ("Orders/$filter(a/b)", "an operator or ')'", ""),
        ("Orders/$filter(a)b", "the end of the segment", "b"),
        ("Orders/$each(1)", "the end of the segment", "("),
    ] {
        let (kind, place) = refusal(target);
        let SyntaxErrorKind::Unexpected { expected: found, .. } = kind else { panic!("{target}: {kind:?}") };
        assert_eq!((found, place), (expected, underlined), "{target}");
    }
}
