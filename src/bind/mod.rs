//! Words + model → bound query: resolves every name, types every literal, applies rights.
//!
//! [`bind`] takes the tree that `syntax` made and a [`Scope`], and gives a [`Query`] in which nothing is left to decide
//! but how to fetch it. Two requests that mean the same give equal queries as far as that is cheap to see, so that they
//! share statements and cache entries.
//!
//! # Decisions
//!
//! - **One door.** Sets come into sight only through `Scope::open`, filters of reads are made only by `Sight::guard`. What
//!   the caller may not see is answered like what does not exist. (Checking rights after binding was rejected: a path
//!   that forgets the check would still work.)
//! - **Literals take the type of the other side.** A number beside a text is that text, a quoted number beside a number
//!   is that number, since Salesforce knows only the types of its own fields. Where a literal lies between two values of
//!   a type — 1.5 among integers, noon among dates — the comparison moves to the nearest value and stays exact; so no
//!   database has to compare mixed types. An integer literal that its integer property cannot hold is refused.
//! - **Literals carry types without facets.** A parameter cut to the column's length or scale would equal what it is not.
//! - **Null logic is settled here once.** `e eq true` becomes `e` only where the question is whether `e` is true; under
//!   `not` it stays a comparison, which is false for null where `e` itself is null.
//! - **A chain of `eq` or `ne` becomes a list.** Many clients lack `in` and send hundreds of terms.
//! - **The order of a single entity is empty**; that of a collection always ends with the key.

mod apply;
mod calculate;
mod cast;
mod compare;
mod compute;
mod connect;
mod error;
mod expand;
mod filter;
mod functions;
mod key;
mod literal;
mod options;
mod order;
mod page;
mod path;
mod scope;
mod search;
mod select;
#[cfg(test)]
mod tests;
mod walk;

pub use error::{BindError, BindErrorKind, Class, KeyProblem};
pub use scope::{Limits, Scope};

use crate::query::{Answer, Query, Read, Shape};
use crate::syntax::{Options, Path, ResourceUrl};

use filter::{Names, Words, bind_filter};
use options::Resource;
use path::Target;

/// Binds a request to the model.
pub fn bind(url: &ResourceUrl, scope: &Scope<'_>) -> Result<Query, BindError> {
    match &url.path {
        Path::Service => options::check(&url.options, Resource::Service).map(|()| Query::Service),
        Path::Metadata => options::check(&url.options, Resource::Metadata).map(|()| Query::Metadata),
        Path::Batch => Err(BindError::unsupported_anywhere("'$batch'")),
        Path::All { span, .. } => Err(BindError::unsupported("'$all'", span)),
        Path::Crossjoin { span, .. } => Err(BindError::unsupported("'$crossjoin'", span)),
        Path::Entity { span, .. } => Err(BindError::unsupported("'$entity'", span)),
        Path::Resource(segments) => {
            let words = Words::new(&url.options);
            let target = path::bind_path(segments, scope, &words)?;
            let options = &url.options;
            if let Some(apply) = &options.apply
                && matches!(target.answer, Answer::Collection | Answer::Count)
            {
                let resource = if target.answer == Answer::Count { Resource::Count } else { Resource::Collection };
                options::check(options, resource)?;
                let aggregate = apply::bind_aggregate(&target, apply, options, scope, &words)?;
                return Ok(Query::Aggregate(Box::new(aggregate)));
            }
            bind_read(target, options, scope, &words).map(|read| Query::Read(Box::new(read)))
        }
    }
}

fn bind_read<'a>(
    target: Target<'a>,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Read, BindError> {
    let Target { sight, via, key, answer } = target;
    let resource = match answer {
        Answer::Collection => Resource::Collection,
        Answer::Entity => Resource::Entity,
        Answer::Property(_) | Answer::RawValue(_) => Resource::Property,
        Answer::Count => Resource::Count,
    };
    options::check(options, resource)?;

    let computed = compute::bind_compute(options.compute.as_deref(), sight, scope, words)?;
    let names = Names { sight, computed: &computed };
    let mut conditions: Vec<_> = key.iter().map(|values| key::key_filter(&sight, values)).collect();
    if let Some(filter) = &options.filter {
        conditions.push(bind_filter(filter, names, scope, words)?);
    }
    let mut search = None;
    if let Some(phrase) = &options.search {
        search = search::bind_search(phrase, &sight)?;
        if search.is_none() {
            conditions.push(connect::truth(false));
        }
    }
    let shape = match answer {
        Answer::Collection | Answer::Entity => expand::bind_shape(options, names, scope, words)?,
        Answer::Property(id) | Answer::RawValue(id) => Shape { properties: vec![id], ..Shape::default() },
        Answer::Count => Shape::default(),
    };
    let collection = answer == Answer::Collection;
    let mut read = Read {
        set: sight.id,
        via,
        key,
        filter: sight.guard(conditions),
        search,
        order: if collection { order::bind_order(options.order.as_deref(), names, scope, words)? } else { Vec::new() },
        shape,
        page: if collection { page::bind_page(options, &sight, scope) } else { page::one_row() },
        count: options.count.unwrap_or(false),
        answer,
    };
    page::resume(&mut read, options, scope)?;
    Ok(read)
}
