//! `$batch`: runs the requests of a batch like single ones, under the caller's rights, and puts their answers together.
//!
//! # Decisions
//!
//! - **A request is rebuilt from its parts**: its method, what its URL leads to below this service root, and the
//!   headers that we know. Nothing else of its text is passed on.
//! - **Reads that do not depend on each other run together**, a few at a time; answers stand in the order of the
//!   requests. What was begun behind a failure does no harm. An action runs alone: what is before it is done by then,
//!   and what is behind it sees what it has changed.
//! - **A group with an action in it holds nothing else**: no transaction is kept open from one request to the next, and
//!   what is not undone as a whole is refused as a whole. Of a group that fails its first failure is told.
//! - **A JSON batch goes on behind a failure, a multipart batch ends there**, unless the client says otherwise (JSON
//!   Format 4.01, 19.4; Part 1, 11.7.7.4).

mod condition;
mod place;
mod values;

use std::collections::HashSet;
use std::fmt::Write as _;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::time::{Instant, timeout_at};

use crate::syntax::batch::{
    Batch, BatchFormat, BatchGroup, BatchItem, BatchRequest, batch_format, batch_memory, parse_batch,
};
use crate::wire::batch::{self as wire, Place};
use crate::wire::{NotAcceptable, Version, prefers};

use super::budget::Reservation;
use super::read::reserved;
use super::request::{Method, Request, Resource};
use super::{Answer, Service, ServiceError, refuse, version_of};
use place::Places;
use values::Results;

/// Requests of one batch that run at the same time.
const AT_ONCE: usize = 4;
/// Room for what stands around the answer to one request.
const AROUND: usize = 1_024;
/// Headers that a request of a batch must not carry (OData 4.01 Part 1, 11.7.1): it is who the batch is.
const REFUSED_HEADERS: [&str; 6] = ["authorization", "expect", "from", "max-forwards", "range", "te"];
const MEDIA_TYPES: &str = "multipart/mixed and application/json";

/// What the batch has come to so far.
struct Run<'a> {
    service: &'a Service,
    outer: &'a Request,
    version: Version,
    caller: u64,
    deadline: Instant,
    places: Places<'a>,
    results: Results<'a>,
    /// Ids and names of groups that failed.
    failed: HashSet<&'a str>,
    goes_on: bool,
    is_stopped: bool,
    out: Writer,
}

impl Service {
    /// The answer to a batch. Boxed, because its requests are answered like this one.
    pub(super) fn batch<'a>(
        &'a self,
        request: &'a Request,
        version: Version,
        caller: u64,
    ) -> BoxFuture<'a, Result<Answer, ServiceError>> {
        async move {
            let content_type = request.content_type.as_deref().unwrap_or_default();
            request.check_body()?;
            let format = batch_format(content_type)
                .ok_or_else(|| ServiceError::MediaType { found: content_type.to_owned(), known: MEDIA_TYPES })?;
            let chosen = self.batch_options(request)?;
            let wanted = match &chosen {
                Some(chosen) => answer_format(format, Some(chosen), Version::V4_01)?,
                None => answer_format(format, request.accept.as_deref(), version)?,
            };
            let mut memory = self.budget.reservation();
            if !memory.cover(batch_memory(format, &request.body)) {
                return Err(ServiceError::OverBudget);
            }
            let batch = parse_batch(format, content_type, &request.body, self.extent.batch_parts_max)?;
            drop(memory);
            let wish = request.preferences().continue_on_error;
            let results = Results::new(&batch.items);
            let run = Run {
                service: self,
                outer: request,
                version,
                caller,
                deadline: Instant::now() + self.request_timeout,
                places: Places::new(&self.root, request.host.as_deref()),
                results,
                failed: HashSet::new(),
                goes_on: wish.as_ref().map_or(format == BatchFormat::Json, |(is_on, _)| *is_on),
                is_stopped: false,
                out: Writer::new(wanted, self.budget.reservation())?,
            };
            let mut answer = run.all(&batch).await?;
            answer.preference_applied = wish.map(|(_, applied)| applied);
            Ok(answer)
        }
        .boxed()
    }

    /// Judges the options of `$batch` itself; gives the media type that `$format` names.
    fn batch_options(&self, request: &Request) -> Result<Option<String>, ServiceError> {
        let Some((_, query)) = request.target.split_once('?') else { return Ok(None) };
        // They are those of the service document.
        let understood = self.understand(&format!("?{query}"), None)?;
        let format = understood.url.options.format.as_ref().map(|(format, _)| format.as_str());
        Ok(format
            .map(|format| if format.eq_ignore_ascii_case("json") { "application/json" } else { format }.to_owned()))
    }
}

impl<'a> Run<'a> {
    async fn all(mut self, batch: &'a Batch) -> Result<Answer, ServiceError> {
        let mut rest = batch.items.as_slice();
        while let Some(first) = rest.first() {
            if self.is_stopped && self.out.format == BatchFormat::Multipart {
                break;
            }
            let length = match first {
                BatchItem::Group(group) => {
                    self.group(group).await?;
                    1
                }
                BatchItem::Request(_) => self.wave(rest).await?,
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        let version = self.version.text();
        let (content_type, body) = self.out.finish();
        Ok(Answer { status: 200, version, content_type: Some(content_type.into()), body, ..Answer::default() })
    }

    /// Runs the requests at the beginning that do not depend on each other, or one action; gives their number.
    async fn wave(&mut self, items: &'a [BatchItem]) -> Result<usize, ServiceError> {
        let mut wave: Vec<&'a BatchRequest> = Vec::new();
        for item in items {
            let BatchItem::Request(request) = item else { break };
            let named = values::names(request);
            let ids = || wave.iter().filter_map(|earlier| earlier.id.as_deref());
            let depends = |id: &str| {
                Places::may_refer(&request.url, id)
                    || named.contains(id)
                    || request.depends_on.iter().any(|on| on == id)
            };
            if !wave.is_empty() && (may_change(request) || ids().any(depends)) {
                break;
            }
            wave.push(request);
            if may_change(request) {
                break;
            }
        }
        // Rebuilt before any of them runs, for what they refer to has been run.
        let rebuilt: Vec<_> = wave.iter().map(|request| self.rebuilt(request)).collect();
        for (request, rebuilt) in wave.iter().zip(&rebuilt) {
            if let (Some(id), Ok(rebuilt)) = (request.id.as_deref(), rebuilt) {
                self.places.remember(id, &rebuilt.target);
            }
        }
        let length = wave.len();
        let (service, caller, deadline, version) = (self.service, self.caller, self.deadline, self.version);
        let answers = rebuilt.into_iter().map(|rebuilt| answer(service, rebuilt, caller, deadline, version));
        let mut answers = stream::iter(answers).buffered(AT_ONCE);
        let mut requests = wave.into_iter();
        while !self.is_stopped
            && let Some(request) = requests.next()
        {
            let Some(answer) = answers.next().await else { break };
            self.put(request, None, &answer)?;
        }
        drop(answers);
        if self.out.format == BatchFormat::Json {
            for request in requests {
                self.put(request, None, &self.refusal(&ServiceError::Dependency))?;
            }
        }
        Ok(length)
    }

    /// Runs the requests of a group one after the other. The first that fails is answered as it is, the others as
    /// failed.
    async fn group(&mut self, group: &'a BatchGroup) -> Result<(), ServiceError> {
        let mut answers: Vec<Answer> = Vec::with_capacity(group.requests.len());
        for request in &group.requests {
            let rebuilt = self.rebuilt(request).and_then(|rebuilt| self.fit_for(group, rebuilt));
            if let (Some(id), Ok(rebuilt)) = (request.id.as_deref(), &rebuilt) {
                self.places.remember(id, &rebuilt.target);
            }
            let answer = answer(self.service, rebuilt, self.caller, self.deadline, self.version).await;
            if let Some(id) = request.id.as_deref() {
                self.results.keep(id, &answer);
            }
            let is_failed = answer.status >= 400;
            answers.push(answer);
            if is_failed {
                break;
            }
        }
        let is_failed = answers.last().is_some_and(|answer| answer.status >= 400);
        if is_failed && let Some(name) = group.name.as_deref() {
            self.failed.insert(name);
        }
        if group.name.is_none() && self.out.format == BatchFormat::Multipart {
            if is_failed {
                // One part stands for a change set that failed.
                self.failed.extend(group.requests.iter().filter_map(|request| request.id.as_deref()));
                let failure = answers.last().zip(group.requests.get(answers.len() - 1));
                return failure.map_or(Ok(()), |(answer, request)| self.put(request, None, answer));
            }
            let answers = group.requests.iter().map(|request| request.id.as_deref()).zip(&answers);
            return self.out.put_set(answers);
        }
        let name = self.out.group_name(group);
        let dependency = self.refusal(&ServiceError::Dependency);
        for (index, request) in group.requests.iter().enumerate() {
            let answer = match answers.get(index) {
                Some(answer) if !is_failed || index + 1 == answers.len() => answer,
                _ => &dependency,
            };
            self.put(request, Some(&name), answer)?;
        }
        Ok(())
    }

    /// The request, if it can succeed and fail together with all others of its group.
    fn fit_for(&self, group: &BatchGroup, request: Request) -> Result<Request, ServiceError> {
        if group.name.is_none() && (request.method.is_read() || request.resource() == Resource::LongQuery) {
            return Err(ServiceError::Part("a change set may hold changes only"));
        }
        let changes = request.method == Method::Post && self.service.is_action(&request.target);
        if changes && group.requests.len() > 1 {
            return Err(ServiceError::PartUnsupported("an action that succeeds or fails together with other requests"));
        }
        Ok(request)
    }

    /// Writes an answer, and remembers whether it failed.
    fn put(&mut self, request: &'a BatchRequest, group: Option<&str>, answer: &Answer) -> Result<(), ServiceError> {
        if answer.status >= 400 {
            self.failed.extend(request.id.as_deref());
            self.is_stopped |= !self.goes_on;
        }
        if let Some(id) = request.id.as_deref() {
            self.results.keep(id, answer);
        }
        self.out.put(Place { id: request.id.as_deref(), group }, answer)
    }

    fn refusal(&self, error: &ServiceError) -> Answer {
        let request = Request { request_id: self.outer.request_id.clone(), ..Request::default() };
        refuse(error, &request, self.version)
    }

    /// The request as it would have come alone.
    fn rebuilt(&self, part: &BatchRequest) -> Result<Request, ServiceError> {
        let is_met = match &part.condition {
            _ if self.is_stopped => false,
            // It stands in the place of the success of all others.
            Some(condition) => condition::holds(&self.results.in_condition(condition)?, &self.service.syntax)?,
            None => !part.depends_on.iter().any(|on| self.failed.contains(on.as_str())),
        };
        if !is_met {
            return Err(ServiceError::Dependency);
        }
        let url = self.results.in_url(&part.url)?;
        let (target, refers_to) = self.places.target(&url).map_err(ServiceError::Part)?;
        if refers_to.is_some_and(|id| self.failed.contains(id)) {
            return Err(ServiceError::Dependency);
        }
        let mut request = Request {
            method: Method::named(&part.method),
            target,
            request_id: self.outer.request_id.clone(),
            ..Request::default()
        };
        match request.resource() {
            Resource::Batch => return Err(ServiceError::Part("a batch may not hold another")),
            Resource::Later(_) => return Err(ServiceError::Part("a batch may not ask for answers given later")),
            Resource::Data | Resource::LongQuery => {}
        }
        if request.target.len() > self.service.extent.url_bytes_max {
            return Err(ServiceError::Part("its URL is too long"));
        }
        for (name, value) in &part.headers {
            if REFUSED_HEADERS.contains(&name.as_str()) {
                return Err(ServiceError::Part("it carries a header that belongs to the batch"));
            }
            if name == "host" && !self.places.is_ours(value) {
                return Err(ServiceError::Part("its URL names another server"));
            }
        }
        request.add_headers(part.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        for condition in [&mut request.if_match, &mut request.if_none_match].into_iter().flatten() {
            if let Some(tag) = self.results.tag(condition)? {
                *condition = tag;
            }
        }
        if request.method == Method::Post {
            request.body = self.body(part, &request)?;
        }
        // What the batch as a whole says holds for what does not say it itself.
        request.max_version = request.max_version.or_else(|| self.outer.max_version.clone());
        Ok(request)
    }

    /// The body of a request, with values out of earlier answers.
    fn body(&self, part: &BatchRequest, request: &Request) -> Result<Bytes, ServiceError> {
        if request.resource() == Resource::LongQuery {
            let query = std::str::from_utf8(&part.body).map_err(|_| ServiceError::QueryBody("it is not UTF-8"))?;
            return Ok(Bytes::from(self.results.in_query(query)?));
        }
        let body = self.results.in_body(&part.body)?;
        Ok(body.map_or_else(|| Bytes::copy_from_slice(&part.body), Bytes::from))
    }
}

/// Whether a request may change something, so that it has its place in time.
fn may_change(request: &BatchRequest) -> bool {
    let path = request.url.split('?').next().unwrap_or_default().trim_end_matches('/');
    let asks = ["GET", "HEAD", "OPTIONS"].contains(&request.method.as_str());
    !asks && !path.ends_with("/$query")
}

/// The answer to a request of a batch, within its time.
async fn answer(
    service: &Service,
    rebuilt: Result<Request, ServiceError>,
    caller: u64,
    deadline: Instant,
    version: Version,
) -> Answer {
    let request = match rebuilt {
        Ok(request) => request,
        Err(error) => return refuse(&error, &Request::default(), version),
    };
    let shown = version_of(request.max_version.as_deref()).unwrap_or_default();
    let late = Request { target: request.target.clone(), request_id: request.request_id.clone(), ..Request::default() };
    let is_head = request.method == Method::Head;
    // Boxed, so that several of them do not make the batch large.
    match timeout_at(deadline, Box::pin(service.answer_now(request, caller))).await {
        Ok(answer) if is_head => Answer { body: Bytes::new(), ..answer },
        Ok(answer) => answer,
        Err(_) => refuse(&ServiceError::Late, &late, shown),
    }
}

/// The format of the answer: that of the batch, unless the client accepts only or rather the other. OData 4.0 knows no
/// batches in JSON: such a client means the answers within when it accepts JSON, and reads the batch as multipart.
fn answer_format(format: BatchFormat, accept: Option<&str>, version: Version) -> Result<BatchFormat, ServiceError> {
    let (json, multipart) = (("application/json", BatchFormat::Json), ("multipart/mixed", BatchFormat::Multipart));
    let offers = if format == BatchFormat::Json { [json, multipart] } else { [multipart, json] };
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else { return Ok(format) };
    let wanted =
        prefers(accept, &offers).ok_or_else(|| ServiceError::NotAcceptable(NotAcceptable(accept.to_owned())))?;
    Ok(if version == Version::V4_0 && format == BatchFormat::Multipart { format } else { wanted })
}

/// The answer to the batch as it grows.
struct Writer {
    format: BatchFormat,
    boundary: String,
    bytes: Vec<u8>,
    count: usize,
    reservation: Reservation,
}

impl Writer {
    fn new(format: BatchFormat, reservation: Reservation) -> Result<Self, ServiceError> {
        // A row that held the boundary could add answers of its own, so nobody may know it before.
        let mut random = [0; 16];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| ServiceError::Defect("the system gives no random numbers"))?;
        let mut boundary = "batch_".to_owned();
        for byte in random {
            let _ = write!(boundary, "{byte:02x}");
        }
        let bytes = if format == BatchFormat::Json { b"{\"responses\":[".to_vec() } else { Vec::new() };
        Ok(Writer { format, boundary, bytes, count: 0, reservation })
    }

    /// Room for one more answer.
    fn reserve(&mut self, answer: &Answer) -> Result<(), ServiceError> {
        // base64url takes a third more.
        let wanted = answer.body.len() / 3 * 4 + AROUND;
        if self.bytes.capacity() - self.bytes.len() < wanted {
            let capacity = (self.bytes.len() + wanted).max(self.bytes.capacity() * 2);
            if !self.reservation.cover(capacity) {
                return Err(ServiceError::OverBudget);
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        Ok(())
    }

    fn put(&mut self, place: Place<'_>, answer: &Answer) -> Result<(), ServiceError> {
        self.reserve(answer)?;
        let inner = wire::Inner { status: answer.status, headers: answer.headers(), body: &answer.body };
        let number = (self.count + 1).to_string();
        match self.format {
            BatchFormat::Multipart => wire::write_part(&self.boundary, place, &inner, &mut self.bytes),
            BatchFormat::Json => {
                if self.count > 0 {
                    self.bytes.push(b',');
                }
                // A request of a multipart batch may have no name; its place is one.
                let place = Place { id: place.id.or(Some(&number)), ..place };
                wire::write_response(place, &inner, &mut self.bytes);
            }
        }
        self.count += 1;
        Ok(())
    }

    /// The answers to a change set that succeeded, as a part of their own.
    fn put_set<'r>(
        &mut self,
        answers: impl Iterator<Item = (Option<&'r str>, &'r Answer)>,
    ) -> Result<(), ServiceError> {
        self.count += 1;
        // None of the two begins with the other, and both are as hard to guess.
        let inner = format!("changeset_{}_{}", self.count, self.boundary);
        wire::write_parts_begin(&self.boundary, &inner, &mut self.bytes);
        for (id, answer) in answers {
            self.reserve(answer)?;
            let written = wire::Inner { status: answer.status, headers: answer.headers(), body: &answer.body };
            wire::write_part(&inner, Place { id, group: None }, &written, &mut self.bytes);
        }
        wire::write_parts_end(&inner, &mut self.bytes);
        Ok(())
    }

    /// The name of a group in the answer; change sets get one, as theirs is a boundary.
    fn group_name(&self, group: &BatchGroup) -> String {
        group.name.clone().unwrap_or_else(|| format!("changeset_{}", self.count + 1))
    }

    /// The content type and the bytes.
    fn finish(mut self) -> (String, Bytes) {
        let content_type = match self.format {
            BatchFormat::Multipart => {
                wire::write_parts_end(&self.boundary, &mut self.bytes);
                format!("multipart/mixed;boundary={}", self.boundary)
            }
            BatchFormat::Json => {
                self.bytes.extend_from_slice(b"]}");
                "application/json".to_owned()
            }
        };
        (content_type, reserved(self.bytes, 0, Some(self.reservation)))
    }
}
