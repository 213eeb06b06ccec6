//! XML and JSON say the same: both are read back as plain sentences, and these are equal.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Element, bench, everything, parse, rare};
use crate::wire::{OFFER, Version};

const NAMESPACES: [(&str, &str); 3] = [
    ("Core", "Org.OData.Core.V1"),
    ("Capabilities", "Org.OData.Capabilities.V1"),
    ("Aggregation", "Org.OData.Aggregation.V1"),
];

/// What a document says.
type Sentences = BTreeSet<String>;

#[test]
fn xml_and_json_say_the_same() {
    for model in [bench(), rare()] {
        for offer in [OFFER, everything()] {
            let xml = of_xml(&parse(&super::super::xml(&model, Version::V4_01, &offer)));
            let json = of_json(&serde_json::from_slice(&super::super::json(&model, &offer)).unwrap());
            assert!(xml.len() > 50, "hardly anything was read");
            assert_eq!(xml.difference(&json).collect::<Vec<_>>(), Vec::<&String>::new(), "only in XML");
            assert_eq!(json.difference(&xml).collect::<Vec<_>>(), Vec::<&String>::new(), "only in JSON");
        }
    }
}

fn of_xml(document: &Element) -> Sentences {
    let mut said = Sentences::from([format!("version {}", document.get("Version").unwrap())]);
    assert!(document.children("edmx:Reference").is_empty(), "Olingo would fetch it");
    let schema = document.only("edmx:DataServices").only("Schema");
    said.insert(format!("namespace {}", schema.get("Namespace").unwrap()));
    xml_annotations(schema, "schema", &mut said);
    for entity_type in schema.children("EntityType") {
        let name = entity_type.get("Name").unwrap();
        let key: Vec<_> = entity_type.only("Key").children.iter().map(|part| part.get("Name").unwrap()).collect();
        said.insert(format!("{name} has the key {key:?}"));
        xml_annotations(entity_type, name, &mut said);
        for kind in ["Property", "NavigationProperty"] {
            for member in entity_type.children(kind) {
                let target = format!("{name}/{}", member.get("Name").unwrap());
                let full = member.get("Type").unwrap();
                let single = full.strip_prefix("Collection(").and_then(|it| it.strip_suffix(')'));
                let nullable = single.is_none() && member.get("Nullable") != Some("false");
                said.insert(format!("{kind} {target}: {} {} {nullable}", single.unwrap_or(full), single.is_some()));
                for (facet, value) in &member.attributes {
                    if !matches!(facet.as_str(), "Name" | "Type" | "Nullable") {
                        said.insert(format!("{target} {facet} {value}"));
                    }
                }
                for pair in member.children("ReferentialConstraint") {
                    let sides = (pair.get("Property").unwrap(), pair.get("ReferencedProperty").unwrap());
                    said.insert(format!("{target} {} = {}", sides.0, sides.1));
                }
                xml_annotations(member, &target, &mut said);
            }
        }
    }
    let container = schema.only("EntityContainer");
    let name = container.get("Name").unwrap();
    xml_annotations(container, name, &mut said);
    for set in container.children("EntitySet") {
        let target = format!("{name}/{}", set.get("Name").unwrap());
        said.insert(format!("set {target} of {}", set.get("EntityType").unwrap()));
        for binding in set.children("NavigationPropertyBinding") {
            said.insert(format!("{target}/{} -> {}", binding.get("Path").unwrap(), binding.get("Target").unwrap()));
        }
        xml_annotations(set, &target, &mut said);
    }
    said
}

fn xml_annotations(element: &Element, target: &str, said: &mut Sentences) {
    for annotation in element.children("Annotation") {
        let (namespace, term) = annotation.get("Term").unwrap().rsplit_once('.').unwrap();
        said.insert(format!("{target} @{}.{term} {}", alias_of(namespace), xml_value(annotation)));
    }
}

fn alias_of(namespace: &str) -> &'static str {
    NAMESPACES.iter().find(|(_, known)| *known == namespace).unwrap_or_else(|| panic!("{namespace}")).0
}

/// The value that an annotation or a member of a record holds.
fn xml_value(element: &Element) -> String {
    for name in ["Bool", "Int", "PropertyPath"] {
        if let Some(value) = element.get(name) {
            return if name == "PropertyPath" { format!("{value:?}") } else { value.to_owned() };
        }
    }
    if let Some(text) = element.get("String") {
        return format!("{text:?}");
    }
    if let Some(members) = element.get("EnumMember") {
        let members: Vec<_> = members.split(' ').map(|member| member.split_once('/').unwrap()).collect();
        assert!(members.iter().all(|(name, _)| !alias_of(name.rsplit_once('.').unwrap().0).is_empty()));
        let members: Vec<_> = members.into_iter().map(|(_, member)| member).collect();
        return format!("{:?}", members.join(","));
    }
    assert_eq!(element.children.len(), 1, "{element:?}");
    xml_item(&element.children[0])
}

fn xml_item(element: &Element) -> String {
    match element.name.as_str() {
        "Collection" => format!("[{}]", element.children.iter().map(xml_item).collect::<Vec<_>>().join(", ")),
        "Record" => {
            let members = element.children.iter();
            let members = members.map(|member| format!("{}: {}", member.get("Property").unwrap(), xml_value(member)));
            format!("{{{}}}", members.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", "))
        }
        "String" | "PropertyPath" => format!("{:?}", element.text),
        other => panic!("{other}"),
    }
}

fn of_json(document: &Value) -> Sentences {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut said = Sentences::from([format!("version {}", text(&document["$Version"]))]);
    let references = document["$Reference"].as_object().unwrap();
    for (alias, namespace) in NAMESPACES {
        let reference = references.iter().find(|(address, _)| address.ends_with(&format!("/{namespace}.json")));
        let include = &reference.unwrap_or_else(|| panic!("{namespace}")).1["$Include"][0];
        assert_eq!((text(&include["$Alias"]).as_str(), text(&include["$Namespace"]).as_str()), (alias, namespace));
    }
    let full = text(&document["$EntityContainer"]);
    let (namespace, name) = full.rsplit_once('.').unwrap();
    said.insert(format!("namespace {namespace}"));
    let schema = document[namespace].as_object().unwrap();
    json_annotations(schema, "schema", &mut said);
    for (type_name, entity_type) in members(schema).filter(|(_, member)| member["$Kind"] == "EntityType") {
        let key: Vec<_> = entity_type["$Key"].as_array().unwrap().iter().map(text).collect();
        said.insert(format!("{type_name} has the key {key:?}"));
        let entity_type = entity_type.as_object().unwrap();
        json_annotations(entity_type, type_name, &mut said);
        for (member_name, member) in members(entity_type) {
            let target = format!("{type_name}/{member_name}");
            let kind = member.get("$Kind").map_or("Property".to_owned(), text);
            let type_of = member.get("$Type").map_or("Edm.String".to_owned(), text);
            let is = |name: &str| member.get(name).is_some_and(|value| value.as_bool().unwrap());
            said.insert(format!("{kind} {target}: {type_of} {} {}", is("$Collection"), is("$Nullable")));
            for (facet, value) in member.as_object().unwrap() {
                match facet.as_str() {
                    "$Kind" | "$Type" | "$Collection" | "$Nullable" => {}
                    "$ReferentialConstraint" => {
                        for (local, remote) in value.as_object().unwrap() {
                            said.insert(format!("{target} {local} = {}", text(remote)));
                        }
                    }
                    _ if facet.starts_with('@') => {}
                    _ => {
                        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        said.insert(format!("{target} {} {value}", &facet[1..]));
                    }
                }
            }
            json_annotations(member.as_object().unwrap(), &target, &mut said);
        }
    }
    let container = schema[name].as_object().unwrap();
    json_annotations(container, name, &mut said);
    for (set_name, set) in members(container) {
        let target = format!("{name}/{set_name}");
        assert_eq!(set["$Collection"], true);
        said.insert(format!("set {target} of {}", text(&set["$Type"])));
        for (path, end) in set.get("$NavigationPropertyBinding").and_then(Value::as_object).into_iter().flatten() {
            said.insert(format!("{target}/{path} -> {}", text(end)));
        }
        json_annotations(set.as_object().unwrap(), &target, &mut said);
    }
    said
}

/// What the model names.
fn members(object: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    object.iter().filter(|(name, _)| !name.starts_with(['$', '@']))
}

fn json_annotations(object: &Map<String, Value>, target: &str, said: &mut Sentences) {
    for (term, value) in object.iter().filter(|(name, _)| name.starts_with('@')) {
        said.insert(format!("{target} {term} {}", json_value(value)));
    }
}

fn json_value(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(json_value).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", json_value(value)));
            format!("{{{}}}", members.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}
