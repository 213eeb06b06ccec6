//! A whole request without its socket: `service::Service::answer` on the sample data in SQLite files, from the request
//! target to the bytes of the answer. Statement, row decoding, encoding and links are in it; HTTP and passwords are
//! not.
//!
//! Every answer is checked once, before it is measured: its status, and how many rows it has.

#[path = "support/model.rs"]
mod model;
mod support;

use std::sync::Arc;
use std::time::Duration;

use criterion::Throughput;
use penstock::auth::Principal;
use penstock::cache::{Clock, Generations};
use penstock::query::Grants;
use penstock::service::{
    Answer, Budget, Callouts, Extent, Kept, KeptOptions, Later, Options, Request, Sealer, Service,
};
use penstock::store::{Access, Database, Databases, SourceSettings};
use penstock::{bind, demo, syntax};

use model::Failure;

const ROOT: &str = "http://127.0.0.1/odata/v4/erp/";
const PAGE: &str = "Orders?$select=AccountID,Currency,IsClosed,OrderDate,OrderID,RequiredDate,ShipCity,ShipCountry,\
                    ShipName,ShippedDate,Status,TotalAmount";
/// Name, target, and the rows of the answer if it is a page.
const CASES: [(&str, &str, Option<usize>); 11] = [
    (
        "list_view",
        "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$orderby=OrderDate desc&$top=26",
        Some(26),
    ),
    (
        "list_view_without_count",
        "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$orderby=OrderDate desc&$top=26",
        Some(26),
    ),
    ("record_by_key", "Orders(10248)", None),
    (
        "record_by_filter",
        "Products?$select=Description,Discontinued,ProductID,ProductName,ReleasedOn,UnitPrice&$count=true\
         &$filter=ProductID eq 42&$top=1",
        Some(1),
    ),
    (
        "related_list",
        "Orders?$select=AccountID,OrderDate,OrderID,Status&$count=true&$filter=AccountID eq 'ALFKI'&$top=26",
        Some(26),
    ),
    ("page_of_2000_rows", PAGE, Some(2_000)),
    ("count", "Orders?$count=true&$filter=Status eq 'Open'&$top=0", Some(0)),
    (
        "search_of_two_columns",
        "Accounts?$select=AccountID,Name,Phone&$count=true&$filter=contains(Name,'Acme') eq true or \
         contains(Phone,'Acme') eq true&$top=25",
        None,
    ),
    ("search_free_text", "Accounts?$select=AccountID,Name,Phone&$count=true&$search=Acme&$top=25", None),
    (
        "expand",
        "Accounts?$select=AccountID,Name&$expand=Orders($select=OrderID,Status;$orderby=OrderDate desc;$top=5)&$top=26",
        Some(26),
    ),
    ("expand_across_databases", "Orders?$select=OrderID,Status&$expand=Account,Shipments&$top=26", Some(26)),
];

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let files = demo::ensure(folder.path(), 1, &mut |_| {})?;
    let open = |name: &str, file: &std::path::Path| {
        let settings = SourceSettings {
            name: name.to_owned(),
            url: format!("sqlite:{}", file.display()),
            pool_max: 2,
            acquire_timeout: Duration::from_secs(5),
            queue_max: 256,
            statement_timeout: Duration::from_secs(30),
            zone: penstock::edm::Zone::UTC,
            decimals_as_text: true,
            access: Access::default(),
        };
        Database::open(&settings).map(Arc::new)
    };
    let databases = Databases(vec![open("erp", &files.erp)?, open("warehouse", &files.warehouse)?]);
    let keeps_nothing = KeptOptions {
        bytes_max: 0,
        entry_share_percent: 1,
        obeys_no_cache: false,
        clock: Clock::default(),
        redis: None,
    };
    let options = Options {
        grants: Grants::everything(),
        origin: String::new(),
        root: ROOT.to_owned(),
        page_bytes_max: 6_000_000,
        request_timeout: Duration::from_secs(110),
        syntax: syntax::Limits::default(),
        bind: bind::Limits::default(),
        sealer: Arc::new(Sealer::new(&[7; 32]).ok_or("no key")?),
        budget: Budget::new(256 << 20),
        // What is kept would be measured instead of the database.
        kept: Kept::new(&keeps_nothing, Arc::new(Generations::new(Vec::new(), 0, false))),
        extent: Extent::default(),
        callouts: Callouts::default(),
        later: Later::default(),
    };
    let service = Service::new(Arc::new(model::model(demo::metadata())?), Arc::new(databases), options);
    let principal = Principal::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let answer = |target: &str| {
        let request = Request { target: target.to_owned(), ..Request::default() };
        runtime.block_on(service.answer(request, &principal))
    };

    let next = next_target(&answer(PAGE))?;
    let mut cases = CASES.map(|(name, target, rows)| (name, target.to_owned(), rows)).to_vec();
    cases.push(("next_page_of_2000_rows", next, Some(2_000)));
    let mut criterion = support::criterion();
    let mut group = criterion.benchmark_group("read_sqlite");
    for (name, target, rows) in cases {
        let first = answer(&target);
        let found = rows.map(|_| rows_of(&first)).transpose()?;
        assert!(first.status == 200 && found == rows, "{name}: status {}, rows {found:?}", first.status);
        group.throughput(Throughput::Bytes(first.body.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| answer(&target)));
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}

fn rows_of(answer: &Answer) -> Result<usize, Failure> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body)?;
    Ok(body.get("value").and_then(|rows| rows.as_array()).ok_or("an answer without rows")?.len())
}

/// The target of the next link.
fn next_target(answer: &Answer) -> Result<String, Failure> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let link = body.get("@odata.nextLink").and_then(|link| link.as_str()).ok_or("a page without a next link")?;
    Ok(link.strip_prefix(ROOT).ok_or("a next link that leads elsewhere")?.to_owned())
}
