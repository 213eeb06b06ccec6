//! Clients that others wrote, against the demo: `tests/clients` has a script for each, which asks through the client
//! and compares what it gets with the rows that the demo's generator promises. `tests/clients/install` fetches the
//! clients from their registries; `tests/run` calls it and says in `PENSTOCK_TEST_CLIENTS` where they are.
//!
//! What further clients are known to send stands at the end, without them.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use penstock::edm::{Value, write_date, write_date_time_offset, write_guid};
use serde_json::{Map, Value as Json, json};

use crate::differential::value::Type;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::Kind;
use crate::support::http::Response;
use crate::support::server::TestServer;
use crate::support::{demo, environment, files_below, project, read_text};

const ROOT: &str = "/odata/v4/erp/";

/// The scripts, by their folder.
const SCRIPTS: [(&str, &str); 5] = [
    ("python", "odatapy_client.py"),
    ("python", "python_odata.py"),
    ("node", "generated.js"),
    ("node", "ojs.js"),
    ("node", "light.js"),
];

/// No script takes longer, on a busy machine and with a server that is not optimized.
const DEADLINE: Duration = Duration::from_mins(5);

/// Where the clients are installed.
pub(crate) fn clients() -> Option<PathBuf> {
    let place = environment("PENSTOCK_TEST_CLIENTS").map(PathBuf::from);
    if place.is_none() {
        let demanded = environment("PENSTOCK_TEST_REQUIRE_DATABASES").is_some();
        assert!(!demanded, "PENSTOCK_TEST_CLIENTS is not set, but demanded");
        eprintln!("skipped: PENSTOCK_TEST_CLIENTS is not set; `tests/clients/install` prints what it can be set to");
    }
    place
}

/// The promised rows, as the scripts read them. Numbers that not every reader of JSON keeps are texts.
fn promised() -> String {
    let mut sets = Map::new();
    // Its 150 texts would make this file large, and are like those of others.
    for set in demo::sets().into_iter().filter(|set| set.name != "WideOrders") {
        let row = |row: Vec<Value>| {
            let named = set.table.columns.iter().zip(row);
            Json::Object(named.map(|(column, value)| (column.name.clone(), in_json(&value, column.ty))).collect())
        };
        sets.insert(set.name.clone(), set.table.rows.clone().into_iter().map(row).collect());
    }
    Json::Object(sets).to_string()
}

fn in_json(value: &Value, ty: Type) -> Json {
    let mut text = Vec::new();
    match value {
        Value::Null => return Json::Null,
        Value::Boolean(value) => return json!(value),
        Value::Int(value) if ty != Type::Int64 => return json!(value),
        Value::Double(value) => return json!(value),
        Value::String(value) => return json!(value),
        Value::Int(value) => text.extend(value.to_string().bytes()),
        Value::Decimal(value) => text.extend(value.to_plain_string().bytes()),
        Value::Guid(value) => write_guid(value, &mut text),
        Value::Date(value) => write_date(i64::from(*value), &mut text),
        Value::DateTimeOffset(value) => {
            write_date_time_offset(*value, b'T', 6, true, &mut text);
            text.push(b'Z');
        }
        other => panic!("the demo has no {other:?}"),
    }
    Json::from(String::from_utf8(text).unwrap())
}

/// Copies the scripts into a folder where they find their packages, and generates the client that is made of
/// `$metadata`.
fn prepare(clients: &Path, server: &TestServer, folder: &Path) {
    for path in files_below(&project("tests/clients")) {
        let copy = folder.join(path.strip_prefix(project("tests/clients")).unwrap());
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(&path, &copy).unwrap();
    }
    std::fs::write(folder.join("data.json"), promised()).unwrap();
    let node = folder.join("node");
    std::os::unix::fs::symlink(clients.join("node/node_modules"), node.join("node_modules")).unwrap();
    let metadata = server.get_with(&format!("{ROOT}$metadata"), &[CREDENTIALS]);
    std::fs::write(node.join("metadata.xml"), metadata.text()).unwrap();
    let generator = Command::new("node")
        .args(["node_modules/.bin/odata2ts", "-s", "metadata.xml", "-o", "generated", "-m", "service", "-e", "js"])
        .current_dir(&node)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&generator.stdout).into_owned() + &String::from_utf8_lossy(&generator.stderr);
    assert!(generator.status.success() && node.join("generated/ErpService.js").exists(), "odata2ts: {text}");
}

fn begin(clients: &Path, server: &TestServer, folder: &Path, kind: &str, script: &str) -> Child {
    let program = if kind == "python" { clients.join("python/bin/python") } else { PathBuf::from("node") };
    let output = File::create(folder.join(script).with_extension("log")).unwrap();
    Command::new(program)
        .arg(folder.join(kind).join(script))
        .args([&format!("http://{}{ROOT}", server.address), "demo", "demo"])
        .arg(folder.join("data.json"))
        .envs([("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUTF8", "1"), ("NO_PROXY", "*")])
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap_or_else(|error| panic!("{script}: {error}"))
}

#[test]
fn clients_of_others_read_what_the_demo_promises() {
    let Some(clients) = clients() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let data_dir = data.path().join("data").display().to_string();
    let server = TestServer::run(&["demo", "--data-dir", &data_dir, "--port", "0"], data);
    prepare(&clients, &server, folder.path());
    let mut wrong = String::new();
    let begun = Instant::now();
    let running = SCRIPTS.map(|(kind, script)| (script, begin(&clients, &server, folder.path(), kind, script)));
    for (script, mut child) in running {
        while child.try_wait().unwrap().is_none() && begun.elapsed() < DEADLINE {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        let status = child.wait().unwrap();
        let text = read_text(&folder.path().join(script).with_extension("log"));
        println!("== {script}\n{text}");
        let last = text.lines().last().unwrap_or_default();
        let count = last.strip_suffix(" checks passed").and_then(|count| count.parse::<u32>().ok());
        // A script that ends early without a failure has not checked what it should.
        if !status.success() || count.is_none_or(|count| count < 20) {
            let tail: Vec<&str> = text.lines().rev().take(12).collect();
            writeln!(wrong, "{script}: {status}").unwrap();
            tail.iter().rev().for_each(|line| writeln!(wrong, "    {line}").unwrap());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the data feeds of spreadsheets and reports accept, in every request.
const FEED_ACCEPT: (&str, &str) = (
    "Accept",
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata.streaming=true;q=0.9,\
     application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7",
);

struct Asker {
    server: TestServer,
    _databases: std::sync::Arc<demo::DemoDatabases>,
}

impl Asker {
    fn new() -> Asker {
        let databases = demo::databases(Kind::Sqlite).unwrap();
        Asker { server: serve_demo(&databases.sources, ""), _databases: databases }
    }

    fn ask(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        let headers: Vec<_> = headers.iter().copied().chain([CREDENTIALS]).collect();
        self.server.get_with(&format!("{ROOT}{target}"), &headers)
    }

    /// The answer, which must be one, as JSON.
    fn read(&self, target: &str, headers: &[(&str, &str)]) -> Json {
        let response = self.ask(target, headers);
        assert_eq!(response.status, 200, "{target}: {}", response.text());
        serde_json::from_str(response.text()).unwrap()
    }

    /// The keys of the orders that it finds.
    fn orders(&self, query: &str) -> Vec<u64> {
        let page = self.read(&format!("Orders?$select=OrderID&{query}"), &[]);
        page["value"].as_array().unwrap().iter().map(|row| row["OrderID"].as_u64().unwrap()).collect()
    }

    fn refused(&self, target: &str, code: &str, word: &str) {
        let response = self.ask(target, &[]);
        let error: Json = serde_json::from_str(response.text()).unwrap();
        assert_eq!((response.status, error["error"]["code"].as_str()), (400, Some(code)), "{target}");
        assert!(error["error"]["message"].as_str().unwrap().contains(word), "{target}: {error}");
    }
}

#[test]
fn a_data_feed_is_read_in_its_steps() {
    let asker = Asker::new();
    let headers =
        [FEED_ACCEPT, ("OData-MaxVersion", "4.0"), ("MaxDataServiceVersion", "3.0"), ("Accept-Charset", "UTF-8")];
    // The service document, with and without the last slash, then the metadata, which such clients accept only as XML.
    for root in ["", "/"] {
        let headers: Vec<_> = headers.into_iter().chain([CREDENTIALS]).collect();
        let response = asker.server.get_with(&format!("/odata/v4/erp{root}"), &headers);
        assert_eq!((response.status, response.header("odata-version")), (200, Some("4.0")), "{root}");
        let document: Json = serde_json::from_str(response.text()).unwrap();
        assert_eq!(document["value"].as_array().unwrap().len(), 8);
    }
    let metadata = asker.ask("$metadata", &headers);
    assert_eq!((metadata.status, metadata.header("content-type")), (200, Some("application/xml")));
    // Windows of rows, and a whole set by its next links.
    let window = asker.read("Orders?$top=1000&$skip=0", &headers);
    assert_eq!(window["value"].as_array().unwrap().len(), 1_000);
    assert_eq!(window.get("@odata.nextLink"), None);
    let (mut target, mut keys) = ("Orders?$select=OrderID".to_owned(), Vec::new());
    loop {
        let page = asker.read(&target, &headers);
        keys.extend(page["value"].as_array().unwrap().iter().map(|row| row["OrderID"].as_u64().unwrap()));
        let Some(link) = page["@odata.nextLink"].as_str() else { break };
        // Absolute: `target_of` insists on it.
        target = asker.server.target_of(link).strip_prefix(ROOT).unwrap().to_owned();
    }
    assert!(keys.iter().copied().eq(10_248..30_248), "{} keys", keys.len());
}

#[test]
fn a_client_that_names_no_version_is_answered_in_the_first() {
    let asker = Asker::new();
    for target in ["", "$metadata", "Orders?$top=1", "Orders(10248)", "Orders/$count"] {
        assert_eq!(asker.ask(target, &[]).header("odata-version"), Some("4.0"), "{target}");
    }
    let page = asker.ask("Orders?$top=1", &[("OData-Version", "4.0")]);
    assert!(page.text().contains("\"@odata.context\""), "{}", page.text());
}

#[test]
fn habits_of_known_clients_hold() {
    let asker = Asker::new();
    let one = asker.orders("$top=1");
    assert_eq!(one, [10_248]);
    // Options of SAP and others, which have no `$`.
    assert_eq!(asker.orders("$top=1&sap-client=100&sap-language=EN&_=1714382100"), one);
    assert_eq!(asker.orders("$top=1&$format=json"), one);
    assert_eq!(asker.orders("%24top=1&%24filter=OrderID+ge+10248"), one);
    assert_eq!(asker.orders("$top=1&"), one);
    // Function names in camel case, and blanks where the grammar allows them or not.
    let acme = asker.orders("$top=5&$filter=startswith(ShipName,'Acme')");
    assert_eq!(acme.len(), 5);
    assert_eq!(asker.orders("$top=5&$filter=startsWith(%20ShipName%20,%20'Acme'%20)"), acme);
    let many = asker.orders("$top=5&$filter=Lines/any(l:l/Quantity%20gt%2090)");
    assert_eq!(many.len(), 5);
    for lambda in ["Lines/any(l:%20l/Quantity%20gt%2090)", "Lines/any(%20l%20:%20l/Quantity%20gt%2090%20)"] {
        assert_eq!(asker.orders(&format!("$top=5&$filter={lambda}")), many, "{lambda}");
    }
    let expanded = asker.read("Orders?$top=1&$select=*&$expand=Account(%20$select=Name%20)", &[]);
    assert_eq!(expanded["value"][0]["Account"]["Name"], "Alfreds Futterkiste");
    // OData 2.0 is refused by name and not half understood.
    asker.refused("Orders?$inlinecount=allpages", "syntax.unknown_option", "$inlinecount");
    asker.refused("Orders?$filter=substringof('Acme',ShipName)", "bind.unknown_function", "substringof");
    asker.refused("Orders?$filter=OrderDate%20ge%20datetime'2024-05-01T00:00:00'", "bind.type_mismatch", "datetime");
}

#[test]
fn batch_parts_may_have_absolute_urls_of_this_server_only() {
    let asker = Asker::new();
    let own = format!("http://{}{ROOT}Orders(10248)/OrderID", asker.server.address);
    let requests = [&own, "http://other.example/odata/v4/erp/Orders(10248)/OrderID"]
        .iter()
        .enumerate()
        .map(|(id, url)| json!({ "id": id.to_string(), "method": "get", "url": url }))
        .collect::<Vec<_>>();
    let body = json!({ "requests": requests }).to_string();
    let headers = [CREDENTIALS, ("Content-Type", "application/json"), ("Prefer", "continue-on-error")];
    let response = asker.server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body.as_bytes()));
    let answers: Json = serde_json::from_str(response.text()).unwrap();
    let statuses = [0, 1].map(|place| answers["responses"][place]["status"].as_u64());
    assert_eq!(statuses, [Some(200), Some(400)], "{answers}");
    assert_eq!(answers["responses"][0]["body"]["value"], 10_248);
}
