//! Time to parse what Salesforce Connect sends most, and the widest it sends, plain and percent-encoded; and to print
//! a next link.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use penstock::syntax::{Limits, parse, print};

const LIST_VIEW: &str = "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$filter=Status eq \
                         'Open' and OrderDate ge 2024-05-01T00:00:00Z&$orderby=OrderDate desc&$skip=500&$top=26";

fn parsing(criterion: &mut Criterion) {
    let phrase = "Acme international trading company of the north, south and west. ".repeat(5);
    let terms: Vec<_> = (1..=150).map(|text| format!("contains(Text{text:03},'{phrase}') eq true")).collect();
    let search = format!("WideOrders?$select=OrderID&$count=true&$filter={}&$top=25", terms.join(" or "));
    let keys: Vec<_> = (10_000..10_200).map(|key| format!("OrderID eq {key}")).collect();
    let parents = format!("Orders?$select=OrderID,Status&$filter={}&$top=2000", keys.join(" or "));
    let encoded = |target: &str| target.replace(' ', "%20").replace('\'', "%27");
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("parse");
    for (name, target) in [
        ("list_view", LIST_VIEW.to_owned()),
        ("list_view_encoded", encoded(LIST_VIEW)),
        ("parents_of_200_rows", parents),
        ("search_of_150_columns", search.clone()),
        ("search_of_150_columns_encoded", encoded(&search)),
    ] {
        group.throughput(Throughput::Bytes(target.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| parse(black_box(&target), &limits)));
    }
    group.finish();
    if let Ok(url) = parse(LIST_VIEW, &limits) {
        criterion.bench_function("print/list_view", |bencher| bencher.iter(|| print(black_box(&url))));
    }
}

criterion_group!(benches, parsing);
criterion_main!(benches);
