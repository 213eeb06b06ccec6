//! Resource paths, keys and rights.

use super::support::*;
use crate::bind::{BindErrorKind, Class, KeyProblem};
use crate::edm::{Scalar, Value};
use crate::model::PropertyId;
use crate::query::{Answer, Comparison, Expr, Query};
use crate::syntax::{Path, ResourceUrl};

fn class(url: &ResourceUrl) -> (&'static str, Class) {
    let error = bound(url).unwrap_err();
    (error.code(), error.class())
}

fn key_problem(url: &ResourceUrl) -> KeyProblem {
    match bound(url).unwrap_err().kind {
        BindErrorKind::Key { problem, .. } => problem,
        other => panic!("not a key problem: {other:?}"),
    }
}

fn order(number_: i32) -> (&'static str, Option<crate::syntax::KeyPredicate>) {
    ("Orders", key(number(number_)))
}

const NOT_FOUND: (&str, Class) = ("bind.unknown_segment", Class::NotFound);

#[test]
fn the_root_and_its_documents() {
    let at = |path| ResourceUrl { path, options: crate::syntax::Options::default() };
    assert_eq!(bound(&at(Path::Service)), Ok(Query::Service));
    assert_eq!(bound(&at(Path::Metadata)), Ok(Query::Metadata));
    assert_eq!(code(&with(at(Path::Service), |options| options.top = Some(1))), "bind.option_not_allowed");
    assert!(text(&at(Path::All { cast: None, span: 0..4 })).contains("part of all sets, not the last"));
}

#[test]
fn sets_and_entities() {
    assert_eq!(
        text(&url(&["Accounts"])),
        "collection of Accounts\n  order AccountID\n  all 4 properties\n  page rows 500\n"
    );
    assert_eq!(
        text(&keyed(&[order(7)])),
        "entity of Orders\n  key (7)\n  where OrderID eq 7\n  all 14 properties\n  page rows 1\n"
    );
    assert_eq!(text(&url(&["Orders", "$count"])), "number of Orders\n  page rows 1\n");
    assert_eq!(class(&url(&["Nothing"])), ("bind.unknown_set", Class::NotFound));
    assert_eq!(class(&url(&["orders"])), ("bind.unknown_set", Class::NotFound));
}

#[test]
fn keys_are_typed_by_their_property() {
    let values = |set, predicate| read(&keyed(&[(set, predicate)])).key.unwrap().values;
    assert_eq!(values("Accounts", key(quoted("INV/1 'x'"))), [Value::String("INV/1 'x'".into())]);
    assert_eq!(values("Orders", key(quoted("7"))), [Value::Int(7)]);
    assert_eq!(values("Orders", parts(&[("OrderID", number(7))])), [Value::Int(7)]);
    let both = [Value::Int(1), Value::Int(2)];
    assert_eq!(values("OrderLines", parts(&[("OrderID", number(1)), ("ProductID", number(2))])), both);
    assert_eq!(values("OrderLines", parts(&[("ProductID", number(2)), ("OrderID", number(1))])), both);
    let text = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    assert_eq!(values("Shipments", key(guid(text))), values("Shipments", key(quoted(text))));
    let aliased = with(keyed(&[("Orders", key(alias("k")))]), |options| {
        options.aliases = vec![("k".to_owned(), number(7))];
    });
    assert_eq!(read(&aliased).key.unwrap().values, [Value::Int(7)]);
}

#[test]
fn wrong_keys_are_refused() {
    let lines = |predicate| keyed(&[("OrderLines", predicate)]);
    assert_eq!(key_problem(&lines(key(number(1)))), KeyProblem::Unnamed);
    assert_eq!(key_problem(&lines(parts(&[("OrderID", number(1))]))), KeyProblem::Missing("ProductID".to_owned()));
    let unknown = parts(&[("OrderID", number(1)), ("Quantity", number(1))]);
    assert_eq!(key_problem(&lines(unknown)), KeyProblem::Unknown("Quantity".to_owned()));
    let twice = parts(&[("OrderID", number(1)), ("OrderID", number(1))]);
    assert_eq!(key_problem(&lines(twice)), KeyProblem::Duplicate("OrderID".to_owned()));
    for not_literal in [null(), path("OrderID"), alias("none")] {
        assert_eq!(key_problem(&keyed(&[("Orders", key(not_literal))])), KeyProblem::NotLiteral);
    }
    assert_eq!(code(&keyed(&[("Orders", key(number("3000000000")))])), "bind.out_of_range");
    assert_eq!(code(&keyed(&[("Orders", key(number("1.5")))])), "bind.malformed_literal");
    assert_eq!(code(&keyed(&[("Orders", key(quoted("x")))])), "bind.malformed_literal");
    assert_eq!(code(&keyed(&[("Orders", key(boolean(true)))])), "bind.type_mismatch");
    let endless = with(keyed(&[("Orders", key(alias("k")))]), |options| {
        options.aliases = vec![("k".to_owned(), alias("k"))];
    });
    assert_eq!(key_problem(&endless), KeyProblem::NotLiteral);
}

#[test]
fn properties_of_one_entity() {
    let status = read(&keyed(&[order(7), ("Status", None)]));
    assert_eq!((status.answer, status.shape.properties), (Answer::Property(PropertyId(2)), vec![PropertyId(2)]));
    let raw = read(&keyed(&[order(7), ("Status", None), ("$value", None)]));
    assert_eq!(raw.answer, Answer::RawValue(PropertyId(2)));
    assert_eq!(class(&keyed(&[order(7), ("Nothing", None)])), NOT_FOUND);
    assert_eq!(class(&keyed(&[order(7), ("Status", None), ("Name", None)])), NOT_FOUND);
    assert_eq!(class(&keyed(&[order(7), ("Status", None), ("$count", None)])), NOT_FOUND);
    assert_eq!(class(&keyed(&[order(7), ("Status", None), ("$value", None), ("$value", None)])), NOT_FOUND);
    assert_eq!(class(&keyed(&[order(7), ("$count", None)])), NOT_FOUND);
    assert_eq!(class(&url(&["Orders", "Status"])), NOT_FOUND);
    assert_eq!(class(&url(&["Orders", "Account"])), NOT_FOUND);
    assert_eq!(class(&url(&["Orders", "$value"])), NOT_FOUND);
    assert_eq!(key_problem(&keyed(&[order(7), ("Status", key(number(1)))])), KeyProblem::NotExpected);
    assert_eq!(
        bound(&keyed(&[order(7), ("Nothing", None)])).unwrap_err().to_string(),
        "there is no 'Nothing' after 'Orders'"
    );
}

#[test]
fn one_navigation_step() {
    assert_eq!(
        text(&keyed(&[order(7), ("Lines", None)])),
        "collection of OrderLines\n  via Orders/Lines where OrderID eq 7\n  order OrderID, ProductID\n  \
         all 3 properties\n  page rows 500\n"
    );
    assert_eq!(
        text(&keyed(&[order(7), ("Account", None)])),
        "entity of Accounts\n  via Orders/Account where OrderID eq 7\n  all 4 properties\n  page rows 1\n"
    );
    assert_eq!(read(&keyed(&[order(7), ("Lines", None), ("$count", None)])).answer, Answer::Count);
    let name = read(&keyed(&[order(7), ("Account", None), ("Name", None), ("$value", None)]));
    assert_eq!((name.set, name.answer), (ACCOUNTS, Answer::RawValue(PropertyId(1))));
    assert_eq!(class(&keyed(&[order(7), ("Account", None), ("$count", None)])), NOT_FOUND);
    assert_eq!(key_problem(&keyed(&[order(7), ("Account", key(number(1)))])), KeyProblem::NotExpected);
}

#[test]
fn a_key_behind_a_navigation_may_leave_out_what_the_parent_implies() {
    let whole = read(&keyed(&[order(7), ("Lines", parts(&[("OrderID", number(7)), ("ProductID", number(3))]))]));
    assert_eq!(whole.key.as_ref().unwrap().values, [Value::Int(7), Value::Int(3)]);
    assert_eq!(whole.answer, Answer::Entity);
    assert_eq!(whole, read(&keyed(&[order(7), ("Lines", key(number(3)))])));
    assert_eq!(whole, read(&keyed(&[order(7), ("Lines", parts(&[("ProductID", number(3))]))])));
    let nothing = keyed(&[order(7), ("Lines", parts(&[("OrderID", number(7))]))]);
    assert_eq!(key_problem(&nothing), KeyProblem::Missing("ProductID".to_owned()));
}

#[test]
fn steps_of_any_number() {
    assert_eq!(
        text(&keyed(&[order(7), ("Account", None), ("Orders", key(number(8))), ("Lines", None), ("$count", None)])),
        "number of OrderLines\n  via Orders/Account where OrderID eq 7\n  via Accounts/Orders\n  \
         via Orders/Lines where OrderID eq 8\n  page rows 1\n"
    );
}

#[test]
fn keys_as_segments() {
    let same = |segments: &[&str], by_key: ResourceUrl| assert_eq!(read(&url(segments)), read(&by_key), "{segments:?}");
    same(&["Orders", "7"], keyed(&[order(7)]));
    same(&["Accounts", "ALFKI"], keyed(&[("Accounts", key(quoted("ALFKI")))]));
    // What is a property behind an entity is a key behind a collection.
    same(&["Accounts", "Name"], keyed(&[("Accounts", key(quoted("Name")))]));
    same(&["Orders", "7", "Lines", "3"], keyed(&[order(7), ("Lines", key(number(3)))]));
    let both = keyed(&[("OrderLines", parts(&[("OrderID", number(1)), ("ProductID", number(2))]))]);
    same(&["OrderLines", "1", "2"], both);
    assert_eq!(class(&url(&["Orders", "x"])), NOT_FOUND);
    assert_eq!(class(&url(&["Orders", "3000000000"])), NOT_FOUND);
    assert_eq!(key_problem(&url(&["OrderLines", "1"])), KeyProblem::Missing("ProductID".to_owned()));
    assert_eq!(key_problem(&url(&["OrderLines", "1", "$count"])), KeyProblem::Missing("ProductID".to_owned()));
    assert_eq!(read(&keyed(&[("Orders", Some(crate::syntax::KeyPredicate::Empty))])), read(&url(&["Orders"])));
}

#[test]
fn alternate_keys_are_told_by_their_names() {
    let mut model = model();
    model.types[1].alternate_keys = vec![vec![PropertyId(10)], vec![PropertyId(1), PropertyId(3)]];
    let by = |predicate| {
        let grants = crate::query::Grants::everything();
        let scope = crate::bind::Scope { model: &model, grants: &grants, limits: limits(), unseal: &|_| None };
        let url = keyed(&[("Orders", predicate)]);
        crate::bind::bind(&url, &scope).map(|query| crate::query::describe(&query, &model))
    };
    let names = by(parts(&[("ShipName", quoted("x")), ("AccountID", quoted("A"))])).unwrap();
    assert!(names.contains("alternate key ('A','x')\n  where AccountID eq 'A' and ShipName eq 'x'"), "{names}");
    assert!(by(parts(&[("ShipName", quoted("x"))])).is_err());
    assert!(by(parts(&[("OrderID", number(7))])).unwrap().contains("  key (7)"));
}

#[test]
fn references_and_filters_in_the_path() {
    assert_eq!(read(&keyed(&[order(7), ("$ref", None)])).answer, Answer::Reference);
    assert_eq!(read(&url(&["Orders", "$ref"])).answer, Answer::References);
    assert_eq!(class(&keyed(&[order(7), ("$ref", None), ("Status", None)])), NOT_FOUND);
    assert_eq!(
        code(&with(url(&["Orders", "$ref"]), |options| options.select = select(&["Status"]))),
        "bind.option_not_allowed"
    );
    assert_eq!(class(&keyed(&[order(7), ("$value", None)])), NOT_FOUND);
    assert_eq!(read(&url(&["Orders", "$each"])), read(&url(&["Orders"])));
    for behind in ["$count", "$ref", "$each", "Status", "Lines", "7"] {
        assert_eq!(class(&url(&["Orders", "$each", behind])), NOT_FOUND, "{behind}");
    }
    assert_eq!(class(&url(&["Orders", "Nothing"])), NOT_FOUND);
    assert_eq!(class(&url(&["Orders", "Erp.Nothing"])), NOT_FOUND);
    assert_eq!(read(&url(&["Orders", "Erp.Order"])), read(&url(&["Orders"])));
}

#[test]
fn a_set_without_a_grant_is_not_there() {
    let grants = only(&[(ORDERS, None)]);
    let refused = |url: &ResourceUrl| bound_by(url, &grants, limits()).unwrap_err().code();
    assert!(bound_by(&url(&["Orders"]), &grants, limits()).is_ok());
    assert_eq!(refused(&url(&["Accounts"])), "bind.unknown_set");
    assert_eq!(refused(&keyed(&[order(7), ("Account", None)])), "bind.unknown_segment");
    assert_eq!(refused(&keyed(&[("Accounts", key(quoted("A"))), ("Orders", None)])), "bind.unknown_set");
    let orders = |set: &dyn Fn(&mut crate::syntax::Options)| with(url(&["Orders"]), |options| set(options));
    assert_eq!(refused(&orders(&|options| options.expand = expand(&["Account"]))), "bind.unknown_navigation");
    assert_eq!(refused(&orders(&|options| options.expand = expand(&["Account/$ref"]))), "bind.unknown_navigation");
    assert_eq!(refused(&orders(&|options| options.select = select(&["Account"]))), "bind.unknown_property");
    let filter = eq(path("Account/Name"), quoted("x"));
    assert_eq!(refused(&orders(&|options| options.filter = Some(filter.clone()))), "bind.unknown_property");
    assert_eq!(
        refused(&orders(&|options| options.order = super::support::order(&[("Account/Name", false)]))),
        "bind.unknown_property"
    );
    let star = bound_by(&orders(&|options| options.expand = expand(&["*"])), &grants, limits()).unwrap();
    assert!(matches!(star, Query::Read(read) if read.shape.expansions.is_empty()));
}

#[test]
fn row_filters_are_in_every_read() {
    let open = Expr::Compare(
        Comparison::Eq,
        Box::new(Expr::Property(PropertyId(8))),
        Box::new(Expr::Literal(Value::Boolean(false), Scalar::Boolean)),
    );
    let at_home = Expr::Compare(
        Comparison::Eq,
        Box::new(Expr::Property(PropertyId(2))),
        Box::new(Expr::Literal(Value::String("UK".into()), Scalar::STRING)),
    );
    let grants = only(&[(ORDERS, Some(open)), (ACCOUNTS, Some(at_home)), (LINES, None)]);
    let shown = |url: &ResourceUrl| {
        crate::query::describe(&bound_by(url, &grants, limits()).unwrap(), &model())
            .lines()
            .filter_map(|line| line.split_once("where ").map(|(_, filter)| filter.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&url(&["Orders"])), ["Closed eq false"]);
    assert_eq!(shown(&url(&["Orders", "$count"])), ["Closed eq false"]);
    assert_eq!(shown(&keyed(&[order(7)])), ["Closed eq false and OrderID eq 7"]);
    assert_eq!(shown(&keyed(&[order(7), ("Status", None)])), ["Closed eq false and OrderID eq 7"]);
    let via = "Closed eq false and OrderID eq 7";
    assert_eq!(shown(&keyed(&[order(7), ("Account", None)])), [via, "Country eq 'UK'"]);
    assert_eq!(shown(&keyed(&[order(7), ("Lines", None)])), [via]);
    let either = or(&[eq(path("OrderID"), number(1)), path("Closed")]);
    let filtered = with(filtered(either), |options| options.expand = expand(&["Account"]));
    assert_eq!(shown(&filtered), ["Closed eq false and (OrderID eq 1 or Closed eq true)", "Country eq 'UK'"]);
}

#[test]
fn combinations_hold_only_what_the_caller_may_see() {
    use crate::syntax::{Limits, parse};
    let open = Expr::Compare(
        Comparison::Eq,
        Box::new(Expr::Property(PropertyId(8))),
        Box::new(Expr::Literal(Value::Boolean(false), Scalar::Boolean)),
    );
    let grants = only(&[(ORDERS, Some(open)), (LINES, None)]);
    let asked = |target: &str| bound_by(&parse(target, &Limits::default()).unwrap(), &grants, limits());
    assert_eq!(asked("$crossjoin(Orders,Accounts)").unwrap_err().code(), "bind.unknown_set");
    let hidden = "$crossjoin(Orders,OrderLines)?$filter=Orders/Account/Name%20eq%20'x'";
    assert_eq!(asked(hidden).unwrap_err().code(), "bind.unknown_property");
    let query = asked("$crossjoin(OrderLines,Orders)?$filter=OrderLines/OrderID%20eq%201&$expand=Orders").unwrap();
    let text = crate::query::describe(&query, &model());
    // Once for the combinations, once for the entities that are written.
    assert!(text.contains("of Orders where Closed eq false"), "{text}");
    assert_eq!(text.matches("where Closed eq false").count(), 2, "{text}");
}

#[test]
fn who_does_not_see_everything_calls_only_what_rights_guard() {
    use crate::model::{Binding, Body, Operation, OperationKind, Returns, Table, ValueType};
    let operation = |name: &str, kind, binding: Option<Binding>, returns| Operation {
        name: name.to_owned(),
        kind,
        imported_as: binding.is_none().then(|| name.to_owned()),
        binding,
        parameters: Vec::new(),
        returns: Some(returns),
        source: crate::model::SourceId(0),
        body: Body::Function(Table::new(None, "f")),
        inside: None,
        composable: true,
        description: None,
    };
    let value =
        || Returns::Value { value_type: ValueType { scalar: Scalar::Int32, enumeration: None }, nullable: true };
    let bound = |set| Some(Binding { parameter: "it".to_owned(), set, derived: None, collection: false });
    let all_of = |set| Some(Binding { collection: true, ..bound(set)? });
    let mut model = model();
    model.operations = vec![
        operation("Value", OperationKind::Function, None, value()),
        operation("Best", OperationKind::Function, None, Returns::Entities { set: ORDERS }),
        operation("Score", OperationKind::Function, bound(ORDERS), value()),
        operation("Rank", OperationKind::Function, bound(ACCOUNTS), value()),
        operation("Close", OperationKind::Action, bound(ORDERS), value()),
        operation("Sum", OperationKind::Function, all_of(ORDERS), value()),
        Operation {
            body: Body::Statement(vec![crate::model::Part::Members]),
            ..operation("SumOf", OperationKind::Function, all_of(ORDERS), value())
        },
    ];
    let asked = |segments: &[(&str, Option<crate::syntax::KeyPredicate>)], grants: &crate::query::Grants| {
        let scope = crate::bind::Scope { model: &model, grants, limits: limits(), unseal: &|_| None };
        crate::bind::bind(&keyed(segments), &scope).is_ok()
    };
    let (all, some) = (crate::query::Grants::everything(), only(&[(ORDERS, None)]));
    let account = ("Accounts", key(quoted("A")));
    for (segments, by_some) in [
        (vec![("Value", None)], false),
        (vec![("Best", None)], true),
        (vec![("Best", None), ("Account", None)], false),
        (vec![order(7), ("Score", None)], true),
        (vec![order(7), ("Erp.Score", None)], true),
        (vec![account, ("Rank", None)], false),
        (vec![order(7), ("Close", None)], false),
        (vec![("Orders", None), ("Sum", None)], false),
        (vec![("Orders", None), ("SumOf", None)], true),
    ] {
        let by_all = !matches!(segments.as_slice(), [("Best", None), ("Account", None)]);
        assert_eq!((asked(&segments, &all), asked(&segments, &some)), (by_all, by_some), "{segments:?}");
    }
    // Those of whom a function is told are those that the caller may see.
    let open = Expr::Compare(
        Comparison::Eq,
        Box::new(Expr::Property(PropertyId(8))),
        Box::new(Expr::Literal(Value::Boolean(false), Scalar::Boolean)),
    );
    let grants = only(&[(ORDERS, Some(open))]);
    let scope = crate::bind::Scope { model: &model, grants: &grants, limits: limits(), unseal: &|_| None };
    let query = crate::bind::bind(&url(&["Orders", "SumOf"]), &scope).unwrap();
    let text = crate::query::describe(&query, &model);
    assert!(text.contains("where Closed eq false"), "{text}");
}
