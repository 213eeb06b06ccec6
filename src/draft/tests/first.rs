//! First drafts: files, keys, relations.

use super::support::{Desk, INT, catalog, column, notes, options, primary, table, text, unique, words};
use crate::catalog::{ColumnType, Filled, Index, RelationKind};
use crate::draft::{DeclaredKey, Existing, NoteKind, draft};
use crate::model::raw::File;

#[test]
fn a_draft_as_it_is_written() {
    let mut orders = table(
        "orders",
        vec![
            column("order_id!", INT),
            column("account_id!", text(20)),
            column("note \"x\"", text(400)),
            column("total", ColumnType::Decimal { precision: Some(18), scale: Some(2), signed: true }),
            column("words", words()),
            column("updated_at!", ColumnType::Timestamp { precision: 3, zoned: true }),
        ],
    )
    .with_keys(&["account_id -> accounts(id)"]);
    orders.comment = Some("What was ordered.\nAnd when.".to_owned());
    orders.columns[2].comment = Some("Free".to_owned());
    orders.columns[2].folding = true;
    orders.columns[4].declared = "tsvector".to_owned();
    let mut desk = Desk::new();
    let made = desk.draft(&catalog(vec![orders, table("accounts", vec![column("id!", text(20))])]));
    assert_eq!(
        desk.text("order.toml"),
        r#"version = 1
set = "Orders"
type = "Order"
table = "orders"
key = ["OrderId"]
description = "What was ordered.\nAnd when."
# If `updated_at` (which no index begins with yet) changes with every change of a row:
# etag = "UpdatedAt"
# [cache]
# probe_property = "UpdatedAt"

[[property]]
name = "OrderId"
column = "order_id"
type = "Int32"
nullable = false

[[property]]
name = "AccountId"
column = "account_id"
type = "String"
max_length = 20
nullable = false

[[property]]
name = "NoteX"
column = "note \"x\""
type = "String"
max_length = 400
collation = "folding"
description = "Free"

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
nullable = false

[[navigation]]
name = "Account"
target = "Accounts"
to = "one"
nullable = false
partner = "Orders"
join = { AccountId = "Id" }

# Left out: column "words" (tsvector): it is an index of words and no value; `search` can name it.
"#
    );
    assert_eq!(desk.text("service.toml"), "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n");
    assert!(desk.text("account.toml").ends_with(
        "[[navigation]]\nname = \"Orders\"\ntarget = \"Orders\"\nto = \"many\"\npartner = \"Account\"\njoin = { Id = \"AccountId\" }\n"
    ));
    assert!(desk.lock().contains("foreign_keys = [\"account_id -> accounts(id)\"]\n[relation.columns]\n"));
    assert!(
        desk.lock().contains("'note \\\"x\\\"'") || desk.lock().contains("\"note \\\"x\\\"\" = 'type = \"String\"")
    );
    assert_eq!(
        notes(&made, NoteKind::LeftOut),
        ["orders.words [] it is an index of words and no value; `search` can name it (tsvector)"]
    );
    assert_eq!(
        made.report.sets.iter().map(|set| (&*set.set, set.properties)).collect::<Vec<_>>(),
        [("Accounts", 1), ("Orders", 5)]
    );
    // What is suggested as a comment is good as it stands.
    desk.edit("order.toml", "# etag", "etag");
    desk.edit("order.toml", "# [cache]\n# probe", "[cache]\nprobe");
    let model = desk.model();
    let (set, _) = model.set_named("Orders").unwrap();
    assert!(model.type_of(set).unwrap().etag.is_some());
}

#[test]
fn keys() {
    let plain = |name: &str, columns| {
        let mut relation = table(name, columns);
        relation.keys.clear();
        relation
    };
    let mut shortest = plain(
        "shortest",
        vec![column("long!", text(90)), column("short!", text(9)), column("a!", INT), column("b!", INT)],
    );
    shortest.keys = vec![unique(&["a", "b"]), unique(&["long"]), unique(&["short"])];
    let mut null = plain("null", vec![column("a", INT)]);
    null.keys = vec![unique(&["a"])];
    let float = table("float", vec![column("a!", ColumnType::Float { bits: 64 })]);
    let bytes = table("bytes", vec![column("a!", ColumnType::Bytes { max_length: Some(16), fixed: true })]);
    let more =
        table("more", vec![column("id!", INT), column("of", ColumnType::Bytes { max_length: Some(16), fixed: true })])
            .with_keys(&["of -> bytes(a)"]);
    let mut sqlite = table("sqlite", vec![column("a", text(300))]);
    sqlite.keys = vec![primary(&["a"])];
    let mut view = plain("orders_view", vec![column("order_id", INT), column("total", INT)]);
    view.kind = RelationKind::View;
    let orders = table("orders", vec![column("order_id!", INT)]);
    let mut hidden = table("hidden", vec![column("id!", INT)]);
    hidden.readable = false;
    let catalog = catalog(vec![shortest, null, float, bytes, more, sqlite, view, orders, hidden]);

    let mut desk = Desk::new();
    let made = desk.draft(&catalog);
    assert_eq!(desk.sets(), ["Bytes", "More", "Orders", "Shortest", "Sqlite"]);
    assert!(desk.text("shortest.toml").contains("key = [\"Short\"]"));
    assert!(desk.text("byte.toml").contains("type = \"Guid\"\nstored = \"bytes\"\nnullable = false"));
    assert!(desk.text("more.toml").contains("column = \"of\"\ntype = \"Guid\"\nstored = \"bytes\"\n\n"));
    assert!(desk.text("sqlite.toml").contains("max_length = 300\nnullable = false"));
    assert!(desk.text("sqlite.toml").contains("# Salesforce: a value of this key can have 300 characters"));
    let left_out = notes(&made, NoteKind::LeftOut);
    for expected in [
        "float [] its key cannot be used: column `a` is of type float { bits: 64 }, whose values cannot be compared exactly",
        "hidden [] the user of the source may not read it",
        "null [] its key cannot be used: column `a` of the unique key can be null; if some columns",
        "orders_view [] a view tells no key; if its rows are known by the key of `orders`, say --key 'orders_view=order_id'",
    ] {
        assert!(left_out.iter().any(|it| it.starts_with(expected)), "{expected}: {left_out:#?}");
    }
    assert_eq!(left_out.len(), 4);

    let key = |table: &str, columns: &[&str]| DeclaredKey {
        relation: table.to_owned(),
        columns: columns.iter().map(|it| (*it).to_owned()).collect(),
    };
    let declared = crate::draft::Options { keys: vec![key("orders_view", &["order_id"])], ..options() };
    desk.draft_with(&catalog, &declared);
    assert!(desk.text("orders_view.toml").contains("key = [\"OrderId\"]"));
    assert!(desk.text("orders_view.toml").contains("type = \"Int32\"\nnullable = false"));
    // The file says the key from now on.
    assert_eq!(desk.draft(&catalog).files, []);
    let wrong = crate::draft::Options {
        keys: vec![key("x", &["a"]), key("float", &["a"]), key("orders", &["b"])],
        ..options()
    };
    let problems = draft(&catalog, &desk.existing, &wrong).unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

#[test]
fn relations_in_both_directions() {
    let order = table(
        "orders",
        vec![
            column("id!", INT),
            column("billing_address_id!", INT),
            column("shipping_address_id", INT),
            column("customer", INT),
            column("currency_code", text(3)),
            column("region", text(5)),
            column("site_a!", INT),
            column("site_b!", INT),
        ],
    )
    .with_keys(&[
        "billing_address_id -> addresses(id)",
        "shipping_address_id -> addresses(id)",
        "customer -> customers(id)",
        "customer -> customers(id)",
        "currency_code -> currencies(code)",
        "region -> regions(id)",
        "site_a, site_b -> sites(a, b)",
        "id -> missing(id)",
    ]);
    let mut site = table("sites", vec![column("a!", INT), column("b!", INT)]);
    site.keys = vec![primary(&["a", "b"])];
    let mut detail = table("order_details", vec![column("order_id!", INT)]).with_keys(&["order_id -> orders(id)"]);
    detail.schema = Some("more".to_owned());
    let node = table(
        "nodes",
        vec![column("id!", INT), column("parent_id", INT), column("next_id", INT), column("other", INT)],
    )
    .with_keys(&["parent_id -> nodes(id)", "next_id -> nodes(id)", "other -> orders(id)"]);
    let mut customers = table("customers", vec![column("id!", INT), column("favourite_order_id", INT)])
        .with_keys(&["favourite_order_id -> orders(id)"]);
    customers.columns[0].column_type = ColumnType::Integer { bits: 64, signed: true };
    let mut desk = Desk::new();
    let made = desk.draft(&catalog(vec![
        order,
        site,
        detail,
        node,
        customers,
        table("addresses", vec![column("id!", INT)]),
        table("currencies", vec![column("code!", text(3))]),
        table("regions", vec![column("id!", INT)]),
    ]));
    let mut navigations = desk.navigations();
    navigations.sort();
    assert_eq!(
        navigations,
        [
            "Addresses.OrdersByBillingAddress -> Orders*",
            "Addresses.OrdersByShippingAddress -> Orders*",
            "Currencies.Orders -> Orders*",
            "Customers.FavouriteOrder -> Orders",
            "Customers.Orders -> Orders*",
            "Nodes.Children -> Nodes*",
            "Nodes.Next -> Nodes",
            "Nodes.NodesByNext -> Nodes*",
            "Nodes.OtherRef -> Orders",
            "Nodes.Parent -> Nodes",
            "OrderDetails.Order -> Orders",
            "Orders.BillingAddress -> Addresses",
            "Orders.Currency -> Currencies",
            "Orders.CustomerRef -> Customers",
            "Orders.Customers -> Customers*",
            "Orders.Nodes -> Nodes*",
            "Orders.OrderDetail -> OrderDetails",
            "Orders.ShippingAddress -> Addresses",
            "Orders.Site -> Sites",
            "Sites.Orders -> Orders*",
        ]
    );
    assert_eq!(
        notes(&made, NoteKind::LeftOut),
        [
            "orders.id [] foreign key to missing: its table is not published",
            "orders.region [] foreign key to regions: `region` is published as String, `id` as Int32; joined properties \
             are of one comparable type",
        ]
    );
    let text = desk.text("order.toml");
    assert!(text.contains("name = \"BillingAddress\"\ntarget = \"Addresses\"\nto = \"one\"\nnullable = false\n"));
    assert!(text.contains("name = \"ShippingAddress\"\ntarget = \"Addresses\"\nto = \"one\"\npartner"));
    assert!(text.contains("join = { SiteA = \"A\", SiteB = \"B\" }"));
    assert!(desk.text("order_detail.toml").contains("schema = \"more\"\n"));
}

#[test]
fn tables_of_pairs() {
    let pairs = |name: &str, a: &str, b: &str| {
        let mut relation = table(name, vec![column("a_id!", INT), column("b_id!", INT)]);
        relation.keys = vec![primary(&["a_id", "b_id"])];
        relation.with_keys(&[&format!("a_id -> {a}(id)"), &format!("b_id -> {b}(id)")])
    };
    let mut friends = pairs("friends", "products", "products");
    friends.columns[1].name = "friend_id".to_owned();
    friends.keys = vec![primary(&["a_id", "friend_id"])];
    friends.foreign_keys[1].columns = vec!["friend_id".to_owned()];
    let mut rich = pairs("rich", "products", "tags");
    rich.columns.push(column("since", INT));
    let relations = vec![
        table("products", vec![column("id!", INT)]),
        table("tags", vec![column("id!", INT)]),
        pairs("product_tags", "products", "tags"),
        pairs("other_tags", "products", "tags"),
        pairs("lost", "products", "nowhere"),
        friends,
        rich,
    ];
    let mut desk = Desk::new();
    let made = desk.draft(&catalog(relations.clone()));
    assert_eq!(desk.sets(), ["Lost", "Products", "Rich", "Tags"]);
    let navigations: Vec<_> =
        desk.navigations().into_iter().filter(|it| !it.contains("Rich") && !it.contains("Lost")).collect();
    assert_eq!(
        navigations,
        [
            "Products.FriendProducts -> Products*",
            "Products.AProducts -> Products*",
            "Products.Tags -> Tags*",
            "Products.TagsByProductTags -> Tags*",
            "Tags.Products -> Products*",
            "Tags.ProductsByProductTags -> Products*",
        ]
    );
    assert!(
        desk.text("product.toml")
            .contains("[navigation.link]\ntable = \"other_tags\"\nnear = { a_id = \"Id\" }\nfar = { b_id = \"Id\" }\n")
    );
    assert_eq!(notes(&made, NoteKind::LeftOut).len(), 1);
    // A link that has become more stays one until a person says otherwise.
    let mut more = relations;
    more[2].columns.push(column("since", INT));
    let made = desk.draft(&catalog(more));
    assert_eq!(made.files, []);
    assert_eq!(notes(&made, NoteKind::Suggestion).len(), 1);
}

#[test]
fn signs_of_change() {
    let mut sure =
        table("sure", vec![column("id!", INT), column("ts!", ColumnType::Timestamp { precision: 6, zoned: true })]);
    sure.columns[1].filled = Filled::AtChange;
    sure.indexes = vec![Index {
        name: "i".to_owned(),
        columns: vec!["ts".to_owned()],
        method: "btree".to_owned(),
        partial: false,
    }];
    let mut coarse =
        table("coarse", vec![column("id!", INT), column("ts!", ColumnType::Timestamp { precision: 0, zoned: true })]);
    coarse.columns[1].filled = Filled::AtChange;
    let mut desk = Desk::new();
    let made =
        desk.draft(&catalog(vec![sure, coarse, table("none", vec![column("id!", INT), column("version", text(5))])]));
    assert!(desk.text("sure.toml").contains(
        "key = [\"Id\"]\netag = \"Ts\"\n# The database sets `ts` at every change of a row, so changes by others can be seen:\n# [cache]\n# probe_property = \"Ts\"\n\n"
    ));
    assert!(desk.text("coarse.toml").contains("# etag = \"Ts\"\n"));
    assert!(!desk.text("none.toml").contains("etag"));
    assert_eq!(notes(&made, NoteKind::Suggestion).len(), 2);
}

#[test]
fn names_of_the_rest_of_the_service_are_taken() {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let existing = Existing {
        folder: "erp".to_owned(),
        others: vec![
            file("wh/service.toml", "version = 1\nnamespace = \"Whole\"\nsource = \"wh\"\n"),
            file("wh/order.toml", "version = 1\nset = \"Orders\"\ntype = \"Order\"\ntable = \"o\"\nkey = []\n"),
        ],
        ..Existing::default()
    };
    let made = draft(&catalog(vec![table("orders", vec![column("id!", INT)])]), &existing, &options()).unwrap();
    let text = |name: &str| made.files.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str());
    assert_eq!(text("service.toml"), Some("version = 1\nnamespace = \"Whole\"\nsource = \"erp\"\n"));
    assert!(made.files.iter().any(|(name, text)| name.starts_with("orders_") && text.contains("set = \"Orders_")));
}
