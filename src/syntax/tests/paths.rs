//! Resource paths: segments, keys, and the segments with a dollar sign.

use crate::syntax::tests::{refusal, show, url};
use crate::syntax::{KeyPredicate, Path, SegmentKind, SyntaxErrorKind};

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
    ] {
        assert_eq!(shown(target), expected, "{target}");
    }
    let Path::Resource(segments) = url("/Orders(1)/%4Cines?$top=1").path else { panic!() };
    assert_eq!((segments[0].span.clone(), segments[1].span.clone()), (1..10, 11..18));
}

#[test]
fn malformed_paths_are_refused() {
    for (target, expected, underlined) in [
        ("Orders()", "a key value", ")"),
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
    ] {
        let (kind, place) = refusal(target);
        let SyntaxErrorKind::Unexpected { expected: found, .. } = kind else { panic!("{target}: {kind:?}") };
        assert_eq!((found, place), (expected, underlined), "{target}");
    }
}
