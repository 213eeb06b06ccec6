//! From borrowed cells to the bytes of entities: `wire::json::EntityWriter`, with a cell of every kind in each row.
//! Between the entities stands what the page puts there, braces and commas; no database and no conductor take part.

#[path = "support/model.rs"]
mod model;
#[path = "support/rows.rs"]
mod rows;
mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use penstock::wire::json::EntityWriter;

use rows::{Cells, write};

fn main() -> Result<(), model::Failure> {
    let model = rows::model()?;
    let rows = rows::rows();
    let mut criterion = support::criterion();
    for (name, writer) in rows::writers(&model)? {
        measure(&mut criterion, &format!("page_of_2000_rows/{name}"), &writer, &rows);
        measure(&mut criterion, &format!("entity/{name}"), &writer, rows.get(1..2).unwrap_or_default());
    }
    criterion.final_summary();
    Ok(())
}

/// Measures into a buffer that has grown to its size already, as allocation is the conductor's matter.
fn measure(criterion: &mut Criterion, name: &str, writer: &EntityWriter, rows: &[Cells]) {
    let mut out = Vec::new();
    write(writer, rows, &mut out);
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Bytes(out.len() as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            out.clear();
            write(writer, black_box(rows), &mut out);
            out.len()
        });
    });
    group.finish();
}
