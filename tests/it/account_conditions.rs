//! Conditions of accounts: what calls and balances show is an event once when it begins, and once when it is over.

use std::{fs::File, path::Path};

use http::StatusCode;
use smsmux::api::pb::{
    AccountChanged, Event, EventSource, EventType, ListEventsRequest, ListGroupsRequest, SendMessageRequest,
    account_changed::Condition, event::Subject, event_service_client::EventServiceClient,
    group_service_client::GroupServiceClient,
};
use smsmux_sandbox::{Fault, Sandbox};
use tonic::Code;

use crate::support::{Rig, failed, in_time, loopback, message, pause};

/// Waits for so many changes, and returns all that there are.
async fn changes(rig: &Rig, count: usize) -> Vec<(EventSource, AccountChanged)> {
    let request = ListEventsRequest {
        parent: "accounts/-".to_owned(),
        types: vec![EventType::AccountChanged.into()],
        ..ListEventsRequest::default()
    };
    let events: Vec<Event> = in_time(async {
        loop {
            let listed = EventServiceClient::new(rig.channel.clone()).list_events(request.clone()).await;
            let events = listed.expect("listed").into_inner().events;
            if events.len() >= count {
                return events;
            }
            pause().await;
        }
    })
    .await;
    let change = |event: Event| match event.subject.clone() {
        Some(Subject::Account(change)) if event.confirmed && !change.text.is_empty() => (event.source(), change),
        _ => panic!("{event:?}"),
    };
    events.into_iter().map(change).collect()
}

/// The conditions, and whether each begins.
async fn conditions(rig: &Rig, count: usize) -> Vec<(Condition, bool)> {
    changes(rig, count).await.into_iter().map(|(_, change)| (change.condition(), change.active)).collect()
}

#[tokio::test]
async fn a_rejected_credential_is_an_event_once_and_so_is_the_next_accepted_call() {
    let rig = Rig::vendor("ip1sms").await;
    let request = || SendMessageRequest {
        parent: "accounts/ip1sms".to_owned(),
        recipients: vec!["+46701234567".to_owned()],
        sender: "smsmux".to_owned(),
        ..message()
    };
    for _ in 0..3 {
        rig.answer("POST /api/sms/send", 401, "");
        let status = rig.messages().send_message(request()).await.expect_err("rejected");
        failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    }
    assert_eq!(conditions(&rig, 1).await, [(Condition::CredentialRefused, true)]);
    for _ in 0..3 {
        rig.messages().send_message(request()).await.expect("sent");
    }
    let both = [(Condition::CredentialRefused, true), (Condition::CredentialRefused, false)];
    assert_eq!(conditions(&rig, 2).await, both);
}

#[tokio::test]
async fn an_open_breaker_is_an_event_once_and_so_is_its_end() {
    let rig = Rig::with("", "breaker_failures = 3\nbreaker_pause = '1ms'").await;
    let down = Fault::Status { code: StatusCode::SERVICE_UNAVAILABLE, retry_after: None, body: None };
    rig.faults("GET /groups", down, 3);
    let mut groups = GroupServiceClient::new(rig.channel.clone());
    let list = ListGroupsRequest { parent: "accounts/smsend".to_owned(), ..ListGroupsRequest::default() };
    // One call with its two repetitions: that is three.
    failed(&groups.list_groups(list.clone()).await.expect_err("down"), Code::Unavailable, "VENDOR_UNAVAILABLE");
    assert_eq!(conditions(&rig, 1).await, [(Condition::VendorUnavailable, true)]);
    // The first call after the pause is the probe.
    in_time(async {
        while groups.list_groups(list.clone()).await.is_err() {
            pause().await;
        }
    })
    .await;
    groups.list_groups(list).await.expect("listed");
    let both = [(Condition::VendorUnavailable, true), (Condition::VendorUnavailable, false)];
    assert_eq!(conditions(&rig, 2).await, both);
}

/// Runs a server on one store until it has asked for the balance, and returns its stand-in once the store is free.
async fn asked(sandbox: Sandbox, folder: &Path, limit: &str, count: usize) -> (Sandbox, Vec<AccountChanged>) {
    let store = folder.join("smsmux.db");
    let keys = format!("poll = true\nlow_balance = {limit}");
    let rig = Rig::at(sandbox, &format!("[store]\npath = '{}'", store.display()), &keys).await;
    let before = rig.requests("GET /status").len();
    rig.requested(before + 1, "GET /status").await;
    let changes = changes(&rig, count).await;
    assert!(changes.iter().all(|(source, _)| *source == EventSource::Poll));
    rig.stop();
    let sandbox = rig.wait().await.0.sandbox;
    let lock = File::options().write(true).open(folder.join("smsmux.db.lock")).expect("a lock");
    in_time(async {
        while lock.try_lock().is_err() {
            pause().await;
        }
    })
    .await;
    (sandbox, changes.into_iter().map(|(_, change)| change).collect())
}

#[tokio::test]
async fn a_low_balance_is_an_event_once_also_over_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sandbox = Sandbox::start("smsend", loopback()).await.expect("a sandbox");
    let mut changes;
    for (limit, count) in [("12.6", 1), ("12.6", 1), ("12.5", 2), ("12.5", 2), ("100.0", 3)] {
        (sandbox, changes) = asked(sandbox, folder.path(), limit, count).await;
        assert_eq!(changes.len(), count, "{limit}: {changes:?}");
        let last = changes.last().expect("a change");
        assert_eq!((last.condition(), last.active), (Condition::CreditLow, count % 2 == 1));
        assert!(last.text.contains("12.5"), "{}", last.text);
    }
}
