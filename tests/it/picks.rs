//! A second service over the same folders: what it does not pick, hides or renames is gone by every way, and its filter
//! holds on every way.

use serde_json::{Value, json};

use crate::support::databases::{Database, KINDS, Kind};
use crate::support::http::Response;
use crate::support::server::{Setup, TestServer};

const SCHEMA: &str = "
create table customers (id integer primary key, name varchar(40) not null, secret varchar(40), blocked integer not null);
insert into customers values (1, 'Ada', 'alpha', 0);
insert into customers values (2, 'Bo', 'beta', 1);
insert into customers values (3, 'Cy', 'gamma', 0);
create table orders (id integer primary key, customer integer, state varchar(10) not null, amount integer not null,
    notes varchar(40), deleted integer not null);
insert into orders values (10, 1, 'open', 100, 'call alpha', 0);
insert into orders values (11, 1, 'done', 200, 'paid', 0);
insert into orders values (12, 2, 'open', 300, 'call beta', 0);
insert into orders values (13, 3, 'open', 400, 'late', 1);
insert into orders values (14, 3, 'open', 500, 'soon', 0);
create table pieces (orderid integer not null, number integer not null, text varchar(20), primary key (orderid, number));
insert into pieces values (10, 1, 'pen');
insert into pieces values (11, 1, 'ink');
insert into pieces values (14, 1, 'cap');
";

const CUSTOMER: &str = r#"
version = 1
set = "Customers"
type = "Customer"
table = "customers"
key = ["ID"]
[[property]]
name = "ID"
column = "id"
type = "Int32"
nullable = false
[[property]]
name = "Name"
column = "name"
type = "String"
max_length = 40
nullable = false
[[property]]
name = "Secret"
column = "secret"
type = "String"
max_length = 40
[[property]]
name = "Blocked"
column = "blocked"
type = "Int16"
nullable = false
[[navigation]]
name = "Orders"
target = "Orders"
to = "many"
partner = "Customer"
join = { ID = "CustomerID" }
"#;

const ORDER: &str = r#"
version = 1
set = "Orders"
type = "Order"
table = "orders"
key = ["ID"]
filter = "Deleted eq 0 and Customer/Blocked ne 1"
[[property]]
name = "ID"
column = "id"
type = "Int32"
nullable = false
[[property]]
name = "CustomerID"
column = "customer"
type = "Int32"
[[property]]
name = "State"
column = "state"
type = "String"
max_length = 10
nullable = false
[[property]]
name = "Amount"
column = "amount"
type = "Int32"
nullable = false
[[property]]
name = "Notes"
column = "notes"
type = "String"
max_length = 40
[[property]]
name = "Deleted"
column = "deleted"
type = "Int16"
nullable = false
hidden = true
[[navigation]]
name = "Customer"
target = "Customers"
to = "one"
join = { CustomerID = "ID" }
[[navigation]]
name = "Lines"
target = "Lines"
to = "many"
join = { ID = "OrderID" }
"#;

const LINE: &str = r#"
version = 1
set = "Lines"
type = "Line"
table = "pieces"
key = ["OrderID", "Number"]
[[property]]
name = "OrderID"
column = "orderid"
type = "Int32"
nullable = false
[[property]]
name = "Number"
column = "number"
type = "Int32"
nullable = false
[[property]]
name = "Text"
column = "text"
type = "String"
max_length = 20
[[navigation]]
name = "Order"
target = "Orders"
to = "one"
nullable = false
join = { OrderID = "ID" }
"#;

/// Orders without notes that are open, their lines, and no customer.
const SALES: &str = r#"
version = 1
namespace = "Sales"
[[set]]
name = "Orders"
as = "OpenOrders"
type = "OpenOrder"
hide = ["Notes", "State"]
rename = { Amount = "Total", Lines = "Items" }
filter = "State eq 'open' and Customer/Name ne 'nobody'"
[[set]]
name = "Lines"
rename = { Order = "Of" }
[[set]]
name = "Customers"
only = ["Name"]
countable = false
searchable = false
filterable = false
sortable = false
"#;

/// Orders alone.
const ALONE: &str = "version = 1\n[[set]]\nname = \"Orders\"\nfilter = \"Customer/Secret eq 'alpha'\"\n";

fn setup(url: &str, cache: &str) -> Setup {
    let service =
        |name: &str, pick: &str| format!("[services.{name}]\nmetadata = [\"shop\"]\nanonymous = true\n{pick}");
    let config = [
        format!("{cache}[sources.shop]\nurl = \"{url}\"\n"),
        service("all", ""),
        service("sales", "pick = \"sales.toml\"\n"),
        service("alone", "pick = \"alone.toml\"\n"),
    ];
    Setup::new(&config.concat())
        .file("shop/service.toml", "version = 1\nnamespace = \"Shop\"\nsource = \"shop\"\n")
        .file("shop/customer.toml", CUSTOMER)
        .file("shop/order.toml", ORDER)
        .file("shop/line.toml", LINE)
        .file("sales.toml", SALES)
        .file("alone.toml", ALONE)
}

fn shops(run: impl Fn(Kind, &TestServer)) {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "picks") else { continue };
        database.run(SCHEMA);
        run(kind, &setup(&database.url, "").start());
    }
}

fn ask(server: &TestServer, service: &str, target: &str) -> Response {
    server.get(&format!("/odata/v4/{service}/{}", target.replace(' ', "%20")))
}

fn value(server: &TestServer, service: &str, target: &str) -> Value {
    let response = ask(server, service, target);
    assert_eq!(response.status, 200, "{target}: {}", response.text());
    let mut body: Value = serde_json::from_str(response.text()).unwrap();
    let mut value = body.get_mut("value").map(Value::take).unwrap_or(body);
    strip(&mut value);
    value
}

fn strip(value: &mut Value) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(strip),
        Value::Object(row) => {
            row.remove("@odata.id");
            row.values_mut().for_each(strip);
        }
        _ => {}
    }
}

fn refused(server: &TestServer, service: &str, target: &str) -> (u16, String) {
    let response = ask(server, service, target);
    let body: Value = serde_json::from_str(response.text()).unwrap_or_default();
    (response.status, body["error"]["code"].as_str().unwrap_or("none").to_owned())
}

#[test]
fn the_filters_hold_on_every_way() {
    shops(|kind, server| {
        let name = kind.name();
        // 12 is of a blocked customer, 13 deleted.
        let ids = |service: &str, target: &str| {
            let rows = value(server, service, target);
            rows.as_array().unwrap().iter().map(|row| row["ID"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ids("all", "Orders"), [10, 11, 14], "{name}");
        assert_eq!(ids("sales", "OpenOrders"), [10, 14], "{name}");
        assert_eq!(ids("alone", "Orders"), [10, 11], "{name}");
        assert_eq!(value(server, "sales", "OpenOrders/$count"), json!(2));
        assert_eq!(refused(server, "sales", "OpenOrders(11)"), (404, "service.no_entity".to_owned()));
        assert_eq!(ask(server, "sales", "OpenOrders(11)/Items").status, 404);
        let lines = value(server, "sales", "Lines?$expand=Of($select=ID)&$select=Text&$filter=Of/Total gt 0");
        assert_eq!(lines, json!([{"Text": "pen", "Of": {"ID": 10}}, {"Text": "cap", "Of": {"ID": 14}}]), "{name}");
        let orders = value(server, "sales", "OpenOrders?$expand=Items($select=Text)&$orderby=Total desc&$top=1");
        let expected = json!([{"ID": 14, "CustomerID": 3, "Total": 500, "Items": [{"Text": "cap"}]}]);
        assert_eq!(orders, expected, "{name}");
        assert_eq!(ids("sales", "OpenOrders?$filter=Items/any(i:i/Text eq 'cap')"), [14]);
        let sum = value(server, "sales", "OpenOrders?$apply=aggregate(Total with sum as S)");
        assert_eq!(sum[0]["S"], json!(600), "{name}");
    });
}

#[test]
fn what_is_not_published_is_gone() {
    shops(|_, server| {
        let unknown = |service: &str, target: &str, code: &str| {
            let (status, found) = refused(server, service, target);
            assert_eq!((status / 100, found.as_str()), (4, code), "{service} {target}");
        };
        for target in [
            "OpenOrders?$select=Notes",
            "OpenOrders?$filter=Notes eq 'x'",
            "OpenOrders?$filter=State eq 'done'",
            "OpenOrders?$filter=contains(Notes,'a')",
            "OpenOrders?$orderby=Notes",
            "OpenOrders?$apply=groupby((State))",
            "OpenOrders?$filter=Amount gt 1",
            "OpenOrders?$filter=Lines/any(l:l/Number eq 1)",
            "OpenOrders?$compute=Notes as N",
            "Lines?$filter=Of/Notes eq 'x'",
        ] {
            unknown("sales", target, "bind.unknown_property");
        }
        for target in ["OpenOrders(10)/Notes", "OpenOrders(10)/Lines", "Customers(1)/Secret", "Customers(1)/Orders"] {
            assert_eq!(ask(server, "sales", target).status, 404, "{target}");
        }
        for target in ["Orders", "Lines", "Orders(10)/Customer", "Orders(10)/Lines", "Customers"] {
            assert_eq!(ask(server, "alone", target).status, if target == "Orders" { 200 } else { 404 }, "{target}");
        }
        unknown("alone", "Orders?$expand=Customer", "bind.unknown_navigation");
        unknown("alone", "Orders?$filter=Customer/Name eq 'Ada'", "bind.unknown_property");
        assert_eq!(value(server, "alone", "Orders?$expand=*&$top=1")[0]["Notes"], "call alpha");
        // Words of hidden texts are not found.
        let found = |service: &str, target: &str| value(server, service, target).as_array().unwrap().len();
        assert_eq!((found("all", "Orders?$search=alpha"), found("sales", "OpenOrders?$search=alpha")), (1, 0));
        assert_eq!(found("alone", "Orders?$search=alpha"), 1);
        for target in [
            "Customers?$filter=Name eq 'x'",
            "Customers?$orderby=Name",
            "Customers?$count=true",
            "Customers/$count",
            "Customers?$search=x",
        ] {
            assert_eq!(ask(server, "sales", target).status / 100, 4, "{target}");
        }
        assert_eq!(value(server, "sales", "Customers?$top=1"), json!([{"ID": 1, "Name": "Ada"}]));
        let response =
            server.get_with("/odata/v4/sales/OpenOrders(10)", &[("Accept", "application/json;odata.metadata=full")]);
        for hidden in ["Notes", "State", "Orders(10)", "Lines@", "Shop."] {
            let text = response.text().replace("OpenOrders(10)", "");
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert!(response.text().contains("#Sales.OpenOrder\"") && response.text().contains("OpenOrders(10)/Items"));
    });
}

#[test]
fn documents_tell_the_truth() {
    shops(|_, server| {
        let document = value(server, "sales", "");
        let names: Vec<&str> = document.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Customers", "Lines", "OpenOrders"]);
        let metadata = ask(server, "sales", "$metadata");
        let text = metadata.text();
        for part in [
            r#"<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Sales">"#,
            r#"<EntityType Name="OpenOrder">"#,
            r#"<Property Name="Total" Type="Edm.Int32" Nullable="false"/>"#,
            r#"<EntitySet Name="OpenOrders" EntityType="Sales.OpenOrder">"#,
            r#"<NavigationPropertyBinding Path="Items" Target="Lines"/>"#,
            r#"<NavigationPropertyBinding Path="Of" Target="OpenOrders"/>"#,
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        for gone in ["Notes", "State", "Secret", "Blocked", "Amount", "\"Orders\"", "Shop", "Deleted", "$"] {
            assert!(!text.contains(gone), "{gone}\n{text}");
        }
        let alone = ask(server, "alone", "$metadata");
        assert!(
            !alone.text().contains("Customer\"") && !alone.text().contains("NavigationProperty"),
            "{}",
            alone.text()
        );
        let json = ask(server, "sales", "$metadata?$format=json");
        assert!(json.text().contains("\"OpenOrder\"") && !json.text().contains("Secret"));
        let page = ask(server, "sales", "OpenOrders?$select=Total&$top=1");
        assert!(page.text().contains("/odata/v4/sales/$metadata#OpenOrders(Total)\""), "{}", page.text());
    });
}

/// Equal words in two services are two questions, also where answers are kept.
#[test]
fn kept_answers_are_not_shared() {
    let Some(database) = Database::create(Kind::Sqlite, "picks_kept") else { return };
    database.run(SCHEMA);
    let server = setup(&database.url, "[cache]\nbytes_max = 10000000\n").start();
    for _ in 0..3 {
        let count = |service: &str, set: &str| {
            value(&server, service, &format!("{set}?$orderby=ID&$select=ID")).as_array().unwrap().len()
        };
        assert_eq!((count("all", "Orders"), count("alone", "Orders"), count("sales", "OpenOrders")), (3, 2, 2));
    }
}

#[test]
fn problems_stop_the_server_once() {
    let Some(database) = Database::create(Kind::Sqlite, "picks_wrong") else { return };
    database.run(SCHEMA);
    let setup = setup(&database.url, "")
        .file("alone.toml", "version = 1\n[[set]]\nname = \"Orders\"\nfilter = \"Stat eq 'open'\"\n")
        .file("sales.toml", "version = 1\n[[set]]\nname = \"Order\"\n");
    let config = setup.path().join("penstock.toml");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_penstock"))
        .args(["check", "--offline", "--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("alone.toml") && text.contains("set.1.filter") && text.contains("Stat"), "{text}");
    assert!(
        text.contains("sales.toml") && text.contains("set `Order` does not exist; did you mean `Orders`?"),
        "{text}"
    );
}

#[test]
fn check_knows_the_folders_behind_a_pick() {
    let Some(database) = Database::create(Kind::Sqlite, "picks_check") else { return };
    database.run(&SCHEMA.replace("notes varchar(40)", "remarks varchar(40)"));
    let setup = setup(&database.url, "");
    let config = setup.path().join("penstock.toml");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_penstock"))
        .args(["check", "--json", "--config", config.to_str().unwrap()])
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let problems = found["problems"].as_array().unwrap();
    // Three services share the folder, and it is told once.
    assert_eq!(problems.len(), 1, "{found}");
    assert_eq!((&problems[0]["file"], &problems[0]["key"]), (&json!("shop/order.toml"), &json!("property.5.column")));
}

#[test]
fn the_roots_are_listed_for_programs_and_for_people() {
    let Some(database) = Database::create(Kind::Sqlite, "picks_roots") else { return };
    database.run(SCHEMA);
    let server = setup(&database.url, "").start();
    let list: Value = serde_json::from_str(server.get("/").text()).unwrap();
    let urls: Vec<&str> = list["services"].as_array().unwrap().iter().map(|it| it["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["/odata/v4/all/", "/odata/v4/alone/", "/odata/v4/sales/"]);
    let page = server.get_with("/", &[("Accept", "text/html,*/*;q=0.8")]);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("<a href=\"/odata/v4/sales/\">sales</a>"), "{}", page.text());
}
