//! The HTTP clients of an account: a pool of connections for each thread that serves, so that a call and the connection
//! that it goes out on live on the same one, and what they trust, which is read once.

use std::{
    cell::Cell,
    path::Path,
    sync::{Arc, LazyLock, OnceLock},
    thread::available_parallelism,
    time::Duration,
};

use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer, pki_types::pem::PemObject};
use rustls_platform_verifier::Verifier;

use crate::config::is_loopback;

/// What the operating system trusts. Reading that takes milliseconds and some hundred kilobytes: it is done once, for the
/// first account that needs it.
static SYSTEM: LazyLock<Result<ClientConfig, String>> = LazyLock::new(|| {
    let verifier = Verifier::new(Arc::new(ring::default_provider())).map_err(|e| format!("cannot set up TLS: {e}"))?;
    let builder = builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(with_alpn(builder.with_no_client_auth()))
});

thread_local! {
    /// Which of the threads that serve this is.
    static THREAD: Cell<usize> = const { Cell::new(0) };
}

/// Says that this thread serves, as the one of this number, and has pools of its own.
pub fn serves(number: usize) {
    THREAD.set(number);
}

/// The clients of one endpoint.
#[derive(Debug)]
pub(super) struct Clients {
    first: reqwest::Client,
    tls: ClientConfig,
    connect_timeout: Duration,
    direct: bool,
    /// By the thread, made when it first needs one.
    others: Box<[OnceLock<reqwest::Client>]>,
}

impl Clients {
    /// Clients for an address; `ca_file` in the place of what the system trusts.
    ///
    /// # Errors
    /// A text for the operator: a CA file that cannot be read, or TLS that cannot be set up.
    pub(super) fn new(base_url: &str, ca_file: Option<&Path>, connect_timeout: Duration) -> Result<Self, String> {
        // One provider for the process; a second install is refused and changes nothing.
        let _ = ring::default_provider().install_default();
        let direct = is_loopback(base_url);
        let tls = match ca_file {
            Some(file) => with_roots(certificates(file)?)?,
            // Nothing is trusted where no certificate is ever seen.
            None if direct && base_url.starts_with("http:") => with_roots(RootCertStore::empty())?,
            None => SYSTEM.clone()?,
        };
        let first = client(&tls, connect_timeout, direct)?;
        let others = available_parallelism().map_or(1, usize::from).saturating_sub(1);
        Ok(Self { first, tls, connect_timeout, direct, others: (0..others).map(|_| OnceLock::new()).collect() })
    }

    /// The client of the running thread.
    pub(super) fn here(&self) -> &reqwest::Client {
        let number = THREAD.get() % (self.others.len() + 1);
        let Some(place) = number.checked_sub(1) else { return &self.first };
        // What could be made once can be made again; should it not, connections are shared.
        self.others[place]
            .get_or_init(|| client(&self.tls, self.connect_timeout, self.direct).unwrap_or_else(|_| self.first.clone()))
    }
}

#[allow(clippy::disallowed_methods)] // The one place that makes clients.
fn client(tls: &ClientConfig, connect_timeout: Duration, direct: bool) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Shorter than the 60 to 75 s after which common load balancers close: the race would lose a reply.
        .pool_idle_timeout(Duration::from_secs(20))
        .user_agent(concat!("smsmux/", env!("CARGO_PKG_VERSION")));
    if direct {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|e| format!("cannot set up the HTTP client: {}", e.without_url()))
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(|e| format!("cannot set up TLS: {e}"))
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, String> {
    Ok(with_alpn(builder()?.with_root_certificates(roots).with_no_client_auth()))
}

/// HTTP/2 where the vendor has it: many calls on one connection.
fn with_alpn(mut tls: ClientConfig) -> ClientConfig {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tls
}

fn certificates(file: &Path) -> Result<RootCertStore, String> {
    let pem = std::fs::read(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    let none = || format!("{} holds no PEM certificate", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.map_err(|_| none())?).map_err(|_| none())?;
    }
    if roots.is_empty() { Err(none()) } else { Ok(roots) }
}
