//! The expression language, from the text of a filter to the text of what is bound: paths, lambdas, calculations,
//! functions, casts, and what each refuses.

use super::support::*;
use crate::bind::BindError;
use crate::query::{Grants, describe};
use crate::syntax::{self, parse};

fn asked(target: &str) -> Result<String, BindError> {
    let url = parse(target, &syntax::Limits::default()).unwrap_or_else(|error| panic!("{target}: {error}"));
    bound_by(&url, &Grants::everything(), limits()).map(|query| describe(&query, &model()))
}

fn shown(filter: &str) -> String {
    let target = format!("Orders?$filter={filter}");
    let text = asked(&target).unwrap_or_else(|error| panic!("{target}: {error}"));
    text.lines().find_map(|line| line.strip_prefix("  where ")).unwrap_or("everything").to_owned()
}

fn refused(filter: &str) -> &'static str {
    asked(&format!("Orders?$filter={filter}")).unwrap_err().code()
}

#[test]
fn paths_lead_to_other_rows() {
    assert_eq!(shown("Account/Name eq 'x'"), "Account/Name eq 'x'");
    assert_eq!(shown("$it/Account/Name eq 'x'"), "Account/Name eq 'x'");
    assert_eq!(shown("Account/Name eq ShipName"), "ShipName eq Account/Name");
    assert_eq!(shown("Account eq null"), "not exists(Account/)");
    assert_eq!(shown("Account ne null"), "exists(Account/)");
    assert_eq!(shown("$it ne null"), "everything");
    assert_eq!(shown("$root/Accounts('A')/Name eq ShipName"), "ShipName eq $root/Accounts[AccountID eq 'A']/Name");
    assert_eq!(
        shown("$root/Accounts(AccountID='A')/Name eq ShipName"),
        "ShipName eq $root/Accounts[AccountID eq 'A']/Name"
    );
    assert_eq!(refused("$root/Accounts(Name='A')/Name eq ShipName"), "bind.key");
    assert_eq!(refused("$root/Nothing(A=1)/Name eq ShipName"), "bind.unknown_set");
    assert_eq!(refused("Account/Nothing eq 1"), "bind.unknown_property");
    assert_eq!(refused("Lines/Quantity eq 1"), "bind.not_followed");
    assert_eq!(refused("Lines eq null"), "bind.type_mismatch");
    assert_eq!(refused("Account eq 1"), "bind.type_mismatch");
    assert_eq!(refused("Status/Name eq 'x'"), "bind.not_followed");
    assert_eq!(refused("Shipments/any()"), "bind.unsupported");
    assert_eq!(refused("$root/Accounts/Name eq 'x'"), "bind.unsupported");
    assert_eq!(refused("Account/any(a:a/Name eq 'x')"), "bind.not_followed");
}

#[test]
fn lambdas_ask_related_rows() {
    assert_eq!(shown("Lines/any()"), "Lines/any()");
    assert_eq!(shown("Lines/any(l:l/Quantity gt 1)"), "Lines/any(Quantity gt 1)");
    assert_eq!(
        shown("Lines/all(l:l/Quantity gt 1 or l/Quantity eq null)"),
        "Lines/all(Quantity gt 1 or Quantity eq null)"
    );
    assert_eq!(shown("Lines/any(l:l/Quantity gt Parts)"), "Lines/any(Quantity gt ^Parts)");
    assert_eq!(shown("Lines/any(l:l/Quantity gt $it/Parts)"), "Lines/any(Quantity gt ^Parts)");
    assert_eq!(shown("Lines/any(l:l/Order/Account/Name eq 'x')"), "Lines/any(Order/Account/Name eq 'x')");
    assert_eq!(
        shown("Account/Orders/any(o:o/Lines/all(l:l/Quantity eq o/Parts and l/Quantity ne OrderID))"),
        "Account/Orders/any(Lines/all(Quantity eq ^Parts and Quantity ne ^^OrderID))"
    );
    assert_eq!(shown("not Lines/any(l:l/Quantity gt 1)"), "not Lines/any(Quantity gt 1)");
    assert_eq!(shown("Lines/$count gt 2"), "Lines/$count() gt 2");
    assert_eq!(shown("Lines/$count($filter=Quantity gt 1) eq 0"), "Lines/$count(Quantity gt 1) eq 0");
    assert_eq!(refused("Lines/any(l:l/Nothing eq 1)"), "bind.unknown_property");
    assert_eq!(refused("Lines/any(l:l)"), "bind.not_boolean");
}

#[test]
fn calculations_promote_their_sides() {
    assert_eq!(shown("OrderID add 1 eq 2"), "OrderID add:Edm.Int64 1 eq 2");
    assert_eq!(shown("OrderID add 1.5 eq 2"), "OrderID add:Edm.Decimal 1.5m eq 2m");
    assert_eq!(shown("Total mul Weight gt 1"), "Total mul:Edm.Double Weight gt 1.0");
    assert_eq!(shown("OrderID div 2 eq 2"), "OrderID div:Edm.Int64 2 eq 2");
    assert_eq!(shown("OrderID divby 2 eq 2.5"), "OrderID div:Edm.Decimal 2 eq 2.5m");
    assert_eq!(shown("OrderID mod 2 eq 1"), "OrderID mod:Edm.Int64 2 eq 1");
    assert_eq!(shown("-OrderID lt -5"), "-OrderID lt -5");
    assert_eq!(shown("OrderID add '1' eq 2"), "OrderID add:Edm.Int64 1 eq 2");
    assert_eq!(shown("OrderID add null eq null"), "OrderID add:Edm.Int64 null eq null");
    assert_eq!(shown("(OrderID add 1) mul 2 eq 2"), "(OrderID add:Edm.Int64 1) mul:Edm.Int64 2 eq 2");
    assert_eq!(refused("Status add 1 eq 2"), "bind.operand");
    assert_eq!(refused("OrderID add true eq 2"), "bind.operand");
    assert_eq!(refused("OrderID div 0 eq 2"), "bind.division_by_zero");
    assert_eq!(refused("Total mod 0.0 eq 2"), "bind.division_by_zero");
    assert_eq!(shown("Weight div 0 eq INF"), "Weight div:Edm.Double 0 eq inf");
    assert_eq!(shown("ShippedDate add duration'P1D' gt now()"), "ShippedDate add:Edm.DateTimeOffset P1D gt now()");
    assert_eq!(
        shown("ShippedDate sub ShippedDate eq duration'PT0S'"),
        "ShippedDate sub:Edm.Duration ShippedDate eq PT0S"
    );
    assert_eq!(refused("ShippedDate add 1 eq null"), "bind.operand");
    assert_eq!(refused("ShippedDate add ShippedDate eq null"), "bind.operand");
}

#[test]
fn functions_take_and_give_types() {
    assert_eq!(shown("length(Status) eq 3"), "length(Status) eq 3");
    assert_eq!(shown("substring(Status,1,2) eq 'a'"), "substring(Status,1,2) eq 'a'");
    assert_eq!(shown("indexof(tolower(Status),'x') ge 0"), "indexof(tolower(Status),'x') ge 0");
    assert_eq!(shown("concat(concat(Status,', '),ShipName) eq 'x'"), "concat(concat(Status,', '),ShipName) eq 'x'");
    assert_eq!(shown("year(ShippedDate) eq 2024"), "year(ShippedDate) eq 2024");
    assert_eq!(shown("date(ShippedDate) eq 2024-05-01"), "date(ShippedDate) eq 2024-05-01");
    assert_eq!(shown("ShippedDate lt now()"), "ShippedDate lt now()");
    assert_eq!(shown("round(Total) eq 5"), "round(Total) eq 5m");
    assert_eq!(shown("length(null) eq 3"), "false");
    assert_eq!(refused("length(OrderID) eq 3"), "bind.function_arguments");
    assert_eq!(refused("year(Status) eq 3"), "bind.function_arguments");
    assert_eq!(refused("round(Status) eq 3"), "bind.function_arguments");
    assert_eq!(refused("substring(Status) eq 'a'"), "bind.function_arguments");
    assert_eq!(refused("matchespattern(Status,ShipName)"), "bind.unsupported");
    assert_eq!(shown("matchespattern(Status,'^o(pen)?$')"), "matchespattern(Status,'^o(pen)?$')");
    assert_eq!(refused("matchespattern(Status,'(')"), "bind.function_arguments");
    assert_eq!(refused("matchespattern(Status,'a{999}')"), "bind.function_arguments");
    assert_eq!(refused("matchespattern(Status,'\\bopen')"), "bind.unsupported");
}

#[test]
fn casts_and_cases() {
    assert_eq!(shown("cast(OrderID,Edm.String) eq '1'"), "cast(OrderID,Edm.String) eq '1'");
    assert_eq!(shown("cast(OrderID,Edm.Int32) eq 1"), "OrderID eq 1");
    assert_eq!(shown("cast('5',Edm.Int32) eq OrderID"), "OrderID eq 5");
    assert_eq!(refused("cast(Closed,Edm.Int32) eq 1"), "bind.type_mismatch");
    assert_eq!(refused("cast(OrderID,Edm.Nothing) eq 1"), "bind.unknown_type");
    assert_eq!(shown("isof(OrderID,Edm.Int32)"), "OrderID ne null");
    assert_eq!(shown("isof(OrderID,Edm.String)"), "false");
    assert_eq!(shown("isof(Erp.Order)"), "everything");
    assert_eq!(shown("isof(Erp.Account)"), "false");
    assert_eq!(shown("isof(Account,Erp.Account)"), "exists(Account/)");
    assert_eq!(shown("case(Closed:'a',true:Status) eq 'a'"), "case(Closed eq true:'a',true:Status) eq 'a'");
    assert_eq!(shown("case(Closed:1,Checked:2.5) gt 1"), "case(Closed eq true:1,Checked eq true:2.5m) gt 1m");
    assert_eq!(refused("case(Closed:1,Checked:'x') gt 1"), "bind.type_mismatch");
    assert_eq!(refused("case(Status:1) gt 1"), "bind.not_boolean");
}

#[test]
fn computed_values_have_names() {
    let text = asked(
        "Orders?$compute=Total mul 2 as Twice,Twice add 1 as More&$filter=More gt 5&$orderby=Twice desc&$select=OrderID,Twice",
    );
    let text = text.unwrap();
    for line in [
        "where Total mul:Edm.Decimal 2 add:Edm.Decimal 1 gt 5m",
        "order Total mul:Edm.Decimal 2 desc, OrderID desc",
        "select OrderID",
        "compute Total mul:Edm.Decimal 2 as Twice",
    ] {
        let found = text.lines().any(|found| found.trim().replace(['(', ')'], "") == line);
        assert!(found, "{line}\n{text}");
    }
    let code = |target: &str| asked(target).unwrap_err().code();
    assert_eq!(code("Orders?$compute=Total mul 2 as Status"), "bind.duplicate");
    assert_eq!(code("Orders?$compute=Total mul 2 as A,Total as A"), "bind.duplicate");
    assert_eq!(code("Orders?$compute=B add 1 as A,Total as B"), "bind.unknown_property");
}
