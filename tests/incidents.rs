//! What goes wrong outside of calls is counted by its cause, and told in the log at a bounded rate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{net::SocketAddr, sync::Arc, time::Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use smsmux::{api::pb::SendMessageRequest, telemetry::metrics};
use support::{
    Rig,
    frames::{DATA, END_STREAM, PREFACE, Raw, call, cancelled, frame, head},
    in_time, message,
    process::{Running, run, smsmux},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

const SEND: &str = "smsmux.v1.MessageService/SendMessage";

/// How many there were of a cause in this process, whose tests run at the same time.
fn counted(what: &str, cause: &str) -> u64 {
    let text = metrics::render(metrics::Format::Text).unwrap();
    let series = format!("smsmux_{what}_total{{cause=\"{cause}\"}} ");
    text.lines().find_map(|line| line.strip_prefix(&series)).map_or(0, |count| count.parse().unwrap())
}

/// Does something, and waits until it is counted.
async fn counts(what: &str, cause: &str, does: impl Future<Output = ()>) {
    let before = counted(what, cause);
    println!("{what}: {cause}");
    does.await;
    in_time(async {
        while counted(what, cause) == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Says these bytes on a new connection, and reads to its end.
async fn says(address: SocketAddr, bytes: &[u8]) {
    let mut raw = Raw::silent(address, [127, 0, 0, 1]).await;
    raw.send(bytes).await;
    raw.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_fail_are_counted_by_their_cause() {
    let rig = Rig::with("[server]\nhandshake_timeout = '1h'\nmax_unauthenticated_connections = 1", "").await;
    rig.send().await.expect("known");
    let failed = async |cause: &str, bytes: &[u8]| counts("connections_failed", cause, says(rig.address, bytes)).await;
    failed("not_http_2", b"\x16\x03\x01").await;
    failed("http_2_error", &[PREFACE, &frame(DATA, 0, 0, b"of no stream")].concat()).await;
    counts("connections_failed", "closed", async { drop(TcpStream::connect(rig.address).await.unwrap()) }).await;
    let told = async {
        let mut stream = TcpStream::connect(rig.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        in_time(stream.read_to_end(&mut Vec::new())).await.unwrap();
    };
    counts("connections_failed", "http_1", told).await;
    let (mut first, mut second) = (None, None);
    let push = async {
        first = Some(Raw::silent(rig.address, [127, 0, 0, 1]).await);
        second = Some(Raw::silent(rig.address, [127, 0, 0, 1]).await);
    };
    counts("connections_failed", "pushed_out", push).await;

    let hasty = Rig::with("[server]\nhandshake_timeout = '1ms'", "").await;
    counts("connections_failed", "timeout", says(hasty.address, b"")).await;

    let small = Rig::with("[server]\nmax_connections = 1\nmax_concurrent_streams = 10", "").await;
    small.send().await.expect("the only one");
    counts("connections_failed", "turned_away", says(small.address, PREFACE)).await;

    let calm = Rig::with("[server]\nmax_concurrent_streams = 10", "").await;
    let mut raw = Raw::connect(calm.address).await;
    let cancel = async {
        let (mut stream, before) = (1, counted("connections_failed", "cancellations"));
        while counted("connections_failed", "cancellations") == before {
            raw.send(&cancelled(stream, 20, SEND)).await;
            stream += 40;
            raw.is_open().await;
        }
    };
    counts("connections_failed", "cancellations", cancel).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_fail_are_counted_by_their_cause() {
    let authority = || {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let issue = |issuer: &CertifiedIssuer<'static, KeyPair>| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        (params.signed_by(&key, issuer).unwrap(), key)
    };
    let (ours, other) = (authority(), authority());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (certificate, key) = issue(&ours);
    let sections = format!(
        "[server]\ntls_certificate = '{}'\ntls_key = '{}'\ntls_client_ca = '{}'\n\
         [callers.billing]\ncertificate = 'localhost'\nscopes = ['*']\naccounts = ['*']\n",
        file("crt", &certificate.pem()),
        file("key", &key.serialize_pem()),
        file("ca", &ours.pem())
    );
    let rig = Rig::with(&sections, "").await;

    let connects = async |trusted: &CertificateDer<'_>, protocol: &[u8], shows: Option<(String, String)>| {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone().into_owned()).unwrap();
        let client = ClientConfig::builder_with_provider(ring::default_provider().into());
        let client = client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let mut client = match shows {
            None => client.with_no_client_auth(),
            Some((certificate, key)) => {
                let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                client.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        client.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(rig.address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(client));
        if let Ok(mut stream) = in_time(connector.connect("localhost".try_into().unwrap(), stream)).await {
            let _ = in_time(stream.read_to_end(&mut Vec::new())).await;
        }
    };
    let stranger = issue(&other);
    let shows = Some((stranger.0.pem(), stranger.1.serialize_pem()));
    counts("connections_failed", "plain_text", says(rig.address, b"GET / HTTP/1.1\r\n\r\n")).await;
    counts("connections_failed", "tls_incompatible", connects(ours.der(), b"spdy/3", None)).await;
    counts("connections_failed", "tls_alert", connects(other.der(), b"h2", None)).await;
    counts("connections_failed", "tls_certificate", connects(ours.der(), b"h2", shows)).await;
    counts("connections_failed", "tls_other", says(rig.address, b"\x16\x03\x01\x00\x04\x0e\x00\x00\x00")).await;
}

#[tokio::test]
async fn requests_that_cannot_be_read_are_counted_by_their_cause() {
    let large = Rig::with("[server]\nmax_request_bytes = 1000", "").await;
    let strict = Rig::with("[server]\nmax_header_bytes = 300", "").await;
    let long = SendMessageRequest { text: "x".repeat(2_000), ..message() };
    for (cause, rig, request) in [
        ("too_large", &large, call(1, SEND, None, &long)),
        ("metadata_too_large", &strict, call(1, SEND, Some(&"k".repeat(100)), &message())),
        (
            "undecodable",
            &large,
            [head(1, SEND, None, false), frame(DATA, END_STREAM, 1, b"\0\0\0\0\x02\xff\xff")].concat(),
        ),
    ] {
        let mut raw = Raw::connect(rig.address).await;
        let ask = async {
            raw.send(&request).await;
            raw.answer(1).await;
        };
        counts("requests_rejected", cause, ask).await;
        // It is the call's fault alone.
        assert!(raw.is_open().await, "{cause}");
    }
}

#[test]
fn the_log_tells_of_a_cause_once_in_a_while() {
    let begun = Instant::now();
    let (server, address) = Running::serve(&["--sandbox", "--listen", "127.0.0.1:0"]);
    for _ in 0..50 {
        run(&mut smsmux(&["health", &address])).with(0);
        let answer = std::net::TcpStream::connect(&address).unwrap();
        std::io::Write::write_all(&mut &answer, b"GET / HTTP/1.1\r\n\r\n").unwrap();
        std::io::copy(&mut &answer, &mut std::io::sink()).unwrap();
    }
    let ended = server.stop("TERM").with(0);
    let told: Vec<_> = ended.stderr.lines().filter(|line| line.contains("http_1")).collect();
    let most = 1 + usize::try_from(begun.elapsed().as_secs() / 10).unwrap();
    assert!((1..=most).contains(&told.len()), "{told:#?}");
    assert!(told[0].contains("count=1") && told[0].contains("127.0.0.1") && told[0].contains("WARN"), "{told:#?}");
}
