//! Keeps `metadata/schema.json`, the JSON Schema for editors, equal to the structs of the format.
//!
//! `PENSTOCK_WRITE_SCHEMA=1 cargo test --lib schema` writes it anew.

use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::read::Form;
use super::*;

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, clippy::large_enum_variant, reason = "only its schema is wanted")]
enum MetadataFile {
    Service(Service),
    Types(Types),
    Operations(Operations),
    Pick(Pick),
    Entity(Entity),
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value()
}

fn generated() -> String {
    let mut schema = schema_of::<MetadataFile>();
    without_null(&mut schema);
    schema["title"] = json!("Penstock metadata file, version 1");
    schema["description"] = json!("service.toml, types.toml, operations.toml, or the file of one entity type");
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    text
}

/// TOML has no null: an optional key is left out. Serde's `Option` would make editors propose it.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|name| name != "null");
                if let [name] = types.as_slice() {
                    let name = name.clone();
                    members.insert("type".to_owned(), name);
                }
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| *choice != json!({ "type": "null" }));
            }
            members.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

#[test]
fn schema_file_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("metadata/schema.json");
    if std::env::var_os("PENSTOCK_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, generated()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let types = kept.replace("\"const\": \"null\"", "");
    assert!(!types.contains("null\""), "no key can be null");
    assert!(kept == generated(), "metadata/schema.json is stale: run with PENSTOCK_WRITE_SCHEMA=1");
}

#[test]
fn the_lists_of_keys_equal_the_structs() {
    fn compare<T: Form + JsonSchema>() {
        let schema = schema_of::<T>();
        let mut keys: Vec<_> = T::KEYS.to_vec();
        keys.sort_unstable();
        let mut fields: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(keys, fields);
        let mut required: Vec<_> =
            schema["required"].as_array().into_iter().flatten().map(|it| it.as_str().unwrap()).collect();
        required.sort_unstable();
        let sample = T::sample();
        assert_eq!(sample.keys().map(String::as_str).collect::<Vec<_>>(), required);
        assert!(sample.try_into::<T>().is_ok());
    }
    compare::<Cache>();
    compare::<Service>();
    compare::<Entity>();
    compare::<Property>();
    compare::<OfferAt>();
    compare::<CutMarked>();
    compare::<SalesforceLookup>();
    compare::<Navigation>();
    compare::<Link>();
    compare::<Derived>();
    compare::<Media>();
    compare::<Search>();
    compare::<SearchPostgres>();
    compare::<SearchMysql>();
    compare::<SearchSqlite>();
    compare::<Types>();
    compare::<Enumeration>();
    compare::<EnumerationMember>();
    compare::<Complex>();
    compare::<ComplexProperty>();
    compare::<Operations>();
    compare::<Operation>();
    compare::<Parameter>();
    compare::<Returns>();
    compare::<Statements>();
    compare::<Pick>();
    compare::<PickedSet>();
}
