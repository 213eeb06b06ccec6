//! Writes `$metadata` as CSDL XML 4.0 or 4.01: one schema, one container, no references to other documents.
//!
//! # Decisions
//!
//! - No annotations: descriptions would need a reference to the Core vocabulary, which clients fetch, and nothing shows
//!   that Salesforce reads them.
//! - A referential constraint is written only where the standard allows one (section 8.5): the types are the same, and
//!   the local property is nullable exactly when the navigation or the referenced property is. Salesforce needs the
//!   constraint to make a lookup by itself, so metadata files should declare nullability truthfully.
//! - A decimal without a declared scale has none in a 4.0 document, although a missing scale means 0 there and
//!   `variable` is the exact word: clients built on Olingo read `variable` as 0 but leave a missing one to their own
//!   default, and Salesforce's has two digits. A 4.01 document says `variable`.
//! - Elements are written by a small writer of our own with the escaping of `quick_xml`: its event writer returns I/O
//!   errors that writing to memory cannot have.

use std::fmt::{Display, Write as _};

use quick_xml::escape::escape;

use crate::edm::Scalar;
use crate::model::{EntityType, Model, Navigation, Property};
use crate::wire::Version;

/// The metadata document of a service.
pub fn metadata(model: &Model, version: Version) -> String {
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
    write_container(&mut xml, model);
    xml.close();
    xml.close();
    xml.close();
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
    xml.close();
}

fn write_property(xml: &mut Xml, property: &Property, version: Version) {
    xml.open("Property").attribute("Name", &property.name).attribute("Type", property.scalar.name());
    if !property.nullable {
        xml.attribute("Nullable", false);
    }
    match property.scalar {
        Scalar::String { max_length: Some(max_length) } | Scalar::Binary { max_length: Some(max_length) } => {
            xml.attribute("MaxLength", max_length);
        }
        Scalar::Decimal { precision, scale } => {
            if let Some(precision) = precision {
                xml.attribute("Precision", precision);
            }
            if let Some(scale) = scale {
                xml.attribute("Scale", scale);
            } else if version == Version::V4_01 {
                xml.attribute("Scale", "variable");
            }
        }
        Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } | Scalar::Duration { precision } => {
            xml.attribute("Precision", precision);
        }
        _ => {}
    }
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

/// The pairs of a to-one navigation; none if the standard forbids one of them, since a part of a join would assert
/// something else.
fn constraints<'a>(
    owner: &'a EntityType,
    navigation: &Navigation,
    target: &'a EntityType,
) -> Vec<(&'a Property, &'a Property)> {
    if navigation.collection {
        return Vec::new();
    }
    let allowed = |local: &Property, remote: &Property| {
        local.scalar.name() == remote.scalar.name() && local.nullable == (navigation.nullable || remote.nullable)
    };
    let pairs = navigation.joins.iter().map(|join| {
        let pair = (owner.property(join.local)?, target.property(join.remote)?);
        allowed(pair.0, pair.1).then_some(pair)
    });
    pairs.collect::<Option<_>>().unwrap_or_default()
}

fn write_container(xml: &mut Xml, model: &Model) {
    xml.open("EntityContainer").attribute("Name", &model.container);
    for set in &model.sets {
        let Some(entity_type) = model.entity_type(set.entity_type) else { continue };
        xml.open("EntitySet")
            .attribute("Name", &set.name)
            .attribute("EntityType", format_args!("{}.{}", model.namespace, entity_type.name));
        for navigation in &entity_type.navigations {
            let Some(target) = model.set(navigation.target) else { continue };
            xml.open("NavigationPropertyBinding").attribute("Path", &navigation.name).attribute("Target", &target.name);
            xml.close();
        }
        xml.close();
    }
    xml.close();
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

#[cfg(test)]
mod tests;
