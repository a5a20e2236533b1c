//! The client side of TLS, which explains why a server is not trusted.

use std::{
    error::Error as StdError,
    fmt,
    io::{self, ErrorKind},
    path::Path,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use jiff::Timestamp;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;
use smsmux::config::certificates;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// The type of a TLS record with an alert.
const ALERT: u8 = 21;

/// The TLS settings for a server.
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
    broken: Arc<OnceLock<Error>>,
}

impl Tls {
    /// Trusts the authorities in the PEM file `ca` for a server of this name.
    pub(super) fn new(ca: &Path, name: &str) -> Result<Self, String> {
        let unusable = |e: &dyn StdError| format!("{} contains no trusted certificate authority: {e}", ca.display());
        let mut roots = RootCertStore::empty();
        for certificate in certificates::read(ca)? {
            roots.add(certificate).map_err(|e| unusable(&e))?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::new(ring::default_provider()));
        let verifier = verifier.build().map_err(|e| unusable(&e))?;
        Self::verified_by(verifier, ca.display().to_string(), name)
    }

    /// Trusts the authorities of the system for a server of this name.
    pub(super) fn of_system(name: &str) -> Result<Self, String> {
        let verifier =
            Verifier::new(Arc::new(ring::default_provider())).map_err(|e| format!("cannot set up TLS: {e}"))?;
        Self::verified_by(Arc::new(verifier), "the trust store of this system".to_owned(), name)
    }

    fn verified_by(verifier: Arc<dyn ServerCertVerifier>, source: String, name: &str) -> Result<Self, String> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|e| e.to_string())?.dangerous();
        // The custom verifier is as strict as the one it wraps.
        let mut config =
            builder.with_custom_certificate_verifier(Arc::new(Telling { verifier, source })).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from(name.to_owned()).map_err(|_| format!("{name:?} is an invalid server name"))?;
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name, broken: Arc::default() })
    }

    /// Runs the TLS handshake; the error states why it failed and what to do.
    pub(super) async fn connect(&self, stream: TcpStream) -> Result<Noted, String> {
        let connected = self.connector.connect(self.name.clone(), stream).await;
        let stream = connected.map_err(|e| match (tls_error(&e), e.kind()) {
            (Some(error), _) => self.explain(error),
            (None, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
                "the server closed the connection during the TLS handshake: does it speak plain text there?".to_owned()
            }
            (None, _) => format!("TLS failed: {e}"),
        })?;
        Ok(Noted { stream, broken: self.broken.clone() })
    }

    /// Returns the TLS error that broke the connection, if any: a server may reject its client after the handshake.
    pub(super) fn explain_broken(&self) -> Option<String> {
        self.broken.get().map(|error| self.explain(error))
    }

    fn explain(&self, error: &Error) -> String {
        let name = self.name.to_str();
        match error {
            Error::InvalidCertificate(CertificateError::Other(OtherError(told))) if told.is::<Unbelieved>() => {
                format!("the server's certificate is not trusted: {told}")
            }
            Error::InvalidMessage(_) => "the server speaks plain text there, not TLS: omit --ca, or begin the address with http://".to_owned(),
            Error::AlertReceived(
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::HandshakeFailure
                | AlertDescription::CertificateUnknown,
            ) => "the server requires a client certificate, which this command line does not have; for health checks there is a \
                  port of its own, server.health_listen"
                .to_owned(),
            Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
                "the server does not offer HTTP/2 over TLS there: is it a gRPC port?".to_owned()
            }
            Error::AlertReceived(AlertDescription::UnrecognisedName) => {
                format!("the server has no certificate for {name}: set the right name with --tls-name")
            }
            error => format!("TLS failed: {error}"),
        }
    }
}

/// Returns the TLS error in an I/O error.
fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// A connection that records the TLS error that breaks it, as HTTP/2 passes on only its text.
pub(super) struct Noted {
    stream: TlsStream<TcpStream>,
    broken: Arc<OnceLock<Error>>,
}

impl AsyncRead for Noted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Poll::Ready(Err(e)) = &read
            && let Some(error) = tls_error(e)
        {
            let _ = self.broken.set(error.clone());
        }
        read
    }
}

impl AsyncWrite for Noted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Whether a server answers HTTP/2 in plain text with a TLS record.
pub(super) async fn speaks_tls(mut stream: TcpStream) -> bool {
    let mut first = [0];
    let asked = stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    asked.is_ok() && stream.read_exact(&mut first).await.is_ok() && first == [ALERT]
}

/// Verifies a server's certificate, and reports all reasons why it is not trusted.
#[derive(Debug)]
struct Telling {
    verifier: Arc<dyn ServerCertVerifier>,
    /// Where the authorities are from.
    source: String,
}

/// Why a certificate is not trusted.
#[derive(Debug)]
struct Unbelieved(String);

impl fmt::Display for Unbelieved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Unbelieved {}

impl ServerCertVerifier for Telling {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        verified.map_err(|error| {
            let mut reasons = reasons(end_entity, intermediates, name, &error);
            // A recreated authority has the name of the old one and another key.
            let issued_by_another = [CertificateError::UnknownIssuer, CertificateError::BadSignature];
            if issued_by_another.map(Error::InvalidCertificate).contains(&error) {
                let source = &self.source;
                reasons.push(format!("no authority in {source} issued it: set the file of its authority with --ca"));
            }
            if reasons.is_empty() {
                return error;
            }
            let told = Unbelieved(reasons.join("; "));
            Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(told))))
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Returns all reasons in a certificate why it is not trusted, as the verifier returns only the first.
fn reasons(
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    error: &Error,
) -> Vec<String> {
    let now = Timestamp::now();
    let expired = certificates::expired(end_entity, now).map(|text| format!("it {text}: renew it"));
    let chain = intermediates.iter().filter_map(|certificate| certificates::expired(certificate, now));
    let chain = chain.map(|text| format!("a certificate between it and its authority {text}: renew it"));
    let parsed = ParsedCertificate::try_from(end_entity);
    let other_name = match parsed.and_then(|parsed| verify_server_name(&parsed, name)) {
        Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. })) => {
            let name = name.to_str();
            Some(match &presented[..] {
                [] => format!("it has no subjectAltName, so it is valid for no name, not even {name}"),
                names => {
                    let names = names.join(", ");
                    format!("it is not valid for {name} but for {names}: set the right name with --tls-name")
                }
            })
        }
        _ => None,
    };
    let of_an_authority = error.to_string().contains("CaUsedAsEndEntity").then(|| {
        "it is the certificate of an authority (CA:TRUE), not of a server: issue one for the server".to_owned()
    });
    expired.into_iter().chain(chain).chain(other_name).chain(of_an_authority).collect()
}
