//! The total of a list: kept by what it counts, so all pages and columns of one list share it; else counted beside the
//! page, or behind it where the page may show the number by itself.

use std::sync::Arc;

use crate::cache::{Fresh, Key, Served};
use crate::execute;
use crate::plan::Fetch;
use crate::query::{Query, Read, fingerprint_count};
use crate::store::Visit;

use super::read::{Asking, is_outage};
use super::understand::{Keeping, Understood};
use super::{Service, ServiceError};

/// The form of a count in a [`Key`]; pages have smaller ones.
const COUNT_FORM: u8 = 0xC0;

/// A total and when its rows were counted, if it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) rows: i64,
    /// Milliseconds since 1970.
    pub(super) made_ms: Option<u64>,
}

/// What is known of a total before the page is read.
pub(super) enum Before {
    /// The total itself.
    Known(Total),
    /// The page will not show it: it is worth counting meanwhile.
    Beside,
    /// The page may show it.
    After,
}

impl Service {
    /// What is known of the total of a read whose page is to be read now. `anew`: what is kept is not wanted.
    pub(super) fn total_before(&self, read: &Read, keeping: Option<&Keeping>, anew: bool) -> Before {
        if let Some(keeping) = keeping.filter(|_| !anew) {
            let key = self.count_key(keeping);
            if let Some(entry) = self.kept.counts.fresh(&key, &keeping.policy) {
                return Before::Known(Total { rows: entry.value, made_ms: Some(entry.made_ms) });
            }
        }
        if read.page.cursor.is_some() {
            return Before::Beside;
        }
        // How large the list was when it was last counted: a guess is enough to decide when to count.
        let page_end =
            read.page.skip.saturating_add(u64::from(read.page.rows_max).min(read.page.top.unwrap_or(u64::MAX)));
        match self.sizes.get(&fingerprint_count(read, self.model.revision)) {
            Some(rows) if u64::try_from(rows).is_ok_and(|rows| rows > page_end) => Before::Beside,
            _ => Before::After,
        }
    }

    /// Counts now, once for all who ask for the same meanwhile, and keeps the number if that is allowed. A stale one is
    /// not taken: the page that it goes into has its own times, and could not tell.
    pub(super) async fn total(
        &self,
        read: &Read,
        fetch: &Fetch,
        keeping: Option<Keeping>,
        asking: Asking,
    ) -> Result<Total, ServiceError> {
        let name = fingerprint_count(read, self.model.revision);
        let Some(keeping) = keeping else {
            let rows = execute::count(fetch, &self.visit_beside(asking)).await?;
            self.sizes.put(name, rows);
            return Ok(Total { rows, made_ms: None });
        };
        let count = || {
            let (service, fetch) = (self.clone(), fetch.clone());
            async move {
                let rows = execute::count(&fetch, &service.visit_beside(asking)).await?;
                Ok(Fresh { value: rows, made_ms: None })
            }
        };
        let key = self.count_key(&keeping);
        let served = if asking.anew {
            Box::pin(self.kept.counts.fill(key, keeping.policy, count)).await?
        } else {
            Box::pin(self.kept.counts.fresh_or_fill(key, keeping.policy, count)).await?
        };
        self.sizes.put(name, served.entry.value);
        Ok(Total { rows: served.entry.value, made_ms: Some(served.entry.made_ms) })
    }

    /// The sources for a count that goes with a page: it is not refused by itself, and may outlive the request.
    fn visit_beside(&self, asking: Asking) -> Visit<'_> {
        self.databases.visit_again(asking.caller, self.request_timeout)
    }

    /// The answer to `/$count`: the total that pages of the list share.
    pub(super) async fn kept_count(
        &self,
        understood: &Arc<Understood>,
        keeping: Keeping,
        asking: Asking,
    ) -> Result<Served<i64>, ServiceError> {
        let key = self.count_key(&keeping);
        let count = || {
            let (service, understood) = (self.clone(), Arc::clone(understood));
            async move {
                let Query::Read(read) = &understood.query else {
                    return Err(ServiceError::Defect("a count of what is no read"));
                };
                let value = service.count(read, asking).await?;
                service.sizes.put(fingerprint_count(read, service.model.revision), value);
                Ok(Fresh { value, made_ms: None })
            }
        };
        if asking.anew {
            return self.kept.counts.fill(key, keeping.policy, count).await;
        }
        Ok(self.kept.counts.get_or_fill(key, keeping.policy, is_outage, count).await?)
    }

    /// Notes a total that a page has shown.
    pub(super) fn total_shown(&self, read: &Read, rows: i64) -> Total {
        self.sizes.put(fingerprint_count(read, self.model.revision), rows);
        Total { rows, made_ms: None }
    }

    fn count_key(&self, keeping: &Keeping) -> Key {
        let generations = self.kept.generations.stamp(keeping.places.iter().copied());
        Key { query: keeping.fingerprint, generations, form: COUNT_FORM }
    }
}
