//! What goes wrong, and how it is brought about.

use std::{net::SocketAddr, sync::Arc};

use http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use smsmux::sandbox::{Fault, Recorded, Sandbox};
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use crate::{
    operations::Operation,
    support::{Rig, loopback},
};

/// Short, so that what waits for them ends soon.
const ACCOUNT: &str = r#"
    connect_timeout = "500ms"
    attempt_timeout = "1s"
    call_timeout = "4s"
    max_reply_bytes = 65536
    breaker_failures = 0
"#;

/// Longer than an attempt may take.
const SLOW: u64 = 2_000;

/// Something that goes wrong.
pub struct Trouble {
    pub name: &'static str,
    kind: Kind,
}

enum Kind {
    /// Nothing listens at the address.
    Refused,
    /// The host has no address.
    Unresolved,
    /// The vendor's certificate is of another authority.
    Impostor,
    /// The connection is reset before anything is read.
    Reset,
    /// Every request of the operation meets this.
    Always(fn() -> Fault),
    /// The first requests meet this, as many as there are calls.
    First(fn() -> Fault),
    /// The vendor names another address.
    Redirect,
    /// The login ends when half of the calls have arrived.
    Expiry,
}

const fn trouble(name: &'static str, kind: Kind) -> Trouble {
    Trouble { name, kind }
}

fn status(code: StatusCode, retry_after: Option<u64>) -> Fault {
    Fault::Status { code, retry_after, body: None }
}

pub const TROUBLES: &[Trouble] = &[
    trouble("connection refused", Kind::Refused),
    trouble("no such host", Kind::Unresolved),
    trouble("certificate of another CA", Kind::Impostor),
    trouble("reset before the request", Kind::Reset),
    trouble("reset during the request", Kind::Always(|| Fault::ResetDuring)),
    trouble("reset after the request", Kind::Always(|| Fault::ResetAfter)),
    trouble("closed, not handled", Kind::Always(|| Fault::CutBefore)),
    trouble("closed, handled", Kind::Always(|| Fault::CutAfter)),
    trouble("no answer, not handled", Kind::Always(|| Fault::HangBefore)),
    trouble("no answer, handled", Kind::Always(|| Fault::HangAfter)),
    trouble("slow headers", Kind::Always(|| Fault::Delay { ms: SLOW })),
    trouble("slow body", Kind::Always(|| Fault::SlowBody { ms: SLOW })),
    trouble("truncated", Kind::Always(|| Fault::Truncate)),
    trouble("garbage", Kind::Always(|| Fault::Garbage)),
    trouble("64 MB", Kind::Always(|| Fault::Huge { bytes: 64 << 20 })),
    trouble("429", Kind::Always(|| status(StatusCode::TOO_MANY_REQUESTS, None))),
    trouble("429 with Retry-After, once", Kind::First(|| status(StatusCode::TOO_MANY_REQUESTS, Some(1)))),
    trouble("500", Kind::Always(|| status(StatusCode::INTERNAL_SERVER_ERROR, None))),
    trouble("502", Kind::Always(|| status(StatusCode::BAD_GATEWAY, None))),
    trouble("503", Kind::Always(|| status(StatusCode::SERVICE_UNAVAILABLE, None))),
    trouble("504", Kind::Always(|| status(StatusCode::GATEWAY_TIMEOUT, None))),
    trouble("redirect to elsewhere", Kind::Redirect),
    trouble("login ends in a burst", Kind::Expiry),
];

impl Trouble {
    /// Only smSend has logins that end.
    pub fn can_meet(&self, operation: &Operation) -> bool {
        !matches!(self.kind, Kind::Expiry) || operation.vendor == "smsend"
    }

    /// Where the vendor is said to be, where that is not the stand-in.
    async fn address(&self) -> Option<(String, Option<NamedTempFile>)> {
        match self.kind {
            Kind::Refused => {
                let free = TcpListener::bind(loopback()).await.unwrap().local_addr().unwrap();
                Some((format!("http://{free}"), None))
            }
            // A name that is reserved for this (RFC 6761).
            Kind::Unresolved => Some(("https://vendor.invalid".to_owned(), None)),
            Kind::Impostor => {
                let (address, trusted) = impostor().await;
                Some((format!("https://localhost:{}", address.port()), Some(trusted)))
            }
            Kind::Reset => Some((format!("http://{}", resetting().await), None)),
            _ => None,
        }
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
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), trusted.pem()).unwrap();
    (address, file)
}

/// A gateway, a vendor's stand-in, and another one that nothing must ever arrive at.
pub struct Stage {
    pub rig: Rig,
    elsewhere: Sandbox,
    reachable: bool,
    _trusted: Option<NamedTempFile>,
}

impl Stage {
    pub async fn new(trouble: &Trouble, vendor: &str) -> Self {
        let elsewhere = Sandbox::start(vendor, loopback()).await.unwrap();
        let mut keys = ACCOUNT.to_owned();
        let (address, trusted) = trouble.address().await.unzip();
        let trusted = trusted.flatten();
        if let Some(base_url) = &address {
            keys += &format!("base_url = '{base_url}'\n");
        }
        if let Some(file) = &trusted {
            keys += &format!("ca_file = '{}'\n", file.path().display());
        }
        let rig = Rig::of(vendor, "", &keys).await;
        Self { rig, elsewhere, reachable: address.is_none(), _trusted: trusted }
    }

    /// Whether requests arrive at the stand-in.
    pub fn is_reachable(&self) -> bool {
        self.reachable
    }

    /// Lets the operation go wrong from now on.
    pub fn begin(&self, trouble: &Trouble, operation: &Operation, calls: usize) {
        match trouble.kind {
            Kind::Always(fault) => self.rig.faults(operation.http, fault(), 0),
            Kind::First(fault) => self.rig.faults(operation.http, fault(), u32::try_from(calls).unwrap()),
            Kind::Redirect => {
                let location = format!("{}/sms", self.elsewhere.base_url());
                self.rig.faults(operation.http, Fault::Redirect { location }, 0);
            }
            _ => {}
        }
    }

    /// What goes wrong while the calls are under way.
    pub async fn meanwhile(&self, trouble: &Trouble, operation: &Operation, calls: usize) {
        if let Kind::Expiry = trouble.kind {
            self.rig.requested(calls / 2, operation.http).await;
            self.rig.sandbox.expire_sessions();
        }
    }

    /// Whether the fault hit this request; a login that has ended shows as a refusal.
    pub fn was_hit(&self, request: &Recorded) -> bool {
        request.fault.is_some() || request.status == Some(401)
    }

    /// What arrived, when all that the stand-in still works on is done.
    pub async fn books(&self) -> Vec<Recorded> {
        let sandbox = &self.rig.sandbox;
        let late = |request: &Recorded| request.fault == Some("delay");
        let count = sandbox.requests().iter().filter(|request| late(request)).count();
        sandbox.requested(count, |request| late(request) && request.handled).await;
        sandbox.requests()
    }

    pub fn nothing_arrived_elsewhere(&self) -> bool {
        self.elsewhere.requests().is_empty()
    }
}
