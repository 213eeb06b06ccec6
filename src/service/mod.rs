//! The conductor: one request through the rooms. Knows the order of the steps, the cache, the log and the refusals;
//! knows no SQL, no JSON and no HTTP library.

mod answer;
mod body;
mod budget;
mod error;
mod explain;
mod metadata;
mod read;
mod request;
mod token;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use answer::Answer;
pub use budget::Budget;
pub use error::{Refusal, ServiceError};
pub use request::Request;
pub use token::Sealer;

use crate::auth::Principal;
use crate::bind::{self, Scope};
use crate::cache::{self, PageCache};
use crate::model::Model;
use crate::query::{Answer as Form, Grants, Query, Read, Shape, fingerprint_whole};
use crate::store::Databases;
use crate::syntax::{self, ResourceUrl};
use crate::wire::json::{self, ErrorBody};
use crate::wire::{Format, Level, Version, accepts_xml, negotiate};
use metadata::{Document, Metadata};

const TEXT: &str = "text/plain;charset=utf-8";
const XML: &str = "application/xml";

/// What a service needs beside its model and databases.
#[derive(Debug)]
pub struct Options {
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
    /// Finished pages, shared by all services of the process.
    pub cache: PageCache,
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
    cache: PageCache,
}

impl Service {
    /// Puts a service together; renders `$metadata`.
    pub fn new(model: Arc<Model>, databases: Arc<Databases>, options: Options) -> Self {
        Service {
            metadata: Arc::new(Metadata::new(&model)),
            grants: Arc::new(Grants::everything()),
            model,
            databases,
            root: options.root.into(),
            page_bytes_max: options.page_bytes_max,
            request_timeout: options.request_timeout,
            syntax: options.syntax,
            bind: options.bind,
            sealer: options.sealer,
            budget: options.budget,
            cache: options.cache,
        }
    }

    /// The model that is served.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Answers one request. Never fails: what goes wrong is an answer with the OData error object.
    pub async fn answer(&self, request: Request, principal: &Principal) -> Answer {
        let version = version_of(request.max_version.as_deref());
        let shown = version.as_ref().copied().unwrap_or_default();
        let answered = match version {
            Ok(version) => self.try_answer(&request, version, principal.number()).await,
            Err(error) => Err(error),
        };
        answered.unwrap_or_else(|error| refuse(&error, &request, shown))
    }

    /// Reads the words of a request and gives them their meaning, with the rights of the caller. Pages hold at most
    /// `page_rows_max` rows if it is given, on top of all other limits.
    fn understand(&self, target: &str, page_rows_max: Option<u32>) -> Result<(ResourceUrl, Query), ServiceError> {
        let url = syntax::parse(target, &self.syntax)?;
        let unseal = |token: &str| self.sealer.open(token);
        let mut limits = self.bind;
        limits.page_rows_max = page_rows_max.unwrap_or(u32::MAX).min(limits.page_rows_max);
        let scope = Scope { model: &self.model, grants: &self.grants, limits, unseal: &unseal };
        let query = bind::bind(&url, &scope)?;
        Ok((url, query))
    }

    async fn try_answer(&self, request: &Request, version: Version, caller: u64) -> Result<Answer, ServiceError> {
        let wish = request.page_size();
        let (url, query) = self.understand(&request.target, wish.map(|(rows, _)| rows))?;
        let accept = request.accept.as_deref();
        let format = url.options.format.as_ref().map(|(format, _)| format.as_str());
        match query {
            Query::Metadata => {
                accepts_xml(accept, format)?;
                Ok(document(self.metadata.document(version), XML, version, request))
            }
            Query::Service => {
                let format = negotiate(version, accept, format)?;
                let context = format.level != Level::None;
                let body = json::service_document(&self.model, &self.root, &self.grants, context);
                Ok(document(&Document::new(body), format.content_type(), version, request))
            }
            Query::Read(read) => {
                // Raw values and counts are text, whatever JSON form the client prefers.
                let is_text = matches!(read.answer, Form::Count | Form::RawValue(_));
                let format =
                    if is_text { Format { version, ..Format::default() } } else { negotiate(version, accept, format)? };
                let is_page = read.answer == Form::Collection;
                let page = self.page(read, url, format, caller).await?;
                let not_modified = page.etag.as_deref().is_some_and(|etag| matches_etag(request, etag));
                Ok(Answer {
                    status: if not_modified { 304 } else { 200 },
                    version: version.text(),
                    content_type: Some(if is_text { TEXT } else { format.content_type() }),
                    etag: page.etag,
                    preference_applied: wish.filter(|_| is_page).map(|(rows, name)| format!("{name}={rows}")),
                    body: if not_modified { Bytes::new() } else { page.body },
                    ..Answer::default()
                })
            }
        }
    }

    /// The page from the cache, if the policies of all sets it touches allow it, else read now.
    async fn page(
        &self,
        read: Box<Read>,
        url: ResourceUrl,
        format: Format,
        caller: u64,
    ) -> Result<read::Page, ServiceError> {
        let ttl_s = self.ttl_s(&read);
        if ttl_s == 0 {
            return self.read(&read, &url, format, caller).await;
        }
        let query = fingerprint_whole(&read, self.model.revision);
        let form = u8::from(format.ieee754) | (format.level as u8) << 1 | (format.version as u8) << 3;
        let key = cache::Key { revision: self.model.revision, query, form };
        let service = self.clone();
        let fill = async move {
            let page = service.read(&read, &url, format, caller).await?;
            // A copy, so that what is kept does not hold a part of the budget of bytes in flight.
            let body = Bytes::copy_from_slice(&page.body);
            Ok(cache::Page { body, etag: page.etag, ttl: Duration::from_secs(u64::from(ttl_s)) })
        };
        let lost = ServiceError::Defect("the task that fills a page failed");
        // Boxed, so that requests that pass the cache by do not carry its large future.
        let page = Box::pin(self.cache.get_or_fill(key, fill, lost)).await?;
        Ok(read::Page { body: page.body, etag: page.etag })
    }

    /// The shortest time for which any of the sets touched may be served from the cache.
    fn ttl_s(&self, read: &Read) -> u32 {
        let ttl_of = |set| self.model.set(set).map_or(0, |set| set.cache_ttl_s);
        let via = read.via.as_ref().map_or(u32::MAX, |via| ttl_of(via.set));
        let mut ttl_s = ttl_of(read.set).min(via);
        let mut shapes: Vec<&Shape> = vec![&read.shape];
        while let Some(shape) = shapes.pop() {
            for expansion in &shape.expansions {
                ttl_s = ttl_s.min(ttl_of(expansion.set));
                shapes.push(&expansion.shape);
            }
        }
        ttl_s
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

fn document(document: &Document, content_type: &'static str, version: Version, request: &Request) -> Answer {
    let not_modified = matches_etag(request, &document.etag);
    Answer {
        status: if not_modified { 304 } else { 200 },
        version: version.text(),
        content_type: Some(content_type),
        etag: Some(document.etag.clone()),
        body: if not_modified { Bytes::new() } else { document.body.clone() },
        ..Answer::default()
    }
}

/// Weak comparison of `If-None-Match` with an `ETag` (RFC 9110, 13.1.2).
fn matches_etag(request: &Request, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    request
        .if_none_match
        .as_deref()
        .is_some_and(|tags| tags.trim() == "*" || tags.split(',').any(|tag| opaque(tag) == opaque(etag)))
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
        ..Answer::default()
    };
    if refusal.status != 204 {
        let Refusal { code, message, target, .. } = refusal;
        answer.content_type = Some(Format { version, ..Format::default() }.content_type());
        answer.body = Bytes::from(json::error(&ErrorBody { code, message, target }));
    }
    answer
}
