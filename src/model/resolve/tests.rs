//! One test per kind of problem, and that all are reported together.

use super::*;
use crate::edm::Scalar;
use crate::model::raw::File;
use crate::model::{CachePolicy, ChangeSigns, Family, Join, NavigationId, Probe, PropertyId, Sign, Table};

const SERVICE: &str = "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n";

const ACCOUNT: &str = r#"
version = 1
set = "Accounts"
type = "Account"
table = "accounts"
key = ["ID"]
[[property]]
name = "ID"
column = "id"
type = "String"
max_length = 20
nullable = false
[[property]]
name = "Name"
column = "name"
type = "String"
collation = "folding"
[[navigation]]
name = "Orders"
target = "Orders"
to = "many"
join = { ID = "AccountID" }
"#;

const ORDER: &str = r#"
version = 1
set = "Orders"
type = "Order"
table = "orders"
schema = "sales"
key = ["OrderID"]
etag = "UpdatedAt"
page_rows_max = 50
[[property]]
name = "OrderID"
column = "order_id"
type = "Int32"
nullable = false
[[property]]
name = "AccountID"
column = "account_id"
type = "String"
nullable = false
[[property]]
name = "Total"
column = "total"
type = "Decimal"
precision = 18
scale = 2
[[property]]
name = "UpdatedAt"
column = "updated_at"
type = "DateTimeOffset"
precision = 3
[[navigation]]
name = "Account"
target = "Accounts"
to = "one"
nullable = false
partner = "Orders"
join = { AccountID = "ID" }
"#;

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

fn folder(service: &str, account: &str, order: &str) -> Folder {
    Folder {
        unread: Vec::new(),
        name: "erp".to_owned(),
        service: file("service.toml", service),
        entities: vec![file("account.toml", account), file("order.toml", order)],
    }
}

fn run(folders: &[Folder]) -> Result<Model, Vec<String>> {
    let sources = [("erp", true, Family::Postgres), ("warehouse", false, Family::Mysql)];
    let sources =
        sources.map(|(name, announces, family)| Source { name: name.to_owned(), announces, family: Some(family) });
    resolve("erp", folders, &sources).map_err(|problems| problems.iter().map(Problem::to_string).collect())
}

/// The problems after `from` became `to` in the file of orders.
fn order_with(from: &str, to: &str) -> Vec<String> {
    assert!(ORDER.contains(from), "{from}");
    run(&[folder(SERVICE, ACCOUNT, &ORDER.replace(from, to))]).unwrap_err()
}

fn service_with(service: &str) -> Vec<String> {
    run(&[folder(service, ACCOUNT, ORDER)]).unwrap_err()
}

#[test]
fn good_files_make_a_model() {
    let model = run(&[folder(SERVICE, ACCOUNT, ORDER)]).unwrap();
    assert_eq!((model.namespace.as_str(), model.container.as_str()), ("Erp", "Container"));
    assert_eq!(model.sources, ["erp"]);
    let (id, orders) = model.set_named("Orders").unwrap();
    assert_eq!(id, SetId(1));
    assert_eq!(orders.table, Table::new(Some("sales"), "orders"));
    assert_eq!((orders.page_rows_max, orders.cache), (50, Some(CachePolicy::default())));
    assert_eq!(model.set_named("Accounts").unwrap().1.page_rows_max, 2_000);
    let order = model.type_of(id).unwrap();
    assert_eq!((order.key.as_slice(), order.etag), ([PropertyId(0)].as_slice(), Some(PropertyId(3))));
    assert_eq!(order.properties[2].scalar, Scalar::Decimal { precision: Some(18), scale: Some(2) });
    assert!(order.properties[2].nullable && !order.properties[2].searchable);
    assert!(!order.navigations[0].collection && !order.navigations[0].nullable);
    assert_eq!(order.navigations[0].joins, [Join { local: PropertyId(1), remote: PropertyId(0) }]);
    let account = model.type_of(SetId(0)).unwrap();
    assert!(account.properties[1].folding && account.properties[1].searchable && !account.properties[0].folding);
}

#[test]
fn a_partner_named_on_one_end_holds_for_both() {
    let model = run(&[folder(SERVICE, ACCOUNT, ORDER)]).unwrap();
    assert_eq!(model.types[0].navigations[0].partner, Some(NavigationId(0)));
    assert_eq!(model.types[1].navigations[0].partner, Some(NavigationId(0)));
}

#[test]
fn folders_share_one_service() {
    let stock = ORDER.replace("Order", "Stock").replace("\"Stocks\"\njoin", "\"Orders\"\njoin");
    let stock = stock.split("[[navigation]]").next().unwrap();
    let second = Folder {
        unread: Vec::new(),
        name: "warehouse".to_owned(),
        service: file("warehouse/service.toml", "version = 1\nsource = \"warehouse\"\ncache.off = true\n"),
        entities: vec![file("warehouse/stock.toml", stock)],
    };
    let model = run(&[folder(SERVICE, ACCOUNT, ORDER), second]).unwrap();
    assert_eq!(model.sources, ["erp", "warehouse"]);
    let set = model.set(SetId(2)).unwrap();
    assert_eq!((set.source, set.cache, set.page_rows_max), (SourceId(1), None, 50));
}

#[test]
fn unknown_source() {
    let found = service_with(&SERVICE.replace("\"erp\"", "\"crm\""));
    assert_eq!(found, ["service.toml: source: source `crm` is not configured; configured are `erp`, `warehouse`"]);
    let found = service_with(&SERVICE.replace("\"erp\"", "\"erps\""));
    assert_eq!(found, ["service.toml: source: source `erps` is not configured; did you mean `erp`?"]);
}

#[test]
fn namespace_missing_unequal_or_invalid() {
    let found = service_with("version = 1\nsource = \"erp\"\n");
    assert!(found[0].starts_with("service.toml: namespace: the namespace is missing; "), "{found:?}");
    for bad in ["1Erp", "Erp..X", "", "edm"] {
        let found = service_with(&SERVICE.replace("Erp", bad));
        assert!(found.len() == 1 && found[0].contains("is not a valid namespace"), "{found:?}");
    }
    let mut second = folder("version = 1\nsource = \"erp\"\nnamespace = \"Erq\"\ncontainer = \"C\"", "", "");
    second.service.name = "b/service.toml".to_owned();
    second.entities = vec![file("b/x.toml", &ORDER.replace("Order", "Other").replace("partner = \"Others\"\n", ""))];
    let found = run(&[folder(SERVICE, ACCOUNT, ORDER), second]).unwrap_err();
    assert_eq!(
        found,
        [
            "b/service.toml: container: the container is named in a folder that is not the service's first; name it in \
             service.toml",
            "b/service.toml: namespace: namespace `Erq` differs from `Erp` in service.toml; all folders of a service \
             share one namespace; leave it out here",
        ]
    );
}

#[test]
fn page_and_cache_limits() {
    for (key, value) in
        [("page_rows_max", "0"), ("page_rows_max", "2001"), ("cache.ttl_s", "0"), ("cache.probe_every_s", "0")]
    {
        let found = service_with(&format!("{SERVICE}{key} = {value}\n"));
        assert!(found.len() == 1, "{found:?}");
        assert!(found[0].starts_with(&format!("service.toml: {key}: {value} is out of range; ")), "{found:?}");
    }
    let found = order_with("page_rows_max = 50", "page_rows_max = 5000");
    assert_eq!(found, ["order.toml: page_rows_max: 5000 is out of range; it is a number from 1 to 2000"]);
}

#[test]
fn a_set_has_its_own_cache_policy_or_that_of_its_folder() {
    let folder_says = |folder_text: &str, order_text: &str| {
        let service = format!("{SERVICE}{folder_text}\n");
        let order = ORDER.replacen("[[property]]", &format!("{order_text}\n\n[[property]]"), 1);
        run(&[folder(&service, ACCOUNT, &order)]).map(|model| model.set_named("Orders").unwrap().1.clone())
    };
    let policy = |folder: &str, order: &str| folder_says(folder, order).unwrap().cache;
    let times = |ttl_s, stale_while_revalidate_s, stale_if_error_s| {
        Some(CachePolicy { ttl_s, stale_while_revalidate_s, stale_if_error_s })
    };
    assert_eq!(policy("", ""), times(15, 0, 0));
    assert_eq!(policy("cache.off = true", ""), None);
    assert_eq!(policy("cache.off = true", "cache.off = false"), times(15, 0, 0));
    assert_eq!(policy("cache.off = true", "cache.ttl_s = 3"), times(3, 0, 0));
    assert_eq!(policy("cache.ttl_s = 60\ncache.stale_if_error_s = 9", "cache.ttl_s = 3"), times(3, 0, 9));
    assert_eq!(policy("cache.ttl_s = 60", "[cache]\noff = true"), None);
    assert_eq!(policy("", "[cache]\nstale_while_revalidate_s = 7"), times(15, 7, 0));

    let changes = |folder: &str, order: &str| folder_says(folder, order).unwrap().changes;
    assert_eq!(changes("", ""), ChangeSigns::default());
    let signs = changes("cache.notify = \"erp\"\ncache.probe_statistics = true", "cache.probe_every_s = 9");
    assert_eq!(signs.notify.as_deref(), Some("erp"));
    assert_eq!(signs.probe, Some(Probe { sign: Sign::Statistics, every_s: 9 }));
    let signs = changes("cache.probe_statistics = true", "cache.probe_property = \"UpdatedAt\"");
    assert_eq!(signs.probe, Some(Probe { sign: Sign::Greatest(PropertyId(3)), every_s: 2 }));
    assert_eq!(changes("cache.probe_statistics = true", "cache.probe_statistics = false").probe, None);

    for (folder, order, wrong) in [
        ("cache.off = true\ncache.ttl_s = 5", "", "service.toml: cache.off: the cache is off, and times are given"),
        ("cache.probe_property = \"Id\"", "", "service.toml: cache.probe_property: a folder cannot name a property"),
        ("", "cache.probe_property = \"Updated\"", "order.toml: cache.probe_property: type `Order` has no property"),
        (
            "",
            "cache.probe_property = \"UpdatedAt\"\ncache.probe_statistics = true",
            "order.toml: cache.probe_statistics: both a property and statistics",
        ),
        ("cache.ttl = 5", "", "service.toml: cache.ttl: `ttl` is not a key of the format; known here are `off`, "),
        ("cache_ttl_s = 5", "", "service.toml: cache_ttl_s: `cache_ttl_s` is not a key of the format"),
        ("cache.notify = \"\"", "", "service.toml: cache.notify: "),
        ("cache.ttl_s = \"5\"", "", "service.toml: cache.ttl_s: invalid type"),
    ] {
        let found = folder_says(folder, order).unwrap_err();
        assert!(found.len() == 1 && found[0].starts_with(wrong), "{folder} {order}: {found:?}");
    }
}

#[test]
fn a_channel_needs_a_source_that_announces() {
    let found = |source: &str, folder_text: &str, order_text: &str| {
        let service = format!("{}{folder_text}\n", SERVICE.replace("\"erp\"", source));
        let order = ORDER.replacen("[[property]]", &format!("{order_text}\n\n[[property]]"), 1);
        run(&[folder(&service, ACCOUNT, &order)]).map(|_| ()).unwrap_err()
    };
    let wrong = "cache.notify: a channel is named, and the source announces nothing: it is no PostgreSQL database, or \
                 reached through a pooler without a listen_url; leave it out; `probe_property` or `probe_statistics` notice changes there";
    let channel = "cache.notify = \"c\"";
    assert_eq!(found("\"warehouse\"", channel, ""), [format!("service.toml: {wrong}")]);
    assert_eq!(found("\"warehouse\"", "", channel), [format!("order.toml: {wrong}")]);
    // Of a source that does not exist, nothing more is said.
    assert_eq!(found("\"erk\"", channel, channel).len(), 1);
    let long = format!("cache.notify = \"{}\"", "c".repeat(64));
    let wrong = "order.toml: cache.notify: the name of the channel has 64 bytes; a channel has at most 63";
    assert_eq!(found("\"erp\"", channel, &long), [wrong]);
}

#[test]
fn empty_services_and_folders() {
    assert!(run(&[]).unwrap_err()[0].contains("the service has no metadata folder"));
    let mut empty = folder(SERVICE, "", "");
    empty.entities.clear();
    assert!(run(&[empty]).unwrap_err()[0].starts_with("erp: the folder has no entity type file"));
}

#[test]
fn duplicate_sets_and_types() {
    let found = order_with("\"Orders\"\ntype", "\"ACCOUNTS\"\ntype");
    assert!(found.contains(
        &"order.toml: set: set `ACCOUNTS` differs only in letter case from `Accounts` in account.toml; give each a name \
          that differs in more than case"
            .to_owned()
    ));
    let found = order_with("type = \"Order\"", "type = \"Account\"");
    assert_eq!(found, ["order.toml: type: type `Account` is already declared in account.toml; give each its own name"]);
    let found = order_with("type = \"Order\"", "type = \"Container\"");
    assert!(found[0].contains("already declared in service.toml as the container"), "{found:?}");
}

#[test]
fn duplicate_properties_columns_and_navigations() {
    let found = order_with("name = \"Total\"", "name = \"accountid\"");
    assert!(found[0].starts_with("order.toml: property.3.name: property `accountid` differs only in letter case"));
    let found = order_with("column = \"total\"", "column = \"order_id\"");
    assert_eq!(
        found,
        [
            "order.toml: property.3.column: column `order_id` already belongs to another property; publish each column once"
        ]
    );
    let found = order_with("name = \"Account\"", "name = \"Total\"");
    assert!(found[0].starts_with("order.toml: navigation.1.name: property `Total` is already declared in property.3"));
}

#[test]
fn columns_may_differ_in_letter_case() {
    let text = ORDER.replace("column = \"total\"", "column = \"ORDER_ID\"");
    assert!(run(&[folder(SERVICE, ACCOUNT, &text)]).is_ok());
}

#[test]
fn invalid_names() {
    let found = order_with("name = \"Total\"", "name = \"Total Amount\"");
    assert!(found[0].starts_with("order.toml: property.3.name: `Total Amount` is not a valid name; "), "{found:?}");
    let found = order_with("type = \"Order\"", "type = \"1Order\"");
    assert!(found[0].starts_with("order.toml: type: `1Order` is not a valid name; "), "{found:?}");
    for (from, to) in [("table = \"orders\"", "table = \"\""), ("\"sales\"", "\"\\u0000\""), ("\"total\"", "\"\"")] {
        let found = order_with(from, to);
        assert!(found.len() == 1 && found[0].contains("a database name is empty or holds a zero character"));
    }
}

#[test]
fn keys() {
    let found = order_with("key = [\"OrderID\"]", "key = []");
    assert!(found[0].starts_with("order.toml: key: the key is empty; "), "{found:?}");
    let found = order_with("key = [\"OrderID\"]", "key = [\"OrderId\"]");
    assert_eq!(found, ["order.toml: key: type `Order` has no property `OrderId`; did you mean `OrderID`?"]);
    let found = order_with("key = [\"OrderID\"]", "key = [\"OrderID\", \"Total\", \"OrderID\"]");
    assert_eq!(
        found,
        [
            "order.toml: key: key property `Total` is nullable; set `nullable = false` on `Total`, or choose another key",
            "order.toml: key: key property `OrderID` is named twice; name each once",
        ]
    );
    let found = order_with("\"Int32\"", "\"Double\"");
    assert!(found[0].contains("key property `OrderID` is of type Edm.Double; floating-point"), "{found:?}");
}

#[test]
fn types_without_properties_or_with_too_many() {
    let found = run(&[folder(SERVICE, ACCOUNT, ORDER.split("[[property]]").next().unwrap())]).unwrap_err();
    assert!(found.iter().any(|it| it.contains("type `Order` has no property; add a")), "{found:?}");
    let mut entity = raw::read_entity(&file("order.toml", ORDER)).unwrap();
    let property = entity.properties[2].clone();
    entity.properties.extend((0..65_532).map(|number| raw::Property {
        name: format!("P{number}"),
        column: Some(format!("p{number}")),
        ..property.clone()
    }));
    let mut report = Report::default();
    entity::entity_type(&entity, &Declared::default(), None, "order.toml", &mut report);
    let problems = report.finish(()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].wrong, "type `Order` has 65536 tables `property`");
}

#[test]
fn unknown_types() {
    let found = order_with("\"Decimal\"", "\"Decimals\"");
    assert!(found[0].starts_with("order.toml: property.3.type: unknown value `Decimals`; did you mean `Decimal`?"));
}

#[test]
fn facets_on_the_wrong_type() {
    for (facet, belongs) in [
        ("max_length = 5", "String and Binary"),
        ("precision = 5", "Decimal, DateTimeOffset, TimeOfDay and Duration"),
        ("scale = 5", "Decimal"),
        ("searchable = false", "String"),
        ("collation = \"exact\"", "String"),
    ] {
        let found = order_with("type = \"Int32\"", &format!("type = \"Int32\"\n{facet}"));
        let name = facet.split(' ').next().unwrap();
        let expected = format!(
            "order.toml: property.1.{name}: `{name}` does not go with type Int32; it belongs to {belongs}; leave it out"
        );
        assert_eq!(found, [expected]);
    }
}

#[test]
fn facets_out_of_range() {
    for (from, to, key) in [
        ("precision = 18", "precision = 66", "property.3.precision"),
        ("precision = 18", "precision = 0", "property.3.precision"),
        ("scale = 2", "scale = -1", "property.3.scale"),
        ("precision = 3", "precision = 7", "property.4.precision"),
        (
            "\"account_id\"\ntype = \"String\"",
            "\"account_id\"\ntype = \"String\"\nmax_length = 0",
            "property.2.max_length",
        ),
    ] {
        let found = order_with(from, to);
        assert!(found.len() == 1 && found[0].starts_with(&format!("order.toml: {key}: ")), "{found:?}");
        assert!(found[0].contains(" is out of range; it is a number from "), "{found:?}");
    }
    let found = order_with("scale = 2", "scale = 19");
    assert!(found[0].starts_with("order.toml: property.3.scale: scale 19 is greater than precision 18; "), "{found:?}");
}

#[test]
fn etags() {
    let found = order_with("etag = \"UpdatedAt\"", "etag = \"Updated\"");
    assert_eq!(found, ["order.toml: etag: type `Order` has no property `Updated`; did you mean `UpdatedAt`?"]);
}

#[test]
fn navigation_targets() {
    let found = order_with("target = \"Accounts\"", "target = \"Account\"");
    assert_eq!(found, ["order.toml: navigation.1.target: set `Account` does not exist; did you mean `Accounts`?"]);
}

#[test]
fn joins() {
    let found = order_with("{ AccountID = \"ID\" }", "{}");
    assert!(found.iter().any(|it| it.starts_with("order.toml: navigation.1.join: the join is empty; ")), "{found:?}");
    let found = order_with("{ AccountID = \"ID\" }", "{ AcountID = \"Code\" }");
    assert!(found.contains(
        &"order.toml: navigation.1.join.AcountID: type `Account` has no property `Code`; name one of its properties"
            .to_owned()
    ));
    assert!(found.contains(
        &"order.toml: navigation.1.join.AcountID: type `Order` has no property `AcountID`; did you mean `AccountID`?"
            .to_owned()
    ));
    let found = order_with("{ AccountID = \"ID\" }", "{ OrderID = \"ID\" }");
    assert!(
        found[0].contains("`OrderID` is of type Edm.Int32, `ID` of type Edm.String; joined properties"),
        "{found:?}"
    );
}

#[test]
fn whole_numbers_of_different_sizes_can_be_joined_but_floats_cannot() {
    let int = "\"String\"\nmax_length = 20";
    let account = |to: &str| ACCOUNT.replace(int, to);
    let order = |to: &str| ORDER.replace("\"account_id\"\ntype = \"String\"", &format!("\"account_id\"\ntype = {to}"));
    assert!(run(&[folder(SERVICE, &account("\"Int64\""), &order("\"Byte\""))]).is_ok());
    let found = run(&[folder(SERVICE, &account("\"Single\""), &order("\"Single\""))]).unwrap_err();
    assert!(found.iter().any(|it| it.contains("floating-point numbers cannot be joined")), "{found:?}");
}

#[test]
fn nullability_of_navigations() {
    let found = order_with("\"account_id\"\ntype = \"String\"\nnullable = false", "\"account_id\"\ntype = \"String\"");
    assert_eq!(
        found,
        ["order.toml: navigation.1.nullable: `Account` must lead to an entity, but `AccountID` can be null; leave \
          `nullable = false` out, or set it on `AccountID` too"]
    );
    let found = order_with("to = \"one\"", "to = \"many\"");
    assert!(found[0].starts_with("order.toml: navigation.1.nullable: `nullable` does not go with"), "{found:?}");
}

#[test]
fn partners() {
    let found = order_with("partner = \"Orders\"", "partner = \"Order\"");
    assert_eq!(
        found,
        ["order.toml: navigation.1.partner: type `Account` has no navigation `Order`; did you mean `Orders`?"]
    );
    let away = ACCOUNT.replace("target = \"Orders\"", "target = \"Accounts\"").replace("\"AccountID\"", "\"ID\"");
    let found = run(&[folder(SERVICE, &away, ORDER)]).unwrap_err();
    assert!(found[0].contains("navigation.1.partner: `Orders` does not lead back to `Orders`; "), "{found:?}");
    let other = ACCOUNT.replace("{ ID = \"AccountID\" }", "{ Name = \"AccountID\" }");
    let found = run(&[folder(SERVICE, &other, ORDER)]).unwrap_err();
    assert!(found[0].contains("`Orders` does not lead back over the same pairs as `Account`"), "{found:?}");
    let again = ORDER.split("[[navigation]]").nth(1).unwrap().replace("name = \"Account\"", "name = \"Payer\"");
    let found = run(&[folder(SERVICE, ACCOUNT, &format!("{ORDER}[[navigation]]{again}"))]).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("order.toml: navigation.2.partner: `Payer` and `Orders` are not partners of each other")
    );
}

#[test]
fn a_file_that_cannot_be_read_hides_what_depends_on_it() {
    let found = run(&[folder(SERVICE, &ACCOUNT.replace("table =", "tabel ="), ORDER)]).unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|it| it.starts_with("account.toml: tab")));
    let found = run(&[folder(SERVICE, "version = ", &ORDER.replace("scale = 2", "scale = 20"))]).unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("account.toml: line 1, column "));
    assert!(found[1].starts_with("order.toml: property.3.scale: "));
}

#[test]
fn all_problems_are_reported_together() {
    let service = "version = 1\nsource = \"none\"\npage_rows_max = 9999\n";
    let account = ACCOUNT.replace("key = [\"ID\"]", "key = [\"Name\"]").replace("\"AccountID\" }", "\"Account\" }");
    let order = ORDER.replace("scale = 2", "scale = 20").replace("\"UpdatedAt\"\npage", "\"Nothing\"\npage");
    let found = run(&[folder(service, &account, &order)]).unwrap_err();
    let places: Vec<_> = found.iter().map(|it| it.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        places,
        [
            "account.toml key",
            "account.toml navigation.1.join.ID",
            "order.toml etag",
            "order.toml property.3.scale",
            "service.toml namespace",
            "service.toml page_rows_max",
            "service.toml source",
        ]
    );
}
