//! Writes the service document (JSON Format 4.01, section 5): which sets, singletons and functions there are.

use crate::model::{Exposure, Model, OperationKind, Returns, SetId};
use crate::query::Grants;
use crate::wire::{Format, Level};

use super::{write_context, write_string};

/// The service document with what the caller may see, in the model's order. `root` is the absolute service root with
/// its closing slash. The metadata level `none` has no context URL.
pub fn service_document(model: &Model, root: &str, grants: &Grants, format: Format) -> Vec<u8> {
    let mut out = vec![b'{'];
    if format.level != Level::None {
        write_context(&format!("{root}$metadata"), format, &mut out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"value\":[");
    let is_seen = |id: SetId| grants.of(id).is_some();
    let mut entries: Vec<(&str, &str)> = Vec::new();
    for (_, set) in (0..).map(SetId).zip(&model.sets).filter(|(id, _)| is_seen(*id)) {
        match set.exposure {
            Exposure::Set => entries.push((&set.name, "EntitySet")),
            Exposure::Singleton { .. } => entries.push((&set.name, "Singleton")),
            Exposure::Contained { .. } | Exposure::Unpublished => {}
        }
    }
    // A function that can be called without parameters is a resource like others.
    for (_, operation) in model.published_operations() {
        let Some(name) = operation.imported_as.as_deref() else { continue };
        let can_be_read = operation.kind == OperationKind::Function && operation.parameters.is_empty();
        let is_hidden = match &operation.returns {
            Some(Returns::Entity { set, .. } | Returns::Entities { set }) => !is_seen(*set),
            _ => false,
        };
        if can_be_read && operation.binding.is_none() && !is_hidden && entries.iter().all(|(known, _)| *known != name) {
            entries.push((name, "FunctionImport"));
        }
    }
    for (index, (name, kind)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"name\":");
        write_string(name, &mut out);
        out.extend_from_slice(b",\"kind\":");
        write_string(kind, &mut out);
        out.extend_from_slice(b",\"url\":");
        // Names are identifiers, so the relative URL needs no percent-encoding.
        write_string(name, &mut out);
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    out
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use serde_json::Value;

    use crate::model::raw::{File, Folder};

    fn model() -> Model {
        let file = |name: &str, text: String| File { name: name.to_owned(), text };
        let entity = |set: &str, name: &str| {
            let text = format!(
                "version = 1\nset = \"{set}\"\ntype = \"{name}\"\ntable = \"t\"\nkey = [\"Id\"]\n\
                 [[property]]\nname = \"Id\"\ncolumn = \"id\"\ntype = \"Int32\"\nnullable = false\n"
            );
            file(&format!("{name}.toml"), text)
        };
        let service = "version = 1\nnamespace = \"Erp\"\nsource = \"erp\"\n".to_owned();
        let folder = Folder {
            unread: Vec::new(),
            name: "erp".to_owned(),
            service: file("service.toml", service),
            entities: vec![entity("Accounts", "Account"), entity("Orders", "Order")],
        };
        let source = crate::model::Source { name: "erp".to_owned(), announces: true, family: None };
        crate::model::resolve("erp", &[folder], &[source]).unwrap()
    }

    fn text(model: &Model, root: &str, grants: &Grants, has_context: bool) -> String {
        let level = if has_context { Level::Minimal } else { Level::None };
        String::from_utf8(service_document(model, root, grants, Format { level, ..Format::default() })).unwrap()
    }

    #[test]
    fn lists_every_set_in_order() {
        let document = text(&model(), "https://h.example/odata/v4/erp/", &Grants::everything(), true);
        assert_eq!(
            document,
            "{\"@odata.context\":\"https://h.example/odata/v4/erp/$metadata\",\"value\":[\
             {\"name\":\"Accounts\",\"kind\":\"EntitySet\",\"url\":\"Accounts\"},\
             {\"name\":\"Orders\",\"kind\":\"EntitySet\",\"url\":\"Orders\"}]}"
        );
    }

    #[test]
    fn hides_sets_that_are_not_granted() {
        let grants = Grants::only(HashMap::from([(SetId(1), None)]));
        let document = text(&model(), "http://h/", &grants, false);
        assert_eq!(document, "{\"value\":[{\"name\":\"Orders\",\"kind\":\"EntitySet\",\"url\":\"Orders\"}]}");
        let nothing = text(&model(), "http://h/", &Grants::only(HashMap::new()), false);
        assert_eq!(nothing, "{\"value\":[]}");
    }

    #[test]
    fn singletons_and_functions_are_listed_and_contained_sets_are_not() {
        let model = crate::wire::samples::shop();
        let document = text(&model, "http://h/", &Grants::everything(), false);
        assert_eq!(
            document,
            "{\"value\":[{\"name\":\"Orders\",\"kind\":\"EntitySet\",\"url\":\"Orders\"},\
             {\"name\":\"People\",\"kind\":\"EntitySet\",\"url\":\"People\"},\
             {\"name\":\"Settings\",\"kind\":\"Singleton\",\"url\":\"Settings\"},\
             {\"name\":\"Photos\",\"kind\":\"EntitySet\",\"url\":\"Photos\"},\
             {\"name\":\"Best\",\"kind\":\"FunctionImport\",\"url\":\"Best\"}]}"
        );
        let grants = Grants::only(HashMap::from([(SetId(3), None)]));
        let document = text(&model, "http://h/", &grants, false);
        assert_eq!(document, "{\"value\":[{\"name\":\"Settings\",\"kind\":\"Singleton\",\"url\":\"Settings\"}]}");
    }

    #[test]
    fn text_is_escaped() {
        let mut model = model();
        model.sets[0].name = "A\"\\\n\u{1}".to_owned();
        let document = text(&model, "http://h/\"/", &Grants::everything(), true);
        let value: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(value["value"][0]["name"], "A\"\\\n\u{1}");
        assert_eq!(value["@odata.context"], "http://h/\"/$metadata");
    }
}
