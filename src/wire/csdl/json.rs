//! Writes `$metadata` as CSDL JSON 4.01. Members stand in the order of the XML.

use crate::edm::Scalar;
use crate::model::{
    ComplexType, DerivedId, EntityType, EnumType, Exposure, Member, Model, Navigation, Operation, OperationKind,
    Property, PropertyId, SetId,
};
use crate::wire::{Offer, Version};

use super::annotation::{Annotation, VOCABULARIES, Value, vocabulary_url};
use super::document::Json;
use super::facts::{self, Facet, TypeRef, bindings, constraints, qualified};
use super::terms;

const VERSION: Version = Version::V4_01;

/// The metadata document of a service.
pub fn metadata(model: &Model, offer: &Offer) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| {
        json.member("$Version").string(VERSION.text());
        json.member("$EntityContainer").string(&qualified(model, &model.container));
        json.member("$Reference").object(references);
        json.member(&model.namespace).object(|json| schema(json, model, offer));
    });
    json.out
}

fn references(json: &mut Json) {
    for (alias, namespace) in VOCABULARIES {
        json.member(&vocabulary_url(namespace)).object(|json| {
            json.member("$Include").array(|json| {
                json.item().object(|json| {
                    json.member("$Namespace").string(namespace);
                    json.member("$Alias").string(alias);
                });
            });
        });
    }
}

fn schema(json: &mut Json, model: &Model, offer: &Offer) {
    for entity_type in model.published_types() {
        json.member(&entity_type.name).object(|json| write_type(json, model, entity_type));
        for (id, derived) in entity_type.derived_types() {
            json.member(&derived.name).object(|json| {
                let base = derived.base.and_then(|id| entity_type.derived_type(id));
                json.member("$Kind").string("EntityType");
                json.member("$BaseType").string(&qualified(model, base.map_or(&entity_type.name, |it| &it.name)));
                flag(json, "$Abstract", derived.is_abstract);
                write_members(json, model, &derived.structure, &|id| entity_type.property(id));
                write_navigations(json, model, entity_type, Some(id));
                write_annotations(json, &terms::description(derived.description.as_deref()));
            });
        }
    }
    for complex_type in model.published_complex_types() {
        json.member(&complex_type.name).object(|json| write_complex_type(json, model, complex_type));
    }
    for enumeration in model.published_enums() {
        json.member(&enumeration.name).object(|json| write_enumeration(json, enumeration));
    }
    // Overloads are items of one array.
    for (id, operation) in model.published_operations() {
        let is_first = model.operations_named(&operation.name).next().is_some_and(|(first, _)| first == id);
        if is_first {
            json.member(&operation.name).array(|json| {
                for (_, overload) in model.operations_named(&operation.name) {
                    json.item().object(|json| write_operation(json, model, overload));
                }
            });
        }
    }
    json.member(&model.container).object(|json| {
        json.member("$Kind").string("EntityContainer");
        for id in (0..).map(SetId).take(model.sets.len()) {
            write_resource(json, model, id, offer);
        }
        write_imports(json, model);
        write_annotations(json, &terms::of_container(offer, VERSION));
    });
    write_annotations(json, &terms::of_schema(offer));
}

/// Says what holds; what does not is meant where nothing is said.
fn flag(json: &mut Json, name: &str, holds: bool) {
    if holds {
        json.member(name).bool(true);
    }
}

fn write_type(json: &mut Json, model: &Model, entity_type: &EntityType) {
    json.member("$Kind").string("EntityType");
    flag(json, "$Abstract", entity_type.is_abstract);
    flag(json, "$HasStream", entity_type.media.is_some());
    json.member("$Key").array(|json| {
        for property in entity_type.key.iter().filter_map(|id| entity_type.property(*id)) {
            json.item().string(&property.name);
        }
    });
    write_members(json, model, &entity_type.structure, &|id| entity_type.property(id));
    write_navigations(json, model, entity_type, None);
    write_annotations(json, &terms::of_type(model, entity_type));
}

fn write_complex_type(json: &mut Json, model: &Model, complex_type: &ComplexType) {
    json.member("$Kind").string("ComplexType");
    write_members(json, model, &complex_type.structure, &|id| complex_type.properties.get(usize::from(id.0)));
    write_annotations(json, &terms::description(complex_type.description.as_deref()));
}

fn write_enumeration(json: &mut Json, enumeration: &EnumType) {
    json.member("$Kind").string("EnumType");
    if enumeration.underlying != Scalar::Int32 {
        json.member("$UnderlyingType").string(enumeration.underlying.name());
    }
    flag(json, "$IsFlags", enumeration.flags);
    for member in &enumeration.members {
        json.member(&member.name).int(member.value);
    }
    write_annotations(json, &terms::description(enumeration.description.as_deref()));
}

fn write_members<'p>(
    json: &mut Json,
    model: &Model,
    members: &[Member],
    property: &dyn Fn(PropertyId) -> Option<&'p Property>,
) {
    for member in members {
        let (name, type_ref, description) = match member {
            Member::Property(id) => {
                let Some(property) = property(*id) else { continue };
                let type_ref = facts::of_property(model, property, VERSION);
                (&property.name, type_ref, property.description.as_deref())
            }
            Member::Complex(complex) => {
                (&complex.name, facts::of_complex(model, complex), complex.description.as_deref())
            }
        };
        json.member(name).object(|json| {
            write_type_ref(json, &type_ref);
            write_annotations(json, &terms::description(description));
        });
    }
}

/// `Edm.String` and not null are what is meant where nothing is said.
fn write_type_ref(json: &mut Json, type_ref: &TypeRef) {
    let TypeRef { name, collection, nullable, facets } = type_ref;
    if name != "Edm.String" {
        json.member("$Type").string(name);
    }
    flag(json, "$Collection", *collection);
    flag(json, "$Nullable", *nullable == Some(true));
    for (name, value) in facets {
        json.member(&format!("${name}"));
        match value {
            Facet::Number(number) => json.int(i64::from(*number)),
            Facet::Word(word) => json.string(word),
        }
    }
}

fn write_navigations(json: &mut Json, model: &Model, owner: &EntityType, of: Option<DerivedId>) {
    for navigation in owner.published_navigations().filter(|it| it.declared_by == of) {
        write_navigation(json, model, owner, navigation);
    }
}

fn write_navigation(json: &mut Json, model: &Model, owner: &EntityType, navigation: &Navigation) {
    let Some(target) = model.type_of(navigation.target) else { return };
    json.member(&navigation.name).object(|json| {
        json.member("$Kind").string("NavigationProperty");
        let nullable = (!navigation.collection).then_some(navigation.nullable);
        let name = qualified(model, &target.name);
        write_type_ref(json, &TypeRef { name, collection: navigation.collection, nullable, facets: Vec::new() });
        if let Some(partner) = navigation.partner.and_then(|id| target.navigation(id)) {
            json.member("$Partner").string(&partner.name);
        }
        flag(json, "$ContainsTarget", navigation.contained);
        write_pairs(json, "$ReferentialConstraint", &constraints(model, owner, navigation, target));
    });
}

/// An object of texts, if there are any.
fn write_pairs(json: &mut Json, name: &str, pairs: &[(String, String)]) {
    if !pairs.is_empty() {
        json.member(name).object(|json| {
            for (name, value) in pairs {
                json.member(name).string(value);
            }
        });
    }
}

fn write_operation(json: &mut Json, model: &Model, operation: &Operation) {
    json.member("$Kind").string(match operation.kind {
        OperationKind::Function => "Function",
        OperationKind::Action => "Action",
    });
    flag(json, "$IsBound", operation.binding.is_some());
    flag(json, "$IsComposable", operation.composable);
    if let Some(path) = facts::entity_set_path(model, operation) {
        json.member("$EntitySetPath").string(&path);
    }
    let binding = operation.binding.as_ref();
    let binding = binding.and_then(|binding| Some((&binding.parameter, facts::of_binding(model, binding)?)));
    let own = operation.parameters.iter();
    let own = own.map(|parameter| (&parameter.name, facts::of_parameter(model, parameter, VERSION)));
    let parameters: Vec<_> = binding.into_iter().chain(own).collect();
    if !parameters.is_empty() {
        json.member("$Parameter").array(|json| {
            for (name, type_ref) in parameters {
                json.item().object(|json| {
                    json.member("$Name").string(name);
                    write_type_ref(json, &type_ref);
                });
            }
        });
    }
    let returns = operation.returns.as_ref();
    if let Some(type_ref) = returns.and_then(|returns| facts::of_result(model, returns, VERSION)) {
        json.member("$ReturnType").object(|json| write_type_ref(json, &type_ref));
    }
    write_annotations(json, &terms::description(operation.description.as_deref()));
}

/// A set or a singleton; what is contained is no child of the container.
fn write_resource(json: &mut Json, model: &Model, id: SetId, offer: &Offer) {
    let (Some(set), Some(entity_type)) = (model.set(id), model.type_of(id)) else { return };
    if matches!(set.exposure, Exposure::Contained { .. } | Exposure::Unpublished) {
        return;
    }
    json.member(&set.name).object(|json| {
        flag(json, "$Collection", set.is_published());
        json.member("$Type").string(&qualified(model, &entity_type.name));
        write_pairs(json, "$NavigationPropertyBinding", &bindings(model, id));
        write_annotations(json, &terms::of_resource(model, set, offer));
    });
}

fn write_imports(json: &mut Json, model: &Model) {
    for import in facts::imports(model) {
        json.member(import.name).object(|json| {
            let target = qualified(model, &import.operation.name);
            json.member(match import.operation.kind {
                OperationKind::Function => "$Function",
                OperationKind::Action => "$Action",
            });
            json.string(&target);
            if let Some(set) = &import.set {
                json.member("$EntitySet").string(set);
            }
            flag(json, "$IncludeInServiceDocument", import.is_listed);
        });
    }
}

fn write_annotations(json: &mut Json, annotations: &[Annotation]) {
    for annotation in annotations {
        json.member(&format!("@{}", annotation.term));
        write_value(json, &annotation.value);
    }
}

fn write_value(json: &mut Json, value: &Value) {
    match value {
        Value::Bool(value) => json.bool(*value),
        Value::Int(value) => json.int(*value),
        Value::Text(text) | Value::Property(text) | Value::Navigation(text) => json.string(text),
        Value::Members(_, members) => json.string(&members.join(",")),
        Value::List(items) => json.array(|json| {
            for item in items {
                write_value(json.item(), item);
            }
        }),
        Value::Record(members) => json.object(|json| {
            for (name, value) in members {
                write_value(json.member(name), value);
            }
        }),
    }
}
