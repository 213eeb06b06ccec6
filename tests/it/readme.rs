//! Every command of README.md and of the guide for Salesforce is run, as it stands there, and gives what stands under
//! it.
//!
//! Commands stand in blocks marked `console`, behind `$ `; a line that ends with a backslash goes on in the next one.
//! The lines under a command are its output: `…` stands for any part of a line, a line of `…` alone for any lines; a
//! command without lines may print anything. Blocks marked `toml file=NAME` are written to that file first. What
//! `export NAME=…` sets is in the environment of all later commands.
//!
//! All run in one temporary folder, in the order of the text. `penstock` and `cargo run --release --` are the program
//! under test. `demo` and `serve` go on running while the following commands are run, on a port that is free; the other
//! commands of cargo and the test command itself are what runs this test, so they are only looked for.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::support::{project, read_text};

#[derive(Debug, PartialEq)]
struct Step {
    command: String,
    output: Vec<String>,
}

#[derive(Debug, Default, PartialEq)]
struct Readme {
    files: Vec<(String, String)>,
    steps: Vec<Step>,
}

fn read(text: &str) -> Readme {
    let mut readme = Readme::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.trim_start().strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
        if let Some(name) = kind.strip_prefix("toml file=") {
            readme.files.push((name.to_owned(), block.join("\n") + "\n"));
        } else if kind == "console" {
            let mut goes_on = false;
            for line in block {
                if goes_on {
                    let step: &mut Step = readme.steps.last_mut().unwrap();
                    step.command = format!("{} {}", step.command.trim_end_matches(['\\', ' ']), line.trim());
                    goes_on = line.ends_with('\\');
                } else if let Some(command) = line.strip_prefix("$ ") {
                    readme.steps.push(Step { command: command.to_owned(), output: Vec::new() });
                    goes_on = line.ends_with('\\');
                } else if let Some(step) = readme.steps.last_mut() {
                    step.output.push(line.trim_end().to_owned());
                }
            }
        }
    }
    readme
}

/// Whether the lines are the expected ones, `…` standing for anything.
fn matches(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.iter().all(|line| line.is_empty()),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=found.len()).any(|skipped| matches(rest, &found[skipped..]))
        }
        Some((first, rest)) => {
            found.split_first().is_some_and(|(line, more)| line_matches(first, line.trim_end()) && matches(rest, more))
        }
    }
}

fn line_matches(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            let Some(place) = rest.find(before) else { return false };
            rest = &rest[place + before.len()..];
        }
    }
    last.map_or(rest.is_empty(), |part| rest.ends_with(part))
}

/// A server that a command started; it ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The command with the program under test, and its port exchanged.
fn adapted(command: &str, port: u16) -> String {
    let program = env!("CARGO_BIN_EXE_penstock");
    let command = command.replace("cargo run --release --", program);
    let command = match command.strip_prefix("penstock ") {
        Some(rest) => format!("{program} {rest}"),
        None => command.replace("| penstock ", &format!("| {program} ")),
    };
    command.replace(":8080", &format!(":{port}"))
}

fn is_server(command: &str) -> bool {
    let server = |word: &str| command.contains(&format!("penstock {word}")) || command.contains(&format!("-- {word}"));
    server("demo") || server("serve")
}

/// Writes the files of the README, with its port exchanged: a configuration listens where the README says, the test
/// needs a port of its own.
fn write_files(readme: &Readme, folder: &Path, port: u16) {
    for (name, text) in &readme.files {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text.replace(":8080", &format!(":{port}"))).unwrap();
    }
}

type Environment = Vec<(String, String)>;

/// Runs a command to its end; gives its output with the README's port in it.
fn run(command: &str, folder: &Path, environment: &Environment, port: u16) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-c", &adapted(command, port)]).current_dir(folder).stdin(Stdio::null());
    let output = bash.envs(environment.iter().cloned()).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout).replace(&format!(":{port}"), ":8080");
    assert!(output.status.success(), "`{command}`: {}\n{found}", String::from_utf8_lossy(&output.stderr));
    found
}

/// Starts a server and waits until it listens and has written what stands under the command.
fn start_server(step: &Step, folder: &Path, environment: &Environment, port: u16) -> Running {
    let mut command = adapted(&step.command, port);
    if command.contains(" demo") && !command.contains("--port") {
        command = format!("{command} --port {port}");
    }
    let mut child = Command::new("bash")
        .args(["-c", &format!("exec {command}")])
        .current_dir(folder)
        .envs(environment.iter().cloned())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let running = Running(child);
    let expected = trimmed(&step.output);
    let mut found: Vec<String> = Vec::new();
    loop {
        let line = receiver.recv_timeout(Duration::from_mins(1));
        let line = line.unwrap_or_else(|_| panic!("`{command}` should say\n{expected:#?}\nbut says\n{found:#?}"));
        found.push(line.replace(&format!(":{port}"), ":8080"));
        let lines: Vec<&str> = found.iter().map(String::as_str).collect();
        let listens = lines.iter().any(|line| line.starts_with("listening on "));
        if listens && (expected.is_empty() || matches(&expected, &lines)) {
            return running;
        }
    }
}

#[test]
fn every_command_of_the_readme_does_what_it_shows() {
    let readme = read(&read_text(&project("README.md")));
    assert!(readme.steps.iter().any(|step| is_server(&step.command)), "the README starts no server");
    assert!(
        readme.steps.iter().filter(|step| step.command.contains("curl ")).count() >= 3,
        "fewer than three requests"
    );
    replay(&readme);
}

#[test]
fn every_command_of_the_guide_for_salesforce_does_what_it_shows() {
    let guide = read(&read_text(&project("deploy/salesforce/README.md")));
    for program in ["penstock salesforce", "penstock check", "penstock serve", "curl", "penstock explain", "tail"] {
        assert!(guide.steps.iter().any(|step| step.command.starts_with(program)), "the guide has no {program}");
    }
    replay(&guide);
}

/// The name by which a link finds a heading.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    words.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
}

#[test]
fn links_of_the_pages_lead_to_what_is_there() {
    let mut links = 0;
    for page in ["README.md", "metadata/README.md", "deploy/salesforce/README.md"] {
        let path = project(page);
        let text = read_text(&path);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{page}: there is no {link}");
            if !place.is_empty() {
                let headings = read_text(&target);
                let found = headings.lines().any(|line| line.starts_with('#') && anchor(line) == place);
                assert!(found, "{page}: no heading for {link}");
            }
            links += 1;
        }
    }
    assert!(links > 30, "{links} links");
}

#[test]
fn the_guide_for_salesforce_names_codes_that_there_are() {
    let guide = read_text(&project("deploy/salesforce/README.md"));
    let readme = read_text(&project("README.md"));
    let is_code = |text: &&str| {
        let (room, word) = text.split_once('.').unwrap_or_default();
        let is_word =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && !part.is_empty();
        ["auth", "web", "syntax", "bind", "store", "service"].contains(&room) && is_word(word)
    };
    let codes: Vec<&str> = guide.split('`').skip(1).step_by(2).filter(is_code).collect();
    assert!(codes.len() >= 10, "{codes:?}");
    for code in codes {
        assert!(readme.contains(&format!("| `{code}` |")), "{code} is no code");
    }
}

/// Runs all commands in a folder of their own.
fn replay(readme: &Readme) {
    let folder = tempfile::tempdir().unwrap();
    let mut port = free_port();
    write_files(readme, folder.path(), port);
    let mut environment = Environment::new();
    let mut servers: Vec<Running> = Vec::new();
    for step in &readme.steps {
        let command = step.command.as_str();
        let program = command.split_whitespace().next().unwrap_or_default();
        if is_server(command) {
            servers.clear();
            port = free_port();
            write_files(readme, folder.path(), port);
            servers.push(start_server(step, folder.path(), &environment, port));
        } else if let Some((name, _)) = command.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
            let value = run(&format!("{command} && printf %s \"${name}\""), folder.path(), &environment, port);
            assert!(!value.is_empty(), "`{command}` sets nothing");
            environment.push((name.to_owned(), value));
        } else if program.contains('/') {
            assert!(project(program).exists(), "`{command}`: there is no {program}");
        } else if matches!(program, "git" | "cd" | "rustup") || (program == "cargo" && !command.contains(" -- ")) {
            // How to get and build the program: done, or this test would not run.
        } else {
            let found = run(command, folder.path(), &environment, port);
            let lines: Vec<&str> = found.lines().collect();
            let right = step.output.iter().all(String::is_empty) || matches(&trimmed(&step.output), &lines);
            assert!(right, "`{command}` should give\n{}\nbut gives\n{found}", step.output.join("\n"));
        }
    }
}

/// Without the empty lines at the end.
fn trimmed(lines: &[String]) -> Vec<String> {
    let length = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |place| place + 1);
    lines[..length].to_vec()
}

#[test]
fn the_readme_is_read_as_it_is_meant() {
    let text = "# X\n```console\n$ curl -s \\\n    http://127.0.0.1:8080/\n{\"a\": …}\n\n$ tests/run\n```\n\
                ```toml file=penstock.toml\nversion = 1\n```\n```sh\n$ no\n```\n";
    let readme = read(text);
    assert_eq!(readme.files, [("penstock.toml".to_owned(), "version = 1\n".to_owned())]);
    let commands: Vec<&str> = readme.steps.iter().map(|step| step.command.as_str()).collect();
    assert_eq!(commands, ["curl -s http://127.0.0.1:8080/", "tests/run"]);
    assert!(matches(&trimmed(&readme.steps[0].output), &["{\"a\": 1, \"b\": 2}"]));
    assert!(!matches(&trimmed(&readme.steps[0].output), &["{\"b\": 1}"]));
    let any = ["first", "…", "last …!"].map(str::to_owned);
    assert!(matches(&any, &["first", "x", "y", "last one!"]) && matches(&any, &["first", "last !"]));
    assert!(!matches(&any, &["first", "x"]) && !matches(&any, &["last one!"]));
}
