//! Sends, the state of a message, cancelling, the history.

use std::collections::BTreeMap;

use futures::FutureExt;
use http::StatusCode;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    CancelMessageRequest, DeliveryState, Encoding, GetMessageRequest, ListVendorMessagesRequest, Quality, Recipient,
    SendGroupMessageRequest, SendMessageRequest, SendTemplatedMessageRequest, SmSendOptions, TemplateRecipient,
    send_group_message_request, send_message_request, send_templated_message_request,
};
use smsmux_sandbox::Fault;

use super::{arrived, body};
use crate::{
    Case,
    support::{Rig, message, name_at_vendor, violations},
};

const ACCOUNT: &str = "accounts/smsend";

/// 2016-12-23 10:10:10, the time of the document's examples.
const THEN: Timestamp = Timestamp { seconds: 1_482_487_810, nanos: 0 };

/// The same day of 2099: one that has passed is refused.
const DUE: Timestamp = Timestamp { seconds: 4_101_703_810, nanos: 0 };

/// 2100-01-01: still to come.
const FAR: Timestamp = Timestamp { seconds: 4_102_444_800, nanos: 0 };

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "MessageService/SendMessage", operations: &["POST /sms"], run: |rig| send(rig).boxed() },
        Case {
            rpc: "MessageService/SendTemplatedMessage",
            operations: &["POST /paramsms"],
            run: |rig| templated(rig).boxed(),
        },
        Case {
            rpc: "MessageService/SendGroupMessage",
            operations: &["POST /smstogroups"],
            run: |rig| group(rig).boxed(),
        },
        Case { rpc: "MessageService/GetMessage", operations: &["GET /sms/{order_id}"], run: |rig| get(rig).boxed() },
        Case {
            rpc: "MessageService/CancelMessage",
            operations: &["DELETE /sms/{order_id}"],
            run: |rig| cancel(rig).boxed(),
        },
        Case {
            rpc: "MessageService/ListVendorMessages",
            operations: &["GET /smshistory"],
            run: |rig| list(rig).boxed(),
        },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![nobody_is_sent_to_twice_and_nothing_is_sent, a_large_order_is_sent_and_a_large_answer_is_read]
}

fn options() -> SmSendOptions {
    SmSendOptions { message_type: "GP".to_owned(), return_credits: true, ..SmSendOptions::default() }
}

async fn send(rig: Rig) {
    // The document's own example.
    let request = SendMessageRequest {
        parent: ACCOUNT.to_owned(),
        recipients: vec!["+393471234567".to_owned(), "+393471234568".to_owned()],
        text: "Hello world!".to_owned(),
        sender: "MySender".to_owned(),
        schedule_time: Some(DUE),
        message_id: "123456789".to_owned(),
        vendor_options: Some(send_message_request::VendorOptions::Smsend(options())),
        ..SendMessageRequest::default()
    };
    let sent = rig.messages().send_message(request).await.unwrap().into_inner().message.unwrap();
    assert_eq!(sent.name, "accounts/smsend/messages/123456789");
    assert_eq!((sent.credits_used, sent.sent_count, sent.vendor_message_type.as_str()), (Some(2), None, "GP"));
    assert_eq!(sent.recipients.iter().map(|r| r.to.as_str()).collect::<Vec<_>>(), ["+393471234567", "+393471234568"]);
    let scheduled = |r: &Recipient| {
        let ids = (r.vendor_message_id.as_str(), r.account.as_str());
        r.state() == DeliveryState::Scheduled && ids == ("123456789", ACCOUNT)
    };
    assert!(sent.recipients.iter().all(scheduled), "{sent:?}");
    assert_eq!((sent.recipient_count, sent.vendor_message_ids.len()), (Some(2), 0));
    body(
        &arrived(&rig, "POST /sms", "/sms"),
        &json!({
            "returnCredits": true,
            "order_id": "123456789",
            "recipient": ["+393471234567", "+393471234568"],
            "scheduled_delivery_time": "20991223101010",
            "message": "Hello world!",
            "message_type": "GP",
            "sender": "MySender"
        }),
    );

    // The classes, the alphabets, the longest text, many recipients.
    for (quality, message_type) in [(Quality::Medium, "L"), (Quality::Low, "LL"), (Quality::High, "N")] {
        for (text, encoding, written) in [
            ("plain", Encoding::Unspecified, None),
            ("plain", Encoding::Ucs2, Some("ucs2")),
            ("plain", Encoding::Gsm7, Some("gsm")),
            ("perché ✓", Encoding::Unspecified, Some("ucs2")),
        ] {
            rig.sandbox.clear_requests();
            let mut request = message();
            (request.quality, request.encoding, request.text) = (quality.into(), encoding.into(), text.to_owned());
            let sent = rig.messages().send_message(request).await.unwrap().into_inner().message.unwrap();
            assert_eq!((sent.quality(), sent.sent_count), (quality, Some(1)));
            let order = rig.requests("POST /sms")[0].json().unwrap();
            assert_eq!((order["message_type"].as_str(), order["encoding"].as_str()), (Some(message_type), written));
            assert_eq!(order["order_id"].as_str().unwrap().len(), 32);
        }
    }
    let mut request = message();
    request.text = "è".repeat(1000);
    request.recipients = (0..500).map(|i| format!("+3934712{i:05}")).collect();
    let sent = rig.messages().send_message(request).await.unwrap().into_inner().message.unwrap();
    assert_eq!((sent.sent_count, sent.recipients.len()), (Some(500), 500));
}

async fn templated(rig: Rig) {
    let recipient = |to: &str, key: &str, value: &str| TemplateRecipient {
        to: to.to_owned(),
        parameters: BTreeMap::from([(key.to_owned(), value.to_owned())]),
    };
    let request = SendTemplatedMessageRequest {
        parent: ACCOUNT.to_owned(),
        recipients: vec![recipient("+393471234567", "name", "Mark"), recipient("+393477654321", "nation", "Alabama")],
        text: "Hello {name}, welcome to {nation}".to_owned(),
        sender: "MySender".to_owned(),
        schedule_time: Some(DUE),
        message_id: "123456789".to_owned(),
        vendor_options: Some(send_templated_message_request::VendorOptions::Smsend(SmSendOptions {
            return_remaining: true,
            allow_invalid_recipients: true,
            ..options()
        })),
        ..SendTemplatedMessageRequest::default()
    };
    let sent = rig.messages().send_templated_message(request).await.unwrap().into_inner().message.unwrap();
    assert_eq!(sent.name, "accounts/smsend/messages/123456789");
    assert_eq!(sent.recipients.len(), 2);
    body(
        &arrived(&rig, "POST /paramsms", "/paramsms"),
        &json!({
            "message_type": "GP",
            "message": "Hello {name}, welcome to {nation}",
            "sender": "MySender",
            "scheduled_delivery_time": "20991223101010",
            "order_id": "123456789",
            "returnCredits": true,
            "allowInvalidRecipients": true,
            "returnRemaining": true,
            "recipients": {
                "0": {"recipient": "+393471234567", "name": "Mark"},
                "1": {"recipient": "+393477654321", "nation": "Alabama"}
            }
        }),
    );
}

async fn group(rig: Rig) {
    let request = SendGroupMessageRequest {
        parent: ACCOUNT.to_owned(),
        groups: vec!["Group1".to_owned(), "Group2".to_owned()],
        text: "Hello world!".to_owned(),
        sender: "MySender".to_owned(),
        schedule_time: Some(DUE),
        message_id: "123456789".to_owned(),
        vendor_options: Some(send_group_message_request::VendorOptions::Smsend(options())),
        ..SendGroupMessageRequest::default()
    };
    let sent = rig.messages().send_group_message(request).await.unwrap().into_inner().message.unwrap();
    assert_eq!(sent.name, "accounts/smsend/messages/123456789");
    assert_eq!((sent.recipients.len(), sent.vendor_message_ids), (0, vec!["123456789".to_owned()]));
    body(
        &arrived(&rig, "POST /smstogroups", "/smstogroups"),
        &json!({
            "returnCredits": true,
            "order_id": "123456789",
            "recipient": ["Group1", "Group2"],
            "scheduled_delivery_time": "20991223101010",
            "message": "Hello world!",
            "message_type": "GP",
            "sender": "MySender"
        }),
    );
    let found = rig.messages().get_message(GetMessageRequest { name: sent.name }).await.unwrap().into_inner();
    let recipients = found.message.unwrap().recipients;
    assert!(!recipients.is_empty() && recipients.iter().all(|r| r.vendor_message_id == "123456789"));
}

async fn get(rig: Rig) {
    let name = rig.send().await.unwrap().name;
    let order_id = name.rsplit('/').next().unwrap();
    let mut states = Vec::new();
    for _ in 0..3 {
        let found = rig.messages().get_message(GetMessageRequest { name: name.clone() }).await.unwrap().into_inner();
        let message = found.message.unwrap();
        assert_eq!((message.name.as_str(), message.recipient_count), (name.as_str(), Some(1)));
        assert_eq!(name_at_vendor(&message.recipients[0]), name);
        states.push((message.recipients[0].state(), message.recipients[0].delivery_time.is_some()));
    }
    let expected = [(DeliveryState::Queued, false), (DeliveryState::Sent, false), (DeliveryState::Delivered, true)];
    assert_eq!(states, expected);
    assert_eq!(rig.requests("GET /sms")[0].target, format!("/API/v1.0/REST/sms/{order_id}"));

    // A word that nobody has heard of stays readable.
    let answer = r#"{"recipient_number": 1, "result": "OK",
        "recipients": [{"status": "NEW WORD", "destination": "00393471234567", "delivery_date": "20160503102231"}]}"#;
    rig.fault("GET /sms", Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(answer.into()) });
    let found = rig.messages().get_message(GetMessageRequest { name }).await.unwrap().into_inner();
    let recipient = &found.message.unwrap().recipients[0];
    assert_eq!((recipient.to.as_str(), recipient.vendor_code.as_str()), ("+393471234567", "NEW WORD"));
    assert_eq!(
        (recipient.state(), recipient.delivery_time.unwrap().seconds),
        (DeliveryState::Unspecified, 1_462_270_951)
    );
}

async fn cancel(rig: Rig) {
    let mut request = message();
    (request.schedule_time, request.message_id) = (Some(FAR), "later".to_owned());
    let sent = rig.messages().send_message(request).await.unwrap().into_inner().message.unwrap();
    rig.messages().cancel_message(CancelMessageRequest { name: sent.name }).await.unwrap();
    arrived(&rig, "DELETE /sms", "/sms/later");
}

async fn list(rig: Rig) {
    for _ in 0..5 {
        rig.send().await.unwrap();
    }
    let mut request = ListVendorMessagesRequest {
        parent: ACCOUNT.to_owned(),
        page_size: 2,
        start_time: Some(THEN),
        end_time: Some(FAR),
        ..ListVendorMessagesRequest::default()
    };
    let mut names = Vec::new();
    loop {
        let page = rig.messages().list_vendor_messages(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, Some(5));
        for message in page.messages {
            assert_eq!((message.recipient_count, message.quality()), (Some(1), Quality::High));
            assert!(message.create_time.is_some());
            names.push(message.name);
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 5);
    let targets: Vec<_> = rig.requests("GET /smshistory").iter().map(|r| r.target.clone()).collect();
    let target =
        |page| format!("/API/v1.0/REST/smshistory?from=20161223101010&to=21000101000000&pageNumber={page}&pageSize=2");
    assert_eq!(targets, [target(1), target(2), target(3)]);

    let example = r#"{"total": 1, "pageNumber": 1, "result": "OK", "pageSize": 10, "smshistory": [{
        "order_id": "XYZABCQWERTY", "create_time": "20161223101010", "schedule_time": "20161223101010",
        "message_type": "GP", "sender": "MySender", "num_recipients": 2}]}"#;
    rig.fault("GET /smshistory", Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(example.into()) });
    request.page_token = String::new();
    let message = rig.messages().list_vendor_messages(request).await.unwrap().into_inner().messages.remove(0);
    assert_eq!(message.name, "accounts/smsend/messages/XYZABCQWERTY");
    assert_eq!(message.vendor_message_ids, ["XYZABCQWERTY"]);
    assert_eq!((message.create_time, message.schedule_time), (Some(THEN), Some(THEN)));
    assert_eq!((message.sender.as_str(), message.vendor_message_type.as_str()), ("MySender", "GP"));
    assert_eq!((message.quality(), message.recipient_count), (Quality::Unspecified, Some(2)));
}

async fn nobody_is_sent_to_twice_and_nothing_is_sent() {
    let rig = Rig::smsend().await;
    let to = ["+393471234567", "+393471234568", "+393471234567"];
    let request = SendMessageRequest { recipients: to.map(str::to_owned).to_vec(), ..message() };
    violations(&rig.messages().send_message(request).await.expect_err("twice"), &["recipients[2]"]);

    let recipient = |to: &str| TemplateRecipient { to: to.to_owned(), ..TemplateRecipient::default() };
    let mut recipients = to.map(recipient).to_vec();
    recipients[1].parameters.insert("name".to_owned(), "y".repeat(1001));
    let request = SendTemplatedMessageRequest {
        parent: ACCOUNT.to_owned(),
        recipients,
        text: "Hello ${name}".to_owned(),
        ..SendTemplatedMessageRequest::default()
    };
    let status = rig.messages().send_templated_message(request).await.expect_err("twice, and too long");
    violations(&status, &["recipients[1].parameters", "recipients[2].to"]);

    let request = SendGroupMessageRequest {
        parent: ACCOUNT.to_owned(),
        groups: ["Group1", "Group2", "Group1"].map(str::to_owned).to_vec(),
        text: "Hello".to_owned(),
        ..SendGroupMessageRequest::default()
    };
    violations(&rig.messages().send_group_message(request).await.expect_err("twice"), &["groups[2]"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn a_large_order_is_sent_and_a_large_answer_is_read() {
    let rig = Rig::smsend().await;
    let recipients: Vec<_> = (0..10_000).map(|i| format!("+39347{i:07}")).collect();
    let request = SendMessageRequest { recipients: recipients.clone(), ..message() };
    let sent = rig.messages().send_message(request).await.unwrap().into_inner().message.unwrap();
    assert!(sent.recipients.iter().map(|recipient| &recipient.to).eq(&recipients));

    let entry = |to: &String| json!({"status": "DLVRD", "destination": to, "delivery_date": "20180307175609"});
    let list: Vec<_> = recipients.iter().map(entry).collect();
    let answer = json!({"recipient_number": list.len(), "result": "OK", "recipients": list}).to_string();
    rig.answer("GET /sms", 200, &answer);
    let answer = rig.messages().get_message(GetMessageRequest { name: sent.name }).await.unwrap().into_inner();
    let found = answer.message.expect("a message").recipients;
    assert!(found.iter().map(|recipient| &recipient.to).eq(&recipients));
}
