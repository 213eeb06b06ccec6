//! Owns [`AccessLine`]: one structured event per request. The target is written at debug level only, because a filter
//! may hold names of people.

use std::sync::Arc;
use std::time::Instant;

use http::request::Parts;

use crate::auth::Principal;

/// Answered nobody: the client left first. The number is a common habit of proxies.
const CLIENT_LEFT: u16 = 499;

/// What the line of one request says. It is written when this is dropped, so a request that was abandoned has its line.
pub(super) struct AccessLine<'a> {
    start: Instant,
    parts: &'a Parts,
    request_id: &'a str,
    /// The name of the service, empty if there is none.
    pub(super) service: &'a str,
    /// The caller, once known.
    pub(super) principal: Option<Arc<Principal>>,
    status: u16,
    bytes: usize,
}

impl<'a> AccessLine<'a> {
    /// Starts the clock.
    pub(super) fn begin(parts: &'a Parts, request_id: &'a str) -> Self {
        AccessLine {
            start: Instant::now(),
            parts,
            request_id,
            service: "",
            principal: None,
            status: CLIENT_LEFT,
            bytes: 0,
        }
    }

    /// Stops the clock. `bytes` is the length of the body before compression.
    pub(super) fn end(mut self, status: u16, bytes: usize) {
        self.status = status;
        self.bytes = bytes;
    }
}

impl Drop for AccessLine<'_> {
    fn drop(&mut self) {
        tracing::info!(
            target: "penstock::access",
            method = self.parts.method.as_str(),
            service = self.service,
            status = self.status,
            duration_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes = self.bytes,
            request_id = self.request_id,
            user = self.principal.as_ref().and_then(|principal| principal.name.as_deref()).unwrap_or_default(),
            "request"
        );
        tracing::debug!(target: "penstock::access", request_id = self.request_id, url = %self.parts.uri, "target");
    }
}
