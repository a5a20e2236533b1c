//! The road out: what holds when a vendor is down, slow, or asks to be asked less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use http::StatusCode;
use smsmux::{
    pb::{
        GetMessageRequest, ListGroupsRequest, Message, group_service_client::GroupServiceClient,
    },
    sandbox::Fault,
};
use support::{Rig, failed, loopback, message};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

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
    let rig = Rig::with("", "breaker_failures = 3\nbreaker_pause = '400ms'").await;
    look(&rig).await.expect("it is up");
    rig.faults("GET /groups", down(), 3);
    // One call with its two repetitions: that is three.
    failed(&look(&rig).await.expect_err("down"), Code::Unavailable, "VENDOR_UNAVAILABLE");
    rig.sandbox.clear_requests();
    let status = rig.send().await.expect_err("not asked");
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
    let nobody = tokio::net::TcpListener::bind(loopback()).await.unwrap().local_addr().unwrap();
    let keys = format!("breaker_failures = 3\nbase_url = 'http://{nobody}'");
    let rig = Rig::with("", &keys).await;
    let first = rig.send().await.expect_err("nobody there");
    assert_eq!(failed(&first, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
    let second = rig.send().await.expect_err("not asked");
    assert_eq!(failed(&second, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
    assert!(wait(&second) <= Duration::from_secs(1), "{second:?}");
}

#[tokio::test]
async fn what_became_of_a_lost_send_is_asked_though_the_breaker_is_open() {
    let rig = Rig::with("", "breaker_failures = 1\nbreaker_pause = '1h'").await;
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
    let hurry = look(&rig);
    tokio::time::timeout(Duration::from_millis(100), hurry).await.expect_err("it hangs");
    let mut request = Request::new(message());
    request.set_timeout(Duration::from_millis(1));
    let _ = rig.messages().send_message(request).await;
    rig.send().await.expect("the breaker is closed");
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
    // A turn within 200 ms would be too late for it: it is told so without a wait, and nothing leaves.
    look(&rig).await.expect("in its turn");
    rig.sandbox.clear_requests();
    let mut request = Request::new(message());
    request.set_timeout(Duration::from_millis(100));
    let status = rig.messages().send_message(request).await.expect_err("no turn in time");
    assert_eq!(failed(&status, Code::ResourceExhausted, "RATE_LIMITED")["outcome"], "NOT_SENT");
    assert!(wait(&status) <= Duration::from_millis(200), "{status:?}");
    assert_eq!(rig.sandbox.requests().len(), 0);
}
