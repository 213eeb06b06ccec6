//! Everything in `metadata/`, `migrations/` and `deploy/` loads, and the program finds what is wrong in files, all of
//! it at once.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use crate::salesforce::demo_setup;
use crate::support::databases::{KINDS, Kind};
use crate::support::demo;
use crate::support::server::Setup;
use crate::support::{files_below, project, read_text};

fn check(setup: &Setup) -> (bool, String) {
    let config = setup.path().join("penstock.toml");
    let output: Output =
        Command::new(env!("CARGO_BIN_EXE_penstock")).arg("check").arg("--config").arg(config).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), text)
}

#[test]
fn the_program_holds_all_metadata_files_of_the_demo() {
    let embedded: BTreeSet<String> = penstock::demo::metadata()
        .into_iter()
        .flat_map(|(folder, files)| files.into_iter().map(move |(name, _)| format!("{folder}/{name}")))
        .collect();
    let present: BTreeSet<String> = ["metadata/erp", "metadata/warehouse"]
        .into_iter()
        .flat_map(|folder| files_below(&project(folder)))
        .map(|path| path.strip_prefix(project("")).unwrap().display().to_string())
        .collect();
    assert_eq!(embedded, present);
    for (folder, files) in penstock::demo::metadata() {
        for (name, text) in files {
            assert_eq!(text, read_text(&project(&format!("{folder}/{name}"))));
        }
    }
}

#[test]
fn the_demo_fits_its_databases() {
    for kind in KINDS {
        let Some(databases) = demo::databases(kind) else { continue };
        let (right, text) = check(&demo_setup(&databases.sources, ""));
        assert!(right, "{}:\n{text}", kind.name());
    }
}

#[test]
fn all_problems_are_told_at_once_with_file_and_key() {
    let databases = demo::databases(Kind::Sqlite).unwrap();
    let setup = demo_setup(&databases.sources, "")
        .file(
            "metadata/erp/product.toml",
            &read_text(&project("metadata/erp/product.toml")).replace("\"Int32\"", "\"Int33\""),
        )
        .file("metadata/erp/order.toml", &read_text(&project("metadata/erp/order.toml")).replace("key = [", "kee = ["))
        .file(
            "metadata/warehouse/shipment.toml",
            &read_text(&project("metadata/warehouse/shipment.toml")).replace("\"Orders\"", "\"Ordres\""),
        );
    let (right, text) = check(&setup);
    assert!(!right, "{text}");
    for part in ["product.toml", "Int33", "order.toml", "kee", "shipment.toml", "Ordres"] {
        assert!(text.contains(part), "{part} is not named in:\n{text}");
    }
    let config = std::fs::read_to_string(setup.path().join("penstock.toml")).unwrap();
    let broken =
        config.replace("[services.erp]", "[services.erp]\nanonimous = true") + "\n[limits]\npage_bytes_max = -1\n";
    let (right, text) = check(&setup.file("penstock.toml", &broken));
    assert!(!right && text.contains("anonimous") && text.contains("page_bytes_max"), "{text}");
}

#[test]
fn the_examples_of_the_metadata_guide_are_correct() {
    let text = read_text(&project("metadata/README.md"));
    let blocks: Vec<&str> = text.split("```toml").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "the guide has no example");
    for block in blocks {
        let lines = block.split_once('\n').map_or("", |(_, lines)| lines);
        lines.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error}\n{lines}"));
    }
}
