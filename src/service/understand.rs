//! Owns [`Understood`]: the words of a request and their meaning, which is kept for requests that come again.

use std::sync::{Arc, OnceLock};

use crate::bind::{self, BindErrorKind, Scope};
use crate::cache::{Memo, Policy};
use crate::edm::Scalar;
use crate::model::SetId;
use crate::query::{
    Answer, Query, Read, counted, fingerprint_aggregate_whole, fingerprint_count, fingerprint_cross_whole,
    fingerprint_whole, is_volatile, touched,
};
use crate::syntax::{self, ResourceUrl};

use super::callout::Words;
use super::kept::policy;
use super::{Service, ServiceError};

/// Bytes for the meaning of requests, for each service.
const BYTES_MAX: u64 = 8 << 20;
/// The target that clients ask for most.
pub(super) const METADATA: &str = "$metadata";

/// A request and what it means.
#[derive(Debug)]
pub(super) struct Understood {
    /// The words: next links repeat them.
    pub(super) url: ResourceUrl,
    /// Their meaning.
    pub(super) query: Query,
    /// What must be known to keep the answer; `None` if it may not be kept.
    pub(super) keeping: Option<Keeping>,
    /// What the log says of them, once it has said anything.
    pub(super) words: OnceLock<Arc<Words>>,
}

impl Understood {
    /// A meaning whose answer is not kept.
    pub(super) fn once(url: ResourceUrl, query: Query) -> Self {
        Understood { url, query, keeping: None, words: OnceLock::new() }
    }
}

/// What must be known to keep the answer to a read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Keeping {
    /// Times that hold for all sets touched.
    pub(super) policy: Policy,
    /// Names the query, rights included.
    pub(super) fingerprint: u128,
    /// The places of the sets touched among the generations.
    pub(super) places: Vec<usize>,
}

/// The meaning of earlier requests by their text.
pub(super) type Meanings = Memo<String, Arc<Understood>>;

/// Room for the meaning of requests.
pub(super) fn meanings() -> Meanings {
    // A tree of small nodes is some times as large as its text.
    Memo::new(BYTES_MAX, |target: &String, _| u32::try_from(target.len() * 16 + 2_048).unwrap_or(u32::MAX))
}

impl Service {
    /// The meaning of the words of a request, with the rights of the caller. Pages hold at most `page_rows_max` rows if
    /// it is given, on top of all other limits.
    pub(super) fn understand(&self, target: &str, page_rows_max: Option<u32>) -> Result<Arc<Understood>, ServiceError> {
        match self.remembered(target, page_rows_max) {
            Some(known) => Ok(known),
            None => self.work_out_meaning(target, page_rows_max),
        }
    }

    /// The meaning of words that have come some times.
    pub(super) fn remembered(&self, target: &str, page_rows_max: Option<u32>) -> Option<Arc<Understood>> {
        // Only what depends on nothing but the text is kept under it.
        if page_rows_max.is_some() {
            None
        } else if target == METADATA {
            self.document.get().cloned()
        } else if self.kept.is_on {
            self.meanings.get(target)
        } else {
            None
        }
    }

    /// Whether the meaning of these words is worth remembering: most never come again, and would push out those that do.
    /// To ask is to note that they have come.
    pub(super) fn has_come_again(&self, target: &str, page_rows_max: Option<u32>) -> bool {
        page_rows_max.is_none() && (target == METADATA || self.kept.is_on && self.meant.again(target))
    }

    /// Remembers a meaning whose answers are kept, or that of `$metadata`.
    pub(super) fn remember(&self, target: &str, understood: &Arc<Understood>) {
        if target == METADATA {
            // Another has been as quick.
            let _ = self.document.set(Arc::clone(understood));
        } else if understood.keeping.is_some() {
            self.meanings.put(target.to_owned(), Arc::clone(understood));
        }
    }

    /// Reads the words of a request and gives them their meaning.
    pub(super) fn work_out_meaning(
        &self,
        target: &str,
        page_rows_max: Option<u32>,
    ) -> Result<Arc<Understood>, ServiceError> {
        let mut url = syntax::parse(target, &self.syntax)?;
        if let Some((id, _)) = &mut url.options.id
            && let Some(own) = below(id, &self.root)
        {
            *id = own.to_owned();
        }
        let unseal = |token: &str| self.sealer.open(token);
        let mut limits = self.bind;
        // The wish is for each collection in the answer (OData 4.01 Part 1, 8.2.8.5).
        limits.page_rows_max = page_rows_max.unwrap_or(u32::MAX).min(limits.page_rows_max);
        limits.expand_rows_max = page_rows_max.unwrap_or(u32::MAX).min(limits.expand_rows_max);
        let scope = Scope { model: &self.model, grants: &self.grants, limits, unseal: &unseal };
        let query = match bind::bind(&url, &scope) {
            Err(error) if matches!(error.kind, BindErrorKind::UnknownOverload(_)) => {
                url = bind::with_parameters(&url, &self.model)?.ok_or(error)?;
                bind::bind(&url, &scope)?
            }
            bound => bound?,
        };
        let keeping = self.keeping(&query);
        Ok(Arc::new(Understood { url, query, keeping, words: OnceLock::new() }))
    }

    fn keeping(&self, query: &Query) -> Option<Keeping> {
        let (is_volatile, sets) = match query {
            Query::Read(read) => {
                // What is kept has no place for the content type of bytes.
                let is_bytes =
                    matches!(read.answer, Answer::Stream(_) | Answer::RawValue(_)) && self.may_be_bytes(read);
                (is_volatile(read) || is_bytes, touched(read))
            }
            Query::Aggregate(aggregate) => (aggregate.is_volatile(), aggregate.touched()),
            Query::Cross(cross) => (cross.is_volatile(), cross.touched()),
            _ => return None,
        };
        if !self.kept.is_on || is_volatile {
            return None;
        }
        let policy = policy(&self.model, &sets)?;
        let fingerprint = match query {
            Query::Aggregate(aggregate) => fingerprint_aggregate_whole(aggregate, self.frame),
            Query::Read(read) => fingerprint_whole(read, self.frame),
            Query::Cross(cross) => fingerprint_cross_whole(cross, self.frame),
            _ => return None,
        };
        Some(Keeping { policy, fingerprint, places: self.places(&sets) })
    }

    fn may_be_bytes(&self, read: &Read) -> bool {
        let properties = &read.shape.properties;
        let is_bytes = |id| {
            let scalar = self.model.type_of(read.set)?.property(id)?.scalar;
            Some(matches!(scalar, Scalar::Binary { .. } | Scalar::Stream))
        };
        properties.iter().any(|id| is_bytes(*id).unwrap_or(true))
    }

    /// The places of sets among the generations of the process.
    pub(super) fn places(&self, sets: &[SetId]) -> Vec<usize> {
        let place = |set: &SetId| self.places.get(usize::try_from(set.0).ok()?).copied();
        sets.iter().filter_map(place).collect()
    }

    /// What must be known to keep the total of a read that goes into a page.
    pub(super) fn keeping_total(&self, read: &Read) -> Option<Keeping> {
        let keeping = self.keeping_count(read)?;
        let whole = policy(&self.model, &touched(read)).unwrap_or(keeping.policy);
        Some(Keeping { policy: keeping.policy.within(whole), ..keeping })
    }

    /// What must be known to keep the total of a read.
    pub(super) fn keeping_count(&self, read: &Read) -> Option<Keeping> {
        if is_volatile(read) {
            return None;
        }
        let sets = counted(read);
        let policy = policy(&self.model, &sets).filter(|_| self.kept.is_on)?;
        let fingerprint = fingerprint_count(read, self.frame);
        Some(Keeping { policy, fingerprint, places: self.places(&sets) })
    }
}

/// What of an entity-id, a whole URL or its path, is below the service root.
fn below<'i>(id: &'i str, root: &str) -> Option<&'i str> {
    let (_, place) = root.split_once("://")?;
    let path = place.find('/').and_then(|at| place.get(at..))?;
    id.strip_prefix(root).or_else(|| id.strip_prefix(path))
}
