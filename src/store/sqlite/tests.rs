//! What only a look at the connection shows: a full disk, which commits are flushed, and how queries find their rows.

use super::*;
use crate::store::{Ask, Claim, Claimed, NewMessage};

fn claim(n: i64) -> Op {
    let message = NewMessage {
        message_id: format!("m{n}"),
        state: 1,
        recipients: vec![],
        brand: None,
        older: Vec::new(),
        reference: None,
        tag: None,
        schedule_time: None,
        body: vec![7; 100_000],
    };
    let (account, caller) = ("acme".into(), "".into());
    let claim =
        Claim { write_id: WriteId(n), key: None, account, caller, method: "a.Test/Write", message: Some(message) };
    Op::Claim(Box::new(Ask::new(claim)))
}

#[test]
fn a_batch_that_finds_the_disk_full_is_undone_and_the_store_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Sqlite::open(&folder.path().join("smsmux.db")).expect("a store");
    let limit = |store: &Sqlite, pages: i64| {
        lock(&store.connection).pragma_update(None, "max_page_count", pages).expect("a limit");
    };
    store.commit(&mut [claim(1)], Flush::Full).expect("room");
    let pages: i64 =
        lock(&store.connection).pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    limit(&store, pages + 40);
    let broken = store.commit(&mut [claim(2), claim(3)], Flush::Full).expect_err("no room for both");
    assert!(matches!(&broken, Broken::Away(text) if text.contains("full")), "{broken:?}");

    limit(&store, 1 << 20);
    // Nothing of the batch is there: its first message too is new.
    let mut batch = [claim(2), claim(1)];
    batch.iter_mut().for_each(|op| {
        if let Op::Claim(ask) = op {
            ask.question.write_id.0 += 100
        }
    });
    store.commit(&mut batch, Flush::Full).expect("room again");
    let answers = batch.map(|op| if let Op::Claim(ask) = op { ask.answer } else { None });
    assert_eq!(answers, [Some(Claimed::New), Some(Claimed::MessageExists)]);
}

#[test]
fn a_commit_is_flushed_on_request_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Sqlite::open(&folder.path().join("smsmux.db")).expect("a store");
    let setting = |store: &Sqlite| -> i64 {
        lock(&store.connection).pragma_query_value(None, "synchronous", |row| row.get(0)).expect("a number")
    };
    for (flush, synchronous) in [(Flush::Full, 2), (Flush::Later, 1), (Flush::Later, 1), (Flush::Full, 2)] {
        let before = lock(&store.connection).total_changes();
        store.commit(&mut [], flush).expect("a commit");
        // Only a commit that writes is flushed.
        let has_written = lock(&store.connection).total_changes() > before;
        assert_eq!((setting(&store), has_written), (synchronous, flush == Flush::Full));
    }
    let mode: String =
        lock(&store.connection).pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a text");
    assert_eq!(mode, "wal");
}

#[test]
fn what_is_counted_and_reaped_again_and_again_is_found_by_an_index() {
    let store = Sqlite::in_memory().expect("a store");
    for condition in [RUNNING, UNKNOWN] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT owner FROM write WHERE {condition}");
        let plan: String = lock(&store.connection).query_row(&sql, [], |row| row.get(3)).expect("a plan");
        assert!(plan.contains("INDEX write_open"), "{plan}");
    }
}
