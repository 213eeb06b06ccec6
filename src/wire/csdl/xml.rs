//! Writes `$metadata` as CSDL XML 4.0 or 4.01.

use crate::edm::Scalar;
use crate::model::{
    ComplexType, DerivedId, EntityType, EnumType, Exposure, Member, Model, Navigation, Operation, OperationKind,
    Property, PropertyId, SetId,
};
use crate::wire::{Offer, Version};

use super::annotation::{Annotation, VOCABULARIES, Value};
use super::document::Xml;
use super::facts::{self, TypeRef, bindings, constraints, qualified};
use super::terms;

/// The metadata document of a service.
pub fn metadata(model: &Model, version: Version, offer: &Offer) -> String {
    let mut xml = Xml::new();
    xml.open("edmx:Edmx")
        .attribute("xmlns:edmx", "http://docs.oasis-open.org/odata/ns/edmx")
        .attribute("Version", version.text());
    xml.open("edmx:DataServices");
    xml.open("Schema")
        .attribute("xmlns", "http://docs.oasis-open.org/odata/ns/edm")
        .attribute("Namespace", &model.namespace);
    let mut writer = Writer { xml, model, version, offer };
    for entity_type in model.published_types() {
        writer.entity_type(entity_type);
    }
    for complex_type in model.published_complex_types() {
        writer.complex_type(complex_type);
    }
    for enumeration in model.published_enums() {
        writer.enumeration(enumeration);
    }
    for (_, operation) in model.published_operations() {
        writer.operation(operation);
    }
    writer.container();
    writer.annotations(&terms::of_schema(offer));
    writer.xml.finish()
}

struct Writer<'a> {
    xml: Xml,
    model: &'a Model,
    version: Version,
    offer: &'a Offer,
}

impl Writer<'_> {
    fn entity_type(&mut self, entity_type: &EntityType) {
        self.xml.open("EntityType").attribute("Name", &entity_type.name);
        if entity_type.is_abstract {
            self.xml.attribute("Abstract", true);
        }
        if entity_type.media.is_some() {
            self.xml.attribute("HasStream", true);
        }
        self.xml.open("Key");
        for property in entity_type.key.iter().filter_map(|id| entity_type.property(*id)) {
            self.xml.open("PropertyRef").attribute("Name", &property.name);
            self.xml.close();
        }
        self.xml.close();
        self.members(&entity_type.structure, &|id| entity_type.property(id));
        self.navigations(entity_type, None);
        self.annotations(&terms::of_type(self.model, entity_type));
        self.xml.close();
        for (id, derived) in entity_type.derived_types() {
            let base = derived.base.and_then(|id| entity_type.derived_type(id));
            let base = qualified(self.model, base.map_or(&entity_type.name, |it| &it.name));
            self.xml.open("EntityType").attribute("Name", &derived.name).attribute("BaseType", base);
            if derived.is_abstract {
                self.xml.attribute("Abstract", true);
            }
            self.members(&derived.structure, &|id| entity_type.property(id));
            self.navigations(entity_type, Some(id));
            self.annotations(&terms::description(derived.description.as_deref()));
            self.xml.close();
        }
    }

    fn complex_type(&mut self, complex_type: &ComplexType) {
        self.xml.open("ComplexType").attribute("Name", &complex_type.name);
        self.members(&complex_type.structure, &|id| complex_type.properties.get(usize::from(id.0)));
        self.annotations(&terms::description(complex_type.description.as_deref()));
        self.xml.close();
    }

    fn enumeration(&mut self, enumeration: &EnumType) {
        self.xml.open("EnumType").attribute("Name", &enumeration.name);
        if enumeration.underlying != Scalar::Int32 {
            self.xml.attribute("UnderlyingType", enumeration.underlying.name());
        }
        if enumeration.flags {
            self.xml.attribute("IsFlags", true);
        }
        for member in &enumeration.members {
            self.xml.open("Member").attribute("Name", &member.name).attribute("Value", member.value);
            self.xml.close();
        }
        self.annotations(&terms::description(enumeration.description.as_deref()));
        self.xml.close();
    }

    fn members<'p>(&mut self, members: &[Member], property: &dyn Fn(PropertyId) -> Option<&'p Property>) {
        for member in members {
            match member {
                Member::Property(id) => {
                    let Some(property) = property(*id) else { continue };
                    self.xml.open("Property").attribute("Name", &property.name);
                    self.type_ref(&facts::of_property(self.model, property, self.version));
                    self.annotations(&terms::description(property.description.as_deref()));
                }
                Member::Complex(complex) => {
                    self.xml.open("Property").attribute("Name", &complex.name);
                    self.type_ref(&facts::of_complex(self.model, complex));
                    self.annotations(&terms::description(complex.description.as_deref()));
                }
            }
            self.xml.close();
        }
    }

    /// Null is allowed where nothing is said.
    fn type_ref(&mut self, type_ref: &TypeRef) {
        let TypeRef { name, collection, nullable, facets } = type_ref;
        if *collection {
            self.xml.attribute("Type", format_args!("Collection({name})"));
        } else {
            self.xml.attribute("Type", name);
        }
        if *nullable == Some(false) {
            self.xml.attribute("Nullable", false);
        }
        for (name, value) in facets {
            self.xml.attribute(name, value);
        }
    }

    fn navigations(&mut self, entity_type: &EntityType, of: Option<DerivedId>) {
        for navigation in entity_type.published_navigations().filter(|it| it.declared_by == of) {
            self.navigation(entity_type, navigation);
        }
    }

    fn navigation(&mut self, owner: &EntityType, navigation: &Navigation) {
        let Some(target) = self.model.type_of(navigation.target) else { return };
        self.xml.open("NavigationProperty").attribute("Name", &navigation.name);
        let name = qualified(self.model, &target.name);
        let nullable = (!navigation.collection).then_some(navigation.nullable);
        self.type_ref(&TypeRef { name, collection: navigation.collection, nullable, facets: Vec::new() });
        if let Some(partner) = navigation.partner.and_then(|id| target.navigation(id)) {
            self.xml.attribute("Partner", &partner.name);
        }
        if navigation.contained {
            self.xml.attribute("ContainsTarget", true);
        }
        for (local, remote) in constraints(self.model, owner, navigation, target) {
            self.xml.open("ReferentialConstraint").attribute("Property", local).attribute("ReferencedProperty", remote);
            self.xml.close();
        }
        self.xml.close();
    }

    fn operation(&mut self, operation: &Operation) {
        let kind = match operation.kind {
            OperationKind::Function => "Function",
            OperationKind::Action => "Action",
        };
        self.xml.open(kind).attribute("Name", &operation.name);
        if operation.binding.is_some() {
            self.xml.attribute("IsBound", true);
        }
        if operation.composable {
            self.xml.attribute("IsComposable", true);
        }
        if let Some(path) = facts::entity_set_path(self.model, operation) {
            self.xml.attribute("EntitySetPath", path);
        }
        if let Some(binding) = &operation.binding
            && let Some(type_ref) = facts::of_binding(self.model, binding)
        {
            self.xml.open("Parameter").attribute("Name", &binding.parameter);
            self.type_ref(&type_ref);
            self.xml.close();
        }
        for parameter in &operation.parameters {
            self.xml.open("Parameter").attribute("Name", &parameter.name);
            self.type_ref(&facts::of_parameter(self.model, parameter, self.version));
            self.xml.close();
        }
        let returns = operation.returns.as_ref();
        if let Some(type_ref) = returns.and_then(|returns| facts::of_result(self.model, returns, self.version)) {
            self.xml.open("ReturnType");
            self.type_ref(&type_ref);
            self.xml.close();
        }
        self.annotations(&terms::description(operation.description.as_deref()));
        self.xml.close();
    }

    fn container(&mut self) {
        self.xml.open("EntityContainer").attribute("Name", &self.model.container);
        for id in (0..).map(SetId).take(self.model.sets.len()) {
            self.resource(id);
        }
        for import in facts::imports(self.model) {
            let target = qualified(self.model, &import.operation.name);
            let (kind, attribute) = match import.operation.kind {
                OperationKind::Function => ("FunctionImport", "Function"),
                OperationKind::Action => ("ActionImport", "Action"),
            };
            self.xml.open(kind).attribute("Name", import.name).attribute(attribute, target);
            if let Some(set) = import.set {
                self.xml.attribute("EntitySet", set);
            }
            if import.is_listed {
                self.xml.attribute("IncludeInServiceDocument", true);
            }
            self.xml.close();
        }
        self.annotations(&terms::of_container(self.offer, self.version));
        self.xml.close();
    }

    /// A set or a singleton; what is contained is no child of the container.
    fn resource(&mut self, id: SetId) {
        let (Some(set), Some(entity_type)) = (self.model.set(id), self.model.type_of(id)) else { return };
        let (element, attribute) = match set.exposure {
            Exposure::Set => ("EntitySet", "EntityType"),
            Exposure::Singleton { .. } => ("Singleton", "Type"),
            Exposure::Contained { .. } | Exposure::Unpublished => return,
        };
        self.xml
            .open(element)
            .attribute("Name", &set.name)
            .attribute(attribute, qualified(self.model, &entity_type.name));
        for (path, target) in bindings(self.model, id) {
            self.xml.open("NavigationPropertyBinding").attribute("Path", path).attribute("Target", target);
            self.xml.close();
        }
        self.annotations(&terms::of_resource(self.model, set, self.offer));
        self.xml.close();
    }

    fn annotations(&mut self, annotations: &[Annotation]) {
        for annotation in annotations {
            self.xml.open("Annotation").attribute("Term", without_alias(annotation.term));
            write_value(&mut self.xml, &annotation.value);
            self.xml.close();
        }
    }
}

/// A constant is an attribute of the element that is open; lists and records are elements in it.
fn write_value(xml: &mut Xml, value: &Value) {
    match value {
        Value::List(items) => {
            xml.open("Collection");
            for item in items {
                write_item(xml, item);
            }
            xml.close();
        }
        Value::Record(members) => {
            xml.open("Record");
            for (name, value) in members {
                xml.open("PropertyValue").attribute("Property", name);
                write_value(xml, value);
                xml.close();
            }
            xml.close();
        }
        constant => {
            let (kind, text) = constant_of(constant);
            xml.attribute(kind, text);
        }
    }
}

/// An item of a list: constants are elements here.
fn write_item(xml: &mut Xml, value: &Value) {
    if matches!(value, Value::List(_) | Value::Record(_)) {
        return write_value(xml, value);
    }
    let (kind, text) = constant_of(value);
    xml.open(kind).text(&text);
    xml.close();
}

/// The kind of a constant, which names its attribute or element, and its text.
fn constant_of(value: &Value) -> (&'static str, String) {
    match value {
        Value::Bool(value) => ("Bool", value.to_string()),
        Value::Int(value) => ("Int", value.to_string()),
        Value::Text(text) => ("String", text.clone()),
        Value::Property(path) => ("PropertyPath", path.clone()),
        Value::Navigation(path) => ("NavigationPropertyPath", path.clone()),
        // Several members of a flags enumeration stand with blanks between them, each with its type.
        Value::Members(enumeration, members) => {
            let enumeration = without_alias(enumeration);
            let members: Vec<String> = members.iter().map(|member| format!("{enumeration}/{member}")).collect();
            ("EnumMember", members.join(" "))
        }
        Value::List(_) | Value::Record(_) => ("String", String::new()),
    }
}

/// A name of a vocabulary by its namespace: without a reference there is no alias.
fn without_alias(name: &str) -> String {
    let known = VOCABULARIES.iter().find_map(|(alias, namespace)| {
        let local = name.strip_prefix(alias)?.strip_prefix('.')?;
        Some(format!("{namespace}.{local}"))
    });
    known.unwrap_or_else(|| name.to_owned())
}
