//! Connections to vendors: pace, breaker, timeouts and permits when a vendor is down, slow, or rate-limits.

use std::time::Duration;

use http::StatusCode;
use smsmux::api::pb::{
    GetMessageRequest, ListGroupsRequest, Message, WatchReceivedMessagesRequest,
    group_service_client::GroupServiceClient, inbox_service_client::InboxServiceClient,
};
use smsmux_sandbox::{Fault, Sandbox};
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt;

use crate::support::{Rig, failed, info, long_enough, loopback, message, refusing};

const SEND: &str = "POST /sms";

/// How long an error asks to wait.
fn wait(status: &Status) -> Duration {
    status.get_error_details().retry_info().and_then(|info| info.retry_delay).expect("how long to wait")
}

fn down() -> Fault {
    Fault::Status { code: StatusCode::BAD_GATEWAY, retry_after: None, body: None }
}

/// A call that reads.
async fn look(rig: &Rig) -> Result<(), Status> {
    let mut groups = GroupServiceClient::new(rig.channel.clone());
    let request = ListGroupsRequest { parent: "accounts/smsend".to_owned(), ..ListGroupsRequest::default() };
    groups.list_groups(request).await.map(drop)
}

#[tokio::test]
async fn a_vendor_that_is_down_is_not_asked_until_one_request_finds_it_back() {
    let (rig, status) = long_enough(async |pause| {
        let rig = Rig::with("", &format!("breaker_failures = 3\nbreaker_pause = '{}ms'", pause.as_millis())).await;
        look(&rig).await.expect("it is up");
        rig.faults("GET /groups", down(), 3);
        // One call with its two repetitions: that is three.
        failed(&look(&rig).await.expect_err("down"), Code::Unavailable, "VENDOR_UNAVAILABLE");
        rig.sandbox.clear_requests();
        // Unless the pause is over already.
        let status = rig.send().await.err()?;
        Some((rig, status))
    })
    .await;
    assert_eq!(failed(&status, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
    assert_eq!(rig.sandbox.requests().len(), 0);
    // What the error says to wait is how long it is.
    tokio::time::sleep(wait(&status)).await;
    rig.send().await.expect("it is back");
    look(&rig).await.expect("and stays");
    assert_eq!((rig.requests(SEND).len(), rig.requests("GET /groups").len()), (1, 1));
}

#[tokio::test]
async fn a_vendor_that_cannot_be_reached_opens_the_breaker_too() {
    let (nobody, _socket) = refusing();
    let keys = format!("breaker_failures = 3\nbreaker_pause = '1h'\nbase_url = 'http://{nobody}'");
    let rig = Rig::with("", &keys).await;
    let first = rig.send().await.expect_err("nobody there");
    assert_eq!(failed(&first, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
    let second = rig.send().await.expect_err("not asked");
    assert_eq!(failed(&second, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
    assert!(!wait(&second).is_zero() && wait(&second) <= Duration::from_secs(3600), "{second:?}");
}

#[tokio::test]
async fn what_became_of_a_lost_send_is_asked_though_the_breaker_is_open() {
    // With a store, the log would answer.
    let rig = Rig::with("[store]\nenabled = false", "breaker_failures = 1\nbreaker_pause = '1h'").await;
    look(&rig).await.expect("logged in");
    rig.fault(SEND, Fault::CutAfter);
    let Message { name, .. } = rig.send().await.expect("found by its order id");
    assert_eq!((rig.requests(SEND).len(), rig.requests("GET /sms").len()), (1, 1));
    let status = rig.messages().get_message(GetMessageRequest { name }).await.expect_err("the breaker is open");
    failed(&status, Code::Unavailable, "VENDOR_UNAVAILABLE");
    assert_eq!(rig.requests("GET /sms").len(), 1);
}

#[tokio::test]
async fn refusals_and_callers_in_a_hurry_do_not_open_the_breaker() {
    let rig = Rig::with("", "breaker_failures = 1\nbreaker_pause = '1h'").await;
    for status in [400, 403, 404, 422] {
        rig.answer(SEND, status, "no");
        rig.send().await.expect_err("refused");
    }
    rig.fault("GET /groups", Fault::HangBefore);
    tokio::select! {
        answer = look(&rig) => panic!("it hangs: {answer:?}"),
        () = rig.requested(1, "GET /groups") => {}
    }
    let _ = rig.send_within(Duration::from_millis(1)).await;
    rig.send().await.expect("the breaker is closed");
}

#[tokio::test]
async fn a_slow_vendor_takes_no_place_of_another_account() {
    let slow = Sandbox::start("smsend", loopback()).await.unwrap();
    let keys: String = slow.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect();
    let sections = format!(
        "[accounts.slow]\nvendor = 'smsend'\nmax_in_flight = 2\nmax_waiting = 1\nattempt_timeout = '1h'\n\
         base_url = '{}'\n{keys}",
        slow.base_url()
    );
    let rig = Rig::with(&sections, "").await;
    slow.inject(smsmux_sandbox::Rule::new(Fault::Hold).path("/sms").times(0));
    let to_slow = || {
        let mut messages = rig.messages();
        let mut request = message();
        request.parent = "accounts/slow".to_owned();
        tokio::spawn(async move { messages.send_message(request).await })
    };
    // Two have a place, one waits for one, and for the fourth there is no room to wait.
    let mut calls: Vec<_> = (0..4).map(|_| to_slow()).collect();
    let (first, _, rest) = futures::future::select_all(calls.drain(..)).await;
    let status = first.unwrap().expect_err("no room");
    assert_eq!(failed(&status, Code::Unavailable, "OVERLOADED")["outcome"], "NOT_SENT");
    assert_eq!(wait(&status), Duration::from_secs(1));
    for _ in 0..20 {
        rig.send().await.expect("another account");
    }
    slow.clear_faults();
    for call in rest {
        call.await.unwrap().expect("in its turn");
    }
}

#[tokio::test]
async fn a_write_that_outlives_its_caller_keeps_its_place() {
    let rig = Rig::with("", "max_in_flight = 1\nmax_waiting = 0\nattempt_timeout = '1h'\ncall_timeout = '1h'").await;
    look(&rig).await.expect("logged in");
    rig.fault(SEND, Fault::Hold);
    let status = long_enough(async |time| {
        let status = rig.send_within(time).await.expect_err("held");
        (info(&status).reason == "OUTCOME_UNKNOWN").then_some(status)
    });
    failed(&status.await, Code::DeadlineExceeded, "OUTCOME_UNKNOWN");
    failed(&look(&rig).await.expect_err("its place is taken"), Code::Unavailable, "OVERLOADED");
    rig.requested(1, SEND).await;
    rig.sandbox.clear_faults();
    // It comes to its end, and the place is free.
    while let Err(status) = look(&rig).await {
        failed(&status, Code::Unavailable, "OVERLOADED");
    }
    assert_eq!(rig.requests(SEND)[0].status, Some(201));
}

#[tokio::test]
async fn streams_have_places_of_their_own_and_give_them_back() {
    let rig = Rig::with("", "max_watches = 1\nmax_in_flight = 1").await;
    let watch = || {
        let mut inbox = InboxServiceClient::new(rig.channel.clone());
        let parent = "accounts/smsend".to_owned();
        let request = WatchReceivedMessagesRequest { parent, ..WatchReceivedMessagesRequest::default() };
        async move { inbox.watch_received_messages(request).await }
    };
    let first = watch().await.expect("a stream");
    failed(&watch().await.expect_err("one too many"), Code::Unavailable, "OVERLOADED");
    rig.send().await.expect("calls have other places");
    drop(first);
    while let Err(status) = watch().await {
        failed(&status, Code::Unavailable, "OVERLOADED");
    }
}

#[tokio::test]
async fn a_full_server_turns_calls_away_at_once_but_not_probes() {
    let rig = Rig::with("[server]\nmax_in_flight = 1", "attempt_timeout = '1h'\ncall_timeout = '1h'").await;
    rig.fault(SEND, Fault::Hold);
    let mut messages = rig.messages();
    let call = tokio::spawn(async move { messages.send_message(message()).await });
    rig.requested(1, SEND).await;
    let status = look(&rig).await.expect_err("full");
    let metadata = failed(&status, Code::Unavailable, "OVERLOADED");
    assert_eq!((&*metadata["outcome"], &*metadata["method"]), ("NOT_SENT", "smsmux.v1.GroupService/ListGroups"));
    assert_eq!(wait(&status), Duration::from_secs(1));
    HealthClient::new(rig.channel.clone()).check(HealthCheckRequest::default()).await.expect("a probe");
    rig.sandbox.clear_faults();
    call.await.unwrap().expect("sent");
    look(&rig).await.expect("there is a place");
}

#[tokio::test]
async fn an_account_s_requests_are_spread_over_time_and_none_waits_in_vain() {
    let rig = Rig::with("", "requests_per_second = 5").await;
    look(&rig).await.expect("logged in");
    let start = std::time::Instant::now();
    for _ in 0..3 {
        look(&rig).await.expect("in its turn");
    }
    assert!(start.elapsed() >= Duration::from_millis(390), "{:?}", start.elapsed());
    // The turns of the next ten seconds are taken: a send that has two is refused, and does not leave.
    let looks: Vec<_> = (0..50).map(|_| look(&rig)).collect();
    let looks = futures::future::join_all(looks);
    let refused = async {
        let mut sent = 0;
        loop {
            match rig.send_within(Duration::from_secs(2)).await {
                Ok(()) => sent += 1,
                Err(status) => return (status, sent),
            }
        }
    };
    let (status, sent) = tokio::select! {
        biased;
        _ = looks => panic!("none was refused while 50 others waited"),
        refused = refused => refused,
    };
    assert_eq!(failed(&status, Code::ResourceExhausted, "RATE_LIMITED")["outcome"], "NOT_SENT");
    assert!(!wait(&status).is_zero(), "{status:?}");
    assert_eq!(rig.requests(SEND).len(), sent);
}
