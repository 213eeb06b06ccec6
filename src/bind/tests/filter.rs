//! Expressions: types, literals, constants, null logic, normal form.

use proptest::prelude::*;

use super::support::*;
use crate::bind::{Class, Limits};
use crate::query::Grants;
use crate::syntax::{BinaryOperator, Expr, Literal};

/// The `where` line of a filter on Orders.
fn shown(filter: Expr) -> String {
    let text = text(&filtered(filter));
    text.lines().find_map(|line| line.strip_prefix("  where ")).unwrap_or("everything").to_owned()
}

fn refused(filter: Expr) -> &'static str {
    code(&filtered(filter))
}

fn message(filter: Expr) -> String {
    bound(&filtered(filter)).unwrap_err().to_string()
}

fn has_x() -> Expr {
    call("contains", &[path("Status"), quoted("x")])
}

#[test]
fn literals_take_the_type_of_the_other_side() {
    assert_eq!(shown(eq(path("OrderID"), number(7))), "OrderID eq 7");
    assert_eq!(shown(eq(path("OrderID"), quoted("7"))), "OrderID eq 7");
    assert_eq!(shown(eq(path("OrderID"), number("7.00"))), "OrderID eq 7");
    assert_eq!(shown(eq(path("OrderID"), number("1e3"))), "OrderID eq 1000");
    assert_eq!(shown(eq(path("AccountID"), number("12345"))), "AccountID eq '12345'");
    assert_eq!(shown(eq(path("AccountID"), number("007"))), "AccountID eq '007'");
    assert_eq!(shown(eq(path("Total"), number("1.50"))), "Total eq 1.5m");
    assert_eq!(shown(eq(path("Total"), number("1e2"))), "Total eq 100m");
    assert_eq!(shown(eq(path("Total"), quoted("-0.10"))), "Total eq -0.1m");
    assert_eq!(shown(gt(path("Weight"), number("-1.5e3"))), "Weight gt -1500.0");
    assert_eq!(shown(gt(path("Weight"), number("-0"))), "Weight gt 0.0");
    assert_eq!(shown(eq(path("Closed"), quoted("true"))), "Closed eq true");
    let lower = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    assert_eq!(shown(eq(path("Token"), guid(lower))), format!("Token eq {lower}"));
    assert_eq!(shown(eq(path("Token"), quoted(&lower.to_uppercase()))), format!("Token eq {lower}"));
    assert_eq!(shown(eq(path("DueOn"), date("2024-05-01"))), "DueOn eq 2024-05-01");
    assert_eq!(shown(eq(path("DueOn"), quoted("2024-05-01"))), "DueOn eq 2024-05-01");
    let shipped = |right| shown(eq(path("ShippedDate"), right));
    assert_eq!(shipped(instant("2024-05-01T02:00:00.500+02:00")), "ShippedDate eq 2024-05-01T00:00:00.5Z");
    assert_eq!(shipped(date("2024-05-01")), "ShippedDate eq 2024-05-01T00:00:00Z");
    assert_eq!(shipped(quoted("2024-05-01")), "ShippedDate eq 2024-05-01T00:00:00Z");
    assert_eq!(shipped(quoted("2024-05-01T10:00:00Z")), "ShippedDate eq 2024-05-01T10:00:00Z");
}

#[test]
fn a_single_is_compared_as_a_single() {
    let expected = f64::from(1.1_f32);
    assert_eq!(shown(eq(path("Ratio"), number("1.1"))), format!("Ratio eq {expected}"));
}

#[test]
fn a_literal_between_two_values_moves_to_the_nearest() {
    let operators = [
        (BinaryOperator::Eq, "false"),
        (BinaryOperator::Ne, "everything"),
        (BinaryOperator::Gt, "OrderID gt 1"),
        (BinaryOperator::Ge, "OrderID gt 1"),
        (BinaryOperator::Lt, "OrderID le 1"),
        (BinaryOperator::Le, "OrderID le 1"),
    ];
    for (operator, expected) in operators {
        assert_eq!(shown(binary(path("OrderID"), operator, number("1.5"))), expected);
    }
    assert_eq!(shown(gt(number("1.5"), path("OrderID"))), "OrderID le 1");
    assert_eq!(shown(gt(path("OrderID"), number("-1.5"))), "OrderID gt -2");
    let ordered = |operator, text| shown(binary(path("ShippedDate"), operator, instant(text)));
    let micros = "2024-05-01T00:00:00.123456";
    assert_eq!(ordered(BinaryOperator::Eq, "2024-05-01T00:00:00.1234567Z"), "false");
    assert_eq!(ordered(BinaryOperator::Lt, "2024-05-01T02:00:00.1234567+02:00"), format!("ShippedDate le {micros}Z"));
    assert_eq!(ordered(BinaryOperator::Ge, "2024-05-01T00:00:00.123456000001Z"), format!("ShippedDate gt {micros}Z"));
    let due = |operator, text| shown(binary(path("DueOn"), operator, instant(text)));
    assert_eq!(due(BinaryOperator::Ge, "2024-05-01T00:00:00Z"), "DueOn ge 2024-05-01");
    assert_eq!(due(BinaryOperator::Ge, "2024-05-01T00:00:00.0000001Z"), "DueOn gt 2024-05-01");
    assert_eq!(due(BinaryOperator::Ge, "2024-05-01T02:00:00+02:00"), "DueOn ge 2024-05-01");
    assert_eq!(due(BinaryOperator::Ge, "2024-05-01T00:00:01Z"), "DueOn gt 2024-05-01");
    assert_eq!(due(BinaryOperator::Lt, "2024-05-01T12:00:00Z"), "DueOn le 2024-05-01");
    assert_eq!(due(BinaryOperator::Lt, "1969-12-31T12:00:00Z"), "DueOn le 1969-12-31");
    assert_eq!(due(BinaryOperator::Eq, "2024-05-01T12:00:00Z"), "false");
    assert_eq!(due(BinaryOperator::Ne, "2024-05-01T12:00:00Z"), "everything");
}

#[test]
fn a_number_beyond_all_of_a_type_is_on_one_side_of_them() {
    assert_eq!(shown(eq(path("OrderID"), number("3000000000"))), "false");
    assert_eq!(shown(gt(number("3000000000"), path("OrderID"))), "OrderID ne null");
    assert_eq!(shown(gt(path("Parts"), number("32768"))), "false");
    assert_eq!(shown(gt(path("Parts"), number("-32769"))), "Parts ne null");
    assert_eq!(shown(not(gt(path("Parts"), number("-32769")))), "Parts eq null");
    assert_eq!(shown(gt(number("9223372036854775808"), path("Rows"))), "Rows ne null");
    assert_eq!(shown(gt(number("1e9999"), path("Total"))), "Total ne null");
    assert_eq!(shown(gt(path("Total"), number("1e-9999"))), "Total gt 0m");
    assert_eq!(shown(gt(path("OrderID"), number("-1e-9999"))), "OrderID gt -1");
    // An infinite value may be stored, which is greater than every number.
    let greatest = format!("{:?}", f64::MAX);
    assert_eq!(shown(gt(path("Weight"), number("1e999"))), format!("Weight gt {greatest}"));
    assert_eq!(shown(gt(number("1e999"), path("Weight"))), format!("Weight le {greatest}"));
    assert_eq!(shown(gt(path("Weight"), number("-1e999"))), "Weight gt -inf");
    assert_eq!(shown(gt(date("300000-01-01"), path("DueOn"))), "DueOn ne null");
    assert_eq!(shown(gt(path("Parts"), number("1e30"))), "false");
    assert_eq!(shown(gt(number("1e30"), path("Parts"))), "Parts ne null");
    assert_eq!(shown(gt(path("Parts"), number("-1e30"))), "Parts ne null");
    assert_eq!(shown(gt(path("Parts"), number("-32768.5"))), "Parts ne null");
    assert_eq!(shown(gt(path("Parts"), number("32767.5"))), "Parts gt 32767");
    assert_eq!(shown(ne(path("Parts"), number("1e30"))), "everything");
}

#[test]
fn not_a_number_is_nothing() {
    assert_eq!(shown(eq(path("Weight"), number("NaN"))), "false");
    assert_eq!(shown(ne(path("Weight"), number("NaN"))), "everything");
    assert_eq!(shown(gt(path("Weight"), number("-INF"))), "Weight gt -inf");
    assert_eq!(shown(within(path("Weight"), &[number("NaN"), number(1), number(2)])), "Weight in (1.0,2.0)");
    assert_eq!(shown(gt(number("INF"), path("Total"))), "Total ne null");
    assert_eq!(shown(eq(path("OrderID"), number("NaN"))), "false");
    assert_eq!(shown(gt(path("OrderID"), number("NaN"))), "false");
    assert_eq!(shown(ne(path("OrderID"), number("NaN"))), "everything");
}

#[test]
fn wrong_literals_are_refused() {
    assert_eq!(shown(eq(path("Rows"), number("-9223372036854775808"))), "Rows eq -9223372036854775808");
    assert_eq!(refused(eq(path("OrderID"), quoted("seven"))), "bind.malformed_literal");
    assert_eq!(refused(eq(path("OrderID"), quoted("inf"))), "bind.malformed_literal");
    assert_eq!(refused(eq(path("OrderID"), quoted(""))), "bind.malformed_literal");
    assert_eq!(refused(eq(path("Weight"), quoted("infinity"))), "bind.malformed_literal");
    assert_eq!(refused(eq(path("Token"), quoted("3f2504e0"))), "bind.malformed_literal");
    assert_eq!(refused(eq(path("Closed"), quoted("yes"))), "bind.malformed_literal");
    assert_eq!(refused(eq(path("DueOn"), date("2024-02-30"))), "bind.impossible_date");
    assert_eq!(refused(eq(path("DueOn"), quoted("2024-13-01"))), "bind.impossible_date");
    assert_eq!(refused(eq(path("ShippedDate"), instant("2024-05-01T24:00:00Z"))), "bind.impossible_date");
    assert_eq!(refused(eq(path("ShippedDate"), quoted("soon"))), "bind.malformed_literal");
    let finer = instant("2024-05-01T00:00:00.0000001Z");
    assert_eq!(refused(eq(instant("2024-05-01T00:00:00Z"), finer)), "bind.unsupported");
    assert_eq!(refused(eq(path("Closed"), number(1))), "bind.type_mismatch");
    assert_eq!(refused(eq(path("AccountID"), boolean(true))), "bind.type_mismatch");
    assert_eq!(refused(eq(path("Total"), date("2024-05-01"))), "bind.type_mismatch");
    let duration = literal(Literal::Prefixed("duration".to_owned(), "P1D".to_owned()));
    assert_eq!(refused(eq(path("Total"), duration)), "bind.type_mismatch");
    assert_eq!(message(gt(number("1e9999"), number("5"))), "the literal '1e9999' is out of range for Edm.Decimal");
    assert_eq!(message(eq(path("Closed"), number(1))), "Edm.Boolean cannot be compared with the number '1'");
    assert_eq!(message(eq(path("Nme"), number(1))), "the type 'Order' has no property 'Nme'");
}

#[test]
fn spellings_of_one_comparison_are_one_tree() {
    let plain = read(&filtered(gt(path("Total"), number("1.5"))));
    assert_eq!(plain, read(&filtered(binary(number("1.50"), BinaryOperator::Lt, path("Total")))));
    assert_eq!(plain, read(&filtered(and(&[boolean(true), gt(path("Total"), quoted("1.5"))]))));
    assert_eq!(shown(gt(path("Rows"), path("OrderID"))), "OrderID lt Rows");
    assert_eq!(shown(eq(path("ShipName"), path("Status"))), "Status eq ShipName");
}

#[test]
fn properties_compare_with_properties_of_their_kind() {
    assert_eq!(shown(gt(path("OrderID"), path("Total"))), "OrderID gt Total");
    let midnight = "ShippedDate eq cast(DueOn,Edm.DateTimeOffset)";
    assert_eq!(shown(eq(path("DueOn"), path("ShippedDate"))), midnight);
    assert_eq!(refused(eq(path("Status"), path("OrderID"))), "bind.type_mismatch");
    assert_eq!(shown(gt(path("Closed"), boolean(false))), "Closed gt false");
    assert_eq!(shown(eq(path("Closed"), has_x())), "Closed eq contains(Status,'x')");
    assert_eq!(shown(eq(has_x(), path("Closed"))), "Closed eq contains(Status,'x')");
}

#[test]
fn null_is_equal_to_null_only() {
    assert_eq!(shown(eq(path("Total"), null())), "Total eq null");
    assert_eq!(shown(ne(null(), path("Total"))), "Total ne null");
    assert_eq!(shown(gt(path("Total"), null())), "false");
    assert_eq!(shown(binary(path("Total"), BinaryOperator::Ge, null())), "Total eq null");
    assert_eq!(shown(not(gt(path("Total"), null()))), "everything");
    let unknown = || call("contains", &[null(), quoted("x")]);
    assert_eq!(shown(gt(path("Checked"), unknown())), "false");
    assert_eq!(shown(binary(unknown(), BinaryOperator::Le, path("Checked"))), "Checked eq null");
    assert_eq!(shown(eq(null(), null())), "everything");
    assert_eq!(shown(eq(null(), number(1))), "false");
    assert_eq!(shown(null()), "false");
    assert_eq!(shown(not(null())), "false");
    assert_eq!(shown(or(&[null(), eq(path("OrderID"), number(1))])), "OrderID eq 1");
}

#[test]
fn constants_are_folded() {
    assert_eq!(shown(eq(number(1), number("1.0"))), "everything");
    assert_eq!(shown(gt(number("2"), quoted("10"))), "false");
    assert_eq!(shown(gt(quoted("b"), quoted("a"))), "everything");
    assert_eq!(shown(gt(number("INF"), number(1))), "everything");
    assert_eq!(shown(eq(number("NaN"), number("NaN"))), "false");
    assert_eq!(shown(eq(date("2024-05-01"), instant("2024-05-01T00:00:00Z"))), "everything");
    assert_eq!(shown(eq(instant("2024-05-01T00:00:00Z"), date("2024-05-01"))), "everything");
    assert_eq!(shown(boolean(true)), "everything");
    assert_eq!(shown(boolean(false)), "false");
    assert_eq!(shown(call("contains", &[quoted("Acme"), quoted("cm")])), "everything");
    assert_eq!(shown(eq(call("contains", &[quoted("Acme"), quoted("x")]), boolean(false))), "everything");
    assert_eq!(shown(call("contains", &[null(), quoted("x")])), "false");
    assert_eq!(shown(not(call("contains", &[null(), quoted("x")]))), "false");
    assert_eq!(shown(within(number(1), &[number(2), number("1.0")])), "everything");
    assert_eq!(refused(eq(number(1), boolean(true))), "bind.type_mismatch");
    assert_eq!(refused(eq(date("2024-02-30"), date("2024-02-28"))), "bind.impossible_date");
}

#[test]
fn a_boolean_compared_with_true_is_itself_where_only_true_counts() {
    assert_eq!(shown(eq(has_x(), boolean(true))), "contains(Status,'x')");
    assert_eq!(shown(eq(boolean(true), has_x())), "contains(Status,'x')");
    assert_eq!(shown(eq(has_x(), boolean(false))), "not contains(Status,'x')");
    assert_eq!(shown(or(&[eq(has_x(), boolean(true)), path("Closed")])), "contains(Status,'x') or Closed eq true");
    // `ne true` holds for null too, so it is not the same as `not`.
    assert_eq!(shown(ne(has_x(), boolean(true))), "contains(Status,'x') ne true");
    assert_eq!(shown(ne(has_x(), boolean(false))), "contains(Status,'x') ne false");
}

#[test]
fn under_not_null_stays_false() {
    // contains(null,'x') eq true is false, so its negation holds: the row with null is kept.
    assert_eq!(shown(not(eq(has_x(), boolean(true)))), "contains(Status,'x') ne true");
    assert_eq!(shown(not(has_x())), "not contains(Status,'x')");
    assert_eq!(shown(not(not(has_x()))), "contains(Status,'x')");
    assert_eq!(shown(not(not(eq(has_x(), boolean(true))))), "contains(Status,'x')");
    assert_eq!(shown(not(ne(has_x(), boolean(true)))), "contains(Status,'x')");
    let never_null = call("contains", &[path("ShipName"), quoted("x")]);
    assert_eq!(shown(not(eq(never_null.clone(), boolean(true)))), "not contains(ShipName,'x')");
    assert_eq!(shown(ne(never_null, boolean(true))), "not contains(ShipName,'x')");
    assert_eq!(shown(not(gt(path("Total"), number(5)))), "not (Total gt 5m)");
    assert_eq!(shown(not(eq(path("Total"), number(5)))), "Total ne 5m");
    assert_eq!(shown(not(within(path("OrderID"), &[number(1), number(2)]))), "not (OrderID in (1,2))");
    let mixed = not(and(&[eq(has_x(), boolean(true)), gt(path("Total"), number(5))]));
    assert_eq!(shown(mixed), "not (contains(Status,'x') eq true and Total gt 5m)");
}

#[test]
fn a_boolean_property_is_a_filter() {
    assert_eq!(shown(path("Closed")), "Closed eq true");
    assert_eq!(shown(eq(path("Closed"), boolean(true))), "Closed eq true");
    assert_eq!(shown(not(path("Checked"))), "Checked eq false");
    assert_eq!(shown(ne(path("Closed"), boolean(true))), "Closed eq false");
    assert_eq!(shown(ne(path("Checked"), boolean(true))), "Checked ne true");
    assert_eq!(shown(not(eq(path("Checked"), boolean(true)))), "Checked ne true");
}

#[test]
fn lists_are_typed_member_by_member() {
    assert_eq!(shown(within(path("OrderID"), &[number(1), quoted("2"), number(1)])), "OrderID in (1,2)");
    assert_eq!(shown(within(path("Status"), &[quoted("a"), null()])), "Status in ('a',null)");
    assert_eq!(shown(within(path("OrderID"), &[number(5)])), "OrderID eq 5");
    assert_eq!(shown(within(path("Status"), &[null()])), "Status eq null");
    assert_eq!(shown(within(path("OrderID"), &[number("1.5")])), "false");
    assert_eq!(shown(within(path("OrderID"), &[number("3000000000"), number("INF")])), "false");
    assert_eq!(shown(within(path("OrderID"), &[number("3000000000"), number(4)])), "OrderID eq 4");
    assert_eq!(refused(within(path("OrderID"), &[boolean(true)])), "bind.type_mismatch");
    assert_eq!(
        shown(within(path("OrderID"), &[path("Parts"), number(1), number(2)])),
        "OrderID eq Parts or OrderID in (1,2)"
    );
    assert_eq!(shown(within(has_x(), &[boolean(true), null()])), "contains(Status,'x') in (true,null)");
}

#[test]
fn a_chain_of_eq_is_a_list() {
    let one = |value: i32| eq(path("OrderID"), number(value));
    assert_eq!(shown(or(&[one(1), one(2), one(3)])), "OrderID in (1,2,3)");
    assert_eq!(shown(or(&[one(1), or(&[one(2), one(1)])])), "OrderID in (1,2)");
    assert_eq!(shown(or(&[one(1), one(1)])), "OrderID eq 1");
    let mixed = or(&[one(1), path("Closed"), one(2), eq(path("Status"), quoted("a")), eq(path("Parts"), path("Rows"))]);
    assert_eq!(shown(mixed), "OrderID in (1,2) or Closed eq true or Status eq 'a' or Parts eq Rows");
    let listed = read(&filtered(within(path("OrderID"), &[number(1), number(2), number(3)])));
    assert_eq!(listed, read(&filtered(or(&[one(1), one(2), one(3)]))));
    assert_eq!(shown(or(&[eq(path("Total"), null()), eq(path("Total"), number(1))])), "Total in (null,1m)");
}

#[test]
fn a_chain_of_ne_is_the_opposite_of_a_list() {
    let other = |value: i32| ne(path("Total"), number(value));
    assert_eq!(shown(and(&[other(1), other(2)])), "not (Total in (1m,2m))");
    assert_eq!(
        shown(and(&[other(1), not(within(path("Total"), &[number(2), null()]))])),
        "not (Total in (1m,2m,null))"
    );
    assert_eq!(shown(and(&[other(1), path("Closed"), other(1)])), "Total ne 1m and Closed eq true");
    assert_eq!(shown(not(or(&[eq(path("Total"), number(1)), eq(path("Total"), number(2))]))), "not (Total in (1m,2m))");
    assert_eq!(shown(not(and(&[other(1), other(2)]))), "Total in (1m,2m)");
}

#[test]
fn connectives_are_flat() {
    let (a, b, c) = (path("Closed"), gt(path("Total"), number(1)), eq(path("Status"), quoted("x")));
    let nested = and(&[and(&[a.clone(), b.clone()]), or(&[c.clone(), or(&[a.clone(), b.clone()])])]);
    let expected = "Closed eq true and Total gt 1m and (Status eq 'x' or Closed eq true or Total gt 1m)";
    assert_eq!(shown(nested), expected);
    assert_eq!(shown(and(&[a.clone(), boolean(false)])), "false");
    assert_eq!(shown(or(&[a, boolean(true)])), "everything");
}

#[test]
fn what_is_no_truth_value_is_no_filter() {
    assert_eq!(refused(path("Status")), "bind.not_boolean");
    assert_eq!(refused(number(1)), "bind.not_boolean");
    assert_eq!(refused(quoted("true")), "bind.not_boolean");
    assert_eq!(refused(not(path("Status"))), "bind.not_boolean");
    assert_eq!(refused(and(&[path("Closed"), path("OrderID")])), "bind.not_boolean");
    assert_eq!(
        message(path("Status")),
        "the filter must be a Boolean expression, but it is an expression of type Edm.String"
    );
}

#[test]
fn functions_are_checked_before_they_are_refused() {
    assert_eq!(refused(call("holds", &[path("Status")])), "bind.unknown_function");
    assert_eq!(refused(call("contains", &[path("Status")])), "bind.function_arguments");
    assert_eq!(refused(call("contains", &[path("OrderID"), quoted("1")])), "bind.function_arguments");
    assert_eq!(refused(call("contains", &[path("Status"), number(1)])), "bind.function_arguments");
    assert_eq!(refused(call("contains", &[path("Nope"), quoted("1")])), "bind.unknown_property");
    assert_eq!(shown(eq(call("tolower", &[path("Status")]), quoted("x"))), "tolower(Status) eq 'x'");
    assert_eq!(refused(eq(call("tolower", &[]), quoted("x"))), "bind.function_arguments");
    assert_eq!(shown(call("startswith", &[path("ShipName"), path("Status")])), "startswith(ShipName,Status)");
    assert_eq!(message(call("now", &[number(1)])), "the function 'now' takes no arguments");
}

#[test]
fn what_is_not_offered_says_so() {
    let unsupported = [call("geo.length", &[path("OrderID")])];
    for filter in unsupported {
        let error = bound(&filtered(filter)).unwrap_err();
        assert_eq!((error.code(), error.class()), ("bind.unsupported", Class::Unsupported), "{error}");
        assert!(error.span.is_some());
    }
    assert_eq!(refused(eq(path("Status/Name"), quoted("x"))), "bind.not_followed");
}

#[test]
fn aliases_stand_for_expressions() {
    let with_alias = |filter: Expr, aliases: &[(&str, Expr)]| {
        let aliases = aliases.iter().map(|(name, expr)| ((*name).to_owned(), expr.clone())).collect();
        with(filtered(filter), |options| options.aliases = aliases)
    };
    let plain = read(&filtered(eq(path("OrderID"), number(7))));
    assert_eq!(plain, read(&with_alias(eq(path("OrderID"), alias("a")), &[("a", number(7))])));
    assert_eq!(plain, read(&with_alias(alias("f"), &[("f", eq(alias("p"), number(7))), ("p", path("OrderID"))])));
    let missing = with_alias(eq(path("Total"), alias("none")), &[]);
    assert_eq!(read(&missing), read(&filtered(eq(path("Total"), null()))));
    assert_eq!(code(&with_alias(alias("a"), &[("a", not(alias("b"))), ("b", alias("a"))])), "bind.alias_loop");
    let doubled: Vec<(String, Expr)> = (0..40)
        .map(|n| (format!("a{n}"), and(&[alias(&format!("a{}", n + 1)), alias(&format!("a{}", n + 1))])))
        .chain([("a40".to_owned(), path("Closed"))])
        .collect();
    let flood = with(filtered(alias("a0")), |options| options.aliases = doubled);
    assert_eq!(code(&flood), "bind.limit");
}

#[test]
fn depth_is_bounded() {
    let deep = (0..50).fold(path("Closed"), |inner, _| and(&[not(inner), path("Checked")]));
    assert!(bound(&filtered(deep.clone())).is_ok());
    let limits = Limits { expression_depth_max: 40, ..limits() };
    let error = bound_by(&filtered(deep), &Grants::everything(), limits).unwrap_err();
    assert_eq!(error.code(), "bind.limit");
}

#[test]
fn the_deepest_tree_fits_on_a_small_stack() {
    // Two nodes for each round, so just what the limit allows.
    let deep = (0..99).fold(path("Closed"), |inner, _| eq(not(inner), path("Checked")));
    let bound = std::thread::Builder::new().stack_size(1 << 20).spawn(move || bound(&filtered(deep))).unwrap();
    assert!(bound.join().unwrap().is_ok());
}

fn any_literal() -> impl Strategy<Value = Expr> {
    let date = "-?[0-9]{4,7}-[0-9]{2}-[0-9]{2}";
    let time = "T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2})";
    let dated = "-?(290000|289999|2024|0000)-(01|02|12)-(01|29|31)";
    let patterns = vec![
        "[+-]?[0-9]{1,25}(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,5})?".to_owned(),
        "[+-]?(INF|NaN|9223372036854775807|9223372036854775808|1e400|-1e-400)".to_owned(),
        date.to_owned(),
        format!("{date}{time}"),
        format!("{dated}{time}"),
        dated.to_owned(),
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}".to_owned(),
        "\\PC{0,12}".to_owned(),
    ];
    let text =
        prop::sample::select(patterns).prop_flat_map(|pattern| proptest::string::string_regex(&pattern).unwrap());
    let kinds: Vec<fn(String) -> Literal> = vec![
        Literal::Number,
        Literal::String,
        Literal::Date,
        Literal::DateTimeOffset,
        Literal::Guid,
        Literal::TimeOfDay,
        |text| Literal::Prefixed("duration".to_owned(), text),
    ];
    (text, prop::sample::select(kinds)).prop_map(|(text, kind)| literal(kind(text)))
}

proptest! {
    #[test]
    fn no_literal_breaks_the_binder(value in any_literal(), other in any_literal(), operator in 0..6_usize) {
        let operators = [BinaryOperator::Eq, BinaryOperator::Ne, BinaryOperator::Gt, BinaryOperator::Ge, BinaryOperator::Lt];
        let operator = operators.get(operator).copied().unwrap_or(BinaryOperator::Le);
        for property in &model().type_of(ORDERS).unwrap().properties {
            let name = path(&property.name);
            let _ = bound(&filtered(binary(name.clone(), operator, value.clone())));
            let _ = bound(&filtered(within(name, &[value.clone(), other.clone()])));
            let _ = bound(&keyed(&[("Orders", key(value.clone()))]));
        }
        // What can be bound at all binds to the same tree with the sides exchanged.
        let exchanged = match operator {
            BinaryOperator::Gt => BinaryOperator::Lt,
            BinaryOperator::Lt => BinaryOperator::Gt,
            BinaryOperator::Ge => BinaryOperator::Le,
            BinaryOperator::Le => BinaryOperator::Ge,
            same => same,
        };
        let left = bound(&filtered(binary(value.clone(), operator, other.clone())));
        let right = bound(&filtered(binary(other, exchanged, value)));
        prop_assert_eq!(left.ok(), right.ok());
    }
}
