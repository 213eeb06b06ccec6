//! What a request becomes: each case of `tests/cases/compile` is explained by the program against sources of every
//! dialect, and the bound query and the SQL with its parameters stand one under another in one snapshot. No database is
//! asked, so none needs to be there.
//!
//! `INSTA_UPDATE=always cargo test compile::` records anew; what it changes is to be read like code.

use std::process::Command;

use crate::support::server::Setup;
use crate::support::{files_below, project, read_text};

/// The dialects, and an address that leads to each. Nobody listens there.
const DIALECTS: [(&str, &str); 4] = [
    ("SQLite", "sqlite:nowhere.db"),
    ("PostgreSQL", "postgres://nobody@127.0.0.1:1/nowhere"),
    ("MariaDB", "mariadb://nobody@127.0.0.1:1/nowhere"),
    ("MySQL", "mysql://nobody@127.0.0.1:1/nowhere"),
];

fn setup(url: &str) -> Setup {
    let source = |name: &str| format!("[sources.{name}]\nurl = \"{url}\"\n");
    let config = format!(
        "{}{}[services.erp]\nmetadata = [\"metadata/erp\", \"metadata/warehouse\"]\nanonymous = true\n",
        source("erp"),
        source("warehouse")
    );
    Setup::new(&config).files("metadata", &project("metadata"), |text| text)
}

fn explain(setup: &Setup, target: &str) -> String {
    let config = setup.path().join("penstock.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_penstock"))
        .args(["explain", "--config", config.to_str().unwrap(), target])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "explain '{target}':\n{text}");
    assert!(text.to_lowercase().contains("select"), "explain '{target}' shows no statement:\n{text}");
    // The fingerprint of a statement says nothing that its text does not say.
    let lines = text.trim_end().lines().map(|line| line.split_once(", statement ").map_or(line, |(title, _)| title));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_case_compiles_as_recorded() {
    let setups = DIALECTS.map(|(name, url)| (name, setup(url)));
    let root = project("tests/cases/compile");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(project("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let (mut count, mut wrong) = (0, Vec::new());
    for path in files_below(&root) {
        count += 1;
        let case = path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
        let target = read_text(&path).trim_end().to_owned();
        let mut text = format!("{target}\n");
        for (dialect, setup) in &setups {
            text.push_str(&["\n== ", dialect, "\n", &explain(setup, &target), "\n"].concat());
        }
        let name = format!("compile__{}", case.replace('/', "__"));
        // All differences are wanted, not only the first.
        let compare = || settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare));
        if outcome.is_err() {
            wrong.push(case);
        }
    }
    assert!(count > 20, "only {count} cases");
    assert!(wrong.is_empty(), "not as recorded: {}", wrong.join(", "));
}
