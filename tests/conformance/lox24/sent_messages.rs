//! CancelMessage and ListVendorMessages.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{CancelMessageRequest, DeliveryState, ListVendorMessagesRequest, SendMessageRequest};
use smsmux_sandbox::Fault;
use tonic::{Code, Status};

use super::{
    message::{GET, LATER, answer, answered, get, recipient, send, to},
    signed, signed_list,
};
use crate::{
    Case,
    support::{Rig, failed, name_at_vendor, violations},
};

const CANCEL: &str = "POST /sms/ops/batch_cancel";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "MessageService/CancelMessage", operations: &[], run: |rig| cancel(rig).boxed() },
        Case { rpc: "MessageService/ListVendorMessages", operations: &[], run: |rig| list(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        the_count_in_the_answer_decides_whether_a_message_was_cancelled,
        nothing_is_cancelled_unless_the_filter_is_seen_to_be_heeded,
        refusals_have_their_reason_and_no_cancellation_is_repeated,
        nothing_but_a_uuid_can_be_cancelled,
    ]
}

async fn cancelled(rig: &Rig, name: &str) -> Result<(), Status> {
    rig.messages().cancel_message(CancelMessageRequest { name: name.to_owned() }).await.map(drop)
}

/// LOX24's name of one that waits, to one number.
async fn scheduled(rig: &Rig) -> String {
    let schedule_time = Some(Timestamp { seconds: LATER, nanos: 0 });
    let request = SendMessageRequest { schedule_time, ..to(&["+4915112345601"]) };
    name_at_vendor(recipient(&send(rig, request).await.unwrap()))
}

async fn cancel(rig: Rig) {
    let (message, other) = (scheduled(&rig).await, scheduled(&rig).await);
    cancelled(&rig, &message).await.unwrap();
    let requests = rig.requests(CANCEL);
    let uuid = message.rsplit('/').next().unwrap();
    let target = format!("/sms/ops/batch_cancel?uuid%5B%5D={uuid}");
    assert_eq!((requests.len(), &requests[0].target, requests[0].body.is_empty()), (1, &target, true));
    signed(&requests[0]);
    for (name, state) in [(&message, DeliveryState::Cancelled), (&other, DeliveryState::Scheduled)] {
        assert_eq!(recipient(&get(&rig, name).await.unwrap()).state(), state);
    }

    // What is gone is not asked to stop.
    let status = cancelled(&rig, &message).await.expect_err("cancelled before");
    failed(&status, Code::FailedPrecondition, "STATE_CONFLICT");
    let unknown = "accounts/lox24/messages/e6b7c2a0-0000-4000-8000-000000000001";
    failed(&cancelled(&rig, unknown).await.expect_err("unknown"), Code::NotFound, "RESOURCE_NOT_FOUND");
    assert_eq!(rig.requests(CANCEL).len(), 1);
}

async fn the_count_in_the_answer_decides_whether_a_message_was_cancelled() {
    let rig = Rig::vendor("lox24").await;
    let message = scheduled(&rig).await;
    for answer in [r#"{"affected_rows": 1}"#, r#"{"count": "1"}"#] {
        rig.answer(CANCEL, 200, answer);
        cancelled(&rig, &message).await.unwrap();
    }
    for (answer, code, reason) in [
        (r#"{"affected_rows": 0}"#, Code::FailedPrecondition, "STATE_CONFLICT"),
        (r#"{"affected_rows": 2}"#, Code::Unknown, "OUTCOME_UNKNOWN"),
        ("{}", Code::Unknown, "OUTCOME_UNKNOWN"),
        ("", Code::Unknown, "OUTCOME_UNKNOWN"),
    ] {
        rig.answer(CANCEL, 200, answer);
        failed(&cancelled(&rig, &message).await.expect_err(answer), code, reason);
    }
}

/// Were the filter called otherwise, LOX24 would overlook it and cancel everything that waits.
async fn nothing_is_cancelled_unless_the_filter_is_seen_to_be_heeded() {
    let rig = Rig::vendor("lox24").await;
    let (message, other) = (scheduled(&rig).await, scheduled(&rig).await);
    let entry = |message: &str| format!(r#"{{"uuid": "{}"}}"#, message.rsplit('/').next().unwrap());
    let (one, two) = (entry(&message), entry(&other));
    for list in [format!("[{one}, {two}]"), format!("[{two}]"), "[]".to_owned()] {
        // The first answer is what becomes of this SMS, the second the list.
        rig.sandbox.clear_requests();
        rig.answer("GET /sms", 200, &one);
        rig.answer("GET /sms", 200, &list);
        let status = cancelled(&rig, &message).await.expect_err("it could hit others");
        failed(&status, Code::Internal, "VENDOR_REPLY_UNREADABLE");
        assert_eq!(rig.requests(CANCEL).len(), 0);
    }
}

async fn refusals_have_their_reason_and_no_cancellation_is_repeated() {
    let rig = Rig::vendor("lox24").await;
    let message = scheduled(&rig).await;
    for (status, code, reason) in [
        (400, Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (403, Code::PermissionDenied, "VENDOR_DENIED"),
        (429, Code::ResourceExhausted, "RATE_LIMITED"),
    ] {
        for operation in [CANCEL, GET] {
            rig.sandbox.clear_requests();
            rig.answer(operation, status, r#"{"detail": "the words"}"#);
            let error = match operation {
                CANCEL => cancelled(&rig, &message).await,
                _ => rig.messages().list_vendor_messages(all()).await.map(drop),
            };
            assert_eq!(failed(&error.expect_err("refused"), code, reason)["vendor_message"], "the words");
            assert_eq!(rig.requests(operation).len(), 1, "{status} is not repeated");
        }
    }
    for fault in [Fault::CutAfter, Fault::Garbage] {
        let message = scheduled(&rig).await;
        rig.sandbox.clear_requests();
        rig.fault(CANCEL, fault);
        let error = cancelled(&rig, &message).await.expect_err("who knows");
        failed(&error, Code::Unknown, "OUTCOME_UNKNOWN");
        assert_eq!(rig.requests(CANCEL).len(), 1);
    }
}

/// Without a filter LOX24 would cancel everything.
async fn nothing_but_a_uuid_can_be_cancelled() {
    let rig = Rig::vendor("lox24").await;
    for id in ["", "%20", "7", "00000000-0000-0000-0000-000000000000", "e6b7c2a0-0000-4000-8000-000000000001&uuid="] {
        failed(
            &cancelled(&rig, &format!("accounts/lox24/messages/{id}")).await.expect_err(id),
            Code::InvalidArgument,
            "INVALID_REQUEST",
        );
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}

fn all() -> ListVendorMessagesRequest {
    ListVendorMessagesRequest { parent: "accounts/lox24".to_owned(), ..ListVendorMessagesRequest::default() }
}

/// Newest first, between two times; the second is the first call's where it is not given.
async fn list(rig: Rig) {
    let names = async |request: ListVendorMessagesRequest| {
        let answer = rig.messages().list_vendor_messages(request).await.unwrap().into_inner();
        let names: Vec<_> = answer.messages.into_iter().map(|message| message.name).collect();
        (names, answer.next_page_token, answer.total_size)
    };
    let mut sent = Vec::new();
    for _ in 0..32 {
        sent.push(scheduled(&rig).await);
    }
    let (mut found, token, total) = names(all()).await;
    assert_eq!((found.len(), total), (30, Some(32)));
    let (rest, end, _) = names(ListVendorMessagesRequest { page_token: token, ..all() }).await;
    found.extend(rest);
    assert_eq!((found, end.as_str()), (sent, ""));
    let targets: Vec<_> = rig.requests(GET).into_iter().map(|request| request.target).collect();
    let (first, page) = targets[0].rsplit_once("&page=").unwrap();
    assert_eq!((targets.len(), page, targets[1].clone()), (2, "1", format!("{first}&page=2")));
    assert!(first.starts_with("/sms?_order%5Bcreated_at%5D=asc&created_at%5Blte%5D="), "{first}");

    rig.sandbox.clear_requests();
    let time = |seconds| Some(Timestamp { seconds, nanos: 0 });
    let (start_time, end_time) = (time(1_582_477_200), time(1_582_563_600));
    let between = ListVendorMessagesRequest { start_time, end_time, page_size: 5, ..all() };
    assert_eq!(names(between.clone()).await, (vec![], String::new(), Some(0)));
    let requests = rig.requests(GET);
    let expected =
        "/sms?_order%5Bcreated_at%5D=asc&created_at%5Bgte%5D=1582477200&created_at%5Blte%5D=1582563600&page=1";
    assert_eq!(requests[0].target, expected);
    signed_list(&requests[0]);

    rig.answer(GET, 200, &json!({"hydra:member": [answer()], "hydra:totalItems": 1}).to_string());
    let page = rig.messages().list_vendor_messages(between).await.unwrap().into_inner();
    assert_eq!(page.messages, [answered()]);

    let bad = ListVendorMessagesRequest {
        start_time: time(-1),
        end_time: time(i64::MAX),
        page_size: -1,
        page_token: "%".to_owned(),
        ..all()
    };
    rig.sandbox.clear_requests();
    let status = rig.messages().list_vendor_messages(bad).await.expect_err("bad input");
    violations(&status, &["end_time", "page_size", "page_token", "start_time"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}
