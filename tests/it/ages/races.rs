//! Readers and a writer at the same time: after a change was told, no reader who then asks sees the state before it,
//! and no answer mixes two states of a set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use penstock::query::Grants;
use penstock::service::Service;
use serde_json::Value;

use super::history::{History, Set};
use super::{World, history};
use crate::support::databases::{KINDS, Kind};
use crate::support::inside::{self, Keeper};

/// Requests for orders, each in another way; all have the change number in every row.
const TARGETS: [&str; 8] = [
    "Orders?$select=Stamp",
    "Orders?$select=Stamp,Id&$orderby=Amount desc&$count=true",
    "Orders?$filter=Amount gt 4&$count=true&$top=1",
    "Orders?$filter=Amount gt 4&$count=true&$top=1&$skip=1&$select=Stamp",
    "Orders(1)",
    "Accounts(2)/Orders",
    "Accounts?$expand=Orders($select=Stamp)",
    "Orders/$count?$filter=Amount gt 4",
];
const FIRST: i64 = 1_000;

/// All change numbers in an answer, and its total of the rows whose amount is above 4.
fn found(target: &str, body: &[u8]) -> (Vec<i64>, Option<i64>) {
    if target.contains("/$count") {
        return (Vec::new(), std::str::from_utf8(body).unwrap().parse().ok());
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    let total = body.get("@odata.count").and_then(Value::as_i64).filter(|_| target.contains("Amount gt"));
    let mut stamps = Vec::new();
    let mut open = vec![&body];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                stamps.extend(members.get("Stamp").and_then(Value::as_i64).filter(|stamp| *stamp >= FIRST));
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    (stamps, total)
}

/// How many orders have an amount above 4 after a change.
fn above(stamp: i64) -> i64 {
    stamp % 7
}

async fn read(service: Service, begun: Arc<AtomicI64>, told: Arc<AtomicI64>, until: Instant, first: usize) -> u64 {
    let mut reads = 0;
    while Instant::now() < until {
        let target = TARGETS[(first + usize::try_from(reads).unwrap()) % TARGETS.len()];
        let least = told.load(Ordering::SeqCst);
        let answer = inside::ask(&service, &target.replace(' ', "%20")).await;
        let most = begun.load(Ordering::SeqCst);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{target}: {body}");
        let (stamps, total) = found(target, &answer.body);
        let is_one_state = stamps.windows(2).all(|pair| pair[0] == pair[1]);
        let is_allowed = |stamp: i64| (least..=most).contains(&stamp);
        assert!(
            is_one_state && stamps.iter().all(|stamp| is_allowed(*stamp)),
            "{target}: states {least} to {most} are allowed, {:?}: {body}",
            answer.cache_status
        );
        let explained = total.is_none_or(|total| (least..=most).any(|stamp| above(stamp) == total));
        assert!(
            explained,
            "{target}: the total is none of states {least} to {most}, {:?}: {body}",
            answer.cache_status
        );
        reads += 1;
        tokio::task::yield_now().await;
    }
    reads
}

fn race(kind: Kind) {
    let Some(world) = World::new(kind) else { return };
    History::begin(&world.database);
    world.database.run("delete from orders");
    for id in 1..=8 {
        let account = id % 4 + 1;
        world.database.run(&format!("insert into orders values ({id}, {account}, 1, 'calm', 0, {FIRST})"));
    }
    let keeper = Keeper::new(&world.model, 1, None, None);
    let service = inside::service(&world.model, &world.databases, &keeper, Grants::everything());
    let (begun, told) = (Arc::new(AtomicI64::new(FIRST)), Arc::new(AtomicI64::new(FIRST)));
    // The state before the first change has no row above 4.
    let start = |stamp: i64| {
        begun.store(stamp, Ordering::SeqCst);
        world.database.run(&format!(
            "update orders set stamp = {stamp}, amount = case when id <= {} then 5 else 0 end",
            above(stamp)
        ));
        service.wrote(world.id(Set::Orders));
        told.store(stamp, Ordering::SeqCst);
    };
    start(FIRST + 1);
    let until = Instant::now() + Duration::from_millis(1_500);
    let readers: Vec<_> = (0..8)
        .map(|first| world.runtime.spawn(read(service.clone(), Arc::clone(&begun), Arc::clone(&told), until, first)))
        .collect();
    let mut stamp = FIRST + 1;
    while Instant::now() < until {
        stamp += 1;
        start(stamp);
        // Between changes there is time for hits, sometimes.
        std::thread::sleep(Duration::from_millis(u64::try_from(stamp % 5).unwrap()));
    }
    let reads: u64 = readers.into_iter().map(|reader| world.runtime.block_on(reader).unwrap()).sum();
    assert!(reads > 100 && stamp > FIRST + 20, "{}: {reads} reads, {} changes", kind.name(), stamp - FIRST);
}

#[test]
fn what_was_told_is_seen_by_all_who_then_ask() {
    for kind in KINDS {
        race(kind);
    }
}

/// Two sets may lie over one table.
#[test]
fn a_change_of_a_table_is_seen_in_all_its_sets() {
    let world = World::new(Kind::Sqlite).expect("SQLite is always there");
    let mut files = history::metadata();
    let (_, orders) = files.iter().find(|(name, _)| *name == "orders").unwrap().clone();
    let twin = orders.replace("\"Orders\"", "\"Twins\"").replace("\"OrdersRow\"", "\"TwinsRow\"");
    files.push(("twins", twin));
    let model = inside::model(&files);
    let keeper = Keeper::new(&model, 1, None, None);
    let service = inside::service(&model, &world.databases, &keeper, Grants::everything());
    let status = |target: &str| world.runtime.block_on(inside::ask(&service, target)).cache_status;
    let targets = ["Orders", "Twins", "Twins/$count", "Accounts?$expand=Orders"];
    for (written, seen) in [("Twins", true), ("Orders", true), ("Notes", false)] {
        for target in targets {
            status(target);
            assert_eq!(status(target), Some("penstock; hit"), "{target}");
        }
        service.wrote(model.set_named(written).unwrap().0);
        for target in targets {
            assert_eq!(status(target) != Some("penstock; hit"), seen, "{target} after {written}");
        }
    }
}
