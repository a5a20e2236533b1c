//! Truth in outcomes: nothing is sent twice, nothing is lost without a word, whatever happens on the wire.

use futures::future::join_all;
use http::StatusCode;
use smsmux::api::pb::{
    CancelMessageRequest, DeliveryState, GetMessageRequest, ListVendorMessagesRequest, SendMessageRequest,
    SmSendOptions, send_message_request::VendorOptions,
};
use smsmux_sandbox::Fault;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::Code;

use crate::support::{NUMBER, Rig, failed, message, name_at_vendor, refusing};

const SEND: &str = "POST /sms";
const LOOK: &str = "GET /sms";

const WITHOUT_STORE: &str = "[store]\nenabled = false";

#[tokio::test]
async fn after_a_time_out_there_was_one_post_and_the_outcome_is_unknown() {
    let rig = Rig::hasty().await;
    rig.fault(SEND, Fault::HangBefore);
    let status = rig.send().await.expect_err("nobody knows");
    let metadata = failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    assert_eq!(rig.requests(SEND).len(), 1);
    // The vendor may still be at it: that it knows of no such order proves nothing, however often it is asked.
    assert!(rig.requests(LOOK).len() >= 2);
    assert_eq!(metadata["outcome"], "UNKNOWN");
    let order_id = rig.requests(SEND)[0].json().unwrap()["order_id"].as_str().unwrap().to_owned();
    assert_eq!(metadata["resource"], format!("accounts/smsend/messages/{order_id}"));
}

#[tokio::test]
async fn a_time_out_on_a_message_that_was_sent_is_found_by_its_order_id() {
    let rig = Rig::hasty().await;
    rig.fault(SEND, Fault::HangAfter);
    let message = rig.send().await.expect("found");
    assert_eq!(message.recipients[0].to, NUMBER);
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn a_lost_reply_of_a_message_that_was_sent_is_found_by_its_order_id() {
    for fault in [Fault::CutAfter, Fault::Truncate, Fault::Garbage, Fault::Huge { bytes: 64 << 20 }] {
        let rig = Rig::smsend().await;
        rig.fault(SEND, fault.clone());
        let message = rig.send().await.unwrap_or_else(|e| panic!("{fault:?}: {e:?}"));
        assert_eq!(message.recipients[0].to, NUMBER, "{fault:?}");
        assert_eq!(message.recipients[0].state(), DeliveryState::Queued, "{fault:?}");
        assert_eq!((rig.requests(SEND).len(), rig.requests(LOOK).len()), (1, 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_request_that_was_not_sent_may_be_sent_again() {
    let error = Fault::Status { code: StatusCode::INTERNAL_SERVER_ERROR, retry_after: None, body: None };
    join_all([Fault::CutBefore, error].map(async |fault| {
        let rig = Rig::smsend().await;
        rig.fault(SEND, fault.clone());
        let status = rig.send().await.expect_err("not sent");
        assert_eq!(failed(&status, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT", "{fault:?}");
        // One "never heard of it" is not believed: the order might have been on its way into the books.
        assert_eq!((rig.requests(SEND).len(), rig.requests(LOOK).len()), (1, 5), "{fault:?}");
    }))
    .await;
}

#[tokio::test]
async fn a_yes_that_cannot_be_read_is_not_taken_for_a_no() {
    let rig = Rig::smsend().await;
    // The vendor takes it, but under an id of its own: ours is unknown to it.
    rig.fault(SEND, Fault::Status { code: StatusCode::CREATED, retry_after: None, body: Some("{".to_owned()) });
    failed(&rig.send().await.expect_err("nobody knows"), Code::Unknown, "OUTCOME_UNKNOWN");
}

#[tokio::test]
async fn a_yes_that_is_cut_short_is_not_taken_for_a_no() {
    // A vendor of three lines: it says 201, breaks off, and knows of no order of ours.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            let (status, length, body) = match request.split(['?', ' ']).nth(1) {
                Some("/login") => ("200 OK", 3, "U;S"),
                Some("/sms") => ("201 Created", 90, "{\"result\""),
                _ => ("404 Not Found", 0, ""),
            };
            // It says that each connection is for one request, or the next one would race with its end.
            let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all((head + body).as_bytes()).await.unwrap();
        }
    });
    let rig = Rig::with("", &format!("base_url = '{base_url}'\nusername = 'u'\npassword = 'p'")).await;
    failed(&rig.send().await.expect_err("nobody knows"), Code::Unknown, "OUTCOME_UNKNOWN");
}

/// A whole request: what is closed with something unread is reset, and the answer lost.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut read = String::new();
    loop {
        let length = read.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        match read.split_once("\r\n\r\n") {
            Some((_, body)) if body.len() >= length.unwrap_or(0_usize) => return read,
            _ => read.push(char::from(stream.read_u8().await.unwrap())),
        }
    }
}

#[tokio::test]
async fn what_a_proxy_gave_up_may_still_happen() {
    let codes = [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
    join_all(codes.map(async |code| {
        let rig = Rig::hasty().await;
        rig.fault(SEND, Fault::Status { code, retry_after: None, body: None });
        let metadata = failed(&rig.send().await.expect_err("nobody knows"), Code::Unknown, "OUTCOME_UNKNOWN");
        assert_eq!((metadata["http_status"].as_str(), rig.requests(SEND).len()), (code.as_str(), 1));
    }))
    .await;
}

#[tokio::test]
async fn a_write_whose_fate_is_unknown_names_what_it_was_about() {
    let rig = Rig::smsend().await;
    rig.fault("DELETE /sms", Fault::CutBefore);
    let name = "accounts/smsend/messages/mine".to_owned();
    let status = rig.messages().cancel_message(CancelMessageRequest { name: name.clone() }).await.expect_err("cut");
    assert_eq!(failed(&status, Code::Unknown, "OUTCOME_UNKNOWN")["resource"], name);
}

#[tokio::test]
async fn a_message_id_cannot_lead_elsewhere() {
    let rig = Rig::smsend().await;
    for id in [".", "..", "a/b", "%2e%2e"] {
        let mut request = message();
        request.message_id = id.to_owned();
        let status = rig.messages().send_message(request).await.expect_err(id);
        failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn an_outcome_stays_unknown_when_the_vendor_cannot_be_asked() {
    let rig = Rig::smsend().await;
    rig.fault(SEND, Fault::CutBefore);
    rig.faults(LOOK, Fault::CutBefore, 1000);
    let status = rig.send().await.expect_err("nobody knows");
    failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn a_message_of_the_same_id_with_other_recipients_is_not_taken_for_ours() {
    // With a store, the id would be rejected.
    let rig = Rig::with(WITHOUT_STORE, "").await;
    let own_id = |number: &str| {
        let mut request = message();
        (request.message_id, request.recipients) = ("mine".to_owned(), vec![number.to_owned()]);
        request
    };
    rig.messages().send_message(own_id("+393330000001")).await.expect("the first");
    rig.fault(SEND, Fault::CutBefore);
    let status = rig.messages().send_message(own_id("+393330000002")).await.expect_err("not ours");
    failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
}

#[tokio::test]
async fn a_lost_order_has_the_recipients_of_the_request_in_its_order() {
    let rig = Rig::smsend().await;
    let numbers = ["+393330000001", "+393330000002", "+393330000003"];
    let options = SmSendOptions { allow_invalid_recipients: true, ..SmSendOptions::default() };
    let request = SendMessageRequest {
        recipients: numbers.map(str::to_owned).to_vec(),
        vendor_options: Some(VendorOptions::Smsend(options)),
        ..message()
    };
    rig.fault(SEND, Fault::CutAfter);
    let entry = |number: &str| format!(r#"{{"status": "WAITING", "destination": "{number}"}}"#);
    let listed = [numbers[2], numbers[0]].map(entry).join(", ");
    rig.answer(LOOK, 200, &format!(r#"{{"result": "OK", "recipient_number": 2, "recipients": [{listed}]}}"#));
    let sent = rig.messages().send_message(request).await.expect("found").into_inner().message.expect("a message");
    let found: Vec<_> = sent.recipients.iter().map(|r| (r.to.as_str(), r.state())).collect();
    let states = [DeliveryState::Queued, DeliveryState::Unknown, DeliveryState::Queued];
    assert_eq!((found, sent.recipient_count), (numbers.into_iter().zip(states).collect(), Some(3)));
    assert!(sent.recipients.iter().all(|recipient| name_at_vendor(recipient) == sent.name), "{sent:?}");
}

#[tokio::test]
async fn a_message_is_sent_once_when_the_vendor_first_asks_to_slow_down() {
    let rig = Rig::smsend().await;
    let slow_down = |retry_after| Fault::Status { code: StatusCode::TOO_MANY_REQUESTS, retry_after, body: None };
    rig.fault(SEND, slow_down(Some(1)));
    rig.send().await.expect("after a second");
    assert_eq!(rig.requests(SEND).iter().filter(|r| r.handled).count(), 1);

    rig.fault(SEND, slow_down(Some(3600)));
    let status = rig.send().await.expect_err("an hour is the caller's to wait");
    failed(&status, Code::ResourceExhausted, "RATE_LIMITED");
    let retry = tonic_types::StatusExt::get_error_details(&status).retry_info().and_then(|r| r.retry_delay);
    assert_eq!(retry.map(|d| d.as_secs()), Some(3600));
}

#[tokio::test]
async fn when_nothing_listens_nothing_was_sent() {
    let (refused, _socket) = refusing();
    let rig = Rig::with("", &format!("base_url = 'http://{refused}'")).await;
    let status = rig.send().await.expect_err("nobody there");
    assert_eq!(failed(&status, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
}

#[tokio::test]
async fn a_read_is_repeated_until_it_works() {
    let rig = Rig::smsend().await;
    let name = rig.send().await.expect("sent").name;
    rig.fault(LOOK, Fault::CutBefore);
    rig.fault(LOOK, Fault::Status { code: StatusCode::BAD_GATEWAY, retry_after: None, body: None });
    rig.messages().get_message(GetMessageRequest { name }).await.expect("the third time");
    assert_eq!(rig.requests(LOOK).len(), 3);
}

#[tokio::test]
async fn answers_that_cannot_be_read_become_clean_errors() {
    // With a store, the log would answer.
    let rig = Rig::with(WITHOUT_STORE, "").await;
    let name = rig.send().await.expect("sent").name;
    for fault in [
        Fault::Garbage,
        Fault::Huge { bytes: 64 << 20 },
        Fault::Redirect { location: "http://127.0.0.1:1/elsewhere".to_owned() },
    ] {
        rig.fault(LOOK, fault.clone());
        let status =
            rig.messages().get_message(GetMessageRequest { name: name.clone() }).await.expect_err("unreadable");
        failed(&status, Code::Internal, "VENDOR_REPLY_UNREADABLE");
        assert!(status.details().len() < 4096, "{fault:?}");
    }
}

#[tokio::test]
async fn a_redirect_of_a_send_is_not_followed() {
    let rig = Rig::smsend().await;
    rig.fault(SEND, Fault::Redirect { location: format!("{}/sms", rig.sandbox.base_url()) });
    let status = rig.send().await.expect_err("redirected");
    assert_eq!(failed(&status, Code::Unavailable, "VENDOR_UNAVAILABLE")["outcome"], "NOT_SENT");
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn the_vendor_s_words_for_a_refusal_come_through() {
    let rig = Rig::smsend().await;
    let body = Some(r#"{"result": "sender is not allowed"}"#.to_owned());
    rig.fault(SEND, Fault::Status { code: StatusCode::BAD_REQUEST, retry_after: None, body });
    let metadata = failed(&rig.send().await.expect_err("refused"), Code::InvalidArgument, "VENDOR_REFUSED");
    assert_eq!(
        (metadata["vendor_message"].as_str(), metadata["http_status"].as_str()),
        ("sender is not allowed", "400")
    );
    assert_eq!((metadata["account"].as_str(), metadata["vendor"].as_str()), ("accounts/smsend", "smsend"));
    assert_eq!((metadata["operation"].as_str(), metadata["outcome"].as_str()), ("POST /sms", "REFUSED"));

    // A "no" inside a 200 is a "no" as well.
    let body = Some(r#"{"result": "no route"}"#.to_owned());
    rig.fault(SEND, Fault::Status { code: StatusCode::OK, retry_after: None, body });
    let metadata = failed(&rig.send().await.expect_err("refused"), Code::InvalidArgument, "VENDOR_REFUSED");
    assert_eq!(metadata["vendor_message"], "no route");
}

#[tokio::test]
async fn cancelling_tells_unknown_messages_from_those_that_have_left() {
    let rig = Rig::smsend().await;
    let cancel = |name: String| {
        let mut messages = rig.messages();
        async move { messages.cancel_message(CancelMessageRequest { name }).await }
    };
    let left = rig.send().await.expect("sent").name;
    failed(&cancel(left).await.expect_err("it has left"), Code::FailedPrecondition, "STATE_CONFLICT");
    let unknown = "accounts/smsend/messages/nobody".to_owned();
    failed(&cancel(unknown).await.expect_err("never seen"), Code::NotFound, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn bad_input_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::smsend().await;
    let mut request = message();
    request.recipients = vec!["12".to_owned(), NUMBER.to_owned(), "0039347".to_owned()];
    request.text = String::new();
    request.sender = "a sender far too long".to_owned();
    request.quality = 99;
    request.encoding = 98;
    request.message_id = "no spaces".to_owned();
    request.schedule_time = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 });
    let status = rig.messages().send_message(request).await.expect_err("bad input");
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    let details = tonic_types::StatusExt::get_error_details(&status);
    let mut fields: Vec<_> = details.bad_request().unwrap().field_violations.iter().map(|v| v.field.as_str()).collect();
    fields.sort_unstable();
    let expected =
        ["encoding", "message_id", "quality", "recipients[0]", "recipients[2]", "schedule_time", "sender", "text"];
    assert_eq!(fields, expected);

    for name in ["", "accounts/smsend/groups/1", "accounts/smsend", "accounts/smsend/messages/"] {
        let status =
            rig.messages().get_message(GetMessageRequest { name: name.to_owned() }).await.expect_err("malformed");
        failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    }
    let list = ListVendorMessagesRequest {
        parent: "accounts/smsend".to_owned(),
        page_size: -1,
        page_token: "nonsense".to_owned(),
        ..ListVendorMessagesRequest::default()
    };
    let status = rig.messages().list_vendor_messages(list).await.expect_err("two faults");
    assert!(status.message().contains("page_size") && status.message().contains("page_token"), "{status:?}");
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn an_unknown_account_is_named_so() {
    let rig = Rig::smsend().await;
    let name = "accounts/nobody/messages/1".to_owned();
    let status = rig.messages().get_message(GetMessageRequest { name }).await.expect_err("no such account");
    failed(&status, Code::NotFound, "ACCOUNT_NOT_FOUND");
}
