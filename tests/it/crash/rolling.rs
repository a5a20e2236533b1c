//! Three replicas on one PostgreSQL are replaced one after the other while callers send through all of them, by SIGTERM and
//! then by SIGKILL: no call fails, and each message is sent once. `make rolling-restart` does that at a rate, by clients of
//! other languages.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use smsmux::api::pb::{SendMessageRequest, message_service_client::MessageServiceClient};
use smsmux_sandbox::{Recorded, Sandbox};
use tokio::{sync::Semaphore, task::JoinSet};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_types::StatusExt;

use super::rig::{Gateway, REPEAT, accounts};
use crate::{
    store::server::Database,
    support::{in_time, info, message},
};

const REPLICAS: usize = 3;

const CALLERS: usize = 12;

/// The sends around each replacement, and how many of them arrive before it. The others meet it.
const SENDS: usize = 60;
const BEFORE: usize = 20;

/// The replicas, by what callers know of them.
#[derive(Default)]
struct Fleet {
    channels: Mutex<Vec<Channel>>,
    turn: AtomicUsize,
    sent: AtomicUsize,
    failed: Mutex<Vec<String>>,
}

impl Fleet {
    /// Makes a call at one replica after the other until it is answered, with the same key.
    async fn send(&self, text: &str, may_be_unknown: bool) -> Result<(), Status> {
        loop {
            let channel = {
                let channels = self.channels.lock().unwrap();
                channels[self.turn.fetch_add(1, Relaxed) % channels.len()].clone()
            };
            let mut request = Request::new(SendMessageRequest { text: text.to_owned(), ..message() });
            request.metadata_mut().insert("idempotency-key", text.parse().unwrap());
            let Err(status) = MessageServiceClient::new(channel).send_message(request).await else { return Ok(()) };
            let is_repeated = match status.code() {
                // What docs/operations.md has clients repeat.
                Code::Unavailable | Code::Aborted => true,
                // The connection broke.
                _ if status.get_error_details().error_info().is_none() => true,
                _ => may_be_unknown && info(&status).reason == "OUTCOME_UNKNOWN",
            };
            if !is_repeated {
                return Err(status);
            }
            tokio::time::sleep(REPEAT).await;
        }
    }
}

/// The vendor's requests for sends.
fn is_send(request: &Recorded) -> bool {
    request.method == "POST" && request.path == "/sms"
}

/// Replaces the replicas under load. A replica has its number in the store beside it.
async fn replace_all(
    fleet: &Arc<Fleet>,
    replicas: &mut Vec<(Gateway, String)>,
    vendor: &Sandbox,
    is_killed: bool,
    start: impl AsyncFn() -> (Gateway, String),
    is_dead: impl Fn(&str),
) {
    // What is to be sent, and what was answered.
    let (permits, answered) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (fleet, permits, answered) = (fleet.clone(), permits.clone(), answered.clone());
        callers.spawn(async move {
            while let Ok(permit) = permits.acquire().await {
                permit.forget();
                let text = format!("m-{}", fleet.sent.fetch_add(1, Relaxed));
                if let Err(status) = fleet.send(&text, is_killed).await {
                    fleet.failed.lock().unwrap().push(format!("{text}: {status:?}"));
                }
                answered.add_permits(1);
            }
        });
    }
    for place in 0..REPLICAS {
        let there = vendor.requests().into_iter().filter(is_send).count();
        permits.add_permits(SENDS);
        in_time(vendor.requested(there + BEFORE, is_send)).await;
        let (replica, number) = replicas.remove(0);
        match is_killed {
            true => {
                replica.kill().await;
                is_dead(&number);
            }
            false => assert_eq!(replica.terminate().await, Some(0)),
        }
        replicas.push(start().await);
        // As late as a client resolves a name again.
        fleet.channels.lock().unwrap()[place] = replicas[REPLICAS - 1].0.channel.clone();
    }
    drop(in_time(answered.acquire_many((SENDS * REPLICAS) as u32)).await);
    callers.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_replaced_under_load_fail_no_call_and_send_each_message_once() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::new());
    let store = format!("postgres = '{}'\nhash_key = '0123456789abcdef0123456789abcdef'", database.url());
    let (config, sandboxes) = accounts(folder.path(), &store, &[("smsend", "poll = false")]).await;
    let start = async || {
        let gateway = Gateway::start(&config).await;
        (gateway, database.sql("SELECT id FROM instance ORDER BY started DESC, id DESC LIMIT 1"))
    };
    let is_dead = |number: &str| {
        database.sql(&format!("UPDATE instance SET lease_until = 0 WHERE id = {number}"));
    };
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(start().await);
    }
    let channels = replicas.iter().map(|(gateway, _)| gateway.channel.clone()).collect();
    let fleet = Arc::new(Fleet { channels: Mutex::new(channels), ..Fleet::default() });
    for is_killed in [false, true] {
        replace_all(&fleet, &mut replicas, &sandboxes[0], is_killed, start, is_dead).await;
    }
    assert_eq!(*fleet.failed.lock().unwrap(), [""; 0]);
    let mut arrived = BTreeMap::<_, usize>::new();
    for request in sandboxes[0].requests().into_iter().filter(is_send) {
        *arrived.entry(request.json().unwrap()["message"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let sent = fleet.sent.load(Relaxed);
    assert_eq!(sent, SENDS * REPLICAS * 2);
    let wrong: Vec<_> = (0..sent)
        .map(|number| format!("m-{number}"))
        .filter(|text| arrived.get(text) != Some(&1))
        .map(|text| (arrived.get(&text), text))
        .collect();
    assert!(wrong.is_empty(), "lost or sent twice: {wrong:?}");
    for (gateway, _) in replicas {
        gateway.kill().await;
    }
}
