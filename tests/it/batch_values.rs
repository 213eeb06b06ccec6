//! What requests of a `$batch` take from those before them: values in URLs and bodies, tags, and the conditions of
//! `if`; and calls of functions and actions inside of batches, in both formats.

use serde_json::{Value, json};

use crate::batch::{code, outcome, responses};
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::breadth;
use crate::support::databases::{KINDS, Kind};
use crate::support::demo;
use crate::support::multipart::{Answered, multipart_answers, named_part, part, parts};
use crate::support::server::TestServer;

const DEMO: &str = "/odata/v4/erp/";
const GO_ON: (&str, &str) = ("Prefer", "continue-on-error");

fn in_json(server: &TestServer, root: &str, headers: &[(&str, &str)], requests: &Value) -> Vec<Value> {
    let headers = [headers, &[CREDENTIALS, ("Content-Type", "application/json")]].concat();
    let body = json!({ "requests": requests }).to_string();
    responses(&server.send("POST", &format!("{root}$batch"), &headers, Some(body.as_bytes())))
}

fn in_parts(server: &TestServer, root: &str, all: &[String]) -> Vec<Answered> {
    let headers = [CREDENTIALS, GO_ON, ("Content-Type", "multipart/mixed; boundary=b")];
    let body = format!("{}--b--\r\n", all.concat());
    parts(&server.send("POST", &format!("{root}$batch"), &headers, Some(body.as_bytes())))
}

#[test]
fn values_of_earlier_answers_stand_in_urls() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let server = serve_demo(&databases.sources, "");
        let requests = json!([
            { "id": "o", "method": "GET", "url": "Orders(10248)" },
            { "id": "1", "method": "GET", "url": "Orders/$count?$filter=AccountID eq $o/AccountID and OrderDate le $o/OrderDate" },
            { "id": "2", "method": "GET", "url": "Orders/$count?$filter=TotalAmount%20eq%20%24o/TotalAmount" },
            { "id": "3", "method": "GET", "url": "Accounts($o/AccountID)/Name" },
            { "id": "4", "method": "GET", "url": "Accounts(@k)/Name?@k=$o/AccountID" },
            { "id": "5", "method": "GET", "url": "Accounts/$count?$filter=Name eq $3" },
            { "id": "6", "method": "GET", "url": "Orders?$top=3&$select=OrderID&$orderby=OrderID" },
            { "id": "7", "method": "GET", "url": "Orders/$count?$filter=OrderID eq $6/2/OrderID or OrderID eq $6/-3/OrderID" },
            { "id": "8", "method": "POST", "url": "Orders/$count/$query", "headers": { "content-type": "text/plain" },
              "body": "$filter=OrderID%20in%20($o/OrderID,10249)" },
            { "id": "9", "method": "GET", "url": "Orders(10248)?$expand=Lines($filter=OrderID eq $o/OrderID;$count=true;$top=1)" },
            { "id": "10", "method": "GET", "url": "Orders/$count?$filter=OrderID eq $o/Nothing" },
            { "id": "11", "method": "GET", "url": "Orders/$count?$filter=OrderID eq $10" },
            { "id": "12", "method": "GET", "url": "Orders/$count?$filter=ShippedDate eq $o/ShippedDate", "dependsOn": ["o"] },
        ]);
        let answers = in_json(&server, DEMO, &[], &requests);
        let alone = |target: &str| {
            let response = server.get_with(&format!("{DEMO}{target}"), &[CREDENTIALS]);
            assert_eq!(response.status, 200, "{target}: {}", response.text());
            response.text().to_owned()
        };
        let order: Value = serde_json::from_str(&alone("Orders(10248)")).unwrap();
        let text = |name: &str| order[name].as_str().unwrap();
        let written = |target: &str| json!(alone(target));
        assert_eq!(
            answers[1]["body"],
            written(&format!(
                "Orders/$count?$filter=AccountID%20eq%20'{}'%20and%20OrderDate%20le%20{}",
                text("AccountID"),
                text("OrderDate")
            )),
            "{}",
            kind.name()
        );
        assert_ne!(answers[1]["body"], json!("0"));
        assert_eq!(
            answers[2]["body"],
            written(&format!("Orders/$count?$filter=TotalAmount%20eq%20{}", order["TotalAmount"]))
        );
        assert_eq!(answers[3]["body"]["value"], "Alfreds Futterkiste");
        assert_eq!(answers[4]["body"], answers[3]["body"]);
        assert_eq!(answers[5]["body"], written("Accounts/$count?$filter=Name%20eq%20'Alfreds%20Futterkiste'"));
        assert_eq!((&answers[7]["body"], &answers[8]["body"]), (&json!("2"), &json!("2")), "{}", kind.name());
        assert_eq!(outcome(&answers[9]), (200, ""), "{}", answers[9]);
        assert_eq!(outcome(&answers[10]), (400, "service.batch_part"));
        assert_eq!(outcome(&answers[11]), (424, "service.failed_dependency"));
        assert_eq!(outcome(&answers[12]), (200, ""), "{}", answers[12]);

        let answers = in_parts(
            &server,
            DEMO,
            &[
                named_part("1", "GET Orders(10248)?$select=AccountID HTTP/1.1"),
                named_part("2", "GET Accounts?$filter=AccountID eq $1/AccountID&$select=Name HTTP/1.1"),
                part("GET Accounts?$filter=AccountID%20eq%20%241/AccountID&$select=Name HTTP/1.1"),
                part("GET Accounts?$filter=Name%20eq%20'$1/AccountID'&$count=true&$top=0 HTTP/1.1"),
            ],
        );
        assert!(answers[1].body.contains("Alfreds Futterkiste"), "{answers:?}");
        assert_eq!(answers[1].body, answers[2].body);
        assert!(answers[3].body.contains("\"@odata.count\":0"), "{:?}", answers[3]);
    }
}

#[test]
fn the_tag_of_an_earlier_answer_is_a_condition() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let get = |id: &str, url: &str, name: &str, value: &str| json!({ "id": id, "method": "GET", "url": url, "headers": { name: value } });
    let requests = json!([
        { "id": "1", "method": "GET", "url": "Orders(10248)" },
        get("2", "Orders(10248)", "if-match", "$1"),
        get("3", "Orders(10249)", "if-match", "$1"),
        get("4", "Orders(10248)", "if-none-match", "$1"),
        get("5", "Orders(10248)", "if-match", "$9"),
        { "id": "6", "method": "GET", "url": "Orders/$count" },
        get("7", "Orders(10248)", "if-match", "$6"),
        get("8", "Orders(10248)", "if-match", "$5"),
    ]);
    let answers = in_json(&server, DEMO, &[], &requests);
    let outcomes: Vec<(u64, &str)> = answers.iter().map(outcome).collect();
    let wrong = (400, "service.batch_part");
    assert_eq!(
        outcomes,
        [
            (200, ""),
            (200, ""),
            (412, "service.precondition"),
            (304, ""),
            wrong,
            (200, ""),
            wrong,
            (424, "service.failed_dependency")
        ]
    );
}

#[test]
fn an_if_decides_whether_a_request_is_run() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let count =
        |id: &str, condition: &str| json!({ "id": id, "method": "GET", "url": "Orders/$count", "if": condition });
    let requests = json!([
        { "id": "1", "method": "GET", "url": "Orders(10248)" },
        { "id": "bad", "method": "GET", "url": "Nowhere" },
        count("yes", "$1/$succeeded"),
        count("no", "not $1/$succeeded"),
        count("failed", "$bad/$succeeded eq false and $bad/error/code eq 'bind.unknown_set'"),
        count("value", "$1/OrderID eq 10248 and $1/TotalAmount gt 0 and $1/OrderDate lt 2100-01-01T00:00:00Z"),
        count("null", "$1/Nothing gt 5"),
        { "id": "other", "method": "GET", "url": "Orders/$count", "if": "$bad/$succeeded eq false", "dependsOn": ["bad"] },
        { "id": "after", "method": "GET", "url": "Orders/$count", "dependsOn": ["no"] },
        { "id": "path", "method": "GET", "url": "$bad/Lines", "if": "true" },
        count("syntax", "$1/OrderID eq"),
        count("type", "$1/OrderID eq true"),
        count("calculation", "length($1/Status) gt 1"),
        { "id": "g1", "atomicityGroup": "g", "method": "GET", "url": "Orders/$count" },
        { "id": "g2", "atomicityGroup": "g", "method": "GET", "url": "Orders/$count", "if": "$bad/$succeeded" },
        { "id": "last", "method": "GET", "url": "Orders/$count", "if": "not $g2/$succeeded and $yes gt '1'" },
    ]);
    let answers = in_json(&server, DEMO, &[], &requests);
    let found: Vec<(&str, u64)> =
        answers.iter().map(|answer| (answer["id"].as_str().unwrap(), answer["status"].as_u64().unwrap())).collect();
    assert_eq!(
        found,
        [
            ("1", 200),
            ("bad", 404),
            ("yes", 200),
            ("no", 424),
            ("failed", 200),
            ("value", 200),
            ("null", 424),
            ("other", 200),
            ("after", 424),
            ("path", 424),
            ("syntax", 400),
            ("type", 400),
            ("calculation", 501),
            ("g1", 424),
            ("g2", 424),
            ("last", 200),
        ]
    );
    assert_eq!(outcome(&answers[10]), (400, "service.batch_part"));
    assert_eq!(outcome(&answers[12]), (501, "service.batch_unsupported"));
    // A client that wants all or nothing is not told more than it wants to know.
    let stopped = in_json(&server, DEMO, &[("Prefer", "continue-on-error=false")], &requests);
    let statuses: Vec<u64> = stopped.iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!((statuses[..2].to_vec(), statuses[2..].iter().all(|status| *status == 424)), (vec![200, 404], true));
}

/// The colour of the truck with this key.
fn colour(server: &TestServer, id: u8) -> String {
    let root = breadth::ROOT;
    server.get_with(&format!("{root}Vehicles({id})/Colour/$value"), &[CREDENTIALS]).text().to_owned()
}

#[test]
fn operations_are_called_in_json_batches() {
    for kind in KINDS {
        let Some(database) = breadth::database(kind) else { continue };
        let server = breadth::serve(&database);
        let repaint = |id: &str, colour: &str| {
            let url = "Vehicles(1)/Fleet.Truck/Fleet.Repaint";
            json!({ "id": id, "method": "POST", "url": url, "body": { "colour": colour } })
        };
        let requests = json!([
            { "id": "1", "method": "GET", "url": "Vehicles(1)/Colour" },
            repaint("2", "Red"),
            { "id": "3", "method": "GET", "url": "Vehicles(1)/Colour/$value" },
            { "id": "4", "method": "GET", "url": "HeaviestTrucks(count=2)?$select=ID" },
            { "id": "5", "method": "GET", "url": "HeaviestTrucks(count=@n)/$count?@n=$7" , "dependsOn": [] },
            { "id": "6", "method": "POST", "url": "Plates" },
            { "id": "7", "method": "GET", "url": "AbsoluteOf(value=-1)" },
            { "id": "8", "method": "GET", "url": "HeaviestTrucks(count=@n)/$count?@n=$7" },
            { "id": "9", "method": "GET", "url": "Vehicles(1)/Fleet.Truck/Fleet.Repaint" },
            repaint("10", "Nope"),
            { "id": "11", "method": "POST", "url": "Vehicles(2)/Fleet.Truck/Fleet.Repaint", "body": { "colour": "$1" } },
            { "id": "12", "method": "GET", "url": "Vehicles(2)/Colour/$value" },
        ]);
        let answers = in_json(&server, breadth::ROOT, &[], &requests);
        let found: Vec<(u64, &str)> = answers.iter().map(outcome).collect();
        assert_eq!(found[1], (204, ""), "{}: {}", kind.name(), answers[1]);
        assert_eq!(answers[0]["body"]["value"], "White", "{}", kind.name());
        assert_eq!(answers[2]["body"], "Red", "what follows an action sees it on {}", kind.name());
        assert_eq!(answers[3]["body"]["value"].as_array().unwrap().len(), 2, "{}", kind.name());
        assert_eq!(found[4].0, 400, "nothing was called 7 then: {}", answers[4]);
        assert_eq!(found[5], (405, "web.method_not_allowed"));
        assert_eq!(answers[5]["headers"]["allow"], "GET, HEAD, OPTIONS");
        assert_eq!((&answers[6]["body"]["value"], &answers[7]["body"]), (&json!(1), &json!("1")), "{}", kind.name());
        assert_eq!(
            (found[8], &answers[8]["headers"]["allow"]),
            ((405, "web.method_not_allowed"), &json!("POST, OPTIONS"))
        );
        assert_eq!(found[9], (400, "service.action_body"));
        assert_eq!((found[10], &answers[11]["body"]), ((204, ""), &json!("White")), "{}: {}", kind.name(), answers[10]);

        // An action has a group to itself.
        let group = |mut request: Value, name: &str| {
            request["atomicityGroup"] = name.into();
            request
        };
        let requests = json!([
            group(repaint("1", "Black"), "g"),
            group(repaint("2", "White"), "h"),
            group(repaint("3", "Red"), "h"),
            { "id": "4", "method": "GET", "url": "Vehicles(1)/Colour/$value" },
        ]);
        let answers = in_json(&server, breadth::ROOT, &[], &requests);
        let found: Vec<(u64, &str)> = answers.iter().map(outcome).collect();
        let refused = (501, "service.batch_unsupported");
        assert_eq!(found, [(204, ""), refused, (424, "service.failed_dependency"), (200, "")], "{}", kind.name());
        assert_eq!((&answers[3]["body"], colour(&server, 1)), (&json!("Black"), "Black".to_owned()), "{}", kind.name());
    }
}

#[test]
fn operations_are_called_in_multipart_batches_and_their_change_sets() {
    for kind in KINDS {
        let Some(database) = breadth::database(kind) else { continue };
        let server = breadth::serve(&database);
        let root = breadth::ROOT;
        let repaint = |colour: &str| {
            format!(
                "POST Vehicles(1)/Fleet.Truck/Fleet.Repaint HTTP/1.1\nContent-Type: application/json\n\n{{\"colour\":\"{colour}\"}}"
            )
        };
        let inner = |id: &str, request: &str| named_part(id, request).replace("--b\r\n", "--c\r\n");
        let set = |parts: &str| format!("--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n{parts}--c--\r\n");
        let body = [
            part("GET Vehicles(1)/Colour/$value HTTP/1.1"),
            part(&repaint("Red")),
            part("GET Vehicles(1)/Colour/$value HTTP/1.1"),
            set(&inner("1", &repaint("Black"))),
            part("GET Vehicles(1)/Colour/$value HTTP/1.1"),
            set(&(inner("2", &repaint("White")) + &inner("3", &repaint("Red")))),
            set(&inner("4", "GET Vehicles(1) HTTP/1.1")),
            part("GET HeaviestTrucks(count=1)/$count HTTP/1.1"),
            part("POST Vehicles/$count/$query HTTP/1.1\nContent-Type: text/plain\n\n$filter=ID%20eq%201"),
        ];
        let headers = [CREDENTIALS, GO_ON, ("Content-Type", "multipart/mixed; boundary=b")];
        let text = format!("{}--b--\r\n", body.concat());
        let response = server.send("POST", &format!("{root}$batch"), &headers, Some(text.as_bytes()));
        let answers = multipart_answers(&response);
        let statuses: Vec<Vec<u16>> =
            answers.iter().map(|answers| answers.iter().map(|answer| answer.status).collect()).collect();
        assert_eq!(
            statuses,
            [vec![200], vec![204], vec![200], vec![204], vec![200], vec![501], vec![400], vec![200], vec![200]],
            "{}: {answers:?}",
            kind.name()
        );
        let bodies: Vec<&str> = [0, 2, 4, 7, 8].iter().map(|place: &usize| answers[*place][0].body.as_str()).collect();
        assert_eq!(bodies, ["White", "Red", "Black", "1", "1"], "{}", kind.name());
        assert_eq!(answers[3][0].id.as_deref(), Some("1"), "a change set that succeeds is a part of parts");
        assert!(response.text().contains("Content-Type: multipart/mixed;boundary=changeset_4_batch_"));
        assert_eq!(code(&answers[5][0].body), "service.batch_unsupported");
        assert_eq!(colour(&server, 1), "Black", "{}", kind.name());

        // In JSON the answers to a change set have a name in common.
        let newer = [headers[0], headers[2], ("Accept", "application/json"), ("OData-MaxVersion", "4.01")];
        let text = format!("{}{}--b--\r\n", set(&inner("1", &repaint("Red"))), set(&inner("2", &repaint("White"))));
        let answers = responses(&server.send("POST", &format!("{root}$batch"), &newer, Some(text.as_bytes())));
        let names: Vec<&Value> = answers.iter().map(|answer| &answer["atomicityGroup"]).collect();
        assert_eq!((answers[0]["status"].as_u64(), answers[0]["id"].as_str()), (Some(204), Some("1")));
        assert!(names[0].is_string() && names[1].is_string() && names[0] != names[1], "{answers:?}");
    }
}

#[test]
fn a_batch_has_options_and_letters_of_its_own() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let body = "{\"requests\":[{\"id\":\"1\",\"method\":\"GET\",\"url\":\"Orders/$count\"}]}";
    for (query, content_type, status) in [
        ("", "application/json", 200),
        ("", "application/json;charset=UTF-8", 200),
        ("", "application/json; charset=\"utf-8\"", 200),
        ("", "application/json;charset=utf-16", 415),
        ("", "application/json;charset=iso-8859-1", 415),
        ("?$format=json", "application/json", 200),
        ("?$format=text/html", "application/json", 406),
        ("?$schemaversion=*", "application/json", 200),
        ("?$schemaversion=7", "application/json", 404),
        ("?$top=1", "application/json", 400),
        ("?$nonsense=1", "application/json", 400),
        ("?custom=1", "application/json", 200),
    ] {
        let headers = [CREDENTIALS, ("Content-Type", content_type)];
        let response = server.send("POST", &format!("{DEMO}$batch{query}"), &headers, Some(body.as_bytes()));
        assert_eq!(response.status, status, "{query} {content_type}: {}", response.text());
    }
    let headers = [CREDENTIALS, ("Content-Type", "application/json")];
    let target = format!("{DEMO}$batch?$format=multipart/mixed");
    let answers = parts(&server.send("POST", &target, &headers, Some(body.as_bytes())));
    assert_eq!((answers.len(), answers[0].id.as_deref()), (1, Some("1")));
    let letters = [CREDENTIALS, ("Content-Type", "text/plain;charset=iso-8859-1")];
    let response = server.send("POST", &format!("{DEMO}Orders/$count/$query"), &letters, Some(b"$top=1"));
    assert_eq!(response.status, 415);
}

#[test]
fn a_head_in_a_batch_has_no_body() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let answers = in_json(&server, DEMO, &[], &json!([{ "id": "1", "method": "HEAD", "url": "Orders(10248)" }]));
    assert_eq!((outcome(&answers[0]), &answers[0]["body"]), ((200, ""), &Value::Null));
    let answers = in_parts(&server, DEMO, &[part("HEAD Orders(10248) HTTP/1.1"), part("GET Orders/$count HTTP/1.1")]);
    assert_eq!((answers[0].status, answers[0].body.as_str(), answers[1].body.as_str()), (200, "", "20000"));
}

#[test]
fn what_is_taken_from_earlier_answers_is_told() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let server = serve_demo(&databases.sources, "");
    let response = server.get_with(&format!("{DEMO}$metadata?$format=json"), &[CREDENTIALS]);
    let document: Value = serde_json::from_str(response.text()).unwrap();
    let schema = document.as_object().unwrap().values().find_map(|schema| schema.get("$Annotations"));
    let text = schema.map_or_else(|| document.to_string(), Value::to_string);
    let support = text.split("\"@Capabilities.BatchSupport\":{").nth(1).unwrap().split('}').next().unwrap();
    for name in
        ["ReferencesInRequestBodies", "ReferencesAcrossChangeSets", "EtagReferences", "RequestDependencyConditions"]
    {
        assert!(support.contains(&format!("\"{name}Supported\":true")), "{support}");
    }
}
