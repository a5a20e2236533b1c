//! Received messages: handed out once, listed, watched.

use futures::{FutureExt, StreamExt};
use http::{Method, StatusCode};
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    ListReceivedMessagesAfterRequest, ListReceivedMessagesRequest, PullReceivedMessagesRequest, ReceivedMessage,
    WatchReceivedMessagesRequest, inbox_service_client::InboxServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::{Code, transport::Channel};
use tonic_types::StatusExt;

use super::arrived;
use crate::{
    Case,
    support::{Rig, failed},
};

const ACCOUNT: &str = "accounts/smsend";
const SIM: &str = "+393400000001";
const OTHER_SIM: &str = "+393400000002";

/// 2016-05-03 10:22:31, the time of the document's examples.
const THEN: Timestamp = Timestamp { seconds: 1_462_270_951, nanos: 0 };

/// 2100-01-01: still to come.
const FAR: Timestamp = Timestamp { seconds: 4_102_444_800, nanos: 0 };

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "InboxService/PullReceivedMessages",
            operations: &["GET /newsrsmsmessage"],
            run: |rig| pull(rig).boxed(),
        },
        Case {
            rpc: "InboxService/ListReceivedMessages",
            operations: &["GET /srsmshistory"],
            run: |rig| list(rig).boxed(),
        },
        Case {
            rpc: "InboxService/ListReceivedMessagesAfter",
            operations: &["GET /srsmshistory/{id_sim}/{id_message}"],
            run: |rig| after(rig).boxed(),
        },
        // Stands on the two lists.
        Case { rpc: "InboxService/WatchReceivedMessages", operations: &[], run: |rig| watch(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![every_fault_is_told_at_once_and_nothing_is_asked, a_pull_is_never_repeated_blindly, errors]
}

fn inbox(rig: &Rig) -> InboxServiceClient<Channel> {
    InboxServiceClient::new(rig.channel.clone())
}

/// Somebody sends a message to a number of the account.
async fn receive(rig: &Rig, sim: &str, text: &str) {
    let body = json!({"sim": sim, "sender": "+393356242290", "message": text, "keyword": "qwe"});
    let (status, _) = rig.sandbox.control(Method::POST, "/received", &body).await;
    assert_eq!(status, StatusCode::CREATED);
}

/// The next answer is the document's sample.
fn answers(rig: &Rig, operation: &str, body: &str) {
    rig.fault(operation, Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(body.to_owned()) });
}

fn names(messages: &[ReceivedMessage]) -> Vec<&str> {
    messages.iter().map(|m| m.name.rsplit('/').next().unwrap()).collect()
}

fn both() -> Vec<String> {
    vec![SIM.to_owned(), OTHER_SIM.to_owned()]
}

async fn pull(rig: Rig) {
    let request = PullReceivedMessagesRequest { parent: ACCOUNT.to_owned(), numbers: both(), max_messages: 2 };
    answers(
        &rig,
        "GET /newsrsmsmessage",
        r#"{"result": "OK", "srsmshistory": [
            {"id_message": "31", "id_sim": "+393400000001", "sender": "+393356242290", "message": "sadasd",
             "sms_date": "20160503102231", "keyword": "qwe"},
            {"id_message": "29", "id_sim": "+393400000001", "sender": "+393356242290", "message": "sadasd",
             "sms_date": "20160503102231", "keyword": "qwe"}]}"#,
    );
    let messages = inbox(&rig).pull_received_messages(request.clone()).await.unwrap().into_inner().messages;
    let expected = ReceivedMessage {
        name: "accounts/smsend/receivedMessages/+393400000001~31".to_owned(),
        from: "+393356242290".to_owned(),
        to: SIM.to_owned(),
        text: "sadasd".to_owned(),
        receive_time: Some(THEN),
        keyword: "qwe".to_owned(),
        message: String::new(),
    };
    assert_eq!(messages[0], expected);
    assert_eq!(names(&messages), ["+393400000001~31", "+393400000001~29"]);
    let target = "/newsrsmsmessage/+393400000001,+393400000002?limit=2";
    arrived(&rig, "GET /newsrsmsmessage", target);

    // Each is handed out once, whoever asks.
    for text in ["one", "two", "three"] {
        receive(&rig, SIM, text).await;
    }
    rig.sandbox.clear_requests();
    let messages = inbox(&rig).pull_received_messages(request).await.unwrap().into_inner().messages;
    assert_eq!(messages.len(), 2);
    let rest = PullReceivedMessagesRequest { parent: ACCOUNT.to_owned(), ..Default::default() };
    let messages = inbox(&rig).pull_received_messages(rest.clone()).await.unwrap().into_inner().messages;
    assert_eq!(messages.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(), ["three"]);
    let messages = inbox(&rig).pull_received_messages(rest).await.unwrap().into_inner().messages;
    assert_eq!(messages, []);
    assert!(rig.requests("GET /newsrsmsmessage")[1].target.ends_with("/newsrsmsmessage?limit=100"));
}

async fn list(rig: Rig) {
    for (sim, text) in [(SIM, "one"), (OTHER_SIM, "two"), ("+393400000003", "three"), (SIM, "four"), (SIM, "five")] {
        receive(&rig, sim, text).await;
    }
    let mut request = ListReceivedMessagesRequest {
        parent: ACCOUNT.to_owned(),
        page_size: 3,
        page_token: String::new(),
        numbers: both(),
        start_time: Some(THEN),
        end_time: Some(FAR),
    };
    let mut texts = Vec::new();
    loop {
        let page = inbox(&rig).list_received_messages(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, Some(4));
        texts.extend(page.messages.into_iter().map(|m| m.text));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(texts, ["five", "four", "two", "one"]);
    let target = |page| {
        let sims = "+393400000001,+393400000002";
        format!("/API/v1.0/REST/srsmshistory/{sims}?from=20160503102231&to=21000101000000&pageNumber={page}&pageSize=3")
    };
    let targets: Vec<_> = rig.requests("GET /srsmshistory").into_iter().map(|r| r.target).collect();
    assert_eq!(targets, [target(1), target(2)]);

    // Without numbers there is no segment; without a start there is an early one, for smSend requires it.
    rig.sandbox.clear_requests();
    answers(
        &rig,
        "GET /srsmshistory",
        r#"{"result": "OK", "srsmshistory": [{"id_message": "2", "id_sim": "+393400000001", "sender": "+393356242290",
            "message": "abcde", "sms_date": "20160503102231", "keyword": ""}],
            "pageNumber": 1, "pageSize": 10, "total": 1}"#,
    );
    let request = ListReceivedMessagesRequest { parent: ACCOUNT.to_owned(), end_time: Some(FAR), ..Default::default() };
    let page = inbox(&rig).list_received_messages(request).await.unwrap().into_inner();
    let message = &page.messages[0];
    assert_eq!(
        (message.name.as_str(), message.text.as_str()),
        ("accounts/smsend/receivedMessages/+393400000001~2", "abcde")
    );
    assert_eq!((message.receive_time, message.keyword.as_str(), page.total_size), (Some(THEN), "", Some(1)));
    assert_eq!(page.next_page_token, "");
    let target = "/srsmshistory?from=20000101000000&to=21000101000000&pageNumber=1&pageSize=50";
    arrived(&rig, "GET /srsmshistory", target);
}

async fn after(rig: Rig) {
    for text in ["one", "two", "three", "four"] {
        receive(&rig, SIM, text).await;
    }
    let mut request = ListReceivedMessagesAfterRequest {
        name: format!("{ACCOUNT}/receivedMessages/{SIM}~1"),
        page_size: 2,
        page_token: String::new(),
    };
    let page = inbox(&rig).list_received_messages_after(request.clone()).await.unwrap().into_inner();
    assert_eq!(names(&page.messages), ["+393400000001~2", "+393400000001~3"]);
    arrived(&rig, "GET /srsmshistory", "/srsmshistory/+393400000001/1?limit=2");
    request.page_token = page.next_page_token;
    rig.sandbox.clear_requests();
    let page = inbox(&rig).list_received_messages_after(request.clone()).await.unwrap().into_inner();
    assert_eq!((names(&page.messages), page.next_page_token.as_str()), (vec!["+393400000001~4"], ""));
    arrived(&rig, "GET /srsmshistory", "/srsmshistory/+393400000001/3?limit=2");

    // The document's sample; in whatever order smSend gives them, they come oldest first.
    rig.sandbox.clear_requests();
    let entry = |id| {
        json!({"id_message": id, "id_sim": "+393400000000", "sender": "+393356242290", "message": "abcdef",
            "sms_date": "20160503102231", "keyword": ""})
    };
    let answer = json!({"result": "OK", "srsmshistory": [entry("10"), entry("8"), entry("9")]});
    answers(&rig, "GET /srsmshistory", &answer.to_string());
    let request = ListReceivedMessagesAfterRequest {
        name: format!("{ACCOUNT}/receivedMessages/+393400000000~5"),
        ..Default::default()
    };
    let page = inbox(&rig).list_received_messages_after(request).await.unwrap().into_inner();
    assert_eq!(names(&page.messages), ["+393400000000~8", "+393400000000~9", "+393400000000~10"]);
    assert_eq!((page.messages[0].text.as_str(), page.messages[0].receive_time), ("abcdef", Some(THEN)));
    arrived(&rig, "GET /srsmshistory", "/srsmshistory/+393400000000/5?limit=100");
}

async fn watch(rig: Rig) {
    let answer = r#"{"result": "OK", "total": 1, "srsmshistory": [{"id_message": "2", "id_sim": "+393400000001",
        "sender": "+393356242290", "message": "abcde", "sms_date": "20160503102231", "keyword": "qwe"}]}"#;
    answers(&rig, "GET /srsmshistory", answer);
    let request = WatchReceivedMessagesRequest {
        parent: ACCOUNT.to_owned(),
        numbers: both(),
        resume_token: String::new(),
        start_time: Some(THEN),
    };
    let mut stream = inbox(&rig).watch_received_messages(request.clone()).await.unwrap().into_inner();
    let answer = stream.next().await.unwrap().unwrap();
    let expected = ReceivedMessage {
        name: "accounts/smsend/receivedMessages/+393400000001~2".to_owned(),
        from: "+393356242290".to_owned(),
        to: SIM.to_owned(),
        text: "abcde".to_owned(),
        receive_time: Some(THEN),
        keyword: "qwe".to_owned(),
        message: String::new(),
    };
    assert_eq!(answer.message, Some(expected));
    drop(stream);
    let target = "/srsmshistory/+393400000001,+393400000002?from=20160503102231&pageNumber=1&pageSize=1000";
    arrived(&rig, "GET /srsmshistory", target);

    // Coming back asks the number that is known for what came after.
    rig.sandbox.clear_requests();
    for text in ["one", "two", "three"] {
        receive(&rig, SIM, text).await;
    }
    let request = WatchReceivedMessagesRequest { resume_token: answer.resume_token, ..request };
    let mut stream = inbox(&rig).watch_received_messages(request).await.unwrap().into_inner();
    let message = stream.next().await.unwrap().unwrap().message.unwrap();
    assert_eq!((message.text.as_str(), message.keyword.as_str()), ("three", "qwe"));
    let targets: Vec<_> = rig.requests("GET /srsmshistory").into_iter().map(|r| r.target).collect();
    assert!(targets[1].ends_with("/srsmshistory/+393400000001/2?limit=100"), "{targets:?}");
}

async fn every_fault_is_told_at_once_and_nothing_is_asked() {
    let rig = Rig::smsend().await;
    let faults = |status: &tonic::Status| {
        failed(status, Code::InvalidArgument, "INVALID_REQUEST");
        let details = status.get_error_details();
        let violations = &details.bad_request().expect("a BadRequest").field_violations;
        violations.iter().map(|v| v.field.clone()).collect::<Vec<_>>()
    };
    let (parent, numbers) = (ACCOUNT.to_owned(), vec![SIM.to_owned(), "me".to_owned()]);

    let request = PullReceivedMessagesRequest { parent: parent.clone(), numbers: numbers.clone(), max_messages: 101 };
    let status = inbox(&rig).pull_received_messages(request).await.expect_err("two faults");
    assert_eq!(faults(&status), ["numbers[1]", "max_messages"]);

    let request = ListReceivedMessagesRequest {
        parent: parent.clone(),
        page_size: -1,
        page_token: "x".to_owned(),
        numbers: numbers.clone(),
        start_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
        end_time: Some(Timestamp { seconds: i64::MIN, nanos: 0 }),
    };
    let status = inbox(&rig).list_received_messages(request).await.expect_err("five faults");
    assert_eq!(faults(&status), ["numbers[1]", "page_size", "page_token", "start_time", "end_time"]);

    for id in ["31", "+393400000001~", "+393400000001~x", "me~31"] {
        let request = ListReceivedMessagesAfterRequest {
            name: format!("{ACCOUNT}/receivedMessages/{id}"),
            page_size: -1,
            page_token: "x".to_owned(),
        };
        let status = inbox(&rig).list_received_messages_after(request).await.expect_err("three faults");
        assert_eq!(faults(&status), ["name", "page_size", "page_token"], "{id}");
    }

    let request = WatchReceivedMessagesRequest {
        parent,
        numbers,
        resume_token: "x".to_owned(),
        start_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
    };
    let status = inbox(&rig).watch_received_messages(request).await.expect_err("three faults");
    assert_eq!(faults(&status), ["numbers[1]", "start_time", "resume_token"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn a_pull_is_never_repeated_blindly() {
    let unknown = (Code::Unknown, "OUTCOME_UNKNOWN");
    for (fault, (code, reason)) in [
        (Fault::HangAfter, unknown),
        (Fault::CutAfter, unknown),
        (Fault::Truncate, unknown),
        (Fault::Garbage, unknown),
        (status(500, "down"), unknown),
        (status(200, ""), unknown),
        (status(429, "slow down"), (Code::ResourceExhausted, "RATE_LIMITED")),
    ] {
        let rig = if matches!(fault, Fault::HangAfter) { Rig::hasty().await } else { Rig::smsend().await };
        rig.fault("GET /newsrsmsmessage", fault.clone());
        let request = PullReceivedMessagesRequest { parent: ACCOUNT.to_owned(), ..Default::default() };
        let status = inbox(&rig).pull_received_messages(request).await.expect_err("lost");
        failed(&status, code, reason);
        assert_eq!(rig.requests("GET /newsrsmsmessage").len(), 1, "{fault:?}");
    }
}

fn status(code: u16, body: &str) -> Fault {
    Fault::Status { code: code.try_into().unwrap(), retry_after: None, body: Some(body.to_owned()) }
}

async fn errors() {
    // A token: a session would be renewed after a 401.
    let rig = Rig::with("", "token = 'UK;AT'").await;
    for (http, body, code, reason) in [
        (400, r#"{"result": "invalid id_sim"}"#, Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, "Unauthorized", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (404, "user_key not found", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (403, "no", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
        (418, "teapot", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
        (503, "down", Code::Unavailable, "VENDOR_UNAVAILABLE"),
        (200, r#"{"result": "KO"}"#, Code::InvalidArgument, "VENDOR_REFUSED"),
        (200, "<html>", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
    ] {
        // A 503 is asked three times.
        rig.sandbox.clear_faults();
        rig.faults("GET /srsmshistory", status(http, body), 3);
        let request = ListReceivedMessagesRequest { parent: ACCOUNT.to_owned(), ..Default::default() };
        let status = inbox(&rig).list_received_messages(request).await.expect_err(body);
        let metadata = failed(&status, code, reason);
        assert_eq!(metadata["http_status"], http.to_string(), "{body}");
    }
}
