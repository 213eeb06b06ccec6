//! Owns what both writers say about the model: types with their facets, referential constraints, where navigation
//! properties lead, how operations return entities.

use std::fmt;

use crate::edm::Scalar;
use crate::model::{
    Binding, ComplexMember, DerivedId, EntityType, EnumType, Exposure, Member, Model, Navigation, Operation,
    OperationKind, Parameter, Property, PropertyId, Returns, SetId, ValueType,
};
use crate::wire::Version;

/// Contained sets in one another, followed by bindings.
const CONTAINED_DEPTH_MAX: usize = 4;

/// The value of a facet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Facet {
    Number(u32),
    Word(&'static str),
}

impl fmt::Display for Facet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Facet::Number(number) => number.fmt(formatter),
            Facet::Word(word) => word.fmt(formatter),
        }
    }
}

/// The type of a property, a parameter or a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeRef {
    /// Qualified name; of a collection that of its items.
    pub(super) name: String,
    pub(super) collection: bool,
    /// `None` where nothing may be said: a collection of entities has no nulls.
    pub(super) nullable: Option<bool>,
    /// By their names in XML; JSON has a `$` before them.
    pub(super) facets: Vec<(&'static str, Facet)>,
}

/// The type of a property.
pub(super) fn of_property(model: &Model, property: &Property, version: Version) -> TypeRef {
    let value_type = ValueType { scalar: property.scalar, enumeration: property.enumeration };
    of_value(model, value_type, property.nullable, property.collection.is_some(), version)
}

/// The type of a complex property.
pub(super) fn of_complex(model: &Model, complex: &ComplexMember) -> TypeRef {
    let name = model.complex_type(complex.complex_type).map_or("", |it| &it.name);
    TypeRef { name: qualified(model, name), collection: false, nullable: Some(complex.nullable), facets: Vec::new() }
}

/// The type of a parameter.
pub(super) fn of_parameter(model: &Model, parameter: &Parameter, version: Version) -> TypeRef {
    of_value(model, parameter.value_type, parameter.nullable, parameter.collection, version)
}

/// The type of the entity or the collection to which an operation is bound.
pub(super) fn of_binding(model: &Model, binding: &Binding) -> Option<TypeRef> {
    of_entity(model, binding.set, binding.derived, binding.collection, Some(false))
}

/// What an operation returns.
pub(super) fn of_result(model: &Model, returns: &Returns, version: Version) -> Option<TypeRef> {
    match returns {
        Returns::Value { value_type, nullable } => Some(of_value(model, *value_type, *nullable, false, version)),
        Returns::Values { value_type, nullable } => Some(of_value(model, *value_type, *nullable, true, version)),
        Returns::Entity { set, nullable } => of_entity(model, *set, None, false, Some(*nullable)),
        Returns::Entities { set } => of_entity(model, *set, None, true, None),
    }
}

/// The set of the entities that an operation returns.
pub(super) fn set_of_result(returns: &Returns) -> Option<SetId> {
    match returns {
        Returns::Entity { set, .. } | Returns::Entities { set } => Some(*set),
        _ => None,
    }
}

fn of_entity(
    model: &Model,
    set: SetId,
    derived: Option<DerivedId>,
    collection: bool,
    nullable: Option<bool>,
) -> Option<TypeRef> {
    let root = model.type_of(set)?;
    let name = derived.and_then(|id| root.derived_type(id)).map_or(&root.name, |it| &it.name);
    let nullable = nullable.filter(|_| !collection);
    Some(TypeRef { name: qualified(model, name), collection, nullable, facets: Vec::new() })
}

fn of_value(model: &Model, value_type: ValueType, nullable: bool, collection: bool, version: Version) -> TypeRef {
    let enumeration: Option<&EnumType> = value_type.enumeration.and_then(|id| model.enumeration(id));
    let name = enumeration.map_or_else(|| value_type.scalar.name().to_owned(), |it| qualified(model, &it.name));
    let facets = if enumeration.is_some() { Vec::new() } else { facets(value_type.scalar, version) };
    TypeRef { name, collection, nullable: Some(nullable), facets }
}

/// A name in our schema.
pub(super) fn qualified(model: &Model, name: &str) -> String {
    format!("{}.{name}", model.namespace)
}

fn facets(scalar: Scalar, version: Version) -> Vec<(&'static str, Facet)> {
    let number = |value: u16| Facet::Number(u32::from(value));
    let facets = match scalar {
        Scalar::String { max_length } | Scalar::Binary { max_length } => {
            [max_length.map(|length| ("MaxLength", Facet::Number(length))), None]
        }
        Scalar::Decimal { precision, scale } => {
            let variable = (version == Version::V4_01).then_some(Facet::Word("variable"));
            let scale = scale.map(number).or(variable);
            [precision.map(|precision| ("Precision", number(precision))), scale.map(|scale| ("Scale", scale))]
        }
        Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } | Scalar::Duration { precision } => {
            [Some(("Precision", number(u16::from(precision)))), None]
        }
        _ => [None, None],
    };
    facets.into_iter().flatten().collect()
}

/// The path of a property inside its type, `Address/City`; `None` if it is not published. Of a derived type the path
/// begins with its name.
pub(super) fn path_of(model: &Model, entity_type: &EntityType, id: PropertyId) -> Option<String> {
    let own = entity_type.structure.iter().find_map(|member| path_in(entity_type, member, id));
    own.or_else(|| {
        entity_type.derived.iter().find_map(|derived| {
            let path = derived.structure.iter().find_map(|member| path_in(entity_type, member, id))?;
            Some(format!("{}/{path}", qualified(model, &derived.name)))
        })
    })
}

fn path_in(entity_type: &EntityType, member: &Member, id: PropertyId) -> Option<String> {
    match member {
        Member::Property(known) => (*known == id).then(|| entity_type.property(id).map(|it| it.name.clone()))?,
        Member::Complex(complex) => {
            let inner = complex.members.iter().find_map(|member| path_in(entity_type, member, id))?;
            Some(format!("{}/{inner}", complex.name))
        }
    }
}

/// The pairs of a to-one navigation by their paths; none if the standard forbids one of them, or one is not published.
pub(super) fn constraints(
    model: &Model,
    owner: &EntityType,
    navigation: &Navigation,
    target: &EntityType,
) -> Vec<(String, String)> {
    if !navigation.is_constraint(owner, target) {
        return Vec::new();
    }
    let pairs = navigation
        .joins
        .iter()
        .map(|join| Some((path_of(model, owner, join.local)?, path_of(model, target, join.remote)?)));
    pairs.collect::<Option<_>>().unwrap_or_default()
}

/// Where the navigation properties of a set lead: pairs of path and target. Contained entities are in no set of their
/// own, so their navigation properties are bound through them.
pub(super) fn bindings(model: &Model, set: SetId) -> Vec<(String, String)> {
    let mut found = Vec::new();
    push_bindings(model, set, "", CONTAINED_DEPTH_MAX, &mut found);
    found
}

fn push_bindings(model: &Model, set: SetId, before: &str, depth: usize, found: &mut Vec<(String, String)>) {
    let Some(entity_type) = model.type_of(set) else { return };
    for navigation in entity_type.published_navigations() {
        let cast = navigation.declared_by.and_then(|id| entity_type.derived_type(id));
        let cast = cast.map(|derived| format!("{}/", qualified(model, &derived.name))).unwrap_or_default();
        let path = format!("{before}{cast}{}", navigation.name);
        if navigation.contained {
            if let Some(depth) = depth.checked_sub(1) {
                push_bindings(model, navigation.target, &format!("{path}/"), depth, found);
            }
        } else if let Some(target) = resource_of(model, navigation.target, CONTAINED_DEPTH_MAX) {
            found.push((path, target));
        }
    }
}

/// The path of a set from the container: `Orders`, or `Orders/Lines` if it is contained.
fn resource_of(model: &Model, set: SetId, depth: usize) -> Option<String> {
    let declared = model.set(set)?;
    match &declared.exposure {
        Exposure::Set | Exposure::Singleton { .. } => Some(declared.name.clone()),
        Exposure::Unpublished => None,
        Exposure::Contained { parent, navigation } => {
            let name = &model.type_of(*parent)?.navigation(*navigation)?.name;
            Some(format!("{}/{name}", resource_of(model, *parent, depth.checked_sub(1)?)?))
        }
    }
}

/// Where the entities that a bound operation returns are found, from its binding parameter on; `None` if that cannot be
/// said.
pub(super) fn entity_set_path(model: &Model, operation: &Operation) -> Option<String> {
    let binding = operation.binding.as_ref()?;
    let set = set_of_result(operation.returns.as_ref()?)?;
    if set == binding.set {
        return Some(binding.parameter.clone());
    }
    let owner = model.type_of(binding.set)?;
    let way = owner.published_navigations().find(|it| it.target == set && it.declared_by.is_none())?;
    Some(format!("{}/{}", binding.parameter, way.name))
}

/// A function or an action that is called by a name of the container. Overloads share their import.
#[derive(Clone, Debug)]
pub(super) struct Import<'a> {
    pub(super) name: &'a str,
    pub(super) operation: &'a Operation,
    /// A function that is listed in the service document: one that can be called without parameters.
    pub(super) is_listed: bool,
    /// The set of the entities that are returned.
    pub(super) set: Option<String>,
}

/// All imports, each once.
pub(super) fn imports(model: &Model) -> Vec<Import<'_>> {
    let mut all: Vec<Import<'_>> = Vec::new();
    for (_, operation) in model.published_operations() {
        let Some(name) = operation.imported_as.as_deref().filter(|_| operation.binding.is_none()) else { continue };
        let is_listed = operation.kind == OperationKind::Function && operation.parameters.is_empty();
        if let Some(known) = all.iter_mut().find(|import| import.name == name) {
            known.is_listed |= is_listed;
            continue;
        }
        let set = operation.returns.as_ref().and_then(set_of_result);
        let set = set.and_then(|set| resource_of(model, set, CONTAINED_DEPTH_MAX));
        all.push(Import { name, operation, is_listed, set });
    }
    all
}
