//! What the exit status says, and how many findings of one kind are printed.

use std::process::Command;

use super::{entity, setup};
use crate::support::databases::{Database, Kind};
use crate::support::server::Setup;

/// The exit status and what was printed.
fn check(setup: &Setup, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_penstock"));
    let config = setup.path().join("penstock.toml");
    let output = command.arg("check").arg("--config").arg(config).args(more).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_exit_status_says_whether_the_server_would_start_and_strict_whether_all_is_right() {
    let Some(database) = Database::create(Kind::Sqlite, "check_status") else { return };
    database.run("create table texts (id integer primary key, t varchar(100));");
    let file = |column: &str| {
        let properties = ["ID id Int32 nullable = false", &format!("Text {column} String max_length = 100")];
        entity("Texts", "texts", "key = [\"ID\"]", &properties, "")
    };
    let status = |url: &str, file: String, more: &[&str]| check(&setup(url, &[("texts", file)]), more).0;
    for (column, more, expected) in [
        ("t", &[][..], 0),
        ("t", &["--strict"], 0),
        // A problem with which the server starts.
        ("u", &[], 0),
        ("u", &["--json"], 0),
        ("u", &["--strict"], 1),
        ("u", &["--strict", "--json"], 1),
        // Nothing is looked at that could be wrong.
        ("u", &["--strict", "--offline"], 0),
    ] {
        assert_eq!(status(&database.url, file(column), more), Some(expected), "{column} {more:?}");
    }
    let far = "postgres://nobody:hush@127.0.0.1:9/far";
    for (more, expected) in [(&[][..], 0), (&["--strict"], 1), (&["--strict", "--offline"], 0)] {
        assert_eq!(status(far, file("t"), more), Some(expected), "{more:?}");
    }
    let broken = file("t").replace("type = \"Int32\"", "type = \"Int33\"");
    for more in [&[][..], &["--offline"], &["--strict"], &["--json"]] {
        assert_eq!(status(&database.url, broken.clone(), more), Some(1), "{more:?}");
    }
    assert_eq!(status(&database.url, file("t"), &["--nonsense"]), Some(2));
    let (_, text) = check(&setup(&database.url, &[("texts", file("u"))]), &[]);
    assert!(text.ends_with("; the server would start, and not answer rightly\n"), "{text}");
}

#[test]
fn warnings_of_one_kind_are_one_paragraph_unless_all_are_wanted() {
    let files: Vec<(String, String)> = (1..=9)
        .map(|n| {
            let properties = ["ID id Int32 nullable = false", "Note note String", &format!("Text{n} t String")];
            (format!("t{n}"), entity(&format!("Set{n}"), "texts", "key = [\"ID\"]", &properties, ""))
        })
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let setup = setup("sqlite:nowhere.db", &files);
    let (status, text) = check(&setup, &["--offline"]);
    assert_eq!(status, Some(0));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("warning: m/t1.toml: property.2.max_length: `Note` has no length"), "{text}");
    let more = "    17 more like it in 9 file(s): m/t1.toml: property.3.max_length `Text1`, m/t2.toml: ";
    assert!(lines[1].starts_with(more) && lines[1].ends_with("…; `--all` prints each"), "{text}");
    assert!(lines[2].starts_with("no problems, 18 warning(s): "), "{text}");
    let (_, text) = check(&setup, &["--offline", "--all"]);
    assert_eq!(text.lines().filter(|line| line.starts_with("warning: ")).count(), 18, "{text}");
    let (_, json) = check(&setup, &["--offline", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["warnings"].as_array().unwrap().len(), 18);
}
