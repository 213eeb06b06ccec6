//! XML and JSON say the same: both are read back as plain sentences, and these are equal.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Element, bench, everything, parse, rare};
use crate::wire::samples::shop;
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
    for model in [bench(), rare(), shop()] {
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
    for kind in ["EntityType", "ComplexType"] {
        for declared in schema.children(kind) {
            xml_type(kind, declared, &mut said);
        }
    }
    for enumeration in schema.children("EnumType") {
        let name = enumeration.get("Name").unwrap();
        let underlying = enumeration.get("UnderlyingType").unwrap_or("Edm.Int32");
        said.insert(format!("{name} enumerates {underlying}, flags {}", is_set(enumeration, "IsFlags")));
        for member in enumeration.children("Member") {
            said.insert(format!("{name} {} = {}", member.get("Name").unwrap(), member.get("Value").unwrap()));
        }
        xml_annotations(enumeration, name, &mut said);
    }
    for kind in ["Function", "Action"] {
        for operation in schema.children(kind) {
            xml_operation(kind, operation, &mut said);
        }
    }
    let container = schema.only("EntityContainer");
    let name = container.get("Name").unwrap();
    xml_annotations(container, name, &mut said);
    for import in container.children.iter().filter(|child| child.name.ends_with("Import")) {
        let kind = import.name.trim_end_matches("Import");
        let (target, set) = (import.get(kind).unwrap(), import.get("EntitySet"));
        let listed = is_set(import, "IncludeInServiceDocument");
        said.insert(format!("{kind} {} is {target}: {set:?} {listed}", import.get("Name").unwrap()));
    }
    let sets = container.children.iter().filter(|child| matches!(child.name.as_str(), "EntitySet" | "Singleton"));
    for set in sets {
        let target = format!("{name}/{}", set.get("Name").unwrap());
        let type_name = set.get("EntityType").or(set.get("Type")).unwrap();
        said.insert(format!("{target} of {type_name}, many {}", set.name == "EntitySet"));
        for binding in set.children("NavigationPropertyBinding") {
            said.insert(format!("{target}/{} -> {}", binding.get("Path").unwrap(), binding.get("Target").unwrap()));
        }
        xml_annotations(set, &target, &mut said);
    }
    said
}

fn is_set(element: &Element, attribute: &str) -> bool {
    element.get(attribute) == Some("true")
}

/// The type of an element, what may be null, and its facets.
fn xml_type_ref(element: &Element) -> String {
    let full = element.get("Type").unwrap();
    let single = full.strip_prefix("Collection(").and_then(|it| it.strip_suffix(')'));
    let entities = single.is_some_and(|it| it.starts_with("Shop.") && it != "Shop.Shade");
    let nullable = element.get("Nullable") != Some("false") && !(single.is_some() && entities);
    let facets = ["MaxLength", "Precision", "Scale"].map(|facet| element.get(facet).unwrap_or("-"));
    format!("{} many {} null {nullable} {facets:?}", single.unwrap_or(full), single.is_some())
}

fn xml_type(kind: &str, declared: &Element, said: &mut Sentences) {
    let name = declared.get("Name").unwrap();
    let base = declared.get("BaseType");
    let flags = ["Abstract", "HasStream"].map(|flag| is_set(declared, flag));
    said.insert(format!("{kind} {name} base {base:?} abstract and stream {flags:?}"));
    for key in declared.children("Key") {
        let key: Vec<_> = key.children.iter().map(|part| part.get("Name").unwrap()).collect();
        said.insert(format!("{name} has the key {key:?}"));
    }
    xml_annotations(declared, name, said);
    for member in declared.children("Property") {
        let target = format!("{name}/{}", member.get("Name").unwrap());
        said.insert(format!("{target}: {}", xml_type_ref(member)));
        xml_annotations(member, &target, said);
    }
    for member in declared.children("NavigationProperty") {
        let target = format!("{name}/{}", member.get("Name").unwrap());
        let full = member.get("Type").unwrap();
        let single = full.strip_prefix("Collection(").and_then(|it| it.strip_suffix(')'));
        let nullable = single.is_none() && member.get("Nullable") != Some("false");
        let (partner, contains) = (member.get("Partner"), is_set(member, "ContainsTarget"));
        let (end, many) = (single.unwrap_or(full), single.is_some());
        said.insert(format!("{target} -> {end} many {many} null {nullable} {partner:?} contains {contains}"));
        for pair in member.children("ReferentialConstraint") {
            let sides = (pair.get("Property").unwrap(), pair.get("ReferencedProperty").unwrap());
            said.insert(format!("{target} {} = {}", sides.0, sides.1));
        }
    }
}

fn xml_operation(kind: &str, operation: &Element, said: &mut Sentences) {
    let parameters = operation.children("Parameter");
    let parameters = parameters.iter().map(|it| format!("{} {}", it.get("Name").unwrap(), xml_type_ref(it)));
    let parameters: Vec<String> = parameters.collect();
    let returns = operation.children("ReturnType").first().map(|it| xml_type_ref(it));
    let flags = ["IsBound", "IsComposable"].map(|flag| is_set(operation, flag));
    let (name, path) = (operation.get("Name").unwrap(), operation.get("EntitySetPath"));
    let signature = format!("{kind} {name}({parameters:?}) {returns:?} {flags:?} {path:?}");
    for annotation in operation.children("Annotation") {
        said.insert(format!("{signature} {}", xml_value(annotation)));
    }
    said.insert(signature);
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
    for name in ["Bool", "Int", "PropertyPath", "NavigationPropertyPath"] {
        if let Some(value) = element.get(name) {
            return if name.ends_with("Path") { format!("{value:?}") } else { value.to_owned() };
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
        "String" | "PropertyPath" | "NavigationPropertyPath" => format!("{:?}", element.text),
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
    for (member_name, member) in members(schema) {
        if let Some(overloads) = member.as_array() {
            for overload in overloads {
                json_operation(member_name, overload, &mut said);
            }
            continue;
        }
        let declared = member.as_object().unwrap();
        match member["$Kind"].as_str().unwrap() {
            "EnumType" => {
                let underlying = member.get("$UnderlyingType").map_or("Edm.Int32".to_owned(), text);
                said.insert(format!("{member_name} enumerates {underlying}, flags {}", is_true(member, "$IsFlags")));
                for (name, value) in members(declared) {
                    said.insert(format!("{member_name} {name} = {value}"));
                }
                json_annotations(declared, member_name, &mut said);
            }
            "EntityContainer" => {}
            kind => json_type(kind, member_name, declared, &mut said),
        }
    }
    let container = schema[name].as_object().unwrap();
    json_annotations(container, name, &mut said);
    for (set_name, set) in members(container) {
        let import = [("Function", "$Function"), ("Action", "$Action")];
        if let Some((kind, target)) = import.into_iter().find_map(|(kind, name)| Some((kind, set.get(name)?))) {
            let (target, end) = (text(target), set.get("$EntitySet").map(text));
            let end = end.as_deref();
            let listed = is_true(set, "$IncludeInServiceDocument");
            said.insert(format!("{kind} {set_name} is {target}: {end:?} {listed}"));
            continue;
        }
        let target = format!("{name}/{set_name}");
        said.insert(format!("{target} of {}, many {}", text(&set["$Type"]), is_true(set, "$Collection")));
        for (path, end) in set.get("$NavigationPropertyBinding").and_then(Value::as_object).into_iter().flatten() {
            said.insert(format!("{target}/{path} -> {}", text(end)));
        }
        json_annotations(set.as_object().unwrap(), &target, &mut said);
    }
    said
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|value| value.as_bool().unwrap())
}

fn json_type_ref(value: &Value) -> String {
    let type_name = value.get("$Type").and_then(Value::as_str).unwrap_or("Edm.String");
    let facets = ["$MaxLength", "$Precision", "$Scale"].map(|facet| {
        let value = value.get(facet);
        value.map_or("-".to_owned(), |it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
    });
    let (many, null) = (is_true(value, "$Collection"), is_true(value, "$Nullable"));
    format!("{type_name} many {many} null {null} {facets:?}")
}

fn json_type(kind: &str, name: &str, declared: &Map<String, Value>, said: &mut Sentences) {
    let is = |flag: &str| declared.get(flag).is_some_and(|value| value.as_bool().unwrap());
    let base = declared.get("$BaseType").and_then(Value::as_str);
    said.insert(format!("{kind} {name} base {base:?} abstract and stream {:?}", [is("$Abstract"), is("$HasStream")]));
    if let Some(key) = declared.get("$Key") {
        let key: Vec<_> = key.as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
        said.insert(format!("{name} has the key {key:?}"));
    }
    json_annotations(declared, name, said);
    for (member_name, member) in members(declared) {
        let target = format!("{name}/{member_name}");
        if member.get("$Kind").is_none() {
            said.insert(format!("{target}: {}", json_type_ref(member)));
            json_annotations(member.as_object().unwrap(), &target, said);
            continue;
        }
        let (end, many) = (member["$Type"].as_str().unwrap(), is_true(member, "$Collection"));
        let (partner, contains) = (member.get("$Partner").and_then(Value::as_str), is_true(member, "$ContainsTarget"));
        let nullable = is_true(member, "$Nullable");
        said.insert(format!("{target} -> {end} many {many} null {nullable} {partner:?} contains {contains}"));
        for (local, remote) in member.get("$ReferentialConstraint").and_then(Value::as_object).into_iter().flatten() {
            said.insert(format!("{target} {local} = {}", remote.as_str().unwrap()));
        }
    }
}

fn json_operation(name: &str, operation: &Value, said: &mut Sentences) {
    let parameters = operation.get("$Parameter").and_then(Value::as_array).into_iter().flatten();
    let parameters = parameters.map(|it| format!("{} {}", it["$Name"].as_str().unwrap(), json_type_ref(it)));
    let parameters: Vec<String> = parameters.collect();
    let returns = operation.get("$ReturnType").map(json_type_ref);
    let flags = ["$IsBound", "$IsComposable"].map(|flag| is_true(operation, flag));
    let (kind, path) = (operation["$Kind"].as_str().unwrap(), operation.get("$EntitySetPath").and_then(Value::as_str));
    let signature = format!("{kind} {name}({parameters:?}) {returns:?} {flags:?} {path:?}");
    let described = operation.as_object().unwrap().iter().filter(|(name, _)| name.starts_with('@'));
    said.extend(described.map(|(_, value)| format!("{signature} {}", json_value(value))));
    said.insert(signature);
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
