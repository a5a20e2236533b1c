//! A process that writes without pause is killed. All that it was told to be recorded is there.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use smsmux::store::{Claimed, End, Outcome, Store, WriteId};

use super::{
    open::config,
    rig::{key, write},
};

/// The settings of the child's store.
const STORE: &str = "SMSMUX_TEST_STORE_TO_KILL";

/// The claims in flight of the child.
const CHILD_TASKS: u8 = 16;

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    survives_a_kill(&format!("path = '{}'", folder.path().join("smsmux.db").display())).await;
}

#[cfg(feature = "foreign-clients")]
#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_on_a_server() {
    let database = super::server::Database::new();
    let hash_key = "0123456789abcdef0123456789abcdef";
    survives_a_kill(&format!("postgres = '{}'\nhash_key = '{hash_key}'", database.url())).await;
}

async fn survives_a_kill(settings: &str) {
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let name = "store::crash::writes_until_it_is_killed";
        let mut child = Command::new(env::current_exe().unwrap())
            .args([name, "--exact", "--ignored", "--nocapture"])
            .env(STORE, settings)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ids = lines.filter_map(|line| Some(WriteId(line.ok()?.strip_prefix("recorded ")?.parse().ok()?)));
        // Killed amid its work, and then what it had still written is read.
        for (n, id) in ids.enumerate() {
            acknowledged.push(id);
            if n == 100 * (round + 1) {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }
    assert!(acknowledged.len() > 1000, "{}", acknowledged.len());

    let store = open(settings).await;
    for id in acknowledged {
        let claim = write(store.new_write_id(), key_of(id));
        let claimed = store.claim(claim).await.unwrap();
        let is_there = match &claimed {
            Claimed::Replay { write_id, reply } => *write_id == id && reply.as_deref() == Some(&b"reply"[..]),
            Claimed::Running { write_id, ours: false } | Claimed::Unknown { write_id, .. } => *write_id == id,
            _ => false,
        };
        assert!(is_there, "{id}: {claimed:?}");
    }
}

/// The key that the child claims for a write.
fn key_of(id: WriteId) -> Option<smsmux::store::KeyClaim> {
    let mut key = key(0, 1)?;
    key.digest.0[..8].copy_from_slice(&id.0.to_le_bytes());
    Some(key)
}

async fn open(settings: &str) -> Store {
    Store::open(&config(settings)).await.unwrap()
}

/// Not a test: the process that is killed.
#[tokio::test]
#[ignore = "is the child of another test"]
async fn writes_until_it_is_killed() {
    let Ok(settings) = env::var(STORE) else { return };
    let store = open(&settings).await;
    let work = (0..CHILD_TASKS).map(|_| async {
        loop {
            let write_id = store.new_write_id();
            assert_eq!(store.claim(write(write_id, key_of(write_id))).await.unwrap(), Claimed::New);
            println!("recorded {write_id}");
            store.outcome(Outcome { write_id, end: End::Done { reply: b"reply".to_vec() }, message: None });
        }
    });
    futures::future::join_all(work).await;
}
