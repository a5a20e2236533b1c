//! The inbox in the store: what was received, polled or taken, at whatever vendor, is listed and watched in one way.

use std::{fs::File, path::Path};

use futures::StreamExt;
use http::{Method, StatusCode};
use serde_json::json;
use smsmux::{
    api::pb::{
        CreateStopListEntryRequest, Event, EventSource, EventType, ListEventsRequest, ListReceivedMessagesRequest,
        PullReceivedMessagesRequest, ReceivedMessage, StopListEntry, WatchReceivedMessagesRequest,
        WatchReceivedMessagesResponse, event::Subject, event_service_client::EventServiceClient,
        inbox_service_client::InboxServiceClient, stop_list_service_client::StopListServiceClient,
    },
    config::Config,
    store::{Append, Store},
};
use smsmux_sandbox::Sandbox;
use tonic::{Code, Streaming, transport::Channel};

use crate::support::{NUMBER, Rig, failed, in_time, loopback, pause};

const SIM: &str = "+393400000001";
const ALL: &str = "accounts/-";
const POLLED: &str = "poll = true\npoll_interval = '20ms'";

fn inbox(rig: &Rig) -> InboxServiceClient<Channel> {
    InboxServiceClient::new(rig.channel.clone())
}

/// Somebody sends a message to a number of smSend's account.
async fn receive(sandbox: &Sandbox, text: &str) {
    let body = json!({"sim": SIM, "sender": "+393356242290", "message": text});
    assert_eq!(sandbox.control(Method::POST, "/received", &body).await.0, StatusCode::CREATED);
}

async fn watch(rig: &Rig, parent: &str, resume_token: &str) -> Streaming<WatchReceivedMessagesResponse> {
    let (parent, resume_token) = (parent.to_owned(), resume_token.to_owned());
    let request = WatchReceivedMessagesRequest { parent, resume_token, ..WatchReceivedMessagesRequest::default() };
    inbox(rig).watch_received_messages(request).await.expect("a stream").into_inner()
}

/// The next message of a stream, and its token.
async fn next(stream: &mut Streaming<WatchReceivedMessagesResponse>) -> (String, String) {
    let answer = in_time(stream.next()).await.expect("no silent end").expect("an answer");
    (answer.message.expect("a message").text, answer.resume_token)
}

async fn list(rig: &Rig, request: ListReceivedMessagesRequest) -> (Vec<ReceivedMessage>, String) {
    let listed = inbox(rig).list_received_messages(request).await.expect("listed").into_inner();
    (listed.messages, listed.next_page_token)
}

fn of(parent: &str) -> ListReceivedMessagesRequest {
    ListReceivedMessagesRequest { parent: parent.to_owned(), ..ListReceivedMessagesRequest::default() }
}

fn texts(messages: &[ReceivedMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.text.as_str()).collect()
}

#[tokio::test]
async fn what_the_vendor_lists_is_watched_and_listed_from_the_store_and_nothing_is_consumed() {
    let rig = Rig::with("", POLLED).await;
    rig.requested(1, "GET /srsmshistory").await;
    let (mut one, mut all) = (watch(&rig, "accounts/smsend", "").await, watch(&rig, ALL, "").await);
    for text in ["first", "second", "third"] {
        receive(&rig.sandbox, text).await;
        assert_eq!((next(&mut one).await.0, next(&mut all).await.0), (text.to_owned(), text.to_owned()));
    }
    for parent in ["accounts/smsend", ALL] {
        let (newest, token) = list(&rig, ListReceivedMessagesRequest { page_size: 2, ..of(parent) }).await;
        assert_eq!(texts(&newest), ["third", "second"]);
        let request = ListReceivedMessagesRequest { page_size: 2, page_token: token, ..of(parent) };
        let (oldest, token) = list(&rig, request).await;
        assert_eq!((texts(&oldest), token.as_str()), (vec!["first"], ""));
        assert_eq!((oldest[0].to.as_str(), oldest[0].from.as_str()), (SIM, "+393356242290"));
        let elsewhere = ListReceivedMessagesRequest { numbers: vec![NUMBER.to_owned()], ..of(parent) };
        assert!(list(&rig, elsewhere).await.0.is_empty());
        let here = ListReceivedMessagesRequest { numbers: vec![SIM.to_owned()], ..of(parent) };
        assert_eq!(list(&rig, here).await.0.len(), 3);
    }
    assert!(rig.requests("GET /newsrsmsmessage").is_empty());
}

#[tokio::test]
async fn a_stream_resumes_after_its_token_and_a_token_is_of_one_stream() {
    let rig = Rig::with("", POLLED).await;
    rig.requested(1, "GET /srsmshistory").await;
    let mut stream = watch(&rig, "accounts/smsend", "").await;
    receive(&rig.sandbox, "first").await;
    let (_, token) = next(&mut stream).await;
    drop(stream);
    receive(&rig.sandbox, "second").await;
    receive(&rig.sandbox, "third").await;
    let mut stream = watch(&rig, "accounts/smsend", &token).await;
    assert_eq!([next(&mut stream).await.0, next(&mut stream).await.0], ["second", "third"]);

    let request = WatchReceivedMessagesRequest {
        parent: ALL.to_owned(),
        resume_token: token,
        ..WatchReceivedMessagesRequest::default()
    };
    let status = inbox(&rig).watch_received_messages(request).await.expect_err("another stream's");
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
}

#[tokio::test]
async fn what_is_taken_is_stored_before_it_is_handed_out_and_once() {
    let rig = Rig::with("", POLLED).await;
    rig.requested(1, "GET /srsmshistory").await;
    receive(&rig.sandbox, "taken").await;
    let pull = PullReceivedMessagesRequest { parent: "accounts/smsend".to_owned(), ..Default::default() };
    let taken = inbox(&rig).pull_received_messages(pull).await.expect("taken").into_inner().messages;
    assert_eq!(texts(&taken), ["taken"]);
    // Polled since, too.
    let polls = rig.requests("GET /srsmshistory").len();
    rig.requested(polls + 3, "GET /srsmshistory").await;
    let (listed, _) = list(&rig, of("accounts/smsend")).await;
    assert_eq!(texts(&listed), ["taken"]);
    assert_eq!(listed[0].name, taken[0].name);
}

fn stored_in(folder: &Path) -> String {
    format!("[store]\npath = '{}'", folder.join("smsmux.db").display())
}

/// Stops a gateway, and returns its stand-in once the store is free.
pub(crate) async fn stopped(rig: Rig, folder: &Path) -> Sandbox {
    rig.stop();
    let sandbox = rig.wait().await.0.sandbox;
    let lock = File::options().write(true).open(folder.join("smsmux.db.lock")).expect("a lock");
    in_time(async {
        while lock.try_lock().is_err() {
            pause().await;
        }
    })
    .await;
    sandbox
}

#[tokio::test]
async fn what_arrives_while_the_server_is_down_is_polled_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let sections = stored_in(folder.path());
    let rig = Rig::with(&sections, POLLED).await;
    rig.requested(1, "GET /srsmshistory").await;
    let sandbox = stopped(rig, folder.path()).await;
    receive(&sandbox, "meanwhile").await;
    let rig = Rig::at(sandbox, &sections, POLLED).await;
    let found = async {
        loop {
            let (messages, _) = list(&rig, of("accounts/smsend")).await;
            if !messages.is_empty() {
                return messages;
            }
            pause().await;
        }
    };
    assert_eq!(texts(&in_time(found).await), ["meanwhile"]);
}

#[tokio::test]
async fn a_token_that_is_too_old_is_rejected_with_the_oldest_that_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let sections = stored_in(folder.path());
    let rig = Rig::with(&sections, POLLED).await;
    rig.requested(1, "GET /srsmshistory").await;
    let mut stream = watch(&rig, ALL, "").await;
    let mut tokens = Vec::new();
    for text in ["first", "second", "third"] {
        receive(&rig.sandbox, text).await;
        tokens.push(next(&mut stream).await.1);
    }
    drop(stream);
    let sandbox = stopped(rig, folder.path()).await;

    // The first round of the chores removes all.
    let rig = Rig::at(sandbox, &format!("{sections}\nevents_retention_bytes = 1"), POLLED).await;
    let request = |token: &str| WatchReceivedMessagesRequest {
        parent: ALL.to_owned(),
        resume_token: token.to_owned(),
        ..WatchReceivedMessagesRequest::default()
    };
    let status = in_time(async {
        loop {
            if let Err(status) = inbox(&rig).watch_received_messages(request(&tokens[0])).await {
                return status;
            }
            pause().await;
        }
    });
    let metadata = failed(&status.await, Code::OutOfRange, "EVENTS_EXPIRED");
    assert!(metadata["expired_until"].starts_with("20"), "{metadata:?}");
    for token in [&tokens[2], &metadata["oldest_resume_token"]] {
        inbox(&rig).watch_received_messages(request(token)).await.expect("a stream");
    }
    // It is no token of the events.
    let request = ListEventsRequest {
        parent: ALL.to_owned(),
        types: vec![EventType::MessageReceived.into()],
        resume_token: metadata["oldest_resume_token"].clone(),
        ..ListEventsRequest::default()
    };
    let status = EventServiceClient::new(rig.channel.clone()).list_events(request).await.expect_err("another list's");
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
}

#[tokio::test]
async fn an_entry_of_the_vendor_s_stop_list_is_an_event_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let sections = stored_in(folder.path());
    let mut problems = Vec::new();
    let config = Config::new(sections.parse().expect("TOML"), &mut problems).store;
    let store = Store::open(&config).await.expect("a store");
    // A poll that began long ago.
    let cursors = vec![("poll opt-outs accounts/smsend".to_owned(), b"@0".to_vec())];
    store.append(Append { cursors, ..Append::default() }).await.expect("appended");
    let closed = store.failed();
    drop(store);
    closed.await;

    let sandbox = Sandbox::start("smsend", loopback()).await.expect("a sandbox");
    let rig = Rig::at(sandbox, "", "").await;
    let entry = StopListEntry { phone_number: NUMBER.to_owned(), ..StopListEntry::default() };
    let request = CreateStopListEntryRequest { parent: "accounts/smsend".to_owned(), entry: Some(entry) };
    StopListServiceClient::new(rig.channel.clone()).create_stop_list_entry(request).await.expect("created");
    rig.stop();
    let sandbox = rig.wait().await.0.sandbox;

    let mut sandbox = Some(sandbox);
    for _ in 0..2 {
        let rig = Rig::at(sandbox.take().expect("a sandbox"), &sections, "poll = true").await;
        let polls = rig.requests("GET /blacklist/sms").len();
        rig.requested(polls + 1, "GET /blacklist/sms").await;
        let request = ListEventsRequest {
            parent: ALL.to_owned(),
            types: vec![EventType::ConsentChanged.into()],
            ..ListEventsRequest::default()
        };
        let found: Vec<Event> = in_time(async {
            loop {
                let listed = EventServiceClient::new(rig.channel.clone()).list_events(request.clone()).await;
                let events = listed.expect("listed").into_inner().events;
                if !events.is_empty() {
                    return events;
                }
                pause().await;
            }
        })
        .await;
        assert_eq!((found.len(), found[0].source()), (1, EventSource::Poll));
        let Some(Subject::Consent(consent)) = &found[0].subject else { panic!("{found:?}") };
        assert_eq!((consent.phone_number.as_str(), consent.blocked), (NUMBER, true));
        sandbox = Some(stopped(rig, folder.path()).await);
    }
}
