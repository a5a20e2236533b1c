//! TLS.

use std::{io::Write as _, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::vendors::kit::{Effect, request::Base};

type TlsStream = tokio_rustls::server::TlsStream<TcpStream>;

/// A vendor's server with a certificate for `localhost`, which offers these protocols.
struct Secure {
    vendor: Vendor,
    acceptor: TlsAcceptor,
    ca: tempfile::NamedTempFile,
}

impl Secure {
    async fn start(protocols: &[&str]) -> Self {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let mut ca = tempfile::NamedTempFile::new().expect("a file");
        ca.write_all(signed.cert.pem().as_bytes()).expect("written");
        let certificate = CertificateDer::from(signed.cert.der().to_vec());
        let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
        let config = config.with_no_client_auth().with_single_cert(vec![certificate], key);
        let mut config = config.expect("a certificate");
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Self { vendor: Vendor::start().await, acceptor: Arc::new(config).into(), ca }
    }

    fn client(&self, http2: Http2) -> Client {
        let port = self.vendor.0.local_addr().expect("an address").port();
        patient(client(format!("https://localhost:{port}"), http2, |endpoint| {
            endpoint.ca_file = Some(self.ca.path().to_owned());
        }))
    }

    async fn accept(&self) -> TlsStream {
        let stream = self.vendor.accept().await;
        in_time(self.acceptor.accept(stream)).await.expect("a handshake")
    }
}

/// Reads the head of a request that has no body.
async fn request(stream: &mut TlsStream) {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(in_time(stream.read_u8()).await.expect("a byte"));
    }
}

#[tokio::test]
async fn the_vendor_chooses_the_protocol_and_the_account_may_forbid_http2() {
    for (protocols, http2, chosen) in [
        (&["h2", "http/1.1"][..], Http2::Negotiated, Some("h2")),
        (&["http/1.1"], Http2::Negotiated, Some("http/1.1")),
        (&[], Http2::Negotiated, None),
        (&["h2", "http/1.1"], Http2::Off, Some("http/1.1")),
        (&["h2", "http/1.1"], Http2::PriorKnowledge, Some("h2")),
    ] {
        let secure = Secure::start(protocols).await;
        let client = secure.client(http2);
        let call = spawn(&client, read());
        let mut stream = secure.accept().await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), chosen.map(str::as_bytes));
        if chosen == Some("h2") {
            let mut h2 = h2::server::handshake(stream).await.expect("HTTP/2");
            let (_, mut respond) = in_time(h2.accept()).await.expect("a request").expect("a request");
            respond.send_response(http::Response::new(()), true).expect("an answer");
            tokio::spawn(async move { while h2.accept().await.is_some() {} });
        } else {
            request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("written");
        }
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test]
async fn an_end_without_a_goodbye_is_no_end_of_a_body() {
    for (says_goodbye, length) in [(true, false), (false, true), (false, false)] {
        let secure = Secure::start(&["http/1.1"]).await;
        let client = secure.client(Http2::Negotiated);
        let call = spawn(&client, Request::new("DELETE /sms"));
        let mut stream = secure.accept().await;
        request(&mut stream).await;
        let head = if length { "content-length: 2\r\n" } else { "" };
        stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n{{}}").as_bytes()).await.expect("written");
        if says_goodbye {
            stream.shutdown().await.expect("a goodbye");
        }
        drop(stream);
        let result = call.await.expect("no panic");
        match says_goodbye || length {
            true => assert_eq!(result.expect("an answer").text(), "{}"),
            false => assert!(is_unknown(result)),
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_with_a_goodbye_carries_no_request() {
    let secure = Secure::start(&["http/1.1"]).await;
    let client = secure.client(Http2::Negotiated);
    for _ in 0..2 {
        let call = spawn(&client, Request::new("DELETE /sms"));
        let mut stream = secure.accept().await;
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.expect("written");
        call.await.expect("no panic").expect("an answer");
        stream.shutdown().await.expect("a goodbye");
    }
}

#[tokio::test]
async fn session_tickets_that_come_before_the_first_request_do_not_end_a_connection() {
    let (sent, base) = (write(), Base::new("https://localhost".parse().expect("an address")));
    // The runtime may have read the tickets of some before they are used.
    for _ in 0..100 {
        let secure = Secure::start(&["http/1.1"]).await;
        let client = secure.client(Http2::Negotiated);
        let lease = client.clients.lease(Effect::Write, Instant::now() + HOUR);
        let (lease, _stream) = tokio::join!(lease, secure.accept());
        let mut lease = lease.expect("a connection");
        let unread = lease.has_unread();
        assert!(lease.send(&sent.under(&base).expect("a request")), "it is open");
        if unread {
            return;
        }
    }
    panic!("none had tickets that were not read");
}
