//! Owns [`StartError`]: why the program does not start, in sentences for whoever starts it.

use std::net::SocketAddr;

use crate::auth::AuthError;
use crate::model::Problem;

/// The program cannot do what it was started for.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Configuration or metadata files are wrong.
    #[error("configuration or metadata files have {} problem(s)", .0.len())]
    Problems(Vec<Problem>),
    /// Somebody else listens on the port.
    #[error("port {port} is taken; stop the program that uses it, or choose another port (`listen`, or demo --port)")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        reason: String,
    },
    /// Users cannot be authenticated.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The operating system refuses something that every start needs.
    #[error("the system refuses to let the server start: {reason}")]
    System {
        /// What it said.
        reason: String,
    },
    /// The named service does not exist.
    #[error("there is no service '{name}'; the services are {known}")]
    UnknownService {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The named source does not exist.
    #[error("there is no source '{name}'; the sources are {known}")]
    UnknownSource {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A database does not tell its schema.
    #[error("{reason}{}", .detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    Catalog {
        /// Why, in our words.
        reason: String,
        /// What the database or its driver said.
        detail: Option<String>,
    },
    /// A file cannot be written.
    #[error("{file}: {reason}; no file of the folder was changed")]
    Unwritten {
        /// The file.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// A file of a project cannot be read or written.
    #[error("{file}: {reason}")]
    Unexported {
        /// The file.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// Files of a project are not as they were written.
    #[error(
        "in {folder}, {} written or edited by somebody, and nothing was changed: {}; move your changes elsewhere, or say \
         --force to write over them",
        if files.len() == 1 { "a file was".to_owned() } else { format!("{} files were", files.len()) },
        files.join(", ")
    )]
    Edited {
        /// The folder.
        folder: String,
        /// The files, below it.
        files: Vec<String>,
    },
    /// Nobody says how the outside reaches the server.
    #[error(
        "how Salesforce reaches the server is not configured; write `public_url`, or say --url https://erp.example.com"
    )]
    NoPublicUrl,
    /// An address is none.
    #[error("'{url}' is not the base of a URL; write https://erp.example.com, without '?' and '#'")]
    NoBaseUrl {
        /// What was given.
        url: String,
    },
    /// No service is configured.
    #[error("no service is configured")]
    NoService,
    /// A source's URL cannot be used.
    #[error("{0}")]
    Source(String),
    /// The service has no such set.
    #[error("the service '{service}' has no set '{name}'")]
    UnknownSet {
        /// What was asked for.
        name: String,
        /// Where.
        service: String,
    },
    /// There is nothing through which running servers could be told.
    #[error(
        "no [cache.redis] is configured, through which servers could be told; tell each server itself, as a user with \
         `operator = true`: curl -X DELETE -u USER http://SERVER/cache/SERVICE/SET"
    )]
    NoRedis,
    /// Redis cannot be used.
    #[error("{0}")]
    Redis(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes, without which links cannot be sealed")]
    NoRandom,
    /// The URL to be explained is refused.
    #[error("{reason}{}", .detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
    Refused {
        /// What a client would be told.
        reason: String,
        /// What only the log would be told.
        detail: Option<String>,
    },
}

impl StartError {
    /// Takes over what the system said.
    #[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
    pub(super) fn system(error: std::io::Error) -> Self {
        StartError::System { reason: error.to_string() }
    }
}
