//! TLS of the gRPC port, from PEM files, and the names in a client's certificate.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use x509_parser::{
    certificate::X509Certificate,
    extensions::GeneralName::{DNSName, RFC822Name, URI},
    prelude::FromDer,
};

use crate::config::{self, Config, Problem, Problems, certificates};

/// The TLS settings of a configuration.
pub(super) struct Tls {
    pub(super) server: Arc<ServerConfig>,
    /// The seconds when the certificates of the file expire, in their order.
    pub(super) expire: Vec<i64>,
}

/// Reads the TLS settings of a configuration; returns `None` without TLS, or after noting the problem. An expired or
/// soon expiring certificate is served all the same, with an entry in `warnings`.
pub(super) fn read(config: &Config, problems: &mut Problems, warnings: &mut Problems) -> Option<Tls> {
    let config::ServerConfig { tls_certificate, tls_key, tls_client_ca, .. } = &config.server;
    let certified: Vec<_> = config.callers.values().filter(|caller| caller.certificate.is_some()).collect();
    if tls_client_ca.is_none() {
        for caller in &certified {
            caller.keys.problem(
                "certificate",
                "needs server.tls_client_ca, the authorities of client certificates",
                problems,
            );
        }
    }
    // A file that could not be read has its problem already.
    let unread = |key: &str| problems.iter().any(|problem| problem.path == format!("server.{key}"));
    let unread = unread("tls_certificate") || unread("tls_key");
    let mut problem = |key: &str, text: String| problems.push(Problem { path: format!("server.{key}"), text });
    if tls_client_ca.is_some() && certified.is_empty() {
        problem("tls_client_ca", "permits no caller by itself: set certificate = \"NAME\" in [callers.*]".to_owned());
    }
    let (certificate, key) = match (tls_certificate, tls_key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) if tls_client_ca.is_none() => return None,
        _ if unread => return None,
        (certificate, _) => {
            let missing = if certificate.is_none() { "tls_certificate" } else { "tls_key" };
            problem(missing, "is required for TLS: set both tls_certificate and tls_key".to_owned());
            return None;
        }
    };
    // Each is read on its own, so that all problems are reported at once.
    let certificate = certificates::read(certificate).map_err(|text| problem("tls_certificate", text)).ok();
    for (i, certificate) in certificate.iter().flatten().enumerate() {
        if let Some(text) = certificates::expires(certificate, Timestamp::now()) {
            let which =
                if i == 0 { "the certificate".to_owned() } else { format!("certificate {} of the file", i + 1) };
            warnings.push(Problem { path: "server.tls_certificate".to_owned(), text: format!("{which} {text}") });
        }
    }
    let expire = certificate.iter().flatten().filter_map(certificates::not_after).collect();
    let key = certificates::read_key(key).map_err(|text| problem("tls_key", text)).ok();
    let authorities = tls_client_ca.as_deref().map(verifier).transpose();
    let authorities = authorities.map_err(|text| problem("tls_client_ca", text)).ok();
    let server = server(certificate?, key?, authorities?);
    let server = server.map_err(|e| match e {
        rustls::Error::InvalidCertificate(e) => problem("tls_certificate", format!("cannot be used: {e}")),
        rustls::Error::InconsistentKeys(_) => problem("tls_key", "is not the key of tls_certificate".to_owned()),
        e => problem("tls_key", format!("cannot be used with tls_certificate: {e}")),
    });
    Some(Tls { server: Arc::new(server.ok()?), expire })
}

/// Builds the TLS settings with this certificate, and the verifier of client certificates.
pub(super) fn server(
    certificate: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    authorities: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    let builder = match authorities {
        Some(authorities) => builder.with_client_cert_verifier(authorities),
        None => builder.with_no_client_auth(),
    };
    let mut server = builder.with_single_cert(certificate, key)?;
    // HTTP/1.1 is negotiated so that its clients get a readable error.
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(server)
}

/// Builds the verifier of client certificates. They stay optional: other callers have an API key, and health checks
/// need neither.
fn verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let unusable =
        |e: &dyn std::fmt::Display| format!("{} contains no trusted certificate authority: {e}", path.display());
    let mut roots = RootCertStore::empty();
    for certificate in certificates::read(path)? {
        roots.add(certificate).map_err(|e| unusable(&e))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::new(ring::default_provider()));
    builder.allow_unauthenticated().build().map_err(|e| unusable(&e))
}

/// Returns the names in a certificate: those of its subjectAltName (DNS, URI and e-mail), or the subject's common name
/// if it has none.
pub(super) fn names(certificate: &CertificateDer<'_>) -> Arc<[String]> {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return Arc::default() };
    match certificate.subject_alternative_name() {
        Ok(Some(names)) => {
            let names = names.value.general_names.iter().filter_map(|name| match name {
                DNSName(name) | URI(name) | RFC822Name(name) => Some((*name).to_owned()),
                _ => None,
            });
            names.collect()
        }
        Ok(None) => {
            let names = certificate.subject().iter_common_name();
            names.filter_map(|name| Some(name.as_str().ok()?.to_owned())).collect()
        }
        Err(_) => Arc::default(),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    fn names_of(alternative: Vec<SanType>) -> Vec<String> {
        let mut certificate = CertificateParams::default();
        certificate.distinguished_name.push(DnType::CommonName, "the common name");
        certificate.subject_alt_names = alternative;
        let certificate = certificate.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate");
        names(certificate.der()).to_vec()
    }

    #[test]
    fn names_are_the_alternative_ones_and_the_common_name_where_there_are_none() {
        let uri = "spiffe://example.org/billing";
        let all = vec![
            SanType::DnsName("billing.internal".try_into().expect("a name")),
            SanType::URI(uri.try_into().expect("a URI")),
            SanType::Rfc822Name("billing@example.org".try_into().expect("an address")),
            SanType::IpAddress([127, 0, 0, 1].into()),
        ];
        assert_eq!(names_of(all), ["billing.internal", uri, "billing@example.org"]);
        assert_eq!(names_of(Vec::new()), ["the common name"]);
        assert_eq!(names_of(vec![SanType::IpAddress([127, 0, 0, 1].into())]), [""; 0]);
        assert_eq!(names(&CertificateDer::from_slice(b"nonsense")).len(), 0);
    }
}
