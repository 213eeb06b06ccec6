//! A finished page out of `cache::PageCache`: the look-up of a page that is there, among few and among many, and the
//! fingerprint of a bound query, of which the key is made.

#[path = "support/model.rs"]
mod model;
mod support;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use penstock::bind::{self, Scope, bind};
use penstock::cache::{Key, Page, PageCache};
use penstock::demo;
use penstock::query::{Grants, Query, fingerprint_whole};
use penstock::syntax;

use model::Failure;

const LIST_VIEW: &str = "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$filter=Status eq \
                         'Open'&$orderby=OrderDate desc&$top=26";
/// The size of a page of 26 rows.
const PAGE_BYTES: usize = 4_096;

fn key(query: u128) -> Key {
    Key { revision: 1, query, form: 2 }
}

fn page() -> Page {
    Page { body: Bytes::from(vec![b' '; PAGE_BYTES]), etag: None, ttl: Duration::from_hours(1) }
}

async fn look_up(cache: &PageCache, query: u128) -> Result<Page, Arc<&'static str>> {
    cache.get_or_fill(key(query), async { Err("a page that was there is missing") }, "lost").await
}

fn main() -> Result<(), Failure> {
    let model = model::model(demo::metadata())?;
    let grants = Grants::everything();
    let scope = Scope { model: &model, grants: &grants, limits: bind::Limits::default(), unseal: &|_| None };
    let url = syntax::parse(LIST_VIEW, &syntax::Limits::default())?;
    let Query::Read(read) = bind(&url, &scope)? else { return Err("the list view is no page".into()) };

    let mut criterion = support::criterion();
    criterion.bench_function("cache/fingerprint", |bencher| {
        bencher.iter(|| fingerprint_whole(black_box(&read), model.revision));
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    for pages in [1, 10_000] {
        let cache = PageCache::new(256 << 20);
        runtime.block_on(async {
            for query in 0..pages {
                cache.get_or_fill(key(query), async { Ok::<_, &str>(page()) }, "lost").await.map_err(|error| *error)?;
            }
            look_up(&cache, pages - 1).await.map_err(|error| *error)
        })?;
        criterion.bench_function(&format!("cache/hit_among_{pages}"), |bencher| {
            // One entry into the runtime for all look-ups, for it costs more than one of them.
            bencher.iter_custom(|times| {
                runtime.block_on(async {
                    let started = Instant::now();
                    for time in 0..u128::from(times) {
                        let found = look_up(&cache, time % pages).await;
                        assert!(black_box(found).is_ok(), "a page was lost");
                    }
                    started.elapsed()
                })
            });
        });
    }
    criterion.final_summary();
    Ok(())
}
