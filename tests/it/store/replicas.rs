//! Several replicas append to one log of events, and a reader that changes between them at random sees each event once,
//! in order, without a hole.

use std::{collections::HashSet, env, sync::Arc};

use smsmux::store::{Digest, EventFilter, NewEvent, Store};

use super::{
    events::{event, of},
    open::config,
    server::Database,
};
use crate::support::in_time;

const WRITERS: u64 = 8;

/// The events, of which `SMSMUX_TEST_EVENTS` sets another number.
fn total() -> u64 {
    env::var("SMSMUX_TEST_EVENTS").map_or(2000, |count| count.parse().unwrap())
}

fn numbered(number: u64) -> NewEvent {
    let mut id = Digest([0; 16]);
    id.0[..8].copy_from_slice(&number.to_le_bytes());
    NewEvent { id, ..event(0, 1) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_two_replicas_sees_each_event_once_in_order_without_a_hole() {
    let (database, total) = (Database::new(), total());
    let key = "a".repeat(32);
    let open =
        async || Store::open(&config(&format!("postgres = '{}'\nhash_key = '{key}'", database.url()))).await.unwrap();
    let stores = [open().await, open().await];
    assert_eq!(stores[0].epoch(), stores[1].epoch());
    for writer in 0..WRITERS {
        let store = stores[usize::from(writer % 2 == 1)].clone();
        tokio::spawn(async move {
            // Each event is reported by two writers, as when a vendor repeats a push to another replica.
            let mine: Vec<_> =
                (0..total).filter(|number| number % WRITERS == writer || number % WRITERS == writer ^ 1).collect();
            for some in mine.chunks(7) {
                store.append(of(some.iter().copied().map(numbered).collect())).await.unwrap();
            }
        });
    }
    let filter = Arc::new(EventFilter { accounts: vec!["acme".into()], ..EventFilter::default() });
    let (mut after, mut seen) = (0, HashSet::new());
    while seen.len() < total as usize {
        let store = &stores[usize::from(fastrand::bool())];
        let mut newest = store.newest_event();
        in_time(newest.wait_for(|newest| *newest > after)).await.unwrap();
        let page = store.events(filter.clone(), after, fastrand::u32(1..40)).await.unwrap();
        assert!(!page.events.is_empty(), "{after}");
        for event in page.events {
            assert_eq!(event.sequence, after + 1);
            assert!(seen.insert(event.id));
            after = event.sequence;
        }
        assert_eq!(page.last, after);
    }
    assert_eq!(after as u64, total);
}
