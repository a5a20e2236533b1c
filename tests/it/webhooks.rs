//! What vendors push: real requests to the port of a real server, what is answered, and what becomes of it.

mod believed;
mod consent;
mod stored;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::json;
use smsmux::api::pb::{
    DeliveryState, Event, EventSource, ListEventsRequest, Message, SendMessageRequest, WatchEventsRequest,
    event::Subject, event_service_client::EventServiceClient, watch_events_response::Item,
};
use smsmux_sandbox::{PushFault, PushRule};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::transport::Channel;

use crate::support::{Rig, connect, in_time, message};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NEXT: &str = "fedcba9876543210fedcba9876543210";

/// A received SMS as LOX24 pushes it.
const SMS: &str = r#"{"id": "e1", "name": "sms.incoming", "data": {"id": "in-1", "to": "4915700000001", "from":
    "+4915123456789", "text": "Ja", "received_at": 1732789999}}"#;

/// A gateway with a port for pushes, and one account at a stand-in.
async fn rig(vendor: &str, settings: &str, keys: &str) -> Rig {
    Rig::of(vendor, &sections(settings), &keyed(TOKEN, keys)).await
}

fn sections(settings: &str) -> String {
    format!("[webhooks]\nlisten = '127.0.0.1:0'\n{settings}")
}

fn keyed(token: &str, keys: &str) -> String {
    format!("webhook_tokens = ['{token}']\n{keys}")
}

fn port(rig: &Rig) -> SocketAddr {
    rig.webhooks.expect("a port")
}

fn path(account: &str) -> String {
    format!("/{account}/{TOKEN}")
}

/// The address that a stand-in pushes to.
fn address(rig: &Rig) -> String {
    format!("http://{}{}", port(rig), path(rig.sandbox.vendor()))
}

/// What is answered to a request. The body is always empty.
async fn ask(rig: &Rig, request: http::request::Builder, path: &str, body: &str, http2: bool) -> StatusCode {
    let client = Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    let request = request.uri(format!("http://{}{path}", port(rig))).body(body).expect("a request");
    let answer = in_time(client.request(request)).await.expect("an answer");
    let status = answer.status();
    assert!(answer.into_body().collect().await.expect("a body").to_bytes().is_empty());
    status
}

/// What is answered to a push by POST.
async fn push(rig: &Rig, path: &str, body: &str) -> StatusCode {
    ask(rig, Request::builder().method(Method::POST), path, body, false).await
}

fn events(channel: &Channel) -> EventServiceClient<Channel> {
    EventServiceClient::new(channel.clone())
}

/// All events so far.
async fn log(channel: &Channel) -> Vec<Event> {
    let request = ListEventsRequest { parent: "accounts/-".to_owned(), page_size: 1000, ..Default::default() };
    events(channel).list_events(request).await.expect("listed").into_inner().events
}

/// Waits for an event that `found` makes something of.
async fn event<T>(rig: &Rig, found: impl Fn(&Event) -> Option<T>) -> T {
    let (parent, start_time) = ("accounts/-".to_owned(), Some(prost_types::Timestamp { seconds: 1, nanos: 0 }));
    let request = WatchEventsRequest { parent, start_time, ..Default::default() };
    in_time(async {
        let mut watch = events(&rig.channel).watch_events(request).await.expect("a stream").into_inner();
        loop {
            let answer = watch.message().await.expect("no end").expect("no end");
            if let Some(Item::Event(event)) = &answer.item
                && let Some(found) = found(event)
            {
                return found;
            }
        }
    })
    .await
}

/// Waits for a state of a message: how smsmux learned of it, and whether it is confirmed.
async fn state(rig: &Rig, state: DeliveryState) -> (EventSource, bool) {
    event(rig, |event| match &event.subject {
        Some(Subject::MessageState(change)) if change.state() == state => Some((event.source(), event.confirmed)),
        _ => None,
    })
    .await
}

/// The texts of the received SMS so far, and whether each is confirmed.
async fn received(channel: &Channel) -> Vec<(String, bool)> {
    let events = log(channel).await.into_iter();
    let received = events.filter_map(|event| match event.subject {
        Some(Subject::ReceivedMessage(message)) => Some((message.text, event.confirmed)),
        _ => None,
    });
    received.collect()
}

/// Sends one message to one number.
async fn send(rig: &Rig, to: &str) -> Message {
    let request = SendMessageRequest {
        parent: format!("accounts/{}", rig.sandbox.vendor()),
        recipients: vec![to.to_owned()],
        sender: "smsmux".to_owned(),
        ..message()
    };
    rig.messages().send_message(request).await.expect("sent").into_inner().message.expect("a message")
}

#[tokio::test]
async fn a_path_without_a_valid_token_is_no_path_whether_the_account_exists_or_not() {
    let keys = format!("webhook_tokens = ['{TOKEN}', '{NEXT}']");
    let rig = Rig::of("lox24", &sections("public_url = 'https://sms.example.com/hooks'"), &keys).await;
    for path in [
        "/".to_owned(),
        "/lox24".to_owned(),
        "/lox24/".to_owned(),
        format!("/lox24/{}", &TOKEN[1..]),
        format!("/lox24/{TOKEN}0"),
        format!("/lox24/{TOKEN}/"),
        format!("/lox24//{TOKEN}"),
        format!("/lox24/{}", TOKEN.to_uppercase()),
        format!("/lox24/{TOKEN}{NEXT}"),
        format!("/other/{TOKEN}"),
        format!("/accounts/lox24/{TOKEN}"),
        format!("/hooks/other/{TOKEN}"),
    ] {
        for method in [Method::POST, Method::GET, Method::DELETE] {
            let request = Request::builder().method(method);
            assert_eq!(ask(&rig, request, &path, SMS, false).await, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(log(&rig.channel).await, []);
    // Both tokens, with the path of the public address and without.
    for path in [path("lox24"), format!("/lox24/{NEXT}"), format!("/hooks/lox24/{TOKEN}")] {
        assert_eq!(push(&rig, &path, SMS).await, StatusCode::OK, "{path}");
    }
    let put = Request::builder().method(Method::PUT);
    assert_eq!(ask(&rig, put, &path("lox24"), SMS, false).await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(received(&rig.channel).await, [("Ja".to_owned(), false)], "a repeated push is one event");
}

#[tokio::test]
async fn a_token_is_replaced_while_the_server_runs() {
    let rig = rig("lox24", "", "").await;
    rig.reload(&sections(""), &keyed(NEXT, "")).await;
    assert_eq!(push(&rig, &path("lox24"), SMS).await, StatusCode::NOT_FOUND);
    assert_eq!(push(&rig, &format!("/lox24/{NEXT}"), SMS).await, StatusCode::OK);
}

#[tokio::test]
async fn http_1_and_2_are_spoken_and_an_empty_request_tests_the_address() {
    let rig = rig("lox24", "", "").await;
    for http2 in [false, true] {
        let (post, get) = (Request::builder().method(Method::POST), Request::builder());
        assert_eq!(ask(&rig, get, &path("lox24"), "", http2).await, StatusCode::OK);
        assert_eq!(ask(&rig, post, &path("lox24"), SMS, http2).await, StatusCode::OK);
    }
    assert_eq!(log(&rig.channel).await.len(), 1);
}

#[tokio::test]
async fn a_push_of_more_than_256_kib_is_rejected() {
    let rig = rig("lox24", "", "").await;
    let text = |length: usize| SMS.replace("Ja", &"x".repeat(length));
    assert_eq!(push(&rig, &path("lox24"), &text(256 << 10)).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(push(&rig, &path("lox24"), &text(255 << 10)).await, StatusCode::OK);
    assert_eq!(received(&rig.channel).await.len(), 1);
}

#[tokio::test]
async fn a_push_that_does_not_arrive_is_not_waited_for() {
    let rig = rig("lox24", "read_timeout = '1s'", "").await;
    let begun = format!("POST {} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{{", path("lox24"));
    for sent in ["", "POST /", &begun] {
        let mut client = TcpStream::connect(port(&rig)).await.expect("a connection");
        client.write_all(sent.as_bytes()).await.expect("written");
        let mut answer = Vec::new();
        in_time(client.read_to_end(&mut answer)).await.expect("the end of the connection");
        let (answer, has_head) = (String::from_utf8_lossy(&answer), sent == begun);
        assert!(
            if has_head { answer.starts_with("HTTP/1.1 503 ") } else { !answer.starts_with("HTTP/1.1 2") },
            "{answer}"
        );
    }
    assert_eq!(log(&rig.channel).await, []);
}

#[tokio::test]
async fn what_cannot_be_read_is_an_event_with_the_push_as_it_came() {
    let rig = rig("lox24", "", "").await;
    for _ in 0..2 {
        assert_eq!(push(&rig, &path("lox24"), "<sms/>").await, StatusCode::OK);
    }
    let events = log(&rig.channel).await;
    let [Event { subject: Some(Subject::Unreadable(push)), .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&*push.http_method, &*push.body), ("POST", &b"<sms/>"[..]));
}

#[tokio::test]
async fn what_the_stand_ins_push_arrives_once_however_often_it_is_pushed() {
    for (vendor, to, keys) in [
        ("lox24", "+4915700000001", ""),
        ("ip1sms", "+46700000001", ""),
        ("intelepeer", "+17208675310", ""),
        ("smspartner", "36111", ""),
        ("smsend", "+393400000001", ""),
    ] {
        let rig = rig(vendor, "", keys).await;
        rig.sandbox.push_to(&address(&rig));
        if vendor == "intelepeer" {
            let client = smsmux::api::pb::number_service_client::NumberServiceClient::new(rig.channel.clone());
            let (name, webhook_url) = (format!("accounts/intelepeer/numbers/{to}"), address(&rig));
            let request = smsmux::api::pb::SetNumberWebhookRequest { name, webhook_url };
            client.clone().set_number_webhook(request).await.expect("registered");
        }
        rig.sandbox.inject_push(PushRule::new(PushFault::Twice));
        let from = if vendor == "smspartner" { "+33612345678" } else { "+4915123456789" };
        rig.sandbox.receive(from, to, "Ja bitte 👍").await.expect(vendor);
        in_time(rig.sandbox.pushed(2, |attempt| attempt.accepted)).await;
        assert_eq!(received(&rig.channel).await, [("Ja bitte 👍".to_owned(), false)], "{vendor}");
    }
}

#[tokio::test]
async fn the_virtual_phone_is_registered_with_its_other_settings_and_a_send_has_the_address() {
    let settings = "public_url = 'https://sms.example.com'";
    let phone = rig("ip1sms", settings, "webhook_register = true").await;
    phone.requested(1, "PUT /api/me/services/phone").await;
    let (_, shown) = phone.sandbox.control(Method::GET, "/phone", &json!(null)).await;
    let shown: serde_json::Value = serde_json::from_slice(&shown).expect("JSON");
    assert_eq!(shown["CallbackURL"], json!(format!("https://sms.example.com/ip1sms/{TOKEN}")));

    let partner = rig("smspartner", settings, "webhook_register = true").await;
    send(&partner, "+33612345678").await;
    let body: serde_json::Value = serde_json::from_slice(&partner.requests("POST /send")[0].body).expect("JSON");
    let url = json!(format!("https://sms.example.com/smspartner/{TOKEN}"));
    assert_eq!((&body["urlResponse"], &body["urlDlr"]), (&url, &url));
}

#[tokio::test]
async fn an_opt_out_is_believed_at_once_and_noted_once() {
    let rig = rig("smspartner", "", "").await;
    let stop = r#"{"type": "stop", "phone_number": "+33612345678", "text": "Stop", "message_id": 300}"#;
    for _ in 0..2 {
        assert_eq!(push(&rig, &path("smspartner"), stop).await, StatusCode::OK);
    }
    let events = log(&rig.channel).await;
    let [Event { subject: Some(Subject::Consent(consent)), confirmed: false, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((&*consent.phone_number, consent.blocked, &*consent.text), ("+33612345678", true, "Stop"));
}

#[tokio::test]
async fn the_parts_of_an_sms_are_joined_in_any_order() {
    let rig = rig("smspartner", "", "").await;
    let part = |number: usize, text: &str| {
        json!({"msisdn": "33612345678", "to": "33644630000", "messageId": format!("m{number}"), "text": text, "type": "text",
            "concat": "true", "concat-ref": "93", "concat-total": "3", "concat-part": number.to_string()})
        .to_string()
    };
    let parts = [part(1, "Bonjour "), part(2, "tout le "), part(3, "monde")];
    for which in [2, 0, 0, 2] {
        assert_eq!(push(&rig, &path("smspartner"), &parts[which]).await, StatusCode::OK);
        assert_eq!(received(&rig.channel).await, []);
    }
    for which in [1, 1, 0] {
        assert_eq!(push(&rig, &path("smspartner"), &parts[which]).await, StatusCode::OK);
        assert_eq!(received(&rig.channel).await, [("Bonjour tout le monde".to_owned(), false)]);
    }
}
