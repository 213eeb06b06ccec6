//! `$expand` and `$search`, from the text of a request to the text of what is bound.

use super::support::*;
use crate::bind::{BindError, Limits};
use crate::query::{Grants, Query, describe};
use crate::syntax::{self, parse};

fn bound(target: &str, limits: Limits) -> Result<Query, BindError> {
    let url = parse(target, &syntax::Limits::default()).unwrap_or_else(|error| panic!("{target}: {error}"));
    bound_by(&url, &Grants::everything(), limits)
}

fn deep() -> Limits {
    Limits { expand_depth_max: 4, ..limits() }
}

/// The expansions with their levels: two blanks for each.
fn expansions(target: &str) -> Vec<String> {
    let query = bound(target, deep()).unwrap_or_else(|error| panic!("{target}: {error}"));
    let text = describe(&query, &model());
    let is_expansion = |line: &&str| ["expand ", "refer ", "number "].iter().any(|word| line.trim().starts_with(word));
    text.lines().filter(is_expansion).map(|line| line.trim_end().split(" from ").next().unwrap().to_owned()).collect()
}

fn refused(target: &str) -> String {
    let error = bound(target, deep()).unwrap_err();
    assert!(error.span.is_some(), "{target}");
    error.code().to_owned()
}

#[test]
fn levels_are_written_out() {
    assert_eq!(expansions("Orders?$expand=Account($levels=2)"), ["  expand Account"]);
    let orders = ["  expand Orders", "    expand Account"];
    assert_eq!(expansions("Accounts?$expand=Orders($expand=Account;$levels=1)"), orders);
    assert_eq!(
        expansions("Accounts?$expand=*($levels=3)"),
        [
            "  expand Orders",
            "    expand Account",
            "      expand Orders",
            "    expand Lines",
            "      expand Order",
            "    expand Shipments"
        ]
    );
    let most = expansions("Accounts?$expand=*($levels=max)");
    let deepest = most.iter().map(|line| line.len() - line.trim_start().len()).max();
    assert_eq!(deepest, Some(8), "{most:?}");
    assert_eq!(refused("Accounts?$expand=*($levels=5)"), "bind.limit");
    let few = Limits { expansions_max: 5, ..deep() };
    assert_eq!(bound("Accounts?$expand=*($levels=3)", few).unwrap_err().code(), "bind.limit");
    let enough = Limits { expansions_max: 6, ..deep() };
    bound("Accounts?$expand=*($levels=3)", enough).unwrap();
}

#[test]
fn references_and_numbers_are_expanded() {
    assert_eq!(expansions("Orders?$expand=Lines/$ref"), ["  refer to Lines"]);
    assert_eq!(expansions("Orders?$expand=Account/$ref"), ["  refer to Account"]);
    assert_eq!(expansions("Orders?$expand=Lines/$count($filter=Quantity gt 1)"), ["  number of Lines"]);
    assert_eq!(expansions("Orders?$expand=*/$ref"), ["  refer to Account", "  refer to Lines", "  refer to Shipments"]);
    assert_eq!(expansions("Orders?$expand=Lines/$ref($filter=Quantity gt 1;$top=1;$skip=1;$count=true)").len(), 1);
    assert_eq!(refused("Orders?$expand=Account/$count"), "bind.not_followed");
    assert_eq!(refused("Orders?$expand=Account/$ref($top=1)"), "bind.option_not_allowed");
    assert_eq!(refused("Orders?$expand=Lines/Order"), "bind.not_followed");
    assert_eq!(refused("Orders?$expand=Lines,Lines/$count"), "bind.duplicate");
    assert_eq!(refused("Orders?$expand=Erp.Nothing/Lines"), "bind.unknown_navigation");
    assert_eq!(expansions("Orders?$expand=Erp.Order/Lines/Erp.OrderLine"), ["  expand Lines"]);
}

#[test]
fn a_search_is_a_tree() {
    let shown = |search: &str| {
        let target = format!("Orders?$search={search}");
        let query = bound(&target, limits()).unwrap_or_else(|error| panic!("{target}: {error}"));
        let text = describe(&query, &model());
        let line = text.lines().find_map(|line| line.strip_prefix("  search ")).unwrap_or_default();
        line.strip_suffix(" in Status, ShipName").unwrap_or(line).to_owned()
    };
    assert_eq!(shown("Acme"), "'Acme'");
    assert_eq!(shown("\"Acme OR Ltd\""), "'Acme OR Ltd'");
    assert_eq!(shown("Acme Ltd"), "('Acme' and 'Ltd')");
    assert_eq!(shown("a AND b AND c"), "('a' and 'b' and 'c')");
    assert_eq!(shown("a (b c)"), "('a' and 'b' and 'c')");
    assert_eq!(shown("a OR b c"), "('a' or ('b' and 'c'))");
    assert_eq!(shown("NOT a OR \"b c\""), "(not 'a' or 'b c')");
    assert_eq!(shown("NOT (NOT a)"), "'a'");
    let nested = "Accounts?$filter=Orders/$count($search=a OR b) gt 1";
    assert!(describe(&bound(nested, limits()).unwrap(), &model()).contains("search ('a' or 'b')"), "{nested}");
}

#[test]
fn computed_values_are_part_of_an_expansion() {
    let target =
        "Accounts?$expand=Orders($compute=Total mul 2 as Twice;$filter=Twice gt 5;$orderby=Twice;$select=Twice)";
    let text = describe(&bound(target, limits()).unwrap(), &model());
    for line in ["where Total mul:Edm.Decimal 2 gt 5m", "order Total mul:Edm.Decimal 2, OrderID", "compute Total"] {
        assert!(text.replace(['(', ')'], "").contains(line), "{line}\n{text}");
    }
    // Without a choice, and with `*`, they are written.
    for option in ["", "&$select=*", "&$select=*,Twice"] {
        let target = format!("Orders?$compute=Total mul 2 as Twice{option}");
        let text = describe(&bound(&target, limits()).unwrap(), &model());
        assert!(text.contains(" as Twice"), "{target}\n{text}");
    }
    let text = describe(&bound("Orders?$compute=Total mul 2 as Twice&$select=Total", limits()).unwrap(), &model());
    assert!(!text.contains(" as Twice"), "{text}");
}
