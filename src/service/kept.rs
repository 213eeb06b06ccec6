//! Owns [`Kept`]: what the services of a process keep of earlier requests, and which sets of a service it depends on.

use std::sync::Arc;

use crate::cache::{Adopt, Cache, Clock, Generations, Page, Policy, Redis, Second};
use crate::model::{CachePolicy, EntitySet, Model, SetId};

use super::read::reserved;
use super::{Budget, ServiceError};

/// Bytes for counts: some ten thousand of them.
const COUNTS_BYTES_MAX: u64 = 4 << 20;

/// Bounds and manners of what is kept.
#[derive(Clone, Debug)]
pub struct KeptOptions {
    /// Bytes of finished pages in memory; 0 keeps none.
    pub bytes_max: usize,
    /// The part of it that one page may take, in percent.
    pub entry_share_percent: usize,
    /// Whether a client's `Cache-Control: no-cache` makes an answer be read anew.
    pub obeys_no_cache: bool,
    /// By which ages are measured.
    pub clock: Clock,
    /// The second level.
    pub redis: Option<Arc<Redis>>,
}

/// What is kept. Cheap to clone: all parts are shared.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Finished pages.
    pub(super) pages: Cache<Page, ServiceError>,
    /// Totals, by what they count.
    pub(super) counts: Cache<i64, ServiceError>,
    /// The generations of all sets.
    pub(super) generations: Arc<Generations>,
    /// Bytes of pages that are kept, or were and are still being sent.
    pub(super) budget: Budget,
    /// Whether a client may demand that an answer be read anew.
    pub(super) obeys_no_cache: bool,
    /// Whether anything is kept at all.
    pub(super) is_on: bool,
}

impl Kept {
    /// Nothing yet. `generations` has the names of all sets, as [`set_names`] gives them.
    pub fn new(options: &KeptOptions, generations: Arc<Generations>) -> Self {
        let bytes_max = options.bytes_max;
        let entry_bytes_max = bytes_max / 100 * options.entry_share_percent;
        let clock = || options.clock.clone();
        // What has left the cache may still be on its way to slow clients.
        let budget = Budget::new(bytes_max.saturating_mul(2));
        let redis = options.redis.clone().filter(|_| bytes_max > 0);
        let page_budget = budget.clone();
        let adopt = Adopt(Arc::new(move |page: Page| counted(page, &page_budget)));
        let shared_pages = redis.clone().map(|redis| Second { redis, adopt });
        let shared_counts = redis.map(|redis| Second { redis, adopt: Adopt(Arc::new(Some)) });
        let pages_bytes_max = u64::try_from(bytes_max).unwrap_or(u64::MAX);
        Kept {
            pages: Cache::new(pages_bytes_max, entry_bytes_max, clock(), shared_pages),
            counts: Cache::new(COUNTS_BYTES_MAX, usize::MAX, clock(), shared_counts),
            generations,
            budget,
            obeys_no_cache: options.obeys_no_cache,
            is_on: bytes_max > 0,
        }
    }
}

/// The page, its bytes counted; `None` if there is no room for them.
fn counted(page: Page, budget: &Budget) -> Option<Page> {
    let mut reservation = budget.reservation();
    let body = page.body.clone();
    reservation.cover(body.len()).then(|| page.in_place(reserved(body, 0, Some(reservation))))
}

/// The names under which a service's sets have their generations, in the order of the model.
pub fn set_names(model: &Model) -> Vec<String> {
    model.sets.iter().map(|set| set_name(model, set)).collect()
}

/// The name under which one of them has its generation.
pub fn set_name(model: &Model, set: &EntitySet) -> String {
    format!("{}/{}", model.service, set.name)
}

/// The sets whose rows lie in the same table as those of this one, itself among them: a change of one is a change of
/// all.
pub fn sets_of_table(model: &Model, set: SetId) -> impl Iterator<Item = SetId> {
    let table = model.set(set).map(|set| (set.source, &set.table));
    let is_same = move |other: &EntitySet| table.is_some_and(|table| table == (other.source, &other.table));
    let sets = model.sets.iter().zip(0..).filter(move |(other, _)| is_same(other));
    sets.map(|(_, number)| SetId(number))
}

/// What the policies of several sets allow for one answer; `None` if any of them forbids it.
pub(super) fn policy(model: &Model, sets: &[SetId]) -> Option<Policy> {
    let mut policies = sets.iter().map(|set| model.set(*set)?.cache.map(in_milliseconds));
    let first = policies.next()??;
    policies.try_fold(first, |joined, policy| Some(joined.and(policy?)))
}

fn in_milliseconds(policy: CachePolicy) -> Policy {
    let ms = |seconds: u32| u64::from(seconds) * 1_000;
    Policy {
        ttl_ms: ms(policy.ttl_s),
        stale_while_revalidate_ms: ms(policy.stale_while_revalidate_s),
        stale_if_error_ms: ms(policy.stale_if_error_s),
    }
}
