//! The only composition root: settings → model → databases → service → router.
//!
//! [`prepare`] does everything that can be wrong without a network; [`serve`] opens the socket, puts the rooms together
//! and answers until the process is told to stop.
//!
//! # Decisions
//!
//! - The socket is opened before the services are made, because their links need the real port when the configuration
//!   says port 0; and a taken port is then told before any database is bothered.
//! - What is being answered gets [`DRAIN_MAX`] to finish after SIGTERM or SIGINT. Longer would outlast the patience of
//!   what sent the signal, and be cut off in the middle.

mod check;
mod error;
mod introspect;
mod invalidate;
mod salesforce;
mod wiring;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use crate::auth::Authenticator;
use crate::config::{self, MetadataFolder, Settings};
use crate::model::{Model, Problem};
use crate::web::{self, Cors, Door, Health, Manners, Probe, Root, Serves};

pub use crate::auth::{AuthError, hash_password};
pub use check::{Checked, Inputs, check};
pub use error::StartError;
pub use introspect::{Introspection, Outcome, introspect, load};
pub use invalidate::invalidate;
pub use salesforce::{Exported, Exporting, salesforce};
pub use wiring::explain;

/// Time that requests get to finish after a signal.
pub const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Longest time that a body may be on its way.
const BODY_TIME_MAX: Duration = Duration::from_secs(30);

/// Settings and metadata files, free of problems. Nothing is opened yet.
#[derive(Debug)]
pub struct Prepared {
    /// The checked configuration.
    pub settings: Settings,
    /// The model of each service, in the order of [`Settings::services`].
    pub models: Vec<Arc<Model>>,
}

/// Reads configuration and metadata files and checks both; gives every problem of both.
pub fn prepare(config_file: &Path) -> Result<Prepared, StartError> {
    let Inputs { settings, files, picks, mut problems, .. } =
        Inputs::read(config_file).map_err(StartError::Problems)?;
    let models = wiring::models(&settings, files, &wiring::picks(picks)).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    if problems.is_empty() { Ok(Prepared { settings, models }) } else { Err(StartError::Problems(problems)) }
}

/// The same for settings and files that are in memory already, as the demo's are.
pub fn prepare_from(settings: Settings, files: Vec<Vec<MetadataFolder>>) -> Result<Prepared, StartError> {
    let models = wiring::models(&settings, files, &[]).map_err(StartError::Problems)?;
    Ok(Prepared { settings, models })
}

/// Serves what was prepared. `announce` is told the address as soon as connections are taken.
pub async fn serve(prepared: Prepared, announce: impl FnOnce(SocketAddr)) -> Result<(), StartError> {
    let listener = listen(prepared.settings.server.listen).await?;
    let address = listener.local_addr().map_err(StartError::system)?;
    let wired = wiring::wire(&prepared, &base_url(&prepared.settings, address))?;
    // Dropped at the end, which stops them.
    let _beside: JoinSet<()> = wired.tasks.into_iter().collect();
    serve_roots(listener, &prepared.settings, wired.roots, wired.probes, announce).await
}

/// Puts the door in front of services and answers until a signal comes.
pub async fn serve_roots<S: Serves>(
    listener: TcpListener,
    settings: &Settings,
    roots: Vec<Root<S>>,
    probes: Vec<Probe>,
    announce: impl FnOnce(SocketAddr),
) -> Result<(), StartError> {
    let users = settings.users.iter().map(|user| (user.name.as_str(), user.password_hash.reveal()));
    let authenticator = Authenticator::new(users)?;
    let operators = settings.users.iter().filter(|user| user.operator).map(|user| user.name.clone()).collect();
    let manners = Manners {
        url_bytes_max: settings.limits.url_bytes_max,
        body_timeout: Duration::from_millis(settings.limits.request_timeout_ms).min(BODY_TIME_MAX),
        cors: Cors::new(settings.cors.origins.clone(), &settings.cors.headers, settings.cors.max_age_s),
        callouts: wiring::callouts(settings),
    };
    let door = Arc::new(Door::new(roots, authenticator, operators, Health::new(probes), manners));
    let mut terminated = signal(SignalKind::terminate()).map_err(StartError::system)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(StartError::system)?;
    let stop = async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        tracing::info!("stopping: requests in progress have {} seconds to finish", DRAIN_MAX.as_secs());
    };
    let address = listener.local_addr().map_err(StartError::system)?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    announce(address);
    match web::accept(listener, door, stop, DRAIN_MAX).await {
        0 => tracing::info!("stopped"),
        connections => tracing::warn!(connections, "stopped; some connections were cut off"),
    }
    Ok(())
}

/// Opens the socket.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    web::listen(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken { port: address.port() },
        _ => StartError::Address { address, reason: error.to_string() },
    })
}

/// The base of absolute links, without a slash at its end.
fn base_url(settings: &Settings, address: SocketAddr) -> String {
    settings.server.public_url.clone().unwrap_or_else(|| format!("http://{address}"))
}

/// Hashes that look right to `config`, but cannot be used.
fn unusable_hashes(settings: &Settings, file: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for user in &settings.users {
        if let Err(error) = Authenticator::new([(user.name.as_str(), user.password_hash.reveal())]) {
            problems.push(Problem {
                file: file.to_owned(),
                key: "users".to_owned(),
                wrong: error.to_string(),
                right: "paste the line that `penstock password` prints".to_owned(),
            });
        }
    }
    problems
}

/// The problems of `config`, in the form that all problems have here.
fn plain(problems: Vec<config::Problem>) -> Vec<Problem> {
    problems
        .into_iter()
        .map(|config::Problem { file, key, wrong, right }| Problem { file, key, wrong, right })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_one_sentence() {
        let taken = listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = taken.local_addr().unwrap();
        let error = listen(address).await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("port {} is taken;", address.port())), "{error}");
        let elsewhere = listen(SocketAddr::from(([192, 0, 2, 1], 0))).await.unwrap_err();
        assert!(elsewhere.to_string().starts_with("cannot listen on 192.0.2.1:0"), "{elsewhere}");
    }

    #[test]
    fn problems_of_configuration_and_folders_come_out_in_one_form() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("penstock.toml");
        std::fs::write(&file, "version = 1\n[services.a]\nmetadata = [\"x\", \"y\"]\nanonymous = true\n").unwrap();
        let Err(StartError::Problems(problems)) = prepare(&file) else { panic!("there are problems") };
        assert_eq!(problems.iter().map(|problem| problem.file.as_str()).collect::<Vec<_>>(), ["x", "y"]);
        // What can be read is judged, although another file and another folder cannot be.
        let good = folder.path().join("x");
        std::fs::create_dir(&good).unwrap();
        std::fs::write(good.join("service.toml"), "version = 1\nnamespace = \"N\"\nsource = \"gone\"\n").unwrap();
        std::fs::write(good.join("a.toml"), "version = 1\nset = \"A\"\n").unwrap();
        std::fs::write(good.join("b.toml"), [0xff]).unwrap();
        let Err(StartError::Problems(problems)) = prepare(&file) else { panic!("there are problems") };
        let found: Vec<_> = problems.iter().map(|problem| (problem.file.as_str(), problem.key.as_str())).collect();
        for expected in [("x", "b.toml"), ("y", ""), ("x/a.toml", "table"), ("x/service.toml", "source")] {
            assert!(found.contains(&expected), "{expected:?} {found:?}");
        }
        std::fs::remove_dir_all(&good).unwrap();
        let text = "version = 1\nx = 1\n[services.a]\nmetadata = [\"x\"]\n[[users]]\nname = \"u\"\n\
                    password_hash = \"$argon2id$v=19$oops\"\n";
        std::fs::write(&file, text).unwrap();
        let Err(StartError::Problems(problems)) = prepare(&file) else { panic!("there are problems") };
        assert_eq!(problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), ["x", "users", ""]);
        std::fs::write(&file, "version = 1\nlog = 1\n").unwrap();
        let Err(StartError::Problems(problems)) = prepare(&file) else { panic!("there are problems") };
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys.get(..2), Some(&["log", "services"][..]), "{problems:?}");
    }
}
