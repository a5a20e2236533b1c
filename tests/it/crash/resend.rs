//! smsmux is killed while it sends messages again that their account did not deliver, and started again.

use std::{collections::BTreeMap, path::PathBuf};

use smsmux::api::pb::{
    DeliveryState, GetMessageRequest, Message, SendMessageRequest, message_service_client::MessageServiceClient,
};
use smsmux_sandbox::{Fault, Recorded, Rule, Sandbox};
use tonic::transport::Channel;

use super::{
    clock::Clock,
    report::{Report, Rows, crashes},
    rig::{Gateway, accounts},
};
use crate::support::{in_time, pause};

/// How often the process is killed, and how many messages are sent again each time.
const KILLS: usize = 4;
const MESSAGES: usize = 8;

/// The seconds of the lease, after which a message is due again that a process had taken when it was killed, and a few more.
const DUE: u64 = 25;

/// More seconds than a message is sent before its first look-up, and how many of one account are looked up at a time.
const LOOKED_UP: u64 = 90;
const AT_ONCE: usize = 4;

/// A configuration with two accounts, and a route over them.
async fn stand(folder: &tempfile::TempDir) -> (PathBuf, Vec<Sandbox>) {
    let store = "path = '{folder}/a.db'\nkeep_texts = true";
    let (config, sandboxes) =
        accounts(folder.path(), store, &["smsend", "lox24"].map(|vendor| (vendor, "breaker_failures = 0"))).await;
    let text = std::fs::read_to_string(&config).expect("the file");
    let route = "[accounts.main]\nvendor = 'route'\n\
                 rules = [{ use = ['smsend', 'lox24'], resend_on = ['undeliverable'] }]\n";
    std::fs::write(&config, text + route).expect("a file");
    (config, sandboxes)
}

async fn send(channel: &Channel, text: &str) -> Message {
    let request = SendMessageRequest {
        parent: "accounts/main".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        text: text.to_owned(),
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    };
    let sent = MessageServiceClient::new(channel.clone()).send_message(request).await.expect("sent");
    sent.into_inner().message.expect("a message")
}

async fn get(channel: &Channel, name: &str) -> Message {
    let request = GetMessageRequest { name: name.to_owned() };
    let found = MessageServiceClient::new(channel.clone()).get_message(request).await.expect("found");
    found.into_inner().message.expect("a message")
}

/// How often each text arrived at the second account.
fn arrived(second: &Sandbox) -> BTreeMap<String, usize> {
    let mut arrived = BTreeMap::new();
    for request in second.requests().into_iter().filter(|r| r.method == "POST" && r.path == "/sms") {
        let text = request.json().expect("JSON")["text"].as_str().expect("a text").to_owned();
        *arrived.entry(text).or_default() += 1;
    }
    arrived
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_is_so_once_however_often_smsmux_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (config, sandboxes) = stand(&folder).await;
    let [first, second] = &sandboxes[..] else { panic!("two vendors") };
    let clock = Clock::new();
    let report = Report::new("messages that a route sends again, with SQLite", crashes(KILLS));
    for round in 0..crashes(KILLS) {
        second.clear_requests();
        let gateway = Gateway::with(&config, &clock.environment()).await;
        let mut sent = Vec::new();
        for number in 0..MESSAGES {
            sent.push(send(&gateway.channel, &format!("r-{round}-{number}")).await);
        }
        // Some answers are lost with the process.
        second.inject(Rule::new(Fault::Hold).method("POST").path("/sms").times(fastrand::u32(1..4)));
        for message in &sent {
            first.fail(&message.recipients[0].vendor_message_id).await.expect("failed");
            assert!(get(&gateway.channel, &message.name).await.recipients[0].resend.is_some());
        }
        in_time(second.requested(fastrand::usize(1..MESSAGES / 2), |request| request.method == "POST")).await;
        gateway.kill().await;
        second.clear_faults();

        clock.shift((round as u64 + 1) * DUE);
        let (gateway, mut rows) = (Gateway::with(&config, &clock.environment()).await, Rows::new());
        for message in &sent {
            let again = in_time(async {
                loop {
                    let found = get(&gateway.channel, &message.name).await;
                    if found.recipients[0].account == "accounts/lox24" && found.attempts.len() == 2 {
                        return found;
                    }
                    pause().await;
                }
            });
            let found = again.await;
            let is_known = found.recipients[0].state() != DeliveryState::Unknown;
            assert!(!is_known || arrived(second).get(&found.text) == Some(&1), "{found:?}");
            *rows.entry(if is_known { "sent again" } else { "unknown" }).or_default() += 1;
        }
        let arrived = arrived(second);
        assert!(arrived.values().all(|times| *times == 1), "sent twice: {arrived:?}");
        assert!(arrived.len() <= MESSAGES, "{arrived:?}");
        gateway.kill().await;
        report.add(rows);
    }
    report.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_has_in_hand_it_does_not_take_up_once_more_when_it_is_due_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let ((config, sandboxes), clock) = (stand(&folder).await, Clock::new());
    let (vendor, gateway) = (&sandboxes[0], Gateway::with(&config, &clock.environment()).await);
    let is_look_up = |request: &Recorded| request.method == "GET" && request.path.starts_with("/sms/");
    vendor.inject(Rule::new(Fault::Hold).method("GET").path("/sms").times(0));
    for number in 1..AT_ONCE {
        send(&gateway.channel, &format!("in hand {number}")).await;
    }
    clock.shift(LOOKED_UP);
    in_time(vendor.requested(AT_ONCE - 1, is_look_up)).await;
    let later = send(&gateway.channel, "later").await;
    clock.shift(2 * LOOKED_UP);
    // Those in hand are due again, and were so before this one: it is looked up in the one place that they leave.
    let looked_up = in_time(vendor.requested(AT_ONCE, is_look_up)).await;
    let last = looked_up.last().expect("a look-up");
    assert!(last.path.ends_with(&later.recipients[0].vendor_message_id), "{last:?}");
}
