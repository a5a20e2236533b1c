//! The certificate of a stand-in, of an authority of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

/// The TLS of a stand-in.
#[derive(Debug)]
pub(crate) struct Tls {
    /// The authority's certificate.
    pub(crate) authority: String,
    config: Mutex<Arc<ServerConfig>>,
}

impl Tls {
    /// Creates a certificate for `localhost`, the loopback addresses and `address`, which offers HTTP/2 and HTTP/1.1.
    pub(crate) fn new(address: SocketAddr) -> io::Result<Self> {
        let (authority, config) = Self::certified(address).map_err(io::Error::other)?;
        let tls = Self { authority, config: Mutex::new(Arc::new(config)) };
        tls.offer(["h2", "http/1.1"]);
        Ok(tls)
    }

    fn certified(address: SocketAddr) -> Result<(String, ServerConfig), Box<dyn std::error::Error + Send + Sync>> {
        // With names that differ: OpenSSL takes a certificate whose issuer has its own name for a self-signed one.
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "smsmux sandbox authority");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), address.ip().to_string()];
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "smsmux sandbox");
        let certificate = params.signed_by(&key, &authority)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der())?)?;
        Ok((authority.pem(), config))
    }

    /// Sets the protocols that are offered by ALPN to connections that are made from now on.
    pub(crate) fn offer<'a>(&self, protocols: impl IntoIterator<Item = &'a str>) {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = ServerConfig::clone(&config);
        changed.alpn_protocols = protocols.into_iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        *config = Arc::new(changed);
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
