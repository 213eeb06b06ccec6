//! Owns the context URLs of rows that `$apply` has made.

use crate::model::{Model, PropertyId};
use crate::query::Aggregate;

/// The context URL of rows that `$apply` has made: `…#Sales(Customer(Country),Total)`.
pub fn context_of_aggregate(aggregate: &Aggregate, model: &Model, root: &str) -> String {
    let mut url = format!("{root}$metadata#");
    let Some(set) = model.set(aggregate.set) else { return url };
    url.push_str(&set.name);
    if aggregate.listed {
        // Only what every row has may be listed; if that is nothing, the context says so.
        let branches = || aggregate.present.iter().filter(|has| !has.is_empty());
        let everywhere = |id: &&PropertyId| aggregate.branch.is_none() || branches().all(|has| has.contains(id));
        let shown = aggregate.shown.iter().filter(everywhere);
        let columns = shown.filter_map(|id| aggregate.columns.get(usize::from(id.0)));
        let paths: Vec<&[Box<str>]> = columns.map(|column| column.path.as_slice()).collect();
        if paths.is_empty() {
            url.push_str("(@Core.AnyStructure)");
        } else {
            push_paths(&paths, &mut url);
        }
    }
    url
}

fn push_paths(paths: &[&[Box<str>]], url: &mut String) {
    let mut written: Vec<&str> = Vec::new();
    url.push('(');
    for path in paths {
        let Some((name, rest)) = path.split_first() else { continue };
        if written.contains(&&**name) {
            continue;
        }
        if !written.is_empty() {
            url.push(',');
        }
        written.push(name);
        url.push_str(name);
        if !rest.is_empty() {
            let inner: Vec<&[Box<str>]> =
                paths.iter().filter(|path| path.first() == Some(name)).filter_map(|path| path.get(1..)).collect();
            push_paths(&inner, url);
        }
    }
    url.push(')');
}
