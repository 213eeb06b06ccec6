//! The rules of keeping: one flight for equal keys, what leavers and failures do, the states of age.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{FutureExt, join_all};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::*;

const POLICY: Policy = Policy { ttl_ms: 10, stale_while_revalidate_ms: 10, stale_if_error_ms: 50 };

struct Kept {
    cache: Cache<i64, &'static str>,
    now_ms: Arc<AtomicU64>,
    fills: Arc<AtomicUsize>,
}

fn kept() -> Kept {
    let now_ms = Arc::new(AtomicU64::new(1_000));
    let cache = Cache::new(1 << 20, 1 << 10, Clock::by_hand(Arc::clone(&now_ms)), None);
    Kept { cache, now_ms, fills: Arc::default() }
}

fn key(query: u128) -> Key {
    Key { query, generations: 0, form: 0 }
}

impl Kept {
    /// Asks for a key whose filling takes `pause` and has this outcome.
    async fn ask(
        &self,
        query: u128,
        pause: Duration,
        outcome: Result<i64, &'static str>,
    ) -> Result<(i64, How), &'static str> {
        let fills = Arc::clone(&self.fills);
        let fill = || async move {
            fills.fetch_add(1, Ordering::SeqCst);
            sleep(pause).await;
            outcome.map(|value| Fresh { value, made_ms: None })
        };
        let served = self.cache.get_or_fill(key(query), POLICY, |error| *error == "away", fill).await;
        served.map(|served| (served.entry.value, served.how)).map_err(|error| *error)
    }

    fn fills(&self) -> usize {
        self.fills.load(Ordering::SeqCst)
    }

    fn at(&self, now_ms: u64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }
}

const AT_ONCE: Duration = Duration::ZERO;
const SHORT: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn equal_keys_are_filled_once() {
    let kept = kept();
    let answers = join_all((0..50).map(|_| kept.ask(1, SHORT, Ok(7)))).await;
    assert!(answers.iter().all(|answer| *answer == Ok((7, How::Filled))));
    assert_eq!(kept.fills(), 1);
    assert_eq!(kept.ask(1, SHORT, Ok(8)).await, Ok((7, How::Hit)));
    assert_eq!(kept.ask(2, SHORT, Ok(8)).await, Ok((8, How::Filled)));
    assert!(kept.cache.parts.flights().is_empty());
}

#[tokio::test]
async fn a_leader_that_leaves_hurts_nobody_and_the_last_one_stops_the_work() {
    let kept = kept();
    let (ended, all_left) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let slow = |ended: Arc<AtomicUsize>, left: Arc<Notify>| {
        || async move {
            struct Left(Arc<Notify>);
            impl Drop for Left {
                fn drop(&mut self) {
                    self.0.notify_one();
                }
            }
            let _left = Left(left);
            sleep(Duration::from_millis(50)).await;
            ended.fetch_add(1, Ordering::SeqCst);
            Ok::<_, &str>(Fresh { value: 7, made_ms: None })
        }
    };
    let ask = || {
        let fill = slow(Arc::clone(&ended), Arc::clone(&all_left));
        kept.cache.get_or_fill(key(1), POLICY, |_| false, fill)
    };
    let (leader, follower) = tokio::join!(timeout(Duration::from_millis(5), ask()), ask());
    assert!(leader.is_err());
    assert_eq!(follower.unwrap().entry.value, 7);
    assert_eq!(ended.load(Ordering::SeqCst), 1);
    all_left.notified().await;

    kept.at(5_000);
    let (one, two) = tokio::join!(timeout(SHORT, ask()), timeout(SHORT, ask()));
    assert!(one.is_err() && two.is_err());
    // The work was dropped and not finished, and the next one begins anew.
    timeout(Duration::from_secs(5), all_left.notified()).await.unwrap();
    assert!(kept.cache.parts.flights().is_empty());
    assert_eq!(ask().await.unwrap().how, How::Filled);
    assert_eq!(ended.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_failure_is_that_of_all_who_wait_and_is_not_kept() {
    let kept = kept();
    let answers = join_all((0..5).map(|_| kept.ask(1, SHORT, Err("wrong")))).await;
    assert!(answers.iter().all(|answer| *answer == Err("wrong")));
    assert_eq!(kept.fills(), 1);
    assert_eq!(kept.ask(1, AT_ONCE, Ok(7)).await, Ok((7, How::Filled)));
}

#[tokio::test]
async fn an_entry_ages_through_its_states() {
    let kept = kept();
    assert_eq!(kept.ask(1, AT_ONCE, Ok(1)).await, Ok((1, How::Filled)));
    kept.at(1_009);
    assert_eq!(kept.ask(1, AT_ONCE, Ok(2)).await, Ok((1, How::Hit)));
    // Old, but served at once; the new one is read meanwhile, once.
    kept.at(1_010);
    let answers = join_all((0..9).map(|_| kept.ask(1, SHORT, Ok(3)))).await;
    assert!(answers.iter().all(|answer| *answer == Ok((1, How::Revalidating))));
    timeout(Duration::from_secs(5), async {
        while kept.ask(1, AT_ONCE, Ok(4)).await != Ok((3, How::Hit)) {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(kept.fills(), 2);
    // Too old to be served, unless the database is away; other errors are told.
    kept.at(1_035);
    assert_eq!(kept.ask(1, AT_ONCE, Err("wrong")).await, Err("wrong"));
    assert_eq!(kept.ask(1, AT_ONCE, Err("away")).await, Ok((3, How::StaleIfError)));
    kept.at(1_070);
    assert_eq!(kept.ask(1, AT_ONCE, Err("away")).await, Err("away"));
    assert_eq!(kept.ask(1, AT_ONCE, Ok(5)).await, Ok((5, How::Filled)));
}

#[tokio::test]
async fn a_value_is_as_old_as_what_went_into_it() {
    let kept = kept();
    let fill = || async { Ok::<_, &str>(Fresh { value: 1, made_ms: Some(993) }) };
    let served = kept.cache.get_or_fill(key(1), POLICY, |_| false, fill).await.unwrap();
    assert_eq!((served.entry.made_ms, served.entry.age_s(3_992), served.entry.age_s(3_993)), (993, 2, 3));
    kept.at(1_002);
    assert!(kept.cache.fresh(&key(1), &POLICY).is_some());
    kept.at(1_003);
    assert!(kept.cache.fresh(&key(1), &POLICY).is_none());
}

#[tokio::test]
async fn what_is_read_on_demand_is_kept_for_others() {
    let kept = kept();
    kept.ask(1, AT_ONCE, Ok(1)).await.unwrap();
    let fill = || async { Ok(Fresh { value: 2, made_ms: None }) };
    assert_eq!(kept.cache.fill(key(1), POLICY, fill).await.unwrap().entry.value, 2);
    assert_eq!(kept.ask(1, AT_ONCE, Ok(3)).await, Ok((2, How::Hit)));
}

#[tokio::test]
async fn a_flight_is_joined_only_while_its_answer_would_be_fresh() {
    let kept = kept();
    let first = kept.ask(1, SHORT, Ok(1));
    tokio::pin!(first);
    // Asked for, and not yet there.
    assert!((&mut first).now_or_never().is_none());
    kept.at(1_009);
    let joined = kept.ask(1, SHORT, Ok(2));
    let (one, two) = tokio::join!(&mut first, joined);
    assert_eq!((one, two), (Ok((1, How::Filled)), Ok((1, How::Filled))));

    kept.at(2_000);
    let first = kept.ask(1, SHORT, Ok(3));
    tokio::pin!(first);
    // Asked for, and not yet there.
    assert!((&mut first).now_or_never().is_none());
    kept.at(2_010);
    assert_eq!(kept.ask(1, AT_ONCE, Ok(4)).await, Ok((4, How::Filled)), "read after it was asked for");
    // The slow reading ends last, and does not take the place of the younger one.
    assert_eq!(first.await, Ok((3, How::Filled)));
    assert_eq!(kept.ask(1, AT_ONCE, Ok(5)).await, Ok((4, How::Hit)));
    assert_eq!(kept.fills(), 3);
    assert!(kept.cache.parts.flights().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_put_back_does_not_stop_what_is_read_anew() {
    let kept = kept();
    kept.ask(1, AT_ONCE, Ok(1)).await.unwrap();
    kept.at(500);
    let fill = || async { Ok(Fresh { value: 2, made_ms: None }) };
    kept.cache.fill(key(1), POLICY, fill).await.unwrap();
    assert_eq!(kept.ask(1, AT_ONCE, Ok(3)).await, Ok((2, How::Hit)));
}

#[tokio::test]
async fn what_goes_into_another_value_is_never_stale() {
    let kept = kept();
    let part = |outcome: Result<i64, &'static str>| {
        let fill = move || async move { outcome.map(|value| Fresh { value, made_ms: None }) };
        kept.cache.fresh_or_fill(key(1), POLICY, fill)
    };
    assert_eq!(part(Ok(1)).await.unwrap().how, How::Filled);
    kept.at(1_009);
    assert_eq!(part(Ok(2)).await.unwrap().how, How::Hit);
    kept.at(1_010);
    assert_eq!(*part(Err("away")).await.unwrap_err(), "away");
    assert_eq!(part(Ok(3)).await.unwrap().entry.value, 3);
}

#[tokio::test]
async fn large_entries_are_served_and_not_kept() {
    let cache: Cache<super::super::Page, &str> = Cache::new(1 << 20, 1_000, Clock::default(), None);
    for (bytes, first, again) in [(650, How::Filled, How::Hit), (900, How::Passed, How::Passed)] {
        let ask = || {
            let fill = move || async move {
                let body = bytes::Bytes::from(vec![b' '; bytes]);
                Ok(Fresh { value: super::super::Page::new(body, None), made_ms: None })
            };
            let hour = Policy { ttl_ms: 3_600_000, ..POLICY };
            cache.get_or_fill(key(bytes as u128), hour, |_| false, fill)
        };
        assert_eq!(ask().await.unwrap().how, first, "{bytes} bytes");
        assert_eq!(ask().await.unwrap().how, again, "{bytes} bytes");
    }
    let ask = || {
        let fill = || async { Ok(Fresh { value: super::super::Page::default().passing(), made_ms: None }) };
        cache.get_or_fill(key(1), POLICY, |_| false, fill)
    };
    assert_eq!([ask().await.unwrap().how, ask().await.unwrap().how], [How::Passed; 2]);
}
