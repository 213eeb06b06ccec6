//! The values of custom options as parameters.

use crate::syntax::tests::{show, url};
use crate::syntax::{Limits, parse_parameter};

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
