//! Which requests share a kept answer: all spellings of one query, and no two whose answers differ. Judged by
//! `Cache-Status` and by the bytes.

use crate::salesforce::{CREDENTIALS, serve_demo};
use crate::support::databases::Kind;
use crate::support::demo;
use crate::support::http::Response;
use crate::support::json::Json;
use crate::support::server::TestServer;

const ROOT: &str = "/odata/v4/erp/";
const HIT: &str = "penstock; hit";
const MISS: &str = "penstock; fwd=miss; stored";

fn get(server: &TestServer, target: &str, headers: &[(&str, &str)]) -> Response {
    let mut headers = headers.to_vec();
    headers.push(CREDENTIALS);
    let response = server.get_with(&format!("{ROOT}{}", target.replace(' ', "%20")), &headers);
    assert_eq!(response.status, 200, "{target}: {}", String::from_utf8_lossy(&response.body));
    response
}

/// Spellings of one query, blanks not yet encoded.
const SAME: [&[&str]; 26] = [
    &[
        "Orders?$filter=Status eq 'Open'&$top=3",
        "Orders?$top=3&$filter=Status eq 'Open'",
        "Orders?%24top=3&%24filter=Status%20eq%20%27Open%27",
        "Orders?%24%66ilter=%53tatus eq 'Op%65n'&$top=%33",
        "%4Frders?$filter=Status eq 'Open'&$top=3",
        "Orders?$filter=Status  eq%09'Open' &$top=3",
        "Orders?$filter= Status EQ 'Open'&$top=3",
        "Orders?filter=Status Eq 'Open'&top=3",
        "Orders?$FILTER=Status eq 'Open'&$Top=3",
        "Orders?$filter=(((Status eq ('Open'))))&$top=3",
        "Orders?$filter='Open' eq Status&$top=3",
        "Orders?$filter=Status eq @s&@s='Open'&$top=3",
        "Orders?$filter=Status eq @s&$top=3&@s=@t&@t=('Open')",
        "Orders?$filter=(Status eq 'Open') eq true&$top=3",
        "Orders?$filter=true eq (Status eq 'Open')&$top=3",
        "Orders?$filter=Status eq 'Open'&$top=3&$count=false",
        "Orders?$filter=Status eq 'Open'&$top=3&$skip=0",
        "Orders?$filter=Status eq 'Open'&$top=003",
        "Orders?$filter=Status eq 'Open'&$top=3&$orderby=OrderID",
        "Orders?$filter=Status eq 'Open'&$top=3&$orderby=OrderID ASC",
        "Orders?$filter=Status eq 'Open'&$top=3&custom=1",
        "Orders?&$filter=Status eq 'Open'&&$top=3",
    ],
    &[
        "Orders?$filter=IsClosed&$top=4",
        "Orders?$filter=IsClosed eq true&$top=4",
        "Orders?$filter=IsClosed eq True&$top=4",
        "Orders?$filter=true eq IsClosed&$top=4",
        "Orders?$filter=(IsClosed)&$top=4",
    ],
    &["Orders?$filter=not IsClosed&$top=4", "Orders?$filter=NOT(IsClosed)&$top=4"],
    &[
        "Orders?$filter=contains(ShipName,'A')&$top=4",
        "Orders?$filter=contains(ShipName,'A') eq true&$top=4",
        "Orders?$filter=Contains( ShipName , 'A' )&$top=4",
    ],
    &[
        "Orders?$filter=TotalAmount gt 1&$top=4",
        "Orders?$filter=TotalAmount gt 1.0&$top=4",
        "Orders?$filter=TotalAmount gt 1.00&$top=4",
        "Orders?$filter=TotalAmount gt 1e0&$top=4",
        "Orders?$filter=TotalAmount gt 0.1E1&$top=4",
        "Orders?$filter=1 lt TotalAmount&$top=4",
        "Orders?$filter=TotalAmount gt '1'&$top=4",
    ],
    &[
        "Products?$filter=Weight lt 5&$top=4",
        "Products?$filter=Weight lt 5.0&$top=4",
        "Products?$filter=Weight lt 5e0&$top=4",
    ],
    &["Orders?$filter=OrderID gt 10300&$top=4", "Orders?$filter=OrderID gt 010300&$top=4"],
    &[
        "Orders?$filter=OrderDate gt 2024-05-01T10:00:00Z&$top=4",
        "Orders?$filter=OrderDate gt 2024-05-01T10:00:00.000Z&$top=4",
        "Orders?$filter=OrderDate gt 2024-05-01T10:00Z&$top=4",
        "Orders?$filter=OrderDate gt 2024-05-01T12:00:00%2B02:00&$top=4",
        "Orders?$filter=OrderDate gt 2024-05-01t10:00:00z&$top=4",
    ],
    &["Products?$filter=ReleasedOn gt 2020-01-01&$top=4", "Products?$filter=2020-01-01 lt ReleasedOn&$top=4"],
    &[
        "Shipments(3F2504E0-4F89-11D3-9A0C-0305E82C3301)",
        "Shipments(3f2504e0-4f89-11d3-9a0c-0305e82c3301)",
        "Shipments(ShipmentID=3f2504e0-4F89-11d3-9a0c-0305e82c3301)",
        "Shipments%283f2504e0-4f89-11d3-9a0c-0305e82c3301%29",
    ],
    &["Orders(10248)", "Orders(OrderID=10248)", "Orders( 10248 )", "Orders(@k)?@k=10248", "Orders(010248)"],
    &["OrderLines(OrderID=10248,ProductID=11)", "OrderLines(ProductID=11,OrderID=10248)"],
    &["Orders(10248)/Status", "Orders(OrderID=10248)/Status", "Orders(10248)/Stat%75s"],
    &["Orders(10248)/Status/$value", "Orders(OrderID=10248)/Status/%24value"],
    &["Orders(10248)/Lines?$top=2", "Orders(OrderID=10248)/Lines?top=2"],
    &[
        "Orders/$count?$filter=Status eq 'Held'",
        "Orders/$count?filter=(Status EQ 'Held')",
        "Orders/%24count?$filter='Held' eq Status",
    ],
    &[
        "Orders?$filter=Status in ('Open','Held')&$top=4",
        "Orders?$filter=Status IN( 'Open' , 'Held' )&$top=4",
        "Orders?$filter=(Status in ('Open','Held')) eq true&$top=4",
    ],
    &[
        "Orders?$filter=IsClosed and Status eq 'Open' and TotalAmount gt 5&$top=4",
        "Orders?$filter=(IsClosed and Status eq 'Open') and TotalAmount gt 5&$top=4",
        "Orders?$filter=IsClosed and (Status eq 'Open' and TotalAmount gt 5)&$top=4",
        "Orders?$filter=IsClosed AND ((Status eq 'Open')) and 5 lt TotalAmount&$top=4",
    ],
    &[
        "Orders?$filter=IsClosed or Status eq 'Open' or TotalAmount gt 5&$top=4",
        "Orders?$filter=IsClosed or (Status eq 'Open' OR TotalAmount gt 5)&$top=4",
    ],
    &["Orders?$filter=ShippedDate eq null&$top=4", "Orders?$filter=null eq ShippedDate&$top=4"],
    &[
        "Orders?$select=OrderID,Status&$top=4",
        "Orders?$select=OrderID , Status&$top=4",
        "Orders?select=OrderID,Status&$top=4",
    ],
    &["Orders?$top=5", "Orders?$top=5&$select=*", "Orders?%24top=5"],
    &[
        "Orders?$orderby=TotalAmount desc,OrderDate&$top=4",
        "Orders?$orderby=TotalAmount DESC , OrderDate asc&$top=4",
        "Orders?OrderBy=TotalAmount desc,OrderDate&$top=4",
        "Orders?$orderby=(TotalAmount) desc,OrderDate,OrderID&$top=4",
    ],
    &[
        "Orders?$expand=Lines($select=ProductID;$top=2)&$top=3",
        "Orders?$expand=Lines($top=2;$select=ProductID)&$top=3",
        "Orders?expand=Lines(top=2;select=ProductID)&$top=3",
        "Orders?%24expand=Lines%28%24top%3D2;%24select=ProductID%29&$top=3",
    ],
    &["Orders?$search=acme&$top=3", "Orders?$search=%22acme%22&$top=3", "Orders?search=%20acme%20&$top=3"],
    &["Orders?$count=true&$top=6", "Orders?$count=TRUE&$top=6", "Orders?Count=true&$top=6"],
];

#[test]
fn spellings_of_one_query_share_an_answer() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, "[cache]\nbytes_max = 100000000\n");
    let mut wrong = Vec::new();
    for group in SAME {
        let first = get(&server, group[0], &[]);
        for other in &group[1..] {
            let headers = [CREDENTIALS];
            let response = server.get_with(&format!("{ROOT}{}", other.replace(' ', "%20")), &headers);
            let status = response.header("cache-status").unwrap_or_default();
            if response.status != 200 || status != HIT || response.body != first.body {
                let body: String = String::from_utf8_lossy(&response.body).chars().take(150).collect();
                wrong.push(format!("{} and\n  {other}: {} {status} {body}", group[0], response.status));
            }
        }
    }
    assert!(wrong.is_empty(), "do not share:\n{}", wrong.join("\n"));
}

#[test]
fn headers_that_mean_the_same_share_an_answer() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, "[cache]\nbytes_max = 100000000\n");
    let target = "Orders?$top=7";
    get(&server, target, &[]);
    for header in [
        ("Accept", "*/*"),
        ("Accept", "application/json"),
        ("Accept", "application/json;odata.metadata=minimal"),
        ("Accept", "text/html, application/*;q=0.5"),
        ("Accept", "application/json;odata.streaming=true"),
        ("Accept", "application/json;IEEE754Compatible=false"),
        ("Prefer", "maxpagesize=2000"),
        ("Prefer", "odata.maxpagesize=100000"),
        ("Prefer", "maxpagesize=0"),
        ("OData-MaxVersion", "4.0"),
        ("OData-Version", "4.0"),
        ("Accept-Encoding", "gzip"),
        ("If-None-Match", "\"other\""),
        ("User-Agent", "other"),
        ("X-Request-Id", "other"),
    ] {
        let response = get(&server, target, &[header]);
        assert_eq!(response.header("cache-status"), Some(HIT), "{header:?}");
    }
}

#[test]
fn queries_with_different_answers_share_none() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, "[cache]\nbytes_max = 100000000\n");
    let pages = [
        "Orders?$top=7",
        "Orders?$top=8",
        "Orders?$top=7&$skip=1",
        "Orders?$top=7&$count=true",
        "Orders?$top=7&$select=OrderID,Status",
        "Orders?$top=7&$select=OrderID,Status,Currency",
        "Orders?$top=7&$orderby=OrderID desc",
        "Orders?$top=7&$orderby=Status",
        "Orders?$top=7&$filter=Status eq 'Open'",
        "Orders?$top=7&$filter=Status eq 'open'",
        "Orders?$top=7&$filter=Status eq 'Open '",
        "Orders?$top=7&$filter=Status ne 'Open'",
        "Orders?$top=7&$filter=Status eq null",
        "Orders?$top=7&$filter=Status eq 'null'",
        "Orders?$top=7&$filter=contains(Status,'Open')",
        "Orders?$top=7&$filter=startswith(Status,'Open')",
        "Orders?$top=7&$filter=TotalAmount gt 1.0",
        "Orders?$top=7&$filter=TotalAmount gt 1.01",
        "Orders?$top=7&$filter=TotalAmount ge 1.0",
        "Orders?$top=7&$filter=OrderDate gt 2024-05-01T10:00:00Z",
        "Orders?$top=7&$filter=OrderDate gt 2024-05-01T10:00:00%2B02:00",
        "Orders?$top=7&$search=open",
        "Orders?$top=7&$expand=Lines",
        "Orders?$top=7&$expand=Lines($top=1)",
        "Orders?$top=7&$expand=Lines($top=1;$skip=1)",
        "Orders?$top=7&$expand=Lines($filter=Quantity gt 1)",
        "Orders?$top=7&$expand=Lines($count=true)",
        "Orders?$top=7&$expand=Account",
        "Accounts?$top=7",
        "Orders(10248)",
        "Orders(10249)",
        "Orders(10248)/Status",
        "Orders(10248)/Status/$value",
        "Orders(10248)/Lines",
        "Orders(10249)/Lines",
        "Orders(10248)/Lines/$count",
        "Orders/$count?$filter=Status eq 'Open'",
    ];
    for page in pages {
        assert_eq!(get(&server, page, &[]).header("cache-status"), Some(MISS), "{page}");
    }
    for page in pages {
        assert_eq!(get(&server, page, &[]).header("cache-status"), Some(HIT), "{page}");
    }
    for header in [
        ("Accept", "application/json;odata.metadata=none"),
        ("Accept", "application/json;odata.metadata=full"),
        ("Accept", "application/json;IEEE754Compatible=true"),
        ("Accept", "application/json;odata.metadata=full;IEEE754Compatible=true"),
        ("OData-MaxVersion", "4.01"),
        ("Prefer", "maxpagesize=2"),
        ("Prefer", "maxpagesize=3"),
    ] {
        let response = get(&server, "Orders?$top=7", &[header]);
        assert_eq!(response.header("cache-status"), Some(MISS), "{header:?}");
    }
}

#[test]
fn an_answer_that_is_too_large_to_be_kept_says_so() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let cache = "[cache]\nbytes_max = 1000000\nentry_share_percent = 2\nobey_no_cache = true\n";
    let server = serve_demo(&databases.sources, cache);
    for _ in 0..2 {
        assert_eq!(get(&server, "Orders?$top=500", &[]).header("cache-status"), Some("penstock; fwd=miss"));
    }
    let demanded = get(&server, "Orders?$top=500", &[("Cache-Control", "no-cache")]);
    assert_eq!(demanded.header("cache-status"), Some("penstock; fwd=request"));
    assert_eq!(get(&server, "Orders?$top=5", &[]).header("cache-status"), Some(MISS));
}

/// All pages and columns of a list, and its `/$count`, have one total.
#[test]
fn a_total_is_shared_by_all_pages_of_a_list() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, "[cache]\nbytes_max = 100000000\n");
    get(&server, "Orders?$filter=Status eq 'Open'&$count=true&$top=2&$select=OrderID", &[]);
    let count = get(&server, "Orders/$count?$filter=('Open' eq Status)", &[]);
    assert_eq!(count.header("cache-status"), Some(HIT));
    let page = get(&server, "Orders?$filter=Status EQ 'Open'&$count=true&$top=1&$skip=5&$orderby=Currency", &[]);
    assert_eq!(page.header("cache-status"), Some(MISS));
    let page = Json::read(page.text()).unwrap();
    assert_eq!(page.get("@odata.count").and_then(Json::as_number), Some(count.text()));
    let other = get(&server, "Orders/$count?$filter=Status eq 'Held'", &[]);
    assert_eq!(other.header("cache-status"), Some(MISS));
}

/// A next link repeats the words of the request; so an answer is not for those whose words mean something else there.
#[test]
fn a_next_link_leads_on_in_the_format_that_was_asked_for() {
    let databases = demo::databases(Kind::Sqlite).expect("SQLite is always there");
    let server = serve_demo(&databases.sources, "[cache]\nbytes_max = 100000000\n");
    for level in ["none", "full"] {
        let format = format!("application/json;odata.metadata={level}");
        get(&server, "Accounts?$select=AccountID", &[("Accept", &format), ("Prefer", "maxpagesize=5")]);
        let by_option = format!("Accounts?$select=AccountID&$format={format}");
        let page = get(&server, &by_option, &[("Prefer", "maxpagesize=5")]);
        let page = Json::read(page.text()).unwrap();
        let next = page.get("@odata.nextLink").and_then(Json::as_str).expect("a second page");
        let second = server.get_with(server.target_of(next), &[CREDENTIALS, ("Prefer", "maxpagesize=5")]);
        let found = second.header("content-type").unwrap_or_default();
        assert!(found.contains(&format!("odata.metadata={level}")), "{next} gives {found}");
    }
}
