//! SendMessage and GetMessage.

use futures::FutureExt;
use http::{Method, StatusCode};
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    DeliveryState, Encoding, GetMessageRequest, Message, Money, Purpose, Quality, Recipient, SendMessageRequest,
    SmSendOptions, send_message_request::VendorOptions,
};
use smsmux_sandbox::{Fault, Recorded};
use tonic::{Code, Status};

use super::signed;
use crate::{
    Case,
    support::{Rig, failed, name_at_vendor, violations},
};

const POST: &str = "POST /sms";
pub(super) const GET: &str = "GET /sms";

/// 2100-01-01.
pub(super) const LATER: i64 = 4_102_444_800;

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "MessageService/SendMessage",
            operations: &[],
            run: |rig| {
                async move {
                    every_field(&rig).await;
                    only_what_is_required(&rig).await;
                    every_field_of_the_answer(&rig).await;
                }
                .boxed()
            },
        },
        Case { rpc: "MessageService/GetMessage", operations: &[], run: |rig| look_up(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        everything_that_lox24_cannot_take_is_told_at_once_and_nothing_is_sent,
        the_longest_texts_and_every_recipient_of_many_are_taken,
        what_one_recipient_is_refused_for_leaves_the_others_their_turn,
        when_the_money_ends_it_is_told_who_got_nothing,
        a_429_to_some_of_many_slows_the_send_down_and_everybody_is_sent_to_once,
        a_bad_token_costs_one_login_however_many_the_recipients_are,
        refusals_have_their_reason_and_what_may_have_been_sent_is_unknown_and_not_repeated,
    ]
}

pub(super) fn to(recipients: &[&str]) -> SendMessageRequest {
    SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: recipients.iter().map(ToString::to_string).collect(),
        text: "Hello world!".to_owned(),
        sender: "smsmux".to_owned(),
        message_id: "mine".to_owned(),
        ..SendMessageRequest::default()
    }
}

fn twenty() -> SendMessageRequest {
    let recipients = (10..30).map(|i| format!("+4915123456{i}")).collect();
    SendMessageRequest { recipients, ..to(&[]) }
}

pub(super) async fn send(rig: &Rig, request: SendMessageRequest) -> Result<Message, Status> {
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

pub(super) async fn get(rig: &Rig, name: &str) -> Result<Message, Status> {
    let request = GetMessageRequest { name: name.to_owned() };
    Ok(rig.messages().get_message(request).await?.into_inner().message.expect("a message"))
}

pub(super) fn recipient(message: &Message) -> &Recipient {
    let [recipient] = &message.recipients[..] else { panic!("{message:?}") };
    recipient
}

async fn every_field(rig: &Rig) {
    let numbers = ["+4915112345601", "+4915112345602", "+4915112345603"];
    let request = SendMessageRequest {
        sender: "+4915199999999".to_owned(),
        quality: Quality::Medium.into(),
        encoding: Encoding::Ucs2.into(),
        schedule_time: Some(Timestamp { seconds: LATER, nanos: 0 }),
        reference: "order-42".to_owned(),
        ..to(&numbers)
    };
    let message = send(rig, request).await.unwrap();
    let reached: Vec<_> = message.recipients.iter().map(|recipient| recipient.to.as_str()).collect();
    assert_eq!(reached, numbers, "in the order of the request");
    for recipient in &message.recipients {
        assert_eq!(recipient.account, "accounts/lox24");
        assert!(!recipient.vendor_message_id.is_empty() && recipient.create_time.is_some(), "{recipient:?}");
        let Recipient { state, vendor_code, .. } = recipient;
        assert_eq!((*state, vendor_code.as_str()), (DeliveryState::Scheduled as i32, "0/0"));
    }
    assert_eq!((message.schedule_time.unwrap().seconds, message.quality()), (LATER, Quality::Medium));
    let cost = message.price.as_ref().map(|price| price.amount.as_str());
    assert_eq!(
        (message.name.as_str(), message.recipient_count, cost),
        ("accounts/lox24/messages/mine", Some(3), Some("0.12"))
    );

    let mut requests = rig.requests(POST);
    requests.sort_by_key(|request| request.text().into_owned());
    assert_eq!(requests.len(), 3);
    for (request, number) in requests.iter().zip(numbers) {
        assert_eq!(request.target, "/sms");
        signed(request);
        let expected = json!({
            "sender_id": "4915199999999",
            "phone": number,
            "text": "Hello world!",
            "service_code": "pro",
            "delivery_at": LATER,
            "is_unicode": true,
            "callback_data": "order-42"
        });
        assert_eq!(request.json(), Some(expected));
    }
}

/// The best service, at once, in the alphabet that the text needs.
async fn only_what_is_required(rig: &Rig) {
    for (text, is_unicode) in [("Perché no? [€ 5]", false), ("Привет", true)] {
        rig.sandbox.clear_requests();
        let request = SendMessageRequest { text: text.to_owned(), ..to(&["+4915112345601"]) };
        let message = send(rig, request).await.unwrap();
        assert_eq!((recipient(&message).state(), message.quality()), (DeliveryState::Queued, Quality::High));
        assert_eq!((message.schedule_time, message.reference.as_str()), (None, ""));
        let expected = json!({
            "sender_id": "smsmux", "phone": "+4915112345601", "text": text, "service_code": "direct",
            "is_unicode": is_unicode
        });
        assert_eq!(rig.requests(POST)[0].json(), Some(expected));
    }
}

pub(super) fn answer() -> Value {
    json!({
        "uuid": "e6b7c2a0-0000-4000-8000-000000000001", "text": "Hello world!", "sender_id": "smsmux",
        "phone": "+4915112345601", "delivery_at": 1_582_563_600, "status_code": 100, "gateway_sent_at": 1_582_563_601,
        "source": 2, "dlr_code": 1, "ip": "127.0.0.1", "created_at": 1_582_477_200, "is_unicode": false, "iso2": "DE",
        "voice_lang": "DE", "parts_count": 2, "chars_count": 12, "callback_data": "order-42", "bulk_id": null,
        "key_id": 1, "service_code": "economy", "is_text_deleted": false, "price": 0.085, "is_sent": true,
        "requests": 0, "clicks": 0
    })
}

pub(super) fn answered() -> Message {
    let time = |seconds| Some(Timestamp { seconds, nanos: 0 });
    let price = Some(Money { amount: "0.085".to_owned(), currency_code: String::new() });
    let recipient = Recipient {
        to: "+4915112345601".to_owned(),
        state: DeliveryState::Delivered.into(),
        vendor_code: "100/1".to_owned(),
        vendor_message_id: "e6b7c2a0-0000-4000-8000-000000000001".to_owned(),
        account: "accounts/lox24".to_owned(),
        segment_count: Some(2),
        price: price.clone(),
        create_time: time(1_582_477_200),
        send_time: time(1_582_563_601),
        ..Recipient::default()
    };
    Message {
        name: "accounts/lox24/messages/e6b7c2a0-0000-4000-8000-000000000001".to_owned(),
        recipients: vec![recipient],
        sender: "smsmux".to_owned(),
        quality: Quality::Low.into(),
        vendor_message_type: "economy".to_owned(),
        create_time: time(1_582_477_200),
        schedule_time: time(1_582_563_600),
        recipient_count: Some(1),
        text: "Hello world!".to_owned(),
        reference: "order-42".to_owned(),
        price,
        ..Message::default()
    }
}

async fn every_field_of_the_answer(rig: &Rig) {
    rig.answer(POST, 201, &answer().to_string());
    let expected = Message { name: "accounts/lox24/messages/mine".to_owned(), ..answered() };
    assert_eq!(send(rig, to(&["+4915112345601"])).await.unwrap(), expected);
    // The least that tells which message it is; a service that is none of the classes keeps its name.
    rig.answer(POST, 200, r#"{"uuid": "u-1", "service_code": "text2speech"}"#);
    let message = send(rig, to(&["+4915112345601"])).await.unwrap();
    let Recipient { vendor_message_id, to, state, .. } = recipient(&message);
    assert_eq!((vendor_message_id.as_str(), to.as_str(), *state), ("u-1", "+4915112345601", 0));
    assert_eq!((message.vendor_message_type.as_str(), message.quality), ("text2speech", 0));
}

async fn look_up(rig: Rig) {
    let name = name_at_vendor(recipient(&send(&rig, to(&["+4915112345601"])).await.unwrap()));
    let uuid = name.rsplit('/').next().unwrap();
    let found = get(&rig, &name).await.unwrap();
    assert_eq!((found.name.as_str(), found.text.as_str()), (name.as_str(), "Hello world!"));
    assert_eq!(name_at_vendor(recipient(&found)), name);
    assert_eq!((recipient(&found).state(), recipient(&found).vendor_code.as_str()), (DeliveryState::Sent, "100/0"));
    let report = json!({"uuid": uuid, "status_code": 100, "dlr_code": 1});
    assert_eq!(rig.sandbox.control(Method::POST, "/report", &report).await.0, 204);
    assert_eq!(recipient(&get(&rig, &name).await.unwrap()).state(), DeliveryState::Delivered);

    let requests = rig.requests(GET);
    assert_eq!((requests.len(), requests[0].target.clone()), (2, format!("/sms/{uuid}")));
    signed(&requests[0]);
    rig.answer(GET, 200, &answer().to_string());
    assert_eq!(get(&rig, &answered().name).await.unwrap(), answered());

    let status = get(&rig, "accounts/lox24/messages/unheard-of").await.expect_err("no such SMS");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
    let status = get(&rig, "accounts/lox24/contacts/7").await.expect_err("no message");
    violations(&status, &["name"]);
}

async fn everything_that_lox24_cannot_take_is_told_at_once_and_nothing_is_sent() {
    let rig = Rig::vendor("lox24").await;
    let request = SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915112345601".to_owned(), "004915112345601".to_owned()],
        text: "è".repeat(1531),
        sender: "a sender too long".to_owned(),
        quality: 7,
        encoding: 7,
        schedule_time: Some(Timestamp::default()),
        message_id: "not/mine".to_owned(),
        reference: "x".repeat(37),
        purpose: Purpose::Marketing.into(),
        tag: "autumn".to_owned(),
        vendor_options: Some(VendorOptions::Smsend(SmSendOptions::default())),
    };
    let fields = [
        "encoding",
        "message_id",
        "quality",
        "recipients[1]",
        "reference",
        "schedule_time",
        "sender",
        "smsend",
        "text",
    ];
    violations(&send(&rig, request).await.expect_err("bad input"), &fields);
    let empty = SendMessageRequest { text: String::new(), sender: String::new(), ..to(&[]) };
    violations(&send(&rig, empty).await.expect_err("nothing"), &["recipients", "sender", "text"]);
    let many = SendMessageRequest { recipients: vec!["+4915112345601".to_owned(); 501], ..to(&[]) };
    violations(&send(&rig, many).await.expect_err("too many"), &["recipients"]);
    let long = SendMessageRequest { text: "Ж".repeat(671), ..to(&["+4915112345601"]) };
    violations(&send(&rig, long).await.expect_err("too long"), &["text"]);
    let gsm = SendMessageRequest { text: "Ж".to_owned(), encoding: Encoding::Gsm7.into(), ..to(&["+4915112345601"]) };
    violations(&send(&rig, gsm).await.expect_err("not GSM"), &["encoding"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn the_longest_texts_and_every_recipient_of_many_are_taken() {
    let rig = Rig::vendor("lox24").await;
    for text in ["è".repeat(1530), "Ж".repeat(670)] {
        let request = SendMessageRequest { text, ..twenty() };
        let recipients = request.recipients.clone();
        let sent = send(&rig, request).await.unwrap().recipients;
        let reached: Vec<_> = sent.iter().map(|recipient| recipient.to.clone()).collect();
        assert_eq!((reached, sent.iter().all(|r| !r.vendor_message_id.is_empty())), (recipients, true));
        assert_eq!(sent[19].segment_count, Some(10));
    }
}

async fn what_one_recipient_is_refused_for_leaves_the_others_their_turn() {
    let rig = Rig::vendor("lox24").await;
    rig.answer(POST, 422, r#"{"detail": "phone is no mobile"}"#);
    let message = send(&rig, to(&["+4915112345601", "+4915112345602"])).await.unwrap();
    let refused = Recipient {
        to: "+4915112345601".to_owned(),
        state: DeliveryState::Rejected.into(),
        vendor_code: "HTTP 422".to_owned(),
        vendor_text: "phone is no mobile".to_owned(),
        account: "accounts/lox24".to_owned(),
        ..Recipient::default()
    };
    assert_eq!(message.recipients[0], refused);
    assert_eq!((message.recipients[1].state(), message.recipient_count), (DeliveryState::Queued, Some(2)));
    assert_eq!(message.price, message.recipients[1].price, "who was refused costs nothing");
}

async fn a_429_to_some_of_many_slows_the_send_down_and_everybody_is_sent_to_once() {
    let rig = Rig::vendor("lox24").await;
    rig.fault(POST, Fault::Delay { ms: 0 });
    let retry_after = Some(0);
    rig.faults(POST, Fault::Status { code: StatusCode::TOO_MANY_REQUESTS, retry_after, body: None }, 5);
    let message = send(&rig, twenty()).await.expect("all");
    assert!(message.recipients.iter().all(|recipient| !recipient.vendor_message_id.is_empty()), "{message:?}");
    let to: Vec<_> = message.recipients.iter().map(|recipient| recipient.to.clone()).collect();
    assert_eq!(to, twenty().recipients);
    let accepted = |request: &&Recorded| request.status == Some(201);
    assert_eq!((rig.requests(POST).len(), rig.requests(POST).iter().filter(accepted).count()), (25, 20));
}

async fn when_the_money_ends_it_is_told_who_got_nothing() {
    let rig = Rig::vendor("lox24").await;
    assert_eq!(rig.sandbox.control(Method::PUT, "/account", &json!({"balance": 0.05})).await.0, 204);
    let recipients = send(&rig, to(&["+4915112345601", "+4915112345602"])).await.unwrap().recipients;
    assert_eq!(recipients[0].state(), DeliveryState::Queued);
    let Recipient { state, vendor_code, .. } = &recipients[1];
    assert_eq!((*state, vendor_code.as_str()), (DeliveryState::Rejected as i32, "HTTP 402"));
    rig.sandbox.clear_requests();
    let status = send(&rig, twenty()).await.expect_err("no money");
    failed(&status, Code::ResourceExhausted, "NO_CREDIT");
    assert_eq!(rig.requests(POST).len(), 1, "the others would be refused too");
}

async fn a_bad_token_costs_one_login_however_many_the_recipients_are() {
    let rig = Rig::of("lox24", "", "token = '1234567:wrong-key'").await;
    let status = send(&rig, twenty()).await.expect_err("a bad token");
    failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    assert_eq!(rig.requests(POST).len(), 1);
}

async fn refusals_have_their_reason_and_what_may_have_been_sent_is_unknown_and_not_repeated() {
    let rig = Rig::vendor("lox24").await;
    for (status, code, reason) in [
        (400, Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (402, Code::ResourceExhausted, "NO_CREDIT"),
        (403, Code::PermissionDenied, "VENDOR_DENIED"),
        (418, Code::Unknown, "OUTCOME_UNKNOWN"),
        (422, Code::InvalidArgument, "VENDOR_REFUSED"),
        (429, Code::ResourceExhausted, "RATE_LIMITED"),
        (500, Code::Unknown, "OUTCOME_UNKNOWN"),
    ] {
        rig.sandbox.clear_requests();
        rig.answer(POST, status, r#"{"detail": "the words"}"#);
        let error = send(&rig, to(&["+4915112345601"])).await.expect_err("refused");
        assert_eq!(failed(&error, code, reason)["http_status"], status.to_string());
        assert_eq!(rig.requests(POST).len(), 1, "{status} is not repeated");
    }
    for (status, body) in [(201, "{}"), (201, r#"{"uuid": ""}"#), (200, "")] {
        rig.answer(POST, status, body);
        let error = send(&rig, to(&["+4915112345601"])).await.expect_err("no id");
        failed(&error, Code::Unknown, "OUTCOME_UNKNOWN");
    }
    for fault in [Fault::CutAfter, Fault::Garbage] {
        rig.sandbox.clear_requests();
        rig.fault(POST, fault);
        let error = send(&rig, twenty()).await.expect_err("who knows");
        failed(&error, Code::Unknown, "OUTCOME_UNKNOWN");
        assert_eq!(rig.requests(POST).len(), 1, "nor are the others tried");
    }
}
