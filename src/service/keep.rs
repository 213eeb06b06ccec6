//! Answers from what is kept, or reads and keeps: how a page's age, tag and origin come about.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;

use crate::cache::{Entry, Fresh, How, Key, Page, Served, Told};
use crate::query::{Answer as Form, Query};
use crate::wire::Format;

use super::metadata::tag;
use super::read::{self, Asking, is_outage, reserved};
use super::understand::{Keeping, Understood};
use super::{Service, ServiceError};

/// An answer's bytes and what is to be told about where they come from.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) body: Bytes,
    /// The kept page, which holds the compressed form too.
    pub(super) page: Option<Arc<Entry<Page>>>,
    pub(super) etag: Option<String>,
    /// What kind of bytes the body is, where neither JSON nor text.
    pub(super) content_type: Option<String>,
    /// Seconds since the rows were asked for, if they were not asked for by this request.
    pub(super) age_s: Option<u64>,
    /// How the cache was used, in the words of RFC 9211; `None` if it was not asked.
    pub(super) cache_status: Option<&'static str>,
    /// What the log says of the page.
    pub(super) told: Told,
}

/// The number of the form in which a page is kept. A next link repeats the format only if the request's own words name
/// it.
pub(super) fn form_of(understood: &Understood, format: Format) -> u8 {
    let is_named = u8::from(understood.url.options.format.is_some());
    format.number() | is_named << 6
}

impl Service {
    /// The page from the cache, if the policies of all sets that it touches allow it, else read now.
    pub(super) async fn page(
        &self,
        understood: &Arc<Understood>,
        format: Format,
        asking: Asking,
    ) -> Result<Given, ServiceError> {
        // All boxed, so that no request carries the larger futures of others.
        let Some(keeping) = &understood.keeping else {
            return Ok(self.unkept(self.read_query(understood, format, asking).await?));
        };
        if let Query::Read(read) = &understood.query
            && read.answer == Form::Count
            && let Some(keeping) = self.keeping_count(read)
        {
            let Served { entry, how } = Box::pin(self.kept_count(understood, keeping, asking)).await?;
            let body = Bytes::from(entry.value.to_string());
            let (age_s, cache_status) = self.origin(entry.made_ms, how, asking.anew);
            return Ok(Given { etag: Some(tag(&body)), body, age_s, cache_status, ..Given::default() });
        }
        let fill = || {
            let (service, understood) = (self.clone(), Arc::clone(understood));
            // Boxed where it is made: the cache hands it on some times.
            async move { service.fill(&understood, format, asking).await }.boxed()
        };
        let form = form_of(understood, format);
        Ok(self.kept(Box::pin(self.kept_page(keeping, form, asking.anew, fill)).await?, asking.anew))
    }

    /// A page that is kept.
    pub(super) fn kept(&self, Served { entry, how }: Served<Page>, anew: bool) -> Given {
        let (age_s, cache_status) = self.origin(entry.made_ms, how, anew);
        let Page { body, etag, told, .. } = &entry.value;
        // A page that was kept cost this request no time of a database.
        let database_us = if matches!(how, How::Filled | How::Passed) { told.database_us } else { 0 };
        let (body, etag, told) = (body.clone(), etag.clone(), Told { database_us, ..*told });
        Given { body, etag, page: Some(entry), age_s, cache_status, told, ..Given::default() }
    }

    /// A page that was read for this request alone; parts of it may have been kept.
    pub(super) fn unkept(&self, page: read::Page) -> Given {
        let age_s = page.made_ms.map(|made_ms| self.age_s(made_ms));
        let read::Page { body, etag, content_type, told, .. } = page;
        Given { body, etag, content_type, age_s, told, ..Given::default() }
    }

    /// The page that is kept, in the form of [`form_of`], or that `fill` reads now.
    pub(super) async fn kept_page<F>(
        &self,
        keeping: &Keeping,
        form: u8,
        anew: bool,
        fill: impl FnOnce() -> F,
    ) -> Result<Served<Page>, ServiceError>
    where
        F: Future<Output = Result<Fresh<Page>, ServiceError>> + Send + 'static,
    {
        let generations = self.kept.generations.stamp(keeping.places.iter().copied());
        let key = Key { query: keeping.fingerprint, generations, form };
        if anew {
            return self.kept.pages.fill(key, keeping.policy, fill).await;
        }
        Ok(self.kept.pages.get_or_fill(key, keeping.policy, is_outage, fill).await?)
    }

    async fn read_query(
        &self,
        understood: &Understood,
        format: Format,
        asking: Asking,
    ) -> Result<read::Page, ServiceError> {
        match &understood.query {
            // Each boxed on its own: what holds this future carries none of them, and none is moved twice.
            Query::Read(read) => Box::pin(self.read(read, &understood.url, format, asking)).await,
            Query::Aggregate(aggregate) => Box::pin(self.aggregate(aggregate, &understood.url, format, asking)).await,
            Query::Cross(cross) => Box::pin(self.cross(cross, &understood.url, format, asking)).await,
            _ => Err(ServiceError::Defect("a page of what is no read")),
        }
    }

    /// Reads a page to be kept.
    pub(super) async fn fill(
        &self,
        understood: &Understood,
        format: Format,
        asking: Asking,
    ) -> Result<Fresh<Page>, ServiceError> {
        Ok(self.to_keep(self.read_query(understood, format, asking).await?))
    }

    /// A page that was read, as it is kept.
    pub(super) fn to_keep(&self, page: read::Page) -> Fresh<Page> {
        let read::Page { body, etag, made_ms, told, .. } = page;
        let etag = etag.or_else(|| Some(tag(&body)));
        // Copied, so that what is kept does not hold a part of the budget of bytes in flight, and no spare room.
        let mut reservation = self.kept.budget.reservation();
        let value = if reservation.cover(body.len()) {
            Page::new(reserved(body.to_vec(), 0, Some(reservation)), etag)
        } else {
            Page::new(body, etag).passing()
        };
        Fresh { value: value.told(told), made_ms }
    }

    /// How old an answer is, and how it was come by in the words of RFC 9211.
    fn origin(&self, made_ms: u64, how: How, anew: bool) -> (Option<u64>, Option<&'static str>) {
        let cache_status = match how {
            How::Hit => "penstock; hit",
            How::Shared => "penstock; hit; detail=second-level",
            How::Revalidating => "penstock; hit; detail=stale-while-revalidate",
            How::StaleIfError => "penstock; hit; detail=stale-if-error",
            How::Passed if anew => "penstock; fwd=request",
            How::Passed => "penstock; fwd=miss",
            How::Filled if anew => "penstock; fwd=request; stored",
            How::Filled => "penstock; fwd=miss; stored",
        };
        (Some(self.age_s(made_ms)), Some(cache_status))
    }

    /// Whole seconds since `made_ms`.
    fn age_s(&self, made_ms: u64) -> u64 {
        self.kept.pages.clock().now_ms().saturating_sub(made_ms) / 1_000
    }
}
