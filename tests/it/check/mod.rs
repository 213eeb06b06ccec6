//! `penstock check`: wrong files in front of real databases, and every finding seen with its file, key and remedy.

mod access;
mod databases;
mod made;
mod meant;
mod salesforce;
mod status;

use std::process::Command;

use serde_json::Value as Json;

use crate::support::server::Setup;

/// What the command says of a setup: whether it found no problem, and its JSON. Its exit status says whether the server
/// would start.
fn run(setup: &Setup, arguments: &[&str]) -> (bool, Json) {
    let config = setup.path().join("penstock.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_penstock"));
    let output = command.arg("check").arg("--config").arg(config).arg("--json").args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let json: Json = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("no JSON: {text}\n{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(json["would_start"], output.status.success(), "{json}");
    (json["problems"].as_array().unwrap().is_empty(), json)
}

/// One finding as `file | key | wrong; right`, behind `!` for a problem and `?` for a warning.
fn lines(json: &Json) -> Vec<String> {
    let list = |kind: &str, mark: &str| -> Vec<String> {
        let one = |it: &Json| {
            let text = |key: &str| it[key].as_str().unwrap().to_owned();
            format!("{mark} {} | {} | {}; {}", text("file"), text("key"), text("wrong"), text("right"))
        };
        json[kind].as_array().unwrap().iter().map(one).collect()
    };
    [list("problems", "!"), list("warnings", "?")].concat()
}

/// Asserts that there is exactly one finding for each expected text, which are the parts of a line, and no other one
/// of `scope`, a part that all lines looked at have.
fn assert_found(found: &[String], scope: &str, expected: &[&[&str]]) {
    let mut left: Vec<&String> = found.iter().filter(|line| line.contains(scope)).collect();
    for parts in expected {
        let place = left.iter().position(|line| parts.iter().all(|part| line.contains(part)));
        match place {
            Some(place) => drop(left.remove(place)),
            None => panic!("no {parts:?} in {found:#?}"),
        }
    }
    assert!(left.is_empty(), "not expected: {left:#?}");
}

/// A folder with this file of an entity type, on one source.
fn setup(url: &str, files: &[(&str, String)]) -> Setup {
    let config = format!("[sources.erp]\nurl = \"{url}\"\n[services.s]\nmetadata = [\"m\"]\nanonymous = true\n");
    let mut setup = Setup::new(&config).file("m/service.toml", "version = 1\nnamespace = \"N\"\nsource = \"erp\"\n");
    for (name, text) in files {
        setup = setup.file(&format!("m/{name}.toml"), text);
    }
    setup
}

/// The file of a set; `properties` are lines such as `ID id Int32 nullable = false; filterable = false`.
fn entity(set: &str, table: &str, head: &str, properties: &[&str], tail: &str) -> String {
    let mut text = format!("version = 1\nset = \"{set}\"\ntype = \"{set}Row\"\ntable = \"{table}\"\n{head}\n");
    for property in properties {
        let mut parts = property.splitn(4, ' ');
        let mut next = || parts.next().unwrap_or_default();
        let (name, column, kind, rest) = (next(), next(), next(), next());
        let head = format!("[[property]]\nname = \"{name}\"\ncolumn = \"{column}\"\ntype = \"{kind}\"\n");
        text += &head;
        text += &rest.replace("; ", "\n");
        text.push('\n');
    }
    text + tail
}
