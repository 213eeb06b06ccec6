//! The command line: what each command prints and its exit codes: 0 done, 1 failed or would not start, 2 wrong usage.
//!
//! Standard output carries what a command is asked for and the line `listening on …`; sentences about failures and the
//! log go to standard error.

mod check;
mod demo;
mod introspect;
mod logging;
mod notes;
mod password;
mod progress;
mod salesforce;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::{self, Prepared, StartError};

/// OData 4.0 and 4.01 over SQL databases, made for Salesforce Connect.
#[derive(Debug, Parser)]
#[command(name = "penstock", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the databases of a configuration
    Serve(Config),
    /// Check configuration and metadata files, also against the databases, and print every problem
    Check(check::Options),
    /// Draft metadata files from a live database, or bring them up to date
    Introspect(introspect::Options),
    /// Print the bound query, the plan and the SQL of a URL
    Explain {
        /// The part of the URL below the service root: 'Orders?$filter=TotalAmount gt 1000'
        url: String,
        #[command(flatten)]
        config: Config,
        /// The service, if there are several
        #[arg(long)]
        service: Option<String>,
        /// Ask the database how it runs the statement
        #[arg(long)]
        analyze: bool,
    },
    /// Write a project for Salesforce: data source, external objects, lookups, tabs, permission set
    Salesforce(salesforce::Options),
    /// Drop what replicas keep of sets, by way of their Redis
    Invalidate {
        /// The sets, as in URLs
        #[arg(required = true)]
        sets: Vec<String>,
        /// The service, if there are several
        #[arg(long)]
        service: Option<String>,
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Hash a password for the configuration
    Password,
    /// Serve sample data from embedded databases
    Demo(demo::Options),
}

#[derive(Debug, Args)]
struct Config {
    /// The configuration file; without it the command works on the demo
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the password cannot be read: {0}")]
    Input(std::io::Error),
    #[error("the two passwords differ")]
    PasswordsDiffer,
    #[error(transparent)]
    Password(#[from] app::AuthError),
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    #[error("the output cannot be written: {0}")]
    Output(std::io::Error),
}

/// Runs the command named on the command line.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Serve(config) => serve(config.config.as_deref()),
        Command::Check(options) => check::run(&options),
        Command::Introspect(options) => introspect::run(&options),
        Command::Explain { url, config, service, analyze } => {
            explain(config.config.as_deref(), service.as_deref(), &url, analyze)
        }
        Command::Salesforce(options) => salesforce::run(&options),
        Command::Invalidate { sets, service, config } => invalidate(&config, service.as_deref(), &sets),
        Command::Password => password::run().map(|()| ExitCode::SUCCESS),
        Command::Demo(options) => demo::run(&options).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|failure| {
        complain(&failure);
        ExitCode::FAILURE
    })
}

/// Says on standard error what went wrong. If that is closed, nobody wants to know.
fn complain(failure: &Failure) {
    let mut err = std::io::stderr().lock();
    if let Failure::Start(StartError::Problems(problems)) = failure {
        for problem in problems {
            let _ = writeln!(err, "{problem}");
        }
    }
    let _ = writeln!(err, "penstock: {failure}");
}

/// Writes a line to standard output.
fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Failure::Output)
}

/// Whoever started the server reads the port from this line; without a reader the server serves all the same.
fn announce(address: SocketAddr) {
    let _ = say(&format!("listening on http://{address}"));
}

fn prepare(config: Option<&Path>) -> Result<Prepared, Failure> {
    match config {
        Some(file) => Ok(app::prepare(file)?),
        None => demo::prepare(&demo::Options::default()),
    }
}

/// Each SQLite source, the checks of passwords and compression have bounds of their own on how many threads they take.
/// This one is above all of them, so that none can take the last thread from another.
const BLOCKING_THREADS_MAX: usize = 8_192;

/// Runs a command that waits for sockets.
fn block_on<T>(future: impl Future<Output = Result<T, StartError>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_THREADS_MAX).build();
    let runtime = runtime.map_err(|error| StartError::System { reason: error.to_string() })?;
    let outcome = runtime.block_on(future);
    // A statement on a blocking thread that cannot be stopped must not hold the process.
    runtime.shutdown_background();
    Ok(outcome?)
}

fn serve(config: Option<&Path>) -> Result<ExitCode, Failure> {
    if config.is_none() {
        return demo::run(&demo::Options::default()).map(|()| ExitCode::SUCCESS);
    }
    let prepared = prepare(config)?;
    logging::start(prepared.settings.log);
    block_on(app::serve(prepared, announce))?;
    Ok(ExitCode::SUCCESS)
}

fn explain(config: Option<&Path>, service: Option<&str>, url: &str, analyze: bool) -> Result<ExitCode, Failure> {
    let prepared = prepare(config)?;
    say(block_on(app::explain(&prepared, service, url, analyze))?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn invalidate(config: &Path, service: Option<&str>, sets: &[String]) -> Result<ExitCode, Failure> {
    let prepared = app::prepare(config)?;
    block_on(app::invalidate(&prepared, service, sets))?;
    say(&format!("dropped what was kept of {}", sets.join(", ")))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
        let parsed = Arguments::try_parse_from(["penstock", "explain", "Orders?$top=1", "--analyze"]).unwrap();
        let Command::Explain { url, analyze: true, config: Config { config: None }, .. } = parsed.command else {
            panic!("{parsed:?}")
        };
        assert_eq!(url, "Orders?$top=1");
        for wrong in [&["penstock", "explain"][..], &["penstock", "serve", "x"], &["penstock", "demo", "--scale", "0"]]
        {
            assert_eq!(Arguments::try_parse_from(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }
}
