//! Query options in a body, and the values of custom options as parameters.

use crate::syntax::tests::{refusal, show, url};
use crate::syntax::{Limits, SyntaxErrorKind, parse_parameter, query_target};

#[test]
fn a_body_joins_the_options_of_the_url() {
    for (target, body, expected) in [
        ("Orders/$query", "$filter=a%20eq%201&$top=5", "Orders?$filter=a%20eq%201&$top=5"),
        ("Orders/$query?$top=5", "$filter=a%20eq%20'%26'\r\n", "Orders?$top=5&$filter=a%20eq%20'%26'"),
        ("Orders/%24query?", "$top=5", "Orders?$top=5"),
        ("Orders(1)/Lines/$que%72y?$top=5", "", "Orders(1)/Lines?$top=5"),
        ("$crossjoin(A,B)/$query", "$top=5", "$crossjoin(A,B)?$top=5"),
        ("Orders/$query?a=$query", "b=?/$query", "Orders?a=$query&b=?/$query"),
    ] {
        let joined = query_target(target, body).unwrap();
        assert_eq!(joined, expected, "{target} {body}");
        url(&joined);
    }
    for target in ["Orders", "Orders?/$query", "Orders/$Query", "Orders/$query/x", "$query", "Orders/$query%", ""] {
        assert_eq!(query_target(target, "$top=5"), None, "{target}");
    }
    let twice = query_target("Orders/$query?$top=5", "$filter=a&top=6").unwrap();
    assert_eq!(refusal(&twice), (SyntaxErrorKind::DuplicateOption("$top".to_owned()), "top"));
}

#[test]
fn custom_options_may_be_parameters() {
    let target = "F?x=%5B1,'a%26b'%5D&sap-client=1&$top=2&y=a eq&NS.z=1&é=null&x=2";
    let custom = url(target).options.custom;
    let names: Vec<_> = custom.iter().map(|option| option.name.as_str()).collect();
    assert_eq!(names, ["x", "y", "é", "x"]);
    let value = parse_parameter(&custom[0], &Limits::default()).unwrap();
    assert_eq!(show(&value), "(1,'a&b')");
    assert_eq!(&target[value.span], "%5B1,'a%26b'%5D");
    let error = parse_parameter(&custom[1], &Limits::default()).unwrap_err();
    assert_eq!(error.span, 46..46);
    assert!(target[..46].ends_with("a eq"));
}
