//! Several replicas append to one log of events, and a reader that changes between them at random sees each event once,
//! in order, without a hole. `--nocapture` shows how long that took, and how far the replicas were behind.

use std::{
    collections::HashSet,
    env,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use smsmux::store::{Digest, EventFilter, NewEvent, Store};
use tokio::task::{JoinHandle, JoinSet};

use super::{
    events::{event, of},
    open::config,
    server::Database,
};
use crate::support::in_time;

const WRITERS: u64 = 8;

/// The most events that a writer appends at once, and that a reader asks for.
const APPENDED: usize = 20;
const READ: u32 = 200;

/// The events, of which `SMSMUX_TEST_EVENTS` sets another number.
fn total() -> u64 {
    env::var("SMSMUX_TEST_EVENTS").map_or(2000, |count| count.parse().unwrap())
}

fn numbered(number: u64) -> NewEvent {
    let mut id = Digest([0; 16]);
    id.0[..8].copy_from_slice(&number.to_le_bytes());
    NewEvent { id, ..event(0, 1) }
}

/// Appends the events of a writer, each of which another writer reports too, as when a vendor repeats a push to another
/// replica.
async fn write(store: Store, writer: u64, total: u64) {
    let is_mine = |number: &u64| number % WRITERS == writer || number % WRITERS == writer ^ 1;
    let mut mine = (0..total).filter(is_mine).map(numbered).peekable();
    while mine.peek().is_some() {
        let some = mine.by_ref().take(fastrand::usize(1..=APPENDED)).collect();
        store.append(of(some)).await.unwrap();
    }
}

/// Notes when a replica knows of which event, up to the last one.
fn watch(store: &Store, total: u64) -> JoinHandle<Vec<(SystemTime, i64)>> {
    let mut newest = store.newest_event();
    tokio::spawn(async move {
        let mut known = Vec::new();
        while known.last().is_none_or(|(_, newest)| *newest < total as i64) {
            in_time(newest.changed()).await.unwrap();
            known.push((SystemTime::now(), *newest.borrow_and_update()));
        }
        known
    })
}

/// How long after each event was recorded a replica knew of it. `recorded` has the times by sequence.
fn lags(known: &[(SystemTime, i64)], recorded: &[SystemTime]) -> Vec<Duration> {
    let mut known = known.iter().peekable();
    let lag = |(recorded, sequence): (&SystemTime, i64)| {
        while known.next_if(|(_, newest)| *newest < sequence).is_some() {}
        known.peek().expect("a time for each").0.duration_since(*recorded).unwrap_or_default()
    };
    recorded.iter().zip(1..).map(lag).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_two_replicas_sees_each_event_once_in_order_without_a_hole() {
    let (database, total, begun) = (Database::new(), total(), Instant::now());
    let key = "a".repeat(32);
    let open =
        async || Store::open(&config(&format!("postgres = '{}'\nhash_key = '{key}'", database.url()))).await.unwrap();
    let stores = [open().await, open().await];
    assert_eq!(stores[0].epoch(), stores[1].epoch());
    let watching = stores.each_ref().map(|store| watch(store, total));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(stores[usize::from(writer % 2 == 1)].clone(), writer, total));
    }
    let written = tokio::spawn(async move {
        writers.join_all().await;
        begun.elapsed()
    });
    let filter = Arc::new(EventFilter { accounts: vec!["acme".into()], ..EventFilter::default() });
    let (mut after, mut seen, mut recorded, mut pages) = (0, HashSet::new(), Vec::new(), 0);
    while seen.len() < total as usize {
        let store = &stores[usize::from(fastrand::bool())];
        let mut newest = store.newest_event();
        in_time(newest.wait_for(|newest| *newest > after)).await.unwrap();
        let page = store.events(filter.clone(), after, fastrand::u32(1..READ)).await.unwrap();
        assert!(!page.events.is_empty(), "{after}");
        for event in page.events {
            assert_eq!(event.sequence, after + 1);
            assert!(seen.insert(event.id));
            recorded.push(event.time);
            after = event.sequence;
        }
        assert_eq!(page.last, after);
        pages += 1;
    }
    let read = begun.elapsed();
    assert_eq!(after as u64, total);
    let written = in_time(written).await.unwrap();
    println!("{total} events: written in {written:.1?}, read in {pages} pages in {read:.1?}");
    let mut behind = Vec::new();
    for watching in watching {
        behind.extend(lags(&in_time(watching).await.unwrap(), &recorded));
    }
    behind.sort_unstable();
    let percentile = |percent: usize| behind[(behind.len() - 1) * percent / 100];
    println!(
        "a replica is behind by {:.0?}, p99 {:.0?}, at most {:.0?}",
        percentile(50),
        percentile(99),
        percentile(100)
    );
}
