//! A gateway and its vendor, between which something goes wrong.

use std::{net::SocketAddr, sync::Arc};

use http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use smsmux_sandbox::{Fault, Recorded, Sandbox};
use tempfile::NamedTempFile;
use tokio::net::{TcpListener, TcpSocket};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use crate::{
    injection::{Injection, Kind, PAGE, Protocol},
    operations::Operation,
    support::{Rig, in_time, loopback, refusing},
};

/// Short, so that what waits for them ends soon.
const ACCOUNT: &str = r#"
    connect_timeout = "500ms"
    attempt_timeout = "1s"
    call_timeout = "4s"
    max_reply_bytes = 65536
    breaker_failures = 0
"#;

/// For calls that have to succeed in spite of the fault, on a busy machine too.
pub const PATIENT: &str = r#"
    connect_timeout = "10m"
    attempt_timeout = "20m"
    call_timeout = "1h"
    max_reply_bytes = 65536
    breaker_failures = 0
"#;

/// The accounts' time limits are those that count: no machine is so busy that the server closes a caller's connection.
pub const SERVER: &str = "[server]\ncall_timeout = '1h'\nhandshake_timeout = '1h'\nkeepalive_timeout = '1h'\n";

/// What lasts as long as a stage.
enum Held {
    Nothing,
    /// The authority that the gateway trusts.
    Trusted(NamedTempFile),
    /// A port that refuses, and that no stand-in may get meanwhile.
    Port(#[expect(dead_code, reason = "keeps the port")] TcpSocket),
}

/// Where the vendor is said to be, where that is not the stand-in, and what makes it so.
async fn address(injection: &Injection) -> Option<(String, Held)> {
    match injection.kind {
        Kind::Refused => {
            let (address, socket) = refusing();
            Some((format!("http://{address}"), Held::Port(socket)))
        }
        // A name that is reserved for this (RFC 6761).
        Kind::Unresolved => Some(("https://vendor.invalid".to_owned(), Held::Nothing)),
        Kind::Impostor => {
            let (address, trusted) = impostor().await;
            Some((format!("https://localhost:{}", address.port()), Held::Trusted(trusted)))
        }
        Kind::Reset => Some((format!("http://{}", resetting().await), Held::Nothing)),
        _ => None,
    }
}

/// Resets every connection that is made.
async fn resetting() -> SocketAddr {
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_zero_linger().unwrap();
        }
    });
    address
}

/// A TLS server whose certificate is of one authority, and the certificate of another.
async fn impostor() -> (SocketAddr, NamedTempFile) {
    let authority = || {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (trusted, other) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &other).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handshake = acceptor.accept(stream);
            tokio::spawn(async move { drop(handshake.await) });
        }
    });
    (address, file(&trusted.pem()))
}

fn file(pem: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    file
}

/// A gateway, a vendor's stand-in, and another one that nothing must ever arrive at.
pub struct Stage {
    pub rig: Rig,
    elsewhere: Sandbox,
    reachable: bool,
    _held: Option<Held>,
}

impl Stage {
    pub async fn new(injection: &Injection, vendor: &str, protocol: Protocol) -> Self {
        Self::beside(injection, vendor, protocol, "").await
    }

    /// The same, with more sections in the configuration.
    pub async fn beside(injection: &Injection, vendor: &str, protocol: Protocol, sections: &str) -> Self {
        let sandbox = Sandbox::start(vendor, loopback()).await.unwrap();
        let elsewhere = Sandbox::start(vendor, loopback()).await.unwrap();
        let mut keys = if injection.harmless { PATIENT } else { ACCOUNT }.to_owned();
        let (address, held) = address(injection).await.unzip();
        if let Some(base_url) = &address {
            keys += &format!("base_url = '{base_url}'\n");
        }
        let reachable = address.is_none();
        let held = held.or_else(|| {
            if protocol == Protocol::Tls1 {
                sandbox.offer(["http/1.1"]);
            }
            (protocol != Protocol::Http1).then(|| Held::Trusted(file(sandbox.certificate())))
        });
        if let Some(Held::Trusted(file)) = &held {
            keys += &format!("ca_file = '{}'\n", file.path().display());
            if reachable {
                keys += &format!("base_url = '{}'\n", sandbox.secure_base_url());
            }
        }
        let rig = Rig::at(sandbox, &format!("{SERVER}{sections}"), &keys).await;
        Self { rig, elsewhere, reachable, _held: held }
    }

    /// Whether requests arrive at the stand-in.
    pub fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// Lets the operation go wrong from now on.
    pub fn begin(&self, injection: &Injection, operation: &Operation, calls: usize) {
        match injection.kind {
            Kind::Always(fault) => self.rig.faults(operation.http, fault(), 0),
            Kind::First(times, fault) => {
                self.rig.faults(operation.http, fault(), u32::try_from(times * calls).unwrap());
            }
            Kind::Answers(answers) | Kind::AnswersToSends(answers) => {
                let in_turn = answers.iter().flat_map(|answer| [(answer, false), (answer, true)]).cycle();
                // A call that may be repeated is, at most twice.
                for (&(code, body), handled) in in_turn.take(calls * 3) {
                    let (code, body) = (StatusCode::from_u16(code).unwrap(), body.map(str::to_owned));
                    let fault = match handled {
                        true => Fault::Answer { code, body },
                        false => Fault::Status { code, retry_after: None, body },
                    };
                    self.rig.fault(operation.http, fault);
                }
            }
            Kind::Login => {
                let page = Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(PAGE.to_owned()) };
                self.rig.faults("GET /login", page, 0);
                self.rig.sandbox.expire_sessions();
            }
            Kind::Redirect => {
                let location = format!("{}/sms", self.elsewhere.base_url());
                self.rig.faults(operation.http, Fault::Redirect { location }, 0);
            }
            _ => {}
        }
    }

    /// What goes wrong while the calls are under way.
    pub async fn meanwhile(&self, injection: &Injection, operation: &Operation, calls: usize) {
        if let Kind::Expiry = injection.kind {
            self.rig.requested(calls / 2, operation.http).await;
            self.rig.sandbox.expire_sessions();
        }
    }

    /// Whether the fault hit a call that made these requests; a login that has ended shows as a refusal.
    pub fn has_hit(&self, requests: &[&Recorded]) -> bool {
        let hit = |request: &&Recorded| request.fault.is_some() || request.status == Some(401);
        !self.reachable || requests.iter().any(hit)
    }

    /// What arrived, when all that the stand-in still works on is done.
    pub async fn books(&self) -> Vec<Recorded> {
        let sandbox = &self.rig.sandbox;
        let late = |request: &Recorded| request.fault == Some("delay");
        let count = sandbox.requests().iter().filter(|request| late(request)).count();
        sandbox.requested(count, |request| late(request) && request.handled).await;
        sandbox.requests()
    }

    /// Ends the gateway before its vendors: a port that is free belongs to another row next, where nothing of this one may
    /// arrive. Returns what arrived elsewhere.
    pub async fn end(self) -> Vec<Recorded> {
        let Self { rig, elsewhere, .. } = self;
        rig.stop();
        let _rig = in_time(rig.wait()).await;
        elsewhere.requests()
    }
}
