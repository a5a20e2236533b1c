//! Opening a store: what works, and the one line that says why not.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use smsmux::{
    config::{Config, StoreConfig},
    store::{Claimed, End, MessageFilter, MessageUpdate, Outcome, Store, WriteId, sqlite::Sqlite},
};

use crate::support::pause;

use super::rig::{HOUR, digest, key, send, update};

/// The settings of a store.
pub(super) fn config(toml: &str) -> StoreConfig {
    let mut problems = Vec::new();
    let config = Config::new(format!("[store]\n{toml}").parse().unwrap(), &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    config.store
}

fn at(path: &Path, more: &str) -> StoreConfig {
    config(&format!("path = '{}'\n{more}", path.display()))
}

async fn refused(config: &StoreConfig) -> String {
    Store::open(config).await.expect_err("refused").to_string()
}

#[tokio::test]
async fn a_store_remembers_what_it_was_told() {
    for more in ["", "seal_key = '0123456789abcdef0123456789abcdef'"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smsmux.db");
        let config = at(&path, more);
        let of = u8::try_from(more.len().min(1)).unwrap();
        let id = format!("m{of}");
        let store = Store::open(&config).await.unwrap();
        let write_id = store.new_write_id();
        let mut claim = send(write_id, key(of, 1), &id, &[1]);
        claim.message.as_mut().unwrap().body = b"+393331234567".to_vec();
        assert_eq!(store.claim(claim.clone()).await.unwrap(), Claimed::New);
        assert_eq!(store.message("acme", &id).await.unwrap().unwrap().body, b"+393331234567");
        let update = MessageUpdate { look_up_after: Some(Duration::ZERO), ..update(write_id, 2, Some("v"), false) };
        store.outcome(Outcome { write_id, end: End::Done { reply: b"+393337654321".to_vec() }, message: Some(update) });
        let reply = Some(b"+393337654321".to_vec());
        assert_eq!(store.claim(claim).await.unwrap(), Claimed::Replay { write_id, reply });
        let due = store.take_due(9, HOUR, vec![], vec![]).await.unwrap();
        assert_eq!((due.len(), &due[0].body[..]), (1, &b"updated"[..]));
        let list = MessageFilter { accounts: Some(vec!["acme".into()]), ..MessageFilter::default() };
        let page = store.messages(list, None, 1).await.unwrap();
        assert_eq!((&page.messages[0].body[..], page.messages[0].write_id), (&b"updated"[..], write_id));
        assert_eq!(store.message_by_vendor_id("acme", "v").await.unwrap().unwrap().write_id, write_id);
        store.flush().await.unwrap();
        // In plain text only without the key to encrypt.
        let stored: Vec<_> = ["", "-wal"].iter().flat_map(|end| fs::read(format!("{}{end}", path.display()))).collect();
        let is_plain = stored.concat().windows(13).any(|bytes| bytes == b"+393337654321");
        assert_eq!(is_plain, more.is_empty());
        store.purge(vec![digest(1)]).await.unwrap();
        close(store).await;
    }
}

/// Closes a store, and waits until its file is free.
async fn close(store: Store) {
    let failed = store.failed();
    drop(store);
    assert_eq!(&*failed.await, "the writer has stopped");
}

/// The first round of the chores is begun when a store is opened.
#[tokio::test]
async fn the_running_writes_of_the_process_before_are_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let config = at(&folder.path().join("smsmux.db"), "");
    let store = Store::open(&config).await.unwrap();
    let claim = send(store.new_write_id(), key(1, 1), "m", &[1]);
    assert_eq!(store.claim(claim.clone()).await.unwrap(), Claimed::New);
    close(store).await;

    let store = Store::open(&config).await.unwrap();
    while store.stats().await.unwrap().running > 0 {
        pause().await;
    }
    let write_id = claim.write_id;
    let unknown = Claimed::Unknown { write_id, message_id: Some("m".to_owned()), error: vec![] };
    assert_eq!(store.claim(claim).await.unwrap(), unknown);
    assert_eq!(store.take_due(9, HOUR, vec![], vec![]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_in_memory_needs_no_file() {
    let store = Store::open(&config("path = ':memory:'")).await.unwrap();
    let claim = send(store.new_write_id(), key(1, 1), "m", &[1]);
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::New);
    assert_eq!(store.message("acme", "m").await.unwrap().unwrap().message_id, "m");
    assert_eq!(store.stats().await.unwrap().running, 1);
    assert!(store.holds_lease(store.lease()));
}

#[tokio::test]
async fn one_line_says_why_a_store_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smsmux.db");
    let store = Store::open(&at(&path, "")).await.unwrap();
    let line = refused(&at(&path, "")).await;
    assert!(line.starts_with("store.path: ") && line.ends_with("smsmux.db is in use by another process"), "{line}");
    close(store).await;

    let line = refused(&at(&path, "hash_key = '0123456789abcdef0123456789abcdef'")).await;
    assert!(line.ends_with("smsmux.db was made with another hash_key (or key file)"), "{line}");

    let line = refused(&at(&folder.path().join("none/smsmux.db"), "")).await;
    assert!(line.contains("cannot be written: ") && line.contains("none is no directory"), "{line}");

    let line = refused(&at(folder.path(), "")).await;
    assert!(line.contains("cannot be written: "), "{line}");

    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 9999).unwrap();
    drop(connection);
    let line = refused(&at(&path, "")).await;
    assert!(
        line.contains("was written by a newer smsmux: its schema is 9999, and this version knows up to "),
        "{line}"
    );

    let other = folder.path().join("other.db");
    fs::write(&other, "this is no database".repeat(99)).unwrap();
    let line = refused(&at(&other, "")).await;
    assert!(line.contains("cannot be opened: file is not a database"), "{line}");
}

#[cfg(unix)]
#[test]
fn the_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let _store = Sqlite::open(&folder.path().join("smsmux.db")).unwrap();
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test]
async fn a_store_of_an_older_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smsmux.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(include_str!("../../../src/store/schema/sqlite/0001_writes.sql")).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection.execute("INSERT INTO name VALUES (1, 'acme'), (2, ''), (3, 'a.Test/Write')", []).unwrap();
    let sql = "INSERT INTO write (id, account, caller, method, owner, state, message_id, message_state, body)
               VALUES (?, 1, 2, 3, 7, 2, 'm', 2, x'00')";
    // An id has its time: what is too old is removed at once.
    connection.execute(sql, [WriteId::first_at(SystemTime::now()).0]).unwrap();
    drop(connection);
    let store = Store::open(&at(&path, "")).await.unwrap();
    assert_eq!(store.message("acme", "m").await.unwrap().unwrap().version, 0);
    assert_eq!((store.stats().await.unwrap().schema, *store.newest_event().borrow()), (6, 0));
    assert_ne!(store.epoch(), 0);
}
