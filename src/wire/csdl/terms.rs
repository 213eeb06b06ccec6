//! Owns which annotations the schema, its types and its container have: the one table behind XML and JSON. What is
//! offered at all comes from [`Offer`], what differs from set to set from the model.

use crate::edm::Scalar;
use crate::model::{EntitySet, EntityType, Model, Navigation, Property, PropertyId};
use crate::wire::{Format, Level, Offer, Version};

use super::annotation::{Annotation, Value, annotation, tag};
use super::facts::{path_of, qualified};

/// What is told about the schema.
pub(super) fn of_schema(offer: &Offer) -> Vec<Annotation> {
    Vec::from_iter(offer.default_namespace.then(|| tag("Core.DefaultNamespace", true)))
}

/// What is told about a type.
pub(super) fn of_type(model: &Model, entity_type: &EntityType) -> Vec<Annotation> {
    let mut all = description(entity_type.description.as_deref());
    let keys: Vec<_> = entity_type.alternate_keys.iter().map(|key| alternate_key(model, entity_type, key)).collect();
    if !keys.is_empty() {
        all.push(annotation("Core.AlternateKeys", Value::List(keys)));
    }
    all
}

/// Each part has the name by which key predicates call it.
fn alternate_key(model: &Model, entity_type: &EntityType, key: &[PropertyId]) -> Value {
    let parts = key.iter().filter_map(|id| {
        let path = path_of(model, entity_type, *id)?;
        let alias = path.rsplit('/').next().unwrap_or_default().to_owned();
        Some(record([("Name", Value::Property(path)), ("Alias", Value::Text(alias))]))
    });
    record([("Key", Value::List(parts.collect()))])
}

/// A sentence for people, if there is one.
pub(super) fn description(text: Option<&str>) -> Vec<Annotation> {
    text.map(|text| annotation("Core.Description", Value::Text(text.to_owned()))).into_iter().collect()
}

/// What holds for the whole service.
pub(super) fn of_container(offer: &Offer, version: Version) -> Vec<Annotation> {
    let batch = !offer.batch_formats.is_empty();
    let mut all = vec![
        annotation("Core.ODataVersions", Value::Text("4.0 4.01".to_owned())),
        tag("Core.ConventionalIDs", true),
        tag("Core.DereferenceableIDs", true),
    ];
    if !offer.conformance.is_empty() {
        let level = Value::Members("Capabilities.ConformanceLevelType", offer.conformance);
        all.push(annotation("Capabilities.ConformanceLevel", level));
    }
    all.extend([
        annotation("Capabilities.SupportedFormats", Value::texts(&formats(version))),
        annotation("Capabilities.SupportedMetadataFormats", Value::texts(&["application/xml", "application/json"])),
        tag("Capabilities.AsynchronousRequestsSupported", offer.asynchronous),
        tag("Capabilities.BatchSupported", batch),
        tag("Capabilities.BatchContinueOnErrorSupported", batch && offer.batch_continues_on_error),
        annotation(
            "Capabilities.BatchSupport",
            record([
                ("Supported", Value::Bool(batch)),
                ("ContinueOnErrorSupported", Value::Bool(batch && offer.batch_continues_on_error)),
                ("ReferencesInRequestBodiesSupported", Value::Bool(batch)),
                ("ReferencesAcrossChangeSetsSupported", Value::Bool(batch)),
                ("EtagReferencesSupported", Value::Bool(batch)),
                ("RequestDependencyConditionsSupported", Value::Bool(batch)),
                ("SupportedFormats", Value::texts(offer.batch_formats)),
            ]),
        ),
        tag("Capabilities.CrossJoinSupported", offer.cross_join),
        tag("Capabilities.KeyAsSegmentSupported", offer.key_as_segment),
        tag("Capabilities.QuerySegmentSupported", offer.query_segment),
        tag("Capabilities.ComputeSupported", offer.compute),
        annotation("Capabilities.SelectSupport", select_support(offer)),
        annotation("Capabilities.FilterFunctions", Value::texts(offer.filter_functions)),
        tag("Capabilities.AnnotationValuesInQuerySupported", false),
        annotation("Capabilities.ChangeTracking", record([("Supported", Value::Bool(false))])),
    ]);
    all
}

fn formats(version: Version) -> Vec<&'static str> {
    let levels = [Level::Minimal, Level::Full, Level::None];
    let all = levels
        .into_iter()
        .flat_map(|level| [false, true].map(|ieee754| Format { version, level, ieee754, ..Format::default() }));
    all.map(Format::content_type).collect()
}

fn select_support(offer: &Offer) -> Value {
    let options = offer.select_options;
    record([
        ("Supported", Value::Bool(true)),
        ("InstanceAnnotationsSupported", Value::Bool(false)),
        ("Expandable", Value::Bool(options.expand)),
        ("Filterable", Value::Bool(options.filter)),
        ("Searchable", Value::Bool(options.search)),
        ("TopSupported", Value::Bool(options.top)),
        ("SkipSupported", Value::Bool(options.skip)),
        ("ComputeSupported", Value::Bool(options.compute)),
        ("Countable", Value::Bool(options.count)),
        ("Sortable", Value::Bool(options.order)),
    ])
}

/// What holds for one set or singleton.
pub(super) fn of_resource(model: &Model, set: &EntitySet, offer: &Offer) -> Vec<Annotation> {
    let Some(entity_type) = model.entity_type(set.entity_type) else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(path) = entity_type.etag.and_then(|id| path_of(model, entity_type, id)) {
        all.push(annotation("Core.OptimisticConcurrency", Value::List(vec![Value::Property(path)])));
    }
    let writes = Value::Bool(offer.writes);
    let expand = annotation("Capabilities.ExpandRestrictions", expand_restrictions(model, entity_type, offer));
    let update = annotation("Capabilities.UpdateRestrictions", record([("Updatable", writes.clone())]));
    if !set.is_published() {
        all.extend([expand, update]);
        return all;
    }
    let searchable = set.searchable && entity_type.properties.iter().any(is_searched);
    all.extend([
        tag("Capabilities.IndexableByKey", true),
        tag("Capabilities.TopSupported", true),
        tag("Capabilities.SkipSupported", true),
        annotation("Capabilities.CountRestrictions", record([("Countable", Value::Bool(set.countable))])),
        annotation("Capabilities.FilterRestrictions", filter_restrictions(model, entity_type, offer)),
        annotation("Capabilities.SortRestrictions", sort_restrictions(model, entity_type)),
        expand,
        annotation("Capabilities.SearchRestrictions", search_restrictions(searchable, offer)),
        annotation("Capabilities.InsertRestrictions", record([("Insertable", writes.clone())])),
        update,
        annotation("Capabilities.DeleteRestrictions", record([("Deletable", writes)])),
    ]);
    let closed = entity_type.published_navigations().filter(|navigation| !navigation.filterable);
    let closed: Vec<_> = closed
        .map(|navigation| {
            let path = navigation_path(model, entity_type, navigation);
            let refused = record([("Filterable", Value::Bool(false))]);
            record([("NavigationProperty", Value::Navigation(path)), ("FilterRestrictions", refused)])
        })
        .collect();
    if !closed.is_empty() {
        let restricted = record([("RestrictedProperties", Value::List(closed))]);
        all.push(annotation("Capabilities.NavigationRestrictions", restricted));
    }
    if !offer.transformations.is_empty() {
        let transformations = Value::texts(offer.transformations);
        all.push(annotation("Aggregation.ApplySupported", record([("Transformations", transformations)])));
    }
    all
}

/// The paths of all published properties for which `is_meant` holds, under this name; nothing if there are none.
fn paths(
    model: &Model,
    entity_type: &EntityType,
    name: &'static str,
    is_meant: impl Fn(&Property) -> bool,
) -> Option<(&'static str, Value)> {
    let meant = entity_type.property_ids().filter(|id| entity_type.property(*id).is_some_and(&is_meant));
    let paths: Vec<_> = meant.filter_map(|id| path_of(model, entity_type, id)).map(Value::Property).collect();
    (!paths.is_empty()).then_some((name, Value::List(paths)))
}

fn is_stream(property: &Property) -> bool {
    property.content_type.is_some() || property.scalar == Scalar::Stream
}

fn filter_restrictions(model: &Model, entity_type: &EntityType, offer: &Offer) -> Value {
    let mut members = vec![("Filterable", Value::Bool(true))];
    let refused = |property: &Property| !property.filterable || is_stream(property);
    members.extend(paths(model, entity_type, "NonFilterableProperties", refused));
    // What is compared is the whole text, and not what a client has seen of it.
    let cut = entity_type
        .property_ids()
        .filter(|id| entity_type.property(*id).is_some_and(|property| property.cut.is_some() && property.filterable));
    let searched: Vec<Value> = cut
        .filter_map(|id| path_of(model, entity_type, id))
        .map(|path| {
            let allowed = Value::Text("SearchExpression".to_owned());
            record([("Property", Value::Property(path)), ("AllowedExpressions", allowed)])
        })
        .collect();
    if !searched.is_empty() {
        members.push(("FilterExpressionRestrictions", Value::List(searched)));
    }
    members.extend(offer.filter_levels_max.map(|levels| ("MaxLevels", Value::Int(i64::from(levels)))));
    Value::Record(members)
}

fn sort_restrictions(model: &Model, entity_type: &EntityType) -> Value {
    let mut members = vec![("Sortable", Value::Bool(true))];
    let refused = |property: &Property| !property.sortable || is_stream(property) || property.collection.is_some();
    members.extend(paths(model, entity_type, "NonSortableProperties", refused));
    Value::Record(members)
}

fn expand_restrictions(model: &Model, entity_type: &EntityType, offer: &Offer) -> Value {
    let (open, closed): (Vec<_>, Vec<_>) =
        entity_type.published_navigations().partition(|navigation| navigation.expandable);
    let expandable = !open.is_empty() && offer.expand_levels_max > 0;
    let mut members = vec![("Expandable", Value::Bool(expandable))];
    if expandable {
        let closed: Vec<_> =
            closed.iter().map(|it| Value::Navigation(navigation_path(model, entity_type, it))).collect();
        if !closed.is_empty() {
            members.push(("NonExpandableProperties", Value::List(closed)));
        }
        members.push(("MaxLevels", Value::Int(i64::try_from(offer.expand_levels_max).unwrap_or(-1))));
    }
    Value::Record(members)
}

fn navigation_path(model: &Model, entity_type: &EntityType, navigation: &Navigation) -> String {
    let derived = navigation.declared_by.and_then(|id| entity_type.derived_type(id));
    let cast = derived.map(|derived| format!("{}/", qualified(model, &derived.name))).unwrap_or_default();
    format!("{cast}{}", navigation.name)
}

fn is_searched(property: &Property) -> bool {
    property.searchable && !property.hidden && matches!(property.scalar, Scalar::String { .. })
}

/// A set with nothing to search in answers every search with no entity, so it is no use to search it.
fn search_restrictions(searchable: bool, offer: &Offer) -> Value {
    let mut members = vec![("Searchable", Value::Bool(searchable))];
    if searchable && !offer.search_unsupported.is_empty() {
        let unsupported = Value::Members("Capabilities.SearchExpressions", offer.search_unsupported);
        members.push(("UnsupportedExpressions", unsupported));
    }
    Value::Record(members)
}

fn record<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Record(members.into())
}
