//! TLS: handshakes, client certificates as callers, reloads, and the port for probes beside it.

use std::{net::SocketAddr, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use smsmux::{
    api::pb::{SendMessageResponse, message_service_client::MessageServiceClient},
    server::{Server, Setup},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Request, Response, Status,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::support::{
    IN_MEMORY, LIMIT, Rig, connect, failed, message, pause,
    process::{run, smsmux},
};

/// An authority, and a folder for what it signs.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority of a test");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key), folder: tempfile::tempdir().unwrap() }
    }

    /// A certificate for a name, and its key.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The section of a server that has a certificate of it.
    fn server(&self) -> String {
        let (certificate, key) = self.sign("localhost");
        let (certificate, key) = (self.file("cert.pem", &certificate), self.file("key.pem", &key));
        format!("[server]\ntls_certificate = '{}'\ntls_key = '{}'\n", certificate.display(), key.display())
    }

    /// The same, which lets in who has a certificate of it for one of these names.
    fn mutual(&self, names: &[(&str, &str)]) -> String {
        let ca = self.file("ca.pem", &self.pem);
        let mut sections = format!("{}tls_client_ca = '{}'\n", self.server(), ca.display());
        for (caller, rules) in names {
            sections += &format!("[callers.{caller}]\ncertificate = '{caller}.internal'\n{rules}\n");
        }
        sections
    }

    /// A client that believes it, and shows a certificate if it has one.
    fn client(&self, rig: &Rig, certificate: Option<(String, String)>) -> MessageServiceClient<Channel> {
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.pem)).domain_name("localhost");
        if let Some((certificate, key)) = certificate {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let endpoint = Endpoint::from_shared(format!("https://{}", rig.address)).unwrap();
        MessageServiceClient::new(endpoint.tls_config(tls).unwrap().connect_lazy())
    }
}

async fn send(mut client: MessageServiceClient<Channel>) -> Result<Response<SendMessageResponse>, Status> {
    let mut request = Request::new(message());
    request.set_timeout(LIMIT);
    client.send_message(request).await
}

/// The error is the client's own, about the connection: no call arrived. Its code depends on how far the client got, and
/// an alert of TLS that is read as HTTP/2 gives yet another.
fn assert_own_word(status: &Status) {
    assert!(status.details().is_empty() && std::error::Error::source(status).is_some(), "{status:?}");
}

const EVERYTHING: &str = "scopes = ['*']\naccounts = ['*']";

#[tokio::test]
async fn a_call_over_tls_is_answered_and_plain_text_to_that_port_is_not() {
    let authority = Authority::new();
    let rig = Rig::with(&authority.server(), "").await;
    send(authority.client(&rig, None)).await.expect("over TLS");

    assert_own_word(&send(rig.messages()).await.expect_err("in plain text"));
    // The server says so in the words of TLS, and hangs up.
    let mut stream = TcpStream::connect(rig.address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    timeout(LIMIT, stream.read_to_end(&mut answer)).await.expect("an end").unwrap();
    assert_eq!(answer.first(), Some(&21), "an alert: {answer:?}");

    send(authority.client(&rig, None)).await.expect("others are not met by it");
    assert_eq!(rig.requests("POST /sms").len(), 2);
}

#[tokio::test]
async fn a_client_of_http_1_is_told_in_a_line_what_the_port_speaks_over_tls_too() {
    let authority = Authority::new();
    let (plain, tls) = (Rig::smsend().await, Rig::with(&authority.server(), "").await);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let client =
        client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
    let request = b"POST /smsmux.v1.MessageService/SendMessage HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let told = |answer: String| {
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer of HTTP/1.1");
        assert!(head.starts_with("HTTP/1.1 505 "), "{head}");
        assert!(body.contains("gRPC over HTTP/2") && body.lines().count() == 1, "{body}");
    };
    let mut answer = String::new();
    let mut stream = TcpStream::connect(plain.address).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream.read_to_string(&mut answer).await.unwrap();
    told(answer);
    for protocols in [&[][..], &["http/1.1"]] {
        let mut client = client.clone();
        client.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(tls.address).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(client));
        let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // It may end without the last word of TLS.
        let _ = stream.read_to_end(&mut answer).await;
        told(String::from_utf8(answer).unwrap());
    }
}

#[tokio::test]
async fn clients_that_never_end_their_handshake_hold_nobody_up() {
    let authority = Authority::new();
    let rig = Rig::with(&(authority.server() + "handshake_timeout = '1h'\n"), "").await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(rig.address).await.unwrap();
        // The beginning of a ClientHello that does not go on.
        stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
        silent.push(stream);
    }
    send(authority.client(&rig, None)).await.expect("while they are silent");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_has_its_time_with_tls_and_without() {
    let authority = Authority::new();
    // The beginning of a ClientHello that does not go on.
    for (sections, beginning) in [(authority.server(), &[22, 3, 1, 2, 0, 1][..]), ("[server]\n".to_owned(), &[])] {
        let rig = Rig::with(&(sections + "handshake_timeout = '200ms'\n"), "").await;
        let mut stream = TcpStream::connect(rig.address).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        let ended = timeout(LIMIT, stream.read_to_end(&mut Vec::new())).await;
        let _ = ended.expect("is hung up on");
    }
}

#[tokio::test]
async fn a_client_certificate_is_a_caller_with_its_scopes() {
    let authority = Authority::new();
    let callers = [("billing", EVERYTHING), ("reader", "scopes = ['MessageService:read']\naccounts = ['*']")];
    let rig = Rig::with(&authority.mutual(&callers), "").await;
    let certificate = authority.sign("billing.internal");
    send(authority.client(&rig, Some(certificate))).await.expect("it may do everything");
    let status = send(authority.client(&rig, Some(authority.sign("reader.internal")))).await.unwrap_err();
    failed(&status, Code::PermissionDenied, "SCOPE_MISSING");

    for stranger in [Some(authority.sign("stranger.internal")), None] {
        let status = send(authority.client(&rig, stranger)).await.unwrap_err();
        failed(&status, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    }
    assert_eq!(rig.requests("POST /sms").len(), 1);
}

#[tokio::test]
async fn a_client_certificate_of_another_authority_gets_no_connection() {
    let (authority, other) = (Authority::new(), Authority::new());
    let rig = Rig::with(&authority.mutual(&[("billing", EVERYTHING)]), "").await;
    assert_own_word(&send(authority.client(&rig, Some(other.sign("billing.internal")))).await.unwrap_err());
    assert_eq!(rig.requests("POST /sms").len(), 0);
    send(authority.client(&rig, Some(authority.sign("billing.internal")))).await.expect("its own is let in");
}

#[tokio::test]
async fn certificates_are_reloaded_for_new_connections_and_no_other_is_dropped() {
    let (first, second) = (Authority::new(), Authority::new());
    let rig = Rig::with(&first.server(), "").await;
    let before = first.client(&rig, None);
    send(before.clone()).await.expect("the first certificate");

    rig.reload(&second.server(), "").await;
    send(before.clone()).await.expect("its connection stays");
    send(second.client(&rig, None)).await.expect("the second certificate");
    send(first.client(&rig, None)).await.expect_err("the first is shown no more");

    // TLS itself does not go: keys would come in plain text.
    rig.reload("", "").await;
    send(second.client(&rig, None)).await.expect("still TLS");
    send(before).await.expect("its connection stays");
}

#[test]
fn what_is_wrong_with_tls_is_a_problem_of_the_configuration() {
    let authority = Authority::new();
    let problems = |text: &str| {
        let setup = Setup::new(text.parse().unwrap());
        setup.err().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let paths = |text: &str| {
        let problems = problems(text);
        problems.iter().map(|p| p.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let good = authority.server();
    assert_eq!(problems(&good), [""; 0]);
    assert_eq!(problems(&authority.mutual(&[("billing", EVERYTHING)])), [""; 0]);

    let (certificate, key) = (authority.folder.path().join("cert.pem"), authority.folder.path().join("key.pem"));
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let (_, other) = authority.sign("localhost");
    let other = authority.file("other.pem", &other).display().to_string();
    assert_eq!(paths(&good.replace(&key, &other)), ["server.tls_key"]);
    assert_eq!(paths(&good.replace(&key, "/no/such")), ["server.tls_key"]);
    assert_eq!(paths(&good.replace(&certificate, &key)), ["server.tls_certificate"]);
    let both = good.replace(&certificate, "/no/such").replace(&key, &certificate);
    assert_eq!(paths(&both), ["server.tls_certificate", "server.tls_key"]);
    assert_eq!(paths(&format!("[server]\ntls_key = '{key}'")), ["server.tls_certificate"]);
    assert_eq!(paths(&format!("[server]\ntls_certificate = '{certificate}'")), ["server.tls_key"]);

    let caller = format!("[callers.billing]\ncertificate = 'billing.internal'\n{EVERYTHING}\n");
    assert_eq!(paths(&(good.clone() + &caller)), ["callers.billing.certificate"]);
    assert_eq!(paths(&(good.clone() + &format!("tls_client_ca = '{certificate}'"))), ["server.tls_client_ca"]);
    assert_eq!(paths(&format!("{good}tls_client_ca = '{key}'\n{caller}")), ["server.tls_client_ca"]);
    let text = format!("{:?}", problems(&good.replace(&key, &other)));
    assert!(!text.contains("PRIVATE"), "{text}");
}

#[tokio::test]
async fn the_port_for_probes_answers_in_plain_text_until_the_end_and_has_nothing_else() {
    let authority = Authority::new();
    let text = format!("{}listen = '127.0.0.1:0'\nhealth_listen = '127.0.0.1:0'\n{IN_MEMORY}", authority.server());
    let server = Server::bind(Setup::new(text.parse().unwrap()).unwrap()).await.unwrap();
    let address: SocketAddr = server.health_address().unwrap().expect("an address");
    let stop = CancellationToken::new();
    let running = tokio::spawn(server.run(stop.clone().cancelled_owned()));

    let channel = connect(address).await;
    let mut health = HealthClient::new(channel.clone());
    let watch = health.watch(HealthCheckRequest { service: "readiness".to_owned() }).await.unwrap();
    let mut watch = watch.into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let status = send(MessageServiceClient::new(channel)).await.unwrap_err();
    failed(&status, Code::Unimplemented, "UNSUPPORTED");

    stop.cancel();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    assert_eq!(watch.message().await.unwrap(), None);
    timeout(LIMIT, running).await.expect("the drain ends").unwrap().unwrap();
    // Nobody is there any more.
    let gone = async {
        while TcpStream::connect(address).await.is_ok() {
            pause().await;
        }
    };
    timeout(LIMIT, gone).await.expect("the port is let go");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_command_asks_over_tls() {
    let authority = Authority::new();
    let rig = Rig::with(&authority.server(), "").await;
    let ca = authority.file("ca.pem", &authority.pem);
    let other = authority.file("other-ca.pem", &Authority::new().pem);
    let address = rig.address.to_string();
    let health = |ca: PathBuf| {
        let address = address.clone();
        let ask = move || {
            let ca = ca.display().to_string();
            run(&mut smsmux(&["health", &address, "--tls-ca", &ca, "--tls-name", "localhost"]))
        };
        tokio::task::spawn_blocking(ask)
    };
    assert_eq!(health(ca).await.unwrap().with(0).stdout, "SERVING\n");
    health(other).await.unwrap().with(1);
}
