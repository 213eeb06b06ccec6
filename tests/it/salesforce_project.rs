//! `penstock salesforce`: what it writes is taken by Salesforce's own tools, which `tests/clients/install` fetches, and
//! is what the description of the interface demands (`tests/clients/salesforce/check.js`); edits of people stay.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

use crate::clients::clients;
use crate::consumer::synced;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::Kind;
use crate::support::server::Setup;
use crate::support::{demo, files_below, project, read_text};

/// Runs the command in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_penstock"))
        .arg("salesforce")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What it prints; it must end well.
fn written(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What it complains about; it must end badly.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// All files of a folder.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    files_below(folder).iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

/// The verdict of Salesforce's tools on a project, and whether it is good.
fn judged(tools: &Path, project_folder: &Path) -> (bool, String) {
    let place = tempfile::tempdir().unwrap();
    let script = place.path().join("check.js");
    std::fs::copy(project("tests/clients/salesforce/check.js"), &script).unwrap();
    std::os::unix::fs::symlink(tools.join("salesforce/node_modules"), place.path().join("node_modules")).unwrap();
    let output = Command::new("node")
        // By its name, so that packages are looked for beside it.
        .args(["--preserve-symlinks", "--preserve-symlinks-main"])
        .arg(&script)
        .arg(project_folder)
        .arg(place.path().join("converted"))
        // Its log, and what it would send to its makers.
        .envs([("HOME", place.path().as_os_str()), ("SF_DISABLE_TELEMETRY", "true".as_ref())])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

/// The counts of a good verdict.
fn good(tools: &Path, project_folder: &Path) -> Json {
    let (is_good, text) = judged(tools, project_folder);
    assert!(is_good, "{}:\n{text}", project_folder.display());
    let verdict: Json = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    // A script that looks at nothing finds no fault.
    assert!(verdict["checks"].as_u64().unwrap() > 1_000, "{verdict}");
    verdict
}

#[test]
fn the_tools_of_salesforce_take_the_project_of_the_demo() {
    let Some(tools) = clients() else { return };
    let folder = tempfile::tempdir().unwrap();
    for adapter in ["4.0", "4.01"] {
        for identity in ["named", "per-user", "anonymous"] {
            let out = format!("{adapter}-{identity}");
            let text = written(folder.path(), &["--out", &out, "--adapter", adapter, "--identity", identity]);
            assert!(
                text.contains("8 object(s), 210 field(s), 7 lookup(s) for https://penstock.example.com/odata/v4/erp/"),
                "{text}"
            );
            let verdict = good(&tools, &folder.path().join(&out));
            assert_eq!(verdict["lookups"], json!({ "ExternalLookup": 6, "Lookup": 1 }));
            let credentials = if adapter == "4.01" { json!(1) } else { Json::Null };
            assert_eq!(verdict["counts"]["NamedCredential"], credentials);
            assert_eq!(
                (&verdict["counts"]["CustomObject"], &verdict["counts"]["CustomField"]),
                (&json!(8), &json!(210))
            );
        }
    }
}

#[test]
fn the_tools_of_salesforce_take_whatever_a_model_can_hold() {
    let Some(tools) = clients() else { return };
    let config = "public_url = \"https://fleet.example.com/x/\"\n[sources.fleet]\nurl = \"sqlite:none.db\"\n\
                  [services.fleet-1]\nmetadata = [\"metadata\"]\nanonymous = true\n";
    let setup = Setup::new(config).files("metadata", &project("tests/cases/breadth/metadata"), |text| text);
    let text = written(setup.path(), &["--config", "penstock.toml", "--out", "out"]);
    assert!(text.contains(" for https://fleet.example.com/x/odata/v4/fleet-1/;"), "{text}");
    assert!(text.contains("left out: Salesforce does not sync its type"), "{text}");
    good(&tools, &setup.path().join("out"));
    let source = read_text(&setup.path().join("out/main/default/dataSources/fleet_1.dataSource-meta.xml"));
    // One of its sets refuses counts.
    for part in ["<protocol>NoAuthentication</protocol>", "\"inlineCountEnabled\":\"false\""] {
        assert!(source.contains(part), "{part}: {source}");
    }
    let error = refused(setup.path(), &["--config", "penstock.toml", "--out", "out2", "--adapter", "4.01"]);
    assert!(error.contains("Parties: counts are refused") && !setup.path().join("out2").exists(), "{error}");
}

#[test]
fn a_service_that_picks_is_written_by_its_own_names() {
    let Some(tools) = clients() else { return };
    let config = "public_url = \"https://erp.example.com\"\n[sources.erp]\nurl = \"sqlite:erp.db\"\n[sources.warehouse]\n\
                  url = \"sqlite:warehouse.db\"\n[services.erp]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\n\
                  anonymous = true\n[services.sales]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\n\
                  pick = \"sales.toml\"\nanonymous = true\n";
    let pick = "version = 1\n[[set]]\nname = \"Orders\"\nas = \"OpenOrders\"\ntype = \"OpenOrder\"\n\
                rename = { AccountID = \"CustomerID\", Account = \"Customer\" }\nhide = [\"Notes\"]\ncountable = false\n\
                [[set]]\nname = \"Accounts\"\nonly = [\"Name\"]\nfilterable = false\n";
    let setup = Setup::new(config).files("metadata", &project("metadata"), |text| text).file("sales.toml", pick);
    let text = written(setup.path(), &["--config", "penstock.toml", "--service", "sales", "--out", "out"]);
    assert!(
        text.contains("2 object(s), 15 field(s), 1 lookup(s) for https://erp.example.com/odata/v4/sales/"),
        "{text}"
    );
    let objects = setup.path().join("out/main/default/objects");
    let field = read_text(&objects.join("OpenOrders__x/fields/CustomerID__c.field-meta.xml"));
    for part in ["<externalDeveloperName>CustomerID<", "<referenceTo>Accounts__x<", "<relationshipName>OpenOrders<"] {
        assert!(field.contains(part), "{part}: {field}");
    }
    assert!(!objects.join("OpenOrders__x/fields/Notes__c.field-meta.xml").exists());
    let name = read_text(&objects.join("Accounts__x/fields/Name__c.field-meta.xml"));
    assert!(name.contains("<isFilteringDisabled>true<"), "{name}");
    good(&tools, &setup.path().join("out"));
}

#[test]
fn the_tools_find_fault_with_a_broken_project() {
    let Some(tools) = clients() else { return };
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), &["--out", "out", "--set", "Orders", "--set", "Accounts"]);
    let out = folder.path().join("out");
    good(&tools, &out);
    let sources = out.join("main/default");
    let field = "objects/Orders__x/fields/Status__c.field-meta.xml";
    for (file, from, to, expected) in [
        (field, "<length>20</length>", "<lenght>20</lenght>", "CustomField has no such element"),
        (field, "<type>Text</type>", "<type>Words</type>", "'Words' is none of FieldType"),
        (field, "<required>false", "<required>no", "'no' is no truth"),
        (field, "</CustomField>", "", "Status__c"),
        (field, "<type>Text</type>", "<type>Text</type><label>X</label>", "stands behind type"),
        ("dataSources/erp.dataSource-meta.xml", "<label>erp</label>", "", "label is missing"),
        ("objects/Orders__x/listViews/All.listView-meta.xml", "Status__c", "State__c", "no column State__c"),
        (
            "permissionsets/erp_Read.permissionset-meta.xml",
            "Orders__x.Status__c",
            "Orders__x.X__c",
            "every field can be read",
        ),
    ] {
        let path = sources.join(file);
        let text = read_text(&path);
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let (is_good, verdict) = judged(&tools, &out);
        assert!(!is_good && verdict.contains(expected), "{file}: {from} → {to}\n{verdict}");
        std::fs::write(&path, text).unwrap();
    }
}

/// The fields of a project, in the words of the look-alike.
fn fields(out: &Path) -> BTreeMap<String, String> {
    let objects = out.join("main/default/objects");
    let fields = files_below(&objects).into_iter().filter(|path| path.display().to_string().contains("/fields/"));
    fields
        .map(|path| {
            let text = read_text(&path);
            let value = |name: &str| {
                let rest = text.split_once(&format!("<{name}>"))?.1;
                Some(rest.split_once('<')?.0.to_owned())
            };
            let kind = value("type").unwrap();
            let facets = match kind.as_str() {
                "Text" | "LongTextArea" => value("length").into_iter().collect(),
                "Number" => [value("precision"), value("scale")].into_iter().flatten().collect(),
                "ExternalLookup" => value("referenceTo").into_iter().collect(),
                _ => Vec::new(),
            };
            let object = path.strip_prefix(&objects).unwrap().iter().next().unwrap().to_str().unwrap().to_owned();
            let name = format!("{object}.{} = {}", value("fullName").unwrap(), value("externalDeveloperName").unwrap());
            (name, [vec![kind], facets].concat().join(" "))
        })
        .collect()
}

/// The look-alike of Salesforce Connect reads the served metadata, by code of its own.
#[test]
fn the_fields_are_those_of_a_sync() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), &["--out", "out"]);
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let metadata = server.get_with("/odata/v4/erp/$metadata", &[CREDENTIALS]);
    let mut wanted = synced(metadata.text()).unwrap();
    // The one lookup that no sync makes.
    let declared = wanted.insert("Invoices__x.AccountSfId__c = AccountSfId".to_owned(), "Lookup".to_owned());
    assert_eq!(declared.as_deref(), Some("Text 18"));
    assert_eq!(wanted.len(), 210);
    assert_eq!(fields(&folder.path().join("out")), wanted);
}

#[test]
fn a_second_run_changes_nothing_and_edits_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let arguments = ["--out", "out", "--set", "Orders", "--set", "Accounts"];
    let dry = written(folder.path(), &[&arguments[..], &["--dry-run"]].concat());
    assert!(dry.contains(" would be written") && !out.exists(), "{dry}");
    written(folder.path(), &arguments);
    let first = contents(&out);
    let again = written(folder.path(), &arguments);
    assert!(again.contains("nothing to write: they are as they should be"), "{again}");
    assert_eq!(contents(&out), first);

    // A file that somebody edited, and one that somebody laid in the way of a new one.
    let edited = out.join("main/default/tabs/Orders__x.tab-meta.xml");
    let mine = read_text(&edited).replace("Custom18: Form", "Custom20: Airplane");
    std::fs::write(&edited, &mine).unwrap();
    let foreign = out.join("main/default/tabs/Products__x.tab-meta.xml");
    std::fs::write(&foreign, "mine").unwrap();
    let more = [&arguments[..], &["--set", "Products"]].concat();
    let before = contents(&out);
    let error = refused(folder.path(), &more);
    for part in ["2 files were", "tabs/Orders__x.tab-meta.xml", "tabs/Products__x.tab-meta.xml", "--force"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(contents(&out), before, "nothing was changed");
    written(folder.path(), &[&more[..], &["--force"]].concat());
    assert!(read_text(&edited).contains("Custom18: Form") && read_text(&foreign).contains("<CustomTab"));

    // What leaves the project goes, but not what somebody edited or laid there.
    let kept = out.join("main/default/objects/Products__x/fields/Family__c.field-meta.xml");
    std::fs::write(&kept, read_text(&kept).replace("<label>Family", "<label>Product family")).unwrap();
    let other = out.join("main/default/classes/Mine.cls");
    std::fs::create_dir_all(other.parent().unwrap()).unwrap();
    std::fs::write(&other, "class Mine {}").unwrap();
    let text = written(folder.path(), &arguments);
    assert!(text.contains("fields/Family__c.field-meta.xml: no longer part of the project, and left"), "{text}");
    let rest: Vec<String> = contents(&out).into_keys().filter(|path| !first.contains_key(path)).collect();
    assert_eq!(
        rest,
        ["main/default/classes/Mine.cls", "main/default/objects/Products__x/fields/Family__c.field-meta.xml"]
    );
    assert!(!out.join("main/default/objects/Products__x/listViews").exists(), "empty folders go, too");
    let json: Json =
        serde_json::from_str(&written(folder.path(), &[&more[..], &["--json", "--force"]].concat())).unwrap();
    assert_eq!((&json["objects"], &json["written"], &json["removed"]), (&json!(3), &json!(true), &json!([])));
    assert!(json["changed"].as_array().unwrap().iter().any(|path| path == "README.md"), "{json}");
}

#[test]
fn nothing_is_written_outside_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("out/main")).unwrap();
    let error = refused(folder.path(), &["--out", "out"]);
    assert!(error.contains("a link leads out of the folder"), "{error}");
    assert_eq!(contents(elsewhere.path()).len(), 0);
    // A list of files that leads out of it removes nothing there.
    let mine = folder.path().join("mine.txt");
    std::fs::write(&mine, "mine").unwrap();
    std::fs::create_dir(folder.path().join("lock")).unwrap();
    let lock = "2d06800538d394c2 ../mine.txt\n";
    std::fs::write(folder.path().join("lock/salesforce.lock"), lock).unwrap();
    written(folder.path(), &["--out", "lock"]);
    assert!(mine.exists());
}

#[test]
fn what_is_missing_is_said() {
    let config = "[sources.s]\nurl = \"sqlite:none.db\"\n[services.a]\nmetadata = [\"m\"]\nanonymous = true\n";
    let set = "version = 1\nset = \"Sets\"\ntype = \"Set\"\ntable = \"t\"\nkey = [\"ID\"]\n[[property]]\nname = \"ID\"\n\
               column = \"id\"\ntype = \"Int32\"\nnullable = false\n";
    let setup = Setup::new(config)
        .file("m/service.toml", "version = 1\nnamespace = \"N\"\nsource = \"s\"\n")
        .file("m/set.toml", set);
    let config = ["--config", "penstock.toml", "--out", "out"];
    let error = refused(setup.path(), &config);
    assert!(error.contains("how Salesforce reaches the server is not configured; write `public_url`"), "{error}");
    let error = refused(setup.path(), &[&config[..], &["--url", "erp.example.com"]].concat());
    assert!(error.contains("'erp.example.com' is not the base of a URL"), "{error}");
    let good = [&config[..], &["--url", "https://erp.example.com"]].concat();
    let error = refused(setup.path(), &[&good[..], &["--service", "b"]].concat());
    assert!(error.contains("there is no service 'b'; the services are a"), "{error}");
    let error = refused(setup.path(), &[&good[..], &["--set", "Set"]].concat());
    assert!(error.contains("Set: there is no such set; did you mean `Sets`?"), "{error}");
    assert!(!setup.path().join("out").exists());
    written(setup.path(), &[&good[..], &["--name", "ERP"]].concat());
    assert!(setup.path().join("out/main/default/dataSources/ERP.dataSource-meta.xml").exists());
    let plain = written(setup.path(), &[&config[..], &["--url", "http://erp.example.com", "--force"]].concat());
    assert!(plain.contains("http://erp.example.com/odata/v4/a/: Salesforce asks for https"), "{plain}");
}
