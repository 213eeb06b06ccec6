//! `$metadata` as it is served: its forms and versions, and whether its annotations tell the truth. What is said to be
//! offered is asked for and must be answered; what is said not to be offered must be refused.

use std::sync::Arc;

use crate::refuse::error_of;
use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::Kind;
use crate::support::demo::{self, DemoDatabases};
use crate::support::http::{Client, Response};
use crate::support::json::Json;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";

type Headers<'a> = &'a [(&'a str, &'a str)];

fn start() -> (Arc<DemoDatabases>, TestServer) {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, "");
    (databases, server)
}

fn ask(server: &TestServer, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
    let mut headers = headers.to_vec();
    headers.push(CREDENTIALS);
    if method == "POST" {
        headers.push(("Content-Length", "0"));
    }
    Client::new(server.address).request(method, &format!("{ROOT}{}", encoded(target)), &headers).unwrap()
}

fn encoded(target: &str) -> String {
    target.replace(' ', "%20")
}

fn document(server: &TestServer) -> Json {
    let response = ask(server, "GET", "$metadata?$format=json", &[]);
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
    Json::read(response.text()).unwrap()
}

fn at<'a>(json: &'a Json, path: &[&str]) -> &'a Json {
    path.iter().fold(json, |json, name| json.get(name).unwrap_or_else(|| panic!("{path:?}: no {name}")))
}

#[test]
fn both_forms_are_served_with_version_and_validator() {
    let (_databases, server) = start();
    let cases: [(&str, Headers, &str, &str); 9] = [
        ("$metadata", &[], "application/xml", "4.0"),
        ("$metadata", &[("OData-MaxVersion", "4.01")], "application/xml", "4.01"),
        ("$metadata", &[("Accept", "application/json, */*")], "application/xml", "4.0"),
        ("$metadata", &[("Accept", "application/json"), ("OData-MaxVersion", "4.01")], "application/json", "4.01"),
        ("$metadata?$format=json", &[("OData-MaxVersion", "4.01")], "application/json", "4.01"),
        // Who names no version may get 4.01; who names 4.0 knows no JSON here.
        ("$metadata?$format=json", &[], "application/json", "4.01"),
        ("$metadata", &[("Accept", "application/json")], "application/json", "4.01"),
        ("$metadata?$format=xml", &[("Accept", "application/json")], "application/xml", "4.0"),
        (
            "$metadata",
            &[("Accept", "application/json, application/xml;q=0.1"), ("OData-MaxVersion", "4.0")],
            "application/xml",
            "4.0",
        ),
    ];
    let mut tags = Vec::new();
    for (target, headers, content_type, version) in cases {
        let response = ask(&server, "GET", target, headers);
        let told = (response.status, response.header("content-type"), response.header("odata-version"));
        assert_eq!(told, (200, Some(content_type), Some(version)), "{target} {headers:?}");
        let vary = response.header("vary").unwrap();
        assert!(vary.contains("Accept,") && vary.contains("OData-MaxVersion"), "{vary}");
        let etag = response.header("etag").expect("an ETag").to_owned();
        let mut headers = headers.to_vec();
        headers.push(("If-None-Match", &etag));
        let again = ask(&server, "GET", target, &headers);
        assert_eq!((again.status, again.body.len()), (304, 0), "{target} {headers:?}");
        let form = (content_type, version, etag);
        if !tags.contains(&form) {
            tags.push(form);
        }
    }
    assert_eq!(tags.len(), 3, "one tag for each form and version: {tags:?}");
    for (target, headers) in [
        ("$metadata?$format=json", &[("OData-MaxVersion", "4.0")][..]),
        ("$metadata", &[("Accept", "application/json"), ("OData-MaxVersion", "4.0")]),
        ("$metadata", &[("Accept", "text/html")]),
        ("$metadata?$format=atom", &[]),
    ] {
        let response = ask(&server, "GET", target, headers);
        let told = (response.status, error_of(&response).unwrap().0);
        assert_eq!(told, (406, "service.not_acceptable".to_owned()), "{target} {headers:?}");
    }
}

#[test]
fn the_json_document_describes_the_demo() {
    let (_databases, server) = start();
    let json = document(&server);
    assert_eq!(at(&json, &["$Version"]).as_str(), Some("4.01"));
    assert_eq!(at(&json, &["$EntityContainer"]).as_str(), Some("Erp.Container"));
    let order = at(&json, &["Erp", "Order"]);
    let text = |path: &[&str]| at(order, path).to_string();
    assert_eq!(text(&["$Key"]), r#"["OrderID"]"#);
    assert_eq!(text(&["OrderID"]), r#"{"$Type":"Edm.Int32"}"#);
    assert_eq!(text(&["Notes"]), r#"{"$Nullable":true,"$MaxLength":2000}"#);
    assert_eq!(text(&["TotalAmount"]), r#"{"$Type":"Edm.Decimal","$Precision":18,"$Scale":2}"#);
    assert_eq!(text(&["@Core.Description"]), r#""Sales orders.""#);
    assert_eq!(
        text(&["Account"]),
        r#"{"$Kind":"NavigationProperty","$Type":"Erp.Account","$Partner":"Orders","$ReferentialConstraint":{"AccountID":"AccountID"}}"#
    );
    let set = at(&json, &["Erp", "Container", "Orders"]);
    assert_eq!(at(set, &["$NavigationPropertyBinding", "Lines"]).as_str(), Some("OrderLines"));
    assert_eq!(at(set, &["@Core.OptimisticConcurrency"]).to_string(), r#"["UpdatedAt"]"#);
}

/// A switch of the container, and a request that needs it.
const SWITCHES: [(&[&str], &str, &str); 6] = [
    (&["@Capabilities.BatchSupported"], "POST", "$batch"),
    (&["@Capabilities.BatchSupport", "Supported"], "POST", "$batch"),
    (&["@Capabilities.CrossJoinSupported"], "GET", "$crossjoin(Accounts,Products)?$top=1"),
    (&["@Capabilities.KeyAsSegmentSupported"], "GET", "Orders/10248"),
    (&["@Capabilities.QuerySegmentSupported"], "POST", "Orders/$query"),
    (&["@Capabilities.ComputeSupported"], "GET", "Orders?$compute=TotalAmount mul 2 as Twice&$top=1"),
];

/// Whether a feature answers: a batch without a body is wrong, but not unknown.
fn is_offered(response: &Response) -> bool {
    !matches!(response.status, 404 | 405 | 501)
}

#[test]
fn the_container_tells_what_is_offered() {
    let (_databases, server) = start();
    let json = document(&server);
    let container = at(&json, &["Erp", "Container"]);
    for (path, method, target) in SWITCHES {
        let response = ask(&server, method, target, &[]);
        let told = at(container, path) == &Json::Bool(true);
        assert_eq!(told, is_offered(&response), "{path:?}: {target} gives {}", response.status);
    }
    let asynchronous = ask(&server, "GET", "Orders?$top=1", &[("Prefer", "respond-async")]);
    let told = at(container, &["@Capabilities.AsynchronousRequestsSupported"]) == &Json::Bool(true);
    assert_eq!(told, asynchronous.status == 202 || asynchronous.header("preference-applied").is_some());
    for format in at(container, &["@Capabilities.SupportedFormats"]).as_array().unwrap() {
        let format = format.as_str().unwrap();
        let response = ask(&server, "GET", "Orders?$top=1", &[("Accept", format), ("OData-MaxVersion", "4.01")]);
        assert_eq!((response.status, response.header("content-type")), (200, Some(format)));
    }
}

/// Every operator and canonical function, in an expression that is right for orders.
const EXPRESSIONS: [(&str, &str); 49] = [
    ("eq", "OrderID eq 1"),
    ("ne", "OrderID ne 1"),
    ("gt", "OrderID gt 1"),
    ("ge", "OrderID ge 1"),
    ("lt", "OrderID lt 1"),
    ("le", "OrderID le 1"),
    ("in", "OrderID in (1,2)"),
    ("and", "OrderID eq 1 and IsClosed"),
    ("or", "OrderID eq 1 or IsClosed"),
    ("not", "not IsClosed"),
    ("add", "OrderID add 1 eq 2"),
    ("sub", "OrderID sub 1 eq 2"),
    ("mul", "OrderID mul 1 eq 2"),
    ("div", "OrderID div 1 eq 2"),
    ("divby", "OrderID divby 2 eq 2"),
    ("mod", "OrderID mod 2 eq 1"),
    ("concat", "concat(Status,'x') eq 'x'"),
    ("contains", "contains(Status,'x')"),
    ("endswith", "endswith(Status,'x')"),
    ("startswith", "startswith(Status,'x')"),
    ("indexof", "indexof(Status,'x') eq 1"),
    ("length", "length(Status) eq 1"),
    ("substring", "substring(Status,1) eq 'x'"),
    ("matchespattern", "matchespattern(Status,'x')"),
    ("tolower", "tolower(Status) eq 'x'"),
    ("toupper", "toupper(Status) eq 'x'"),
    ("trim", "trim(Status) eq 'x'"),
    ("date", "date(OrderDate) eq 2024-01-01"),
    ("time", "time(OrderDate) eq 12:00:00"),
    ("year", "year(OrderDate) eq 2024"),
    ("month", "month(OrderDate) eq 1"),
    ("day", "day(OrderDate) eq 1"),
    ("hour", "hour(OrderDate) eq 1"),
    ("minute", "minute(OrderDate) eq 1"),
    ("second", "second(OrderDate) eq 1"),
    ("fractionalseconds", "fractionalseconds(OrderDate) eq 0.5"),
    ("totaloffsetminutes", "totaloffsetminutes(OrderDate) eq 0"),
    ("now", "OrderDate lt now()"),
    ("maxdatetime", "OrderDate lt maxdatetime()"),
    ("mindatetime", "OrderDate gt mindatetime()"),
    ("ceiling", "ceiling(TotalAmount) eq 1"),
    ("floor", "floor(TotalAmount) eq 1"),
    ("round", "round(TotalAmount) eq 1"),
    ("cast", "cast(OrderID,Edm.String) eq '1'"),
    ("isof", "isof(Erp.Order)"),
    ("case", "case(IsClosed:1,true:2) eq 1"),
    ("totalseconds", "totalseconds(ShippedDate sub OrderDate) gt 1"),
    ("any", "Lines/any()"),
    ("all", "Lines/all(l:l/Quantity gt 0)"),
];

#[test]
fn the_listed_functions_are_those_that_are_understood() {
    let (_databases, server) = start();
    let json = document(&server);
    let listed = at(&json, &["Erp", "Container", "@Capabilities.FilterFunctions"]).as_array().unwrap();
    let listed: Vec<&str> = listed.iter().map(|name| name.as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    for (name, expression) in EXPRESSIONS {
        let response = ask(&server, "GET", &format!("Orders?$top=1&$select=OrderID&$filter={expression}"), &[]);
        let answered = response.status == 200;
        if answered != listed.contains(&name) || response.status >= 502 || response.status == 500 {
            wrong.push(format!("{name} is {}listed, but {}", if answered { "not " } else { "" }, response.status));
        }
    }
    // No order has flags; `live/fleet/expression/has` asks for them.
    let asked = |name: &str| name == "has" || EXPRESSIONS.iter().any(|(known, _)| *known == name);
    wrong.extend(listed.iter().filter(|name| !asked(name)).map(|name| format!("{name} is listed, and nobody asks")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_set_tells_its_own_limits() {
    let (_databases, server) = start();
    let json = document(&server);
    let container = at(&json, &["Erp", "Container"]);
    let sets = container.members().iter().filter(|(name, _)| !name.starts_with(['$', '@']));
    let sets: Vec<_> = sets.filter(|(_, set)| set.get("$Collection").is_some()).collect();
    assert!(sets.len() >= 8, "the sets of the demo");
    for (name, set) in sets {
        let is = |path: &[&str]| at(set, path) == &Json::Bool(true);
        let get = |options: &str| ask(&server, "GET", &format!("{name}?$top=1{options}"), &[]);
        assert!(is(&["@Capabilities.TopSupported"]) && is(&["@Capabilities.SkipSupported"]), "{name}");
        assert!(
            is(&["@Capabilities.CountRestrictions", "Countable"]) && is(&["@Capabilities.IndexableByKey"]),
            "{name}"
        );
        assert_eq!(get("&$skip=1&$count=true").status, 200, "{name}");
        let writable = is(&["@Capabilities.InsertRestrictions", "Insertable"]);
        assert_eq!(writable, ask(&server, "POST", name, &[]).status != 405, "{name}");

        let type_name = at(set, &["$Type"]).as_str().unwrap().trim_start_matches("Erp.");
        let members = at(&json, &["Erp", type_name]).members();
        let property = members.iter().find(|(name, _)| !name.starts_with(['$', '@'])).map(|(name, _)| name).unwrap();
        assert!(is(&["@Capabilities.FilterRestrictions", "Filterable"]), "{name}");
        assert!(is(&["@Capabilities.SortRestrictions", "Sortable"]), "{name}");
        assert_eq!(get(&format!("&$filter={property} ne null&$orderby={property}")).status, 200, "{name}");

        let tagged = set.get("@Core.OptimisticConcurrency").is_some();
        let page = Json::read(get("").text()).unwrap();
        let row = &page.get("value").unwrap().as_array().unwrap()[0];
        assert_eq!(tagged, row.get("@odata.etag").is_some(), "{name}");

        let searchable = is(&["@Capabilities.SearchRestrictions", "Searchable"]);
        let texts = members.iter().any(|(name, member)| {
            !name.starts_with(['$', '@']) && member.get("$Kind").is_none() && member.get("$Type").is_none()
        });
        assert_eq!(searchable, texts, "{name}");

        let expandable = is(&["@Capabilities.ExpandRestrictions", "Expandable"]);
        assert_eq!(expandable, set.get("$NavigationPropertyBinding").is_some(), "{name}");
        let applies = set.get("@Aggregation.ApplySupported").is_some();
        let applied = ask(&server, "GET", &format!("{name}?$apply=aggregate($count as Rows)"), &[]);
        assert_eq!(applies, applied.status == 200, "{name}: $apply gives {}", applied.status);
    }
}

#[test]
fn expand_goes_as_deep_as_told() {
    let (_databases, server) = start();
    let json = document(&server);
    let path = ["Erp", "Container", "Orders", "@Capabilities.ExpandRestrictions", "MaxLevels"];
    let told: usize = at(&json, &path).as_number().unwrap().parse().unwrap();
    let nested = |levels: usize| {
        let options = ["Account($select=City", "Orders($top=1;$select=OrderID"].into_iter().cycle().take(levels);
        let options: Vec<&str> = options.collect();
        format!("Orders(10248)?$expand={}{}", options.join(";$expand="), ")".repeat(levels))
    };
    assert_eq!(ask(&server, "GET", &nested(told), &[]).status, 200, "{}", nested(told));
    assert_eq!(ask(&server, "GET", &nested(told + 1), &[]).status, 400, "{}", nested(told + 1));
}

#[test]
fn expressions_go_as_far_as_told() {
    let (_databases, server) = start();
    let json = document(&server);
    let restrictions = at(&json, &["Erp", "Container", "Orders", "@Capabilities.FilterRestrictions"]);
    let reaches = restrictions.get("MaxLevels").and_then(Json::as_number).is_none_or(|levels| levels != "0");
    let response = ask(&server, "GET", "Orders?$top=1&$filter=Account/Name eq 'x'", &[]);
    assert_eq!(reaches, response.status == 200, "{}", response.status);
}
