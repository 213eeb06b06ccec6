//! What was drafted is served at once, and every set gives what the database holds.

use std::collections::BTreeMap;

use super::schema::{WORDS, create, quoted};
use super::{check, introspect, penstock, setup};
use crate::support::databases::{Database, KINDS, Kind};
use crate::support::json::Json;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";

/// Sets with their properties and navigation properties, out of `$metadata`.
fn members(server: &TestServer) -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let document = server.json(&format!("{ROOT}$metadata?$format=json"));
    let (_, schema) = document.members().iter().find(|(name, _)| name == "Erp").unwrap();
    let (_, container) = schema.members().iter().find(|(name, _)| name == "Container").unwrap();
    let mut sets = BTreeMap::new();
    for (name, set) in container.members().iter().filter(|(_, it)| it.get("$Collection").is_some()) {
        let type_name = set.get("$Type").unwrap().as_str().unwrap().trim_start_matches("Erp.").to_owned();
        let of_type = schema.get(&type_name).unwrap().members().iter();
        let (mut properties, mut navigations) = (Vec::new(), Vec::new());
        for (member, it) in of_type.filter(|(member, _)| !member.starts_with(['$', '@'])) {
            let is_navigation = it.get("$Kind").and_then(Json::as_str) == Some("NavigationProperty");
            if is_navigation { &mut navigations } else { &mut properties }.push(member.clone());
        }
        sets.insert(name.clone(), (properties, navigations));
    }
    sets
}

#[test]
fn every_table_is_read_back_whole() {
    for kind in KINDS {
        let Some(database) = Database::create(kind, "introspect") else { continue };
        create(&database);
        let setup = setup(&database);
        let report = introspect(&setup, &["--key", "seen=id"]);
        let mut sets = report.sets();
        assert_eq!(sets.len(), 15, "{}: {sets:?}", kind.name());
        let out = report.notes("left_out").join("\n");
        assert!(out.contains("no_key: it has neither a primary key nor a unique one without nulls"), "{out}");
        assert!(out.contains("known: a view tells no key; if some columns are unique"), "{out}");
        assert_eq!(out.lines().count(), 2, "{out}");
        let named = report.notes("named");
        for expected in
            ["customerrelationshipmanagementaccountgroup1", "select.null: published as `NullValue`", "größe_价格.价格"]
        {
            assert!(named.iter().any(|it| it.starts_with(expected)), "{expected}: {named:?}");
        }
        check(&setup);
        // A second run finds nothing to do, also one that looks at a part.
        assert_eq!(introspect(&setup, &["--key", "seen=id"]).files(), [""; 0]);
        assert_eq!(introspect(&setup, &["--table", "o*"]).files(), [""; 0]);

        let server = setup.start();
        let members = members(&server);
        sets.sort();
        for (table, set) in &sets {
            let count = database.number(&format!("select count(*) from {}", quoted(kind, table)));
            let rows = server.json(&format!("{ROOT}{set}?$count=true"));
            assert_eq!(rows.get("value").unwrap().as_array().unwrap().len(), usize::try_from(count).unwrap(), "{set}");
            assert_eq!(rows.get("@odata.count").unwrap().as_number(), Some(count.to_string().as_str()), "{set}");
            let (properties, navigations) = &members[set];
            for property in properties {
                let ask = format!("$filter={property}%20ne%20null&$orderby={property}%20desc&$select={property}");
                let found = server.json(&format!("{ROOT}{set}?{ask}"));
                assert!(found.get("value").unwrap().as_array().is_some(), "{set}/{property}");
            }
            for navigation in navigations {
                server.json(&format!("{ROOT}{set}?$expand={navigation}"));
            }
        }
        compare_sums(&database, &server, &sets);
        compare_relations(&server, &members, kind);
    }
}

/// Each word that SQL or OData keeps for itself has the sum of its own column.
fn compare_sums(database: &Database, server: &TestServer, sets: &[(String, String)]) {
    let (_, set) = sets.iter().find(|(table, _)| table == "select").unwrap();
    let rows = server.json(&format!("{ROOT}{set}"));
    let rows = rows.get("value").unwrap().as_array().unwrap();
    for (place, word) in WORDS.iter().enumerate() {
        let column = quoted(database.kind, word);
        let whole = if database.kind == Kind::Mariadb { "signed" } else { "bigint" };
        let table = quoted(database.kind, "select");
        let sum = database.number(&format!("select cast(sum({column}) as {whole}) from {table}"));
        // The first member is the key.
        let values = rows.iter().filter_map(|row| {
            let members: Vec<_> = row.members().iter().filter(|(name, _)| !name.starts_with('@')).collect();
            members[place + 1].1.as_number().map(|number| number.parse::<i64>().unwrap())
        });
        assert_eq!(values.sum::<i64>(), sum, "{word}");
    }
}

fn compare_relations(server: &TestServer, members: &BTreeMap<String, (Vec<String>, Vec<String>)>, kind: Kind) {
    let navigations = |set: &str| {
        let mut names = members[set].1.clone();
        names.sort();
        names
    };
    assert_eq!(navigations("Orders"), ["Buyer", "Seller"]);
    assert_eq!(navigations("People"), ["OrdersByBuyer", "OrdersBySeller", "Tags"]);
    assert_eq!(navigations("Tags"), ["People"]);
    assert_eq!(navigations("Nodes"), ["Children", "Parent"]);
    assert_eq!(navigations("Visits"), ["Place"]);
    if kind != Kind::Sqlite {
        assert_eq!(navigations("Eggs"), ["Hens", "Layer"]);
    }
    let one = |target: &str| server.json(&format!("{ROOT}{target}"));
    let order = one("Orders(2)?$expand=Seller,Buyer");
    assert_eq!(order.get("Seller").unwrap().get("Id"), order.get("SellerId"));
    assert_eq!(order.get("Buyer").unwrap().get("Id"), order.get("BuyerId"));
    let node = one("Nodes(4)?$expand=Parent,Children");
    assert_eq!(node.get("Parent").unwrap().get("Id").unwrap().as_number(), Some("3"));
    assert_eq!(node.get("Children").unwrap().as_array().unwrap()[0].get("Id").unwrap().as_number(), Some("5"));
    let person = one("People(2)?$expand=Tags,OrdersBySeller");
    // The first row of the pairs leads from person 2 to tag 1.
    assert_eq!(person.get("Tags").unwrap().as_array().unwrap()[0].get("Id").unwrap().as_number(), Some("1"));
    assert!(person.get("OrdersBySeller").unwrap().as_array().unwrap().len() >= 3);
    let place = one("Places(Land=2,Number=2)?$expand=Visits");
    assert_eq!(place.get("Visits").unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_done_is_one_sentence_and_writes_nothing() {
    let database = Database::create(Kind::Sqlite, "introspect_wrong").unwrap();
    create(&database);
    let setup = setup(&database);
    let out = setup.path().join("metadata/erp").display().to_string();
    let run = |arguments: &[&str]| penstock(&setup, "introspect", &[&["--out", &out], arguments].concat());
    let said = run(&["--source", "other"]).unwrap_err();
    assert!(said.contains("there is no source 'other'; the sources are erp"), "{said}");
    let said = run(&["--source", "erp", "--key", "seen=nothing"]).unwrap_err();
    assert!(said.contains("--key: seen: there is no column `nothing`; write --key 'view=column,column'"), "{said}");
    let said = run(&["--source", "erp", "--key", "seen"]).unwrap_err();
    assert!(said.contains("write 'view=column,column'"), "{said}");
    assert!(!setup.path().join("metadata").exists());
    let said = run(&["--source", "erp", "--dry-run", "--order", "rows"]).unwrap();
    assert!(said.contains(": 14 sets, from SQLite 3.") && said.ends_with("file(s) would be written\n"), "{said}");
    assert!(!setup.path().join("metadata").exists());
    // A file that cannot be read stops the command.
    let setup = setup.file("metadata/erp/mine.toml", "version = 1\nset =");
    let said = penstock(&setup, "introspect", &["--source", "erp", "--out", &out]).unwrap_err();
    assert!(said.contains("metadata/erp/mine.toml: line 2, column 6"), "{said}");
    assert_eq!(crate::support::files_below(&setup.path().join("metadata")).len(), 1);
    // A database that is away is named.
    let away = super::Setup::new(
        "[sources.erp]\nurl = \"postgres://u@127.0.0.1:1/x\"\nacquire_timeout_ms = 300\n[services.erp]\nmetadata = [\"m\"]\n\
         anonymous = true\n",
    );
    let said = penstock(&away, "introspect", &["--source", "erp", "--out", &out]).unwrap_err();
    assert!(said.contains("penstock: the source 'erp' cannot be reached"), "{said}");
}
