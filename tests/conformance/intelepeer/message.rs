//! Messages. The vendor's other pages have them; the document has not.

use std::time::{Duration, Instant};

use futures::FutureExt;
use libtest_mimic::Trial;
use serde_json::json;
use smsmux::api::pb::{
    DeliveryState, Encoding, GetMessageRequest, Message, Purpose, Quality, Recipient, SendMessageRequest,
    SmSendOptions, send_message_request::VendorOptions,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::ENABLED_PATH;
use crate::{
    Case,
    support::{Rig, failed, name_at_vendor, violations},
};

const MDR: &str = "POST /sms/v1/mdr";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "MessageService/SendMessage", operations: &[], run: |rig| send_all(rig).boxed() },
        Case { rpc: "MessageService/GetMessage", operations: &[], run: |rig| get_one(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        a_number_s_messages_keep_their_distance_and_who_would_wait_too_long_is_told,
        errors_of_a_send,
        a_destination_that_is_not_served_leaves_the_others_their_turn,
        a_send_ends_where_the_vendor_is_down_and_tells_who_got_nothing,
        bad_input_of_a_send_is_answered_with_every_violation_and_no_request,
    ]
}

fn operation() -> String {
    format!("POST {ENABLED_PATH}/send")
}

/// Every field that IntelePeer has.
fn request(recipients: &[&str]) -> SendMessageRequest {
    SendMessageRequest {
        parent: "accounts/intelepeer".to_owned(),
        recipients: recipients.iter().map(|number| (*number).to_owned()).collect(),
        text: "Hello + world".to_owned(),
        sender: "+17208675310".to_owned(),
        message_id: "mine".to_owned(),
        reference: "my reference".to_owned(),
        ..SendMessageRequest::default()
    }
}

async fn send(rig: &Rig, request: SendMessageRequest) -> Result<Message, Status> {
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

async fn get(rig: &Rig, name: &str) -> Result<Message, Status> {
    let request = GetMessageRequest { name: name.to_owned() };
    Ok(rig.messages().get_message(request).await?.into_inner().message.unwrap())
}

async fn send_all(rig: Rig) {
    rig.answer(&operation(), 202, r#"{"state": "CREATED", "refid": "SM5AC0"}"#);
    let recipient = Recipient {
        to: "+17205550100".to_owned(),
        state: DeliveryState::Queued.into(),
        vendor_text: "CREATED".to_owned(),
        vendor_message_id: "SM5AC0".to_owned(),
        account: "accounts/intelepeer".to_owned(),
        ..Recipient::default()
    };
    let expected = Message {
        name: "accounts/intelepeer/messages/mine".to_owned(),
        recipients: vec![recipient],
        sender: "+17208675310".to_owned(),
        recipient_count: Some(1),
        reference: "my reference".to_owned(),
        ..Message::default()
    };
    assert_eq!(send(&rig, request(&["+17205550100"])).await.unwrap(), expected);
    let arrived = &rig.requests(&operation())[0];
    assert_eq!(arrived.target, "/sms/v1/+17208675310/send");
    assert_eq!(arrived.header("authorization"), Some("Bearer sandbox-token"));
    assert_eq!(arrived.header("content-type"), Some("application/json"));
    let body = json!({"to": "+17205550100", "text": "Hello + world", "guid": "my reference"});
    assert_eq!(arrived.json(), Some(body));

    // One request each, in their order; one whom the vendor does not send to is told among the others.
    let to = ["+17205550101", "+46700000001", "+17205550102"];
    let message = send(&rig, SendMessageRequest { reference: String::new(), ..request(&to) }).await.unwrap();
    let told: Vec<_> = message.recipients.iter().map(|r| (r.to.as_str(), r.state())).collect();
    let states = [DeliveryState::Queued, DeliveryState::Rejected, DeliveryState::Queued];
    assert_eq!(told, to.into_iter().zip(states).collect::<Vec<_>>());
    let without_id: Vec<_> = message.recipients.iter().map(|r| r.vendor_message_id.is_empty()).collect();
    assert_eq!((without_id, message.recipient_count), (vec![false, true, false], Some(3)));
    assert_eq!(message.recipients[1].vendor_text, "international destination not available");
    let sent = rig.requests(&operation());
    assert_eq!(sent[1].json(), Some(json!({"to": "+17205550101", "text": "Hello + world"})));
    assert_eq!(sent.len(), 4);
}

async fn a_number_s_messages_keep_their_distance_and_who_would_wait_too_long_is_told() {
    let rig = Rig::of("intelepeer", "", "message_interval = '400ms'").await;
    let start = Instant::now();
    let to = ["+17205550101", "+17205550102", "+17205550103"];
    let states = |message: Message| message.recipients.iter().map(Recipient::state).collect::<Vec<_>>();
    assert_eq!(states(send(&rig, request(&to)).await.unwrap()), [DeliveryState::Queued; 3]);
    assert!(start.elapsed() >= Duration::from_millis(800), "{:?}", start.elapsed());

    // The number's first turn is at once, the one after it is later than anyone waits.
    let rig = Rig::of("intelepeer", "", "message_interval = '1h'").await;
    let message = send(&rig, request(&to)).await.unwrap();
    let told: Vec<_> = message.recipients.iter().map(|r| (r.state(), r.vendor_text.as_str())).collect();
    assert_eq!(told[0].0, DeliveryState::Queued);
    for (state, text) in &told[1..] {
        assert_eq!(*state, DeliveryState::Rejected);
        assert!(text.starts_with("not sent: "), "{text}");
    }
    assert_eq!(rig.requests(&operation()).len(), 1);
    let status = send(&rig, request(&to)).await.expect_err("too long");
    assert_eq!(failed(&status, Code::ResourceExhausted, "RATE_LIMITED")["outcome"], "NOT_SENT");
    let wait = status.get_error_details().retry_info().and_then(|info| info.retry_delay).expect("how long to wait");
    assert!(!wait.is_zero() && wait <= Duration::from_secs(3600), "{wait:?}");
    assert_eq!(rig.requests(&operation()).len(), 1);
}

async fn get_one(rig: Rig) {
    let sent = send(&rig, request(&["+17205550100"])).await.unwrap().recipients.remove(0);
    let name = name_at_vendor(&sent);
    for (state, text, code) in [
        (DeliveryState::Queued, "CREATED", "1000"),
        (DeliveryState::Queued, "ENQUEUED", "2000"),
        (DeliveryState::Sent, "ACCEPTED", "3000"),
        (DeliveryState::Delivered, "DELIVERED", "4000"),
    ] {
        let recipient = Recipient {
            state: state.into(),
            vendor_code: code.to_owned(),
            vendor_text: text.to_owned(),
            vendor_message_id: sent.vendor_message_id.clone(),
            account: sent.account.clone(),
            ..Recipient::default()
        };
        let expected =
            Message { name: name.clone(), recipients: vec![recipient], recipient_count: Some(1), ..Message::default() };
        assert_eq!(get(&rig, &name).await.unwrap(), expected);
    }
    let arrived = &rig.requests(MDR)[0];
    assert_eq!(
        (arrived.target.as_str(), arrived.header("authorization")),
        ("/sms/v1/mdr", Some("Bearer sandbox-token"))
    );
    assert_eq!(arrived.json(), Some(json!({"refid": name.rsplit('/').next()})));
    // The words of the next version of the API, and its status.
    rig.answer(MDR, 200, r#"{"code": 200, "RCC_en": "DLR:Expired", "RCC": "210001"}"#);
    assert_eq!(get(&rig, &name).await.unwrap().recipients[0].state(), DeliveryState::Expired);

    // It is a question, though it is asked by POST: it may be repeated.
    rig.fault(MDR, Fault::CutBefore);
    get(&rig, &name).await.unwrap();
    let error = get(&rig, "accounts/intelepeer/messages/SM0").await.expect_err("unknown");
    failed(&error, Code::NotFound, "RESOURCE_NOT_FOUND");
    for body in ["", "{}", "7"] {
        rig.answer(MDR, 202, body);
        failed(&get(&rig, &name).await.expect_err(body), Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    let before = rig.sandbox.requests().len();
    for bad in ["accounts/intelepeer", "accounts/intelepeer/messages/"] {
        violations(&get(&rig, bad).await.expect_err(bad), &["name"]);
    }
    assert_eq!(rig.sandbox.requests().len(), before);
}

async fn errors_of_a_send() {
    let rig = Rig::vendor("intelepeer").await;
    let cases = [
        (400, r#"{"error": "bad format"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "bad format"),
        (401, r#"{"error": "not yours"}"#, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", "not yours"),
        (401, r#"{"detail": "unauthorized"}"#, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", "unauthorized"),
        (403, "", Code::PermissionDenied, "VENDOR_DENIED", ""),
        (404, "", Code::NotFound, "RESOURCE_NOT_FOUND", ""),
        (418, "tea", Code::Unknown, "OUTCOME_UNKNOWN", "tea"),
        (429, "", Code::ResourceExhausted, "RATE_LIMITED", ""),
        (503, "down", Code::Unknown, "OUTCOME_UNKNOWN", "down"),
        // It was taken, and nobody can look it up.
        (202, r#"{"state": "CREATED"}"#, Code::Unknown, "OUTCOME_UNKNOWN", ""),
        (202, "", Code::Unknown, "OUTCOME_UNKNOWN", ""),
    ];
    for (status, body, code, reason, words) in cases {
        rig.answer(&operation(), status, body);
        let metadata = failed(&send(&rig, request(&["+17205550100"])).await.expect_err(body), code, reason);
        assert_eq!(metadata.get("vendor_message").map_or("", String::as_str), words, "{status} {body}");
        assert_eq!(metadata["operation"], "POST /sms/v1/{tn}/send");
    }
    assert_eq!(rig.requests(&operation()).len(), cases.len(), "none was repeated");
}

async fn a_destination_that_is_not_served_leaves_the_others_their_turn() {
    let rig = Rig::vendor("intelepeer").await;
    for status in [403, 404] {
        rig.answer(&operation(), 202, r#"{"state": "CREATED", "refid": "SM1"}"#);
        rig.answer(&operation(), status, "");
        let to = ["+17205550101", "+393471234567", "+17205550103"];
        let recipients = send(&rig, request(&to)).await.unwrap().recipients;
        let told: Vec<_> = recipients.iter().map(|r| (r.state(), r.vendor_message_id.is_empty())).collect();
        assert_eq!((told[1], told[0].1, told[2].1), ((DeliveryState::Rejected, true), false, false), "{status}");
        assert_eq!(recipients[1].vendor_code, format!("HTTP {status}"));
    }
}

async fn a_send_ends_where_the_vendor_is_down_and_tells_who_got_nothing() {
    let rig = Rig::vendor("intelepeer").await;
    rig.answer(&operation(), 202, r#"{"state": "CREATED", "refid": "SM1"}"#);
    rig.fault(&operation(), Fault::CutAfter);
    let to = ["+17205550101", "+17205550102", "+17205550103"];
    let recipients = send(&rig, request(&to)).await.unwrap().recipients;
    let told: Vec<_> = recipients.iter().map(Recipient::state).collect();
    assert_eq!(told, [DeliveryState::Queued, DeliveryState::Unknown, DeliveryState::Rejected]);
    assert!(recipients[2].vendor_text.starts_with("not sent: "));
    assert_eq!(rig.requests(&operation()).len(), 2);
}

async fn bad_input_of_a_send_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::vendor("intelepeer").await;
    let worst = SendMessageRequest {
        parent: "accounts/intelepeer/numbers/1".to_owned(),
        recipients: vec!["17205550100".to_owned()],
        text: String::new(),
        sender: "MyShop".to_owned(),
        quality: Quality::Low.into(),
        encoding: Encoding::Gsm7.into(),
        schedule_time: Some(prost_types::Timestamp::default()),
        message_id: "not/mine".to_owned(),
        reference: "mine".to_owned(),
        purpose: Purpose::Marketing.into(),
        tag: "autumn".to_owned(),
        vendor_options: Some(VendorOptions::Smsend(SmSendOptions::default())),
    };
    let all =
        ["encoding", "message_id", "parent", "quality", "recipients[0]", "schedule_time", "sender", "smsend", "text"];
    violations(&send(&rig, worst).await.expect_err("bad input"), &all);
    let nobody = SendMessageRequest { sender: String::new(), ..request(&[]) };
    violations(&send(&rig, nobody).await.expect_err("nobody"), &["recipients", "sender"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}
