//! `penstock check`: what is wrong with configuration and metadata files, and what would be right. It is what the
//! command is asked for, so it goes to standard output.
//!
//! # Decisions
//!
//! - **The exit status says whether the server would start**, and no more: a deployment asks just that. `--strict` is
//!   for who wants nothing to be wrong; warnings fail nothing there either, since many of them cannot be helped, except
//!   that a database which was to be compared did not answer: what was not looked at is not right.

mod alike;

use std::process::ExitCode;

use clap::Args;

use crate::app::{self, Checked, Inputs};
use crate::model::Problem;

use super::{Config, Failure, block_on, demo, progress, say};

/// Options of the command.
#[derive(Debug, Args)]
#[command(after_help = EXIT_STATUS)]
pub(super) struct Options {
    #[command(flatten)]
    config: Config,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Ask no database: check the files by themselves
    #[arg(long)]
    offline: bool,
    /// Fail on every problem, also on those with which the server starts, and if a database was not compared
    #[arg(long)]
    strict: bool,
    /// Print every warning by itself, not those that are alike in one paragraph
    #[arg(long)]
    all: bool,
}

const EXIT_STATUS: &str = "Exit status: 0 if the server would start, whatever is wrong else; 1 if it would not, or with \
                           --strict if there is any problem, or a database that was to be compared did not answer; 2 for a \
                           wrong command line.";

/// Checks and prints.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let inputs = match &options.config.config {
        Some(file) => Inputs::read(file),
        None => Ok(demo::inputs(&demo::Options::default())?),
    };
    let checked = match inputs {
        Ok(inputs) => block_on(async { Ok(app::check(inputs, options.offline, &progress::of_catalogues()).await) })?,
        Err(problems) => problems.into(),
    };
    if options.json {
        say(&as_json(&checked))?;
    } else {
        for problem in &checked.problems {
            say(&problem.to_string())?;
        }
        if options.all {
            for warning in &checked.warnings {
                say(&format!("warning: {warning}"))?;
            }
        } else {
            for paragraph in alike::paragraphs(&checked.warnings) {
                say(&paragraph)?;
            }
        }
        say(&summary(&checked))?;
    }
    Ok(if is_content(&checked, options.strict) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_content(checked: &Checked, strict: bool) -> bool {
    checked.would_start && !(strict && (!checked.problems.is_empty() || checked.away > 0))
}

fn summary(checked: &Checked) -> String {
    let (services, sources, sets) = checked.counts;
    let found = match (checked.problems.len(), checked.warnings.len()) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => format!("no problems, {warnings} warning(s)"),
        (problems, 0) => format!("{problems} problem(s)"),
        (problems, warnings) => format!("{problems} problem(s), {warnings} warning(s)"),
    };
    if !checked.would_start {
        return format!("{found}; the server would not start");
    }
    let compared = if checked.compared.is_empty() {
        "compared with no database".to_owned()
    } else {
        let named = checked.compared.iter().map(|(name, product)| format!("{name} ({product})"));
        format!("compared with {}", named.collect::<Vec<_>>().join(", "))
    };
    let end = if checked.problems.is_empty() { "would start" } else { "would start, and not answer rightly" };
    format!("{found}: {services} service(s), {sources} source(s), {sets} set(s), {compared}; the server {end}")
}

fn as_json(checked: &Checked) -> String {
    let list = |problems: &[Problem]| -> Vec<serde_json::Value> {
        let one = |Problem { file, key, wrong, right }: &Problem| serde_json::json!({ "file": file, "key": key, "wrong": wrong, "right": right });
        problems.iter().map(one).collect()
    };
    let compared: serde_json::Map<String, serde_json::Value> =
        checked.compared.iter().map(|(name, product)| (name.clone(), product.clone().into())).collect();
    serde_json::json!({
        "would_start": checked.would_start,
        "problems": list(&checked.problems),
        "warnings": list(&checked.warnings),
        "compared": compared,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> Problem {
        Problem { file: "a".into(), key: "b".into(), wrong: "c".into(), right: "d".into() }
    }

    #[test]
    fn findings_as_json() {
        let compared = vec![("erp".to_owned(), "SQLite 3".to_owned())];
        let checked = Checked { problems: vec![problem()], would_start: true, compared, ..Checked::default() };
        assert_eq!(
            as_json(&checked),
            r#"{"compared":{"erp":"SQLite 3"},"problems":[{"file":"a","key":"b","right":"d","wrong":"c"}],"warnings":[],"would_start":true}"#
        );
    }

    #[test]
    fn the_exit_status_says_whether_the_server_would_start() {
        let started = |problems, away| Checked { would_start: true, problems, away, ..Checked::default() };
        for (checked, loose, strict) in [
            (started(vec![], 0), true, true),
            (Checked { warnings: vec![problem()], ..started(vec![], 0) }, true, true),
            (started(vec![problem()], 0), true, false),
            (started(vec![], 1), true, false),
            (Checked { problems: vec![problem()], ..Checked::default() }, false, false),
        ] {
            assert_eq!((is_content(&checked, false), is_content(&checked, true)), (loose, strict), "{checked:?}");
        }
    }

    #[test]
    fn the_last_line_says_what_would_become_of_a_start() {
        let bad = Checked { problems: vec![problem()], ..Checked::default() };
        assert_eq!(summary(&bad), "1 problem(s); the server would not start");
        let odd = Checked { warnings: vec![problem()], would_start: true, counts: (1, 2, 3), ..Checked::default() };
        assert_eq!(
            summary(&odd),
            "no problems, 1 warning(s): 1 service(s), 2 source(s), 3 set(s), compared with no database; the server would start"
        );
        let misfit =
            Checked { problems: vec![problem()], compared: vec![("erp".to_owned(), "SQLite 3".to_owned())], ..odd };
        assert_eq!(
            summary(&misfit),
            "1 problem(s), 1 warning(s): 1 service(s), 2 source(s), 3 set(s), compared with erp (SQLite 3); the server \
             would start, and not answer rightly"
        );
    }
}
