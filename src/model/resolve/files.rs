//! Keeps the metadata files of this repository true: the examples of the format's description and the benchmark's
//! files.

use crate::edm::Scalar;
use crate::model::raw::{File, Folder, SERVICE_FILE};
use crate::model::{CachePolicy, Family, Model, Source, pick, resolve};

fn source(name: &str) -> Source {
    Source { name: name.to_owned(), announces: true, family: Some(Family::Postgres) }
}

/// The `toml` blocks of the description, each headed by the name of its file, as folders in the order of appearance.
fn examples(text: &str) -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for block in text.split("```toml\n").skip(1) {
        let text = block.split("```").next().unwrap().to_owned();
        let name = text.lines().next().unwrap().trim_start_matches("# ").to_owned();
        // A file outside of folders is that of a pick.
        let Some((folder, base)) = name.split_once('/') else { continue };
        let (folder, base) = (folder.to_owned(), base.to_owned());
        let file = File { name: name.clone(), text };
        if let Some(known) = folders.iter_mut().find(|it| it.name == folder) {
            known.entities.push(file);
        } else {
            assert_eq!(base, SERVICE_FILE, "a folder starts with its service file");
            folders.push(Folder { unread: Vec::new(), name: folder, service: file, entities: Vec::new() });
        }
    }
    folders
}

#[test]
fn every_example_of_the_description_resolves() {
    let readme = include_str!("../../../metadata/README.md").replace("\r\n", "\n");
    let folders = examples(&readme);
    let blocks: usize = folders.iter().map(|folder| 1 + folder.entities.len()).sum();
    let model = resolve("erp", &folders, &["erp", "warehouse"].map(source)).unwrap();
    let (_, text) = readme.split_once("```toml\n# sales.toml\n").unwrap();
    let text = text.split("```").next().unwrap().to_owned();
    let picked = pick(model.clone(), &File { name: "sales.toml".to_owned(), text }).unwrap();
    assert_eq!((picked.sets_by_name.len(), picked.published_operations().count()), (2, 1));
    assert_eq!(blocks + 1, readme.matches("```toml").count());
    let sets: Vec<_> = model.sets.iter().map(|set| (set.name.as_str(), set.page_rows_max, set.cache)).collect();
    let default = Some(CachePolicy::default());
    let accounts = CachePolicy { ttl_s: 60, stale_while_revalidate_s: 30, stale_if_error_s: 3_600 };
    let others = ["Orders", "Sales", "Bills", "Products", "Prices", "Documents", "Company", "Shipments"]
        .map(|name| (name, 2_000, default));
    assert_eq!(sets, [&[("Accounts", 1_000, Some(accounts))], &others[..]].concat());
    assert_eq!((model.enums.len(), model.complex_types.len(), model.operations.len()), (2, 1, 4));
    assert_eq!(model.sources, ["erp", "warehouse"]);
}

#[test]
fn the_description_names_every_key_of_the_format() {
    let readme = include_str!("../../../metadata/README.md");
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../../metadata/schema.json")).unwrap();
    let mut keys = 0;
    for table in schema["definitions"].as_object().unwrap().values() {
        for key in table["properties"].as_object().into_iter().flat_map(serde_json::Map::keys) {
            if !["property", "navigation", "cache"].contains(&key.as_str()) {
                assert!(readme.contains(&format!("`{key}`")), "`{key}` is not described");
            }
            keys += 1;
        }
    }
    assert!(keys > 20, "the schema has {keys} keys");
}

fn bench() -> Model {
    macro_rules! file {
        ($name:literal) => {
            File {
                name: format!("bench/{}", $name),
                text: include_str!(concat!("../../../benches/metadata/bench/", $name)).to_owned(),
            }
        };
    }
    let folder = Folder {
        unread: Vec::new(),
        name: "bench".to_owned(),
        service: file!("service.toml"),
        entities: vec![
            file!("account.toml"),
            file!("invoice.toml"),
            file!("order.toml"),
            file!("order_line.toml"),
            file!("product.toml"),
        ],
    };
    resolve("bench", &[folder], &["bench"].map(source)).unwrap()
}

#[test]
fn the_benchmark_files_resolve() {
    let model = bench();
    let shape: Vec<_> = model
        .sets
        .iter()
        .zip(&model.types)
        .map(|(set, it)| (set.name.as_str(), set.table.name.as_ref(), it.properties.len(), it.navigations.len()))
        .collect();
    assert_eq!(
        shape,
        [
            ("Accounts", "accounts", 18, 2),
            ("Invoices", "invoices", 15, 2),
            ("Orders", "orders", 16, 3),
            ("OrderLines", "order_lines", 12, 2),
            ("Products", "products", 12, 1),
        ]
    );
    for entity_type in &model.types {
        let key: Vec<_> = entity_type.key.iter().map(|id| entity_type.property(*id).unwrap()).collect();
        assert_eq!(key[0].name, "Id");
        assert!(key.len() == 1 && key[0].scalar.is_integer());
        assert!(entity_type.navigations.iter().all(|navigation| navigation.partner.is_some()));
    }
    let invoice = model.types.iter().find(|it| it.name == "Invoice").unwrap();
    assert_eq!(invoice.property_named("PaidAt").unwrap().1.scalar, Scalar::DateTimeOffset { precision: 6 });
}
