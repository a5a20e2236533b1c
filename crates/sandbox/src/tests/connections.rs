//! The protocols of a stand-in's port, and each fault of connections as a client sees it.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::Reason;
use h2::client::SendRequest;
use http::{Request, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::{http_client, loopback};
use crate::{Fault, LastStream, Phase, Rule, Sandbox};

const SMS: &str = r#"{"apiKey": "sandbox-api-key", "phoneNumbers": "+33612345678", "message": "Hello"}"#;

async fn sandbox() -> Sandbox {
    Sandbox::start("smspartner", loopback()).await.unwrap()
}

/// A stand-in whose next request meets this fault.
async fn with(fault: Fault) -> Sandbox {
    let sandbox = sandbox().await;
    sandbox.inject(Rule::new(fault));
    sandbox
}

fn handled(sandbox: &Sandbox) -> Vec<bool> {
    sandbox.requests().iter().map(|request| request.handled).collect()
}

/// A connection of HTTP/1.1.
async fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.address()).await.unwrap()
}

/// Sends a request of HTTP/1.1.
async fn send(stream: &mut (impl AsyncWriteExt + Unpin)) {
    let request = format!("POST /v1/send HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{SMS}", SMS.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

/// Reads an answer of HTTP/1.1 to its last byte.
async fn answer(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"}") {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0, "{}", String::from_utf8_lossy(&read));
    }
    String::from_utf8(read).unwrap()
}

/// Reads to the end of the connection.
async fn rest(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await?;
    Ok(String::from_utf8(read).unwrap())
}

#[tokio::test]
async fn a_port_speaks_http_1_and_2_in_plain_text_and_over_tls() {
    let sandbox = sandbox().await;
    let _ = http_client();
    let builder = || {
        let authority = reqwest::Certificate::from_pem(sandbox.certificate().as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(300)).tls_certs_only([authority])
    };
    let send = async |client: reqwest::Client, base_url: String| {
        let response = client.post(format!("{base_url}/send")).body(SMS).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.version()
    };
    let (plain, secure) = (sandbox.base_url(), sandbox.secure_base_url());
    assert_eq!(send(builder().build().unwrap(), plain.clone()).await, Version::HTTP_11);
    assert_eq!(send(builder().http2_prior_knowledge().build().unwrap(), plain).await, Version::HTTP_2);
    assert_eq!(send(builder().build().unwrap(), secure.clone()).await, Version::HTTP_2);
    sandbox.offer(["http/1.1"]);
    assert_eq!(send(builder().build().unwrap(), secure).await, Version::HTTP_11);
    let versions: Vec<_> = sandbox.requests().into_iter().map(|request| request.version).collect();
    assert_eq!(versions, ["HTTP/1.1", "HTTP/2.0", "HTTP/2.0", "HTTP/1.1"]);
    assert_eq!(sandbox.connections(), 4);
    let accepted = http_client().get(format!("{}/connections", sandbox.control_url())).send().await.unwrap();
    assert_eq!(accepted.text().await.unwrap(), r#"{"accepted":5}"#);
}

#[tokio::test]
async fn the_control_api_has_the_certificate_and_sets_the_protocols() {
    let sandbox = sandbox().await;
    let url = sandbox.control_url();
    let client = http_client();
    let pem = client.get(format!("{url}/certificate")).send().await.unwrap().text().await.unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && pem == sandbox.certificate());
    let offer = client.put(format!("{url}/alpn")).body(r#"["http/1.1"]"#).send().await.unwrap();
    assert_eq!(offer.status(), 204);
    let authority = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    let response = client.post(format!("{}/send", sandbox.secure_base_url())).body(SMS).send().await.unwrap();
    assert_eq!(response.version(), Version::HTTP_11);
}

#[tokio::test]
async fn a_connection_ends_within_the_request_or_the_answer() {
    for (fault, begin, was_handled) in [
        (Fault::CutDuring, "", false),
        (Fault::CutAnswer, "HTTP/1.1 200 OK\r\ncontent-ty", true),
        (Fault::HalfCloseBefore, "", false),
        (Fault::HalfCloseAfter, "", true),
    ] {
        let sandbox = with(fault.clone()).await;
        let mut stream = connect(&sandbox).await;
        send(&mut stream).await;
        assert_eq!(rest(&mut stream).await.unwrap(), begin, "{fault:?}");
        assert_eq!(handled(&sandbox), [was_handled], "{fault:?}");
    }
}

#[tokio::test]
async fn a_half_closed_connection_still_takes_bytes() {
    let sandbox = with(Fault::HalfCloseBefore).await;
    let mut stream = connect(&sandbox).await;
    send(&mut stream).await;
    assert_eq!(rest(&mut stream).await.unwrap(), "");
    // A reset would be an error of one of these.
    for _ in 0..2 {
        send(&mut stream).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(handled(&sandbox), [false]);
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_may_be_half() {
    for half in [false, true] {
        let sandbox = with(Fault::UntilClose { half }).await;
        let mut stream = connect(&sandbox).await;
        send(&mut stream).await;
        let answer = rest(&mut stream).await.unwrap();
        assert!(!answer.contains("content-length") && answer.contains("{\"code\""), "{answer}");
        assert_eq!(answer.ends_with('}'), !half, "{answer}");
        assert_eq!(handled(&sandbox), [true]);
    }
}

#[tokio::test]
async fn an_idle_connection_closes_and_may_say_so_before() {
    for announced in [false, true] {
        let sandbox = with(Fault::CloseIdle { ms: 30, announced }).await;
        let mut stream = connect(&sandbox).await;
        send(&mut stream).await;
        let begin = Instant::now();
        let answer = answer(&mut stream).await;
        assert_eq!(answer.contains("keep-alive: timeout=0\r\n"), announced, "{answer}");
        assert_eq!(rest(&mut stream).await.unwrap(), "");
        assert!(begin.elapsed() >= Duration::from_millis(20), "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn the_next_request_on_a_connection_ends_it_unread() {
    for reset in [false, true] {
        let sandbox = with(Fault::CloseNext { reset }).await;
        let mut stream = connect(&sandbox).await;
        send(&mut stream).await;
        answer(&mut stream).await;
        send(&mut stream).await;
        match rest(&mut stream).await {
            Ok(rest) => assert!(!reset && rest.is_empty(), "{rest}"),
            Err(error) => assert!(reset && error.kind() == ErrorKind::ConnectionReset, "{error}"),
        }
        assert_eq!(handled(&sandbox), [true]);
    }
}

#[tokio::test]
async fn a_connection_that_is_not_read_gets_no_further_answer() {
    let sandbox = with(Fault::StopReading).await;
    let mut stream = connect(&sandbox).await;
    send(&mut stream).await;
    answer(&mut stream).await;
    send(&mut stream).await;
    let mut other = connect(&sandbox).await;
    send(&mut other).await;
    answer(&mut other).await;
    assert_eq!(handled(&sandbox), [true, true]);
}

#[tokio::test]
async fn over_tls_only_an_announced_end_has_a_close_notify() {
    let ends = [(Fault::UntilClose { half: true }, false), (Fault::CloseIdle { ms: 0, announced: false }, false)];
    for (fault, clean) in ends.into_iter().chain([(Fault::CloseIdle { ms: 0, announced: true }, true)]) {
        let sandbox = with(fault.clone()).await;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(sandbox.certificate().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, connect(&sandbox).await).await.unwrap();
        send(&mut stream).await;
        let end = stream.read_to_end(&mut Vec::new()).await;
        assert_eq!(end.err().map(|error| error.kind()), (!clean).then_some(ErrorKind::UnexpectedEof), "{fault:?}");
    }
}

/// A connection of HTTP/2, and how it ends.
async fn http2(sandbox: &Sandbox) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let (client, connection) = h2::client::handshake(connect(sandbox).await).await.unwrap();
    (client.ready().await.unwrap(), tokio::spawn(connection))
}

/// Sends a request of HTTP/2, and returns the status and the body, or what came of it.
async fn ask(client: &mut SendRequest<Bytes>) -> Result<(u16, Vec<u8>), h2::Error> {
    let request = Request::post("http://x/v1/send").body(()).unwrap();
    let (response, mut body) = client.send_request(request, false)?;
    // An error of the connection is the answer's too.
    let _ = body.send_data(Bytes::from_static(SMS.as_bytes()), true);
    let (head, mut body) = response.await?.into_parts();
    let mut read = Vec::new();
    while let Some(data) = body.data().await {
        match data {
            Ok(data) => read.extend_from_slice(&data),
            Err(error) if read.is_empty() => return Err(error),
            // The beginning arrived.
            Err(_) => break,
        }
    }
    Ok((head.status.as_u16(), read))
}

#[tokio::test]
async fn a_stream_is_reset_in_every_phase_and_the_connection_goes_on() {
    for (phase, code, was_handled) in [
        (Phase::Head, Reason::REFUSED_STREAM, false),
        (Phase::Body, Reason::REFUSED_STREAM, false),
        (Phase::Handled, Reason::CANCEL, true),
        (Phase::Answer, Reason::INTERNAL_ERROR, true),
    ] {
        let sandbox = with(Fault::ResetStream { code: code.into(), phase }).await;
        let (mut client, _connection) = http2(&sandbox).await;
        match ask(&mut client).await {
            Ok((status, body)) => assert!(phase == Phase::Answer && status == 200 && !body.ends_with(b"}")),
            Err(error) => assert!(error.is_reset() && error.reason() == Some(code), "{phase:?} {error}"),
        }
        assert_eq!(handled(&sandbox), [was_handled], "{phase:?}");
        assert_eq!(ask(&mut client).await.unwrap().0, 200, "{phase:?}");
    }
}

#[tokio::test]
async fn goaway_says_what_is_not_handled() {
    use LastStream::{All, Before, This};
    for (last, code, close, answered, was_handled) in [
        (All, Reason::NO_ERROR, false, true, true),
        (This, Reason::NO_ERROR, false, true, true),
        (This, Reason::ENHANCE_YOUR_CALM, true, false, true),
        (All, Reason::NO_ERROR, true, false, true),
        (Before, Reason::NO_ERROR, false, false, false),
        (Before, Reason::INTERNAL_ERROR, true, false, false),
    ] {
        let sandbox = with(Fault::GoAway { last, code: code.into(), close }).await;
        let (mut client, connection) = http2(&sandbox).await;
        let answer = ask(&mut client).await;
        assert_eq!(answer.is_ok(), answered, "{last:?} {code} {answer:?}");
        if let (Before, Err(error)) = (last, &answer) {
            assert!(error.is_go_away() && error.is_remote() && error.reason() == Some(code), "{error}");
        }
        assert_eq!(handled(&sandbox), [was_handled], "{last:?}");
        drop(client);
        let end = connection.await.unwrap();
        assert_eq!(end.is_ok(), code == Reason::NO_ERROR, "{last:?} {code} {end:?}");
    }
}

#[tokio::test]
async fn goaway_excludes_no_request_that_is_being_handled() {
    let sandbox = sandbox().await;
    sandbox.inject(Rule::new(Fault::Hold));
    sandbox.inject(Rule::new(Fault::GoAway { last: LastStream::Before, code: 0, close: false }));
    let (mut client, _connection) = http2(&sandbox).await;
    let mut other = client.clone();
    let held = tokio::spawn(async move { ask(&mut other).await });
    sandbox.requested(1, |request| request.fault == Some("hold")).await;
    assert!(ask(&mut client).await.unwrap_err().is_go_away());
    sandbox.clear_faults();
    assert_eq!(held.await.unwrap().unwrap().0, 200);
    assert_eq!(handled(&sandbox), [true, false]);
}

#[tokio::test]
async fn settings_are_announced_before_the_answer() {
    for max in [0, 1] {
        let sandbox = with(Fault::Settings { max_concurrent_streams: Some(max), initial_window_size: Some(0) }).await;
        let (mut client, _connection) = http2(&sandbox).await;
        assert_eq!(ask(&mut client).await.unwrap().0, 200);
        assert_eq!(client.current_max_send_streams(), max as usize);
        if max == 1 {
            let request = Request::post("http://x/v1/send").body(()).unwrap();
            let (_response, mut body) = client.send_request(request, false).unwrap();
            body.reserve_capacity(1);
            let capacity = poll_fn(|context| body.poll_capacity(context));
            assert!(futures::poll!(std::pin::pin!(capacity)).is_pending());
        }
    }
}

#[tokio::test]
async fn the_faults_of_http_1_have_their_effect_in_http_2() {
    let final_1xx = Fault::Status { code: http::StatusCode::PROCESSING, retry_after: None, body: None };
    for (fault, was_handled) in [
        (Fault::CutBefore, false),
        (Fault::CutDuring, false),
        (Fault::CutAfter, true),
        (Fault::CutAnswer, true),
        (Fault::ResetDuring, false),
        (Fault::ResetAfter, true),
        (Fault::HalfCloseBefore, false),
        (Fault::HalfCloseAfter, true),
        (final_1xx, false),
    ] {
        let sandbox = with(fault.clone()).await;
        let (mut client, _connection) = http2(&sandbox).await;
        ask(&mut client).await.expect_err(fault.kind());
        assert_eq!(handled(&sandbox), [was_handled], "{fault:?}");
    }
    for fault in [Fault::Truncate, Fault::UntilClose { half: true }] {
        let sandbox = with(fault.clone()).await;
        let (mut client, _connection) = http2(&sandbox).await;
        let (status, body) = ask(&mut client).await.unwrap();
        assert!(status == 200 && !body.is_empty() && !body.ends_with(b"}"), "{fault:?}");
    }
    for fault in [
        Fault::CloseIdle { ms: 5, announced: false },
        Fault::CloseIdle { ms: 5, announced: true },
        Fault::CloseNext { reset: false },
        Fault::CloseNext { reset: true },
    ] {
        let sandbox = with(fault.clone()).await;
        let (mut client, connection) = http2(&sandbox).await;
        assert_eq!(ask(&mut client).await.unwrap().0, 200, "{fault:?}");
        if matches!(fault, Fault::CloseNext { .. }) {
            ask(&mut client).await.expect_err(fault.kind());
        }
        let _ = connection.await.unwrap();
        assert_eq!(handled(&sandbox), [true], "{fault:?}");
    }
}
