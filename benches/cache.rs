//! A finished page out of `cache::Cache`: the look-up of a page that is there, among few and among many, and the
//! fingerprint of a bound query, of which the key is made.

#[path = "support/model.rs"]
mod model;
mod support;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use penstock::bind::{self, Scope, bind};
use penstock::cache::{Cache, Clock, Fresh, Key, Page, Policy, Served};
use penstock::demo;
use penstock::query::{Grants, Query, fingerprint_whole};
use penstock::syntax;

use model::Failure;

const LIST_VIEW: &str = "Orders?$select=AccountID,OrderDate,OrderID,ShipCity,ShipCountry&$count=true&$filter=Status eq \
                         'Open'&$orderby=OrderDate desc&$top=26";
/// The size of a page of 26 rows.
const PAGE_BYTES: usize = 4_096;
const POLICY: Policy = Policy { ttl_ms: 3_600_000, stale_while_revalidate_ms: 0, stale_if_error_ms: 0 };

fn key(query: u128) -> Key {
    Key { query, generations: 1, form: 2 }
}

fn page() -> Fresh<Page> {
    Fresh { value: Page::new(Bytes::from(vec![b' '; PAGE_BYTES]), None), made_ms: None }
}

async fn look_up(cache: &Cache<Page, &'static str>, query: u128) -> Result<Served<Page>, Arc<&'static str>> {
    cache.get_or_fill(key(query), POLICY, |_| false, || async { Err("a page that was there is missing") }).await
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
        let cache = Cache::new(256 << 20, 1 << 20, Clock::default(), None);
        runtime.block_on(async {
            for query in 0..pages {
                cache.fill(key(query), POLICY, || async { Ok(page()) }).await?;
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
