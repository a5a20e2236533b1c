//! Received messages: listed, watched.

use futures::{FutureExt, StreamExt};
use http::{Method, StatusCode};
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    ListReceivedMessagesRequest, ListReceivedMessagesResponse, ReceivedMessage, WatchReceivedMessagesRequest,
    inbox_service_client::InboxServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use crate::{
    Case,
    support::{Rig, failed, violations},
};

const ACCOUNT: &str = "accounts/lox24";
const GET: &str = "GET /incomings";
const NUMBER: &str = "+4915112345601";

/// 2020-02-23 17:00:00.
const THEN: Timestamp = Timestamp { seconds: 1_582_477_200, nanos: 0 };

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "InboxService/ListReceivedMessages", operations: &[], run: |rig| list(rig).boxed() },
        Case { rpc: "InboxService/WatchReceivedMessages", operations: &[], run: |rig| watch(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![every_fault_is_told_at_once_and_nothing_is_asked, a_list_that_is_not_readable_is_no_empty_one]
}

fn inbox(rig: &Rig) -> InboxServiceClient<Channel> {
    InboxServiceClient::new(rig.channel.clone())
}

/// Somebody sends a message to a number of the account.
async fn receive(rig: &Rig, to: &str, text: &str) {
    let body = json!({"to": to, "from": "+4915199999999", "text": text});
    let (status, _) = rig.sandbox.control(Method::POST, "/received", &body).await;
    assert_eq!(status, StatusCode::CREATED);
}

/// An answer's entry with every member there is, and the message that it is.
fn sample() -> (Value, ReceivedMessage) {
    let entry = json!({
        "@id": "/incomings/20f39273-0566-11ea-a637-96000028b339", "@type": "Incoming",
        "uuid": "20f39273-0566-11ea-a637-96000028b339", "to": NUMBER, "from": "+14155552671", "text": "Ja, bitte",
        "received_at": THEN.seconds, "msg_uuid": "8481900d-86ce-11ea-aa81-96000028b339"
    });
    let message = ReceivedMessage {
        name: format!("{ACCOUNT}/receivedMessages/20f39273-0566-11ea-a637-96000028b339"),
        from: "+14155552671".to_owned(),
        to: NUMBER.to_owned(),
        text: "Ja, bitte".to_owned(),
        receive_time: Some(THEN),
        keyword: String::new(),
        message: format!("{ACCOUNT}/messages/8481900d-86ce-11ea-aa81-96000028b339"),
    };
    (entry, message)
}

fn request(numbers: &[&str], page_size: i32, page_token: String) -> ListReceivedMessagesRequest {
    ListReceivedMessagesRequest {
        parent: ACCOUNT.to_owned(),
        page_size,
        page_token,
        numbers: numbers.iter().map(ToString::to_string).collect(),
        ..ListReceivedMessagesRequest::default()
    }
}

async fn ask(rig: &Rig, request: ListReceivedMessagesRequest) -> Result<ListReceivedMessagesResponse, Status> {
    Ok(inbox(rig).list_received_messages(request).await?.into_inner())
}

async fn list(rig: Rig) {
    for n in 1..=40 {
        receive(&rig, NUMBER, &format!("{n:02}")).await;
    }
    receive(&rig, "+49151123456012", "to a longer number").await;
    let (mut texts, mut token) = (Vec::new(), String::new());
    loop {
        let page = ask(&rig, request(&[NUMBER], 20, token)).await.unwrap();
        assert_eq!(page.total_size, None, "LOX24 counts the longer number too");
        texts.extend(page.messages.into_iter().map(|message| message.text));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    texts.sort_unstable();
    assert_eq!(texts, (1..=40).map(|n| format!("{n:02}")).collect::<Vec<_>>());
    let target = |page| format!("/incomings?_order%5Breceived_at%5D=desc&to=%2B4915112345601&page={page}");
    let requests = rig.requests(GET);
    let targets: Vec<_> = requests.iter().map(|request| request.target.clone()).collect();
    assert_eq!(targets, [1, 1, 2].map(target), "LOX24's page of 30 in slices");
    assert_eq!(requests[0].header("x-lox24-auth-token"), Some("1234567:sandbox-key"));
    assert_eq!(requests[0].header("accept"), Some("application/ld+json"));
    assert_eq!(ask(&rig, request(&[], 0, String::new())).await.unwrap().total_size, Some(41));

    // Every member, in each form of a list.
    let (entry, message) = sample();
    for (body, total) in [
        (json!({"hydra:member": [entry], "hydra:totalItems": 1}), Some(1)),
        (json!({"member": [entry], "totalItems": 1}), Some(1)),
        (json!([entry]), None),
    ] {
        rig.answer(GET, 200, &body.to_string());
        let page = ask(&rig, request(&[], 50, String::new())).await.unwrap();
        assert_eq!((page.messages, page.total_size), (vec![message.clone()], total), "{body}");
    }
}

async fn watch(rig: Rig) {
    let (entry, message) = sample();
    rig.answer(GET, 200, &json!([entry]).to_string());
    rig.answer(GET, 200, "[]");
    let request = WatchReceivedMessagesRequest {
        parent: ACCOUNT.to_owned(),
        numbers: vec![NUMBER.to_owned()],
        resume_token: String::new(),
        start_time: Some(THEN),
    };
    let mut stream = inbox(&rig).watch_received_messages(request.clone()).await.unwrap().into_inner();
    let answer = stream.next().await.unwrap().unwrap();
    assert_eq!(answer.message, Some(message));
    drop(stream);
    let target = |page| format!("/incomings?_order%5Breceived_at%5D=desc&to=%2B4915112345601&page={page}");
    let requests = rig.requests(GET);
    let targets: Vec<_> = requests.iter().map(|request| request.target.clone()).collect();
    assert_eq!(targets, [1, 2].map(target));
    assert_eq!(requests[0].header("x-lox24-auth-token"), Some("1234567:sandbox-key"));

    // Coming back, also over more than one page, and not for other numbers.
    for n in 0..40 {
        receive(&rig, NUMBER, &format!("{n:02}")).await;
        receive(&rig, "+49151123456012", "elsewhere").await;
    }
    let request = WatchReceivedMessagesRequest { resume_token: answer.resume_token, ..request };
    let mut stream = inbox(&rig).watch_received_messages(request).await.unwrap().into_inner();
    let mut texts = Vec::new();
    for _ in 0..40 {
        texts.push(stream.next().await.unwrap().unwrap().message.unwrap().text);
    }
    assert_eq!(texts, (0..40).map(|n| format!("{n:02}")).collect::<Vec<_>>());
}

async fn every_fault_is_told_at_once_and_nothing_is_asked() {
    let rig = Rig::vendor("lox24").await;
    let faulty = ListReceivedMessagesRequest {
        parent: "accounts/lox24".to_owned(),
        start_time: Some(THEN),
        end_time: Some(THEN),
        ..request(&[NUMBER, "0151"], -1, "x".to_owned())
    };
    let fields = ["end_time", "numbers", "numbers[1]", "page_size", "page_token", "start_time"];
    violations(&ask(&rig, faulty).await.expect_err("six faults"), &fields);
    let request = WatchReceivedMessagesRequest {
        parent: ACCOUNT.to_owned(),
        numbers: vec!["0151".to_owned()],
        resume_token: "x".to_owned(),
        start_time: Some(Timestamp { seconds: -1, nanos: 0 }),
    };
    let status = inbox(&rig).watch_received_messages(request).await.expect_err("three faults");
    violations(&status, &["numbers[0]", "resume_token", "start_time"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn a_list_that_is_not_readable_is_no_empty_one() {
    let rig = Rig::vendor("lox24").await;
    for (status, body, code, reason) in [
        (200, "{}", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
        (200, "<html>", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
        (401, "", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (403, "", Code::PermissionDenied, "VENDOR_DENIED"),
        (404, "", Code::NotFound, "RESOURCE_NOT_FOUND"),
        (418, "", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
        (429, "", Code::ResourceExhausted, "RATE_LIMITED"),
    ] {
        rig.answer(GET, status, body);
        failed(&ask(&rig, request(&[], 0, String::new())).await.expect_err(body), code, reason);
    }
    assert_eq!(rig.requests(GET).len(), 7, "none was repeated");
}
