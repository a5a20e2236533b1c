//! The queue and the writer, with an engine that fails on demand.

use std::sync::{
    Arc,
    atomic::{
        AtomicU8,
        Ordering::{Relaxed, SeqCst},
    },
};

use super::{ask::QUEUE, sqlite::Sqlite, *};

const WELL: u8 = 0;
const AWAY: u8 = 1;
const LOST: u8 = 2;
const FAILED: u8 = 3;
const CRASHED: u8 = 4;

/// A real engine that fails on demand: before the commit, after it, for good, or by a crash that takes back what was
/// not flushed.
struct Faulty {
    engine: Sqlite,
    mode: Arc<AtomicU8>,
}

impl Engine for Faulty {
    fn commit(&mut self, batch: &mut [Op], flush: Flush) -> Result<(), Broken> {
        let away = || Err(Broken::Away("it is away".to_owned()));
        match self.mode.load(SeqCst) {
            CRASHED if flush == Flush::Full => {
                self.engine = Sqlite::in_memory().expect("SQLite");
                self.mode.store(WELL, SeqCst);
                Err(Broken::Reset("it has crashed".to_owned()))
            }
            WELL | CRASHED => self.engine.commit(batch, flush),
            AWAY => away(),
            LOST => {
                self.engine.commit(batch, flush)?;
                away()
            }
            _ => Err(Broken::ForGood("it is broken".to_owned())),
        }
    }

    fn newest_event(&self) -> i64 {
        self.engine.newest_event()
    }

    fn may_lose_commits(&self) -> bool {
        true
    }

    fn check_key(&mut self, digest: Digest) -> Result<bool, Broken> {
        self.engine.check_key(digest)
    }

    fn note_number_key(&mut self, tag: Tag) -> Result<(), Broken> {
        self.engine.note_number_key(tag)
    }
}

fn store() -> (Store, Arc<AtomicU8>) {
    let (engine, mode) = (Sqlite::in_memory().expect("SQLite"), Arc::new(AtomicU8::new(WELL)));
    let (identity, readers) = (engine.identity(), Readers::start(engine.readers()).expect("threads"));
    let engine = Box::new(Faulty { engine, mode: mode.clone() });
    (Store::start(engine, readers, identity, Keys::new("hash", None), (Place::Memory, true)).expect("a thread"), mode)
}

fn claim(store: &Store, key: Option<u8>, message_id: Option<&str>) -> Claim {
    Claim {
        write_id: store.new_write_id(),
        key: key.map(|key| KeyClaim { digest: Digest([key; 16]), body: Digest([1; 16]) }),
        account: "acme".into(),
        caller: "".into(),
        method: "a.Test/Write",
        message: message_id.map(|id| NewMessage {
            message_id: id.to_owned(),
            state: 1,
            recipients: vec![],
            brand: None,
            older: Vec::new(),
            reference: None,
            tag: None,
            schedule_time: None,
            body: vec![],
        }),
    }
}

fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.expect_err("unavailable");
    assert!(error.reason() == Reason::StoreUnavailable && error.was_not_sent(), "{error}");
}

async fn until(store: &Store, is_wanted: impl Fn(&State) -> bool) {
    store.state().wait_for(is_wanted).await.expect("a state");
}

#[tokio::test]
async fn while_the_store_is_away_claims_fail_and_outcomes_are_kept() {
    let (store, mode) = store();
    let first = claim(&store, Some(1), None);
    assert_eq!(store.claim(first.clone()).await.expect("a claim"), Claimed::New);

    mode.store(AWAY, SeqCst);
    assert_unavailable(store.claim(claim(&store, Some(2), None)).await);
    until(&store, |state| matches!(state, State::Away(_))).await;
    assert_unavailable(store.claim(claim(&store, Some(3), None)).await);
    assert_unavailable(store.flush().await);
    let (write_id, reply) = (first.write_id, b"reply".to_vec());
    store.outcome(Outcome { write_id, end: End::Done { reply: reply.clone() }, message: None });

    mode.store(WELL, SeqCst);
    until(&store, |state| *state == State::Available).await;
    assert_eq!(store.claim(first).await.expect("a claim"), Claimed::Replay { write_id, reply: Some(reply) });
    assert_eq!(store.claim(claim(&store, Some(2), None)).await.expect("a claim"), Claimed::New);
}

/// The connection may break after the commit and before its acknowledgement.
#[tokio::test]
async fn a_claim_that_was_committed_all_the_same_is_taken_back() {
    let (store, mode) = store();
    mode.store(LOST, SeqCst);
    let lost = claim(&store, Some(1), Some("m"));
    assert_unavailable(store.claim(lost.clone()).await);
    mode.store(WELL, SeqCst);
    until(&store, |state| *state == State::Available).await;
    let retry = Claim { write_id: store.new_write_id(), ..lost };
    assert_eq!(store.claim(retry).await.expect("a claim"), Claimed::New);
}

#[tokio::test]
async fn what_nobody_waits_for_is_recorded_later() {
    let (store, mode) = store();
    mode.store(AWAY, SeqCst);
    let sent = claim(&store, None, Some("m"));
    store.record(sent.clone()).expect("queued");
    until(&store, |state| matches!(state, State::Away(_))).await;
    mode.store(WELL, SeqCst);
    until(&store, |state| *state == State::Available).await;
    let message = store.message("acme", "m").await.expect("an answer").expect("the message");
    assert_eq!((message.write_id, message.write_state), (sent.write_id, WriteState::Claimed));
}

/// A server that crashes loses what it had committed without a flush, while this process lives on. Readers keep the
/// first engine, so claims show what is there.
#[tokio::test]
async fn what_a_crash_of_the_server_takes_back_is_recorded_again() {
    let (store, mode) = store();
    let exists = async || {
        let again = claim(&store, None, Some("m"));
        store.claim(again).await.expect("a claim") == Claimed::MessageExists
    };
    // Found at the next flush.
    mode.store(CRASHED, SeqCst);
    let sent = claim(&store, None, Some("m"));
    store.record(sent.clone()).expect("queued");
    let end = End::Done { reply: b"reply".to_vec() };
    store.outcome(Outcome { write_id: sent.write_id, end, message: None });
    assert!(exists().await);
    store.flush().await.expect("flushed");
    assert!(mode.load(SeqCst) == WELL && exists().await);

    store.flush().await.expect("flushed");
    // This engine loses even what was flushed, which shows that that is not recorded again.
    mode.store(CRASHED, SeqCst);
    store.flush().await.expect("flushed");
    assert!(!exists().await);
}

#[tokio::test]
async fn a_store_comes_back_with_nothing_left_to_record() {
    let (store, mode) = store();
    mode.store(AWAY, SeqCst);
    assert_unavailable(store.flush().await);
    until(&store, |state| matches!(state, State::Away(_))).await;
    mode.store(WELL, SeqCst);
    until(&store, |state| *state == State::Available).await;
    store.flush().await.expect("a flush");
}

#[tokio::test]
async fn a_store_that_is_away_can_be_closed() {
    let (store, mode) = store();
    mode.store(AWAY, SeqCst);
    store.record(claim(&store, None, Some("m"))).expect("queued");
    until(&store, |state| matches!(state, State::Away(_))).await;
    let stopped = store.failed();
    drop(store);
    assert_eq!(&*stopped.await, "the writer has stopped");
}

#[tokio::test]
async fn after_a_failed_flush_the_store_says_so_and_refuses_everything() {
    let (store, mode) = store();
    mode.store(FAILED, SeqCst);
    let failed = store.failed();
    assert_unavailable(store.claim(claim(&store, Some(1), None)).await);
    assert_eq!(&*failed.await, "it is broken");
    mode.store(WELL, SeqCst);
    assert_unavailable(store.claim(claim(&store, Some(1), None)).await);
    assert_unavailable(store.flush().await);
    assert!(matches!(*store.state().borrow(), State::Failed(_)));
}

#[tokio::test]
async fn a_full_queue_rejects_claims() {
    let (store, _) = store();
    store.0.status.depth.fetch_add(QUEUE, Relaxed);
    assert_unavailable(store.claim(claim(&store, Some(1), None)).await);
    store.0.status.depth.fetch_sub(QUEUE, Relaxed);
    assert_eq!(store.claim(claim(&store, Some(1), None)).await.expect("a claim"), Claimed::New);
}
