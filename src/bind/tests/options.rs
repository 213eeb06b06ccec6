//! Query options other than `$filter`.

use super::support::*;
use crate::bind::{Class, Limits, Scope, bind};
use crate::edm::Value;
use crate::model::{NavigationId, PropertyId};
use crate::query::{Cursor, Grants, Query, fingerprint};
use crate::syntax::{Apply, ExpandItem, Options, ResourceUrl};

fn orders(set: impl FnOnce(&mut Options)) -> ResourceUrl {
    with(url(&["Orders"]), set)
}

fn line(url: &ResourceUrl, start: &str) -> String {
    let text = text(url);
    text.lines().find_map(|line| line.trim_start().strip_prefix(start)).unwrap_or("nothing").trim().to_owned()
}

fn sorted(items: &[(&str, bool)]) -> String {
    line(&orders(|options| options.order = order(items)), "order ")
}

#[test]
fn the_order_is_total() {
    assert_eq!(sorted(&[]), "OrderID");
    assert_eq!(sorted(&[("Status", false)]), "Status, OrderID");
    assert_eq!(sorted(&[("Status", true)]), "Status desc, OrderID desc");
    assert_eq!(sorted(&[("Status", true), ("Total", false)]), "Status desc, Total, OrderID");
    assert_eq!(sorted(&[("Status", true), ("Status", false)]), "Status desc, OrderID desc");
    assert_eq!(sorted(&[("Status", false), ("OrderID", true), ("Total", false)]), "Status, OrderID desc");
    let lines =
        |items: &[(&str, bool)]| line(&with(url(&["OrderLines"]), |options| options.order = order(items)), "order ");
    assert_eq!(lines(&[("ProductID", true)]), "ProductID desc, OrderID desc");
    assert_eq!(lines(&[("ProductID", true), ("Quantity", false)]), "ProductID desc, Quantity, OrderID");
    assert_eq!(lines(&[("ProductID", true), ("OrderID", false), ("Quantity", false)]), "ProductID desc, OrderID");
    let refused = |name| code(&orders(|options| options.order = order(&[(name, false)])));
    assert_eq!(refused("Nothing"), "bind.unknown_property");
    assert_eq!(sorted(&[("Account/Name", false)]), "Account/Name, OrderID");
    assert_eq!(refused("Account"), "bind.not_a_value");
    let mut items = order(&[("Status", false)]).unwrap();
    items[0].expr = call("tolower", &[path("Status")]);
    assert_eq!(line(&orders(|options| options.order = Some(items)), "order "), "tolower(Status), OrderID");
}

#[test]
fn exactly_what_is_selected_is_written() {
    let selected = |names: &[&str]| line(&orders(|options| options.select = select(names)), "select ");
    assert_eq!(selected(&["Status", "AccountID"]), "AccountID, Status");
    assert_eq!(selected(&["Status", "Status"]), "Status");
    assert_eq!(selected(&["Status", "Account"]), "Status");
    assert_eq!(selected(&["Account"]), "");
    assert_eq!(selected(&["*"]), "nothing");
    assert_eq!(selected(&["Status", "*"]), "nothing");
    assert_eq!(selected(&[]), "nothing");
    let refused = |names: &[&str]| code(&orders(|options| options.select = select(names)));
    assert_eq!(refused(&["status"]), "bind.unknown_property");
    assert_eq!(refused(&["Status/Name"]), "bind.unknown_property");
    assert_eq!(refused(&["Account/Name"]), "bind.unsupported");
    assert_eq!(refused(&["Erp.Function"]), "bind.unknown_property");
    let nested = |name| {
        let mut items = select(&[name]).unwrap();
        items[0].options = Some(Box::new(Options { top: Some(1), ..Options::default() }));
        code(&orders(|options| options.select = Some(items)))
    };
    assert_eq!(nested("Status"), "bind.option_not_allowed");
    assert_eq!(nested("Nothing"), "bind.unknown_property");
}

fn expanded(name: &str, set: impl FnOnce(&mut Options)) -> Vec<ExpandItem> {
    let mut items = expand(&[name]).unwrap();
    set(&mut items[0].options);
    items
}

#[test]
fn expansions_have_options_of_their_own() {
    let url = orders(|options| {
        options.select = select(&["OrderID"]);
        options.expand = Some(expanded("Lines", |options| {
            options.filter = Some(gt(path("Quantity"), number(1)));
            options.order = order(&[("Quantity", true)]);
            options.select = select(&["ProductID"]);
            options.top = Some(3);
            options.skip = Some(1);
            options.count = Some(true);
        }));
    });
    assert_eq!(
        text(&url),
        "collection of Orders\n  order OrderID\n  select OrderID\n  expand Lines from OrderLines\n    \
         where Quantity gt 1\n    order Quantity desc, OrderID desc, ProductID desc\n    select ProductID\n    skip 1\n    \
         top 3\n    count\n  page rows 500\n"
    );
}

#[test]
fn expansions_stand_in_declared_order() {
    let ids = |names: &[&str]| -> Vec<NavigationId> {
        let read = read(&orders(|options| options.expand = expand(names)));
        read.shape.expansions.iter().map(|expansion| expansion.navigation).collect()
    };
    assert_eq!(ids(&["Lines", "Account"]), [NavigationId(0), NavigationId(1)]);
    assert_eq!(ids(&["*"]), [NavigationId(0), NavigationId(1), NavigationId(2)]);
    assert_eq!(ids(&["*", "Lines"]), [NavigationId(0), NavigationId(1), NavigationId(2)]);
    let refused = |names: &[&str]| code(&orders(|options| options.expand = expand(names)));
    assert_eq!(refused(&["Lines", "Lines"]), "bind.duplicate");
    assert_eq!(refused(&["Nothing"]), "bind.unknown_navigation");
    assert_eq!(refused(&["Status"]), "bind.unknown_navigation");
    assert_eq!(refused(&["Nothing/$ref"]), "bind.unknown_navigation");
}

#[test]
fn options_of_an_expansion_must_fit_it() {
    let refused = |name: &str, set: &dyn Fn(&mut Options)| {
        code(&orders(|options| options.expand = Some(expanded(name, |options| set(options)))))
    };
    assert_eq!(refused("Account", &|options| options.top = Some(1)), "bind.option_not_allowed");
    assert_eq!(refused("Account", &|options| options.filter = Some(boolean(true))), "bind.option_not_allowed");
    assert_eq!(refused("Lines", &|options| options.skip_token = Some(("x".into(), 0..1))), "bind.option_not_allowed");
    assert_eq!(refused("Account", &|options| options.index = Some(1)), "bind.unsupported");
    assert_eq!(refused("Lines", &|options| options.filter = Some(path("Status"))), "bind.unknown_property");
    assert_eq!(refused("*", &|options| options.top = Some(1)), "bind.not_allowed_here");
}

#[test]
fn expansion_is_as_deep_as_allowed() {
    let url = orders(|options| {
        options.expand = Some(expanded("Lines", |options| options.expand = expand(&["Order"])));
    });
    assert_eq!(code(&url), "bind.limit");
    let grants = Grants::everything();
    let Ok(Query::Read(read)) = bound_by(&url, &grants, Limits { expand_depth_max: 2, ..limits() }) else { panic!() };
    assert_eq!(read.shape.expansions[0].shape.expansions[0].set, ORDERS);
    let none = bound_by(
        &orders(|options| options.expand = expand(&["Lines"])),
        &grants,
        Limits { expand_depth_max: 0, ..limits() },
    );
    assert_eq!(none.unwrap_err().code(), "bind.limit");
}

#[test]
fn a_search_looks_into_the_texts() {
    assert_eq!(
        line(&orders(|options| options.search = search(" Acme Ltd ")), "search "),
        "'Acme Ltd' in Status, ShipName"
    );
    assert_eq!(code(&orders(|options| options.search = search("  "))), "bind.empty_search");
    let without_texts = with(url(&["Shipments"]), |options| options.search = search("Acme"));
    assert_eq!(line(&without_texts, "where "), "false");
    assert_eq!(read(&without_texts).search, None);
    assert!(read(&with(url(&["Orders", "$count"]), |options| options.search = search("x"))).search.is_some());
}

#[test]
fn options_must_fit_the_resource() {
    let refused = |url: ResourceUrl, set: &dyn Fn(&mut Options)| code(&with(url, |options| set(options)));
    let entity = || keyed(&[("Orders", key(number(7)))]);
    let count = || url(&["Orders", "$count"]);
    let property = || keyed(&[("Orders", key(number(7))), ("Status", None)]);
    let not_allowed = "bind.option_not_allowed";
    assert_eq!(refused(entity(), &|options| options.top = Some(1)), not_allowed);
    assert_eq!(refused(entity(), &|options| options.filter = Some(boolean(true))), not_allowed);
    assert_eq!(refused(entity(), &|options| options.count = Some(false)), not_allowed);
    assert_eq!(refused(entity(), &|options| options.order = order(&[("Status", false)])), not_allowed);
    assert_eq!(refused(count(), &|options| options.top = Some(1)), not_allowed);
    assert_eq!(refused(count(), &|options| options.select = select(&["Status"])), not_allowed);
    assert_eq!(refused(property(), &|options| options.select = select(&["Status"])), not_allowed);
    assert_eq!(refused(property(), &|options| options.skip_token = Some(("00".into(), 0..1))), not_allowed);
    let both = with(entity(), |options| {
        options.select = select(&["Status"]);
        options.expand = expand(&["Account"]);
        options.format = Some(("json".into(), 0..1));
    });
    assert_eq!(read(&both).shape.expansions.len(), 1);
    let counted = with(count(), |options| options.filter = Some(path("Closed")));
    assert_eq!(line(&counted, "where "), "Closed eq true");
    let apply = |options: &mut Options| options.apply = Some(Apply(Vec::new()));
    assert_eq!(code(&with(entity(), apply)), not_allowed);
    assert_eq!(code(&with(property(), apply)), not_allowed);
}

#[test]
fn pages_are_bounded() {
    let page = read(&orders(|options| {
        options.top = Some(10_000);
        options.skip = Some(5);
        options.count = Some(true);
    }));
    assert_eq!((page.page.top, page.page.skip, page.page.rows_max, page.count), (Some(10_000), 5, 500, true));
    let small = Limits { page_rows_max: 20, ..limits() };
    let Ok(Query::Read(read)) = bound_by(&url(&["Orders"]), &Grants::everything(), small) else { panic!() };
    assert_eq!(read.page.rows_max, 20);
}

/// A listing by status whose page ended behind this row.
fn token(values: Vec<Value>, of: &ResourceUrl) -> String {
    hex(&Cursor { values }.encode(fingerprint(&read(of), 42), 42))
}

fn by_status(set: impl FnOnce(&mut Options)) -> ResourceUrl {
    orders(|options| {
        options.order = order(&[("Status", false)]);
        set(options);
    })
}

fn continued(token: &str) -> ResourceUrl {
    by_status(|options| options.skip_token = Some((token.to_owned(), 10..20)))
}

#[test]
fn a_token_continues_its_own_query() {
    let values = vec![Value::Null, Value::Int(7)];
    let token = token(values.clone(), &by_status(|_| {}));
    let page = read(&continued(&token)).page;
    assert_eq!((page.cursor, page.skip), (Some(Cursor { values }), 0));
    assert_eq!(line(&continued(&token), "page "), "after (null,7) rows 500");
    let with_the_rest = with(continued(&token), |options| {
        options.skip = Some(100);
        options.top = Some(3);
        options.count = Some(true);
    });
    let page = read(&with_the_rest).page;
    assert_eq!((page.skip, page.top), (0, Some(3)));
    assert!(page.cursor.is_some());
}

#[test]
fn any_other_token_is_refused() {
    let good = vec![Value::Null, Value::Int(7)];
    let refused = |token: &str| {
        let error = bound(&continued(token)).unwrap_err();
        assert_eq!(error.span, Some(10..20));
        error.code() == "bind.invalid_token"
    };
    assert!(refused("garbage"));
    assert!(refused(""));
    assert!(refused("01"));
    assert!(refused(&token(good.clone(), &orders(|_| {}))), "another order");
    let filtered = by_status(|options| options.filter = Some(path("Closed")));
    assert!(refused(&token(good.clone(), &filtered)), "another filter");
    let selected = by_status(|options| options.select = select(&["Status"]));
    assert!(refused(&token(good.clone(), &selected)), "another shape");
    let plain = by_status(|_| {});
    assert!(refused(&token(vec![Value::Null], &plain)), "too few values");
    assert!(refused(&token(vec![Value::Null, Value::String("7".into())], &plain)), "a value of another type");
    assert!(refused(&token(vec![Value::Null, Value::Int(1 << 40)], &plain)), "a value out of range");
    let revised = hex(&Cursor { values: good.clone() }.encode(fingerprint(&read(&plain), 43), 43));
    let error = bound(&continued(&revised)).unwrap_err();
    assert_eq!((error.code(), error.class()), ("bind.expired_token", Class::Gone), "another revision of the model");
    let grants = only(&[(ORDERS, Some(crate::query::Expr::Property(PropertyId(8))))]);
    let error = bound_by(&continued(&token(good, &plain)), &grants, limits()).unwrap_err();
    assert_eq!(error.code(), "bind.invalid_token", "other rights");
}

#[test]
fn only_the_seal_opens_a_token() {
    let (model, grants) = (model(), Grants::everything());
    let scope = Scope { model: &model, grants: &grants, limits: limits(), unseal: &|_| None };
    let token = token(vec![Value::Null, Value::Int(7)], &by_status(|_| {}));
    assert_eq!(bind(&continued(&token), &scope).unwrap_err().code(), "bind.invalid_token");
}
