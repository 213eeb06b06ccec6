//! Finished pages in memory, bounded in bytes. Equal keys that are filled at the same time are filled once.
//!
//! The key holds everything on which an answer depends, rights included; a page leaves when its time is over or when
//! room is needed. Errors are not kept.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moka::Expiry;
use moka::future::Cache;

/// What an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Revision of the model.
    pub revision: u64,
    /// Fingerprint of the bound query, rights and page included.
    pub query: u128,
    /// Everything that changes the bytes but not the rows: version, metadata level, number form.
    pub form: u8,
}

/// A finished answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// The bytes.
    pub body: Bytes,
    /// The `ETag`, if the answer has one.
    pub etag: Option<String>,
    /// How long it may be served.
    pub ttl: Duration,
}

/// Finished pages by key.
#[derive(Clone, Debug)]
pub struct PageCache {
    pages: Cache<Key, Page>,
}

struct PerPage;

impl Expiry<Key, Page> for PerPage {
    fn expire_after_create(&self, _key: &Key, page: &Page, _created_at: Instant) -> Option<Duration> {
        Some(page.ttl)
    }
}

impl PageCache {
    /// A cache of at most `bytes_max` bytes of bodies.
    pub fn new(bytes_max: u64) -> Self {
        let weigh = |_: &Key, page: &Page| u32::try_from(page.body.len() + 256).unwrap_or(u32::MAX);
        PageCache { pages: Cache::builder().max_capacity(bytes_max).weigher(weigh).expire_after(PerPage).build() }
    }

    /// The page of this key, made by `fill` if there is none; callers that come meanwhile wait for the same page.
    ///
    /// `fill` runs in a task of its own: a caller that leaves stops neither the task nor the others that wait for it.
    pub async fn get_or_fill<E: Send + Sync + 'static>(
        &self,
        key: Key,
        fill: impl Future<Output = Result<Page, E>> + Send + 'static,
        lost: E,
    ) -> Result<Page, Arc<E>> {
        if let Some(page) = self.pages.get(&key).await {
            return Ok(page);
        }
        let filled = async {
            match tokio::spawn(fill).await {
                Ok(page) => page,
                Err(_) => Err(lost),
            }
        };
        self.pages.try_get_with(key, filled).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn key(query: u128) -> Key {
        Key { revision: 1, query, form: 0 }
    }

    fn page(text: &'static str, ttl: Duration) -> Page {
        Page { body: Bytes::from_static(text.as_bytes()), etag: None, ttl }
    }

    #[tokio::test]
    async fn equal_keys_are_filled_once() {
        let cache = PageCache::new(1_000_000);
        let fills = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let fills = Arc::clone(&fills);
            cache.get_or_fill(
                key(1),
                async move {
                    fills.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok::<_, String>(page("a", Duration::from_mins(1)))
                },
                String::new(),
            )
        };
        let answers = futures_util::future::join_all((0..50).map(|_| ask())).await;
        assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|page| page.body == "a")));
        assert_eq!(fills.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn errors_are_not_kept_and_pages_expire() {
        let cache = PageCache::new(1_000_000);
        let refused = cache.get_or_fill(key(1), async { Err::<Page, _>("no") }, "lost").await;
        assert_eq!(*refused.unwrap_err(), "no");
        let short = Duration::from_millis(30);
        let first = cache.get_or_fill(key(1), async move { Ok::<_, &str>(page("a", short)) }, "lost").await;
        assert_eq!(first.unwrap().body, "a");
        tokio::time::sleep(Duration::from_millis(60)).await;
        let second = cache.get_or_fill(key(1), async move { Ok::<_, &str>(page("b", short)) }, "lost").await;
        assert_eq!(second.unwrap().body, "b");
    }
}
