//! Writes `$metadata` as CSDL XML 4.0 or 4.01.

use std::fmt::{Display, Write as _};

use quick_xml::escape::escape;

use crate::model::{EntitySet, EntityType, Model, Navigation, Property};
use crate::wire::{Offer, Version};

use super::annotation::{Annotation, VOCABULARIES, Value};
use super::facts::{constraints, facets};
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
    for entity_type in &model.types {
        write_type(&mut xml, model, entity_type, version);
    }
    write_container(&mut xml, model, version, offer);
    write_annotations(&mut xml, &terms::of_schema(offer));
    xml.finish()
}

fn write_type(xml: &mut Xml, model: &Model, entity_type: &EntityType, version: Version) {
    xml.open("EntityType").attribute("Name", &entity_type.name);
    xml.open("Key");
    for property in entity_type.key.iter().filter_map(|id| entity_type.property(*id)) {
        xml.open("PropertyRef").attribute("Name", &property.name);
        xml.close();
    }
    xml.close();
    for property in &entity_type.properties {
        write_property(xml, property, version);
    }
    for navigation in &entity_type.navigations {
        write_navigation(xml, model, entity_type, navigation);
    }
    write_annotations(xml, &terms::of_type(entity_type));
    xml.close();
}

fn write_property(xml: &mut Xml, property: &Property, version: Version) {
    xml.open("Property").attribute("Name", &property.name).attribute("Type", property.scalar.name());
    if !property.nullable {
        xml.attribute("Nullable", false);
    }
    for (name, value) in facets(property.scalar, version) {
        xml.attribute(name, value);
    }
    write_annotations(xml, &terms::of_property(property));
    xml.close();
}

fn write_navigation(xml: &mut Xml, model: &Model, owner: &EntityType, navigation: &Navigation) {
    let Some(target) = model.type_of(navigation.target) else { return };
    let qualified = format!("{}.{}", model.namespace, target.name);
    xml.open("NavigationProperty").attribute("Name", &navigation.name);
    if navigation.collection {
        xml.attribute("Type", format_args!("Collection({qualified})"));
    } else {
        xml.attribute("Type", qualified);
        if !navigation.nullable {
            xml.attribute("Nullable", false);
        }
    }
    if let Some(partner) = navigation.partner.and_then(|id| target.navigation(id)) {
        xml.attribute("Partner", &partner.name);
    }
    for (local, remote) in constraints(owner, navigation, target) {
        xml.open("ReferentialConstraint")
            .attribute("Property", &local.name)
            .attribute("ReferencedProperty", &remote.name);
        xml.close();
    }
    xml.close();
}

fn write_container(xml: &mut Xml, model: &Model, version: Version, offer: &Offer) {
    xml.open("EntityContainer").attribute("Name", &model.container);
    for set in &model.sets {
        write_set(xml, model, set, offer);
    }
    write_annotations(xml, &terms::of_container(offer, version));
    xml.close();
}

fn write_set(xml: &mut Xml, model: &Model, set: &EntitySet, offer: &Offer) {
    let Some(entity_type) = model.entity_type(set.entity_type) else { return };
    xml.open("EntitySet")
        .attribute("Name", &set.name)
        .attribute("EntityType", format_args!("{}.{}", model.namespace, entity_type.name));
    for navigation in &entity_type.navigations {
        let Some(target) = model.set(navigation.target) else { continue };
        xml.open("NavigationPropertyBinding").attribute("Path", &navigation.name).attribute("Target", &target.name);
        xml.close();
    }
    write_annotations(xml, &terms::of_set(model, set, offer));
    xml.close();
}

fn write_annotations(xml: &mut Xml, annotations: &[Annotation]) {
    for annotation in annotations {
        xml.open("Annotation").attribute("Term", without_alias(annotation.term));
        write_value(xml, &annotation.value);
        xml.close();
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

/// An XML document in the making.
struct Xml {
    out: String,
    open: Vec<&'static str>,
    /// The last start tag still lacks its `>`.
    in_tag: bool,
}

impl Xml {
    fn new() -> Self {
        Xml { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(), open: Vec::new(), in_tag: false }
    }

    fn open(&mut self, name: &'static str) -> &mut Self {
        self.end_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open.push(name);
        self.in_tag = true;
        self
    }

    fn attribute(&mut self, name: &str, value: impl Display) -> &mut Self {
        // Writing into a string cannot fail.
        let _ = write!(self.out, " {name}=\"{}\"", escape(value.to_string()));
        self
    }

    fn close(&mut self) {
        let Some(name) = self.open.pop() else { return };
        if self.in_tag {
            self.out.push_str("/>");
            self.in_tag = false;
        } else {
            let _ = write!(self.out, "</{name}>");
        }
    }

    fn text(&mut self, text: &str) {
        self.end_tag();
        self.out.push_str(&escape(text));
    }

    fn end_tag(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }

    fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}
