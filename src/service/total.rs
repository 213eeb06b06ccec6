//! The total of a list: kept by what it counts, so all pages and columns of one list share it; else counted beside the
//! page, or behind it where the page may show the number by itself.

use std::sync::Arc;

use futures_util::future::try_join;

use crate::cache::{Fresh, Key, Served};
use crate::execute;
use crate::plan::Fetch;
use crate::query::{Page, Query, Read, fingerprint_count};
use crate::sql::Statement;
use crate::store::Visit;

use super::body::NodeBuffer;
use super::read::{Asking, is_outage, proven_total};
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

/// What is counted.
pub(super) struct Counting<'a> {
    pub(super) read: &'a Read,
    pub(super) fetch: &'a Fetch,
    /// Its statement, if that has been made already. Then the plan need not know it.
    pub(super) given: Option<Statement>,
    /// What must be known to keep it.
    pub(super) keeping: Option<Keeping>,
}

/// What is known of a total before the page is read.
enum Before {
    /// The total itself.
    Known(Total),
    /// The page will not show it: it is worth counting meanwhile.
    Beside,
    /// The page may show it.
    After,
}

impl Service {
    /// The rows of a page and the total: a kept one, or counted beside the page, or what the page shows by itself.
    pub(super) async fn with_total(
        &self,
        Counting { read, fetch, given, keeping }: Counting<'_>,
        rows: impl Future<Output = Result<Vec<NodeBuffer>, ServiceError>>,
        asking: Asking,
    ) -> Result<(Vec<NodeBuffer>, Option<Total>), ServiceError> {
        let name = match &given {
            Some(statement) => statement.name(),
            None => fingerprint_count(read, self.model.revision),
        };
        match self.total_before(&read.page, name, keeping.as_ref(), asking.anew) {
            Before::Known(total) => Ok((rows.await?, Some(total))),
            Before::Beside => {
                let (nodes, total) = try_join(rows, self.total(name, (fetch, given), keeping, asking)).await?;
                Ok((nodes, Some(total)))
            }
            Before::After => {
                let nodes = rows.await?;
                let shown = nodes.first().and_then(|root| proven_total(&read.page, root));
                let total = match shown {
                    Some(rows) => {
                        self.sizes.put(name, rows);
                        Total { rows, made_ms: None }
                    }
                    None => self.total(name, (fetch, given), keeping, asking).await?,
                };
                Ok((nodes, Some(total)))
            }
        }
    }

    /// What is known of the total with this name, whose page is to be read now. `anew`: what is kept is not wanted.
    fn total_before(&self, page: &Page, name: u128, keeping: Option<&Keeping>, anew: bool) -> Before {
        if let Some(keeping) = keeping.filter(|_| !anew) {
            let key = self.count_key(keeping);
            if let Some(entry) = self.kept.counts.fresh(&key, &keeping.policy) {
                return Before::Known(Total { rows: entry.value, made_ms: Some(entry.made_ms) });
            }
        }
        if page.cursor.is_some() {
            return Before::Beside;
        }
        // How large the list was when it was last counted: a guess is enough to decide when to count.
        let page_end = page.skip.saturating_add(u64::from(page.rows_max).min(page.top.unwrap_or(u64::MAX)));
        match self.sizes.get(&name) {
            Some(rows) if u64::try_from(rows).is_ok_and(|rows| rows > page_end) => Before::Beside,
            _ => Before::After,
        }
    }

    /// Counts now, once for all who ask for the same meanwhile, and keeps the number if that is allowed. A stale one is
    /// not taken: the page that it goes into has its own times, and could not tell.
    async fn total(
        &self,
        name: u128,
        (fetch, given): (&Fetch, Option<Statement>),
        keeping: Option<Keeping>,
        asking: Asking,
    ) -> Result<Total, ServiceError> {
        let Some(keeping) = keeping else {
            let rows = execute::count(fetch, given, &self.visit_beside(asking)).await?;
            self.sizes.put(name, rows);
            return Ok(Total { rows, made_ms: None });
        };
        let count = || {
            let (service, fetch) = (self.clone(), fetch.clone());
            async move {
                let rows = execute::count(&fetch, given, &service.visit_beside(asking)).await?;
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

    fn count_key(&self, keeping: &Keeping) -> Key {
        let generations = self.kept.generations.stamp(keeping.places.iter().copied());
        Key { query: keeping.fingerprint, generations, form: COUNT_FORM }
    }
}
