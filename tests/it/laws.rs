//! The laws of the tree: which room may name which other, which outside crates are guests of which room, how files
//! open and how long they are, that every error code is documented and has a case, that no snapshot and no recorded
//! answer is left over. Tests inside `src` are exempt from the law of imports; all else is not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::{files_below, project, read_text};

/// Every room, and the rooms that it may name: the table of `lib.rs`.
const ROOMS: [(&str, &[&str]); 22] = [
    ("edm", &[]),
    ("catalog", &["edm"]),
    ("syntax", &[]),
    ("cache", &[]),
    ("auth", &[]),
    ("config", &["edm"]),
    ("model", &["edm"]),
    ("sql", &["edm"]),
    ("query", &["edm", "model"]),
    ("bind", &["edm", "syntax", "model", "query"]),
    ("plan", &["edm", "model", "query", "sql"]),
    ("wire", &["edm", "model", "query"]),
    ("store", &["edm", "catalog", "sql"]),
    ("execute", &["edm", "sql", "plan", "store"]),
    (
        "service",
        &["edm", "syntax", "cache", "auth", "model", "sql", "query", "bind", "plan", "wire", "store", "execute"],
    ),
    ("draft", &["edm", "catalog", "model"]),
    ("export", &["edm", "model"]),
    ("check", &["edm", "catalog", "export", "model"]),
    ("web", &["service", "auth"]),
    ("demo", &["edm", "store"]),
    (
        "app",
        &[
            "config", "catalog", "draft", "check", "export", "model", "syntax", "query", "bind", "store", "cache",
            "auth", "service", "web",
        ],
    ),
    (
        "cli",
        &[
            "edm", "config", "catalog", "draft", "check", "export", "model", "app", "demo", "service", "syntax",
            "bind", "plan", "sql", "query", "store", "auth",
        ],
    ),
];

/// Outside crates that only some rooms may name.
const GUESTS: [(&str, &[&str]); 18] = [
    ("regex", &["store"]),
    ("redis", &["cache"]),
    ("sqlx", &["store"]),
    ("postgres_protocol", &["store"]),
    ("rustls", &["store"]),
    ("tokio_rustls", &["store"]),
    ("rustls_native_certs", &["store"]),
    ("rusqlite", &["store"]),
    ("http", &["web"]),
    ("http_body_util", &["web"]),
    ("hyper", &["web"]),
    ("hyper_util", &["web"]),
    ("moka", &["cache"]),
    ("clap", &["cli"]),
    ("argon2", &["auth"]),
    ("quick_xml", &["export", "wire"]),
    ("serde", &["config", "model"]),
    ("tracing_subscriber", &["app", "cli"]),
];

/// The floors of words and of meaning: no input or output, no clock, no environment, no logging, no `async`.
const PURE: [&str; 12] =
    ["edm", "catalog", "draft", "export", "check", "syntax", "model", "sql", "query", "bind", "plan", "wire"];
const IMPURE: [&str; 9] =
    ["std::fs", "std::env", "std::net", "std::process", "Instant::now", "SystemTime", "tokio", "tracing", "async "];

/// Files that are long because they are tables.
const TABLES: [&str; 0] = [];
const LINES_MAX: usize = 500;

/// Codes that no client can cause on purpose from outside; their rooms test them. `syntax` refuses an empty phrase
/// before `bind` sees it, the demo allows every property everywhere, 204 has no body that could carry a code, and the
/// tests of `store` and `sql` cause the rest.
const UNCAUSED: [&str; 10] = [
    "auth.busy",
    "web.defect",
    "service.defect",
    "service.no_content",
    "bind.empty_search",
    "bind.not_allowed_here",
    "sql.unsupported",
    "store.denied",
    "store.out_of_range",
    "store.parameter",
];

/// A source file of `src`, without comments and without its tests.
struct Source {
    path: PathBuf,
    room: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = project("src");
    let tests = test_modules();
    let mut sources = Vec::new();
    for path in rust_files("src") {
        let relative = path.strip_prefix(&root).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = first.trim_end_matches(".rs").to_owned();
        let is_test = tests.iter().any(|module| path == module.with_extension("rs") || path.starts_with(module));
        if is_test || matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        sources.push(Source { code: code_of(&read_text(&path)), path: relative.to_owned(), room });
    }
    assert!(sources.len() > 20, "the source tree was not found");
    sources
}

/// The modules in files of their own that are declared for tests only, as paths without an ending.
fn test_modules() -> Vec<PathBuf> {
    let mut modules = Vec::new();
    for path in rust_files("src") {
        let text = read_text(&path);
        let own = if path.ends_with("mod.rs") { path.parent().unwrap().to_owned() } else { path.with_extension("") };
        for (place, attribute) in text.match_indices("#[cfg(test)]\n") {
            let declaration = text[place + attribute.len()..].trim_start().split(';').next().unwrap_or_default();
            if let Some(name) = declaration.rsplit_once("mod ").map(|(_, name)| name.trim())
                && !declaration.contains('{')
            {
                modules.push(own.join(name));
            }
        }
    }
    modules
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    files_below(&project(folder)).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs")).collect()
}

/// The text without comment lines, and without what follows a test module, which is always last.
fn code_of(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.to_owned() + "\n").collect()
}

/// The first names of all paths that begin with `crate::`, also in braces.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        // `crate` of a longer word, such as `macro_crate::`, is another thing.
        if code[..place].ends_with(|character: char| character.is_alphanumeric() || character == '_') {
            continue;
        }
        let rest = &code[place + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(first_names(list)),
            None => names.extend(word(rest)),
        }
    }
    names
}

/// The first names of the items of a `use` list, up to its closing brace.
fn first_names(list: &str) -> Vec<String> {
    let (mut names, mut depth, mut item) = (Vec::new(), 0_usize, String::new());
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(word(std::mem::take(&mut item).trim_start())),
            _ if depth == 0 => item.push(character),
            _ => {}
        }
    }
    names.extend(word(item.trim_start()));
    names
}

fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

#[test]
fn a_room_names_only_the_rooms_it_may() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut wrong = Vec::new();
    for source in sources() {
        let path = source.path.display();
        let Some(may) = allowed.get(source.room.as_str()) else {
            wrong.push(format!("{path}: the room '{}' is not in the table", source.room));
            continue;
        };
        for name in crate_paths(&source.code) {
            if name != source.room && !may.contains(&name.as_str()) {
                wrong.push(format!("{path} names `crate::{name}`"));
            }
        }
        if source.code.contains("super::super") {
            wrong.push(format!("{path} uses `super::super`"));
        }
    }
    assert!(wrong.is_empty(), "against the law of imports:\n{}", wrong.join("\n"));
}

#[test]
fn the_law_of_imports_has_no_cycle_and_reads_paths_rightly() {
    // Rooms can be put in an order in which each names only earlier ones: that is to have no cycle.
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    while placed.len() < ROOMS.len() {
        let next = ROOMS.iter().find(|(room, may)| !placed.contains(room) && may.iter().all(|m| placed.contains(m)));
        let Some((room, _)) = next else { panic!("a cycle, or an unknown room, outside of {placed:?}") };
        placed.insert(room);
    }
    let code = "use crate::{edm::{Cell, Value}, model::Model, sql};\nlet x = crate::plan::plan(a); my_crate::no::x";
    assert_eq!(crate_paths(code).into_iter().collect::<Vec<_>>(), ["edm", "model", "plan", "sql"]);
}

#[test]
fn outside_crates_are_guests_of_their_rooms_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        let path = source.path.display();
        for (guest, hosts) in GUESTS {
            let named = source.code.match_indices(&format!("{guest}::")).any(|(place, _)| {
                !source.code[..place]
                    .ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
            });
            if named && !hosts.contains(&source.room.as_str()) {
                wrong.push(format!("{path} names `{guest}`"));
            }
        }
        if PURE.contains(&source.room.as_str()) {
            for word in IMPURE.iter().filter(|word| source.code.contains(**word)) {
                wrong.push(format!("{path} names `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "guests in the wrong room:\n{}", wrong.join("\n"));
}

#[test]
fn files_open_with_what_they_own_and_stay_short() {
    let mut wrong = Vec::new();
    for path in ["src", "tests", "benches"].into_iter().flat_map(rust_files) {
        let text = read_text(&path);
        let name = path.strip_prefix(project("")).unwrap().display().to_string();
        if !text.starts_with("//!") {
            wrong.push(format!("{name} does not open with `//!`"));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX && !TABLES.contains(&name.as_str()) {
            wrong.push(format!("{name} has {lines} lines, more than {LINES_MAX}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The public error codes: every text of the form `room.words` in the code of a room.
fn error_codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for source in sources() {
        for text in source.code.split('"').skip(1).step_by(2) {
            let Some((room, rest)) = text.split_once('.') else { continue };
            let is_code = ROOMS.iter().any(|(name, _)| *name == room)
                && !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                && rest != "toml";
            if is_code && !matches!(source.room.as_str(), "demo" | "check" | "config" | "cli" | "model") {
                codes.insert(text.to_owned());
            }
        }
    }
    assert!(codes.len() > 5, "no error codes were found");
    codes
}

#[test]
fn every_error_code_has_a_line_in_the_readme_and_a_case() {
    let readme = read_text(&project("README.md"));
    let cases: String = files_below(&project("tests"))
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "url" || e == "rs" || e == "jsonl"))
        .map(|path| read_text(path))
        .collect();
    let mut wrong = Vec::new();
    for code in error_codes() {
        if !readme.contains(&format!("`{code}`")) {
            wrong.push(format!("{code} has no line in README.md"));
        }
        if !cases.contains(&code) && !UNCAUSED.contains(&code.as_str()) {
            wrong.push(format!("{code} has no case below tests/"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_snapshot_is_left_over() {
    let mut wrong = Vec::new();
    for path in ["src", "tests"].into_iter().flat_map(|folder| files_below(&project(folder))) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".snap.new") || name.ends_with(".pending-snap") {
            wrong.push(format!("{}: not decided upon", path.display()));
        }
        if let Some(stem) = name.strip_suffix(".snap")
            && let Some(what) = stale_snapshot(&path, stem)
        {
            wrong.push(format!("{}: {what}", path.display()));
        }
    }
    for path in files_below(&project("tests/cases/live")) {
        if path.extension().is_some_and(|e| e == "answer") && !path.with_extension("url").exists() {
            wrong.push(format!("{}: an answer without its request", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why no test refers to a snapshot. Its header names the source file; the last part of its name is a test, a name
/// given in that file, or, for snapshots of case files, the case.
fn stale_snapshot(path: &Path, stem: &str) -> Option<String> {
    let text = read_text(path);
    let source = text.lines().find_map(|line| line.strip_prefix("source: "))?.trim_matches('"').to_owned();
    let Ok(code) = std::fs::read_to_string(project(&source)) else {
        return Some(format!("its source {source} does not exist"));
    };
    let last = stem.rsplit("__").next().unwrap_or(stem);
    let without_number = last.rsplit_once('-').filter(|(_, n)| n.parse::<u32>().is_ok()).map_or(last, |(name, _)| name);
    let in_code = [last, without_number]
        .iter()
        .any(|name| code.contains(&format!("fn {name}(")) || code.contains(&format!("\"{name}\"")));
    let is_case = files_below(&project("tests/cases")).iter().any(|case| {
        let case = case.strip_prefix(project("tests/cases")).unwrap().with_extension("");
        stem.ends_with(&case.display().to_string().replace('/', "__")) || case.ends_with(last)
    });
    (!in_code && !is_case).then(|| format!("no test in {source} and no case is called {last}"))
}

#[test]
fn the_tree_names_no_path_of_one_machine() {
    let mut wrong = Vec::new();
    let folders = ["src", "tests", "benches", "metadata", "migrations", "deploy", ".ci"];
    let mut files: Vec<PathBuf> = folders.into_iter().flat_map(|folder| files_below(&project(folder))).collect();
    files.extend(["README.md", "Cargo.toml", "CHANGELOG.md", "deny.toml"].map(project));
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        // Put together here, so that this file does not hold them itself.
        for place in ["work", "root", "home", "tmp/wt", "Users"].map(|folder| format!("/{folder}/")) {
            let named = text.match_indices(&place).any(|(at, _)| {
                !text[..at].ends_with(|before: char| before.is_alphanumeric() || "._}-*)".contains(before))
            });
            if named {
                wrong.push(format!("{} names {place}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
