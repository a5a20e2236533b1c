//! What vendors push: real requests to the port of a real server, what is answered, and what becomes of it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::json;
use smsmux::api::pb::{
    DeliveryState, Event, EventSource, GetMessageRequest, ListEventsRequest, Message, SendMessageRequest,
    WatchEventsRequest, event::Subject, event_service_client::EventServiceClient, watch_events_response::Item,
};
use smsmux_sandbox::{PushFault, PushRule};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::transport::Channel;

use crate::support::{
    Rig, connect, in_time, message,
    process::{Running, serving, smsmux},
};

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
async fn a_pushed_delivery_is_confirmed_by_a_look_up() {
    for (vendor, to) in [("lox24", "+4915123456789"), ("smspartner", "+33612345678")] {
        let rig = rig(vendor, "", "").await;
        let sent = send(&rig, to).await;
        rig.sandbox.push_to(&address(&rig));
        let id = &sent.recipients[0].vendor_message_id;
        rig.sandbox.deliver(id).await.expect("delivered");
        assert_eq!(state(&rig, DeliveryState::Delivered).await, (EventSource::Lookup, true), "{vendor}");
        let found = rig.messages().get_message(GetMessageRequest { name: sent.name }).await.expect("found");
        let found = found.into_inner().message.expect("a message");
        assert_eq!(found.recipients[0].state(), DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn a_pushed_state_that_no_look_up_confirms_holds_without_confirmation_in_the_end() {
    let rig = rig("lox24", "confirm_timeout = '1ms'", "").await;
    let sent = send(&rig, "+4915123456789").await;
    let report = |dlr: u8| {
        let data = json!({"id": sent.recipients[0].vendor_message_id, "dlr_code": dlr, "status_code": 100});
        json!({"id": format!("e{dlr}"), "name": "sms.delivery", "data": data}).to_string()
    };
    assert_eq!(push(&rig, &path("lox24"), &report(1)).await, StatusCode::OK);
    assert_eq!(state(&rig, DeliveryState::Delivered).await, (EventSource::Push, false));
    // A final state stays, whatever is reported later.
    for late in [2, 8, 1] {
        assert_eq!(push(&rig, &path("lox24"), &report(late)).await, StatusCode::OK);
    }
    let found = rig.messages().get_message(GetMessageRequest { name: sent.name }).await.expect("found");
    assert_eq!(found.into_inner().message.expect("a message").recipients[0].state(), DeliveryState::Delivered);
}

#[tokio::test]
async fn a_report_that_comes_before_its_message_is_recorded_waits_for_it() {
    let rig = rig("lox24", "confirm_timeout = '1ms'", "").await;
    let report = |id: &str, dlr: u8| {
        let data = json!({"id": id, "dlr_code": dlr, "status_code": 100});
        json!({"id": format!("{id} {dlr}"), "name": "sms.delivery", "data": data}).to_string()
    };
    for (id, dlr) in [("early-1", 2), ("early-2", 1), ("never", 1)] {
        assert_eq!(push(&rig, &path("lox24"), &report(id, dlr)).await, StatusCode::OK);
    }
    assert_eq!(log(&rig.channel).await, []);
    for (id, expected) in [("early-1", DeliveryState::Sent), ("early-2", DeliveryState::Delivered)] {
        rig.answer("POST /sms", 201, &json!({"uuid": id, "status_code": 0}).to_string());
        let sent = send(&rig, "+4915123456789").await;
        let change = event(&rig, |event| match &event.subject {
            Some(Subject::MessageState(change)) if change.state() == expected => {
                Some((event.source(), event.confirmed, change.message.clone(), change.vendor_message_id.clone()))
            }
            _ => None,
        });
        // The stand-in does not know the message: what was pushed is all that is known.
        assert_eq!(change.await, (EventSource::Push, false, sent.name, id.to_owned()));
    }
}

#[tokio::test]
async fn a_state_that_is_not_final_is_noted_at_once_and_never_goes_back() {
    let rig = rig("lox24", "", "").await;
    let sent = send(&rig, "+4915123456789").await;
    let report = |id: &str, dlr: u8, status: u16| {
        let data = json!({"id": id, "dlr_code": dlr, "status_code": status});
        json!({"id": format!("e{dlr}"), "name": "sms.delivery", "data": data}).to_string()
    };
    let id = &sent.recipients[0].vendor_message_id;
    // With the operator; then the state before; then one of a message that the log does not have.
    for (id, dlr, status) in [(&**id, 2, 100), (id, 0, 0), ("another", 2, 100)] {
        assert_eq!(push(&rig, &path("lox24"), &report(id, dlr, status)).await, StatusCode::OK);
    }
    let pushed = log(&rig.channel).await.into_iter().filter(|event| event.source() == EventSource::Push);
    let states: Vec<_> = pushed
        .map(|event| match event.subject {
            Some(Subject::MessageState(change)) => (change.state(), event.confirmed),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(states, [(DeliveryState::Sent, false)]);
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
async fn only_a_push_that_is_signed_is_believed_once_a_secret_is_configured() {
    let rig = rig("intelepeer", "", "push_secret = 'sandbox-secret'").await;
    let number = "+17208675310";
    let client = smsmux::api::pb::number_service_client::NumberServiceClient::new(rig.channel.clone());
    let (name, webhook_url) = (format!("accounts/intelepeer/numbers/{number}"), address(&rig));
    let request = smsmux::api::pb::SetNumberWebhookRequest { name, webhook_url };
    client.clone().set_number_webhook(request).await.expect("registered");
    let mut expected = Vec::new();
    for (scheme, text) in [("hmac-sha256:refid+message:hex", "one"), ("hmac-md5:message+refid:base64", "two")] {
        let settings = json!({"scheme": scheme});
        assert!(rig.sandbox.control(Method::PUT, "/signature", &settings).await.0.is_success());
        rig.sandbox.receive("+12125550123", number, text).await.expect("received");
        expected.push((text.to_owned(), true));
        let pushed = in_time(rig.sandbox.pushed(expected.len(), |attempt| attempt.accepted)).await;
        assert_eq!(received(&rig.channel).await, expected);
        // A signature has no time: whoever replays a push repeats what is known, and changes nothing.
        let last = &pushed.last().expect("a push").body;
        assert_eq!(push(&rig, &path("intelepeer"), last).await, StatusCode::OK);
        assert_eq!(received(&rig.channel).await, expected);
    }
    let forged = json!({"refid": "SM1", "from": "+12125550123", "to": number, "message": "three"});
    for signature in [json!(null), json!("sandbox-secret"), json!("00"), json!("")] {
        let mut forged = forged.clone();
        forged["signature"] = signature;
        assert_eq!(push(&rig, &path("intelepeer"), &forged.to_string()).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(
        push(&rig, &path("intelepeer"), "nonsense").await,
        StatusCode::OK,
        "what cannot be read cannot be checked"
    );
    assert_eq!(received(&rig.channel).await, expected);
}

#[tokio::test]
async fn a_login_in_the_registered_address_is_required() {
    let (settings, keys) = (
        "public_url = 'http://127.0.0.1:1'",
        "push_login = 'smsmux:s3cret'\nwebhook_register = true\nwebhook_numbers = ['+17208675310']",
    );
    let rig = rig("intelepeer", settings, keys).await;
    rig.requested(1, "POST /sms/v1/+17208675310/webhook").await;
    let registered = rig.requests("POST /sms/v1/+17208675310/webhook").remove(0);
    let expected = format!("http://smsmux:s3cret@127.0.0.1:1/intelepeer/{TOKEN}");
    assert!(String::from_utf8_lossy(&registered.body).contains(&expected), "{registered:?}");
    let sms = json!({"refid": "SM1", "from": "+12125550123", "to": "+17208675310", "message": "one"}).to_string();
    let with = |login: &str| Request::builder().method(Method::POST).header(header::AUTHORIZATION, login);
    let path = path("intelepeer");
    assert_eq!(push(&rig, &path, &sms).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&rig, with("Basic c21zbXV4Om90aGVy"), &path, &sms, false).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&rig, with("Basic c21zbXV4OnMzY3JldA=="), &path, &sms, false).await, StatusCode::OK);
    assert_eq!(received(&rig.channel).await, [("one".to_owned(), true)]);
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

/// A server as a process, with its store in a file.
struct Process {
    _running: Running,
    channel: Channel,
    webhooks: SocketAddr,
}

impl Process {
    async fn start(config: &std::path::Path) -> Self {
        let mut command = smsmux(&["serve", "--config"]);
        let mut running = Running::start(command.arg(config).env_remove("SMSMUX_STORE_PATH"));
        let webhooks =
            running.until(|line| Some(line.split_once("webhooks for vendors address=")?.1.trim().to_owned()));
        let address = running.until(serving);
        let channel = connect(address.parse().expect("an address")).await;
        Self { _running: running, channel, webhooks: webhooks.parse().expect("an address") }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_push_is_one_event_even_if_the_process_is_killed_before_it_answers_and_the_vendor_repeats_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, config) = (folder.path().join("smsmux.db"), folder.path().join("smsmux.toml"));
    let text = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[store]\npath = '{}'\n{}[accounts.lox24]\nvendor = 'lox24'\ntoken = '1:k'\n{}",
        store.display(),
        sections(""),
        keyed(TOKEN, "")
    );
    std::fs::write(&config, text).expect("written");

    let first = Process::start(&config).await;
    // The answer is never read.
    let mut vendor = TcpStream::connect(first.webhooks).await.expect("a connection");
    let head = format!("POST {} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", path("lox24"), SMS.len());
    vendor.write_all((head + SMS).as_bytes()).await.expect("written");
    let before = in_time(async {
        loop {
            let events = log(&first.channel).await;
            if !events.is_empty() {
                return events;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Dropping it kills it.
    drop(first);

    let second = Process::start(&config).await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let body = Full::new(Bytes::from_static(SMS.as_bytes()));
    let again = Request::post(format!("http://{}{}", second.webhooks, path("lox24"))).body(body).expect("a request");
    assert_eq!(in_time(client.request(again)).await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(log(&second.channel).await, before);
}

/// The store is a server that is stopped and started again.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_while_the_store_is_lost_is_answered_503_and_its_repetition_is_stored_once() {
    use crate::store::server::{Database, Server};

    let database = Database::on(std::sync::Arc::new(Server::durable()));
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let rig = Rig::of("lox24", &format!("{store}{}", sections("")), &keyed(TOKEN, "")).await;
    assert_eq!(push(&rig, &path("lox24"), SMS).await, StatusCode::OK);
    let other = SMS.replace("e1", "e2").replace("in-1", "in-2").replace("Ja", "Nein");
    database.server.stop();
    assert_eq!(push(&rig, &path("lox24"), &other).await, StatusCode::SERVICE_UNAVAILABLE);
    database.server.start();
    // The vendor repeats it until it is stored, and once more.
    in_time(async { while push(&rig, &path("lox24"), &other).await != StatusCode::OK {} }).await;
    assert_eq!(push(&rig, &path("lox24"), &other).await, StatusCode::OK);
    assert_eq!(received(&rig.channel).await, [("Ja".to_owned(), false), ("Nein".to_owned(), false)]);
}
