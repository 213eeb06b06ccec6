//! `penstock demo` as a newcomer meets it: what it prints works when pasted, a second start reuses the data, and what
//! can go wrong is one clear sentence.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::files_below;
use crate::support::json::Json;
use crate::support::server::TestServer;

fn start(folder: tempfile::TempDir) -> TestServer {
    let data = folder.path().join("data").display().to_string();
    TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], folder)
}

/// Runs a demo that must not start; gives what it says.
fn refused(arguments: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_penstock"))
        .arg("demo")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_mins(1) {
            let _ = child.kill();
            panic!("`demo {}` goes on", arguments.join(" "));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert!(!output.status.success(), "{text}");
    let sentences = text.lines().filter(|line| !line.trim().is_empty()).count();
    assert!((1..=2).contains(&sentences), "not one sentence:\n{text}");
    assert!(!text.contains("panicked") && !text.contains("Error {"), "{text}");
    text
}

#[test]
fn the_requests_that_it_prints_work_when_pasted() {
    let server = start(tempfile::tempdir().unwrap());
    let begun = Instant::now();
    let curls: Vec<String> = loop {
        let log = server.log();
        let curls: Vec<String> =
            log.lines().map(str::trim).filter(|line| line.starts_with("curl ")).map(str::to_owned).collect();
        if curls.len() == 3 {
            break curls;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "three requests are not printed:\n{log}");
        std::thread::sleep(Duration::from_millis(50));
    };
    for curl in curls {
        let output = Command::new("bash").args(["-c", &format!("{curl} -sS --fail-with-body")]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{curl}: {text}");
        let json = Json::read(&text).unwrap_or_else(|error| panic!("{curl}: {error}"));
        assert!(json.get("value").and_then(Json::as_array).is_some_and(|rows| !rows.is_empty()), "{curl}: {text}");
    }
}

#[test]
fn a_second_start_reuses_the_data_and_damage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let keep = tempfile::tempdir().unwrap();
    drop(TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], keep));
    let files = |what: &str| {
        let files: Vec<_> = files_below(Path::new(&data));
        assert!(!files.is_empty(), "{what}");
        files.iter().map(|file| (file.clone(), file.metadata().unwrap().len())).collect::<Vec<_>>()
    };
    let made = files("no data");
    let again = tempfile::tempdir().unwrap();
    drop(TestServer::run(&["demo", "--data-dir", &data, "--port", "0"], again));
    let largest = made.iter().max_by_key(|(_, length)| *length).unwrap();
    assert!(files("no data").contains(largest), "the data were made anew");

    std::fs::write(&largest.0, b"this is no database").unwrap();
    let text = refused(&["--data-dir", &data, "--port", "0"]);
    let name = largest.0.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(text.contains(&name) || text.contains(&data), "{text}");
}

#[test]
fn a_taken_port_and_a_folder_that_cannot_be_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let text = refused(&["--data-dir", &data, "--port", &port]);
    assert!(text.contains(&port), "{text}");

    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let below = file.join("data").display().to_string();
    let text = refused(&["--data-dir", &below, "--port", "0"]);
    assert!(text.contains(&below) || text.contains(&file.display().to_string()), "{text}");
}
