//! Connections: their limits, what ends them, what does not, and who makes room for whom.

use std::{future::pending, net::SocketAddr, sync::Arc};

use rcgen::generate_simple_self_signed;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use secrecy::ExposeSecret;
use smsmux::{
    api::pb::{ListAccountsRequest, message_service_client::MessageServiceClient},
    server::{Server, Setup},
};
use smsmux_sandbox::{Fault, Rule};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, Request, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::support::{
    IN_MEMORY, LIMIT, Rig, connect, failed,
    frames::{DATA, GOAWAY, PING, PREFACE, Raw, call, cancelled, frame},
    in_time, message,
};

const SEND: &str = "smsmux.v1.MessageService/SendMessage";
const LIST: &str = "smsmux.v1.AccountService/ListAccounts";

/// A connection on which a send is under way at the vendor.
async fn with_a_send(rig: &Rig) -> Raw {
    rig.sandbox.inject(Rule::new(Fault::Hold).method("POST").path("/sms"));
    let mut raw = Raw::connect(rig.address).await;
    raw.send(&call(1, SEND, None, &message())).await;
    rig.requested(1, "POST /sms").await;
    raw
}

#[tokio::test]
async fn a_client_that_cancels_a_thousand_calls_at_once_keeps_its_connection_and_its_sends() {
    let rig = Rig::smsend().await;
    let mut raw = with_a_send(&rig).await;
    // Nine times: once more would be ten, and its sends too many in all.
    for round in 0..9 {
        raw.send(&cancelled(3 + 2_000 * round, 1_000, SEND)).await;
        assert!(raw.is_open().await, "round {round}");
    }
    rig.sandbox.clear_faults();
    let answer = raw.answer(1).await;
    assert!(answer.iter().any(|frame| frame.kind == DATA), "sent: {answer:?}");
    raw.send(&call(99_999, LIST, None, &ListAccountsRequest::default())).await;
    raw.answer(99_999).await;
    assert_eq!(rig.requests("POST /sms").len(), 1);
}

#[tokio::test]
async fn a_client_that_cancels_without_end_is_asked_to_leave_and_its_sends_come_to_their_end() {
    let rig = Rig::with("[server]\nmax_concurrent_streams = 10\nmax_connection_age_grace = '1h'", "").await;
    let mut raw = with_a_send(&rig).await;
    let mut stream = 3;
    let asked = loop {
        raw.send(&cancelled(stream, 20, SEND)).await;
        stream += 40;
        raw.send(&frame(PING, 0, 0, b"whatever")).await;
        let next = raw.until(|frame| [GOAWAY, PING].contains(&frame.kind)).await;
        if next.kind == GOAWAY {
            break next;
        }
    };
    assert_eq!(asked.payload[4..8], [0; 4], "no error: {asked:?}");
    rig.sandbox.clear_faults();
    let answer = raw.until(|frame| frame.stream == 1 && frame.kind == DATA).await;
    assert!(!answer.payload.is_empty());
    raw.ended().await;
    assert_eq!(rig.requests("POST /sms").len(), 1);
    rig.send().await.expect("others are not met by it");
}

#[tokio::test]
async fn a_connection_that_makes_no_call_is_closed_however_far_it_has_come() {
    let rig = Rig::with("[server]\nhandshake_timeout = '200ms'\n", "").await;
    for bytes in [0, 1, 12, 24, PREFACE.len()] {
        let mut raw = Raw::silent(rig.address, [127, 0, 0, 1]).await;
        raw.send(&PREFACE[..bytes]).await;
        raw.ended().await;
    }
    // Nor does it help to say something from time to time.
    for bytes in [&PREFACE[..10], PREFACE] {
        let mut raw = Raw::silent(rig.address, [127, 0, 0, 1]).await;
        raw.send(bytes).await;
        let more = if bytes.len() < 24 { vec![PREFACE[10]] } else { frame(PING, 0, 0, b"still on") };
        let mut open = true;
        while open {
            raw.send(&more).await;
            open = bytes.len() == PREFACE.len() && raw.next().await.is_some();
        }
        raw.ended().await;
    }
    // One that has made a call may be silent as long as it likes.
    rig.send().await.expect("on another connection");
    let mut raw = Raw::connect(rig.address).await;
    raw.send(&call(1, LIST, None, &ListAccountsRequest::default())).await;
    raw.answer(1).await;
    let mut silent = Raw::connect(rig.address).await;
    silent.ended().await;
    assert!(raw.is_open().await);
}

#[tokio::test]
async fn a_connection_that_agrees_on_tls_and_says_no_more_is_closed() {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (certificate, key) = (file("crt", &made.cert.pem()), file("key", &made.signing_key.serialize_pem()));
    let section =
        format!("[server]\ntls_certificate = '{certificate}'\ntls_key = '{key}'\nhandshake_timeout = '200ms'\n");
    let server =
        Server::bind(Setup::new(format!("{section}listen = '127.0.0.1:0'\n{IN_MEMORY}").parse().unwrap()).unwrap())
            .await
            .unwrap();
    let address = server.address().unwrap();
    let _running = AbortOnDropHandle::new(tokio::spawn(server.run(pending())));
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(ring::default_provider().into());
    let mut client =
        client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec()];
    let connector = TlsConnector::from(Arc::new(client));
    for bytes in [0, 12, PREFACE.len()] {
        let stream = TcpStream::connect(address).await.unwrap();
        // It may be too slow for the handshake too.
        let Ok(mut stream) = in_time(connector.connect("localhost".try_into().unwrap(), stream)).await else {
            continue;
        };
        let _ = stream.write_all(&PREFACE[..bytes]).await;
        let _ = in_time(stream.read_to_end(&mut Vec::new())).await;
    }
}

/// A server with a caller, the caller's key, and these keys of the server.
async fn with_a_caller(keys: &str) -> (Rig, String) {
    let (key, hash) = smsmux::config::api_key::generate("billing").unwrap();
    let caller = format!("[callers.billing]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n");
    let rig = Rig::with(&format!("[server]\nhandshake_timeout = '1h'\n{keys}\n{caller}"), "").await;
    (rig, key.expose_secret().to_owned())
}

async fn send(channel: Channel, key: &str) -> Result<(), Code> {
    let mut request = Request::new(message());
    request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().unwrap());
    in_time(MessageServiceClient::new(channel).send_message(request)).await.map(drop).map_err(|status| status.code())
}

/// A connection of the caller.
async fn known(address: SocketAddr, key: &str) -> Raw {
    let mut raw = Raw::connect(address).await;
    raw.send(&call(1, LIST, Some(key), &ListAccountsRequest::default())).await;
    assert!(raw.answer(1).await.iter().any(|frame| frame.kind == DATA));
    raw
}

#[tokio::test]
async fn strangers_make_room_for_each_other_and_a_caller_is_served_and_stays() {
    for keys in [
        "max_unauthenticated_connections = 3",
        "max_unauthenticated_connections_per_address = 3",
        // The rig's own is another.
        "max_connections = 6",
    ] {
        let (rig, key) = with_a_caller(keys).await;
        send(rig.channel.clone(), &key).await.expect("the rig's own");
        let mut callers = [known(rig.address, &key).await, known(rig.address, &key).await];
        let mut strangers = Vec::new();
        for i in 0..20_u8 {
            let mut raw = Raw::silent(rig.address, [127, 0, 0, 1]).await;
            raw.send(&PREFACE[..usize::from(i) % PREFACE.len()]).await;
            strangers.push(raw);
        }
        send(connect(rig.address).await, &key).await.expect("a newcomer");
        for old in &mut strangers[..16] {
            old.ended().await;
        }
        for caller in &mut callers {
            assert!(caller.is_open().await, "{keys}");
        }
        send(rig.channel.clone(), &key).await.expect("it is still there");
    }
}

#[tokio::test]
async fn an_address_pushes_out_its_own_alone() {
    let (rig, key) = with_a_caller("max_unauthenticated_connections_per_address = 2").await;
    send(rig.channel.clone(), &key).await.expect("the rig's own");
    let mut other = Raw::silent(rig.address, [127, 0, 0, 2]).await;
    other.send(PREFACE).await;
    assert!(other.is_open().await);
    let mut flood = Vec::new();
    for _ in 0..50 {
        flood.push(Raw::silent(rig.address, [127, 0, 0, 3]).await);
    }
    for old in &mut flood[..48] {
        old.ended().await;
    }
    assert!(other.is_open().await);
}

#[tokio::test]
async fn the_port_for_probes_has_room_for_them_among_strangers() {
    let text = "[server]\nlisten = '127.0.0.1:0'\nhealth_listen = '127.0.0.1:0'\nhandshake_timeout = '1h'\n\
                max_unauthenticated_connections = 2\n";
    let text = format!("{text}{IN_MEMORY}");
    let server = Server::bind(Setup::new(text.parse().unwrap()).unwrap()).await.unwrap();
    let address = server.health_address().unwrap().expect("an address");
    let _running = AbortOnDropHandle::new(tokio::spawn(server.run(pending())));
    let mut strangers = Vec::new();
    for _ in 0..20 {
        strangers.push(Raw::silent(address, [127, 0, 0, 1]).await);
        in_time(HealthClient::new(connect(address).await).check(HealthCheckRequest::default())).await.expect("a probe");
    }
    for old in &mut strangers[..18] {
        old.ended().await;
    }
}

#[tokio::test]
async fn an_old_connection_ends_with_its_silent_streams_and_not_before_its_calls() {
    let rig = Rig::with("[server]\nmax_connection_age = '300ms'\nmax_connection_age_grace = '1h'", "").await;
    let mut raw = with_a_send(&rig).await;
    raw.until(|frame| frame.kind == GOAWAY).await;
    rig.sandbox.clear_faults();
    raw.until(|frame| frame.stream == 1 && frame.kind == DATA).await;
    raw.ended().await;

    let rig = Rig::with("[server]\nmax_connection_age = '300ms'\nmax_connection_age_grace = '300ms'", "").await;
    let mut health = HealthClient::new(rig.channel.clone());
    let mut watch = in_time(health.watch(HealthCheckRequest::default())).await.expect("a stream").into_inner();
    while let Ok(Some(_)) = in_time(watch.message()).await {}
}

#[tokio::test]
async fn metadata_over_the_limit_is_refused_and_the_server_lives() {
    let rig = Rig::smsend().await;
    let with = |bytes: usize| {
        let mut request = Request::new(message());
        request.metadata_mut().insert("x-large", "a".repeat(bytes).parse().unwrap());
        request.set_timeout(LIMIT);
        request
    };
    // One connection, on which a send is under way.
    rig.sandbox.inject(Rule::new(Fault::Hold).method("POST").path("/sms"));
    let sent = tokio::spawn({
        let (mut messages, request) = (rig.messages(), with(8_000));
        async move { messages.send_message(request).await }
    });
    rig.requested(1, "POST /sms").await;
    for bytes in [17_000, 20_000, 200_000, 1_000_000] {
        let status = rig.messages().send_message(with(bytes)).await.expect_err("too much");
        failed(&status, Code::ResourceExhausted, "INVALID_REQUEST");
        assert!(status.message().contains("at most 16384"), "{status:?}");
    }
    rig.sandbox.clear_faults();
    sent.await.unwrap().expect("it goes on");
    MessageServiceClient::new(connect(rig.address).await).send_message(with(4 << 20)).await.expect_err("far too much");
    rig.messages().send_message(with(8_000)).await.expect("within the limit");
    assert_eq!(rig.requests("POST /sms").len(), 2);

    let rig = Rig::with("[server]\nmax_header_bytes = 4096", "").await;
    failed(&rig.messages().send_message(with(8_000)).await.unwrap_err(), Code::ResourceExhausted, "INVALID_REQUEST");
    rig.send().await.expect("others go on");
}

#[tokio::test]
async fn connections_over_the_limit_are_turned_away_until_one_goes() {
    // The rig's own is one of them.
    let rig = Rig::with("[server]\nmax_connections = 2", "").await;
    rig.send().await.expect("the first");
    let second = Raw::known(rig.address).await.expect("the second");
    assert!(Raw::known(rig.address).await.is_none(), "the third");
    rig.send().await.expect("who is in is in");
    drop(second);
    let again = async { while Raw::known(rig.address).await.is_none() {} };
    in_time(again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_streams_that_are_reset_at_once_touch_no_other_connection() {
    let rig = Rig::smsend().await;
    let flood = tokio::spawn(resets(rig.address, 100_000));
    let mut calls = 0;
    // On a slow machine there would be more calls than the stand-in records.
    while !flood.is_finished() && calls < 1_000 {
        in_time(rig.send()).await.expect("sent");
        calls += 1;
    }
    let connections = flood.await.expect("all of them");
    println!("{calls} calls were answered during 100,000 resets, which took {connections} connections");
    // The budget of a connection refills by the clock, so that a slow machine needs fewer connections.
    assert!(calls > 0 && connections <= 10, "{calls} calls, {connections} connections");
    rig.send().await.expect("and after them");
    assert_eq!(rig.requests("POST /sms").len(), calls + 1, "none of the others reached the vendor");
}

/// Opens streams and resets each at once, over as many connections as that takes: a client that is asked to leave does.
async fn resets(address: SocketAddr, count: u32) -> u32 {
    let (mut sent, mut connections) = (0, 0);
    while sent < count {
        connections += 1;
        let mut raw = Raw::connect(address).await;
        let mut stream = 1;
        loop {
            if sent >= count {
                break;
            }
            let batch = 1_000.min(count - sent);
            raw.send(&cancelled(stream, batch, "smsmux.v1.MessageService/SendMessage")).await;
            (stream, sent) = (stream + 2 * batch, sent + batch);
            // What comes before the answer to a ping came before the ping.
            raw.send(&frame(PING, 0, 0, &stream.to_be_bytes().repeat(2))).await;
            let next = raw.until(|frame| [GOAWAY, PING].contains(&frame.kind)).await;
            if next.kind == GOAWAY {
                assert_eq!(next.payload[4..8], [0; 4], "no error: {next:?}");
                break;
            }
        }
    }
    connections
}
