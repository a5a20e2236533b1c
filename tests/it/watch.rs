//! The stream of received messages: nothing missed, nothing twice, through outages, hang-ups and the drain.

use std::time::{Duration, Instant};

use futures::StreamExt;
use http::{Method, StatusCode};
use prost_types::Timestamp;
use serde_json::json;
use smsmux::{
    api::pb::{
        CreateSessionRequest, GetAccountRequest, WatchReceivedMessagesRequest, WatchReceivedMessagesResponse,
        account_service_client::AccountServiceClient, auth_service_client::AuthServiceClient,
        inbox_service_client::InboxServiceClient,
    },
    server::End,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request, Streaming};

use crate::support::{HASTY, Rig, failed, in_time, long_enough};

const SIMS: [&str; 3] = ["+393400000001", "+393400000002", "+393400000003"];
const HISTORY: &str = "GET /srsmshistory";

/// 2016-05-03: before everything that the stand-in has.
const EARLY: Timestamp = Timestamp { seconds: 1_462_270_951, nanos: 0 };

/// A gateway whose watchers look without a pause worth mentioning.
async fn eager() -> Rig {
    Rig::with("", "poll_interval = '20ms'").await
}

fn request() -> WatchReceivedMessagesRequest {
    WatchReceivedMessagesRequest {
        parent: "accounts/smsend".to_owned(),
        start_time: Some(EARLY),
        ..WatchReceivedMessagesRequest::default()
    }
}

/// A stream of its own connection, with what it shows.
async fn watch(rig: &Rig, request: impl tonic::IntoRequest<WatchReceivedMessagesRequest>) -> Watcher {
    let stream = InboxServiceClient::new(rig.channel.clone()).watch_received_messages(request).await;
    Watcher(stream.expect("a stream").into_inner())
}

struct Watcher(Streaming<WatchReceivedMessagesResponse>);

impl Watcher {
    /// The next answer.
    async fn next(&mut self) -> Result<WatchReceivedMessagesResponse, tonic::Status> {
        in_time(self.0.next()).await.expect("no silent end")
    }

    /// The texts of the next answers, and the last one's token.
    async fn texts(&mut self, count: usize) -> (Vec<String>, String) {
        let (mut texts, mut token) = (Vec::new(), String::new());
        for _ in 0..count {
            let answer = self.next().await.expect("a message");
            texts.push(answer.message.unwrap().text);
            token = answer.resume_token;
        }
        (texts, token)
    }
}

/// Somebody sends a message to a number of the account.
async fn receive(rig: &Rig, sim: &str, text: &str) {
    let body = json!({"sim": sim, "sender": "+393356242290", "message": text});
    let (status, _) = rig.sandbox.control(Method::POST, "/received", &body).await;
    assert_eq!(status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_first_look_does_not_wait_for_the_interval() {
    let rig = Rig::with("", "poll_interval = '1h'").await;
    receive(&rig, SIMS[0], "there already").await;
    let (texts, _) = watch(&rig, request()).await.texts(1).await;
    assert_eq!(texts, ["there already"]);
}

#[tokio::test]
async fn messages_come_as_they_arrive_and_what_is_older_than_now_does_not() {
    let rig = eager().await;
    receive(&rig, SIMS[0], "old").await;
    let since = Timestamp { seconds: jiff::Timestamp::now().as_second() + 1, nanos: 0 };
    let mut watcher = watch(&rig, WatchReceivedMessagesRequest { start_time: Some(since), ..request() }).await;
    // The first look is over: it asks for the history, and for what came after the old one.
    rig.requested(3, HISTORY).await;
    // At a known number or a new one, and though the second to begin at may not have come yet.
    receive(&rig, SIMS[0], "one").await;
    assert_eq!(watcher.texts(1).await.0, ["one"]);
    receive(&rig, SIMS[1], "two").await;
    assert_eq!(watcher.texts(1).await.0, ["two"]);
}

#[tokio::test]
async fn coming_back_misses_nothing_and_repeats_nothing() {
    let rig = eager().await;
    let texts: Vec<_> = (0..450).map(|i| format!("{i:03}")).collect();
    for text in &texts[..50] {
        receive(&rig, SIMS[0], text).await;
    }
    let mut watcher = watch(&rig, request()).await;
    let (mut seen, token) = watcher.texts(30).await;
    drop(watcher);
    // Within one second, many more than smsend gives at once, at a known number and at two new ones.
    for (i, text) in texts.iter().enumerate().skip(50) {
        receive(&rig, if i < 300 { SIMS[0] } else { SIMS[i % 3] }, text).await;
    }
    let request = WatchReceivedMessagesRequest { resume_token: token, ..request() };
    let mut watcher = watch(&rig, request.clone()).await;
    // It is the token that decides, not the stream: this one is forgotten.
    watcher.texts(100).await;
    drop(watcher);
    let mut watcher = watch(&rig, request).await;
    seen.extend(watcher.texts(420).await.0);
    receive(&rig, SIMS[2], "the last").await;
    assert_eq!(watcher.texts(1).await.0, ["the last"]);
    seen.sort_unstable();
    assert_eq!(seen, texts);
}

#[tokio::test]
async fn some_numbers_are_watched_and_others_are_not() {
    let rig = eager().await;
    let mut watcher = watch(&rig, WatchReceivedMessagesRequest { numbers: vec![SIMS[1].into()], ..request() }).await;
    receive(&rig, SIMS[0], "elsewhere").await;
    receive(&rig, SIMS[1], "here").await;
    let (texts, token) = watcher.texts(1).await;
    assert_eq!(texts, ["here"]);

    // A token is good for the numbers it was made for, in any order, and for no others; nor for what is no token.
    let damaged = format!("{token}A");
    rig.sandbox.clear_requests();
    for (numbers, resume_token) in [(vec![], token), (vec![SIMS[1].into()], damaged)] {
        let request = WatchReceivedMessagesRequest { numbers, resume_token, ..request() };
        let stream = InboxServiceClient::new(rig.channel.clone()).watch_received_messages(request).await;
        let status = stream.expect_err("a foreign token");
        failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
        assert!(status.message().contains("resume_token"), "{status:?}");
    }
}

#[tokio::test]
async fn a_stream_outlives_the_vendor_s_troubles() {
    let rig = Rig::with("", &format!("poll_interval = '20ms'\n{HASTY}")).await;
    let mut watcher = watch(&rig, request()).await;
    let status = |code: u16, after| Fault::Status { code: code.try_into().unwrap(), retry_after: after, body: None };
    for fault in [status(503, None), Fault::Garbage, status(429, Some(7)), Fault::CutAfter, Fault::HangBefore] {
        rig.sandbox.clear_requests();
        // More often than a single look asks again.
        let times = if matches!(fault, Fault::Status { retry_after: Some(_), .. }) { 1 } else { 4 };
        let before = Instant::now();
        rig.faults(HISTORY, fault.clone(), times);
        in_time(rig.sandbox.requested(times as usize, |request| request.fault.is_some())).await;
        receive(&rig, SIMS[0], fault.kind()).await;
        assert_eq!(watcher.texts(1).await.0, [fault.kind()]);
        assert!(times > 1 || before.elapsed() >= Duration::from_secs(7), "it waits as long as the vendor asks");
    }
}

#[tokio::test]
async fn a_stream_ends_with_an_error_that_waiting_will_not_mend() {
    let rig = Rig::with("", "poll_interval = '20ms'\ntoken = 'UK;AT'").await;
    let status = watch(&rig, request()).await.next().await.expect_err("refused");
    failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");

    let rig = eager().await;
    let mut callers_own = Request::new(request());
    callers_own.metadata_mut().insert("smsmux-credential", "UK;AT".parse().unwrap());
    let mut watcher = watch(&rig, callers_own).await;
    let status = watcher.next().await.expect_err("refused");
    let metadata = failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
    assert_eq!(metadata["method"], "smsmux.v1.InboxService/WatchReceivedMessages");
    assert!(watcher.0.next().await.is_none());
}

#[tokio::test]
async fn a_caller_s_own_credential_holds_for_the_whole_stream() {
    let rig = eager().await;
    let credentials = rig.sandbox.credentials();
    let of = |key: &str| credentials.iter().find(|(k, _)| *k == key).unwrap().1.to_owned();
    let login = CreateSessionRequest {
        parent: "accounts/smsend".to_owned(),
        username: of("username"),
        password: of("password"),
    };
    let session = AuthServiceClient::new(rig.channel.clone()).create_session(login).await.unwrap().into_inner();
    let mut request = Request::new(request());
    request.metadata_mut().insert("smsmux-credential", session.credential.parse().unwrap());
    let _watcher = watch(&rig, request).await;
    rig.requested(5, HISTORY).await;
    for request in rig.requests(HISTORY) {
        assert_eq!(request.header("session_key"), Some(session.session_key.as_str()));
    }
    assert_eq!(rig.requests("GET /login").len(), 1, "the account's own login was not needed");
}

#[tokio::test]
async fn a_caller_that_hangs_up_ends_the_looking() {
    long_enough(async |time| {
        let rig = Rig::with("", &format!("poll_interval = '20ms'\nattempt_timeout = '{}ms'", time.as_millis())).await;
        let watcher = watch(&rig, request()).await;
        rig.requested(3, HISTORY).await;
        // A look that hangs: left alone, it would be asked again when its time is over.
        rig.sandbox.clear_requests();
        rig.faults(HISTORY, Fault::HangBefore, 0);
        rig.sandbox.requested(1, |r| r.fault.is_some()).await;
        drop(watcher);
        // One connection keeps the order: when this is answered, the server has heard of the end.
        let name = "accounts/smsend".to_owned();
        AccountServiceClient::new(rig.channel.clone()).get_account(GetAccountRequest { name }).await.unwrap();
        // Asked again, unless its time was over before the end.
        let asked_again = rig.sandbox.requested(2, |r| r.fault.is_some());
        tokio::time::timeout(2 * time, asked_again).await.err()
    })
    .await;
}

#[tokio::test]
async fn the_drain_ends_a_stream_and_is_not_held_up() {
    let rig = Rig::with("[server]\ndrain_timeout = '1h'", "poll_interval = '1h'").await;
    receive(&rig, SIMS[0], "one").await;
    let mut watcher = watch(&rig, request()).await;
    let (_, resume_token) = watcher.texts(1).await;
    rig.stop();
    let status = watcher.next().await.expect_err("the server goes");
    assert_eq!(status.code(), Code::Unavailable);
    assert!(watcher.0.next().await.is_none());
    let (_, end) = in_time(rig.wait()).await;
    assert_eq!(end, End::Clean);

    // The token is good at the next server, which knows nothing of the first.
    let rig = eager().await;
    for text in ["one", "two"] {
        receive(&rig, SIMS[0], text).await;
    }
    let mut watcher = watch(&rig, WatchReceivedMessagesRequest { resume_token, ..request() }).await;
    assert_eq!(watcher.texts(1).await.0, ["two"]);
}

#[tokio::test]
async fn at_lox24_a_message_is_seen_once_though_it_is_late_and_the_vendor_fails_meanwhile() {
    const INCOMINGS: &str = "GET /incomings";
    let rig = Rig::of("lox24", "", "poll_interval = '20ms'").await;
    let receive = async |text: &str, late: i64| {
        let body = json!({"to": SIMS[0], "from": "+393356242290", "text": text, "late": late});
        assert_eq!(rig.sandbox.control(Method::POST, "/received", &body).await.0, StatusCode::CREATED);
    };
    let request = || WatchReceivedMessagesRequest { parent: "accounts/lox24".to_owned(), ..request() };
    for n in 0..70 {
        receive(&format!("{n:02}"), 1000 - n).await;
    }
    let mut watcher = watch(&rig, request()).await;
    let (mut seen, resume_token) = watcher.texts(50).await;
    drop(watcher);
    // Late: among those that were seen.
    receive("70", 990).await;
    let mut watcher = watch(&rig, WatchReceivedMessagesRequest { resume_token, ..request() }).await;
    seen.extend(watcher.texts(21).await.0);
    for (text, fault) in [("71", Fault::Garbage), ("72", Fault::CutAfter)] {
        rig.sandbox.clear_requests();
        rig.faults(INCOMINGS, fault, 4);
        rig.requested(4, INCOMINGS).await;
        receive(text, 0).await;
        seen.extend(watcher.texts(1).await.0);
    }
    // Two looks more show nothing again.
    rig.sandbox.clear_requests();
    rig.requested(8, INCOMINGS).await;
    receive("73", 0).await;
    seen.extend(watcher.texts(1).await.0);
    seen.sort_unstable();
    assert_eq!(seen, (0..74).map(|n| format!("{n:02}")).collect::<Vec<_>>());
}
