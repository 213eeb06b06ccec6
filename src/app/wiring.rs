//! Where the rooms between the door and the databases are put together: the only calls of `model::resolve`,
//! `store::Database::open` and `Service::new`.
//!
//! The three functions below are complete in form and refuse with [`StartError::NotWired`] until those rooms are in the
//! same tree. They need nothing that is not in [`Prepared`] and the base URL.

use crate::model::Problem;
use crate::service::Service;
use crate::web::{Probe, Root};

use super::{Prepared, StartError};

/// The parts of the server that know databases.
pub(super) struct Wired {
    /// One per service, in the order of the settings.
    pub(super) roots: Vec<Root<Service>>,
    /// One per source.
    pub(super) probes: Vec<Probe>,
}

/// Every problem of the metadata files.
///
/// To be wired: per service `model::resolve(&service.name, &folders, &sources)`, where `folders` are the
/// `config::MetadataFolder`s as `model::raw::Folder`s (same fields; `File { name, text }` for each pair) and `sources`
/// the names of `settings.sources`. The models are wanted by [`wire`] and [`explain`], too, so they belong into
/// [`Prepared`].
pub(super) fn model_problems(prepared: &Prepared) -> Vec<Problem> {
    let _ = &prepared.files;
    vec![Problem {
        file: "metadata".to_owned(),
        key: String::new(),
        wrong: StartError::NotWired.to_string(),
        right: "build a later revision".to_owned(),
    }]
}

/// Opens the sources lazily (a database may be away) and makes the services.
///
/// To be wired: `Database::open(&SourceSettings { name, url: url.reveal(), pool_max, acquire_timeout, statement_timeout,
/// decimals_as_text })` for each of `settings.sources`, then per service `Service::new` with model, databases,
/// `settings.limits`, `base_url` and `settings.server.token_key` (absent: 32 random bytes and a warning that links end
/// with the process), then a [`Probe`] per source around `Database::ping`.
pub(super) fn wire(prepared: &Prepared, base_url: &str) -> Result<Wired, StartError> {
    let _ = (&prepared.settings.sources, base_url);
    Err(StartError::NotWired)
}

/// The bound query, the plan, and the SQL with its parameters for a request target below a service root. `analyze` asks
/// the database how it would run the statement.
///
/// To be wired: parse, bind, plan and render as `service` does, each printed by its room's own text form.
pub async fn explain(
    prepared: &Prepared,
    service: Option<&str>,
    target: &str,
    analyze: bool,
) -> Result<String, StartError> {
    let services = &prepared.settings.services;
    if let Some(name) = service
        && services.iter().all(|service| service.name != name)
    {
        let known = services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(StartError::UnknownService { name: name.to_owned(), known });
    }
    let _ = (target, analyze);
    std::future::ready(Err(StartError::NotWired)).await
}
