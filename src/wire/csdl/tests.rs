//! The documents are read back and held against the rules that a schema cannot state; the OASIS schemas are used as
//! well where their folder is given.

mod same;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::model::raw::{File, Folder};
use crate::model::{Model, Source, resolve};
use crate::wire::samples::shop;
use crate::wire::{OFFER, Offer, Version};

fn metadata(model: &Model, version: Version) -> String {
    super::xml(model, version, &OFFER)
}

/// An element with what it holds.
#[derive(Clone, Debug, Default)]
struct Element {
    name: String,
    attributes: HashMap<String, String>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Self {
        let unescape = |value: &str| quick_xml::escape::unescape(value).unwrap().into_owned();
        let attributes = start.attributes().map(Result::unwrap);
        let attributes = attributes.map(|it| (it.key.as_ref().to_owned(), unescape(&it.value))).collect();
        Element { name: start.name().as_ref().to_owned(), attributes, ..Element::default() }
    }

    fn children(&self, name: &str) -> Vec<&Element> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    fn only(&self, name: &str) -> &Element {
        let found = self.children(name);
        assert_eq!(found.len(), 1, "{name}");
        found[0]
    }

    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    fn named(&self, child: &str, name: &str) -> &Element {
        self.children(child).into_iter().find(|it| it.get("Name") == Some(name)).unwrap_or_else(|| panic!("{name}"))
    }
}

fn parse(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => stack.push(Element::of(&start)),
            Event::Empty(start) => stack.last_mut().unwrap().children.push(Element::of(&start)),
            Event::End(_) => {
                let done = stack.pop().unwrap();
                stack.last_mut().unwrap().children.push(done);
            }
            Event::Text(text) => stack.last_mut().unwrap().text.push_str(&text),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(stack.len(), 1);
    stack[0].only("edmx:Edmx").clone()
}

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

fn bench() -> Model {
    let folder = Folder {
        unread: Vec::new(),
        name: "bench".to_owned(),
        service: file("service.toml", include_str!("../../../benches/metadata/bench/service.toml")),
        entities: vec![
            file("account.toml", include_str!("../../../benches/metadata/bench/account.toml")),
            file("invoice.toml", include_str!("../../../benches/metadata/bench/invoice.toml")),
            file("order.toml", include_str!("../../../benches/metadata/bench/order.toml")),
            file("order_line.toml", include_str!("../../../benches/metadata/bench/order_line.toml")),
            file("product.toml", include_str!("../../../benches/metadata/bench/product.toml")),
        ],
    };
    resolve("bench", &[folder], &[Source { name: "bench".to_owned(), announces: true, family: None }]).unwrap()
}

/// One set with every type and the rarer facets, and a parent to which it leads in several ways.
fn rare() -> Model {
    let mut text = String::from(
        r#"
version = 1
set = "Things"
type = "Thing"
table = "things"
key = ["Code", "Line"]
[[property]]
name = "Code"
column = "code"
type = "String"
nullable = false
[[property]]
name = "Line"
column = "line"
type = "Int32"
nullable = false
[[property]]
name = "ParentLine"
column = "parent_line"
type = "Int32"
[[property]]
name = "Bare"
column = "bare"
type = "Decimal"
[[property]]
name = "Whole"
column = "whole"
type = "Decimal"
precision = 10
scale = 0
[[navigation]]
name = "Dangling"
target = "Things"
to = "one"
join = { Code = "Code" }
[[navigation]]
name = "Parent"
target = "Things"
to = "one"
partner = "Children"
join = { ParentLine = "Line" }
[[navigation]]
name = "Children"
target = "Things"
to = "many"
join = { Line = "ParentLine" }
"#,
    );
    for name in ["Boolean", "Byte", "SByte", "Int16", "Int64", "Single", "Double", "Guid", "Date", "DateTimeOffset"] {
        let _ = writeln!(text, "[[property]]\nname = \"A{name}\"\ncolumn = \"{name}\"\ntype = \"{name}\"");
    }
    let folder = Folder {
        unread: Vec::new(),
        name: "rare".to_owned(),
        service: file("service.toml", "version = 1\nnamespace = \"A.B\"\ncontainer = \"Box\"\nsource = \"s\"\n"),
        entities: vec![file("thing.toml", &text)],
    };
    resolve("rare", &[folder], &[Source { name: "s".to_owned(), announces: true, family: None }]).unwrap()
}

/// Every switch turned, so that every annotation is written.
fn everything() -> Offer {
    Offer {
        conformance: &["Advanced"],
        batch_formats: &["multipart/mixed", "application/json"],
        transformations: &["filter", "groupby"],
        default_namespace: true,
        writes: true,
        ..OFFER
    }
}

/// Every rule that holds for any document of ours.
fn check_structure(text: &str) {
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
    let document = parse(text);
    assert_eq!(document.get("xmlns:edmx"), Some("http://docs.oasis-open.org/odata/ns/edmx"));
    let schema = document.only("edmx:DataServices").only("Schema");
    assert_eq!(schema.get("xmlns"), Some("http://docs.oasis-open.org/odata/ns/edm"));
    let namespace = schema.get("Namespace").unwrap();
    let container = schema.only("EntityContainer");
    let type_named = |qualified: &str| {
        let name = qualified.strip_prefix(namespace).and_then(|it| it.strip_prefix('.'));
        schema.named("EntityType", name.unwrap_or_else(|| panic!("{qualified}")))
    };
    for entity_type in schema.children("EntityType") {
        for key in entity_type.only("Key").children("PropertyRef") {
            assert_eq!(entity_type.named("Property", key.get("Name").unwrap()).get("Nullable"), Some("false"));
        }
        for navigation in entity_type.children("NavigationProperty") {
            let name = navigation.get("Name").unwrap();
            let full = navigation.get("Type").unwrap();
            let single = full.strip_prefix("Collection(").and_then(|it| it.strip_suffix(')'));
            let target = type_named(single.unwrap_or(full));
            assert!(single.is_none() || navigation.get("Nullable").is_none(), "{name}");
            if let Some(partner) = navigation.get("Partner") {
                assert_eq!(target.named("NavigationProperty", partner).get("Partner"), Some(name));
            }
            for constraint in navigation.children("ReferentialConstraint") {
                assert!(single.is_none());
                let local = entity_type.named("Property", constraint.get("Property").unwrap());
                let remote = target.named("Property", constraint.get("ReferencedProperty").unwrap());
                assert_eq!(local.get("Type"), remote.get("Type"));
                let never_null = |element: &Element| element.get("Nullable") == Some("false");
                assert_eq!(never_null(local), never_null(navigation) && never_null(remote), "{name}");
            }
        }
    }
    for set in container.children("EntitySet") {
        let entity_type = type_named(set.get("EntityType").unwrap());
        let bindings = set.children("NavigationPropertyBinding");
        assert_eq!(bindings.len(), entity_type.children("NavigationProperty").len());
        for binding in bindings {
            let navigation = entity_type.named("NavigationProperty", binding.get("Path").unwrap());
            let target = container.named("EntitySet", binding.get("Target").unwrap());
            assert!(navigation.get("Type").unwrap().contains(target.get("EntityType").unwrap()));
        }
    }
}

#[test]
fn names_resolve_and_partners_match() {
    for model in [bench(), rare()] {
        for version in [Version::V4_0, Version::V4_01] {
            let text = metadata(&model, version);
            check_structure(&text);
            let schema = parse(&text).only("edmx:DataServices").only("Schema").clone();
            assert_eq!(schema.children("EntityType").len(), model.types.len());
            assert_eq!(schema.only("EntityContainer").children("EntitySet").len(), model.sets.len());
        }
    }
}

#[test]
fn the_version_is_that_of_the_answer() {
    let version = |version| parse(&metadata(&rare(), version)).get("Version").unwrap().to_owned();
    assert_eq!(version(Version::V4_0), "4.0");
    assert_eq!(version(Version::V4_01), "4.01");
}

/// The document between the tags of one element, as text.
fn element(text: &str, start: &str) -> String {
    let from = text.find(start).unwrap_or_else(|| panic!("{start}"));
    text[from..].split_inclusive('>').next().unwrap().to_owned()
}

#[test]
fn properties_carry_their_facets() {
    let text = metadata(&bench(), Version::V4_0);
    for expected in [
        "<Property Name=\"Id\" Type=\"Edm.Int32\" Nullable=\"false\"/>",
        "<Property Name=\"Industry\" Type=\"Edm.String\" MaxLength=\"40\"/>",
        "<Property Name=\"AnnualRevenue\" Type=\"Edm.Decimal\" Precision=\"18\" Scale=\"2\"/>",
        "<Property Name=\"CreatedAt\" Type=\"Edm.DateTimeOffset\" Nullable=\"false\" Precision=\"3\"/>",
        "<Property Name=\"PaidAt\" Type=\"Edm.DateTimeOffset\" Precision=\"6\"/>",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    let (old, new) = (metadata(&rare(), Version::V4_0), metadata(&rare(), Version::V4_01));
    let bare = "<Property Name=\"Bare\"";
    assert_eq!(element(&old, bare), "<Property Name=\"Bare\" Type=\"Edm.Decimal\"/>");
    assert_eq!(element(&new, bare), "<Property Name=\"Bare\" Type=\"Edm.Decimal\" Scale=\"variable\"/>");
    assert!(old.contains("Name=\"Whole\" Type=\"Edm.Decimal\" Precision=\"10\" Scale=\"0\""));
}

#[test]
fn navigations_carry_type_partner_and_constraint() {
    let text = metadata(&bench(), Version::V4_0);
    assert!(text.contains("<NavigationProperty Name=\"Orders\" Type=\"Collection(Erp.Order)\" Partner=\"Account\"/>"));
    assert!(text.contains(
        "<NavigationProperty Name=\"Account\" Type=\"Erp.Account\" Nullable=\"false\" Partner=\"Orders\">\
         <ReferentialConstraint Property=\"AccountId\" ReferencedProperty=\"Id\"/></NavigationProperty>"
    ));
    assert!(text.contains("<NavigationPropertyBinding Path=\"OrderLines\" Target=\"OrderLines\"/>"));
}

#[test]
fn constraints_are_left_out_where_the_standard_forbids_them() {
    let text = metadata(&rare(), Version::V4_0);
    assert_eq!(
        element(&text, "<NavigationProperty Name=\"Dangling\""),
        "<NavigationProperty Name=\"Dangling\" Type=\"A.B.Thing\"/>"
    );
    assert!(
        text.contains(
            "Partner=\"Children\"><ReferentialConstraint Property=\"ParentLine\" ReferencedProperty=\"Line\"/>"
        )
    );
}

#[test]
fn attribute_values_are_escaped() {
    let mut model = rare();
    model.namespace = "a<b&c\"d".to_owned();
    let document = parse(&metadata(&model, Version::V4_0));
    assert_eq!(document.only("edmx:DataServices").only("Schema").get("Namespace"), Some("a<b&c\"d"));
}

/// `PENSTOCK_CSDL_SCHEMAS` is the folder with the OASIS schemas `edmx.xsd` and `edm.xsd`; `xmllint` must be installed.
#[test]
fn documents_are_valid_by_the_oasis_schemas() {
    let Some(schemas) = std::env::var_os("PENSTOCK_CSDL_SCHEMAS") else {
        eprintln!("not validated by schema: PENSTOCK_CSDL_SCHEMAS names no folder with edmx.xsd");
        return;
    };
    let schema = std::path::Path::new(&schemas).join("edmx.xsd");
    for (index, model) in [bench(), rare(), shop()].into_iter().enumerate() {
        for (version, offer) in [(Version::V4_0, OFFER), (Version::V4_01, OFFER), (Version::V4_01, everything())] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("metadata.xml");
            std::fs::write(&path, super::xml(&model, version, &offer)).unwrap();
            let output = Command::new("xmllint")
                .args(["--noout", "--nonet", "--schema"])
                .arg(&schema)
                .arg(&path)
                .output()
                .unwrap();
            assert!(output.status.success(), "{index}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// The same for JSON and `csdl.schema.json`, with Python's `jsonschema`. Its regular expressions know no classes of
/// Unicode, so the names in the schema are put in its words.
const VALIDATE: &str = r#"
import json, sys
try:
    import jsonschema
except ImportError:
    sys.exit(77)
text = open(sys.argv[1]).read()
text = text.replace(r"(_|\\p{L}|\\p{Nl})", r"[^\\W\\d]").replace(r"(_|\\p{L}|\\p{Nl}|\\p{Nd}|\\p{Mn}|\\p{Mc}|\\p{Pc}|\\p{Cf})", r"\\w")
assert "p{" not in text
errors = list(jsonschema.Draft7Validator(json.loads(text)).iter_errors(json.load(open(sys.argv[2]))))
for error in errors[:5]:
    print(error.json_path, error.message[:200], file=sys.stderr)
sys.exit(1 if errors else 0)
"#;

#[test]
fn json_is_valid_by_the_oasis_schema() {
    let Some(schemas) = std::env::var_os("PENSTOCK_CSDL_SCHEMAS") else {
        eprintln!("not validated by schema: PENSTOCK_CSDL_SCHEMAS names no folder with csdl.schema.json");
        return;
    };
    let schema = std::path::Path::new(&schemas).join("csdl.schema.json");
    for (model, offer) in [(bench(), OFFER), (rare(), OFFER), (shop(), OFFER), (shop(), everything())] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metadata.json");
        let validate = |document: &[u8]| {
            std::fs::write(&path, document).unwrap();
            let mut python = Command::new("python3");
            python.args(["-c", VALIDATE]).arg(&schema).arg(&path).output()
        };
        let document = super::json(&model, &offer);
        match validate(&document) {
            Ok(output) if output.status.code() == Some(77) => eprintln!("not validated: Python has no jsonschema"),
            Err(error) => eprintln!("not validated: there is no Python: {error}"),
            Ok(output) => {
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                let wrong = String::from_utf8(document).unwrap().replace("\"EntityType\"", "\"EntityTypo\"");
                assert!(!validate(wrong.as_bytes()).unwrap().status.success(), "the check finds nothing");
            }
        }
    }
}

#[test]
fn the_whole_breadth_of_a_model_is_described() {
    let text = super::xml(&shop(), Version::V4_01, &OFFER);
    for expected in [
        "<NavigationProperty Name=\"Lines\" Type=\"Collection(Shop.Line)\" ContainsTarget=\"true\"/>",
        "<Property Name=\"Shade\" Type=\"Shop.Shade\"/><Property Name=\"Address\" Type=\"Shop.Address\">",
        "<Property Name=\"Tags\" Type=\"Collection(Edm.String)\"/>",
        "<EntityType Name=\"Manager\" BaseType=\"Shop.Employee\"><Property Name=\"Bonus\" Type=\"Edm.Int64\"/>\
         <NavigationProperty Name=\"Staff\" Type=\"Collection(Shop.Person)\"/></EntityType>",
        "<EntityType Name=\"Photo\" HasStream=\"true\">",
        "<Property Name=\"Thumb\" Type=\"Edm.Stream\"/>",
        "<ComplexType Name=\"Place\"><Property Name=\"Lat\" Type=\"Edm.Double\"/></ComplexType>",
        "<EnumType Name=\"Shade\" IsFlags=\"true\"><Member Name=\"Dark\" Value=\"1\"/>",
        "<EnumType Name=\"Size\" UnderlyingType=\"Edm.Byte\"><Member Name=\"Small\" Value=\"1\"/></EnumType>",
        "<Function Name=\"Best\"><Parameter Name=\"of\" Type=\"Collection(Edm.String)\" Nullable=\"false\"/>",
        "<Action Name=\"Reset\"/>",
        "<Parameter Name=\"all\" Type=\"Collection(Shop.Person)\"/>",
        "<Action Name=\"Last\" IsBound=\"true\" EntitySetPath=\"it/Orders\">",
        "<NavigationPropertyBinding Path=\"Lines/Sold\" Target=\"People\"/>",
        "<NavigationPropertyBinding Path=\"Shop.Manager/Staff\" Target=\"People\"/>",
        "<Singleton Name=\"Settings\" Type=\"Shop.Setting\">",
        "<FunctionImport Name=\"Best\" Function=\"Shop.Best\" EntitySet=\"Orders\" IncludeInServiceDocument=\"true\"/>",
        "<ActionImport Name=\"Reset\" Action=\"Shop.Reset\"/>",
    ] {
        assert!(text.contains(expected), "{expected} is missing in {}", text.replace("><", ">\n<"));
    }
    for hidden in ["\"Kind\"", "\"Bytes\"", "EntitySet Name=\"Lines\""] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}
