//! `$apply`: what steps it becomes, and that every set on the way is seen with the rights of the caller.

use super::support::*;
use crate::bind::BindError;
use crate::edm::{Scalar, Value};
use crate::model::PropertyId;
use crate::query::{Comparison, Expr, Grants, Query, describe};
use crate::syntax::{self, parse};

fn bound(target: &str, grants: &Grants) -> Result<Query, BindError> {
    let url = parse(target, &syntax::Limits::default()).unwrap_or_else(|error| panic!("{target}: {error}"));
    bound_by(&url, grants, limits())
}

fn text(target: &str) -> String {
    let query = bound(target, &Grants::everything()).unwrap_or_else(|error| panic!("{target}: {error}"));
    describe(&query, &model())
}

fn equals(property: u16, value: &str) -> Expr {
    let value = Expr::Literal(Value::String(value.into()), Scalar::STRING);
    Expr::Compare(Comparison::Eq, Box::new(Expr::Property(PropertyId(property))), Box::new(value))
}

#[test]
fn a_filter_and_a_grouping() {
    assert_eq!(
        text(
            "Orders?$apply=filter(Weight gt 1)/groupby((Status),aggregate(Total with sum as Sum,$count as N))&$filter=N gt 2&$top=3"
        ),
        "rows made of Orders\n  where Weight gt 1.0\n  group by (Status): sum(Total):Edm.Decimal as Sum, \
         $count(1):Edm.Decimal as N\n  where N gt 2m\n  order cast(Status,Edm.String)\n  show Status, Sum, N\n  \
         page top 3 rows 500\n"
    );
}

#[test]
fn a_filter_inside_of_a_group_is_a_condition() {
    assert_eq!(
        text("Orders?$apply=groupby((Status),filter(Weight gt 1)/aggregate($count as N))"),
        "rows made of Orders\n  group by (Status): $count(1 where Weight gt 1.0):Edm.Decimal as N\n  \
         order cast(Status,Edm.String)\n  show Status, N\n  page rows 500\n"
    );
}

#[test]
fn limits_inside_of_groups_count_within_them() {
    assert_eq!(
        text("Orders?$apply=groupby((Status),topcount(1,Total))&$select=OrderID"),
        "collection of Orders\n  skip 0 top 1, order Total desc, OrderID desc, each for (Status)\n  order OrderID\n  \
         select OrderID\n  page rows 500\n"
    );
}

#[test]
fn rows_that_may_not_be_seen_are_not_there() {
    let grants = only(&[(ACCOUNTS, Some(equals(2, "DE"))), (ORDERS, Some(equals(2, "Open"))), (LINES, None)]);
    let described = |target: &str| describe(&bound(target, &grants).unwrap(), &model());
    let all = described("Orders?$apply=aggregate($count as N)");
    assert!(all.starts_with("rows made of Orders\n  where Status eq 'Open'\n  group by ()"), "{all}");
    let by = described("Orders?$apply=groupby((Account/Name))");
    assert!(by.contains("group by (Account[Country eq 'DE']/Name)"), "{by}");
    let of = described("Accounts?$apply=aggregate(Orders/Total with sum as Sum)");
    assert!(of.contains("where Country eq 'DE'\n") && of.contains("each Orders[Status eq 'Open']/Total"), "{of}");
    let both = described("Accounts?$apply=concat(aggregate($count as N),groupby((Name)))");
    assert_eq!(both.matches("where Country eq 'DE'").count(), 1, "{both}");

    let without = only(&[(ORDERS, None)]);
    let code = |target: &str| bound(target, &without).unwrap_err().code();
    assert_eq!(code("Orders?$apply=groupby((Account/Name))"), "bind.unknown_property");
    assert_eq!(code("Orders?$apply=aggregate(Account/Name with max as M)"), "bind.unknown_property");
    assert_eq!(code("Orders?$apply=filter(Account/Name eq 'A')/aggregate($count as N)"), "bind.unknown_property");
    assert_eq!(code("Accounts?$apply=aggregate($count as N)"), "bind.unknown_set");
}
