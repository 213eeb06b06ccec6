//! Tests of the gate, by a clock that stands still until it is moved.

use std::future::Future;

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use super::*;

const WAIT: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_mins(1);

fn gate(pool_max: u32, queue_max: usize) -> Arc<Gate> {
    let base = crate::store::tests::settings("sqlite:x");
    Arc::new(Gate::new(&SourceSettings { pool_max, queue_max, acquire_timeout: WAIT, ..base }))
}

fn ticket(caller: u64) -> Ticket {
    Ticket::new(caller, LONG)
}

/// What becomes of a request that enters in a task of its own.
type Entering = JoinHandle<Result<Permit<Arc<Gate>>, StoreError>>;

/// Lets a request of this caller come in; it stands in the queue when this returns, or is through.
async fn come(gate: &Arc<Gate>, ticket: Ticket) -> Entering {
    let gate = Arc::clone(gate);
    let task = tokio::spawn(async move { Gate::enter(gate, &ticket).await });
    tokio::task::yield_now().await;
    task
}

async fn enter(gate: &Arc<Gate>) -> Permit<Arc<Gate>> {
    Gate::enter(gate, &ticket(1)).await.ok().unwrap().into_owned()
}

/// The result, if the task is at its end.
async fn ended(task: &mut Entering) -> Option<Result<Permit<Arc<Gate>>, StoreError>> {
    tokio::task::yield_now().await;
    task.now_or_never().map(Result::unwrap)
}

fn refused<T>(result: Result<T, StoreError>) -> StoreError {
    match result {
        Ok(_) => panic!("let in"),
        Err(error) => error,
    }
}

/// Teaches the gate how often a place is given back while all are taken.
async fn turn_every(gate: &Arc<Gate>, time: Duration) {
    for _ in 0..100 {
        let held: Vec<_> = futures_util::future::join_all((0..gate.places).map(|_| enter(gate))).await;
        tokio::time::advance(time).await;
        drop(held);
    }
}

#[tokio::test(start_paused = true)]
async fn places_are_given_back_and_go_to_who_waits() {
    let gate = gate(2, 10);
    let (a, b) = (enter(&gate).await, enter(&gate).await);
    let mut third = come(&gate, ticket(1)).await;
    let mut fourth = come(&gate, ticket(1)).await;
    assert!(ended(&mut third).await.is_none());
    drop(a);
    let c = ended(&mut third).await.unwrap().unwrap();
    assert!(ended(&mut fourth).await.is_none());
    drop((b, c));
    drop(ended(&mut fourth).await.unwrap().unwrap());
    assert_eq!(gate.lock().free, 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_too_long_is_refused_then_and_not_before() {
    let gate = gate(1, 10);
    let held = enter(&gate).await;
    tokio::time::advance(WAIT / 2).await;
    let start = Instant::now();
    let error = refused(Gate::enter(&gate, &ticket(1)).await);
    assert!(matches!(error, StoreError::Busy { retry_after_s: 1..=30, .. }), "{error:?}");
    assert_eq!(start.elapsed(), WAIT);
    // Nothing was given back for longer than anybody may wait. One may still wait for the one place; others are told
    // so.
    let mut first = come(&gate, ticket(1)).await;
    let start = Instant::now();
    assert!(matches!(refused(Gate::enter(&gate, &ticket(2)).await), StoreError::Busy { .. }));
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(ended(&mut first).await.is_none());
    first.abort();
    assert!(first.await.is_err());
    drop(held);
    assert_eq!(gate.lock().queue.len(), 0);
    drop(enter(&gate).await);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_served_within_the_wait_is_refused_at_once() {
    let gate = gate(2, 1_000);
    turn_every(&gate, Duration::from_millis(150)).await;
    let (_a, _b) = (enter(&gate).await, enter(&gate).await);
    // Twenty turns of 150 ms take three seconds.
    let mut waiting = Vec::new();
    for _ in 0..20 {
        waiting.push(come(&gate, ticket(1)).await);
    }
    let start = Instant::now();
    let error = refused(Gate::enter(&gate, &ticket(1)).await);
    assert!(matches!(error, StoreError::Busy { retry_after_s: 4, .. }), "{error:?}");
    assert_eq!(start.elapsed(), Duration::ZERO);
    for task in &mut waiting {
        assert!(ended(task).await.is_none());
    }
    // Another caller has a turn soon, however many the first has sent.
    let mut other = come(&gate, ticket(2)).await;
    assert!(ended(&mut other).await.is_none());
    // The first is now one of two, and most of what waits is his.
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Share { .. }));
}

#[tokio::test(start_paused = true)]
async fn times_are_learned_anew_when_they_change() {
    let gate = gate(1, 1_000);
    turn_every(&gate, LONG).await;
    let held = enter(&gate).await;
    let mut first = come(&gate, ticket(1)).await;
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Busy { .. }));
    drop(held);
    drop(ended(&mut first).await.unwrap().unwrap());
    // Free places need no forecast, so the mean comes down again.
    turn_every(&gate, Duration::from_millis(1)).await;
    let _held = enter(&gate).await;
    let (mut first, mut second) = (come(&gate, ticket(1)).await, come(&gate, ticket(1)).await);
    assert!(ended(&mut first).await.is_none() && ended(&mut second).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_slow_statement_among_quick_ones_spoils_no_forecast() {
    let gate = gate(2, 1_000);
    let _slow = enter(&gate).await;
    for _ in 0..500 {
        let quick = enter(&gate).await;
        tokio::time::advance(Duration::from_millis(2)).await;
        drop(quick);
    }
    let _quick = enter(&gate).await;
    let mut waiting = Vec::new();
    for _ in 0..400 {
        waiting.push(come(&gate, ticket(1)).await);
    }
    for task in &mut waiting {
        assert!(ended(task).await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_at_once_and_makes_room_for_who_has_less() {
    let gate = gate(1, 4);
    let held = enter(&gate).await;
    let mut greedy = Vec::new();
    for _ in 0..4 {
        greedy.push(come(&gate, ticket(1)).await);
    }
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Busy { .. }), "he is alone");
    let mut modest = come(&gate, ticket(2)).await;
    let pushed_out = refused(ended(&mut greedy[3]).await.unwrap());
    assert!(matches!(pushed_out, StoreError::Share { .. }), "{pushed_out:?}");
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Share { .. }));
    assert_eq!(gate.lock().queue.fresh(), 4);
    drop(held);
    let first = ended(&mut greedy[0]).await.unwrap().unwrap();
    assert!(ended(&mut modest).await.is_none());
    drop(first);
    assert!(ended(&mut modest).await.unwrap().is_ok(), "the second turn is the other caller's");
}

#[tokio::test(start_paused = true)]
async fn without_a_queue_nobody_waits() {
    let gate = gate(1, 0);
    let _held = enter(&gate).await;
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Busy { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_has_begun_is_not_refused_for_want_of_room() {
    let gate = gate(1, 1);
    turn_every(&gate, WAIT * 2).await;
    let begun = ticket(1);
    drop(Gate::enter(&gate, &begun).await.ok().unwrap());
    let held = enter(&gate).await;
    let other = come(&gate, ticket(2)).await;
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Busy { .. }));
    let mut next = come(&gate, begun).await;
    assert!(ended(&mut next).await.is_none(), "it waits, although the queue is full and the forecast is bad");
    drop(held);
    tokio::task::yield_now().await;
    drop(other.await.unwrap());
    assert!(ended(&mut next).await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_leaves_frees_the_place_in_the_queue_and_one_that_was_just_given() {
    let gate = gate(1, 1);
    let held = enter(&gate).await;
    let leaver = come(&gate, ticket(1)).await;
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Busy { .. }));
    leaver.abort();
    assert!(leaver.await.is_err());
    assert_eq!(gate.lock().queue.len(), 0);

    let next = come(&gate, ticket(1)).await;
    // The place is given to a task that is not polled any more.
    drop(held);
    next.abort();
    assert!(next.await.is_err());
    assert_eq!(gate.lock().free, 1);
    drop(enter(&gate).await);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_request_ends_the_wait() {
    let gate = gate(1, 9);
    let _held = enter(&gate).await;
    let start = Instant::now();
    let short = Ticket::new(1, Duration::from_secs(1));
    assert!(matches!(refused(Gate::enter(&gate, &short).await), StoreError::Busy { .. }));
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    assert!(matches!(refused(Gate::enter(&gate, &short).await), StoreError::Slow { .. }), "its time is over");
}

#[tokio::test(start_paused = true)]
async fn a_closed_gate_sends_everybody_away() {
    let gate = gate(1, 9);
    let held = enter(&gate).await;
    let mut waiting = come(&gate, ticket(1)).await;
    gate.close();
    assert!(matches!(refused(ended(&mut waiting).await.unwrap()), StoreError::Away { .. }));
    drop(held);
    assert!(matches!(refused(Gate::enter(&gate, &ticket(1)).await), StoreError::Away { .. }));
}

#[tokio::test(start_paused = true)]
async fn two_gates_share_nothing() {
    let (slow, quick) = (gate(1, 1), gate(1, 1));
    let _held = enter(&slow).await;
    let _waiting = come(&slow, ticket(1)).await;
    assert!(matches!(refused(Gate::enter(&slow, &ticket(1)).await), StoreError::Busy { .. }));
    drop(enter(&quick).await);
}

/// Many callers come, stay and leave at random; at the end every place is free again and nobody stands there.
#[tokio::test(start_paused = true)]
async fn no_place_is_ever_lost() {
    let gate = gate(3, 8);
    let mut seed = 7_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut tasks = Vec::new();
    for _ in 0..3_000 {
        let (caller, stay) = (random(4), Duration::from_millis(random(40)));
        let patience = Duration::from_millis(1 + random(60));
        let gate = Arc::clone(&gate);
        tasks.push(tokio::spawn(async move {
            let work = async {
                let ticket = ticket(caller);
                for _ in 0..2 {
                    let Ok(permit) = Gate::enter(&gate, &ticket).await else { return };
                    assert!(gate.lock().free < 3);
                    tokio::time::sleep(stay).await;
                    drop(permit);
                }
            };
            let _ = tokio::time::timeout(patience, work).await;
        }));
        if random(3) == 0 {
            tokio::time::sleep(Duration::from_millis(random(20))).await;
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let state = gate.lock();
    assert_eq!((state.free, state.queue.len(), state.queue.fresh()), (3, 0, 0));
}

#[test]
fn the_future_of_the_way_in_is_small() {
    fn size<F: Future>(_: &F) -> usize {
        size_of::<F>()
    }
    let (gate, ticket) = (gate(1, 1), ticket(1));
    assert!(size(&Gate::enter(&gate, &ticket)) <= 96, "{}", size(&Gate::enter(&gate, &ticket)));
}
