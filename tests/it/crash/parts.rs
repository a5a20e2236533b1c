//! smsmux is killed in the middle of sends of several parts, and started again.

use std::collections::BTreeMap;

use smsmux::api::pb::{
    DeliveryState, GetMessageRequest, Message, SendMessageRequest, SendMessageResponse,
    message_service_client::MessageServiceClient,
};
use smsmux_sandbox::Sandbox;
use tokio::task::JoinSet;
use tonic::{Request, Response, Status, transport::Channel};

use super::rig::{Gateway, accounts, crashes};
use crate::support::{in_time, info};

/// How often the process is killed.
const KILLS: usize = 20;

/// How many recipients a send of several parts has: one request each, of which some are in flight at a time.
const RECIPIENTS: usize = 12;
const IN_FLIGHT: &str = "parallel_requests = 3";

async fn send_to_many(channel: &Channel, key: &str) -> Result<Response<SendMessageResponse>, Status> {
    let mut request = Request::new(SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: (0..RECIPIENTS).map(|i| format!("+49151234567{i:02}")).collect(),
        text: key.to_owned(),
        sender: "smsmux".to_owned(),
        message_id: key.to_owned(),
        ..SendMessageRequest::default()
    });
    request.metadata_mut().insert("idempotency-key", key.parse().expect("a key"));
    MessageServiceClient::new(channel.clone()).send_message(request).await
}

/// The texts and numbers of the messages that arrived, each with how often.
fn books_of_many(sandbox: &Sandbox) -> BTreeMap<(String, String), usize> {
    let mut books = BTreeMap::new();
    for request in sandbox.requests().into_iter().filter(|r| r.method == "POST" && r.path == "/sms") {
        let body = request.json().expect("JSON");
        let of = |name: &str| body.get(name).and_then(|value| value.as_str()).expect("a text").to_owned();
        *books.entry((of("text"), of("phone"))).or_default() += 1;
    }
    books
}

/// Checks that what is said of each recipient is what arrived; returns how many are said to be unknown.
fn check_recipients(key: &str, message: &Message, books: &BTreeMap<(String, String), usize>) -> usize {
    let mut unknown = 0;
    assert_eq!(message.recipients.len(), RECIPIENTS);
    for recipient in &message.recipients {
        let arrived = books.get(&(key.to_owned(), recipient.to.clone())).copied().unwrap_or_default();
        match recipient.state() {
            DeliveryState::Unknown => unknown += 1,
            DeliveryState::Rejected => assert_eq!(arrived, 0, "{key}: {recipient:?}"),
            _ => assert_eq!(arrived, 1, "{key}: {recipient:?}"),
        }
    }
    unknown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_send_of_many_parts_keeps_what_is_known_and_a_retry_sends_the_rest_once() {
    let resumed = kill("path = '{folder}/a.db'", crashes(KILLS), || {}).await;
    assert!(resumed > 0, "no send was interrupted in the middle");
}

/// Kills the process, again and again, and returns how many sends were resumed. `is_dead` has the store know at once what
/// it would know in time.
pub(super) async fn kill(store: &str, crashes: usize, is_dead: impl Fn()) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let (config, sandboxes) = accounts(folder.path(), store, &["lox24"], IN_FLIGHT).await;
    let sandbox = &sandboxes[0];
    let (mut resumed, mut replayed, mut refused, mut unknown) = (0, 0, 0, 0);
    for crash in 0..crashes {
        sandbox.clear_requests();
        let gateway = Gateway::start(&config).await;
        let mut callers = JoinSet::new();
        for caller in 0..2 {
            let channel = gateway.channel.clone();
            callers.spawn(async move {
                for number in 0.. {
                    let key = format!("{crash}-{caller}-{number}");
                    if send_to_many(&channel, &key).await.is_err() {
                        return key;
                    }
                }
                unreachable!("it is killed before")
            });
        }
        let arrivals = fastrand::usize(1..RECIPIENTS * 4);
        in_time(sandbox.requested(arrivals, |request| request.method == "POST")).await;
        gateway.kill().await;
        let interrupted = callers.join_all().await;
        is_dead();

        let gateway = Gateway::start(&config).await;
        let before = books_of_many(sandbox);
        for key in interrupted {
            let sent: usize = before.iter().filter(|((text, _), _)| *text == key).map(|(_, times)| times).sum();
            let name = format!("accounts/lox24/messages/{key}");
            let mut messages = MessageServiceClient::new(gateway.channel.clone());
            if let Ok(found) = messages.get_message(GetMessageRequest { name }).await {
                // While the dead process may still be taken for alive, some are shown as unknown that are not.
                check_recipients(&key, &found.into_inner().message.expect("a message"), &before);
            }
            match in_time(send_to_many(&gateway.channel, &key)).await {
                Ok(reply) => {
                    let was_replayed = reply.metadata().contains_key("smsmux-replayed");
                    let message = reply.into_inner().message.expect("a message");
                    unknown += check_recipients(&key, &message, &books_of_many(sandbox));
                    if was_replayed { replayed += 1 } else { resumed += usize::from(sent > 0) }
                }
                // All parts had left, or nobody knows.
                Err(status) => {
                    assert_eq!(info(&status).reason, "OUTCOME_UNKNOWN", "{key}: {status:?}");
                    refused += 1;
                }
            }
        }
        let twice: Vec<_> = books_of_many(sandbox).into_iter().filter(|(_, times)| *times > 1).collect();
        assert!(twice.is_empty(), "sent twice: {twice:?}");
        gateway.kill().await;
        is_dead();
    }
    println!(
        "{crashes} crashes in sends of {RECIPIENTS} parts, 0 sent twice: {resumed} resumed, {replayed} replayed, \
         {refused} of unknown outcome; {unknown} recipients of the resumed ones stay unknown"
    );
    resumed
}
