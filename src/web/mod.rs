//! HTTP: the only room that knows hyper.
//!
//! [`Door`] publishes services below `/odata/v4/<name>/`, health below `/health/` and the list of roots at `/`;
//! operators drop what is kept of a set with `DELETE /cache/<service>/<set>`. [`accept()`] owns the sockets. Nothing
//! here reads what stands behind a service root: the target goes to the service exactly as the client sent it.
//!
//! # Decisions
//!
//! - No web framework. Paths are told apart by hand in `door`: there are five forms, a route table would decode
//!   segments that must stay as they are, and `//` directly below a root is tolerated because base URLs are pasted with
//!   and without a slash. What is left of a framework then, a boxed future, a boxed body, a map of extensions and two
//!   clones of the router, cost 11 allocations a request.
//! - The accept loop is ours, over hyper's HTTP/1 connection. Ready-made ones know neither a head timeout nor a bounded
//!   drain, and leave hyper's own refusals (a URL that is too long, a raw blank in it) without a body and without
//!   `OData-Version`; `early` gives them both. HTTP/2 is left to the proxy that ends TLS.
//! - Compression is a call of ours on the whole body, not tower-http's layer: see `layers` for what a layer costs. It
//!   also turned the status into 406 for a client that refuses every encoding, behind a body that says otherwise.
//! - [`Serves`] is a trait so that the door can be tested without databases. It is resolved at compile time.
//! - `/` and `/health/…` need no credentials: the names of roots and sources are no secrets, and probes have none to
//!   send.

mod accept;
mod access_log;
mod cors;
mod door;
mod early;
mod head_clock;
mod health;
mod identify;
mod index;
mod layers;
mod odata;
mod packing;
mod refusal;
mod request_id;

#[cfg(test)]
mod tests;

use crate::auth::Principal;
use crate::service::{Answer, Intake, Request, Service};

pub use accept::{accept, listen};
pub use cors::Cors;
pub use door::{Door, Manners};
pub use health::{Health, Probe, Sign};

/// Answers the requests of one service root. Never fails: what goes wrong is an answer, too.
pub trait Serves: Send + Sync + 'static {
    /// Answers one request. Dropping the future stops the work on it: the client has left.
    fn answer(&self, request: Request, principal: &Principal) -> impl Future<Output = Answer> + Send;

    /// Room for the body of a request, if its body matters.
    fn intake(&self, request: &Request) -> Option<Intake>;

    /// Drops what is kept of a set, here and in all replicas. False if there is no such set.
    fn invalidate(&self, set: &str) -> bool;
}

impl Serves for Service {
    async fn answer(&self, request: Request, principal: &Principal) -> Answer {
        Service::answer(self, request, principal).await
    }

    fn intake(&self, request: &Request) -> Option<Intake> {
        Service::intake(self, request)
    }

    fn invalidate(&self, set: &str) -> bool {
        Service::invalidate(self, set)
    }
}

/// A published service.
#[derive(Debug)]
pub struct Root<S> {
    /// The last segment of the root, `erp` in `/odata/v4/erp/`.
    pub name: String,
    /// Whether requests without credentials are let in.
    pub anonymous: bool,
    /// Who answers.
    pub service: S,
}
