//! Published names, whatever the database calls things.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::support::{Desk, INT, catalog, column, notes, table, text};
use crate::draft::NoteKind;

/// Every published name by its table and column.
fn published(desk: &Desk) -> BTreeMap<String, String> {
    let model = desk.model();
    let mut all = BTreeMap::new();
    for (set, it) in model.sets.iter().zip(&model.types) {
        let place = format!("{{ {:?} {:?} }}", set.table.schema, set.table.name);
        all.insert(place.clone(), format!("{} {}", set.name, it.name));
        for property in &it.properties {
            all.insert(format!("{place} {}", property.column), property.name.clone());
        }
    }
    all
}

fn is_publishable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.contains("__")
        && !name.ends_with('_')
        && name.len() <= 40
}

#[test]
fn names_that_meet_are_told_apart_and_reported() {
    let columns = || vec![column("id!", INT), column("ID_", INT), column("na me", text(9)), column("null", text(9))];
    let mut archive = table("orders", columns());
    archive.schema = Some("archive".to_owned());
    let relations = vec![archive, table("Orders", columns()), table("orders", columns()), table("order", columns())];
    let mut desk = Desk::new();
    let made = desk.draft(&catalog(relations.clone()));
    let sets = published(&desk);
    let of = |schema: &str, name: &str| {
        let found = sets.iter().find(|(place, _)| place.contains(schema) && place.ends_with(&format!("{name:?} }}")));
        found.map(|(_, it)| it.as_str()).unwrap_or_default()
    };
    assert_eq!(of("None", "Orders"), "Orders Order");
    assert_eq!(of("None", "order"), "Order OrderRow");
    assert!(of("None", "orders").starts_with("Orders_"), "{sets:?}");
    assert_eq!(of("archive", "orders"), "ArchiveOrders ArchiveOrder");
    let named = notes(&made, NoteKind::Named).join("\n");
    assert!(
        named
            .contains("archive.orders [erp/archive_order.toml set] published as `ArchiveOrders`: `Orders` is taken by"),
        "{named}"
    );
    assert!(
        named.contains("Orders.null [erp/order.toml] published as `NullValue`: `Null` is a word of OData"),
        "{named}"
    );

    let mut turned = Desk::new();
    let mut relations = relations;
    relations.reverse();
    turned.draft(&catalog(relations));
    assert_eq!(published(&turned), sets, "the order of the tables does not count");
}

#[test]
fn files_have_names_of_their_own() {
    let mut desk = Desk::new();
    desk.draft(&catalog(vec![
        table("service", vec![column("id!", INT)]),
        table("types", vec![column("id!", INT)]),
        table("order_line", vec![column("id!", INT)]),
        table("Order_Line_", vec![column("id!", INT)]),
    ]));
    let mut files: Vec<_> = desk.existing.files.iter().map(|file| file.name.as_str()).collect();
    files.sort_unstable();
    assert_eq!(files.len(), 5);
    assert!(files.contains(&"erp/service_2.toml") && files.contains(&"erp/type.toml"), "{files:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_names_are_publishable_and_stay(
        given in proptest::collection::btree_map(
            "[a-zA-Z_ éß价0-9\"']{1,50}",
            proptest::collection::btree_set("[a-cA-C_ é价0-9]{1,45}", 1..6),
            1..8,
        ),
        later in "[a-zA-Z_ éß价0-9]{1,50}",
    ) {
        let make = |name: &str, columns: &BTreeSet<String>| {
            let mut all = vec![column("key!", INT)];
            all.extend(columns.iter().map(|name| column(name, INT)));
            table(name, all)
        };
        let mut relations: Vec<_> = given.iter().map(|(name, columns)| make(name, columns)).collect();
        let mut desk = Desk::new();
        desk.draft(&catalog(relations.clone()));
        let first = published(&desk);
        let model = desk.model();
        prop_assert_eq!(model.sets.len(), given.len());
        for name in model.sets.iter().map(|set| &set.name).chain(model.types.iter().map(|it| &it.name)) {
            prop_assert!(is_publishable(name), "{}", name);
        }
        for property in model.types.iter().flat_map(|it| &it.properties) {
            prop_assert!(is_publishable(&property.name), "{}", property.name);
        }
        relations.reverse();
        let mut other = Desk::new();
        other.draft(&catalog(relations.clone()));
        prop_assert_eq!(&published(&other), &first);
        if !given.contains_key(&later) {
            relations.insert(0, make(&later, &BTreeSet::from(["a".to_owned()])));
            desk.draft(&catalog(relations));
            let second = published(&desk);
            for (place, name) in &first {
                prop_assert_eq!(second.get(place), Some(name));
            }
            prop_assert!(second.len() > first.len());
        }
    }
}
