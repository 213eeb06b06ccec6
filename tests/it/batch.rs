//! `$batch` with raw bytes, in both formats: what is answered, in which order, what depends on what, what is refused,
//! and that no request of a batch reaches further than one that comes alone.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::Kind;
use crate::support::demo::{self, DemoDatabases};
use crate::support::http::{Response, gunzip, send_raw};
use crate::support::multipart::{Answered, named_part, part, parts};
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";
const MULTIPART: (&str, &str) = ("Content-Type", "multipart/mixed; boundary=b");
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The demo on SQLite.
fn start(more: &str) -> (Arc<DemoDatabases>, TestServer) {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, more);
    (databases, server)
}

fn post(server: &TestServer, headers: &[(&str, &str)], body: &str) -> Response {
    let mut headers = headers.to_vec();
    headers.push(CREDENTIALS);
    server.send("POST", &format!("{ROOT}$batch"), &headers, Some(body.as_bytes()))
}

fn multipart(server: &TestServer, headers: &[(&str, &str)], all: &[String]) -> Vec<Answered> {
    let headers = [headers, &[MULTIPART]].concat();
    parts(&post(server, &headers, &format!("{}--b--\r\n", all.concat())))
}

pub(crate) fn responses(response: &Response) -> Vec<Value> {
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, Some("application/json")),
        "{}",
        response.text()
    );
    let whole: Value = serde_json::from_str(response.text()).unwrap();
    assert_eq!(whole.as_object().unwrap().len(), 1);
    whole["responses"].as_array().unwrap().clone()
}

fn in_json(server: &TestServer, headers: &[(&str, &str)], requests: &Value) -> Vec<Value> {
    responses(&post(server, &[headers, &[JSON]].concat(), &json!({ "requests": requests }).to_string()))
}

pub(crate) fn code(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap()["error"]["code"].as_str().unwrap().to_owned()
}

/// Status and, of refusals, the code.
pub(crate) fn outcome(answer: &Value) -> (u64, &str) {
    (answer["status"].as_u64().unwrap(), answer["body"]["error"]["code"].as_str().unwrap_or_default())
}

const READS: [&str; 6] = [
    "Orders(10248)?$select=OrderID,Status",
    "Accounts?$top=3&$filter=Country%20eq%20'UK'&$count=true",
    "Orders/$count",
    "Orders(10248)/Lines?$expand=Product&$orderby=Quantity",
    "Orders(10248)/Status/$value",
    "$metadata",
];

fn the_parts_are_what_single_requests_get(kind: Kind) {
    let Some(databases) = demo::databases(kind) else { return };
    let server = serve_demo(&databases.sources, "");
    let all: Vec<String> = READS.iter().map(|target| part(&format!("GET {target} HTTP/1.1"))).collect();
    let answers = multipart(&server, &[], &all);
    let requests: Vec<Value> = READS
        .iter()
        .enumerate()
        .map(|(n, target)| json!({ "id": n.to_string(), "method": "get", "url": target }))
        .collect();
    let in_json = in_json(&server, &[], &json!(requests));
    assert_eq!((answers.len(), in_json.len()), (READS.len(), READS.len()));
    for (number, target) in READS.into_iter().enumerate() {
        let alone = server.get_with(&format!("{ROOT}{target}"), &[CREDENTIALS]);
        let (answer, other) = (&answers[number], &in_json[number]);
        assert_eq!((answer.status, answer.body.as_str()), (alone.status, alone.text()), "{target}");
        assert_eq!((&other["id"], &other["status"]), (&json!(number.to_string()), &json!(200)), "{target}");
        for name in ["content-type", "etag", "odata-version"] {
            let expected = alone.header(name);
            let found = answer.headers.lines().find_map(|line| {
                let (known, value) = line.split_once(": ")?;
                known.eq_ignore_ascii_case(name).then_some(value)
            });
            assert_eq!((found, other["headers"][name].as_str()), (expected, expected), "{name} of {target}");
        }
        match serde_json::from_str::<Value>(alone.text()) {
            Ok(json) if json.is_object() => assert_eq!(other["body"], json, "{target}"),
            _ if target == "$metadata" => assert!(!other["body"].as_str().unwrap().contains('<'), "base64url"),
            _ => assert_eq!(other["body"], alone.text(), "{target}"),
        }
    }
}

#[test]
fn the_parts_are_what_single_requests_get_on_sqlite() {
    the_parts_are_what_single_requests_get(Kind::Sqlite);
}

#[test]
fn the_parts_are_what_single_requests_get_on_postgresql() {
    the_parts_are_what_single_requests_get(Kind::Postgres);
}

#[test]
fn urls_of_every_form_are_taken_if_they_are_ours() {
    let (_databases, server) = start("public_url = \"https://erp.example.com/base\"\n");
    let host = server.address;
    let ours = [
        "Orders(10248)/OrderID".to_owned(),
        "/odata/v4/erp/Orders(10248)/OrderID".to_owned(),
        "/base/odata/v4/erp/Orders(10248)/OrderID".to_owned(),
        "https://erp.example.com/base/odata/v4/erp/Orders(10248)/OrderID".to_owned(),
        format!("http://{host}/odata/v4/erp/Orders(10248)/OrderID"),
        "../erp/./Orders(10248)/OrderID".to_owned(),
    ];
    let all: Vec<String> = ours.iter().map(|url| part(&format!("GET {url} HTTP/1.1"))).collect();
    for (url, answer) in ours.iter().zip(multipart(&server, &[], &all)) {
        assert!(answer.status == 200 && answer.body.ends_with("\"value\":10248}"), "{url}: {answer:?}");
    }
    let with_host = part("GET /odata/v4/erp/Orders(10248)/OrderID HTTP/1.1\nHost: erp.example.com");
    assert_eq!(multipart(&server, &[], &[with_host])[0].status, 200);
    let foreign = [
        "http://evil.example/odata/v4/erp/Orders".to_owned(),
        format!("http://{host}@evil.example/odata/v4/erp/Orders"),
        "//evil.example/odata/v4/erp/Orders".to_owned(),
        "/odata/v4/other/Orders".to_owned(),
        "/health/live".to_owned(),
        "/".to_owned(),
        "../../../health/live".to_owned(),
        "%2e%2e/%2E%2E/v4/other/Orders".to_owned(),
        "Orders/../../other/Orders".to_owned(),
        "$batch".to_owned(),
        "%24batch".to_owned(),
        "/odata/v4/erp/$async/x".to_owned(),
        format!("Orders?$filter={}", "x".repeat(70_000)),
    ];
    for method in ["GET", "POST", "DELETE"] {
        let all: Vec<String> = foreign.iter().map(|url| part(&format!("{method} {url} HTTP/1.1"))).collect();
        let answers = multipart(&server, &[("Prefer", "continue-on-error")], &all);
        assert_eq!(answers.len(), foreign.len());
        for (url, answer) in foreign.iter().zip(answers) {
            let shown = url.get(..60).unwrap_or(url);
            assert_eq!((answer.status, code(&answer.body).as_str()), (400, "service.batch_part"), "{method} {shown}");
        }
    }
}

#[test]
fn no_header_is_smuggled_in() {
    let (_databases, server) = start("");
    let refused = [
        "Authorization: Basic eDp4",
        "Expect: 100-continue",
        "From: x",
        "Max-Forwards: 1",
        "Range: bytes=0-1",
        "TE: gzip",
        "Host: evil.example",
    ];
    for header in refused {
        let answers = multipart(&server, &[], &[part(&format!("GET Orders(10248) HTTP/1.1\n{header}"))]);
        assert_eq!((answers[0].status, code(&answers[0].body).as_str()), (400, "service.batch_part"), "{header}");
        let (name, value) = header.split_once(": ").unwrap();
        let answers = in_json(
            &server,
            &[],
            &json!([{ "id": "1", "method": "GET", "url": "Orders(10248)", "headers": { name: value } }]),
        );
        assert_eq!(outcome(&answers[0]), (400, "service.batch_part"), "{header}");
    }
    for headers in [json!({ "accept": "a\r\nAuthorization: b" }), json!({ "a\r\nb": "c" }), json!({ "a:b": "c" })] {
        let body = json!({ "requests": [{ "id": "1", "method": "GET", "url": "Orders", "headers": headers }] });
        let response = post(&server, &[JSON], &body.to_string());
        assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (400, "syntax.batch"), "{headers}");
    }
    // An id comes back in a header: it must not bring one of its own.
    let id = json!({ "requests": [{ "id": "1\r\nSet-Cookie: a", "method": "GET", "url": "Orders" }] });
    let response = post(&server, &[JSON, ("Accept", "multipart/mixed")], &id.to_string());
    assert_eq!(error_of(&response).unwrap().0, "syntax.batch");
    // What is not known is left out; credentials are those of the batch.
    let odd =
        part("GET Orders(10248)/OrderID HTTP/1.1\nX-Odd: 1\nCookie: a=b\nAccept: application/json;odata.metadata=none");
    assert_eq!(multipart(&server, &[], &[odd])[0].body, "{\"value\":10248}");
    let alone = server.send("POST", &format!("{ROOT}$batch"), &[MULTIPART], Some(b"--b--"));
    assert_eq!((alone.status, error_of(&alone).unwrap().0.as_str()), (401, "auth.missing"));
}

#[test]
fn the_first_failure_ends_a_batch_unless_it_is_to_go_on() {
    let (_databases, server) = start("");
    let all = ["Orders(10248)/OrderID", "Nowhere", "Orders/$count"];
    let texts: Vec<String> = all.iter().map(|url| part(&format!("GET {url} HTTP/1.1"))).collect();
    let requests: Vec<Value> =
        all.iter().map(|url| json!({ "id": format!("r {url}"), "method": "GET", "url": url })).collect();
    for (prefer, goes_on) in [
        ("x", false),
        ("continue-on-error=false", false),
        ("odata.continue-on-error=false", false),
        ("continue-on-error", true),
        ("odata.continue-on-error", true),
        ("Continue-On-Error=TRUE", true),
    ] {
        let headers = [("Prefer", prefer)];
        let statuses: Vec<u16> = multipart(&server, &headers, &texts).iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, if goes_on { &[200, 404, 200][..] } else { &[200, 404] }, "{prefer}");
        let answers = in_json(&server, &headers, &json!(requests));
        let outcomes: Vec<(u64, &str)> = answers.iter().map(outcome).collect();
        // In JSON only the client ends it (JSON Format 4.01, 19.4).
        let last = if goes_on || prefer == "x" { (200, "") } else { (424, "service.failed_dependency") };
        assert_eq!(outcomes, [(200, ""), (404, "bind.unknown_set"), last], "{prefer}");
        let applied = post(&server, &[JSON, headers[0]], "{\"requests\":[]}");
        let applied = applied.header("preference-applied").map(str::to_ascii_lowercase);
        assert_eq!(applied, Some(prefer.to_ascii_lowercase()).filter(|prefer| prefer != "x"), "{prefer}");
    }
}

#[test]
fn requests_refer_to_earlier_ones_and_depend_on_them() {
    let (_databases, server) = start("");
    let answers = multipart(
        &server,
        &[],
        &[
            named_part("1", "GET Orders(10248)?$select=OrderID HTTP/1.1"),
            named_part("line", "GET $1/Lines?$top=1&$select=Quantity HTTP/1.1"),
            named_part("3", "GET /odata/v4/erp/$1/Account HTTP/1.1"),
            named_part("4", "GET $3/Name HTTP/1.1"),
            named_part("metadata", "GET $metadata HTTP/1.1"),
        ],
    );
    let ids: Vec<Option<&str>> = answers.iter().map(|answer| answer.id.as_deref()).collect();
    assert_eq!(ids, [Some("1"), Some("line"), Some("3"), Some("4"), Some("metadata")]);
    let alone = server.get_with(&format!("{ROOT}Orders(10248)/Lines?$top=1&$select=Quantity"), &[CREDENTIALS]);
    assert_eq!(answers[1].body, alone.text());
    assert!(answers[2].body.contains("Alfreds Futterkiste"), "{:?}", answers[2]);
    // Two steps of navigation are not offered, and said so by the request itself.
    assert!(matches!(answers.get(3).map(|answer| answer.status), Some(200 | 501)), "{answers:?}");

    let requests = json!([
        { "id": "1", "method": "GET", "url": "Orders(1)" },
        { "id": "2", "method": "GET", "url": "$1/Lines", "dependsOn": ["1"] },
        { "id": "3", "method": "GET", "url": "Orders(10248)/OrderID" },
        { "id": "4", "method": "GET", "url": "Orders/$count", "dependsOn": ["3", "2"] },
        { "id": "5", "method": "GET", "url": "Orders/$count", "dependsOn": ["3"] },
        { "id": "6", "method": "GET", "url": "$1/Lines" },
        { "id": "7", "method": "GET", "url": "Orders/$count", "if": "$3/OrderID eq 1" },
        { "id": "8", "method": "GET", "url": "$9/Lines" },
        { "id": "9", "method": "GET", "url": "Orders?$filter=OrderID eq $3&$select=OrderID", "dependsOn": ["3"] },
    ]);
    let answers = in_json(&server, &[("Prefer", "continue-on-error")], &requests);
    let outcomes: Vec<(u64, &str)> = answers.iter().map(outcome).collect();
    let unmet = (424, "service.failed_dependency");
    assert_eq!(outcomes[..7], [(404, "service.no_entity"), unmet, (200, ""), unmet, (200, ""), unmet, unmet]);
    assert!((400..500).contains(&outcomes[7].0), "nothing is called 9: {:?}", answers[7]);
    assert_eq!(outcomes[8], (200, ""));
    assert_eq!(answers[8]["body"]["value"][0]["OrderID"], 10_248);
    // Only backwards.
    let forward = json!([{ "id": "1", "method": "GET", "url": "Orders", "dependsOn": ["2"] }, { "id": "2", "method": "GET", "url": "Orders" }]);
    let response = post(&server, &[JSON], &json!({ "requests": forward }).to_string());
    assert_eq!(error_of(&response).unwrap().0, "syntax.batch");
}

#[test]
fn change_sets_get_one_answer_and_groups_fail_together() {
    let (_databases, server) = start("");
    let change = |request: &str| {
        format!(
            "--c\r\nContent-Type: application/http\r\nContent-ID: {}\r\n\r\n{request} HTTP/1.1\r\n\r\n{{}}\r\n",
            request.len()
        )
    };
    let set = |changes: &[&str]| {
        let changes: String = changes.iter().map(|request| change(request)).collect();
        format!("--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n{changes}--c--\r\n")
    };
    let all =
        [set(&["POST Orders", "PATCH Orders(10248)"]), part("GET Orders/$count HTTP/1.1"), set(&["GET Orders(10248)"])];
    let answers = multipart(&server, &[("Prefer", "continue-on-error")], &all);
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [405, 200, 400]);
    let alone = server.send("POST", &format!("{ROOT}Orders"), &[CREDENTIALS], Some(b"{}"));
    assert_eq!((alone.status, alone.text()), (405, answers[0].body.as_str()));
    assert!(answers[0].headers.contains("\r\nAllow: GET, HEAD, OPTIONS"), "{:?}", answers[0]);
    assert_eq!(code(&answers[2].body), "service.batch_part");

    let requests = json!([
        { "id": "1", "atomicityGroup": "g", "method": "GET", "url": "Orders/$count" },
        { "id": "2", "atomicityGroup": "g", "method": "PATCH", "url": "Orders(10248)", "body": {} },
        { "id": "3", "atomicityGroup": "h", "method": "GET", "url": "Orders/$count" },
        { "id": "4", "method": "GET", "url": "Orders/$count", "dependsOn": ["g"] },
        { "id": "5", "method": "GET", "url": "Orders/$count", "dependsOn": ["h"] },
    ]);
    let answers = in_json(&server, &[("Prefer", "continue-on-error")], &requests);
    let outcomes: Vec<(u64, &str)> = answers.iter().map(outcome).collect();
    let unmet = (424, "service.failed_dependency");
    assert_eq!(outcomes, [unmet, (405, "web.method_not_allowed"), (200, ""), unmet, (200, "")]);
    assert_eq!((&answers[0]["atomicityGroup"], &answers[3]["atomicityGroup"]), (&json!("g"), &Value::Null));
}

#[test]
fn the_format_of_the_answer_follows_the_request_or_accept() {
    let (_databases, server) = start("");
    let text = format!("{}--b--", named_part("x", "GET Orders/$count HTTP/1.1") + &part("GET Orders/$count HTTP/1.1"));
    let json_body = "{\"requests\":[{\"id\":\"x\",\"method\":\"GET\",\"url\":\"Orders/$count\"}]}";
    // OData 4.0 has no batches in JSON: clients that accept JSON there mean the answers within.
    for accept in ["", "*/*", "multipart/mixed", "multipart/*, application/json;q=0.5", "application/json"] {
        assert_eq!(parts(&post(&server, &[MULTIPART, ("Accept", accept)], &text)).len(), 2, "{accept}");
    }
    let newer = [MULTIPART, ("Accept", "application/json"), ("OData-MaxVersion", "4.01")];
    let answers = responses(&post(&server, &newer, &text));
    assert_eq!(
        (&answers[0]["id"], &answers[1]["id"], &answers[1]["body"]),
        (&json!("x"), &json!("2"), &json!("20000"))
    );
    assert_eq!(responses(&post(&server, &[JSON, ("Accept", "application/json")], json_body)).len(), 1);
    let answers = parts(&post(&server, &[JSON, ("Accept", "multipart/mixed")], json_body));
    assert_eq!((answers[0].id.as_deref(), answers[0].body.as_str()), (Some("x"), "20000"));
    for (headers, status, expected) in [
        (&[MULTIPART, ("Accept", "text/html")][..], 406, "service.not_acceptable"),
        (&[("Content-Type", "text/plain")], 415, "service.media_type"),
        (&[], 415, "service.media_type"),
        (&[JSON, ("Content-Encoding", "gzip")], 415, "service.media_type"),
        (&[MULTIPART, ("OData-Isolation", "snapshot")], 412, "web.isolation_not_offered"),
        (&[("Content-Type", "multipart/mixed")], 400, "syntax.batch"),
        (&[MULTIPART, ("OData-MaxVersion", "3.0")], 400, "service.version"),
    ] {
        let response = post(&server, headers, &text);
        assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (status, expected), "{headers:?}");
    }
    // The version of the batch holds for its parts.
    let answers = multipart(
        &server,
        &[("OData-MaxVersion", "4.01")],
        &[part("GET Orders(10248) HTTP/1.1"), part("GET Orders(10248) HTTP/1.1\nOData-MaxVersion: 4.0")],
    );
    let versions: Vec<bool> = answers.iter().map(|answer| answer.headers.contains("OData-Version: 4.01")).collect();
    assert_eq!(versions, [true, false]);
    let packed = post(
        &server,
        &[MULTIPART, ("Accept-Encoding", "gzip")],
        &format!("{}--b--", part("GET Orders?$top=50 HTTP/1.1")),
    );
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(String::from_utf8(gunzip(&packed.body)).unwrap().ends_with("--\r\n"));
    for method in ["GET", "PUT", "DELETE"] {
        let response = server.send(method, &format!("{ROOT}$batch"), &[CREDENTIALS], None);
        assert_eq!((response.status, response.header("allow")), (405, Some("POST, OPTIONS")), "{method}");
    }
}

#[test]
fn a_batch_is_bounded() {
    let (_databases, server) = start(
        "[limits]\nbatch_parts_max = 3\nbatch_bytes_max = 4096\npage_bytes_max = 500000\nbytes_in_flight_max = 1048576\n",
    );
    let four = format!("{}--b--", part("GET Orders/$count HTTP/1.1").repeat(4));
    let response = post(&server, &[MULTIPART], &four);
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (400, "syntax.batch_limit"));
    let request = json!({ "id": "1", "method": "GET", "url": "Orders/$count" });
    let response = post(&server, &[JSON], &json!({ "requests": vec![request; 4] }).to_string());
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (400, "syntax.batch_limit"));
    let response =
        post(&server, &[MULTIPART], &format!("{}--b--", part(&format!("GET {} HTTP/1.1", "x".repeat(4_096)))));
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (413, "web.body_too_large"));
    // No length is told beforehand: it is counted as it comes.
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4_096));
    let chunked = format!(
        "POST {ROOT}$batch HTTP/1.1\r\nHost: x\r\n{}: {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n",
        CREDENTIALS.0, CREDENTIALS.1
    );
    let response = send_raw(server.address, chunked.as_bytes()).unwrap();
    assert_eq!(response.status, 413);
    // Three pages of half a megabyte do not fit into one; what was refused holds nothing.
    let pages = vec![part("GET Orders HTTP/1.1"); 3];
    let response = post(&server, &[MULTIPART, ("Prefer", "continue-on-error")], &format!("{}--b--", pages.concat()));
    let is_over = response.status == 503 || parts(&response).iter().any(|answer| answer.status == 503);
    assert!(is_over, "{}", response.status);
    assert_eq!(multipart(&server, &[], &[part("GET Orders?$top=5 HTTP/1.1")])[0].status, 200);
}

/// Small words take some times their size once they are read: it is counted before.
#[test]
fn reading_a_batch_takes_memory_of_the_budget() {
    let limits = "page_bytes_max = 500000\nbytes_in_flight_max = 1048576\n";
    let (_databases, server) = start(&format!("[limits]\nbatch_bytes_max = 100000\n{limits}"));
    let greedy = |objects: usize| format!("{{\"requests\":[],\"x\":[{}]}}", vec!["{\"\":0}"; objects].join(","));
    assert_eq!(post(&server, &[JSON], &greedy(500)).status, 200);
    let response = post(&server, &[JSON], &greedy(14_000));
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (503, "service.over_budget"));
    assert_eq!(post(&server, &[JSON], &greedy(500)).status, 200, "what was refused holds nothing");
}

#[test]
fn a_body_must_come_in_time() {
    let (_databases, server) = start("[limits]\nrequest_timeout_ms = 400\n");
    let half = format!(
        "POST {ROOT}$batch HTTP/1.1\r\nHost: x\r\n{}: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        CREDENTIALS.0, CREDENTIALS.1
    );
    let response = send_raw(server.address, half.as_bytes()).unwrap();
    assert_eq!((response.status, error_of(&response).unwrap().0.as_str()), (408, "web.body_timeout"));
}

/// Bodies cut, doubled and changed at every place: answered or refused as a whole, never a 500.
#[test]
fn no_mutation_of_a_batch_breaks_the_server() {
    let (_databases, server) = start("[limits]\nrequest_timeout_ms = 5000\n");
    let text = format!(
        "{}{}--b--",
        named_part("1", "GET Orders(10248)?$select=OrderID HTTP/1.1\nAccept: */*"),
        part("GET $1/OrderID HTTP/1.1")
    );
    let json_body = "{\"requests\":[{\"id\":\"1\",\"method\":\"GET\",\"url\":\"Orders(10248)/OrderID\",\"headers\":{\"accept\":\"*/*\"},\"dependsOn\":[]}]}";
    let mut sent = 0;
    for (kind, seed) in [(MULTIPART, text.as_str()), (JSON, json_body)] {
        for place in 0..seed.len() {
            for piece in ["", "\r\n", "\0", "--b", "\"", "..", "$"].iter().skip(place % 3).step_by(3) {
                let body = format!("{}{piece}{}", &seed[..place], &seed[place + usize::from(piece.is_empty())..]);
                let response = post(&server, &[kind, ("Prefer", "continue-on-error")], &body);
                assert!(matches!(response.status, 200 | 400), "{}: {body:?}", response.status);
                assert!(!response.text().contains("web.defect"), "{body:?}");
                sent += 1;
            }
        }
    }
    assert!(sent > 500, "{sent}");
}
