//! Default filters: what they may say, and how what they cannot say is told.

use super::support::{ACCOUNTS, ORDERS, model, only, url};
use crate::bind::{Limits, Scope, bind, within_defaults};
use crate::model::{DefaultFilter, Member, Model, PropertyId};
use crate::query::{Expr, Grants, describe};

fn with_filter(set: usize, text: &str) -> Model {
    let mut model = model();
    let file = "erp/order.toml".to_owned();
    model.sets[set].filter = Some(DefaultFilter { text: text.to_owned(), file, key: "filter".to_owned() });
    model
}

fn text(model: &Model, grants: Grants, segments: &[&str]) -> String {
    let (grants, problems) = within_defaults(grants, model);
    assert_eq!(problems, []);
    let scope = Scope { model, grants: &grants, limits: Limits::default(), unseal: &|_| None };
    bind(&url(segments), &scope).map_or_else(|error| error.to_string(), |query| describe(&query, model))
}

fn problem(filter: &str) -> String {
    let (_, problems) = within_defaults(Grants::everything(), &with_filter(1, filter));
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_filter_is_part_of_every_query() {
    let model = with_filter(1, "Status eq 'a+b%41'\n and\tTotal gt 1.5");
    let all = text(&model, Grants::everything(), &["Orders"]);
    assert!(all.contains("Status eq 'a+b%41'") && all.contains("Total gt 1.5"), "{all}");
    // Beside a row filter of the caller.
    let few = text(&model, only(&[(ORDERS, Some(Expr::Property(PropertyId(8))))]), &["Orders"]);
    assert!(few.contains("Closed") && few.contains("Status eq 'a+b%41'"), "{few}");
    let none = text(&model, only(&[(ACCOUNTS, None)]), &["Orders"]);
    assert_eq!(none, "there is no entity set 'Orders'");
}

#[test]
fn what_is_hidden_is_in_sight_of_a_filter_alone() {
    let mut model = with_filter(1, "Status eq 'x' and Account/Country eq 'CH'");
    for of in [0, 1] {
        model.types[of].structure.retain(|member| *member != Member::Property(PropertyId(2)));
        let property = &mut model.types[of].properties[2];
        (property.hidden, property.filterable) = (true, false);
    }
    let all = text(&model, Grants::everything(), &["Orders"]);
    assert!(all.contains("Status eq 'x'") && all.contains("Account/Country eq 'CH'"), "{all}");
    let by_caller = text(&model, Grants::everything(), &["Orders", "Status"]);
    assert!(by_caller.starts_with("there is no"), "{by_caller}");
}

#[test]
fn what_is_wrong_is_told_with_file_and_key() {
    for (filter, wrong) in [
        ("Statsu eq 'x'", "the type 'Order' has no property 'Statsu'"),
        ("Status eq", "expected "),
        ("Status", "the filter"),
        ("Total gt 'x'", "'x' is not a value of type Edm.Decimal"),
        ("Shipments/any()", "another data source"),
        ("Status eq @status", "parameter alias"),
        ("", "expected "),
    ] {
        let problem = problem(filter);
        assert!(problem.starts_with("erp/order.toml: filter: ") && problem.contains(wrong), "{filter}: {problem}");
        assert!(problem.contains("; write it as `$filter`"), "{problem}");
    }
    assert_eq!(problem("Status eq 'a@b' and ShipName ne '''@'"), "");
}

#[test]
fn a_filter_that_cannot_be_bound_closes_its_set() {
    let model = with_filter(1, "nonsense");
    let (grants, problems) = within_defaults(Grants::everything(), &model);
    assert_eq!(problems.len(), 1);
    let scope = Scope { model: &model, grants: &grants, limits: Limits::default(), unseal: &|_| None };
    let closed = describe(&bind(&url(&["Orders"]), &scope).unwrap(), &model);
    assert!(closed.contains("false"), "{closed}");
}
