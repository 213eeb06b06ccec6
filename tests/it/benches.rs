//! The commands of `benches` start and explain themselves; whether they measure rightly shows only when they run.

use std::path::Path;
use std::process::Command;

use crate::support::{files_below, project, read_text};

fn commands() -> Vec<std::path::PathBuf> {
    files_below(&project("benches")).into_iter().filter(|path| path.file_name().unwrap() == "run").collect()
}

/// The name of a command as one types it.
fn typed(path: &Path) -> String {
    path.strip_prefix(project("")).unwrap().display().to_string()
}

#[test]
fn every_command_explains_itself_and_is_explained() {
    let commands = commands();
    assert!(commands.len() >= 3, "{commands:?}");
    let readme = read_text(&project("benches/README.md"));
    for path in commands {
        let output = Command::new(&path).arg("--help").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let name = typed(&path);
        assert!(output.status.success() && help.contains(&name), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(readme.contains(&name), "benches/README.md does not name {name}");
    }
}

/// The load of people runs for some seconds, with builds that are not optimized: no screen is wrong, and all is told.
#[test]
fn people_can_be_let_loose_on_a_server() {
    let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--example", "people"]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let server = Path::new(env!("CARGO_BIN_EXE_penstock"));
    let people = server.with_file_name("examples").join("people");
    let output = Command::new(project("benches/load/run"))
        .args(["--people", "4", "--think", "20", "--duration", "5", "--adapter", "4.01", "--paging", "server"])
        .args(["--binary", &server.display().to_string(), "--generator", &people.display().to_string()])
        .output()
        .unwrap();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}{errors}");
    for expected in ["\nregister ", "\nlist ", "\npeople 4, sessions ", "\nwrong answers 0\n", "\nserver CPU "] {
        assert!(told.contains(expected), "{expected:?} is not told:\n{told}{errors}");
    }
    assert!(errors.is_empty(), "{errors}");
}

/// Every file of Python compiles, and what needs no server gives targets for every workload.
#[test]
fn the_comparison_knows_what_it_asks() {
    let script = "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1])\n\
                  import latency, load, scale, start, table, workloads\n\
                  for name in workloads.WORKLOADS:\n    \
                      pairs = workloads.targets(name, 0.05)\n    \
                      assert len(pairs) == workloads.TARGETS and pairs == workloads.targets(name, 0.05), name\n";
    let output = Command::new("python3").args(["-c", script]).arg(project("benches/compare")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
