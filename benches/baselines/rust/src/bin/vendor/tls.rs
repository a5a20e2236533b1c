//! TLS with a certificate that is made at every start, so that no key is kept and none expires.

use std::{error::Error, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

/// HTTP/2 as ALPN names it.
pub const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Writes the certificate, which clients have to trust, and returns what accepts their connections.
pub fn acceptor(certificate: &Path, http2: bool) -> Result<TlsAcceptor, Box<dyn Error>> {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    std::fs::write(certificate, own.cert.pem())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    config.alpn_protocols = if http2 { vec![HTTP2.into(), HTTP1.into()] } else { vec![HTTP1.into()] };
    Ok(TlsAcceptor::from(Arc::new(config)))
}
