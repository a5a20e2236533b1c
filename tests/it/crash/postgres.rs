//! The store in PostgreSQL: smsmux, the server, or one of two replicas is killed in the middle of load, or the server
//! fails over to a synchronous standby.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use futures::future::{join, join_all};

use super::{
    kills, parts,
    report::{Report, crashes},
    rig::{Gateway, Seen, Stand, is_replayed, lanes, send},
};
use crate::{
    store::server::{Database, Server},
    support::in_time,
};

/// How often each of the things that can crash does.
const KILLS: usize = 16;
const PARTS: usize = 8;
const SERVER_KILLS: usize = 2;
const FAILOVERS: usize = 1;
const REPLICA_KILLS: usize = 3;

/// What another process knows of a dead one when its lease is over.
const LEASE_IS_OVER: &str = "UPDATE instance SET lease_until = 0";

/// As well as when its shares of the rates are over.
const SHARES_ARE_OVER: &str = "UPDATE share SET lease_until = 0";

fn settings(url: &str) -> String {
    format!("postgres = '{url}'\nhash_key = '0123456789abcdef0123456789abcdef'")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_sends_nothing_twice_and_loses_nothing() {
    let report = Report::new("smsmux, with PostgreSQL", crashes(KILLS));
    join_all(lanes(crashes(KILLS)).map(|kills| {
        let report = &report;
        async move {
            let database = Database::new();
            let stand = Stand::new(&settings(&database.url())).await;
            kills::kill(stand, kills, report, || drop(database.sql(LEASE_IS_OVER))).await;
        }
    }))
    .await;
    report.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_send_of_many_parts_keeps_what_is_known_and_a_retry_sends_the_rest_once() {
    let report = Report::new("sends of many parts, with PostgreSQL", crashes(PARTS));
    let database = Database::new();
    let store = settings(&database.url());
    let is_dead = || drop(database.sql(&format!("{LEASE_IS_OVER}; {SHARES_ARE_OVER}")));
    parts::kill(&store, crashes(PARTS), &report, is_dead).await;
    report.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_that_a_caller_was_told() {
    let server = Arc::new(Server::durable());
    let database = Database::on(server.clone());
    let stand = Stand::new(&settings(&database.url())).await;
    let crash = || {
        server.kill();
        server.start();
    };
    let report = Report::new("PostgreSQL", crashes(SERVER_KILLS));
    survives(&stand, crashes(SERVER_KILLS), &report, crash).await;
    report.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_to_a_synchronous_standby_loses_nothing_that_a_caller_was_told() {
    let report = Report::new("PostgreSQL, which fails over to its standby", crashes(FAILOVERS));
    for _ in 0..crashes(FAILOVERS) {
        let server = Arc::new(Server::durable());
        let database = Database::on(server.clone());
        let standby = server.standby();
        let stand = Stand::new(&settings(&database.url_with(&standby))).await;
        let crash = || {
            server.kill();
            standby.promote();
        };
        survives(&stand, 1, &report, crash).await;
    }
    report.end();
}

/// Has the server crash under callers that repeat blindly, and holds what they were told against the books.
async fn survives(stand: &Arc<Stand>, crashes: usize, report: &Report, crash: impl Fn()) {
    let gateway = Gateway::start(&stand.config).await;
    for _ in 0..crashes {
        stand.clear();
        let stop = Arc::new(AtomicBool::new(false));
        let callers = stand.send_blindly(std::slice::from_ref(&gateway.channel), &stop);
        stand.arrived(fastrand::usize(20..120)).await;
        tokio::task::block_in_place(&crash);
        stand.arrived(20).await;
        stop.store(true, Relaxed);
        let seen = callers.end().await;
        report.add(stand.check(&gateway.channel, &seen).await);
        assert!(seen.answered.len() > 20, "{seen:?}");
    }
    gateway.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_send_once_and_one_resolves_what_the_other_left() {
    let report = Report::new("one of two replicas on PostgreSQL", crashes(REPLICA_KILLS));
    for _ in 0..crashes(REPLICA_KILLS) {
        let database = Database::new();
        let stand = Stand::new(&settings(&database.url())).await;
        // The first one gets the number 0, see `instance`.
        let (first, second) = (Gateway::start(&stand.config).await, Gateway::start(&stand.config).await);
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let (stand, channels) = (stand.clone(), (first.channel.clone(), second.channel.clone()));
                tokio::spawn(async move { send_to_both(&stand, channels).await })
            })
            .collect();
        stand.arrived(fastrand::usize(10..60)).await;
        first.kill().await;
        database.sql(&format!("{LEASE_IS_OVER} WHERE id = 0"));
        let mut seen = Seen::default();
        for caller in callers {
            let theirs = in_time(caller).await.expect("no panic");
            seen.answered.extend(theirs.answered);
            seen.interrupted.extend(theirs.interrupted);
        }
        report.add(stand.check(&second.channel, &seen).await);
        assert_eq!(database.sql("SELECT count(*) FROM write WHERE state = 1"), "0", "nothing stays open");
        second.kill().await;
    }
    report.end();
}

/// Sends each message to both replicas at once, until one of them is gone.
async fn send_to_both(stand: &Stand, (first, second): (tonic::transport::Channel, tonic::transport::Channel)) -> Seen {
    let (mut seen, mut is_last) = (Seen::default(), false);
    loop {
        let sent = stand.next();
        match join(send(&first, &sent), send(&second, &sent)).await {
            (Ok(one), Ok(other)) => {
                assert!(!is_last, "{sent:?}: the reply before differed");
                assert_ne!(is_replayed(&one), is_replayed(&other), "{sent:?}: exactly one is the first");
                // Killed after its reply and before that was stored: the other has asked the vendor.
                is_last = one.into_inner() != other.into_inner();
                seen.answered.insert(sent);
            }
            (_, other) => {
                match other {
                    Ok(_) => seen.answered.insert(sent),
                    Err(_) => seen.interrupted.insert(sent),
                };
                return seen;
            }
        }
    }
}
