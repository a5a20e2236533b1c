//! MessageService.

use futures::FutureExt;
use http::StatusCode;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    CancelMessageRequest, DeliveryState, Encoding, GetMessageRequest, Message, Money, Quality, Recipient,
    SendMessageRequest, SmSendOptions, send_message_request::VendorOptions,
};
use smsmux_sandbox::{Fault, Rule};
use tonic::{Code, Status};

use super::json;
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const SEND: &str = "POST /send";
const STATUS: &str = "GET /bulk-status";
const CANCEL: &str = "GET /message-cancel";

/// Nine o'clock in Paris, a summer's day.
const NINE: Timestamp = Timestamp { seconds: 2_036_300_400, nanos: 0 };

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "MessageService/SendMessage", operations: &[], run: |rig| send_all(rig).boxed() },
        Case { rpc: "MessageService/GetMessage", operations: &[], run: |rig| look_up(rig).boxed() },
        Case { rpc: "MessageService/CancelMessage", operations: &[], run: |rig| cancel_once(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        a_text_that_would_not_arrive_as_it_is_goes_in_unicode,
        of_1200_recipients_it_is_told_who_was_sent_who_was_not_and_who_is_unknown,
        after_a_failure_of_the_account_nothing_more_is_sent,
        when_all_parts_fail_the_call_fails_and_never_hides_that_one_may_have_left,
        every_fault_of_a_message_is_told_before_any_http,
        what_is_said_of_a_send_has_its_reason,
    ]
}

fn request(recipients: &[&str]) -> SendMessageRequest {
    SendMessageRequest {
        parent: "accounts/smspartner".to_owned(),
        recipients: recipients.iter().map(|&number| number.to_owned()).collect(),
        text: "Bonjour".to_owned(),
        message_id: "mine".to_owned(),
        ..SendMessageRequest::default()
    }
}

async fn send(rig: &Rig, request: SendMessageRequest) -> Result<Message, Status> {
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

fn name(id: &str) -> String {
    format!("accounts/smspartner/messages/{id}")
}

async fn get(rig: &Rig, id: &str) -> Result<Message, Status> {
    let answer = rig.messages().get_message(GetMessageRequest { name: name(id) }).await?;
    Ok(answer.into_inner().message.expect("a message"))
}

async fn cancel(rig: &Rig, id: &str) -> Result<(), Status> {
    rig.messages().cancel_message(CancelMessageRequest { name: name(id) }).await.map(drop)
}

/// A recipient of SMSPartner's message `id`.
fn recipient(id: &str, to: &str, state: DeliveryState) -> Recipient {
    Recipient {
        to: to.to_owned(),
        state: state.into(),
        vendor_message_id: id.to_owned(),
        account: "accounts/smspartner".to_owned(),
        ..Recipient::default()
    }
}

async fn send_all(rig: Rig) {
    let full = SendMessageRequest {
        sender: "Ma Boite".to_owned(),
        quality: Quality::Low.into(),
        encoding: Encoding::Ucs2.into(),
        schedule_time: Some(NINE),
        reference: "ete-2034".to_owned(),
        ..request(&["+33612345678", "+49612345678"])
    };
    let sent = send(&rig, full.clone()).await.expect("sent");
    let expected = Message {
        name: name("mine"),
        recipients: ["+33612345678", "+49612345678"].map(|to| recipient("300", to, DeliveryState::Scheduled)).into(),
        sender: "Ma Boite".to_owned(),
        quality: Quality::Low.into(),
        vendor_message_type: "2".to_owned(),
        schedule_time: Some(NINE),
        recipient_count: Some(2),
        reference: "ete-2034".to_owned(),
        price: Some(Money { amount: "0.09".to_owned(), currency_code: "EUR".to_owned() }),
        ..Message::default()
    };
    assert_eq!(sent, expected);
    let [recorded] = &rig.requests(SEND)[..] else { panic!("one request") };
    assert_eq!((&*recorded.target, recorded.header("content-type")), ("/v1/send", Some("application/json")));
    let body = json!({
        "apiKey": "sandbox-api-key", "phoneNumbers": "+33612345678,+49612345678", "message": "Bonjour",
        "sender": "Ma Boite", "gamme": 2, "tag": "ete-2034", "scheduledDeliveryDate": "12/07/2034", "time": 9,
        "minute": 0, "isUnicode": 1
    });
    assert_eq!(json(recorded), body);

    // The least there is; what SMSPartner answers, with a date of its own.
    let answer = r#"{"success": true, "code": 200, "message_id": 2270142, "nb_sms": 2, "cost": 0.090, "currency": "EUR",
        "scheduledDeliveryDate": "2034-07-12 09:00:00"}"#;
    rig.answer(SEND, 200, answer);
    let sent = send(&rig, request(&["+33612345678"])).await.expect("sent");
    let price = Some(Money { amount: "0.090".to_owned(), currency_code: "EUR".to_owned() });
    let expected = Recipient {
        segment_count: Some(2),
        price: price.clone(),
        ..recipient("2270142", "+33612345678", DeliveryState::Scheduled)
    };
    assert_eq!((sent.recipients, sent.price, sent.schedule_time), (vec![expected], price, Some(NINE)));
    let least = json!({"apiKey": "sandbox-api-key", "phoneNumbers": "+33612345678", "message": "Bonjour", "gamme": 1});
    assert_eq!(json(&rig.requests(SEND)[1]), least);
}

async fn a_text_that_would_not_arrive_as_it_is_goes_in_unicode() {
    let rig = one_at_a_time().await;
    for (text, unicode) in [("Perché no? €", None), ("Ça marche", None), ("ça marche", Some(1)), ("[x]", Some(1))]
    {
        rig.sandbox.clear_requests();
        let request = SendMessageRequest { text: text.to_owned(), ..request(&["+33612345678"]) };
        send(&rig, request).await.expect(text);
        assert_eq!(json(&rig.requests(SEND)[0]).get("isUnicode"), unicode.map(Value::from).as_ref(), "{text}");
    }
}

/// Answers like SMSPartner's to the requests that come, in this order.
fn script(rig: &Rig, faults: impl IntoIterator<Item = Fault>) {
    for fault in faults {
        rig.sandbox.inject(Rule::new(fault).method("POST").path("/send").times(1));
    }
}

fn answer(body: &str) -> Fault {
    Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(body.to_owned()) }
}

const TAKEN: &str = r#"{"success": true, "code": 200, "message_id": 7}"#;
const REFUSED: &str = r#"{"success": false, "code": 14, "message": "Liste STOP"}"#;
const NO_CREDIT: &str = r#"{"success": false, "code": 11, "message": "Plus de crédit"}"#;

/// 1,200 recipients: three requests.
fn many() -> SendMessageRequest {
    let recipients = (0..1200).map(|i| format!("+3361234{i:04}")).collect();
    SendMessageRequest { recipients, ..request(&[]) }
}

/// A gateway whose requests of one send arrive in their order.
async fn one_at_a_time() -> Rig {
    Rig::of("smspartner", "", "parallel_requests = 1").await
}

/// SMSPartner's id, state, code and text that the recipients of each part share, and how many they are.
fn fates(message: &Message) -> Vec<(&str, usize, DeliveryState, &str, &str)> {
    let alike = |a: &Recipient, b: &Recipient| {
        (&a.vendor_message_id, a.state, &a.vendor_code, &a.vendor_text)
            == (&b.vendor_message_id, b.state, &b.vendor_code, &b.vendor_text)
    };
    message
        .recipients
        .chunk_by(alike)
        .map(|part| (part.len(), &part[0]))
        .map(|(count, r)| {
            (r.vendor_message_id.as_str(), count, r.state(), r.vendor_code.as_str(), r.vendor_text.as_str())
        })
        .collect()
}

async fn of_1200_recipients_it_is_told_who_was_sent_who_was_not_and_who_is_unknown() {
    let rig = one_at_a_time().await;
    script(&rig, [answer(TAKEN), answer(REFUSED), Fault::CutAfter]);
    let message = send(&rig, many()).await.expect("one was taken");
    let told: Vec<_> = message.recipients.iter().map(|r| r.to.clone()).collect();
    assert_eq!((told, message.recipient_count), (many().recipients, Some(1200)), "everybody once, in order");
    let asked: Vec<_> =
        rig.requests(SEND).iter().map(|r| json(r)["phoneNumbers"].as_str().unwrap().to_owned()).collect();
    assert_eq!(asked, many().recipients.chunks(500).map(|part| part.join(",")).collect::<Vec<_>>());
    let fates = fates(&message);
    assert_eq!(fates[0], ("7", 500, DeliveryState::Queued, "", ""));
    assert_eq!(fates[1], ("", 500, DeliveryState::Rejected, "14", "Liste STOP"));
    let (no_id, count, state, code, text) = fates[2];
    assert_eq!((no_id, count, state, code), ("", 200, DeliveryState::Unknown, ""));
    assert!(text.ends_with("whether the vendor acted is not known"), "{text}");
}

async fn after_a_failure_of_the_account_nothing_more_is_sent() {
    let rig = one_at_a_time().await;
    script(&rig, [answer(TAKEN), answer(NO_CREDIT)]);
    let message = send(&rig, many()).await.expect("one was taken");
    assert_eq!(rig.requests(SEND).len(), 2);
    let fates = fates(&message);
    assert_eq!(fates[1], ("", 500, DeliveryState::Rejected, "11", "Plus de crédit"));
    let (_, count, state, code, text) = fates[2];
    assert_eq!((count, state, code), (200, DeliveryState::Rejected, ""));
    assert_eq!(text, "not sent: Plus de crédit");

    // A blocked account is blocked for everybody.
    rig.sandbox.clear_requests();
    script(&rig, [answer(TAKEN), answer(r#"{"success": false, "code": 30, "message": "Compte bloqué"}"#)]);
    let message = send(&rig, many()).await.expect("one was taken");
    assert_eq!(
        (rig.requests(SEND).len(), message.recipients[1199].vendor_text.as_str()),
        (2, "not sent: Compte bloqué")
    );
}

async fn when_all_parts_fail_the_call_fails_and_never_hides_that_one_may_have_left() {
    let rig = one_at_a_time().await;
    script(&rig, [answer(REFUSED), answer(REFUSED), answer(NO_CREDIT)]);
    let status = send(&rig, many()).await.expect_err("all refused");
    assert_eq!(failed(&status, Code::InvalidArgument, "VENDOR_REFUSED")["vendor_code"], "14");
    script(&rig, [answer(REFUSED), Fault::CutAfter, answer(NO_CREDIT)]);
    failed(&send(&rig, many()).await.expect_err("who knows"), Code::Unknown, "OUTCOME_UNKNOWN");
}

async fn every_fault_of_a_message_is_told_before_any_http() {
    let rig = Rig::vendor("smspartner").await;
    let faulty = SendMessageRequest {
        text: "ç".repeat(161),
        sender: "Ma-Boîte".to_owned(),
        quality: Quality::Medium.into(),
        encoding: Encoding::Gsm7.into(),
        schedule_time: Some(Timestamp { seconds: NINE.seconds + 60, nanos: 0 }),
        message_id: "not/mine".to_owned(),
        reference: "two words".to_owned(),
        vendor_options: Some(VendorOptions::Smsend(SmSendOptions::default())),
        ..request(&["0612345678"])
    };
    let fields =
        ["encoding", "message_id", "quality", "recipients[0]", "reference", "schedule_time", "sender", "smsend"];
    violations(&send(&rig, faulty).await.expect_err("faults"), &fields);
    let long = |quality: Quality, text: String| SendMessageRequest {
        quality: quality.into(),
        text,
        ..request(&["+33612345678"])
    };
    for (quality, text, right) in [
        (Quality::Low, "a".repeat(161), false),
        (Quality::High, "a".repeat(1531), false),
        (Quality::High, "ç".repeat(671), false),
        (Quality::High, String::new(), false),
        (Quality::Low, "a".repeat(160), true),
        (Quality::High, "a".repeat(1530), true),
        (Quality::High, "ç".repeat(670), true),
    ] {
        match send(&rig, long(quality, text)).await {
            Ok(_) => assert!(right),
            Err(status) => violations(&status, &["text"]),
        }
    }
    assert_eq!(rig.sandbox.requests().len(), 3);

    for bad in ["", "1/recipients/2", ".."] {
        violations(&get(&rig, bad).await.expect_err(bad), &["name"]);
        violations(&cancel(&rig, bad).await.expect_err(bad), &["name"]);
    }
    assert_eq!(rig.sandbox.requests().len(), 3);
}

async fn what_is_said_of_a_send_has_its_reason() {
    let rig = Rig::vendor("smspartner").await;
    for (number, code, reason) in [
        (1, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (4, Code::InvalidArgument, "VENDOR_REFUSED"),
        (10, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (11, Code::ResourceExhausted, "NO_CREDIT"),
        (14, Code::InvalidArgument, "VENDOR_REFUSED"),
        (20, Code::PermissionDenied, "VENDOR_DENIED"),
        (30, Code::PermissionDenied, "VENDOR_DENIED"),
        (40, Code::PermissionDenied, "VENDOR_DENIED"),
        (96, Code::PermissionDenied, "VENDOR_DENIED"),
        (992, Code::InvalidArgument, "VENDOR_REFUSED"),
        (12345, Code::InvalidArgument, "VENDOR_REFUSED"),
    ] {
        rig.answer(SEND, 200, &format!(r#"{{"success": false, "code": {number}, "message": "Non"}}"#));
        let status = send(&rig, request(&["+33612345678"])).await.expect_err("refused");
        let metadata = failed(&status, code, reason);
        assert_eq!((&*metadata["vendor_code"], &*metadata["vendor_message"]), (&*number.to_string(), "Non"));
    }
    // Rules that were broken are listed, under either of two names.
    for member in ["error", "errors"] {
        let list = r#"[{"elementId": "children[message].data", "message": "Le message est requis"}]"#;
        rig.answer(SEND, 200, &format!(r#"{{"success": false, "code": 9, "{member}": {list}}}"#));
        let status = send(&rig, request(&["+33612345678"])).await.expect_err("refused");
        let words = &failed(&status, Code::InvalidArgument, "VENDOR_REFUSED")["vendor_message"];
        assert!(words.contains("Le message est requis"), "{words}");
    }
    for body in ["", r#"{"success": true, "code": 200}"#, r#"{"success": true, "code": 14}"#] {
        rig.answer(SEND, 200, body);
        let status = send(&rig, request(&["+33612345678"])).await.expect_err("who knows");
        failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    }
}

async fn look_up(rig: Rig) {
    send(&rig, request(&["+33612345678", "+49612345678"])).await.expect("sent");
    let found = get(&rig, "300").await.expect("found");
    assert_eq!((&found.name, found.recipient_count), (&name("300"), Some(2)));
    assert_eq!(rig.requests(STATUS)[0].target, "/v1/bulk-status?apiKey=sandbox-api-key&messageId=300");

    let body = r#"{"success": true, "code": 200, "message_id": "2270142", "StatutResponse_List": [
        {"phoneNumber": "+33600000001", "status": "Delivered", "stopSMS": false, "date": "1534615206"},
        {"phoneNumber": "+33600000002", "status": "not delivered", "stopSMS": "1", "date": "1534615206"},
        {"phoneNumber": "+33600000003", "status": "Waiting"},
        {"phoneNumber": "+33600000004", "status": "KO"},
        {"phoneNumber": "+33600000005", "status": "something new"}
    ]}"#;
    rig.answer(STATUS, 200, body);
    let coded = |to, state, code: &str| Recipient { vendor_code: code.to_owned(), ..recipient("2270142", to, state) };
    let expected = [
        Recipient {
            delivery_time: Some(Timestamp { seconds: 1_534_615_206, nanos: 0 }),
            ..coded("+33600000001", DeliveryState::Delivered, "Delivered")
        },
        Recipient {
            vendor_text: "stopSMS".to_owned(),
            ..coded("+33600000002", DeliveryState::Undeliverable, "not delivered")
        },
        coded("+33600000003", DeliveryState::Sent, "Waiting"),
        coded("+33600000004", DeliveryState::Rejected, "KO"),
        coded("+33600000005", DeliveryState::Unspecified, "something new"),
    ];
    assert_eq!(get(&rig, "2270142").await.expect("found").recipients, expected);
    let unknown = get(&rig, "1").await.expect_err("unknown");
    assert_eq!(failed(&unknown, Code::NotFound, "RESOURCE_NOT_FOUND")["vendor_code"], "4");
}

async fn cancel_once(rig: Rig) {
    send(&rig, SendMessageRequest { schedule_time: Some(NINE), ..request(&["+33612345678"]) }).await.expect("sent");
    send(&rig, request(&["+33612345678"])).await.expect("sent");
    cancel(&rig, "300").await.expect("cancelled");
    let [request] = &rig.requests(CANCEL)[..] else { panic!("one request") };
    assert_eq!(request.target, "/v1/message-cancel?apiKey=sandbox-api-key&messageId=300");
    assert_eq!(request.header("cache-control"), Some("no-cache, no-store"));
    for (id, code, reason, number) in [
        ("300", Code::FailedPrecondition, "STATE_CONFLICT", "5"),
        ("301", Code::FailedPrecondition, "STATE_CONFLICT", "7"),
        ("1", Code::NotFound, "RESOURCE_NOT_FOUND", "4"),
    ] {
        assert_eq!(failed(&cancel(&rig, id).await.expect_err(id), code, reason)["vendor_code"], number);
    }
    rig.answer(CANCEL, 200, r#"{"success": false, "code": 6, "message": "Trop tard"}"#);
    failed(&cancel(&rig, "300").await.expect_err("too late"), Code::FailedPrecondition, "STATE_CONFLICT");
    // It changes something, though it is a GET: it is not repeated.
    rig.sandbox.clear_requests();
    rig.fault(CANCEL, Fault::CutAfter);
    failed(&cancel(&rig, "300").await.expect_err("who knows"), Code::Unknown, "OUTCOME_UNKNOWN");
    assert_eq!(rig.requests(CANCEL).len(), 1);
}
