//! TLS to vendors: the trusted authorities, which are read once, and the protocols that are offered.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier, crypto::ring};
use rustls_platform_verifier::Verifier;

use crate::config::{Http2, certificates};

/// The system's trust store. Reading it takes milliseconds and some hundred kilobytes: it is read once, for the first
/// account that needs it.
static SYSTEM: LazyLock<Result<ClientConfig, String>> = LazyLock::new(|| {
    let verifier = Verifier::new(Arc::new(ring::default_provider())).map_err(|e| format!("cannot set up TLS: {e}"))?;
    let builder = builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
});

/// Whom to trust.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trust<'a> {
    /// The authorities of this file.
    File(&'a Path),
    /// Those of the system.
    System,
    /// Nobody: there is no TLS.
    Nobody,
}

/// Returns the settings of TLS.
///
/// # Errors
/// A text for the operator: a CA file that cannot be read, or TLS that cannot be set up.
pub(super) fn settings(trust: Trust<'_>, http2: Http2) -> Result<ClientConfig, String> {
    let mut tls = match trust {
        Trust::File(file) => with_roots(certificates(file)?)?,
        Trust::System => SYSTEM.clone()?,
        Trust::Nobody => with_roots(RootCertStore::empty())?,
    };
    let (h2, http1) = (b"h2".to_vec(), b"http/1.1".to_vec());
    tls.alpn_protocols = match http2 {
        Http2::Negotiated => vec![h2, http1],
        Http2::PriorKnowledge => vec![h2],
        Http2::Off => vec![http1],
    };
    Ok(tls)
}

/// Returns the settings of TLS to servers that are no vendors, which are trusted by this file or by the system.
///
/// # Errors
/// As above.
pub(crate) fn client_tls(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    settings(ca_file.map_or(Trust::System, Trust::File), Http2::Negotiated)
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(|e| format!("cannot set up TLS: {e}"))
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, String> {
    Ok(builder()?.with_root_certificates(roots).with_no_client_auth())
}

fn certificates(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates::read(file)? {
        roots.add(certificate).map_err(|e| format!("{} holds no authority to trust: {e}", file.display()))?;
    }
    Ok(roots)
}
