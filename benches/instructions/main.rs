//! How many instructions the steps of a request take that need no database: parse, bind, plan, render, encode, the
//! pattern of its words, and the two fingerprints. Unlike times, these numbers are the same on a busy machine as on a quiet one.
//!
//! The numbers come from valgrind, which counts while [`counted`] runs; `benches/instructions/run` starts this program
//! below it and compares. Without it the program runs each scenario and prints its name.

#[path = "../support/compile.rs"]
mod compile;
#[path = "../support/model.rs"]
mod model;
#[path = "../support/requests.rs"]
mod requests;
#[path = "../support/rows.rs"]
mod rows;

use std::hint::black_box;

use penstock::bind::{self, Scope};
use penstock::demo;
use penstock::query::{Grants, fingerprint, fingerprint_whole};
use penstock::syntax::{self, Pattern, ResourceUrl};

use model::Failure;

/// Calls of one scenario that are counted together. The seeds of hash maps differ from run to run, and with them the
/// length of a probe; and an allocator works a little more at times. This evens both out.
const CALLS: u32 = 8;

fn main() -> Result<(), Failure> {
    println!("calls {CALLS}");
    compilation()?;
    encoding()
}

/// One scenario. The calls before the counted ones fill caches, grow buffers and find symbols.
fn scenario<T>(name: &str, mut call: impl FnMut() -> T) {
    let mut calls = || {
        for _ in 0..CALLS {
            black_box(call());
        }
    };
    calls();
    counted(&mut calls);
    println!("{name}");
}

/// Valgrind knows this function by its name.
#[inline(never)]
fn counted(calls: &mut dyn FnMut()) {
    black_box(calls)();
}

fn compilation() -> Result<(), Failure> {
    let model = model::model(demo::metadata())?;
    let grants = Grants::everything();
    let token = compile::position(&model, &grants)?;
    let read_of = |url: &ResourceUrl| {
        let unseal = |_: &str| Some(token.clone());
        compile::read(url, &Scope { model: &model, grants: &grants, limits: bind::Limits::default(), unseal: &unseal })
    };
    let limits = syntax::Limits::default();
    for (name, target) in requests::requests() {
        let encoded = target.replace(' ', "%20").replace('\'', "%27");
        let url = syntax::parse(&target, &limits)?;
        let read = read_of(&url)?;
        let plan = compile::plan(&read, &model)?;

        scenario(&format!("parse/{name}"), || syntax::parse(&target, &limits));
        scenario(&format!("parse_encoded/{name}"), || syntax::parse(&encoded, &limits));
        scenario(&format!("pattern/{name}"), || Pattern::of(&encoded));
        scenario(&format!("print/{name}"), || syntax::print(&url));
        scenario(&format!("bind/{name}"), || read_of(&url));
        scenario(&format!("fingerprint/{name}"), || fingerprint(&read, model.revision));
        scenario(&format!("fingerprint_whole/{name}"), || fingerprint_whole(&read, model.revision));
        scenario(&format!("plan/{name}"), || compile::plan(&read, &model));
        for (dialect_name, dialect) in compile::dialects() {
            compile::render(&plan, &*dialect)?;
            scenario(&format!("render_{dialect_name}/{name}"), || compile::render(&plan, &*dialect));
        }
    }
    Ok(())
}

fn encoding() -> Result<(), Failure> {
    let model = rows::model()?;
    let rows = rows::rows();
    let mut out = Vec::new();
    for (name, writer) in rows::writers(&model)? {
        for (size, rows) in [("entity", rows.get(1..2).unwrap_or_default()), ("page_of_2000_rows", &rows)] {
            scenario(&format!("encode_{size}/{name}"), || {
                out.clear();
                rows::write(&writer, rows, &mut out);
                out.len()
            });
        }
    }
    Ok(())
}
