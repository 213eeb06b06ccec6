//! Answers requests whose pattern is known: the short way from words to rows.

use std::sync::Arc;

use futures_util::FutureExt;

use crate::cache::{Fresh, Page};
use crate::syntax::Pattern;
use crate::wire::{Format, Version};

use super::callout::Callouts;
use super::keep::form_of;
use super::laid::{Given, Laid, Words};
use super::manner::Manner;
use super::patterns::{Known, Valued};
use super::read::Asking;
use super::{Answer, Request, Service, ServiceError};

/// A request of a known pattern, with its own words.
#[derive(Clone, Debug)]
struct Again {
    known: Arc<Known>,
    target: String,
    page_rows_max: Option<u32>,
    format: Format,
    asking: Asking,
}

impl Service {
    /// Answers a request whose pattern is known; `None` if it must go the whole way.
    pub(super) async fn answer_again(
        &self,
        request: &Request,
        version: Version,
        caller: u64,
        page_rows_max: Option<u32>,
    ) -> Result<Option<Answer>, ServiceError> {
        let target = request.target.as_str();
        let Some(pattern) = Pattern::of(target) else { return Ok(None) };
        let Some(known) = self.known(&pattern, target, page_rows_max) else { return Ok(None) };
        let specimen = known.specimen();
        // What else may be wrong with the request is told first.
        let Ok(manner) = Manner::of(request, specimen, version) else { return Ok(None) };
        let asking = Asking { caller, anew: self.kept.obeys_no_cache && request.demands_fresh() };
        let visit = self.visit(asking);
        let Some((ready, valued)) = self.valued(&known, &pattern, target, manner.format, &visit) else {
            return Ok(None);
        };
        if cfg!(debug_assertions) {
            self.compare(&valued, ready, (target, page_rows_max), &visit);
        }
        let Valued { given, keeping } = valued;
        let given = if let Some(keeping) = keeping {
            let again = Again {
                known: Arc::clone(&known),
                target: target.to_owned(),
                page_rows_max,
                format: manner.format,
                asking,
            };
            let fill = || {
                let service = self.clone();
                async move { service.fill_again(&again, given).await }.boxed()
            };
            let form = form_of(specimen, manner.format);
            self.kept(Box::pin(self.kept_page(&keeping, form, asking.anew, fill)).await?, asking.anew)
        } else {
            let words = Words::Target(target, page_rows_max);
            let laid = Laid { read: &known.read, plan: &ready.plan, steps: &ready.steps, words };
            self.unkept(Box::pin(self.follow(laid, given, (asking, &visit))).await?)
        };
        let callout = match self.callouts {
            Callouts::Off => None,
            // Without its values one request is told as the other.
            Callouts::Masked => self.callout(specimen, given.told),
            Callouts::Full => self.callout(&*self.understand(target, page_rows_max)?, given.told),
        };
        manner.give(request, given, callout).map(Some)
    }

    /// Reads a page to be kept.
    async fn fill_again(&self, again: &Again, given: Given) -> Result<Fresh<Page>, ServiceError> {
        let Again { known, target, page_rows_max, format, asking } = again;
        let ready = known.at(*format).ok_or(ServiceError::Defect("what was worked out is gone"))?;
        let words = Words::Target(target, *page_rows_max);
        let laid = Laid { read: &known.read, plan: &ready.plan, steps: &ready.steps, words };
        let page = Box::pin(self.follow(laid, given, (*asking, &self.visit(*asking)))).await?;
        Ok(self.to_keep(page))
    }
}
