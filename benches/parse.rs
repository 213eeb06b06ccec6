//! Time to parse what Salesforce Connect sends most, and the widest it sends, plain and percent-encoded; and to print
//! a next link.

#[path = "support/requests.rs"]
mod requests;
mod support;

use std::hint::black_box;

use criterion::Throughput;
use penstock::syntax::{Limits, SyntaxError, parse, print};

fn main() -> Result<(), SyntaxError> {
    let limits = Limits::default();
    let mut criterion = support::criterion();
    let mut group = criterion.benchmark_group("parse");
    for (name, target) in requests::requests() {
        let encoded = target.replace(' ', "%20").replace('\'', "%27");
        for (name, target) in [(name.to_owned(), &target), (format!("{name}_encoded"), &encoded)] {
            group.throughput(Throughput::Bytes(target.len() as u64));
            group.bench_function(name, |bencher| bencher.iter(|| parse(black_box(target), &limits)));
        }
    }
    group.finish();
    let next = parse(requests::NEXT_PAGE, &limits)?;
    criterion.bench_function("print/next_page", |bencher| bencher.iter(|| print(black_box(&next))));
    criterion.final_summary();
    Ok(())
}
