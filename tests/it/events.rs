//! The events: one order, each once, from any place on, and never silently less.

mod subscriptions;

use std::fs::File;

use futures::StreamExt as _;
use http::Method;
use prost_types::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::json;
use smsmux::{
    api::pb::{
        CancelMessageRequest, CreateEventSubscriptionRequest, DeliveryState, Event, EventSource, EventType,
        GetEventSubscriptionRequest, GetMessageRequest, ListEventsRequest, ListEventsResponse, Message,
        MessageStateChanged, SendMessageRequest, WatchEventsRequest, WatchEventsResponse, event::Subject,
        event_service_client::EventServiceClient, watch_events_response::Item,
    },
    config::api_key,
    server::End,
};
use smsmux_sandbox::Sandbox;
use tonic::{Code, IntoRequest, Request, Status, Streaming, metadata::MetadataValue, transport::Channel};

use crate::support::{Rig, failed, in_time, loopback, message, pause, violations};

const ALL: &str = "accounts/-";

fn events(rig: &Rig) -> EventServiceClient<Channel> {
    EventServiceClient::new(rig.channel.clone())
}

fn of(parent: &str) -> WatchEventsRequest {
    WatchEventsRequest { parent: parent.to_owned(), ..WatchEventsRequest::default() }
}

fn from(parent: &str, resume_token: &str) -> WatchEventsRequest {
    WatchEventsRequest { resume_token: resume_token.to_owned(), ..of(parent) }
}

/// A stream of events, and the last token that it has got.
struct Watcher {
    stream: Streaming<WatchEventsResponse>,
    place: i64,
    token: String,
}

impl Watcher {
    /// Begins a stream, of which the first answer is where it begins.
    async fn new(rig: &Rig, request: impl IntoRequest<WatchEventsRequest>) -> Self {
        let stream = events(rig).watch_events(request).await.expect("a stream").into_inner();
        let mut watcher = Self { stream, place: 0, token: String::new() };
        let first = watcher.next().await.expect("an answer");
        let Some(Item::Progress(progress)) = &first.item else { panic!("{first:?}") };
        assert_eq!(progress.sequence, first.previous_sequence);
        (watcher.place, watcher.token) = (progress.sequence, first.resume_token);
        watcher
    }

    async fn next(&mut self) -> Result<WatchEventsResponse, Status> {
        in_time(self.stream.next()).await.expect("no silent end")
    }

    /// The next event. Nothing was skipped before it.
    async fn event(&mut self) -> Event {
        let answer = self.next().await.expect("an event");
        assert_eq!(answer.previous_sequence, self.place);
        let Some(Item::Event(event)) = answer.item else { panic!("{:?}", answer.item) };
        assert!(event.sequence > self.place);
        (self.place, self.token) = (event.sequence, answer.resume_token);
        event
    }

    async fn error(&mut self) -> Status {
        let status = self.next().await.expect_err("an error");
        assert!(in_time(self.stream.next()).await.is_none());
        status
    }
}

fn state(event: &Event) -> &MessageStateChanged {
    assert_eq!(event.r#type(), EventType::MessageStateChanged);
    match &event.subject {
        Some(Subject::MessageState(state)) => state,
        other => panic!("{other:?}"),
    }
}

async fn get(rig: &Rig, name: &str) {
    rig.messages().get_message(GetMessageRequest { name: name.to_owned() }).await.expect("found");
}

async fn list(rig: &Rig, request: ListEventsRequest) -> Result<ListEventsResponse, Status> {
    events(rig).list_events(request).await.map(tonic::Response::into_inner)
}

/// The vendor delivers a message.
async fn deliver(rig: &Rig, message: &Message) {
    let id = &message.recipients[0].vendor_message_id;
    let (status, _) = rig.sandbox.control(Method::POST, "/delivered", &json!({"message": id})).await;
    assert!(status.is_success(), "{status}");
}

async fn send_many(rig: &Rig, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(rig.send().await.expect("sent").name);
    }
    names
}

#[tokio::test]
async fn what_becomes_of_a_message_is_told_in_order() {
    let rig = Rig::smsend().await;
    let mut watcher = Watcher::new(&rig, of("accounts/smsend")).await;
    let request = SendMessageRequest { reference: String::new(), ..message() };
    let sent = rig.messages().send_message(request).await.expect("sent").into_inner().message.expect("a message");
    let first = watcher.event().await;
    assert_eq!((first.source(), first.confirmed, first.sequence), (EventSource::Call, true, 1));
    assert!(first.name.starts_with("accounts/smsend/events/") && first.receive_time.is_some(), "{first:?}");
    let told = state(&first);
    let recipient = &sent.recipients[0];
    assert_eq!((&told.message, &told.recipient, told.recipient_index), (&sent.name, &recipient.to, 0));
    assert_eq!((told.old_state(), told.state(), told.is_final), (DeliveryState::Unspecified, recipient.state(), false));
    assert_eq!(told.vendor_message_id, recipient.vendor_message_id);

    // A look-up that shows nothing new is no event.
    get(&rig, &sent.name).await;
    deliver(&rig, &sent).await;
    get(&rig, &sent.name).await;
    let last = watcher.event().await;
    assert_eq!((last.source(), last.sequence), (EventSource::Lookup, 2));
    let told = state(&last);
    assert_eq!((told.old_state(), told.state(), told.is_final), (recipient.state(), DeliveryState::Delivered, true));
    assert_ne!(first.name, last.name);
    get(&rig, &sent.name).await;
    assert_eq!(
        list(&rig, ListEventsRequest { parent: ALL.to_owned(), ..Default::default() }).await.unwrap().sequence,
        2
    );
}

#[tokio::test]
async fn a_refused_send_an_unknown_one_and_a_cancelled_one_are_events_too() {
    let rig = Rig::vendor("lox24").await;
    let mut watcher = Watcher::new(&rig, of(ALL)).await;
    let tomorrow = std::time::SystemTime::now() + std::time::Duration::from_secs(86_400);
    let request = || SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        sender: "smsmux".to_owned(),
        schedule_time: Some(Timestamp { nanos: 0, ..tomorrow.into() }),
        ..message()
    };
    rig.answer("POST /sms", 402, "no money");
    rig.messages().send_message(request()).await.expect_err("refused");
    let event = watcher.event().await;
    assert_eq!((state(&event).state(), state(&event).is_final), (DeliveryState::Rejected, true));
    rig.answer("POST /sms", 500, "lost");
    rig.messages().send_message(request()).await.expect_err("unknown");
    assert_eq!(state(&watcher.event().await).state(), DeliveryState::Unknown);

    let sent = rig.messages().send_message(request()).await.expect("sent").into_inner().message.expect("a message");
    assert_eq!(state(&watcher.event().await).state(), DeliveryState::Scheduled);
    rig.messages().cancel_message(CancelMessageRequest { name: sent.name.clone() }).await.expect("cancelled");
    let event = watcher.event().await;
    assert_eq!((&state(&event).message, state(&event).state()), (&sent.name, DeliveryState::Cancelled));
    assert_eq!(event.source(), EventSource::Call);
}

#[tokio::test]
async fn a_reader_that_comes_back_misses_nothing_and_gets_nothing_twice() {
    let rig = Rig::smsend().await;
    let mut watcher = Watcher::new(&rig, of(ALL)).await;
    let start = watcher.token.clone();
    let names = send_many(&rig, 150).await;
    let mut seen = Vec::new();
    while seen.len() < names.len() {
        for _ in 0..fastrand::usize(1..=40).min(names.len() - seen.len()) {
            seen.push(state(&watcher.event().await).message.clone());
        }
        watcher = Watcher::new(&rig, from(ALL, &watcher.token)).await;
    }
    assert_eq!(seen, names);

    // Lists have the same tokens, in both directions.
    let mut request =
        ListEventsRequest { parent: ALL.to_owned(), resume_token: start, page_size: 40, ..Default::default() };
    let mut listed = Vec::new();
    loop {
        let page = list(&rig, request.clone()).await.expect("a page");
        listed.extend(page.events.iter().map(|event| state(event).message.clone()));
        request.resume_token = page.resume_token;
        if page.behind == 0 {
            break;
        }
    }
    assert_eq!(listed, names);
    let mut watcher = Watcher::new(&rig, from(ALL, &request.resume_token)).await;
    let next = rig.send().await.expect("sent").name;
    assert_eq!(state(&watcher.event().await).message, next);
    // From the beginning, by time.
    let start_time = Some(Timestamp { seconds: 1_000_000_000, nanos: 0 });
    let mut watcher = Watcher::new(&rig, WatchEventsRequest { start_time, ..of(ALL) }).await;
    assert_eq!(state(&watcher.event().await).message, names[0]);
}

#[tokio::test]
async fn a_filtered_reader_is_told_how_far_it_is_and_its_token_is_good_for_its_filter_only() {
    let rig = Rig::smsend().await;
    let received = || vec![EventType::MessageReceived.into()];
    let mut watcher = Watcher::new(&rig, of(ALL)).await;
    send_many(&rig, 3).await;
    for _ in 0..3 {
        watcher.event().await;
    }
    let page = list(&rig, ListEventsRequest { parent: ALL.to_owned(), types: received(), ..Default::default() }).await;
    let page = page.expect("a page");
    assert_eq!((page.events.len(), page.previous_sequence, page.sequence, page.behind), (0, 0, 3, 0));

    let mut states = of(ALL);
    states.types = vec![EventType::MessageStateChanged.into(), EventType::ConsentChanged.into()];
    let stream = Watcher::new(&rig, WatchEventsRequest { resume_token: String::new(), ..states.clone() }).await;
    // In any order.
    states.types.reverse();
    Watcher::new(&rig, WatchEventsRequest { resume_token: stream.token.clone(), ..states }).await;
    let damaged = format!("{}A", watcher.token);
    for (parent, types, token) in [
        (ALL, received(), &watcher.token),
        ("accounts/smsend", vec![], &watcher.token),
        (ALL, vec![], &page.resume_token),
        (ALL, vec![], &damaged),
    ] {
        let request = WatchEventsRequest { types, ..from(parent, token) };
        violations(&events(&rig).watch_events(request).await.expect_err("invalid"), &["resume_token"]);
    }
    let progress_interval = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    let request = WatchEventsRequest { types: vec![99], progress_interval, ..of("accounts") };
    let status = events(&rig).watch_events(request).await.expect_err("invalid");
    violations(&status, &["parent", "progress_interval", "types"]);
}

/// A store in a file, with more keys.
fn store_in(folder: &tempfile::TempDir, more: &str) -> String {
    format!("[store]\npath = '{}'\n{more}", folder.path().join("smsmux.db").display())
}

/// Waits until the store of a gateway that has ended is free.
pub(crate) async fn closed(rig: Rig, folder: &tempfile::TempDir) {
    drop(rig);
    let lock = File::options().write(true).open(folder.path().join("smsmux.db.lock")).unwrap();
    in_time(async {
        while lock.try_lock().is_err() {
            pause().await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_drain_ends_streams_and_the_next_server_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::with(&store_in(&folder, ""), "").await;
    let mut watcher = Watcher::new(&rig, of("accounts/smsend")).await;
    let name = rig.send().await.expect("sent").name;
    assert_eq!(state(&watcher.event().await).message, name);
    rig.stop();
    failed(&watcher.error().await, Code::Unavailable, "SERVER_DRAINING");
    let (rig, end) = in_time(rig.wait()).await;
    assert_eq!(end, End::Clean);
    closed(rig, &folder).await;

    let rig = Rig::with(&store_in(&folder, ""), "").await;
    let mut watcher = Watcher::new(&rig, from("accounts/smsend", &watcher.token)).await;
    let name = rig.send().await.expect("sent").name;
    assert_eq!((state(&watcher.event().await).message.clone(), watcher.place), (name, 2));
}

#[tokio::test]
async fn a_reader_that_comes_too_late_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let rig = Rig::with(&store_in(&folder, ""), "").await;
    let mut watcher = Watcher::new(&rig, of(ALL)).await;
    let start = watcher.token.clone();
    send_many(&rig, 3).await;
    for _ in 0..3 {
        watcher.event().await;
    }
    rig.stop();
    closed(in_time(rig.wait()).await.0, &folder).await;

    // The first round of the chores removes all.
    let rig = Rig::with(&store_in(&folder, "events_retention_bytes = 1"), "").await;
    let status = in_time(async {
        loop {
            let request =
                ListEventsRequest { parent: ALL.to_owned(), resume_token: start.clone(), ..Default::default() };
            if let Err(status) = list(&rig, request).await {
                return status;
            }
            pause().await;
        }
    });
    let metadata = failed(&status.await, Code::OutOfRange, "EVENTS_EXPIRED");
    assert!(metadata["expired_until"].starts_with("20"), "{metadata:?}");
    let status = events(&rig).watch_events(from(ALL, &start)).await.expect_err("expired");
    failed(&status, Code::OutOfRange, "EVENTS_EXPIRED");
    // One that has seen all goes on, and so does one that takes the loss.
    for token in [&watcher.token, &metadata["oldest_resume_token"]] {
        assert_eq!(Watcher::new(&rig, from(ALL, token)).await.place, 3);
    }
}

#[tokio::test]
async fn a_token_of_another_log_is_rejected() {
    let rig = Rig::smsend().await;
    let watcher = Watcher::new(&rig, of(ALL)).await;
    let rig = Rig::smsend().await;
    let status = events(&rig).watch_events(from(ALL, &watcher.token)).await.expect_err("another log");
    failed(&status, Code::DataLoss, "EVENTS_RESET");
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_up_nobody_and_loses_nothing() {
    let rig = Rig::smsend().await;
    let mut slow = Watcher::new(&rig, of(ALL)).await;
    let mut quick = Watcher::new(&rig, of(ALL)).await;
    let names = send_many(&rig, 200).await;
    for name in &names {
        assert_eq!(state(&quick.event().await).message, *name);
    }
    for name in &names {
        assert_eq!(state(&slow.event().await).message, *name);
    }
}

#[tokio::test]
async fn a_caller_reads_the_events_of_its_accounts_only() {
    let caller = |name: &str, accounts: &str, scopes: &str| {
        let (key, hash) = api_key::generate(name).unwrap();
        let rules = format!("[callers.{name}]\nkey = '{hash}'\nscopes = [{scopes}]\naccounts = [{accounts}]\n");
        (MetadataValue::try_from(format!("Bearer {}", key.expose_secret())).unwrap(), rules)
    };
    let (all, first) = caller("all", "'*'", "'*'");
    let (other, second) = caller("other", "'elsewhere'", "'*'");
    let (reader, third) = caller("reader", "'*'", "'EventService:read'");
    let elsewhere = "[accounts.elsewhere]\nvendor = 'smsend'\ntoken = 'UK;AT'\n";
    let rig = Rig::with(&format!("{first}{second}{third}{elsewhere}"), "").await;
    fn with<T>(key: &MetadataValue<tonic::metadata::Ascii>, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", key.clone());
        request
    }

    let mut granted = Watcher::new(&rig, with(&all, of(ALL))).await;
    let sent = rig.messages().send_message(with(&all, message())).await.expect("sent").into_inner().message;
    assert_eq!(state(&granted.event().await).message, sent.expect("a message").name);
    let mut client = events(&rig);
    let request = || ListEventsRequest { parent: ALL.to_owned(), ..Default::default() };
    let page = client.list_events(with(&other, request())).await.expect("a page").into_inner();
    assert_eq!((page.events.len(), page.sequence), (0, 1));
    let page = client.list_events(with(&reader, request())).await.expect("a page").into_inner();
    assert_eq!(page.events.len(), 1);
    for parent in ["accounts/smsend", "accounts/none"] {
        let status = client.watch_events(with(&other, of(parent))).await.expect_err("not granted");
        failed(&status, Code::PermissionDenied, "ACCOUNT_NOT_GRANTED");
    }
    failed(
        &client.watch_events(with(&all, of("accounts/none"))).await.expect_err("none"),
        Code::NotFound,
        "ACCOUNT_NOT_FOUND",
    );

    // A subscription of all accounts is the caller's own.
    let create = CreateEventSubscriptionRequest {
        parent: ALL.to_owned(),
        event_subscription_id: "mine".to_owned(),
        ..Default::default()
    };
    let status = client.create_event_subscription(with(&reader, create.clone())).await.expect_err("a write");
    failed(&status, Code::PermissionDenied, "SCOPE_MISSING");
    client.create_event_subscription(with(&all, create)).await.expect("created");
    let name = format!("{ALL}/eventSubscriptions/mine");
    let get = || GetEventSubscriptionRequest { name: name.clone() };
    client.get_event_subscription(with(&all, get())).await.expect("found");
    let status = client.get_event_subscription(with(&reader, get())).await.expect_err("not its own");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");

    // A reload that removes the caller ends its streams.
    rig.reload(&format!("{second}{third}{elsewhere}"), "").await;
    failed(&granted.error().await, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
}

#[tokio::test]
async fn without_a_store_there_are_no_events() {
    let sandbox = Sandbox::start("smsend", loopback()).await.expect("a sandbox");
    let rig = Rig::at(sandbox, "[store]\nenabled = false", "").await;
    let status = events(&rig).watch_events(of(ALL)).await.expect_err("no store");
    let metadata = failed(&status, Code::Unimplemented, "UNSUPPORTED");
    assert!(status.message().contains("no store"), "{status:?} {metadata:?}");
}
