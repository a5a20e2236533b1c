//! How a call is followed: by its request id, and by the trace that it is part of.

use futures::StreamExt;
use smsmux::api::pb::{
    DeprovisionNumberRequest, GetMessageRequest, SendMessageRequest, WatchReceivedMessagesRequest,
    inbox_service_client::InboxServiceClient, message_service_client::MessageServiceClient,
    number_service_client::NumberServiceClient,
};
use tonic::{Code, Request, metadata::MetadataMap};

use crate::support::{
    Rig, connect, in_time, message,
    process::{Running, serving, smsmux},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// The request with these metadata.
fn with<T>(metadata: &[(&'static str, &str)], message: T) -> Request<T> {
    let mut request = Request::new(message);
    for (key, value) in metadata {
        request.metadata_mut().insert(*key, value.parse().unwrap());
    }
    request
}

fn request_id(metadata: &MetadataMap) -> String {
    metadata.get("x-request-id").expect("a request id").to_str().unwrap().to_owned()
}

async fn send(rig: &Rig, request: Request<SendMessageRequest>) -> MetadataMap {
    rig.messages().send_message(request).await.expect("sent").metadata().clone()
}

#[tokio::test]
async fn a_request_id_is_the_caller_s_or_made_and_comes_back_with_answers_and_errors() {
    let rig = Rig::smsend().await;
    let answer = send(&rig, with(&[("x-request-id", "order-17.a_B")], message())).await;
    assert_eq!(request_id(&answer), "order-17.a_B");

    let (one, other) = (send(&rig, with(&[], message())).await, send(&rig, with(&[], message())).await);
    assert_ne!(request_id(&one), request_id(&other));

    let too_long = "x".repeat(65);
    for refused in ["two words", "a{b}", &too_long] {
        let made = request_id(&send(&rig, with(&[("x-request-id", refused)], message())).await);
        assert_eq!(uuid::Uuid::parse_str(&made).expect("a UUID").get_version_num(), 7);
    }

    let nobody = SendMessageRequest { parent: "accounts/nobody".to_owned(), ..message() };
    let status = rig.messages().send_message(with(&[("x-request-id", "mine")], nobody)).await.expect_err("no account");
    assert_eq!((status.code(), request_id(status.metadata()).as_str()), (Code::NotFound, "mine"));
}

#[tokio::test]
async fn who_is_not_let_in_gets_a_request_id_too() {
    let (_, hash) = smsmux::config::api_key::generate("billing").unwrap();
    let rig = Rig::with(&format!("[callers.billing]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n"), "").await;
    let refused = rig.messages().send_message(with(&[("x-request-id", "mine")], message())).await.expect_err("no key");
    assert_eq!((refused.code(), request_id(refused.metadata()).as_str()), (Code::Unauthenticated, "mine"));
}

#[tokio::test]
async fn a_trace_goes_on_to_the_vendor_under_a_new_parent() {
    let rig = Rig::smsend().await;
    let given = format!("00-{TRACE}-{PARENT}-01");
    send(&rig, with(&[("traceparent", &given), ("tracestate", "shop=17")], message())).await;
    let sent = &rig.requests("POST /sms")[0];
    let arrived = sent.header("traceparent").expect("a trace");
    assert!(arrived.starts_with(&format!("00-{TRACE}-")) && arrived.ends_with("-01"), "{arrived}");
    assert!(!arrived.contains(PARENT), "{arrived}");
    assert_eq!(sent.header("tracestate"), Some("shop=17"));

    // A read goes another way than a write.
    let get = with(&[("traceparent", &given)], GetMessageRequest { name: "accounts/smsend/messages/1".to_owned() });
    let _ = rig.messages().get_message(get).await;
    let asked = rig.requests("GET /sms");
    assert!(asked[0].header("traceparent").expect("a trace").contains(TRACE));
}

#[tokio::test]
async fn no_trace_and_a_broken_one_are_no_trace() {
    let rig = Rig::smsend().await;
    for metadata in [&[][..], &[("traceparent", "00-nonsense-01"), ("tracestate", "shop=17")]] {
        send(&rig, with(metadata, message())).await;
    }
    for sent in rig.requests("POST /sms") {
        assert_eq!((sent.header("traceparent"), sent.header("tracestate")), (None, None));
    }
}

#[tokio::test]
async fn what_a_stream_asks_the_vendor_is_part_of_its_trace() {
    let rig = Rig::with("", "poll_interval = '20ms'").await;
    let given = format!("00-{TRACE}-{PARENT}-00");
    let request = WatchReceivedMessagesRequest { parent: "accounts/smsend".to_owned(), ..Default::default() };
    let mut inbox = InboxServiceClient::new(rig.channel.clone());
    let request = with(&[("traceparent", given.as_str())], request);
    let mut stream = inbox.watch_received_messages(request).await.expect("a stream").into_inner();
    let requested = rig.requested(3, "GET /srsmshistory");
    tokio::select! {
        () = requested => {}
        end = async { while stream.next().await.is_some() {} } => panic!("ended: {end:?}"),
    }
    for asked in rig.requests("GET /srsmshistory") {
        assert!(asked.header("traceparent").expect("a trace").contains(TRACE));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_call_has_its_request_id() {
    let command = &mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    let mut gateway = Running::start(command.args(["--log-level", "smsmux=debug"]));
    let address = gateway.until(serving);
    let mut messages = MessageServiceClient::new(connect(address.parse().unwrap()).await);
    in_time(messages.send_message(with(&[("x-request-id", "order-17")], message()))).await.expect("sent");
    gateway.until(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        (line["request_id"] == "order-17").then_some(())?;
        line["operation"].is_string().then_some(())
    });
    let method = gateway.until(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        (line["request_id"] == "order-17").then(|| line["method"].as_str().map(str::to_owned)).flatten()
    });
    assert_eq!(method, "smsmux.v1.MessageService/SendMessage");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn every_call_has_its_line_though_the_server_stops_at_once() {
    let command = &mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    let mut gateway = Running::start(command.env("SMSMUX_SERVER_DRAIN_DELAY", "0s"));
    let address = gateway.until(serving);
    let channel = connect(address.parse().unwrap()).await;
    let sends = (0..200).map(|number| {
        let (mut messages, id) = (MessageServiceClient::new(channel.clone()), format!("order-{number}"));
        async move { messages.send_message(with(&[("x-request-id", &id)], message())).await.expect("sent") }
    });
    in_time(futures::future::join_all(sends)).await;
    drop(channel);
    let ended = gateway.stop("TERM");
    assert_eq!(ended.code, Some(0));
    for number in 0..200 {
        let id = format!(r#""request_id":"order-{number}""#);
        // Others may be logged on behalf of the call.
        let lines = ended.stderr.lines().filter(|line| line.contains(&id) && line.contains(r#""method":"#));
        assert_eq!(lines.count(), 1, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_masked_in_the_log_unless_asked_for() {
    for (pii, shown) in
        [("false", "accounts/intelepeer/numbers/***"), ("true", "accounts/intelepeer/numbers/+17208675309")]
    {
        let command = &mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        let mut gateway = Running::start(command.env("SMSMUX_LOG_PII", pii));
        let address = gateway.until(serving);
        let mut numbers = NumberServiceClient::new(connect(address.parse().unwrap()).await);
        let name = "accounts/intelepeer/numbers/+17208675309".to_owned();
        let request = DeprovisionNumberRequest { name };
        let _ = in_time(numbers.deprovision_number(request)).await;
        let resource = gateway.until(|line| {
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            line["resource"].as_str().map(str::to_owned)
        });
        assert_eq!(resource, shown);
    }
}
