//! Whole requests, from the text of the URL: what a client means by it, and what it is told when it is wrong.

use proptest::prelude::*;

use super::support::*;
use crate::bind::{BindError, Class};
use crate::query::{Grants, describe};
use crate::syntax::{self, parse};

fn asked(target: &str) -> Result<String, BindError> {
    let url = parse(target, &syntax::Limits::default()).unwrap_or_else(|error| panic!("{target}: {error}"));
    bound_by(&url, &Grants::everything(), limits()).map(|query| describe(&query, &model()))
}

fn where_line(target: &str) -> String {
    let text = asked(target).unwrap_or_else(|error| panic!("{target}: {error}"));
    text.lines().find_map(|line| line.strip_prefix("  where ")).unwrap_or("everything").to_owned()
}

/// The code, and what is underlined.
fn refused(target: &str) -> (&'static str, &str) {
    let error = asked(target).unwrap_err();
    (error.code(), error.span.clone().and_then(|span| target.get(span)).unwrap_or(""))
}

#[test]
fn requests_as_salesforce_sends_them() {
    assert_eq!(
        asked(
            "Orders?$select=AccountID,OrderID,Status&$count=true&$filter=Status eq 'Open'&$orderby=Total desc&$top=26"
        ),
        Ok("collection of Orders\n  where Status eq 'Open'\n  order Total desc, OrderID desc\n  \
            select OrderID, AccountID, Status\n  page top 26 rows 500\n  count\n"
            .to_owned())
    );
    let cases = [
        ("Orders?$filter=OrderID eq 12345", "OrderID eq 12345"),
        ("Orders?$filter=AccountID eq 12345", "AccountID eq '12345'"),
        ("Orders?$filter='AIRPORT POTLUCK' eq ShipName", "ShipName eq 'AIRPORT POTLUCK'"),
        (
            "Orders?$filter=contains(Status,'x') eq true or contains(ShipName,'x') eq true",
            "contains(Status,'x') or contains(ShipName,'x')",
        ),
        ("Orders?$filter=AccountID eq 'O''BRIEN'", "AccountID eq 'O''BRIEN'"),
        ("Orders?%24filter=Status%20eq%20%27Open%27", "Status eq 'Open'"),
        ("Orders?$filter=Status+eq+'Open'", "Status eq 'Open'"),
        ("Orders?$filter=ShippedDate ge 2024-05-01T02:00:00.000%2B02:00", "ShippedDate ge 2024-05-01T00:00:00Z"),
        ("Orders?$filter=DueOn ge 2024-05-01T00:00:00Z", "DueOn ge 2024-05-01"),
        ("Orders?$filter=OrderID eq 1 or OrderID eq 2 or OrderID eq 3", "OrderID in (1,2,3)"),
        ("Orders?$filter=OrderID in (1,2,3)", "OrderID in (1,2,3)"),
        (
            "Orders?$filter=(Status eq 'Open' or Status eq 'Held') and Total ge 100",
            "Status in ('Open','Held') and Total ge 100m",
        ),
        ("Orders?$filter=Status ne 'Closed' and Status ne 'Cancelled'", "not (Status in ('Closed','Cancelled'))"),
        ("Orders?$filter=not contains(ShipName,'Acme')", "not contains(ShipName,'Acme')"),
        ("Orders?$filter=Weight gt -1.5e3", "Weight gt -1500.0"),
        (
            "Orders?$filter=Token eq 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "Token eq 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        ),
        (
            "Orders?$filter=Token eq '3F2504E0-4F89-11D3-9A0C-0305E82C3301'",
            "Token eq 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        ),
        ("Orders?$filter=ShippedDate eq null", "ShippedDate eq null"),
        ("Orders?$filter=OrderID eq @id&@id=7", "OrderID eq 7"),
        ("OrderLines(ProductID=2,OrderID=1)", "OrderID eq 1 and ProductID eq 2"),
        ("Accounts('INV%2F2024%2F001')", "AccountID eq 'INV/2024/001'"),
        ("Orders(@id)?@id=7", "OrderID eq 7"),
    ];
    for (target, expected) in cases {
        assert_eq!(where_line(target), expected, "{target}");
    }
}

#[test]
fn what_is_wrong_is_underlined() {
    let cases = [
        ("Nothing?$top=1", "bind.unknown_set", "Nothing"),
        ("Orders(7)/Nothing", "bind.unknown_segment", "Nothing"),
        ("Orders?$filter=Nothing eq 1", "bind.unknown_property", "Nothing"),
        ("Orders?$filter=Total gt 1 and OrderID add 1e9999 eq 1", "bind.out_of_range", "1e9999"),
        ("Orders?$filter=DueOn eq 2024-02-30", "bind.impossible_date", "2024-02-30"),
        ("Orders?$filter=Closed eq 1", "bind.type_mismatch", "1"),
        ("Orders?$orderby=Status,Nothing desc", "bind.unknown_property", "Nothing"),
        ("Orders?$select=OrderID,status", "bind.unknown_property", "status"),
        ("Orders?$expand=Nothing", "bind.unknown_navigation", "Nothing"),
        ("Orders?$skiptoken=garbage", "bind.invalid_token", "garbage"),
        ("Orders/$count?$filter=Closed&$top=1", "bind.option_not_allowed", ""),
    ];
    for (target, code, place) in cases {
        let (found, underlined) = refused(target);
        assert_eq!(found, code, "{target}");
        assert!(underlined.contains(place), "{target}: '{underlined}' is underlined, not '{place}'");
    }
}

#[test]
fn combinations_name_their_sets() {
    let text = asked("$crossjoin(Orders,Accounts)?$filter=Orders/Account/Name eq Accounts/Name&$top=3").unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(lines[..4], ["combinations", "of Orders", "of Accounts", "where Name eq ^Account/Name"]);
    assert!(lines.contains(&"order ^OrderID, AccountID"), "{text}");
}

#[test]
fn correct_requests_that_are_not_offered() {
    for target in
        ["Orders?$apply=nest(groupby((Status)) as S)", "Orders?$deltatoken=x", "$crossjoin(Orders,Accounts)?$search=x"]
    {
        let error = asked(target).unwrap_err();
        assert_eq!((error.code(), error.class()), ("bind.unsupported", Class::Unsupported), "{target}: {error}");
        assert!(error.span.is_some(), "{target}");
    }
}

proptest! {
    #[test]
    fn no_request_breaks_the_binder(
        words in prop::collection::vec(prop::sample::select(vec![
            "Orders", "Accounts('A')", "OrderLines(OrderID=1,ProductID=2)", "(7)", "/Lines", "/Account", "/Status", "/$value",
            "/$count", "/$ref", "?$filter=", "&$filter=", "&$orderby=", "&$select=", "&$expand=", "&$search=x", "&$top=1",
            "&@a=", "@a", "Status", "Closed", "Total", "DueOn", " eq ", " gt ", " and ", " or ", "not ", " in ", "(", ")",
            ",", "'x'", "1.5", "null", "true", "contains(", "2024-05-01T12:00:00Z", " desc", "*", "Lines", "$count=true", ";",
        ]), 0..14),
    ) {
        let target = format!("Orders{}", words.concat());
        if let Ok(url) = parse(&target, &syntax::Limits::default()) {
            let _ = bound(&url);
        }
    }
}
