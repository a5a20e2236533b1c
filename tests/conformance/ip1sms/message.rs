//! Messages. The vendor's manual and its official clients have them; the document has not.

use futures::FutureExt;
use libtest_mimic::Trial;
use serde_json::json;
use smsmux::api::pb::{
    DeliveryState, Encoding, GetMessageRequest, ListVendorMessagesRequest, ListVendorMessagesResponse, Message, Money,
    Purpose, Quality, Recipient, SendMessageRequest, SmSendOptions, send_message_request::VendorOptions,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Status};

use crate::{
    Case,
    support::{Rig, failed, name_at_vendor, violations},
};

const SEND: &str = "POST /api/sms/send";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "MessageService/SendMessage", operations: &[], run: |rig| send_all(rig).boxed() },
        Case { rpc: "MessageService/GetMessage", operations: &[], run: |rig| get_one(rig).boxed() },
        Case { rpc: "MessageService/ListVendorMessages", operations: &[], run: |rig| list_all(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        what_is_sent_while_the_pages_of_a_list_are_turned_moves_none_of_them,
        a_list_that_cannot_be_told_whole_is_none,
        more_than_a_thousand_recipients_are_split_in_their_order,
        an_answer_never_gets_longer_than_may_be_read,
        what_became_of_each_part_of_a_split_send_is_told,
        errors,
        bad_input_is_answered_with_every_violation_and_no_request,
    ]
}

/// Every field that IP1SMS has.
fn request(recipients: &[&str]) -> SendMessageRequest {
    SendMessageRequest {
        parent: "accounts/ip1sms".to_owned(),
        recipients: recipients.iter().map(|number| (*number).to_owned()).collect(),
        text: "Hej världen +1".to_owned(),
        sender: "iP1sms".to_owned(),
        message_id: "mine".to_owned(),
        ..SendMessageRequest::default()
    }
}

async fn send(rig: &Rig, request: SendMessageRequest) -> Result<Message, Status> {
    Ok(rig.messages().send_message(request).await?.into_inner().message.expect("a message"))
}

/// The vendor's id, number, state, code and text of each recipient.
fn fates(message: &Message) -> Vec<(&str, &str, DeliveryState, &str, &str)> {
    message
        .recipients
        .iter()
        .map(|r| {
            (r.vendor_message_id.as_str(), r.to.as_str(), r.state(), r.vendor_code.as_str(), r.vendor_text.as_str())
        })
        .collect()
}

async fn send_all(rig: Rig) {
    let message = send(&rig, request(&["+46700000001", "+46700000099", "+46700000002"])).await.unwrap();
    let arrived = &rig.requests(SEND)[0];
    assert_eq!((arrived.target.as_str(), arrived.header("content-type")), ("/api/sms/send", Some("application/json")));
    assert_eq!(arrived.header("authorization"), Some("Basic aXAxLTEyMzQ1OnNhbmRib3gta2V5"));
    let body = json!({
        "From": "iP1sms",
        "Numbers": ["+46700000001", "+46700000099", "+46700000002"],
        "Message": "Hej världen +1"
    });
    assert_eq!(arrived.json(), Some(body));
    let queued = |id, to| (id, to, DeliveryState::Queued, "0", "Delivered to gateway");
    let left_out = "IP1SMS skipped this recipient, as it does those on the stop list";
    let expected = [
        queued("1", "+46700000001"),
        ("", "+46700000099", DeliveryState::Rejected, "", left_out),
        queued("2", "+46700000002"),
    ];
    assert_eq!(fates(&message), expected);
    assert_eq!(message.price, Some(Money { amount: "0.70".to_owned(), currency_code: "SEK".to_owned() }));

    // A number as the sender goes without its plus.
    let from_number = SendMessageRequest { sender: "+46701234567".to_owned(), ..request(&["+46700000001"]) };
    assert_eq!(send(&rig, from_number).await.unwrap().sender, "46701234567");
    assert_eq!(rig.requests(SEND)[1].json().unwrap()["From"], "46701234567");

    // Every member of the answer that has a place.
    let answer = r#"[{"ID": 1337, "BundleID": 7, "To": "46700000001", "From": "iP1sms", "Message": "Hej", "Status": 21,
        "StatusDescription": "Delivered to GSM network", "CountryCode": "SE", "Currency": "sek", "Price": 0.35,
        "TotalPrice": 0.7, "Encoding": 0, "Segments": 2, "Prio": 1, "Created": "2016-12-23T10:10:10",
        "Modified": "2016-12-23T10:10:11"}]"#;
    rig.answer(SEND, 200, answer);
    let create_time = Some(prost_types::Timestamp { seconds: 1_482_487_810, nanos: 0 });
    let price = Some(Money { amount: "0.7".to_owned(), currency_code: "SEK".to_owned() });
    let recipient = Recipient {
        to: "+46700000001".to_owned(),
        state: DeliveryState::Sent.into(),
        vendor_code: "21".to_owned(),
        vendor_text: "Delivered to GSM network".to_owned(),
        vendor_message_id: "1337".to_owned(),
        account: "accounts/ip1sms".to_owned(),
        segment_count: Some(2),
        price: price.clone(),
        create_time,
        ..Recipient::default()
    };
    let expected = Message {
        name: "accounts/ip1sms/messages/mine".to_owned(),
        recipients: vec![recipient],
        sender: "iP1sms".to_owned(),
        create_time,
        recipient_count: Some(1),
        text: "Hej".to_owned(),
        price,
        ..Message::default()
    };
    assert_eq!(send(&rig, request(&["+46700000001"])).await.unwrap(), expected);
}

async fn get(rig: &Rig, name: &str) -> Result<Message, Status> {
    let request = GetMessageRequest { name: name.to_owned() };
    Ok(rig.messages().get_message(request).await?.into_inner().message.unwrap())
}

async fn get_one(rig: Rig) {
    let name = name_at_vendor(&send(&rig, request(&["+46700000001"])).await.unwrap().recipients[0]);
    for (state, code) in [(DeliveryState::Queued, "0"), (DeliveryState::Sent, "21"), (DeliveryState::Delivered, "22")] {
        let message = get(&rig, &name).await.unwrap();
        let recipient = &message.recipients[0];
        assert_eq!((message.name.as_str(), recipient.to.as_str()), (name.as_str(), "+46700000001"));
        assert_eq!((recipient.state(), recipient.vendor_code.as_str()), (state, code));
        assert_eq!((message.text.as_str(), message.create_time.unwrap().seconds), ("Hej världen +1", 1_482_487_810));
    }
    let arrived = rig.sandbox.requests().pop().unwrap();
    assert_eq!((arrived.method.as_str(), arrived.target.as_str()), ("GET", "/api/sms/sent/1"));
    assert_eq!(arrived.header("authorization"), Some("Basic aXAxLTEyMzQ1OnNhbmRib3gta2V5"));

    let failure = get(&rig, "accounts/ip1sms/messages/2").await.expect_err("unknown");
    failed(&failure, Code::NotFound, "RESOURCE_NOT_FOUND");
    rig.answer("GET /api/sms/sent/1", 200, "[]");
    failed(&get(&rig, &name).await.expect_err("a list"), Code::Internal, "VENDOR_REPLY_UNREADABLE");
    let before = rig.sandbox.requests().len();
    for bad in ["accounts/ip1sms", "accounts/ip1sms/messages/", "accounts/ip1sms/messages/1a"] {
        violations(&get(&rig, bad).await.expect_err(bad), &["name"]);
    }
    assert_eq!(rig.sandbox.requests().len(), before);
}

const SENT: &str = "GET /api/sms/sent";

/// The time of the stand-in's first message; each is a second younger than the one before.
const FIRST: i64 = 1_482_487_810;

/// A page of two, of the messages between two seconds.
fn two(start: Option<i64>, end: Option<i64>, page_token: &str) -> ListVendorMessagesRequest {
    let time = |seconds| prost_types::Timestamp { seconds, nanos: 0 };
    ListVendorMessagesRequest {
        parent: "accounts/ip1sms".to_owned(),
        page_size: 2,
        page_token: page_token.to_owned(),
        start_time: start.map(time),
        end_time: end.map(time),
    }
}

async fn list(rig: &Rig, request: ListVendorMessagesRequest) -> Result<ListVendorMessagesResponse, Status> {
    Ok(rig.messages().list_vendor_messages(request).await?.into_inner())
}

/// The ids of a page.
fn ids(page: &ListVendorMessagesResponse) -> Vec<&str> {
    page.messages.iter().map(|m| m.name.strip_prefix("accounts/ip1sms/messages/").unwrap()).collect()
}

async fn list_all(rig: Rig) {
    send(&rig, request(&["+46700000001", "+46700000002", "+46700000003"])).await.unwrap();
    let first = list(&rig, two(None, None, "")).await.unwrap();
    let arrived = rig.sandbox.requests().pop().unwrap();
    assert_eq!((arrived.method.as_str(), arrived.target.as_str()), ("GET", "/api/sms/sent"));
    assert_eq!(arrived.header("authorization"), Some("Basic aXAxLTEyMzQ1OnNhbmRib3gta2V5"));
    assert_eq!((ids(&first), first.total_size), (vec!["1", "2"], Some(3)));
    assert_eq!(first.messages[1].recipients[0].to, "+46700000002");
    let second = list(&rig, two(None, None, &first.next_page_token)).await.unwrap();
    assert_eq!((ids(&second), second.next_page_token.as_str()), (vec!["3"], ""));

    // Both times are in; the vendor hears of neither.
    for (start, end, expected, total) in [
        (Some(FIRST + 1), None, vec!["2", "3"], 2),
        (None, Some(FIRST), vec!["1"], 1),
        (Some(FIRST), Some(FIRST + 2), vec!["1", "2"], 3),
        (Some(FIRST + 3), None, vec![], 0),
    ] {
        let page = list(&rig, two(start, end, "")).await.unwrap();
        assert_eq!((ids(&page), page.total_size), (expected, Some(total)), "{start:?} {end:?}");
        assert_eq!(rig.sandbox.requests().pop().unwrap().target, "/api/sms/sent");
    }
    violations(&list(&rig, two(Some(1), None, &first.next_page_token)).await.expect_err("other"), &["page_token"]);

    // The sample of the vendor's manual.
    let answer = r#"[{"ID": 7331, "BundleID": 1337, "To": "4610606060", "From": "iP1", "Message": "Lorem ipsum",
        "Status": 0, "StatusDescription": "Delivered to gateway", "Created": "2017-11-15T10:31:11.1727413+00:00",
        "Modified": "2017-11-15T10:31:11.1727413+00:00"}]"#;
    rig.answer(SENT, 200, answer);
    let create_time = Some(prost_types::Timestamp { seconds: 1_510_741_871, nanos: 172_741_300 });
    let recipient = Recipient {
        to: "+4610606060".to_owned(),
        state: DeliveryState::Queued.into(),
        vendor_code: "0".to_owned(),
        vendor_text: "Delivered to gateway".to_owned(),
        vendor_message_id: "7331".to_owned(),
        account: "accounts/ip1sms".to_owned(),
        create_time,
        ..Recipient::default()
    };
    let expected = Message {
        name: "accounts/ip1sms/messages/7331".to_owned(),
        recipients: vec![recipient],
        sender: "iP1".to_owned(),
        create_time,
        recipient_count: Some(1),
        text: "Lorem ipsum".to_owned(),
        ..Message::default()
    };
    assert_eq!(list(&rig, two(None, None, "")).await.unwrap().messages, [expected]);
}

async fn what_is_sent_while_the_pages_of_a_list_are_turned_moves_none_of_them() {
    let rig = Rig::vendor("ip1sms").await;
    // The newest first, and its clock is ahead of ours.
    let old = r#"{"ID": 3, "Created": "2099-01-01T00:00:00"}, {"ID": 2, "Created": "2016-12-23T10:10:11"}, {"ID": 1}]"#;
    rig.answer(SENT, 200, &format!("[{old}"));
    let first = list(&rig, two(None, None, "")).await.unwrap();
    assert_eq!((ids(&first), first.total_size), (vec!["1", "2"], Some(3)));
    rig.answer(SENT, 200, &format!(r#"[{{"ID": 4, "Created": "2099-01-01T00:00:01"}}, {old}"#));
    let second = list(&rig, two(None, None, &first.next_page_token)).await.unwrap();
    assert_eq!((ids(&second), second.total_size, second.next_page_token.as_str()), (vec!["3"], Some(3), ""));
}

async fn a_list_that_cannot_be_told_whole_is_none() {
    let rig = Rig::vendor("ip1sms").await;
    let timeless = r#"[{"ID": 1}]"#;
    for (start, body) in [(None, ""), (None, "{}"), (None, "[{}]"), (Some(FIRST), timeless)] {
        rig.answer(SENT, 200, body);
        let error = list(&rig, two(start, None, "")).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    rig.answer(SENT, 401, "");
    let refused = list(&rig, two(None, None, "")).await.expect_err("401");
    failed(&refused, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    let before = rig.sandbox.requests().len();
    let bad = ListVendorMessagesRequest { page_size: -1, page_token: "x".to_owned(), ..two(None, None, "") };
    violations(&list(&rig, bad).await.expect_err("bad"), &["page_size", "page_token"]);
    assert_eq!(rig.sandbox.requests().len(), before);
}

/// So many numbers, all different.
fn numbers(count: usize) -> SendMessageRequest {
    SendMessageRequest { recipients: (0..count).map(|i| format!("+467{i:08}")).collect(), ..request(&[]) }
}

async fn more_than_a_thousand_recipients_are_split_in_their_order() {
    let rig = Rig::vendor("ip1sms").await;
    let request = numbers(2001);
    let message = send(&rig, request.clone()).await.unwrap();
    let to: Vec<_> = message.recipients.into_iter().map(|r| r.to).collect();
    assert_eq!(to, request.recipients);
    let asked = rig.requests(SEND).into_iter().map(|r| r.json().unwrap()["Numbers"].take());
    let mut asked: Vec<_> = asked.map(|numbers| numbers.as_array().unwrap().len()).collect();
    asked.sort_unstable();
    assert_eq!(asked, [1, 1000, 1000]);
}

async fn an_answer_never_gets_longer_than_may_be_read() {
    let rig = Rig::of("ip1sms", "", "max_reply_bytes = 20_000").await;
    let message = send(&rig, SendMessageRequest { text: "x".repeat(1000), ..numbers(5) }).await.unwrap();
    assert!(message.recipients.iter().all(|r| !r.vendor_message_id.is_empty()));
    assert_eq!((message.recipients.len(), rig.requests(SEND).len()), (5, 3));
}

async fn what_became_of_each_part_of_a_split_send_is_told() {
    // The requests arrive in their order.
    let rig = Rig::of("ip1sms", "", "parallel_requests = 1").await;
    // The first part is refused, the second taken, the answer about the third lost; so the fourth is not sent.
    rig.answer(SEND, 400, r#"{"Message": "Bad"}"#);
    rig.answer(SEND, 200, r#"[{"ID": 5, "To": "46700001000", "Status": 0}]"#);
    rig.fault(SEND, Fault::CutAfter);
    let message = send(&rig, numbers(3001)).await.unwrap();
    let of = |number: &str| {
        let found: Vec<_> = message.recipients.iter().filter(|r| r.to == number).collect();
        let [r] = found[..] else { panic!("{number}: {found:?}") };
        (r.vendor_message_id.as_str(), r.state(), r.vendor_text.as_str())
    };
    assert_eq!(of("+46700000000"), ("", DeliveryState::Rejected, "Bad"));
    assert_eq!(of("+46700001000").0, "5");
    assert_eq!(of("+46700001001").1, DeliveryState::Rejected);
    assert_eq!(of("+46700002000").1, DeliveryState::Unknown);
    let (id, state, text) = of("+46700003000");
    assert!(id.is_empty() && state == DeliveryState::Rejected && text.starts_with("not sent: "), "{text}");
    assert_eq!((message.recipients.len(), message.price), (3001, None));
    assert_eq!(rig.requests(SEND).len(), 3);
}

async fn errors() {
    let rig = Rig::vendor("ip1sms").await;
    let cases = [
        (400, r#"{"Message": "Faulty data"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "Faulty data"),
        (401, "", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", ""),
        (403, "", Code::ResourceExhausted, "NO_CREDIT", ""),
        (418, "tea", Code::Unknown, "OUTCOME_UNKNOWN", "tea"),
        (429, "slow down", Code::ResourceExhausted, "RATE_LIMITED", "slow down"),
        (500, "oops", Code::Unknown, "OUTCOME_UNKNOWN", "oops"),
        // They were taken, and nobody can tell which.
        (200, "[]", Code::Unknown, "OUTCOME_UNKNOWN", ""),
        (200, "{}", Code::Unknown, "OUTCOME_UNKNOWN", ""),
        (200, "", Code::Unknown, "OUTCOME_UNKNOWN", ""),
    ];
    for (status, body, code, reason, words) in cases {
        rig.answer(SEND, status, body);
        let metadata = failed(&send(&rig, request(&["+46700000001"])).await.expect_err(body), code, reason);
        assert_eq!(metadata.get("vendor_message").map_or("", String::as_str), words, "{status} {body}");
        assert_eq!((metadata["operation"].as_str(), &metadata["http_status"]), (SEND, &status.to_string()));
    }
    for (fault, code, reason) in
        [(Fault::CutAfter, Code::Unknown, "OUTCOME_UNKNOWN"), (Fault::CutBefore, Code::Unknown, "OUTCOME_UNKNOWN")]
    {
        rig.fault(SEND, fault);
        failed(&send(&rig, request(&["+46700000001"])).await.expect_err("lost"), code, reason);
    }
    assert_eq!(rig.requests(SEND).len(), cases.len() + 2, "none was repeated");
    // Everybody is on the stop list.
    let error = send(&rig, request(&["+46700000099"])).await.expect_err("nobody left");
    failed(&error, Code::InvalidArgument, "VENDOR_REFUSED");
}

async fn bad_input_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::vendor("ip1sms").await;
    let worst = SendMessageRequest {
        parent: "accounts/ip1sms/messages/1".to_owned(),
        recipients: vec!["46700000001".to_owned()],
        text: String::new(),
        sender: "twelve chars".to_owned(),
        quality: Quality::High.into(),
        encoding: Encoding::Ucs2.into(),
        schedule_time: Some(prost_types::Timestamp::default()),
        message_id: "not/mine".to_owned(),
        reference: "mine".to_owned(),
        purpose: Purpose::Marketing.into(),
        tag: "autumn".to_owned(),
        vendor_options: Some(VendorOptions::Smsend(SmSendOptions::default())),
    };
    let all = [
        "encoding",
        "message_id",
        "parent",
        "quality",
        "recipients[0]",
        "reference",
        "schedule_time",
        "sender",
        "smsend",
        "text",
    ];
    violations(&send(&rig, worst).await.expect_err("bad input"), &all);
    violations(&send(&rig, numbers(0)).await.expect_err("nobody"), &["recipients"]);
    violations(&send(&rig, numbers(10_001)).await.expect_err("too many"), &["recipients"]);
    for sender in ["", "Åsa", "1234567890123456"] {
        let request = SendMessageRequest { sender: sender.to_owned(), ..numbers(1) };
        violations(&send(&rig, request).await.expect_err(sender), &["sender"]);
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}
