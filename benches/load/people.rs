//! The load of people: virtual admins and users who work in an org as people do, with all checks on. It is the
//! look-alike of the tests (`tests/it/consumer/org`), so load and tests share one idea of what Salesforce sends and
//! expects. Started by `benches/load/run --people`, which says where the server is. Talks to this machine only.

#[path = "../../tests/it/support/http.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it belongs to the tests, which may"
)]
mod http;
#[path = "../../tests/it/support/json.rs"]
#[expect(dead_code, reason = "people do not use all that the tests use")]
mod json;
#[path = "../../tests/it/consumer/org/mod.rs"]
#[expect(dead_code, unused_imports, reason = "people do not use all that the tests use")]
mod org;

/// Where the look-alike looks for what it shares with the tests.
mod support {
    pub(crate) use crate::{http, json};
}

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use org::people::{People, Seen};
use org::{Adapter, Paging, Settings};

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Reads what is asked for, lets people work, and tells what they saw; true if nothing was wrong.
fn work() -> Result<bool, Failure> {
    let url = setting("BASE")?;
    let host = url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let address: SocketAddr =
        host.replace("localhost", "127.0.0.1").parse().map_err(|_| format!("{url} has no port"))?;
    if !address.ip().is_loopback() {
        return Err(format!("{url} is not on this machine").into());
    }
    let user = setting("USER").unwrap_or_default();
    let authorization = (!user.is_empty()).then(|| format!("Basic {}", BASE64_STANDARD.encode(user)));
    let adapter = if setting("ADAPTER")? == "4.01" { Adapter::V401 } else { Adapter::V40 };
    let paging = if setting("PAGING")? == "server" { Paging::Server } else { Paging::Client };
    let (row_counts, free_text) = (setting("COUNTS")? == "1", setting("FREE_TEXT")? == "1");
    let settings = Settings { adapter, url, row_counts, paging, free_text, authorization, ordinal: false };
    let time = Duration::from_secs(setting("DURATION_S")?.parse()?);
    let think = Duration::from_millis(setting("THINK_MS")?.parse()?);
    let people = People { settings, address, number: setting("PEOPLE")?.parse()?, time, think };
    let seen = people.work().map_err(|wrong| format!("nobody could register: {}", wrong.0))?;
    std::fs::write(setting("SENT")?, format!("{}\n", seen.callouts))?;
    println!("{}", told(&people, &seen)?);
    for wrong in &seen.wrong {
        eprintln!("{wrong}");
    }
    Ok(seen.wrong_answers == 0)
}

#[expect(clippy::disallowed_methods, reason = "the command gives its settings so, as it does to the other generator")]
fn setting(name: &str) -> Result<String, Failure> {
    std::env::var(format!("PENSTOCK_LOAD_{name}")).map_err(|_| format!("PENSTOCK_LOAD_{name} is not set").into())
}

/// The table of screens.
fn told(people: &People, seen: &Seen) -> Result<String, Failure> {
    let mut out =
        format!("{:<18}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "screen", "opened", "p50 ms", "p95 ms", "p99 ms", "max ms");
    for (name, taken) in &seen.screens {
        let mut taken = taken.clone();
        taken.sort_unstable();
        let part = |share: usize| {
            let place = (taken.len() * share / 1_000).min(taken.len().saturating_sub(1));
            taken.get(place).map_or(0.0, |taken| taken.as_secs_f64() * 1_000.0)
        };
        writeln!(
            out,
            "{name:<18}{:>10}{:>10.2}{:>10.2}{:>10.2}{:>10.2}",
            taken.len(),
            part(500),
            part(950),
            part(990),
            part(1_000)
        )?;
    }
    let seconds = people.time.as_secs().max(1);
    writeln!(out, "\npeople {}, sessions {}", people.number, seen.sessions)?;
    let (callouts, kilobytes) = (seen.callouts, seen.bytes / 1_000);
    writeln!(out, "requests {callouts} ({} a second), {kilobytes} KB", callouts / seconds)?;
    write!(out, "wrong answers {}", seen.wrong_answers)?;
    Ok(out)
}
