//! Owns [`Door`]: every request comes in here. Tells paths apart, identifies the caller, refuses what no service needs
//! to see, and writes the access log.

use std::any::Any;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::Method;
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::timeout;

use crate::auth::Authenticator;
use crate::service::{Answer, Callouts, Intake, Overfull};

use super::access_log::AccessLine;
use super::cors::Cors;
use super::health::Health;
use super::identify::identify;
use super::index::Index;
use super::odata::{self, Response};
use super::packing;
use super::refusal::Refusal;
use super::request_id::RequestIds;
use super::{Root, Serves};

/// Everything that is served, and what all requests share.
pub struct Door<S> {
    roots: Vec<Root<S>>,
    /// The answer of `/`.
    index: Index,
    authenticator: Authenticator,
    operators: HashSet<String>,
    health: Health,
    manners: Manners,
    request_ids: RequestIds,
}

/// How the door treats requests.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Longer targets are refused.
    pub url_bytes_max: usize,
    /// How long a body may be on its way.
    pub body_timeout: Duration,
    /// Which pages of other origins may read answers.
    pub cors: Cors,
    /// What the log says of requests for rows.
    pub callouts: Callouts,
}

impl<S: Serves> Door<S> {
    /// A door in front of these roots. `operators` are the names of the users who may drop what is kept.
    pub fn new(
        roots: Vec<Root<S>>,
        authenticator: Authenticator,
        operators: HashSet<String>,
        health: Health,
        manners: Manners,
    ) -> Self {
        let index = Index::new(roots.iter().map(|root| root.name.as_str()));
        Door { roots, index, authenticator, operators, health, manners, request_ids: RequestIds::new() }
    }

    /// Answers one request. The body is read only for those few that need one, after the caller is known.
    pub(super) async fn open<B: Body<Data = Bytes> + Unpin>(&self, request: http::Request<B>) -> Response {
        let (parts, body) = request.into_parts();
        let id = self.request_ids.of(&parts.headers);
        let mut line = AccessLine::begin(&parts, &id);
        // What a service shares between requests is behind locks and pools that bear a panic; the rest is dropped with
        // it.
        let outcome = AssertUnwindSafe(self.dispatch(&parts, body, &id, &mut line)).catch_unwind().await;
        let (answer, refusal) = match outcome {
            Ok(Ok(answer)) => (answer, None),
            Ok(Err(refusal)) => (refusal.answer(odata::refusal_version(&parts.headers)), Some(refusal)),
            Err(panic) => {
                tracing::error!(request_id = %id, panic = panic_text(panic.as_ref()), "a request panicked");
                (Refusal::Defect.answer(odata::refusal_version(&parts.headers)), Some(Refusal::Defect))
            }
        };
        line.end(&answer, self.manners.callouts);
        let packed = packing::packed(&parts.headers, &answer).await;
        let mut response = odata::response(answer, packed, refusal, id);
        self.manners.cors.allow(&parts.headers, self.manners.cors.is_preflight(&parts), response.headers_mut());
        response
    }

    async fn dispatch<'a, B: Body<Data = Bytes> + Unpin>(
        &'a self,
        parts: &'a Parts,
        body: B,
        id: &str,
        line: &mut AccessLine<'a>,
    ) -> Result<Answer, Refusal> {
        let sent = parts.uri.path_and_query().map_or("", |path_and_query| path_and_query.as_str());
        let Some((name, target)) = odata::split(sent) else { return self.aside(parts).await };
        let Some(root) = self.roots.iter().find(|root| root.name == name) else { return Err(Refusal::NotFound) };
        line.service = &root.name;
        if sent.len() > self.manners.url_bytes_max {
            return Err(Refusal::UrlTooLong { most: self.manners.url_bytes_max });
        }
        if self.manners.cors.is_preflight(parts) {
            let version = odata::refusal_version(&parts.headers);
            return Ok(Answer { status: 204, version, ..Answer::default() });
        }
        let principal = identify(&parts.headers, root.anonymous, &self.authenticator).await?;
        line.principal = Some(Arc::clone(&principal));
        let mut request = odata::request(&parts.method, target, &parts.headers, id.to_owned());
        if let Some(intake) = root.service.intake(&request) {
            // Boxed, so that requests without a body do not carry its future.
            let received = Box::pin(timeout(self.manners.body_timeout, receive(body, intake)));
            request.body = received.await.map_err(|_| Refusal::BodyLate)??;
        }
        Ok(root.service.answer(request, &principal).await)
    }

    /// The few paths that are no service.
    async fn aside(&self, parts: &Parts) -> Result<Answer, Refusal> {
        let mut content_type = "application/json";
        let (status, body) = match parts.uri.path() {
            "/" => {
                let (kind, body) = self.index.answer(&parts.headers);
                content_type = kind;
                (200, body)
            }
            "/health/live" => (200, Bytes::from_static(b"{\"live\":true}")),
            "/health/ready" => {
                let readiness = self.health.readiness().await;
                (if readiness.ready { 200 } else { 503 }, Bytes::from(readiness.body))
            }
            path => {
                let Some(kept) = path.strip_prefix("/cache/") else { return Err(Refusal::NotFound) };
                return self.drop_kept(parts, kept).await;
            }
        };
        if parts.method != Method::GET && parts.method != Method::HEAD {
            return Err(Refusal::Method("GET, HEAD"));
        }
        let version = odata::refusal_version(&parts.headers);
        Ok(Answer { status, version, content_type: Some(content_type.into()), body, ..Answer::default() })
    }
}

impl<S: Serves> Door<S> {
    /// An operator's word that what is kept of a set, `service/set`, is no longer right.
    async fn drop_kept(&self, parts: &Parts, kept: &str) -> Result<Answer, Refusal> {
        let principal = identify(&parts.headers, false, &self.authenticator).await?;
        if !principal.name.as_ref().is_some_and(|name| self.operators.contains(name)) {
            return Err(Refusal::Operator);
        }
        let (name, set) = kept.split_once('/').ok_or(Refusal::NotFound)?;
        let root = self.roots.iter().find(|root| root.name == name).ok_or(Refusal::NotFound)?;
        if parts.method != Method::DELETE {
            return Err(Refusal::Method("DELETE"));
        }
        if !root.service.invalidate(set) {
            return Err(Refusal::NotFound);
        }
        tracing::info!(service = name, set, user = principal.name, "what was kept of a set was dropped");
        let version = odata::refusal_version(&parts.headers);
        Ok(Answer { status: 204, version, ..Answer::default() })
    }
}

/// The whole body, as far as it may come.
async fn receive<B: Body<Data = Bytes> + Unpin>(mut body: B, mut intake: Intake) -> Result<Bytes, Refusal> {
    let refused = |overfull| match overfull {
        Overfull::Limit(most) => Refusal::BodyTooLarge { most },
        Overfull::Budget => Refusal::BodyBudget,
    };
    intake.announce(body.size_hint().lower()).map_err(refused)?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::BodyBroken)?;
        let Some(data) = frame.data_ref() else { continue };
        intake.push(data).map_err(refused)?;
    }
    Ok(intake.finish())
}

/// What the panic said, if it said it in words.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}
