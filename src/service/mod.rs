//! The conductor: one request through the rooms. Knows the order of the steps, the cache, the log and the refusals;
//! knows no SQL, no JSON and no HTTP library.

mod again;
mod aggregate;
mod answer;
mod assemble;
mod batch;
mod body;
mod budget;
mod call;
mod callout;
mod content;
mod cross;
mod dispatch;
mod error;
mod explain;
mod intake;
mod keep;
mod kept;
mod laid;
mod later;
mod lists;
mod manner;
mod metadata;
mod misfit;
mod nested;
mod nodes;
mod patterns;
mod prefer;
mod read;
mod request;
mod token;
mod total;
mod understand;
mod watch;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;

pub use crate::cache::Coding;
pub use answer::{Answer, KeptBody};
pub use budget::Budget;
pub use callout::{Callout, Callouts, Refused, Words};
pub use error::{Refusal, ServiceError};
pub use intake::{Extent, Intake, Overfull};
pub use kept::{Kept, KeptOptions, set_name, set_names, sets_of_table};
pub use later::{Later, LaterOptions};
pub use request::{Method, Request};
pub use token::Sealer;
pub use watch::watch;

use crate::bind;
use crate::cache::Told;
use crate::cache::{Memo, Seen};
use crate::model::{Model, SetId};
use crate::query::{Grants, Query};
use crate::store::Databases;
use crate::syntax;
use crate::wire::json::{self, ErrorBody};
use crate::wire::{Format, OFFER, Offer, Version, negotiate};
use dispatch::is_unmodified;
use manner::Manner;
use metadata::{Document, Metadata};
use patterns::Patterns;
use read::Asking;
use understand::{Meanings, Understood};

/// Room for the sizes of some ten thousand lists.
const SIZES_BYTES_MAX: u64 = 1 << 20;
const SIZE_BYTES: u32 = 100;

/// What a service needs beside its model and databases.
#[derive(Debug)]
pub struct Options {
    /// What the callers may see.
    pub grants: Grants,
    /// Names the databases, with whom they are asked for: answers from others are never taken for theirs. Only a number
    /// made of it with the sealer's secret is kept.
    pub origin: String,
    /// Absolute URL of the service root, with its slash: base of every link.
    pub root: String,
    /// A page ends at about this many bytes.
    pub page_bytes_max: usize,
    /// Longest work on one request, over all its statements.
    pub request_timeout: Duration,
    /// Bounds of the parser.
    pub syntax: syntax::Limits,
    /// Bounds of the binder.
    pub bind: bind::Limits,
    /// Seals `$skiptoken`.
    pub sealer: Arc<Sealer>,
    /// Bytes in flight, shared by all services of the process.
    pub budget: Budget,
    /// What is kept of earlier requests, shared by all services of the process.
    pub kept: Kept,
    /// How large bodies may be.
    pub extent: Extent,
    /// Answers that are given later, shared by all services of the process.
    pub later: Later,
    /// What the log says of requests for rows.
    pub callouts: Callouts,
}

/// Serves one service root. Cheap to clone: all parts are shared.
#[derive(Clone, Debug)]
pub struct Service {
    model: Arc<Model>,
    databases: Arc<Databases>,
    metadata: Arc<Metadata>,
    grants: Arc<Grants>,
    root: Arc<str>,
    page_bytes_max: usize,
    request_timeout: Duration,
    syntax: syntax::Limits,
    bind: bind::Limits,
    sealer: Arc<Sealer>,
    budget: Budget,
    kept: Kept,
    extent: Extent,
    later: Later,
    callouts: Callouts,
    /// Stands for all that goes into the bytes of a page beside query and format: the model, links and where pages end.
    frame: u64,
    /// The place of each set among the generations of the process.
    places: Arc<[usize]>,
    meanings: Meanings,
    /// The meaning of `$metadata`, once it has been asked for.
    document: Arc<OnceLock<Arc<Understood>>>,
    /// Words that were understood lately.
    meant: Seen,
    patterns: Patterns,
    /// How large lists were when they were last counted.
    sizes: Memo<u128, i64>,
}

impl Service {
    /// Puts a service together; renders `$metadata`.
    pub fn new(model: Arc<Model>, databases: Arc<Databases>, options: Options) -> Self {
        let names = set_names(&model);
        let place = |name: &String| options.kept.generations.place(name).unwrap_or(usize::MAX);
        let Options { page_bytes_max, root, origin, .. } = &options;
        let offer = Offer { expand_levels_max: options.bind.expand_depth_max, ..OFFER };
        let frame = format!("{} {page_bytes_max} {root} {origin}", model.revision);
        Service {
            frame: options.sealer.number(&frame),
            places: names.iter().map(place).collect(),
            meanings: understand::meanings(),
            document: Arc::default(),
            meant: Seen::default(),
            patterns: Patterns::default(),
            sizes: Memo::new(SIZES_BYTES_MAX, |_, _| SIZE_BYTES),
            metadata: Arc::new(Metadata::new(&model, &offer)),
            grants: Arc::new(bind::within_defaults(options.grants, &model).0),
            model,
            databases,
            root: options.root.into(),
            page_bytes_max: options.page_bytes_max,
            request_timeout: options.request_timeout,
            syntax: options.syntax,
            bind: options.bind,
            sealer: options.sealer,
            budget: options.budget,
            kept: options.kept,
            extent: options.extent,
            later: options.later,
            callouts: options.callouts,
        }
    }

    /// The model that is served.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Rows of this set were written: no answer from before is served again, here at once, by replicas as soon as they
    /// have heard of it. Sets over the same table have changed with it.
    pub fn wrote(&self, set: SetId) {
        let sets: Vec<SetId> = sets_of_table(&self.model, set).collect();
        for place in self.places(&sets) {
            self.kept.generations.raise(place);
        }
    }

    /// Drops what is kept of the set of this name, here and in all replicas. False if there is no such set.
    pub fn invalidate(&self, set: &str) -> bool {
        self.model.declared(set).inspect(|set| self.wrote(*set)).is_some()
    }

    async fn try_answer(&self, request: &Request, version: Version, caller: u64) -> Result<Answer, ServiceError> {
        let preferences = request.preferences();
        let wish = preferences.page_size.as_ref().map(|(rows, _)| *rows);
        let understood = match self.remembered(&request.target, wish) {
            Some(understood) => understood,
            None if self.has_come_again(&request.target, wish) => {
                let understood = self.work_out_meaning(&request.target, wish)?;
                self.remember(&request.target, &understood);
                understood
            }
            None => match self.answer_again(request, version, caller, wish).await? {
                Some(answer) => return Ok(answer),
                None => self.work_out_meaning(&request.target, wish)?,
            },
        };
        if self.action(&understood.query).is_some() {
            return Err(ServiceError::Method(dispatch::ASK));
        }
        self.respond(request, understood, version, caller).await
    }

    /// Answers a request whose meaning is known.
    async fn respond(
        &self,
        request: &Request,
        understood: Arc<Understood>,
        version: Version,
        caller: u64,
    ) -> Result<Answer, ServiceError> {
        let accept = request.accept.as_deref();
        let format = understood.url.options.format.as_ref().map(|(format, _)| format.as_str());
        match &understood.query {
            Query::Metadata => {
                let names_version = request.max_version.is_some();
                let chosen = self.metadata.choose(version, names_version, accept, format)?;
                let (made, content_type, version) = chosen;
                let callout = self.callout(&understood, Told::default());
                Ok(Answer { callout, ..document(made, content_type, version, request)? })
            }
            Query::Service => {
                let format = negotiate(version, accept, format)?;
                let body = json::service_document(&self.model, &self.root, &self.grants, format);
                let callout = self.callout(&understood, Told::default());
                Ok(Answer { callout, ..document(&Document::new(body), format.content_type(), version, request)? })
            }
            // Boxed, so that reads do not carry the larger future.
            Query::Call(invoke) => Box::pin(self.given(invoke, request, (version, format), caller)).await,
            Query::Read(_) | Query::Aggregate(_) | Query::Cross(_) => {
                let manner = Manner::of(request, &understood, version)?;
                let asking = Asking { caller, anew: self.kept.obeys_no_cache && request.demands_fresh() };
                let given = self.page(&understood, manner.format, asking).await?;
                let callout = self.callout(&understood, given.told);
                manner.give(request, given, callout)
            }
        }
    }
}

/// The greatest supported version not above the one asked for; 4.0 if none is asked for (OData 4.01 Part 1, 8.2.7).
fn version_of(max_version: Option<&str>) -> Result<Version, ServiceError> {
    let Some(text) = max_version.map(str::trim) else {
        return Ok(Version::V4_0);
    };
    let refused = || ServiceError::Version(text.chars().take(20).collect());
    let (major, minor) = text.split_once('.').ok_or_else(refused)?;
    let (major, minor): (u32, u32) = (major.parse().map_err(|_| refused())?, minor.parse().map_err(|_| refused())?);
    match (major, minor) {
        (4, 0) => Ok(Version::V4_0),
        (4.., _) => Ok(Version::V4_01),
        _ => Err(refused()),
    }
}

fn document(
    document: &Document,
    content_type: &'static str,
    version: Version,
    request: &Request,
) -> Result<Answer, ServiceError> {
    let page = &document.0;
    let not_modified = is_unmodified(request, page.etag.as_deref())?;
    Ok(Answer {
        status: if not_modified { 304 } else { 200 },
        version: version.text(),
        content_type: Some(content_type.into()),
        etag: page.etag.clone(),
        body: if not_modified { Bytes::new() } else { page.body.clone() },
        kept: Some(KeptBody::Document(Arc::clone(page))),
        ..Answer::default()
    })
}

/// The answer that tells what is wrong; the log gets what the client must not see.
fn refuse(error: &ServiceError, request: &Request, version: Version) -> Answer {
    let refusal = error.refusal(&request.target);
    if refusal.status >= 500 && !error.is_told_elsewhere() {
        let detail = error.detail().unwrap_or_default();
        tracing::warn!(
            request_id = request.request_id,
            status = refusal.status,
            code = refusal.code,
            detail,
            "{error}"
        );
    }
    let mut answer = Answer {
        status: refusal.status,
        version: version.text(),
        retry_after_s: refusal.retry_after_s,
        allow: if let ServiceError::Method(allow) = error { Some(allow) } else { None },
        refused: Some(Box::new(Refused::of(&refusal))),
        ..Answer::default()
    };
    if refusal.status != 204 {
        let Refusal { code, message, target, .. } = refusal;
        answer.content_type = Some(Format { version, ..Format::default() }.content_type().into());
        answer.body = Bytes::from(json::error(&ErrorBody { code, message, target }));
    }
    answer
}
