//! Owns which query options fit which resource (OData 4.01 Part 1, 11.2): an option that has no meaning there is
//! refused, never ignored.

use crate::syntax::{Apply, Options, Span};

use super::BindError;
use super::error::BindErrorKind;

/// What is addressed, as far as options care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Service,
    Metadata,
    All,
    /// `$all` with a type behind it.
    AllOfType,
    Cross,
    Collection,
    Entity,
    References,
    Reference,
    Property,
    Complex,
    /// A property that is a collection.
    Items,
    ItemCount,
    /// Properties inside `$select`.
    SelectedItems,
    SelectedProperty,
    SelectedComplex,
    /// What a function gives for each entity of a collection.
    Each,
    EachCount,
    Value,
    /// What a function or an action gives, if that is no entity.
    Result,
    Count,
    ExpandedCollection,
    ExpandedEntity,
    ExpandedReferences,
    ExpandedReference,
    ExpandedCount,
}

impl Resource {
    fn name(self) -> &'static str {
        match self {
            Resource::Service => "the service document",
            Resource::Metadata => "$metadata",
            Resource::All | Resource::AllOfType => "$all",
            Resource::Cross => "$crossjoin",
            Resource::Collection => "a collection",
            Resource::Entity => "a single entity",
            Resource::References => "references",
            Resource::Reference => "a reference",
            Resource::Property => "a property",
            Resource::Complex => "a complex property",
            Resource::Items => "a collection of values",
            Resource::ItemCount => "/$count of a collection of values",
            Resource::SelectedItems => "a selected collection of values",
            Resource::SelectedProperty => "a selected property that is one value",
            Resource::SelectedComplex => "a selected complex property",
            Resource::Each => "what a function gives for each entity",
            Resource::EachCount => "/$count of what a function gives for each entity",
            Resource::Value => "/$value",
            Resource::Result => "the result of an operation",
            Resource::Count => "/$count",
            Resource::ExpandedCollection => "an expanded collection",
            Resource::ExpandedEntity => "an expanded single entity",
            Resource::ExpandedReferences => "expanded references",
            Resource::ExpandedReference => "an expanded reference",
            Resource::ExpandedCount => "an expanded /$count",
        }
    }

    fn allows(self, option: &str) -> bool {
        match self {
            Resource::Service | Resource::Metadata | Resource::Property | Resource::Reference | Resource::Result => {
                option == "$format"
            }
            Resource::Complex => matches!(option, "$select" | "$format"),
            Resource::References => !matches!(option, "$select" | "$expand" | "$compute" | "$levels"),
            Resource::Items => !matches!(option, "$select" | "$expand" | "$skiptoken" | "$levels"),
            Resource::SelectedItems => {
                matches!(option, "$filter" | "$search" | "$orderby" | "$top" | "$skip" | "$count")
            }
            Resource::SelectedComplex => matches!(option, "$select" | "$compute"),
            Resource::ItemCount => matches!(option, "$filter" | "$search"),
            Resource::Each => {
                matches!(option, "$filter" | "$orderby" | "$top" | "$skip" | "$count" | "$skiptoken" | "$format")
            }
            Resource::SelectedProperty | Resource::Value | Resource::EachCount | Resource::ExpandedReference => false,
            Resource::All => true,
            Resource::Collection | Resource::Cross | Resource::AllOfType => option != "$levels",
            Resource::Entity => matches!(option, "$select" | "$expand" | "$compute" | "$format"),
            Resource::Count => matches!(option, "$apply" | "$filter" | "$search"),
            Resource::ExpandedCollection => !matches!(option, "$skiptoken" | "$format"),
            Resource::ExpandedEntity => matches!(option, "$select" | "$expand" | "$compute" | "$levels"),
            Resource::ExpandedReferences => {
                matches!(option, "$filter" | "$search" | "$orderby" | "$top" | "$skip" | "$count")
            }
            Resource::ExpandedCount => matches!(option, "$filter" | "$search"),
        }
    }
}

/// Refuses what is not offered, then what does not fit.
pub(super) fn check(options: &Options, resource: Resource) -> Result<(), BindError> {
    if let Some((name, span)) = not_offered(options) {
        let kind = BindErrorKind::Unsupported { feature: format!("the option '{name}'") };
        return Err(BindError { kind, span });
    }
    // The latest version is the only one (OData 4.01 Part 1, 11.2.12).
    if let Some((version, span)) = options.schema_version.as_ref().filter(|(version, _)| version != "*") {
        return Err(BindError::at(BindErrorKind::UnknownSchemaVersion(version.clone()), span));
    }
    let given = [
        ("$apply", options.apply.is_some()),
        ("$filter", options.filter.is_some()),
        ("$search", options.search.is_some()),
        ("$orderby", options.order.is_some()),
        ("$top", options.top.is_some()),
        ("$skip", options.skip.is_some()),
        ("$count", options.count.is_some()),
        ("$skiptoken", options.skip_token.is_some()),
        ("$select", options.select.is_some()),
        ("$expand", options.expand.is_some()),
        ("$levels", options.levels.is_some()),
        ("$compute", options.compute.is_some()),
        ("$format", options.format.is_some()),
    ];
    for option in given.into_iter().filter_map(|(option, present)| present.then_some(option)) {
        if !resource.allows(option) {
            let kind = BindErrorKind::OptionNotAllowed { option, resource: resource.name() };
            return Err(BindError { kind, span: place(options, option) });
        }
        let is_missing = match resource {
            Resource::Items => matches!(option, "$apply" | "$compute"),
            Resource::SelectedComplex => option == "$compute",
            Resource::Each => matches!(option, "$filter" | "$orderby"),
            Resource::Cross => matches!(option, "$apply" | "$compute" | "$search"),
            Resource::All => !matches!(option, "$format" | "$skiptoken" | "$search" | "$top"),
            Resource::AllOfType => option == "$apply",
            _ => false,
        };
        if is_missing {
            let kind = BindErrorKind::Unsupported { feature: format!("the option '{option}' on {}", resource.name()) };
            return Err(BindError { kind, span: place(options, option) });
        }
    }
    Ok(())
}

/// Where an option stands, as far as the words tell.
fn place(options: &Options, option: &str) -> Option<Span> {
    let span = match option {
        "$apply" => options.apply.as_ref().and_then(|Apply(all)| all.first()).map(|first| &first.span),
        "$filter" => options.filter.as_ref().map(|filter| &filter.span),
        "$search" => options.search.as_ref().map(|search| &search.span),
        "$orderby" => options.order.as_ref().and_then(|items| items.first()).map(|item| &item.expr.span),
        "$skiptoken" => options.skip_token.as_ref().map(|(_, span)| span),
        "$select" => options.select.as_ref().and_then(|items| items.first()).map(|item| &item.span),
        "$expand" => options.expand.as_ref().and_then(|items| items.first()).map(|item| &item.span),
        "$compute" => options.compute.as_ref().and_then(|items| items.first()).map(|item| &item.span),
        "$format" => options.format.as_ref().map(|(_, span)| span),
        _ => None,
    };
    span.cloned()
}

/// The first option that is correct but not offered.
fn not_offered(options: &Options) -> Option<(&'static str, Option<Span>)> {
    let texts = [("$deltatoken", &options.delta_token), ("$id", &options.id)];
    if let Some((name, Some((_, span)))) = texts.into_iter().find(|(_, text)| text.is_some()) {
        return Some((name, Some(span.clone())));
    }
    options.index.map(|_| ("$index", None))
}
