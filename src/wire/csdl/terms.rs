//! Owns which annotations the schema, its types and its container have: the one table behind XML and JSON. What is
//! offered at all comes from [`Offer`], what differs from set to set from the model.

use crate::edm::Scalar;
use crate::model::{EntitySet, EntityType, Model, Property};
use crate::wire::{Format, Level, Offer, Version};

use super::annotation::{Annotation, Value, annotation, tag};

/// What is told about the schema.
pub(super) fn of_schema(offer: &Offer) -> Vec<Annotation> {
    Vec::from_iter(offer.default_namespace.then(|| tag("Core.DefaultNamespace", true)))
}

/// What is told about a type.
pub(super) fn of_type(entity_type: &EntityType) -> Vec<Annotation> {
    description(entity_type.description.as_deref())
}

/// What is told about a property.
pub(super) fn of_property(property: &Property) -> Vec<Annotation> {
    description(property.description.as_deref())
}

fn description(text: Option<&str>) -> Vec<Annotation> {
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
        .flat_map(|level| [false, true].map(|ieee754| Format { version, level, ieee754, bare: false }));
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

/// What holds for one set.
pub(super) fn of_set(model: &Model, set: &EntitySet, offer: &Offer) -> Vec<Annotation> {
    let Some(entity_type) = model.entity_type(set.entity_type) else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(property) = entity_type.etag.and_then(|id| entity_type.property(id)) {
        let tagged = Value::List(vec![Value::Property(property.name.clone())]);
        all.push(annotation("Core.OptimisticConcurrency", tagged));
    }
    let writes = Value::Bool(offer.writes);
    all.extend([
        tag("Capabilities.IndexableByKey", true),
        tag("Capabilities.TopSupported", true),
        tag("Capabilities.SkipSupported", true),
        annotation("Capabilities.CountRestrictions", record([("Countable", Value::Bool(true))])),
        annotation("Capabilities.FilterRestrictions", filter_restrictions(offer)),
        annotation("Capabilities.SortRestrictions", record([("Sortable", Value::Bool(true))])),
        annotation("Capabilities.ExpandRestrictions", expand_restrictions(entity_type, offer)),
        annotation("Capabilities.SearchRestrictions", search_restrictions(entity_type, offer)),
        annotation("Capabilities.InsertRestrictions", record([("Insertable", writes.clone())])),
        annotation("Capabilities.UpdateRestrictions", record([("Updatable", writes.clone())])),
        annotation("Capabilities.DeleteRestrictions", record([("Deletable", writes)])),
    ]);
    if !offer.transformations.is_empty() {
        let transformations = Value::texts(offer.transformations);
        all.push(annotation("Aggregation.ApplySupported", record([("Transformations", transformations)])));
    }
    all
}

fn filter_restrictions(offer: &Offer) -> Value {
    let mut members = vec![("Filterable", Value::Bool(true))];
    members.extend(offer.filter_levels_max.map(|levels| ("MaxLevels", Value::Int(i64::from(levels)))));
    Value::Record(members)
}

fn expand_restrictions(entity_type: &EntityType, offer: &Offer) -> Value {
    let expandable = !entity_type.navigations.is_empty() && offer.expand_levels_max > 0;
    let mut members = vec![("Expandable", Value::Bool(expandable))];
    if expandable {
        let levels = i64::try_from(offer.expand_levels_max).unwrap_or(-1);
        members.push(("MaxLevels", Value::Int(levels)));
    }
    Value::Record(members)
}

/// A set with nothing to search in answers every search with no entity, so it is no use to search it.
fn search_restrictions(entity_type: &EntityType, offer: &Offer) -> Value {
    let is_searched = |property: &Property| property.searchable && matches!(property.scalar, Scalar::String { .. });
    let searchable = entity_type.properties.iter().any(is_searched);
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
