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
            let words = Words::new(&url.options, scope.model);
            let target = path::bind_path(segments, scope, &words)?;
            bind_read(target, &url.options, scope, &words).map(|read| Query::Read(Box::new(read)))
        }
    }
}

fn bind_read<'a>(
    target: Target<'a>,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Read, BindError> {
    let (sight, answer) = (target.sight, target.answer);
    let resource = match answer {
        Answer::Collection => Resource::Collection,
        Answer::References => Resource::References,
        Answer::Entity => Resource::Entity,
        Answer::Count => Resource::Count,
        Answer::Property(id) if sight.entity.property(id).is_some_and(|it| it.collection.is_some()) => Resource::Items,
        Answer::Items(_) => Resource::ItemCount,
        Answer::Complex(..) => Resource::Complex,
        Answer::Property(_) => Resource::Property,
        Answer::Reference => Resource::Reference,
        Answer::RawValue(_) | Answer::Stream(_) => Resource::Value,
    };
    options::check(options, resource)?;

    let computed = compute::bind_compute(options.compute.as_deref(), sight, scope, words)?;
    let names = Names { sight, computed: &computed };
    let mut conditions = Vec::new();
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
        Answer::Property(id) | Answer::RawValue(id) | Answer::Items(id) => {
            Shape { properties: vec![id], ..Shape::default() }
        }
        Answer::Complex(..) => select::bind_within(options.select.as_deref(), &sight, target.complex)?,
        Answer::Stream(id) => Shape { properties: target.stream(id), ..Shape::default() },
        Answer::Reference | Answer::References | Answer::Count => Shape::default(),
    };
    let mut read = Read {
        set: sight.id,
        of: sight.of,
        filter: target.guard(conditions),
        via: target.via,
        key: target.key,
        search,
        order: if answer.is_page() {
            order::bind_order(options.order.as_deref(), names, scope, words)?
        } else {
            Vec::new()
        },
        shape,
        page: if answer.is_page() { page::bind_page(options, &sight, scope) } else { page::one_row() },
        count: options.count.unwrap_or(false),
        answer,
    };
    page::resume(&mut read, options, scope)?;
    Ok(read)
}
