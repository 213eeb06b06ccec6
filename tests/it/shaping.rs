//! Expanded lists that go on behind a link, and pages in a computed order, on every database.

use serde_json::Value;

use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::breadth;
use crate::support::databases::KINDS;
use crate::support::demo;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";

fn get(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> Value {
    let response = server.get_with(target, &[&[CREDENTIALS], headers].concat());
    assert_eq!(response.status, 200, "{target}: {}\n{}", response.text(), server.log());
    serde_json::from_str(response.text()).unwrap()
}

fn escaped(target: &str) -> String {
    format!("{ROOT}{}", target.replace(' ', "%20"))
}

/// The rows of an answer or a list with everything that is behind links; how many links there were.
fn whole(server: &TestServer, mut rows: Vec<Value>, mut next: Option<String>, links: &mut usize) -> Vec<Value> {
    while let Some(link) = next {
        *links += 1;
        let mut page = get(server, server.target_of(&link), &[]);
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        rows.append(page["value"].as_array_mut().unwrap());
    }
    for row in &mut rows {
        complete(server, row, links);
    }
    rows
}

/// Puts into a row, and what is expanded in it, what is behind links.
fn complete(server: &TestServer, row: &mut Value, links: &mut usize) {
    if let Value::Object(members) = row {
        members.values_mut().filter(|value| value.is_object()).for_each(|inner| complete(server, inner, links));
        let lists: Vec<String> =
            members.iter().filter(|(_, value)| value.is_array()).map(|(name, _)| name.clone()).collect();
        for name in lists {
            let next = members.remove(&format!("{name}@odata.nextLink")).map(|link| link.as_str().unwrap().to_owned());
            if let Some(Value::Array(rows)) = members.remove(&name) {
                members.insert(name, Value::Array(whole(server, rows, next, links)));
            }
        }
    }
}

fn rows_of(server: &TestServer, target: &str, links: &mut usize) -> Vec<Value> {
    rows_at(server, &escaped(target), links)
}

fn rows_at(server: &TestServer, target: &str, links: &mut usize) -> Vec<Value> {
    let mut page = get(server, target, &[]);
    let next = page["@odata.nextLink"].as_str().map(str::to_owned);
    if let Some(rows) = page["value"].as_array_mut() {
        let rows = std::mem::take(rows);
        return whole(server, rows, next, links);
    }
    page.as_object_mut().unwrap().remove("@odata.context");
    whole(server, vec![page], next, links)
}

/// A list behind links is the list that one answer holds, in its order, on each level.
#[test]
fn long_lists_go_on_behind_links() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let usual = serve_demo(&databases.sources, "");
        let small = serve_demo(&databases.sources, "[limits]\nexpand_rows_max = 2\n");
        for target in [
            "Accounts?$top=12&$select=AccountID&$expand=Orders",
            "Accounts?$top=12&$select=Name&$expand=Orders($select=OrderID;$orderby=ShippedDate desc;$expand=Lines)",
            "Accounts?$top=12&$select=AccountID&$expand=Orders($select=OrderID;$count=true;$orderby=Status;$top=5)",
            "Accounts?$top=12&$select=AccountID&$expand=Orders($select=OrderID;$count=true;$skip=1)",
            "Accounts?$top=9&$select=AccountID&$expand=Orders($compute=TotalAmount mul -1 as Less;$orderby=Less;$select=Less)",
            "Orders?$top=40&$select=OrderID&$expand=Lines($orderby=Discount desc;$filter=Quantity gt @least)&@least=2",
            "Orders?$top=300&$select=OrderID&$expand=Shipments($orderby=Weight)",
            "Products?$top=9&$select=ProductID&$expand=StockLevels($orderby=BinCode desc)",
            "Orders(10248)?$expand=Lines($select=ProductID)",
            "OrderLines?$top=3&$select=OrderID&$expand=Order($select=OrderID;$expand=Lines($select=ProductID))",
            "Accounts?$top=3&$select=AccountID&$expand=*($levels=2)",
            "Accounts?$top=9&$select=AccountID&$expand=Orders/$ref($orderby=Status desc)",
            "Accounts?$top=9&$select=AccountID&$expand=Orders($search=NOT open;$select=OrderID)",
        ] {
            let (mut none, mut links) = (0, 0);
            let expected = rows_of(&usual, target, &mut none);
            let found = rows_of(&small, target, &mut links);
            assert_eq!(none, 0, "{target}");
            assert!(links > 0, "{target} on {}: {links} links", kind.name());
            let text = |rows: &[Value], server: &TestServer| {
                let text = rows.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                text.replace(&server.address.to_string(), "server")
            };
            let (expected, found) = (text(&expected, &usual), text(&found, &small));
            let difference = expected.lines().zip(found.lines()).find(|(left, right)| left != right);
            assert!(expected == found, "{target} on {}: {difference:?}", kind.name());
        }
    }
}

/// The same through a table of pairs, into what is contained, and below a cast.
#[test]
fn every_kind_of_list_goes_on_behind_links() {
    for kind in KINDS {
        let Some(database) = breadth::database(kind) else { continue };
        database.run("INSERT INTO vehicle_drivers VALUES (4, 1), (4, 2), (2, 3)");
        let usual = breadth::serve(&database);
        let small = breadth::serve_with(&database, "[limits]\nexpand_rows_max = 1\n");
        for target in [
            "Vehicles?$select=ID&$expand=Drivers($select=Name;$orderby=Born desc)",
            "Vehicles?$select=ID&$expand=Drivers/$ref",
            "Vehicles?$select=ID&$expand=Trips($select=Took;$count=true)",
            "Vehicles?$select=ID&$expand=Trips/$ref($orderby=Took)",
            "Vehicles/Fleet.Bus?$select=ID&$expand=Drivers($select=ID)",
            "Vehicles?$select=ID&$expand=Fleet.Bus/Drivers($select=ID)",
            "Vehicles?$select=ID&$expand=Trips($select=Number;$expand=Vehicle($select=ID;$expand=Drivers($select=ID)))",
        ] {
            let target = format!("{}{target}", breadth::ROOT).replace(' ', "%20");
            let mut links = 0;
            let expected = rows_at(&usual, &target, &mut 0);
            let found = rows_at(&small, &target, &mut links);
            assert!(links > 0, "{target} on {}: {links} links", kind.name());
            let text = |rows: &[Value], server: &TestServer| {
                Value::Array(rows.to_vec()).to_string().replace(&server.address.to_string(), "server")
            };
            assert_eq!(text(&found, &small), text(&expected, &usual), "{target} on {}", kind.name());
        }
    }
}

/// One list of many rows is cut by the server's own limit, without any in the request.
#[test]
fn a_list_is_never_read_beyond_its_limit() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let small = serve_demo(&databases.sources, "[limits]\nexpand_rows_max = 3\nexpansions_max = 2\n");
        let page = get(&small, &escaped("Accounts?$top=20&$expand=Orders($count=true;$select=OrderID)"), &[]);
        let mut cut = 0;
        for row in page["value"].as_array().unwrap() {
            let (shown, number) =
                (row["Orders"].as_array().unwrap().len(), row["Orders@odata.count"].as_u64().unwrap());
            assert_eq!(shown, usize::try_from(number.min(3)).unwrap(), "{row}");
            assert_eq!(row.get("Orders@odata.nextLink").is_some(), number > 3, "{row}");
            cut += usize::from(number > 3);
        }
        assert!(cut > 0);
        let refused = small.get_with(&escaped("Orders?$expand=Lines,Account,Shipments"), &[CREDENTIALS]);
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains("bind.limit"), "{}", refused.text());
    }
}

/// Pages in a computed order give each row once, nulls and ties among them.
#[test]
fn computed_orders_are_paged_exactly() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "");
        for target in [
            "OrderLines?$filter=OrderID lt 10308&$compute=Discount mul 2 as D&$orderby=D desc&$select=OrderID,ProductID,D",
            "OrderLines?$filter=OrderID lt 10308&$compute=Quantity mul UnitPrice as Sum&$orderby=Sum&$select=Sum,OrderID,ProductID",
            "Orders?$filter=OrderID lt 10368&$compute=tolower(ShipCity) as City&$orderby=City desc&$select=OrderID,City",
            "Orders?$filter=OrderID lt 10368&$orderby=year(ShippedDate),Account/Name desc&$select=OrderID",
            "Orders?$filter=OrderID lt 10368&$orderby=Lines/$count desc&$select=OrderID",
        ] {
            let all = rows_of(&server, target, &mut 0);
            let (mut rows, mut pages) = (Vec::new(), 0);
            let mut next = Some(escaped(target));
            while let Some(link) = next {
                pages += 1;
                let page = get(&server, &link, &[("prefer", "odata.maxpagesize=7")]);
                rows.extend(page["value"].as_array().unwrap().clone());
                next = page["@odata.nextLink"].as_str().map(|link| server.target_of(link).to_owned());
            }
            assert!(pages > 5, "{target}: {pages} pages");
            let difference = rows.iter().zip(&all).find(|(left, right)| left != right);
            assert!(rows == all, "{target} on {}: {difference:?}", kind.name());
        }
    }
}

/// Expansions that repeat themselves: drivers of one grade are the peers of each other and of themselves.
#[test]
fn levels_end_in_references_and_the_context_tells_of_them() {
    let with_peers = |text: String| {
        if !text.contains("set = \"Drivers\"\ntype") {
            return text;
        }
        text + "\n[[navigation]]\nname = \"Peers\"\ntarget = \"Drivers\"\nto = \"many\"\njoin = { Grade = \"Grade\" }\n\
                \n[[navigation]]\nname = \"Twin\"\ntarget = \"Drivers\"\nto = \"one\"\njoin = { ID = \"ID\" }\n"
    };
    let root = breadth::ROOT;
    let id = |server: &TestServer, id: u32| serde_json::json!({"@odata.id": format!("http://{}{root}Drivers({id})", server.address)});
    for kind in KINDS {
        let Some(database) = breadth::database(kind) else { continue };
        let server = breadth::serve_changed(&database, "[limits]\nexpand_depth_max = 3\n", with_peers);
        let context = |target: &str, version: &str| {
            let page = get(&server, &format!("{root}{target}"), &[("OData-MaxVersion", version)]);
            page["@odata.context"].as_str().unwrap().split('#').nth(1).unwrap().to_owned()
        };
        let value = |target: &str| get(&server, &format!("{root}{target}"), &[]);
        let (one, three) = (id(&server, 1), id(&server, 3));
        // An entity that stands above itself is a reference, and nothing is expanded below it.
        let found = value("Drivers(1)?$select=ID&$expand=Peers($levels=max;$select=ID)");
        assert_eq!(found["Peers"], serde_json::json!([one, {"ID": 3, "Peers": [one, three]}]), "{}", kind.name());
        let found = value("Drivers(2)?$select=ID&$expand=Peers($levels=max;$select=Name;$count=true)");
        assert_eq!(found["Peers"], serde_json::json!([id(&server, 2)]));
        assert_eq!(found["Peers@odata.count"], 1);
        let found = value("Drivers(1)?$select=ID&$expand=Twin($levels=max;$select=ID)");
        assert_eq!(found["Twin"], one);
        // A number of levels is what it says, whatever repeats itself.
        let found = value("Drivers(1)?$select=ID&$expand=Twin($levels=2;$select=ID)");
        assert_eq!(found["Twin"], serde_json::json!({"ID": 1, "Twin": {"ID": 1}}));
        // What is expanded beside the levels is no part of them.
        let found = value(
            "Drivers(1)?$select=ID&$expand=Peers($levels=max;$select=ID;$filter=ID eq 3;$expand=Twin($select=ID))"
                .replace(' ', "%20")
                .as_str(),
        );
        let last = serde_json::json!({"ID": 3, "Twin": {"ID": 3}, "Peers": [three]});
        assert_eq!(found["Peers"], serde_json::json!([last]));
        // A loop through other sets ends, too.
        let found = value("Vehicles(2)/Trips(1)?$select=Number&$expand=*($levels=max)");
        let vehicle = &found["Vehicle"];
        let trip = serde_json::json!({"@odata.id": format!("http://{}{root}Vehicles(2)/Trips(VehicleID=2,Number=1)", server.address)});
        assert_eq!(vehicle["Trips"], serde_json::json!([trip]));
        assert_eq!(vehicle["Drivers"][0]["Twin"], one);
        for (target, in_4_0, in_4_01) in [
            (
                "Drivers?$select=ID&$expand=Peers($levels=2;$select=ID)",
                "Drivers(ID,Peers+(ID))",
                "Drivers(ID,Peers+(ID))",
            ),
            ("Drivers(1)?$expand=Twin($levels=max)", "Drivers(Twin+)/$entity", "Drivers(Twin+())/$entity"),
            ("Drivers(1)?$expand=Twin($levels=1)", "Drivers/$entity", "Drivers(Twin())/$entity"),
            (
                "Drivers?$expand=Twin($levels=2;$select=ID;$expand=Peers($select=Name))",
                "Drivers(Twin+(ID,Peers(Name)))",
                "Drivers(Twin+(ID,Peers(Name)))",
            ),
            (
                "Vehicles?$select=ID&$expand=Drivers($levels=2;$select=ID)",
                "Vehicles(ID,Drivers(ID))",
                "Vehicles(ID,Drivers(ID))",
            ),
        ] {
            assert_eq!(context(target, "4.0"), in_4_0, "{target}");
            assert_eq!(context(target, "4.01"), in_4_01, "{target}");
        }
    }
}
