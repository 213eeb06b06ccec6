//! Writes `$metadata` as CSDL JSON 4.01. Names without `$` and `@` are those of the model, so no order is lost: members
//! stand as in the XML.

use crate::model::{EntitySet, EntityType, Model, Navigation, Property};
use crate::wire::json::write_string;
use crate::wire::{Offer, Version};

use super::annotation::{Annotation, VOCABULARIES, Value, vocabulary_url};
use super::facts::{Facet, constraints, facets};
use super::terms;

const VERSION: Version = Version::V4_01;

/// The metadata document of a service.
pub fn metadata(model: &Model, offer: &Offer) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| {
        json.member("$Version").string(VERSION.text());
        json.member("$EntityContainer").string(&format!("{}.{}", model.namespace, model.container));
        json.member("$Reference").object(|json| {
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
        });
        json.member(&model.namespace).object(|json| {
            for entity_type in &model.types {
                json.member(&entity_type.name).object(|json| write_type(json, model, entity_type));
            }
            json.member(&model.container).object(|json| {
                json.member("$Kind").string("EntityContainer");
                for set in &model.sets {
                    write_set(json, model, set, offer);
                }
                write_annotations(json, &terms::of_container(offer, VERSION));
            });
            write_annotations(json, &terms::of_schema(offer));
        });
    });
    json.out
}

fn write_type(json: &mut Json, model: &Model, entity_type: &EntityType) {
    json.member("$Kind").string("EntityType");
    json.member("$Key").array(|json| {
        for property in entity_type.key.iter().filter_map(|id| entity_type.property(*id)) {
            json.item().string(&property.name);
        }
    });
    for property in &entity_type.properties {
        json.member(&property.name).object(|json| write_property(json, property));
    }
    for navigation in &entity_type.navigations {
        write_navigation(json, model, entity_type, navigation);
    }
    write_annotations(json, &terms::of_type(entity_type));
}

/// `Edm.String` and not null are what is meant where nothing is said.
fn write_property(json: &mut Json, property: &Property) {
    let name = property.scalar.name();
    if name != "Edm.String" {
        json.member("$Type").string(name);
    }
    if property.nullable {
        json.member("$Nullable").bool(true);
    }
    for (name, value) in facets(property.scalar, VERSION) {
        json.member(&format!("${name}"));
        match value {
            Facet::Number(number) => json.int(i64::from(number)),
            Facet::Word(word) => json.string(word),
        }
    }
    write_annotations(json, &terms::of_property(property));
}

fn write_navigation(json: &mut Json, model: &Model, owner: &EntityType, navigation: &Navigation) {
    let Some(target) = model.type_of(navigation.target) else { return };
    json.member(&navigation.name).object(|json| {
        json.member("$Kind").string("NavigationProperty");
        if navigation.collection {
            json.member("$Collection").bool(true);
        }
        json.member("$Type").string(&format!("{}.{}", model.namespace, target.name));
        if navigation.nullable && !navigation.collection {
            json.member("$Nullable").bool(true);
        }
        if let Some(partner) = navigation.partner.and_then(|id| target.navigation(id)) {
            json.member("$Partner").string(&partner.name);
        }
        let pairs = constraints(owner, navigation, target);
        if !pairs.is_empty() {
            json.member("$ReferentialConstraint").object(|json| {
                for (local, remote) in pairs {
                    json.member(&local.name).string(&remote.name);
                }
            });
        }
    });
}

fn write_set(json: &mut Json, model: &Model, set: &EntitySet, offer: &Offer) {
    let Some(entity_type) = model.entity_type(set.entity_type) else { return };
    json.member(&set.name).object(|json| {
        json.member("$Collection").bool(true);
        json.member("$Type").string(&format!("{}.{}", model.namespace, entity_type.name));
        let bindings = entity_type.navigations.iter();
        let bindings = bindings.filter_map(|navigation| Some((navigation, model.set(navigation.target)?)));
        let bindings: Vec<_> = bindings.collect();
        if !bindings.is_empty() {
            json.member("$NavigationPropertyBinding").object(|json| {
                for (navigation, target) in bindings {
                    json.member(&navigation.name).string(&target.name);
                }
            });
        }
        write_annotations(json, &terms::of_set(model, set, offer));
    });
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
        Value::Text(text) | Value::Property(text) => json.string(text),
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

/// A JSON document in the making.
#[derive(Default)]
struct Json {
    out: Vec<u8>,
}

impl Json {
    fn object(&mut self, content: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        content(self);
        self.out.push(b'}');
    }

    fn array(&mut self, content: impl FnOnce(&mut Self)) {
        self.out.push(b'[');
        content(self);
        self.out.push(b']');
    }

    /// Begins an item of an array.
    fn item(&mut self) -> &mut Self {
        if !matches!(self.out.last(), Some(b'{' | b'[') | None) {
            self.out.push(b',');
        }
        self
    }

    /// Begins a member of an object.
    fn member(&mut self, name: &str) -> &mut Self {
        write_string(name, &mut self.item().out);
        self.out.push(b':');
        self
    }

    fn string(&mut self, text: &str) {
        write_string(text, &mut self.out);
    }

    fn bool(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn int(&mut self, value: i64) {
        // Writing into bytes cannot fail.
        let _ = std::io::Write::write_fmt(&mut self.out, format_args!("{value}"));
    }
}
