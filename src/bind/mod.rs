//! Words + model → bound query: resolves every name, types every literal, applies rights.
//!
//! [`bind`] takes the tree that `syntax` made and a [`Scope`], and gives a [`Query`] in which nothing is left to decide
//! but how to fetch it. Two requests that mean the same give equal queries as far as that is cheap to see, so that they
//! share statements and cache entries.
//!
//! # Decisions
//!
//! - **One door.** Sets come into sight only through `Scope::open`, filters of reads are made only by `Sight::guard`.
//!   What the caller may not see is answered like what does not exist. (Checking rights after binding was rejected: a
//!   path that forgets the check would still work.)
//! - **Literals take the type of the other side.** A number beside a text is that text, a quoted number beside a number
//!   is that number, since Salesforce knows only the types of its own fields. Where a literal lies between two values
//!   of a type — 1.5 among integers, noon among dates — the comparison moves to the nearest value and stays exact; so
//!   no database has to compare mixed types. An integer literal that its integer property cannot hold is refused.
//! - **Literals carry types without facets.** A parameter cut to the column's length or scale would equal what it is
//!   not.
//! - **Null logic is settled here once.** `e eq true` becomes `e` only where the question is whether `e` is true; under
//!   `not` it stays a comparison, which is false for null where `e` itself is null.
//! - **A chain of `eq` or `ne` becomes a list.** Many clients lack `in` and send hundreds of terms.
//! - **The order of a single entity is empty**; that of a collection always ends with the key.

mod all;
mod apply;
mod calculate;
mod cast;
mod collected;
mod compare;
mod complex;
mod compute;
mod connect;
mod cross;
mod default;
mod error;
mod expand;
mod filter;
mod functions;
mod geo;
mod implicit;
mod items;
mod key;
mod literal;
mod operation;
mod options;
mod order;
mod page;
mod path;
mod raise;
mod root;
mod routine;
mod scope;
mod search;
mod select;
mod start;
#[cfg(test)]
mod tests;
mod walk;

pub use default::within_defaults;
pub use error::{BindError, BindErrorKind, Class, KeyProblem};
pub use implicit::with_parameters;
pub use literal::exact_value;
pub use scope::{Limits, Scope};

use crate::edm::{Scalar, Value};
use crate::model::OperationId;
use crate::query::{Answer, Inside, Query, Read, Shape};
use crate::syntax::{self, Options, Path, ResourceUrl};

use apply::{Applied, Entities};
use filter::{Names, Words, bind_filter};
use items::ItemsOf;
use options::Resource;
use path::Target;

/// Binds a request to the model.
pub fn bind(url: &ResourceUrl, scope: &Scope<'_>) -> Result<Query, BindError> {
    match &url.path {
        Path::Service => options::check(&url.options, Resource::Service).map(|()| Query::Service),
        Path::Metadata => options::check(&url.options, Resource::Metadata).map(|()| Query::Metadata),
        Path::Batch => Err(BindError::unsupported_anywhere("'$batch'")),
        Path::All { cast, span } => all::bind_all(url, cast.as_ref(), span, scope),
        Path::Crossjoin { sets, query: false, span } => cross::bind_cross(url, sets, span, scope),
        Path::Crossjoin { span, .. } => Err(BindError::unsupported("the path segment '$query'", span)),
        Path::Entity { cast, span } => bind_entity_id(url, cast.as_ref(), span, scope),
        Path::Resource(segments) => {
            let words = Words::new(&url.options, scope.model);
            let target = path::bind_path(segments, scope, &words)?;
            if let Some(apply) = &url.options.apply
                && matches!(target.answer, Answer::Collection | Answer::Count | Answer::References)
                && target.value.is_none()
            {
                return bind_applied(target, apply, &url.options, scope, &words);
            }
            bind_target(target, &url.options, scope, &words)
        }
    }
}

/// What `$apply` makes of a collection: rows of their own, or entities still.
fn bind_applied<'a>(
    target: Target<'a>,
    apply: &'a syntax::Apply,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Query, BindError> {
    options::check(options, resource_of(&target))?;
    match apply::bind_aggregate(&target, apply, options, scope, words)? {
        Applied::Rows(aggregate) => Ok(Query::Aggregate(aggregate)),
        Applied::Entities(entities) => {
            bind_read(target, options, scope, words, Some(entities)).map(|read| Query::Read(Box::new(read)))
        }
    }
}

fn bind_target<'a>(
    target: Target<'a>,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
) -> Result<Query, BindError> {
    match &target.value {
        Some(invoke) => {
            options::check(options, Resource::Result)?;
            Ok(Query::Call(Box::new(invoke.clone())))
        }
        None => bind_read(target, options, scope, words, None).map(|read| Query::Read(Box::new(read))),
    }
}

/// `$entity?$id=…`: the entity that an id names, which is its path below the service root (OData 4.01 Part 2, 4.14).
fn bind_entity_id(
    url: &ResourceUrl,
    cast: Option<&syntax::Word>,
    span: &syntax::Span,
    scope: &Scope<'_>,
) -> Result<Query, BindError> {
    let Some((id, id_span)) = &url.options.id else {
        let kind = BindErrorKind::EntityId { id: String::new(), why: "the option '$id' is missing".to_owned() };
        return Err(BindError::at(kind, span));
    };
    let wrong = |why: String| BindError::at(BindErrorKind::EntityId { id: id.clone(), why }, id_span);
    if id.contains("://") || id.starts_with("//") {
        return Err(wrong("it is of another service".to_owned()));
    }
    let named = syntax::parse(id.trim_start_matches('/'), &syntax::Limits::default());
    let named = named.map_err(|error| wrong(error.to_string()))?;
    let Path::Resource(segments) = &named.path else { return Err(wrong("it names no entity".to_owned())) };
    let options = Options { id: None, ..url.options.clone() };
    let words = Words::new(&options, scope.model);
    // Places in the id are none in the request.
    let mut target =
        path::bind_path(segments, scope, &words).map_err(|error| BindError { span: Some(id_span.clone()), ..error })?;
    if target.answer != Answer::Entity || target.value.is_some() || target.from.is_some() {
        return Err(wrong("it names no entity".to_owned()));
    }
    if let Some(cast) = cast {
        let sight = target.sight.cast(&scope.model.namespace, &cast.text);
        let unknown = || BindError::at(BindErrorKind::UnknownType(cast.text.clone()), &cast.span);
        target.sight = sight.ok_or_else(unknown)?;
    }
    bind_target(target, &options, scope, &words)
}

/// The values of an action's parameters, from the members of the JSON object that came as its body.
pub fn bind_body(
    operation: OperationId,
    members: &[(String, syntax::Expr)],
    scope: &Scope<'_>,
) -> Result<Vec<(Value, Scalar)>, BindError> {
    let options = Options::default();
    let words = Words::new(&options, scope.model);
    match scope.model.operation(operation) {
        Some(operation) => operation::from_body(operation, members, &words),
        None => Ok(Vec::new()),
    }
}

/// What is addressed, as far as options care.
fn resource_of(target: &Target<'_>) -> Resource {
    match target.answer {
        Answer::Collection => Resource::Collection,
        Answer::References => Resource::References,
        Answer::Entity => Resource::Entity,
        Answer::Count if target.each.is_some() => Resource::EachCount,
        Answer::Count => Resource::Count,
        Answer::Property(id) if target.place.is_none() && target.sight.collection(id).is_some() => Resource::Items,
        Answer::Items(_) => Resource::ItemCount,
        Answer::Complex(..) => Resource::Complex,
        Answer::Property(_) => Resource::Property,
        Answer::Reference => Resource::Reference,
        Answer::RawValue(_) | Answer::Stream(_) => Resource::Value,
        Answer::Each => Resource::Each,
    }
}

fn bind_read<'a>(
    target: Target<'a>,
    options: &'a Options,
    scope: &Scope<'a>,
    words: &Words<'a>,
    applied: Option<Box<Entities>>,
) -> Result<Read, BindError> {
    let (sight, answer) = (target.sight, target.answer);
    options::check(options, resource_of(&target))?;
    if let (Some(apply), None) = (&options.apply, &applied) {
        let span = apply.0.first().map_or(0..0, |first| first.span.clone());
        return Err(BindError::unsupported("$apply of what is not in one set", &span));
    }

    let added = applied.as_ref().map_or(&[][..], |entities| &entities.added);
    let names = Names { computed: added, ..sight.into() };
    let computed = compute::bind_compute(options.compute.as_deref(), names, scope, words)?;
    let names = Names { computed: &computed, ..sight.into() };
    let mut conditions = Vec::new();
    let of_items = match answer {
        Answer::Property(id) | Answer::RawValue(id) | Answer::Items(id) => sight.collection(id).map(|it| (id, it)),
        _ => None,
    };
    if let Some(filter) = options.filter.as_ref().filter(|_| of_items.is_none()) {
        conditions.push(bind_filter(filter, names, scope, words)?);
    }
    sight.check_counted((options.count == Some(true) && of_items.is_none()) || answer == Answer::Count)?;
    let mut search = None;
    if let Some(phrase) = options.search.as_ref().filter(|_| of_items.is_none()) {
        search = search::bind_search(phrase, &sight)?;
        if search.is_none() {
            conditions.push(connect::truth(false));
        }
    }
    let shape = match answer {
        Answer::Collection | Answer::Entity => expand::bind_shape(options, names, scope, words)?,
        Answer::Property(id) | Answer::RawValue(id) | Answer::Items(id) => {
            let inside = match of_items {
                Some((id, property)) => {
                    let of = ItemsOf { property, names, alone: true };
                    let items = items::bind_items(of, target.place, options, scope, words)?;
                    items.map(|items| Box::new(Inside { items: vec![(id, items)], ..Inside::default() }))
                }
                None => None,
            };
            Shape { properties: vec![id], inside, ..Shape::default() }
        }
        Answer::Complex(..) => select::bind_within(options.select.as_deref(), target.complex, names, scope, words)?,
        Answer::Stream(id) => Shape { properties: target.stream(id), ..Shape::default() },
        Answer::Reference | Answer::References | Answer::Count => Shape::default(),
        Answer::Each => Shape { computed: target.each.iter().cloned().collect(), ..Shape::default() },
    };
    let order = match &applied {
        _ if !answer.is_page() => Vec::new(),
        Some(entities) if options.order.is_none() => order::complete(entities.order.clone(), &sight),
        _ => order::bind_order(options.order.as_deref(), names, scope, words)?,
    };
    let filter = match &applied {
        // The rights have come first.
        Some(_) => Some(connect::and(conditions)).filter(|filter| *filter != connect::truth(true)),
        None => target.guard(conditions),
    };
    let mut read = Read {
        set: sight.id,
        of: sight.of,
        from: target.from.clone(),
        all: None,
        filter,
        via: target.via,
        made: applied.map(|entities| Box::new(entities.made)),
        key: target.key,
        search,
        order,
        shape,
        page: if answer.is_page() { page::bind_page(options, &sight, scope) } else { page::one_row() },
        count: options.count.unwrap_or(false) && of_items.is_none(),
        answer,
    };
    page::resume(&mut read, options, scope)?;
    Ok(read)
}
