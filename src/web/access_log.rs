//! Owns [`AccessLine`]: one structured event per request. Of a request for rows it says what Salesforce says of it,
//! under the names of its `ExternalODataCallout` events in small letters. Values of a request may be names of people,
//! so they are written only where the configuration wants them, and targets at debug level.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::request::Parts;
use tracing::field;

use crate::auth::Principal;
use crate::service::{Answer, Callout, Callouts, Refused, Words};

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
    callout: Option<Box<Callout>>,
    refused: Option<Box<Refused>>,
    cache: Option<&'static str>,
    /// Values of the request may be written.
    values: bool,
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
            callout: None,
            refused: None,
            cache: None,
            values: false,
        }
    }

    /// Stops the clock. Of the answer, the length of the body is that before compression.
    pub(super) fn end(mut self, answer: &Answer, callouts: Callouts) {
        self.status = answer.status;
        self.bytes = answer.body.len();
        if callouts != Callouts::Off {
            self.callout.clone_from(&answer.callout);
            self.refused.clone_from(&answer.refused);
            self.cache = answer.cache_status.map(|status| status.trim_start_matches("penstock; "));
            self.values = callouts == Callouts::Full;
        }
    }
}

impl Drop for AccessLine<'_> {
    fn drop(&mut self) {
        let nothing = Words::default();
        let told = self.callout.as_ref().map(|callout| callout.told).unwrap_or_default();
        let words = self.callout.as_deref().map(|callout| &*callout.words);
        let entity = words.map(|words| words.entity.as_str());
        let words = words.unwrap_or(&nothing);
        let message = self.refused.as_ref().map(|refused| refused.message(self.values));
        tracing::info!(
            target: "penstock::access",
            method = self.parts.method.as_str(),
            service = self.service,
            status = self.status,
            duration_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes = self.bytes,
            request_id = self.request_id,
            user = self.principal.as_ref().and_then(|principal| principal.name.as_deref()).unwrap_or_default(),
            entity,
            select = words.select.as_deref(),
            filter = words.filter.as_deref(),
            search = words.search.as_deref(),
            orderby = words.orderby.as_deref(),
            expand = words.expand.as_deref(),
            apply = words.apply.as_deref(),
            limit = words.limit,
            offset = words.offset,
            count = words.count,
            followed = words.followed,
            rows = told.rows,
            next_link = told.rows.map(|_| told.next_link),
            source = words.source.as_deref(),
            statement = (told.statement != 0).then(|| field::display(Fingerprint(told.statement))),
            database_us = (told.database_us != 0).then_some(told.database_us),
            cache = self.cache,
            code = self.refused.as_ref().map(|refused| refused.code),
            reason = message.as_deref(),
            "request"
        );
        tracing::debug!(target: "penstock::access", request_id = self.request_id, url = %self.parts.uri, "target");
    }
}

/// Written as `explain` writes it.
struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
