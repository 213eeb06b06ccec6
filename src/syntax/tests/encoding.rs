//! Splitting before decoding, decoding once, and places in the encoded text.

use crate::syntax::tests::{refusal, url};
use crate::syntax::{ExprKind, KeyPredicate, Literal, SegmentKind, SyntaxErrorKind};

fn compared(target: &str) -> String {
    let ExprKind::Binary(_, _, right) = url(target).options.filter.unwrap().kind else { panic!("{target}") };
    let ExprKind::Literal(Literal::String(text)) = right.kind else { panic!("{target}") };
    text
}

fn key(target: &str) -> String {
    let crate::syntax::Path::Resource(mut segments) = url(target).path else { panic!("{target}") };
    let SegmentKind::Name { key: Some(KeyPredicate::Single(key)), .. } = segments.remove(0).kind else { panic!() };
    let ExprKind::Literal(Literal::String(text)) = key.kind else { panic!("{target}") };
    text
}

#[test]
fn each_piece_is_decoded_once() {
    assert_eq!(compared("A?$filter=a%20eq%20'%2527'"), "%27");
    assert_eq!(compared("A?$filter=a%20eq%20'%252F'"), "%2F");
    assert_eq!(compared("A?$filter=a%20eq%20'%26'"), "&");
    assert_eq!(compared("A?$filter=a%20eq%20%27O%27%27Neil%27"), "O'Neil");
    assert_eq!(compared("A?$filter=a%20eq%20'x%27%27%20or%20%27%27y'"), "x' or 'y");
    // An encoded quote closes a string exactly as a bare one does.
    let target = "A?$filter=a%20eq%20'x%27%20or%20b%20eq%20%27y'";
    assert!(matches!(url(target).options.filter.unwrap().kind, ExprKind::Or(_)));
}

#[test]
fn separators_count_only_where_they_are_not_encoded() {
    assert_eq!(key("Invoices('INV%2F2024%2F001')"), "INV/2024/001");
    assert_eq!(key("Invoices('a%3Fb%23c')"), "a?b#c");
    assert_eq!(compared("A?$filter=a eq 'x=y'"), "x=y");
    let split = url("A?$filter=a%20eq%20'%26$top=1'&$top=7");
    assert_eq!(split.options.top, Some(7));
    let (kind, place) = refusal("A?$filter=a eq 'x&y'");
    assert_eq!((kind, place), (SyntaxErrorKind::UnclosedString, "'x"));
    let (kind, _) = refusal("Invoices('a/b')");
    assert_eq!(kind, SyntaxErrorKind::UnclosedString);
    assert_eq!(url("A%3F?$top=1").options.top, Some(1));
}

#[test]
fn a_plus_sign_is_a_blank_in_the_query_and_itself_in_the_path() {
    assert_eq!(compared("A?$filter=a+eq+'x+y%2Bz'"), "x y+z");
    assert_eq!(key("A('x+y')"), "x+y");
    let (kind, _) = refusal("A?$filter=a eq 2024-05-01T00:00:00 02:00");
    assert!(matches!(kind, SyntaxErrorKind::Unexpected { .. }), "only a plus sign is read as one");
    let target = "A?$filter=a+ge+2024-05-01T02:00:00.000+02:00+and+b";
    let ExprKind::And(operands) = url(target).options.filter.unwrap().kind else { panic!() };
    assert_eq!(&target[operands[0].span.clone()], "a+ge+2024-05-01T02:00:00.000+02:00");
}

#[test]
fn malformed_escapes_are_underlined() {
    for (target, underlined) in [
        ("A?$filter=a%2", "%2"),
        ("A?$filter=a%", "%"),
        ("A?$filter=a%zz b", "%zz"),
        ("A?$filter=a%20%FCb", "%FC"),
        ("A?$filter=%20%C3x", "%C3"),
        ("A('%C3%28')", "%C3"),
        ("A%+1", "%+1"),
        ("A?$fil%ter=1", "%te"),
        ("A?$filter=a%ü", "%ü"),
        ("A?$filter=a%€", "%"),
    ] {
        let (kind, place) = refusal(target);
        assert_eq!(kind, SyntaxErrorKind::PercentEncoding, "{target}");
        assert!(place.starts_with(underlined), "{target}: {place}");
    }
}

#[test]
fn encoded_names_and_letters_are_the_same_names() {
    let plain = url("Accounts?$filter=contains(Name,'Müller') eq true&$top=3").without_spans();
    let encoded = "%41ccounts?%24filter=contains%28Name%2C%27M%C3%BCller%27%29%20eq%20true&%24top=%33";
    assert_eq!(url(encoded).without_spans(), plain);
    let span = url(encoded).options.filter.unwrap().span;
    assert_eq!(&encoded[span], "contains%28Name%2C%27M%C3%BCller%27%29%20eq%20true");
}
